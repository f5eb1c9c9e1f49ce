"""Explorers of chapter 1: digits, what a classifier makes of them, overfitting, the perceptron."""

from __future__ import annotations

import numpy as np

from downslope import plots
from downslope._validation import as_count, as_float_array, require_labels, require_shape
from downslope.descent import gradient_descent
from downslope.explore import Explorer, choice, explore, linear, steps, values
from downslope.losses import (
    accuracy,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
)
from downslope.polynomial import (
    day_temperature,
    errors_by_degree,
    fit_polynomial,
    thermometer,
)

__all__ = [
    "accuracy_and_loss",
    "digit_gallery",
    "perceptron_rule",
    "polynomial_errors",
    "polynomial_fit",
    "two_boxes",
    "when_to_stop",
]

MAP, BESIDE = (4.6, 3.7), (3.1, 3.7)  # inches
HALF = (3.85, 3.5)
N_DIGITS = 10
GATES = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "NAND": (1, 1, 1, 0), "XOR": (0, 1, 1, 0)}
INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
LOOKED_AT = (1, 2, 5, 10, 20, 50, 100, 200, 400, 800, 1600, 3200)  # steps


def digit_gallery(images, captions, name: str = "digits", alt: str = "") -> Explorer:
    """Small grey pictures in rows of five, each with a caption.

    Parameters
    ----------
    images : array_like of float, shape (n, height, width)
        Negative numbers, if there are any, are drawn purple, positive ones orange; otherwise ink
        is dark on white paper.
    captions : sequence of str, length n
    name : str
        Names the figure in links.
    alt : str
        What the pictures show.

    Returns
    -------
    figure : Explorer
        Without controls.

    Raises
    ------
    ValueError
        If there is not one caption for each image.

    Examples
    --------
    >>> digit_gallery(np.eye(8)[np.newaxis], ["a stroke"], alt="a diagonal stroke")
    a diagonal stroke
    """
    images = as_float_array(images, "images")
    if images.ndim != 3 or images.size == 0:
        raise ValueError(f"images must have shape (n, height, width), got {images.shape}")
    if len(captions) != len(images):
        raise ValueError(f"captions must have length {len(images)}, got {len(captions)}")
    n_columns = min(5, len(images))
    n_rows = -(-len(images) // n_columns)
    signed = images.min() < 0
    extreme = np.abs(images).max() or 1.0

    def pictures(ax):
        """Small pictures of digits"""
        ax.set(xlim=(-0.05, n_columns + 0.05), ylim=(1.2 * n_rows, -0.25), aspect="equal")
        ax.axis("off")
        for place, (image, caption) in enumerate(zip(images, captions, strict=True)):
            left, top = place % n_columns, 1.2 * (place // n_columns)
            ax.imshow(
                image,
                extent=(left + 0.05, left + 0.95, top + 0.92, top + 0.02),
                cmap="PuOr_r" if signed else "Greys",
                vmin=-extreme if signed else 0.0,
                vmax=extreme,
            )
            ax.text(left + 0.5, top - 0.04, caption, ha="center", va="bottom", fontsize=9)
        ax.set(xlim=(-0.05, n_columns + 0.05), ylim=(1.2 * n_rows - 0.2, -0.25))

    return explore(pictures, name=name, alt=alt, panels={"ax": (6.6, 0.9 + 1.38 * n_rows)})


def two_boxes(features, labels, names) -> Explorer:
    """Softmax regression on two features: how the borders between the digits move as it learns.

    Parameters
    ----------
    features : array_like of float, shape (n, 2)
        From 0 to 1.
    labels : array_like of int, shape (n,)
        0 to 9.
    names : pair of str
        What the features are, for the axes.

    Returns
    -------
    explorer : Explorer
        With the control `step`.

    Examples
    --------
    >>> features = np.array([[0.1, 0.9], [0.9, 0.1]])
    >>> explorer = two_boxes(features, np.array([3, 7]), ("left", "right"))
    >>> explorer.controls["step"].value = 0
    >>> print(explorer.readout)
    before the first step every digit scores 0: loss 2.30
    """
    features = as_float_array(features, "features")
    labels = require_labels(np.asarray(labels), N_DIGITS, "labels")
    require_shape(features, (len(labels), 2), "features")
    x = _with_ones(features)
    shown_steps = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

    def slope(W):
        return x.T @ softmax_cross_entropy_gradient(x @ W, labels)

    path = gradient_descent(slope, np.zeros((3, N_DIGITS)), 2.0, shown_steps[-1])

    def samples(ax):
        """Digits placed by two features, each drawn as the numeral that it is"""
        ax.set(xlim=(-0.03, 1.03), ylim=(-0.04, 1.04), xlabel=names[0], ylabel=names[1])
        for (first, second), label in zip(features[:160], labels[:160], strict=True):
            ax.text(first, second, str(label), fontsize=7.5, ha="center", va="center", alpha=0.8)

    def regions(ax, step):
        """borders between the regions in which each answer scores highest"""
        W = path[step]
        loss = softmax_cross_entropy(x @ W, labels)
        if step == 0:
            return f"before the first step every digit scores 0: loss {loss:.2f}"
        _draw_regions(ax, W)
        share = accuracy(x @ W, labels)
        return f"after {_count(step, 'step')}: loss {loss:.2f}, training accuracy {share:.3f}"

    return explore(
        samples,
        regions,
        name="two-boxes",
        panels={"ax": (5.4, 4.4)},
        step=values(shown_steps, default=1000, label="steps of learning"),
    )


def accuracy_and_loss(x, labels, W, pixel, digit) -> Explorer:
    """Accuracy and loss of a linear classifier while a single one of its weights moves.

    Parameters
    ----------
    x : array_like of float, shape (n, d)
        Samples.
    labels : array_like of int, shape (n,)
        Their classes, 0 to k - 1.
    W : array_like of float, shape (d, k)
        Weights of the classifier whose scores are ``x @ W``. Not modified.
    pixel, digit : int
        Row and column of the weight that moves.

    Returns
    -------
    explorer : Explorer
        With the control `w`, from 4 below the weight to 4 above it.

    Examples
    --------
    >>> explorer = accuracy_and_loss([[1.0], [2.0]], [0, 1], [[0.0, 0.0]], pixel=0, digit=1)
    >>> explorer.readout.partition(". ")[0]
    'moved by -2.00: loss 2.0725, accuracy 0.500'
    """
    x, W = as_float_array(x, "x"), as_float_array(W, "W")
    pixel, digit = as_count(pixel, "pixel"), as_count(digit, "digit")
    if W.ndim != 2 or pixel >= W.shape[0] or digit >= W.shape[1]:
        raise ValueError(f"W must have shape (d, k) with a weight {pixel, digit}, got {W.shape}")

    def scores(moved):
        nudged = W.copy()
        nudged[pixel, digit] += moved
        return x @ nudged

    def share(moved):
        return accuracy(scores(moved), labels)

    def loss(moved):
        return softmax_cross_entropy(scores(moved), labels)

    grid = np.linspace(-4, 4, 401)
    shares, losses = np.array([share(m) for m in grid]), np.array([loss(m) for m in grid])

    def stairs(ax_accuracy):
        """Accuracy against one weight: a staircase"""
        _frame(ax_accuracy, grid, shares, "accuracy: a staircase")
        ax_accuracy.plot(grid, shares, color=plots.BLUE, drawstyle="steps-mid", linewidth=1.4)

    def slope(ax_loss):
        """loss against the same weight: a smooth valley"""
        _frame(ax_loss, grid, losses, "loss: a slope")
        ax_loss.plot(grid, losses, color=plots.BLUE, linewidth=1.4)

    def here(ax_accuracy, ax_loss, w):
        """where we stand, with the slope under our feet"""
        tilt = (loss(w + 1e-4) - loss(w - 1e-4)) / 2e-4
        for ax, height, rise in ((ax_accuracy, share(w), 0.0), (ax_loss, loss(w), tilt)):
            run = np.array([-0.9, 0.9])
            ax.plot(w + run, height + rise * run, color=plots.ORANGE, linewidth=1.6)
            ax.plot(w, height, "o", color=plots.ORANGE, markersize=7)
        nudge = 0.001
        step_up, fall = share(w + nudge) - share(w), loss(w + nudge) - loss(w)
        return (
            f"moved by {w:.2f}: loss {loss(w):.4f}, accuracy {share(w):.3f}. A nudge of {nudge} "
            f"changes the loss by {fall:+.5f} and the accuracy by {step_up:g}."
        )

    return explore(
        stairs,
        slope,
        here,
        name="stairs-and-slope",
        alt={
            "ax_accuracy": "Accuracy against one weight: a staircase. A dot at the chosen weight, "
            "with the slope there, which is level.",
            "ax_loss": "The loss against the same weight: a smooth valley. A dot at the chosen "
            "weight, with the slope there.",
        },
        panels={"ax_accuracy": HALF, "ax_loss": HALF},
        w=linear(-4.0, 4.0, 0.25, default=-2.0, label="weight moved by"),
    )


def polynomial_fit() -> Explorer:
    """Degree, noise and number of readings: the fit, and its error on old and on new readings.

    The two curves of errors are drawn as far as the chosen degree.

    Returns
    -------
    explorer : Explorer
        With controls `degree`, `noise` and `n_readings`.

    Examples
    --------
    >>> explorer = polynomial_fit()
    >>> explorer.controls["degree"].value = 12
    >>> print(explorer.readout)
    degree 12: training error 0.00 °C, test error 12.09 °C
    """
    degrees = tuple(range(13))
    times = np.linspace(0, 24, 145)

    def day(plane):
        """The true temperature of a day, dashed"""
        plane.set(xlim=(-0.5, 24.5), ylim=(-1, 29), xlabel="time of day, hours")
        plane.set_xticks(range(0, 25, 6))
        plane.set_title("temperature, °C")
        plane.plot(times, day_temperature(times), "--", color=plots.INK, linewidth=1, alpha=0.7)

    def frame(curve):
        """beside it the error against the degree"""
        curve.set(xlim=(-0.5, 12.5), ylim=(-0.2, 7), xlabel="degree")
        curve.set_title("typical error, °C")

    def readings(plane, day_read):
        """noisy readings as dots"""
        plane.plot(*day_read, "o", color=plots.GREEN, markersize=4)

    def errors(curve, both_errors, degree):
        """training error as a dashed line with squares, test error as a solid one with dots"""
        shown = degrees[: degree + 1]
        on_old, on_new = (error[: degree + 1] for error in both_errors)
        curve.plot(shown, on_old, "s--", color=plots.GREEN, markersize=4, linewidth=1.2)
        curve.plot(shown, on_new, "o-", color=plots.BLUE, markersize=4, linewidth=1.2)
        curve.text(2.3, 5.9, "● test", color=plots.BLUE, fontsize=9)
        curve.text(2.3, 5.3, "■ training", color=plots.GREEN, fontsize=9)

    def fit(plane, curve, degree, day_read, both_errors):
        """the fitted polynomial, and rings around its two errors"""
        polynomial = fit_polynomial(day_read[0], day_read[1], degree)
        plane.plot(times, np.clip(polynomial(times), -9, 37), color=plots.ORANGE, linewidth=1.5)
        old, new = (error[degree] for error in both_errors)
        for error in (old, new):
            mark = "o" if error <= 7 else "^"
            curve.plot(degree, min(error, 6.8), mark, color=plots.ORANGE, ms=9, fillstyle="none")
        return f"degree {degree}: training error {old:.2f} °C, test error {new:.2f} °C"

    return explore(
        day,
        frame,
        readings,
        errors,
        fit,
        name="polynomial-fit",
        alt={
            "plane": "Temperature against the time of day: the true curve dashed, noisy readings "
            "as dots, and through them the polynomial of the chosen degree.",
            "curve": "Typical error against the degree, up to the chosen one: training error a "
            "dashed line with squares, test error a solid one with dots, and rings around both at "
            "the chosen degree.",
        },
        panels={"plane": MAP, "curve": BESIDE},
        shared={"day_read": _readings, "both_errors": polynomial_errors},
        degree=steps(12, label="degree", play=False),
        noise=values([0, 0.5, 1, 2, 3], default=2, label="noise, °C"),
        n_readings=values([13, 25, 49, 97], default=13, label="readings"),
    )


def polynomial_errors(noise: float, n_readings: int) -> tuple[np.ndarray, np.ndarray]:
    """The two curves of `polynomial_fit`: typical errors of the fits of degree 0 to 12.

    Parameters
    ----------
    noise : float
        Standard deviation of the thermometer's error, in degrees Celsius.
    n_readings : int, at least 13

    Returns
    -------
    training, test : ndarray of float, shape (13,)
        In degrees Celsius: on the readings that were fitted, and on 500 new ones.

    Examples
    --------
    >>> training, test = polynomial_errors(2, 13)
    >>> print(training[[0, 3, 12]].round(2), test[[0, 3, 12]].round(2))
    [5.48 1.9  0.  ] [ 4.94  2.58 12.09]
    """
    rng = np.random.default_rng([107, n_readings])
    new_hours = rng.uniform(0, 24, 500)
    new = new_hours, thermometer(new_hours, noise, rng)
    return errors_by_degree(_readings(noise, n_readings), new, last_degree=12)


def when_to_stop(x_train, t_train, x_valid, t_valid) -> Explorer:
    """Training and validation loss of softmax regression as it learns from partly wrong labels.

    The curves are drawn as far as the chosen step. The label of each of the first `n_wrong`
    training digits is one too high, 0 in place of 10; the learning rate is 0.5.

    Parameters
    ----------
    x_train, x_valid : array_like of float, shape (n, d) and (m, d)
        Samples to learn from, and samples to measure with.
    t_train, t_valid : array_like of int, shape (n,) and (m,)
        Their labels, 0 to 9.

    Returns
    -------
    explorer : Explorer
        With controls `step` and `n_wrong`.

    Raises
    ------
    ValueError
        If a label is not from 0 to 9, or the samples do not fit together.

    Examples
    --------
    >>> x, labels = np.eye(10), np.arange(10)
    >>> explorer = when_to_stop(x, labels, x, labels)
    >>> explorer.controls["n_wrong"].value = 0
    >>> print(explorer.readout)
    after 1 step: training loss 2.26, validation loss 2.26, validation accuracy 1.000
    """
    x_train, x_valid = as_float_array(x_train, "x_train"), as_float_array(x_valid, "x_valid")
    t_train = require_labels(np.asarray(t_train), N_DIGITS, "t_train")
    t_valid = require_labels(np.asarray(t_valid), N_DIGITS, "t_valid")
    require_shape(x_train, (len(t_train), *x_valid.shape[1:]), "x_train")
    require_shape(x_valid, (len(t_valid), *x_valid.shape[1:]), "x_valid")

    def measured(n_wrong):
        labels = _with_wrong_labels(t_train, n_wrong)
        return _measured_on_the_way(x_train, labels, x_valid, t_valid)

    def frame(ax):
        """The loss against the number of steps, which stand on a logarithmic axis"""
        ax.set(xscale="log", xlim=(0.8, 4200), ylim=(0, 2.5), xlabel="steps of learning")
        ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
        ax.set_title("loss")
        ax.text(1, 0.62, "● validation", color=plots.BLUE, fontsize=9)
        ax.text(1, 0.38, "■ training", color=plots.GREEN, fontsize=9)

    def curves(ax, measured, step):
        """training loss as a dashed line with squares, validation loss as a solid one with dots"""
        n_shown = LOOKED_AT.index(step) + 1
        on_old, on_new, share = measured[:n_shown].T
        ax.plot(LOOKED_AT[:n_shown], on_old, "s--", color=plots.GREEN, markersize=4, linewidth=1.2)
        ax.plot(LOOKED_AT[:n_shown], on_new, "o-", color=plots.BLUE, markersize=4, linewidth=1.2)
        return (
            f"after {_count(step, 'step')}: training loss {on_old[-1]:.2f}, "
            f"validation loss {on_new[-1]:.2f}, validation accuracy {share[-1]:.3f}"
        )

    return explore(
        frame,
        curves,
        name="early-stopping",
        panels={"ax": MAP},
        shared={"measured": measured},
        step=values(LOOKED_AT, label="steps of learning"),
        n_wrong=values([0, 20, 40], default=40, label="wrong labels"),
    )


def perceptron_rule() -> Explorer:
    """The perceptron rule at work on a gate, one look at one example after the other.

    Returns
    -------
    explorer : Explorer
        With controls `gate` and `look`.

    Examples
    --------
    >>> explorer = perceptron_rule()
    >>> explorer.controls["gate"].value = "OR"
    >>> explorer.controls["look"].value = 2
    >>> print(explorer.readout)
    look 2, at (0, 1): said 0, wrong, so the weights move to w = (0, 1), b = 1. Wrong now: 1 of 4.
    """

    def plane(ax):
        """The four inputs of a gate at the corners of a square"""
        ax.set(xlim=(-0.84, 1.84), ylim=(-0.5, 1.5), xlabel="x₁")
        ax.set_ylabel("x₂", rotation=0, labelpad=8)
        ax.set_xticks([0, 1])
        ax.set_yticks([0, 1])
        ax.set_title("shaded: the perceptron says 1")

    def line(ax, gate, look):
        """the side on which the perceptron says 1 is shaded, a ring marks what it looks at"""
        walk = _perceptron_walk(gate, look)
        _shade(ax, walk[-1])
        if look:
            ax.plot(
                *INPUTS[(look - 1) % 4], "o", color=plots.ORANGE, ms=20, mew=2, fillstyle="none"
            )
        return _what_happened(walk, gate)

    def targets(ax, gate):
        """filled dots should give 1, empty ones 0"""
        for point, target in zip(INPUTS, gate, strict=True):
            style = "full" if target else "none"
            ax.plot(*point, "o", color=plots.INK, markersize=10, fillstyle=style)
            ax.text(*(point + [0.12, 0.1]), str(target), fontsize=10)

    return explore(
        plane,
        line,
        targets,
        name="perceptron-rule",
        panels={"ax": MAP},
        gate=choice(GATES),
        look=steps(24, label="looks"),
    )


def _with_ones(x):
    return np.column_stack([np.ones(len(x)), x])


def _count(n, thing):
    return f"{n} {thing}" + ("" if n == 1 else "s")


def _frame(ax, grid, heights, title):
    margin = 0.12 * np.ptp(heights) or 0.1
    ax.set(xlim=(grid[0], grid[-1]), ylim=(heights.min() - margin, heights.max() + margin))
    ax.set(xlabel="one weight, moved by")
    ax.set_title(title)


def _draw_regions(ax, W):
    """Borders and names of the regions where each digit scores highest."""
    axis = np.linspace(-0.05, 1.05, 111)
    first, second = np.meshgrid(axis, axis)
    scores = _with_ones(np.column_stack([first.ravel(), second.ravel()])) @ W
    best = scores.argmax(axis=1).reshape(first.shape)
    for digit in range(N_DIGITS):
        inside = best == digit
        if not inside.any():
            continue
        if not inside.all():
            lead = scores[:, digit] - np.delete(scores, digit, axis=1).max(axis=1)
            ax.contour(
                first, second, lead.reshape(first.shape), [0], colors=plots.BLUE, linewidths=1
            )
        if inside.mean() > 0.003:
            ax.text(
                first[inside].mean(), second[inside].mean(), str(digit), color=plots.ORANGE,
                fontsize=19, fontweight="bold", ha="center", va="center", clip_on=True,
            )  # fmt: skip


def _readings(noise, n_readings):
    """Readings over the day: the same errors for every noise, only larger."""
    hours = np.linspace(0, 24, n_readings)
    return hours, thermometer(hours, noise, np.random.default_rng([7, n_readings]))


def _with_wrong_labels(labels, n_wrong):
    """A copy in which each of the first `n_wrong` labels is one too high, 0 in place of 10."""
    labels = labels.copy()
    labels[:n_wrong] = (labels[:n_wrong] + 1) % N_DIGITS
    return labels


def _measured_on_the_way(x_train, labels, x_valid, t_valid):
    """For each step of `LOOKED_AT` a row: training and validation loss, validation accuracy."""
    W, rows = np.zeros((x_train.shape[1], N_DIGITS)), []
    for step in range(1, LOOKED_AT[-1] + 1):
        W = W - 0.5 * x_train.T @ softmax_cross_entropy_gradient(x_train @ W, labels)
        if step in LOOKED_AT:
            old, new = x_train @ W, x_valid @ W
            losses = softmax_cross_entropy(old, labels), softmax_cross_entropy(new, t_valid)
            rows.append([*losses, accuracy(new, t_valid)])
    return np.array(rows)


def _perceptron_walk(targets, n_looks):
    """Weights w₁, w₂ and bias after each look at the next of the four inputs, in turn."""
    w = np.zeros(3)
    walk = [w]
    for look in range(n_looks):
        x = np.array([*INPUTS[look % 4], 1])
        w = w + (targets[look % 4] - _says(w, x)) * x
        walk.append(w)
    return np.array(walk)


def _says(w, x):
    return (x @ w > 0).astype(int)


def _shade(ax, w):
    """The half-plane in which the perceptron says 1, and its border."""
    first, second = np.meshgrid(ax.get_xlim(), ax.get_ylim())
    height = w[0] * first + w[1] * second + w[2]
    if (height > 0).all():
        ax.fill_between(ax.get_xlim(), *ax.get_ylim(), color=plots.BLUE, alpha=0.15, linewidth=0)
    elif (height > 0).any():
        ax.contourf(first, second, height, [0, np.inf], colors=plots.BLUE, alpha=0.15)
        ax.contour(first, second, height, [0], colors=plots.BLUE, linewidths=1.6)


def _what_happened(walk, targets):
    now = walk[-1]
    state = f"w = ({now[0]:g}, {now[1]:g}), b = {now[2]:g}"
    said = _says(now, np.column_stack([INPUTS, np.ones(4)]))
    n_wrong = int((said != np.array(targets)).sum())
    ending = f"Wrong now: {n_wrong} of 4." if n_wrong else "Nothing is wrong any more."
    look = len(walk) - 1
    if look == 0:
        return f"before the first look: {state}. {ending}"
    place = (look - 1) % 4
    x = tuple(int(value) for value in INPUTS[place])
    answer = _says(walk[-2], np.array([*x, 1]))
    moved = "wrong, so the weights move to" if answer != targets[place] else "right, so they stay"
    return f"look {look}, at {x}: said {answer}, {moved} {state}. {ending}"
