"""The half of the Sphinx extension for exercises: found, wrapped, and given their Python."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError, ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from downslope import __version__
from downslope._page_modules import LARGEST, Modules, is_made_by_exercise, trial
from downslope.page_exercises import Call, Cell, closing, exercises_in, opening, prelude
from downslope.page_python import PythonNotFound, gather, packed, place, version
from downslope.sphinx_ext import PAGES

logger = logging.getLogger(__name__)

_FOLDER = "downslope-python"  # among the static files, where the script looks for it


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.add_config_value("downslope_python", True, "env", [bool, str])
    app.connect("config-inited", _require_known)
    app.connect("doctree-read", _find)
    app.connect("env-updated", _get_python)
    app.connect("build-finished", _place_python)
    app.add_post_transform(_Wrap)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _require_known(app: Sphinx, config) -> None:
    if config.downslope_python not in (True, False, "required"):
        got = config.downslope_python
        raise ConfigError(f'downslope_python must be True, False or "required", got {got!r}')


def _find(app: Sphinx, doctree: nodes.document) -> None:
    """Keep with each cell that is an exercise what its page must carry of it."""
    page = app.env.docname
    containers = {
        node.get("cell_index"): node
        for node in doctree.findall(nodes.container)
        if node.get("nb_element") == "cell_code" and _is_shown(node)
    }
    cells = _cells(app, page) if containers else {}
    own = _Own(app, page, list(cells.values()))
    found = {
        containers[at]: exercise
        for index, exercise in exercises_in(list(cells.values()), own.exercises)
        if (at := list(cells)[index]) in containers
    }
    for container, exercise in found.items():
        container["downslope_exercise"] = exercise, own.path
    about = app.env.metadata[page]
    about["downslope_exercises"] = len(found)
    about["downslope_exercise_names"] = [exercise.name for exercise in found.values()]
    about["downslope_modules"] = own.found.files if found else {}


def _is_shown(cell: nodes.Element) -> bool:
    """Whether the page has the code, and not its output alone."""
    return any(part.get("nb_element") == "cell_code_source" for part in cell.children)


def _cells(app: Sphinx, page: str) -> dict[int, Cell]:
    """All code cells of a page by their place, those too that it does not show."""
    settings: Any = app.env.mystnb_config  # type: ignore[attr-defined]
    path = Path(settings.output_folder, f"{page}.ipynb")  # as myst-nb has just written it
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return {
        at: Cell("".join(cell["source"]), cell["metadata"].get("tags", []))
        for at, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code"
    }


class _Own:
    """Modules of the book's own that the cells of a page import."""

    def __init__(self, app: Sphinx, page: str, cells: list[Cell]):
        self.app, self.page, self.cells = app, page, cells
        depends = app.config.downslope_depends_on
        names = [depends] if isinstance(depends, str) else depends
        built = (Path(app.outdir), Path(app.doctreedir))
        self.modules = Modules(Path(app.srcdir), names, built)
        self.found = self.modules.imported(page, [prelude(cells)])

    @property
    def path(self) -> list[str]:
        """Where to import from; nothing, if there is nothing."""
        return self.found.path if self.found.files else []

    def _depend(self) -> None:
        """Have the page made anew when one of the files changes, also one that fails today."""
        for file in self.found.files.values():
            self.app.env.note_dependency(os.path.relpath(file, self.app.srcdir))

    def exercises(self, calls: list[Call]) -> list[Call]:
        """Those of a book's own, among calls that may be anything."""
        if not self.app.config.downslope_python:
            return []
        for call in calls:
            if not self.found.may_have(call) and (why := self.modules.astray(call, self.page)):
                self._warn(call, why)
        calls = [call for call in calls if self.found.may_have(call)]
        if not calls:
            return []
        self._depend()
        answers = trial(calls, self.cells, self.found, packed(self.found.files))
        for call, (is_one, why) in zip(calls, answers, strict=True):
            if why and (is_one or is_made_by_exercise(call, self.found.files.values())):
                self._warn(call, why)
        return [call for call, answer in zip(calls, answers, strict=True) if answer == (True, "")]

    def _warn(self, call: Call, why: str) -> None:
        logger.warning(
            f"page {self.page!r}: the exercise {call.name} stands without a Run button. {why}. "
            "What a page lacks, import inside the function that needs it [downslope.modules]",
            location=self.page,
            type="downslope",
            subtype="modules",
        )


def _get_python(app: Sphinx, env) -> list[str]:
    """Python for the pages with exercises, if it can be had; all of them anew when that changes."""
    pages = sorted(page for page, about in env.metadata.items() if about.get("downslope_exercises"))
    wanted = app.config.downslope_python and app.builder.name in PAGES and pages
    folder = _gathered(app) if wanted else None
    modules = _own_modules(env, pages) if folder else b""
    app.downslope_python = folder and (folder, modules)  # type: ignore[attr-defined]
    before = getattr(env, "downslope_python", None)
    env.downslope_python = folder and version(modules=modules)
    return pages if before != env.downslope_python else []


def _own_modules(env, pages: list[str]) -> bytes:
    """A zip of what the pages import of the book's own; nothing, if they import nothing."""
    files: dict[str, str] = {}
    for page in pages:
        files |= env.metadata[page]["downslope_modules"]
    modules = packed(files) if files else b""
    if len(modules) > LARGEST:
        logger.warning(
            f"the book's own modules, which every page with exercises loads, have "
            f"{len(modules) / 1e6:.0f} MB; put large data outside of their packages "
            "[downslope.modules]",
            type="downslope",
            subtype="modules",
        )
    return modules


def _gathered(app: Sphinx) -> Path | None:
    try:
        return gather(say=logger.info)
    except PythonNotFound as error:
        if app.config.downslope_python == "required":
            raise ExtensionError(str(error)) from None
        logger.info(f"The exercises stand on their pages without a Run button. {error}")
        return None


def _place_python(app: Sphinx, exception: Exception | None) -> None:
    gathered = getattr(app, "downslope_python", None)
    if gathered and exception is None:
        folder, modules = gathered
        place(Path(app.outdir) / "_static" / _FOLDER, folder, modules=modules)


class _Wrap(SphinxPostTransform):
    """Around each exercise the element that its page's script turns into an editor."""

    default_priority = 4

    def run(self, **_) -> None:
        if not getattr(self.app, "downslope_python", None):
            return
        count: dict[str, int] = {}
        for cell in list(self.document.findall(nodes.container)):
            if "downslope_exercise" not in cell:
                continue
            exercise, path = cell["downslope_exercise"]
            count[exercise.name] = count.get(exercise.name, 0) + 1
            begins = opening(exercise, count[exercise.name])
            ends = closing(exercise, path=path, version=self.env.downslope_python)  # type: ignore[attr-defined]
            at = cell.parent.index(cell)
            cell.parent.insert(at + 1, nodes.raw("", ends, format="html"))
            cell.parent.insert(at, nodes.raw("", begins, format="html"))
