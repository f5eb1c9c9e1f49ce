"""The flagship: what the chapter tells its readers to find with the sliders is there to find."""

import numpy as np
import pytest

from downslope.descent import gradient_descent
from downslope.explorers import gradient_field, minibatch_noise, starting_points, up_or_down


@pytest.fixture(scope="module")
def explorer():
    return gradient_field()


def judge(explorer, **state):
    for name, value in {"landscape": "ravine", "h": 1e-4, **state}.items():
        explorer.controls[name].value = value
    return explorer.readout


@pytest.mark.parametrize("landscape", ["bowl", "ravine"])
def test_it_diverges_exactly_past_two_over_lambda(explorer, landscape):
    rates = explorer._stage.controls["learning_rate"].values
    diverged = [
        judge(explorer, landscape=landscape, learning_rate=rate).startswith("diverged")
        for rate in rates
    ]
    assert [rate for rate, bad in zip(rates, diverged, strict=True) if bad] == [1.05, 1.1]
    assert judge(explorer, landscape=landscape, learning_rate=1.0).startswith("oscillating")


def test_a_sensible_rate_converges(explorer):
    for landscape in ("bowl", "ravine", "two_minima", "plateau"):
        rate = 0.9 if landscape == "ravine" else 0.3
        said = judge(explorer, landscape=landscape, learning_rate=rate)
        assert said.startswith("converged"), landscape


def test_the_saddle_has_no_minimum_to_converge_to(explorer):
    said = judge(explorer, landscape="saddle", learning_rate=0.3)
    assert said.startswith("diverged")
    assert "falls without bound" in said


def test_an_h_below_the_rounding_of_x_moves_nothing(explorer):
    assert judge(explorer, learning_rate=0.5, h=1e-16).startswith("stalled")


def test_a_tiny_h_spoils_a_walk_that_a_larger_one_finishes(explorer):
    assert judge(explorer, learning_rate=0.95, h=1e-8).startswith("converged")
    assert judge(explorer, learning_rate=0.95, h=1e-15).startswith("oscillating")


def set_all(explorer, **state):
    for name, value in state.items():
        explorer.controls[name].value = value
    return explorer.readout


def test_the_start_can_be_held_on_a_fine_grid():
    explorer = starting_points()
    assert explorer._scene.handles["ax"].sliders == ("start_x0", "start_x1")
    assert len(explorer.controls["start_x0"].options) >= 17
    assert len(explorer.controls["start_x1"].options) >= 11


@pytest.mark.parametrize("landscape", ["two_minima", "saddle", "plateau"])
def test_all_walks_taken_at_once_are_those_taken_one_by_one(landscape):
    explorer = starting_points()
    stage = explorer._stage
    state = {"landscape": stage.controls["landscape"].texts.index(landscape)}
    walks = stage._values.value("walks", state)
    place = stage.controls["landscape"].values[state["landscape"]]
    for i, j in ((0, 0), (7, 16), (20, 3)):
        start = stage.controls["start_x0"].values[i], stage.controls["start_x1"].values[j]
        alone = gradient_descent(place.gradient, start, 0.1, 80)
        np.testing.assert_allclose(walks[..., i, j], alone, rtol=1e-12)


def test_neighbouring_starts_end_in_different_minima():
    explorer = starting_points()
    left = set_all(explorer, landscape="two_minima", start_x0=0.0, start_x1=1.0)
    right = set_all(explorer, start_x0=0.25)
    assert set_all(explorer, start_x0=0.5) == right
    assert left == "converged: f = -0.352 after 80 steps"
    assert right == "converged: f = -0.153 after 80 steps"


def test_only_a_start_on_the_axis_ends_on_the_saddle():
    explorer = starting_points()
    for x0 in (-2.5, -1.0, 0.0, 2.0):
        on_axis = set_all(explorer, landscape="saddle", start_x0=x0, start_x1=0.0)
        assert on_axis.startswith("stuck at a saddle")
        assert set_all(explorer, start_x1=0.5).startswith("diverged")


def test_from_far_out_on_the_plateau_nothing_moves():
    explorer = starting_points()
    said = set_all(explorer, landscape="plateau", start_x0=-2.5, start_x1=2.0)
    assert said.startswith("stuck on a plateau")
    assert set_all(explorer, start_x0=-1.0, start_x1=1.0).startswith("converged")


def test_ascent_on_the_hill_is_descent_on_the_hole():
    explorer = up_or_down()
    walks = {}
    for landscape in explorer.controls["landscape"].options:
        for direction in explorer.controls["direction"].options:
            set_all(explorer, landscape=landscape, direction=direction)
            walks[landscape, direction] = explorer._view._pictures["ax", explorer._layers[1]].value
    assert walks["f, the hole", "descent"] == walks["−f, the hill", "ascent"]
    assert walks["f, the hole", "ascent"] == walks["−f, the hill", "descent"]
    assert walks["f, the hole", "ascent"] != walks["f, the hole", "descent"]


def test_small_batches_wander_and_the_whole_data_does_not():
    explorer = minibatch_noise()

    def excess(**state):
        words = set_all(explorer, **state).split()
        return float(words[words.index("is") + 1])

    by_size = [excess(batch_size=size, learning_rate=0.8) for size in (1, 5, 20, 200)]
    assert by_size == sorted(by_size, reverse=True)
    assert by_size[0] > 20 * by_size[-1]
