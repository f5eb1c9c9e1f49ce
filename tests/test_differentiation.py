import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from downslope.differentiation import (
    central_difference,
    forward_difference,
    gradient_field,
    numerical_gradient,
)

DIFFERENCES = [forward_difference, central_difference]
EPS = np.finfo(float).eps
coordinates = st.floats(-5, 5, width=64)


def product(x):
    return x[0] * x[1]


def saddle(x):
    return x[0] ** 2 - x[1] ** 2


# --- differences of one variable ---


def test_the_forward_difference_of_a_square_is_off_by_h():
    np.testing.assert_allclose(forward_difference(np.square, [1.0, 3.0], 0.5), [2.5, 6.5])


def test_the_central_difference_of_a_square_is_exact():
    np.testing.assert_allclose(central_difference(np.square, [1.0, 3.0], 0.5), [2.0, 6.0])


@pytest.mark.parametrize(
    ("difference", "order"), [(forward_difference, 1), (central_difference, 2)]
)
def test_the_error_falls_with_the_order_of_the_method(difference, order):
    errors = np.abs(difference(np.exp, 1.0, np.array([1e-2, 1e-3])) - np.e)
    assert np.log10(errors[0] / errors[1]) == pytest.approx(order, abs=0.02)


@pytest.mark.parametrize(
    ("difference", "best"),
    [(forward_difference, EPS ** (1 / 2)), (central_difference, EPS ** (1 / 3))],
)
def test_the_best_step_is_near_the_predicted_one(difference, best):
    h = np.logspace(-16, 0, 161)
    error = np.abs(difference(np.exp, 1.0, h) - np.e)
    assert abs(np.log10(h[np.argmin(error)] / best)) < 1.5
    assert error[0] > 1e3 * error.min()
    assert error[-1] > 1e3 * error.min()


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_step_that_rounding_swallows_gives_slope_zero(difference):
    assert difference(np.square, 3.0, 1e-16) == 0.0


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_tiny_step_shows_rounding_error(difference):
    assert abs(difference(np.square, 3.0, 1e-15) - 6.0) > 0.1


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_float32_stays_float32_and_rounds_sooner(difference):
    single = difference(np.square, np.float32(3.0), 1e-4)
    double = difference(np.square, 3.0, 1e-4)
    assert single.dtype == np.float32
    assert abs(single - 6) > 10 * abs(double - 6)
    assert difference(np.square, np.float32(3.0), np.float64(1e-4)).dtype == np.float32


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_integers_become_float64(difference):
    slope = difference(np.square, np.array([3, 4]), 1e-5)
    assert slope.dtype == np.float64
    np.testing.assert_allclose(slope, [6, 8], rtol=1e-5)


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_difference_leaves_x_untouched_by_an_f_that_writes(difference):
    def rude(x):
        x *= 2
        return x

    x = np.array([1.0, 2.0])
    difference(rude, x, 0.1)
    np.testing.assert_array_equal(x, [1.0, 2.0])


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_negative_step_is_a_step(difference):
    assert difference(np.exp, 0.0, -1e-6) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("difference", DIFFERENCES)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.square, 3.0, 0), "h must not be 0"),
        ((np.square, 3.0, 0.0), "h must not be 0"),
        ((np.square, np.float32(3), 1e-60), "h must not be 0 in float32"),
        ((np.square, 3.0, [0.1, 0.0]), "h must not be 0"),
        ((np.square, 3.0, np.nan), "h must be finite, got nan"),
        ((np.square, 3.0, np.inf), "h must be finite, got inf"),
        ((np.square, [1.0, np.nan], 0.1), r"x must be finite, got nan at index \(1,\)"),
        ((np.square, np.inf, 0.1), "x must be finite, got inf"),
        ((np.square, "three", 0.1), "x must hold real numbers, got 'three'"),
        ((np.square, 1j, 0.1), "x must hold real numbers"),
        ((np.square, None, 0.1), "x must hold real numbers, got None"),
        ((np.square, [[1.0], [1.0, 2.0]], 0.1), "x must be an array of numbers"),
        ((3.0, 3.0, 0.1), "f must be a function, got 3.0"),
        ((np.sum, [1.0, 2.0], 0.1), r"f must return one value for each element, shape \(2,\)"),
    ],
)
def test_a_difference_refuses_bad_input(difference, arguments, message):
    with pytest.raises(ValueError, match=message):
        difference(*arguments)


# --- the gradient at a point ---


def test_the_gradient_of_a_sum_of_squares_at_integers_is_right():
    gradient = numerical_gradient(lambda x: np.sum(x**2), np.array([3, 4]))
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, [6, 8], rtol=1e-9)


@given(
    hnp.arrays(float, hnp.array_shapes(min_dims=0, max_dims=3, max_side=3), elements=coordinates)
)
def test_the_gradient_has_the_shape_of_x_and_is_right(x):
    gradient = numerical_gradient(lambda x: np.sum(np.sin(x) * x), x)
    assert np.shape(gradient) == x.shape
    np.testing.assert_allclose(gradient, np.cos(x) * x + np.sin(x), atol=1e-8)


@given(hnp.arrays(float, (2,), elements=coordinates))
def test_the_gradient_knows_functions_that_are_no_separable_sum(x):
    np.testing.assert_allclose(numerical_gradient(product, x), x[::-1], atol=1e-8)
    np.testing.assert_allclose(numerical_gradient(saddle, x), [2 * x[0], -2 * x[1]], atol=1e-8)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6, 1e12])
def test_the_default_step_follows_the_size_of_x(scale):
    gradient = numerical_gradient(lambda x: np.sum(x**2), [scale, -3 * scale])
    np.testing.assert_allclose(gradient, [2 * scale, -6 * scale], rtol=1e-8, atol=1e-12)


def test_the_gradient_of_a_linear_function_is_exact_to_rounding():
    x = np.array([[0.1, 0.7], [1 / 3, 1e3]])
    np.testing.assert_allclose(numerical_gradient(np.sum, x), np.ones((2, 2)), rtol=1e-7)


def test_a_given_step_is_divided_by_as_given():
    assert numerical_gradient(np.square, 3.0, h=1e-16) == 0.0
    assert abs(numerical_gradient(np.square, 3.0, h=1e-15) - 6) > 0.1


def test_the_gradient_of_float32_is_float32():
    gradient = numerical_gradient(lambda x: np.sum(x**2), np.ones(3, dtype=np.float32))
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, 2, rtol=1e-3)


def test_x_is_untouched_when_f_raises():
    def broken(x):
        raise RuntimeError("no value")

    x = np.array([1.0, 2.0])
    with pytest.raises(RuntimeError, match="no value"):
        numerical_gradient(broken, x)
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_f_cannot_write_to_the_point_it_is_handed():
    def rude(x):
        x *= 2
        return x.sum()

    with pytest.raises(ValueError, match="read-only"):
        numerical_gradient(rude, [1.0, 2.0])


def test_x_may_be_in_any_memory_order():
    x = np.arange(6.0).reshape(2, 3).T
    np.testing.assert_allclose(numerical_gradient(lambda x: np.sum(x**2), x), 2 * x, atol=1e-8)


def test_the_gradient_where_f_overflows_is_nan_without_a_warning():
    assert np.isnan(numerical_gradient(lambda x: np.inf, 1.0))


def test_the_gradient_costs_two_evaluations_an_element():
    calls = []
    numerical_gradient(lambda x: calls.append(1) or np.sum(x), np.ones((3, 4)))
    assert len(calls) == 24


@pytest.mark.parametrize(
    ("f", "x", "h", "message"),
    [
        (np.square, [1.0, 2.0], None, r"f must return one real number, got shape \(2,\)"),
        (lambda x: None, [1.0], None, "f must return one real number, got None"),
        (
            lambda x: np.array([1.0]),
            [1.0],
            None,
            r"f must return one real number, got shape \(1,\)",
        ),
        (lambda x: 1j, [1.0], None, "f must return one real number"),
        (lambda x: "high", [1.0], None, "f must return one real number"),
        (np.sum, [1.0, np.nan], None, "x must be finite"),
        (np.sum, [1.0], 0, "h must not be 0"),
        (np.sum, [1.0], np.nan, "h must be finite"),
        (np.sum, [1.0], [0.1, 0.2], r"h must be one number, got an array of shape \(2,\)"),
        (7, [1.0], None, "f must be a function"),
    ],
)
def test_the_gradient_refuses_bad_input(f, x, h, message):
    with pytest.raises(ValueError, match=message):
        numerical_gradient(f, x, h)


# --- the gradient field ---


def test_the_field_is_laid_out_as_meshgrid_lays_out_points():
    x0, x1 = np.linspace(-2, 2, 5), np.linspace(-1, 1, 3)
    grid0, grid1 = np.meshgrid(x0, x1)
    field = gradient_field(product, x0, x1)
    assert field.shape == (2, 3, 5)
    np.testing.assert_allclose(field, [grid1, grid0], atol=1e-9)


@pytest.mark.parametrize("f", [product, saddle, lambda x: np.sin(x[0]) * np.exp(x[1])])
@pytest.mark.parametrize("h", [None, 1e-4])
def test_the_field_is_the_gradient_at_every_point(f, h):
    x0, x1 = np.linspace(-2, 2, 4), np.linspace(-1, 3, 5)
    field = gradient_field(f, x0, x1, h)
    for i, a in enumerate(x1):
        for j, b in enumerate(x0):
            np.testing.assert_allclose(field[:, i, j], numerical_gradient(f, [b, a], h), atol=1e-9)


def test_the_field_takes_grids_as_well_as_axes():
    x0, x1 = np.linspace(-2, 2, 5), np.linspace(-1, 1, 3)
    np.testing.assert_array_equal(
        gradient_field(saddle, *np.meshgrid(x0, x1)), gradient_field(saddle, x0, x1)
    )


def test_a_field_on_one_square_grid_is_not_transposed():
    x = np.linspace(-1, 1, 4)
    field = gradient_field(lambda x: x[0], x, x)
    np.testing.assert_allclose(field[0], 1)
    np.testing.assert_allclose(field[1], 0)


def test_f_may_return_a_view_of_the_grid():
    np.testing.assert_allclose(gradient_field(lambda x: x[1], [0.0, 1.0], [0.0, 1.0])[1], 1)


def test_the_field_takes_four_evaluations():
    calls = []
    gradient_field(lambda x: calls.append(1) or x[0], np.arange(9.0), np.arange(7.0))
    assert len(calls) == 4


def test_a_tiny_step_makes_the_field_noise():
    x = np.linspace(-2, 2, 18)
    exact = gradient_field(saddle, x, x)
    assert np.abs(gradient_field(saddle, x, x, h=1e-15) - exact).max() > 0.3
    assert np.abs(gradient_field(saddle, x, x, h=1e-4) - exact).max() < 1e-8


def test_the_field_leaves_its_axes_untouched_and_promotes_integers():
    x0, x1 = np.arange(3), np.arange(4)
    field = gradient_field(saddle, x0, x1)
    assert field.dtype == np.float64
    np.testing.assert_array_equal(x0, [0, 1, 2])
    np.testing.assert_allclose(field[0][0], [0, 2, 4], atol=1e-9)


def test_the_field_is_a_hundred_times_quicker_than_a_loop_over_points():
    x = np.linspace(-2, 2, 18)

    def loop():
        return [[numerical_gradient(saddle, np.array([a, b])) for a in x] for b in x]

    def best_of(n, run):
        times = []
        for _ in range(n):
            begin = time.perf_counter()
            run()
            times.append(time.perf_counter() - begin)
        return min(times)

    assert best_of(3, loop) > 100 * best_of(30, lambda: gradient_field(saddle, x, x))


@pytest.mark.parametrize(
    ("f", "x0", "x1", "h", "message"),
    [
        (lambda x: 1.0, [0, 1], [0, 1, 2], None, r"f\(grid\) must have shape \(3, 2\), got \(\)"),
        (lambda x: x, [0, 1], [0, 1, 2], None, r"f\(grid\) must have shape \(3, 2\)"),
        (product, 1.0, [0, 1], None, "x0 and x1 must have shapes"),
        (product, [[0, 1]], [0, 1], None, r"got \(1, 2\) and \(2,\)"),
        (product, [0, np.nan], [0, 1], None, "x0 must be finite"),
        (product, [0, 1], [0, np.inf], None, "x1 must be finite"),
        (product, [0, 1], [0, 1], 0.0, "h must not be 0"),
        ("f", [0, 1], [0, 1], None, "f must be a function"),
    ],
)
def test_the_field_refuses_bad_input(f, x0, x1, h, message):
    with pytest.raises(ValueError, match=message):
        gradient_field(f, x0, x1, h)


@pytest.mark.parametrize("difference", [forward_difference, central_difference])
class TestWhatTheFunctionReturns:
    @pytest.mark.parametrize("result", [None, "a", 1j])
    def test_what_is_no_real_number_is_refused(self, difference, result):
        with pytest.raises(ValueError, match=r"f\(x\) must hold real numbers"):
            difference(lambda x: result, 3.0, 0.1)

    def test_small_integers_do_not_wrap_around(self, difference):
        slope = difference(lambda x: np.uint8(200 - 100 * (x > 1)), 1.0, 0.5)
        assert slope < 0

    def test_a_buffer_that_is_used_twice_does_no_harm(self, difference):
        buffer = np.empty(2)
        slope = difference(lambda x: np.square(x, out=buffer), np.array([1.0, 3.0]), 0.5)
        np.testing.assert_allclose(slope, difference(np.square, np.array([1.0, 3.0]), 0.5))

    def test_a_step_that_float32_cannot_hold_is_refused(self, difference):
        with pytest.raises(ValueError, match="h must not be infinite in float32, got 1e"):
            difference(np.square, np.float32(3), 1e39)

    def test_steps_that_do_not_fit_the_points_are_refused_by_name(self, difference):
        with pytest.raises(ValueError, match=r"h must fit x .* \(2,\) and \(3,\)"):
            difference(np.square, np.ones(3), np.ones(2))


def test_a_complex_field_is_refused():
    with pytest.raises(ValueError, match=r"f\(grid\) must hold real numbers"):
        gradient_field(lambda x: 1j * x[0] * x[0], [0.0, 1.0], [0.0, 1.0])


@pytest.mark.parametrize("x", [[np.finfo(float).max, -np.finfo(float).max], [1e308, 1.0]])
@pytest.mark.parametrize("h", [None, 1e300, np.finfo(float).max])
def test_points_and_steps_as_large_as_numbers_go_raise_no_warning(x, h):
    assert np.shape(numerical_gradient(lambda x: np.tanh(x).sum(), x, h)) == (2,)
    assert gradient_field(lambda x: np.tanh(x[0] / 2), x, [0.0, 1.0], h).shape == (2, 2, 2)
    for difference in DIFFERENCES:
        assert np.shape(difference(np.tanh, x, h or 1.0)) == (2,)


@pytest.mark.parametrize(
    ("result", "got"),
    [
        ([[1], [1, 2]], r"\[\[1\], \[1, 2\]\]"),
        (10**400, "1000"),
        ({}, "{}"),
        ("high", "'high'"),
        (np.array(2.0, dtype=object), "array"),
    ],
)
def test_what_f_returned_in_place_of_a_number_is_shown(result, got):
    with pytest.raises(ValueError, match=f"f must return one real number, got {got}"):
        numerical_gradient(lambda x: result, [1.0])
