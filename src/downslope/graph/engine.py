"""The engine: nodes that remember their inputs, and the way back along their edges.

Every node is made after its inputs, so the age of a node is an order to compute in: forward from
the oldest to the youngest, backward from the youngest to the oldest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np

from downslope._validation import as_count, as_float_array, as_scalar
from downslope.graph.narration import format_number, format_value, steps

_ages = count()
_quiet = np.errstate(all="ignore")  # Node refuses what is not finite, with a clearer message


class Node:
    """A value in a computational graph, and how it was computed.

    Nodes are made by `Input`, by arithmetic (`+`, `-`, `*`, `/`, `**`, `@`) and by functions.
    Numbers and arrays in an expression become constants. Of two arrays one must have the shape of
    the result: the other is repeated, as a bias is over a batch, and its gradient summed back.

    Attributes
    ----------
    value : float or ndarray of float
        Result of the forward computation: a float for a scalar, else a read-only array.
    gradient : float, ndarray of float, or None
        Derivative of the output that `backward` was called on, in the shape of `value`; None
        before that, and for constants.
    operation : str
        What computed the value: "×", "+", "exp", ...; "input" or "constant" for a leaf.
    edges : tuple of Edge
        One arrow for each input, in the order of the expression.
    name : str
        A name for figures; may be set, as in ``cost.name = "cost"``.

    Examples
    --------
    >>> price, number = Input(100.0, name="price"), Input(2.0, name="number")
    >>> total = price * number * 1.1
    >>> total.backward()
    >>> round(price.gradient, 6)
    2.2
    """

    __array_ufunc__ = None  # so that `array * node` asks the node, not each of its elements

    def __init__(self, value, operation, edges=(), name=""):
        self.value, self.operation = _checked(value, operation), operation
        self.edges, self.name = tuple(edges), name
        self.gradient, self.age = None, next(_ages)

    @property
    def shape(self):
        """Shape of the value: () for a scalar."""
        return np.shape(self.value)

    @property
    def inputs(self):
        """The nodes that this one was computed from."""
        return tuple(edge.source for edge in self.edges)

    def nodes(self):
        """Every node that this one depends on, and itself, each after its inputs."""
        found, waiting = {self}, [self]
        while waiting:
            new = set(waiting.pop().inputs) - found
            found |= new
            waiting.extend(new)
        return sorted(found, key=lambda node: node.age)

    def backward(self):
        """Give every node below this one its `gradient`: the derivative of this value.

        Gradients of an earlier call are forgotten. Where a value is used twice, what comes back
        along both arrows adds up.

        Raises
        ------
        ValueError
            If this node is not a scalar, or a derivative is not finite.

        Examples
        --------
        >>> x = Input(3.0)
        >>> (x * x + x).backward()
        >>> x.gradient
        7.0
        """
        _require_scalar(self)
        nodes = self.nodes()
        for node in nodes:
            node.gradient = None if node.operation == "constant" else 0.0 * node.value
        self.gradient = 1.0
        for node in reversed(nodes):
            for edge in node.edges:
                if edge.source.operation != "constant":
                    edge.source.gradient = edge.source.gradient + edge.pull(node.gradient)

    def steps(self):
        """The local computations in order, forward and then backward; see `narration.steps`."""
        self.backward()
        return steps(self)

    @_quiet
    def __add__(self, other):
        a, b = fitting(self, other, "+")
        return Node(a.value + b.value, "+", [Edge(a, 1.0), Edge(b, 1.0)])

    @_quiet
    def __sub__(self, other):
        a, b = fitting(self, other, "−")
        return Node(a.value - b.value, "−", [Edge(a, 1.0), Edge(b, -1.0)])

    @_quiet
    def __mul__(self, other):
        a, b = fitting(self, other, "×")
        return Node(a.value * b.value, "×", [Edge(a, b.value), Edge(b, a.value)])

    @_quiet
    def __pow__(self, exponent):
        if isinstance(exponent, Node):
            raise ValueError("the exponent must be a number; for x ** y write exp(log(x) * y)")
        x, p = self.value, as_scalar(exponent, "the exponent")
        operation = {2.0: "square", -1.0: "reciprocal"}.get(p, f"power {format_number(p)}")
        slope = p * np.power(x, p - 1) if p != 0 else 0.0 * x
        return Node(np.power(x, p), operation, [Edge(self, slope)])

    @_quiet
    def __matmul__(self, other):
        a, b = self, as_node(other)
        if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[1] != b.shape[0]:
            raise ValueError(
                "a matrix product needs shapes (n, m) and (m, k), got "
                f"{a.shape} and {b.shape}; one example is a row of shape (1, m)"
            )
        left, right = Edge(a, b.value.T, upstream_first), Edge(b, a.value.T, local_first)
        return Node(a.value @ b.value, "@", [left, right])

    @_quiet
    def sum(self, axis=None):
        """Add the elements up, all of them or along one axis, which stays with length 1."""
        axes = len(self.shape)
        if axis is not None and not -axes <= as_count(axis, "axis", minimum=-axes) < axes:
            raise ValueError(f"axis must be an axis of shape {self.shape}, got {axis}")
        value = np.sum(self.value, axis=axis, keepdims=axis is not None)
        return Node(value, "sum", [Edge(self, np.ones(self.shape))])

    def __truediv__(self, other):
        return self * as_node(other) ** -1

    def __neg__(self):
        return self * -1.0

    def __radd__(self, other):
        return as_node(other) + self

    def __rsub__(self, other):
        return as_node(other) - self

    def __rmul__(self, other):
        return as_node(other) * self

    def __rtruediv__(self, other):
        return as_node(other) / self

    def __rmatmul__(self, other):
        return as_node(other) @ self

    def __repr__(self):
        named = f", name={self.name!r}" if self.name else ""
        return f"Node({format_value(self.value)}, {self.operation!r}{named})"


class Input(Node):
    """A value that the graph starts from, and whose gradient is wanted.

    Parameters
    ----------
    value : array_like of float
        A number or a small array; copied. Integers become floats.
    name : str, optional
        Shown in figures and steps.

    Raises
    ------
    ValueError
        If `value` is not made of finite real numbers.

    Examples
    --------
    >>> Input(100, name="price")
    Node(100, 'input', name='price')
    """

    def __init__(self, value, name=""):
        super().__init__(value, "input", name=name)


def times(upstream, local):
    """upstream × local"""
    return upstream * local


def upstream_first(upstream, local):
    """upstream @ local"""
    return upstream @ local


def local_first(upstream, local):
    """local @ upstream"""
    return local @ upstream


@dataclass(frozen=True, eq=False)
class Edge:
    """An arrow from an input to an operation, and the way a gradient travels back along it.

    Attributes
    ----------
    source : Node
        The input.
    local : float or ndarray of float
        Local derivative: how the operation answers to this input.
    rule : callable
        ``rule(upstream, local)`` is what comes back along the arrow. Its docstring says so in
        words that a figure can show: by default "upstream × local", element by element.
    """

    source: Node
    local: object
    rule: Callable = times

    def __post_init__(self):
        if not isinstance(self.source, Node):
            raise ValueError(f"source must be a Node, got {self.source!r:.60}")
        if self.local is None and self.rule is times:
            raise ValueError("an edge needs a local derivative, or a rule that needs none")

    @_quiet
    def pull(self, upstream):
        """The part of the source's gradient that comes back along this arrow, in its shape."""
        gradient = _sum_to(self.rule(upstream, self.local), self.source.shape)
        return _checked(gradient, "the derivative")


def as_node(value):
    """The value itself if it is a node, else a constant.

    Examples
    --------
    >>> as_node(2)
    Node(2, 'constant')
    """
    return value if isinstance(value, Node) else Node(value, "constant")


def fitting(a, b, operation):
    """Both operands as nodes; refuse shapes where neither is the shape of the result."""
    a, b = as_node(a), as_node(b)
    try:
        fits = np.broadcast_shapes(a.shape, b.shape) in (a.shape, b.shape)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{operation} needs shapes that fit, got {a.shape} and {b.shape}")
    return a, b


def _checked(value, what):
    """The value as a float or a read-only array; refuse what is not a finite number."""
    array = as_float_array(value, what).astype(float)
    array.flags.writeable = False
    return float(array) if array.ndim == 0 else array


def _sum_to(gradient, shape):
    """Add up what went to the copies of a repeated value."""
    gradient = as_float_array(gradient, "what a rule gives back", finite=False, copy=False)
    extra = np.ndim(gradient) - len(shape)
    gradient = np.sum(gradient, axis=tuple(range(extra)))
    repeated = tuple(i for i, n in enumerate(shape) if n == 1)
    gradient = np.sum(gradient, axis=repeated, keepdims=True)
    if gradient.shape != shape:
        raise ValueError(f"a rule must give back shape {shape}, got {gradient.shape}")
    return gradient


def _require_scalar(node):
    if node.shape != ():
        raise ValueError(
            f"backward starts from a scalar, got shape {node.shape}; add it up with .sum() first"
        )
