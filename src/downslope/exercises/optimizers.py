"""Exercises of chapter 6, its first half: a step of each optimizer, and the first weights."""

import io
import math
from contextlib import redirect_stdout

import numpy as np

from downslope.check.draws import many_draws
from downslope.check.exercise import exercise
from downslope.check.wording import sort_of, yes_or_no

__all__ = ["adagrad_step", "adam_step", "he_weights", "momentum_step", "nesterov_step"]

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8  # of Adam

_SCALES = 2.0**-24, 2.0**20  # what was rounded off or limited shows in small and large numbers
_X_ALONE = {
    "hint": "The new x is right, and comes alone. Return the new velocity as well: "
    "return x, velocity.",
    "belief": "that the function remembers the velocity. It forgets all when it returns, and "
    "whoever calls must hand the velocity in again at the next step.",
}
_OTHER_ORDER = {
    "hint": "Both are right, but in the wrong order: x was asked for first, then velocity.",
    "belief": "that what is computed first comes first. Whoever calls unpacks as was agreed.",
}
_IN_PLACE = {
    "hint": "The numbers are right, but they were written into the caller's arrays: x itself has "
    "moved, and velocity has changed in place. Return new arrays: velocity = momentum * velocity "
    "+ gradient, and then x - ...",
    "belief": "that velocity *= momentum is short for velocity = momentum * velocity. For arrays "
    "the first one writes into what the caller still holds.",
}
_VELOCITY_IN_PLACE = {
    "hint": "The numbers are right, but velocity was changed in place: velocity *= ... and "
    "velocity += ... write into the caller's array. Return a new one, momentum * velocity + "
    "gradient.",
    "belief": "that the old velocity is of no use any more. Whoever wants to take the step again, "
    "as with another learning rate, needs it.",
}
_ARRAY_CALLED = {
    "hint": "An array was called as if it were a function. If that is gradient(...): gradient is "
    "an array here, the gradient at x, which whoever calls has found. If not, a * may be missing "
    "before a parenthesis.",
    "belief": "that a step asks for its gradient itself. It is handed in, and so the step need not "
    "know of what function it is.",
}


def _in_motion(rng):
    """Points with a velocity: none yet, against the gradient, and where the ground is level."""
    for numbers, learning_rate, momentum in (
        ([[3.0, -4.0, 1.0], [0.0, 0.0, 0.0], [2.0, -1.0, 0.5]], 0.1, 0.9),
        ([[1.0, -2.0], [4.0, -6.0], [-1.0, 2.0]], 0.25, 0.5),
        ([[2.0], [1.5], [0.0]], 0.2, 0.75),
        (rng.normal(size=(3, 3, 2)).transpose(0, 2, 1), 0.3, 0.9),
        (rng.normal(size=(3, 6)), 0.75, 0.4),
        ([[1.0, -3.0, 0.5], [-2.0, 1.0, 4.0], [0.5, 2.0, -1.5]], 0.5, 0.0),
        *(
            (scale * np.array([[3.0, -4.0], [-2.0, 1.0], [0.5, 6.0]]), 0.25, 0.5)
            for scale in _SCALES
        ),
    ):
        arrays = dict(zip(("x", "velocity", "gradient"), map(np.array, numbers), strict=True))
        yield {**arrays, "learning_rate": learning_rate, "momentum": momentum}


@exercise(cases=_in_motion, right="what moves keeps moving, and each gradient bends its way.")
def momentum_step(x, velocity, gradient, learning_rate, momentum):
    """x and velocity after a step of momentum, as two new arrays; gradient is the one at x."""
    velocity = momentum * velocity + gradient
    return x - learning_rate * velocity, velocity


@momentum_step.wrong(
    "This is another convention, in which velocity = momentum * velocity - learning_rate * "
    "gradient is added to x. It makes a fair optimizer of its own. You were asked for the one "
    "in which velocity = momentum * velocity + gradient, and x - learning_rate * velocity.",
    belief="that a velocity is the same in every book. In that one it is a step, and ours is a sum "
    "of gradients, which points up: handed from one to the other, it pushes the wrong way.",
)
def _velocity_that_is_a_step(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    return x + velocity, velocity


@momentum_step.wrong(
    "The velocity was made of downhill pushes: momentum * velocity - gradient, which is added to "
    "x. The one that you were handed points up: momentum * velocity + gradient, subtracted from x.",
    belief="that the sign is a matter of taste. It is, for whoever starts from rest; here the old "
    "velocity and the gradient would work against each other.",
)
def _velocity_that_points_down(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - gradient
    return x + learning_rate * velocity, velocity


@momentum_step.wrong(
    "The learning rate was multiplied into the velocity. You were asked for a velocity without it, "
    "momentum * velocity + gradient; it comes in when x moves.",
    belief="that it does not matter where the learning rate stands. For a walk from rest it does "
    "not, as long as it never changes; but the velocity handed over here is without it.",
)
def _learning_rate_in_the_velocity(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient
    return x - velocity, velocity


@momentum_step.wrong(
    "The velocity is right, and was added to x. It must be subtracted, times the learning rate.",
    belief="that a velocity points where one goes. This one is made of gradients, which point up.",
)
def _along_the_velocity(x, velocity, gradient, learning_rate, momentum):
    _, velocity = momentum_step.solution(x, velocity, gradient, learning_rate, momentum)
    return x + learning_rate * velocity, velocity


@momentum_step.wrong(
    "The new velocity is right, but x was moved by the old one. Change the velocity first, and "
    "move x by what it is then.",
    belief="that the order of the two lines does not matter. From rest, the first step would lead "
    "nowhere, and every gradient would be heard a step late.",
)
def _moves_by_the_old_velocity(x, velocity, gradient, learning_rate, momentum):
    return x - learning_rate * velocity, momentum * velocity + gradient


@momentum_step.wrong(
    "The velocity is right, but x was moved by the gradient alone, as in plain descent. Move it by "
    "learning_rate * velocity, with the new velocity.",
    belief="that the velocity is only kept for the next step. It is what makes this one.",
)
def _moves_by_the_gradient(x, velocity, gradient, learning_rate, momentum):
    return x - learning_rate * gradient, momentum * velocity + gradient


@momentum_step.wrong(
    "This is a step of plain descent: the velocity that you were handed is lost. A share of it, "
    "momentum * velocity, belongs to the new one.",
    belief="that the velocity of a step comes from its gradient. What is heavy has one already.",
)
def _forgets_the_velocity(x, velocity, gradient, learning_rate, momentum):
    return x - learning_rate * gradient, gradient.copy()


@momentum_step.wrong(
    "All of the old velocity is kept. You were asked to keep a share of it, momentum * velocity.",
    belief="that what is heavy does not slow down by itself. Here it does: without that friction, "
    "it swings through the valley for ever.",
)
def _without_friction(x, velocity, gradient, learning_rate, momentum):
    velocity = velocity + gradient
    return x - learning_rate * velocity, velocity


@momentum_step.wrong(
    "The gradient was multiplied by 1 - momentum, so that the velocity is a running mean. You were "
    "asked for momentum * velocity + gradient, with the gradient whole.",
    belief="that the velocity is a mean of the gradients. It adds up what is left of them, and "
    "under a steady gradient grows to 1 / (1 - momentum) times that. Adam keeps means.",
)
def _velocity_that_is_a_mean(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + (1 - momentum) * gradient
    return x - learning_rate * velocity, velocity


@momentum_step.wrong(
    "The momentum multiplies the gradient too, as with a bracket: momentum * (velocity + "
    "gradient). Only the old velocity is to lose something; the gradient enters whole.",
    belief="that friction acts on the push as well. It acts on the speed from before.",
)
def _momentum_times_both(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * (velocity + gradient)
    return x - learning_rate * velocity, velocity


@momentum_step.wrong(
    "This is Nesterov's step, along the gradient and the new velocity. You were asked for "
    "plain momentum, which moves x along the new velocity alone.",
    belief="that the gradient must be in the step beside the velocity. The new velocity contains "
    "it.",
)
def _nesterov_instead(x, velocity, gradient, learning_rate, momentum):
    return nesterov_step.solution(x, velocity, gradient, learning_rate, momentum)


@momentum_step.wrong(**_X_ALONE)
def _momentum_without_velocity(x, velocity, gradient, learning_rate, momentum):
    return momentum_step.solution(x, velocity, gradient, learning_rate, momentum)[0]


@momentum_step.wrong(**_OTHER_ORDER)
def _velocity_first(x, velocity, gradient, learning_rate, momentum):
    return momentum_step.solution(x, velocity, gradient, learning_rate, momentum)[::-1]


@momentum_step.wrong(**_IN_PLACE)
def _momentum_in_place(x, velocity, gradient, learning_rate, momentum):
    velocity *= momentum
    velocity += gradient
    x -= learning_rate * velocity
    return x, velocity


@momentum_step.wrong(**_VELOCITY_IN_PLACE)
def _velocity_in_place(x, velocity, gradient, learning_rate, momentum):
    velocity *= momentum
    velocity += gradient
    return x - learning_rate * velocity, velocity


@momentum_step.wrong(
    "The velocity keeps 0.9 of itself, whatever you are handed. The share is momentum: "
    "momentum * velocity + gradient.",
    belief="that momentum is always 0.9. It often is; but it is for whoever calls to choose, and "
    "here it is handed in.",
)
def _nine_tenths_always(x, velocity, gradient, learning_rate, momentum):
    return momentum_step.solution(x, velocity, gradient, learning_rate, 0.9)


@momentum_step.wrong(**_ARRAY_CALLED)
def _momentum_that_calls_the_gradient(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient(x)
    return x - learning_rate * velocity, velocity


@exercise(cases=_in_motion, right="your walk looks one step ahead, and bends before it gets there.")
def nesterov_step(x, velocity, gradient, learning_rate, momentum):
    """x, the look-ahead, and velocity after a step of Nesterov; gradient is the one at x."""
    velocity = momentum * velocity + gradient
    return x - learning_rate * (gradient + momentum * velocity), velocity


@nesterov_step.wrong(
    "This is plain momentum, which moves x by the new velocity, or, what is the same, by gradient "
    "+ momentum * velocity with the *old* one. The look-ahead moves by that with the new one.",
    belief="that Nesterov differs only in where the gradient is taken. Here x is that place, and "
    "so it has to move to the next such place.",
)
def _momentum_instead(x, velocity, gradient, learning_rate, momentum):
    return momentum_step.solution(x, velocity, gradient, learning_rate, momentum)


@nesterov_step.wrong(
    "This is momentum**2 * velocity + (1 + momentum) * gradient, with the new velocity. That "
    "formula is right with the *old* one. With the new one it is gradient + momentum * velocity.",
    belief="that a formula holds before and after its velocity was changed. The new one contains "
    "the gradient, which gets in once too often: the walk diverges at smaller learning rates.",
)
def _new_velocity_for_the_old(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    step = momentum**2 * velocity + (1 + momentum) * gradient
    return x - learning_rate * step, velocity


@nesterov_step.wrong(
    "The step is momentum * velocity, which is the look ahead alone. The gradient is missing "
    "beside it: x moves by gradient + momentum * velocity.",
    belief="that to look ahead is all there is to do. The position behind has to come up as well, "
    "and comes to x - learning_rate * gradient; the look begins there.",
)
def _look_ahead_without_gradient(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return x - learning_rate * momentum * velocity, velocity


@nesterov_step.wrong(
    "Here x moved by the gradient alone. The position behind it comes as far as that; the "
    "look-ahead is momentum * velocity further, gradient + momentum * velocity in all.",
    belief="that x is the position after the step. It was the look-ahead before, and must be so "
    "again, so that the next gradient is asked for in the right place.",
)
def _to_the_position(x, velocity, gradient, learning_rate, momentum):
    return x - learning_rate * gradient, momentum * velocity + gradient


@nesterov_step.wrong(
    "This is (1 + momentum) * velocity, a step along the new velocity and one look ahead. It would "
    "be right if x were the position; but x is ahead by momentum * velocity already.",
    belief="that every step begins at the position. Here the look-ahead is what is kept, as in "
    "PyTorch, and only the way from one to the next is walked.",
)
def _as_if_from_the_position(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return x - learning_rate * (1 + momentum) * velocity, velocity


@nesterov_step.wrong(
    "This is another convention, in which velocity = momentum * velocity - learning_rate * "
    "gradient is a step. You were asked for velocity = momentum * velocity + gradient, and "
    "x - learning_rate * (gradient + momentum * velocity).",
    belief="that a velocity is the same in every book. That one points down and contains the "
    "learning rate; ours is a sum of gradients, and points up.",
)
def _nesterov_whose_velocity_is_a_step(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    return x + momentum * velocity - learning_rate * gradient, velocity


@nesterov_step.wrong(
    "This is another convention, in which velocity = momentum * velocity - learning_rate * "
    "gradient is a step; and x moves by momentum**2 * velocity - (1 + momentum) * learning_rate * "
    "gradient, which would be right with the *old* velocity. You were asked for velocity = "
    "momentum * velocity + gradient, and x - learning_rate * (gradient + momentum * velocity).",
    belief="that a formula holds before and after its velocity was changed. Written in this order "
    "it is a common slip: the gradient gets in once too often, and the walk diverges at smaller "
    "learning rates.",
)
def _new_step_for_the_old(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    step = momentum**2 * velocity - (1 + momentum) * learning_rate * gradient
    return x + step, velocity


@nesterov_step.wrong(
    "The step is right but for its sign: it was added to x. Subtract it, for a step down.",
    belief="that to look ahead is to look where the velocity points. It is made of gradients, "
    "which point up; the way leads against it.",
)
def _nesterov_uphill(x, velocity, gradient, learning_rate, momentum):
    return nesterov_step.solution(x, velocity, gradient, -learning_rate, momentum)


@nesterov_step.wrong(**_X_ALONE)
def _nesterov_without_velocity(x, velocity, gradient, learning_rate, momentum):
    return nesterov_step.solution(x, velocity, gradient, learning_rate, momentum)[0]


@nesterov_step.wrong(**_OTHER_ORDER)
def _velocity_before_the_look_ahead(x, velocity, gradient, learning_rate, momentum):
    return nesterov_step.solution(x, velocity, gradient, learning_rate, momentum)[::-1]


@nesterov_step.wrong(**_IN_PLACE)
def _nesterov_in_place(x, velocity, gradient, learning_rate, momentum):
    velocity *= momentum
    velocity += gradient
    x -= learning_rate * (gradient + momentum * velocity)
    return x, velocity


@nesterov_step.wrong(**_VELOCITY_IN_PLACE)
def _nesterov_with_its_velocity_in_place(x, velocity, gradient, learning_rate, momentum):
    velocity *= momentum
    velocity += gradient
    return x - learning_rate * (gradient + momentum * velocity), velocity


@nesterov_step.wrong(
    "The momentum is 0.9, whatever you are handed. It is an argument: momentum * velocity, in the "
    "velocity and in the step.",
    belief="that momentum is always 0.9. It often is; but it is for whoever calls to choose, and "
    "here it is handed in.",
)
def _nesterov_of_nine_tenths_always(x, velocity, gradient, learning_rate, momentum):
    return nesterov_step.solution(x, velocity, gradient, learning_rate, 0.9)


@nesterov_step.wrong(
    "All of the old velocity is kept, where you were asked for a share of it: the new one is "
    "momentum * velocity + gradient.",
    belief="that the look ahead is what slows it down. It says where the gradient is asked for; "
    "the friction is in the velocity.",
)
def _nesterov_without_friction(x, velocity, gradient, learning_rate, momentum):
    velocity = velocity + gradient
    return x - learning_rate * (gradient + momentum * velocity), velocity


@nesterov_step.wrong(
    "The step is gradient + velocity, with the whole new velocity. The look ahead is a share of "
    "it: gradient + momentum * velocity.",
    belief="that momentum has done its work in the velocity. It comes in again, as the next step "
    "will leave that share of the velocity, and x looks ahead by as much.",
)
def _looks_too_far(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return x - learning_rate * (gradient + velocity), velocity


@nesterov_step.wrong(**_ARRAY_CALLED)
def _nesterov_that_calls_the_gradient(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient(x - learning_rate * momentum * velocity)
    return x - learning_rate * velocity, velocity


def _with_squares(rng):
    """Gradients and the squares before them: none yet, of any size, so small that epsilon shows."""
    for numbers, learning_rate in (
        ([[3.0, -4.0, 1.0], [0.0, 0.0, 0.0], [6.0, -0.006, 0.5]], 0.5),
        ([[1.0, -2.0], [9.0, 0.36], [-4.0, 0.8]], 0.25),
        ([[0.5, -0.25], [0.0, 0.0], [1e-5, -2e-5]], 0.1),
        ([[0.5, -0.25], [0.0, 1e-20], [1e-10, -1e-10]], 0.1),
        ([[1.5, -2.5], [0.0, 4.0], [0.0, 3.0]], 0.5),
        ([[2.0], [0.75], [-0.5]], 0.2),
        (_positive_in_the_middle(rng.normal(size=(3, 3, 2)).transpose(0, 2, 1)), 0.3),
        (_positive_in_the_middle(rng.normal(size=(3, 6))), 0.75),
        *(
            ([[3 * scale, -4 * scale], [scale**2, 0.5 * scale**2], [scale, 2 * scale]], scale / 4)
            for scale in _SCALES
        ),
    ):
        arrays = dict(zip(("x", "squares", "gradient"), map(np.array, numbers), strict=True))
        yield {**arrays, "learning_rate": learning_rate}


def _positive_in_the_middle(numbers):
    x, squares, gradient = numbers
    return x, squares**2, gradient


@exercise(
    cases=_with_squares, right="every parameter has a step size of its own, from all it has met."
)
def adagrad_step(x, squares, gradient, learning_rate):
    """x and squares after a step of AdaGrad, two new arrays; 1e-10 is added outside the root."""
    squares = squares + gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@adagrad_step.wrong(
    "The root is missing: divide by sqrt(squares) + 1e-10, not by squares.",
    belief="that squares can divide as they are. A gradient over its square has the wrong unit: "
    "the steeper the ground, the shorter the step. With the root, the first is learning_rate long "
    "everywhere.",
)
def _without_a_root(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / (squares + 1e-10), squares


@adagrad_step.wrong(
    "The squares from before are lost: these are the squares of this gradient alone. Add them to "
    "those that you were handed.",
    belief="that the size of a step depends on the gradient of today. Divided by its own size it "
    "would always be learning_rate long, up or down; only what adds up makes steps shorter.",
)
def _squares_of_today(x, squares, gradient, learning_rate):
    return adagrad_step.solution(x, np.zeros(np.shape(x)), gradient, learning_rate)


@adagrad_step.wrong(
    "The new squares are right, but the step was divided by the root of the old ones. Add the "
    "square of this gradient first.",
    belief="that the order of the two lines does not matter. At the first step the old squares are "
    "0, and the step would be as long as a division by 1e-10 makes it.",
)
def _divides_by_the_old_squares(x, squares, gradient, learning_rate):
    step = learning_rate * gradient / (np.sqrt(squares) + 1e-10)
    return x - step, squares + gradient**2


@adagrad_step.wrong(
    "The 1e-10 was added under the root. You were asked to add it to the root: "
    "sqrt(squares) + 1e-10.",
    belief="that it does not matter where so small a number stands. The root of 1e-10 is 1e-5, "
    "which slows down everything whose gradients are of that size.",
)
def _epsilon_under_the_root(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / np.sqrt(squares + 1e-10), squares


@adagrad_step.wrong(
    "Nothing was added to the root before the division, so that where every gradient was 0 the "
    "step is 0 / 0, which is nan. Mind the parentheses: gradient / (sqrt(squares) + 1e-10).",
    belief="that a formula needs no care where nothing happens. A weight that hears nothing yet, "
    "such as one behind a silent ReLU, would be nan for ever.",
)
def _without_epsilon(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / np.sqrt(squares), squares


@adagrad_step.wrong(
    "The 1e-10 was added after the division, to x itself. It belongs to the root, in parentheses: "
    "gradient / (sqrt(squares) + 1e-10).",
    belief="that a / b + c divides by b + c. Division comes first, unless parentheses say "
    "otherwise.",
)
def _epsilon_after_the_division(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / np.sqrt(squares) + 1e-10, squares


@adagrad_step.wrong(
    "What is added to the root is 1e-7. You were asked for 1e-10.",
    belief="that any tiny number is as good. Gradients that are smaller than it hardly move their "
    "weights: the tinier it is, the fewer those are.",
)
def _epsilon_of_a_ten_millionth(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-7), squares


@adagrad_step.wrong(
    "What is added to the root is 1e-8, as in Adam. You were asked for 1e-10.",
    belief="that any tiny number is as good. Gradients that are smaller than it hardly move their "
    "weights: the tinier it is, the fewer those are.",
)
def _epsilon_of_adam(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-8), squares


@adagrad_step.wrong(
    "The squares of all entries were added up, so that one size divides them all. Each number "
    "keeps squares of its own: gradient**2, without a sum.",
    belief="that the length of the gradient says how steep it is. For all together it does; "
    "AdaGrad asks how steep it is along each axis.",
)
def _one_size_for_all(x, squares, gradient, learning_rate):
    squares = squares + np.sum(gradient**2)
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@adagrad_step.wrong(
    "The learning rate was divided by the root, and the gradient left out. x moves by "
    "learning_rate * gradient / (sqrt(squares) + 1e-10).",
    belief="that the root is there in place of the gradient. It says how long a step may be; the "
    "gradient says in which direction, and whether there is one at all.",
)
def _step_without_gradient(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate / (np.sqrt(squares) + 1e-10), squares


@adagrad_step.wrong(
    "The squares are right, but the step is that of plain descent. Divide it by "
    "sqrt(squares) + 1e-10.",
    belief="that the squares are only kept for later. They size this step too, with its own "
    "gradient among them.",
)
def _plain_step_beside_the_squares(x, squares, gradient, learning_rate):
    return x - learning_rate * gradient, squares + gradient**2


@adagrad_step.wrong(
    "The step is right, but what you return beside x is the root. The next step needs the sum "
    "of squares itself.",
    belief="that what divides is what must be remembered. Squares can be added to squares, and "
    "not to a root.",
)
def _returns_the_root(x, squares, gradient, learning_rate):
    x, squares = adagrad_step.solution(x, squares, gradient, learning_rate)
    return x, np.sqrt(squares)


@adagrad_step.wrong(
    "This step goes up: it was added to x. You were asked for a step down.",
    belief="that the gradient points downhill. It points up, and no division by a size changes "
    "that.",
)
def _adagrad_uphill(x, squares, gradient, learning_rate):
    return adagrad_step.solution(x, squares, gradient, -learning_rate)


@adagrad_step.wrong(
    "The new x is right, and comes alone. Return the new squares as well: return x, squares.",
    belief="that the function remembers the squares. It forgets all when it returns, and "
    "whoever calls must hand them in again at the next step.",
)
def _adagrad_without_squares(x, squares, gradient, learning_rate):
    return adagrad_step.solution(x, squares, gradient, learning_rate)[0]


@adagrad_step.wrong(
    "Both are right, but in the wrong order: x was asked for first, then squares.",
    belief="that what is computed first comes first. Whoever calls unpacks as was agreed.",
)
def _squares_first(x, squares, gradient, learning_rate):
    return adagrad_step.solution(x, squares, gradient, learning_rate)[::-1]


@adagrad_step.wrong(
    "The numbers are right, but they were written into the caller's arrays: x itself has moved, "
    "and squares has changed in place. Return new arrays: squares = squares + gradient**2, and "
    "then x - ...",
    belief="that squares += ... is short for squares = squares + ... For arrays the first one "
    "writes into what the caller still holds.",
)
def _adagrad_in_place(x, squares, gradient, learning_rate):
    squares += gradient**2
    x -= learning_rate * gradient / (np.sqrt(squares) + 1e-10)
    return x, squares


@adagrad_step.wrong(
    "The numbers are right, but squares was changed in place: squares += ... writes into the "
    "caller's array. Return a new one, squares + gradient**2.",
    belief="that the old squares are of no use any more. Whoever wants to take the step again, as "
    "with another learning rate, needs them.",
)
def _squares_in_place(x, squares, gradient, learning_rate):
    squares += gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@adagrad_step.wrong(
    "What was added to squares is abs(gradient). It is gradient**2, as the root that comes later "
    "makes a size of it.",
    belief="that anything without a sign will do. The root of a sum of sizes has not the unit of "
    "a gradient, so the first step would be longer where it is steeper.",
)
def _sizes_in_place_of_squares(x, squares, gradient, learning_rate):
    squares = squares + np.abs(gradient)
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@adagrad_step.wrong(
    "The old squares were squared once more. They are squares already: squares + gradient**2.",
    belief="that squares is a sum of gradients, which still has to be squared. It is what you "
    "returned at the step before.",
)
def _squares_squared_again(x, squares, gradient, learning_rate):
    squares = squares**2 + gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@adagrad_step.wrong(**_ARRAY_CALLED)
def _adagrad_that_calls_the_gradient(x, squares, gradient, learning_rate):
    return adagrad_step.solution(x, squares, gradient(x), learning_rate)


def _with_means(rng):
    """Gradients and the means before them, at the first step and later; tiny, zero, of any size."""
    nothing = np.zeros(2)
    for (x, mean, square, gradient), t, learning_rate in (
        (([3.0, -4.0, 1.0], np.zeros(3), np.zeros(3), [6.0, -0.006, 0.5]), 1, 0.5),
        (([0.5, -0.25], nothing, nothing, [1e-7, -2e-7]), 1, 0.1),
        (([0.5, -0.25], [2e-8, -3e-8], [3e-17, 5e-17], [1e-7, 2e-7]), 3, 0.1),
        (([1.5, -2.5], [0.0, 0.25], [0.0, 0.004], [0.0, 3.0]), 2, 0.5),
        (([2.0], [0.3], [0.002], [-0.5]), 4, 0.75),
        (_as_after(1, rng.normal(size=(4, 3, 2)).transpose(0, 2, 1)), 2, 0.5),
        (_as_after(9, rng.normal(size=(4, 6))), 10, 0.25),
        (_as_after(999, rng.normal(size=(4, 3))), 1000, 0.75),
        *((_of_size(scale), 2, scale / 4) for scale in _SCALES),
    ):
        yield {
            "x": np.array(x),
            "mean": np.array(mean),
            "square": np.array(square),
            "t": t,
            "gradient": np.array(gradient),
            "learning_rate": learning_rate,
        }


def _as_after(steps, numbers):
    """Four arrays, the second and the third of the size that means have after so many steps."""
    x, mean, square, gradient = numbers
    return x, (1 - _BETA1**steps) * mean, (1 - _BETA2**steps) * (square**2 + 0.5), gradient


def _of_size(scale):
    x, mean, square, gradient = np.array([[3, -4], [0.1, 0.2], [2e-3, 1e-3], [1.5, -1]])
    return scale * x, scale * mean, scale**2 * square, scale * gradient


@exercise(
    cases=_with_means,
    right="your Adam walks as that of the book does, from the first step on.",
    rtol=1e-4,  # in float32, 1 - 0.999 has no more digits
)
def adam_step(x, mean, square, t, gradient, learning_rate):
    """x, mean, square after step t of Adam, from t = 1; beta1 0.9, beta2 0.999, epsilon 1e-8."""
    mean, square = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, *_corrected(mean, square, t)), mean, square


def _new_means(mean, square, gradient, beta1=_BETA1, beta2=_BETA2):
    mean = beta1 * mean + (1 - beta1) * gradient
    return mean, beta2 * square + (1 - beta2) * gradient**2


def _corrected(mean, square, t, beta1=_BETA1, beta2=_BETA2):
    return np.divide(mean, 1 - beta1**t), np.divide(square, 1 - beta2**t)


def _moved(x, learning_rate, mean, square):
    return x - learning_rate * mean / (np.sqrt(square) + _EPSILON)


@adam_step.wrong(
    "The means were used as they are. They begin at 0, and so are too small at first: divide them "
    "by 1 - 0.9**t and by 1 - 0.999**t.",
    belief="that means which are too small make steps too short. The mean square is the smaller of "
    "the two, and it divides: the first step is sqrt(10) times too long.",
)
def _without_correction(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, mean, square), mean, square


@adam_step.wrong(
    "The mean was corrected, and the mean square was not. It begins at 0 too: divide it by "
    "1 - 0.999**t, before the root.",
    belief="that one correction is enough. The mean square needs it most, as it forgets "
    "most slowly: without it, the first step is sqrt(1000) times too long.",
)
def _mean_corrected_alone(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, _corrected(mean, square, t)[0], square), mean, square


@adam_step.wrong(
    "The mean square was corrected, and the mean was not. It begins at 0 too: divide it by "
    "1 - 0.9**t.",
    belief="that only what divides can do harm. Without its correction the mean makes the first "
    "step ten times too short.",
)
def _square_corrected_alone(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, mean, _corrected(mean, square, t)[1]), mean, square


@adam_step.wrong(
    "The corrections take t - 1 in place of t, and are 1 - 1 = 0 at the first step. Here t is "
    "counted from 1: use it as it is.",
    belief="that t is counted from 0, as an index is. It says how many gradients the means "
    "contain, with the new one.",
)
def _t_from_zero(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, *_corrected(mean, square, t - 1)), mean, square


@adam_step.wrong(
    "The corrections take t + 1 in place of t. Here t is 1 at the first step already: use it as "
    "it is.",
    belief="that the step has to be counted here. Whoever calls has done it, and t says how many "
    "gradients the means contain, with the new one.",
)
def _t_plus_one(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, *_corrected(mean, square, t + 1)), mean, square


@adam_step.wrong(
    "The means were divided by 1 - 0.9 and 1 - 0.999, at whatever step. The powers are missing: "
    "1 - 0.9**t and 1 - 0.999**t.",
    belief="that a mean which begins at 0 stays too small by one factor. It catches up: the "
    "correction is largest at the first step, and fades to 1.",
)
def _corrected_as_at_the_first_step(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, *_corrected(mean, square, 1)), mean, square


@adam_step.wrong(
    "The new x is right. But beside it you return the corrected means, and at the next step they "
    "would be corrected once more. Return the means themselves.",
    belief="that what is right for the step is right to remember. The correction belongs to one "
    "t; the running means go on without it.",
)
def _returns_corrected_means(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    mean, square = _corrected(mean, square, t)
    return _moved(x, learning_rate, mean, square), mean, square


@adam_step.wrong(
    "Epsilon was added before the correction, as in a shorter form of the formula. You were asked "
    "to correct first: sqrt(square / (1 - 0.999**t)) + 1e-8.",
    belief="that it does not matter where so small a number stands. Before the correction it "
    "counts about 32 times as much at the first step, and a gradient of 1e-7 moves x by 0.24 "
    "learning rates in place of 0.91.",
)
def _epsilon_before_the_correction(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    rate = learning_rate * np.sqrt(1 - _BETA2**t) / (1 - _BETA1**t)
    return _moved(x, rate, mean, square), mean, square


@adam_step.wrong(
    "Epsilon is 1e-7 and was added before the correction, as in a short form that some books have. "
    "You were asked for 1e-8, after it: sqrt(square / (1 - 0.999**t)) + 1e-8.",
    belief="that it does not matter what so small a number is, or where it stands. Where gradients "
    "are about as small, it decides how far x moves.",
)
def _epsilon_of_a_short_form(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    rate = learning_rate * np.sqrt(1 - _BETA2**t) / (1 - _BETA1**t)
    return x - rate * mean / (np.sqrt(square) + 1e-7), mean, square


@adam_step.wrong(
    "Epsilon was added under the root. You were asked to add it to the root: "
    "sqrt(square / (1 - 0.999**t)) + 1e-8.",
    belief="that it does not matter where so small a number stands. The root of 1e-8 is 1e-4, "
    "which slows down everything whose gradients are of that size or less.",
)
def _adam_with_epsilon_under_the_root(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    mean_now, square_now = _corrected(mean, square, t)
    return x - learning_rate * mean_now / np.sqrt(square_now + _EPSILON), mean, square


@adam_step.wrong(
    "Nothing was added to the root before the division, so that where every gradient was 0 the "
    "step is 0 / 0, which is nan. Mind the parentheses: mean / (sqrt(square) + 1e-8), both "
    "corrected.",
    belief="that a formula needs no care where nothing happens. A weight that hears nothing yet, "
    "such as one behind a silent ReLU, would be nan for ever.",
)
def _adam_without_epsilon(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    mean_now, square_now = _corrected(mean, square, t)
    return x - learning_rate * mean_now / np.sqrt(square_now), mean, square


@adam_step.wrong(
    "Epsilon was added after the division, to x itself. It belongs to the root, in parentheses: "
    "mean / (sqrt(square) + 1e-8), both corrected.",
    belief="that a / b + c divides by b + c. Division comes first, unless parentheses say "
    "otherwise.",
)
def _adam_with_epsilon_after_the_division(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    mean_now, square_now = _corrected(mean, square, t)
    return x - learning_rate * mean_now / np.sqrt(square_now) + _EPSILON, mean, square


@adam_step.wrong(
    "The root is missing: divide by sqrt(square / (1 - 0.999**t)) + 1e-8.",
    belief="that a mean square can divide as it is. A gradient over its square has the wrong unit: "
    "the steeper the ground, the shorter the step.",
)
def _adam_without_a_root(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    mean_now, square_now = _corrected(mean, square, t)
    return x - learning_rate * mean_now / (square_now + _EPSILON), mean, square


@adam_step.wrong(
    "The root was taken first, and divided by 1 - 0.999**t then. Correct the mean square, and take "
    "the root of that.",
    belief="that the order does not matter. The root of a share is larger than the share, "
    "and the first step comes out sqrt(1000) times too short.",
)
def _root_before_the_correction(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    mean_now, root = _corrected(mean, np.sqrt(square), t)
    return x - learning_rate * mean_now / (root + _EPSILON), mean, square


@adam_step.wrong(
    "The second mean is one of gradients, not of their squares. Its new part is "
    "(1 - 0.999) * gradient**2.",
    belief="that the root alone makes a size of it. Gradients up and down cancel in their mean, "
    "and of a negative one there is no root; squares are never negative.",
)
def _gradients_not_squared(x, mean, square, t, gradient, learning_rate):
    square = _BETA2 * square + (1 - _BETA2) * gradient
    mean, _ = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, *_corrected(mean, square, t)), mean, square


@adam_step.wrong(
    "The betas have changed places: 0.9 is for the mean, 0.999 for the mean square.",
    belief="that it does not matter which of them forgets sooner. The size of the gradients needs "
    "the longer memory: taken from a few, it would jump with each of them.",
)
def _betas_swapped(x, mean, square, t, gradient, learning_rate):
    betas = _BETA2, _BETA1
    mean, square = _new_means(mean, square, gradient, *betas)
    return _moved(x, learning_rate, *_corrected(mean, square, t, *betas)), mean, square


@adam_step.wrong(
    "The factors beta and 1 - beta have changed places: 0.9 of the old mean is kept, and 1 - 0.9 "
    "of the gradient comes in; so with 0.999.",
    belief="that what is new counts most. Means that forget so soon are hardly means.",
)
def _keeps_what_should_come_in(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient, 1 - _BETA1, 1 - _BETA2)
    return _moved(x, learning_rate, *_corrected(mean, square, t)), mean, square


@adam_step.wrong(
    "The means add up without a 1 - beta: mean = 0.9 * mean + (1 - 0.9) * gradient, and so for "
    "the squares. The correction relies on it.",
    belief="that a running mean is a velocity. That one adds up to several times a gradient; a "
    "mean stays as large as what it is a mean of.",
)
def _sums_in_place_of_means(x, mean, square, t, gradient, learning_rate):
    mean, square = _BETA1 * mean + gradient, _BETA2 * square + gradient**2
    return _moved(x, learning_rate, *_corrected(mean, square, t)), mean, square


@adam_step.wrong(
    "The step is made of this gradient, divided by its size. In Adam it is made of the mean "
    "gradient: mean / (1 - 0.9**t).",
    belief="that the mean is only kept for later. It makes each step, this one too; with the "
    "gradient in its place, this is RMSProp with a correction.",
)
def _gradient_in_place_of_its_mean(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, gradient, _corrected(mean, square, t)[1]), mean, square


@adam_step.wrong(
    "This step goes up: it was added to x. You were asked for a step down.",
    belief="that the mean gradient points downhill. It points up, as the gradients do.",
)
def _adam_uphill(x, mean, square, t, gradient, learning_rate):
    return adam_step.solution(x, mean, square, t, gradient, -learning_rate)


@adam_step.wrong(
    "The new x is right, and comes alone. Return the new means as well: return x, mean, square.",
    belief="that the function remembers the means. It forgets all when it returns, and "
    "whoever calls must hand them in again at the next step.",
)
def _adam_without_means(x, mean, square, t, gradient, learning_rate):
    return adam_step.solution(x, mean, square, t, gradient, learning_rate)[0]


@adam_step.wrong(
    "All three are right, but in the wrong order: x was asked for first, then mean, then square.",
    belief="that what is computed first comes first. Whoever calls unpacks as was agreed.",
)
def _means_first(x, mean, square, t, gradient, learning_rate):
    x, mean, square = adam_step.solution(x, mean, square, t, gradient, learning_rate)
    return mean, square, x


@adam_step.wrong(
    "The numbers are right, but they were written into the caller's arrays: x itself has moved, "
    "and mean and square have changed in place. Return new arrays: mean = 0.9 * mean + ...",
    belief="that mean *= 0.9 is short for mean = 0.9 * mean. For arrays the first one writes into "
    "what the caller still holds.",
)
def _adam_in_place(x, mean, square, t, gradient, learning_rate):
    moved = adam_step.solution(x, mean, square, t, gradient, learning_rate)
    x[...], mean[...], square[...] = moved
    return x, mean, square


@adam_step.wrong(
    "The numbers are right, but mean and square were changed in place: *= and += write into the "
    "caller's arrays. Return new ones: mean = 0.9 * mean + ...",
    belief="that the old means are of no use any more. Whoever wants to take the step again, as "
    "with another learning rate, needs them.",
)
def _means_in_place(x, mean, square, t, gradient, learning_rate):
    moved, *means = adam_step.solution(x, mean, square, t, gradient, learning_rate)
    mean[...], square[...] = means
    return moved, mean, square


@adam_step.wrong(
    "The mean square keeps 0.99 of itself, as in RMSProp. You were asked for 0.999, in the mean "
    "and in its correction.",
    belief="that one nine more or less makes no difference. It is how long the mean remembers: "
    "about a hundred gradients, or about a thousand.",
)
def _beta_of_rmsprop(x, mean, square, t, gradient, learning_rate):
    betas = _BETA1, 0.99
    mean, square = _new_means(mean, square, gradient, *betas)
    return _moved(x, learning_rate, *_corrected(mean, square, t, *betas)), mean, square


@adam_step.wrong(
    "What is added to the root is 1e-10, as in AdaGrad. You were asked for 1e-8.",
    belief="that any tiny number is as good. It decides how far x moves where gradients are about "
    "as small.",
)
def _adam_with_epsilon_of_adagrad(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    mean_now, square_now = _corrected(mean, square, t)
    return x - learning_rate * mean_now / (np.sqrt(square_now) + 1e-10), mean, square


@adam_step.wrong(
    "What is added to the root is 1e-7. You were asked for 1e-8.",
    belief="that any tiny number is as good. Keras takes this one; it decides how far x moves "
    "where gradients are about as small.",
)
def _adam_with_epsilon_of_keras(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    mean_now, square_now = _corrected(mean, square, t)
    return x - learning_rate * mean_now / (np.sqrt(square_now) + 1e-7), mean, square


@adam_step.wrong(
    "It is the new mean that was squared. The mean square takes in the square of the gradient: "
    "(1 - 0.999) * gradient**2.",
    belief="that the square of a mean is a mean of squares. Where gradients change their sign the "
    "mean cancels out, and the squares do not: so a zigzag takes short steps.",
)
def _mean_squared(x, mean, square, t, gradient, learning_rate):
    mean, _ = _new_means(mean, square, gradient)
    _, square = _new_means(mean, square, mean)
    return _moved(x, learning_rate, *_corrected(mean, square, t)), mean, square


@adam_step.wrong(
    "Parentheses are missing: mean / 1 - 0.9**t divides by 1, and subtracts 0.9**t then. Write "
    "mean / (1 - 0.9**t), and square / (1 - 0.999**t).",
    belief="that a / b - c divides by b - c. Division comes first, unless parentheses say "
    "otherwise.",
)
def _corrections_without_parentheses(x, mean, square, t, gradient, learning_rate):
    mean, square = _new_means(mean, square, gradient)
    return _moved(x, learning_rate, mean - _BETA1**t, square - _BETA2**t), mean, square


@adam_step.wrong(**_ARRAY_CALLED)
def _adam_that_calls_the_gradient(x, mean, square, t, gradient, learning_rate):
    return adam_step.solution(x, mean, square, t, gradient(x), learning_rate)


# Nearly 10,000 weights are drawn for each case. The bounds below lie seven standard deviations from
# what is expected, or further, so that no fair answer meets them by chance.
_N_WEIGHTS = 9600
_NEAR = 0.05  # of a standard deviation, in relation to its own size
_LINKED = 0.25  # correlation of two weights
_ENOUGH = 900  # layers, to tell a correlation
_A_FEW = 3  # layers, to tell whether they are new and drawn from rng
_ASKED = (
    "mean",
    "standard deviation",
    "distribution",
    "do the same numbers come again and again",
    "do weights know of each other",
)
_SPREADS = {  # standard deviations that readers give; one of them is right
    "sqrt(2 / n_inputs)": lambda n_inputs, n_outputs: math.sqrt(2 / n_inputs),
    "sqrt(2 / n_outputs)": lambda n_inputs, n_outputs: math.sqrt(2 / n_outputs),
    "sqrt(1 / n_inputs)": lambda n_inputs, n_outputs: math.sqrt(1 / n_inputs),
    "sqrt(2 / (n_inputs + n_outputs))": lambda n_inputs, n_outputs: math.sqrt(
        2 / (n_inputs + n_outputs)
    ),
    "2 / n_inputs": lambda n_inputs, n_outputs: 2 / n_inputs,
    "1": lambda n_inputs, n_outputs: 1,
    "0.01": lambda n_inputs, n_outputs: 0.01,
}


def _layers(rng):
    """Wide ones, and small ones of which a thousand tell whether weights know of each other."""
    some, more = int(rng.integers(12, 25)), int(rng.integers(30, 60))
    for n_inputs, n_outputs in ((60, 20), (20, 80), (some, more), (3, 2), (2, 5)):
        seed = rng.integers(2**32)
        yield {"n_inputs": n_inputs, "n_outputs": n_outputs, "rng": np.random.default_rng(seed)}


def _weights_drawn(draw, n_inputs, n_outputs, rng):
    """What does not depend on how the random numbers were drawn."""
    draws, same = many_draws(lambda rng: _as_lists(draw(n_inputs, n_outputs, rng)), rng, _A_FEW)
    fresh = any(one != draws[0] for one in draws)
    alike = _alike(np.array(draws))
    if fresh and alike == "none":
        with redirect_stdout(io.StringIO()):  # whatever the reader prints, a few times are enough
            n_draws = _N_WEIGHTS // (n_inputs * n_outputs)
            draws += [_as_lists(draw(n_inputs, n_outputs, rng)) for _ in range(_A_FEW, n_draws)]
        spread = _spread(np.array(draws), n_inputs, n_outputs)
    else:
        spread = dict.fromkeys(_ASKED, "cannot tell")
    return {
        "shape of the weights": str(np.shape(draws[0])),
        "weights that are alike": alike,
        "are they new in every call": yes_or_no(fresh),
        "does the same rng give the same weights": yes_or_no(same),
        **spread,
    }


def _as_lists(came):
    try:
        array = np.asarray(came, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"weights must be one array of numbers, got {sort_of(came)}") from None
    if not array.size or not np.isfinite(array).all():
        what = "nan or infinity" if array.size else "none"
        raise TypeError(f"weights must be finite numbers, got {what}")
    return array.tolist()


def _alike(weights):
    """Which weights of every layer are one number."""
    rows_and_columns = weights.ndim == 3 and min(weights.shape[1:]) > 1
    if (np.ptp(weights.reshape(len(weights), -1), axis=1) == 0).all():
        return "all"
    if rows_and_columns and (weights == weights[:, :, :1]).all():
        return "those of a row"
    if rows_and_columns and (weights == weights[:, :1, :]).all():
        return "those of a column"
    return "none"


def _spread(weights, n_inputs, n_outputs):
    """What the distribution looks like, in words that chance cannot change."""
    mean, deviation = weights.mean(), weights.std()
    words = (
        _mean_in_words(mean, deviation / math.sqrt(weights.size)),
        _deviation_in_words(deviation, n_inputs, n_outputs),
        _form_in_words(np.mean(((weights - mean) / deviation) ** 4)),
        yes_or_no(len(np.unique(weights)) < weights.size / 2),
        yes_or_no(_linked(weights.reshape(len(weights), -1))),
    )
    return dict(zip(_ASKED, words, strict=True))


def _mean_in_words(mean, error):
    if abs(mean) < 8 * error:
        return "0"
    return f"about {mean:.2g}"


def _deviation_in_words(deviation, n_inputs, n_outputs):
    """The formula that it comes nearest to, if one is near."""
    distances = {
        name: abs(np.log(deviation / spread(n_inputs, n_outputs)))
        for name, spread in _SPREADS.items()
    }
    nearest = min(distances, key=lambda name: distances[name])
    return nearest if distances[nearest] < _NEAR else f"about {deviation:.2g}"


def _form_in_words(kurtosis):
    """By the mean fourth power in standard units: 3 if normal, 9/5 if uniform."""
    if abs(kurtosis - 3) < 0.5:
        return "normal"
    return "uniform" if abs(kurtosis - 1.8) < 0.15 else "neither normal nor uniform"


def _linked(layers):
    """Whether any two weights, or their sizes, go together, if there are layers enough to tell."""
    if len(layers) < _ENOUGH:
        return False
    correlations = [np.corrcoef(numbers.T) for numbers in (layers, np.abs(layers))]
    return bool(np.abs(np.triu(correlations, 1)).max() > _LINKED)


@exercise(
    cases=_layers,
    observe=_weights_drawn,
    right="your weights are as wide as a ReLU needs them, and no two units begin alike.",
)
def he_weights(n_inputs, n_outputs, rng):
    """First weights of shape (n_inputs, n_outputs), normal, with He's standard deviation."""
    return math.sqrt(2 / n_inputs) * rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "The standard deviation is sqrt(2 / n_outputs). A unit adds up n_inputs numbers, so it is "
    "those that count: sqrt(2 / n_inputs).",
    belief="that a layer is as wide as what it hands out. How large a sum gets depends on how much "
    "is added up. On the way back that is n_outputs numbers; He's choice is the way forward.",
)
def _by_the_outputs(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_outputs) * rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "The standard deviation is 2 / n_inputs. That should be the variance: the standard deviation "
    "is its root, sqrt(2 / n_inputs).",
    belief="that rng.normal wants a variance. Its scale is a standard deviation, and so is the "
    "factor in front of it.",
)
def _variance_for_deviation(n_inputs, n_outputs, rng):
    return rng.normal(0, 2 / n_inputs, (n_inputs, n_outputs))


@he_weights.wrong(
    "The standard deviation is sqrt(2 / (n_inputs + n_outputs)): this is Xavier, for tanh. "
    "He's is sqrt(2 / n_inputs), for ReLU.",
    belief="that one width suits every activation. ReLU stops half of what it is given, and the "
    "weights must make up for it.",
)
def _xavier(n_inputs, n_outputs, rng):
    return math.sqrt(2 / (n_inputs + n_outputs)) * rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "The standard deviation is sqrt(1 / n_inputs), which is Xavier in some books. He's is "
    "sqrt(2 / n_inputs), for ReLU.",
    belief="that n_inputs is all that counts. ReLU stops half of what it is given, so that its "
    "mean square halves: the 2 makes up for it.",
)
def _without_the_two(n_inputs, n_outputs, rng):
    return math.sqrt(1 / n_inputs) * rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "The standard deviation is 1, whatever the layer. Multiply by sqrt(2 / n_inputs).",
    belief="that random is random. A unit that adds up a hundred such numbers is ten times as wide "
    "as each of them, and the next layer again.",
)
def _one_wide(n_inputs, n_outputs, rng):
    return rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "The standard deviation is 0.01, whatever the layer. He's is sqrt(2 / n_inputs).",
    belief="that small weights are safe. They are too small for most layers: what passes through "
    "several of them fades to nothing, and so do the gradients.",
)
def _one_hundredth_wide(n_inputs, n_outputs, rng):
    return 0.01 * rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "The standard deviation is 0.1414, whatever the layer. That is He's for 100 inputs; for any "
    "number of them it is sqrt(2 / n_inputs).",
    belief="that the scale which suits one layer suits them all. A unit that adds up more numbers "
    "needs smaller weights.",
)
def _as_for_a_hundred_inputs(n_inputs, n_outputs, rng):
    return 0.1414 * rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "The standard deviation is sqrt(2) / n_inputs: only the 2 is under the root. The whole "
    "fraction is: sqrt(2 / n_inputs).",
    belief="that a sum of n numbers is n times as wide as each. With random signs it is sqrt(n) "
    "times as wide, and n belongs under the root.",
)
def _two_alone_under_the_root(n_inputs, n_outputs, rng):
    return math.sqrt(2) / n_inputs * rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "The fraction is upside down: sqrt(n_inputs / 2). It is sqrt(2 / n_inputs).",
    belief="that more inputs need larger weights. The more a unit adds up, the wider its sum is, "
    "and the smaller its weights must be.",
)
def _fraction_upside_down(n_inputs, n_outputs, rng):
    return math.sqrt(n_inputs / 2) * rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "The 2 stands under the fraction: the standard deviation is 1 / sqrt(2 * n_inputs), half of "
    "He's. It is sqrt(2 / n_inputs).",
    belief="that ReLU, which stops one half, asks for half the variance. It asks for twice as "
    "much, to make up for what is lost.",
)
def _half_the_variance(n_inputs, n_outputs, rng):
    return math.sqrt(1 / (2 * n_inputs)) * rng.normal(size=(n_inputs, n_outputs))


@he_weights.wrong(
    "What came has two numbers, whatever the layer: rng.normal takes its first argument for a "
    "mean, and drew one number around n_inputs and one around n_outputs. Name the shape: "
    "rng.normal(size=(n_inputs, n_outputs)).",
    belief="that rng.normal wants a shape first, as np.zeros does. First comes the mean, then the "
    "standard deviation, then the size.",
)
def _shape_for_a_mean(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) * rng.normal((n_inputs, n_outputs))


@he_weights.wrong(
    "What came has two numbers, whatever the layer: the second argument of rng.normal is a "
    "standard deviation, and was given the shape. Name them: "
    "rng.normal(0, sqrt(2 / n_inputs), size=(n_inputs, n_outputs)).",
    belief="that rng.normal wants a standard deviation and a shape. Before both comes the mean, "
    "which is 0 here.",
)
def _shape_for_a_deviation(n_inputs, n_outputs, rng):
    return rng.normal(math.sqrt(2 / n_inputs), (n_inputs, n_outputs))


@he_weights.wrong(
    "The weights are right but for their shape, which lies on its side: here it is "
    "(n_inputs, n_outputs), for x @ W.",
    belief="that a row holds the weights of a unit. It does in PyTorch, which multiplies by the "
    "transposed; in this book a column does.",
)
def _weights_on_their_side(n_inputs, n_outputs, rng):
    return he_weights.solution(n_inputs, n_outputs, rng).T


@he_weights.wrong(
    "These are uniform numbers of the right standard deviation, He's weights in another form. A "
    "network learns from them as well; but you were asked for normal ones, rng.normal.",
    belief="that only the standard deviation matters. For the signal that is so, and libraries "
    "offer both; here the numbers were to be normal.",
)
def _uniform_of_that_width(n_inputs, n_outputs, rng):
    limit = math.sqrt(6 / n_inputs)
    return rng.uniform(-limit, limit, (n_inputs, n_outputs))


@he_weights.wrong(
    "These are uniform numbers up to sqrt(2 / n_inputs), whose standard deviation is smaller than "
    "that by sqrt(3). Use rng.normal, where the factor is the standard deviation.",
    belief="that a standard deviation is how far numbers reach. It is the root of their mean "
    "square, and most of a uniform draw lies well within its ends.",
)
def _uniform_up_to_it(n_inputs, n_outputs, rng):
    limit = math.sqrt(2 / n_inputs)
    return rng.uniform(-limit, limit, (n_inputs, n_outputs))


@he_weights.wrong(
    "None of these weights is negative, as rng.random draws from 0 to 1. Use rng.normal, which "
    "draws around 0.",
    belief="that random numbers even out to 0. These have a mean of one half, and all units would "
    "hear nearly the same: the sum of their inputs.",
)
def _none_negative(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) * rng.random((n_inputs, n_outputs))


@he_weights.wrong(
    "In each layer all weights are one number. Draw one for each: "
    "rng.normal(size=(n_inputs, n_outputs)).",
    belief="that one draw will do. Units with the same weights stay the same, however long they "
    "learn, and are no more than one unit.",
)
def _one_draw_for_all(n_inputs, n_outputs, rng):
    return np.full((n_inputs, n_outputs), math.sqrt(2 / n_inputs) * rng.normal())


@he_weights.wrong(
    "All weights are one number, and the same in every call: nothing was drawn. Multiply "
    "sqrt(2 / n_inputs) with rng.normal(size=(n_inputs, n_outputs)).",
    belief="that the formula gives the weights. It says how wide they scatter; units with the same "
    "weights would stay the same, however long they learn.",
)
def _nothing_drawn(n_inputs, n_outputs, rng):
    return np.full((n_inputs, n_outputs), math.sqrt(2 / n_inputs))


@he_weights.wrong(
    "In each row all weights are one number, so that every unit has the same weights. Draw as many "
    "as there are: rng.normal(size=(n_inputs, n_outputs)).",
    belief="that it is enough to draw a weight for each input. Units that begin alike hear the "
    "same, learn the same, and stay alike.",
)
def _units_alike(n_inputs, n_outputs, rng):
    column = math.sqrt(2 / n_inputs) * rng.normal(size=(n_inputs, 1))
    return np.repeat(column, n_outputs, axis=1)


@he_weights.wrong(
    "In each column all weights are one number, so that a unit hears all its inputs alike. Draw as "
    "many as there are: rng.normal(size=(n_inputs, n_outputs)).",
    belief="that it is enough for the units to differ. Each would only hear the sum of its inputs, "
    "and larger or smaller by a factor is all that they differ in.",
)
def _inputs_alike(n_inputs, n_outputs, rng):
    row = math.sqrt(2 / n_inputs) * rng.normal(size=n_outputs)
    return np.repeat(row[np.newaxis], n_inputs, axis=0)


@he_weights.wrong(
    "The weights are the same in every call. Draw them from the rng that you are given; a "
    "generator that is made inside the function starts over at every call.",
    belief="that a run which can be repeated needs the same numbers each time. Two layers of one "
    "size would begin alike; whoever hands over rng can repeat the run.",
)
def _starts_over(n_inputs, n_outputs, rng):
    return he_weights.solution(n_inputs, n_outputs, np.random.default_rng(0))


@he_weights.wrong(
    "The weights are right, but they were not drawn from rng. Use rng.normal, so that whoever "
    "hands over the rng can repeat the run.",
    belief="that any random numbers will do. They will, but a run that nobody can repeat is hard "
    "to debug.",
)
def _from_elsewhere(n_inputs, n_outputs, rng):
    return he_weights.solution(n_inputs, n_outputs, np.random.default_rng())
