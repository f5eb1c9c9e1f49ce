"""Explorers of chapter 5: graphs walked step by step, forward and then backward."""

from __future__ import annotations

import numpy as np

from downslope import plots
from downslope.explore import Explorer, explore, steps, values
from downslope.graph import Input, softmax_cross_entropy, square
from downslope.graph_drawing import draw_graph

__all__ = [
    "affine_and_softmax",
    "apples",
    "apples_and_oranges",
    "chain_rule",
    "graph_to_read",
]


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
        """Price and count of the apples meet in a ×, their cost and the tax in another"""
        total = _apples_bought(price, count, tax)
        _draw(ax, total, step - 1, font_size=10)
        return _say(total, step) + _say_meaning(total.steps()[step - 1])

    return explore(
        graph,
        name="apple-walk",
        panels={"ax": (4.9, 2.6)},
        step=steps(7, default=2, first=1, label="step"),
        price=values([80, 100, 120], default=100, label="price of an apple (won)"),
        count=values([1, 2, 3], default=2, label="number of apples"),
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
        """Two products, apples and oranges, meet in a +, and their sum and the tax in a ×"""
        total = _fruit_bought()
        _draw(ax, total, step - 1, font_size=10)
        return _say(total, step) + _say_meaning(total.steps()[step - 1])

    return explore(
        graph,
        name="apples-and-oranges",
        panels={"ax": (5.4, 3.5)},
        step=steps(13, default=4, first=1, label="step"),
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
        """x and y meet in a +, and their sum t is squared"""
        z = _squared_sum(x, y)
        _draw(ax, z, step - 1, font_size=10)
        return _say(z, step)

    return explore(
        graph,
        name="chain-rule",
        panels={"ax": (4.6, 2.2)},
        step=steps(6, default=2, first=1, label="step"),
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
        """a and b meet in a +. Its result and c meet in a ×. Its result and a meet in another +"""
        a, b, c = Input(2, "a"), Input(3, "b"), Input(4, "c")
        ax.set_position((0.02, 0.03, 0.96, 0.94))
        draw_graph(ax, (a + b) * c + a, gradients=False, font_size=10)

    return explore(graph, name="graph-to-read", panels={"ax": (4.9, 2.6)})


def affine_and_softmax() -> Explorer:
    """Two samples through an affine layer and softmax with cross-entropy, shape by shape.

    Returns
    -------
    explorer : Explorer
        With the control `step`.

    Examples
    --------
    >>> explorer = affine_and_softmax()
    >>> explorer.controls["step"].value = 9
    >>> print(explorer.readout)
    Step 9 of 9, backward through @ to W: xᵀ (3, 2) @ upstream (2, 2) = (3, 2).
    """

    def graph(ax, step):
        """x and W meet in a matrix product, b is added, softmax and loss follow"""
        loss = _affine_loss()
        _draw(ax, loss, step - 1)
        return _say(loss, step)

    def numbers(table, step):
        """the arrays of the step in numbers"""
        table.set(xlim=(0, 1), ylim=(0, 1), title="the numbers of this step")
        table.set_axis_off()
        _write_arrays(table, _arrays_of(_affine_loss().steps()[step - 1]))

    return explore(
        graph,
        numbers,
        name="affine-and-softmax",
        panels={"ax": (4.9, 3.2), "table": (2.9, 3.2)},
        step=steps(9, default=9, first=1, label="step"),
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
    x = Input([[1.0, 0.5, -1.0], [0.0, 2.0, 1.0]], name="x")
    W = Input([[0.5, -0.5], [1.0, 0.0], [-0.5, 1.0]], name="W")
    loss = softmax_cross_entropy(x @ W + Input([0.5, 0.0], name="b"), [0, 1])
    loss.name = "loss"
    return loss


def _draw(ax, output, step, **options):
    """Draw a graph over the whole panel: it has no axis labels that would need a margin."""
    ax.set_position((0.02, 0.03, 0.96, 0.94))
    draw_graph(ax, output, step, **options)


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
    if step.direction == "forward":
        return [*(("in", value) for value in step.inputs), ("out", step.result)]
    if step.target is None:
        return [("upstream", step.result)]
    parts = [("upstream", step.upstream), ("local", step.local)]
    if step.rule == "local @ upstream":
        parts.reverse()
    return [*parts, (f"to {step.target.name or 'the sum'}", step.result)]


def _write_arrays(ax, named):
    y = 0.97
    for name, value in named:
        shape = f", shape {np.shape(value)}" if np.ndim(value) else ""
        ax.text(0, y, name + shape, va="top", size=9, color=plots.BLUE)
        for row in np.atleast_2d(value):
            y -= 0.068
            for column, number in enumerate(row):
                text = f"{number:.2f}".replace("-", "−")
                ax.text(0.22 * (column + 1), y, text, va="top", ha="right", size=9)
        y -= 0.1
