"""Sphinx extension: what is Korean in an English book says so.

A screen reader then speaks it as Korean, and a font for Korean is found. The words stay plain
text in the chapters, since a notebook has no way to say it.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

LETTER = "[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]"
KOREAN = re.compile(rf"({LETTER}+(?:[ ·-]{LETTER}+)*)")
NOT_TEXT = (nodes.FixedTextElement, nodes.literal, nodes.raw, nodes.math, nodes.math_block)


def setup(app):
    app.add_post_transform(SayLanguage)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class SayLanguage(SphinxPostTransform):
    """Set each run of Korean words apart."""

    default_priority = 800  # when every word is there
    formats = ("html",)

    def run(self, **_):
        if self.config.language == "ko":
            return
        for text in list(self.document.findall(nodes.Text)):
            if KOREAN.search(text) and not is_within(text, NOT_TEXT):
                text.parent.replace(text, told(text))


def is_within(node, kinds):
    while node := node.parent:
        if isinstance(node, kinds):
            return True
    return False


def told(text):
    """Nodes for a text, in which what is Korean is marked.

    Examples
    --------
    >>> [node.astext() for node in told("a gradient (기울기 벡터장) is")]
    ['a gradient (', '기울기 벡터장', ') is']
    """
    parts = KOREAN.split(text)
    return [
        nodes.inline("", part, classes=["language-ko"]) if odd else nodes.Text(part)
        for part, odd in zip(parts, [False, True] * len(parts), strict=False)
        if part
    ]
