"""What leads from a chapter's cells to the reference; the built pages are read in browser/."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import book_reference as reference
from book_names import ELSEWHERE, Names, entry_of, home, public_modules, public_names
from book_reference import linked

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"


def entries(*cells):
    """What the names used in the last of the cells lead to."""
    names = Names()
    for cell in cells:
        used, _ = names.read(cell)
    return {name: names.entry(name) for name in used if names.entry(name)}


LOSSES = "downslope.losses"
IMPORT = f"from {LOSSES} import softmax"


@pytest.mark.parametrize(
    ("imported", "used"),
    [
        (IMPORT, "softmax(z)"),
        (f"from {LOSSES} import (\n    accuracy,\n    softmax,\n)", "print(softmax(z).sum())"),
        (f"from {LOSSES} import softmax as s", "s(z)"),
        ("from downslope import losses", "losses.softmax(z)"),
        (f"import {LOSSES} as costs", "[costs.softmax(row) for row in z]"),
        (f"import {LOSSES}", f"{LOSSES}.softmax(z)"),
        ("", f"{LOSSES}.softmax"),
        (f"if True:\n    {IMPORT}", "softmax"),
        (f"def softmax(z):\n    return z\n\n\n{IMPORT}", "softmax(z)"),
    ],
)
def test_a_name_leads_to_its_entry_however_it_is_imported(imported, used):
    assert f"{LOSSES}.softmax" in entries(imported, used).values()


@pytest.mark.parametrize(
    "cells",
    [
        ("softmax(z)",),
        ("from scipy.special import softmax", "softmax(z)"),
        (IMPORT, "def softmax(z):\n    return z", "softmax(z)"),
        (IMPORT, "softmax = 3", "softmax"),
        (IMPORT, "for softmax in range(3):\n    pass", "softmax"),
        (IMPORT, "from scipy.special import softmax", "softmax(z)"),
        (IMPORT, "def f(softmax):\n    return softmax"),
        (IMPORT, "z.softmax()"),
        (IMPORT, "f(softmax=3)"),
        (IMPORT, "'softmax'  # softmax"),
        (IMPORT, "!echo softmax"),
    ],
)
def test_a_name_that_means_something_else_leads_nowhere(cells):
    assert f"{LOSSES}.softmax" not in entries(*cells).values()


def test_an_entry_is_found_wherever_its_object_is_offered():
    from downslope import explorers

    home = explorers.gradient_field.__module__
    assert entry_of("downslope.explorers.gradient_field") == f"{home}.gradient_field"
    assert entry_of("downslope.explore.linear") == "downslope.explore.linear"
    assert entry_of("downslope.explore.Explorer.page_html").endswith(".page_html")
    assert entry_of("downslope.explore.Explorer.none_such") is None
    assert entry_of("downslope.none_such") is None
    assert entry_of("downslope.losses.none_such") is None


def test_an_object_that_two_modules_offer_has_one_entry_where_it_is_defined():
    names = public_names()
    for offered in ("GradientReport", "check_gradient"):
        assert f"downslope.gradient_check.{offered}" in names
        assert f"downslope.differentiation.{offered}" not in names
        assert entry_of(f"downslope.differentiation.{offered}") in names
    assert home("downslope.graph", "exp") == "downslope.graph"  # its own module has no `__all__`
    objects = [found for found in names.values() if callable(found)]
    assert len({id(found) for found in objects}) == len(objects)


def test_the_reference_says_where_the_rest_stands_that_a_module_offers():
    lines = []
    reference.say_what_stands_elsewhere(None, "module", "downslope.datasets", None, None, lines)
    assert lines == ["From here you can import `downslope.mnist.load_mnist` too.", ""]
    reference.say_what_stands_elsewhere(None, "module", "downslope.quiz", None, None, lines)
    reference.say_what_stands_elsewhere(None, "class", "downslope.quiz.Quiz", None, None, lines)
    assert len(lines) == 2


def test_every_module_without_an_underscore_is_public():
    """Or belongs to a package that offers its names for it."""
    for path in sorted((ROOT / "src/downslope").iterdir()):
        module = f"downslope.{path.stem}"
        if path.stem.startswith("_") or path.stem in ELSEWHERE:
            continue
        if path.suffix == ".py" or (path / "__init__.py").is_file():
            public = [name for name in public_modules() if f"{name}.".startswith(f"{module}.")]
            assert public, f"{module} has no `__all__`: list in it what is for other people"
    assert {home(*name.rsplit(".", 1)) for name in public_names()} <= set(public_modules())


def test_every_public_module_stands_in_the_reference_once():
    pages = "".join(path.read_text(encoding="utf-8") for path in sorted(BOOK.glob("api_*.md")))
    rendered = re.findall(r"^\.\. automodule:: (.*)$", pages, re.M)
    assert sorted(rendered) == sorted(public_modules()), "in a page of book/api_*.md"
    assert re.findall(r"^## (.*)$", pages, re.M) == rendered
    listed = re.findall(r"`(downslope\.[\w.]+)`", (BOOK / "api.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(public_modules()), "in book/api.md"


def test_the_first_mention_in_a_cell_is_a_link_and_nothing_else_is():
    code = (
        '<span class="n">check</span><span class="o">.</span><span class="n">walk</span>'
        '<span class="p">(</span><span class="n">walk</span><span class="o">=</span>'
        '<span class="n">walk</span><span class="p">)</span> '
        '<span class="n">x</span><span class="o">.</span><span class="n">walk</span> '
        '<span class="n">check</span><span class="o">.</span><span class="n">walk</span>'
        '<span class="o">.</span><span class="n">right</span>'
    )
    html = linked(code, {"check.walk": 'a.html#"&', "walk": None})
    assert html.count("<a ") == 1
    assert html.startswith('<a href="a.html#&quot;&amp;"><span class="n">check</span>')
    assert linked(code, {}) == code


def test_a_changed_mention_has_the_pages_of_the_reference_written_again():
    objects = {"downslope.losses.softmax": SimpleNamespace(docname="api")}
    env = SimpleNamespace(domains={"py": SimpleNamespace(objects=objects)})
    reference.book_mentions(env)["one"] = {"downslope.losses.softmax": [("a", "A")]}
    assert reference.pages_to_write_again(None, env) == ["api"]
    assert reference.pages_to_write_again(None, env) == []
    reference.forget_page(None, env, "one")
    assert reference.pages_to_write_again(None, env) == ["api"]


def test_the_source_of_a_package_is_the_module_that_its_names_begin_in():
    pages = {f"downslope.graph.{name}": ("", {}) for name in ("engine", "operations")}
    builder = SimpleNamespace(name="html", get_relative_uri=lambda docname, path: f"{path}.html")
    app = SimpleNamespace(env=SimpleNamespace(_viewcode_modules=pages), builder=builder)
    found = reference.source_address(app, "chapters/one", "downslope.graph")
    assert found == "_modules/downslope/graph/engine.html"
    assert reference.source_address(app, "chapters/one", "downslope.quiz") is None
