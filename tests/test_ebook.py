"""The e-book: formulas, fonts, cover and package file, and a small book made of them."""

import os
import re
import zipfile
from pathlib import Path
from posixpath import dirname, join, normpath
from runpy import run_path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from docutils import nodes
from fontTools.ttLib import TTFont
from sphinx.errors import ExtensionError

import book_ebook
import book_fonts
import book_languages
import book_mathml
import programs

ROOT = Path(__file__).resolve().parents[1]
OPF = "{http://www.idpf.org/2007/opf}"
XHTML = "{http://www.w3.org/1999/xhtml}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"

CONF = """
project, language, copyright, author = "small", "en", "2026", "A. Author"
exclude_patterns = ["_build"]
extensions = ["myst_parser", "book_ebook"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 2
epub_title, epub_subtitle, epub_identifier, epub_uid = "A small book", "On <steps>", "urn:x:1", "b"
epub_contributor = epub_description = "A. Author"
"""
PAGES = {
    "index": r"""# Small

```{toctree}
:hidden:
:titlesonly:
part/next
```

The gradient (기울기 벡터장), $\nabla f \pm \log p$, and [more](part/next.md#steps).

$$\begin{aligned} s &= w_1 \\ &= 1 \end{aligned}$$
""",
    "part/next": """# Next

## Steps

## In $p$ alone

Back to [the first](../index.md#small), $x < 1$.
""",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The folder of a book of two pages, and a function that builds it."""
    folder = tmp_path_factory.mktemp("ebook")
    (folder / "part").mkdir()
    (folder / "conf.py").write_text(CONF)
    for name, text in PAGES.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def build(folder, out="out"):
    chromium = run_path(str(ROOT / "tools" / "browser.py"))["find"]()
    paths = os.pathsep.join([str(ROOT / "book" / "extensions"), os.environ.get("PYTHONPATH", "")])
    settings = {"CHROMIUM": chromium, "PYTHONPATH": paths, "SOURCE_DATE_EPOCH": "1700000000"}
    made = folder / "_build" / out
    arguments = ["-q", "-W", "-b", "epub", "-d", f"{made}-doctrees", folder, made]
    code, said = programs.run("sphinx.cmd.build", *arguments, **settings)
    return code, said, made / "small.epub"


@pytest.fixture(scope="module")
def book(small):
    """What is in the small book, by name; and the book."""
    code, said, path = build(small)
    assert code == 0, said
    with zipfile.ZipFile(path) as file:
        yield {name: file.read(name) for name in file.namelist()}, path


@pytest.fixture(scope="module")
def texts(book):
    return {name: ElementTree.fromstring(text) for name, text in book[0].items() if "xhtml" in name}


pytestmark = pytest.mark.slow


def test_the_package_file_names_all_that_is_in_the_book_and_nothing_else(book):
    files, path = book
    package = ElementTree.fromstring(files["content.opf"])
    named = {item.get("href"): item for item in package.iter(f"{OPF}item")}
    apart = {"mimetype", "content.opf", "META-INF/container.xml"}
    assert named.keys() == files.keys() - apart
    assert len({item.get("id") for item in named.values()}) == len(named)
    assert named["index.xhtml"].get("properties") == "mathml"
    assert named["_static/cover.png"].get("properties") == "cover-image"
    spine = [item.get("idref") for item in package.iter(f"{OPF}itemref")]
    order = [name for id_ in spine for name, item in named.items() if item.get("id") == id_]
    assert order == [
        "epub-cover.xhtml", "titlepage.xhtml", "nav.xhtml", "index.xhtml", "part/next.xhtml",
    ]  # fmt: skip
    with zipfile.ZipFile(path) as file:
        first = file.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_the_package_file_says_what_the_book_is_and_for_whom(book):
    package = book[0]["content.opf"].decode()
    assert '<dc:title id="subtitle">On &lt;steps&gt;</dc:title>' in package
    assert '<meta name="dtb:uid" content="urn:x:1"/>' in book[0]["toc.ncx"].decode()
    assert '<meta property="dcterms:modified">2023-11-14T22:13:20Z</meta>' in package
    for feature in ("MathML", "alternativeText", "tableOfContents"):
        assert f'<meta property="schema:accessibilityFeature">{feature}</meta>' in package


def test_every_link_leads_to_a_place_that_is_there(book, texts):
    files = book[0]
    ids = {name: {e.get("id") for e in root.iter()} for name, root in texts.items()}
    links = [(name, e.get("href")) for name, root in texts.items() for e in root.iter(f"{XHTML}a")]
    assert ("index.xhtml", "part/next.xhtml#steps") in links
    for name, link in links:
        address = urlsplit(link)
        assert not address.netloc
        target = normpath(join(dirname(name), unquote(address.path))) if address.path else name
        assert target in files
        assert not address.fragment or address.fragment in ids[target], link


def test_the_contents_say_formulas_as_they_read(texts):
    listed = [link.text for link in texts["nav.xhtml"].iter(f"{XHTML}a")]
    assert "In p alone" in listed


def test_the_contents_lead_to_the_sections_of_a_page_also_where_those_of_the_web_do_not(texts):
    listed = [link.get("href") for link in texts["nav.xhtml"].iter(f"{XHTML}a")]
    at = listed.index("part/next.xhtml")
    assert listed[at + 1] == "part/next.xhtml#steps"


def test_nothing_is_asked_of_another_host_and_no_script_runs(book):
    for name, text in book[0].items():
        if name.endswith((".xhtml", ".css")):
            assert not re.search(rb'(?:src|<link[^>]* href)="https?:|url\("?https?:|<script', text)


def test_korean_words_are_marked_as_korean(texts):
    marked = [e.text for e in texts["index.xhtml"].iter(f"{XHTML}span") if e.get("lang") == "ko"]
    assert marked == ["기울기 벡터장"]


def test_formulas_are_mathml_with_their_latex_beside_them(texts):
    first, apart = texts["index.xhtml"].iter(f"{MATHML}math")
    assert first.get("alttext") == r"\nabla f \pm \log p"
    assert apart.get("display") == "block"
    cells = [cell.get("class") for cell in apart.iter(f"{MATHML}mtd")]
    assert cells == ["right", "left"] * 2


def test_the_same_book_makes_the_same_bytes(small, book):
    code, said, again = build(small, "again")
    assert code == 0, said
    assert again.read_bytes() == book[1].read_bytes()


def test_what_no_reader_could_open_or_hear_stops_the_build():
    with pytest.raises(ExtensionError, match=r"page 'a\.xhtml' of the e-book is not well-formed"):
        book_ebook.needs("a.xhtml", b"<p>one<br>two</p>")
    page = b'<p xmlns="http://www.w3.org/1999/xhtml"><img src="a.png" alt=""/></p>'
    with pytest.raises(ExtensionError, match="a picture that says nothing"):
        book_ebook.needs("a.xhtml", page)
    said = page.replace(b'alt=""', b'alt="a walk"')
    assert book_ebook.needs("a.xhtml", said) == ""


def test_a_formula_that_mathjax_cannot_read_is_refused_by_name():
    error = f'<math xmlns="{MATHML[1:-1]}"><merror data-mjx-error="Missing brace"/></math>'
    with pytest.raises(ValueError, match=r"got '.+frac\{1': Missing brace"):
        book_mathml.tidy(error, r"\frac{1")


THIN, NONE = "0.167em", "0em"


@pytest.mark.parametrize(
    ("row", "apart"),
    [
        ("<mo>=</mo><mo>\u2212</mo><mn>1</mn>", {"form": "prefix"}),
        ("<mo>)</mo><mo>\u2212</mo><mn>1</mn>", {}),
        ("<mi>x</mi><mo>\u2212</mo><mn>1</mn>", {}),
        (
            '<mi>a</mi><mo data-mjx-texclass="ORD">/</mo><mi>b</mi>',
            {"lspace": NONE, "rspace": NONE},
        ),
        ("<mi>log</mi><mo>\u2061</mo><mi>p</mi>", {"rspace": THIN}),
        ("<mi>log</mi><mo>\u2061</mo><mo>(</mo>", {}),
        ("<mi>t</mi><mo>max</mo><mo>(</mo>", {"lspace": THIN, "rspace": NONE}),
        ("<mo>=</mo><mo>max</mo><mi>x</mi>", {"lspace": NONE, "rspace": THIN}),
    ],
)
def test_a_sign_stands_apart_as_in_tex(row, apart):
    math = ElementTree.fromstring(f'<math xmlns="{MATHML[1:-1]}">{row}</math>')
    book_mathml.set_apart(math)
    sign = math[1].attrib
    assert {name: sign[name] for name in sign if not name.startswith("data-")} == apart


def test_a_function_stands_apart_from_the_factor_before_it():
    row = "<mi>t</mi><mi>log</mi><mo>\u2061</mo><mi>p</mi>"
    text = book_mathml.tidy(f'<math xmlns="{MATHML[1:-1]}">{row}</math>', "")
    assert f'<mi>t</mi><mspace width="{THIN}" /><mi>log</mi>' in text


def test_primes_stand_on_the_line_of_their_letter():
    raised = "<msup><mi>f</mi><mo>\u2032</mo></msup><msup><mi>h</mi><mn>2</mn></msup>"
    text = book_mathml.tidy(f'<math xmlns="{MATHML[1:-1]}">{raised}</math>', "")
    assert '<mrow><mi>f</mi><mo lspace="0em" rspace="0em">\u2032</mo></mrow>' in text
    assert "<msup><mi>h</mi><mn>2</mn></msup>" in text
    several = "<msup><mi>f</mi><mrow><mo>\u2032</mo><mo>\u2032</mo></mrow></msup>"
    assert "msup" not in book_mathml.tidy(f'<math xmlns="{MATHML[1:-1]}">{several}</math>', "")


def test_lines_without_points_are_left_out_of_a_drawing():
    drawn = '<path fill="none"/><path d="M0 0" fill="none"/><path id="a"/>'
    assert book_ebook.plain(drawn) == '<path d="M0 0" fill="none"/>'


def test_a_font_keeps_only_the_letters_that_are_needed(tmp_path, monkeypatch):
    font = book_fonts.Font("DejaVu Sans", "matplotlib", "mpl-data/fonts/ttf/DejaVuSans.ttf", "")
    monkeypatch.setattr(book_fonts, "FONTS", {"korean": font, "formulas": font})
    letters = {"korean": set("ab"), "formulas": set()}
    assert book_fonts.write_fonts(tmp_path, letters) == ["korean.css"]
    with TTFont(tmp_path / "korean.ttf") as cut:
        assert set(cut.getBestCmap()) == {ord("a"), ord("b")}
    assert 'url("korean.ttf")' in (tmp_path / "korean.css").read_text()


def test_a_font_that_is_not_installed_is_done_without(tmp_path, monkeypatch):
    font = book_fonts.Font("None", "no_package_has_this_name", "none.otf", "")
    monkeypatch.setattr(book_fonts, "FONTS", {"korean": font})
    assert book_fonts.write_fonts(tmp_path, {"korean": set("ab")}) == []
    assert list(tmp_path.iterdir()) == []


def test_a_list_inside_a_paragraph_comes_out_and_the_text_around_it_stays():
    inside = nodes.bullet_list("", nodes.list_item("", nodes.paragraph("", "b")))
    parts = book_ebook.apart(nodes.paragraph("", "a", inside, nodes.Text("c")))
    assert [(type(part).__name__, part.astext()) for part in parts] == [
        ("paragraph", "a"), ("bullet_list", "b"), ("paragraph", "c"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "korean"),
    [
        ("a step (학습률) and 기울기 벡터장.", ["학습률", "기울기 벡터장"]),
        ("원-핫 인코딩", ["원-핫 인코딩"]),
        ("no word of it", []),
    ],
)
def test_each_run_of_korean_words_is_one_part(text, korean):
    parts = book_languages.told(nodes.Text(text))
    assert "".join(part.astext() for part in parts) == text
    marked = [part for part in parts if isinstance(part, nodes.inline)]
    assert [part.astext() for part in marked] == korean
    assert all(part["classes"] == ["language-ko"] for part in marked)


def test_the_environment_says_when_the_book_was_changed_and_git_where_it_does_not(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert book_ebook.changed(ROOT) == 86400
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert book_ebook.changed(ROOT) > 1_600_000_000


@pytest.fixture
def tool(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return run_path(str(ROOT / "tools" / "ebook.py"))


def test_epubcheck_is_run_however_it_is_installed_and_its_absence_is_said(
    tool, tmp_path, monkeypatch, capfd
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tool["check"](tmp_path / "a.epub") == 0
    assert "nobody has checked it" in capfd.readouterr().out
    program = tmp_path / "epubcheck"
    program.write_text('#!/bin/sh\necho "$@"\nexit 3\n')
    program.chmod(0o755)
    assert tool["check"]("a.epub") == 3
    assert capfd.readouterr().out == "--failonwarnings a.epub\n"
    program.write_bytes(b"PK\x03\x04 an archive")
    assert tool["checker"]() == ["java", "-jar", str(program)]


def test_what_sets_formulas_is_found_among_the_packages_of_its_venv(tool, tmp_path):
    packages = tmp_path / "lib" / "python3.12" / "site-packages"
    (packages / "pip").mkdir(parents=True)
    assert tool["packages"](tmp_path) == packages
