"""Convolution and pooling: against loops written from the formulas, differences, and PyTorch."""

import copy
import pickle
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from downslope.convolution import output_size
from downslope.differentiation import check_gradient
from downslope.layers import Convolution, Flatten, MaxPooling, ReLU
from torch_convolution import STORED, our_pass

SEEDS = st.integers(0, 2**32 - 1)
SIDES = st.tuples(st.integers(1, 8), st.integers(1, 8))


def convolution(rng, channels=2, n_filters=3, size=3, **how):
    W = rng.normal(size=(n_filters, channels, size, size))
    return Convolution(W, rng.normal(size=n_filters), **how)


def places(sides, size, stride):
    """Upper left corners of all windows, and where each stands in the output."""
    down, across = (range(0, n - size + 1, stride) for n in sides)
    return product(enumerate(down), enumerate(across))


def slow_convolution(layer, x):
    """The formula, one sum after the other."""
    W, b = layer.W, layer.b
    x = np.pad(x, ((0, 0), (0, 0), (layer.padding,) * 2, (layer.padding,) * 2))
    size, shape = W.shape[2], [len(range(0, n - W.shape[2] + 1, layer.stride)) for n in x.shape[2:]]
    y = np.empty((len(x), len(W), *shape))
    for m, f in np.ndindex(len(x), len(W)):
        for (i, top), (j, left) in places(x.shape[2:], size, layer.stride):
            y[m, f, i, j] = b[f] + sum(
                W[f, c, p, q] * x[m, c, top + p, left + q] for c, p, q in np.ndindex(W.shape[1:])
            )
    return y


def slow_pooling(layer, x, upstream_of):
    """The largest of each window, and what it is given back, the first where there are several."""
    sides, size = x.shape[2:], layer.size
    shape = [len(range(0, n - size + 1, layer.stride)) for n in sides]
    y, dx = np.empty((*x.shape[:2], *shape)), np.zeros(x.shape)
    upstream = upstream_of(y.shape)
    for m, c in np.ndindex(x.shape[:2]):
        for (i, top), (j, left) in places(sides, size, layer.stride):
            window = x[m, c, top : top + size, left : left + size]
            p, q = divmod(window.argmax(), size)
            y[m, c, i, j] = window[p, q]
            dx[m, c, top + p, left + q] += upstream[m, c, i, j]
    return y, upstream, dx


@given(
    seed=SEEDS,
    sides=SIDES,
    size=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    channels=st.integers(1, 3),
)
def test_convolution_is_the_sum_of_the_formula(seed, sides, size, stride, padding, channels):
    assume(size <= min(sides) + 2 * padding)
    rng = np.random.default_rng(seed)
    layer = convolution(rng, channels, 2, size, stride=stride, padding=padding)
    x = rng.normal(size=(2, channels, *sides))
    np.testing.assert_allclose(layer.forward(x), slow_convolution(layer, x), atol=1e-12)


#: Sides of the images, size of the filter, stride, padding; dropped and padded rows among them.
WINDOWS = [
    ((5, 4), 3, 1, 0),
    ((4, 5), 2, 1, 1),
    ((6, 7), 3, 2, 0),
    ((5, 6), 3, 2, 1),
    ((7, 8), 3, 3, 0),
    ((5, 5), 2, 3, 2),
    ((3, 3), 3, 1, 2),
    ((3, 2), 1, 1, 0),
]


@pytest.mark.parametrize(("sides", "size", "stride", "padding"), WINDOWS)
@pytest.mark.parametrize("channels", [1, 2])
def test_convolution_agrees_with_differences(sides, size, stride, padding, channels):
    rng = np.random.default_rng(size + stride)
    layer = convolution(rng, channels, 3, size, stride=stride, padding=padding)
    x = rng.normal(size=(2, channels, *sides))
    upstream = rng.normal(size=layer.forward(x).shape)
    gradient = layer.backward(upstream)

    def loss(x=x, W=layer.W, b=layer.b):
        return np.sum(Convolution(W, b, stride, padding).forward(x) * upstream)

    assert check_gradient(lambda x: loss(x=x), gradient, x)
    assert check_gradient(lambda W: loss(W=W), layer.dW, layer.W)
    assert check_gradient(lambda b: loss(b=b), layer.db, layer.b)


def test_the_comparison_with_differences_notices_filters_that_are_turned():
    rng = np.random.default_rng(0)
    layer, x = convolution(rng), rng.normal(size=(2, 2, 5, 5))
    turned = Convolution(layer.W[:, :, ::-1, ::-1], layer.b)
    upstream = rng.normal(size=layer.forward(x).shape)
    turned.forward(x)
    wrong = turned.backward(upstream)
    assert not check_gradient(lambda x: np.sum(layer.forward(x) * upstream), wrong, x)


def test_a_filter_is_not_turned_on_the_way_there_and_is_on_the_way_back():
    W, one = np.arange(9.0).reshape(1, 1, 3, 3), np.zeros((1, 1, 5, 5))
    one[0, 0, 2, 2] = 1
    layer = Convolution(W, np.zeros(1))
    np.testing.assert_array_equal(layer.forward(one), W[:, :, ::-1, ::-1])
    upstream = np.zeros((1, 1, 3, 3))
    upstream[0, 0, 1, 1] = 1
    dx = layer.backward(upstream)
    np.testing.assert_array_equal(dx[:, :, 1:4, 1:4], W)
    assert dx.sum() == W.sum()


@pytest.mark.parametrize("name", STORED)
def test_convolution_and_pooling_have_the_numbers_of_pytorch(name):
    ours = our_pass(name)
    assert ours.keys() == STORED[name].keys()
    for key, array in STORED[name].items():
        np.testing.assert_array_equal(ours[key], array, err_msg=key)


def test_shifting_an_image_shifts_what_the_filters_see():
    rng = np.random.default_rng(0)
    layer, x = convolution(rng), rng.normal(size=(1, 2, 8, 8))
    y, moved = layer.forward(x), layer.forward(np.roll(x, (1, 2), axis=(2, 3)))
    np.testing.assert_allclose(moved[:, :, 1:, 2:], y[:, :, :-1, :-2], atol=1e-12)


@given(
    n=st.integers(1, 30),
    size=st.integers(1, 6),
    stride=st.integers(1, 5),
    padding=st.integers(0, 3),
)
def test_the_output_size_counts_the_places_of_a_window(n, size, stride, padding):
    whole = n + 2 * padding
    assume(size <= whole)
    found = output_size(n, size, stride, padding)
    assert found == len(range(0, whole - size + 1, stride))
    reached = (found - 1) * stride + size
    assert whole - reached == (whole - size) % stride  # what is dropped


def test_what_a_stride_does_not_reach_changes_nothing_and_is_given_no_gradient():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 2, 6, 6))
    changed = x.copy()
    changed[:, :, 5], changed[:, :, :, 5] = 99, 99
    for layer in (convolution(rng, stride=2), MaxPooling(3, 2), MaxPooling(5)):
        y = layer.forward(changed)
        np.testing.assert_array_equal(y, layer.forward(x))
        dx = layer.backward(np.ones_like(y))
        assert not dx[:, :, 5].any()
        assert not dx[:, :, :, 5].any()
        assert dx.any()


@given(
    seed=SEEDS,
    sides=SIDES,
    size=st.integers(1, 4),
    stride=st.none() | st.integers(1, 5),
    levels=st.sampled_from([1, 2, 4, 1000]),
)
def test_pooling_takes_the_largest_and_gives_back_to_the_first_of_them(
    seed, sides, size, stride, levels
):
    assume(size <= min(sides))
    rng, layer = np.random.default_rng(seed), MaxPooling(size, stride)
    x = rng.integers(0, levels, (2, 2, *sides)) - levels / 2
    y, upstream, dx = slow_pooling(layer, x, lambda shape: rng.integers(-9, 9, shape))
    np.testing.assert_array_equal(layer.forward(x), y)
    np.testing.assert_array_equal(layer.backward(upstream), dx)


@pytest.mark.parametrize(
    ("sides", "size", "stride"), [((6, 4), 2, 2), ((5, 7), 3, 1), ((7, 5), 2, 3)]
)
def test_pooling_agrees_with_differences_where_no_two_numbers_are_alike(sides, size, stride):
    rng, layer = np.random.default_rng(0), MaxPooling(size, stride)
    x = rng.permutation(2 * 2 * sides[0] * sides[1]).reshape(2, 2, *sides) / 10
    upstream = rng.normal(size=layer.forward(x).shape)
    dx = layer.backward(upstream)
    assert check_gradient(lambda x: np.sum(MaxPooling(size, stride).forward(x) * upstream), dx, x)


def test_of_a_window_all_alike_the_first_number_has_the_gradient():
    layer = MaxPooling(2)
    layer.forward(np.zeros((1, 1, 2, 2)))
    np.testing.assert_array_equal(layer.backward(np.ones((1, 1, 1, 1))), [[[[1, 0], [0, 0]]]])
    layer.forward(np.array([[[[0.0, 7.0], [7.0, 0.0]]]]))
    np.testing.assert_array_equal(layer.backward(np.ones((1, 1, 1, 1))), [[[[0, 1], [0, 0]]]])


def test_relu_and_pooling_commute_forward_and_backward():
    rng = np.random.default_rng(0)
    x, upstream = rng.normal(size=(3, 2, 7, 6)), rng.normal(size=(3, 2, 3, 3))
    found = []
    for layers in ((ReLU(), MaxPooling(2)), (MaxPooling(2), ReLU())):
        first, second = layers
        y = second.forward(first.forward(x))
        found.append((y, first.backward(second.backward(upstream))))
    (y, dx), (y_other, dx_other) = found
    assert (y == 0).any()
    np.testing.assert_array_equal(y, y_other)
    np.testing.assert_array_equal(dx, dx_other)


def test_flatten_puts_one_channel_after_the_other_and_back():
    layer, x = Flatten(), np.arange(24.0).reshape(2, 3, 2, 2)
    y = layer.forward(x)
    np.testing.assert_array_equal(y, np.arange(24.0).reshape(2, 12))
    np.testing.assert_array_equal(layer.backward(y), x)
    as_seen = x.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(layer.forward(as_seen)[1], as_seen[1].ravel())
    assert layer.forward(np.ones(3)).shape == (3, 1)


MAKERS = {
    "convolution": lambda: convolution(np.random.default_rng(0), 2, 2, 3),
    "padded": lambda: convolution(np.random.default_rng(0), 2, 2, 2, stride=2, padding=1),
    "pooling": lambda: MaxPooling(2),
    "pooling of one": lambda: MaxPooling(1),
    "overlapping": lambda: MaxPooling(3, 1),
    "flatten": Flatten,
}
EACH = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def images(dtype=np.float64, seed=2):
    return np.random.default_rng(seed).normal(size=(3, 2, 4, 5)).astype(dtype)


@EACH
def test_what_is_handed_in_is_neither_written_to_nor_handed_out(make):
    layer, x = make(), images()
    upstream = np.ones_like(layer.forward(x))
    x.flags.writeable = upstream.flags.writeable = False
    for found in (layer.forward(x), layer.backward(upstream)):
        assert not np.shares_memory(found, x)
        assert not np.shares_memory(found, upstream)
        found[...] = 99  # nobody else needs it


@EACH
def test_what_a_caller_does_to_an_output_does_not_change_the_backward(make):
    layer, untouched, x = make(), make(), images()
    y = untouched.forward(x)
    layer.forward(x)[...] = 99
    np.testing.assert_array_equal(layer.backward(y), untouched.backward(y))
    np.testing.assert_array_equal(layer.backward(y), untouched.backward(y))
    for name, gradient in getattr(untouched, "gradients", {}).items():
        np.testing.assert_array_equal(layer.gradients[name], gradient)


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_layer_stays_in_the_dtype_it_is_given(make, dtype):
    layer = make()
    for name, array in getattr(layer, "parameters", {}).items():
        layer.parameters[name] = array.astype(dtype)
    y = layer.forward(images(dtype))
    found = [y, layer.backward(y), *getattr(layer, "gradients", {}).values()]
    assert {array.dtype for array in found} == {np.dtype(dtype)}


@EACH
def test_memory_in_another_order_gives_the_same_numbers(make):
    layer, x = make(), images()
    y = layer.forward(x)
    dx, as_stored = layer.backward(y), np.asfortranarray
    np.testing.assert_array_equal(layer.forward(as_stored(x)), y)
    np.testing.assert_array_equal(layer.backward(as_stored(y)), dx)


@EACH
def test_lists_and_integers_are_as_good_as_arrays_of_floats(make):
    layer, whole = make(), np.arange(120).reshape(3, 2, 4, 5) % 7
    y = layer.forward(whole.astype(float))
    np.testing.assert_array_equal(layer.forward(whole.tolist()), y)
    upstream = np.arange(y.size).reshape(y.shape)
    np.testing.assert_array_equal(layer.backward(upstream.tolist()), layer.backward(upstream * 1.0))


@EACH
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_remembers_what_the_layer_does_and_lives_on_its_own(make, copied):
    layer, x = make(), images()
    y = layer.forward(x)
    other = copied(layer)
    dx = layer.backward(y)
    layer.forward(images(seed=3))
    np.testing.assert_array_equal(other.backward(y), dx)


@EACH
def test_no_images_are_as_good_as_some(make):
    layer = make()
    y = layer.forward(np.ones((0, 2, 4, 5)))
    assert y.shape[1:] == layer.forward(images()).shape[1:]
    layer.forward(np.ones((0, 2, 4, 5)))
    assert layer.backward(y).shape == (0, 2, 4, 5)


@EACH
def test_backward_before_forward_is_refused(make):
    with pytest.raises(ValueError, match="backward needs a forward before it"):
        make().backward(images())


@EACH
def test_an_upstream_gradient_of_another_shape_is_refused(make):
    layer = make()
    y = layer.forward(images())
    for wrong in (y[:1], y[..., :1], y.reshape(-1)):
        with pytest.raises(ValueError, match=r"upstream must have shape \(3, .*as the output, got"):
            layer.backward(wrong)
    with pytest.raises(ValueError, match="upstream must hold real numbers"):
        layer.backward(None)


def test_only_the_half_of_backward_that_keeps_gradients_is_asked_of_a_first_layer():
    layer, x = MAKERS["padded"](), images()
    upstream = layer.forward(x)
    layer.keep_gradients(upstream)
    kept = layer.gradients
    layer.backward(upstream)
    for name, gradient in layer.gradients.items():
        np.testing.assert_array_equal(kept[name], gradient)
    with pytest.raises(ValueError, match="needs a forward"):
        MAKERS["padded"]().keep_gradients(upstream)


def test_filters_can_be_replaced_and_read_by_name():
    layer = MAKERS["convolution"]()
    assert layer.dW is layer.db is None
    layer.W = np.zeros_like(layer.W)
    y = layer.forward(images())
    assert (y == layer.b[:, np.newaxis, np.newaxis]).all()
    layer.backward(y)
    assert layer.gradients["W"] is layer.dW
    assert layer.gradients["b"] is layer.db


def test_windows_are_copied_once_and_the_images_are_not():
    layer, x = MAKERS["convolution"](), images()
    layer.forward(x)
    assert layer.columns.size == 3 * (2 * 9) * (2 * 3)
    held = [array for array in vars(layer).values() if isinstance(array, np.ndarray)]
    assert len(held) == 1
    assert held[0] is layer.columns


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((3, 3, 4, 5)), r"x must have shape \(n, 2, height, width\), got \(3, 3, 4, 5\)$"),
        (np.ones((3, 40)), r"x must have shape \(n, 2, height, width\), got \(3, 40\)$"),
        (np.ones((3, 4, 5)), r"got \(3, 4, 5\): for images of one channel, x\[:, np.newaxis\]"),
        (
            np.ones((3, 2, 2, 5)),
            "room for a window of 3 by 3, got images of 2 by 5 with a padding of 0",
        ),
        (np.ones((3, 2, 5, 0)), "room for a window of 3 by 3, got images of 5 by 0"),
        ([["a"]], "x must hold real numbers"),
    ],
)
def test_convolution_refuses_what_its_filters_do_not_fit(x, message):
    with pytest.raises(ValueError, match=message):
        MAKERS["convolution"]().forward(x)


def test_padding_makes_room_for_a_filter():
    x = np.ones((1, 2, 1, 1))
    assert convolution(np.random.default_rng(0), padding=1).forward(x).shape == (1, 3, 1, 1)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((3, 40)), r"x must have shape \(n, channels, height, width\), got \(3, 40\)$"),
        (np.ones((3, 4, 5)), r"x\[:, np.newaxis\]"),
        (np.ones((3, 2, 1, 5)), "room for a window of 2 by 2, got images of 1 by 5"),
    ],
)
def test_pooling_refuses_what_has_no_windows(x, message):
    with pytest.raises(ValueError, match=message):
        MaxPooling(2).forward(x)


@pytest.mark.parametrize(
    ("W", "b"),
    [
        ((3, 3), (3,)),
        ((2, 1, 3, 2), (2,)),
        ((2, 1, 3, 3), (3,)),
        ((2, 1, 3, 3), (2, 1)),
        ((0, 1, 3, 3), (0,)),
        ((2, 0, 3, 3), (2,)),
        ((2, 1, 0, 0), (2,)),
    ],
)
def test_filters_that_are_none_are_refused(W, b):
    with pytest.raises(ValueError, match=r"W must have shape \(n_filters, channels, size, size\)"):
        Convolution(np.ones(W), np.ones(b))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Convolution(np.ones((1, 1, 2, 2)), [0], stride=0),
            "stride must be at least 1, got 0",
        ),
        (lambda: Convolution(np.ones((1, 1, 2, 2)), [0], stride=1.5), "stride must be a whole"),
        (lambda: Convolution(np.ones((1, 1, 2, 2)), [0], padding=-1), "padding must be at least 0"),
        (lambda: Convolution([[[["a"]]]], [0]), "W must hold real numbers"),
        (lambda: MaxPooling(0), "size must be at least 1, got 0"),
        (lambda: MaxPooling((2, 2)), "size must be a whole number"),
        (lambda: MaxPooling(2, 0), "stride must be at least 1, got 0"),
        (lambda: output_size(0, 1), "n must be at least 1, got 0"),
        (lambda: output_size(4, 7, padding=1), "size must be at most 6, .* got 7"),
        (lambda: Flatten().forward(3.0), r"x must have shape \(n, \.\.\.\), got \(\)"),
    ],
)
def test_what_no_window_can_be_made_of_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
