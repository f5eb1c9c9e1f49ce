"""The limits of an explorer are those that Matplotlib itself finds for its first layer."""

import datetime
import re
from io import BytesIO
from xml.etree import ElementTree

import matplotlib.collections as mcollections
import numpy as np
import pytest

from downslope.explore import ExplorerError, explore, linear
from downslope.explore.panels import Panel, house_style

X = np.linspace(-2, 2, 41)
DAYS = [datetime.date(2024, 1, 1) + datetime.timedelta(days=9 * k) for k in range(6)]
SLIDER = {"k": linear(1, 3, 1, default=2)}


def segments(ax):
    ax.add_collection(mcollections.LineCollection([[(3, 4), (5, 9)], [(7, 1), (8, -2)]]))


def autoscaled_segments(ax):
    segments(ax)
    ax.autoscale_view()


def without_sticky_edges(ax):
    ax.use_sticky_edges = False
    ax.bar([1, 2], [30, 40])


def plot_then_equal(ax):
    ax.plot(X, 5 * X)
    ax.axis("equal")


def boxed_equal(ax):
    ax.plot(X, 50 * X)
    ax.set_aspect("equal", adjustable="box")


def datalim_equal(ax):
    ax.plot(X, X)
    ax.set_aspect("equal", adjustable="datalim")


def twins(ax):
    ax.plot([5, 9])
    ax.twinx().plot([100, 900])
    ax.set_xlabel("shared")


def tight(ax):
    ax.plot(X, X**2)
    ax.autoscale(tight=True)


def one_axis(ax):
    ax.plot(X, X**2)
    ax.autoscale(enable=False, axis="x")


DRAWN = {
    "plot": lambda ax: ax.plot(X, X**2),
    "two plots": lambda ax: (ax.plot(X, X), ax.plot(10 * X, -X)),
    "bar": lambda ax: ax.bar([1, 2, 3], [10, 20, 15]),
    "barh": lambda ax: ax.barh([1, 2, 3], [10, -20, 15]),
    "categories": lambda ax: ax.bar(["a", "b", "c"], [1, 2, 3]),
    "scatter": lambda ax: ax.scatter([10, 20, 30], [1, 5, 2], s=200),
    "fill_between": lambda ax: ax.fill_between(X, X**2, -3 * X),
    "errorbar": lambda ax: ax.errorbar([1, 2], [30, 40], yerr=[5, 9]),
    "hist": lambda ax: ax.hist(np.arange(30) ** 2, bins=7),
    "loglog": lambda ax: ax.loglog(10.0 ** np.arange(-3, 5), 10.0 ** np.arange(2, 10)),
    "semilogy": lambda ax: ax.semilogy([1, 2, 3], [1e-3, 1, 1e5]),
    "symlog": lambda ax: (ax.plot(100 * X, 1000 * X), ax.set_yscale("symlog")),
    "log set first": lambda ax: (ax.set_xscale("log"), ax.plot([1, 1000], [3, 4])),
    "dates": lambda ax: ax.plot(DAYS, range(6)),
    "quiver": lambda ax: ax.quiver([10, 20], [3, 4], [1, 1], [0, 1]),
    "imshow": lambda ax: ax.imshow(np.eye(7)),
    "pcolormesh": lambda ax: ax.pcolormesh(np.arange(12).reshape(3, 4)),
    "contour": lambda ax: ax.contour(X, 3 + X, np.add.outer(X, X)),
    "stairs": lambda ax: ax.stairs([1, 4, 2]),
    "step": lambda ax: ax.step([4, 5, 9], [1, 4, 2]),
    "pie": lambda ax: ax.pie([1, 2]),
    "boxplot": lambda ax: ax.boxplot([[1, 2, 30], [4, 5]]),
    "axline": lambda ax: (ax.plot([3, 4], [7, 9]), ax.axline((0, 0), slope=1)),
    "axhline": lambda ax: (ax.plot([3, 4], [7, 9]), ax.axhline(20)),
    "left alone set": lambda ax: (ax.plot(X, X**2), ax.set_xlim(left=0)),
    "top set first": lambda ax: (ax.set_ylim(top=9), ax.plot(X, X**2)),
    "margins": lambda ax: (ax.plot(X, X**2), ax.margins(0.3)),
    "margins of one axis": lambda ax: (ax.plot(X, X**2), ax.margins(x=0)),
    "inverted": lambda ax: (ax.plot(X, X**2), ax.invert_yaxis()),
    "text alone": lambda ax: ax.text(5, 5, "words"),
    "empty": lambda ax: None,
    "one point": lambda ax: ax.plot([3], [4], "o"),
    "not a number": lambda ax: ax.plot([1, 2, np.nan], [3, np.inf, 5]),
    "segments": segments,
    "autoscaled segments": autoscaled_segments,
    "without sticky edges": without_sticky_edges,
    "axis equal": plot_then_equal,
    "boxed equal": boxed_equal,
    "datalim equal": datalim_equal,
    "twins": twins,
    "tight": tight,
    "one axis": one_axis,
}


def saved(draw, panel):
    """The axes as they are when Matplotlib has saved their figure."""
    with house_style():
        ax = panel.new_axes()
        draw(ax)
        ax.figure.savefig(BytesIO(), format="svg")
        return ax


def ticks_of(svg):
    root = ElementTree.fromstring(svg)
    return [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("name", DRAWN)
def test_limits_are_those_of_savefig(name):
    seen = []

    def base(ax):
        DRAWN[name](ax)

    def over(ax, k):
        seen.append((ax.get_xlim(), ax.get_ylim(), ax.get_position().bounds))

    explorer = explore(base, over, **SLIDER)
    ax = saved(DRAWN[name], Panel(5.6, 3.6))
    expected = (ax.get_xlim(), ax.get_ylim(), ax.get_position().bounds)
    explorer.controls["k"].value = 3
    explorer.page_html()
    assert explorer.error is None
    assert len(seen) > 4
    for found in seen:
        np.testing.assert_allclose(np.hstack(found), np.hstack(expected), rtol=1e-12)
    with house_style():
        labels = [t.get_text() for t in ax.get_xticklabels() + ax.get_yticklabels()]
    plain = {text for text in labels if text and "$" not in text}
    assert plain & set(ticks_of(explorer.still_svg())) or not plain


@pytest.mark.parametrize("name", ["plot", "polar bars"])
def test_limits_on_a_polar_panel_are_those_of_savefig(name):
    draw = {
        "plot": lambda ax: ax.plot(X, 3 + X),
        "polar bars": lambda ax: (ax.bar([0, 1, 2], [5, 8, 3]), ax.set_thetamax(180)),
    }[name]
    seen = []

    def over(ax, k):
        seen.append((*ax.get_xlim(), *ax.get_ylim()))

    def base(ax):
        draw(ax)

    explore(base, over, panels={"ax": (4, 4, "polar")}, **SLIDER)
    ax = saved(draw, Panel(4, 4, "polar"))
    np.testing.assert_allclose(seen[0], (*ax.get_xlim(), *ax.get_ylim()))


def test_the_still_the_page_and_the_kernel_show_the_same_limits():
    def parabola(ax):
        ax.plot(X, X**2)

    def point(ax, k):
        ax.plot(k, k**2, "o")

    explorer = explore(parabola, point, **SLIDER)
    live = "".join(picture.value for picture in explorer._view._pictures.values())
    for shown in (explorer.still_svg(), explorer.page_html(), live):
        labels = re.findall(r">([−\d.]+)</text>", shown)
        assert {"−2.0", "2.0", "4.0"} <= set(labels)


def test_a_later_layer_does_not_widen_the_limits():
    def parabola(ax):
        ax.plot(X, X**2)

    def far(ax, k):
        ax.plot([100 * k], [100], "o")

    assert explore(parabola, far, **SLIDER).error is None


def test_a_first_layer_that_sets_no_limits_is_named_when_others_draw_outside_of_them():
    def labels(ax):
        ax.set_xlabel("x")

    def curve(ax, k):
        ax.plot(X, k * X**2)

    with pytest.raises(ExplorerError, match="'labels', draws nothing and sets no limits"):
        explore(labels, curve, **SLIDER)


def test_limits_from_0_to_1_that_the_first_layer_sets_hold_for_others():
    def unit(ax):
        ax.set(xlim=(0, 1), ylim=(0, 1))

    def curve(ax, k):
        ax.plot(X, k * X**2)

    assert explore(unit, curve, **SLIDER).error is None


def test_a_later_layer_draws_on_a_second_scale_within_its_limits():
    def base(ax):
        ax.plot([1, 2])
        ax.twinx().plot([100, 900])

    def over(ax, k):
        ax.figure.axes[1].plot([0, 1], [100, 1000 * k])

    explorer = explore(base, over, **SLIDER)
    assert "<path" in explorer._scene.frames[explorer._layers[1]].fragments[0]
    explorer.controls["k"].value = 3
    assert explorer.error is None


def test_a_figure_whose_resolution_a_layer_sets_is_drawn_to_the_same_scale():
    def base(ax):
        ax.plot(X, X)

    def finer(ax):
        ax.plot(X, X)
        ax.figure.set_dpi(200)

    plain, fine = (explore(layer, name="a", alt="a").still_svg() for layer in (base, finer))
    assert re.findall(r' x="[^"]+"', plain) == re.findall(r' x="[^"]+"', fine)
