"""What a page's Python says to a reader's answer."""

import sys

import pytest

import downslope.polynomial
from downslope.check import wording
from downslope.check.answering import MOST_PRINTED, answer

PRELUDE = "import numpy as np\nfrom downslope import check"
RIGHT = "def f(x, gradient, learning_rate):\n    return x - learning_rate * gradient(x)\n"
CALL = "\ncheck.descent_step(f)"


def step(body):
    return f"def f(x, gradient, learning_rate):\n    {body}\n{CALL}"


@pytest.mark.parametrize(
    ("code", "verdict", "begins"),
    [
        (RIGHT + CALL, "right", "Right: you can move anything"),
        (step("..."), "not written", "Nothing came back yet."),
        (step("return x + learning_rate * gradient(x)"), "wrong", "Not yet. This is x + "),
        (step("return x - y"), "wrong", "Not yet. Your function raised NameError"),
        (RIGHT, "nothing", "Nothing was checked. Keep the last line"),
        (RIGHT + "f", "printed", "<function f at "),
        ("2 + 3", "printed", "5\n\nNothing was checked."),
        ("", "nothing", "Nothing was checked."),
        ("# soon", "nothing", "Nothing was checked."),
    ],
)
def test_the_checkers_own_words_come_back(code, verdict, begins):
    given = answer(PRELUDE, code)
    assert given["verdict"] == verdict
    assert given["text"].startswith(begins)
    assert given["printed"] == ""


@pytest.mark.parametrize(
    ("code", "ends"),
    [
        ("def f(:", "SyntaxError: invalid syntax"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("  1", "IndentationError: unexpected indent"),
        ("input('?')", "give the function its arguments instead"),
        ("import nosuch.module", "all else runs in the chapter's notebook"),
        ("import numpy.nosuch", "No module named 'numpy.nosuch'"),
        ("def f(n):\n    return f(n)\nf(1)", "Does the function call itself without an end?"),
        ("np.zeros(10**13)", "with shape (10000000000000,) and data type float64"),
        ("exit()", "leave that out."),
        ("x = “a”", "It was pasted, perhaps: type it anew."),
        ("x =\u00a01", "type that line anew, blanks too."),
        ("%timeit 3", "run in a notebook alone."),
        ("!pip install x", "run in a notebook alone."),
        ("check.walk()", "check.walk(my_function). It got None."),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("check.descent_step(f(1, 2, 3))", "NameError: name 'f' is not defined"),
    ],
)  # fmt: skip
def test_an_error_comes_back_as_words_with_the_readers_lines_alone(code, ends):
    given = answer(PRELUDE, code)
    assert given["verdict"] == "error"
    assert given["text"].endswith(ends)
    assert "downslope" not in given["text"].replace("what of downslope", "")
    assert len(given["text"]) < 2000


def test_the_readers_line_is_shown_and_numbered():
    text = answer(PRELUDE, "a = 1\n\ndef f():\n    return a + undefined\n\nf()")["text"]
    assert "line 4, in f\n    return a + undefined" in text
    assert "line 6, in <module>" in text


def test_inside_of_a_function_that_is_checked_the_same_is_said():
    text = " ".join(answer(PRELUDE, step("import nosuch"))["text"].split())
    assert "ModuleNotFoundError: nosuch cannot be had on this page" in text
    text = " ".join(answer(PRELUDE, step("return input()"))["text"].split())
    assert "give the function its arguments instead" in text


def test_what_is_printed_comes_first_and_does_not_flood_the_page():
    given = answer(PRELUDE, "import sys\nprint('a')\nprint('b', file=sys.stderr)\n" + RIGHT + CALL)
    assert given["printed"] == "a\nb\n"
    assert given["verdict"] == "right"
    flood = answer(PRELUDE, "for i in range(10**6): print('flood')")["printed"]
    assert len(flood) < MOST_PRINTED + 100
    assert flood.endswith("… and more, which is not shown.")


def test_what_is_printed_is_told_at_once_and_no_more_of_it_than_is_shown():
    told = []
    given = answer(PRELUDE, "print('a', end='')\nprint('b')\n1 / 0", say=told.append)
    assert told == ["a", "b", "\n"]
    assert given["printed"] == "ab\n"
    told.clear()
    flood = answer(PRELUDE, "for i in range(10**5): print('flood')", say=told.append)
    assert "".join(told) == flood["printed"]


def test_prose_is_one_line_for_the_page_to_break_and_a_value_stands_as_it_is():
    text = answer(PRELUDE, step("return x + learning_rate * gradient(x)"))["text"]
    hint, belief = text.splitlines()
    assert hint.endswith("You were asked for a step down.")
    assert belief.startswith("A belief that leads here: ")
    table = answer(PRELUDE, step("return np.ones((9, 9))"))["text"]
    assert len(table.splitlines()) > 3
    assert wording.WIDTH < 80


@pytest.mark.parametrize("name", ["js", "pyodide", "pyodide_js", "pyodide.code"])
def test_the_browser_itself_is_out_of_an_answers_reach(name, monkeypatch):
    for part in (name, name.partition(".")[0]):
        monkeypatch.setitem(sys.modules, part, sys)
    assert answer(PRELUDE, f"import {name}")["text"].endswith("in the chapter's notebook")
    assert sys.modules[name] is sys


def test_each_run_begins_with_nothing_but_the_earlier_cells():
    assert answer(PRELUDE, "kept = 1; kept")["verdict"] == "printed"
    assert answer(PRELUDE, "kept")["text"].endswith("NameError: name 'kept' is not defined")


def test_what_a_run_does_to_numpy_or_to_a_built_in_name_lasts_no_longer_than_it():
    spoil = "import builtins\nnp.sum = None\ndel check.walk\nbuiltins.abs = None\nnp.sum(1)"
    assert answer(PRELUDE, spoil)["text"].endswith("'NoneType' object is not callable")
    assert answer(PRELUDE, "int(np.sum([1, 2])), abs(-3), callable(check.walk)")["text"].startswith(
        "(3, 3, True)"
    )


def test_that_holds_for_a_module_that_this_very_run_imports_first(monkeypatch):
    monkeypatch.setattr(downslope, "polynomial", downslope.polynomial)  # as it was, afterwards
    monkeypatch.delitem(sys.modules, "downslope.polynomial")
    prelude = f"{PRELUDE}\nimport downslope.polynomial as p"
    assert answer(prelude, "p.thermometer = 3; p.thermometer")["text"].startswith("3")
    assert answer(prelude, "callable(p.thermometer)")["text"].startswith("True")


@pytest.mark.parametrize(
    ("returns", "ends"),
    [
        ("1", "TypeError: __repr__ returned non-string (type int)"),
        ("self.data", "AttributeError: 'Value' object has no attribute 'data'"),
    ],
)
def test_a_last_line_that_cannot_be_shown_is_an_error_in_words(returns, ends):
    given = answer(PRELUDE, f"class Value:\n    def __repr__(self): return {returns}\nValue()")
    assert given["verdict"] == "error"
    assert given["text"].endswith(ends)


def test_an_error_that_cannot_be_shown_is_named():
    silent = "class Silent(Exception):\n    def __str__(self): return 1\nraise Silent"
    assert answer(PRELUDE, silent)["text"].endswith("Silent: <exception str() failed>")


@pytest.mark.parametrize(
    ("last", "ends"),
    [
        ("assert check.descent_step(f)", "AssertionError"),
        ("check.descent_step(f)\nundefined", "NameError: name 'undefined' is not defined"),
        ("check.descent_step(f)\nexit()", "leave that out."),
    ],
)
def test_what_a_checker_has_said_before_an_error_is_not_lost(last, ends):
    begins = step("return x + learning_rate * gradient(x)").removesuffix(CALL)
    given = answer(PRELUDE, begins + last)
    assert given["verdict"] == "error"
    assert given["text"].startswith("Not yet. This is x + learning_rate")
    assert given["text"].endswith(ends)


def test_python_is_as_before_afterwards():
    finders, ask = list(sys.meta_path), input
    answer(PRELUDE, "1 / 0")
    assert sys.meta_path == finders
    assert input is ask


def test_what_an_earlier_cell_imports_in_vain_is_missed_only_where_it_is_used():
    prelude = f"{PRELUDE}\nfrom nosuch.module import drawing as draw\nimport nowhere.deep"
    assert answer(prelude, RIGHT + CALL)["verdict"] == "right"
    for code, name in [("draw(1)", "draw"), ("draw.line", "draw"), ("nowhere.deep", "nowhere")]:
        said = answer(prelude, code)["text"]
        assert said.splitlines()[-1].startswith(
            f"ModuleNotFoundError: {name} cannot be had on this page"
        )


def test_an_earlier_cells_functions_are_there():
    given = answer("K = 3\ndef thrice(x):\n    return K * x", "thrice(2)")
    assert given["text"].startswith("6")


@pytest.mark.parametrize(
    "last", ["print(check.descent_step(f))", "r = check.descent_step(f)\nprint('end')"]
)
def test_what_a_checker_says_is_heard_wherever_it_is_called(last):
    assert answer(PRELUDE, f"{RIGHT}\n{last}")["verdict"] == "right"
    wrong = f"{RIGHT.replace('-', '+')}\n{last}"
    assert answer(PRELUDE, wrong)["verdict"] == "wrong"
    assert answer(PRELUDE, f"{wrong}\n{RIGHT}\n{last}")["verdict"] == "wrong"


def test_a_checker_without_parentheses_is_told_to_take_some():
    assert "check.walk(my_function)" in answer(PRELUDE, "check.walk")["text"]
    said = answer(PRELUDE, "check.Value")["text"]
    assert "your class over in parentheses: check.Value(Value)" in said


def test_a_function_that_only_promises_is_told_so():
    text = answer(PRELUDE, f"async {RIGHT}{CALL}")["text"]
    assert "Write def for async def." in " ".join(text.split())


def test_settings_of_numpy_last_no_longer_than_a_run():
    answer(PRELUDE, "np.set_printoptions(precision=2)\nnp.seterr(all='raise')")
    assert answer(PRELUDE, "np.array([1.12345])")["text"].startswith("array([1.12345])")


def test_a_line_of_any_length_makes_a_message_of_a_few():
    text = answer(PRELUDE, f"x = '{'a' * 20_000}' + 1")["text"]
    assert len(text) < 800
    assert text.endswith('can only concatenate str (not "int") to str')
