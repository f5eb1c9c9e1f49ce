"""Explorers of chapter 7: a filter over a digit, a digit that moves, filters while they learn."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.patches import Rectangle

from downslope import plots
from downslope._validation import as_count
from downslope.augmentation import shifted
from downslope.convolution import Convolution, output_size
from downslope.datasets import load_digits, minibatches, train_test_split
from downslope.explore import Explorer, choice, explore, steps, values
from downslope.layers import MaxPooling, ReLU, SoftmaxCrossEntropy, forward_through
from downslope.networks import ConvolutionalNet, DeepNet, Network
from downslope.optimizers import Momentum

__all__ = [
    "Pair",
    "accuracies_when_filters_stay",
    "accuracies_when_shifted",
    "accuracies_when_shuffled",
    "filter_over_digit",
    "filters_in_training",
    "shifted_digit",
    "trained_pair",
]

N_FILTERS, N_UNITS = 8, 50
RATE, BATCH, EPOCHS, SEEDS = 0.1, 50, 15, range(5)

SIDE, SIZE, MOST_INK = 8, 3, 16
IN_PLACE = tuple(range(SIDE**2))  # the order of pixels that shuffles nothing
SHOWN = 4  # number of a digit in the data, a 4: it has a corner like an L
#: Filters in whole numbers, and what their sum is divided by.
FILTERS = {
    "horizontal edge": ([[-1, -1, -1], [0, 0, 0], [1, 1, 1]], 1),
    "vertical edge": ([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], 1),
    "corner like an L": ([[1, -1, -1], [1, -1, -1], [1, 1, 1]], 1),
    "blur": ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9),
    "spot": ([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], 1),
}
STRIDES, PADDINGS = (1, 2, 3), (0, 1, 2)
PINK = "#CC79A7"  # what no window reaches
ON_LIGHT, ON_DARK = "#333333", "#f7f7f7"  # on images, which stay as they are in the dark

MOST, MIDDLES = 2, (0, 8.9, 17)  # of shifts; of three pictures side by side
NETWORKS = {
    "convolutional": {"color": plots.BLUE, "label": "convolutional"},
    "two-layer": {"color": plots.ORANGE, "hatch": "////", "label": "two-layer"},
}
CURVES = {
    "train": {"color": plots.ORANGE, "linestyle": "--", "label": "training"},
    "new": {"color": plots.BLUE, "linestyle": "-", "label": "new digits"},
}


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


def filter_over_digit() -> Explorer:
    """A window over a digit of 8 by 8 pixels: the sum at each of its places, and the feature map.

    Returns
    -------
    explorer : Explorer
        With controls `row` and `column`, where the middle of the window is, `filter`, `stride` and
        `padding`.

    Examples
    --------
    >>> explorer = filter_over_digit()
    >>> explorer.controls["filter"].value = "vertical edge"
    >>> explorer.controls["row"].value, explorer.controls["column"].value = 1, 5
    >>> print(explorer.readout.partition(". ")[0])
    Around row 1, column 5: −1·11 − 1·8 − 1·6 + 1·2 = −23; the other 5 products are 0
    """
    ink = np.rint(load_digits().images[SHOWN] * MOST_INK).astype(int)
    far = SIDE + max(PADDINGS) - 0.5

    def picture(digit):
        digit.set(xlim=(-2.6, far + 0.1), ylim=(far + 0.1, -2.6), aspect="equal")
        digit.set(xticks=range(SIDE), yticks=range(SIDE), xlabel="column", ylabel="row")
        digit.set_title("ink, from 0 to 16")
        digit.set_position((0.12, 0.12, 0.87, 0.81))
        _bare(digit)
        _numbered(digit, ink, "Greys", (0, MOST_INK))

    def border(digit, padding):
        corner, side = (-0.5 - padding, -0.5 - padding), SIDE + 2 * padding
        for where in np.argwhere(np.pad(np.zeros((SIDE, SIDE)), padding, constant_values=1)):
            digit.text(*(where[::-1] - padding), "0", ha="center", va="center", size=8.5)
        digit.add_patch(Rectangle(corner, side, side, fill=False, linewidth=0.8))

    def places(digit, stride, padding):
        middles = np.array(_middles(stride, padding))
        for row in middles:
            for column in middles:
                corner = column - 0.42, row - 0.42
                digit.add_patch(Rectangle(corner, 0.84, 0.84, fill=False, ec=plots.BLUE, lw=1.1))
        pixels = range(-padding, SIDE + padding)
        _strike(digit, [(r, c) for r in pixels for c in pixels if max(r, c) > middles[-1] + 1])

    def seen_frame(seen):
        seen.set(xlim=(-0.6, 2.6), ylim=(6.6, -1), aspect="equal")
        seen.set_position((0.02, 0.01, 0.96, 0.98))
        seen.axis("off")
        seen.text(1, 3.2, "ink under it", ha="center")
        _frame(seen, -0.5, 3.5, SIZE)

    def weights(seen, filter):
        W, divisor = filter
        _numbered(seen, np.array(W), "Greys", (-1.3, 1.3), size=11)
        seen.text(1, -0.7, "filter" + ", in ninths" * (divisor > 1), ha="center")

    def under_it(seen, row, column):
        _numbered(seen, _around(ink, row, column), "Greys", (0, MOST_INK), corner=(0, 4), size=11)

    def map_frame(found):
        found.set(xlim=(-0.6, 9.6), ylim=(9.6, -0.6), aspect="equal", title="feature map")
        found.set(xticks=range(0, 10), yticks=range(0, 10), xlabel="place across")
        found.set_ylabel("place down")
        found.set_position((0.14, 0.14, 0.85, 0.78))
        _bare(found)

    def feature_map(found, filter, stride, padding):
        W, divisor = filter
        y = _sums(ink, W, 1, max(PADDINGS)) / divisor
        limits = y.min(), y.max()
        numbers = _sums(ink, W, stride, padding) / divisor
        _numbered(found, numbers, "cividis", limits, size=8)

    def sum_of_products(row, column, filter):
        return _sum_said(ink, row, column, *filter)

    def window(digit, row, column):
        _frame(digit, column - 1.5, row - 1.5, SIZE)

    def place(found, row, column, stride, padding):
        middles = _middles(stride, padding)
        if row in middles and column in middles:
            down, across = middles.index(row), middles.index(column)
            _frame(found, across - 0.5, down - 0.5, 1)
            return f"That is place ({down}, {across}) of the map."
        if min(row, column) < 1 - padding or max(row, column) > SIDE + padding - 2:
            return "Here the window sticks out, so that this sum is not in the map."
        return (
            f"With this stride no window stops here, only in {_listed(middles)}: the sum is not in "
            "the map."
        )

    def size_of_map(stride, padding):
        return _size_said(stride, padding)

    return explore(
        picture,
        border,
        places,
        seen_frame,
        weights,
        under_it,
        map_frame,
        feature_map,
        sum_of_products,
        window,
        place,
        size_of_map,
        name="filter-over-digit",
        alt={
            "digit": "A handwritten 4 of 8 by 8 pixels, with a number from 0 to 16 for the ink of "
            "each, and its padding around it. Blue squares mark where the middle of the window "
            "stops; struck out is what no window reaches. An orange frame shows the window.",
            "seen": "The nine weights of the filter, and below them the ink of the nine pixels "
            "under it.",
            "found": "The feature map with a number for each place; where the window stops, its "
            "place is framed.",
        },
        panels={"digit": (3.5, 3.5), "seen": (1.45, 3.5), "found": (3.1, 3.1)},
        handles={"digit": ("column", "row")},
        row=values(range(-1, SIDE + 1), default=4, label="row of the middle"),
        column=values(range(-1, SIDE + 1), default=3, label="column of the middle"),
        filter=choice(FILTERS, default="corner like an L"),
        stride=values(STRIDES, label="stride"),
        padding=values(PADDINGS, label="padding"),
    )


def shifted_digit() -> Explorer:
    """A digit that the reader moves, what a filter and pooling make of it, and what networks say.

    The networks are those of ``trained_pair(0)``. Of the digits that neither has seen it is the
    first that each network has right in as many of the 25 positions as it has them on average,
    unmoved among them.

    Returns
    -------
    explorer : Explorer
        With controls `rows` and `columns`, how far the digit is moved down and to the right, and
        `filter`, one of the eight of the convolutional network.

    Examples
    --------
    >>> explorer = shifted_digit()
    >>> explorer.controls["rows"].value = 2
    >>> print(explorer.readout.partition(": ")[0])
    Moved 2 rows down and 1 column right
    """
    pair = trained_pair(0)
    shares = accuracies_when_shifted([0], MOST)[0]
    chosen = _typical(pair)
    image, label = pair.images[chosen], pair.labels[chosen]
    convolution = pair.convolutional.layers[0]
    strongest = max(_maps(convolution, image, f).max() for f in range(N_FILTERS))

    def moved(rows, columns):
        return shifted(image[np.newaxis], rows, columns)[0]

    def frame(pictures):
        pictures.set(xlim=(-4.6, 20.3), ylim=(4.5, -5.6), aspect="equal")
        pictures.set_position((0.01, 0.01, 0.98, 0.98))
        pictures.axis("off")
        for middle, word in zip(MIDDLES, ("digit", "feature map", "after pooling"), strict=True):
            pictures.text(middle, -4.4, word, ha="center")

    def digit(pictures, moved):
        _tile(pictures, moved, MIDDLES[0], 1, "Greys", 1)

    def maps(pictures, moved, filter):
        y = _maps(convolution, moved, filter - 1)
        _tile(pictures, y, MIDDLES[1], 1, "cividis", strongest)
        _tile(pictures, _pooled(y), MIDDLES[2], 2, "cividis", strongest)

    def said_frame(said):
        said.set(xlim=(-0.6, 9.6), ylim=(0, 1.34), xticks=range(10), xlabel="class")
        said.set(yticks=np.arange(0, 1.1, 0.2), title="probability")
        for style in NETWORKS.values():
            said.bar([0], [0], **style)
        said.plot(label, 1.03, "v", color=plots.INK, label="written")
        said.legend(
            loc="upper left",
            ncols=3,
            columnspacing=0.7,
            handlelength=1,
            fontsize=9,
            handletextpad=0.4,
            borderpad=0,
        )

    def bars(said, moved):
        for place, (name, style) in enumerate(NETWORKS.items()):
            low = {"width": 0.4, **style, "label": None}
            said.bar(np.arange(10) + (0.4 * place - 0.2), _probabilities(pair, name, moved), **low)

    def share_frame(share):
        share.set(xlim=(-2.6, 8.6), ylim=(2.6, -3.6), aspect="equal")
        share.set_title("new digits right (%)")
        share.set_xticks([*range(-2, 3), *range(4, 9)], [*map(_signed, range(-2, 3))] * 2)
        share.set_yticks(range(-2, 3), map(_signed, range(-2, 3)))
        share.set(xlabel="columns")
        share.set_ylabel("rows")
        _bare(share)
        for left, (name, table) in zip((0, 6), zip(NETWORKS, shares, strict=True), strict=True):
            share.text(left, -2.8, name, ha="center")
            _numbered(share, np.rint(100 * table), "cividis", (0, 100), corner=(left - 2, -2))

    def position(share, rows, columns):
        for left in (0, 6):
            _frame(share, left + columns - 0.5, rows - 0.5, 1)

    def verdicts(rows, columns, moved):
        of = dict(zip(NETWORKS, shares[:, rows + MOST, columns + MOST], strict=True))
        told = [_verdict(name, _probabilities(pair, name, moved), label) for name in NETWORKS]
        so = " moved in the same way" * bool(rows or columns)
        return (
            f"{_way(rows, columns)}: {told[0]}; {told[1]}. Of 360 new digits{so} they get "
            f"{of['convolutional']:.0%} and {of['two-layer']:.0%} right."
        ).replace("%", " %")

    def changes(filter, rows, columns, moved):
        if not (rows or columns):
            return ""
        before, after = (_maps(convolution, x, filter - 1) for x in (image, moved))
        return (
            f"The map of filter {filter} moved along; compared place by place it changed by "
            f"{_change(before, after)}, after pooling by "
            f"{_change(_pooled(before), _pooled(after))}."
        )

    return explore(
        frame,
        digit,
        maps,
        said_frame,
        bars,
        share_frame,
        position,
        verdicts,
        changes,
        name="shifted-digit",
        alt={
            "pictures": "A handwritten digit that can be moved, the map that one filter and ReLU "
            "make of it, and that map after pooling.",
            "said": "Two bars for each class: the probability that a convolutional network gives "
            "it, and one of two layers.",
            "share": "Two tables: how many of 360 new digits each network has right in each of 25 "
            "positions, in per cent, with a frame at this position.",
        },
        panels={"pictures": (4.4, 1.85), "said": (3.6, 2.7), "share": (4.1, 2.7)},
        shared={"moved": moved},
        handles={"pictures": ("columns", "rows")},
        rows=values(range(-MOST, MOST + 1), default=0, label="rows down"),
        columns=values(range(-MOST, MOST + 1), default=1, label="columns to the right"),
        filter=steps(N_FILTERS, first=1, default=4, label="filter", play=False),
    )


def filters_in_training() -> Explorer:
    """Eight filters of 3 by 3 while a convolutional network learns, or while they stay as drawn.

    Returns
    -------
    explorer : Explorer
        With controls `learning`, whether the filters learn, and `epoch`.

    Examples
    --------
    >>> explorer = filters_in_training()
    >>> explorer.controls["epoch"].value = 0
    >>> print(explorer.readout.partition(",")[0])
    Before the first epoch
    """
    runs = {True: _learned_curves(), False: _stayed_curves()}
    extreme = max(np.abs(epoch["W1"]).max() for epoch in runs[True].epochs)
    ends = accuracies_when_filters_stay(SEEDS)

    def filters_frame(filters):
        filters.set(xlim=(-0.2, 15.2), ylim=(7.9, -0.9), aspect="equal")
        filters.set_position((0.01, 0.01, 0.98, 0.9))
        filters.set_title("dark: ink counts for, light: against")
        filters.axis("off")

    def filters_now(filters, learning, epoch):
        at = epoch if learning else 0
        for number, W in enumerate(runs[True].epochs[at]["W1"][:, 0]):
            down, across = divmod(number, 4)
            left, top = 4 * across, 4.1 * down
            extent = left, left + SIZE, top + SIZE, top
            filters.imshow(W, "Greys", vmin=-extreme, vmax=extreme, extent=extent)
            filters.text(left, top - 0.15, str(number + 1), size=9)

    def curves_frame(curves):
        curves.set(xlim=(-0.5, EPOCHS + 0.5), ylim=(0.8, 1.005), xlabel="epoch")
        curves.set(title="accuracy, from 0.8 up", xticks=range(0, EPOCHS + 1, 5))
        for style in CURVES.values():
            curves.plot([], [], **style)
        curves.legend(loc="lower right")

    def curves_of(curves, learning):
        for key, style in CURVES.items():
            curves.plot(getattr(runs[learning], key), **style)

    def here(curves, epoch):
        curves.axvline(epoch, ymin=0.33, color=plots.INK, linewidth=0.8, linestyle=":")

    def seeds_frame(seeds):
        seeds.set(
            xlim=(-0.4, 1.4), ylim=(0.9, 1.0), title="new digits, in the end", xlabel="filters"
        )
        seeds.set_xticks([0, 1], ["as drawn", "learn"])
        for learned, stayed in ends:
            seeds.plot([0, 1], [stayed, learned], "o-", color=plots.BLUE, linewidth=1)

    def sentence(learning, epoch):
        run = runs[learning]
        begun = f"After epoch {epoch}" if epoch else "Before the first epoch"
        learned, stayed = ends.mean(axis=0)
        return (
            f"{begun}, filters {'that learn' if learning else 'as drawn'}: training "
            f"{run.train[epoch]:.3f}, new digits {run.new[epoch]:.3f}. In the end, five seeds: "
            f"{learned:.3f} with filters that learn, {stayed:.3f} as drawn."
        )

    return explore(
        filters_frame,
        filters_now,
        curves_frame,
        curves_of,
        here,
        seeds_frame,
        sentence,
        name="filters-in-training",
        alt={
            "filters": "Eight filters of 3 by 3 weights as images, dark where ink counts for and "
            "light where it counts against.",
            "curves": "Accuracy against the epoch, on training digits dashed, on new digits solid.",
            "seeds": "For each of five seeds, a line from the accuracy with filters as drawn to "
            "that with filters that learn.",
        },
        panels={"filters": (3.7, 2.35), "curves": (3.3, 2.7), "seeds": (2.3, 2.7)},
        learning=choice({"learn": True, "stay as drawn": False}, label="filters"),
        epoch=steps(EPOCHS, default=EPOCHS, label="epoch"),
    )


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


def _numbered(ax, numbers, cmap, limits, corner=(0, 0), size=8.5):
    """Numbers as an image with each written in its pixel; the first is in the corner."""
    height, width = numbers.shape
    left, top = corner
    extent = (left - 0.5, left + width - 0.5, top + height - 0.5, top - 0.5)
    cmap = colormaps[cmap]
    ax.imshow(numbers, cmap, vmin=limits[0], vmax=limits[1], extent=extent)
    shade = (numbers - limits[0]) / (limits[1] - limits[0])
    light = cmap(shade)[..., :3] @ (0.3, 0.59, 0.11) > 0.55
    for (row, column), number in np.ndenumerate(numbers):
        text, color = _text(number), ON_LIGHT if light[row, column] else ON_DARK
        small = size * min(1, 3 / len(text))
        ax.text(left + column, top + row, text, size=small, color=color, ha="center", va="center")


def _bare(ax):
    """Numbers along the axes without the axes themselves."""
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, pad=1)


def _frame(ax, left, top, side):
    frame = Rectangle((left, top), side, side, fill=False, edgecolor=plots.ORANGE, linewidth=2.6)
    ax.add_patch(frame)


def _strike(ax, pixels):
    """Two strokes through each pixel, in a colour that is seen on paper, on ink and in the dark."""
    for row, column in pixels:
        for slip in (-0.25, 0.25):
            across = column + slip + np.array([-0.25, 0.25])
            ax.plot(across, [row + 0.5, row - 0.5], color=PINK, linewidth=1.3)


def _text(number):
    """At most one decimal, and a minus as it is printed."""
    return f"{number:.1f}".removesuffix(".0").replace("-0", "0").replace("-", "−")


def _middles(stride, padding):
    """Rows, or columns, to which the middle of the window comes."""
    return [1 - padding + stride * i for i in range(output_size(SIDE, SIZE, stride, padding))]


def _sums(ink, W, stride, padding):
    layer = Convolution(np.array([[W]], dtype=float), np.zeros(1), stride, padding)
    return layer.forward(ink[np.newaxis, np.newaxis].astype(float))[0, 0]


def _around(ink, row, column):
    """The three by three pixels around one; beyond the image they are 0."""
    return np.pad(ink, 3)[row + 2 : row + 5, column + 2 : column + 5]


def _sum_said(ink, row, column, W, divisor):
    """The sum of products, those that are not 0 written out."""
    around = _around(ink, row, column).ravel()
    terms = [(w, x) for w, x in zip(np.ravel(W), around, strict=True) if w * x]
    where = f"Around row {_signed(row)}, column {_signed(column)}".replace("+", "")
    if not terms:
        return f"{where}: all nine products are 0, and so is their sum."
    written = " ".join(f"{'−' if w < 0 else '+'} {abs(w)}·{x}" for w, x in terms)
    written = written.removeprefix("+ ").replace("− ", "−", written.startswith("−"))
    total = sum(w * x for w, x in terms)
    rest = 9 - len(terms)
    tail = f"; the other {rest} product{'s are' if rest > 1 else ' is'} 0" * bool(rest)
    if divisor > 1:
        return f"{where}: ({written}) / {divisor} = {_text(total / divisor)}{tail}."
    return f"{where}: {written} = {_text(total)}{tail}."


def _size_said(stride, padding):
    """How many places there are, and what is in none of them."""
    n, span = output_size(SIDE, SIZE, stride, padding), SIDE + 2 * padding - SIZE
    dropped = span % stride
    said = f"({SIDE} + 2·{padding} − {SIZE}) / {stride} + 1"
    said += f", floored, gives {n} by {n} places" if dropped else f" gives {n} by {n} places"
    lost = range(SIDE + padding - dropped, SIDE + padding)
    if not lost:
        return f"{said}; nothing is dropped."
    which = " and ".join(map(str, lost))
    many, of = "s" * (len(lost) > 1), ", of the padding," * (lost[0] >= SIDE)
    return f"{said}; row{many} and column{many} {which}{of} are in none of them."


def _listed(numbers):
    *first, last = [_signed(n).replace("+", "") for n in numbers]
    return f"rows and columns {', '.join(first)} and {last}"


def _signed(number):
    return f"{number:+d}".replace("-", "−") if number else "0"


def _tile(ax, image, middle, pixel, cmap, most):
    """A square image around a point of the axis across, so many units a pixel."""
    half = len(image) * pixel / 2
    extent = middle - half, middle + half, half, -half
    ax.imshow(image, colormaps[cmap].resampled(32), vmin=0, vmax=most, extent=extent)
    ax.add_patch(Rectangle((middle - half, -half), 2 * half, 2 * half, fill=False, linewidth=0.6))


def _maps(convolution, image, number):
    """The map of one filter after ReLU, shape (6, 6)."""
    seen = convolution.forward(image[np.newaxis, np.newaxis])
    return ReLU().forward(seen)[0, number]


def _pooled(feature_map):
    return MaxPooling(2).forward(feature_map[np.newaxis, np.newaxis])[0, 0]


def _change(before, after):
    """Sum of the changes, as a share of the sum before."""
    total = before.sum()
    return f"{np.abs(after - before).sum() / total:.0%}".replace("%", " %") if total else "nothing"


def _probabilities(pair, name, image):
    if name == "convolutional":
        return pair.convolutional.predict(image[np.newaxis, np.newaxis])[0]
    return pair.two_layer.predict(image.reshape(1, -1))[0]


def _typical(pair):
    """The first digit that both networks have right as often as on average, unmoved among them."""
    ways = range(-MOST, MOST + 1)
    places = [(rows, columns) for rows in ways for columns in ways]
    right = np.array([_right(pair, *place) for place in places])
    counts = right.sum(axis=0)
    usual = counts == np.rint(counts.mean(axis=1, keepdims=True))
    return int(np.argmax(usual.all(axis=0) & right[places.index((0, 0))].all(axis=0)))


def _right(pair, rows, columns):
    """Whether each network has each digit right, shape (2, n)."""
    moved = shifted(pair.images, rows, columns)
    outputs = [
        pair.convolutional.outputs(moved[:, np.newaxis]),
        pair.two_layer.outputs(moved.reshape(len(moved), -1)),
    ]
    return np.array([logits.argmax(axis=1) == pair.labels for logits in outputs])


def _verdict(name, probabilities, label):
    guess = int(probabilities.argmax())
    word = "right" if guess == label else "wrong"
    return f"the {name} network says {guess} ({probabilities[guess]:.2f}), {word}"


def _way(rows, columns):
    parts = [
        f"{abs(n)} {noun}{'s' * (abs(n) > 1)} {ways[n > 0]}"
        for n, noun, ways in ((rows, "row", ("up", "down")), (columns, "column", ("left", "right")))
        if n
    ]
    return "Moved " + " and ".join(parts) if parts else "In its place"


class _Curves(NamedTuple):
    """Parameters and accuracies before the first epoch and after each."""

    epochs: list
    train: list
    new: list


def _learned_curves():
    x, images, labels, asked = _dealt(0, IN_PLACE)
    run = _convolutional_run(0, IN_PLACE)
    return _measured(_new_convolutional(0), run.epochs, (x, images, labels, asked))


def _stayed_curves():
    run, data = _filters_stay(0)
    deciding = _new_convolutional(0).layers[-1]
    return _measured(Network([deciding], SoftmaxCrossEntropy()), run.epochs, data)


def _measured(network, epochs, data):
    """Accuracies of a network with each of some parameters."""
    x, new, labels, asked = data
    train, test = [], []
    for parameters in epochs:
        network.parameters.update(parameters)
        train.append(network.accuracy(x, labels))
        test.append(network.accuracy(new, asked))
    return _Curves(epochs, train, test)
