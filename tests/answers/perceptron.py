"""Answers to the exercises of chapter 0."""

from itertools import pairwise, product

import numpy as np

from answers import right, wrong
from downslope import check

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


@right(check.perceptron)
def sum_in_a_loop(x, w, b):
    total = b
    for one, weight in zip(x, w, strict=True):
        total += one * weight
    if total > 0:
        return 1
    return 0


@right(check.perceptron)
def matrix_sign(x, w, b):
    return int(w @ x + b > 0)


@right(check.perceptron)
def as_a_truth(x, w, b):
    return (x * w).sum() + b > 0


@right(check.perceptron)
def bias_as_a_weight(x, w, b):
    return np.where(np.append(w, b) @ np.append(x, 1) > 0, 1, 0)


@right(check.perceptron)
def threshold_minus_bias(x, w, b):
    return 0 if np.inner(x, w) <= -b else 1


@right(check.perceptron)
def heaviside_of_the_sum(x, w, b):
    return np.heaviside(np.einsum("i,i", x, w) + b, 0)


@right(check.perceptron)
def sum_in_float32(x, w, b):
    return np.float32(np.float32(x) @ np.float32(w) + np.float32(b) > 0)


@wrong(check.perceptron)
def always_one(x, w, b):
    return 1


@wrong(check.perceptron)
def always_zero(x, w, b):
    return 0


@wrong(check.perceptron)
def opposite_answer(x, w, b):
    return int(np.dot(w, x) + b <= 0)


@wrong(check.perceptron)
def bias_taken_away(x, w, b):
    return int(np.dot(w, x) - b > 0)


@wrong(check.perceptron)
def greater_than_one_half(x, w, b):
    return int(np.dot(w, x) + b > 0.5)


@wrong(check.perceptron)
def any_term_above_zero(x, w, b):
    return int(any(w * x + b > 0))


@wrong(check.perceptron)
def a_number_for_each_input(x, w, b):
    return (w * x + b > 0).astype(int)


@wrong(check.perceptron)
def two_inputs_only(x, w, b):
    return int(w[0] * x[0] + w[-1] * x[-1] + b > 0)


@wrong(check.perceptron)
def rounded_sum(x, w, b):
    return int(round(float(np.dot(w, x) + b)) > 0)


@wrong(check.perceptron)
def sign_of_the_sum(x, w, b):
    return np.sign(np.dot(w, x) + b)


@wrong(check.perceptron)
def smooth_answer(x, w, b):
    return 1 / (1 + np.exp(-(np.dot(w, x) + b)))


@right(check.one_line_can)
def three_loops(targets):
    for w1 in (-1, -0.5, 0, 0.5, 1):
        for w2 in (-1, -0.5, 0, 0.5, 1):
            for b in (-1.25, -0.75, -0.25, 0.25, 0.75, 1.25):
                says = [int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in CORNERS]
                if says == targets:
                    return True
    return False


@right(check.one_line_can)
def grid_of_the_chapter(targets):
    grid = np.arange(-10, 11)
    w1, w2, b = np.meshgrid(grid, grid, grid)
    fits = [(w1 * x1 + w2 * x2 + b > 0) == t for (x1, x2), t in zip(CORNERS, targets, strict=True)]
    return np.all(fits, axis=0).any()


@right(check.one_line_can)
def neither_xor_nor_its_opposite(targets):
    return targets not in ([0, 1, 1, 0], [1, 0, 0, 1])


@right(check.one_line_can)
def ones_are_not_across(targets):
    a, b, c, d = targets
    return not (a == d and b == c and a != b)


@right(check.one_line_can)
def diagonals_differ(targets):
    return abs(targets[0] + targets[3] - targets[1] - targets[2]) != 2


@right(check.one_line_can)
def learned_by_the_perceptron_rule(targets):
    w = np.zeros(3)
    for _ in range(100):
        for (x1, x2), t in zip(CORNERS, targets, strict=True):
            x = np.array([x1, x2, 1])
            w = w + (t - (w @ x > 0)) * x
    return [int(w @ [x1, x2, 1] > 0) for x1, x2 in CORNERS] == targets


@right(check.one_line_can)
def truth_as_a_number(targets):
    return int("".join(map(str, targets)) not in ("0110", "1001"))


@wrong(check.one_line_can)
def yes_to_all(targets):
    return True


@wrong(check.one_line_can)
def no_to_all(targets):
    return False


@wrong(check.one_line_can)
def no_weight_may_be_zero_and_biases_small(targets):
    return any(
        [int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in CORNERS] == targets
        for w1, w2, b in product((-1, 1), (-1, 1), (-0.5, 0.5))
    )


@wrong(check.one_line_can)
def same_weight_for_both(targets):
    return any(
        [int(w * (x1 + x2) + b > 0) for x1, x2 in CORNERS] == targets
        for w, b in product((-1, 0, 1), (-1.5, -0.5, 0.5, 1.5))
    )


@wrong(check.one_line_can)
def only_the_named_gates(targets):
    return targets in ([0, 0, 0, 1], [0, 1, 1, 1], [1, 1, 1, 0])


@wrong(check.one_line_can)
def how_many_settings(targets):
    return sum(
        [int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in CORNERS] == targets
        for w1, w2, b in product((-1, 0, 1), (-1, 0, 1), (-1.5, -0.5, 0.5, 1.5))
    )


@wrong(check.one_line_can)
def constants_do_not_count(targets):
    return 0 < sum(targets) < 4 and targets not in ([0, 1, 1, 0], [1, 0, 0, 1])


@wrong(check.one_line_can)
def an_odd_number_of_ones(targets):
    return sum(targets) % 2 == 1


@wrong(check.one_line_can)
def compares_with_a_tuple(targets):
    return any(
        tuple(int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in CORNERS) == targets
        for w1, w2, b in product((-1, 0, 1), (-1, 0, 1), (-1.5, -0.5, 0.5, 1.5))
    )


@wrong(check.one_line_can)
def some_corner_is_right(targets):
    return any(targets)


@wrong(check.one_line_can)
def weights_of_the_first_fit(targets):
    for w1, w2, b in product((-1, 0, 1), (-1, 0, 1), (-1.5, -0.5, 0.5, 1.5)):
        if [int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in CORNERS] == targets:
            return w1, w2, b
    return False


@right(check.xor_from_gates)
def and_of_or_and_nand(x1, x2, and_gate, nand_gate, or_gate):
    return and_gate(or_gate(x1, x2), nand_gate(x1, x2))


@right(check.xor_from_gates)
def in_three_lines(x1, x2, and_gate, nand_gate, or_gate):
    h1 = nand_gate(x1, x2)
    h2 = or_gate(x1, x2)
    return and_gate(h1, h2)


@right(check.xor_from_gates)
def four_nands(x1, x2, and_gate, nand_gate, or_gate):
    middle = nand_gate(x1, x2)
    return nand_gate(nand_gate(x1, middle), nand_gate(x2, middle))


@right(check.xor_from_gates)
def one_but_not_the_other(x1, x2, and_gate, nand_gate, or_gate):
    not_x1, not_x2 = nand_gate(x1, x1), nand_gate(x2, x2)
    return or_gate(and_gate(x1, not_x2), and_gate(not_x1, x2))


@right(check.xor_from_gates)
def de_morgan(x1, x2, and_gate, nand_gate, or_gate):
    return and_gate(or_gate(x1, x2), or_gate(nand_gate(x1, x1), nand_gate(x2, x2)))


@right(check.xor_from_gates)
def layers_in_a_list(x1, x2, and_gate, nand_gate, or_gate):
    return and_gate(*(gate(x1, x2) for gate in (nand_gate, or_gate)))


@right(check.xor_from_gates)
def answer_in_an_array(x1, x2, and_gate, nand_gate, or_gate):
    return np.array(and_gate(nand_gate(x2, x1), or_gate(x2, x1)))


@wrong(check.xor_from_gates)
def plain_nand(x1, x2, and_gate, nand_gate, or_gate):
    return nand_gate(x1, x2)


@wrong(check.xor_from_gates)
def plain_and(x1, x2, and_gate, nand_gate, or_gate):
    return and_gate(x1, x2)


@wrong(check.xor_from_gates)
def both_hidden_answers(x1, x2, and_gate, nand_gate, or_gate):
    return nand_gate(x1, x2), or_gate(x1, x2)


@wrong(check.xor_from_gates)
def exclusive_or_of_python(x1, x2, and_gate, nand_gate, or_gate):
    return x1 ^ x2


@wrong(check.xor_from_gates)
def remainder_of_the_sum(x1, x2, and_gate, nand_gate, or_gate):
    return (x1 + x2) % 2


@wrong(check.xor_from_gates)
def difference_of_or_and_and(x1, x2, and_gate, nand_gate, or_gate):
    return or_gate(x1, x2) - and_gate(x1, x2)


@wrong(check.xor_from_gates)
def one_input_forgotten(x1, x2, and_gate, nand_gate, or_gate):
    return and_gate(nand_gate(x1, x1), or_gate(x1, x2))


@wrong(check.xor_from_gates)
def nand_of_or_and_and(x1, x2, and_gate, nand_gate, or_gate):
    return nand_gate(or_gate(x1, x2), and_gate(x1, x2))


@wrong(check.xor_from_gates)
def a_gate_itself(x1, x2, and_gate, nand_gate, or_gate):
    return and_gate(nand_gate, or_gate)


@wrong(check.xor_from_gates)
def opposite_by_subtraction(x1, x2, and_gate, nand_gate, or_gate):
    return 1 - nand_gate(nand_gate(x1, x2), or_gate(x1, x2))


right(check.matrix_product)(lambda A, B: A @ B)


@right(check.matrix_product)
def three_plain_loops(A, B):
    rows = []
    for i in range(len(A)):
        row = []
        for j in range(B.shape[1]):
            total = 0
            for k in range(len(B)):
                total += A[i, k] * B[k, j]
            row.append(total)
        rows.append(row)
    return rows


@right(check.matrix_product)
def two_loops_and_a_dot(A, B):
    return [[np.dot(row, column) for column in B.T] for row in A]


@right(check.matrix_product)
def a_sum_of_outer_products(A, B):
    return sum(np.outer(A[:, k], B[k]) for k in range(len(B)))


@right(check.matrix_product)
def by_broadcasting(A, B):
    return (A[:, :, np.newaxis] * B[np.newaxis]).sum(axis=1)


@right(check.matrix_product)
def product_by_einsum(A, B):
    return np.einsum("ik,kj->ij", A, B)


@right(check.matrix_product)
def product_in_float32(A, B):
    return A.astype(np.float32) @ B.astype(np.float32)


@right(check.matrix_product)
def a_row_at_a_time(A, B):
    for row in A:
        yield row @ B


@wrong(check.matrix_product)
def product_transposed(A, B):
    return (A @ B).T


@wrong(check.matrix_product)
def first_product_only(A, B):
    return np.outer(A[:, 0], B[0])


@wrong(check.matrix_product)
def last_term_left_out(A, B):
    return A[:, :-1] @ B[:-1]


@wrong(check.matrix_product)
def first_row_only(A, B):
    C = np.zeros((A.shape[0], B.shape[1]))
    C[0] = A[0] @ B
    return C


@wrong(check.matrix_product)
def square_result(A, B):
    n = max(A.shape[0], B.shape[1])
    C = np.zeros((n, n))
    C[: A.shape[0], : B.shape[1]] = A @ B
    return C


@wrong(check.matrix_product)
def sums_multiplied(A, B):
    return np.outer(A.sum(axis=1), B.sum(axis=0))


@wrong(check.matrix_product)
def means_in_place_of_sums(A, B):
    return A @ B / len(B)


@wrong(check.matrix_product)
def numbers_added_in_place_of_multiplied(A, B):
    return (A[:, :, None] + B[None]).sum(axis=1)


@wrong(check.matrix_product)
def one_sum_of_all(A, B):
    return np.sum(A @ B)


@wrong(check.matrix_product)
def backwards_along_the_column(A, B):
    return A @ B[::-1]


@wrong(check.matrix_product)
def column_by_row_of_the_first(A, B):
    return A.T @ B


@wrong(check.matrix_product)
def whole_numbers_only(A, B):
    return A.astype(int) @ B.astype(int)


@right(check.sigmoid)
def plain_formula(x):
    return 1 / (1 + np.exp(-x))


@right(check.sigmoid)
def by_the_hyperbolic_tangent(x):
    return 0.5 * (1 + np.tanh(x / 2))


@right(check.sigmoid)
def one_number_after_the_other(x):
    flat = [1 / (1 + np.exp(-one)) for one in x.ravel()]
    return np.reshape(flat, x.shape)


@right(check.sigmoid)
def two_formulas(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


@right(check.sigmoid)
def sigmoid_in_float32(x):
    return 1 / (1 + np.exp(-x.astype(np.float32)))


@right(check.sigmoid)
def powers_of_e(x):
    return 1 / (1 + np.e ** (-x))


@right(check.sigmoid)
def by_logaddexp(x):
    return np.exp(-np.logaddexp(0, -x)).tolist()


@wrong(check.sigmoid)
def twice_too_steep(x):
    return 1 / (1 + np.exp(-2 * x))


@wrong(check.sigmoid)
def halved(x):
    return 0.5 / (1 + np.exp(-x))


@wrong(check.sigmoid)
def hinge(x):
    return np.maximum(x, 0)


@wrong(check.sigmoid)
def cut_at_zero_and_one(x):
    return np.clip(0.5 + x / 4, 0, 1)


@wrong(check.sigmoid)
def powers_of_two(x):
    return 1 / (1 + 2.0 ** (-x))


@wrong(check.sigmoid)
def of_the_sum(x):
    return 1 / (1 + np.exp(-x.sum()))


@wrong(check.sigmoid)
def cut_off_far_too_early(x):
    return 1 / (1 + np.exp(-np.clip(x, -2, 2)))


@wrong(check.sigmoid)
def softmax_of_all(x):
    powers = np.exp(x - x.max())
    return powers / powers.sum()


@wrong(check.sigmoid)
def of_the_size(x):
    return 1 / (1 + np.exp(-np.abs(x)))


@wrong(check.sigmoid)
def minus_in_the_denominator(x):
    return 1 / (1 - np.exp(-x))


@wrong(check.sigmoid)
def arctangent(x):
    return 0.5 + np.arctan(x) / np.pi


@wrong(check.sigmoid)
def first_number_only(x):
    return 1 / (1 + np.exp(-x.flat[0]))


def _s(x):
    return 1 / (1 + np.exp(-x))


@right(check.forward)
def a_line_a_layer(x, W1, b1, W2, b2, W3, b3):
    h1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
    h2 = 1 / (1 + np.exp(-(h1 @ W2 + b2)))
    return h2 @ W3 + b3


@right(check.forward)
def layers_in_a_loop(x, W1, b1, W2, b2, W3, b3):
    for W, b in ((W1, b1), (W2, b2)):
        x = _s(x @ W + b)
    return x @ W3 + b3


@right(check.forward)
def a_sample_at_a_time(x, W1, b1, W2, b2, W3, b3):
    return [_s(_s(row @ W1 + b1) @ W2 + b2) @ W3 + b3 for row in x]


@right(check.forward)
def columns_for_samples(x, W1, b1, W2, b2, W3, b3):
    h = _s(W1.T @ x.T + b1[:, None])
    return (W3.T @ _s(W2.T @ h + b2[:, None]) + b3[:, None]).T


@right(check.forward)
def biases_as_weights(x, W1, b1, W2, b2, W3, b3):
    def layer(x, W, b):
        return np.column_stack([x, np.ones(len(x))]) @ np.vstack([W, b])

    return layer(_s(layer(_s(layer(x, W1, b1)), W2, b2)), W3, b3)


@right(check.forward)
def forward_in_float32(x, W1, b1, W2, b2, W3, b3):
    x, W1, b1, W2, b2, W3, b3 = (np.float32(one) for one in (x, W1, b1, W2, b2, W3, b3))
    return _s(_s(x @ W1 + b1) @ W2 + b2) @ W3 + b3


@right(check.forward)
def products_by_dot(x, W1, b1, W2, b2, W3, b3):
    return np.dot(_s(np.dot(_s(np.dot(x, W1) + b1), W2) + b2), W3) + b3


@wrong(check.forward)
def third_layer_forgotten(x, W1, b1, W2, b2, W3, b3):
    return _s(_s(x @ W1 + b1) @ W2 + b2)


@wrong(check.forward)
def softmax_at_the_end(x, W1, b1, W2, b2, W3, b3):
    powers = np.exp(_s(_s(x @ W1 + b1) @ W2 + b2) @ W3 + b3)
    return powers / powers.sum(axis=1, keepdims=True)


@wrong(check.forward)
def hinges_for_sigmoids(x, W1, b1, W2, b2, W3, b3):
    return np.maximum(np.maximum(x @ W1 + b1, 0) @ W2 + b2, 0) @ W3 + b3


@wrong(check.forward)
def steps_for_sigmoids(x, W1, b1, W2, b2, W3, b3):
    return ((((x @ W1 + b1) > 0) @ W2 + b2) > 0) @ W3 + b3


@wrong(check.forward)
def last_bias_forgotten(x, W1, b1, W2, b2, W3, b3):
    return _s(_s(x @ W1 + b1) @ W2 + b2) @ W3


@wrong(check.forward)
def second_bias_forgotten(x, W1, b1, W2, b2, W3, b3):
    return _s(_s(x @ W1 + b1) @ W2) @ W3 + b3


@wrong(check.forward)
def first_sigmoid_forgotten(x, W1, b1, W2, b2, W3, b3):
    return _s((x @ W1 + b1) @ W2 + b2) @ W3 + b3


@wrong(check.forward)
def first_sample_only(x, W1, b1, W2, b2, W3, b3):
    return _s(_s(x[0] @ W1 + b1) @ W2 + b2) @ W3 + b3


@wrong(check.forward)
def matrices_turned(x, W1, b1, W2, b2, W3, b3):
    return _s(_s(x @ W1.T + b1) @ W2.T + b2) @ W3.T + b3


@wrong(check.forward)
def mean_over_the_samples(x, W1, b1, W2, b2, W3, b3):
    return (_s(_s(x @ W1 + b1) @ W2 + b2) @ W3 + b3).mean(axis=0, keepdims=True)


@wrong(check.forward)
def sigmoid_of_the_inputs(x, W1, b1, W2, b2, W3, b3):
    return _s(_s(_s(x) @ W1 + b1) @ W2 + b2) @ W3 + b3


@wrong(check.forward)
def first_bias_everywhere(x, W1, b1, W2, b2, W3, b3):
    return _s(_s(x @ W1 + b1) @ W2 + b1[0]) @ W3 + b1[0]


@right(check.count_parameters)
def weights_and_biases_in_a_loop(sizes):
    total = 0
    for k in range(len(sizes) - 1):
        total += sizes[k] * sizes[k + 1] + sizes[k + 1]
    return total


@right(check.count_parameters)
def two_sums(sizes):
    return sum(a * b for a, b in pairwise(sizes)) + sum(sizes[1:])


@right(check.count_parameters)
def products_of_shifted_arrays(sizes):
    sizes = np.array(sizes)
    return (sizes[:-1] * sizes[1:] + sizes[1:]).sum()


@right(check.count_parameters)
def as_a_dot_product(sizes):
    return int(np.dot([size + 1 for size in sizes[:-1]], sizes[1:]))


@right(check.count_parameters)
def by_building_the_arrays(sizes):
    return sum(np.zeros((a, b)).size + np.zeros(b).size for a, b in pairwise(sizes))


@right(check.count_parameters)
def from_the_end(sizes):
    if len(sizes) == 1:
        return 0
    return from_the_end(sizes[:-1]) + (sizes[-2] + 1) * sizes[-1]


@right(check.count_parameters)
def with_zip(sizes):
    return sum(b + a * b for a, b in zip(sizes, sizes[1:]))  # noqa: B905


@wrong(check.count_parameters)
def number_of_units(sizes):
    return sum(sizes)


@wrong(check.count_parameters)
def first_matrix_only(sizes):
    return sizes[0] * sizes[1] + sizes[1]


@wrong(check.count_parameters)
def last_matrix_only(sizes):
    return sizes[-2] * sizes[-1] + sizes[-1]


@wrong(check.count_parameters)
def inputs_times_outputs(sizes):
    return sizes[0] * sizes[-1] + sizes[-1]


@wrong(check.count_parameters)
def output_without_bias(sizes):
    return sum(a * b for a, b in pairwise(sizes)) + sum(sizes[1:-1])


@wrong(check.count_parameters)
def a_bias_for_each_input_of_a_matrix(sizes):
    return sum(a * b + a for a, b in pairwise(sizes))


@wrong(check.count_parameters)
def square_matrices(sizes):
    return sum(a * a + a for a in sizes[1:])


@wrong(check.count_parameters)
def number_of_arrays(sizes):
    return 2 * (len(sizes) - 1)


@wrong(check.count_parameters)
def a_fraction_of_a_number(sizes):
    return float(sum((a + 1) * b for a, b in pairwise(sizes)))


@wrong(check.count_parameters)
def every_pair_of_columns(sizes):
    pairs = [(a, b) for i, a in enumerate(sizes) for b in sizes[i + 1 :]]
    return sum(a * b for a, b in pairs) + sum(sizes[1:])


@wrong(check.count_parameters)
def parameters_a_layer(sizes):
    return [(a + 1) * b for a, b in pairwise(sizes)]


@right(check.xor_from_gates)
def one_without_the_other_or_the_other_way_round(x1, x2, and_gate, nand_gate, or_gate):
    not_both = nand_gate(x1, x2)
    return or_gate(and_gate(x1, not_both), and_gate(not_both, x2))


@wrong(check.xor_from_gates)
def product_of_two_gates(x1, x2, and_gate, nand_gate, or_gate):
    return nand_gate(x1, x2) * or_gate(x1, x2)


@wrong(check.xor_from_gates)
def lesser_of_two_gates(x1, x2, and_gate, nand_gate, or_gate):
    return min(or_gate(x1, x2), nand_gate(x1, x2))


@wrong(check.xor_from_gates)
def the_one_if_the_other(x1, x2, and_gate, nand_gate, or_gate):
    if nand_gate(x1, x2):
        return or_gate(x1, x2)
    return 0
