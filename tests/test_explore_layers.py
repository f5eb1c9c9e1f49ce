"""What a layer may do on a panel, and the sentence that says what it may not."""

import re
import subprocess
import sys
import warnings
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib.colors import to_hex
from matplotlib.image import imread
from matplotlib.widgets import Slider

from downslope.explore import ExplorerError, choice, explore, linear, steps
from downslope.explore.panels import house_style


def frame(ax):
    """A frame from 0 to 10"""
    ax.set(xlim=(0, 10), ylim=(0, 10), xlabel="x", ylabel="y")


def dot(ax, x):
    ax.plot([x], [5.0], "o")
    return f"x = {x:g}"


def make(*layers, **options):
    return explore(*(layers or (frame, dot)), x=linear(0, 10, 1, default=2), **options)


def refusal(*layers, **options):
    """The message with which layers are refused."""
    with pytest.raises(ExplorerError) as caught:
        make(*layers, **options)
    assert " object at 0x" not in str(caught.value)
    return str(caught.value)


MEDDLING = {
    "x limits": (lambda ax: ax.set_xlim(0, 12), "from (0.0, 10.0) to (0.0, 12.0)", "ax.set_xlim"),
    "y limits": (lambda ax: ax.invert_yaxis(), "y limits", "ax.set_ylim"),
    "autoscale": (lambda ax: (ax.plot([0, 99]), ax.autoscale()), "limits", "ax.set_xlim"),
    "aspect": (lambda ax: ax.imshow(np.eye(2)), "aspect", "aspect='auto'"),
    "x scale": (lambda ax: ax.semilogx([1], [1]), "x scale", "ax.set_xscale"),
    "position": (lambda ax: ax.set_position((0, 0, 1, 1)), "position", "ax.set_position"),
    "title": (lambda ax: ax.set_title("a", loc="left"), "title", "ax.set_title"),
    "x label": (
        lambda ax: ax.set_xlabel("z"),
        "x label of panel 'ax' from 'x' to 'z'",
        "ax.set_xla",
    ),
    "x ticks": (lambda ax: ax.set_xticks([1, 2]), "x ticks", "ax.set_xticks"),
    "fewer ticks": (lambda ax: ax.locator_params(nbins=2), "x ticks", "ax.set_xticks"),
    "boxplot": (lambda ax: ax.boxplot([1, 2, 3]), "x ticks", "manage_ticks=False"),
    "tick labels": (lambda ax: ax.set_yticks([1], ["one"]), "y ticks", "ax.set_yticks"),
    "formatter": (lambda ax: ax.xaxis.set_major_formatter("{x} m"), "x tick labels", "labels"),
    "grid": (lambda ax: ax.grid(True), "x grid", "ax.grid(...)"),
    "y grid": (lambda ax: ax.grid(axis="y"), "y grid", "ax.grid(...)"),
    "tick look": (lambda ax: ax.tick_params(axis="y", length=9), "look of the y", "tick_params"),
    "turned labels": (lambda ax: plt.setp(ax.get_xticklabels(), rotation=45), "labels", "params"),
    "frame": (lambda ax: ax.axis("off"), "frame", "ax.axis"),
    "background": (lambda ax: ax.set_facecolor("red"), "frame", "ax.set_facecolor"),
    "spine": (lambda ax: ax.spines["left"].set_visible(False), "changes a Spine", "draw anew"),
    "bars": (lambda ax: ax.bar(["a", "b"], [1, 2]), "categories", "ax.bar(['a', 'b'], 0)"),
    "level bars": (lambda ax: ax.barh(["a", "b"], [1, 2]), "y units", "ax.barh(['a', 'b'], 0)"),
    "dates": (lambda ax: ax.plot(np.array(["2024-01-01"], "M8[D]"), [1]), "dates", "there"),
    "clear": (lambda ax: ax.clear(), "removes from panel 'ax'", "without ax.clear()"),
    "cla": (lambda ax: ax.cla(), "removes from panel 'ax'", "without ax.clear()"),
    "remove": (lambda ax: ax.remove(), "removes panel 'ax' itself", "ax.remove()"),
    "twin": (lambda ax: ax.twinx().plot([1, 2]), "adds further axes", "ax.inset_axes"),
    "subplot": (lambda ax: ax.figure.add_subplot(), "adds further axes", "ax.inset_axes"),
    "colour bar": (
        lambda ax: ax.figure.colorbar(ax.scatter([1], [1], c=[1])),
        "adds a colour bar",
        "ax.inset_axes([1.03, 0, 0.04, 1]) as its cax",
    ),
}


@pytest.mark.parametrize("name", MEDDLING)
def test_a_later_layer_that_changes_the_panel_is_told_what_and_where_it_belongs(name):
    meddle, what, mend = MEDDLING[name]

    def meddling(ax, x):
        if x == 5:
            meddle(ax)

    explorer = make(frame, meddling, dot)
    before = explorer.still_svg()
    explorer.controls["x"].value = 5
    assert explorer.error.startswith("layer 'meddling' failed at x=5: ")
    for said in (what, mend):
        assert said in explorer.error
    assert " object at 0x" not in explorer.error
    explorer.controls["x"].value = 2
    assert explorer.error is None
    again = make(frame, meddling, dot)
    assert again.still_svg() == before


def line_of_many(ax):
    frame(ax)
    ax.plot([1, 2, 3], label="a line")
    ax.text(5, 5, "words")
    ax.bar([1], [2])
    ax.legend()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda ax: ax.lines[0].set_color("red"), "changes a Line2D that layer 'line_of_many'"),
        (lambda ax: ax.lines[0].set_ydata([9, 9, 9]), "changes a Line2D"),
        (lambda ax: ax.texts[0].set_text("other"), "changes a Text"),
        (lambda ax: ax.patches[0].set_height(9), "changes a Rectangle"),
        (lambda ax: ax.title.set_color("red"), "changes a Text"),
        (lambda ax: ax.lines[0].remove(), "removes from panel 'ax'.*Line2D"),
        (lambda ax: ax.legend(), "replaces the legend that layer 'line_of_many' has drawn"),
    ],
)
def test_a_later_layer_that_changes_what_the_first_has_drawn_is_refused(change, says):
    def changing(ax, x):
        ax.plot([x], [x], "o")
        change(ax)

    assert re.search(says, refusal(line_of_many, changing))


LIKE_THE_FIRST = {
    "the same categories": (
        lambda ax: ax.bar(["a", "b"], [3, 4]),
        lambda ax, x: ax.bar(["b", "a"], [x, 1]),
    ),
    "the same scale": (lambda ax: ax.semilogy([1, 9]), lambda ax, x: ax.semilogy([x, 4])),
    "dates": (
        lambda ax: ax.plot(np.arange("2024-01", "2024-05", dtype="M8[M]"), range(4)),
        lambda ax, x: ax.plot(np.array(["2024-02"], "M8[M]"), [x / 9], "o"),
    ),
    "the same limits": (frame, lambda ax, x: ax.set(xlim=(0, 10), xlabel="x")),
    "a legend of its own": (
        lambda ax: (frame(ax), ax.plot([1, 2], label="first")),
        lambda ax, x: (ax.plot([x, 1], label="second"), ax.legend(bbox_to_anchor=(1, 1))),
    ),
    "an image to the same scale": (
        lambda ax: ax.imshow(np.eye(3)),
        lambda ax, x: ax.imshow(np.eye(3) * x, alpha=0.5),
    ),
    "asking for tick labels": (frame, lambda ax, x: ax.get_xticklabels()),
    "asking for the room of a text": (frame, lambda ax, x: ax.title.get_window_extent()),
    "everything in one": (
        line_of_many,
        lambda ax, x: [
            ax.hist([1, 2, x]), ax.annotate("a", (1, 1), (3, 3), arrowprops={}), ax.axvspan(1, x),
            ax.errorbar([1], [x], yerr=1), ax.contourf([[1, 2], [2, x]]), ax.quiver([1], [2], 1, x),
            ax.fill_between([1, 2], [x, 3]), ax.stem([1, x]), ax.table([["1"]]),
            ax.axline((0, x), slope=1),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIKE_THE_FIRST)
def test_a_later_layer_may_say_what_holds_already(name):
    base, over = LIKE_THE_FIRST[name]

    def first(ax):
        base(ax)

    def later(ax, x):
        over(ax, x)

    explorer = make(first, later)
    for x in (9, 1, 2):
        explorer.controls["x"].value = x
        assert explorer.error is None
    assert explorer.still_svg() == make(first, later).still_svg()


def test_nothing_of_a_layer_stays_on_the_panel():
    _, over = LIKE_THE_FIRST["everything in one"]

    def later(ax, x):
        over(ax, x)
        ax.legend_ or ax.inset_axes((0.5, 0.5, 0.2, 0.2))
        ax.figure.text(0, 0, "beside")

    explorer = make(line_of_many, later, dot)
    ground = explorer._stage._grounds["ax"]
    before = [len(parent.get_children()) for parent in ground._parents], len(ground.ax.containers)
    for x in range(10):
        explorer.controls["x"].value = x
        assert explorer.error is None
    assert explorer._stage._grounds["ax"] is ground
    after = [len(parent.get_children()) for parent in ground._parents], len(ground.ax.containers)
    assert after == before


class TestPyplot:
    """`plt.plot` for `ax.plot`, the commonest slip."""

    @pytest.fixture(autouse=True)
    def backend(self):
        plt.switch_backend("agg")
        yield
        plt.close("all")

    INSTEAD = [
        lambda: plt.plot([1, 2]), lambda: plt.title("a"), lambda: plt.scatter([1], [2]),
        lambda: plt.imshow(np.eye(2)), lambda: plt.bar([1], [2]), lambda: plt.subplots(),
        lambda: plt.figure(), lambda: plt.colorbar(), lambda: plt.tight_layout(),
        lambda: plt.gca().plot([1]), lambda: plt.clabel(None), lambda: plt.figure("mine"),
    ]  # fmt: skip

    @pytest.mark.parametrize("slip", INSTEAD)
    @pytest.mark.parametrize("place", ["first", "later"])
    def test_a_layer_that_draws_on_pyplots_figure_is_told_to_draw_on_the_panel(self, slip, place):
        def slipping(ax, x):
            slip()

        said = refusal(*([slipping] if place == "first" else [frame, slipping]))
        assert said.startswith("layer 'slipping' failed at x=2: ValueError: it draws on pyplot's")
        assert "not on panel 'ax'; write ax.plot(...) for plt.plot(...)" in said
        assert plt.get_fignums() == []

    def test_the_sentence_names_the_panel_of_the_layer(self):
        def slipping(plane, x):
            plt.plot([x])

        assert "plane.plot(...)" in refusal(slipping, panels={"plane": (3, 3)})

    def test_a_layer_without_a_panel_is_told_to_name_one(self):
        def slipping(x):
            plt.plot([x])

        assert "a parameter that names a panel" in refusal(frame, slipping)

    def test_a_layer_that_draws_on_both_is_told_so(self):
        def mixed(ax, x):
            ax.plot([x])
            plt.xlabel("x")

        said = refusal(frame, mixed)
        assert "draws on panel 'ax' and, by plt, also on pyplot's figure" in said
        assert "ax.set_xlabel(...) for plt.xlabel(...)" in said
        assert plt.get_fignums() == []

    def test_figures_of_the_reader_are_neither_drawn_on_nor_closed(self):
        mine, axes = plt.subplots()
        axes.plot([1, 2])

        def slipping(ax, x):
            plt.plot([x])
            plt.title("on mine?")
            plt.close("all")
            plt.plot([x])

        refusal(slipping)
        assert plt.get_fignums() == [mine.number]
        assert plt.gcf() is mine
        assert plt.gca() is axes
        assert len(axes.lines) == 1
        assert axes.get_title() == ""

    def test_a_slip_at_one_value_shows_there_and_goes_away(self):
        def slipping(ax, x):
            if x == 5:
                plt.plot([x])

        explorer = make(frame, slipping)
        explorer.controls["x"].value = 5
        assert "pyplot" in explorer.error
        explorer.controls["x"].value = 6
        assert explorer.error is None

    def test_what_of_pyplot_draws_nothing_may_be_used(self):
        def coloured(ax, x):
            ax.add_patch(plt.Circle((x, 5), 1, color=plt.get_cmap("viridis")(0.5)))
            plt.show()

        assert make(frame, coloured).error is None

    def test_pyplot_is_not_imported_for_the_sake_of_the_comparison(self):
        code = (
            "import sys; from downslope.explore import explore\n"
            "def a(ax): ax.plot([1, 2])\n"
            "explore(a).page_html(); assert 'matplotlib.pyplot' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


RETURNED = {
    "lines": lambda ax: ax.plot([1, 2]),
    "a line": lambda ax: ax.plot([1, 2])[0],
    "a tuple": lambda ax: (ax.plot([1, 2])[0], ax.text(1, 1, "a")),
    "bars": lambda ax: ax.bar([1], [2]),
    "contours": lambda ax: ax.contour([[1, 2], [2, 3]]),
    "a text": lambda ax: ax.text(1, 1, "a"),
    "a histogram": lambda ax: ax.hist([1, 2, 3]),
    "boxes": lambda ax: ax.boxplot([1, 2, 3], manage_ticks=False),
    "a legend": lambda ax: (ax.plot([1], label="a"), ax.legend())[1],
    "an array of artists": lambda ax: np.array(ax.plot([1, 2], [1, 2]), dtype=object),
    "a stem": lambda ax: ax.stem([1, 2]),
    "an error bar": lambda ax: ax.errorbar([1], [2], yerr=1),
    "a stream": lambda ax: ax.streamplot(
        np.arange(3), np.arange(3), np.ones((3, 3)), np.ones((3, 3)), density=0.2
    ),
    "nothing": lambda ax: None,
    "an empty sentence": lambda ax: "",
}


@pytest.mark.parametrize("name", RETURNED)
@pytest.mark.parametrize("place", ["first", "later"])
def test_a_layer_may_return_what_its_last_line_draws(name, place):
    def drawing(ax, x):
        return RETURNED[name](ax)

    layers = [drawing] if place == "first" else [frame, drawing]
    explorer = explore(*layers, x=linear(0, 1, 1))  # each state of a first layer draws the axes
    assert explorer.readout == ""
    assert explorer.page_html()


def test_a_sentence_of_numpy_is_a_sentence():
    assert make(frame, lambda ax, x: np.str_("said"), name="a").readout == "said"


@pytest.mark.parametrize(
    ("returned", "shown"),
    [
        (3.5, "float: 3.5"),
        (np.float64(3.5), "float64"),
        (np.arange(3), "ndarray"),
        (b"said", "bytes"),
        (True, "bool: True"),
        (["a", "b"], "list: ['a', 'b']"),
        ((1, 2), "tuple: (1, 2)"),
        ({}, "dict"),
        (np.array("said"), "ndarray"),
    ],
)
def test_a_layer_that_returns_no_sentence_is_told_how_to_make_one(returned, shown):
    said = refusal(frame, lambda ax, x: returned, name="a")
    assert 'must return a sentence, such as f"slope {slope:.2f}", or nothing' in said
    assert shown in said


def test_a_sentence_beside_artists_is_not_lost_in_silence():
    said = refusal(frame, lambda ax, x: (ax.plot([1]), "said"), name="a")
    assert "must return its sentence alone" in said


class TestErrors:
    def test_all_lines_of_a_message_and_its_notes_are_kept(self):
        def failing(ax, x):
            error = ValueError("first line\nsecond line\n  third")
            error.add_note("and a note")
            raise error

        said = refusal(frame, failing)
        lines = "first line\nsecond line\n  third\nand a note"
        assert said == f"layer 'failing' failed at x=2: ValueError: {lines}"

    def test_an_error_without_a_message_is_named(self):
        def failing(ax, x):
            raise AssertionError

        assert refusal(frame, failing).endswith("at x=2: AssertionError")

    def test_the_cause_is_the_error_of_the_layer(self):
        def failing(ax, x):
            return 1 / 0

        with pytest.raises(ExplorerError) as caught:
            make(frame, failing)
        assert isinstance(caught.value.__cause__, ZeroDivisionError)

    def test_what_a_failing_layer_has_drawn_and_set_is_gone_with_the_next_value(self):
        def failing(ax, x):
            ax.plot([0, 10], [0, 10])
            plt.rcParams["lines.linewidth"] = 20
            if x == 5:
                raise ValueError("five")

        explorer = make(frame, failing, dot)
        width = plt.rcParams["lines.linewidth"]
        before = explorer.still_svg()
        explorer.controls["x"].value = 5
        assert plt.rcParams["lines.linewidth"] == width
        explorer.controls["x"].value = 2
        assert explorer.still_svg() == before == make(frame, failing, dot).still_svg()

    def test_warnings_of_a_layer_reach_the_author(self):
        def warned(ax, x):
            warnings.warn("mind", stacklevel=1)

        with pytest.warns(UserWarning, match="mind"):
            make(frame, warned)

    def test_letters_that_matplotlibs_fonts_lack_are_no_reason_to_warn(self):
        def korean(ax, x):
            ax.text(5, 5, "경사하강법")

        assert "경사하강법" in make(frame, korean).page_html()


class TestSlipsThatStrangersMake:
    """What an author who knows only Matplotlib writes, and what the message says to do."""

    K = linear(0, 2, 1, default=1)

    def said(self, *layers, error=ExplorerError, **options):
        with pytest.raises(error) as caught:
            explore(*layers, **options)
        return str(caught.value)

    @pytest.mark.parametrize("titled", [lambda ax: ax.plot([0]), lambda ax: ax.set_title("old")])
    def test_a_title_over_another_layer_is_said_in_words_and_may_be_a_sentence(self, titled):
        def value(ax, k):
            ax.set_title(f"k = {k:g}")

        said = self.said(titled, value, k=self.K)
        assert re.search(r"title of panel 'ax' from '(old)?' to 'k = 1';", said)
        assert "return the words as a sentence" in said

    def test_a_label_that_was_empty_is_shown_as_empty(self):
        def value(ax, k):
            ax.set_xlabel("k")

        assert "from '' to 'k';" in self.said(lambda ax: ax.plot([0]), value, k=self.K)

    def test_a_colour_bar_by_pyplot_is_told_of_that_of_the_figure(self):
        def coloured(ax, k):
            plt.colorbar(ax.scatter([1, 2], [1, k], c=[1, 2]), ax=ax)

        assert "ax.figure.colorbar(..., ax=ax)" in self.said(coloured, k=self.K)

    def test_a_figure_of_its_own_is_told_of_panels(self):
        def own(ax, k):
            _, ax = plt.subplots()
            ax.plot([0, k])

        assert "plt.subplots() is not needed" in self.said(own, k=self.K)

        def without_panel(k):
            plt.subplots(1, 2)

        said = self.said(without_panel, error=ValueError, k=self.K)
        assert "give one a parameter 'ax'" in said

    @pytest.mark.parametrize(
        "count",
        [
            lambda ax, k: ax.hist([1, 2], bins=k),
            lambda ax, k: [ax.axvline(i) for i in range(k)],
            lambda ax, k: ax.axvline([1, 2, 3][k]),
            lambda ax, k: ax.axvline(np.arange(3)[k]),
        ],
    )
    def test_a_whole_number_that_is_a_float_is_told_of_steps(self, count):
        assert "k is a float: steps(...)" in self.said(count, k=self.K)
        assert explore(count, k=steps(2, default=1))

    def test_an_error_that_no_slider_has_caused_is_told_of_no_slider(self):
        def count(ax, k):
            range(1.0)

        assert "steps(" not in self.said(count, k=steps(2))

    @pytest.mark.parametrize("name", ["name", "alt", "caption", "panels", "shared"])
    def test_a_control_cannot_be_named_like_an_option(self, name):
        said = self.said(lambda ax: ax.plot([0]), error=ValueError, **{name: self.K})
        assert f"{name!r} is an option of explore and cannot name a control" in said

    @pytest.mark.parametrize("options", [[1, 2, 3], [True, False], [None, "a"]])
    def test_options_that_are_no_texts_are_told_of_values_and_mappings(self, options):
        with pytest.raises(ValueError, match=r"values\(\[1, 2\], default=1\).*choice\(\{"):
            choice(options)

    def test_a_layer_that_has_been_called_is_told_so(self):
        assert "give the function itself" in self.said(None, error=TypeError)

    def test_a_widget_of_matplotlib_that_is_returned_is_no_sentence_beside_artists(self):
        def slider(ax, k):
            ax.plot([0, k])
            return Slider(ax.inset_axes([0, 0, 1, 0.1]), "k", 0, 1)

        assert explore(slider, k=self.K).readout == ""


def test_layers_take_the_colours_of_the_cycle_one_after_the_other():
    def base(ax):
        ax.plot([0, 1], [0, 1])

    def moved(ax, s):
        ax.plot([0, 1], [s, s])

    def last(ax):
        ax.plot([0, 1], [1, 0])

    explorer = explore(base, moved, last, s=linear(0, 1, 0.5, default=0.5))
    with house_style():
        colours = [to_hex(entry["color"]) for entry in rcParams["axes.prop_cycle"]]
    drawn = explorer.still_svg()
    assert [drawn.count(f'stroke="{colour}"') for colour in colours[:4]] == [1, 1, 1, 0]
    explorer.controls["s"].value = 1
    assert explorer.error is None
    assert explorer.still_svg() == drawn


@pytest.mark.parametrize("zorder", [-1, 0, 5])
def test_a_later_layer_lies_on_top_whatever_its_zorder_on_the_page_and_as_pixels(zorder):
    def red(ax):
        ax.axhspan(0, 1, color="#ff0000")
        ax.set(xlim=(0, 1), ylim=(0, 1))

    def green(ax, s):
        ax.axhspan(0, 1, color="#00ff00", zorder=zorder)

    explorer = explore(red, green, s=linear(0, 1, 0.5, default=0.5))
    svg = explorer.still_svg()
    assert svg.index("#ff0000") < svg.index("#00ff00")
    pixels = imread(BytesIO(explorer.still_png()))
    height, width, _ = pixels.shape
    assert pixels[height // 2, width // 2, :3].tolist() == [0, 1, 0]


def test_the_ground_keeps_its_colour_as_pixels():
    def tinted(ax):
        ax.set(xlim=(0, 1), ylim=(0, 1), facecolor="#0000ff")

    pixels = imread(BytesIO(explore(tinted).still_png()))
    height, width, _ = pixels.shape
    assert pixels[height // 2, width // 2, :3].tolist() == [0, 0, 1]


class TestALayerThatIsNotItsParametersAlone:
    """Refused while a page is built: the page would show another figure than the notebook."""

    def refused(self, *layers):
        explorer = explore(*layers, k=linear(0, 2, 1, default=1))
        with pytest.raises(ExplorerError, match="something else when it is drawn again") as caught:
            explorer.page_html()
        return str(caught.value)

    def test_one_that_draws_random_numbers_is_named(self):
        def noise(ax, k):
            ax.plot(np.random.default_rng().normal(size=5))

        assert "layer 'noise'" in self.refused(noise)

    def test_one_that_counts_its_calls_is_named(self):
        calls = []

        def counts(ax, k):
            calls.append(k)
            ax.plot([0, 1])
            return f"drawn {len(calls)} times"

        assert "layer 'counts'" in self.refused(counts)

    def test_one_with_a_generator_of_its_own_is_right(self):
        def noise(ax, k):
            ax.plot(np.random.default_rng(0).normal(size=5))

        assert explore(noise, k=linear(0, 2, 1, default=1)).page_html()


def test_a_layer_that_leaves_python_is_named():
    def leaves(ax):
        raise SystemExit(3)

    with pytest.raises(ExplorerError, match="layer 'leaves' failed: SystemExit: 3"):
        explore(leaves)
