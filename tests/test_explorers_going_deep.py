"""The figures of chapter 8: what the chapter tells its readers to find in them is there."""

import re
from itertools import product

import numpy as np
import pytest

from downslope import explorers, quiz
from downslope.convolution import output_size
from downslope.datasets import load_digits
from downslope.explorers import going_deep as chapter
from downslope.explorers.going_deep import (
    ACTIVATIONS,
    DEPTHS,
    INITIALIZERS,
    MOST_LAYERS,
    POWERS,
    SIZES,
    SKIPS,
    STAIRS,
    STRIDES,
    UPDATES,
    gradient_norms,
    train_in_half,
    ways_through,
)
from downslope.initializers import xavier
from downslope.layers import (
    Convolution,
    MaxPooling,
    Sigmoid,
    Tanh,
    backward_through,
    forward_through,
)
from downslope.networks import ConvolutionalNet, DeepNet


def set_all(explorer, **state):
    for name, value in state.items():
        explorer.controls[name].value = value
    return explorer.readout


@pytest.fixture(scope="module")
def depths():
    return explorers.gradients_by_depth()


@pytest.fixture(scope="module")
def norms():
    """Of every state of the explorer, with none of the training."""
    states = product(DEPTHS, ACTIVATIONS, INITIALIZERS, SKIPS)
    return {state: chapter._exact_norms(*state) for state in states}


def became(norms, words):
    """The states of which the figure says these words."""
    return {state for state, found in norms.items() if words in chapter._became(found)}


def test_norms_are_those_of_the_weights_one_a_layer_in_their_order():
    rng = np.random.default_rng(0)
    network = ConvolutionalNet((1, 6, 6), 3, 4, 2, rng=rng, filter_size=3)
    x, labels = rng.normal(size=(5, 1, 6, 6)), [0, 1, 0, 1, 1]
    gradients = network.gradients(x, labels)
    expected = [np.sqrt((gradients[name] ** 2).sum()) for name in ("W1", "W2", "W3")]
    np.testing.assert_allclose(gradient_norms(network, x, labels), expected)


def test_gradients_vanish_on_their_way_back_through_sigmoids_without_a_way_around_alone(norms):
    vanish = became(norms, "vanishes on its way")
    assert vanish == {
        (depth, "sigmoid", weights, "none")
        for depth, weights in product((10, 20), INITIALIZERS)
    } | {(5, "sigmoid", "0.01", "none")}  # fmt: skip
    assert norms[20, "sigmoid", "Xavier", "none"][0] < 1e-12


def test_what_tells_images_apart_fades_in_sigmoids_as_much_as_their_gradients_do(norms):
    pixels, left = load_digits().pixels[:100], {}
    for activation in (Sigmoid, Tanh):
        how = {"activation": activation, "initializer": xavier}
        layers = DeepNet(64, 50, 10, 20, rng=np.random.default_rng(0), **how).layers
        first, last = (forward_through(layers[:n], pixels).std(axis=0).mean() for n in (2, -1))
        left[activation] = last / first
    assert left[Tanh] > 0.1
    gradient = norms[20, "sigmoid", "Xavier", "none"]
    assert 0.1 < left[Sigmoid] / (gradient[0] / gradient[-1]) < 10


def test_from_narrow_weights_gradients_fade_alike_in_all_layers_of_tanh_and_relu(norms):
    alike = became(norms, "fade on their way forward too")
    assert alike == {
        (depth, activation, "0.01", "none")
        for depth, activation in product((5, 10, 20), ("tanh", "ReLU"))
    }
    for state in alike:
        assert 0.5 < norms[state][0] / norms[state][-1] < 2


def test_what_is_added_piles_up_in_deep_networks_beside_whole_layers_alone(norms):
    large = became(norms, "piled up")
    assert {(depth, skip) for depth, _, _, skip in large} == {(10, "× 1"), (20, "× 1")}
    assert norms[20, "ReLU", "He", "× 1"][0] > 1e3 * norms[20, "ReLU", "He", "× 0.1"][0]


def test_with_two_layers_there_is_nothing_to_go_around(norms):
    for activation, weights in product(ACTIVATIONS, INITIALIZERS):
        none, *others = (norms[2, activation, weights, skip] for skip in SKIPS)
        assert all(np.array_equal(none, other) for other in others)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_networks_side_by_side_learn_what_each_would_learn_alone(activation):
    """Two steps: in more, rounding may lead two trainings apart."""
    nets = chapter._DeepNets(5, activation)
    rng = np.random.default_rng(1)
    batches = [(rng.random((6, 64), np.float32), rng.integers(0, 10, 6)) for _ in range(2)]
    for x, labels in batches:
        nets.learn(x, np.eye(10)[labels])
    kind, *_ = ACTIVATIONS[activation]
    for place, (weights, skip) in enumerate(product(INITIALIZERS, SKIPS)):
        how = {"activation": kind, "initializer": INITIALIZERS[weights], "skip": SKIPS[skip]}
        alone = DeepNet(64, 50, 10, 5, rng=np.random.default_rng(0), dtype=np.float32, **how)
        for batch in batches:
            for name, gradient in alone.gradients(*batch).items():
                alone.parameters[name] = alone.parameters[name] - np.float32(0.1) * gradient
        for layer in range(5):
            W, b = alone.parameters[f"W{layer + 1}"], alone.parameters[f"b{layer + 1}"]
            np.testing.assert_allclose(nets.W[layer][place], W, rtol=1e-3, atol=1e-5)
            np.testing.assert_allclose(nets.b[layer][place, 0], b, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("state", "least", "most"),
    [
        ((2, "tanh", "Xavier"), (0.8, 0.8, 0.8), (1, 1, 1)),
        ((20, "sigmoid", "Xavier"), (0, 0, 0), (0.15, 0.4, 0.4)),
        ((20, "ReLU", "He"), (0, 0.8, None), (0.4, 1, None)),
    ],
)
def test_what_is_learned_in_a_hundred_steps_depends_on_the_way_around(state, least, most):
    """Between wide bounds: the trainings are chaotic."""
    for low, high, skip in zip(least, most, SKIPS, strict=True):
        reached = chapter._reached(*state, skip)
        assert reached is None if low is None else low <= reached <= high, skip


def test_accuracies_are_told_to_the_nearest_twentieth(depths):
    assert chapter._learned(0.9).endswith("about 90 % of new digits right.")
    for skip in SKIPS:
        reached = chapter._reached(2, "tanh", "Xavier", skip)
        assert reached * 20 == round(reached * 20)


def test_the_figure_opens_on_a_network_that_learns_and_gives_no_answer_away(depths):
    assert depths.readout == (
        "5 layers, ReLU, weights He, no way around: the first layer's gradient is 1.7 of the "
        "last's. It does not vanish. After 100 steps the network reads about 90 % of new digits "
        "right."
    )


def test_with_twenty_sigmoids_the_gradient_vanishes_and_nothing_is_learned(depths):
    said = set_all(depths, depth=20, activation="sigmoid", weights="Xavier", skip="none")
    assert said == (
        "20 layers, sigmoid, weights Xavier, no way around: the first layer's gradient is 8.8e-13 "
        "of the last's. It vanishes on its way back. After 100 steps the network reads new digits "
        "no better than a guess."
    )


def test_it_blames_no_vanishing_where_nothing_vanishes(depths):
    relu = set_all(depths, depth=20, activation="ReLU", weights="He", skip="none")
    assert "It does not vanish." in relu
    assert set_all(depths, skip="× 1").endswith(
        "what the layers add has piled up. Training diverged."
    )


def field_of(sizes, strides):
    """The textbook's sum: each layer adds its size less one, times all strides before it."""
    return 1 + sum(
        (size - 1) * int(np.prod(strides[:i], dtype=int)) for i, size in enumerate(sizes)
    )


LAYERS = [([3], [1]), ([3, 3], [1, 1]), ([5, 3, 2], [2, 1, 3]), ([3, 2, 3], [1, 2, 1]),
          ([7, 7, 7], [2, 2, 2]), ([1, 2], [3, 2])]  # fmt: skip


@pytest.mark.parametrize(("sizes", "strides"), LAYERS)
def test_ways_are_what_filters_of_ones_send_back_to_the_image(sizes, strides):
    ways = ways_through(sizes, strides)
    layers = [
        Convolution(np.ones((1, 1, size, size)), np.zeros(1), stride=stride)
        for size, stride in zip(sizes, strides, strict=True)
    ]
    assert forward_through(layers, np.ones((1, 1, len(ways), len(ways)))).shape == (1, 1, 1, 1)
    back = backward_through(layers, np.ones((1, 1, 1, 1)))
    np.testing.assert_array_equal(back[0, 0], np.outer(ways, ways))


@pytest.mark.parametrize(("sizes", "strides"), LAYERS)
def test_as_many_pixels_are_seen_as_the_formula_says_and_no_more_than_there_is_room_for(
    sizes, strides
):
    n = len(ways_through(sizes, strides))
    assert n == field_of(sizes, strides)
    for size, stride in zip(sizes, strides, strict=True):
        n = output_size(n, size, stride, 0)
    assert n == 1


def test_pooling_is_a_layer_too():
    layers = [Convolution(np.ones((1, 1, 3, 3)), np.zeros(1)), MaxPooling(2)]
    n = len(ways_through([3, 2], [1, 2]))
    assert forward_through(layers, np.ones((1, 1, n, n))).shape == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("sizes", "strides", "words"),
    [
        ([], [], "sizes must be a list of whole numbers, not empty"),
        (3, [1], "sizes must be a list of whole numbers, not empty, got 3"),
        ([3, 3], [1], "strides must have 2 numbers"),
        ([3], [0], "each number of strides must be"),
        ([2.5], [1], "each number of sizes must be"),
    ],
)
def test_layers_that_are_none_are_refused(sizes, strides, words):
    with pytest.raises(ValueError, match=words):
        ways_through(sizes, strides)


@pytest.fixture(scope="module")
def fields():
    return explorers.receptive_fields()


def test_a_stack_of_small_filters_sees_as_much_with_fewer_weights():
    for n, size, stride in product(range(2, MOST_LAYERS + 1), SIZES, STRIDES):
        said = chapter._field_said(n, size, stride)
        seen = int(re.search(r"sees (\d+) × \1 pixels", said)[1])
        own, single = (int(w.replace(",", "")) for w in re.findall(r"([\d,]+) C²", said))
        assert seen == field_of([size] * n, [stride] * n)
        assert (own, single) == (n * size**2, seen**2)
        assert own < single


def test_the_middle_is_named_only_where_the_most_ways_lead_from_it():
    for n, size, stride in product(range(1, MOST_LAYERS + 1), SIZES, STRIDES):
        layers = [Convolution(np.ones((1, 1, size, size)), np.zeros(1), stride) for _ in range(n)]
        side = field_of([size] * n, [stride] * n)
        forward_through(layers, np.zeros((1, 1, side, side)))
        ways = backward_through(layers, np.ones((1, 1, 1, 1)))[0, 0]
        said, most = chapter._field_said(n, size, stride), int(ways.max())
        assert (" each by 1 way." in said) == (most == 1) == (n == 1)
        assert n == 1 or re.search(f" by {most:,} ways, (in )?each corner by 1\\.", said)
        in_the_middle = most > 1 and ways[side // 2, side // 2] == most
        assert ("those in the middle" in said) == in_the_middle


def test_the_fields_are_those_that_the_chapter_names(fields):
    assert "5 × 5 pixels" in set_all(fields, layers=2, size=3, stride=1)
    assert "27 C² weights; one layer of 7 × 7 has 49 C²." in set_all(fields, layers=3)
    assert set_all(fields, layers=1, size=5).endswith("With C channels throughout: 25 C² weights.")


@pytest.mark.parametrize(("size", "stride"), [*product(SIZES, STRIDES)])
def test_every_field_lies_within_its_frame(size, stride):
    for n in range(1, MOST_LAYERS + 1):
        places = chapter._places(n, size, stride)
        assert len(places[0]) == field_of([size] * n, [stride] * n)
        assert places[0][-1] < chapter._reach(size, stride)
        assert all(abs(here.mean()) < 1e-12 for here in places)


def test_the_stairs_are_those_of_float16():
    for power, (level, left, right) in product(POWERS, STAIRS):
        w, spacing = 2.0**power, float(np.spacing(np.float16(2.0**power)))
        sums = w + spacing * np.linspace(left + 1e-6, right - 1e-6, 5)
        assert np.array_equal(sums.astype(np.float16), np.full(5, w + level * spacing, np.float16))


@pytest.fixture(scope="module")
def half():
    return explorers.half_precision()


def test_an_update_is_lost_exactly_if_it_is_less_than_half_a_spacing(half):
    for power, update in product(POWERS, UPDATES):
        said = set_all(half, power=power, update=update)
        assert not half.error
        assert ("it is lost" in said) == (update < 2.0 ** (power - 11)), said
        assert ("w has taken in 0;" in said) == ("it is lost" in said)


@pytest.mark.parametrize(("power", "update"), [(0, 5e-4), (-6, 2e-5), (-3, 1e-4), (-6, 1e-3)])
def test_a_thousand_updates_lead_where_a_loop_leads(power, update):
    w = np.float16(2.0**power)
    for _ in range(1000):
        w = np.float16(w + np.float16(update))
    arrived = chapter._arrived(power, update, master=False)
    assert arrived[-1] == (float(w) - 2.0**power) / update


def test_with_a_copy_in_float32_all_updates_arrive_up_to_one_rounding():
    for power, update in product(POWERS, UPDATES):
        arrived, end = chapter._arrived(power, update, master=True), 2.0**power + 1000 * update
        of_half, of_sums = np.spacing(np.float16(end)) / 2, 500 * np.spacing(np.float32(end))
        assert abs(arrived[-1] - 1000) * update <= of_half + of_sums


def test_float16_sees_what_a_copy_has_added_up_after_as_many_updates_as_the_quiz_says():
    sums = np.float32(1) + np.cumsum(np.full(10, 1e-4, np.float32))
    n_updates = 1 + int(np.argmax(sums.astype(np.float16) != 1))
    assert n_updates == 5
    choices = [
        choice for question in quiz.ask("going_deep").questions for choice in question.choices
    ]
    said = [choice.says for choice in choices if "float16 sees the difference" in choice.says]
    assert [re.findall("after (.*) of them", one) for one in said] == [["five"]]


def test_a_little_more_than_half_a_spacing_counts_nearly_twice(half):
    assert "w has taken in 1,953;" in set_all(half, power=0, update=5e-4)


def test_small_learning_rates_lose_most_updates_and_large_ones_few():
    small, large = (train_in_half(rate, n_epochs=3) for rate in (0.001, 0.1))
    assert small.lost > 0.8 > 0.2 > large.lost
    assert large.accuracy > 0.85 > small.accuracy


def test_a_copy_in_float32_learns_what_float16_loses():
    without, master = (train_in_half(0.001, master=copied) for copied in (False, True))
    assert master.accuracy > without.accuracy + 0.03
    assert abs(master.lost - without.lost) < 0.02


def test_lost_updates_are_counted_among_weights_and_without_those_that_are_zero():
    weights = chapter._HalfWeights({"W1": np.ones(4, np.float32), "b1": np.ones(2)}, master=False)
    weights.add({"W1": np.array([1e-4, 1e-3, 0.0, -1e-4]), "b1": np.full(2, 1e-5)})
    assert (weights.n_lost, weights.n_updates) == (2, 3)
    assert weights.kept["W1"].dtype == np.float16


@pytest.mark.parametrize(("wrong", "words"), [({"learning_rate": 0}, "learning_rate must be"),
                                              ({"n_epochs": 0}, "n_epochs must be")])  # fmt: skip
def test_a_training_in_half_precision_that_is_none_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        train_in_half(**{"learning_rate": 0.1, **wrong})
