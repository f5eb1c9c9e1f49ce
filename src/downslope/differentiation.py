"""Derivatives from differences of function values.

Functions of several variables take their coordinates along the **first** axis: the same
``f = lambda x: x[0]**2 / 20 + x[1]**2`` serves one point, shape (2,), and a grid, shape (2, m, n).
"""

from dataclasses import dataclass

import numpy as np

from downslope._validation import (
    as_float_array,
    as_positive,
    as_scalar,
    require_function,
    require_shape,
)

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
    return (_elementwise(f, x + h) - _elementwise(f, x)) / h


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
    return (_elementwise(f, x + h) - _elementwise(f, x - h)) / (2 * h)


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
    .. [1] J. Nocedal and S. J. Wright, *Numerical Optimization*, 2nd ed., Springer, 2006, ch. 8.

    Examples
    --------
    >>> numerical_gradient(lambda x: x[0] * x[1], [3, 4]).round(6)
    array([4., 3.])
    """
    require_function(f, "f")
    x = as_float_array(x, "x")
    above, below, width = _nudge_each(f, x, h)
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
    steps = _steps(grid, h)
    high, low = grid + steps, grid - steps
    above, below = np.empty_like(grid), np.empty_like(grid)
    for axis in range(2):
        above[axis] = _with_row(f, grid, axis, high)
        below[axis] = _with_row(f, grid, axis, low)
    return _quotient(above, below, high - low if h is None else 2 * steps)


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradient` found; true when the gradient agrees.

    Attributes
    ----------
    ok : bool
        Whether the largest relative error is within the tolerance.
    largest_error : float
        Largest relative error; infinite when shapes differ or a value is not finite.
    index : tuple of int or None
        Where it is; None when the shapes differ.
    analytic, numerical : float
        The two values there, in units of f per unit of x.
    tolerance : float
        The largest relative error that passes.
    problem : str
        What kept the two from being compared, or an empty string.
    """

    ok: bool
    largest_error: float
    index: tuple[int, ...] | None
    analytic: float
    numerical: float
    tolerance: float
    problem: str = ""

    def __bool__(self):
        return self.ok

    def __str__(self):
        if self.problem:
            return f"gradient fails: {self.problem}"
        if self.ok:
            return f"gradient agrees: largest relative error {self.largest_error:.0e}"
        return (
            f"gradient fails: relative error {self.largest_error:.2g} at index {self.index}, "
            f"where it gives {self.analytic:.4g} and differences give {self.numerical:.4g}"
        )

    __repr__ = __str__


def check_gradient(f, gradient, x, h=None, tolerance=1e-6):
    """Compare a gradient with central differences of `f`, element by element.

    The relative error of an element is ``|a - n| / max(|a|, |n|, floor)``, with `a` from
    `gradient` and `n` from differences. The floor keeps harmless noise in a tiny element from
    looking like a mistake. It is the larger of

    - a thousandth of the largest element of either gradient, and
    - a million times what `n` itself is uncertain by: its rounding error, about
      ``10 eps |f| / h``, and its truncation error, about ten times
      ``|f(x + h) - 2 f(x) + f(x - h)| / max(1, |x_i|)``.

    A wrong sign, a wrong factor, a missing term, NaN or another shape all fail. So does a gradient
    where differences are so uncertain that not even a wrong sign would show, as of a large f in
    float32: the report says so. Where every slope and every curvature vanish, as of x**3 at 0,
    differences are all error and a right gradient may fail too: compare elsewhere.

    Parameters
    ----------
    f : callable
        Maps an array of the shape of `x` to one number.
    gradient : callable or array_like
        The gradient to check: a function of `x`, or its value at `x`.
    x : array_like of float, any shape
        Where to compare. Choose it so that every kink of `f` is crossed. Not modified.
    h : float, h != 0, optional
        Step of the differences; by default as in `numerical_gradient`.
    tolerance : float, > 0
        Largest relative error that passes.

    Returns
    -------
    report : GradientReport
        True when the gradient agrees; it prints as one line.

    Raises
    ------
    ValueError
        If `x`, `h` or `tolerance` is bad, or `f` does not return one real number.

    Examples
    --------
    >>> check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, [1.0, -3.0]).ok
    True
    >>> check_gradient(lambda x: np.sum(x**2), lambda x: x, [1.0, -3.0])
    gradient fails: relative error 0.5 at index (1,), where it gives -3 and differences give -6
    """
    require_function(f, "f")
    x = as_float_array(x, "x")
    tolerance = as_positive(tolerance, "tolerance")
    above, below, width = _nudge_each(f, x, h)
    numerical = _quotient(above, below, width)
    analytic = _given_gradient(gradient, x)
    if analytic.shape != x.shape:
        problem = f"it has shape {analytic.shape}, but x has shape {x.shape}"
        return GradientReport(False, np.inf, None, np.nan, np.nan, tolerance, problem)
    doubt = _doubt(above, below, _value(f, x), np.abs(width) / 2, x)
    return _report(analytic, numerical, doubt, tolerance)


def _point_and_step(f, x, h):
    require_function(f, "f")
    x = as_float_array(x, "x")
    given = as_float_array(h, "h")
    with np.errstate(over="ignore"):
        h = given.astype(x.dtype)
    _require_step(h, given, x.dtype)
    try:
        np.broadcast_shapes(x.shape, h.shape)
    except ValueError:
        raise ValueError(
            f"h must fit x by broadcasting, got shapes {h.shape} and {x.shape}"
        ) from None
    return x[()], h[()]


def _require_step(h, given, dtype):
    """Refuse a step that is 0, or too large to be told, in the precision of x."""
    for kind, bad in (("0", h == 0), ("infinite", np.isinf(h))):
        if np.any(bad):
            raise ValueError(f"h must not be {kind} in {dtype}, got {np.asarray(given)[bad][0]:g}")


def _elementwise(f, x):
    values = as_float_array(f(x), "f(x)", finite=False)
    if values.shape != np.shape(x):
        raise ValueError(
            f"f must return one value for each element, shape {np.shape(x)}, got {values.shape}"
        )
    return values[()]


def _steps(x, h):
    """Step of every element of `x`, in its dtype."""
    if h is None:
        return np.asarray(float(np.finfo(x.dtype).eps) ** (1 / 3) * np.maximum(1, np.abs(x)))
    given = as_scalar(h, "h")
    with np.errstate(over="ignore"):
        step = x.dtype.type(given)
    _require_step(step, given, x.dtype)
    return np.full_like(x, step)


def _nudge_each(f, x, h):
    """Values of `f` with each element of `x` raised, and lowered, and the distance between."""
    steps = _steps(x, h)
    nudged = x.copy()
    flat, view = nudged.reshape(-1), nudged.view()
    view.flags.writeable = False
    above, below, width = np.empty((3, x.size))
    for i, (here, step) in enumerate(zip(x.flat, steps.flat, strict=True)):
        high, low = here + step, here - step
        flat[i] = high
        above[i] = _value(f, view)
        flat[i] = low
        below[i] = _value(f, view)
        flat[i] = here
        width[i] = high - low if h is None else 2 * step
    return (values.reshape(x.shape) for values in (above, below, width))


def _quotient(above, below, width):
    # An overflowing f has no slope: NaN says so, a warning on top does not help.
    with np.errstate(invalid="ignore", over="ignore"):
        return (above - below) / width


def _value(f, x):
    value = f(x)
    if isinstance(value, float):
        return float(value)
    if np.ndim(value) or not np.isrealobj(value) or np.asarray(value).dtype.kind not in "fiub":
        got = "None" if value is None else f"shape {np.shape(value)}, {type(value).__name__}"
        raise ValueError(f"f must return one real number, got {got}")
    return float(value)


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


def _given_gradient(gradient, x):
    value = gradient(x.copy()) if callable(gradient) else gradient
    return as_float_array(value, "gradient", finite=False).astype(float)


def _doubt(above, below, here, step, x):
    """How far a central difference may be from the derivative, roughly."""
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.maximum(np.abs(above), np.abs(below))
        rounding = np.finfo(x.dtype).eps * size / step
        truncation = np.abs(above - 2 * here + below) / np.maximum(1, np.abs(x))
        return 10 * (rounding + truncation)


def _report(analytic, numerical, doubt, tolerance):
    if analytic.size == 0:
        return GradientReport(True, 0.0, None, np.nan, np.nan, tolerance)
    error = _relative_error(analytic, numerical, doubt)
    index = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))
    largest, a, n = float(error[index]), float(analytic[index]), float(numerical[index])
    problem = ""
    if not np.isfinite(largest):
        problem = f"at index {index} it gives {a:.4g} and differences give {n:.4g}"
    elif not _can_tell(analytic, numerical, doubt, tolerance):
        problem = (
            f"differences are too uncertain here to tell, by about {doubt.max():.1g} where they "
            f"give {n:.4g}; use float64, another h or another x"
        )
    ok = largest <= tolerance and not problem
    return GradientReport(ok, largest, index, a, n, tolerance, problem)


def _can_tell(analytic, numerical, doubt, tolerance):
    """Whether a wrong sign of the gradient would show in at least one element."""
    turned = _relative_error(-analytic, numerical, doubt)
    return not analytic.any() or turned.max() > tolerance


def _relative_error(analytic, numerical, doubt):
    size = np.maximum(np.abs(analytic), np.abs(numerical))
    measurable = np.isfinite(size) & np.isfinite(doubt)
    if not measurable.all():
        return np.where(measurable, 0.0, np.inf)
    floor = np.maximum(1e-3 * size.max(), 1e6 * doubt)
    scale = np.maximum(size, floor)
    return np.divide(np.abs(analytic - numerical), scale, out=np.zeros_like(scale), where=scale > 0)
