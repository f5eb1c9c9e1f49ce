"""Every chapter, run from top to bottom by the Python of a browser. By hand: `make try-lite`."""

import json
from pathlib import Path
from time import perf_counter

import pytest

import notebook_windows as notebooks

CHAPTERS = sorted((Path(__file__).resolve().parents[3] / "chapters").glob("*.ipynb"))


class Chapter:
    """A chapter in a window of its own, run by the keyboard's way through the menus."""

    def __init__(self, window, name):
        self.window, self.page = window, window.page
        began = perf_counter()
        window.open(f"lite/notebooks/index.html?path=chapters/{name}.ipynb", at_rest=False)
        notebooks.wait_for_kernel(self.page, "Pyodide")
        notebooks.run_all(self.page)
        self.first = perf_counter() - began
        self.cells = notebooks.wait_for_all(self.page)
        self.all = perf_counter() - began


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_from_top_to_bottom_and_asks_no_other_host(visit, path, book):
    window = visit("search.html", at_rest=False)
    chapter = Chapter(window, path.stem)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert chapter.cells["n"] == sum(cell["cell_type"] == "code" for cell in cells)
    assert chapter.cells["wrong"] == []
    assert window.elsewhere() == []
    print(f"\n{path.stem}: first cell after {chapter.first:.0f} s, all after {chapter.all:.0f} s")
    notebooks.sliders_move_by_keyboard(chapter.page)
    notebooks.exercises_answer(chapter.page)
