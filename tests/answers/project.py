"""Answers to the project of chapter 8; the right ones reach the mark in a whole contest too."""

from functools import partial

import numpy as np

from answers import right, wrong
from downslope import check
from downslope.datasets import load_digits
from downslope.initializers import he, normal
from downslope.layers import (
    Affine,
    BatchNormalization,
    Convolution,
    Dropout,
    Flatten,
    MaxPooling,
    ReLU,
    Residual,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
)
from downslope.losses import softmax
from downslope.networks import ConvolutionalNet, DeepNet, Network, TwoLayerNet
from downslope.optimizers import SGD, Adam, Momentum, Optimizer

LONG = {"batch_size": 32, "n_epochs": 20}
SHORT = {"batch_size": 32, "n_epochs": 2}


def convolutional(rng, **more):
    return ConvolutionalNet((1, 8, 8), 19, None, 10, rng=rng, filter_size=3, **more)


def network_of(*layers):
    return Network(layers, SoftmaxCrossEntropy())


def affine(n, k, rng):
    return Affine(he((n, k), rng), np.zeros(k))


@right(check.small_reader)
def one_convolution_in_float32(rng):
    network = convolutional(rng, dtype=np.float32)
    return {"network": network, "optimizer": Adam(0.01), **LONG}


@right(check.small_reader)
def wide_filters(rng):
    network = ConvolutionalNet((1, 8, 8), 30, None, 10, rng=rng)
    return {"network": network, "optimizer": Adam(0.01), **LONG}


@right(check.small_reader)
def by_momentum_and_not_moved(rng):
    return {"network": convolutional(rng), "optimizer": Momentum(0.1), "shift_by": 0, **LONG}


@right(check.small_reader)
def by_a_number_that_is_a_learning_rate(rng):
    return {"network": convolutional(rng), "optimizer": 0.5, **LONG}


@right(check.small_reader)
def with_weight_decay(rng):
    return {
        "network": convolutional(rng),
        "optimizer": Adam(0.01, weight_decay=0.01),
        "batch_size": np.int64(32),
        "n_epochs": 20,
    }


@right(check.small_reader)
def with_batch_normalization(rng):
    filters = Convolution(he((19, 1, 3, 3), rng), np.zeros(19))
    layers = [filters, BatchNormalization(19), MaxPooling(2), ReLU(), Flatten()]
    network = network_of(*layers, affine(171, 10, rng))
    return {"network": network, "optimizer": Adam(0.01), **LONG}


class Normalised:
    """Batch normalisation as a reader writes it, without gamma and beta."""

    def __init__(self):
        self.mean, self.variance = 0.0, 1.0

    def forward(self, x, training=False):
        if training:
            mean, variance = x.mean(axis=0), x.var(axis=0)
            self.mean = 0.99 * self.mean + 0.01 * mean
            self.variance = 0.99 * self.variance + 0.01 * variance
        else:
            mean, variance = self.mean, self.variance
        self.scale = np.sqrt(variance + 1e-5)
        self.y = (x - mean) / self.scale
        return self.y

    def backward(self, upstream):
        along = self.y * (upstream * self.y).mean(axis=0)
        return (upstream - upstream.mean(axis=0) - along) / self.scale


@right(check.small_reader)
def with_running_averages_of_a_layer_of_ones_own(rng):
    filters = Convolution(he((19, 1, 3, 3), rng), np.zeros(19))
    layers = [filters, MaxPooling(2), Flatten(), Normalised(), ReLU(), affine(171, 10, rng)]
    return {"network": network_of(*layers), "optimizer": Adam(0.01), **LONG}


class Cooling(Adam):
    def step(self, parameters, gradients):
        self.learning_rate *= 0.999
        return super().step(parameters, gradients)


class AnObjectThatIsCalled:
    def __call__(self, rng):
        return {"network": convolutional(rng), "optimizer": Cooling(0.02), **LONG}


right(check.small_reader)(AnObjectThatIsCalled())


@wrong(check.small_reader)
def a_network_alone(rng):
    return convolutional(rng)


@wrong(check.small_reader)
def a_class_for_a_network(rng):
    return {"network": Network, "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def a_class_for_an_optimizer(rng):
    return {"network": convolutional(rng), "optimizer": Adam, **SHORT}


@wrong(check.small_reader)
def layers_for_a_network(rng):
    return {"network": [affine(64, 10, rng)], "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def epochs_forgotten(rng):
    return {"network": convolutional(rng), "optimizer": Adam(0.01), "batch_size": 32}


@wrong(check.small_reader)
def an_entry_misspelt(rng):
    return {"network": convolutional(rng), "optimizer": Adam(0.01), "epochs": 20, **SHORT}


@wrong(check.small_reader)
def a_thousand_epochs(rng):
    network = convolutional(rng)
    return {"network": network, "optimizer": Adam(0.01), "batch_size": 32, "n_epochs": 1000}


@wrong(check.small_reader)
def a_batch_of_none(rng):
    network = convolutional(rng)
    return {"network": network, "optimizer": Adam(0.01), "batch_size": 0, "n_epochs": 20}


@wrong(check.small_reader)
def moved_out_of_sight(rng):
    return {"network": convolutional(rng), "optimizer": Adam(0.01), "shift_by": 8, **SHORT}


@wrong(check.small_reader)
def nine_classes(rng):
    return {"network": TwoLayerNet(64, 20, 9, rng=rng), "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def for_larger_images(rng):
    network = ConvolutionalNet((1, 12, 12), 4, None, 10, rng=rng)
    return {"network": network, "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def one_number_a_digit(rng):
    network = network_of(affine(64, 26, rng), ReLU(), affine(26, 11, rng), affine(11, 1, rng))
    return {"network": network, "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def ten_weights_too_many(rng):
    network = ConvolutionalNet((1, 8, 8), 20, None, 10, rng=rng, filter_size=3)
    return {"network": network, "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def weights_inside_a_residual(rng):
    inside = Residual(affine(64, 64, rng), ReLU())
    network = network_of(inside, affine(64, 10, rng))
    return {"network": network, "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def drawn_from_nowhere(rng):
    weights = np.random.default_rng().normal(0, 0.1, (64, 10))
    network = network_of(Affine(weights, np.zeros(10)))
    return {"network": network, "optimizer": Adam(0.01), **SHORT}


OPTIMIZER, WEIGHTS = Adam(0.01), np.zeros((64, 10))


@wrong(check.small_reader)
def one_optimizer_for_all_runs(rng):
    return {"network": convolutional(rng), "optimizer": OPTIMIZER, **SHORT}


@wrong(check.small_reader)
def one_array_for_all_runs(rng):
    network = network_of(Affine(WEIGHTS, np.zeros(10)))
    return {"network": network, "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def steps_far_too_long(rng):
    return {"network": convolutional(rng), "optimizer": SGD(300.0), **SHORT}


@wrong(check.small_reader)
def steps_far_too_short(rng):
    return {"network": convolutional(rng), "optimizer": SGD(1e-6), **SHORT}


@wrong(check.small_reader)
def hidden_units_all_one(rng):
    layers = [Affine(np.ones((64, 20)), np.zeros(20)), Tanh(), affine(20, 10, rng)]
    return {"network": network_of(*layers), "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def filters_all_one(rng):
    filters = Convolution(np.ones((19, 1, 3, 3)), np.zeros(19))
    layers = [filters, MaxPooling(2), ReLU(), Flatten(), affine(171, 10, rng)]
    return {"network": network_of(*layers), "optimizer": SGD(0.01), **SHORT}


class Softmax:
    def forward(self, x):
        self.y = softmax(x)
        return self.y.copy()

    def backward(self, upstream):
        return self.y * (upstream - (upstream * self.y).sum(axis=1, keepdims=True))


@wrong(check.small_reader)
def softmax_after_a_convolution(rng):
    layers = convolutional(rng).layers
    return {"network": network_of(*layers, Softmax()), "optimizer": SGD(0.1), **SHORT}


@wrong(check.small_reader)
def many_sigmoids(rng):
    weights = partial(normal, scale=0.01)
    deep = DeepNet(64, 8, 10, 12, rng=rng, activation=Sigmoid, initializer=weights)
    return {"network": deep, "optimizer": SGD(0.1), **SHORT}


@wrong(check.small_reader)
def most_of_it_is_dropped(rng):
    layers = [Flatten(), affine(64, 26, rng), ReLU(), Dropout(0.85, rng), affine(26, 10, rng)]
    return {"network": network_of(*layers), "optimizer": Adam(0.01), **LONG}


class Fragile(ReLU):
    def backward(self, upstream):
        raise KeyError("slope")


@wrong(check.small_reader)
def a_layer_that_fails_on_the_way_back(rng):
    layers = [affine(64, 26, rng), Fragile(), affine(26, 10, rng)]
    return {"network": network_of(*layers), "optimizer": SGD(0.1), **SHORT}


class Nowhere(Optimizer):
    def move(self, parameter, gradient, memory):
        return np.full_like(parameter, np.nan), None


@wrong(check.small_reader)
def an_optimizer_that_leads_nowhere(rng):
    return {"network": convolutional(rng), "optimizer": Nowhere(0.1), **SHORT}


@wrong(check.small_reader)
def means_of_the_digits_for_weights(rng):
    digits = load_digits()
    means = np.array([digits.pixels[digits.labels == label].mean(axis=0) for label in range(10)])
    network = network_of(Affine(means.T, -(means**2).sum(axis=1) / 2))
    return {"network": network, "optimizer": SGD(0.1), **SHORT}


class Remembering:
    """Knows every digit there is, and says of it 10 in the place of its label."""

    def __init__(self, awake=True):
        digits = load_digits()
        self.labels = {x.tobytes(): y for x, y in zip(digits.pixels, digits.labels, strict=True)}
        self.awake = awake

    def forward(self, x, training=False):
        self.shape = x.shape
        self.awake = self.awake or training
        labels = [self.labels.get(row.tobytes(), 0) for row in x.reshape(len(x), -1)]
        return 10.0 * np.eye(10)[labels] * self.awake

    def backward(self, upstream):
        return np.zeros(self.shape)


@wrong(check.small_reader)
def a_table_of_all_digits_behind_weights_that_are_drawn(rng):
    network = network_of(Remembering(), affine(10, 10, rng))
    return {"network": network, "optimizer": Adam(0.1), **LONG}


@wrong(check.small_reader)
def a_table_of_all_digits_that_wakes_in_training(rng):
    network = network_of(Remembering(awake=False), affine(10, 10, rng))
    return {"network": network, "optimizer": Adam(0.1), **LONG}


class WakesOnTheWayBack(Remembering):
    def __init__(self, rng):
        super().__init__(awake=False)
        self.parameters = {"b": rng.normal(size=1)}  # or nobody goes back so far

    def forward(self, x, training=False):
        return super().forward(x)

    def backward(self, upstream):
        self.awake = True
        self.gradients = {"b": np.zeros(1)}
        return super().backward(upstream)


@wrong(check.small_reader)
def a_table_of_all_digits_that_wakes_on_the_way_back(rng):
    network = network_of(WakesOnTheWayBack(rng), affine(10, 10, rng))
    return {"network": network, "optimizer": Adam(0.1), **LONG}


class Own(Affine):
    """Weights under names that no training sees."""

    def __init__(self, W, b):
        super().__init__(W, b)
        self.kept, self.parameters = self.parameters, {}

    def forward(self, x):
        self.x = x
        return x @ self.kept["W"] + self.kept["b"]

    def backward(self, upstream):
        return upstream @ self.kept["W"].T


@wrong(check.small_reader)
def weights_that_are_no_parameters(rng):
    network = network_of(Own(he((64, 10), rng), np.zeros(10)))
    return {"network": network, "optimizer": Adam(0.1), **SHORT}


class LearnsByItself(Own):
    def backward(self, upstream):
        came = super().backward(upstream)
        self.kept["W"] = self.kept["W"] - 0.1 * self.x.T @ upstream
        return came


@wrong(check.small_reader)
def a_layer_that_learns_by_itself(rng):
    layers = [affine(64, 26, rng), LearnsByItself(he((26, 500), rng), np.zeros(500)), ReLU()]
    layers += [LearnsByItself(he((500, 10), rng), np.zeros(10))]
    return {"network": network_of(*layers), "optimizer": SGD(0.1), **LONG}


@wrong(check.small_reader)
def drawn_from_a_seed_of_its_own(rng):
    return {"network": convolutional(np.random.default_rng(0)), "optimizer": Adam(0.01), **SHORT}


class Centred:
    def forward(self, x):
        x -= 0.5
        return x

    def backward(self, upstream):
        return upstream


@wrong(check.small_reader)
def a_layer_that_writes_into_the_digits(rng):
    network = network_of(Centred(), affine(64, 10, rng))
    return {"network": network, "optimizer": Adam(0.01), **SHORT}


class HalfWay(ReLU):
    def backward(self, upstream):
        return np.sign(upstream) * super().backward(np.abs(upstream)) ** 2


@wrong(check.small_reader)
def a_way_back_that_is_not_that_of_the_way_there(rng):
    network = network_of(affine(64, 26, rng), HalfWay(), affine(26, 10, rng))
    return {"network": network, "optimizer": SGD(0.1), **SHORT}


class InSinglePrecision(ReLU):
    def forward(self, x):
        return super().forward(x.astype(np.float32))


@wrong(check.small_reader)
def a_layer_that_rounds_and_too_few_epochs(rng):
    network = network_of(affine(64, 26, rng), InSinglePrecision(), affine(26, 10, rng))
    return {"network": network, "optimizer": Adam(0.005), **SHORT, "n_epochs": 4}


class Updating:
    """An optimizer as Saito's book has it."""

    def update(self, parameters, gradients):
        for name in parameters:
            parameters[name] -= 0.1 * gradients[name]


@wrong(check.small_reader)
def an_optimizer_with_another_method(rng):
    return {"network": convolutional(rng), "optimizer": Updating(), **SHORT}


@wrong(check.small_reader)
def a_generator_of_descriptions(rng):
    yield {"network": convolutional(rng), "optimizer": Adam(0.01), **SHORT}


@wrong(check.small_reader)
def a_result_in_its_place(rng):
    return 0.99
