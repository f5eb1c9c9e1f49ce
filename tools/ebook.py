"""Build the e-book and ask epubcheck whether it is right: `make epub`.

epubcheck is a program in Java, which no package of Python brings: Debian and Ubuntu have it under
that name, Homebrew too. Where it is not installed the e-book is made all the same, and it is said
that nobody has looked at it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import browser
import paper_build

BOOK = Path(__file__).resolve().parents[1] / "_build"
UNCHECKED = (
    "epubcheck is not installed, so nobody has checked it: apt-get install epubcheck, or brew\n"
    "install epubcheck, then make epub again"
)
PAPER = BOOK.parent / ".venv-paper"  # what sets formulas, and typefaces: as for the PDF


def checker():
    """The command that checks an e-book, or None where there is none.

    Debian's is a Java archive, which a kernel starts only where it has been taught to.
    """
    found = shutil.which("epubcheck")
    if found is None:
        return None
    with open(found, "rb") as file:
        is_archive = file.read(2) == b"PK"
    return ["java", "-jar", found] if is_archive else [found]


def check(book):
    """Ask epubcheck; returns its exit code, which is not 0 where it warns."""
    command = checker()
    if command is None:
        print(UNCHECKED)
        return 0
    return subprocess.run([*command, "--failonwarnings", book]).returncode


def packages(venv):
    """Folder of the packages of a venv."""
    (folder,) = {path.parent for path in venv.glob("[Ll]ib/**/site-packages/pip")}
    return folder


def make():
    """Build the e-book and return where it is."""
    sys.path.append(str(packages(PAPER)))
    paths = filter(None, [os.environ.get("PYTHONPATH"), sys.path[-1]])
    os.environ |= {"CHROMIUM": str(browser.find()), "PYTHONPATH": os.pathsep.join(paths)}
    folder = BOOK / "ebook"
    shutil.rmtree(folder / "_build" / "epub", ignore_errors=True)  # nothing of an older book
    built = paper_build.build("epub", folder)
    (made,) = built.glob("*.epub")
    return made.replace(BOOK / "downslope.epub")  # all of it at once


if __name__ == "__main__":
    made = paper_build.or_stop(make)
    print(f"The e-book is {made}, {made.stat().st_size / 1e6:.1f} MB", flush=True)
    sys.exit(check(made))
