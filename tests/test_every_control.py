"""A slider that is broken in a kernel fails its chapter; `make test` drives all of them so."""

import shutil
from pathlib import Path

import nbformat
import pytest

import programs
from every_control import faults

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow

FAULTY = """
from downslope.explore import explore, linear

def fine(ax, a):
    ax.plot([0, a])
    return f"a is {a}"

def idle(ax, b):
    ax.plot([0, 1])

def broken(ax, c):
    ax.plot([0, 1 / c if c < 1 else [][0]])

explore(fine, idle, broken, a=linear(1, 2, 1, default=1), b=linear(1, 2, 1, default=1),
        c=linear(0.5, 1, 0.5, default=0.5))
"""


def test_a_control_that_does_nothing_and_a_layer_that_fails_are_found(tmp_path, monkeypatch):
    monkeypatch.delenv("DOWNSLOPE_BAKE", raising=False)
    for name in ("conftest.py", "tests/every_control.py"):
        shutil.copy(ROOT / name, tmp_path)
    cell = nbformat.v4.new_code_cell(FAULTY, execution_count=1)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "chapter.ipynb")
    options = ["-q", "-p", "no:cacheprovider", "-o", "pythonpath=.", "--rootdir=."]
    nbval = ["--nbval-lax", "--nbval-current-env", "chapter.ipynb"]
    code, said = programs.run("pytest", *options, *nbval, folder=tmp_path)
    assert code == 1
    assert "1 failed, 1 passed" in said
    assert ": a changes nothing" not in said
    assert ": b changes nothing" in said
    assert "layer 'broken'" in said


def test_a_chapter_whose_explorers_are_gone_is_found():
    assert faults([]) == ["no explorer with controls was found in this chapter"]
