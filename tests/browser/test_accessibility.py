"""axe-core over every page, what pictures say, keys and fingers; and the quizzes, answered."""

import re
from html import unescape
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
OURS = ["downslope-explorer", "downslope-quiz"]


# While axe judges, the rest of the page is away, since it asks for the place and the style of every
# element that there is. The drawings are away too, each a picture with a name, whose
# colours axe never judges (`test_no_ink_disappears_in_the_ground` does).
AXE_RUN = """
async (ours) => {
  const found = await axe.run(ours.length ? {include: ours.map((e) => [e])} : document,
    {resultTypes: ["violations"], preload: false});
  return found.violations.flatMap((violation) =>
    violation.nodes.map((n) => `${violation.id}: ${violation.help}: ${n.html.slice(0, 120)}`));
}
"""
AWAY = """
(ours) => {
  const keep = [...ours, "downslope-exercise", "style", "link"].join();
  const drawings = [...document.querySelectorAll(".ds-panel > svg > *")];
  const others = [...document.body.querySelectorAll("*")].filter(
    (e) => !e.closest(keep) && !e.querySelector(keep));
  window.broughtBack = [...drawings, ...others].filter((e) => e.isConnected).map((e) => {
    const place = document.createComment("");
    e.replaceWith(place);
    return () => place.replaceWith(e);
  }).reverse();
}
"""
# Of a page without what is ours: of paragraphs, cells and rows that are like two before them, only
# these two, and no glyphs.
ONLY_KINDS = """
(ours) => {
  const [kinds, counts] = [new Map(), new Map()];
  const away = [...document.body.querySelectorAll("*")].filter((e) => {
    const kind = `${kinds.get(e.parentElement) ?? ""} ${e.tagName}.${e.className}`;
    kinds.set(e, kind);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return e.matches([...ours, "mjx-container > svg > *"].join()) || (counts.get(kind) > 2
      && e.matches("section > p, li, tr, dl, section, .cell, downslope-exercise"));
  });
  window.broughtBack = away.filter((e) => e.isConnected).map((e) => {
    const place = document.createComment("");
    e.replaceWith(place);
    return () => place.replaceWith(e);
  }).reverse();
}
"""
BACK = "() => window.broughtBack.forEach((back) => back())"


def violations(page, *selectors):
    """What axe-core finds wrong inside the elements, or around ours; a line for each place."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))
    page.evaluate(AWAY if selectors else ONLY_KINDS, selectors or OURS)
    try:
        return page.evaluate(AXE_RUN, selectors)
    finally:
        page.evaluate(BACK)


# One after the other, and again where it has moved away: what is unpacked above may be higher than
# the place that was kept for it.
WAKE = """
async (seconds) => {
  document.querySelectorAll("details").forEach((e) => (e.open = true));
  const end = performance.now() + 1000 * seconds;
  for (const explorer of document.querySelectorAll("downslope-explorer")) {
    while (explorer.dataset.state !== "ready") {
      if (performance.now() > end) return `${explorer.id} is ${explorer.dataset.state}`;
      explorer.scrollIntoView({block: "center", behavior: "instant"});
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  return "";
}
"""


def wake_all(page, seconds=60):
    """Scroll to each explorer, as a reader does, and stay until it is unpacked."""
    assert page.evaluate(WAKE, seconds) == ""


def test_axe_finds_nothing_wrong_in_our_own_elements(reading, page_path, look):
    page = reading(page_path, **look).page
    wake_all(page)
    found = [selector for selector in OURS if page.locator(selector).count()]
    assert not found or violations(page, *found) == []


def test_axe_finds_nothing_wrong_around_them(visit, page_of_each_kind, look):
    assert violations(visit(page_of_each_kind, **look).page) == []


def test_axe_would_find_a_fold_without_a_name(visit, long_reference_page):
    page = visit(long_reference_page).page
    page.evaluate("document.querySelector('.bd-sidebar summary').removeAttribute('aria-label')")
    assert [line.split(":")[0] for line in violations(page)] == ["summary-name"]


PICTURE = re.compile(r'<svg role="img" aria-label="(.*?)" viewBox|<img [^>]*?alt="(.*?)"', re.S)


def pictures(html):
    """What the pictures of an article say to those who do not see them."""
    article = html[html.index("<article") : html.index("</article>")]
    return [unescape(a or b) for a, b in PICTURE.findall(article)]


def test_every_picture_of_a_page_says_in_a_sentence_what_no_other_says(book, page_with_explorers):
    html = (book / page_with_explorers).read_text(encoding="utf-8")
    said = pictures(html)
    article = html[html.index("<article") : html.index("</article>")]
    assert len(said) == len(re.findall(r'role="img"|<img ', article)) > 0
    assert [text for text in said if len(text.split()) < 6 or text[-1] != "."] == []
    assert [text for text in said if said.count(text) > 1] == []
    assert [text for text in said if re.search(r"\b(frame|figure|explorer)\.|^Beside", text)] == []


# A formula in a line scrolls only where it must: all that scrolls is a stop of the Tab key.
STOPS = """
() => [...document.querySelectorAll(".bd-article mjx-container")]
  .filter((e) => (e.scrollWidth > e.clientWidth + 1) !== (e.tabIndex === 0)
    || (!e.hasAttribute("display") && e.tabIndex < 0
      && getComputedStyle(e).overflowX !== "visible"))
  .map((e) => e.textContent)
"""
SPOKEN = """
() => [...document.querySelectorAll(".book-wide")].map((e) => e.getAttribute("aria-label"))
"""
BEYOND_THE_WINDOW = """
() => [...document.querySelectorAll(".prev-next-area *")]
  .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map((e) => `${e.tagName}.${e.className}`)
"""
CUT_OFF = """
() => [...document.querySelectorAll(".bd-article section > *")]
  .filter((e) => e.scrollWidth > e.clientWidth + 3 // the edge of a box around code
    && !["auto", "scroll"].includes(getComputedStyle(e).overflowX)
    && getComputedStyle(e).display !== "inline")
  .map((e) => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 60)}`)
"""


def test_on_a_phone_nothing_is_cut_off_and_only_wide_formulas_stop_the_tab_key(
    reading, page_path, phone
):
    page = reading(page_path, **phone).page
    page.evaluate("window.formulasSet")
    page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(BEYOND_THE_WINDOW) == []
    page.evaluate("window.dispatchEvent(new Event('resize'))")
    page.wait_for_function(f"({STOPS})().length === 0", timeout=5000)
    words = page.locator('script[src*="reach.js"]').get_attribute("data-wide")
    assert set(page.evaluate(SPOKEN)) <= {words}


FINGER = 44  # pixels
SMALL = """
([controls, least]) => [...document.querySelectorAll(controls)]
  .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < least - 0.5)
  .map((e) => `${e.tagName} ${e.className} ${e.textContent.slice(0, 30)}`)
"""
CONTROLS = (
    "downslope-explorer :is(input, select, button), downslope-quiz :is(label, button),"
    "downslope-exercise button, .bd-article summary, .bd-header-article .btn"
)


def test_a_finger_finds_controls_of_its_size_and_a_menu_that_goes_when_it_has_chosen(
    visit, first_chapter_page, phone
):
    page = visit(first_chapter_page, has_touch=True, is_mobile=True, **phone).page
    assert page.locator(CONTROLS).count() > 50
    assert page.evaluate(SMALL, [CONTROLS, FINGER]) == []
    page.locator(".secondary-toggle").tap()
    menu = page.locator("#pst-secondary-sidebar-modal")
    menu.locator("a", has_text="Quiz").tap()
    page.wait_for_function("location.hash === '#quiz'")
    assert not menu.is_visible()


BESIDE_THE_DESK = """
() => [...document.querySelectorAll(".ds-control > *")].filter((e) => {
  const desk = e.closest(".ds-desk").getBoundingClientRect();
  return e.checkVisibility() && e.getBoundingClientRect().right > desk.right + 1;
}).map((e) => e.outerHTML.slice(0, 80))
"""


@pytest.mark.parametrize("size", ["100%", "200%"])
def test_controls_stay_on_their_desk_with_letters_of_any_size(reading, first_chapter_page, size):
    page = reading(first_chapter_page).page
    wake_all(page)
    page.evaluate("(size) => (document.documentElement.style.fontSize = size)", size)
    try:
        assert page.evaluate(BESIDE_THE_DESK) == []
    finally:
        page.evaluate("document.documentElement.style.fontSize = ''")


def test_a_stop_of_the_tab_key_in_the_frame_of_the_page_is_seen(visit, first_chapter_page):
    page = visit(first_chapter_page).page
    names, unseen = [], []
    for _ in range(30):
        page.keyboard.press("Tab")
        name, inside, is_seen = page.evaluate(
            """() => {
              const [e] = [document.activeElement];
              e.getAnimations({subtree: true}).forEach((a) => a.finish());
              const marks = [e, ...e.children].map((m) => getComputedStyle(m));
              return [e.getAttribute("aria-label") ?? e.textContent.trim(),
                e.closest("article") !== null, marks.some((s) =>
                  (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2)
                  || s.boxShadow.includes("3px"))];
            }"""
        )
        if inside:
            break
        names.append(name)
        unseen += [] if is_seen else [name]
    assert names[0] == "Skip to main content"
    assert {"Its pages", "Toggle primary sidebar"} < set(names)
    assert unseen == []


def test_axe_would_find_a_picture_without_a_name(visit, first_moving_place):
    page = visit(first_moving_place[0]).page
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', "
        "'<div id=bad><button></button><img src=\"data:,\"></div>')"
    )
    assert {line.split(":")[0] for line in violations(page, "#bad")} >= {"button-name", "image-alt"}


KINDS_OF_WORDS = [
    "downslope-explorer label",
    "downslope-explorer .ds-value",
    "downslope-explorer .ds-readout",
    "downslope-explorer .ds-reset",
    "downslope-explorer select",
    "downslope-quiz legend",
    "downslope-quiz label span",
    "downslope-quiz .ds-feedback",
]
PALE = """
(selectors) => selectors.map((selector) => {
  const all = [...document.querySelectorAll(selector)];
  const element = all.find((e) => e.checkVisibility()) ?? all[0];
  if (!element.textContent.trim()) element.append("Some words.");
  element.style.setProperty("color", "#999", "important");
  return element.outerHTML.slice(0, 60);
})
"""


def test_axe_would_find_each_kind_of_word_that_is_too_pale(visit):
    chapter = "chapters/04_gradient_descent.html"
    page = visit(chapter).page
    wake_all(page)
    assert violations(page, *OURS) == []
    pale = page.evaluate(PALE, KINDS_OF_WORDS)
    found = [line for line in violations(page, *OURS) if line.startswith("color-contrast")]
    assert [words for words in pale if not any(words in line for line in found)] == []


def test_a_page_is_whole_again_after_axe_has_judged_it(visit, first_moving_place):
    page = visit(first_moving_place[0]).page
    page.add_script_tag(path=str(AXE))
    before = page.evaluate("document.body.innerHTML")
    assert len(before) > 10_000
    page.evaluate(AWAY, OURS)
    assert len(page.evaluate("document.body.innerHTML")) < len(before)
    page.evaluate(BACK)
    assert page.evaluate("document.body.innerHTML") == before


CHOOSE_EACH = """
(fieldsets) => fieldsets.map((fieldset) => {
  const feedback = fieldset.querySelector(".ds-feedback[aria-live]");
  return [...fieldset.querySelectorAll("input[type=radio]")].map((choice) => {
    choice.click();
    return feedback.textContent.trim();
  });
})
"""


def test_every_choice_of_a_quiz_gets_an_answer_of_its_own(reading, quiz_page):
    window = reading(quiz_page)
    fieldsets = window.page.locator("downslope-quiz fieldset")
    questions = fieldsets.evaluate_all(CHOOSE_EACH)
    assert questions
    for said in questions:
        assert len(said) > 1
        assert all(said)
        assert len(set(said)) == len(said)
    # By the keyboard: a page that is still coming to rest may slip away under a pointer.
    fieldsets.first.locator("input[type=radio]").first.press("Space")
    assert fieldsets.first.locator(".ds-feedback").text_content().strip() == questions[0][0]
    assert window.complaints == []


def test_a_quiz_can_be_read_with_scripts_off(reading, quiz_page):
    page = reading(quiz_page, java_script_enabled=False).page
    for fieldset in page.locator("downslope-quiz fieldset").all():
        assert fieldset.locator("legend").inner_text().strip()
        assert fieldset.locator("label").first.is_visible()


THEMES = ".theme-switch-button, .search-button, .primary-toggle, .secondary-toggle"


def test_a_key_on_a_button_of_the_theme_keeps_the_focus_there(visit, look, first_chapter_page):
    page = visit(first_chapter_page, **look).page
    shown = [button for button in page.locator(THEMES).all() if button.is_visible()]
    assert len(shown) > 1
    for button in shown:
        button.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")  # which closes what has opened
        expect(button).to_be_focused()
