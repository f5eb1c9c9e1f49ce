"""What chapter 3 tells its readers to find with the sliders is there to find."""

import re

import numpy as np
import pytest

from downslope.differentiation import gradient_field, numerical_gradient
from downslope.explorers import compare_fields, error_against_step, secant_to_tangent, slices
from downslope.explorers.differentiation import (
    KNOWN,
    METHODS,
    PRECISIONS,
    STEPS,
    SUBJECTS,
    _fine_steps,
    _found,
    _relative_error,
    _rule_of_thumb,
)


def looped_field(f, x0, x1):
    """The bug that readers are asked to find: its loop goes over rows, not over points."""
    points = np.stack(np.meshgrid(x0, x1)).reshape(2, -1)
    field = np.stack([numerical_gradient(f, row) for row in points])
    return field.reshape(2, len(x1), len(x0))


def move(explorer, **state):
    for name, value in state.items():
        explorer.controls[name].value = value
    assert explorer.error is None
    return explorer.readout


def picture(explorer, panel, layer):
    (found,) = (part for part in explorer._layers if part.name == layer)
    return explorer._view._pictures[panel, found].value


@pytest.fixture(scope="module")
def secant():
    return secant_to_tangent()


def secant_error(explorer, **state):
    return float(re.search(r"error is (\S+)$", move(explorer, **state))[1])


def test_neither_explorer_opens_on_what_readers_are_asked_to_find():
    """The prediction at x = 1.5 with h = 0.5, and the best steps."""
    assert secant_to_tangent().readout.startswith("Forward: the secant has slope 0.25")
    said = error_against_step().readout
    assert re.fullmatch(r"At h = 0.0001 the relative errors are forward \S+, central \S+\.", said)


def test_the_forward_error_is_least_at_1e_8_and_not_at_the_smallest_h(secant):
    errors = [secant_error(secant, x=1.5, difference="forward", h=h) for h in STEPS]
    assert STEPS[int(np.argmin(errors))] == 1e-8
    assert errors[0] > 1


def test_half_of_h_gives_half_the_forward_and_a_quarter_of_the_central_error(secant):
    forward = [secant_error(secant, x=1.5, difference="forward", h=h) for h in (0.2, 0.1)]
    central = [secant_error(secant, x=1.5, difference="central", h=h) for h in (0.2, 0.1)]
    assert forward == [0.94, 0.46]
    assert central == [0.04, 0.01]


def test_the_secant_leaves_the_tangent_at_1e_15_and_is_level_at_1e_16(secant):
    assert secant_error(secant, x=1.5, difference="forward", h=1e-13) < 0.01
    assert secant_error(secant, h=1e-15) > 0.5
    said = move(secant, h=1e-16)
    assert said.startswith("x + h rounds to x")
    assert "secant has slope 0, the tangent 3.75" in said


def test_the_close_up_shows_single_grains_from_5e_15_on(secant):
    move(secant, x=1.5, difference="forward", h=1e-14)
    assert "<use" not in picture(secant, "close", "grains")
    for h, at_least in ((5e-15, 60), (1e-15, 12), (1e-16, 2)):
        move(secant, h=h)
        assert picture(secant, "close", "grains").count("<use") >= at_least


@pytest.mark.parametrize("difference", ["forward", "central"])
def test_at_zero_the_secant_never_breaks(secant, difference):
    move(secant, x=0.0, difference=difference)
    assert all(secant_error(secant, h=h) <= max(1.01 * h**2, 1e-15) for h in STEPS)


@pytest.fixture(scope="module")
def errors():
    return error_against_step()


def predicted_and_found(difference, function, precision):
    """Where the explorer draws its upright line and its ring."""
    subject, kind, power = SUBJECTS[function], PRECISIONS[precision], METHODS[difference][1]
    steps = _fine_steps()
    found, _ = _found(steps, _relative_error(subject, kind, difference, steps))
    return _rule_of_thumb(subject, kind, power), found


@pytest.mark.parametrize("function", ["1/x at x = 3", "1/x at x = 100"])
@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("difference", ["forward", "central"])
def test_the_best_step_is_found_where_it_was_predicted(difference, precision, function):
    predicted, found = predicted_and_found(difference, function, precision)
    x, eps = float(function.split()[-1]), 2.0 ** (-52 if precision == "float64" else -23)
    assert predicted == pytest.approx(
        x * eps ** (1 / 2 if difference == "forward" else 1 / 3), 0.05
    )
    assert 1 / 10 < found / predicted < 10


def test_the_central_difference_of_a_square_is_better_the_larger_h():
    predicted, found = predicted_and_found("central", "x² at x = 3", "float64")
    assert found > 0.1 > 1e4 * predicted / 4


def errors_here(explorer, **state):
    said = move(explorer, function="1/x at x = 3", **state)
    return [float(n) for n in re.search(r"forward (\S+), central (\S+)\.$", said).groups()]


def test_the_right_arms_have_slopes_one_and_two_in_both_precisions(errors):
    for precision in ("float64", "float32"):
        state = {"difference": "both", "precision": precision}
        wide = errors_here(errors, h=0.316, **state)
        narrow = errors_here(errors, h=0.1, **state)
        ratios = np.divide(wide, narrow)
        assert np.log(ratios) / np.log(3.16) == pytest.approx([1, 2], abs=0.1)


def test_float32_lifts_the_left_arm_and_leaves_the_right_one(errors):
    right = [errors_here(errors, difference="both", precision=p, h=0.1) for p in PRECISIONS]
    left = [errors_here(errors, precision=p, h=1e-6) for p in PRECISIONS]
    assert right[0] == pytest.approx(right[1], rel=0.02)
    assert np.divide(left[1], left[0]).min() > 1e3


@pytest.fixture(scope="module")
def cuts():
    return slices()


def slopes(explorer, **state):
    said = move(explorer, **state)
    return {axis: float(slope) for axis, slope in re.findall(r"∂f/∂x(.) = (\S+?)(?:;|$)", said)}


def test_in_a_sum_of_squares_the_slope_does_not_depend_on_what_is_held(cuts):
    heights = np.linspace(-2, 2, 9)
    found = {slopes(cuts, landscape="x₀² + x₁²", x0=-1.0, x1=x1)["₀"] for x1 in heights}
    assert found == {-2.0}


def test_in_a_product_the_slope_of_a_slice_is_the_held_value(cuts):
    for x1 in (0.0, 1.5):
        assert slopes(cuts, landscape="x₀ · x₁", x0=-1.0, x1=x1)["₀"] == x1


def test_on_the_saddle_both_slices_are_level_at_the_origin(cuts):
    found = slopes(cuts, landscape="x₀² − x₁²", x0=0.0, x1=0.0)
    assert found == {"₀": 0.0, "₁": 0.0}


def test_the_readout_tells_the_slope_of_the_slice_that_is_shown_first(cuts):
    move(cuts, landscape="x₀ · x₁", x0=2.0, x1=-0.5, moving="x₁ moves, x₀ is held")
    assert cuts.readout.startswith("slope of this slice: ∂f/∂x₁ = +2.00;")
    move(cuts, moving="x₀ moves, x₁ is held")
    assert cuts.readout.startswith("slope of this slice: ∂f/∂x₀ = -0.50;")


def test_only_a_sum_of_squares_hides_that_a_loop_went_over_rows():
    explorer = compare_fields(gradient_field, looped_field)
    for function in KNOWN:
        right = move(explorer, method="gradient_field", function=function)
        looped = move(explorer, method="looped_field")
        assert right == "all arrows are right"
        hidden = function == "x₀² + x₁²"
        assert looped == (right if hidden else "168 of 169 arrows are wrong")


def test_a_comparison_needs_two_ways():
    with pytest.raises(ValueError, match="at least two"):
        compare_fields(gradient_field)
