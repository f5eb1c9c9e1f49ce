"""The operations of a network: the value of each, and beside it how it answers to its inputs.

Write your own like these. An `Edge` needs the input and the local derivative; where the way back
is no product of the two, it takes a rule as well, a function of upstream and local::

    def turned(upstream, local):
        "upstreamᵀ"
        return upstream.T

    def transpose(x):
        x = as_node(x)
        return Node(x.value.T, "transpose", [Edge(x, None, turned)])
"""

import numpy as np

from downslope import formulas, losses
from downslope.graph.engine import Edge, Node, as_node, fitting

_quiet = np.errstate(all="ignore")  # Node refuses what is not finite, with a clearer message


@_quiet
def exp(x):
    """Exponential of a node; the local derivative is the result itself.

    Parameters
    ----------
    x : Node or array_like of float, any shape

    Returns
    -------
    y : Node
        In the shape of `x`.

    Raises
    ------
    ValueError
        If the result overflows.

    Examples
    --------
    >>> from downslope.graph import Input
    >>> exp(Input(0.0)).value
    1.0
    """
    x = as_node(x)
    y = np.exp(x.value)
    return Node(y, "exp", [Edge(x, y)])


@_quiet
def log(x):
    """Natural logarithm of a node; the local derivative is 1 / x.

    Parameters
    ----------
    x : Node or array_like of float, any shape
        Greater than 0.

    Returns
    -------
    y : Node
        In the shape of `x`.

    Raises
    ------
    ValueError
        If a value is zero or negative.

    Examples
    --------
    >>> from downslope.graph import Input
    >>> log(Input(1.0)).value
    0.0
    """
    x = as_node(x)
    if np.any(np.asarray(x.value) <= 0):
        raise ValueError(f"log needs values above zero, got {np.min(x.value)}")
    return Node(np.log(x.value), "log", [Edge(x, 1 / x.value)])


def square(x):
    """Square of a node; the local derivative is 2x.

    Parameters
    ----------
    x : Node or array_like of float, any shape

    Returns
    -------
    y : Node
        In the shape of `x`.

    Examples
    --------
    >>> from downslope.graph import Input
    >>> square(Input(3.0)).value
    9.0
    """
    return as_node(x) ** 2


def maximum(a, b):
    """The larger of two nodes; the local derivative is 1 towards it and 0 towards the other.

    Where they are equal the derivative does not exist; the second counts as the larger, so that
    ``maximum(x, 0)`` is `relu`.

    Parameters
    ----------
    a, b : Node or array_like of float
        Of one shape, or one of them of a shape that repeats to the other's.

    Returns
    -------
    larger : Node

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from downslope.graph import Input
    >>> maximum(Input(3.0), Input(5.0)).value
    5.0
    """
    a, b = fitting(a, b, "max")
    first = np.asarray(a.value > b.value, dtype=float)
    return Node(np.maximum(a.value, b.value), "max", [Edge(a, first), Edge(b, 1 - first)])


def relu(x):
    """Rectified linear unit, max(x, 0); the local derivative is 1 where x > 0, else 0.

    Parameters
    ----------
    x : Node or array_like of float, any shape

    Returns
    -------
    y : Node
        In the shape of `x`.

    Examples
    --------
    >>> from downslope.graph import Input
    >>> relu(Input([-1.0, 2.0])).value.tolist()
    [0.0, 2.0]
    """
    x = as_node(x)
    return Node(formulas.relu(x.value), "ReLU", [Edge(x, formulas.relu_slope(x.value))])


def sigmoid(x):
    """Logistic function 1 / (1 + exp(-x)); the local derivative is y (1 - y).

    Parameters
    ----------
    x : Node or array_like of float, any shape

    Returns
    -------
    y : Node
        In the shape of `x`, from 0 to 1.

    Examples
    --------
    >>> from downslope.graph import Input
    >>> sigmoid(Input(0.0)).value
    0.5
    """
    x = as_node(x)
    y = formulas.sigmoid(x.value)
    return Node(y, "sigmoid", [Edge(x, formulas.sigmoid_slope(y))])


def softmax_cross_entropy(logits, targets):
    """Softmax and mean cross-entropy as one node; the local derivative is (y - t) / n.

    Parameters
    ----------
    logits : Node, shape (n, k)
    targets : array_like, shape (n,) of int or (n, k) of float
        Labels, or one distribution a row. Constants: they get no gradient.

    Returns
    -------
    loss : Node
        A scalar, in nats.

    Raises
    ------
    ValueError
        If the shapes do not fit, a label is no class, or a row of targets is no distribution.

    Examples
    --------
    >>> from downslope.graph import Input
    >>> loss = softmax_cross_entropy(Input([[0.0, 0.0]]), [1])
    >>> round(loss.value, 4)
    0.6931
    """
    logits = as_node(logits)
    if len(logits.shape) != 2:
        raise ValueError(f"logits must have shape (n, k), got {logits.shape}")
    loss = losses.softmax_cross_entropy(logits.value, targets)
    local = losses.softmax_cross_entropy_gradient(logits.value, targets)
    return Node(loss, "softmax + loss", [Edge(logits, local)])
