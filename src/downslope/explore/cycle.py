"""Where in the cycle of colours each layer begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib import rcParams
from matplotlib.axes import Axes

__all__ = ["ColourCycle"]


class ColourCycle:
    """Gives the layers of a panel colours one after the other, as one pair of axes would.

    Layers are drawn apart and in any order, but each for the first time after those before it. How
    far the cycle had come then is where it begins, in every state.
    """

    def __init__(self) -> None:
        self._starts: dict[tuple[str, str], tuple[int, int]] = {}
        self._used: dict[str, tuple[int, int]] = {}

    def begin(self, layer: str, axes: Mapping[str, Axes]) -> None:
        """Before a layer draws on its panels."""
        for panel, ax in axes.items():
            ax.set_prop_cycle(None)
            start = self._starts.setdefault((layer, panel), self._used.get(panel, (0, 0)))
            for kind, n_used in zip(_kinds(ax), start, strict=True):
                for _ in range(n_used):
                    kind.get_next_color()

    def end(self, axes: Mapping[str, Axes]) -> None:
        """After a layer has drawn."""
        for panel, ax in axes.items():
            lines, shapes = map(_n_used, _kinds(ax))
            self._used[panel] = lines, shapes


def _kinds(ax: Axes) -> tuple:
    """The cycles of lines and of filled shapes, to which Matplotlib offers no public way."""
    return tuple(getattr(ax, name) for name in ("_get_lines", "_get_patches_for_fill"))


def _n_used(kind: Any) -> int:
    """How far a cycle has come; from the start, if a layer has set one of its own."""
    colours = rcParams["axes.prop_cycle"].by_key()["color"]
    following = kind.get_next_color()
    return colours.index(following) if following in colours else 0
