"""Exercises of chapter 7: a filter over an image, what comes out, and the way back."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from downslope.check.exercise import exercise

__all__ = [
    "cross_correlation",
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
    """The sum of w times what lies under it, at each place of the filter w on x; stride 1."""
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
    belief="that range(h - k) includes h - k. It stops before it; there the filter would just "
    "touch the border.",
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
    belief="that half a step is nearly one. There is nothing under the window's last column.",
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
