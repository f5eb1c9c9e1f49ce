"""Explorers of chapter 5: a gradient check, hidden units in training, learning rates."""

from __future__ import annotations

from functools import cache

import numpy as np
from matplotlib import colormaps

from downslope import plots
from downslope.datasets import load_digits, train_test_split
from downslope.explore import Explorer, choice, explore, steps, values
from downslope.layers import Affine, ReLU, SoftmaxCrossEntropy
from downslope.networks import Network, TwoLayerNet
from downslope.training import train

__all__ = [
    "hidden_units",
    "sabotage",
    "training_rates",
]

N_EPOCHS, RATE = 30, 0.8
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
TRANSPOSE, MASK, MEAN = "missing transpose", "mask on the output", "forgotten 1/N"
N_SHOWN = 10  # digits that are still wrong
N_COLORS = 16  # few, so that pictures of digits stay small in a page


def sabotage() -> Explorer:
    """A gradient check of a small network with a bug in it, on careful and on careless data.

    Returns
    -------
    explorer : Explorer
        With controls `bug` and `data`.

    Examples
    --------
    >>> explorer = sabotage()
    >>> explorer.controls["data"].value = "a batch of one"
    >>> explorer.controls["bug"].value = "forgotten 1/N"
    >>> print(explorer.readout)
    Relative error: first layer below 1e-6, second layer below 1e-6. The check passes.
    """
    cases = _checked_networks()

    def agreement(ax, data):
        """Gradients by backpropagation against those by differences: they agree on the line"""
        network, x, labels = cases[data]
        largest = max(np.abs(g).max() for g in network.numerical_gradients(x, labels).values())
        limits = 1.1 * np.array([-largest, largest])
        ax.set(xlim=limits, ylim=3 * limits, xlabel="by differences", ylabel="by backpropagation")
        ax.plot(limits, limits, color=plots.INK, linewidth=0.8)

    def dots(ax, bug, data):
        """circles for the parameters of the first layer, squares for those of the second"""
        network, x, labels = cases[data]
        right, came = network.numerical_gradients(x, labels), _sabotaged(network, x, labels, bug)
        said = []
        for number, form, color in (("1", "o", plots.BLUE), ("2", "s", plots.ORANGE)):
            pair = [
                np.concatenate([g["W" + number].ravel(), g["b" + number]]) for g in (right, came)
            ]
            word = {"1": "first layer", "2": "second layer"}[number]
            ax.plot(*pair, form, color=color, fillstyle="none", label=word)
            said.append(np.abs(pair[0] - pair[1]).max() / max(np.abs(g).max() for g in pair))
        ax.legend(loc="upper left")
        passes = max(said) < 1e-6
        words = [f"{error:.2f}" if error >= 1e-6 else "below 1e-6" for error in said]
        return (
            f"Relative error: first layer {words[0]}, second layer {words[1]}. "
            f"The check {'passes' if passes else 'fails'}."
        )

    return explore(
        agreement,
        dots,
        name="sabotaged-gradients",
        panels={"ax": (4.6, 3.7)},
        bug=choice([TRANSPOSE, MASK, MEAN, "none"]),
        data=choice(list(cases)),
    )


def hidden_units() -> Explorer:
    """The chapter's training run, epoch by epoch: the hidden units and the digits still wrong.

    Returns
    -------
    explorer : Explorer
        With the control `epoch`.

    Examples
    --------
    >>> explorer = hidden_units()
    >>> explorer.controls["epoch"].value = 0
    >>> explorer.readout.partition(";")[0]
    'After 0 epochs (0 steps) 321 of 359 test digits are wrong'
    """
    run = _snapshots()
    x_test, labels = run["data"][1], run["data"][3]
    heaviest = np.abs(run["W1"][-1]).max()

    def weights(units, epoch):
        """The weights into each of the 50 hidden units as an image of 8 by 8 pixels"""
        _show_tiles(units, run["W1"][epoch].T, 10, (-heaviest, heaviest))
        units.set_title("weights of the 50 hidden units")

    def mistakes(digits, epoch):
        """the first ten test digits that are still read wrongly"""
        wrong = np.flatnonzero(run["guesses"][epoch] != labels)[:N_SHOWN]
        _show_tiles(digits, 1 - x_test[wrong], 5, (0, 1), "gray", row_height=13)
        digits.set_title("still wrong")
        for place, i in enumerate(wrong):
            row, column = divmod(place, 5)
            words = f"{labels[i]}, not {run['guesses'][epoch][i]}"
            digits.text(9 * column + 4, 13 * row + 10.5, words, ha="center", va="center", size=9)

    def said(epoch):
        """accuracies in the sentence below"""
        n_wrong = int(np.sum(run["guesses"][epoch] != labels))
        return (
            f"After {epoch} epochs ({epoch * run['per_epoch']} steps) {n_wrong} of {len(labels)} "
            f"test digits are wrong; accuracy {run['train'][epoch]:.3f} on the training digits, "
            f"{1 - n_wrong / len(labels):.3f} on the test digits."
        )

    return explore(
        weights,
        mistakes,
        said,
        name="hidden-units",
        panels={"units": (4.9, 2.75), "digits": (3.4, 2.3)},
        epoch=steps(N_EPOCHS, default=N_EPOCHS, label="epoch"),
    )


def training_rates() -> Explorer:
    """Fifteen epochs of the same network from the same start, at six learning rates.

    Returns
    -------
    explorer : Explorer
        With the control `learning_rate`.

    Examples
    --------
    >>> explorer = training_rates()
    >>> explorer.controls["learning_rate"].value = 0.01
    >>> explorer.readout.partition(":")[0]
    'η = 0.01'
    """
    runs = {rate: _run(rate) for rate in RATES}

    def all_runs(ax):
        """Six faint curves of the mini-batch loss against the step, and a line at log 10"""
        ax.set(xlim=(0, 225), ylim=(0, 3.2), xlabel="step", title="mini-batch loss (nats)")
        ax.axhline(np.log(10), color=plots.INK, linewidth=0.8, linestyle=":")
        ax.text(130, 2.4, "log 10: a uniform guess", ha="center", size=9)
        for losses, *_ in runs.values():
            ax.plot(losses, color=plots.INK, linewidth=0.7, alpha=0.3)

    def chosen(ax, learning_rate):
        """the chosen one in colour"""
        losses, accuracy, n_dead = runs[learning_rate]
        ax.plot(losses, color=plots.ORANGE, linewidth=1.6)
        return (
            f"η = {learning_rate:g}: loss {losses[0]:.2f} at the start, {losses.max():.2f} at its "
            f"highest, {losses[-15:].mean():.2f} over the last epoch; test accuracy "
            f"{accuracy:.3f}. Silent on every training digit: {n_dead} of 50 hidden units."
        )

    return explore(
        all_runs,
        chosen,
        name="training-rates",
        panels={"ax": (5.6, 3.6)},
        learning_rate=values(RATES, default=0.3, label="learning rate η"),
    )


class _NoTranspose(Affine):
    def backward(self, upstream):
        self.keep_gradients(upstream)
        return upstream @ self.W


class _MaskOnOutput(ReLU):
    def forward(self, x):
        y = super().forward(x)
        self.active = y >= 0
        return y


class _ForgetsN(SoftmaxCrossEntropy):
    def backward(self, upstream=1.0):
        gradient = super().backward(upstream)
        return gradient * len(gradient)


def _sabotaged(network, x, labels, bug):
    """Gradients by backpropagation, with a bug in the second layer, in ReLU or in the loss."""
    p = network.parameters
    second = (_NoTranspose if bug == TRANSPOSE else Affine)(p["W2"], p["b2"])
    relu = _MaskOnOutput() if bug == MASK else ReLU()
    last = _ForgetsN() if bug == MEAN else SoftmaxCrossEntropy()
    return Network([Affine(p["W1"], p["b1"]), relu, second], last).gradients(x, labels)


def _checked_networks():
    """A network of 4, 3 and 3 units with data to check it on, careful or careless."""

    def network():
        return TwoLayerNet(4, 3, 3, rng=np.random.default_rng(1), weight_scale=1.0)

    x, labels = np.random.default_rng(2).normal(size=(3, 4)), np.array([0, 1, 2])
    symmetric, open_gates = network(), network()
    symmetric.parameters["W2"] += symmetric.parameters["W2"].T.copy()
    open_gates.parameters["b1"] += 10.0
    return {
        "careful": (network(), x, labels),
        "symmetric W₂": (symmetric, x, labels),
        "never across the kink": (open_gates, x, labels),
        "a batch of one": (network(), x[:1], labels[:1]),
    }


def _show_tiles(ax, images, n_columns, limits, cmap="cividis", row_height=9):
    """Images of 8 × 8 pixels side by side as one picture, a pixel apart."""
    n_rows = 5 if n_columns == 10 else 2
    canvas = np.full((row_height * n_rows - 1, 9 * n_columns - 1), np.nan)
    for place, image in enumerate(images):
        row, column = divmod(place, n_columns)
        top, left = row_height * row, 9 * column
        canvas[top : top + 8, left : left + 8] = image.reshape(8, 8)
    height, width = canvas.shape
    ax.imshow(
        canvas, cmap=colormaps[cmap].resampled(N_COLORS), vmin=limits[0], vmax=limits[1],
        interpolation="none", extent=(0, width, height, 0),
    )  # fmt: skip
    ax.set_axis_off()
    ax.set_position((0.02, 0.02, 0.96, 0.86))


def _start():
    """Data, generator and network of the chapter, as its notebook makes them."""
    digits, rng = load_digits(), np.random.default_rng(0)
    data = train_test_split(digits.pixels, digits.labels, test_fraction=0.2, rng=rng)
    return data, rng, TwoLayerNet(64, 50, 10, rng=rng)


@cache
def _snapshots():
    """The chapter's run, an epoch at a time: weights, guesses and accuracies after each."""
    data, rng, network = _start()
    run = {"data": data, "W1": [], "guesses": [], "train": [], "per_epoch": 0}
    for epoch in range(N_EPOCHS + 1):
        if epoch:
            history = train(network, data, RATE, 100, 1, rng, progress=False)
            run["per_epoch"] = len(history.losses)
        run["W1"].append(network.parameters["W1"].copy())
        run["guesses"].append(network.outputs(data[1]).argmax(axis=1))
        run["train"].append(network.accuracy(data[0], data[2]))
    return run


@cache
def _run(learning_rate):
    """Losses of 15 epochs, the test accuracy after them, and how many units have gone silent."""
    data, rng, network = _start()
    history = train(network, data, learning_rate, 100, 15, rng, progress=False)
    hidden = network.layers[0].forward(data[0])
    return history.losses, history.test_accuracies[-1], int(np.sum((hidden <= 0).all(axis=0)))
