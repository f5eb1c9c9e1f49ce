"""Explorers of chapter 0: a neuron's line, the hidden plane, steepness, and shapes."""

from __future__ import annotations

from itertools import product

import numpy as np
from matplotlib.patches import Rectangle

from downslope import plots
from downslope.explore import Explorer, choice, explore, linear, steps, values
from downslope.explorers.learning import GATES, INPUTS
from downslope.formulas import relu, relu_slope, sigmoid, sigmoid_slope
from downslope.network_drawing import describe_network, draw_network

__all__ = [
    "decision_line",
    "hidden_plane",
    "network_figure",
    "network_shapes",
    "row_by_column",
    "steepness",
]

SQUARE = (3.7, 3.5)  # inches
CORNERS = ("00", "01", "10", "11")
#: What the fourteen functions are called that one line can separate.
NAMES = {
    (0, 0, 0, 0): "always 0",
    (0, 0, 0, 1): "AND",
    (0, 0, 1, 0): "x₁ but not x₂",
    (0, 0, 1, 1): "x₁, whatever x₂",
    (0, 1, 0, 0): "x₂ but not x₁",
    (0, 1, 0, 1): "x₂, whatever x₁",
    (0, 1, 1, 1): "OR",
    (1, 0, 0, 0): "NOR",
    (1, 0, 1, 0): "the opposite of x₂",
    (1, 0, 1, 1): "x₁, or not x₂",
    (1, 1, 0, 0): "the opposite of x₁",
    (1, 1, 0, 1): "x₂, or not x₁",
    (1, 1, 1, 0): "NAND",
    (1, 1, 1, 1): "always 1",
}
#: Weights w₁, w₂ and bias of the units that a hidden layer may have.
UNITS = {
    "NAND": (-1, -1, 1.5),
    "OR": (1, 1, -0.5),
    "AND": (1, 1, -1.5),
    "NOR": (-1, -1, 0.5),
    "x₁ but not x₂": (1, -1, -0.5),
    "x₂ but not x₁": (-1, 1, -0.5),
    "x₁": (1, 0, -0.5),
    "x₂": (0, 1, -0.5),
}
XOR = np.array(GATES["XOR"])


def network_figure(
    weights, biases=None, *, name: str, size=(4.6, 2.4), alt: str = "", **how
) -> Explorer:
    """A network with its numbers, as a figure that stands still.

    Parameters
    ----------
    weights, biases
        As in `downslope.network_drawing.draw_network`.
    name : str
        Names the figure in links.
    size : (width, height)
        In inches; up to 4.8 wide, the numbers can be read on a phone.
    alt : str
        What the figure shows; by default all its numbers in words.
    **how
        Further parameters of `draw_network`.

    Returns
    -------
    figure : Explorer
        Without controls.

    Examples
    --------
    >>> network_figure([[[0.5], [0.5]]], [[-0.7]], name="neuron")
    2 inputs. Layer 1, unit 1: weights 0.5, 0.5, bias −0.7.
    """

    def network(ax):
        """A network, with a number on every arrow and in every unit"""
        ax.set_position((0.01, 0.01, 0.98, 0.98))
        draw_network(ax, weights, biases, **how)

    alt = alt or describe_network(weights, biases, how.get("values"))
    return explore(network, name=name, alt=alt, panels={"ax": size})


def decision_line() -> Explorer:
    """A neuron's border on the plane of its inputs, and the region of weights that make a gate.

    Returns
    -------
    explorer : Explorer
        With controls `gate`, `w1`, `w2` and `b`.

    Examples
    --------
    >>> explorer = decision_line()
    >>> explorer.controls["b"].value = -0.25
    >>> print(explorer.readout)
    w = (0.5, 0.5), b = -0.25: at 00, 01, 10, 11 it says 0, 1, 1, 1. That is OR.
    """

    def corners(plane):
        """The four inputs of a gate, and shaded the side on which the neuron says 1"""
        draw_plane(plane, "inputs: shaded, it says 1")

    def line(plane, w1, w2, b):
        """a border between the two sides"""
        _shade(plane, (w1, w2, b))
        says = _says((w1, w2, b))
        listed = ", ".join(map(str, says))
        return (
            f"w = ({w1:g}, {w2:g}), b = {b:g}: at 00, 01, 10, 11 it says {listed}. "
            f"That is {NAMES[says]}."
        )

    def targets(plane, gate):
        """filled dots should give 1, empty ones 0"""
        draw_corners(plane, gate)

    def frame(weights):
        """beside it the plane of the weights"""
        weights.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal", xlabel="w₁")
        weights.set_ylabel("w₂", rotation=0, labelpad=8)
        weights.set_title("weights: shaded, they make the gate")

    def region(weights, gate, b):
        """shaded where the weights make the gate with this bias"""
        _region(weights, gate, b)

    def chosen(plane, weights, w1, w2):
        """the weights that are chosen: an arrow at right angles to the border, and a dot"""
        _arrow(plane, w1, w2)
        weights.plot(w1, w2, "o", color=plots.ORANGE, markersize=8)

    return explore(
        corners,
        line,
        targets,
        frame,
        region,
        chosen,
        name="decision-line",
        alt={
            "plane": "The four inputs of a gate at the corners of a square; filled dots should "
            "give 1, empty ones 0. The side on which the neuron says 1 is shaded up to a straight "
            "border, and the two weights are an arrow at right angles to it.",
            "weights": "The plane of the two weights: shaded are those that make the gate with "
            "this bias, and a dot marks those that are chosen.",
        },
        panels={"plane": SQUARE, "weights": SQUARE},
        handles={"weights": ("w1", "w2")},
        gate=choice(GATES),
        w1=linear(-1.0, 1.0, 0.25, default=0.5, label="w₁"),
        w2=linear(-1.0, 1.0, 0.25, default=0.5, label="w₂"),
        b=linear(-1.0, 1.0, 0.25, default=-0.75, label="b"),
    )


def hidden_plane() -> Explorer:
    """Two hidden units for XOR: where they send the four corners, and whether a line parts them.

    Returns
    -------
    explorer : Explorer
        With controls `first` and `second`.

    Examples
    --------
    >>> explorer = hidden_plane()
    >>> print(explorer.readout)
    4 corners become 4 points, and no line parts them.
    >>> explorer.controls["first"].value, explorer.controls["second"].value = "NAND", "OR"
    >>> print(explorer.readout)
    4 corners become 3 points, and a line parts them: an output unit can finish XOR.
    """

    def corners(plane):
        """The four inputs of XOR, filled where it should give 1"""
        draw_plane(plane, "the inputs, two lines")
        draw_corners(plane, XOR)

    def lines(plane, first, second):
        """the borders of the two hidden units, with a tick on the side of 1"""
        for w, colour, style in ((first, plots.BLUE, "-"), (second, plots.GREEN, "--")):
            draw_border(plane, w, colour, style)

    def frame(hidden):
        """beside it the plane of what the hidden units say"""
        hidden.set(xlim=(-0.6, 1.6), ylim=(-0.6, 1.6), aspect="equal", xlabel="u₁, solid line")
        hidden.set_ylabel("u₂, dashed line")
        hidden.set_xticks([0, 1])
        hidden.set_yticks([0, 1])
        hidden.set_title("the hidden plane")

    def landed(hidden, first, second):
        """the points where the corners land, and a line that parts them if there is one"""
        points = _landing(first, second)
        parting = _parting_line(points)
        if parting is not None:
            _shade(hidden, parting)
        for point, corners_there in points.items():
            _land(hidden, point, corners_there)
        return _what_became(points, parting)

    return explore(
        corners,
        lines,
        frame,
        landed,
        name="hidden-plane",
        alt={
            "plane": "The four inputs of XOR, filled where it should give 1, and the borders of "
            "the two hidden units, one solid and one dashed, each with a tick on the side of 1.",
            "hidden": "The plane of what the two hidden units say, with the points where the four "
            "corners land, and a line that parts the filled ones from the empty ones if there is "
            "one.",
        },
        panels={"plane": SQUARE, "hidden": SQUARE},
        first=choice(UNITS, default="x₁", label="first hidden unit"),
        second=choice(UNITS, default="x₂", label="second hidden unit"),
    )


def steepness() -> Explorer:
    """What a unit with one input says, and how it answers to a nudge of its weight.

    Returns
    -------
    explorer : Explorer
        With controls `activation`, `w` and `x`.

    Examples
    --------
    >>> explorer = steepness()
    >>> print(explorer.readout)
    w = 1, x = 1: y = 0.7311, slope 0.1966. With w nudged by 0.01, y changes by +0.0020.
    """
    grid = np.linspace(-2.2, 2.2, 661)
    nudge = 0.01

    def frame(ax):
        """What one unit says, against its input"""
        ax.set(xlim=(-2.2, 2.2), ylim=(-0.25, 2.25), xlabel="input x")
        ax.set_title("y = activation(w · x)")

    def curve(ax, activation, w):
        """a step, a smooth S, or a hinge"""
        f, _ = activation
        with_jump = np.where(np.abs(grid) < 1e-9, np.nan, f(w * grid))
        ax.plot(grid, with_jump if f is _step else f(w * grid), color=plots.BLUE, linewidth=1.8)

    def here(ax, activation, w, x):
        """where we stand, with the slope under our feet"""
        f, slope = activation
        y, tilt = float(f(w * x)), float(w * slope(w * x))
        run = 0.5 / np.hypot(1, tilt) * np.array([-1, 1])
        ax.plot(x + run, y + tilt * run, color=plots.ORANGE, linewidth=1.8)
        ax.plot(x, y, "o", color=plots.ORANGE, markersize=7)
        change = float(f((w + nudge) * x)) - y
        return (
            f"w = {w:g}, x = {x:g}: y = {y:.4f}, slope {tilt:.4f}. With w nudged by {nudge}, "
            f"y changes by {change + 0.0:+.4f}."
        )

    activations = {
        "sigmoid": (sigmoid, lambda s: sigmoid_slope(sigmoid(s))),
        "step": (_step, lambda s: 0.0),
        "ReLU": (relu, relu_slope),
    }
    return explore(
        frame,
        curve,
        here,
        name="steepness",
        alt="What one unit says against its input: a step, a smooth S or a hinge. A dot at the "
        "chosen input, with the slope there.",
        panels={"ax": (5.0, 3.3)},
        activation=choice(activations),
        w=values([0.5, 1, 2, 5, 20, 100], default=1, label="weight w"),
        x=linear(-2.0, 2.0, 0.25, default=1.0, label="input x"),
    )


def row_by_column() -> Explorer:
    """A matrix product, one number of it at a time, beside the layer that it computes.

    Returns
    -------
    explorer : Explorer
        With controls `row` and `column`.

    Examples
    --------
    >>> print(row_by_column().readout)
    row 0 of x times column 0 of W: 1 · 2 + 0 · 0 + 2 · 1 = 4
    """
    x = np.array([[1, 0, 2], [3, 1, 0]])
    W = np.array([[2, -1], [0, 3], [1, 4]])
    inputs, outputs = ["x₁", "x₂", "x₃"], ["y₁", "y₂"]

    def layer(net, row, column):
        """A layer of two units whose arrows carry the numbers of a matrix W"""
        net.set_position((0.01, 0.01, 0.98, 0.98))
        draw_network(
            net,
            [W],
            values=[x[row], x[row] @ W],
            names=[inputs, outputs],
            titles=[f"row {row} of x", "x @ W"],
            unit=(1, column),
            column=(0, column),
        )

    def tables(table):
        """beside it x, W and their product as tables of numbers"""
        table.set(xlim=(-0.6, 6.3), ylim=(6.6, -0.6), aspect="equal")
        table.axis("off")
        for (left, top), matrix, name in _tables(x, W):
            _write_matrix(table, left, top, matrix, name)

    def light(table, row, column):
        """a row of x and a column of W lit, and the number where they meet"""
        (left_x, top_x), (left_W, top_W) = (0, 4), (4, 0)
        for left, top, width, height in (
            (left_x, top_x + row, 3, 1),
            (left_W + column, top_W, 1, 3),
            (left_W + column, top_x + row, 1, 1),
        ):
            corner = (left - 0.5 + 0.04, top - 0.5 + 0.04)
            table.add_patch(
                Rectangle(
                    corner, width - 0.08, height - 0.08, facecolor="none",
                    edgecolor=plots.ORANGE, linewidth=2.2,
                )
            )  # fmt: skip
        return _spelled_out(x[row], W[:, column], f"row {row} of x times column {column} of W")

    return explore(
        layer,
        tables,
        light,
        name="row-by-column",
        alt={
            "net": "A layer of three inputs and two units at one row of x. Its arrows carry the "
            "numbers of the matrix W; those into the chosen unit are thick.",
            "table": "The matrices x and W and their product as tables of numbers, so placed that "
            "a row of x and a column of W meet at their number. All three are framed.",
        },
        panels={"net": (3.7, 3.1), "table": (3.5, 3.3)},
        row=steps(1, label="row of x", play=False),
        column=steps(1, label="column of W", play=False),
    )


def network_shapes() -> Explorer:
    """The three products of a three-layer network, their shapes, and whether they fit.

    Returns
    -------
    explorer : Explorer
        With controls `batch`, `first`, `second` and `stored`.

    Examples
    --------
    >>> explorer = network_shapes()
    >>> print(explorer.readout)
    (1, 64) → (1, 50) → (1, 20) → (1, 10): it fits. 4,400 weights and 80 biases.
    >>> explorer.controls["stored"].value = "(out, in), the wrong way round"
    >>> print(explorer.readout)
    W₂ does not fit: 50 columns come, and it has 20 rows. NumPy would raise a ValueError.
    """

    def paper(ax):
        """The three products of a three-layer network, a line for each"""
        ax.set_position((0.01, 0.01, 0.98, 0.98))
        ax.set(xlim=(0, 100), ylim=(100, 0))
        ax.axis("off")

    def first_product(ax, batch, first):
        """matrices as rectangles, with their rows and columns written below"""
        _draw_product(ax, 0, (batch, 64), (64, first))

    def others(ax, batch, first, second, stored):
        """as far as they fit together"""
        W2 = (first, second) if stored == "in" else (second, first)
        if not _draw_product(ax, 1, (batch, first), W2):
            return (
                f"W₂ does not fit: {first} columns come, and it has {W2[0]} rows. NumPy would "
                "raise a ValueError."
            )
        _draw_product(ax, 2, (batch, second), (second, 10))
        sizes = [64, first, second, 10]
        n_weights = sum(a * b for a, b in zip(sizes[:-1], sizes[1:], strict=True))
        chain = " → ".join(f"({batch}, {size})" for size in sizes)
        fits = "it fits" if stored == "in" else "it fits, although W₂ is the wrong way round"
        return f"{chain}: {fits}. {n_weights:,} weights and {sum(sizes[1:])} biases."

    hidden = [20, 50, 100]
    return explore(
        paper,
        first_product,
        others,
        name="network-shapes",
        alt="The three products of a three-layer network, a line for each: matrices as "
        "rectangles, with their rows and columns written below, as far as they fit together.",
        panels={"ax": (4.8, 4.4)},
        batch=values([1, 10, 100], default=1, label="samples at once"),
        first=values(hidden, default=50, label="first hidden layer"),
        second=values(hidden, default=20, label="second hidden layer"),
        stored=choice({"(in, out)": "in", "(out, in), the wrong way round": "out"}, label="W₂"),
    )


def _step(s):
    return np.where(np.greater(s, 0), 1.0, 0.0)


def _says(unit):
    """What a unit (w₁, w₂, b) says at the four corners."""
    w1, w2, b = unit
    return tuple(int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in INPUTS)


def draw_plane(ax, title):
    """The plane of two inputs, round the four corners of a gate."""
    ax.set(xlim=(-1.15, 1.75), ylim=(-1.15, 1.75), aspect="equal", xlabel="x₁")
    ax.set_ylabel("x₂", rotation=0, labelpad=8)
    ax.set_xticks([0, 1])
    ax.set_yticks([0, 1])
    ax.set_title(title)


def draw_corners(ax, gate):
    """The corners with what the gate should say there: filled dots 1, empty ones 0."""
    for point, target in zip(INPUTS, gate, strict=True):
        style = "full" if target else "none"
        ax.plot(*point, "o", color=plots.INK, markersize=10, fillstyle=style)
        ax.text(*(point + [0.13, -0.22]), str(target), fontsize=10)


def _region(ax, gate, b):
    """The weights that make a gate with this bias: where every corner is on its side."""
    axis = np.linspace(-1, 1, 161)
    w1, w2 = np.meshgrid(axis, axis)
    sums = np.array([x1 * w1 + x2 * w2 + b for x1, x2 in INPUTS])
    least = np.where(np.array(gate)[:, None, None], sums, -sums).min(axis=0)
    ax.plot([-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1], color=plots.INK, linewidth=0.6, alpha=0.5)
    if (least > 0).all():
        ax.fill_between([-1, 1], -1, 1, color=plots.BLUE, alpha=0.25, linewidth=0)
    elif (least > 0).any():
        ax.contourf(w1, w2, least, [0, np.inf], colors=plots.BLUE, alpha=0.25)
    else:
        ax.text(0, 0.72, "none with this b", ha="center")


def _shade(ax, unit):
    """The half-plane in which a unit says 1, and its border."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    around = [np.array(corner) for corner in product((left, right), (low, high))]
    around = [around[i] for i in (0, 1, 3, 2, 0)]  # once round the square
    height = [unit[0] * x + unit[1] * y + unit[2] for x, y in around]
    inside, border = [], []
    for k in range(4):
        if height[k] > 0:
            inside.append(around[k])
        if height[k] * height[k + 1] < 0:
            share = height[k] / (height[k] - height[k + 1])
            border.append(around[k] + share * (around[k + 1] - around[k]))
            inside.append(border[-1])
    if inside:
        ax.fill(*np.array(inside).T, color=plots.BLUE, alpha=0.15, linewidth=0)
    if len(border) == 2:
        ax.plot(*np.array(border).T, color=plots.BLUE, linewidth=1.6)


def _arrow(ax, w1, w2):
    """An arrow from the corner 00; none where both weights are 0."""
    if w1 or w2:
        turned = np.degrees(np.arctan2(w2, w1)) - 90
        ax.plot([0, w1], [0, w2], color=plots.ORANGE, linewidth=1.6)
        ax.plot(w1, w2, marker=(3, 0, turned), color=plots.ORANGE, markersize=8)


def draw_border(ax, unit, colour, style):
    """The border of a unit, with a short tick towards the side on which it says 1."""
    w, b = np.array(unit[:2], dtype=float), unit[2]
    length = np.hypot(*w)
    foot = w * (0.5 * w.sum() + b) / length**2
    foot = np.array([0.5, 0.5]) - foot  # the point of the border nearest to the middle
    along = np.array([-w[1], w[0]]) / length
    ends = np.array([foot - 1.1 * along, foot + 1.1 * along])
    ax.plot(*ends.T, style, color=colour, linewidth=1.6)
    tick = ends[1] - 0.12 * along
    ax.plot(*np.array([tick, tick + 0.2 * w / length]).T, color=colour, linewidth=1.6)


def _landing(first, second):
    """The points of the hidden plane, each with the numbers of the corners that land there."""
    points: dict[tuple[int, int], list[int]] = {}
    for corner, point in enumerate(zip(_says(first), _says(second), strict=True)):
        points.setdefault(point, []).append(corner)
    return points


def _parting_line(points):
    """A unit (w₁, w₂, b) that says XOR's answer at every point, or None."""
    targets = {point: set(XOR[corners]) for point, corners in points.items()}
    for w1, w2, b in product((-1, 0, 1), (-1, 0, 1), (-1.5, -0.5, 0.5, 1.5)):
        if all({int(w1 * p + w2 * q + b > 0)} == t for (p, q), t in targets.items()):
            return np.array([w1, w2, b])
    return None


def _land(ax, point, corners):
    """A point of the hidden plane: filled, empty, or half where both answers land."""
    answers = set(XOR[corners])
    style = {(0,): "none", (1,): "full"}.get(tuple(answers), "left")
    ax.plot(*point, "o", color=plots.INK, markersize=11, fillstyle=style, markerfacecoloralt="none")
    ax.text(
        point[0], point[1] + 0.17, ", ".join(CORNERS[corner] for corner in corners), ha="center"
    )


def _what_became(points, parting):
    counted = f"4 corners become {len(points)} point" + ("" if len(points) == 1 else "s")
    if parting is not None:
        return f"{counted}, and a line parts them: an output unit can finish XOR."
    for corners in points.values():
        if len(set(XOR[corners])) == 2:
            where = " and ".join(CORNERS[corner] for corner in corners)
            return f"{counted}. {where} land on one point: no later unit can tell them apart."
    return f"{counted}, and no line parts them."


def _tables(x, W):
    """Where x, W and their product stand, so that a row and a column meet at their number."""
    return [((0, 4), x, "x"), ((4, 0), W, "W"), ((4, 4), x @ W, "x @ W")]


def _write_matrix(ax, left, top, matrix, name):
    n_rows, n_columns = matrix.shape
    frame = Rectangle(
        (left - 0.5, top - 0.5), n_columns, n_rows, facecolor="none", edgecolor=plots.INK,
        linewidth=0.8,
    )  # fmt: skip
    ax.add_patch(frame)
    for (i, j), number in np.ndenumerate(matrix):
        ax.text(left + j, top + i, f"{number}".replace("-", "−"), ha="center", va="center")
    below = top + n_rows - 0.3 if name != "W" else top - 0.62
    ax.text(
        left + (n_columns - 1) / 2, below, f"{name}  {matrix.shape}", ha="center",
        va="bottom" if name == "W" else "top", fontsize=9,
    )  # fmt: skip


def _spelled_out(row, column, what):
    """A row times a column, in full."""
    terms = " + ".join(
        f"{a} · {b}" if b >= 0 else f"{a} · (−{-b})" for a, b in zip(row, column, strict=True)
    )
    return f"{what}: {terms} = {row @ column}"


def _draw_product(ax, k, left, right):
    """One line: a matrix, a second, and their product if they fit; returns whether they do."""
    fits = left[1] == right[0]
    names = ("x", "u₁", "u₂")[k], ("W₁", "W₂", "W₃")[k]
    middle = 17 + 33 * k
    _draw_matrix(ax, 17, middle, left, names[0], fits)
    _draw_matrix(ax, 50, middle, right, names[1], fits)
    ax.text(33.5, middle, "@", ha="center", va="center", fontsize=11)
    ax.text(67, middle, "=" if fits else "✗", ha="center", va="center", fontsize=13)
    if fits:
        _draw_matrix(ax, 83, middle, (left[0], right[1]), ("u₁", "u₂", "y")[k])
    return fits


def _draw_matrix(ax, x, y, shape, name, fits=True):
    """A rectangle whose sides grow with the logarithm of its rows and columns."""
    height, width = 3 + 8.0 * np.log10(shape[0]), 3 + 8.0 * np.log10(shape[1])
    frame = Rectangle(
        (x - width / 2, y - height / 2), width, height, facecolor=plots.BLUE, alpha=0.15,
        linewidth=0,
    )  # fmt: skip
    ax.add_patch(frame)
    ax.text(x, y, name, ha="center", va="center")
    ax.text(
        x, y + height / 2 + 1, f"({shape[0]}, {shape[1]})", ha="center", va="top", fontsize=9,
        color=plots.INK if fits else plots.ORANGE, fontweight="normal" if fits else "bold",
    )  # fmt: skip
