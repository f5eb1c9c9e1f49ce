"""A hand on the picture: on pages of their own, and for every handle of the built book."""

import json
import shutil

import numpy as np
import pytest
from playwright.sync_api import expect

from downslope import sphinx_ext
from downslope.explore import choice, explore, linear, logarithmic
from paper import put_on_paper

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"
TOUCH = {"viewport": {"width": 390, "height": 700}, "has_touch": True, "is_mobile": True}
#: Where the values `at` of a handle's sliders are in the window, found by the SVG's own matrix.
WHERE = """(e, [n, at]) => {
  const hand = JSON.parse(e.querySelector(".ds-hands").textContent)[n];
  const inputs = [...e.querySelectorAll("[data-control]")];
  const state = hand.controls.reduce((sum, i) => inputs[i].type === "range"
    ? sum * (Number(inputs[i].max) + 1) + Number(inputs[i].value)
    : sum * inputs[i].options.length + inputs[i].selectedIndex, 0);
  const [axes, ...ways] = hand.states[state];
  const box = hand.axes[axes];
  const places = [hand.across[ways[0]], hand.up[ways[1]]];
  const point = places.map((all, k) =>
    Array.isArray(all) ? all[at[k]] : all ?? (box[k] + box[k + 2]) / 2);
  const svg = e.querySelectorAll(".ds-panel > svg")[hand.panel];
  const shown = new DOMPoint(...point).matrixTransform(svg.getScreenCTM());
  return [shown.x, shown.y];
}"""
#: Between the bar of the page and, on a phone, the sliders, which stay at the foot of the window.
BELOW_THE_BAR = "(e) => { e.scrollIntoView({block: 'start'}); window.scrollBy(0, -70); }"
HANDS = """(e) => JSON.parse(e.querySelector(".ds-hands").textContent).map((hand) => ({
  ...hand, names: hand.sliders.map((i) =>
    i === null ? null : e.querySelectorAll("[data-control]")[i].dataset.control)}))"""


def frame(ax, view):
    wide = 3 if view == "far" else 2.2
    ax.set(xlim=(-wide, wide), ylim=(-2, 2), aspect="equal", xlabel="x")


def dot(ax, x, y):
    ax.plot([x], [y], "o")
    return f"x {x:g}, y {y:g}."


def curve(side):
    t = np.geomspace(0.1, 10)
    side.plot(t, t**2)
    side.set(xscale="log", yscale="log", xlim=(12, 0.08))


def on_curve(side, h):
    side.plot([h], [h * h], "o")
    return f"h {h:g}."


def bare(strip):
    strip.set(xlim=(0, 1), ylim=(-1, 11))


def level(strip, h):
    strip.axhline(h)


def explorer(name="held", view="far"):
    """A point on a plane, one on a curve over an inverted logarithmic axis, and a strip."""
    return explore(
        frame, dot, curve, on_curve, bare, level,
        name=name,
        panels={"ax": (4, 3), "side": (3, 3), "strip": (2, 3)},
        shared={"height": lambda h: h * h},
        handles={"ax": ("x", "y"), "side": ("h", "height"), "strip": (None, "h")},
        view=choice(["far", "near"], default=view),
        x=linear(-2, 2, 0.5, default=0.0),
        y=linear(-1, 1, 0.25, default=0.0),
        h=logarithmic(0.1, 10, default=1.0, per_decade=4),
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pages: one explorer, two of them, and one between much text."""
    folder = tmp_path_factory.mktemp("handles")
    shutil.copytree(sphinx_ext._STATIC, folder / "static")
    one, other = explorer().page_html(), explorer("second").page_html()
    text = "<p>text</p>" * 60
    for name, body in {"one": one, "two": one + other, "long": text + one + text}.items():
        (folder / f"{name}.html").write_text(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            '<link rel="icon" href="static/none.png">'
            '<link rel="stylesheet" href="static/downslope-explorer.css">'
            '<link rel="stylesheet" href="static/downslope-handles.css">'
            '<script defer src="static/downslope-handles.js"></script>'
            '<script defer src="static/downslope-explorer.js"></script></head>'
            f"<body>{body}</body></html>",
            encoding="utf-8",
        )
    return folder


class Held:
    """An explorer whose grips are dragged."""

    def __init__(self, page, name="held"):
        self.page = page
        self.element = page.locator(f'downslope-explorer[id="{name}"]')

    def where(self, hand, at):
        return self.element.evaluate(WHERE, [hand, at])

    def grip(self, hand):
        """Middle of a grip, in the window."""
        grips = self.element.locator(".ds-grip")
        return grips.nth(hand).evaluate(
            "(e) => { const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; }"
        )

    def take(self, hand):
        self.page.mouse.move(*self.grip(hand))
        self.page.mouse.down()

    def drag(self, hand, at):
        """Drag a grip to values of its sliders with the mouse, and let go."""
        self.take(hand)
        self.page.mouse.move(*self.where(hand, at), steps=4)
        self.page.mouse.up()
        self.settle()

    def settle(self):
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def values(self):
        return self.element.locator("[data-control]").evaluate_all(
            "(all) => all.map((e) => e.type === 'range' ? Number(e.value) : e.selectedIndex)"
        )

    def said(self):
        return self.element.locator(".ds-readout").text_content()


@pytest.fixture
def held(alone, folder):
    """`held(page, **options)`: the first explorer of a page, awake."""

    def open_page(page="one", **options):
        window = alone(
            folder, f"{page}.html", **{"viewport": {"width": 1200, "height": 800}, **options}
        )
        window.page.locator(".ds-panels").first.scroll_into_view_if_needed()
        window.page.wait_for_selector('downslope-explorer[data-state="ready"]')
        found = Held(window.page)
        found.window = window
        return found

    return open_page


def complaints(window):
    return [text for text in window.complaints if "404" not in text]


class TestMouse:
    def test_a_drag_sets_both_sliders_their_words_the_readout_and_the_link(self, held):
        explorer = held()
        explorer.drag(0, [7, 2])
        assert explorer.values() == [0, 7, 2, 4]
        assert explorer.said() == "x 1.5, y -0.5. h 1."
        x = explorer.page.locator('[data-control="x"]')
        assert x.get_attribute("aria-valuetext") == "1.5"
        assert x.locator("xpath=..").locator(".ds-value").text_content() == "1.5"
        assert explorer.page.evaluate("location.hash") == "#held?view=far&x=1.5&y=-0.50&h=1"
        assert complaints(explorer.window) == []

    @pytest.mark.parametrize("at", [[0, 0], [8, 8], [3, 6]])
    def test_every_value_can_be_reached_whatever_the_backdrop_shows(self, held, at):
        explorer = held()
        explorer.page.locator("select").select_option("near")
        explorer.settle()
        explorer.drag(0, at)
        assert explorer.values()[1:3] == at

    @pytest.mark.parametrize("at", range(0, 9, 2))
    def test_a_point_on_a_curve_goes_along_a_logarithmic_axis_that_runs_backwards(self, held, at):
        explorer = held()
        explorer.drag(1, [at, None])
        assert explorer.values()[3] == at
        assert explorer.grip(1) == pytest.approx(explorer.where(1, [at, None]), abs=1)

    def test_a_strip_is_held_anywhere_along_it(self, held):
        explorer = held()
        x, y = explorer.grip(2)
        explorer.page.mouse.move(x + 30, y + 5)
        explorer.page.mouse.down()
        explorer.page.mouse.move(x + 60, explorer.where(2, [None, 8])[1] + 5, steps=3)
        explorer.page.mouse.up()
        assert explorer.values()[3] == 8

    def test_holding_without_moving_changes_nothing(self, held):
        explorer = held()
        x, y = explorer.grip(0)
        explorer.page.mouse.move(x + 9, y - 9)
        explorer.page.mouse.down()
        explorer.page.mouse.up()
        assert explorer.values() == [0, 4, 4, 4]
        assert explorer.page.evaluate("location.hash") == ""

    def test_the_grip_goes_where_the_sliders_are(self, held):
        explorer = held()
        explorer.page.locator('[data-control="x"]').fill("8")
        explorer.settle()
        assert explorer.grip(0) == pytest.approx(explorer.where(0, [8, 4]), abs=1)
        explorer.page.locator("select").select_option("near")
        explorer.settle()
        assert explorer.grip(0) == pytest.approx(explorer.where(0, [8, 4]), abs=1)
        explorer.page.locator(".ds-reset").click()
        explorer.settle()
        assert explorer.grip(0) == pytest.approx(explorer.where(0, [4, 4]), abs=1)

    def test_pressing_elsewhere_within_the_axes_brings_the_point_there(self, held):
        explorer = held()
        explorer.page.mouse.click(*explorer.where(0, [1, 7]))
        assert explorer.values()[1:3] == [1, 7]
        left, top = explorer.where(0, [0, 8])
        explorer.page.mouse.click(left - 100, top)
        assert explorer.values()[1:3] == [1, 7]

    def test_other_buttons_and_beyond_the_edge(self, held):
        explorer = held()
        explorer.page.mouse.move(*explorer.grip(0))
        explorer.page.mouse.down(button="right")
        explorer.page.mouse.move(*explorer.where(0, [8, 8]))
        explorer.page.mouse.up(button="right")
        assert explorer.values()[1:3] == [4, 4]
        explorer.take(0)
        explorer.page.mouse.move(1190, 5, steps=3)
        explorer.page.mouse.up()
        assert explorer.values()[1:3] == [8, 8]

    def test_escape_takes_a_drag_back(self, held):
        explorer = held()
        explorer.take(0)
        explorer.page.mouse.move(*explorer.where(0, [8, 8]), steps=3)
        explorer.settle()
        assert explorer.said() == "x 2, y 1. h 1."
        explorer.page.keyboard.press("Escape")
        explorer.settle()
        explorer.page.mouse.move(*explorer.where(0, [0, 0]), steps=3)
        explorer.page.mouse.up()
        assert explorer.values()[1:3] == [4, 4]
        assert explorer.said() == "x 0, y 0. h 1."
        assert explorer.page.evaluate("location.hash") == ""

    def test_a_cancelled_drag_is_taken_back_and_the_next_one_works(self, held):
        explorer = held()
        explorer.take(0)
        explorer.page.mouse.move(*explorer.where(0, [8, 8]), steps=3)
        explorer.page.locator(".ds-grip").first.evaluate(
            "(e) => e.dispatchEvent(new PointerEvent('pointercancel', {pointerId: 1}))"
        )
        assert explorer.values()[1:3] == [4, 4]
        explorer.page.mouse.up()
        explorer.drag(0, [2, 2])
        assert explorer.values()[1:3] == [2, 2]

    def test_the_cursor_says_that_it_can_be_held_and_that_it_is(self, held):
        explorer = held()
        cursor = "(e) => getComputedStyle(e).cursor"
        grip = explorer.page.locator(".ds-grip").first
        assert grip.evaluate(cursor) == "grab"
        explorer.take(0)
        assert grip.evaluate(cursor) == "grabbing"
        explorer.page.mouse.up()
        assert grip.evaluate(cursor) == "grab"

    def test_what_comes_within_a_frame_is_drawn_once_more_at_most_and_never_half(self, held):
        explorer = held()
        explorer.take(0)
        explorer.page.evaluate(
            "() => { const e = document.querySelector('downslope-explorer'); window.said = [];"
            " const draw = e.draw; e.draw = function () { draw.call(e);"
            " window.said.push(e.querySelector('.ds-readout').textContent); }; }"
        )
        explorer.page.evaluate(
            """(points) => { const grip = document.querySelector(".ds-grip");
            for (const [clientX, clientY] of points) grip.dispatchEvent(
              new PointerEvent("pointermove", {pointerId: 1, clientX, clientY})); }""",
            [explorer.where(0, at) for at in ([5, 5], [6, 7], [8, 8])],
        )
        explorer.settle()
        assert explorer.page.evaluate("window.said") == ["x 0.5, y 0.25. h 1.", "x 2, y 1. h 1."]
        explorer.page.mouse.up()

    def test_a_zoomed_page_moves_as_one_that_is_not(self, held):
        explorer = held()
        explorer.page.evaluate("document.documentElement.style.zoom = 1.6")
        explorer.page.locator("downslope-explorer").scroll_into_view_if_needed()
        explorer.settle()
        explorer.drag(0, [6, 1])
        assert explorer.values()[1:3] == [6, 1]

    def test_two_explorers_do_not_disturb_each_other(self, held):
        explorer = held("two")
        second = Held(explorer.page, "second")
        second.element.scroll_into_view_if_needed()
        explorer.page.wait_for_selector('[id="second"][data-state="ready"]')
        second.drag(0, [1, 1])
        assert second.values()[1:3] == [1, 1]
        assert explorer.values()[1:3] == [4, 4]
        assert explorer.page.evaluate("location.hash").startswith("#second?")


def test_a_drag_before_the_frames_have_come_is_shown_when_they_have(alone, folder):
    window = alone(folder, "none.html", viewport={"width": 1200, "height": 800})
    window.page.add_init_script(
        "const unpack = Response.prototype.json; Response.prototype.json = async function () {"
        "await new Promise((done) => { window.come = done; }); return unpack.call(this); };"
    )
    window.open("one.html")
    explorer = Held(window.page)
    explorer.page.evaluate(
        "async () => { while (!window.come) await new Promise(requestAnimationFrame); }"
    )
    explorer.drag(0, [8, 0])
    assert explorer.element.get_attribute("data-state") == "still"
    explorer.page.evaluate("window.come()")
    explorer.page.wait_for_selector('downslope-explorer[data-state="ready"]')
    explorer.settle()
    assert explorer.said() == "x 2, y -1. h 1."
    assert explorer.page.evaluate("location.hash") == "#held?view=far&x=2.0&y=-1.00&h=1"


class TestModuleOfAKernel:
    """What anywidget runs, with a model of our own in place of the kernel's."""

    @pytest.fixture
    def page(self, alone, folder):
        hand = explorer()._view._hands["ax"]
        (folder / "static" / "hand.js").write_text(str(hand._esm), encoding="utf-8")
        start = {"at": hand.at, "place": hand.place}
        (folder / "static" / "start.js").write_text(
            f"""import widget from "./hand.js";
            const state = {json.dumps(start)}, watching = {{}};
            const el = document.querySelector(".ds-over");
            window.sent = [];
            window.change = (name, value) => {{
              state[name] = value;
              watching[`change:${{name}}`]?.();
            }};
            const model = {{
              get: (name) => state[name], set: (name, value) => (state[name] = value),
              save_changes: () => window.sent.push(state.at),
              on: (name, what) => (watching[name] = what), off: (name) => delete watching[name],
            }};
            window.end = widget.render({{ model, el }});
            window.watching = watching;""",
            encoding="utf-8",
        )
        (folder / "kernel.html").write_text(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>'
            f"<style>{hand._css} .ds-over {{ position: relative; width: 576px; height: 432px }}"
            '</style><div class="ds-over"></div>'
            '<script type="module" src="static/start.js"></script></html>',
            encoding="utf-8",
        )
        page = alone(folder, "kernel.html", viewport={"width": 800, "height": 600}).page
        page.wait_for_selector(".ds-grip")
        page.places = [hand.place["across"], hand.place["up"]]
        return page

    def where(self, page, at):
        """In the window; the picture is drawn twice as large as its points."""
        box = page.locator(".ds-over").bounding_box()
        return [
            box[side] + 2 * places[i] for side, places, i in zip("xy", page.places, at, strict=True)
        ]

    def drag(self, page, *ats):
        x, y = self.grip(page)
        page.mouse.move(x, y)
        page.mouse.down()
        for at in ats:
            page.mouse.move(*self.where(page, at))

    def grip(self, page):
        box = page.locator(".ds-grip").bounding_box()
        return [box["x"] + 22, box["y"] + 22]

    def test_a_drag_tells_the_kernel_which_values_are_meant(self, page):
        self.drag(page, [6, 4], [8, 1])
        page.mouse.up()
        assert page.evaluate("window.sent")[-1] == [8, 1]
        assert self.grip(page) == pytest.approx(self.where(page, [8, 1]), abs=1)

    def test_what_the_kernel_says_moves_the_grip_but_not_under_the_hand(self, page):
        page.evaluate("window.change('at', [0, 8])")
        assert self.grip(page) == pytest.approx(self.where(page, [0, 8]), abs=1)
        self.drag(page, [2, 2])
        page.evaluate("window.change('at', [0, 8])")
        assert self.grip(page) == pytest.approx(self.where(page, [2, 2]), abs=1)
        page.mouse.up()

    def test_a_picture_that_is_taken_away_listens_no_more(self, page):
        page.evaluate("window.end()")
        assert page.evaluate("Object.keys(window.watching)") == []


class Finger:
    """A finger on the screen, of which the browser makes pointers, or scrolls."""

    def __init__(self, page):
        self.page, self.line = page, page.context.new_cdp_session(page)

    def send(self, kind, *points):
        self.line.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    def swipe(self, start, end, n_steps=8):
        self.send("touchStart", start)
        for step in np.linspace(start, end, n_steps + 1)[1:]:
            self.send("touchMove", step.tolist())
            self.page.wait_for_timeout(20)
        self.send("touchEnd")
        self.page.wait_for_timeout(100)


class TestFinger:
    @pytest.fixture
    def touched(self, held):
        explorer = held("long", **TOUCH)
        explorer.element.locator(".ds-panels").scroll_into_view_if_needed()
        explorer.settle()
        return explorer

    def scrolled(self, explorer):
        return explorer.page.evaluate("scrollY")

    def test_a_finger_drags_the_point_and_the_page_stays(self, touched):
        before = self.scrolled(touched)
        Finger(touched.page).swipe(touched.grip(0), touched.where(0, [7, 1]))
        assert touched.values()[1:3] == [7, 1]
        assert self.scrolled(touched) == before

    def test_a_grip_is_large_enough_for_a_finger(self, touched):
        for grip in touched.page.locator(".ds-grip").all():
            box = grip.bounding_box()
            assert min(box["width"], box["height"]) >= 44

    def test_a_finger_elsewhere_on_the_picture_scrolls(self, touched):
        x, y = touched.where(0, [8, 4])
        before = self.scrolled(touched)
        Finger(touched.page).swipe((x, y), (x, y - 120))
        assert self.scrolled(touched) > before + 50
        assert touched.values() == [0, 4, 4, 4]

    def test_a_finger_along_the_curve_moves_it_and_one_across_scrolls(self, touched):
        x, y = touched.grip(1)
        before = self.scrolled(touched)
        Finger(touched.page).swipe((x, y), (x, y - 120))
        assert self.scrolled(touched) > before + 50
        assert touched.values()[3] == 4
        start = touched.grip(1)
        Finger(touched.page).swipe(start, (touched.where(1, [6, None])[0], start[1]))
        assert touched.values()[3] == 6

    def test_a_second_finger_does_not_take_the_point_over(self, touched):
        finger = Finger(touched.page)
        start, (x, y) = touched.grip(0), touched.where(0, [6, 4])
        finger.send("touchStart", start)
        finger.send("touchMove", (x, y))
        finger.send("touchStart", (x, y), (x + 5, y + 5))
        finger.send("touchMove", (x, y), (x - 90, y))
        finger.send("touchEnd")
        touched.settle()
        assert touched.values()[1:3] == [6, 4]

    def test_nothing_makes_the_page_wider_than_the_phone(self, touched):
        for at in (0, 8):
            touched.page.locator('[data-control="h"]').fill(str(at))
            touched.page.locator('[data-control="x"]').fill(str(at))
            touched.settle()
            assert touched.page.evaluate("document.documentElement.scrollWidth") <= 390


class TestWhereNothingMoves:
    def test_no_grip_on_paper(self, held):
        explorer = held()
        assert explorer.page.locator(".ds-grip").first.is_visible()
        put_on_paper(explorer.page)
        expect(explorer.page.locator(".ds-grip").first).to_be_hidden()

    def test_no_grip_where_scripts_are_off(self, alone, folder):
        page = alone(folder, "one.html", java_script_enabled=False).page
        assert page.locator(".ds-panel > svg").first.is_visible()
        assert page.locator(".ds-grip").count() == 0

    def test_no_grip_where_the_data_are_damaged(self, alone, folder):
        text = (folder / "one.html").read_text(encoding="utf-8")
        broken = text.replace('class="ds-states">', 'class="ds-states">AAAA', 1)
        (folder / "broken.html").write_text(broken, encoding="utf-8")
        page = alone(folder, "broken.html").page
        page.wait_for_selector('[data-state="failed"]')
        assert not page.locator(".ds-grip").first.is_visible()

    def test_the_keyboard_and_screen_readers_do_not_meet_it(self, held):
        explorer = held()
        cover = explorer.page.locator(".ds-cover").first
        assert cover.get_attribute("aria-hidden") == "true"
        assert explorer.page.locator(".ds-cover :is([tabindex], button, input, a)").count() == 0


def reachable(places, low, high):
    """Indices of places within the axes that a hand can tell from their neighbours."""
    places = np.array(places)
    gaps = np.abs(np.subtract.outer(places, places)) + 9 * np.eye(len(places))
    told = np.flatnonzero((gaps.min(axis=1) > 3) & (places > low) & (places < high))
    return [int(told[0]), int(told[len(told) // 2]), int(told[-1])]


def test_every_handle_of_the_book_leads_its_sliders(reading, awake, handled_place, look):
    page, name = handled_place
    explorer = awake(reading(page, **look), name)
    held = Held(explorer.page, name)
    for number, hand in enumerate(held.element.evaluate(HANDS)):
        explorer.reset()
        held.element.locator(".ds-panel").nth(hand["panel"]).evaluate(BELOW_THE_BAR)
        left, top, right, bottom = hand["axes"][0]
        across = hand["names"][0] and reachable(hand["across"][0], left, right)
        up = hand["names"][1] and reachable(hand["up"][0], top, bottom)
        for at in zip(across or [None] * 3, up or [None] * 3, strict=True):
            held.drag(number, list(at))
            shown = explorer.now()["controls"]
            for slider, index in zip(hand["names"], at, strict=True):
                assert slider is None or int(shown[slider]) == index
