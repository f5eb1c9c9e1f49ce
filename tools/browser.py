"""Find the browser that reads and prints the book; where there is none, download one.

    python tools/browser.py

$CHROMIUM comes first, then a Chromium or Chrome on the path (the shell without windows before the
others: it opens a page in half the time), then the one that Playwright keeps among the user's
caches, which is downloaded the first time that it is needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ADVICE = (
    "No browser was found, and none could be downloaded. Install Chromium or Chrome, or say where\n"
    "one is: CHROMIUM=/path/to/it before the command"
)


def find():
    """Path of a browser, or None."""
    chosen = os.environ.get("CHROMIUM")
    return chosen or next(filter(None, map(shutil.which, NAMES)), None) or playwrights_own()


def playwrights_own():
    """Path of the browser that Playwright has downloaded, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def main():
    """Command line; returns the exit code."""
    path = find()
    if path is None:
        print("Downloading a browser (once)", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
        path = find()
    if path is None or not shutil.which(path):
        print(ADVICE if path is None else f"CHROMIUM={path} is not a program", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
