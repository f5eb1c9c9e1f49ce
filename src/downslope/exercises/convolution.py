"""Exercises of chapter 7: a filter over an image, what comes out, and the way back."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from downslope.check.exercise import EachByItself, exercise

__all__ = [
    "cross_correlation",
    "cross_correlation_backward",
    "feature_maps",
    "im2col",
    "max_pooling",
    "max_pooling_backward",
    "output_places",
]

_SCALES = 2.0**-40, 2.0**30  # what was rounded off or limited shows in small and large numbers


def _quarters(rng, *shape):
    """Signed numbers, none of them 0, whose products and sums are exact even in float32."""
    return rng.choice([-1, 1], shape) * rng.integers(1, 10, shape) / 4


def _images_and_filters(rng):
    x = np.array([[1.0, 2.0, 0.0], [3.0, -1.0, 4.0], [2.0, 0.0, 5.0]])
    yield {"x": x, "w": np.array([[1.0, 2.0], [-1.0, 0.5]])}
    yield {"x": rng.integers(0, 17, (4, 5)), "w": _quarters(rng, 2, 2)}  # pixels as whole numbers
    for height, width, k in (4, 6, 3), (6, 4, 3), (5, 5, 4), (2, 5, 2), (5, 3, 3), (3, 4, 1):
        yield {"x": _quarters(rng, height, width), "w": _quarters(rng, k, k)}
    for k in 3, 1:  # room for one place only; a sum there that comes to 0 would be exact for few
        yield {"x": abs(_quarters(rng, k, k)), "w": abs(_quarters(rng, k, k))}
    for scale in _SCALES:
        yield {"x": scale * _quarters(rng, 4, 3), "w": _quarters(rng, 2, 2)}


@exercise(
    cases=_images_and_filters,
    right="at every place the filter says how much of itself it sees there.",
)
def cross_correlation(x, w):
    """The sum of w times what is under it, at each place where all of w lies on x; stride 1."""
    return np.einsum("ijpq,pq->ij", sliding_window_view(x, w.shape), w)


@cross_correlation.wrong(
    "The filter was turned by 180 degrees first. Lay it on the image as it is.",
    belief="that a convolution turns its filter. In mathematics it does; what the field calls by "
    "this name does not, and as the filter is learned, nobody misses it.",
)
def _filter_turned(x, w):
    return cross_correlation.solution(x, w[::-1, ::-1])


@cross_correlation.wrong(
    "The filter was transposed: its rows have met the columns of the image. Row p of the filter "
    "belongs on row i + p of the image.",
    belief="that the first index runs across. As in every matrix here, it runs down.",
)
def _filter_transposed(x, w):
    return cross_correlation.solution(x, w.T)


@cross_correlation.wrong(
    "The last place in each direction is missing. With h rows and k of the filter there are "
    "h - k + 1 places, so count with range(h - k + 1).",
    belief="that range(h - k) includes h - k. It stops before it, and there the filter still fits.",
)
def _one_place_too_few(x, w):
    return cross_correlation.solution(x, w)[:-1, :-1]


@cross_correlation.wrong(
    "There is room for the last row and the last column of places, but 0 is left in it. The loops "
    "end one place too early: count with range(h - k + 1).",
    belief="that range(h - k) includes h - k. It stops before it.",
)
def _last_places_left_zero(x, w):
    y = cross_correlation.solution(x, w)
    y[-1], y[:, -1] = 0, 0
    return y


@cross_correlation.wrong(
    "At the right and at the bottom the filter hangs over the edge of the image, and there is "
    "nothing to multiply it with. Stop where it still fits, after h - k + 1 places.",
    belief="that every pixel is the corner of a place. The last k - 1 in each direction are not: a "
    "slice that goes too far is cut off without a word.",
)
def _hanging_over_the_edge(x, w):
    y, k = np.zeros(x.shape), len(w)
    for i, j in np.ndindex(x.shape):
        y[i, j] = np.sum(x[i : i + k, j : j + k] * w)
    return y


@cross_correlation.wrong(
    "The filter was multiplied with windows that the right or the bottom edge has cut off, and "
    "their shapes do not fit together. Stop where it still fits, after h - k + 1 places.",
    belief="that every pixel is the corner of a place. The last k - 1 in each direction are not: a "
    "slice that goes too far is cut off without a word.",
)
def _with_windows_cut_off(x, w):
    y, k = np.zeros(x.shape), len(w)
    for i, j in np.ndindex(x.shape):
        y[i, j] = np.sum(w * x[i : i + k, j : j + k])  # the error names the shapes in this order
    return y


@cross_correlation.wrong(
    "The numbers are right, but they stand in an array as large as the image, with zeros after "
    "them. Make it h - k + 1 places high, and as many columns wide as there are places across.",
    belief="that what comes out is as large as what goes in. Every place needs k rows and k "
    "columns, so there are k - 1 fewer.",
)
def _in_an_array_too_large(x, w):
    k = len(w)
    return np.pad(cross_correlation.solution(x, w), (0, k - 1))


@cross_correlation.wrong(
    "Where the pixels are whole numbers, what comes out was cut off to whole numbers too. Make the "
    "result of floats, as by np.zeros(shape), and not like x.",
    belief="that a result is of the type of the image. An array keeps the type that it was made "
    "with, and drops the fractions of what is put into it.",
)
def _of_the_type_of_the_image(x, w):
    return cross_correlation.solution(x, w).astype(x.dtype)


@cross_correlation.wrong(
    "The image was padded with k // 2 zeros on every side first. You were asked for those places "
    "only where all of the filter lies on the image.",
    belief="that an image must not become smaller. Padding can see to that, and it is a choice, "
    "which zeros at the border pay for.",
)
def _padded_all_round(x, w):
    return cross_correlation.solution(np.pad(x, len(w) // 2), w)


@cross_correlation.wrong(
    "This has as many places as pixels, the middle of the filter on each, with zeros around the "
    "image. You were asked for those places only where all of the filter lies on the image.",
    belief="that what comes out is as large as what goes in. SciPy calls that mode “same”; here it "
    "is “valid”.",
)
def _as_large_as_the_image(x, w):
    k = len(w)
    return cross_correlation.solution(np.pad(x, (k // 2, (k - 1) // 2)), w)


@cross_correlation.wrong(
    "Here the filter hangs over the right and the bottom edge, and zeros were put there. You were "
    "asked for those places only where all of the filter lies on the image.",
    belief="that there is a place for every pixel. The filter needs k of them in each direction, "
    "and so there are k - 1 fewer.",
)
def _zeros_at_the_end(x, w):
    return cross_correlation.solution(np.pad(x, (0, len(w) - 1)), w)


@cross_correlation.wrong(
    "This goes round: what the filter misses at the right and at the bottom it finds at the left "
    "and at the top. Stop where it still fits.",
    belief="that an image goes on at its other side. For np.roll and for a Fourier transform it "
    "does; for a digit it does not.",
)
def _round_the_edge(x, w):
    return cross_correlation.solution(np.pad(x, (0, len(w) - 1), mode="wrap"), w)


@cross_correlation.wrong(
    "This has a place wherever the filter touches the image, if with a corner. You were asked for "
    "those only where all of it lies on the image.",
    belief="that no overlap may be left out. That is the mode “full”, which comes on the way back; "
    "forward it is “valid”.",
)
def _wherever_it_touches(x, w):
    return cross_correlation.solution(np.pad(x, len(w) - 1), w)


@cross_correlation.wrong(
    "The products are right, but they were not added up: at each place this has as many numbers as "
    "the filter. Sum them, so that one is left.",
    belief="that a filter changes pixels one by one. It says one thing about all that it covers.",
)
def _products_not_added(x, w):
    return sliding_window_view(x, w.shape) * w


@cross_correlation.wrong(
    "The products are right, but they were not added up, and a window of them does not fit into "
    "one number of the result. Take their sum.",
    belief="that a filter changes pixels one by one. It says one thing about all that it covers.",
)
def _products_into_one_number(x, w):
    windows = sliding_window_view(x, w.shape)
    y = np.zeros(windows.shape[:2])
    for i, j in np.ndindex(y.shape):
        y[i, j] = windows[i, j] * w
    return y


@cross_correlation.wrong(
    "This is the mean of the products; you were asked for their sum.",
    belief="that a filter averages what it sees. One whose weights are all 1 / k**2 does; the "
    "weights say it, and nothing is divided after them.",
)
def _mean_for_the_sum(x, w):
    return cross_correlation.solution(x, w) / w.size


@cross_correlation.wrong(
    "The window and the filter were multiplied as matrices. Multiply pixel by pixel, with *, and "
    "add up.",
    belief="that a product of two arrays is @. That would mix pixels with weights of other places.",
)
def _matrix_product(x, w):
    return (sliding_window_view(x, w.shape) @ w).sum(axis=(2, 3))


@cross_correlation.wrong(
    "From one place to the next the filter jumped by its own width. It moves by one pixel, and the "
    "windows overlap.",
    belief="that each pixel is seen once. That is how pooling goes; here a pixel is in up to k**2 "
    "windows.",
)
def _edge_to_edge(x, w):
    return cross_correlation.solution(x, w)[:: len(w), :: len(w)]


def _windows_along_a_line(rng):
    sizes = (8, 3, 1, 0), (6, 3, 2, 0), (28, 5, 1, 2), (7, 4, 3, 1), (5, 5, 2, 0), (1, 1, 1, 0)
    more = (8, 2, 2, 0), (9, 2, 3, 0), (2, 4, 1, 1), (10, 3, 4, 1), (100_003, 7, 3, 2)
    for n, size, stride, padding in sizes + more:
        yield {"n": n, "size": size, "stride": stride, "padding": padding}
    for stride in 2, 3, 4, 5:
        size, padding = int(rng.integers(2, 7)), int(rng.integers(1, 4))
        n = size + int(rng.integers(5, 40))
        yield {"n": n, "size": size, "stride": stride, "padding": padding}


@exercise(
    cases=_windows_along_a_line,
    right="this is how many there are, and what the last step does not reach is dropped.",
)
def output_places(n, size, stride, padding):
    """How many places a window has along n pixels with padding at either end; a whole number."""
    return (n + 2 * padding - size) // stride + 1


@output_places.wrong(
    "This is a fraction wherever the last step does not come out even. There is no part of a "
    "place: round down, with // for /.",
    belief="that the numbers will see to it that it comes out even. Of 6 pixels, 3 at a time in "
    "steps of 2, one is left over.",
)
def _fraction_of_a_place(n, size, stride, padding):
    return (n + 2 * padding - size) / stride + 1


@output_places.wrong(
    "This rounds to the nearest whole number. A step that leads over the edge is not taken, "
    "however little is missing: round down.",
    belief="that half a step is nearly one. There would be nothing under the window's last column.",
)
def _to_the_nearest(n, size, stride, padding):
    return round((n + 2 * padding - size) / stride) + 1


@output_places.wrong(
    "This rounds up, as if a window might hang over the edge. Where the last step does not fit, it "
    "is not taken: round down.",
    belief="that no pixel may be lost. Whoever wants the last ones must pad; otherwise they are "
    "dropped, and no message says so.",
)
def _rounded_up(n, size, stride, padding):
    return -(-(n + 2 * padding - size) // stride) + 1


@output_places.wrong(
    "These are the steps. There is one place more than steps, the one where the window begins: "
    "add 1.",
    belief="that steps and places are as many. A fence has one post more than gaps.",
)
def _steps_without_the_first_place(n, size, stride, padding):
    return (n + 2 * padding - size) // stride


@output_places.wrong(
    "The padding was counted once. It is added at either end: 2 * padding.",
    belief="that padding says by how much the image grows. It says how much is put on each side.",
)
def _padding_at_one_end(n, size, stride, padding):
    return (n + padding - size) // stride + 1


@output_places.wrong(
    "The padding is missing: the image that the window slides over has n + 2 * padding pixels.",
    belief="that zeros do not count. They do: the window lies on them as on any pixel.",
)
def _without_padding(n, size, stride, padding):
    return (n - size) // stride + 1


@output_places.wrong(
    "The padding was added after the division. It makes the image longer, so it goes to n, before "
    "one divides by the stride.",
    belief="that each pixel of padding makes a place. It does so at a stride of 1 only.",
)
def _padding_after_the_division(n, size, stride, padding):
    return (n - size) // stride + 1 + 2 * padding


@output_places.wrong(
    "The 1 was added before the division. It stands for the first place, which no step leads to: "
    "divide first, then add 1.",
    belief="that n - size + 1 places are thinned out by the stride. They are, and the first of "
    "them stays, so that one must round up there.",
)
def _one_inside_the_division(n, size, stride, padding):
    return (n + 2 * padding - size + 1) // stride


@output_places.wrong(
    "Only the pixels were divided by the stride, and the window was not. What is divided is the "
    "way that the window goes, n + 2 * padding - size.",
    belief="that a stride makes the image smaller, and the rest is as before. The window is as "
    "wide as ever.",
)
def _window_not_divided(n, size, stride, padding):
    return (n + 2 * padding) // stride - size + 1


@output_places.wrong(
    "The stride is missing: these are the places at a stride of 1. Divide the way by it before you "
    "add 1.",
    belief="that a stride changes only where the places are. The way is as long as before, and "
    "longer steps are fewer.",
)
def _without_stride(n, size, stride, padding):
    return n + 2 * padding - size + 1


@output_places.wrong(
    "Stride and padding are missing: this is how many places there are at a stride of 1 without "
    "padding.",
    belief="that the formula for the first filter holds for all. Padding makes the way longer, and "
    "the stride makes fewer steps of it.",
)
def _without_stride_and_padding(n, size, stride, padding):
    return n - size + 1


@output_places.wrong(
    "Only the window was divided by the stride, as // binds more tightly than + and -. Put the "
    "whole way in parentheses: (n + 2 * padding - size) // stride.",
    belief="that Python goes from left to right. It divides before it adds, as in mathematics.",
)
def _only_the_window_divided(n, size, stride, padding):
    return n + 2 * padding - size // stride + 1


@output_places.wrong(
    "This divides by the width of the window, as if windows met edge to edge. How far they move at "
    "once, the stride says.",
    belief="that windows do not overlap. Those of pooling mostly do not; those of a convolution "
    "do.",
)
def _edge_to_edge_along_a_line(n, size, stride, padding):
    return (n + 2 * padding) // size


@output_places.wrong(
    "This is the number of pixels over the stride; the window has no width in it. A place needs "
    "size pixels, and so none begins at the last few.",
    belief="that a stride of 2 makes half. With padding to suit it does; in general the window "
    "takes its share.",
)
def _pixels_over_stride(n, size, stride, padding):
    return (n + 2 * padding) // stride


def _images_in_channels(rng):
    x = np.array([[[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]], [[2.0, 1.0, 0.0], [-1.0, 0.0, 4.0]]])
    W = np.array([[[[1.0, 0.0], [0.0, 2.0]], [[0.0, 1.0], [-1.0, 0.0]]]])
    yield {"x": x, "W": W, "b": np.array([0.5])}
    sizes = (2, 3, 4, 2, 2), (3, 5, 4, 2, 3), (1, 4, 3, 4, 2), (3, 4, 4, 3, 2)
    for channels, height, width, n_filters, k in (*sizes, (2, 3, 3, 3, 3), (4, 2, 3, 2, 1)):
        yield _channels_and_filters(rng, channels, height, width, n_filters, k)
    whole = _channels_and_filters(rng, 2, 4, 3, 2, 2)
    yield {**whole, "x": rng.integers(0, 17, (2, 4, 3))}
    yield {name: abs(value) for name, value in _channels_and_filters(rng, 1, 1, 1, 1, 1).items()}
    for scale in _SCALES:
        case = _channels_and_filters(rng, 2, 3, 4, 3, 2)
        yield {"x": scale * case["x"], "W": case["W"], "b": scale * case["b"]}


def _channels_and_filters(rng, channels, height, width, n_filters, k):
    W, b = _quarters(rng, n_filters, channels, k, k), _quarters(rng, n_filters)
    return {"x": _quarters(rng, channels, height, width), "W": W, "b": b}


def _windows(x, W):
    """What lies under a filter at each place, (channels, places down, places across, k, k)."""
    return sliding_window_view(x, W.shape[2:], axis=(1, 2))


def _for_each_map(b):
    return b[:, np.newaxis, np.newaxis]


@exercise(
    cases=_images_in_channels,
    right="each filter looks through all channels, and makes one map of its own.",
)
def feature_maps(x, W, b):
    """One map a filter: all channels under it summed up, plus its b; stride 1, no padding."""
    return np.einsum("cijpq,fcpq->fij", _windows(x, W), W) + _for_each_map(b)


@feature_maps.wrong(
    "The channels are still apart: each filter has a map for each of them. Add these up, so that "
    "every filter makes one map.",
    belief="that a filter looks at one channel at a time. It has weights for all of them, and says "
    "one number about what lies under it.",
)
def _channels_apart(x, W, b):
    return np.einsum("cijpq,fcpq->fcij", _windows(x, W), W) + _for_each_map(b)[:, np.newaxis]


@feature_maps.wrong(
    "What the channels say was averaged. Add it up; the bias comes after that.",
    belief="that more channels would make larger numbers, and must be held down. First weights "
    "see to that: He's are smaller for a filter with more of them.",
)
def _channels_averaged(x, W, b):
    return np.einsum("cijpq,fcpq->fij", _windows(x, W), W) / len(x) + _for_each_map(b)


@feature_maps.wrong(
    "The maps are right but for the bias: add b[f] to every place of map f.",
    belief="that weights are all a filter has. Without a bias it could not ask for more than a "
    "certain amount before ReLU lets it through.",
)
def _without_bias(x, W, b):
    return np.einsum("cijpq,fcpq->fij", _windows(x, W), W)


@feature_maps.wrong(
    "The bias was added once for each channel. A filter has one, which is added to the sum over "
    "the channels.",
    belief="that each channel is a convolution of its own, with all that belongs to it. Weights it "
    "has of its own; the bias is the filter's.",
)
def _bias_for_each_channel(x, W, b):
    return np.einsum("cijpq,fcpq->fij", _windows(x, W), W) + _for_each_map(len(x) * b)


@feature_maps.wrong(
    "Added as it is, b lies along the last axis, the columns of a map. But b[f] belongs to all of "
    "map f: give b two more axes, as by b[:, None, None].",
    belief="that NumPy knows which axis is meant. It begins with the last one, and speaks up only "
    "where the sizes do not fit.",
)
def _bias_along_the_columns(x, W, b):
    return np.einsum("cijpq,fcpq->fij", _windows(x, W), W) + b


@feature_maps.wrong(
    "With one axis more, b lies along the rows of a map. But b[f] belongs to all of "
    "map f: give b two more axes, as by b[:, None, None].",
    belief="that one more axis is enough. A map has two, and all of both get the same bias.",
)
def _bias_along_the_rows(x, W, b):
    return np.einsum("cijpq,fcpq->fij", _windows(x, W), W) + b[:, np.newaxis]


@feature_maps.wrong(
    "All maps were made by the first filter, W[0]. Map f is that of W[f].",
    belief="that shared weights are the same for all maps. All places of one map share them; each "
    "map has a filter of its own.",
)
def _first_filter_for_all(x, W, b):
    return np.einsum("cijpq,fcpq->fij", _windows(x, W), W[:1].repeat(len(W), 0)) + _for_each_map(b)


@feature_maps.wrong(
    "Only the first channel was looked at. The filter has weights for the others too: add up over "
    "all channels.",
    belief="that an image is one table of numbers. That is so in grey only; after the first layer "
    "there are as many channels as it had filters.",
)
def _first_channel_only(x, W, b):
    return np.einsum("ijpq,fpq->fij", _windows(x, W)[0], W[:, 0]) + _for_each_map(b)


@feature_maps.wrong(
    "Only the last channel is in the maps: each channel wrote over the one before. They add up: "
    "+= for =.",
    belief="that a loop keeps what it has found. A variable keeps what was put into it last.",
)
def _last_channel_only(x, W, b):
    return feature_maps.solution(x[-1:], W[:, -1:], b)


@feature_maps.wrong(
    "The channels of x were added up first, and those of each filter too. Then all channels meet "
    "the same weights; each has its own, so multiply before you add.",
    belief="that sums may be taken in any order. (a + b) * (c + d) has two products more than "
    "a * c + b * d.",
)
def _channels_added_first(x, W, b):
    x, W = x.sum(axis=0, keepdims=True), W.sum(axis=1, keepdims=True)
    return feature_maps.solution(x, W, b)


@feature_maps.wrong(
    "The numbers are right, with the maps in the last axis. They come first here, as the channels "
    "of x do: (n_filters, places down, places across).",
    belief="that channels stand last. In TensorFlow and in image files they do; in PyTorch and in "
    "this book they stand before height and width.",
)
def _maps_last(x, W, b):
    return np.moveaxis(feature_maps.solution(x, W, b), 0, -1)


@feature_maps.wrong(
    "The shape is right, but a map holds what several filters have said. As the product of windows "
    "and filters has a row for each place, transpose it before you reshape it to maps.",
    belief="that reshape moves axes. It reads the numbers row by row, and cuts them anew.",
)
def _reshaped_without_transposing(x, W, b):
    y = feature_maps.solution(x, W, b)
    return np.ascontiguousarray(np.moveaxis(y, 0, -1)).reshape(y.shape)


@feature_maps.wrong(
    "The maps of all filters were added up into one. Each filter has a map of its own.",
    belief="that whatever a layer finds is put together at once. The next layer does that, with "
    "weights for each map.",
)
def _filters_added_up(x, W, b):
    return feature_maps.solution(x, W, b).sum(axis=0)


@feature_maps.wrong(
    "The filters were turned by 180 degrees first. Lay them on the image as they are.",
    belief="that a convolution turns its filter. In mathematics it does; what the field calls by "
    "this name does not.",
)
def _filters_turned(x, W, b):
    return feature_maps.solution(x, W[:, :, ::-1, ::-1], b)


@feature_maps.wrong(
    "All of b was added to every map. Only b[f] belongs to map f.",
    belief="that biases belong to the layer. Each belongs to one filter, which may so be easier "
    "or harder to please than the next.",
)
def _all_biases_to_each(x, W, b):
    return np.einsum("cijpq,fcpq->fij", _windows(x, W), W) + b.sum()


def _images_to_pool(rng):
    x = np.array([[1.0, 2.0, 0.0, 5.0], [3.0, -1.0, 4.0, 2.0]])
    yield {"x": x, "size": 2}
    x = np.array([[-1.0, -3.0, -2.0, 4.0], [-4.0, -2.0, -5.0, -1.0], [7.0, -6.0, 8.0, -3.0]])
    yield {"x": x, "size": 2}  # negative windows, and larger numbers in the row that is dropped
    x = np.array([[1e-9, -1e6, 3e5], [-2e-9, -3e-7, 0.0], [4e7, 1e-12, -5.0]])
    yield EachByItself({"x": x, "size": 1})
    x = np.array([[-2e-9, -1e6, 3e5, -7e3], [-5e-9, -1e-9, 1e-7, 2e5]])
    yield EachByItself({"x": x, "size": 2})
    yield {"x": rng.permutation(20).reshape(4, 5) - 8, "size": 2}  # whole numbers
    for height, width, size in (6, 4, 2), (5, 7, 3), (6, 9, 3), (4, 4, 4), (3, 8, 2):
        yield {"x": _quarters(rng, height, width), "size": size}
    for scale in (1, *_SCALES):
        yield {"x": -scale * abs(_quarters(rng, 5, 5)), "size": 2}
        yield {"x": scale * _quarters(rng, 4, 5), "size": 2}


def _cropped(x, size):
    """What is left of `x` when rows and columns that fill no window are dropped."""
    down, across = len(x) // size, x.shape[1] // size
    return x[: down * size, : across * size]


def _blocks(x, size):
    """The windows that meet edge to edge, (places down, places across, size, size)."""
    down, across = len(x) // size, x.shape[1] // size
    return _cropped(x, size).reshape(down, size, across, size).swapaxes(1, 2)


def _padded(x, size, value):
    """`x` with rows and columns of `value` until windows meet its end."""
    ends = [(0, -n % size) for n in x.shape]
    return np.pad(x.astype(float), ends, constant_values=value)


@exercise(
    cases=_images_to_pool,
    right="each window says how strongly something was seen, and not quite where.",
)
def max_pooling(x, size):
    """The largest number of each window, edge to edge; what does not fill a window is dropped."""
    return _blocks(x, size).max(axis=(2, 3)).astype(float)


@max_pooling.wrong(
    "This is the mean of each window. You were asked for the largest number.",
    belief="that pooling averages. There is such a layer, average pooling; here what was seen best "
    "is to count, whatever lies beside it.",
)
def _mean_of_each(x, size):
    return _blocks(x, size).mean(axis=(2, 3))


@max_pooling.wrong(
    "The window moved by one pixel. These meet edge to edge: move it by size.",
    belief="that a window always moves as a filter does. Then the image would hardly become "
    "smaller, and that is half of what pooling is for.",
)
def _one_pixel_further(x, size):
    return sliding_window_view(x, (size, size)).max(axis=(2, 3))


@max_pooling.wrong(
    "There are as many windows as there should be, but they begin at neighbouring pixels. Window "
    "(i, j) begins at row i * size and column j * size.",
    belief="that window (i, j) begins at pixel (i, j). It does so where it moves by one pixel.",
)
def _windows_begin_at_neighbours(x, size):
    y = sliding_window_view(x, (size, size)).max(axis=(2, 3))
    return y[: len(x) // size, : x.shape[1] // size].astype(float)


@max_pooling.wrong(
    "This does not work where rows or columns are left over: x then has more numbers than the "
    "windows. Cut the rest off before you reshape.",
    belief="that every image divides into windows. Of 5 rows, windows of 2 leave one.",
)
def _reshaped_with_the_rest(x, size):
    height, width = x.shape
    return x.reshape(height // size, size, width // size, size).max(axis=(1, 3)).astype(float)


@max_pooling.wrong(
    "The windows are not squares: x was reshaped to the shape of the result, and so a window has "
    "numbers that follow one another in a row. Reshape to (down, size, across, size) and take the "
    "largest along axes 1 and 3.",
    belief="that reshape moves numbers to where they are wanted. It keeps their order, row by row, "
    "and only cuts it anew.",
)
def _reshaped_row_by_row(x, size):
    down, across = len(x) // size, x.shape[1] // size
    return _cropped(x, size).reshape(down, across, size, size).max(axis=(2, 3))


@max_pooling.wrong(
    "What was left over at the end was filled up with zeros, and made windows of its own. Rows and "
    "columns that fill no window are dropped.",
    belief="that zeros do no harm. Where all numbers are negative, a zero is the largest.",
)
def _filled_up_with_zeros(x, size):
    return _blocks(_padded(x, size, 0), size).max(axis=(2, 3))


@max_pooling.wrong(
    "What was left over at the end made smaller windows of its own. Rows and columns that fill no "
    "window are dropped.",
    belief="that no pixel may be lost. In PyTorch one can ask for that, with ceil_mode; as a rule, "
    "and here, what does not fill a window is dropped.",
)
def _smaller_windows_at_the_end(x, size):
    return _blocks(_padded(x, size, -np.inf), size).max(axis=(2, 3))


@max_pooling.wrong(
    "Where windows come out even, the last ones are missing. The last may begin at n - size, so "
    "count with range(0, n - size + 1, size).",
    belief="that range(0, n - size, size) comes to n - size. It stops before it.",
)
def _last_windows_missing(x, size):
    rows, columns = (range(0, n - size, size) for n in x.shape)
    return np.array([[x[i : i + size, j : j + size].max() for j in columns] for i in rows])


@max_pooling.wrong(
    "This is one number, the largest of the whole image. Each window has one of its own.",
    belief="that max looks for axes by itself. Without axis= it takes all of them.",
)
def _largest_of_all(x, size):
    return x.max()


@max_pooling.wrong(
    "Only columns were pooled: each row still has its own largest numbers. Take the largest of the "
    "rows of a window, too.",
    belief="that a window lies along a row. It is as high as it is wide.",
)
def _across_only(x, size):
    across = x.shape[1] // size
    return x[:, : across * size].reshape(len(x), across, size).max(axis=2).astype(float)


@max_pooling.wrong(
    "Only rows were pooled: each column still has its own largest numbers. Take the largest of the "
    "columns of a window, too.",
    belief="that a window lies along a column. It is as wide as it is high.",
)
def _down_only(x, size):
    down = len(x) // size
    return x[: down * size].reshape(down, size, -1).max(axis=1).astype(float)


@max_pooling.wrong(
    "Where all numbers of a window are negative, this says 0. Let the search begin with a number "
    "of the window, or with -np.inf.",
    belief="that 0 is smaller than anything. It is so after ReLU.",
)
def _nothing_below_zero(x, size):
    return np.maximum(max_pooling.solution(x, size), 0)


@max_pooling.wrong(
    "This takes the number farthest from 0, with its sign. The largest is asked for, and -5 is "
    "smaller than 2.",
    belief="that the strongest answer counts, whichever way. A filter says with a negative number "
    "that it sees the opposite.",
)
def _farthest_from_zero(x, size):
    low, high = _blocks(x, size).min(axis=(2, 3)), max_pooling.solution(x, size)
    return np.where(-low > high, low, high)


@max_pooling.wrong(
    "This takes the smallest number of each window. You were asked for the largest.",
    belief="that min and max go the same way. A filter says with a large number that it has seen "
    "what it looks for.",
)
def _smallest(x, size):
    return _blocks(x, size).min(axis=(2, 3)).astype(float)


@max_pooling.wrong(
    "Of each window this takes the number at its upper left, whatever it is. Look at all of them, "
    "and take the largest.",
    belief="that to pool is to leave out. A stride does that; pooling keeps what was seen best.",
)
def _first_of_each(x, size):
    return _cropped(x, size)[::size, ::size].astype(float)


@max_pooling.wrong(
    "The numbers of each window were added up. You were asked for the largest of them.",
    belief="that a window says one thing about all that it covers, as a filter does. This one only "
    "passes on the largest.",
)
def _sum_of_each(x, size):
    return _blocks(x, size).sum(axis=(2, 3)).astype(float)


def _images_to_unfold(rng):
    yield {"x": np.arange(1.0, 10).reshape(3, 3), "size": 2, "stride": 1}
    yield {"x": rng.permutation(20).reshape(4, 5), "size": 2, "stride": 2}  # whole numbers
    sizes = (5, 4, 3, 1), (3, 6, 2, 3), (6, 5, 2, 3), (3, 5, 1, 2), (2, 2, 2, 1), (5, 7, 3, 2)
    for height, width, size, stride in sizes:
        yield {"x": _quarters(rng, height, width), "size": size, "stride": stride}
    yield {"x": _quarters(rng, 3, 4), "size": 1, "stride": 1}
    x = np.array([[1e-9, -2e6, 0.0, 3e-7], [4e8, -5e-12, 6.0, 7e5]])
    yield EachByItself({"x": x, "size": 2, "stride": 1})
    for scale in _SCALES:
        yield {"x": scale * _quarters(rng, 3, 4), "size": 2, "stride": 1}


def _places(x, size, stride):
    """The windows where they lie, (places down, places across, size, size)."""
    windows = sliding_window_view(x.astype(float), (size, size))
    return windows[::stride, ::stride]


@exercise(
    cases=_images_to_unfold,
    right="with the windows in rows, a convolution is one matrix product.",
)
def im2col(x, size, stride):
    """A row for each place of the window, row by row, of what it sees there, row by row too."""
    return _places(x, size, stride).reshape(-1, size * size)


@im2col.wrong(
    "The windows stand in columns. You were asked for a row for each: the transpose of this.",
    belief="that they must be columns, as the name says. Code has it either way, and that of this "
    "book's layer puts the places last, too; the exercise wants one window a row.",
)
def _windows_in_columns(x, size, stride):
    return im2col.solution(x, size, stride).T


@im2col.wrong(
    "Each window was read column by column. Go along its rows: (0, 0), (0, 1), and so on.",
    belief="that the order within a window does not matter. It does not as long as the filter is "
    "read in the same way, and w.ravel() goes row by row.",
)
def _pixels_column_by_column(x, size, stride):
    return _places(x, size, stride).swapaxes(2, 3).reshape(-1, size * size)


@im2col.wrong(
    "The places follow one another down the image. Go along its rows first: the second row of the "
    "result is the window one stride to the right.",
    belief="that the order of places does not matter. What comes out is reshaped to (down, across) "
    "in the end, and reshape fills row by row.",
)
def _places_column_by_column(x, size, stride):
    return _places(x, size, stride).swapaxes(0, 1).reshape(-1, size * size)


@im2col.wrong(
    "Both orders are turned: the windows follow one another down the image, and each is read "
    "column by column. Go row by row, in both.",
    belief="that the first index runs fastest. In Fortran and MATLAB it does; in NumPy the last "
    "one does.",
)
def _both_column_by_column(x, size, stride):
    return im2col.solution(x.T, size, stride)


@im2col.wrong(
    "The window moved by one pixel, whatever the stride says.",
    belief="that windows are always neighbours. With a stride of 2 every other place is left out, "
    "in both directions.",
)
def _stride_ignored(x, size, stride):
    return im2col.solution(x, size, 1)


@im2col.wrong(
    "There are as many windows as there should be, but they begin at neighbouring pixels. Window "
    "(i, j) begins at row i * stride and column j * stride.",
    belief="that the stride is done with once the places are counted. It also says where they are.",
)
def _stride_in_the_count_only(x, size, stride):
    down, across = ((n - size) // stride + 1 for n in x.shape)
    return _places(x, size, 1)[:down, :across].reshape(-1, size * size)


@im2col.wrong(
    "The window moved by its own width, whatever the stride says.",
    belief="that windows meet edge to edge, as in pooling. With a smaller stride they overlap, and "
    "pixels stand in the result several times.",
)
def _stride_as_wide_as_the_window(x, size, stride):
    return im2col.solution(x, size, size)


@im2col.wrong(
    "The stride was used from row to row only. The window moves by it to the right, too.",
    belief="that one step leads to the next row of windows. It is how far the window moves, in "
    "either direction.",
)
def _stride_downwards_only(x, size, stride):
    return _places(x, size, 1)[::stride].reshape(-1, size * size)


@im2col.wrong(
    "Every window is there, as a square at its place: four axes. Make a row of each, and let the "
    "rows follow one another: reshape(-1, size * size).",
    belief="that a matrix product will find its way through four axes. It takes the last two for "
    "matrices, and each window would be one.",
)
def _squares_at_their_places(x, size, stride):
    return _places(x, size, stride).copy()


@im2col.wrong(
    "The windows follow one another, but each is a square still. Make a row of it, as by ravel().",
    belief="that a list of windows is a matrix. A matrix has two axes; here there are three.",
)
def _squares_in_a_row(x, size, stride):
    return _places(x, size, stride).reshape(-1, size, size)


@im2col.wrong(
    "Each window is a row, and these rows lie at their places still, so that there are three axes. "
    "Let them follow one another: reshape(-1, size * size).",
    belief="that the places must keep their shape. It comes back at the end, by one more reshape "
    "of what the product gives.",
)
def _rows_at_their_places(x, size, stride):
    windows = _places(x, size, stride)
    return windows.reshape(*windows.shape[:2], -1)


@im2col.wrong(
    "The last place in each direction is missing. Of n pixels there are (n - size) // stride + 1.",
    belief="that range(0, n - size, stride) comes to n - size. It stops before it, and there the "
    "window still fits.",
)
def _last_place_missing(x, size, stride):
    rows, columns = (range(0, n - size, stride) for n in x.shape)
    return np.array([x[i : i + size, j : j + size].ravel() for i in rows for j in columns])


@im2col.wrong(
    "The shape is right, but a row holds the same pixel of one window after the other. The axes of "
    "the places must come first before you reshape.",
    belief="that reshape sorts. It reads all numbers in the order of the axes, and cuts them anew.",
)
def _reshaped_with_the_offsets_first(x, size, stride):
    return _places(x, size, stride).transpose(2, 3, 0, 1).reshape(-1, size * size)


def _ways_back_through_a_filter(rng):
    yield {
        "x": np.array([[1.0, 2.0, 0.0], [3.0, -1.0, 4.0], [2.0, 0.0, 5.0]]),
        "w": np.array([[1.0, 2.0], [-1.0, 0.5]]),
        "upstream": np.array([[1.0, -2.0], [0.5, 3.0]]),
    }
    whole = _way_back(rng, 4, 3, 2)  # whole numbers
    yield {name: (4 * value).astype(int) for name, value in whole.items()}
    for sizes in (4, 6, 3), (6, 4, 3), (2, 5, 2), (3, 3, 3), (5, 3, 2), (6, 6, 2):
        yield _way_back(rng, *sizes)
    yield {name: abs(value) for name, value in _way_back(rng, 2, 4, 1).items()}
    for scale in _SCALES:
        case = _way_back(rng, 4, 3, 2)
        yield {**case, "upstream": scale * case["upstream"]}


def _way_back(rng, height, width, k):
    x, w = _quarters(rng, height, width), _quarters(rng, k, k)
    return {"x": x, "w": w, "upstream": _quarters(rng, height - k + 1, width - k + 1)}


@exercise(
    cases=_ways_back_through_a_filter,
    right="the weights have heard from every place, and each pixel from every window it was in.",
)
def cross_correlation_backward(x, w, upstream):
    """The gradients by x and by w, for y = cross_correlation(x, w); upstream is the one for y."""
    k, dx, dw = len(w), np.zeros(x.shape), np.zeros(w.shape)
    for i, j in np.ndindex(upstream.shape):
        dx[i : i + k, j : j + k] += upstream[i, j] * w
        dw += upstream[i, j] * x[i : i + k, j : j + k]
    return dx, dw


def _full(upstream, w):
    """The cross-correlation with `w` wherever it touches `upstream`."""
    return cross_correlation.solution(np.pad(upstream.astype(float), len(w) - 1), w)


@cross_correlation_backward.wrong(
    "Both are right, and have changed places: the gradient for x comes first, then that for w.",
    belief="that weights come first, as it is they that are learned. The order is that of the "
    "arguments.",
)
def _gradients_swapped(x, w, upstream):
    return cross_correlation_backward.solution(x, w, upstream)[::-1]


@cross_correlation_backward.wrong(
    "The gradient for x keeps only what the last window wrote. Windows overlap, and what comes "
    "back through each adds up: += for =.",
    belief="that a pixel has one window. It has up to k**2, and a nudge of it is felt in them all.",
)
def _overlaps_overwritten(x, w, upstream):
    k, dx = len(w), np.zeros(x.shape)
    for i, j in np.ndindex(upstream.shape):
        dx[i : i + k, j : j + k] = upstream[i, j] * w
    return dx, cross_correlation_backward.solution(x, w, upstream)[1]


@cross_correlation_backward.wrong(
    "The gradient for x is a full cross-correlation of upstream with w, but the filter must be "
    "turned for it by 180 degrees: this is where the flip is.",
    belief="that the way back goes as the way forward. A pixel meets the first weight in the last "
    "of its windows, the one that begins at it, and the last weight in the first.",
)
def _filter_not_turned(x, w, upstream):
    return _full(upstream, w), cross_correlation_backward.solution(x, w, upstream)[1]


@cross_correlation_backward.wrong(
    "In the gradient for x the filter was mirrored from left to right only. Turned by 180 degrees "
    "it is upside down as well: w[::-1, ::-1].",
    belief="that to mirror is to turn. It turns the order of the columns; that of the rows is "
    "turned too, since i and j both run against the filter.",
)
def _filter_mirrored(x, w, upstream):
    return _full(upstream, w[:, ::-1]), cross_correlation_backward.solution(x, w, upstream)[1]


@cross_correlation_backward.wrong(
    "In the gradient for x the filter was turned upside down only. Turned by 180 degrees it is "
    "mirrored from left to right as well: w[::-1, ::-1].",
    belief="that w[::-1] reverses all of w. It reverses the first axis, the rows; each row is as "
    "it was.",
)
def _filter_upside_down(x, w, upstream):
    return _full(upstream, w[::-1]), cross_correlation_backward.solution(x, w, upstream)[1]


@cross_correlation_backward.wrong(
    "The gradient for w was turned by 180 degrees. Only that for x has a turned filter in it; this "
    "is the cross-correlation of x with upstream, as it is.",
    belief="that a flip on the way back is one for all. Forward weight (p, q) met x[i + p, j + q], "
    "and so it does here.",
)
def _gradient_of_the_filter_turned(x, w, upstream):
    dx, dw = cross_correlation_backward.solution(x, w, upstream)
    return dx, dw[::-1, ::-1]


@cross_correlation_backward.wrong(
    "These are the gradients of a convolution that turns its filter. Forward nothing was "
    "turned; so turn w in the gradient for x, and leave the gradient for w as it comes.",
    belief="that this is a convolution, as in mathematics. It is called so, and is a "
    "cross-correlation.",
)
def _as_if_turned_forward(x, w, upstream):
    dw = cross_correlation_backward.solution(x, w, upstream)[1]
    return _full(upstream, w), dw[::-1, ::-1]


@cross_correlation_backward.wrong(
    "For x the filter was laid only where all of it fits on upstream, so the result is smaller "
    "still. A gradient has the shape of what it belongs to: pad upstream with k - 1 zeros on every "
    "side first.",
    belief="that each pass makes the image smaller. The way back must end where the way forward "
    "began.",
)
def _valid_for_full(x, w, upstream):
    k, turned = len(w), w[::-1, ::-1]
    dx = np.zeros((upstream.shape[0] - k + 1, upstream.shape[1] - k + 1))
    for i, j in np.ndindex(dx.shape):
        dx[i, j] = np.sum(upstream[i : i + k, j : j + k] * turned)
    return dx, cross_correlation_backward.solution(x, w, upstream)[1]


@cross_correlation_backward.wrong(
    "Upstream is in neither: these are the gradients of the sum of all places. Multiply what each "
    "place passes back by its upstream[i, j].",
    belief="that upstream is always 1. It says how much each place matters to the loss.",
)
def _without_upstream(x, w, upstream):
    return cross_correlation_backward.solution(x, w, np.ones(upstream.shape))


@cross_correlation_backward.wrong(
    "The gradient for w is right. In that for x upstream is missing: place (i, j) passes back "
    "upstream[i, j] * w.",
    belief="that the filter alone decides what a pixel is worth. It is worth the more, the more "
    "the places that see it matter.",
)
def _x_without_upstream(x, w, upstream):
    _, dw = cross_correlation_backward.solution(x, w, upstream)
    return _without_upstream(x, w, upstream)[0], dw


@cross_correlation_backward.wrong(
    "The gradient for x is right. In that for w upstream is missing: place (i, j) passes back "
    "upstream[i, j] times the window there.",
    belief="that the pixels alone decide what a weight is worth. Places that do not matter to the "
    "loss must not count.",
)
def _filter_without_upstream(x, w, upstream):
    dx, _ = cross_correlation_backward.solution(x, w, upstream)
    return dx, _without_upstream(x, w, upstream)[1]


@cross_correlation_backward.wrong(
    "The gradient for x was divided by the number of windows that a pixel is in. What comes back "
    "through them adds up, undivided.",
    belief="that windows share a pixel, and so its gradient. Each of them has all of it: a nudge "
    "is felt in full wherever it counts.",
)
def _averaged_over_windows(x, w, upstream):
    dx, dw = cross_correlation_backward.solution(x, w, upstream)
    times, _ = cross_correlation_backward.solution(x, np.ones(w.shape), np.ones(upstream.shape))
    return dx / times, dw


@cross_correlation_backward.wrong(
    "The gradient for w was divided by the number of places. All places share these weights, and "
    "what they pass back adds up.",
    belief="that what is shared must be averaged. A value that is used many times gets the sum.",
)
def _averaged_over_places(x, w, upstream):
    dx, dw = cross_correlation_backward.solution(x, w, upstream)
    return dx, dw / upstream.size


@cross_correlation_backward.wrong(
    "The gradient for w is that of the last place alone; each one wrote over the one before. They "
    "add up: += for =.",
    belief="that each place has weights of its own. One filter serves them all.",
)
def _last_place_only(x, w, upstream):
    k = len(w)
    dx, _ = cross_correlation_backward.solution(x, w, upstream)
    return dx, upstream[-1, -1] * x[-k:, -k:].astype(float)


@cross_correlation_backward.wrong(
    "Two overlaps were overwritten: in the gradient for x the windows that share a pixel, and in "
    "that for w the places, which share all weights. Both add up: += for =.",
    belief="that whatever is computed last is the result. What is used in many places hears from "
    "all of them.",
)
def _both_overwritten(x, w, upstream):
    dx, _ = _overlaps_overwritten(x, w, upstream)
    return dx, _last_place_only(x, w, upstream)[1]


@cross_correlation_backward.wrong(
    "The filter was transposed in the gradient for x. Weight (p, q) goes back to x[i + p, j + q], "
    "which it came from.",
    belief="that what was a product forward needs a transpose on the way back. A matrix product "
    "does; here it is the places that turn round, not rows and columns.",
)
def _filter_transposed_on_the_way_back(x, w, upstream):
    dx, _ = cross_correlation_backward.solution(x, w.T, upstream)
    return dx, cross_correlation_backward.solution(x, w, upstream)[1]


def _ways_back_through_windows(rng):
    x = np.array([[1.0, 5.0, 2.0, 2.0], [0.0, 3.0, 2.0, 1.0]])
    yield {"x": x, "size": 2, "upstream": np.array([[10.0, 20.0]])}
    x = np.array([[0.0, 3.0, 0.0, 0.0], [3.0, 1.0, 0.0, 0.0], [3.0, 9.0, 4.0, 2.0]])  # after ReLU
    yield {"x": x, "size": 2, "upstream": np.array([[-1.5, 0.5]])}
    x = np.array([[-3.0, -1.0, -5.0], [-2.0, -1.0, -4.0], [7.0, -1.0, 8.0]])
    yield {"x": x, "size": 2, "upstream": np.array([[2.0]])}
    sizes = (4, 4, 2), (6, 4, 2), (5, 7, 3), (3, 3, 3), (2, 6, 2), (3, 2, 1), (7, 5, 2)
    for height, width, size in sizes:  # few different numbers, so that many are equal
        yield _pooled(rng, rng.integers(-2, 3, (height, width)) / 2, size)
    whole = _pooled(rng, rng.integers(0, 5, (4, 5)), 2)  # whole numbers
    yield {**whole, "upstream": (4 * whole["upstream"]).astype(int)}
    x = _quarters(rng, 6, 6)
    yield EachByItself(_pooled(rng, x, 2) | {"upstream": 10.0 ** rng.integers(-9, 9, (3, 3))})
    for scale in _SCALES:
        case = _pooled(rng, -abs(_quarters(rng, 4, 5)), 2)
        yield {"x": scale * case["x"], "size": 2, "upstream": scale * case["upstream"]}


def _pooled(rng, x, size):
    return {"x": x, "size": size, "upstream": _quarters(rng, len(x) // size, x.shape[1] // size)}


def _shared_out(x, size, upstream, shares):
    """The gradient of x if each window gives its upstream to its pixels by these shares."""
    down, across = upstream.shape
    dx = np.zeros(x.shape)
    given = shares(_blocks(x, size)) * upstream[:, :, np.newaxis, np.newaxis]
    dx[: down * size, : across * size] = given.swapaxes(1, 2).reshape(down * size, -1)
    return dx


def _first_largest(blocks):
    """1 where the largest number of a window stands first, row by row; else 0."""
    rows = blocks.reshape(*blocks.shape[:2], -1)
    first = rows.argmax(axis=2)[:, :, np.newaxis] == np.arange(rows.shape[2])
    return first.astype(float).reshape(blocks.shape)


def _all_largest(blocks):
    """1 wherever the largest number of a window stands; else 0."""
    return (blocks == blocks.max(axis=(2, 3), keepdims=True)).astype(float)


@exercise(
    cases=_ways_back_through_windows,
    right="the pixel that won its window has all of the blame, and the others none.",
)
def max_pooling_backward(x, size, upstream):
    """The gradient by x of max_pooling(x, size); of equals the first of a window, row by row."""
    return _shared_out(x, size, upstream, _first_largest)


@max_pooling_backward.wrong(
    "Where several numbers of a window are the largest, all of them got upstream in full. Give it "
    "to the first, row by row.",
    belief="that a mask of equals is what argmax finds. After ReLU whole windows are 0, and their "
    "gradient would count size**2 times.",
)
def _to_all_of_equals(x, size, upstream):
    return _shared_out(x, size, upstream, _all_largest)


@max_pooling_backward.wrong(
    "Where several numbers of a window are the largest, upstream was divided among them. Here, as "
    "in PyTorch, the first has all of it.",
    belief="that equals must be treated equally. At a tie there is no slope; that is one way to "
    "choose, and this is another.",
)
def _split_among_equals(x, size, upstream):
    def shares(blocks):
        largest = _all_largest(blocks)
        return largest / largest.sum(axis=(2, 3), keepdims=True)

    return _shared_out(x, size, upstream, shares)


@max_pooling_backward.wrong(
    "Of several that are the largest of a window, the last got upstream. You were asked for the "
    "first, row by row.",
    belief="that > and >= find the same. Where a later number is only as large, >= takes it.",
)
def _to_the_last_of_equals(x, size, upstream):
    def shares(blocks):
        return _first_largest(blocks[:, :, ::-1, ::-1])[:, :, ::-1, ::-1]

    return _shared_out(x, size, upstream, shares)


@max_pooling_backward.wrong(
    "Of several that are the largest of a window, the first was looked for column by column. Go "
    "row by row.",
    belief="that first is first. It depends on the order in which one reads.",
)
def _first_column_by_column(x, size, upstream):
    def shares(blocks):
        return _first_largest(blocks.swapaxes(2, 3)).swapaxes(2, 3)

    return _shared_out(x, size, upstream, shares)


@max_pooling_backward.wrong(
    "For each window upstream went to every pixel of the image that is as large as its largest, "
    "in other windows too. Look for it in the window only.",
    belief="that x == largest finds one pixel. It finds all of that value, wherever they are.",
)
def _wherever_that_number_stands(x, size, upstream):
    dx, y = np.zeros(x.shape), max_pooling.solution(x, size)
    for i, j in np.ndindex(y.shape):
        dx[x == y[i, j]] = upstream[i, j]
    return dx


@max_pooling_backward.wrong(
    "For each window upstream was added to every pixel of the image that is as large as its "
    "largest, in other windows too. Look for it in the window only.",
    belief="that x == largest finds one pixel. It finds all of that value, and where windows have "
    "equal largest numbers, each gets the sum.",
)
def _added_wherever_that_number_stands(x, size, upstream):
    dx, y = np.zeros(x.shape), max_pooling.solution(x, size)
    for i, j in np.ndindex(y.shape):
        dx[x == y[i, j]] += upstream[i, j]
    return dx


@max_pooling_backward.wrong(
    "The right pixels got 1. Give them upstream[i, j] of their window.",
    belief="that the local derivative is the gradient. It is one factor of it.",
)
def _one_for_the_largest(x, size, upstream):
    return _shared_out(x, size, np.ones(upstream.shape), _first_largest)


@max_pooling_backward.wrong(
    "This is a mask, with 1 wherever the largest number of a window stands. Give upstream[i, j] to "
    "one pixel of each window, of equals to the first.",
    belief="that where is all that matters. Where says the mask; how much says upstream.",
)
def _mask_alone(x, size, upstream):
    return _shared_out(x, size, np.ones(upstream.shape), _all_largest)


@max_pooling_backward.wrong(
    "The right pixels got their own value. What comes back is upstream[i, j], whatever number has "
    "won.",
    belief="that backward undoes forward and puts the numbers back. It says what a nudge of each "
    "is worth.",
)
def _largest_put_back(x, size, upstream):
    return _shared_out(x, size, max_pooling.solution(x, size), _first_largest)


@max_pooling_backward.wrong(
    "The right pixels got upstream times their value. The slope of a maximum is 1: give them "
    "upstream itself.",
    belief="that a gradient is a product with x. That is so for the weight of a product; nothing "
    "was multiplied here.",
)
def _times_the_largest(x, size, upstream):
    return _shared_out(x, size, upstream * max_pooling.solution(x, size), _first_largest)


@max_pooling_backward.wrong(
    "Each window shared upstream out evenly, as for a mean. Only its largest number has changed "
    "the output; it gets all.",
    belief="that a window answers as a whole. A nudge of a number that did not win changes "
    "nothing.",
)
def _shared_out_evenly(x, size, upstream):
    return _shared_out(x, size, upstream, lambda blocks: np.full(blocks.shape, 1 / size**2))


@max_pooling_backward.wrong(
    "All pixels of a window got its upstream. Only the largest has changed the output; the others "
    "get 0.",
    belief="that the way back makes large again what was made small. It asks each pixel what a "
    "nudge of it would do.",
)
def _to_the_whole_window(x, size, upstream):
    return _shared_out(x, size, upstream, lambda blocks: np.ones(blocks.shape))


@max_pooling_backward.wrong(
    "Rows and columns that fill no window are missing. The gradient has the shape of x, and is 0 "
    "there.",
    belief="that what was dropped is gone. Its gradient is asked for all the same: a nudge there "
    "does nothing, so it is 0.",
)
def _rest_cut_off(x, size, upstream):
    down, across = upstream.shape
    return max_pooling_backward.solution(x, size, upstream)[: down * size, : across * size]


@max_pooling_backward.wrong(
    "The place of the largest was counted from the corner of its window, and used as one of the "
    "image: all lie in the first window. Add i * size and j * size.",
    belief="that argmax knows where a window lies. It counts from the beginning of what it is "
    "given.",
)
def _counted_from_the_window(x, size, upstream):
    dx, blocks = np.zeros(x.shape), _blocks(x, size)
    for i, j in np.ndindex(upstream.shape):
        dx[np.unravel_index(blocks[i, j].argmax(), (size, size))] = upstream[i, j]
    return dx


@max_pooling_backward.wrong(
    "Upstream of window (i, j) went to a pixel counted from (i, j). The window begins at row "
    "i * size and column j * size.",
    belief="that window (i, j) begins at pixel (i, j). It does so where it moves by one pixel.",
)
def _counted_from_the_wrong_corner(x, size, upstream):
    dx, blocks = np.zeros(x.shape), _blocks(x, size)
    for i, j in np.ndindex(upstream.shape):
        p, q = np.unravel_index(blocks[i, j].argmax(), (size, size))
        dx[i + p, j + q] = upstream[i, j]
    return dx


@max_pooling_backward.wrong(
    "Where no number of a window is above 0, its first pixel got upstream. Let the search begin "
    "with a number of the window, or with -np.inf.",
    belief="that 0 is smaller than anything. It is so after ReLU.",
)
def _search_begins_at_zero(x, size, upstream):
    return max_pooling_backward.solution(np.maximum(x, 0), size, upstream)


@max_pooling_backward.wrong(
    "The last windows took in the rows and columns that are left over, and so upstream may go to a "
    "pixel that forward never saw. Every window has size by size pixels.",
    belief="that a slice without an end stops where the window does. It goes on to the border.",
)
def _last_windows_too_large(x, size, upstream):
    dx, last = np.zeros(x.shape), np.subtract(upstream.shape, 1)
    for i, j in np.ndindex(upstream.shape):
        down, across = (None if at == end else size for at, end in zip((i, j), last, strict=True))
        window = x[i * size :, j * size :][:down, :across]
        p, q = np.unravel_index(window.argmax(), window.shape)
        dx[i * size + p, j * size + q] = upstream[i, j]
    return dx
