"""Training a network by mini-batches, with everything that happened on the way kept."""

import copy
import math
import sys
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from downslope._validation import as_count, as_float_array, require_finite
from downslope.datasets import minibatches
from downslope.layers import asks_for_training
from downslope.networks import Network
from downslope.optimizers import as_optimizer, take_step

__all__ = [
    "History",
    "train",
]


if sys.platform == "emscripten":
    tqdm.monitor_interval = 0  # in a browser there is no second thread to watch a bar


@dataclass(frozen=True, eq=False)
class History:
    """What happened in a training run; `str(history)` says it in a line.

    Attributes
    ----------
    losses : ndarray of float, shape (n_steps,)
        Mini-batch loss at each step, before the step was taken. In a run that diverged the last
        one shows it.
    steps : ndarray of int, shape (n_measured,)
        After how many steps the network was measured: 0, then once an epoch, and at the end.
    train_accuracies, test_accuracies : ndarray of float, shape (n_measured,), or None
        On all of the training data and on all of the test data, from 0 to 1. None where the loss
        knows no accuracy, as `MeanSquaredError`.
    train_losses, test_losses : ndarray of float, shape (n_measured,), or None
        Losses on all of the data, where there are no accuracies; else None.
    interrupted : bool
        Whether the run was stopped from the keyboard. What was learned until then is kept.
    diverged_at : int or None
        The step at which the loss was no number any more, or more than a million times the first
        (or a million, if that is more); the run stopped there. None if there was none.
    """

    losses: np.ndarray
    steps: np.ndarray
    train_accuracies: np.ndarray | None
    test_accuracies: np.ndarray | None
    train_losses: np.ndarray | None
    test_losses: np.ndarray | None
    interrupted: bool
    diverged_at: int | None

    def __str__(self):
        if self.diverged_at is not None:
            return (
                f"diverged at step {self.diverged_at}: the loss is {self.losses[-1]:.3g}; "
                "try a smaller learning rate"
            )
        end = "interrupted after" if self.interrupted else "finished"
        found: Any = self.train_accuracies, self.test_accuracies
        measure, form = "accuracy", ".3f"
        if self.train_accuracies is None:
            found, measure, form = (self.train_losses, self.test_losses), "loss", ".3g"
        train, test = (format(values[-1], form) for values in found)
        return f"{end} {len(self.losses)} steps: train {measure} {train}, test {measure} {test}"


def train(network, data, optimizer, batch_size, n_epochs, rng, *, progress=True, n_steps=None):
    """Train a network on mini-batches.

    Parameters
    ----------
    network : Network
        Its parameters are replaced, all of them at once, at each step.
    data : sequence of array_like
        ``x_train, x_test, targets_train, targets_test``, as `train_test_split` gives them: labels
        for a classifier, numbers in the shape of the outputs under `MeanSquaredError`. The samples
        are converted to the dtype of the network once; nothing is modified.
    optimizer : Optimizer, or float > 0
        Makes each step; a number is the learning rate of `downslope.optimizers.SGD`. What it
        remembers it keeps, so that another call continues where this one ended.
    batch_size : int, at least 1
    n_epochs : int, at least 1
        Passes over the training data.
    rng : numpy.random.Generator
        Shuffles the data; the same state gives the same run.
    progress : bool, optional
        Whether to show a progress bar.
    n_steps : int, optional
        Stop after so many steps, even in the middle of an epoch.

    Returns
    -------
    history : History

    Raises
    ------
    ValueError
        Before the first step, if the data do not fit together or hold a NaN, another argument is
        not as above, a layer refuses a batch as small as the last of an epoch, or the optimizer
        remembers another network.

    Notes
    -----
    A keyboard interrupt ends the run early and keeps what was learned, whole steps only; running
    averages, as of `BatchNormalization`, may have seen one batch more. A run that diverges ends
    too: the history says at which step, and nothing is measured after it.

    Examples
    --------
    >>> from downslope.networks import TwoLayerNet
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(60, 2))
    >>> labels = (x[:, 0] > 0).astype(int)
    >>> data = x[:40], x[40:], labels[:40], labels[40:]
    >>> network = TwoLayerNet(2, 5, 2, rng=rng)
    >>> print(train(network, data, 0.5, 10, 50, rng, progress=False))
    finished 200 steps: train accuracy 1.000, test accuracy 1.000
    """
    if not isinstance(network, Network):
        raise ValueError(f"network must be a Network, got {network!r:.60}")
    data = _checked_data(network, data)
    optimizer, n_steps = as_optimizer(optimizer), _limit(n_steps)
    n_epochs = as_count(n_epochs, "n_epochs", 1)
    x, _, targets, _ = data
    batches = minibatches(x, targets, batch_size=batch_size, rng=rng, n_epochs=n_epochs)
    per_epoch = math.ceil(len(x) / batch_size)
    total = min(n_epochs * per_epoch, n_steps)
    _require_no_batch_too_small(network, x, batch_size, total)
    run = _Run(network, data, optimizer)
    with _overflow_allowed(), tqdm(total=total, unit="step", disable=not progress) as bar:
        try:
            run.go(islice(batches, total), per_epoch, bar)
        except KeyboardInterrupt:
            run.interrupted = True
        run.finish()
    return run.history()


HOPELESS = 1e6


class _Run:
    """A run under way: what `History` will hold."""

    def __init__(self, network, data, optimizer):
        self.network, self.data, self.optimizer = network, data, optimizer
        self.measure_name = "accuracy" if hasattr(network.last, "accuracy") else "loss"
        self.losses, self.measured = [], []
        self.interrupted, self.diverged_at, self.last_batch = False, None, None

    def go(self, batches, per_epoch, bar):
        self.measure()
        for x, targets in batches:
            if not self.step(x, targets):
                break
            bar.update()
            if len(self.losses) % per_epoch == 0:
                self.measure()
                bar.set_postfix({f"test_{self.measure_name}": f"{self.measured[-1][-1]:.3f}"})

    def step(self, x, targets):
        """Take one step downhill; False, and no step, if there is no loss to go down from."""
        loss, gradients = self.network.loss_and_gradients(x, targets)
        if self.has_diverged(loss):
            return False
        self.last_batch, parameters = (x, targets), self.network.parameters
        n_done, remembered = len(self.losses), getattr(self.optimizer, "__dict__", {}).copy()
        try:
            self.losses.append(loss)
            parameters.update(take_step(self.optimizer, parameters, gradients))  # all at once
        except BaseException:  # an interrupt among them: no step, so no trace of one
            del self.losses[n_done:]
            if remembered:
                self.optimizer.__dict__ = remembered
            raise
        return True

    def has_diverged(self, loss):
        """Whether this loss is past all hope; if so, keep it as the last."""
        limit = HOPELESS * max(1.0, self.losses[0]) if self.losses else math.inf
        if loss < limit:
            return False
        self.diverged_at = len(self.losses)
        self.losses.append(loss)
        return True

    def finish(self):
        """See where the last step led, and measure the network there."""
        if self.last_batch and self.diverged_at is None:
            self.has_diverged(self.network.loss(*self.last_batch))
        self.measure()

    def measure(self):
        """Measure the network, unless that is done or means nothing any more."""
        done = len(self.losses)
        if self.diverged_at is None and (not self.measured or self.measured[-1][0] != done):
            ask = getattr(self.network, self.measure_name)
            x_train, x_test, targets_train, targets_test = self.data
            self.measured.append((done, ask(x_train, targets_train), ask(x_test, targets_test)))

    def history(self):
        steps, train, test = (np.array(column) for column in zip(*self.measured, strict=True))
        found = {"accuracy": (None, None), "loss": (None, None), self.measure_name: (train, test)}
        return History(
            np.array(self.losses),
            steps,
            *found["accuracy"],
            *found["loss"],
            interrupted=self.interrupted,
            diverged_at=self.diverged_at,
        )


def _checked_data(network, data):
    """The four arrays, the samples in the dtype of the network; refuse what would fail later."""
    if not isinstance(data, list | tuple) or len(data) != 4:
        got = f"{len(data)} parts" if isinstance(data, list | tuple) else type(data).__name__
        raise ValueError(f"data must be x_train, x_test, targets_train, targets_test, got {got}")
    x_train, x_test, targets_train, targets_test = data
    x_train = _samples(x_train, "x_train", network.dtype)
    x_test = _samples(x_test, "x_test", network.dtype)
    targets_train = _checked_targets(network, x_train, targets_train, "train")
    return x_train, x_test, targets_train, _checked_targets(network, x_test, targets_test, "test")


def _samples(x, name, dtype):
    x = as_float_array(x, name, copy=False)
    if x.ndim < 2 or x.size == 0:
        raise ValueError(f"{name} must have shape (n, ...), not empty, got {x.shape}")
    with np.errstate(over="ignore"):
        x = x.astype(dtype, copy=False)
    require_finite(x, name)
    return x


def _checked_targets(network, x, targets, name):
    """The targets, once it is known that every one of them has a loss."""
    try:
        outputs = network.outputs(x[:1])
    except ValueError as error:
        raise ValueError(f"x_{name}, shape {x.shape}, does not fit the network: {error}") from error
    try:
        if hasattr(network.last, "as_targets"):
            network.last.as_targets(targets, (len(x), *outputs.shape[1:]), network.dtype)
    except ValueError as error:
        raise ValueError(f"targets_{name} do not fit x_{name}: {error}") from error
    return np.asarray(targets)


def _require_no_batch_too_small(network, x, batch_size, n_steps):
    """Refuse now what a layer would later, as `BatchNormalization` does a last batch of one."""
    if not any(asks_for_training(layer.__class__) for layer in network.layers):
        return
    last = len(x) % batch_size
    size = last if last and n_steps > len(x) // batch_size else min(batch_size, len(x))
    try:
        copy.deepcopy(network).outputs(x[:size], training=True)
    except ValueError as error:
        raise ValueError(f"batch_size {batch_size} makes a batch of {size}: {error}") from error


def _limit(n_steps):
    return math.inf if n_steps is None else as_count(n_steps, "n_steps", 1)


def _overflow_allowed():
    # A diverging run overflows on its way; the history says so, warnings on top do not help.
    return np.errstate(over="ignore", invalid="ignore")
