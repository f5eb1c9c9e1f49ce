"""Layers: every backward against differences, with random upstream gradients across every kink."""

import copy
import itertools
import math
import pickle
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope import graph
from downslope.datasets import one_hot, train_test_split
from downslope.differentiation import check_gradient, numerical_gradient
from downslope.initializers import he
from downslope.layers import (
    Affine,
    BatchNormalization,
    Dropout,
    MeanSquaredError,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    asks_for_training,
)
from downslope.losses import (
    accuracy,
    mean_squared_error,
    mean_squared_error_gradient,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
)
from downslope.networks import Network
from downslope.optimizers import SGD
from downslope.training import train
from torch_layers import SHAPES, STORED, our_pass

SEEDS = st.integers(0, 2**32 - 1)
ACTIVATIONS = [ReLU, Sigmoid, Tanh]
DOUBLES = [
    pytest.param(copy.deepcopy, id="copy"),
    pytest.param(lambda layer: pickle.loads(pickle.dumps(layer)), id="file"),
]


def away_from_zero(rng, shape):
    """Random numbers of both signs, none so near to zero that a difference would cross it."""
    return rng.uniform(0.1, 2, shape) * rng.choice([-1.0, 1.0], shape)


def affine(rng, n_inputs=3, n_outputs=4):
    return Affine(rng.normal(size=(n_inputs, n_outputs)), rng.normal(size=n_outputs))


@pytest.mark.parametrize("make", ACTIVATIONS)
@given(seed=SEEDS)
def test_activations_agree_with_differences_on_both_sides_of_the_kink(make, seed):
    rng = np.random.default_rng(seed)
    x, upstream = away_from_zero(rng, (5, 7)), rng.normal(size=(5, 7))
    x[0, :2] = -0.5, 0.5
    assert (x < 0).any()
    assert (x > 0).any()
    layer = make()
    layer.forward(x)
    gradient = layer.backward(upstream)
    assert check_gradient(lambda x: np.sum(make().forward(x) * upstream), gradient, x)


@given(seed=SEEDS)
def test_affine_agrees_with_differences_in_input_weights_and_bias(seed):
    rng = np.random.default_rng(seed)
    layer, x, upstream = affine(rng), rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    layer.forward(x)
    gradient = layer.backward(upstream)
    W, b = layer.W, layer.b
    assert check_gradient(lambda x: np.sum((x @ W + b) * upstream), gradient, x)
    assert check_gradient(lambda W: np.sum((x @ W + b) * upstream), layer.dW, W)
    assert check_gradient(lambda b: np.sum((x @ W + b) * upstream), layer.db, b)


@given(seed=SEEDS, soft=st.booleans(), upstream=st.floats(-3, 3))
def test_softmax_cross_entropy_agrees_with_differences(seed, soft, upstream):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(4, 3))
    targets = rng.dirichlet(np.ones(3), 4) if soft else rng.integers(0, 3, 4)

    def loss(logits):
        return SoftmaxCrossEntropy().forward(logits, targets)

    layer = SoftmaxCrossEntropy()
    layer.forward(logits, targets)
    expected = upstream * numerical_gradient(loss, logits)
    np.testing.assert_allclose(layer.backward(upstream), expected, atol=1e-8)


def same_bits(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@given(
    seed=SEEDS,
    scale=st.sampled_from([0.0, 0.01, 1.0, 30.0, 1000.0]),
    dtype=st.sampled_from([np.float32, np.float64]),
    soft=st.booleans(),
    n=st.integers(1, 7),
    k=st.integers(1, 12),
)
def test_the_layer_gives_the_numbers_of_the_losses_module_bit_for_bit(
    seed, scale, dtype, soft, n, k
):
    rng = np.random.default_rng(seed)
    logits = (scale * rng.normal(size=(n, k))).astype(dtype)
    targets = rng.dirichlet(np.ones(k), n) if soft else rng.integers(0, k, n)
    layer = SoftmaxCrossEntropy()
    loss = layer.forward(logits, targets)
    assert same_bits(loss, float(softmax_cross_entropy(logits, targets)))
    assert same_bits(layer.backward(), softmax_cross_entropy_gradient(logits, targets))
    assert same_bits(layer.y, softmax(logits))
    assert same_bits(layer.y, layer.predict(logits))
    assert layer.accuracy(logits, targets) == accuracy(logits, targets)
    assert not np.signbit(loss)
    by_graph = graph.softmax_cross_entropy(graph.Input(logits.astype(float)), targets)
    assert by_graph.value == float(softmax_cross_entropy(logits.astype(float), targets))


@given(seed=SEEDS, dtype=st.sampled_from([np.float32, np.float64]))
def test_the_squared_error_has_the_numbers_of_the_losses_module_bit_for_bit(seed, dtype):
    y, t = np.random.default_rng(seed).normal(size=(2, 5, 3)).astype(dtype)
    layer = MeanSquaredError()
    assert same_bits(layer.forward(y, t), float(mean_squared_error(y, t)))
    assert same_bits(layer.backward(), mean_squared_error_gradient(y, t))


@pytest.mark.parametrize("lead", [20.0, 36.0, 37.0, 38.0, 100.0, 700.0, 740.0])
def test_a_loss_next_to_nothing_keeps_all_of_its_digits_and_its_sign(lead):
    right, wrong = np.array([[lead, 0.0]]), np.array([[0.0, lead]])
    for targets in ([0], [[1.0, 0.0]]):
        loss = SoftmaxCrossEntropy().forward(right, targets)
        assert loss == pytest.approx(math.exp(-lead), rel=1e-7 if lead < 30 else 1e-12, abs=0)
        assert SoftmaxCrossEntropy().forward(wrong, targets) == pytest.approx(lead, rel=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_perfect_prediction_costs_nothing_and_not_minus_nothing(dtype):
    for logits in ([[1000.0, 0.0]], [[0.0, -1000.0]], [[1000.0, 0.0], [900.0, -900.0]]):
        loss = SoftmaxCrossEntropy().forward(np.array(logits, dtype), [0] * len(logits))
        assert loss == 0
        assert not np.signbit(loss)


def test_activations_have_one_formula_in_layers_and_in_graphs():
    x = np.linspace(-800, 800, 1001)
    pairs = ((ReLU(), graph.relu), (Sigmoid(), graph.sigmoid))
    for layer, function in pairs:
        node = graph.Input(x)
        y = function(node)
        y.sum().backward()
        assert same_bits(layer.forward(x), np.array(y.value))
        assert same_bits(layer.backward(np.ones_like(x)), np.array(node.gradient))


def test_sigmoid_is_exact_to_the_last_digits_in_both_tails():
    x = np.array([-700.0, -40.0, -1.0, 1.0, 40.0])
    expected = [math.exp(t) / (1 + math.exp(t)) for t in x]
    np.testing.assert_allclose(Sigmoid().forward(x), expected, rtol=4e-16)


@given(seed=SEEDS)
def test_labels_and_one_hot_rows_are_the_same(seed):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(3, 3)), rng.integers(0, 3, 3)
    by_labels, by_rows = SoftmaxCrossEntropy(), SoftmaxCrossEntropy()
    assert by_labels.forward(logits, labels) == by_rows.forward(logits, one_hot(labels, 3))
    np.testing.assert_array_equal(by_labels.backward(), by_rows.backward())


def test_a_uniform_guess_over_ten_classes_costs_log_ten():
    loss = SoftmaxCrossEntropy().forward(np.zeros((7, 10)), np.arange(7))
    assert loss == pytest.approx(math.log(10))


def test_softmax_cross_entropy_is_exact_for_large_logits():
    layer = SoftmaxCrossEntropy()
    assert layer.forward(np.array([[1e4, 0.0], [0.0, -1e4]]), [1, 0]) == 5000
    np.testing.assert_array_equal(layer.backward(), [[0.5, -0.5], [0, 0]])


def test_sigmoid_is_exact_for_large_inputs():
    y = Sigmoid().forward(np.array([-1e4, -700.0, 0.0, 1e4]))
    np.testing.assert_allclose(y, [0, math.exp(-700), 0.5, 1], rtol=1e-12)


def test_tanh_is_a_sigmoid_stretched_to_both_sides_of_zero():
    x = np.linspace(-20, 20, 401)
    tanh, sigmoid = Tanh(), Sigmoid()
    np.testing.assert_allclose(tanh.forward(x), 2 * sigmoid.forward(2 * x) - 1, atol=1e-15)
    ones = np.ones_like(x)
    np.testing.assert_allclose(tanh.backward(ones), 4 * sigmoid.backward(ones), atol=1e-15)


def test_relu_stops_the_gradient_where_the_input_is_zero_or_below():
    layer = ReLU()
    np.testing.assert_array_equal(layer.forward(np.array([-1.0, 0.0, 2.0])), [0, 0, 2])
    np.testing.assert_array_equal(layer.backward(np.array([5.0, 5.0, 5.0])), [0, 0, 5])


def test_affine_keeps_gradients_of_the_shapes_of_its_parameters():
    layer = affine(np.random.default_rng(0))
    layer.forward(np.ones((5, 3)))
    layer.backward(np.ones((5, 4)))
    assert (layer.dW.shape, layer.db.shape) == ((3, 4), (4,))
    np.testing.assert_array_equal(layer.db, [5, 5, 5, 5])


def test_a_second_backward_replaces_the_gradients_of_the_first():
    layer = affine(np.random.default_rng(0))
    layer.forward(np.ones((5, 3)))
    layer.backward(np.ones((5, 4)))
    first = layer.dW.copy()
    layer.backward(np.ones((5, 4)))
    np.testing.assert_array_equal(layer.dW, first)


def test_affine_layers_in_a_row_are_one_affine_layer():
    rng = np.random.default_rng(1)
    first, second, x = affine(rng), affine(rng, 4, 2), rng.normal(size=(6, 3))
    one = Affine(first.W @ second.W, first.b @ second.W + second.b)
    np.testing.assert_allclose(second.forward(first.forward(x)), one.forward(x), atol=1e-12)


EVERY_LAYER = [
    *ACTIVATIONS,
    lambda: affine(np.random.default_rng(0), 3, 3),
    lambda: BatchNormalization(3),
    lambda: Dropout(0.5, np.random.default_rng(0)),
]


def frozen(array):
    array.flags.writeable = False
    return array


def pass_through(layer, x, upstream, **how):
    """Everything that a layer gives out, forward and backward."""
    return layer.forward(x, **how), layer.backward(upstream)


def modes(layer):
    """How a layer is asked: in training and out of it, if that is not the same to it."""
    return [{"training": True}, {}] if asks_for_training(type(layer)) else [{}]


@pytest.mark.parametrize("make", EVERY_LAYER)
def test_inputs_and_upstream_gradients_are_never_written_to(make):
    rng = np.random.default_rng(2)
    x, upstream = frozen(rng.normal(size=(5, 3))), frozen(rng.normal(size=(5, 3)))
    for how in modes(make()):
        outputs = pass_through(make(), x, upstream, **how)
        for given_array in (x, upstream):
            assert not any(np.shares_memory(output, given_array) for output in outputs)


@pytest.mark.parametrize("make", EVERY_LAYER)
def test_what_a_caller_does_to_an_output_does_not_change_the_backward(make):
    x = np.array([[-1.0, 0.5, 2.0], [0.5, 3.0, -1.0]])
    for how in modes(make()):
        spoilt, untouched = make(), make()
        spoilt.forward(x, **how)[:] = 99
        untouched.forward(x, **how)
        np.testing.assert_array_equal(spoilt.backward(x), untouched.backward(x))
        spoilt.backward(x)[:] = 99
        np.testing.assert_array_equal(spoilt.backward(x), untouched.backward(x))


def test_logits_and_targets_are_never_written_to():
    rng = np.random.default_rng(3)
    layer, targets = SoftmaxCrossEntropy(), frozen(rng.dirichlet(np.ones(3), 4))
    layer.forward(frozen(rng.normal(size=(4, 3))), targets)
    gradient = layer.backward()
    gradient[:] = 99
    assert (layer.backward() != 99).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_layer_stays_in_the_dtype_it_is_given(dtype):
    rng = np.random.default_rng(4)
    x, upstream = rng.normal(size=(2, 5, 3)).astype(dtype)
    layers = [ReLU(), Sigmoid(), Tanh(), Affine(np.eye(3, dtype=dtype), np.ones(3, dtype))]
    for layer in layers:
        assert {array.dtype for array in pass_through(layer, x, upstream)} == {np.dtype(dtype)}
    assert layers[-1].dW.dtype == layers[-1].db.dtype == dtype
    last = SoftmaxCrossEntropy()
    assert isinstance(last.forward(x, [0, 1, 2, 0, 1]), float)
    assert last.backward().dtype == dtype


@pytest.mark.parametrize("make", EVERY_LAYER)
def test_backward_before_forward_is_refused(make):
    with pytest.raises(ValueError, match="needs a forward"):
        make().backward(np.ones((5, 3)))


def test_the_loss_refuses_backward_before_forward():
    with pytest.raises(ValueError, match="needs a forward"):
        SoftmaxCrossEntropy().backward()


@pytest.mark.parametrize("make", EVERY_LAYER)
def test_an_upstream_gradient_of_another_shape_is_refused(make):
    layer = make()
    layer.forward(np.ones((5, 3)))
    with pytest.raises(ValueError, match=r"upstream must have shape \(5, 3\).*got \(1, 3\)"):
        layer.backward(np.ones((1, 3)))


@pytest.mark.parametrize("shape", [(3,), (5, 4), (2, 5, 3)])
def test_affine_refuses_inputs_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"x must have shape \(n, 3\), got"):
        affine(np.random.default_rng(0)).forward(np.ones(shape))


@pytest.mark.parametrize(("W", "b"), [((3,), (3,)), ((3, 4), (3,)), ((3, 4), (1, 4)), ((3, 4), ())])
def test_affine_refuses_weights_and_bias_that_do_not_fit(W, b):
    with pytest.raises(ValueError, match="W must have shape"):
        Affine(np.ones(W), np.ones(b))


@pytest.mark.parametrize(
    ("logits", "targets", "message"),
    [
        (np.zeros(3), [1], "logits must have shape"),
        (np.zeros((0, 3)), [], "not empty"),
        (np.zeros((2, 3)), [1], "targets"),
        (np.zeros((2, 3)), [0, 3], "targets"),
        (np.zeros((2, 3)), [0.0, 1.0], "targets"),
        (np.zeros((2, 3)), np.ones((2, 3)), "sum to 1"),
        (np.zeros((3, 3)), np.ones((3, 1)), "targets"),
    ],
)
def test_the_loss_refuses_targets_that_do_not_fit(logits, targets, message):
    with pytest.raises(ValueError, match=message):
        SoftmaxCrossEntropy().forward(logits, targets)


@pytest.mark.parametrize("make", [lambda: Affine([[1], [2]], [3]), *ACTIVATIONS])
def test_lists_and_integers_are_as_good_as_arrays_of_floats(make):
    from_lists, from_arrays = make(), make()
    np.testing.assert_array_equal(
        from_lists.forward([[1, -2]]), from_arrays.forward(np.array([[1.0, -2.0]]))
    )
    upstream = [[5]] if make().__class__ is Affine else [[5, 6]]
    np.testing.assert_array_equal(
        from_lists.backward(upstream), from_arrays.backward(np.array(upstream, dtype=float))
    )


def test_what_is_no_number_is_refused_by_name():
    with pytest.raises(ValueError, match="W must hold real numbers"):
        Affine(np.array([["a"]]), np.zeros(1))
    for layer in (ReLU(), Sigmoid(), Tanh(), Affine(np.ones((1, 1)), np.zeros(1))):
        with pytest.raises(ValueError, match="x must hold real numbers"):
            layer.forward([["a"]])
    layer = SoftmaxCrossEntropy()
    layer.forward([[0, 1]], [0])
    with pytest.raises(ValueError, match="upstream must hold real numbers"):
        layer.backward(None)


@pytest.mark.parametrize(("dtype", "huge"), [(np.float64, 1e308), (np.float32, 3e38)])
def test_the_largest_logits_there_are_cost_what_they_should(dtype, huge):
    logits = np.array([[-huge, huge]], dtype=dtype)
    assert SoftmaxCrossEntropy().forward(logits, [1]) == 0
    assert SoftmaxCrossEntropy().forward(logits, [0]) == np.inf


def test_whole_logits_and_divided_targets_go_together():
    loss = SoftmaxCrossEntropy().forward(np.array([[2, 2]]), [[0.5, 0.5]])
    assert loss == pytest.approx(np.log(2))


@pytest.mark.parametrize("upstream", [[1.0, 2.0], np.ones((2, 2)), "1", None, 1j])
def test_the_losses_refuse_an_upstream_that_is_not_one_number(upstream):
    for layer, targets in ((SoftmaxCrossEntropy(), [0, 1]), (MeanSquaredError(), np.ones((2, 2)))):
        layer.forward(np.zeros((2, 2)), targets)
        with pytest.raises(ValueError, match="upstream must"):
            layer.backward(upstream)


@given(seed=SEEDS, upstream=st.floats(-3, 3))
def test_mean_squared_error_agrees_with_differences(seed, upstream):
    y, t = np.random.default_rng(seed).normal(size=(2, 4, 3))
    layer = MeanSquaredError()
    layer.forward(y, t)
    expected = upstream * numerical_gradient(lambda y: MeanSquaredError().forward(y, t), y)
    np.testing.assert_allclose(layer.backward(upstream), expected, atol=1e-8)


@pytest.mark.parametrize(
    ("y", "targets", "message"),
    [
        (np.zeros((2, 1)), [0.0, 1.0], r"targets must have shape \(2, 1\), got \(2,\)"),
        (np.zeros((2, 1)), [[np.inf], [0.0]], "targets must be finite"),
        (np.zeros((2, 1)), [["a"], ["b"]], "targets must hold real numbers"),
        (np.zeros((2, 1)), None, "targets must hold real numbers"),
        (np.zeros((2, 1)), [[1.0], [1.0, 2.0]], "targets must be an array of numbers"),
        (np.zeros((0, 1)), np.zeros((0, 1)), "y must have shape .*not empty"),
        (3.0, 3.0, "y must have shape"),
    ],
)
def test_mean_squared_error_refuses_what_does_not_fit(y, targets, message):
    with pytest.raises(ValueError, match=message):
        MeanSquaredError().forward(y, targets)


def test_an_affine_layer_can_be_given_other_weights_and_reads_its_gradients_by_name():
    layer = affine(np.random.default_rng(0))
    assert layer.dW is layer.db is None
    layer.W = np.zeros((3, 4))
    np.testing.assert_array_equal(layer.forward(np.ones((2, 3))), [layer.b, layer.b])
    layer.backward(np.ones((2, 4)))
    assert layer.gradients["W"] is layer.dW
    assert layer.parameters["b"] is layer.b


IMAGES = (6, 3, 2, 2)
NORMALISED = [(20, 3), IMAGES]


def normalisation(rng, dtype=float):
    """One whose parameters and averages are those of no fresh layer."""
    layer = BatchNormalization(3, dtype=dtype)
    layer.gamma, layer.beta = (3 * rng.normal(size=(2, 3))).astype(dtype)
    layer.running_mean, layer.running_variance = rng.uniform(0.5, 2, (2, 3)).astype(dtype)
    return layer


def over_features(array):
    """A batch with one row a value: samples, or pixels of images, by features."""
    return np.moveaxis(array, 1, -1).reshape(-1, array.shape[1])


def normalisation_agrees(layer, x, upstream, training):
    """Whether each of the three gradients is that of differences, after one pass of `layer`."""
    twin = copy.deepcopy(layer)
    layer.forward(x, training)
    gradients = {"x": layer.backward(upstream), **layer.gradients}

    def total(name):
        def function(array):
            fresh = copy.deepcopy(twin)
            if name != "x":
                fresh.parameters[name] = array
            return np.sum(fresh.forward(array if name == "x" else x, training) * upstream)

        return function

    places = {"x": x, **layer.parameters}
    return {n: check_gradient(total(n), gradients[n], a).ok for n, a in places.items()}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", NORMALISED)
@pytest.mark.parametrize("seed", range(3))
def test_batch_normalisation_agrees_with_differences_in_training_and_out_of_it(
    shape, training, seed
):
    rng = np.random.default_rng(seed)
    x, upstream = 3 + 2 * rng.normal(size=shape), rng.normal(size=shape)
    agrees = normalisation_agrees(normalisation(rng), x, upstream, training)
    assert agrees == {"x": True, "gamma": True, "beta": True}


class ConstantStatistics(BatchNormalization):
    """The known slip: the mean and the variance of the batch, taken for numbers of their own."""

    def backward(self, upstream):
        self.trained = False
        return super().backward(upstream)


@pytest.mark.parametrize("shape", NORMALISED)
def test_the_comparison_notices_statistics_that_are_taken_for_constants(shape):
    rng = np.random.default_rng(0)
    layer = normalisation(rng)
    layer.__class__ = ConstantStatistics
    x, upstream = rng.normal(size=(2, *shape))
    agrees = normalisation_agrees(layer, x, upstream, training=True)
    assert agrees == {"x": False, "gamma": True, "beta": True}


@pytest.mark.parametrize("shape", NORMALISED)
def test_each_feature_has_the_mean_and_the_deviation_that_its_parameters_say(shape):
    rng = np.random.default_rng(0)
    layer = normalisation(rng)
    y = over_features(layer.forward(5 + 40 * rng.normal(size=shape), training=True))
    np.testing.assert_allclose(y.mean(axis=0), layer.beta, rtol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), np.abs(layer.gamma), rtol=1e-6)


@given(seed=SEEDS, shape=st.sampled_from(NORMALISED), width=st.sampled_from([0.01, 1.0, 100.0]))
def test_a_batch_undoes_what_would_shift_or_stretch_all_of_it(seed, shape, width):
    """The gradient sums to 0; beside the normalised inputs only the share of epsilon is left."""
    rng = np.random.default_rng(seed)
    layer, x, upstream = normalisation(rng), width * rng.normal(size=shape), rng.normal(size=shape)
    layer.forward(x, training=True)
    dx = over_features(layer.backward(upstream))
    normal, size = over_features(layer.normal), np.abs(dx).sum(axis=0)
    np.testing.assert_allclose(dx.sum(axis=0) / size, 0, atol=1e-12)
    variance = over_features(x).var(axis=0)
    deviation = np.sqrt(variance + 1e-5)
    left = layer.gamma / deviation * layer.dgamma * 1e-5 / (variance + 1e-5)
    np.testing.assert_allclose((dx * normal).sum(axis=0) / size, left / size, atol=1e-12)


def test_images_are_normalised_as_their_pixels_would_be_in_a_batch_of_samples():
    rng = np.random.default_rng(0)
    layer, x, upstream = normalisation(rng), *rng.normal(size=(2, *IMAGES))
    twin = copy.deepcopy(layer)
    y, dx = layer.forward(x, training=True), layer.backward(upstream)
    pixels = twin.forward(over_features(x), training=True)
    np.testing.assert_allclose(over_features(y), pixels, rtol=1e-12, atol=1e-12)
    by_pixels = twin.backward(over_features(upstream))
    np.testing.assert_allclose(over_features(dx), by_pixels, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.running_variance, twin.running_variance, rtol=1e-12)
    np.testing.assert_allclose(layer.dgamma, twin.dgamma, rtol=1e-12)


@pytest.mark.parametrize("kind", SHAPES)
def test_batch_normalisation_has_the_numbers_of_pytorch(kind):
    found = our_pass(SHAPES[kind])
    assert found.keys() == STORED[kind].keys()
    for name, array in found.items():
        np.testing.assert_allclose(array, STORED[kind][name], rtol=1e-12, atol=1e-12, err_msg=name)


def test_the_averages_begin_at_0_and_1_and_take_a_tenth_of_a_batch():
    layer = BatchNormalization(1)
    assert (layer.running_mean, layer.running_variance) == (0, 1)
    layer.forward(np.array([[4.0], [6.0]]), training=True)
    assert layer.running_mean == pytest.approx(0.1 * 5)
    assert layer.running_variance == pytest.approx(0.9 * 1 + 0.1 * 2)  # 2, where the batch has 1


def test_a_fresh_layer_lets_everything_pass_out_of_training():
    x = np.array([[-3.0, 700.0]])
    np.testing.assert_allclose(BatchNormalization(2).forward(x), x, rtol=1e-5)


def test_the_averages_come_to_the_mean_and_the_variance_of_all_data():
    rng = np.random.default_rng(0)
    layer = BatchNormalization(2)
    for _ in range(300):
        layer.forward([3, -1] + [5, 0.1] * rng.normal(size=(200, 2)), training=True)
    np.testing.assert_allclose(layer.running_mean, [3, -1], atol=0.2)
    np.testing.assert_allclose(layer.running_variance, [25, 0.01], rtol=0.05)


def state(layer):
    return {name: np.copy(array) for name, array in vars(layer).items() if "running" in name}


def test_the_averages_move_in_training_alone_and_are_replaced_and_not_written_to():
    rng = np.random.default_rng(0)
    layer, x = normalisation(rng), rng.normal(size=(20, 3))
    before, kept = layer.running_mean, state(layer)
    layer.forward(x)
    layer.backward(x)
    assert layer.running_mean is before
    layer.forward(x, training=True)
    assert (layer.running_mean != before).all()
    np.testing.assert_array_equal(before, kept["running_mean"])


def test_out_of_training_a_sample_does_not_depend_on_those_beside_it():
    rng = np.random.default_rng(0)
    layer, x = normalisation(rng), rng.normal(size=(20, 3))
    np.testing.assert_array_equal(layer.forward(x)[:1], layer.forward(x[:1]))
    assert (layer.forward(x, training=True)[:2] != layer.forward(x[:2], training=True)).all()


@pytest.mark.parametrize("double", DOUBLES)
def test_a_copy_of_batch_normalisation_has_averages_of_its_own(double):
    rng = np.random.default_rng(0)
    layer, x = normalisation(rng), rng.normal(size=(20, 3))
    y = layer.forward(x)
    twin, before = double(layer), state(layer)
    np.testing.assert_array_equal(twin.forward(x), y)
    twin.forward(x, training=True)
    np.testing.assert_equal(state(layer), before)


def interrupt_on_line(n):
    """What ends the n-th line that runs from here on with a keyboard interrupt."""
    left = [n]

    def trace(frame, event, arg):
        if event == "line":
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
        return trace

    return trace


def interrupted(n, function, *about):
    """Whether the n-th line of a call did not come to its end."""
    before = sys.gettrace()
    sys.settrace(interrupt_on_line(n))
    try:
        function(*about)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_a_pass_in_training_is_whole_or_leaves_nothing_behind():
    rng = np.random.default_rng(0)
    layer, x = normalisation(rng), rng.normal(size=(20, 3))
    layer.forward(x)
    whole = copy.deepcopy(layer)
    whole.forward(2 * x, training=True)
    for n in itertools.count(1):
        one = copy.deepcopy(layer)
        if not interrupted(n, one.forward, 2 * x, True):
            break
        left = whole if one.running_mean[0] == whole.running_mean[0] else layer
        np.testing.assert_equal(vars(one), vars(left))
    assert n > 30


def test_a_pass_that_is_refused_moves_no_average():
    rng = np.random.default_rng(0)
    layer = normalisation(rng)
    layer.forward(rng.normal(size=(20, 3)), training=True)
    before = copy.deepcopy(vars(layer))
    for bad in (np.ones((1, 3)), np.ones((20, 2)), [["a", "b", "c"]] * 2):
        with pytest.raises(ValueError, match="x must"):
            layer.forward(bad, training=True)
    np.testing.assert_equal(vars(layer), before)


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1, 1), (0, 3)])
def test_a_batch_with_one_value_a_feature_is_refused_in_training_with_the_reason(shape):
    layer = BatchNormalization(3)
    with pytest.raises(ValueError, match="two values or more of each feature.* no variance, got"):
        layer.forward(np.ones(shape), training=True)
    assert layer.forward(np.ones(shape)).shape == shape
    assert layer.forward(np.ones((1, 3, 1, 2)), training=True).shape == (1, 3, 1, 2)


@pytest.mark.parametrize("shape", [(3,), (5, 4), (2, 5, 3), (2, 4, 3, 3), (2, 3, 1, 1, 1)])
def test_batch_normalisation_refuses_inputs_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"x must have shape \(n_samples, 3\) or .*width\), got"):
        BatchNormalization(3).forward(np.ones(shape))


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"n": 0}, "n must be at least 1, got 0"),
        ({"n": 2.0}, "n must be a whole number, got 2.0"),
        ({"n": 2, "dtype": int}, "dtype must be float32 or float64, got int64"),
    ],
)
def test_no_batch_normalisation_is_made_of_what_is_no_number_of_features(about, message):
    with pytest.raises(ValueError, match=message):
        BatchNormalization(**about)


def test_batch_normalisation_stays_in_float32_in_all_that_it_gives_and_keeps():
    rng = np.random.default_rng(0)
    layer, twin = normalisation(rng, np.float32), None
    twin = copy.deepcopy(layer)
    for array in ("gamma", "beta", "running_mean", "running_variance"):
        setattr(twin, array, getattr(layer, array).astype(float))
    x, upstream = rng.normal(size=(2, 40, 3)).astype(np.float32)
    for training in (True, False):
        single, double = layer.forward(x, training), twin.forward(x.astype(float), training)
        np.testing.assert_allclose(single, double, atol=1e-5)
        back, exact = layer.backward(upstream), twin.backward(upstream.astype(float))
        np.testing.assert_allclose(back, exact, atol=1e-4)
        arrays = (single, back, layer.dgamma, layer.dbeta, layer.running_mean)
        assert {array.dtype for array in (*arrays, layer.running_variance)} == {np.dtype("f4")}
    np.testing.assert_allclose(layer.running_variance, twin.running_variance, rtol=1e-6)
    layer.forward(x.astype(float), training=True)
    assert layer.running_mean.dtype == layer.running_variance.dtype == np.float32


@pytest.mark.parametrize("training", [True, False])
def test_a_feature_that_is_the_same_in_the_whole_batch_comes_out_as_beta(training):
    layer, x = BatchNormalization(2), np.full((20, 2), 7.0)
    layer.beta, layer.running_mean = np.array([1.0, 2.0]), np.array([7.0, 7.0])
    np.testing.assert_array_equal(layer.forward(x, training), np.tile([1, 2], (20, 1)))
    assert np.isfinite(layer.backward(np.ones_like(x))).all()


def test_weight_decay_leaves_gamma_and_beta_alone():
    optimizer, layer = SGD(0.1, weight_decay=0.5), BatchNormalization(3)
    assert not any(optimizer.decays(*pair) for pair in layer.parameters.items())


@given(
    seed=SEEDS,
    rate=st.floats(0, 0.95),
    shape=st.sampled_from([(20,), (20, 3), (20, 2, 3, 2)]),
)
def test_dropout_agrees_with_differences_and_drops_what_the_generator_says(seed, rate, shape):
    rng = np.random.default_rng(seed)
    x, upstream = rng.normal(size=(2, *shape))
    layer = Dropout(rate, np.random.default_rng(seed))
    y = layer.forward(x, training=True)
    kept = np.random.default_rng(seed).random(shape) >= rate
    np.testing.assert_allclose(y, np.where(kept, x / (1 - rate), 0), rtol=1e-12)
    gradient = layer.backward(upstream)

    def total(x):
        return np.sum(Dropout(rate, np.random.default_rng(seed)).forward(x, True) * upstream)

    np.testing.assert_allclose(gradient, numerical_gradient(total, x), rtol=1e-6, atol=1e-8)


def test_dropout_leaves_the_mean_as_it_is_and_drops_its_share():
    x = np.ones((400, 500))
    y = Dropout(0.3, np.random.default_rng(0)).forward(x, training=True)
    assert y.mean() == pytest.approx(1, abs=0.01)
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert len(np.unique(y)) == 2


def test_dropout_is_nothing_out_of_training_and_draws_nothing():
    rng = np.random.default_rng(0)
    layer, x = Dropout(0.5, rng), np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(layer.forward(x), x)
    np.testing.assert_array_equal(layer.backward(-x), -x)
    assert rng.random() == np.random.default_rng(0).random()


def test_dropout_drops_others_in_every_pass():
    layer, x = Dropout(0.5, np.random.default_rng(0)), np.ones((5, 20))
    first, second = (layer.forward(x, training=True) for _ in range(2))
    assert (first != second).any()


def test_dropout_of_nothing_passes_everything():
    x = np.random.default_rng(0).normal(size=(20, 3))
    layer = Dropout(0, np.random.default_rng(0))
    np.testing.assert_array_equal(layer.forward(x, training=True), x)
    np.testing.assert_array_equal(layer.backward(x), x)


@pytest.mark.parametrize("double", DOUBLES)
def test_a_copy_of_dropout_draws_what_the_layer_will_draw_and_takes_nothing_from_it(double):
    x = np.ones((5, 20))
    layer, expected = (Dropout(0.5, np.random.default_rng(0)) for _ in range(2))
    layer.forward(x, training=True), expected.forward(x, training=True)
    twin = double(layer)
    np.testing.assert_array_equal(twin.backward(x), layer.backward(x))
    np.testing.assert_array_equal(twin.forward(x, True), expected.forward(x, True))
    np.testing.assert_array_equal(layer.forward(x, True), expected.backward(x))


def test_dropout_drops_the_same_in_either_precision_and_stays_in_it():
    x = np.random.default_rng(1).normal(size=(20, 3))
    single, double = (Dropout(0.3, np.random.default_rng(0)) for _ in range(2))
    y = single.forward(x.astype(np.float32), training=True)
    np.testing.assert_allclose(y, double.forward(x, training=True), rtol=1e-6)
    assert y.dtype == single.backward(x.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"rate": 1}, "rate must be at least 0 and less than 1, got 1"),
        ({"rate": -0.1}, "rate must be at least 0 and less than 1, got -0.1"),
        ({"rate": [0.5]}, "rate must be one number"),
        ({"rng": 0}, r"rng must be a numpy.random.Generator.*got 0 \(int\)"),
        ({"rng": np.random}, "rng must be a numpy.random.Generator"),
    ],
)
def test_dropout_refuses_what_is_no_rate_and_no_generator(about, message):
    with pytest.raises(ValueError, match=message):
        Dropout(**{"rate": 0.5, "rng": np.random.default_rng(0), **about})


def techniques(dtype=float, seed=0):
    """A network with all of it, dropout before normalisation among it."""
    rng = np.random.default_rng(seed)
    sizes = [(4, 6), (6, 5), (5, 3)]
    first, second, third = (Affine(he(s, rng, dtype=dtype), np.zeros(s[1], dtype)) for s in sizes)
    middle = [BatchNormalization(6, dtype=dtype), Sigmoid(), Dropout(0.4, rng)]
    layers = [first, *middle, second, Dropout(0.2, rng), BatchNormalization(5, dtype=dtype), third]
    return Network(layers, SoftmaxCrossEntropy())


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-5), (np.float32, 1e-3)])
@pytest.mark.parametrize("training", [True, False])
def test_a_network_with_both_agrees_with_differences_in_training_and_out_of_it(
    dtype, rtol, training
):
    rng = np.random.default_rng(1)
    network, x, labels = techniques(dtype), 2 + rng.normal(size=(24, 4)), rng.integers(0, 3, 24)
    for _ in range(3):  # so that the averages have moved, and the generator too
        network.gradients(x, labels)
    before = copy.deepcopy(network)
    theirs = network.numerical_gradients(x, labels, training=training)
    ours = network.gradients(x, labels, training=training)
    assert list(ours) == list(theirs) == list(network.parameters)
    assert {"gamma1", "beta1", "gamma2", "beta2"} < set(ours)
    for name, gradient in theirs.items():
        np.testing.assert_allclose(ours[name], gradient, rtol, rtol / 1e3, err_msg=name)
    before.gradients(x, labels, training=training)  # as it would have been without differences
    for layer, other in zip(network.layers, before.layers, strict=True):
        np.testing.assert_equal(vars(layer).get("running_mean"), vars(other).get("running_mean"))
    repeated = (net.outputs(x, training=True) for net in (network, before))
    np.testing.assert_array_equal(*repeated)


def test_a_network_with_both_trains_and_is_evaluated_without_chance():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 4))
    data = train_test_split(x, (x[:, 0] > 0).astype(int), 1 / 3, rng)
    network = techniques(np.float32)
    history = train(network, data, 0.3, 20, 40, rng, progress=False)
    assert history.test_accuracies[-1] > 0.9
    np.testing.assert_array_equal(network.predict(x), network.predict(x))
