"""A way around layers: the sum there, the sum of both gradients back."""

import copy
import pickle

import numpy as np
import pytest

from downslope.differentiation import check_gradient
from downslope.layers import (
    Affine,
    Convolution,
    ReLU,
    Residual,
    Sigmoid,
    SoftmaxCrossEntropy,
    backward_through,
    forward_through,
)
from downslope.networks import Network


def affine(rng, n=4, k=4):
    return Affine(rng.normal(size=(n, k)), rng.normal(size=k))


def residual(seed=0, **how):
    rng = np.random.default_rng(seed)
    return Residual(affine(rng), Sigmoid(), affine(rng), **how)


def batch(seed=1, n=5):
    return np.random.default_rng(seed).normal(size=(2, n, 4))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scale", [0.1, 1, -2.0])
def test_residual_agrees_with_differences_in_its_input_and_its_weights(seed, scale):
    layer, (x, upstream) = residual(seed, scale=scale), batch(seed)
    y = layer.forward(x)
    inner = layer.layers[0]
    gradient, dW = layer.backward(upstream), inner.dW

    def loss(W):
        inner.W = W
        return np.sum(layer.forward(x) * upstream)

    np.testing.assert_allclose(y, x + scale * apart(layer, x), atol=1e-12)
    assert check_gradient(lambda x: np.sum(layer.forward(x) * upstream), gradient, x)
    assert check_gradient(loss, dW, inner.W)


def apart(layer, x):
    """What the layers make of x without the way around."""
    first, middle, last = layer.layers
    return last.forward(middle.forward(first.forward(x)))


def test_layers_that_are_silent_leave_everything_as_it_is():
    layer, (x, upstream) = Residual(Affine(np.zeros((4, 4)), np.full(4, -1.0)), ReLU()), batch()
    np.testing.assert_array_equal(layer.forward(x), x)
    np.testing.assert_array_equal(layer.backward(upstream), upstream)


class WritingReLU(ReLU):
    """As chapter 8 has it: right alone, and wrong where two ways share what comes back."""

    def backward(self, upstream):
        upstream[self.active == 0] = 0
        return upstream


@pytest.mark.parametrize("around", [True, False])
@pytest.mark.parametrize("kind", [ReLU, WritingReLU])
def test_a_check_finds_a_relu_that_writes_where_there_is_a_way_around_it_and_nowhere_else(
    kind, around
):
    layers, (x, upstream) = [affine(np.random.default_rng(0)), kind()], batch()

    def total(x):
        return np.sum(upstream * (forward_through(layers, x) + around * x))

    total(x)
    assert {*np.unique(layers[1].active)} == {0, 1}  # both sides of the kink
    shared = upstream.copy()
    gradient = backward_through(layers, shared) + around * shared
    assert bool(check_gradient(total, gradient, x)) == (kind is ReLU or not around)


def test_a_check_that_keeps_no_copy_of_its_upstream_does_not_find_a_relu_that_writes():
    layers, (x, upstream) = [affine(np.random.default_rng(0)), WritingReLU()], batch()
    kept = upstream.copy()
    forward_through(layers, x)
    gradient = backward_through(layers, upstream) + upstream
    for own, agrees in ((kept, False), (upstream, True)):

        def total(x, own=own):
            return np.sum(own * (forward_through(layers, x) + x))

        assert bool(check_gradient(total, gradient, x)) == agrees


def test_filters_with_padding_have_a_way_around_them_too():
    rng = np.random.default_rng(0)
    layer = Residual(Convolution(rng.normal(size=(2, 2, 3, 3)), np.zeros(2), padding=1), ReLU())
    x = rng.normal(size=(2, 2, 4, 5))
    upstream = rng.normal(size=layer.forward(x).shape)
    gradient = layer.backward(upstream)
    assert check_gradient(lambda x: np.sum(layer.forward(x) * upstream), gradient, x)


class Doubles:
    """In training, and not otherwise."""

    factor = None

    def forward(self, x, training=False):
        self.factor = 2 if training else 1
        return self.factor * x

    def backward(self, upstream):
        return self.factor * upstream


def test_layers_inside_know_whether_they_train():
    layer, (x, _) = Residual(Residual(Doubles()), ReLU()), abs(batch())
    np.testing.assert_array_equal(layer.forward(x), 3 * x)
    np.testing.assert_array_equal(layer.forward(x, training=True), 4 * x)
    network = Network([layer], SoftmaxCrossEntropy())
    np.testing.assert_array_equal(network.outputs(x, training=True), 4 * x)


def test_a_network_trains_what_is_inside():
    rng = np.random.default_rng(0)
    layers = [affine(rng), residual(), Residual(residual(2), scale=0.1), affine(rng, 4, 3)]
    network, (x, _) = Network(layers, SoftmaxCrossEntropy()), batch()
    labels = [0, 1, 2, 1, 0]
    assert [*network.parameters] == [f"{name}{i}" for i in range(1, 7) for name in "Wb"]
    ours, theirs = network.gradients(x, labels), network.numerical_gradients(x, labels)
    for name, gradient in theirs.items():
        np.testing.assert_allclose(ours[name], gradient, rtol=1e-5, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_residual_stays_in_the_dtype_it_is_given(dtype):
    W, b = np.eye(4, dtype=dtype), np.ones(4, dtype)
    layer, (x, upstream) = Residual(Affine(W, b), scale=0.1), batch().astype(dtype)
    assert layer.forward(x).dtype == layer.backward(upstream).dtype == dtype


def test_nothing_that_is_handed_in_is_written_to_or_handed_out():
    layer, (x, upstream) = residual(), batch()
    x.flags.writeable = upstream.flags.writeable = False
    for found in (layer.forward(x), layer.backward(upstream)):
        assert not np.shares_memory(found, x)
        assert not np.shares_memory(found, upstream)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_lives_on_its_own(copied):
    layer, (x, upstream) = residual(scale=0.5), batch()
    layer.forward(x)
    other = copied(layer)
    expected = layer.backward(upstream)
    layer.layers[0].W = np.zeros((4, 4))
    np.testing.assert_array_equal(other.backward(upstream), expected)


def test_layers_that_change_the_shape_are_refused():
    layer = Residual(affine(np.random.default_rng(0), 4, 1))
    message = r"what layers of a Residual return must have shape \(5, 4\), got \(5, 1\)"
    with pytest.raises(ValueError, match=message):
        layer.forward(batch()[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Residual(), "layers of a Residual must be one or more, got none"),
        (lambda: Residual(ReLU(), scale=np.inf), "scale must be finite, got inf"),
        (lambda: Residual(ReLU(), scale=[1, 2]), "scale must be one number"),
        (lambda: Network([Residual(ReLU)], SoftmaxCrossEntropy()), "layer 0 of Residual must be a"),
        (lambda: residual().backward(batch()[0]), "backward needs a forward before it"),
    ],
)
def test_what_has_no_way_around_it_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_an_upstream_gradient_of_another_shape_is_refused():
    layer, (x, upstream) = residual(), batch()
    layer.forward(x)
    with pytest.raises(ValueError, match=r"upstream must have shape \(5, 4\)"):
        layer.backward(upstream[:1])
