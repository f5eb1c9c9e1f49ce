"""Networks: backpropagation against differences, and what they promise to who builds on them."""

import numpy as np
import pytest

from downslope.datasets import one_hot
from downslope.differentiation import check_gradient
from downslope.layers import (
    Affine,
    MeanSquaredError,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    backward_through,
    forward_through,
)
from downslope.losses import mean_squared_error
from downslope.networks import Network, TwoLayerNet
from downslope.training import train


def small(activation=ReLU, seed=0, **how):
    rng = np.random.default_rng(seed)
    return TwoLayerNet(4, 6, 3, rng=rng, activation=activation, weight_scale=0.5, **how)


def batch(n=8, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 4)), rng.integers(0, 3, n)


def hidden(network, x):
    """What goes into the activation."""
    return network.layers[0].forward(x)


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
    arrays += [network.outputs(x), network.predict(x)]
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


def test_nobody_computes_the_gradient_of_the_data():
    network, (x, labels) = small(), batch()

    def refuse(upstream):
        raise AssertionError("the gradient of the data is never used")

    network.layers[0].backward = refuse
    assert network.gradients(x, labels)["W1"].shape == (4, 6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_inputs": 0}, "n_inputs must be at least 1"),
        ({"n_hidden": 2.5}, "n_hidden must be a whole number"),
        ({"n_outputs": -1}, "n_outputs must be at least 1"),
        ({"rng": 0}, "rng must be a numpy.random.Generator"),
        ({"activation": "relu"}, "activation must be a function"),
        ({"activation": np.tanh}, "activation must make a layer, as ReLU does"),
        ({"activation": lambda: 3}, "layer 1 must have a method forward, got 3"),
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


# --- the seams: layers and losses of other kinds, each a class ---


class Dropout:
    def __init__(self, ratio, rng):
        self.ratio, self.rng = ratio, rng

    def forward(self, x, training=False):
        keep = self.rng.random(x.shape) >= self.ratio if training else 1 - self.ratio
        self.scale = keep / (1 - self.ratio)
        return x * self.scale

    def backward(self, upstream):
        return upstream * self.scale


class BatchNormalization:
    def __init__(self, n):
        self.parameters = {"gamma": np.ones(n), "beta": np.zeros(n)}
        self.mean, self.variance = np.zeros(n), np.ones(n)

    def forward(self, x, training=False):
        self.training = training
        if training:
            mean, variance = x.mean(axis=0), x.var(axis=0)
            self.mean = 0.9 * self.mean + 0.1 * mean
            self.variance = 0.9 * self.variance + 0.1 * variance
        else:
            mean, variance = self.mean, self.variance
        self.deviation = np.sqrt(variance + 1e-7)
        self.normal = (x - mean) / self.deviation
        return self.parameters["gamma"] * self.normal + self.parameters["beta"]

    def backward(self, upstream):
        self.gradients = {"gamma": (upstream * self.normal).sum(0), "beta": upstream.sum(0)}
        g = upstream * self.parameters["gamma"]
        if not self.training:
            return g / self.deviation
        return (g - g.mean(0) - self.normal * (g * self.normal).mean(0)) / self.deviation


class Residual:
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x, training=False):
        return x + forward_through(self.layers, x, training)

    def backward(self, upstream):
        return upstream + backward_through(self.layers, upstream)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1).copy()

    def backward(self, upstream):
        return upstream.reshape(self.shape)


class MeanAbsoluteError:
    def forward(self, y, targets):
        self.error = y - np.asarray(targets)
        return float(np.abs(self.error).mean())

    def backward(self):
        return np.sign(self.error) / self.error.size


def affine(rng, n, k):
    return Affine(rng.normal(size=(n, k)) / np.sqrt(n), rng.normal(size=k) / 10)


def deep(seed=0):
    rng = np.random.default_rng(seed)
    inner = Residual(Affine(rng.normal(size=(5, 5)) / 5, np.zeros(5)), Sigmoid())
    layers = [
        Flatten(), affine(rng, 4, 5), BatchNormalization(5), Sigmoid(),
        Residual(inner, affine(rng, 5, 5)), Dropout(0.4, rng), affine(rng, 5, 3),
    ]  # fmt: skip
    return Network(layers, SoftmaxCrossEntropy())


def assert_agree(ours, theirs):
    assert list(ours) == list(theirs)
    for name, gradient in ours.items():
        np.testing.assert_allclose(gradient, theirs[name], rtol=1e-5, atol=1e-8, err_msg=name)


def images(n=8, seed=1):
    x, labels = batch(n, seed)
    return x.reshape(n, 2, 2), labels


def test_parameters_are_named_after_the_layer_they_come_from_also_inside_of_others():
    assert list(deep().parameters) == [
        *("W1", "b1", "gamma1", "beta1", "W2", "b2", "W3", "b3", "W4", "b4"),
    ]


@pytest.mark.parametrize("training", [True, False])
def test_layers_of_other_kinds_agree_with_differences_in_training_and_out_of_it(training):
    network, (x, labels) = deep(), images()
    network.gradients(x, labels)  # so that batch normalisation has seen a batch
    theirs = network.numerical_gradients(x, labels, training=training)
    assert_agree(network.gradients(x, labels, training=training), theirs)


def test_a_pass_knows_whether_it_trains():
    network, (x, labels) = deep(), images()
    assert (network.outputs(x) == network.outputs(x)).all()
    assert (network.outputs(x, training=True) != network.outputs(x, training=True)).any()
    assert network.loss(x, labels, training=True) != network.loss(x, labels)
    assert network.loss_and_gradients(x, labels, training=False)[0] == network.loss(x, labels)


def test_what_batch_normalisation_has_seen_changes_in_training_passes_alone():
    network, (x, labels) = deep(), images()
    normal = network.layers[2]
    before = normal.mean
    network.predict(x), network.accuracy(x, labels), network.loss(x, labels)
    network.numerical_gradients(x, labels)
    assert normal.mean is before
    network.gradients(x, labels)
    assert (normal.mean != before).any()


def test_a_network_of_other_layers_trains():
    network, (x, labels) = deep(), images(60)
    labels = (x[:, 0, 0] > 0).astype(int)
    data = x[:40], x[40:], labels[:40], labels[40:]
    rng = np.random.default_rng(0)
    history = train(network, data, 0.5, 10, 40, rng, progress=False)
    assert history.test_accuracies[-1] > 0.8


def test_a_loss_of_ones_own_needs_forward_and_backward_alone():
    rng = np.random.default_rng(0)
    network = Network([affine(rng, 4, 5), Sigmoid(), affine(rng, 5, 2)], MeanAbsoluteError())
    x, t = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
    assert_agree(network.gradients(x, t), network.numerical_gradients(x, t))
    np.testing.assert_array_equal(network.predict(x), network.outputs(x))
    with pytest.raises(ValueError, match="MeanAbsoluteError has no accuracy"):
        network.accuracy(x, t)


def test_mean_squared_error_ends_a_network_for_numbers():
    rng = np.random.default_rng(0)
    network = Network([affine(rng, 4, 5), Sigmoid(), affine(rng, 5, 2)], MeanSquaredError())
    x, t = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
    assert network.loss(x, t) == mean_squared_error(network.predict(x), t)
    assert_agree(network.gradients(x, t), network.numerical_gradients(x, t))
    for bad in (t[:5], t[:, :1], t[:, 0], t * np.nan, [["a", "b"]] * 6, None):
        with pytest.raises(ValueError, match="targets must"):
            network.loss(x, bad)


def test_layers_see_a_new_parameter_at_once_wherever_it_is_put():
    network, (x, _) = small(), batch()
    first = network.layers[0]
    network.parameters["W1"] = np.ones((4, 6))
    assert (first.W == 1).all()
    network.parameters.update({"W1": np.full((4, 6), 2.0), "b1": np.full(6, 3.0)})
    assert (first.W == 2).all()
    assert (first.b == 3).all()
    first.W = np.zeros((4, 6))
    assert (network.parameters["W1"] == 0).all()
    np.testing.assert_array_equal(first.forward(x), np.full((8, 6), 3.0))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"W1": np.ones((6, 4))}, r'parameters\["W1"\] must have shape \(4, 6\), got \(6, 4\)'),
        ({"b2": 1.0}, r'parameters\["b2"\] must have shape \(3,\), got \(\)'),
        ({"b1": np.zeros(6), "W2": "x"}, r'parameters\["W2"\] must hold real numbers'),
        ({"b1": np.zeros(6), "W3": np.zeros(6)}, "parameters are W1, b1, W2, b2, got 'W3'"),
    ],
)
def test_new_parameters_that_do_not_fit_are_refused_and_nothing_is_replaced(changed, message):
    network = small()
    before = dict(network.parameters)
    with pytest.raises(ValueError, match=message):
        network.parameters.update(changed)
    assert all(network.parameters[name] is array for name, array in before.items())


def test_new_parameters_are_turned_into_the_dtype_of_the_network():
    network, (x, labels) = small(dtype=np.float32), batch()
    network.parameters["b1"] = [1, 2, 3, 4, 5, 6]
    network.parameters["W1"] = np.ones((4, 6))
    assert network.outputs(x).dtype == np.float32
    assert network.gradients(x, labels)["W1"].dtype == np.float32


class ForgetsDw(Affine):
    def backward(self, upstream):
        return upstream @ self.W.T


class Doubles(Affine):
    def backward(self, upstream):
        gradient = super().backward(upstream)
        self.dW = 2 * self.dW
        return gradient


class ReturnsNothing(ReLU):
    def forward(self, x):
        super().forward(x)


class SendsNothingBack(ReLU):
    def backward(self, upstream):
        super().backward(upstream)


def two(middle=None, first=Affine):
    rng = np.random.default_rng(0)
    layers = [first(rng.normal(size=(4, 6)), np.zeros(6)), middle or ReLU(), affine(rng, 6, 3)]
    return Network(layers, SoftmaxCrossEntropy())


def test_a_backward_of_ones_own_is_asked_even_in_the_first_layer():
    (x, labels), wrong = batch(), two(first=Doubles)
    np.testing.assert_allclose(
        wrong.gradients(x, labels)["W1"], 2 * wrong.numerical_gradients(x, labels)["W1"], rtol=1e-4
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: two(first=ForgetsDw), r'ForgetsDw must leave gradients\["W"\].*got nothing'),
        (lambda: two(ReturnsNothing()), "forward of ReturnsNothing returned None: is a return"),
        (lambda: two(SendsNothingBack()), "backward of SendsNothingBack returned None"),
    ],
)
def test_a_layer_with_a_piece_missing_is_named(make, message):
    network = make()
    with pytest.raises(ValueError, match=message):
        network.gradients(*batch())


def test_gradients_of_an_earlier_pass_are_not_taken_for_those_of_this_one():
    network = two(first=ForgetsDw)
    network.layers[0].gradients = {"W": np.zeros((4, 6)), "b": np.zeros(6)}
    with pytest.raises(ValueError, match="got nothing"):
        network.gradients(*batch())


SHARED = ReLU()


@pytest.mark.parametrize(
    ("layers", "loss", "message"),
    [
        ([], SoftmaxCrossEntropy(), "layers must be a list of layers, not empty"),
        (ReLU(), SoftmaxCrossEntropy(), "layers must be a list of layers"),
        (
            [ReLU],
            SoftmaxCrossEntropy(),
            r"layer 0 must be a layer, such as ReLU\(\), got the class",
        ),
        ([ReLU(), np.tanh], SoftmaxCrossEntropy(), "layer 1 must have a method forward"),
        ([SHARED, SHARED], SoftmaxCrossEntropy(), "got the same ReLU twice"),
        ([SHARED, Residual(SHARED)], SoftmaxCrossEntropy(), "got the same ReLU twice"),
        ([ReLU()], SoftmaxCrossEntropy, "loss must be a layer, such as SoftmaxCrossEntropy"),
        (
            [ReLU(), SoftmaxCrossEntropy()],
            SoftmaxCrossEntropy(),
            r"layer 1 must have a method forward\(x\), got SoftmaxCrossEntropy\(logits, targets\)",
        ),
        ([ReLU()], ReLU(), r"loss must have a method forward\(outputs, targets\), got ReLU\(x\)"),
        ([ReLU()], "mse", "loss must have a method forward"),
        ([ReLU()], None, "loss must have a method forward"),
        (
            [Affine(np.ones((2, 2), np.float32), np.zeros(2))],
            SoftmaxCrossEntropy(),
            "parameters must be all float32 or all float64, got W1 float32, b1 float64",
        ),
    ],
)
def test_what_makes_no_network_is_refused(layers, loss, message):
    with pytest.raises(ValueError, match=message):
        Network(layers, loss)


class WithoutBackward:
    def forward(self, x):
        return x


def test_a_layer_without_backward_is_refused_by_its_place():
    with pytest.raises(ValueError, match="layer 1 must have a method backward, got <"):
        Network([ReLU(), WithoutBackward()], SoftmaxCrossEntropy())
    with pytest.raises(ValueError, match="layer 0 of Residual must have a method backward"):
        Network([Residual(WithoutBackward())], SoftmaxCrossEntropy())


@pytest.mark.parametrize("x", [np.ones((0, 4)), [], 3.0, np.ones((2, 0))])
def test_no_data_are_refused_by_name(x):
    for ask in (small().loss, small().gradients, small().accuracy, small().numerical_gradients):
        with pytest.raises(ValueError, match=r"x must have shape \(n, \.\.\.\), not empty"):
            ask(x, [])


def test_infinite_data_that_no_unit_would_notice_are_refused_too():
    network, (x, labels) = small(), batch()
    network.parameters["W1"] = np.ones((4, 6))
    x[2, 1] = -np.inf  # every unit is silent, so the loss is a number and the gradient is not
    for ask in (network.loss, network.gradients, network.accuracy, network.outputs):
        with pytest.raises(ValueError, match=r"x must be finite, got -inf at index \(2, 1\)"):
            ask(x, labels) if ask != network.outputs else ask(x)


class WithParameters(ReLU):
    def __init__(self, parameters):
        self.parameters = parameters


@pytest.mark.parametrize("parameters", [[np.zeros(3)], {1: np.zeros(3)}, np.zeros(3)])
def test_parameters_without_names_are_refused_with_the_layer_they_come_from(parameters):
    with pytest.raises(ValueError, match="parameters of WithParameters must be a dict by name"):
        Network([WithParameters(parameters)], SoftmaxCrossEntropy())


class Scale:
    def __init__(self):
        self.parameters = {"scale": 2.0}

    def forward(self, x):
        self.x = x
        return self.parameters["scale"] * x

    def backward(self, upstream):
        self.gradients = {"scale": (upstream * self.x).sum()}
        return upstream * self.parameters["scale"]


def test_a_parameter_may_be_a_single_number():
    (x, _), rng = batch(), np.random.default_rng(0)
    network = Network([affine(rng, 4, 3), Scale()], SoftmaxCrossEntropy())
    assert_agree(network.gradients(x, [0] * 8), network.numerical_gradients(x, [0] * 8))
    data = x, x, [0] * 8, [0] * 8
    assert train(network, data, 0.1, 4, 20, rng, progress=False).test_accuracies[-1] == 1


class ForgetsFloat32:
    """A layer that forgets about float32, as a mask of float64 makes dropout do."""

    def forward(self, x):
        return x * np.ones(x.shape)

    def backward(self, upstream):
        return upstream * np.ones(upstream.shape)


def test_float32_stays_float32_whatever_a_layer_makes_of_it():
    rng = np.random.default_rng(0)
    affine = [Affine(rng.normal(size=(3, 3)).astype(np.float32), np.zeros(3, np.float32))]
    network = Network([*affine, ForgetsFloat32()], SoftmaxCrossEntropy())
    x, labels = rng.normal(size=(4, 3)), [0, 1, 2, 0]
    assert network.outputs(x).dtype == network.predict(x).dtype == np.float32
    assert {g.dtype for g in network.gradients(x, labels).values()} == {np.dtype(np.float32)}


def test_a_layer_that_returns_words_is_refused():
    class Says(ReLU):
        def forward(self, x):
            return "abc"

    network = Network([Affine(np.eye(2), np.zeros(2)), Says()], SoftmaxCrossEntropy())
    with pytest.raises(ValueError, match="what layers return must hold real numbers, got 'abc'"):
        network.outputs(np.ones((1, 2)))
