"""The figures of chapter 6a: what the chapter tells its readers to find in them is there."""

import numpy as np
import pytest

from downslope.explorers import momentum_walk, rates_compared, ravine_race, signal
from downslope.explorers.optimizers import LOWEST, METHODS, RATES, SCALES
from downslope.initializers import he, normal, xavier


def set_all(explorer, **state):
    for name, value in state.items():
        explorer.controls[name].value = value
    return explorer.readout


def grid(explorer, name):
    return explorer._stage.controls[name].values


def height(said):
    """The first f that a sentence names."""
    return float(said.split("f = ")[1].split()[0])


@pytest.fixture(scope="module")
def momentum():
    return momentum_walk()


@pytest.fixture(scope="module")
def momentum_said(momentum):
    """What is said of every learning rate and momentum."""
    return {
        (rate, share): set_all(momentum, learning_rate=rate, momentum=share)
        for rate in grid(momentum, "learning_rate")
        for share in grid(momentum, "momentum")
    }


def test_momentum_diverges_exactly_past_two_times_one_plus_m_over_lambda(momentum_said):
    for (rate, share), said in momentum_said.items():
        if share != 0.6 or rate != 1.6:  # there it stands on the limit itself
            assert ("Diverged" in said) == (rate > 2 * (1 + share) / 2), (rate, share)


def test_the_lowest_place_is_reached_with_little_momentum_and_a_long_step(momentum_said):
    found = {at: height(said) for at, said in momentum_said.items() if "f = " in said}
    assert min(found, key=found.get) == (1.3, 0.4)
    assert LOWEST < found[1.3, 0.4] < 1e-8  # so that its curve ends within the frame


def test_it_says_how_long_steps_become_on_a_steady_slope(momentum):
    for share, times in ((0, "1 η"), (0.9, "10 η"), (0.95, "20 η")):
        assert f"become {times} times" in set_all(momentum, momentum=share)


@pytest.fixture(scope="module")
def race():
    return ravine_race()


@pytest.mark.parametrize("method", ["SGD", "Momentum", "Nesterov"])
def test_a_turn_of_the_ravine_changes_nothing_for_methods_that_add_up_gradients(race, method):
    for rate in (0.1, 0.65, 0.95, 1.5):
        for degrees in (15, 45):
            said = set_all(race, method=method, learning_rate=rate, degrees=degrees)
            turned, straight = said.split(": ", 1)[1].split(" Along the axes: ")
            assert turned == straight, said


@pytest.mark.parametrize("method", ["AdaGrad", "RMSProp"])
def test_a_turn_makes_methods_worse_that_scale_each_coordinate_by_itself(race, method):
    for rate in (0.2, 1.5):
        by_degrees = {
            degrees: height(set_all(race, method=method, learning_rate=rate, degrees=degrees))
            for degrees in grid(race, "degrees")
        }
        assert by_degrees[0] < by_degrees[15] < by_degrees[30] < by_degrees[45]
        assert by_degrees[90] == pytest.approx(by_degrees[0], rel=0.02)


def test_the_race_has_the_numbers_that_the_chapter_prints(race):
    def at(method, rate, degrees):
        return height(set_all(race, method=method, learning_rate=rate, degrees=degrees))

    assert at("SGD", 0.95, 45) == 0.0133
    assert (at("AdaGrad", 1.5, 0), at("AdaGrad", 1.5, 45)) == (0.000722, 0.141)
    assert (at("Adam", 0.3, 0), at("Adam", 0.3, 45)) == (0.102, 0.62)


def test_each_plain_method_diverges_between_the_same_two_rates_as_the_formula_says(race):
    limits = {"SGD": 1.0, "Momentum": 1.9, "Nesterov": 1.9 / 2.8}
    for method, limit in limits.items():
        diverged = [
            rate
            for rate in RATES
            if "diverged" in set_all(race, method=method, learning_rate=rate, degrees=0)
        ]
        assert diverged == [rate for rate in RATES if rate > limit]
    for method in METHODS.keys() - limits.keys():
        assert "diverged" not in set_all(race, method=method, learning_rate=2.0, degrees=45)


@pytest.fixture(scope="module")
def said():
    explorer = signal()

    def read(**state):
        words = set_all(explorer, **state).replace(",", "").replace(";", "").split()
        after = {word: words[i + 1] for i, word in enumerate(words[:-1])}
        return {
            "all": float(after["deviation"]),
            "unit": float(after["samples"]),
            "flat": float(next(word for word in words if word.endswith("%"))[:-1]),
            "back": float(words[words.index("is") - 1]),
        }

    return read


def test_the_scales_have_those_of_xavier_and_he_among_them():
    rng = np.random.default_rng(0)
    assert any(abs(xavier((100, 100), rng).std() / scale - 1) < 0.02 for scale in SCALES)
    assert any(abs(he((100, 100), rng).std() / scale - 1) < 0.02 for scale in SCALES)
    assert normal((100, 100), rng, SCALES[0]).std() == pytest.approx(0.01, rel=0.02)


def test_he_keeps_relu_as_wide_as_it_was_and_no_other_scale_does(said):
    kept = {
        scale: said(activation="ReLU", scale=scale, layer=5)["all"]
        / said(activation="ReLU", scale=scale, layer=1)["all"]
        for scale in SCALES
    }
    assert [scale for scale, ratio in kept.items() if 0.8 < ratio < 1.25] == [0.1414]
    assert kept[0.1] == pytest.approx(0.5**2, rel=0.2)
    assert kept[0.01] < 1e-4
    assert kept[1.0] > 1e3


def test_wide_weights_saturate_tanh_and_narrow_ones_silence_it(said):
    assert said(activation="tanh", scale=1.0, layer=5)["flat"] > 80
    assert said(activation="tanh", scale=0.1, layer=5)["flat"] < 5
    assert said(activation="tanh", scale=0.01, layer=5)["all"] < 2e-5
    assert said(activation="ReLU", scale=1.0, layer=5)["flat"] == pytest.approx(50, abs=4)


def test_what_sigmoids_say_stays_wide_while_the_samples_become_alike(said):
    first, last = (said(activation="sigmoid", scale=0.1, layer=layer) for layer in (1, 5))
    assert first["unit"] == pytest.approx(first["all"], rel=0.05)
    assert last["all"] > first["all"] / 2
    assert last["unit"] < last["all"] / 100


def test_a_gradient_fades_through_sigmoids_and_lives_through_relu_with_he(said):
    assert said(activation="sigmoid", scale=0.1)["back"] < 1e-3
    assert said(activation="ReLU", scale=0.1414)["back"] == pytest.approx(1, abs=0.2)
    assert said(activation="ReLU", scale=0.1)["back"] == pytest.approx(0.5**2.5, rel=0.2)


def test_the_shares_of_a_histogram_add_up_to_one():
    explorer = signal()
    for activation in ("sigmoid", "tanh", "ReLU"):
        for scale in SCALES:
            found = shares_drawn(explorer, activation=activation, scale=scale, layer=3)
            assert found == pytest.approx(1, abs=1e-9), (activation, scale)


def shares_drawn(explorer, **state):
    """The sum of all bars in one state."""
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    bars = next(layer for layer in explorer._layers if layer.name == "bars")
    bars.draw(ax, **state)
    return sum(patch.get_data().values.sum() for patch in ax.patches)


def test_a_comparison_of_rates_says_where_each_curve_begins_peaks_and_ends():
    found = {"SGD": {0.01: 0.21, 0.1: 0.88, 0.3: 0.93, 1.0: 0.62}, "Adam": {0.01: 0.9, 0.1: 0.4}}
    figure = rates_compared(found, "test accuracy")
    assert figure.alt == (
        "Test accuracy against learning rate. SGD: 0.21 at 0.01, best 0.93 at 0.3, 0.62 at 1. "
        "Adam: best 0.90 at 0.01, 0.40 at 0.1."
    )


def test_a_comparison_of_rates_refuses_more_than_it_can_tell_apart():
    with pytest.raises(ValueError, match="found must have 1 to 6 methods, got 7"):
        rates_compared({str(i): {0.1: 0.5} for i in range(7)})
    with pytest.raises(ValueError, match="got 0"):
        rates_compared({})
