"""Explorers of chapter 2: a confident wrong answer, three logits, the scatter of mini-batches."""

from __future__ import annotations

import numpy as np

from downslope import plots
from downslope.datasets import load_digits
from downslope.differentiation import numerical_gradient
from downslope.explore import Explorer, choice, explore, linear, values
from downslope.losses import (
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
    sum_squared_error,
    sum_squared_error_gradient,
)

__all__ = ["batch_scatter", "confident_and_wrong", "half_square", "three_logits"]

N_CLASSES = 10
ONE_WRONG, ALL_WRONG = "one wrong class", "nine wrong classes, evenly"
PROBABILITIES = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
    *np.arange(0.1, 0.99, 0.05).round(2).tolist(),
    *(0.98, 0.99, 1.0),
)
N_BATCHES = 2000
BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1797)
WITHOUT, WITH = "without replacement", "with replacement"


def half_square() -> Explorer:
    """The loss ½(y − t)² for the target t = 1, and its slope, taken by differences.

    Returns
    -------
    explorer : Explorer
        With the control `y`.

    Examples
    --------
    >>> half_square()
    error +1.4, slope +1.4, loss 0.980
    """

    def loss_of(y):
        return (y - 1) ** 2 / 2

    def parabola(ax):
        """The loss ½(y − t)² for the target t = 1, a parabola"""
        road = np.linspace(-1.2, 3.2, 89)
        ax.plot(road, loss_of(road), color=plots.BLUE)
        ax.set(xlim=(-1.3, 3.3), ylim=(-0.4, 2.5), xlabel="output y")
        ax.set_title("½(y − t)², t = 1")

    def tangent(ax, y):
        """its tangent at the output y"""
        slope = float(numerical_gradient(loss_of, y).round(1)) + 0
        ax.axline((y, loss_of(y)), slope=slope, color=plots.INK, linewidth=1)
        ax.plot(y, loss_of(y), "o", color=plots.INK)
        return f"error {round(y - 1, 1) + 0:+.1f}, slope {slope:+.1f}, loss {loss_of(y):.3f}"

    return explore(
        parabola,
        tangent,
        name="half-square",
        alt="The loss ½(y − t)² for the target t = 1, a parabola, with its tangent at the output "
        "y.",
        y=linear(-1.0, 3.0, 0.2, default=2.4, label="output y"),
    )


def confident_and_wrong() -> Explorer:
    """The predicted probability of the true class: both losses side by side, with their slopes.

    There are ten classes. The probability that the true one does not get goes to a single wrong
    class, or evenly to the nine wrong ones; the slopes are those along that road.

    Returns
    -------
    explorer : Explorer
        With controls `p` and `rest`.

    Examples
    --------
    >>> explorer = confident_and_wrong()
    >>> explorer.controls["p"].value = 0.01
    >>> print(explorer.readout)
    p = 0.01. Sum of squared errors: 0.980, slope -1.98. Cross-entropy: 4.605 nats, slope -100.
    """
    road = np.linspace(0, 1, 41)

    def squared_errors(squared, rest):
        """The sum of squared errors against p: from 1 or less, gently down to 0"""
        _frame(squared, "sum of squared errors")
        squared.plot(road, [_squared_error(p, rest)[0] for p in road], color=plots.BLUE)

    def surprise(entropy):
        """cross-entropy against p on the same scale: it rises without limit towards p = 0"""
        _frame(entropy, "cross-entropy, in nats")
        steep = np.concatenate([np.geomspace(5e-4, 0.1, 25), road[road > 0.1]])
        entropy.plot(steep, -np.log(steep), color=plots.ORANGE)

    def tangents(squared, entropy, p, rest):
        """the chosen p on both curves, with its tangent"""
        squared_loss, squared_slope = _squared_error(p, rest)
        surprise, slope = -np.log(p), -1 / p
        _tangent(squared, p, squared_loss, squared_slope)
        _tangent(entropy, p, surprise, slope)
        return (
            f"p = {p:g}. Sum of squared errors: {squared_loss:.3f}, slope {squared_slope + 0:.2f}. "
            f"Cross-entropy: {surprise + 0:.3f} nats, slope {slope:.4g}."
        )

    return explore(
        squared_errors,
        surprise,
        tangents,
        name="confident-and-wrong",
        alt={
            "squared": "The sum of squared errors against p, the probability of the true class: "
            "from 1 or less it goes gently down to 0. A dot at the chosen p, with the tangent "
            "there.",
            "entropy": "Cross-entropy against p on the same scale: it rises without limit towards "
            "p = 0. A dot at the chosen p, with the tangent there.",
        },
        panels={"squared": (3.8, 3.6), "entropy": (3.8, 3.6)},
        shared={
            "squares": lambda p, rest: _squared_error(p, rest)[0],
            "nats": lambda p: -np.log(p),
        },
        handles={"squared": ("p", "squares"), "entropy": ("p", "nats")},
        p=values(PROBABILITIES, default=0.5, label="p of the true class"),
        rest=choice([ONE_WRONG, ALL_WRONG], label="the rest, 1 − p, goes to"),
    )


def three_logits() -> Explorer:
    """Three logits, of which the first is the true class: probabilities, and what they cost.

    Returns
    -------
    explorer : Explorer
        With controls `z0`, `z1` and `z2`.

    Examples
    --------
    >>> explorer = three_logits()
    >>> for name in ("z0", "z1", "z2"):
    ...     explorer.controls[name].value = 4
    >>> explorer.readout.partition(";")[0]
    'Probabilities 0.333, 0.333, 0.333'
    """
    target = np.array([1.0, 0.0, 0.0])
    road = np.linspace(-6, 6, 37)

    def bars_frame(bars):
        """A bar for the probability of each of three classes"""
        bars.set(xlim=(-0.6, 2.6), ylim=(0, 1.12), title="softmax(z)")
        bars.set_xticks([0, 1, 2], ["0, true", "1", "2"])
        bars.set_yticks([0, 0.5, 1])

    def loss_frame(loss):
        """both losses against the logit of the true class"""
        loss.set(xlim=(-6.4, 6.4), ylim=(-0.6, 13.6), xlabel="logit z₀ of the true class")
        loss.set_title("the loss, if only z₀ moved")
        loss.plot([], [], color=plots.ORANGE, label="cross-entropy (nats)")
        loss.plot([], [], "--", color=plots.BLUE, label="sum of squared errors")
        loss.legend(loc="upper right")

    def probabilities(z0, z1, z2):
        return softmax([z0, z1, z2])

    def bars_of(bars, probabilities):
        """their heights for the chosen logits"""
        bars.bar(range(3), probabilities, width=0.6, color=[plots.ORANGE, plots.BLUE, plots.BLUE])
        for k, height in enumerate(probabilities):
            bars.text(k, height + 0.02, f"{height:.3f}", ha="center")

    def curves(loss, z1, z2):
        """cross-entropy, a ramp; the sum of squared errors, flat where the answer is wrong"""
        rows = np.array([[z0, z1, z2] for z0 in road])
        loss.plot(road, [softmax_cross_entropy(z, target) for z in rows], color=plots.ORANGE)
        squared = [sum_squared_error(softmax(z), target) for z in rows]
        loss.plot(road, squared, "--", color=plots.BLUE)

    def here(loss, z0, z1, z2, probabilities):
        """the chosen logit on both curves"""
        z, y = np.array([z0, z1, z2]), probabilities
        surprise = softmax_cross_entropy(z, target)
        squared = sum_squared_error(y, target)
        loss.plot(z0, surprise, "o", color=plots.ORANGE, markersize=8)
        loss.plot(z0, squared, "s", color=plots.BLUE, markersize=7)
        by_logit = y * (sum_squared_error_gradient(y, target) - (y - target) @ y)
        slope = softmax_cross_entropy_gradient(z, target)[0]
        return (
            f"Probabilities {y[0]:.3f}, {y[1]:.3f}, {y[2]:.3f}; slopes with respect to z₀. "
            f"Cross-entropy: {surprise:.3f} nats, slope {slope:.4f}. "
            f"Sum of squared errors: {squared:.3f}, slope {by_logit[0]:.4f}."
        )

    def logit(default, label):
        return linear(-6, 6, 2, default=default, label=label)

    return explore(
        bars_frame,
        loss_frame,
        bars_of,
        curves,
        here,
        name="three-logits",
        alt={
            "bars": "A bar for the probability of each of three classes, with its number; the "
            "first class is the true one.",
            "loss": "Both losses against the logit of the true class: cross-entropy, solid, is a "
            "ramp where the answer is wrong; the sum of squared errors, dashed, is flat there. A "
            "dot and a square at the chosen logit.",
        },
        panels={"bars": (3.1, 3.7), "loss": (4.6, 3.7)},
        shared={"probabilities": probabilities},
        z0=logit(0, "logit z₀ (true class)"),
        z1=logit(2, "logit z₁"),
        z2=logit(-2, "logit z₂"),
    )


def batch_scatter() -> Explorer:
    """Batch size: how far the loss of a mini-batch of digits strays from that of all of them.

    The classifier stands still: it compares an image with the mean image of each digit. For each
    size N 2,000 batches are drawn. Without replacement, as mini-batches are, their scatter is
    ``σ / sqrt(N) * sqrt((M - N) / (M - 1))``; with replacement ``σ / sqrt(N)``. σ is the standard
    deviation of the losses of all M images.

    Returns
    -------
    explorer : Explorer
        With controls `batch_size` and `drawn`.

    Examples
    --------
    >>> explorer = batch_scatter()
    >>> explorer.controls["batch_size"].value = 1797
    >>> explorer.readout.partition(":")[0]
    'Scatter of 2,000 batches of 1797'
    """
    losses = _losses_of_templates()
    whole, sigma, n_all = losses.mean(), losses.std(), len(losses)
    means = {drawn: _means_of_batches(losses, drawn) for drawn in (WITHOUT, WITH)}

    def falling(batch_size, drawn):
        """Means of the batches, the share of them in each bin, and the bins."""
        found = means[drawn][:, BATCH_SIZES.index(batch_size)]
        counts, edges = np.histogram(found, bins=80, range=(0, 4))
        return found, counts / N_BATCHES, edges

    def predicted(size, drawn):
        spared = (n_all - size) / (n_all - 1) if drawn == WITHOUT else 1.0
        return sigma / np.sqrt(size) * np.sqrt(spared)

    def histogram_frame(histogram, falling):
        """The loss of mini-batches as a histogram, a line at the loss of all images"""
        top = 1.25 * falling[1].max()
        histogram.set(xlim=(0, 3), ylim=(0, top), xlabel="loss of a batch (nats)")
        histogram.set_title("share of 2,000 batches")
        histogram.axvline(whole, color=plots.INK, linewidth=1, linestyle="--")

    def scatter_frame(scatter, drawn):
        """their scatter against batch size on logarithmic axes: it falls along σ/√N"""
        scatter.set(xscale="log", yscale="log", xlim=(0.7, 2800), ylim=(0.008, 2))
        scatter.set(xlabel="batch size N", title="scatter (nats)")
        sizes = np.append(np.geomspace(1, 1700, 40), np.linspace(1710, n_all - 1, 20))
        scatter.plot(sizes, predicted(sizes, drawn), color=plots.BLUE, linewidth=1.2)
        found = means[drawn].std(axis=0)
        shown = found > 1e-9  # all of the data, dealt out whole, has no scatter to draw
        scatter.plot(np.array(BATCH_SIZES)[shown], found[shown], "o", color=plots.GREEN)

    def batches(histogram, falling, batch_size, drawn):
        """how the batches of the chosen size fall, and a bar of the predicted width"""
        found, share, edges = falling
        histogram.stairs(share, edges, fill=True, color=plots.GREEN)
        width = predicted(batch_size, drawn)
        height = [1.12 * share.max()] * 2
        histogram.plot([whole - width, whole + width], height, "|-", color=plots.BLUE)
        return (
            f"Scatter of 2,000 batches of {batch_size}: {found.std():.4f} nats, "
            f"predicted {width:.4f}. Their mean: {found.mean():.3f}; "
            f"loss of all {n_all} images: {whole:.3f}."
        )

    def chosen(scatter, batch_size, drawn):
        """a ring at the chosen size"""
        width = predicted(batch_size, drawn)
        if width > 0:
            ring = {"markersize": 11, "fillstyle": "none", "color": plots.ORANGE}
            scatter.plot(batch_size, width, "o", **ring)
        else:  # no place on a logarithmic axis
            scatter.text(batch_size, 0.0095, "0 ↓", color=plots.ORANGE, ha="center")

    return explore(
        histogram_frame,
        scatter_frame,
        batches,
        chosen,
        name="batch-scatter",
        alt={
            "histogram": "A histogram of the losses of 2,000 mini-batches of the chosen size, a "
            "dashed line at the loss of all images, and above it a bar of the predicted width.",
            "scatter": "How far the losses of mini-batches scatter, against batch size on "
            "logarithmic axes: the dots fall along the predicted line, and a ring marks the "
            "chosen size.",
        },
        panels={"histogram": (4.6, 3.7), "scatter": (3.1, 3.7)},
        shared={"falling": falling},
        batch_size=values(BATCH_SIZES, default=10, label="batch size N"),
        drawn=choice([WITHOUT, WITH]),
    )


def _frame(ax, title):
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.3, 7.3), xlabel="probability p of the true class")
    ax.set_title(title)


def _squared_error(p, rest):
    """Sum of squared errors at `p`, and its slope when the rest goes where `rest` says."""
    n_wrong = 1 if rest == ONE_WRONG else N_CLASSES - 1
    guess = np.zeros(N_CLASSES)
    guess[0], guess[1 : 1 + n_wrong] = p, (1 - p) / n_wrong
    truth = np.eye(N_CLASSES)[0]
    along = np.zeros(N_CLASSES)
    along[0], along[1 : 1 + n_wrong] = 1, -1 / n_wrong
    return sum_squared_error(guess, truth), sum_squared_error_gradient(guess, truth) @ along


def _tangent(ax, x, y, slope):
    """A point and its tangent, equally long in the picture however steep."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    reach = 0.2 / np.hypot(1 / (right - left), slope / (high - low))
    ends = np.array([-reach, reach])
    ax.plot(x + ends, y + slope * ends, color=plots.INK, linewidth=1)
    ax.plot(x, y, "o", color=plots.INK, markersize=7)


def _losses_of_templates():
    """Cross-entropy of each digit under a classifier that compares with the mean images."""
    _, pixels, labels = load_digits()
    templates = np.array([pixels[labels == k].mean(axis=0) for k in range(N_CLASSES)])
    logits = pixels @ templates.T - (templates**2).sum(axis=1) / 2
    return np.array([softmax_cross_entropy(z, t) for z, t in zip(logits, labels, strict=True)])


def _means_of_batches(losses, drawn):
    """Mean losses of batches, shape (N_BATCHES, len(BATCH_SIZES)).

    A batch of n is the first n images of a shuffled deck, or of a row of draws; so each row holds
    a batch of every size.
    """
    rng = np.random.default_rng(0)
    if drawn == WITHOUT:
        rows = rng.permuted(np.tile(losses, (N_BATCHES, 1)), axis=1)
    else:
        rows = rng.choice(losses, size=(N_BATCHES, len(losses)))
    sizes = np.array(BATCH_SIZES)
    return np.cumsum(rows, axis=1)[:, sizes - 1] / sizes
