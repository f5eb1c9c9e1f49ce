"""Panels of other projections, with further axes, and with more on them than they have room for."""

import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from downslope.explore import ExplorerError, explore, linear
from downslope.explore.svg import _clipped_once, fragment

SLIDER = {"k": linear(1, 3, 1, default=2)}
SVG = "{http://www.w3.org/2000/svg}"


def dot(ax, k):
    ax.plot([0.5], [k / 4], "o")
    return f"k = {k:g}"


def view_box(svg):
    return tuple(map(float, re.search(r'viewBox="([^"]+)"', svg)[1].split()))


def words_of(svg):
    return [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


class TestProjections:
    def test_layers_on_a_polar_panel_are_drawn_in_its_coordinates(self):
        def circle(ax):
            ax.plot(np.linspace(0, 6.28), np.ones(50))
            ax.set_ylim(0, 1)

        def hand(ax, k):
            ax.plot([0, np.pi / 2], [1, 1], "o")

        explorer = explore(circle, hand, panels={"ax": (4, 4, "polar")}, **SLIDER)
        assert "90°" in words_of(explorer.still_svg())
        frame = explorer._scene.frames[explorer._stage.layers[1]].fragments[0]
        places = np.array(re.findall(r'<use[^>]* x="([\d.]+)" y="([\d.]+)"', frame), float)
        centre = 4 * 72 / 2
        assert places[0][1] == pytest.approx(centre, abs=0.2)  # at angle 0, to the right
        assert places[1][0] == pytest.approx(centre, abs=0.2)  # at a right angle, above
        assert places[1][1] < centre - 100 < centre + 100 < places[0][0]

    def test_a_polar_panel_refuses_changes_of_its_limits_as_others_do(self):
        def base(ax):
            ax.plot([0, 1], [0, 1])

        def over(ax, k):
            ax.set_rmax(9)

        with pytest.raises(ExplorerError, match="changes the y limits of panel 'ax'"):
            explore(base, over, panels={"ax": (4, 4, "polar")}, **SLIDER)

    def test_a_3d_panel_is_drawn_by_one_layer(self):
        def surface(ax, k):
            x, y = np.meshgrid([0, 1, 2], [0, 1, 2])
            ax.plot_surface(x, y, k * x * y)
            ax.set(zlabel="height", title="a surface")

        explorer = explore(surface, panels={"ax": (4, 4, "3d")}, **SLIDER)
        before = explorer.still_svg()
        assert {"height", "a surface"} <= set(words_of(before))
        explorer.controls["k"].value = 3
        assert explorer.error is None
        assert explorer.page_html().count("<path") > 9

    def test_a_second_layer_on_a_3d_panel_is_told_why_not(self):
        with pytest.raises(ValueError, match="'dot' draws over another on panel 'ax', which is 3"):
            explore(lambda ax: None, dot, name="a", panels={"ax": (4, 4, "3d")}, **SLIDER)

    def test_a_projection_that_does_not_exist_is_refused_with_those_that_do(self):
        with pytest.raises(ValueError, match=r"one of \[.*'polar'.*\], got 'round'"):
            explore(dot, panels={"ax": (4, 4, "round")}, **SLIDER)

    @pytest.mark.parametrize(
        ("call", "mend"),
        [
            (lambda ax: ax.plot_surface(1, 2, 3), "panels={'ax': (4, 4, '3d')}"),
            (lambda ax: ax.set_zlabel("z"), "panels={'ax': (4, 4, '3d')}"),
            (lambda ax: ax.set_theta_zero_location("N"), "panels={'ax': (4, 4, 'polar')}"),
        ],
    )
    def test_a_layer_that_needs_another_projection_is_told_how_to_get_it(self, call, mend):
        def base(ax):
            call(ax)

        with pytest.raises(ExplorerError, match=re.escape(mend)):
            explore(base)


def twin(ax):
    ax.plot([1, 2, 3])
    right = ax.twinx()
    right.plot([1000, 10])
    right.set_ylabel("further words")


def secondary(ax):
    ax.plot([1, 2])
    scale = ax.secondary_xaxis("top", functions=(lambda x: 2 * x, lambda x: x / 2))
    scale.set_xlabel("further words")


def colour_bar(ax):
    image = ax.imshow(np.arange(16).reshape(4, 4))
    ax.figure.colorbar(image, ax=ax, label="further words")


def inset(ax):
    ax.plot([1, 2, 3])
    ax.inset_axes((0.6, 0.1, 0.3, 0.3)).set_title("further words")


def above(ax):
    ax.plot([1, 2, 3])
    ax.figure.suptitle("further words")


def beside(ax):
    ax.plot([1, 2, 3])
    ax.figure.text(0.9, 0.5, "further words and many more")


@pytest.mark.parametrize("base", [twin, secondary, colour_bar, inset, above, beside])
def test_a_first_layer_may_add_further_axes_and_words(base):
    explorer = explore(base, dot, **SLIDER)
    still = explorer.still_svg()
    assert any(text.startswith("further words") for text in words_of(still))
    explorer.controls["k"].value = 3
    assert explorer.error is None
    assert explorer.still_svg() == still
    assert "further words" in explorer.page_html()


@pytest.mark.parametrize(
    "add",
    [
        inset,
        lambda ax: ax.secondary_yaxis("right").set_ylabel("further words"),
        lambda ax: ax.figure.colorbar(
            ax.scatter([0], [0], c=[1]),
            cax=ax.inset_axes((1.03, 0, 0.04, 1)),
            label="further words",
        ),
        beside,
    ],
    ids=["inset", "secondary", "colour bar in an inset", "text"],
)
def test_a_later_layer_may_add_what_takes_no_room_from_the_panel(add):
    def base(ax):
        ax.set(xlim=(0, 2), ylim=(0, 3))

    def over(ax, k):
        add(ax)
        ax.plot([k / 3], [1], "o")

    explorer = explore(base, over, dot, **SLIDER)
    still = explorer.still_svg()
    assert any(text.startswith("further words") for text in words_of(still))
    for k in (3, 1, 2):
        explorer.controls["k"].value = k
        assert explorer.error is None
    assert explorer.still_svg() == still == explore(base, over, dot, **SLIDER).still_svg()


def legend_beside(ax):
    for k in range(3):
        ax.plot([0, 1], [k, k], label=f"the long name of line {k}")
    ax.legend(bbox_to_anchor=(1.02, 1), loc="upper left")


def legend_below(ax):
    ax.plot([0, 1], label="a")
    ax.legend(bbox_to_anchor=(0.5, -0.2), loc="upper center")


def long_ticks(ax):
    ax.plot([0, 1], [0, 1])
    ax.set_yticks([0, 1], ["nothing at all of it", "the whole of it"])


def rotated(ax):
    ax.bar(["Monday morning", "Tuesday noon", "Wednesday night"], [1, 2, 3])
    ax.tick_params(axis="x", rotation=75)


def tall_title(ax):
    ax.plot([0, 1])
    ax.set_title("three lines\nof a title\nover the axes")


def wide_title(ax):
    ax.plot([0, 1])
    ax.set_title(
        "a title that is longer than the axes are wide, and then goes on for as long again"
    )


def multiline_label(ax):
    ax.plot([0, 1])
    ax.set(ylabel="a label\nof three\nlines", xlabel="and\nanother")


def note_outside(ax):
    ax.plot([0, 1])
    ax.annotate("a note", (1, 1), xytext=(1.1, 1.1), textcoords="axes fraction")


def key_of_arrows(ax):
    arrows = ax.quiver([0, 1], [0, 1], [1, 1], [0, 1])
    ax.quiverkey(arrows, 0.9, 1.03, 1, "one metre a second in this direction", labelpos="E")


STICKING_OUT = [
    legend_beside, legend_below, long_ticks, rotated, tall_title, wide_title, multiline_label,
    note_outside, key_of_arrows,
]  # fmt: skip


def edges(png):
    """How far the ink is from the left, the right, the top and the bottom, in pixels."""
    ink = imread(io.BytesIO(png))[..., :3].min(axis=2) < 0.9
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    height, width = ink.shape
    return columns[0], width - 1 - columns[-1], rows[0], height - 1 - rows[-1]


@pytest.mark.parametrize("base", STICKING_OUT)
def test_nothing_that_sticks_out_of_the_panel_is_cut(base):
    explorer = explore(base, dot, **SLIDER)
    box = view_box(explorer.still_svg())
    assert box[2] > 5.6 * 72 + 2 or box[3] > 3.6 * 72 + 2
    assert min(edges(explorer.still_png())) >= 1


@pytest.mark.parametrize("base", STICKING_OUT)
def test_a_later_layer_may_stick_out_too(base):
    def frame(ax):
        ax.set(xlim=(0, 1), ylim=(0, 3))

    def over(ax, k):
        ax.plot([0, 1], label="the long name of a line")
        ax.legend(bbox_to_anchor=(1.02, k / 3), loc="upper left")

    assert view_box(explore(frame, over, **SLIDER).still_svg())[2] > 5.6 * 72 + 20


def test_a_panel_with_room_enough_keeps_its_size():
    def base(ax):
        ax.plot([0, 1], label="a line")
        ax.set(xlabel="x", ylabel="y", title="a title")
        ax.legend()

    assert view_box(explore(base, dot, **SLIDER).still_svg()) == (0, 0, 403.2, 259.2)


def growing(ax, k):
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_yticks([0.5], ["a label that grows " * int(k)])


def test_on_a_page_no_state_is_cut_and_none_is_larger_than_another():
    page = explore(growing, dot, **SLIDER).page_html()
    largest = explore(growing, dot, k=linear(1, 3, 1, default=3)).still_svg()
    shown = view_box(page)
    assert shown == pytest.approx((-(view_box(largest)[2] - 403.2), 0, *view_box(largest)[2:]))


def test_in_a_kernel_the_ends_of_a_first_layers_slider_fit_from_the_start():
    explorer = explore(growing, dot, **SLIDER)

    def boxes():
        return {view_box(picture.value) for picture in explorer._view._pictures.values()}

    explorer.controls  # noqa: B018  makes the view
    first = boxes()
    for k in (3, 1):
        explorer.controls["k"].value = k
        assert boxes() == first
    assert len(first) == 1


def test_in_a_kernel_the_view_grows_for_a_later_layer_and_then_stays():
    def frame(ax):
        ax.set(xlim=(0, 1), ylim=(0, 1))

    def over(ax, k):
        ax.text(1.02, 0.5, "words " * int(k), transform=ax.transAxes)

    explorer = explore(frame, over, dot, k=linear(1, 9, 1, default=1))

    def widths():
        return {view_box(picture.value)[2] for picture in explorer._view._pictures.values()}

    (before,) = widths() if explorer.controls else ()
    explorer.controls["k"].value = 9
    (after,) = widths()
    assert after > before
    explorer.controls["k"].value = 1
    assert widths() == {after}


def test_words_that_run_away_with_the_data_do_not_blow_up_the_panel():
    def frame(ax):
        ax.set(xlim=(0, 1), ylim=(0, 1))

    def over(ax, k):
        ax.text(10.0**k, 0.5, "away")

    page = explore(frame, over, k=linear(0, 9, 1, default=0)).page_html()
    assert view_box(page)[2] < 403.2 + 80


@pytest.mark.parametrize("place", [(1.05, 0.5), (-0.6, 0.5), (0.5, 1.3), (0.5, -0.5)])
def test_lines_and_markers_of_a_legend_outside_are_drawn(place):
    def base(ax):
        ax.plot([0, 1], [0, 1], label="line")
        ax.plot([0, 1], [1, 0], "rs", label="marks")
        ax.legend(loc="lower left", bbox_to_anchor=place)

    svg = explore(base, dot, **SLIDER).still_svg()
    inside = explore(lambda ax: base(ax) or ax.legend(loc="center"), dot, **SLIDER).still_svg()
    assert not re.search(r"<path (?![^>]*\bd=)", svg)
    assert len(re.findall(r"<(?:path|use)\b", svg)) >= len(re.findall(r"<(?:path|use)\b", inside))


def test_a_line_that_leaves_its_axes_on_purpose_is_not_cut_at_the_panel():
    def base(ax):
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.plot([0.5, 1.2], [0.5, 0.5], clip_on=False)

    svg = explore(base, dot, **SLIDER).still_svg()
    ends = [float(x) for x in re.findall(r'd="M [\d.]+ [\d.]+L ([\d.]+) [\d.]+"', svg)]
    assert max(ends) > 450, "the panel ends at 403.2"


def drawn(draw):
    """What `draw` adds to axes, as SVG."""
    figure = Figure(figsize=(3, 2), dpi=72)
    draw(figure.add_axes((0, 0, 1, 1)))
    return fragment(figure, figure.axes[0].get_children(), "p").inside


def test_neighbours_are_clipped_together_and_others_by_themselves():
    def arrows(ax):
        ax.axis("off")
        ax.quiver(*np.meshgrid([0, 1, 2], [0, 1]), np.ones((2, 3)), np.eye(2, 3))
        ax.text(0.5, 0.5, "a < b")
        ax.plot([0, 1], [0, 1])

    svg = drawn(arrows)
    assert svg.count("<path") > 6
    assert re.findall(r'<(\w+)[^>]* clip-path="', svg) == ["g", "path"]
    group = re.search(r"<g clip-path=[^>]*>(.*?)</g>", svg)[1]
    assert group.count("<path") == 6


@pytest.mark.parametrize("tied", ['transform="translate(1 2)"', 'id="p7"'])
def test_what_is_moved_or_referred_to_keeps_its_own_clip(tied):
    clip = 'clip-path="url(#p0)"'
    parts = [f"<path {clip}/>", f"<path {tied} {clip}>", "<title>", "</title>", "</path>"]
    assert "".join(_clipped_once(parts)) == "".join(parts)
    twice = [f"<use {clip}/>", f"<g {clip}>", f"<path {clip}/>", "</g>", f"<path {tied} {clip}/>"]
    assert "".join(_clipped_once(twice)) == (
        f"<g {clip}><use/><g><path {clip}/></g></g><path {tied} {clip}/>"
    )
