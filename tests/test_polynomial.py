"""The invented day, its thermometer, and the polynomials fitted to its readings."""

import re

import numpy as np
import pytest

from downslope.polynomial import (
    day_temperature,
    errors_by_degree,
    fit_polynomial,
    root_mean_squared_error,
    thermometer,
)

HOURS = np.linspace(0, 24, 13)


def test_the_day_ends_as_it_began():
    assert np.isclose(day_temperature(0), day_temperature(24))


def test_the_day_is_coldest_before_dawn_and_warmest_in_the_afternoon():
    hours = np.linspace(0, 24, 241)
    temperature = day_temperature(hours)
    assert 0 < hours[temperature.argmin()] < 6
    assert 12 < hours[temperature.argmax()] < 18


def test_a_thermometer_without_noise_tells_the_truth():
    rng = np.random.default_rng(0)
    assert np.array_equal(thermometer(HOURS, 0, rng), day_temperature(HOURS))


def test_the_noise_scales_the_same_errors():
    errors = [
        thermometer(HOURS, noise, np.random.default_rng(3)) - day_temperature(HOURS)
        for noise in (1, 2)
    ]
    assert np.allclose(2 * errors[0], errors[1])


def test_the_errors_of_the_thermometer_have_the_spread_it_was_given():
    hours = np.random.default_rng(1).uniform(0, 24, 20_000)
    readings = thermometer(hours, 2.0, np.random.default_rng(2))
    assert root_mean_squared_error(readings, day_temperature(hours)) == pytest.approx(2, rel=0.02)


@pytest.mark.parametrize("degree", range(8))
def test_a_polynomial_of_its_own_degree_is_found_exactly(degree):
    power = np.polynomial.Polynomial(np.arange(1.0, degree + 2), domain=(0, 24))
    found = fit_polynomial(HOURS, power(HOURS), degree)
    between = np.linspace(0, 24, 50)
    assert np.allclose(found(between), power(between), rtol=1e-9, atol=1e-9)


def test_the_fit_has_the_smallest_squared_error():
    readings = thermometer(HOURS, 2, np.random.default_rng(0))
    best = fit_polynomial(HOURS, readings, 4)
    rng = np.random.default_rng(1)
    for _ in range(20):
        other = best + fit_polynomial(HOURS, rng.normal(size=13), 4) * 0.01
        assert root_mean_squared_error(other(HOURS), readings) > root_mean_squared_error(
            best(HOURS), readings
        )


def test_as_many_coefficients_as_points_go_through_every_point():
    readings = thermometer(HOURS, 2, np.random.default_rng(0))
    assert np.allclose(fit_polynomial(HOURS, readings, 12)(HOURS), readings, atol=1e-9)


def test_the_training_error_never_rises_with_the_degree():
    rng = np.random.default_rng(5)
    points = HOURS, thermometer(HOURS, 2, rng)
    on_points, on_others = errors_by_degree(points, (HOURS + 0.0, rng.normal(14, 5, 13)), 12)
    assert (np.diff(on_points) <= 1e-9).all()
    assert not (np.diff(on_others) <= 1e-9).all()


def test_the_chebyshev_basis_is_far_better_conditioned_than_powers_of_the_hour():
    powers = np.vander(HOURS, 13)
    chebyshev = np.polynomial.chebyshev.chebvander(HOURS / 12 - 1, 12)
    assert np.linalg.cond(powers) > 1e12 * np.linalg.cond(chebyshev)


def test_inputs_are_left_as_they_were():
    hours, readings = HOURS.copy(), np.arange(13.0)
    fit_polynomial(hours, readings, 3)
    root_mean_squared_error(readings, hours)
    assert np.array_equal(hours, HOURS)
    assert np.array_equal(readings, np.arange(13.0))


REFUSALS = {
    "hours must be from 0 to 24, got 25": lambda: day_temperature([3, 25]),
    "hours must be from 0 to 24, got -1": lambda: thermometer(-1, 1, np.random.default_rng(0)),
    "hours must be finite": lambda: day_temperature(np.nan),
    "noise must not be negative, got -1": lambda: thermometer(3, -1, np.random.default_rng(0)),
    "rng must be a numpy.random.Generator": lambda: thermometer(3, 1, 0),
    "degree must be at least 0, got -1": lambda: fit_polynomial(HOURS, HOURS, -1),
    "degree must be less than the number of different x, 13, got 13": lambda: fit_polynomial(
        HOURS, HOURS, 13
    ),
    "different x, 1, got 1": lambda: fit_polynomial([2, 2, 2], [1, 2, 3], 1),
    "y must have shape (13,), got (2,)": lambda: fit_polynomial(HOURS, [1, 2], 1),
    "x must have shape (n,), got (1, 13)": lambda: fit_polynomial([HOURS], [HOURS], 1),
    "domain must be (first, last) around every x": lambda: fit_polynomial(
        HOURS, HOURS, 1, domain=(0, 12)
    ),
    "t must have shape (2,), got (3,)": lambda: root_mean_squared_error([1, 2], [1, 2, 3]),
    "y must not be empty": lambda: root_mean_squared_error([], []),
    "last_degree must be at least 0": lambda: errors_by_degree((HOURS, HOURS), ([1], [1]), -1),
}


@pytest.mark.parametrize("message", REFUSALS)
def test_bad_input_is_refused_by_name(message):
    with pytest.raises(ValueError, match=re.escape(message)):
        REFUSALS[message]()


@pytest.mark.parametrize("domain", [None, 3, (1,), (0, 1, 2), "ab"])
def test_a_domain_without_two_ends_is_refused(domain):
    with pytest.raises(ValueError, match="domain must"):
        fit_polynomial([0.0, 1.0], [0.0, 1.0], 1, domain=domain)
