"""Every chapter in a real kernel: each control of each explorer is driven to its ends."""

import copy
import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
pytestmark = pytest.mark.slow

DRIVE = '''
def _drive():
    import gc
    import json
    from ipywidgets import HTML
    from downslope.explore import Explorer

    def pictures(explorer):
        """Values of all the HTML widgets that the explorer is made of."""
        waiting, found = [explorer._view._box], []
        while waiting:
            widget = waiting.pop()
            waiting += getattr(widget, "children", ())
            if isinstance(widget, HTML):
                found.append(widget.value)
        return found

    def places(widget):
        """First and last value of a control, and the one it began with."""
        options = [o[1] if isinstance(o, tuple) else o for o in widget.options]
        return [options[0], widget.value, options[-1]]

    report = []
    for explorer in [found for found in gc.get_objects() if isinstance(found, Explorer)]:
        for name, widget in explorer.controls.items():
            begun, shown = widget.value, []
            for value in places(widget):
                widget.value = value
                shown.append([pictures(explorer), explorer.readout, explorer.error])
            widget.value = begun
            report.append({"explorer": explorer.name, "control": name, "shown": shown})
    return json.dumps(report)


print(_drive())
'''


def drive(notebook, folder):
    """Run the notebook, then move every control; a report for each control."""
    notebook = copy.deepcopy(notebook)
    notebook.cells.append(nbformat.v4.new_code_cell(DRIVE))
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=180, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    printed = "".join(
        output.text for output in notebook.cells[-1].outputs if output.get("name") == "stdout"
    )
    return json.loads(printed)


def faults(report):
    """What is wrong in the report, a sentence each."""
    found = []
    for control in report:
        where = f"{control['explorer']}: {control['control']}"
        (first, _, _), _, (last, _, _) = control["shown"]
        if first == last:
            found.append(f"{where} changes nothing between its ends")
        for _, readout, error in control["shown"]:
            found += [f"{where}: {error}"] if error else []
            found += [f"{where}: no readout"] if not readout else []
    return found


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_control_of_a_chapter_moves_its_explorer_in_a_kernel(chapter, monkeypatch):
    monkeypatch.delenv("DOWNSLOPE_BAKE", raising=False)
    report = drive(nbformat.read(chapter, as_version=4), chapter.parent)
    assert report, "no explorer with controls was found in this chapter"
    assert faults(report) == []


FAULTY = """
from downslope.explore import explore, linear

def fine(ax, a):
    ax.plot([0, a])
    return f"a is {a}"

def idle(ax, b):
    ax.plot([0, 1])

def broken(ax, c):
    ax.plot([0, 1 / c if c < 1 else [][0]])

shown = explore(fine, idle, broken, a=linear(1, 2, 1, default=1), b=linear(1, 2, 1, default=1),
                c=linear(0.5, 1, 0.5, default=0.5))
shown
"""


def test_a_control_that_does_nothing_and_a_layer_that_fails_are_found(tmp_path, monkeypatch):
    monkeypatch.delenv("DOWNSLOPE_BAKE", raising=False)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FAULTY)])
    found = faults(drive(notebook, tmp_path))
    assert not any(": a" in sentence for sentence in found)
    assert any(": b changes nothing" in sentence for sentence in found)
    assert any(": c: " in sentence and "broken" in sentence for sentence in found)
