"""Exercises of chapter 3: differences, the step h, gradients, and a bug to find."""

import numpy as np

from downslope.check.exercise import exercise, in_words

__all__ = [
    "best_step",
    "central_difference",
    "forward_difference",
    "gradient_at_points",
    "numerical_gradient",
]

_CUBE = in_words("lambda x: x**3", lambda x: x**3)
_FALLING = in_words("lambda x: -(x**2)", lambda x: -(x**2))
_EXPONENTIAL = in_words("np.exp", lambda x: np.exp(x))
_SUM_OF_SQUARES = in_words("lambda x: np.sum(x**2, axis=0)", lambda x: np.sum(x**2, axis=0))
_PRODUCT = in_words("lambda x: x[0] * x[1]", lambda x: x[0] * x[1])
_BENT = in_words("lambda x: x[0]**3 + x[0] * x[1]", lambda x: x[0] ** 3 + x[0] * x[1])
_BOTH_BENT = in_words("lambda x: x[0]**3 * x[1]**3", lambda x: x[0] ** 3 * x[1] ** 3)
_EIGHTH = in_words("lambda x: x[0] * x[1] / 8", lambda x: x[0] * x[1] / 8)
_ROWS = in_words("lambda x: np.sum(x[0]**3 * x[1])", lambda x: np.sum(x[0] ** 3 * x[1]))


def _slopes(rng):
    yield {"f": _CUBE, "x": 2, "h": 0.5}
    yield {"f": _CUBE, "x": -1.0, "h": -0.125}
    yield {"f": _EXPONENTIAL, "x": rng.uniform(-1, 2, 3), "h": 0.25}
    yield {"f": _FALLING, "x": 0.5, "h": 0.25}
    yield {"f": _CUBE, "x": 0.5, "h": 1 / 64}
    # slopes that rounding off changes, or a limit, or an epsilon beside h
    yield {"f": _FALLING, "x": 2.0**-40, "h": 2.0**-40}
    yield {"f": _CUBE, "x": 2.0**17, "h": 2.0**16}
    yield {"f": _FALLING, "x": 2.0**25, "h": 2.0**24}


@exercise(cases=_slopes, right="you have the slope of the secant from x to x + h.")
def forward_difference(f, x, h):
    """The slope of the secant of f from x to x + h."""
    return (f(x + h) - f(x)) / h


@forward_difference.wrong(
    "This is the central difference, from x - h to x + h. It is the better estimate, but you "
    "were asked for the forward one, from x to x + h.",
    belief="that there is one way to take a difference. There are several, and their errors "
    "differ.",
)
def _central_instead(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


@forward_difference.wrong(
    "This is the backward difference, from x - h to x. You were asked to step forward.",
    belief="that forward and backward are the same for small h. They are in the limit; at any "
    "real h they lie on the two sides of the slope.",
)
def _backward_instead(f, x, h):
    return (f(x) - f(x - h)) / h


@forward_difference.wrong(
    "This is only the difference of the two values. A slope is the difference per step: divide "
    "by h.",
    belief="that the change of f is its derivative. The change depends on how far you went.",
)
def _change_without_division(f, x, h):
    return f(x + h) - f(x)


@forward_difference.wrong(
    "The sign is turned. Take the value at x + h first, and subtract the one at x.",
    belief="that the order does not matter as long as both are there. It says whether f rises or "
    "falls.",
)
def _falls_where_it_rises(f, x, h):
    return (f(x) - f(x + h)) / h


@forward_difference.wrong(
    "The sign is lost: where f falls, its slope is negative. Leave the absolute value away.",
    belief="that a slope says how steep it is, and no more. It also says up or down.",
)
def _steepness_only(f, x, h):
    return abs(f(x + h) - f(x)) / h


@forward_difference.wrong(
    "Python divides before it subtracts: f(x + h) - f(x) / h divides f(x) only. Put the "
    "difference in brackets.",
    belief="that a line is read from left to right. Division binds more tightly.",
)
def _without_brackets(f, x, h):
    return f(x + h) - f(x) / h


@forward_difference.wrong(
    "The h that you were given was not used. Whoever calls the function chooses it.",
    belief="that any small h will do. To see what an h does, one must be able to choose.",
)
def _a_tiny_step_of_its_own(f, x, h):
    return (f(x + 1e-4) - f(x)) / 1e-4


@exercise(cases=_slopes, right="you step to both sides, and the error falls like h squared.")
def central_difference(f, x, h):
    """The slope of the secant of f from x - h to x + h."""
    return (f(x + h) - f(x - h)) / (2 * h)


@central_difference.wrong(
    "This is the forward difference; you were asked for the central one, which also steps back, "
    "to x - h, and divides by 2 h.",
    belief="that one step is enough for a slope. It is, but its error falls only like h, and "
    "that of the central one like h squared.",
)
def _forward_instead(f, x, h):
    return (f(x + h) - f(x)) / h


@central_difference.wrong(
    "This is the backward difference, from x - h to x; you were asked for the central one, which "
    "also steps ahead, to x + h, and divides by 2 h.",
    belief="that looking back mends what looking ahead does. Only both together cancel the error.",
)
def _backward_not_central(f, x, h):
    return (f(x) - f(x - h)) / h


@central_difference.wrong(
    "The two values are right, and lie 2 h apart, but you divided by h: this is twice the slope.",
    belief="that a difference quotient divides by h. It divides by the distance of the two points.",
)
def _twice_the_slope(f, x, h):
    return (f(x + h) - f(x - h)) / h


@central_difference.wrong(
    "Python works from left to right: / 2 * h divides by 2 and then multiplies by h. Write "
    "/ (2 * h).",
    belief="that 2 * h belongs together after a slash. Only brackets keep it together.",
)
def _multiplied_by_h(f, x, h):
    return (f(x + h) - f(x - h)) / 2 * h


@central_difference.wrong(
    "The steps go h / 2 to each side. You were asked for h to each side, from x - h to x + h.",
    belief="that h is the distance of the two points. Here it is the step, and they lie 2 h apart.",
)
def _half_steps(f, x, h):
    return (f(x + h / 2) - f(x - h / 2)) / h


@central_difference.wrong(
    "The sign is turned. Take the value at x + h first, and subtract the one at x - h.",
    belief="that the order does not matter as long as both are there. It says whether f rises or "
    "falls.",
)
def _central_with_the_sign_turned(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


def _places(rng):
    yield {"f": _BENT, "x": np.array([-0.6, rng.uniform(-3, -1)]), "h": 0.2}
    x = np.array([[0.5, -1.25, 0.75], [-1.5, 1.0, -0.25]])
    yield {"f": _ROWS, "x": x, "h": 0.25}
    yield {"f": _ROWS, "x": x.reshape(2, 1, 3), "h": -0.5}
    for scale in (2.0**-13, 2.0**13):
        yield {"f": _ROWS, "x": scale * x, "h": scale / 4}
    yield {"f": _EIGHTH, "x": np.array([12, 4]), "h": 1 / 128}  # integers; the gradient is not


@exercise(
    cases=_places,
    right="every partial derivative is in the place of its variable, and x is as it was.",
)
def numerical_gradient(f, x, h):
    """All partial derivatives of f at x by central differences, an array of the shape of x."""
    x = np.array(x, dtype=float)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


@numerical_gradient.wrong(
    "All variables were nudged at once, so each entry is the slope along (1, 1, ...). A partial "
    "derivative moves one variable and holds the others still.",
    belief="that f(x + h) nudges one variable. For an array x it nudges them all.",
)
def _nudges_all_at_once(f, x, h):
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@numerical_gradient.wrong(
    "Each variable was nudged and not put back, so later derivatives are taken somewhere else, "
    "and the caller's x itself has moved. Put each one back, or nudge a copy.",
    belief="that the nudge is over when the line is. An array keeps what was written into it.",
)
def _leaves_x_nudged(f, x, h):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        here = x[index]
        x[index] = here + h
        above = f(x)
        x[index] = here - h
        gradient[index] = (above - f(x)) / (2 * h)
    return gradient


@numerical_gradient.wrong(
    "The caller's x is safe, because you nudge a copy, but no variable is put back after its "
    "nudge: each derivative is taken a little beside x.",
    belief="that a copy mends it all. It protects the caller; the next derivative still needs "
    "the variable back where it was.",
)
def _leaves_the_copy_nudged(f, x, h):
    return _leaves_x_nudged(f, np.array(x, dtype=float), h)


@numerical_gradient.wrong(
    "Right for floats, but in an array of integers the nudge is cut off: 12 + h is stored as "
    "12, and 12 - h as 11. Convert x first: np.array(x, dtype=float).",
    belief="that an array takes any number. It keeps its dtype, and cuts what does not fit.",
)
def _cuts_the_nudge_off(f, x, h):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        here = x[index]
        x[index] = here + h
        above = f(x)
        x[index] = here - h
        gradient[index] = (above - f(x)) / (2 * h)
        x[index] = here
    return gradient


@numerical_gradient.wrong(
    "Right for floats, but for an x of integers np.zeros_like(x) is an array of integers too, "
    "and 1.5 was stored in it as 1. Give the gradient dtype=float.",
    belief="that zeros_like copies the shape only. It copies the dtype as well.",
)
def _cuts_the_gradient_off(f, x, h):
    return numerical_gradient.solution(f, x, h).astype(x.dtype)


@numerical_gradient.wrong(
    "These are forward differences. You were asked for central ones, from x - h to x + h.",
    belief="that the derivative does not care from which side it comes. At a real h it does.",
)
def _forward_partials(f, x, h):
    x = np.array(x, dtype=float)
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    return np.array([(f(x + step) - f(x)) / h for step in steps]).reshape(x.shape)


@numerical_gradient.wrong(
    "Every entry is twice too large: the two points lie 2 h apart, and you divided by h.",
    belief="that a difference quotient divides by h. It divides by the distance of the two points.",
)
def _twice_the_gradient(f, x, h):
    return 2 * numerical_gradient.solution(f, x, h)


@numerical_gradient.wrong(
    "The partial derivatives were added up to one number. A gradient keeps them apart, in an "
    "array of the shape of x.",
    belief="that the gradient is the slope, one number. It is one slope for each variable.",
)
def _sum_of_partials(f, x, h):
    return numerical_gradient.solution(f, x, h).sum()


def _clouds(rng):
    yield {"f": _SUM_OF_SQUARES, "points": rng.normal(size=(2, 5)).round(1), "h": 0.25}
    yield {"f": _PRODUCT, "points": rng.normal(size=(2, 4)).round(1), "h": 0.25}
    yield {"f": _BOTH_BENT, "points": np.array([[0.5, -1.5, 1.25], [-1.0, 0.75, 2.0]]), "h": 0.5}
    yield {"f": _SUM_OF_SQUARES, "points": np.array([[1.5], [-0.75]]), "h": 0.25}
    for scale in (2.0**-38, 2.0**33):
        points = scale * np.array([[1.5, 0.5, -1.0], [-0.75, 1.25, 2.0]])
        yield {"f": _PRODUCT, "points": points, "h": scale / 4}


@exercise(
    cases=_clouds,
    right="the bug is gone: every point has a gradient of its own, for x0 * x1 too.",
)
def gradient_at_points(f, points, h):
    """The gradient of f at many points by central differences; points has shape (2, n)."""
    steps = h * np.eye(2)[:, :, np.newaxis]
    return np.array([(f(points + step) - f(points - step)) / (2 * h) for step in steps])


@gradient_at_points.wrong(
    "Right for a sum of squares, wrong for x[0] * x[1]: the loop differentiates the rows of "
    "points, and a row is not a point. The points are the columns.",
    belief="that whatever a loop yields is one point. A loop over an array yields rows, here all "
    "the x0 and then all the x1; in a sum of squares nobody notices.",
)
def _differentiates_rows(f, points, h):
    return np.array([numerical_gradient.solution(f, row, h) for row in points])


@gradient_at_points.wrong(
    "The gradients are right, and stand in rows, shape (n, 2). You were asked for the layout of "
    "points, coordinates along the first axis: shape (2, n).",
    belief="that a list of gradients is a field. Coordinates come first in this book, so that one "
    "f serves a point and a grid.",
)
def _gradients_in_rows(f, points, h):
    return gradient_at_points.solution(f, points, h).T


@gradient_at_points.wrong(
    "These are forward differences. You were asked for central ones, from x - h to x + h.",
    belief="that the derivative does not care from which side it comes. At a real h it does.",
)
def _forward_at_points(f, points, h):
    steps = h * np.eye(2)[:, :, np.newaxis]
    return np.array([(f(points + step) - f(points)) / h for step in steps])


@gradient_at_points.wrong(
    "The h that you were given was not used. Whoever calls the function chooses it.",
    belief="that the best h is always wanted. To see what an h does, one must be able to choose.",
)
def _an_h_of_its_own(f, points, h):
    return gradient_at_points.solution(f, points, 1e-6)


@gradient_at_points.wrong(
    "Both coordinates were nudged together, so both rows hold the slope along (1, 1). Nudge x0 "
    "for the first row, and x1 for the second.",
    belief="that points + h moves one coordinate. It moves all of them.",
)
def _nudges_both_coordinates(f, points, h):
    return np.array([(f(points + h) - f(points - h)) / (2 * h)] * 2)


@gradient_at_points.wrong(
    "This is the gradient at the mean of the points, or at one of them, for all. Each point has "
    "a gradient of its own.",
    belief="that a function has one gradient. It has one at each point.",
)
def _one_gradient_for_all(f, points, h):
    first = points[:, :1]
    return np.repeat(gradient_at_points.solution(f, first, h), points.shape[1], axis=1)


def _precisions(rng):
    for epsilon in (2.0**-52, 2.0**-23, 2.0**-112, 2.0 ** -rng.integers(8, 20)):
        for order in (1, 2):
            for x in (1.0, 0.0, 0.25, 100.0, -rng.integers(20, 90) / 8):
                yield {"epsilon": epsilon, "order": order, "x": x}


def _scale(x):
    return max(1, abs(x))


@exercise(
    cases=_precisions,
    right="you know where the truncation error meets the rounding error.",
    atol=0,
    rtol=5e-3,  # 0.3333 is a third
)
def best_step(epsilon, order, x):
    """The best h by the rule of thumb for one number x: order 1 for forward, 2 for central."""
    return epsilon ** (1 / (order + 1)) * _scale(x)


@best_step.wrong(
    "Right near 1, but the step does not grow with x. At x = 100 a good one is a hundred times as "
    "long: multiply by max(1, abs(x)).",
    belief="that epsilon alone decides. Epsilon counts the grains near 1; at 100 they are coarser.",
)
def _not_scaled(epsilon, order, x):
    return epsilon ** (1 / (order + 1))


@best_step.wrong(
    "Right for a large x, but at x = 0 this step is 0. Multiply by max(1, abs(x)).",
    belief="that a step in proportion to x is always a step.",
)
def _scaled_down_to_nothing(epsilon, order, x):
    return epsilon ** (1 / (order + 1)) * abs(x)


@best_step.wrong(
    "Right for x above 0. A negative x far from 0 needs a long step as well: max(1, abs(x)).",
    belief="that a large number is a large positive one. What counts is how far x is from 0.",
)
def _scaled_for_positive_x_only(epsilon, order, x):
    return epsilon ** (1 / (order + 1)) * max(1, x)


@best_step.wrong(
    "Python takes the power first: epsilon ** 1 / (order + 1) is epsilon divided by 2 or 3. Put "
    "1 / (order + 1) in brackets.",
    belief="that the whole fraction stands in the exponent. Powers bind more tightly than "
    "division.",
)
def _power_before_the_division(epsilon, order, x):
    return epsilon**1 / (order + 1) * _scale(x)


@best_step.wrong(
    "Right up to a constant factor, which depends on f. The rule of thumb leaves it out: return "
    "the power of epsilon, times max(1, abs(x)).",
    belief="that the constant matters. It would, if the higher derivatives of f were known.",
)
def _with_the_constant(epsilon, order, x):
    return _scale(x) * (np.sqrt(2 * epsilon) if order == 1 else np.cbrt(1.5 * epsilon))


@best_step.wrong(
    "This is epsilon itself, the distance from 1 to the next number. Such a difference is all "
    "rounding error; the best h is far larger.",
    belief="that the smaller the step, the better the slope. That holds on paper, where no digit "
    "is ever lost.",
)
def _as_small_as_can_be(epsilon, order, x):
    return epsilon * _scale(x)


@best_step.wrong(
    "This is the square root for both. It is right for the forward difference; the central one "
    "has its best step at the cube root, a larger h.",
    belief="that the best step belongs to the computer alone. It is where rounding error "
    "epsilon / h meets truncation error, which is h for one and h squared for the other.",
)
def _root_for_both(epsilon, order, x):
    return epsilon**0.5 * _scale(x)


@best_step.wrong(
    "The two have changed places: order 1, the forward difference, has its best step at the "
    "square root, order 2 at the cube root.",
    belief="that the better method needs the smaller step. Because its error falls faster, it can "
    "afford a larger one, and rounds less.",
)
def _orders_swapped(epsilon, order, x):
    return epsilon ** (1 / (4 - order)) * _scale(x)


@best_step.wrong(
    "This is epsilon ** (1 / order), which for the forward difference is epsilon itself. "
    "Set epsilon / h equal to h ** order and solve for h.",
    belief="that the order of the method is the root to take. The division by h adds one to it.",
)
def _root_of_the_order(epsilon, order, x):
    return epsilon ** (1 / order) * _scale(x)


@best_step.wrong(
    "This is the error that is left at the best step, and not the step: that is "
    "epsilon ** (1 / (order + 1)).",
    belief="that the two are one. They are for the forward difference, where the error falls like "
    "h; that of the central one falls like h squared.",
)
def _error_at_the_best_step(epsilon, order, x):
    return epsilon ** (order / (order + 1)) * _scale(x)


@best_step.wrong(
    "This is one fixed number. The best step depends on the precision: float32 needs a larger "
    "one than float64.",
    belief="that 1e-4 is a good h everywhere. It is a fair one in float64, and nobody's best.",
)
def _the_same_step_for_all(epsilon, order, x):
    return 1e-4
