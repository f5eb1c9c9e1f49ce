"""Answers to the exercises of chapter 2."""

import math
import statistics
from fractions import Fraction
from functools import partial

import numpy as np

from answers import right, wrong
from downslope import check


@right(check.sum_squared_error)
def squares_in_a_loop(y, t):
    total = 0
    for guess, target in zip(y, t, strict=True):
        total += (guess - target) ** 2
    return 0.5 * total


@right(check.sum_squared_error)
def squares_in_float32(y, t):
    return np.float32(0.5) * np.square(y.astype(np.float32) - t.astype(np.float32)).sum()


@right(check.sum_squared_error)
def squares_in_float32_as_a_python_float(y, t):
    return float(((y.astype("f4") - t.astype("f4")) ** 2).sum() / 2)


@right(check.sum_squared_error)
def squares_by_einsum(y, t):
    return np.einsum("i,i->", y - t, y - t) / 2


right(check.sum_squared_error)(lambda y, t: 0.5 * np.linalg.norm(y - t) ** 2)


@right(check.sum_squared_error)
def product_with_itself(y, t, factor=0.5):
    return factor * (t - y) @ (t - y)


@right(check.sum_squared_error)
def halves_in_lists(y, t):
    return math.fsum((a - b) ** 2 / 2 for a, b in zip(y.tolist(), t.tolist(), strict=True))


@right(check.sum_squared_error)
def mean_times_half_the_number(y, t):
    return np.asarray(np.mean((y - t) ** 2) * len(y) / 2)


@wrong(check.sum_squared_error)
def square_of_the_mean(y, t):
    return np.mean(y - t) ** 2 / 2


@wrong(check.sum_squared_error)
def difference_of_the_squares(y, t):
    return np.sum(y**2 - t**2) / 2


@wrong(check.sum_squared_error)
def squares_the_target_only(y, t):
    return np.sum(y - t**2) / 2


@wrong(check.sum_squared_error)
def squares_the_half_too(y, t):
    return np.sum(((y - t) / 2) ** 2)


@wrong(check.sum_squared_error)
def not_summed(y, t):
    return (y - t) ** 2 / 2


@wrong(check.sum_squared_error)
def half_the_variance(y, t):
    return len(y) * np.var(y - t) / 2


@wrong(check.sum_squared_error)
def only_where_the_guess_is_too_high(y, t):
    return np.sum(np.maximum(y - t, 0) ** 2) / 2


@wrong(check.sum_squared_error)
def largest_square(y, t):
    return np.max((y - t) ** 2) / 2


@wrong(check.sum_squared_error)
def half_the_distance(y, t):
    return np.linalg.norm(y - t) / 2


@wrong(check.sum_squared_error)
def straight_beyond_one(y, t):
    distance = np.abs(y - t)
    return np.sum(np.where(distance <= 1, distance**2 / 2, distance - 0.5))


@wrong(check.sum_squared_error)
def error_relative_to_the_guess(y, t):
    return np.sum(((y - t) / y) ** 2) / 2


@wrong(check.sum_squared_error)
def with_a_little_on_top(y, t):
    return np.sum((y - t) ** 2) / 2 + 1e-7


@wrong(check.sum_squared_error)
def minus_in_front(y, t):
    return -np.sum((y - t) ** 2) / 2


@wrong(check.sum_squared_error)
def cubes(y, t):
    return np.sum(np.abs(y - t) ** 3) / 2


@right(check.cross_entropy)
def surprises_in_a_loop(probabilities, labels):
    total = 0.0
    for row, label in zip(probabilities, labels, strict=True):
        total -= np.log(row[label])
    return total / len(labels)


@right(check.cross_entropy)
def surprises_in_float32(probabilities, labels):
    chosen = probabilities.astype(np.float32)[range(len(labels)), labels]
    return np.mean(-np.log(chosen))


@right(check.cross_entropy)
def surprises_taken_along_an_axis(probabilities, labels):
    return -np.log(np.take_along_axis(probabilities, labels[:, None], 1)).sum() / labels.size


@right(check.cross_entropy)
def surprises_by_einsum(probabilities, labels):
    targets = np.eye(probabilities.shape[1])[labels]
    return np.log(1 / np.einsum("nk,nk->n", targets, probabilities)).mean()


@right(check.cross_entropy)
def surprises_on_the_diagonal(probabilities, labels):
    return -np.average(np.log(np.diag(probabilities[:, labels])))


@right(check.cross_entropy)
def surprises_where_the_target_is_one(probabilities, labels):
    targets = np.eye(probabilities.shape[1])[labels]
    return -np.where(targets == 1, np.log(probabilities), 0).sum(axis=1).mean()


@right(check.cross_entropy)
def surprises_from_bits(probabilities, labels):
    bits = [np.log2(row[k]) for row, k in zip(probabilities, labels, strict=True)]
    return -statistics.fmean(bits) * math.log(2)


@wrong(check.cross_entropy)
def clips_both_ends(probabilities, labels):
    return _surprise(np.clip(probabilities, 1e-12, 1 - 1e-12), labels)


@wrong(check.cross_entropy)
def clips_the_lower_end(probabilities, labels):
    return _surprise(np.maximum(probabilities, 1e-300), labels)


@wrong(check.cross_entropy)
def hides_a_tiny_epsilon(probabilities, labels):
    return _surprise(probabilities + 1e-15, labels)


@wrong(check.cross_entropy)
def turns_infinity_into_a_number(probabilities, labels):
    return np.nan_to_num(_surprise(probabilities, labels))


@wrong(check.cross_entropy)
def leaves_out_what_is_impossible(probabilities, labels):
    chosen = probabilities[np.arange(len(labels)), labels]
    return -np.mean(np.log(chosen[chosen > 0]))


@wrong(check.cross_entropy)
def logarithm_of_the_median(probabilities, labels):
    return -np.log(np.median(probabilities[np.arange(len(labels)), labels]))


@wrong(check.cross_entropy)
def surprise_at_the_favourite(probabilities, labels):
    return -np.mean(np.log(probabilities.max(axis=1)))


@wrong(check.cross_entropy)
def surprise_of_every_row(probabilities, labels):
    return -np.log(probabilities[np.arange(len(labels)), labels])


@wrong(check.cross_entropy)
def median_surprise(probabilities, labels):
    return -np.median(np.log(probabilities[np.arange(len(labels)), labels]))


@wrong(check.cross_entropy)
def every_class_as_a_yes_or_no(probabilities, labels):
    rest = np.where(np.eye(probabilities.shape[1])[labels] == 1, 0, np.log(1 - probabilities))
    return _surprise(probabilities, labels) - rest.sum(axis=1).mean()


@wrong(check.cross_entropy)
def softmax_of_the_probabilities(probabilities, labels):
    return _surprise(check.softmax.solution(probabilities), labels)


@wrong(check.cross_entropy)
def entropy_of_the_guess(probabilities, labels):
    logarithms = np.where(probabilities > 0, np.log(probabilities), 0)
    return -np.mean(np.sum(probabilities * logarithms, axis=1))


@wrong(check.cross_entropy)
def shares_of_each_class(probabilities, labels):
    return _surprise(probabilities / probabilities.sum(axis=0), labels)


@wrong(check.cross_entropy)
def divided_by_one_less(probabilities, labels):
    n = len(labels)
    return _surprise(probabilities, labels) * n / max(n - 1, 1)


@wrong(check.cross_entropy)
def surprise_at_the_other_classes(probabilities, labels):
    return -np.mean(np.log(1 - probabilities[np.arange(len(labels)), labels]))


def _surprise(probabilities, labels):
    return -np.mean(np.log(probabilities[np.arange(len(labels)), labels]))


@right(check.softmax)
def shares_in_a_loop(logits):
    rows = np.empty_like(logits)
    for i, row in enumerate(logits):
        powers = np.exp(row - np.max(row))
        rows[i] = powers / np.sum(powers)
    return rows


@right(check.softmax)
def shares_in_lists(logits):
    rows = [[math.exp(one - max(row)) for one in row] for row in logits.tolist()]
    return [[one / sum(row) for one in row] for row in rows]


@right(check.softmax)
def shares_in_float32(logits):
    z = logits.astype(np.float32)
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@right(check.softmax)
def shares_transposed(logits):
    powers = np.exp(logits.T - logits.max(axis=1))
    return (powers / powers.sum(axis=0)).T


@right(check.softmax)
def shares_from_logaddexp(logits):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))


@right(check.softmax)
def shares_from_their_logarithms_in_float32(logits):
    z = logits.astype("f4")
    highest = z.max(axis=1, keepdims=True)
    return np.exp(z - (highest + np.log(np.exp(z - highest).sum(axis=1, keepdims=True))))


@right(check.softmax)
def shares_by_einsum(logits):
    powers = np.exp(logits - np.max(logits, axis=1)[:, None])
    return np.einsum("nk,n->nk", powers, 1 / np.einsum("nk->n", powers))


@right(check.softmax)
def shares_from_ratios(logits):
    return 1 / np.exp(logits[:, np.newaxis, :] - logits[:, :, np.newaxis]).sum(axis=2)


def _shares(logits, axis):
    powers = np.exp(logits - logits.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


right(check.softmax)(partial(_shares, axis=1))


def _hides(epsilon):
    def hides(logits):
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / (powers.sum(axis=1, keepdims=True) + epsilon)

    hides.__name__ = f"hides_{epsilon}_in_the_sum"
    return hides


for epsilon in (1e-6, 1e-7, 1e-9, 1e-12, 1e-15):
    wrong(check.softmax)(_hides(epsilon))


@wrong(check.softmax)
def clips_the_logits(logits):
    return _overflowing(np.clip(logits, -500, 500))


@wrong(check.softmax)
def clips_the_probabilities(logits):
    return np.clip(_shares(logits, 1), 1e-7, 1)


@wrong(check.softmax)
def turns_nan_into_numbers(logits):
    return np.nan_to_num(_overflowing(logits))


@wrong(check.softmax)
def powers_of_two(logits):
    powers = 2.0 ** (logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@wrong(check.softmax)
def sigmoid_of_each(logits):
    return 1 / (1 + np.exp(-logits))


@wrong(check.softmax)
def one_at_the_largest(logits):
    return np.eye(logits.shape[1])[logits.argmax(axis=1)]


@wrong(check.softmax)
def logarithms_of_the_shares(logits):
    return np.log(_shares(logits, 1))


@wrong(check.softmax)
def divided_by_the_largest(logits):
    return np.exp(logits - logits.max(axis=1, keepdims=True))


@wrong(check.softmax)
def favours_the_smallest(logits):
    return _shares(-logits, 1)


@wrong(check.softmax)
def divides_the_logits_by_the_largest(logits):
    return _overflowing(logits / np.abs(logits).max(axis=1, keepdims=True))


@wrong(check.softmax)
def shares_of_the_absolute_values(logits):
    return np.abs(logits) / np.abs(logits).sum(axis=1, keepdims=True)


@wrong(check.softmax)
def shares_of_the_shifted_logits(logits):
    shifted = logits - logits.min(axis=1, keepdims=True)
    return shifted / shifted.sum(axis=1, keepdims=True)


@wrong(check.softmax)
def shifts_in_place(logits):
    logits -= logits.max(axis=1, keepdims=True)
    return _overflowing(logits)


@wrong(check.softmax)
def maximum_of_the_columns(logits):
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=1, keepdims=True)


@wrong(check.softmax)
def first_row_only(logits):
    powers = np.exp(logits[0] - logits[0].max())
    return powers / powers.sum()


def _overflowing(logits):
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


@right(check.softmax_cross_entropy)
def loss_in_a_loop(logits, labels):
    total = 0
    for row, label in zip(logits, labels, strict=True):
        total += row.max() + np.log(np.exp(row - row.max()).sum()) - row[label]
    return total / len(labels)


@right(check.softmax_cross_entropy)
def loss_in_plain_python(logits, labels):
    losses = []
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        sums = math.fsum(math.exp(one - max(row)) for one in row)
        losses.append(max(row) - row[label] + math.log(sums))
    return sum(losses) / len(losses)


@right(check.softmax_cross_entropy)
def loss_in_float32(logits, labels):
    z = logits.astype(np.float32)
    highest = z.max(axis=1)
    sums = np.exp(z - highest[:, None]).sum(axis=1)
    return (highest + np.log(sums) - z[np.arange(len(z)), labels]).mean()


@right(check.softmax_cross_entropy)
def loss_by_logaddexp(logits, labels):
    rows = np.arange(labels.size)
    return np.average(np.logaddexp.reduce(logits, axis=1) - logits[rows, labels])


@right(check.softmax_cross_entropy)
def loss_by_log1p(logits, labels):
    order = np.sort(logits, axis=1)
    rest = np.exp(order[:, :-1] - order[:, -1:]).sum(axis=1)
    return np.mean(order[:, -1] - np.diag(logits[:, labels]) + np.log1p(rest))


@right(check.softmax_cross_entropy)
def loss_by_einsum(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.einsum("nk->n", np.exp(shifted)))[:, None]
    return -np.einsum("nk,nk->", np.eye(logits.shape[1])[labels], logs) / len(labels)


@right(check.softmax_cross_entropy)
def loss_from_the_label_upwards(logits, labels):
    above = logits - np.take_along_axis(logits, labels[:, None], axis=1)
    highest = above.max(axis=1)
    return np.mean(highest + np.log(np.exp(above - highest[:, None]).sum(1)), keepdims=False)


@wrong(check.softmax_cross_entropy)
def tiny_epsilon_in_the_sum(logits, labels):
    return _from_logits(logits, labels, epsilon=1e-12)


@wrong(check.softmax_cross_entropy)
def clips_before_the_logarithm(logits, labels):
    return _surprise(np.clip(_shares(logits, 1), 1e-15, 1), labels)


@wrong(check.softmax_cross_entropy)
def clips_the_logits_first(logits, labels):
    return _from_logits(np.clip(logits, -700, 700), labels)


@wrong(check.softmax_cross_entropy)
def never_more_than_a_thousand(logits, labels):
    return min(_from_logits(logits, labels), 1000.0)


@wrong(check.softmax_cross_entropy)
def subtracts_the_largest_of_each_column(logits, labels):
    shifted = logits - logits.max(axis=0)
    return np.mean(np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(labels)), labels])


@wrong(check.softmax_cross_entropy)
def forgets_to_shift_the_label(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(1)) - logits[np.arange(len(labels)), labels])


@wrong(check.softmax_cross_entropy)
def forgets_the_sum(logits, labels):
    return np.mean(logits.max(axis=1) - logits[np.arange(len(labels)), labels])


@wrong(check.softmax_cross_entropy)
def forgets_the_logarithm(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.exp(shifted).sum(1) - shifted[np.arange(len(labels)), labels])


@wrong(check.softmax_cross_entropy)
def loss_in_bits(logits, labels):
    return _from_logits(logits, labels) / np.log(2)


@wrong(check.softmax_cross_entropy)
def loss_over_the_columns(logits, labels):
    shifted = logits - logits.max(axis=0)
    return np.mean(
        np.log(np.exp(shifted).sum(axis=0))[labels] - shifted[np.arange(len(labels)), labels]
    )


@wrong(check.softmax_cross_entropy)
def also_divided_by_the_classes(logits, labels):
    return _from_logits(logits, labels) / logits.shape[1]


@wrong(check.softmax_cross_entropy)
def loss_of_every_row(logits, labels):
    return np.array(
        [_from_logits(logits[i : i + 1], labels[i : i + 1]) for i in range(len(labels))]
    )


@wrong(check.softmax_cross_entropy)
def square_of_what_is_missing(logits, labels):
    return np.mean((1 - _shares(logits, 1)[np.arange(len(labels)), labels]) ** 2)


@wrong(check.softmax_cross_entropy)
def shifts_the_logits_in_place(logits, labels):
    logits -= logits.max(axis=1, keepdims=True)
    return _from_logits(logits, labels)


def _from_logits(logits, labels, epsilon=0.0):
    shifted = logits - logits.max(axis=1, keepdims=True)
    sums = np.exp(shifted).sum(axis=1) + epsilon
    return np.mean(np.log(sums) - shifted[np.arange(len(labels)), labels])


@right(check.minibatch_mean)
def chosen_losses(losses, batch_size, rng):
    return rng.choice(losses, batch_size, replace=False).mean()


@right(check.minibatch_mean)
def first_of_a_permutation(losses, batch_size, rng):
    return np.mean(losses[rng.permutation(len(losses))[:batch_size]])


@right(check.minibatch_mean)
def last_of_a_permutation(losses, batch_size, rng):
    return rng.permutation(losses)[-batch_size:].mean()


@right(check.minibatch_mean)
def shuffled_copy(losses, batch_size, rng):
    losses = losses.copy()
    rng.shuffle(losses)
    return losses[:batch_size].sum() / batch_size


@right(check.minibatch_mean)
def mean_in_float32(losses, batch_size, rng):
    return losses.astype(np.float32)[rng.permutation(losses.size)[:batch_size]].mean()


@right(check.minibatch_mean)
def mean_by_steps_in_float32(losses, batch_size, rng):
    mean = np.float32(0)
    for count, loss in enumerate(rng.permuted(losses)[:batch_size], start=1):
        mean += (np.float32(loss) - mean) / np.float32(count)
    return mean


@right(check.minibatch_mean)
def smallest_random_keys(losses, batch_size, rng):
    return np.asarray(losses[np.argsort(rng.random(len(losses)))[:batch_size]].mean())


@right(check.minibatch_mean)
def drawn_until_the_batch_is_full(losses, batch_size, rng):
    batch = []
    while len(batch) < batch_size:
        one = rng.integers(len(losses))
        if one not in batch:
            batch.append(one)
    return sum(float(losses[i]) for i in batch) / batch_size


@right(check.minibatch_mean)
def popped_from_a_list(losses, batch_size, rng):
    left = losses.tolist()
    return statistics.fmean(left.pop(rng.integers(len(left))) for _ in range(batch_size))


@right(check.minibatch_mean)
def weights_of_a_mask(losses, batch_size, rng):
    mask = rng.permuted(np.arange(len(losses)) < batch_size)
    return np.einsum("i,i->", losses, mask) / mask.sum()


@wrong(check.minibatch_mean)
def the_last_ones(losses, batch_size, rng):
    return losses[-batch_size:].mean()


@wrong(check.minibatch_mean)
def every_other_from_a_random_start(losses, batch_size, rng):
    start = rng.integers(len(losses))
    return np.mean([losses[(start + 2 * k) % len(losses)] for k in range(batch_size)])


@wrong(check.minibatch_mean)
def the_first_is_always_in(losses, batch_size, rng):
    rest = rng.choice(losses[1:], batch_size - 1, replace=False)
    return (losses[0] + rest.sum()) / batch_size


@wrong(check.minibatch_mean)
def the_last_is_never_in(losses, batch_size, rng):
    n = max(len(losses) - 1, batch_size)
    return rng.choice(losses[:n], batch_size, replace=False).mean()


@wrong(check.minibatch_mean)
def burns_a_number_and_draws_elsewhere(losses, batch_size, rng):
    rng.random()
    return np.random.permutation(losses)[:batch_size].mean()  # noqa: NPY002


@wrong(check.minibatch_mean)
def seeds_inside(losses, batch_size, rng):
    return np.random.default_rng(0).permutation(losses)[:batch_size].mean()


@wrong(check.minibatch_mean)
def median_of_the_batch(losses, batch_size, rng):
    return np.median(rng.permutation(losses)[:batch_size])


@wrong(check.minibatch_mean)
def mean_over_one_less(losses, batch_size, rng):
    return rng.permutation(losses)[: batch_size - 1].mean()


@wrong(check.minibatch_mean)
def sum_over_one_less(losses, batch_size, rng):
    return rng.permutation(losses)[:batch_size].sum() / (batch_size - 1)


@wrong(check.minibatch_mean)
def the_batch_itself(losses, batch_size, rng):
    return rng.permutation(losses)[:batch_size]


@wrong(check.minibatch_mean)
def mean_in_an_array(losses, batch_size, rng):
    return rng.permutation(losses)[:batch_size].mean(keepdims=True)


@wrong(check.minibatch_mean)
def shuffles_the_losses_in_place(losses, batch_size, rng):
    rng.shuffle(losses)
    return losses[:batch_size].mean()


@wrong(check.minibatch_mean)
def large_losses_come_more_often(losses, batch_size, rng):
    shares = np.sqrt(losses) / np.sqrt(losses).sum()
    return rng.choice(losses, batch_size, replace=False, p=shares).mean()


@wrong(check.minibatch_mean)
def the_smallest_of_a_shuffle(losses, batch_size, rng):
    return np.sort(rng.permutation(losses))[:batch_size].mean()


@wrong(check.minibatch_mean)
def a_random_number_of_losses(losses, batch_size, rng):
    return rng.permutation(losses)[: rng.integers(1, batch_size + 1)].mean()


@wrong(check.minibatch_mean)
def indices_in_place_of_losses(losses, batch_size, rng):
    return rng.permutation(len(losses))[:batch_size].mean()


@right(check.minibatch_mean)
def mean_of_fractions(losses, batch_size, rng):
    return sum(map(Fraction, rng.permutation(losses)[:batch_size])) / batch_size


@wrong(check.minibatch_mean)
def rounded_mean(losses, batch_size, rng):
    return round(float(rng.permutation(losses)[:batch_size].mean()))


@wrong(check.minibatch_mean)
def half_the_way_to_the_mean_of_all(losses, batch_size, rng):
    return (rng.permutation(losses)[:batch_size].mean() + losses.mean()) / 2


@wrong(check.minibatch_mean)
def next_block_at_every_call(losses, batch_size, rng, calls=[0]):  # noqa: B006
    calls[0] += 1
    return np.roll(losses, calls[0])[:batch_size].mean()


@right(check.softmax)
def shares_in_long_double(logits):
    powers = np.exp(logits.astype(np.longdouble) - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@right(check.cross_entropy)
def surprises_chosen(probabilities, labels):
    return np.mean(-np.log(np.choose(labels, probabilities.T)))


def shifted_by(shift):
    def answer(logits):
        powers = np.exp(logits - shift(logits))
        return powers / powers.sum(axis=1, keepdims=True)

    answer.__name__ = shift.__name__
    return wrong(check.softmax)(answer)


@shifted_by
def shifts_by_the_median(logits):
    return np.median(logits, axis=1, keepdims=True)


@shifted_by
def shifts_by_the_first_of_each_row(logits):
    return logits[:, :1]


@shifted_by
def shifts_by_the_middle_of_each_row(logits):
    return (logits.max(axis=1, keepdims=True) + logits.min(axis=1, keepdims=True)) / 2


@shifted_by
def shifts_by_the_largest_of_the_first_row(logits):
    return logits[0].max()


@wrong(check.softmax_cross_entropy)
def shifts_by_the_logit_at_the_label(logits, labels):
    shifted = logits - logits[np.arange(len(labels)), labels][:, np.newaxis]
    return np.mean(np.log(np.exp(shifted).sum(axis=1)))


@wrong(check.softmax_cross_entropy)
def shifts_logits_by_the_middle(logits, labels):
    middle = (logits.max(axis=1) + logits.min(axis=1)) / 2
    shifted = logits - middle[:, np.newaxis]
    at_the_label = shifted[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - at_the_label)


@wrong(check.minibatch_mean)
def the_first_of_a_fixed_permutation(losses, batch_size, rng):
    return np.random.default_rng(0).permutation(losses)[:batch_size].mean()


@wrong(check.minibatch_mean)
def the_same_places_every_time(losses, batch_size, rng):
    return losses[np.random.default_rng(7).permutation(len(losses))[:batch_size]].mean()


@wrong(check.minibatch_mean)
def a_mean_rounded_off(losses, batch_size, rng):
    return losses[rng.choice(len(losses), batch_size, replace=False)].mean().round(6)
