"""Words of the chapters: terms and their Korean forms; answers that stay folded; promises kept."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
KOREAN = re.compile(r"[가-힣]")
GREEK = "alpha|beta|gamma|delta|Delta|eta|theta|kappa|lambda|mu|sigma|varepsilon|ell|nabla|partial"


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


def symbols(text):
    """Letters in formulas, Latin ones and the names of Greek ones."""
    text = re.sub(r"`[^`\n]*`", "", text)
    formulas = " ".join(re.findall(r"\$\$.+?\$\$|\$[^$]+\$", text, re.S))
    formulas = re.sub(r"\\(text|operatorname|mathrm)\{[^}]*\}", "", formulas)
    latin = re.findall("[A-Za-z]", re.sub(r"\\[A-Za-z]+", "", formulas))
    return {*latin, *re.findall(rf"\\(?:{GREEK})\b", formulas)}


def test_every_letter_of_a_formula_stands_in_the_notation():
    notation = symbols((ROOT / "book/notation.md").read_text(encoding="utf-8"))
    used = {path.name: symbols(prose(path)) for path in CHAPTERS}
    assert {name: found - notation for name, found in used.items() if found - notation} == {}
    assert {"E", "F", r"\eta"} <= set().union(*used.values())


def test_a_letter_is_told_from_a_command_and_from_a_word():
    text = r"a `$q$` and $\frac{\eta}{2} W_\text{old}$ of $$\operatorname{mean}(x)\,\Delta$$"
    assert symbols(text) == {r"\eta", "W", "x", r"\Delta"}


def test_a_korean_form_is_told_from_any_other_bracket():
    text = "a **loss** (손실), a **loss** (the number), a loss (손실), a **rate** ($\\eta$)"
    assert introduced(text) == ["손실"]


# What a reader was asked is answered in a fold

GUESS, ANSWER = "Compare with your guess", "Compare with your answer"
FOLD = re.compile(
    rf"^<details>\n<summary>({GUESS}|{ANSWER}s|{ANSWER}s? to tasks? [\d ,and]+)</summary>\n\n"
    r"((?:(?!</?details).)+)\n\n</details>$",
    re.MULTILINE | re.DOTALL,
)
TASK = re.compile(r"^\d+\. ", re.MULTILINE)
ANSWERED = re.compile(r"\*\*Tasks? ([\d ,and]+)\.\*\*")


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


def shows(cell):
    """Whether a cell shows more than its code."""
    return cell.cell_type == "code" and bool(cell.outputs or "explor" in cell.source)


def is_exercise(cell):
    return "check." in cell.source


def asks_first(cell):
    """Whether its output stays hidden until a reader asks, on the page and in JupyterLab."""
    tags = {"hide-output", "hide-cell", "remove-output"}
    hidden = cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
    return bool(tags & set(cell.metadata.get("tags", []))) and hidden


def asks_tasks(cells, place):
    """How many tasks a markdown cell gives for the explorer that follows it."""
    follows = cells[place + 1 : place + 2]
    is_asked = cells[place].cell_type == "markdown" and follows and "explor" in follows[0].source
    return len(TASK.findall(FOLD.sub("", cells[place].source))) if is_asked else 0


def begins_with(summary, cell):
    return cell.source.startswith(f"<details>\n<summary>{summary}")


def answered_in(text):
    return " ".join(re.findall(r"\d+", " ".join(ANSWERED.findall(text))))


def named(fold):
    """Numbers of the tasks that the summary of a fold names, and what is in it."""
    summary, body = fold
    return " ".join(re.findall(r"\d+", summary)), body


def form_faults(cells):
    """Folds that a page or JupyterLab would show raw or empty, and answers outside of folds."""
    for cell in cells:
        if cell.cell_type != "markdown":
            continue
        whole = FOLD.findall(cell.source)
        if len(whole) != cell.source.count("details>") / 2:
            yield f"{cell.id}: a fold is not in the form that a page and JupyterLab render"
        if any(len(body.split()) < 3 for _, body in whole):
            yield f"{cell.id}: a fold with next to nothing in it"
        if any(said and answered_in(body) not in (said, "") for said, body in map(named, whole)):
            yield f"{cell.id}: a fold names other tasks than it answers"
        if "**Task" in FOLD.sub("", cell.source):
            yield f"{cell.id}: the answer to a task outside of a fold"


def prediction_faults(cells):
    """Predictions whose answer a reader cannot help seeing."""
    for place, cell in enumerate(cells):
        if cell.cell_type != "markdown" or "**Predict.**" not in cell.source:
            continue
        shown = []
        for following in cells[place + 1 :]:
            if shown and following.cell_type == "markdown":
                break
            shown += [following] if shows(following) else []
        if not shown or not begins_with(GUESS, following):
            yield f"{cell.id}: what is predicted is not answered in a fold, right after it is shown"
        for one in shown:
            if not asks_first(one) and "explor" not in one.source:
                yield f"{one.id}: shows what {cell.id} asks to predict"


def task_faults(cells):
    """Tasks of explorers without an answer in a fold, and outputs beside it that give it away."""
    asking = [place for place in range(len(cells)) if asks_tasks(cells, place)]
    for place, end in zip(asking, [*asking[1:], len(cells)], strict=True):
        later = [cell.source for cell in cells[place + 2 : end + 1] if cell.cell_type == "markdown"]
        folds = [body for text in later for _, body in FOLD.findall(text)]
        answered = " ".join(map(answered_in, folds))
        wanted = {str(number + 1) for number in range(asks_tasks(cells, place))}
        missing = wanted - set(answered.split())
        if missing:
            yield f"{cells[place].id}: no folded answer to task {sorted(missing)}"
        if not later[0].startswith(("<details>", "### Exercise")):
            yield f"{cells[place].id}: after its explorer, a line that may give an answer away"


def output_faults(cells):
    """Cells beside a folded answer that show it."""
    for before, cell, after in zip(cells, cells[1:], cells[2:], strict=False):
        beside = before.source.endswith("</details>") or begins_with(ANSWER, after)
        is_explorer = re.search(r"^explor\w+[.(]", cell.source, re.MULTILINE)
        if shows(cell) and beside and not (is_explorer or is_exercise(cell) or asks_first(cell)):
            yield f"{cell.id}: shows the answer that is folded beside it"


def faults(cells):
    checks = (form_faults, prediction_faults, task_faults, output_faults)
    return [sentence for check in checks for sentence in check(cells)]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_what_a_reader_is_asked_is_answered_in_folds_only(path):
    cells = cells_of(path)
    assert sum("**Predict.**" in cell.source for cell in cells) > 3
    assert sum(asks_tasks(cells, place) > 0 for place in range(len(cells))) > 1
    assert faults(cells) == []


def unfold(cells):
    cells["cell-030"].source = FOLD.sub(r"\2", cells["cell-030"].source)


def fold_without_a_blank_line(cells):
    cells["cell-030"].source = cells["cell-030"].source.replace("</summary>\n\n", "</summary>\n")


def leave_a_fold_open(cells):
    cells["cell-030"].source = cells["cell-030"].source.replace("</details>", "")


def fold_nothing(cells):
    cells["cell-018"].source = FOLD.sub(
        f"<details>\n<summary>{GUESS}</summary>\n\nSee.\n\n</details>", cells["cell-018"].source
    )


def name_another_task(cells):
    cells["cell-030"].source = cells["cell-030"].source.replace("3 and 4<", "2 and 3<")


def say_it_before_the_fold(cells):
    cells["cell-011"].source = "It is off by 64 degrees.\n\n" + cells["cell-011"].source


def say_it_before_the_answers(cells):
    cells["cell-047"].source = "The ridge is at 0.1.\n\n" + cells["cell-047"].source


def leave_a_task_unanswered(cells):
    cells["cell-047"].source = cells["cell-047"].source.replace("**Task 3.**", "")


def show_what_is_predicted(cells):
    cells["cell-003"].metadata["tags"] = []


def show_it_in_jupyterlab(cells):
    del cells["cell-003"].metadata["jupyter"]


def show_what_is_folded(cells):
    cells["cell-037"].metadata["tags"] = []


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (unfold, "cell-030: the answer to a task outside"),
        (fold_without_a_blank_line, "cell-030: a fold is not in the form"),
        (leave_a_fold_open, "cell-030: a fold is not in the form"),
        (fold_nothing, "cell-018: a fold with next to nothing"),
        (name_another_task, "cell-030: a fold names other tasks"),
        (say_it_before_the_fold, "cell-008: what is predicted is not answered in a fold"),
        (say_it_before_the_answers, "cell-045: after its explorer"),
        (leave_a_task_unanswered, r"cell-045: no folded answer to task \['3'\]"),
        (show_what_is_predicted, "cell-003: shows what cell-002 asks"),
        (show_it_in_jupyterlab, "cell-003: shows what cell-002 asks"),
        (show_what_is_folded, "cell-037: shows the answer"),
    ],
)
def test_what_gives_an_answer_away_is_found(spoil, complaint):
    cells = cells_of(ROOT / "chapters/04_gradient_descent.ipynb")
    spoil({cell.id: cell for cell in cells})
    assert any(re.match(complaint, sentence) for sentence in faults(cells))


# What only a notebook can do is promised for the notebook

ONLY_THERE = re.compile(
    r"`[^`\n]*print\([^`\n]*\)`|\b(?:[Rr]un|[Cc]hange|[Ee]dit) (?:the|this) (?:cell|code|line|seed)"
    r"|\btry \d|\bwrite `True`|\bleave `\w+=|\b(?:this|it) takes (?:a few|some) seconds"
    r"|\bdo not blink"
)


def promises(text):
    """Sentences that ask for what a page cannot do, unless they say where it is done."""
    for sentence in re.split(r"(?<=[.!?])[)*]*\s+|\n+", text):
        if ONLY_THERE.search(sentence) and not sentence.lstrip("(").startswith("In the notebook, "):
            yield sentence


PAGES = [*CHAPTERS, *(ROOT / "book").glob("*.md")]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_promises_nothing_that_only_a_notebook_can_do(path):
    text = prose(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    assert list(promises(text)) == []


def test_a_promise_for_the_notebook_says_so():
    assert list(promises("A few. `print(ratio)` tells for yours.")) != []
    assert list(promises("It was enough: try 40.")) != []
    assert list(promises("Change the seed, and look.")) != []
    assert list(promises("Leave `x` as it was, or leave `x=1` away.")) != []
    assert list(promises("It was enough. In the notebook, try 40.")) == []
    assert list(promises("It was. (In the notebook, leave `x=1` away.) It keeps all.")) == []
