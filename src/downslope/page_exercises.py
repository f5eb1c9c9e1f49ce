"""Exercises on a built page: found among its cells, and made ready for the script that runs them.

An exercise is a code cell with a call of a checker, ``check.name(…)``, on a line of its own, that
is not tagged `solution`. What earlier cells import and define goes with it: its prelude. `check` is
that of this package; another book's own of that name is none of ours.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

__all__ = ["Cell", "Exercise", "closing", "exercises_in", "opening", "prelude"]

SOLUTION = "solution"  # the tag of a cell that shows how it is done
_OURS = {"from downslope import check", "import downslope.check as check"}


class Cell(NamedTuple):
    """Code of a cell, and its tags."""

    code: str
    tags: Sequence[str] = ()


class Exercise(NamedTuple):
    """What a page carries of an exercise.

    Attributes
    ----------
    name : str
        That of its checker.
    starter : str
        The cell as a reader finds it.
    prelude : str
        What earlier cells import and define.
    """

    name: str
    starter: str
    prelude: str


def exercises_in(cells: Sequence[Cell]) -> Iterator[tuple[int, Exercise]]:
    r"""The exercises among the code cells of a page, in their order.

    Parameters
    ----------
    cells : sequence of Cell
        All code cells of the page, from top to bottom.

    Yields
    ------
    index : int
        Which cell it is.
    exercise : Exercise

    Examples
    --------
    >>> cells = [Cell("from downslope import check"), Cell("def f(x):\n    ...\n\ncheck.walk(f)")]
    >>> [(index, found.name, found.prelude) for index, found in exercises_in(cells)]
    [(1, 'walk', 'from downslope import check')]
    """
    for index, cell in enumerate(cells):
        name = _checker(cell)
        lent = prelude(cells[:index]) if name else ""
        brought = [*lent.split("\n"), *(line for node in _body(cell) for line in _kept(node))]
        if name and _OURS.intersection(brought):
            yield index, Exercise(name, cell.code.strip("\n"), lent)


def prelude(cells: Sequence[Cell]) -> str:
    r"""What cells import and define that the answer to a later exercise may use.

    Imports, functions, classes, and names of plain constants; what an import brings stands on a
    line of its own, because some of it may be missing where the answer is run. Exercises and their
    solutions are left out, for an answer is the reader's own, and so are functions that draw on
    `ax`, for which there is no Matplotlib.

    Parameters
    ----------
    cells : sequence of Cell

    Returns
    -------
    code : str
        Empty if there is nothing of the kind.

    Examples
    --------
    >>> prelude([Cell("from a import b, c as d\nN = 3\nx = f(N)"), Cell("%matplotlib inline")])
    'from a import b\nfrom a import c as d\nN = 3'
    """
    found: dict[str, None] = {}  # in their order, each once
    for cell in cells:
        if SOLUTION not in cell.tags and not _checker(cell):
            found.update(dict.fromkeys(line for node in _body(cell) for line in _kept(node)))
    return "\n".join(found)


def opening(exercise: Exercise, number: int = 1) -> str:
    """What stands before the cell on a page; `number` counts exercises of one name."""
    ending = f"-{number}" if number > 1 else ""
    place = f"exercise-{exercise.name.replace('_', '-')}{ending}"
    return f'<downslope-exercise id="{place}" data-exercise="{escape(exercise.name)}">'


def closing(exercise: Exercise) -> str:
    """What stands after it."""
    words = json.dumps(exercise._asdict(), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json">{words}</script></downslope-exercise>'


def _checker(cell: Cell) -> str | None:
    """Name of the checker that a cell calls, if it is an exercise."""
    if SOLUTION in cell.tags:
        return None
    for node in _body(cell):
        match node:
            case ast.Expr(ast.Call(ast.Attribute(ast.Name("check"), name))):
                return name
    return None


def _body(cell: Cell) -> list[ast.stmt]:
    try:
        return ast.parse(cell.code).body
    except SyntaxError:  # a magic of IPython, or a cell that is meant to fail
        return []


def _kept(node: ast.stmt) -> Iterator[str]:
    """A statement as lines of a prelude, if it belongs there."""
    if isinstance(node, ast.Import):
        yield from (f"import {ast.unparse(alias)}" for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield from (f"from {module} import {ast.unparse(alias)}" for alias in node.names)
    elif isinstance(node, ast.ClassDef) or _computes(node) or _is_constant(node):
        yield ast.unparse(node)


def _computes(node: ast.stmt) -> bool:
    """Whether it is a function, and no layer of an explorer, which draws on `ax`."""
    return isinstance(node, ast.FunctionDef) and "ax" not in [a.arg for a in node.args.args]


def _is_constant(node: ast.stmt) -> bool:
    """Whether a statement gives one name to numbers or texts that stand there."""
    if not (isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets)):
        return False
    try:
        ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
