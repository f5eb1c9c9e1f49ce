"""Handles: a point on a panel that the reader takes hold of, and the sliders it sets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from downslope.explore.box import Box
from downslope.explore.controls import Control
from downslope.explore.panels import Panel
from downslope.explore.shared import Shared

__all__ = ["Handle", "Place", "place_on", "read_handles"]

_FAR = 1e5  # points: what is further out than this is nowhere that a hand could be
_WAYS = ("across", "up")


@dataclass(frozen=True)
class Handle:
    """A point on a panel.

    Attributes
    ----------
    panel : str
    names : tuple of (str or None), length 2
        What its coordinates across and up are: a slider, a shared value, or nothing.
    sliders : tuple of (str or None), length 2
        Those of them that the reader's hand sets.
    controls : tuple of str
        What the shared values among them depend on.
    """

    panel: str
    names: tuple[str | None, str | None]
    sliders: tuple[str | None, str | None]
    controls: tuple[str, ...]


class Place(NamedTuple):
    """Where a hand may go, in points; y grows downwards, as in SVG.

    `across` and `up` are the places of all values of a slider, the one of a shared value, or None.
    """

    axes: Box
    across: tuple[float, ...] | float | None
    up: tuple[float, ...] | float | None


def read_handles(
    handles: Mapping[str, tuple] | None,
    panels: Mapping[str, Panel],
    controls: Mapping[str, Control],
    shared: Mapping[str, Shared],
) -> dict[str, Handle]:
    """The handles by their panels.

    Raises
    ------
    ValueError
        If a panel is unknown or has a projection, or a pair names what is no slider and no shared
        value, no slider at all, or one twice.
    """
    if handles is None:
        return {}
    if not isinstance(handles, Mapping):
        raise ValueError(
            f"handles must map panels to pairs of sliders, {{'ax': ('x', 'y')}}, got {handles!r}"
        )
    return {panel: _read(panel, pair, panels, controls, shared) for panel, pair in handles.items()}


def _read(panel, pair, panels, controls, shared) -> Handle:
    if panel not in panels:
        raise ValueError(f"handles names {panel!r}, which is none of the panels {list(panels)}")
    if panels[panel].projection != "rectilinear":
        raise ValueError(
            f"panel {panel!r} has the projection {panels[panel].projection!r}; a handle needs a "
            "panel without one, where one slider is the way across and the other the way up"
        )
    what = f"the handle of panel {panel!r}"
    names = _pair(what, pair)
    across, up = (_slider(what, name, controls, shared) for name in names)
    if across is None and up is None:
        raise ValueError(f"{what} must name at least one slider, got {names!r}")
    if across == up:
        raise ValueError(
            f"{what} names the slider {across!r} twice; its point would move on a line: "
            f"give one of its coordinates as None, or as a shared value"
        )
    follows = [c for name in names if name in shared for c in shared[name].controls]
    return Handle(panel, names, (across, up), tuple(dict.fromkeys(follows)))


def _pair(what: str, pair: Any) -> tuple[str | None, str | None]:
    is_pair = isinstance(pair, (tuple, list)) and len(pair) == 2
    if not (is_pair and all(name is None or isinstance(name, str) for name in pair)):
        raise ValueError(
            f"{what} must be a pair: the slider that is its way across and the one that is its way "
            f"up, or None for one of them; got {pair!r}"
        )
    return pair[0], pair[1]


def _slider(what: str, name: str | None, controls, shared) -> str | None:
    """The name, if it is one of a slider; None for a shared value, which the point follows."""
    if name is None or name in shared:
        return None
    if name not in controls:
        among = f" and no shared value {list(shared)}" if shared else ""
        raise ValueError(f"{what} names {name!r}, which is no control {list(controls)}{among}")
    control = controls[name]
    is_of_numbers = all(
        isinstance(v, Real) and not isinstance(v, bool) and math.isfinite(v) for v in control.values
    )
    if control.kind != "slider" or not is_of_numbers:
        raise ValueError(
            f"{what} names {name!r}, which is a list of choices; it must name a slider of numbers, "
            "made with linear, logarithmic, steps or values"
        )
    return name


def place_on(
    ax: Axes, handle: Handle, controls: Mapping[str, Control], values: Mapping[str, Any]
) -> Place:
    """Where the values of a handle's sliders are in the picture.

    Matplotlib's own transform tells, so that whatever scale an axis has, and whichever way it
    runs, the hand is where the drawing is.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        As they stand, on a figure of 72 dots per inch.
    handle : Handle
    controls : mapping of str to Control
    values : mapping of str to object
        Of the handle's shared values.

    Raises
    ------
    ValueError
        If none of a slider's values is within the axes, one has no place on its axis, or a shared
        value is no number.
    """
    height = float(ax.figure.bbox.height)
    left, bottom, right, top = (round(float(side), 2) for side in ax.bbox.extents)
    edges = ((left, right), (bottom, top))
    found = [
        _along(ax, axis, handle, controls, values, edges[axis]) if handle.names[axis] else None
        for axis in (0, 1)
    ]
    axes = Box(left, round(height - top, 2), right, round(height - bottom, 2))
    return Place(axes, _plain(found[0]), _plain(found[1], height))


def _along(ax, axis, handle, controls, values, edges) -> np.ndarray:
    """Places along one axis, in points from the left or from below: an array of them, or one."""
    name, slider = handle.names[axis], handle.sliders[axis]
    wanted = np.asarray(controls[slider].values if slider else _number(name, values[name]), float)
    data = np.zeros((wanted.size, 2))
    data[:, 1 - axis] = (ax.get_ylim, ax.get_xlim)[axis]()[0]
    data[:, axis] = wanted.ravel()
    with np.errstate(all="ignore"):
        places = ax.transData.transform(data)[:, axis].reshape(wanted.shape)
    if slider:
        _require_on_axis((ax.xaxis, ax.yaxis)[axis], slider, wanted, places)
        _require_within(handle, axis, (ax.get_xlim, ax.get_ylim)[axis](), places, edges)
    return np.clip(np.nan_to_num(places, nan=edges[0]), -_FAR, _FAR)


def _number(name: str, value: Any) -> float:
    number = np.asarray(value)
    if number.size == 1 and number.dtype.kind in "iuf" and not np.isnan(number).any():
        return float(number.item())
    raise ValueError(f"shared value {name!r} must be a number where a handle follows it: {value!r}")


def _require_on_axis(axis, slider: str, wanted: np.ndarray, places: np.ndarray) -> None:
    """Refuse what a scale cannot show, which Matplotlib puts somewhere far out instead."""
    for value, at in zip(wanted.tolist(), places, strict=True):
        if not np.isfinite(at) or axis.limit_range_for_scale(value, value) != (value, value):
            raise ValueError(
                f"slider {slider!r} has the value {value:g}, which has no place on an axis of "
                f"scale {axis.get_scale()!r}, so no handle can be there"
            )


def _require_within(handle: Handle, axis: int, limits, places: np.ndarray, edges) -> None:
    low, high = edges
    if not ((places > low - 0.5) & (places < high + 0.5)).any():
        raise ValueError(
            f"no value of slider {handle.sliders[axis]!r} is within panel {handle.panel!r}, which "
            f"shows {limits[0]:g} to {limits[1]:g} on its way {_WAYS[axis]}, so its handle would "
            "be out of reach; widen the limits, or check the order of the pair in handles"
        )


def _plain(places: np.ndarray | None, height: float | None = None):
    """As tuple or number; where `height` is given, measured downwards from there."""
    if places is None:
        return None
    rounded = np.round(places if height is None else height - places, 2) + 0.0
    return tuple(rounded.tolist()) if rounded.ndim else float(rounded)
