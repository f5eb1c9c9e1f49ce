"""Values that several layers draw from."""

import base64
import gzip
import json
import re

import numpy as np
import pytest

from downslope.explore import ExplorerError, explore, linear


def frame(ax):
    ax.set(xlim=(0, 10), ylim=(0, 10))


def walk(ax, path):
    ax.plot(path)


def end(ax, path):
    ax.plot(len(path) - 1, path[-1], "o")
    return f"ends at {path[-1]:g}"


def path_of(calls):
    def path(a, b):
        calls.append((a, b))
        return np.array([a, b, a + b])

    return path


def make(shared, *layers, **options):
    controls = {"a": linear(1, 3, 1, default=2), "b": linear(0, 1, 1, default=0)}
    return explore(frame, *(layers or (walk, end)), shared=shared, **{**controls, **options})


def test_a_shared_value_is_computed_once_for_a_state():
    calls = []
    explorer = make({"path": path_of(calls)})
    assert calls == [(2, 0)]
    explorer.controls["a"].value = 3
    explorer.controls["b"].value = 1
    assert calls == [(2, 0), (3, 0), (3, 1)]
    explorer.controls["b"].value = 0
    assert len(calls) == 3
    assert explorer.readout == "ends at 3"


def test_a_page_computes_each_state_once_and_carries_all_of_them():
    calls = []
    explorer = make({"path": path_of(calls)})
    html = explorer.page_html()
    assert sorted(calls) == [(a, b) for a in (1, 2, 3) for b in (0, 1)]
    block = re.search(r'class="ds-states">([^<]+)<', html)[1]
    data = json.loads(gzip.decompress(base64.b64decode(block)))
    layer = data["layers"][2]
    assert [data["controls"][i]["name"] for i in layer["controls"]] == ["a", "b"]
    said = [data["texts"][i] for i in layer["readouts"]]
    assert said == [f"ends at {a + b}" for a in (1, 2, 3) for b in (0, 1)]


def test_the_picture_is_the_same_as_without_sharing():
    def alone(ax, a, b):
        walk(ax, path_of([])(a, b))

    alone.__name__ = "walk"
    shared = make({"path": path_of([])}, walk, name="same").still_svg()
    assert make(None, alone, name="same").still_svg() == shared


def test_a_shared_value_may_build_on_one_before_it():
    calls = []
    shared = {"path": path_of(calls), "top": lambda path, scale=2: scale * path.max()}

    def line(ax, top, b):
        ax.axhline(top)
        return f"{top:g}"

    explorer = make(shared, walk, line)
    assert explorer.readout == "4"
    assert explorer._stage.dependencies(explorer._stage.layers[2]) == ("a", "b")
    assert len(calls) == 1


def test_a_first_layer_may_depend_on_a_shared_value():
    def first(ax, size):
        ax.set(xlim=(0, size), ylim=(0, 1))

    def over(ax):
        ax.plot([1], [0.5], "o")

    explorer = explore(first, over, shared={"size": lambda a: 2 * a}, a=linear(1, 3, 1, default=2))
    before = explorer.still_svg()
    explorer.controls["a"].value = 3
    assert explorer.error is None
    assert ">6</text>" in "".join(p.value for p in explorer._view._pictures.values())
    assert explorer.still_svg() == before


def test_a_layer_cannot_change_an_array_under_the_others():
    def careless(ax, path):
        path[0] = 9

    with pytest.raises(ExplorerError, match="'careless' failed.*read-only"):
        make({"path": path_of([])}, careless)
    own = np.zeros(3)
    make({"path": lambda a, b: own})
    assert own.flags.writeable


def test_an_error_names_the_shared_value_and_the_controls():
    def path(a, b):
        if a == 3:
            raise ZeroDivisionError("three\nand more")
        return np.array([a])

    explorer = make({"path": path})
    explorer.controls["a"].value = 3
    assert explorer.error == (
        "shared value 'path' failed at a=3, b=0: ZeroDivisionError: three\nand more"
    )
    explorer.controls["a"].value = 1
    assert explorer.error is None


def positional(a, /):
    return a


def starred(*a):
    return a


@pytest.mark.parametrize(
    ("shared", "says"),
    [
        ({"a": lambda b: b}, "'a' names a shared value and a control"),
        ({"ax": lambda b: b}, "'ax' names a shared value and a panel"),
        ({"the path": lambda a: a}, "a name that a layer can use, got 'the path'"),
        ({3: lambda a: a}, "a name that a layer can use, got 3"),
        ({"path": 3}, "'path' must be a function of controls, got 3"),
        ({"path": lambda c: c}, "'path' has a parameter 'c' that is neither a control"),
        ({"path": lambda other: 1, "other": lambda a: a}, "'other' that is neither"),
        ({"path": lambda path: 1}, "'path' has a parameter 'path'"),
        ({"path": positional}, "'path' must take its parameters by name"),
        ({"path": starred}, "'path' must name its parameters"),
        ({"path": lambda a, b: [a, b], "unused": lambda a: a}, "parameter 'unused', so that value"),
        ([1], "shared must map names to functions"),
    ],
)
def test_a_shared_value_that_makes_no_sense_is_refused(shared, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        make(shared)
