"""Answers to the exercises of chapter 5."""

import functools
import math

import numpy as np

from answers import right, wrong
from downslope import check, differentiation, graph, layers, losses


@right(check.multiply_backward)
def a_list_of_two(upstream, a, b):
    return [b * upstream, a * upstream]


@right(check.multiply_backward)
def one_array(upstream, a, b):
    return upstream * np.array([b, a])


@right(check.multiply_backward)
def yields_two(upstream, a, b):
    yield upstream * b
    yield upstream * a


@right(check.multiply_backward)
def by_einsum(upstream, a, b):
    return np.einsum("...,...->...", upstream, b), np.einsum("...,...->...", upstream, a)


@right(check.multiply_backward)
def in_float32(upstream, a, b):
    upstream, a, b = (np.asarray(value, np.float32) for value in (upstream, a, b))
    return (upstream * b).tolist(), (upstream * a).tolist()


@right(check.multiply_backward)
def in_place_on_copies(upstream, a, b):
    to_a, to_b = np.array(upstream), np.array(upstream)
    to_a *= b
    to_b *= a
    return to_a, to_b


@wrong(check.multiply_backward)
def through_the_product(upstream, a, b):
    product = a * b
    return upstream * product / a, upstream * product / b


@wrong(check.multiply_backward)
def second_without_upstream(upstream, a, b):
    return upstream * b, a


@wrong(check.multiply_backward)
def product_to_both(upstream, a, b):
    return upstream * a * b, upstream * a * b


@wrong(check.multiply_backward)
def shared_out(upstream, a, b):
    return upstream * b / 2, upstream * a / 2


@wrong(check.multiply_backward)
def one_result_only(upstream, a, b):
    return upstream * b


@wrong(check.multiply_backward)
def upstream_added_up(upstream, a, b):
    return np.sum(upstream) * b, np.sum(upstream) * a


@wrong(check.multiply_backward)
def sizes_only(upstream, a, b):
    return abs(upstream * b), abs(upstream * a)


@wrong(check.multiply_backward)
def dot_products(upstream, a, b):
    return np.dot(upstream, b), np.dot(upstream, a)


@wrong(check.multiply_backward)
def nothing_through_a_zero(upstream, a, b):
    return upstream * b * np.not_equal(a, 0), upstream * a * np.not_equal(b, 0)


@wrong(check.multiply_backward)
def writes_into_upstream(upstream, a, b):
    to_b = upstream * a
    upstream *= b
    return upstream, to_b


@right(check.square_of_sum_backward)
def multiplied_out(upstream, x, y):
    return upstream * (2 * x + 2 * y), 2 * upstream * x + 2 * upstream * y


@right(check.square_of_sum_backward)
def as_a_product_of_two_sums(upstream, x, y):
    total = x + y
    back = upstream * total + upstream * total
    return [back, back]


@right(check.square_of_sum_backward)
def the_same_twice(upstream, x, y):
    return (2 * upstream * (x + y),) * 2


@right(check.square_of_sum_backward)
def an_array_of_two(upstream, x, y):
    return np.full(2, upstream * 2 * (x + y))


@right(check.square_of_sum_backward)
def numbers_of_float32(upstream, x, y):
    back = np.float32(upstream) * 2 * (np.float32(x) + np.float32(y))
    return back, float(back)


@right(check.square_of_sum_backward)
def by_the_graph(upstream, x, y):
    x, y = graph.Input(x), graph.Input(y)
    (upstream * (x + y) ** 2).backward()
    return x.gradient, y.gradient


@right(check.square_of_sum_backward)
def by_differences(upstream, x, y):
    h = 1e-4
    along_x = ((x + h + y) ** 2 - (x - h + y) ** 2) / (2 * h)
    along_y = ((x + y + h) ** 2 - (x + y - h) ** 2) / (2 * h)
    return upstream * along_x, upstream * along_y


@wrong(check.square_of_sum_backward)
def size_of_the_sum(upstream, x, y):
    return upstream * 2 * abs(x + y), upstream * 2 * abs(x + y)


@wrong(check.square_of_sum_backward)
def root_of_the_output(upstream, x, y):
    root = math.sqrt((x + y) ** 2)
    return upstream * 2 * root, upstream * 2 * root


@wrong(check.square_of_sum_backward)
def output_over_the_sum(upstream, x, y):
    back = upstream * 2 * (x + y) ** 2 / (x + y)
    return back, back


@wrong(check.square_of_sum_backward)
def whole_numbers(upstream, x, y):
    return int(upstream * 2 * (x + y)), int(upstream * 2 * (x + y))


@wrong(check.square_of_sum_backward)
def own_variable_twice(upstream, x, y):
    return upstream * (2 * x + y), upstream * (x + 2 * y)


@wrong(check.square_of_sum_backward)
def without_the_sum(upstream, x, y):
    return upstream * 2, upstream * 2


@wrong(check.square_of_sum_backward)
def times_each_variable(upstream, x, y):
    return upstream * 2 * (x + y) * x, upstream * 2 * (x + y) * y


@wrong(check.square_of_sum_backward)
def minus_for_the_second(upstream, x, y):
    return upstream * 2 * (x + y), -upstream * 2 * (x + y)


@wrong(check.square_of_sum_backward)
def without_brackets(upstream, x, y):
    return upstream * 2 * x + y, upstream * 2 * x + y


@wrong(check.square_of_sum_backward)
def shut_where_negative(upstream, x, y):
    return upstream * 2 * max(x + y, 0), upstream * 2 * max(x + y, 0)


@right(check.relu_backward)
def by_np_where(upstream, x):
    return np.where(x > 0, upstream, 0)


@right(check.relu_backward)
def zeros_in_a_copy(upstream, x):
    back = upstream.copy()
    back[x <= 0] = 0
    return back


@right(check.relu_backward)
def by_heaviside(upstream, x):
    return upstream * np.heaviside(x, 0)


@right(check.relu_backward)
def by_the_output(upstream, x):
    return upstream * (np.maximum(x, 0) > 0)


@right(check.relu_backward)
def by_sign(upstream, x):
    return np.clip(np.sign(x), 0, 1) * upstream


@right(check.relu_backward)
def in_a_loop(upstream, x):
    back = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        if x[index] > 0:
            back[index] = upstream[index]
    return back


@right(check.relu_backward)
def lists_in_lists(upstream, x):
    if x.ndim == 0:
        return float(upstream) if x > 0 else 0.0
    return [lists_in_lists(*pair) for pair in zip(upstream, x, strict=True)]


@right(check.relu_backward)
def where_in_float32(upstream, x):
    return np.where(x.astype(np.float32) > 0, upstream.astype(np.float32), np.float32(0))


@wrong(check.relu_backward)
def vectorized_from_a_whole_zero(upstream, x):
    return np.vectorize(lambda upstream, x: upstream if x > 0 else 0)(upstream, x)


@wrong(check.relu_backward)
def negative_gradients_cut_off_too(upstream, x):
    return np.maximum(upstream * (x > 0), 0)


@wrong(check.relu_backward)
def half_open_at_zero(upstream, x):
    return upstream * (np.sign(x) + 1) / 2


@wrong(check.relu_backward)
def leaky(upstream, x):
    return np.where(x > 0, upstream, 0.01 * upstream)


@wrong(check.relu_backward)
def open_wherever_not_zero(upstream, x):
    return upstream * (x != 0)


@wrong(check.relu_backward)
def shut_below_a_hundredth(upstream, x):
    return upstream * (np.round(x, 2) > 0)


@wrong(check.relu_backward)
def shut_above_six(upstream, x):
    return upstream * ((x > 0) & (x < 6))


@wrong(check.relu_backward)
def output_over_input(upstream, x):
    return upstream * np.maximum(x, 0) / x


@wrong(check.relu_backward)
def open_below(upstream, x):
    return upstream * (x < 0)


@wrong(check.relu_backward)
def only_what_passes(upstream, x):
    return upstream[x > 0]


@wrong(check.relu_backward)
def an_alias_open_at_zero(upstream, x):
    back = upstream
    back[x < 0] = 0
    return back


@wrong(check.relu_backward)
def writes_into_x(upstream, x):
    x[x <= 0] = 0
    x[x > 0] = 1
    return upstream * x


@right(check.sigmoid_backward)
def multiplied_into_the_bracket(upstream, y):
    return upstream * (y - y**2)


@right(check.sigmoid_backward)
def a_quarter_less_the_square(upstream, y):
    return upstream * (0.25 - (y - 0.5) ** 2)


@right(check.sigmoid_backward)
def element_by_element(upstream, y):
    back = np.empty_like(y)
    for index in np.ndindex(y.shape):
        back[index] = upstream[index] * y[index] * (1 - y[index])
    return back


@right(check.sigmoid_backward)
def through_the_input(upstream, y):
    x = np.log(y / (1 - y))
    again = 1 / (1 + np.exp(-x))
    return upstream * again * (1 - again)


@right(check.sigmoid_backward)
def in_place_on_a_copy(upstream, y):
    back = upstream.copy()
    back *= y
    back *= 1 - y
    return back


@right(check.sigmoid_backward)
def a_list_of_float32(upstream, y):
    upstream, y = upstream.astype(np.float32), y.astype(np.float32)
    return (upstream * y * (1 - y)).tolist()


@wrong(check.sigmoid_backward)
def names_exchanged(upstream, y):
    return y * upstream * (1 - upstream)


@wrong(check.sigmoid_backward)
def bracket_forgotten(upstream, y):
    return upstream * y * 1 - y


@wrong(check.sigmoid_backward)
def sigmoid_in_the_second_factor(upstream, y):
    return upstream * y * (1 - 1 / (1 + np.exp(-y)))


@wrong(check.sigmoid_backward)
def second_factor_only(upstream, y):
    return upstream * (1 - y)


@wrong(check.sigmoid_backward)
def a_quarter_everywhere(upstream, y):
    return upstream * 0.25


@wrong(check.sigmoid_backward)
def clipped_output(upstream, y):
    y = np.clip(y, 0.01, 0.99)
    return upstream * y * (1 - y)


@wrong(check.sigmoid_backward)
def clipped_gradient(upstream, y):
    return np.clip(upstream * y * (1 - y), -0.25, 0.25)


@wrong(check.sigmoid_backward)
def never_quite_flat(upstream, y):
    return upstream * (y + 1e-7) * (1 - y + 1e-7)


@wrong(check.sigmoid_backward)
def writes_into_y(upstream, y):
    y *= 1 - y
    return upstream * y


@wrong(check.sigmoid_backward)
def averaged(upstream, y):
    return upstream * y * (1 - y) / len(y)


@right(check.affine_backward)
def by_einsums(upstream, x, W):
    return (
        np.einsum("no,io->ni", upstream, W),
        np.einsum("ni,no->io", x, upstream),
        np.einsum("no->o", upstream),
    )


@right(check.affine_backward)
def the_other_way_round(upstream, x, W):
    return (W @ upstream.T).T, (upstream.T @ x).T, np.ones(len(x)) @ upstream


@right(check.affine_backward)
def sample_by_sample(upstream, x, W):
    to_x, to_W, to_b = np.zeros_like(x), np.zeros_like(W), np.zeros(W.shape[1])
    for n in range(len(x)):
        to_x[n] = W @ upstream[n]
        to_W += np.outer(x[n], upstream[n])
        to_b += upstream[n]
    return to_x, to_W, to_b


@right(check.affine_backward)
def loops_and_lists(upstream, x, W):
    (n, n_inputs), n_outputs = x.shape, W.shape[1]
    to_x = [[0.0] * n_inputs for _ in range(n)]
    to_W = [[0.0] * n_outputs for _ in range(n_inputs)]
    to_b = [0.0] * n_outputs
    for i, j, k in np.ndindex(n, n_inputs, n_outputs):
        to_x[i][j] += upstream[i, k] * W[j, k]
        to_W[j][k] += x[i, j] * upstream[i, k]
        to_b[k] += upstream[i, k] / n_inputs
    return to_x, to_W, to_b


@right(check.affine_backward)
def broadcast_and_added_up(upstream, x, W):
    to_W = (x[:, :, np.newaxis] * upstream[:, np.newaxis, :]).sum(axis=0)
    return (upstream[:, np.newaxis, :] * W).sum(axis=-1), to_W, sum(upstream)


@right(check.affine_backward)
def lists_of_float32(upstream, x, W):
    upstream, x, W = (array.astype(np.float32) for array in (upstream, x, W))
    return [(upstream @ W.T).tolist(), (x.T @ upstream).tolist(), upstream.sum(axis=0).tolist()]


@right(check.affine_backward)
def by_the_layer(upstream, x, W):
    layer = layers.Affine(W, np.zeros(W.shape[1]))
    layer.forward(x)
    return layer.backward(upstream), layer.dW, layer.db


@wrong(check.affine_backward)
def without_axes_of_length_one(upstream, x, W):
    return tuple(np.squeeze(gradient) for gradient in by_einsums(upstream, x, W))


@wrong(check.affine_backward)
def whichever_product_fits(upstream, x, W):
    try:
        to_W = x @ upstream
    except ValueError:
        to_W = x.T @ upstream
    return upstream @ W.T, to_W, upstream.sum(axis=0)


@wrong(check.affine_backward)
def whichever_matrix_fits(upstream, x, W):
    to_x = upstream @ (W if len(W) == W.shape[1] else W.T)
    return to_x, x.T @ upstream, upstream.sum(axis=0)


@wrong(check.affine_backward)
def whichever_sum_fits(upstream, x, W):
    to_b = upstream.sum(axis=1)
    return upstream @ W.T, x.T @ upstream, to_b if len(to_b) == W.shape[1] else upstream.sum(axis=0)


@wrong(check.affine_backward)
def made_to_fit(upstream, x, W):
    return upstream @ W.T, (upstream.T @ x).reshape(W.shape), upstream.sum(axis=0)


@wrong(check.affine_backward)
def rows_added_up(upstream, x, W):
    return upstream @ W.T, x.T @ upstream, upstream.sum(axis=1)


@wrong(check.affine_backward)
def bias_as_a_row(upstream, x, W):
    return upstream @ W.T, x.T @ upstream, upstream.sum(axis=0, keepdims=True)


@wrong(check.affine_backward)
def last_sample_only(upstream, x, W):
    return upstream @ W.T, np.outer(x[-1], upstream[-1]), upstream[-1]


@wrong(check.affine_backward)
def all_averaged(upstream, x, W):
    return tuple(gradient / len(x) for gradient in by_einsums(upstream, x, W))


@wrong(check.affine_backward)
def bias_without_upstream(upstream, x, W):
    return upstream @ W.T, x.T @ upstream, np.ones(W.shape[1])


@wrong(check.affine_backward)
def bias_first(upstream, x, W):
    return by_einsums(upstream, x, W)[::-1]


@wrong(check.affine_backward)
def takes_a_step_on_the_way(upstream, x, W):
    to_x, to_W, to_b = by_einsums(upstream, x, W)
    W -= 0.1 * to_W
    return to_x, to_W, to_b


@right(check.one_affine_layer)
def as_a_list(W1, b1, W2, b2):
    return [W1 @ W2, b2 + b1 @ W2]


@right(check.one_affine_layer)
def by_two_einsums(W1, b1, W2, b2):
    return np.einsum("ih,ho->io", W1, W2), np.einsum("h,ho->o", b1, W2) + b2


@right(check.one_affine_layer)
def the_bias_as_one_more_row(W1, b1, W2, b2):
    both = np.vstack([W1, b1]) @ W2
    return both[:-1], both[-1] + b2


@right(check.one_affine_layer)
def asks_the_two_layers(W1, b1, W2, b2):
    def both(x):
        return layers.Affine(W2, b2).forward(layers.Affine(W1, b1).forward(x))

    b = both(np.zeros((1, len(W1))))[0]
    without = layers.Affine(W2, 0 * b2).forward(layers.Affine(W1, 0 * b1).forward(np.eye(len(W1))))
    return without, b


@right(check.one_affine_layer)
def unit_by_unit(W1, b1, W2, b2):
    W = [[sum(W1[i] * W2[:, j]) for j in range(W2.shape[1])] for i in range(len(W1))]
    return W, [sum(b1 * W2[:, j]) + b2[j] for j in range(W2.shape[1])]


@right(check.one_affine_layer)
def turned_twice(W1, b1, W2, b2):
    return (W2.T @ W1.T).T, W2.T @ b1 + b2


@right(check.one_affine_layer)
def two_layers_in_float32(W1, b1, W2, b2):
    W1, b1, W2, b2 = (np.asarray(value, np.float32) for value in (W1, b1, W2, b2))
    return (W1 @ W2).tolist(), (b1 @ W2 + b2).tolist()


@wrong(check.one_affine_layer)
def whichever_order_fits(W1, b1, W2, b2):
    fits = W1.shape[0] == W2.shape[1]
    return W2 @ W1 if fits else W1 @ W2, b1 @ W2 + b2


@wrong(check.one_affine_layer)
def lying_on_its_side(W1, b1, W2, b2):
    return (W1 @ W2).T, b1 @ W2 + b2


@wrong(check.one_affine_layer)
def bias_of_one_row(W1, b1, W2, b2):
    return W1 @ W2, (b1 @ W2 + b2)[np.newaxis]


@wrong(check.one_affine_layer)
def biases_added_where_they_fit(W1, b1, W2, b2):
    return W1 @ W2, b1 + b2 if len(b1) == len(b2) else b1 @ W2 + b2


@wrong(check.one_affine_layer)
def bias_through_both_matrices(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2 + b2 @ W2 if len(b2) == len(W2) else b1 @ W2


@wrong(check.one_affine_layer)
def bias_by_columns(W1, b1, W2, b2):
    return W1 @ W2, b1.sum() * W2.sum(axis=0) + b2


@wrong(check.one_affine_layer)
def without_biases(W1, b1, W2, b2):
    return W1 @ W2, np.zeros_like(b2)


@wrong(check.one_affine_layer)
def weights_only(W1, b1, W2, b2):
    return W1 @ W2


@wrong(check.one_affine_layer)
def with_a_relu_between(W1, b1, W2, b2):
    return np.maximum(W1, 0) @ W2, np.maximum(b1, 0) @ W2 + b2


@wrong(check.one_affine_layer)
def the_second_bias_forgotten_for_small_ones(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2 + np.where(np.abs(b2) < 1e-6, 0, b2)


@wrong(check.one_affine_layer)
def adds_to_the_callers_bias(W1, b1, W2, b2):
    b2 += b1 @ W2
    return W1 @ W2, b2


def one_hot(labels, n_classes):
    return np.eye(n_classes)[labels]


@right(check.softmax_cross_entropy_backward)
def row_by_row(logits, labels):
    rows = []
    for row, label in zip(logits, labels, strict=True):
        powers = np.exp(row - np.max(row))
        y = powers / np.sum(powers)
        y[label] -= 1
        rows.append(y / len(labels))
    return rows


@right(check.softmax_cross_entropy_backward)
def without_numpy(logits, labels):
    rows = []
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        powers = [math.exp(logit - max(row)) for logit in row]
        shares = [power / sum(powers) for power in powers]
        rows.append([(y - (k == label)) / len(labels) for k, y in enumerate(shares)])
    return rows


@right(check.softmax_cross_entropy_backward)
def error_of_the_probabilities(logits, labels):
    return (losses.softmax(logits) - one_hot(labels, logits.shape[1])) / len(labels)


@right(check.softmax_cross_entropy_backward)
def by_logaddexp(logits, labels):
    y = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    return (y - (labels[:, np.newaxis] == np.arange(logits.shape[1]))) / len(labels)


@right(check.softmax_cross_entropy_backward)
def in_columns(logits, labels):
    z = logits.T - np.max(logits.T, axis=0)
    y = (np.exp(z) / np.exp(z).sum(axis=0)).T
    y[range(len(labels)), labels] -= 1
    return y / len(labels)


@wrong(check.softmax_cross_entropy_backward)  # 0 / 0 where the network is sure and wrong
def the_jacobian_of_softmax(logits, labels):
    back = []
    for y, label in zip(losses.softmax(logits), labels, strict=True):
        back.append((np.diag(y) - np.outer(y, y))[:, label] / -y[label] / len(labels))
    return np.array(back)


@right(check.softmax_cross_entropy_backward)
def softmax_in_float32(logits, labels):
    z = logits.astype(np.float32)
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    y = powers / powers.sum(axis=1, keepdims=True)
    return (y - one_hot(labels, logits.shape[1])) / len(labels)


@right(check.softmax_cross_entropy_backward)
def differences_of_the_loss(logits, labels):
    return differentiation.numerical_gradient(
        lambda z: losses.softmax_cross_entropy(z, labels), logits
    )


@wrong(check.softmax_cross_entropy_backward)
def mean_subtracted(logits, labels):
    powers = np.exp(logits - logits.mean(axis=1, keepdims=True))
    y = powers / powers.sum(axis=1, keepdims=True)
    return (y - one_hot(labels, logits.shape[1])) / len(labels)


@wrong(check.softmax_cross_entropy_backward)
def logits_clipped(logits, labels):
    return error_of_the_probabilities(np.clip(logits, -500, 500), labels)


@wrong(check.softmax_cross_entropy_backward)
def a_smaller_epsilon(logits, labels):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    y = powers / (powers.sum(axis=1, keepdims=True) + 1e-12)
    return (y - one_hot(labels, logits.shape[1])) / len(labels)


@wrong(check.softmax_cross_entropy_backward)
def epsilon_in_the_logarithm(logits, labels):
    y = losses.softmax(logits)
    slope = -one_hot(labels, logits.shape[1]) / (y + 1e-7) / len(labels)
    return y * (slope - (slope * y).sum(axis=1, keepdims=True))


@wrong(check.softmax_cross_entropy_backward)
def probabilities_clipped(logits, labels):
    y = np.clip(losses.softmax(logits), 1e-7, 1)
    return (y - one_hot(labels, logits.shape[1])) / len(labels)


@wrong(check.softmax_cross_entropy_backward)
def softmax_of_the_batch(logits, labels):
    powers = np.exp(logits - logits.max())
    return (powers / powers.sum() - one_hot(labels, logits.shape[1])) / len(labels)


@wrong(check.softmax_cross_entropy_backward)
def softmax_down_the_columns(logits, labels):
    y = losses.softmax(logits.T).T
    return (y - one_hot(labels, logits.shape[1])) / len(labels)


@wrong(check.softmax_cross_entropy_backward)
def rows_by_label(logits, labels):
    y = losses.softmax(logits)
    y[labels % len(y)] -= 1
    return y / len(labels)


@wrong(check.softmax_cross_entropy_backward)
def labels_taken_for_targets(logits, labels):
    return (losses.softmax(logits) - labels[:, np.newaxis]) / len(labels)


@wrong(check.softmax_cross_entropy_backward)
def with_respect_to_the_probabilities(logits, labels):
    return -one_hot(labels, logits.shape[1]) / losses.softmax(logits) / len(labels)


@wrong(check.softmax_cross_entropy_backward)
def only_at_the_labels(logits, labels):
    return error_of_the_probabilities(logits, labels) * one_hot(labels, logits.shape[1])


@wrong(check.softmax_cross_entropy_backward)
def divided_before_subtracting(logits, labels):
    return losses.softmax(logits) / len(labels) - one_hot(labels, logits.shape[1])


@wrong(check.softmax_cross_entropy_backward)
def times_the_slope_of_a_sigmoid(logits, labels):
    y = losses.softmax(logits)
    return error_of_the_probabilities(logits, labels) * y * (1 - y)


@wrong(check.softmax_cross_entropy_backward)
def shifts_the_callers_logits(logits, labels):
    logits -= logits.max(axis=1, keepdims=True)
    return error_of_the_probabilities(logits, labels)


@right(check.forward_and_backward)
def with_the_walks_of_the_package(network, last, x, labels):
    loss = last.forward(layers.forward_through(network, x), labels)
    return loss, layers.backward_through(network, last.backward())


@right(check.forward_and_backward)
def the_loss_as_one_more_layer_at_the_end(layers, last, x, labels):
    for layer in layers:
        x = layer.forward(x)
    loss = last.forward(x, labels)
    upstream = 1.0
    for layer in [*layers, last][::-1]:
        upstream = layer.backward(upstream)
    return loss, upstream


@right(check.forward_and_backward)
def by_index(layers, last, x, labels):
    outputs = [x]
    for i in range(len(layers)):
        outputs.append(layers[i].forward(outputs[i]))
    loss = last.forward(outputs[-1], labels)
    upstream = last.backward()
    for i in range(len(layers) - 1, -1, -1):
        upstream = layers[i].backward(upstream)
    return [loss, upstream.tolist()]


@right(check.forward_and_backward)
def by_recursion(layers, last, x, labels):
    if not layers:
        return last.forward(x, labels), last.backward()
    loss, upstream = by_recursion(layers[1:], last, layers[0].forward(x), labels)
    return loss, layers[0].backward(upstream)


@right(check.forward_and_backward)
def taken_off_a_copy(layers, last, x, labels):
    still_to_come = list(layers)
    for layer in still_to_come:
        x = layer.forward(x)
    loss, upstream = last.forward(x, labels), last.backward()
    while still_to_come:
        upstream = still_to_come.pop().backward(upstream)
    return loss, upstream


@right(check.forward_and_backward)
def reduced(layers, last, x, labels):
    logits = functools.reduce(lambda value, layer: layer.forward(value), layers, x)
    loss = last.forward(logits, labels)
    back = functools.reduce(
        lambda value, layer: layer.backward(value), layers[::-1], last.backward()
    )
    return loss, back


@right(check.forward_and_backward)
def softmax_by_hand(layers, last, x, labels):
    for layer in layers:
        x = layer.forward(x)
    upstream = error_of_the_probabilities(x, labels)
    for layer in reversed(layers):
        upstream = layer.backward(upstream)
    return losses.softmax_cross_entropy(x, labels), upstream


@wrong(check.forward_and_backward)
def differences_leave_nothing_in_the_layers(network, last, x, labels):
    def loss(x):
        return last.forward(layers.forward_through(network, x), labels)

    return loss(x), differentiation.numerical_gradient(loss, x)


@wrong(check.forward_and_backward)
def only_the_gradient(layers, last, x, labels):
    return by_recursion(layers, last, x, labels)[1]


@wrong(check.forward_and_backward)
def only_the_loss(layers, last, x, labels):
    return by_recursion(layers, last, x, labels)[0]


@wrong(check.forward_and_backward)
def backward_without_a_forward(layers, last, x, labels):
    upstream = last.backward()
    for layer in reversed(layers):
        upstream = layer.backward(upstream)
    return 0.0, upstream


@wrong(check.forward_and_backward)
def forward_is_reversed_too(layers, last, x, labels):
    for layer in reversed(layers):
        x = layer.forward(x)
    loss, upstream = last.forward(x, labels), last.backward()
    for layer in reversed(layers):
        upstream = layer.backward(upstream)
    return loss, upstream


@wrong(check.forward_and_backward)
def last_layer_left_out(layers, last, x, labels):
    for layer in layers:
        x = layer.forward(x)
    loss, upstream = last.forward(x, labels), last.backward()
    for layer in layers[-2::-1]:
        upstream = layer.backward(upstream)
    return loss, upstream


@wrong(check.forward_and_backward)
def gradients_of_all_layers_added_up(layers, last, x, labels):
    loss, upstream = by_recursion(layers, last, x, labels)
    return loss, upstream + sum(np.sum(layer.dW) for layer in layers if hasattr(layer, "dW"))


@wrong(check.forward_and_backward)
def taken_off_the_callers_list(layers, last, x, labels):
    for layer in layers:
        x = layer.forward(x)
    loss, upstream = last.forward(x, labels), last.backward()
    while layers:
        upstream = layers.pop().backward(upstream)
    return loss, upstream


@wrong(check.forward_and_backward)
def divided_by_the_batch_once_more(layers, last, x, labels):
    loss, upstream = by_recursion(layers, last, x, labels)
    return loss, upstream / len(labels)


@wrong(check.forward_and_backward)
def takes_a_step_on_the_way_back(layers, last, x, labels):
    loss, upstream = by_recursion(layers, last, x, labels)
    for layer in layers:
        if hasattr(layer, "dW"):
            layer.dW = -0.1 * layer.dW
    return loss, upstream


def largest(*gradients):
    return max(np.abs(gradient).max() for gradient in gradients)


def close(error, *gradients):
    return bool(np.all(error <= 1e-6 * largest(*gradients)))


@right(check.gradients_agree)
def a_relative_error(numerical, analytic):
    return np.abs(numerical - analytic).max() / largest(numerical, analytic) < 1e-6


@right(check.gradients_agree)
def allclose_with_both_tolerances(numerical, analytic):
    return np.allclose(numerical, analytic, rtol=0, atol=1e-6 * largest(numerical, analytic))


@right(check.gradients_agree)
def in_a_loop_with_a_way_out(numerical, analytic):
    size = max(abs(entry) for entry in [*numerical.flat, *analytic.flat])
    for one, other in zip(numerical.flat, analytic.flat, strict=True):
        if not abs(one - other) <= 1e-6 * size:
            return False
    return True


@right(check.gradients_agree)
def lists_and_all(numerical, analytic):
    numerical, analytic = numerical.ravel().tolist(), analytic.ravel().tolist()
    size = max(map(abs, numerical + analytic))
    return all(
        abs(one - other) <= size / 1e6 for one, other in zip(numerical, analytic, strict=True)
    )


@right(check.gradients_agree)
def by_one_of_them(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 1e-6 * np.abs(numerical).max()


@right(check.gradients_agree)
def both_in_float32(numerical, analytic):
    numerical, analytic = numerical.astype(np.float32), analytic.astype(np.float32)
    return np.abs(numerical - analytic).max() <= np.float32(1e-6) * largest(numerical, analytic)


@right(check.gradients_agree)
def highest_and_lowest(numerical, analytic):
    size = max(numerical.max(), -numerical.min(), analytic.max(), -analytic.min())
    error = numerical - analytic
    return error.max() <= 1e-6 * size and error.min() >= -1e-6 * size


@right(check.gradients_agree)
def after_asking_for_nan(numerical, analytic):
    if np.isnan(numerical).any() or np.isnan(analytic).any():
        return 0
    return int(not np.any(np.abs(numerical - analytic) > 1e-6 * largest(numerical, analytic)))


@wrong(check.gradients_agree)
def size_of_the_highest(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 1e-6 * max(abs(numerical.max()), analytic.max())


@wrong(check.gradients_agree)
def measured_by_the_mean(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 1e-6 * np.abs(numerical).mean()


@wrong(check.gradients_agree)
def measured_by_the_range(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 1e-6 * max(np.ptp(numerical), np.ptp(analytic))


@wrong(check.gradients_agree)
def measured_by_the_deviation(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 1e-6 * np.std(numerical)


@wrong(check.gradients_agree)
def measured_by_the_length(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 1e-6 * np.linalg.norm(numerical)


@wrong(check.gradients_agree)
def measured_by_both_together(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 1e-6 * (largest(numerical) + largest(analytic))


@wrong(check.gradients_agree)
def divided_by_the_larger_of_the_two(numerical, analytic):
    sizes = np.maximum(np.abs(numerical), np.abs(analytic))
    with np.errstate(all="ignore"):
        return np.max(np.abs(numerical - analytic) / sizes) <= 1e-6


@wrong(check.gradients_agree)
def divided_by_itself_and_an_epsilon(numerical, analytic):
    return np.all(np.abs(numerical - analytic) / (np.abs(numerical) + 1e-12) <= 1e-6)


@wrong(check.gradients_agree)
def row_by_row_measure(numerical, analytic):
    size = np.abs(numerical).max(axis=-1, keepdims=True)
    return np.all(np.abs(numerical - analytic) <= 1e-6 * size)


@wrong(check.gradients_agree)
def lengths_of_both_added(numerical, analytic):
    lengths = np.linalg.norm(numerical) + np.linalg.norm(analytic)
    return np.linalg.norm(numerical - analytic) / lengths < 1e-6


@wrong(check.gradients_agree)
def last_column_left_out(numerical, analytic):
    return close(np.abs(numerical - analytic)[..., :-1], numerical, analytic)


@wrong(check.gradients_agree)
def first_column_left_out(numerical, analytic):
    return close(np.abs(numerical - analytic)[..., 1:], numerical, analytic)


@wrong(check.gradients_agree)
def last_entry_left_out(numerical, analytic):
    return close(np.abs(numerical - analytic).ravel()[:-1], numerical, analytic)


@wrong(check.gradients_agree)
def last_entry_only(numerical, analytic):
    return close(np.abs(numerical - analytic).ravel()[-1], numerical, analytic)


@wrong(check.gradients_agree)
def the_first_hundred(numerical, analytic):
    return close(np.abs(numerical - analytic).ravel()[:100], numerical, analytic)


@wrong(check.gradients_agree)
def ninety_nine_in_a_hundred(numerical, analytic):
    return close(np.percentile(np.abs(numerical - analytic), 99), numerical, analytic)


@wrong(check.gradients_agree)
def sorted_first(numerical, analytic):
    return close(np.abs(np.sort(numerical, None) - np.sort(analytic, None)), numerical, analytic)


@wrong(check.gradients_agree)
def other_side_only(numerical, analytic):
    return close(analytic - numerical, numerical, analytic)


@wrong(check.gradients_agree)
def squares_compared(numerical, analytic):
    return close(np.abs(numerical**2 - analytic**2), numerical**2, analytic**2)


@wrong(check.gradients_agree)
def somewhere(numerical, analytic):
    return np.any(np.abs(numerical - analytic) <= 1e-6 * largest(numerical, analytic))


@wrong(check.gradients_agree)
def an_epsilon_below_the_line(numerical, analytic):
    error = np.abs(numerical - analytic).max()
    return error / (largest(numerical, analytic) + 1e-8) <= 1e-6


@wrong(check.gradients_agree)
def never_below_one(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 1e-6 * max(1, largest(numerical, analytic))


@wrong(check.gradients_agree)
def two_tolerances_added(numerical, analytic):
    return np.allclose(numerical, analytic, rtol=1e-6, atol=1e-6 * largest(numerical, analytic))


@wrong(check.gradients_agree)
def pythons_max_passes_over_nan(numerical, analytic):
    error = max(np.abs(numerical - analytic).ravel())
    return error <= 1e-6 * max(np.nanmax(np.abs(numerical)), np.nanmax(np.abs(analytic)))


@wrong(check.gradients_agree)
def nan_equals_nan(numerical, analytic):
    size = np.nanmax(np.abs([numerical, analytic]))
    return np.allclose(numerical, analytic, rtol=0, atol=1e-6 * size, equal_nan=True)


@wrong(check.gradients_agree)
def in_rows_and_columns(numerical, analytic):
    size = largest(numerical, analytic)
    n_rows, n_columns = numerical.shape
    return all(
        abs(numerical[i, j] - analytic[i, j]) <= 1e-6 * size
        for i in range(n_rows)
        for j in range(n_columns)
    )


@wrong(check.gradients_agree)
def half_as_strict(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 2e-6 * largest(numerical, analytic)


@wrong(check.gradients_agree)
def twice_as_strict(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 5e-7 * largest(numerical, analytic)


@wrong(check.gradients_agree)
def the_error_itself(numerical, analytic):
    return np.abs(numerical - analytic).max() / largest(numerical, analytic)


@wrong(check.gradients_agree)
def an_answer_for_each_entry(numerical, analytic):
    return np.abs(numerical - analytic) <= 1e-6 * largest(numerical, analytic)


@wrong(check.softmax_cross_entropy_backward)
def shifts_by_the_logit_at_the_label(logits, labels):
    powers = np.exp(logits - logits[np.arange(len(labels)), labels][:, np.newaxis])
    y = powers / powers.sum(axis=1, keepdims=True)
    return (y - np.eye(logits.shape[1])[labels]) / len(labels)


@wrong(check.softmax_cross_entropy_backward)
def shifts_by_the_largest_of_the_first_row(logits, labels):
    powers = np.exp(logits - logits[0].max())
    y = powers / powers.sum(axis=1, keepdims=True)
    return (y - np.eye(logits.shape[1])[labels]) / len(labels)


@wrong(check.gradients_agree)
def measured_by_a_root_of_mean_squares(numerical, analytic):
    scale = max(np.abs(numerical).max(), np.abs(analytic).max())
    return np.sqrt(np.mean((numerical - analytic) ** 2)) <= 1e-6 * scale
