"""What leads from a chapter's cells to the reference; the built pages are read in browser/."""

from types import SimpleNamespace

import pytest

import book_reference as reference
from book_names import Names, entry_of, public_modules, public_names
from book_reference import linked


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


def test_the_public_names_are_those_of_every_module_without_an_underscore():
    modules = public_modules()
    assert {"downslope.losses", "downslope.explore", "downslope.quiz"} <= set(modules)
    assert not any("._" in module for module in modules)
    assert {name.rpartition(".")[0] for name in public_names()} == set(modules)


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
