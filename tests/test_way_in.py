"""From a downloaded notebook to one that runs: its first cell, and the files the book serves."""

import ast
import asyncio
import json
import re
import subprocess
import sys
import zipfile
from inspect import CO_COROUTINE
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

import book_files
import programs

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
SOURCE = (ROOT / "tools" / "first_cell.py").read_text(encoding="utf-8")
WHEEL = "downslope-9.9-py3-none-any.whl"
ADDRESS = f"https://ada.example/book/_static/{WHEEL}"
KNOWN = SOURCE.replace('ADDRESS = ""', f'ADDRESS = "{ADDRESS}"')


def run_cell(source=SOURCE, **names):
    """Run a cell as IPython does, `await` and all."""
    compiled = compile(source, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    answer = eval(compiled, names)
    if compiled.co_flags & CO_COROUTINE:
        asyncio.run(answer)


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """A folder of a notebook, and a Python without the package."""
    folder = tmp_path / "chapters"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in [name for name in sys.modules if name.startswith("downslope.explore")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "downslope", None)
    return folder


def what_it_says(source=SOURCE):
    with pytest.raises(ModuleNotFoundError) as raised:
        run_cell(source)
    (said,) = raised.value._render_traceback_()
    assert "\n\n\n" not in said
    return said


def test_where_the_package_is_the_first_cell_does_nothing(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / WHEEL).touch()
    names = {}
    run_cell(**names)
    assert capsys.readouterr() == ("", "")


def test_where_nobody_knows_the_package_it_says_where_to_get_it(elsewhere):
    said = what_it_says()
    assert said.startswith("This notebook needs the package downslope. ")
    assert "“All notebooks”" in said
    assert "README" in said
    assert "%pip" not in said


@pytest.mark.parametrize("place", [".", ".."])
def test_a_wheel_beside_the_notebook_or_above_is_what_to_install(elsewhere, place):
    (elsewhere / place / WHEEL).touch()
    assert re.search(rf"^ +%pip install {re.escape((Path(place) / WHEEL).as_posix())}$",
                     what_it_says(), re.MULTILINE)  # fmt: skip


def test_where_the_book_knows_its_address_that_is_what_to_install(elsewhere):
    said = what_it_says(KNOWN)
    assert re.search(rf"^ +%pip install {re.escape(ADDRESS)}$", said, re.MULTILINE)


def test_colab_gets_the_package_without_a_word(elsewhere, monkeypatch):
    asked = []
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    shell = SimpleNamespace(run_line_magic=lambda *magic: asked.append(magic))
    run_cell(KNOWN, get_ipython=lambda: shell)
    assert asked == [("pip", f"install --quiet {ADDRESS}")]
    assert "“All notebooks”" in what_it_says()


@pytest.mark.parametrize("is_beside", [True, False])
def test_a_kernel_in_a_browser_gets_the_wheel(elsewhere, monkeypatch, is_beside):
    asked = []

    async def install(what):
        asked.append(what)

    monkeypatch.setitem(sys.modules, "micropip", SimpleNamespace(install=install))
    monkeypatch.setattr(sys, "platform", "emscripten")
    if is_beside:
        (elsewhere.parent / WHEEL).touch()
    run_cell(KNOWN)
    assert asked == [f"emfs:{elsewhere.parent / WHEEL}" if is_beside else ADDRESS]


@pytest.mark.slow
def test_in_a_kernel_its_words_come_without_a_traceback(tmp_path):
    notebook = nbformat.read(CHAPTERS[0], as_version=4)
    block = nbformat.v4.new_code_cell("import sys\nsys.modules['downslope'] = None")
    notebook.cells.insert(0, block)
    client = NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    with pytest.raises(Exception, match="needs the package downslope"):
        client.execute()
    (failed,) = [
        o for c in notebook.cells for o in c.get("outputs", []) if o.output_type == "error"
    ]
    assert failed.traceback == [failed.evalue]


# What the book serves


def fake_contents(**changed):
    return {"README.md": b"read me", "chapters/a.ipynb": b"{}", **changed}


def test_the_same_files_make_the_same_zip_whenever(tmp_path, monkeypatch):
    first, second = tmp_path / "one" / "n.zip", tmp_path / "two" / "n.zip"
    for path, when in ((first, 0), (second, 1e9)):
        path.parent.mkdir()
        monkeypatch.setattr("time.time", lambda when=when: when)
        book_files.write_zip(path, dict(sorted(fake_contents().items(), reverse=bool(when))))
    assert first.read_bytes() == second.read_bytes()
    assert zipfile.ZipFile(first).namelist() == ["n/README.md", "n/chapters/a.ipynb"]


def test_an_address_is_written_into_the_first_cell_and_nowhere_else():
    text = CHAPTERS[0].read_text(encoding="utf-8")
    filled = book_files.with_address(text, ADDRESS)
    changed = [
        (old, new)
        for old, new in zip(text.splitlines(), filled.splitlines(), strict=True)
        if old != new
    ]
    assert len(changed) == 1
    assert ADDRESS in changed[0][1]
    json.loads(filled)
    assert book_files.with_address(text, "") == text


def test_a_downloaded_notebook_has_no_output_where_its_reader_was_asked_first():
    text = CHAPTERS[0].read_text(encoding="utf-8")
    served, stored = (nbformat.reads(t, 4) for t in (book_files.for_a_reader(text, ""), text))
    nbformat.validate(served)
    asked = [c.metadata.get("jupyter", {}).get("outputs_hidden", False) for c in stored.cells]
    assert sum(asked) > 3
    for was_asked, mine, kept in zip(asked, served.cells, stored.cells, strict=True):
        if was_asked:
            assert mine.source == kept.source
            assert mine.outputs == []
        else:
            assert mine == kept


def test_where_nothing_is_to_do_a_notebook_is_served_as_it_is():
    for path in CHAPTERS:
        text = path.read_text(encoding="utf-8").replace('"outputs_hidden": true', '"open": true')
        assert book_files.for_a_reader(text, "") == text


def test_a_reader_installs_what_a_reader_needs_and_at_the_same_versions():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    found = book_files.readers_requirements(text, WHEEL).splitlines()
    assert found[:2] == ["-c constraints.txt", f"./{WHEEL}"]
    assert {line.split("==")[0] for line in found[2:]} == {
        "numpy", "matplotlib", "ipywidgets", "anywidget", "tqdm", "pooch", "jupyterlab"
    }  # fmt: skip
    assert all(line in text for line in found[2:])


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """A book of one page and one notebook, with this package: `build(**environment)`."""
    folder = tmp_path_factory.mktemp("small")
    for name in ("pyproject.toml", "README.md", "requirements.txt", "constraints.txt", "book",
                 "src", "LICENSE", "LICENSE-text", ".gitignore"):  # fmt: skip
        (folder / name).symlink_to(ROOT / name)
    text = (ROOT / "_config.yml").read_text(encoding="utf-8")
    (folder / "_config.yml").write_text(text.replace(": force", ": 'off'"), encoding="utf-8")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: book/references\nchapters:\n- file: chapters/one\n"
    )
    (folder / "chapters").mkdir()
    notebook = nbformat.read(CHAPTERS[0], as_version=4)
    notebook.cells = [nbformat.v4.new_markdown_cell("# One"), *notebook.cells[1:2]]
    nbformat.write(notebook, folder / "chapters" / "one.ipynb")

    def build(**environment):
        code, said = programs.run(
            "jupyter_book.cli.main", "build", "--all", "-W", "-n", "--keep-going", ".",
            folder=folder, **{"DOWNSLOPE_REPOSITORY_URL": "", **environment},
        )  # fmt: skip
        assert code == 0, said
        return folder / "_build" / "html"

    return build


def first_cell_of(text):
    (cell,) = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return "".join(cell["source"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, ""),
        ({"DOWNSLOPE_BOOK_URL": "https://a.example/b/"}, "https://a.example/b/_static/WHEEL"),
        (
            {"DOWNSLOPE_REPOSITORY_URL": "git@github.com:ada/downslope.git"},
            "https://github.com/ada/downslope/archive/main.zip",
        ),
    ],
    ids=["unknown", "book", "repository"],
)
def test_the_notebook_that_is_downloaded_and_that_in_the_zip_know_what_the_book_knows(
    small_book, environment, address
):
    built = small_book(**environment)
    (wheel,) = (built / "_static").glob("downslope-*.whl")
    line = f'ADDRESS = "{address.replace("WHEEL", wheel.name)}"'
    page = (built / "chapters" / "one.html").read_text(encoding="utf-8")
    for promised in ("_sources/chapters/one.ipynb", f"_static/{book_files.ZIP}"):
        assert f'href="../{promised}"' in page
    assert "needs the package downslope" not in page
    assert line in first_cell_of((built / "_sources/chapters/one.ipynb").read_text("utf-8"))
    with zipfile.ZipFile(built / "_static" / book_files.ZIP) as file:
        text = file.read("downslope-notebooks/chapters/one.ipynb").decode()
        assert line in first_cell_of(text)
        assert file.read(f"downslope-notebooks/{wheel.name}") == wheel.read_bytes()
    again = (built / "_static" / book_files.ZIP).read_bytes()
    assert (small_book(**environment) / "_static" / book_files.ZIP).read_bytes() == again


@pytest.mark.slow
def test_the_wheel_installs_and_brings_the_data_of_the_chapters(tmp_path):
    wheel = book_files.make_wheel(ROOT, tmp_path)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target"]
    subprocess.run([*pip, tmp_path / "there", wheel], check=True)
    code = "import downslope.datasets as d; print(d.__file__, len(d.load_digits().labels))"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "there", capture_output=True, text=True,
        env={"PYTHONPATH": str(tmp_path / "there")},
    )  # fmt: skip
    assert answer.stdout.split() == [
        str(tmp_path / "there" / "downslope" / "datasets.py"),
        "1797",
    ], answer.stderr
