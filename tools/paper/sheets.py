"""The pages of the book as parts of one document: their ids, their links, the contents."""

from __future__ import annotations

import posixpath
import re
from html import escape

from bs4 import BeautifulSoup

PICTURE = re.compile(r"<svg .*?</svg>", re.DOTALL)
LEFT_ASIDE = '<i data-picture="{}"></i>'
LISTED = re.compile(r'<i data-picture="(\d+)"></i>')
AT = '<span class="page-number" data-page-of="{}" data-says="{}">000</span>'


class Sheets:
    """The articles of a book, and what leads to them.

    Parameters
    ----------
    book : dict
        What `PaperBuilder` has written: its words, and its pages in their order.

    Attributes
    ----------
    articles : list of str
        HTML of each page; ids begin with the number of the page, so that each is the only one.
    targets : set of str
        Ids whose page number is asked for.
    """

    def __init__(self, book):
        self.book, self.words = book, book["words"]
        self.keys = {page["page"]: f"p{at}" for at, page in enumerate(book["pages"])}
        self.targets, self.toc = set(), []
        self.articles = [self.article(page) for page in book["pages"]]

    def article(self, page):
        """One page of the book, with links into the others."""
        pictures = []

        def lay_aside(found):
            pictures.append(found[0])
            return LEFT_ASIDE.format(len(pictures) - 1)

        key = self.keys[page["page"]]
        soup = BeautifulSoup(PICTURE.sub(lay_aside, page["body"]), "html.parser")
        for element in soup.find_all(id=True):
            element["id"] = f"{key}--{element['id']}"
        for link in soup.find_all("a", href=True):
            self.lead(link, page["page"])
        self.number(soup)
        self.list_headings(soup, key, page)
        kind = "chapter" if page["is_chapter"] else page["page"].rpartition("/")[2]
        whole = LISTED.sub(lambda found: pictures[int(found[1])], str(soup))
        return f'<article id="{key}" class="{kind}">{whole}</article>\n'

    def lead(self, link, page):
        """A link of a page, to where that is in the one document."""
        address, _, fragment = link["href"].partition("#")
        if re.match(r"[a-z]+:", address):
            link["class"] = "outside"
            return
        folder = posixpath.dirname(page)
        there = posixpath.normpath(posixpath.join(folder, address)) if address else f"{page}.html"
        key = self.keys.get(there.removesuffix(".html"))
        if key is None:
            link.unwrap()  # leads to what is not on paper
            return
        link["href"] = f"#{key}--{fragment}" if fragment else f"#{key}"

    def number(self, soup):
        """After a link from a question to its answer, and back, the number of the page."""
        for link in soup.select(".paper-pointer a, .paper-back a"):
            target = link["href"][1:]
            says = escape(self.words["page"])
            link.append(BeautifulSoup(self.number_of(target, says), "html.parser"))

    def number_of(self, target, says="{number}"):
        self.targets.add(target)
        return AT.format(target, says)

    def list_headings(self, soup, key, page):
        """A line of the contents for the page, and for a chapter one for each section."""
        title = soup.find("h1")
        self.toc.append((page.get("part", ""), 1, key, title.decode_contents()))
        for heading in soup.find_all("h2") if page["is_chapter"] else []:
            section = heading.find_parent("section")
            self.toc.append(("", 2, section["id"], heading.decode_contents()))

    @property
    def text(self):
        """The letters of the book, each once."""
        pieces = [*self.articles, self.title_page(), self.contents(), self.page_rules()]
        return "".join(sorted(set("".join(pieces))))

    def title_page(self):
        """What the book is called, whose it is, and what may be done with it."""
        book = self.book
        address = f'<p><a class="outside" href="{book["address"]}">{book["address"]}</a></p>'
        return f"""<header class="title-page"><p class="logo">{book["logo"]}</p>
<p class="title">{escape(book["title"])}</p><p class="subtitle">{escape(book["subtitle"])}</p>
<p class="author">{escape(book["author"])}</p>
<div class="imprint"><p>{escape(self.words["version"].format(version=book["version"]))}</p>
{address if book["address"] else ""}<p>{book["licence"]}</p></div></header>
"""

    def contents(self):
        """The table of contents; the numbers are filled in later."""
        lines = []
        for part, level, target, title in self.toc:
            if part:
                lines.append(f'<p class="part">{escape(part)}</p>')
            lines.append(
                f'<p class="level-{level}"><a href="#{target}"><span>{title}</span>'
                f"<i></i>{self.number_of(target)}</a></p>"
            )
        title = escape(self.words["contents"])
        return f'<nav class="contents"><h1>{title}</h1>{"".join(lines)}</nav>\n'

    def page_rules(self):
        """A kind of page for each article, with its title at the top."""
        rules = []
        for page in self.book["pages"]:
            key = self.keys[page["page"]]
            title = page["title"].replace("\\", "\\\\").replace('"', '\\"')
            rules.append(
                f"#{key} {{page: {key}}}\n"
                f'@page {key}:left {{@top-left {{content: "{self.book["title"]}"}}}}\n'
                f'@page {key}:right {{@top-right {{content: "{title}"}}}}\n'
            )
        return "".join(rules)
