"""What chapter 7 tells its readers to find in its figures is there to find."""

import numpy as np
import pytest

from downslope import explorers
from downslope.augmentation import shifted
from downslope.convolution import MaxPooling
from downslope.datasets import load_digits, train_test_split
from downslope.explorers import convolution as chapter
from downslope.explorers.convolution import trained_pair
from downslope.networks import ConvolutionalNet, DeepNet
from downslope.optimizers import Momentum
from downslope.training import train


def data_of(seed, order):
    digits = load_digits()
    rng = np.random.default_rng(seed)
    return train_test_split(digits.pixels[:, order], digits.labels, 0.2, rng)


def test_a_pair_is_what_its_docstring_says_it_is():
    order = np.random.default_rng(3).permutation(64)
    x, x_test, t, t_test = data_of(1, order)
    two_layer = DeepNet(64, 50, 10, 2, rng=np.random.default_rng(1))
    convolutional = ConvolutionalNet(
        (1, 8, 8), 8, None, 10, rng=np.random.default_rng(1), filter_size=3
    )
    images, images_test = x.reshape(-1, 1, 8, 8), x_test.reshape(-1, 1, 8, 8)
    for network, data in (
        (two_layer, (x, x_test, t, t_test)),
        (convolutional, (images, images_test, t, t_test)),
    ):
        train(network, data, Momentum(0.1), 50, 15, np.random.default_rng(1), progress=False)
    pair = trained_pair(1, order=order)
    assert np.array_equal(pair.images, images_test[:, 0])
    expected = [convolutional.accuracy(images_test, t_test), two_layer.accuracy(x_test, t_test)]
    np.testing.assert_allclose(pair.accuracies(), expected, atol=0.003)  # a digit may tip


def test_one_shuffle_costs_the_convolutional_network_and_not_the_other():
    found = explorers.accuracies_when_shuffled(range(3))
    lost = found[..., 0] - found[..., 1]
    assert lost[:, 0].mean() > 0.01
    assert abs(lost[:, 1].mean()) < 0.01


def test_a_shift_costs_both_networks_and_the_convolutional_one_less():
    found = explorers.accuracies_when_shifted(range(3), most=2)
    assert found.shape == (3, 2, 5, 5)
    one_away = [(1, 2), (3, 2), (2, 1), (2, 3)]
    one = np.stack([found[..., row, column] for row, column in one_away]).mean(axis=0)
    unmoved = found[..., 2, 2]
    assert (one < unmoved - 0.25).all()
    assert (one[:, 0] > one[:, 1] + 0.05).all()
    assert found[..., 2, 3] == pytest.approx(
        np.array([trained_pair(seed).accuracies(columns=1) for seed in range(3)])
    )


def test_filters_that_stay_as_drawn_are_nearly_as_good():
    found = explorers.accuracies_when_filters_stay(range(3))
    learned, stayed = found.mean(axis=0)
    assert stayed + 0.005 < learned < stayed + 0.04


def test_where_filters_stay_only_the_affine_layer_learns():
    run, _ = chapter._filters_stay(0)
    first = chapter._new_convolutional(0)
    assert not np.array_equal(run.network.layers[0].W, first.layers[-1].W)
    learned = chapter._convolutional_run(0, chapter.IN_PLACE).epochs
    assert np.array_equal(learned[0]["W1"], first.layers[0].W)
    assert np.abs(learned[-1]["W1"] - first.layers[0].W).max() > 0.5


@pytest.mark.parametrize("order", [range(63), [0] * 64, np.arange(64) / 2, "shuffled"])
def test_an_order_that_does_not_name_every_pixel_once_is_refused(order):
    with pytest.raises(ValueError, match="order must have each of the whole numbers 0 to 63 once"):
        trained_pair(0, order=order)


def test_seeds_and_ways_that_are_none_are_refused():
    with pytest.raises(ValueError, match="seed must be"):
        trained_pair(-1)
    with pytest.raises(ValueError, match="most must be less than 8, got 8"):
        explorers.accuracies_when_shifted([0], most=8)


def test_pooling_changes_less_than_the_map_under_a_shift_by_one_over_all_digits():
    pair = trained_pair(0)
    layer = pair.convolutional.layers[0]

    def maps(images):
        y = np.maximum(layer.forward(images[:, np.newaxis]), 0)
        return y, MaxPooling(2).forward(y)

    before = maps(pair.images)
    for way in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        after = maps(shifted(pair.images, *way))
        full, pooled = (np.abs(a - b).sum() / b.sum() for a, b in zip(after, before, strict=True))
        assert pooled < 0.6 * full


def test_learned_filters_win_for_every_one_of_five_seeds_but_by_little():
    learned, stayed = explorers.accuracies_when_filters_stay(range(5)).T
    assert (learned > stayed).all()
    assert (learned - stayed).max() < 0.04
