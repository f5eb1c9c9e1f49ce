"""Answers to the exercises of chapter 6b."""

import math

import numpy as np

from answers import right, wrong
from downslope import check


@right(check.batch_normalization)
def column_by_column(x, gamma, beta, epsilon):
    columns = []
    for column, scale, shift in zip(x.T, gamma, beta, strict=True):
        width = math.sqrt(np.mean((column - column.mean()) ** 2) + epsilon)
        columns.append(scale * (column - column.mean()) / width + shift)
    return np.stack(columns, axis=1)


@right(check.batch_normalization)
def normalised_in_lists(x, gamma, beta, epsilon):
    rows = x.tolist()
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    variances = [
        sum((value - mean) ** 2 for value in column) / len(rows)
        for column, mean in zip(zip(*rows, strict=True), means, strict=True)
    ]
    return [
        [
            g * (value - mean) / math.sqrt(variance + epsilon) + b
            for value, mean, variance, g, b in zip(row, means, variances, gamma, beta, strict=True)
        ]
        for row in rows
    ]


@right(check.batch_normalization)
def normalised_in_float32(x, gamma, beta, epsilon):
    x, gamma, beta = (array.astype(np.float32) for array in (x, gamma, beta))
    x = x - x.mean(axis=0)
    return gamma * x / np.sqrt((x * x).mean(axis=0) + np.float32(epsilon)) + beta


@right(check.batch_normalization)
def mean_of_squares_less_square_of_mean(x, gamma, beta, epsilon):
    mean = x.sum(0) / x.shape[0]
    variance = np.mean(x**2, 0) - mean**2
    return (x - mean) * (gamma / np.sqrt(variance + epsilon)) + beta


@right(check.batch_normalization)
def normalised_by_einsum(x, gamma, beta, epsilon):
    centred = x - np.einsum("ij->j", x) / len(x)
    variance = np.einsum("ij,ij->j", centred, centred) / len(x)
    return np.einsum("j,ij->ij", gamma * (variance + epsilon) ** -0.5, centred) + beta


@right(check.batch_normalization)
def in_place_on_a_copy(x, gamma, beta, epsilon):
    y = x.copy()
    y -= y.mean(axis=0)
    y /= np.sqrt(np.square(y).mean(axis=0) + epsilon)
    y *= gamma
    y += beta
    return y


@right(check.batch_normalization)
def transposed_and_back(x, gamma, beta, epsilon):
    x = x.T
    y = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + epsilon)
    return (gamma[:, None] * y + beta[:, None]).T


@wrong(check.batch_normalization)
def gamma_and_beta_swapped(x, gamma, beta, epsilon):
    return beta * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + gamma


@wrong(check.batch_normalization)
def without_beta(x, gamma, beta, epsilon):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)


@wrong(check.batch_normalization)
def without_gamma(x, gamma, beta, epsilon):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + beta


@wrong(check.batch_normalization)
def without_epsilon(x, gamma, beta, epsilon):
    return gamma * (x - x.mean(axis=0)) / x.std(axis=0) + beta


@wrong(check.batch_normalization)
def squeezed_between_0_and_1(x, gamma, beta, epsilon):
    low, high = x.min(axis=0), x.max(axis=0)
    return gamma * (x - low) / (high - low + epsilon) + beta


@wrong(check.batch_normalization)
def median_for_the_mean(x, gamma, beta, epsilon):
    return gamma * (x - np.median(x, axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + beta


@wrong(check.batch_normalization)
def not_divided(x, gamma, beta, epsilon):
    return gamma * (x - x.mean(axis=0)) + beta


@wrong(check.batch_normalization)
def epsilon_of_its_own(x, gamma, beta, epsilon):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-7) + beta


@wrong(check.batch_normalization)
def mean_of_sizes_for_the_width(x, gamma, beta, epsilon):
    centred = x - x.mean(axis=0)
    return gamma * centred / (np.abs(centred).mean(axis=0) + epsilon) + beta


@wrong(check.batch_normalization)
def length_for_the_width(x, gamma, beta, epsilon):
    centred = x - x.mean(axis=0)
    return gamma * centred / np.sqrt((centred**2).sum(axis=0) + epsilon) + beta


@right(check.running_statistics)
def moved_towards_the_batch(mean, variance, x, momentum):
    mean_now, variance_now = x.mean(axis=0), np.var(x, axis=0, ddof=1)
    return mean + momentum * (mean_now - mean), variance + momentum * (variance_now - variance)


@right(check.running_statistics)
def by_bessel(mean, variance, x, momentum):
    n = len(x)
    unbiased = x.var(axis=0) * n / (n - 1)
    return [
        (1 - momentum) * mean + momentum * x.mean(axis=0),
        (1 - momentum) * variance + momentum * unbiased,
    ]


@right(check.running_statistics)
def running_in_float32(mean, variance, x, momentum):
    mean, variance, x = (array.astype(np.float32) for array in (mean, variance, x))
    share = np.float32(momentum)
    return (1 - share) * mean + share * x.mean(0), (1 - share) * variance + share * x.var(0, ddof=1)


@right(check.running_statistics)
def by_np_average(mean, variance, x, momentum):
    shares = [1 - momentum, momentum]
    yield np.average([mean, x.mean(axis=0)], axis=0, weights=shares)
    yield np.average([variance, x.var(axis=0, ddof=1)], axis=0, weights=shares)


@right(check.running_statistics)
def running_in_loops(mean, variance, x, momentum):
    new_mean, new_variance = [], []
    for j, column in enumerate(x.T.tolist()):
        middle = sum(column) / len(column)
        spread = sum((value - middle) ** 2 for value in column) / (len(column) - 1)
        new_mean.append((1 - momentum) * mean[j] + momentum * middle)
        new_variance.append((1 - momentum) * variance[j] + momentum * spread)
    return new_mean, new_variance


@right(check.running_statistics)
def by_the_covariance_matrix(mean, variance, x, momentum):
    unbiased = np.diag(np.atleast_2d(np.cov(x, rowvar=False)))
    both = np.stack([mean, variance])
    return (1 - momentum) * both + momentum * np.stack([x.mean(axis=0), unbiased])


@wrong(check.running_statistics)
def statistics_of_rows(mean, variance, x, momentum):
    n = min(len(mean), len(x))
    kept = 1 - momentum
    new = kept * mean, kept * variance
    new[0][:n] += momentum * x.mean(axis=1)[:n]
    new[1][:n] += momentum * x.var(axis=1)[:n]
    return new


@wrong(check.running_statistics)
def one_statistic_for_all(mean, variance, x, momentum):
    kept = 1 - momentum
    return kept * mean + momentum * x.mean(), kept * variance + momentum * x.var(ddof=1)


@wrong(check.running_statistics)
def variance_first(mean, variance, x, momentum):
    return check.running_statistics.solution(mean, variance, x, momentum)[::-1]


@wrong(check.running_statistics)
def momentum_of_its_own(mean, variance, x, momentum):
    return check.running_statistics.solution(mean, variance, x, 0.1)


@wrong(check.running_statistics)
def only_the_mean_moves(mean, variance, x, momentum):
    return (1 - momentum) * mean + momentum * x.mean(axis=0), variance.copy()


@wrong(check.running_statistics)
def shares_swapped_for_the_variance(mean, variance, x, momentum):
    new, _ = check.running_statistics.solution(mean, variance, x, momentum)
    return new, momentum * variance + (1 - momentum) * x.var(axis=0, ddof=1)


@wrong(check.running_statistics)
def shares_swapped_and_divided_by_n(mean, variance, x, momentum):
    kept = momentum
    return (
        kept * mean + (1 - momentum) * x.mean(axis=0),
        kept * variance + (1 - momentum) * x.var(axis=0),
    )


@wrong(check.running_statistics)
def mean_square_for_the_variance(mean, variance, x, momentum):
    new, _ = check.running_statistics.solution(mean, variance, x, momentum)
    return new, (1 - momentum) * variance + momentum * (x**2).mean(axis=0)


@wrong(check.running_statistics)
def around_the_running_mean(mean, variance, x, momentum):
    new, _ = check.running_statistics.solution(mean, variance, x, momentum)
    spread = ((x - mean) ** 2).sum(axis=0) / (len(x) - 1)
    return new, (1 - momentum) * variance + momentum * spread


@right(check.batch_normalization_backward)
def as_in_the_book_of_layers(upstream, x_hat, std, gamma):
    n = len(upstream)
    d_gamma, d_beta = (upstream * x_hat).sum(axis=0), upstream.sum(axis=0)
    return gamma / (n * std) * (n * upstream - d_beta - x_hat * d_gamma)


@right(check.batch_normalization_backward)
def back_by_the_whole_jacobian(upstream, x_hat, std, gamma):
    n, k = upstream.shape
    columns = []
    for j in range(k):
        outer = np.outer(x_hat[:, j], x_hat[:, j])
        jacobian = (np.eye(n) - 1 / n - outer / n) / std[j]
        columns.append(jacobian @ (upstream[:, j] * gamma[j]))
    return np.array(columns).T


@right(check.batch_normalization_backward)
def back_by_einsum(upstream, x_hat, std, gamma):
    g, n = np.einsum("ij,j->ij", upstream, gamma), len(upstream)
    along = np.einsum("ij,ij->j", g, x_hat) / n
    return (g - np.einsum("ij->j", g) / n - np.einsum("ij,j->ij", x_hat, along)) / std


@right(check.batch_normalization_backward)
def back_in_float32(upstream, x_hat, std, gamma):
    upstream, x_hat, std, gamma = (
        array.astype(np.float32) for array in (upstream, x_hat, std, gamma)
    )
    g = upstream * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / std


@right(check.batch_normalization_backward)
def back_in_loops(upstream, x_hat, std, gamma):
    n, k = upstream.shape
    rows = [[0.0] * k for _ in range(n)]
    for j in range(k):
        column = [float(upstream[i, j] * gamma[j]) for i in range(n)]
        mean = sum(column) / n
        along = sum(g * h for g, h in zip(column, x_hat[:, j].tolist(), strict=True)) / n
        for i in range(n):
            rows[i][j] = (column[i] - mean - x_hat[i, j] * along) / std[j]
    return rows


@right(check.batch_normalization_backward)
def back_along_each_road(upstream, x_hat, std, gamma):
    n, g = len(upstream), upstream * gamma
    centred = x_hat * std
    to_variance = -0.5 * (g * centred).sum(axis=0) / std**3
    to_mean = -(g / std).sum(axis=0) - 2 * to_variance * centred.mean(axis=0)
    return g / std + to_variance * 2 * centred / n + to_mean / n


@right(check.batch_normalization_backward)
def back_one_column_at_a_time(upstream, x_hat, std, gamma):
    result = np.empty_like(upstream)
    for j, (g, h) in enumerate(zip((upstream * gamma).T, x_hat.T, strict=True)):
        result[:, j] = (g - np.mean(g) - h * np.mean(g * h)) / std[j]
    return result


@wrong(check.batch_normalization_backward)
def means_over_everything(upstream, x_hat, std, gamma):
    g = upstream * gamma
    return (g - g.mean() - x_hat * (g * x_hat).mean()) / std


@wrong(check.batch_normalization_backward)
def variance_road_without_x_hat(upstream, x_hat, std, gamma):
    g = upstream * gamma
    return (g - g.mean(axis=0) - (g * x_hat).mean(axis=0)) / std


@wrong(check.batch_normalization_backward)
def gamma_in_the_first_road_only(upstream, x_hat, std, gamma):
    g = upstream * gamma
    return (g - upstream.mean(axis=0) - x_hat * (upstream * x_hat).mean(axis=0)) / std


@wrong(check.batch_normalization_backward)
def without_upstream(upstream, x_hat, std, gamma):
    return check.batch_normalization_backward.solution(np.ones_like(upstream), x_hat, std, gamma)


@wrong(check.batch_normalization_backward)
def upstream_unchanged(upstream, x_hat, std, gamma):
    return upstream.copy()


@wrong(check.batch_normalization_backward)
def divided_by_gamma(upstream, x_hat, std, gamma):
    return check.batch_normalization_backward.solution(upstream, x_hat, std, 1 / gamma)


@wrong(check.batch_normalization_backward)
def divided_by_n_fewer(upstream, x_hat, std, gamma):
    n, g = len(upstream), upstream * gamma
    along = (g * x_hat).sum(axis=0) / max(n - 1, 1)
    return (g - g.mean(axis=0) - x_hat * along) / std


@wrong(check.batch_normalization_backward)
def half_of_the_variance_road(upstream, x_hat, std, gamma):
    g = upstream * gamma
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0) / 2) / std


@wrong(check.batch_normalization_backward)
def only_the_roads_divided(upstream, x_hat, std, gamma):
    g = upstream * gamma
    return g - (g.mean(axis=0) + x_hat * (g * x_hat).mean(axis=0)) / std


@wrong(check.batch_normalization_backward)
def normalised_upstream(upstream, x_hat, std, gamma):
    g = upstream * gamma
    return (g - g.mean(axis=0)) / (g.std(axis=0) + 1e-7)


@right(check.decayed_step)
def decay_in_the_gradient(W, b, dW, db, learning_rate, weight_decay):
    return W - learning_rate * (dW + weight_decay * W), b - learning_rate * db


@right(check.decayed_step)
def three_terms(W, b, dW, db, learning_rate, weight_decay):
    decay = learning_rate * weight_decay * W
    return [W - learning_rate * dW - decay, b - learning_rate * db]


@right(check.decayed_step)
def decayed_in_float32(W, b, dW, db, learning_rate, weight_decay):
    W, b, dW, db = (array.astype(np.float32) for array in (W, b, dW, db))
    rate = np.float32(learning_rate)
    return W - rate * (dW + np.float32(weight_decay) * W), b - rate * db


@right(check.decayed_step)
def decayed_in_loops(W, b, dW, db, learning_rate, weight_decay):
    kept = 1 - learning_rate * weight_decay
    rows = [
        [kept * w - learning_rate * g for w, g in zip(row, slopes, strict=True)]
        for row, slopes in zip(W.tolist(), dW.tolist(), strict=True)
    ]
    return rows, [value - learning_rate * g for value, g in zip(b, db, strict=True)]


@right(check.decayed_step)
def decayed_on_copies(W, b, dW, db, learning_rate, weight_decay):
    W, b = W.copy(), b.copy()
    W *= 1 - learning_rate * weight_decay
    W -= learning_rate * dW
    b -= learning_rate * db
    return W, b


@right(check.decayed_step)
def one_after_the_other(W, b, dW, db, learning_rate, weight_decay):
    yield W * (1 - weight_decay * learning_rate) - dW * learning_rate
    yield b - db * learning_rate


@wrong(check.decayed_step)
def without_the_learning_rate(W, b, dW, db, learning_rate, weight_decay):
    return W - dW - weight_decay * W, b - db


@wrong(check.decayed_step)
def b_first(W, b, dW, db, learning_rate, weight_decay):
    return check.decayed_step.solution(W, b, dW, db, learning_rate, weight_decay)[::-1]


@wrong(check.decayed_step)
def up_the_slope(W, b, dW, db, learning_rate, weight_decay):
    kept = 1 - learning_rate * weight_decay
    return kept * W + learning_rate * dW, b + learning_rate * db


@wrong(check.decayed_step)
def only_decay(W, b, dW, db, learning_rate, weight_decay):
    return (1 - learning_rate * weight_decay) * W, b - learning_rate * db


@wrong(check.decayed_step)
def half_of_the_decay(W, b, dW, db, learning_rate, weight_decay):
    return check.decayed_step.solution(W, b, dW, db, learning_rate, weight_decay / 2)


@wrong(check.decayed_step)
def b_stays(W, b, dW, db, learning_rate, weight_decay):
    return check.decayed_step.solution(W, b, dW, db, learning_rate, weight_decay)[0], b.copy()


@wrong(check.decayed_step)
def decay_only_where_positive(W, b, dW, db, learning_rate, weight_decay):
    decay = learning_rate * weight_decay * np.maximum(W, 0)
    return W - decay - learning_rate * dW, b - learning_rate * db


@wrong(check.decayed_step)
def penalty_for_the_whole_matrix(W, b, dW, db, learning_rate, weight_decay):
    penalty = weight_decay / 2 * np.sum(W**2)
    return W - learning_rate * (dW + penalty), b - learning_rate * db


@wrong(check.decayed_step)
def decay_by_the_square_of_the_rate(W, b, dW, db, learning_rate, weight_decay):
    kept = 1 - learning_rate**2 * weight_decay
    return kept * W - learning_rate * dW, b - learning_rate * db


@right(check.dropout_forward)
def by_uniform(x, rate, rng):
    return np.where(rng.uniform(size=x.shape) < rate, 0, x / (1 - rate))


@right(check.dropout_forward)
def by_binomial(x, rate, rng):
    return x * rng.binomial(1, 1 - rate, x.shape) / (1 - rate)


@right(check.dropout_forward)
def by_choice(x, rate, rng):
    return x * rng.choice([0.0, 1 / (1 - rate)], size=x.shape, p=[rate, 1 - rate])


@right(check.dropout_forward)
def zeros_put_into_a_copy(x, rate, rng):
    y = x / (1 - rate)
    y[rng.random(y.shape) < rate] = 0
    return y


@right(check.dropout_forward)
def dropped_in_float32(x, rate, rng):
    kept = (rng.random(x.shape, dtype=np.float32) > rate).astype(np.float32)
    return x.astype(np.float32) * kept / np.float32(1 - rate)


@right(check.dropout_forward)
def dropped_in_loops(x, rate, rng):
    return [
        [0.0 if rng.random() < rate else value / (1 - rate) for value in row] for row in x.tolist()
    ]


@right(check.dropout_forward)
def drawn_as_one_long_row(x, rate, rng):
    kept = rng.random(x.size).reshape(x.shape) >= rate
    return np.divide(x, 1 - rate, where=kept, out=np.zeros_like(x))


@right(check.dropout_forward)
def row_by_row(x, rate, rng):
    for row in x:
        yield row * (rng.random(len(row)) >= rate) / (1 - rate)


@wrong(check.dropout_forward)
def exactly_that_many(x, rate, rng):
    kept = np.ones(x.size)
    kept[rng.permutation(x.size)[: round(rate * x.size)]] = 0
    return x * kept.reshape(x.shape) / (1 - rate)


@wrong(check.dropout_forward)
def always_half(x, rate, rng):
    return x * (rng.random(x.shape) >= 0.5) * 2


@wrong(check.dropout_forward)
def noise_for_dropping(x, rate, rng):
    return x * rng.uniform(1 - rate, 1 + rate, x.shape)


@wrong(check.dropout_forward)
def normal_noise(x, rate, rng):
    return x * (1 + np.sqrt(rate / (1 - rate)) * rng.normal(size=x.shape))


@wrong(check.dropout_forward)
def whole_batch_or_none(x, rate, rng):
    return x * (rng.random() >= rate) / (1 - rate)


@wrong(check.dropout_forward)
def normal_draws_compared(x, rate, rng):
    return x * (rng.normal(size=x.shape) >= rate) / (1 - rate)


@wrong(check.dropout_forward)
def negative_ones_kept(x, rate, rng):
    kept = (rng.random(x.shape) >= rate) | (x < 0)
    return x * kept / (1 - rate)


@wrong(check.dropout_forward)
def rescaled_by_what_was_kept(x, rate, rng):
    kept = rng.random(x.shape) >= rate
    return x * kept / max(kept.mean(), 1e-9)


@wrong(check.dropout_forward)
def multiplied_by_1_plus_rate(x, rate, rng):
    return x * (rng.random(x.shape) >= rate) * (1 + rate)


@wrong(check.dropout_forward)
def smallest_dropped(x, rate, rng):
    return x * (np.abs(x) >= np.quantile(np.abs(x), rate)) / (1 - rate)


@wrong(check.dropout_forward)
def ones_for_zeros(x, rate, rng):
    return np.where(rng.random(x.shape) < rate, 1, x / (1 - rate))


@wrong(check.dropout_forward)
def rounded_off(x, rate, rng):
    return np.round(check.dropout_forward.solution(x, rate, rng), 6)


@wrong(check.dropout_forward)
def limited(x, rate, rng):
    return np.clip(check.dropout_forward.solution(x, rate, rng), -1e4, 1e4)


@wrong(check.dropout_forward)
def mask_alone(x, rate, rng):
    return (rng.random(x.shape) >= rate) / (1 - rate)


@right(check.log_uniform)
def natural_logarithms(low, high, rng):
    return np.exp(rng.uniform(np.log(low), np.log(high)))


@right(check.log_uniform)
def a_power_of_the_ratio(low, high, rng):
    return low * (high / low) ** rng.random()


@right(check.log_uniform)
def powers_of_two(low, high, rng):
    return 2.0 ** rng.uniform(math.log2(low), math.log2(high))


@right(check.log_uniform)
def shrunk_from_above(low, high, rng):
    return float(high * (low / high) ** rng.uniform())


@right(check.log_uniform)
def log_uniform_in_float32(low, high, rng):
    share = rng.random(dtype=np.float32)
    start, end = np.log10(np.float32(low)), np.log10(np.float32(high))
    return np.float32(10) ** (start + share * (end - start))


@right(check.log_uniform)
def one_of_a_fine_grid(low, high, rng):
    return np.geomspace(low, high, 2000)[rng.integers(2000)]


@right(check.log_uniform)
def mixed_by_hand(low, high, rng):
    share = rng.random()
    return math.exp((1 - share) * math.log(low) + share * math.log(high))


@wrong(check.log_uniform)
def evenly_in_the_root(low, high, rng):
    return rng.uniform(low**0.5, high**0.5) ** 2


@wrong(check.log_uniform)
def evenly_in_the_reciprocal(low, high, rng):
    return 1 / rng.uniform(1 / high, 1 / low)


@wrong(check.log_uniform)
def whole_powers_of_ten(low, high, rng):
    return 10.0 ** rng.integers(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)


@wrong(check.log_uniform)
def normal_in_the_logarithm(low, high, rng):
    middle, width = (np.log(low) + np.log(high)) / 2, np.log(high / low) / 4
    return np.exp(np.clip(rng.normal(middle, width), np.log(low), np.log(high)))


@wrong(check.log_uniform)
def geometric_mean_of_the_ends(low, high, rng):
    return np.sqrt(low * high)


@wrong(check.log_uniform)
def product_of_two_even_ones(low, high, rng):
    return np.sqrt(rng.uniform(low, high) * rng.uniform(low, high))


@wrong(check.log_uniform)
def mean_of_two_exponents(low, high, rng):
    return np.exp(rng.uniform(np.log(low), np.log(high), size=2).mean())


@wrong(check.log_uniform)
def an_array_of_one(low, high, rng):
    return 10 ** rng.uniform(np.log10(low), np.log10(high), size=1)


@wrong(check.log_uniform)
def upper_half_only(low, high, rng):
    return np.exp(rng.uniform((np.log(low) + np.log(high)) / 2, np.log(high)))


@wrong(check.log_uniform)
def shifted_to_begin_at_1(low, high, rng):
    return np.exp(rng.uniform(0, np.log(high / low)))


@wrong(check.log_uniform)
def rounded_to_six_places(low, high, rng):
    return round(float(check.log_uniform.solution(low, high, rng)), 6)


@right(check.choose_trial)
def best_in_a_loop(train, validation, test):
    best = 0
    for i, score in enumerate(validation):
        if score > validation[best]:
            best = i
    return best, test[best]


@right(check.choose_trial)
def index_of_the_maximum(train, validation, test):
    scores = validation.tolist()
    i = scores.index(max(scores))
    return [i, test.tolist()[i]]


@right(check.choose_trial)
def best_of_the_zipped(train, validation, test):
    best = max(range(len(test)), key=validation.__getitem__)
    return best, float(test[best])


@right(check.choose_trial)
def first_of_the_sorted(train, validation, test):
    order = np.argsort(-validation, kind="stable")
    return order[0], test[order][0]


@right(check.choose_trial)
def where_it_is_highest(train, validation, test):
    chosen = np.flatnonzero(validation == validation.max())[0]
    return chosen, test[validation == validation.max()][0]


@right(check.choose_trial)
def reported_in_float32(train, validation, test):
    chosen = validation.astype(np.float32).argmax()
    yield int(chosen)
    yield test.astype(np.float32)[chosen]


@wrong(check.choose_trial)
def score_first(train, validation, test):
    return check.choose_trial.solution(train, validation, test)[::-1]


@wrong(check.choose_trial)
def counted_from_one(train, validation, test):
    chosen = int(np.argmax(validation))
    return chosen + 1, test[chosen]


@wrong(check.choose_trial)
def gap_taken_off(train, validation, test):
    chosen = int(np.argmax(validation - (train - validation)))
    return chosen, test[chosen]


@wrong(check.choose_trial)
def best_score_alone(train, validation, test):
    return test[int(np.argmax(validation))]


@wrong(check.choose_trial)
def mean_of_the_two_scores(train, validation, test):
    chosen = int(np.argmax(validation))
    return chosen, (validation[chosen] + test[chosen]) / 2


@wrong(check.choose_trial)
def mean_test_score(train, validation, test):
    return int(np.argmax(validation)), test.mean()


@wrong(check.choose_trial)
def reports_training(train, validation, test):
    chosen = int(np.argmax(validation))
    return chosen, train[chosen]


@wrong(check.choose_trial)
def closest_to_the_test_score(train, validation, test):
    chosen = int(np.argmin(np.abs(validation - test)))
    return chosen, test[chosen]


@wrong(check.choose_trial)
def all_of_the_scores(train, validation, test):
    return int(np.argmax(validation)), test


@wrong(check.choose_trial)
def second_best_of_all(train, validation, test):
    chosen = int(np.argsort(validation)[-2])
    return chosen, test[chosen]
