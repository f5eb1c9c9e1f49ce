"""The explorer engine: what it refuses, what it draws, and that every place tells the same."""

import base64
import gzip
import json
import re
import subprocess
import sys
import warnings
from functools import partial
from xml.etree import ElementTree

import numpy as np
import pytest

from downslope.explore import (
    Control,
    ExplorerError,
    choice,
    explore,
    linear,
    logarithmic,
    states,
    steps,
    values,
)


def frame(ax):
    """A frame from 0 to 10"""
    ax.set(xlim=(0, 10), ylim=(0, 10), xlabel="x", ylabel="y")


def dot(ax, x):
    """A dot that moves along x"""
    ax.plot([x], [5.0], "o")
    return f"x = {x:g}"


def ring(ax, y):
    ax.plot([5.0], [y], "s")
    return f"y = {y:g}"


def make(*layers, **options):
    options.setdefault("x", linear(0, 10, 1, default=2))
    return explore(*(layers or (frame, dot)), **options)


def states_of(html):
    block = re.search(r'class="ds-states">([^<]+)<', html)[1]
    return json.loads(gzip.decompress(base64.b64decode(block)))


@pytest.fixture
def baking(monkeypatch):
    monkeypatch.setenv("DOWNSLOPE_BAKE", "1")


class TestControls:
    def test_linear_values_are_the_decimals_a_reader_would_write(self):
        control = linear(0.05, 1.1, 0.05, default=1.05)
        assert control.values[2] == 0.15
        assert control.texts[control.default] == "1.05"
        assert len(control.values) == 22

    def test_logarithmic_values_are_exact_powers_of_ten(self):
        control = logarithmic(1e-16, 1, default=1e-4)
        assert control.values == tuple(float(f"1e{k}") for k in range(-16, 1))
        assert control.texts[0] == "1e-16"
        assert control.texts[-1] == "1"

    def test_logarithmic_values_multiply_between_the_powers_of_ten(self):
        grid = np.array(logarithmic(0.01, 100, default=1, per_decade=4).values)
        assert np.allclose(grid[1:] / grid[:-1], 10**0.25, rtol=0.02)

    def test_a_screen_reader_hears_powers_of_ten_in_words(self):
        assert logarithmic(1e-5, 1, default=1).spoken()[0] == "10 to the minus 5"
        assert linear(-1, 1, 0.5, default=0).spoken()[1] == "minus 0.5"
        assert values([2.5e-7, 1], default=1).spoken()[0] == "2.5 times 10 to the minus 7"

    def test_a_choice_of_a_mapping_hands_the_objects_to_the_layers(self):
        control = choice({"square": np.square, "root": np.sqrt}, default="root")
        assert control.values[control.default] is np.sqrt

    @pytest.mark.parametrize(
        ("make_control", "says"),
        [
            (lambda: linear(0, 1, 0.3, default=0), "step must divide the range 0 to 1"),
            (lambda: linear(1, 0, 0.1, default=0), "start < stop"),
            (lambda: linear(0, 1, 0.1, default=0.55), "default must be one of"),
            (lambda: linear(0, float("nan"), 0.1, default=0), "stop must be a finite number"),
            (lambda: logarithmic(0, 1, default=1), "0 < start < stop"),
            (lambda: logarithmic(1e-3, 1, default=1, per_decade=0), "per_decade must be"),
            (lambda: steps(2.5), "last must be an integer"),
            (lambda: steps(0), "last must be greater"),
            (lambda: values([1], default=1), "at least two numbers"),
            (lambda: values([1, 1], default=1), "must differ"),
            (lambda: choice(["one"]), "at least two options"),
            (lambda: choice(["a", "b"], default="c"), "default must be one of"),
            (lambda: choice([1, 2]), "named by non-empty str"),
            (lambda: choice(["a", "b", "a"]), "the options of choice must differ"),
            (lambda: choice(5), "choice needs a list of options, got 5"),
            (lambda: choice([["a"], ["b"]]), "named by non-empty str"),
            (lambda: values(5, default=1), "values needs a list of numbers, got 5"),
            (lambda: values([1, 2], default="x"), "default must be a finite number, got 'x'"),
            (lambda: linear(0, 1, 1e-6, default=0), "at most 3000 values, got 1000000"),
            (lambda: logarithmic(1e-200, 1e200, default=1, per_decade=10), "at most 3000"),
            (lambda: linear(0, 1, 0.1, default=0, label=3), "label must be a str, got 3"),
            (lambda: steps(5, default=1.5), "default must be an integer"),
        ],
    )
    def test_a_grid_that_makes_no_sense_is_refused(self, make_control, says):
        with pytest.raises(ValueError, match=re.escape(says)):
            make_control()

    def test_a_slider_opens_at_its_first_value_if_nothing_else_is_said(self):
        sliders = [linear(1, 2, 0.5), logarithmic(1, 10), values([5, 1]), steps(3, first=1)]
        assert [slider.values[slider.default] for slider in sliders] == [1, 1, 5, 1]

    def test_numbers_of_numpy_are_as_good_as_those_of_python(self):
        assert values(np.array([1, 2, 5]), default=2).texts == ("1", "2", "5")
        assert values(np.float32([0.5, 1.5]), default=0.5).values == (0.5, 1.5)
        assert steps(np.int64(3)).values == (0, 1, 2, 3)
        assert linear(np.float64(0), np.int64(1), 0.5, default=np.float64(0.5)).default == 1

    def test_numbers_in_float32_are_those_that_their_author_wrote(self):
        start, stop, step = np.float32([0.1, 0.5, 0.1])
        assert linear(start, stop, step, default=0.3).values == (0.1, 0.2, 0.3, 0.4, 0.5)
        assert values(np.float32([0.1, 0.2]), default=0.2).values == (0.1, 0.2)
        assert logarithmic(np.float32(1e-3), 1, default=np.float32(0.1)).values[2] == 0.1

    def test_steps_of_a_billionth_are_as_exact_as_others(self):
        assert linear(0, 1e-9, 2.5e-10).values == (0, 2.5e-10, 5e-10, 7.5e-10, 1e-9)
        with pytest.raises(ValueError, match="step must divide the range 0 to 1e-12 evenly"):
            linear(0, 1e-12, 3e-13)


class TestSignatures:
    @pytest.mark.parametrize("option", ["name", "alt", "caption"])
    def test_a_text_that_is_none_is_refused(self, option):
        with pytest.raises(ValueError, match=f"{option} must be a str, got 3"):
            make(**{option: 3})

    @pytest.mark.parametrize(
        "size", [3, (0, 3), ("a", 3), (0.5, 0.5), (1, 2, "polar", 3), (np.nan, 3)]
    )
    def test_a_panel_without_a_size_is_refused(self, size):
        with pytest.raises(ValueError, match="panel 'ax' must have a width and a height"):
            make(panels={"ax": size})

    def test_no_panels_at_all_are_refused(self):
        with pytest.raises(ValueError, match="panels must map names to sizes"):
            make(panels={})

    def test_one_name_for_a_panel_and_a_control_is_refused(self):
        with pytest.raises(ValueError, match="'x' names a panel and a control"):
            make(panels={"x": (3, 3)})

    def test_parameters_without_a_name_are_refused(self):
        def positional(ax, x, /):
            ax.plot([x], [1], "o")

        with pytest.raises(ValueError, match="'positional' must take its parameters by name"):
            make(frame, positional)
        with pytest.raises(ValueError, match="'dict' must be a function with a signature"):
            make(frame, dict)

    def test_a_layer_over_a_backdrop_names_the_values_of_both_when_it_fails(self):
        def backdrop(ax, x):
            ax.set(xlim=(0, 10 + x), ylim=(0, 1))

        def over(ax):
            if ax.get_xlim()[1] == 12:
                raise RuntimeError("twelve")

        with pytest.raises(ExplorerError, match="'over' failed at x=2: RuntimeError: twelve"):
            explore(backdrop, over, x=linear(0, 4, 1, default=2))

    def test_a_control_that_no_layer_names_is_refused(self):
        with pytest.raises(ValueError, match="no layer has a parameter 'h'"):
            make(h=linear(0, 1, 0.5, default=0))

    def test_a_parameter_without_a_control_is_refused(self):
        with pytest.raises(ValueError, match="'ring' has a parameter 'y' that is neither"):
            make(frame, dot, ring)

    def test_a_parameter_with_a_default_is_left_alone(self):
        def scaled(ax, x, size=3):
            ax.plot([x], [1], "o", markersize=size)

        assert make(frame, scaled)

    def test_what_only_makes_something_that_would_draw_later_is_refused(self):
        def late(ax):
            yield ax

        async def waits(ax):
            ax.plot([1])

        with pytest.raises(TypeError, match="'late' must draw when it is called.*the yield away"):
            explore(late)
        with pytest.raises(TypeError, match="'waits' must draw .*write def for async def"):
            explore(waits)

    def test_layers_in_a_list_are_refused_with_the_way_to_write_them(self):
        with pytest.raises(TypeError, match=r"explore\(first, second\), not in a list"):
            explore([frame, dot], x=linear(0, 4, 1))

    def test_a_size_in_matplotlibs_word_is_refused_with_ours(self):
        with pytest.raises(ValueError, match=r"figsize must be .*panels=\{'ax': \(8, 4\)\}"):
            make(figsize=(8, 4))

    @pytest.mark.parametrize("option", ["handle", "panel", "share", "captoin"])
    def test_an_option_that_is_misspelled_is_refused_with_the_right_one(self, option):
        right = {"handle": "handles", "panel": "panels", "share": "shared", "captoin": "caption"}
        with pytest.raises(ValueError, match=rf"did you mean the option {right[option]}\?"):
            make(**{option: {"ax": (3, 2)}})

    def test_a_value_that_is_no_control_is_refused(self):
        with pytest.raises(ValueError, match="x must be a control such as linear"):
            explore(frame, dot, x=3)

    def test_layers_must_be_functions_with_names_of_their_own(self):
        with pytest.raises(TypeError, match="a layer must be a function"):
            explore("contours")
        with pytest.raises(ValueError, match="two layers are called 'dot'"):
            make(frame, dot, dot)
        with pytest.raises(ValueError, match="at least one layer"):
            explore()

    def test_a_layer_that_draws_nowhere_is_refused(self):
        with pytest.raises(ValueError, match="names no panel"):
            make(frame, dot, lambda: None)

    def test_a_panel_that_no_layer_draws_on_is_refused(self):
        with pytest.raises(ValueError, match="no layer draws on panel 'side'"):
            make(panels={"ax": (3, 3), "side": (3, 3)})

    def test_a_name_that_cannot_stand_in_a_link_is_refused(self):
        with pytest.raises(ValueError, match="name must begin with a letter"):
            make(name="4ever")


class TestBaking:
    def test_a_layer_is_drawn_once_for_each_state_of_its_own_controls(self):
        calls = []

        def counted(ax, x):
            calls.append(x)

        explorer = make(frame, counted, ring, y=linear(0, 10, 1, default=5))
        calls.clear()
        data = states_of(explorer.page_html())
        assert calls == [float(x) for x in range(11)]
        sizes = {layer["name"]: len(layer["readouts"]) for layer in data["layers"]}
        assert sizes == {"frame": 1, "counted": 11, "ring": 11}

    def test_a_layer_over_a_backdrop_with_controls_follows_its_limits(self):
        def backdrop(ax, size):
            ax.set(xlim=(0, size), ylim=(0, 1))

        def half(ax):
            ax.plot([1], [0.5], "o")

        data = states_of(explore(backdrop, half, size=linear(2, 4, 1, default=2)).page_html())
        drawn = [data["fragments"][i] for i in data["layers"][1]["frames"]]
        assert len(set(drawn)) == 3

    def test_every_frame_is_what_the_layer_draws_at_those_values(self):
        explorer = make()
        data = states_of(explorer.page_html())
        layer = data["layers"][1]
        left, right = (
            float(re.search(r'<use[^>]* x="([\d.]+)"', data["fragments"][layer["frames"][i]])[1])
            for i in (0, 10)
        )
        width = 5.6 * 72
        assert left == pytest.approx(0.62 * 72, abs=0.1)
        assert right == pytest.approx(width - 0.12 * 72, abs=0.1)
        assert [data["texts"][i] for i in layer["readouts"]][3] == "x = 3"

    def test_baking_twice_gives_the_same_bytes(self):
        assert make(name="same").page_html() == make(name="same").page_html()

    def test_baking_in_another_process_gives_the_same_bytes(self):
        code = (
            "from downslope.explore import explore, linear\n"
            "def walk(ax, n):\n"
            "    ax.plot(range(int(n) + 1)); ax.contour([[0, 1], [1, 2]]); return str(n)\n"
            "print(explore(walk, n=linear(1, 4, 1, default=2)).page_html())"
        )
        runs = {
            subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            ).stdout
            for _ in range(2)
        }
        assert len(runs) == 1

    def test_two_explorers_share_no_id(self):
        pages = [make(name=name).page_html() for name in ("first", "second")]
        ids = [set(re.findall(r'\bid="([^"]+)"', html)) for html in pages]
        assert ids[0]
        assert not ids[0] & ids[1]

    def test_one_layer_on_two_panels_shares_no_id_between_them(self):
        from matplotlib.path import Path

        def clipped(left, right, x):
            for ax, side in ((left, 3), (right, 6)):
                patch = ax.axhspan(0, 1, color="k")
                patch.set_clip_path(Path([(0, 0), (side, 0), (x, side)]), ax.transData)
                ax.plot([x], [1], "o")

        def grounds(left, right):
            for ax in (left, right):
                ax.set(xlim=(0, 10), ylim=(0, 10))

        sizes = {"left": (3, 3), "right": (3, 3)}
        html = explore(grounds, clipped, panels=sizes, x=linear(0, 1, 1, default=0)).page_html()
        still = html[: html.index("ds-states")]
        ids = re.findall(r'\bid="([^"]+)"', still)
        assert len(ids) > 6
        assert len(set(ids)) == len(ids)

    def test_the_readers_own_settings_of_matplotlib_change_nothing(self):
        import matplotlib as mpl

        before = make(name="same").page_html()
        with mpl.rc_context({"lines.markersize": 12, "axes.labelpad": 20, "font.size": 20}):
            assert make(name="same").page_html() == before

    def test_labelled_contours_can_be_drawn_over_and_over(self):
        def labelled(ax, x):
            lines = ax.contour([[0, 1, 2], [1, 2, 3], [2, 3, 4 + x]])
            ax.clabel(lines)

        explorer = make(frame, labelled)
        for x in range(4):
            explorer.controls["x"].value = x
        assert explorer.error is None

    def test_every_reference_in_a_frame_has_its_definition_in_that_frame(self):
        data = states_of(make().page_html())
        for fragment in data["fragments"]:
            used = set(re.findall(r'(?:href="#|url\(#)([\w-]+)', fragment))
            assert used <= set(re.findall(r'\bid="([^"]+)"', fragment))

    def test_the_same_frame_is_carried_once(self):
        def rounded(ax, x):
            ax.plot([x // 5], [1], "o")

        data = states_of(make(frame, rounded).page_html())
        assert len(data["layers"][1]["frames"]) == 11
        assert len(set(data["layers"][1]["frames"])) == 3

    def test_fragments_are_well_formed_and_carry_no_style_sheet_and_no_date(self):
        data = states_of(make().page_html())
        for fragment in data["fragments"]:
            ElementTree.fromstring(f"<svg>{fragment}</svg>")
            assert "style" not in fragment
            assert "metadata" not in fragment

    def test_colours_of_ink_follow_the_page(self):
        data = states_of(make().page_html())
        assert "currentColor" in data["fragments"][0]
        assert "#1b1f24" not in data["fragments"][0]
        assert "#1b1f24" in make().still_svg()

    def test_a_colour_from_the_cycle_does_not_depend_on_what_was_drawn_before(self):
        data = states_of(make().page_html())
        colours = {
            re.search(r'<use[^>]* fill="([^"]+)"', data["fragments"][i])[1]
            for i in data["layers"][1]["frames"]
        }
        assert colours == {"var(--ds-blue, #0072b2)"}

    def test_a_failing_state_fails_the_bake_and_names_layer_and_values(self, baking):
        def brittle(ax, x):
            if x == 7:
                raise ZeroDivisionError("seven")

        with pytest.raises(ExplorerError, match="'brittle' failed at x=7: ZeroDivisionError: sev"):
            make(frame, brittle)

    def test_too_many_states_name_the_slider_to_thin(self, monkeypatch):
        monkeypatch.setattr(states, "MAX_FRAMES", 10)
        with pytest.raises(ExplorerError, match="'dot' has 11 states.*thin the slider 'x'"):
            make().page_html()

    def test_too_many_bytes_name_the_layer_and_the_slider(self, monkeypatch):
        monkeypatch.setattr(states, "MAX_BYTES", 3000)
        with pytest.raises(ExplorerError, match="explorer 'big' takes .* layer 'dot': thin its"):
            make(name="big").page_html()

    def test_text_of_authors_is_escaped(self):
        def said(ax, x):
            return "<b>5 < 6</b>"

        html = make(frame, said, alt='a "quoted" <alt>', caption="1 < 2").page_html()
        assert "&lt;b&gt;5 &lt; 6&lt;/b&gt;" in html
        assert 'aria-label="a &quot;quoted&quot; &lt;alt&gt;"' in html
        assert "<figcaption>1 &lt; 2</figcaption>" in html

    def test_text_in_a_picture_is_escaped(self):
        def labelled(ax):
            ax.set_title("a < b & c")

        inside = explore(labelled).still_svg()
        assert "a < b" not in inside
        ElementTree.fromstring(inside)

    def test_controls_are_native_and_labelled(self):
        html = make().page_html()
        assert re.search(r'<label for="frame-dot--x">x</label><input type="range"', html)

    def test_alt_text_comes_from_the_docstrings_unless_it_is_given(self):
        assert make().alt == "A frame from 0 to 10. A dot that moves along x."
        assert make(alt="A dot").alt == "A dot"

    def test_a_part_of_a_function_is_named_and_described_by_the_function(self):
        def line(ax, slope):
            "A straight line."
            ax.plot([0, 1], [0, slope])

        explorer = explore(partial(line, slope=2))
        assert (explorer.name, explorer.alt) == ("line", "A straight line.")

    def test_a_lambda_is_described_without_brackets(self):
        assert explore(lambda ax: ax.plot([1, 2])).alt == "Lambda."

    def test_each_of_several_panels_says_what_it_shows(self):
        def axis(left):
            """an axis"""
            left.set(xlim=(0, 1))

        def bare(right):
            """another"""

        def lines(left, right):
            """a line"""
            left.plot([0, 1])
            right.plot([1, 0])

        def labels(alt):
            two = explore(axis, bare, lines, alt=alt, panels={"left": (2, 2), "right": (2, 2)})
            return two.alt, re.findall('aria-label="(.*?)" viewBox', two.page_html())

        assert labels("") == (
            "An axis. Another. A line.",
            ["An axis. A line.", "Another. A line."],
        )
        assert labels("Both.") == ("Both.", ["Both.", "Another. A line."])
        assert labels({"right": "Down.", "left": "Up."}) == ("Up. Down.", ["Up.", "Down."])

    @pytest.mark.parametrize("alt", [{}, {"ax": "A dot.", "bx": "?"}, {"ax": " "}, {"ax": 3}])
    def test_words_for_a_panel_that_is_not_there_or_none_for_one_that_is_are_refused(self, alt):
        with pytest.raises(ValueError, match="alt .* must|alt must"):
            make(alt=alt)


class TestPlaces:
    def test_the_still_figure_stands_alone(self):
        root = ElementTree.fromstring(make(alt="A dot").still_svg())
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root[0].text == "A dot"

    def test_an_explorer_without_controls_is_a_figure(self):
        html = explore(frame).page_html()
        assert "<svg" in html
        assert "ds-controls" not in html
        assert "ds-states" not in html

    def test_its_plain_text_is_the_readout_at_the_current_values(self):
        explorer = make()
        assert repr(explorer) == "x = 2"
        explorer.controls["x"].value = 9
        assert repr(explorer) == "x = 9"

    def test_while_a_book_is_built_it_shows_the_page_and_its_readout(self, baking):
        shown = make()._repr_mimebundle_()
        assert set(shown) == {"text/html", "image/png", "text/plain"}
        assert shown["text/html"].startswith("<downslope-explorer")

    def test_on_a_page_it_opens_at_its_defaults_wherever_a_cell_has_moved_it(self, baking):
        explorer = make()
        explorer.controls["x"].value = 9
        shown = explorer._repr_mimebundle_()
        assert shown["text/plain"] == "x = 2"
        assert ">x = 2</output>" in shown["text/html"]

    def test_paper_gets_a_picture_in_pixels(self, baking):
        from io import BytesIO

        from matplotlib.image import imread

        def side_frame(side):
            side.set(xlim=(0, 1), ylim=(0, 1))

        sizes = {"ax": (3, 2), "side": (2, 3)}
        explorer = make(frame, dot, side_frame, panels=sizes)
        shown = explorer._repr_mimebundle_()
        pixels = imread(BytesIO(base64.b64decode(shown["image/png"])))
        assert pixels.shape[:2] == (450, 750)
        blue = pixels[..., 2] - pixels[..., 0] > 0.3  # the dot, at (2, 5) of (10, 10)
        rows, columns = np.nonzero(blue)
        assert rows.mean() == pytest.approx(150 * (0.32 + 1.18 / 2), abs=2)
        assert columns.mean() == pytest.approx(150 * (0.62 + 0.2 * 2.26), abs=2)

    def test_words_in_korean_put_no_warning_beside_the_figure(self, baking):
        def line(ax, slope):
            ax.plot([0, 1], [0, slope])
            ax.set(xlabel="기울기", ylabel="값")
            ax.figure.tight_layout()

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            bundle = explore(line, slope=linear(1, 2, 1))._repr_mimebundle_()
        assert "기울기" in bundle["text/html"]
        assert "image/png" in bundle

    def test_in_a_kernel_it_shows_widgets_and_a_still_figure(self):
        shown = make()._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in shown
        assert "<img " in shown["text/html"]
        assert shown["text/plain"] == "x = 2"


class TestLive:
    def test_moving_a_slider_redraws_only_the_layers_that_name_it(self):
        drawn = []

        def first(ax, x):
            drawn.append("first")
            ax.plot([x], [1], "o")

        def second(ax, y):
            drawn.append("second")
            ax.plot([1], [y], "o")

        explorer = make(frame, first, second, y=linear(0, 10, 1, default=5))
        controls = explorer.controls
        drawn.clear()
        controls["y"].value = 6
        assert drawn == ["second"]

    def test_what_a_kernel_draws_is_what_the_page_carries(self):
        explorer = make()
        explorer.controls["x"].value = 7
        data = states_of(explorer.page_html())
        baked = data["fragments"][data["layers"][1]["frames"][7]]
        live = [picture.value for picture in explorer._view._pictures.values()][1]
        assert baked in live
        assert explorer.readout == data["texts"][data["layers"][1]["readouts"][7]]

    def test_an_error_shows_and_goes_away_with_the_next_good_value(self):
        def brittle(ax, x):
            if x == 7:
                raise ZeroDivisionError("seven")
            return "fine"

        explorer = make(frame, brittle)
        explorer.controls["x"].value = 7
        assert explorer.error == "layer 'brittle' failed at x=7: ZeroDivisionError: seven"
        explorer.controls["x"].value = 8
        assert explorer.error is None
        assert explorer.readout == "fine"

    def test_a_backdrop_that_fails_is_named_once_for_all_the_layers_on_it(self):
        def brittle(ax, x):
            if x == 7:
                raise ZeroDivisionError("seven")
            ax.set(xlim=(0, 10), ylim=(0, 10))

        explorer = make(brittle, dot, lambda ax: ax.plot([1], [1], "o") and None)
        explorer.controls["x"].value = 7
        assert explorer.error == "layer 'brittle' failed at x=7: ZeroDivisionError: seven"

    def test_nothing_is_left_behind_by_a_thousand_moves(self):
        explorer = make()
        for _ in range(90):
            for x in range(11):
                explorer.controls["x"].value = x
        ax = explorer._stage._grounds["ax"].ax
        assert len(ax.lines) == 0

    def test_a_choice_is_moved_by_its_text(self):
        def power(ax, f):
            ax.plot(f(np.arange(4.0)))
            return f"f(3) = {f(3.0):g}"

        explorer = explore(power, f=choice({"square": np.square, "root": np.sqrt}))
        assert explorer.readout == "f(3) = 9"
        explorer.controls["f"].value = "root"
        assert explorer.readout.startswith("f(3) = 1.73")

    def test_a_step_slider_has_a_play_button_that_moves_it(self):
        import ipywidgets

        explorer = explore(frame, dot, x=steps(10))
        plays = [w for w in _descendants(explorer._view._box) if isinstance(w, ipywidgets.Play)]
        assert len(plays) == 1
        plays[0].value = 4
        assert explorer.controls["x"].value == 4
        assert explorer.readout == "x = 4"

    def test_controls_that_are_not_moved_stay_where_they_are(self):
        explorer = make(frame, dot, ring, y=linear(0, 10, 1, default=5))
        explorer.controls["x"].value = 3
        assert explorer.controls["y"].value == 5
        assert explorer.readout == "x = 3 y = 5"


def _descendants(widget):
    for child in getattr(widget, "children", ()):
        yield child
        yield from _descendants(child)


def test_a_control_is_immutable():
    control = linear(0, 1, 0.5, default=0)
    assert isinstance(control, Control)
    with pytest.raises(AttributeError):
        control.default = 1
