"""Sphinx extension: no page ever shows the output of code that has since changed.

Sphinx reads again only the pages whose text changed, and only a page that is read again has its
code run. That is right for an edit in a chapter, and wrong for an edit in the code that chapters
import. So a fingerprint of all that outputs depend on is kept beside the pages; when it differs,
every page is read, and so run, again. The look of the book has a fingerprint of its own: Sphinx
copies it only when it has a page to write, so a change of it has the first page read again. A build
that warned or failed is not remembered at all: otherwise the next one would find nothing to do and
call that a success.
"""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

from sphinx.util import logging

logger = logging.getLogger(__name__)

DEPENDS_ON = ("src", "requirements.txt", "constraints.txt")
LOOK = ("book/assets", "book/extensions")
PACKAGES = (
    "ipykernel",
    "ipywidgets",
    "jupyter-book",
    "matplotlib",
    "myst-nb",
    "nbclient",
    "numpy",
    "sphinx",
)


def setup(app):
    app.connect("env-get-outdated", pages_to_run_again)
    app.connect("build-finished", forget_a_bad_build)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def fingerprint(root, names=DEPENDS_ON):
    """Hex digest of the files under `root` that `names` lists, the Python and its packages."""
    digest = hashlib.sha256(f"{sys.version} {[version(name) for name in PACKAGES]}".encode())
    for path in source_files(root, names):
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def source_files(root, names):
    """Every file that the names stand for, in one order; what Python compiles is left out."""
    for name in names:
        path = root / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.is_file() and "__pycache__" not in file.parts)


def pages_to_run_again(app, env, added, changed, removed):
    """All pages when the code differs from that of the last build, the first when the look does."""
    root = Path(app.srcdir)
    code, look = fingerprint(root), fingerprint(root, LOOK)
    before = getattr(env, "book_fingerprint", (code, look))
    env.book_fingerprint = code, look
    if before[0] != code:
        logger.info("The code has changed since the last build: every chapter runs again.")
        return sorted(env.found_docs)
    return [app.config.root_doc] if before[1] != look else []


def forget_a_bad_build(app, exception):
    """Make the next build begin afresh after one that failed or warned."""
    if exception or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
