"""Modules of a book's own: found, packed for its pages, and asked what of them is an exercise.

A page gets the modules that its cells import, from beside its notebook or from what
`downslope_depends_on` names. What is an exercise is found by importing them as the page will: in a
process of its own (downslope._page_trial), with nothing but what a page has.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unicodedata import normalize

from downslope.freshness import files_in
from downslope.page_exercises import HERE, Call, Cell, lent
from downslope.page_python import LEFT_OUT

__all__ = ["LARGEST", "Found", "Modules", "is_made_by_exercise", "trial"]

PATIENCE = 60  # seconds that all modules of a page may take
LARGEST = 10_000_000  # bytes of a book's own that a page may have to load
#: What a page's Python cannot do without; a book's own of such a name would never be imported.
RESERVED = {"downslope", "numpy", "pyodide", "_pyodide", "js", "pyodide_js"}
#: What Pyodide leaves out of Python's own modules.
MISSING = ("curses", "dbm", "lzma", "sqlite3", "ssl", "tkinter", "turtle")


class Found(NamedTuple):
    """What the cells of a page import of the book's own.

    Attributes
    ----------
    files : dict
        Maps names in the pack, which begin at `Modules.base`, to paths.
    path : list of str
        Where the page's Python looks for modules, as names in the pack; first the page's folder.
    tops : set of str
        First parts of the names of all these modules.
    """

    files: dict[str, str]
    path: list[str]
    tops: set[str]

    def may_have(self, call: Call) -> bool:
        """Whether a call may be that of an exercise of the book's own."""
        return call.origin.partition(".")[0] in {HERE, *self.tops}


class Modules:
    """The modules of a book.

    Parameters
    ----------
    root : Path
        Folder of the book.
    names : iterable of str
        Files and folders that `downslope_depends_on` names.
    leave_out : iterable of Path
        Folders of what is built.
    """

    def __init__(self, root: Path, names: Iterable[str], leave_out: Iterable[Path] = ()):
        self.root = root.resolve()
        places = [Path(root, name).resolve() for name in names]
        self.named = [p for p in places if p.exists() and p.drive == self.root.drive]
        self.base = Path(os.path.commonpath([self.root, *(_home(place) for place in self.named)]))
        self.leave_out = list(leave_out)

    def imported(self, page: str, codes: Iterable[str]) -> Found:
        """What `codes`, the cells of a page, import of the book's own, and what that imports."""
        folder = (self.root / page).parent
        entries = [entry for place in self.named for entry in _entries(place)]
        path = [folder, *(entry for entry in entries if entry.is_relative_to(self.base))]
        files: dict[str, str] = {}
        tops: set[str] = set()
        waiting = [name for code in codes for name in _imports(code)]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for file in self._files_of(name, folder, path):
                tops.add(name.partition(".")[0])
                packed = self._packed(file)
                if packed not in files:
                    files[packed] = str(file)
                    waiting += _imports_of(file)
        return Found(files, list(dict.fromkeys(map(self._packed, path))), tops)

    def astray(self, call: Call, page: str) -> str:
        """Why an exercise that a call plainly means is not found; empty, if it means none."""
        top = call.origin.partition(".")[0]
        beside = (self.root / page).parent
        files = _files_on_the_way(beside, call.origin)
        if is_made_by_exercise(call, map(str, files)):
            return f"{files[0].name} has the name of a module that Python has itself: rename it"
        files = [f for place in self._elsewhere(top) for f in _files_on_the_way(place, call.origin)]
        if is_made_by_exercise(call, map(str, files)):
            return f"{files[0]} is neither beside the page nor named by downslope_depends_on"
        return ""

    def _elsewhere(self, top: str) -> Iterator[Path]:
        """Folders with a module that is neither beside a page nor named."""
        if top in sys.stdlib_module_names or top in RESERVED:
            return
        try:
            spec = find_spec(top)
        except (ImportError, ValueError):
            spec = None
        if spec and spec.origin:
            place = Path(spec.origin)
            yield place.parent.parent if place.stem == "__init__" else place.parent
        elif not spec:
            found = files_in(self.root, self.leave_out)
            yield from {f.parent for f in found if f.name == f"{top}.py"}
            yield from {f.parent.parent for f in found if f.parent.name == top}

    def _packed(self, path: Path) -> str:
        """The same name on every system; macOS takes letters and their accents apart."""
        return normalize("NFC", Path(os.path.relpath(path, self.base)).as_posix())

    def _files_of(self, name: str, folder: Path, path: list[Path]) -> Iterator[Path]:
        """Files of a module: a package with all that is in its folder, or the module by itself."""
        top, _, rest = name.partition(".")
        if top in RESERVED or top in sys.stdlib_module_names:
            return
        for entry in path:
            package, module = entry / top, entry / f"{top}.py"
            if (package / "__init__.py").is_file() and self._may_have(package, folder):
                yield from files_in(package, self.leave_out)
                return
            if module.is_file() and self._may_have(module, folder):
                yield module
                return
            if rest and package.is_dir() and self._may_have(package, folder):
                yield from (f for f in files_in(package, self.leave_out) if f.suffix == ".py")
                return

    def _may_have(self, place: Path, folder: Path) -> bool:
        """Whether it is the book's to serve: beside the page, or named."""
        return any(place.is_relative_to(allowed) for allowed in (folder, *self.named))


def trial(calls: Sequence[Call], cells: Sequence[Cell], found: Found, pack: bytes) -> list[tuple]:
    """Which calls are those of exercises, as the page's Python will see it.

    Parameters
    ----------
    calls : sequence of Call
    cells : sequence of Cell
        Those of the page.
    found : Found
        What they import of the book's own.
    pack : bytes
        That, in a zip.

    Returns
    -------
    answers : list of tuple of (bool or None, str)
        For each call whether it is one, None if that cannot be known; and why it cannot answer.
    """
    with TemporaryDirectory() as folder:
        (Path(folder) / "book.zip").write_bytes(pack)
        asked = {
            "folder": folder,
            "path": found.path,
            "missing": [*MISSING, *(f"downslope.{Path(name).stem}" for name in LEFT_OUT)],
            "tries": [(lent(cells, call.at), call.code) for call in calls],
        }
        command = [sys.executable, "-P", "-B", "-m", "downslope._page_trial"]
        how: dict[str, Any] = {"text": True, "encoding": "utf-8", "timeout": PATIENCE}
        utf8 = os.environ | {"PYTHONIOENCODING": "utf-8"}
        try:
            ran = subprocess.run(
                command, input=json.dumps(asked), capture_output=True, env=utf8, **how
            )
        except subprocess.TimeoutExpired:
            return [(None, f"Importing it takes more than {PATIENCE} s")] * len(calls)
    if ran.returncode:
        said = (ran.stderr.strip().splitlines() or ["Python broke down while importing it"])[-1]
        return [(None, said)] * len(calls)
    return [tuple(answer) for answer in json.loads(ran.stdout.splitlines()[-1])]


def is_made_by_exercise(call: Call, files: Iterable[str]) -> bool:
    """Whether a file has a function of the call's name below a decorator ``@…exercise(…)``."""
    sources = (Path(file).read_bytes() for file in files if file.endswith(".py"))
    return any(b"exercise(" in source and _makes(source, call.name) for source in sources)


def _makes(source: bytes, name: str) -> bool:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):  # as far as can be seen; importing it says what is wrong
        below = rf"exercise\((?:(?!\bdef\b).)*\bdef {re.escape(name)}\("
        return bool(re.search(below.encode(), source, re.DOTALL))
    return any(
        isinstance(node, ast.FunctionDef) and node.name == name and _is_decorated(node)
        for node in body
    )


def _is_decorated(node: ast.FunctionDef) -> bool:
    calls = [part.func for part in node.decorator_list if isinstance(part, ast.Call)]
    return any(ast.unparse(called).rpartition(".")[2] == "exercise" for called in calls)


def _files_on_the_way(place: Path, origin: str) -> list[Path]:
    """Files in a folder that are imported on the way to a name."""
    parts = origin.split(".")[:-1]
    ways = [Path(place, *parts[:n]) for n in range(1, len(parts) + 1)]
    files = [
        file for way in ways for file in (way.with_name(f"{way.name}.py"), way / "__init__.py")
    ]
    return [file for file in files if file.is_file()]


def _home(place: Path) -> Path:
    return place if place.is_dir() else place.parent


def _entries(place: Path) -> list[Path]:
    """Folders to import from, so that a file, a package or what is in a folder is found."""
    if place.is_dir() and not (place / "__init__.py").is_file():
        return [place, place.parent]
    return [place.parent]


def _tree(file: Path) -> ast.Module:
    """A file as Python reads it; empty, if it cannot: importing it will say so."""
    try:
        return ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _imports_of(file: Path) -> Iterator[str]:
    if file.suffix == ".py":
        yield from _names(_tree(file))


def _imports(code: str) -> Iterator[str]:
    yield from _names(ast.parse(code))


def _names(tree: ast.Module) -> Iterator[str]:
    """Full names of all that is imported; a relative one is in a package, which is whole."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
