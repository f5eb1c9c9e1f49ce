"""Chapter 7's exercises ask for what is right: layers and differences agree."""

import numpy as np
import pytest

from downslope import check
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
