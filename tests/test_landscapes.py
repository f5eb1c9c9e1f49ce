import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope.differentiation import numerical_gradient
from downslope.gradient_check import check_gradient
from downslope.landscapes import (
    LANDSCAPES,
    Landscape,
    bowl,
    plateau,
    ravine,
    rosenbrock,
    saddle,
    turned,
    two_minima,
)

every_landscape = pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
fractions = st.tuples(st.floats(0, 1), st.floats(0, 1))


def inside(landscape, fraction):
    low, high = np.transpose(landscape.bounds)
    return low + np.array(fraction) * (high - low)


def test_every_landscape_is_listed_under_its_name():
    assert set(LANDSCAPES) == {
        "bowl", "ravine", "saddle", "plateau", "two_minima", "rosenbrock"
    }  # fmt: skip
    assert all(name == landscape.name for name, landscape in LANDSCAPES.items())
    assert all(isinstance(landscape, Landscape) for landscape in LANDSCAPES.values())


@every_landscape
@given(fraction=fractions)
def test_the_exact_gradient_meets_the_numerical_one(landscape, fraction):
    x = inside(landscape, fraction)
    report = check_gradient(landscape, landscape.gradient, x)
    too_flat_to_tell = np.abs(landscape.gradient(x)).max() < 1e-4  # far out on the plateau
    assert report or (too_flat_to_tell and report.outcome == "cannot tell"), str(report)


@every_landscape
@given(fraction=fractions)
def test_the_exact_hessian_meets_differences_of_the_gradient(landscape, fraction):
    x = inside(landscape, fraction)
    rows = [numerical_gradient(lambda x, i=i: landscape.gradient(x)[i], x) for i in range(2)]
    scale = max(1, np.abs(rows).max())
    np.testing.assert_allclose(landscape.hessian(x), rows, atol=1e-7 * scale)


@every_landscape
def test_a_grid_gives_what_its_points_give(landscape):
    grid = np.stack(
        np.meshgrid(
            *(np.linspace(*bound, n) for bound, n in zip(landscape.bounds, (4, 3), strict=True))
        )
    )
    assert grid.shape == (2, 3, 4)
    heights, slopes = landscape(grid), landscape.gradient(grid)
    curves, principal = landscape.hessian(grid), landscape.curvatures(grid)
    assert (heights.shape, slopes.shape) == ((3, 4), (2, 3, 4))
    assert (curves.shape, principal.shape) == ((2, 2, 3, 4), (2, 3, 4))
    for i, j in np.ndindex(3, 4):
        x = grid[:, i, j]
        np.testing.assert_allclose(heights[i, j], landscape(x), rtol=1e-12)
        np.testing.assert_allclose(slopes[:, i, j], landscape.gradient(x), rtol=1e-12)
        np.testing.assert_allclose(curves[:, :, i, j], landscape.hessian(x), rtol=1e-12)
        np.testing.assert_allclose(
            principal[:, i, j], landscape.curvatures(x), rtol=1e-9, atol=1e-12
        )


@every_landscape
def test_the_gradient_vanishes_at_each_critical_point(landscape):
    for point in landscape.critical_points:
        assert np.abs(landscape.gradient(point.x)).max() < 1e-15


@every_landscape
def test_the_curvatures_confirm_the_kind_of_each_critical_point(landscape):
    for point in landscape.critical_points:
        low, high = landscape.curvatures(point.x)
        kind = "minimum" if low > 0 else "saddle" if high > 0 else "maximum"
        assert point.kind == kind


@every_landscape
def test_no_critical_point_inside_the_bounds_is_missing(landscape):
    """Newton's method from many points ends at a listed point, outside, or on flat ground."""
    known = np.array([point.x for point in landscape.critical_points])
    found = set()
    for offset in np.random.default_rng(0).uniform(-1, 1, (200, 2)):
        x = inside(landscape, (1 + offset**3) / 2)
        for _ in range(60):
            if landscape.curvatures(x).prod() == 0 or np.abs(x).max() > 100:
                break
            x = x - np.linalg.solve(landscape.hessian(x), landscape.gradient(x))
        if np.abs(landscape.gradient(x)).max() < 1e-13 and np.abs(x).max() < 5:
            distance = np.linalg.norm(known - x, axis=1)
            if np.abs(landscape.curvatures(x)).max() > 1e-9:
                assert distance.min() < 1e-9
                found.add(int(distance.argmin()))
    assert found == set(range(len(known)))


@every_landscape
def test_the_start_and_the_critical_points_are_in_the_picture(landscape):
    (left, right), (bottom, top) = landscape.bounds
    for x0, x1 in [landscape.start, *(point.x for point in landscape.critical_points)]:
        assert left < x0 < right
        assert bottom < x1 < top


@every_landscape
def test_a_landscape_leaves_its_argument_untouched_and_takes_integers(landscape):
    x = np.array([1, 2])
    for function in (landscape, landscape.gradient, landscape.hessian, landscape.curvatures):
        assert np.asarray(function(x)).dtype == float
        np.testing.assert_array_equal(x, [1, 2])


@every_landscape
@pytest.mark.parametrize("x", [1.0, [1.0, 2.0, 3.0], np.zeros((3, 2))])
def test_a_landscape_refuses_points_that_are_not_of_the_plane(landscape, x):
    for function in (landscape, landscape.gradient, landscape.hessian):
        with pytest.raises(ValueError, match=r"x must have shape \(2, \.\.\.\)"):
            function(x)


def test_the_curvatures_of_bowl_and_ravine_are_those_the_book_quotes():
    np.testing.assert_allclose(bowl.curvatures([1, 2]), [2, 2])
    np.testing.assert_allclose(ravine.curvatures([1, 2]), [0.1, 2])


def test_the_ravine_is_x0_squared_over_20_plus_x1_squared():
    assert ravine([10.0, 3.0]) == 14.0


def test_the_saddle_falls_one_way_and_rises_the_other():
    assert saddle([1.0, 0.0]) == 1
    assert saddle([0.0, 1.0]) == -1


def test_the_plateau_is_flat_to_the_last_digit_in_its_corners():
    assert plateau([5.0, 5.0]) == 1
    assert np.abs(plateau.gradient(plateau.start)).max() < 1e-4
    assert plateau([0.0, 0.0]) == 0


def test_one_of_the_two_minima_is_lower():
    left, between, right = (two_minima(point.x) for point in two_minima.critical_points)
    assert left < right < between


def test_a_landscape_prints_as_its_name_and_description():
    assert repr(ravine) == f"<Landscape ravine: {ravine.description}>"


@every_landscape
@pytest.mark.parametrize("x", [[None, 1], [1j, 2], ["a", "b"], [[1, 2], [3]]])
def test_what_is_no_number_is_refused_by_name(landscape, x):
    for ask in (landscape, landscape.gradient, landscape.hessian):
        with pytest.raises(ValueError, match="x must"):
            ask(x)


@pytest.mark.parametrize("degrees", [0, 30, 45, -90, 200])
def test_a_turned_landscape_has_the_slopes_and_curvatures_of_its_own_heights(degrees):
    landscape = turned(rosenbrock, degrees)
    for fraction in ((0.1, 0.2), (0.5, 0.9), (0.8, 0.3)):
        x = inside(landscape, fraction)
        assert check_gradient(landscape, landscape.gradient, x)
        rows = [numerical_gradient(lambda x, i=i: landscape.gradient(x)[i], x) for i in range(2)]
        scale = np.abs(rows).max()
        np.testing.assert_allclose(landscape.hessian(x), rows, atol=1e-6 * scale)


def test_what_is_turned_keeps_its_heights_and_takes_its_places_along():
    quarter = turned(ravine, 90)
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    np.testing.assert_allclose(quarter(np.stack([-x[1], x[0]])), ravine(x), rtol=1e-12)
    np.testing.assert_allclose(quarter.start, (-2.0, -7.0))
    np.testing.assert_allclose(quarter.bounds, ((-4, 4), (-8, 8)))
    tilted = turned(two_minima, 37)
    for before, after in zip(two_minima.critical_points, tilted.critical_points, strict=True):
        assert after.kind == before.kind
        np.testing.assert_allclose(tilted.gradient(after.x), 0, atol=1e-12)
        np.testing.assert_allclose(tilted(after.x), two_minima(before.x), rtol=1e-12)
    assert "turned by 37°" in tilted.description


def test_the_bounds_of_what_is_turned_hold_every_corner_and_no_more():
    aslant = turned(bowl, 45)
    side = 4 * np.sqrt(2)
    np.testing.assert_allclose(aslant.bounds, [(-side, side)] * 2)


def test_only_a_landscape_is_turned_and_only_by_a_number():
    with pytest.raises(ValueError, match="landscape must be a Landscape, got function"):
        turned(ravine.gradient, 45)
    with pytest.raises(ValueError, match="degrees must hold real numbers, got '45°'"):
        turned(ravine, "45°")
