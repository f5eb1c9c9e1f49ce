"""Drawing a computational graph, from left to right.

A node stands one column to the right of its inputs; an edge that crosses a column gets a bend
there, so that it goes around what stands in its way; a few sweeps then pull every row towards its
neighbours.
"""

from functools import cache
from itertools import pairwise
from numbers import Integral
from statistics import fmean

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from downslope._validation import as_positive
from downslope.graph import Node, format_value

__all__ = [
    "draw_graph",
]

INK = "#1b1f24"
PALE = "#8a939c"
GRADIENT = "#0072b2"
HIGHLIGHT = "#e69f00"
ON_HIGHLIGHT = "#101418"  # not the ink, which a page turns pale in its dark theme
SYMBOLS = {
    "softmax + loss": "softmax\n+ loss",
    "sigmoid": "sig-\nmoid",
    "square": "x²",
    "reciprocal": "1/x",
}


def draw_graph(ax, output, step=None, *, gradients=True, font_size=9.0):
    """Draw the graph of `output` on `ax`: all of it, or what is known at one step of the way.

    Forward values stand above the edges, in upright ink; what comes back along an edge stands
    below it, blue, slanted and with an arrow. Where a value is used more than once, the sum of
    what came back stands under its own box.

    Parameters
    ----------
    ax : matplotlib Axes
        Filled with the drawing; its ticks and frame are switched off. Its size now decides the
        layout, so set the figure's size first.
    output : Node
        A scalar, if steps or gradients are to be shown.
    step : int, optional
        Index into ``output.steps()``: only what is known after that step is shown, and its node
        and its edges are highlighted. By default everything is shown.
    gradients : bool, optional
        Whether to show gradients; False shows the forward values alone.
    font_size : float, optional
        In points.

    Raises
    ------
    IndexError
        If `step` is not an index into the list of steps.
    ValueError
        If `output` is no node, or not a scalar while `step` or gradients are asked for; if `step`
        is no whole number or `font_size` is not greater than 0.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from downslope.graph import Input
    >>> price, number = Input(100.0, name="price"), Input(2.0, name="number")
    >>> ax = Figure(figsize=(4.6, 3), layout="constrained").subplots()
    >>> draw_graph(ax, price * number * 1.1, step=0)
    """
    if not isinstance(output, Node):
        raise ValueError(f"output must be a Node of downslope.graph, got {output!r}")
    font_size = as_positive(font_size, "font_size")
    if step is not None and not isinstance(step, Integral):
        raise ValueError(f"step must be a whole number, got {step!r}")
    known = _known(output, step, gradients)
    picture = _Picture(ax, output, font_size)
    for node in output.nodes():
        for i in range(len(node.edges)):
            picture.draw_edge(node, i, known)
    for node in output.nodes():
        picture.draw_node(node, known)
    picture.draw_result(known)


class _Known:
    """What a drawing may show: values, what came back along each edge, and the highlight."""

    def __init__(self, values, returned, totals, step):
        self.values = values  # nodes whose forward value is known
        self.returned = returned  # (node, source index) -> what came back
        self.totals = totals  # node -> all that came back so far
        self.step = step

    def at_work(self, node, i=None):
        """Whether the step is at this node, or at its edge number i."""
        if self.step is None or self.step.node is not node:
            return False
        edges = range(len(node.edges)) if self.step.direction == "forward" else [self._edge]
        return i is None or i in edges

    @property
    def _edge(self):
        done = [i for node, i in self.returned if node is self.step.node]
        return done[-1] if self.step.target is not None else None


def _known(output, step, gradients):
    if step is None and not gradients:
        return _Known(set(output.nodes()), {}, {}, None)
    steps = output.steps()
    if step is not None and not -len(steps) <= step < len(steps):
        raise IndexError(f"step must be below {len(steps)}, the number of steps, got {step}")
    last = len(steps) - 1 if step is None else step % len(steps)
    done = steps[: last + 1]
    values = {node for node in output.nodes() if not node.edges}
    values |= {s.node for s in done if s.direction == "forward"}
    back = [s for s in done if s.direction == "backward"] if gradients else []
    totals = {s.target or s.node: s.result if s.target is None else s.total for s in back}
    return _Known(values, _returned(back), totals, None if step is None else steps[last])


def _returned(steps):
    """What came back along each edge, keyed by the node and the number of the edge."""
    returned: dict = {}
    met: dict = {}
    for step in steps:
        if step.target is None:
            continue
        edges = [i for i, edge in enumerate(step.node.edges) if edge.source is step.target]
        i = edges[met.get((step.node, step.target), 0)]
        met[step.node, step.target] = met.get((step.node, step.target), 0) + 1
        returned[step.node, i] = step.result
    return returned


class _Picture:
    """A graph laid out on Axes whose data units are points (1/72 inch)."""

    def __init__(self, ax, output, font_size):
        self.ax, self.output, self.font_size = ax, output, font_size
        self.boxes = {node: self._box(node) for node in output.nodes()}
        self.columns = _columns(output.nodes())
        self.rows = _rows(output.nodes(), self.columns)
        self._set_scale()

    def _box(self, node):
        """Width and height of a node's box, in points."""
        label = _label(node)
        height = (1.9 + 1.2 * label.count("\n")) * self.font_size
        return max(height, self._width(label) + 0.9 * self.font_size), height

    def _width(self, text):
        return max(_width(line, self.font_size) for line in text.split("\n"))

    def _set_scale(self):
        pixels = self.ax.get_window_extent()
        scale = 72 / self.ax.figure.dpi
        width, height = pixels.width * scale, pixels.height * scale
        self.ax.set(xlim=(0, width), ylim=(height, 0))
        self.ax.set_axis_off()
        self.x = self._column_centres(width)
        low, high = min(self.rows.values()), max(self.rows.values())
        pitch = min(height / (high - low + 1.2), 8 * self.font_size)
        self.y = {k: height / 2 + pitch * (r - (low + high) / 2) for k, r in self.rows.items()}

    def _column_centres(self, width):
        """Give every column its widest box, and the gap after it its widest label."""
        boxes, labels = np.zeros((2, 1 + max(self.columns.values())))
        for node, column in self.columns.items():
            boxes[column] = max(boxes[column], self.boxes[node][0])
            labels[column] = max(labels[column], self._label_width(node))
        named = self._width(self.output.name) + (4 if self.output.name else 0)
        self.end = width - named - 2
        gaps = labels + (self.end - 2 - boxes.sum() - labels.sum()) / len(boxes)
        return 2 + np.cumsum(boxes + gaps) - gaps - boxes / 2

    def _label_width(self, node):
        """Width of what is written on the edges that leave a node, in points."""
        gradient = 0.0 if node.gradient is None else node.gradient
        value = format_value(node.value) if node is self.output else _value_text(node)
        return max(self._width(value), self._width("← " + format_value(gradient)))

    def draw_node(self, node, known):
        """Draw the box of a node, and under it the sum of what came back, if it has parts."""
        width, height = self.boxes[node]
        x, y = self.x[self.columns[node]], self.y[node]
        busy = known.at_work(node)
        box = FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle=f"round,pad=0,rounding_size={0.95 * self.font_size if node.edges else 2}",
            facecolor=HIGHLIGHT if busy else "white",
            edgecolor=INK if node.edges else PALE,
            linewidth=2.2 if busy else 1.0,
            zorder=3,
        )
        self.ax.add_patch(box)
        ink = ON_HIGHLIGHT if busy else INK
        self._write(x, y, _label(node), ink, va="center", bold=busy, zorder=4)
        if _uses(self.output, node) > 1 and node in known.totals:
            total = "Σ " + format_value(known.totals[node])
            self._write_gradient(x - width / 2, y + height / 2 + 1, total, ha="left")

    def draw_edge(self, node, i, known):
        """Draw an edge as a smooth curve with an arrow head, and write on it."""
        points = self._way(node, i)
        busy = known.at_work(node, i)
        back = busy and known.step.direction == "backward"
        arrow = FancyArrowPatch(
            path=_curve(points),
            arrowstyle="-|>",
            mutation_scale=8,
            color=GRADIENT if back else INK,
            linewidth=2.2 if busy else 1.0,
            zorder=2,
        )
        self.ax.add_patch(arrow)
        self._write_on_edge(node, i, points, known)

    def _way(self, node, i):
        """The points that an edge goes through, from box to box; a level start bears the labels."""
        source, column = node.edges[i].source, self.columns[node]
        bends = [(node, i, c) for c in range(self.columns[source] + 1, column)]
        start = (self.x[self.columns[source]] + self.boxes[source][0] / 2, self.y[source])
        between = [(self.x[bend[2]], self.y[bend]) for bend in bends]
        width, height = self.boxes[node]
        side = height * 0.5 * ((i + 0.5) / len(node.edges) - 0.5)
        end = (self.x[column] - width / 2 + abs(side) / 2, self.y[node] + side)
        if _uses(self.output, source) > 1:
            return [start, *between, end]
        gap = [*between, end][0][0] - start[0]
        level = (start[0] + max(0.7 * gap, gap - 14), start[1])
        return [start, level, *between, end]

    def _write_on_edge(self, node, i, points, known):
        """Value and gradient: at the level start, or, if the edges of a value part, half-way."""
        source = node.edges[i].source
        x, y = np.mean(points[:2], axis=0)
        x, backing = max(x, points[0][0] + self._label_width(source) / 2 + 1), None
        if _uses(self.output, source) > 1:
            x, y = points[1] if len(points) > 2 else np.mean(points, axis=0)
            backing = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85}
        if source in known.values:
            self._write(x, y - 2, _value_text(source), INK, bbox=backing)
        if (node, i) in known.returned:
            text = "← " + format_value(known.returned[node, i])
            self._write_gradient(x, y + 2, text, bbox=backing)

    def draw_result(self, known):
        """Draw the way out of the last node: the result, and the 1 that backward begins with."""
        node = self.output
        x0, y = self.x[self.columns[node]] + self.boxes[node][0] / 2, self.y[node]
        self.ax.add_patch(
            FancyArrowPatch(
                (x0, y), (self.end, y), arrowstyle="-|>", mutation_scale=8, color=INK,
                shrinkA=0, shrinkB=0, zorder=2,
            )
        )  # fmt: skip
        if node.name:
            self._write(self.end + 2, y, node.name, INK, ha="left", va="center")
        if node in known.values and node.edges:
            self._write((x0 + self.end) / 2 - 2, y - 2, format_value(node.value), INK)
        if node in known.totals:
            text = "← " + format_value(known.totals[node])
            self._write_gradient((x0 + self.end) / 2 - 2, y + 2, text)

    def _write_gradient(self, x, y, text, **how):
        self._write(x, y, text, GRADIENT, va="top", style="italic", **how)

    def _write(self, x, y, text, color, *, ha="center", va="bottom", bold=False, **how):
        weight = "bold" if bold else "normal"
        how = {"zorder": 5, "fontsize": self.font_size, "fontweight": weight, **how}
        self.ax.text(x, y, text, color=color, ha=ha, va=va, parse_math=False, **how)


@cache  # an explorer writes the same few texts hundreds of times
def _width(line, size):
    """Width of a line of text, in points."""
    plain = line.replace("$", "S")  # a path of text would read a formula between two of them
    return float(TextPath((0, 0), plain, size=size).get_extents().width) if line else 0.0


def _label(node):
    """What stands in a box: the operation, or the name or value that the graph starts from."""
    if node.edges:
        return SYMBOLS.get(node.operation, node.operation)
    return node.name or format_value(node.value)


def _value_text(node):
    """What stands above an edge: the value, after the name of a result that has one."""
    if not node.edges:
        return format_value(node.value) if node.name else ""
    return f"{node.name} = {format_value(node.value)}" if node.name else format_value(node.value)


def _uses(output, node):
    return sum(source is node for other in output.nodes() for source in other.inputs)


def _curve(points):
    """A smooth path through the points that leaves and reaches each of them level."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(points):
        bend = x0 + 0.62 * (x1 - x0)
        vertices += [(bend, y0), (x1 - 0.38 * (x1 - x0), y1), (x1, y1)]
        codes += [Path.CURVE4] * 3
    return Path(vertices, codes)


def _columns(nodes):
    """Column of each node: right of its inputs, and leaves as near to their use as they can be.

    A value that is used twice by one operation leaves a column free for its edges to part in.
    """
    columns: dict[Node, int] = {}
    for node in nodes:
        columns[node] = max([0] + [columns[s] + _reach(node, s) for s in node.inputs])
    for leaf in (node for node in nodes if not node.edges):
        ends = [columns[n] - _reach(n, leaf) for n in nodes if leaf in n.inputs]
        columns[leaf] = min(ends, default=0)
    return columns


def _reach(node, source):
    return 1 + (node.inputs.count(source) > 1)


def _chains(nodes, columns):
    """Every edge as the list of what it passes: its source, a bend in each column, its node."""
    for node in nodes:
        for i, source in enumerate(node.inputs):
            bends = [(node, i, c) for c in range(columns[source] + 1, columns[node])]
            yield [source, *bends, node]


def _rows(nodes, columns):
    """Row of each node and bend: near its neighbours, at least 1 from the next in its column."""
    chains = list(_chains(nodes, columns))
    rows = _first_rows(nodes[-1], chains)
    column_of = {key: key[2] if isinstance(key, tuple) else columns[key] for key in rows}
    neighbours: dict = {key: [] for key in rows}
    for left, right in (pair for chain in chains for pair in pairwise(chain)):
        neighbours[left].append(right)
        neighbours[right].append(left)
    for _ in range(30):
        for column in range(max(column_of.values()) + 1):
            members = [key for key in rows if column_of[key] == column]
            _settle(members, rows, neighbours)
    return rows


def _first_rows(output, chains):
    """Leaves from top to bottom as the expression names them, the rest between its neighbours."""
    rows: dict = {}

    def visit(node):
        for source in node.inputs:
            if source not in rows:
                visit(source)
        leaves = sum(not key.edges for key in rows)
        rows[node] = np.mean([rows[s] for s in node.inputs]) if node.edges else float(leaves)

    visit(output)
    for chain in chains:
        levels = np.linspace(rows[chain[0]], rows[chain[-1]], len(chain))
        rows.update(zip(chain[1:-1], levels[1:-1], strict=True))
    return rows


def _settle(members, rows, neighbours):
    """Move the members of a column to the mean of their neighbours, then apart to distance 1."""
    wanted = {k: fmean([rows[n] for n in neighbours[k]] or [rows[k]]) for k in members}
    order = sorted(members, key=lambda key: (round(wanted[key], 6), rows[key]))
    placed: list[float] = []
    for key in order:
        placed.append(max(wanted[key], placed[-1] + 1) if placed else wanted[key])
    shift = fmean(wanted[key] for key in order) - fmean(placed)
    rows.update((key, float(row + shift)) for key, row in zip(order, placed, strict=True))
