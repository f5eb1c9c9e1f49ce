"""How neural networks learn: the NumPy code that the book is drawn with."""

__version__ = "0.1.0"
