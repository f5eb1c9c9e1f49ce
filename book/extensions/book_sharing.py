"""Sphinx extension: what others show of a page when its address is shared, and what they list.

Where the book's address is known, from the environment variable DOWNSLOPE_BOOK_URL or
`html_baseurl`, each page has a description, which is its first sentences, and a card: its title
and the first picture on it, which for a chapter is an explorer as it opens. `sitemap.xml` lists all
pages. Without an address there is none of this: a card has to say where its picture is.
"""

from __future__ import annotations

import os
import re
import shutil
from html import escape
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from docutils import nodes
from PIL import Image
from sphinx.errors import ConfigError

SITEMAP = "sitemap.xml"
CARDS = "_static/cards"
LONGEST = 200  # characters of a description
LOCAL = "downslope_card"
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"


def setup(app):
    app.connect("config-inited", find_address)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def book_address(config):
    """Where the book will be, without a slash at its end; an empty text if nobody knows.

    Raises
    ------
    ConfigError
        If that is no address on the web: others could not find the book there.
    """
    address = os.environ.get("DOWNSLOPE_BOOK_URL", config.html_baseurl).strip().rstrip("/")
    if address and not re.fullmatch(r"https?://[^\s\"<>?#/]+(/[^\s\"<>?#]*)?", address):
        raise ConfigError(
            "the book's address, DOWNSLOPE_BOOK_URL or html_baseurl, must be like "
            f"https://ada.example/book, got {address!r}"
        )
    return address


def find_address(app, config):
    """Set everything up, if somebody knows where the book will be."""
    address = book_address(config)
    if not address:
        return
    config.html_baseurl = f"{address}/"
    app.setup_extension("sphinxext.opengraph")
    config.ogp_site_url = config.html_baseurl
    config.ogp_site_name = config.html_title
    config.ogp_social_cards = {"enable": False}  # those are made of words; ours show the figure
    app.connect("doctree-read", find_picture)
    # Both before opengraph looks at a page.
    app.connect("html-page-context", add_description, priority=400)
    app.connect("html-page-context", add_card, priority=400)
    app.connect("build-finished", write_sitemap)


def find_picture(app, doctree):
    """Remember the first picture that a cell of this page made for paper."""
    for kind in doctree.findall(is_for_paper):
        for image in kind.findall(nodes.image):
            app.env.metadata[app.env.docname][LOCAL] = image["uri"]
            return


def is_for_paper(node):
    return isinstance(node, nodes.container) and node.get("mime_type") == "image/png"


def add_description(app, page, template, context, doctree):
    """Describe a page by how it begins, for who lists it and for its card."""
    found = doctree.findall(nodes.paragraph) if doctree else ()
    paragraphs = (node for node in found if is_open_text(node))
    said = first_sentences(node.astext() for node in paragraphs)
    if not said:
        return
    context["metatags"] += f'<meta name="description" content="{escape(said)}" />\n'
    context["meta"] = {**(context["meta"] or {}), "og:description": escape(said)}


def is_open_text(node):
    return isinstance(node.parent, nodes.section | nodes.document)


def first_sentences(paragraphs):
    """As many whole sentences as have room, and the first one in any case.

    Examples
    --------
    >>> first_sentences(["A book", f"It begins. {'On' * 100}."])
    'A book. It begins.'
    """
    said = ""
    for paragraph in paragraphs:
        text = " ".join(paragraph.split())
        for sentence in re.split(r"(?<=[.?!])\s", text if text[-1:] in ".?!:" else f"{text}."):
            if said and len(said) + len(sentence) >= LONGEST:
                return said
            said = f"{said} {sentence}".strip()
    return said


def add_card(app, page, template, context, doctree):
    """Put the picture beside the pages, and tell opengraph where."""
    picture = (context.get("meta") or {}).pop(LOCAL, None)
    if not picture:
        return
    name = f"{page.replace('/', '-')}.png"
    folder = Path(app.outdir, CARDS)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(app.srcdir, picture), folder / name)
    with Image.open(folder / name) as image:  # what an explorer draws says what it shows
        alt = image.info.get("Description", "")
    context["meta"] |= {"og:image": f"{CARDS}/{quote(name)}", "og:image:alt": escape(alt)}
    context["metatags"] += '<meta name="twitter:card" content="summary_large_image" />\n'


def write_sitemap(app, error):
    """List every page of the book, also those that this build did not have to write again."""
    if error or app.builder.format != "html":
        return
    root = ElementTree.Element("urlset", xmlns=SCHEMA)
    for page in sorted(app.env.found_docs):
        where = app.config.html_baseurl + app.builder.get_target_uri(page)
        ElementTree.SubElement(ElementTree.SubElement(root, "url"), "loc").text = where
    ElementTree.indent(root)
    tree = ElementTree.ElementTree(root)
    tree.write(Path(app.outdir, SITEMAP), encoding="utf-8", xml_declaration=True)
