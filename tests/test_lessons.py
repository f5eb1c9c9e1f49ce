"""The lesson plans: whole, 50 minutes each, and true to the chapters that they quote.

That their links into figures lead somewhere is seen where the book is built; see test_states.
"""

import json
import re
import tomllib
from functools import cache
from pathlib import Path

import nbformat
import pytest
import yaml
from mdit_py_plugins.anchors.index import slugify

from downslope import check

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "book/lessons.md").read_text(encoding="utf-8")
OPENING, *PLANS = re.split(r"^(?=## )", TEXT, flags=re.MULTILINE)
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
ROW = re.compile(r"^\| (\d+)–(\d+) \| (.*) \| (.*)\|$", re.MULTILINE)
QUOTED = re.compile(r"“([^”]*)”")
DECIMAL = re.compile(r"\d+\.\d+")
FOLD = re.compile(r"^<details>\n<summary>([^<]*)</summary>\n\n(.*?)\n\n</details>$", re.M | re.S)


@pytest.fixture(params=range(len(CHAPTERS)), ids=lambda place: CHAPTERS[place].stem)
def place(request):
    return request.param


@pytest.fixture
def plan(place):
    return PLANS[place]


@pytest.fixture
def path(place):
    return CHAPTERS[place]


@cache
def cells(path):
    return nbformat.read(path, as_version=4).cells


def title(path):
    return re.match(r"# (\w+)\. (.*)", cells(path)[0].source).groups()


@cache
def exercises(path):
    """The exercises of a chapter by the anchors of their headings."""
    found, anchor = {}, None
    for cell in cells(path):
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#+ (.*)$", cell.source, re.MULTILINE)
            anchor = slugify(headings[-1]) if headings else anchor
        elif "solution" in cell.metadata.get("tags", []):
            (name,) = re.findall(r"^check\.(\w+)\(", cell.source, re.MULTILINE)
            found[anchor] = getattr(check, name)
    return found


@cache
def questions(path):
    (name,) = re.findall(r'^quiz\.ask\("(\w+)"\)', code(path), re.MULTILINE)
    text = (ROOT / f"src/downslope/quizzes/{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["questions"]


def code(path):
    return "\n".join(cell.source for cell in cells(path) if cell.cell_type == "code")


@cache
def words(path):
    """All that a chapter says: its text, its outputs, its quiz and the hints of its checkers."""
    said = [cell.source for cell in cells(path)]
    said += [json.dumps(cell.get("outputs", []), ensure_ascii=False) for cell in cells(path)]
    said.append(json.dumps(questions(path), ensure_ascii=False))
    said += [wrong.hint for each in exercises(path).values() for wrong in known(each)]
    return " ".join(" ".join(said).split())


def known(exercise):
    return getattr(exercise, "wrong_answers", [])


def quoted(text):
    """What stands in a quotation, without the mark that ends it."""
    return [" ".join(quotation.split()).rstrip(".?") for quotation in QUOTED.findall(text)]


def part(plan, name):
    """What follows a name in bold, up to the next one or a fold."""
    return re.search(rf"\*\*{name}\*\*(.*?)(?=^\*\*|^<details>|\Z)", plan, re.M | re.S)[1]


def test_every_chapter_has_a_plan_in_its_order():
    titles = ["Chapter {}: {}".format(*title(path)) for path in CHAPTERS]
    assert [plan.partition("\n")[0] for plan in PLANS] == [f"## {name}" for name in titles]
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [page["file"] for page in toc["parts"][0]["chapters"]]
    assert listed == [f"chapters/{path.stem}" for path in CHAPTERS]


def test_the_opening_says_how_long_each_chapter_takes_and_where_it_may_be_cut(path):
    name = "Chapter {}: {}".format(*title(path))
    row = re.search(rf"^.*\(#{re.escape(slugify(name))}\).*$", OPENING, re.MULTILINE)[0]
    minutes = re.search(r"Time: about (\d+) minutes", cells(path)[0].source)[1]
    assert f"| {minutes} minutes |" in row
    ((cut, address),) = [link for link in LINK.findall(row) if "chapters/" in link[1]]
    assert address == f"../chapters/{path.name}#{slugify(cut)}"


def test_a_plan_fills_fifty_minutes_without_a_gap(plan):
    rows = [(int(begin), int(end)) for begin, end, _, _ in ROW.findall(plan)]
    assert rows[0][0] == 0
    assert rows[-1][1] == 50
    assert all(before[1] == after[0] for before, after in zip(rows, rows[1:], strict=False))
    assert all(2 < end - begin <= 12 for begin, end in rows)


def test_every_row_of_a_plan_but_the_last_leads_into_its_chapter(plan, path):
    *rows, last = ROW.findall(plan)
    assert not last[3].strip()
    for _, _, what, where in rows:
        addresses = [address for _, address in LINK.findall(where)]
        assert addresses, what
        assert all(address.startswith(f"../chapters/{path.name}#") for address in addresses)


def test_a_plan_opens_figures_at_states(plan):
    states = re.findall(r"\.ipynb#([\w-]+)\?", plan)
    assert len(set(states)) >= 2
    assert len(states) >= 4


def test_a_plan_folds_what_would_give_an_answer_away(plan):
    said, answer = FOLD.findall(plan)
    assert (said[0], answer[0]) == ("What many will say, and what is so", "Answer")
    asked = [number for row in ROW.findall(plan) for number in re.findall(r"[Aa]sk (\d)", row[2])]
    assert asked == re.findall(r"^(\d)\. ", said[1], re.MULTILINE)
    assert asked == list("123456"[: len(asked)])
    assert len(asked) >= 4
    assert part(plan, "Before they leave:").strip().endswith("?")


def test_a_class_has_an_exercise_and_so_has_the_home(plan, path):
    (in_class,) = [row for row in ROW.findall(plan) if "In class" in row[2]]
    for text in (in_class[3], part(plan, "At home:")):
        anchors = [address.partition("#")[2] for _, address in LINK.findall(text)]
        assert exercises(path).keys() & set(anchors)


def test_every_quotation_in_a_plan_is_in_its_chapter(plan, path):
    places = FOLD.sub("", plan)
    assert len(quoted(places)) > 8
    assert [text for text in quoted(places) if text not in words(path)] == []


def test_every_decimal_of_a_plan_stands_in_its_chapter(plan, path):
    text = LINK.sub(lambda link: "" if "?" in link[2] else link[1], plan)
    assert set(DECIMAL.findall(text)) <= set(DECIMAL.findall(words(path)))


def ideas(plan):
    return re.findall(r"^- \*.*$", part(plan, "Common wrong ideas"), re.MULTILINE)


def misquoted(idea, path):
    """What an idea says that neither the quiz nor the checker says there; empty if all is well."""
    texts = quoted(idea)
    question = re.search(r"question (\d+)", idea)
    if question:
        wrong = [c for c in questions(path)[int(question[1]) - 1]["choices"] if not c.get("right")]
        sources = [choice for choice in wrong if choice["text"].startswith(texts[0])]
        starts = [choice["says"] for choice in sources]
        return [] if texts[1:] and any(s.startswith(texts[1]) for s in starts) else texts
    anchor = LINK.search(idea)[2].partition("#")[2]
    hints = [wrong.hint for wrong in known(exercises(path)[anchor])]
    return [text for text in texts if not any(hint.startswith(text) for hint in hints)]


def test_every_wrong_idea_is_met_by_the_quiz_or_a_checker_in_those_words(plan, path):
    found = ideas(plan)
    assert 2 <= len(found) <= 4
    assert any("question" in idea for idea in found)
    assert any("#exercise-" in idea for idea in found)
    assert [misquoted(idea, path) for idea in found] == [[]] * len(found)


def test_a_hint_that_has_changed_would_be_noticed():
    path = CHAPTERS[0]
    link = "[Exercise](../chapters/00_perceptron.ipynb#exercise-one-neuron)"
    assert misquoted(f"- *That.* {link}: “This compares the weighted sum with b.”", path) == []
    assert misquoted(f"- *That.* {link}: “This compares the sum with b.”", path)
    asked = "- *That.* [Quiz](…#quiz), question 2: “{}” It answers: “{}”"
    said = "Its step is too coarse", "A smooth unit has the same line"
    assert misquoted(asked.format(*said), path) == []
    assert misquoted(asked.format(said[0], "None"), path)
    assert misquoted(asked.replace("2", "3").format(*said), path)
