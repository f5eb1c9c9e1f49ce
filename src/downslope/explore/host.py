"""Who will show an output: a book that is built, a reader with a kernel, or neither."""

from __future__ import annotations

import os
from base64 import b64encode
from html import escape
from importlib.resources import files

__all__ = [
    "ANSWERS_COME",
    "BAKE",
    "CONTROL",
    "MARK",
    "SLIDERS_MOVE",
    "image",
    "is_attended",
    "is_baking",
    "picture",
    "still",
    "style",
]

BAKE = "DOWNSLOPE_BAKE"
MARK = "downslope-still"  # the class by which an output is known as one of ours
CONTROL = "downslope-control"  # and the one of a slider that is shown by itself
_ELSEWHERE = "in a running notebook, or in a book built with downslope.sphinx_ext."
SLIDERS_MOVE = f"The sliders move {_ELSEWHERE}"
ANSWERS_COME = f"This quiz answers {_ELSEWHERE}"


def is_baking() -> bool:
    """Whether a book is being built, so that explorers carry all of their states."""
    return os.environ.get(BAKE, "") not in ("", "0")


def is_attended() -> bool:
    """Whether somebody can move what the running cell shows.

    With each cell a kernel is told whether its reader can be asked for input. Programs that run
    a notebook by themselves, such as nbconvert and papermill, say no. So does Voilà, behind
    whose widgets the kernel stays.
    """
    from IPython import get_ipython  # only where something is shown

    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return True
    return getattr(getattr(get_ipython(), "kernel", None), "_allow_stdin", True)


def picture(png: bytes) -> dict[str, str]:
    """A picture for paper, and for whatever shows neither HTML nor widgets."""
    return {"image/png": b64encode(png).decode()}


def image(svg: str, alt: str) -> str:
    """A picture as HTML. An image of its own, so that a notebook need not be trusted to show it."""
    data = b64encode(svg.encode()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}" />'


def still(body: str, *sentences: str) -> str:
    """What stands where nothing moves: the body, as HTML, and the sentences below it."""
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)
    return f'<div class="{MARK}">{body}{said}</div>'


def style(name: str) -> str:
    """A style sheet of ours as HTML, for widgets; with it what they need in VS Code."""
    static = files("downslope") / "static"
    sheets = [(static / sheet).read_text("utf-8") for sheet in (name, "downslope-vscode.css")]
    return f"<style>{''.join(sheets)}</style>"
