"""The notebooks for a browser: what goes into their site, and how each file is known."""

import importlib.util
import json
import re
import zipfile
from pathlib import Path

import pytest

from downslope.page_python import PYODIDE

ROOT = Path(__file__).resolve().parents[1]
LITE = ROOT / "tools" / "lite"
specification = importlib.util.spec_from_file_location("lite", LITE / "build.py")
lite = importlib.util.module_from_spec(specification)
specification.loader.exec_module(lite)

LOCK = json.loads((LITE / "pyodide-lock.json").read_text(encoding="utf-8"))
PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def pins(path):
    return dict(PINNED.findall(path.read_text(encoding="utf-8")))


def test_the_notebooks_have_the_python_of_the_pages_and_all_that_its_packages_need():
    source = lite.distribution(LOCK)
    assert source.cdn == PYODIDE.cdn
    assert {part for part in PYODIDE.parts if part.served == part.name} < set(source.parts)
    numpy = [part.sha256 for part in source.parts if part.name.startswith("numpy-")]
    assert numpy == [part.sha256 for part in PYODIDE.parts if part.name.startswith("numpy-")]
    needed = {name.replace("_", "-") for p in LOCK["packages"].values() for name in p["depends"]}
    assert needed < set(LOCK["packages"])
    assert all(len(part.sha256) == 64 and part.size > 0 for part in source.parts)


def test_a_lock_of_another_version_is_refused():
    other = {**LOCK, "info": LOCK["info"] | {"version": "0.0.1"}}
    with pytest.raises(ValueError, match=r"the lock is for .*0\.0\.1"):
        lite.distribution(other)


def test_the_site_serves_the_versions_that_the_book_is_built_with():
    served, book = pins(LITE / "wheels.txt"), pins(ROOT / "constraints.txt")
    assert served == {name: book[name] for name in served}
    lines = (LITE / "wheels.txt").read_text(encoding="utf-8").splitlines()
    wanted = rf"#.*|{PINNED.pattern[1:]} --hash=sha256:[0-9a-f]{{64}}"
    assert all(re.fullmatch(wanted, line) for line in lines)
    installed = pins(LITE / "requirements.txt")
    assert installed["anywidget"] == served["anywidget"]
    assert installed["jupyterlab-widgets"] == served["jupyterlab_widgets"]


def test_every_chapter_gets_its_package_from_the_site_and_is_otherwise_what_it_was():
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        before = path.read_text(encoding="utf-8")
        cells, made = json.loads(before)["cells"], json.loads(lite.for_a_browser(before))
        changed = [i for i, c in enumerate(cells) if c["source"] != made["cells"][i]["source"]]
        assert len(cells) == len(made["cells"])
        assert [made["cells"][i]["source"] for i in changed] == [lite.FIRST_CELL]
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in made["cells"])
        assert made["metadata"]["kernelspec"]["name"] == "python"


def test_a_notebook_without_the_first_cell_is_refused():
    with pytest.raises(ValueError, match="expected one cell that begins .*got 0"):
        lite.for_a_browser('{"cells": [], "metadata": {}}')


def test_the_site_has_the_notebooks_and_the_pages_that_they_link_to(tmp_path):
    (chapter,) = (ROOT / "chapters").glob("03*.ipynb")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.write(chapter, "downslope-notebooks/chapters/three.ipynb")
        packed.writestr("downslope-notebooks/book/glossary.md", "# Glossary")
        packed.writestr("downslope-notebooks/requirements.txt", "numpy")
    lite.notebooks_of(tmp_path / "all.zip", tmp_path / "contents")
    found = {p.relative_to(tmp_path / "contents").as_posix() for p in tmp_path.rglob("*.*")
             if "contents" in p.parts}  # fmt: skip
    assert found == {"chapters/three.ipynb", "book/glossary.md"}


def test_without_a_book_nothing_is_built(tmp_path):
    with pytest.raises(FileNotFoundError, match="run make lite"):
        lite.build(tmp_path)
    assert list(tmp_path.iterdir()) == []
