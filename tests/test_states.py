"""Links that open a figure at a state, in a small book."""

import re
import zipfile
from html import unescape
from pathlib import Path

import pytest

from book_states import complaint, sliders
from downslope.explore import choice, explore, linear
from test_sphinx_ext import SmallBook

pytestmark = pytest.mark.slow

EXTENSIONS = Path(__file__).resolve().parents[1] / "book/extensions"
SETTINGS = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions.append("book_states")
myst_heading_anchors = 3
"""
LINKS = """# Links

[at 3](figures.md#moving-dot?x=3&kind=a+b), [a plus](figures.md#moving-dot?kind=a+%2B+b),
[as it is](figures.md#moving-dot), [still](figures.md#still), [a heading](figures.md#more).
"""


@pytest.fixture(scope="module")
def explorers():
    def frame(ax):
        "A frame"
        ax.set(xlim=(0, 10), ylim=(0, 10))

    def dot(ax, x, kind):
        "a dot"
        ax.plot([x], [5], "o" if kind == "a b" else "s")

    sliding = {"x": linear(0, 4, 1, default=2), "kind": choice(["a b", "a + b"])}
    return explore(frame, dot, name="moving-dot", **sliding), explore(frame, name="still")


@pytest.fixture(scope="module")
def book(tmp_path_factory, explorers):
    book = SmallBook(tmp_path_factory.mktemp("states"))
    book.configure(SETTINGS)
    book.write_contents("figures", "links")
    html = "\n".join(explorer.page_html() for explorer in explorers)
    more = "## More\n\n[below](#more), [here](figures.md#moving-dot?x=0)\n"
    (book.folder / "figures.md").write_text(f"# Figures\n\n```{{raw}} html\n{html}\n```\n\n{more}")
    (book.folder / "links.md").write_text(LINKS)
    assert book.build("html", "-W", "-n") == (0, "")
    return book


def addresses(page):
    """Where the links within the text of a page lead, by their words."""
    found = re.findall(r'<a class="reference internal" href="([^"]*)"><span[^>]*>([^<]*)<', page)
    return {words: unescape(address) for address, words in found}


def test_a_link_names_an_explorer_and_where_its_sliders_stand(book):
    assert addresses(book.page("links")) == {
        "at 3": "figures.html#moving-dot?x=3&kind=a+b",
        "a plus": "figures.html#moving-dot?kind=a+%2B+b",
        "as it is": "figures.html#moving-dot",
        "still": "figures.html#still",
        "a heading": "figures.html#more",
    }
    assert addresses(book.page("figures"))["here"] == "#moving-dot?x=0"


def test_where_no_figure_moves_a_link_leads_to_its_page(book):
    assert book.build("epub")[0] == 0
    with zipfile.ZipFile(book.out / "epub/small.epub") as archive:
        page = archive.read("links.xhtml").decode()
    assert {"figures.xhtml", "figures.xhtml#more"} == set(addresses(page).values())


def test_a_link_to_a_state_that_is_not_there_is_warned_of_where_it_stands(book):
    book.write_contents("figures", "links", "wrong")
    wrong = "# W\n\n[a](figures.md#moving?x=3)\n\n[b](figures.md#moving-dot?y=3)\n"
    (book.folder / "wrong.md").write_text(wrong + "\n[c](links.md#moving-dot?x=3)\n")
    code, said = book.build("html")
    assert code == 0
    lines = [line.partition("wrong.md:")[2] for line in said.splitlines() if line]
    assert [line.partition(": WARNING: ")[::2] for line in lines] == [
        ("3", "figures: no explorer 'moving', only moving-dot, still"),
        ("5", "figures: 'moving-dot' has no slider 'y', only x, kind"),
        ("7", "links: no explorer 'moving-dot', only none at all"),
    ]


def test_a_value_must_be_one_at_which_the_slider_stands(explorers):
    moving, still = explorers
    known = {"moving-dot": sliders(moving.page_html()), "still": sliders(still.page_html())}
    assert known == {"moving-dot": {"x": [*"01234"], "kind": ["a b", "a + b"]}, "still": {}}
    assert complaint("moving-dot", [("x", "4"), ("kind", "a + b")], known) == ""
    assert complaint("moving-dot", [("x", "4"), ("kind", "a  b")], known) == (
        "slider 'kind' of 'moving-dot' never stands at 'a  b': a b, a + b"
    )
    assert complaint("still", [("x", "4")], known) == "'still' has no slider 'x', only none"
