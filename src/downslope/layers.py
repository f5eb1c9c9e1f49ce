"""Layers of a network: each has `forward`, `backward`, and what it must remember in between.

Write your own like these: a class with

- ``forward(x)``, or ``forward(x, training=False)`` if it does something else while it learns, as
  `BatchNormalization` and `Dropout` do. It returns a new array.
- ``backward(upstream)``, which takes the derivative of the loss with respect to the output, and
  returns the one with respect to the input, a new array too. Neither argument is written to.
- ``parameters`` and ``gradients``, if it has something to learn: dictionaries with the same names,
  such as "W" and "b". `backward` fills `gradients` anew.
- ``layers``, if it is made of others; `forward_through` and `backward_through` walk these.

For images there are the layers of `downslope.convolution`, which can be imported from here too.

A loss is a layer at the end of the row: its ``forward(outputs, targets)`` checks the targets and
returns one number, and its `backward` takes nothing. It may also say how its network predicts and
how often it is right, see `SoftmaxCrossEntropy`.

The formulas are those of `downslope.formulas`. Lists and integers become arrays of float64. A
`ValueError` says what does not fit, and whether a `forward` is missing before a `backward`.
"""

import inspect
from functools import cache
from typing import Any

import numpy as np

from downslope import formulas
from downslope._layer import as_upstream, entry, require_forward
from downslope._validation import (
    as_count,
    as_float_array,
    as_float_dtype,
    as_floats,
    as_scalar,
    as_share,
    require_generator,
    require_shape,
)
from downslope.convolution import Convolution, Flatten, MaxPooling  # layers, to their users
from downslope.losses import as_labels, as_targets, softmax

__all__ = [
    "Affine",
    "BatchNormalization",
    "Convolution",
    "Dropout",
    "Flatten",
    "MaxPooling",
    "MeanSquaredError",
    "ReLU",
    "Residual",
    "Sigmoid",
    "SoftmaxCrossEntropy",
    "Tanh",
    "asks_for_training",
    "backward_through",
    "forward_through",
]


class Affine:
    """Affine transformation: a linear map and a bias, x W + b.

    Parameters
    ----------
    W : ndarray of float, shape (n_inputs, n_outputs)
        Weights. Kept, not copied, so that an optimiser may change them.
    b : ndarray of float, shape (n_outputs,)
        Bias, kept in the same way.

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

    x: Any = None
    W, b = entry("parameters", "W", "Weights."), entry("parameters", "b", "Bias.")
    dW = entry("gradients", "W", "Gradient with respect to W, after `backward`.")
    db = entry("gradients", "b", "Gradient with respect to b, after `backward`.")

    def __init__(self, W, b):
        W, b = as_floats(W, "W"), as_floats(b, "b")
        if W.ndim != 2 or b.shape != W.shape[1:]:
            raise ValueError(
                "W must have shape (n_inputs, n_outputs) and b shape (n_outputs,), "
                f"got {W.shape} and {b.shape}"
            )
        self.parameters, self.gradients = {"W": W, "b": b}, {}

    def forward(self, x):
        """Transform a batch of shape (n, n_inputs) into one of shape (n, n_outputs)."""
        x, W = as_floats(x, "x"), self.parameters["W"]
        if x.ndim != 2 or x.shape[1] != len(W):
            raise ValueError(f"x must have shape (n, {len(W)}), got {x.shape}")
        self.x = x
        y = x @ W
        y += self.parameters["b"]
        return y

    def backward(self, upstream):
        """Keep the gradients with respect to W and b, and return the one with respect to x."""
        self.keep_gradients(upstream)
        return upstream @ self.parameters["W"].T

    def keep_gradients(self, upstream):
        """The half of `backward` that a first layer needs: nobody asks for the gradient of x."""
        require_forward(self.x)
        upstream = as_upstream(upstream, (len(self.x), len(self.parameters["b"])))
        self.gradients = {"W": self.x.T @ upstream, "b": np.add.reduce(upstream)}


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

    active: Any = None

    def forward(self, x):
        """Larger of `x` and 0, element by element, in any shape."""
        x = as_floats(x, "x")
        self.active = formulas.relu_slope(x)
        return formulas.relu(x)

    def backward(self, upstream):
        """Let the gradient through where the *input* was positive."""
        require_forward(self.active)
        return as_upstream(upstream, self.active.shape) * self.active


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

    y: Any = None

    def forward(self, x):
        """Squash `x` into the range from 0 to 1, element by element, in any shape."""
        self.y = formulas.sigmoid(as_floats(x, "x"))
        return self.y.copy()

    def backward(self, upstream):
        """Multiply the gradient by the local derivative y (1 - y)."""
        require_forward(self.y)
        return as_upstream(upstream, self.y.shape) * formulas.sigmoid_slope(self.y)


class Tanh:
    """Hyperbolic tangent, from -1 to 1: a sigmoid that is 0 at 0, where its slope is 1.

    Examples
    --------
    >>> layer = Tanh()
    >>> layer.forward(np.array([[0.0, 1000.0]]))
    array([[0., 1.]])
    >>> layer.backward(np.array([[1.0, 1.0]]))
    array([[1., 0.]])
    """

    y: Any = None

    def forward(self, x):
        """Squash `x` into the range from -1 to 1, element by element, in any shape."""
        self.y = np.tanh(as_floats(x, "x"))
        return self.y.copy()

    def backward(self, upstream):
        """Multiply the gradient by the local derivative 1 - y ** 2."""
        require_forward(self.y)
        return as_upstream(upstream, self.y.shape) * formulas.tanh_slope(self.y)


class BatchNormalization:
    """Every feature with mean 0 and variance 1 over the batch, then as wide, and where, it is best.

    ::

        normal = (x - mean) / sqrt(variance + epsilon)
        y = gamma * normal + beta

    Each feature has its own numbers; of images, shape (n_samples, n, height, width), each channel
    has. While the network trains, mean and variance are those of the batch, so that what becomes of
    a sample depends on those beside it. Afterwards there may be no batch: then running averages
    stand for them, which every pass in training has moved a little::

        running_mean = (1 - momentum) * running_mean + momentum * mean

    Parameters
    ----------
    n : int, at least 1
        How many features a sample has, or channels.
    dtype : dtype, optional
        Of the parameters and the running averages: float64 or float32.

    Attributes
    ----------
    running_mean : ndarray of float, shape (n,)
        Begins at 0, and is replaced in each pass in training. No parameter: no gradient moves it.
    running_variance : ndarray of float, shape (n,)
        Begins at 1, and is replaced in the same way. It estimates the variance of all data, so the
        squares of a batch are divided by one less than their number; `variance` is their mean.
    momentum : float
        0.1, the share of the batch in the running averages.
    epsilon : float
        1e-5, so that a feature that is the same in the whole batch is not divided by 0.

    Raises
    ------
    ValueError
        If `n` or `dtype` is not as above.

    Notes
    -----
    Definitions and numbers are those of PyTorch's ``BatchNorm1d`` and ``BatchNorm2d``.

    References
    ----------
    Ioffe and Szegedy, *Batch Normalization: Accelerating Deep Network Training by Reducing
    Internal Covariate Shift*, 2015.

    Examples
    --------
    >>> layer, x = BatchNormalization(2), np.array([[1.0, 500.0], [3.0, 100.0]])
    >>> layer.forward(x, training=True).round(3)
    array([[-1.,  1.],
           [ 1., -1.]])
    >>> layer.running_mean, layer.running_variance
    (array([ 0.2, 30. ]), array([1.1000e+00, 8.0009e+03]))
    >>> layer.forward(x).round(1)  # the averages have not come far
    array([[0.8, 5.3],
           [2.7, 0.8]])
    """

    normal: Any = None
    deviation: Any = None
    trained = False
    momentum, epsilon = 0.1, 1e-5
    gamma = entry("parameters", "gamma", "Standard deviation of each feature of the output.")
    beta = entry("parameters", "beta", "Mean of each feature of the output.")
    dgamma = entry("gradients", "gamma", "Gradient with respect to gamma, after `backward`.")
    dbeta = entry("gradients", "beta", "Gradient with respect to beta, after `backward`.")

    def __init__(self, n, *, dtype=np.float64):
        n, dtype = as_count(n, "n", 1), as_float_dtype(dtype)
        self.parameters = {"gamma": np.ones(n, dtype), "beta": np.zeros(n, dtype)}
        self.gradients = {}
        self.running_mean, self.running_variance = np.zeros(n, dtype), np.ones(n, dtype)

    def forward(self, x, training=False):
        """Normalise a batch of shape (n_samples, n) or (n_samples, n, height, width).

        In training each feature must have two values or more, and the running averages move.
        """
        x, gamma = self._checked(x, training), self.parameters["gamma"]
        mean = _mean(x) if training else self.running_mean
        centred = x - _over(x, mean)
        variance = _mean(np.square(centred)) if training else self.running_variance
        moved = self._averages(mean, variance, x.size // len(gamma)) if training else {}
        deviation = np.sqrt(variance + self.epsilon)
        normal = centred / _over(x, deviation)
        y = _over(x, gamma) * normal + _over(x, self.parameters["beta"])
        # In one go, at the end: a pass that fails, or is interrupted, leaves nothing behind.
        vars(self).update(moved, normal=normal, deviation=deviation, trained=training)
        return y

    def backward(self, upstream):
        """Keep the gradients of gamma and beta, and return the one with respect to x.

        After a `forward` in training that one sums to 0 over the batch, feature by feature, and so
        does its product with `normal`, but for epsilon: mean and variance of the batch undo what
        would shift or stretch all of it. After one out of training they are constants.
        """
        self.keep_gradients(upstream)
        factor = self.parameters["gamma"] / self.deviation
        if self.trained:
            shift = _over(self.normal, self.gradients["beta"])
            stretch = _over(self.normal, self.gradients["gamma"]) * self.normal
            upstream = upstream - (shift + stretch) / (self.normal.size // len(factor))
        return _over(self.normal, factor) * upstream

    def keep_gradients(self, upstream):
        """The half of `backward` that a first layer needs: nobody asks for the gradient of x."""
        require_forward(self.normal)
        upstream = as_upstream(upstream, self.normal.shape)
        self.gradients = {"gamma": _sum(upstream * self.normal), "beta": _sum(upstream)}

    def _averages(self, mean, variance, count):
        """The running averages, once they have seen a batch of `count` values a feature."""
        new = {"running_mean": mean, "running_variance": variance * (count / (count - 1))}
        return {name: self._moved(getattr(self, name), value) for name, value in new.items()}

    def _moved(self, average, new):
        moved = (1 - self.momentum) * average + self.momentum * new
        return moved.astype(average.dtype, copy=False)

    def _checked(self, x, training):
        x, n = as_floats(x, "x"), len(self.parameters["gamma"])
        if x.ndim not in (2, 4) or x.shape[1] != n:
            raise ValueError(
                f"x must have shape (n_samples, {n}) or (n_samples, {n}, height, width), "
                f"got {x.shape}"
            )
        if training and x.size < 2 * n:
            raise ValueError(
                "in training x must have two values or more of each feature, since one alone has "
                f"no variance, got shape {x.shape}: choose another batch size"
            )
        return x


class Dropout:
    """Silences units at random while the network trains, so that none can rely on another.

    In every pass in training each number is set to 0 with probability `rate`; what is left grows
    to 1 / (1 - rate) of itself, so that on average the next layer hears as much as before. Out of
    training everything passes, and nothing is drawn.

    Parameters
    ----------
    rate : float, from 0 to less than 1
        Share that is set to 0.
    rng : numpy.random.Generator
        Kept, not copied: each pass in training draws from it, ``rng.random(x.shape) >= rate`` is
        what stays.

    Raises
    ------
    ValueError
        If `rate` or `rng` is not as above.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, *Dropout: A Simple Way to Prevent
    Neural Networks from Overfitting*, 2014. There the growth is left to evaluation, where the
    weights are multiplied by 1 - rate.

    Examples
    --------
    >>> layer, x = Dropout(0.5, np.random.default_rng(0)), np.array([[1.0, 2.0, 3.0, 4.0]])
    >>> layer.forward(x, training=True)
    array([[2., 0., 0., 0.]])
    >>> layer.backward(np.ones((1, 4)))
    array([[2., 0., 0., 0.]])
    >>> layer.forward(x)
    array([[1., 2., 3., 4.]])
    """

    scale: Any = None

    def __init__(self, rate, rng):
        self.rate = as_share(rate, "rate")
        require_generator(rng)
        self.rng = rng

    def forward(self, x, training=False):
        """Silence some of `x`, of any shape, and let the others grow; or let everything pass."""
        x = as_floats(x, "x")
        if training:  # drawn in float64 always: float32 drops the same
            kept = self.rng.random(x.shape) >= self.rate
            scale = np.divide(kept, 1 - self.rate, dtype=x.dtype)
        else:
            scale = np.broadcast_to(x.dtype.type(1), x.shape)
        self.scale = scale
        return x * scale

    def backward(self, upstream):
        """Scale the gradient as `forward` scaled what passed."""
        require_forward(self.scale)
        return as_upstream(upstream, self.scale.shape) * self.scale


class SoftmaxCrossEntropy:
    """Softmax and cross-entropy in one, the loss of a classifier: from logits to nats.

    Together they are exact where one after the other would take the logarithm of a zero, and the
    gradient is as plain as it can be: what was predicted less what is true. The numbers are those
    of `downslope.losses.softmax_cross_entropy`.

    Examples
    --------
    >>> last = SoftmaxCrossEntropy()
    >>> round(last.forward(np.array([[0.0, 0.0]]), [1]), 4)
    0.6931
    >>> last.backward()
    array([[ 0.5, -0.5]])
    """

    y = t = None
    as_targets = staticmethod(as_targets)

    def forward(self, logits, targets):
        """Mean loss of a batch of logits, shape (n, k), beside n labels or (n, k) distributions.

        Where a logit is not finite, nor is the loss.
        """
        logits = as_floats(logits, "logits")
        if logits.ndim != 2 or logits.size == 0:
            raise ValueError(f"logits must have shape (n, k), not empty, got {logits.shape}")
        self.t = as_targets(targets, logits.shape, logits.dtype)
        self.y, log_y = formulas.softmax_and_log(logits)
        return float(formulas.cross_entropy(log_y, self.t))

    def backward(self, upstream=1.0):
        """Gradient with respect to the logits, (y - t) / n, times upstream."""
        require_forward(self.y)
        return _times(upstream, formulas.softmax_cross_entropy_gradient(self.y, self.t))

    def predict(self, logits):
        """Probabilities of the classes."""
        return softmax(logits)

    def accuracy(self, logits, targets):
        """Share of the samples whose highest logit is at the target."""
        return float(np.mean(logits.argmax(axis=1) == as_labels(targets, logits.shape)))


class MeanSquaredError:
    """Mean of the squared errors of every output, the loss of a network that predicts numbers.

    The numbers are those of `downslope.losses.mean_squared_error`.

    Examples
    --------
    >>> last = MeanSquaredError()
    >>> last.forward(np.array([[0.0], [3.0]]), [[1.0], [1.0]])
    2.5
    >>> last.backward()
    array([[-1.],
           [ 2.]])
    """

    error = None

    @staticmethod
    def as_targets(targets, shape, dtype=np.float64):
        """The targets as an array of `shape` and `dtype`, once they are known to be numbers."""
        targets = as_float_array(targets, "targets", copy=False)
        require_shape(targets, shape, "targets")
        return targets.astype(dtype, copy=False)

    def forward(self, y, targets):
        """Mean loss of a batch of outputs of any shape (n, ...), beside targets of that shape."""
        y = as_floats(y, "y")
        if y.ndim == 0 or y.size == 0:
            raise ValueError(f"y must have shape (n, ...), not empty, got {y.shape}")
        self.error = y - self.as_targets(targets, y.shape, y.dtype)
        return float(formulas.mean_squared_error(self.error))

    def backward(self, upstream=1.0):
        """Gradient with respect to the outputs, 2 (y - t) / y.size, times upstream."""
        require_forward(self.error)
        return _times(upstream, formulas.mean_squared_error_gradient(self.error))


class Residual:
    """Layers and a way around them, x + scale * layers(x): they learn what is to be changed in x.

    The gradient takes both ways too, and the one around does not weaken it. In a row of such layers
    what they add piles up, so that a `scale` of 1 may make the numbers grow from each to the next.

    Parameters
    ----------
    *layers : layers
        In the order of the forward pass. Together they must keep the shape.
    scale : float, optional
        What becomes of their output before it is added.

    Attributes
    ----------
    layers : tuple of layers
    scale : float

    Raises
    ------
    ValueError
        If there are no layers, or `scale` is not one finite number.

    References
    ----------
    He, Zhang, Ren and Sun, *Deep Residual Learning for Image Recognition*, 2016. There the scale
    is 1.

    Examples
    --------
    >>> affine = Affine(np.array([[3.0]]), np.zeros(1))
    >>> layer = Residual(affine, ReLU(), scale=0.1)
    >>> layer.forward(np.array([[10.0], [-10.0]]))
    array([[ 13.],
           [-10.]])
    >>> layer.backward(np.array([[1.0], [1.0]]))
    array([[1.3],
           [1. ]])
    """

    shape: Any = None

    def __init__(self, *layers, scale=1.0):
        if not layers:
            raise ValueError("layers of a Residual must be one or more, got none")
        self.layers, self.scale = layers, as_scalar(scale, "scale")

    def forward(self, x, training=False):
        """Add to `x`, of any shape, what the layers make of it."""
        x = as_floats(x, "x")
        y = as_floats(forward_through(self.layers, x, training), "what layers of a Residual return")
        require_shape(y, x.shape, "what layers of a Residual return")
        self.shape = x.shape
        return x + self.scale * y

    def backward(self, upstream):
        """Add to the gradient what comes back through the layers."""
        require_forward(self.shape)
        upstream = as_upstream(upstream, self.shape)
        return upstream + backward_through(self.layers, self.scale * upstream)


def forward_through(layers, x, training=False):
    """Send a batch through layers in a row, for a network or for a layer made of others.

    Parameters
    ----------
    layers : sequence of layers
    x : ndarray of float, shape (n, ...)
    training : bool, optional
        Told to those layers whose `forward` asks for it.

    Returns
    -------
    y : ndarray of float
        What the last layer returned.

    Raises
    ------
    ValueError
        If a layer returns nothing, or refuses what it is given.

    Examples
    --------
    >>> forward_through([ReLU(), ReLU()], np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    for layer in layers:
        kind = layer.__class__
        told = {"training": training} if asks_for_training(kind) else {}
        x = layer.forward(x, **told)
        if x is None:
            raise ValueError(f"forward of {kind.__name__} returned None: is a return missing?")
    return x


def backward_through(layers, upstream):
    """Send a gradient back through layers in a row, the last one first.

    Parameters
    ----------
    layers : sequence of layers
        In the order of the forward pass.
    upstream : ndarray of float
        Derivative of the loss with respect to what the last layer returned.

    Returns
    -------
    gradient : ndarray of float
        With respect to what went into the first.

    Raises
    ------
    ValueError
        If a layer returns nothing, or refuses what it is given.
    """
    for layer in reversed(layers):
        upstream = layer.backward(upstream)
        if upstream is None:
            name = type(layer).__name__
            raise ValueError(f"backward of {name} returned None: is a return missing?")
    return upstream


@cache
def asks_for_training(kind):
    """Whether the `forward` of a class of layers wants to know if it is in training."""
    return "training" in inspect.signature(kind.forward).parameters


def _sum(x):
    """Sum of each feature of a batch, shape (n_samples, n), or of each channel of images."""
    return np.add.reduce(x, axis=(0, *range(2, x.ndim)))


def _mean(x):
    return _sum(x) / (x.size // x.shape[1])


def _over(x, values):
    """One number a feature, in a shape that spreads over the batch x."""
    return values.reshape(-1, *[1] * (x.ndim - 2))


def _times(upstream, gradient):
    """The gradient of a loss, times what came from above: one number, and mostly the float 1.0."""
    if type(upstream) is not float:  # a float of Python: float32 stays that
        upstream = float(as_upstream(upstream, ()))
    return gradient if upstream == 1 else upstream * gradient
