"""The words of an explorer: its alt text, its readout, its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from downslope.explore.layers import Layer

__all__ = ["describe", "label_panels", "refuse_alt", "sentence", "slug"]


def describe(layers: Iterable[Layer]) -> str:
    """Alt text from the layers' docstrings, a sentence for each."""
    words = (layer.describe() for layer in layers)
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in words)


def refuse_alt(alt: Any, panels: Iterable[str]) -> None:
    """Refuse an alt text that is neither words for the whole figure nor some for every panel."""
    if not isinstance(alt, str | Mapping):
        raise ValueError(f"alt must be a str, got {alt!r}; or a mapping from panels to str")
    if not isinstance(alt, Mapping):
        return
    if set(alt) != set(panels):
        raise ValueError(f"alt must have a text for each panel {list(panels)}, got {list(alt)}")
    for panel, text in alt.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"alt of panel {panel!r} must be a str that says something: {text!r}")


def label_panels(
    alt: str | Mapping[str, str], layers: Iterable[Layer], panels: Iterable[str]
) -> dict[str, str]:
    """What each panel shows; a text for the whole figure stands at its first panel."""
    first, *_ = panels = list(panels)
    if isinstance(alt, Mapping):
        return {panel: alt[panel] for panel in panels}
    layers = list(layers)
    own = {panel: describe(layer for layer in layers if panel in layer.panels) for panel in panels}
    return {**own, first: alt} if alt else own


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
