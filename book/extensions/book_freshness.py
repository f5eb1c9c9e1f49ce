"""Sphinx extension: a new look is shown, and a bad build is not remembered.

Sphinx copies the look of the book only when it has a page to write, so a change of it has the
first page read again. A build that warned or failed is forgotten: otherwise the next one would find
nothing to do and call that a success. Which files the outputs depend on, `downslope.sphinx_ext` is
told in _config.yml.
"""

from __future__ import annotations

from pathlib import Path

from downslope.freshness import fingerprint

LOOK = ("book/assets", "book/extensions")


def setup(app):
    app.connect("env-get-outdated", first_page_when_the_look_differs)
    app.connect("build-finished", forget_a_bad_build)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def first_page_when_the_look_differs(app, env, added, changed, removed):
    before, env.book_look = getattr(env, "book_look", ""), fingerprint(app.srcdir, LOOK)
    return [app.config.root_doc] if before != env.book_look else []


def forget_a_bad_build(app, exception):
    """Make the next build begin afresh after one that failed or warned."""
    if exception or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
