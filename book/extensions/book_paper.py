"""Sphinx extension: the book as it stands on paper, for whatever is not a page of the web.

Where the builder is `epub`, or the `paper` of this module, which writes the text of the pages for
`make pdf`, nothing can be moved, unfolded or answered. So every explorer stands still at its
defaults, as vectors; the answers to what a chapter asks its reader to predict stand at the end of
that chapter; the solutions of the exercises, and the answers to the quizzes with their reasons, at
the back of the book. Each has a number and links to where it was asked, and back.

A page of the back matter takes in what belongs there by a directive, `back-of-the-book`, whose
argument is `solutions` or `quizzes`. What is for paper alone, or not for it, a page says by
Sphinx's own `only` and the tag `paper`.
"""

from __future__ import annotations

import json
import re
import shutil
import string
from functools import cached_property
from html import unescape
from pathlib import Path

import matplotlib
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx import addnodes
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.errors import ExtensionError
from sphinx.ext.viewcode import viewcode_anchor
from sphinx.transforms.post_transforms import SphinxPostTransform

from book_offline import MATHJAX, mathjax_file
from book_sharing import book_address
from downslope import __version__
from downslope.explore.svg import INK

BUILDERS = {"epub", "paper"}
PARTS = {"solutions": "book/solutions", "quizzes": "book/quiz_answers"}  # and where they are
FONT = 'font-family="DejaVu Sans, sans-serif"'

#: Everything that the transforms say, by language, in whole sentences.
WORDS = {
    "en": {
        "asked": "What you were asked",
        "asked_at": "Answer {number} is at the end of the chapter",
        "asked_at_no_chapter": "Answer {number} is at the end of “{title}”",
        "answer": "Answer {number}",
        "exercise_at": "Solution {number} is at the back of the book",
        "solution": "Solution {number}: {title}",
        "quiz_at": "The answers, and why, are at the back of the book",
        "back": "Back to where it was asked",
        "drawn": "Drawn at: {values}.",
        "moves": "The figure moves at {address}.",
        "right": "Right.",
        "preface": "Preface",
        "contents": "Contents",
        "version": "Version {version}",
        "page": ", page {number}",
    }
}
FOR_PRINTING = ("contents", "version", "page")
SAID_OF_FIGURES = ("Drawn at: ", ".")  # how an explorer of a page says its values

EXPLORER = re.compile(r'<downslope-explorer id="([^"]+)"')
QUIZ = re.compile(r'<downslope-quiz id="([^"]+)"')
PANEL = re.compile(r'<div class="ds-panel"[^>]*>(<svg .*?</svg>)</div>', re.DOTALL)
READOUT = re.compile(r'<output class="ds-readout"[^>]*>(.*?)</output>', re.DOTALL)
VALUES = re.compile(r'<p class="ds-values">(.*?)</p>', re.DOTALL)
CAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)
FOLD = re.compile(r"\s*<details[^>]*>\s*<summary>(.*?)</summary>\s*", re.DOTALL)
FOLLOWS_THEME = re.compile(r"var\(--[\w-]+, ([^)]+)\)")
CHAPTER = re.compile(r"(\d+[a-z]?)\. ")
BEFORE, AFTER = re.compile(r"[(\[“‘]+$"), re.compile(r"[,.;:?!)\]”’]+")  # what belongs to a formula


class Link(nodes.Inline, nodes.TextElement):
    """A link to an id on a page of the book; becomes one when it is known who builds."""


class Collected(nodes.General, nodes.Element):
    """Where a part of the back of the book will stand."""


class Kept(nodes.General, nodes.Element):
    """What a page has for a part of the back of the book: nobody sees it where it is kept."""


def setup(app):
    app.add_builder(PaperBuilder)
    app.add_node(Link)
    app.add_node(Collected)
    app.add_node(Kept)
    app.add_directive("back-of-the-book", BackOfTheBook)
    app.connect("config-inited", choose_kinds)
    app.connect("builder-inited", say_that_it_is_paper)
    app.connect("doctree-read", fit_for_paper, priority=450)  # before contents are listed
    app.add_post_transform(Bind)
    app.add_post_transform(KeepMarks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def is_paper(app):
    """Whether this build is for paper."""
    return app.builder.name in BUILDERS


def choose_kinds(app, config):
    """Which kind of a cell's output the builder of this module shows, the best first."""
    kinds = ("image/svg+xml", "image/png", "text/html", "text/latex", "text/plain")
    config.nb_mime_priority_overrides = [
        *config.nb_mime_priority_overrides,
        *((PaperBuilder.name, kind, 10 * place) for place, kind in enumerate(kinds, start=1)),
    ]


def say_that_it_is_paper(app):
    if is_paper(app):
        app.tags.add("paper")
        app.config.html_permalinks = False


class BackOfTheBook(Directive):
    """A part that is gathered from all chapters; on a page of the web nothing is."""

    required_arguments = 1

    def run(self):
        (part,) = self.arguments
        if part not in PARTS:
            raise self.error(f"the part must be one of {', '.join(PARTS)}, got {part!r}")
        return [Collected(part=part)]


def fit_for_paper(app, doctree):
    """Let a page stand still, and take out what stands elsewhere on paper."""
    if is_paper(app):
        page = Page(app, doctree)
        for bundle in list(doctree.findall(is_bundle)):
            page.still(bundle)
        if page.name == app.config.root_doc:
            page.become_preface(app.env)
        page.unlink(app.env.found_docs)
        page.move_solutions()
        page.move_answers(doctree)
        page.end()


def is_bundle(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


class Page:
    """One page of the book on its way to paper."""

    def __init__(self, app, doctree):
        self.name = app.env.docname
        self.doctree = doctree
        self.words = WORDS[app.config.language or "en"]
        self.address = book_address(app.config)
        title = next(doctree.findall(nodes.title), nodes.title()).astext()
        found = CHAPTER.match(title)
        self.title, self.chapter = title, found[1] if found else ""
        self.asked, self.kept, self.counts = [], [], {}

    def say(self, what, **values):
        return self.words[what].format(**values)

    def count(self, what):
        """The number of the next thing of this kind, with the chapter's before it."""
        self.counts[what] = self.counts.get(what, 0) + 1
        return f"{self.chapter}.{self.counts[what]}".lstrip(".")

    def anchor(self, what, number):
        """An id that is the only one in the whole book."""
        last = number.rpartition(".")[2]
        where = self.chapter or re.sub(r"\W", "-", self.name.rpartition("/")[2])
        return f"{what}-{where}-{last}"

    def become_preface(self, env):
        """The first page has the name of the book and what it is about, which a title page has."""
        section = next(self.doctree.findall(nodes.section))
        title, first = section.next_node(nodes.title), section.next_node(nodes.paragraph)
        title.clear()
        title += nodes.Text(self.words["preface"])
        strong = first.next_node(nodes.strong)
        if strong and strong.astext() == first.astext():
            env.metadata[self.name]["subtitle"] = first.astext()
            section.remove(first)

    def unlink(self, pages):
        """Keep the words alone of a link to a page that is not on paper."""
        for link in list(self.doctree.findall(addnodes.pending_xref)):
            if link["refdomain"] == "doc" and link["reftarget"] not in pages:
                link.replace_self(link.children)

    # What moves

    def still(self, bundle):
        """Put in the place of an explorer its picture, in that of a quiz its questions."""
        html = next(
            (kind.astext() for kind in bundle.children if kind["mime_type"] == "text/html"), ""
        )
        if found := EXPLORER.search(html):
            bundle.replace_self(self.figure(html, found[1]))
        elif found := QUIZ.search(html):
            bundle.replace_self(self.quiz(html, found[1]))

    def figure(self, html, name):
        """The panels of an explorer, and under them what it says at its defaults."""
        panels = "".join(map(fixed, PANEL.findall(html)))
        figure = nodes.container("", classes=["paper-figure"])
        figure += nodes.raw("", f'<div class="paper-panels">{panels}</div>', format="html")
        for pattern, kind in ((CAPTION, "caption"), (READOUT, "readout")):
            if (found := pattern.search(html)) and found[1]:
                figure += nodes.paragraph("", unescape(found[1]), classes=[f"paper-{kind}"])
        if found := VALUES.search(html):
            figure += self.values(unescape(found[1]), name)
        return figure

    def values(self, said, name):
        """At which values it stands, and where it moves."""
        begins, ends = SAID_OF_FIGURES
        values = said.removeprefix(begins).removesuffix(ends)
        line = nodes.paragraph("", self.say("drawn", values=values), classes=["paper-values"])
        if self.address:
            where = f"{self.address}/{self.name}.html#{name}"
            before, after = self.words["moves"].split("{address}")
            shown = where.partition("://")[2]
            line += [nodes.Text(f" {before}"), nodes.reference("", shown, refuri=where)]
            line += nodes.Text(after)
        return line

    # Quizzes

    def quiz(self, html, name):
        """The questions of a quiz; its answers are kept for the back of the book."""
        soup = BeautifulSoup(html, "html.parser")
        here = nodes.container("", classes=["paper-quiz"], ids=[name])
        here += numbered(map(question, soup.find_all("fieldset")))
        here += self.pointer("quiz_at", PARTS["quizzes"], f"answers-{name}")
        answers = soup.select(".ds-answers > ol > li")
        kept = nodes.section("", ids=[f"answers-{name}"], classes=["paper-answers"])
        kept += nodes.title("", self.title)
        kept += self.back(name)
        kept += numbered(self.answered(answer) for answer in answers)
        self.keep("quizzes", kept)
        return here

    def answered(self, answer):
        """A question with each of its choices, and what is to be said of it."""
        choices = [
            self.judged(choice) for choice in answer.find("ul").find_all("li", recursive=False)
        ]
        asked = [child for child in answer.children if child.name != "ul"]
        return [nodes.paragraph("", "", *inline(asked)), lettered(choices)]

    def judged(self, choice):
        text, says = choice.find_all("span", recursive=False)
        is_right = choice["data-right"] == "true"
        _, *reason = says.children
        right = [nodes.strong("", self.words["right"]), nodes.Text(" ")] if is_right else []
        said = nodes.paragraph("", "", *right, *inline(reason), classes=["paper-says"])
        kind = "paper-right" if is_right else "paper-wrong"
        return [nodes.paragraph("", "", *inline(text.children), classes=[kind]), said]

    # Solutions

    def move_solutions(self):
        """Keep each solution for the back of the book; at its exercise a link leads there."""
        for cell in list(self.doctree.findall(is_cell)):
            if "solution" not in tags(cell):
                continue
            number = self.count("solution")
            here, there = (self.anchor(what, number) for what in ("exercise-at", "solution"))
            section = next(parent for parent in parents(cell) if isinstance(parent, nodes.section))
            kept = nodes.section("", ids=[there], classes=["paper-solution"])
            title = section.next_node(nodes.title).astext()
            title = title.partition(": ")[2] or title  # of “Exercise: one step”
            kept += nodes.title("", self.say("solution", number=number, title=title))
            kept += self.back(here)
            cell.replace_self(
                self.pointer("exercise_at", PARTS["solutions"], there, here, number=number)
            )
            kept += shown(cell)
            self.keep("solutions", kept)

    # What is asked in passing

    def move_answers(self, parent):
        """Take what answers a question out of its place, and leave a link; then look deeper."""
        group = []
        for child in list(parent.children):
            if is_fold(child) or group and group[-1] == "open":
                self.take_folded(child, group)
            elif hides(child):
                group.append(self.hidden(child))
            else:
                self.close(group, parent, child)
        self.close(group, parent, None)
        for child in parent.children:
            if isinstance(child, nodes.section):
                self.move_answers(child)

    def take_folded(self, child, group):
        """One more node of a fold, from its beginning to its end."""
        if is_fold(child):
            (summary,) = FOLD.fullmatch(child.astext()).groups()
            group += [Fold(summary), "open"]
        elif is_end_of_fold(child):
            group.pop()
        else:
            group[-2].inside.append(child)
        child.parent.remove(child)

    def hidden(self, cell):
        """What a cell hides; the cell stays without it, or does not stay."""
        if cell["hide_mode"] == "all":
            cell.parent.remove(cell)
            return shown(cell)
        (output,) = [part for part in cell if part.get("nb_element") == "cell_code_output"]
        cell.remove(output)
        return output

    def close(self, group, parent, following):
        """A question is answered: its answer gets a number."""
        if not group:
            return
        if group[-1] == "open":
            raise ExtensionError(f"page {self.name!r}: a <details> has no end")
        number = self.count("answer")
        here, there = (self.anchor(what, number) for what in ("asked", "answer"))
        at = len(parent) if following is None else parent.index(following)
        where = {"number": number, "title": self.title}
        what = "asked_at" if self.chapter else "asked_at_no_chapter"
        parent.insert(at, self.pointer(what, self.name, there, here, **where))
        answer = nodes.container("", ids=[there], classes=["paper-answer"])
        heading = nodes.strong("", self.say("answer", number=number))
        answer += self.back(here, heading)
        n_folds = sum(isinstance(part, Fold) for part in group)
        for part in group:
            answer += part.nodes(with_summary=n_folds > 1) if isinstance(part, Fold) else part
        self.asked.append(answer)
        group.clear()

    # Together

    def pointer(self, what, page, anchor, id_=None, **values):
        """A line that leads from where something is asked to where it is answered."""
        link = Link("", self.say(what, **values), page=page, anchor=anchor)
        ids = [id_] if id_ else []
        return nodes.paragraph("", "", link, classes=["paper-pointer"], ids=ids)

    def back(self, anchor, *before):
        """And the way back."""
        link = Link("", self.words["back"], page=self.name, anchor=anchor)
        space = [nodes.Text(" ")] if before else []
        return nodes.paragraph("", "", *before, *space, link, classes=["paper-back"])

    def keep(self, part, section):
        self.kept.append(Kept("", section, part=part, title=self.title, page=self.name))

    def end(self):
        """The answers of this page, as its last section, and what is kept of it."""
        main = next(self.doctree.findall(nodes.section), self.doctree)
        for cell in main.findall(is_cell):
            cell.attributes.pop("hide_mode", None)
        if self.asked:
            anchor = self.anchor("asked-in", "all")
            section = nodes.section("", ids=[anchor], classes=["paper-asked"])
            section += nodes.title("", self.words["asked"])
            section += self.asked
            main += section
        main += self.kept


class Fold:
    """A text that a page folds away, with what is written on the fold."""

    def __init__(self, summary):
        self.summary, self.inside = summary, []

    def nodes(self, with_summary):
        words = nodes.strong("", unescape(self.summary))
        heading = [nodes.paragraph("", "", words, classes=["paper-summary"])]
        return [*(heading if with_summary else []), *self.inside]


def is_cell(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def is_fold(node):
    return isinstance(node, nodes.raw) and FOLD.fullmatch(node.astext())


def is_end_of_fold(node):
    return isinstance(node, nodes.raw) and node.astext().strip() == "</details>"


def hides(node):
    """Whether a cell hides its output, or all of it, until its reader has a guess."""
    return is_cell(node) and node.get("hide_mode") in ("output", "all")


def tags(cell):
    return cell["cell_metadata"].get("tags", [])


def parents(node):
    while node := node.parent:
        yield node


def shown(cell):
    """A cell that hides nothing."""
    cell.attributes.pop("hide_mode", None)
    return cell


def fixed(svg):
    """A picture of a page that follows the page's theme, in the colours of paper.

    Examples
    --------
    >>> fixed('<svg fill="currentColor" stroke="var(--ds-blue, #0072b2)"/>').split()[-2:]
    ['fill="#1b1f24"', 'stroke="#0072b2"/>']
    """
    svg = FOLLOWS_THEME.sub(r"\1", svg.replace("currentColor", INK))
    return svg.replace("<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" {FONT} ', 1)


def numbered(items):
    return listed("arabic", ".", items)


def lettered(items):
    return listed("loweralpha", ")", items)


def listed(kind, suffix, items):
    entries = [nodes.list_item("", *item) for item in items]
    return nodes.enumerated_list("", *entries, enumtype=kind, prefix="", suffix=suffix)


def question(fieldset):
    """What is asked, and the choices."""
    legend = fieldset.find("legend")
    asked = [child for child in legend.children if child is not legend.find(class_="ds-number")]
    choices = [
        [nodes.paragraph("", "", *inline(label.find("span").children))]
        for label in fieldset.find_all("label")
    ]
    assert len(choices) <= len(string.ascii_lowercase)
    return [nodes.paragraph("", "", *inline(asked)), lettered(choices)]


def inline(children):
    """The text of a quiz with its three marks, as nodes.

    Examples
    --------
    >>> html = BeautifulSoup(" is <em>not</em> λ<sub>max</sub> ", "html.parser")
    >>> [node.pformat().split()[0] for node in inline(html.children)]
    ['is', '<emphasis>', 'λ', '<subscript>']
    """
    kinds = {"code": nodes.literal, "em": nodes.emphasis, "sub": nodes.subscript}
    made = []
    for child in children:
        if child.name in kinds:
            made.append(kinds[child.name]("", "", *inline(child.children)))
        else:
            made.append(nodes.Text(child.get_text()))
    if made and isinstance(made[0], nodes.Text):
        made[0] = nodes.Text(made[0].lstrip())
    if made and isinstance(made[-1], nodes.Text):
        made[-1] = nodes.Text(made[-1].rstrip())
    return [node for node in made if not (isinstance(node, nodes.Text) and node == "")]


class Bind(SphinxPostTransform):
    """Choose what is for this edition, fill the back of the book, lead links to their places."""

    # Before myst-nb chooses among the kinds of an output, and before links are looked up: one may
    # lead to a page that is there on paper only, or not there.
    default_priority = 1

    def run(self, **_):
        for choice in list(self.document.findall(addnodes.only)):
            is_meant = self.app.builder.tags.eval_condition(choice["expr"])
            choice.replace_self(choice.children if is_meant else [])
        if is_paper(self.app):
            for anchor in list(self.document.findall(viewcode_anchor)):
                anchor.parent.remove(anchor)  # the code is not on paper
            for place in list(self.document.findall(Collected)):
                place.replace_self(list(self.gathered(place["part"])))
        for leftover in [*self.document.findall(Kept), *self.document.findall(Collected)]:
            leftover.parent.remove(leftover)
        for link in list(self.document.findall(Link)):
            link.replace_self(self.reference(link))

    def gathered(self, part):
        """What the pages have kept for a part, in the order of the book."""
        for page in self.env.collect_relations():
            kept = [
                found for found in self.env.get_doctree(page).findall(Kept) if found["part"] == part
            ]
            if part == "solutions" and kept:
                chapter = nodes.section("", ids=[f"solutions-{kept[0]['page'].replace('/', '-')}"])
                chapter += nodes.title("", kept[0]["title"])
                chapter += [section for found in kept for section in found.children]
                yield chapter
            else:
                yield from (section for found in kept for section in found.children)

    def reference(self, link):
        here, there = self.env.docname, link["page"]
        before = self.app.builder.get_relative_uri(here, there) if here != there else ""
        address = {"refid": link["anchor"]}
        if before:
            address = {"refuri": f"{before}#{link['anchor']}"}
        return nodes.reference("", "", *link.children, internal=True, **address)


class KeepMarks(SphinxPostTransform):
    """Let no line end between a formula and the mark beside it: both stand in one part."""

    default_priority = 700  # before Korean words are looked for
    builders = tuple(sorted(BUILDERS))

    def run(self, **_):
        for formula in list(self.document.findall(nodes.math)):
            keep_marks(formula)


def keep_marks(formula):
    """Take the marks before and after a formula into one part with it.

    Examples
    --------
    >>> sentence = nodes.paragraph("", "At (", nodes.math("", "x"), nodes.Text("), or not."))
    >>> keep_marks(sentence[1])
    >>> [part.astext() for part in sentence]
    ['At ', '(x),', ' or not.']
    """
    parent, at = formula.parent, formula.parent.index(formula)
    before, after = (text_at(parent, place) for place in (at - 1, at + 1))
    opens, closes = BEFORE.search(before), AFTER.match(after)
    if not opens and not closes:
        return
    together = nodes.inline("", "", classes=["together"])
    formula.replace_self(together)
    together += formula
    if opens:
        together.insert(0, nodes.Text(opens[0]))
        parent.replace(parent[at - 1], nodes.Text(before[: opens.start()]))
    if closes:
        together += nodes.Text(closes[0])
        parent.replace(parent[at + 1], nodes.Text(after[closes.end() :]))


def text_at(parent, place):
    """The text that is a child of a node, there; or an empty one."""
    part = parent[place] if 0 <= place < len(parent) else None
    return part.astext() if isinstance(part, nodes.Text) else ""


class PaperBuilder(StandaloneHTMLBuilder):
    """Writes the text of all pages as one JSON file, and beside it what is needed to print them."""

    name = "paper"
    copysource = search = False

    def init(self):
        super().init()
        self.bodies = {}

    def handle_page(self, pagename, addctx, *_, **__):
        self.bodies[pagename] = addctx["body"]

    def finish(self):
        self.copy_image_files()
        out, fonts = Path(self.outdir), Path(self.outdir, "fonts")
        fonts.mkdir(exist_ok=True)
        for font in Path(matplotlib.get_data_path(), "fonts/ttf").glob("DejaVu*"):
            shutil.copy(font, fonts)  # those of the figures, and of the code
        shutil.copy(mathjax_file(MATHJAX), out)
        text = json.dumps(self.whole(), ensure_ascii=False, indent=1)
        (out / "book.json").write_text(text, encoding="utf-8")

    def whole(self):
        """The book: what it is called, what is said of it, and its pages in their order."""
        words = WORDS[self.config.language or "en"]
        logo = Path(self.srcdir, self.config.html_logo or "")
        return {
            "title": self.config.html_title,
            "subtitle": self.env.metadata[self.config.root_doc].get("subtitle", ""),
            "author": self.config.author,
            "version": __version__,
            "address": book_address(self.config),
            "licence": self.config.html_theme_options.get("extra_footer", ""),
            "language": self.config.language or "en",
            "logo": logo.read_text(encoding="utf-8") if logo.is_file() else "",
            "mathjax": MATHJAX,
            "words": {name: words[name] for name in FOR_PRINTING},
            "pages": [self.page(name) for name in self.env.collect_relations()],
        }

    def page(self, name):
        title = self.env.titles[name].astext()
        return {"page": name, "title": title, "is_chapter": bool(CHAPTER.match(title))} | {
            "part": self.begins.get(name, ""),
            "body": self.bodies[name],
        }

    @cached_property
    def begins(self):
        """The captions of the parts of the contents, by the first page of each."""
        root = self.env.get_doctree(self.config.root_doc)
        return {
            tree["entries"][0][1]: tree["caption"]
            for tree in root.findall(addnodes.toctree)
            if tree.get("caption") and tree["entries"]
        }
