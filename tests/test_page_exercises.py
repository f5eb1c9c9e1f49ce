"""Which cells of a page are exercises, and what goes with them."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from downslope import check
from downslope.check.answering import answer
from downslope.page_exercises import Cell, closing, exercises_in, opening, prelude

CHAPTERS = sorted((Path(__file__).resolve().parents[1] / "chapters").glob("*.ipynb"))
IMPORT = "from downslope import check, plots"
EXERCISE = "def mine(x):\n    ...\n\n\ncheck.square(mine)"


def cells_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return [Cell(c.source, c.metadata.get("tags", [])) for c in cells if c.cell_type == "code"]


def test_an_exercise_is_a_cell_that_calls_a_checker_and_is_no_solution():
    cells = [
        Cell(IMPORT),
        Cell("found = check.square(f)"),
        Cell("if True:\n    check.square(f)"),
        Cell("print(check.square)"),
        Cell(EXERCISE),
        Cell(EXERCISE, ["hide-input", "solution"]),
        Cell("%timeit check.square(f)"),
    ]
    assert [(index, found.name) for index, found in exercises_in(cells)] == [(4, "square")]


def test_only_calls_of_our_own_check_are_exercises():
    for brings, is_ours in [
        (IMPORT, True),
        ("import downslope.check as check", True),
        ("from grader import check", False),
        ("def check(f):\n    return f", False),
        ("import downslope", False),
    ]:
        assert len([*exercises_in([Cell(brings), Cell(EXERCISE)])]) == is_ours, brings
        assert len([*exercises_in([Cell(f"{brings}\n{EXERCISE}")])]) == is_ours, brings


def test_what_earlier_exercises_asked_for_is_known_to_later_ones_and_not_to_themselves():
    starter = "def {}(x):\n    ...\n\n\ncheck.{}({})"
    cells = [Cell("from downslope import check")]
    for name in ("relu_backward", "sigmoid_backward"):
        code = starter.format(name, name, name)
        cells += [Cell(code), Cell(code.replace("...", "return x"), ["solution"])]
    first, second = (found.prelude for _, found in exercises_in(cells))
    assert first == "from downslope import check"
    assert second == f"{first}\ndef relu_backward(x):\n    return x"


def test_earlier_cells_lend_imports_functions_classes_and_constants_and_no_more():
    cells = [
        Cell("import a.b as c, d\nfrom . import e\nA, B = 1, 2\nC = [1, 'x']\nC = f()"),
        Cell("def g(x):\n    return x\n\nclass H:\n    pass\n\ng(3)\nfor i in C:\n    j = i"),
        Cell(EXERCISE),
        Cell("def mine(x):\n    return x * x\n\ncheck.square(mine)", ["solution"]),
        Cell("import d\ndef picture(ax, x):\n    ax.plot(x)"),
        Cell("1 +"),
    ]
    assert prelude(cells).split("\n") == [
        "import a.b as c",
        "import d",
        "from . import e",
        "C = [1, 'x']",
        "def g(x):",
        "    return x",
        "class H:",
        "    pass",
        "def mine(x):",
        "    return x * x",
    ]


def test_the_page_carries_it_in_an_element_that_no_text_can_end():
    cells = [Cell(f"{IMPORT}\nN = '</script>'"), Cell(EXERCISE + "  # </script><b>")]
    ((_, found),) = exercises_in(cells)
    html = opening(found) + closing(found)
    assert html.startswith('<downslope-exercise id="exercise-square" data-exercise="square">')
    assert opening(found, 2).startswith('<downslope-exercise id="exercise-square-2"')
    (carried,) = re.findall(r'<script type="application/json">(.*?)</script>', html, re.S)
    assert json.loads(carried) == found._asdict()


def test_every_checker_of_the_package_is_an_exercise_of_a_chapter():
    found = {one.name for path in CHAPTERS for _, one in exercises_in(cells_of(path))}
    assert found == {name for name in check.__all__ if hasattr(getattr(check, name), "solution")}


def exercises_and_solutions():
    for path in CHAPTERS:
        cells = cells_of(path)
        for index, found in exercises_in(cells):
            solution = next(cell for cell in cells[index + 1 :] if "solution" in cell.tags)
            yield pytest.param(found, solution.code, id=f"{path.stem}-{found.name}")


EXERCISES = list(exercises_and_solutions())


@pytest.mark.parametrize(("exercise", "solution"), EXERCISES)
def test_on_the_page_the_starter_is_not_written_and_the_solution_right(exercise, solution):
    begun = answer(exercise.prelude, exercise.starter)
    assert begun["verdict"] in ("not written", "wrong"), begun
    assert ("..." in exercise.starter) == (begun["verdict"] == "not written")
    assert answer(exercise.prelude, solution)["verdict"] == "right"


@pytest.mark.parametrize("exercise", [case.values[0] for case in EXERCISES], ids=lambda e: e.name)
def test_on_the_page_a_known_mistake_gets_its_own_hint(exercise):
    name = exercise.name
    for index, wrong in enumerate(getattr(check, name).wrong_answers[:2]):
        code = f"check.{name}(check.{name}.wrong_answers[{index}].function)"
        given = answer(exercise.prelude, code)
        assert given["verdict"] == "wrong"
        assert " ".join(wrong.hint.split()) in " ".join(given["text"].split())
