"""Terms: the chapters introduce each in Korean, and the glossary has it in the same form."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
KOREAN = re.compile(r"[가-힣]")


def prose(path):
    notebook = nbformat.read(path, as_version=4)
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def glossary():
    """Rows of the glossary: term, symbol, unit, Korean form, meaning and link."""
    text = (ROOT / "book/glossary.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


def introduced(text):
    """Korean forms that stand in brackets right after a term in bold."""
    found = re.findall(r"\*\*[^*\n]+\*\* \(([^()\n]+)\)", text)
    return [form for form in found if KOREAN.search(form)]


def test_every_row_of_the_glossary_is_whole_and_in_its_place():
    rows = glossary()
    assert len(rows) > 50
    assert all(len(row) == 6 and row[0] and row[3] and row[4] and row[5] for row in rows)
    terms = [row[0].lower() for row in rows]
    assert terms == sorted(set(terms))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_korean_term_of_a_chapter_stands_in_the_glossary(path):
    forms = " ".join(row[3] + row[4] for row in glossary())
    korean = introduced(prose(path))
    assert korean
    assert [form for form in korean if form not in forms] == []


def test_every_korean_term_of_the_glossary_stands_in_the_chapter_that_it_leads_to():
    texts = {path.name: prose(path) for path in CHAPTERS}
    for term, _, _, korean, _, link in glossary():
        chapter = re.search(r"chapters/([\w.]+)", link)[1]
        if KOREAN.search(korean):
            assert korean.split(" (")[0] in texts[chapter], term


def test_a_korean_form_is_told_from_any_other_bracket():
    text = "a **loss** (손실), a **loss** (the number), a loss (손실), a **rate** ($\\eta$)"
    assert introduced(text) == ["손실"]
