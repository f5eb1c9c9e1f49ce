"""Every explorer of the built book, moved as a reader moves it."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from colours import contrast
from paper import put_on_paper


def ends(explorer, name):
    """What the explorer shows at the first and at the last value of a control."""
    if name in explorer.names("select"):
        last = explorer.control(name).locator("option").count() - 1
        return explorer.choose(name, 0), explorer.choose(name, last)
    return explorer.press(name, "Home"), explorer.press(name, "End")


def move_away(explorer):
    """Move every control to an end that it does not begin at; what is shown before and after."""
    first = explorer.now()
    for control, value in first["controls"].items():
        if ends(explorer, control)[1]["controls"][control] == value:
            select = control in explorer.names("select")
            explorer.choose(control, 0) if select else explorer.press(control, "Home")
    moved = explorer.now()
    assert not moved["controls"].items() & first["controls"].items()
    assert moved["picture"] != first["picture"]
    return first, moved


def test_the_book_has_explorers(book):
    assert any("<downslope-explorer " in path.read_text() for path in book.rglob("*.html"))


MOST_BYTES, MOST_BYTES_OF_THE_FLAGSHIP = 300_000, 600_000


def test_it_is_light_enough_for_its_page(book, explorer_place):
    page, name = explorer_place
    text = (book / page).read_text(encoding="utf-8")
    element = re.search(rf'<downslope-explorer id="{name}".*?</downslope-explorer>', text, re.S)
    most = MOST_BYTES_OF_THE_FLAGSHIP if name == "gradient-field" else MOST_BYTES
    assert 1000 < len(element[0].encode()) <= most


def test_every_control_changes_the_picture_between_its_ends(reading, awake, moving_place):
    page, name = moving_place
    window = reading(page)
    explorer = awake(window, name)
    controls = explorer.now()["controls"]
    readouts = {explorer.now()["readout"]}
    assert controls
    for control in controls:
        explorer.reset()
        first, last = ends(explorer, control)
        if control in explorer.names("input"):
            most = int(explorer.control(control).get_attribute("max"))
            one_back = explorer.press(control, "ArrowLeft")
            shown = [now["controls"][control] for now in (first, last, one_back)]
            assert shown == ["0", str(most), str(most - 1)]
        assert first["controls"][control] != last["controls"][control]
        assert first["picture"] != last["picture"], f"{control} changes nothing"
        readouts |= {first["readout"], last["readout"]}
    assert "" not in readouts, "a state without a readout"
    assert len(readouts) > 1, "no control changes the readout"
    assert window.complaints == []
    assert window.elsewhere() == []


@pytest.mark.parametrize("how", ["file", "strict"])
def test_it_moves_from_disk_and_under_a_content_policy_too(
    reading, awake, first_moving_place_of_a_page, how
):
    page, name = first_moving_place_of_a_page
    window = reading(page, how)
    explorer = awake(window, name)
    first, last = ends(explorer, next(iter(explorer.now()["controls"])))
    assert first["picture"] != last["picture"]
    if how != "strict":  # there the theme's own inline scripts complain
        assert window.complaints == []
    assert window.elsewhere() == []


def test_every_value_of_every_control_draws_something_and_is_named(reading, awake, moving_place):
    page, name = moving_place
    window = reading(page)
    explorer = awake(window, name)
    first = explorer.now()
    for control in first["controls"]:
        explorer.reset()
        shown = explorer.sweep(control)
        assert len(shown) > 1
        assert all(now["layers"] == first["layers"] for now in shown)
        assert all(int(now["picture"].split(":")[0]) > 100 for now in shown)
        for named in ("value", "said") if shown[0]["said"] else ():
            assert len({now[named] for now in shown}) == len(shown)
    for control in explorer.names("select"):
        explorer.reset()
        pictures = [now["picture"] for now in explorer.sweep(control)]
        assert len(set(pictures)) == len(pictures), f"two choices of {control} look the same"
    for control in explorer.names("input"):
        assert explorer.control(control).get_attribute("aria-valuetext")
    assert window.complaints == []


def test_the_keyboard_reaches_every_control_and_shows_where_it_is(reading, awake, moving_place):
    page, name = moving_place
    window = reading(page)
    explorer = awake(window, name)
    stops = explorer.element.locator("input:visible, select:visible, button:visible")
    stops.first.focus()
    for index in range(stops.count()):
        assert stops.nth(index).evaluate("(e) => e === document.activeElement")
        style = "(e) => getComputedStyle(e).outlineStyle"
        assert stops.nth(index).evaluate(style) != "none"
        window.page.keyboard.press("Tab")


def test_a_copied_link_leads_back_to_its_state_and_reset_to_the_first_picture(
    reading, awake, moving_place
):
    page, name = moving_place
    explorer = awake(reading(page), name)
    first, moved = move_away(explorer)
    explorer.element.locator(".ds-link").click()
    copied = explorer.page.evaluate("location.href")
    explorer.page.wait_for_function(
        "async (href) => await navigator.clipboard.readText() === href", arg=copied
    )
    assert explorer.reset() == first
    assert go_to(explorer, copied[copied.index(f"#{name}?") :]) == moved


def reopened(visit, explorer, page, how):
    """A fresh window on the address of the state that the explorer has been moved to."""
    _, moved = move_away(explorer)
    address = explorer.page.evaluate("location.href")
    assert f"#{explorer.name}?" in address
    fresh = visit(page + address[address.index("#") :], how, at_rest=False)
    fresh.page.wait_for_function(
        "([name, values]) => Object.entries(values).every(([key, value]) => "
        "document.getElementById(name).querySelector(`[data-control='${key}']`).value === value)",
        arg=[explorer.name, moved["controls"]],
    )
    return fresh, moved


def test_a_link_opens_the_very_state_it_was_copied_from(
    visit, reading, awake, first_moving_place_of_a_page
):
    page, name = first_moving_place_of_a_page
    fresh, moved = reopened(visit, awake(reading(page), name), page, "http")
    assert awake(fresh, name, as_it_is=True).now() == moved
    assert fresh.complaints == []


def test_a_link_into_a_page_on_disk_opens_its_state(visit, reading, awake, first_moving_place):
    page, name = first_moving_place
    fresh, moved = reopened(visit, awake(reading(page, "file"), name), page, "file")
    assert awake(fresh, name, as_it_is=True).now() == moved
    assert fresh.complaints == []


def test_a_link_within_a_page_wakes_a_figure_that_is_still_far_away(visit, first_chapter_page):
    window = visit(first_chapter_page)
    far = window.page.locator("downslope-explorer:has([data-control])").last
    assert far.get_attribute("data-state") == "still"
    window.page.evaluate("(name) => { location.hash = `${name}?`; }", far.get_attribute("id"))
    expect(far).to_have_attribute("data-state", "ready")
    expect(far).to_be_in_viewport()
    assert window.complaints == []


GO_TO = """
(fragment) => new Promise((done) => {
  const before = location.href;
  window.addEventListener("hashchange", done, {once: true});
  location.hash = fragment;
  if (location.href === before) done();
})
"""


def go_to(explorer, fragment):
    """Follow a link to another place of the same page; what the explorer shows then."""
    explorer.page.evaluate(GO_TO, fragment)
    return explorer.now()


def test_a_value_beside_the_grid_snaps_to_the_nearest(reading, awake, moving_place):
    page, name = moving_place
    explorer = awake(reading(page), name)
    asked = {}
    for control in explorer.names("input"):
        explorer.press(control, "End")
        last = float(explorer.shown_value(control))
        explorer.press(control, "ArrowLeft")
        asked[control] = last + 0.2 * (float(explorer.shown_value(control)) - last)
        explorer.press(control, "End")
    wanted = explorer.now()
    explorer.reset()
    query = "&".join(f"{control}={quote(f'{value:.12g}')}" for control, value in asked.items())
    assert go_to(explorer, f"#{name}?{query}")["controls"].items() >= {
        (control, wanted["controls"][control]) for control in asked
    }


NONSENSE = ["#{name}?{control}=banana&nosuch=1", "#{name}?{control}=", "#%E0%A4%A", "#nosuch?x=1"]


def test_nonsense_in_a_link_is_ignored(reading, awake, first_moving_place_of_a_page):
    page, name = first_moving_place_of_a_page
    window = reading(page)
    explorer = awake(window, name)
    first = explorer.now()
    control = next(iter(first["controls"]))
    for nonsense in NONSENSE:
        assert go_to(explorer, nonsense.format(name=name, control=control)) == first
    assert window.complaints == []


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_in_the_address_of_a_page_is_ignored(
    visit, reading, awake, first_moving_place, nonsense
):
    page, name = first_moving_place
    first = awake(reading(page), name).now()
    window = visit(page + nonsense.format(name=name, control=next(iter(first["controls"]))))
    assert awake(window, name, as_it_is=True).now() == first
    assert window.complaints == []


def test_where_the_clipboard_is_closed_the_link_is_offered_for_copying(
    visit, awake, first_moving_place
):
    page, name = first_moving_place
    explorer = awake(visit(page), name)
    explorer.page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })"
    )
    explorer.element.locator(".ds-link").click()
    field = explorer.element.locator(".ds-address")
    assert f"{page}#{name}?" in field.input_value()
    assert field.evaluate("(e) => e.value.slice(e.selectionStart, e.selectionEnd) === e.value")


def failed_explorer(window, place):
    """The still figure, and what stands under it, where an explorer could not be woken."""
    page, name = place
    window.open(page)
    element = window.page.locator(f'downslope-explorer[id="{name}"][data-state="failed"]')
    element.wait_for()
    assert not element.locator(".ds-controls").is_visible()
    assert element.locator(".ds-panel > svg").first.bounding_box()["height"] > 100
    return element.locator(".ds-note").inner_text()


def test_damaged_data_leave_the_still_figure_and_a_sentence(visit, first_moving_place):
    window = visit("search.html")

    def damage(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("H4sI", "H4sJ"))

    window.page.route(f"**/{first_moving_place[0]}", damage)
    assert "damaged" in failed_explorer(window, first_moving_place)


def test_a_browser_too_old_to_unpack_the_data_is_told_so(visit, first_moving_place):
    window = visit("search.html")
    window.page.add_init_script("delete window.DecompressionStream")
    assert "2023" in failed_explorer(window, first_moving_place)


def test_play_moves_the_slider_and_stops_when_asked(reading, awake, moving_place):
    page, name = moving_place
    explorer = awake(reading(page), name)
    for button in explorer.element.locator(".ds-play").all():
        slider = button.locator("xpath=ancestor::*[contains(@class, 'ds-control')][1]//input")
        slider.focus()
        explorer.page.keyboard.press("Home")
        button.click()
        explorer.page.wait_for_function("(e) => Number(e.value) > 0", arg=slider.element_handle())
        button.click()
        stopped = slider.input_value()
        explorer.page.wait_for_timeout(800)  # a step is taken every 600
        assert slider.input_value() == stopped


def test_the_still_figure_stands_where_scripts_are_off(reading, explorer_place):
    page, name = explorer_place
    element = reading(page, java_script_enabled=False).page.locator(f'[id="{name}"]')
    pictures = element.locator(".ds-panel > svg[role=img]").all()
    assert pictures
    for picture in pictures:
        hidden = picture.locator("xpath=ancestor::details[not(@open)]/summary")
        for summary in hidden.all():
            summary.click()
        box = picture.bounding_box()
        assert min(box["width"], box["height"]) > 100
        assert picture.get_attribute("aria-label").strip()
        assert picture.locator("g[data-layer] :is(path, image, text)").count() > 0
    assert not element.locator(".ds-controls").is_visible()


def test_where_scripts_are_off_the_words_say_what_the_sliders_would(reading, moving_place):
    page, name = moving_place
    element = reading(page, java_script_enabled=False).page.locator(f'[id="{name}"]')
    assert element.locator(".ds-readout").text_content().strip()
    assert element.locator(".ds-values").text_content().strip()


@pytest.fixture
def on_paper(reading):
    """A window as it goes to the printer, and back to the screen afterwards."""
    windows = []

    def take(page, **options):
        windows.append(reading(page, **options))
        put_on_paper(windows[-1].page)
        return windows[-1]

    yield take
    for window in windows:
        window.page.emulate_media(media="screen")


OF_EACH = """
(explorers) => explorers.map((explorer) => ({
  name: explorer.id,
  ink: getComputedStyle(explorer.querySelector(".ds-panel > svg")).color,
  ground: getComputedStyle(document.body).backgroundColor,
}))
"""


def explorers_of(page):
    """Of each explorer of a page: its name, its ink, and the ground under it."""
    found = page.locator("downslope-explorer").evaluate_all(OF_EACH)
    assert found
    return found


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_each_figure_stands_without_its_controls(on_paper, page_with_explorers, scripts):
    options = {} if scripts else {"java_script_enabled": False}
    explorers = on_paper(page_with_explorers, **options).page.locator("downslope-explorer").all()
    assert explorers
    for explorer in explorers:
        explorer.scroll_into_view_if_needed()  # what is far away keeps its old look
        expect(explorer.locator(".ds-controls")).to_be_hidden()
        assert explorer.locator(".ds-panel > svg").first.bounding_box()["height"] > 100


def test_waking_up_does_not_change_the_picture(reading, awake, explorer_place):
    page, name = explorer_place
    still = reading(page, java_script_enabled=False).page.locator(f'[id="{name}"]')
    drawn = pictures(still)
    assert re.search(r"<(path|image)", "".join(drawn))
    assert pictures(awake(reading(page), name).element) == drawn


def pictures(explorer):
    """What is drawn on each panel; the script sets how wide the panel may become."""
    return explorer.locator(".ds-panel svg").evaluate_all("all => all.map(e => e.outerHTML)")


def test_no_ink_disappears_in_the_ground(reading, page_with_explorers, look):
    found = explorers_of(reading(page_with_explorers, **look).page)
    assert [each["name"] for each in found if contrast(each["ink"], each["ground"]) <= 7] == []
