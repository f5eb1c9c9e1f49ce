"""Is it drawn fairly, and from the generator that was handed over?"""

from __future__ import annotations

import copy
import io
import time
from collections import Counter
from contextlib import redirect_stdout

import numpy as np

__all__ = ["equally_likely", "index_array", "many_draws"]

# A count is called impossible when its Chernoff bound is below exp(-35) = 6e-16. A fair answer is
# refused with probability at most 2 (too many, too few) * 6e-16 for each possible outcome, stage
# and case: with 100 outcomes, 5 stages and 4 cases, tried twice, that is 5e-12.
IMPOSSIBLE = 35
N_DRAWS = (150, 300, 1_000, 3_000, 30_000)
FEWEST, ENOUGH = 300, 1_000  # draws after which a slow one, and any other, may be cleared
SLOW, TOO_SLOW = 0.05, 0.3  # seconds of this process; after the second nothing more is drawn


def equally_likely(draw, n_outcomes):
    """Whether each of `n_outcomes` outcomes comes equally often, by counting many draws.

    A few draws show a gross fault, and clear most of the fair; only where the counts look
    suspicious after them it takes more, until they either look fair or are impossible.

    Parameters
    ----------
    draw : callable
        Draws once; returns the outcome, which must be hashable.
    n_outcomes : int

    Returns
    -------
    fair : bool

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> equally_likely(lambda: tuple(rng.permutation(3)), 6)
    True
    >>> equally_likely(lambda: int(rng.integers(6)) ** 2 % 6, 6)
    False
    """
    counts: Counter = Counter()
    begin = time.process_time()
    for n_draws in N_DRAWS:
        with redirect_stdout(io.StringIO()):  # whatever the reader prints, once is enough
            counts.update(draw() for _ in range(n_draws - counts.total()))
        if len(counts) > n_outcomes or _is_impossible(counts, n_outcomes):
            return False
        seconds = time.process_time() - begin
        cleared = n_draws >= (FEWEST if seconds > SLOW else ENOUGH)
        deviations = 1 if n_draws <= ENOUGH else 3
        if cleared and (seconds > TOO_SLOW or not _is_suspicious(counts, n_outcomes, deviations)):
            return True
    return True


def many_draws(draw, rng, n_draws=16):
    """Draws from `rng`, and whether a twin of it gives the same ones.

    Parameters
    ----------
    draw : callable
        Maps a generator to an outcome.
    rng : numpy.random.Generator
    n_draws : int
        What one fair draw in four does, all of sixteen do once in 4 * 10**9: so a question about
        `draws` should be one whether *all* of them do it.

    Returns
    -------
    draws : list
    same : bool
    """
    twin = copy.deepcopy(rng)
    first = draw(rng)
    with redirect_stdout(io.StringIO()):
        draws = [first, *(draw(rng) for _ in range(n_draws - 1))]
        again = [draw(twin) for _ in range(n_draws)]
    return draws, draws == again


def index_array(came):
    """What came as an array of indices; refuses what cannot pick elements of an array.

    Parameters
    ----------
    came : array_like of int, shape (n,)

    Returns
    -------
    indices : ndarray of int, shape (n,)

    Raises
    ------
    TypeError
        In words that fit behind "What came back cannot be used".
    """
    if isinstance(came, tuple) and len(came) != 0:
        raise TypeError("a tuple indexes one axis after another: make a list or an array of it")
    indices = np.asarray(came)
    if indices.ndim != 1:
        raise TypeError(f"indices must have shape (n,), got {indices.shape}")
    if indices.size and indices.dtype.kind not in "iu":
        raise TypeError(f"indices must be whole numbers (int), got {indices.dtype}")
    return indices.astype(int)


def _is_impossible(counts, n_outcomes):
    """Whether some outcome came far too often or too seldom, by Chernoff's bound.

    The chance that an outcome expected m times comes c times or more (c > m), or c times or
    fewer (c < m), is at most exp(-(c log(c / m) - c + m)).
    """
    counts, expected = _counted(counts, n_outcomes)
    logarithms = np.log(np.maximum(counts, 1) / expected)
    return bool((counts * logarithms - counts + expected).max() > IMPOSSIBLE)


def _is_suspicious(counts, n_outcomes, deviations):
    """Whether chi-square lies so many standard deviations above what is to be expected."""
    counts, expected = _counted(counts, n_outcomes)
    freedom = n_outcomes - 1
    return np.sum((counts - expected) ** 2) / expected > freedom + deviations * np.sqrt(2 * freedom)


def _counted(counts, n_outcomes):
    found = np.zeros(n_outcomes)
    found[: len(counts)] = list(counts.values())
    return found, counts.total() / n_outcomes
