"""The script of the explorers, on small pages of its own, where no explorer of the book goes."""

import shutil
from html import escape

import pytest

from downslope import sphinx_ext
from downslope.explore import choice, explore, linear, steps


def frame(ax):
    ax.set(xlim=(0, 10), ylim=(0, 10))


@pytest.fixture
def page_of(tmp_path, browser):
    """`page_of(explorer, ..., fragment="#...")`: a window on a page that holds them."""
    contexts = []

    def open_page(*explorers, fragment="", prepare=None):
        shutil.copytree(sphinx_ext._STATIC, tmp_path / "static", dirs_exist_ok=True)
        body = "".join(explorer.page_html() for explorer in explorers)
        (tmp_path / "page.html").write_text(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>'
            '<link rel="stylesheet" href="static/downslope-explorer.css">'
            '<script defer src="static/downslope-explorer.js"></script></head>'
            f"<body>{body}</body></html>",
            encoding="utf-8",
        )
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        if prepare:
            prepare(page)
        page.goto((tmp_path / "page.html").as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()


def awake(page):
    page.wait_for_function(
        "[...document.querySelectorAll('downslope-explorer')]"
        ".every((e) => e.dataset.state === 'ready')"
    )
    return page


def of_units(options):
    def word(ax, unit):
        ax.text(5, 5, unit)
        return f"unit {unit}"

    return explore(frame, word, name="u", unit=choice(options))


@pytest.mark.parametrize(
    "options", [["mW", "MW"], ["50%", "50%41"], ["a", "a "], ["x+y", "x&y=1"], ["<b>", "&lt;b>"]]
)
@pytest.mark.parametrize("index", [0, 1])
def test_a_link_tells_options_apart_that_look_alike(page_of, options, index):
    page = awake(page_of(of_units(options)))
    page.select_option("select", index=1 - index)
    page.select_option("select", index=index)
    page.wait_for_function("location.hash.includes('?')")
    fragment = page.evaluate("location.hash")
    again = awake(page_of(of_units(options), fragment=fragment))
    assert again.locator("select").evaluate("(e) => e.selectedIndex") == index
    assert again.locator(".ds-readout").text_content().strip() == f"unit {options[index]}".strip()


def test_the_other_play_button_takes_over(page_of):
    def count(ax, a, b):
        ax.plot([a], [b], "o")
        return f"{a} {b}"

    page = awake(page_of(explore(frame, count, name="p", a=steps(9), b=steps(9))))
    first, second = page.locator(".ds-play").all()
    first.click()
    page.wait_for_function("document.querySelectorAll('input')[0].value > 0")
    second.click()
    page.wait_for_function("document.querySelectorAll('input')[1].value > 0")
    assert [button.inner_text() for button in (first, second)] == ["Play", "Pause"]


def test_a_slider_moved_before_the_data_came_is_named_when_they_have(page_of):
    def slow(page):
        page.add_init_script(
            "const unpack = Response.prototype.json; Response.prototype.json = async function () {"
            "await new Promise((done) => setTimeout(done, 400)); return unpack.call(this); };"
        )

    def dot(ax, k):
        ax.plot([k], [5], "o")
        return f"k {k:g}"

    page = page_of(explore(frame, dot, name="k", k=linear(0, 9, 1, default=0)), prepare=slow)
    page.locator("input").fill("4")
    awake(page)
    assert page.locator(".ds-readout").text_content() == "k 4"
    assert page.locator(".ds-value").text_content() == "4"
    assert page.locator("input").get_attribute("aria-valuetext") == "4"


def test_two_explorers_on_a_page_share_no_id(page_of):
    def shaded(colours):
        def patch(ax, k):
            ax.tripcolor([0, 10, 5], [0, 0, 10], [k, 2, 3], shading="gouraud", cmap=colours)
            return f"{k:g}"

        return patch

    explorers = [
        explore(frame, shaded(colours), name=name, k=linear(0, 1, 1, default=0))
        for name, colours in (("first", "viridis"), ("second", "plasma"))
    ]
    page = awake(page_of(*explorers))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) > 4
    assert len(set(ids)) == len(ids)


def test_words_with_signs_of_markup_are_shown_as_they_are(page_of):
    words = 'id="zz" x="1.23456": #000000 & <b> url(#a) font: 12px serif'

    def note(ax, k):
        ax.text(0, 5, words)
        return words

    explorer = explore(frame, note, name="w", alt=words, k=linear(0, 1, 1, default=0))
    page = awake(page_of(explorer))
    assert words in page.locator("svg text").all_text_contents()
    assert page.locator(".ds-readout").text_content() == words
    assert page.locator("svg").first.get_attribute("aria-label") == words
    assert escape(words) in explorer.page_html()


def test_a_move_is_drawn_at_once_and_others_before_the_next_frame_together(page_of):
    def dot(ax, k):
        ax.plot([k], [5], "o")
        return f"k {k:g}"

    page = awake(page_of(explore(frame, dot, name="k", k=linear(0, 9, 1, default=0))))
    said = page.evaluate(
        """async () => {
          const input = document.querySelector("input[type=range]");
          const readout = document.querySelector(".ds-readout");
          const said = [3, 5, 7].map((value) => {
            input.value = value;
            input.dispatchEvent(new Event("input", {bubbles: true}));
            return readout.textContent;
          });
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          return [...said, readout.textContent];
        }"""
    )
    assert said == ["k 3", "k 3", "k 3", "k 7"]


def test_a_screen_reader_is_told_once_when_a_slider_has_come_to_rest(page_of):
    def dot(ax, k):
        ax.plot([k], [5], "o")
        return f"k {k:g}"

    page = awake(page_of(explore(frame, dot, name="k", k=linear(0, 9, 1, default=0))))
    assert page.locator(".ds-readout, .ds-value").evaluate_all(
        "(found) => found.map((e) => e.getAttribute('aria-live'))"
    ) == ["off", "off"]
    status = page.locator("[role=status]")
    assert status.text_content() == ""
    page.evaluate(
        "window.told = []; new MutationObserver(([{target}]) => told.push(target.textContent))"
        ".observe(document.querySelector('[role=status]'), {childList: true})"
    )
    page.locator("input").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("told.length > 1 && told.at(-1) === ''")
    assert [words for words in page.evaluate("told") if words] == ["k 3"]


STUCK = """
() => [...document.querySelectorAll(".ds-desk")].map((desk) =>
  [getComputedStyle(desk).position, desk.offsetHeight > innerHeight / 2])
"""
STICKS, STANDS = ["sticky", False], ["static", True]


def with_sliders(name, n_sliders, readout):
    def layer(ax, a=0, b=0, c=0, d=0):
        return readout

    sliders = {slider: steps(1) for slider in "abcd"[:n_sliders]}
    return explore(frame, layer, name=name, **sliders)


def test_on_a_phone_a_desk_sticks_where_half_of_the_window_is_left_to_the_picture(page_of):
    page = awake(
        page_of(
            with_sliders("few", 1, "short"),
            with_sliders("many", 4, "short"),
            with_sliders("long", 1, "a sentence of a readout that is told in many words " * 20),
            prepare=lambda page: page.set_viewport_size({"width": 390, "height": 900}),
        )
    )
    assert page.evaluate(STUCK) == [STICKS, STICKS, STANDS]
    page.add_style_tag(content=".ds-control { min-height: 80px }")  # as for fingers, and larger
    page.set_viewport_size({"width": 390, "height": 664})
    page.wait_for_function(f"({STUCK})()[1][0] === 'static'")
    assert page.evaluate(STUCK) == [STICKS, STANDS, STANDS]
    page.set_viewport_size({"width": 390, "height": 1200})
    page.wait_for_function(f"({STUCK})()[1][0] === 'sticky'")
    assert page.evaluate(STUCK) == [STICKS, STICKS, STICKS]
