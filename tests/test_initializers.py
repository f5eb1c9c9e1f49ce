"""First weights: as wide as they should be, and from the generator alone."""

import numpy as np
import pytest

from downslope.initializers import he, normal, xavier
from downslope.layers import Affine, Convolution
from downslope.networks import TwoLayerNet

ALL = [normal, xavier, he]


@pytest.mark.parametrize(
    ("initializer", "scale"),
    [(normal, 0.01), (xavier, np.sqrt(2 / 400)), (he, np.sqrt(2 / 300))],
)
def test_the_standard_deviation_is_that_of_the_formula(initializer, scale):
    W = initializer((300, 100), np.random.default_rng(0))
    assert W.shape == (300, 100)
    assert W.std() == pytest.approx(scale, rel=0.02)
    assert abs(W.mean()) < 0.02 * scale


def spreads(initializer, activation, seed):
    """Standard deviations of the activations in five layers of 100 units."""
    rng = np.random.default_rng(seed)
    x, found = rng.normal(size=(1000, 100)), []
    for _ in range(5):
        x = activation(Affine(initializer((100, 100), rng), np.zeros(100)).forward(x))
        found.append(x.std())
    return found


def relu(x):
    return np.maximum(x, 0)


@pytest.mark.parametrize(
    ("initializer", "activation", "first", "last"),
    [
        (lambda shape, rng: normal(shape, rng, 1.0), np.tanh, 0.96, 0.96),
        (normal, np.tanh, 0.099, 1e-5),
        (xavier, np.tanh, 0.63, 0.32),
        (lambda shape, rng: normal(shape, rng, 1.0), relu, 5.9, 1.5e4),
        (normal, relu, 0.059, 1.5e-6),
        (xavier, relu, 0.59, 0.15),
        (he, relu, 0.83, 0.85),
    ],
)
def test_signals_fade_grow_or_stay_as_they_are_known_to(initializer, activation, first, last):
    found = np.exp(np.mean([np.log(spreads(initializer, activation, i)) for i in range(8)], axis=0))
    np.testing.assert_allclose([found[0], found[-1]], [first, last], rtol=0.1)


def test_under_relu_he_keeps_the_mean_square_and_xavier_halves_it_a_layer():
    rng, x = np.random.default_rng(0), np.random.default_rng(1).normal(size=(2000, 400))
    for initializer, kept in ((he, 1.0), (xavier, 0.5)):
        after = relu(x @ initializer((400, 400), rng))
        assert (after**2).mean() / (x**2).mean() == pytest.approx(kept, rel=0.05)


def test_xavier_stands_between_what_the_way_there_and_the_way_back_ask_for():
    wide, narrow = (xavier(shape, np.random.default_rng(0)) for shape in ((10, 90), (90, 10)))
    assert wide.std() == pytest.approx(narrow.std(), rel=0.05)


@pytest.mark.parametrize("initializer", ALL)
def test_one_state_of_the_generator_gives_the_same_weights_in_both_precisions(initializer):
    single, double = (
        initializer((4, 3), np.random.default_rng(5), dtype=dtype) for dtype in ("f4", np.float64)
    )
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_a_network_of_two_layers_begins_with_normal_weights():
    network = TwoLayerNet(4, 3, 2, rng=np.random.default_rng(0), weight_scale=0.1)
    rng = np.random.default_rng(0)
    for name, shape in (("W1", (4, 3)), ("W2", (3, 2))):
        np.testing.assert_array_equal(network.parameters[name], normal(shape, rng, 0.1))


@pytest.mark.parametrize("initializer", ALL)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shape": 3}, r"shape must be whole numbers, such as \(64, 50\), got 3"),
        ({"shape": ()}, "shape must be whole numbers"),
        ({"shape": (3, 0)}, "each number of shape must be at least 1, got 0"),
        ({"shape": (3, 2.5)}, "each number of shape must be a whole number, got 2.5"),
        ({"shape": (3, True)}, "each number of shape must be a whole number, got True"),
        ({"rng": 0}, "rng must be a numpy.random.Generator"),
        ({"rng": np.random}, "rng must be a numpy.random.Generator"),
        ({"dtype": int}, "dtype must be float32 or float64, got int64"),
    ],
)
def test_what_no_weights_can_be_drawn_from_is_refused(initializer, change, message):
    sound = {"shape": (4, 3), "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=message):
        initializer(**{**sound, **change})


@pytest.mark.parametrize(
    ("initializer", "scale"), [(he, np.sqrt(2 / (4 * 9))), (xavier, np.sqrt(2 / ((4 + 40) * 9)))]
)
def test_a_filter_adds_up_a_window_of_every_channel(initializer, scale):
    W = initializer((40, 4, 3, 3), np.random.default_rng(0))
    assert W.shape == (40, 4, 3, 3)
    assert W.std() == pytest.approx(scale, rel=0.05)


def test_under_relu_filters_from_he_keep_the_mean_square():
    rng, x = np.random.default_rng(0), np.random.default_rng(1).normal(size=(8, 20, 9, 9))
    after = relu(Convolution(he((200, 20, 3, 3), rng), np.zeros(200)).forward(x))
    assert (after**2).mean() / (x**2).mean() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("initializer", [xavier, he])
@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), [1, 2, 3, 4, 5]])
def test_only_affine_weights_and_filters_say_by_their_shape_what_goes_in_and_out(
    initializer, shape
):
    message = r"shape must be \(n_inputs, n_outputs\), or \(n_filters, .*\), got \("
    with pytest.raises(ValueError, match=message):
        initializer(shape, np.random.default_rng(0))


@pytest.mark.parametrize("bad", [0, -1, np.nan, "1"])
def test_a_width_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match="^scale must"):
        normal((3,), np.random.default_rng(0), bad)
