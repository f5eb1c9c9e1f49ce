"""The room that a drawing takes: its panel, and what sticks out of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.quiver import QuiverKey
from matplotlib.text import Text

__all__ = ["Box", "reach", "union"]

SLIGHT = 1  # points that may stick out: the space that a letter takes is wider than its ink
PAD, SPARE = 3, 0.02  # points, and part of its size, around what sticks out: fonts may be wider
NEAR = 36  # points: words that follow the data further out of the panel are let go


class Box(NamedTuple):
    """A rectangle in points; y grows downwards, as in SVG."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """In points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In points."""
        return self.bottom - self.top

    def view_box(self) -> str:
        """As the attribute of an `<svg>` element."""
        return f"{self.left:g} {self.top:g} {self.width:g} {self.height:g}"


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of them."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def reach(figure: Figure, artists: Iterable[Artist], renderer) -> Box:
    """The figure's own box, widened to whole points around what sticks out of it.

    The view is widened rather than the axes made smaller: so nothing has to be drawn again, and
    states that need no more room are where they were.
    """
    width, height = (round(float(side) * 72, 2) for side in figure.get_size_inches())
    panel = Box(0, 0, width, height)
    drawn = [*artists, *_words_of_keys(artists)]
    found = [_flipped(artist, renderer, height) for artist in drawn if _may_stick_out(artist)]
    return union([panel, *(_widened(box, panel) for box in found if box is not None)])


def _words_of_keys(artists: Iterable[Artist]) -> list[Artist]:
    """What stands beside a key of arrows; the key itself does not tell how large it is."""
    return [key.text for artist in artists for key in artist.findobj(QuiverKey)]


def _may_stick_out(artist: Artist) -> bool:
    is_clipped = artist.get_clip_on() and (artist.get_clip_box() or artist.get_clip_path())
    return artist.get_visible() and artist.get_in_layout() and not is_clipped


def _flipped(artist: Artist, renderer, height: float) -> Box | None:
    scale = 72 if isinstance(artist, Figure) else 1  # whose box is in inches
    bbox = artist.get_tightbbox(renderer)
    if bbox is None or not np.isfinite(bbox.extents).all():
        return None
    left, bottom, right, top = (float(side) * scale for side in bbox.extents)
    box = Box(left, height - top, right, height - bottom)
    return None if _has_run_away(artist, box) else box


def _has_run_away(artist: Artist, box: Box) -> bool:
    """Whether these are words at a place in the data that lies far outside of the panel."""
    if not (isinstance(artist, Text) and artist.axes):
        return False
    if not artist.get_transform().contains_branch(artist.axes.transData):
        return False
    width, height = cast(Figure, artist.axes.figure).get_size_inches() * 72
    distance = max(-box.right, box.left - width, -box.bottom, box.top - height)
    return distance > NEAR


def _widened(box: Box, panel: Box) -> Box:
    """Where `box` sticks out, to whole points beyond it, but no further than twice the panel."""

    def out(distance: float, size: float, most: float) -> float:
        wanted = math.ceil(distance + SPARE * size) + PAD
        return min(wanted, most) if distance > SLIGHT else 0

    width, height = panel.width, panel.height
    return Box(
        -out(-box.left, box.width, width),
        -out(-box.top, box.height, height),
        width + out(box.right - width, box.width, width),
        height + out(box.bottom - height, box.height, height),
    )
