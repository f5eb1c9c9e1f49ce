"""Exercises of chapter 8: what it takes to go deep."""

import numpy as np

from downslope.check.exercise import exercise

__all__ = ["residual_backward"]

_SCALES = 2.0**-40, 2.0**30  # what was rounded off or limited shows in small and large numbers


def _quarters(rng, *shape):
    """Signed numbers, none of them 0, whose products and sums are exact even in float32."""
    return rng.choice([-1, 1], shape) * rng.integers(1, 10, shape) / 4


def _ways_around(rng):
    yield {
        "x": np.array([[1.0, 2.0], [-1.0, 0.5]]),
        "W": np.array([[1.0, 0.5], [-2.0, 1.0]]),
        "b": np.array([3.0, -1.0]),
        "scale": 0.5,
        "upstream": np.array([[1.0, -2.0], [4.0, 0.5]]),
    }
    sizes = (4, 3, 0.25, 1), (3, 4, 2.0, 1), (3, 3, 1.0, 1), (1, 2, 0.5, 1), (5, 1, 0.25, 1)
    for n, k, scale, size in (*sizes, *((3, 2, 0.5, size) for size in _SCALES)):
        x, W = _quarters(rng, n, k), _quarters(rng, k, k)
        b = -(x @ W)[rng.integers(n, size=k), np.arange(k)]  # each unit is at the kink for one x
        b = np.where(rng.random(k) < 0.7, b, _quarters(rng, k))
        yield {"x": x, "W": W, "b": b, "scale": scale, "upstream": size * _quarters(rng, n, k)}


@exercise(
    cases=_ways_around,
    right="what comes back takes both ways, and the one around weakens nothing.",
)
def residual_backward(x, W, b, scale, upstream):
    """The gradient by x, a new array, for y = x + scale * relu(x @ W + b)."""
    is_open = x @ W + b > 0
    return upstream + (scale * upstream * is_open) @ W.T


@residual_backward.wrong(
    "This is what comes back through the layer. The way around is missing: y has an x of its own, "
    "and that passes upstream on as it is, so add upstream.",
    belief="that the gradient takes the way on which something is computed. It takes every way "
    "from x to y, and what arrives adds up.",
)
def _way_around_forgotten(x, W, b, scale, upstream):
    return (scale * upstream * (x @ W + b > 0)) @ W.T


@residual_backward.wrong(
    "This is what comes back on the way around. The way through the layer is missing: add "
    "(scale * upstream * is_open) @ W.T, where is_open tells which x @ W + b are above 0.",
    belief="that a way around replaces what it leads past. Then W would not matter to x, nor to y.",
)
def _only_the_way_around(x, W, b, scale, upstream):
    return upstream.copy()


@residual_backward.wrong(
    "The way through the layer lacks scale. Forward multiplies by it, so it multiplies what comes "
    "back on that way.",
    belief="that a constant is not in the gradient. A constant term is not; a constant factor is.",
)
def _scale_forgotten(x, W, b, scale, upstream):
    return residual_backward.solution(x, W, b, 1, upstream)


@residual_backward.wrong(
    "Here scale multiplies the way around too. It belongs to what the layer adds; x itself is "
    "added as it is.",
    belief="that scale stands before all of it. Twenty times 0.1 along the way around, and nothing "
    "is left of the gradient.",
)
def _scale_on_both_ways(x, W, b, scale, upstream):
    return scale * residual_backward.solution(x, W, b, 1, upstream)


@residual_backward.wrong(
    "The scale has gone to the wrong way. The one around has none; that through the layer has it.",
    belief="that scale says how much of x is kept. It says how much of the layer is added.",
)
def _scale_on_the_way_around(x, W, b, scale, upstream):
    return scale * upstream + (upstream * (x @ W + b > 0)) @ W.T


@residual_backward.wrong(
    "The way through the layer has scale twice. Forward multiplies by it once, and so does "
    "backward.",
    belief="that it comes once for forward and once for backward. Nothing of forward's value is in "
    "this gradient, only which units were open.",
)
def _scale_squared(x, W, b, scale, upstream):
    return residual_backward.solution(x, W, b, scale**2, upstream)


@residual_backward.wrong(
    "Which units are open was read from y. There x is added already; ask where x @ W + b is "
    "above 0.",
    belief="that the output of the whole tells what ReLU did. Its own output would, and that is "
    "hidden in the sum.",
)
def _mask_from_y(x, W, b, scale, upstream):
    y = x + scale * np.maximum(x @ W + b, 0)
    return upstream + (scale * upstream * (y > 0)) @ W.T


@residual_backward.wrong(
    "Which units are open was read from x. ReLU is given x @ W + b; ask where that is above 0.",
    belief="that the first input is the input of all. Each step asks for its own.",
)
def _mask_from_x(x, W, b, scale, upstream):
    return upstream + (scale * upstream * (x > 0)) @ W.T


@residual_backward.wrong(
    "Which units are open was read from x @ W, without b. The bias is there to move that border.",
    belief="that a bias, which x does not touch, has no say in the gradient by x. It decides who "
    "is open.",
)
def _mask_without_b(x, W, b, scale, upstream):
    return residual_backward.solution(x, W, 0, scale, upstream)


@residual_backward.wrong(
    "All units count as open. Where x @ W + b is not above 0, ReLU gives 0 whatever a nudge does, "
    "and nothing comes back.",
    belief="that the way around makes the layer linear. It leads past ReLU; who goes through the "
    "layer still meets it.",
)
def _mask_forgotten(x, W, b, scale, upstream):
    return upstream + scale * upstream @ W.T


@residual_backward.wrong(
    "Right, except where x @ W + b is 0. There the slope of ReLU does not exist, and this book "
    "chose 0: ask for > 0, not >= 0.",
    belief="that > or >= makes no difference. Zeros do occur: before the first step, where weights "
    "begin at 0, all of them are.",
)
def _open_at_zero(x, W, b, scale, upstream):
    return upstream + (scale * upstream * (x @ W + b >= 0)) @ W.T


@residual_backward.wrong(
    "W must be transposed on the way back: @ W.T. Here W is square, so the shape does not tell.",
    belief="that the way back uses the same matrix. Going forward W mixes inputs into outputs; "
    "coming back, outputs into inputs.",
)
def _not_transposed(x, W, b, scale, upstream):
    return upstream + (scale * upstream * (x @ W + b > 0)) @ W


@residual_backward.wrong(
    "Zeros were written into upstream itself, and then it was sent along the way around with holes "
    "in it. Both ways need it whole: make a new array for the layer, and leave upstream alone.",
    belief="that an array that was handed over may be used up. Here two ways get the same one; "
    "where nobody looks, most of the gradient is lost so, and training goes on, badly.",
)
def _writes_into_upstream(x, W, b, scale, upstream):
    upstream[x @ W + b <= 0] = 0
    return upstream + scale * upstream @ W.T


@residual_backward.wrong(
    "The way around was closed as well where ReLU is. It leads past ReLU: there upstream comes "
    "back whole.",
    belief="that one gate serves both ways. The one around exists so that a closed unit does not "
    "stop the gradient.",
)
def _way_around_masked(x, W, b, scale, upstream):
    masked = upstream * (x @ W + b > 0)
    return masked + scale * masked @ W.T


@residual_backward.wrong(
    "The way around gave 1. Its slope is 1, and a slope is multiplied by upstream: add upstream.",
    belief="that a skip connection adds 1 to the gradient. It adds 1 to the slope.",
)
def _one_for_upstream(x, W, b, scale, upstream):
    return 1 + (scale * upstream * (x @ W + b > 0)) @ W.T


@residual_backward.wrong(
    "Both ways went through W. Only that through the layer does; the one around ends at x: add "
    "upstream after the product with W.T.",
    belief="that the two meet before W. Going forward x parts before W, so coming back they meet "
    "after it.",
)
def _around_through_W(x, W, b, scale, upstream):
    return (upstream + scale * upstream * (x @ W + b > 0)) @ W.T
