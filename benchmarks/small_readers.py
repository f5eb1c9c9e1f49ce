"""How well small readers of the digits read, measured as the project of chapter 8 measures them.

Eight contests, each with other parts of the digits and other first weights. Two affine layers set
the mark of `check.small_reader`; they, one convolution, and the last, the best that we have found,
stand beside every report. It was chosen in the first four contests; the other four had not seen
it. Test digits stay closed. Run: python benchmarks/small_readers.py
"""

import numpy as np

from downslope import check
from downslope.exercises._referee import judged
from downslope.initializers import he
from downslope.layers import (
    Affine,
    BatchNormalization,
    Convolution,
    Dropout,
    Flatten,
    MaxPooling,
    ReLU,
    SoftmaxCrossEntropy,
)
from downslope.networks import Network
from downslope.optimizers import Adam, Momentum

N_CONTESTS = 8


def affine(n, k, rng):
    return Affine(he((n, k), rng), np.zeros(k))


def filters(n, size, rng, padding=0):
    return Convolution(he((n, 1, size, size), rng), np.zeros(n), padding=padding)


def described(layers, optimizer, n_epochs, **more):
    network = Network(layers, SoftmaxCrossEntropy())
    return dict(network=network, optimizer=optimizer, batch_size=32, n_epochs=n_epochs, **more)


def two_affine_layers(rng):
    return described([affine(64, 26, rng), ReLU(), affine(26, 10, rng)], Adam(0.01), 30)


def two_affine_layers_by_momentum(rng):
    return described([affine(64, 26, rng), ReLU(), affine(26, 10, rng)], Momentum(0.05), 60)


def convolution(rng, n_epochs=30, **more):
    layers = [filters(19, 3, rng), MaxPooling(2), ReLU(), Flatten(), affine(19 * 9, 10, rng)]
    return described(layers, Adam(0.01), n_epochs, **more)


def convolution_of_moved_digits(rng):
    return convolution(rng, n_epochs=60, shift_by=1)


def the_solution(rng):
    return check.small_reader.solution(rng)


class Cooling(Adam):
    """Adam whose learning rate falls to 0 in a straight line, over so many steps."""

    def __init__(self, learning_rate, n_steps):
        super().__init__(learning_rate)
        self.rates = iter(np.linspace(learning_rate, 0, n_steps, endpoint=False))

    def step(self, parameters, gradients):
        self.learning_rate = next(self.rates)
        return super().step(parameters, gradients)


def all_together(rng):
    layers = [filters(16, 5, rng, padding=1), BatchNormalization(16), MaxPooling(2), ReLU()]
    layers += [Flatten(), Dropout(0.5, rng), affine(16 * 9, 10, rng)]
    return described(layers, Cooling(0.02, 3_000), 100)


READERS = [
    two_affine_layers,
    two_affine_layers_by_momentum,
    convolution,
    convolution_of_moved_digits,
    the_solution,
    all_together,
]


def accuracies(reader, n_contests=N_CONTESTS):
    """Of each contest the share of digits read rightly by networks that had not learned them."""
    terms = check.small_reader.terms
    return [
        judged(reader, np.random.default_rng(seed), terms).accuracy for seed in range(n_contests)
    ]


if __name__ == "__main__":
    print(f"{'reader':32} mean   sd    lowest highest")
    for reader in READERS:
        found = accuracies(reader)
        mean, spread = np.mean(found), np.std(found, ddof=1)
        name = reader.__name__.replace("_", " ")
        print(f"{name:32} {mean:.4f} {spread:.4f} {min(found):.4f} {max(found):.4f}", flush=True)
