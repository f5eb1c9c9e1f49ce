"""The exercises of the built book, answered by the Python that the book serves."""

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from downslope.page_exercises import Cell, exercises_in

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
ELEMENT = re.compile(r'<downslope-exercise id="[^"]+" data-exercise="([^"]+)"')


def exercises_of(page):
    """The exercises of a chapter, each with the code of its solution."""
    path = CHAPTERS / f"{Path(page).stem}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    cells = [Cell(c.source, c.metadata.get("tags", [])) for c in cells if c.cell_type == "code"]
    return [
        (exercise, next(cell.code for cell in cells[index:] if "solution" in cell.tags))
        for index, exercise in exercises_in(cells)
    ]


def test_every_exercise_of_a_chapter_can_be_answered_on_its_page(book, chapter_page):
    shown = ELEMENT.findall((book / chapter_page).read_text(encoding="utf-8"))
    assert shown == [exercise.name for exercise, _ in exercises_of(chapter_page)]
    assert shown


def test_nothing_of_python_is_fetched_before_a_reader_begins(reading, chapter_page):
    window = reading(chapter_page)
    window.page.locator("downslope-exercise").last.scroll_into_view_if_needed()
    window.page.wait_for_timeout(300)
    assert [url for url in window.requests if "downslope-python" in url] == []


ANSWERS = """
async ([root, runs]) => {
  const worker = new Worker(root + "downslope-python.js");
  const answers = [];
  return new Promise((done, failed) => {
    worker.onerror = (event) => failed(new Error(event.message));
    worker.onmessage = ({ data }) => {
      if (data.kind === "failed") failed(new Error(`${data.reason}: ${data.detail}`));
      if (data.kind === "answer") answers.push(data.answer);
      if (answers.length === runs.length) { worker.terminate(); done(answers); }
      if (data.kind === "ready" || data.kind === "answer") {
        const [prelude, code] = runs[answers.length];
        worker.postMessage({ kind: "run", id: answers.length, prelude, code });
      }
    };
    worker.postMessage({ kind: "load", root: root + "downslope-python/" });
  });
}
"""


def test_the_pages_python_knows_every_starter_solution_and_mistake(visit, chapter_pages):
    runs, wanted = [], []
    for exercise, solution in sum(map(exercises_of, chapter_pages), []):
        hands_over = f"check.{exercise.name}(check.{exercise.name}.wrong_answers[0].function)"
        for code, verdict in ((exercise.starter, "start"), (solution, "right"), (hands_over, "")):
            runs.append([exercise.prelude, code])
            wanted.append((exercise.name, verdict))
    window = visit(chapter_pages[0])
    answers = window.page.evaluate(ANSWERS, [f"{window.root}_static/", runs])
    assert len(answers) == len(wanted) > 90
    for (name, verdict), answer in zip(wanted, answers, strict=True):
        allowed = {"start": {"not written", "wrong"}, "right": {"right"}, "": {"wrong"}}[verdict]
        assert answer["verdict"] in allowed, (name, answer)
    assert window.elsewhere() == []


@pytest.fixture
def chapter_pages(book):
    return sorted(path.relative_to(book).as_posix() for path in book.glob("chapters/*.html"))


def test_a_reader_writes_an_answer_and_hears_of_it(visit, chapter_pages):
    page = chapter_pages[0]
    exercise, solution = exercises_of(page)[0]
    window = visit(page)
    element = window.page.locator(f'downslope-exercise[data-exercise="{exercise.name}"]')
    editor, says = element.get_by_role("textbox"), element.get_by_role("status")
    assert editor.input_value() == exercise.starter
    element.evaluate("(e) => { e.seconds = 100; }")  # of a run, where other tests are busy too
    element.get_by_role("button", name="Run", exact=True).click()
    expect(says).to_contain_text("Nothing came back yet.")
    editor.fill(solution)
    editor.press("Shift+Enter")
    expect(says).to_contain_text("Right: ")
    window.page.reload()
    expect(editor).to_have_value(solution)
    assert window.elsewhere() == []
    assert window.failures == []
    assert window.complaints == []


def test_from_disk_the_cell_stands_with_a_sentence(reading, chapter_page):
    exercises = reading(chapter_page, "file").page.locator("downslope-exercise")
    shown = exercises.evaluate_all(
        """(all) => all.map((e) => [e.querySelector("pre").checkVisibility(),
             [...e.querySelectorAll("*")].some((part) => part.checkVisibility()
               && part.textContent.includes("python -m http.server"))])"""
    )
    assert shown
    assert all(cell and sentence for cell, sentence in shown)
