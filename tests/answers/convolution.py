"""Answers to the exercises of chapter 7."""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from answers import right, wrong
from downslope import check
from downslope.convolution import Convolution


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
