"""The drawing of a graph: what it shows, at which step, and that it can be read."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from downslope import graph
from downslope.graph import Input, square
from downslope.graph_drawing import GRADIENT, HIGHLIGHT, INK, _columns, _rows, draw_graph


def apples():
    return Input(100.0, "price") * Input(2.0, "number") * Input(1.1, "tax")


def fruit():
    apple, apples = Input(100.0, "apple"), Input(2.0, "apples")
    orange, oranges = Input(150.0, "orange"), Input(3.0, "oranges")
    return (apple * apples + orange * oranges) * Input(1.1, "tax")


def square_of_sum():
    t = Input(2.0, "x") + Input(3.0, "y")
    t.name = "t"
    return square(t)


def affine_softmax():
    rng = np.random.default_rng(0)
    x, w = Input(rng.normal(size=(4, 2)), "x"), Input(rng.normal(size=(2, 3)), "W")
    return graph.softmax_cross_entropy(x @ w + Input(np.zeros(3), "b"), [0, 2, 1, 1])


def used_twice():
    x = Input(3.0, "x")
    return x * x + x


GRAPHS = [apples, fruit, square_of_sum, affine_softmax, used_twice]


def draw(output, step=None, **how):
    figure = Figure(figsize=(4.6, 3), layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    draw_graph(ax, output, step, **how)
    figure.canvas.draw()
    return ax


def texts(ax, color=None):
    return [t.get_text() for t in ax.texts if color is None or same_color(t.get_color(), color)]


def boxes(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]


def highlighted(ax):
    return [box for box in boxes(ax) if same_color(box.get_facecolor(), HIGHLIGHT)]


def thick_arrows(ax):
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    return [arrow for arrow in arrows if arrow.get_linewidth() > 2]


def test_the_apples_show_their_names_values_and_gradients():
    ax = draw(apples())
    assert sorted(texts(ax, GRADIENT)) == sorted(["← 2.2", "← 110", "← 1.1", "← 200", "← 1"])
    words = ["price", "number", "tax", "×", "×", "100", "2", "1.1", "200", "220"]
    assert sorted(texts(ax, INK)) == sorted(words)


def test_gradients_differ_in_form_as_well_as_colour():
    ax = draw(apples())
    for text in ax.texts:
        assert (text.get_style() == "italic") == text.get_text().startswith("←")


def test_values_stand_above_their_gradients():
    ax = draw(apples())
    place = {text.get_text(): text.get_window_extent() for text in ax.texts}
    for value, gradient in [("100", "← 2.2"), ("200", "← 1.1"), ("220", "← 1"), ("1.1", "← 200")]:
        assert place[value].y0 > place[gradient].y1
        assert abs(place[value].x0 + place[value].x1 - place[gradient].x0 - place[gradient].x1) < 20


def test_named_results_are_named_on_their_edge():
    assert "t = 5" in texts(draw(square_of_sum()))


def test_without_gradients_only_values_are_drawn():
    ax = draw(apples(), gradients=False)
    assert texts(ax, GRADIENT) == []
    assert "220" in texts(ax)


def test_at_the_first_step_only_one_result_is_known():
    ax = draw(apples(), step=0)
    assert "200" in texts(ax)
    assert "220" not in texts(ax)
    assert texts(ax, GRADIENT) == []


def test_walking_the_steps_ends_at_the_whole_picture():
    output = apples()
    shown = [len(texts(draw(output, step))) for step in range(len(output.steps()))]
    assert all(later == earlier + 1 for earlier, later in pairwise(shown))
    assert shown[-1] == len(texts(draw(output)))


def test_a_negative_step_counts_from_the_end():
    assert texts(draw(apples(), -1)) == texts(draw(apples(), 6))


@pytest.mark.parametrize("make", GRAPHS)
def test_every_step_highlights_one_box_and_its_edges(make):
    output = make()
    for index, step in enumerate(output.steps()):
        ax = draw(output, index)
        assert len(highlighted(ax)) == 1
        if step.direction == "forward":
            assert len(thick_arrows(ax)) == len(step.inputs)
        else:
            assert len(thick_arrows(ax)) == (step.target is not None)


def test_the_whole_picture_highlights_nothing():
    ax = draw(apples())
    assert highlighted(ax) == thick_arrows(ax) == []


def test_a_value_used_twice_shows_its_parts_and_their_sum():
    shown = texts(draw(used_twice()), GRADIENT)
    assert shown.count("← 3") == 2
    assert shown.count("← 1") == 3
    assert shown.count("Σ 7") == 1


@pytest.mark.parametrize("make", GRAPHS)
def test_texts_stay_apart_and_inside_at_the_width_of_a_page(make):
    ax = draw(make())
    places = {text: text.get_window_extent() for text in ax.texts}
    for (a, at), (b, bt) in combinations(places.items(), 2):
        across = min(at.x1, bt.x1) - max(at.x0, bt.x0)
        down = min(at.y1, bt.y1) - max(at.y0, bt.y0)
        assert min(across, down) < 1, f"{a.get_text()!r} covers {b.get_text()!r}"
    frame = ax.figure.bbox
    for place in places.values():
        assert frame.x0 <= place.x0 <= place.x1 <= frame.x1
        assert frame.y0 <= place.y0 <= place.y1 <= frame.y1


@pytest.mark.parametrize("make", GRAPHS)
def test_texts_are_at_least_8_points(make):
    assert min(text.get_fontsize() for text in draw(make()).texts) >= 8


@pytest.mark.parametrize("make", GRAPHS)
def test_nodes_stand_right_of_their_inputs_and_apart_from_each_other(make):
    nodes = make().nodes()
    columns = _columns(nodes)
    rows = _rows(nodes, columns)
    for node in nodes:
        assert all(columns[source] < columns[node] for source in node.inputs)
    for a, b in combinations(nodes, 2):
        assert columns[a] != columns[b] or abs(rows[a] - rows[b]) > 0.99


def test_the_same_graph_is_drawn_the_same_twice():
    places = [[t.get_position() for t in draw(fruit()).texts] for _ in range(2)]
    assert places[0] == places[1]


def test_a_single_input_can_be_drawn():
    assert "x" in texts(draw(Input(3.0, "x")))


def test_a_dollar_in_a_name_is_only_a_dollar():
    assert "$a_1$" in texts(draw(Input(3.0, "$a_1$") * 2))


@pytest.mark.parametrize("step", [7, -8, 100])
def test_a_step_that_does_not_exist_is_refused(step):
    with pytest.raises(IndexError, match=f"below 7, the number of steps, got {step}"):
        draw(apples(), step)


def test_an_array_can_be_drawn_without_gradients_and_is_refused_with_them():
    output = Input([1.0, 2.0], "x") * 2
    assert "(2,)" in texts(draw(output, gradients=False))
    with pytest.raises(ValueError, match="scalar"):
        draw(output)


@pytest.mark.parametrize("name", ["$a_{$", "$x$", "a $ b"])
def test_a_name_with_dollars_is_a_name_and_no_formula(name):
    ax = Figure(figsize=(5, 3)).subplots()
    draw_graph(ax, Input(1.0, name=name) * Input(2.0, name="b"))
    assert name in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step": 1.5}, "step must be a whole number, got 1.5"),
        ({"step": "a"}, "step must be a whole number, got 'a'"),
        ({"font_size": 0}, "font_size must be greater than 0"),
        ({"output": 3.0}, "output must be a Node of downslope.graph, got 3.0"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(options, message):
    ax = Figure(figsize=(5, 3)).subplots()
    output = options.pop("output", None)
    output = Input(1.0) * 2.0 if output is None else output
    with pytest.raises(ValueError, match=message):
        draw_graph(ax, output, **options)
