"""What a move of a slider costs, beside the usual way, in one run.

    python benchmarks/explorer.py

The usual way is `interact` with a function that makes a new figure: each move draws all of it
and sends a PNG. An explorer redraws the layers that name the slider and sends their SVG.
Both draw the same map, field and walk of the flagship. What a move costs in the browser, `page.py`
measures.
"""

from __future__ import annotations

from itertools import cycle
from time import perf_counter

from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure

from downslope import explorers, plots
from downslope.descent import gradient_descent
from downslope.differentiation import numerical_gradient
from downslope.explore.panels import house_style
from downslope.explorers import gradient_descent as chapter
from downslope.landscapes import ravine
from downslope.verdicts import verdict
from interleaved import median_times


def new_figure(learning_rate, h=1e-4):
    """The same picture as one new figure, made a PNG as a notebook makes it."""
    with house_style():
        figure = Figure(figsize=(7.7, 3.7), dpi=100)
        plane, curve = figure.subplots(1, 2, width_ratios=(3, 2))
        plots.contours(plane, ravine)
        plots.field(plane, ravine, h)
        points = gradient_descent(
            lambda x: numerical_gradient(ravine, x, h), ravine.start, learning_rate, 40
        )
        plots.path(plane, points)
        curve.set(xlim=(-1, 41), ylim=(-0.5, 9))
        plots.loss_curve(curve, ravine(points.T))
        verdict(ravine, points)
        return len(print_figure(figure, fmt="png", bbox_inches="tight"))


def kernel():
    """A move of the learning rate, both ways in turns."""
    explorer = explorers.gradient_field()
    slider = explorer.controls["learning_rate"]
    rates = [value for _, value in slider.options]
    ours, theirs = cycle(rates), cycle(rates)

    def move():
        slider.value = next(ours)

    ways = {"new figure": lambda: new_figure(next(theirs)), "move": move}
    times = median_times(ways, rounds=3, block=len(rates))
    size = new_figure(0.9) / 1e3
    print(f"a new figure a move  {times['new figure'] * 1000:7.1f} ms, a PNG of {size:.0f} kB")
    print(f"an explorer's move   {times['move'] * 1000:7.1f} ms")
    print(f"ratio                {times['new figure'] / times['move']:7.1f}  (budget: at least 15)")


def baking():
    """All states of chapter 4. Budgets: 5 s and 600 kB for the flagship, 300 kB for others."""
    for make in (getattr(explorers, name) for name in chapter.__all__):
        explorer = make()
        start = perf_counter()
        size = len(explorer.page_html()) / 1e3
        print(
            f"baking {explorer.name:<16} {perf_counter() - start:5.1f} s, {size:.0f} kB in the page"
        )


if __name__ == "__main__":
    kernel()
    baking()
