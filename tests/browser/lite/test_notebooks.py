"""Every chapter, run from top to bottom by the Python of a browser. By hand: `make try-lite`."""

import json
from pathlib import Path
from time import perf_counter

import pytest

CHAPTERS = sorted((Path(__file__).resolve().parents[3] / "chapters").glob("*.ipynb"))
LONGEST = 300_000  # ms
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
CELLS = r"""() => {
  const all = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")];
  const kind = (name) => `.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.${name}"]`;
  return {
    n: all.length,
    done: all.map((cell) => cell.querySelector(".jp-InputPrompt")?.textContent ?? "")
      .filter((prompt) => /\d/.test(prompt)).length,
    waiting: all.map((cell) => cell.querySelector(".jp-InputPrompt")?.textContent ?? "")
      .filter((prompt) => prompt.includes("*")).length,
    wrong: [...document.querySelectorAll(`${kind("error")}, ${kind("stderr")}`)]
      .map((e) => e.innerText),
  };
}"""


class Chapter:
    """A chapter in a window of its own, run by the keyboard's way through the menus."""

    def __init__(self, window, name):
        self.window, self.page = window, window.page
        began = perf_counter()
        window.open(f"lite/notebooks/index.html?path=chapters/{name}.ipynb", at_rest=False)
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        # What is run before there is a kernel is not run at all.
        kernel = ".jp-Toolbar-kernelName >> text=Pyodide"
        self.page.wait_for_selector(kernel, state="attached", timeout=LONGEST)
        self.page.wait_for_selector(IDLE, state="attached", timeout=LONGEST)
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
        self.page.wait_for_function(f"({CELLS})().done > 0", timeout=LONGEST)
        self.first = perf_counter() - began
        self.page.wait_for_function(f"({CELLS})().waiting === 0", timeout=LONGEST)
        self.all = perf_counter() - began
        self.cells = self.page.evaluate(CELLS)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_from_top_to_bottom_and_asks_no_other_host(visit, path, book):
    window = visit("search.html", at_rest=False)
    chapter = Chapter(window, path.stem)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert chapter.cells["n"] == sum(cell["cell_type"] == "code" for cell in cells)
    assert chapter.cells["wrong"] == []
    assert window.elsewhere() == []
    print(f"\n{path.stem}: first cell after {chapter.first:.0f} s, all after {chapter.all:.0f} s")
    sliders_move_by_keyboard(chapter.page)
    exercises_answer(chapter.page)


def sliders_move_by_keyboard(page):
    """The first slider goes to both of its ends, and each time its figure is drawn anew.

    By Home and End: JupyterLab keeps the arrow keys for its own use, wherever it runs.
    """
    handle = page.locator(".jp-OutputArea .widget-slider .noUi-handle").first
    if not handle.count():
        return
    handle.scroll_into_view_if_needed()
    output = page.locator(".jp-OutputArea-output:has(.noUi-handle)").first
    ways = [("End", "aria-valuemax"), ("Home", "aria-valuemin")]
    if handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax"):
        ways.reverse()  # it opens at its end
    for key, limit in ways:
        drawn = output.inner_text()
        handle.press(key)
        assert handle.get_attribute("aria-valuenow") == handle.get_attribute(limit)
        page.wait_for_function(
            "([output, drawn]) => output.innerText !== drawn",
            arg=[output.element_handle(), drawn],
            timeout=60_000,
        )


def exercises_answer(page):
    """The starter of each exercise has been run, and its solution."""
    said = page.locator(".jp-OutputArea-output").all_inner_texts()
    assert any(text.startswith("Right: ") for text in said)
    assert any("Nothing came back yet" in text for text in said)
