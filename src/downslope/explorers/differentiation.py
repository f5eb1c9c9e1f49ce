"""Explorers of chapter 3: a secant that becomes a tangent and then breaks, its error, slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from downslope import plots
from downslope.differentiation import central_difference, forward_difference
from downslope.explore import Explorer, choice, explore, linear, logarithmic, values
from downslope.landscapes import CriticalPoint, Landscape, bowl, saddle, two_minima

__all__ = [
    "compare_fields",
    "error_against_step",
    "minima_field",
    "secant_to_tangent",
    "slices",
]

WIDE, NARROW = (4.6, 3.7), (3.1, 3.7)  # inches
DIFFERENCES = {"forward": forward_difference, "central": central_difference}
STEPS = [
    1e-16, 2e-16, 5e-16, 1e-15, 2e-15, 5e-15, 1e-14, 1e-13, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4,
    0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0,
]  # fmt: skip
REACH = 1.5  # steps shown to either side in the close-up
FEW = 70  # computed values that are still drawn one by one
FLOOR = 1e-17  # where an error of zero is drawn on a logarithmic axis


def secant_to_tangent() -> Explorer:
    """The secant of x³ − 3x over a step h, and a close-up in which h is always as wide.

    In the close-up stand the values that the computer finds for the function. When h comes near
    the spacing of float64 numbers they are single grains, and the secant goes astray.

    Returns
    -------
    explorer : Explorer
        With controls `x`, `h` and `difference`.

    Examples
    --------
    >>> explorer = secant_to_tangent()
    >>> explorer
    Forward: the secant has slope 0.25, the tangent -2.25; the error is 2.5
    >>> explorer.controls["x"].value, explorer.controls["h"].value = 1.5, 1e-16
    >>> explorer.readout.partition(".")[0]
    'x + h rounds to x, so the point did not move'
    """

    def curve(plane):
        """The curve x³ − 3x"""
        x = np.linspace(-2.5, 2.7, 131)
        plane.plot(x, _cubic(x), color=plots.INK, linewidth=1)
        plane.set(xlim=(-2.5, 2.7), ylim=(-4.5, 5), xlabel="x", title="f(x) = x³ − 3x")

    def frame(close, x):
        """beside it the same from close up: both axes count steps of h"""
        top = 1.8 * max(2.0, abs(_cubic_slope(x)))
        close.set(xlim=(-REACH, REACH), ylim=(-top, top))
        close.set(xlabel="distance from x, in steps h", title="change of f, in steps h")

    def secant(plane, close, x, h, difference):
        """the secant, with the slope that the quotient of differences gives"""
        slope = float(DIFFERENCES[difference](_cubic, x, h))
        ends = np.array([x if difference == "forward" else x - h, x + h])
        heights = _cubic(ends)
        plane.plot(ends, heights, "o", color=plots.ORANGE, markersize=7)
        plane.axline((ends.mean(), heights.mean()), slope=slope, color=plots.ORANGE)
        across, up = (ends - x) / h, (heights - _cubic(x)) / h
        close.plot(across, up, "o", color=plots.ORANGE, markersize=7)
        close.axline((across.mean(), up.mean()), slope=slope, color=plots.ORANGE)
        return _say_slope(difference, x, h, slope)

    def tangent(plane, close, x):
        """the tangent at x, dashed"""
        slope = _cubic_slope(x)
        plane.axline((x, _cubic(x)), slope=slope, **_TANGENT)
        close.axline((0, 0), slope=slope, **_TANGENT)

    def grains(close, x, h):
        """the values of f that float64 finds there"""
        at = _representable(x, h)
        changes = (_cubic(at) - _cubic(x)) / h
        style = ".-" if at.size <= FEW else "-"
        close.plot((at - x) / h, changes, style, color=plots.INK, linewidth=0.7, markersize=5)

    return explore(
        curve,
        frame,
        secant,
        tangent,
        grains,
        name="secant-to-tangent",
        alt={
            "plane": "The curve x³ − 3x with two dots on it, h apart: the secant through them, "
            "and the tangent at x, dashed.",
            "close": "The same from close up, both axes in steps of h: the secant, the tangent, "
            "dashed, and the values of f that float64 finds there.",
        },
        panels={"plane": WIDE, "close": NARROW},
        shared={"height": lambda x: _cubic(x)},
        handles={"plane": ("x", "height")},
        x=linear(-2.0, 2.0, 0.25, default=0.5),
        h=values(STEPS, default=1.0),
        difference=choice(DIFFERENCES.keys()),
    )


@dataclass(frozen=True)
class _Subject:
    """A function with its exact slope, and a point at which to differentiate it.

    `f` uses only operations that IEEE 754 rounds in one way, so that every machine draws the
    same errors.
    """

    f: Callable
    slope: Callable
    x: float


SUBJECTS = {
    "1/x at x = 3": _Subject(lambda x: 1 / x, lambda x: -1 / x**2, 3.0),
    "1/x at x = 100": _Subject(lambda x: 1 / x, lambda x: -1 / x**2, 100.0),
    "x² at x = 3": _Subject(lambda x: x * x, lambda x: 2 * x, 3.0),
}
PRECISIONS = {"float64": np.float64, "float32": np.float32}
METHODS = {
    "forward": (forward_difference, 1 / 2, plots.ORANGE, "."),
    "central": (central_difference, 1 / 3, plots.BLUE, "x"),
}


def error_against_step() -> Explorer:
    """Relative error of both differences against h, on logarithmic axes: two letters V.

    Returns
    -------
    explorer : Explorer
        With controls `function`, `precision`, `difference` and `h`.

    Examples
    --------
    >>> explorer = error_against_step()
    >>> explorer.controls["h"].value = 1.0
    >>> print(explorer.readout)
    At h = 1 the relative errors are forward 2.5e-01, central 1.2e-01.
    """

    def frame(ax):
        """Relative error of the slope against the step h, both logarithmic"""
        ax.set(xscale="log", yscale="log", xlim=(3e-17, 3), ylim=(1e-17, 30))
        ax.set(xlabel="step h", title="relative error of the slope")
        ax.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1], _powers(-16, -12, -8, -4, 0))
        ax.set_yticks([1e-16, 1e-12, 1e-8, 1e-4, 1], _powers(-16, -12, -8, -4, 0))
        ax.minorticks_off()
        ax.grid(True)

    h_fine = _fine_steps()

    def all_errors(function, precision, difference):
        return {
            method: _relative_error(function, precision, method, h_fine)
            for method in _methods(difference)
        }

    def errors(ax, all_errors):
        """dots for the forward difference, crosses for the central one"""
        for method, found in all_errors.items():
            _, _, color, marker = METHODS[method]
            error = np.maximum(found, FLOOR)
            ax.plot(h_fine, error, marker, color=color, markersize=3.5, markeredgewidth=0.8)

    def best(ax, function, precision, all_errors):
        """upright lines at the h of the rule of thumb, and a ring where the error is least"""
        for level, (method, errors) in enumerate(all_errors.items()):
            _, power, color, _ = METHODS[method]
            predicted = _rule_of_thumb(function, precision, power)
            found, error = _found(h_fine, errors)
            ax.axvline(predicted, color=color, linewidth=1, linestyle=(0, (4, 3)))
            text = f"{method}\n{'x·ε^(1/2)' if power == 1 / 2 else 'x·ε^(1/3)'}"
            at, side = (predicted / 1.3, "right") if level == 0 else (predicted * 1.3, "left")
            ax.text(at, 3e-15, text, color=color, ha=side, va="center", fontsize=9)
            ax.plot(found, error, "o", color=color, markersize=11, fillstyle="none")

    def here(ax, function, precision, difference, h):
        """the error at the h you chose"""
        said = []
        for method in _methods(difference):
            error = float(_relative_error(function, precision, method, np.array([h]))[0])
            ax.plot(h, max(error, FLOOR), "s", color=METHODS[method][2], markersize=8)
            said.append(f"{method} {error:.1e}" if error else f"{method} 0")
        noun = "errors are" if len(said) > 1 else "error is"
        return f"At h = {h:g} the relative {noun} {', '.join(said)}."

    return explore(
        frame,
        errors,
        here,
        best,
        name="error-against-step",
        panels={"ax": (6.2, 4.2)},
        shared={"all_errors": all_errors},
        handles={"ax": ("h", None)},
        function=choice(SUBJECTS),
        precision=choice(PRECISIONS),
        difference=choice(["both", "forward", "central"]),
        h=logarithmic(1e-16, 1.0, default=1e-4, per_decade=2),
    )


def minima_field(arrows: bool = True) -> Explorer:
    """Arrows −∇f on the map of a landscape with two minima.

    Parameters
    ----------
    arrows : bool
        Whether to draw them; without them it is the map alone.

    Returns
    -------
    figure : Explorer
        Without controls.

    Examples
    --------
    >>> minima_field(arrows=False)
    Contour lines, a star at each of two minima, and a cross at the saddle point between.
    """

    def contours(ax):
        """Contour lines, a star at each of two minima, and a cross at the saddle point between"""
        plots.contours(ax, two_minima)

    def field(ax):
        """arrows −∇f lead away from the saddle point and into the minima"""
        plots.field(ax, two_minima, longest=3.0)

    if not arrows:
        return explore(contours, name="two-minima-map", panels={"ax": WIDE})
    return explore(contours, field, name="two-minima-field", panels={"ax": WIDE})


def slices() -> Explorer:
    """A cut through a landscape along one variable, and the slope of the curve it shows.

    Returns
    -------
    explorer : Explorer
        With controls `landscape`, `moving`, `x0` and `x1`.

    Examples
    --------
    >>> slices()
    slope of this slice: ∂f/∂x₀ = -2.00; the other slice has ∂f/∂x₁ = +1.00
    """

    def map_of(plane, landscape):
        """Contour lines of a landscape"""
        plots.contours(plane, landscape)
        plane.set_title("the map, and a straight cut through it")

    def frame(curve, landscape, moving):
        """beside it f along the cut"""
        low, high = _heights(landscape)
        curve.set(xlim=landscape.bounds[moving], ylim=(low, high))
        curve.set(xlabel=("x₀", "x₁")[moving], title=f"f along the cut, {_HELD[moving]} held")

    def cut(plane, landscape, moving, x0, x1):
        """the cut through the point you chose"""
        draw = (plane.axhline, plane.axvline)[moving]
        draw((x1, x0)[moving], color=plots.ORANGE)
        plane.plot(x0, x1, "o", color=plots.ORANGE, markersize=8)

    def sliced(curve, landscape, moving, x0, x1):
        """the curve that the cut shows, and its tangent, dashed"""
        low, high = landscape.bounds[moving]
        along = np.linspace(low, high, 81)
        at = np.array(np.broadcast_arrays(along, along))
        at[1 - moving] = (x0, x1)[1 - moving]
        curve.plot(along, landscape(at), color=plots.ORANGE)
        slopes = landscape.gradient([x0, x1])
        here = ((x0, x1)[moving], float(landscape([x0, x1])))
        curve.axline(here, slope=slopes[moving], **_TANGENT)
        curve.plot(*here, "o", color=plots.ORANGE, markersize=8)
        words = [f"∂f/∂x{'₀₁'[axis]} = {slope + 0.0:+.2f}" for axis, slope in enumerate(slopes)]
        return f"slope of this slice: {words[moving]}; the other slice has {words[1 - moving]}"

    return explore(
        map_of,
        frame,
        cut,
        sliced,
        name="slices",
        alt={
            "plane": "Contour lines of a landscape, and a straight cut through the chosen point.",
            "curve": "The height f along that cut, and its tangent at the chosen point, dashed.",
        },
        panels={"plane": WIDE, "curve": NARROW},
        handles={"plane": ("x0", "x1")},
        landscape=choice(_sliced()),
        moving=choice({"x₀ moves, x₁ is held": 0, "x₁ moves, x₀ is held": 1}, label="cut"),
        x0=linear(-2.0, 2.0, 0.5, default=-1.0, label="x₀"),
        x1=linear(-2.0, 2.0, 0.5, default=0.5, label="x₁"),
    )


@dataclass(frozen=True)
class _Known:
    """A function of two variables in plain NumPy, and its exact gradient.

    Unlike a `Landscape`, `f` takes anything, so that a wrong field stays wrong in silence.
    """

    f: Callable
    gradient: Callable


KNOWN = {
    "x₀² + x₁²": _Known(lambda x: np.sum(x**2, axis=0), lambda x: 2 * x),
    "x₀ · x₁": _Known(lambda x: x[0] * x[1], lambda x: x[::-1]),
    "x₀² − x₁²": _Known(lambda x: x[0] ** 2 - x[1] ** 2, lambda x: np.stack([2 * x[0], -2 * x[1]])),
}


def compare_fields(*fields: Callable) -> Explorer:
    """Arrows −∇f of three functions, as different ways to compute a gradient field find them.

    Parameters
    ----------
    *fields : callable
        Two or more functions that are called as `downslope.differentiation.gradient_field` is,
        with f and the two axes, and return an array of shape (2, n, n). The first is the default.

    Returns
    -------
    explorer : Explorer
        With controls `method`, the names of the functions, and `function`.

    Examples
    --------
    >>> from downslope.differentiation import gradient_field
    >>> def flat_field(f, x0, x1):
    ...     return np.zeros((2, len(x1), len(x0)))
    >>> explorer = compare_fields(gradient_field, flat_field)
    >>> explorer
    all arrows are right
    >>> explorer.controls["method"].value = "flat_field"
    >>> explorer.readout
    '168 of 169 arrows are wrong'
    """
    axis = np.linspace(-2, 2, 13)
    points = np.stack(np.meshgrid(axis, axis))

    def contours(ax, function):
        """Contour lines of the function"""
        x0, x1 = np.linspace(-3, 3, 61), np.linspace(-2.3, 2.3, 61)
        ax.set(xlim=(-3, 3), ylim=(-2.3, 2.3), xlabel="x₀", aspect="equal")
        ax.set_ylabel("x₁", rotation=0, labelpad=8)
        heights = function.f(np.stack(np.meshgrid(x0, x1)))
        levels = np.arange(-8.5, 14)  # without 0, whose crossing would come out as two bent lines
        ax.contour(x0, x1, heights, levels, colors=plots.INK, linewidths=0.6, linestyles="solid",
                   alpha=0.45)  # fmt: skip

    def field(ax, method, function):
        """arrows −∇f as the chosen method finds them"""
        gradient = np.asarray(method(function.f, axis, axis))
        exact = function.gradient(points)
        plots.arrows(ax, axis, axis, -gradient, longest=np.hypot(*exact).max())
        n_wrong = int((np.abs(gradient - exact) > 1e-3).any(axis=0).sum())
        return (
            f"{n_wrong} of {axis.size**2} arrows are wrong" if n_wrong else "all arrows are right"
        )

    return explore(
        contours,
        field,
        name="compare-fields",
        panels={"ax": WIDE},
        method=choice({method.__name__: method for method in fields}),
        function=choice(KNOWN, default="x₀ · x₁"),
    )


_TANGENT = {"color": plots.BLUE, "linestyle": (0, (5, 3)), "linewidth": 1.6}
_HELD = ("x₁", "x₀")


def _cubic(x):
    return x * x * x - 3 * x


def _cubic_slope(x):
    return 3 * x * x - 3


def _representable(x, h):
    """The float64 numbers around `x` in the close-up: all of them, or some if they are many."""
    start, stop = x - REACH * h, x + REACH * h
    if stop - start > 4 * FEW * np.spacing(abs(x)):
        return np.linspace(start, stop, 2 * FEW + 1)
    found = [start]
    while found[-1] < stop:
        found.append(np.nextafter(found[-1], np.inf))
    return np.array(found)


def _say_slope(difference, x, h, slope):
    true = _cubic_slope(x)
    moved = "the point" if difference == "forward" else "that point"
    rounded = f"x + h rounds to x, so {moved} did not move. " if x + h == x else ""
    return (
        f"{rounded}{difference.capitalize()}: the secant has slope {slope:.10g}, "
        f"the tangent {true:g}; the error is {abs(slope - true):.2g}"
    )


def _powers(*exponents):
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return [f"10{str(n).translate(raised)}" if n else "1" for n in exponents]


def _methods(difference):
    return list(METHODS) if difference == "both" else [difference]


def _fine_steps():
    """Steps from 1e-16 to 1, twenty to a power of ten."""
    return 10 ** np.linspace(-16, 0, 321)


def _relative_error(subject, precision, method, h):
    x = precision(subject.x)
    slopes = METHODS[method][0](subject.f, x, h.astype(precision)).astype(float)
    return np.abs(slopes / subject.slope(subject.x) - 1)


def _rule_of_thumb(subject, precision, power):
    """Epsilon to the 1/2 or 1/3, in units of the size of x."""
    return float(np.finfo(precision).eps) ** power * max(1.0, abs(subject.x))


def _found(h, errors):
    """Where the error, averaged over half a power of ten of steps, is least, and that error.

    Averaged, because single errors far to the left of the best h are zero by luck.
    """
    mean = np.convolve(errors, np.ones(11) / 11, "valid")
    least = int(np.argmin(mean))
    return float(h[least + 5]), float(mean[least])


def _product():
    return Landscape(
        name="product",
        f=lambda x: np.asarray(x, dtype=float)[0] * np.asarray(x, dtype=float)[1],
        gradient=lambda x: np.asarray(x, dtype=float)[::-1].copy(),
        hessian=lambda x: np.broadcast_to(
            np.array([[0.0, 1.0], [1.0, 0.0]]).reshape(2, 2, *[1] * (np.ndim(x) - 1)),
            (2, *np.shape(x)),
        ),
        bounds=((-2.1, 2.1), (-2.1, 2.1)),
        start=(1.5, 0.5),
        critical_points=(CriticalPoint((0.0, 0.0), "saddle"),),
        description="x0 · x1: each partial derivative is the other coordinate",
    )


def _sliced():
    """Landscapes to cut, all over one square."""
    places = {"x₀² + x₁²": bowl, "x₀ · x₁": _product(), "x₀² − x₁²": saddle}
    places["two minima"] = two_minima
    square = ((-2.1, 2.1), (-2.1, 2.1))
    return {name: replace(place, bounds=square) for name, place in places.items()}


def _heights(landscape):
    """Lowest and highest value over the bounds, with a margin."""
    corners = np.stack(np.meshgrid(*(np.linspace(low, high, 41) for low, high in landscape.bounds)))
    heights = landscape(corners)
    margin = 0.08 * np.ptp(heights)
    return float(heights.min() - margin), float(heights.max() + margin)
