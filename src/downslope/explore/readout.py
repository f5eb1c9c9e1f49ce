"""What a layer returns: a sentence, nothing, or the artists that its last line has drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist

__all__ = ["read_readout"]


def read_readout(returned: Any) -> str:
    """The sentence; empty where a layer returns nothing, or artists.

    Raises
    ------
    TypeError
        If it is neither, or artists and a sentence in one.
    """
    if returned is None or isinstance(returned, str):
        return str(returned or "")
    held = list(_held(returned))
    if any(isinstance(thing, Artist) for thing in held):
        if any(isinstance(thing, str) for thing in held):
            raise TypeError("a layer must return its sentence alone, got one beside artists")
        return ""
    raise TypeError(
        'a layer must return a sentence, such as f"slope {slope:.2f}", or nothing, '
        f"got {type(returned).__name__}: {_short(returned)}"
    )


_HOLDS = (Artist, Mapping, list, tuple, np.ndarray)


def _held(thing: Any) -> Iterator[Any]:
    """The things in a nest of lists, tuples, mappings and arrays of objects.

    And in Matplotlib's own holders of artists, some of which are neither list nor artist.
    """
    if isinstance(thing, Mapping):
        parts = list(thing.values())
    elif isinstance(thing, np.ndarray) and thing.dtype == object:
        parts = thing.ravel().tolist()
    elif isinstance(thing, (list, tuple)):
        parts = list(thing)
    elif type(thing).__module__.startswith("matplotlib.") and not isinstance(thing, Artist):
        parts = [
            part for part in getattr(thing, "__dict__", {}).values() if isinstance(part, _HOLDS)
        ]
    else:
        yield thing
        return
    for part in parts:
        yield from _held(part)


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
