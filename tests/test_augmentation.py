"""Shifted images: every pixel where it should be, paper where there was none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope.augmentation import randomly_shifted, shifted
from downslope.datasets import load_digits


def images(*shape, dtype=np.float64):
    return np.arange(1, np.prod(shape) + 1, dtype=dtype).reshape(shape)


def slowly_shifted(image, rows, columns):
    """Pixel by pixel."""
    height, width = image.shape
    moved = np.zeros((height, width))
    for r, c in np.ndindex(height, width):
        if 0 <= r + rows < height and 0 <= c + columns < width:
            moved[r + rows, c + columns] = image[r, c]
    return moved


@given(rows=st.integers(-3, 3), columns=st.integers(-4, 4))
def test_every_pixel_goes_where_it_should_and_nothing_comes_round(rows, columns):
    x = images(2, 4, 5)
    expected = [slowly_shifted(image, rows, columns) for image in x]
    np.testing.assert_array_equal(shifted(x, rows, columns), expected)


@given(data=st.data())
def test_each_image_may_go_its_own_way_with_its_channels_together(data):
    ways = st.lists(st.integers(-2, 2), min_size=4, max_size=4)
    rows, columns = data.draw(ways), data.draw(ways)
    x = images(4, 3, 5, 6)
    moved = shifted(x, rows, np.array(columns, dtype=np.int8))
    for one, found, r, c in zip(x, moved, rows, columns, strict=True):
        np.testing.assert_array_equal(found, [slowly_shifted(channel, r, c) for channel in one])


def test_no_shift_is_a_copy():
    x = images(2, 3, 4)
    moved = shifted(x, 0, 0)
    np.testing.assert_array_equal(moved, x)
    assert not np.shares_memory(moved, x)


def test_a_shift_and_its_opposite_lose_what_went_over_the_edge_and_nothing_else():
    digits = load_digits().images[:50]
    back = shifted(shifted(digits, 1, -2), -1, 2)
    np.testing.assert_array_equal(back[:, :-1, 2:], digits[:, :-1, 2:])
    assert not back[:, -1].any()
    assert not back[:, :, :2].any()


def test_random_shifts_are_all_there_are_and_equally_likely():
    x = np.zeros((9000, 5, 5))
    x[:, 2, 2] = 1
    moved = randomly_shifted(x, 1, np.random.default_rng(0))
    assert (moved.sum(axis=(1, 2)) == 1).all()
    counts = moved.sum(axis=0)
    assert counts[1:4, 1:4].sum() == 9000
    np.testing.assert_allclose(counts[1:4, 1:4], 1000, atol=150)  # 5 standard deviations


def test_the_same_state_of_the_generator_moves_images_alike():
    x = images(6, 2, 4, 5)
    first, again = (randomly_shifted(x, 2, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    single = randomly_shifted(x.astype(np.float32), 2, np.random.default_rng(3))
    np.testing.assert_array_equal(single, first)
    assert single.dtype == np.float32
    assert (randomly_shifted(x, 2, np.random.default_rng(4)) != first).any()


def test_images_are_never_written_to_and_keep_their_precision():
    for dtype in (np.float32, np.float64):
        x = images(3, 4, 4, dtype=dtype)
        x.flags.writeable = False
        for moved in (shifted(x, 1, 2), randomly_shifted(x, 1, np.random.default_rng(0))):
            assert moved.dtype == dtype
            moved[:] = 0
    assert shifted([[[1, 2], [3, 4]]], 0, 1).dtype == np.float64


def test_no_images_stay_none():
    assert shifted(np.ones((0, 3, 3)), 1, 1).shape == (0, 3, 3)
    assert randomly_shifted(np.ones((0, 1, 3, 3)), 1, np.random.default_rng(0)).shape == (
        0,
        1,
        3,
        3,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": np.ones((3, 64))}, r"images must have shape .*height, width\), got \(3, 64\)"),
        ({"images": np.ones((3, 0, 4))}, "images must have shape"),
        ({"images": [["a"]]}, "images must hold real numbers"),
        ({"rows": 1.0}, "rows must be a whole number, or 3 of them, one an image, got 1.0"),
        ({"rows": True}, "rows must be a whole number"),
        ({"columns": [1, 2]}, "columns must be a whole number, or 3 of them"),
        ({"columns": [[1], [2, 3]]}, "columns must be a whole number, or 3 of them"),
        ({"columns": None}, "columns must be a whole number"),
        ({"rows": 4}, "rows must be from -3 to 3, got 4"),
        ({"columns": [0, 0, -5]}, "columns must be from -4 to 4"),
        ({"rows": np.int64(-(2**63))}, "rows must be from -3 to 3"),
        ({"rows": np.array([0, 1, 200], np.uint8)}, "rows must be from -3 to 3"),
    ],
)
def test_shifts_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        shifted(**{"images": images(3, 4, 5), "rows": 1, "columns": 1, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": np.ones((3, 64))}, "images must have shape"),
        ({"most": 4}, "most must be less than 4, got 4"),
        ({"most": -1}, "most must be at least 0"),
        ({"most": 0.5}, "most must be a whole number"),
        ({"rng": 0}, "rng must be a numpy.random.Generator"),
    ],
)
def test_random_shifts_that_cannot_be_are_refused(change, message):
    sound = {"images": images(3, 4, 5), "most": 1, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=message):
        randomly_shifted(**{**sound, **change})
