"""Sphinx extension: explorers and quizzes that work on the built page.

In a Jupyter Book, one line in `_config.yml` switches it on::

    sphinx:
      extra_extensions: [downslope.sphinx_ext]

Notebooks that the book executes then carry all states of their explorers, and every
page loads the script and style that wake them, from the book itself. Other builders,
such as those of PDF and EPUB, get the still figures.

Exercises, cells that call ``check.name(…)`` of `downslope.check`, become editors with a Run
button: the book serves the Python that answers them, see `downslope.page_python`. Where it
cannot be had, they stand as they are; `downslope_python` is True, False, or "required".
Exercises of the book's own answer too, see `downslope.check.exercise`; the modules that their
pages import go with them, from beside the notebook or from what the next line names.

With ``downslope_progress: true`` readers see what they have done, page by page: a line stands at
the end of each page with exercises or a quiz, and an empty ``<downslope-progress>`` element on a
page of the book's own becomes a table. It is kept in their browser, and nothing is sent.

Where layers are imported from files of the book's own, one more line has every page
made anew when one of them has changed::

      config:
        downslope_depends_on: [src, mylib.py]
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError, ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from downslope import __version__
from downslope.explore.host import BAKE, CONTROL, MARK, SLIDERS_MOVE
from downslope.freshness import fingerprint

__all__ = ["setup"]

logger = logging.getLogger(__name__)

_STATIC = Path(__file__).parent / "static"
_NOT_ON_PAGES = {  # for kernels; for a worker; where a book asks for it
    "downslope-keys.js",
    "downslope-live.css",
    "downslope-live.js",
    "downslope-python.js",
    "downslope-progress.css",
    "downslope-progress.js",
    "downslope-vscode.css",
}
_FIRST = {"downslope-handles.js"}  # other scripts call it as they wake their elements
PAGES = {"html", "dirhtml", "singlehtml"}
_VIEW = "application/vnd.jupyter.widget-view+json"
_ELEMENT = re.compile(r'<downslope-(?:explorer|quiz) id="([^"]+)"')
_OLD_QUIZ = re.compile(r"Quiz: .*\n\n1\. .*\n   a\) ", re.DOTALL)
_OLD_STILL = '<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox='
_MODEL = re.compile(r'(?:"model_id": "|IPY_MODEL_)(\w+)')
_OURS = re.compile(rf"{CONTROL}|{MARK}|<downslope-\w")
_PART = re.compile(r"^(?=\w+ +Traceback \(most recent call last\))", re.MULTILINE)
_FAILURE = re.compile(r"^(?:[\w.]+\.)?(ExplorerError: .*)", re.MULTILINE | re.DOTALL)
_NEXT_PART = re.compile(r"\n\n(?:The above exception|During handling)[^\n]*\n[\n-]*$")


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.add_config_value("downslope_depends_on", [], "env", [list, tuple, str])
    app.connect("builder-inited", _prepare, priority=900)  # myst-nb has chosen its cache by then
    app.connect("env-get-outdated", _pages_to_read_again)
    app.connect("doctree-read", _look_at)
    app.add_post_transform(_FitForBuilder)
    app.setup_extension("downslope._sphinx_exercises")
    app.setup_extension("downslope._sphinx_progress")
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _prepare(app: Sphinx) -> None:
    """Kernels started by this build inherit the switch; pages get script and style."""
    os.environ[BAKE] = "1"
    _key_the_cache(app)
    if app.builder.name not in PAGES:
        return
    app.config.html_static_path.append(str(_STATIC))
    for file in sorted(_STATIC.iterdir()):
        if file.name in _NOT_ON_PAGES:
            continue
        if file.suffix == ".js":
            priority = 499 if file.name in _FIRST else 500
            app.add_js_file(file.name, priority=priority, loading_method="defer")
        elif file.suffix == ".css":
            app.add_css_file(file.name)


def _fingerprint(app: Sphinx) -> str:
    names = app.config.downslope_depends_on
    names = [names] if isinstance(names, str) else names
    try:
        return fingerprint(app.srcdir, names, (Path(app.outdir), Path(app.doctreedir)))
    except FileNotFoundError as error:
        raise ConfigError(f"downslope_depends_on: {error}") from None


def _key_the_cache(app: Sphinx) -> None:
    """Give outputs that other code has made, or a build without this extension, no second use."""
    env: Any = app.env
    settings = getattr(env, "mystnb_config", None)
    if settings is None:
        return  # a project without notebooks
    cache = Path(settings.execution_cache_path)
    own = cache / f"downslope-{_fingerprint(app)[:16]}"
    for other in cache.glob("downslope-*"):
        if other != own:
            shutil.rmtree(other, ignore_errors=True)
    env.mystnb_config = settings.copy(execution_cache_path=str(own))


def _pages_to_read_again(app: Sphinx, env, added, changed, removed) -> list[str]:
    """All pages when the code has changed; and those that were warned of, to warn of them again."""
    before, env.downslope_fingerprint = getattr(env, "downslope_fingerprint", ""), _fingerprint(app)
    if env.found_docs - added and before != env.downslope_fingerprint:
        logger.info("The code has changed since the last build: every page is read again.")
        return sorted(env.found_docs)
    return [page for page in env.found_docs if env.metadata[page].get("downslope_stored")]


def _look_at(app: Sphinx, doctree: nodes.document) -> None:
    """A layer that failed, or a slider that nothing moves, must not reach a reader."""
    page = app.env.docname
    _refuse_failures(page, doctree)
    stored = [bundle for bundle in _bundles(doctree) if _is_stored(app, bundle)]
    for bundle in stored:
        _keep_still(bundle)
    models = _models(app, page)
    inside = [bundle for bundle in _bundles(doctree) if _shows_ours(bundle, models)]
    for bundle in inside:
        bundle.replace_self(nodes.paragraph("", "These sliders move in a running notebook."))
    app.env.metadata[page]["downslope_stored"] = bool(stored or inside)
    if stored:
        _warn_of_stored(page, len(stored))
    if inside:
        _warn_of_inside(page)


def _refuse_failures(page: str, doctree: nodes.document) -> None:
    """Stop the build with all that the layers' errors say, but for those that a cell intends."""
    said: list[str] = []
    for node in doctree.findall(nodes.literal_block):
        if "traceback" in node.get("classes", []) and "raises-exception" not in _tags(node):
            said += _failures(node.astext())
    if said:
        raise ExtensionError(f"page {page!r}: " + "\n".join(said))


def _tags(node: nodes.Node) -> list[str]:
    """Tags of the cell that a node is in."""
    while node is not None and node.get("nb_element") != "cell_code":
        node = node.parent
    return node["cell_metadata"].get("tags", []) if node else []


def _failures(traceback: str) -> Iterator[str]:
    """What each ExplorerError in a traceback says, all of its lines."""
    for part in _PART.split(traceback):
        failure = _FAILURE.search(part)
        if failure:
            yield _NEXT_PART.sub("", failure[1]).rstrip()


def _bundles(doctree: nodes.document) -> list[nodes.container]:
    """The outputs of cells; each holds one container for each of its kinds."""
    return [
        node for node in doctree.findall(nodes.container) if node.get("nb_element") == "mime_bundle"
    ]


def _kinds(bundle: nodes.container) -> dict[str, nodes.container]:
    return {kind["mime_type"]: kind for kind in bundle.children}


def _is_stored(app: Sphinx, bundle: nodes.container) -> bool:
    """Whether the output is one of ours, made for a notebook and not for this page."""
    kinds = _kinds(bundle)
    if "text/html" in kinds:
        return f'class="{MARK}"' in kinds["text/html"].astext()
    if _VIEW not in kinds:
        return False
    if "image/svg+xml" in kinds:  # before version 0.2 an explorer brought its still figure so
        return any(
            Path(app.srcdir, image["uri"]).read_text(encoding="utf-8").startswith(_OLD_STILL)
            for image in kinds["image/svg+xml"].findall(nodes.image)
        )
    return "text/plain" in kinds and bool(_OLD_QUIZ.match(kinds["text/plain"].astext()))


def _models(app: Sphinx, page: str) -> dict[str, str]:
    """What a page keeps of its ipywidgets: the state of each, as JSON, by its name."""
    metadata: Any = getattr(app.env, "nb_metadata", {})
    _, script = metadata.get(page, {}).get("js_files", {}).get("ipywidgets_state", ("", {}))
    models = json.loads(script["body"])["state"] if script else {}
    return {name: json.dumps(model) for name, model in models.items()}


def _shows_ours(bundle: nodes.container, models: dict[str, str]) -> bool:
    """Whether other widgets are shown that hold, however deep, an explorer or its sliders."""
    kinds = _kinds(bundle)
    waiting = _MODEL.findall(kinds[_VIEW].astext()) if _VIEW in kinds else []
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        state = models.get(name, "")
        if _OURS.search(state):
            return True
        waiting += _MODEL.findall(state)
    return False


def _keep_still(bundle: nodes.container) -> None:
    """Take the widgets away, which nothing would move; what is left stands still and says so."""
    kinds = _kinds(bundle)
    if _VIEW in kinds:
        bundle.remove(kinds[_VIEW])
    if "text/html" not in kinds:
        at = bundle.parent.index(bundle)
        bundle.parent.insert(at + 1, nodes.paragraph("", SLIDERS_MOVE))


def _warn_of_stored(page: str, count: int) -> None:
    shown = "an explorer or a quiz" if count == 1 else f"{count} explorers or quizzes"
    logger.warning(
        f"page {page!r} shows {shown} as a notebook has stored them, and nothing moves there: "
        "the book did not run the notebook. Clear the notebook's outputs, or set "
        "`execute_notebooks: force` in _config.yml; then run `jupyter-book clean --all .` and "
        "build again [downslope.stored]",
        location=page,
        type="downslope",
        subtype="stored",
    )


def _warn_of_inside(page: str) -> None:
    logger.warning(
        f"page {page!r} shows sliders of an explorer by themselves, or an explorer inside other "
        "widgets (VBox, Output), and nothing moves there: on a page an explorer is whole. Make it "
        "the last line of a cell, or display(explorer) [downslope.inside]",
        location=page,
        type="downslope",
        subtype="inside",
    )


class _FitForBuilder(SphinxPostTransform):
    """On pages, each explorer has a name of its own; on paper there are only stills."""

    default_priority = 3  # before myst-nb chooses among the kinds of an output

    def run(self, **_) -> None:
        is_page = self.app.builder.name in PAGES
        for bundle in _bundles(self.document):
            html = _kinds(bundle).get("text/html")
            if html is None or not _ELEMENT.search(html.astext()):
                continue
            if is_page:  # whatever kinds the book's settings would rather see
                bundle.children = [html]
            else:
                bundle.remove(html)
        if is_page:
            _refuse_one_name_twice(self.document, self.env.docname)


def _refuse_one_name_twice(document: nodes.document, page: str) -> None:
    """A name is an address on its page. What `singlehtml` makes one page was several before."""
    found: dict[str, list[str]] = {}
    for node in document.findall(nodes.raw):
        for name in _ELEMENT.findall(node.astext()):
            found.setdefault(name, []).append(_page_before(node) or page)
    for name, pages in found.items():
        if len(pages) > 1:
            where = " and ".join(repr(page) for page in dict.fromkeys(pages))
            raise ExtensionError(f"on page {where} are {len(pages)} {_twice(name)}")


def _twice(name: str) -> str:
    quiz = name.removeprefix("quiz-")
    if quiz != name:
        return f"quizzes {quiz!r}; ask each once"
    return f"explorers named {name!r}; give each a name of its own: explore(..., name='...')"


def _page_before(node: nodes.Node) -> str | None:
    """Name of the page that `singlehtml` has taken a node from; it is kept on its sections."""
    while node is not None and "docname" not in node:
        node = node.parent
    return node["docname"] if node else None
