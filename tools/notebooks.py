"""Run the chapters and store their outputs in one normal form, text only.

    python tools/notebooks.py [NOTEBOOK ...]           run, then store the normal form in place
    python tools/notebooks.py --check [NOTEBOOK ...]   change nothing; say what is not normal

Without arguments: every notebook in chapters/. The normal form keeps what nbval compares and what
a reader of a diff can read: plain text, LaTeX, Markdown, streams and errors. Pictures, HTML and
widgets are left out; the reader's own kernel, and the build of the book, make them afresh.

A notebook that imports downslope gets the first cell that tools/first_cell.py is; in it stands the
address of the repository, once git knows one on GitHub, so that Colab finds the package there.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import os
import re
import sys
import tempfile
from pathlib import Path
from runpy import run_path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
SANITIZE = ROOT / "tests" / "nbval_sanitize.cfg"
FIRST_CELL = ROOT / "tools" / "first_cell.py"
ADDRESS = re.compile(r'ADDRESS = "([^"]*)"')
TEXT_TYPES = ("text/plain", "text/latex", "text/markdown")
NOTEBOOK_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
EDITORS_METADATA = {"ExecuteTime", "collapsed", "execution", "id", "scrolled", "vscode"}
SECONDS_A_CELL = 120


def read(path):
    """Notebook in `path`, brought to format 4.5; its cells keep their ids.

    Raises
    ------
    ValueError
        If the file is not a valid notebook of format 4.
    """
    try:
        notebook = nbformat.from_dict(nbformat.reader.reads(path.read_text(encoding="utf-8")))
    except Exception as error:
        raise ValueError(f"{path}: not a notebook: {error}") from error
    if notebook.get("nbformat") != 4:
        raise ValueError(f"{path}: must be nbformat 4, got {notebook.get('nbformat')}")
    notebook.nbformat_minor = 5
    give_ids(notebook)
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise ValueError(f"{path}: not a valid notebook: {error}") from error
    return notebook


def give_ids(notebook):
    """Give each cell that has no id, or another's, one made from its place and source."""
    seen = set()
    for place, cell in enumerate(notebook.cells):
        if cell.get("id") in seen | {None}:
            digest = hashlib.sha256(f"{place} {cell.source}".encode()).hexdigest()
            cell["id"] = digest[:8]
        seen.add(cell["id"])


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_first_cell(cell):
    return "downslope.explore  # noqa" in cell.source


def first_cell(address=""):
    """The cell that stands before all code of a chapter; the page does not show it."""
    source = FIRST_CELL.read_text(encoding="utf-8").rstrip("\n")
    metadata = {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
    source = ADDRESS.sub(lambda _: f'ADDRESS = "{address}"', source)
    return nbformat.v4.new_code_cell(source, id="needs-downslope", metadata=metadata)


def imports_downslope(notebook):
    found = re.compile(r"^(from|import) downslope\b", re.MULTILINE)
    return any(found.search(cell.source) for cell in code_cells(notebook))


def put_first_cell(notebook):
    """Put the first cell where it belongs, or renew it; an address that it has stays."""
    if not imports_downslope(notebook):
        return
    code = code_cells(notebook)
    old = code[0] if is_first_cell(code[0]) else None
    place = notebook.cells.index(code[0])
    kept = ADDRESS.search(old.source)[1] if old else ""
    notebook.cells[place : place + bool(old)] = [first_cell(archive_address() or kept)]


def archive_address():
    """Where pip finds the package on GitHub, if git knows the repository there."""
    tools = run_path(str(ROOT / "book" / "extensions" / "book_repository.py"))
    return tools["archive_address"](tools["declared_address"](ROOT))


def first_cell_complaints(notebook):
    """A sentence, if the first cell is wanted and is missing or another."""
    if not imports_downslope(notebook):
        return
    first = code_cells(notebook)[0]
    address = ADDRESS.search(first.source)
    wanted = first_cell(address[1] if address else "")
    if (first.source, first.metadata, first.id) != (wanted.source, wanted.metadata, wanted.id):
        yield "the first code cell must be that of tools/first_cell.py"


def write(notebook, path):
    """Write all of `notebook` to `path`, or nothing."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text_of(notebook))
        os.chmod(temporary, path.stat().st_mode if path.exists() else 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def text_of(notebook):
    """The file's whole text, with one newline at its end."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def sanitize_rules():
    """Pairs (pattern, replacement), the same that nbval is given."""
    text = SANITIZE.read_text(encoding="utf-8")
    pairs = re.findall(r"^regex: (.*)$\n^replace: (.*)$", text, flags=re.MULTILINE)
    return [(re.compile(pattern), replacement) for pattern, replacement in pairs]


def normal_text(text, rules):
    """`text` as a terminal would leave it, without what differs from run to run."""
    text = re.sub(r"^.*\r(?=[^\n])", "", text, flags=re.MULTILINE).replace("\r\n", "\n")
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def normal_outputs(outputs, rules):
    """Outputs as text: streams of one name joined, everything but text left out."""
    kept, streams = [], {}
    for output in outputs:
        if output.output_type == "stream":
            if output.name in streams:
                streams[output.name].text += output.text
                continue
            streams[output.name] = output
        elif output.output_type == "error":
            output.evalue = normal_text(output.evalue, rules)
            output.traceback = [f"{output.ename}: {output.evalue}"]
        else:
            texts = {kind: output.data[kind] for kind in TEXT_TYPES if kind in output.data}
            output.data = {kind: normal_text(text, rules) for kind, text in texts.items()}
            output.metadata = {}
            if not output.data:
                continue
        kept.append(output)
    for stream in streams.values():
        stream.text = normal_text(stream.text, rules)
    return kept


def normal_form(notebook):
    """A copy of `notebook` with outputs and metadata in normal form."""
    notebook, rules = copy.deepcopy(notebook), sanitize_rules()
    notebook.metadata = {
        **{key: value for key, value in notebook.metadata.items() if key in ("title", "mystnb")},
        **copy.deepcopy(NOTEBOOK_METADATA),
    }
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k not in EDITORS_METADATA}
        if cell.cell_type == "code":
            cell.outputs = normal_outputs(cell.outputs, rules)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
    return nbformat.from_dict(notebook)


def run(path):
    """Notebook in `path` with the outputs of a fresh kernel, run in the notebook's own folder.

    Raises
    ------
    ValueError
        If a cell fails, naming notebook and cell.
    """
    notebook = read(path)
    put_first_cell(notebook)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    environment = {k: v for k, v in os.environ.items() if k != "DOWNSLOPE_BAKE"}
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=SECONDS_A_CELL,
        record_timing=False,
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )
    try:
        client.execute(env=environment)
    except (CellControlSignal, DeadKernelError) as error:
        raise ValueError(f"{path}: {where_it_failed(notebook)}: {error}") from error
    return notebook


def where_it_failed(notebook):
    """Name of the last cell that ran."""
    ran = [place for place, cell in enumerate(notebook.cells) if cell.get("execution_count")]
    return name_of(notebook, ran[-1]) if ran else "before the first cell"


def name_of(notebook, place):
    """How complaints call a cell: its place, counted from 1, and its id."""
    return f"cell {place + 1} ({notebook.cells[place].get('id', 'no id')})"


def complaints(path):
    """What is not normal in the stored notebook, a sentence each; empty when all is well."""
    try:
        notebook = read(path)
    except ValueError as error:
        return [str(error)]
    sentences = [*first_cell_complaints(notebook), *count_complaints(notebook)]
    found = [f"{path}: {sentence}" for sentence in sentences]
    normal = normal_form(notebook)
    for place, (cell, wanted) in enumerate(zip(notebook.cells, normal.cells, strict=True)):
        if cell != wanted:
            part = next(key for key in {**cell, **wanted} if cell.get(key) != wanted.get(key))
            found.append(f"{path}: {name_of(notebook, place)}: {part} not in normal form")
    if not found and path.read_text(encoding="utf-8") != text_of(normal):
        found.append(f"{path}: metadata, cell ids or layout of the file not in normal form")
    return found


def count_complaints(notebook):
    """Sentences about code cells whose execution counts are not 1, 2, … in order."""
    found, expected = [], 0
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        expected += 1
        count = cell.get("execution_count")
        if not cell.source.strip():
            found.append(f"{name_of(notebook, place)}: an empty code cell")
        elif count is None:
            found.append(f"{name_of(notebook, place)}: no execution_count, so nothing compares it")
        elif count != expected:
            found.append(
                f"{name_of(notebook, place)}: execution_count must be {expected}, got {count}"
            )
    return found


def check(paths):
    """Print every complaint about `paths`; True when there is none."""
    found = [sentence for path in paths for sentence in complaints(path)]
    print("\n".join(found) if found else f"{len(paths)} notebooks are in normal form")
    if found:
        print("Run `make notebooks`, look at the difference, and commit it.")
    return not found


def store(paths):
    """Run each of `paths` and store it; True when all ran."""
    all_ran = True
    for path in paths:
        print(f"{path} ... ", end="", flush=True)
        before = path.read_bytes()
        try:
            write(normal_form(run(path)), path)
        except ValueError as error:
            print(f"FAILED\n{error}")
            all_ran = False
        else:
            print("as it was" if path.read_bytes() == before else "stored anew")
    return all_ran


def main(arguments=None):
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Run the chapters and store their outputs.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: chapters/*.ipynb")
    parser.add_argument("--check", action="store_true", help="change nothing, only complain")
    options = parser.parse_args(arguments)
    paths = options.notebooks or sorted((ROOT / "chapters").glob("*.ipynb"))
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        parser.error(f"no such notebook: {', '.join(missing)}")
    return 0 if (check if options.check else store)(paths) else 1


if __name__ == "__main__":
    sys.exit(main())
