"""Networks for images and deep ones: how they are put together, and that they learn."""

import copy
import pickle
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from downslope.datasets import load_digits, train_test_split
from downslope.initializers import he, xavier
from downslope.layers import (
    Affine,
    BatchNormalization,
    Convolution,
    Flatten,
    MaxPooling,
    ReLU,
    Residual,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    forward_through,
)
from downslope.networks import ConvolutionalNet, DeepNet, Network, TwoLayerNet
from downslope.training import train


def convolutional(seed=0, **how):
    rng = np.random.default_rng(seed)
    return ConvolutionalNet((2, 7, 6), 3, 5, 4, rng=rng, **{"filter_size": 3, **how})


def images(n=6, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2, 7, 6)), rng.integers(0, 4, n)


def deep(depth=6, seed=0, **how):
    return DeepNet(4, 5, 3, depth, rng=np.random.default_rng(seed), **how)


def samples(n=8, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 4)), rng.integers(0, 3, n)


def kinds(network):
    return [type(layer) for layer in network.layers]


def pooled(network, x):
    """What goes into the first ReLU."""
    return forward_through(network.layers[:2], x)


@pytest.mark.parametrize("how", [{}, {"padding": 2, "pool_size": 3}, {"pool_size": 1}])
@pytest.mark.parametrize("seed", range(3))
def test_every_gradient_of_a_convolutional_net_agrees_with_differences(how, seed):
    network, (x, labels) = convolutional(seed, **how), images(seed=seed + 100)
    network.parameters["b1"] = -np.median(pooled(network, x), axis=(0, 2, 3))
    assert (pooled(network, x) > 0).any()
    assert (pooled(network, x) < 0).any()
    ours, theirs = network.gradients(x, labels), network.numerical_gradients(x, labels)
    assert [*ours] == ["W1", "b1", "W2", "b2", "W3", "b3"]
    for name, array in network.parameters.items():
        assert ours[name].shape == array.shape
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-8, err_msg=name)


def test_a_second_convolution_sends_back_what_the_first_needs():
    rng = np.random.default_rng(0)
    network, (x, labels) = convolutional(), images(3)
    inner = Convolution(he((3, 3, 3, 3), rng), np.zeros(3), padding=1)
    layers = [network.layers[0], Residual(inner, ReLU()), *network.layers[1:]]
    network = Network(layers, SoftmaxCrossEntropy())
    ours, theirs = network.gradients(x, labels), network.numerical_gradients(x, labels)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-8, err_msg=name)


def test_filters_may_be_followed_by_normalised_channels():
    network, (x, labels) = convolutional(), images()
    first, *others = network.layers
    network = Network([first, BatchNormalization(3), *others], SoftmaxCrossEntropy())
    ours, theirs = network.gradients(x, labels), network.numerical_gradients(x, labels)
    for name in theirs.keys() - {"b1"}:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-8, err_msg=name)
    np.testing.assert_allclose(ours["b1"], 0, atol=1e-12)  # what is normalised needs no bias


def test_a_pixel_that_is_no_number_is_refused_even_where_no_filter_looks():
    rng = np.random.default_rng(0)
    first = Convolution(rng.normal(size=(1, 1, 2, 2)), np.zeros(1), stride=3)
    network = Network([first, Flatten()], SoftmaxCrossEntropy())
    x = rng.normal(size=(2, 1, 6, 6))
    assert network.gradients(x, [0, 1]).keys() == {"W1", "b1"}
    x[1, 0, 2, 5] = np.nan
    assert np.isfinite(first.forward(x)).all()
    with pytest.raises(ValueError, match=r"x must be finite, got nan at index \(1, 0, 2, 5\)"):
        network.gradients(x, [0, 1])


def test_a_convolutional_net_has_its_layers_in_their_order():
    expected = [Convolution, MaxPooling, ReLU, Flatten, Affine, ReLU, Affine]
    assert kinds(convolutional()) == expected
    without = ConvolutionalNet((2, 7, 6), 3, None, 4, rng=np.random.default_rng(0), filter_size=3)
    assert kinds(without) == expected[:5]
    assert without.parameters["W2"].shape == (3 * 2 * 2, 4)


@pytest.mark.parametrize(
    ("how", "features"),
    [
        ({}, 3 * 2 * 2),  # 5 x 4 places, of which pooling drops a row
        ({"padding": 1}, 3 * 3 * 3),
        ({"filter_size": 6, "pool_size": 1}, 3 * 2 * 1),
        ({"filter_size": 8, "padding": 1, "pool_size": 1}, 3 * 2 * 1),
    ],
)
def test_the_affine_layer_has_room_for_what_filters_and_pooling_leave(how, features):
    network, (x, _) = convolutional(**how), images()
    assert network.parameters["W2"].shape == (features, 5)
    assert network.outputs(x).shape == (6, 4)


def test_the_weights_are_those_of_he_and_the_biases_begin_at_zero():
    network, rng = convolutional(), np.random.default_rng(0)
    for name, shape in (("W1", (3, 2, 3, 3)), ("W2", (12, 5)), ("W3", (5, 4))):
        np.testing.assert_array_equal(network.parameters[name], he(shape, rng))
    assert not any(network.parameters[name].any() for name in ("b1", "b2", "b3"))


@pytest.mark.parametrize("make", [convolutional, deep])
def test_the_same_generator_gives_the_same_network_in_either_precision(make):
    double, single = make(), make(dtype=np.float32)
    for name, array in double.parameters.items():
        np.testing.assert_array_equal(array.astype(np.float32), single.parameters[name])


@pytest.mark.parametrize(("make", "batch"), [(convolutional, images()), (deep, samples())])
def test_a_float32_network_computes_in_float32_throughout(make, batch):
    network, (x, labels) = make(dtype=np.float32), batch
    arrays = [*network.gradients(x, labels).values(), network.outputs(x), network.predict(x)]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize(
    ("make", "batch"), [(convolutional, images()), (partial(deep, skip=0.1), samples())]
)
def test_a_copy_of_a_network_learns_on_its_own(make, batch, copied):
    network, (x, labels) = make(), batch
    before = network.gradients(x, labels)
    other = copied(network)
    other.parameters["W1"] = 0 * other.parameters["W1"]
    assert (other.gradients(x, labels)["W2"] != before["W2"]).any()
    for name, gradient in network.gradients(x, labels).items():
        np.testing.assert_array_equal(gradient, before[name])


def test_a_convolutional_net_learns_the_digits():
    digits, rng = load_digits(), np.random.default_rng(0)
    split = train_test_split(digits.images[:, np.newaxis], digits.labels, 0.25, rng)
    network = ConvolutionalNet((1, 8, 8), 8, None, 10, rng=rng, filter_size=3)
    history = train(network, split, 0.2, 50, 12, rng, progress=False)
    assert history.test_accuracies[0] < 0.3
    assert history.test_accuracies[-1] > 0.92


@pytest.mark.parametrize("skip", [None, 0.5])
@pytest.mark.parametrize("activation", [ReLU, Sigmoid, lambda: [Sigmoid(), ReLU()]])
def test_every_gradient_of_a_deep_net_agrees_with_differences(skip, activation):
    network, (x, labels) = deep(skip=skip, activation=activation, initializer=xavier), samples()
    ours, theirs = network.gradients(x, labels), network.numerical_gradients(x, labels)
    assert [*ours] == [f"{name}{i}" for i in range(1, 7) for name in "Wb"]
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("depth", [2, 3, 7])
def test_depth_counts_the_affine_layers(depth):
    for skip in (None, 1):
        parameters = deep(depth, skip=skip).parameters
        widths = [4, *[5] * (depth - 1), 3]
        shapes = [array.shape for name, array in parameters.items() if name.startswith("W")]
        assert shapes == [*pairwise(widths)]


def test_layers_that_keep_the_width_get_a_way_around_and_no_others():
    with_skip = kinds(deep(5, skip=0.1))
    assert with_skip == [Affine, ReLU, Residual, Residual, Residual, Affine]
    assert kinds(deep(4)) == [Affine, ReLU] * 3 + [Affine]
    assert deep(5, skip=0.1).layers[2].scale == 0.1
    assert kinds(deep(3, activation=lambda: [Sigmoid(), ReLU()])) == [Affine, Sigmoid, ReLU] * 2 + [
        Affine
    ]


def first_over_last(depth=20, **how):
    """How much gradient reaches the first of the layers, as a share of that of the last."""
    digits = load_digits()
    network = DeepNet(64, 50, 10, depth, rng=np.random.default_rng(0), **how)
    gradients = network.gradients(digits.pixels[:100], digits.labels[:100])
    return np.linalg.norm(gradients["W1"]) / np.linalg.norm(gradients[f"W{depth}"])


def test_what_vanishes_in_twenty_layers_is_the_gradient_of_sigmoids():
    assert first_over_last(activation=Sigmoid, initializer=xavier) < 1e-11
    with_tanh = {"activation": Tanh, "initializer": xavier}
    for how in ({}, {"skip": 0.1}, {"skip": 1}, with_tanh):
        assert 0.1 < first_over_last(**how) < 10


def test_normalised_batches_keep_the_gradient_of_sigmoids_alive():
    normalised = {"activation": lambda: [BatchNormalization(50), Sigmoid()]}
    assert first_over_last(10, activation=Sigmoid) < 1e-4
    assert first_over_last(10, **normalised) > 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image_shape": (8, 8)}, r"image_shape must be \(channels, height, width\), .*\(8, 8\)"),
        ({"image_shape": 64}, "image_shape must be"),
        ({"image_shape": (1, 8, 0)}, "each number of image_shape must be at least 1, got 0"),
        ({"n_filters": 0}, "n_filters must be at least 1"),
        ({"n_hidden": 0}, "n_hidden must be at least 1"),
        ({"n_outputs": 1.5}, "n_outputs must be a whole number"),
        ({"rng": 0}, "rng must be a numpy.random.Generator"),
        ({"filter_size": 0}, "filter_size must be at least 1"),
        ({"filter_size": 9}, "filter_size must be at most 8, the room that there is, got 9"),
        ({"filter_size": 11, "padding": 1}, "filter_size must be at most 10"),
        ({"padding": -1}, "padding must be at least 0"),
        ({"pool_size": 7}, "pool_size must be at most 6"),
        ({"dtype": int}, "dtype must be float32 or float64"),
    ],
)
def test_a_convolutional_net_that_cannot_be_is_refused(change, message):
    sound = {"image_shape": (1, 8, 9), "n_filters": 2, "n_hidden": 4, "n_outputs": 3}
    sound |= {"rng": np.random.default_rng(0), "filter_size": 3}
    with pytest.raises(ValueError, match=message):
        ConvolutionalNet(**{**sound, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_inputs": 0}, "n_inputs must be at least 1"),
        ({"width": 2.5}, "width must be a whole number"),
        ({"n_outputs": 0}, "n_outputs must be at least 1"),
        ({"depth": 1}, "depth must be at least 2, got 1"),
        ({"rng": 0}, "rng must be a numpy.random.Generator"),
        ({"activation": "relu"}, "activation must be a function"),
        ({"activation": np.tanh}, "activation must make a layer, as ReLU does"),
        ({"activation": lambda: [3]}, "layer 1 must have a method forward, got 3"),
        ({"activation": lambda: ReLU}, "layer 1 must be a layer, such as ReLU"),
        ({"initializer": 0.1}, "initializer must be a function"),
        (
            {"initializer": lambda shape, rng: np.ones(3)},
            r"what initializer returns must have shape \(4, 5\), got \(3,\)",
        ),
        ({"initializer": lambda shape, rng: "a"}, "what initializer returns must hold real"),
        ({"skip": "a"}, "scale must hold real numbers"),
        ({"dtype": int}, "dtype must be float32 or float64"),
    ],
)
def test_a_deep_net_that_cannot_be_is_refused(change, message):
    sound = {"n_inputs": 4, "width": 5, "n_outputs": 3, "depth": 4}
    with pytest.raises(ValueError, match=message):
        DeepNet(**{**sound, "rng": np.random.default_rng(0), **change})


def test_weights_that_an_initializer_keeps_are_not_shared_by_layers():
    W = np.eye(5)
    network = DeepNet(5, 5, 5, 3, rng=np.random.default_rng(0), initializer=lambda *_: W)
    network.parameters["W1"] += 1
    np.testing.assert_array_equal(network.parameters["W2"], np.eye(5))
    np.testing.assert_array_equal(W, np.eye(5))


def test_a_net_of_two_layers_may_have_several_in_the_middle():
    network = TwoLayerNet(
        4, 5, 3, rng=np.random.default_rng(0), activation=lambda: [ReLU(), Sigmoid()]
    )
    assert kinds(network) == [Affine, ReLU, Sigmoid, Affine]
