"""Explorers of chapter 4; the first one also opens the preface."""

from __future__ import annotations

from itertools import islice

import numpy as np

from downslope import plots
from downslope.datasets import minibatches
from downslope.descent import gradient_descent, stochastic_gradient_descent
from downslope.differentiation import numerical_gradient
from downslope.explore import Explorer, choice, explore, linear, steps, values
from downslope.landscapes import LANDSCAPES, CriticalPoint, Landscape
from downslope.verdicts import verdict

__all__ = [
    "downhill_map",
    "gradient_field",
    "minibatch_noise",
    "parabola_steps",
    "starting_points",
]

MAP = (4.6, 3.7)  # inches
N_STEPS = 40
SHOWN = ("ravine", "bowl", "two_minima", "saddle", "plateau")
STARTS = {"plateau": (-1.6, 1.0), "two_minima": (1.6, 1.4), "saddle": (1.7, 0.01)}
SEEN = {
    "bowl": "The bowl: its contour lines are circles around the minimum, and all arrows −∇f point "
    "at it, longer where it is steeper.",
    "ravine": "The ravine: its contour lines are long ellipses, and the arrows −∇f stand at right "
    "angles to them, so that most point across the valley.",
}
N_POINTS, BUDGETS = 200, {"80 steps": None, "800 points": 800}  # of the line that is fitted


def downhill_map(landscape: Landscape) -> Explorer:
    """Contour lines of a landscape, and arrows −∇f.

    Parameters
    ----------
    landscape : Landscape
        From `downslope.landscapes`; it names the figure.

    Returns
    -------
    figure : Explorer
        Without controls.

    Examples
    --------
    >>> downhill_map(LANDSCAPES["saddle"])
    x0² − x1²: a valley along one axis, a ridge along the other, no minimum
    """

    def contours(ax):
        plots.contours(ax, landscape)

    def field(ax):
        plots.field(ax, landscape)

    name = landscape.name.replace("_", "-") + "-field"
    alt = SEEN.get(landscape.name, landscape.description)
    return explore(contours, field, name=name, alt=alt)


def parabola_steps() -> Explorer:
    """Steps of gradient descent on x²/4, whose curvature is 1/2.

    Returns
    -------
    explorer : Explorer
        With controls `learning_rate` and `n_steps`.

    Examples
    --------
    >>> parabola_steps()
    step 4: x = -1.23
    """

    def parabola(ax):
        """The parabola x²/4"""
        x = np.linspace(-6.5, 6.5, 131)
        ax.plot(x, x**2 / 4, color=plots.INK, linewidth=1)
        ax.set(xlim=(-6.5, 6.5), ylim=(-0.5, 10), xlabel="x")
        ax.set_title("f(x) = x²/4")

    def walk_down(ax, learning_rate, n_steps):
        """steps of gradient descent on it, from x = −3"""
        x = [-3.0]
        for _ in range(n_steps):
            x.append(x[-1] - learning_rate * x[-1] / 2)
        ax.plot(x, np.square(x) / 4, "o-", color=plots.ORANGE, linewidth=1.2)
        return f"step {n_steps}: x = {round(x[-1], 2) + 0.0:.2f}"

    return explore(
        parabola,
        walk_down,
        name="parabola",
        learning_rate=linear(0.0, 4.2, 0.1, default=0.4, label="learning rate η"),
        n_steps=steps(6, default=4, label="steps"),
    )


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
        alt={
            "plane": "Contour lines of a landscape and arrows downhill, long where it is steep. A "
            "walk of 40 steps along the arrows begins at a square.",
            "curve": "The height f after each of the 40 steps.",
        },
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


def minibatch_noise() -> Explorer:
    """A line fitted to 200 points by stochastic gradient descent, by batch size and by budget.

    A budget is a number of steps, the same for every batch size, or a number of points that the
    steps look at, which is what they cost.

    Returns
    -------
    explorer : Explorer
        With controls `batch_size`, `learning_rate` and `budget`.

    Examples
    --------
    >>> explorer = minibatch_noise()
    >>> explorer.controls["batch_size"].value = 10
    >>> print(explorer.readout.partition(".")[0])
    80 steps, 10 of 200 points in each: 800 points in all
    """
    design, y = _noisy_line()
    whole = _least_squares(design, y, bounds=((-1.7, 1.9), (-0.3, 2.7)))
    best = whole(np.array(whole.critical_points[0].x))

    def walked(batch_size, learning_rate, budget):
        n_steps = 80 if budget is None else budget // batch_size
        return _line_walk(design, y, batch_size, learning_rate, n_steps)

    def map_of(plane):
        """Contour lines of the loss over all 200 points, a star at its minimum"""
        plots.contours(plane, whole)
        plane.set(title="the map of the loss", xlabel="intercept w₀")
        plane.set_ylabel("slope w₁", rotation=90, labelpad=4)

    def frame(curve, budget):
        """the loss above the best, against steps or against points looked at"""
        curve.set(yscale="log", ylim=(1e-4, 9), title="loss above the best")
        if budget is None:
            curve.set(xlim=(-2, 82), xlabel="step")
        else:
            curve.set(xlim=(-20, 820), xlabel="points looked at")

    def walk(plane, curve, walked, batch_size, budget):
        """a walk, each step down the slope of the loss on one mini-batch"""
        plots.path(plane, walked)
        n_steps, above = len(walked) - 1, whole(walked.T) - best
        cost = np.arange(n_steps + 1) * (1 if budget is None else batch_size)
        shown = slice(None, None, max(1, n_steps // 100))
        curve.plot(cost[shown], np.maximum(above[shown], 1e-5), color=plots.ORANGE, linewidth=1.2)
        late = above[-(n_steps // 2) :].mean()
        return (
            f"{n_steps} steps, {batch_size} of {N_POINTS} points in each: "
            f"{n_steps * batch_size:,} points in all. Over the second half of the steps the loss "
            f"is {late:.4f} above the best, on average."
        )

    return explore(
        map_of,
        frame,
        walk,
        name="minibatch-noise",
        alt={
            "plane": "Contour lines of the loss over all 200 points, a star at its minimum. A "
            "walk begins at a square; each step goes down the slope of the loss on one mini-batch.",
            "curve": "The loss above the best on a logarithmic axis, against steps or against "
            "points looked at.",
        },
        panels={"plane": MAP, "curve": (3.1, 3.7)},
        shared={"walked": walked},
        batch_size=values([1, 2, 5, 10, 20, 50, 100, 200], default=200, label="batch size"),
        learning_rate=values([0.05, 0.1, 0.2, 0.4, 0.8], default=0.2, label="learning rate η"),
        budget=choice(BUDGETS),
    )


def _noisy_line():
    """200 points about a line: the rows of the design, shape (2, 200), and their heights."""
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 1, N_POINTS)
    y = 0.5 + 1.5 * x + rng.normal(scale=0.8, size=N_POINTS)
    return np.stack([np.ones(N_POINTS), x]), y


def _line_walk(design, y, batch_size, learning_rate, n_steps):
    """The weights of a line after each of `n_steps` steps, shape (n_steps + 1, 2)."""

    def gradient(w, batch):
        error = w @ design[:, batch] - y[batch]
        return design[:, batch] @ error / len(batch)

    order = np.random.default_rng(0)
    dealt = minibatches(N_POINTS, batch_size=batch_size, rng=order, n_epochs=n_steps)
    batches = islice(dealt, n_steps)
    return stochastic_gradient_descent(gradient, [-1.4, 0.0], batches, learning_rate)


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
