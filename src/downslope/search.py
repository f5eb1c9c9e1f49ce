"""Random search: hyperparameters drawn from ranges, each tried once, the best by validation data.

What is searched is a function of yours, which trains with the settings that it is given and returns
a score on validation data, the higher the better::

    def trial(learning_rate, weight_decay):
        network = TwoLayerNet(64, 50, 10, rng=np.random.default_rng(0))
        optimizer = SGD(learning_rate, weight_decay=weight_decay)
        history = train(network, data, optimizer, 50, 10, np.random.default_rng(0), progress=False)
        return history.test_accuracies[-1] if history.diverged_at is None else np.nan

    ranges = {"learning_rate": log_uniform(1e-4, 1), "weight_decay": log_uniform(1e-6, 1e-2)}
    random_search(trial, ranges, 40, np.random.default_rng(0))

Why at random, and not on a grid: of several settings few matter, and on a grid of 5 by 5 the one
that does has 5 values, where 25 draws give it 25.
"""

import inspect
import math
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass

from tqdm.auto import tqdm

from downslope._validation import (
    as_count,
    as_float_array,
    as_positive,
    as_scalar,
    require_function,
    require_generator,
)

__all__ = [
    "Range",
    "Search",
    "Trial",
    "log_uniform",
    "random_search",
    "uniform",
]

BORDER = 0.1
N_SHOWN = 10


@dataclass(frozen=True)
class Range:
    """Where a setting is drawn from; `log_uniform` and `uniform` make one.

    Attributes
    ----------
    low, high : float
    logarithmic : bool
        Whether every power of ten has an equal share, or every unit.
    """

    low: float
    high: float
    logarithmic: bool

    def draw(self, rng):
        """One value, from one number of a generator.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        value : float, from `low` to `high`
            ``10 ** rng.uniform(log10(low), log10(high))``, if the range is logarithmic, else
            ``rng.uniform(low, high)``.
        """
        value = rng.uniform(self._measured(self.low), self._measured(self.high))
        value = 10**value if self.logarithmic else value
        return float(min(max(value, self.low), self.high))

    def border(self, value):
        """Which border a value is at, if any: in the outer tenth of the range, or beyond.

        Parameters
        ----------
        value : float
            Greater than 0, if the range is logarithmic.

        Returns
        -------
        border : str
            "lower", "upper", or nothing.

        Examples
        --------
        >>> [log_uniform(1e-4, 1).border(value) for value in (2e-4, 0.1, 0.5)]
        ['lower', '', 'upper']
        """
        low, high = self._measured(self.low), self._measured(self.high)
        share = (self._measured(value) - low) / (high - low)
        return "lower" if share < BORDER else "upper" if share > 1 - BORDER else ""

    def _measured(self, value):
        return math.log10(value) if self.logarithmic else value

    def __str__(self):
        return f"{self.low:g} to {self.high:g}"


def log_uniform(low, high):
    """A range in which every power of ten is as likely as another: for learning rates, and decay.

    Parameters
    ----------
    low, high : float, > 0
        In this order.

    Returns
    -------
    range : Range

    Raises
    ------
    ValueError
        If the borders are not as above.

    Examples
    --------
    >>> import numpy as np
    >>> round(log_uniform(1e-4, 1).draw(np.random.default_rng(0)), 4)
    0.0353
    >>> round(10 ** np.random.default_rng(0).uniform(-4, 0), 4)
    0.0353
    """
    return _range(as_positive(low, "low"), as_positive(high, "high"), logarithmic=True)


def uniform(low, high):
    """A range in which every unit is as likely as another: for the rate of dropout.

    Parameters
    ----------
    low, high : float
        In this order.

    Returns
    -------
    range : Range

    Raises
    ------
    ValueError
        If the borders are not as above.

    Examples
    --------
    >>> import numpy as np
    >>> round(uniform(0, 0.5).draw(np.random.default_rng(0)), 3)
    0.318
    """
    return _range(as_scalar(low, "low"), as_scalar(high, "high"), logarithmic=False)


@dataclass(frozen=True)
class Trial:
    """One set of settings, and how well it did.

    Attributes
    ----------
    settings : dict of str to float
    score : float
        The higher the better; not finite, if the trial failed.
    """

    settings: dict[str, float]
    score: float

    @property
    def failed(self):
        """Whether the score is no finite number."""
        return not math.isfinite(self.score)

    def __str__(self):
        return f"{self._score()} with {_listed(self.settings)}"

    def _score(self):
        return "failed" if self.failed else f"{self.score:.4g}"


@dataclass(frozen=True, eq=False)
class Search:
    """What a search found: the trials, the best of them, and whether that is at a border.

    It prints as a table of the best trials, and so it shows at the end of a cell of a notebook.

    Attributes
    ----------
    ranges : dict of str to Range
    trials : tuple of Trial
        In the order of the search, also those that failed.
    interrupted : bool
        Whether the search was stopped from the keyboard. A trial that was under way is left out.
    """

    ranges: dict[str, Range]
    trials: tuple[Trial, ...]
    interrupted: bool

    @property
    def best(self):
        """The trial with the highest score, the first of several; a ValueError if all failed."""
        best = self.ranked[0] if self.trials else None
        if best is None or best.failed:
            raise ValueError(f"there is no best trial: {self._summary()}")
        return best

    @property
    def ranked(self):
        """The trials, the best first, those that failed last: a list."""
        return sorted(self.trials, key=lambda t: math.inf if t.failed else -t.score)

    @property
    def n_failed(self):
        """How many trials have a score that is no finite number."""
        return sum(trial.failed for trial in self.trials)

    @property
    def on_border(self):
        """The settings of the best trial that lie at a border of their range: a dict.

        Of each name to "lower" or "upper": the best is in the outer tenth of the range there, and
        so is every trial that is as good. What would be better still may lie beyond, so search
        again with another range. A setting that makes no difference is there by chance, in one
        search of five.
        """
        if self.n_failed == len(self.trials):
            return {}
        best = self.best.score
        equals = [trial.settings for trial in self.trials if trial.score == best]
        borders = {
            n: {r.border(settings[n]) for settings in equals} for n, r in self.ranges.items()
        }
        alike = {name: found.pop() for name, found in borders.items() if len(found) == 1}
        return {name: border for name, border in alike.items() if border}

    def __str__(self):
        rows = [("score", *self.ranges), *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.rjust, row, widths)) for row in rows] if self.trials else []
        return "\n".join([*lines, *self._sentences()])

    __repr__ = __str__

    def _rows(self):
        return [
            (trial._score(), *(f"{trial.settings[name]:.3g}" for name in self.ranges))
            for trial in self.ranked[:N_SHOWN]
        ]

    def _sentences(self):
        return [self._summary(), *(self._advice(*pair) for pair in self.on_border.items())]

    def _summary(self):
        n = len(self.trials)
        left = f", of which the best {N_SHOWN} are shown" if n > N_SHOWN else ""
        end = ". The search was interrupted." if self.interrupted else "."
        return f"{n} trial{'s' * (n != 1)}, {self.n_failed} failed{left}{end}"

    def _advice(self, name, border):
        more = "larger" if border == "upper" else "smaller"
        return (
            f"The best {name}, {self.best.settings[name]:.3g}, is at the {border} border of its "
            f"range, {self.ranges[name]}: what is better still may lie beyond. "
            f"Search {more} values too."
        )


def random_search(trial, ranges, n_trials, rng, *, progress=True):
    """Draw settings at random, try each set once, and keep what came of it.

    Parameters
    ----------
    trial : callable
        Called by name with one value of each range, as ``trial(learning_rate=0.01)``. Returns a
        score, the higher the better: of validation data, never of test data. A trial without a
        score, such as a run that diverged, returns NaN; it is kept, and counted as failed.
    ranges : dict of str to Range
        Where each setting is drawn from; see `log_uniform` and `uniform`.
    n_trials : int, at least 1
    rng : numpy.random.Generator
        Draws all settings before the first trial, set by set, each in the order of `ranges`. The
        same state gives the same settings, whatever a trial draws.
    progress : bool, optional
        Whether to show a progress bar.

    Returns
    -------
    search : Search

    Raises
    ------
    ValueError
        Before the first trial, if an argument is not as above. Later, if a trial returns anything
        but a number: the message has its settings. What a trial raises passes on, with a note of
        its settings.

    Notes
    -----
    A keyboard interrupt ends the search, also where the trial itself catches it, as `train` does;
    the trials before it are kept.

    The best score is the highest of many, and a part of that is luck. Test data that no trial has
    seen tell how good its settings are.

    References
    ----------
    Bergstra and Bengio, *Random Search for Hyper-Parameter Optimization*, 2012.

    Examples
    --------
    >>> import numpy as np
    >>> def trial(learning_rate):
    ...     return 1 - abs(np.log10(learning_rate)) if learning_rate < 2 else np.nan
    >>> ranges = {"learning_rate": log_uniform(0.01, 10)}
    >>> random_search(trial, ranges, 4, np.random.default_rng(4), progress=False)
      score  learning_rate
      0.534          0.342
    -0.7575         0.0175
     failed           6.75
     failed           8.49
    4 trials, 2 failed.
    """
    require_function(trial, "trial")
    require_generator(rng)
    ranges, n_trials = _checked_ranges(ranges), as_count(n_trials, "n_trials", 1)
    _require_takes(trial, ranges)
    drawn = [{name: ranges[name].draw(rng) for name in ranges} for _ in range(n_trials)]
    trials: list[Trial] = []
    with _noted_interrupts() as noted, tqdm(drawn, unit="trial", disable=not progress) as bar:
        try:
            for settings in bar:
                found = Trial(settings, _scored(trial, settings))
                if noted:  # and the trial caught it: cut short, it has no score
                    break
                trials.append(found)
                bar.set_postfix(best=max((t.score for t in trials if not t.failed), default="none"))
        except KeyboardInterrupt:
            noted.append(True)
    return Search(ranges, tuple(trials), interrupted=bool(noted))


@contextmanager
def _noted_interrupts():
    """A list that gets an entry for every keyboard interrupt, whoever catches that."""
    noted: list[bool] = []
    usual = signal.getsignal(signal.SIGINT)
    if not callable(usual) or threading.current_thread() is not threading.main_thread():
        yield noted
        return

    def note(*about):
        noted.append(True)
        usual(*about)

    signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, usual)


def _scored(trial, settings):
    try:
        value = trial(**settings)
    except Exception as error:
        error.add_note(f"in a trial with {_listed(settings)}")
        raise
    score = as_float_array(value, f"what trial returns with {_listed(settings)}", finite=False)
    if score.ndim:
        raise ValueError(
            f"trial must return one number, got an array of shape {score.shape} "
            f"with {_listed(settings)}"
        )
    return float(score)


def _listed(settings):
    return ", ".join(f"{name}={value:.4g}" for name, value in settings.items())


def _range(low, high, logarithmic):
    if low >= high:
        raise ValueError(f"low must be less than high, got {low:g} and {high:g}")
    return Range(low, high, logarithmic)


def _checked_ranges(ranges):
    if not isinstance(ranges, dict) or not ranges:
        raise ValueError(f"ranges must be a dict of ranges by name, not empty, got {ranges!r:.60}")
    for name, found in ranges.items():
        if not isinstance(name, str):
            raise ValueError(f"ranges must have names of settings, got {name!r:.60}")
        if not isinstance(found, Range):
            raise ValueError(
                f'ranges["{name}"] must be a range, such as log_uniform(1e-4, 1), got {found!r:.60}'
            )
    return dict(ranges)


def _require_takes(trial, ranges):
    """Refuse a trial that cannot be called with these names."""
    try:
        signature = inspect.signature(trial)
    except (TypeError, ValueError):  # of something built in: the first trial will show
        return
    try:
        signature.bind(**dict.fromkeys(ranges))
    except TypeError as error:
        raise ValueError(
            f"trial must take {', '.join(ranges)}, got trial{signature}: {error}"
        ) from None
