"""Explorers of chapter 4; the first one also opens the preface."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np

from downslope import plots
from downslope.datasets import minibatches
from downslope.descent import (
    gradient_ascent,
    gradient_descent,
    stochastic_gradient_descent,
)
from downslope.differentiation import numerical_gradient
from downslope.explore import Explorer, choice, explore, linear, values
from downslope.landscapes import LANDSCAPES, CriticalPoint, Landscape, plateau
from downslope.verdicts import verdict

__all__ = ["gradient_field", "minibatch_noise", "starting_points", "up_or_down"]

MAP = (4.6, 3.7)  # inches
N_STEPS = 40
SHOWN = ("ravine", "bowl", "two_minima", "saddle", "plateau")
STARTS = {"plateau": (-1.6, 1.0), "two_minima": (1.6, 1.4), "saddle": (1.7, 0.01)}


def gradient_field() -> Explorer:
    """Landscape, learning rate and h: the gradient field, the walk over it and its loss curve.

    The field and every step of the walk are central differences with the chosen `h`. The
    sentence under the figure judges the walk with the exact gradient.

    Returns
    -------
    explorer : Explorer
        With controls `landscape`, `learning_rate` and `h`.

    Examples
    --------
    >>> explorer = gradient_field()
    >>> explorer.controls["learning_rate"].value = 1.05
    >>> print(explorer.readout)
    diverged at step 15
    """

    def map_of(plane, landscape):
        """Contour lines of the landscape"""
        plots.contours(plane, landscape)
        plane.set_title("the map, and arrows −∇f")

    def frame(curve, landscape):
        """the height f after each step beside it"""
        bottom, top = _heights(landscape)
        curve.set(xlim=(-1, N_STEPS + 1), ylim=(bottom, top))
        curve.set(xlabel="step", title="height f after each step")

    def field(plane, landscape, h):
        """arrows downhill, long where it is steep"""
        plots.field(plane, landscape, h, longest=_long_slope(plane, landscape))

    def walk(plane, curve, landscape, learning_rate, h):
        """a walk of 40 steps along the arrows"""
        start = STARTS.get(landscape.name, landscape.start)

        def slope(x):
            return numerical_gradient(landscape, x, h)

        points = gradient_descent(slope, start, learning_rate, N_STEPS)
        plots.path(plane, points)
        with np.errstate(over="ignore", invalid="ignore"):
            plots.loss_curve(curve, landscape(points.T))
        return str(verdict(landscape, points))

    return explore(
        map_of,
        frame,
        field,
        walk,
        name="gradient-field",
        panels={"plane": MAP, "curve": (3.1, 3.7)},
        landscape=choice({name: LANDSCAPES[name] for name in SHOWN}),
        learning_rate=linear(0.05, 1.10, 0.05, default=0.9, label="learning rate η"),
        h=values([1e-16, 1e-15, 1e-14, 1e-12, 1e-8, 1e-4, 1], default=1e-4),
    )


def starting_points() -> Explorer:
    """Where a walk of 80 steps ends, by where it starts: minimum, saddle or plateau.

    The start can be taken hold of. All walks over a landscape are taken at once.

    Returns
    -------
    explorer : Explorer
        With controls `landscape`, `start_x0` and `start_x1`.

    Examples
    --------
    >>> explorer = starting_points()
    >>> explorer.controls["landscape"].value = "saddle"
    >>> explorer.controls["start_x1"].value = 0.0
    >>> explorer.readout.partition(":")[0]
    'stuck at a saddle'
    """
    across = linear(-2.5, 2.5, 0.25, default=1.5, label="start x₀")
    up = linear(-2.0, 2.0, 0.25, default=1.5, label="start x₁")

    def map_of(ax, landscape):
        """Contour lines of the landscape, stars at minima and a cross at a saddle point"""
        plots.contours(ax, landscape)

    def field(ax, landscape):
        """arrows downhill"""
        plots.field(ax, landscape, longest=_long_slope(ax, landscape))

    def walks(landscape):
        starts = np.stack(np.meshgrid(across.values, up.values, indexing="ij"))
        return gradient_descent(landscape.gradient, starts, 0.1, 80)

    def walk(ax, landscape, walks, start_x0, start_x1):
        """a walk from the chosen start"""
        points = walks[..., across.values.index(start_x0), up.values.index(start_x1)]
        plots.path(ax, points)
        return str(verdict(landscape, points))

    return explore(
        map_of,
        field,
        walk,
        name="starting-points",
        panels={"ax": MAP},
        shared={"walks": walks},
        handles={"ax": ("start_x0", "start_x1")},
        landscape=choice({name: LANDSCAPES[name] for name in ("two_minima", "saddle", "plateau")}),
        start_x0=across,
        start_x1=up,
    )


def up_or_down() -> Explorer:
    """Descent and ascent, on a hole and on the hill that is the hole turned upside down.

    Returns
    -------
    explorer : Explorer
        With controls `landscape` and `direction`.

    Examples
    --------
    >>> up_or_down()
    descent on f, the hole: the height falls from 0.97 to 0.00
    """
    close = ((-2.2, 2.2), (-1.6, 1.6))
    hole = replace(plateau, name="f, the hole", bounds=close)
    hill = replace(
        hole,
        name="−f, the hill",
        f=lambda x: -plateau.f(x),
        gradient=lambda x: -plateau.gradient(x),
        hessian=lambda x: -plateau.hessian(x),
        critical_points=(CriticalPoint((0.0, 0.0), "maximum"),),
    )

    def map_of(ax, landscape):
        """Contour lines of the hole or of the hill"""
        plots.contours(ax, landscape)

    def walk(ax, landscape, direction):
        """arrows along which it goes, and the walk along them"""
        step, sign = {"descent": (gradient_descent, 1), "ascent": (gradient_ascent, -1)}[direction]
        plots.field(ax, lambda x: sign * landscape(x))
        points = step(landscape.gradient, [-1.6, 1.0], 0.3, 30)
        plots.path(ax, points)
        first, last = (round(float(landscape(point)), 2) + 0.0 for point in points[[0, -1]])
        moved = "falls" if last < first else "rises"
        return f"{direction} on {landscape.name}: the height {moved} from {first:.2f} to {last:.2f}"

    return explore(
        map_of,
        walk,
        name="up-or-down",
        panels={"ax": MAP},
        landscape=choice({place.name: place for place in (hole, hill)}),
        direction=choice(["descent", "ascent"]),
    )


def minibatch_noise() -> Explorer:
    """A line fitted to 200 points by stochastic gradient descent, by batch size.

    Returns
    -------
    explorer : Explorer
        With controls `batch_size` and `learning_rate`.

    Examples
    --------
    >>> explorer = minibatch_noise()
    >>> explorer.controls["batch_size"].value = 10
    >>> print(explorer.readout.partition(".")[0])
    80 steps, 10 of 200 points in each: 4 epochs
    """
    n_points, n_steps = 200, 80
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 1, n_points)
    design = np.stack([np.ones(n_points), x])
    y = 0.5 + 1.5 * x + rng.normal(scale=0.8, size=n_points)
    whole = _least_squares(design, y, bounds=((-1.6, 1.6), (-0.4, 2.2)))
    best = whole(np.array(whole.critical_points[0].x))

    def map_of(ax):
        """Contour lines of the loss over all 200 points, a star at its minimum"""
        plots.contours(ax, whole)
        ax.set_xlabel("intercept w₀")
        ax.set_ylabel("slope w₁", rotation=90, labelpad=4)

    def walk(ax, batch_size, learning_rate):
        """the walk of 80 steps, each down the slope of the loss on one mini-batch"""

        def gradient(w, batch):
            error = w @ design[:, batch] - y[batch]
            return design[:, batch] @ error / len(batch)

        order = np.random.default_rng(0)
        dealt = minibatches(n_points, batch_size=batch_size, rng=order, n_epochs=n_steps)
        batches = islice(dealt, n_steps)
        points = stochastic_gradient_descent(gradient, [-1.4, 0.0], batches, learning_rate)
        plots.path(ax, points)
        late = whole(points[-40:].T).mean() - best
        return (
            f"{n_steps} steps, {batch_size} of {n_points} points in each: "
            f"{n_steps * batch_size / n_points:g} epochs. "
            f"Over the last 40 steps the loss is {late:.4f} above the best, on average."
        )

    return explore(
        map_of,
        walk,
        name="minibatch-noise",
        panels={"ax": MAP},
        batch_size=values([1, 2, 5, 10, 20, 50, 100, 200], default=200, label="batch size"),
        learning_rate=values([0.05, 0.1, 0.2, 0.4, 0.8], default=0.2, label="learning rate η"),
    )


def _least_squares(design, y, bounds):
    """Half the mean squared error of ``w @ design`` as a landscape over two weights."""
    n = y.size
    hessian = design @ design.T / n
    best = np.linalg.solve(hessian, design @ y / n)

    def f(w):
        w = np.asarray(w, dtype=float)
        error = np.tensordot(w, design, axes=(0, 0)) - y
        return np.mean(error**2, axis=-1) / 2

    def gradient(w):
        return np.tensordot(hessian, np.asarray(w, dtype=float), axes=1) - (design @ y / n).reshape(
            2, *[1] * (np.ndim(w) - 1)
        )

    return Landscape(
        name="least_squares",
        f=f,
        gradient=gradient,
        hessian=lambda w: np.broadcast_to(
            hessian.reshape(2, 2, *[1] * (np.ndim(w) - 1)), (2, *np.shape(w))
        ),
        bounds=bounds,
        start=(bounds[0][0], bounds[1][0]),
        critical_points=(CriticalPoint((float(best[0]), float(best[1])), "minimum"),),
        description="half the mean squared error of a line through points",
    )


def _long_slope(ax, landscape):
    """The slope that has the longest arrow; the same for every h, so that noise is seen as noise.

    Twice the slope of the middle of the map, but at least a third of the steepest: else a few
    steep arrows at the edge would leave the others invisible.
    """
    x0, x1 = (np.linspace(low, high, 41) for low, high in (ax.get_xlim(), ax.get_ylim()))
    slopes = np.hypot(*landscape.gradient(np.stack(np.meshgrid(x0, x1))))
    return float(np.clip(2 * np.median(slopes), slopes.max() / 3, slopes.max()))


def _heights(landscape):
    """Bottom and top of the loss curve's frame."""
    top = float(landscape(np.array(STARTS.get(landscape.name, landscape.start))))
    minima = [float(landscape(np.array(p.x))) for p in landscape.critical_points]
    bottom = min(minima) if "minimum" in {p.kind for p in landscape.critical_points} else -top
    margin = 0.08 * (top - bottom)
    return bottom - margin, top + 5 * margin
