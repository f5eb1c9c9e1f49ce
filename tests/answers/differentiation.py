"""Answers to the exercises of chapter 3."""

import math

import numpy as np

from answers import right, wrong
from downslope import check, differentiation


@right(check.forward_difference)
def one_element_at_a_time(f, x, h):
    slopes = [(f(element + h) - f(element)) / h for element in np.ravel(x)]
    return np.reshape(slopes, np.shape(x))


@right(check.forward_difference)
def over_the_step_really_taken(f, x, h):
    return (f(x + h) - f(x)) / ((x + h) - x)


@right(check.forward_difference)
def from_the_other_end(f, x, h):
    return (f(x) - f(x + h)) / -h


@right(check.forward_difference)
def by_np_diff(f, x, h):
    return np.diff([f(x), f(x + h)], axis=0)[0] / h


@right(check.forward_difference)
def by_np_gradient(f, x, h):
    return np.gradient(np.array([f(x), f(x + h)]), h, axis=0)[0]


@right(check.forward_difference)
def in_float32(f, x, h):
    x, h = np.float32(x), np.float32(h)
    return (f(x + h) - f(x)) / h


@right(check.forward_difference)
def in_float32_and_handed_back_as_a_list(f, x, h):
    return np.asarray(in_float32(f, x, h)).tolist()


@wrong(check.forward_difference)
def over_the_distance(f, x, h):
    return (f(x + h) - f(x)) / abs(h)


@wrong(check.forward_difference)
def always_to_the_right(f, x, h):
    h = abs(h)
    return (f(x + h) - f(x)) / h


@wrong(check.forward_difference)
def a_step_of_at_least_a_tenth(f, x, h):
    h = max(h, 0.1)
    return (f(x + h) - f(x)) / h


@wrong(check.forward_difference)
def a_tiny_step_of_its_own(f, x, h):
    return (f(x + 1e-6) - f(x)) / 1e-6


@wrong(check.forward_difference)
def stored_in_an_array_of_the_type_of_x(f, x, h):
    nudged = np.array(x)
    nudged[...] = x + h
    return (f(nudged) - f(x)) / h


@wrong(check.forward_difference)
def moves_x_itself(f, x, h):
    here = f(x)
    x += h
    return (f(x) - here) / h


@wrong(check.forward_difference)
def over_x(f, x, h):
    return (f(x + h) - f(x)) / x


@wrong(check.forward_difference)
def over_two_steps(f, x, h):
    return (f(x + h) - f(x)) / (2 * h)


@wrong(check.forward_difference)
def one_number_for_all(f, x, h):
    return np.mean((f(x + h) - f(x)) / h)


@wrong(check.forward_difference)
def a_step_in_proportion_to_x(f, x, h):
    h = h * np.maximum(1, np.abs(x))
    return (f(x + h) - f(x)) / h


@right(check.central_difference)
def mean_of_forward_and_backward(f, x, h):
    return ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2


@right(check.central_difference)
def over_the_distance_of_the_points(f, x, h):
    left, right = x - h, x + h
    return (f(right) - f(left)) / (right - left)


@right(check.central_difference)
def halved_twice(f, x, h):
    return (f(x + h) - f(x - h)) / 2 / h


@right(check.central_difference)
def the_middle_of_np_gradient(f, x, h):
    return np.gradient(np.array([f(x - h), f(x), f(x + h)]), h, axis=0)[1]


@right(check.central_difference)
def a_forward_difference_from_the_left(f, x, h):
    return differentiation.forward_difference(f, np.asarray(x, float) - h, 2 * h)


@right(check.central_difference)
def moves_a_copy_to_and_fro(f, x, h):
    x = np.array(x, dtype=float)
    x += h
    above = f(x)
    x -= 2 * h
    return (above - f(x)) / (2 * h)


@right(check.central_difference)
def as_a_list_of_float32(f, x, h):
    x, h = np.float32(x), np.float32(h)
    return np.asarray((f(x + h) - f(x - h)) / (2 * h)).tolist()


@wrong(check.central_difference)
def two_steps_back(f, x, h):
    return (f(x) - f(x - 2 * h)) / (2 * h)


@wrong(check.central_difference)
def five_points(f, x, h):
    return (-f(x + 2 * h) + 8 * f(x + h) - 8 * f(x - h) + f(x - 2 * h)) / (12 * h)


@wrong(check.central_difference)
def forward_over_two_steps(f, x, h):
    return (f(x + h) - f(x)) / (2 * h)


@wrong(check.central_difference)
def two_steps_forward(f, x, h):
    return (f(x + 2 * h) - f(x)) / (2 * h)


@wrong(check.central_difference)
def second_difference(f, x, h):
    return (f(x + h) - 2 * f(x) + f(x - h)) / h**2


@wrong(check.central_difference)
def over_twice_the_distance(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * abs(h))


@wrong(check.central_difference)
def without_brackets(f, x, h):
    return f(x + h) - f(x - h) / (2 * h)


@wrong(check.central_difference)
def h_minus_x(f, x, h):
    return (f(x + h) - f(h - x)) / (2 * h)


@wrong(check.central_difference)
def a_small_step_of_its_own(f, x, h):
    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5


@wrong(check.central_difference)
def puts_x_back_but_for_rounding(f, x, h):
    x = np.asarray(x)
    x += h
    above = f(x)
    x -= 2 * h
    below = f(x)
    x += h
    return (above - below) / (2 * h)


@wrong(check.central_difference)
def cuts_both_points_off(f, x, h):
    above, below = np.array(x), np.array(x)
    above[...], below[...] = x + h, x - h
    return (f(above) - f(below)) / (2 * h)


@right(check.best_step)
def roots(epsilon, order, x):
    return max(1, abs(x)) * (math.sqrt(epsilon) if order == 1 else np.cbrt(epsilon))


@right(check.best_step)
def by_logarithms(epsilon, order, x):
    return 10 ** (math.log10(epsilon) / (1 + order) + max(0, math.log10(abs(x) or 1)))


@right(check.best_step)
def from_a_dictionary(epsilon, order, x):
    return np.maximum(1, np.abs(x)) * {1: epsilon**0.5, 2: epsilon ** (1 / 3)}[order]


@right(check.best_step)
def root_of_the_reciprocal(epsilon, order, x):
    return (1 / epsilon) ** (-1 / (order + 1)) * (abs(x) if abs(x) > 1 else 1)


@right(check.best_step)
def a_third_in_four_digits(epsilon, order, x):
    return epsilon ** [0.5, 0.3333][order - 1] * max(x, -x, 1)


@right(check.best_step)
def a_float32(epsilon, order, x):
    return np.float32(epsilon) ** np.float32(1 / (order + 1)) * np.float32(max(1, abs(x)))


@right(check.best_step)
def where_the_errors_meet(epsilon, order, x):
    low, high = epsilon, 1.0
    for _ in range(100):
        h = math.sqrt(low * high)
        low, high = (h, high) if epsilon / h > h**order else (low, h)
    return h * max(1, abs(x))


@wrong(check.best_step)
def error_at_the_best_step(epsilon, order, x):
    return epsilon ** (order / (order + 1))


@wrong(check.best_step)
def power_of_two_in_the_exponent(epsilon, order, x):
    return epsilon ** (1 / 2**order) * max(1, abs(x))


@wrong(check.best_step)
def twice_the_order(epsilon, order, x):
    return epsilon ** (1 / (2 * order)) * max(1, abs(x))


@wrong(check.best_step)
def power_instead_of_root(epsilon, order, x):
    return epsilon ** (order + 1) * max(1, abs(x))


@wrong(check.best_step)
def whole_division(epsilon, order, x):
    return epsilon ** (1 // (order + 1)) * max(1, abs(x))


@wrong(check.best_step)
def cube_root_for_both(epsilon, order, x):
    return epsilon ** (1 / 3) * max(1, abs(x))


@wrong(check.best_step)
def always_that_of_float64(epsilon, order, x):
    return np.finfo(float).eps ** (1 / (order + 1)) * max(1, abs(x))


@wrong(check.best_step)
def remembered_for_two_types(epsilon, order, x):
    if epsilon < 1e-10:
        return (1.49e-8 if order == 1 else 6.055e-6) * max(1, abs(x))
    return (3.4527e-4 if order == 1 else 4.9216e-3) * max(1, abs(x))


@wrong(check.best_step)
def least_sum_of_errors(epsilon, order, x):
    h = np.logspace(-16, 0, 1601)
    return h[np.argmin(epsilon / h + h**order)] * max(1, abs(x))


@wrong(check.best_step)
def one_and_x_added(epsilon, order, x):
    return epsilon ** (1 / (order + 1)) * (1 + abs(x))


@wrong(check.best_step)
def never_longer_than_near_one(epsilon, order, x):
    return epsilon ** (1 / (order + 1)) * min(1, abs(x))


@wrong(check.best_step)
def in_proportion_to_the_grain(epsilon, order, x):
    return epsilon ** (1 / (order + 1)) * np.spacing(abs(x)) / np.spacing(1.0)


@wrong(check.best_step)
def x_under_the_root_too(epsilon, order, x):
    return (epsilon * max(1, abs(x))) ** (1 / (order + 1))


@right(check.numerical_gradient)
def by_flat_index(f, x, h):
    gradient = np.zeros(x.shape)
    for i in range(x.size):
        above, below = x.astype(float), x.astype(float)
        above.flat[i] += h
        below.flat[i] -= h
        gradient.flat[i] = (f(above) - f(below)) / (2 * h)
    return gradient


@right(check.numerical_gradient)
def by_nditer(f, x, h):
    x = np.array(x, dtype=float)
    gradient = np.zeros_like(x)
    places = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not places.finished:
        index = places.multi_index
        here = float(x[index])
        x[index] = here + h
        above = f(x)
        x[index] = here - h
        gradient[index] = (above - f(x)) / (2 * h)
        x[index] = here
        places.iternext()
    return gradient


@right(check.numerical_gradient)
def by_rows_of_the_identity(f, x, h):
    x = np.array(x, dtype=float)
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    slopes = [(f(x + step) - f(x - step)) / (2 * h) for step in steps]
    return np.array(slopes).reshape(x.shape)


@right(check.numerical_gradient)
def to_and_fro_on_a_copy(f, x, h):
    x = x * 1.0
    gradient = []
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        gradient.append((above - f(x)) / (2 * h))
        x[index] += h
    return np.array(gradient).reshape(x.shape)


@right(check.numerical_gradient)
def by_np_where(f, x, h):
    number = np.arange(x.size).reshape(x.shape)
    slopes = [
        (f(np.where(number == i, x + h, x)) - f(np.where(number == i, x - h, x))) / (2 * h)
        for i in range(x.size)
    ]
    return np.reshape(slopes, x.shape)


@right(check.numerical_gradient)
def nested_lists(f, x, h):
    return by_flat_index(f, x, h).tolist()


@right(check.numerical_gradient)
def all_in_float32(f, x, h):
    x = np.array(x, dtype=np.float32)
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / np.float32(2 * h)
    return gradient.tolist()


@wrong(check.numerical_gradient)
def hands_f_a_flat_array(f, x, h):
    return by_rows_of_the_identity(f, np.ravel(x), h).reshape(x.shape)


@wrong(check.numerical_gradient)
def in_at_most_two_dimensions(f, x, h):
    if x.ndim == 1:
        return by_flat_index(f, x, h)
    gradient = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            step = np.zeros(x.shape)
            step[i, j] = h
            gradient[i, j] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


@wrong(check.numerical_gradient)
def row_by_row(f, x, h):
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


@wrong(check.numerical_gradient)
def steepness_without_sign(f, x, h):
    return abs(by_flat_index(f, x, h))


@wrong(check.numerical_gradient)
def puts_back_but_for_rounding(f, x, h):
    if x.dtype.kind == "i":
        x = x.astype(float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        gradient[index] = (above - f(x)) / (2 * h)
        x[index] += h
    return gradient


@wrong(check.numerical_gradient)
def last_one_left_out(f, x, h):
    gradient = by_flat_index(f, x, h)
    gradient.flat[-1] = 0
    return gradient


@wrong(check.numerical_gradient)
def a_step_of_its_own(f, x, h):
    return by_flat_index(f, x, 1e-4)


@wrong(check.numerical_gradient)
def a_step_for_each_variable(f, x, h):
    return np.array(
        [by_flat_index(f, x, h * max(1, abs(here))).flat[i] for i, here in enumerate(x.flat)]
    ).reshape(x.shape)


@wrong(check.numerical_gradient)
def by_columns(f, x, h):
    return by_flat_index(f, x, h).ravel().reshape(x.shape, order="F")


@wrong(check.numerical_gradient)
def steps_that_add_up(f, x, h):
    step, gradient = np.zeros(x.shape), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


@wrong(check.numerical_gradient)
def returns_within_the_loop(f, x, h):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
        return gradient


@right(check.gradient_at_points)
def stacked_in_columns(f, points, h):
    gradients = [differentiation.numerical_gradient(f, point, h) for point in points.T]
    return np.stack(gradients, axis=1)


@right(check.gradient_at_points)
def zipped(f, points, h):
    pairs = zip(*points, strict=True)
    return np.transpose([differentiation.numerical_gradient(f, pair, h) for pair in pairs])


@right(check.gradient_at_points)
def the_two_rows_by_hand(f, points, h):
    x0, x1 = points
    along_0 = f(np.array([x0 + h, x1])) - f(np.array([x0 - h, x1]))
    along_1 = f(np.array([x0, x1 + h])) - f(np.array([x0, x1 - h]))
    return along_0 / (2 * h), along_1 / (2 * h)


@right(check.gradient_at_points)
def filled_column_by_column(f, points, h):
    gradients = np.zeros_like(points)
    for i in range(points.shape[1]):
        gradients[:, i] = differentiation.numerical_gradient(f, points[:, i], h)
    return gradients


@right(check.gradient_at_points)
def gradient_of_the_sum(f, points, h):
    return differentiation.numerical_gradient(lambda x: np.sum(f(x)), points, h)


@right(check.gradient_at_points)
def lists_of_slopes(f, points, h):
    rows = [[], []]
    for point in points.T:
        for row, step in zip(rows, ([h, 0], [0, h]), strict=True):
            row.append((f(point + step) - f(point - step)) / (2 * h))
    return rows


@right(check.gradient_at_points)
def point_by_point_in_float32(f, points, h):
    points = points.astype(np.float32)
    return np.array([differentiation.numerical_gradient(f, point, h) for point in points.T]).T


@wrong(check.gradient_at_points)
def transposed_afterwards_only(f, points, h):
    return np.array([differentiation.numerical_gradient(f, row, h) for row in points]).T


@wrong(check.gradient_at_points)
def cut_into_pairs(f, points, h):
    pairs = points.reshape(-1, 2)
    return np.array([differentiation.numerical_gradient(f, pair, h) for pair in pairs]).T


@wrong(check.gradient_at_points)
def reshaped_instead_of_transposed(f, points, h):
    return stacked_in_columns(f, points, h).T.reshape(points.shape)


@wrong(check.gradient_at_points)
def without_its_axes_of_length_one(f, points, h):
    return np.squeeze(stacked_in_columns(f, points, h))


@wrong(check.gradient_at_points)
def second_row_with_a_step_of_its_own(f, points, h):
    return stacked_in_columns(f, points, h)[0], stacked_in_columns(f, points, 1e-4)[1]


@wrong(check.gradient_at_points)
def second_row_forward(f, points, h):
    forward = (f(points + np.array([[0], [h]])) - f(points)) / h
    return stacked_in_columns(f, points, h)[0], forward


@wrong(check.gradient_at_points)
def coordinates_swapped(f, points, h):
    return stacked_in_columns(f, points, h)[::-1]


@wrong(check.gradient_at_points)
def at_the_mean(f, points, h):
    mean = points.mean(axis=1)
    return np.repeat(
        differentiation.numerical_gradient(f, mean, h)[:, np.newaxis], points.shape[1], axis=1
    )


@wrong(check.gradient_at_points)
def last_point_left_out(f, points, h):
    gradients = stacked_in_columns(f, points, h)
    gradients[:, -1] = 0
    return gradients


@wrong(check.gradient_at_points)
def nudges_the_points_themselves(f, points, h):
    gradients = np.zeros(points.shape)
    for row in range(2):
        points[row] += h
        above = f(points)
        points[row] -= 2 * h
        gradients[row] = (above - f(points)) / (2 * h)
        points[row] += h
    return gradients
