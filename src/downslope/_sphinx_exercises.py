"""The half of the Sphinx extension for exercises: found, wrapped, and given their Python."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError, ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from downslope import __version__
from downslope.page_exercises import Cell, closing, exercises_in, opening
from downslope.page_python import PythonNotFound, gather, place
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
    containers = [
        node for node in doctree.findall(nodes.container) if node.get("nb_element") == "cell_code"
    ]
    cells = [Cell(_code(node), node["cell_metadata"].get("tags", [])) for node in containers]
    found = list(exercises_in(cells))
    for index, exercise in found:
        containers[index]["downslope_exercise"] = exercise
    app.env.metadata[app.env.docname]["downslope_exercises"] = len(found)


def _code(cell: nodes.Element) -> str:
    """What stands in a cell; nothing, if the page does not show it."""
    for part in cell.findall(nodes.container):
        if part.get("nb_element") == "cell_code_source":
            return part.astext()
    return ""


def _get_python(app: Sphinx, env) -> list[str]:
    """Python for the pages with exercises, if it can be had; all of them anew when that changes."""
    about = env.metadata.items()
    pages = sorted(page for page, found in about if found.get("downslope_exercises"))
    wanted = app.config.downslope_python and app.builder.name in PAGES and pages
    folder = _gathered(app) if wanted else None
    app.downslope_python = folder  # type: ignore[attr-defined]
    before, env.downslope_python = getattr(env, "downslope_python", None), folder is not None
    return pages if before != env.downslope_python else []


def _gathered(app: Sphinx) -> Path | None:
    try:
        return gather(say=logger.info)
    except PythonNotFound as error:
        if app.config.downslope_python == "required":
            raise ExtensionError(str(error)) from None
        logger.info(f"The exercises stand on their pages without a Run button. {error}")
        return None


def _place_python(app: Sphinx, exception: Exception | None) -> None:
    folder = getattr(app, "downslope_python", None)
    if folder and exception is None:
        place(Path(app.outdir) / "_static" / _FOLDER, folder)


class _Wrap(SphinxPostTransform):
    """Around each exercise the element that its page's script turns into an editor."""

    default_priority = 4

    def run(self, **_) -> None:
        if not getattr(self.app, "downslope_python", None):
            return
        count: dict[str, int] = {}
        for cell in list(self.document.findall(nodes.container)):
            exercise = cell.get("downslope_exercise")
            if exercise is None:
                continue
            count[exercise.name] = count.get(exercise.name, 0) + 1
            begins, ends = opening(exercise, count[exercise.name]), closing(exercise)
            at = cell.parent.index(cell)
            cell.parent.insert(at + 1, nodes.raw("", ends, format="html"))
            cell.parent.insert(at, nodes.raw("", begins, format="html"))
