"""The tool behind `make notebooks`: it stores text only, in one form, and says what is not."""

import importlib.util
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[1]
specification = importlib.util.spec_from_file_location("notebooks", ROOT / "tools/notebooks.py")
notebooks = importlib.util.module_from_spec(specification)
specification.loader.exec_module(notebooks)


def code(source, *outputs, count=1, **metadata):
    return new_code_cell(source, outputs=list(outputs), execution_count=count, metadata=metadata)


def shown(**data):
    data = {kind.replace("_", "/"): value for kind, value in data.items()}
    return new_output("display_data", data=data)


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


@pytest.fixture
def stored(tmp_path):
    def store(*cells, **metadata):
        path = tmp_path / "chapter.ipynb"
        nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
        return path

    return store


@pytest.fixture
def normal(stored):
    def store(*cells):
        path = stored(*cells)
        notebooks.write(notebooks.normal_form(notebooks.read(path)), path)
        return path

    return store


def normal_outputs(*outputs):
    return notebooks.normal_form(new_notebook(cells=[code("1", *outputs)])).cells[0].outputs


def test_a_picture_is_left_out_and_its_text_kept():
    (output,) = normal_outputs(shown(text_plain="a readout", image_png="iVBOR", text_html="<b>"))
    assert output.data == {"text/plain": "a readout"}


def test_widgets_are_left_out():
    view = new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}})
    assert normal_outputs(view) == []


def test_streams_of_one_name_are_joined_and_each_keeps_its_place():
    outputs = normal_outputs(stream("one\n"), shown(text_plain="figure"), stream("two\n"))
    assert [output.get("text") for output in outputs] == ["one\ntwo\n", None]


def test_a_progress_bar_is_stored_without_its_times():
    bar = " 50%|###  | 5/10 [00:01<00:01, 4.9it/s]\r100%|#####| 10/10 [00:02<00:00, 4.8it/s]\n"
    (output,) = normal_outputs(stream(bar, "stderr"))
    assert output.text == "(progress)\n"


def test_an_address_and_a_figure_size_are_stored_without_what_changes():
    (output,) = normal_outputs(shown(text_plain="<f at 0x7f01> <Figure size 700x500 with 1 Axes>"))
    assert output.data["text/plain"] == "<f at 0x0> <Figure>"


def test_a_traceback_is_shortened_to_its_last_line():
    failed = new_output("error", ename="ValueError", evalue="h at 0x12", traceback=["long"] * 9)
    (output,) = normal_outputs(failed)
    assert output.traceback == ["ValueError: h at 0x0"]


def test_metadata_of_editors_and_kernels_is_dropped_and_tags_are_kept():
    cell = code("1", tags=["hide-input"], execution={"iopub.status.busy": "2020"}, scrolled=True)
    notebook = new_notebook(
        cells=[cell], metadata={"widgets": {}, "language_info": {"name": "python", "version": "3"}}
    )
    normal = notebooks.normal_form(notebook)
    assert normal.cells[0].metadata == {"tags": ["hide-input"]}
    assert normal.metadata == notebooks.NOTEBOOK_METADATA


def test_the_argument_is_not_modified():
    notebook = new_notebook(cells=[code("1", shown(text_plain="1", image_png="iVBOR"))])
    before = str(notebook)
    notebooks.normal_form(notebook)
    assert str(notebook) == before


def test_every_rule_leaves_what_it_wrote_alone():
    rules = notebooks.sanitize_rules()
    assert len(rules) == notebooks.SANITIZE.read_text(encoding="utf-8").count("regex:")
    for _, replacement in rules:
        assert notebooks.normal_text(replacement, rules) == replacement


def test_running_stores_outputs_and_running_again_changes_nothing(stored, monkeypatch, capsys):
    monkeypatch.setenv("DOWNSLOPE_BAKE", "1")
    source = "import os, sys\nprint(os.environ.get('DOWNSLOPE_BAKE'), sys.prefix, os.getcwd())"
    path = stored(new_markdown_cell("# A"), code(source, count=7), code("2 + 2", count=None))
    assert notebooks.main([str(path)]) == 0
    first = path.read_bytes()
    cells = notebooks.read(path).cells
    assert cells[1].outputs[0].text == f"None {sys.prefix} {path.parent}\n"
    assert cells[2].outputs[0].data == {"text/plain": "4"}
    assert [cell.execution_count for cell in cells[1:]] == [1, 2]
    assert first.endswith(b"}\n")
    assert not first.endswith(b"\n\n")
    assert notebooks.main(["--check", str(path)]) == 0
    assert notebooks.main([str(path)]) == 0
    assert path.read_bytes() == first
    assert "as it was" in capsys.readouterr().out


def test_a_failing_cell_is_named_and_the_file_left_alone(stored, capsys):
    path = stored(code("x = 1"), new_markdown_cell("text"), code("1 / 0", count=2))
    before = path.read_bytes()
    assert notebooks.main([str(path)]) == 1
    assert re.search(r"chapter\.ipynb: cell 3 .*ZeroDivisionError", capsys.readouterr().out, re.S)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_failing_write_leaves_the_old_file_and_nothing_beside_it(normal, monkeypatch):
    path = normal(code("1"))
    before = path.read_bytes()

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(notebooks.os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        notebooks.write(new_notebook(), path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_normal_notebook_passes_the_check(normal, capsys):
    path = normal(new_markdown_cell("# A"), code("1", stream("1\n")), code("2", count=2))
    assert notebooks.main(["--check", str(path)]) == 0
    assert "normal form" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ([code("1", shown(text_plain="1", image_png="iVBOR"))], r"cell 1 .*outputs not in normal"),
        ([code("1", stream("<f at 0x7f01>"))], r"cell 1 .*outputs not in normal form"),
        ([code("1"), code("2", count=None)], r"cell 2 .*no execution_count"),
        ([code("1", count=2)], r"cell 1 .*execution_count must be 1, got 2"),
        ([code("1"), code("2", count=1)], r"cell 2 .*execution_count must be 2, got 1"),
        ([code(" \n", count=None)], r"cell 1 .*an empty code cell"),
        ([code("1", scrolled=True)], r"cell 1 .*metadata not in normal form"),
    ],
    ids=["picture", "address", "not run", "wrong count", "run twice", "empty", "editor"],
)
def test_the_check_names_notebook_and_cell(stored, capsys, cells, complaint):
    path = stored(*cells)
    before = path.read_bytes()
    assert notebooks.main(["--check", str(path)]) == 1
    assert re.search(rf"chapter\.ipynb: {complaint}", capsys.readouterr().out)
    assert path.read_bytes() == before


def test_the_check_sees_a_missing_newline_at_the_end(normal, capsys):
    path = normal(code("1"))
    path.write_text(path.read_text().rstrip("\n"))
    assert notebooks.main(["--check", str(path)]) == 1
    assert "layout" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", '{"nbformat": 3, "worksheets": []}', "not json"])
def test_what_is_no_notebook_is_refused(tmp_path, capsys, text):
    path = tmp_path / "chapter.ipynb"
    path.write_text(text)
    assert notebooks.main(["--check", str(path)]) == 1
    assert notebooks.main([str(path)]) == 1
    assert "chapter.ipynb: " in capsys.readouterr().out
    assert path.read_text() == text


def test_a_missing_notebook_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="2"):
        notebooks.main([str(tmp_path / "none.ipynb")])


def test_missing_and_repeated_ids_become_different_and_stay(stored):
    path = stored(code("1"), code("1", count=2), code("1", count=3))
    notebook = notebooks.read(path)
    del notebook.cells[0]["id"]
    notebook.cells[1]["id"] = notebook.cells[2]["id"] = "same"
    notebooks.give_ids(notebook)
    ids = [cell["id"] for cell in notebook.cells]
    assert ids[1] == "same"
    assert len(set(ids)) == 3
    notebooks.give_ids(notebook)
    assert [cell["id"] for cell in notebook.cells] == ids


def test_a_notebook_that_imports_the_package_gets_the_first_cell_and_keeps_its_address(
    stored, monkeypatch, capsys
):
    monkeypatch.setenv("DOWNSLOPE_REPOSITORY_URL", "")
    path = stored(new_markdown_cell("# A"), code("import downslope"), code("1 + 1", count=2))
    assert notebooks.main(["--check", str(path)]) == 1
    assert "the first code cell must be that of tools/first_cell.py" in capsys.readouterr().out
    assert notebooks.main([str(path)]) == 0
    cells = notebooks.read(path).cells
    assert [cell.cell_type for cell in cells] == ["markdown", "code", "code", "code"]
    assert cells[1] == {**notebooks.first_cell(), "execution_count": 1}
    assert notebooks.main(["--check", str(path)]) == 0

    monkeypatch.setenv("DOWNSLOPE_REPOSITORY_URL", "https://github.com/ada/downslope")
    assert notebooks.main([str(path)]) == 0
    monkeypatch.setenv("DOWNSLOPE_REPOSITORY_URL", "/home/ada/downslope")
    assert notebooks.main([str(path)]) == 0
    kept = 'ADDRESS = "https://github.com/ada/downslope/archive/main.zip"\n'
    cells = notebooks.read(path).cells
    assert kept in cells[1].source
    assert len(cells) == 4
    assert notebooks.main(["--check", str(path)]) == 0

    path.write_text(path.read_text().replace("elsewhere it says", "elsewhere says"))
    assert notebooks.main(["--check", str(path)]) == 1


def test_every_chapter_begins_with_the_first_cell_which_its_page_does_not_show():
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        first = next(cell for cell in notebooks.read(path).cells if cell.cell_type == "code")
        assert first.id == "needs-downslope", path
        assert first.metadata.tags == ["remove-cell"]
        assert first.outputs == []
