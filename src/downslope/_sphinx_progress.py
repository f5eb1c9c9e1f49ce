"""The part of the Sphinx extension that lists what a reader can do, page by page.

With ``downslope_progress: true`` each page with exercises or a quiz ends in a line that says what
of it is done, and an empty ``<downslope-progress></downslope-progress>`` on a page of the book's
own becomes a table of all of them. What is done is kept by the reader's browser, and nowhere else.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import clean_astext

from downslope import __version__
from downslope.sphinx_ext import PAGES

_LIST, _SCRIPT = "downslope-progress-list.js", "downslope-progress.js"
_STYLE = "downslope-progress.css"
_QUIZ = re.compile(r'<downslope-quiz id="quiz-([^"]+)".*?</downslope-quiz>', re.DOTALL)
_TABLE = "<downslope-progress>"


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.add_config_value("downslope_progress", False, "env", [bool])
    app.connect("builder-inited", _add_files, priority=901)
    app.connect("doctree-read", _find_quizzes)
    app.connect("build-finished", _write_list)
    app.add_post_transform(_Line)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _is_asked_for(app: Sphinx) -> bool:
    return app.config.downslope_progress and app.builder.name in PAGES


def _add_files(app: Sphinx) -> None:
    if _is_asked_for(app):
        app.add_js_file(_LIST, priority=499, loading_method="defer")
        app.add_js_file(_SCRIPT, loading_method="defer")
        app.add_css_file(_STYLE)


def _find_quizzes(app: Sphinx, doctree: nodes.document) -> None:
    """Keep with a page the quizzes on it, each with its number of questions."""
    about = app.env.metadata[app.env.docname]
    html = [raw.astext() for raw in doctree.findall(nodes.raw) if raw.get("format") == "html"]
    quizzes = [quiz for text in html for quiz in _QUIZ.finditer(text)]
    about["downslope_quizzes"] = {quiz[1]: quiz[0].count("<fieldset") for quiz in quizzes}
    about["downslope_progress_table"] = any(_TABLE in text for text in html)


def _exercises(env: Any, page: str) -> list[str]:
    """Those that a page can answer."""
    return (
        env.metadata[page].get("downslope_exercise_names", [])
        if getattr(env, "downslope_python", None)
        else []
    )


def _has_something(env: Any, page: str) -> bool:
    return bool(_exercises(env, page) or env.metadata[page].get("downslope_quizzes"))


class _Line(SphinxPostTransform):
    """At the end of a page, where its script says what is done."""

    default_priority = 900
    formats = ("html",)

    def run(self, **_: Any) -> None:
        page = self.env.docname
        if _is_asked_for(self.app) and _has_something(self.env, page):
            line = f'<downslope-progress data-page="{page}"></downslope-progress>'
            self.document.append(nodes.raw("", line, format="html"))


def _write_list(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and _is_asked_for(app):
        words = json.dumps(_list(app), ensure_ascii=False, indent=1)
        text = f"globalThis.downslopeProgressList = {words};\n"
        Path(app.outdir, "_static", _LIST).write_text(text, encoding="utf-8", newline="\n")


def _list(app: Sphinx) -> dict:
    """Everything that can be done in the book, in the order of its pages."""
    env: Any = app.env
    tables = [page for page, about in env.metadata.items() if about.get("downslope_progress_table")]
    return {
        "book": _name(app.config),
        "table": app.builder.get_target_uri(tables[0]) if tables else None,
        "pages": [
            {
                "page": page,
                "address": app.builder.get_target_uri(page),
                "title": clean_astext(env.titles[page]),
                "exercises": _exercises(env, page),
                "quizzes": env.metadata[page].get("downslope_quizzes", {}),
            }
            for page in _in_order(env)
            if _has_something(env, page)
        ],
    }


def _name(config: Any) -> str:
    """The book's title, or without one its project: what was saved outlives a version."""
    has_version = config.release and config.release in config.html_title
    return config.project if has_version else config.html_title


def _in_order(env: Any) -> list[str]:
    """The pages as the table of contents has them, and then those that are not in it."""
    listed = [page for page in env.collect_relations() if page in env.found_docs]
    return [*listed, *sorted(env.found_docs - set(listed))]
