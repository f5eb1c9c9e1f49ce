import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from downslope.descent import (
    gradient_ascent,
    gradient_descent,
    stochastic_gradient_descent,
    verdict,
)
from downslope.differentiation import numerical_gradient
from downslope.landscapes import (
    LANDSCAPES,
    bowl,
    plateau,
    ravine,
    rosenbrock,
    saddle,
    two_minima,
)

KINDS = {
    "converged",
    "still moving",
    "oscillating",
    "diverged",
    "stalled",
    "stuck at a saddle",
    "stuck at a maximum",
    "stuck on a plateau",
}


def judge(landscape, learning_rate, start=None, n_steps=40, bounds=True, h=None):
    """Walk, with differences of step `h` if given, and say what became of it."""
    uphill = landscape.gradient
    if h is not None:
        uphill = lambda x: numerical_gradient(landscape.f, x, h)  # noqa: E731
    start = landscape.start if start is None else start
    path = gradient_descent(uphill, start, learning_rate, n_steps)
    return verdict(
        landscape.f, landscape.gradient, path, bounds=landscape.bounds if bounds else None
    )


# --- walks ---


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


# --- verdicts against the theory: on a quadratic the threshold is 2/λ ---


@pytest.mark.parametrize("landscape", [bowl, ravine])
@pytest.mark.parametrize("with_bounds", [True, False])
@pytest.mark.parametrize(
    ("learning_rate", "kind"),
    [
        (0.001, "still moving"),
        (0.01, "still moving"),
        (0.9, "converged"),
        (0.98, "oscillating"),
        (0.99, "oscillating"),
        (0.999, "oscillating"),
        (1.0, "oscillating"),
        (1.001, "diverged"),
        (1.01, "diverged"),
        (1.05, "diverged"),
        (1.5, "diverged"),
        (10.0, "diverged"),
        (1e30, "diverged"),
    ],
)
def test_bowl_and_ravine_change_their_verdict_at_eta_one(
    landscape, with_bounds, learning_rate, kind
):
    assert judge(landscape, learning_rate, bounds=with_bounds).kind == kind


@pytest.mark.parametrize("learning_rate", [0.1, 0.3, 0.5, 0.7, 0.9, 0.95])
def test_the_bowl_is_reached_where_forty_steps_suffice(learning_rate):
    found = judge(bowl, learning_rate)
    assert found.kind == "converged"
    heights = (1 - 2 * learning_rate) ** (2 * np.arange(41))
    assert found.step == np.argmax(heights <= 1e-3)


@pytest.mark.parametrize("learning_rate", [0.05, 0.1, 0.3, 0.5])
def test_the_ravine_is_slow_along_its_floor(learning_rate):
    assert judge(ravine, learning_rate).kind == "still moving"
    assert judge(ravine, learning_rate, n_steps=2000).kind == "converged"


starts_on_the_bowl = st.tuples(st.floats(-4, 4), st.floats(-4, 4))


@given(starts_on_the_bowl, st.floats(0.01, 0.999), st.sampled_from([bowl, ravine]))
def test_below_the_threshold_no_walk_is_said_to_diverge(start, learning_rate, landscape):
    assert judge(landscape, learning_rate, start).kind in {
        "converged",
        "still moving",
        "oscillating",
    }


@given(starts_on_the_bowl, st.floats(1.005, 5), st.sampled_from([bowl, ravine]))
def test_above_the_threshold_every_walk_is_said_to_diverge(start, learning_rate, landscape):
    assume(abs(start[1]) > 0.1)
    found = judge(landscape, learning_rate, start)
    assert found.kind == "diverged"
    assert 0 < found.step <= 40


@given(st.floats(0.05, 20), st.floats(0.5, 0.999) | st.floats(1.005, 3))
def test_the_threshold_is_two_over_the_largest_curvature(curvature, share):
    f = lambda x: curvature * x[0] ** 2 / 2 + curvature * x[1] ** 2 / 8  # noqa: E731
    gradient = lambda x: np.array([curvature * x[0], curvature * x[1] / 4])  # noqa: E731
    path = gradient_descent(gradient, [2.0, 3.0], share * 2 / curvature, 60)
    assert (verdict(f, gradient, path).kind == "diverged") == (share > 1)


def test_growth_along_the_steep_axis_is_seen_beneath_a_long_drift():
    path = gradient_descent(ravine.gradient, (-7.0, 0.02), 1.1, 10)
    drift, swing = np.abs(np.diff(path, axis=0)).T
    assert (drift > swing).all()
    assert verdict(ravine.f, ravine.gradient, path).kind == "diverged"


# --- verdicts on the other landscapes ---


@pytest.mark.parametrize("learning_rate", [0.1, 0.3, 0.5, 0.9])
def test_a_walk_down_the_valley_of_the_saddle_is_stuck_there(learning_rate):
    found = judge(saddle, learning_rate, start=(1.5, 0.0))
    assert found.kind == "stuck at a saddle"
    assert abs(found.loss) < 1e-3


def test_a_walk_that_begins_on_a_saddle_is_stuck_there():
    assert judge(saddle, 0.1, start=(0.0, 0.0)).kind == "stuck at a saddle"


@pytest.mark.parametrize("learning_rate", [0.3, 0.5, 0.9, 1.5])
def test_a_walk_off_the_saddle_falls_without_bound(learning_rate):
    found = judge(saddle, learning_rate)
    assert found.kind == "diverged"
    assert str(found) == f"diverged at step {found.step}: f falls without bound"
    path = gradient_descent(saddle.gradient, saddle.start, learning_rate, 40)
    assert np.abs(path[found.step]).max() > 4 >= np.abs(path[found.step - 1]).max()


def test_a_walk_off_the_saddle_overflows_in_the_end():
    found = judge(saddle, 0.5, n_steps=2000, bounds=False)
    assert found.kind == "diverged"
    assert np.isfinite(found.loss)


def test_a_walk_that_is_leaving_the_saddle_is_still_moving():
    assert judge(saddle, 0.1, n_steps=40).kind == "still moving"


@pytest.mark.parametrize("learning_rate", [0.001, 0.1, 0.9, 1.1, 10.0])
def test_a_walk_on_the_plateau_is_stuck_there(learning_rate):
    assert judge(plateau, learning_rate).kind == "stuck on a plateau"
    assert judge(plateau, learning_rate, start=(4.9, 4.9)).kind == "stuck on a plateau"


@pytest.mark.parametrize("learning_rate", [0.2, 0.5, 0.8])
def test_a_walk_in_the_hole_of_the_plateau_converges(learning_rate):
    assert judge(plateau, learning_rate, start=(0.9, -0.6)).kind == "converged"


def test_a_walk_thrown_out_of_the_hole_is_stuck_on_the_plateau():
    assert judge(plateau, 100.0, start=(0.9, -0.6)).kind == "stuck on a plateau"


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.15, 0.3))
def test_a_walk_on_two_minima_converges_to_the_one_on_its_side(x0, x1, learning_rate):
    left, between, right = (point.x for point in two_minima.critical_points)
    assume(abs(x0 - between[0]) > 0.1)
    found = judge(two_minima, learning_rate, start=(x0, x1), n_steps=80)
    assert found.kind == "converged"
    minimum = left if x0 < between[0] else right
    assert found.loss == pytest.approx(two_minima(minimum), abs=5e-3)


def test_a_walk_from_the_ridge_between_two_minima_is_stuck_at_the_saddle():
    ridge = two_minima.critical_points[1].x[0]
    assert judge(two_minima, 0.3, start=(ridge, 1.5)).kind == "stuck at a saddle"


@pytest.mark.parametrize(
    ("learning_rate", "kinds"),
    [
        (0.5, {"converged"}),
        (1.0, {"converged"}),
        (1.1, {"converged"}),
        (1.3, {"oscillating"}),
        (1.5, {"oscillating"}),
        (5.0, {"diverged"}),
    ],
)
@pytest.mark.parametrize("n_steps", [40, 400])
def test_past_the_threshold_a_well_with_steep_walls_holds_the_walk(learning_rate, kinds, n_steps):
    """At the right minimum 2/λ is 1.19; the walls steepen, so the walk swings and stays."""
    assert judge(two_minima, learning_rate, n_steps=n_steps).kind in kinds


def test_rosenbrock_is_slow_then_reached_and_too_steep_for_a_larger_step():
    assert judge(rosenbrock, 0.001).kind == "still moving"
    assert judge(rosenbrock, 0.001, n_steps=1000).kind == "still moving"
    assert judge(rosenbrock, 0.001, n_steps=20000).kind == "converged"
    assert judge(rosenbrock, 0.01).kind == "diverged"


def test_at_every_listed_critical_point_the_verdict_is_its_kind():
    for landscape in LANDSCAPES.values():
        for point in landscape.critical_points:
            found = judge(landscape, 1e-3, start=point.x, n_steps=5)
            expected = {"minimum": "converged", "saddle": "stuck at a saddle"}[point.kind]
            assert found.kind == expected


def test_a_walk_that_begins_on_a_summit_is_stuck_there():
    path = gradient_descent(lambda x: -2 * x, [0.0, 0.0], 0.1, 5)
    found = verdict(lambda x: -np.sum(x**2), lambda x: -2 * x, path)
    assert found.kind == "stuck at a maximum"


# --- verdicts on noisy walks ---


@pytest.mark.parametrize("name", LANDSCAPES)
@pytest.mark.parametrize("learning_rate", [1e-3, 0.05, 0.1, 0.5, 0.9, 1.0, 1.1, 1.5])
@pytest.mark.parametrize("h", [1e-15, 1e-16, 3e-15])
def test_a_walk_that_follows_noise_gets_a_verdict_it_deserves(name, learning_rate, h):
    landscape = LANDSCAPES[name]
    found = judge(landscape, learning_rate, h=h)
    end = gradient_descent(
        lambda x: numerical_gradient(landscape.f, x, h), landscape.start, learning_rate, 40
    )[-1]
    assert found.kind in KINDS
    if found.kind == "converged":
        nearest = min(np.linalg.norm(end - p.x) for p in landscape.critical_points)
        assert nearest < 0.05 * 8
    if found.kind == "diverged":
        assert not np.isfinite(end).all() or np.abs(end).max() > 1
    if found.kind == "stuck on a plateau":
        assert np.linalg.norm(landscape.gradient(end)) < 1e-3


def test_a_walk_whose_arrows_rounding_swallowed_is_stalled():
    found = judge(bowl, 0.1, h=1e-17)
    assert found.kind == "stalled"
    assert str(found) == (
        "stalled: the last step is zero, but the slope is 7.2 (f = 13 after 40 steps)"
    )


def test_a_fine_step_gives_the_verdict_of_the_exact_gradient():
    for landscape in LANDSCAPES.values():
        for learning_rate in (0.1, 0.9, 1.1):
            noisy, exact = judge(landscape, learning_rate, h=1e-5), judge(landscape, learning_rate)
            assert noisy.kind == exact.kind


def test_a_walk_that_jitters_about_is_oscillating():
    rng = np.random.default_rng(0)
    path = np.cumsum(rng.normal(size=(41, 2)), axis=0)
    assert verdict(bowl.f, bowl.gradient, path).kind in {"oscillating", "diverged"}
    path = [2.0, 1.0] + 0.3 * rng.normal(size=(41, 2))
    assert verdict(bowl.f, bowl.gradient, path, bowl.bounds).kind == "oscillating"


# --- the sentence, and other shapes ---


@pytest.mark.parametrize("name", LANDSCAPES)
@pytest.mark.parametrize("learning_rate", np.logspace(-3, 1, 9))
@pytest.mark.parametrize("n_steps", [0, 1, 2, 3, 4, 40])
def test_every_verdict_is_a_sentence_that_begins_with_its_kind(name, learning_rate, n_steps):
    found = judge(LANDSCAPES[name], learning_rate, n_steps=n_steps)
    assert found.kind in KINDS
    assert str(found).startswith(found.kind)
    assert np.isfinite(found.loss)
    assert (found.step is None) == (found.kind not in {"converged", "diverged"})
    assert "  " not in str(found)
    assert "nan" not in str(found)


@pytest.mark.parametrize(
    ("landscape", "learning_rate", "sentence"),
    [
        (bowl, 0.1, "converged: f = 2.3e-07 after 40 steps"),
        (ravine, 0.1, "still moving: f = 1.1 after 40 steps"),
        (bowl, 1.0, "oscillating: each step crosses the valley (f = 13 after 40 steps)"),
        (bowl, 1.05, "diverged at step 11"),
        (
            bowl,
            1.001,
            "diverged: each step overshoots farther than the one before (f = 15.3 after 40 steps)",
        ),
        (plateau, 0.1, "stuck on a plateau: the slope is only 2e-05 (f = 1 after 40 steps)"),
    ],
)
def test_the_sentences_read_as_the_book_quotes_them(landscape, learning_rate, sentence):
    assert str(judge(landscape, learning_rate)) == sentence


def test_one_step_is_singular():
    assert str(judge(bowl, 0.01, n_steps=1)) == "still moving: f = 12.5 after 1 step"


def test_the_step_of_an_overflow_is_the_first_point_that_is_not_finite():
    path = [[1.0], [2.0], [np.inf], [np.nan]]
    found = verdict(lambda x: x[0] ** 2, lambda x: 2 * x, path)
    assert (found.kind, found.step, found.loss) == ("diverged", 2, 4.0)
    assert str(found) == "diverged at step 2"


def test_a_height_that_overflows_is_divergence_too():
    path = [[1.0], [1e100], [1e200]]
    found = verdict(lambda x: x[0] ** 2, lambda x: 2 * x, path)
    assert (found.kind, found.step) == ("diverged", 2)


@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_a_verdict_takes_paths_of_any_shape(shape):
    f, gradient = (lambda x: np.sum(x**2)), (lambda x: 2 * x)
    for learning_rate, kind in [(0.2, "converged"), (1.0, "oscillating"), (1.1, "diverged")]:
        path = gradient_descent(gradient, np.ones(shape), learning_rate, 40)
        assert verdict(f, gradient, path).kind == kind


def test_a_verdict_takes_a_path_of_float32():
    path = gradient_descent(lambda x: 2 * x, np.float32([3, 4]), 0.2, 40)
    assert path.dtype == np.float32
    assert verdict(lambda x: np.sum(x**2), lambda x: 2 * x, path).kind == "converged"


def test_a_verdict_leaves_the_path_untouched():
    path = gradient_descent(bowl.gradient, bowl.start, 0.1, 5)
    before = path.copy()

    def rude(x):
        x *= 0
        return x

    verdict(lambda x: rude(x).sum(), rude, path)
    np.testing.assert_array_equal(path, before)


@pytest.mark.parametrize(
    ("f", "gradient", "path", "bounds", "message"),
    [
        (1, bowl.gradient, [[1.0, 1.0]], None, "f must be a function"),
        (bowl.f, 1, [[1.0, 1.0]], None, "gradient must be a function"),
        (
            bowl.f,
            bowl.gradient,
            [],
            None,
            r"path must have shape \(n_steps \+ 1, ...\), got \(0,\)",
        ),
        (bowl.f, bowl.gradient, 1.0, None, r"path must have shape .*, got \(\)"),
        (bowl.f, bowl.gradient, [[np.nan, 1.0]], None, "path must start where f is finite"),
        (bowl.f, bowl.gradient, [["a", "b"]], None, "path must hold real numbers"),
        (
            lambda x: x,
            bowl.gradient,
            [[1.0, 1.0]],
            None,
            r"f\(x\) must have shape \(\), got \(2,\)",
        ),
        (bowl.f, np.sum, [[1.0, 1.0]], None, r"gradient\(x\) must have shape \(2,\), got \(\)"),
        (
            bowl.f,
            bowl.gradient,
            [[1.0, 1.0]],
            (0, 1),
            r"bounds must have shape \(2, 2\), got \(2,\)",
        ),
        (bowl.f, bowl.gradient, [[1.0, 1.0]], ((1, 0), (0, 1)), "bounds must be .* low < high"),
        (bowl.f, bowl.gradient, [[1.0, 1.0]], ((0, np.inf), (0, 1)), "bounds must be finite"),
    ],
)
def test_a_verdict_refuses_bad_input(f, gradient, path, bounds, message):
    with pytest.raises(ValueError, match=message):
        verdict(f, gradient, path, bounds)


def test_a_gradient_that_is_no_number_gets_no_verdict():
    path = np.array([[1.0, 1.0], [0.5, 0.5], [0.25, 0.25]])
    with pytest.raises(
        ValueError, match=r"gradient\(x\) must be a number where f is, got \[nan nan\]"
    ):
        verdict(lambda x: np.sum(x**2), lambda x: x * np.nan, path)
