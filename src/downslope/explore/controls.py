"""What a reader can move: a grid of values with a default, a label and words for each value.

Every control is a finite grid. That is what lets a page carry all of its states.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

import numpy as np

__all__ = ["Control", "choice", "linear", "logarithmic", "steps", "values"]


MOST_VALUES = 3_000


@dataclass(frozen=True)
class Control:
    """One slider or list of choices.

    Make it with `linear`, `logarithmic`, `steps`, `values` or `choice`.

    Attributes
    ----------
    kind : {"slider", "choice"}
    values : tuple
        What a layer is given: numbers for a slider, any objects for a choice.
    texts : tuple of str
        What the reader sees for each value; also what stands in a link to a state.
    default : int
        Index of the value at which the explorer opens.
    label : str
        Empty until the explorer names the control after its keyword.
    is_logarithmic, plays : bool
    """

    kind: str
    values: tuple
    texts: tuple[str, ...]
    default: int
    label: str = ""
    is_logarithmic: bool = False
    plays: bool = False

    def named(self, name: str) -> Control:
        """The same control, labelled with `name` where the author gave no label."""
        return self if self.label else replace(self, label=name.replace("_", " "))

    def spoken(self) -> tuple[str, ...]:
        """What a screen reader says for each value: 1e-4 becomes "10 to the minus 4"."""
        return tuple(_spoken(text) for text in self.texts)


def linear(
    start: float, stop: float, step: float, default: float | None = None, label: str = ""
) -> Control:
    """A slider from `start` to `stop` in equal steps.

    Parameters
    ----------
    start, stop : float
        First and last value.
    step : float, > 0
        Divides the range evenly.
    default : float, optional
        Where the explorer opens; one of the values, by default the first.
    label : str, optional
        Stands beside the slider; by default the name of the keyword.

    Returns
    -------
    control : Control

    Raises
    ------
    ValueError
        If `step` is not a positive part of the range, `default` is not on the grid, or there are
        more than 3,000 values.

    Examples
    --------
    >>> linear(0.0, 0.3, 0.1, default=0.2).values
    (0.0, 0.1, 0.2, 0.3)
    """
    _require_finite(start=start, stop=stop, step=step)
    start, stop, step = _as_written(start), _as_written(stop), _as_written(step)
    if not (step > 0 and stop > start):
        raise ValueError(
            f"linear needs start < stop and step > 0, got start={start}, stop={stop}, step={step}"
        )
    n = _count((stop - start) / step)
    if not math.isclose(start + n * step, stop, rel_tol=1e-9, abs_tol=1e-9 * step):
        raise ValueError(f"step must divide the range {start} to {stop} evenly, got {step}")
    most = max(10, 5 - math.floor(math.log10(step)))
    decimals = max(_decimals(start, most), _decimals(step, most))
    grid = tuple(float(round(start + i * step, decimals)) for i in range(n + 1))
    texts = tuple(f"{value:.{decimals}f}" for value in grid)
    return _slider(grid, texts, default, label)


def logarithmic(
    start: float,
    stop: float,
    default: float | None = None,
    per_decade: int = 1,
    label: str = "",
) -> Control:
    """A slider whose values are multiplied, not added to: `per_decade` values a power of ten.

    Values between the powers of ten are rounded to three significant digits.

    Parameters
    ----------
    start, stop : float, > 0
        First and last value.
    default : float, optional
        Where the explorer opens; one of the values, by default the first.
    per_decade : int, at least 1
    label : str, optional
        Stands beside the slider; by default the name of the keyword.

    Returns
    -------
    control : Control

    Raises
    ------
    ValueError
        If the values do not lead from `start` to `stop`, or `default` is none of them.

    Examples
    --------
    >>> logarithmic(1e-3, 1.0, default=0.1).values
    (0.001, 0.01, 0.1, 1.0)
    """
    _require_finite(start=start, stop=stop)
    start, stop = _as_written(start), _as_written(stop)
    if not 0 < start < stop:
        raise ValueError(f"logarithmic needs 0 < start < stop, got start={start}, stop={stop}")
    if not (isinstance(per_decade, int) and per_decade >= 1):
        raise ValueError(f"per_decade must be an integer of at least 1, got {per_decade!r}")
    n = _count((math.log10(stop) - math.log10(start)) * per_decade)
    exponent = math.log10(start)
    grid = tuple(float(f"{10 ** (exponent + i / per_decade):.2e}") for i in range(n + 1))
    if not math.isclose(grid[-1], stop, rel_tol=1e-2):
        raise ValueError(
            f"logarithmic from {start} in {per_decade} values a decade does not reach {stop}"
        )
    control = _slider(grid, tuple(_short(value) for value in grid), default, label)
    return replace(control, is_logarithmic=True)


def steps(
    last: int, default: int | None = None, first: int = 0, label: str = "", play: bool = True
) -> Control:
    """A slider over the whole numbers `first` to `last`, with a play button unless `play=False`.

    Parameters
    ----------
    last : int
    default : int, optional
        The value at which the explorer opens, by default the first.
    first : int, optional
    label : str, optional
        Stands beside the slider; by default the name of the keyword.
    play : bool
        Whether there is a button that takes the steps one after another.

    Returns
    -------
    control : Control

    Raises
    ------
    ValueError
        If `last` is not greater than `first`, or `default` is not from one to the other.

    Examples
    --------
    >>> steps(3).values
    (0, 1, 2, 3)
    """
    first, last = _whole("first", first), _whole("last", last)
    default = first if default is None else _whole("default", default)
    _count(last - first)
    if last <= first:
        raise ValueError(f"last must be greater than first={first}, got {last}")
    grid = tuple(range(first, last + 1))
    return replace(_slider(grid, tuple(map(str, grid)), default, label), plays=play)


def values(grid: Iterable[float], default: float | None = None, label: str = "") -> Control:
    """A slider over the numbers you list, in your order.

    Parameters
    ----------
    grid : iterable of float
        At least two different numbers.
    default : float, optional
        Where the explorer opens; one of them, by default the first.
    label : str, optional
        Stands beside the slider; by default the name of the keyword.

    Returns
    -------
    control : Control

    Raises
    ------
    ValueError
        If there are fewer than two numbers, two are alike, or `default` is none of them.

    Examples
    --------
    >>> values([1, 2, 5, 10], default=2).texts
    ('1', '2', '5', '10')
    """
    if isinstance(grid, str) or not isinstance(grid, Iterable):
        raise ValueError(f"values needs a list of numbers, got {grid!r}")
    grid = tuple(grid)
    if len(grid) < 2:
        raise ValueError(f"values needs at least two numbers, got {grid!r}")
    for value in grid:
        _require_finite(value=value)
    grid = tuple(int(v) if isinstance(v, Integral) else float(_as_written(v)) for v in grid)
    return _slider(grid, tuple(_short(value) for value in grid), default, label)


def choice(options: Iterable[str] | Mapping[str, Any], default: str = "", label: str = ""):
    """A list to choose from. A mapping gives each text the object that the layers receive.

    Parameters
    ----------
    options : iterable of str, or mapping of str to object
        At least two.
    default : str, optional
        What the explorer opens with; by default the first.
    label : str, optional
        Stands beside the list; by default the name of the keyword.

    Returns
    -------
    control : Control

    Raises
    ------
    ValueError
        If there are fewer than two options, one is named twice or by no text, or `default` is
        none of them.

    Examples
    --------
    >>> choice({"square": 2, "cube": 3}, default="cube").default
    1
    """
    if not isinstance(options, Mapping):
        options = _named_options(options)
    _require_label(label)
    texts = tuple(options)
    if len(texts) < 2:
        raise ValueError(f"choice needs at least two options, got {list(texts)!r}")
    if not all(isinstance(text, str) and text for text in texts):
        raise ValueError(f"the options of choice must be named by non-empty str, got {texts!r}")
    chosen = default or texts[0]
    if chosen not in texts:
        raise ValueError(f"default must be one of {list(texts)}, got {default!r}")
    return Control("choice", tuple(options.values()), texts, texts.index(chosen), label)


def _named_options(options) -> dict[str, str]:
    if isinstance(options, str) or not isinstance(options, Iterable):
        raise ValueError(f"choice needs a list of options, got {options!r}")
    options = list(options)
    if not all(isinstance(option, str) for option in options):
        raise ValueError(
            f"the options of choice must be named by non-empty str, got {options!r}; for numbers "
            "take values([1, 2], default=1), for other objects choice({'one': 1, 'two': 2})"
        )
    if len(set(options)) < len(options):
        raise ValueError(f"the options of choice must differ, got {options!r}")
    return {option: option for option in options}


def _require_label(label) -> None:
    if not isinstance(label, str):
        raise ValueError(f"label must be a str, got {label!r}")


def _whole(name: str, value) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be an integer, got {value!r}") from None


def _count(n: float) -> int:
    """How many steps a grid takes, refused before it is built if they are too many."""
    if n > MOST_VALUES:
        raise ValueError(f"a slider may have at most {MOST_VALUES} values, got {n:.0f}")
    return round(n)


def _slider(grid: tuple, texts: tuple[str, ...], default: float | None, label: str) -> Control:
    default = grid[0] if default is None else default
    _require_finite(default=default)
    default = _as_written(default)
    _require_label(label)
    if len(set(texts)) != len(texts):
        raise ValueError(f"the values of a slider must differ, got {list(texts)}")
    for index, value in enumerate(grid):
        if math.isclose(value, default, rel_tol=1e-9, abs_tol=1e-300):
            return Control("slider", grid, texts, index, label)
    shown = texts if len(texts) <= 8 else (*texts[:3], "...", texts[-1])
    raise ValueError(f"default must be one of the slider's values {list(shown)}, got {default!r}")


def _require_finite(**numbers: float) -> None:
    for name, number in numbers.items():
        is_number = isinstance(number, Real) and not isinstance(number, bool)
        if not (is_number and math.isfinite(number)):
            raise ValueError(f"{name} must be a finite number, got {number!r}")


def _as_written(number: float) -> float:
    """The number that its decimals say: 0.1 in float32 is meant as 0.1, not as 0.10000000149."""
    return float(str(number)) if isinstance(number, np.floating) else number


def _decimals(number: float, most: int) -> int:
    """How many decimals `number` is written with, at `most`: 0.05 has two."""
    text = f"{number:.{most}f}".rstrip("0")
    return len(text.split(".")[1])


def _short(number: float) -> str:
    """0.001 stays 0.001; 0.0001 becomes 1e-4."""
    text = (
        f"{number:.0e}" if number == float(f"{number:.0e}") and 0 < number < 1e-3 else f"{number:g}"
    )
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{int(exponent)}"


def _spoken(text: str) -> str:
    mantissa, separator, exponent = text.partition("e")
    try:
        float(text)
    except ValueError:
        return text
    if not separator:
        return text.replace("-", "minus ")
    power = f"10 to the {'minus ' if exponent.startswith('-') else ''}{exponent.lstrip('+-')}"
    return power if mantissa == "1" else f"{mantissa.replace('-', 'minus ')} times {power}"
