"""Exercises of chapter 2: losses, softmax without overflow, the mean over a mini-batch."""

import functools
import math
from itertools import pairwise
from numbers import Real

import numpy as np

from downslope.check.draws import equally_likely, many_draws
from downslope.check.exercise import EachByItself, Exactly, exercise
from downslope.check.wording import sort_of, yes_or_no

__all__ = [
    "cross_entropy",
    "minibatch_mean",
    "softmax",
    "softmax_cross_entropy",
    "sum_squared_error",
]


def _guesses(rng):
    yield {"y": np.array([0.1, 0.8, 0.1]), "t": np.array([0.0, 1.0, 0.0])}
    yield {"y": np.array([3.0, -1.0, 0.5, 2.0]), "t": np.array([1.0, 1.0, 2.0, 2.5])}
    yield {"y": np.array([2.0, -0.5]), "t": np.array([2.0, -0.5])}
    yield {"y": np.array([-7.0]), "t": np.array([5.0])}
    for scale in (2.0**-20, 2.0**20):  # what was rounded off or limited shows
        yield {"y": scale * np.array([1.5, -2.0]), "t": scale * np.array([-0.25, 1.0])}
    yield {"y": rng.normal(size=6), "t": rng.normal(size=6)}


@exercise(cases=_guesses, right="one number says how far the guess is off.")
def sum_squared_error(y, t):
    """Half the sum of the squared differences between the guess y and the target t."""
    return np.sum((y - t) ** 2) / 2


@sum_squared_error.wrong(
    "This is the sum of the squares without the ½. Half of it was asked for, so that its "
    "derivative is y - t without a 2.",
    belief="that a constant factor does not matter. The best guess stays the same, but every "
    "gradient doubles, as if the learning rate had.",
)
def _without_the_half(y, t):
    return np.sum((y - t) ** 2)


@sum_squared_error.wrong(
    "This is the mean of the squares. You were asked for half their sum, which grows with the "
    "number of outputs.",
    belief="that the sum and the mean of squares are two names for one loss. They differ by a "
    "factor, and so do their gradients.",
)
def _mean_of_squares(y, t):
    return np.mean((y - t) ** 2)


@sum_squared_error.wrong(
    "This is half the mean of the squares. You were asked for half their sum.",
    belief="that the ½ and the mean do the same service. The ½ clears the 2 out of the "
    "derivative; the mean divides by the number of outputs.",
)
def _half_the_mean(y, t):
    return np.mean((y - t) ** 2) / 2


@sum_squared_error.wrong(
    "The differences were added up without squares, so too much and too little cancel. Square "
    "each one first.",
    belief="that the sum of the errors says how wrong a guess is. A guess can be far off both "
    "ways and have the sum 0.",
)
def _sum_of_differences(y, t):
    return np.sum(y - t) / 2


@sum_squared_error.wrong(
    "This takes absolute values in place of squares. With squares a large miss weighs more, and "
    "the slope fades as the guess gets better.",
    belief="that the absolute value is the simpler square. Its slope is -1 or 1 and never says "
    "that the target is near.",
)
def _absolute_values(y, t):
    return np.sum(np.abs(y - t)) / 2


@sum_squared_error.wrong(
    "This is the length of y - t, the root of the sum of squares. You were asked for half that "
    "sum itself.",
    belief="that the error is the distance. Its square was asked for: it has a simple derivative.",
)
def _distance(y, t):
    return np.sqrt(np.sum((y - t) ** 2))


@sum_squared_error.wrong(
    "The differences were added up first and then squared, so too much and too little cancel. "
    "Square each one, and then add up.",
    belief="that sum and square may change places. 3 and -3 sum to 0; their squares sum to 18.",
)
def _square_of_the_sum(y, t):
    return np.sum(y - t) ** 2 / 2


@sum_squared_error.wrong(
    "In Python ^ is no power: it works on the bits of integers. Write ** 2.",
    belief="that ^ raises to a power, as in other languages. Here it is exclusive or.",
)
def _caret_for_a_power(y, t):
    return ((y - t) ^ 2).sum() / 2


def _predictions(rng):
    yield {"probabilities": np.full((2, 10), 0.1), "labels": np.array([3, 7])}
    rows = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]])
    yield {"probabilities": rows, "labels": np.array([0, 0, 2])}
    never = np.array([[0.0, 1.0], [0.5, 0.5]])
    yield {"probabilities": never, "labels": np.array([0, 1])}
    yield {"probabilities": never.copy(), "labels": np.array([1, 1])}
    yield {"probabilities": np.eye(3), "labels": np.arange(3)}  # sure and right costs 0 exactly
    yield {"probabilities": np.array([[0.125, 0.5, 0.375]]), "labels": np.array([2])}
    almost = np.array([[2.0**-20, 1 - 2.0**-20]])  # costs so little that rounding off shows
    yield {"probabilities": almost, "labels": np.array([1])}
    rows = rng.uniform(0.1, 1, size=(4, 6)).T
    rows = rows / rows.sum(axis=1, keepdims=True)
    yield {"probabilities": rows, "labels": rng.integers(0, 4, size=6)}


@exercise(cases=_predictions, right="your loss is the mean surprise at the right answers, in nats.")
def cross_entropy(probabilities, labels):
    """The mean over the rows of -log(probability of the label), with the natural logarithm."""
    return -np.mean(np.log(probabilities[np.arange(len(labels)), labels]))


@cross_entropy.wrong(
    "This is in bits: np.log2 was used. You were asked for nats, the natural logarithm np.log, "
    "so that a uniform guess over 10 classes costs log 10 = 2.303.",
    belief="that entropy is always in bits. It is in information theory; losses are in nats, "
    "because the derivative of log y is 1 / y without a factor.",
)
def _in_bits(probabilities, labels):
    return cross_entropy.solution(probabilities, labels) / np.log(2)


@cross_entropy.wrong(
    "This used np.log10. You were asked for the natural logarithm, np.log.",
    belief="that log means the base 10, as on a calculator. In mathematics and in NumPy it means "
    "the base e.",
)
def _with_the_base_ten(probabilities, labels):
    return cross_entropy.solution(probabilities, labels) / np.log(10)


@cross_entropy.wrong(
    "The minus is missing. The logarithm of a probability is negative, and a loss should be "
    "small when all is well: lowest at 0.",
    belief="that log turns a probability into a positive number. Probabilities are below 1, so "
    "their logarithms are below 0.",
)
def _without_the_minus(probabilities, labels):
    return -cross_entropy.solution(probabilities, labels)


@cross_entropy.wrong(
    "The loss was summed over the rows. You were asked for the mean, which does not grow with "
    "the batch.",
    belief="that sum and mean are alike. With the sum, a batch twice as large takes steps twice "
    "as long at the same learning rate.",
)
def _summed_over_the_rows(probabilities, labels):
    return len(labels) * cross_entropy.solution(probabilities, labels)


@cross_entropy.wrong(
    "The logarithms of all classes were added up. Only the probability of the label counts: the "
    "target is 0 for every other class.",
    belief="that every probability has a say in the loss. The others do, but only by what they "
    "take away from the right one.",
)
def _over_all_classes(probabilities, labels):
    return -np.mean(np.sum(np.log(probabilities), axis=1))


@cross_entropy.wrong(
    "This divides by the number of classes as well: the zeros of the one-hot rows were counted "
    "in the mean. Sum over the classes, and take the mean over the rows.",
    belief="that one np.mean over the whole array is the mean over the samples. It divides by "
    "rows times columns.",
)
def _mean_over_classes(probabilities, labels):
    return cross_entropy.solution(probabilities, labels) / probabilities.shape[1]


@cross_entropy.wrong(
    "The index [:, labels] takes, from every row, the columns of all labels. You want one number "
    "from each row: probabilities[np.arange(n), labels].",
    belief="that a colon walks along with the labels. It means every row, for each label.",
)
def _a_block_of_columns(probabilities, labels):
    return -np.mean(np.log(probabilities[:, labels]))


@cross_entropy.wrong(
    "An epsilon hides in the logarithm: probability 0 for what did happen cost 16 here, and it "
    "should cost infinity. Leave it out.",
    belief="that a loss must be finite. An infinite one says what is true; a hidden ceiling "
    "hides how wrong the answer is, and bends every gradient a little.",
)
def _with_an_epsilon(probabilities, labels):
    return -np.mean(np.log(probabilities[np.arange(len(labels)), labels] + 1e-7))


@cross_entropy.wrong(
    "Right, until some probability is 0: then 0 · log 0 is nan. Pick the probability of the "
    "label from each row, instead of multiplying all the others by zeros.",
    belief="that zero times anything is zero. Zero times infinity is not a number.",
)
def _multiplies_by_zeros(probabilities, labels):
    rows = np.eye(probabilities.shape[1])[labels]
    return -np.mean(np.sum(rows * np.log(probabilities), axis=1))


@cross_entropy.wrong(
    "This is 1 - probability of the label, on average. You were asked for -log of it, which "
    "makes a confident wrong answer expensive.",
    belief="that what is missing from 1 is the loss. It never exceeds 1, so certainty in a wrong "
    "answer costs hardly more than doubt.",
)
def _what_is_missing_from_one(probabilities, labels):
    return np.mean(1 - probabilities[np.arange(len(labels)), labels])


@cross_entropy.wrong(
    "The mean was taken before the logarithm: this is the surprise at the mean probability. Take "
    "the logarithm of each probability first, and then the mean.",
    belief="that log and mean may change places. One probability near 0 hardly moves a mean of "
    "probabilities, and it should cost much.",
)
def _logarithm_of_the_mean(probabilities, labels):
    return -np.log(np.mean(probabilities[np.arange(len(labels)), labels]))


_LARGE = np.array([[1000.0, 999.75, 996.5]])  # log(sum(exp)) happens to be near a float32


def _moderate_and_extreme_logits(rng):
    yield {"logits": np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 3.0]])}
    yield {"logits": _LARGE.copy()}
    yield {"logits": _LARGE - 2000}
    yield Exactly(logits=np.array([[1000.0, 0.0], [0.0, -1000.0]]))
    yield Exactly(logits=np.array([[0.0, -1000.0], [1000.0, 0.0]]))
    yield EachByItself(logits=np.array([[0.0, -14.0, -3.0], [-9.0, 1.0, -18.0]]))
    yield Exactly(logits=np.array([[0.0, 0.0, 3000.0]]))
    yield Exactly(logits=np.array([[-2000.0, -3000.0]]))
    yield Exactly(logits=np.array([[5.0], [-2.0]]))
    yield {"logits": rng.normal(size=(4, 5)).T}


@exercise(
    cases=_moderate_and_extreme_logits,
    right="your probabilities sum to 1 in every row, and no logit is too large for them.",
)
def softmax(logits):
    """Probabilities in proportion to exp(logits), row by row, without overflow: shape (n, k)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@softmax.wrong(
    "Right for small logits, but exp(1000) overflows and inf / inf is nan. Subtract the largest "
    "logit of each row first; that changes no probability.",
    belief="that a formula that is right on paper is right in floating point. The largest number "
    "of float64 is about exp(709).",
)
def _overflows(logits):
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


@softmax.wrong(
    "Where another row of the batch is far larger, a row becomes 0 / 0 = nan: none of its "
    "exponentials is left. Subtract from each row its own largest logit.",
    belief="that any shift will do. Any shift that is the same within a row gives the same "
    "probabilities, but only the row's own maximum keeps it from underflow.",
)
def _shifts_by_the_largest_of_all(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum(axis=1, keepdims=True)


@softmax.wrong(
    "Right for most rows, but where the largest logit stands far above the smallest, its "
    "exponential overflows. Subtract the largest of each row: then no exponent is above 0.",
    belief="that any shift will do. Only the largest one leaves nothing that is too large.",
)
def _shifts_by_the_smallest(logits):
    powers = np.exp(logits - logits.min(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@softmax.wrong(
    "Right for most rows, but where one logit stands far above the others, its exponential "
    "overflows. Subtract the largest of each row: then no exponent is above 0.",
    belief="that a shift to the middle of a row, or to one of its logits, is enough. The largest "
    "may stand far above it.",
)
def _shifts_by_the_mean(logits):
    powers = np.exp(logits - logits.mean(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@softmax.wrong(
    "Here the columns sum to 1. You were asked for rows that do: one row a sample, axis=1.",
    belief="that axis=0 means: for each row. It means: along the rows, so that the rows vanish.",
)
def _along_the_columns(logits):
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=0)


@softmax.wrong(
    "All rows together sum to 1. Each row is a sample with a distribution of its own: divide "
    "each by its own sum, with axis=1 and keepdims=True.",
    belief="that sum() adds up the rows one by one. Without an axis it adds up everything.",
)
def _over_the_whole_batch(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum()


@softmax.wrong(
    "The logits were divided by their sum. Take the exponential first: logits may be negative, "
    "and probabilities may not.",
    belief="that softmax only scales. It is the exponential that makes every share positive.",
)
def _shares_of_the_logits(logits):
    return logits / logits.sum(axis=1, keepdims=True)


@softmax.wrong(
    "The whole batch sums to 1; each row should. And exp(1000) overflows. Divide each row by its "
    "own sum, with axis=1 and keepdims=True, and subtract its largest logit first.",
    belief="that what is right for one sample is right for a batch. Without an axis, sum() adds "
    "up all of it.",
)
def _as_written_for_one_sample(logits):
    return np.exp(logits) / np.exp(logits).sum()


@softmax.wrong(
    "The whole batch sums to 1; each row should. Give sum and max axis=1 and keepdims=True.",
    belief="that what is right for one sample is right for a batch. Without an axis, max() and "
    "sum() see all of it.",
)
def _shifted_for_one_sample(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


@softmax.wrong(
    "The row sums have lost their axis, so that shape (n, k) meets (n,): NumPy lays them along "
    "the columns, or refuses. Keep them as a column: sum(axis=1, keepdims=True).",
    belief="that NumPy knows that a sum belongs to its row. It lines shapes up from the right.",
)
def _row_sums_without_their_axis(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1)


@softmax.wrong(
    "The row maxima have lost their axis, so that shape (n, k) meets (n,): NumPy lays them along "
    "the columns, or refuses. Keep them as a column: max(axis=1, keepdims=True).",
    belief="that NumPy knows that a maximum belongs to its row. It lines shapes up from the right.",
)
def _row_maxima_without_their_axis(logits):
    powers = np.exp(logits - logits.max(axis=1))
    return powers / powers.sum(axis=1, keepdims=True)


@softmax.wrong(
    "Row maxima and row sums have lost their axis, so that shape (n, k) meets (n,): NumPy lays "
    "them along the columns, or refuses. Keep both as columns, with keepdims=True.",
    belief="that NumPy knows what belongs to which row. It lines shapes up from the right.",
)
def _neither_with_its_axis(logits):
    powers = np.exp(logits - logits.max(axis=1))
    return powers / powers.sum(axis=1)


@softmax.wrong(
    "The row sums have lost their axis, so that shape (n, k) meets (n,), and exp(1000) overflows. "
    "Keep sums as a column, keepdims=True, and subtract the largest logit of each row first.",
    belief="that NumPy knows that a sum belongs to its row. It lines shapes up from the right.",
)
def _as_written_without_the_axis(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1)


def _confident_logits(rng):
    yield {"logits": np.zeros((2, 10)), "labels": np.array([3, 7])}
    yield {"logits": np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 3.0]]), "labels": np.array([1, 0])}
    yield {"logits": np.array([[1000.0, 0.0, 0.0], [0.0, 1.0, 50.0]]), "labels": np.array([1, 0])}
    yield {"logits": np.array([[0.0, -1000.0]]), "labels": np.array([1])}
    yield {"logits": np.array([[0.0, -1000.0]]), "labels": np.array([0])}
    yield {"logits": np.array([[0.0, 0.0, 3000.0]]), "labels": np.array([0])}
    yield {"logits": np.array([[-2000.0, -3500.0]]), "labels": np.array([1])}
    yield {"logits": np.array([[0.0, 2.0**30]]), "labels": np.array([0])}
    yield Exactly({"logits": np.array([[1000 + 2.0**-10, 0.0]]), "labels": np.array([1])})
    yield {"logits": _LARGE.copy(), "labels": np.array([1])}
    yield {"logits": np.array([[3.0], [-3.0]]), "labels": np.array([0, 0])}
    yield {"logits": rng.normal(size=(5, 4)).T, "labels": rng.integers(0, 5, size=4)}


@exercise(
    cases=_confident_logits,
    right="even a thousand times too confident costs what it should: 1000, and not infinity.",
)
def softmax_cross_entropy(logits, labels):
    """The mean cross-entropy of softmax(logits), from the logits, exact for extreme ones too."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    at_the_label = shifted[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - at_the_label)


@softmax_cross_entropy.wrong(
    "A confident wrong answer costs infinity here, and should cost 1000. On the way there is an "
    "exponential that is too large, or a probability that is too small, for a float. Subtract the "
    "largest logit of each row, and take log-softmax, logit - log(sum(exp)), at once.",
    belief="that right steps in a row are right. After softmax a number may be too small to be "
    "told from 0, and after another shift than by the largest too large.",
)
def _softmax_then_log(logits, labels):
    return cross_entropy.solution(softmax.solution(logits), labels)


@softmax_cross_entropy.wrong(
    "An epsilon hides in the logarithm. It keeps the loss from infinity by telling a lie: "
    "-log(1e-7) = 16 in place of 1000. Work from the logits; then it is not needed.",
    belief="that a small constant does no harm. It puts a ceiling on the loss just where the "
    "network is most wrong, and it bends every gradient check a little.",
)
def _with_a_hidden_epsilon(logits, labels):
    return cross_entropy.solution(softmax.solution(logits) + 1e-7, labels)


@softmax_cross_entropy.wrong(
    "A perfect guess costs 1e-7 here, and should cost 0: there is an epsilon too many. After the "
    "shift the sum of the exponentials is never below 1, so nothing needs protecting.",
    belief="that every logarithm needs an epsilon. After the shift one exponential is exactly 1.",
)
def _epsilon_in_the_sum(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    at_the_label = shifted[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(shifted).sum(axis=1) + 1e-7) - at_the_label)


@softmax_cross_entropy.wrong(
    "Right for most rows, but where one logit stands far above the others, its exponential "
    "overflows. Subtract the largest of each row: then no exponent is above 0.",
    belief="that a shift to the middle of a row is enough. The largest may stand far above it.",
)
def _centres_the_rows(logits, labels):
    shifted = logits - logits.mean(axis=1, keepdims=True)
    at_the_label = shifted[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - at_the_label)


@softmax_cross_entropy.wrong(
    "The exponentials overflow: exp(1000) is infinite. Subtract each row's largest logit first; "
    "the loss stays the same.",
    belief="that the logarithm tames what the exponential did. By then it has overflowed.",
)
def _overflows_on_the_way(logits, labels):
    at_the_label = logits[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - at_the_label)


@softmax_cross_entropy.wrong(
    "The losses of the rows were summed. You were asked for their mean.",
    belief="that sum and mean are alike. With the sum, a batch twice as large takes steps twice "
    "as long at the same learning rate.",
)
def _summed_over_the_batch(logits, labels):
    return len(labels) * softmax_cross_entropy.solution(logits, labels)


@softmax_cross_entropy.wrong(
    "The sign is turned: this is the mean of log-softmax at the labels. The loss is its negative.",
    belief="that the loss is the logarithm of the probability. That is a score, to be made large; "
    "a loss is to be made small.",
)
def _log_likelihood(logits, labels):
    return -softmax_cross_entropy.solution(logits, labels)


@softmax_cross_entropy.wrong(
    "Here one maximum serves the whole batch. In a row that lies far below it no exponential is "
    "left, and the logarithm of their sum is -inf. Subtract from each row its own largest logit.",
    belief="that any shift will do. Only the row's own maximum keeps one exponential at 1.",
)
def _one_maximum_for_all(logits, labels):
    shifted = logits - logits.max()
    at_the_label = shifted[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - at_the_label)


@softmax_cross_entropy.wrong(
    "The row maxima have lost their axis, so that shape (n, k) meets (n,): NumPy lays them along "
    "the columns, or refuses. Keep them as a column: max(axis=1, keepdims=True).",
    belief="that NumPy knows that a maximum belongs to its row. It lines shapes up from the right.",
)
def _maxima_without_their_axis(logits, labels):
    highest = logits.max(axis=1)
    at_the_label = logits[np.arange(len(labels)), labels]
    return np.mean(highest + np.log(np.exp(logits - highest).sum(axis=1)) - at_the_label)


@softmax_cross_entropy.wrong(
    "The row maxima that you subtract have lost their axis: shape (n, k) meets (n,), and NumPy "
    "lays them along the columns, or refuses. Write max(axis=1, keepdims=True).",
    belief="that NumPy knows that a maximum belongs to its row. It lines shapes up from the right.",
)
def _shifted_by_maxima_without_their_axis(logits, labels):
    shifted = logits - logits.max(axis=1)
    at_the_label = shifted[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - at_the_label)


_FEW = 8  # with fewer losses, every batch can be counted


def _losses(rng):
    for n, batch_size, smallest in (
        (11, 3, 1 / 4),
        (9, 4, 2.0**-40),  # where rounding off shows
        (8, 5, 2.0**30),  # where a limit does
        (8, 8, 1 / 4),
        (5, 2, 1 / 4),
    ):
        yield {
            "losses": smallest * rng.permutation(float(batch_size + 1) ** np.arange(n)),
            "batch_size": batch_size,
            "rng": np.random.default_rng(rng.integers(2**32)),
        }


def _who_was_in_the_batch(mean, losses, batch_size, rng):
    """What does not depend on how the random numbers were drawn."""
    n = len(losses)
    read = functools.cache(lambda mean: _read_batch(mean, losses, batch_size))  # few, many times

    def draw(rng):
        return read(_number(mean(losses, batch_size, rng)))

    if n < _FEW:
        fair = equally_likely(lambda: draw(rng), math.comb(n, batch_size))
        return {
            "the sum was divided by": draw(rng)[0],
            "is every batch equally likely": yes_or_no(fair),
        }
    draws, same = many_draws(draw, rng)
    batches = [counts for _, counts in draws]
    return {
        "the sum was divided by": draws[0][0],
        "number of losses in the batch": [sum(counts) for counts in batches],
        "was a loss taken twice": yes_or_no(max(map(max, batches)) > 1),
        "is it another batch each time": yes_or_no(len({*batches}) > 1),
        "are they always neighbours": yes_or_no(
            batch_size < n / 2 and all(map(_are_neighbours, batches))
        ),
        "does the same rng give the same batch": yes_or_no(same),
    }


def _number(mean):
    mean = mean.item() if isinstance(mean, np.ndarray) and mean.ndim == 0 else mean
    if not isinstance(mean, Real):
        raise TypeError(f"one number was asked for, got {sort_of(mean)}")
    return float(mean)


def _read_batch(mean, losses, batch_size):
    """What a sum was divided by, and how often each loss is in it.

    Every loss is the smallest times a power of a base that is more than batch_size. So digit k of
    their sum in that base says how often the smallest times base**k was taken; and no sum needs
    more digits than float32 has.
    """
    n, unit = len(losses), losses.min()
    for name, divisor in (("batch_size", batch_size), ("nothing", 1), ("len(losses)", n)):
        total = round(mean * divisor / unit) if np.isfinite(mean) else -1
        counts = tuple(int(total // power % (batch_size + 1)) for power in losses / unit)
        read = np.isclose(total, mean * divisor / unit, rtol=1e-6, atol=0)
        if read and (sum(counts) == batch_size or set(counts) == {1}):
            return name, counts
    return "something else", (0,)


def _are_neighbours(counts):
    """Whether the losses that were taken stand side by side, the last beside the first."""
    return sum(one != other for one, other in pairwise((*counts, counts[0]))) <= 2


@exercise(
    cases=_losses,
    observe=_who_was_in_the_batch,
    right="the mean of a random batch, right on average and cheap to have.",
)
def minibatch_mean(losses, batch_size, rng):
    """The mean over batch_size different losses, drawn at random from rng."""
    return losses[rng.choice(len(losses), batch_size, replace=False)].mean()


@minibatch_mean.wrong(
    "This is the sum over the batch. You were asked for the mean, which stays the same size "
    "when the batch grows.",
    belief="that a larger batch should have a larger loss. Then no two batch sizes could be "
    "compared, and the learning rate would have to change with them.",
)
def _sum_over_the_batch(losses, batch_size, rng):
    return losses[rng.choice(len(losses), batch_size, replace=False)].sum()


@minibatch_mean.wrong(
    "The same losses are taken every time, and they stand side by side, as the first ones do. "
    "Draw at random, with rng.choice.",
    belief="that any batch_size samples will do. Data often lie sorted, and the first ones are "
    "then all of one class.",
)
def _the_first_ones(losses, batch_size, rng):
    return losses[:batch_size].mean()


@minibatch_mean.wrong(
    "The same losses are taken every time. Draw them anew from the rng that you are given; a "
    "generator that is made inside the function would start over at every call.",
    belief="that one batch is as good as another. It is, but their errors even out only if the "
    "next one is another.",
)
def _same_batch_every_time(losses, batch_size, rng):
    return minibatch_mean.solution(losses, batch_size, np.random.default_rng(0))


@minibatch_mean.wrong(
    "A block of neighbours was taken, each time from another place on. Draw each loss at random, "
    "with rng.choice.",
    belief="that a random beginning makes a random batch. Neighbours are often alike.",
)
def _a_block_of_neighbours(losses, batch_size, rng):
    return np.roll(losses, rng.integers(len(losses)))[:batch_size].mean()


@minibatch_mean.wrong(
    "Some losses were drawn twice. You were asked for different ones: replace=False.",
    belief="that rng.choice and rng.integers deal out like cards. They throw dice, unless told "
    "otherwise.",
)
def _throws_dice(losses, batch_size, rng):
    return losses[rng.integers(0, len(losses), batch_size)].mean()


@minibatch_mean.wrong(
    "This is the median of the batch, the one or two in its middle. You were asked for the mean, "
    "in which every loss has its share.",
    belief="that one middle is like another. Over many batches the mean comes to that of the data; "
    "the median passes over the few large losses.",
)
def _median_of_the_batch(losses, batch_size, rng):
    return np.median(losses[rng.choice(len(losses), batch_size, replace=False)])


@minibatch_mean.wrong(
    "The batch is random, but it was not drawn from rng. Use rng.choice, so that whoever hands "
    "over the rng can repeat the run.",
    belief="that any random batch will do. It will, but a run that nobody can repeat is hard to "
    "debug.",
)
def _batch_from_elsewhere(losses, batch_size, rng):
    return minibatch_mean.solution(losses, batch_size, np.random.default_rng())


@minibatch_mean.wrong(
    "This is the mean over all of the data, exact and expensive. You were asked for the mean "
    "over a random batch, which estimates it.",
    belief="that an estimate is a mistake. It is right on average, for a small part of the work.",
)
def _mean_over_everything(losses, batch_size, rng):
    return losses.mean()


@minibatch_mean.wrong(
    "The batch was summed and divided by the number of all losses. Divide by batch_size.",
    belief="that the mean belongs to the whole data. It is the mean over those that were drawn.",
)
def _divided_by_all(losses, batch_size, rng):
    return losses[rng.choice(len(losses), batch_size, replace=False)].sum() / len(losses)
