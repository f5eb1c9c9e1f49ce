"""Exercises of chapter 1 about choosing: a weight by its loss, a degree by its validation error."""

import numpy as np

from downslope.check.exercise import exercise, in_words

__all__ = ["better_weight", "choose_degree"]

_VALLEY = in_words("lambda w: (w - 1)**2", lambda w: (w - 1) ** 2)
_LEFT_OF_A_HILL = in_words("lambda w: -(w - 0.1)**2", lambda w: -((w - 0.1) ** 2))
_RIGHT_OF_A_HILL = in_words("lambda w: -(w + 0.1)**2", lambda w: -((w + 0.1) ** 2))
_TILTED = in_words("lambda w: w**4 - w", lambda w: w**4 - w)


def _weights(rng):
    yield {"loss": _VALLEY, "w": 3.0, "nudge": 0.1}
    yield {"loss": _VALLEY, "w": -2.0, "nudge": 0.25}
    yield {"loss": _VALLEY, "w": 1.0, "nudge": 0.5}
    yield {"loss": _TILTED, "w": 0.0, "nudge": 0.125}
    yield {"loss": _VALLEY, "w": 0.9, "nudge": 0.5}
    yield {"loss": _LEFT_OF_A_HILL, "w": 0.0, "nudge": 1.0}
    yield {"loss": _RIGHT_OF_A_HILL, "w": 0.0, "nudge": 1.0}


@exercise(
    cases=_weights,
    right="your machine goes down on either side of a valley, and stays when it is at the bottom.",
)
def better_weight(loss, w, nudge):
    """The one of w, w - nudge and w + nudge at which loss, a function of one weight, is lowest."""
    return min([w, w - nudge, w + nudge], key=loss)


@better_weight.wrong(
    "This is the weight with the highest of the three losses. You were asked for the lowest.",
    belief="that more is better. That is true of accuracy; a loss says how wrong it is.",
)
def _worst_weight(loss, w, nudge):
    return max([w, w - nudge, w + nudge], key=loss)


@better_weight.wrong(
    "This is the lowest of the three losses. You were asked for the weight that has it.",
    belief="that the loss is what learning finds. The loss is its indicator; what it finds is "
    "the weight.",
)
def _lowest_loss(loss, w, nudge):
    return min(loss(w), loss(w - nudge), loss(w + nudge))


@better_weight.wrong(
    "This always moves, up or down, also from the bottom of the valley, where both ways lead up.",
    belief="that a step is always a gain. At the bottom, staying is best.",
)
def _always_moves(loss, w, nudge):
    return min([w - nudge, w + nudge], key=loss)


@better_weight.wrong(
    "This goes to the lower of the two sides, even where w itself is lower than both.",
    belief="that the slope says all. Near the bottom a whole nudge may lead past it.",
)
def _follows_the_slope(loss, w, nudge):
    return w - nudge * np.sign(loss(w + nudge) - loss(w - nudge))


@better_weight.wrong(
    "This takes the first side that is lower than w. Where both are, the other may be lower still.",
    belief="that better is best. You have three losses: compare all of them.",
)
def _first_side_that_is_lower(loss, w, nudge):
    if loss(w - nudge) < loss(w):
        return w - nudge
    return w + nudge if loss(w + nudge) < loss(w) else w


@better_weight.wrong(
    "This is w - nudge whatever the loss says. On the left of a valley, the way down leads up the "
    "scale: to w + nudge.",
    belief="that a lower loss needs a lower weight.",
)
def _always_lower(loss, w, nudge):
    return w - nudge


def _errors(rng):
    yield {"validation_errors": np.array([4.5, 2.5, 1.75, 2.0, 3.25])}
    yield {"validation_errors": np.array([3.5, 1.5, 2.0, 1.5, 1.5])}
    yield {"validation_errors": np.array([1.25, 3.0, 8.5])}
    yield {"validation_errors": np.array([3.0, 2.0, 2.5, 1.0, 1.5])}
    yield {"validation_errors": np.array([4.5, 4.75, 2.25, 2.0, 3.25])}


@exercise(
    cases=_errors,
    right="you choose by what was not used in training, and between equals the simpler one.",
)
def choose_degree(validation_errors):
    """The degree whose validation error, validation_errors[degree], is smallest."""
    return int(np.argmin(validation_errors))


@choose_degree.wrong(
    "This is the smallest error itself. You were asked for the degree that has it.",
    belief="that the error is the answer. What you go on with is the degree.",
)
def _smallest_error(validation_errors):
    return np.min(validation_errors)


@choose_degree.wrong(
    "This is the degree with the largest error.",
    belief="that the largest number is the best one. That is true of accuracies, not of errors.",
)
def _largest_error(validation_errors):
    return int(np.argmax(validation_errors))


@choose_degree.wrong(
    "This is the highest degree there is, whatever its error.",
    belief="that the model that can bend most fits best. On the training data it does; new data "
    "are another matter.",
)
def _highest_degree(validation_errors):
    return len(validation_errors) - 1


@choose_degree.wrong(
    "Where several degrees do equally well, this takes the highest. You were asked for the "
    "simplest.",
    belief="that it does not matter. A simpler model that does as well leaves less "
    "room for chance.",
)
def _last_of_equals(validation_errors):
    reversed_errors = np.asarray(validation_errors)[::-1]
    return len(reversed_errors) - 1 - int(np.argmin(reversed_errors))


@choose_degree.wrong(
    "This stops at the first rise. A later degree does better still.",
    belief="that the errors make a smooth U. With few data they jump about: look at all of them.",
)
def _stops_at_the_first_rise(validation_errors):
    rises = np.flatnonzero(np.diff(validation_errors) > 0)
    return int(rises[0]) if len(rises) else len(validation_errors) - 1


@choose_degree.wrong(
    "This counts from 1. The first error belongs to degree 0, a constant.",
    belief="that the first polynomial is a line. Degree 0 comes first.",
)
def _counts_from_one(validation_errors):
    return int(np.argmin(validation_errors)) + 1
