"""axe-core over our own elements; and the quizzes, answered as a reader answers them."""

from pathlib import Path

import axe_playwright_python

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
OURS = ["downslope-explorer", "downslope-quiz"]


# While axe judges, the rest of the page is away, since it asks for the place and the style of every
# element that there is. The drawings are away too, each a picture with a name, whose
# colours axe never judges (`test_no_ink_disappears_in_the_ground` does).
AXE_RUN = """
async (ours) => {
  const found = await axe.run({include: ours.map((e) => [e])},
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
BACK = "() => window.broughtBack.forEach((back) => back())"


def violations(page, *selectors):
    """What axe-core finds wrong inside the elements, a line for each place."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))
    page.evaluate(AWAY, selectors)
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
