"""Explorers: Matplotlib figures with sliders that live in a kernel, on a page and on paper.

For example::

    def parabola(ax): ...                 # depends on nothing: drawn once
    def tangent(ax, x, h): ...            # redrawn when either slider moves

    explore(parabola, tangent, x=linear(-2, 2, 0.1, default=1.0), h=logarithmic(1e-6, 1, 0.1))

In a notebook the sliders are ipywidgets and the kernel redraws the layers that name
the one that moved. In a book built with the Sphinx extension `downslope.sphinx_ext`,
every state of every layer is drawn beforehand and carried inside the page.
"""

from downslope.explore.controls import Control, choice, linear, logarithmic, steps, values
from downslope.explore.explorer import Explorer, explore
from downslope.explore.layers import ExplorerError

__all__ = [
    "Control",
    "Explorer",
    "ExplorerError",
    "choice",
    "explore",
    "linear",
    "logarithmic",
    "steps",
    "values",
]
