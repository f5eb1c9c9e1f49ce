"""axe-core over our own elements; and the quizzes, answered as a reader answers them."""

from pathlib import Path

import axe_playwright_python

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
OURS = ["downslope-explorer", "downslope-quiz"]


def violations(page, *selectors):
    """What axe-core finds wrong inside the elements, a line for each place."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "(found) => axe.run({include: found.map((e) => [e])}, {resultTypes: ['violations']})",
        selectors,
    )
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def wake_all(page):
    """Scroll to each explorer, as a reader does, until all are unpacked."""
    for explorer in page.locator("downslope-explorer").all():
        explorer.scroll_into_view_if_needed()
    page.wait_for_function(
        "[...document.querySelectorAll('downslope-explorer')]"
        ".every((e) => e.dataset.state === 'ready')"
    )


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


def test_every_choice_of_a_quiz_gets_an_answer_of_its_own(reading, quiz_page):
    window = reading(quiz_page)
    for fieldset in window.page.locator("downslope-quiz fieldset").all():
        choices = fieldset.locator("input[type=radio]").all()
        feedback = fieldset.locator(".ds-feedback")
        assert len(choices) > 1
        assert feedback.get_attribute("aria-live")
        said = []
        for choice in choices:
            choice.check()
            said.append(feedback.inner_text().strip())
        assert all(said)
        assert len(set(said)) == len(said)
    assert window.complaints == []


def test_a_quiz_can_be_read_with_scripts_off(reading, quiz_page):
    page = reading(quiz_page, java_script_enabled=False).page
    for fieldset in page.locator("downslope-quiz fieldset").all():
        assert fieldset.locator("legend").inner_text().strip()
        assert fieldset.locator("label").first.is_visible()
