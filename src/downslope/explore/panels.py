"""Panels: the pictures of an explorer that stand side by side, and the axes on each."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections import get_projection_names

__all__ = ["Panel", "house_style", "read_panels", "settle"]

_MARGINS = {"left": 0.62, "right": 0.12, "bottom": 0.5, "top": 0.32}  # inches
_ROUND_MARGINS = {"left": 0.45, "right": 0.45, "bottom": 0.4, "top": 0.4}


def _read_style() -> dict:
    with as_file(files("downslope") / "downslope.mplstyle") as path:
        return dict(mpl.rc_params_from_file(path, use_default_template=False))


_STYLE = {**_read_style(), "svg.fonttype": "none"}
_DEFAULTS = {
    key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")
}


@contextmanager
def house_style(salt: str = "downslope") -> Iterator[None]:
    """The one style sheet over Matplotlib's defaults, whatever the reader has set.

    Text in SVG stays text, and ids depend on `salt` alone.
    """
    theirs = {key: value for key, value in _DEFAULTS.items() if mpl.rcParams[key] != value}
    with mpl.rc_context({**theirs, **_STYLE, "svg.hashsalt": salt}), warnings.catch_warnings():
        # the reader's browser has the letters that Matplotlib's fonts lack
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


@dataclass(frozen=True)
class Panel:
    """Width and height in inches, and the projection of its axes."""

    width: float
    height: float
    projection: str = "rectilinear"

    def new_axes(self) -> Axes:
        """Axes of a figure of their own, at 72 dots per inch, on no paper."""
        figure = Figure(figsize=(self.width, self.height), dpi=72)
        figure.patch.set_visible(False)
        margins = _MARGINS if self.projection == "rectilinear" else _ROUND_MARGINS
        figure.subplots_adjust(
            left=margins["left"] / self.width,
            right=1 - margins["right"] / self.width,
            bottom=margins["bottom"] / self.height,
            top=1 - margins["top"] / self.height,
        )
        return figure.add_subplot(projection=self.projection)


def read_panels(panels) -> dict[str, Panel]:
    """The panels, if all can be drawn.

    Each must have a name, a size in inches with room for its labels, and perhaps a projection that
    Matplotlib knows.
    """
    if not isinstance(panels, Mapping) or not panels:
        raise ValueError(f"panels must map names to sizes, got {panels!r}")
    return {name: _read(name, given) for name, given in panels.items()}


def _read(name: str, given) -> Panel:
    try:
        width, height, *rest = given
        width, height = float(width), float(height)
    except (TypeError, ValueError):
        width, height, rest = 0.0, 0.0, []
    if not (1.0 <= width <= 50 and 1.0 <= height <= 50 and len(rest) <= 1):
        raise ValueError(
            f"panel {name!r} must have a width and a height from 1 to 50 inches, got {given!r}"
        )
    projection = rest[0] if rest else "rectilinear"
    if projection not in get_projection_names():
        raise ValueError(
            f"the projection of panel {name!r} must be one of {get_projection_names()}, "
            f"got {projection!r}"
        )
    return Panel(width, height, projection)


def settle(figure: Figure) -> None:
    """Put all axes where drawing the figure would put them, and scale them to their data.

    Matplotlib does so when it draws. Layers are drawn apart, against axes that stand.
    """
    figure.dpi = 72  # whatever the layer has set, a point is the unit of the page
    plain = all(ax.name == "rectilinear" and not ax.child_axes for ax in figure.axes)
    if figure.get_layout_engine() is not None or not plain or len(figure.axes) > 1:
        figure.draw_without_rendering()
    for ax in figure.axes:
        if ax.get_axes_locator() is None:
            ax.apply_aspect()
        ax.viewLim  # noqa: B018  reading it ends the waiting of a lazy autoscale
