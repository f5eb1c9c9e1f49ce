"""Walking downhill: the gradient method.

Every walk is returned whole, as a path of points; figures and `downslope.verdicts` look at it
afterwards.
"""

import copy

import numpy as np

from downslope._validation import (
    as_count,
    as_float_array,
    require_function,
    require_shape,
)
from downslope.optimizers import as_optimizer, take_step

__all__ = [
    "gradient_ascent",
    "gradient_descent",
    "stochastic_gradient_descent",
]


def gradient_descent(gradient, start, learning_rate, n_steps):
    r"""Walk against the gradient: ``x = x - learning_rate * gradient(x)``, `n_steps` times.

    Or let an optimizer of `downslope.optimizers` choose the steps.

    Parameters
    ----------
    gradient : callable
        Maps a point of the shape of `start` to an array of that shape, pointing up.
    start : array_like of float, any shape
        First point. float32 stays float32; integers become float64. Not modified.
    learning_rate : float, > 0, or Optimizer
        Scales one step, in units of x squared per unit of f. An optimizer makes the steps its own
        way; the walk begins with a fresh copy, which remembers nothing.
    n_steps : int, >= 0
        Number of steps.

    Returns
    -------
    path : ndarray of float, shape (n_steps + 1, \*start.shape)
        Every point, `start` first. A walk that overflows does so without a warning: the first
        point that is not finite is kept, and all points after it are NaN.

    Raises
    ------
    ValueError
        If an argument is not finite or out of range, or `gradient` returns another shape.

    Examples
    --------
    >>> gradient_descent(lambda x: 2 * x, [3.0, 4.0], learning_rate=0.25, n_steps=2)
    array([[3.  , 4.  ],
           [1.5 , 2.  ],
           [0.75, 1.  ]])
    """
    return _walk(gradient, start, learning_rate, n_steps, sign=1)


def gradient_ascent(gradient, start, learning_rate, n_steps):
    r"""Walk along the gradient: `gradient_descent` with the other sign, which is descent on -f.

    Parameters
    ----------
    gradient : callable
        Maps a point of the shape of `start` to an array of that shape, pointing up.
    start : array_like of float, any shape
        First point. Not modified.
    learning_rate : float, > 0, or Optimizer
        Scales one step.
    n_steps : int, >= 0
        Number of steps.

    Returns
    -------
    path : ndarray of float, shape (n_steps + 1, \*start.shape)
        Every point, as in `gradient_descent`.

    Raises
    ------
    ValueError
        If an argument is not finite or out of range, or `gradient` returns another shape.

    Examples
    --------
    >>> gradient_ascent(lambda x: -2 * x, [3.0, 4.0], learning_rate=0.25, n_steps=1)
    array([[3. , 4. ],
           [1.5, 2. ]])
    """
    return _walk(gradient, start, learning_rate, n_steps, sign=-1)


def stochastic_gradient_descent(gradient, start, batches, learning_rate):
    r"""Gradient descent that sees one mini-batch a step.

    Parameters
    ----------
    gradient : callable
        ``gradient(parameters, batch)`` returns an array of the shape of `parameters`: the
        gradient of the loss over that batch.
    start : array_like of float, any shape
        First parameters. Not modified.
    batches : iterable
        One item a step, such as `downslope.datasets.minibatches` yields; it must come to an end.
    learning_rate : float, > 0, or Optimizer
        Scales one step.

    Returns
    -------
    path : ndarray of float, shape (number of batches + 1, \*start.shape)
        The parameters before the first step and after each, as in `gradient_descent`.

    Raises
    ------
    ValueError
        If an argument is not finite or out of range, or `gradient` returns another shape.

    Examples
    --------
    >>> towards_batch_mean = lambda x, batch: x - np.mean(batch)
    >>> stochastic_gradient_descent(towards_batch_mean, 0.0, [[1, 3], [5, 7]], learning_rate=0.5)
    array([0. , 1. , 3.5])
    """
    require_function(gradient, "gradient")
    optimizer = _fresh(learning_rate)
    try:
        batches = iter(batches)
    except TypeError:
        raise ValueError(f"batches must be iterable, got {type(batches).__name__}") from None
    path = [as_float_array(start, "start")]
    for batch in batches:
        path.append(_step(lambda x, batch=batch: gradient(x, batch), path[-1], optimizer))
    return np.stack(path)


def _walk(gradient, start, learning_rate, n_steps, sign):
    require_function(gradient, "gradient")
    start, optimizer = as_float_array(start, "start"), _fresh(learning_rate)
    path = np.empty((as_count(n_steps, "n_steps") + 1, *start.shape), dtype=start.dtype)
    path[0] = start
    for k in range(1, len(path)):
        path[k] = _step(gradient, path[k - 1], optimizer, sign)
    return path


def _step(gradient, point, optimizer, sign=1):
    """The next point, a new array; NaN after a point that is not finite."""
    if not np.isfinite(point).all():
        return np.full_like(point, np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        slope = sign * _slope(gradient, point)
        return take_step(optimizer, {"x": point}, {"x": slope})["x"]


def _fresh(learning_rate):
    """The optimizer of a new walk: it must not remember another."""
    optimizer = as_optimizer(learning_rate, "learning_rate")
    return optimizer.fresh() if hasattr(optimizer, "fresh") else copy.deepcopy(optimizer)


def _slope(gradient, point):
    slope = as_float_array(gradient(point.copy()), "gradient(x)", finite=False)
    require_shape(slope, point.shape, "gradient(x)")
    return slope
