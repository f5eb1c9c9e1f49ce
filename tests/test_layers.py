"""Layers: every backward against differences, with random upstream gradients across every kink."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope import graph
from downslope.datasets import one_hot
from downslope.differentiation import check_gradient, numerical_gradient
from downslope.layers import Affine, MeanSquaredError, ReLU, Sigmoid, SoftmaxCrossEntropy
from downslope.losses import (
    accuracy,
    mean_squared_error,
    mean_squared_error_gradient,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
)

SEEDS = st.integers(0, 2**32 - 1)
ACTIVATIONS = [ReLU, Sigmoid]


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


def frozen(array):
    array.flags.writeable = False
    return array


def pass_through(layer, x, upstream):
    """Everything that a layer gives out, forward and backward."""
    return layer.forward(x), layer.backward(upstream)


@pytest.mark.parametrize("make", [*ACTIVATIONS, lambda: affine(np.random.default_rng(0), 3, 3)])
def test_inputs_and_upstream_gradients_are_never_written_to(make):
    rng = np.random.default_rng(2)
    x, upstream = frozen(rng.normal(size=(5, 3))), frozen(rng.normal(size=(5, 3)))
    outputs = pass_through(make(), x, upstream)
    for given_array in (x, upstream):
        assert not any(np.shares_memory(output, given_array) for output in outputs)


@pytest.mark.parametrize("make", ACTIVATIONS)
def test_what_a_caller_does_to_an_output_does_not_change_the_backward(make):
    x = np.array([[-1.0, 0.5, 2.0]])
    spoilt, untouched = make(), make()
    spoilt.forward(x)[:] = 99
    untouched.forward(x)
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
    layers = [ReLU(), Sigmoid(), Affine(np.eye(3, dtype=dtype), np.ones(3, dtype))]
    for layer in layers:
        assert {array.dtype for array in pass_through(layer, x, upstream)} == {np.dtype(dtype)}
    assert layers[-1].dW.dtype == layers[-1].db.dtype == dtype
    last = SoftmaxCrossEntropy()
    assert isinstance(last.forward(x, [0, 1, 2, 0, 1]), float)
    assert last.backward().dtype == dtype


@pytest.mark.parametrize("make", [*ACTIVATIONS, lambda: affine(np.random.default_rng(0), 3, 3)])
def test_backward_before_forward_is_refused(make):
    with pytest.raises(ValueError, match="needs a forward"):
        make().backward(np.ones((5, 3)))


def test_the_loss_refuses_backward_before_forward():
    with pytest.raises(ValueError, match="needs a forward"):
        SoftmaxCrossEntropy().backward()


@pytest.mark.parametrize("make", [*ACTIVATIONS, lambda: affine(np.random.default_rng(0), 3, 3)])
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


@pytest.mark.parametrize("make", [lambda: Affine([[1], [2]], [3]), ReLU, Sigmoid])
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
    for layer in (ReLU(), Sigmoid(), Affine(np.ones((1, 1)), np.zeros(1))):
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
