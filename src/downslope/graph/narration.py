"""What happens in a graph, told to a reader: values in a few characters, steps in a sentence."""

from dataclasses import dataclass

import numpy as np


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
        Backward: how the factors are multiplied, in the words of the edge's rule.
    """

    direction: str
    node: object
    operation: str
    inputs: tuple = ()
    result: object = None
    target: object = None
    upstream: object = None
    local: object = None
    total: object = None
    rule: str = ""

    def __str__(self):
        return _say_forward(self) if self.direction == "forward" else _say_backward(self)


def steps(output):
    """The local computations of a graph in order, forward and then backward, for a reader to walk.

    Parameters
    ----------
    output : Node
        One that `backward` was called on.

    Returns
    -------
    steps : list of Step
        One forward step for each operation; then the start of the way back, and one backward step
        for each arrow that a gradient travels along.

    Examples
    --------
    >>> from downslope.graph import Input
    >>> x, y = Input(1.0, name="x"), Input(2.0, name="y")
    >>> for step in (x + y).steps():
    ...     print(step)
    forward through +: 1 + 2 = 3
    backward begins: the derivative of the output with respect to itself is 1
    backward through + to x: upstream 1 × local derivative 1 = 1
    backward through + to y: upstream 1 × local derivative 1 = 1
    """
    return [*_forward_steps(output), *_backward_steps(output)]


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
    return format_number(float(value)) if np.ndim(value) == 0 else str(np.shape(value))


def format_number(x):
    """A number in about four digits, with a minus sign that is one."""
    x = x + 0.0  # a reader need not know that there is a -0
    digits = f"{x:.0f}" if 1e3 <= abs(x) < 1e7 else f"{x:.4g}"
    return digits.replace("-", "−")


def _forward_steps(output):
    for node in output.nodes():
        if node.edges:
            values = tuple(source.value for source in node.inputs)
            yield Step("forward", node, node.operation, values, node.value)


def _backward_steps(output):
    yield Step("backward", output, output.operation, result=1.0)
    totals: dict = {}
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
                rule=_words(edge.rule),
            )


def _say_forward(step):
    values = [format_value(value) for value in step.inputs]
    if len(values) == 2 and step.operation != "max":
        left = f" {step.operation} ".join(values)
    else:
        left = f"{step.operation} of {' and '.join(values)}"
    return f"forward through {step.operation}: {left} = {format_value(step.result)}"


def _words(rule):
    """What a rule does, as the first line of its docstring says."""
    lines = (rule.__doc__ or "").strip().splitlines()
    return lines[0] if lines else "a rule of its own on upstream"


def _say_backward(step):
    if step.target is None:
        return "backward begins: the derivative of the output with respect to itself is 1"
    words = {"upstream": f"upstream {format_value(step.upstream)}"}
    if step.local is not None:
        words["local"] = f"{_name_local(step)} {format_value(step.local)}"
    product = " ".join(words.get(word, word) for word in step.rule.split())
    towards = step.target.name or f"the result of {step.target.operation}"
    said = f"backward through {step.operation} to {towards}: {product}{_say_sum(step)}"
    said += f" = {format_value(step.result)}"
    if np.any(step.total != step.result):
        said += f", so far {format_value(step.total)}"
    return said


def _say_sum(step):
    """What came back to the copies of a repeated value, a bias most of all, has been added up."""
    if step.local is None or step.rule != "upstream × local":
        return ""
    came = np.broadcast_shapes(np.shape(step.upstream), np.shape(step.local))
    if came == np.shape(step.result):
        return ""
    rows = f"its {came[0]} rows " if np.shape(step.result) == came[1:] != () else "all "
    return f", {rows}added up"


def _name_local(step):
    if step.operation != "@":
        return "local derivative"
    left, right = step.node.inputs
    other = right if step.rule == "upstream @ local" else left
    return f"{other.name}ᵀ" if other.name else "local derivative"
