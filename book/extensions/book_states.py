"""Sphinx extension: a link in the text may open a figure with its sliders set.

`[past the limit](../chapters/04_gradient_descent.ipynb#gradient-field?learning_rate=1.05)` has what
the figure's *Copy link* gives behind the name of a notebook. A link to a figure, a slider or a
value that is not there is warned of. Where a builder makes no pages, and no figure moves, such a
link leads to the chapter.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from urllib.parse import parse_qsl, urlencode

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from downslope.sphinx_ext import PAGES

EXPLORER = re.compile(r'<downslope-explorer id="([^"]+)"(.*?)</downslope-explorer>', re.S)
STATES = re.compile(r'class="ds-states">([^<]+)<')
KEPT = "explorers"  # in what Sphinx knows of a page: name -> slider -> its values, as text
logger = logging.getLogger(__name__)


def setup(app):
    app.connect("doctree-read", keep_explorers, priority=440)  # on paper they go at 450
    app.add_post_transform(LinkToState)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def keep_explorers(app, doctree):
    """Note the explorers of a page, and where each of their sliders may stand."""
    html = "".join(raw.astext() for raw in doctree.findall(nodes.raw) if raw["format"] == "html")
    found = {name: sliders(inside) for name, inside in EXPLORER.findall(html)}
    app.env.metadata[app.env.docname][KEPT] = found


def sliders(inside):
    """The values of each slider of an explorer, as its texts; none where nothing moves."""
    block = STATES.search(inside)
    if not block:
        return {}
    data = json.loads(gzip.decompress(base64.b64decode(block[1])))
    return {control["name"]: control["texts"] for control in data["controls"]}


class LinkToState(SphinxPostTransform):
    default_priority = 5  # before MyST's own, which knows of headings alone

    def run(self, **_):
        for link in list(self.document.findall(addnodes.pending_xref)):
            if link["reftype"] == "myst" and link["refdomain"] == "doc" and link["reftargetid"]:
                self.lead(link)

    def lead(self, link):
        """Resolve a link that names an explorer, or asks it for a state; leave any other."""
        page, (name, asked, query) = link["reftarget"], link["reftargetid"].partition("?")
        explorers = self.env.metadata[page].get(KEPT, {})
        if name not in explorers and not asked:
            return
        wanted = parse_qsl(query, keep_blank_values=True)
        said = complaint(name, wanted, explorers)
        if said:
            logger.warning(f"{page}: {said}", location=link, type="downslope", subtype="state")
        target = name + asked + urlencode(wanted) if self.app.builder.name in PAGES else ""
        words = nodes.inline("", "", *link[0].children, classes=["std", "std-ref"])
        there = make_refnode(self.app.builder, self.env.docname, page, target, words)
        link.replace_self(there)


def complaint(name, wanted, explorers):
    """What is wrong with a link to an explorer at these values; empty where nothing is."""
    if name not in explorers:
        return f"no explorer {name!r}, only {', '.join(explorers) or 'none at all'}"
    for slider, value in wanted:
        texts = explorers[name].get(slider)
        if texts is None:
            return f"{name!r} has no slider {slider!r}, only {', '.join(explorers[name]) or 'none'}"
        if value not in texts:
            return f"slider {slider!r} of {name!r} never stands at {value!r}: {', '.join(texts)}"
    return ""
