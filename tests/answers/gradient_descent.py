"""Answers to the exercises of chapter 4."""

import math
import random
from functools import partial
from itertools import accumulate

import numpy as np

from answers import right, wrong
from downslope import check, descent
from downslope.differentiation import gradient_field, numerical_gradient


@right(check.arrows_downhill)
def gradient_of_minus_f(f, x0, x1):
    return gradient_field(lambda x: -f(x), x0, x1)


@right(check.arrows_downhill)
def arrows_in_a_loop(f, x0, x1):
    field = np.empty((2, len(x1), len(x0)))
    for i, second in enumerate(x1):
        for j, first in enumerate(x0):
            field[:, i, j] = -numerical_gradient(f, np.array([first, second]))
    return field


@right(check.arrows_downhill)
def arrows_in_lists(f, x0, x1):
    return [[[-one for one in row] for row in part] for part in gradient_field(f, x0, x1)]


@right(check.arrows_downhill)
def arrows_in_float32(f, x0, x1):
    return -gradient_field(f, x0, x1).astype(np.float32)


@right(check.arrows_downhill)
def arrows_from_differences_on_the_grid(f, x0, x1, h=1e-5):
    x = np.array(np.meshgrid(x0, x1))
    steps = h * np.eye(2)[:, :, np.newaxis, np.newaxis]
    return np.array([f(x - step) - f(x + step) for step in steps]) / (2 * h)


@right(check.arrows_downhill)
def both_components(f, x0, x1):
    first, second = gradient_field(f, x0, x1)
    return np.negative(first), np.negative(second)


@right(check.arrows_downhill)
def component_by_component(f, x0, x1):
    for component in gradient_field(f, x0, x1):
        yield 0 - component


@wrong(check.arrows_downhill)
def first_component_turned_only(f, x0, x1):
    field = gradient_field(f, x0, x1)
    return np.array([-field[0], field[1]])


@wrong(check.arrows_downhill)
def always_negative(f, x0, x1):
    return -np.abs(gradient_field(f, x0, x1))


@wrong(check.arrows_downhill)
def grid_on_its_side(f, x0, x1):
    return -gradient_field(f, x0, x1).swapaxes(1, 2)


@wrong(check.arrows_downhill)
def components_last(f, x0, x1):
    return -np.moveaxis(gradient_field(f, x0, x1), 0, -1)


@wrong(check.arrows_downhill)
def x1_counted_from_the_top(f, x0, x1):
    return -gradient_field(f, x0, x1)[:, ::-1]


@wrong(check.arrows_downhill)
def arguments_swapped(f, x0, x1):
    return -gradient_field(f, x1, x0)


@wrong(check.arrows_downhill)
def longest_arrow_of_length_one(f, x0, x1):
    field = -gradient_field(f, x0, x1)
    return field / np.linalg.norm(field, axis=0).max()


@wrong(check.arrows_downhill)
def signs_only(f, x0, x1):
    return -np.sign(gradient_field(f, x0, x1))


@wrong(check.arrows_downhill)
def turned_by_a_right_angle(f, x0, x1):
    first, second = gradient_field(f, x0, x1)
    return np.array([second, -first])


@wrong(check.arrows_downhill)
def forward_differences_with_a_large_step(f, x0, x1):
    x = np.array(np.meshgrid(x0, x1))
    steps = 0.1 * np.eye(2)[:, :, np.newaxis, np.newaxis]
    return np.array([f(x) - f(x + step) for step in steps]) / 0.1


@wrong(check.arrows_downhill)
def heights_in_place_of_slopes(f, x0, x1):
    return -f(np.array(np.meshgrid(x0, x1)))


@wrong(check.arrows_downhill)
def gradient_at_the_mirrored_point_turned(f, x0, x1):
    return -gradient_field(f, -x0, -x1)


@right(check.descent_step)
def step_of_a_copy(x, gradient, learning_rate):
    x = x.copy()
    x -= learning_rate * gradient(x)
    return x


@right(check.descent_step)
def step_in_float32(x, gradient, learning_rate):
    x = x.astype(np.float32)
    return x - np.float32(learning_rate) * gradient(x)


@right(check.descent_step)
def step_into_a_new_array(x, gradient, learning_rate):
    new = np.empty_like(x)
    for index in np.ndindex(x.shape):
        new[index] = x[index] - learning_rate * gradient(x)[index]
    return new


@right(check.descent_step)
def step_by_subtract(x, gradient, learning_rate):
    return np.subtract(x, np.multiply(learning_rate, gradient(x)))


@right(check.descent_step)
def minus_step_added(x, gradient, learning_rate, sign=-1):
    return x + sign * gradient(x) * learning_rate


@right(check.descent_step)
def end_of_a_walk_of_one_step(x, gradient, learning_rate):
    return descent.gradient_descent(gradient, x, learning_rate, 1)[-1]


@right(check.descent_step)
class Steps:
    """A callable that is no function."""

    def __new__(cls, x, gradient, learning_rate):
        return (x - learning_rate * gradient(x)).tolist()


@wrong(check.descent_step)
def two_steps(x, gradient, learning_rate):
    x = x - learning_rate * gradient(x)
    return x - learning_rate * gradient(x)


@wrong(check.descent_step)
def looks_ahead(x, gradient, learning_rate):
    return x - learning_rate * gradient(x - learning_rate * gradient(x))


@wrong(check.descent_step)
def each_number_by_itself(x, gradient, learning_rate):
    return np.array([one - learning_rate * gradient(one) for one in x])


@wrong(check.descent_step)
def gradient_at_the_origin(x, gradient, learning_rate):
    return x - learning_rate * gradient(0 * x)


@wrong(check.descent_step)
def times_x_too(x, gradient, learning_rate):
    return x - learning_rate * gradient(x) * x


@wrong(check.descent_step)
def signs_of_the_slope_only(x, gradient, learning_rate):
    return x - learning_rate * np.sign(gradient(x))


@wrong(check.descent_step)
def learning_rate_of_one_tenth(x, gradient, learning_rate):
    return x - 0.1 * gradient(x)


@wrong(check.descent_step)
def mean_slope_for_all(x, gradient, learning_rate):
    return x - learning_rate * gradient(x).mean()


@wrong(check.descent_step)
def longer_than_one_is_cut(x, gradient, learning_rate):
    return x - np.clip(learning_rate * gradient(x), -1, 1)


@wrong(check.descent_step)
def gradient_of_the_step(x, gradient, learning_rate):
    return x - gradient(learning_rate * x)


@wrong(check.descent_step)
def divides_by_the_learning_rate(x, gradient, learning_rate):
    return x - gradient(x) / learning_rate


@wrong(check.descent_step)
def away_from_x(x, gradient, learning_rate):
    return learning_rate * gradient(x) - x


@wrong(check.descent_step)
def subtracts_the_function(x, gradient, learning_rate):
    return x - learning_rate * gradient


@right(check.walk)
def path_filled_in(gradient, start, learning_rate, n_steps):
    path = np.empty((n_steps + 1, *start.shape))
    path[0] = start
    for i in range(n_steps):
        path[i + 1] = path[i] - learning_rate * gradient(path[i])
    return path


@right(check.walk)
def copies_of_one_array(gradient, start, learning_rate, n_steps):
    x = start.copy()
    path = [x.copy()]
    for _ in range(n_steps):
        x -= learning_rate * gradient(x)
        path.append(x.copy())
    return path


@right(check.walk)
def walk_in_float32(gradient, start, learning_rate, n_steps):
    path = [start.astype(np.float32)]
    for _ in range(n_steps):
        path += [path[-1] - np.float32(learning_rate) * gradient(path[-1])]
    return np.stack(path)


@right(check.walk)
def point_after_point(gradient, start, learning_rate, n_steps):
    x = start
    yield x
    for _ in range(n_steps):
        x = x - learning_rate * gradient(x)
        yield x


@right(check.walk)
def walk_by_accumulate(gradient, start, learning_rate, n_steps):
    steps = accumulate(
        range(n_steps), lambda x, _: x - learning_rate * gradient(x), initial=np.array(start)
    )
    return tuple(steps)


@right(check.walk)
def walk_by_recursion(gradient, start, learning_rate, n_steps):
    if n_steps == 0:
        return start[np.newaxis]
    path = walk_by_recursion(gradient, start, learning_rate, n_steps - 1)
    return np.concatenate([path, path[-1:] - learning_rate * gradient(path[-1])[np.newaxis]])


right(check.walk)(partial(descent.gradient_descent))


@wrong(check.walk)
def one_step_too_many(gradient, start, learning_rate, n_steps):
    return _walk(gradient, start, learning_rate, n_steps + 1)


@wrong(check.walk)
def start_twice(gradient, start, learning_rate, n_steps):
    path = _walk(gradient, start, learning_rate, n_steps)
    return np.concatenate([path[:1], path])


@wrong(check.walk)
def start_twice_and_one_step_short(gradient, start, learning_rate, n_steps):
    path = _walk(gradient, start, learning_rate, n_steps - 1)
    return np.concatenate([path[:1], path])


@wrong(check.walk)
def last_point_first(gradient, start, learning_rate, n_steps):
    return _walk(gradient, start, learning_rate, n_steps)[::-1]


@wrong(check.walk)
def path_on_its_side(gradient, start, learning_rate, n_steps):
    return _walk(gradient, start, learning_rate, n_steps).T


@wrong(check.walk)
def stops_where_it_is_level(gradient, start, learning_rate, n_steps):
    path = [start]
    for _ in range(n_steps):
        if np.abs(gradient(path[-1])).max() < 1e-6:
            break
        path.append(path[-1] - learning_rate * gradient(path[-1]))
    return np.array(path)


@wrong(check.walk)
def shorter_and_shorter_steps(gradient, start, learning_rate, n_steps):
    path = [start]
    for i in range(n_steps):
        path.append(path[-1] - learning_rate / (i + 1) * gradient(path[-1]))
    return np.array(path)


@wrong(check.walk)
def coordinate_after_coordinate(gradient, start, learning_rate, n_steps):
    path = [start]
    for _ in range(n_steps):
        x = path[-1].copy()
        for index in np.ndindex(x.shape):
            x[index] -= learning_rate * gradient(x)[index]
        path.append(x)
    return np.array(path)


@wrong(check.walk)
def every_step_of_one_length(gradient, start, learning_rate, n_steps):
    return _walk(lambda x: gradient(x) / np.linalg.norm(gradient(x)), start, learning_rate, n_steps)


@wrong(check.walk)
def carried_on_by_its_speed(gradient, start, learning_rate, n_steps):
    path, speed = [start], 0
    for _ in range(n_steps):
        speed = 0.9 * speed - learning_rate * gradient(path[-1])
        path.append(path[-1] + speed)
    return np.array(path)


@wrong(check.walk)
def moves_the_start(gradient, start, learning_rate, n_steps):
    path = [start.copy()]
    for _ in range(n_steps):
        start -= learning_rate * gradient(start)
        path.append(start.copy())
    return np.array(path)


@wrong(check.walk)
def remembers_the_last_walk(gradient, start, learning_rate, n_steps, path=[]):  # noqa: B006
    path.append(start)
    for _ in range(n_steps):
        path.append(path[-1] - learning_rate * gradient(path[-1]))
    return np.array(path)


@wrong(check.walk)
def steps_in_place_of_points(gradient, start, learning_rate, n_steps):
    path = _walk(gradient, start, learning_rate, n_steps)
    return np.diff(path, axis=0, prepend=path[:1])


@wrong(check.walk)
def path_and_end(gradient, start, learning_rate, n_steps):
    path = _walk(gradient, start, learning_rate, n_steps)
    return path, path[-1]


def _walk(gradient, start, learning_rate, n_steps):
    path = [start]
    for _ in range(n_steps):
        path.append(path[-1] - learning_rate * gradient(path[-1]))
    return np.array(path)


@right(check.largest_stable_learning_rate)
def two_over_the_largest(curvatures):
    return 2 / curvatures.max()


@right(check.largest_stable_learning_rate)
def two_over_the_builtin_max(curvatures):
    return 2 / max(curvatures)


@right(check.largest_stable_learning_rate)
def smallest_of_the_limits(curvatures):
    return min(2 / curvature for curvature in curvatures.tolist())


@right(check.largest_stable_learning_rate)
def two_over_the_last_when_sorted(curvatures):
    return 2 / np.sort(curvatures)[-1]


@right(check.largest_stable_learning_rate)
def limit_in_float32(curvatures):
    return np.float32(2) / curvatures.astype(np.float32).max()


@right(check.largest_stable_learning_rate)
def two_over_the_largest_norm(curvatures):
    return np.array(2 / np.linalg.norm(curvatures, np.inf))


@right(check.largest_stable_learning_rate)
def eigenvalues_of_a_diagonal(curvatures):
    return 2 / np.linalg.eigvalsh(np.diag(curvatures)).max()


@wrong(check.largest_stable_learning_rate)
def two_over_the_first(curvatures):
    return 2 / curvatures[0]


@wrong(check.largest_stable_learning_rate)
def two_over_the_product(curvatures):
    return 2 / np.prod(curvatures)


@wrong(check.largest_stable_learning_rate)
def two_over_the_length(curvatures):
    return 2 / np.linalg.norm(curvatures)


@wrong(check.largest_stable_learning_rate)
def two_over_the_middle_one(curvatures):
    return 2 / np.median(curvatures)


@wrong(check.largest_stable_learning_rate)
def one_half_over_the_largest(curvatures):
    return 0.5 / curvatures.max()


@wrong(check.largest_stable_learning_rate)
def a_little_less_than_the_limit(curvatures):
    return 1.99 / curvatures.max()


@wrong(check.largest_stable_learning_rate)
def rate_that_walks_fastest(curvatures):
    return 2 / (curvatures.min() + curvatures.max())


@wrong(check.largest_stable_learning_rate)
def two_over_the_root(curvatures):
    return 2 / np.sqrt(curvatures.max())


@wrong(check.largest_stable_learning_rate)
def epsilon_against_division_by_zero(curvatures):
    return 2 / (curvatures.max() + 1e-8)


@wrong(check.largest_stable_learning_rate)
def place_of_the_largest(curvatures):
    return 2 / (np.argmax(curvatures) + 1)


@wrong(check.largest_stable_learning_rate)
def limit_of_the_parabola_of_the_text(curvatures):
    return 4 * curvatures.max()


@right(check.kind_of_critical_point)
def by_the_extreme_curvatures(curvatures):
    lowest, *_, highest = np.repeat(np.sort(curvatures), 2)
    if lowest > 0:
        return "minimum"
    return "maximum" if highest < 0 else "saddle"


@right(check.kind_of_critical_point)
def by_all(curvatures):
    if (curvatures > 0).all():
        return "minimum"
    return "maximum" if (curvatures < 0).all() else "saddle"


@right(check.kind_of_critical_point)
def by_counting_signs(curvatures):
    n_positive = sum(value > 0 for value in curvatures)
    return {0: "maximum", len(curvatures): "minimum"}.get(n_positive, "saddle")


@right(check.kind_of_critical_point)
def by_the_set_of_signs(curvatures):
    return {(1.0,): "minimum", (-1.0,): "maximum"}.get(tuple({*np.sign(curvatures)}), "saddle")


@right(check.kind_of_critical_point)
def kind_in_float32(curvatures):
    curvatures = curvatures.astype(np.float32)
    if curvatures.min() > 0:
        return np.str_("Minimum")
    return np.str_("Maximum") if curvatures.max() < 0 else np.str_("Saddle")


@right(check.kind_of_critical_point)
def by_where(curvatures):
    signs = np.sign(curvatures)
    return np.where(signs.min() > 0, "minimum", np.where(signs.max() < 0, "maximum", "saddle"))


@right(check.kind_of_critical_point)
def by_the_product_of_the_extremes(curvatures):
    if min(curvatures) * max(curvatures) < 0:
        return "saddle"
    return "minimum" if sum(curvatures) > 0 else "maximum"


@wrong(check.kind_of_critical_point)
def by_product_and_sum(curvatures):
    if np.prod(curvatures) < 0:
        return "saddle"
    return "minimum" if np.sum(curvatures) > 0 else "maximum"


@wrong(check.kind_of_critical_point)
def by_the_first_two_variables(curvatures):
    return by_the_extreme_curvatures(curvatures[:2])


@wrong(check.kind_of_critical_point)
def by_first_and_last(curvatures):
    return by_the_extreme_curvatures(curvatures[[0, -1]])


@wrong(check.kind_of_critical_point)
def by_the_lowest_curvature(curvatures):
    return "minimum" if curvatures.min() > 0 else "maximum"


@wrong(check.kind_of_critical_point)
def by_the_highest_curvature(curvatures):
    return "maximum" if curvatures.max() < 0 else "minimum"


@wrong(check.kind_of_critical_point)
def by_the_first_curvature(curvatures):
    return "minimum" if curvatures[0] > 0 else "maximum"


@wrong(check.kind_of_critical_point)
def that_knows_no_minimum(curvatures):
    return "maximum" if curvatures.max() < 0 else "saddle"


@wrong(check.kind_of_critical_point)
def by_most_of_the_signs(curvatures):
    n_positive = np.sum(curvatures > 0)
    if 2 * n_positive == len(curvatures):
        return "saddle"
    return "minimum" if 2 * n_positive > len(curvatures) else "maximum"


@wrong(check.kind_of_critical_point)
def by_product_with_the_sign_of_a_maximum(curvatures):
    product_of_all = np.prod(curvatures)
    if curvatures[0] > 0:
        return "minimum" if product_of_all > 0 else "saddle"
    return "maximum" if (-1) ** len(curvatures) * product_of_all > 0 else "saddle"


@wrong(check.kind_of_critical_point)
def with_a_tolerance(curvatures):
    if (curvatures > 1e-8).all():
        return "minimum"
    return "maximum" if (curvatures < -1e-8).all() else "saddle"


@wrong(check.kind_of_critical_point)
def as_a_number(curvatures):
    return int(np.sign(curvatures).sum())


@right(check.ascent)
def ascent_by_its_own_loop(gradient, start, learning_rate, n_steps):
    path = [start]
    for _ in range(n_steps):
        path.append(path[-1] + learning_rate * gradient(path[-1]))
    return np.array(path)


@right(check.ascent)
def ascent_by_the_book(gradient, start, learning_rate, n_steps):
    return descent.gradient_ascent(gradient, start, learning_rate, n_steps)


@right(check.ascent)
def ascent_with_a_named_slope(gradient, start, learning_rate, n_steps):
    def slope(x):
        return np.negative(gradient(x))

    return descent.gradient_descent(
        slope, start, learning_rate=learning_rate, n_steps=n_steps
    ).tolist()


@right(check.ascent)
def ascent_in_float32(gradient, start, learning_rate, n_steps):
    path = [start.astype(np.float32)]
    for _ in range(n_steps):
        path.append(path[-1] + np.float32(learning_rate) * gradient(path[-1]))
    return path


@right(check.ascent)
def climb_after_climb(gradient, start, learning_rate, n_steps):
    x = start.copy()
    yield x.copy()
    for _ in range(n_steps):
        x += learning_rate * gradient(x)
        yield x.copy()


@right(check.ascent)
def ascent_on_the_other_side_and_back(gradient, start, learning_rate, n_steps):
    return -descent.gradient_descent(lambda z: gradient(-z), -start, learning_rate, n_steps)


@wrong(check.ascent)
def gradient_of_minus_x(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(lambda x: gradient(-x), start, learning_rate, n_steps)


@wrong(check.ascent)
def minus_gradient_of_minus_x(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(lambda x: -gradient(-x), start, learning_rate, n_steps)


@wrong(check.ascent)
def path_mirrored_at_the_start(gradient, start, learning_rate, n_steps):
    return 2 * start - descent.gradient_descent(gradient, start, learning_rate, n_steps)


@wrong(check.ascent)
def path_backwards(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(gradient, start, learning_rate, n_steps)[::-1]


@wrong(check.ascent)
def climbs_without_the_start(gradient, start, learning_rate, n_steps):
    return descent.gradient_ascent(gradient, start, learning_rate, n_steps)[1:]


@wrong(check.ascent)
def top_only(gradient, start, learning_rate, n_steps):
    return descent.gradient_ascent(gradient, start, learning_rate, n_steps)[-1]


@wrong(check.ascent)
def reciprocal_of_the_gradient(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(lambda x: 1 / gradient(x), start, learning_rate, n_steps)


@wrong(check.ascent)
def slope_at_the_start_turned(gradient, start, learning_rate, n_steps):
    slope = gradient(start)
    return descent.gradient_descent(lambda x: -slope, start, learning_rate, n_steps)


@wrong(check.ascent)
def always_towards_larger_x(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(lambda x: -np.abs(gradient(x)), start, learning_rate, n_steps)


@wrong(check.ascent)
def learning_rate_twice(gradient, start, learning_rate, n_steps):
    return descent.gradient_descent(
        lambda x: -learning_rate * gradient(x), start, learning_rate, n_steps
    )


@wrong(check.ascent)
def climbs_one_step_more(gradient, start, learning_rate, n_steps):
    return descent.gradient_ascent(gradient, start, learning_rate, n_steps + 1)


@wrong(check.ascent)
def moves_the_callers_start(gradient, start, learning_rate, n_steps):
    path = [start.copy()]
    for _ in range(n_steps):
        start += learning_rate * gradient(start)
        path.append(start.copy())
    return np.array(path)


@right(check.matrix_step)
def matrix_in_a_loop(W, dW, learning_rate):
    new = np.zeros(W.shape)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            new[i, j] = W[i, j] - learning_rate * dW[i, j]
    return new


@right(check.matrix_step)
def matrix_in_lists(W, dW, learning_rate):
    return [
        [w - learning_rate * d for w, d in zip(row, slopes, strict=True)]
        for row, slopes in zip(W.tolist(), dW.tolist(), strict=True)
    ]


@right(check.matrix_step)
def matrix_in_float32(W, dW, learning_rate):
    return W.astype("f4") - np.float32(learning_rate) * dW.astype("f4")


@right(check.matrix_step)
def matrix_copied_first(W, dW, learning_rate):
    W = W.copy()
    W -= learning_rate * dW
    return W


@right(check.matrix_step)
def matrix_by_einsum(W, dW, learning_rate):
    return W + np.einsum("ij,->ij", dW, -learning_rate)


@right(check.matrix_step)
def transposed_and_back(W, dW, learning_rate):
    return (W.T - learning_rate * dW.T).T


right(check.matrix_step)(lambda W, dW, learning_rate, *, sign=-1: W + sign * learning_rate * dW)


@wrong(check.matrix_step)
def times_the_weights(W, dW, learning_rate):
    return W - learning_rate * W * dW


@wrong(check.matrix_step)
def weights_shrink_too(W, dW, learning_rate):
    return (1 - 1e-3 * learning_rate) * W - learning_rate * dW


@wrong(check.matrix_step)
def matrix_without_learning_rate(W, dW, learning_rate):
    return W - dW


@wrong(check.matrix_step)
def the_change_alone(W, dW, learning_rate):
    return -learning_rate * dW


@wrong(check.matrix_step)
def sums_of_the_rows(W, dW, learning_rate):
    return W - learning_rate * dW.sum(axis=1, keepdims=True)


@wrong(check.matrix_step)
def gradient_of_length_one(W, dW, learning_rate):
    return W - learning_rate * dW / np.linalg.norm(dW)


@wrong(check.matrix_step)
def signs_of_the_gradient(W, dW, learning_rate):
    return W - learning_rate * np.sign(dW)


@wrong(check.matrix_step)
def divided_by_the_number_of_rows(W, dW, learning_rate):
    return W - learning_rate * dW / len(W)


@wrong(check.matrix_step)
def weights_kept_above_zero(W, dW, learning_rate):
    return np.maximum(W - learning_rate * dW, 0)


@wrong(check.matrix_step)
def square_of_the_learning_rate(W, dW, learning_rate):
    return W - learning_rate**2 * dW


@wrong(check.matrix_step)
def first_row_only(W, dW, learning_rate):
    new = W.copy()
    new[0] -= learning_rate * dW[0]
    return new


@wrong(check.matrix_step)
def in_memory_order(W, dW, learning_rate):
    """Right while both lie alike in memory."""
    return (W.ravel("K") - learning_rate * dW.ravel("K")).reshape(W.shape)


@wrong(check.matrix_step)
def product_the_other_way_round(W, dW, learning_rate):
    return W - learning_rate * dW @ np.ones((W.shape[1], W.shape[1]))


right(check.steps_per_epoch)(lambda n, batch_size: math.ceil(n / batch_size))


@right(check.steps_per_epoch)
def steps_by_counting(n, batch_size):
    steps = 0
    while n > 0:
        n -= batch_size
        steps += 1
    return steps


@right(check.steps_per_epoch)
def steps_by_a_range(n, batch_size):
    return len(range(0, n, batch_size))


@right(check.steps_per_epoch)
def steps_by_adding_first(n, batch_size):
    return (n + batch_size - 1) // batch_size


@right(check.steps_per_epoch)
def steps_by_divmod(n, batch_size):
    full, left = divmod(n, batch_size)
    return full + bool(left)


@right(check.steps_per_epoch)
def steps_as_an_integer_of_numpy(n, batch_size):
    return np.ceil(n / batch_size).astype(np.int32)


@right(check.steps_per_epoch)
def steps_in_an_array_without_axes(n, batch_size):
    return np.array(1 + (n - 1) // batch_size)


@wrong(check.steps_per_epoch)
def nearly_rounds_up(n, batch_size):
    return int(n / batch_size + 0.99999)


@wrong(check.steps_per_epoch)
def rounds_to_the_nearest(n, batch_size):
    return round(n / batch_size)


@wrong(check.steps_per_epoch)
def at_least_one_full_batch(n, batch_size):
    return max(1, n // batch_size)


@wrong(check.steps_per_epoch)
def samples_left_over(n, batch_size):
    return n % batch_size


@wrong(check.steps_per_epoch)
def every_left_over_sample_a_step(n, batch_size):
    return n // batch_size + n % batch_size


@wrong(check.steps_per_epoch)
def places_for_a_window(n, batch_size):
    return n - batch_size + 1


@wrong(check.steps_per_epoch)
def the_other_way_round(n, batch_size):
    return -(-batch_size // n)


@wrong(check.steps_per_epoch)
def one_more_only_for_half_a_batch(n, batch_size):
    return n // batch_size + (n % batch_size >= batch_size / 2)


@wrong(check.steps_per_epoch)
def rounded_up_but_a_float(n, batch_size):
    return np.ceil(n / batch_size)


@wrong(check.steps_per_epoch)
def batches_of_one_hundred(n, batch_size):
    return -(-n // 100)


@wrong(check.steps_per_epoch)
def steps_in_a_word(n, batch_size):
    return str(-(-n // batch_size))


@wrong(check.steps_per_epoch)
def remainder_at_least_two(n, batch_size):
    return n // batch_size + (n % batch_size > 1)


@wrong(check.steps_per_epoch)
def all_the_steps(n, batch_size):
    return list(range(0, n, batch_size))


@right(check.epoch_of_batches)
def shuffled_array(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


@right(check.epoch_of_batches)
def shuffled_list(n, batch_size, rng):
    order = list(range(n))
    rng.shuffle(order)
    batches = []
    while order:
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches


@right(check.epoch_of_batches)
def split_at_the_cuts(n, batch_size, rng):
    return np.split(rng.permutation(n), range(batch_size, n, batch_size))


@right(check.epoch_of_batches)
def order_of_random_keys(n, batch_size, rng):
    order = np.argsort(rng.random(n)).astype(np.int32)
    for first in range(0, n, batch_size):
        yield order[first : first + batch_size]


@right(check.epoch_of_batches)
def chosen_from_the_rest(n, batch_size, rng):
    rest, batches = np.arange(n), []
    while len(rest):
        batches.append(rng.choice(rest, min(batch_size, len(rest)), replace=False))
        rest = np.setdiff1d(rest, batches[-1])
    return tuple(batches)


@right(check.epoch_of_batches)
def dealt_by_fisher_and_yates(n, batch_size, rng):
    order = list(range(n))
    for last in reversed(range(1, n)):
        other = rng.integers(0, last, endpoint=True)
        order[last], order[other] = order[other], order[last]
    return [np.array(order[i : i + batch_size]) for i in range(0, n, batch_size)]


@right(check.epoch_of_batches)
def number_of_a_batch_for_each_sample(n, batch_size, rng):
    numbers = rng.permutation(np.arange(n) // batch_size)
    return [np.flatnonzero(numbers == k) for k in range(numbers.max() + 1)]


@right(check.epoch_of_batches)
def popped_at_random(n, batch_size, rng):
    left, batches = list(range(n)), [[]]
    while left:
        if len(batches[-1]) == batch_size:
            batches.append([])
        batches[-1].append(left.pop(rng.integers(len(left))))
    return batches


@right(check.epoch_of_batches)
def prints_what_it_deals(n, batch_size, rng):
    order = rng.permutation(n)
    print("order", order)
    return np.array_split(order, range(batch_size, n, batch_size))


@wrong(check.epoch_of_batches)
def turned_by_a_random_number(n, batch_size, rng):
    return _cut(np.roll(np.arange(n), rng.integers(n)), batch_size)


@wrong(check.epoch_of_batches)
def strides_from_a_random_start(n, batch_size, rng):
    stride = rng.choice([k for k in range(1, n) if math.gcd(k, n) == 1])
    return _cut((rng.integers(n) + stride * np.arange(n)) % n, batch_size)


@wrong(check.epoch_of_batches)
def batches_in_random_order(n, batch_size, rng):
    batches = _cut(np.arange(n), batch_size)
    return [batches[i] for i in rng.permutation(len(batches))]


@wrong(check.epoch_of_batches)
def shuffles_all_but_the_short_batch(n, batch_size, rng):
    full = n // batch_size * batch_size
    return _cut(np.append(rng.permutation(full), np.arange(full, n)), batch_size)


@wrong(check.epoch_of_batches)
def the_first_is_always_in_the_first(n, batch_size, rng):
    return _cut(np.append(0, 1 + rng.permutation(n - 1)), batch_size)


@wrong(check.epoch_of_batches)
def forwards_or_backwards(n, batch_size, rng):
    return _cut(np.arange(n)[:: rng.choice([-1, 1])], batch_size)


@wrong(check.epoch_of_batches)
def swaps_with_any_other(n, batch_size, rng):
    order = np.arange(n)
    for one, other in enumerate(rng.integers(n, size=n)):
        order[one], order[other] = order[other], order[one]
    return _cut(order, batch_size)


@wrong(check.epoch_of_batches)
def swaps_only_with_earlier_ones(n, batch_size, rng):
    order = np.arange(n)
    for last in range(n - 1, 0, -1):
        other = rng.integers(last)
        order[last], order[other] = order[other], order[last]
    return _cut(order, batch_size)


@wrong(check.epoch_of_batches)
def one_random_swap(n, batch_size, rng):
    order = np.arange(n)
    one, other = rng.choice(n, 2, replace=False)
    order[one], order[other] = order[other], order[one]
    return _cut(order, batch_size)


@wrong(check.epoch_of_batches)
def one_of_two_orders(n, batch_size, rng):
    return _cut(np.random.default_rng(rng.integers(2)).permutation(n), batch_size)


@wrong(check.epoch_of_batches)
def burns_a_number_and_draws_elsewhere(n, batch_size, rng):
    rng.random()
    return _cut(np.random.permutation(n), batch_size)  # noqa: NPY002


@wrong(check.epoch_of_batches)
def burns_a_number_and_shuffles_a_list(n, batch_size, rng):
    rng.random()
    order = list(range(n))
    random.shuffle(order)
    return _cut(np.array(order), batch_size)


@wrong(check.epoch_of_batches)
def indices_as_floats(n, batch_size, rng):
    return _cut(rng.permutation(n).astype(float), batch_size)


@wrong(check.epoch_of_batches)
def counts_from_one(n, batch_size, rng):
    return _cut(1 + rng.permutation(n), batch_size)


@wrong(check.epoch_of_batches)
def batches_of_even_sizes(n, batch_size, rng):
    return np.array_split(rng.permutation(n), -(-n // batch_size))


@wrong(check.epoch_of_batches)
def short_batch_first(n, batch_size, rng):
    return _cut(rng.permutation(n), batch_size)[::-1]


@wrong(check.epoch_of_batches)
def full_batches_by_overlap(n, batch_size, rng):
    order = rng.permutation(n)
    starts = [min(i, max(n - batch_size, 0)) for i in range(0, n, batch_size)]
    return [order[i : i + batch_size] for i in starts]


@wrong(check.epoch_of_batches)
def one_long_array(n, batch_size, rng):
    return rng.permutation(n)


@wrong(check.epoch_of_batches)
def a_number_for_each_batch(n, batch_size, rng):
    return rng.permutation(n)[::batch_size]


def _cut(order, batch_size):
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]


@right(check.epoch_of_batches)
def inserted_at_random(n, batch_size, rng):
    order = []
    for one in range(n):
        order.insert(int(rng.integers(one + 1)), one)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


@right(check.epoch_of_batches)
def small_integers(n, batch_size, rng):
    return _cut(np.random.default_rng(rng).permutation(n).astype(np.uint8), batch_size)


@wrong(check.epoch_of_batches)
def even_ones_first(n, batch_size, rng):
    order = np.append(rng.permuted(np.arange(0, n, 2)), rng.permuted(np.arange(1, n, 2)))
    return _cut(order, batch_size)


@wrong(check.epoch_of_batches)
def each_half_by_itself(n, batch_size, rng):
    half = n // 2
    return _cut(np.append(rng.permutation(half), half + rng.permutation(n - half)), batch_size)


@wrong(check.epoch_of_batches)
def riffled_once(n, batch_size, rng):
    order, upper = np.empty(n, dtype=int), rng.random(n) < 0.5
    order[upper], order[~upper] = np.arange(upper.sum()), np.arange(upper.sum(), n)
    return _cut(order, batch_size)


@wrong(check.epoch_of_batches)
def random_numbers_with_ties(n, batch_size, rng):
    return _cut(np.argsort(rng.integers(0, n, size=n), kind="stable"), batch_size)


@wrong(check.epoch_of_batches)
def shuffles_once_and_turns_at_every_call(n, batch_size, rng, orders={}):  # noqa: B006
    orders[n] = np.roll(orders[n], 1) if n in orders else rng.permutation(n)
    return _cut(orders[n], batch_size)


@wrong(check.steps_per_epoch)
def adds_almost_one_and_rounds_down(n, batch_size):
    return int(n / batch_size + 0.999)


@wrong(check.ascent)
def lays_the_path_flat(gradient, start, learning_rate, n_steps):
    path = [start]
    for _ in range(n_steps):
        path.append(path[-1] + learning_rate * gradient(path[-1]))
    return np.array(path).reshape(n_steps + 1, -1)


@wrong(check.descent_step)
def never_goes_below_minus_ten(x, gradient, learning_rate):
    return np.maximum(x - learning_rate * gradient(x), -10)


@wrong(check.epoch_of_batches)
def the_same_stride_in_every_epoch(n, batch_size, rng):
    order = np.arange(n)
    n_batches = -(-n // batch_size)
    order = np.concatenate([order[i::n_batches] for i in range(n_batches)])
    return [order[first : first + batch_size] for first in range(0, n, batch_size)]
