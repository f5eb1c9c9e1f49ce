"""Explorers of chapter 8: gradients by depth, receptive fields, and numbers of half precision."""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np

from downslope import plots
from downslope._validation import as_count, as_positive
from downslope.datasets import load_digits, minibatches, one_hot, train_test_split
from downslope.explore import Explorer, choice, explore, steps, values
from downslope.formulas import relu, relu_slope, sigmoid, sigmoid_slope, tanh_slope
from downslope.initializers import he, normal, xavier
from downslope.layers import ReLU, Sigmoid, Tanh
from downslope.networks import DeepNet

__all__ = [
    "HalfRun",
    "gradient_norms",
    "gradients_by_depth",
    "half_precision",
    "receptive_fields",
    "train_in_half",
    "ways_through",
]

HALF = (3.9, 3.5)  # inches

DEPTHS, WIDTH = (2, 5, 10, 20), 50
#: Of each activation: the layer, the function, and its slope by its output.
ACTIVATIONS: dict[str, Any] = {
    "sigmoid": (Sigmoid, sigmoid, sigmoid_slope),
    "tanh": (Tanh, np.tanh, tanh_slope),
    "ReLU": (ReLU, relu, relu_slope),
}
INITIALIZERS = {"0.01": normal, "Xavier": xavier, "He": he}
#: Ways around: the scale of a `Residual`, and how a curve is drawn.
SKIPS = {"none": None, "× 0.1": 0.1, "× 1": 1.0}
FORMS = (("o-", plots.BLUE), ("s--", plots.ORANGE), ("^-.", plots.GREEN))
N_IMAGES, N_ASKED, BATCH, EPOCHS, RATE, HOPELESS = 500, 100, 50, 10, 0.1, 1e6
LOWEST, TINY, LARGE = 1e-16, 1e-3, 20.0  # of the norms
GUESS = 0.15  # who reads no more digits than this has learned nothing to speak of

SIZES, STRIDES, MOST_LAYERS = (3, 5, 7), (1, 2), 4

POWERS = range(-6, 1)  # of two: the weights
UPDATES = (1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3)
N_UPDATES, N_SPACINGS = 1000, 4
#: Numbers of float16 beside a power of two, and the sums that become each, all less the power and
#: in spacings above it; below it the numbers lie twice as close.
STAIRS = ((-0.5, -0.75, -0.25), (0, -0.25, 0.5), *((i, i - 0.5, i + 0.5) for i in range(1, 5)))


class HalfRun(NamedTuple):
    """What became of a network whose weights lie in float16.

    Attributes
    ----------
    lost : float, from 0 to 1
        Share of the updates of weights that float16 would not have noticed: added there, they left
        the weight as it was. Updates of exactly 0 do not count.
    accuracy : float, from 0 to 1
        On 359 digits that it never saw.
    """

    lost: float
    accuracy: float


def gradient_norms(network, x, labels) -> np.ndarray:
    """Norm of the gradient of each layer's weights, from the first layer to the last.

    Parameters
    ----------
    network : Network
    x : array_like of float, shape (n, ...)
    labels : array_like of int, shape (n,)
        What the gradients are for, as `Network.gradients` takes them.

    Returns
    -------
    norms : ndarray of float, shape (n_layers,)
        The square root of the sum of squares of "W1", "W2" and so on.

    Raises
    ------
    ValueError
        As `Network.gradients` does.

    Examples
    --------
    >>> network = DeepNet(4, 8, 3, 6, rng=np.random.default_rng(0), activation=Sigmoid)
    >>> norms = gradient_norms(network, np.ones((5, 4)), [0, 1, 2, 1, 1])
    >>> print(np.round(norms, 4))
    [0.0012 0.0032 0.0151 0.0332 0.1062 0.3383]
    """
    gradients = network.gradients(x, labels)
    weights = [gradients[name] for name in gradients if name.startswith("W")]
    return np.array([np.linalg.norm(gradient) for gradient in weights])


def gradients_by_depth() -> Explorer:
    """Depth, activation, first weights and a way around: gradients at the start, and accuracy.

    The networks have 50 units in a layer. The gradients are those of 100 digits, before the first
    step. Then each network learns from 500 digits, 100 steps at learning rate 0.1, and is asked
    about 359 others.

    Returns
    -------
    explorer : Explorer
        With controls `depth`, `activation`, `weights` and `skip`.

    Examples
    --------
    >>> explorer = gradients_by_depth()
    >>> explorer.controls["depth"].value = 20
    >>> print(explorer.readout.partition(". ")[0])
    20 layers, ReLU, weights He, no way around: the first layer's gradient is 1 of the last's
    """

    def norms_frame(norms):
        """Norm of the gradient of each layer's weights, on a logarithmic axis"""
        norms.set(xlim=(0, 21), yscale="log", ylim=(LOWEST / 10, 1e12), xlabel="layer")
        norms.set(title="norm of the gradient at the start", xticks=[1, 5, 10, 15, 20])
        powers = range(-16, 5, 4)
        marks = [rf"${'≤' * (power == -16)} 10^{{{power}}}$" for power in powers]
        norms.set_yticks([10.0**power for power in powers], marks)
        for text, (form, color) in zip(SKIPS, FORMS, strict=True):
            norms.plot([], [], form, color=color, label=text)
        norms.legend(loc="upper left", ncols=3, title="way around", columnspacing=1.2)

    def accuracy_frame(accuracy):
        """beside it bars, accuracy on new digits after a short training"""
        accuracy.set(xlim=(-0.6, 3.5), ylim=(0, 1.04), xlabel="way around")
        accuracy.set(title="accuracy on new digits", xticks=range(3))
        accuracy.set_xticklabels(list(SKIPS))
        accuracy.axhline(0.1, color=plots.INK, linewidth=0.8, linestyle=":")
        accuracy.text(3.5, 0.115, "a guess", ha="right", size=9)

    def all_ways(norms, accuracy, depth, activation, weights):
        """a curve and a bar each: no way around the layers, × 0.1 and × 1 of them with one"""
        for place, ((form, color), text) in enumerate(zip(FORMS, SKIPS, strict=True)):
            found = _norms(depth, activation, weights, text)
            layers = range(1, depth + 1)
            norms.plot(layers, found, form[1:], color=color, linewidth=1.1)
            reached = _reached(depth, activation, weights, text)
            accuracy.bar(place, reached or 0, 0.7, color=color, alpha=0.55)
            if reached is None:
                accuracy.text(place, 0.03, "diverged", ha="center", size=9)

    def chosen(norms, accuracy, depth, activation, weights, skip):
        """the chosen curve thick, with a mark for each layer, and the chosen bar framed"""
        place, found = [*SKIPS].index(skip), _norms(depth, activation, weights, skip)
        form, color = FORMS[place]
        norms.plot(range(1, depth + 1), found, form, color=color, linewidth=2.2)
        reached = _reached(depth, activation, weights, skip)
        accuracy.bar(place, reached or 0, 0.7, fill=False, edgecolor=plots.INK, linewidth=1.8)
        return _depth_said(depth, activation, weights, skip)

    return explore(
        norms_frame,
        accuracy_frame,
        all_ways,
        chosen,
        name="gradients-by-depth",
        alt={
            "norms": "Norm of the gradient of each layer's weights, on a logarithmic axis. Three "
            "curves: without a way around the layers, with one times 0.1 and with one times 1; "
            "the chosen one is thick, with a mark for each layer.",
            "accuracy": "Three bars, accuracy on new digits after a short training, for the same "
            "three networks; the chosen one is framed, and a dotted line stands at a guess.",
        },
        panels={"norms": (3.9, 3.0), "accuracy": (3.3, 3.0)},
        depth=values(DEPTHS, default=5, label="layers"),
        activation=choice(list(ACTIVATIONS), default="ReLU"),
        weights=choice(list(INITIALIZERS), default="He", label="first weights"),
        skip=choice(list(SKIPS), label="way around"),
    )


def ways_through(sizes, strides) -> np.ndarray:
    """By how many ways each pixel along one axis gets into one number of the last layer.

    Parameters
    ----------
    sizes, strides : sequence of int, at least 1 each
        Of the windows of each layer, the first layer first: how many numbers they see along the
        axis, and by how many they move.

    Returns
    -------
    ways : ndarray of int, shape (n_pixels,)
        For the pixels that are seen, from the first to the last: n_pixels is the receptive field.
        In an image a pixel has the product of its ways down and across. A pixel that the strides
        leap over has 0.

    Raises
    ------
    ValueError
        If there is no layer, the lengths differ, or a number is not as above.

    Examples
    --------
    >>> print(ways_through([3, 3], [1, 1]))
    [1 2 3 2 1]
    >>> len(ways_through([3, 2, 3], [1, 2, 1]))
    8
    """
    layers = _layers(sizes, strides)
    ways = np.ones(1, int)
    for size, stride in reversed(layers):
        apart = np.zeros((len(ways) - 1) * stride + 1, int)
        apart[::stride] = ways
        ways = np.convolve(apart, np.ones(size, int))
    return ways


def receptive_fields() -> Explorer:
    """What one number of the last layer sees of an image, by layers, size of filters, and stride.

    Returns
    -------
    explorer : Explorer
        With controls `layers`, `size` and `stride`.

    Examples
    --------
    >>> explorer = receptive_fields()
    >>> print(explorer.readout.partition(", those")[0])
    2 layers, filters 3 × 3, stride 1: one number of the last layer sees 5 × 5 pixels
    """

    def section_frame(section):
        """A section through the layers, the pixels below, one number of the last layer on top"""
        section.set(xlim=(-1, 1.2), ylim=(-0.5, MOST_LAYERS + 0.35), xlabel="across the image")
        section.set(title="how many numbers have a part", xticks=[], yticks=range(MOST_LAYERS + 1))
        section.set_yticklabels(["image", *(f"layer {i + 1}" for i in range(MOST_LAYERS))], size=9)

    def image_frame(image):
        """beside it the image, the darker the pixels the more ways lead from them to that number"""
        image.set(xlim=(-1, 1), ylim=(-1, 1.2), aspect=1, xticks=[], yticks=[])
        image.set(title="what it sees of the image")

    def levels(section, layers, size, stride):
        """in each layer as many dots as there are numbers, and the window of the leftmost"""
        reach, places = _reach(size, stride), _places(layers, size, stride)
        for level, (here, above) in enumerate(pairwise(places)):
            corners = np.array([above[0], above[-1], here[-1], here[0]]) / reach
            heights = [level + 1, level + 1, level, level]
            section.fill(corners, heights, color=plots.BLUE, alpha=0.16, linewidth=0)
            half = (size - 1) / 2 * stride**level
            window = (above[0] + np.array([-half, 0.0, half])) / reach
            section.plot(window, [level, level + 1, level], color=plots.ORANGE, linewidth=1.4)
        for level, here in enumerate(places):
            dots = {"color": plots.INK, "ms": 3.5 if len(here) < 30 else 1.6}
            section.plot(here / reach, np.full(len(here), level), "o", **dots)
            section.text(here[-1] / reach + 0.05, level, f"{len(here)}", va="center")

    def field(image, layers, size, stride):
        """frames around what a number of each layer sees"""
        reach = _reach(size, stride)
        ways = ways_through([size] * layers, [stride] * layers)
        half = len(ways) / 2 / reach
        image.imshow(
            np.outer(ways, ways) / ways.max() ** 2, cmap="cividis_r", vmin=0, vmax=1,
            interpolation="nearest", extent=(-half, half, -half, half), aspect="equal",
        )  # fmt: skip
        for i in range(1, layers + 1):
            half = len(ways_through([size] * i, [stride] * i)) / 2 / reach
            square = [-half, half, half, -half, -half], [-half, -half, half, half, -half]
            image.plot(*square, color=plots.ORANGE, linewidth=1.2)
        image.text(0, half + 0.05, f"{len(ways)} × {len(ways)} pixels", ha="center")
        return _field_said(layers, size, stride)

    return explore(
        section_frame,
        image_frame,
        levels,
        field,
        name="receptive-fields",
        alt={
            "section": "A section through the layers, the pixels below, one number of the last "
            "layer on top. In each layer as many dots as there are numbers, and the window of the "
            "leftmost.",
            "image": "The image, its pixels the darker the more ways lead from them to that "
            "number, with frames around what a number of each layer sees.",
        },
        panels={"section": (4.2, 3.4), "image": (3.4, 3.4)},
        layers=steps(MOST_LAYERS, default=2, first=1, label="layers"),
        size=values(SIZES, label="size of the filters"),
        stride=values(STRIDES, label="stride of each layer"),
    )


def half_precision() -> Explorer:
    """A weight in float16 and a small update, once and a thousand times.

    Returns
    -------
    explorer : Explorer
        With controls `power`, of two, which is the weight, and `update`.

    Examples
    --------
    >>> explorer = half_precision()
    >>> print(explorer.readout.partition(". ")[0])
    At w = 1 the numbers of float16 are 0.00098 apart
    """

    def stairs_frame(stairs):
        """Stairs, one for each number of float16: what becomes of a sum beside the weight w"""
        ticks, names = range(N_SPACINGS + 1), ["w", *(f"+{i}" for i in range(1, N_SPACINGS + 1))]
        stairs.set(xlim=(-0.9, N_SPACINGS + 0.5), ylim=(-0.9, N_SPACINGS + 0.9))
        stairs.set(xlabel="exact sum (in spacings)", title="what float16 keeps")
        stairs.set_xticks(ticks, names)
        stairs.set_yticks(ticks, names)
        stairs.axline((0, 0), slope=1, color=plots.INK, linewidth=0.8, linestyle=":")
        for level, left, right in STAIRS:
            stairs.plot([left, right], [level, level], color=plots.BLUE, linewidth=2.4)

    def curve_frame(curve):
        """beside it how many of a thousand updates the weight has taken in"""
        curve.set(xlim=(-20, N_UPDATES + 20), ylim=(-60, 2.9 * N_UPDATES), xlabel="updates made")
        curve.set(title="updates that w has taken in", yticks=range(0, 2001, 500))
        curve.plot([], [], color=plots.ORANGE, label="added in float16")
        curve.plot([], [], "--", color=plots.BLUE, label="added in float32, rounded")
        curve.plot([0, N_UPDATES], [0, N_UPDATES], ":", color=plots.INK, lw=1, label="exact")
        curve.legend(loc="upper left")

    def once(stairs, power, update):
        """an arrow from w to the exact sum, and a dot on the stair that it falls on"""
        reach, kept = (part / _spacing(power) for part in (update, _kept(power, update)))
        if reach > N_SPACINGS + 0.5:
            stairs.annotate(
                "", (N_SPACINGS + 0.4, -0.5), (0, -0.5), arrowprops=_ARROW, annotation_clip=False
            )
            stairs.text(N_SPACINGS + 0.3, -0.35, f"{reach:.0f} spacings", ha="right", size=9)
            return
        stairs.annotate("", (reach, -0.5), (0, -0.5), arrowprops=_ARROW)
        stairs.plot([reach, reach], [-0.5, kept], color=plots.ORANGE, linewidth=1, linestyle="--")
        stairs.plot(reach, kept, "o", color=plots.ORANGE, ms=9)

    def often(curve, power, update):
        """added in float16 a solid line, added in float32 and then rounded a dashed one"""
        arrived = {master: _arrived(power, update, master) for master in (False, True)}
        every = slice(None, None, 10)
        updates = np.arange(N_UPDATES + 1)[every]
        curve.plot(updates, arrived[False][every], color=plots.ORANGE)
        curve.plot(updates, arrived[True][every], "--", color=plots.BLUE)
        spacing, kept = _spacing(power), _kept(power, update)
        fate = f"float16 takes it for {_digits_of(kept)}" if kept else "it is lost"
        return (
            f"At w = {_digits_of(2.0**power)} the numbers of float16 are {_digits_of(spacing)} "
            f"apart. An update of {_digits_of(update)} is {update / spacing:.2g} of that: {fate}. "
            f"Of 1,000 updates w has taken in {arrived[False][-1]:,.0f}; with a copy in float32, "
            f"{arrived[True][-1]:,.0f}."
        )

    return explore(
        stairs_frame,
        curve_frame,
        once,
        often,
        name="half-precision",
        alt={
            "stairs": "Stairs, one for each number of float16: what becomes of a sum beside the "
            "weight w. An arrow leads from w to the exact sum, and a dot lies on the stair that "
            "it falls on.",
            "curve": "How many of a thousand updates the weight has taken in: added in float16 a "
            "solid line, added in float32 and then rounded a dashed one, exactly a dotted one.",
        },
        panels={"stairs": HALF, "curve": HALF},
        power=values(POWERS, default=0, label="weight w: 2 to the power of"),
        update=values(UPDATES, default=1e-4),
    )


def train_in_half(learning_rate, *, master=False, n_epochs=20) -> HalfRun:
    """Train a two-layer network on the digits whose weights lie in float16.

    It has 50 hidden units and learns from 1,438 digits in batches of 50. What it computes from the
    weights, it computes in float32; only what is kept is rounded.

    Parameters
    ----------
    learning_rate : float, > 0
    master : bool, optional
        Whether each update is added to a copy of the weights in float32, which are then rounded;
        else it is added to the weights in float16.
    n_epochs : int, at least 1, optional
        Of 29 steps each.

    Returns
    -------
    run : HalfRun

    Raises
    ------
    ValueError
        If `learning_rate` or `n_epochs` is not as above.

    Examples
    --------
    >>> run = train_in_half(0.0001, n_epochs=1)
    >>> round(run.lost, 2)
    0.99
    """
    rate, n_epochs = as_positive(learning_rate, "learning_rate"), as_count(n_epochs, "n_epochs", 1)
    rng, digits = np.random.default_rng(0), load_digits()
    x, x_new, t, t_new = train_test_split(digits.pixels, digits.labels, 0.2, rng)
    network = DeepNet(64, WIDTH, 10, 2, rng=rng, dtype=np.float32)
    weights = _HalfWeights(network.parameters, master)
    for x_batch, labels in minibatches(x, t, batch_size=BATCH, rng=rng, n_epochs=n_epochs):
        network.parameters.update(weights.read())
        gradients = network.gradients(x_batch, labels)
        weights.add({name: np.float32(-rate) * array for name, array in gradients.items()})
    network.parameters.update(weights.read())
    return HalfRun(weights.n_lost / weights.n_updates, network.accuracy(x_new, t_new))


_ARROW = {"arrowstyle": "->", "color": plots.ORANGE, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0}


@cache
def _digits():
    """500 digits to learn from, and 359 others, with their labels."""
    rng, digits = np.random.default_rng(0), load_digits()
    x, x_new, t, t_new = train_test_split(digits.pixels, digits.labels, 0.2, rng)
    return x[:N_IMAGES], x_new, t[:N_IMAGES], t_new


@cache
def _norms(depth, activation, weights, skip):
    """Norms at the start, as far as they fit on the axis."""
    return np.maximum(_exact_norms(depth, activation, weights, skip), LOWEST)


@cache
def _exact_norms(depth, activation, weights, skip):
    x, _, labels, _ = _digits()
    how = {"activation": ACTIVATIONS[activation][0], "initializer": INITIALIZERS[weights]}
    rng = np.random.default_rng(0)
    network = DeepNet(64, WIDTH, 10, depth, rng=rng, skip=SKIPS[skip], **how)
    return gradient_norms(network, x[:N_ASKED], labels[:N_ASKED])


def _depth_said(depth, activation, weights, skip):
    around = "no way around" if skip == "none" else f"way around {skip}"
    around = "no layer to go around" if depth == 2 else around
    norms = _exact_norms(depth, activation, weights, skip)
    became, learned = _became(norms), _learned(_reached(depth, activation, weights, skip))
    return (
        f"{depth} layers, {activation}, weights {weights}, {around}: the first layer's gradient is "
        f"{norms[0] / norms[-1]:.2g} of the last's. {became} {learned}"
    )


def _became(norms):
    """What became of the gradient on its way back, in a sentence."""
    ratio, most = norms[0] / norms[-1], norms.max()
    if ratio < TINY:
        return "It vanishes on its way back."
    if most < TINY:
        return f"All are below {TINY:g}: signals fade on their way forward too."
    if most > LARGE:
        return f"The largest is {float(f'{most:.2g}'):,.0f}: what the layers add has piled up."
    return "It shrinks on its way back." if ratio < 0.1 else "It does not vanish."


def _learned(reached):
    if reached is None:
        return "Training diverged."
    if reached <= GUESS:
        return "After 100 steps the network reads new digits no better than a guess."
    return f"After 100 steps the network reads about {100 * reached:.0f} % of new digits right."


def _reached(depth, activation, weights, skip):
    """Accuracy on new digits to the nearest 0.05; None if the training diverged.

    More would not be the same on every machine. Where steps are too long, the last digit of a sum
    decides what is learned: of 81 nets of 5 and more layers ten end up to 0.3 elsewhere if the
    pixels change by 3e-7 of themselves.
    """
    place = [*product(INITIALIZERS, SKIPS)].index((weights, skip))
    accuracy = _accuracies(depth, activation)[place]
    return None if np.isnan(accuracy) else round(20 * accuracy) / 20


@cache
def _accuracies(depth, activation):
    """Of the networks of one depth and activation on new digits; NaN where training diverged."""
    x, x_new, labels, labels_new = _digits()
    nets = _DeepNets(depth, activation)
    data, deal = (x.astype(np.float32), one_hot(labels, 10)), {"rng": nets.rng, "n_epochs": EPOCHS}
    with np.errstate(over="ignore", invalid="ignore"):
        for x_batch, targets in minibatches(*data, batch_size=BATCH, **deal):
            nets.learn(x_batch, targets)
        found = nets.forward(x_new.astype(np.float32)).argmax(axis=2) == labels_new
    return np.where(nets.diverged, np.nan, found.mean(axis=1))


class _DeepNets:
    """Nets as `DeepNet` makes them, all first weights and ways around side by side.

    The first axis of every array says which net. A net without a way around has 0 times what goes
    into a layer beside it, one with a way around 1 times.
    """

    def __init__(self, depth, activation):
        _, self.f, self.slope = ACTIVATIONS[activation]
        shapes = [*pairwise([64] + [WIDTH] * (depth - 1) + [10])]
        nets = []
        for initializer in (INITIALIZERS[weights] for weights, _ in product(INITIALIZERS, SKIPS)):
            self.rng = np.random.default_rng(0)
            nets.append([initializer(shape, self.rng, dtype=np.float32) for shape in shapes])
        self.W = [np.stack(of_all) for of_all in zip(*nets, strict=True)]
        self.b = [np.zeros((len(nets), 1, W.shape[2]), np.float32) for W in self.W]
        scales = [scale for _, scale in product(INITIALIZERS, SKIPS.values())]
        self.around = _column([scale is not None for scale in scales])
        self.scale = _column([1.0 if scale is None else scale for scale in scales])
        self.diverged = np.zeros(len(nets), bool)

    def forward(self, x):
        """Scores; keeps what goes into each layer, and what each activation says."""
        first, *middle, last = zip(self.W, self.b, strict=True)
        self.said = [self.f(_affine(x, *first))]
        self.heard = [x, self.said[0]]
        for layer in middle:
            self.said.append(self.f(_affine(self.heard[-1], *layer)))
            self.heard.append(self.around * self.heard[-1] + self.scale * self.said[-1])
        return _affine(self.heard[-1], *last)

    def learn(self, x, targets):
        """One step of gradient descent for every net."""
        y = self.forward(x)
        self.diverged |= ~(np.abs(y).max(axis=(1, 2)) < HOPELESS)
        upstream = (_softmax(y) - targets.astype(np.float32)) / np.float32(len(x))
        upstream = self._step_back(-1, upstream)
        for layer in range(len(self.W) - 2, 0, -1):
            through = self.scale * upstream * self.slope(self.said[layer])
            upstream = self.around * upstream + self._step_back(layer, through)
        self._step_back(0, upstream * self.slope(self.said[0]))

    def _step_back(self, layer, upstream):
        """Gradient of what went into an affine layer; the layer then takes its step."""
        rate, W = np.float32(RATE), self.W[layer]
        back = upstream @ W.swapaxes(1, 2)
        W -= rate * (self.heard[layer].swapaxes(-1, -2) @ upstream)
        self.b[layer] -= rate * upstream.sum(axis=1, keepdims=True)
        return back


def _affine(x, W, b):
    y = x @ W
    y += b
    return y


def _softmax(y):
    y = np.exp(y - y.max(axis=2, keepdims=True))
    y /= y.sum(axis=2, keepdims=True)
    return y


def _layers(sizes, strides):
    """Size and stride of each layer."""
    numbers = {"sizes": sizes, "strides": strides}
    for name, given in numbers.items():
        if not isinstance(given, list | tuple) or not given:
            raise ValueError(f"{name} must be a list of whole numbers, not empty, got {given!r}")
        numbers[name] = [as_count(number, f"each number of {name}", 1) for number in given]
    if len(sizes) != len(strides):
        raise ValueError(f"strides must have {len(sizes)} numbers as sizes has, got {len(strides)}")
    return [*zip(numbers["sizes"], numbers["strides"], strict=True)]


def _reach(size, stride):
    """Pixels either way that the figure has room for: at a stride of 1 the same for all sizes."""
    widest = max(SIZES) if stride == 1 else size
    return len(ways_through([widest] * MOST_LAYERS, [stride] * MOST_LAYERS)) / 2 + 1


def _places(layers, size, stride):
    """Where the numbers lie that have a part in one number of the last layer, image first."""
    found = [np.zeros(1)]
    for level in reversed(range(layers)):
        n = (len(found[0]) - 1) * stride + size
        found.insert(0, (np.arange(n) - (n - 1) / 2) * stride**level)
    return found


def _field_said(layers, size, stride):
    ways = ways_through([size] * layers, [stride] * layers)
    n, plural = len(ways), "s" * (layers > 1)
    said = (
        f"{layers} layer{plural}, filters {size} × {size}, stride {stride}: one number of the last "
        f"layer sees {n} × {n} pixels, {_ways_said(ways)}. With C channels throughout: "
        f"{layers * size**2} C² weights"
    )
    return said + f"; one layer of {n} × {n} has {n**2:,} C²" * (layers > 1) + "."


def _ways_said(ways):
    """Which pixels of an image are seen by the most ways; windows apart need not meet in it."""
    most = int(ways.max())
    if most == 1:
        return "each by 1 way"
    if ways[len(ways) // 2] == most:
        return f"those in the middle by {most**2:,} ways, each corner by 1"
    return f"where most windows overlap by {most**2:,} ways, in each corner by 1"


def _spacing(power):
    """From 2 ** power to the next number of float16."""
    return float(np.spacing(np.float16(2.0**power)))


def _kept(power, update):
    """By how much a weight in float16 grows when the update is added to it."""
    w = np.float16(2.0**power)
    return float(w + np.float16(update)) - float(w)


@cache
def _arrived(power, update, master):
    """After each of 1,000 updates how many of them a weight in float16 has taken in."""
    kind = np.float32 if master else np.float16
    numbers = np.full(N_UPDATES + 1, update, kind)
    numbers[0] = 2.0**power
    kept = np.add.accumulate(numbers).astype(np.float16)
    return (kept.astype(float) - 2.0**power) / update


def _digits_of(number):
    """Two digits of a number, without a power of ten; of 0.5, 0.25 and so on all of them."""
    exact = np.format_float_positional(number, trim="-")
    rounded = np.format_float_positional(float(f"{number:.2g}"), trim="-")
    return exact if len(exact) <= 8 else rounded


class _HalfWeights:
    """Parameters that lie in float16, and how many updates of weights are lost there."""

    def __init__(self, parameters, master):
        self.kept = {name: array.astype(np.float16) for name, array in parameters.items()}
        self.master = {name: array.copy() for name, array in parameters.items()} if master else {}
        self.n_lost = self.n_updates = 0

    def read(self):
        return {name: array.astype(np.float32) for name, array in self.kept.items()}

    def add(self, updates):
        for name, update in updates.items():
            kept = self.kept[name]
            summed = kept + update.astype(np.float16)
            if name.startswith("W"):
                self.n_updates += int(np.count_nonzero(update))
                self.n_lost += int(np.count_nonzero((summed == kept) & (update != 0)))
            if self.master:
                self.master[name] += update
                summed = self.master[name].astype(np.float16)
            self.kept[name] = summed


def _column(numbers):
    return np.array(numbers, np.float32).reshape(-1, 1, 1)
