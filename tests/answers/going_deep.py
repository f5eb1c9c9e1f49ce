"""Answers to the exercises of chapter 8."""

import math
from fractions import Fraction

import numpy as np

from answers import right, wrong
from downslope import augmentation, check
from downslope.layers import Affine, ReLU, Residual


@right(check.residual_backward)
def by_the_layer_of_the_book(x, W, b, scale, upstream):
    layer = Residual(Affine(W, b), ReLU(), scale=scale)
    layer.forward(x)
    return layer.backward(upstream)


@right(check.residual_backward)
def around_first_then_through(x, W, b, scale, upstream):
    dx = upstream.copy()
    dz = scale * upstream
    dz[x @ W + b <= 0] = 0
    dx += dz @ W.T
    return dx


@right(check.residual_backward)
def mask_from_what_relu_gave(x, W, b, scale, upstream):
    hidden = np.maximum(x @ W + b, 0)
    through = np.where(hidden > 0, upstream, 0) @ W.T
    return through * scale + upstream


@right(check.residual_backward)
def each_sample_by_its_jacobian(x, W, b, scale, upstream):
    rows = []
    for sample, row in zip(x, upstream, strict=True):
        is_open = np.diag((sample @ W + b > 0).astype(float))
        jacobian = np.eye(len(b)) + scale * is_open @ W.T
        rows.append(jacobian.T @ row)
    return np.array(rows)


@right(check.residual_backward)
def by_einsum(x, W, b, scale, upstream):
    is_open = np.sign(np.clip(np.einsum("ni,ij->nj", x, W) + b, 0, None))
    return upstream + scale * np.einsum("nj,nj,ij->ni", upstream, is_open, W)


@right(check.residual_backward)
def in_float32(x, W, b, scale, upstream):
    x, W, b, upstream = (array.astype(np.float32) for array in (x, W, b, upstream))
    return upstream + (np.float32(scale) * upstream * (x @ W + b > 0)) @ W.T


@right(check.residual_backward)
def in_loops(x, W, b, scale, upstream):
    n, k = x.shape
    dx = upstream.tolist()
    for s in range(n):
        for j in range(k):
            z = sum(x[s, i] * W[i, j] for i in range(k)) + b[j]
            for i in range(k):
                dx[s][i] += scale * upstream[s, j] * W[i, j] * (1 if z > 0 else 0)
    return dx


@right(check.residual_backward)
def by_a_nudge_in_complex_numbers(x, W, b, scale, upstream):
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        nudged = x.astype(complex)
        nudged[i] += 1e-20j
        z = nudged @ W + b
        y = nudged + scale * np.where(z.real > 0, z, 0)
        dx[i] = np.sum(upstream * y.imag) / 1e-20
    return dx


@wrong(check.residual_backward)
def way_around_twice(x, W, b, scale, upstream):
    return upstream + check.residual_backward.solution(x, W, b, scale, upstream)


@wrong(check.residual_backward)
def way_around_taken_off(x, W, b, scale, upstream):
    return (scale * upstream * (x @ W + b > 0)) @ W.T - upstream


@wrong(check.residual_backward)
def ways_multiplied(x, W, b, scale, upstream):
    return upstream * ((scale * upstream * (x @ W + b > 0)) @ W.T)


@wrong(check.residual_backward)
def forward_once_more(x, W, b, scale, upstream):
    return x + scale * np.maximum(x @ W + b, 0)


@wrong(check.residual_backward)
def without_upstream(x, W, b, scale, upstream):
    return check.residual_backward.solution(x, W, b, scale, np.ones_like(upstream))


@wrong(check.residual_backward)
def without_W(x, W, b, scale, upstream):
    return upstream + scale * upstream * (x @ W + b > 0)


@wrong(check.residual_backward)
def divided_by_scale(x, W, b, scale, upstream):
    return check.residual_backward.solution(x, W, b, 1 / scale, upstream)


@wrong(check.residual_backward)
def relu_of_upstream(x, W, b, scale, upstream):
    return upstream + scale * np.maximum(upstream, 0) @ W.T


@wrong(check.residual_backward)
def times_the_output_of_relu(x, W, b, scale, upstream):
    return upstream + (scale * upstream * np.maximum(x @ W + b, 0)) @ W.T


@wrong(check.residual_backward)
def mask_after_W(x, W, b, scale, upstream):
    return upstream + (scale * upstream @ W.T) * (x @ W + b > 0)


@wrong(check.residual_backward)
def gradient_of_W(x, W, b, scale, upstream):
    return x.T @ (scale * upstream * (x @ W + b > 0))


@wrong(check.residual_backward)
def scale_written_into_upstream(x, W, b, scale, upstream):
    upstream *= scale
    return upstream + (upstream * (x @ W + b > 0)) @ W.T


@wrong(check.residual_backward)
def right_but_upstream_is_changed(x, W, b, scale, upstream):
    through = (scale * upstream * (x @ W + b > 0)) @ W.T
    upstream += through
    return upstream


@wrong(check.residual_backward)
def leaky(x, W, b, scale, upstream):
    slope = np.where(x @ W + b > 0, 1, 0.01)
    return upstream + (scale * upstream * slope) @ W.T


@wrong(check.residual_backward)
def half_at_zero(x, W, b, scale, upstream):
    slope = np.heaviside(x @ W + b, 0.5)
    return upstream + (scale * upstream * slope) @ W.T


@wrong(check.residual_backward)
def open_above_a_thousandth(x, W, b, scale, upstream):
    return check.residual_backward.solution(x, W, b - 1e-3, scale, upstream)


@wrong(check.residual_backward)
def a_kink_rounded_off(x, W, b, scale, upstream):
    slope = 1 / (1 + np.exp(-np.clip(1e6 * (x @ W + b) - 20, -50, 50)))
    return upstream + (scale * upstream * slope) @ W.T


@wrong(check.residual_backward)
def mean_of_the_ways(x, W, b, scale, upstream):
    return check.residual_backward.solution(x, W, b, scale, upstream) / 2


@right(check.receptive_field)
def back_from_the_last_layer(sizes, strides):
    field = 1
    for size, stride in zip(reversed(sizes), reversed(strides), strict=True):
        field = (field - 1) * stride + size
    return field


@right(check.receptive_field)
def by_products_of_slices(sizes, strides):
    return 1 + sum((sizes[i] - 1) * math.prod(strides[:i]) for i in range(len(sizes)))


@right(check.receptive_field)
def by_cumulative_products(sizes, strides):
    jumps = np.cumprod([1, *strides])[:-1]
    return 1 + jumps @ (np.array(sizes) - 1)


@right(check.receptive_field)
def by_recursion(sizes, strides):
    if not sizes:
        return 1
    return (by_recursion(sizes[1:], strides[1:]) - 1) * strides[0] + sizes[0]


@right(check.receptive_field)
def by_marking_pixels(sizes, strides):
    seen = {0}
    for size, stride in [*zip(sizes, strides, strict=True)][::-1]:
        seen = {place * stride + i for place in seen for i in range(size)}
    return len(seen)


@right(check.receptive_field)
def in_one_unsigned_number(sizes, strides):
    field = np.uint16(1)
    for size, stride in zip(sizes[::-1], strides[::-1], strict=True):
        field = field * np.uint16(stride) + np.uint16(size) - np.uint16(stride)
    return np.array(field)


@wrong(check.receptive_field)
def sum_of_sizes_less_one(sizes, strides):
    return sum(sizes) - 1


@wrong(check.receptive_field)
def largest_size(sizes, strides):
    return max(sizes)


@wrong(check.receptive_field)
def size_of_the_last(sizes, strides):
    return sizes[-1]


@wrong(check.receptive_field)
def product_of_strides(sizes, strides):
    return math.prod(strides)


@wrong(check.receptive_field)
def sizes_times_strides(sizes, strides):
    return sum(size * stride for size, stride in zip(sizes, strides, strict=True))


@wrong(check.receptive_field)
def strides_multiply_all_of_it(sizes, strides):
    return (1 + sum(size - 1 for size in sizes)) * math.prod(strides)


@wrong(check.receptive_field)
def back_with_all_strides_and_sizes(sizes, strides):
    field = 1
    for size, stride in zip(reversed(sizes), reversed(strides), strict=True):
        field = field * stride + size
    return field


@wrong(check.receptive_field)
def back_without_the_one(sizes, strides):
    field = 0
    for size, stride in zip(reversed(sizes), reversed(strides), strict=True):
        field = field * stride + size - 1
    return field + len(sizes)


@wrong(check.receptive_field)
def strides_as_powers_of_two(sizes, strides):
    return 1 + sum((size - 1) * 2**i for i, size in enumerate(sizes))


@wrong(check.receptive_field)
def a_list_for_each_layer(sizes, strides):
    return [
        check.receptive_field.solution(sizes[:i], strides[:i]) for i in range(1, 1 + len(sizes))
    ]


@wrong(check.receptive_field)
def both_axes(sizes, strides):
    return (check.receptive_field.solution(sizes, strides),) * 2


@wrong(check.receptive_field)
def without_the_first_layer(sizes, strides):
    return check.receptive_field.solution(sizes[1:], strides[1:])


@wrong(check.receptive_field)
def with_the_padding_of_a_frame(sizes, strides):
    return check.receptive_field.solution(sizes, strides) + 2


@wrong(check.receptive_field)
def lists_used_up(sizes, strides):
    field = 1
    while sizes:
        field = (field - 1) * strides.pop() + sizes.pop()
    return field


@right(check.shifted_image)
def place_by_place(image, rows, columns):
    height, width = image.shape
    moved = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            if 0 <= i - rows < height and 0 <= j - columns < width:
                moved[i, j] = image[i - rows, j - columns]
    return moved


@right(check.shifted_image)
def by_slices(image, rows, columns):
    height, width = image.shape
    moved = np.zeros_like(image)
    kept = image[max(-rows, 0) : max(height - rows, 0), max(-columns, 0) : max(width - columns, 0)]
    down, right_ = max(rows, 0), max(columns, 0)
    moved[down : down + kept.shape[0], right_ : right_ + kept.shape[1]] = kept
    return moved


@right(check.shifted_image)
def by_shifted(image, rows, columns):
    if abs(rows) >= image.shape[0] or abs(columns) >= image.shape[1]:
        return np.zeros_like(image)
    return augmentation.shifted(image[None], rows, columns)[0]


@right(check.shifted_image)
def rolled_within_a_frame(image, rows, columns):
    height, width = image.shape
    rows, columns = np.clip(rows, -height, height), np.clip(columns, -width, width)
    framed = np.pad(image, ((height, height), (width, width)))
    rolled = np.roll(framed, (rows, columns), axis=(0, 1))
    return rolled[height:-height, width:-width]


@right(check.shifted_image)
def in_lists(image, rows, columns):
    height, width = image.shape
    ink = {(i, j): image[i, j] for i in range(height) for j in range(width)}
    return [[ink.get((i - rows, j - columns), 0) for j in range(width)] for i in range(height)]


@right(check.shifted_image)
def where_it_came_from(image, rows, columns):
    i, j = np.indices(image.shape)
    i, j = i - rows, j - columns
    is_inside = (i >= 0) & (i < image.shape[0]) & (j >= 0) & (j < image.shape[1])
    return np.where(is_inside, image[i * is_inside, j * is_inside], 0)


@right(check.shifted_image)
def one_pixel_at_a_time(image, rows, columns):
    moved = image.astype(np.float32)
    for _ in range(abs(rows)):
        empty = np.zeros((1, moved.shape[1]))
        moved = np.vstack([empty, moved[:-1]] if rows > 0 else [moved[1:], empty])
    for _ in range(abs(columns)):
        empty = np.zeros((moved.shape[0], 1))
        moved = np.hstack([empty, moved[:, :-1]] if columns > 0 else [moved[:, 1:], empty])
    return moved


@right(check.shifted_image)
def looked_at_through_a_window(image, rows, columns):
    height, width = image.shape
    rows, columns = min(max(rows, -height), height), min(max(columns, -width), width)
    framed = np.pad(image, ((height, height), (width, width)))
    return framed[height - rows : 2 * height - rows, width - columns : 2 * width - columns]


@wrong(check.shifted_image)
def rows_alone(image, rows, columns):
    return check.shifted_image.solution(image, rows, 0)


@wrong(check.shifted_image)
def columns_alone(image, rows, columns):
    return check.shifted_image.solution(image, 0, columns)


@wrong(check.shifted_image)
def to_the_left(image, rows, columns):
    return check.shifted_image.solution(image, rows, -columns)


@wrong(check.shifted_image)
def not_moved(image, rows, columns):
    return image.copy()


@wrong(check.shifted_image)
def ones_come_in(image, rows, columns):
    moved = check.shifted_image.solution(image, rows, columns)
    kept = check.shifted_image.solution(np.ones_like(image), rows, columns)
    return moved + 1 - kept


@wrong(check.shifted_image)
def mirrored_at_the_edge(image, rows, columns):
    height, width = image.shape
    framed = np.pad(image, ((height, height), (width, width)), mode="symmetric")
    rows, columns = np.clip(rows, -height, height), np.clip(columns, -width, width)
    return framed[height - rows : 2 * height - rows, width - columns : 2 * width - columns]


@wrong(check.shifted_image)
def cut_and_not_filled(image, rows, columns):
    height, width = image.shape
    return image[max(-rows, 0) : max(height - rows, 0), max(-columns, 0) : max(width - columns, 0)]


@wrong(check.shifted_image)
def sizes_of_the_shifts(image, rows, columns):
    return check.shifted_image.solution(image, abs(rows), abs(columns))


@wrong(check.shifted_image)
def never_beyond_the_edge(image, rows, columns):
    height, width = image.shape
    rows = int(np.clip(rows, 1 - height, height - 1))
    columns = int(np.clip(columns, 1 - width, width - 1))
    return check.shifted_image.solution(image, rows, columns)


@wrong(check.shifted_image)
def rolled_and_cleared_where_it_came_round(image, rows, columns):
    moved = np.roll(image, (rows, columns), axis=(0, 1))
    if rows > 0:
        moved[:rows] = 0
    elif rows < 0:
        moved[rows] = 0
    if columns > 0:
        moved[:, :columns] = 0
    elif columns < 0:
        moved[:, columns] = 0
    return moved


@wrong(check.shifted_image)
def written_into_the_image(image, rows, columns):
    image[:] = check.shifted_image.solution(image, rows, columns)
    return image


@wrong(check.shifted_image)
def by_one_pixel_only(image, rows, columns):
    return check.shifted_image.solution(image, int(np.sign(rows)), int(np.sign(columns)))


@wrong(check.shifted_image)
def too_far_is_left_as_it_is(image, rows, columns):
    if abs(rows) >= image.shape[0] or abs(columns) >= image.shape[1]:
        return image.copy()
    return check.shifted_image.solution(image, rows, columns)


@wrong(check.shifted_image)
def wrapped_along_one_axis(image, rows, columns):
    return np.roll(check.shifted_image.solution(image, rows, 0), columns, axis=1)


@right(check.ensemble_prediction)
def largest_sum(probabilities):
    return np.argmax(np.sum(probabilities, axis=0), axis=-1)


@right(check.ensemble_prediction)
def sample_by_sample(probabilities):
    labels = []
    for i in range(probabilities.shape[1]):
        mean = np.average(probabilities[:, i], axis=0).tolist()
        labels.append(mean.index(max(mean)))
    return labels


@right(check.ensemble_prediction)
def by_a_product_with_shares(probabilities):
    n_networks = len(probabilities)
    shares = np.full(n_networks, 1 / n_networks)
    return np.tensordot(shares, probabilities, axes=1).argmax(1)


@right(check.ensemble_prediction)
def ensemble_by_einsum(probabilities):
    return np.einsum("mnc->nc", probabilities).argmax(axis=1).astype(np.uint8)


@right(check.ensemble_prediction)
def ensemble_in_float32(probabilities):
    return probabilities.astype(np.float32).mean(0).argmax(-1)


@right(check.ensemble_prediction)
def added_up_in_a_loop(probabilities):
    total = np.zeros_like(probabilities[0])
    for network in probabilities:
        total += network
    return [int(np.flatnonzero(row == row.max())[0]) for row in total]


@right(check.ensemble_prediction)
def ensemble_by_sorting(probabilities):
    mean = probabilities.mean(axis=0)
    for row in np.argsort(-mean, axis=1, kind="stable"):
        yield row[0]


@wrong(check.ensemble_prediction)
def least_probable(probabilities):
    return probabilities.mean(axis=0).argmin(axis=1)


@wrong(check.ensemble_prediction)
def ensemble_counted_from_1(probabilities):
    return probabilities.mean(axis=0).argmax(axis=1) + 1


@wrong(check.ensemble_prediction)
def one_hot_rows(probabilities):
    mean = probabilities.mean(axis=0)
    return (mean == mean.max(axis=1, keepdims=True)).astype(int)


@wrong(check.ensemble_prediction)
def harmonic_mean(probabilities):
    return (1 / probabilities).sum(axis=0).argmin(axis=1)


@wrong(check.ensemble_prediction)
def root_mean_square(probabilities):
    return (probabilities**2).mean(axis=0).argmax(axis=1)


@wrong(check.ensemble_prediction)
def last_network(probabilities):
    return probabilities[-1].argmax(axis=1)


@wrong(check.ensemble_prediction)
def softmax_of_probabilities(probabilities):
    return np.exp(8 * probabilities).mean(axis=0).argmax(axis=1)


@wrong(check.ensemble_prediction)
def smallest_doubt(probabilities):
    return probabilities.min(axis=0).argmax(axis=1)


@wrong(check.ensemble_prediction)
def most_and_least_left_out(probabilities):
    return np.sort(probabilities, axis=0)[1:-1].mean(axis=0).argmax(axis=1)


@wrong(check.ensemble_prediction)
def without_the_last_network(probabilities):
    return probabilities[:-1].mean(axis=0).argmax(axis=1)


@wrong(check.ensemble_prediction)
def more_than_half_or_the_first(probabilities):
    mean = probabilities.mean(axis=0)
    return (mean > 0.5).argmax(axis=1)


@wrong(check.ensemble_prediction)
def median_label(probabilities):
    return np.sort(probabilities.argmax(axis=2), axis=0)[len(probabilities) // 2]


@wrong(check.ensemble_prediction)
def labels_as_floats(probabilities):
    return probabilities.mean(axis=0).argmax(axis=1).astype(float)


@wrong(check.ensemble_prediction)
def rounded_before_the_mean(probabilities):
    return np.round(probabilities, 1).mean(axis=0).argmax(axis=1)


@wrong(check.ensemble_prediction)
def label_and_probability(probabilities):
    mean = probabilities.mean(axis=0)
    return mean.argmax(axis=1), mean.max(axis=1)


@wrong(check.ensemble_prediction)
def surest_network_by_entropy(probabilities):
    doubt = -np.sum(probabilities * np.log(probabilities), axis=2).argmin(axis=0)
    surest = np.abs(doubt) % len(probabilities)
    return probabilities[surest, np.arange(probabilities.shape[1])].argmax(axis=1)


@right(check.top_k_error)
def by_argpartition(scores, labels, k):
    best = np.argpartition(-scores, k, axis=1)[:, :k]
    return np.mean([label not in row for label, row in zip(labels, best, strict=True)])


@right(check.top_k_error)
def by_the_number_of_larger_ones(scores, labels, k):
    own = scores[np.arange(len(scores)), labels]
    return ((scores > own[:, None]).sum(axis=1) >= k).mean()


@right(check.top_k_error)
def by_ranks(scores, labels, k):
    ranks = np.argsort(np.argsort(-scores, axis=1), axis=1)
    return float(np.mean(np.take_along_axis(ranks, labels[:, None], axis=1) >= k))


@right(check.top_k_error)
def by_the_k_th_score(scores, labels, k):
    border = np.sort(scores, axis=1)[:, -k]
    return np.mean(scores[range(len(labels)), labels] < border)


@right(check.top_k_error)
def counted_in_a_loop(scores, labels, k):
    missed = 0
    for row, label in zip(scores.tolist(), labels.tolist(), strict=True):
        best = sorted(range(len(row)), key=row.__getitem__, reverse=True)[:k]
        missed += label not in best
    return missed / len(labels)


@right(check.top_k_error)
def maximum_by_maximum(scores, labels, k):
    left, missed = scores.astype(np.float32), np.ones(len(labels), dtype=bool)
    for _ in range(k):
        best = left.argmax(axis=1)
        missed &= best != labels
        left[np.arange(len(left)), best] = -np.inf
    return missed.astype(np.float32).mean()


@right(check.top_k_error)
def as_a_fraction(scores, labels, k):
    best = np.argsort(-scores, axis=1)[:, :k]
    found = sum(int(label) in row.tolist() for label, row in zip(labels, best, strict=True))
    return Fraction(len(labels) - found, len(labels))


@wrong(check.top_k_error)
def k_ignored_for_five(scores, labels, k):
    return check.top_k_error.solution(scores, labels, 5)


@wrong(check.top_k_error)
def for_each_sample(scores, labels, k):
    return ~(np.argsort(scores, axis=1)[:, -k:] == labels[:, None]).any(axis=1)


@wrong(check.top_k_error)
def sum_of_the_matches(scores, labels, k):
    return np.sum(np.argsort(scores, axis=1)[:, -k:] == labels[:, None])


@wrong(check.top_k_error)
def by_absolute_scores(scores, labels, k):
    return check.top_k_error.solution(np.abs(scores), labels, k)


@wrong(check.top_k_error)
def maxima_set_to_0(scores, labels, k):
    left, missed = scores.copy(), np.ones(len(labels), dtype=bool)
    for _ in range(k):
        best = left.argmax(axis=1)
        missed &= best != labels
        left[np.arange(len(left)), best] = 0
    return missed.mean()


@wrong(check.top_k_error)
def maxima_overwritten(scores, labels, k):
    missed = np.ones(len(labels), dtype=bool)
    for _ in range(k):
        best = scores.argmax(axis=1)
        missed &= best != labels
        scores[np.arange(len(scores)), best] = -np.inf
    return missed.mean()


@wrong(check.top_k_error)
def all_must_match(scores, labels, k):
    return 1 - (np.argsort(scores, axis=1)[:, -k:] == labels[:, None]).all(axis=1).mean()


@wrong(check.top_k_error)
def labels_below_k(scores, labels, k):
    return np.mean(labels >= k)


@wrong(check.top_k_error)
def divided_by_k(scores, labels, k):
    return check.top_k_error.solution(scores, labels, k) / k


@wrong(check.top_k_error)
def divided_by_n_classes(scores, labels, k):
    n, n_classes = scores.shape
    return check.top_k_error.solution(scores, labels, k) * n / n_classes


@wrong(check.top_k_error)
def best_classes_of_all(scores, labels, k):
    best = np.argsort(scores.mean(axis=0))[-k:]
    return np.mean(~np.isin(labels, best))


@wrong(check.top_k_error)
def first_k_columns_left_out(scores, labels, k):
    best = np.argsort(scores, axis=1)[:, k:]
    return 1 - np.mean((best == labels[:, None]).any(axis=1))


@wrong(check.top_k_error)
def accuracy_of_top_1_less(scores, labels, k):
    return 1 - k * np.mean(scores.argmax(axis=1) == labels)


@wrong(check.top_k_error)
def ranks_upwards(scores, labels, k):
    ranks = np.argsort(np.argsort(scores, axis=1), axis=1)
    return np.mean(ranks[np.arange(len(labels)), labels] >= k)


@right(check.mixed_precision_step)
def scale_of_float32(weights, scaled_gradient, loss_scale, learning_rate):
    if np.isnan(scaled_gradient).any() or np.isinf(scaled_gradient).any():
        return np.array(weights)
    return weights - np.float32(learning_rate / loss_scale) * np.float32(scaled_gradient)


@right(check.mixed_precision_step)
def computed_in_float64_and_rounded_once(weights, scaled_gradient, loss_scale, learning_rate):
    gradient = scaled_gradient.astype(float) / loss_scale
    if not np.all(np.isfinite(gradient)):
        gradient = np.zeros_like(gradient)
    return (weights - learning_rate * gradient).astype(np.float32)


@right(check.mixed_precision_step)
def one_weight_at_a_time(weights, scaled_gradient, loss_scale, learning_rate):
    if not all(math.isfinite(g) for g in scaled_gradient.flat):
        return weights.tolist()
    new = np.empty_like(weights)
    for i in np.ndindex(weights.shape):
        new[i] = float(weights[i]) - learning_rate * float(scaled_gradient[i]) / loss_scale
    return new


@right(check.mixed_precision_step)
def written_into_a_copy(weights, scaled_gradient, loss_scale, learning_rate):
    new = weights.copy()
    if np.isfinite(scaled_gradient.astype(np.float32).sum()):
        new -= learning_rate * (scaled_gradient.astype("f4") / loss_scale)
    return new


@right(check.mixed_precision_step)
def divided_with_a_type(weights, scaled_gradient, loss_scale, learning_rate):
    gradient = np.divide(scaled_gradient, loss_scale, dtype=np.float32)
    new = weights - learning_rate * gradient
    return new if np.isfinite(new).all() else weights + 0


@right(check.mixed_precision_step)
def chosen_by_where(weights, scaled_gradient, loss_scale, learning_rate):
    gradient = scaled_gradient.astype(np.float32) / loss_scale
    usable = np.isfinite(gradient).all()
    return np.where(usable, weights - learning_rate * gradient, weights)


@right(check.mixed_precision_step)
def gradient_times_the_reciprocal(weights, scaled_gradient, loss_scale, learning_rate):
    largest = np.abs(scaled_gradient).max()
    if not largest <= np.finfo(np.float16).max:
        return weights.copy()
    return np.subtract(weights, scaled_gradient.astype(np.float32) * (learning_rate / loss_scale))


@right(check.mixed_precision_step)
def the_same_array_where_it_burst(weights, scaled_gradient, loss_scale, learning_rate):
    if not np.isfinite(scaled_gradient).all():
        return weights
    return weights - learning_rate * (scaled_gradient.astype(np.float32) / loss_scale)


@wrong(check.mixed_precision_step)
def up_the_slope_in_float32(weights, scaled_gradient, loss_scale, learning_rate):
    return check.mixed_precision_step.solution(weights, scaled_gradient, loss_scale, -learning_rate)


@wrong(check.mixed_precision_step)
def learning_rate_forgotten(weights, scaled_gradient, loss_scale, learning_rate):
    return check.mixed_precision_step.solution(weights, scaled_gradient, loss_scale, 1)


@wrong(check.mixed_precision_step)
def zeros_where_it_burst(weights, scaled_gradient, loss_scale, learning_rate):
    if not np.isfinite(scaled_gradient).all():
        return np.zeros_like(weights)
    return check.mixed_precision_step.solution(weights, scaled_gradient, loss_scale, learning_rate)


@wrong(check.mixed_precision_step)
def gradient_alone(weights, scaled_gradient, loss_scale, learning_rate):
    return scaled_gradient.astype(np.float32) / loss_scale


@wrong(check.mixed_precision_step)
def never_a_step(weights, scaled_gradient, loss_scale, learning_rate):
    return weights.copy()


@wrong(check.mixed_precision_step)
def scaled_again_in_float16(weights, scaled_gradient, loss_scale, learning_rate):
    if not np.isfinite(scaled_gradient).all():
        return weights.copy()
    return weights - learning_rate * (scaled_gradient * loss_scale).astype(np.float32)


@wrong(check.mixed_precision_step)
def burst_by_the_sum_in_float16(weights, scaled_gradient, loss_scale, learning_rate):
    if not np.isfinite(scaled_gradient.sum()):
        return weights.copy()
    return check.mixed_precision_step.solution(weights, scaled_gradient, loss_scale, learning_rate)


@wrong(check.mixed_precision_step)
def left_out_only_if_all_is_bad(weights, scaled_gradient, loss_scale, learning_rate):
    if not np.isfinite(scaled_gradient).any():
        return weights.copy()
    gradient = scaled_gradient.astype(np.float32) / loss_scale
    return weights - learning_rate * gradient


@wrong(check.mixed_precision_step)
def left_out_if_any_is_zero(weights, scaled_gradient, loss_scale, learning_rate):
    if not np.isfinite(scaled_gradient).all() or not scaled_gradient.all():
        return weights.copy()
    return weights - learning_rate * (scaled_gradient.astype(np.float32) / loss_scale)


@wrong(check.mixed_precision_step)
def clipped_to_one(weights, scaled_gradient, loss_scale, learning_rate):
    if not np.isfinite(scaled_gradient).all():
        return weights.copy()
    gradient = np.clip(scaled_gradient.astype(np.float32) / loss_scale, -1, 1)
    return weights - learning_rate * gradient


@wrong(check.mixed_precision_step)
def all_in_float64(weights, scaled_gradient, loss_scale, learning_rate):
    new = check.mixed_precision_step.solution(weights, scaled_gradient, loss_scale, learning_rate)
    return new.astype(float)


@wrong(check.mixed_precision_step)
def a_scale_of_its_own(weights, scaled_gradient, loss_scale, learning_rate):
    return check.mixed_precision_step.solution(weights, scaled_gradient, 1024, learning_rate)


@wrong(check.mixed_precision_step)
def weights_unscaled_too(weights, scaled_gradient, loss_scale, learning_rate):
    if not np.isfinite(scaled_gradient).all():
        return weights.copy()
    step = learning_rate * scaled_gradient.astype(np.float32)
    return (weights - step) / np.float32(loss_scale)


@wrong(check.mixed_precision_step)
def nothing_where_it_burst(weights, scaled_gradient, loss_scale, learning_rate):
    if np.isfinite(scaled_gradient).all():
        return weights - learning_rate * (scaled_gradient.astype(np.float32) / loss_scale)
    return None


@wrong(check.mixed_precision_step)
def weights_and_scale(weights, scaled_gradient, loss_scale, learning_rate):
    new = check.mixed_precision_step.solution(weights, scaled_gradient, loss_scale, learning_rate)
    return new, loss_scale / 2


@wrong(check.mixed_precision_step)
def never_notices_minus_infinity(weights, scaled_gradient, loss_scale, learning_rate):
    if np.isnan(scaled_gradient).any() or np.isposinf(scaled_gradient).any():
        return weights.copy()
    return weights - learning_rate * (scaled_gradient.astype(np.float32) / loss_scale)


@wrong(check.mixed_precision_step)
def asks_whether_the_largest_is_finite(weights, scaled_gradient, loss_scale, learning_rate):
    if not np.isfinite(scaled_gradient.max()):
        return weights.copy()
    return weights - learning_rate * (scaled_gradient.astype(np.float32) / loss_scale)
