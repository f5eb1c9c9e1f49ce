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
import zipfile
from pathlib import Path

import browser
import paper_build

BOOK = Path(__file__).resolve().parents[1] / "_build"
UNCHECKED = (
    "epubcheck is not installed, so nobody has checked it: apt-get install epubcheck, or brew\n"
    "install epubcheck, then make epub again"
)
FONTS = {"_static/korean.otf": "fonts-noto-cjk", "_static/math.otf": "fonts-stix"}  # in Debian
LACKING = "{package} is not installed, so its letters are left to each e-reader"


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


def lacking(book):
    """What to say of each font that the book could carry, and does not."""
    with zipfile.ZipFile(book) as file:
        names = set(file.namelist())
    return [LACKING.format(package=package) for name, package in FONTS.items() if name not in names]


def make():
    """Build the e-book and return where it is."""
    os.environ["CHROMIUM"] = browser.find()
    folder = BOOK / "ebook"
    shutil.rmtree(folder / "_build" / "epub", ignore_errors=True)  # nothing of an older book
    built = paper_build.build("epub", folder)
    (made,) = built.glob("*.epub")
    return Path(shutil.copyfile(made, BOOK / "downslope.epub"))


if __name__ == "__main__":
    made = make()
    print(f"The e-book is {made}, {made.stat().st_size / 1e6:.1f} MB", flush=True)
    for said in lacking(made):
        print(said, flush=True)
    sys.exit(check(made))
