"""Networks: layers in a row, with their parameters in one dictionary."""

import numpy as np

from downslope._validation import (
    as_count,
    as_float_array,
    as_positive,
    require_function,
    require_generator,
)
from downslope.differentiation import numerical_gradient
from downslope.layers import Affine, ReLU, SoftmaxCrossEntropy
from downslope.losses import _targets, softmax

__all__ = [
    "TwoLayerNet",
]

PORTION = 1000  # rows whose hidden layer stays in the processor's cache, for a third less time


class TwoLayerNet:
    """A network of two affine layers with an activation between them, for classification.

    Parameters
    ----------
    n_inputs, n_hidden, n_outputs : int, at least 1
        Sizes of the input, of the hidden layer, and the number of classes.
    rng : numpy.random.Generator
        Draws the weights from a normal distribution. The biases begin at zero.
    activation : callable, optional
        Makes the layer in the middle: `ReLU` or `Sigmoid`, or your own.
    weight_scale : float, > 0, optional
        Standard deviation of the first weights.
    dtype : dtype, optional
        In which everything is computed: float64, or float32 for speed. Inputs are converted.

    Attributes
    ----------
    parameters : dict of str to ndarray
        "W1" (n_inputs, n_hidden), "b1" (n_hidden,), "W2" (n_hidden, n_outputs), "b2"
        (n_outputs,). To train, change them, in place or by putting new arrays there.

    Raises
    ------
    ValueError
        If a size, `rng`, `activation`, `weight_scale` or `dtype` is not as above.

    Examples
    --------
    >>> network = TwoLayerNet(4, 3, 2, rng=np.random.default_rng(0))
    >>> x, labels = np.ones((5, 4)), [0, 1, 0, 1, 1]
    >>> round(network.loss(x, labels), 2)
    0.69
    >>> {name: gradient.shape for name, gradient in network.gradients(x, labels).items()}
    {'W1': (4, 3), 'b1': (3,), 'W2': (3, 2), 'b2': (2,)}
    """

    def __init__(
        self,
        n_inputs,
        n_hidden,
        n_outputs,
        *,
        rng,
        activation=ReLU,
        weight_scale=0.01,
        dtype=np.float64,
    ):
        require_generator(rng)
        require_function(activation, "activation")
        n_inputs, n_hidden = as_count(n_inputs, "n_inputs", 1), as_count(n_hidden, "n_hidden", 1)
        n_outputs = as_count(n_outputs, "n_outputs", 1)
        scale = as_positive(weight_scale, "weight_scale")
        self.activation = activation
        self.dtype = _float_dtype(dtype)
        self.parameters = {
            "W1": (scale * rng.normal(size=(n_inputs, n_hidden))).astype(self.dtype),
            "b1": np.zeros(n_hidden, self.dtype),
            "W2": (scale * rng.normal(size=(n_hidden, n_outputs))).astype(self.dtype),
            "b2": np.zeros(n_outputs, self.dtype),
        }

    def layers(self, parameters=None):
        """Make the layers, in the order of the forward pass.

        Parameters
        ----------
        parameters : dict of str to ndarray, optional
            To use in place of the network's own.

        Returns
        -------
        layers : list of Affine, activation, Affine
        """
        p = self.parameters if parameters is None else parameters
        return [Affine(p["W1"], p["b1"]), self.activation(), Affine(p["W2"], p["b2"])]

    def logits(self, x):
        """Scores of the classes, before softmax.

        Parameters
        ----------
        x : array_like of float, shape (n, n_inputs)

        Returns
        -------
        logits : ndarray of float, shape (n, n_outputs)

        Raises
        ------
        ValueError
            If `x` has another shape.
        """
        return _forward(self.layers(), self._convert(x))

    def predict(self, x):
        """Probabilities of the classes.

        Parameters
        ----------
        x : array_like of float, shape (n, n_inputs)

        Returns
        -------
        probabilities : ndarray of float, shape (n, n_outputs)
            Each row sums to 1.

        Raises
        ------
        ValueError
            If `x` has another shape.
        """
        return softmax(self.logits(x))

    def loss(self, x, targets):
        """Mean cross-entropy of a batch.

        Parameters
        ----------
        x : array_like of float, shape (n, n_inputs)
        targets : array_like, shape (n,) of int or (n, n_outputs) of float
            Labels, or one distribution a row.

        Returns
        -------
        loss : float
            In nats.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        return _explained(SoftmaxCrossEntropy().forward(self.logits(x), targets), x)

    def accuracy(self, x, targets):
        """Share of the batch whose most probable class is the right one.

        Parameters
        ----------
        x : array_like of float, shape (n, n_inputs)
        targets : array_like, shape (n,) of int or (n, n_outputs) of float
            Labels, or one distribution a row, of which the largest counts.

        Returns
        -------
        accuracy : float, from 0 to 1

        Raises
        ------
        ValueError
            If the shapes do not fit, `x` is not finite, a label is no class, or a row of targets
            is no distribution.
        """
        x = self._convert(x)
        if x.ndim != 2 or len(x) == 0:
            raise ValueError(f"x must have shape (n, n_inputs), not empty, got {x.shape}")
        if not np.isfinite([x.min(), x.max()]).all():  # both are NaN if any element is
            as_float_array(x, "x")
        n_classes = len(self.parameters["b2"])
        targets, are_labels = _targets(targets, np.broadcast_to(x[0, 0], (len(x), n_classes)))
        labels = targets if are_labels else targets.argmax(axis=1)
        starts = range(0, len(x), PORTION)
        guesses = [self.logits(x[start : start + PORTION]).argmax(axis=1) for start in starts]
        return float(np.mean(np.concatenate(guesses) == labels))

    def gradients(self, x, targets):
        """Gradients of the loss with respect to every parameter, by backpropagation.

        Parameters
        ----------
        x, targets : array_like
            As for `loss`.

        Returns
        -------
        gradients : dict of str to ndarray
            The names and shapes of `parameters`.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        return self.loss_and_gradients(x, targets)[1]

    def loss_and_gradients(self, x, targets):
        """The loss and, from the same forward pass, its gradients.

        Parameters
        ----------
        x, targets : array_like
            As for `loss`.

        Returns
        -------
        loss : float
        gradients : dict of str to ndarray

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        layers, last = self.layers(), SoftmaxCrossEntropy()
        loss = _explained(last.forward(_forward(layers, self._convert(x)), targets), x)
        first, activation, second = layers
        upstream = activation.backward(second.backward(last.backward()))
        first.keep_gradients(upstream)  # the gradient for the data itself would go unused
        return loss, {"W1": first.dW, "b1": first.db, "W2": second.dW, "b2": second.db}

    def numerical_gradients(self, x, targets):
        """Gradients of the loss by central differences, in float64: slow, but hard to get wrong.

        Costs two forward passes for every single parameter.

        Parameters
        ----------
        x, targets : array_like
            As for `loss`.

        Returns
        -------
        gradients : dict of str to ndarray of float64
            The names and shapes of `parameters`.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        x = as_float_array(x, "x").astype(np.float64)
        exact = {name: array.astype(np.float64) for name, array in self.parameters.items()}

        def gradient(name):
            def loss(array):
                layers = self.layers({**exact, name: array})
                return SoftmaxCrossEntropy().forward(_forward(layers, x), targets)

            return numerical_gradient(loss, exact[name])

        return {name: gradient(name) for name in exact}

    def _convert(self, x):
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":
            return np.asarray(x, dtype=self.dtype)
        return as_float_array(x, "x", finite=False).astype(self.dtype)


def _explained(loss, x):
    """The loss; if it is not finite because `x` is not, an error that says so."""
    if not np.isfinite(loss):
        as_float_array(x, "x")
    return loss


@np.errstate(over="ignore", invalid="ignore")  # what is not finite shows in the loss
def _forward(layers, x):
    for layer in layers:
        x = layer.forward(x)
    return x


def _float_dtype(dtype):
    try:
        found = None if dtype is None else np.dtype(dtype)
    except TypeError:
        found = None
    if found not in (np.float32, np.float64):
        got = repr(dtype) if found is None else found
        raise ValueError(f"dtype must be float32 or float64, got {got}")
    return found
