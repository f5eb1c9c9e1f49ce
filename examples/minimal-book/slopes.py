"""The exercise of this book."""

import numpy as np

from downslope.check import exercise, in_words


def _curves(rng):
    x = rng.uniform(-1, 1)
    yield {"f": in_words("sine", lambda x: np.sin(x)), "x": x, "h": 0.5}
    yield {"f": in_words("exp", lambda x: np.exp(x)), "x": x, "h": -0.25}


@exercise(cases=_curves, right="the nearer h is to 0, the nearer this is to the tangent.")
def slope_of_secant(f, x, h):
    """The slope of the line through the graph of f at x and at x + h."""
    return (f(x + h) - f(x)) / h


@slope_of_secant.wrong(
    "This is how much f grows from x to x + h. Divide by the width of that step.",
    belief="that growing by more means being steeper, however far apart the points are.",
)
def _growth(f, x, h):
    return f(x + h) - f(x)
