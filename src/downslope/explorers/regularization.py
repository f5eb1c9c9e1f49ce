"""Explorers of chapter 6b: batch normalisation, wrong labels, and a search among settings."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.patches import Rectangle

from downslope import plots
from downslope._validation import as_count, as_share
from downslope.datasets import load_digits, minibatches, one_hot, train_test_split
from downslope.explore import Explorer, explore, steps, values
from downslope.initializers import he, normal
from downslope.layers import Affine, BatchNormalization, Dropout, ReLU, SoftmaxCrossEntropy
from downslope.network_drawing import draw_network
from downslope.networks import Network
from downslope.optimizers import SGD

__all__ = [
    "MislabelledDigits",
    "Scores",
    "Setting",
    "batch_normalization_grid",
    "deep_network",
    "dropout_passes",
    "mislabelled_digits",
    "search_window",
    "train_together",
    "wrong_labels",
]

HALF = (3.9, 3.5)  # inches
N_UNITS, BATCH = 50, 50

SCALES, RATES = (0.01, 0.03, 0.1, 0.3, 1.0), (0.001, 0.01, 0.1, 1.0)
N_IMAGES, N_HIDDEN, DEEP_EPOCHS, HOPELESS = 500, 5, 10, 1e6

N_TRAIN, N_VALIDATION = 200, 200
SHARES, DECAYS, DROPS = (0.0, 0.15, 0.3), (0.0, 0.003, 0.01, 0.03, 0.1), (0.0, 0.5)
RATE, EPOCHS, EVERY, SEEDS = 0.5, 60, 5, range(3)

#: A network of two inputs, four hidden units and a score, for `dropout_passes`.
FAN_OUT = np.array([[1.0, 2.0, -1.0, 0.0], [1.0, 0.0, 1.0, 2.0]])
FAN_IN, N_PASSES = np.array([[1.0], [2.0], [3.0], [-1.0]]), 12

#: The field of the search: powers of ten of the learning rate, and of the weight decay.
RATE_POWERS, DECAY_POWERS = range(-4, 1), range(-5, 0)
PER_SQUARE, SIDE = 4, 100.0  # trials in a decade by a decade; how wide the window is, as a factor


class MislabelledDigits(NamedTuple):
    """Digits to train on, some of them with wrong labels, and others whose labels were checked.

    Attributes
    ----------
    x_train : ndarray of float, shape (200, 64)
    given, true : ndarray of int, shape (200,)
        The labels that a network is to learn, and what was really written.
    x_validation : ndarray of float, shape (200, 64)
    t_validation : ndarray of int, shape (200,)
    x_test : ndarray of float, shape (898, 64)
    t_test : ndarray of int, shape (898,)
    """

    x_train: np.ndarray
    given: np.ndarray
    true: np.ndarray
    x_validation: np.ndarray
    t_validation: np.ndarray
    x_test: np.ndarray
    t_test: np.ndarray


class Setting(NamedTuple):
    """What one of the networks of `train_together` is to be trained with.

    Attributes
    ----------
    share : float, from 0 to less than 1
        Of wrong labels among the training digits.
    learning_rate : float, > 0
    weight_decay : float, >= 0
    dropout : float, from 0 to less than 1
        Share of the hidden units that is dropped.
    seed : int, >= 0
        Deals out the digits, draws the weights, the batches and what is dropped.
    """

    share: float
    learning_rate: float
    weight_decay: float
    dropout: float
    seed: int


class Scores(NamedTuple):
    """Accuracies of the networks of `train_together`, a row for each.

    Attributes
    ----------
    train, validation : ndarray of float, shape (n_networks, n_measured)
        After 0 epochs, and after each fifth: on the training digits with the labels that were
        given, right or wrong, and on digits whose labels are right.
    test : ndarray of float, shape (n_networks,)
        After the last epoch.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def deep_network(scale: float, normalised: bool, rng) -> Network:
    """Five hidden layers of 50 ReLUs between 64 pixels and ten scores.

    Parameters
    ----------
    scale : float, > 0
        Standard deviation of the first weights.
    normalised : bool
        Whether there is batch normalisation before each ReLU.
    rng : numpy.random.Generator

    Returns
    -------
    network : Network

    Raises
    ------
    ValueError
        If `scale` or `rng` is not as above.

    Examples
    --------
    >>> network = deep_network(0.1, True, np.random.default_rng(0))
    >>> [type(layer).__name__ for layer in network.layers][:4]
    ['Affine', 'BatchNormalization', 'ReLU', 'Affine']
    """
    layers: list = []
    for n, k in [(64, N_UNITS)] + [(N_UNITS, N_UNITS)] * (N_HIDDEN - 1):
        layers.append(_affine(normal((n, k), rng, scale)))
        layers += [BatchNormalization(k)] * normalised
        layers.append(ReLU())
    layers.append(_affine(normal((N_UNITS, 10), rng, scale)))
    return Network(layers, SoftmaxCrossEntropy())


def batch_normalization_grid() -> Explorer:
    """Five hidden layers on the digits, with batch normalisation and without.

    For each scale of the first weights and each learning rate two networks learn from the same 500
    digits, ten epochs of ten steps, and are then asked about 359 digits that they never saw.

    Returns
    -------
    explorer : Explorer
        With controls `scale` and `learning_rate`.

    Examples
    --------
    >>> explorer = batch_normalization_grid()
    >>> explorer.controls["scale"].value = 0.3
    >>> explorer.controls["learning_rate"].value = 1
    >>> print(explorer.readout.rpartition(": ")[2])
    diverged without, 0.967 with batch normalisation.
    """
    runs = {key: _deep_run(*key) for key in product(SCALES, RATES, _STYLES)}

    def accuracy_frame(accuracy):
        """Accuracy on new digits against the learning rate, on a logarithmic axis"""
        accuracy.set(xscale="log", xlim=(5e-4, 2), ylim=(-0.03, 1.36), xlabel="learning rate η")
        accuracy.set_title("accuracy on new digits")
        accuracy.set_yticks(np.arange(0, 1.1, 0.2))
        for style in _STYLES.values():
            accuracy.plot([], [], **style)
        accuracy.legend(loc="upper left", ncols=2, title="batch normalisation")

    def loss_frame(loss):
        """beside it the loss of the mini-batches against the step"""
        loss.set(xlim=(-2, 102), ylim=(0, 3.3), xlabel="step", title="mini-batch loss (nats)")
        loss.axhline(np.log(10), color=plots.INK, linewidth=0.8, linestyle=":")
        loss.text(100, np.log(10) + 0.05, "log 10", ha="right", size=9)

    def of_one_scale(accuracy, scale):
        """without batch normalisation a dashed line with squares, with it a solid one with dots"""
        for normalised, style in _STYLES.items():
            ends = [runs[scale, rate, normalised][1] for rate in RATES]
            accuracy.plot(RATES, ends, **style)

    def chosen(accuracy, loss, scale, learning_rate):
        """rings at the chosen learning rate, and both losses"""
        said = []
        for normalised, style in _STYLES.items():
            losses, end = runs[scale, learning_rate, normalised]
            accuracy.plot(learning_rate, end, "o", color=plots.INK, ms=11, fillstyle="none")
            line = {key: style[key] for key in ("color", "linestyle")}
            loss.plot(np.minimum(losses, 4), **line, linewidth=1.4)
            said.append("diverged" if end == 0 else f"{end:.3f}")
        return (
            f"First weights {scale:g}, η = {learning_rate:g}, accuracy on new digits: {said[0]} "
            f"without, {said[1]} with batch normalisation."
        )

    return explore(
        accuracy_frame,
        loss_frame,
        of_one_scale,
        chosen,
        name="batch-normalization",
        alt={
            "accuracy": "Accuracy on new digits against the learning rate, on a logarithmic axis: "
            "without batch normalisation a dashed line with squares, with it a solid one with "
            "dots. Rings at the chosen learning rate.",
            "loss": "The losses of the mini-batches against the step at that rate: dashed without "
            "batch normalisation, solid with it.",
        },
        panels={"accuracy": HALF, "loss": HALF},
        scale=values(SCALES, default=0.03, label="scale of the first weights"),
        learning_rate=values(RATES, default=0.1, label="learning rate η"),
    )


def mislabelled_digits(share: float, seed: int = 0) -> MislabelledDigits:
    """200 digits to train on, some with wrong labels; 200 checked ones to choose by, 898 to test.

    Parameters
    ----------
    share : float, from 0 to less than 1
        Of the training digits that get the label of another class, any of the nine. With a larger
        share the same digits have wrong labels, and others too.
    seed : int, >= 0
        Deals out the digits, and the wrong labels.

    Returns
    -------
    digits : MislabelledDigits

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> digits = mislabelled_digits(0.3)
    >>> int((digits.given != digits.true).sum())
    60
    """
    share, rng = as_share(share, "share"), np.random.default_rng(as_count(seed, "seed"))
    _, pixels, labels = load_digits()
    data = train_test_split(pixels, labels, test_fraction=0.5, rng=rng)
    x, x_test, t, t_test = data
    true, given = t[:N_TRAIN], t[:N_TRAIN].copy()
    order, others = rng.permutation(N_TRAIN), rng.integers(1, 10, N_TRAIN)
    wrong = order[: round(share * N_TRAIN)]
    given[wrong] = (true[wrong] + others[wrong]) % 10
    checked = slice(N_TRAIN, N_TRAIN + N_VALIDATION)
    return MislabelledDigits(x[:N_TRAIN], given, true, x[checked], t[checked], x_test, t_test)


def train_together(
    settings: Iterable, n_epochs: int = EPOCHS, n_validation: int = N_VALIDATION
) -> Scores:
    """Train networks of 50 hidden units on `mislabelled_digits`, all of them side by side.

    The weights of all the networks lie in one array, and a step is one for all. Each learns what it
    would learn alone, as

    ::

        rng = np.random.default_rng(seed)
        hidden, last = he((64, 50), rng), he((50, 10), rng)
        dropped = Dropout(dropout, np.random.default_rng(seed))
        layers = [Affine(hidden, np.zeros(50)), ReLU(), dropped, Affine(last, np.zeros(10))]
        network = Network(layers, SoftmaxCrossEntropy())
        train(network, data, SGD(learning_rate, weight_decay=weight_decay), 50, n_epochs, rng)

    with the digits and labels of its seed and share.

    Parameters
    ----------
    settings : iterable of Setting
    n_epochs : int, at least 1
        Of four steps each.
    n_validation : int, from 1 to 200
        How many of the checked digits, the first ones, the validation accuracies come from.

    Returns
    -------
    scores : Scores

    Raises
    ------
    ValueError
        If `n_epochs` or `n_validation` is not as above.

    Examples
    --------
    >>> alike = [Setting(0.3, 0.3, decay, 0.0, seed=0) for decay in (0.0, 0.1)]
    >>> train_together(alike, n_epochs=20).train[:, -1]
    array([0.675, 0.41 ])
    """
    n_validation = as_count(n_validation, "n_validation", 1)
    if n_validation > N_VALIDATION:
        raise ValueError(f"n_validation must be at most {N_VALIDATION}, got {n_validation}")
    stack = _Stack(tuple(Setting(*setting) for setting in settings), n_validation)
    measured = [stack.measure()]
    with np.errstate(over="ignore", invalid="ignore"):  # a learning rate may be too large
        for epoch in range(1, as_count(n_epochs, "n_epochs", 1) + 1):
            stack.learn_an_epoch()
            if epoch % EVERY == 0 or epoch == n_epochs:
                measured.append(stack.measure())
        training, validation = np.moveaxis(np.array(measured), 0, 2)
        return Scores(training, validation, stack.accuracy("x_test", "t_test"))


def wrong_labels() -> Explorer:
    """Wrong labels, weight decay and dropout: what is learned, and what is learned by heart.

    Every number is a mean over three networks: three ways to deal out the digits, to draw weights,
    batches, and what is dropped.

    Returns
    -------
    explorer : Explorer
        With controls `share`, `decay` and `dropout`.

    Examples
    --------
    >>> explorer = wrong_labels()
    >>> explorer.controls["decay"].value = 0.1
    >>> print(explorer.readout.partition(": ")[0])
    30 % wrong labels, δ = 0.1, dropout 0
    """
    training, validation = _restrained()
    epochs = np.arange(0, EPOCHS + 1, EVERY)
    gaps, ends = training[..., -1] - validation[..., -1], validation[..., -1]

    def curves_frame(curves):
        """Accuracy against the epoch"""
        curves.set(xlim=(-2, EPOCHS + 2), ylim=(0, 1.02), xlabel="epoch", title="accuracy")
        curves.plot([], [], "--", color=plots.ORANGE, label="training, as labelled")
        curves.plot([], [], color=plots.BLUE, label="new digits")
        curves.plot([], [], ":", color=plots.INK, linewidth=0.8, label="share of right labels")
        curves.legend(loc="lower right")

    def ceiling(curves, share):
        """a dotted line at the share of right labels"""
        curves.axhline(1 - share, color=plots.INK, linewidth=0.8, linestyle=":")

    def trade_frame(trade):
        """beside it accuracy on new digits against the gap to training"""
        trade.set(xlim=(-0.16, 0.24), ylim=(0.2, 1.14), xlabel="gap: training less new digits")
        trade.set_title("accuracy on new digits")
        trade.set_yticks(np.arange(0.2, 1.1, 0.2))
        trade.axvline(0, color=plots.INK, linewidth=0.8, linestyle=":")
        for drop, mark in zip(DROPS, "os", strict=True):
            trade.plot([], [], mark, color=plots.GREEN, label=f"dropout {drop:g}")
        trade.legend(loc="upper left", ncols=2)  # above the dots: its marks look like them

    def dots(trade, share):
        """a dot for each of ten settings"""
        for drop, mark in enumerate("os"):
            where = SHARES.index(share), slice(None), drop
            trade.plot(gaps[where], ends[where], mark, color=plots.GREEN)

    def chosen(curves, trade, share, decay, dropout):
        """on training digits dashed, on new digits solid; a ring around the chosen setting"""
        where = SHARES.index(share), DECAYS.index(decay), DROPS.index(dropout)
        curves.plot(epochs, training[where], "--", color=plots.ORANGE)
        curves.plot(epochs, validation[where], color=plots.BLUE)
        trade.plot(gaps[where], ends[where], "o", color=plots.ORANGE, ms=12, fillstyle="none")
        return (
            f"{share:.0%} wrong labels, δ = {decay:g}, dropout {dropout:g}: training "
            f"{training[where][-1]:.3f}, new digits {ends[where]:.3f}, gap {gaps[where]:+.3f}."
        ).replace("%", " %", 1)

    return explore(
        curves_frame,
        ceiling,
        trade_frame,
        dots,
        chosen,
        name="wrong-labels",
        alt={
            "curves": "Accuracy against the epoch, on training digits dashed, on new digits "
            "solid, and a dotted line at the share of right labels.",
            "trade": "Accuracy on new digits against the gap to training: a dot for each of ten "
            "settings, and a ring around the chosen one.",
        },
        panels={"curves": HALF, "trade": HALF},
        share=values(SHARES, default=0.3, label="share of wrong labels"),
        decay=values(DECAYS, label="weight decay δ"),
        dropout=values(DROPS, label="dropout rate"),
    )


def dropout_passes() -> Explorer:
    """A small network with dropout among its hidden units, in use and in passes in training.

    Returns
    -------
    explorer : Explorer
        With the control `training_pass`; 0 is the network in use.

    Examples
    --------
    >>> explorer = dropout_passes()
    >>> explorer.controls["training_pass"].value = 1
    >>> print(explorer.readout[:73])
    Pass 1 in training. Silent hidden units: 4; the others are doubled. Score
    """
    x, weights = np.array([[1.0, 2.0]]), (FAN_OUT, FAN_IN)
    hidden, layer = ReLU().forward(x @ FAN_OUT), Dropout(0.5, np.random.default_rng(7))
    said = [hidden, *(layer.forward(hidden, training=True) for _ in range(N_PASSES))]
    scores = [(heard @ FAN_IN).item() for heard in said]

    def network(net, training_pass):
        """Two inputs, four hidden units with their sums and what they say, and a score"""
        net.set_position((0.01, 0.01, 0.98, 0.98))
        heard = said[training_pass]
        draw_network(
            net,
            weights,
            values=[x[0], heard[0], heard[0] @ FAN_IN],
            sums=[hidden[0]],
            titles=["inputs", "hidden, dropout 0.5", "score"],
        )
        if not training_pass:
            return f"In use: every hidden unit is heard, and the score is {scores[0]:.0f}."
        silent = ", ".join(str(i) for i in np.flatnonzero(heard[0] == 0) + 1) or "none"
        mean = np.mean(scores[1 : training_pass + 1])
        return (
            f"Pass {training_pass} in training. Silent hidden units: {silent}; the others are "
            f"doubled. Score {scores[training_pass]:.0f}, mean of the scores so far {mean:.1f}."
        )

    return explore(
        network,
        name="dropout-passes",
        panels={"net": (4.6, 3.0)},
        training_pass=steps(N_PASSES, label="pass in training (0: in use)"),
    )


def search_window() -> Explorer:
    """Random trials within a window of learning rates and weight decays that the reader moves.

    Four trials lie at random in each square of the field, a decade by a decade; the window shows
    sixteen of them. All learn from the digits with 30 % wrong labels.

    Returns
    -------
    explorer : Explorer
        With controls `lowest_rate` and `lowest_decay`; the highest are 100 times as large.

    Examples
    --------
    >>> explorer = search_window()
    >>> explorer.readout.partition(", best")[0]
    '16 trials, η from 0.0001 to 0.01, δ from 0.00001 to 0.001'
    """
    rates, decays = _field()
    scores = _searched()
    luck = scores.validation[:, -1] - scores.test

    def inside(lowest_rate, lowest_decay):
        """Which trials lie in the window, the best first."""
        within = (rates >= lowest_rate) & (rates < SIDE * lowest_rate)
        within &= (decays >= lowest_decay) & (decays < SIDE * lowest_decay)
        found = np.flatnonzero(within)
        return found[np.argsort(-scores.validation[found, -1], kind="stable")]

    def field_frame(field):
        """Trials on logarithmic axes, learning rate across and weight decay up"""
        field.set(xscale="log", yscale="log", xlim=(6e-5, 17), ylim=(6e-6, 5))
        field.set(xlabel="learning rate η", title="trials: validation accuracy")
        field.set_ylabel("weight decay δ")

    def window(field, lowest_rate, lowest_decay):
        """a frame around the ranges that are searched"""
        corner, width, height = (lowest_rate, lowest_decay), lowest_rate, lowest_decay
        size = {"width": (SIDE - 1) * width, "height": (SIDE - 1) * height}
        field.add_patch(Rectangle(corner, **size, fill=False, color=plots.INK, linewidth=0.9))

    def order_frame(order):
        """beside them the trials from the best to the worst: validation less test accuracy"""
        order.set(xlim=(0, 17), ylim=(-0.1, 0.06), xlabel="place by validation accuracy")
        order.set_title("validation less test accuracy")
        order.set_xticks([1, 4, 8, 12, 16])
        order.axhline(0, color=plots.INK, linewidth=0.8, linestyle=":")
        order.axhline(luck.mean(), color=plots.BLUE, linewidth=0.8, linestyle="--")
        order.text(16.8, luck.mean() + 0.003, "all trials", color=plots.BLUE, ha="right", size=9)

    def trials(field, order, inside):
        """the better, the larger and the yellower the dot"""
        validation = scores.validation[inside, -1]
        size, color = 12 + 110 * validation**2, colormaps["cividis"](validation)
        edge = {"linewidths": 0.6, "edgecolors": plots.INK}
        field.scatter(rates[inside], decays[inside], size, color, **edge)
        order.plot(np.arange(1, len(inside) + 1), luck[inside], "o", color=plots.GREEN)

    def best(field, inside, lowest_rate, lowest_decay):
        """a ring around the best, its accuracy above the frame"""
        first = inside[0]
        rate, decay, found = rates[first], decays[first], scores.validation[first, -1]
        field.plot(rate, decay, "o", color=plots.ORANGE, ms=14, fillstyle="none")
        field.text(lowest_rate, 1.4 * SIDE * lowest_decay, f"best: {found:.3f}", size=10)
        ends = [_end(rate / lowest_rate, "η"), _end(decay / lowest_decay, "δ")]
        border = " and ".join(filter(None, ends))
        return (
            f"{len(inside)} trials, η {_range(lowest_rate)}, δ {_range(lowest_decay)}, best at "
            f"η = {_digits(rate)}, δ = {_digits(decay)}: validation {found:.3f}, test "
            f"{scores.test[first]:.3f}. It lies {border or 'well inside'}."
        )

    return explore(
        field_frame,
        window,
        order_frame,
        trials,
        best,
        name="search-window",
        alt={
            "field": "Trials on logarithmic axes, learning rate across and weight decay up; the "
            "better, the larger and the yellower the dot. A frame around the ranges that are "
            "searched, and a ring around the best trial.",
            "order": "The trials of the frame from the best to the worst: validation less test "
            "accuracy of each, and a dashed line at the mean of all trials.",
        },
        panels={"field": HALF, "order": HALF},
        shared={"inside": inside},
        lowest_rate=values(_powers(RATE_POWERS), label="learning rate from"),
        lowest_decay=values(_powers(DECAY_POWERS), label="weight decay from"),
    )


_STYLES = {
    False: {"color": plots.ORANGE, "linestyle": "--", "marker": "s", "label": "without"},
    True: {"color": plots.BLUE, "linestyle": "-", "marker": "o", "label": "with"},
}


def _affine(W):
    return Affine(W, np.zeros(W.shape[1]))


@cache
def _deep_run(scale, rate, normalised):
    """Losses of every step, and the accuracy on new digits after them: 0 if it diverged."""
    rng, digits = np.random.default_rng(0), load_digits()
    x, x_new, t, t_new = train_test_split(digits.pixels, digits.labels, 0.2, rng)
    network, sgd, losses = deep_network(scale, normalised, rng), SGD(rate), []
    deal = {"batch_size": BATCH, "rng": rng, "n_epochs": DEEP_EPOCHS}
    for x_batch, t_batch in minibatches(x[:N_IMAGES], t[:N_IMAGES], **deal):
        loss, gradients = network.loss_and_gradients(x_batch, t_batch)
        losses.append(loss)
        if not loss < HOPELESS:
            return np.nan_to_num(losses, nan=HOPELESS), 0.0
        network.parameters.update(sgd.step(network.parameters, gradients))
    return np.array(losses), network.accuracy(x_new, t_new)


class _Stack:
    """Networks side by side: the first axis of every array says which."""

    def __init__(self, settings, n_validation):
        self.settings = settings
        self.seeds = sorted({setting.seed for setting in settings})
        self.of_seed = np.array([self.seeds.index(setting.seed) for setting in settings])
        digits = [mislabelled_digits(setting.share, setting.seed) for setting in settings]
        self.digits = MislabelledDigits(*map(np.stack, zip(*digits, strict=True)))
        for name in ("x_validation", "t_validation"):
            first = getattr(self.digits, name)[:, :n_validation]
            self.digits = self.digits._replace(**{name: first})
        self.targets = one_hot(self.digits.given, 10)
        self.shuffles = [np.random.default_rng(seed) for seed in self.seeds]
        self.droppers = [np.random.default_rng(seed) for seed in self.seeds]
        first = [(he((64, N_UNITS), rng), he((N_UNITS, 10), rng)) for rng in self.shuffles]
        weights = [np.stack(of_all)[self.of_seed] for of_all in zip(*first, strict=True)]
        biases = [np.zeros((len(settings), 1, W.shape[2])) for W in weights]
        self.parameters = dict(zip(["W1", "W2", "b1", "b2"], weights + biases, strict=True))
        self.rate, self.decay = self._column("learning_rate"), self._column("weight_decay")
        self.dropped = np.array([s.dropout for s in settings]).reshape(-1, 1, 1)

    def _column(self, name):
        numbers = [getattr(setting, name) for setting in self.settings]
        return np.array(numbers).reshape(-1, 1, 1)

    def learn_an_epoch(self):
        order = np.stack([rng.permutation(N_TRAIN) for rng in self.shuffles])[self.of_seed]
        which = np.arange(len(order))[:, np.newaxis]
        for start in range(0, N_TRAIN, BATCH):
            chosen = order[:, start : start + BATCH]
            gradients = self._gradients(
                self.digits.x_train[which, chosen], self.targets[which, chosen]
            )
            self._step(gradients)

    def _gradients(self, x, targets):
        p = self.parameters
        hidden = x @ p["W1"] + p["b1"]
        passes = (hidden > 0) * self._kept(hidden.shape[1:])
        hidden *= passes
        upstream = (_softmax(hidden @ p["W2"] + p["b2"]) - targets) / BATCH
        back = (upstream @ p["W2"].swapaxes(1, 2)) * passes
        return {
            "W1": x.swapaxes(1, 2) @ back, "b1": back.sum(axis=1, keepdims=True),
            "W2": hidden.swapaxes(1, 2) @ upstream, "b2": upstream.sum(axis=1, keepdims=True),
        }  # fmt: skip

    def _kept(self, shape):
        """What passes dropout, and by how much it grows: drawn anew for each batch."""
        if not self.dropped.any():
            return 1.0
        draws = np.stack([rng.random(shape) for rng in self.droppers])[self.of_seed]
        return (draws >= self.dropped) / (1 - self.dropped)

    def _step(self, gradients):
        for name, parameter in self.parameters.items():
            if name.startswith("W"):
                parameter *= 1 - self.rate * self.decay
            parameter -= self.rate * gradients[name]

    def accuracy(self, x, labels):
        p, x, labels = self.parameters, getattr(self.digits, x), getattr(self.digits, labels)
        logits = np.maximum(x @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"]
        return np.mean(logits.argmax(axis=2) == labels, axis=1)

    def measure(self):
        return self.accuracy("x_train", "given"), self.accuracy("x_validation", "t_validation")


def _softmax(logits):
    logits -= logits.max(axis=2, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=2, keepdims=True)
    return logits


@cache
def _restrained():
    """Accuracies by share, decay, dropout and epoch, each a mean over the seeds."""
    grid = [Setting(s, RATE, w, d, seed) for s, w, d, seed in product(SHARES, DECAYS, DROPS, SEEDS)]
    scores, shape = train_together(grid), (len(SHARES), len(DECAYS), len(DROPS), len(SEEDS), -1)
    return tuple(found.reshape(shape).mean(axis=3) for found in (scores.train, scores.validation))


def _powers(exponents):
    return [10.0**power for power in exponents][:-1]


@cache
def _field():
    """Learning rates and weight decays of all the trials, as many in each square of the field."""
    rng = np.random.default_rng(0)
    corners = np.array([*product(RATE_POWERS, DECAY_POWERS)] * PER_SQUARE)
    return 10.0 ** (corners + rng.random(corners.shape)).T


@cache
def _searched():
    rates, decays = _field()
    pairs = zip(rates, decays, strict=True)
    return train_together(Setting(0.3, rate, decay, 0.0, seed=0) for rate, decay in pairs)


def _end(factor, symbol):
    """In words, if a place in the window is within a tenth of an end of it, in decades."""
    place = np.log(factor) / np.log(SIDE)
    if place < 0.1:
        return f"at the lower end of {symbol}"
    return f"at the upper end of {symbol}" if place > 0.9 else ""


def _range(lowest):
    return f"from {_digits(lowest)} to {_digits(SIDE * lowest)}"


def _digits(number):
    """Two digits of a number, without a power of ten."""
    return np.format_float_positional(float(f"{number:.2g}"), trim="-")
