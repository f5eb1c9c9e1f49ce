"""The Sphinx extension, in small projects of its own: pages, paper, and what it refuses."""

import json
import re
import subprocess
import sys
import zipfile
from types import SimpleNamespace
from xml.etree import ElementTree

import nbformat
import pytest

import programs
from downslope import _sphinx_exercises, quiz, sphinx_ext
from downslope.explore import explore, linear

pytestmark = pytest.mark.slow

EXPLORER = """
from downslope.explore import explore, linear

def frame(ax):
    "A frame"
    ax.set(xlim=(0, 10), ylim=(0, 10))

def dot(ax, x):
    "a dot"
    ax.plot([x], [5], "o")
    return f"x is {x:g}"

explore(frame, dot, name="moving-dot", x=linear(0, 4, 1, default=2))
"""


CONF = """
project, language, copyright = "small", "en", "2026"
exclude_patterns = ["_build"]
extensions = ["myst_nb", "downslope.sphinx_ext"]
nb_execution_mode = "force"
nb_execution_show_tb = True
epub_show_urls, epub_use_index = "no", False
"""


# Of a kernel whose socket has gone before its last message: seldom, on a busy machine.
LAST_WORDS = re.compile(
    r"^ERROR:tornado\.general:Uncaught exception in ZMQStream callback\n(?:.*\n)*?"
    r"zmq\.error\.ZMQError: .*\n",
    re.MULTILINE,
)


class SmallBook:
    """A project of Sphinx in a folder of its own, built by a process of its own."""

    def __init__(self, folder):
        self.folder, self.out = folder, folder / "_build/out"

    def configure(self, *settings):
        (self.folder / "conf.py").write_text("\n".join([CONF, *settings]))

    def write_contents(self, *pages):
        contents = "\n".join(pages)
        (self.folder / "index.md").write_text(f"# All\n\n```{{toctree}}\n{contents}\n```\n")

    def write(self, page, *cells, tags=()):
        """A notebook; a cell is its code, or a pair of its code and its stored output."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell("# A page"), *map(code_cell, cells)]
        )
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        notebook.metadata["language_info"] = {"name": "python"}
        for cell in notebook.cells[1:]:
            cell.metadata["tags"] = list(tags)
        (self.folder / page).parent.mkdir(exist_ok=True)
        nbformat.write(notebook, self.folder / page)

    def build(self, builder="html", *options, **variables):
        """Exit code and everything that was said, but for a kernel that is shut down too soon."""
        arguments = self.arguments(builder, *options)
        code, said = programs.run("sphinx.cmd.build", *arguments, **variables)
        return code, LAST_WORDS.sub("", said)

    def arguments(self, builder, *options):
        doctrees, out = self.folder / "_build/doctrees", self.out / builder
        loudness = [] if "-v" in options else ["-q"]
        return [*loudness, "-b", builder, *options, "-d", doctrees, self.folder, out]

    def page(self, name="index", builder="html"):
        return (self.out / builder / f"{name}.html").read_text(encoding="utf-8")


def code_cell(cell):
    if isinstance(cell, str):
        return nbformat.v4.new_code_cell(cell)
    code, bundle = cell
    output = nbformat.v4.new_output("display_data", data=bundle)
    return nbformat.v4.new_code_cell(code, outputs=[output], execution_count=1)


@pytest.fixture
def book(tmp_path):
    """A small book with settings and no pages."""
    book = SmallBook(tmp_path)
    book.configure()
    return book


@pytest.fixture(scope="module")
def moving(tmp_path_factory):
    """A book in which nothing is wrong, built by the command that its author would type."""
    book = SmallBook(tmp_path_factory.mktemp("moving"))
    book.configure()
    book.write("index.ipynb", "print('ExplorerError: layer failed')", EXPLORER)
    command = [sys.executable, "-m", "sphinx", *book.arguments("html")]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return book


def test_a_page_carries_every_state_and_the_script_that_shows_them(moving):
    page = moving.page()
    assert '<downslope-explorer id="moving-dot"' in page
    assert 'class="ds-states"' in page
    assert re.search(r'<script defer[^>]* src="_static/downslope-explorer\.js', page)


def test_the_hand_is_loaded_before_the_explorers_that_call_it(moving):
    page = moving.page()
    assert 'href="_static/downslope-handles.css' in page
    first, then = (page.index(f"_static/downslope-{name}.js") for name in ("handles", "explorer"))
    assert first < then
    assert "downslope-live" not in page


def test_a_page_may_print_what_an_error_looks_like(moving):
    assert "ExplorerError: layer failed" in moving.page()


def test_paper_and_readers_of_e_books_get_the_still_figure_of_the_same_run(moving):
    for builder in ("latex", "epub"):
        code, said = moving.build(builder)
        assert code == 0, said
    text = (moving.out / "latex/small.tex").read_text(encoding="utf-8")
    (picture,) = re.findall(r"includegraphics\{\{([^}]+)\}\.png\}", text)
    assert (moving.out / f"latex/{picture}.png").stat().st_size > 3000
    with zipfile.ZipFile(moving.out / "epub/small.epub") as archive:
        page = archive.read("index.xhtml").decode()
        pictures = [name for name in archive.namelist() if name.endswith(".png")]
    assert "downslope-explorer" not in page
    assert "<img" in page
    assert pictures
    ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>|&\w+;", "", page))


def test_a_layer_that_fails_in_some_state_fails_the_build(book):
    broken = EXPLORER.replace("    return", "    assert x < 4, 'four'\n    return")
    book.write("index.ipynb", broken)
    code, said = book.build()
    assert code != 0
    assert "layer 'dot' failed at x=4: AssertionError: four" in said


BAKED = {"text/html": '<downslope-explorer id="moving-dot"></downslope-explorer>'}


def test_two_explorers_of_one_name_fail_the_build(book):
    book.configure('nb_execution_mode = "off"')
    book.write("index.ipynb", ("explore()", BAKED), ("explore()", BAKED))
    code, said = book.build()
    assert code != 0
    assert "on page 'index' are 2 explorers named 'moving-dot'" in said
    assert "explore(..., name='...')" in said


def test_a_quiz_that_is_asked_twice_fails_the_build(book):
    book.configure('nb_execution_mode = "off"')
    asked = {"text/html": '<downslope-quiz id="quiz-losses"></downslope-quiz>'}
    book.write("index.ipynb", ("quiz.ask('losses')", asked), ("quiz.ask('losses')", asked))
    code, said = book.build()
    assert code != 0
    assert "on page 'index' are 2 quizzes 'losses'; ask each once" in said


def test_two_pages_of_one_name_fail_the_build_where_all_become_one_page(book):
    book.configure('nb_execution_mode = "off"')
    book.write_contents("one", "two")
    for page in ("one.ipynb", "two.ipynb"):
        book.write(page, ("explore()", BAKED))
    assert book.build("html", "-W") == (0, "")
    code, said = book.build("singlehtml", "-W")
    assert code != 0
    assert "on page 'one' and 'two' are 2 explorers named 'moving-dot'" in said


TWO_LINES = EXPLORER.replace("    return", "    raise ValueError('one\\n\\ntwo: {x}')\n    return")


def test_an_error_keeps_all_of_its_lines_where_errors_are_allowed_in_a_text_notebook(book):
    book.configure("nb_execution_allow_errors = True", 'nb_execution_mode = "cache"')
    cells = "".join(f"```{{code-cell}}\n{cell}\n```\n\n" for cell in ("", TWO_LINES, "1 / 0"))
    (book.folder / "index.md").write_text(
        "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n# A page\n\n" + cells
    )
    code, said = book.build()
    assert code != 0
    assert (
        "page 'index': ExplorerError: layer 'dot' failed at x=2: ValueError: one\n\ntwo: {x}\n"
    ) in said


def test_an_error_that_a_cell_intends_is_shown(book):
    book.write("index.ipynb", TWO_LINES, tags=["raises-exception"])
    assert book.build("html", "-W") == (0, "")
    assert "ExplorerError" in book.page()


def test_an_error_inside_others_is_told_without_them():
    chain = (
        "----\nValueError          Traceback (most recent call last)\n    1 / 0\nValueError: four\n"
        "\nThe above exception was the direct cause of the following exception:\n\n"
        "ExplorerError       Traceback (most recent call last)\nFile x\n"
        "downslope.explore.layers.ExplorerError: layer 'dot' failed: ValueError: four\n  of\n\nit"
        "\n\nDuring handling of the above exception, another exception occurred:\n\n"
        "KeyError            Traceback (most recent call last)\nKeyError: 3"
    )
    assert list(sphinx_ext._failures(chain)) == [
        "ExplorerError: layer 'dot' failed: ValueError: four\n  of\n\nit"
    ]


VIEW = {"application/vnd.jupyter.widget-view+json": {"version_major": 2, "model_id": "a" * 32}}


def live(what):
    """What a notebook keeps of an explorer or a quiz that a reader had on the screen."""
    bundle = what._repr_mimebundle_()
    assert VIEW.keys() < bundle.keys()
    return bundle


def an_explorer():
    names = {}
    exec(EXPLORER, names)
    return explore(names["frame"], names["dot"], x=linear(0, 4, 1, default=2))


def run_by_a_program(what):
    return {kind: data for kind, data in live(what).items() if kind not in VIEW}


OLDER_STILL = (
    '<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 9 9" width="9pt" '
    'height="9pt" stroke-linejoin="round" stroke-linecap="butt"><title>A dot.</title></svg>'
)
OLDER_QUIZ = "Quiz: small one\n\n1. What is 1 < 2?\n   a) true\n   b) false"


STORED = {
    "explorer": lambda: live(an_explorer()),
    "run by a program": lambda: run_by_a_program(an_explorer()),
    "older explorer": lambda: {**VIEW, "image/svg+xml": OLDER_STILL, "text/plain": "x is 2"},
    "quiz": lambda: live(quiz.ask("learning")),
    "older quiz": lambda: {**VIEW, "text/plain": OLDER_QUIZ},
}


def test_what_a_notebook_has_stored_is_shown_standing_still_and_warned_of(book, monkeypatch):
    monkeypatch.delenv("DOWNSLOPE_BAKE", raising=False)
    book.configure('nb_execution_mode = "auto"')
    book.write_contents(*STORED)
    for kind, bundle in STORED.items():
        book.write(f"{kind}.ipynb", ("explore()", bundle()))
    for _ in range(2):  # a page that has not changed is warned of again
        code, said = book.build("html", "-W", "--keep-going")
        assert code != 0
        for kind in STORED:
            (warning,) = re.findall(rf"page '{kind}' shows an explorer or a quiz .*", said)
            assert "`jupyter-book clean --all .`" in warning
            assert "[downslope.stored]" in warning
    for kind in STORED:
        page = book.page(kind)
        assert "widget-view" not in page
        assert "in a running notebook, or in a book built with downslope.sphinx_ext." in page
        assert "<img" in page or "quiz" in kind
    book.configure('nb_execution_mode = "auto"', 'suppress_warnings = ["downslope.stored"]')
    assert book.build("html", "-W") == (0, "")


def test_a_page_has_the_sliders_though_its_book_would_rather_have_pictures(book):
    book.configure(
        'nb_execution_mode = "off"', 'nb_mime_priority_overrides = [("*", "image/png", 1)]'
    )
    book.write("index.ipynb", ("explore()", {**BAKED, "image/png": "iVBORw0KGgo="}))
    assert book.build("html", "-W") == (0, "")
    assert '<downslope-explorer id="moving-dot"' in book.page()


def test_other_widgets_are_left_alone(book):
    book.configure('nb_execution_mode = "auto"')
    book.write("index.ipynb", ("slider", {**VIEW, "text/plain": "Quiz: IntSlider()"}))
    assert book.build("html", "-W") == (0, "")
    assert "widget-view" in book.page()


HELD = """
import ipywidgets
from IPython.display import display
explorer = {}
{}
"""


HOLDERS = {
    "slider": 'explorer.controls["x"]',
    "boxes": 'ipywidgets.HBox([ipywidgets.VBox([explorer.controls["x"]])])',
    "output": "with (out := ipywidgets.Output()):\n    display(explorer)\nout",
}


def test_sliders_that_are_shown_without_their_explorer_are_warned_of(book):
    definitions, _, call = EXPLORER.strip().rpartition("\n")
    book.write_contents(*HOLDERS)
    for name, shown in HOLDERS.items():
        cell = definitions + HELD.format(call, shown)
        book.write(f"{name}.ipynb", cell, "ipywidgets.IntSlider()")
    code, said = book.build("html", "-W", "--keep-going")
    assert code != 0
    for name in HOLDERS:
        by_themselves = rf"page '{name}' shows sliders of an explorer by themselves.*"
        (warning,) = re.findall(by_themselves, said)
        assert "[downslope.inside]" in warning
        page = book.page(name)
        assert page.count("widget-view+json") == 1  # the author's own slider
        assert "These sliders move in a running notebook." in page


def test_outputs_cached_before_the_extension_was_switched_on_are_not_used(book):
    cached = 'nb_execution_mode = "cache"'
    book.configure(cached, 'extensions.remove("downslope.sphinx_ext")')
    book.write("index.ipynb", EXPLORER)
    assert book.build()[0] == 0
    assert "<downslope-explorer" not in book.page()
    book.configure(cached)
    assert book.build("html", "-W") == (0, "")
    assert '<downslope-explorer id="moving-dot"' in book.page()


@pytest.mark.parametrize("mode", ["cache", "force"])
def test_a_page_is_made_anew_when_a_file_it_depends_on_has_changed(book, mode):
    (book.folder / "lib").mkdir()
    module = book.folder / "lib/own.py"
    book.configure(f'nb_execution_mode = "{mode}"', 'downslope_depends_on = ["lib"]')
    book.write("index.ipynb", "import sys\nsys.path.append('lib')\nimport own\nprint(own.says)")
    for says in ("first", "second, longer"):
        module.write_text(f"says = '{says}'")
        assert book.build("html", "-W") == (0, "")
        assert says in book.page()
    caches = list(book.out.glob(".jupyter_cache/*"))
    assert [cache.name.split("-")[0] for cache in caches] == ["downslope"] * (mode == "cache")


def test_a_name_that_stands_for_nothing_is_refused(book):
    book.configure('downslope_depends_on = "libary"')
    book.write("index.ipynb")
    code, said = book.build()
    assert code != 0
    assert re.search(r"downslope_depends_on: there is no \S+libary", said)


def test_a_books_own_files_stay_as_they_are(book):
    own = {"quiz.js": "// mine", "explorer.css": "p {}", "explorer.js": "", "quiz.css": ""}
    (book.folder / "assets").mkdir()
    for name, text in own.items():
        (book.folder / "assets" / name).write_text(text)
    book.configure('nb_execution_mode = "off"', 'html_static_path = ["assets"]')
    book.write("index.ipynb")
    assert book.build("html", "-W") == (0, "")
    for name, text in own.items():
        assert (book.out / "html/_static" / name).read_text() == text
    ours = [file.name for file in sphinx_ext._STATIC.iterdir()]
    assert all(name.startswith("downslope-") for name in ours)
    for name in ours:
        assert (book.out / "html/_static" / name).is_file()


EXERCISE = "def mine(n):\n    ...\n\n\ncheck.steps_per_epoch(mine)"
SOLVED = "def mine(n):\n    return n\n\n\ncheck.steps_per_epoch(mine)"


@pytest.fixture
def with_exercises(book):
    """A book that runs nothing; of its two pages, one has an exercise twice and its solution."""
    book.configure('nb_execution_mode = "off"')
    book.write_contents("one", "two")
    book.write("two.ipynb", "1 + 1")
    cells = ["from downslope import check, plots\nN = 3", EXERCISE, SOLVED, EXERCISE]
    book.write("one.ipynb", *cells)
    notebook = nbformat.read(book.folder / "one.ipynb", as_version=4)
    notebook.cells[3].metadata["tags"] = ["solution"]
    nbformat.write(notebook, book.folder / "one.ipynb")
    return book


def test_an_exercise_becomes_an_element_that_carries_all_it_needs(with_exercises):
    book = with_exercises
    assert book.build("html", "-W") == (0, "")
    page = book.page("one")
    found = re.findall(r'<downslope-exercise id="([^"]+)" data-exercise="steps_per_epoch">', page)
    assert found == ["exercise-steps-per-epoch", "exercise-steps-per-epoch-2"]
    imported = ["from downslope import check", "from downslope import plots", "N = 3"]
    elements = re.findall(r"<downslope-exercise.*?</downslope-exercise>", page, re.S)
    for element, earlier in zip(elements, [[], ["def mine(n):", "    return n"]], strict=True):
        words = json.loads(re.search(r'"application/json">(.*?)</script>', element, re.S)[1])
        assert words["starter"] == EXERCISE
        assert words["prelude"].splitlines() == imported + earlier
        assert "steps_per_epoch" in re.sub(r"<script.*", "", element, flags=re.S)  # the cell stays
    assert "downslope-exercise" not in re.sub(r"<(script|link)[^>]*>", "", book.page("two"))
    served = book.out / "html/_static/downslope-python"
    assert {"manifest.json", "pyodide.js", "numpy.bin", "downslope.bin", "licences.txt"} <= {
        file.name for file in served.iterdir()
    }
    assert "downslope-python.js" not in page


OWN = """from downslope.check import exercise

@exercise(cases=lambda rng: [{"x": 3.0}, {"x": float(rng.normal())}], right="it doubles.")
def double(x):
    "Twice x."
    return 2 * x


def draw(x):
    return x
"""
IN_TEXT = """---
file_format: mystnb
kernelspec: {{name: python3}}
---
# Text

```{{code-cell}}
:tags: [remove-cell]
{}
```

```{{code-cell}}
def f(x):
    ...

double(f)
```

```{{code-cell}}
:tags: [remove-input]
double(double.solution)
```
"""


def carried(page):
    """What each exercise of a page carries."""
    return [json.loads(words) for words in re.findall(r'"application/json">({.*?})</script>', page)]


@pytest.fixture
def with_own(book):
    """A book that runs nothing; its exercises are its own, in a module and in a hidden cell."""
    book.configure('nb_execution_mode = "off"', 'suppress_warnings = ["myst-nb.lexer"]')
    book.write_contents("part/one", "two")
    book.write("part/one.ipynb", "import own", "own.double(lambda x: x)", "own.draw(3)")
    (book.folder / "part/own.py").write_text(OWN)
    (book.folder / "two.md").write_text(IN_TEXT.format(OWN))
    return book


def test_exercises_of_the_books_own_answer_on_its_pages(with_own):
    assert with_own.build("html", "-W") == (0, "")
    (one,), (two,) = (carried(with_own.page(name)) for name in ("part/one", "two"))
    assert (one["name"], one["prelude"], one["path"]) == ("double", "import own", ["part"])
    assert (two["name"], two["path"]) == ("double", [])
    assert "return 2 * x" in two["prelude"]
    assert "return 2 * x" not in re.sub("<script.*", "", with_own.page("two"))
    pack = with_own.out / "html/_static/downslope-python/book.bin"
    with zipfile.ZipFile(pack) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {
            "part/own.py": OWN
        }
    (with_own.folder / "part/own.py").write_text(OWN.replace("def double", "def twice"))
    assert with_own.build("html", "-W") == (0, "")
    assert carried(with_own.page("part/one")) == []
    assert carried(with_own.page("two"))[0]["version"] != two["version"]
    assert not pack.exists()


def test_modules_that_are_large_are_served_and_warned_of(tmp_path, monkeypatch):
    (tmp_path / "data.txt").write_text("7" * 100)
    env = SimpleNamespace(metadata={"p": {"downslope_modules": {"x": str(tmp_path / "data.txt")}}})
    warned = []
    monkeypatch.setattr(_sphinx_exercises.logger, "warning", lambda text, **_: warned.append(text))
    assert _sphinx_exercises._own_modules(env, ["p"])
    assert warned == []
    monkeypatch.setattr(_sphinx_exercises, "LARGEST", 10)
    assert _sphinx_exercises._own_modules(env, ["p"])
    assert "put large data outside of their packages" in warned[0]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("import matplotlib", "own.py, line 1: ModuleNotFoundError: matplotlib"),
        ("f = (1))", "own.py, line 1: unmatched ')'"),
    ],
)
def test_a_module_that_a_page_cannot_import_is_warned_of_until_it_is_mended(with_own, fault, told):
    own = with_own.folder / "part/own.py"
    own.write_text(f"{fault}\n{OWN}")
    code, said = with_own.build("html", "-W", "--keep-going")
    assert code != 0
    (warning,) = re.findall(r"WARNING: (.*)", said)
    assert warning.startswith("page 'part/one': the exercise double stands without a Run")
    assert told in warning
    assert warning.endswith("[downslope.modules]")
    assert carried(with_own.page("part/one")) == []
    assert len(carried(with_own.page("two"))) == 1
    own.write_text(OWN)
    assert with_own.build("html", "-W") == (0, "")
    assert len(carried(with_own.page("part/one"))) == 1


def test_without_python_the_exercises_stand_as_they_are_and_the_build_says_so(with_exercises):
    book = with_exercises
    assert book.build("html", "-W")[0] == 0
    nowhere = {"DOWNSLOPE_PYODIDE": str(book.folder / "nowhere")}
    code, said = book.build("html", "-W", "-v", **nowhere)
    assert code == 0, said
    assert "The exercises stand on their pages without a Run button." in said
    assert str(book.folder / "nowhere") in said
    assert "<downslope-exercise" not in book.page("one")
    book.configure('nb_execution_mode = "off"', 'downslope_python = "required"')
    code, said = book.build("html", **nowhere)
    assert code != 0
    assert str(book.folder / "nowhere") in said


def test_a_book_that_wants_no_python_gets_none(with_exercises):
    with_exercises.configure('nb_execution_mode = "off"', "downslope_python = False")
    assert with_exercises.build("html", "-W") == (0, "")
    assert "<downslope-exercise" not in with_exercises.page("one")
    assert not (with_exercises.out / "html/_static/downslope-python").exists()


def test_a_setting_that_means_nothing_is_refused(with_exercises):
    with_exercises.configure('nb_execution_mode = "off"', 'downslope_python = "requried"')
    code, said = with_exercises.build("html")
    assert code != 0
    assert """downslope_python must be True, False or "required", got 'requried'""" in said


def test_on_paper_an_exercise_is_a_cell(with_exercises):
    assert with_exercises.build("latex")[0] == 0
    text = (with_exercises.out / "latex/small.tex").read_text(encoding="utf-8")
    assert "application/json" not in text
    assert text.count("def") >= 2


def progress_list(book):
    text = (book.out / "html/_static/downslope-progress-list.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("globalThis.downslopeProgressList = ").removesuffix(";\n"))


ASKS = "from downslope import quiz\nquiz.ask('losses')"


def test_what_a_book_has_to_do_is_listed_where_it_asks_for_it(with_exercises):
    book = with_exercises
    assert book.build("html", "-W") == (0, "")
    assert "downslope-progress" not in book.page("one")

    book.configure("downslope_progress = True", 'release = "1.2"')
    book.write("two.ipynb", ASKS)
    book.write_contents("two", "one", "three", "four")
    book.write("four.ipynb", "1 + 1")
    table = "# Done\n\n```{raw} html\n<downslope-progress></downslope-progress>\n```\n"
    (book.folder / "three.md").write_text(table)
    assert book.build("html", "-W")[0] == 0
    listed = progress_list(book)
    assert listed["table"] == "three.html"
    assert listed["book"] == "small"  # and not the title, in which the version is
    assert [page["address"] for page in listed["pages"]] == ["two.html", "one.html"]
    two, one = listed["pages"]
    assert (two["title"], two["exercises"], two["quizzes"]) == (
        "A page",
        [],
        {"losses": len(quiz.ask("losses").questions)},
    )
    assert (one["exercises"], one["quizzes"]) == (["steps_per_epoch"] * 2, {})
    line = '<downslope-progress data-page="{}"></downslope-progress>'
    has_line = {
        page: line.format(page) in book.page(page) for page in ("one", "two", "three", "four")
    }
    assert has_line == {"one": True, "two": True, "three": False, "four": False}
    for script in ("downslope-progress-list.js", "downslope-progress.js"):
        assert f"_static/{script}" in book.page("four")

    (book.folder / "four.ipynb").unlink()  # the other pages are not written anew
    book.write_contents("one", "two", "three")
    assert book.build("html", "-W") == (0, "")
    assert [page["page"] for page in progress_list(book)["pages"]] == ["one", "two"]
    assert book.build("latex")[0] == 0
