"""Exercises of a book's own: which files go to the page, and what is found to be an exercise."""

import sys
from pathlib import Path

import pytest

from downslope._page_modules import Modules, trial
from downslope.check.answering import answer
from downslope.page_exercises import Cell, exercises_in, prelude
from downslope.page_python import packed

OWN = """
from downslope import check
from helper import twice

@check.exercise(cases=lambda rng: [{"x": 1.0}, {"x": float(rng.normal())}], right="it doubles.")
def double(x):
    "Twice x."
    return twice(x)

def make(n):
    return check.exercise(cases=lambda rng: [{"x": 3.0}], right="so it is.")(lambda x: n * x)

thrice = make(3)
size = thrice

def draw(x):
    return x
"""


@pytest.fixture
def book(tmp_path):
    """`book(name=text, …)`: a folder with these files."""

    def make(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return tmp_path

    return make


BESIDE = {"ch/mine.py": OWN, "ch/helper.py": "def twice(x):\r\n    return 2 * x\r\n"}


def found_in(root, code, page="ch/one", names=()):
    return Modules(root, names).imported(page, [code])


def names_of(cells, root, page="ch/one", names=()):
    """Names of the exercises, and what was said of each call."""
    found, said = found_in(root, prelude(cells), page, names), []

    def others(calls):
        calls = [call for call in calls if found.may_have(call)]
        said.extend(trial(calls, cells, found, packed(found.files)) if calls else [])
        return [call for call, (is_one, _) in zip(calls, said, strict=True) if is_one]

    return [one.name for _, one in exercises_in(cells, others)], said


def test_what_a_page_imports_from_beside_it_goes_with_it_and_what_that_imports(book):
    root = book({**BESIDE, "ch/other.py": "", "mine.py": "", "ch/lib/deep.py": "import other"})
    assert found_in(root, "from mine import double").files.keys() == set(BESIDE)
    assert found_in(root, "import mine", page="index").files.keys() == {"mine.py"}
    assert found_in(root, "import other.x, numpy, nowhere").files.keys() == {"ch/other.py"}
    assert found_in(root, "from lib import deep").files.keys() == {"ch/lib/deep.py", "ch/other.py"}


def test_a_package_is_whole_with_its_data_and_without_what_python_leaves_there(book):
    files = ("__init__.py", "a.py", "data/x.txt", "__pycache__/a.pyc", ".env")
    root = book({f"src/lib/{name}": "" for name in files} | {"src/secret.py": ""})
    found = found_in(root, "import lib.a", names=["src/lib"])
    assert found.files.keys() == {"src/lib/__init__.py", "src/lib/a.py", "src/lib/data/x.txt"}
    assert found.path == ["ch", "src"]
    assert found_in(root, "import lib.a").files == {}  # what is not named stays where it is
    assert found_in(root, "import secret", names=["src/lib"]).files == {}
    assert "src/secret.py" in found_in(root, "import secret", names=["src"]).files


def test_a_named_place_may_lie_outside_of_the_book(book):
    root = book({"src/lib/__init__.py": "", "book/ch/mine.py": "import lib"})
    found = found_in(root / "book", "import mine", names=["../src"])
    assert found.files.keys() == {"book/ch/mine.py", "src/lib/__init__.py"}
    assert found.path[:2] == ["book/ch", "src"]


@pytest.mark.parametrize("name", ["random", "downslope", "numpy", "js"])
def test_a_name_that_python_has_itself_is_not_taken_from_the_book(book, name):
    assert found_in(book({f"ch/{name}.py": ""}), f"import {name}").files == {}


def test_the_pack_is_the_same_bytes_in_every_folder_and_at_every_time(book, tmp_path):
    first = found_in(book(BESIDE), "import mine").files
    again = {name: tmp_path / "again" / name for name in reversed(first)}
    for name, path in again.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Path(first[name]).read_bytes())
    assert packed(first) == packed(again)


def test_an_exercise_is_what_turns_out_to_be_one_however_it_is_named(book):
    cells = [
        Cell("%matplotlib inline\nfrom mine import double, draw, size as größe\nimport mine as m"),
        Cell("def f(x):\n    ...\n\ndouble(f)"),
        Cell("def f(x):\r\n    ...\r\n\r\nm.thrice(f)"),
        Cell("größe(lambda x: x)"),
        Cell("draw(3)"),
        Cell("m.make(2)"),
        Cell("double(double.solution)", ["solution"]),
        Cell("print(double)"),
    ]
    found, _ = names_of(cells, book(BESIDE))
    assert found == ["double", "thrice", "größe"]


def test_one_that_the_page_itself_defines_is_found_without_any_file(book):
    define = OWN.replace("from helper import twice", "def twice(x):\n    return 2 * x")
    cells = [Cell(define.replace("= make(3)", "= check.exercise(cases, right='r')(make)"))]
    cells += [Cell("double(lambda x: x)"), Cell("thrice(1)"), Cell("draw(1)")]
    cells[0] = Cell("cases = lambda rng: [{'n': 1}]\n" + cells[0].code)
    found, _ = names_of(cells, book({}))
    assert found == ["double", "thrice"]


def test_another_packages_call_is_not_even_tried(book):
    cells = [Cell("import matplotlib.pyplot as plt\nimport grader"), Cell("plt.plot([1])")]
    assert names_of([*cells, Cell("grader.check(f)")], book({})) == ([], [])


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("\nimport matplotlib.pyplot as plt", "mine.py, line 2: ModuleNotFoundError: matplotlib "),
        (
            "import pandas",
            "mine.py, line 1: ModuleNotFoundError: pandas cannot be had on this page",
        ),
        ("import sqlite3", "mine.py, line 1: ModuleNotFoundError: sqlite3 "),
        ("from downslope import plots", "mine.py, line 1: ModuleNotFoundError: matplotlib"),
        ("def f(:", "mine.py, line 1: invalid syntax"),
        ("open('no such file')", "mine.py, line 1: FileNotFoundError: "),
        ("import os; os._exit(3)", "Python broke down"),
    ],
)
def test_a_module_that_a_page_cannot_import_is_told_with_its_line(book, first, said):
    files = {**BESIDE, "ch/mine.py": f"{first}{OWN}"}
    cells = [Cell("from mine import double"), Cell("double(lambda x: x)")]
    found, ((_, why),) = names_of(cells, book(files))
    assert found == []
    assert said in why


@pytest.mark.parametrize(
    ("solution", "said"),
    [
        ("return K * x", "Its own solution fails: NameError: name 'K' is not defined"),
        ("return None", "Its own solution is not right: Nothing came back yet."),
    ],
)
def test_an_exercise_that_could_never_be_right_on_the_page_is_told(book, solution, said):
    cells = [
        Cell(OWN.replace("from helper import twice", "").replace("return twice(x)", solution)),
        Cell("K = len('ab')"),
        Cell("double(lambda x: 2 * x)"),
    ]
    _, ((is_one, why),) = names_of(cells, book({}))
    assert is_one
    assert why.startswith(said)


def test_a_star_brings_exercises_and_takes_no_other_name_for_one(book):
    cells = [Cell("from mine import *"), Cell("double(lambda x: x)"), Cell("print(1)\nfit(2)")]
    assert names_of(cells, book(BESIDE))[0] == ["double"]
    cells = [Cell("from downslope.check import *"), Cell("walk(1)"), Cell("print(1)\nfit(2)")]
    assert names_of(cells, book({}))[0] == ["walk"]


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("ch/random.py", "from random import double", "random.py has the name of a module that "),
        ("lib/mine.py", "from mine import double", "lib/mine.py is neither beside the page nor "),
        ("lib/mine/a.py", "import mine.a as m", "lib/mine/a.py is neither beside the page nor"),
        ("ch/other.py", "from mine import double", ""),
    ],
)
def test_an_exercise_that_lies_where_no_page_finds_it_is_told(book, file, line, said):
    root = book({file: OWN})
    name = line.split()[-1]
    code = f"{name}.double(1)" if name == "m" else f"{name}(1)"
    calls = []
    assert (
        list(
            exercises_in(
                [Cell(line), Cell(code), Cell("import math"), Cell("math.sqrt(2)")],
                lambda found: calls.extend(found) or [],
            )
        )
        == []
    )
    assert len(calls) == 2
    book_modules = Modules(root, [])
    assert said in book_modules.astray(calls[0], "ch/one")
    assert bool(said) == bool(book_modules.astray(calls[0], "ch/one"))
    assert book_modules.astray(calls[1], "ch/one") == ""


def test_what_a_module_prints_is_not_the_readers(book):
    root = book({"mine.py": "print('hello')"})
    assert answer("import mine", "print('mine')", [str(root)])["printed"] == "mine\n"


def test_a_module_that_can_do_without_is_no_worse(book):
    careful = "try:\n    import pandas\nexcept ImportError:\n    pandas = None\n"
    cells = [Cell("from mine import double"), Cell("double(lambda x: x)")]
    root = book({**BESIDE, "ch/mine.py": f"{careful}{OWN}"})
    assert names_of(cells, root)[0] == ["double"]


def test_an_answer_is_checked_with_them_and_they_are_forgotten_afterwards(book):
    root = book({**BESIDE, "ch/points.txt": "7"})
    path, before = [str(root / "ch"), str(root)], (sys.path[:], Path.cwd())
    run = "double(lambda x: {}); print(__import__('pathlib').Path('points.txt').read_text())\n"
    lent = "from mine import double"
    assert answer(lent, run.format("2 * x"), path)["verdict"] == "right"
    assert answer(lent, run.format("3 * x"), path)["verdict"] == "wrong"
    spoil = "import helper\nhelper.twice = None\n"
    assert answer(lent, spoil + run.format("x"), path)["printed"] == "7\n"
    assert answer(lent, run.format("2 * x"), path)["verdict"] == "right"
    assert (sys.path, Path.cwd()) == before
    assert not {"mine", "helper"} & set(sys.modules)


def test_what_cannot_be_imported_is_said_with_its_reason_where_it_is_used(book):
    root = book({"mine.py": "\nimport pandas", "worse.py": "1 +", "bad.py": "1 / 0"})
    lent = "import mine\nimport worse\nfrom bad import f\ndef g(x=f.y):\n    pass\nN = 3"
    for code, said in [
        ("mine.f", "mine cannot be had on this page. mine.py, line 2: ModuleNotFoundError: pandas"),
        ("worse.f", "worse cannot be had on this page. worse.py, line 1: invalid syntax"),
        ("f(1)", "f cannot be had on this page. bad.py, line 1: ZeroDivisionError: division"),
        ("g()", "g cannot be had on this page. ModuleNotFoundError: f cannot be had"),
    ]:
        assert said in answer(lent, code, [str(root)])["text"]
    assert answer(lent, "N", [str(root)])["text"].startswith("3")
