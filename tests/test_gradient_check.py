import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from downslope.gradient_check import check_gradient
from downslope.losses import softmax_cross_entropy, softmax_cross_entropy_gradient

coordinates = st.floats(-5, 5, width=64)


def wave(x):
    return np.sum(np.sin(x) * x**2)


def wave_gradient(x):
    return np.cos(x) * x**2 + 2 * x * np.sin(x)


@given(hnp.arrays(float, (2, 3), elements=coordinates))
def test_the_check_passes_a_right_gradient_where_there_is_a_slope(x):
    assume(np.abs(wave_gradient(x)).max() > 0.5)
    report = check_gradient(wave, wave_gradient, x)
    assert report, str(report)
    assert str(report).startswith("gradient agrees")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: -wave_gradient(x),
        lambda x: 2 * wave_gradient(x),
        lambda x: wave_gradient(x) * (1 + 1e-5),
        lambda x: wave_gradient(x) / x.size,
        lambda x: np.cos(x) * x**2,
        lambda x: wave_gradient(x)[::-1],
        lambda x: np.zeros_like(x),
        lambda x: wave_gradient(x) + np.eye(2, 3) * 1e-4,
        lambda x: np.where(x > 0.3, np.nan, wave_gradient(x)),
        lambda x: np.full_like(x, np.inf),
        lambda x: wave_gradient(x).ravel(),
        lambda x: wave_gradient(x).T,
        lambda x: wave_gradient(x).sum(),
    ],
)
def test_the_check_fails_a_wrong_gradient(wrong):
    x = np.random.default_rng(0).normal(size=(2, 3))
    report = check_gradient(wave, wrong, x)
    assert not report
    assert not report.ok
    assert report.largest_error > report.tolerance
    assert str(report).startswith("gradient fails")


def test_the_check_fails_a_sign_error_in_one_small_element():
    f = lambda x: 1e3 * x[0] ** 2 + 1e-2 * x[1] ** 2  # noqa: E731
    report = check_gradient(f, lambda x: np.array([2e3 * x[0], -2e-2 * x[1]]), [1.0, 1.0])
    assert not report
    assert report.index == (1,)


def test_the_check_fails_a_loss_whose_every_slope_is_tiny():
    f = lambda x: 1e-12 * np.sum(x**2)  # noqa: E731
    assert check_gradient(f, lambda x: 2e-12 * x, [1.0, 2.0])
    assert not check_gradient(f, lambda x: -2e-12 * x, [1.0, 2.0])


def test_the_check_names_the_worst_element_and_both_values():
    def wrong(x):
        gradient = wave_gradient(x)
        gradient[1, 2] *= -1
        return gradient

    x = np.random.default_rng(1).normal(size=(2, 3))
    report = check_gradient(wave, wrong, x)
    assert report.index == (1, 2)
    assert report.analytic == pytest.approx(-wave_gradient(x)[1, 2])
    assert report.numerical == pytest.approx(wave_gradient(x)[1, 2])
    assert report.largest_error == pytest.approx(2)
    assert "(1, 2)" in str(report)


def test_the_check_tells_shapes_apart():
    report = check_gradient(wave, np.ones(3), np.ones((3, 1)))
    assert not report
    assert report.index is None
    assert "(3,)" in str(report)
    assert "(3, 1)" in str(report)


@pytest.mark.parametrize("shift", [0.0, 1.0, 1e6])
def test_the_check_passes_where_the_slope_is_exactly_zero(shift):
    def rosenbrock(x):
        return shift + (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    assert check_gradient(rosenbrock, np.zeros(2), [1.0, 1.0])
    assert not check_gradient(rosenbrock, np.array([0.01, 0.0]), [1.0, 1.0])


def test_the_check_fails_on_the_wrong_side_of_a_kink():
    relu = lambda x: np.sum(np.maximum(x, 0))  # noqa: E731
    x = np.array([-1.0, 2.0])
    assert check_gradient(relu, (x > 0).astype(float), x)
    assert not check_gradient(relu, np.ones(2), x)
    assert not check_gradient(relu, np.ones(2), [1.0, 0.0])


def test_the_check_works_in_float32():
    x = np.array([0.5, -1.5], dtype=np.float32)
    assert check_gradient(wave, wave_gradient, x)
    assert not check_gradient(wave, lambda x: -wave_gradient(x), x)


def test_the_check_takes_a_scalar_and_a_step():
    assert check_gradient(np.square, 6.0, 3.0)
    assert check_gradient(np.square, 6.0, 3.0, h=1e-3)
    assert not check_gradient(np.square, 6.1, 3.0, h=1e-3)


def test_the_check_hands_out_copies():
    def rude(x):
        x *= 0
        return x

    x = np.array([1.0, 2.0])
    assert not check_gradient(wave, rude, x)
    np.testing.assert_array_equal(x, [1.0, 2.0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"f": 1, "gradient": wave_gradient, "x": [1.0]}, "f must be a function"),
        ({"f": wave, "gradient": "up", "x": [1.0]}, "gradient must hold real numbers"),
        ({"f": wave, "gradient": wave_gradient, "x": [np.nan]}, "x must be finite"),
        ({"f": wave, "gradient": wave_gradient, "x": [1.0], "h": 0}, "h must not be 0"),
        (
            {"f": wave, "gradient": wave_gradient, "x": [1.0], "tolerance": 0},
            "tolerance must be greater",
        ),
        ({"f": np.square, "gradient": wave_gradient, "x": [1.0]}, "f must return one real number"),
    ],
)
def test_the_check_refuses_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        check_gradient(**arguments)


@pytest.mark.parametrize(
    ("f", "x", "h", "factor"),
    [
        (lambda x: np.float32(2.3 + 1e-4 * x.sum()), np.float32([1, 2]), None, 1e-4),
        (lambda x: np.sum(x**2), np.array([1.0, 2.0]), 1e-15, 2.0),
        (lambda x: 1e11 + np.sum(x**2), np.array([1.0, 2.0]), None, 2.0),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_check_that_cannot_tell_says_so_and_does_not_agree(f, x, h, factor, sign):
    def gradient(x):
        return sign * factor * (np.ones_like(x) if factor < 1 else x)

    report = check_gradient(f, gradient, x, h)
    assert not report
    assert "too uncertain" in str(report)


# --- the three outcomes: right gradients never fail, wrong ones never agree ---


def sum_of_squares(x):
    return np.sum(x**2)


def sum_of_cubes(x):
    return np.sum(x**3)


def ramps(x):
    return np.sum(np.maximum(x, 0))


def squares_in_single(x):
    return float(np.sum(x.astype(np.float32) ** 2))


def distances(x):
    return np.sum(np.abs(x))


def sum_of_sines(x):
    return np.sum(np.sin(x))


def sum_of_logarithms(x):
    return np.sum(np.log(x))


def sum_of_reciprocals(x):
    return np.sum(1 / x)


FUNCTIONS = {
    "squares": (sum_of_squares, lambda x: 2 * x),
    "cubes": (sum_of_cubes, lambda x: 3 * x**2),
    "sines": (sum_of_sines, np.cos),
    "ramps": (ramps, lambda x: (x > 0).astype(x.dtype)),
    "distances": (distances, np.sign),
    "logarithms": (sum_of_logarithms, lambda x: 1 / x),
    "reciprocals": (sum_of_reciprocals, lambda x: -1 / x**2),
    "squares in float32 inside": (squares_in_single, lambda x: 2 * x),
    "rounded to six places": (lambda x: np.round(sum_of_squares(x), 6), lambda x: 2 * x),
    "squares after a huge detour": (lambda x: np.sum((x**2 + 1e10) - 1e10), lambda x: 2 * x),
    "fine ripple": (lambda x: np.sum(np.sin(1e8 * x)), lambda x: 1e8 * np.cos(1e8 * x)),
    "scales apart": (
        lambda x: 1e-16 * x[0] ** 2 + 1e16 * np.sum(x[1:] ** 2),
        lambda x: np.concatenate([2e-16 * x[:1], 2e16 * x[1:]]),
    ),
}
POINTS = ([1.0, 2.0], [0.3, 1.7, 2.2], [1e8, 1e-8], [1e-5, 7e-6, 1.0], [0.5], [1.0, 1e-4])


def spoil_one(gradient, factor):
    """Multiply the smallest element that is no less than 1e-4 of the largest."""
    wrong, sizes = gradient.copy(), np.abs(gradient)
    wrong[np.argmin(np.where(sizes >= 1e-4 * sizes.max(), sizes, np.inf))] *= factor
    return wrong


WRONG = {
    "twice": lambda g: 2 * g,
    "half": lambda g: g / 2,
    "turned": lambda g: -g,
    "zero": np.zeros_like,
    "one element twice": lambda g: spoil_one(g, 2),
    "one element turned": lambda g: spoil_one(g, -1),
    "a twentieth more": lambda g: 1.05 * g,
    "not a number": lambda g: g * np.nan,
    "infinite": lambda g: g + np.inf,
}


@pytest.mark.parametrize("constant", [0.0, 1.0, 1e8, 1e12])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_right_gradient_never_fails_and_a_wrong_one_never_agrees(name, constant):
    f, gradient = FUNCTIONS[name]
    for x in map(np.array, POINTS):
        for h in (None, 1e-9, 0.5):
            if (name == "fine ripple" and x.max() > 1e3) or (
                name == "rounded to six places" and x.min() < 1e-3
            ):
                continue  # at such points it has no slope: noise, or a staircase
            report = check_gradient(lambda x: f(x) + constant, gradient(x), x, h)
            assert report.outcome != "fails", (x, h, str(report))
            for slip, spoil in WRONG.items():
                report = check_gradient(lambda x: f(x) + constant, spoil(gradient(x)), x, h)
                assert not report, (slip, x, h, str(report))


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e-9, 1e9, 1e30, 1e290])
@pytest.mark.parametrize("name", ["squares", "sines", "ramps"])
def test_the_scale_of_f_does_not_matter(name, scale):
    f, gradient = FUNCTIONS[name]
    for x in (np.array([1.0, -2.0]), np.array([0.3, 1.7, 2.2])):
        assert check_gradient(lambda x: scale * f(x), scale * gradient(x), x)
        for slip, spoil in WRONG.items():
            report = check_gradient(lambda x: scale * f(x), scale * spoil(gradient(x)), x)
            assert report.outcome == "fails" or np.array_equal(spoil(gradient(x)), gradient(x)), (
                slip
            )


@pytest.mark.parametrize("x", [[1.0, 2.0], [0.3, -1.7, 2.2], [0.1, 0.2]])
@pytest.mark.parametrize("constant", [1e10, 1e11, 1e13])
@pytest.mark.parametrize("factor", [1, 2, 0])
def test_beneath_a_large_constant_it_cannot_tell(x, constant, factor):
    def gradient(x):
        return 2 * factor * x

    report = check_gradient(lambda x: sum_of_squares(x) + constant, gradient, x)
    assert report.outcome == "cannot tell"
    assert not report
    assert str(report).startswith("cannot tell whether the gradient agrees: differences are too")
    assert "use float64, a larger h, or f without its constant part" in report.problem


@pytest.mark.parametrize("constant", [0.0, 1.0, 1e3, 1e9, 1e12])
def test_in_float32_no_wrong_gradient_agrees(constant):
    def f(x):
        return np.sum(x**2) + np.float32(constant)

    for x in (np.float32([1, 2]), np.float32([0.3, -1.7, 2.2])):
        assert check_gradient(f, 2 * x, x).outcome == ("agrees" if constant < 10 else "cannot tell")
        assert not any(check_gradient(f, spoil(2 * x), x) for spoil in WRONG.values())


@given(
    hnp.arrays(float, st.integers(1, 6), elements=st.floats(-1e8, 1e8)),
    st.floats(-300, 290),
    st.floats(-1e12, 1e12),
)
def test_no_right_gradient_of_squares_fails(x, magnitude, constant):
    scale = 10**magnitude / max(1, np.abs(x).max() ** 2)
    report = check_gradient(lambda x: scale * (np.sum(x**2) + constant), 2 * scale * x, x)
    assert report.outcome != "fails", str(report)


def report_of_thousands(share, factor=1):
    """On a gradient of 3,000 elements; a small one is claimed `factor` times as large as it is."""
    weights = np.random.default_rng(0).uniform(1, 2, 3000)
    weights[1234] = share
    claimed = weights.copy()
    claimed[1234] *= factor
    x = np.random.default_rng(1).normal(size=3000)
    return check_gradient(lambda x: np.sum(weights * np.sin(x)), claimed * np.cos(x), x)


@pytest.mark.parametrize("share", [1e-1, 1e-4])
def test_thousands_of_right_elements_agree(share):
    assert report_of_thousands(share)


@pytest.mark.parametrize("share", [1e-1, 1e-4])
@pytest.mark.parametrize("factor", [0.5, 2, -1, 0])
def test_one_wrong_element_among_thousands_is_found(share, factor):
    report = report_of_thousands(share, factor)
    assert (report.outcome, report.index) == ("fails", (1234,))


@pytest.mark.parametrize(
    ("f", "x", "claims"),
    [
        (distances, [0.0], [-1.0, 0.0, 1.0]),
        (ramps, [0.0], [0.0, 0.5, 1.0]),
        (distances, [1e-7, 1.0], [[1.0, 1.0], [-1.0, 1.0]]),
        (ramps, [-3e-6, 1.0], [[0.0, 1.0]]),
        (lambda x: ramps(x) + 2.3, [0.0, 1.0], [[0.0, 1.0], [0.5, 1.0], [1.0, 1.0]]),
    ],
)
def test_at_a_kink_it_cannot_tell(f, x, claims):
    for claim in claims:
        report = check_gradient(f, np.reshape(claim, np.shape(x)), x)
        assert report.outcome == "cannot tell"
        assert "another x" in report.problem


def test_a_kink_beside_the_step_does_no_harm():
    assert check_gradient(ramps, [1.0, 0.0], [1e-5, -1e-5])
    assert check_gradient(ramps, [1.0, 0.0], [1e-7, -1e-7], h=1e-8)


@pytest.mark.parametrize("x", [[0.0], [0.0, 0.0]])
def test_the_flat_point_of_a_cube_is_not_called_wrong(x):
    assert check_gradient(sum_of_cubes, np.zeros_like, x).outcome == "cannot tell"
    assert check_gradient(sum_of_cubes, np.ones_like, x).outcome == "fails"


def test_an_element_that_is_exactly_zero_agrees_beside_others():
    x = np.array([-1.0, 2.0, -3.0])
    assert check_gradient(lambda x: ramps(x) + 2.3, [0.0, 1.0, 0.0], x)
    assert check_gradient(lambda x: np.sum(np.cos(x)), [0.0], [0.0])
    assert not check_gradient(lambda x: ramps(x) + 2.3, [1e-3, 1.0, 0.0], x)


@pytest.mark.parametrize("noise", [1e-9, 1e-3, 1.0])
@pytest.mark.parametrize("factor", [1, 2])
def test_a_function_that_draws_numbers_is_found_out(noise, factor):
    rng = np.random.default_rng(0)
    report = check_gradient(
        lambda x: np.sum(x**2) + noise * rng.normal(), lambda x: 2 * factor * x, [1.0, 2.0]
    )
    assert report.outcome == "cannot tell"
    assert "at one x; fix what is random" in str(report)


@pytest.mark.parametrize("f", [lambda x: np.nan, lambda x: np.inf, lambda x: np.log(x[0] - 1)])
def test_where_f_is_not_finite_it_cannot_tell(f):
    report = check_gradient(f, np.ones(2), [1.0, 2.0])
    assert report.outcome == "cannot tell"
    assert "f is not finite near x" in str(report)


def test_a_step_that_moves_nothing_is_named():
    assert "the step is lost in rounding" in str(
        check_gradient(sum_of_squares, [2.0], [1.0], 1e-17)
    )


def test_a_step_too_large_for_the_function_is_named():
    report = check_gradient(sum_of_sines, np.cos, [1.0, 2.0], h=3.0)
    assert report.outcome == "cannot tell"
    assert "use a smaller h" in str(report)


def test_nothing_to_compare_agrees_and_lists_and_integers_will_do():
    assert check_gradient(np.sum, np.ones((0, 3)), np.ones((0, 3)))
    assert check_gradient(sum_of_squares, [2, 4], [1, 2])
    assert not check_gradient(sum_of_squares, [2, 5], [1, 2])
    assert not check_gradient(sum_of_squares, lambda x: np.array([6.0]), 3.0)


def test_what_is_known_less_well_than_asked_is_said():
    report = check_gradient(lambda x: 1e7 + sum_of_squares(x), lambda x: 2 * x, [1.0, 2.0])
    assert report
    assert 1e-6 < report.blur < 1e-2
    assert str(report) == (
        f"gradient agrees: relative error at most {report.blur:.0e}, as far as differences can tell"
    )


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 4)])
@pytest.mark.parametrize("factor", [1, 2])
def test_the_check_costs_four_evaluations_an_element_and_three(shape, factor):
    calls = []
    x = np.ones(shape)
    check_gradient(lambda x: calls.append(1) or np.sum(x**2), 2 * factor * x, x)
    assert len(calls) == 4 * x.size + 3


@pytest.mark.parametrize("constant", [5.0, 1e3 / 3, 1e16])
def test_where_f_never_moves_rounding_may_hide_a_slope(constant):
    report = check_gradient(lambda x: constant, [0.0, 0.0], [1.0, 2.0])
    assert report.outcome == "cannot tell"
    assert "another x" in report.problem
    assert check_gradient(lambda x: constant, [0.0, constant], [1.0, 2.0]).outcome == "fails"


@pytest.mark.parametrize("constant", [1e12, 1e15, 1e20])
def test_what_a_large_constant_swallows_whole_is_not_called_constant(constant):
    for x in ([0.1], [1.0, 2.0], np.float32([1, 2])):
        report = check_gradient(lambda x: np.sum(x**2) + x.dtype.type(constant), np.zeros_like, x)
        assert report.outcome == "cannot tell"
        assert "a larger h" in str(report)


@pytest.mark.parametrize("detour", [1e3, 1e6, 1e10])
def test_rounding_on_the_way_to_f_is_seen(detour):
    for x in ([1.0], [1.0, 2.0], [0.3, 4.0, 0.1]):
        for h in (None, 1e-9, 1e-3):
            report = check_gradient(
                lambda x: np.sum((x**2 + detour) - detour), lambda x: 2 * x, x, h
            )
            assert report.outcome != "fails", str(report)


# --- roundings that leave no trace in the differences ---


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("large", [12.0, 18.0, 22.0, 25.0, 30.0, 35.0, 38.0, 45.0, 100.0, 800.0])
def test_a_sure_guess_does_not_fail_for_the_rounding_of_its_gradient(large, dtype):
    one = dtype([large, 0, 0])
    for x, labels in ((one, 0), (np.stack([one, one[[1, 0, 2]] + 1]), [0, 1])):
        report = check_gradient(
            lambda x, labels=labels: softmax_cross_entropy(x, labels),
            softmax_cross_entropy_gradient(x, labels),
            x,
        )
        assert report.outcome != "fails", str(report)


def test_a_wrong_gradient_of_a_fairly_sure_guess_still_fails():
    x = np.array([18.0, 0.0, 0.0])
    for factor in (2, 0, -1):
        wrong = factor * softmax_cross_entropy_gradient(x, 0)
        report = check_gradient(lambda x: softmax_cross_entropy(x, 0), wrong, x)
        assert report.outcome == "fails"


def log_sum_exp(x):
    return np.log(np.exp(x - x.max()).sum()) + x.max()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


NAIVE = {
    "cross-entropy": (
        lambda x: log_sum_exp(x) - x[0],
        lambda x: np.exp(x - log_sum_exp(x)) - np.eye(3)[0],
        [1.0, 0.0, 0.0],
    ),
    "cross-entropy of a sure guess": (
        lambda x: -np.log(sigmoid(x)).sum(),
        lambda x: sigmoid(x) - 1,
        [1.0],
    ),
    "exact cross-entropy of a sure guess": (
        lambda x: np.logaddexp(0, -x).sum(),
        lambda x: sigmoid(x) - 1,
        [1.0, 1.1],
    ),
    "distance from saturation": (
        lambda x: np.sum(1 - np.tanh(x)),
        lambda x: np.tanh(x) ** 2 - 1,
        [1.0, 0.7],
    ),
}


@pytest.mark.parametrize("large", [12.0, 18.0, 20.0, 24.0, 30.0, 34.0, 36.0, 40.0, 50.0, 100.0])
@pytest.mark.parametrize("name", NAIVE)
def test_where_large_parts_cancel_no_right_gradient_fails(name, large):
    f, gradient, x = NAIVE[name]
    x = large * np.array(x)
    report = check_gradient(f, gradient(x), x)
    assert report.outcome != "fails", str(report)
    assert report or "formulas without such differences" in report.problem
    assert not check_gradient(f, gradient(x) + 1, x)


@pytest.mark.parametrize("factor", [0, 1, 2])
@pytest.mark.parametrize(
    ("f", "slope", "x"),
    [
        (lambda x: 1e12 + np.exp(-x @ x / 2), lambda x: -x * np.exp(-x @ x / 2), [4.5]),
        (lambda x: 1e12 + np.exp(-x @ x / 2), lambda x: -x * np.exp(-x @ x / 2), [4.5, 0.1]),
        (lambda x: 1e12 + 1e-3 * np.sin(x).sum(), lambda x: 1e-3 * np.cos(x), [1.0, 2.0]),
        (lambda x: np.sin(x).sum() + 1e16, np.cos, [1.0, 2.0]),
        (lambda x: (np.sum(x**2) + 1e10) - 1e10, lambda x: 2 * x, [1e-4]),
        (lambda x: (np.sum(x**2) + 1e10) - 1e10 + 5, lambda x: 2 * x, [1e-4, -1e-5]),
    ],
)
def test_beneath_a_constant_that_swallows_every_change_it_cannot_tell(f, slope, x, factor):
    report = check_gradient(f, lambda x: factor * slope(x), x)
    assert report.outcome == "cannot tell"
    assert "a larger h" in report.problem


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x[0] * x[1], [0.0, 0.0]),
        (np.prod, [0.0, 0.0, 0.0]),
        (lambda x: (x[0] * x[1]) ** 2, [0.0, 0.0]),
        (lambda x: 3 * x[0] * x[1] * x[2], [0.0, 0.0, 2.0]),
        (ramps, [-0.5, -2.0]),
        (np.prod, np.zeros(3, np.float32)),
    ],
)
def test_where_f_is_exactly_zero_all_around_zeros_agree_and_nothing_else(f, x):
    assert check_gradient(f, np.zeros_like, x)
    for wrong in (1.0, 1e-3, -1e-9):
        assert check_gradient(f, np.full_like(x, wrong), x).outcome == "fails"


def test_zeros_agree_with_a_unit_that_is_asleep():
    for x in (np.array([0.5, -2.0]), np.float32([0.5, -0.3])):
        asleep = check_gradient(lambda x: np.sum(np.maximum(x - 1, 0) ** 2), np.zeros_like, x)
        assert asleep, str(asleep)


def test_an_f_that_refuses_zero_is_checked_all_the_same():
    def picky(x):
        return sum(1 / float(number) for number in x)

    assert check_gradient(picky, lambda x: -1 / x**2, [1.0, 2.0])


@pytest.mark.parametrize("constant", [0.0, 5.0])
@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_the_last_point_at_which_f_is_asked_is_x(slope, constant):
    asked = []

    def f(x):
        asked.append(x.copy())
        return constant + slope * x.sum()

    check_gradient(f, np.ones_like, [1.0, 2.0])
    np.testing.assert_array_equal(asked[-1], [1.0, 2.0])
