"""Time several ways of doing something in turns, so that a busy moment hits them all."""

import os
import subprocess
import sys
from statistics import median
from time import perf_counter

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def median_times(ways, rounds, block=20):
    """Median time of one call of each function, in seconds.

    Parameters
    ----------
    ways : dict of str to callable
        Each is called without arguments, `block` times in a row, in each of the rounds.
    rounds, block : int

    Returns
    -------
    times : dict of str to float
    """
    times = {name: [] for name in ways}
    for function in ways.values():
        function()
    for _ in range(rounds):
        for name, function in ways.items():
            times[name] += [_time(function) for _ in range(block)]
    return {name: median(some) for name, some in times.items()}


def _time(function):
    start = perf_counter()
    function()
    return perf_counter() - start


def threads():
    """How many threads the matrix products may use, in words."""
    return "one thread" if os.environ.get("OPENBLAS_NUM_THREADS") == "1" else "all threads"


def again_with_one_thread():
    """Run this script once more with one thread, where other programs disturb it least."""
    if threads() == "all threads":
        sys.stdout.flush()
        subprocess.run([sys.executable, *sys.argv], env=os.environ | ONE_THREAD, check=True)
