"""Handles: where a hand may go on a panel, what is refused, and what a page and a kernel get."""

import json
import re
from importlib import resources

import numpy as np
import pytest

from downslope.explore import (
    Control,
    ExplorerError,
    choice,
    explore,
    linear,
    logarithmic,
    steps,
    values,
)

X = linear(-2, 2, 0.5, default=1.0)
Y = linear(-1, 1, 0.5, default=0.5)


def dot(ax, x, y):
    ax.plot([x], [y], "o")
    return f"at {x:g}, {y:g}"


def plane(ax):
    ax.set(xlim=(-3, 3), ylim=(-2, 2))


def explorer(first=plane, handles=("x", "y"), x=X, y=Y, **options):
    return explore(first, dot, name="e", handles={"ax": handles}, x=x, y=y, **options)


def hands(explorer):
    """What the page is told of each handle."""
    (text,) = re.findall(r'class="ds-hands">(.*?)</script>', explorer.page_html())
    return json.loads(text)


def drawn_at(explorer, panel="ax"):
    """Where Matplotlib draws data on a panel at the default values, in points from the top left."""
    stage = explorer._stage
    state = {name: control.default for name, control in stage.controls.items()}
    stage.place(explorer._scene.handles[panel], state)
    ax = stage._grounds[panel].ax
    height = ax.figure.get_figheight() * 72
    return lambda x, y: ax.transData.transform((x, y)) * (1, -1) + (0, height)


SCALES = {
    "linear": {},
    "inverted": {"xlim": (3, -3), "ylim": (2, -2)},
    "equal": {"aspect": "equal"},
    "logarithmic": {"xscale": "log", "xlim": (1e-3, 1e3)},
    "both logarithmic, one inverted": {
        "xscale": "log", "yscale": "log", "xlim": (1e3, 1e-3), "ylim": (0.1, 5),
    },
    "symmetric logarithm": {"yscale": "symlog"},
}  # fmt: skip


@pytest.mark.parametrize("setting", SCALES.values(), ids=SCALES)
def test_places_are_where_matplotlib_draws_the_values(setting):
    def first(ax):
        plane(ax)
        ax.set(**setting)

    x = logarithmic(1e-2, 1e2, per_decade=2, default=1.0) if "xscale" in setting else X
    y = values([0.2, 1, 2], default=1) if setting.get("yscale") == "log" else Y
    made = explorer(first, x=x, y=y)
    (hand,) = hands(made)
    to_picture = drawn_at(made)
    (across,), (up,) = hand["across"], hand["up"]
    assert len(across) == len(x.values)
    assert len(up) == len(y.values)
    for value, place in zip(x.values, across, strict=True):
        assert place == pytest.approx(to_picture(value, y.values[0])[0], abs=0.01)
    for value, place in zip(y.values, up, strict=True):
        assert place == pytest.approx(to_picture(x.values[0], value)[1], abs=0.01)


def test_a_twin_scale_does_not_move_the_hand_off_the_panels_own_axes():
    def first(ax):
        plane(ax)
        ax.twinx().set(ylim=(0, 1000))

    assert hands(explorer(first))[0]["up"] == hands(explorer())[0]["up"]


def test_each_state_of_the_backdrop_has_places_of_its_own_and_like_ones_are_kept_once():
    def first(ax, zoom):
        ax.set(xlim=(-3 / zoom, 3 / zoom), ylim=(-2, 2))

    zoom = values([1, 2], default=2)
    made = explore(first, dot, handles={"ax": ("x", "y")}, zoom=zoom, x=X, y=Y)
    (hand,) = hands(made)
    assert [made._stage.controls[n].values for n in ("zoom",)] == [(1, 2)]
    assert hand["controls"] == [0]
    assert len(hand["across"]) == 2
    assert len(hand["up"]) == len(hand["axes"]) == 1
    assert [state[1] for state in hand["states"]] == [0, 1]
    to_picture = drawn_at(made)
    assert hand["across"][1][0] == pytest.approx(to_picture(-2, 0)[0], abs=0.01)


def test_the_point_follows_a_shared_value_in_every_state():
    def on_curve(ax, x, height):
        ax.plot([x], [height], "o")

    made = explore(
        plane, on_curve, shared={"height": lambda x: x**2 / 2}, handles={"ax": ("x", "height")}, x=X
    )
    (hand,) = hands(made)
    assert hand["sliders"] == [0, None]
    to_picture = drawn_at(made)
    for state, x in zip(hand["states"], X.values, strict=True):
        assert hand["up"][state[2]] == pytest.approx(to_picture(0, x**2 / 2)[1], abs=0.01)


def test_a_shared_value_may_serve_a_handle_alone():
    made = explore(
        plane, dot, shared={"height": lambda x: x}, handles={"ax": ("x", "height")}, x=X, y=Y
    )
    assert hands(made)[0]["sliders"] == [0, None]


def test_a_strip_has_no_place_on_the_other_axis():
    assert hands(explorer(handles=("x", None)))[0]["up"] == [None]
    assert hands(explorer(handles=(None, "y")))[0]["across"] == [None]


def test_the_page_is_the_same_bytes_each_time_and_as_before_without_a_handle():
    assert explorer().page_html() == explorer().page_html()
    without = explore(plane, dot, name="e", x=X, y=Y).page_html()
    assert "ds-hands" not in without
    assert re.sub('<script type="application/json".*?</script>', "", explorer().page_html()) == (
        without
    )


def polar(ax):
    ax.set_rmax(2)


def refusal(handles, **options):
    controls = {"x": X, "y": Y, "kind": choice(["a", "b"]), **options}

    def all_of(ax, x, y, kind, height=0):
        ax.plot([x], [y])

    with pytest.raises(ValueError, match=r"\w") as caught:
        explore(plane, all_of, handles=handles, **controls)
    return str(caught.value)


REFUSED = {
    "a list": ([("x", "y")], "must map panels to pairs of sliders"),
    "an unknown panel": ({"plane": ("x", "y")}, r"'plane', which is none of the panels ['ax']"),
    "an unknown slider": ({"ax": ("x", "z")}, "names 'z', which is no control"),
    "a choice": ({"ax": ("x", "kind")}, "'kind', which is a list of choices"),
    "one slider twice": ({"ax": ("x", "x")}, "names the slider 'x' twice"),
    "no slider": ({"ax": (None, None)}, "must name at least one slider"),
    "one name": ({"ax": "x"}, "must be a pair"),
    "a name of two letters": ({"ax": "xy"}, "must be a pair"),
    "three names": ({"ax": ("x", "y", "kind")}, "must be a pair"),
    "a control in place of its name": ({"ax": (X, Y)}, "must be a pair"),
    "a control as option": (X, "is an option of explore and cannot name a control"),
}


@pytest.mark.parametrize(("handles", "words"), REFUSED.values(), ids=REFUSED)
def test_handles_that_name_something_else_are_refused_in_words(handles, words):
    assert words in refusal(handles)


def test_a_slider_whose_values_are_no_numbers_is_refused():
    odd = Control("slider", ("low", "high"), ("low", "high"), 0)
    assert "it must name a slider of numbers" in refusal({"ax": ("x", "odd")}, odd=odd)


@pytest.mark.parametrize("projection", ["polar", "3d", "mollweide"])
def test_a_panel_with_a_projection_is_refused(projection):
    def first(ax, x, y):
        return ""

    with pytest.raises(ValueError, match=f"has the projection '{projection}'"):
        explore(first, panels={"ax": (3, 3, projection)}, handles={"ax": ("x", "y")}, x=X, y=Y)


def test_a_value_without_a_place_on_a_logarithmic_axis_is_refused_by_name():
    def first(ax):
        ax.set(xscale="log", xlim=(0.1, 10), ylim=(-2, 2))

    with pytest.raises(ExplorerError, match=r"slider 'x' has the value 0, .*scale 'log'"):
        explorer(first, x=values([0, 1, 2], default=1))


def test_a_handle_that_nobody_can_reach_is_refused_in_the_state_in_which_it_is():
    def first(ax, far):
        ax.set(xlim=(-3, 3) if far == "no" else (100, 200), ylim=(-2, 2))

    made = explore(first, dot, handles={"ax": ("x", "y")}, far=choice(["no", "yes"]), x=X, y=Y)
    with pytest.raises(ExplorerError, match=r"at far=yes: no value of slider 'x' is within"):
        made.page_html()
    with pytest.raises(ExplorerError, match="shows 100 to 200 on its way across"):
        explore(first, dot, handles={"ax": ("x", "y")}, far=choice(["yes", "no"]), x=X, y=Y)


def test_values_that_are_partly_outside_keep_their_places():
    def first(ax):
        ax.set(xlim=(-1, 1), ylim=(-2, 2))

    (hand,) = hands(explorer(first))
    (left, _, right, _), (across,) = hand["axes"][0], hand["across"]
    assert across[0] < left < across[4] < right < across[-1]
    assert (np.diff(across) > 0).all()


@pytest.mark.parametrize("value", [np.nan, "high", [1, 2], None])
def test_a_point_cannot_follow_what_is_no_number(value):
    with pytest.raises(ExplorerError, match="'height' must be a number where a handle follows it"):
        explore(
            plane, dot, shared={"height": lambda x: value}, handles={"ax": ("x", "height")},
            x=X, y=Y,
        )  # fmt: skip


def test_a_point_that_follows_to_infinity_stays_at_the_edge():
    def heights(x):
        return np.inf if x > 0 else -np.inf

    made = explore(plane, dot, shared={"h": heights}, handles={"ax": ("x", "h")}, x=X, y=Y)
    (hand,) = hands(made)
    low, high = (hand["up"][hand["states"][index][2]] for index in (0, -1))
    assert high < 0 < 300 < low


def two_hands_on_x():
    def other(side, x):
        side.set(xlim=(-3, 3))

    return explore(
        plane, dot, other, panels={"ax": (3, 3), "side": (3, 3)},
        handles={"ax": ("x", "y"), "side": ("x", None)}, x=X, y=Y,
    )  # fmt: skip


def test_two_panels_may_give_the_hand_the_same_slider():
    made = two_hands_on_x()
    assert [hand["panel"] for hand in hands(made)] == [0, 1]


def test_places_in_too_many_states_are_refused():
    made = explore(
        plane, dot, shared={"height": lambda a, b: a * b}, handles={"ax": ("x", "height")},
        x=X, y=Y, a=steps(99), b=steps(99),
    )  # fmt: skip
    with pytest.raises(ExplorerError, match="the handle of panel 'ax' has 10000 states"):
        made.page_html()


class TestInAKernel:
    def hand(self, explorer, panel="ax"):
        return explorer._view._hands[panel]

    def test_the_hand_moves_both_sliders_and_the_picture_is_drawn_once(self):
        calls = []

        def counted(ax, x, y):
            calls.append((x, y))
            ax.plot([x], [y], "o")
            return f"at {x:g}, {y:g}"

        made = explore(plane, counted, handles={"ax": ("x", "y")}, x=X, y=Y)
        hand = self.hand(made)
        calls.clear()
        hand.at = [0, 4]
        assert calls == [(-2.0, 1.0)]
        assert (made.controls["x"].value, made.controls["y"].value) == (-2.0, 1.0)
        assert made.readout == "at -2, 1"

    def test_a_message_of_the_front_end_moves_the_sliders(self):
        made = explorer()
        self.hand(made).set_state({"at": [3, 0]})
        assert made.readout == "at -0.5, -1"

    def test_a_slider_moves_the_grip(self):
        made = explorer()
        assert self.hand(made).at == [6, 3]
        made.controls["x"].value = -2.0
        assert self.hand(made).at == [0, 3]

    def test_the_kernel_and_the_page_know_the_same_places(self):
        made = explorer()
        (on_page,), place = hands(made), self.hand(made).place
        for part in ("axes", "across", "up"):
            assert list(place[part]) == on_page[part][0]

    def test_places_follow_the_backdrop(self):
        def first(ax, zoom):
            ax.set(xlim=(-3 / zoom, 3 / zoom), ylim=(-2, 2))

        zoom = values([1, 2], default=1)
        made = explore(first, dot, handles={"ax": ("x", "y")}, zoom=zoom, x=X, y=Y)
        before = self.hand(made).place["across"]
        made.controls["zoom"].value = 2
        assert self.hand(made).place["across"] != before
        json.dumps(self.hand(made).place)

    def test_a_handle_out_of_reach_is_told_and_comes_back(self):
        def first(ax, far):
            ax.set(xlim=(-3, 3) if far == "no" else (100, 200), ylim=(-2, 2))

        made = explore(first, dot, handles={"ax": ("x", "y")}, far=choice(["no", "yes"]), x=X, y=Y)
        made.controls["far"].value = "yes"
        assert "no value of slider 'x' is within" in made.error
        made.controls["far"].value = "no"
        assert made.error is None

    def test_two_hands_on_one_slider_agree(self):
        made = two_hands_on_x()
        self.hand(made, "side").at = [2, None]
        assert self.hand(made).at == [2, 3]
        assert made.readout == "at -1, 0.5"

    def test_page_and_kernel_share_the_script_of_the_hand(self):
        from downslope.explore.hand import Hand

        served = resources.files("downslope") / "static" / "downslope-handles.js"
        shared = served.read_text(encoding="utf-8")
        assert str(Hand._esm).startswith(shared)
        assert "export default" not in shared
        assert "DownslopeGrip" in str(Hand._esm)[len(shared) :]

    def test_an_explorer_without_a_handle_needs_no_hand(self):
        made = explore(plane, dot, x=X, y=Y)
        assert made._view._hands == {}
