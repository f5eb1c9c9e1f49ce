"""Exercises of chapter 4: steps, walks, learning rates, critical points, mini-batches."""

import math

import numpy as np

from downslope import descent
from downslope.check.draws import equally_likely, index_array, many_draws
from downslope.check.exercise import exercise, in_words
from downslope.check.wording import yes_or_no
from downslope.differentiation import gradient_field

__all__ = [
    "arrows_downhill",
    "ascent",
    "descent_step",
    "epoch_of_batches",
    "kind_of_critical_point",
    "largest_stable_learning_rate",
    "matrix_step",
    "steps_per_epoch",
    "walk",
]

_FEW = 8  # with fewer samples, every way to deal them out can be counted
_TILTED = in_words(
    "lambda x: x[0]**2 / 20 + x[1]**2 + x[0] * x[1] / 5",
    lambda x: x[0] ** 2 / 20 + x[1] ** 2 + x[0] * x[1] / 5,
)
_PRODUCT = in_words("lambda x: x[0] * x[1]", lambda x: x[0] * x[1])
_UNEVEN = in_words("lambda x: x[0]**3 / 10 + x[1]", lambda x: x[0] ** 3 / 10 + x[1])
_SLOPE_TOWARDS_ONE = in_words("lambda x: 4 * (x - 1)", lambda x: 4 * (x - 1))
_CUBIC_SLOPE = in_words("lambda x: x**3 + 1", lambda x: x**3 + 1)
_HALF_AS_STEEP = in_words("lambda x: x / 2", lambda x: x / 2)
_COUPLED_SLOPE = in_words("lambda x: x[::-1] * x**2", lambda x: x[::-1] * x**2)
_SCALES = 2.0**-20, 2.0**20  # what was rounded off or limited shows in small and large numbers


def _fields(rng):
    for f in (_TILTED, _PRODUCT, _UNEVEN):
        yield {"f": f, "x0": np.array([-4.0, -1.5, 0.5, 3.0]), "x1": np.array([-2.0, 1.0, 2.5])}
    x0, x1 = rng.uniform(-3, 3, size=(2, 4))
    yield {"f": _TILTED, "x0": x0, "x1": x1}
    yield {"f": _UNEVEN, "x0": x0[:1].copy(), "x1": x1.copy()}
    for scale in _SCALES:
        x0, x1 = np.array([-4.0, 1.5]), np.array([-2.0, 3.0])
        yield {"f": _PRODUCT, "x0": scale * x0, "x1": scale * x1}


@exercise(
    cases=_fields,
    right="your field points downhill at every point of the grid, long where it is steep.",
    rtol=1e-4,
)
def arrows_downhill(f, x0, x1):
    """The field of arrows that point down, as gradient_field(f, x0, x1) lays it out."""
    return -gradient_field(f, x0, x1)


@arrows_downhill.wrong(
    "This is the field of the gradient itself, so every arrow points up. You were asked for "
    "arrows that point down.",
    belief="that the gradient points downhill. It points where f rises fastest; its negative "
    "points down.",
)
def _arrows_uphill(f, x0, x1):
    return gradient_field(f, x0, x1)


@arrows_downhill.wrong(
    "Every arrow points the right way, and all have length 1. You were asked for the negative "
    "gradient itself, which is longer where the ground is steeper.",
    belief="that only the direction of the gradient matters. Its length is how steep it is, and "
    "the step of gradient descent is made from it.",
)
def _arrows_of_length_one(f, x0, x1):
    field = -gradient_field(f, x0, x1)
    return field / np.linalg.norm(field, axis=0)


@arrows_downhill.wrong(
    "These arrows all point at (0, 0). You were asked for the negative gradient, which is not "
    "the way to the minimum but the steepest way down from where you stand.",
    belief="that the negative gradient points at the minimum. From everywhere it does so only if "
    "the contour lines are circles around it.",
)
def _arrows_at_the_origin(f, x0, x1):
    return -np.array(np.meshgrid(x0, x1))


@arrows_downhill.wrong(
    "The signs of x0 and x1 were turned, not the sign of the gradient. On the other side of the "
    "map the ground may be quite different.",
    belief="that to look the other way is to stand on the other side. For a few symmetric "
    "functions both come to the same.",
)
def _arrows_of_the_other_side(f, x0, x1):
    return gradient_field(f, -x0, -x1)


@arrows_downhill.wrong(
    "The two components are in the wrong order: first comes the derivative with respect to x0, "
    "then the one with respect to x1.",
    belief="that rows come first, so x1 does. The rows of the grid do follow x1, but the first "
    "axis of a gradient counts the coordinates: 0, then 1.",
)
def _arrows_with_their_components_swapped(f, x0, x1):
    return -gradient_field(f, x0, x1)[::-1]


def _points(rng):
    yield {"x": np.array([3.0, -4.0]), "gradient": _SLOPE_TOWARDS_ONE, "learning_rate": 0.1}
    yield {"x": np.array([-1.5, 0.5]), "gradient": _CUBIC_SLOPE, "learning_rate": 0.02}
    weights = rng.normal(size=(3, 2)).T
    yield {"x": weights, "gradient": _SLOPE_TOWARDS_ONE, "learning_rate": 0.3}
    yield {"x": rng.normal(size=4), "gradient": _COUPLED_SLOPE, "learning_rate": 0.75}
    yield {"x": np.array([1.0]), "gradient": _SLOPE_TOWARDS_ONE, "learning_rate": 0.5}
    for scale in _SCALES:
        x = scale * np.array([3.0, -4.0])
        yield {"x": x, "gradient": _HALF_AS_STEEP, "learning_rate": 0.1}


@exercise(
    cases=_points,
    right="you can move anything one step downhill, from a point to a matrix of weights.",
)
def descent_step(x, gradient, learning_rate):
    """The next point of gradient descent, a new array; gradient(x) is the gradient at x."""
    return x - learning_rate * gradient(x)


@descent_step.wrong(
    "This is x + learning_rate * gradient(x), a step up the slope. You were asked for a step down.",
    belief="that the gradient points downhill. It points up, so descent subtracts it.",
)
def _step_uphill(x, gradient, learning_rate):
    return x + learning_rate * gradient(x)


@descent_step.wrong(
    "This is x - gradient(x): the direction is right, and the learning rate is missing.",
    belief="that the gradient is already the step. It is a slope, height per distance; the "
    "learning rate makes a distance of it.",
)
def _step_without_learning_rate(x, gradient, learning_rate):
    return x - gradient(x)


@descent_step.wrong(
    "The numbers are right, but the step was taken inside the caller's array: x itself has "
    "moved. Return a new array, x - ... in place of x -= ...",
    belief="that x -= step is short for x = x - step. For arrays the first one writes into the "
    "array that the caller still holds, and the start of a path is lost.",
)
def _step_in_place(x, gradient, learning_rate):
    x -= learning_rate * gradient(x)
    return x


@descent_step.wrong(
    "This subtracts learning_rate * x. You were asked to subtract learning_rate times the "
    "gradient at x, which is gradient(x).",
    belief="that the way down always leads towards zero. It leads where the gradient says, and "
    "the minimum may be anywhere.",
)
def _step_towards_zero(x, gradient, learning_rate):
    return x - learning_rate * x


@descent_step.wrong(
    "This is the step alone, -learning_rate * gradient(x). You were asked for the point that it "
    "leads to: add it to x.",
    belief="that the update rule gives the change. It gives the new x: the old one and the change.",
)
def _only_the_step(x, gradient, learning_rate):
    return -learning_rate * gradient(x)


@descent_step.wrong(
    "Your step is always learning_rate long. You were asked for learning_rate times the gradient "
    "as it is, long where the ground is steep.",
    belief="that the learning rate is the length of a step. It is a factor: the gradient has a "
    "say in the length too, which is how a walk slows down near a minimum.",
)
def _step_of_fixed_length(x, gradient, learning_rate):
    return x - learning_rate * gradient(x) / np.linalg.norm(gradient(x))


def _walks(rng):
    start = np.array([3.0, -4.0])
    yield {"gradient": _SLOPE_TOWARDS_ONE, "start": start, "learning_rate": 0.1, "n_steps": 3}
    start = np.array([[0.5, -0.5, 1.0]])
    yield {"gradient": _CUBIC_SLOPE, "start": start, "learning_rate": 0.1, "n_steps": 5}
    start = rng.uniform(0.5, 1.5, size=3)
    yield {"gradient": _COUPLED_SLOPE, "start": start, "learning_rate": 0.05, "n_steps": 4}
    start = np.array([1.0, 1.0])  # on the minimum, where it stays
    yield {"gradient": _SLOPE_TOWARDS_ONE, "start": start, "learning_rate": 0.1, "n_steps": 2}
    start = np.array([2.0])
    yield {"gradient": _SLOPE_TOWARDS_ONE, "start": start, "learning_rate": 0.75, "n_steps": 1}
    for scale in _SCALES:
        start = scale * np.array([3.0, -4.0])
        yield {"gradient": _HALF_AS_STEEP, "start": start, "learning_rate": 0.25, "n_steps": 2}


@exercise(cases=_walks, right="you can walk downhill and have the whole path to look at.")
def walk(gradient, start, learning_rate, n_steps):
    """All points of gradient descent, the start first: shape (n_steps + 1, *start.shape)."""
    path = [start]
    for _ in range(n_steps):
        path.append(path[-1] - learning_rate * gradient(path[-1]))
    return np.array(path)


@walk.wrong(
    "The walk is right, but its first point is missing: you return the points after each step. "
    "You were asked for the start as well, n_steps + 1 points.",
    belief="that n steps make n points. There is a point before the first step too.",
)
def _walk_without_start(gradient, start, learning_rate, n_steps):
    return walk.solution(gradient, start, learning_rate, n_steps)[1:]


@walk.wrong(
    "Your path begins at the start, as it should, but it has n_steps points. That is one step "
    "too few: n_steps steps lead through n_steps + 1 points.",
    belief="that n steps make n points. Count the posts of a fence, and then the gaps.",
)
def _walk_one_step_short(gradient, start, learning_rate, n_steps):
    return walk.solution(gradient, start, learning_rate, n_steps)[:-1]


@walk.wrong(
    "All rows of your path are the same, the last point, as when a list holds one array many "
    "times and each step moves it. Append a new array at each step.",
    belief="that a list keeps what an array held when it was appended. It keeps the array, "
    "with all that happens to it later.",
)
def _walk_that_keeps_one_array(gradient, start, learning_rate, n_steps):
    return np.repeat(walk.solution(gradient, start, learning_rate, n_steps)[-1:], n_steps + 1, 0)


@walk.wrong(
    "This is only the last point. You were asked for the whole path, the start and the point "
    "after each step.",
    belief="that only the end of a walk matters. How it got there tells why it ended there.",
)
def _only_the_end(gradient, start, learning_rate, n_steps):
    return walk.solution(gradient, start, learning_rate, n_steps)[-1]


@walk.wrong(
    "Each of your steps is made from the gradient at the start. You were asked for the gradient "
    "at the point where the walk stands now.",
    belief="that the way down is the same everywhere. The gradient knows only the place where it "
    "is taken, so it is taken anew at each step.",
)
def _walk_on_the_first_gradient(gradient, start, learning_rate, n_steps):
    steps = np.arange(n_steps + 1).reshape(-1, *[1] * np.ndim(start))
    return start - steps * learning_rate * gradient(start)


@walk.wrong(
    "This walk goes up: it adds the gradient at each step. You were asked for a walk down.",
    belief="that the gradient points downhill. It points up, so descent subtracts it.",
)
def _walk_uphill(gradient, start, learning_rate, n_steps):
    return walk.solution(gradient, start, -learning_rate, n_steps)


def _stiff_and_soft(rng):
    yield {"curvatures": np.array([0.1, 2.0])}
    yield {"curvatures": np.array([5.0, 1.0])}
    yield {"curvatures": np.array([4.0, 4.0])}
    yield {"curvatures": np.array([1.0, 5.0, 2.0])}
    yield {"curvatures": np.array([1e-6])}
    yield {"curvatures": 2.0**36 * np.array([3.0, 0.5, 2.0])}
    yield {"curvatures": rng.permutation([1, 3, 10, 50] * rng.uniform(0.8, 1.2, size=4))}


@exercise(
    cases=_stiff_and_soft,
    right="you can tell from the curvatures where walking turns into diverging.",
)
def largest_stable_learning_rate(curvatures):
    """The learning rate beyond which gradient descent diverges near a minimum, one number."""
    return 2 / np.max(curvatures)


@largest_stable_learning_rate.wrong(
    "This is 1 / largest curvature. With that rate the walk lands on the minimum along the "
    "steepest axis; it diverges only beyond twice that rate.",
    belief="that a step past the minimum already means diverging. It may jump to the other side "
    "as long as it lands nearer than before.",
)
def _rate_that_lands_on_the_minimum(curvatures):
    return 1 / np.max(curvatures)


@largest_stable_learning_rate.wrong(
    "This is 2 / smallest curvature, the limit along the flattest axis. The walk has to survive "
    "every axis, so the largest curvature sets the limit.",
    belief="that the flat direction is the dangerous one. The flat one makes the walk slow, the "
    "steep one makes it diverge.",
)
def _limit_of_the_flattest_axis(curvatures):
    return 2 / np.min(curvatures)


@largest_stable_learning_rate.wrong(
    "This divides by the sum of all curvatures. Only the largest sets the limit.",
    belief="that the axes add up. Along each axis the walk is multiplied by a factor of its own, "
    "and the worst factor decides.",
)
def _limit_from_the_sum(curvatures):
    return 2 / np.sum(curvatures)


@largest_stable_learning_rate.wrong(
    "This takes the mean of the curvatures. Along the steepest axis such a rate is too large, "
    "unless all curvatures are the same: only the largest sets the limit.",
    belief="that steep and flat axes make up for each other. The walk diverges as soon as it does "
    "so along one of them.",
)
def _limit_from_the_mean(curvatures):
    return 2 / np.mean(curvatures)


@largest_stable_learning_rate.wrong(
    "This looks at the last curvature only. They come in no order: take the largest of them.",
    belief="that the curvatures are sorted. Those of the ravine happen to be.",
)
def _limit_of_the_last_axis(curvatures):
    return 2 / curvatures[-1]


@largest_stable_learning_rate.wrong(
    "This is the largest curvature halved. The limit is the other way up, 2 / largest curvature: "
    "the more curved the ground, the shorter the steps it bears.",
    belief="that steep ground calls for large steps. Where the slope changes quickly, a long step "
    "ends where it is no longer true.",
)
def _limit_upside_down(curvatures):
    return np.max(curvatures) / 2


@largest_stable_learning_rate.wrong(
    "These are the limits along every axis. You were asked for the one rate that no axis may "
    "exceed: the smallest of them, which belongs to the largest curvature.",
    belief="that each axis may have a learning rate of its own. Gradient descent has one for all.",
)
def _limit_of_every_axis(curvatures):
    return 2 / curvatures


def _bends(rng):
    for curvatures in (
        [1.0, 2.29],
        [-3.0, -1.0],
        [-0.97, 1.0],
        [2.0, -3.0],
        [2.0],
        [-0.5],
        [-1.0, -2.0, 3.0],  # the product is positive, and so it is in a minimum
        [3.0, -1.0, -1.0],
        [5.0, 2.0, -1.0],
        [-1.0, 2.0, 3.0],
        [2.0, -4.0, 1.0],
        [-1.0, 5.0, -1.0],
        [-1.0, -2.0, -3.0],  # the product is negative, and so it is in many a saddle
        [1.0, 2.0, 3.0],
        [4.0, 3.0, -1.0, -2.0],
        [1.0, -4.0, -3.0, 2.0],
        [-1.0, 2.0, 3.0, -4.0],
        [-1.0, -1.0, -2.0, -3.0],
        [1e-9, 2e-9],
        [-1e-9, 3.0],
        [-1e9, -1e-3],
    ):
        yield {"curvatures": np.array(curvatures)}
    for signs in ([1, 1, 1], [-1, -1, -1], [1, 1, -1], [1, -1, -1], [1, 1, -1, -1], [-1] * 4):
        yield {"curvatures": rng.permutation(signs * rng.uniform(0.5, 4, size=len(signs)))}


@exercise(
    cases=_bends,
    right="you can tell a place to rest from a place to fall off.",
)
def kind_of_critical_point(curvatures):
    """'minimum', 'maximum' or 'saddle', by curvatures none of which is zero."""
    if np.min(curvatures) > 0:
        return "minimum"
    return "maximum" if np.max(curvatures) < 0 else "saddle"


@kind_of_critical_point.wrong(
    "This looks at the sign of the product alone and calls a maximum a minimum: two negative "
    "curvatures multiply to a positive number. Look at each curvature.",
    belief="that a positive product means a minimum. It means an even number of curvatures "
    "are negative, which may be two.",
)
def _kind_from_the_product(curvatures):
    return "minimum" if np.prod(curvatures) > 0 else "saddle"


@kind_of_critical_point.wrong(
    "This uses the product and one of the curvatures, which is right for two variables only. "
    "With three, a positive product may hide two negative curvatures.",
    belief="that the rule for two variables holds for any number. Look at each curvature.",
)
def _kind_by_the_rule_for_two_variables(curvatures):
    if np.prod(curvatures) < 0:
        return "saddle"
    return "minimum" if curvatures[0] > 0 else "maximum"


@kind_of_critical_point.wrong(
    "This adds the curvatures up. One large positive curvature then outweighs a negative one, "
    "and yet along that one the ground falls to both sides: it is a saddle.",
    belief="that what counts is how the ground bends on the whole. A walk needs only one way down.",
)
def _kind_from_the_sum(curvatures):
    return "minimum" if np.sum(curvatures) > 0 else "maximum"


@kind_of_critical_point.wrong(
    "Minimum and maximum have changed places: with all curvatures positive the ground rises in "
    "every direction, so you stand at the bottom.",
    belief="that a positive curvature bends like a hill. It bends like a bowl.",
)
def _kind_upside_down(curvatures):
    turned = {"minimum": "maximum", "maximum": "minimum", "saddle": "saddle"}
    return turned[kind_of_critical_point.solution(curvatures)]


@kind_of_critical_point.wrong(
    "Whenever one curvature is negative this says 'saddle'. If all of them are negative, the "
    "ground falls in every direction, and that is a maximum.",
    belief="that one negative curvature makes a saddle. A saddle needs both signs.",
)
def _kind_that_knows_no_maximum(curvatures):
    return "minimum" if np.min(curvatures) > 0 else "saddle"


def _climbs(rng):
    for gradient, learning_rate in ((_SLOPE_TOWARDS_ONE, 0.05), (_CUBIC_SLOPE, 0.1)):
        yield {
            "gradient": gradient,
            "start": np.array([0.5, -0.5]),
            "learning_rate": learning_rate,
            "n_steps": 3,
        }
    start = rng.uniform(0.5, 1.5, size=3)
    yield {"gradient": _COUPLED_SLOPE, "start": start, "learning_rate": 0.02, "n_steps": 4}
    start = np.array([[0.5, -0.5]])
    yield {"gradient": _CUBIC_SLOPE, "start": start, "learning_rate": 0.1, "n_steps": 2}
    for scale in _SCALES:
        start = scale * np.array([3.0, -4.0])
        yield {"gradient": _HALF_AS_STEEP, "start": start, "learning_rate": 0.25, "n_steps": 2}


@exercise(cases=_climbs, right="with the tools of descent you can climb as well.")
def ascent(gradient, start, learning_rate, n_steps):
    """The path of gradient ascent on f, as gradient descent on -f."""
    return descent.gradient_descent(lambda x: -gradient(x), start, learning_rate, n_steps)


@ascent.wrong(
    "This is descent on f itself: the walk goes down. Hand gradient_descent the gradient of -f.",
    belief="that the method decides about up and down. The sign of the gradient does.",
)
def _goes_down(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(gradient, start, learning_rate, n_steps)


@ascent.wrong(
    "This walks down and then changes the sign of every point. Turn the landscape upside down, "
    "not the path: hand gradient_descent a function that returns -gradient(x).",
    belief="that a minus anywhere turns descent into ascent. -f has the same points x as f, only "
    "other heights.",
)
def _turns_the_path(gradient, start, learning_rate, n_steps):
    return -descent.gradient_descent(gradient, start, learning_rate, n_steps)


@ascent.wrong(
    "This starts from -start. The landscape is turned upside down, not moved: start where you "
    "were told, with the slope of -f.",
    belief="that -f(x) and f(-x) are the same. The first turns the heights over, the second "
    "mirrors the map.",
)
def _starts_on_the_other_side(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(gradient, -start, learning_rate, n_steps)


@ascent.wrong(
    "The direction is right, but gradient_descent refuses a negative learning rate, so that a "
    "slip does not climb unnoticed. Change the sign of the gradient instead.",
    belief="that the learning rate carries the direction. It carries the length; the direction "
    "belongs to the gradient.",
)
def _negative_learning_rate(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(gradient, start, -learning_rate, n_steps)


@ascent.wrong(
    "-gradient asks Python for the negative of a function, and there is none. Write a function "
    "that returns -gradient(x) and hand that over.",
    belief="that a function can be negated as a number can. Its values can.",
)
def _negates_the_function(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(-gradient, start, learning_rate, n_steps)


def _matrices(rng):
    yield {
        "W": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "dW": np.array([[0.5, -1.0], [2.0, 0.0]]),
        "learning_rate": 0.1,
    }
    W, dW = rng.normal(size=(2, 3, 4))
    yield {"W": W, "dW": dW, "learning_rate": 0.5}
    W, dW = rng.normal(size=(2, 4, 2))
    yield {"W": W.T, "dW": dW.T.copy(), "learning_rate": 2.0}
    for scale in _SCALES:
        W, dW = scale * np.array([[[1.5, -2.0]], [[1.0, 4.0]]])
        yield {"W": W, "dW": dW, "learning_rate": 0.5}


@exercise(cases=_matrices, right="every weight moves by its own partial derivative.")
def matrix_step(W, dW, learning_rate):
    """The weights after one step down; dW is the gradient with respect to W."""
    return W - learning_rate * dW


@matrix_step.wrong(
    "This is W + learning_rate * dW, a step up the slope. You were asked for a step down.",
    belief="that a derivative of +0.5 says: move up by it. It says: the loss rises that way, so "
    "move the other way.",
)
def _matrix_step_uphill(W, dW, learning_rate):
    return W + learning_rate * dW


@matrix_step.wrong(
    "The numbers are right, but W itself has changed: W -= ... writes into the caller's array. "
    "Return a new one, W - ...",
    belief="that W -= step is short for W = W - step. For arrays it is not.",
)
def _matrix_step_in_place(W, dW, learning_rate):
    W -= learning_rate * dW
    return W


@matrix_step.wrong(
    "Here W was multiplied with dW as matrices. You were asked for a step, element by element: "
    "each weight moves against its own derivative.",
    belief="that two matrices must meet in a matrix product. A gradient is subtracted, so it has "
    "the shape of W and no product is needed.",
)
def _matrix_product(W, dW, learning_rate):
    return W - learning_rate * (W @ dW)


@matrix_step.wrong(
    "The derivatives of each column were added up, and every row was moved by the same sums. "
    "Each weight has a derivative of its own: subtract learning_rate * dW as it is.",
    belief="that weights of one output share their derivative. Broadcasting lets that pass "
    "without an error, because a row fits under every row of W.",
)
def _matrix_step_by_column_sums(W, dW, learning_rate):
    return W - learning_rate * dW.sum(axis=0)


@matrix_step.wrong(
    "All weights were moved by the same number, the mean of dW. Each weight has a derivative of "
    "its own: subtract learning_rate * dW as it is.",
    belief="that the loss is one number, so its gradient is one number too. It has one partial "
    "derivative for each weight.",
)
def _matrix_step_by_the_mean(W, dW, learning_rate):
    return W - learning_rate * dW.mean()


@matrix_step.wrong(
    "Here dW stands on its side: it was transposed. It already has the shape of W, each "
    "derivative in the place of its weight.",
    belief="that the gradient of a matrix is laid out the other way round. Some books do that; "
    "here, as in every library, W and dW have one shape, so that W - eta * dW is a step.",
)
def _matrix_step_transposed(W, dW, learning_rate):
    return W - learning_rate * dW.T


def _data_sizes(rng):
    for n, batch_size in ((10, 3), (12, 4), (30, 64), (4, 1), (5, 2)):
        seed = rng.integers(2**32)
        yield {"n": n, "batch_size": batch_size, "rng": np.random.default_rng(seed)}


def _epochs_dealt(deal, n, batch_size, rng):
    """What does not depend on how the random numbers were drawn."""
    if n < _FEW:
        ways = _ways(n, batch_size)
        fair = equally_likely(lambda: _as_sets(_batches(deal, n, batch_size, rng)), ways)
        return {"is every way to deal equally likely": yes_or_no(fair)}
    epochs, same = many_draws(lambda rng: _batches(deal, n, batch_size, rng), rng)
    samples = [sum(epoch, ()) for epoch in epochs]
    return {
        "sizes of the batches": [len(batch) for batch in epochs[0]],
        "does a sample come twice": yes_or_no(any(len({*one}) < len(one) for one in samples)),
        "samples from 0 to n - 1 only": yes_or_no({*samples[0]} <= {*range(n)}),
        "how the samples lie": _lie(epochs),
        "the same samples together in every epoch": yes_or_no(len({*map(_as_sets, epochs)}) < 2),
        "does the same rng give the same batches": yes_or_no(same),
    }


def _batches(deal, n, batch_size, rng):
    return tuple(tuple(index_array(batch).tolist()) for batch in deal(n, batch_size, rng))


def _as_sets(batches):
    """The order within a batch does not matter."""
    return tuple(tuple(sorted(batch)) for batch in batches)


def _lie(epochs):
    """How the samples of a batch lie in the data, if there is more than one batch."""
    if len(epochs[0]) < 2:
        return "together"
    if all(list(samples) == sorted(samples) for samples in (sum(epoch, ()) for epoch in epochs)):
        return "in the order of the data"
    blocks = all(np.ptp(batch) == len(batch) - 1 for epoch in epochs for batch in epoch if batch)
    return "in blocks of the data" if blocks else "scattered"


def _ways(n, batch_size):
    """In how many ways n samples can be dealt out to the batches."""
    full, left = divmod(n, batch_size)
    return math.factorial(n) // (math.factorial(batch_size) ** full * math.factorial(left))


@exercise(
    cases=_data_sizes,
    observe=_epochs_dealt,
    right="every sample comes once an epoch, in a new random order each time.",
)
def epoch_of_batches(n, batch_size, rng):
    """A list of index arrays: every sample once, in random order, the last batch maybe shorter."""
    order = rng.permutation(n)
    return [order[first : first + batch_size] for first in range(0, n, batch_size)]


@epoch_of_batches.wrong(
    "When batch_size does not divide n, the samples left over at the end are dropped. You were "
    "asked for every sample: let the last batch be shorter.",
    belief="that all batches must be of one size. The mean over a shorter batch is a loss too.",
)
def _drops_the_last_batch(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size)]


@epoch_of_batches.wrong(
    "The batches have the right sizes, but some samples come twice and others never, as in a draw "
    "with replacement. Shuffle once and deal out, as with a pack of cards.",
    belief="that an epoch is any n random samples. It is a pass over the data: each sample once.",
)
def _draws_with_replacement(n, batch_size, rng):
    order = rng.integers(0, n, size=n)
    return [order[first : first + batch_size] for first in range(0, n, batch_size)]


@epoch_of_batches.wrong(
    "Each batch is drawn anew from all the data and has full size, so some samples come twice in "
    "an epoch and others never. Shuffle once and deal out, as with a pack of cards.",
    belief="that an epoch is so and so many random batches. It is a pass over the data: each "
    "sample once, and the last batch takes what is left.",
)
def _draws_each_batch_anew(n, batch_size, rng):
    return [rng.integers(0, n, size=batch_size) for _ in range(0, n, batch_size)]


@epoch_of_batches.wrong(
    "Every sample comes once, but in the order of the data, first to last. You were asked for a "
    "random order, from rng.",
    belief="that cutting the data up is enough. Data often lie sorted, and then a batch shows "
    "one class only.",
)
def _keeps_the_order(n, batch_size, rng):
    return [np.arange(first, min(first + batch_size, n)) for first in range(0, n, batch_size)]


@epoch_of_batches.wrong(
    "Each batch holds the same samples in every epoch, a block of the data, however they are "
    "shuffled inside. Shuffle all of the data first, then cut.",
    belief="that any shuffling will do. The order inside a batch does not change its mean loss.",
)
def _shuffles_inside_the_batches(n, batch_size, rng):
    cuts = range(0, n, batch_size)
    return [rng.permutation(np.arange(i, min(i + batch_size, n))) for i in cuts]


@epoch_of_batches.wrong(
    "The batches hold the same samples in every epoch. Draw the order anew from the rng that you "
    "are given; a generator that is made inside the function would start over at every call.",
    belief="that one good order is enough. The errors of the batches even out only if every epoch "
    "has others.",
)
def _same_order_each_epoch(n, batch_size, rng):
    return epoch_of_batches.solution(n, batch_size, np.random.default_rng(0))


@epoch_of_batches.wrong(
    "The batches are right, but they were not drawn from rng. Use rng.permutation(n), so that "
    "whoever hands over the rng can repeat the run.",
    belief="that any random order will do. It will, but a run that nobody can repeat is hard "
    "to debug.",
)
def _draws_from_elsewhere(n, batch_size, rng):
    return epoch_of_batches.solution(n, batch_size, np.random.default_rng())


def _epochs(rng):
    yield {"n": 1438, "batch_size": 100}
    yield {"n": 60_000, "batch_size": 100}
    yield {"n": 7, "batch_size": 10}
    yield {"n": 100, "batch_size": 100}
    yield {"n": 1001, "batch_size": 1000}
    yield {"n": 1999, "batch_size": 1000}
    yield {"n": 5, "batch_size": 1}
    yield {"n": 1_000_001, "batch_size": 1_000_000}
    yield {"n": 30_001, "batch_size": 2}
    yield {"n": int(rng.integers(1, 10_000)), "batch_size": int(rng.integers(1, 200))}


@exercise(cases=_epochs, right="you can turn epochs into steps, and back.")
def steps_per_epoch(n, batch_size):
    """How many steps of mini-batch descent one epoch over n samples takes, a whole number."""
    return -(-n // batch_size)


@steps_per_epoch.wrong(
    "This rounds down, so the samples of the short last batch are forgotten. They make one more "
    "step.",
    belief="that only full batches count. Every sample is seen once an epoch, the last few too.",
)
def _full_batches_only(n, batch_size):
    return n // batch_size


@steps_per_epoch.wrong(
    "This always adds one step, also when batch_size divides n and no sample is left over.",
    belief="that rounding up is rounding down plus one. That is so only when something is left.",
)
def _one_too_many(n, batch_size):
    return n // batch_size + 1


@steps_per_epoch.wrong(
    "This is a fraction. A last batch that is not full still takes a whole step, so round up.",
    belief="that a small batch makes a small step. How long a step is, the learning rate and the "
    "gradient say; each batch makes one.",
)
def _fraction_of_a_step(n, batch_size):
    return n / batch_size


@steps_per_epoch.wrong(
    "This says one step. An epoch is a pass over all n samples, and every mini-batch on the way "
    "makes a step.",
    belief="that an epoch is a step, as in some notes. It is so only when the batch is all of "
    "the data.",
)
def _an_epoch_is_a_step(n, batch_size):
    return 1


@steps_per_epoch.wrong(
    "This is the number of samples. One step is made for each batch, not for each sample.",
    belief="that the weights move after every sample. They do so only with a batch size of 1.",
)
def _a_step_for_each_sample(n, batch_size):
    return n
