"""Explorers of chapter 5: a gradient check, XOR learned, hidden units, learning rates."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from matplotlib import colormaps

from downslope import plots
from downslope.datasets import load_digits, minibatches, train_test_split
from downslope.explore import Explorer, choice, explore, steps, values
from downslope.explorers.learning import INPUTS
from downslope.explorers.perceptron import XOR, draw_border, draw_corners, draw_plane
from downslope.formulas import sigmoid, sigmoid_slope, softmax_and_log
from downslope.layers import Affine, ReLU, SoftmaxCrossEntropy
from downslope.networks import Network, TwoLayerNet
from downslope.optimizers import SGD
from downslope.training import train

__all__ = [
    "hidden_units",
    "sabotage",
    "training_curves",
    "training_rates",
    "xor_losses",
    "xor_training",
]

N_EPOCHS, RATE = 30, 0.8
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
EVERY = 5  # steps between two counts of silent units
TRANSPOSE, MASK, MEAN = "missing transpose", "mask on the output", "forgotten 1/N"
XOR_RATE, XOR_STEPS = 3.0, 300
#: Where the network for XOR begins: a seed for its weights, or none for zeros.
XOR_STARTS = {"seed 0": 0, "seed 1": 1, "seed 2": 2, "seed 3": 3, "all weights 0": None}
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


def xor_training() -> Explorer:
    """Two hidden units learn XOR: their lines, the border that they make, and the loss.

    Returns
    -------
    explorer : Explorer
        With controls `start` and `step`.

    Examples
    --------
    >>> explorer = xor_training()
    >>> explorer.controls["start"].value = "all weights 0"
    >>> explorer.controls["step"].value = 300
    >>> print(explorer.readout)
    After 300 steps: loss 0.693. Probability of a 1 at 00, 01, 10, 11: 0.50, 0.50, 0.50, 0.50.
    """
    runs = {start: _xor_run(2, (start,)) for start in XOR_STARTS.values()}

    def plane_of_inputs(plane):
        """The four corners of XOR, and shaded where the network says 1"""
        draw_plane(plane, "shaded: probability of a 1 over ½")

    def border(plane, start, step):
        """the darker the surer, with the lines of the two hidden units"""
        W1, b1, *_ = parameters = [array[0] for array in runs[start][1][step]]
        _shade_probability(plane, parameters)
        for unit, colour, style in ((0, plots.GREEN, "-"), (1, plots.ORANGE, "--")):
            if W1[:, unit].any():
                draw_border(plane, (*W1[:, unit], b1[0, unit]), colour, style)

    def corners(plane):
        """filled dots should give 1, empty ones 0"""
        draw_corners(plane, XOR)

    def frame(loss):
        """beside it the loss against the step"""
        loss.set(xlim=(-5, XOR_STEPS + 5), ylim=(0, 1.05), xlabel="step", title="loss (nats)")
        loss.axhline(np.log(2), color=plots.INK, linewidth=0.8, linestyle=":")
        loss.text(XOR_STEPS, np.log(2) + 0.03, "log 2: a guess", ha="right", size=9)

    def curve(loss, start):
        """from the chosen start"""
        loss.plot(runs[start][0][:, 0], color=plots.BLUE)

    def here(loss, start, step):
        """with a dot at the chosen step"""
        now = runs[start][0][step, 0]
        loss.plot(step, now, "o", color=plots.BLUE, markersize=8, clip_on=False)
        parameters = [array[0] for array in runs[start][1][step]]
        listed = ", ".join(f"{p:.2f}" for p in _probability_of_1(INPUTS, parameters))
        return (
            f"After {step} steps: loss {now:.3f}. Probability of a 1 at 00, 01, 10, 11: {listed}."
        )

    return explore(
        plane_of_inputs,
        border,
        corners,
        frame,
        curve,
        here,
        name="xor-training",
        alt={
            "plane": "The four corners of XOR, filled where the answer should be 1. The plane is "
            "shaded where the network says 1, the darker the surer, and crossed by the lines of "
            "the two hidden units, one solid and one dashed.",
            "loss": "The loss against the step from the chosen start, a dotted line at log 2, the "
            "loss of a guess, and a dot at the chosen step.",
        },
        panels={"plane": (3.7, 3.5), "loss": (3.7, 3.5)},
        start=choice(XOR_STARTS, default="seed 1"),
        step=replace(values(range(0, XOR_STEPS + 1, 15), label="step"), plays=True),
    )


def xor_losses(n_hidden: int, seeds) -> np.ndarray:
    """Loss on XOR after 300 steps with learning rate 3, for each of many starts.

    Each network is ``TwoLayerNet(2, n_hidden, 2, activation=Sigmoid, weight_scale=1.0)``, with
    weights drawn from its own seed. All are trained at once, which takes no longer than one.

    Parameters
    ----------
    n_hidden : int, at least 1
        Hidden units of each network.
    seeds : iterable of int

    Returns
    -------
    losses : ndarray of float, shape (len(seeds),)
        In nats.

    Examples
    --------
    >>> xor_losses(2, range(4)).round(2).tolist()
    [0.36, 0.01, 0.01, 0.01]
    """
    return _xor_run(n_hidden, tuple(seeds))[0][-1]


def training_curves(history) -> Explorer:
    """Loss of each mini-batch, and the accuracies after each epoch, as a figure that stands still.

    Parameters
    ----------
    history : downslope.training.History
        Of a classifier of ten classes.

    Returns
    -------
    figure : Explorer
        Without controls.

    Examples
    --------
    >>> data, rng, network = _start()
    >>> training_curves(train(network, data, 0.8, 100, 1, rng, progress=False)).controls
    {}
    """

    def losses(left):
        """The loss of each mini-batch: flat near log 10, then falling quickly"""
        left.plot(history.losses, color=plots.ORANGE, linewidth=1)
        left.axhline(np.log(10), color=plots.INK, linewidth=0.8, linestyle=":")
        left.text(len(history.losses), np.log(10) + 0.04, "log 10", ha="right")
        left.set(xlabel="step", title="mini-batch loss (nats)", ylim=(0, 2.6))

    def accuracies(right):
        """accuracy on training and test data after each epoch, close together"""
        right.plot(history.steps, history.train_accuracies, color=plots.BLUE, label="train")
        right.plot(history.steps, history.test_accuracies, "--", color=plots.GREEN, label="test")
        right.set(xlabel="step", title="accuracy", ylim=(0, 1.02))
        right.legend(loc="lower right")

    sizes = {"left": (4, 3), "right": (4, 3)}
    return explore(losses, accuracies, name="training-curves", panels=sizes)


def hidden_units() -> Explorer:
    """The chapter's training run, epoch by epoch: the hidden units and the digits still wrong.

    Returns
    -------
    explorer : Explorer
        With the control `epoch`.

    Examples
    --------
    >>> explorer = hidden_units()
    >>> explorer.readout.partition(";")[0]
    'Epoch 0, step 0: 321 of 359 test digits are wrong'
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
            f"Epoch {epoch}, step {epoch * run['per_epoch']}: {n_wrong} of {len(labels)} "
            f"test digits are wrong; accuracy {run['train'][epoch]:.3f} on the training digits, "
            f"{1 - n_wrong / len(labels):.3f} on the test digits."
        )

    return explore(
        weights,
        mistakes,
        said,
        name="hidden-units",
        alt={
            "units": "The weights into each of the 50 hidden units as an image of 8 by 8 pixels.",
            "digits": "The first ten test digits that are still read wrongly, each with what it "
            "is and what it was taken for.",
        },
        panels={"units": (4.9, 2.75), "digits": (3.4, 2.3)},
        epoch=steps(N_EPOCHS, label="epoch"),
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
        ax.set(xlim=(0, 225), ylim=(0, 3.5), xlabel="step", title="mini-batch loss (nats)")
        ax.axhline(np.log(10), color=plots.INK, linewidth=0.8, linestyle=":")
        ax.text(130, 2.4, "log 10: a uniform guess", ha="center", size=9)
        for losses, *_ in runs.values():
            ax.plot(losses, color=plots.INK, linewidth=0.7, alpha=0.3)

    def units(silent):
        """beside them the number of hidden units that are silent on every training digit"""
        silent.set(xlim=(0, 225), ylim=(-1, 52), xlabel="step", title="silent units, of 50")

    def chosen(ax, silent, learning_rate):
        """the chosen one in colour"""
        losses, accuracy, n_silent = runs[learning_rate]
        ax.plot(losses, color=plots.ORANGE, linewidth=1.6)
        silent.plot(range(0, 226, EVERY), n_silent, color=plots.ORANGE, linewidth=1.6)
        return (
            f"η = {learning_rate:g}: loss {losses[0]:.2f} at the start, {losses.max():.2f} at its "
            f"highest, {losses[-15:].mean():.2f} over the last epoch; test accuracy "
            f"{accuracy:.3f}. Silent on every training digit: {n_silent[-1]} of 50 hidden units."
        )

    return explore(
        all_runs,
        units,
        chosen,
        name="training-rates",
        alt={
            "ax": "Six curves of the mini-batch loss against the step, one for each learning "
            "rate; all are faint but the chosen one. A dotted line at log 10, the loss of a "
            "uniform guess.",
            "silent": "The number of hidden units that are silent on every training digit, "
            "against the step, at the chosen learning rate.",
        },
        panels={"ax": (4.4, 3.4), "silent": (3.2, 3.4)},
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
    """Losses of 15 epochs, the test accuracy after them, the silent units at each fifth step."""
    data, rng, network = _start()
    x_train, x_test, t_train, t_test = data
    losses: list[float] = []
    n_silent: list[int] = []
    sgd = SGD(learning_rate)
    for x, t in minibatches(x_train, t_train, batch_size=100, rng=rng, n_epochs=15):
        if len(losses) % EVERY == 0:
            n_silent.append(_count_silent(network, x_train))
        loss, gradients = network.loss_and_gradients(x, t)
        losses.append(loss)
        network.parameters.update(sgd.step(network.parameters, gradients))
    n_silent.append(_count_silent(network, x_train))
    return np.array(losses), network.accuracy(x_test, t_test), n_silent


def _count_silent(network, x):
    """Hidden units whose ReLU is shut for every sample."""
    return int((network.layers[0].forward(x) <= 0).all(axis=0).sum())


@cache
def _xor_run(n_hidden, starts):
    """Losses (step, start) of networks that learn XOR, and their parameters before each step."""
    drawn = [_xor_start(n_hidden, start) for start in starts]
    parameters = [np.array(arrays) for arrays in zip(*drawn, strict=True)]
    losses, kept = [], []
    for _ in range(XOR_STEPS + 1):
        loss, gradients = _xor_gradients(*parameters)
        losses.append(loss)
        kept.append(parameters)
        parameters = [p - XOR_RATE * g for p, g in zip(parameters, gradients, strict=True)]
    return np.array(losses), kept


def _xor_start(n_hidden, seed):
    """W1, b1, W2 and b2 as `TwoLayerNet` draws them; all zeros without a seed."""
    rng, scale = np.random.default_rng(seed or 0), 0.0 if seed is None else 1.0
    W1, W2 = (scale * rng.normal(size=shape) for shape in ((2, n_hidden), (n_hidden, 2)))
    return W1, np.zeros((1, n_hidden)), W2, np.zeros((1, 2))


def _xor_gradients(W1, b1, W2, b2):
    """Losses and gradients of many networks at once, each a matrix of its own in the stack."""
    u = sigmoid(INPUTS @ W1 + b1)
    rows = softmax_and_log((u @ W2 + b2).reshape(-1, 2))
    probabilities, logs = (array.reshape(-1, 4, 2) for array in rows)
    targets = np.eye(2)[XOR]
    upstream = (probabilities - targets) / len(XOR)
    back = upstream @ W2.swapaxes(1, 2) * sigmoid_slope(u)
    loss = -(targets * logs).sum(axis=2).mean(axis=1)
    return loss, (
        INPUTS.T @ back, back.sum(axis=1, keepdims=True),
        u.swapaxes(1, 2) @ upstream, upstream.sum(axis=1, keepdims=True),
    )  # fmt: skip


def _probability_of_1(x, parameters):
    W1, b1, W2, b2 = parameters
    return softmax_and_log(sigmoid(x @ W1 + b1) @ W2 + b2)[0][:, 1]


def _shade_probability(ax, parameters):
    """The plane of the inputs, in two shades where a 1 is more probable than a 0."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    x, y = np.linspace(left, right, 45), np.linspace(low, high, 45)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    height = _probability_of_1(grid, parameters).reshape(45, 45)
    if height.min() < 0.5 < height.max():
        ax.contour(x, y, height, [0.5], colors=plots.BLUE, linewidths=1.6)
    for least in (0.5, 0.75):
        if height.max() > least:
            ax.contourf(x, y, height, [least, 1.0], colors=plots.BLUE, alpha=0.18)
