"""The words of an explorer: its alt text, its readout, its name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from downslope.explore.layers import Layer

__all__ = ["describe", "sentence", "slug"]


def describe(layers: Iterable[Layer]) -> str:
    """Alt text from the layers' docstrings, a sentence for each."""
    words = (layer.describe() for layer in layers)
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in words)


def sentence(readouts: Iterable[str]) -> str:
    """What the layers say, in their order."""
    return " ".join(readout for readout in readouts if readout)


def slug(name: str) -> str:
    """A name as it may stand in a link.

    Examples
    --------
    >>> slug("gradient_field")
    'gradient-field'
    """
    made = re.sub(r"[\s_]+", "-", name.strip("_ ")).lower()
    made = re.sub(r"[^a-z0-9-]", "", made)
    if not re.match(r"[a-z]", made):
        raise ValueError(
            f"name must begin with a letter from a to z, got {name!r}; pass name='...'"
        )
    return made
