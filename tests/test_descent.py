import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope.descent import (
    gradient_ascent,
    gradient_descent,
    stochastic_gradient_descent,
)
from downslope.landscapes import bowl, ravine, rosenbrock


@given(st.floats(0.01, 1.2), st.integers(0, 20))
def test_descent_on_the_bowl_multiplies_by_one_minus_two_eta(learning_rate, n_steps):
    path = gradient_descent(bowl.gradient, [3.0, -4.0], learning_rate, n_steps)
    factors = (1 - 2 * learning_rate) ** np.arange(n_steps + 1)
    np.testing.assert_allclose(path, factors[:, np.newaxis] * [3.0, -4.0], atol=1e-10)


def test_the_path_has_every_point_start_first():
    path = gradient_descent(lambda x: 2 * x, [3.0, 4.0], 0.25, 2)
    np.testing.assert_array_equal(path, [[3, 4], [1.5, 2], [0.75, 1]])


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 0)])
def test_a_walk_works_in_any_shape(shape):
    path = gradient_descent(lambda x: x, np.ones(shape), 0.5, 3)
    np.testing.assert_array_equal(path[-1], np.full(shape, 0.125))
    assert path.shape == (4, *shape)


@pytest.mark.parametrize("walk", [gradient_descent, gradient_ascent])
def test_a_walk_leaves_its_start_untouched_by_a_gradient_that_writes(walk):
    def rude(x):
        x *= 2
        return x

    start = np.array([1.0, 2.0])
    path = walk(rude, start, 0.25, 3)
    np.testing.assert_array_equal(start, [1.0, 2.0])
    np.testing.assert_array_equal(path[0], [1.0, 2.0])
    np.testing.assert_array_equal(path[1], [0.5, 1.0] if walk is gradient_descent else [1.5, 3.0])


def test_a_walk_starts_from_integers_in_float64_and_keeps_float32():
    assert gradient_descent(lambda x: x, [3, 4], 0.5, 1).dtype == np.float64
    start = np.ones(2, dtype=np.float32)
    assert gradient_descent(lambda x: x.astype(float), start, 0.5, 1).dtype == np.float32


def test_ascent_is_descent_on_minus_f():
    down = gradient_descent(lambda x: -rosenbrock.gradient(x), rosenbrock.start, 1e-4, 5)
    up = gradient_ascent(rosenbrock.gradient, rosenbrock.start, 1e-4, 5)
    np.testing.assert_array_equal(up, down)
    assert rosenbrock(up[-1]) > rosenbrock(up[0])


@pytest.mark.parametrize("gradient", [lambda x: x**3, lambda x: np.exp(x), lambda x: 1e300 * x])
def test_overflow_shows_in_the_path_and_not_in_warnings(gradient):
    path = gradient_ascent(gradient, [10.0, 10.0], 1.0, 20)
    finite = np.isfinite(path).all(axis=1)
    first = int(np.argmin(finite))
    assert 0 < first < 20
    assert not finite[first:].any()
    assert np.isnan(path[first + 1 :]).all()


def test_the_gradient_is_never_asked_about_a_point_that_is_not_finite():
    seen = []
    gradient_descent(lambda x: seen.append(x) or np.full_like(x, 1e308), [0.0], 1.0, 9)
    assert len(seen) < 9
    assert np.isfinite(seen).all()


def test_a_stochastic_walk_takes_one_step_a_batch():
    seen = []

    def gradient(x, batch):
        seen.append(batch)
        return x - np.mean(batch)

    path = stochastic_gradient_descent(gradient, [0.0], iter([[1, 3], [5, 7]]), 0.5)
    np.testing.assert_array_equal(path, [[0.0], [1.0], [3.5]])
    assert seen == [[1, 3], [5, 7]]


def test_a_stochastic_walk_on_whole_batches_is_gradient_descent():
    path = stochastic_gradient_descent(lambda x, _: ravine.gradient(x), ravine.start, range(9), 0.9)
    np.testing.assert_array_equal(path, gradient_descent(ravine.gradient, ravine.start, 0.9, 9))


def test_a_stochastic_walk_that_overflows_keeps_its_length():
    path = stochastic_gradient_descent(lambda x, _: -(x**3), [10.0], range(20), 1.0)
    assert path.shape == (21, 1)
    assert np.isnan(path[-1])


def test_a_stochastic_walk_without_batches_stays_at_the_start():
    path = stochastic_gradient_descent(lambda x, _: x, [1.0, 2.0], [], 0.1)
    np.testing.assert_array_equal(path, [[1.0, 2.0]])


@pytest.mark.parametrize("walk", [gradient_descent, gradient_ascent])
@pytest.mark.parametrize(
    ("gradient", "start", "learning_rate", "n_steps", "message"),
    [
        (2.0, [1.0], 0.1, 3, "gradient must be a function, got 2.0"),
        (lambda x: x, [np.nan], 0.1, 3, "start must be finite, got nan"),
        (lambda x: x, "here", 0.1, 3, "start must hold real numbers"),
        (lambda x: x, [1.0], 0.0, 3, "learning_rate must be greater than 0, got 0"),
        (lambda x: x, [1.0], -0.1, 3, "learning_rate must be greater than 0, got -0.1"),
        (lambda x: x, [1.0], np.nan, 3, "learning_rate must be finite"),
        (lambda x: x, [1.0], [0.1], 3, r"learning_rate must be one number, .* shape \(1,\)"),
        (lambda x: x, [1.0], 0.1, -1, "n_steps must be at least 0, got -1"),
        (lambda x: x, [1.0], 0.1, 2.5, "n_steps must be a whole number, got 2.5"),
        (lambda x: x, [1.0], 0.1, True, "n_steps must be a whole number"),
        (lambda x: 1.0, [1.0, 2.0], 0.1, 3, r"gradient\(x\) must have shape \(2,\), got \(\)"),
        (lambda x: x.T, [[1.0, 2.0]], 0.1, 3, r"gradient\(x\) must have shape \(1, 2\)"),
        (lambda x: None, [1.0], 0.1, 3, r"gradient\(x\) must hold real numbers, got None"),
    ],
)
def test_a_walk_refuses_bad_input(walk, gradient, start, learning_rate, n_steps, message):
    with pytest.raises(ValueError, match=message):
        walk(gradient, start, learning_rate, n_steps)


@pytest.mark.parametrize(
    ("gradient", "start", "batches", "learning_rate", "message"),
    [
        (1, [1.0], [0], 0.1, "gradient must be a function"),
        (lambda x, b: x, [np.inf], [0], 0.1, "start must be finite"),
        (lambda x, b: x, [1.0], 7, 0.1, "batches must be iterable, got int"),
        (lambda x, b: x, [1.0], [0], 0.0, "learning_rate must be greater than 0"),
        (lambda x, b: x[0], [1.0], [0], 0.1, r"gradient\(x\) must have shape \(1,\)"),
    ],
)
def test_a_stochastic_walk_refuses_bad_input(gradient, start, batches, learning_rate, message):
    with pytest.raises(ValueError, match=message):
        stochastic_gradient_descent(gradient, start, batches, learning_rate)
