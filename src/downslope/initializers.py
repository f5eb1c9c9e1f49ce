"""First weights: drawn at random, so that no two units begin alike, and wide enough to be heard.

Each function takes the shape of the weights of an `Affine` layer, or of the filters of a
`Convolution`, and a generator. Biases begin at zero: ``Affine(he((64, 50), rng), np.zeros(50))``.
How wide the weights must be for signals neither to fade nor to grow from layer to layer depends on
how many numbers a unit adds up: all its inputs, and in a filter those of one window.
"""

import math

import numpy as np

from downslope._validation import as_count, as_float_dtype, as_positive, require_generator

__all__ = [
    "he",
    "normal",
    "xavier",
]


def normal(shape, rng, scale=0.01, *, dtype=np.float64):
    """Weights from a normal distribution, as wide as you say.

    Parameters
    ----------
    shape : sequence of int, at least 1 each
    rng : numpy.random.Generator
    scale : float, > 0, optional
        Standard deviation.
    dtype : dtype, optional
        float64 or float32; the same state of `rng` gives the same numbers, rounded.

    Returns
    -------
    W : ndarray of float, shape `shape`

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> W = normal((64, 50), np.random.default_rng(0))
    >>> W.shape, round(float(W.std()), 3)
    ((64, 50), 0.01)
    """
    require_generator(rng)
    shape, scale = _shape(shape), as_positive(scale, "scale")
    return (scale * rng.normal(size=shape)).astype(as_float_dtype(dtype))


def xavier(shape, rng, *, dtype=np.float64):
    """Weights with standard deviation sqrt(2 / (n_inputs + n_outputs)), for tanh.

    Where all layers are of one width n this is sqrt(1 / n): a unit that adds up n inputs is then as
    wide as each of them. The mean of both numbers is for the way back, which adds up n_outputs.
    Of filters n_inputs is channels * size * size, and n_outputs is n_filters * size * size.

    Parameters
    ----------
    shape : sequence of int, at least 1 each
        Of the weights: n_inputs, n_outputs; of filters: n_filters, channels, size, size.
    rng : numpy.random.Generator
    dtype : dtype, optional
        float64 or float32; the same state of `rng` gives the same numbers, rounded.

    Returns
    -------
    W : ndarray of float, shape `shape`

    Raises
    ------
    ValueError
        If an argument is not as above.

    References
    ----------
    Glorot and Bengio, *Understanding the Difficulty of Training Deep Feedforward Neural
    Networks*, 2010.

    Examples
    --------
    >>> W = xavier((150, 50), np.random.default_rng(0))
    >>> W.shape, round(float(W.std()), 2)
    ((150, 50), 0.1)
    """
    n_inputs, n_outputs = _ends(shape)
    return normal(shape, rng, math.sqrt(2 / (n_inputs + n_outputs)), dtype=dtype)


def he(shape, rng, *, dtype=np.float64):
    """Weights with standard deviation sqrt(2 / n_inputs), for ReLU.

    The 2 is there because ReLU stops one half of what it is given. A filter has channels * size *
    size inputs.

    Parameters
    ----------
    shape : sequence of int, at least 1 each
        Of the weights: n_inputs, n_outputs; of filters: n_filters, channels, size, size.
    rng : numpy.random.Generator
    dtype : dtype, optional
        float64 or float32; the same state of `rng` gives the same numbers, rounded.

    Returns
    -------
    W : ndarray of float, shape `shape`

    Raises
    ------
    ValueError
        If an argument is not as above.

    References
    ----------
    He, Zhang, Ren and Sun, *Delving Deep into Rectifiers: Surpassing Human-Level
    Performance on ImageNet Classification*, 2015.

    Examples
    --------
    >>> W = he((200, 50), np.random.default_rng(0))
    >>> W.shape, round(float(W.std()), 2)
    ((200, 50), 0.1)
    >>> filters = he((100, 8, 5, 5), np.random.default_rng(0))
    >>> filters.shape, round(float(filters.std()), 2)
    ((100, 8, 5, 5), 0.1)
    """
    n_inputs, _ = _ends(shape)
    return normal(shape, rng, math.sqrt(2 / n_inputs), dtype=dtype)


def _shape(shape):
    if not isinstance(shape, list | tuple) or not shape:
        raise ValueError(f"shape must be whole numbers, such as (64, 50), got {shape!r:.60}")
    return tuple(as_count(n, "each number of shape", 1) for n in shape)


def _ends(shape):
    """How many numbers a unit adds up on the way there, and how many on the way back."""
    shape = _shape(shape)
    if len(shape) == 4:
        n_filters, channels, *window = shape
        return channels * math.prod(window), n_filters * math.prod(window)
    if len(shape) != 2:
        raise ValueError(
            "shape must be (n_inputs, n_outputs), or (n_filters, channels, size, size), "
            f"got {shape}"
        )
    return shape
