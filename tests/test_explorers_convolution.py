"""What chapter 7 tells its readers to find in its figures is there to find."""

import re
from itertools import product

import numpy as np
import pytest
from matplotlib.figure import Figure

from downslope import explorers
from downslope.augmentation import shifted
from downslope.convolution import Convolution, MaxPooling
from downslope.datasets import load_digits, train_test_split
from downslope.explorers import convolution as chapter
from downslope.explorers.convolution import FILTERS, PADDINGS, STRIDES, trained_pair
from downslope.networks import ConvolutionalNet, DeepNet
from downslope.optimizers import Momentum
from downslope.training import train

INK = np.rint(16 * load_digits().images[4]).astype(int)
POSITIONS = range(-1, 9)
WAYS = range(-2, 3)


def set_all(explorer, **state):
    for name, value in state.items():
        explorer.controls[name].value = value
    return explorer.readout


def says(explorer, layer):
    """What one layer says, as a function of its controls: quicker than moving the sliders."""
    drawn = next(found for found in explorer._layers if found.name == layer)
    return lambda *panels, **state: drawn.draw(*panels, **state)


def number(text):
    return float(text.replace("−", "-"))


@pytest.fixture(scope="module")
def over_digit():
    return explorers.filter_over_digit()


@pytest.fixture(scope="module")
def digit():
    return explorers.shifted_digit()


@pytest.fixture(scope="module")
def learning():
    return explorers.filters_in_training()


def sum_by_hand(W, divisor, row, column):
    """The sum of a window around a pixel, with nothing but the digit's own numbers."""
    total = 0
    for p, q in product(range(3), range(3)):
        i, j = row + p - 1, column + q - 1
        if 0 <= i < 8 and 0 <= j < 8:
            total += W[p][q] * INK[i, j]
    return total / divisor


def test_the_sum_is_written_out_and_is_that_of_the_window_at_every_position(over_digit):
    say, zeros = says(over_digit, "sum_of_products"), 0
    for (W, divisor), row, column in product(FILTERS.values(), POSITIONS, POSITIONS):
        said = say(row=row, column=column, filter=(W, divisor))
        expected = sum_by_hand(W, divisor, row, column)
        if "all nine products are 0" in said:
            zeros += 1
            assert expected == 0
            continue
        written, total = re.search(r": (.*) = (−?[\d.]+)[.;]", said).groups()
        counted = eval(written.replace("−", "-").replace("·", "*"))
        assert counted == pytest.approx(expected)
        assert number(total) == pytest.approx(expected, abs=0.0501)
        rest = re.search(r"the other (\d) product", said)
        assert written.count("·") + (int(rest[1]) if rest else 0) == 9
    assert zeros  # corners of the paper, where nothing is written


def test_beside_the_digit_stands_the_ink_that_lies_under_the_filter(over_digit):
    draw = says(over_digit, "under_it")
    for row, column in product((-1, 0, 4, 8), repeat=2):
        ax = Figure().add_subplot()
        draw(ax, row=row, column=column)
        written = [int(text.get_text()) for text in ax.texts]
        W = np.arange(1, 10).reshape(3, 3)
        assert len(written) == 9
        assert W.ravel() @ written == sum_by_hand(W, 1, row, column)


def test_no_product_of_a_zero_is_written_out(over_digit):
    say = says(over_digit, "sum_of_products")
    for filter, row, column in product(FILTERS.values(), POSITIONS, POSITIONS):
        assert not re.search(r"·0\b|\b0·", say(row=row, column=column, filter=filter))


def places_of(over_digit, stride, padding):
    """For each position at which the window stops, its place."""
    say, ax, found = says(over_digit, "place"), Figure().subplots(), {}
    for row, column in product(POSITIONS, POSITIONS):
        said = say(ax, row=row, column=column, stride=stride, padding=padding)
        if place := re.search(r"place \((\d), (\d)\)", said):
            found[row, column] = tuple(map(int, place.groups()))
        else:
            assert "not in the map" in said
    assert len(ax.patches) == len(found)
    return found


@pytest.mark.parametrize(("stride", "padding"), [*product(STRIDES, PADDINGS)])
def test_the_window_stops_where_the_layer_has_a_place_and_there_its_sum_is_in_the_map(
    over_digit, stride, padding
):
    W, divisor = FILTERS["corner like an L"]
    layer = Convolution(np.array([[W]], dtype=float), np.zeros(1), stride, padding)
    y = layer.forward(INK[np.newaxis, np.newaxis].astype(float))[0, 0]
    found = places_of(over_digit, stride, padding)
    assert sorted(found.values()) == sorted(np.ndindex(y.shape))
    for (row, column), place in found.items():
        assert y[place] == sum_by_hand(W, divisor, row, column)


@pytest.mark.parametrize(("stride", "padding"), [*product(STRIDES, PADDINGS)])
def test_rows_that_are_said_to_be_dropped_are_those_whose_gradient_is_zero(
    over_digit, stride, padding
):
    layer = Convolution(np.ones((1, 1, 3, 3)), np.zeros(1), stride)
    y = layer.forward(np.zeros((1, 1, 8 + 2 * padding, 8 + 2 * padding)))
    reached = layer.backward(np.ones(y.shape))[0, 0].any(axis=1)
    dropped = np.flatnonzero(~reached) - padding
    said = says(over_digit, "size_of_map")(stride=stride, padding=padding)
    assert f"gives {y.shape[2]} by {y.shape[3]} places" in said
    assert ("floored" in said) == ("in none" in said) == bool(dropped.size)
    listed = re.search(r"columns? ([\d and]+)", said)
    assert (re.findall(r"\d", listed[1]) if listed else []) == [*map(str, dropped)]
    assert ("of the padding" in said) == bool(dropped.size and dropped.min() >= 8)


def test_the_corner_is_not_flipped_and_answers_an_l_more_than_an_l_upside_down(over_digit):
    W = np.array(FILTERS["corner like an L"][0])
    assert not np.array_equal(W, W[::-1, ::-1])
    corner = np.array([[16, 0, 0], [16, 0, 0], [16, 16, 16]])
    answers = [chapter._sums(image, W, 1, 0).item() for image in (corner, corner[::-1, ::-1])]
    assert answers == [16 * 5, 16 * (2 - 3)]
    said = set_all(over_digit, filter="corner like an L", row=4, column=3)
    assert "= 42;" in said


def test_a_sum_without_a_place_is_told_from_a_window_that_sticks_out(over_digit):
    said = set_all(over_digit, stride=1, padding=0, row=0, column=3)
    assert "sticks out" in said
    said = set_all(over_digit, stride=1, padding=1, row=0, column=3)
    assert "place (0, 3)" in said
    said = set_all(over_digit, stride=3, padding=1, row=1, column=3)
    assert "only in rows and columns 0, 3 and 6" in said


def data_of(seed, order):
    digits = load_digits()
    rng = np.random.default_rng(seed)
    return train_test_split(digits.pixels[:, order], digits.labels, 0.2, rng)


def test_a_pair_is_what_its_docstring_says_it_is():
    order = np.random.default_rng(3).permutation(64)
    x, x_test, t, t_test = data_of(1, order)
    two_layer = DeepNet(64, 50, 10, 2, rng=np.random.default_rng(1))
    convolutional = ConvolutionalNet(
        (1, 8, 8), 8, None, 10, rng=np.random.default_rng(1), filter_size=3
    )
    images, images_test = x.reshape(-1, 1, 8, 8), x_test.reshape(-1, 1, 8, 8)
    for network, data in (
        (two_layer, (x, x_test, t, t_test)),
        (convolutional, (images, images_test, t, t_test)),
    ):
        train(network, data, Momentum(0.1), 50, 15, np.random.default_rng(1), progress=False)
    pair = trained_pair(1, order=order)
    assert np.array_equal(pair.images, images_test[:, 0])
    expected = [convolutional.accuracy(images_test, t_test), two_layer.accuracy(x_test, t_test)]
    np.testing.assert_allclose(pair.accuracies(), expected, atol=0.003)  # a digit may tip


def test_one_shuffle_costs_the_convolutional_network_and_not_the_other():
    found = explorers.accuracies_when_shuffled(range(2))
    lost = found[..., 0] - found[..., 1]
    assert lost[:, 0].mean() > 0.01
    assert abs(lost[:, 1].mean()) < 0.01


def test_a_shift_costs_both_networks_and_the_convolutional_one_less():
    found = explorers.accuracies_when_shifted(range(3), most=2)
    assert found.shape == (3, 2, 5, 5)
    one_away = [(1, 2), (3, 2), (2, 1), (2, 3)]
    one = np.stack([found[..., row, column] for row, column in one_away]).mean(axis=0)
    unmoved = found[..., 2, 2]
    assert (one < unmoved - 0.25).all()
    assert (one[:, 0] > one[:, 1] + 0.05).all()
    assert found[..., 2, 3] == pytest.approx(
        np.array([trained_pair(seed).accuracies(columns=1) for seed in range(3)])
    )


def test_filters_that_stay_as_drawn_are_nearly_as_good():
    found = explorers.accuracies_when_filters_stay(range(3))
    learned, stayed = found.mean(axis=0)
    assert stayed + 0.005 < learned < stayed + 0.04


def test_where_filters_stay_only_the_affine_layer_learns():
    run, _ = chapter._filters_stay(0)
    first = chapter._new_convolutional(0)
    assert not np.array_equal(run.network.layers[0].W, first.layers[-1].W)
    learned = chapter._convolutional_run(0, chapter.IN_PLACE).epochs
    assert np.array_equal(learned[0]["W1"], first.layers[0].W)
    assert np.abs(learned[-1]["W1"] - first.layers[0].W).max() > 0.5


@pytest.mark.parametrize("order", [range(63), [0] * 64, np.arange(64) / 2, "shuffled"])
def test_an_order_that_does_not_name_every_pixel_once_is_refused(order):
    with pytest.raises(ValueError, match="order must have each of the whole numbers 0 to 63 once"):
        trained_pair(0, order=order)


def test_seeds_and_ways_that_are_none_are_refused():
    with pytest.raises(ValueError, match="seed must be"):
        trained_pair(-1)
    with pytest.raises(ValueError, match="most must be less than 8, got 8"):
        explorers.accuracies_when_shifted([0], most=8)


def test_a_map_moves_along_with_the_digit_wherever_both_are_in_sight():
    pair = trained_pair(0)
    layer, image = pair.convolutional.layers[0], pair.images[chapter._typical(pair)]
    for number, rows, columns in product(range(8), WAYS, WAYS):
        moved = shifted(image[np.newaxis], rows, columns)[0]
        y, expected = (chapter._maps(layer, x, number) for x in (moved, image))
        down, across = np.abs(rows), np.abs(columns)
        inner = shifted(expected[np.newaxis], rows, columns)[0]
        seen = shifted(np.ones((1, 6, 6)), rows, columns)[0] > 0
        assert seen.sum() == (6 - down) * (6 - across)
        np.testing.assert_allclose(y[seen], inner[seen], atol=1e-12)


def test_pooling_changes_less_than_the_map_under_a_shift_by_one_over_all_digits():
    pair = trained_pair(0)
    layer = pair.convolutional.layers[0]

    def maps(images):
        y = np.maximum(layer.forward(images[:, np.newaxis]), 0)
        return y, MaxPooling(2).forward(y)

    before = maps(pair.images)
    for way in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        after = maps(shifted(pair.images, *way))
        full, pooled = (np.abs(a - b).sum() / b.sum() for a, b in zip(after, before, strict=True))
        assert pooled < 0.6 * full


def test_the_digit_that_moves_is_as_hard_as_most(digit):
    pair = trained_pair(0)
    chosen = chapter._typical(pair)
    right = np.array([chapter._right(pair, *way) for way in product(WAYS, WAYS)])
    usual = np.rint(right.sum(axis=0).mean(axis=1))
    assert np.array_equal(right[..., chosen].sum(axis=0), usual)
    assert right[12, :, chosen].all()
    say, counted = says(digit, "verdicts"), np.zeros(2)
    for rows, columns in product(WAYS, WAYS):
        moved = shifted(pair.images[[chosen]], rows, columns)[0]
        words = re.findall(r"\), (\w+)[;.]", say(rows=rows, columns=columns, moved=moved))
        counted += [word == "right" for word in words]
    assert np.array_equal(counted, usual)


def test_it_says_of_how_many_digits_each_network_is_right_where_this_one_is(digit):
    for rows, columns in ((0, 0), (-1, 0), (2, -2)):
        said = set_all(digit, rows=rows, columns=columns)
        percents = map(int, re.search(r"get (\d+) % and (\d+) % right", said).groups())
        expected = trained_pair(0).accuracies(rows, columns)
        assert [*percents] == pytest.approx(100 * expected, abs=0.51)
    assert said.startswith("Moved 2 rows down and 2 columns left:")
    assert set_all(digit, rows=0, columns=0).startswith("In its place:")


def test_filters_in_training_says_what_was_measured(learning):
    said = set_all(learning, learning="learn", epoch=15)
    shown, mean = re.search(r"new digits ([\d.]+)\. .*: ([\d.]+) with filters", said).groups()
    ends = explorers.accuracies_when_filters_stay(range(5))
    assert float(shown) == pytest.approx(ends[0, 0], abs=0.0006)
    assert float(mean) == pytest.approx(ends[:, 0].mean(), abs=0.0006)
    said = set_all(learning, learning="stay as drawn")
    assert f"new digits {ends[0, 1]:.3f}." in said
    assert set_all(learning, epoch=0).startswith("Before the first epoch, filters as drawn:")


def test_before_the_first_epoch_both_kinds_are_the_same(learning):
    found = {
        set_all(learning, learning=kind, epoch=0).partition(": ")[2].partition(". In")[0]
        for kind in ("learn", "stay as drawn")
    }
    assert len(found) == 1


def test_learned_filters_win_for_every_one_of_five_seeds_but_by_little():
    learned, stayed = explorers.accuracies_when_filters_stay(range(5)).T
    assert (learned > stayed).all()
    assert (learned - stayed).max() < 0.04


def test_the_largest_sum_of_the_corner_and_the_lowest_of_the_spot_are_around_one_pixel():
    inner = [*product(range(1, 7), repeat=2)]
    corner, spot = (
        {at: sum_by_hand(*FILTERS[name], *at) for at in inner}
        for name in ("corner like an L", "spot")
    )
    assert max(corner, key=corner.get) == min(spot, key=spot.get) == (4, 4)
    assert (corner[4, 4], corner[4, 3], spot[4, 4]) == (45, 42, -95)
    W, _ = FILTERS["corner like an L"]
    products = np.array(W) * INK[3:6, 3:6]
    assert products[products < 0].sum() == products[:, 2].sum() - products[2, 2] == -25


def changed(digit, **state):
    """How much the map and the pooled map have changed, in percent."""
    said = set_all(digit, **state)
    return [*map(int, re.search(r"changed by (\d+) %, after pooling by (\d+) %", said).groups())]


def test_pooling_forgives_a_part_of_most_shifts_and_one_filter_has_nothing_of_it(digit):
    assert changed(digit, rows=-1, columns=0, filter=4) == pytest.approx([120, 60], abs=1)
    found = {f: changed(digit, rows=0, columns=1, filter=f) for f in range(1, 9)}
    assert [f for f, (full, pooled) in found.items() if pooled >= full] == [2]
    assert found[7] == pytest.approx([139, 19], abs=1)


def test_moved_by_one_pixel_the_convolutional_network_leads_and_by_two_rows_both_guess():
    found = explorers.accuracies_when_shifted([0], most=2)[0]
    ahead = found[0] - found[1]
    for one in ((1, 2), (3, 2), (2, 1), (2, 3)):
        assert ahead[one] > 0.03
    assert found[:, [0, 4]].max() < 0.15


def test_filters_as_drawn_lead_after_one_epoch_and_learned_ones_after_three(learning):
    def new(kind, epoch):
        said = set_all(learning, learning=kind, epoch=epoch)
        return float(re.search(r"new digits ([\d.]+)\.", said)[1])

    assert new("stay as drawn", 1) > new("learn", 1) + 0.1
    assert new("learn", 3) > new("stay as drawn", 3) + 0.02


def test_the_filter_that_hardly_changes_is_all_against_ink():
    epochs = chapter._convolutional_run(0, chapter.IN_PLACE).epochs
    moved = np.abs(epochs[-1]["W1"] - epochs[0]["W1"]).max(axis=(1, 2, 3))
    assert moved.argmin() == 1
    assert (epochs[-1]["W1"][1] < 0).all()
