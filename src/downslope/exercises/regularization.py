"""Exercises of chapter 6b: batch normalisation, weight decay, dropout, and how to choose."""

from itertools import count

import numpy as np

from downslope.check.draws import equally_likely, many_draws
from downslope.check.exercise import exercise
from downslope.check.wording import show, sort_of, yes_or_no

__all__ = [
    "batch_normalization",
    "batch_normalization_backward",
    "choose_trial",
    "decayed_step",
    "dropout_forward",
    "log_uniform",
    "running_statistics",
]

_SCALES = 2.0**-40, 2.0**30  # what was rounded off or limited shows in small and large numbers


def _quarters(rng, *shape):
    """Signed numbers, none of them 0, whose products and sums are exact even in float32."""
    return rng.choice([-1, 1], shape) * rng.integers(1, 10, shape) / 4


def _batch(rng, n, k):
    """Columns of different means and widths."""
    return (_quarters(rng, n, k) + np.arange(k)) * 2.0 ** np.arange(k) + 3 * np.arange(k) - 1


def _batches(rng):
    yield {
        "x": np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [6.0, 60.0]]),
        "gamma": np.array([1.0, 2.0]),
        "beta": np.array([0.0, 0.5]),
        "epsilon": 1e-5,
    }
    sizes = (5, 3, 0.25), (4, 4, 1e-5), (3, 3, 1e-5), (8, 2, 2.0), (1, 2, 0.5), (6, 3, 0.01)
    for n, k, epsilon in sizes:
        gamma, beta = _quarters(rng, k), _quarters(rng, k)
        yield {"x": _batch(rng, n, k), "gamma": gamma, "beta": beta, "epsilon": epsilon}
    for scale in _SCALES:
        gamma, beta = scale * _quarters(rng, 3), scale * _quarters(rng, 3)
        yield {"x": _batch(rng, 5, 3), "gamma": gamma, "beta": beta, "epsilon": 1e-3}
    same = np.array([[2.5, 1.0], [2.5, -3.0], [2.5, 0.5]])  # one column has no width at all
    gamma, beta = _quarters(rng, 2), _quarters(rng, 2)
    yield {"x": same, "gamma": gamma, "beta": beta, "epsilon": 1e-5}


@exercise(
    cases=_batches,
    right="every column of the batch now has the mean and the width that beta and gamma say.",
)
def batch_normalization(x, gamma, beta, epsilon):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, the two of each column of x."""
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)
    return gamma * x_hat + beta


@batch_normalization.wrong(
    "The mean and the variance are those of a row, which is one sample. Take them over the batch, "
    "for each column by itself: axis=0.",
    belief="that a sample is brought into form by itself. (There is such a layer; it is called "
    "layer normalisation.) Here each unit is compared with itself on the other samples.",
)
def _each_row(x, gamma, beta, epsilon):
    mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


@batch_normalization.wrong(
    "One mean and one variance were taken over all of x. Each column is a unit of its own: axis=0.",
    belief="that all units of a layer are of one width. They are not, and that is what is mended.",
)
def _one_for_all(x, gamma, beta, epsilon):
    return gamma * (x - x.mean()) / np.sqrt(x.var() + epsilon) + beta


@batch_normalization.wrong(
    "This divides by the variance. It has the square of the unit of x; divide by its root.",
    belief="that variance and width are the same. Columns twice as wide have four times the "
    "variance, and would come out half as wide.",
)
def _divided_by_the_variance(x, gamma, beta, epsilon):
    return gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + epsilon) + beta


@batch_normalization.wrong(
    "The columns are normalised, but gamma and beta are not in use. Multiply by gamma, and add "
    "beta, at the end.",
    belief="that mean 0 and width 1 are the aim. They are where learning begins; gamma and beta "
    "let the network choose another width and place.",
)
def _without_gamma_and_beta(x, gamma, beta, epsilon):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)


@batch_normalization.wrong(
    "Here gamma multiplies beta too. It scales what is normalised, and beta is added after that.",
    belief="that the two may change places. They can be learned either way; but then beta is no "
    "longer the mean of the output.",
)
def _beta_inside(x, gamma, beta, epsilon):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)
    return gamma * (x_hat + beta)


@batch_normalization.wrong(
    "The mean was not subtracted. Without that the columns have the right width in the wrong "
    "place.",
    belief="that only the width matters. A column far from 0 opens its ReLU for every sample, or "
    "for none.",
)
def _mean_left_in(x, gamma, beta, epsilon):
    return gamma * x / np.sqrt(x.var(axis=0) + epsilon) + beta


@batch_normalization.wrong(
    "The epsilon was added to the root. It belongs under it: sqrt(variance + epsilon).",
    belief="that its place does not matter. Where a column hardly varies it is all that is left, "
    "and 1e-5 and its root, 0.003, are far apart.",
)
def _epsilon_outside(x, gamma, beta, epsilon):
    return gamma * (x - x.mean(axis=0)) / (x.std(axis=0) + epsilon) + beta


@batch_normalization.wrong(
    "The variance was divided by n - 1. For the batch itself the mean of the squares is asked for, "
    "which is what x.var does by default.",
    belief="that a variance is always divided by n - 1. That estimates the one of data that were "
    "not seen; here the batch is to come out with variance 1 itself.",
)
def _one_fewer(x, gamma, beta, epsilon):
    variance = ((x - x.mean(axis=0)) ** 2).sum(axis=0) / (len(x) - 1)
    return gamma * (x - x.mean(axis=0)) / np.sqrt(variance + epsilon) + beta


def _running(rng):
    yield {
        "mean": np.array([0.0, 0.0]),
        "variance": np.array([1.0, 1.0]),
        "x": np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [6.0, 60.0]]),
        "momentum": 0.1,
    }
    for (n, k), momentum in zip(((5, 3), (2, 4), (3, 3), (4, 1)), (0.1, 0.25, 0.01, 0.75)):  # noqa: B905
        mean, variance = _quarters(rng, k), abs(_quarters(rng, k))
        yield {"mean": mean, "variance": variance, "x": _batch(rng, n, k), "momentum": momentum}
    for scale in _SCALES:
        mean, variance = scale * _quarters(rng, 2), scale**2 * abs(_quarters(rng, 2))
        x = scale * _batch(rng, 4, 2)
        yield {"mean": mean, "variance": variance, "x": x, "momentum": 0.25}


@exercise(
    cases=_running,
    right="this is what the layer will use when there is no batch to ask.",
)
def running_statistics(mean, variance, x, momentum):
    """Running mean and variance (over n - 1) after a batch x, which counts for a share momentum."""
    kept = 1 - momentum
    return kept * mean + momentum * x.mean(axis=0), kept * variance + momentum * x.var(0, ddof=1)


@running_statistics.wrong(
    "The shares have changed places: here the batch counts for momentum, and the old value for the "
    "rest.",
    belief="that momentum is the share that stays, as for an optimizer. In Keras it is so here "
    "too; in PyTorch, and in this book, it is the share of what is new.",
)
def _shares_swapped(mean, variance, x, momentum):
    return running_statistics.solution(mean, variance, x, 1 - momentum)


@running_statistics.wrong(
    "The mean is right. The variance of the batch was divided by n; divide by n - 1.",
    belief="that one variance serves both. The batch is normalised by its own; this one stands for "
    "data that were not seen, and n would make it too small.",
)
def _divided_by_n(mean, variance, x, momentum):
    kept = 1 - momentum
    return kept * mean + momentum * x.mean(axis=0), kept * variance + momentum * x.var(axis=0)


@running_statistics.wrong(
    "Two things differ: momentum is the share of what is *new*, and the variance of the batch is "
    "divided by n - 1.",
    belief="that all code means the same by these words. In the code from Saito's book momentum is "
    "the share that stays, and the variance is divided by n; in PyTorch and here it is not so.",
)
def _shares_swapped_and_divided_by_n(mean, variance, x, momentum):
    return _divided_by_n(mean, variance, x, 1 - momentum)


@running_statistics.wrong(
    "These are the mean and variance of this batch alone. Keep 1 - momentum of the old ones.",
    belief="that the latest batch knows best. One scatters; the running ones have heard many.",
)
def _latest_batch(mean, variance, x, momentum):
    return x.mean(axis=0), x.var(axis=0, ddof=1)


@running_statistics.wrong(
    "The batch was added to the old values without taking anything from them. Keep 1 - momentum "
    "of those, or they grow with every batch.",
    belief="that a running mean is a sum. The shares must add up to 1.",
)
def _nothing_forgotten(mean, variance, x, momentum):
    return mean + momentum * x.mean(axis=0), variance + momentum * x.var(axis=0, ddof=1)


@running_statistics.wrong(
    "The standard deviation of the batch went into the running variance. Take the variance.",
    belief="that the two can be mixed. One is the square of the other, and a mean of roots is no "
    "root of a mean.",
)
def _root_for_the_variance(mean, variance, x, momentum):
    new, _ = running_statistics.solution(mean, variance, x, momentum)
    return new, (1 - momentum) * variance + momentum * x.std(axis=0, ddof=1)


@running_statistics.wrong(
    "Old and new were averaged half and half, whatever momentum says.",
    belief="that both count the same. With a share of 0.1 for the new, the last ten batches or so "
    "have a say.",
)
def _half_and_half(mean, variance, x, momentum):
    return running_statistics.solution(mean, variance, x, 0.5)


def _normalised(rng):
    sizes = (4, 2, 1e-5), (5, 3, 1e-5), (3, 4, 0.5), (4, 4, 1e-5), (2, 2, 1.0), (1, 3, 1e-2)
    cases = [(*size, 1) for size in sizes] + [(5, 3, 1e-5, scale) for scale in _SCALES]
    for n, k, epsilon, scale in cases:
        x = _batch(rng, n, k)
        std = np.sqrt(x.var(axis=0) + epsilon)
        x_hat = (x - x.mean(axis=0)) / std
        upstream = scale * _quarters(rng, n, k)
        yield {"upstream": upstream, "x_hat": x_hat, "std": std, "gamma": _quarters(rng, k)}


@exercise(
    cases=_normalised,
    right="you have counted all three roads: through x itself, the mean, and the variance.",
    atol=1e-20,
)
def batch_normalization_backward(upstream, x_hat, std, gamma):
    """The gradient by x: y = gamma * x_hat + beta, and x_hat = (x - mean) / std, of the batch."""
    to_x_hat = upstream * gamma
    mean_road = to_x_hat.mean(axis=0)
    variance_road = x_hat * (to_x_hat * x_hat).mean(axis=0)
    return (to_x_hat - mean_road - variance_road) / std


@batch_normalization_backward.wrong(
    "This takes mean and std for constants. A nudge of one x moves both, and so every x_hat of its "
    "column: two more roads back.",
    belief="that a statistic is given, like a parameter. It is computed from x in this very pass.",
)
def _both_constant(upstream, x_hat, std, gamma):
    return upstream * gamma / std


@batch_normalization_backward.wrong(
    "The road through the mean is there, that through the variance is missing: subtract "
    "x_hat * mean(to_x_hat * x_hat) too.",
    belief="that std is a constant. A nudge outwards makes it larger, and all the column shrinks.",
)
def _variance_constant(upstream, x_hat, std, gamma):
    to_x_hat = upstream * gamma
    return (to_x_hat - to_x_hat.mean(axis=0)) / std


@batch_normalization_backward.wrong(
    "The road through the variance is there, that through the mean is missing: subtract "
    "mean(to_x_hat) too.",
    belief="that the mean is a constant. A nudge of one x moves it by 1/n, and every sample of the "
    "column hears of that.",
)
def _mean_constant(upstream, x_hat, std, gamma):
    to_x_hat = upstream * gamma
    return (to_x_hat - x_hat * (to_x_hat * x_hat).mean(axis=0)) / std


@batch_normalization_backward.wrong(
    "The means were taken along the rows. The batch runs down the columns: axis=0, as forward.",
    belief="that the last axis is the one to add up. What was shared in forward is shared back: "
    "mean and variance belonged to a column.",
)
def _means_of_rows(upstream, x_hat, std, gamma):
    to_x_hat = upstream * gamma
    mean_road = to_x_hat.mean(axis=1, keepdims=True)
    variance_road = x_hat * (to_x_hat * x_hat).mean(axis=1, keepdims=True)
    return (to_x_hat - mean_road - variance_road) / std


@batch_normalization_backward.wrong(
    "The factor gamma is missing: what comes back to x_hat is upstream * gamma.",
    belief="that gamma is learned and so none of x's business. It is a factor on the way.",
)
def _without_gamma(upstream, x_hat, std, gamma):
    return batch_normalization_backward.solution(upstream, x_hat, std, np.ones_like(gamma))


@batch_normalization_backward.wrong(
    "All three roads are there, but nothing was divided by std.",
    belief="that what was normalised needs no scale. Forward divided by std, so a nudge of x is "
    "worth 1/std of one of x_hat.",
)
def _without_std(upstream, x_hat, std, gamma):
    return batch_normalization_backward.solution(upstream, x_hat, np.ones_like(std), gamma)


@batch_normalization_backward.wrong(
    "This divides by the variance. x_hat was made by dividing by std, and so is its gradient.",
    belief="that a derivative of a quotient has the square below. It has, by std itself; by x it "
    "has std.",
)
def _by_the_variance(upstream, x_hat, std, gamma):
    return batch_normalization_backward.solution(upstream, x_hat, std**2, gamma)


@batch_normalization_backward.wrong(
    "Sums over the batch were subtracted. Mean and variance are means, so each x has a share of "
    "1/n in them: use mean, not sum.",
    belief="that what a batch shares adds up. It does, and forward divided it by n.",
)
def _sums_for_means(upstream, x_hat, std, gamma):
    to_x_hat = upstream * gamma
    variance_road = x_hat * (to_x_hat * x_hat).sum(axis=0)
    return (to_x_hat - to_x_hat.sum(axis=0) - variance_road) / std


@batch_normalization_backward.wrong(
    "The two roads were added. Forward subtracts the mean, and divides by what grows with x: both "
    "take off from the gradient.",
    belief="that roads that meet again always add up. They do, each with its own sign.",
)
def _roads_added(upstream, x_hat, std, gamma):
    to_x_hat = upstream * gamma
    variance_road = x_hat * (to_x_hat * x_hat).mean(axis=0)
    return (to_x_hat + to_x_hat.mean(axis=0) + variance_road) / std


def _weights(rng):
    yield {
        "W": np.array([[2.0, -1.0], [0.5, 4.0]]),
        "b": np.array([1.0, -2.0]),
        "dW": np.array([[0.5, 0.5], [-1.0, 2.0]]),
        "db": np.array([0.25, -0.5]),
        "learning_rate": 0.5,
        "weight_decay": 0.25,
    }
    rates = (0.25, 0.5, 1), (0.125, 0.75, 1), (0.5, 0.0, 1), (0.75, 0.5, 1)
    for learning_rate, weight_decay, scale in (*rates, *((0.25, 0.5, s) for s in _SCALES)):
        n, k = rng.integers(2, 5, 2)
        yield {
            "W": scale * _quarters(rng, n, k),
            "b": scale * _quarters(rng, k),
            "dW": scale * _quarters(rng, n, k),
            "db": scale * _quarters(rng, k),
            "learning_rate": learning_rate,
            "weight_decay": weight_decay,
        }


@exercise(
    cases=_weights,
    right="the weights lose a little of themselves at each step, and the biases nothing.",
)
def decayed_step(W, b, dW, db, learning_rate, weight_decay):
    """W and b after a step of SGD; first W has lost learning_rate * weight_decay of it."""
    shrunk = (1 - learning_rate * weight_decay) * W
    return shrunk - learning_rate * dW, b - learning_rate * db


@decayed_step.wrong(
    "W has grown: the decay has the wrong sign. A weight loses a share of itself.",
    belief="that a penalty is added to the weights. It is added to the loss; its gradient is "
    "subtracted, like all of the gradient.",
)
def _weights_grow(W, b, dW, db, learning_rate, weight_decay):
    return decayed_step.solution(W, b, dW, db, learning_rate, -weight_decay)


@decayed_step.wrong(
    "The decay is not multiplied by the learning rate: W lost weight_decay of itself, and should "
    "lose learning_rate * weight_decay.",
    belief="that decay is a matter of its own. Decided so, a smaller learning rate would leave the "
    "decay as it is, and it would win.",
)
def _decay_without_the_rate(W, b, dW, db, learning_rate, weight_decay):
    return (1 - weight_decay) * W - learning_rate * dW, b - learning_rate * db


@decayed_step.wrong(
    "W is right, but b decays too. A bias moves a line and does not bend it; it is left alone.",
    belief="that whatever is learned must be held back. Biases are few, and cannot learn samples "
    "by heart.",
)
def _biases_decay(W, b, dW, db, learning_rate, weight_decay):
    kept = 1 - learning_rate * weight_decay
    return kept * W - learning_rate * dW, kept * b - learning_rate * db


@decayed_step.wrong(
    "This is a plain step of SGD: nothing has decayed.",
    belief="that dW knows of the decay. It is the gradient of the loss alone.",
)
def _no_decay(W, b, dW, db, learning_rate, weight_decay):
    return W - learning_rate * dW, b - learning_rate * db


@decayed_step.wrong(
    "The decay is twice as strong as asked: the ½ of weight_decay / 2 * sum(W**2), whose gradient "
    "is weight_decay * W, is lost.",
    belief="that the penalty is weight_decay times the sum of squares. Some libraries have it so; "
    "here the ½ is there to cancel the 2.",
)
def _twice_the_decay(W, b, dW, db, learning_rate, weight_decay):
    return decayed_step.solution(W, b, dW, db, learning_rate, 2 * weight_decay)


@decayed_step.wrong(
    "Every weight was moved by the same amount towards 0, whatever its size. Each should lose a "
    "share of itself.",
    belief="that sizes are penalised, not squares. That is another method, L1, which makes many "
    "weights 0.",
)
def _same_amount_each(W, b, dW, db, learning_rate, weight_decay):
    return W - learning_rate * (dW + weight_decay * np.sign(W)), b - learning_rate * db


@decayed_step.wrong(
    "The decay came after the step, and so the gradient's part shrank as well. W first loses its "
    "share, then the step is subtracted.",
    belief="that the order does not matter. It hardly does where both rates are small; it is a "
    "different rule all the same.",
)
def _decay_after_the_step(W, b, dW, db, learning_rate, weight_decay):
    kept = 1 - learning_rate * weight_decay
    return kept * (W - learning_rate * dW), b - learning_rate * db


@decayed_step.wrong(
    "The gradient shrank, not the weights: weight_decay belongs to W.",
    belief="that decay makes steps smaller. That would be a smaller learning rate. It makes "
    "weights smaller, also where the gradient is 0.",
)
def _gradient_decays(W, b, dW, db, learning_rate, weight_decay):
    return W - learning_rate * (1 - learning_rate * weight_decay) * dW, b - learning_rate * db


def _layer_outputs(rng):
    for shape, rate, scale in (
        ((20, 30), 0.5, 1),
        ((20, 30), 0.2, 1),
        ((30, 20), 0.75, 1),
        ((3, 400), 0.1, 2.0**-40),  # where rounding off shows
        ((20, 30), 0.3, 2.0**30),  # where a limit does
        ((4, 3), 0.0, 1),
        ((2, 2), 0.5, 1),
    ):
        x = scale * _quarters(rng, *shape)
        yield {"x": x, "rate": rate, "rng": np.random.default_rng(rng.integers(2**32))}


_FEW = 8  # with fewer numbers, every pattern can be counted


def _what_was_dropped(drop, x, rate, rng):
    """What does not depend on how the random numbers were drawn."""
    if x.size < _FEW:
        fair = equally_likely(lambda: _kept(drop(x, rate, rng), x).tobytes(), 2**x.size)
        return {"is every choice of what is dropped equally likely": yes_or_no(fair)}
    draws, same = many_draws(lambda rng: _array_like(drop(x, rate, rng), x).tolist(), rng)
    kept = [_kept(y, x) for y in draws]
    chosen = {mask.tobytes() for mask in kept}
    return {
        "a number is": _chance(np.mean(kept), rate),
        "what is kept is multiplied by": _factors(draws, kept, x),
        "do all rows lose the same": yes_or_no(rate > 0 and all(map(_rows_alike, kept))),
        "are whole rows lost": yes_or_no(rate > 0 and all(_rows_alike(mask.T) for mask in kept)),
        "is another choice made each time": yes_or_no(rate == 0 or len(chosen) > 1),
        "is it always the same number of them": yes_or_no(
            rate == 0 or len({int(mask.sum()) for mask in kept}) < 2
        ),
        "does the same rng give the same": yes_or_no(same),
    }


def _array_like(y, x):
    """What came, as an array of numbers in the shape of x."""
    try:
        array = np.asarray(y, dtype=float)
    except (ValueError, TypeError):
        raise TypeError(f"numbers were asked for, got {sort_of(y)}") from None
    if array.shape != x.shape:
        raise TypeError(f"y must have shape {x.shape}, got {array.shape}")
    return array


def _kept(y, x):
    return _array_like(y, x) != 0


def _chance(share, rate):
    """How often a number was kept, in words if it is as often as it should be, or should not."""
    for name, chance in (("kept with 1 - rate", 1 - rate), ("kept with rate", rate)):
        if abs(share - chance) < 0.04:
            return name
    return f"kept {share:.1f} of the time"


def _factors(draws, kept, x):
    """By what the kept numbers were multiplied, if it is one number for all."""
    factors = [np.asarray(y)[mask] / x[mask] for y, mask in zip(draws, kept, strict=True)]
    every = np.concatenate(factors)
    if every.size == 0:
        return "nothing: none is kept"
    one = float(np.median(every))
    return show(one) if np.allclose(every, one, rtol=1e-5, atol=0) else "different numbers"


def _rows_alike(mask):
    return bool((mask == mask[0]).all())


@exercise(
    cases=_layer_outputs,
    observe=_what_was_dropped,
    right="each number stays or goes by itself, and on average the sums stay what they were.",
)
def dropout_forward(x, rate, rng):
    """x while training: each number 0 with probability rate, by rng, and the rest / (1 - rate)."""
    kept = rng.random(x.shape) >= rate
    return x * kept / (1 - rate)


@dropout_forward.wrong(
    "What is kept has kept its size, so on average a sum has shrunk to 1 - rate of itself. Divide "
    "by 1 - rate.",
    belief="that the next layer will get used to it. It would have to do so again at test time, "
    "when nothing is dropped; and the first weights were drawn for sums of full size.",
)
def _not_rescaled(x, rate, rng):
    return x * (rng.random(x.shape) >= rate)


@dropout_forward.wrong(
    "The choice is right, but the rest was divided by rate. The share that is kept is 1 - rate.",
    belief="that one divides by what one was given. Divide by what is left: then the mean stays.",
)
def _divided_by_rate(x, rate, rng):
    return x * (rng.random(x.shape) >= rate) / rate


@dropout_forward.wrong(
    "The rest was multiplied by 1 - rate, and so the sums shrink twice. Divide by it.",
    belief="that dropout scales by the share that is kept. It does so at test time, where it was "
    "not rescaled in training; one of the two, and the other way round.",
)
def _multiplied(x, rate, rng):
    return x * (rng.random(x.shape) >= rate) * (1 - rate)


@dropout_forward.wrong(
    "Here rate is the share that is kept. You were asked to *drop* that share.",
    belief="that the number says how much stays. In the paper it does; in PyTorch, Keras and here "
    "it says how much goes.",
)
def _keeps_the_rate(x, rate, rng):
    return x * (rng.random(x.shape) < rate) / (1 - rate)


@dropout_forward.wrong(
    "Throughout, rate is taken for the share that is kept. You were asked to *drop* that share, "
    "and to divide by what stays, 1 - rate.",
    belief="that the number says how much stays. In the paper it does; in PyTorch, Keras and here "
    "it says how much goes.",
)
def _as_in_the_paper(x, rate, rng):
    return x * (rng.random(x.shape) < rate) / rate


@dropout_forward.wrong(
    "All rows lose the same units. Every sample draws for itself: a mask of the shape of x.",
    belief="that a unit is switched off for a whole batch. Then a batch trains one thinned network "
    "only, and the gradient scatters more.",
)
def _one_mask_for_all_rows(x, rate, rng):
    return x * (rng.random(x.shape[1]) >= rate) / (1 - rate)


@dropout_forward.wrong(
    "Whole rows are lost: these are samples, and what is to be dropped are units. Draw a mask of "
    "the shape of x.",
    belief="that dropout leaves out samples. Mini-batches do that already.",
)
def _whole_rows(x, rate, rng):
    return x * (rng.random((len(x), 1)) >= rate) / (1 - rate)


@dropout_forward.wrong(
    "The same numbers are dropped every time. Draw them anew from the rng that you are given; a "
    "generator that is made inside the function would start over at every call.",
    belief="that one choice is as good as another. Dropped for good, a unit could as well not be "
    "there.",
)
def _same_mask_every_time(x, rate, rng):
    return dropout_forward.solution(x, rate, np.random.default_rng(0))


@dropout_forward.wrong(
    "The choice is random, but it was not drawn from rng. Use rng.random(x.shape), so that whoever "
    "hands over the rng can repeat the run.",
    belief="that any random choice will do. It will, but then no gradient of it can be checked.",
)
def _mask_from_elsewhere(x, rate, rng):
    return dropout_forward.solution(x, rate, np.random.default_rng())


@dropout_forward.wrong(
    "Nothing is dropped: this is x as it is, which is right at test time. You were asked for "
    "training.",
    belief="that on average nothing changes. The mean stays, and the point is that the units do "
    "not.",
)
def _nothing_dropped(x, rate, rng):
    return x.copy()


@dropout_forward.wrong(
    "Nothing is dropped: everything was multiplied by 1 - rate. That belongs to the test, where "
    "training did not rescale.",
    belief="that dropout is its own mean. Without chance no unit ever has to do without another.",
)
def _mean_of_it(x, rate, rng):
    return x * (1 - rate)


def _ranges(rng):
    for low, high in ((1e-4, 1.0), (0.002, 300.0), (2.0**-40, 2.0**-20)):
        seed = rng.integers(2**32)
        yield {"low": low, "high": high, "rng": np.random.default_rng(seed)}


def _places(low, high):
    """Ways to read a draw as a place from 0 to 1: it is drawn so if all places come equally often.

    The first is what is asked for.
    """
    ln, log10 = (np.log(low), np.log(high)), (np.log10(low), np.log10(high))

    def between(value, ends):
        return (value - ends[0]) / (ends[1] - ends[0])

    return {
        "evenly in the logarithm": lambda v: between(np.log(v), ln),
        "evenly in the number itself": lambda v: between(v, (low, high)),
        "as a logarithm of base 10, evenly": lambda v: between(v, log10),
        "as a logarithm of base e, evenly": lambda v: between(v, ln),
        "as log10 of an even number": lambda v: between(np.power(10.0, v), (low, high)),
        "as the log of an even number": lambda v: between(np.exp(v), (low, high)),
        "as e to the power of log10": lambda v: between(np.log(v), log10),
        "as 10 to the power of log": lambda v: between(np.log10(v), ln),
        "as 10 to the power of an even number": lambda v: between(np.log10(v), (low, high)),
    }


def _how_it_is_drawn(draw, low, high, rng):
    """What does not depend on how the random numbers were drawn."""
    draws, same = many_draws(lambda rng: _one_number(draw(low, high, rng)), rng)
    few = len({*draws}) < len(draws) / 2
    spread = "otherwise" if len({*draws}) > 1 else "not at all"
    if not few:
        number = _remembered(lambda: _one_number(draw(low, high, rng)))
        ways = (name for name, place in _places(low, high).items() if _is_even(number, place))
        spread = next(ways, spread)
    return {
        "how it is spread": spread,
        "does the same number come again and again": yes_or_no(few),
        "does the same rng give the same number": yes_or_no(same),
    }


def _remembered(draw):
    """Draw number i, the same whoever asks for it."""
    drawn: list[float] = []

    def number(i):
        while len(drawn) <= i:
            drawn.append(draw())
        return drawn[i]

    return number


def _is_even(number, place):
    """Whether the places of numbers 0, 1, 2, ... come equally often in each eighth."""
    places = map(place, map(number, count()))

    def eighth():
        with np.errstate(all="ignore"):
            where = 8 * next(places)
        return min(int(where), 7) if 0 <= where <= 8 else -1

    return equally_likely(eighth, 8)


def _one_number(value):
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "iuf":
        raise TypeError(f"one number was asked for, got {sort_of(value)}")
    return float(array)


@exercise(
    cases=_ranges,
    observe=_how_it_is_drawn,
    right="each power of ten between low and high gets as many trials as the next.",
)
def log_uniform(low, high, rng):
    """One number from low to high, drawn from rng evenly in its logarithm."""
    return 10 ** rng.uniform(np.log10(low), np.log10(high))


@log_uniform.wrong(
    "The number itself is spread evenly. From 0.0001 to 1, nine draws in ten would then lie above "
    "0.1: draw the exponent evenly.",
    belief="that even means even. A learning rate acts as a factor, and what matters is how many "
    "times as large it is.",
)
def _even_in_the_number(low, high, rng):
    return rng.uniform(low, high)


@log_uniform.wrong(
    "This is the exponent, drawn as it should be. What is missing is 10 to this power.",
    belief="that the logarithm is the answer. It is how to draw; the network wants the number.",
)
def _the_exponent(low, high, rng):
    return rng.uniform(np.log10(low), np.log10(high))


@log_uniform.wrong(
    "This is the exponent to the base e, drawn as it should be. What is missing is np.exp of it.",
    belief="that the logarithm is the answer. It is how to draw; the network wants the number.",
)
def _the_natural_exponent(low, high, rng):
    return rng.uniform(np.log(low), np.log(high))


@log_uniform.wrong(
    "This takes the logarithm of an evenly drawn number. Draw the logarithm evenly, and take the "
    "power of it: the other way round.",
    belief="that to draw in logarithms is to take one. Whatever was drawn too seldom before stays "
    "so.",
)
def _logarithm_of_the_number(low, high, rng):
    return np.log10(rng.uniform(low, high))


@log_uniform.wrong(
    "This takes the natural logarithm of an evenly drawn number. Draw the logarithm evenly, and "
    "take np.exp of it: the other way round.",
    belief="that to draw in logarithms is to take one. Whatever was drawn too seldom before stays "
    "so.",
)
def _natural_logarithm_of_the_number(low, high, rng):
    return np.log(rng.uniform(low, high))


@log_uniform.wrong(
    "The exponents belong to base 10, and the power to base e: they must be of one base. With "
    "np.log10 goes 10 **, with np.log goes np.exp.",
    belief="that any logarithm goes with any power. np.exp(np.log10(0.001)) is 0.05.",
)
def _e_for_10(low, high, rng):
    return np.exp(rng.uniform(np.log10(low), np.log10(high)))


@log_uniform.wrong(
    "The exponents belong to base e, as np.log is the natural logarithm, and the power to base 10. "
    "With np.log10 goes 10 **, with np.log goes np.exp.",
    belief="that np.log is the logarithm of base 10. It is so on pocket calculators.",
)
def _ten_for_e(low, high, rng):
    return 10 ** rng.uniform(np.log(low), np.log(high))


@log_uniform.wrong(
    "The same number comes again and again. Draw anew from the rng that you are given; a generator "
    "that is made inside the function would start over at every call.",
    belief="that one draw is enough. Forty trials of one setting are one trial.",
)
def _always_the_same(low, high, rng):
    return log_uniform.solution(low, high, np.random.default_rng(0))


@log_uniform.wrong(
    "Only a few numbers ever come, such as whole powers of ten. Draw the exponent from all numbers "
    "between those of low and high: rng.uniform.",
    belief="that a learning rate is a power of ten. What lies between may be three times as good.",
)
def _whole_powers(low, high, rng):
    return 10.0 ** rng.integers(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1)


@log_uniform.wrong(
    "This raises 10 to the power of a number between low and high. The exponents lie between "
    "np.log10(low) and np.log10(high).",
    belief="that low and high are exponents. They are learning rates, and 10 ** 0.0001 is 1.0002.",
)
def _power_of_the_number(low, high, rng):
    return 10 ** rng.uniform(low, high)


@log_uniform.wrong(
    "The number is spread as it should be, but it was not drawn from rng, so nobody can repeat the "
    "search.",
    belief="that chance needs no keeper. With the same rng the same search should come out.",
)
def _number_from_elsewhere(low, high, rng):
    return log_uniform.solution(low, high, np.random.default_rng())


def _trials(rng):
    yield {
        "train": np.array([0.75, 1.0, 0.875, 0.9375]),
        "validation": np.array([0.625, 0.8125, 0.84375, 0.78125]),
        "test": np.array([0.6875, 0.875, 0.8125, 0.75]),
    }
    yield {  # the best on validation data has the worst of luck on the test data
        "train": np.array([0.5, 0.75, 1.0]),
        "validation": np.array([0.5, 0.71875, 0.75]),
        "test": np.array([0.46875, 0.75, 0.4375]),
    }
    yield {  # two are equally good: the first
        "train": np.array([1.0, 0.75, 0.8125, 0.25]),
        "validation": np.array([0.625, 0.75, 0.75, 0.125]),
        "test": np.array([0.71875, 0.6875, 0.78125, 0.1875]),
    }
    yield {  # the first is the best
        "train": np.array([0.9375, 0.8125, 1.0]),
        "validation": np.array([0.8125, 0.75, 0.6875]),
        "test": np.array([0.78125, 0.796875, 0.8125]),
    }
    for n in (6, 9):
        test = rng.permutation(np.arange(8, 8 + n)) / 32
        validation = rng.permutation(np.arange(9, 9 + n)) / 32
        train = rng.permutation(np.arange(20, 20 + n)) / 32
        yield {"train": train, "validation": validation, "test": test}


@exercise(
    cases=_trials,
    right="validation data choose, and test data have the last word, once.",
)
def choose_trial(train, validation, test):
    """Which trial to keep (of equals the first, from 0), and the accuracy to report for it."""
    chosen = int(np.argmax(validation))
    return chosen, test[chosen]


@choose_trial.wrong(
    "The trial with the best test accuracy was chosen. Then the test data have helped to choose, "
    "and nothing is left that could surprise you: choose by validation.",
    belief="that one should keep what is best in the end. The best of many has had luck with just "
    "these samples.",
)
def _chosen_by_test(train, validation, test):
    chosen = int(np.argmax(test))
    return chosen, test[chosen]


@choose_trial.wrong(
    "The choice is right. But the accuracy is that on the validation data, which is too good: it "
    "is the best of many. Report that on the test data.",
    belief="that validation data are as good as new. They were, until they chose.",
)
def _reports_validation(train, validation, test):
    chosen = int(np.argmax(validation))
    return chosen, validation[chosen]


@choose_trial.wrong(
    "The choice is right. But the accuracy is the best that any trial had on the test data; report "
    "that of the trial you keep.",
    belief="that one may take the best of both. The trial that had it was not chosen.",
)
def _reports_the_best_test(train, validation, test):
    return int(np.argmax(validation)), np.max(test)


@choose_trial.wrong(
    "The trial with the smallest gap between training and validation was chosen. A network that is "
    "bad at both has none. Choose the best on the validation data.",
    belief="that a gap is what is wrong with overfitting. What is wrong is the score on new data.",
)
def _smallest_gap(train, validation, test):
    chosen = int(np.argmin(train - validation))
    return chosen, test[chosen]


@choose_trial.wrong(
    "The trial with the best training accuracy was chosen. It may know its samples by heart: "
    "choose by validation.",
    belief="that what is learned best is learned well.",
)
def _chosen_by_train(train, validation, test):
    chosen = int(np.argmax(train))
    return chosen, test[chosen]


@choose_trial.wrong(
    "The trial with the lowest accuracy on the validation data was chosen. These are accuracies, "
    "not errors: take the highest.",
    belief="that the smallest number is the best. That is true of losses.",
)
def _lowest(train, validation, test):
    chosen = int(np.argmin(validation))
    return chosen, test[chosen]


@choose_trial.wrong(
    "Validation and test were averaged for the choice, so the test data have helped to choose. "
    "Choose by validation alone.",
    belief="that more data choose better. They do; but then new data must be kept for the end.",
)
def _chosen_by_both(train, validation, test):
    chosen = int(np.argmax(validation + test))
    return chosen, test[chosen]


@choose_trial.wrong(
    "Of trials that are equally good this takes the last. You were asked for the first.",
    belief="that it does not matter which. Whoever repeats it should find the same.",
)
def _last_of_equals(train, validation, test):
    chosen = len(validation) - 1 - int(np.argmax(validation[::-1]))
    return chosen, test[chosen]
