"""The arrow keys, in a notebook that would keep them for its cells."""

from __future__ import annotations

from importlib.resources import files

import anywidget

__all__ = ["Keys"]


class Keys(anywidget.AnyWidget):
    """Shows nothing; where it is, arrow keys move what has the focus in our explorers and quizzes.

    JupyterLab and Notebook 7 bind them to `.jp-Notebook.jp-mod-commandMode :focus`, which a slider
    within an output is too, and see each key before the slider does. What has the attribute
    `data-lm-suppress-shortcuts` they leave alone.
    """

    _esm = (files("downslope") / "static" / "downslope-keys.js").read_text(encoding="utf-8")

    def __init__(self) -> None:
        super().__init__(layout={"display": "none"})
