"""Chapter 8's exercises ask for what is right: differences and the book's own code agree."""

import numpy as np
import pytest

from downslope import augmentation, check
from downslope.convolution import Convolution
from downslope.differentiation import numerical_gradient
from downslope.layers import Affine, ReLU, Residual


def test_the_gradient_asked_for_around_a_layer_is_what_differences_and_the_layer_find():
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    upstream = rng.normal(size=(4, 3))
    layer = Residual(Affine(W, b), ReLU(), scale=0.5)
    asked = check.residual_backward.solution(x, W, b, 0.5, upstream)
    assert {*np.sign(x @ W + b).flat} == {-1, 1}  # both sides of the kink
    found = numerical_gradient(lambda x: np.sum(upstream * layer.forward(x)), x)
    np.testing.assert_allclose(asked, found, atol=1e-8)
    layer.forward(x)
    np.testing.assert_allclose(asked, layer.backward(upstream), rtol=1e-14)


def test_every_draw_asks_for_the_gradient_of_a_unit_that_is_exactly_at_the_kink():
    for seed in range(100):
        at_zero = [
            (c["x"] @ c["W"] + c["b"] == 0).any() for c in check.residual_backward.cases(seed)
        ]
        assert sum(at_zero) >= 3


def test_the_receptive_field_asked_for_is_what_a_gradient_reaches():
    sizes, strides = [3, 2, 4], [2, 1, 3]
    x = np.zeros((1, 1, 40, 40))
    layers = [Convolution(np.ones((1, 1, k, k)), np.zeros(1), s) for k, s in zip(sizes, strides)]  # noqa: B905
    for layer in layers:
        x = layer.forward(x)
    dx = np.zeros_like(x)
    dx[0, 0, 1, 1] = 1
    for layer in reversed(layers):
        dx = layer.backward(dx)
    reached = np.flatnonzero(dx[0, 0].any(axis=0))
    assert check.receptive_field.solution(sizes, strides) == np.ptp(reached) + 1 == len(reached)


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (2, -1), (-3, 4), (1, 0)])
def test_the_shifted_image_asked_for_is_that_of_the_book(rows, columns):
    image = np.arange(1.0, 21).reshape(4, 5)
    asked = check.shifted_image.solution(image, rows, columns)
    np.testing.assert_array_equal(asked, augmentation.shifted(image[None], rows, columns)[0])


def test_small_steps_reach_float32_weights_and_are_lost_in_float16():
    gradient, loss_scale, learning_rate = 1e-7, 4096.0, 0.5
    weights = np.ones(1, np.float32)
    scaled = np.array([loss_scale * gradient], np.float16)
    lost = check.mixed_precision_step.wrong_answers[0].function
    many, none = weights, weights
    for _ in range(2000):
        many = check.mixed_precision_step.solution(many, scaled, loss_scale, learning_rate)
        none = check.mixed_precision_step.wrong_answers[1].function(
            none, scaled, loss_scale, learning_rate
        )
    assert many.dtype == np.float32
    assert none[0] == 1
    np.testing.assert_allclose(1 - many, 1e-4, rtol=0.2)
    tiny, zero = np.array([2.0**-14], np.float16), np.zeros(1, np.float32)
    assert lost(zero, tiny, 2.0**15, 0.5)[0] == 0
    assert check.mixed_precision_step.solution(zero, tiny, 2.0**15, 0.5)[0] == -(2.0**-30)


def test_no_case_of_mixed_precision_turns_on_the_way_in_which_float16_rounds():
    for seed in range(30):
        for case in check.mixed_precision_step.cases(seed):
            assert {case["weights"].dtype, case["scaled_gradient"].dtype} == {
                np.dtype(np.float32),
                np.dtype(np.float16),
            }
            gradient, scale, rate = list(case.values())[1:]
            with np.errstate(over="raise"):  # as where float16 cannot hold the scale
                ways = [rate * (gradient / scale), rate / scale * gradient, rate * gradient / scale]
            for way in ways:
                np.testing.assert_array_equal(way, ways[0])
