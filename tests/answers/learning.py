"""Answers to the exercises of chapter 1."""

import copy
from functools import partial

import numpy as np

from answers import right, wrong
from downslope import check


@right(check.accuracy)
def hits_in_a_loop(scores, labels):
    hits = 0
    for row, label in zip(scores, labels, strict=True):
        hits += int(np.argmax(row) == label)
    return hits / len(labels)


@right(check.accuracy)
def hits_in_plain_lists(scores, labels):
    guesses = [row.index(max(row)) for row in scores.tolist()]
    return sum(g == label for g, label in zip(guesses, labels.tolist(), strict=True)) / len(guesses)


@right(check.accuracy)
def hits_in_float32(scores, labels):
    return np.mean((scores.astype(np.float32).argmax(axis=1) == labels).astype(np.float32))


@right(check.accuracy)
def one_minus_the_misses(scores, labels, axis=1):
    return 1 - np.count_nonzero(np.argmax(scores, axis) != labels) / labels.size


@right(check.accuracy)
def label_has_the_highest_score(scores, labels):
    at_the_label = np.take_along_axis(scores, labels[:, None], axis=1)
    return (at_the_label >= scores).all(axis=1).mean()


@right(check.accuracy)
def last_of_the_sorted_scores(scores, labels):
    return np.float32(np.average(np.argsort(scores)[:, -1] == labels))


@right(check.accuracy)
def trace_of_the_confusion_matrix(scores, labels):
    confusion = np.zeros((scores.shape[1],) * 2)
    np.add.at(confusion, (labels, scores.argmax(1)), 1)
    return np.einsum("ii->", confusion) / confusion.sum()


@wrong(check.accuracy)
def takes_the_lowest_score(scores, labels):
    return np.mean(scores.argmin(axis=1) == labels)


@wrong(check.accuracy)
def divides_by_the_number_of_classes(scores, labels):
    return np.sum(scores.argmax(axis=1) == labels) / scores.shape[1]


@wrong(check.accuracy)
def divides_by_the_number_of_scores(scores, labels):
    return np.sum(scores.argmax(axis=1) == labels) / scores.size


@wrong(check.accuracy)
def highest_absolute_score(scores, labels):
    return np.mean(np.abs(scores).argmax(axis=1) == labels)


@wrong(check.accuracy)
def score_above_one_half(scores, labels):
    return np.mean(scores[np.arange(len(labels)), labels] > 0.5)


@wrong(check.accuracy)
def score_above_the_mean_of_its_row(scores, labels):
    return np.mean(scores[np.arange(len(labels)), labels] > scores.mean(axis=1))


@wrong(check.accuracy)
def among_the_best_two(scores, labels):
    return np.mean([label in row for row, label in zip(scores.argsort(1)[:, -2:], labels)])  # noqa: B905


@wrong(check.accuracy)
def mean_over_classes_of_their_shares(scores, labels):
    hits = scores.argmax(axis=1) == labels
    return np.mean([hits[labels == label].mean() for label in np.unique(labels)])


@wrong(check.accuracy)
def whole_division(scores, labels):
    return np.sum(scores.argmax(axis=1) == labels) // len(labels)


@wrong(check.accuracy)
def rounded_to_two_digits(scores, labels):
    return round(float(np.mean(scores.argmax(axis=1) == labels)), 2)


@wrong(check.accuracy)
def are_they_all_right(scores, labels):
    return float(np.all(scores.argmax(axis=1) == labels))


@wrong(check.accuracy)
def is_the_guess_some_label(scores, labels):
    return np.mean(np.isin(scores.argmax(axis=1), labels))


@wrong(check.accuracy)
def one_minus_the_distance_of_the_labels(scores, labels):
    return 1 - np.mean(np.abs(scores.argmax(axis=1) - labels))


@wrong(check.accuracy)
def the_first_sample_left_out(scores, labels):
    return np.mean((scores.argmax(axis=1) == labels)[1:])


@right(check.one_hot)
def ones_in_a_loop(labels, n_classes):
    rows = np.zeros((len(labels), n_classes), dtype=int)
    for row, label in zip(rows, labels, strict=True):
        row[label] = 1
    return rows


@right(check.one_hot)
def ones_in_lists(labels, n_classes):
    return [[1.0 if k == label else 0.0 for k in range(n_classes)] for label in labels]


@right(check.one_hot)
def ones_in_tuples(labels, n_classes):
    return tuple(tuple(int(k == label) for k in range(n_classes)) for label in labels)


@right(check.one_hot)
def ones_by_comparison(labels, n_classes):
    return (labels[:, np.newaxis] == np.arange(n_classes)).astype(np.float32)


@right(check.one_hot)
def ones_put_along_an_axis(labels, n_classes):
    rows = np.zeros((n_classes, len(labels))).T
    np.put_along_axis(rows, labels.reshape(-1, 1), 1, axis=1)
    return rows


@right(check.one_hot)
def ones_by_einsum(labels, n_classes):
    eye = np.eye(n_classes)
    return np.einsum("ij,kj->ik", eye[labels], eye)


@right(check.one_hot)
def ones_row_by_row(labels, n_classes):
    for label in labels:
        yield np.identity(n_classes)[label]


right(check.one_hot)(lambda labels, n_classes: np.eye(n_classes).take(labels, axis=0))


@wrong(check.one_hot)
def fills_whole_rows(labels, n_classes):
    rows = np.zeros((max(len(labels), n_classes), n_classes))
    rows[labels] = 1
    return rows[: len(labels)]


@wrong(check.one_hot)
def fills_whole_columns(labels, n_classes):
    rows = np.zeros((len(labels), n_classes))
    rows[:, labels] = 1
    return rows


@wrong(check.one_hot)
def as_many_columns_as_samples(labels, n_classes):
    return np.eye(max(len(labels), n_classes))[labels]


@wrong(check.one_hot)
def as_many_columns_as_labels_that_occur(labels, n_classes):
    found, place = np.unique(labels, return_inverse=True)
    return np.eye(len(found))[place]


@wrong(check.one_hot)
def one_column_too_many(labels, n_classes):
    return np.eye(n_classes + 1)[labels]


@wrong(check.one_hot)
def class_zero_has_no_column(labels, n_classes):
    return np.eye(n_classes)[labels][:, 1:]


@wrong(check.one_hot)
def class_zero_is_a_row_of_zeros(labels, n_classes):
    return np.eye(n_classes)[labels] * (labels > 0)[:, None]


@wrong(check.one_hot)
def columns_from_right_to_left(labels, n_classes):
    return np.eye(n_classes)[labels][:, ::-1]


@wrong(check.one_hot)
def ones_up_to_the_label(labels, n_classes):
    return (np.arange(n_classes) <= labels[:, None]).astype(float)


@wrong(check.one_hot)
def smoothed_labels(labels, n_classes):
    return 0.9 * np.eye(n_classes)[labels] + 0.1 / n_classes


@wrong(check.one_hot)
def minus_one_elsewhere(labels, n_classes):
    return 2 * np.eye(n_classes)[labels] - 1


@wrong(check.one_hot)
def ones_from_the_second_column_on(labels, n_classes):
    return np.roll(np.eye(n_classes)[labels], 1, axis=1)


@wrong(check.one_hot)
def one_row_for_all(labels, n_classes):
    return np.eye(n_classes)[labels].max(axis=0)


@wrong(check.one_hot)
def words_for_numbers(labels, n_classes):
    return np.eye(n_classes)[labels].astype(int).astype(str)


@right(check.choose_degree)
def best_in_a_loop(validation_errors):
    best = 0
    for degree, error in enumerate(validation_errors):
        if error < validation_errors[best]:
            best = degree
    return best


right(check.choose_degree)(lambda validation_errors: np.argmin(validation_errors))


@right(check.choose_degree)
def index_in_a_list(validation_errors):
    errors = list(validation_errors)
    return errors.index(min(errors))


@right(check.choose_degree)
def smallest_key(validation_errors):
    return min(range(len(validation_errors)), key=validation_errors.__getitem__)


@right(check.choose_degree)
def smallest_pair(validation_errors):
    return min((error, degree) for degree, error in enumerate(validation_errors))[1]


@right(check.choose_degree)
def first_of_the_stable_order(validation_errors):
    return np.argsort(validation_errors.astype(np.float32), kind="stable")[0]


@right(check.choose_degree)
def first_place_of_the_minimum(validation_errors):
    return np.flatnonzero(validation_errors == validation_errors.min())[0].astype(np.int32)


@right(check.choose_degree)
def argmin_in_an_array_without_axes(validation_errors):
    return np.asarray(np.argmin(validation_errors))


@wrong(check.choose_degree)
def all_equals(validation_errors):
    return np.flatnonzero(validation_errors == validation_errors.min())


@wrong(check.choose_degree)
def second_best(validation_errors):
    return int(np.argsort(validation_errors)[:2][-1])


@wrong(check.choose_degree)
def never_a_constant(validation_errors):
    return 1 + int(np.argmin(validation_errors[1:])) if len(validation_errors) > 1 else 0


@wrong(check.choose_degree)
def steepest_fall(validation_errors):
    return int(np.argmin(np.diff(validation_errors, prepend=validation_errors[0])))


@wrong(check.choose_degree)
def first_below_the_mean(validation_errors):
    return int(np.argmax(validation_errors <= validation_errors.mean()))


@wrong(check.choose_degree)
def simplest_within_ten_percent(validation_errors):
    return int(np.argmax(validation_errors <= 1.1 * validation_errors.min()))


@wrong(check.choose_degree)
def simplest_after_rounding(validation_errors):
    return int(np.argmin(validation_errors.round(2)))


@wrong(check.choose_degree)
def errors_cut_to_whole_numbers(validation_errors):
    return int(np.argmin(validation_errors.astype(int)))


@wrong(check.choose_degree)
def degree_as_a_float(validation_errors):
    return float(np.argmin(validation_errors))


@wrong(check.choose_degree)
def counted_from_the_end(validation_errors):
    return int(np.argmin(validation_errors)) - len(validation_errors)


@wrong(check.choose_degree)
def never_the_last(validation_errors):
    return int(np.argmin(validation_errors[:-1])) if len(validation_errors) > 1 else 0


@wrong(check.choose_degree)
def middle_of_the_equals(validation_errors):
    return int(np.median(np.flatnonzero(validation_errors == validation_errors.min())))


@wrong(check.choose_degree)
def degree_and_error(validation_errors):
    return int(np.argmin(validation_errors)), validation_errors.min()


@right(check.better_weight)
def one_if_after_another(loss, w, nudge):
    best = w
    if loss(w - nudge) < loss(best):
        best = w - nudge
    if loss(w + nudge) < loss(best):
        best = w + nudge
    return best


@right(check.better_weight)
def argmin_of_three(loss, w, nudge):
    weights = np.array([w - nudge, w, w + nudge])
    return weights[np.argmin([loss(one) for one in weights])]


@right(check.better_weight)
def best_in_float32(loss, w, nudge):
    weights = np.float32(w) + np.float32(nudge) * np.arange(-1, 2, dtype=np.float32)
    return weights[np.argmin(loss(weights))]


@right(check.better_weight)
def sorted_by_loss(loss, w, nudge):
    return sorted((w, w - nudge, w + nudge), key=loss)[0]


@right(check.better_weight)
def from_a_dictionary(loss, w, nudge):
    losses = {one: loss(one) for one in (w, w + nudge, w - nudge)}
    return min(losses, key=losses.get)


@right(check.better_weight)
def smallest_of_pairs(loss, w, nudge, signs=(0, 1, -1)):
    return min((loss(w + s * nudge), w + s * nudge) for s in signs)[1]


@right(check.better_weight)
def best_in_an_array_without_axes(loss, w, nudge):
    return np.array(min((w - nudge, w, w + nudge), key=loss))


@wrong(check.better_weight)
def always_higher(loss, w, nudge):
    return w + nudge


@wrong(check.better_weight)
def stays(loss, w, nudge):
    return w


@wrong(check.better_weight)
def looks_to_the_right_only(loss, w, nudge):
    return min([w, w + nudge], key=loss)


@wrong(check.better_weight)
def looks_to_the_left_only(loss, w, nudge):
    return min([w, w - nudge], key=loss)


@wrong(check.better_weight)
def turns_round_where_the_right_is_not_lower(loss, w, nudge):
    return w + nudge if loss(w + nudge) < loss(w) else w - nudge


@wrong(check.better_weight)
def right_side_first(loss, w, nudge):
    if loss(w + nudge) < loss(w):
        return w + nudge
    return w - nudge if loss(w - nudge) < loss(w) else w


@wrong(check.better_weight)
def number_of_the_best(loss, w, nudge):
    return int(np.argmin([loss(w), loss(w - nudge), loss(w + nudge)]))


@wrong(check.better_weight)
def walks_to_the_bottom(loss, w, nudge):
    for _ in range(50):
        w = min([w, w - nudge, w + nudge], key=loss)
    return w


@wrong(check.better_weight)
def lowest_weight_with_a_lower_loss(loss, w, nudge):
    return min(one for one in (w - nudge, w, w + nudge) if loss(one) <= loss(w))


@wrong(check.better_weight)
def loss_nearest_to_zero(loss, w, nudge):
    return min([w, w - nudge, w + nudge], key=lambda w: abs(loss(w)))


@wrong(check.better_weight)
def step_along_the_slope(loss, w, nudge):
    return w - (loss(w + nudge) - loss(w - nudge)) / 2


@wrong(check.better_weight)
def weight_and_loss(loss, w, nudge):
    best = min([w, w - nudge, w + nudge], key=loss)
    return best, loss(best)


@wrong(check.better_weight)
def half_a_nudge(loss, w, nudge):
    return min([w, w - nudge / 2, w + nudge / 2], key=loss)


@wrong(check.better_weight)
def the_change_alone(loss, w, nudge):
    return min([0, -nudge, nudge], key=lambda step: loss(w + step))


@right(check.perceptron_update)
def two_ifs(w, b, x, t, learning_rate):
    fires = sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b > 0
    if fires and t == 0:
        return w - learning_rate * x, b - learning_rate
    if not fires and t == 1:
        return w + learning_rate * x, b + learning_rate
    return w, b


@right(check.perceptron_update)
def update_in_float32(w, b, x, t, learning_rate):
    w, x, b, rate = w.astype("f4"), x.astype("f4"), np.float32(b), np.float32(learning_rate)
    mistake = np.float32(t - int(w @ x + b > 0))
    return w + rate * mistake * x, b + rate * mistake


@right(check.perceptron_update)
def update_of_a_copy(w, b, x, t, learning_rate):
    w = w.copy()
    mistake = t - float(np.einsum("i,i->", w, x) + b > 0)
    w += learning_rate * mistake * x
    b += learning_rate * mistake
    return [w, b]


@right(check.perceptron_update)
def bias_as_one_more_weight(w, b, x, t, learning_rate):
    weights, inputs = np.append(w, b), np.append(x, 1)
    weights = weights + learning_rate * (t - np.heaviside(weights @ inputs, 0)) * inputs
    return weights[:-1], weights[-1]


@right(check.perceptron_update)
def update_in_lists(w, b, x, t, learning_rate):
    step = learning_rate * (t - (np.dot(w, x) + b > 0))
    return [wi + step * xi for wi, xi in zip(w, x, strict=True)], b + step


@right(check.perceptron_update)
def subtracts_y_minus_t(w, b, x, t, learning_rate):
    y = np.where(w @ x + b > 0, 1, 0)
    yield w - learning_rate * (y - t) * x
    yield b - learning_rate * (y - t)


def _update_with(threshold, w, b, x, t, learning_rate):
    step = learning_rate * (t - int(w @ x + b > threshold))
    return w + step * x, b + step


right(check.perceptron_update)(partial(_update_with, 0))


@wrong(check.perceptron_update)
def forgets_the_learning_rate(w, b, x, t, learning_rate):
    y = int(w @ x + b > 0)
    return w + (t - y) * x, b + (t - y)


@wrong(check.perceptron_update)
def bias_without_the_learning_rate(w, b, x, t, learning_rate):
    y = int(w @ x + b > 0)
    return w + learning_rate * (t - y) * x, b + (t - y)


@wrong(check.perceptron_update)
def answers_minus_one_or_one(w, b, x, t, learning_rate):
    y = np.sign(w @ x + b)
    return w + learning_rate * (t - y) * x, b + learning_rate * (t - y)


@wrong(check.perceptron_update)
def fires_above_one_half(w, b, x, t, learning_rate):
    return _update_with(0.5, w, b, x, t, learning_rate)


@wrong(check.perceptron_update)
def learns_only_to_fire(w, b, x, t, learning_rate):
    step = learning_rate * max(t - int(w @ x + b > 0), 0)
    return w + step * x, b + step


@wrong(check.perceptron_update)
def learns_only_to_be_silent(w, b, x, t, learning_rate):
    step = learning_rate * min(t - int(w @ x + b > 0), 0)
    return w + step * x, b + step


@wrong(check.perceptron_update)
def squares_the_mistake(w, b, x, t, learning_rate):
    step = learning_rate * (t - int(w @ x + b > 0)) ** 2
    return w + step * x, b + step


@wrong(check.perceptron_update)
def bias_first(w, b, x, t, learning_rate):
    return _update_with(0, w, b, x, t, learning_rate)[::-1]


@wrong(check.perceptron_update)
def weights_only(w, b, x, t, learning_rate):
    return _update_with(0, w, b, x, t, learning_rate)[0]


@wrong(check.perceptron_update)
def moves_w_in_place(w, b, x, t, learning_rate):
    step = learning_rate * (t - int(w @ x + b > 0))
    w += step * x
    return w, b + step


@wrong(check.perceptron_update)
def scales_the_weights(w, b, x, t, learning_rate):
    step = learning_rate * (t - int(w @ x + b > 0))
    return w + step * w, b + step * b


@wrong(check.perceptron_update)
def subtracts_the_bias_in_the_sum(w, b, x, t, learning_rate):
    step = learning_rate * (t - int(w @ x - b > 0))
    return w + step * x, b + step


@wrong(check.perceptron_update)
def answers_by_a_sigmoid(w, b, x, t, learning_rate):
    step = learning_rate * (t - 1 / (1 + np.exp(-(w @ x + b))))
    return w + step * x, b + step


@wrong(check.perceptron_update)
def subtracts_the_bias_step(w, b, x, t, learning_rate):
    step = learning_rate * (t - int(w @ x + b > 0))
    return w + step * x, b - step


@wrong(check.perceptron_update)
def multiplies_w_and_x_one_by_one(w, b, x, t, learning_rate):
    step = learning_rate * (t - (w * x + b > 0))
    return w + step * x, b + step.mean()


@right(check.train_test_indices)
def shuffled_in_place(n, n_test, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return order[:-n_test], order[-n_test:]


@right(check.train_test_indices)
def shuffled_list(n, n_test, rng):
    order = list(range(n))
    rng.shuffle(order)
    return order[n_test:], order[:n_test]


@right(check.train_test_indices)
def split_by_numpy(n, n_test, rng):
    return np.split(rng.permutation(n), [n - n_test])


@right(check.train_test_indices)
def chosen_and_the_rest(n, n_test, rng):
    test = np.sort(rng.choice(n, size=n_test, replace=False))
    return np.setdiff1d(np.arange(n), test), test


@right(check.train_test_indices)
def by_a_mask(n, n_test, rng):
    mask = np.zeros(n, dtype=bool)
    mask[rng.permutation(n)[:n_test]] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


@right(check.train_test_indices)
def order_of_random_numbers(n, n_test, rng):
    order = np.argsort(rng.random(n)).astype(np.int32)
    yield order[n_test:]
    yield order[:n_test]


@right(check.train_test_indices)
def by_fisher_and_yates(n, n_test, rng):
    order = np.arange(n)
    for last in range(n - 1, 0, -1):
        other = rng.integers(last + 1)
        order[last], order[other] = order[other], order[last]
    return order[n_test:], order[:n_test]


@right(check.train_test_indices)
def drawn_until_there_are_enough(n, n_test, rng):
    test = set()
    while len(test) < n_test:
        test.add(int(rng.integers(n)))
    return [i for i in range(n) if i not in test], sorted(test)


@right(check.train_test_indices)
class DealsOut:
    """A callable that is no function."""

    def __new__(cls, n, n_test, rng):
        order = rng.permuted(np.arange(n))
        return [order[n_test:], order[:n_test]]


@wrong(check.train_test_indices)
def turned_by_a_random_number(n, n_test, rng):
    order = np.roll(np.arange(n), rng.integers(n))
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def every_so_many_from_a_random_start(n, n_test, rng):
    stride = n // n_test
    test = (rng.integers(n) + stride * np.arange(n_test)) % n
    return np.setdiff1d(np.arange(n), test), test


@wrong(check.train_test_indices)
def test_from_the_first_half(n, n_test, rng):
    test = rng.choice((n + 1) // 2, n_test, replace=False)
    return np.setdiff1d(np.arange(n), test), test


@wrong(check.train_test_indices)
def the_first_is_always_in_the_test(n, n_test, rng):
    test = np.append(0, 1 + rng.permutation(n - 1)[: n_test - 1])
    return np.setdiff1d(np.arange(n), test), test


@wrong(check.train_test_indices)
def the_last_is_always_for_training(n, n_test, rng):
    order = rng.permutation(n - 1)
    return np.append(order[n_test:], n - 1), order[:n_test]


@wrong(check.train_test_indices)
def shuffled_twice(n, n_test, rng):
    return rng.permutation(n)[n_test:], rng.permutation(n)[:n_test]


@wrong(check.train_test_indices)
def one_sample_lost_at_the_cut(n, n_test, rng):
    order = rng.permutation(n)
    return order[n_test + 1 :], order[:n_test]


@wrong(check.train_test_indices)
def counts_from_one(n, n_test, rng):
    order = 1 + rng.permutation(n)
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def thrown_like_dice(n, n_test, rng):
    test = rng.integers(0, n, n_test)
    return np.setdiff1d(np.arange(n), test), test


@wrong(check.train_test_indices)
def coin_for_each_sample(n, n_test, rng):
    mask = rng.random(n) < n_test / n
    return np.flatnonzero(~mask), np.flatnonzero(mask)


@wrong(check.train_test_indices)
def masks_in_place_of_indices(n, n_test, rng):
    mask = rng.permutation(n) < n_test
    return ~mask, mask


@wrong(check.train_test_indices)
def indices_as_floats(n, n_test, rng):
    order = rng.permutation(n).astype(float)
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def burns_a_number_and_draws_elsewhere(n, n_test, rng):
    rng.random()
    order = np.random.permutation(n)  # noqa: NPY002
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def seeds_inside(n, n_test, rng):
    order = np.random.default_rng(42).permutation(n)
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def one_of_two_orders(n, n_test, rng):
    order = np.random.default_rng(rng.integers(2)).permutation(n)
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def one_random_swap(n, n_test, rng):
    order = np.arange(n)
    one, other = rng.choice(n, 2, replace=False)
    order[one], order[other] = order[other], order[one]
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def swaps_with_any_other(n, n_test, rng):
    """The shuffle that looks fair: n**n ways do not divide into n! orders."""
    order = np.arange(n)
    for one, other in enumerate(rng.integers(n, size=n)):
        order[one], order[other] = order[other], order[one]
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def sorts_before_cutting(n, n_test, rng):
    order = np.sort(rng.permutation(n))
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def shuffle_returns_none(n, n_test, rng):
    order = rng.shuffle(np.arange(n))
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def pairs_of_indices(n, n_test, rng):
    order = rng.permutation(n)[:, np.newaxis]
    return order[n_test:], order[:n_test]


@right(check.train_test_indices)
def by_a_reservoir(n, n_test, rng):
    test = list(range(n_test))
    for one in range(n_test, n):
        place = rng.integers(one + 1)
        if place < n_test:
            test[place] = one
    return np.setdiff1d(np.arange(n), test), np.array(test)


@right(check.train_test_indices)
def by_an_old_generator_on_the_same_bits(n, n_test, rng):
    order = np.random.RandomState(rng.bit_generator).permutation(n)
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def one_of_the_blocks(n, n_test, rng):
    blocks = np.array_split(np.arange(n), n // n_test)
    test = blocks[rng.integers(len(blocks))][:n_test]
    return np.setdiff1d(np.arange(n), test), test


@wrong(check.train_test_indices)
def training_samples_drawn_again(n, n_test, rng):
    order = rng.permutation(n)
    return rng.choice(order[n_test:], n - n_test), order[:n_test]


@wrong(check.train_test_indices)
def counts_from_the_end(n, n_test, rng):
    order = rng.permutation(n) - n
    return order[n_test:], order[:n_test]


@wrong(check.train_test_indices)
def shuffles_a_copy_of_the_generator(n, n_test, rng):
    order = copy.deepcopy(rng).permutation(n)
    return order[n_test:], order[:n_test]


@wrong(check.perceptron_update)
def fires_a_little_above_zero(w, b, x, t, learning_rate):
    return _update_with(1e-2, w, b, x, t, learning_rate)


@wrong(check.accuracy)
def rounds_the_scores_first(scores, labels):
    return np.mean(scores.round(1).argmax(axis=1) == labels)


@wrong(check.one_hot)
def adds_a_constant_to_every_entry(labels, n_classes):
    return np.eye(n_classes)[labels] + 1e-9


@wrong(check.choose_degree)
def least_of_the_first_four(validation_errors):
    return int(np.argmin(validation_errors[:4]))


@wrong(check.perceptron_update)
def fires_from_a_thousandth_on(w, b, x, t, learning_rate):
    y = 1 if w @ x + b > 1e-3 else 0
    return w + learning_rate * (t - y) * x, b + learning_rate * (t - y)


@wrong(check.perceptron_update)
def sums_up_the_first_two_inputs_only(w, b, x, t, learning_rate):
    y = 1 if w[:2] @ x[:2] + b > 0 else 0
    return w + learning_rate * (t - y) * x, b + learning_rate * (t - y)


@wrong(check.train_test_indices)
def the_same_parts_every_time(n, n_test, rng):
    order = np.random.default_rng(0).permutation(n)
    return order[n_test:], order[:n_test]
