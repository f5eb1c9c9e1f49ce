"""Paths as steps: the same places, less room."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope.explore.paths import compact

TENTHS = st.integers(-99_999, 99_999).map(lambda n: n / 10)
LINE = st.tuples(st.lists(st.tuples(TENTHS, TENTHS), min_size=1, max_size=8), st.booleans())


def written(lines):
    """As `svg.fragment` writes lines: a list of points, and whether it is closed."""
    return "".join(
        "M " + "L ".join(f"{x:g} {y:g}" for x, y in points) + ("z " if closed else "")
        for points, closed in lines
    )


def read(d):
    """Lines of a path, each a list of points and whether it is closed, by the rules of SVG."""
    lines, at, start = [], (0, 0), (0, 0)
    for command, rest in re.findall(r"([MmLlhz])([^MmLlhz]*)", d):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", rest)]
        if command == "z":
            lines[-1][1] = True
            at = start
            continue
        if command == "h":
            numbers.append(0.0)
        for step in zip(numbers[::2], numbers[1::2], strict=True):
            base = (0, 0) if command in "ML" else at
            at = tuple(round(a + b, 1) for a, b in zip(base, step, strict=True))
            if command in "Mm":
                start = at
                lines.append([[at], False])
            else:
                lines[-1][0].append(at)
    return lines


def seen(lines):
    """What a reader sees of lines: points that differ, dots, each once in a row."""
    found = []
    for points, closed in lines:
        kept = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
        is_dot = len(kept) == 1 and len(points) > 1 and not closed
        line = (kept, closed, is_dot)
        if not (is_dot and found and found[-1] == line):
            found.append(line)
    return found


@given(st.lists(LINE, min_size=1, max_size=6))
def test_the_points_are_the_same_and_in_their_order(lines):
    path = written(lines)
    steps = re.fullmatch('<path d="(.*)"/>', compact(f'<path d="{path}"/>'))[1]
    assert seen(read(steps)) == seen(read(path))


def test_dots_on_one_place_are_drawn_once_and_stay_dots():
    dots = "M 1 2L 1 2M 1 2L 1 2M 3 4.5L 3 4.5"
    assert compact(f'<path d="{dots}"/>') == '<path d="M1 2h0m2 2.5h0"/>'


def test_after_a_closed_line_the_pen_is_at_its_beginning():
    closed = "M 0 0L 10 0L 10 10z M 1 1L 2 2"
    assert compact(f'<path d="{closed}"/>') == '<path d="M0 0l10 0 0 10zm1 1l1 1"/>'


@pytest.mark.parametrize(
    "other",
    [
        '<path d="M 0 4.5C 1.2 4.5 2.3 4 3.2 3.2z "/>',
        '<path d="M 1e-5 2L 3 4"/>',
        '<text id="M 1 2L 3 4">M 1 2L 3 4</text>',
        '<path d=""/>',
    ],
)
def test_everything_else_is_left_as_it_is(other):
    assert compact(other) == other
