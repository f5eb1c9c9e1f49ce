"""Drawing helpers: each draws on the Axes it is given and returns nothing.

A map is drawn to scale (one unit of x0 is as long as one of x1), so that arrows stand at right
angles to the contour lines, as gradients do.
"""

from __future__ import annotations

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from downslope._validation import as_count, as_float_array, as_positive, require_shape
from downslope.differentiation import gradient_field
from downslope.landscapes import Landscape

__all__ = ["BLUE", "GREEN", "INK", "ORANGE", "arrows", "contours", "field", "loss_curve", "path"]

#: Colours with a fixed meaning: the field is blue, what walks over it orange, data green.
BLUE, ORANGE, GREEN, INK = "#0072B2", "#D55E00", "#009E73", "#1b1f24"

LONGEST = 0.95  # cells of the grid: the length of the longest arrow
N_CELLS = 17  # arrows across the wider side of a map


def contours(ax, landscape, n_levels=14):
    """Contour lines of a landscape and its critical points; sets limits and labels.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its shorter side shows more of the map where the bounds leave room.
    landscape : Landscape
        From `downslope.landscapes`.
    n_levels : int, at least 1
        How many lines.

    Raises
    ------
    ValueError
        If `landscape` or `n_levels` is not as above.
    """
    if not isinstance(landscape, Landscape):
        raise ValueError(f"landscape must be a Landscape, got {type(landscape).__name__}")
    as_count(n_levels, "n_levels", minimum=1)
    _to_scale(ax, landscape.bounds)
    x0, x1 = _grid(ax, 121)
    heights = landscape(np.stack(np.meshgrid(x0, x1)))
    has_minimum = any(point.kind == "minimum" for point in landscape.critical_points)
    ax.contour(
        x0, x1, heights, levels=_levels(heights, n_levels, has_minimum),
        colors=INK, linewidths=0.6, linestyles="solid", alpha=0.45,
    )  # fmt: skip
    marks = {"minimum": "*", "saddle": "x", "maximum": "^"}
    for point in landscape.critical_points:
        ax.plot(*point.x, marks[point.kind], color=INK, markersize=8, zorder=3)
    ax.set_xlabel("x₀")
    ax.set_ylabel("x₁", rotation=0, labelpad=8)


def field(ax, f, h=None, longest=None):
    """Arrows −∇f over the map, each as long as the slope is steep.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its limits set, as after `contours`.
    f : callable
        Maps coordinates of shape (2, m, n) to heights of shape (m, n).
    h : float, optional
        Step of the differences, as in `gradient_field`.
    longest : float, optional
        The slope, in units of f per unit of x, that has the longest arrow; steeper arrows are
        cut to that length. By default the steepest slope on the map.

    Raises
    ------
    ValueError
        If `f` returns another shape, `h` is 0, or `longest` is not greater than 0.
    """
    x0, x1 = _grid(ax, N_CELLS, centred=True)
    downhill = -gradient_field(f, x0, x1, h)
    arrows(ax, x0, x1, downhill, longest)


def arrows(ax, x0, x1, vectors, longest=None):
    """Arrows of a vector field on a grid, their tails on the grid points.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x0 : array_like of float, shape (n,)
        At least two, all rising or all falling.
    x1 : array_like of float, shape (m,)
        At least two, all rising or all falling.
    vectors : array_like of float, shape (2, m, n)
        Arrows that are not finite are left out.
    longest : float, optional
        Length of the vector that has the longest arrow, just under a cell of the grid; longer ones
        are cut. By default the longest vector's.

    Raises
    ------
    ValueError
        If the coordinates or the shape of `vectors` are not as above.
    """
    x0, x1 = _axis(x0, "x0"), _axis(x1, "x1")
    vectors = as_float_array(vectors, "vectors", finite=False)
    require_shape(vectors, (2, x1.size, x0.size), "vectors")
    lengths = np.hypot(*vectors)
    lengths[~np.isfinite(lengths)] = np.nan
    if longest is None:
        longest = float(np.nanmax(lengths, initial=0.0)) or 1.0
    longest = as_positive(longest, "longest")
    cell = min(np.abs(np.diff(x0)).min(), np.abs(np.diff(x1)).min())
    shown = vectors * (LONGEST * cell / np.maximum(lengths, longest))
    ax.quiver(
        *np.meshgrid(x0, x1), *shown,
        angles="xy", scale_units="xy", scale=1, color=BLUE, width=0.005,
        headwidth=4, headlength=4.5, headaxislength=4, minlength=0.4, zorder=2,
    )  # fmt: skip


def path(ax, points, color=ORANGE, label=None):
    """A walk over the map: a dot a step, a square where it starts and a ring where it ends.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its limits set.
    points : array_like of float, shape (n_steps + 1, 2)
        At least the start. Drawn up to the first point far outside of the map, or not finite.
    color : str
    label : str, optional
        For the legend.

    Raises
    ------
    ValueError
        If `points` has another shape.
    """
    points = as_float_array(points, "points", finite=False)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"points must have shape (n_steps + 1, 2), got {points.shape}")
    shown = _until_far(ax, points)
    ax.plot(*shown.T, "-", color=color, linewidth=1.2, zorder=4, label=label)
    _dots(ax, shown, color, size=3.5)
    _dots(ax, points[:1], color, size=7, shape="projecting")
    if len(shown) == len(points):
        ax.plot(*points[-1], "o", color=color, markersize=9, fillstyle="none", zorder=5)


def loss_curve(ax, losses, color=ORANGE, label=None):
    """Height against step; cut where it leaves the picture or is not finite.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its limits set, or none.
    losses : array_like of float, shape (n_steps + 1,)
    color : str
    label : str, optional
        For the legend.

    Raises
    ------
    ValueError
        If `losses` has another shape.
    """
    losses = as_float_array(losses, "losses", finite=False)
    if losses.ndim != 1:
        raise ValueError(f"losses must have shape (n,), got {losses.shape}")
    low, high = ax.get_ylim() if not ax.get_autoscaley_on() else (-np.inf, np.inf)
    reach = 10 * (high - low)
    inside = np.isfinite(losses) & (losses < high + reach) & (losses > low - reach)
    n_shown = len(losses) if inside.all() else int(np.argmin(inside))
    ax.plot(losses[:n_shown], color=color, linewidth=1.2, label=label)
    _dots(ax, np.stack([np.arange(n_shown), losses[:n_shown]], axis=1), color, size=3)


def _to_scale(ax, bounds):
    """Show at least `bounds`, one unit as long on both axes, the whole Axes filled."""
    (left, right), (low, high) = bounds
    box = ax.get_position()
    width, height = ax.figure.get_size_inches() * (box.width, box.height)
    unit = max((right - left) / width, (high - low) / height)
    spare = (unit * width - (right - left)) / 2, (unit * height - (high - low)) / 2
    ax.set_xlim(left - spare[0], right + spare[0])
    ax.set_ylim(low - spare[1], high + spare[1])
    ax.set_aspect("equal")


def _grid(ax, n, centred=False):
    """Coordinates of a square grid over the map, `n` cells on the wider side."""
    as_count(n, "n", minimum=2)
    (left, right), (low, high) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    cell = max(right - left, high - low) / n

    def along(start, stop):
        count = max(2, round((stop - start) / cell))
        edges = np.linspace(start, stop, count + 1)
        return (edges[1:] + edges[:-1]) / 2 if centred else edges

    return along(left, right), along(low, high)


def _axis(values, name):
    values = as_float_array(values, name)
    steps = np.diff(values) if values.ndim == 1 else np.empty(0)
    if not steps.size or not ((steps > 0).all() or (steps < 0).all()):
        raise ValueError(
            f"{name} must be at least two numbers, all rising or all falling, got {values!r:.60}"
        )
    return values


def _levels(heights, n, has_minimum):
    """Evenly spaced levels; over a minimum closer together near the bottom, where walks end."""
    low, high = heights.min(), heights.max()
    return low + (high - low) * (np.arange(1, n + 1) / (n + 1)) ** (2 if has_minimum else 1)


def _dots(ax, points, color, size, shape="round"):
    """A dot at each point, all in one path of strokes without length: small on a page.

    The caps of the strokes make the dots, "round" or "projecting", which is square.
    """
    if not len(points):
        return
    codes = [Path.MOVETO, Path.LINETO] * len(points)
    strokes = Path(np.repeat(points, 2, axis=0), codes)
    strokes.should_simplify = False  # or strokes without length would be dropped
    ax.add_artist(
        PathPatch(strokes, fill=False, edgecolor=color, linewidth=size, capstyle=shape, zorder=4)
    )


def _until_far(ax, points):
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    reach = 3 * max(right - left, high - low)
    centre = [(left + right) / 2, (low + high) / 2]
    near = np.isfinite(points).all(axis=1) & (np.abs(points - centre) < reach).all(axis=1)
    return points if near.all() else points[: max(1, int(np.argmin(near)))]
