"""Exercises of chapter 6, its first half: a step of each optimizer, and the first weights."""

import numpy as np

from downslope.check.exercise import exercise

__all__ = ["momentum_step", "nesterov_step"]

_SCALES = 2.0**-20, 2.0**20  # what was rounded off or limited shows in small and large numbers
_X_ALONE = {
    "hint": "The new x is right, and comes alone. Return the new velocity as well: return x, velocity.",
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
        x, velocity, gradient = (np.array(one) for one in numbers)
        yield {
            "x": x,
            "velocity": velocity,
            "gradient": gradient,
            "learning_rate": learning_rate,
            "momentum": momentum,
        }


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
