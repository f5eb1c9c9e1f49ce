"""Sphinx extension: explorers and quizzes that work on the built page.

In a Jupyter Book, one line in `_config.yml` switches it on::

    sphinx:
      extra_extensions: [downslope.sphinx_ext]

Notebooks that the book executes then carry all states of their explorers, and every
page loads the script and style that wake them, from the book itself. Other builders,
such as those of PDF and EPUB, get the still figures.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from downslope import __version__
from downslope.explore.explorer import BAKE, STILL

__all__ = ["setup"]

_STATIC = Path(__file__).parent / "static"
_EXPLORER = re.compile(r'<downslope-(?:explorer|quiz) id="([^"]+)"')
_FAILURE = re.compile(r"ExplorerError: .*")
_PAGES = {"html", "dirhtml", "singlehtml"}


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.connect("builder-inited", _prepare)
    app.connect("doctree-read", _refuse_failures)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _prepare(app: Sphinx) -> None:
    """Kernels started by this build inherit the switch; pages get script and style."""
    if app.builder.name not in _PAGES:
        os.environ[BAKE] = STILL
        return
    os.environ[BAKE] = "1"
    app.config.html_static_path.append(str(_STATIC))
    for file in sorted(_STATIC.iterdir()):
        if file.name == "downslope-live.css":
            continue  # for kernels only
        if file.suffix == ".js":
            app.add_js_file(file.name, loading_method="defer")
        elif file.suffix == ".css":
            app.add_css_file(file.name)


def _refuse_failures(app: Sphinx, doctree: nodes.document) -> None:
    """A layer that failed, or two explorers of one name, must not reach a reader."""
    page = app.env.docname
    names = Counter()
    for node in doctree.findall(nodes.raw):
        names.update(_EXPLORER.findall(node.astext()))
    for name, count in names.items():
        if count > 1:
            raise ExtensionError(f"page {page!r} has {count} explorers named {name!r}")
    for node in doctree.findall(nodes.literal_block):
        failure = _FAILURE.search(node.astext())
        if failure and "traceback" in node.get("classes", []):
            raise ExtensionError(f"page {page!r}: {failure[0]}")
