"""Explorers of chapter 6a: momentum, a race of six methods, signals through five layers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from downslope import plots
from downslope.descent import gradient_descent
from downslope.explore import Explorer, choice, explore, steps, values
from downslope.formulas import relu, relu_slope, sigmoid, sigmoid_slope, tanh_slope
from downslope.landscapes import ravine, turned
from downslope.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from downslope.verdicts import verdict

__all__ = [
    "momentum_walk",
    "rates_compared",
    "ravine_race",
    "signal",
]

MAP, BESIDE = (4.2, 3.7), (3.3, 3.7)  # inches
N_STEPS = 30
LOWEST = 1e-9  # on the curves; below it nothing is told apart
METHODS = {m.__name__: m for m in (SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam)}
RATES = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.65, 0.7, 0.95, 1.05, 1.5, 1.8, 2.0)
SQUARE = ((-8.0, 8.0), (-8.0, 8.0))  # in which the ravine may turn
N_ARROWS = 11

N_LAYERS, N_UNITS, N_SAMPLES = 5, 100, 300
SCALES = (0.01, 0.02, 0.05, 0.1, 0.1414, 0.2, 0.3, 1.0)
CURVES = (
    ("all", "o-", plots.BLUE, "all answers"),
    ("unit", "^--", plots.GREEN, "one unit, over the samples"),
    ("back", "s:", plots.ORANGE, "gradient, on its way back"),
)
FORMS = {
    "o-": plots.INK, "s--": plots.ORANGE, "^-": plots.GREEN,
    "v:": "#CC79A7", "D-.": "#E69F00", "X--": plots.BLUE,
}  # fmt: skip
FLAT = 0.2  # of the steepest slope: what is flatter is saturated
#: Of each activation: function, slope by its output, steepest slope, and the frame of a histogram.
ACTIVATIONS: dict[str, Any] = {
    "sigmoid": (sigmoid, sigmoid_slope, 0.25, (0.0, 1.0)),
    "tanh": (np.tanh, tanh_slope, 1.0, (-1.0, 1.0)),
    "ReLU": (relu, relu_slope, 1.0, (0.0, 4.0)),
}


def momentum_walk() -> Explorer:
    """30 steps down the ravine by learning rate and momentum, with the height after each step.

    Returns
    -------
    explorer : Explorer
        With controls `learning_rate` and `momentum`.

    Examples
    --------
    >>> explorer = momentum_walk()
    >>> explorer.controls["momentum"].value = 0.0
    >>> explorer.controls["learning_rate"].value = 1.05
    >>> print(explorer.readout)
    Steps on a steady slope become 1 η times the slope. Diverged at step 15.
    """

    def map_of(plane):
        """Contour lines of the ravine, and arrows −∇f"""
        plots.contours(plane, ravine)
        plots.field(plane, ravine)
        plane.set_title("30 steps from (−7, 2)")

    def frame(curve):
        """the height f after each step beside it, on a logarithmic axis"""
        _frame_heights(curve)

    def walk(plane, curve, learning_rate, momentum):
        """a walk with momentum"""
        points = _descend(Momentum(learning_rate, momentum), ravine)
        plots.path(plane, points)
        plots.loss_curve(curve, _heights(ravine, points))
        said, times = str(verdict(ravine, points)), 1 / (1 - momentum)
        steady = f"Steps on a steady slope become {times:.3g} η times the slope."
        return f"{steady} {said[:1].upper()}{said[1:]}."

    return explore(
        map_of,
        frame,
        walk,
        name="momentum-walk",
        alt={
            "plane": "Contour lines of the ravine and arrows −∇f. A walk of 30 steps with "
            "momentum begins at a square.",
            "curve": "The height f after each step of the walk, on a logarithmic axis.",
        },
        panels={"plane": (4.6, 3.7), "curve": BESIDE},
        learning_rate=values(
            [0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.95, 1.05, 1.3, 1.6, 1.85, 2.0], 0.1,
            label="learning rate η",
        ),
        momentum=values([0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95], 0.9, label="momentum m"),
    )  # fmt: skip


def ravine_race() -> Explorer:
    """Six methods over a ravine that turns: method, learning rate and angle.

    The dashed curve is that of the same method where the ravine lies along the axes.

    Returns
    -------
    explorer : Explorer
        With controls `method`, `learning_rate` and `degrees`.

    Examples
    --------
    >>> explorer = ravine_race()
    >>> explorer.controls["method"].value = "AdaGrad"
    >>> explorer.controls["learning_rate"].value = 1.5
    >>> explorer.controls["degrees"].value = 45
    >>> print(explorer.readout.partition(". ")[0])
    AdaGrad, ravine turned by 45°: still moving: f = 0.141 after 30 steps
    """

    def map_of(plane, degrees):
        """Contour lines of a ravine, turned by the chosen angle, and arrows −∇f"""
        landscape = _ravine(degrees)
        plots.contours(plane, landscape, n_levels=9)
        x = np.linspace(-7.2, 7.2, N_ARROWS)
        plots.arrows(plane, x, x, -landscape.gradient(np.stack(np.meshgrid(x, x))))
        plane.set_title("30 steps from the square")

    def frame(curve):
        """the height f after each step beside it, on a logarithmic axis"""
        _frame_heights(curve)

    def along_the_axes(curve, method, learning_rate):
        """dashed for a ravine that lies along the axes"""
        heights = _heights(ravine, _walk(method, learning_rate))
        curve.plot(heights, "--", color=plots.INK, linewidth=1)

    def walk(plane, curve, method, learning_rate, degrees):
        """a walk of the chosen method"""
        points = _walk(method, learning_rate, degrees)
        plots.path(plane, points)
        plots.loss_curve(curve, _heights(_ravine(degrees), points))
        said = f"{method}, ravine turned by {degrees}°: {_became(method, learning_rate, degrees)}."
        return said + f" Along the axes: {_became(method, learning_rate, 0)}." * bool(degrees)

    return explore(
        map_of,
        frame,
        along_the_axes,
        walk,
        name="ravine-race",
        alt={
            "plane": "Contour lines of a ravine, turned by the chosen angle, and arrows −∇f. A "
            "walk of 30 steps by the chosen method begins at a square.",
            "curve": "The height f after each step, on a logarithmic axis, and dashed that of the "
            "same method in a ravine that lies along the axes.",
        },
        panels={"plane": MAP, "curve": BESIDE},
        method=choice(list(METHODS)),
        learning_rate=values(RATES, 0.95, label="learning rate η"),
        degrees=values([0, 15, 30, 45, 90], label="turned by (degrees)"),
    )


def signal() -> Explorer:
    """What 100 units say in each of five layers, by activation and by scale of the first weights.

    300 samples of 100 normal numbers go forward; from the end comes back a gradient of normal
    numbers. Beside the histogram of one layer stands how wide both are in every layer.

    Returns
    -------
    explorer : Explorer
        With controls `activation`, `scale` and `layer`.

    Examples
    --------
    >>> explorer = signal()
    >>> explorer.controls["scale"].value = 0.1
    >>> explorer.readout.partition(";")[0]
    'tanh, scale 0.1, layer 1: standard deviation 0.63, of one unit over the samples 0.63'
    """

    def frame(said, activation):
        _frame_histogram(said, activation)

    def bars(said, activation, scale, layer):
        u = _signal(activation, scale)["said"][layer - 1]
        _draw_histogram(said, activation, u)
        said.text(0.5, 0.93, f"layer {layer}", transform=said.transAxes, ha="center")

    def width_frame(width):
        width.set(xlim=(-0.3, N_LAYERS + 0.3), yscale="log", ylim=(1e-9, 1e11), xlabel="layer")
        width.set(title="standard deviation", xticks=range(N_LAYERS + 1))

    def widths(width, activation, scale):
        found = _signal(activation, scale)
        layers = range(N_LAYERS + 1)
        for key, form, color, word in CURVES:
            width.plot(layers, found[key], form, color=color, label=word, markersize=5)
        width.legend(loc="upper left", fontsize=9)

    def here(width, layer):
        below_the_legend = {"ymax": 0.71}
        width.axvline(layer, **below_the_legend, color=plots.INK, linewidth=0.8, linestyle=":")

    def sentence(activation, scale, layer):
        return _signal_said(activation, scale, layer)

    return explore(
        frame,
        bars,
        width_frame,
        widths,
        here,
        sentence,
        name="signal",
        alt={
            "said": "A histogram of what the units of the chosen layer say.",
            "width": "Three standard deviations in every layer, on a logarithmic axis: of all "
            "answers, of one unit over the samples, and of the gradient on its way back. A dotted "
            "line at the chosen layer.",
        },
        panels={"said": (3.7, 3.5), "width": (3.7, 3.5)},
        activation=choice(list(ACTIVATIONS), default="tanh"),
        scale=values(SCALES, 1.0, label="scale of the weights"),
        layer=steps(N_LAYERS, default=1, first=1, label="layer"),
    )


def rates_compared(found, measured="accuracy") -> Explorer:
    """Accuracy against learning rate for several methods, as a figure that stands still.

    Parameters
    ----------
    found : dict of str to dict of float to float
        For each method the accuracy that each learning rate led to, learning rates ascending.
    measured : str, optional
        What the accuracies are: on which data, and of how many seeds the mean.

    Returns
    -------
    figure : Explorer
        Without controls.

    Raises
    ------
    ValueError
        If there are no methods, or more than the figure has forms for.

    Examples
    --------
    >>> rates_compared({"SGD": {0.01: 0.3, 0.1: 0.8}, "Adam": {0.01: 0.7}})
    Accuracy against learning rate. SGD: 0.30 at 0.01, best 0.80 at 0.1. Adam: best 0.70 at 0.01.
    """
    if not 0 < len(found) <= len(FORMS):
        raise ValueError(f"found must have 1 to {len(FORMS)} methods, got {len(found)}")

    def curves(ax):
        ax.set(xscale="log", ylim=(0, 1.02), xlabel="learning rate η", title=measured)
        for (method, by_rate), (form, color) in zip(found.items(), FORMS.items(), strict=False):
            ax.plot(list(by_rate), list(by_rate.values()), form, color=color, label=method)
        ax.legend(loc="lower left", bbox_to_anchor=(1, 0))

    curves_said = " ".join(_curve_said(method, by_rate) for method, by_rate in found.items())
    alt = f"{measured[:1].upper()}{measured[1:]} against learning rate. {curves_said}"
    return explore(curves, name="rates-compared", alt=alt, panels={"ax": (4.4, 3.2)})


def _curve_said(method, by_rate):
    """Both ends of a curve and its peak."""
    best = max(by_rate, key=by_rate.get)
    said = [
        f"{'best ' * (rate == best)}{by_rate[rate]:.2f} at {rate:g}"
        for rate in by_rate
        if rate in (min(by_rate), best, max(by_rate))
    ]
    return f"{method}: {', '.join(said)}."


def _frame_heights(ax):
    ax.set(yscale="log", xlim=(-1, N_STEPS + 1), ylim=(LOWEST / 3, 40), xlabel="step")
    ax.set_title("height f after each step")


def _descend(optimizer, landscape):
    return gradient_descent(landscape.gradient, landscape.start, optimizer, N_STEPS)


@cache
def _walk(method, learning_rate, degrees=0):
    return _descend(METHODS[method](learning_rate), _ravine(degrees))


@cache
def _became(method, learning_rate, degrees):
    """The verdict on a walk turned back, so that the edges of the map judge all angles alike."""
    angle = np.radians(degrees)
    back = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    with np.errstate(invalid="ignore", over="ignore"):
        points = _walk(method, learning_rate, degrees) @ back
        return verdict(ravine, points.round(12))  # rounding must not decide at an edge


def _heights(landscape, points):
    """Heights along a walk, as far as they fit on the logarithmic axis."""
    with np.errstate(over="ignore", invalid="ignore"):
        heights = landscape(points.T)
    n_shown = np.append(~(heights < 1e3), True).argmax()
    return np.maximum(heights[:n_shown], LOWEST / 10)


@cache
def _ravine(degrees):
    return replace(turned(ravine, degrees), bounds=SQUARE)


def _frame_histogram(ax, activation):
    low, high = ACTIVATIONS[activation][-1]
    margin = 0.07 * (high - low)
    ax.set(xlim=(low - margin, high + margin), ylim=(0, 0.56), xlabel="what a unit says")
    ax.set_title("share of all answers")
    if activation == "ReLU":
        ax.set_xticks([-margin / 2, 1, 2, 3, high + margin / 2], ["0", "1", "2", "3", "> 4"])


def _draw_histogram(ax, activation, u):
    """Shares in 20 equal parts; for ReLU zeros, and what is beyond, have bars of their own."""
    low, high = ACTIVATIONS[activation][-1]
    edges = np.linspace(low, high, 21)
    if activation == "ReLU":
        margin = 0.07 * (high - low)
        zeros, beyond = np.mean(u == 0), np.mean(u > high)
        ax.stairs([zeros], [low - margin, low], fill=True, color=plots.INK, alpha=0.5)
        ax.stairs([beyond], [high, high + margin], fill=True, color=plots.ORANGE)
        u = u[(u > 0) & (u <= high)]
    shares = np.histogram(u, edges)[0] / (N_SAMPLES * N_UNITS)
    ax.stairs(shares, edges, fill=True, color=plots.BLUE)


@cache
def _signal(activation, scale):
    """What is said in each layer, how wide that is, and how wide a gradient is on its way back."""
    f, slope, steepest, _ = ACTIVATIONS[activation]
    rng = np.random.default_rng(0)
    said = [rng.normal(size=(N_SAMPLES, N_UNITS))]
    matrices = scale * rng.normal(size=(N_LAYERS, N_UNITS, N_UNITS))
    for W in matrices:
        said.append(f(said[-1] @ W))
    back = [rng.normal(size=(N_SAMPLES, N_UNITS))]
    for W, u in zip(matrices[::-1], said[:0:-1], strict=True):
        back.append((back[-1] * slope(u)) @ W.T)
    return {
        "said": said[1:],
        "flat": [float(np.mean(slope(u) < FLAT * steepest)) for u in said[1:]],
        "all": [u.std() for u in said],
        "unit": [np.sqrt(u.var(axis=0).mean()) for u in said],
        "back": [g.std() for g in reversed(back)],
    }


def _signal_said(activation, scale, layer):
    found = _signal(activation, scale)
    word = "silent (0)" if activation == "ReLU" else "saturated"
    return (
        f"{activation}, scale {scale:g}, layer {layer}: standard deviation "
        f"{found['all'][layer]:.2g}, of one unit over the samples {found['unit'][layer]:.2g}; "
        f"{found['flat'][layer - 1]:.0%} {word}. Of a gradient of 1 after layer 5, "
        f"{found['back'][0]:.2g} is left at the inputs."
    )
