from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from downslope.descent import gradient_descent
from downslope.differentiation import numerical_gradient
from downslope.landscapes import (
    LANDSCAPES,
    Landscape,
    bowl,
    plateau,
    ravine,
    rosenbrock,
    saddle,
    two_minima,
)
from downslope.verdicts import verdict

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


def walk_over(landscape, learning_rate, start=None, n_steps=40, h=None):
    """A walk along the gradient, or along differences of step `h`."""
    uphill = landscape.gradient
    if h is not None:
        uphill = lambda x: numerical_gradient(landscape.f, x, h)  # noqa: E731
    start = landscape.start if start is None else start
    return gradient_descent(uphill, start, learning_rate, n_steps)


def judge(landscape, learning_rate, start=None, n_steps=40, h=None):
    """Walk and say what became of it."""
    return verdict(landscape, walk_over(landscape, learning_rate, start, n_steps, h))


def in_units(landscape, height=1.0, length=1.0, sea_level=0.0):
    """The same ground measured in other units, and its heights from another level."""
    return replace(
        landscape,
        f=lambda x: height * landscape.f(np.asarray(x) / length) + sea_level,
        gradient=lambda x: height / length * landscape.gradient(np.asarray(x) / length),
        hessian=lambda x: height / length**2 * landscape.hessian(np.asarray(x) / length),
        bounds=tuple(tuple(length * edge for edge in axis) for axis in landscape.bounds),
        start=tuple(length * x for x in landscape.start),
        critical_points=(),
    )


def ground(f, gradient, hessian, half=2.0):
    """A landscape as a reader would make one, about which nothing else is known."""
    bounds = ((-half, half), (-half, half))
    return Landscape("mine", f, gradient, hessian, bounds, (1.0, 1.0), (), "my own")


inflection = ground(
    lambda x: x[0] ** 3 + x[1] ** 2,
    lambda x: np.stack([3 * x[0] ** 2, 2 * x[1]]),
    lambda x: np.array([[6 * x[0], 0 * x[0]], [0 * x[0], 2 + 0 * x[1]]]),
)
valley = ground(
    lambda x: x[0] ** 2 + 0 * x[1],
    lambda x: np.stack([2 * x[0], 0 * x[1]]),
    lambda x: np.array([[2.0, 0.0], [0.0, 0.0]]),
)
level = ground(lambda x: 7.0, lambda x: np.zeros(np.shape(x)), lambda x: np.zeros((2, 2)))
monkey_saddle = ground(
    lambda x: x[0] ** 3 - 3 * x[0] * x[1] ** 2,
    lambda x: np.stack([3 * x[0] ** 2 - 3 * x[1] ** 2, -6 * x[0] * x[1]]),
    lambda x: np.array([[6 * x[0], -6 * x[1]], [-6 * x[1], -6 * x[0]]]),
)
slope = ground(
    lambda x: -x[0] + 0 * x[1],
    lambda x: np.stack([-1 + 0 * x[0], 0 * x[1]]),
    lambda x: np.zeros((2, 2)),
)
steep_corner = replace(
    ground(
        lambda x: x[0] ** 6 + x[1] ** 2,
        lambda x: np.stack([6 * x[0] ** 5, 2 * x[1]]),
        lambda x: np.diag([30 * x[0] ** 4, 2.0]),
    ),
    bounds=((-4.0, 4.0), (-3.0, 3.0)),
)
plane = ground(
    lambda x: x[0] + 2 * x[1],
    lambda x: np.stack([1 + 0 * x[0], 2 + 0 * x[1]]),
    lambda x: np.zeros((2, 2)),
)
flat_bottom = ground(
    lambda x: x[0] ** 4 + x[1] ** 4,
    lambda x: np.stack([4 * x[0] ** 3, 4 * x[1] ** 3]),
    lambda x: np.diag([12 * x[0] ** 2, 12 * x[1] ** 2]),
)
summit = ground(
    lambda x: -np.sum(x**2, axis=0), lambda x: -2 * np.asarray(x), lambda x: -2 * np.eye(2)
)
steep_walls = ground(
    lambda x: np.cosh(x[0]) + np.cosh(x[1]),
    lambda x: np.sinh(np.asarray(x)),
    lambda x: np.diag(np.cosh(np.asarray(x))),
)

# --- verdicts against the theory: on a quadratic the threshold is 2/λ ---


@pytest.mark.parametrize("landscape", [bowl, ravine])
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
def test_bowl_and_ravine_change_their_verdict_at_eta_one(landscape, learning_rate, kind):
    assert judge(landscape, learning_rate).kind == kind


@pytest.mark.parametrize("learning_rate", [0.1, 0.3, 0.5, 0.7, 0.9, 0.95])
def test_the_bowl_is_reached_where_forty_steps_suffice(learning_rate):
    assert judge(bowl, learning_rate).kind == "converged"


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


@given(st.floats(0.05, 20), st.floats(0.5, 0.999) | st.floats(1.005, 3))
def test_the_threshold_is_two_over_the_largest_curvature(curvature, share):
    parabola = ground(
        lambda x: curvature * x[0] ** 2 / 2 + curvature * x[1] ** 2 / 8,
        lambda x: np.stack([curvature * x[0], curvature * x[1] / 4]),
        lambda x: np.diag([curvature, curvature / 4]),
    )
    found = judge(parabola, share * 2 / curvature, start=(2.0, 3.0), n_steps=60)
    assert (found.kind == "diverged") == (share > 1)


def test_growth_along_the_steep_axis_is_seen_beneath_a_long_drift():
    path = gradient_descent(ravine.gradient, (-7.0, 0.02), 1.1, 10)
    drift, swing = np.abs(np.diff(path, axis=0)).T
    assert (drift > swing).all()
    assert verdict(ravine, path).kind == "diverged"


# --- verdicts on the other landscapes ---


@pytest.mark.parametrize("learning_rate", [0.1, 0.3, 0.5, 0.9])
def test_a_walk_down_the_valley_of_the_saddle_is_stuck_there(learning_rate):
    assert judge(saddle, learning_rate, start=(1.5, 0.0)).kind == "stuck at a saddle"


def test_a_walk_that_begins_on_a_saddle_is_stuck_there():
    assert judge(saddle, 0.1, start=(0.0, 0.0)).kind == "stuck at a saddle"


@pytest.mark.parametrize("learning_rate", [0.3, 0.5, 0.9, 1.5])
def test_a_walk_off_the_saddle_falls_without_bound(learning_rate):
    found = judge(saddle, learning_rate)
    assert found.kind == "diverged"
    path = walk_over(saddle, learning_rate)
    step = int(np.argmax(np.abs(path).max(axis=1) > 4))
    assert str(found) == f"diverged at step {step}: f falls without bound"


def test_a_walk_off_the_saddle_overflows_in_the_end():
    assert judge(saddle, 0.5, n_steps=2000).kind == "diverged"


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
    path = walk_over(two_minima, learning_rate, start=(x0, x1), n_steps=80)
    assert verdict(two_minima, path).kind == "converged"
    minimum = left if x0 < between[0] else right
    assert two_minima(path[-1]) == pytest.approx(two_minima(minimum), abs=5e-3)


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
    assert judge(summit, 0.1, start=(0.0, 0.0), n_steps=5).kind == "stuck at a maximum"


# --- verdicts on noisy walks ---


@pytest.mark.parametrize("name", LANDSCAPES)
@pytest.mark.parametrize("learning_rate", [1e-3, 0.05, 0.1, 0.5, 0.9, 1.0, 1.1, 1.5])
@pytest.mark.parametrize("h", [1e-15, 1e-16, 3e-15])
def test_a_walk_that_follows_noise_gets_a_verdict_it_deserves(name, learning_rate, h):
    landscape = LANDSCAPES[name]
    path = walk_over(landscape, learning_rate, h=h)
    found, end = verdict(landscape, path), path[-1]
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
    assert verdict(bowl, path).kind in {"oscillating", "diverged"}
    path = [2.0, 1.0] + 0.3 * rng.normal(size=(41, 2))
    assert verdict(bowl, path).kind == "oscillating"


# --- the sentence, and other shapes ---


@pytest.mark.parametrize("name", LANDSCAPES)
@pytest.mark.parametrize("learning_rate", np.logspace(-3, 1, 9))
@pytest.mark.parametrize("n_steps", [0, 1, 2, 3, 4, 40])
def test_every_verdict_is_a_sentence_that_begins_with_its_kind(name, learning_rate, n_steps):
    found = judge(LANDSCAPES[name], learning_rate, n_steps=n_steps)
    assert found.kind in KINDS
    assert str(found).startswith(found.kind)
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


@pytest.mark.parametrize("last", [[np.inf, 0.0], [np.nan, np.nan], [1e200, 0.0]])
def test_the_step_of_an_overflow_is_the_first_point_or_height_that_is_not_finite(last):
    path = [[1.0, 0.0], [2.0, 0.0], last, [np.nan, np.nan]]
    assert str(verdict(bowl, path)) == "diverged at step 2"


def test_a_verdict_takes_lists_integers_and_float32():
    assert verdict(bowl, [[3, 4], [0, 0]]).kind == "converged"
    path = gradient_descent(bowl.gradient, np.float32([3, 4]), 0.2, 40)
    assert path.dtype == np.float32
    assert verdict(bowl, path).kind == "converged"


def test_a_verdict_leaves_the_path_untouched_by_an_f_that_writes():
    def rude(x):
        x *= 0
        return 0 * x[0]

    path = walk_over(bowl, 0.1, n_steps=5)
    before = path.copy()
    verdict(replace(bowl, f=rude), path)
    np.testing.assert_array_equal(path, before)


@pytest.mark.parametrize(
    ("landscape", "path", "message"),
    [
        (bowl.f, [[1.0, 1.0]], "landscape must be a Landscape, got function"),
        (None, [[1.0, 1.0]], "landscape must be a Landscape, got NoneType"),
        (bowl, [], r"path must have shape \(n_steps \+ 1, 2\), got \(0,\)"),
        (bowl, 1.0, r"path must have shape .*, got \(\)"),
        (bowl, [1.0, 1.0], r"path must have shape .*, got \(2,\)"),
        (bowl, np.ones((2, 5)), r"path must have shape .*, got \(2, 5\)"),
        (bowl, np.ones((0, 2)), r"path must have shape .*, got \(0, 2\)"),
        (bowl, np.ones((3, 2, 1)), r"path must have shape .*, got \(3, 2, 1\)"),
        (bowl, [[np.nan, 1.0]], "path must start where f is finite, got f = nan"),
        (bowl, [["a", "b"]], "path must hold real numbers"),
        (bowl, None, "path must hold real numbers, got None"),
        (bowl, [[1j, 2]], "path must hold real numbers"),
        (bowl, [[1.0, 2.0], [3.0]], "path must be an array of numbers"),
        (replace(bowl, f=lambda x: x), [[1.0, 1.0]], r"f\(x\) must have shape \(\), got \(2,\)"),
        (replace(bowl, gradient=lambda x: x * np.nan), [[1.0, 1.0]], "gradient.* got nan"),
        (replace(bowl, gradient=lambda x: x[0]), [[1.0, 1.0]], r"gradient\(x\) must have shape"),
        (
            replace(bowl, hessian=lambda x: x),
            [[1.0, 1.0]],
            r"hessian\(x\) must have shape \(2, 2\)",
        ),
        (replace(bowl, bounds=((0, 1),)), [[1.0, 1.0]], r"bounds must have shape \(2, 2\)"),
        (replace(bowl, bounds=((1, 1), (0, 1))), [[1.0, 1.0]], "low < high"),
        (replace(bowl, bounds=((0, np.inf), (0, 1))), [[1.0, 1.0]], "bounds must be finite"),
    ],
)
def test_a_verdict_refuses_bad_input(landscape, path, message):
    with pytest.raises(ValueError, match=message):
        verdict(landscape, path)


# --- no units: another measure of heights and lengths gives the same verdict ---


RATES = [0.01, 0.05, 0.1, 0.3, 0.5, 0.9, 1.0, 1.05, 1.1, 1.5, 5.0]


@pytest.mark.parametrize("height", [1e-9, 0.004, 1.0, 1e9])
@pytest.mark.parametrize("length", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_verdict_does_not_depend_on_units(name, height, length):
    for rate in RATES:
        here = LANDSCAPES[name]
        there = in_units(here, height, length)
        found = judge(there, rate * length**2 / height)
        assert found.kind == judge(here, rate).kind, rate


@given(
    st.sampled_from(sorted(LANDSCAPES)),
    st.floats(-9, 9),
    st.floats(-6, 6),
    st.floats(0.005, 3),
    st.tuples(st.floats(0.02, 0.98), st.floats(0.02, 0.98)),
)
def test_a_verdict_does_not_depend_on_units_wherever_the_walk_starts(
    name, height, length, rate, fraction
):
    here = LANDSCAPES[name]
    low, high = np.transpose(here.bounds)
    path = walk_over(here, rate, start=low + np.array(fraction) * (high - low))
    # Powers of two change no digit, so that the same walk is judged.
    height, length = (2.0 ** round(power * np.log2(10)) for power in (height, length))
    found = verdict(in_units(here, height, length), length * path)
    assert found.kind == verdict(here, path).kind


@pytest.mark.parametrize("sea_level", [-1.0, 1e3, 1e6])
@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_verdict_does_not_depend_on_sea_level(name, sea_level):
    for rate in RATES:
        here = LANDSCAPES[name]
        path = walk_over(here, rate)
        if np.isfinite(path).all() and np.abs(here(path.T)).max() < 1e6:
            assert (
                verdict(in_units(here, sea_level=sea_level), path).kind == verdict(here, path).kind
            )


# --- grounds of a reader's own ---


def test_the_minimum_of_a_shallow_bowl_is_a_minimum():
    shallow = in_units(bowl, height=0.004)
    assert verdict(shallow, [[0.0, 0.0]]).kind == "converged"
    assert judge(shallow, 50.0).kind == "converged"
    assert judge(shallow, 0.1).kind == "still moving"


def test_a_runaway_on_the_saddle_diverges_long_before_it_overflows():
    path = walk_over(saddle, 0.5, n_steps=500)
    assert np.isfinite(path).all()
    assert str(verdict(saddle, path)).endswith("f falls without bound")


@pytest.mark.parametrize("n_steps", [20, 40, 200, 1000])
def test_on_the_way_to_an_inflection_nothing_has_converged(n_steps):
    assert judge(inflection, 0.1, n_steps=n_steps).kind in {"still moving", "stuck on a plateau"}


def test_on_an_inflection_a_walk_is_stuck_and_beyond_it_falls():
    assert judge(inflection, 0.1, start=(0.0, 1.0)).kind == "stuck at a saddle"
    assert judge(inflection, 0.1, start=(-1.0, 1.0)).kind == "diverged"


def test_in_a_valley_without_a_lowest_point_a_walk_converges():
    assert judge(valley, 0.3).kind == "converged"
    assert judge(valley, 1.1).kind == "diverged"


def test_on_level_ground_a_walk_is_stuck_wherever_it_is():
    for path in ([[1.0, 1.0]], [[0.0, 0.0]] * 5, [[0.5, 0.1], [0.2, 0.2]]):
        assert verdict(level, path).kind == "stuck on a plateau"


def test_where_every_curvature_is_zero_f_itself_tells_the_kind():
    assert verdict(monkey_saddle, [[0.0, 0.0]]).kind == "stuck at a saddle"
    assert verdict(flat_bottom, [[0.0, 0.0]]).kind == "converged"
    assert verdict(replace(flat_bottom, f=lambda x: -flat_bottom.f(x)), [[0.0, 0.0]]).kind == (
        "stuck at a maximum"
    )


def test_down_an_even_slope_a_walk_goes_on_moving():
    assert judge(slope, 0.01).kind == "still moving"


def test_where_f_overflows_a_walk_has_diverged():
    assert judge(steep_walls, 3.0).kind == "diverged"
    assert judge(steep_walls, 0.5).kind == "converged"


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
def test_a_point_or_two_are_judged_too(landscape):
    for n_steps in (0, 1):
        found = judge(landscape, 1e-3, n_steps=n_steps)
        assert found.kind == ("stuck on a plateau" if landscape is plateau else "still moving")


def test_a_walk_that_leaves_the_picture_for_a_minimum_beyond_it_converges():
    close = replace(bowl, bounds=((-4.0, -2.0), (1.0, 3.0)))
    assert judge(close, 0.2).kind == "converged"


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
def test_a_point_as_good_as_critical_is_judged_as_if_it_were(landscape):
    for point in landscape.critical_points:
        found = verdict(landscape, [np.add(point.x, 1e-9)])
        assert found.kind == {"minimum": "converged", "saddle": "stuck at a saddle"}[point.kind]


@pytest.mark.parametrize(
    ("learning_rate", "n_steps", "kind"),
    [
        (0.1, 0, "still moving"),
        (1e-4, 5, "still moving"),
        (1e-3, 40, "still moving"),
        (0.1, 5, "still moving"),
        (0.9, 5, "still moving"),
        (0.9, 40, "converged"),
        (1.0, 40, "oscillating"),
        (1.1, 40, "diverged"),
    ],
)
def test_a_steep_corner_makes_no_plateau_of_the_valley(learning_rate, n_steps, kind):
    assert judge(steep_corner, learning_rate, (0.0, 3.0), n_steps).kind == kind


def test_a_walk_that_moves_fast_is_on_no_plateau():
    quartic = replace(
        steep_corner,
        f=lambda x: x[0] ** 6 + x[1] ** 4,
        gradient=lambda x: np.stack([6 * x[0] ** 5, 4 * x[1] ** 3]),
        hessian=lambda x: np.diag([30 * x[0] ** 4, 12 * x[1] ** 2]),
    )
    assert judge(quartic, 0.01, (0.0, 1.0), 5).kind == "still moving"
    assert judge(quartic, 0.5, (0.0, 1.0), 40).kind == "oscillating"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("start", [(1.0, 1.0), (-1.9, -1.5), (0.1, -0.8), (-0.1, 1.6), (0.0, 0.0)])
def test_rounding_along_a_straight_path_is_no_oscillation(start, dtype):
    for n_steps in range(3, 60):
        path = np.array(start) - 0.01 * np.arange(n_steps + 1)[:, np.newaxis] * [1, 2]
        assert verdict(plane, path.astype(dtype)).kind == "still moving"


def test_far_outside_the_picture_an_even_fall_is_without_bound():
    assert str(judge(plane, 0.01, n_steps=4000)).endswith("f falls without bound")
    assert judge(plane, 0.01, n_steps=200).kind == "still moving"
    assert judge(plane, 0.01, start=(50.0, 50.0), n_steps=0).kind == "still moving"
    assert judge(plane, 0.01, start=(50.0, 50.0), n_steps=40).kind == "still moving"
