"""Drawing a network: units in columns, an arrow for each weight, and every number on it.

The column at the left is the input. `weights[k]` leads from column k to column k + 1 and has a row
for each unit that its arrows leave and a column for each unit that they reach, so a *row* of the
matrix is what leaves one unit and a *column* is what reaches one.
"""

from __future__ import annotations

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from downslope._validation import as_count, as_float_array, as_positive, require_shape
from downslope.graph import format_value
from downslope.graph_drawing import HIGHLIGHT, INK, ON_HIGHLIGHT, PALE
from downslope.plots import BLUE

__all__ = ["describe_network", "draw_layers", "draw_network"]

LEAST = 2.2  # a unit without text is as wide and as high as this many letters


def draw_network(
    ax,
    weights,
    biases=None,
    *,
    values=None,
    sums=None,
    names=None,
    titles=None,
    unit=None,
    row=None,
    column=None,
    font_size=9.0,
):
    """Draw a small network with a number on every arrow and in every unit.

    Parameters
    ----------
    ax : matplotlib Axes
        Filled with the drawing; its ticks and frame are switched off. Its size now decides the
        layout, so set the figure's size first.
    weights : sequence of array_like of float, shapes (n_0, n_1), (n_1, n_2), ...
        One matrix for each layer of arrows.
    biases : sequence of array_like of float, shapes (n_1,), (n_2,), ..., optional
        Written below the units that add them.
    values : sequence of array_like of float, shapes (n_0,), (n_1,), ..., optional
        What each unit says, from the input on. Fewer than there are columns leave the last
        columns empty: a network half-way through its work.
    sums : sequence of array_like of float, shapes (n_1,), (n_2,), ..., optional
        What each unit has added up before its activation function; written above its value.
    names : sequence of sequences of str, optional
        A name for each unit of each column.
    titles : sequence of str, optional
        One above each column.
    unit : (column, number), optional
        One unit to fill with colour. Columns count from the input, which is 0; units from 0.
    row : (k, i), optional
        Row i of ``weights[k]`` drawn thick: the arrows that leave unit i of column k.
    column : (k, j), optional
        Column j of ``weights[k]`` drawn thick: the arrows that reach unit j of column k + 1.
    font_size : float, optional
        In points.

    Raises
    ------
    ValueError
        If shapes do not fit together, or what is to be highlighted is not there.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure(figsize=(4, 2)).subplots()
    >>> draw_network(ax, [[[0.5], [0.5]]], [[-0.7]], values=[[1, 0], [0]])
    >>> [text.get_text() for text in ax.texts]
    ['0.5', '0.5', '1', '0', '0', 'b = −0.7']
    """
    weights = _as_chain(weights)
    sizes = [len(weights[0]), *(W.shape[1] for W in weights)]
    biases = _as_columns(biases, sizes[1:], "biases")
    sums = _as_columns(sums, sizes[1:], "sums")
    values = _as_columns(values, sizes, "values")
    names = _as_names(names, sizes)
    texts = {
        (k, i): _unit_text(_at(names, k, i), _at(sums, k - 1, i), _at(values, k, i))
        for k, size in enumerate(sizes)
        for i in range(size)
    }
    slots = [list(range(size)) for size in sizes]
    below = {
        (k, i): "b = " + format_value(bias)
        for k, column_of_biases in enumerate(biases, start=1)
        for i, bias in enumerate(column_of_biases)
    }
    size = as_positive(font_size, "font_size")
    picture = _Picture(ax, slots, texts, below, titles, size, max(W.size for W in weights))
    _draw_arrows(picture, row, column, weights)
    picture.draw_units(unit)


def draw_layers(ax, sizes, *, titles=None, unit=None, row=None, column=None, most=6, font_size=9.0):
    """Draw a network of any size without its numbers; dots stand for the units left out.

    Parameters
    ----------
    ax : matplotlib Axes
        As in `draw_network`.
    sizes : sequence of int, at least two, each at least 1
        How many units each column has.
    titles, unit, row, column
        As in `draw_network`; what is highlighted must be among the units drawn.
    most : int, at least 3
        A larger column shows its first ``most - 2`` units, dots, and its last.
    font_size : float, optional
        In points.

    Raises
    ------
    ValueError
        If there are fewer than two columns, or what is to be highlighted is not drawn.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure(figsize=(4, 3)).subplots()
    >>> draw_layers(ax, [64, 50, 10], titles=["64 pixels", "50 hidden", "10 scores"], most=5)
    >>> [text.get_text() for text in ax.texts]
    ['64 pixels', '50 hidden', '10 scores', '⋮', '⋮', '⋮']
    """
    sizes = [as_count(size, "sizes", minimum=1) for size in sizes]
    most = as_count(most, "most", minimum=3)
    if len(sizes) < 2:
        raise ValueError(f"sizes must name at least two columns, got {sizes}")
    slots = [_shown(size, most) for size in sizes]
    picture = _Picture(ax, slots, {}, {}, titles, as_positive(font_size, "font_size"), 0)
    _draw_arrows(picture, row, column, None)
    picture.draw_units(unit)


def describe_network(weights, biases=None, values=None):
    """The numbers of a network in words, for readers who do not see its drawing.

    Parameters
    ----------
    weights, biases, values
        As in `draw_network`.

    Returns
    -------
    text : str

    Examples
    --------
    >>> print(describe_network([[[0.5], [0.5]]], [[-0.7]], [[1, 0], [0]]))
    2 inputs: 1, 0. Layer 1, unit 1: weights 0.5, 0.5, bias −0.7, says 0.
    """
    weights = _as_chain(weights)
    sizes = [len(weights[0]), *(W.shape[1] for W in weights)]
    biases = _as_columns(biases, sizes[1:], "biases")
    values = _as_columns(values, sizes, "values")
    inputs = f"{sizes[0]} input" + ("" if sizes[0] == 1 else "s")
    parts = [inputs + (f": {_listed(values[0])}" if values else "")]
    for k, W in enumerate(weights, start=1):
        for j, weights_of_one in enumerate(W.T):
            bias, says = _at(biases, k - 1, j), _at(values, k, j)
            text = f"Layer {k}, unit {j + 1}: weights {_listed(weights_of_one)}"
            text += "" if bias is None else f", bias {format_value(bias)}"
            parts.append(text + ("" if says is None else f", says {format_value(says)}"))
    return ". ".join(parts) + "."


class _Picture:
    """Units laid out in columns on Axes whose data units are points (1/72 inch)."""

    def __init__(self, ax, slots, texts, below, titles, font_size, n_numbers):
        self.ax, self.slots, self.font_size = ax, slots, font_size
        self.texts, self.below = texts, below  # (column, unit) -> inside it, and under it
        pixels, scale = ax.get_window_extent(), 72 / ax.figure.dpi
        width, height = pixels.width * scale, pixels.height * scale
        ax.set(xlim=(0, width), ylim=(height, 0))
        ax.set_axis_off()
        self.boxes = [self._box(k) for k in range(len(slots))]
        self._place(width, height, 1.9 * font_size if titles else 0.0, n_numbers)
        self._write_titles(titles)

    def _box(self, k):
        """Width and height of the units of a column, in points."""
        texts = [self.texts.get((k, i), "") for i in self.slots[k]]
        lines = [line for text in texts for line in text.split("\n")]
        letters = max(map(len, lines + [self.below.get((k, i), "") for i in self.slots[k]]))
        height = (LEAST + 1.25 * max(text.count("\n") for text in texts)) * self.font_size
        return max(LEAST * self.font_size, (0.58 * letters + 1.1) * self.font_size), height

    def _place(self, width, height, top, n_numbers):
        """Columns with equal gaps between them, the units of each about its middle.

        They stand close together, unless the numbers on their arrows need more room.
        """
        widths = np.array([box[0] for box in self.boxes])
        gap = (width - 4 - widths.sum()) / max(1, len(widths) - 1)
        self.x = 2 + np.cumsum(widths + gap) - gap - widths / 2
        under = 1.5 * self.font_size if self.below else 0.0
        n_most = max(map(len, self.slots))
        close = 2.2 * (max(box[1] for box in self.boxes) + under)
        pitch = max(close, 1.5 * self.font_size * n_numbers / max(1, n_most - 1))
        pitch = min((height - top - 4) / n_most, pitch)
        middle = top + (height - top - under) / 2
        self.y = {
            (k, i): middle + pitch * (place - (len(column) - 1) / 2)
            for k, column in enumerate(self.slots)
            for place, i in enumerate(column)
        }

    def _write_titles(self, titles):
        if titles is None:
            return
        if len(titles) != len(self.slots):
            raise ValueError(f"titles must have length {len(self.slots)}, got {len(titles)}")
        for k, title in enumerate(titles):
            side = -1 if k == 0 else 1 if k == len(titles) - 1 else 0
            x = self.x[k] + side * self.boxes[k][0] / 2  # the outer ones stay on the paper
            self._write(x, 1, title, va="top", ha=("left", "center", "right")[side + 1])

    def units(self, k):
        """The units of a column that are drawn."""
        return [i for i in self.slots[k] if i is not None]

    def ends(self, k, i, j):
        """Where the arrow from unit i of column k to unit j of the next begins and ends."""
        start = self.x[k] + self.boxes[k][0] / 2
        end = self.x[k + 1] - self.boxes[k + 1][0] / 2
        return (start, self.y[k, i]), (end, self.y[k + 1, j])

    def draw_arrow(self, k, i, j, thick, pale):
        start, end = self.ends(k, i, j)
        arrow = FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=7, shrinkA=0, shrinkB=0,
            color=BLUE if thick else PALE if pale else INK, linewidth=2.2 if thick else 0.8,
            zorder=2 if thick else 1,
        )  # fmt: skip
        self.ax.add_patch(arrow)

    def write_on_arrow(self, k, i, j, share, text, thick):
        (x0, y0), (x1, y1) = self.ends(k, i, j)
        backing = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        self._write(x, y, text, bold=thick, bbox=backing, zorder=3)

    def draw_units(self, chosen):
        chosen = _read_pair(chosen, "unit")
        if chosen is not None and (chosen not in self.y or None in chosen):
            raise ValueError(f"unit must be one that is drawn, got {chosen}")
        for (k, i), y in self.y.items():
            if i is None:
                self._write(self.x[k], y, "⋮", bold=True)
            else:
                self._draw_unit(k, i, y, (k, i) == chosen)

    def _draw_unit(self, k, i, y, busy):
        width, height = self.boxes[k]
        box = FancyBboxPatch(
            (self.x[k] - width / 2, y - height / 2), width, height,
            boxstyle=f"round,pad=0,rounding_size={2 if k == 0 else 0.9 * self.font_size}",
            facecolor=HIGHLIGHT if busy else "white", edgecolor=PALE if k == 0 else INK,
            linewidth=2.2 if busy else 1.0, zorder=4,
        )  # fmt: skip
        self.ax.add_patch(box)
        text = self.texts.get((k, i), "")
        if text:
            self._write(self.x[k], y, text, ON_HIGHLIGHT if busy else INK, bold=busy)
        if (k, i) in self.below:
            self._write(self.x[k], y + height / 2 + 2, self.below[k, i], va="top")

    def _write(self, x, y, text, color=INK, *, ha="center", va="center", bold=False, **how):
        weight = "bold" if bold else "normal"
        how = {"zorder": 5, "fontsize": self.font_size, "fontweight": weight, **how}
        self.ax.text(x, y, text, color=color, ha=ha, va=va, parse_math=False, **how)


def _draw_arrows(picture, row, column, weights):
    """All arrows; where some are thick, the others are pale."""
    row, column = _read_pair(row, "row"), _read_pair(column, "column")
    last = len(picture.slots) - 2
    for name, pair, shift in (("row", row, 0), ("column", column, 1)):
        if pair is not None and not (pair[0] <= last and pair[1] in picture.units(pair[0] + shift)):
            raise ValueError(f"{name} must be one that is drawn, got {pair}")
    for k in range(last + 1):
        pairs = [(i, j) for i in picture.units(k) for j in picture.units(k + 1)]
        share = None if weights is None else _share(picture, k, pairs, weights[k])
        for i, j in pairs:
            thick = row == (k, i) or column == (k, j)
            picture.draw_arrow(k, i, j, thick, pale=(row or column) is not None)
            if weights is not None:
                text = format_value(weights[k][i, j])
                picture.write_on_arrow(k, i, j, share, text, thick)


def _share(picture, k, pairs, W):
    """How far along its arrows a layer's numbers stand: near the middle, with room for each.

    All of them stand in one upright line, so it is their heights that must differ.
    """
    ends = np.array([picture.ends(k, i, j) for i, j in pairs])
    (x0, x1), letters = ends[0, :, 0], max(len(format_value(w)) for w in W.flat)
    margin = min(0.45, (0.3 * letters + 0.8) * picture.font_size / max(1.0, x1 - x0))
    shares = np.linspace(margin, 1 - margin, 41)
    heights = np.sort(ends[:, 0, 1, None] * (1 - shares) + ends[:, 1, 1, None] * shares, axis=0)
    room = np.diff(heights, axis=0).min(axis=0) if len(pairs) > 1 else np.zeros(len(shares))
    enough = shares[room >= min(room.max() - 0.5, 2.2 * picture.font_size)]
    return float(enough[np.argmin(np.abs(enough - 0.5))])


def _as_chain(weights):
    """The matrices, if the columns of each are as many as the rows of the next."""
    weights = [as_float_array(W, "weights") for W in weights]
    if not weights:
        raise ValueError("weights must hold at least one matrix, got none")
    for k, W in enumerate(weights):
        if W.ndim != 2 or W.size == 0:
            raise ValueError(f"weights[{k}] must be a matrix, got shape {W.shape}")
        if k and len(W) != weights[k - 1].shape[1]:
            expected = (weights[k - 1].shape[1], W.shape[1])
            raise ValueError(f"weights[{k}] must have shape {expected}, got {W.shape}")
    return weights


def _as_columns(columns, sizes, name):
    """An array for each column of units, or for the first few of them."""
    columns = [as_float_array(column, name) for column in ([] if columns is None else columns)]
    if len(columns) > len(sizes):
        raise ValueError(f"{name} must have at most {len(sizes)} arrays, got {len(columns)}")
    for k, (column, size) in enumerate(zip(columns, sizes, strict=False)):
        require_shape(column, (size,), f"{name}[{k}]")
    return columns


def _as_names(names, sizes):
    names = [] if names is None else [list(column) for column in names]
    if names and [len(column) for column in names] != sizes:
        raise ValueError(f"names must be as many as units, {sizes}, got {names}")
    return names


def _at(columns, k, i):
    return columns[k][i] if 0 <= k < len(columns) else None


def _unit_text(name, added, value):
    """What stands in a unit: its sum, and below it its name and what it says."""
    lines = [] if added is None else ["Σ = " + format_value(added)]
    says = [part for part in (name, None if value is None else format_value(value)) if part]
    return "\n".join([*lines, *([" = ".join(says)] if says else [])])


def _read_pair(pair, name):
    if pair is None:
        return None
    first, second = pair
    return as_count(first, name), as_count(second, name)


def _shown(size, most):
    """Numbers of the units that are drawn, None for the dots."""
    return list(range(size)) if size <= most else [*range(most - 2), None, size - 1]


def _listed(numbers):
    return ", ".join(map(format_value, numbers))
