"""Where does what came differ from what was expected?"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np

from downslope.check.wording import MANY, pair, show, sort_of

__all__ = ["ATOL", "RTOL", "Difference", "difference", "identical"]

# A reader may compute in float32, and hand over whatever NumPy makes of it: the type of what came
# does not say how it was computed. So all numbers are allowed about a hundred roundings of
# float32, and the cases of an exercise are chosen so that every mistake is off by far more.
RTOL, ATOL = 1e-5, 0.0


@dataclass(frozen=True)
class Difference:
    """One disagreement, in words.

    Attributes
    ----------
    about : str
        "sort", "shape", "dtype" or "value".
    expected, came : str
    where : str
        Which part of a larger result; empty for the whole of it.
    """

    about: str
    expected: str
    came: str
    where: str = ""


def difference(expected, came, rtol=RTOL, atol=ATOL, where=""):
    """The first disagreement of two results, or None if they agree within the tolerance.

    Parameters
    ----------
    expected : number, array_like, str, tuple or dict of these
        Decides how `came` is read: a list of numbers is as good as an array.
    came : object
        What a reader's function returned.
    rtol, atol : float
        Numbers agree when they differ by at most `atol` plus `rtol` times the largest finite
        number of the expected array. So a 0 that stands alone is exact. Whole numbers are exact.
    where : str
        Name of the part that is compared.

    Returns
    -------
    difference : Difference or None

    Examples
    --------
    >>> difference(np.array([1.0, 2.0]), [1, 2]) is None
    True
    >>> difference(np.array([1.0, 2.0]), [1, 3])
    Difference(about='value', expected='[1, 2]', came='[1, 3]', where='')
    """
    if isinstance(expected, dict):
        return _of_dicts(expected, came, rtol, atol, where)
    if isinstance(expected, tuple):
        return _of_tuples(expected, came, rtol, atol, where)
    if isinstance(expected, str):
        return _of_words(expected, came, where)
    return _of_numbers(np.asarray(expected), came, rtol, atol, where)


def identical(before, after):
    """Whether nothing at all has changed: no bit of an array, no element of a list.

    Examples
    --------
    >>> identical([np.array([1.0, np.nan])], [np.array([1.0, np.nan])])
    True
    >>> identical({"W": np.zeros(2)}, {"W": np.zeros(3)})
    False
    """
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        same_kind = before.shape == after.shape and before.dtype == after.dtype
        return same_kind and before.tobytes() == after.tobytes()
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(
            identical(value, after[key]) for key, value in before.items()
        )
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return len(before) == len(after) and all(map(identical, before, after))
    if isinstance(before, int | float | str):
        return type(before) is type(after) and before == after
    return True  # functions and generators are handed over to be used


def _of_dicts(expected, came, rtol, atol, where):
    if not isinstance(came, dict) or came.keys() != expected.keys():
        names = ", ".join(map(repr, expected))
        return Difference("sort", f"a dictionary with the keys {names}", sort_of(came), where)
    parts = ((expected[key], came[key], f"{where} {key}".strip()) for key in expected)
    return _first_of(parts, rtol, atol)


def _of_tuples(expected, came, rtol, atol, where):
    if not _unpacks(came) or len(came) != len(expected):
        return Difference("sort", f"{len(expected)} results", sort_of(came), where)
    parts = (
        (one, other, f"{where} result {number}".strip())
        for number, (one, other) in enumerate(zip(expected, came, strict=True), start=1)
    )
    return _first_of(parts, rtol, atol)


def _unpacks(came):
    return isinstance(came, list | tuple) or (isinstance(came, np.ndarray) and came.ndim > 0)


def _first_of(parts, rtol, atol):
    found = (difference(one, other, rtol, atol, where) for one, other, where in parts)
    return next(filter(None, found), None)


def _of_words(expected, came, where):
    if isinstance(came, np.ndarray) and came.ndim == 0:
        came = came.item()
    if not isinstance(came, str):
        return Difference("sort", f"the word {expected!r}", sort_of(came), where)
    if came.strip().casefold() == expected.casefold():
        return None
    return Difference("value", repr(expected), repr(came), where)


def _of_numbers(expected, came, rtol, atol, where):
    array, sort = _as_numbers(came), sort_of(came)
    if array is None:
        asked = "True or False" if expected.dtype == bool else sort_of(expected)
        return Difference("sort", asked, sort, where)
    if array.shape != expected.shape:
        return Difference("shape", _with_shape(expected), _with_shape(array), where)
    close = _close(expected, array, rtol, atol)
    if not close.all():
        return _of_values(expected, array, close, where)
    came_as = np.asarray(came).dtype
    numbers = f"numbers of type {came_as}"
    if expected.dtype.kind in "iu" and came_as.kind not in "iu":
        return Difference("dtype", "whole numbers (int)", numbers, where)
    if came_as.kind == "c" or (isinstance(came, np.ndarray) and came_as.kind == "O"):
        return Difference("dtype", "real numbers (float)", numbers, where)
    return None


def _close(expected, came, rtol, atol):
    if expected.dtype.kind in "biu":
        return came == expected
    scale = np.abs(expected, where=np.isfinite(expected), out=np.zeros(expected.shape))
    with np.errstate(invalid="ignore"):  # inf - inf
        near = np.abs(came - expected) <= atol + rtol * scale.max(initial=0)
    return near | (came == expected) | (np.isnan(came) & np.isnan(expected))


def _of_values(expected, came, close, where):
    """Small arrays are shown whole, of large ones the first element that differs."""
    if expected.size > MANY:
        index = tuple(int(i) for i in np.argwhere(~close)[0])
        where = f"{where} at index {index}".strip()
        expected, came = expected[index], came[index]
    expected, came = pair(expected, came)
    return Difference("value", expected, came, where)


def _with_shape(array):
    small = array.ndim and 0 < array.size <= MANY
    return f"{sort_of(array)}, {show(array)}" if small else sort_of(array)


def _as_numbers(came):
    """What came as an array of real numbers; what is masked is missing. None if there are none."""
    if np.ma.is_masked(came):
        came = np.ma.filled(came.astype(float), np.nan)
    try:
        array = np.asarray(came)
    except Exception:  # an object of the reader's own may raise anything
        return None
    if array.dtype.kind == "c" and not array.imag.any():
        array = array.real
    if array.dtype.kind == "O" and all(isinstance(part, Real) for part in array.flat):
        array = np.array([_as_float(part) for part in array.flat]).reshape(array.shape)
    if array.dtype.kind == "f":
        return array.astype(float)
    return array if array.dtype.kind in "biu" else None


def _as_float(number):
    try:
        return float(number)
    except OverflowError:  # a whole number, or a fraction, beyond the largest float
        return np.inf if number > 0 else -np.inf
