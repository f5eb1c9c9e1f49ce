"""The flagship: what the chapter tells its readers to find with the sliders is there to find."""

import numpy as np
import pytest

from downslope.descent import gradient_descent
from downslope.explorers import (
    downhill_map,
    gradient_field,
    minibatch_noise,
    parabola_steps,
    starting_points,
)
from downslope.landscapes import LANDSCAPES, ravine


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


def test_the_parabola_is_left_beyond_four_and_met_at_two():
    explorer = parabola_steps()
    for rate, last in ((2.0, "0.00"), (4.0, "3.00"), (4.2, "3.99")):
        said = set_all(explorer, learning_rate=rate, n_steps=3)
        assert said == f"step 3: x = {last}"


def test_a_map_says_what_it_shows_without_naming_code():
    for name, landscape in LANDSCAPES.items():
        figure = downhill_map(landscape)
        assert figure.name == name.replace("_", "-") + "-field"
        assert "_" not in repr(figure)
    assert "right angles" in repr(downhill_map(ravine))


@pytest.fixture(scope="module")
def batches():
    explorer = minibatch_noise()

    def excess(**state):
        words = set_all(explorer, **state).split()
        return float(words[words.index("is") + 1])

    return excess


SIZES = (1, 2, 5, 10, 20, 50, 100, 200)
RATES = (0.05, 0.1, 0.2, 0.4, 0.8)


def test_in_as_many_steps_small_batches_wander_and_the_whole_data_does_not(batches):
    by_size = [
        batches(batch_size=size, learning_rate=0.8, budget="80 steps") for size in (1, 5, 20, 200)
    ]
    assert by_size == sorted(by_size, reverse=True)
    assert by_size[0] > 20 * by_size[-1]
    assert batches(batch_size=200, learning_rate=0.2) < 0.001
    assert batches(batch_size=200, learning_rate=0.1) > 0.005


def test_for_as_many_points_a_small_batch_gets_lower_than_the_whole_data(batches):
    found = {
        size: batches(batch_size=size, learning_rate=0.2, budget="800 points") for size in SIZES
    }
    assert min(found, key=found.get) == 10
    assert (found[1], found[10], found[200]) == (0.0652, 0.0039, 0.6820)


def test_a_batch_twice_as_large_bears_twice_the_learning_rate(batches):
    for size, best in ((5, 0.1), (10, 0.2), (20, 0.4)):
        found = {
            rate: batches(batch_size=size, learning_rate=rate, budget="800 points")
            for rate in RATES
        }
        assert min(found, key=found.get) == best


def test_every_walk_of_a_budget_in_points_looks_at_as_many():
    explorer = minibatch_noise()
    for size in SIZES:
        said = set_all(explorer, batch_size=size, budget="800 points")
        assert said.startswith(f"{800 // size} steps, {size} of 200 points in each: 800 points in")
