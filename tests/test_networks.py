"""The two-layer network: backpropagation against differences, and what it promises."""

import numpy as np
import pytest

from downslope.datasets import one_hot
from downslope.differentiation import check_gradient
from downslope.layers import ReLU, Sigmoid
from downslope.networks import TwoLayerNet


def small(activation=ReLU, seed=0, **how):
    rng = np.random.default_rng(seed)
    return TwoLayerNet(4, 6, 3, rng=rng, activation=activation, weight_scale=0.5, **how)


def batch(n=8, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 4)), rng.integers(0, 3, n)


def hidden(network, x):
    """What goes into the activation."""
    return network.layers()[0].forward(x)


@pytest.mark.parametrize("activation", [ReLU, Sigmoid])
@pytest.mark.parametrize("seed", range(5))
def test_backpropagation_agrees_with_differences_for_every_parameter(activation, seed):
    network, (x, labels) = small(activation, seed), batch(seed=seed + 100)
    inner = hidden(network, x)
    assert (inner > 0).any()
    assert (inner < 0).any()
    assert np.abs(inner).min() > 1e-4  # no difference steps over a kink
    ours, theirs = network.gradients(x, labels), network.numerical_gradients(x, labels)
    assert list(ours) == list(theirs) == list(network.parameters)
    for name, array in network.parameters.items():
        assert ours[name].shape == array.shape
        assert np.abs(ours[name] - theirs[name]).mean() < 1e-9
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-6, atol=1e-9)


class ReLUOfItsOutput(ReLU):
    """The well-known slip: an output of ReLU is never negative, so this stops nothing."""

    def forward(self, x):
        y = super().forward(x)
        self.active = y >= 0
        return y


def gradients_agree(activation, x, labels):
    network = small(activation)
    ours, theirs = network.gradients(x, labels), network.numerical_gradients(x, labels)
    return all(np.allclose(ours[name], theirs[name], rtol=1e-6, atol=1e-8) for name in ours)


def test_the_comparison_notices_a_mask_taken_from_the_output_only_across_the_kink():
    x, labels = batch()
    assert gradients_agree(ReLU, x, labels)
    assert not gradients_agree(ReLUOfItsOutput, x, labels)


def test_the_comparison_misses_that_mask_where_no_unit_is_negative():
    x, labels = batch()
    network = small(ReLUOfItsOutput)
    network.parameters["b1"] += 100
    assert (hidden(network, x) > 0).all()
    ours, theirs = network.gradients(x, labels), network.numerical_gradients(x, labels)
    np.testing.assert_allclose(ours["W1"], theirs["W1"], rtol=1e-5, atol=1e-8)


def test_one_parameter_passes_the_gradient_check_of_the_differentiation_module():
    network, (x, labels) = small(Sigmoid), batch()

    def loss(W2):
        changed = small(Sigmoid)
        changed.parameters["W2"] = W2
        return changed.loss(x, labels)

    assert check_gradient(loss, network.gradients(x, labels)["W2"], network.parameters["W2"])


def test_parameters_may_be_replaced_or_changed_in_place():
    network, (x, labels) = small(), batch()
    before = network.loss(x, labels)
    network.parameters["W1"] = network.parameters["W1"] * 2
    replaced = network.loss(x, labels)
    network.parameters["W1"] *= 0.5
    assert replaced != before
    assert network.loss(x, labels) == pytest.approx(before)


def test_a_step_down_the_gradient_lowers_the_loss():
    network, (x, labels) = small(), batch()
    before = network.loss(x, labels)
    for name, gradient in network.gradients(x, labels).items():
        network.parameters[name] -= 0.01 * gradient
    assert network.loss(x, labels) < before


def test_loss_and_gradients_are_those_of_the_two_methods():
    network, (x, labels) = small(), batch()
    loss, gradients = network.loss_and_gradients(x, labels)
    assert loss == network.loss(x, labels)
    for name, gradient in network.gradients(x, labels).items():
        np.testing.assert_array_equal(gradients[name], gradient)


def test_labels_and_one_hot_rows_give_the_same_everything():
    network, (x, labels) = small(), batch(n=3)
    rows = one_hot(labels, 3)
    assert network.loss(x, labels) == network.loss(x, rows)
    assert network.accuracy(x, labels) == network.accuracy(x, rows)
    by_labels, by_rows = network.gradients(x, labels), network.gradients(x, rows)
    for name in by_labels:
        np.testing.assert_array_equal(by_labels[name], by_rows[name])


def test_probabilities_are_positive_and_sum_to_one():
    probabilities = small().predict(batch()[0])
    assert (probabilities > 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_a_new_network_knows_nothing():
    network = TwoLayerNet(4, 6, 3, rng=np.random.default_rng(0))
    assert network.loss(*batch()) == pytest.approx(np.log(3), abs=1e-3)


def test_accuracy_is_the_share_of_right_guesses():
    network, (x, _) = small(), batch()
    guesses = network.predict(x).argmax(axis=1)
    assert network.accuracy(x, guesses) == 1
    assert network.accuracy(x, np.append((guesses[:2] + 1) % 3, guesses[2:])) == 6 / 8


def test_accuracy_counts_every_row_of_a_long_batch_once():
    network, (x, labels) = small(), batch(n=2345)
    right = network.predict(x).argmax(axis=1) == labels
    assert network.accuracy(x, labels) == right.mean()


def test_the_same_generator_gives_the_same_network_in_either_precision():
    double, single = small(), small(dtype=np.float32)
    for name, array in double.parameters.items():
        np.testing.assert_array_equal(array.astype(np.float32), single.parameters[name])


def test_a_float32_network_computes_in_float32_throughout():
    network, (x, labels) = small(dtype=np.float32), batch()
    arrays = [*network.parameters.values(), *network.gradients(x, labels).values()]
    arrays += [network.logits(x), network.predict(x)]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_numerical_gradients_of_a_float32_network_are_still_worth_comparing_with():
    network, (x, labels) = small(Sigmoid, dtype=np.float32), batch()
    ours, theirs = network.gradients(x, labels), network.numerical_gradients(x, labels)
    for name in ours:
        assert theirs[name].dtype == np.float64
        np.testing.assert_allclose(ours[name], theirs[name], atol=1e-6)


def test_nothing_that_is_handed_in_is_written_to():
    network, (x, labels) = small(), batch()
    kept = {name: array.copy() for name, array in network.parameters.items()}
    x.flags.writeable = labels.flags.writeable = False
    network.gradients(x, labels)
    network.numerical_gradients(x, labels)
    for name, array in network.parameters.items():
        np.testing.assert_array_equal(array, kept[name])


def test_nobody_computes_the_gradient_of_the_data(monkeypatch):
    network, (x, labels) = small(), batch()
    first, *others = network.layers()

    def refuse(upstream):
        raise AssertionError("the gradient of the data is never used")

    first.backward = refuse
    monkeypatch.setattr(network, "layers", lambda parameters=None: [first, *others])
    assert network.gradients(x, labels)["W1"].shape == (4, 6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_inputs": 0}, "n_inputs must be at least 1"),
        ({"n_hidden": 2.5}, "n_hidden must be a whole number"),
        ({"n_outputs": -1}, "n_outputs must be at least 1"),
        ({"rng": 0}, "rng must be a numpy.random.Generator"),
        ({"activation": "relu"}, "activation must be a function"),
        ({"activation": ReLU()}, "activation must be a function"),
        ({"dtype": "abc"}, "dtype must be float32 or float64, got 'abc'"),
        ({"dtype": None}, "dtype must be float32 or float64, got None"),
        ({"weight_scale": 0}, "weight_scale must be greater than 0"),
        ({"dtype": int}, "dtype must be float32 or float64, got int64"),
    ],
)
def test_a_network_that_cannot_be_is_refused(change, message):
    sound = {"n_inputs": 4, "n_hidden": 6, "n_outputs": 3, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=message):
        TwoLayerNet(**{**sound, **change})


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_data_that_are_not_finite_are_refused_by_name(bad):
    network, (x, labels) = small(), batch()
    x[2, 1] = bad
    for ask in (network.loss, network.gradients, network.accuracy, network.numerical_gradients):
        with pytest.raises(ValueError, match=rf"x must be finite, got {bad} at index \(2, 1\)"):
            ask(x, labels)


@pytest.mark.parametrize(
    "targets", [[9] * 8, [-1] * 8, [0.5] * 8, ["a"] * 8, np.ones((8, 7)), np.full((8, 3), np.nan)]
)
def test_accuracy_asks_of_targets_what_the_loss_asks(targets):
    network, (x, _) = small(), batch()
    for ask in (network.loss, network.accuracy):
        with pytest.raises(ValueError, match="targets"):
            ask(x, targets)


@pytest.mark.parametrize("x", [np.ones((8, 4)) * 1j, [["a"] * 4] * 8, [[None] * 4] * 8])
def test_data_that_are_no_numbers_are_refused_by_name(x):
    network, (_, labels) = small(), batch()
    for ask in (network.loss, network.gradients, network.accuracy, network.numerical_gradients):
        with pytest.raises(ValueError, match="x must hold real numbers"):
            ask(x, labels)


def test_data_and_targets_that_do_not_fit_are_refused():
    network, (x, labels) = small(), batch()
    for ask in (network.loss, network.gradients, network.accuracy, network.numerical_gradients):
        with pytest.raises(ValueError, match=r"x must have shape \(n, 4\), got \(8, 3\)"):
            ask(x[:, :3], labels)
        with pytest.raises(ValueError, match="targets"):
            ask(x, labels[:5])
