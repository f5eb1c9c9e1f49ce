"""Readings of a thermometer, and polynomials fitted to them: chapter 1's small world of noise.

The true temperature of the day is known here, which it never is outside of a book. So one can see
what a fit has learned, and what it has only learned by heart.
"""

import numpy as np
from numpy.polynomial import Chebyshev

from downslope._validation import (
    as_count,
    as_float_array,
    as_scalar,
    require_generator,
    require_shape,
)
from downslope.losses import mean_squared_error

__all__ = [
    "day_temperature",
    "errors_by_degree",
    "fit_polynomial",
    "root_mean_squared_error",
    "thermometer",
]

DAY = (0.0, 24.0)  # hours


def day_temperature(hours):
    """The true temperature of an invented day: coldest before dawn, warmest in the afternoon.

    Parameters
    ----------
    hours : array_like of float, shape (...)
        Time of day, in hours, 0 to 24.

    Returns
    -------
    temperature : ndarray of float, shape (...)
        In degrees Celsius. It is no polynomial, so no degree is exactly right.

    Raises
    ------
    ValueError
        If a time is not from 0 to 24.

    Examples
    --------
    >>> print(day_temperature([3, 9, 15]).round(1))
    [ 7. 15. 19.]
    """
    hours = _hours(hours)
    daily = 6 * np.sin(2 * np.pi * (hours - 9) / 24)
    return 14 + daily + 2 * np.sin(4 * np.pi * (hours - 4) / 24)


def thermometer(hours, noise, rng):
    """Readings of the day's temperature by a thermometer that errs at random.

    Parameters
    ----------
    hours : array_like of float, shape (...)
        When it is read, in hours, 0 to 24.
    noise : float, >= 0
        Standard deviation of its error, in degrees Celsius.
    rng : numpy.random.Generator
        Where the errors come from. With the same state, they are in proportion to `noise`.

    Returns
    -------
    readings : ndarray of float, shape (...)
        In degrees Celsius.

    Raises
    ------
    ValueError
        If a time is not from 0 to 24, `noise` is negative, or `rng` is no generator.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> print(thermometer([3, 15], noise=0, rng=rng).round(1))
    [ 7. 19.]
    """
    require_generator(rng)
    noise = as_scalar(noise, "noise")
    if noise < 0:
        raise ValueError(f"noise must not be negative, got {noise:g}")
    temperature = day_temperature(hours)
    return temperature + noise * rng.normal(size=temperature.shape)


def fit_polynomial(x, y, degree, domain=DAY):
    """The polynomial of a given degree with the smallest sum of squared errors at the points.

    It is a sum of Chebyshev polynomials over `domain`. As functions these span the same
    polynomials as 1, x, x², x³, …, but powers of 24 grow into numbers so different in size, and so
    alike in shape, that their coefficients drown in rounding errors; Chebyshev polynomials stay
    between -1 and 1.

    Parameters
    ----------
    x : array_like of float, shape (n,)
        Within `domain`.
    y : array_like of float, shape (n,)
    degree : int, 0 to one less than the number of different x
    domain : tuple of float, (first, last)
        Where the polynomial will be used.

    Returns
    -------
    polynomial : numpy.polynomial.Chebyshev
        Call it with an array to evaluate it.

    Raises
    ------
    ValueError
        If the points do not determine a polynomial of that degree, or are not numbers.

    Examples
    --------
    >>> line = fit_polynomial([0, 1, 2], [5, 7, 9], degree=1)
    >>> print(line(np.array([3, 10])).round(6))
    [11. 25.]
    """
    x, y = as_float_array(x, "x"), as_float_array(y, "y")
    if x.ndim != 1:
        raise ValueError(f"x must have shape (n,), got {x.shape}")
    require_shape(y, x.shape, "y")
    degree = as_count(degree, "degree")
    if np.shape(domain) != (2,):
        raise ValueError(f"domain must be (first, last), got {domain!r}")
    first, last = (as_scalar(end, "domain") for end in domain)
    if not first < last or x.size and (x.min() < first or x.max() > last):
        raise ValueError(f"domain must be (first, last) around every x, got {domain}")
    n_different = np.unique(x).size
    if degree >= n_different:
        raise ValueError(
            f"degree must be less than the number of different x, {n_different}, got {degree}"
        )
    return Chebyshev.fit(x, y, degree, domain=(first, last))


def root_mean_squared_error(y, t):
    """How far predictions are off, typically, in the unit of what is predicted.

    Parameters
    ----------
    y : array_like of float, any shape
        Predictions.
    t : array_like of float, shape of `y`
        Targets.

    Returns
    -------
    error : float
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ, or there is nothing to compare.

    Examples
    --------
    >>> root_mean_squared_error([14.0, 16.0], [17.0, 20.0])
    3.5355339059327378
    """
    return float(np.sqrt(mean_squared_error(y, t)))


def errors_by_degree(points, others, last_degree):
    """Fit each degree to some points, and measure the fit on these points and on others.

    Parameters
    ----------
    points, others : pair of array_like of float, shapes (n,) and (n,)
        Hours, 0 to 24, and readings. Only `points` are fitted.
    last_degree : int, >= 0

    Returns
    -------
    on_points, on_others : ndarray of float, shape (last_degree + 1,)
        `root_mean_squared_error` of the polynomials of degree 0 to `last_degree`.

    Raises
    ------
    ValueError
        As `fit_polynomial` and `root_mean_squared_error`.

    Examples
    --------
    >>> on_points, on_others = errors_by_degree(([0, 24], [5, 7]), ([6, 12], [5, 7]), 1)
    >>> print(on_points.round(3), on_others.round(3))
    [1. 0.] [1.    0.791]
    """
    n_degrees = as_count(last_degree, "last_degree") + 1
    x, y = points
    fits = [fit_polynomial(x, y, degree) for degree in range(n_degrees)]
    errors = [
        [root_mean_squared_error(fit(_hours(x)), y) for fit in fits] for x, y in (points, others)
    ]
    return np.array(errors[0]), np.array(errors[1])


def _hours(value):
    hours = as_float_array(value, "hours")
    outside = hours[(hours < DAY[0]) | (hours > DAY[1])]
    if outside.size:
        raise ValueError(f"hours must be from 0 to 24, got {outside.flat[0]:g}")
    return hours
