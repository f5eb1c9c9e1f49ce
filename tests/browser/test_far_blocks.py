"""What is far from the window costs nothing; a reader must not notice that it was ever away."""

import re

import pytest
from playwright.sync_api import expect

ADDRESS = "chapters/04_gradient_descent.html"
HOLDS_ITS_PLACE = """
async (id) => {
  const top = () => document.getElementById(id).getBoundingClientRect().top;
  const tops = [];
  for (let wait = 0; wait < 6; wait++) {
    await new Promise((done) => setTimeout(done, 100));
    tops.push(Math.round(top()));
  }
  return tops;
}
"""


WORDS = ".bd-article section > section > p"
IS_DRAWN = "(e) => e.checkVisibility({contentVisibilityAuto: true})"
# What is marked or has the focus is near, wherever it stands.
TO_THE_TOP = """() => {
  getSelection().removeAllRanges();
  document.activeElement.blur();
  window.scrollTo({top: 0, behavior: "instant"});
}"""


@pytest.fixture
def top(reading):
    """The chapter, read from its beginning, from where its end is far away."""
    page = reading(ADDRESS).page
    page.evaluate(TO_THE_TOP)
    end = page.locator(WORDS).last.element_handle()
    page.wait_for_function(f"(e) => !({IS_DRAWN})(e)", arg=end)
    return page


def late_section(page):
    """Id of a section near the end, with formulas in it and a screen or more below it."""
    return page.evaluate(
        "[...document.querySelectorAll('.bd-article section > section:has(.math)')].at(-4).id"
    )


def test_far_blocks_are_skipped_and_near_ones_are_not(top):
    words = top.locator(WORDS)
    first, last = words.first.element_handle(), words.last.element_handle()
    for near, far in [(first, last), (last, first)]:
        near.scroll_into_view_if_needed()
        top.wait_for_function(IS_DRAWN, arg=near)
        top.wait_for_function(f"(e) => !({IS_DRAWN})(e)", arg=far)


CLEAR_OF_THE_BAR = """
(id) => {
  const heading = document.getElementById(id).querySelector("h2, h3");
  const bar = document.querySelector(".bd-header-article");
  return heading.getBoundingClientRect().top >= bar.getBoundingClientRect().bottom;
}
"""


def test_the_heading_that_a_link_leads_to_is_not_under_the_bar(visit, phone):
    name = "exercise-mend-it"
    page = visit(f"chapters/03_differentiation.html#{name}", **phone).page
    page.wait_for_function(CLEAR_OF_THE_BAR, arg=name)


def test_who_has_scrolled_away_meanwhile_is_left_there(visit):
    page = visit("chapters/03_differentiation.html#find-the-bug", at_rest=False).page
    top = "document.getElementById('find-the-bug').getBoundingClientRect().top"
    page.mouse.wheel(0, 250)
    page.wait_for_function(f"{top} < -50")
    page.evaluate("window.formulasSet")
    assert page.evaluate(top) < 0


def test_a_link_deep_into_a_page_leads_there_and_stays_there(visit, reading, look):
    name = late_section(reading(ADDRESS, **look).page)
    window = visit(f"{ADDRESS}#{name}", **look)
    tops = window.page.evaluate(HOLDS_ITS_PLACE, name)
    assert all(-5 <= top <= 200 for top in tops), tops
    window.page.reload()
    window.page.evaluate("window.formulasSet")
    tops = window.page.evaluate(HOLDS_ITS_PLACE, name)
    assert all(-5 <= top <= 200 for top in tops), tops


@pytest.mark.parametrize("how", ["http", "file"])
def test_a_link_to_a_state_leads_to_its_explorer_and_stays_there(visit, how, look):
    window = visit(f"{ADDRESS}#gradient-field?learning_rate=1", how, **look)
    window.page.wait_for_selector("#gradient-field[data-state=ready]")
    tops = window.page.evaluate(HOLDS_ITS_PLACE, "gradient-field")
    assert all(-5 <= top <= 200 for top in tops), tops


def test_scrolling_on_and_back_finds_the_same_words_in_the_same_place(reading, look):
    page = reading(ADDRESS, **look).page
    page.evaluate("document.querySelector('#gradient-field').scrollIntoView()")
    page.wait_for_timeout(300)
    before = page.evaluate("document.querySelector('#gradient-field').getBoundingClientRect().top")
    for by in (900, 900, -900, -900):
        page.mouse.wheel(0, by)
        page.wait_for_timeout(200)
    after = page.evaluate("document.querySelector('#gradient-field').getBoundingClientRect().top")
    assert abs(after - before) < 40


def test_the_browser_finds_words_that_are_far_away(top):
    words = top.locator(".bd-article section > p").last.text_content()
    words = max(re.findall(r"[A-Za-z ,]+", words), key=len).strip()
    assert len(words) > 15
    assert top.evaluate("(words) => window.find(words)", words)
    place = "getSelection().getRangeAt(0).getBoundingClientRect().top"
    top.wait_for_function(f"0 <= {place} && {place} <= 900")


def test_who_listens_to_the_page_hears_what_is_far_away(top):
    heard = top.locator(f'[id="{late_section(top)}"]').aria_snapshot()
    assert "heading" in heard
    assert "math" in heard


def test_focus_goes_into_a_block_that_is_far_away(top):
    choice = top.locator("downslope-quiz input[type=radio]").last
    choice.focus()
    top.keyboard.press("Space")
    expect(choice).to_be_checked()
    expect(choice).to_be_in_viewport()


def pages_and_bytes(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf)), len(pdf)


def test_paper_has_all_that_the_page_has(visit):
    page = visit(ADDRESS).page
    pages, size = pages_and_bytes(page.pdf())
    page.add_style_tag(content=".bd-article section * { content-visibility: visible !important }")
    for explorer in page.locator("downslope-explorer").all():
        explorer.scroll_into_view_if_needed()
    all_pages, whole = pages_and_bytes(page.pdf())
    assert pages > 10
    assert abs(pages - all_pages) <= 1
    assert abs(size - whole) < 0.03 * whole


def test_a_page_that_is_printed_before_its_formulas_are_set_sets_them(visit):
    page = visit("search.html").page
    page.add_init_script(
        "window.requestIdleCallback = (work) => setTimeout(work, "
        "document.querySelector('mjx-lazy') ? 60_000 : 0)"
    )
    page.goto(page.url.replace("search.html", ADDRESS))
    page.wait_for_selector("mjx-lazy", state="attached")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("!document.querySelector('mjx-lazy')")
    assert page.locator("mjx-container > svg").count() == page.locator(".math").count()


def test_the_icons_are_drawn_by_the_themes_font(reading):
    window = reading(ADDRESS)
    assert not [url for url in window.requests if "fontawesome.js" in url]
    icons = window.page.locator("i.fa-solid").evaluate_all(
        "(all) => all.map((e) => getComputedStyle(e, '::before').content)"
    )
    assert icons
    assert all(icon not in ("none", "normal", '""') for icon in icons)
    fonts = "document.fonts.ready.then(() => [...document.fonts].filter("
    fonts += "(f) => f.family.includes('Awesome') && f.status === 'loaded').length)"
    assert window.page.evaluate(fonts) > 0
