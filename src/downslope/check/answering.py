"""What a reader has written in an exercise on a page, run and answered.

The page's own Python calls `answer`. Everything that may go wrong comes back as words: an error
shows the reader's lines and none of the machinery's.
"""

from __future__ import annotations

import ast
import builtins
import io
import linecache
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import numpy as np

from downslope.check import wording
from downslope.check.exercise import Exercise, Feedback, as_they_are

__all__ = ["answer", "book_modules", "earlier_cells", "on_a_page"]

FILE = "<your answer>"
MOST_PRINTED = 10_000  # characters
NOT_CHECKED = "Nothing was checked. Keep the last line, which hands your function over to check."
NOT_CALLED = "Nothing was checked. Hand your {sort} over in parentheses: {call}"
NOT_HERE = (
    "{name} cannot be had on this page, whose Python has NumPy and what of downslope needs no "
    "more; all else runs in the chapter's notebook"
)
NOT_IMPORTED = "{name} cannot be had on this page. {why}"
NO_INPUT = "input() cannot ask anything here; give the function its arguments instead"
STOPPED = "Your code ended Python, by exit() or SystemExit; leave that out."
LONGEST_LINE = 200  # of an error, in characters
UNBROKEN = 1_000_000  # characters: the page breaks the lines, as wide as it is
_folders: list[str] = []  # with modules of the book's own, while they are imported from
BROWSERS = ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core")  # no business of an answer
ADVICE = {  # by what an error says
    "maximum recursion": "Does the function call itself without an end?",
    "invalid character": "It was pasted, perhaps: type it anew.",
    "invalid non-printable": "It was pasted, perhaps: type that line anew, blanks too.",
}
IN_NOTEBOOKS = "Lines that begin with %, ! or pip run in a notebook alone."


def answer(
    prelude: str,
    code: str,
    path: Sequence[str] = (),
    say: Callable[[str], Any] | None = None,
) -> dict[str, str]:
    r"""Run `code` after `prelude`, in a namespace of its own.

    Parameters
    ----------
    prelude : str
        What earlier cells of the page import and define. What of it fails is no error until what
        it should have brought is used.
    code : str
        What the reader has written; its last line hands a function over to a checker.
    path : sequence of str
        Folders with modules of the book's own; the code runs in the first.
    say : callable, optional
        Is told at once what the code prints, piece by piece, as far as it is shown.

    Returns
    -------
    answer : dict of str
        "verdict": "right", "not written", "wrong" (with the checker's words), "printed" (the last
        line gave something else), "nothing" or "error". "text": those words, the value of the last
        line, or the error. "printed": what the code has printed, at most 10,000 characters.

    Examples
    --------
    >>> answer("import math", "print('tau'); 2 * math.pi > 6")["printed"]
    'tau\n'
    >>> answer("", "2 + undefined")["text"].splitlines()[-1]
    "NameError: name 'undefined' is not defined"
    """
    printed = _Capped(say)
    with redirect_stdout(printed), redirect_stderr(printed), on_a_page(), book_modules(path):
        verdict, text = _run(prelude, code)
    return {"verdict": verdict, "text": text, "printed": printed.shown()}


class _Capped(io.StringIO):
    """Text that stops growing, and is told as it grows, for whoever writes it may never end."""

    def __init__(self, say=None):
        super().__init__()
        self._say, self._told = say, 0

    def write(self, text):
        room = max(0, MOST_PRINTED + 1 - self.tell())
        super().write(text[:room])
        if self._say and text and room:
            shown = self.shown()
            self._say(shown[self._told :])
            self._told = len(shown)
        return len(text)

    def shown(self):
        text = self.getvalue()
        if len(text) <= MOST_PRINTED:
            return text
        return f"{text[:MOST_PRINTED]}\n… and more, which is not shown."


class _NotHere:
    """Comes after all other finders of modules, and says what is the matter."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is None:
            raise ModuleNotFoundError(NOT_HERE.format(name=name), name=name)


@contextmanager
def on_a_page():
    """No one can be asked for input, no module will be installed, and no line need be broken."""

    def refuse(*_):
        raise RuntimeError(NO_INPUT)

    theirs, builtins.input = builtins.input, refuse
    width, wording.WIDTH = wording.WIDTH, UNBROKEN
    hidden = {name: sys.modules.pop(name) for name in [*sys.modules] if _is_browsers(name)}
    sys.meta_path.insert(sys.meta_path.index(PathFinder) + 1, _NotHere)
    sys.meta_path.insert(0, _NoBrowser)
    try:
        yield
    finally:
        sys.meta_path.remove(_NoBrowser)
        sys.meta_path.remove(_NotHere)
        sys.modules.update(hidden)
        builtins.input, wording.WIDTH = theirs, width


class _NoBrowser:
    """Comes before all other finders, and keeps the page itself out of an answer's reach."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if _is_browsers(name):
            raise ModuleNotFoundError(NOT_HERE.format(name=name), name=name)


def _is_browsers(name):
    return name.partition(".")[0] in BROWSERS


@contextmanager
def book_modules(path):
    """Import from these folders too, in the first of them; afterwards, forget what came of it."""
    known, paths, here = set(sys.modules), sys.path[:], os.getcwd()
    sys.path[:0] = _folders[:] = path
    if path and os.path.isdir(path[0]):
        os.chdir(path[0])
    try:
        yield
    finally:
        os.chdir(here)
        sys.path[:], _folders[:] = paths, []
        for name in set(sys.modules) - known:
            if _is_from(path, sys.modules[name]):
                del sys.modules[name]


def _is_from(path, module):
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", [])]
    return any(Path(place).is_relative_to(folder) for place in places if place for folder in path)


@contextmanager
def _for_one_run_alone():
    """What the code does to modules and to the settings of NumPy."""
    shared = [module for name, module in sys.modules.items() if _is_shared(name)]
    with as_they_are(shared), np.printoptions(), np.errstate():
        yield


def _is_shared(name):
    return name.partition(".")[0] in ("builtins", "downslope", "math", "numpy")


def _run(prelude, code):
    names: dict[str, Any] = {"__name__": "__main__"}
    heard: list[Feedback] = []
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):  # not the reader's
        earlier_cells(prelude, names)
    linecache.cache[FILE] = len(code), None, code.splitlines(keepends=True), FILE
    try:
        with _listening(heard), _for_one_run_alone():
            return _verdict(_execute(code, names), heard)
    except SystemExit:
        return "error", _after(heard, STOPPED)
    except BaseException as error:  # an interrupt that the code itself raises, too
        return "error", _after(heard, _told(error))


@contextmanager
def _listening(heard):
    """Note what every checker says, wherever its call stands."""
    theirs = Exercise.__call__

    def listen(self, *answer, **asked):
        heard.append(theirs(self, *answer, **asked))
        return heard[-1]

    Exercise.__call__ = listen  # type: ignore[method-assign]
    try:
        yield
    finally:
        Exercise.__call__ = theirs  # type: ignore[method-assign]


def earlier_cells(prelude, names):
    """Run a prelude in `names`, and tell why of each name that cannot be had."""
    missing = {}
    for statement in ast.parse(prelude).body:
        try:
            exec(compile(ast.Module([statement], []), "<earlier cells>", "exec"), names)
        except (Exception, SystemExit) as error:
            for name in _binds(statement):
                missing[name] = _why(name, statement, error)
                names[name] = _Missing(missing[name])
    return missing


def _binds(statement):
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return [statement.name]


def _why(name, statement, error):
    """Why a name cannot be had: no such module here, or whatever its own code raised, and where."""
    asked = [getattr(statement, "module", "") or "", *(a.name for a in _aliases(statement))]
    if isinstance(error, ModuleNotFoundError) and error.name in _and_parents(asked):
        return NOT_HERE.format(name=name)
    why = error.msg if isinstance(error, SyntaxError) else wording.one_line(error)
    return NOT_IMPORTED.format(name=name, why=_place(error) + why)


def _aliases(statement):
    return statement.names if isinstance(statement, ast.Import) else []


def _and_parents(names):
    return {".".join(name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 2)}


def _place(error):
    """Where in a module of the book's own it went wrong."""
    frames: list[tuple[str | None, int | None]] = [
        (f.filename, f.lineno) for f in traceback.extract_tb(error.__traceback__)
    ]
    if isinstance(error, SyntaxError):
        frames.append((error.filename, error.lineno))
    for file, line in reversed(frames):
        if file and any(Path(file).is_relative_to(folder) for folder in _folders):
            return f"{Path(file).name}, line {line}: "
    return ""


class _Missing:
    """Stands for what only a notebook can import."""

    def __init__(self, why):
        self._why = why

    def __call__(self, *_, **__):
        raise ModuleNotFoundError(self._why)

    def __getattr__(self, attribute):
        self()

    __repr__ = __call__


def _execute(code, names):
    """Run all of it; the value of the last line, if it is an expression."""
    tree = ast.parse(code, FILE)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, FILE, "exec"), names)
    if last is not None:
        return eval(compile(ast.Expression(last.value), FILE, "eval"), names)
    return None


def _verdict(value, heard):
    if heard:
        said = next((one for one in heard if not one), heard[-1])
        is_known = said.verdict in ("right", "not written")
        return said.verdict if is_known else "wrong", _after(heard)
    if value is None:
        return "nothing", NOT_CHECKED
    if isinstance(value, Exercise):
        return "nothing", NOT_CALLED.format(sort=value.sort, call=value.call)
    return "printed", f"{repr(value)[:MOST_PRINTED]}\n\n{NOT_CHECKED}"


def _after(heard, *more):
    """What checkers have said, and what comes after that."""
    return "\n\n".join(dict.fromkeys([*(one.text for one in heard), *more]))


def _told(error):
    """As Python tells of an error, with the reader's lines alone."""
    trace = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in trace if frame.filename == FILE]
    shown = frames if len(frames) <= 10 else [*frames[:5], *frames[-5:]]
    said = "".join(["In your answer:\n", *traceback.format_list(shown)] if shown else [])
    named = "".join(traceback.format_exception_only(error)).rstrip()
    lines = [
        line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
        for line in (said + named).splitlines()
    ]
    return "\n".join([*lines, *_advice(error, named.splitlines()[-1])])


def _advice(error, told):
    yield from (advice for words, advice in ADVICE.items() if words in told)
    if isinstance(error, SyntaxError) and re.match(r"\s*(%|!|pip )", error.text or ""):
        yield IN_NOTEBOOKS
