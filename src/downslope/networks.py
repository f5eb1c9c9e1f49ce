"""Networks: layers in a row and a loss at the end, with all parameters in one dictionary."""

import copy
import inspect
import math
from functools import cache
from itertools import pairwise

import numpy as np

from downslope._validation import (
    all_finite,
    as_count,
    as_float_array,
    as_float_dtype,
    as_floats,
    as_positive,
    require_finite,
    require_function,
    require_generator,
    require_shape,
)
from downslope.convolution import output_size
from downslope.differentiation import numerical_gradient
from downslope.initializers import he, normal
from downslope.layers import (
    Affine,
    Convolution,
    Flatten,
    MaxPooling,
    ReLU,
    Residual,
    SoftmaxCrossEntropy,
    asks_for_training,
    backward_through,
    forward_through,
)
from downslope.parameters import Parameters, learners

__all__ = [
    "ConvolutionalNet",
    "DeepNet",
    "Network",
    "TwoLayerNet",
]

PORTION = 200  # rows whose hidden layers stay in the processor's cache, for a third less time

# What is not finite shows in the loss; warnings on top do not help.
_overflow_allowed = np.errstate(over="ignore", invalid="ignore")


class Network:
    """Layers in a row, and a loss at the end.

    Parameters
    ----------
    layers : sequence of layers
        As `downslope.layers` describes them, each an object of its own.
    loss : layer
        `SoftmaxCrossEntropy`, `MeanSquaredError`, or your own.

    Attributes
    ----------
    layers : tuple of layers
    last : layer
        The loss.
    parameters : Parameters
        The parameters of every layer: "W1", "b1", "W2", … To train, change them, in place or by
        putting new arrays there; the layers see it at once.
    dtype : dtype
        That of the parameters, float32 or float64, in which everything is computed. Inputs are
        converted.

    Raises
    ------
    ValueError
        If something is no layer, comes twice, or the parameters are not of one dtype.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> layers = [Affine(rng.normal(size=(2, 3)), np.zeros(3)), ReLU()]
    >>> network = Network([*layers, Affine(np.zeros((3, 2)), np.zeros(2))], SoftmaxCrossEntropy())
    >>> network.parameters
    Parameters: W1 (2, 3), b1 (3,), W2 (3, 2), b2 (2,)
    >>> round(network.loss([[1.0, 2.0], [3.0, 4.0]], [0, 1]), 4)
    0.6931
    """

    def __init__(self, layers, loss):
        self.layers = _checked_layers(layers)
        self.last = _checked_layer(loss, "loss", SoftmaxCrossEntropy)
        self._parameters = Parameters(self.layers)
        self.dtype = self._parameters.dtype
        self._learners = learners(self.layers)
        learns = [i for i, layer in enumerate(self.layers) if learners([layer])]
        self._first = learns[0] if learns else len(self.layers)

    @property
    def parameters(self):
        """Every parameter under a name of its own; see `Parameters`."""
        return self._parameters

    @parameters.setter
    def parameters(self, changed):
        self._parameters.update(changed)

    @_overflow_allowed
    def outputs(self, x, *, training=False):
        """What the last layer gives, before the loss: logits, for a classifier.

        Parameters
        ----------
        x : array_like of float, shape (n, ...)
            Not modified.
        training : bool, optional
            Whether the layers behave as they do while learning.

        Returns
        -------
        outputs : ndarray of float, shape (n, ...)

        Raises
        ------
        ValueError
            If `x` does not fit the first layer, is empty, or is not finite.
        """
        return self._forward(self._convert(x), training)

    def predict(self, x):
        """Probabilities of the classes, or what else the loss makes of the outputs.

        Parameters
        ----------
        x : array_like of float, shape (n, ...)

        Returns
        -------
        predictions : ndarray of float, shape (n, ...)
            Under `SoftmaxCrossEntropy` each row sums to 1; under a loss without `predict`, such as
            `MeanSquaredError`, these are the outputs themselves.

        Raises
        ------
        ValueError
            As `outputs` does.
        """
        outputs = self.outputs(x)
        return self.last.predict(outputs) if hasattr(self.last, "predict") else outputs

    @_overflow_allowed
    def loss(self, x, targets, *, training=False):
        """Mean loss of a batch.

        Parameters
        ----------
        x : array_like of float, shape (n, ...)
        targets : array_like
            What the loss compares with: for `SoftmaxCrossEntropy` n labels or a distribution a
            row, for `MeanSquaredError` numbers in the shape of the outputs.
        training : bool, optional
            Whether the layers behave as they do while learning.

        Returns
        -------
        loss : float
            In nats, for a classifier.

        Raises
        ------
        ValueError
            As `outputs` does, or if the targets do not fit.
        """
        x = self._convert(x)
        return self.last.forward(self._forward(x, training), targets)

    @_overflow_allowed
    def accuracy(self, x, targets):
        """Share of the batch whose most probable class is the right one.

        Parameters
        ----------
        x, targets : array_like
            As for `loss`; of a distribution the largest entry counts.

        Returns
        -------
        accuracy : float, from 0 to 1

        Raises
        ------
        ValueError
            As `loss` does, or if the loss knows no right and wrong, as `MeanSquaredError`.
        """
        if not hasattr(self.last, "accuracy"):
            kind = type(self.last).__name__
            raise ValueError(f"{kind} has no accuracy: it knows no right and wrong; see loss")
        x = self._convert(x)
        starts = range(0, len(x), PORTION)
        outputs = [self._forward(x[start : start + PORTION], False) for start in starts]
        return self.last.accuracy(np.concatenate(outputs), targets)

    def gradients(self, x, targets, *, training=True):
        """Gradients of the loss with respect to every parameter, by backpropagation.

        Parameters
        ----------
        x, targets : array_like
            As for `loss`.
        training : bool, optional
            Whether the layers behave as they do while learning.

        Returns
        -------
        gradients : dict of str to ndarray
            The names and shapes of `parameters`.

        Raises
        ------
        ValueError
            As `loss` does, or if a layer leaves no gradients of the shapes of its parameters.
        """
        return self.loss_and_gradients(x, targets, training=training)[1]

    @_overflow_allowed
    def loss_and_gradients(self, x, targets, *, training=True):
        """The loss and, from the same forward pass, its gradients.

        Parameters
        ----------
        x, targets, training
            As for `gradients`.

        Returns
        -------
        loss : float
        gradients : dict of str to ndarray

        Raises
        ------
        ValueError
            As `gradients` does.
        """
        x = self._convert(x)
        for layer in self._learners:
            layer.gradients = {}
        loss = self.last.forward(self._forward(x, training), targets)
        self._backward(self.last.backward())
        return loss, self._parameters.gradients()

    @_overflow_allowed
    def numerical_gradients(self, x, targets, *, training=True):
        """Gradients of the loss by central differences, in float64: slow, but hard to get wrong.

        Costs two forward passes for every single parameter. Each begins as the next pass of the
        network will, with the same random numbers, and leaves no trace: so a call of `gradients`
        that *follows* looks at the same function, even if a layer draws at random.

        Parameters
        ----------
        x, targets, training
            As for `gradients`.

        Returns
        -------
        gradients : dict of str to ndarray of float64
            The names and shapes of `parameters`.

        Raises
        ------
        ValueError
            As `loss` does.
        """
        exact = copy.deepcopy(self)
        exact.dtype = np.dtype(np.float64)
        exact.parameters.convert(exact.dtype)
        x = exact._convert(x)
        shared = {id(array): array for array in (x, *exact.parameters.values())}
        varies = training and any(asks_for_training(layer.__class__) for layer in self.layers)

        def gradient(name):
            kept = exact.parameters[name]

            def loss(array):
                trial = copy.deepcopy(exact, dict(shared)) if varies else exact
                trial.parameters[name] = array
                return trial.last.forward(trial._forward(x, training), targets)

            found = numerical_gradient(loss, kept)
            exact.parameters[name] = kept
            return found

        return {name: gradient(name) for name in self.parameters}

    def _convert(self, x):
        x = as_floats(x, "x")
        if x.ndim == 0 or x.size == 0:
            raise ValueError(f"x must have shape (n, ...), not empty, got {x.shape}")
        if x.dtype == self.dtype:
            return x
        with np.errstate(over="ignore"):
            return x.astype(self.dtype)

    def _forward(self, x, training):
        first = forward_through(self.layers[:1], x, training)
        # A NaN or an infinity in the data is in the products of an affine layer too: fewer numbers.
        if not all_finite(first if isinstance(self.layers[0], Affine) else x):
            require_finite(x, "x")
        outputs = as_floats(forward_through(self.layers[1:], first, training), "what layers return")
        return outputs.astype(self.dtype, copy=False)

    def _backward(self, upstream):
        """Back as far as there are parameters: what goes on from there, nobody asks for."""
        upstream = backward_through(self.layers[self._first + 1 :], upstream)
        for layer in self.layers[self._first : self._first + 1]:
            halves = _is_spared(layer.__class__)
            layer.keep_gradients(upstream) if halves else layer.backward(upstream)


def TwoLayerNet(
    n_inputs,
    n_hidden,
    n_outputs,
    *,
    rng,
    activation=ReLU,
    weight_scale=0.01,
    dtype=np.float64,
):
    """A network of two affine layers with an activation between them, for classification.

    Parameters
    ----------
    n_inputs, n_hidden, n_outputs : int, at least 1
        Sizes of the input, of the hidden layer, and the number of classes.
    rng : numpy.random.Generator
        Draws the weights from a normal distribution. The biases begin at zero.
    activation : callable, optional
        Makes the layer in the middle, or a list of layers: `ReLU` or `Sigmoid`, or your own.
    weight_scale : float, > 0, optional
        Standard deviation of the first weights.
    dtype : dtype, optional
        In which everything is computed: float64, or float32 for speed.

    Returns
    -------
    network : Network
        With parameters "W1" (n_inputs, n_hidden), "b1" (n_hidden,), "W2" (n_hidden, n_outputs)
        and "b2" (n_outputs,), and `SoftmaxCrossEntropy` at the end.

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
    require_generator(rng)
    require_function(activation, "activation")
    n_inputs, n_hidden = as_count(n_inputs, "n_inputs", 1), as_count(n_hidden, "n_hidden", 1)
    n_outputs, dtype = as_count(n_outputs, "n_outputs", 1), as_float_dtype(dtype)
    scale = as_positive(weight_scale, "weight_scale")

    def first_weights(shape, rng):
        return normal(shape, rng, scale)

    first = _affine(n_inputs, n_hidden, first_weights, rng, dtype)
    last = _affine(n_hidden, n_outputs, first_weights, rng, dtype)
    return Network([first, *_made(activation), last], SoftmaxCrossEntropy())


def ConvolutionalNet(
    image_shape,
    n_filters,
    n_hidden,
    n_outputs,
    *,
    rng,
    filter_size=5,
    padding=0,
    pool_size=2,
    dtype=np.float64,
):
    """A network that looks at images through filters, for classification.

    Convolution, max pooling and ReLU, then an affine layer, ReLU and another affine layer. Before
    or after the pooling ReLU does the same; after it, it has fewer numbers to look at.

    Parameters
    ----------
    image_shape : (int, int, int), at least 1 each
        Channels, height and width. Inputs have shape (n, channels, height, width).
    n_filters : int, at least 1
    n_hidden : int, at least 1, or None
        Size of the hidden layer. With None there is none, and one affine layer.
    n_outputs : int, at least 1
        Number of classes.
    rng : numpy.random.Generator
        Draws the weights, as `downslope.initializers.he` does. The biases begin at zero.
    filter_size, pool_size : int, at least 1, optional
        Height and width of the filters, which move by 1, and of the windows of the pooling, which
        move by their size. `downslope.convolution.output_size` says what they drop.
    padding : int, at least 0, optional
        Rows and columns of zeros around each image.
    dtype : dtype, optional
        In which everything is computed: float64, or float32 for speed.

    Returns
    -------
    network : Network
        With parameters "W1" (n_filters, channels, filter_size, filter_size) and "b1" (n_filters,),
        then "W2" and "b2", "W3" and "b3" of the affine layers, and `SoftmaxCrossEntropy` at the
        end.

    Raises
    ------
    ValueError
        If an argument is not as above, or an image has no room for a filter or a window.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> ConvolutionalNet((1, 28, 28), 30, 100, 10, rng=rng).parameters
    Parameters: W1 (30, 1, 5, 5), b1 (30,), W2 (4320, 100), b2 (100,), W3 (100, 10), b3 (10,)
    >>> small = ConvolutionalNet((1, 8, 8), 8, None, 10, rng=rng, filter_size=3)
    >>> sum(array.size for array in small.parameters.values())
    810
    """
    require_generator(rng)
    n_filters, n_outputs = as_count(n_filters, "n_filters", 1), as_count(n_outputs, "n_outputs", 1)
    hidden = [] if n_hidden is None else [as_count(n_hidden, "n_hidden", 1)]
    dtype, (channels, *sides) = as_float_dtype(dtype), _image_shape(image_shape)
    padding = as_count(padding, "padding")
    filter_size, sides = _slide(filter_size, sides, "filter_size", padding=padding, stride=1)
    pool_size, sides = _slide(pool_size, sides, "pool_size")
    W = he((n_filters, channels, filter_size, filter_size), rng, dtype=dtype)
    layers = [Convolution(W, np.zeros(n_filters, dtype), padding=padding), MaxPooling(pool_size)]
    layers += [ReLU(), Flatten()]
    for n, k in pairwise([n_filters * math.prod(sides), *hidden, n_outputs]):
        layers += [_affine(n, k, he, rng, dtype), ReLU()]
    return Network(layers[:-1], SoftmaxCrossEntropy())


def DeepNet(
    n_inputs,
    width,
    n_outputs,
    depth,
    *,
    rng,
    activation=ReLU,
    initializer=he,
    skip=None,
    dtype=np.float64,
):
    """A network of many affine layers with an activation between any two, for classification.

    Parameters
    ----------
    n_inputs, width, n_outputs : int, at least 1
        Sizes of the input, of each hidden layer, and the number of classes.
    depth : int, at least 2
        Number of affine layers.
    rng : numpy.random.Generator
        Handed to `initializer`. The biases begin at zero.
    activation : callable, optional
        Makes what follows each affine layer but the last: a layer, or a list of layers, such as
        ``[BatchNormalization(width), Sigmoid()]``.
    initializer : callable, optional
        Given a shape and `rng`, draws weights; see `downslope.initializers`.
    skip : float, optional
        Puts each affine layer that keeps the width, and its activation, into a `Residual` of that
        scale. Left out, there is no way around any layer.
    dtype : dtype, optional
        In which everything is computed: float64, or float32 for speed.

    Returns
    -------
    network : Network
        With parameters "W1" (n_inputs, width), "W2" (width, width) and so on until the last,
        (width, n_outputs), the biases "b1", "b2", ..., and `SoftmaxCrossEntropy` at the end.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> network = DeepNet(4, 8, 3, 20, rng=np.random.default_rng(0), skip=0.1)
    >>> x, labels = np.ones((5, 4)), [0, 1, 2, 1, 1]
    >>> gradients = network.gradients(x, labels)
    >>> gradients["W1"].shape, gradients["W19"].shape, gradients["W20"].shape
    ((4, 8), (8, 8), (8, 3))
    """
    require_generator(rng)
    require_function(activation, "activation")
    require_function(initializer, "initializer")
    n_inputs, width = as_count(n_inputs, "n_inputs", 1), as_count(width, "width", 1)
    n_outputs, depth = as_count(n_outputs, "n_outputs", 1), as_count(depth, "depth", 2)
    how = initializer, rng, as_float_dtype(dtype)
    layers = [_affine(n_inputs, width, *how), *_made(activation)]
    for _ in range(depth - 2):
        block = [_affine(width, width, *how), *_made(activation)]
        layers += block if skip is None else [Residual(*block, scale=skip)]
    return Network([*layers, _affine(width, n_outputs, *how)], SoftmaxCrossEntropy())


def _affine(n, k, initializer, rng, dtype):
    W = as_float_array(initializer((n, k), rng), "what initializer returns")
    require_shape(W, (n, k), "what initializer returns")
    return Affine(W.astype(dtype, copy=False), np.zeros(k, dtype))


def _made(activation):
    """What an activation makes, in a list."""
    try:
        made = activation()
    except TypeError:
        raise ValueError(
            f"activation must make a layer, as ReLU does, got {activation!r}"
        ) from None
    return made if isinstance(made, list) else [made]


def _image_shape(shape):
    if not isinstance(shape, list | tuple) or len(shape) != 3:
        raise ValueError(
            f"image_shape must be (channels, height, width), such as (1, 28, 28), got {shape!r:.60}"
        )
    return [as_count(n, "each number of image_shape", 1) for n in shape]


def _slide(size, sides, name, padding=0, stride=None):
    """The size of a window, once it is one, and its places down and across an image."""
    size, room = as_count(size, name, 1), min(sides) + 2 * padding
    if size > room:
        raise ValueError(f"{name} must be at most {room}, the room that there is, got {size}")
    return size, [output_size(n, size, stride or size, padding) for n in sides]


@cache
def _is_spared(kind):
    """Whether `keep_gradients` is half of `backward`, and not of one that this kind replaces."""
    for ancestor in kind.__mro__:
        if {"backward", "keep_gradients"} & vars(ancestor).keys():
            return "keep_gradients" in vars(ancestor)
    return False


def _checked_layers(layers):
    if not isinstance(layers, list | tuple) or not layers:
        raise ValueError(f"layers must be a list of layers, not empty, got {layers!r:.60}")
    everyone = list(_everyone(layers))
    for i, (name, layer) in enumerate(everyone):
        _checked_layer(layer, name, ReLU)
        if any(layer is other for _, other in everyone[:i]):
            kind = type(layer).__name__
            raise ValueError(f"layers must be objects of their own, got the same {kind} twice")
    return tuple(layers)


def _everyone(layers, within=""):
    """Each layer and what to call it, those inside of others too."""
    for i, layer in enumerate(layers):
        name = f"layer {i}{within}"
        yield name, layer
        if not isinstance(layer, type):
            inside = f" of {type(layer).__name__}{within}"
            yield from _everyone(getattr(layer, "layers", ()), inside)


def _checked_layer(layer, name, example):
    if isinstance(layer, type):
        such = f"such as {example.__name__}()"
        raise ValueError(f"{name} must be a layer, {such}, got the class {layer.__name__}")
    for method in ("forward", "backward"):
        if not callable(getattr(layer, method, None)):
            raise ValueError(f"{name} must have a method {method}, got {layer!r:.60}")
    takes, needed = ("outputs, targets", 2) if name == "loss" else ("x", 1)
    if _n_needed(layer.forward) != needed:
        got = f"got {type(layer).__name__}{inspect.signature(layer.forward)}"
        raise ValueError(f"{name} must have a method forward({takes}), {got}")
    return layer


def _n_needed(function):
    """How many arguments cannot be left out."""
    found = inspect.signature(function).parameters.values()
    open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(p.default is p.empty and p.kind not in open_ended for p in found)
