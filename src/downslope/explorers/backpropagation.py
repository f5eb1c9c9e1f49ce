"""Explorers of chapter 5: graphs walked step by step, hidden units in training, learning rates."""

from __future__ import annotations

from functools import cache

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap

from downslope import plots
from downslope.datasets import load_digits, train_test_split
from downslope.explore import Explorer, choice, explore, steps, values
from downslope.graph import Input, softmax_cross_entropy, square
from downslope.graph_drawing import draw_graph
from downslope.layers import Affine, ReLU, SoftmaxCrossEntropy
from downslope.networks import TwoLayerNet
from downslope.training import train

__all__ = [
    "affine_and_softmax",
    "apples",
    "apples_and_oranges",
    "chain_rule",
    "hidden_units",
    "sabotage",
    "training_rates",
]

N_EPOCHS, RATE = 30, 0.8
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
TRANSPOSE, MASK, MEAN = "missing transpose", "mask on the output", "forgotten 1/N"
N_SHOWN = 10  # digits that are still wrong


def apples(name: str = "apple-walk") -> Explorer:
    """Apples, their price and the tax: forward and then backward, a node at a time.

    Parameters
    ----------
    name : str
        Names the explorer in links.

    Returns
    -------
    explorer : Explorer
        With controls `step`, `price`, `count` and `tax`.

    Examples
    --------
    >>> explorer = apples()
    >>> explorer.controls["step"].value = 6
    >>> print(explorer.readout.partition(": ")[2])
    upstream 1.1 × local derivative 2 = 2.2. One more won on the price adds 2.2 won to the total.
    """

    def graph(ax, step, price, count, tax):
        """Price and count of the apples meet in a ×, their cost and the tax in another"""
        total = _apples_bought(price, count, tax)
        _draw(ax, total, step - 1, font_size=10)
        return _say(total, step) + _say_meaning(total.steps()[step - 1])

    return explore(
        graph,
        name=name,
        panels={"ax": (4.9, 2.6)},
        step=steps(7, default=2, first=1, label="step"),
        price=values([80, 100, 120], default=100, label="price of an apple (won)"),
        count=values([1, 2, 3], default=2, label="number of apples"),
        tax=values([1.0, 1.1, 1.2], default=1.1, label="tax (factor)"),
    )


def apples_and_oranges(name: str = "apples-and-oranges") -> Explorer:
    """Two apples and three oranges: where the graph adds, the gradient is handed to both sides.

    Parameters
    ----------
    name : str
        Names the explorer in links.

    Returns
    -------
    explorer : Explorer
        With the control `step`.

    Examples
    --------
    >>> explorer = apples_and_oranges()
    >>> explorer.controls["step"].value = 4
    >>> print(explorer.readout)
    Step 4 of 13, forward through ×: 650 × 1.1 = 715.
    """

    def graph(ax, step):
        """Two products, apples and oranges, meet in a +, and their sum and the tax in a ×"""
        total = _fruit_bought()
        _draw(ax, total, step - 1, font_size=10)
        return _say(total, step) + _say_meaning(total.steps()[step - 1])

    return explore(
        graph,
        name=name,
        panels={"ax": (5.4, 3.5)},
        step=steps(13, default=4, first=1, label="step"),
    )


def chain_rule(name: str = "chain-rule") -> Explorer:
    """The composite function z = (x + y)²: two local derivatives, multiplied on the way back.

    Parameters
    ----------
    name : str
        Names the explorer in links.

    Returns
    -------
    explorer : Explorer
        With controls `step`, `x` and `y`.

    Examples
    --------
    >>> explorer = chain_rule()
    >>> explorer.controls["step"].value = 4
    >>> print(explorer.readout)
    Step 4 of 6, backward through square to t: upstream 1 × local derivative 6 = 6.
    """

    def graph(ax, step, x, y):
        """x and y meet in a +, and their sum t is squared"""
        z = _squared_sum(x, y)
        _draw(ax, z, step - 1, font_size=10)
        return _say(z, step)

    return explore(
        graph,
        name=name,
        panels={"ax": (4.6, 2.2)},
        step=steps(6, default=2, first=1, label="step"),
        x=values([-2, -1, 1, 3], default=1),
        y=values([-1, 1, 2, 4], default=2),
    )


def affine_and_softmax(name: str = "affine-and-softmax") -> Explorer:
    """Two samples through an affine layer and softmax with cross-entropy, shape by shape.

    Parameters
    ----------
    name : str
        Names the explorer in links.

    Returns
    -------
    explorer : Explorer
        With the control `step`.

    Examples
    --------
    >>> explorer = affine_and_softmax()
    >>> explorer.controls["step"].value = 9
    >>> print(explorer.readout)
    Step 9 of 9, backward through @ to W: xᵀ (3, 2) @ upstream (2, 2) = (3, 2).
    """

    def graph(ax, step):
        """x and W meet in a matrix product, b is added, softmax and loss follow"""
        loss = _affine_loss()
        _draw(ax, loss, step - 1)
        return _say(loss, step)

    def numbers(table, step):
        """the arrays of the step in numbers"""
        table.set(xlim=(0, 1), ylim=(0, 1), title="the numbers of this step")
        table.set_axis_off()
        _write_arrays(table, _arrays_of(_affine_loss().steps()[step - 1]))

    return explore(
        graph,
        numbers,
        name=name,
        panels={"ax": (4.9, 3.2), "table": (2.9, 3.2)},
        step=steps(9, default=9, first=1, label="step"),
    )


def sabotage(name: str = "sabotaged-gradients") -> Explorer:
    """A gradient check of a small network with a bug in it, on careful and on careless data.

    Parameters
    ----------
    name : str
        Names the explorer in links.

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
        name=name,
        panels={"ax": (4.6, 3.7)},
        bug=choice([TRANSPOSE, MASK, MEAN, "none"]),
        data=choice(list(cases)),
    )


def hidden_units(name: str = "hidden-units") -> Explorer:
    """The chapter's training run, epoch by epoch: the hidden units and the digits still wrong.

    Parameters
    ----------
    name : str
        Names the explorer in links.

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
        name=name,
        panels={"units": (4.9, 2.75), "digits": (3.4, 2.3)},
        epoch=steps(N_EPOCHS, default=N_EPOCHS, label="epoch"),
    )


def training_rates(name: str = "training-rates") -> Explorer:
    """Fifteen epochs of the same network from the same start, at six learning rates.

    Parameters
    ----------
    name : str
        Names the explorer in links.

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
        name=name,
        panels={"ax": (5.6, 3.6)},
        learning_rate=values(RATES, default=0.3, label="learning rate η"),
    )


class _NoTranspose(Affine):
    def backward(self, upstream):
        self.keep_gradients(upstream)
        return upstream @ self.W


class _MaskOnOutput(ReLU):
    def forward(self, x):
        y = np.maximum(x, 0)
        self.active = y >= 0
        return y


class _ForgetsN(SoftmaxCrossEntropy):
    def backward(self, upstream=1.0):
        return self.y - self.t


def _sabotaged(network, x, labels, bug):
    """Gradients by backpropagation, with a bug in the second layer, in ReLU or in the loss."""
    p = network.parameters
    first = Affine(p["W1"], p["b1"])
    second = (_NoTranspose if bug == TRANSPOSE else Affine)(p["W2"], p["b2"])
    relu = _MaskOnOutput() if bug == MASK else ReLU()
    last = _ForgetsN() if bug == MEAN else SoftmaxCrossEntropy()
    last.forward(second.forward(relu.forward(first.forward(x))), labels)
    first.keep_gradients(relu.backward(second.backward(last.backward())))
    return {"W1": first.dW, "b1": first.db, "W2": second.dW, "b2": second.db}


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


def _apples_bought(price, count, tax):
    price, count = Input(price, name="price"), Input(count, name="count")
    cost = price * count
    cost.name = "cost"
    total = cost * Input(tax, name="tax")
    total.name = "total"
    return total


def _fruit_bought():
    apples = Input(100, name="apple price") * Input(2, name="apples")
    oranges = Input(150, name="orange price") * Input(3, name="oranges")
    cost = apples + oranges
    total = cost * Input(1.1, name="tax")
    total.name = "total"
    return total


def _squared_sum(x, y):
    t = Input(x, name="x") + Input(y, name="y")
    t.name = "t"
    z = square(t)
    z.name = "z"
    return z


def _affine_loss():
    x = Input([[1.0, 0.5, -1.0], [0.0, 2.0, 1.0]], name="x")
    W = Input([[0.5, -0.5], [1.0, 0.0], [-0.5, 1.0]], name="W")
    loss = softmax_cross_entropy(x @ W + Input([0.5, 0.0], name="b"), [0, 1])
    loss.name = "loss"
    return loss


def _draw(ax, output, step, **options):
    """Draw a graph over the whole panel: it has no axis labels that would need a margin."""
    ax.set_position((0.02, 0.03, 0.96, 0.94))
    draw_graph(ax, output, step, **options)


def _say(output, step):
    said = output.steps()
    return f"Step {step} of {len(said)}, {said[step - 1]}."


def _say_meaning(step):
    if step.target is None or step.target.operation != "input":
        return ""
    name, gain = step.target.name, f"{step.total:.4g}"
    unit = "won " if "price" in name else ""
    if name == "tax":
        return f" The total grows by {step.total / 100:.4g} won when the factor grows by 0.01."
    if unit:
        return f" One more won on the {name} adds {gain} won to the total."
    return f" The total grows by {gain} won for each unit more of it ({name})."


def _arrays_of(step):
    """Names and values of what a step works with, as a reader would list them."""
    if step.direction == "forward":
        return [*(("in", value) for value in step.inputs), ("out", step.result)]
    if step.target is None:
        return [("upstream", step.result)]
    parts = [("upstream", step.upstream), ("local", step.local)]
    if step.rule == "local @ upstream":
        parts.reverse()
    return [*parts, (f"to {step.target.name or 'the sum'}", step.result)]


def _write_arrays(ax, named):
    y = 0.97
    for name, value in named:
        shape = f", shape {np.shape(value)}" if np.ndim(value) else ""
        ax.text(0, y, name + shape, va="top", size=9, color=plots.BLUE)
        for row in np.atleast_2d(value):
            y -= 0.068
            for column, number in enumerate(row):
                text = f"{number:.2f}".replace("-", "−")
                ax.text(0.22 * (column + 1), y, text, va="top", ha="right", size=9)
        y -= 0.1


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
        canvas, cmap=_coarse(cmap), vmin=limits[0], vmax=limits[1],
        interpolation="none", extent=(0, width, height, 0),
    )  # fmt: skip
    ax.set_axis_off()
    ax.set_position((0.02, 0.02, 0.96, 0.86))


def _coarse(name, n_levels=16):
    """A colour map of few colours, so that its pictures stay small in a page."""
    return ListedColormap(colormaps[name](np.linspace(0, 1, n_levels)), bad="#ffffff00")


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
