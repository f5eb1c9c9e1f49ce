"""Derivatives from differences of function values.

Functions of several variables take their coordinates along the **first** axis: the same
``f = lambda x: x[0]**2 / 20 + x[1]**2`` serves one point, shape (2,), and a grid, shape (2, m, n).
"""

import numpy as np

from downslope._nudging import nudge_each, require_step, steps_of
from downslope._validation import as_float_array, require_function, require_shape
from downslope.gradient_check import GradientReport, check_gradient

__all__ = [
    "GradientReport",
    "central_difference",
    "check_gradient",
    "forward_difference",
    "gradient_field",
    "numerical_gradient",
]


def forward_difference(f, x, h):
    """Slope of the secant of `f` from `x` to `x + h`: ``(f(x + h) - f(x)) / h``.

    The denominator is `h` as given, not the step that floating point really took, so that the
    rounding error of a tiny `h` stays visible.

    Parameters
    ----------
    f : callable
        Maps an ndarray to an ndarray of the same shape, element by element.
    x : array_like of float, shape (...)
        Where to take the slope. float32 stays float32; integers become float64. Not modified.
    h : array_like of float, h != 0
        Step, in the units of `x`; broadcast against `x`, so that an array of steps gives an
        array of slopes.

    Returns
    -------
    slope : ndarray of float, shape of ``x + h``
        In units of `f` per unit of `x`; its error falls like h, until rounding takes over.

    Raises
    ------
    ValueError
        If `x` or `h` is not finite, `h` is 0 (in the precision of `x`), or `f` changes the shape.

    Examples
    --------
    >>> float(forward_difference(np.square, 3.0, 0.5))
    6.5
    >>> float(forward_difference(np.square, 3.0, 1e-16))
    0.0
    """
    x, h = _point_and_step(f, x, h)
    with np.errstate(over="ignore"):
        above = x + h
    return _quotient(_elementwise(f, above), _elementwise(f, x), h)


def central_difference(f, x, h):
    """Slope of the secant of `f` from `x - h` to `x + h`: ``(f(x + h) - f(x - h)) / (2 h)``.

    The denominator is `2 h` as given, as in `forward_difference`.

    Parameters
    ----------
    f : callable
        Maps an ndarray to an ndarray of the same shape, element by element.
    x : array_like of float, shape (...)
        Where to take the slope. float32 stays float32; integers become float64. Not modified.
    h : array_like of float, h != 0
        Step to either side, in the units of `x`; broadcast against `x`.

    Returns
    -------
    slope : ndarray of float, shape of ``x + h``
        In units of `f` per unit of `x`; its error falls like h**2, until rounding takes over.

    Raises
    ------
    ValueError
        If `x` or `h` is not finite, `h` is 0 (in the precision of `x`), or `f` changes the shape.

    Examples
    --------
    >>> float(central_difference(np.square, 3.0, 0.5))
    6.0
    """
    x, h = _point_and_step(f, x, h)
    with np.errstate(over="ignore"):
        above, below, width = x + h, x - h, 2 * h
    return _quotient(_elementwise(f, above), _elementwise(f, below), width)


def numerical_gradient(f, x, h=None):
    """All partial derivatives of `f` at `x`, each by a central difference.

    It costs two evaluations of `f` for every element of `x`.

    Parameters
    ----------
    f : callable
        Maps an array of the shape of `x` to one number. It is handed a read-only view.
    x : array_like of float, any shape
        Where to take the gradient. float32 stays float32; integers become float64.
        Not modified, not even when `f` raises.
    h : float, h != 0, optional
        Step to either side, in the units of `x`; the quotient is then taken over `2 h` as given.
        By default every element has its own step, ``eps**(1/3) * max(1, |x_i|)`` with the
        machine epsilon of `x`, and the quotient is taken over the step really taken.

    Returns
    -------
    gradient : ndarray of float, shape of `x`
        In units of `f` per unit of `x`.

    Raises
    ------
    ValueError
        If `x` or `h` is not finite, `h` is 0, or `f` does not return one real number.

    References
    ----------
    .. [1] Nocedal and Wright, *Numerical Optimization*, 2nd ed., Springer, 2006, ch. 8.

    Examples
    --------
    >>> numerical_gradient(lambda x: x[0] * x[1], [3, 4]).round(6)
    array([4., 3.])
    """
    require_function(f, "f")
    x = as_float_array(x, "x")
    steps = steps_of(x, h)
    with np.errstate(over="ignore", invalid="ignore"):
        width = (x + steps) - (x - steps) if h is None else 2 * steps
    above, below = nudge_each(f, x, steps)
    return _quotient(above, below, width).astype(x.dtype)[()]


def gradient_field(f, x0, x1, h=None):
    """Gradient of `f` at every point of a grid, with four evaluations of `f` on the whole grid.

    Parameters
    ----------
    f : callable
        Maps coordinates of shape (2, m, n), first axis first, to values of shape (m, n).
    x0 : array_like of float, shape (n,)
        First coordinates of the columns.
    x1 : array_like of float, shape (m,)
        Second coordinates of the rows. Instead of two axes, `x0` and `x1` may both be grids of
        one shape (m, n), as ``np.meshgrid(x0, x1)`` gives them.
    h : float, h != 0, optional
        Step to either side, in the units of the coordinates; the quotient is then taken over
        `2 h` as given, so that with h = 1e-15 the field is visibly noise. By default as in
        `numerical_gradient`.

    Returns
    -------
    gradient : ndarray of float, shape (2, m, n)
        ``gradient[i]`` is the partial derivative by coordinate i, laid out as
        ``np.meshgrid(x0, x1)``: rows follow `x1`, columns follow `x0`. It points up.

    Raises
    ------
    ValueError
        If the axes have other shapes or are not finite, `h` is 0, or `f` returns another shape.

    Examples
    --------
    >>> field = gradient_field(lambda x: x[0] * x[1], [1.0, 2.0, 3.0], [10.0, 20.0])
    >>> field.shape
    (2, 2, 3)
    >>> field[:, 1, 2].round(6)
    array([20.,  3.])
    """
    require_function(f, "f")
    grid = _grid(as_float_array(x0, "x0"), as_float_array(x1, "x1"))
    steps = steps_of(grid, h)
    with np.errstate(over="ignore", invalid="ignore"):
        high, low = grid + steps, grid - steps
        width = high - low if h is None else 2 * steps
    above, below = np.empty_like(grid), np.empty_like(grid)
    for axis in range(2):
        above[axis] = _with_row(f, grid, axis, high)
        below[axis] = _with_row(f, grid, axis, low)
    return _quotient(above, below, width)


def _point_and_step(f, x, h):
    require_function(f, "f")
    x = as_float_array(x, "x")
    given = as_float_array(h, "h")
    with np.errstate(over="ignore"):
        h = given.astype(x.dtype)
    require_step(h, given, x.dtype)
    try:
        np.broadcast_shapes(x.shape, h.shape)
    except ValueError:
        raise ValueError(
            f"h must fit x by broadcasting, got shapes {h.shape} and {x.shape}"
        ) from None
    return x[()], h[()]


def _elementwise(f, x):
    values = as_float_array(f(x), "f(x)", finite=False)
    if values.shape != np.shape(x):
        raise ValueError(
            f"f must return one value for each element, shape {np.shape(x)}, got {values.shape}"
        )
    return values[()]


def _quotient(above, below, width):
    # An overflowing f has no slope: NaN says so, a warning on top does not help.
    with np.errstate(invalid="ignore", over="ignore"):
        return (above - below) / width


def _grid(x0, x1):
    if x0.ndim == x1.ndim == 1:
        grid = np.empty((2, x1.size, x0.size), dtype=np.result_type(x0, x1))
        grid[0] = x0
        grid[1] = x1[:, np.newaxis]
        return grid
    if x0.ndim == 2 and x0.shape == x1.shape:
        return np.stack([x0, x1])
    raise ValueError(
        "x0 and x1 must have shapes (n,) and (m,), or one shape (m, n), "
        f"got {x0.shape} and {x1.shape}"
    )


def _with_row(f, grid, axis, nudged):
    """Values of `f` on a copy of `grid`, one coordinate of which is taken from `nudged`."""
    points = grid.copy()
    points[axis] = nudged[axis]
    values = as_float_array(f(points), "f(grid)", finite=False)
    require_shape(values, grid.shape[1:], "f(grid)")
    return values
