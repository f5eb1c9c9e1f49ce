"""Exercises of chapter 7: a filter over an image, what comes out, and the way back."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from downslope.check.exercise import exercise

__all__ = [
    "cross_correlation",
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
