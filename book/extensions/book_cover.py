"""The cover of the e-book: a walk down a hillside, drawn by the code that the chapters teach."""

from __future__ import annotations

from matplotlib.figure import Figure

from downslope import plots
from downslope.descent import gradient_descent
from downslope.explore.svg import INK
from downslope.landscapes import ravine, turned

SIZE = 6.0, 9.0  # inches
DOTS = 200  # to the inch
PAPER = "#f7f4ec"
SHOWS = "Arrows over the contours of a long valley all point down; an orange path follows them."


def draw(path, title, subtitle):
    """Write the cover as a PNG of 1200 by 1800 pixels."""
    figure = Figure(figsize=SIZE, facecolor=PAPER)
    figure.text(0.08, 0.885, title, fontsize=44, weight="bold", color=INK)
    figure.text(0.08, 0.835, subtitle, fontsize=17, color=INK)
    hillside(figure.add_axes((0, 0, 1, 0.78)))
    figure.savefig(path, dpi=DOTS, facecolor=PAPER, metadata={"Software": None})


def hillside(ax):
    """Fill the axes with the ravine of chapter 4, aslant."""
    valley = turned(ravine, 60)
    plots.contours(ax, valley, n_levels=20)
    ax.set_axis_off()
    plots.field(ax, valley)
    plots.path(ax, gradient_descent(valley.gradient, valley.start, 0.9, 40))
