"""The Sphinx extension, in small projects of its own: pages, paper, and what it refuses."""

import re
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import nbformat
import pytest

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


@pytest.fixture
def build(tmp_path):
    """`build(builder, *cells)`: exit code, everything that was said, and the folder it is in."""

    def run(builder, *cells):
        (tmp_path / "conf.py").write_text(
            'project, language = "small", "en"\n'
            'extensions = ["myst_nb", "downslope.sphinx_ext"]\n'
            'nb_execution_mode = "force"\n'
            "nb_execution_show_tb = True\n"
            "epub_show_urls, epub_use_index = 'no', False\n"
        )
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell("# A page")]
            + [nbformat.v4.new_code_cell(cell) for cell in cells]
        )
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, tmp_path / "index.ipynb")
        out = tmp_path / "out"
        command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, tmp_path, out]
        answer = subprocess.run(command, capture_output=True, text=True)
        return answer.returncode, answer.stdout + answer.stderr, out

    return run


def test_a_page_carries_every_state_and_the_script_that_shows_them(build):
    code, said, out = build("html", EXPLORER)
    assert code == 0, said
    page = (out / "index.html").read_text(encoding="utf-8")
    assert '<downslope-explorer id="moving-dot"' in page
    assert 'class="ds-states"' in page
    assert re.search(r'<script defer[^>]* src="_static/downslope-explorer\.js', page)


@pytest.mark.parametrize("builder", ["latex", "epub"])
def test_paper_and_readers_of_e_books_get_the_still_figure(build, builder):
    code, said, out = build(builder, EXPLORER)
    assert code == 0, said
    if builder == "latex":
        text = next(out.glob("small.tex")).read_text(encoding="utf-8")
        (picture,) = re.findall(r"includegraphics\{\{([^}]+)\}\.png\}", text)
        assert (out / f"{picture}.png").stat().st_size > 3000
        return
    with zipfile.ZipFile(out / "small.epub") as book:
        page = book.read("index.xhtml").decode()
        pictures = [name for name in book.namelist() if name.endswith(".png")]
    assert "downslope-explorer" not in page
    assert "<img" in page
    assert pictures
    ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>|&\w+;", "", page))


def test_a_layer_that_fails_in_some_state_fails_the_build(build):
    broken = EXPLORER.replace("    return", "    assert x < 4, 'four'\n    return")
    code, said, _ = build("html", broken)
    assert code != 0
    assert "layer 'dot' failed at x=4: AssertionError: four" in said


def test_two_explorers_of_one_name_fail_the_build(build):
    code, said, _ = build("html", EXPLORER, EXPLORER)
    assert code != 0
    assert "2 explorers named 'moving-dot'" in said


def test_a_page_may_print_what_an_error_looks_like(build):
    code, said, _ = build("html", "print('ExplorerError: layer failed')", EXPLORER)
    assert code == 0, said
