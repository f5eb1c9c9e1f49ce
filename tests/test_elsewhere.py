"""What `make elsewhere` does in each place, part by part; the places themselves take minutes."""

import doctest
import importlib.util
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[1]
specification = importlib.util.spec_from_file_location("elsewhere", ROOT / "tools" / "elsewhere.py")
elsewhere = importlib.util.module_from_spec(specification)
sys.modules["elsewhere"] = elsewhere  # dataclasses look for their module
specification.loader.exec_module(elsewhere)

SENTENCE = "This notebook needs it. Run\n\n    %pip install http://127.0.0.1:1/a.whl\n\nand then"
CHAPTER = "04_gradient_descent"


def test_the_examples_in_the_tool_are_true():
    found = doctest.testmod(elsewhere)
    assert found.failed == 0
    assert found.attempted >= 3


def test_at_the_floors_a_reader_has_the_oldest_versions_and_no_test_tools():
    text = (ROOT / "tests" / "floors.txt").read_text(encoding="utf-8")
    found = elsewhere.floors(text)
    assert {"numpy==2.0.0", "matplotlib==3.8.4", "ipykernel==6.31.0"} < set(found)
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in found)
    assert not [line for line in found if line.startswith(("pytest", "hypothesis"))]


def test_the_first_commands_of_the_readme_are_those_that_are_followed():
    text = (ROOT / "book" / "files" / "README.md").read_text(encoding="utf-8")
    found = elsewhere.commands(text)
    assert found[0] == "python3 -m venv .venv"
    assert found[-1] == ".venv/bin/jupyter-lab chapters"
    assert len(found) == 3


def test_python3_of_the_readme_is_the_python_that_was_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON", sys.executable)
    path = elsewhere.path_with_python(tmp_path / "path")
    said = elsewhere.run("sh", "-c", "python3 -c 'import sys; print(sys.executable)'", PATH=path)
    assert Path(said.strip()) == Path(sys.executable)


def test_a_command_that_fails_is_told_with_all_that_it_said():
    with pytest.raises(elsewhere.Failed, match="no such thing"):
        elsewhere.run(sys.executable, "-c", "import sys; sys.exit('no such thing')")


def test_nothing_of_this_environment_is_there_in_another(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "src")
    monkeypatch.setenv("DOWNSLOPE_BAKE", "1")
    assert not [name for name in elsewhere.outside() if name.startswith(("PYTHON", "DOWNSLOPE"))]


def test_only_where_there_are_requirements_pip_is_asked_for_them(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(elsewhere, "run", lambda *command, **_: asked.append(command))
    python = elsewhere.fresh(tmp_path)
    assert len(asked) == 1
    elsewhere.fresh(tmp_path, "numpy==2.0.0")
    assert asked[-1][0] == python
    assert asked[-1][-2:] == ("-q", "numpy==2.0.0")


def test_versions_are_read_among_whatever_else_pip_says(monkeypatch):
    monkeypatch.setattr(elsewhere, "pip", lambda *_: "WARNING: a==b\nnumpy==2.0.0\nx==1\n")
    said = elsewhere.versions(Path(sys.executable))
    assert said == f"Python {sys.version.split()[0]}, numpy 2.0.0"


class Client:
    """Runs a cell by doing what `does` says of its source."""

    def __init__(self, does):
        self.nb = new_notebook(cells=[new_markdown_cell("# T"), new_code_cell("first")])
        self.does, self.ran = does, []

    def execute_cell(self, cell, index):
        assert self.nb.cells[index] is cell
        self.ran.append(cell.source)
        error = self.does.get(cell.source)
        if error:
            raise CellExecutionError("", error[0], error[1])


def test_a_reader_does_what_the_first_cell_says_in_a_cell_of_its_own():
    client = Client({"first": ("Missing", SENTENCE)})
    elsewhere.do_what_it_says(client, 1)
    assert client.ran == ["first", "%pip install http://127.0.0.1:1/a.whl"]
    assert client.nb.cells[1].source == "first"


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ({}, "content without the package"),
        ({"first": ("Missing", "get the zip")}, "says Missing: get the zip"),
        ({"first": ("ImportError", SENTENCE)}, "says ImportError"),
    ],
)
def test_a_first_cell_that_does_not_help_is_a_failure(does, said):
    with pytest.raises(elsewhere.Failed, match=said):
        elsewhere.do_what_it_says(Client(does), 1)


def test_what_colab_has_imported_is_what_the_first_cell_looks_for(monkeypatch):
    mine = {name: module for name, module in sys.modules.items() if "google" not in name}
    monkeypatch.setattr(sys, "modules", mine)
    exec(elsewhere.COLAB, {})
    first = (ROOT / "tools" / "first_cell.py").read_text(encoding="utf-8")
    (looked_for,) = re.findall(r'"([\w.]+)" in sys\.modules', first)
    assert looked_for in sys.modules


def test_outputs_differ_by_what_they_say_and_not_by_their_counts_or_the_first_cell():
    def notebook(said, count):
        cells = [
            new_code_cell(name, id=name, outputs=[new_output("stream", text=said[name])])
            for name in ("first", "one", "two")
        ]
        cells[1].outputs.append(
            new_output("execute_result", {"text/plain": "1"}, execution_count=count)
        )
        return new_notebook(cells=cells)

    stored = notebook({"first": "", "one": "1", "two": "2"}, 2)
    ran = notebook({"first": "installed", "one": "1", "two": "3"}, 7)
    assert elsewhere.different(ran, stored, lambda notebook: notebook) == ["two"]


def test_a_downloaded_chapter_names_the_address_in_its_first_cell_alone(tmp_path):
    elsewhere.place_notebook(CHAPTER, tmp_path / "chapters", "http://127.0.0.1:1/a.whl")
    notebook = nbformat.read(tmp_path / "chapters" / f"{CHAPTER}.ipynb", as_version=4)
    with_it = [cell.id for cell in notebook.cells if "127.0.0.1:1/a.whl" in cell.source]
    assert with_it == ["needs-downslope"]


def test_a_file_is_served_on_this_machine(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"wheel")
    with elsewhere.serving(tmp_path) as address:
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}/a.whl", timeout=10) as answer:
            assert answer.read() == b"wheel"


@pytest.mark.parametrize(
    "line", ["RUN ./postBuild", "COPY --chown=0:0 src/apt.txt ${REPO_DIR}/apt.txt"]
)
def test_a_step_of_binder_that_is_not_done_here_is_refused(line):
    recipe = 'for python=3.11\nRUN /bin/pip install -r "requirements.txt"\n'
    recipe = f"Building conda environment {recipe}"
    assert elsewhere.read_recipe(recipe)[0] == "3.11"
    with pytest.raises(elsewhere.Failed, match="which is not done here"):
        elsewhere.read_recipe(f"{recipe}{line}\n")
    with pytest.raises(elsewhere.Failed, match="nothing to install"):
        elsewhere.read_recipe("Building conda environment for python=3.11\n")


def test_a_place_that_cannot_be_reached_is_a_failure_that_the_table_tells(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(elsewhere, "BUILD", tmp_path)

    def lost(visit, chapters):
        raise elsewhere.Failed("no wheel for this Python")

    def fine(visit, chapters):
        visit.ran, visit.versions = list(chapters), "Python 3.12.1"

    assert elsewhere.go("fine", fine, [CHAPTER]).failures == []
    visits = [elsewhere.go("lost", lost, [CHAPTER]), elsewhere.go("fine", fine, [CHAPTER])]
    table = elsewhere.table(visits)
    assert "lost    0 chapters ran, 1 failures" in table
    assert "fine    1 chapters ran, 0 failures" in table
    assert "lost, the way there: no wheel for this Python" in table
    monkeypatch.setattr(elsewhere, "places", lambda *_: {"lost": lost, "fine": fine})
    monkeypatch.setattr(elsewhere.book_files, "make_wheel", lambda root, folder: Path("a.whl"))
    monkeypatch.setattr(elsewhere, "serving", served_nowhere)
    assert elsewhere.main(["fine"]) == 0
    assert elsewhere.main([]) == 1
    assert "lost    the way there: FAILED" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        elsewhere.main(["nowhere"])


class served_nowhere(SimpleNamespace):
    def __init__(self, folder):
        pass

    def __enter__(self):
        return "http://127.0.0.1:1"

    def __exit__(self, *_):
        pass


@pytest.mark.slow
def test_a_kernel_of_another_environment_runs_a_notebook_in_its_folder(tmp_path):
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", other],
                   check=True)  # fmt: skip
    (site,) = (other / "lib").glob("python3*/site-packages")
    own = [str(ROOT / "src"), *(path for path in sys.path if "site-packages" in path)]
    (site / "own.pth").write_text("\n".join(own))
    folder = tmp_path / "place" / "chapters"
    folder.mkdir(parents=True)
    lines = "import os, sys\nfrom downslope.explore import host\n"
    cell = new_code_cell(lines + "print(sys.prefix, os.getcwd(), host.is_attended())")
    nbformat.write(new_notebook(cells=[cell, new_code_cell("1 / 0")]), folder / "n.ipynb")
    path, python = folder / "n.ipynb", other / "bin" / "python"
    with pytest.raises(elsewhere.Failed, match=r"cell 2: [\s\S]*ZeroDivisionError"):
        elsewhere.run_notebook(path, python, elsewhere.nothing_to_do)
    nbformat.write(new_notebook(cells=[cell]), path)
    ran = elsewhere.run_notebook(path, python, elsewhere.nothing_to_do)
    assert ran.cells[0].outputs[0].text.split() == [str(other), str(folder), "True"]


def test_every_week_the_chapters_are_run_elsewhere():
    workflow = (ROOT / ".github" / "workflows" / "newest.yml").read_text(encoding="utf-8")
    assert "- run: make elsewhere\n" in workflow
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nelsewhere: ")[1]
    assert "tools/elsewhere.py" in recipe.split("\n\n")[0]
