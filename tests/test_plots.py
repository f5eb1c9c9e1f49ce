"""Drawing helpers: what is drawn is what was computed."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from downslope import plots
from downslope.landscapes import LANDSCAPES, bowl, ravine


@pytest.fixture
def ax():
    return Figure(figsize=(4, 3), dpi=72).add_subplot()


def drawn_arrows(ax):
    (quiver,) = [c for c in ax.collections if hasattr(c, "U")]
    return quiver.XY, np.stack([quiver.U, quiver.V], axis=1)


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
def test_a_map_shows_the_bounds_to_scale(ax, landscape):
    plots.contours(ax, landscape)
    for (low, high), (left, right) in zip(
        landscape.bounds, (ax.get_xlim(), ax.get_ylim()), strict=True
    ):
        assert left <= low
        assert right >= high
    pixels = ax.transData.transform([[0, 0], [1, 0], [0, 1]])
    assert pixels[1, 0] - pixels[0, 0] == pytest.approx(pixels[2, 1] - pixels[0, 1], rel=1e-6)


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
def test_arrows_point_down_the_exact_gradient(ax, landscape):
    plots.contours(ax, landscape)
    plots.field(ax, landscape)
    tails, vectors = drawn_arrows(ax)
    downhill = -landscape.gradient(tails.T).T
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(downhill, axis=1)
    seen = np.linalg.norm(downhill, axis=1) > 1e-6
    cosine = (vectors * downhill).sum(axis=1)[seen] / lengths[seen]
    assert seen.any()
    assert cosine.min() > 1 - 1e-6


def test_arrows_are_as_long_as_the_slope_is_steep_and_cut_only_beyond_longest(ax):
    plots.contours(ax, bowl)
    plots.field(ax, bowl, longest=4.0)
    tails, vectors = drawn_arrows(ax)
    slopes = np.linalg.norm(bowl.gradient(tails.T), axis=0)
    lengths = np.linalg.norm(vectors, axis=1)
    cell = min(np.diff(np.unique(along.round(9)))[0] for along in tails.T)
    expected = 0.95 * cell * np.minimum(slopes, 4.0) / 4.0
    assert np.allclose(lengths, expected, rtol=1e-3)


def test_a_tiny_h_gives_visibly_other_arrows(ax):
    plots.contours(ax, ravine)
    plots.field(ax, ravine, h=1e-4, longest=2.0)
    smooth = drawn_arrows(ax)[1]
    ax.collections[-1].remove()
    plots.field(ax, ravine, h=1e-15, longest=2.0)
    noisy = drawn_arrows(ax)[1]
    assert np.abs(noisy - smooth).max() > 0.1


@pytest.mark.parametrize(("x0", "x1"), [([1, 0], [0, 1]), ([0, 1], [1, 0]), ([1, 0], [1, 0])])
def test_arrows_keep_their_direction_whichever_way_the_coordinates_run(ax, x0, x1):
    plots.arrows(ax, x0, x1, np.ones((2, 2, 2)))
    assert (drawn_arrows(ax)[1] > 0).all()


def test_arrows_keep_their_direction_on_an_axis_that_is_upside_down(ax):
    ax.set(xlim=(0, 5), ylim=(0, 5))
    plots.field(ax, lambda x: x[0] + 0 * x[1])
    n_upright = len(drawn_arrows(ax)[1])
    ax.collections[-1].remove()
    ax.invert_yaxis()
    plots.field(ax, lambda x: x[0] + 0 * x[1])
    assert len(drawn_arrows(ax)[1]) == n_upright
    assert (drawn_arrows(ax)[1][:, 0] < 0).all()


def test_a_walk_is_drawn_up_to_the_point_where_it_leaves_for_good(ax):
    plots.contours(ax, bowl)
    plots.path(ax, [[1, 1], [2, 2], [1e300, 1e300], [np.inf, 0]])
    line = ax.lines[1]
    assert line.get_xydata().tolist() == [[1, 1], [2, 2]]


def test_a_long_walk_keeps_a_dot_for_each_step(ax):
    from downslope.explore.svg import fragment

    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    angles = np.linspace(0, 6, 200)
    plots.path(ax, np.stack([np.cos(angles), np.sin(angles)], axis=1) * 0.9)
    dots = ax.patches[0]
    assert fragment(ax.figure, [dots], "d").inside.count("M") == 200


def test_a_loss_curve_ends_where_it_is_not_finite_or_far_outside(ax):
    ax.set_ylim(0, 10)
    plots.loss_curve(ax, [5, 3, np.nan, 1])
    assert ax.lines[-1].get_ydata().tolist() == [5, 3]
    plots.loss_curve(ax, [5, 3, 1e6, 1])
    assert ax.lines[-1].get_ydata().tolist() == [5, 3]


def test_a_loss_curve_on_free_axes_is_drawn_whole(ax):
    plots.loss_curve(ax, [5, 3, 1e6, 1])
    assert ax.lines[-1].get_ydata().tolist() == [5, 3, 1e6, 1]


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (
            lambda ax: plots.path(ax, [1.0, 2.0]),
            r"points must have shape \(n_steps \+ 1, 2\), got \(2,\)",
        ),
        (lambda ax: plots.loss_curve(ax, [[1.0]]), r"losses must have shape \(n,\)"),
        (
            lambda ax: plots.arrows(ax, [0, 1], [0, 1, 2], np.zeros((2, 2, 3))),
            r"vectors must have shape \(2, 3, 2\), got \(2, 2, 3\)",
        ),
        (lambda ax: plots.path(ax, np.empty((0, 2))), "points must have shape"),
        (lambda ax: plots.contours(ax, lambda x: x), "landscape must be a Landscape"),
        (lambda ax: plots.contours(ax, bowl, n_levels=0), "n_levels must be at least 1"),
        (
            lambda ax: plots.arrows(ax, [0], [0, 1], np.zeros((2, 2, 1))),
            "x0 must be at least two numbers, all rising or all falling",
        ),
        (
            lambda ax: plots.arrows(ax, [0, 1], [1, 1], np.zeros((2, 2, 2))),
            "x1 must be at least two numbers, all rising or all falling",
        ),
        (
            lambda ax: plots.arrows(ax, [0, 1], [0, 1], np.zeros((2, 2, 2)), longest=0),
            "longest must be greater than 0",
        ),
    ],
)
def test_wrong_shapes_are_refused_by_name(ax, draw, says):
    with pytest.raises(ValueError, match=says):
        draw(ax)


def test_helpers_leave_the_points_they_are_given_alone(ax):
    points = np.array([[1.0, 1.0], [2.0, np.nan]])
    before = points.copy()
    plots.path(ax, points)
    assert np.array_equal(points, before, equal_nan=True)
