"""Explorers of chapter 7: a filter over a digit, a digit that moves, filters while they learn."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from downslope._validation import as_count
from downslope.augmentation import shifted
from downslope.datasets import load_digits, minibatches, train_test_split
from downslope.layers import SoftmaxCrossEntropy, forward_through
from downslope.networks import ConvolutionalNet, DeepNet, Network
from downslope.optimizers import Momentum

__all__ = [
    "Pair",
    "accuracies_when_filters_stay",
    "accuracies_when_shifted",
    "accuracies_when_shuffled",
    "trained_pair",
]

N_FILTERS, N_UNITS = 8, 50
RATE, BATCH, EPOCHS, SEEDS = 0.1, 50, 15, range(5)

SIDE, SIZE, MOST_INK = 8, 3, 16
IN_PLACE = tuple(range(SIDE**2))  # the order of pixels that shuffles nothing


class Pair(NamedTuple):
    """Two networks that have learned from the same digits, and digits that neither has seen.

    Attributes
    ----------
    convolutional : Network
        Eight filters of 3 by 3, pooling of 2 by 2, ReLU and an affine layer: 810 weights. Its
        inputs have shape (n, 1, 8, 8).
    two_layer : Network
        50 hidden units with ReLU: 3,760 weights. Its inputs have shape (n, 64).
    images : ndarray of float, shape (360, 8, 8)
    labels : ndarray of int, shape (360,)
    """

    convolutional: Network
    two_layer: Network
    images: np.ndarray
    labels: np.ndarray

    def accuracies(self, rows=0, columns=0) -> np.ndarray:
        """Shares of the digits that each network has right, once they are moved.

        Parameters
        ----------
        rows, columns : int, optional
            How far down and to the right, as in `downslope.augmentation.shifted`.

        Returns
        -------
        shares : ndarray of float, shape (2,)
            Of the convolutional network, and of the one with two layers.
        """
        moved = shifted(self.images, rows, columns)
        return np.array(
            [
                self.convolutional.accuracy(moved[:, np.newaxis], self.labels),
                self.two_layer.accuracy(moved.reshape(len(moved), -1), self.labels),
            ]
        )


def trained_pair(seed, *, order=None) -> Pair:
    """A convolutional network and one with two affine layers, trained on the same digits.

    Each learns from 1,437 digits, 15 epochs of mini-batches of 50, as

    ::

        pixels = load_digits().pixels[:, order]
        rng = np.random.default_rng(seed)
        data = train_test_split(pixels, load_digits().labels, 0.2, rng)
        network = DeepNet(64, 50, 10, 2, rng=np.random.default_rng(seed))
        train(network, data, Momentum(0.1), 50, 15, np.random.default_rng(seed))

    and with `ConvolutionalNet((1, 8, 8), 8, None, 10, filter_size=3, ...)`, to which the digits are
    given as images of one channel.

    Parameters
    ----------
    seed : int, at least 0
        Deals out the digits, draws the weights and the batches.
    order : array_like of int, shape (64,), optional
        Which pixel comes where, row by row: the same shuffle for all digits.

    Returns
    -------
    pair : Pair
        With the other 360 digits, their pixels in that order.

    Raises
    ------
    ValueError
        If `seed` is no such number, or `order` does not name every pixel once.

    Examples
    --------
    >>> pair = trained_pair(0)
    >>> [sum(a.size for a in network.parameters.values()) for network in pair[:2]]
    [810, 3760]
    >>> [round(float(share), 1) for share in pair.accuracies()]
    [1.0, 1.0]
    """
    return _pair(as_count(seed, "seed"), _as_order(order))


def accuracies_when_shuffled(seeds) -> np.ndarray:
    """Accuracies on new digits, as they are and with shuffled pixels, for each of some seeds.

    Each seed has a shuffle of its own, the same for all digits, those to learn from and those to be
    asked about: ``np.random.default_rng(seed).permutation(64)``. Both networks begin anew with it.

    Parameters
    ----------
    seeds : iterable of int, at least 0

    Returns
    -------
    accuracies : ndarray of float, shape (n_seeds, 2, 2)
        For each seed a row for the convolutional network, then one for two affine layers: as they
        are, shuffled.

    Raises
    ------
    ValueError
        If a seed is no such number.

    Examples
    --------
    >>> accuracies_when_shuffled([0]).shape
    (1, 2, 2)
    """
    found = []
    for seed in seeds:
        order = np.random.default_rng(as_count(seed, "seed")).permutation(SIDE**2)
        pairs = trained_pair(seed), trained_pair(seed, order=order)
        found.append(np.stack([pair.accuracies() for pair in pairs], axis=-1))
    return np.array(found)


def accuracies_when_shifted(seeds, most=1) -> np.ndarray:
    """Accuracies on new digits that are moved, by networks that learned from digits in place.

    Parameters
    ----------
    seeds : iterable of int, at least 0
    most : int, from 0 to 7, optional
        How far the digits are moved either way.

    Returns
    -------
    accuracies : ndarray of float, shape (n_seeds, 2, 2 most + 1, 2 most + 1)
        For each seed the convolutional network, then that of two affine layers; for each the rows
        from -most, which is up, to most, and so the columns. In the middle nothing is moved.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> found = accuracies_when_shifted([0])
    >>> found.shape
    (1, 2, 3, 3)
    >>> bool((found[..., 1, 1] > found[..., 1, 2]).all())
    True
    """
    most = as_count(most, "most")
    if most >= SIDE:
        raise ValueError(f"most must be less than {SIDE}, got {most}")
    ways = range(-most, most + 1)
    moved = [
        [[pair.accuracies(rows, columns) for columns in ways] for rows in ways]
        for pair in map(trained_pair, seeds)
    ]
    return np.moveaxis(np.array(moved), -1, 1)


def accuracies_when_filters_stay(seeds) -> np.ndarray:
    """Accuracies on new digits with filters that learn, and with filters that stay as drawn.

    Both networks are the convolutional one of `trained_pair`, with the same first weights. In one
    of them only the affine layer learns.

    Parameters
    ----------
    seeds : iterable of int, at least 0

    Returns
    -------
    accuracies : ndarray of float, shape (n_seeds, 2)
        After 15 epochs: filters learned, filters as drawn.

    Raises
    ------
    ValueError
        If a seed is no such number.

    Examples
    --------
    >>> accuracies_when_filters_stay([0]).shape
    (1, 2)
    """
    found = []
    for seed in seeds:
        learned = trained_pair(seed).accuracies()[0]
        run, (_, features, _, labels) = _filters_stay(seed)
        found.append([learned, run.network.accuracy(features, labels)])
    return np.array(found)


class _Run(NamedTuple):
    """A network after its training, and its parameters before it and after each epoch."""

    network: Network
    epochs: list


def _as_order(order):
    if order is None:
        return IN_PLACE
    given = np.asarray(order)
    if given.dtype.kind not in "iu" or not np.array_equal(np.sort(given), np.arange(SIDE**2)):
        raise ValueError(
            f"order must have each of the whole numbers 0 to {SIDE**2 - 1} once, got {order!r:.60}"
        )
    return tuple(given.tolist())


def _dealt(seed, order):
    """Images and labels to learn from and to be asked about."""
    _, pixels, labels = load_digits()
    images = pixels[:, order].reshape(-1, 1, SIDE, SIDE)
    return train_test_split(images, labels, 0.2, np.random.default_rng(seed))


def _new_convolutional(seed):
    rng = np.random.default_rng(seed)
    return ConvolutionalNet((1, SIDE, SIDE), N_FILTERS, None, 10, rng=rng, filter_size=SIZE)


def _learn(network, x, labels, seed) -> _Run:
    optimizer, rng = Momentum(RATE), np.random.default_rng(seed)
    epochs = [dict(network.parameters)]
    for _ in range(EPOCHS):
        for batch in minibatches(x, labels, batch_size=BATCH, rng=rng):
            _, gradients = network.loss_and_gradients(*batch)
            network.parameters.update(optimizer.step(network.parameters, gradients))
        epochs.append(dict(network.parameters))
    return _Run(network, epochs)


@cache
def _convolutional_run(seed, order) -> _Run:
    x, _, labels, _ = _dealt(seed, order)
    return _learn(_new_convolutional(seed), x, labels, seed)


@cache
def _pair(seed, order) -> Pair:
    x, images, labels, asked = _dealt(seed, order)
    two_layer = DeepNet(SIDE**2, N_UNITS, 10, 2, rng=np.random.default_rng(seed))
    _learn(two_layer, x.reshape(len(x), -1), labels, seed)
    return Pair(_convolutional_run(seed, order).network, two_layer, images[:, 0], asked)


@cache
def _filters_stay(seed):
    """The run of an affine layer behind filters as drawn, and the data as it comes to see them."""
    x, images, labels, asked = _dealt(seed, IN_PLACE)
    *seeing, deciding = _new_convolutional(seed).layers
    features, new = (forward_through(seeing, batch) for batch in (x, images))
    run = _learn(Network([deciding], SoftmaxCrossEntropy()), features, labels, seed)
    return run, (features, new, labels, asked)
