"""Layers of a network: each has `forward`, `backward`, and what it must remember in between.

`backward` takes the upstream gradient, the derivative of the loss with respect to the layer's
output, and returns the derivative with respect to its input. Nothing that is handed to a layer is
written to, and every array that it returns is new. Lists and integers become arrays of float64.
"""

import numpy as np

from downslope._validation import as_float_array, as_scalar
from downslope.losses import _targets

__all__ = [
    "Affine",
    "ReLU",
    "Sigmoid",
    "SoftmaxCrossEntropy",
]


class Affine:
    """Affine transformation: a linear map and a bias, x W + b.

    Parameters
    ----------
    W : ndarray of float, shape (n_inputs, n_outputs)
        Weights. Kept, not copied, so that an optimiser may change them.
    b : ndarray of float, shape (n_outputs,)
        Bias, kept in the same way.

    Attributes
    ----------
    dW, db : ndarray of float, shapes of W and b
        Gradients with respect to them, after `backward`.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> layer = Affine(np.array([[1.0, 2.0]]), np.array([0.5, 0.0]))
    >>> layer.forward(np.array([[3.0]]))
    array([[3.5, 6. ]])
    >>> layer.backward(np.array([[1.0, 10.0]]))
    array([[21.]])
    >>> layer.dW, layer.db
    (array([[ 3., 30.]]), array([ 1., 10.]))
    """

    def __init__(self, W, b):
        if np.ndim(W) != 2 or np.shape(b) != np.shape(W)[1:]:
            raise ValueError(
                "W must have shape (n_inputs, n_outputs) and b shape (n_outputs,), "
                f"got {np.shape(W)} and {np.shape(b)}"
            )
        self.W, self.b = _floats(W, "W"), _floats(b, "b")
        self.dW = self.db = self.x = None

    def forward(self, x):
        """Transform a batch.

        Parameters
        ----------
        x : ndarray of float, shape (n, n_inputs)
            Not modified; kept for `backward`.

        Returns
        -------
        y : ndarray of float, shape (n, n_outputs)

        Raises
        ------
        ValueError
            If `x` has another shape.
        """
        x = _floats(x, "x")
        if x.ndim != 2 or x.shape[1] != len(self.W):
            raise ValueError(f"x must have shape (n, {len(self.W)}), got {x.shape}")
        self.x = x
        y = x @ self.W
        y += self.b
        return y

    def backward(self, upstream):
        """Keep the gradients with respect to W and b, and pass on the one with respect to x.

        Parameters
        ----------
        upstream : ndarray of float, shape (n, n_outputs)
            Not modified.

        Returns
        -------
        gradient : ndarray of float, shape (n, n_inputs)

        Raises
        ------
        ValueError
            If `upstream` has another shape than `forward` returned, or there was no `forward`.
        """
        upstream = _floats(upstream, "upstream")
        self.keep_gradients(upstream)
        return upstream @ self.W.T

    def keep_gradients(self, upstream):
        """The half of `backward` that a first layer needs: nobody asks for the gradient of x.

        Parameters
        ----------
        upstream : ndarray of float, shape (n, n_outputs)
            Not modified.

        Raises
        ------
        ValueError
            As `backward` does.
        """
        upstream = _floats(upstream, "upstream")
        _require_forward(self.x)
        _require_shape(upstream, (len(self.x), len(self.b)))
        self.dW = self.x.T @ upstream
        self.db = upstream.sum(axis=0)


class ReLU:
    """Rectified linear unit: passes what is positive, and stops the rest.

    Examples
    --------
    >>> layer = ReLU()
    >>> layer.forward(np.array([[-1.0, 2.0]]))
    array([[0., 2.]])
    >>> layer.backward(np.array([[10.0, 10.0]]))
    array([[ 0., 10.]])
    """

    def __init__(self):
        self.active = None

    def forward(self, x):
        """Larger of `x` and 0, element by element.

        Parameters
        ----------
        x : ndarray of float, any shape
            Not modified.

        Returns
        -------
        y : ndarray of float, shape of `x`

        Raises
        ------
        ValueError
            If `x` is not made of real numbers.
        """
        x = _floats(x, "x")
        self.active = x > 0
        return np.maximum(x, 0)

    def backward(self, upstream):
        """Let the gradient through where the *input* was positive.

        Parameters
        ----------
        upstream : ndarray of float, shape of the input
            Not modified.

        Returns
        -------
        gradient : ndarray of float, same shape

        Raises
        ------
        ValueError
            If `upstream` has another shape than the input, or there was no `forward`.
        """
        upstream = _floats(upstream, "upstream")
        _require_forward(self.active)
        _require_shape(upstream, self.active.shape)
        return upstream * self.active


class Sigmoid:
    """Logistic function 1 / (1 + exp(-x)), exact however large x is.

    Examples
    --------
    >>> layer = Sigmoid()
    >>> layer.forward(np.array([[0.0, 1000.0]]))
    array([[0.5, 1. ]])
    >>> layer.backward(np.array([[1.0, 1.0]]))
    array([[0.25, 0.  ]])
    """

    def __init__(self):
        self.y = None

    def forward(self, x):
        """Squash `x` into the range from 0 to 1, element by element.

        Parameters
        ----------
        x : ndarray of float, any shape
            Not modified.

        Returns
        -------
        y : ndarray of float, shape of `x`

        Raises
        ------
        ValueError
            If `x` is not made of real numbers.
        """
        x = _floats(x, "x")
        self.y = np.exp(-np.logaddexp(0, -x))  # logaddexp does not overflow, exp(-x) would
        return self.y.copy()

    def backward(self, upstream):
        """Multiply the gradient by the local derivative y (1 - y).

        Parameters
        ----------
        upstream : ndarray of float, shape of the input
            Not modified.

        Returns
        -------
        gradient : ndarray of float, same shape

        Raises
        ------
        ValueError
            If `upstream` has another shape than the input, or there was no `forward`.
        """
        upstream = _floats(upstream, "upstream")
        _require_forward(self.y)
        _require_shape(upstream, self.y.shape)
        return upstream * self.y * (1 - self.y)


class SoftmaxCrossEntropy:
    """Softmax and cross-entropy in one, the last layer: from logits to the loss.

    Together they are exact where one after the other would take the logarithm of a zero, and the
    gradient is as plain as it can be: what was predicted less what is true.

    Examples
    --------
    >>> layer = SoftmaxCrossEntropy()
    >>> round(layer.forward(np.array([[0.0, 0.0]]), [1]), 4)
    0.6931
    >>> layer.backward()
    array([[ 0.5, -0.5]])
    """

    def __init__(self):
        self.y = self.t = None

    def forward(self, logits, targets):
        """Mean cross-entropy of a batch.

        Parameters
        ----------
        logits : ndarray of float, shape (n, k)
            Not modified. Where one is not finite, nor is the loss.
        targets : array_like, shape (n,) of int or (n, k) of float
            Labels, or one distribution a row.

        Returns
        -------
        loss : float
            In nats.

        Raises
        ------
        ValueError
            If the shapes do not fit, a label is no class, or a row of targets is no distribution.
        """
        logits = _floats(logits, "logits")
        if logits.ndim != 2 or logits.size == 0:
            raise ValueError(f"logits must have shape (n, k), not empty, got {logits.shape}")
        self.t = _distributions(targets, logits)
        with np.errstate(over="ignore"):  # a difference of two huge logits may become infinite
            below_highest = logits - logits.max(axis=1, keepdims=True)
        powers = np.exp(below_highest)
        sums = powers.sum(axis=1, keepdims=True)
        self.y = powers / sums
        log_y = below_highest - np.log(sums)
        surprise = -np.vdot(self.t, log_y)
        if np.isnan(surprise):  # 0 times infinity: what is impossible, and did not happen, is free
            surprise = -self.t[self.t > 0] @ log_y[self.t > 0]
        return float(surprise / len(logits))

    def backward(self, upstream=1.0):
        """Gradient with respect to the logits: (y - t) / n.

        Parameters
        ----------
        upstream : float, optional
            Derivative of what is wanted with respect to the loss: 1 for the loss itself.

        Returns
        -------
        gradient : ndarray of float, shape (n, k)

        Raises
        ------
        ValueError
            If there was no `forward`.
        """
        _require_forward(self.y)
        return (self.y - self.t) * (as_scalar(upstream, "upstream") / len(self.y))


def _floats(value, name):
    """The array itself if it holds floats, else a new one that does."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value
    return as_float_array(value, name, finite=False)


def _distributions(targets, logits):
    """Targets as one distribution a row: labels become rows with a single 1."""
    targets, are_labels = _targets(targets, logits)
    if are_labels:
        targets = targets[:, np.newaxis] == np.arange(logits.shape[1])
    return targets.astype(logits.dtype)


def _require_forward(remembered):
    if remembered is None:
        raise ValueError("backward needs a forward before it")


def _require_shape(upstream, shape):
    if np.shape(upstream) != shape:
        raise ValueError(
            f"upstream must have shape {shape}, as the output, got {np.shape(upstream)}"
        )
