"""The drawing of a network: every number is there, stands where it belongs, and can be read."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from downslope.graph_drawing import HIGHLIGHT
from downslope.network_drawing import describe_network, draw_layers, draw_network

NEURON = ([[[0.5], [0.25]]], [[-0.7]])
W1, W2, W3 = np.arange(1, 7).reshape(2, 3) / 10, np.arange(11, 17).reshape(3, 2), -np.eye(2) - 20
THREE = ([W1, W2, W3], [[7, 8, 9], [30, 31], [40, 41]])


def axes(size=(4.8, 3.2)):
    figure = Figure(figsize=size, dpi=72)
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    ax.set_position((0.01, 0.01, 0.98, 0.98))
    return ax


def drawn(draw, *arguments, size=(4.8, 3.2), **how):
    ax = axes(size)
    draw(ax, *arguments, **how)
    ax.figure.canvas.draw()
    return ax


def texts(ax):
    return [text.get_text() for text in ax.texts]


def arrows(ax, thick=False):
    found = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    return [arrow for arrow in found if not thick or arrow.get_linewidth() > 2]


def boxes(ax, filled=False):
    found = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    return [box for box in found if not filled or same_color(box.get_facecolor(), HIGHLIGHT)]


def bold(ax):
    return sorted(text.get_text() for text in ax.texts if text.get_fontweight() == "bold")


def test_a_neuron_shows_inputs_weights_bias_sum_and_answer():
    ax = drawn(
        draw_network, *NEURON, values=[[1, 0], [0]], sums=[[-0.2]], names=[["x₁", "x₂"], "y"]
    )
    assert sorted(texts(ax)) == sorted(
        ["0.5", "0.25", "x₁ = 1", "x₂ = 0", "Σ = −0.2\ny = 0", "b = −0.7"]
    )


def test_every_weight_of_a_network_has_its_arrow_and_its_number():
    ax = drawn(draw_network, *THREE)
    numbers = [f"{w:g}".replace("-", "−") for W in THREE[0] for w in np.ravel(W)]
    assert len(arrows(ax)) == len(numbers)
    for number in numbers:
        assert texts(ax).count(number) == numbers.count(number)


def number_on(ax, arrow):
    """The number whose middle lies on the arrow."""
    (x0, y0), (x1, y1) = arrow._posA_posB
    on = []
    for text in ax.texts:
        x, y = text.get_position()
        if x0 < x < x1 and abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) < 1e-6:
            on.append(text.get_text())
    return on


def test_each_number_stands_on_its_own_arrow():
    ax = drawn(draw_network, [W1])
    found = [number_on(ax, arrow) for arrow in arrows(ax)]
    assert found == [[f"{w:g}"] for w in W1.ravel()]


@pytest.mark.parametrize("size", [(4.8, 3.2), (4.2, 2.8)])
@pytest.mark.parametrize("network", [NEURON, THREE, ([W1], [[1, 2, 3]]), ([W1.T], [[1, 2]])])
def test_no_two_texts_lie_on_each_other_and_all_lie_on_the_paper(network, size):
    weights, biases = network
    _require_room(weights, biases, size)


def test_numbers_on_many_arrows_get_the_room_that_they_need():
    weights = [np.arange(-8, 8).reshape(4, 4) / 4, np.arange(8).reshape(4, 2) / 8]
    ax = drawn(draw_network, weights, [[0.25] * 4, [-0.75] * 2], size=(4.8, 4), font_size=7.5)
    extents = [text.get_window_extent() for text in ax.texts]
    assert not any(one.overlaps(other) for one, other in combinations(extents, 2))
    assert max(extent.x1 for extent in extents) <= ax.get_window_extent().x1 + 1


def _require_room(weights, biases, size):
    sizes = [len(weights[0]), *(np.shape(W)[1] for W in weights)]
    values = [np.full(n, 0.25) for n in sizes]
    titles = ["input", *["layer"] * (len(sizes) - 2), "output"]
    ax = drawn(
        draw_network, weights, biases, values=values, sums=values[1:], titles=titles, size=size,
        font_size=8,
    )  # fmt: skip
    extents = [text.get_window_extent() for text in ax.texts]
    for one, other in combinations(extents, 2):
        assert not one.overlaps(other)
    paper = ax.get_window_extent()
    for extent in extents + [box.get_window_extent() for box in boxes(ax)]:
        assert paper.x0 - 1 <= extent.x0 < extent.x1 <= paper.x1 + 1
        assert paper.y0 - 1 <= extent.y0 < extent.y1 <= paper.y1 + 1


def test_texts_of_units_fit_into_their_boxes():
    ax = drawn(draw_network, *NEURON, values=[[1.2345, 0], [0]], sums=[[-0.1234]], size=(4, 2))
    inside = [text for text in ax.texts if text.get_text()[0] in "1Σ"]
    assert len(inside) == 2
    for text in inside:
        own = text.get_window_extent()
        assert any(
            box.get_window_extent().x0 <= own.x0 and own.x1 <= box.get_window_extent().x1
            for box in boxes(ax)
        )


def test_a_column_of_the_matrix_is_what_reaches_one_unit():
    ax = drawn(draw_network, *THREE, column=(1, 0))
    assert bold(ax) == sorted(f"{w:g}" for w in W2[:, 0])
    ends = {arrow._posA_posB[1] for arrow in arrows(ax, thick=True)}
    assert (len(arrows(ax, thick=True)), len(ends)) == (3, 1)


def test_a_row_of_the_matrix_is_what_leaves_one_unit():
    ax = drawn(draw_network, *THREE, row=(0, 1))
    assert bold(ax) == sorted(f"{w:g}" for w in W1[1])
    starts = {arrow._posA_posB[0] for arrow in arrows(ax, thick=True)}
    assert (len(arrows(ax, thick=True)), len(starts)) == (3, 1)


def test_one_unit_is_filled_and_its_text_bold():
    ax = drawn(draw_network, *NEURON, values=[[3, 4], [5]], unit=(0, 1))
    assert len(boxes(ax, filled=True)) == 1
    assert bold(ax) == ["4"]


def test_a_network_half_way_shows_what_is_known():
    ax = drawn(draw_network, [W1, W2], values=[[50, 60]])
    assert {"50", "60"} <= set(texts(ax))
    assert len(texts(ax)) == 2 + W1.size + W2.size


def test_of_a_large_layer_the_first_and_the_last_units_are_drawn_with_dots_between():
    ax = drawn(draw_layers, [64, 50, 10], most=6)
    assert texts(ax).count("⋮") == 3
    assert len(boxes(ax)) == 3 * 5
    assert len(arrows(ax)) == 2 * 5 * 5


def test_a_layer_that_fits_is_drawn_whole():
    ax = drawn(draw_layers, [2, 6], column=(0, 5), unit=(1, 5))
    assert "⋮" not in texts(ax)
    assert (len(boxes(ax)), len(arrows(ax, thick=True)), len(boxes(ax, filled=True))) == (8, 2, 1)


def test_the_last_unit_of_a_large_layer_can_be_highlighted():
    ax = drawn(draw_layers, [64, 50], unit=(1, 49), column=(0, 49))
    assert len(boxes(ax, filled=True)) == 1
    assert len(arrows(ax, thick=True)) == 5


def test_words_say_every_number():
    said = describe_network([W1, W2], [[7, 8, 9], [30, 31]], [[50, 60], [70, 71, 72], [80, 81]])
    numbers = [*np.ravel(W1), *np.ravel(W2), 7, 8, 9, 30, 31, 50, 60, 70, 71, 72, 80, 81]
    for number in numbers:
        assert f"{number:g}" in said
    assert "Layer 2, unit 2: weights 12, 14, 16, bias 31, says 81." in said


def test_what_is_drawn_is_left_as_it_was():
    weights, values = [W1.copy()], [np.array([1.0, 2.0])]
    drawn(draw_network, weights, values=values)
    assert np.array_equal(weights[0], W1)
    assert np.array_equal(values[0], [1, 2])


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"weights": []}, "weights must hold at least one matrix"),
        ({"weights": [[1.0, 2.0]]}, r"weights\[0\] must be a matrix, got shape \(2,\)"),
        ({"weights": [W1, W1]}, r"weights\[1\] must have shape \(3, 3\), got \(2, 3\)"),
        ({"biases": [[1.0]]}, r"biases\[0\] must have shape \(3,\), got \(1,\)"),
        ({"values": [[1.0]]}, r"values\[0\] must have shape \(2,\)"),
        ({"sums": [[1, 2, 3], [4]]}, "sums must have at most 1 arrays, got 2"),
        ({"names": [["a", "b"]]}, r"names must be as many as units, \[2, 3\]"),
        ({"titles": ["a"]}, "titles must have length 2, got 1"),
        ({"unit": (1, 3)}, r"unit must be one that is drawn, got \(1, 3\)"),
        ({"column": (1, 0)}, r"column must be one that is drawn, got \(1, 0\)"),
        ({"row": (0, 2)}, r"row must be one that is drawn, got \(0, 2\)"),
        ({"font_size": 0}, "font_size"),
    ],
)
def test_what_does_not_fit_is_refused(how, message):
    with pytest.raises(ValueError, match=message):
        draw_network(axes(), **{"weights": [W1], **how})


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"sizes": [3]}, "sizes must name at least two columns"),
        ({"sizes": [3, 0]}, "sizes"),
        ({"most": 2}, "most"),
        ({"unit": (0, 20)}, r"unit must be one that is drawn, got \(0, 20\)"),
        ({"column": (0, 7)}, "column must be one that is drawn"),
    ],
)
def test_layers_that_cannot_be_drawn_are_refused(how, message):
    with pytest.raises(ValueError, match=message):
        draw_layers(axes(), **{"sizes": [64, 10], **how})
