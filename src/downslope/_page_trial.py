"""Whether what a page calls is an exercise: tried where there is only what the page has.

`python -m downslope._page_trial` reads from its standard input what `_page_modules.trial` asks.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout, suppress
from pathlib import Path
from zipfile import ZipFile

from downslope.check.answering import NOT_HERE, book_modules, earlier_cells, on_a_page
from downslope.check.exercise import Exercise
from downslope.check.wording import one_line

__all__ = ["main"]


class _Only:
    """Comes before all finders of modules, and lets no more pass than a page has."""

    def __init__(self, path: Iterable[str], missing: Iterable[str]):
        self.path, self.missing = [*map(Path, path)], {*missing}

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        known = top in sys.stdlib_module_names or top in ("downslope", "numpy") or self._has(top)
        if not known or {top, ".".join(name.split(".")[:2])} & self.missing:
            raise ModuleNotFoundError(NOT_HERE.format(name=name), name=name)

    def _has(self, top):
        return any((entry / top).is_dir() or (entry / f"{top}.py").is_file() for entry in self.path)


def _try(earlier: str, code: str) -> tuple[bool | None, str]:
    """Whether `code` names an exercise, None if it cannot be had; and why it cannot answer."""
    names: dict = {"__name__": "__main__"}
    missing = earlier_cells(earlier, names)
    root = code.partition(".")[0]
    if root in missing:
        return None, missing[root]
    try:
        value = eval(code, names)
    except Exception:
        return False, ""
    return (True, _obstacle(value)) if isinstance(value, Exercise) else (False, "")


def _obstacle(exercise: Exercise) -> str:
    """What keeps its own solution from being right; an error that it means to raise does not."""
    try:
        for case in exercise.cases():
            with suppress(ArithmeticError, LookupError, TypeError, ValueError):
                exercise._observe(exercise.solution, **case)
        said = exercise(exercise.solution)
    except Exception as error:
        return f"Its own solution fails: {one_line(error)}"
    return "" if said else f"Its own solution is not right: {said.text}"


def main(asked: dict) -> list[tuple[bool | None, str]]:
    """An answer for each of the tries.

    Parameters
    ----------
    asked : dict
        "folder" with book.zip, the pack; "path", names in it to import from; "missing", names of
        modules that a page lacks; "tries", pairs of what earlier cells have and what is called.
    """
    folder = Path(asked["folder"])
    with ZipFile(folder / "book.zip") as pack:
        pack.extractall(folder)
    path = [str(folder / name) for name in asked["path"]]
    only = _Only(path, asked["missing"])
    with redirect_stdout(io.StringIO()), on_a_page(), book_modules(path):
        sys.meta_path.insert(0, only)
        return [_try(*one) for one in asked["tries"]]


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))
