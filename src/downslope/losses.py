"""How wrong a guess is, in one number, and the slope of that number.

Scores (logits or probabilities) have shape (n, k), one row a sample and one column a class, or
shape (k,) for a single sample. **Targets are told apart by their number of axes, never by their
size**: one axis fewer than the scores means labels, whole numbers from 0 to k - 1; the same shape
means distributions, such as one-hot rows. So beside scores of shape (k,) a target of shape (k,)
is always a distribution.

Every loss of a batch is the mean over its n samples. float32 stays float32.
"""

import numpy as np

from downslope import formulas
from downslope._validation import as_float_array, require_labels, require_shape

__all__ = [
    "accuracy",
    "as_labels",
    "as_targets",
    "cross_entropy",
    "mean_squared_error",
    "mean_squared_error_gradient",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_gradient",
    "sum_squared_error",
    "sum_squared_error_gradient",
]

_TOLERANCE = 1e-4


def softmax(logits):
    """Probabilities in proportion to ``exp(logits)``, safe from overflow.

    Parameters
    ----------
    logits : array_like of float, shape (n, k) or (k,)
        Not modified.

    Returns
    -------
    probabilities : ndarray of float, same shape
        Each row between 0 and 1, with sum 1. Adding a constant to a row changes nothing.

    Raises
    ------
    ValueError
        If `logits` has another number of axes, is empty, or is not finite.

    Examples
    --------
    >>> softmax([0.0, 1000.0])
    array([0., 1.])
    >>> softmax([[1.0, 1.0], [0.0, np.log(3)]])
    array([[0.5 , 0.5 ],
           [0.25, 0.75]])
    """
    return formulas.softmax_and_log(_scores(logits, "logits"))[0]


def cross_entropy(probabilities, targets):
    """Mean surprise at the targets, ``-sum(t * log(y))``, under the predicted probabilities.

    No epsilon hides in the logarithm: a perfect prediction costs exactly 0, and probability 0 for
    what did happen costs infinity.

    Parameters
    ----------
    probabilities : array_like of float, shape (n, k) or (k,)
        Rows that sum to 1 (within 1e-4). Not modified.
    targets : array_like, shape (n,) or () of int, or the shape of `probabilities`
        Labels or distributions.

    Returns
    -------
    loss : float
        In nats, from 0 to infinity, mean over the batch. A uniform guess over k classes costs
        log k.

    Raises
    ------
    ValueError
        If the shapes do not fit, a label is no class, or a distribution is negative or does not
        sum to 1.

    Examples
    --------
    >>> float(cross_entropy([0.25, 0.75], 1).round(4))
    0.2877
    >>> float(cross_entropy([0.25, 0.75], [0, 1]).round(4))
    0.2877
    >>> float(cross_entropy([[1.0, 0.0], [1.0, 0.0]], [0, 1]))
    inf
    """
    probabilities = _distributions(_scores(probabilities, "probabilities"), "probabilities")
    targets = as_targets(targets, probabilities.shape, probabilities.dtype)
    with np.errstate(divide="ignore"):
        return formulas.cross_entropy(np.log(probabilities), targets)


def softmax_cross_entropy(logits, targets):
    """Cross-entropy of ``softmax(logits)``, computed from the logits without overflow.

    Parameters
    ----------
    logits : array_like of float, shape (n, k) or (k,)
        Not modified.
    targets : array_like, shape (n,) or () of int, or the shape of `logits`
        Labels or distributions.

    Returns
    -------
    loss : float
        In nats, at least 0, mean over the batch.

    Raises
    ------
    ValueError
        If the shapes do not fit, a logit is not finite, a label is no class, or a target
        distribution is negative or does not sum to 1.

    Examples
    --------
    >>> float(softmax_cross_entropy(np.zeros((5, 10)), [0, 1, 2, 3, 4]).round(4))
    2.3026
    >>> float(softmax_cross_entropy([1000.0, 0.0], 1))
    1000.0
    """
    logits = _scores(logits, "logits")
    targets = as_targets(targets, logits.shape, logits.dtype)
    return formulas.cross_entropy(formulas.softmax_and_log(logits)[1], targets)


def softmax_cross_entropy_gradient(logits, targets):
    """Gradient of `softmax_cross_entropy` by the logits: ``(softmax(logits) - t) / n``.

    Parameters
    ----------
    logits : array_like of float, shape (n, k) or (k,)
        Not modified.
    targets : array_like, shape (n,) or () of int, or the shape of `logits`
        Labels or distributions.

    Returns
    -------
    gradient : ndarray of float, shape of `logits`
        In nats per unit of logit; each row sums to 0. For a single sample n is 1.

    Raises
    ------
    ValueError
        As in `softmax_cross_entropy`.

    Examples
    --------
    >>> softmax_cross_entropy_gradient([[0.0, 0.0], [0.0, 0.0]], [0, 1])
    array([[-0.25,  0.25],
           [ 0.25, -0.25]])
    """
    logits = _scores(logits, "logits")
    targets = as_targets(targets, logits.shape, logits.dtype)
    return formulas.softmax_cross_entropy_gradient(formulas.softmax_and_log(logits)[0], targets)


def sum_squared_error(y, t):
    """Half the sum of squared errors, ``sum((y - t)**2) / 2``, mean over the batch.

    The half makes the gradient simply ``y - t``.

    Parameters
    ----------
    y : array_like of float, shape (n, k), (k,) or ()
        Predictions: n samples of k outputs, or one sample. Not modified.
    t : array_like of float, shape of `y`
        Targets. Labels are not accepted: turn them into one-hot rows first.

    Returns
    -------
    loss : float
        In squared units of `y`, at least 0.

    Raises
    ------
    ValueError
        If the shapes differ, there are more than two axes, or a value is not finite.

    Examples
    --------
    >>> float(sum_squared_error([0.0, 3.0], [1.0, 1.0]))
    2.5
    >>> float(sum_squared_error([[0.0, 3.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]))
    1.25
    """
    return formulas.sum_squared_error(_error(y, t))


def sum_squared_error_gradient(y, t):
    """Gradient of `sum_squared_error` by `y`: ``(y - t) / n``.

    Parameters
    ----------
    y : array_like of float, shape (n, k), (k,) or ()
        Predictions. Not modified.
    t : array_like of float, shape of `y`
        Targets.

    Returns
    -------
    gradient : ndarray of float, shape of `y`
        In units of `y`. For a single sample n is 1.

    Raises
    ------
    ValueError
        As in `sum_squared_error`.

    Examples
    --------
    >>> sum_squared_error_gradient([0.0, 3.0], [1.0, 1.0])
    array([-1.,  2.])
    """
    return formulas.sum_squared_error_gradient(_error(y, t))


def mean_squared_error(y, t):
    """Mean of ``(y - t)**2`` over every element.

    Parameters
    ----------
    y : array_like of float, any shape
        Predictions. Not modified.
    t : array_like of float, shape of `y`
        Targets.

    Returns
    -------
    loss : float
        In squared units of `y`, at least 0.

    Raises
    ------
    ValueError
        If the shapes differ, `y` is empty, or a value is not finite.

    Examples
    --------
    >>> float(mean_squared_error([0.0, 3.0], [1.0, 1.0]))
    2.5
    """
    return formulas.mean_squared_error(_error(y, t, max_axes=None))


def mean_squared_error_gradient(y, t):
    """Gradient of `mean_squared_error` by `y`: ``2 (y - t) / y.size``.

    Parameters
    ----------
    y : array_like of float, any shape
        Predictions. Not modified.
    t : array_like of float, shape of `y`
        Targets.

    Returns
    -------
    gradient : ndarray of float, shape of `y`
        In units of `y`.

    Raises
    ------
    ValueError
        As in `mean_squared_error`.

    Examples
    --------
    >>> mean_squared_error_gradient([0.0, 3.0], [1.0, 1.0])
    array([-1.,  2.])
    """
    return formulas.mean_squared_error_gradient(_error(y, t, max_axes=None))


def accuracy(scores, targets):
    """Share of samples whose highest score is at the target.

    Parameters
    ----------
    scores : array_like of float, shape (n, k) or (k,)
        Logits or probabilities. Of equal scores the first counts as the highest. Not modified.
    targets : array_like, shape (n,) or () of int, or the shape of `scores`
        Labels or distributions; of a distribution the likeliest class counts.

    Returns
    -------
    accuracy : float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, a label is no class, or a target
        distribution is negative or does not sum to 1.

    Examples
    --------
    >>> accuracy([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], [0, 1, 1])
    0.6666666666666666
    """
    scores = _scores(scores, "scores")
    return float(np.mean(scores.argmax(axis=-1) == as_labels(targets, scores.shape)))


def as_labels(targets, shape):
    """Targets beside scores of a shape, as labels: of a distribution the likeliest class.

    Parameters
    ----------
    targets, shape
        As for `as_targets`.

    Returns
    -------
    labels : ndarray of int, shape (n,) or ()

    Raises
    ------
    ValueError
        As `as_targets` does.

    Examples
    --------
    >>> as_labels([[0.2, 0.8, 0.0], [1.0, 0.0, 0.0]], (2, 3))
    array([1, 0])
    """
    if np.ndim(_rectangle(targets)) == len(_checked_shape(shape)) - 1:
        return _checked_labels(np.asarray(targets), shape)
    return as_targets(targets, shape).argmax(axis=-1)


def as_targets(targets, shape, dtype=np.float64):
    """Targets beside scores of a shape, as distributions: labels become one-hot rows.

    Parameters
    ----------
    targets : array_like, shape (n,) or () of int, or `shape`
        Labels or distributions; the number of axes tells which. Not modified.
    shape : tuple of int, (n, k) or (k,)
        Shape of the scores.
    dtype : dtype, optional
        Of the result: that of the scores.

    Returns
    -------
    rows : ndarray of `dtype`, shape `shape`
        Each row at least 0, with sum 1.

    Raises
    ------
    ValueError
        If the shapes do not fit, a label is no class, or a distribution is negative or does not
        sum to 1.

    Examples
    --------
    >>> as_targets([1, 0], (2, 3))
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    targets, shape = _rectangle(targets), _checked_shape(shape)
    if targets.ndim == len(shape) - 1:
        return _one_hot(targets, shape).astype(dtype)
    if targets.ndim == len(shape):
        rows = as_float_array(targets, "targets", copy=False)
        require_shape(rows, shape, "targets")
        return _distributions(rows, "targets").astype(dtype, copy=False)
    raise ValueError(
        f"targets must be labels, shape {shape[:-1]}, or distributions, shape {shape}, "
        f"got {targets.shape}"
    )


def _scores(value, name):
    scores = as_float_array(value, name, copy=False)
    if scores.ndim not in (1, 2) or scores.size == 0:
        raise ValueError(f"{name} must have shape (n, k) or (k,), not empty, got {scores.shape}")
    return scores


def _rectangle(value):
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"targets must be an array of numbers, got {value!r:.60}") from None


def _checked_shape(shape):
    if not isinstance(shape, tuple) or len(shape) not in (1, 2):
        raise ValueError(f"shape must be (n, k) or (k,), got {shape!r}")
    return shape


def _checked_labels(labels, shape):
    require_shape(labels, shape[:-1], "targets, as labels,")
    return require_labels(labels, shape[-1], "targets, as labels,")


def _one_hot(labels, shape):
    if labels.shape == shape[:-1] and labels.dtype.kind in "iu":
        rows = labels[..., np.newaxis] == np.arange(shape[-1])
        if np.count_nonzero(rows) == labels.size:  # every label has found its class
            return rows
    return _checked_labels(labels, shape)  # says what does not fit


def _distributions(rows, name):
    if rows.min() < 0:
        raise ValueError(f"{name} must not be negative, got {rows.min():g}")
    sums = rows.sum(axis=-1)
    worst = np.ravel(sums)[np.argmax(np.abs(sums - 1))]
    if abs(worst - 1) > _TOLERANCE:
        raise ValueError(f"{name} must sum to 1 over the classes, got a sum of {worst:.6g}")
    return rows


def _error(y, t, max_axes=2):
    y, t = as_float_array(y, "y", copy=False), as_float_array(t, "t", copy=False)
    if y.size == 0:
        raise ValueError(f"y must not be empty, got shape {y.shape}")
    if max_axes is not None and y.ndim > max_axes:
        raise ValueError(f"y must have shape (n, k), (k,) or (), got {y.shape}")
    require_shape(t, y.shape, "t")
    return y - t.astype(y.dtype, copy=False)
