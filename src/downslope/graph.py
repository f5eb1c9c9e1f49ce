"""Computational graphs that record themselves, and send gradients back along their arrows.

Write an ordinary expression with `Input`s in it. Every operation makes a `Node` that remembers
where its inputs came from and how strongly it answers to each of them: its local derivatives.
`Node.backward` multiplies these together from the output to the inputs, which is the chain rule.

Every node is made after its inputs, so the age of a node is an order to compute in: forward
from the oldest to the youngest, backward from the youngest to the oldest.
"""

from dataclasses import dataclass
from itertools import count

import numpy as np

from downslope import losses
from downslope._validation import as_count, as_float_array, as_scalar

__all__ = [
    "Edge",
    "Input",
    "Node",
    "Step",
    "as_node",
    "exp",
    "format_value",
    "log",
    "maximum",
    "relu",
    "sigmoid",
    "softmax_cross_entropy",
    "square",
]

_ages = count()
_quiet = np.errstate(all="ignore")  # Node refuses what is not finite, with a clearer message


class Node:
    """A value in a computational graph, and how it was computed.

    Nodes are made by `Input`, by arithmetic (`+`, `-`, `*`, `/`, `**`, `@`) and by the functions
    of this module. Numbers and arrays in an expression become constants.

    Two arrays are combined when one has the shape of the result: the other is then repeated, as
    a bias of shape (k,) is over a batch of shape (n, k), and its gradient is summed back to its
    own shape.

    Attributes
    ----------
    value : float or ndarray of float
        Result of the forward computation: a float for a scalar, else a read-only array.
    gradient : float, ndarray of float, or None
        Derivative of the output that `backward` was called on with respect to `value`, in the
        shape of `value`; None before `backward`, and for constants.
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
    >>> round(total.value, 6)
    220.0
    >>> total.backward()
    >>> round(price.gradient, 6)
    2.2
    """

    __array_ufunc__ = None  # so that `array * node` asks the node, not each of its elements

    def __init__(self, value, operation, edges=(), name=""):
        self.value = _checked(value, operation)
        self.operation = operation
        self.edges = tuple(edges)
        self.name = name
        self.gradient = None
        self.age = next(_ages)

    @property
    def shape(self):
        """Shape of the value: () for a scalar."""
        return np.shape(self.value)

    @property
    def inputs(self):
        """The nodes that this one was computed from."""
        return tuple(edge.source for edge in self.edges)

    def nodes(self):
        """Every node that this one depends on, and itself, each after its inputs.

        Returns
        -------
        nodes : list of Node
            Oldest first: a topological order of the graph.
        """
        found, waiting = {self}, [self]
        while waiting:
            new = set(waiting.pop().inputs) - found
            found |= new
            waiting.extend(new)
        return sorted(found, key=lambda node: node.age)

    def backward(self):
        """Give every node below this one its `gradient`: the derivative of this value.

        Gradients of an earlier call are forgotten, not added to.

        Raises
        ------
        ValueError
            If this node is not a scalar, or a derivative is not finite.

        Examples
        --------
        A value that is used twice collects what comes back along both arrows.

        >>> x = Input(3.0)
        >>> (x * x + x).backward()
        >>> x.gradient
        7.0
        """
        _require_scalar(self)
        nodes = self.nodes()
        for node in nodes:
            node.gradient = None if node.operation == "constant" else _zeros(node)
        self.gradient = 1.0
        for node in reversed(nodes):
            for edge in node.edges:
                if edge.source.operation != "constant":
                    edge.source.gradient = edge.source.gradient + edge.pull(node.gradient)

    def steps(self):
        """The local computations in order, forward and then backward, for a reader to walk.

        Calls `backward`, so it sets the gradients.

        Returns
        -------
        steps : list of Step
            One forward step for each operation; then the start of the way back, and one
            backward step for each arrow that a gradient travels along.

        Raises
        ------
        ValueError
            As `backward` does.

        Examples
        --------
        >>> x, y = Input(1.0, name="x"), Input(2.0, name="y")
        >>> for step in (x + y).steps():
        ...     print(step)
        forward through +: 1 + 2 = 3
        backward begins: the derivative of the output with respect to itself is 1
        backward through + to x: upstream 1 × local derivative 1 = 1
        backward through + to y: upstream 1 × local derivative 1 = 1
        """
        self.backward()
        return [*_forward_steps(self), *_backward_steps(self)]

    @_quiet
    def sum(self, axis=None):
        """Add the elements up, all of them or along one axis; the local derivative is 1.

        Parameters
        ----------
        axis : int, optional
            Axis to add along. It stays, with length 1, so that the result still fits the array
            that it came from.

        Returns
        -------
        total : Node
            A scalar, or an array whose `axis` has length 1.

        Raises
        ------
        ValueError
            If there is no such axis.
        """
        if axis is not None:
            axis = as_count(axis, "axis", minimum=-len(self.shape))
        if axis is not None and not -len(self.shape) <= axis < len(self.shape):
            raise ValueError(f"axis must be an axis of shape {self.shape}, got {axis}")
        value = np.sum(self.value, axis=axis, keepdims=axis is not None)
        return Node(value, "sum", [Edge(self, np.ones(self.shape))])

    @_quiet
    def __add__(self, other):
        a, b = _fitting(self, other, "+")
        return Node(a.value + b.value, "+", [Edge(a, 1.0), Edge(b, 1.0)])

    @_quiet
    def __mul__(self, other):
        a, b = _fitting(self, other, "×")
        return Node(a.value * b.value, "×", [Edge(a, b.value), Edge(b, a.value)])

    @_quiet
    def __sub__(self, other):
        a, b = _fitting(self, other, "−")
        return Node(a.value - b.value, "−", [Edge(a, 1.0), Edge(b, -1.0)])

    @_quiet
    def __pow__(self, exponent):
        if isinstance(exponent, Node):
            raise ValueError("the exponent must be a number; for x ** y write exp(log(x) * y)")
        x, p = self.value, as_scalar(exponent, "the exponent")
        operation = {2.0: "square", -1.0: "reciprocal"}.get(p, f"power {_number(p)}")
        slope = p * np.power(x, p - 1) if p != 0 else np.zeros(self.shape)
        return Node(np.power(x, p), operation, [Edge(self, slope)])

    @_quiet
    def __matmul__(self, other):
        a, b = self, as_node(other)
        if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[1] != b.shape[0]:
            raise ValueError(
                "a matrix product needs shapes (n, m) and (m, k), got "
                f"{a.shape} and {b.shape}; one example is a row of shape (1, m)"
            )
        left = Edge(a, b.value.T, "upstream @ local")
        right = Edge(b, a.value.T, "local @ upstream")
        return Node(a.value @ b.value, "@", [left, right])

    def __truediv__(self, other):
        return self * as_node(other) ** -1

    def __neg__(self):
        return self * -1.0

    def __radd__(self, other):
        return as_node(other) + self

    def __rmul__(self, other):
        return as_node(other) * self

    def __rsub__(self, other):
        return as_node(other) - self

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


@dataclass(frozen=True, eq=False)
class Edge:
    """An arrow from an input to an operation, and the way a gradient travels back along it.

    Attributes
    ----------
    source : Node
        The input.
    local : float or ndarray of float
        Local derivative: how the operation answers to this input.
    rule : str
        How upstream and local derivative are multiplied: "upstream × local" element by element,
        "upstream @ local" or "local @ upstream" as matrices.
    """

    source: Node
    local: object
    rule: str = "upstream × local"

    @_quiet
    def pull(self, upstream):
        """The part of the source's gradient that comes back along this arrow.

        Parameters
        ----------
        upstream : float or ndarray of float
            Gradient of the operation's result.

        Returns
        -------
        gradient : float or ndarray of float
            In the shape of the source.
        """
        if self.rule == "upstream @ local":
            gradient = upstream @ self.local
        elif self.rule == "local @ upstream":
            gradient = self.local @ upstream
        else:
            gradient = _sum_to(upstream * self.local, self.source.shape)
        return _checked(gradient, "the derivative")


@dataclass(frozen=True, eq=False)
class Step:
    """One local computation on the way through a graph; `str(step)` says it in words.

    Attributes
    ----------
    direction : {"forward", "backward"}
    node : Node
        The operation at work.
    operation : str
        Its name: ``node.operation``.
    inputs : tuple of float or ndarray
        Forward: the values that go in. Backward: empty.
    result : float or ndarray of float
        Forward: the value. Backward: upstream times local derivative.
    target : Node or None
        Backward: the input that the result goes to; None at the start of the way back.
    upstream, local : float, ndarray of float, or None
        Backward: the two factors of the result.
    total : float, ndarray of float, or None
        Backward: what has come back to `target` so far, this step included.
    rule : str
        Backward: how the factors are multiplied, see `Edge`.
    """

    direction: str
    node: Node
    operation: str
    inputs: tuple = ()
    result: object = None
    target: Node | None = None
    upstream: object = None
    local: object = None
    total: object = None
    rule: str = ""

    def __str__(self):
        return _say_forward(self) if self.direction == "forward" else _say_backward(self)


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
    >>> maximum(Input(3.0), Input(5.0)).value
    5.0
    """
    a, b = _fitting(as_node(a), b, "max")
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
    >>> relu(Input([-1.0, 2.0])).value.tolist()
    [0.0, 2.0]
    """
    x = as_node(x)
    active = np.asarray(x.value > 0, dtype=float)
    return Node(np.maximum(x.value, 0), "ReLU", [Edge(x, active)])


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
    >>> sigmoid(Input(0.0)).value
    0.5
    """
    x = as_node(x)
    y = np.exp(-np.logaddexp(0.0, -np.asarray(x.value)))
    return Node(y, "sigmoid", [Edge(x, y * (1 - y))])


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


def as_node(value):
    """The value itself if it is a node, else a constant.

    Parameters
    ----------
    value : Node or array_like of float

    Returns
    -------
    node : Node

    Examples
    --------
    >>> as_node(2)
    Node(2, 'constant')
    """
    return value if isinstance(value, Node) else Node(value, "constant")


def format_value(value):
    """A value in a few characters: a number rounded, an array by its shape.

    Parameters
    ----------
    value : float or ndarray of float

    Returns
    -------
    text : str

    Examples
    --------
    >>> format_value(-0.123456), format_value(np.zeros((2, 3)))
    ('−0.1235', '(2, 3)')
    """
    return _number(float(value)) if np.ndim(value) == 0 else str(np.shape(value))


def _number(x):
    x = x + 0.0  # a reader need not know that there is a -0
    digits = f"{x:.0f}" if 1e3 <= abs(x) < 1e7 else f"{x:.4g}"
    return digits.replace("-", "−")


def _checked(value, what):
    """The value as a float or a read-only array; refuse what is not a finite number."""
    array = as_float_array(value, what).astype(float)
    array.flags.writeable = False
    return float(array) if array.ndim == 0 else array


def _fitting(a, b, operation):
    """Both operands as nodes; refuse shapes where neither is the shape of the result."""
    a, b = as_node(a), as_node(b)
    try:
        fits = np.broadcast_shapes(a.shape, b.shape) in (a.shape, b.shape)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{operation} needs shapes that fit, got {a.shape} and {b.shape}")
    return a, b


def _sum_to(gradient, shape):
    """Add up what went to the copies of a repeated value."""
    extra = np.ndim(gradient) - len(shape)
    gradient = np.sum(gradient, axis=tuple(range(extra)))
    repeated = tuple(i for i, n in enumerate(shape) if n == 1)
    return np.sum(gradient, axis=repeated, keepdims=True)


def _zeros(node):
    return 0.0 if node.shape == () else np.zeros(node.shape)


def _require_scalar(node):
    if node.shape != ():
        raise ValueError(
            f"backward starts from a scalar, got shape {node.shape}; add it up with .sum() first"
        )


def _forward_steps(output):
    for node in output.nodes():
        if node.edges:
            values = tuple(source.value for source in node.inputs)
            yield Step("forward", node, node.operation, values, node.value)


def _backward_steps(output):
    yield Step("backward", output, output.operation, result=1.0)
    totals = {}
    for node in reversed(output.nodes()):
        for edge in node.edges:
            source, upstream = edge.source, node.gradient
            if source.operation == "constant":
                continue
            result = edge.pull(upstream)
            totals[source] = totals.get(source, 0.0) + result
            yield Step(
                direction="backward",
                node=node,
                operation=node.operation,
                result=result,
                target=source,
                upstream=upstream,
                local=edge.local,
                total=totals[source],
                rule=edge.rule,
            )


def _say_forward(step):
    values = [format_value(value) for value in step.inputs]
    if len(values) == 2 and step.operation != "max":
        left = f" {step.operation} ".join(values)
    else:
        left = f"{step.operation} of {' and '.join(values)}"
    return f"forward through {step.operation}: {left} = {format_value(step.result)}"


def _say_backward(step):
    if step.target is None:
        return "backward begins: the derivative of the output with respect to itself is 1"
    words = {
        "upstream": f"upstream {format_value(step.upstream)}",
        "local": f"{_name_local(step)} {format_value(step.local)}",
    }
    product = " ".join(words.get(word, word) for word in step.rule.split())
    towards = step.target.name or f"the result of {step.target.operation}"
    said = f"backward through {step.operation} to {towards}: {product}"
    said += f" = {format_value(step.result)}"
    if np.any(step.total != step.result):
        said += f", so far {format_value(step.total)}"
    return said


def _name_local(step):
    if step.operation != "@":
        return "local derivative"
    left, right = step.node.inputs
    other = right if step.rule == "upstream @ local" else left
    return f"{other.name}ᵀ" if other.name else "local derivative"
