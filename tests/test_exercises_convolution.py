"""Chapter 7's exercises ask for what is right: layers and differences agree."""

import operator

import numpy as np
import pytest

from downslope import check
from downslope.check.wording import paragraph
from downslope.convolution import Convolution, MaxPooling, output_size
from downslope.differentiation import numerical_gradient
from downslope.formulas import relu


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_the_maps_asked_for_are_those_of_the_layer(rng):
    x, W, b = rng.normal(size=(3, 7, 5)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)
    asked, made = check.feature_maps.solution(x, W, b), Convolution(W, b).forward(x[np.newaxis])[0]
    np.testing.assert_allclose(asked, made, rtol=1e-12)
    one = check.cross_correlation.solution(x[0], W[0, 0])
    made = Convolution(W[:1, :1], np.zeros(1)).forward(x[np.newaxis, :1])[0, 0]
    np.testing.assert_allclose(one, made, rtol=1e-12)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_windows_asked_for_make_a_convolution_one_matrix_product(rng, stride):
    x, w = rng.normal(size=(7, 9)), rng.normal(size=(3, 3))
    places = [check.output_places.solution(n, 3, stride, 0) for n in x.shape]
    assert places == [output_size(n, 3, stride) for n in x.shape]
    product = (check.im2col.solution(x, 3, stride) @ w.ravel()).reshape(places)
    made = Convolution(w[np.newaxis, np.newaxis], np.zeros(1), stride).forward(x[None, None])[0, 0]
    np.testing.assert_allclose(product, made, rtol=1e-12)


def test_the_way_back_through_a_filter_is_what_differences_find(rng):
    x, w, upstream = rng.normal(size=(5, 6)), rng.normal(size=(3, 3)), rng.normal(size=(3, 4))
    dx, dw = check.cross_correlation_backward.solution(x, w, upstream)

    def end(x, w):
        return np.sum(upstream * check.cross_correlation.solution(x, w))

    np.testing.assert_allclose(dx, numerical_gradient(lambda x: end(x, w), x), atol=1e-8)
    np.testing.assert_allclose(dw, numerical_gradient(lambda w: end(x, w), w), atol=1e-8)


def test_the_way_back_through_a_pooling_is_what_differences_find(rng):
    x, upstream = rng.normal(size=(5, 7)), rng.normal(size=(2, 3))

    def end(x):
        return np.sum(upstream * check.max_pooling.solution(x, 2))

    asked = check.max_pooling_backward.solution(x, 2, upstream)
    np.testing.assert_allclose(asked, numerical_gradient(end, x), atol=1e-8)


def test_of_equals_the_same_one_is_asked_for_as_in_the_layer(rng):
    x, upstream = relu(rng.integers(-2, 2, (9, 8)) / 2), rng.normal(size=(3, 2))
    layer = MaxPooling(3)
    assert (layer.forward(x[None, None])[0, 0] == check.max_pooling.solution(x, 3)).all()
    asked = check.max_pooling_backward.solution(x, 3, upstream)
    np.testing.assert_array_equal(asked, layer.backward(upstream[None, None])[0, 0])


def test_the_images_to_pool_have_negative_windows_rows_left_over_and_equals():
    cases = [*check.max_pooling_backward.cases()]
    images = [(case["x"], case["size"]) for case in cases if case["size"] > 1]
    windows = [check.im2col.solution(x, size, size) for x, size in images]
    assert any((each.max(axis=1) < 0).any() for each in windows)
    assert any(
        ((each == each.max(axis=1, keepdims=True)).sum(axis=1) > 1).any() for each in windows
    )
    assert any(len(x) % size and x.shape[1] % size for x, size in images)


def hears(exercise, answer, known):
    """Whether a mistake, written as a reader would, has the hint of a known one."""
    (hint,) = (one.hint for one in exercise.wrong_answers if one.function.__name__ == known)
    return paragraph("Not yet.", hint) in exercise(answer).text


def test_in_a_readers_own_loops_a_filter_hears_what_is_wrong():
    def written(last=1, turned=False, crossed=False):
        def answer(x, w):
            k = len(w)
            y = np.zeros([n - k + last for n in x.shape])
            for i, j in np.ndindex(y.shape):
                for p, q in np.ndindex(w.shape):
                    weight = w[k - 1 - p, k - 1 - q] if turned else w[p, q]
                    y[i, j] += weight * (x[i + q, j + p] if crossed else x[i + p, j + q])
            return y

        return answer

    assert check.cross_correlation(written())
    assert hears(check.cross_correlation, written(last=0), "_one_place_too_few")
    assert hears(check.cross_correlation, written(turned=True), "_filter_turned")
    assert hears(check.cross_correlation, written(crossed=True), "_filter_transposed")


def test_in_a_readers_own_loops_the_way_back_hears_what_is_wrong():
    def written(adds_x=True, adds_w=True, turned=False):
        def answer(x, w, upstream):
            k, dx, dw = len(w), np.zeros(x.shape), np.zeros(w.shape)
            for i, j in np.ndindex(upstream.shape):
                to_x = upstream[i, j] * w
                to_w = upstream[i, j] * x[i : i + k, j : j + k]
                dx[i : i + k, j : j + k] = to_x + adds_x * dx[i : i + k, j : j + k]
                dw = to_w + adds_w * dw
            return dx, dw[::-1, ::-1] if turned else dw

        return answer

    exercise = check.cross_correlation_backward
    assert exercise(written())
    assert hears(exercise, written(adds_x=False), "_overlaps_overwritten")
    assert hears(exercise, written(adds_w=False), "_last_place_only")
    assert hears(exercise, written(adds_x=False, adds_w=False), "_both_overwritten")
    assert hears(exercise, written(turned=True), "_gradient_of_the_filter_turned")


def test_in_a_readers_own_loops_pooling_hears_what_is_wrong():
    def written(best, overtakes, corner=lambda i, size: i * size):
        def answer(x, size, upstream):
            dx = np.zeros(x.shape)
            for i, j in np.ndindex(upstream.shape):
                largest, at = best, (0, 0)
                for p, q in np.ndindex(size, size):
                    pixel = x[i * size + p, j * size + q]
                    if overtakes(pixel, largest):
                        largest, at = pixel, (p, q)
                dx[corner(i, size) + at[0], corner(j, size) + at[1]] = upstream[i, j]
            return dx

        return answer

    exercise, lowest = check.max_pooling_backward, -np.inf
    assert exercise(written(lowest, operator.gt))
    assert hears(exercise, written(lowest, operator.ge), "_to_the_last_of_equals")
    assert hears(exercise, written(0, operator.gt), "_search_begins_at_zero")
    in_the_first = written(lowest, operator.gt, corner=lambda i, size: 0)
    assert hears(exercise, in_the_first, "_counted_from_the_window")
    beside_it = written(lowest, operator.gt, corner=lambda i, size: i)
    assert hears(exercise, beside_it, "_counted_from_the_wrong_corner")


def test_in_a_readers_own_loops_windows_hear_what_is_wrong():
    def written(last=1, begin=lambda i, stride: i * stride, order="C"):
        def answer(x, size, stride):
            down, across = ((n - size + last - 1) // stride + 1 for n in x.shape)
            corners = ((begin(i, stride), begin(j, stride)) for i, j in np.ndindex(down, across))
            return [x[i : i + size, j : j + size].ravel(order) for i, j in corners]

        return answer

    assert check.im2col(written())
    assert hears(check.im2col, written(order="F"), "_pixels_column_by_column")
    assert hears(check.im2col, written(begin=lambda i, _: i), "_stride_in_the_count_only")
    assert hears(check.im2col, written(last=0), "_last_place_missing")
