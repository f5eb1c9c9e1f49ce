"""The edition for paper: a small book that is made for it, its one document, its letters."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import nbformat
import pytest
from docutils import nodes
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont
from sphinx.errors import ConfigError, ExtensionError

import book_files
import book_paper
import programs
from downslope import quiz
from downslope.explore import explore, linear

ROOT = Path(__file__).resolve().parents[1]


def tool(path):
    """A module of the tools, by its path there."""
    place = ROOT / "tools" / path
    specification = importlib.util.spec_from_file_location(place.stem, place)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


letters, proofs, sheets = (tool(f"paper/{name}.py") for name in ("letters", "proofs", "sheets"))
paper_build = tool("paper_build.py")

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "book" / "extensions")!r})
project, language, copyright, author = "small", "en", "2026", "Ada"
html_title = "Small"
exclude_patterns = ["_build"]
extensions = ["myst_nb", "sphinx.ext.viewcode", "downslope.sphinx_ext", "book_states", "book_paper"]
nb_execution_mode, downslope_python = "off", False
myst_enable_extensions = ["dollarmath"]
suppress_warnings = ["myst-nb.lexer"]
"""
INDEX = """# Small

**About little**

```{only} paper
On paper, with [solutions](book/solutions.md).
```

```{only} not paper
On a page.
```

See [the dot at 3](chapters/one.ipynb#moving-dot?x=3) and [your marks](book/marks.md).

```{toctree}
:caption: Chapters
chapters/one
book/solutions
book/quiz_answers
```
"""
FOLD = "<details>\n<summary>Compare with your {}</summary>\n\n{}\n\n</details>"


def dot(ax, x):
    "a dot"
    ax.plot([x], [5], "o")
    return f"x is {x:g}"


def shown(code, output="", tags=(), html=""):
    """A code cell as it has been run."""
    data = {"text/html": html, "text/plain": output} if html else {"text/plain": output}
    outputs = [nbformat.v4.new_output("display_data", data=data)] if output else []
    metadata = {"tags": list(tags)}
    return nbformat.v4.new_code_cell(code, outputs=outputs, execution_count=1, metadata=metadata)


def chapter():
    said = nbformat.v4.new_markdown_cell
    explorer = explore(dot, name="moving-dot", caption="A dot", x=linear(0, 4, 1, default=2))
    cells = [
        said("# 3. Differences\n\n## First\n\n**Predict.** How much is 6 times 7?"),
        shown("6 * 7", "42", ["hide-output"]),
        said(FOLD.format("guess", "It is forty-two.")),
        said("Between.\n\n" + FOLD.format("answers to task 1", "One.")),
        said(FOLD.format("answer to task 2", "Two.")),
        shown("print('all of it')", "all of it", ["hide-cell"]),
        shown("explorer", "x is 2", html=explorer.page_html()),
        said("### Exercise: twice\n\nReturn twice x."),
        shown("def twice(x):\n    ...", "", ["remove-output"]),
        shown("def twice(x):\n    return 2 * x", "Right: it doubles.", ["hide-cell", "solution"]),
        said("## Quiz"),
        shown("quiz", "Quiz", ["remove-input"], quiz.ask("gradient_descent").page_html()),
        said("## Summary\n\nThe end ($x$), of $y$ **all**."),
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    metadata["language_info"] = {"name": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The same small book for paper, as one JSON file, and as pages of the web."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "conf.py").write_text(CONF)
    (folder / "index.md").write_text(INDEX)
    for name in ("book", "chapters"):
        (folder / name).mkdir()
    for page in ("solutions", "quiz_answers"):
        (folder / f"book/{page}.md").write_text((ROOT / f"book/{page}.md").read_text())
    (folder / "book/marks.md").write_text("---\norphan: true\n---\n\n# Marks\n")
    nbformat.write(chapter(), folder / "chapters/one.ipynb")
    left_out = {"paper": ["-D", "exclude_patterns=_build,book/marks.md"], "html": []}
    address = {"DOWNSLOPE_BOOK_URL": "https://ada.example/book"}
    for builder in ("paper", "html"):
        trees = folder / f"_build/{builder}-trees"
        arguments = ["-q", "-W", "-b", builder, "-d", trees, *left_out[builder]]
        arguments += [folder, folder / f"_build/{builder}"]
        code, said = programs.run("sphinx.cmd.build", *arguments, **address)
        assert (code, said) == (0, "")
    return folder / "_build"


@pytest.fixture(scope="module")
def book(built):
    return json.loads((built / "paper/book.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pages(book):
    return {page["page"]: page["body"] for page in book["pages"]}


def text_of(html):
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", html, flags=re.DOTALL).split())


@pytest.mark.slow
def test_the_book_says_what_it_is_and_has_its_pages_in_order(book, built):
    assert (book["title"], book["subtitle"], book["author"]) == ("Small", "About little", "Ada")
    assert book["address"] == "https://ada.example/book"
    parts = [(page["page"], page["part"], page["is_chapter"]) for page in book["pages"]]
    assert parts == [
        ("index", "", False),
        ("chapters/one", "Chapters", True),
        ("book/solutions", "", False),
        ("book/quiz_answers", "", False),
    ]
    assert "<h1>Preface</h1>" in book["pages"][0]["body"]
    assert (built / "paper/fonts/DejaVuSansMono.ttf").is_file()
    assert (built / "paper" / book["mathjax"]).is_file()


@pytest.mark.slow
def test_a_link_to_what_paper_has_not_leads_to_the_chapter_or_is_words(pages, built):
    web = (built / "html/index.html").read_text(encoding="utf-8")
    assert 'href="chapters/one.html#moving-dot?x=3"' in web
    assert 'href="book/marks.html"' in web
    text = pages["index"]
    (said,) = re.findall(r"<p>See (.*?)</p>", text, re.S)
    assert re.findall(r'href="([^"]*)"', said) == ["chapters/one.html"]
    assert text_of(said) == "the dot at 3 and your marks ."


@pytest.mark.slow
def test_what_is_for_paper_alone_stands_there_alone(pages, built):
    web = (built / "html/index.html").read_text(encoding="utf-8")
    assert ("On paper, with" in pages["index"], "On a page." in pages["index"]) == (True, False)
    assert ("On paper, with" in web, "On a page." in web) == (False, True)


@pytest.mark.slow
def test_answers_stand_at_the_end_of_the_chapter_in_the_order_of_their_questions(pages):
    text = text_of(pages["chapters/one"])
    chapter, asked, answers = text.partition("What you were asked")
    assert asked
    assert not re.search(r"42|forty-two|all of it|One\.|Two\.", chapter)
    assert "6 * 7 Answer 3.1 is at the end of the chapter" in chapter
    assert "Between. Answer 3.2 is at the end of the chapter" in chapter
    said = [answer.split("asked ")[1].strip() for answer in re.split(r"Answer 3\.\d", answers)[1:]]
    assert said == [
        "42 It is forty-two.",  # one fold, whose summary would say nothing
        "Compare with your answers to task 1 One. Compare with your answer to task 2 Two. "
        "print ( 'all of it' ) all of it",
    ]


@pytest.mark.slow
def test_an_explorer_is_a_picture_with_what_it_says_and_where_it_moves(pages):
    (figure,) = re.findall(
        r'<div class="paper-figure.*?</div>\s*<p.*?</div>', pages["chapters/one"], re.S
    )
    assert re.search(r'<svg xmlns="[^"]+" [^>]*aria-label="A dot\."', figure)
    assert "currentColor" not in figure
    assert "var(" not in figure
    assert text_of(figure) == (
        "A dot x is 2 Drawn at: x 2. "
        "The figure moves at ada.example/book/chapters/one.html#moving-dot ."
    )
    assert not re.search("<(button|input|script|downslope-)", pages["chapters/one"])


@pytest.mark.slow
def test_solutions_and_answers_to_quizzes_stand_at_the_back_with_ways_there_and_back(pages):
    chapter, back = pages["chapters/one"], pages["book/solutions"]
    assert "2 * x" not in text_of(chapter)
    assert "Solution 3.1: twice" in back
    assert "Right: it doubles." in back
    for page in (chapter, back, pages["book/quiz_answers"]):
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))
    where = {name: set(re.findall(r'id="([^"]+)"', body)) for name, body in pages.items()}
    links = re.findall(r'href="../(chapters/one|book/\w+)\.html#([^"]+)"', chapter + back)
    assert {page for page, _ in links} == set(pages) - {"index"}
    assert all(anchor in where[page] for page, anchor in links)


@pytest.mark.slow
def test_a_quiz_asks_in_the_chapter_and_answers_at_the_back(pages):
    asked, answered = (text_of(pages[page]) for page in ("chapters/one", "book/quiz_answers"))
    for question in quiz.ask("gradient_descent").questions:
        for choice in question.choices:
            says, text = text_of(choice.feedback()), text_of(quiz._html(choice.text))
            reason = says.removeprefix(f"{choice.verdict} ")
            assert text in asked
            assert reason not in asked
            assert f"{text} {'Right. ' if choice.right else ''}{reason}" in answered
    assert answered.count("Right.") == len(quiz.ask("gradient_descent").questions)


@pytest.mark.slow
def test_on_a_page_of_the_web_everything_stays_where_it_is(built):
    page = (built / "html/chapters/one.html").read_text(encoding="utf-8")
    assert '<downslope-explorer id="moving-dot"' in page
    assert page.count("<details>") == 3
    assert 0 < page.index("it doubles") < page.index("Summary<")
    assert "paper-" not in page


@pytest.mark.slow
def test_no_line_ends_between_a_formula_and_the_mark_beside_it(pages):
    kept = r'<span class="together">\(<span class="math[^>]*>[^<]*x[^<]*</span>\),</span> of <span'
    assert re.search(kept, pages["chapters/one"])
    assert pages["chapters/one"].count('class="together"') == 1  # not that of y


def page_with(*parts):
    """A page that is no chapter, on its way to paper."""
    config = SimpleNamespace(language="en", html_baseurl="")
    section = nodes.section("", nodes.title("", "Plans"), *parts)
    app = SimpleNamespace(env=SimpleNamespace(docname="one"), config=config)
    return book_paper.Page(app, section), section


def raw(html):
    return nodes.raw("", html, format="html")


BEGINS = "<details>\n<summary>A</summary>"


def test_on_a_page_that_is_no_chapter_answers_stand_at_the_end_of_what_it_is_called():
    page, section = page_with(raw(BEGINS), nodes.paragraph("", "B"), raw("</details>"))
    page.move_answers(section)
    assert section[-1].astext() == "Answer 1 is at the end of “Plans”"


def test_a_fold_without_an_end_is_refused():
    page, section = page_with(raw(BEGINS), nodes.paragraph("", "B"))
    with pytest.raises(ExtensionError, match="page 'one': a <details> has no end"):
        page.move_answers(section)


# One document of all pages

PAGES = [
    {"page": "a/one", "title": "1. One", "is_chapter": True, "part": "Chapters", "body":
     '<h1>1. <em>One</em></h1><section id="x"><h2>Deep</h2><p class="paper-pointer">'
     '<a href="#x">There</a></p><a href="../b/two.html#x">b</a><a href="../b/two.html">c</a>'
     '<a href="../b/gone.html">d</a><a href="https://a.example/">e</a>'
     '<svg viewBox="0 0 1 1"><clipPath id="x"/></svg></section>'},
    {"page": "b/two", "title": 'Say "two"', "is_chapter": False, "part": "", "body":
     '<h1 id="x">Two</h1>'},
]  # fmt: skip
WORDS = {"contents": "Contents", "version": "Version {version}", "page": ", page {number}"}


@pytest.fixture
def one():
    whole = {"title": "Small", "subtitle": "", "author": "Ada", "version": "1", "address": ""}
    return sheets.Sheets({**whole, "licence": "", "logo": "", "words": WORDS, "pages": PAGES})


def test_ids_are_the_only_ones_and_links_lead_into_the_one_document(one):
    first, second = one.articles
    assert '<section id="p0--x">' in first
    assert '<h1 id="p1--x">' in second
    assert '<a href="#p1--x">b</a><a href="#p1">c</a>d<a class="outside"' in first
    assert '<svg viewBox="0 0 1 1"><clipPath id="x"/></svg>' in first  # to the letter


def test_numbers_of_pages_are_asked_for_in_the_contents_and_where_something_is_answered(one):
    assert 'data-page-of="p0--x" data-says=", page {number}"' in one.articles[0]
    contents = one.contents()
    assert re.findall(r'data-page-of="([^"]+)"', contents) == ["p0", "p0--x", "p1"]
    assert one.targets == {"p0", "p0--x", "p1"}
    assert '<p class="part">Chapters</p>' in contents
    assert "Deep" in contents
    assert 'content: "Say \\"two\\""' in one.page_rules()


def test_the_contents_on_paper_have_the_answers_and_not_what_a_script_counts():
    toc = {"parts": [{"chapters": [{"file": "a"}]}, {"chapters": [{"file": "book/progress"}]}]}
    parts = paper_build.contents(toc)["parts"]
    assert [[page["file"] for page in part["chapters"]] for part in parts] == [
        ["a"],
        list(book_paper.PARTS.values()),
    ]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (subprocess.CalledProcessError(3, "sphinx"), 3),
        (PermissionError(13, "Permission denied", "_build"), r"could not be written.*'_build'"),
        (KeyboardInterrupt(), "made before is still as it was"),
    ],
)
def test_what_stops_a_build_is_said_in_a_sentence_and_without_a_traceback(trouble, said):
    def make(*_):
        raise trouble

    with pytest.raises(SystemExit) as stopped:
        paper_build.or_stop(make)
    assert stopped.value.code == said or re.search(said, stopped.value.code)
    assert paper_build.or_stop(max, 1, 2) == 2


# What is printed


class Reader(SimpleNamespace):
    """As much of a PDF as is looked at."""

    def get_destination_page_number(self, destination):
        return destination


class Described(dict):
    def get_object(self):
        return self


def font(**described):
    inner = Described({"/BaseFont": "/ABC+Some", "/FontDescriptor": described})
    return {"/Subtype": "/Type0", "/DescendantFonts": [inner]}


def test_a_typeface_that_a_pdf_does_not_carry_is_found_also_in_what_a_page_places():
    held, drawn = font(**{"/FontFile2": 1}), {"/Subtype": "/Type3"}
    placed = {"/Resources": {"/Font": {"/F": font(), "/G": drawn}}}
    page = {"/Resources": {"/Font": {"/F": held}, "/XObject": {"/X": placed}}}
    assert list(proofs.not_carried(SimpleNamespace(pages=[page]))) == ["/ABC+Some"]
    placed["/Resources"]["/Font"]["/F"] = held
    assert list(proofs.not_carried(SimpleNamespace(pages=[page]))) == []


def test_pages_are_counted_from_one_and_what_has_no_place_has_no_number():
    reader = Reader(named_destinations={"/p0": 0, "/p1": 7, "/other": 3})
    assert proofs.pages_of(reader, {"p0", "p1", "p2"}) == {"p0": 1, "p1": 8}


def test_a_book_that_is_interrupted_while_it_is_written_leaves_the_one_before(
    tmp_path, monkeypatch
):
    target = tmp_path / "book.pdf"
    proofs.keep(b"the first book", target)
    write = Path.write_bytes

    def interrupted(path, content):
        write(path, content[:3])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        proofs.keep(b"the second book", target)
    assert target.read_bytes() == b"the first book"
    monkeypatch.undo()
    proofs.keep(b"the second book", target)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"the second book"]


def test_a_typeface_is_cut_to_the_letters_that_are_wanted(tmp_path):
    source = Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"
    letters.cut(source, tmp_path / "cut.ttf", "η∇한")
    cut = TTFont(tmp_path / "cut.ttf")
    assert set(map(chr, cut.getBestCmap())) == {"η", "∇"}
    assert (tmp_path / "cut.ttf").stat().st_size < source.stat().st_size / 20


def test_a_typeface_of_postscript_becomes_one_of_truetype_with_the_same_shapes(tmp_path):
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder([".notdef", "o"])
    builder.setupCharacterMap({ord("o"): "o"})
    pen = T2CharStringPen(600, None)
    pen.moveTo((300, 0))
    pen.curveTo((600, 0), (600, 500), (300, 500))
    pen.curveTo((0, 500), (0, 0), (300, 0))
    pen.closePath()
    empty = T2CharStringPen(600, None).getCharString()
    builder.setupCFF("Round", {}, {".notdef": empty, "o": pen.getCharString()}, {})
    builder.setupHorizontalMetrics({".notdef": (600, 0), "o": (600, 75)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Round", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "round.otf")
    letters.cut(tmp_path / "round.otf", tmp_path / "round.ttf", "o")
    bounds = []
    for name in ("round.otf", "round.ttf"):
        shapes = TTFont(tmp_path / name).getGlyphSet()
        pen = BoundsPen(shapes)
        shapes["o"].draw(pen)
        bounds.append(pen.bounds)
    assert "glyf" in TTFont(tmp_path / "round.ttf")
    assert bounds[1] == pytest.approx(bounds[0], abs=2)


# Offered beside the pages


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.delenv("DOWNSLOPE_EDITIONS", raising=False)
    out = tmp_path / "html"
    out.mkdir()
    return SimpleNamespace(
        outdir=out, config=SimpleNamespace(), builder=SimpleNamespace(name="html")
    )


def offered(app):
    """What a page offers, after all was expected."""
    book_files.expect_editions(app, app.config)
    group = {"label": "download-buttons", "buttons": []}
    context = {"header_buttons": [group], "pathto": lambda name, _: f"../{name}"}
    book_files.add_edition_buttons(app, "a/page", "page.html", context, None)
    return [button["url"] for button in group["buttons"]]


def test_an_edition_is_offered_where_it_was_asked_for_or_stands(app, monkeypatch):
    assert offered(app) == []
    monkeypatch.setenv("DOWNSLOPE_EDITIONS", "pdf epub")
    assert offered(app) == ["../downslope.pdf", "../downslope.epub"]
    for kind in ("pdf", "epub"):
        (app.outdir.parent / f"downslope.{kind}").write_text(kind)
    book_files.place_editions(app, None)
    monkeypatch.delenv("DOWNSLOPE_EDITIONS")
    (app.outdir / "downslope.epub").unlink()
    assert offered(app) == ["../downslope.pdf"]
    assert (app.outdir / "downslope.pdf").read_text() == "pdf"


def test_an_edition_that_has_not_been_made_is_not_offered(app, monkeypatch):
    monkeypatch.setenv("DOWNSLOPE_EDITIONS", "pdf")
    offered(app)
    with pytest.raises(ExtensionError, match=r"no \S+downslope.pdf to place: run make pdf first"):
        book_files.place_editions(app, None)
    monkeypatch.setenv("DOWNSLOPE_EDITIONS", "papyrus")
    with pytest.raises(ConfigError, match="must be of pdf, epub, got 'papyrus'"):
        offered(app)
