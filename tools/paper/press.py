"""Print the paper edition as one PDF: `make pdf`.

A browser sets all pages as one: formulas by MathJax, figures as vectors, in typefaces that come
with the tools, so that the same book looks alike everywhere. Where a heading has come is known only
once it is printed; so it is printed, the numbers of the pages are filled in, and it is printed
again, until they stay as they are.

Runs after `tools/paper_build.py paper`, in an environment of its own, which has the typefaces.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from html import escape
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from bs4 import BeautifulSoup
from letters import cut
from playwright.sync_api import Error, sync_playwright
from proofs import keep, not_carried, pages_of
from pypdf import PdfReader, PdfWriter
from sheets import Sheets

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILT = ROOT / "_build" / "paper" / "_build" / "paper"
FONTS = BUILT / "fonts"
TARGET = ROOT / "_build" / "downslope.pdf"
ARGUMENTS = [
    "--allow-file-access-from-files",  # typefaces
    "--font-render-hinting=none",  # else letters stand where the dots of a screen would be
]
OLDEST = 131  # version of Chromium that sets the title of a chapter above its pages
MOST_PRINTS = 4
PRINT = {"prefer_css_page_size": True, "print_background": True, "tagged": True, "outline": True}
TEXT = {"width": 612, "height": 900}  # what is inside the margins, in the pixels of CSS
SERIF, KOREAN = files("font_source_serif_pro") / "files", files("pylopdf_fonts_ko")
CUT = {  # to the letters of the book: from where, by the name of the file that is used
    "Regular.ttf": SERIF / "SourceSerifPro-Regular.otf",
    "Italic.ttf": SERIF / "SourceSerifPro-It.otf",
    "Semibold.ttf": SERIF / "SourceSerifPro-Semibold.otf",
    "SemiboldItalic.ttf": SERIF / "SourceSerifPro-SemiboldIt.otf",
    "Korean.ttf": KOREAN / "NotoSerifKR-Regular.otf",
}
FACES = [  # family, style, weight, and its file
    ("Book", "normal", 400, "Regular.ttf"),
    ("Book", "italic", 400, "Italic.ttf"),
    ("Book", "normal", 600, "Semibold.ttf"),
    ("Book", "italic", 600, "SemiboldItalic.ttf"),
    ("Korean", "normal", 400, "Korean.ttf"),
    ("Figure", "normal", 400, "DejaVuSans.ttf"),
    ("Figure", "normal", 700, "DejaVuSans-Bold.ttf"),
    ("Figure", "italic", 400, "DejaVuSans-Oblique.ttf"),
    ("Code", "normal", 400, "DejaVuSansMono.ttf"),
    ("Code", "normal", 700, "DejaVuSansMono-Bold.ttf"),
    ("Code", "italic", 400, "DejaVuSansMono-Oblique.ttf"),
    ("Signs", "normal", 400, "DejaVuSerif.ttf"),
    ("Signs", "normal", 600, "DejaVuSerif-Bold.ttf"),
]
MATHJAX = {
    "svg": {"fontCache": "global"},
    "options": {
        "enableMenu": False,
        "menuOptions": {"settings": {"assistiveMml": False}},
        "ignoreHtmlClass": ".*",
        "processHtmlClass": "math",
    },
}
SET = """async () => {
  await MathJax.startup.promise;
  for (const item of MathJax.startup.document.math) {
    const picture = item.typesetRoot.querySelector("svg");  // says in TeX what it shows
    picture.removeAttribute("aria-hidden");
    picture.setAttribute("aria-label", item.math);
  }
  await document.fonts.ready;
  for (const block of document.querySelectorAll("div.math")) {
    const set = block.querySelector("mjx-container > svg");
    const wide = set ? set.getBoundingClientRect().width / block.clientWidth : 0;
    if (wide > 1) block.style.fontSize = `${98 / wide}%`;
  }
}"""
BEYOND = """width => {
  const beyond = [...document.querySelectorAll("body *")].filter(
    (e) => !e.parentElement.closest("svg") && e.getBoundingClientRect().right > width + 1);
  const narrowest = beyond.find((e) => !beyond.some((other) => e !== other && e.contains(other)));
  return narrowest ? narrowest.textContent.trim().slice(0, 80) : null;
}"""
FILL = """numbers => {
  for (const place of document.querySelectorAll("[data-page-of]")) {
    const number = numbers[place.dataset.pageOf];
    place.textContent = place.dataset.says.replace("{number}", number ?? "?");
  }
}"""


def main():
    """Command line; returns the exit code."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # how Chromium counts its objects
    began = time.monotonic()
    book = json.loads((BUILT / "book.json").read_text(encoding="utf-8"))
    sheets = Sheets(book)
    cut_typefaces(sheets.text)
    page = BUILT / "book.html"
    page.write_text(document(book, sheets), encoding="utf-8")
    try:
        printed = print_until_it_stays(page, sheets)
        written = finished(printed, book)
        keep(written, TARGET)
    except (Error, OSError, RuntimeError, ValueError) as error:
        return f"The book could not be printed. {error}"
    n_pages = len(PdfReader(BytesIO(written)).pages)
    seconds = time.monotonic() - began
    print(
        f"The book is in {TARGET}: {n_pages} pages, {len(written) / 1e6:.1f} MB, printed in "
        f"{seconds:.0f} s"
    )
    return 0


def document(book, sheets):
    """All pages as one document that a browser prints."""
    css = (HERE / "paper.css").read_text(encoding="utf-8")
    return f"""<!DOCTYPE html>
<html lang="{book["language"]}"><head><meta charset="utf-8"><title>{escape(book["title"])}</title>
<style>{"".join(map(face, FACES))}{css}{sheets.page_rules()}</style>
<script>MathJax = {json.dumps(MATHJAX)}</script>
<script defer src="{book["mathjax"]}"></script></head>
<body>{sheets.title_page()}{sheets.contents()}{"".join(sheets.articles)}</body></html>
"""


def cut_typefaces(text):
    """Put beside the pages what they need of the typefaces that come with the tools."""
    for name, source in CUT.items():
        cut(Path(str(source)), FONTS / name, text)


def face(described):
    """A typeface as CSS knows it.

    Raises
    ------
    FileNotFoundError
        If its file is not there: a book without its letters must not be printed.
    """
    family, style, weight, name = described
    path = FONTS / name
    if not path.is_file():
        raise FileNotFoundError(f"the typeface {family} needs {path}: run make pdf")
    return (
        f"@font-face {{font-family: {family}; font-style: {style}; font-weight: {weight}; "
        f"src: url('{path.as_uri()}')}}\n"
    )


def print_until_it_stays(path, sheets):
    """The PDF of a page, with the numbers of its own pages in it.

    Raises
    ------
    RuntimeError
        If the numbers move with every print, or the browser is too old.
    """
    with sync_playwright() as playwright, launched(playwright) as browser:
        page = opened(browser, path)
        numbers = {}
        for _ in range(MOST_PRINTS):
            printed = page.pdf(**PRINT)
            before, numbers = numbers, pages_of(PdfReader(BytesIO(printed)), sheets.targets)
            if numbers == before:
                return printed
            page.evaluate(FILL, numbers)
    raise RuntimeError(f"the numbers of the pages still move after {MOST_PRINTS} prints")


def launched(playwright):
    """The browser that the tests would take, too."""
    sys.path.insert(0, str(ROOT / "tools"))
    from browser import find

    return playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)


def opened(browser, path):
    """The document in a browser, with its formulas set, as wide as it will be on paper.

    Raises
    ------
    RuntimeError
        If the browser is too old, or something is wider than the page: the browser would print
        the whole book smaller.
    """
    if int(browser.version.partition(".")[0]) < OLDEST:
        raise RuntimeError(f"Chromium {OLDEST} or later is needed, this is {browser.version}")
    page = browser.new_page(viewport=TEXT)
    page.set_default_timeout(300_000)
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    page.evaluate(SET)
    wide = page.evaluate(BEYOND, TEXT["width"])
    if wide is not None:
        raise RuntimeError(f"This is wider than the page: {wide!r}")
    return page


def finished(printed, book):
    """The PDF with its title, author and licence; every letter has its shape in it.

    Raises
    ------
    ValueError
        If a typeface is named and not carried.
    """
    reader = PdfReader(BytesIO(printed))
    lacking = sorted(set(not_carried(reader)))
    if lacking:
        raise ValueError(f"the PDF names typefaces that it does not carry: {', '.join(lacking)}")
    writer = PdfWriter(clone_from=reader)
    writer.pdf_header = reader.pdf_header
    writer.add_metadata(
        {
            "/Title": f"{book['title']}: {book['subtitle']}",
            "/Author": book["author"],
            "/Subject": BeautifulSoup(book["licence"], "html.parser").get_text(),
            **({"/Keywords": book["address"]} if book["address"] else {}),
            **dates(),
        }
    )
    writer.create_viewer_preferences().display_doctitle = True
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def dates():
    """When the book was made: as its sources say, where they do."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    moment = time.gmtime(int(seconds) if seconds else None)
    said = time.strftime("D:%Y%m%d%H%M%SZ", moment)
    return {"/CreationDate": said, "/ModDate": said}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted. A book that was made before is still as it was.")
