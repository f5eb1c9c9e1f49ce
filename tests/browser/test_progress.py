"""What a reader has done in the built book is counted, kept, saved and read again."""

import json

import pytest
from playwright.sync_api import expect

from paper import put_on_paper

TABLE = "book/progress.html"
LISTED = "globalThis.downslopeProgressList.pages"


def answer_quiz(page, n_right):
    """Answer a quiz: its first questions right, the others wrong."""
    for i, asked in enumerate(page.locator("downslope-quiz fieldset").all()):
        wanted = "true" if i < n_right else "false"
        says = page.locator(".ds-answers > ol > li").nth(i).locator("ul > li")
        marks = says.evaluate_all("(all) => all.map((one) => one.dataset.right)")
        asked.locator("input").nth(marks.index(wanted)).press("Space")


def answered(page, name):
    """As the page of an exercise says it when Python finds an answer right."""
    page.evaluate(
        """(name) => document.querySelector(`[data-exercise="${name}"]`)
             .show({ verdict: "right", text: "Right." })""",
        name,
    )


@pytest.fixture
def reader(visit):
    """A reader on a page with exercises and a quiz, and what the book lists of that page."""
    window = visit("chapters/03_differentiation.html")
    listed = window.page.evaluate(LISTED)
    (here,) = [entry for entry in listed if entry["page"] == "chapters/03_differentiation"]
    return window, here, listed


def row(page, title):
    cells = page.get_by_role("row").filter(has_text=title).locator("td")
    return cells.all_text_contents()


def test_every_exercise_and_quiz_of_the_book_is_counted(visit, book):
    listed = visit(TABLE).page.evaluate(LISTED)
    for entry in listed:
        text = (book / entry["address"]).read_text(encoding="utf-8")
        assert text.count("<downslope-exercise ") == len(entry["exercises"])
        assert text.count("<fieldset") == sum(entry["quizzes"].values())
    pages = {path.stem for path in book.glob("chapters/*.html")}
    assert {entry["page"].split("/")[-1] for entry in listed} == pages


def test_what_is_done_is_counted_on_its_page_and_in_the_table(reader):
    window, here, listed = reader
    n_exercises, (n_asked,) = len(here["exercises"]), here["quizzes"].values()
    line = window.page.locator("downslope-progress p")
    expect(line).to_contain_text(f"Exercises done on this page: 0 of {n_exercises}.")
    answer_quiz(window.page, n_asked - 1)
    answered(window.page, here["exercises"][0])
    for _ in range(2):  # a quiz that is begun again, and a page that is left, lose nothing
        expect(line).to_contain_text(f"Exercises done on this page: 1 of {n_exercises}.")
        expect(line).to_contain_text(f"answered right: {n_asked - 1} of {n_asked}.")
        label = window.page.locator("downslope-exercise label").first
        expect(label).to_contain_text("done")
        window.page.get_by_role("button", name="Start again").click()
        window.page.reload()
        answer_quiz(window.page, 1)
    window.page.get_by_role("link", name="The whole book").click()
    assert row(window.page, here["title"]) == [f"1 of {n_exercises}", f"{n_asked - 1} of {n_asked}"]
    n_all = len({name for entry in listed for name in entry["exercises"]})
    assert row(window.page, "In all")[0] == f"1 of {n_all}"
    assert window.elsewhere() == []
    assert window.complaints == []


def test_it_can_be_saved_forgotten_and_read_again_beside_what_was_done_since(reader, tmp_path):
    window, here, _ = reader
    first, second, *_ = here["exercises"]
    (n_asked,) = here["quizzes"].values()
    answered(window.page, first)
    answer_quiz(window.page, 2)
    page = window.open(TABLE).page
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Forget all of it").click()
    assert row(page, here["title"]) == [f"1 of {len(here['exercises'])}", f"2 of {n_asked}"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget all of it").click()
    assert row(page, here["title"]) == [f"0 of {len(here['exercises'])}", f"0 of {n_asked}"]

    window.open(here["address"])
    answered(page, second)
    answer_quiz(page, 1)
    window.open(TABLE)
    page.set_input_files("downslope-progress input", file)
    status = page.locator("downslope-progress").get_by_role("status")
    expect(status).to_contain_text("It holds 2 of the exercises and quizzes of this book.")
    assert row(page, here["title"]) == [f"2 of {len(here['exercises'])}", f"2 of {n_asked}"]
    assert window.complaints == []


SAVED = {"format": "downslope-progress", "version": 1, "book": "Downslope"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no JSON", "it holds no JSON"),
        ("null", "it was not saved by this button"),
        (json.dumps({"exercises": {"softmax": 1}}), "it was not saved by this button"),
        (json.dumps(SAVED | {"book": "Another"}), "it belongs to the book Another"),
        (json.dumps(SAVED | {"version": 2}), "it was saved by a newer version of this book"),
        (json.dumps({"format": SAVED["format"]}), "it was not saved by this button"),
        (json.dumps(SAVED | {"version": "1"}), "it was not saved by this button"),
        (json.dumps(SAVED | {"book": {}}), "it was not saved by this button"),
        (json.dumps(SAVED | {"more": 1_000_000 * "x"}), "it is too large for one"),
    ],
)
def test_a_file_that_is_no_progress_changes_nothing_and_says_why(reading, text, why):
    page = reading(TABLE).page
    before = page.locator("table").inner_text()
    file = {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
    page.set_input_files("downslope-progress input", file)
    status = page.locator("downslope-progress").get_by_role("status")
    expect(status).to_have_text(f"a.json is not such a file, and nothing has changed: {why}.")
    assert page.locator("table").inner_text() == before


KEPT = """() => JSON.parse(localStorage.getItem(
  Object.keys(localStorage).find((key) => key.startsWith("downslope-progress"))))"""


def test_of_a_file_with_odd_entries_what_is_sound_is_kept_and_nothing_else(visit):
    page = visit(TABLE).page
    odd = {"softmax": 1, "cross_entropy": "yes", "nobody": 1, "constructor": 1, "__proto__": 1}
    text = json.dumps(SAVED | {"exercises": odd, "quizzes": {"losses": 1.5, "learning": -1}})
    file = {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
    page.set_input_files("downslope-progress input", file)
    status = page.locator("downslope-progress").get_by_role("status")
    expect(status).to_contain_text("It holds 1 of the exercises and quizzes of this book.")
    assert page.evaluate(KEPT) == {"exercises": {"softmax": 1}, "quizzes": {}}


def test_from_disk_and_where_nothing_is_kept_the_page_says_how_it_is(visit):
    window = visit(TABLE, "file")
    expect(window.page.locator("downslope-progress")).to_contain_text("kept in your browser")
    page = visit("chapters/03_differentiation.html").page
    page.evaluate("void (Storage.prototype.setItem = () => { throw new Error('full'); })")
    answer_quiz(page, 1)
    expect(page.locator("downslope-progress p")).to_contain_text("answered right: 1 of")


REFUSED = """Object.defineProperty(
  window, "localStorage", { get() { throw new DOMException("refused", "SecurityError"); } })"""


def test_where_a_browser_refuses_its_store_nothing_is_said_to_be_kept(visit):
    window = visit(TABLE)
    window.page.add_init_script(REFUSED)
    window.open(TABLE)
    expect(window.page.locator("downslope-progress")).to_contain_text("This browser keeps nothing")


def test_where_the_store_is_full_what_was_kept_before_still_counts(reader):
    window, here, _ = reader
    answer_quiz(window.page, 2)
    full = "Storage.prototype.setItem = () => { throw new Error('full'); }"
    window.page.add_init_script(full)
    window.open(TABLE)
    expect(window.page.locator("downslope-progress")).to_contain_text("This browser keeps nothing")
    assert row(window.page, here["title"])[1].startswith("2 of ")


def test_on_paper_stands_the_table_and_no_button(visit):
    page = visit(TABLE).page
    put_on_paper(page)
    expect(page.get_by_role("row").filter(has_text="In all")).to_be_visible()
    expect(page.locator("downslope-progress button")).to_have_count(3)
    for button in page.locator("downslope-progress button").all():
        expect(button).to_be_hidden()
