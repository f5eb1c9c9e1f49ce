"""Explorers of chapter 5: graphs walked step by step, forward and then backward."""

from __future__ import annotations

import numpy as np

from downslope import plots
from downslope.explore import Explorer, choice, explore, linear, steps, values
from downslope.explorers.perceptron import network_figure
from downslope.graph import Input, format_value, relu, sigmoid, softmax_cross_entropy, square
from downslope.graph_drawing import draw_graph
from downslope.losses import as_targets, softmax

__all__ = [
    "affine_and_softmax",
    "affine_layer",
    "apples",
    "apples_and_oranges",
    "chain_rule",
    "graph_to_read",
    "three_in_a_row",
]

#: Two samples, a layer with two units, and labels: the network is right and sure of the first
#: sample, wrong and as sure of the second. Rounded to two digits, all its numbers still add up.
X = [[1.0, 2.0, -1.0], [0.0, -1.0, 1.0]]
W = [[1.0, 0.0], [2.0, 1.0], [1.0, -1.0]]
B = [1.0, 0.0]
LABELS = [0, 1]
TABLE = (3.1, 3.3)  # inches
NTH = ("first", "second", "third")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def apples() -> Explorer:
    """Apples, their price and the tax: forward and then backward, a node at a time.

    Returns
    -------
    explorer : Explorer
        With controls `step`, `price`, `count` and `tax`.

    Examples
    --------
    >>> explorer = apples()
    >>> explorer.controls["step"].value = 6
    >>> print(explorer.readout.partition(": ")[2])
    upstream 1.1 × local derivative 2 = 2.2. One more won on the price adds 2.2 won to the total.
    """

    def graph(ax, step, price, count, tax):
        """above an arrow is its value, below it, on the way back, its gradient"""
        total = _apples_bought(price, count, tax)
        draw_graph(ax, total, step - 1, font_size=10)
        return _say(total, step) + _say_meaning(total.steps()[step - 1])

    return explore(
        _paper("Price and count of the apples meet in a ×, their cost and the tax in another"),
        graph,
        name="apple-walk",
        panels={"ax": (4.9, 2.6)},
        step=steps(7, first=1, label="step"),
        price=values([60, 80, 100, 120, 150], default=100, label="price of an apple (won)"),
        count=values([1, 2, 3, 4, 5], default=2, label="number of apples"),
        tax=values([1.0, 1.1, 1.2], default=1.1, label="tax (factor)"),
    )


def apples_and_oranges() -> Explorer:
    """Two apples and three oranges: where the graph adds, the gradient is handed to both sides.

    Returns
    -------
    explorer : Explorer
        With the control `step`.

    Examples
    --------
    >>> explorer = apples_and_oranges()
    >>> explorer.controls["step"].value = 4
    >>> print(explorer.readout)
    Step 4 of 13, forward through ×: 650 × 1.1 = 715.
    """

    def graph(ax, step):
        """above an arrow is its value, below it, on the way back, its gradient"""
        total = _fruit_bought()
        draw_graph(ax, total, step - 1, font_size=10)
        return _say(total, step) + _say_meaning(total.steps()[step - 1])

    return explore(
        _paper("Two products, apples and oranges, meet in a +, and their sum and the tax in a ×"),
        graph,
        name="apples-and-oranges",
        panels={"ax": (5.4, 3.5)},
        step=steps(13, first=1, label="step"),
    )


def chain_rule() -> Explorer:
    """The composite function z = (x + y)²: two local derivatives, multiplied on the way back.

    Returns
    -------
    explorer : Explorer
        With controls `step`, `x` and `y`.

    Examples
    --------
    >>> explorer = chain_rule()
    >>> explorer.controls["step"].value = 4
    >>> print(explorer.readout)
    Step 4 of 6, backward through square to t: upstream 1 × local derivative 6 = 6.
    """

    def graph(ax, step, x, y):
        """above an arrow is its value, below it, on the way back, its gradient"""
        z = _squared_sum(x, y)
        draw_graph(ax, z, step - 1, font_size=10)
        return _say(z, step)

    return explore(
        _paper("Inputs x and y meet in a +, and their sum t is squared"),
        graph,
        name="chain-rule",
        panels={"ax": (4.6, 2.2)},
        step=steps(6, first=1, label="step"),
        x=values([-2, -1, 1, 3], default=1),
        y=values([-1, 1, 2, 4], default=2),
    )


def graph_to_read() -> Explorer:
    """A graph whose equation the reader is asked for; it does not stand beside it.

    Returns
    -------
    explorer : Explorer
        Without controls.

    Examples
    --------
    >>> graph_to_read().controls
    {}
    """

    def graph(ax):
        """Inputs a and b meet in a +. Its result and c meet in a ×, whose result meets a in a +"""
        a, b, c = Input(2, "a"), Input(3, "b"), Input(4, "c")
        ax.set_position((0.02, 0.03, 0.96, 0.94))
        draw_graph(ax, (a + b) * c + a, gradients=False, font_size=10)

    return explore(graph, name="graph-to-read", panels={"ax": (4.9, 2.6)})


def three_in_a_row() -> Explorer:
    """The same activation function three times: how much of a gradient comes back through it.

    Returns
    -------
    explorer : Explorer
        With controls `activation` and `x`.

    Examples
    --------
    >>> explorer = three_in_a_row()
    >>> explorer.controls["x"].value = 0.0
    >>> print(explorer.readout)
    x = 0: what comes back is 0.2273 × 0.235 × 0.25 = 0.013.
    """

    def graph(ax, activation, x):
        """above an arrow is its value, below it its gradient"""
        nodes = [Input(x, name="x")]
        for _ in range(3):
            nodes.append(activation(nodes[-1]))
        nodes[-1].backward()
        draw_graph(ax, nodes[-1])
        slopes = [format_value(node.edges[0].local) for node in reversed(nodes[1:])]
        product = f"{' × '.join(slopes)} = {nodes[0].gradient:.3f}"
        return f"x = {format_value(x)}: what comes back is {product}."

    return explore(
        _paper("An input x goes through an activation function three times"),
        graph,
        name="three-in-a-row",
        panels={"ax": (4.8, 1.5)},
        activation=choice({"sigmoid": sigmoid, "ReLU": relu}),
        x=linear(-4, 4, 0.5, default=-3),
    )


def affine_layer() -> Explorer:
    """A layer with two units, drawn as a network, at the first sample of `affine_and_softmax`.

    Returns
    -------
    figure : Explorer
        Without controls.

    Examples
    --------
    >>> print(affine_layer().alt.partition(". ")[0])
    3 inputs: 1, 2, −1
    """
    sums = np.matmul(X[0], W) + B
    return network_figure(
        [W],
        [B],
        values=[X[0], sums],
        names=[["x₁", "x₂", "x₃"], ["y₁", "y₂"]],
        titles=["a row of X", "a row of Y"],
        column=(0, 0),
        unit=(1, 0),
        size=(4.4, 2.7),
        name="affine-layer",
    )


def affine_and_softmax() -> Explorer:
    """Two samples through an affine layer and softmax with cross-entropy, number by number.

    Returns
    -------
    explorer : Explorer
        With the control `step`.

    Examples
    --------
    >>> explorer = affine_and_softmax()
    >>> explorer.controls["step"].value = 9
    >>> print(explorer.readout.partition(". ")[2])
    Second row, first column: 2 · (−0.06) + (−1) · 0.44 = −0.56.
    """

    def graph(ax, step):
        """above an arrow is the shape of its value, below it that of its gradient"""
        loss = _affine_loss()
        draw_graph(ax, loss, step - 1)
        return " ".join([_say(loss, step), *_example(loss.steps()[step - 1])])

    def sheet(table):
        """beside it stands the step in numbers"""
        table.set(xlim=(0, 1), ylim=(TABLE[1], 0), xticks=[], yticks=[])
        table.set_title("the numbers of this step")
        table.set_axis_off()

    def numbers(table, step):
        """its arrays, and how one number of the result comes about"""
        now = _affine_loss().steps()[step - 1]
        _write(table, _arrays_of(now), _example(now))

    return explore(
        _paper(
            "Input x and weights W meet in a matrix product, b is added, softmax and loss follow"
        ),
        graph,
        sheet,
        numbers,
        name="affine-and-softmax",
        alt={
            "ax": "Input x and weights W meet in a matrix product, b is added, softmax and loss "
            "follow. Above an arrow is the shape of its value, below it, on the way back, that of "
            "its gradient; the node of this step is marked.",
            "table": "The step in numbers: its arrays as tables, and how one number of the result "
            "comes about.",
        },
        panels={"ax": (4.9, 3.2), "table": TABLE},
        step=steps(9, first=1, label="step"),
    )


def _apples_bought(price, count, tax):
    price, count = Input(price, name="price"), Input(count, name="count")
    cost = price * count
    cost.name = "cost"
    total = cost * Input(tax, name="tax")
    total.name = "total"
    return total


def _fruit_bought():
    apples = Input(100, name="apple price") * Input(2, name="apples")
    oranges = Input(150, name="orange price") * Input(3, name="oranges")
    cost = apples + oranges
    total = cost * Input(1.1, name="tax")
    total.name = "total"
    return total


def _squared_sum(x, y):
    t = Input(x, name="x") + Input(y, name="y")
    t.name = "t"
    z = square(t)
    z.name = "z"
    return z


def _affine_loss():
    x, weights = Input(X, name="x"), Input(W, name="W")
    product = x @ weights
    product.name = "xW"
    z = product + Input(B, name="b")
    z.name = "z"
    loss = softmax_cross_entropy(z, LABELS)
    loss.name = "loss"
    return loss


def _paper(words):
    """The first layer of a graph: an empty panel, measured in points, as `draw_graph` wants it.

    It is the same in every state, so that it is set up once for all of them.
    """

    def paper(ax):
        ax.set_position((0.02, 0.03, 0.96, 0.94))  # no axis labels would need a margin
        room, scale = ax.get_window_extent(), 72 / ax.figure.dpi
        ax.set(xlim=(0, room.width * scale), ylim=(room.height * scale, 0), xticks=[], yticks=[])
        ax.set_axis_off()

    paper.__doc__ = words
    return paper


def _say(output, step):
    said = output.steps()
    return f"Step {step} of {len(said)}, {said[step - 1]}."


def _say_meaning(step):
    if step.target is None or step.target.operation != "input":
        return ""
    name, gain = step.target.name, f"{step.total:.4g}"
    unit = "won " if "price" in name else ""
    if name == "tax":
        return f" The total grows by {step.total / 100:.4g} won when the factor grows by 0.01."
    if unit:
        return f" One more won on the {name} adds {gain} won to the total."
    return f" The total grows by {gain} won for each unit more of it ({name})."


def _arrays_of(step):
    """Names and values of what a step works with, as a reader would list them."""
    named = [(source.name, source.value) for source in step.node.inputs]
    if step.node.name == "loss":
        z = step.node.inputs[0].value
        named = [("y, the softmax of z", softmax(z)), ("t", as_targets(LABELS, z.shape))]
        named = [("z", z), *named] if step.direction == "forward" else named
    if step.direction == "forward":
        return [*named, (step.node.name, step.result)]
    if step.target is None:
        return [("upstream", step.result)]
    result, upstream = (f"to {step.target.name}", step.result), ("upstream", step.upstream)
    if step.node.name == "loss":
        return [*named, result]
    if step.operation != "@":
        return [upstream, result]
    (left, x), (right, weights) = named
    if step.target.name == left:
        return [upstream, (right + "ᵀ", weights.T), result]
    return [(left + "ᵀ", x.T), upstream, result]


def _example(step):
    """How a number of the result comes about, in lines that a reader can recompute."""
    if step.direction == "forward":
        return _forward_example(step)
    if step.target is None or step.target.name == "xW":
        return []
    if step.target.name == "z":
        y = softmax(step.target.value)[0, 0]
        return ["First row, first column:", f"({_short(y)} − 1) / 2 = {_short(step.result[0, 0])}."]
    if step.target.name == "b":
        sums = [
            " + ".join(map(_bracketed, column)) + f" = {_short(total)}"
            for column, total in zip(step.upstream.T, step.result, strict=True)
        ]
        return ["In numbers:", f"{sums[0]},", f"{sums[1]}."]
    if step.target.name == "x":
        return _dot(step, step.upstream, step.local, 0, 2)
    return _dot(step, step.local, step.upstream, 1, 0)


def _forward_example(step):
    if step.operation == "@":
        left, right = step.inputs
        return _dot(step, left, right, 0, 0)
    if step.operation == "+":
        (before, bias), after = step.inputs, step.result
        sums = [
            f"{_short(before[0, k])} + {_short(bias[k])} = {_short(after[0, k])}" for k in (0, 1)
        ]
        return [f"First row: {' and '.join(sums)}."]
    lines = []
    for nth, z, label in zip(NTH, step.inputs[0], LABELS, strict=False):
        powers = " + ".join(f"e{f'{score:.0f}'.translate(RAISED)}" for score in z)
        loss = np.log(np.exp(z).sum()) - z[label]
        lines.append(f"{nth.title()} row: log({powers}) − {_bracketed(z[label])} = {loss:.3f}.")
    return [*lines, f"Their mean is {step.result:.3f}."]


def _dot(step, left, right, i, j):
    """Row times column, written out."""
    parts = [
        f"{_bracketed(a)} · {_bracketed(b)}" for a, b in zip(left[i], right[:, j], strict=True)
    ]
    product = f"{' + '.join(parts)} = {_short(step.result[i, j])}."
    return [f"{NTH[i].title()} row, {NTH[j]} column:", product]


def _short(number):
    return f"{number:.{0 if number == round(number) else 2}f}".replace("-", "−")


def _bracketed(number):
    return f"({_short(number)})" if number < 0 else _short(number)


def _write(ax, named, example):
    """Arrays one below the other, and below them the example; all places in inches."""
    y = 0.1
    for name, value in named:
        shape = f", shape {np.shape(value)}" if np.ndim(value) else ""
        ax.text(0, y, name + shape, va="top", size=9, color=plots.BLUE)
        digits = 3 if name == "loss" else 0 if np.all(np.round(value) == value) else 2
        for row in np.atleast_2d(value):
            y += 0.2
            for column, number in enumerate(row):
                text = f"{number:.{digits}f}".replace("-", "−")
                ax.text(0.22 * (column + 1), y, text, va="top", ha="right", size=9)
        y += 0.27
    for line in example:
        ax.text(0, y, line, va="top", size=9, weight="bold")
        y += 0.2
