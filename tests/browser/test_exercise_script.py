"""Exercises that answer on the page, on small pages of their own.

Most tests have a stand-in for Python: a worker that keeps to the protocol and answers at once. The
last ones have Python itself.
"""

import json
import shutil
import threading
from contextlib import ExitStack, contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from zipfile import ZipFile

import nbformat
import pytest
from playwright.sync_api import expect
from test_accessibility import violations
from test_handles import Finger

from downslope import sphinx_ext
from paper import put_on_paper

STARTER = "def double(x):\n    ...  # twice x\n\n\ncheck.double(double)"
SOLVED = "def double(x):\n    return 2 * x\n\n\ncheck.double(double)"
ENDLESS = "def double(x):\n    while True:\n        pass\n\n\ncheck.double(double)"
PROGRESS = {"kind": "progress", "loaded": 4_000_000, "total": 17_000_000, "wire": 8_900_000}
READY = {"kind": "ready"}
STAND_IN = """
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const says = {right: "Right: it doubles\\n  any number.", wrong: "Not yet. <b>No</b>", error: "Oh"};
onmessage = async ({data}) => {
  if (data.kind === "load") {
    const answer = await fetch(data.root + "manifest.json");
    for (const message of await answer.json()) {
      await wait(message.after ?? 0);
      postMessage(message);
    }
    return;
  }
  const {id, prelude, code} = data;
  if (code.includes("so far")) postMessage({kind: "printed", id, text: "so far\\n"});
  while (code.includes("while True"));
  if (code.includes("sleep")) await wait(1500);
  if (code.includes("raise")) return setTimeout(() => { throw new Error("broken"); });
  const verdict = code.includes("return 2") ? "right" : code.includes("return") ? "wrong" : "error";
  const printed = code.includes("print") ? `${prelude}\\n${"1234567890".repeat(30)}\\n` : "";
  postMessage({kind: "answer", id, answer: {verdict, text: says[verdict], printed}});
};
"""
POLICY = "default-src 'none'; connect-src 'self'; style-src 'self'; script-src 'self'"
pytestmark = pytest.mark.slow
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def exercise(name="double", starter=STARTER, prelude="import numpy as np", more=None, **data):
    """An exercise as a page carries it."""
    words = json.dumps({"name": name, "starter": starter, "prelude": prelude, **(more or {})})
    more = "".join(f' data-{key}="{value}"' for key, value in data.items())
    return (
        f'<downslope-exercise data-exercise="{name}" id="exercise-{name}"{more}>'
        f'<div class="cell"><pre>{escape(starter)}</pre></div>'
        f'<script type="application/json">{words}</script></downslope-exercise>'
    )


class Handler(SimpleHTTPRequestHandler):
    policy = None

    def log_message(self, *_):
        pass

    def end_headers(self):
        self.send_header("Cache-Control", "no-store")  # tests change files within a second
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Say nothing when a window is closed, or a worker ended, before all has arrived."""


@contextmanager
def serving(folder, policy):
    """Address of a folder."""
    handler = type("WithPolicy", (Handler,), {"policy": policy})
    server = Server(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


class Visit:
    """A page in a new window, with everything it asked for and complained of."""

    def __init__(self, context, address):
        self.page, self.requests, self.complaints = context.new_page(), [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.goto(address)


class Book:
    """A folder with pages that hold exercises, and a browser's window to read them in."""

    def __init__(self, folder, root, context):
        self.folder, self.root, self.context = folder, root, context
        shutil.copytree(sphinx_ext._STATIC, folder / "_static")
        (folder / "_static/downslope-python.js").write_text(STAND_IN)
        self.python = folder / "_static/downslope-python"
        self.python.mkdir()
        self.loads(PROGRESS, READY)

    def loads(self, *messages):
        """What the stand-in says while it loads, each `after` so many milliseconds."""
        (self.python / "manifest.json").write_text(json.dumps(messages))

    def holds(self, *exercises, theme="light"):
        (self.folder / "page.html").write_text(
            f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>t</title>'
            '<link rel="icon" href="data:,">'
            '<link rel="stylesheet" href="_static/downslope-exercise.css">'
            '<script defer src="_static/downslope-exercise.js?v=1"></script></head>'
            f'<body><main><h1>t</h1><a href="#top">before</a>{"".join(exercises)}</main></body>'
            "</html>",
            encoding="utf-8",
        )
        return self

    def open(self, root=None):
        return Visit(self.context, f"{root or self.root}page.html")

    def page(self, *exercises, **how):
        return self.holds(*(exercises or [exercise()]), **how).open().page


@pytest.fixture
def book_of(tmp_path, browser):
    """`book_of(policy=..., **options)`: an empty book, served, and a window of these options."""
    with ExitStack() as closing:

        def make(policy=None, **options):
            root = closing.enter_context(serving(tmp_path, policy))
            context = closing.enter_context(browser.new_context(**options))
            context.set_default_timeout(120_000)
            return Book(tmp_path, root, context)

        yield make


@pytest.fixture
def small(book_of):
    """A book whose Python is the stand-in."""
    return book_of()


class Hand:
    """What a reader sees and does in one exercise."""

    def __init__(self, page, name="double"):
        self.page, self.element = page, page.locator(f"#exercise-{name}")
        self.editor = self.element.get_by_label(f"Your code for {name}")
        self.status = self.element.get_by_role("status")
        self.printed = self.element.get_by_role("group", name="Printed", exact=True)

    def button(self, name):
        return self.element.get_by_role("button", name=name, exact=True)

    def run(self, code=None):
        if code is not None:
            self.editor.fill(code)
        self.button("Run").click()

    def hears(self, text):
        """Waits until the answer has these words; returns all of it."""
        self.status.filter(has_text=text).wait_for()
        return self.status.inner_text()


def workers_left(page, expected):
    """Number of workers; one in a loop may take a moment to be gone."""
    for _ in range(600):
        if len(page.workers) == expected:
            break
        page.wait_for_timeout(100)
    return len(page.workers)


def python_requests(visit):
    return [url.rpartition("/")[2] for url in visit.requests if "downslope-python" in url]


def test_nothing_is_fetched_before_the_reader_turns_to_an_exercise(small):
    visit = small.holds(exercise(), exercise("triple")).open()
    visit.page.mouse.wheel(0, 500)
    Hand(visit.page).editor.hover()
    for _ in range(12):  # past every editor and button
        visit.page.keyboard.press("Tab")
    Hand(visit.page).editor.focus()  # who only comes by with Tab has not begun
    visit.page.wait_for_timeout(700)
    assert python_requests(visit) == []
    assert visit.page.workers == []


@pytest.mark.parametrize(
    "turn", [lambda e: e.click(), lambda e: e.press("#")], ids=["click", "key"]
)
def test_turning_to_an_editor_loads_python(small, turn):
    visit = small.holds(exercise()).open()
    with visit.page.expect_request("**/manifest.json"):
        turn(Hand(visit.page).editor)


def test_a_finger_that_scrolls_over_an_editor_loads_nothing_and_one_that_taps_it_does(book_of):
    phone = book_of(viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    visit = phone.holds(exercise(), exercise("triple"), exercise("more")).open()
    editor = Hand(visit.page, "triple").editor
    editor.scroll_into_view_if_needed()
    before, box = visit.page.evaluate("scrollY"), editor.bounding_box()
    x, y = box["x"] + 100, box["y"] + 30
    Finger(visit.page).swipe((x, y), (x, y - 120))
    assert visit.page.evaluate("scrollY") > before + 50
    visit.page.wait_for_timeout(300)
    assert python_requests(visit) == []
    with visit.page.expect_request("**/manifest.json"):
        editor.tap()


def test_all_exercises_of_a_page_share_one_worker(small):
    visit = small.holds(exercise(), exercise("triple")).open()
    for name in ("double", "triple", "double"):
        hand = Hand(visit.page, name)
        hand.run(SOLVED)
        hand.hears("Right")
    assert len(visit.page.workers) == 1
    assert python_requests(visit) == ["downslope-python.js", "manifest.json"]


def test_loading_is_told_with_its_size_and_progress_while_a_run_waits(small):
    small.loads(PROGRESS, {**READY, "after": 600})
    hand = Hand(small.page())
    hand.run(SOLVED)
    bar = hand.element.get_by_role("progressbar", name="Loading Python, about 9 MB, once")
    bar.wait_for()
    assert bar.evaluate("(bar) => bar.value / bar.max") == pytest.approx(4 / 17)
    assert hand.status.inner_text() == "This runs as soon as Python is there."
    assert hand.hears("Right") == "Right: it doubles\n  any number."
    assert hand.element.get_by_role("progressbar").count() == 0


def test_without_a_size_on_the_line_that_of_the_files_is_told(small):
    small.loads({**PROGRESS, "wire": 17_000_000}, {**READY, "after": 5000})
    hand = Hand(small.page())
    hand.run()
    hand.element.get_by_role("progressbar", name="Loading Python, about 17 MB, once").wait_for()


def test_the_answer_comes_as_it_is_and_what_was_printed_stands_above_it(small):
    hand = Hand(small.page())
    hand.run("print(1)\nreturn 1")
    assert hand.hears("Not yet") == "Not yet. <b>No</b>"
    assert hand.printed.inner_text().startswith("import numpy as np\n1234")
    assert hand.printed.bounding_box()["y"] < hand.status.bounding_box()["y"]
    hand.run(SOLVED)
    hand.hears("Right")
    assert hand.printed.count() == 0


def test_of_much_that_is_printed_the_end_is_in_sight_until_the_reader_looks_elsewhere(small):
    hand = Hand(small.page())
    hand.run(SOLVED)
    hand.hears("Right")
    below = "(e) => e.scrollHeight - e.clientHeight - e.scrollTop"
    tell = "(e, text) => e.print(text)"
    for _ in range(2):
        hand.element.evaluate(tell, "a line\n" * 100)
        assert hand.printed.evaluate(below) < 4
    hand.printed.evaluate("(e) => { e.scrollTop = 0; }")
    hand.element.evaluate(tell, "one more\n")
    assert hand.printed.evaluate("(e) => e.scrollTop") == 0


def test_right_and_wrong_differ_by_words_and_by_the_sort_of_border(small):
    hand = Hand(small.page())
    borders = []
    for code, word in ((SOLVED, "Right"), ("return 1", "Not yet")):
        hand.run(code)
        hand.hears(word)
        borders.append(hand.status.evaluate("(e) => getComputedStyle(e).borderLeftStyle"))
    assert borders == ["solid", "double"]


def test_stop_ends_an_endless_loop_and_python_starts_again_by_itself(small):
    visit = small.holds(exercise()).open()
    hand = Hand(visit.page)
    assert hand.button("Stop").is_disabled()
    hand.run(ENDLESS)
    hand.hears("Running.")
    with visit.page.expect_worker():
        hand.button("Stop").click()
    assert hand.hears("Stopped.") == "Stopped."
    assert hand.button("Stop").is_disabled()
    hand.run(SOLVED)
    hand.hears("Right")
    assert workers_left(visit.page, 1) == 1


def test_a_loop_without_end_is_ended_and_the_next_run_answers(small):
    hand = Hand(small.page(exercise(seconds=0.5)))
    hand.run(ENDLESS)
    said = hand.hears("did not finish")
    assert said == "It did not finish in 0.5 seconds: does a loop never end?"
    hand.run(SOLVED)
    hand.hears("Right")


@pytest.mark.parametrize("how", ["stopped", "cut"])
def test_what_was_printed_until_a_run_was_ended_is_shown(small, how):
    hand = Hand(small.page(exercise(seconds=0.5 if how == "cut" else 30)))
    hand.run(ENDLESS + "  # so far")
    hand.printed.wait_for()
    if how == "stopped":
        hand.hears("Running.")
        hand.button("Stop").click()
    hand.hears("Stopped." if how == "stopped" else "did not finish")
    assert hand.printed.inner_text() == "so far\n"
    hand.run(SOLVED)
    hand.hears("Right")
    assert hand.printed.count() == 0


def test_an_answer_says_when_it_is_no_longer_that_of_the_code(small):
    hand = Hand(small.page())
    note = hand.element.get_by_text("That was said of the code as it was run")
    hand.run(SOLVED)
    hand.hears("Right")
    assert not note.is_visible()
    hand.editor.press("End")
    hand.editor.press("#")
    assert note.is_visible()
    assert hand.status.inner_text() == "Right: it doubles\n  any number."  # nothing is announced
    assert hand.element.locator("[role=status] p, [aria-live]").count() == 0
    assert violations(hand.page, "downslope-exercise") == []
    hand.editor.press("Backspace")
    assert not note.is_visible()
    hand.editor.press("#")
    hand.run()
    hand.hears("Right")
    assert not note.is_visible()


SOLUTION = (
    '<div class="cell tag_solution"><details><summary><p class="collapsed">Show code cell content'
    "</p></summary><pre>secret</pre></details></div>"
)


def test_the_solution_that_follows_comes_to_the_exercise_folded(small):
    page = small.page(exercise(), SOLUTION, exercise("triple"), "<p>not yet</p>", SOLUTION)
    hand = Hand(page)
    solution = hand.element.get_by_text("secret")
    assert not solution.is_visible()
    hand.element.get_by_text("Show a solution").click()
    assert solution.is_visible()
    assert Hand(page, "triple").element.get_by_text("secret").count() == 0


def test_the_pages_version_is_in_the_address_of_all_that_python_is_made_of(small):
    small.holds(exercise(more={"version": "a1b2"}))
    visit = small.open()
    Hand(visit.page).run(SOLVED)
    Hand(visit.page).hears("Right")
    assert "downslope-python.js?v=a1b2" in python_requests(visit)


def test_a_run_may_take_ten_seconds_where_the_page_says_nothing_else(small):
    page = small.page(exercise())
    assert page.evaluate("document.querySelector('downslope-exercise').seconds") == 10
    assert page.evaluate("document.querySelector('downslope-exercise').patience") == 60


def test_loading_that_stands_still_is_given_up_and_run_tries_again(small):
    small.loads(PROGRESS)
    hand = Hand(small.page(exercise(patience=0.4)))
    hand.run(SOLVED)
    assert "0.4 seconds" in hand.hears("Run tries again")
    assert hand.editor.input_value() == SOLVED
    small.loads(PROGRESS, READY)
    hand.run()
    hand.hears("Right")


def test_loading_that_goes_on_is_waited_for(small):
    small.loads(*[{**PROGRESS, "after": 400}] * 4, {**READY, "after": 400})
    hand = Hand(small.page(exercise(patience=1.2)))
    hand.run(SOLVED)
    hand.hears("Right")


def test_another_exercise_waits_for_the_one_that_runs(small):
    page = small.page(exercise(), exercise("triple"))
    first, second = Hand(page), Hand(page, "triple")
    first.run(SOLVED + "  # sleep")
    first.hears("Running.")
    second.run(SOLVED)
    assert second.hears("as soon as the other exercise is done")
    second.hears("Right")
    assert first.status.inner_text().startswith("Right")


def test_what_waits_is_run_after_an_endless_loop_was_stopped(small):
    page = small.page(exercise(), exercise("triple"))
    first, second = Hand(page), Hand(page, "triple")
    first.run(ENDLESS)
    first.hears("Running.")
    second.run(SOLVED)
    second.hears("as soon as")
    first.button("Stop").click()
    first.hears("Stopped.")
    second.hears("Right")


def test_what_waits_can_be_taken_back(small):
    page = small.page(exercise(), exercise("triple"))
    first, second = Hand(page), Hand(page, "triple")
    first.run(SOLVED + "  # sleep")
    second.run(SOLVED)
    second.button("Stop").click()
    first.hears("Right")
    page.wait_for_timeout(100)
    assert second.status.inner_text() == "Stopped."


def test_run_pressed_again_while_it_runs_answers_for_what_stands_there_now(small):
    hand = Hand(small.page())
    hand.run("return 1  # sleep")
    hand.hears("Running.")
    hand.run(SOLVED)
    hand.hears("Right")


def test_loading_can_be_stopped_and_then_only_run_begins_it_again(small):
    small.loads(PROGRESS, {**READY, "after": 60_000})
    visit = small.holds(exercise()).open()
    hand = Hand(visit.page)
    hand.editor.click()
    hand.element.get_by_role("progressbar").wait_for()
    hand.button("Stop").click()
    assert hand.hears("Stopped.")
    assert workers_left(visit.page, 0) == 0
    hand.editor.fill(SOLVED)
    visit.page.wait_for_timeout(600)
    assert visit.page.workers == []
    small.loads(PROGRESS, READY)
    hand.run()
    hand.hears("Right")


def test_a_worker_that_dies_says_so_and_starts_anew_at_the_next_run(small):
    page = small.page(exercise(), exercise("triple"))
    hand = Hand(page)
    hand.run("raise  # sleep")
    Hand(page, "triple").run(SOLVED)
    hand.hears("Python broke down")
    Hand(page, "triple").hears("Right")
    hand.run(SOLVED)
    hand.hears("Right")


def test_answers_that_nobody_asked_for_are_not_shown(small):
    stray = {"kind": "answer", "id": 99, "answer": {"verdict": "right", "text": "Hello"}}
    small.loads(PROGRESS, stray, {}, {"kind": "progress"}, READY, READY)
    hand = Hand(small.page())
    hand.run("return 1")
    hand.hears("Not yet")


def test_what_was_typed_survives_a_reload_at_once(small):
    page = small.page()
    Hand(page).editor.click()
    page.keyboard.type("# mine ")
    typed = Hand(page).editor.input_value()
    assert typed != STARTER
    page.reload()
    assert Hand(page).editor.input_value() == typed


def test_what_was_typed_is_kept_a_moment_later_even_if_the_page_is_never_left(small):
    page = small.page()
    Hand(page).editor.fill(SOLVED)
    page.wait_for_function("localStorage.length === 1")
    assert Hand(small.open().page).editor.input_value() == SOLVED


def test_nothing_is_kept_of_an_exercise_that_nobody_wrote_in(small):
    page = small.page()
    hand = Hand(page)
    hand.run()
    hand.hears("Oh")
    hand.editor.fill(SOLVED)
    hand.editor.fill(STARTER)
    page.reload()
    assert page.evaluate("localStorage.length") == 0


def test_reset_can_be_taken_back_also_after_more_was_typed_and_after_a_reload(small):
    page = small.page()
    hand = Hand(page)
    assert hand.button("Bring back what I had written").count() == 0
    hand.editor.fill(SOLVED)
    hand.button("Reset").click()
    assert hand.editor.input_value() == STARTER
    hand.button("Bring back what I had written").click()
    assert hand.editor.input_value() == SOLVED
    assert hand.editor.evaluate("(e) => e === document.activeElement")
    page.reload()
    assert hand.editor.input_value() == SOLVED
    hand.button("Reset").click()
    hand.editor.focus()
    page.keyboard.type("# new")
    written = hand.editor.input_value()
    assert written != STARTER
    page.reload()
    assert hand.editor.input_value() == written
    hand.button("Bring back what I had written").click()
    assert hand.editor.input_value() == SOLVED
    hand.button("Bring back what I had written").click()  # and what was typed since
    assert hand.editor.input_value() == written


def test_reset_ends_what_runs(small):
    hand = Hand(small.page())
    hand.run(ENDLESS)
    hand.hears("Running.")
    hand.button("Reset").click()
    assert hand.hears("as it was") == "The exercise is as it was."
    hand.run(SOLVED)
    hand.hears("Right")


NEWER = STARTER.replace("twice", "two times")


def test_when_the_starter_has_changed_both_versions_are_offered(small):
    page = small.page()
    hand = Hand(page)
    hand.editor.fill(SOLVED)
    small.holds(exercise(starter=NEWER))
    page.reload()
    assert hand.editor.input_value() == NEWER
    hand.button("Show what you wrote for the earlier version").click()
    assert hand.editor.input_value() == SOLVED
    hand.button("Back to the new version").click()
    assert hand.editor.input_value() == NEWER


def test_who_goes_on_with_the_earlier_version_finds_it_again_and_loses_neither(small):
    page = small.page()
    hand = Hand(page)
    hand.editor.fill(SOLVED)
    small.holds(exercise(starter=NEWER))
    page.reload()
    hand.editor.fill("new")
    hand.button("Show what you wrote for the earlier version").click()
    hand.editor.fill(SOLVED + "  # more")
    page.reload()
    assert hand.editor.input_value() == SOLVED + "  # more"
    hand.button("Reset").click()
    assert hand.editor.input_value() == NEWER
    hand.button("Bring back what I had written").click()
    assert hand.editor.input_value() == SOLVED + "  # more"
    hand.button("Back to the new version").click()
    assert hand.editor.input_value() == "new"


def test_two_exercises_with_one_checker_are_not_versions_of_each_other(small):
    second = exercise(starter=NEWER).replace('id="exercise-double"', 'id="exercise-double-2"')
    page = small.page(exercise(), second)
    first, second = Hand(page), Hand(page)
    second.element = page.locator("#exercise-double-2")
    second.editor = second.element.locator("textarea")
    first.editor.fill("first")
    second.editor.fill("second")
    page.reload()
    assert [hand.editor.input_value() for hand in (first, second)] == ["first", "second"]
    assert page.get_by_role("button", name="earlier version").count() == 0


def test_of_two_tabs_the_one_that_was_typed_in_last_is_kept(small):
    first, second = small.holds(exercise()).open(), small.open()
    Hand(first.page).editor.fill("first")
    first.page.wait_for_function("localStorage.length === 1")
    Hand(second.page).editor.fill("second")
    second.page.wait_for_function("Object.values(localStorage)[0].includes('second')")
    first.page.reload()
    assert Hand(first.page).editor.input_value() == "second"
    assert first.complaints + second.complaints == []


OTHER_TAB = "Show what you wrote in another tab"


@pytest.fixture
def two_tabs(small):
    """Two tabs of a page whose clocks stand still, so that neither keeps a text by itself."""
    small.context.clock.install(time=0)
    visits = [Visit(small.context, f"{small.holds(exercise()).root}page.html") for _ in range(2)]
    small.context.clock.pause_at(1000)
    return visits


KEEP = "window.dispatchEvent(new Event('pagehide'))"  # as when a tab is left


def test_what_two_tabs_wrote_at_once_is_kept_and_offered_in_both(two_tabs):
    first, second = (Hand(visit.page) for visit in two_tabs)
    first.editor.fill("first")
    second.editor.fill("second")
    first.page.evaluate(KEEP)
    second.button(OTHER_TAB).wait_for()
    second.page.evaluate(KEEP)
    first.button(OTHER_TAB).wait_for()
    for hand, own, other in ((first, "first", "second"), (second, "second", "first")):
        assert hand.editor.input_value() == own
        hand.button(OTHER_TAB).click()
        assert hand.editor.input_value() == other
        hand.button("Back to what you wrote here").click()
        assert hand.editor.input_value() == own
    second.page.reload()
    assert second.editor.input_value() == "second"
    with second.page.expect_download() as download:
        second.button("Download what I wrote").click()
    texts = [cell.source for cell in downloaded(download)]
    assert {"first", "second", "## double, as written in another tab"} <= set(texts)
    first.editor.fill("first, and more")
    first.page.evaluate(KEEP)
    second.page.reload()
    assert second.editor.input_value() == "first, and more"
    second.button(OTHER_TAB).click()
    assert "second" in second.editor.input_value() or "first" in second.editor.input_value()
    assert two_tabs[0].complaints + two_tabs[1].complaints == []


def test_what_two_tabs_kept_in_the_same_moment_is_in_the_store_both(two_tabs):
    first, second = (Hand(visit.page) for visit in two_tabs)
    for hand, text in ((first, "first"), (second, "second")):
        hand.editor.fill(text)
    look = "Storage.prototype.getItem"
    second.page.evaluate(f"window.look = {look}, {look} = () => null, 0")  # not there yet
    first.page.evaluate(KEEP)
    second.page.evaluate(KEEP)
    second.page.evaluate(f"{look} = window.look, 0")
    for hand in (first, second, first):  # the browser tells of it when it likes
        hand.page.wait_for_timeout(200)
        hand.page.evaluate("window.dispatchEvent(new Event('storage'))")
    first.button(OTHER_TAB).wait_for()
    assert first.editor.input_value() == "first"
    second.button(OTHER_TAB).wait_for()
    assert second.editor.input_value() == "second"
    second.button(OTHER_TAB).click()
    assert second.editor.input_value() == "first"
    second.page.reload()
    second.button(OTHER_TAB).click()
    assert second.editor.input_value() == "first"


def test_a_tab_follows_what_goes_on_in_another_one(two_tabs):
    first, second = (Hand(visit.page) for visit in two_tabs)
    for hand, other, text in ((first, second, "a"), (second, first, "a b"), (first, second, "abc")):
        hand.editor.fill(text)
        hand.page.evaluate(KEEP)
        other.page.wait_for_function(
            "(text) => document.querySelector('textarea').value === text", arg=text
        )
        assert hand.button(OTHER_TAB).count() + other.button(OTHER_TAB).count() == 0


def test_a_tab_that_was_only_read_overwrites_nothing(small):
    reading, writing = small.holds(exercise()).open(), small.open()
    Hand(writing.page).editor.fill("mine")
    writing.page.close(run_before_unload=True)
    reading.page.reload()
    assert Hand(reading.page).editor.input_value() == "mine"


def test_another_book_of_the_same_host_keeps_its_own(small):
    Hand(small.page()).editor.fill(SOLVED)
    shutil.copytree(small.folder, small.folder / "other", ignore=shutil.ignore_patterns("other"))
    other = small.open(f"{small.root}other/").page
    assert Hand(other).editor.input_value() == STARTER


REFUSALS = {
    "closed": "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }});",
    "full": "Storage.prototype.setItem = () => { throw new DOMException('q', 'QuotaExceeded'); };",
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_browser_that_keeps_nothing_does_no_harm_and_is_told_of_once(small, refusal):
    small.context.add_init_script(REFUSALS[refusal])
    visit = small.holds(exercise()).open()
    hand = Hand(visit.page)
    note = hand.element.get_by_text("This browser keeps nothing for this page")
    assert not note.is_visible()
    hand.run(SOLVED)
    hand.hears("Right")
    assert note.is_visible()
    hand.button("Reset").click()
    with visit.page.expect_download() as download:
        hand.button("Bring back what I had written").click()
        hand.button("Download what I wrote").click()
    assert SOLVED in downloaded(download)[-1].source
    assert visit.complaints == []


def test_what_others_left_in_the_store_does_no_harm(small):
    visit = small.holds(exercise()).open()
    Hand(visit.page).editor.fill(SOLVED)
    visit.page.reload()
    visit.page.evaluate(
        "() => { const [key] = Object.keys(localStorage);"
        "for (const [i, text] of ['{', 'null', '7', '{\"code\": 7}'].entries())"
        " localStorage.setItem(key.slice(0, -1) + '-' + i, text); }"
    )
    visit.page.reload()
    assert Hand(visit.page).editor.input_value() == SOLVED
    assert Hand(visit.page).element.get_by_role("button", name="earlier").count() == 0
    assert visit.complaints == []


def downloaded(download):
    notebook = nbformat.read(download.value.path(), as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    return notebook.cells


def test_all_that_was_written_in_the_book_can_be_had_as_a_notebook(small):
    page = small.page(exercise("other"))
    Hand(page, "other").editor.fill("elsewhere = 1")
    shutil.copy(small.folder / "page.html", small.folder / "another.html")
    small.holds(exercise("triple", prelude="import math\nn = 3"), exercise("four"), exercise())
    page.reload()
    assert page.get_by_role("button", name="Download").count() == 0
    Hand(page).editor.fill(SOLVED)
    Hand(page, "triple").editor.fill("def triple(x):\n    return 3 * x")
    with page.expect_download() as download:
        Hand(page).button("Download what I wrote").click()
    assert download.value.suggested_filename == "what-I-wrote.ipynb"
    cells = downloaded(download)
    title, *needs = cells[0].source.split("\n\n")
    assert title == "# What I wrote"
    assert "package downslope" in " ".join(needs)
    assert [(cell.cell_type, cell.source) for cell in cells[1:] if "other" not in cell.source] == [
        ("code", "import numpy as np"),
        ("code", "elsewhere = 1"),
        ("markdown", "## triple"),
        ("code", "import math\nn = 3"),
        ("code", "def triple(x):\n    return 3 * x"),
        ("markdown", "## double"),
        ("code", "import numpy as np"),
        ("code", SOLVED),
    ]


def test_the_notebook_has_what_was_written_for_an_earlier_version_too(small):
    page = small.page()
    hand = Hand(page)
    hand.editor.fill("old")
    small.holds(exercise(starter=NEWER))
    page.reload()
    hand.editor.fill("new")
    with page.expect_download() as download:
        hand.button("Download what I wrote").click()
    sources = [cell.source for cell in downloaded(download)]
    old = "## double, for an earlier version of the exercise"
    assert sources[1:] == [old, sources[2], "old", "## double", sources[2], "new"]


def at(hand, text, caret="|"):
    """Puts `text` into the editor, with the caret where its sign stands."""
    hand.editor.fill(text.replace(caret, ""))
    hand.editor.evaluate("(e, place) => e.setSelectionRange(place, place)", text.index(caret))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    a = 1|", "    a = 1\n    |"),
        ("  if a:|", "  if a:\n      |"),
        ("def f(x):  # twice|\n    ...", "def f(x):  # twice\n    |\n    ..."),
        ("    a = {1:| 2}", "    a = {1:\n        | 2}"),
        ("    |a", "    \n    |a"),
        ("|    a", "\n|    a"),
        ("", "\n|"),
    ],
)
def test_enter_keeps_the_indentation_and_adds_to_it_after_a_colon(small, before, after):
    page = small.page()
    hand = Hand(page)
    at(hand, before or "|")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+z")
    assert hand.editor.input_value() == before.replace("|", "")
    page.keyboard.press("Control+Shift+z")
    page.keyboard.type("|")
    assert hand.editor.input_value() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [("        |a", "    |a"), ("      |a", "     |a"), ("    a    |", "    a   |"), ("|a", "|a")],
)
def test_backspace_takes_back_a_step_of_indentation(small, before, after):
    page = small.page()
    hand = Hand(page)
    at(hand, before)
    page.keyboard.press("Backspace")
    page.keyboard.type("|")
    assert hand.editor.input_value() == after


@pytest.mark.parametrize("keys", ["Shift+Enter", "Control+Enter", "Meta+Enter"])
def test_the_keyboard_runs_an_answer_and_writes_nothing(small, keys):
    hand = Hand(small.page())
    hand.editor.fill(SOLVED)
    hand.editor.press(keys)
    hand.hears("Right")
    assert hand.editor.input_value() == SOLVED


def test_tab_leaves_the_editor_both_ways_and_writes_nothing(small):
    page = small.page()
    hand = Hand(page)
    hand.editor.focus()
    page.keyboard.press("Tab")
    assert hand.button("Run").evaluate("(e) => e === document.activeElement")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "before"
    assert hand.editor.input_value() == STARTER


def test_a_syllable_that_is_being_put_together_is_left_alone(small):
    hand = Hand(small.page())
    prevented = hand.editor.evaluate(
        "(e) => [{isComposing: true}, {keyCode: 229}, {}].map((how) => !e.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', cancelable: true, bubbles: true, ...how})))"
    )
    assert prevented == [False, False, True]


def test_the_whole_way_by_keyboard_alone(small):
    page = small.page()
    hand = Hand(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("def double(x):\nwhile True:\npass")
    assert hand.editor.input_value() == "def double(x):\n    while True:\n        pass"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    hand.hears("Running.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    hand.hears("Stopped.")
    assert hand.button("Run").evaluate("(e) => e === document.activeElement")


def test_the_editor_leaves_spelling_and_capitals_alone_and_is_as_high_as_its_text(small):
    hand = Hand(small.page())
    for name, value in (("spellcheck", "false"), ("autocapitalize", "off"), ("wrap", "off")):
        assert hand.editor.get_attribute(name) == value
    assert "mono" in hand.editor.evaluate("(e) => getComputedStyle(e).fontFamily").lower()
    hand.editor.fill("\n".join("x" * 300 for _ in range(60)))
    room = hand.editor.evaluate("(e) => e.clientHeight - e.scrollHeight")
    assert room >= 0


def test_the_cell_stands_where_no_script_runs(book_of):
    page = book_of(java_script_enabled=False).page()
    assert page.locator("pre").is_visible()
    assert page.locator("textarea").count() == 0


def test_the_cell_is_hidden_where_the_editor_stands(small):
    page = small.page()
    assert not page.locator(".cell").is_visible()
    assert Hand(page).editor.is_visible()


def test_a_damaged_exercise_stays_the_cell_that_it_was(small):
    page = small.page(exercise().replace('{"name"', "{name"), exercise("triple"))
    assert page.locator(".cell").first.is_visible()
    assert page.locator("#exercise-double textarea").count() == 0
    hand = Hand(page, "triple")
    hand.run(SOLVED)
    hand.hears("Right")
    assert not page.locator(".cell").last.is_visible()


def test_from_disk_the_cell_stays_and_one_sentence_says_what_to_do(small):
    small.holds(exercise())
    visit = small.open(f"{small.folder.as_uri()}/")
    assert visit.page.locator(".cell").is_visible()
    assert visit.page.locator("textarea").count() == 0
    told = visit.page.locator("downslope-exercise .ds-note")
    assert told.inner_text() == (
        "From disk this exercise cannot run. In the folder that holds index.html, run "
        "python -m http.server --bind 127.0.0.1, and open http://127.0.0.1:8000."
    )
    assert visit.complaints == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("file", "numpy.bin (404) did not come"),
        ("wasm", "no WebAssembly"),
        ("policy", "'wasm-unsafe-eval'"),
        ("unknown", "did not start (numpy.bin (404))"),
        ("one that is not known", "did not start (numpy.bin (404))"),
    ],
)
def test_what_keeps_python_from_loading_is_told_and_what_was_typed_stays(small, reason, words):
    small.loads(PROGRESS, {"kind": "failed", "reason": reason, "detail": "numpy.bin (404)"})
    page = small.page(exercise(), exercise("triple"))
    hand = Hand(page)
    hand.run(SOLVED)
    hand.hears(words)
    assert hand.editor.input_value() == SOLVED
    assert hand.editor.is_editable()
    assert hand.button("Stop").is_disabled()
    assert Hand(page, "triple").status.inner_text() == ""
    small.loads(PROGRESS, READY)
    hand.run()
    hand.hears("Right")


def test_a_worker_that_is_missing_is_named(small):
    (small.folder / "_static/downslope-python.js").unlink()
    hand = Hand(small.page())
    hand.run()
    assert "downslope-python.js did not come" in hand.hears("cannot be loaded")


def test_a_browser_without_workers_is_told_so(small):
    small.context.add_init_script("delete window.Worker")
    hand = Hand(small.page())
    hand.run(SOLVED)
    hand.hears("it has no workers")
    assert hand.editor.input_value() == SOLVED


def test_a_strict_content_policy_refuses_nothing_of_the_editor(book_of):
    book = book_of(POLICY + "; img-src data:")
    visit = book.holds(exercise()).open()
    hand = Hand(visit.page)
    hand.run("print(1)\nreturn 1")
    hand.hears("Not yet")
    hand.button("Reset").click()
    assert visit.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong_in_any_state(book_of, theme, phone):
    book = book_of(**(phone if theme == "dark" else {}))
    book.loads(PROGRESS, {**READY, "after": 500})
    page = book.page(exercise(), exercise("triple"), theme=theme)
    page.evaluate(
        "(dark) => { if (dark) document.body.style.background = '#14181e';"
        "for (const e of document.querySelectorAll('downslope-exercise')) if (dark) "
        "for (const [name, value] of [['text-base', '#ced6dd'], ['text-muted', '#9ca4af'],"
        "['background', '#14181e'], ['surface', '#29313d'], ['primary', '#79a3f2']])"
        " e.style.setProperty(`--pst-color-${name}`, value); }",
        theme == "dark",
    )
    hand = Hand(page)
    hand.run("print(1)\nreturn 1")
    hand.element.get_by_role("progressbar").wait_for()
    assert violations(page, "downslope-exercise") == []
    hand.hears("Not yet")
    hand.button("Reset").click()
    hand.run(SOLVED + "  # print")
    hand.hears("Right")
    assert violations(page, "downslope-exercise") == []


WIDTHS = {
    "a phone": {"width": 390, "height": 844},
    "zoomed to 200 %": {"width": 640, "height": 450},
}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_but_the_editor_scrolls_sideways_and_buttons_are_fit_for_a_finger(book_of, width):
    page = book_of(viewport=WIDTHS[width]).page()
    hand = Hand(page)
    hand.run("print(1)\nreturn 1  # " + "far " * 100)
    hand.hears("Not yet")
    hand.button("Reset").click()
    hand.button("Bring back what I had written").wait_for()
    assert page.evaluate(SIDEWAYS) <= 0
    wide = page.evaluate(
        "[...document.querySelectorAll('downslope-exercise *')].filter((e) => e.clientWidth &&"
        "e.scrollWidth > e.clientWidth && e.tagName !== 'TEXTAREA').map((e) => e.outerHTML)"
    )
    assert wide == []
    for button in hand.element.get_by_role("button").all():
        assert button.bounding_box()["height"] >= 40
    if width == "a phone":  # below 16 px it would enlarge the page when the editor is touched
        size = hand.editor.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
        assert size >= 16


def test_paper_has_the_whole_text_and_no_buttons(small):
    hand = Hand(small.page())
    code = "print(1)\nreturn 1  # " + "far " * 100 + "\n" * 40 + "last"
    hand.run(code)
    hand.hears("Not yet")
    put_on_paper(hand.page)
    expect(hand.editor).to_be_hidden()
    text = hand.element.inner_text()
    assert " ".join(code.split()) in " ".join(text.split())
    assert "Not yet" in text
    assert hand.element.get_by_role("button").count() == 0
    assert hand.page.evaluate(SIDEWAYS) <= 0


def test_nothing_moves_by_itself(book_of):
    book = book_of(reduced_motion="reduce")
    book.loads({**READY, "after": 60_000})
    page = book.page()
    Hand(page).run()
    page.get_by_role("progressbar").wait_for()
    assert page.evaluate("document.querySelector('progress').position") == 0  # -1 would be a wave
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.fixture(scope="session")
def python_folder(tmp_path_factory):
    """What a book serves for Python on its pages."""
    from downslope import page_python

    folder = tmp_path_factory.mktemp("python")
    page_python.place(folder, page_python.gather())
    return folder


@pytest.fixture
def real(book_of, python_folder):
    """`real(policy)`: a book with Python itself."""

    def make(policy=None):
        book = book_of(policy)
        shutil.rmtree(book.python)
        shutil.copytree(python_folder, book.python)
        shutil.copy(sphinx_ext._STATIC / "downslope-python.js", book.folder / "_static")
        return book

    return make


STEP = "def descent_step(x, gradient, learning_rate):\n    {}\n\n\ncheck.descent_step(descent_step)"
RIGHT = STEP.format("return x - learning_rate * gradient(x)")
UPHILL = STEP.format("print(np.ones(2))\n    return x + learning_rate * gradient(x)")
# Whoever digs for JavaScript finds it, though `import js` does not.
DIG = (
    "import sys\n(js,) = [f.jsproxies['js'] for f in sys.meta_path if hasattr(f, 'jsproxies')]\n"
    "for name in {}:\n    setattr(js, name, None)\nprint('gone')"
)
VANDAL = DIG.format(("JSON", "postMessage", "fetch", "onmessage", "addEventListener"))
WORSE = DIG.format(("Object", "String", "Array", "Uint8Array", "Error"))
PRELUDE = "import numpy as np\nfrom downslope import check"
BUSY = 100  # seconds that a run may take, for where other tests have the processor


def descent():
    return exercise("descent_step", STEP.format("..."), PRELUDE, seconds=BUSY)


def test_python_itself_answers_and_survives_what_readers_do(real):
    book = real(POLICY + " 'wasm-unsafe-eval'; img-src data:")
    visit = book.holds(descent()).open()
    hand = Hand(visit.page, "descent_step")
    hand.run(UPHILL)
    assert "a step up the" in hand.hears("Not yet")
    assert hand.printed.inner_text().startswith("[1. 1.]\n")
    fetched = [url.rpartition("/")[2] for url in visit.requests]
    assert len(fetched) == len(set(fetched))
    hand.run(VANDAL)
    hand.hears("checked")
    assert hand.printed.inner_text() == "gone\n"
    hand.run(RIGHT)
    hand.hears("Right: ")
    assert visit.complaints == []
    hand.run(WORSE)
    hand.hears("Python broke down")
    hand.run(RIGHT)
    hand.hears("Right: ")
    hand.element.evaluate("(e) => { e.seconds = 6; }")
    hand.run(STEP.format("print('so far', end='')\n    while True: pass"))
    assert hand.hears("did not finish in 6 seconds")
    assert hand.printed.inner_text() == "so far"
    hand.element.evaluate(f"(e) => {{ e.seconds = {BUSY}; }}")
    hand.run(RIGHT)
    hand.hears("Right: ")
    assert [url for url in visit.requests if not url.startswith((book.root, "data:"))] == []


def test_the_page_itself_is_out_of_reach_of_an_answer(real):
    hand = Hand(real().page(descent()), "descent_step")
    for code in (
        "import js",
        "from pyodide_js import runPython",
        "from pyodide.code import run_js",
    ):
        hand.run(code)
        assert "cannot be had on this page" in hand.hears("ModuleNotFoundError")


def test_modules_of_the_books_own_come_with_python(real):
    book, own = real(), BytesIO()
    with ZipFile(own, "w") as archive:
        archive.writestr("ch/größen.py", "from downslope import check\nstep = check.descent_step")
    (book.python / "book.bin").write_bytes(own.getvalue())
    manifest = json.loads((book.python / "manifest.json").read_text())
    manifest["files"]["book.bin"] = len(own.getvalue())
    (book.python / "manifest.json").write_text(json.dumps(manifest))
    more = {"path": ["ch", "."], "version": "a1b2"}
    starter = "step(lambda x, g, r: x - r * g(x))"
    page = exercise("step", starter, "from größen import step", more, seconds=BUSY)
    visit = book.holds(page).open()
    Hand(visit.page, "step").run()
    Hand(visit.page, "step").hears("Right: ")
    parts = [url for url in visit.requests if "downslope-python" in url]
    assert len(parts) == 10
    assert [url for url in parts if "?v=" not in url and "book.bin" not in url] == []


def test_python_counts_the_bytes_of_all_files(real):
    book = real()
    page = book.holds(descent()).open().page
    page.evaluate(
        "(root) => { const worker = new Worker(`${root}_static/downslope-python.js`); window.said ="
        "[]; worker.onmessage = ({data}) => said.push(data);"
        "worker.postMessage({kind: 'load', root: `${root}_static/downslope-python/`}); }",
        book.root,
    )
    page.wait_for_function("said.at(-1)?.kind === 'ready'")
    progress = [said for said in page.evaluate("said") if said["kind"] == "progress"]
    manifest = json.loads((book.python / "manifest.json").read_text())
    assert len(progress) > 10
    assert progress[-1]["loaded"] == progress[-1]["total"] == manifest["total"]


@pytest.mark.parametrize(
    "name", ["manifest.json", "pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "numpy.bin"]
)
def test_a_file_that_is_missing_is_named_at_once(real, name):
    book = real()
    (book.python / name).unlink()
    hand = Hand(book.page(descent()), "descent_step")
    hand.run()
    assert name in hand.hears("cannot be loaded")


def test_a_content_policy_without_webassembly_is_named(real):
    hand = Hand(real(POLICY).page(descent()), "descent_step")
    hand.run()
    hand.hears("its content policy lacks 'wasm-unsafe-eval'")


def test_a_browser_without_webassembly_is_told_so(real):
    book = real()
    worker = book.folder / "_static/downslope-python.js"
    worker.write_text("delete self.WebAssembly;\n" + worker.read_text())
    hand = Hand(book.page(descent()), "descent_step")
    hand.run()
    hand.hears("it has no WebAssembly")
