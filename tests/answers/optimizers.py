"""Answers to the exercises of chapter 6, its first half."""

import math

import numpy as np

from answers import right, wrong
from downslope import check, initializers, optimizers


@right(check.momentum_step)
def velocity_under_another_name(x, velocity, gradient, learning_rate, momentum):
    v = velocity * momentum + gradient
    return (x - v * learning_rate, v)


@right(check.momentum_step)
def momentum_on_copies(x, velocity, gradient, learning_rate, momentum):
    x, velocity = x.copy(), velocity.copy()
    velocity *= momentum
    velocity += gradient
    x -= learning_rate * velocity
    return [x, velocity]


@right(check.momentum_step)
def momentum_in_float32(x, velocity, gradient, learning_rate, momentum):
    x, velocity, gradient = (a.astype(np.float32) for a in (x, velocity, gradient))
    velocity = np.float32(momentum) * velocity + gradient
    return x - np.float32(learning_rate) * velocity, velocity


@right(check.momentum_step)
def momentum_number_by_number(x, velocity, gradient, learning_rate, momentum):
    moved, faster = np.empty(x.shape), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        faster[index] = momentum * velocity[index] + gradient[index]
        moved[index] = x[index] - learning_rate * faster[index]
    return moved, faster


@right(check.momentum_step)
def momentum_in_lists(x, velocity, gradient, learning_rate, momentum):
    velocity = np.add(np.multiply(momentum, velocity), gradient)
    return np.subtract(x, learning_rate * velocity).tolist(), velocity.tolist()


@right(check.momentum_step)
def momentum_one_after_the_other(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    yield x - learning_rate * velocity
    yield velocity


@right(check.momentum_step)
def momentum_in_one_array(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return np.stack([x - learning_rate * velocity, velocity])


@right(check.momentum_step)
def momentum_of_the_book(x, velocity, gradient, learning_rate, momentum):
    return optimizers.Momentum(learning_rate, momentum).move(x, gradient, velocity)


@right(check.momentum_step)
def the_other_convention_turned_into_ours(x, velocity, gradient, learning_rate, momentum):
    step = momentum * (-learning_rate * velocity) - learning_rate * gradient
    return x + step, step / -learning_rate


@wrong(check.momentum_step)
def velocity_as_it_was(x, velocity, gradient, learning_rate, momentum):
    return x - learning_rate * (momentum * velocity + gradient), velocity


@wrong(check.momentum_step)
def x_as_it_was(x, velocity, gradient, learning_rate, momentum):
    return x, momentum * velocity + gradient


@wrong(check.momentum_step)
def gradient_subtracted_from_the_velocity(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - gradient
    return x - learning_rate * velocity, velocity


@wrong(check.momentum_step)
def momentum_on_the_wrong_term(x, velocity, gradient, learning_rate, momentum):
    velocity = velocity + momentum * gradient
    return x - learning_rate * velocity, velocity


@wrong(check.momentum_step)
def learning_rate_and_momentum_swapped(x, velocity, gradient, learning_rate, momentum):
    velocity = learning_rate * velocity + gradient
    return x - momentum * velocity, velocity


@wrong(check.momentum_step)
def momentum_of_nine_tenths(x, velocity, gradient, learning_rate, momentum):
    velocity = 0.9 * velocity + gradient
    return x - learning_rate * velocity, velocity


@wrong(check.momentum_step)
def without_a_learning_rate(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return x - velocity, velocity


@wrong(check.momentum_step)
def learning_rate_twice(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient
    return x - learning_rate * velocity, velocity


@wrong(check.momentum_step)
def gradient_and_velocity_apart(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return x - learning_rate * gradient - momentum * velocity, velocity


@wrong(check.momentum_step)
def two_steps_at_once(x, velocity, gradient, learning_rate, momentum):
    for _ in range(2):
        velocity = momentum * velocity + gradient
        x = x - learning_rate * velocity
    return x, velocity


@wrong(check.momentum_step)
def x_in_place_alone(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    x -= learning_rate * velocity
    return x, velocity


@wrong(check.momentum_step)
def gradient_in_place(x, velocity, gradient, learning_rate, momentum):
    gradient += momentum * velocity
    return x - learning_rate * gradient, gradient


@wrong(check.momentum_step)
def never_faster_than_the_gradient(x, velocity, gradient, learning_rate, momentum):
    velocity = np.clip(momentum * velocity + gradient, -abs(gradient), abs(gradient))
    return x - learning_rate * velocity, velocity


@wrong(check.momentum_step)
def mean_of_velocity_and_gradient(x, velocity, gradient, learning_rate, momentum):
    velocity = (velocity + gradient) / 2
    return x - learning_rate * velocity, velocity


@wrong(check.momentum_step)
def one_velocity_for_all(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient.mean()
    return x - learning_rate * velocity, velocity


@wrong(check.momentum_step)
def remembers_by_itself(x, velocity, gradient, learning_rate, momentum, kept={}):  # noqa: B006
    kept[x.shape] = momentum * kept.get(x.shape, 0) + gradient
    return x - learning_rate * kept[x.shape], kept[x.shape]


@right(check.nesterov_step)
def with_the_old_velocity(x, velocity, gradient, learning_rate, momentum):
    step = momentum**2 * velocity + (1 + momentum) * gradient
    return x - learning_rate * step, momentum * velocity + gradient


@right(check.nesterov_step)
def by_way_of_the_position(x, velocity, gradient, learning_rate, momentum):
    position = x + learning_rate * momentum * velocity
    velocity = momentum * velocity + gradient
    position = position - learning_rate * velocity
    return position - learning_rate * momentum * velocity, velocity


@right(check.nesterov_step)
def nesterov_on_copies(x, velocity, gradient, learning_rate, momentum):
    x, velocity = x.copy(), velocity.copy()
    velocity *= momentum
    velocity += gradient
    x -= learning_rate * gradient
    x -= learning_rate * momentum * velocity
    return [x, velocity]


@right(check.nesterov_step)
def nesterov_in_float32(x, velocity, gradient, learning_rate, momentum):
    x, velocity, gradient = (a.astype(np.float32) for a in (x, velocity, gradient))
    velocity = np.float32(momentum) * velocity + gradient
    return x - np.float32(learning_rate) * (gradient + np.float32(momentum) * velocity), velocity


@right(check.nesterov_step)
def nesterov_number_by_number(x, velocity, gradient, learning_rate, momentum):
    moved, faster = np.empty(x.shape), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        faster[index] = momentum * velocity[index] + gradient[index]
        moved[index] = x[index] - learning_rate * (gradient[index] + momentum * faster[index])
    return moved, faster


@right(check.nesterov_step)
def as_two_steps_of_momentum(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    ahead = momentum * velocity + gradient
    return (x - learning_rate * ahead).tolist(), velocity.tolist()


@right(check.nesterov_step)
def nesterov_of_the_book(x, velocity, gradient, learning_rate, momentum):
    return optimizers.Nesterov(learning_rate, momentum).move(x, gradient, velocity)


@wrong(check.nesterov_step)
def the_look_alone(x, velocity, gradient, learning_rate, momentum):
    return x - learning_rate * momentum * velocity, momentum * velocity + gradient


@wrong(check.nesterov_step)
def old_velocity_without_its_square(x, velocity, gradient, learning_rate, momentum):
    step = momentum * velocity + (1 + momentum) * gradient
    return x - learning_rate * step, momentum * velocity + gradient


@wrong(check.nesterov_step)
def returns_the_velocity_of_the_look(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    ahead = momentum * velocity + gradient
    return x - learning_rate * ahead, ahead


@wrong(check.nesterov_step)
def also_the_position(x, velocity, gradient, learning_rate, momentum):
    x, velocity = nesterov(x, velocity, gradient, learning_rate, momentum)
    return x, velocity, x + learning_rate * momentum * velocity


@wrong(check.nesterov_step)
def back_to_the_position(x, velocity, gradient, learning_rate, momentum):
    x, velocity = nesterov(x, velocity, gradient, learning_rate, momentum)
    return x + learning_rate * momentum * velocity, velocity


@wrong(check.nesterov_step)
def momentum_between_two_looks(x, velocity, gradient, learning_rate, momentum):
    x = x - learning_rate * momentum * velocity
    velocity = momentum * velocity + gradient
    return x - learning_rate * velocity, velocity


@wrong(check.nesterov_step)
def gradient_beside_the_whole_velocity(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return x - learning_rate * (gradient + velocity), velocity


@wrong(check.nesterov_step)
def velocity_that_is_left_behind(x, velocity, gradient, learning_rate, momentum):
    new = momentum * velocity + gradient
    return x - learning_rate * (gradient + momentum * new), velocity


@wrong(check.nesterov_step)
def mean_velocity_ahead(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + (1 - momentum) * gradient
    return x - learning_rate * (gradient + momentum * velocity), velocity


@wrong(check.nesterov_step)
def learning_rate_in_the_velocity_and_not_outside(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient
    return x - learning_rate * gradient - momentum * velocity, velocity


@wrong(check.nesterov_step)
def learning_rate_for_the_gradient_only(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return x - learning_rate * gradient - momentum * velocity, velocity


@wrong(check.nesterov_step)
def without_a_sign(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - gradient
    return x - learning_rate * (gradient - momentum * velocity), velocity


@wrong(check.nesterov_step)
def x_moved_in_place(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    x -= learning_rate * (gradient + momentum * velocity)
    return x, velocity


@wrong(check.nesterov_step)
def momentum_whose_velocity_is_a_step(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    return x + velocity, velocity


@wrong(check.nesterov_step)
def velocity_of_momentum_and_its_square(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum**2 * velocity + (1 + momentum) * gradient
    return x - learning_rate * velocity, velocity


@wrong(check.nesterov_step)
def as_if_from_rest(x, velocity, gradient, learning_rate, momentum):
    return x - learning_rate * (1 + momentum) * gradient, gradient


def nesterov(x, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return x - learning_rate * (gradient + momentum * velocity), velocity


@right(check.adagrad_step)
def divided_by_the_root(x, squares, gradient, learning_rate):
    s = squares + gradient * gradient
    return [x - learning_rate / (s**0.5 + 1e-10) * gradient, s]


@right(check.adagrad_step)
def adagrad_on_copies(x, squares, gradient, learning_rate):
    x, squares = x.copy(), squares.copy()
    squares += gradient**2
    x -= learning_rate * gradient / (np.sqrt(squares) + 1e-10)
    return x, squares


@right(check.adagrad_step)
def adagrad_in_float32(x, squares, gradient, learning_rate):
    x, squares, gradient = (a.astype(np.float32) for a in (x, squares, gradient))
    squares = squares + gradient**2
    step = np.float32(learning_rate) * gradient / (np.sqrt(squares) + np.float32(1e-10))
    return x - step, squares


@right(check.adagrad_step)
def adagrad_number_by_number(x, squares, gradient, learning_rate):
    moved, more = np.empty(x.shape), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        more[index] = squares[index] + gradient[index] ** 2
        moved[index] = x[index] - learning_rate * gradient[index] / (math.sqrt(more[index]) + 1e-10)
    return moved, more


@right(check.adagrad_step)
def adagrad_in_lists(x, squares, gradient, learning_rate):
    squares = np.add(squares, np.square(gradient))
    rate = learning_rate / np.add(np.sqrt(squares), 1e-10)
    return np.subtract(x, rate * gradient).tolist(), squares.tolist()


@right(check.adagrad_step)
def adagrad_by_the_length_of_root_and_gradient(x, squares, gradient, learning_rate):
    root = np.hypot(np.sqrt(squares), gradient)
    return x - learning_rate * (gradient / (root + 1e-10)), root**2


@right(check.adagrad_step)
def adagrad_of_the_book(x, squares, gradient, learning_rate):
    return optimizers.AdaGrad(learning_rate).move(x, gradient, squares)


@wrong(check.adagrad_step)
def squares_as_they_were(x, squares, gradient, learning_rate):
    return adagrad(x, squares, gradient, learning_rate)[0], squares


@wrong(check.adagrad_step)
def adagrad_without_a_learning_rate(x, squares, gradient, learning_rate):
    return adagrad(x, squares, gradient, 1)


@wrong(check.adagrad_step)
def gradients_added_up_unsquared(x, squares, gradient, learning_rate):
    squares = squares + gradient
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@wrong(check.adagrad_step)
def sizes_in_place_of_squares(x, squares, gradient, learning_rate):
    squares = squares + np.abs(gradient)
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@wrong(check.adagrad_step)
def sizes_without_a_root(x, squares, gradient, learning_rate):
    squares = squares + np.abs(gradient)
    return x - learning_rate * gradient / (squares + 1e-10), squares


@wrong(check.adagrad_step)
def rmsprop(x, squares, gradient, learning_rate):
    squares = 0.99 * squares + 0.01 * gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@wrong(check.adagrad_step)
def mean_of_old_and_new(x, squares, gradient, learning_rate):
    squares = (squares + gradient**2) / 2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@wrong(check.adagrad_step)
def epsilon_kept_among_the_squares(x, squares, gradient, learning_rate):
    squares = squares + gradient**2 + 1e-10
    return x - learning_rate * gradient / np.sqrt(squares), squares


@wrong(check.adagrad_step)
def epsilon_where_the_root_is_zero_only(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / np.maximum(np.sqrt(squares), 1e-10), squares


@wrong(check.adagrad_step)
def still_where_the_root_is_zero(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    root = np.sqrt(squares)
    return x - learning_rate * np.where(root > 0, gradient / root, 0), squares


@wrong(check.adagrad_step)
def largest_square_so_far(x, squares, gradient, learning_rate):
    squares = np.maximum(squares, gradient**2)
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@wrong(check.adagrad_step)
def gradient_added_twice(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    root = np.sqrt(squares + gradient**2)
    return x - learning_rate * gradient / (root + 1e-10), squares


@wrong(check.adagrad_step)
def returns_the_step_sizes(x, squares, gradient, learning_rate):
    sizes = learning_rate / (np.sqrt(squares + gradient**2) + 1e-10)
    return x - sizes * gradient, sizes


@wrong(check.adagrad_step)
def epsilon_in_the_numerator(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * (gradient + 1e-10) / np.sqrt(squares), squares


@wrong(check.adagrad_step)
def epsilon_outside_the_fraction(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * (gradient / np.sqrt(squares) + 1e-10), squares


@wrong(check.adagrad_step)
def times_the_root(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient * np.sqrt(squares), squares


@wrong(check.adagrad_step)
def root_of_the_mean_square(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares.mean()) + 1e-10), squares


@wrong(check.adagrad_step)
def root_of_the_sum_for_the_step(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares.sum()) + 1e-10), squares


@wrong(check.adagrad_step)
def squares_of_the_points(x, squares, gradient, learning_rate):
    squares = squares + x**2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@wrong(check.adagrad_step)
def sign_of_the_gradient_over_the_root(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * np.sign(gradient) / (np.sqrt(squares) + 1e-10), squares


@wrong(check.adagrad_step)
def gradient_squared_in_the_step(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient**2 / (squares + 1e-10), squares


@wrong(check.adagrad_step)
def root_of_the_old_and_the_gradient_apart(x, squares, gradient, learning_rate):
    size = np.sqrt(squares) + np.abs(gradient)
    return x - learning_rate * gradient / (size + 1e-10), squares + gradient**2


@wrong(check.adagrad_step)
def x_of_adagrad_in_place(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    x -= learning_rate * gradient / (np.sqrt(squares) + 1e-10)
    return x, squares


@wrong(check.adagrad_step)
def gradient_squared_in_place(x, squares, gradient, learning_rate):
    step = gradient.copy()
    gradient *= gradient
    squares = squares + gradient
    return x - learning_rate * step / (np.sqrt(squares) + 1e-10), squares


@wrong(check.adagrad_step)
def learning_rate_that_shrinks(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares, learning_rate / 2


def adagrad(x, squares, gradient, learning_rate):
    squares = squares + gradient**2
    return x - learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


@right(check.adam_step)
def adam_as_in_the_paper(x, mean, square, t, gradient, learning_rate, beta1=0.9, beta2=0.999):
    m = beta1 * mean + (1 - beta1) * gradient
    v = beta2 * square + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return x - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8), m, v


@right(check.adam_step)
def adam_by_differences(x, mean, square, t, gradient, learning_rate):
    mean = mean + 0.1 * (gradient - mean)
    square = square + 0.001 * (gradient * gradient - square)
    size = (square / (1 - 0.999**t)) ** 0.5 + 1e-8
    return [x - learning_rate / (1 - 0.9**t) * mean / size, mean, square]


@right(check.adam_step)
def adam_on_copies(x, mean, square, t, gradient, learning_rate):
    x, mean, square = x.copy(), mean.copy(), square.copy()
    mean *= 0.9
    mean += 0.1 * gradient
    square *= 0.999
    square += 0.001 * gradient**2
    x -= learning_rate * mean / (1 - 0.9**t) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
    return x, mean, square


@right(check.adam_step)
def adam_in_float32_throughout(x, mean, square, t, gradient, learning_rate):
    x, mean, square, gradient = (a.astype(np.float32) for a in (x, mean, square, gradient))
    one, beta1, beta2 = np.float32(1), np.float32(0.9), np.float32(0.999)
    mean = beta1 * mean + (one - beta1) * gradient
    square = beta2 * square + (one - beta2) * gradient**2
    size = np.sqrt(square / (one - beta2**t)) + np.float32(1e-8)
    return x - np.float32(learning_rate) * mean / (one - beta1**t) / size, mean, square


@right(check.adam_step)
def adam_on_arrays_of_float32(x, mean, square, t, gradient, learning_rate):
    x, mean, square, gradient = (a.astype(np.float32) for a in (x, mean, square, gradient))
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.999 * square + 0.001 * gradient**2
    size = np.sqrt(square / (1 - 0.999**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@right(check.adam_step)
def adam_number_by_number(x, mean, square, t, gradient, learning_rate):
    moved, first, second = np.empty(x.shape), np.empty(x.shape), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        m = 0.9 * mean[index] + (1 - 0.9) * gradient[index]
        v = 0.999 * square[index] + (1 - 0.999) * gradient[index] ** 2
        size = math.sqrt(v / (1 - math.pow(0.999, t))) + 1e-8
        moved[index] = x[index] - learning_rate * m / (1 - math.pow(0.9, t)) / size
        first[index], second[index] = m, v
    return moved, first, second


@right(check.adam_step)
def adam_in_lists(x, mean, square, t, gradient, learning_rate):
    return [part.tolist() for part in adam(x, mean, square, t, gradient, learning_rate)]


@right(check.adam_step)
def epsilon_corrected_with_the_rest(x, mean, square, t, gradient, learning_rate):
    mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
    root = np.sqrt(1 - 0.999**t)
    rate = learning_rate * root / (1 - 0.9**t)
    return x - rate * mean / (np.sqrt(square) + root * 1e-8), mean, square


@right(check.adam_step)
def adam_of_the_book(x, mean, square, t, gradient, learning_rate):
    moved, memory = optimizers.Adam(learning_rate).move(x, gradient, (t - 1, mean, square))
    return moved, *memory[1:]


@wrong(check.adam_step)
def means_as_they_were(x, mean, square, t, gradient, learning_rate):
    return adam(x, mean, square, t, gradient, learning_rate)[0], mean, square


@wrong(check.adam_step)
def moves_by_the_old_means(x, mean, square, t, gradient, learning_rate):
    _, *means = adam(x, mean, square, t, gradient, learning_rate)
    size = np.sqrt(square / (1 - 0.999**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9**t) / size, *means


@wrong(check.adam_step)
def t_as_well(x, mean, square, t, gradient, learning_rate):
    return *adam(x, mean, square, t, gradient, learning_rate), t + 1


@wrong(check.adam_step)
def x_and_mean(x, mean, square, t, gradient, learning_rate):
    return adam(x, mean, square, t, gradient, learning_rate)[:2]


@wrong(check.adam_step)
def square_before_mean(x, mean, square, t, gradient, learning_rate):
    x, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    return x, square, mean


@wrong(check.adam_step)
def means_in_a_pair(x, mean, square, t, gradient, learning_rate):
    x, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    return x, (mean, square)


@wrong(check.adam_step)
def corrections_swapped(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    size = np.sqrt(square / (1 - 0.9**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.999**t) / size, mean, square


@wrong(check.adam_step)
def corrections_multiply(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    size = np.sqrt(square * (1 - 0.999**t)) + 1e-8
    return x - learning_rate * mean * (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def beta_times_t(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    size = np.sqrt(square / (1 - 0.999 * t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9 * t) / size, mean, square


@wrong(check.adam_step)
def means_divided_by_t(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    return x - learning_rate * mean / t / (np.sqrt(square / t) + 1e-8), mean, square


@wrong(check.adam_step)
def corrections_without_the_one(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    return x - learning_rate * mean / 0.9**t / (np.sqrt(square / 0.999**t) + 1e-8), mean, square


@wrong(check.adam_step)
def old_means_corrected_first(x, mean, square, t, gradient, learning_rate):
    mean = 0.9 * mean / (1 - 0.9**t) + 0.1 * gradient
    square = 0.999 * square / (1 - 0.999**t) + 0.001 * gradient**2
    return x - learning_rate * mean / (np.sqrt(square) + 1e-8), mean, square


@wrong(check.adam_step)
def one_beta_for_both(x, mean, square, t, gradient, learning_rate):
    mean, square = 0.9 * mean + 0.1 * gradient, 0.9 * square + 0.1 * gradient**2
    size = np.sqrt(square / (1 - 0.9**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def two_nines_in_beta2(x, mean, square, t, gradient, learning_rate):
    mean, square = 0.9 * mean + 0.1 * gradient, 0.99 * square + 0.01 * gradient**2
    size = np.sqrt(square / (1 - 0.99**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def epsilon_of_keras(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    size = np.sqrt(square / (1 - 0.999**t)) + 1e-7
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def epsilon_of_adagrad(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    size = np.sqrt(square / (1 - 0.999**t)) + 1e-10
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def epsilon_beside_the_root_of_the_correction(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    size = np.sqrt(square) / (np.sqrt(1 - 0.999**t) + 1e-8)
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def powers_outside_of_the_brackets(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    size = np.sqrt(square / (1 - 0.999) ** t) + 1e-8
    return x - learning_rate * mean / (1 - 0.9) ** t / size, mean, square


@wrong(check.adam_step)
def begins_with_the_first_gradient(x, mean, square, t, gradient, learning_rate):
    if t == 1:
        mean, square = gradient.copy(), gradient**2
    else:
        _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    return x - learning_rate * mean / (np.sqrt(square) + 1e-8), mean, square


@wrong(check.adam_step)
def variance_in_place_of_the_mean_square(x, mean, square, t, gradient, learning_rate):
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.999 * square + 0.001 * (gradient - mean) ** 2
    size = np.sqrt(square / (1 - 0.999**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def mean_alone_kept_corrected(x, mean, square, t, gradient, learning_rate):
    x, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    return x, mean / (1 - 0.9**t), square


@wrong(check.adam_step)
def corrects_a_hundred_steps_only(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    t = min(t, 100)
    size = np.sqrt(square / (1 - 0.999**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def corrections_of_the_rate_without_a_root(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    rate = learning_rate * (1 - 0.999**t) / (1 - 0.9**t)
    return x - rate * mean / (np.sqrt(square) + 1e-8), mean, square


@wrong(check.adam_step)
def epsilon_within_the_correction(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    size = np.sqrt(square / (1 - 0.999**t + 1e-8))
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def square_of_the_mean(x, mean, square, t, gradient, learning_rate):
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.999 * square + 0.001 * mean**2
    size = np.sqrt(square / (1 - 0.999**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def squares_added_up_as_in_adagrad(x, mean, square, t, gradient, learning_rate):
    mean, square = 0.9 * mean + 0.1 * gradient, square + gradient**2
    return x - learning_rate * mean / (1 - 0.9**t) / (np.sqrt(square) + 1e-8), mean, square


@wrong(check.adam_step)
def mean_square_of_all_entries(x, mean, square, t, gradient, learning_rate):
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.999 * square + 0.001 * np.mean(gradient**2)
    size = np.sqrt(square / (1 - 0.999**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@wrong(check.adam_step)
def sign_of_the_mean(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    return x - learning_rate * np.sign(mean), mean, square


@wrong(check.adam_step)
def adam_without_a_learning_rate(x, mean, square, t, gradient, learning_rate):
    return adam(x, mean, square, t, gradient, 1)


@wrong(check.adam_step)
def nadam(x, mean, square, t, gradient, learning_rate):
    _, mean, square = adam(x, mean, square, t, gradient, learning_rate)
    ahead = 0.9 * mean / (1 - 0.9 ** (t + 1)) + 0.1 * gradient / (1 - 0.9**t)
    return x - learning_rate * ahead / (np.sqrt(square / (1 - 0.999**t)) + 1e-8), mean, square


@wrong(check.adam_step)
def counts_its_own_steps(x, mean, square, t, gradient, learning_rate, steps=[]):  # noqa: B006
    steps.append(t)
    return adam(x, mean, square, len(steps), gradient, learning_rate)


@wrong(check.adam_step)
def x_of_adam_in_place(x, mean, square, t, gradient, learning_rate):
    x[...], mean, square = adam(x, mean, square, t, gradient, learning_rate)
    return x, mean, square


@wrong(check.adam_step)
def gradient_divided_in_place(x, mean, square, t, gradient, learning_rate):
    came = adam(x, mean, square, t, gradient, learning_rate)
    gradient /= np.sqrt(came[2]) + 1e-8
    return came


def adam(x, mean, square, t, gradient, learning_rate):
    mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
    size = np.sqrt(square / (1 - 0.999**t)) + 1e-8
    return x - learning_rate * mean / (1 - 0.9**t) / size, mean, square


@right(check.he_weights)
def scale_of_the_normal(n_inputs, n_outputs, rng):
    return rng.normal(0, np.sqrt(2 / n_inputs), (n_inputs, n_outputs))


@right(check.he_weights)
def standard_normal_divided(n_inputs, n_outputs, rng):
    return rng.standard_normal((n_inputs, n_outputs)) / (n_inputs / 2) ** 0.5


@right(check.he_weights)
def he_in_float32(n_inputs, n_outputs, rng):
    numbers = rng.standard_normal((n_inputs, n_outputs), dtype=np.float32)
    return np.float32(np.sqrt(2 / n_inputs)) * numbers


@right(check.he_weights)
def weight_by_weight(n_inputs, n_outputs, rng):
    scale = math.sqrt(2 / n_inputs)
    return [[rng.normal(scale=scale) for _ in range(n_outputs)] for _ in range(n_inputs)]


@right(check.he_weights)
def unit_by_unit(n_inputs, n_outputs, rng):
    units = [rng.normal(0, (2 / n_inputs) ** 0.5, n_inputs) for _ in range(n_outputs)]
    return np.column_stack(units)


@right(check.he_weights)
def he_of_the_book(n_inputs, n_outputs, rng):
    return initializers.he((n_inputs, n_outputs), rng)


@right(check.he_weights)
def by_box_and_muller(n_inputs, n_outputs, rng):
    first, second = rng.random((2, n_inputs, n_outputs))
    normal = np.sqrt(-2 * np.log(1 - first)) * np.cos(2 * np.pi * second)
    return normal * np.sqrt(2 / n_inputs)


@right(check.he_weights)
def drawn_on_their_side_and_turned(n_inputs, n_outputs, rng):
    return rng.normal(0, np.sqrt(2 / n_inputs), (n_outputs, n_inputs)).T


@right(check.he_weights)
def signs_and_sizes_apart(n_inputs, n_outputs, rng):
    sizes = np.abs(rng.normal(size=(n_inputs, n_outputs)))
    return np.sqrt(2 / n_inputs) * sizes * rng.choice([-1, 1], size=sizes.shape)


@wrong(check.he_weights)
def all_in_one_row(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) * rng.normal(size=n_inputs * n_outputs)


@wrong(check.he_weights)
def with_biases(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) * rng.normal(size=(n_inputs, n_outputs)), np.zeros(n_outputs)


@wrong(check.he_weights)
def with_a_row_for_the_biases(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) * rng.normal(size=(n_inputs + 1, n_outputs))


@wrong(check.he_weights)
def the_bias_counts_as_an_input(n_inputs, n_outputs, rng):
    return math.sqrt(2 / (n_inputs + 1)) * rng.normal(size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def fan_of_both(n_inputs, n_outputs, rng):
    return math.sqrt(2 / (n_inputs * n_outputs)) * rng.normal(size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def root_of_two_over_inputs(n_inputs, n_outputs, rng):
    return math.sqrt(2) / n_inputs * rng.normal(size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def two_over_the_root(n_inputs, n_outputs, rng):
    return 2 / math.sqrt(n_inputs) * rng.normal(size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def upside_down(n_inputs, n_outputs, rng):
    return math.sqrt(n_inputs / 2) * rng.normal(size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def rounded_down_inside_the_root(n_inputs, n_outputs, rng):
    return math.sqrt(2 // n_inputs) * rng.normal(size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def around_the_standard_deviation(n_inputs, n_outputs, rng):
    return rng.normal(math.sqrt(2 / n_inputs), size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def added_in_place_of_multiplied(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) + rng.normal(size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def only_sizes(n_inputs, n_outputs, rng):
    return np.abs(math.sqrt(2 / n_inputs) * rng.normal(size=(n_inputs, n_outputs)))


@wrong(check.he_weights)
def uniform_from_minus_one_to_one(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) * rng.uniform(-1, 1, (n_inputs, n_outputs))


@wrong(check.he_weights)
def uniform_of_xavier(n_inputs, n_outputs, rng):
    limit = math.sqrt(6 / (n_inputs + n_outputs))
    return rng.uniform(-limit, limit, (n_inputs, n_outputs))


@wrong(check.he_weights)
def cut_off_at_two_deviations(n_inputs, n_outputs, rng):
    normal = rng.normal(size=(n_inputs, n_outputs))
    while (far := np.abs(normal) > 2).any():
        normal[far] = rng.normal(size=far.sum())
    return normal / normal.std() * math.sqrt(2 / n_inputs)


@wrong(check.he_weights)
def signs_only_of_that_width(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) * rng.choice([-1.0, 1.0], size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def of_laplace(n_inputs, n_outputs, rng):
    return rng.laplace(0, math.sqrt(1 / n_inputs), (n_inputs, n_outputs))


@wrong(check.he_weights)
def whole_layer_scaled_to_that_width(n_inputs, n_outputs, rng):
    W = rng.normal(size=(n_inputs, n_outputs))
    return W / W.std() * math.sqrt(2 / n_inputs)


@wrong(check.he_weights)
def units_scaled_to_one_length(n_inputs, n_outputs, rng):
    W = rng.normal(size=(n_inputs, n_outputs))
    return math.sqrt(2) * W / np.linalg.norm(W, axis=0)


@wrong(check.he_weights)
def mirrored_units(n_inputs, n_outputs, rng):
    half = math.sqrt(2 / n_inputs) * rng.normal(size=(n_inputs, (n_outputs + 1) // 2))
    return np.hstack([half, -half])[:, :n_outputs]


@wrong(check.he_weights)
def a_product_of_row_and_column(n_inputs, n_outputs, rng):
    product = np.outer(rng.normal(size=n_inputs), rng.normal(size=n_outputs))
    return math.sqrt(2 / n_inputs) * product


@wrong(check.he_weights)
def one_row_over_and_over(n_inputs, n_outputs, rng):
    return np.array(n_inputs * [rng.normal(0, math.sqrt(2 / n_inputs), n_outputs)])


@wrong(check.he_weights)
def zeros(n_inputs, n_outputs, rng):
    return np.zeros((n_inputs, n_outputs))


@wrong(check.he_weights)
def of_the_global_generator(n_inputs, n_outputs, rng):
    return np.random.randn(n_inputs, n_outputs) * np.sqrt(2 / n_inputs)  # noqa: NPY002


@wrong(check.he_weights)
def of_an_old_generator_with_a_seed(n_inputs, n_outputs, rng):
    rng = np.random.RandomState(42)
    return rng.randn(n_inputs, n_outputs) * np.sqrt(2 / n_inputs)


@wrong(check.he_weights)
def seeded_by_the_shape(n_inputs, n_outputs, rng):
    rng = np.random.default_rng(n_inputs * n_outputs)
    return rng.normal(0, math.sqrt(2 / n_inputs), (n_inputs, n_outputs))


@wrong(check.he_weights)
def global_generator_of_the_wrong_width(n_inputs, n_outputs, rng):
    return 0.01 * np.random.default_rng().normal(size=(n_inputs, n_outputs))


@wrong(check.he_weights)
def rounded_to_tenths(n_inputs, n_outputs, rng):
    return np.round(rng.normal(0, math.sqrt(2 / n_inputs), (n_inputs, n_outputs)), 1)


@wrong(check.he_weights)
def whole_numbers_of_that_width(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) * rng.integers(-3, 4, (n_inputs, n_outputs)) / 2


@wrong(check.he_weights)
def a_diagonal(n_inputs, n_outputs, rng):
    return math.sqrt(2 / n_inputs) * np.eye(n_inputs, n_outputs)


@wrong(check.he_weights)
def orthogonal(n_inputs, n_outputs, rng):
    sides = max(n_inputs, n_outputs), min(n_inputs, n_outputs)
    Q, _ = np.linalg.qr(rng.normal(size=sides))
    return math.sqrt(2) * (Q if n_inputs >= n_outputs else Q.T)


@wrong(check.he_weights)
def kept_from_the_first_call(n_inputs, n_outputs, rng, kept={}):  # noqa: B006
    shape = n_inputs, n_outputs
    return kept.setdefault(shape, rng.normal(0, math.sqrt(2 / n_inputs), shape))
