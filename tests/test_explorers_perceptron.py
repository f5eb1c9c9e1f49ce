"""The explorers of chapter 0: what the chapter tells its readers to find is there to find."""

import re
from itertools import product

import numpy as np
import pytest

from downslope.explorers import (
    decision_line,
    hidden_plane,
    network_figure,
    network_shapes,
    row_by_column,
    steepness,
)
from downslope.explorers.perceptron import NAMES, UNITS


def set_all(explorer, **state):
    for name, value in state.items():
        explorer.controls[name].value = value
    return explorer.readout


def options(explorer, name):
    """The values of a control, as its widget takes them."""
    return [one[1] if isinstance(one, tuple) else one for one in explorer.controls[name].options]


# The decision line


@pytest.fixture(scope="module")
def line():
    return decision_line()


CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def said(readout):
    return tuple(int(word) for word in re.findall(r"says ([01, ]+)", readout)[0].split(","))


def test_it_says_what_the_weights_make_of_the_corners_and_nothing_on_the_border(line):
    for w1, w2, b in ((0.5, 0.5, -0.75), (-0.5, -0.5, 0.75), (0.5, 0.5, -0.5), (0, 0, 0.25)):
        expected = tuple(int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in CORNERS)
        assert said(set_all(line, w1=w1, w2=w2, b=b)) == expected
    assert said(set_all(line, w1=0.5, w2=0.5, b=-0.5)) == (0, 0, 0, 1)  # two corners lie on it


@pytest.fixture(scope="module")
def found(line):
    """How many settings of the sliders say each of the functions."""
    grid = np.array(line._stage.controls["w1"].values)
    w1, w2, b = np.meshgrid(grid, grid, np.array(line._stage.controls["b"].values))
    says = np.array([x1 * w1 + x2 * w2 + b > 0 for x1, x2 in CORNERS]).reshape(4, -1).T
    tables, counts = np.unique(says.astype(int), axis=0, return_counts=True)
    return {tuple(table.tolist()): int(n) for table, n in zip(tables, counts, strict=True)}


def test_three_different_ands_an_or_and_a_nand_are_on_the_sliders_and_no_xor(found):
    assert found[0, 0, 0, 1] >= 3
    assert found[0, 1, 1, 1] >= 3
    assert found[1, 1, 1, 0] >= 3
    assert (0, 1, 1, 0) not in found


def test_the_sliders_reach_all_fourteen_functions_and_each_has_its_name(line, found):
    assert found.keys() == NAMES.keys()
    assert set_all(line, w1=1.0, w2=-1.0, b=0.25).endswith("That is x₁, or not x₂.")


def shaded_weights(line, **state):
    """Whether the region of weights is drawn, and not the words that there is none."""
    set_all(line, **state)
    layer = next(one for one in line._layers if one.name == "region")
    picture = line._view._pictures["weights", layer].value
    return "none with this b" not in picture


def test_a_region_of_weights_is_shaded_exactly_where_the_gate_can_be_made(line):
    assert shaded_weights(line, gate="AND", b=-0.75)
    assert not shaded_weights(line, gate="AND", b=0.75)
    assert shaded_weights(line, gate="NAND", b=0.75)
    assert shaded_weights(line, gate="OR", b=-0.25)
    for b in options(line, "b"):
        assert not shaded_weights(line, gate="XOR", b=b)


# The hidden plane


@pytest.fixture(scope="module")
def plane():
    return hidden_plane()


def readouts(plane):
    pairs = product(options(plane, "first"), options(plane, "second"))
    return {pair: set_all(plane, first=pair[0], second=pair[1]) for pair in pairs}


def test_the_hidden_plane_opens_on_the_inputs_themselves_and_does_not_show_what_is_asked():
    assert hidden_plane().readout == "4 corners become 4 points, and no line parts them."


def test_with_nand_and_or_four_corners_become_three_points_that_a_line_parts(plane):
    said = readouts(plane)
    assert said["NAND", "OR"].startswith("4 corners become 3 points, and a line parts them")
    assert said["OR", "NAND"].startswith("4 corners become 3 points, and a line parts them")


def test_a_unit_twice_and_the_inputs_themselves_do_not_help(plane):
    said = readouts(plane)
    for unit in UNITS:
        assert "a line parts them" not in said[unit, unit]
    assert said["x₁", "x₂"] == "4 corners become 4 points, and no line parts them."


def test_other_pairs_work_too_and_some_throw_corners_of_different_answers_together(plane):
    said = readouts(plane)
    works = {frozenset(pair) for pair, text in said.items() if ", and a line parts" in text}
    assert works == {
        frozenset({"NAND", "OR"}),
        frozenset({"AND", "OR"}),
        frozenset({"NAND", "NOR"}),
        frozenset({"AND", "NOR"}),
        frozenset({"x₁ but not x₂", "x₂ but not x₁"}),
    }
    assert "00 and 01 land on one point" in said["AND", "x₁ but not x₂"]


# Steepness


@pytest.fixture(scope="module")
def unit():
    return steepness()


def numbers(readout):
    """w, x, y, slope, nudge and change."""
    return [float(number) for number in re.findall(r"[-+]?\d+(?:\.\d+)?", readout)]


def test_no_nudge_shows_at_a_step(unit):
    set_all(unit, activation="step")
    for w in options(unit, "w"):
        for x in options(unit, "x"):
            *_, slope, _, change = numbers(set_all(unit, w=w, x=x))
            assert (slope, change) == (0, 0)


def test_the_sigmoid_is_steepest_in_the_middle_and_answers_on_both_sides(unit):
    set_all(unit, activation="sigmoid", w=1)
    slopes = {x: numbers(set_all(unit, x=x))[3] for x in options(unit, "x")}
    assert max(slopes, key=slopes.get) == 0
    assert slopes[0.0] == 0.25
    assert numbers(set_all(unit, x=1.0))[5] > 0 > numbers(set_all(unit, x=-1.0))[5]


def test_at_a_weight_of_a_hundred_the_sigmoid_has_become_a_step(unit):
    set_all(unit, activation="sigmoid", w=100)
    for x in options(unit, "x"):
        _, _, y, slope, _, change = numbers(set_all(unit, x=x))
        assert change == 0
        assert y == {-1: 0, 0: 0.5, 1: 1}[np.sign(x)]
        assert slope == (25 if x == 0 else 0)


def test_a_relu_has_one_slope_above_zero_and_is_silent_at_zero_and_below(unit):
    set_all(unit, activation="ReLU", w=2)
    for x in options(unit, "x"):
        _, _, y, slope, _, _ = numbers(set_all(unit, x=x))
        assert (y, slope) == ((2 * x, 2) if x > 0 else (0, 0))


# Rows and columns


def test_every_number_of_the_product_is_spelled_out():
    explorer = row_by_column()
    x, W = np.array([[1, 0, 2], [3, 1, 0]]), np.array([[2, -1], [0, 3], [1, 4]])
    for i in range(2):
        for j in range(2):
            readout = set_all(explorer, row=i, column=j).replace("−", "-")
            terms = re.search(r": (.*) = (-?\d+)$", readout)
            assert int(terms[2]) == (x @ W)[i, j]
            assert eval(terms[1].replace("·", "*")) == int(terms[2])


# Shapes

IN_OUT, OUT_IN = "(in, out)", "(out, in), the wrong way round"


@pytest.fixture(scope="module")
def shapes():
    return network_shapes()


def test_shapes_and_numbers_of_parameters_are_those_of_the_arrays(shapes):
    said = set_all(shapes, batch=10, first=100, second=20, stored=IN_OUT)
    x, sizes = np.zeros((10, 64)), [64, 100, 20, 10]
    weights = [np.zeros(pair) for pair in zip(sizes, sizes[1:], strict=False)]
    chain = [x.shape]
    for W in weights:
        x = x @ W
        chain.append(x.shape)
    assert said.startswith(" → ".join(map(str, chain)))
    assert f"{sum(W.size for W in weights):,} weights and {sum(sizes[1:])} biases" in said


def test_the_wrong_way_round_raises_but_where_two_layers_are_equally_large(shapes):
    for first in options(shapes, "first"):
        for second in options(shapes, "second"):
            readout = set_all(shapes, first=first, second=second, stored=OUT_IN)
            try:
                np.zeros((1, first)) @ np.zeros((second, first))
            except ValueError:
                assert readout.startswith("W₂ does not fit")
                assert f"{first} columns come, and it has {second} rows" in readout
            else:
                assert "it fits, although W₂ is the wrong way round" in readout


# The figure that stands still


def test_a_network_says_its_numbers_to_readers_who_do_not_see_it():
    figure = network_figure([[[0.5], [0.25]]], [[-0.7]], name="one", values=[[1, 0], [0]])
    assert figure.alt.startswith("2 inputs: 1, 0. Layer 1, unit 1: weights 0.5, 0.25, bias −0.7")
    html = figure.page_html()
    for number in ("0.5", "0.25", "b = −0.7"):
        assert f">{number}</text>" in html
