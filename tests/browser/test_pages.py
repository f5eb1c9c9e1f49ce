"""Every page of the built book, over http and from disk."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

HEAVIEST_PAGE = 1_500_000  # bytes, compressed, but for MathJax and what runs the exercises
NOT_WEIGHED = ("tex-svg-full.js", "downslope-exercise.js", "downslope-exercise.css")


@pytest.mark.parametrize("how", ["http", "file"])
def test_a_page_asks_no_other_host_and_says_nothing_in_the_console(reading, page_path, how):
    window = reading(page_path, how)
    window.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    window.page.wait_for_timeout(300)
    assert window.requests, "nothing was asked for at all, so nothing was looked at"
    assert window.elsewhere() == []
    assert window.failures == []
    assert window.complaints == []


def test_every_formula_is_rendered(reading, page_path):
    every_formula_is_rendered(reading(page_path).page)


def test_every_formula_is_rendered_from_disk_too(reading, first_chapter_page):
    every_formula_is_rendered(reading(first_chapter_page, "file").page)


def every_formula_is_rendered(page):
    page.evaluate("window.formulasSet")
    formulas = page.locator(".math").count()
    assert page.locator("mjx-container > svg").count() == formulas
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    text = page.evaluate(
        """() => {
          const copy = document.querySelector("article, main, body").cloneNode(true);
          copy.querySelectorAll("pre, code, script, mjx-container").forEach((e) => e.remove());
          return copy.textContent;
        }"""
    )
    assert not re.search(r"\$\$|\\\(|\\\[|\\begin\{", text)


def test_some_page_has_formulas_that_the_test_above_can_look_at(book):
    assert any('class="math' in path.read_text() for path in book.rglob("*.html"))


def test_a_page_is_readable_with_scripts_off(reading, page_path):
    page = reading(page_path, java_script_enabled=False).page
    assert page.locator("main :is(h1, h2):visible").count() > 0
    assert len(page.locator("main").first.inner_text()) > 20
    why = page.locator("main .book-unset")
    assert why.count() == (page.locator(".math").count() > 0)
    assert why.count() == 0 or why.is_visible()


TOO_WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("main *")]
    .filter((e) => e.getBoundingClientRect().right > width + 1)
    .map((e) => `${e.tagName}.${e.className}`).slice(0, 5).concat("wider than the page");
}
"""


def test_a_page_fits_a_phone_without_scrolling_sideways(reading, page_path, phone):
    page = reading(page_path, **phone).page
    assert page.evaluate(TOO_WIDE) == []


def test_text_and_ground_follow_the_readers_colour_scheme(reading, page_path, look):
    assert is_dark(reading(page_path, **look).page) == (look.get("color_scheme") == "dark")


def is_dark(page):
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in re.findall(r"\d+", ground)[:3]) / 3
    assert not 60 <= brightness <= 200
    return brightness < 60


def colours(page):
    return page.evaluate(
        "['--book-paper', '--book-accent'].map("
        "(name) => getComputedStyle(document.documentElement).getPropertyValue(name))"
    )


@pytest.mark.parametrize(
    ("scheme", "chosen", "theme"),
    [("dark", None, "dark"), ("light", None, "light"), ("dark", "light", "light")],
)
def test_a_page_has_its_colours_before_the_script_of_the_theme_comes(
    visit, first_chapter_page, scheme, chosen, theme
):
    page = visit(first_chapter_page, color_scheme=scheme, at_rest=False).page
    page.evaluate("localStorage.clear()")
    page.evaluate("(chosen) => chosen && localStorage.setItem('mode', chosen)", chosen)
    page.route("**/pydata-sphinx-theme.js*", lambda route: route.abort())
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert is_dark(page) == (theme == "dark")


def test_a_page_without_scripts_has_the_colours_of_the_light_one(reading, first_chapter_page):
    light = colours(reading(first_chapter_page).page)
    assert all(light)
    assert colours(reading(first_chapter_page, java_script_enabled=False).page) == light


def test_a_page_is_light_to_load(reading, book, page_path):
    window = reading(page_path)
    loaded = window.requests[: window.loaded]
    own = {urlsplit(url).path for url in loaded if url.startswith(window.root)}
    files = [book / unquote(path).lstrip("/") for path in own if not path.endswith(NOT_WEIGHED)]
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in files}
    assert len(sizes) > 3
    assert sum(sizes.values()) <= HEAVIEST_PAGE, sorted(sizes.items(), key=lambda item: -item[1])


DRAWINGS = re.compile(r"<svg.*?</svg>", re.S)  # nine tenths of a chapter, without a link


class Addresses(HTMLParser):
    """Ids on a page, and the addresses it links to or loads."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.addresses = set(), []
        self.feed(DRAWINGS.sub("", text))

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.ids |= {named.get("id"), named.get("name") if tag == "a" else None}
        self.addresses += [named[key] for key in ("href", "src") if named.get(key)]


@pytest.fixture(scope="session")
def addresses(book):
    """Ids and addresses of each page, by its path."""
    return {
        path.resolve(): Addresses(path.read_text(encoding="utf-8")) for path in book.rglob("*.html")
    }


def broken_links(path, addresses):
    """Addresses on the page that lead into the book, and to nothing."""
    broken = []
    for address in addresses[path].addresses:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        fragment = unquote(parts.fragment).split("?")[0]
        ids = addresses[target].ids if target in addresses else {fragment}
        if not target.exists() or (fragment and fragment not in ids):
            broken.append(address)
    return broken


def test_every_link_inside_the_book_leads_somewhere(book, page_path, addresses):
    assert broken_links((book / page_path).resolve(), addresses) == []


def test_a_broken_link_would_be_found(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(
        '<a id="here" href="none.html">a</a><a href="#there">b</a><a href="#here">c</a>'
    )
    assert broken_links(path, {path: Addresses(path.read_text())}) == ["none.html", "#there"]


@pytest.mark.parametrize("how", ["http", "file"])
def test_the_door_of_the_book_leads_to_its_first_page(visit, how):
    window = visit("search.html", how)
    window.page.goto(window.root + "index.html")
    window.page.wait_for_url("**/book/intro.html*")
    assert window.page.locator("article h1").is_visible()


@pytest.mark.parametrize("how", ["http", "file"])
def test_the_search_finds_a_word_of_the_book(visit, how):
    page = visit("search.html?q=gradient", how).page
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li a").count() > 0


def test_what_is_searched_for_is_not_written_over_the_lens(visit):
    page = visit("search.html?q=slope", at_rest=False).page
    room = page.locator("main form.bd-search").evaluate(
        """(form) => {
          const field = form.querySelector("input");
          const inside = parseFloat(getComputedStyle(field).paddingLeft);
          const from = field.getBoundingClientRect().left + inside;
          return from - form.querySelector("i, svg").getBoundingClientRect().right;
        }"""
    )
    assert room > 0


def test_a_word_that_the_search_has_found_is_marked_on_the_page_it_leads_to(visit):
    window = visit("search.html?q=plateau")
    window.page.locator("#search-results a[href*='chapters/04']").first.click()
    window.page.wait_for_selector("article span.highlighted >> text=plateau", state="attached")
    assert window.complaints == []


def test_no_page_runs_a_script_of_ours_inline(book, page_path):
    text = (book / page_path).read_text(encoding="utf-8")
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", text, flags=re.S)
    ours = [body for kind, body in inline if "json" not in kind and "downslope" in body.lower()]
    assert [body for body in ours if "DOCUMENTATION_OPTIONS" not in body] == []
    assert Path(page_path).suffix == ".html"


MEANING = {"book/notation.html": 3, "book/glossary.html": 5}  # its column
ROOM = """
(table, column) => ({
  beyond: table.closest(".pst-scrollable-table-container").scrollWidth
    - table.closest(".pst-scrollable-table-container").clientWidth,
  widths: [...table.querySelectorAll(`tbody td:nth-child(${column})`)].map((e) => e.offsetWidth),
  all: table.offsetWidth,
})
"""


@pytest.mark.parametrize("address", MEANING)
def test_what_a_symbol_or_a_term_means_has_room(reading, address, look):
    tables = reading(address, **look).page.locator("table")
    found = [table.evaluate(ROOM, MEANING[address]) for table in tables.all()]
    assert found
    for table in found:
        assert table["beyond"] <= 4
        assert min(table["widths"]) >= table["all"] / 4
