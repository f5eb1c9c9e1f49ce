"""Training a network by mini-batches, with everything that happened on the way kept."""

import math
from dataclasses import dataclass
from itertools import islice

import numpy as np
from tqdm.auto import tqdm

from downslope._validation import as_count, as_float_array, as_positive
from downslope.datasets import minibatches
from downslope.losses import _targets

__all__ = [
    "History",
    "train",
]


@dataclass(frozen=True, eq=False)
class History:
    """What happened in a training run; `str(history)` says it in a line.

    Attributes
    ----------
    losses : ndarray of float, shape (n_steps,)
        Mini-batch loss at each step, before the step was taken, in nats. In a run that diverged
        the last one shows it.
    steps : ndarray of int, shape (n_measured,)
        After how many steps the accuracies were measured: 0, then once an epoch, and at the end.
    train_accuracies, test_accuracies : ndarray of float, shape (n_measured,)
        On all of the training data and on all of the test data, from 0 to 1.
    interrupted : bool
        Whether the run was stopped from the keyboard. What was learned until then is kept.
    diverged_at : int or None
        The step at which the loss was no number any more, or more than a million times the first
        (or a million nats, if that is more); the run stopped there. None if there was none.
    """

    losses: np.ndarray
    steps: np.ndarray
    train_accuracies: np.ndarray
    test_accuracies: np.ndarray
    interrupted: bool
    diverged_at: int | None

    def __str__(self):
        if self.diverged_at is not None:
            return (
                f"diverged at step {self.diverged_at}: the loss is {self.losses[-1]:.3g}; "
                "try a smaller learning rate"
            )
        end = "interrupted after" if self.interrupted else "finished"
        return (
            f"{end} {len(self.losses)} steps: train accuracy {self.train_accuracies[-1]:.3f}, "
            f"test accuracy {self.test_accuracies[-1]:.3f}"
        )


def train(network, data, learning_rate, batch_size, n_epochs, rng, *, progress=True, n_steps=None):
    """Train a network by stochastic gradient descent.

    Parameters
    ----------
    network : TwoLayerNet
        Its parameters are replaced, all of them at once, at each step.
    data : sequence of array_like
        ``x_train, x_test, labels_train, labels_test``, as `train_test_split` gives them. Converted
        to the dtype of the network once; not modified.
    learning_rate : float, > 0
        Length of a step per unit of gradient.
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
        Before the first step, if the data do not fit together or hold a NaN, or another argument
        is not as above.

    Notes
    -----
    A keyboard interrupt ends the run early and keeps what was learned, whole steps only. A run
    that diverges ends too: the history says at which step, and there are no accuracies after it.

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
    data = _checked_data(network, data)
    learning_rate, n_steps = as_positive(learning_rate, "learning_rate"), _limit(n_steps)
    n_epochs = as_count(n_epochs, "n_epochs", 1)
    x, _, labels, _ = data
    batches = minibatches(x, labels, batch_size=batch_size, rng=rng, n_epochs=n_epochs)
    per_epoch = math.ceil(len(x) / batch_size)
    total = min(n_epochs * per_epoch, n_steps)
    run = _Run(network, data)
    with _overflow_allowed(), tqdm(total=total, unit="step", disable=not progress) as bar:
        try:
            run.go(islice(batches, total), learning_rate, per_epoch, bar)
        except KeyboardInterrupt:
            run.interrupted = True
        run.finish()
    return run.history()


HOPELESS = 1e6


class _Run:
    """A run under way: what `History` will hold."""

    def __init__(self, network, data):
        self.network, self.data = network, data
        self.losses, self.measured = [], []
        self.interrupted, self.diverged_at, self.last_batch = False, None, None

    def go(self, batches, learning_rate, per_epoch, bar):
        self.measure()
        for x, labels in batches:
            if not self.step(x, labels, learning_rate):
                break
            bar.update()
            if len(self.losses) % per_epoch == 0:
                self.measure()
                bar.set_postfix(test_accuracy=f"{self.measured[-1][-1]:.3f}")

    def step(self, x, labels, learning_rate):
        """Take one step downhill; False, and no step, if there is no loss to go down from."""
        loss, gradients = self.network.loss_and_gradients(x, labels)
        if self.has_diverged(loss):
            return False
        for name, gradient in gradients.items():
            gradient *= -learning_rate
            gradient += self.network.parameters[name]
        self.network.parameters.update(gradients)  # at once: an interrupt leaves no half a step
        self.losses.append(loss)
        self.last_batch = x, labels
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
        """See where the last step led, and take the accuracies there."""
        if self.last_batch and self.diverged_at is None:
            self.has_diverged(self.network.loss(*self.last_batch))
        self.measure()

    def measure(self):
        """Take the accuracies, unless they are known or mean nothing any more."""
        done = len(self.losses)
        if self.diverged_at is None and (not self.measured or self.measured[-1][0] != done):
            x_train, x_test, labels_train, labels_test = self.data
            train = self.network.accuracy(x_train, labels_train)
            self.measured.append((done, train, self.network.accuracy(x_test, labels_test)))

    def history(self):
        steps, train, test = zip(*self.measured, strict=True)
        return History(
            losses=np.array(self.losses),
            steps=np.array(steps),
            train_accuracies=np.array(train),
            test_accuracies=np.array(test),
            interrupted=self.interrupted,
            diverged_at=self.diverged_at,
        )


def _checked_data(network, data):
    """The four arrays, in the dtype of the network; refuse what would fail in mid-run."""
    if not isinstance(data, list | tuple) or len(data) != 4:
        got = f"{len(data)} parts" if isinstance(data, list | tuple) else type(data).__name__
        raise ValueError(f"data must be x_train, x_test, labels_train, labels_test, got {got}")
    x_train, x_test, labels_train, labels_test = data
    x_train = _finite(x_train, "x_train", network.dtype)
    x_test = _finite(x_test, "x_test", network.dtype)
    labels_train = _fitting(network, x_train, labels_train, "train")
    return x_train, x_test, labels_train, _fitting(network, x_test, labels_test, "test")


def _finite(x, name, dtype):
    if not (isinstance(x, np.ndarray) and x.dtype.kind == "f"):
        x = as_float_array(x, name)
    if x.ndim != 2 or x.size == 0:
        raise ValueError(f"{name} must have shape (n, n_inputs), not empty, got {x.shape}")
    with np.errstate(over="ignore"):
        x = np.asarray(x, dtype=dtype)
    if not np.isfinite([x.min(), x.max()]).all():  # both are NaN if any element is
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        raise ValueError(f"{name} must be finite, got {x[where]} at index {where}")
    return x


def _fitting(network, x, labels, name):
    """The labels, once it is known that every one of them has a loss."""
    try:
        n_classes = network.predict(x[:1]).shape[1]
    except ValueError as error:
        raise ValueError(f"x_{name}, shape {x.shape}, does not fit the network: {error}") from error
    try:
        _targets(labels, np.empty((len(x), n_classes)))
    except ValueError as error:
        raise ValueError(f"labels_{name} do not fit x_{name}: {error}") from error
    return np.asarray(labels)


def _limit(n_steps):
    return math.inf if n_steps is None else as_count(n_steps, "n_steps", 1)


def _overflow_allowed():
    # A diverging run overflows on its way; the history says so, warnings on top do not help.
    return np.errstate(over="ignore", invalid="ignore")
