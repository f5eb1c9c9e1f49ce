"""What chapter 6b tells its readers to find with the sliders is there to find."""

import re
from itertools import product

import numpy as np
import pytest

from downslope import explorers
from downslope.explorers import regularization as chapter
from downslope.explorers.regularization import (
    DECAYS,
    DROPS,
    RATES,
    SCALES,
    SHARES,
    Setting,
    mislabelled_digits,
    train_together,
)
from downslope.initializers import he
from downslope.layers import (
    Affine,
    BatchNormalization,
    Dropout,
    ReLU,
    SoftmaxCrossEntropy,
)
from downslope.networks import Network
from downslope.optimizers import SGD
from downslope.training import train


def set_all(explorer, **state):
    for name, value in state.items():
        explorer.controls[name].value = value
    return explorer.readout


@pytest.fixture(scope="module")
def grid():
    return explorers.batch_normalization_grid()


@pytest.fixture(scope="module")
def labels():
    return explorers.wrong_labels()


@pytest.fixture(scope="module")
def search():
    return explorers.search_window()


def ends(grid, scale, rate):
    """Accuracies without and with batch normalisation; None if a run diverged."""
    said = set_all(grid, scale=scale, learning_rate=rate)
    found = re.search(r"digits: (\S+) without, (\S+) with", said).groups()
    return [None if word == "diverged" else float(word) for word in found]


def test_from_small_weights_nothing_is_learned_without_and_most_with_the_right_rate(grid):
    for scale, rate in product((0.01, 0.03), RATES):
        without, normalised = ends(grid, scale, rate)
        assert without < 0.12
        assert normalised > 0.3
    assert ends(grid, 0.01, 0.01)[1] > 0.95


def test_batch_normalization_loses_from_wide_weights_at_small_rates_and_nowhere_else(grid):
    loses = {
        (scale, rate)
        for scale, rate in product(SCALES, RATES)
        for without, normalised in [ends(grid, scale, rate)]
        if without is not None and without > normalised
    }
    assert loses == {(0.3, 0.001), (0.3, 0.01), (1.0, 0.001)}


def test_without_it_wide_weights_diverge_and_with_it_no_network_does(grid):
    diverged = {
        (scale, rate) for scale, rate in product(SCALES, RATES) if None in ends(grid, scale, rate)
    }
    assert diverged == {(0.3, 1.0), (1.0, 0.01), (1.0, 0.1), (1.0, 1.0)}
    assert all(ends(grid, *where)[1] > 0.2 for where in diverged)


def test_the_deep_network_is_the_one_that_is_said():
    network = explorers.deep_network(0.1, True, np.random.default_rng(0))
    kinds = [type(layer) for layer in network.layers]
    assert kinds == [Affine, BatchNormalization, ReLU] * 5 + [Affine]
    plain = explorers.deep_network(0.1, False, np.random.default_rng(0))
    for layer, other in zip(plain.layers[::2], network.layers[::3], strict=True):
        assert np.array_equal(layer.W, other.W)


def alone(setting, n_epochs):
    """The network that `train_together` says it trains, trained by itself."""
    rng = np.random.default_rng(setting.seed)
    hidden, last = he((64, 50), rng), he((50, 10), rng)
    dropped = Dropout(setting.dropout, np.random.default_rng(setting.seed))
    layers = [Affine(hidden, np.zeros(50)), ReLU(), dropped, Affine(last, np.zeros(10))]
    network = Network(layers, SoftmaxCrossEntropy())
    digits = mislabelled_digits(setting.share, setting.seed)
    data = digits.x_train, digits.x_validation, digits.given, digits.t_validation
    sgd = SGD(setting.learning_rate, weight_decay=setting.weight_decay)
    history = train(network, data, sgd, 50, n_epochs, rng, progress=False)
    test = network.accuracy(digits.x_test, digits.t_test)
    return history.train_accuracies[[0, 5, 6]], history.test_accuracies[[0, 5, 6]], test


def test_each_network_learns_side_by_side_what_it_learns_alone():
    settings = [
        Setting(0.3, 0.5, 0.01, 0.5, seed=0),
        Setting(0.0, 0.5, 0.0, 0.2, seed=1),
        Setting(0.3, 0.1, 0.1, 0.0, seed=0),
    ]
    together = train_together(settings, n_epochs=6)
    for i, setting in enumerate(settings):
        expected = alone(setting, 6)
        for came, wanted in zip(together, expected, strict=True):  # a digit may tip by rounding
            np.testing.assert_allclose(came[i], wanted, atol=0.006)


def test_validation_can_be_stingy_without_any_difference_to_what_is_learned():
    few, all_of_them = (
        train_together([Setting(0.3, 0.5, 0.0, 0.0, seed=0)], 5, n_validation=n) for n in (50, 200)
    )
    assert np.array_equal(few.train, all_of_them.train)
    assert few.test == all_of_them.test
    assert np.allclose(few.validation * 50, np.rint(few.validation * 50))
    assert few.validation[0, -1] != all_of_them.validation[0, -1]


@pytest.mark.parametrize("n", [0, 201])
def test_more_or_fewer_validation_digits_than_there_are_cannot_be_asked_for(n):
    with pytest.raises(ValueError, match=f"n_validation must be at .*, got {n}"):
        train_together([Setting(0.3, 0.5, 0.0, 0.0, seed=0)], 1, n_validation=n)


def test_wrong_labels_are_wrong_as_many_as_asked_for_and_the_rest_is_left_alone():
    few, many = mislabelled_digits(0.15), mislabelled_digits(0.3)
    assert (few.given != few.true).sum() == 30
    assert (many.given != many.true).sum() == 60
    assert np.array_equal(few.true, many.true)
    assert ((many.given != many.true) | (few.given == few.true)).all()
    assert set(many.given) <= set(range(10))
    assert len(many.x_validation) == len(many.t_validation) == 200
    assert len(many.x_test) == len(many.t_test) == 898


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="share must be"):
        mislabelled_digits(share)


def settings_of(labels, share):
    """Accuracy on new digits, and the gap, for each decay and dropout."""
    found = {}
    for decay, dropout in product(DECAYS, DROPS):
        said = set_all(labels, share=share, decay=decay, dropout=dropout)
        new, gap = re.search(r"new digits ([\d.]+), gap ([+-]\d\.\d+)", said).groups()
        found[decay, dropout] = float(new), float(gap)
    return found


def test_on_right_labels_nothing_helps_much_and_the_smallest_gaps_are_the_worst(labels):
    found = settings_of(labels, 0.0)
    assert max(new for new, _ in found.values()) < found[0.0, 0.0][0] + 0.01
    by_gap = sorted(found, key=lambda setting: abs(found[setting][1]))
    by_new = sorted(found, key=lambda setting: found[setting][0])
    assert {*by_gap[:2]} == {*by_new[:2]} == {(0.1, 0.0), (0.1, 0.5)}


def test_at_thirty_percent_two_settings_share_a_gap_and_nothing_else(labels):
    found = settings_of(labels, 0.3)
    shared = [setting for setting, (_, gap) in found.items() if gap == 0.027]
    assert shared == [(0.0, 0.5), (0.1, 0.0)]
    assert found[0.0, 0.5][0] > found[0.1, 0.0][0] + 0.4


def test_at_thirty_percent_decay_and_dropout_help_most_together(labels):
    found = settings_of(labels, 0.3)
    best = max(found, key=lambda setting: found[setting][0])
    assert best == (0.01, 0.5)
    assert found[best][0] > found[0.0, 0.0][0] + 0.15
    assert found[best][1] < -0.1


def test_every_share_is_one_of_the_sliders(labels):
    assert [value for _, value in labels.controls["share"].options] == list(SHARES)


def said_of(search, rate, decay):
    return set_all(search, lowest_rate=rate, lowest_decay=decay)


def test_every_window_holds_sixteen_trials(search):
    rates = [value for _, value in search.controls["lowest_rate"].options]
    decays = [value for _, value in search.controls["lowest_decay"].options]
    for rate, decay in product(rates, decays):
        assert said_of(search, rate, decay).startswith("16 trials")


def test_where_the_rates_are_too_low_the_best_is_poor_and_lies_at_the_upper_end(search):
    for decay in (1e-5, 1e-4, 1e-3, 1e-2):
        said = said_of(search, 1e-4, decay)
        assert "at the upper end of η" in said
        assert float(re.search(r"validation ([\d.]+)", said)[1]) < 0.2


def test_where_the_window_is_well_placed_the_best_lies_inside(search):
    for decay in (1e-5, 1e-4, 1e-3, 1e-2):
        assert said_of(search, 0.01, decay).endswith("It lies well inside.")


def test_the_ends_of_a_window_are_a_tenth_of_its_decades():
    assert chapter._end(100**0.09, "η") == "at the lower end of η"
    assert chapter._end(100**0.91, "η") == "at the upper end of η"
    assert chapter._end(100**0.11, "η") == chapter._end(100**0.89, "η") == ""


def test_what_dropout_leaves_is_doubled_and_the_mean_over_all_ways_is_the_score_in_use():
    h, weights = np.array([3.0, 2.0, 1.0, 4.0]), np.array([1.0, 2.0, 3.0, -1.0])
    ways = [2 * (h * kept) @ weights for kept in product((0, 1), repeat=4)]
    explorer, scores = explorers.dropout_passes(), []
    assert explorer.readout.endswith(f"the score is {np.mean(ways):.0f}.")
    for number in explorer.controls["training_pass"].options[1:]:
        said = set_all(explorer, training_pass=number[1])
        silent = re.search(r"units: (.*?);", said)[1]
        kept = np.array([str(i) not in silent for i in range(1, 5)])
        score, mean = map(float, re.search(r"Score (\S+), mean .* (\S+)\.", said).groups())
        scores.append(score)
        assert score == 2 * (h * kept) @ weights
        assert mean == pytest.approx(np.mean(scores), abs=0.051)
    assert scores[0] == max(scores) == 20
    assert abs(mean - np.mean(ways)) < 1
