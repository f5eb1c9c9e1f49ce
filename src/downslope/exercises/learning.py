"""Exercises of chapter 1: data kept aside, accuracy, one-hot targets, choosing, the perceptron."""

import math

import numpy as np

from downslope.check.draws import equally_likely, index_array, many_draws
from downslope.check.exercise import Exactly, exercise, in_words
from downslope.check.wording import yes_or_no

__all__ = [
    "accuracy",
    "better_weight",
    "choose_degree",
    "one_hot",
    "perceptron_update",
    "train_test_indices",
]


_FEW = 8  # with fewer samples, every way to divide them can be counted


def _scored(rng):
    scores = np.array([[0.1, 0.7, 0.2], [2.0, 1.0, 0.5], [0.2, 0.3, 0.5], [-1.0, -3.0, -2.0]])
    yield {"scores": scores, "labels": np.array([1, 0, 1, 0])}
    yield {"scores": np.array([[-3.0, 0.5]]), "labels": np.array([1])}
    yield {"scores": np.array([[0.5, 4.0, 2.0]]), "labels": np.array([2])}
    yield {"scores": np.array([[0.25, 0.375, 0.3125]]), "labels": np.array([0])}
    yield {"scores": np.array([[0.27, 0.27 + 2.0**-21, 0.125]]), "labels": np.array([1])}
    few = np.arange(2**12) % 1500 == 7  # three hits, a share that no rounding leaves as it is
    yield {"scores": np.array([[1.0, 0.0]] * len(few)), "labels": np.where(few, 0, 1)}
    scores = rng.permuted(np.tile(np.arange(-2.0, 3.0), (9, 1)), axis=1).T.copy().T
    worst, *_, second, best = scores.argsort(axis=1).T
    yield {"scores": scores, "labels": np.where(np.arange(9) < 7, best, worst)}
    yield {"scores": scores - 3, "labels": np.where(np.arange(9) < 5, second, best)}


@exercise(cases=_scored, right="you can say of any classifier how often it hits.")
def accuracy(scores, labels):
    """The share of samples whose highest score is at the label, a number from 0 to 1."""
    return np.mean(scores.argmax(axis=1) == labels)


@accuracy.wrong(
    "This counts the hits. You were asked for their share, from 0 to 1: divide by the number of "
    "samples, or take the mean.",
    belief="that more hits mean a better classifier. On a larger set of data any classifier hits "
    "more often.",
)
def _number_of_hits(scores, labels):
    return np.sum(scores.argmax(axis=1) == labels)


@accuracy.wrong(
    "This is the accuracy in percent. You were asked for a share, from 0 to 1.",
    belief="that percent are more natural. They are for reading; code that adds and compares "
    "shares needs one convention.",
)
def _percent(scores, labels):
    return 100 * np.mean(scores.argmax(axis=1) == labels)


@accuracy.wrong(
    "This is the share of misses, the error rate. You were asked for the share of hits.",
    belief="that a small number should be the good one. That holds for a loss; accuracy grows.",
)
def _share_of_misses(scores, labels):
    return np.mean(scores.argmax(axis=1) != labels)


@accuracy.wrong(
    "Your argmax(axis=0) looks for the best sample of each class. You were asked for the best "
    "class of each sample, which is axis=1.",
    belief="that axis=0 means: for each row. It means: along the rows, so that the rows vanish.",
)
def _best_sample_of_each_class(scores, labels):
    return np.mean(scores.argmax(axis=0) == labels)


@accuracy.wrong(
    "Your argmax() looks for the one highest score of the whole table, and counts on through all "
    "its rows. You were asked for the best class of each sample, which is axis=1.",
    belief="that argmax looks at each row by itself. It does only if it is told along which axis.",
)
def _best_of_the_whole_table(scores, labels):
    return np.mean(scores.argmax() == labels)


@accuracy.wrong(
    "This is the mean score at the label. Accuracy does not ask how high that score is, only "
    "whether it is the highest of its row.",
    belief="that a higher score is a better answer. For accuracy it is right or wrong.",
)
def _mean_score_at_the_label(scores, labels):
    return np.mean(scores[np.arange(len(labels)), labels])


def _labels(rng):
    yield {"labels": np.array([2, 0, 1]), "n_classes": 4}
    yield {"labels": np.array([1, 1, 0, 2, 1]), "n_classes": 3}
    yield {"labels": np.array([2, 0, 2, 1]), "n_classes": 4}
    yield {"labels": np.array([0, 0]), "n_classes": 1}
    yield {"labels": np.array([3]), "n_classes": 5}
    yield Exactly({"labels": rng.integers(0, 6, size=9), "n_classes": 7})


@exercise(cases=_labels, right="labels have become rows, one for each sample.")
def one_hot(labels, n_classes):
    """Rows of zeros with a single 1, at the label: shape (len(labels), n_classes)."""
    return np.eye(n_classes)[labels]


@one_hot.wrong(
    "The number of columns comes from the largest label that happens to be there. You were asked "
    "for n_classes columns, even when no sample has the last label.",
    belief="that every class occurs in every batch. In a small batch some are missing.",
)
def _columns_from_the_largest_label(labels, n_classes):
    return np.eye(labels.max() + 1)[labels]


@one_hot.wrong(
    "The rows and columns have changed places. You were asked for one row a sample and one "
    "column a class.",
    belief="that samples stand side by side. In this book, and in every library it names, the "
    "samples are the rows.",
)
def _one_column_a_sample(labels, n_classes):
    return np.eye(n_classes)[labels].T


@one_hot.wrong(
    "The ones stand one column too far to the left, so label 0 is marked in the last column. "
    "Label 0 belongs in column 0.",
    belief="that counting begins at 1. Labels and columns both begin at 0 here; and as -1 is the "
    "last column in Python, nothing warns you.",
)
def _counts_from_one(labels, n_classes):
    return np.eye(n_classes)[labels - 1]


@one_hot.wrong(
    "One index alone names a row, so whole rows have become ones, and a label may even lead past "
    "the last row. A place needs two: rows[np.arange(len(labels)), labels] = 1.",
    belief="that rows[labels] goes through the samples. It takes the labels for row numbers.",
)
def _labels_for_row_numbers(labels, n_classes):
    rows = np.zeros((len(labels), n_classes))
    rows[labels] = 1
    return rows


@one_hot.wrong(
    "The label itself stands in its place. You were asked for a 1 there: one-hot rows are "
    "distributions, and each sums to 1.",
    belief="that the number of a class says how much of it there is. It is a name only.",
)
def _the_label_in_its_place(labels, n_classes):
    return np.eye(n_classes)[labels] * labels[:, np.newaxis]


def _sizes(rng):
    for n, n_test in ((40, 10), (25, 5), (5, 2), (4, 1)):
        yield {"n": n, "n_test": n_test, "rng": np.random.default_rng(rng.integers(2**32))}


def _leaks(split, n, n_test, rng):
    """What does not depend on how the random numbers were drawn."""
    if n < _FEW:
        fair = equally_likely(lambda: _dealt(split, n, n_test, rng), math.comb(n, n_test))
        return {"is every division equally likely": yes_or_no(fair)}
    draws, same = many_draws(lambda rng: _dealt(split, n, n_test, rng), rng)
    twice = any(len(set(part)) < len(part) for draw in draws for part in draw)
    inside = all({*train, *test} <= {*range(n)} for train, test in draws)
    return {
        "number of training samples": sorted({len(train) for train, _ in draws}),
        "number of test samples": sorted({len(test) for _, test in draws}),
        "is a sample in both parts": yes_or_no(any({*train} & {*test} for train, test in draws)),
        "does a sample come twice in a part": yes_or_no(twice),
        "samples from 0 to n - 1 only": yes_or_no(inside),
        "how the test samples lie": _lie([set(np.diff(test)) for _, test in draws]),
        "is it another test part the next time": yes_or_no(len({test for _, test in draws}) > 1),
        "does the same rng give the same parts": yes_or_no(same),
    }


def _dealt(split, n, n_test, rng):
    """The two parts; the order within them does not matter."""
    train, test = map(index_array, split(n, n_test, rng))
    return tuple(sorted(train.tolist())), tuple(sorted(test.tolist()))


def _lie(gaps):
    """How samples lie, from the gaps between them in every draw."""
    if all(found == {1} for found in gaps):
        return "in one block"
    return "at equal distances" if all(len(found) == 1 for found in gaps) else "scattered"


@exercise(
    cases=_sizes,
    observe=_leaks,
    right="no sample is in both parts, so the test data can surprise the network.",
)
def train_test_indices(n, n_test, rng):
    """Two index arrays, train and test: all samples dealt out at random, n_test of them to test."""
    order = rng.permutation(n)
    return order[n_test:], order[:n_test]


@train_test_indices.wrong(
    "Some samples are in both parts: they were drawn twice, once for each. Shuffle once and cut "
    "the order in two.",
    belief="that two random choices keep out of each other's way. They do not, and a network is "
    "then examined on what it has learned by heart.",
)
def _two_draws(n, n_test, rng):
    train = rng.choice(n, n - n_test, replace=False)
    return train, rng.choice(n, n_test, replace=False)


@train_test_indices.wrong(
    "The training part holds every sample, those of the test part too. Take the test samples out.",
    belief="that more training data are always better. These are the very ones that the network "
    "will be examined on.",
)
def _trains_on_everything(n, n_test, rng):
    return np.arange(n), rng.choice(n, n_test, replace=False)


@train_test_indices.wrong(
    "The data were cut without shuffling, so the test part is a block of neighbours. Deal out at "
    "random, with rng.permutation(n).",
    belief="that data lie in no particular order. They are often sorted by class, by writer or by "
    "date, and then the two parts are not alike.",
)
def _cuts_without_shuffling(n, n_test, rng):
    return np.arange(n - n_test), np.arange(n - n_test, n)


@train_test_indices.wrong(
    "The test part holds the same samples every time. Deal out all of them at random.",
    belief="that every fourth sample is a fair choice. If the data come in a rhythm, it is none.",
)
def _every_so_many(n, n_test, rng):
    test = np.arange(0, n, n // n_test)[:n_test]
    return rng.permutation(np.setdiff1d(np.arange(n), test)), test


@train_test_indices.wrong(
    "The two parts have changed places: first the training samples were asked for, then the "
    "n_test test samples.",
    belief="that the order of two results is a matter of taste. Whoever calls the function "
    "unpacks them in the order that was agreed.",
)
def _test_first(n, n_test, rng):
    return train_test_indices.solution(n, n_test, rng)[::-1]


@train_test_indices.wrong(
    "The split is random, but it was not drawn from rng. Use rng.permutation(n), so that "
    "whoever hands over the rng can repeat the run.",
    belief="that any random order will do. It will, but a result that nobody can repeat is hard "
    "to believe.",
)
def _splits_from_elsewhere(n, n_test, rng):
    return train_test_indices.solution(n, n_test, np.random.default_rng())


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
    yield {"loss": _VALLEY, "w": 1.25, "nudge": 1.0}
    yield {"loss": _VALLEY, "w": 0.75, "nudge": 1.0}
    yield {"loss": _TILTED, "w": 2.0**-30, "nudge": 2.0**-31}
    yield {"loss": _VALLEY, "w": 2.0**30, "nudge": 2.0**28}
    yield {"loss": _VALLEY, "w": -(2.0**30), "nudge": 2.0**28}
    yield {"loss": _VALLEY, "w": rng.integers(-40, 40) / 2 + 0.25, "nudge": 1.75}


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
    "Where w - nudge is not the lower side this goes to w + nudge, also from the bottom of the "
    "valley. There, w itself is the best of the three.",
    belief="that there are two ways to go. There is a third: to stay.",
)
def _up_unless_down_is_lower(loss, w, nudge):
    return w - nudge if loss(w - nudge) < loss(w + nudge) else w + nudge


@better_weight.wrong(
    "Where w + nudge does not help this goes to w - nudge, without a look at the loss there. At "
    "the bottom of the valley neither side helps, and w is best.",
    belief="that what is wrong in one direction is right in the other. At the bottom both are "
    "wrong.",
)
def _down_if_up_does_not_help(loss, w, nudge):
    return w + nudge if loss(w + nudge) < loss(w) else w - nudge


@better_weight.wrong(
    "Where w - nudge does not help this goes to w + nudge, without a look at the loss there. At "
    "the bottom of the valley neither side helps, and w is best.",
    belief="that a loss which rises on the left must fall on the right. At the bottom it rises on "
    "both sides.",
)
def _up_if_down_does_not_help(loss, w, nudge):
    return w - nudge if loss(w - nudge) < loss(w) else w + nudge


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
    yield {"validation_errors": np.array([1.75, 1.7509765625, 1.7490234375, 1.75])}
    yield {"validation_errors": np.array([5.0, 4.0, 3.0, 0.5])}
    yield {"validation_errors": np.array([2.5])}
    yield {"validation_errors": 1 + np.abs(np.arange(40.0) - 33) / 8}
    yield {"validation_errors": np.insert(rng.permutation(np.arange(1.0, 5.0, 0.375)), 8, 0.5)}


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
def _counts_degrees_from_one(validation_errors):
    return int(np.argmin(validation_errors)) + 1


def _inputs(rng):
    x = np.array([1.0, 2.0])
    for w, b, t in (
        (np.array([0.5, -1.0]), 0.2, 1),  # silent, and should fire
        (np.array([0.5, 1.0]), 0.2, 0),  # fires, and should be silent
        (np.array([0.5, 1.0]), 0.2, 1),  # right
        (np.array([0.5, -1.0]), 0.2, 0),  # right
        (np.array([0.5, 0.0]), -0.75, 0),  # right, because of the bias
        (np.array([-0.5, 0.0]), 0.75, 1),  # right, because of the bias
        (np.array([0.5, 0.0]), 0.75, 1),  # right, with the bias or without, but not against it
        (np.array([0.5, 0.0]), -0.5 + 2**-10, 0),  # just above 0
        (np.array([0.5, 0.0]), -0.5 - 2**-10, 1),  # just below 0
        (np.array([1.0, -0.5]), 0.0, 1),  # the sum is exactly 0: silent, and should fire
        (np.array([0.5, 0.0]), 2**-20 - 0.5, 0),  # it is hardly more: fires, and should be silent
    ):
        yield {"w": w, "b": b, "x": x.copy(), "t": t, "learning_rate": 0.1}
    for scale in (2.0**-40, 2.0**30):  # what was rounded off or limited shows
        w, x = scale * np.array([0.5, -1.5]), np.array([1.0, 2.0])
        yield {"w": w, "b": 0.75 * scale, "x": x, "t": 1, "learning_rate": scale}
        yield {"w": -w, "b": -0.75 * scale, "x": x.copy(), "t": 0, "learning_rate": scale}
    w, x = np.array([0.0, 0.0, 0.5]), np.array([1.0, 2.0, 3.0])  # the third input decides
    yield {"w": w, "b": -0.5, "x": x, "t": 0, "learning_rate": 0.5}
    for t in (0, 1, 0, 1):  # the sum is an odd number of sixteenths, never 0
        w, x = rng.integers(-8, 9, size=4) / 4, rng.integers(-8, 9, size=4) / 2
        b = rng.integers(-9, 9) / 8 + 1 / 16
        yield {"w": w, "b": b, "x": x, "t": t, "learning_rate": 0.75}


@exercise(cases=_inputs, right="the perceptron learns from its mistakes, and only from them.")
def perceptron_update(w, b, x, t, learning_rate):
    """The new w and b: with y = 1 if w @ x + b > 0 else 0, move them by (t - y) times the input."""
    y = 1 if w @ x + b > 0 else 0
    return w + learning_rate * (t - y) * x, b + learning_rate * (t - y)


@perceptron_update.wrong(
    "The sign is turned: this moves w away from the right answer. The mistake is t - y, what "
    "should have come less what came.",
    belief="that learning always subtracts. The rule adds t - y times the input, which is the "
    "same as subtracting y - t times it.",
)
def _unlearns(w, b, x, t, learning_rate):
    y = 1 if w @ x + b > 0 else 0
    return w - learning_rate * (t - y) * x, b - learning_rate * (t - y)


@perceptron_update.wrong(
    "The sum leaves out the bias: w @ x + b > 0 decides, not w @ x > 0.",
    belief="that the bias only has to be learned. It takes part in every answer.",
)
def _decides_without_the_bias(w, b, x, t, learning_rate):
    y = 1 if w @ x > 0 else 0
    return w + learning_rate * (t - y) * x, b + learning_rate * (t - y)


@perceptron_update.wrong(
    "Where the sum is exactly 0, yours says 1. The perceptron says 1 only if the sum is greater.",
    belief="that > or >= makes no difference. All weights begin at 0, and so does the sum.",
)
def _fires_at_zero(w, b, x, t, learning_rate):
    y = 1 if w @ x + b >= 0 else 0
    return w + learning_rate * (t - y) * x, b + learning_rate * (t - y)


@perceptron_update.wrong(
    "The weights are right, but the bias has not moved. It learns as a weight does whose input "
    "is always 1.",
    belief="that the bias is a constant. It is a parameter like the others.",
)
def _keeps_the_bias(w, b, x, t, learning_rate):
    return perceptron_update.solution(w, b, x, t, learning_rate)[0], b


@perceptron_update.wrong(
    "This moves by t times the input, whatever came out. Only a mistake should move anything: "
    "multiply by t - y.",
    belief="that every sample teaches something. In this rule a right answer leaves all as it is.",
)
def _learns_from_right_answers_too(w, b, x, t, learning_rate):
    return w + learning_rate * t * x, b + learning_rate * t


@perceptron_update.wrong(
    "The mistake was taken from the sum w @ x + b itself. The perceptron answers 0 or 1: let it "
    "decide first, then subtract.",
    belief="that the output is the weighted sum. In between stands the step function.",
)
def _mistake_of_the_sum(w, b, x, t, learning_rate):
    mistake = t - (w @ x + b)
    return w + learning_rate * mistake * x, b + learning_rate * mistake


@perceptron_update.wrong(
    "The weights all move by the same amount. Each should move by the mistake times its own "
    "input, so that a weight whose input was 0 is not blamed.",
    belief="that a mistake is the fault of all weights alike. A large input had more to say.",
)
def _blames_all_weights_alike(w, b, x, t, learning_rate):
    y = 1 if w @ x + b > 0 else 0
    return w + learning_rate * (t - y), b + learning_rate * (t - y)
