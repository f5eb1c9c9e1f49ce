"""Values in words: short, rounded, the same in every run."""

from __future__ import annotations

import re
import textwrap
from numbers import Number

import numpy as np

__all__ = [
    "MANY",
    "one_line",
    "pair",
    "paragraph",
    "show",
    "show_arguments",
    "sort_of",
    "yes_or_no",
]

MANY = 24  # elements of an array that are still shown one by one
WIDTH = 68
DIGITS = 4, 6, 9, 12, 17  # significant, tried in turn until a difference shows


def show(value, digits=4):
    """A value as a reader would write it on paper.

    Parameters
    ----------
    value : object
    digits : int
        Significant digits of numbers that are not whole.

    Returns
    -------
    text : str
        One line without addresses.

    Examples
    --------
    >>> show(np.array([[1.0, 0.5], [1 / 3, -2.0]]))
    '[[1, 0.5], [0.3333, -2]]'
    >>> show(np.zeros((3, 28, 28)))
    'an array of shape (3, 28, 28)'
    """
    if hasattr(value, "in_words"):
        return value.in_words
    if isinstance(value, bool | np.bool | str):
        return repr(value if isinstance(value, str) else bool(value))
    if isinstance(value, int | float | np.number):
        return _number(value, digits)
    if isinstance(value, dict):
        return _several((f"{key!r}: {show(part, digits)}" for key, part in value.items()), "{}")
    if isinstance(value, list | tuple) and len(value) <= MANY:
        return _several((show(part, digits) for part in value), "[]")
    if isinstance(value, np.ndarray) and value.size <= MANY and value.dtype.kind in "biuf":
        return _array(value, digits)
    return sort_of(value)


def pair(expected, came):
    """Two values that differ, with as many digits as it takes to see it.

    Examples
    --------
    >>> pair(1.0, 1.00001)
    ('1', '1.00001')
    """
    for digits in DIGITS:
        texts = show(expected, digits), show(came, digits)
        if texts[0] != texts[1]:
            return texts
    return texts


def show_arguments(arguments):
    """What a function was called with, a line each; generators of random numbers left out.

    With as many digits as it takes to tell arguments apart that differ.

    Examples
    --------
    >>> print(show_arguments({"a": np.array([1.0]), "b": np.array([1 + 1e-6])}))
      a = [1]
      b = [1.000001]
    """
    values = {
        name: value
        for name, value in arguments.items()
        if not isinstance(value, np.random.Generator)
    }
    n_different = len({show(value, 17) for value in values.values()})
    for digits in DIGITS:
        texts = {name: show(value, digits) for name, value in values.items()}
        if len({*texts.values()}) == n_different:
            break
    return "\n".join(f"  {name} = {text}" for name, text in texts.items())


def sort_of(value):
    """What sort of thing it is, with its shape if it has one.

    Examples
    --------
    >>> sort_of([[1, 2], [3, 4]])
    'an array of shape (2, 2)'
    >>> sort_of(2.5), sort_of("2.5"), sort_of(None)
    ('one number', 'a str', 'None')
    """
    if value is None:
        return "None"
    if isinstance(value, np.ndarray | np.number | int | float | list | tuple):
        try:
            array = np.asarray(value)
        except ValueError:
            return f"a {type(value).__name__} of parts of different shapes"
        except Exception:  # what its parts do is up to them
            return f"a {type(value).__name__} of parts that cannot be read"
        if array.dtype.kind in "biuf":
            return f"an array of shape {array.shape}" if array.ndim else "one number"
        odd = next((part for part in array.flat if not isinstance(part, Number)), 0)
        if array.ndim and isinstance(value, list | tuple) and not isinstance(odd, Number):
            odd = "a str" if isinstance(odd, str) else sort_of(odd)
            return f"a {type(value).__name__} with {odd} in it"
    if isinstance(value, np.ndarray):
        return f"an array of type {value.dtype}"
    return f"a {type(value).__name__}"


def one_line(error):
    """An exception as its name and the first line of its message, without addresses.

    Examples
    --------
    >>> one_line(ZeroDivisionError("division by zero"))
    'ZeroDivisionError: division by zero'
    """
    message = re.sub(r" at 0x[0-9a-fA-F]+", "", next(iter(str(error).splitlines()), ""))
    if isinstance(error, RecursionError):  # which call came upon the limit is chance
        message = re.sub(r" (while|in) .*", "", message)
    return textwrap.shorten(f"{type(error).__name__}: {message}".rstrip(": "), 160)


def paragraph(*sentences):
    """Sentences in one paragraph, in lines that fit a page."""
    text = " ".join(filter(None, sentences))
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def yes_or_no(condition):
    """The answer to a question in a word.

    Examples
    --------
    >>> yes_or_no(3 > 2)
    'yes'
    """
    return "yes" if condition else "no"


def _number(value, digits):
    return str(value) if isinstance(value, int | np.integer) else f"{value:.{digits}g}"


def _several(parts, brackets):
    return brackets[0] + ", ".join(parts) + brackets[1]


def _array(value, digits):
    if value.ndim == 0:
        return show(value[()], digits)
    return _several((_array(part, digits) for part in value), "[]")
