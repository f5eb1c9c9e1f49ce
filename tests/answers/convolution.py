"""Answers to the exercises of chapter 7."""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from answers import right, wrong
from downslope import check
from downslope.convolution import Convolution, MaxPooling


@right(check.cross_correlation)
def correlated_in_four_loops(x, w):
    h, k = len(x) - len(w) + 1, len(w)
    y = np.zeros((h, x.shape[1] - k + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            for p in range(k):
                for q in range(k):
                    y[i, j] += x[i + p, j + q] * w[p, q]
    return y


@right(check.cross_correlation)
def correlated_in_lists(x, w):
    x, w = x.tolist(), w.tolist()
    k = len(w)
    return [
        [
            sum(x[i + p][j + q] * w[p][q] for p in range(k) for q in range(k))
            for j in range(len(x[0]) - k + 1)
        ]
        for i in range(len(x) - k + 1)
    ]


@right(check.cross_correlation)
def window_after_window(x, w):
    k, (h, b) = w.shape[0], x.shape
    y = np.empty((h - k + 1, b - k + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = (x[i : i + k, j : j + k] * w).sum()
    return y


@right(check.cross_correlation)
def weight_after_weight(x, w):
    down, across = np.subtract(x.shape, w.shape) + 1
    y = 0
    for (p, q), weight in np.ndenumerate(w):
        y = y + weight * x[p : p + down, q : q + across]
    return y


@right(check.cross_correlation)
def correlated_by_tensordot(x, w):
    return np.tensordot(sliding_window_view(x, w.shape), w, axes=2)


@right(check.cross_correlation)
def correlated_by_strides(x, w):
    shape = (*(np.subtract(x.shape, w.shape) + 1), *w.shape)
    return np.einsum("abij,ij", as_strided(x, shape, 2 * x.strides), w)


@right(check.cross_correlation)
def correlated_by_one_matrix_product(x, w):
    windows = sliding_window_view(x, w.shape)
    return (windows.reshape(-1, w.size) @ w.ravel()).reshape(windows.shape[:2])


@right(check.cross_correlation)
def correlated_in_float32(x, w):
    x, w = x.astype(np.float32), w.astype(np.float32)
    return (sliding_window_view(x, w.shape) * w).sum(axis=(-2, -1))


@right(check.cross_correlation)
def rows_by_np_correlate(x, w):
    k = len(w)
    for i in range(len(x) - k + 1):
        yield sum(np.correlate(x[i + p], w[p], "valid") for p in range(k))


@right(check.cross_correlation)
def a_convolution_with_the_filter_turned_twice(x, w):
    turned = np.rot90(w, 2)
    return np.array(
        [
            sum(np.convolve(x[i + p], turned[-1 - p], "valid") for p in range(len(w)))
            for i in range(len(x) - len(w) + 1)
        ]
    )


@right(check.cross_correlation)
def correlated_by_fourier(x, w):
    spectrum = np.fft.rfft2(x) * np.conj(np.fft.rfft2(w, x.shape))
    down, across = np.subtract(x.shape, w.shape) + 1
    return np.fft.irfft2(spectrum, x.shape)[:down, :across]


@right(check.cross_correlation)
def by_the_layer_of_the_book(x, w):
    layer = Convolution(w[None, None], np.zeros(1))
    return layer.forward(x[None, None].astype(float))[0, 0]


@wrong(check.cross_correlation)
def largest_product(x, w):
    return (sliding_window_view(x, w.shape) * w).max(axis=(2, 3))


@wrong(check.cross_correlation)
def image_transposed(x, w):
    return check.cross_correlation.solution(x.T, w)


@wrong(check.cross_correlation)
def height_and_width_swapped(x, w):
    k, (h, b) = len(w), x.shape
    y = np.zeros((b - k + 1, h - k + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.sum(x[i : i + k, j : j + k] * w)
    return y


@wrong(check.cross_correlation)
def upside_down(x, w):
    return check.cross_correlation.solution(x, w[::-1])


@wrong(check.cross_correlation)
def mirrored(x, w):
    return check.cross_correlation.solution(x, w[:, ::-1])


@wrong(check.cross_correlation)
def absolute_values(x, w):
    return np.abs(check.cross_correlation.solution(x, w))


@wrong(check.cross_correlation)
def with_relu(x, w):
    return np.maximum(check.cross_correlation.solution(x, w), 0)


@wrong(check.cross_correlation)
def always_three_by_three(x, w):
    return np.array(
        [
            [np.sum(x[i : i + 3, j : j + 3] * w) for j in range(x.shape[1] - 2)]
            for i in range(x.shape[0] - 2)
        ]
    )


@wrong(check.cross_correlation)
def one_place_too_few_down_only(x, w):
    return check.cross_correlation.solution(x, w)[:-1]


@wrong(check.cross_correlation)
def sum_of_the_window_alone(x, w):
    return check.cross_correlation.solution(x, np.ones(w.shape))


@wrong(check.cross_correlation)
def in_one_long_row(x, w):
    return check.cross_correlation.solution(x, w).ravel()


@wrong(check.cross_correlation)
def cut_off_to_whole_numbers(x, w):
    return check.cross_correlation.solution(x, w).astype(int)


@wrong(check.cross_correlation)
def products_added_along_rows_only(x, w):
    return (sliding_window_view(x, w.shape) * w).sum(axis=3)


@wrong(check.cross_correlation)
def the_next_place_overwrites(x, w):
    y = np.zeros(np.subtract(x.shape, w.shape) + 1)
    for i, j in np.ndindex(y.shape):
        for p, q in np.ndindex(w.shape):
            y[i, j] = x[i + p, j + q] * w[p, q]
    return y


@wrong(check.cross_correlation)
def into_an_array_like_x(x, w):
    y = np.zeros_like(x)[len(w) - 1 :, len(w) - 1 :]
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.sum(x[i : i + len(w), j : j + len(w)] * w)
    return y


@wrong(check.cross_correlation)
def centred_with_an_even_one_to_the_left(x, w):
    k = len(w)
    return check.cross_correlation.solution(np.pad(x, ((k - 1) // 2, k // 2)), w)


@wrong(check.cross_correlation)
def convolved_wherever_it_touches(x, w):
    k = len(w)
    return check.cross_correlation.solution(np.pad(x, k - 1), w[::-1, ::-1])


@wrong(check.cross_correlation)
def result_on_its_side(x, w):
    return check.cross_correlation.solution(x, w).T


@right(check.output_places)
def places_counted_one_by_one(n, size, stride, padding):
    places, begin = 0, -padding
    while begin + size <= n + padding:
        places += 1
        begin += stride
    return places


@right(check.output_places)
def length_of_a_range(n, size, stride, padding):
    return len(range(0, n + 2 * padding - size + 1, stride))


@right(check.output_places)
def places_by_floor(n, size, stride, padding):
    return math.floor((n + 2 * padding - size) / stride + 1)


@right(check.output_places)
def places_by_divmod(n, size, stride, padding):
    steps, _dropped = divmod(n + 2 * padding - size, stride)
    return 1 + steps


@right(check.output_places)
def cut_off_by_int(n, size, stride, padding):
    return int(1 + (n - size + 2 * padding) / stride)


@right(check.output_places)
def every_stride_th_window(n, size, stride, padding):
    line = np.zeros(n + 2 * padding)
    return len(sliding_window_view(line, size)[::stride])


@right(check.output_places)
def rounded_up_from_the_places_at_stride_1(n, size, stride, padding):
    return -(-(n + 2 * padding - size + 1) // stride)


@right(check.output_places)
def places_as_a_numpy_integer(n, size, stride, padding):
    return np.floor_divide(n + 2 * padding - size + stride, stride)


@right(check.output_places)
def places_in_an_array_of_no_axes(n, size, stride, padding):
    return np.array(np.floor((n + 2 * padding - size) / stride)).astype(int) + 1


@right(check.output_places)
def sum_of_ones(n, size, stride, padding):
    return sum(1 for begin in range(n + 2 * padding - size + 1) if begin % stride == 0)


@wrong(check.output_places)
def size_and_stride_swapped(n, size, stride, padding):
    return (n + 2 * padding - stride) // size + 1


@wrong(check.output_places)
def whole_but_a_float(n, size, stride, padding):
    return np.floor((n + 2 * padding - size) / stride) + 1


@wrong(check.output_places)
def rounded_after_adding_one(n, size, stride, padding):
    return round((n + 2 * padding - size) / stride + 1)


@wrong(check.output_places)
def padding_on_four_sides(n, size, stride, padding):
    return (n + 4 * padding - size) // stride + 1


@wrong(check.output_places)
def padding_taken_off(n, size, stride, padding):
    return (n - 2 * padding - size) // stride + 1


@wrong(check.output_places)
def two_too_many(n, size, stride, padding):
    return (n + 2 * padding - size) // stride + 2


@wrong(check.output_places)
def multiplied_by_the_stride(n, size, stride, padding):
    return (n + 2 * padding - size) * stride + 1


@wrong(check.output_places)
def window_taken_off_on_both_sides(n, size, stride, padding):
    return (n + 2 * padding - 2 * (size // 2)) // stride


@wrong(check.output_places)
def only_image_divided(n, size, stride, padding):
    return n // stride + 2 * padding - size + 1


@wrong(check.output_places)
def only_window_divided(n, size, stride, padding):
    return n + 2 * padding - size // stride + 1


@wrong(check.output_places)
def places_squared(n, size, stride, padding):
    return check.output_places.solution(n, size, stride, padding) ** 2


@wrong(check.output_places)
def pixels_left_over(n, size, stride, padding):
    return (n + 2 * padding - size) % stride


@wrong(check.output_places)
def as_many_as_pixels(n, size, stride, padding):
    return n


@wrong(check.output_places)
def padding_that_keeps_the_size(n, size, stride, padding):
    return (n + 2 * (size // 2) - size) // stride + 1


@wrong(check.output_places)
def both_rounded_by_themselves(n, size, stride, padding):
    return (n + 2 * padding) // stride - size // stride + 1


@wrong(check.output_places)
def begun_at_the_stride(n, size, stride, padding):
    return len(range(stride, n + 2 * padding - size + 1, stride))


@wrong(check.output_places)
def a_step_missed_at_the_end(n, size, stride, padding):
    return len(range(0, n + 2 * padding - size, stride))


@right(check.feature_maps)
def maps_in_loops(x, W, b):
    (n_filters, _, k, _), (_, height, width) = W.shape, x.shape
    y = np.zeros((n_filters, height - k + 1, width - k + 1))
    for f, i, j in np.ndindex(y.shape):
        y[f, i, j] = np.sum(x[:, i : i + k, j : j + k] * W[f]) + b[f]
    return y


@right(check.feature_maps)
def maps_from_cross_correlations(x, W, b):
    maps = []
    for filter_, bias in zip(W, b, strict=True):
        parts = [check.cross_correlation.solution(*pair) for pair in zip(x, filter_, strict=True)]
        maps.append(sum(parts) + bias)
    return np.array(maps)


@right(check.feature_maps)
def maps_by_tensordot(x, W, b):
    k = W.shape[-1]
    windows = sliding_window_view(x, (k, k), axis=(1, 2))
    return np.tensordot(W, windows, axes=((1, 2, 3), (0, 3, 4))) + b.reshape(-1, 1, 1)


@right(check.feature_maps)
def maps_by_one_matrix_product(x, W, b):
    k = W.shape[-1]
    windows = sliding_window_view(x, (len(x), k, k))[0]
    y = windows.reshape(-1, W[0].size) @ W.reshape(len(W), -1).T + b
    return y.T.reshape(len(W), *windows.shape[:2])


@right(check.feature_maps)
def maps_in_float32(x, W, b):
    x, W, b = (array.astype(np.float32) for array in (x, W, b))
    windows = sliding_window_view(x, W.shape[2:], axis=(1, 2))
    return np.einsum("cijpq,fcpq->fij", windows, W) + b[:, None, None]


@right(check.feature_maps)
def maps_in_lists(x, W, b):
    _, height, width = x.shape
    k = W.shape[-1]
    return [
        [
            [float((x[:, i : i + k, j : j + k] * w).sum() + bias) for j in range(width - k + 1)]
            for i in range(height - k + 1)
        ]
        for w, bias in zip(W, b, strict=True)
    ]


@right(check.feature_maps)
def offset_after_offset(x, W, b):
    k = W.shape[-1]
    down, across = x.shape[1] - k + 1, x.shape[2] - k + 1
    y = np.zeros((len(W), down, across)) + b[:, None, None]
    for p, q in np.ndindex(k, k):
        y += np.einsum("fc,cij->fij", W[:, :, p, q], x[:, p : p + down, q : q + across])
    return y


@right(check.feature_maps)
def maps_by_the_layer_of_the_book(x, W, b):
    return Convolution(W, b).forward(x[np.newaxis].astype(float))[0]


@right(check.feature_maps)
def map_after_map(x, W, b):
    for w, bias in zip(W, b, strict=True):
        yield np.einsum("aijcpq,cpq->ij", sliding_window_view(x, w.shape), w) + bias


@wrong(check.feature_maps)
def channels_apart_without_bias(x, W, b):
    return np.einsum("cijpq,fcpq->fcij", sliding_window_view(x, W.shape[2:], (1, 2)), W)


@wrong(check.feature_maps)
def bias_multiplied(x, W, b):
    return check.feature_maps.solution(x, W, 0 * b) * b[:, None, None]


@wrong(check.feature_maps)
def bias_subtracted(x, W, b):
    return check.feature_maps.solution(x, W, -b)


@wrong(check.feature_maps)
def first_bias_for_all(x, W, b):
    return check.feature_maps.solution(x, W, np.full(len(b), b[0]))


@wrong(check.feature_maps)
def filters_transposed(x, W, b):
    return check.feature_maps.solution(x, W.transpose(0, 1, 3, 2), b)


@wrong(check.feature_maps)
def largest_over_the_channels(x, W, b):
    windows = sliding_window_view(x, W.shape[2:], axis=(1, 2))
    return np.einsum("cijpq,fcpq->fcij", windows, W).max(axis=1) + b[:, None, None]


@wrong(check.feature_maps)
def last_channel_overwrites(x, W, b):
    return check.feature_maps.solution(x[-1:], W[:, -1:], b)


@wrong(check.feature_maps)
def mean_of_all_products(x, W, b):
    return check.feature_maps.solution(x, W / W[0].size, b)


@wrong(check.feature_maps)
def maps_of_the_turned_image(x, W, b):
    return check.feature_maps.solution(x.transpose(0, 2, 1), W, b)


@wrong(check.feature_maps)
def maps_after_relu(x, W, b):
    return np.maximum(check.feature_maps.solution(x, W, b), 0)


@wrong(check.feature_maps)
def one_filter_one_channel(x, W, b):
    n = min(len(W), len(x))
    windows = sliding_window_view(x[:n], W.shape[2:], axis=(1, 2))
    y = np.zeros((len(W), *windows.shape[1:3])) + b[:, None, None]
    y[:n] += np.einsum("fijpq,fpq->fij", windows, W[range(n), range(n)])
    return y


@wrong(check.feature_maps)
def bias_in_every_product(x, W, b):
    return check.feature_maps.solution(x, W, W[0].size * b)


@wrong(check.feature_maps)
def with_an_axis_of_one_in_front(x, W, b):
    return check.feature_maps.solution(x, W, b)[np.newaxis]


@wrong(check.feature_maps)
def padded_to_keep_the_size(x, W, b):
    k = W.shape[-1]
    around = (k // 2, (k - 1) // 2)
    return check.feature_maps.solution(np.pad(x, ((0, 0), around, around)), W, b)


@wrong(check.feature_maps)
def channels_in_the_wrong_order(x, W, b):
    return check.feature_maps.solution(x[::-1], W, b)


@wrong(check.feature_maps)
def each_map_added_to_the_one_before(x, W, b):
    return np.cumsum(check.feature_maps.solution(x, W, b), axis=0)


@right(check.max_pooling)
def pooled_in_two_loops(x, size):
    y = np.zeros((x.shape[0] // size, x.shape[1] // size))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = x[i * size : (i + 1) * size, j * size : (j + 1) * size].max()
    return y


@right(check.max_pooling)
def pooled_in_lists(x, size):
    x = x.tolist()
    return [
        [
            max(x[i + p][j + q] for p in range(size) for q in range(size))
            for j in range(0, len(x[0]) - size + 1, size)
        ]
        for i in range(0, len(x) - size + 1, size)
    ]


@right(check.max_pooling)
def every_size_th_window(x, size):
    return sliding_window_view(x, (size, size))[::size, ::size].max(axis=(2, 3))


@right(check.max_pooling)
def largest_of_rows_then_of_columns(x, size):
    down, across = x.shape[0] // size, x.shape[1] // size
    x = x[: down * size, : across * size].reshape(down, size, -1).max(axis=1)
    return x.reshape(down, across, size).max(axis=2)


@right(check.max_pooling)
def larger_of_shifted_ones(x, size):
    down, across = x.shape[0] // size, x.shape[1] // size
    y = np.full((down, across), -np.inf)
    for p, q in np.ndindex(size, size):
        y = np.maximum(y, x[p::size, q::size][:down, :across])
    return y


@right(check.max_pooling)
def pooled_in_float32(x, size):
    x = x.astype(np.float32)
    windows = as_strided(
        x,
        (x.shape[0] // size, x.shape[1] // size, size, size),
        (x.strides[0] * size, x.strides[1] * size, *x.strides),
    )
    return np.amax(windows, axis=(-2, -1))


@right(check.max_pooling)
def pooled_by_the_layer_of_the_book(x, size):
    return MaxPooling(size).forward(x[None, None].astype(float))[0, 0]


@right(check.max_pooling)
def last_of_the_sorted(x, size):
    windows = sliding_window_view(x, (size, size))[::size, ::size]
    return np.sort(windows.reshape(*windows.shape[:2], -1), axis=-1)[..., -1]


@right(check.max_pooling)
def by_reduceat(x, size):
    rows, columns = np.arange(0, len(x) - size + 1, size), np.arange(0, x.shape[1] - size + 1, size)
    x = x[: len(rows) * size, : len(columns) * size]
    return np.maximum.reduceat(np.maximum.reduceat(x, rows, axis=0), columns, axis=1)


@right(check.max_pooling)
def pooled_row_of_windows_by_row(x, size):
    for i in range(0, len(x) // size * size, size):
        strip = x[i : i + size]
        yield [strip[:, j : j + size].max() for j in range(0, x.shape[1] // size * size, size)]


@wrong(check.max_pooling)
def median_of_each(x, size):
    windows = sliding_window_view(x, (size, size))[::size, ::size]
    return np.median(windows, axis=(2, 3))


@wrong(check.max_pooling)
def size_without_its_sign(x, size):
    windows = sliding_window_view(np.abs(x), (size, size))[::size, ::size]
    return windows.max(axis=(2, 3))


@wrong(check.max_pooling)
def always_two_by_two(x, size):
    return check.max_pooling.solution(x, 2)


@wrong(check.max_pooling)
def number_of_the_largest(x, size):
    windows = sliding_window_view(x, (size, size))[::size, ::size]
    return windows.reshape(*windows.shape[:2], -1).argmax(axis=2)


@wrong(check.max_pooling)
def rest_dropped_at_the_beginning(x, size):
    return check.max_pooling.solution(x[len(x) % size :, x.shape[1] % size :], size)


@wrong(check.max_pooling)
def last_window_takes_the_rest_in(x, size):
    y = check.max_pooling.solution(x, size)
    for i, j in np.ndindex(y.shape):
        rows = slice(i * size, (i + 1) * size if i < len(y) - 1 else None)
        columns = slice(j * size, (j + 1) * size if j < y.shape[1] - 1 else None)
        y[i, j] = x[rows, columns].max()
    return y


@wrong(check.max_pooling)
def pooled_the_other_way_round(x, size):
    return check.max_pooling.solution(x, size).T


@wrong(check.max_pooling)
def reshaped_without_cutting_the_rest_off(x, size):
    h, w = x.shape
    return x.reshape(h // size, size, w // size, size).max(axis=(1, 3))


@wrong(check.max_pooling)
def only_whole_images(x, size):
    if x.shape[0] % size or x.shape[1] % size:
        return None
    return check.max_pooling.solution(x, size)


@wrong(check.max_pooling)
def too_few_windows_by_one(x, size):
    return check.max_pooling.solution(x, size)[:-1, :-1]


@wrong(check.max_pooling)
def windows_in_one_row(x, size):
    return check.max_pooling.solution(x, size).ravel()


@wrong(check.max_pooling)
def largest_laid_back_over_the_image(x, size):
    return np.kron(check.max_pooling.solution(x, size), np.ones((size, size)))


@wrong(check.max_pooling)
def only_one_row_of_the_window(x, size):
    down, across = x.shape[0] // size, x.shape[1] // size
    x = x[: down * size : size, : across * size]
    return x.reshape(down, across, size).max(axis=2)


@wrong(check.max_pooling)
def number_of_places_swapped(x, size):
    y = np.zeros((x.shape[1] // size, x.shape[0] // size))
    for i, j in np.ndindex(y.shape):
        y[i, j] = x[i * size : (i + 1) * size, j * size : (j + 1) * size].max()
    return y


@wrong(check.max_pooling)
def search_begun_at_minus_a_million(x, size):
    return np.maximum(check.max_pooling.solution(x, size), -1e6)


@wrong(check.max_pooling)
def windows_overlapping_by_half(x, size):
    step = max(size // 2, 1)
    return sliding_window_view(x, (size, size))[::step, ::step].max(axis=(2, 3))


@right(check.im2col)
def unfolded_in_loops(x, size, stride):
    rows = []
    for i in range(0, x.shape[0] - size + 1, stride):
        for j in range(0, x.shape[1] - size + 1, stride):
            rows.append(x[i : i + size, j : j + size].ravel())
    return np.array(rows)


@right(check.im2col)
def unfolded_in_lists(x, size, stride):
    return [
        [x[i + p][j + q] for p in range(size) for q in range(size)]
        for i in range(0, len(x) - size + 1, stride)
        for j in range(0, len(x[0]) - size + 1, stride)
    ]


@right(check.im2col)
def unfolded_by_a_view(x, size, stride):
    windows = sliding_window_view(x, (size, size))[::stride, ::stride]
    return windows.reshape(-1, size**2)  # with a size of 1 this shares the memory of x


@right(check.im2col)
def unfolded_by_strides(x, size, stride):
    down, across = (np.array(x.shape) - size) // stride + 1
    steps = (x.strides[0] * stride, x.strides[1] * stride, *x.strides)
    return as_strided(x, (down, across, size, size), steps).reshape(down * across, -1)


@right(check.im2col)
def unfolded_offset_by_offset(x, size, stride):
    down, across = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    columns = np.empty((size, size, down, across))
    for p in range(size):
        for q in range(size):
            columns[p, q] = x[p : p + stride * down : stride, q : q + stride * across : stride]
    return columns.transpose(2, 3, 0, 1).reshape(down * across, size * size)


@right(check.im2col)
def unfolded_by_indices(x, size, stride):
    i = np.arange(0, len(x) - size + 1, stride)[:, None, None, None]
    j = np.arange(0, x.shape[1] - size + 1, stride)[:, None, None]
    p, q = np.arange(size)[:, None], np.arange(size)
    return x[i + p, j + q].reshape(-1, size * size)


@right(check.im2col)
def unfolded_in_float32(x, size, stride):
    windows = sliding_window_view(x.astype(np.float32), (size, size))[::stride, ::stride]
    return np.stack([window.flatten() for row in windows for window in row])


@right(check.im2col)
def unfolded_one_by_one(x, size, stride):
    for i in range(0, x.shape[0] - size + 1, stride):
        for j in range(0, x.shape[1] - size + 1, stride):
            yield x[i : i + size, j : j + size].flatten().tolist()


@right(check.im2col)
def gathered_by_flat_numbers(x, size, stride):
    places = np.arange(x.size).reshape(x.shape)
    numbers = sliding_window_view(places, (size, size))[::stride, ::stride]
    return x.ravel()[numbers.reshape(-1, size * size)]


@wrong(check.im2col)
def offsets_first_and_flat(x, size, stride):
    windows = sliding_window_view(x, (size, size))[::stride, ::stride]
    return windows.transpose(2, 3, 0, 1).reshape(size * size, -1)[::-1]


@wrong(check.im2col)
def pixels_from_the_end(x, size, stride):
    return check.im2col.solution(x, size, stride)[:, ::-1]


@wrong(check.im2col)
def places_from_the_end(x, size, stride):
    return check.im2col.solution(x, size, stride)[::-1]


@wrong(check.im2col)
def stride_to_the_right_only(x, size, stride):
    return sliding_window_view(x, (size, size))[:, ::stride].reshape(-1, size * size)


@wrong(check.im2col)
def as_many_as_fit_at_stride_1(x, size, stride):
    return check.im2col.solution(x, size, 1)[::stride]


@wrong(check.im2col)
def dilated_instead_of_strided(x, size, stride):
    wide = (size - 1) * stride + 1
    if wide > min(x.shape):
        return np.zeros((0, size * size))
    windows = sliding_window_view(x, (wide, wide))[:, :, ::stride, ::stride]
    return windows.reshape(-1, size * size)


@wrong(check.im2col)
def with_the_rest_filled_up(x, size, stride):
    ends = [(0, -(n - size) % stride) for n in x.shape]
    return check.im2col.solution(np.pad(x, ends), size, stride)


@wrong(check.im2col)
def only_rows_of_the_image(x, size, stride):
    return sliding_window_view(x, size, axis=1)[:, ::stride].reshape(-1, size)


@wrong(check.im2col)
def all_in_one_row(x, size, stride):
    return check.im2col.solution(x, size, stride).ravel()


@wrong(check.im2col)
def places_across_counted_from_the_height(x, size, stride):
    places = range(0, len(x) - size + 1, stride)
    return [x[i : i + size, j : j + size].ravel() for i in places for j in places]


@wrong(check.im2col)
def same_window_each_time(x, size, stride):
    y = check.im2col.solution(x, size, stride)
    return np.repeat(y[:1], len(y), axis=0)


@wrong(check.im2col)
def with_a_column_of_ones(x, size, stride):
    y = check.im2col.solution(x, size, stride)
    return np.hstack([y, np.ones((len(y), 1))])


@wrong(check.im2col)
def with_an_axis_for_the_image(x, size, stride):
    return check.im2col.solution(x, size, stride)[np.newaxis]


@wrong(check.im2col)
def largest_of_each_row(x, size, stride):
    return check.im2col.solution(x, size, stride).max(axis=1)


@wrong(check.im2col)
def shape_from_the_formula_with_swapped_sides(x, size, stride):
    windows = check.im2col.solution(x, size, stride)
    across = (x.shape[1] - size) // stride + 1
    return windows.reshape(across, -1, size * size).swapaxes(0, 1).reshape(-1, size * size)


def valid(x, w):
    return np.einsum("ijpq,pq->ij", sliding_window_view(x, w.shape), w)


@right(check.cross_correlation_backward)
def back_in_four_loops(x, w, upstream):
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(upstream.shape[0]):
        for j in range(upstream.shape[1]):
            for p in range(w.shape[0]):
                for q in range(w.shape[1]):
                    dx[i + p, j + q] += upstream[i, j] * w[p, q]
                    dw[p, q] += upstream[i, j] * x[i + p, j + q]
    return dx, dw


@right(check.cross_correlation_backward)
def full_with_the_filter_turned(x, w, upstream):
    padded = np.pad(upstream, len(w) - 1)
    return valid(padded, w[::-1, ::-1]), valid(x, upstream)


@right(check.cross_correlation_backward)
def back_weight_after_weight(x, w, upstream):
    h, b = upstream.shape
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for p, q in np.ndindex(w.shape):
        dx[p : p + h, q : q + b] += w[p, q] * upstream
        dw[p, q] = np.sum(x[p : p + h, q : q + b] * upstream)
    return dx, dw


@right(check.cross_correlation_backward)
def back_pixel_by_pixel_in_lists(x, w, upstream):
    k, (h, b) = len(w), upstream.shape
    dx = [
        [
            sum(
                upstream[i - p, j - q] * w[p, q]
                for p in range(k)
                for q in range(k)
                if 0 <= i - p < h and 0 <= j - q < b
            )
            for j in range(x.shape[1])
        ]
        for i in range(x.shape[0])
    ]
    dw = [
        [(x[p : p + h, q : q + b] * upstream).sum() for q in range(k)]  # one weight after the other
        for p in range(k)
    ]
    return [dx, dw]


@right(check.cross_correlation_backward)
def back_by_the_matrix_of_windows(x, w, upstream):
    numbers = np.arange(x.size).reshape(x.shape)
    numbers = sliding_window_view(numbers, w.shape).reshape(-1, w.size)
    dw = upstream.ravel() @ x.ravel()[numbers]
    dx = np.zeros(x.size)
    np.add.at(dx, numbers, np.outer(upstream, w))
    return dx.reshape(x.shape), dw.reshape(w.shape)


@right(check.cross_correlation_backward)
def back_by_one_large_matrix(x, w, upstream):
    columns = [valid(pixel.reshape(x.shape), w).ravel() for pixel in np.eye(x.size)]
    return (np.array(columns) @ upstream.ravel()).reshape(x.shape), valid(x, upstream)


@right(check.cross_correlation_backward)
def convolved_in_float32(x, w, upstream):
    x, w, upstream = (array.astype(np.float32) for array in (x, w, upstream))
    dx = np.zeros(x.shape, np.float32)
    for i, row in enumerate(upstream):
        for p, weights in enumerate(w):
            dx[i + p] += np.convolve(row, weights)
    return dx, np.tensordot(upstream, sliding_window_view(x, w.shape), axes=2)


@right(check.cross_correlation_backward)
def back_by_the_layer_of_the_book(x, w, upstream):
    layer = Convolution(w[None, None].astype(float), np.zeros(1))
    layer.forward(x[None, None].astype(float))
    dx = layer.backward(upstream[None, None].astype(float))
    return dx[0, 0], layer.dW[0, 0]


@right(check.cross_correlation_backward)
def back_by_fourier(x, w, upstream):
    y_spectrum = np.fft.rfft2(upstream, x.shape)
    dx = np.fft.irfft2(y_spectrum * np.fft.rfft2(w, x.shape), x.shape)
    dw = np.fft.irfft2(np.fft.rfft2(x) * y_spectrum.conj(), x.shape)
    yield dx
    yield dw[: len(w), : len(w)]


@wrong(check.cross_correlation_backward)
def only_the_gradient_of_x(x, w, upstream):
    return check.cross_correlation_backward.solution(x, w, upstream)[0]


@wrong(check.cross_correlation_backward)
def upstream_in_dx_only(x, w, upstream):
    dx, _ = check.cross_correlation_backward.solution(x, w, upstream)
    return dx, check.cross_correlation_backward.solution(x, w, np.ones(upstream.shape))[1]


@wrong(check.cross_correlation_backward)
def upstream_in_dw_only(x, w, upstream):
    _, dw = check.cross_correlation_backward.solution(x, w, upstream)
    return check.cross_correlation_backward.solution(x, w, np.ones(upstream.shape))[0], dw


@wrong(check.cross_correlation_backward)
def upstream_turned_for_dw(x, w, upstream):
    dx, _ = check.cross_correlation_backward.solution(x, w, upstream)
    return dx, valid(x, upstream[::-1, ::-1])


@wrong(check.cross_correlation_backward)
def upstream_turned_for_dx(x, w, upstream):
    dx, _ = check.cross_correlation_backward.solution(x, w, upstream[::-1, ::-1])
    return dx, valid(x, upstream)


@wrong(check.cross_correlation_backward)
def dw_transposed(x, w, upstream):
    dx, dw = check.cross_correlation_backward.solution(x, w, upstream)
    return dx, dw.T


@wrong(check.cross_correlation_backward)
def dw_from_all_of_x(x, w, upstream):
    dx, dw = check.cross_correlation_backward.solution(x, w, upstream)
    return dx, np.full(dw.shape, np.sum(x) * np.sum(upstream))


@wrong(check.cross_correlation_backward)
def dw_as_local_derivative_of_the_first_place(x, w, upstream):
    dx, _ = check.cross_correlation_backward.solution(x, w, upstream)
    return dx, x[: len(w), : len(w)] * upstream[0, 0]


@wrong(check.cross_correlation_backward)
def weights_in_place_of_x(x, w, upstream):
    dx, _ = check.cross_correlation_backward.solution(x, w, upstream)
    return dx, w * upstream.sum()


@wrong(check.cross_correlation_backward)
def padded_one_less(x, w, upstream):
    padded = np.pad(upstream, max(len(w) - 2, 0))
    dx = np.zeros(x.shape)
    part = valid(padded, w[::-1, ::-1])
    dx[: part.shape[0], : part.shape[1]] = part
    return dx, valid(x, upstream)


@wrong(check.cross_correlation_backward)
def upstream_laid_on_x(x, w, upstream):
    dx = np.zeros(x.shape)
    dx[: upstream.shape[0], : upstream.shape[1]] = upstream
    return dx * w.sum(), valid(x, upstream)


@wrong(check.cross_correlation_backward)
def sign_turned(x, w, upstream):
    dx, dw = check.cross_correlation_backward.solution(x, w, upstream)
    return -dx, -dw


@wrong(check.cross_correlation_backward)
def both_divided_by_the_places(x, w, upstream):
    dx, dw = check.cross_correlation_backward.solution(x, w, upstream)
    return dx / upstream.size, dw / upstream.size


@wrong(check.cross_correlation_backward)
def added_to_what_was_there(x, w, upstream):
    dx, dw = check.cross_correlation_backward.solution(x, w, upstream)
    return x + dx, w + dw


@wrong(check.cross_correlation_backward)
def last_row_of_places_left_out(x, w, upstream):
    return check.cross_correlation_backward.solution(x, w, 1.0 * upstream * _not_last(upstream))


def _not_last(upstream):
    kept = np.ones(upstream.shape)
    kept[-1] = 0
    return kept


@right(check.max_pooling_backward)
def back_to_argmax(x, size, upstream):
    dx = np.zeros_like(x)
    for i, j in np.ndindex(upstream.shape):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        p, q = np.unravel_index(np.argmax(window), window.shape)
        dx[i * size + p, j * size + q] = upstream[i, j]
    return dx


@right(check.max_pooling_backward)
def back_to_argmax_by_divmod_in_lists(x, size, upstream):
    dx = [[0.0] * x.shape[1] for _ in range(len(x))]
    for i in range(len(upstream)):
        for j in range(len(upstream[0])):
            window = x[i * size : i * size + size, j * size : j * size + size]
            p, q = divmod(int(window.argmax()), size)
            dx[i * size + p][j * size + q] = float(upstream[i, j])
    return dx


@right(check.max_pooling_backward)
def back_with_the_best_so_far(x, size, upstream):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(upstream.shape):
        best = i * size, j * size
        for p in range(i * size, (i + 1) * size):
            for q in range(j * size, (j + 1) * size):
                if x[p, q] > x[best]:
                    best = p, q
        dx[best] += upstream[i, j]
    return dx


@right(check.max_pooling_backward)
def put_along_the_axis(x, size, upstream):
    down, across = upstream.shape
    cut = x[: down * size, : across * size]
    windows = cut.reshape(down, size, across, size).transpose(0, 2, 1, 3).reshape(down, across, -1)
    d = np.zeros(windows.shape)
    np.put_along_axis(d, windows.argmax(2)[..., None], upstream[..., None], axis=2)
    d = d.reshape(down, across, size, size).transpose(0, 2, 1, 3).reshape(cut.shape)
    return np.pad(d, [(0, x.shape[0] - len(d)), (0, x.shape[1] - d.shape[1])])


@right(check.max_pooling_backward)
def back_by_the_layer_of_the_book_of_layers(x, size, upstream):
    layer = MaxPooling(size)
    layer.forward(x[None, None].astype(float))
    return layer.backward(upstream[None, None].astype(float))[0, 0]


@right(check.max_pooling_backward)
def masked_until_the_first_was_found(x, size, upstream):
    dx, found = np.zeros(x.shape), np.zeros(upstream.shape, bool)
    down, across = upstream.shape
    largest = sliding_window_view(x, (size, size))[::size, ::size].max(axis=(2, 3))
    for p, q in np.ndindex(size, size):
        here = (x[p::size, q::size][:down, :across] == largest) & ~found
        dx[p::size, q::size][:down, :across] = here * upstream
        found |= here
    return dx


@right(check.max_pooling_backward)
def back_in_float32(x, size, upstream):
    x, upstream = x.astype(np.float32), upstream.astype(np.float32)
    numbers = np.arange(x.size).reshape(x.shape)
    windows = sliding_window_view(x, (size, size))[::size, ::size].reshape(*upstream.shape, -1)
    numbers = sliding_window_view(numbers, (size, size))[::size, ::size].reshape(windows.shape)
    winners = np.take_along_axis(numbers, windows.argmax(-1)[..., None], -1)[..., 0]
    dx = np.zeros(x.size, np.float32)
    dx[winners] = upstream
    return dx.reshape(x.shape)


@right(check.max_pooling_backward)
def back_into_a_view_of_windows(x, size, upstream):
    dx = np.zeros(x.shape)
    views = sliding_window_view(dx, (size, size), writeable=True)[::size, ::size]
    windows = sliding_window_view(x, (size, size))[::size, ::size]
    for place, value in np.ndenumerate(upstream):
        views[place][np.unravel_index(windows[place].argmax(), (size, size))] = value
    return dx


@wrong(check.max_pooling_backward)
def upstream_to_the_upper_left(x, size, upstream):
    dx = np.zeros(x.shape)
    dx[: len(upstream) * size : size, : upstream.shape[1] * size : size] = upstream
    return dx


@wrong(check.max_pooling_backward)
def upstream_to_the_smallest(x, size, upstream):
    return check.max_pooling_backward.solution(-x, size, upstream)


@wrong(check.max_pooling_backward)
def upstream_to_the_farthest_from_zero(x, size, upstream):
    return check.max_pooling_backward.solution(np.abs(x), size, upstream)


@wrong(check.max_pooling_backward)
def only_where_positive(x, size, upstream):
    return check.max_pooling_backward.solution(x, size, upstream) * (x > 0)


@wrong(check.max_pooling_backward)
def added_to_x(x, size, upstream):
    return x + check.max_pooling_backward.solution(x, size, upstream)


@wrong(check.max_pooling_backward)
def divided_by_the_size_of_the_window(x, size, upstream):
    return check.max_pooling_backward.solution(x, size, upstream) / size**2


@wrong(check.max_pooling_backward)
def to_the_largest_of_each_row_of_the_window(x, size, upstream):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(upstream.shape):
        for p in range(i * size, (i + 1) * size):
            dx[p, j * size + x[p, j * size : (j + 1) * size].argmax()] = upstream[i, j]
    return dx


@wrong(check.max_pooling_backward)
def all_to_the_largest_of_the_image(x, size, upstream):
    dx = np.zeros(x.shape)
    dx[np.unravel_index(x.argmax(), x.shape)] = upstream.sum()
    return dx


@wrong(check.max_pooling_backward)
def upstream_of_the_window_across_the_diagonal(x, size, upstream):
    return check.max_pooling_backward.solution(x, size, upstream[::-1, ::-1])


@wrong(check.max_pooling_backward)
def sign_lost_on_the_way_back(x, size, upstream):
    return check.max_pooling_backward.solution(x, size, np.maximum(upstream, 0))


@wrong(check.max_pooling_backward)
def always_windows_of_two(x, size, upstream):
    return check.max_pooling_backward.solution(x, 2, upstream)


@wrong(check.max_pooling_backward)
def rest_gets_its_own_value(x, size, upstream):
    dx = check.max_pooling_backward.solution(x, size, upstream)
    dx[len(upstream) * size :] = x[len(upstream) * size :]
    return dx


@wrong(check.max_pooling_backward)
def rest_gets_the_upstream_of_the_nearest_window(x, size, upstream):
    dx = check.max_pooling_backward.solution(x, size, upstream)
    down, across = upstream.shape
    for i in range(down * size, len(x)):
        for j in range(across):
            dx[i, j * size] = upstream[-1, j]
    return dx


@wrong(check.max_pooling_backward)
def written_into_x(x, size, upstream):
    x[...] = check.max_pooling_backward.solution(x, size, upstream)
    return x


@wrong(check.max_pooling_backward)
def in_the_shape_of_the_windows(x, size, upstream):
    windows = sliding_window_view(x, (size, size))[::size, ::size]
    return (windows == windows.max((2, 3), keepdims=True)) * upstream[:, :, None, None]


@wrong(check.max_pooling_backward)
def with_a_tolerance_for_equals(x, size, upstream):
    return check.max_pooling_backward.solution(np.round(x), size, upstream)


@wrong(check.max_pooling_backward)
def search_begun_at_minus_a_million_on_the_way_back(x, size, upstream):
    return check.max_pooling_backward.solution(np.maximum(x, -1e6), size, upstream)


@wrong(check.max_pooling_backward)
def equals_by_isclose(x, size, upstream):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(upstream.shape):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        p, q = np.argwhere(np.isclose(window, window.max()))[0]
        dx[i * size + p, j * size + q] = upstream[i, j]
    return dx


@wrong(check.max_pooling_backward)
def windows_side_by_side(x, size, upstream):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(upstream.shape):
        window = x[i : i + size, j : j + size]
        p, q = np.unravel_index(window.argmax(), window.shape)
        dx[i + p, j + q] += upstream[i, j]
    return dx
