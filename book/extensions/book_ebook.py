"""Sphinx extension: the book as an e-book, EPUB 3, for `make epub`.

Sphinx's own builder of e-books writes pages for any reader, and a package file that says little
of them. This one, of the same name, sets the formulas as MathML, draws a cover, carries the letters
of Korean and of formulas, and writes a package file with a subtitle, what the
book offers to those who cannot see or hear, and a list of landmarks. Its pages are those of the
theme in `book/ebook`. The same commit makes the same bytes.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import time
import zipfile
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx import addnodes
from sphinx.builders.epub3 import Epub3Builder
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

import book_cover
from book_fonts import write_fonts
from book_languages import KOREAN
from book_mathml import mathml
from book_sharing import book_address
from downslope import __version__

THEME = Path(__file__).resolve().parents[1] / "ebook"
COVER = "_static/cover.png"
TITLE_PAGE = "titlepage"
TEXT = ".xhtml"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a zip knows no time before
FORMULAS = nodes.math, nodes.math_block
BLOCKS = (nodes.bullet_list, nodes.enumerated_list, nodes.definition_list, nodes.literal_block)
NO_POINTS = re.compile(r"<path(?![^>]* d=)[^>]*/>")
SHARP = re.compile(r'image-rendering="(?:pixelated|crisp-edges)"')
NAMES = {  # what the package file must be told of a page, by elements of these name spaces
    "{http://www.w3.org/1998/Math/MathML}math": "mathml",
    "{http://www.w3.org/2000/svg}svg": "svg",
}
PICTURES = ("{http://www.w3.org/1999/xhtml}img", "{http://www.w3.org/2000/svg}svg")

#: What Sphinx's builder is told. What the book is called, and whose it is, is in _config.yml.
SETTINGS = {
    "html_domain_indices": False,
    "epub_use_index": False,
    "epub_cover": (COVER, "cover.html"),
    "epub_exclude_files": ["index.html"],  # Jupyter Book writes one
    "epub_show_urls": "no",
    "epub_tocdepth": 2,
    "epub_tocdup": False,
    "epub_tocscope": "includehidden",
}

#: Of the vocabulary of schema.org; a reader of books is chosen, and a book found, by it.
ACCESSIBILITY = {
    "accessMode": ["textual", "visual"],
    "accessModeSufficient": ["textual,visual", "textual"],
    "accessibilityFeature": [
        "alternativeText",
        "displayTransformability",
        "MathML",
        "readingOrder",
        "structuralNavigation",
        "tableOfContents",
    ],
    "accessibilityHazard": ["none"],
}

#: Everything that the e-book says of itself, by language, in whole sentences.
WORDS = {
    "en": {
        "accessible": (
            "All text reflows and can be read aloud. Every figure says in words what it shows, "
            "formulas are MathML with their LaTeX beside them, and Korean terms are marked as "
            "Korean. No conformance has been certified."
        ),
        "edition": "Version {version}, as of {date}.",
        "moves": "The pages on which the figures move and the exercises answer:",
        "begin": "Begin reading",
        "cover": "{title}. {subtitle}. {picture}",
        "cover_page": "Cover",
        "title_page": "Title page",
    }
}


def setup(app):
    app.setup_extension("book_languages")
    app.add_config_value("epub_subtitle", "", "epub")
    app.add_html_theme("book_ebook", str(THEME))
    app.add_builder(EBook, override=True)
    app.add_html_math_renderer("mathml", (set_formula, None), (set_formula_apart, None))
    app.connect("config-inited", leave_pages_their_renderer)
    app.connect("doctree-read", list_sections)
    app.add_post_transform(DrawPlainly)
    app.add_post_transform(OutOfParagraphs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def leave_pages_their_renderer(app, config):
    """On pages of the web formulas are for MathJax, as if there were no other."""
    config.html_math_renderer = config.html_math_renderer or "mathjax"


def list_sections(app, doctree):
    """In the contents let the sections of a page stand, which those of the web leave out."""
    if app.builder.name == EBook.name:
        for tree in doctree.findall(addnodes.toctree):
            tree["titlesonly"] = False


def set_formula(translator, node):
    translator.body.append(translator.builder.formulas[formula(node)])
    raise nodes.SkipNode


def set_formula_apart(translator, node):
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    translator.body.append(f"{translator.builder.formulas[formula(node)]}</div>\n")
    raise nodes.SkipNode


def formula(node):
    """LaTeX of a node, and whether it stands on a line of its own."""
    return node.astext(), isinstance(node, nodes.math_block)


class DrawPlainly(SphinxPostTransform):
    """Let drawings be SVG as older readers know it."""

    default_priority = 900
    builders = ("epub",)

    def run(self, **_):
        for drawing in self.document.findall(nodes.raw):
            drawing[:] = [nodes.Text(plain(drawing.astext()))]


def plain(svg):
    """A drawing without lines that have no points, as of a contour off the map, and new values.

    Examples
    --------
    >>> plain('<path fill="none"/><image image-rendering="pixelated"/>')
    '<image image-rendering="optimizeSpeed"/>'
    """
    return SHARP.sub('image-rendering="optimizeSpeed"', NO_POINTS.sub("", svg))


class OutOfParagraphs(SphinxPostTransform):
    """Let no list stand inside a paragraph, where a browser would see two paragraphs."""

    default_priority = 900
    builders = ("epub",)

    def run(self, **_):
        for paragraph in list(self.document.findall(nodes.paragraph)):
            if any(isinstance(child, BLOCKS) for child in paragraph):
                paragraph.replace_self(apart(paragraph))


def apart(paragraph):
    """The children of a paragraph, with what is text in paragraphs of its own."""
    parts = [nodes.paragraph()]
    for child in paragraph.children:
        if isinstance(child, BLOCKS):
            parts += [child, nodes.paragraph()]
        else:
            parts[-1] += child
    return [part for part in parts if len(part)]


class EBook(Epub3Builder):
    """Sphinx's builder of EPUB 3, with more to say."""

    name = "epub"
    math_renderer_name = "mathml"

    def init(self):
        for name, value in SETTINGS.items():
            setattr(self.config, name, value)
        self.config.version = __version__  # Sphinx asks for it
        self.formulas = {}
        super().init()

    def get_theme_config(self):
        return "book_ebook", {}

    # Before pages are written

    def prepare_writing(self, docnames):
        """Set all formulas at once, and find out which letters the book needs."""
        super().prepare_writing(docnames)
        pages = [self.env.get_doctree(page) for page in sorted(self.env.found_docs)]
        found = (node for page in pages for kind in FORMULAS for node in page.findall(kind))
        self.formulas = mathml(map(formula, found))
        static = Path(self.outdir, "_static")
        static.mkdir(parents=True, exist_ok=True)
        fonts = write_fonts(
            static, {"korean": korean(pages), "formulas": in_formulas(self.formulas)}
        )
        self.globalcontext["styles"] = ["pygments.css", "ebook.css", *fonts]
        self.globalcontext["book"] = self.about()

    def about(self):
        """What the book says of itself, on its pages and in the package file."""
        config, words = self.config, WORDS[self.config.language or "en"]
        values = {"title": config.epub_title, "subtitle": config.epub_subtitle}
        values |= {"version": __version__, "picture": book_cover.SHOWS}
        values["date"] = time.strftime("%Y-%m-%d", time.gmtime(changed(self.srcdir)))
        said = {name: words[name].format(**values) for name in words}
        return (
            values
            | said
            | {
                "author": config.epub_author,
                "rights": config.epub_copyright,
                "address": book_address(config),
            }
        )

    def copy_static_files(self):
        """Only what an e-book needs: what wakes a page of the web would be dead weight here."""
        self.create_pygments_style_file()
        self.copy_theme_static_files(self.globalcontext.copy())
        book_cover.draw(Path(self.outdir, COVER), self.config.epub_title, self.config.epub_subtitle)

    # When all are written

    def handle_finish(self):
        self.handle_page(TITLE_PAGE, {"title": self.config.epub_title}, "titlepage.html")
        self.get_toc()
        self.build_mimetype()
        self.build_container()
        self.template_dir = str(THEME)  # the package file and the contents are the book's own
        self.build_content()
        self.build_navigation_doc()
        self.template_dir = Epub3Builder.template_dir
        self.build_toc()
        self.build_epub()

    def get_toc(self):
        """The contents; Sphinx writes those of a book whose first page is in a folder otherwise."""
        super().get_toc()
        for place in self.refnodes:
            place["refuri"] = posixpath.normpath(place["refuri"])
        self.refnodes = pages_before_sections(self.refnodes)
        about = self.globalcontext["book"]
        title_page = {"level": 1, "refuri": TITLE_PAGE + TEXT, "text": escape(about["title_page"])}
        self.refnodes.insert(0, title_page)

    def content_metadata(self):
        about = {name: escape(value) for name, value in self.globalcontext["book"].items()}
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(changed(self.srcdir)))
        accessibility = ACCESSIBILITY | {"accessibilitySummary": [about["accessible"]]}
        pages = {file.relative_to(self.outdir).as_posix(): file for file in texts(self.outdir)}
        properties = {name: needs(name, file.read_bytes()) for name, file in pages.items()}
        return super().content_metadata() | {
            "about": about,
            "date": date,
            "accessibility": accessibility,
            "properties": properties | {COVER: "cover-image"},
        }

    def toc_metadata(self, level, navpoints):
        """Those of the contents for old readers, which know the book by its identifier."""
        return super().toc_metadata(level, navpoints) | {"uid": self.config.epub_identifier}

    def navigation_doc_metadata(self, navlist):
        about = self.globalcontext["book"]
        first = self.config.root_doc + TEXT
        landmarks = [
            ("cover", self.coverpage_name, about["cover_page"]),
            ("toc", "nav.xhtml", self.guide_titles["toc"]),
            ("bodymatter", first, about["begin"]),
        ]
        return super().navigation_doc_metadata(navlist) | {"landmarks": landmarks}

    def build_epub(self):
        """One zip, in one order and with one time, so that the same book makes the same bytes."""
        names = ["META-INF/container.xml", "content.opf", "toc.ncx", *sorted(self.files)]
        target = Path(self.outdir, f"{self.config.epub_basename}.epub")
        when = max(time.gmtime(changed(self.srcdir))[:6], LONG_AGO)
        with zipfile.ZipFile(target, "w") as file:
            add(file, "mimetype", self.outdir, when, zipfile.ZIP_STORED)
            for name in names:
                add(file, name, self.outdir, when, zipfile.ZIP_DEFLATED)


def pages_before_sections(places):
    """Contents where a page that has pages under it lists these alone, not its sections too.

    Examples
    --------
    >>> listed = [(1, "a"), (2, "a#x"), (1, "b"), (2, "b#x"), (2, "c"), (1, "d")]
    >>> places = [{"level": level, "refuri": address} for level, address in listed]
    >>> [place["refuri"] for place in pages_before_sections(places)]
    ['a', 'a#x', 'b', 'c', 'd']
    """
    kept, has_pages = [], False
    for place in reversed(places):  # the pages under a page come after its sections
        is_page = "#" not in place["refuri"]
        if is_page or not has_pages:
            kept.insert(0, place)
        has_pages = place["level"] > 1 and (has_pages or is_page)
    return kept


def add(file, name, folder, when, how):
    entry = zipfile.ZipInfo(name, when)
    entry.external_attr = 0o644 << 16
    file.writestr(entry, Path(folder, name).read_bytes(), how)


def korean(pages):
    """The characters of all Korean words."""
    return {letter for page in pages for word in KOREAN.findall(page.astext()) for letter in word}


def in_formulas(formulas):
    """The characters that formulas show."""
    shown = ("".join(ElementTree.fromstring(text).itertext()) for text in formulas.values())
    return {letter for text in shown for letter in text}


def changed(folder):
    """When the book was last changed, in seconds: as the environment says, else its last commit."""
    declared = os.environ.get("SOURCE_DATE_EPOCH")
    if declared is not None:
        return int(declared)
    command = ["git", "log", "-1", "--format=%ct"]
    try:
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except OSError:
        return int(time.time())
    return int(answer.stdout.strip() or time.time())


def texts(folder):
    return sorted(Path(folder).rglob(f"*{TEXT}"))


def needs(name, page):
    """What the package file must say of a page: which of MathML and SVG is in it.

    Raises
    ------
    ExtensionError
        If the page is no XML, which no reader opens, or a picture on it does not say what it shows.

    Examples
    --------
    >>> needs("a.xhtml", b'<p><math xmlns="http://www.w3.org/1998/Math/MathML"/></p>')
    'mathml'
    """
    try:
        root = ElementTree.fromstring(page)
    except ElementTree.ParseError as error:
        raise ExtensionError(f"page {name!r} of the e-book is not well-formed: {error}") from None
    for picture in (found for tag in PICTURES for found in root.iter(tag)):
        if not (picture.get("alt") or picture.get("aria-label")):
            raise ExtensionError(f"page {name!r} of the e-book has a picture that says nothing")
    return " ".join(kind for tag, kind in NAMES.items() if root.find(f".//{tag}") is not None)
