"""Answers on the page: folded until a reader asks, by any means; found by the search; on paper."""

import re
import zipfile
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup

from paper import put_on_paper, settles

FOLD = ".bd-article details:not([class])"
LINK = re.compile(r"\]\(([^)\s]+)\)")


def texts_that_are_seen(page):
    """Of each text inside a fold, whether a reader sees it."""
    return page.locator(f"{FOLD} > :not(summary)").evaluate_all(
        "(texts) => texts.map((e) => e.checkVisibility())"
    )


def test_answers_are_folded_until_a_key_opens_them(visit, chapter_page):
    page = visit(chapter_page, at_rest=False).page
    folds = page.locator(FOLD)
    assert folds.count() > 3
    assert not any(texts_that_are_seen(page))
    for fold in (folds.first, folds.last):
        summary = fold.locator("> summary")
        assert "Compare with your" in summary.text_content()
        summary.focus()
        page.keyboard.press("Enter")
        assert fold.locator("> :not(summary)").first.is_visible()
        page.keyboard.press("Enter")
        assert not fold.locator("> :not(summary)").first.is_visible()


def test_on_paper_every_fold_stands_open(reading, chapter_page):
    page = reading(chapter_page).page
    put_on_paper(page)
    seen = settles(lambda: texts_that_are_seen(page), all)
    page.emulate_media(media="screen")
    assert seen
    assert all(seen)


def test_without_scripts_a_fold_opens_too(reading, chapter_page):
    fold = reading(chapter_page, java_script_enabled=False).page.locator(FOLD).first
    fold.locator("> summary").click()
    assert fold.locator("> :not(summary)").first.is_visible()


def test_the_search_finds_a_word_that_stands_in_a_fold_only(visit, book):
    folded, shown = set(), set()
    for path in sorted(book.glob("chapters/*.html")):
        text = re.sub(r"<script.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.S)
        inside = re.findall(r"<details>\s*<summary>.*?</details>", text, re.S)
        rest = re.sub(r"<details>\s*<summary>.*?</details>", "", text, flags=re.S)
        folded |= set(re.findall(r"\b[a-z]{8,}\b", unescape(" ".join(inside))))
        shown |= set(re.findall(r"\b[a-z]{8,}\b", unescape(rest)))
    words = sorted(folded - shown)
    assert words
    page = visit(f"search.html?q={words[0]}").page
    page.wait_for_selector("#search-results li a")
    assert "chapters/" in page.locator("#search-results li a").first.get_attribute("href")


def test_a_link_to_a_figure_that_is_folded_opens_it_where_it_stands(visit, book):
    tried = 0
    for path in sorted(book.glob("chapters/*.html")):
        page = BeautifulSoup(path.read_bytes(), "html.parser")
        for explorer in page.select("details:not([open]) downslope-explorer:has(select)"):
            name, control = explorer["id"], explorer.select_one("select")["data-control"]
            address = f"{path.relative_to(book).as_posix()}#{name}?{quote(control)}="
            page = visit(address, at_rest=False).page
            page.wait_for_selector(f'[id="{name}"][data-state="ready"]', state="visible")
            page.wait_for_timeout(300)
            assert abs(page.locator(f'[id="{name}"]').bounding_box()["y"]) < 300
            tried += 1
    assert tried


# The notebooks that the book serves


@pytest.fixture(scope="module")
def files(book, tmp_path_factory):
    """The folder that a reader has when the zip is unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(book / "_static" / "downslope-notebooks.zip") as file:
        file.extractall(folder)
    (found,) = folder.iterdir()
    return found


def test_every_chapter_of_the_book_is_in_the_files_and_the_readme_names_what_is_there(book, files):
    there = {path.stem for path in (files / "chapters").glob("*.ipynb")}
    assert there == {path.stem for path in book.glob("chapters/*.html")}
    readme = (files / "README.md").read_text(encoding="utf-8")
    for name in ("requirements.txt", "chapters", "LICENSE", "LICENSE-text"):
        assert name in readme
        assert (files / name).exists()
    asked = (files / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert (files / asked[0].removeprefix("-c ")).is_file()
    assert (files / asked[1]).is_file()
    assert asked[1].endswith(".whl")


def links_of(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return [urlsplit(link) for link in LINK.findall(text)]


def test_every_link_in_the_files_leads_to_one_of_them(files):
    seen = 0
    for path in [*files.glob("chapters/*.ipynb"), *files.glob("book/*.md")]:
        for link in links_of(path):
            if link.path and not link.scheme:
                assert (path.parent / unquote(link.path)).is_file(), (path, link)
                seen += 1
    assert seen > 20


def test_the_page_of_each_chapter_offers_its_notebook_and_all_of_them(reading, chapter_page, book):
    page = reading(chapter_page).page
    page.locator(".dropdown-download-buttons button").first.click()
    for text in (".ipynb", "All notebooks"):
        link = page.locator(f".dropdown-download-buttons a:has-text('{text}')")
        assert link.is_visible()
        target = (book / chapter_page).parent / Path(link.get_attribute("href"))
        assert target.resolve().is_file()
    page.keyboard.press("Escape")
    assert nbformat.read(book / "_sources" / Path(chapter_page).with_suffix(".ipynb"), 4)
