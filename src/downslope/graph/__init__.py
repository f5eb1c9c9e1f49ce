"""Computational graphs that record themselves, and send gradients back along their arrows.

Write an ordinary expression around an `Input`. Every operation makes a `Node` that remembers
where its inputs came from and how strongly it answers to each of them: its local derivatives.
`Node.backward` multiplies these together from the output to the inputs, which is the chain rule.

`engine` is all of that. `operations` has the functions that a network needs, and is the place to
look at before you write your own; `narration` tells a reader what happens, a step at a time.
"""

from downslope.graph.engine import Edge, Input, Node, as_node
from downslope.graph.narration import Step, format_value
from downslope.graph.operations import (
    exp,
    log,
    maximum,
    relu,
    sigmoid,
    softmax_cross_entropy,
    square,
)

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
