"""Sphinx extension: launch buttons that lead to this very copy of the book, or none.

The address of the repository comes from the environment variable DOWNSLOPE_REPOSITORY_URL, else
from `git remote get-url origin`. Binder and Colab both read from GitHub, so the buttons stand
only where the address is one of GitHub's; anywhere else they are absent rather than broken.
"""

from __future__ import annotations

import os
import re
import subprocess

BINDER = "https://mybinder.org"
COLAB = "https://colab.research.google.com"
GITHUB = re.compile(
    r"(?:https?://(?:[^@/]+@)?|ssh://git@|git@)(?:www\.)?github\.com(?::\d+)?[:/]"
    r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?"
)


def setup(app):
    app.connect("config-inited", add_buttons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_buttons(app, config):
    """Tell the theme where the repository is, when that is known."""
    address = web_address(declared_address(app.confdir))
    options = config.html_theme_options
    options["repository_url"] = address or ""
    options["use_repository_button"] = options["use_issues_button"] = bool(address)
    options["launch_buttons"] = (
        {"notebook_interface": "jupyterlab", "binderhub_url": BINDER, "colab_url": COLAB}
        if address
        else {}
    )


def declared_address(folder):
    """What the environment, else git, calls the repository's address; an empty text for none."""
    declared = os.environ.get("DOWNSLOPE_REPOSITORY_URL")
    if declared is not None:
        return declared
    try:
        answer = subprocess.run(
            ["git", "remote", "get-url", "origin"], cwd=folder, capture_output=True, text=True
        )
    except OSError:
        return ""
    return answer.stdout if answer.returncode == 0 else ""


def web_address(declared):
    """`https://github.com/OWNER/NAME` for any way to write that address, else None.

    Examples
    --------
    >>> web_address("git@github.com:ada/downslope.git")
    'https://github.com/ada/downslope'
    >>> web_address("/home/ada/downslope") is None
    True
    """
    found = GITHUB.fullmatch(declared.strip())
    return f"https://github.com/{found['owner']}/{found['name']}" if found else None


def archive_address(declared):
    """Where pip finds the package of a repository on GitHub; an empty text for any other.

    Examples
    --------
    >>> archive_address("git@github.com:ada/downslope.git")
    'https://github.com/ada/downslope/archive/main.zip'
    """
    address = web_address(declared)
    return f"{address}/archive/main.zip" if address else ""
