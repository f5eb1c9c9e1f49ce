"""The mathematics of a network, each formula in one place, its derivative beside it.

Arrays come in and new arrays go out; float32 stays float32. Nothing is checked and nothing is
remembered here: `downslope.losses`, `downslope.layers` and `downslope.graph` look at what they are
given, and then call these. In a batch a row is a sample.
"""

import math

import numpy as np

__all__ = [
    "cross_entropy",
    "mean_squared_error",
    "mean_squared_error_gradient",
    "relu",
    "relu_slope",
    "sigmoid",
    "sigmoid_slope",
    "softmax_and_log",
    "softmax_cross_entropy_gradient",
    "sum_squared_error",
    "sum_squared_error_gradient",
    "tanh_slope",
]


def relu(x):
    """The larger of x and 0.

    Examples
    --------
    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return np.maximum(x, 0)


def relu_slope(x):
    """Slope of `relu` at x: 1 or 0. At the kink there is none, and we choose 0."""
    return np.greater(x, 0)


def sigmoid(x):
    """The logistic function 1 / (1 + exp(-x)), with no power that could overflow.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    power = np.exp(-np.abs(x))
    return np.where(np.less(x, 0), power, 1) / (1 + power)


def sigmoid_slope(y):
    """Slope of `sigmoid` where its value is y."""
    return y * (1 - y)


def tanh_slope(y):
    """Slope of the hyperbolic tangent where its value is y."""
    return 1 - y * y


@np.errstate(over="ignore")  # two huge logits may be infinitely far apart
def softmax_and_log(logits):
    """Softmax of each row, and its logarithm, neither of which overflows or rounds to nothing.

    Both take the highest logit off, so that its power is exp(0) = 1. The sum of the other powers
    may be as small as it likes: log1p does not lose it beside that 1.

    Parameters
    ----------
    logits : ndarray of float, shape (n, k) or (k,)

    Returns
    -------
    y, log_y : ndarray of float, shape of `logits`

    Examples
    --------
    >>> y, log_y = softmax_and_log(np.array([40.0, 0.0]))
    >>> print(y, log_y)
    [1.00000000e+00 4.24835426e-18] [-4.24835426e-18 -4.00000000e+01]
    """
    highest = logits.argmax(axis=-1) + np.arange(0, logits.size, logits.shape[-1])
    highest = highest.reshape(*logits.shape[:-1], 1)  # where each is in the flat array
    log_y = logits - logits.take(highest)
    y = np.exp(log_y)
    y.put(highest, 0)
    others = np.add.reduce(y, axis=-1, keepdims=True)
    y.put(highest, 1)
    y /= 1 + others
    log_y -= np.log1p(others)
    return y, log_y


def cross_entropy(log_y, t):
    """Mean over the rows of -sum(t log y)."""
    total = np.vdot(t, log_y)
    if math.isnan(total):  # 0 times infinity: what is impossible, and did not happen, is free
        total = np.vdot(t[t > 0], log_y[t > 0])
    return 0 - total / _n_samples(t)  # taken from 0, for -0 would be no price


def softmax_cross_entropy_gradient(y, t):
    """Derivative of the mean cross-entropy by the logits whose softmax is y."""
    return (y - t) / _n_samples(y)


def sum_squared_error(error):
    """Half the sum of squares of each row, mean over the rows."""
    return (error**2).sum() / (2 * _n_samples(error))


def sum_squared_error_gradient(error):
    """Derivative of `sum_squared_error`; the half has gone with the square."""
    return error / _n_samples(error)


def mean_squared_error(error):
    """Mean of the squares of all elements."""
    return (error**2).mean()


def mean_squared_error_gradient(error):
    """Derivative of `mean_squared_error`."""
    return 2 * error / error.size


def _n_samples(rows):
    return len(rows) if rows.ndim == 2 else 1
