"""Paths written so that they take little room in a page: as steps, not as places.

A walk's steps are short and alike where its places are long and all different, so they take less
than half of the room, packed or not. The drawing is the same.
"""

from __future__ import annotations

import re

__all__ = ["compact"]

_PLACE = r"-?[\d.]+ -?[\d.]+"
_LINES = re.compile(rf'(?<=\bd=")(?:M {_PLACE}(?:L {_PLACE})*(?:z ?)?)+(?=")')
_NUMBER = re.compile(r"-?[\d.]+")


def compact(inside: str) -> str:
    """Let each path of straight lines be written as steps from point to point.

    Parameters
    ----------
    inside : str
        SVG elements with coordinates to 0.1, as `svg.fragment` writes them.

    Returns
    -------
    inside : str
        The same drawing. Paths with curves are left as they are.

    Examples
    --------
    >>> compact('<path d="M 10 20L 10.5 20L 10.5 20L 12 19.8"/>')
    '<path d="M10 20l.5 0 1.5 -.2"/>'
    """
    return _LINES.sub(lambda found: _steps(found[0]), inside)


def _steps(places: str) -> str:
    out: list[str] = []
    at, dot = (0, 0), None  # where the pen is, and the dot that it has drawn last, in tenths
    for part in places.split("M")[1:]:
        points = _points(part)
        ends = "z" if "z" in part else "h0" if len(points) == 1 and "L" in part else ""
        if ends == "h0" and points[0] == dot:
            continue
        dot = points[0] if ends == "h0" else None
        out.append(("m" if out else "M") + _step(at, points[0]))
        steps = [_step(*pair) for pair in zip(points, points[1:], strict=False)]
        out.append("l" + " ".join(steps) if steps else "")
        out.append(ends)
        at = points[0] if ends == "z" else points[-1]
    return "".join(out)


def _points(part: str) -> list[tuple[int, int]]:
    """Points of a line in tenths, one for each row of equal ones."""
    numbers = [round(10 * float(number)) for number in _NUMBER.findall(part)]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    return points[:1] + [b for a, b in zip(points, points[1:], strict=False) if a != b]


def _step(start: tuple[int, int], end: tuple[int, int]) -> str:
    return " ".join(_tenths(b - a) for a, b in zip(start, end, strict=True))


def _tenths(number: int) -> str:
    """A number of tenths as a decimal: 5 is .5, and 20 is 2."""
    whole, tenths = divmod(abs(number), 10)
    digits = f"{whole or '' if tenths else whole}{f'.{tenths}' if tenths else ''}"
    return f"-{digits}" if number < 0 else digits
