"""Exercises on a built page: found among its cells, and made ready for the script that runs them.

An exercise is a code cell that calls a checker on a line of its own and is not tagged `solution`.
A checker is one of this package, as in ``check.walk(…)``, or an `Exercise` of the book's own. What
earlier cells import and define goes with it: its prelude.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape
from importlib import import_module
from typing import NamedTuple

from downslope import check

__all__ = ["Call", "Cell", "Exercise", "closing", "exercises_in", "opening", "lent", "prelude"]

SOLUTION = "solution"  # the tag of a cell that shows how it is done
HERE = "__main__"  # the module of what the cells themselves define
_MAKERS = {"exercise", "Exercise"}
_NO_PYTHON = re.compile(r"^[ \t]*[%!].*$|^.*\?$", re.MULTILINE)  # lines for IPython alone


class Cell(NamedTuple):
    """A cell of a page.

    Attributes
    ----------
    code : str
        What stands in it.
    tags : sequence of str
        Such as "solution".
    """

    code: str
    tags: Sequence[str] = ()


class Call(NamedTuple):
    """A call that stands on a line of its own, and may be that of an exercise.

    Attributes
    ----------
    at : int
        Which cell it is in.
    code : str
        What is called, as it stands there.
    origin : str
        What that is: a module, "__main__" if it is made on the page, and a name in it.
    """

    at: int
    code: str
    origin: str

    @property
    def name(self) -> str:
        """Name of the checker."""
        return self.code.rpartition(".")[2]


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


def exercises_in(
    cells: Sequence[Cell], others: Callable[[list[Call]], list[Call]] = lambda calls: []
) -> Iterator[tuple[int, Exercise]]:
    r"""The exercises among the code cells of a page, in their order.

    Parameters
    ----------
    cells : sequence of Cell
        All code cells of the page, from top to bottom.
    others : callable, optional
        Is given the calls of what is not this package's, and returns those of exercises.

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
    calls = [call for index in range(len(cells)) for call in _calls(cells, index)]
    ours = [call for call in calls if _is_ours(call.origin)]
    found = {*ours, *others([call for call in calls if call not in ours])}
    first = {call.at: call for call in reversed(calls) if call in found}
    for index, call in sorted(first.items()):
        earlier = [cell for at, cell in enumerate(cells[:index]) if at not in first]
        yield index, Exercise(call.name, _text(cells[index].code), prelude(earlier))


def prelude(cells: Sequence[Cell]) -> str:
    r"""What cells import and define that the answer to a later exercise may use.

    Imports, functions, classes, exercises that are made here, and names of plain constants; what an
    import brings stands on a line of its own, because some of it may be missing where the answer is
    run. What an earlier exercise asked for is there as its solution has it. Functions that draw on
    `ax` are left out, for there is no Matplotlib.

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
        if SOLUTION in cell.tags or not _has_checker(cell):
            found.update(dict.fromkeys(_kept(cell)))
    return "\n".join(found)


def lent(cells: Sequence[Cell], index: int) -> str:
    """What a cell and all before it import and define."""
    return "\n".join([prelude(cells[:index]), *_kept(cells[index])])


def opening(exercise: Exercise, number: int = 1) -> str:
    """What stands before the cell on a page; `number` counts exercises of one name."""
    ending = f"-{number}" if number > 1 else ""
    place = f"exercise-{exercise.name.replace('_', '-')}{ending}"
    seconds = getattr(getattr(check, exercise.name, None), "seconds", None)
    patient = f' data-seconds="{seconds:g}"' if seconds else ""
    return f'<downslope-exercise id="{place}" data-exercise="{escape(exercise.name)}"{patient}>'


def closing(exercise: Exercise, **more: object) -> str:
    """What stands after it; the script is told `more`."""
    words = json.dumps(exercise._asdict() | more, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json">{words}</script></downslope-exercise>'


def _calls(cells: Sequence[Cell], index: int) -> Iterator[Call]:
    """Calls on lines of their own in a cell, of what is known to come from somewhere."""
    if SOLUTION in cells[index].tags:
        return
    called = [_called(node) for node in _body(cells[index].code)]
    if any(called):
        known = _origins([*cells[:index], cells[index]])
        for code in filter(None, called):
            root, dot, rest = code.partition(".")
            origin = known[root] if root in known else _from_star(known, root)
            if origin:
                yield Call(index, code, origin + dot + rest)


def _from_star(known: dict[str, str], name: str) -> str:
    """Where a name may come from that only ``from module import *`` can have brought."""
    module = known.get("*", "")
    may_have = not hasattr(builtins, name) and (module != check.__name__ or hasattr(check, name))
    return f"{module}.{name}" if module and may_have else ""


def _called(node: ast.stmt) -> str:
    """What a statement calls, if it does nothing else and that is a name, with dots or without."""
    match node:
        case ast.Expr(ast.Call(called)):
            code = ast.unparse(called)
            return code if all(part.isidentifier() for part in code.split(".")) else ""
    return ""


def _origins(cells: Sequence[Cell]) -> dict[str, str]:
    """What the names stand for after these cells; only of those that may stand for exercises."""
    known: dict[str, str] = {}
    for cell in cells:
        if SOLUTION not in cell.tags:
            for node in _body(cell.code):
                known.update(_bound(node))
    return known


def _bound(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Names that a statement binds, each with its origin; none if it cannot be an exercise."""
    match node:
        case ast.Import(names):
            for alias in names:
                root = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (root, root)
        case ast.ImportFrom(module, names, level):
            for alias in names:
                origin = module if alias.name == "*" else f"{module}.{alias.name}"
                yield alias.asname or alias.name, "" if level else origin or ""
        case ast.FunctionDef(name) | ast.ClassDef(name):
            yield name, f"{HERE}.{name}" if node.decorator_list else ""
        case ast.Assign():
            for target in node.targets:
                for part in ast.walk(target):
                    if isinstance(part, ast.Name):
                        yield part.id, f"{HERE}.{part.id}" if _makes_exercise(node) else ""


def _is_ours(origin: str) -> bool:
    """Whether that is a checker of this package."""
    module, _, name = origin.rpartition(".")
    if module == check.__name__:
        return isinstance(getattr(check, name, None), check.Exercise | None)
    if module.startswith("downslope.exercises."):
        return isinstance(getattr(import_module(module), name, None), check.Exercise)
    return False


def _has_checker(cell: Cell) -> bool:
    return any(code.startswith("check.") for code in map(_called, _body(cell.code)))


def _text(code: str) -> str:
    """Code as a browser's editor has it, whatever ends the lines of a file."""
    return code.replace("\r\n", "\n").strip("\n")


@cache
def _body(code: str) -> Sequence[ast.stmt]:
    """Statements of a cell; none, if it is meant to fail or not in Python."""
    if code.startswith("%%"):
        return []
    for text in (code, _NO_PYTHON.sub("", code)):
        try:
            return ast.parse(text).body
        except (SyntaxError, ValueError):
            continue
    return []


def _kept(cell: Cell) -> list[str]:
    """What a cell imports and defines, as lines of a prelude."""
    return [line for node in _body(cell.code) for line in _lines(node)]


def _lines(node: ast.stmt) -> Iterator[str]:
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
    """Whether a statement names numbers or texts that stand there, a function or an exercise."""
    if not (isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets)):
        return False
    if isinstance(node.value, ast.Lambda) or _makes_exercise(node):
        return True
    try:
        ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _makes_exercise(node: ast.Assign) -> bool:
    """Whether there is a call of what makes exercises, such as ``exercise(…)(solution)``."""
    calls = (part.func for part in ast.walk(node.value) if isinstance(part, ast.Call))
    return any(ast.unparse(called).rpartition(".")[2] in _MAKERS for called in calls)
