"""Exercises of chapter 8: what it takes to go deep."""

import numpy as np

from downslope.check.exercise import exercise

__all__ = [
    "ensemble_prediction",
    "mixed_precision_step",
    "receptive_field",
    "residual_backward",
    "shifted_image",
    "top_k_error",
]

_SCALES = 2.0**-40, 2.0**30  # what was rounded off or limited shows in small and large numbers


def _quarters(rng, *shape):
    """Signed numbers, none of them 0, whose products and sums are exact even in float32."""
    return rng.choice([-1, 1], shape) * rng.integers(1, 10, shape) / 4


def _ways_around(rng):
    yield {
        "x": np.array([[1.0, 2.0], [-1.0, 0.5]]),
        "W": np.array([[1.0, 0.5], [-2.0, 1.0]]),
        "b": np.array([3.0, -1.0]),
        "scale": 0.5,
        "upstream": np.array([[1.0, -2.0], [4.0, 0.5]]),
    }
    plain = (4, 3, 0.25), (3, 4, 2.0), (3, 3, 1.0), (1, 2, 0.5), (5, 1, 0.25)
    scaled = [(3, 2, 0.5, unit, 1) for unit in _SCALES] + [(3, 2, 0.5, 1, size) for size in _SCALES]
    for n, k, scale, unit, size in (*((*one, 1, 1) for one in plain), *scaled):
        x, W = unit * _quarters(rng, n, k), _quarters(rng, k, k)
        b = -(x @ W)[rng.integers(n, size=k), np.arange(k)]  # each unit is at the kink for one x
        b = np.where(rng.random(k) < 0.7, b, unit * _quarters(rng, k))
        yield {"x": x, "W": W, "b": b, "scale": scale, "upstream": size * _quarters(rng, n, k)}


@exercise(
    cases=_ways_around,
    right="what comes back takes both ways, and the one around weakens nothing.",
)
def residual_backward(x, W, b, scale, upstream):
    """The gradient by x, a new array, for y = x + scale * relu(x @ W + b)."""
    is_open = x @ W + b > 0
    return upstream + (scale * upstream * is_open) @ W.T


@residual_backward.wrong(
    "This is what comes back through the layer. The way around is missing: y has an x of its own, "
    "and that passes upstream on as it is, so add upstream.",
    belief="that the gradient takes the way on which something is computed. It takes every way "
    "from x to y, and what arrives adds up.",
)
def _way_around_forgotten(x, W, b, scale, upstream):
    return (scale * upstream * (x @ W + b > 0)) @ W.T


@residual_backward.wrong(
    "This is what comes back on the way around. The way through the layer is missing: add "
    "(scale * upstream * is_open) @ W.T, where is_open tells which x @ W + b are above 0.",
    belief="that a way around replaces what it leads past. Then W would not matter to x, nor to y.",
)
def _only_the_way_around(x, W, b, scale, upstream):
    return upstream.copy()


@residual_backward.wrong(
    "The way through the layer lacks scale. Forward multiplies by it, so it multiplies what comes "
    "back on that way.",
    belief="that a constant is not in the gradient. A constant term is not; a constant factor is.",
)
def _scale_forgotten(x, W, b, scale, upstream):
    return residual_backward.solution(x, W, b, 1, upstream)


@residual_backward.wrong(
    "Here scale multiplies the way around too. It belongs to what the layer adds; x itself is "
    "added as it is.",
    belief="that scale stands before all of it. Twenty times 0.1 along the way around, and nothing "
    "is left of the gradient.",
)
def _scale_on_both_ways(x, W, b, scale, upstream):
    return scale * residual_backward.solution(x, W, b, 1, upstream)


@residual_backward.wrong(
    "The scale has gone to the wrong way. The one around has none; that through the layer has it.",
    belief="that scale says how much of x is kept. It says how much of the layer is added.",
)
def _scale_on_the_way_around(x, W, b, scale, upstream):
    return scale * upstream + (upstream * (x @ W + b > 0)) @ W.T


@residual_backward.wrong(
    "The way through the layer has scale twice. Forward multiplies by it once, and so does "
    "backward.",
    belief="that it comes once for forward and once for backward. Nothing of forward's value is in "
    "this gradient, only which units were open.",
)
def _scale_squared(x, W, b, scale, upstream):
    return residual_backward.solution(x, W, b, scale**2, upstream)


@residual_backward.wrong(
    "Which units are open was read from y. There x is added already; ask where x @ W + b is "
    "above 0.",
    belief="that the output of the whole tells what ReLU did. Its own output would, and that is "
    "hidden in the sum.",
)
def _mask_from_y(x, W, b, scale, upstream):
    y = x + scale * np.maximum(x @ W + b, 0)
    return upstream + (scale * upstream * (y > 0)) @ W.T


@residual_backward.wrong(
    "Which units are open was read from x. ReLU is given x @ W + b; ask where that is above 0.",
    belief="that the first input is the input of all. Each step asks for its own.",
)
def _mask_from_x(x, W, b, scale, upstream):
    return upstream + (scale * upstream * (x > 0)) @ W.T


@residual_backward.wrong(
    "Which units are open was read from x @ W, without b. The bias is there to move that border.",
    belief="that a bias, which x does not touch, has no say in the gradient by x. It decides who "
    "is open.",
)
def _mask_without_b(x, W, b, scale, upstream):
    return residual_backward.solution(x, W, 0, scale, upstream)


@residual_backward.wrong(
    "All units count as open. Where x @ W + b is not above 0, ReLU gives 0 whatever a nudge does, "
    "and nothing comes back.",
    belief="that the way around makes the layer linear. It leads past ReLU; who goes through the "
    "layer still meets it.",
)
def _mask_forgotten(x, W, b, scale, upstream):
    return upstream + scale * upstream @ W.T


@residual_backward.wrong(
    "The way through the layer was multiplied by what ReLU gave. Its slope is what counts: 1 where "
    "x @ W + b is above 0, else 0.",
    belief="that backward multiplies by what forward has made. It multiplies by how that answers a "
    "nudge, and ReLU passes on a nudge of 1 as 1.",
)
def _value_for_slope(x, W, b, scale, upstream):
    return upstream + (scale * upstream * np.maximum(x @ W + b, 0)) @ W.T


@residual_backward.wrong(
    "The units that are not open were left out after W.T. ReLU comes after W, so going back it "
    "comes before: first leave them out, and then multiply by W.T.",
    belief="that going back the order stays as it was. It is turned round. Here W is square, so no "
    "shape tells.",
)
def _mask_after_W(x, W, b, scale, upstream):
    return upstream + scale * (upstream @ W.T) * (x @ W + b > 0)


@residual_backward.wrong(
    "Right, except where x @ W + b is 0. There the slope of ReLU does not exist, and this book "
    "chose 0: ask for > 0, not >= 0.",
    belief="that > or >= makes no difference. Zeros do occur: before the first step, where weights "
    "begin at 0, all of them are.",
)
def _open_at_zero(x, W, b, scale, upstream):
    return upstream + (scale * upstream * (x @ W + b >= 0)) @ W.T


@residual_backward.wrong(
    "W must be transposed on the way back: @ W.T. Here W is square, so the shape does not tell.",
    belief="that the way back uses the same matrix. Going forward W mixes inputs into outputs; "
    "coming back, outputs into inputs.",
)
def _not_transposed(x, W, b, scale, upstream):
    return upstream + (scale * upstream * (x @ W + b > 0)) @ W


@residual_backward.wrong(
    "Zeros were written into upstream itself, and then it was sent along the way around with holes "
    "in it. Both ways need it whole: make a new array for the layer, and leave upstream alone.",
    belief="that an array that was handed over may be used up. Here two ways get the same one; "
    "where nobody looks, most of the gradient is lost so, and training goes on, badly.",
)
def _writes_into_upstream(x, W, b, scale, upstream):
    upstream[x @ W + b <= 0] = 0
    return upstream + scale * upstream @ W.T


@residual_backward.wrong(
    "The way around was closed as well where ReLU is. It leads past ReLU: there upstream comes "
    "back whole.",
    belief="that one gate serves both ways. The one around exists so that a closed unit does not "
    "stop the gradient.",
)
def _way_around_masked(x, W, b, scale, upstream):
    masked = upstream * (x @ W + b > 0)
    return masked + scale * masked @ W.T


@residual_backward.wrong(
    "The way around gave 1. Its slope is 1, and a slope is multiplied by upstream: add upstream.",
    belief="that a skip connection adds 1 to the gradient. It adds 1 to the slope.",
)
def _one_for_upstream(x, W, b, scale, upstream):
    return 1 + (scale * upstream * (x @ W + b > 0)) @ W.T


@residual_backward.wrong(
    "Both ways went through W. Only that through the layer does; the one around ends at x: add "
    "upstream after the product with W.T.",
    belief="that the two meet before W. Going forward x parts before W, so coming back they meet "
    "after it.",
)
def _around_through_W(x, W, b, scale, upstream):
    return (upstream + scale * upstream * (x @ W + b > 0)) @ W.T


def _stacks(rng):
    yield {"sizes": [5, 2, 5, 2], "strides": [1, 2, 1, 2]}
    yield {"sizes": [3, 3], "strides": [1, 1]}
    yield {"sizes": [4], "strides": [3]}
    yield {"sizes": [7, 3, 3, 1, 3], "strides": [2, 2, 1, 1, 2]}
    for n in (3, 4, 6):
        sizes = rng.integers(2, 8, n)
        strides = np.minimum(rng.integers(1, 4, n), sizes)  # a window leaves out no pixel
        yield {"sizes": sizes.tolist(), "strides": strides.tolist()}


@exercise(
    cases=_stacks,
    right="each layer adds size - 1 steps, as long as the strides before it have made them.",
)
def receptive_field(sizes, strides):
    """How many pixels, along one axis, one number of the last of these layers sees."""
    field, jump = 1, 1
    for size, stride in zip(sizes, strides, strict=True):
        field += (size - 1) * jump
        jump *= stride
    return field


@receptive_field.wrong(
    "This is the product of the sizes. Windows of one layer overlap: the next one adds its "
    "size - 1 steps, each as long as the product of the strides before.",
    belief="that each pixel of a window has a window to itself. Two filters of 3 with stride 1 see "
    "5 pixels, not 9.",
)
def _product_of_sizes(sizes, strides):
    return int(np.prod(sizes))


@receptive_field.wrong(
    "This is the sum of the sizes. A layer adds size - 1, for one pixel of its window was seen "
    "already; and a stride makes the steps of all later layers longer.",
    belief="that windows lie side by side. They overlap.",
)
def _sum_of_sizes(sizes, strides):
    return sum(sizes)


@receptive_field.wrong(
    "The strides are not in use. After a stride of 2 neighbours look at places two pixels apart, "
    "so all later layers take steps twice as long.",
    belief="that a stride only makes the output smaller. What is left stands further apart.",
)
def _strides_ignored(sizes, strides):
    return 1 + sum(size - 1 for size in sizes)


@receptive_field.wrong(
    "Each layer's own stride came in too early. Within its first window a filter steps from one "
    "number to the next; its stride moves the window, and counts for the layers after it.",
    belief="that a stride thins out the window. That is called dilation, and is something else.",
)
def _own_stride_too_early(sizes, strides):
    field, jump = 1, 1
    for size, stride in zip(sizes, strides, strict=True):
        jump *= stride
        field += (size - 1) * jump
    return field


@receptive_field.wrong(
    "The last stride has been counted. It says where the *next* number of the last layer looks, "
    "and only one number was asked for. Going back, r numbers lie r - 1 strides apart, so they see "
    "(r - 1) * stride + size.",
    belief="that every number takes up a stride of pixels. Between r numbers lie r - 1 strides; "
    "the window of the last is what remains.",
)
def _last_stride_counted(sizes, strides):
    return receptive_field.solution(sizes, strides) - 1 + int(np.prod(strides))


@receptive_field.wrong(
    "Going back, r numbers were given r strides. Between them lie r - 1, so they see "
    "(r - 1) * stride + size.",
    belief="that every number brings a stride with it. The last one brings only its window.",
)
def _as_many_strides_as_numbers(sizes, strides):
    field = 1
    for size, stride in zip(reversed(sizes), reversed(strides), strict=True):
        field = field * stride + size
    return field


@receptive_field.wrong(
    "The steps are as long as the stride of the layer just before. All strides before have a part "
    "in them: multiply.",
    belief="that a layer only knows its neighbour. Its neighbour's steps are long already.",
)
def _only_the_stride_before(sizes, strides):
    before = [1, *strides[:-1]]
    return 1 + sum((size - 1) * jump for size, jump in zip(sizes, before, strict=True))


@receptive_field.wrong(
    "The strides before a layer were added. After 2 and 2 neighbours are 4 pixels apart, and after "
    "three of them 8: multiply.",
    belief="that steps add up. A step of the third layer is so many steps of the second, and each "
    "of these so many pixels.",
)
def _strides_added(sizes, strides):
    jumps = [1, *(sum(strides[: i + 1]) for i in range(len(strides) - 1))]
    return 1 + sum((size - 1) * jump for size, jump in zip(sizes, jumps, strict=True))


@receptive_field.wrong(
    "Each layer has added all of its size. Of a window, one number was seen already: size - 1 "
    "steps come on top, and the sum begins at 1.",
    belief="that a window of 3 is three steps wide. From its first number to its last there are "
    "two.",
)
def _size_for_size_less_1(sizes, strides):
    jumps = [int(np.prod(strides[:i])) for i in range(len(sizes))]
    return sum(size * jump for size, jump in zip(sizes, jumps, strict=True))


@receptive_field.wrong(
    "One is missing: these are the steps from the first pixel to the last. Pixels are one more.",
    belief="that as many steps are as many pixels. A fence has one post more than it has gaps.",
)
def _one_missing(sizes, strides):
    return receptive_field.solution(sizes, strides) - 1


@receptive_field.wrong(
    "The layers were gone through from the wrong end: here the strides *after* a layer make its "
    "steps longer. Those before it do.",
    belief="that the order does not matter. A stride at the end widens nothing.",
)
def _from_the_wrong_end(sizes, strides):
    return receptive_field.solution(sizes[::-1], strides[::-1])


@receptive_field.wrong(
    "This is how many pixels are seen in all, of both axes. You were asked along one.",
    belief="that a field is an area. It is given by its side, as a filter is.",
)
def _area(sizes, strides):
    return receptive_field.solution(sizes, strides) ** 2


@receptive_field.wrong(
    "The number is right, but it is a float: np.prod of no strides at all, before the first layer, "
    "is 1.0. A whole number was asked for: take math.prod, or int(...) of it.",
    belief="that a product of whole numbers is whole. Of none NumPy does not know what they would "
    "have been.",
)
def _as_a_float(sizes, strides):
    return float(receptive_field.solution(sizes, strides))


def _images(rng):
    image = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    yield {"image": image, "rows": 1, "columns": 0}
    yield {"image": image.copy(), "rows": 0, "columns": -1}
    yield {"image": image.copy(), "rows": 0, "columns": 0}
    for rows, columns in ((2, 1), (1, -2), (-1, 3), (-3, -1), (4, 0), (-2, 7), (0, -6)):
        yield {"image": _quarters(rng, 4, 6), "rows": rows, "columns": columns}
    for scale in _SCALES:
        yield {"image": scale * _quarters(rng, 3, 3), "rows": 1, "columns": -1}


@exercise(
    cases=_images,
    right="what leaves is gone, and paper comes in, in all four directions.",
)
def shifted_image(image, rows, columns):
    """The image moved down by rows and right by columns (below 0: up, left), zeros coming in."""
    height, width = image.shape
    # The 1 in row i of the first matrix picks row i - rows, where there is one.
    return np.eye(height, k=-rows) @ image @ np.eye(width, k=columns)


@shifted_image.wrong(
    "What left on one side came back on the other, as np.roll has it. It is gone; let zeros come "
    "in.",
    belief="that nothing should be lost. The tail of a 9 above its head is no 9, and the edge of "
    "most images is paper anyway.",
)
def _wraps_round(image, rows, columns):
    return np.roll(image, (rows, columns), axis=(0, 1))


@shifted_image.wrong(
    "The image went the other way. Rows are counted downwards: moved[i, j] is "
    "image[i - rows, j - columns].",
    belief="that what one looks up moves with a plus. To move a picture down, each place looks up "
    "what stood above it.",
)
def _other_way(image, rows, columns):
    return shifted_image.solution(image, -rows, -columns)


@shifted_image.wrong(
    "Down and up are turned round: a positive number of rows moves the image down.",
    belief="that up is positive, as in a diagram. Rows are counted from above.",
)
def _upwards(image, rows, columns):
    return shifted_image.solution(image, -rows, columns)


@shifted_image.wrong(
    "The rows and the columns have changed places: rows moves down, along the first axis, and "
    "columns moves right.",
    belief="that the first number is x, to the right. For arrays the row comes first.",
)
def _axes_swapped(image, rows, columns):
    return shifted_image.solution(image, columns, rows)


@shifted_image.wrong(
    "The edge was copied into what became free. Zeros should come in.",
    belief="that a neighbour is the best guess. Ink at the edge would be drawn out to a bar.",
)
def _edge_copied(image, rows, columns):
    height, width = image.shape
    i = np.clip(np.arange(height) - rows, 0, height - 1)
    j = np.clip(np.arange(width) - columns, 0, width - 1)
    return image[np.ix_(i, j)]


@shifted_image.wrong(
    "With 0 or a number below, these slices are not what they seem: image[:-0] is image[:0], which "
    "is empty. Say from where to where, as in image[max(-rows, 0):max(height - rows, 0)].",
    belief="that -0 from the end is the end. For a slice -0 is 0, the beginning.",
)
def _slices_to_minus_0(image, rows, columns):
    moved = np.zeros_like(image)
    moved[rows:, columns:] = image[:-rows, :-columns]
    return moved


@shifted_image.wrong(
    "This works down and to the right. Below 0, moved[rows:] counts from the end, and the two "
    "sides no longer fit: there, change the two slices about.",
    belief="that one formula serves both ways. A negative index is a place counted from the end.",
)
def _only_down_and_right(image, rows, columns):
    height, width = image.shape
    moved = np.zeros_like(image)
    moved[rows:, columns:] = image[: height - rows, : width - columns]
    return moved


@shifted_image.wrong(
    "This works down and to the right. Below 0 there is nothing to put before the image: there, "
    "put zeros behind it, and leave out its first rows or columns.",
    belief="that one frame serves both ways. np.pad cannot take away.",
)
def _padded_above_and_left(image, rows, columns):
    height, width = image.shape
    return np.pad(image, ((rows, 0), (columns, 0)))[:height, :width]


@shifted_image.wrong(
    "Down and right it is right. Up and left, what should be gone came back at the other side. In "
    "a loop, an index below 0 counts from the end: skip it.",
    belief="that an index below 0 is an error. Only one beyond the other end is.",
)
def _negative_places_written(image, rows, columns):
    height, width = image.shape
    moved = np.zeros_like(image)
    for i in range(height):
        for j in range(width):
            if i + rows < height and j + columns < width:
                moved[i + rows, j + columns] = image[i, j]
    return moved


@shifted_image.wrong(
    "Up and left it is right. Down and right, what left came back at the other side: an index "
    "below 0 counts from the end. Let such a place stay 0.",
    belief="that nothing stands before the beginning. For Python, the end does.",
)
def _negative_places_read(image, rows, columns):
    height, width = image.shape
    moved = np.zeros_like(image)
    for i in range(height):
        for j in range(width):
            if i - rows < height and j - columns < width:
                moved[i, j] = image[i - rows, j - columns]
    return moved


@shifted_image.wrong(
    "The image was rolled, and then the first rows and columns were cleared. Below 0 it is the "
    "last ones that came round, and moved[:rows] is nearly all of it.",
    belief="that moved[:rows] = 0 clears as many rows, whatever the sign. For -1 it clears all but "
    "one.",
)
def _cleared_at_one_side(image, rows, columns):
    moved = np.roll(image, (rows, columns), axis=(0, 1))
    moved[:rows], moved[:, :columns] = 0, 0
    return moved


@shifted_image.wrong(
    "The image has grown: zeros were put in, and what should leave is still there. Cut it to the "
    "shape that it had.",
    belief="that to move is to put something in front. What stands behind must go.",
)
def _grown(image, rows, columns):
    before, after = np.maximum((rows, columns), 0), np.maximum((-rows, -columns), 0)
    return np.pad(image, [*zip(before, after, strict=True)])


def _opinions(rng):
    yield {
        "probabilities": np.array(
            [
                [[0.625, 0.375], [0.25, 0.75]],
                [[0.625, 0.375], [0.75, 0.25]],
                [[0.0625, 0.9375], [0.875, 0.125]],
            ]
        )
    }
    sizes = (5, 6, 4), (3, 4, 6), (4, 8, 5)
    for n_networks, n, n_classes in sizes:
        samples = [_sample(rng, n_networks, n_classes) for _ in range(n)]
        yield {"probabilities": np.stack(samples, axis=1)}
    tied = np.array([[16, 10, 6], [15, 12, 5], [14, 11, 7], [5, 17, 10]]) / 32
    samples = [rng.permutation(rng.permutation(tied), axis=1) for _ in range(6)]
    yield {"probabilities": np.stack(samples, axis=1)}


def _sample(rng, n_networks, n_classes):
    """What networks say of one sample, in 32nds, with no tie, which every code breaks as it likes.

    Neither in the mean nor in the other ways to choose.
    """
    while True:
        said = rng.multinomial(32 - n_classes, rng.dirichlet(np.ones(n_classes), n_networks)) + 1
        votes = np.bincount(said.argmax(axis=1), minlength=n_classes)
        ways = *said, votes, said.sum(axis=0), said.prod(axis=0), said.max(axis=0)
        if all(np.count_nonzero(way == way.max()) == 1 for way in ways):
            return said / 32


@exercise(
    cases=_opinions,
    right="every network is heard, and with all of its doubts.",
)
def ensemble_prediction(probabilities):
    """Labels by the mean of (n_networks, n, n_classes) probabilities; of equals the first class."""
    return probabilities.mean(axis=0).argmax(axis=1)


@ensemble_prediction.wrong(
    "Each network had one vote, however sure it was. Average the probabilities first, and then "
    "take the largest.",
    belief="that a label is all a network has to say. Two that hesitate outvote one that is sure; "
    "their means would tell.",
)
def _majority(probabilities):
    votes = probabilities.argmax(axis=2)
    n_classes = probabilities.shape[2]
    return np.array([np.bincount(column, minlength=n_classes).argmax() for column in votes.T])


@ensemble_prediction.wrong(
    "The probabilities were multiplied, or their logarithms averaged, which is the same. You were "
    "asked for the mean of the probabilities themselves.",
    belief="that independent opinions multiply. The networks have learned from the same samples, "
    "and in a product a single one that is near 0 forbids a class.",
)
def _product(probabilities):
    return np.log(probabilities).mean(axis=0).argmax(axis=1)


@ensemble_prediction.wrong(
    "Here the network that is most sure decides alone. Take the mean over the networks.",
    belief="that who is surest is right. Networks that know their samples by heart are sure of "
    "everything.",
)
def _most_sure(probabilities):
    return probabilities.max(axis=0).argmax(axis=1)


@ensemble_prediction.wrong(
    "The mean was taken over the samples, so there is one label for each network. Average over the "
    "networks: axis=0.",
    belief="that the samples come first. Here they are inside: (n_networks, n, n_classes).",
)
def _mean_over_samples(probabilities):
    return probabilities.mean(axis=1).argmax(axis=1)


@ensemble_prediction.wrong(
    "The mean was taken over the classes, which is the same for all: probabilities add up to 1. "
    "Average over the networks, axis=0, and choose among the classes.",
    belief="that the last axis is the one to average. It is the one to choose from.",
)
def _mean_over_classes(probabilities):
    return probabilities.mean(axis=2).argmax(axis=0)


@ensemble_prediction.wrong(
    "The mean is right. But then each class was asked for its sample, instead of each sample for "
    "its class: after the mean a row is a sample, so choose along axis=1.",
    belief="that axis=0 is for choosing as it was for averaging. The mean has taken that axis "
    "away.",
)
def _a_sample_for_each_class(probabilities):
    return probabilities.mean(axis=0).argmax(axis=0)


@ensemble_prediction.wrong(
    "The mean is right. But argmax without an axis gives one place among all numbers; ask for one "
    "in each row: axis=1.",
    belief="that argmax goes by rows of itself. Without an axis it sees one long row.",
)
def _without_an_axis(probabilities):
    return probabilities.mean(axis=0).argmax()


@ensemble_prediction.wrong(
    "Only the first network was asked.",
    belief="that one of them is as good as all. Where it errs, others need not.",
)
def _first_network(probabilities):
    return probabilities[0].argmax(axis=1)


@ensemble_prediction.wrong(
    "The labels of the networks were averaged. Label 2 does not lie between 1 and 3 in any sense "
    "that counts: average the probabilities.",
    belief="that labels are numbers. They are names; a 4 and an 8 do not make a 6.",
)
def _mean_label(probabilities):
    return np.rint(probabilities.argmax(axis=2).mean(axis=0)).astype(int)


@ensemble_prediction.wrong(
    "The median of the networks was taken. You were asked for the mean, in which one that is very "
    "sure counts for more.",
    belief="that an opinion far from the others is a slip. It may be the one that has seen it.",
)
def _median(probabilities):
    return np.median(probabilities, axis=0).argmax(axis=1)


@ensemble_prediction.wrong(
    "Where two classes are equal this takes the last. You were asked for the first, which is what "
    "argmax does.",
    belief="that it does not matter which. Whoever repeats it should find the same.",
)
def _last_of_equals(probabilities):
    mean = probabilities.mean(axis=0)
    return mean.shape[1] - 1 - mean[:, ::-1].argmax(axis=1)


@ensemble_prediction.wrong(
    "These are the mean probabilities of all classes. A label for each sample was asked for: the "
    "class that has the largest.",
    belief="that a prediction is the probabilities. They are the way to it; here it ends with a "
    "choice.",
)
def _mean_probabilities(probabilities):
    return probabilities.mean(axis=0)


@ensemble_prediction.wrong(
    "This is how probable the best class is, not which one it is: argmax for max.",
    belief="that the largest and its place are the same. max gives the one, argmax the other.",
)
def _largest_mean(probabilities):
    return probabilities.mean(axis=0).max(axis=1)


@ensemble_prediction.wrong(
    "The labels of every network are still there, a row for each. Average first, and then choose.",
    belief="that choosing comes before averaging. After it there is nothing left to average.",
)
def _label_of_every_network(probabilities):
    return probabilities.argmax(axis=2)


def _rankings(rng):
    yield {
        "scores": np.array(
            [[0.5, 2.0, -1.0, 1.0], [3.0, -2.0, 0.25, 1.5], [-3.0, -0.5, -1.0, -2.0]]
        ),
        "labels": np.array([3, 1, 0]),
        "k": 2,
    }
    for n, n_classes, k in ((11, 7, 3), (13, 10, 5), (12, 6, 2), (9, 5, 4), (14, 8, 2)):
        scores = rng.permuted(np.tile(np.arange(n_classes), (n, 1)), axis=1)
        labels = rng.integers(n_classes, size=n)
        # By rank: one label just within the first k, one just beyond, one first, one last.
        for row, rank in enumerate((k - 1, k, 0, n_classes - 1)):
            labels[row] = np.flatnonzero(scores[row] == n_classes - 1 - rank)[0]
        yield {"scores": (scores - n_classes // 2) * 0.75 + 0.25, "labels": labels, "k": k}


@exercise(
    cases=_rankings,
    right="this is how ImageNet counted, with k = 5.",
)
def top_k_error(scores, labels, k):
    """The share of samples whose label is not among their k largest scores (no two are equal)."""
    best = np.argsort(scores, axis=1)[:, -k:]
    return 1 - np.mean((best == labels[:, np.newaxis]).any(axis=1))


@top_k_error.wrong(
    "This is the accuracy: the share of those whose label is among the k largest. The error is the "
    "rest, 1 minus it.",
    belief="that the number says how good it is. ImageNet's numbers say how bad.",
)
def _accuracy(scores, labels, k):
    return 1 - top_k_error.solution(scores, labels, k)


@top_k_error.wrong(
    "This is how many samples. Divide by their number, for the share.",
    belief="that a count will do. It cannot be compared with one from other data.",
)
def _how_many(scores, labels, k):
    return len(labels) * top_k_error.solution(scores, labels, k)


@top_k_error.wrong(
    "This is in percent. A share was asked for, from 0 to 1.",
    belief="that errors are in percent. In papers they are; in code a share saves everybody the "
    "question.",
)
def _percent(scores, labels, k):
    return 100 * top_k_error.solution(scores, labels, k)


@top_k_error.wrong(
    "Only the largest score counts here, whatever k is. A label may be any of the k largest.",
    belief="that a network has one guess. By this measure it has k.",
)
def _top_1(scores, labels, k):
    return np.mean(scores.argmax(axis=1) != labels)


@top_k_error.wrong(
    "These are the k smallest scores: argsort begins with the smallest. Take the last k, [:, -k:].",
    belief="that sorting begins with the best. NumPy counts upwards.",
)
def _smallest(scores, labels, k):
    return top_k_error.solution(-scores, labels, k)


@top_k_error.wrong(
    "One too few: k - 1 of the scores were admitted. Label k of the ranking is still in.",
    belief="that a range has its end in it, or that the label must beat k others. It must be among "
    "k; only k - 1 may be larger.",
)
def _one_too_few(scores, labels, k):
    return top_k_error.solution(scores, labels, k - 1)


@top_k_error.wrong(
    "The best score itself was left out: a slice ends before its end, so [-k:-1] lacks the last. "
    "Take [-k:].",
    belief="that -1 names the last and so includes it. It does as an index, not as an end.",
)
def _best_left_out(scores, labels, k):
    best = np.argsort(scores, axis=1)[:, -k:-1]
    return 1 - np.mean((best == labels[:, np.newaxis]).any(axis=1))


@top_k_error.wrong(
    "One too many: k + 1 of the scores were admitted.",
    belief="that k others may be larger than the label. Then it is number k + 1.",
)
def _one_too_many(scores, labels, k):
    return top_k_error.solution(scores, labels, k + 1)


@top_k_error.wrong(
    "A label was asked to be number k of its ranking exactly. Any of the first k will do.",
    belief="that k is a place. It is how many guesses there are.",
)
def _number_k_exactly(scores, labels, k):
    return np.mean(np.argsort(scores, axis=1)[:, -k] != labels)


@top_k_error.wrong(
    "All n * k guesses were averaged, and of k guesses at most one is right. Ask of each sample "
    "whether any of its k is: .any(axis=1), and then the mean.",
    belief="that the mean does the asking. It counts the wrong guesses of a right sample, too.",
)
def _share_of_guesses(scores, labels, k):
    return np.mean(np.argsort(scores, axis=1)[:, -k:] != labels[:, np.newaxis])


@top_k_error.wrong(
    "A label passes here when any sample has it among its k largest. Compare each row with its own "
    "label.",
    belief="that np.isin goes row by row. It looks everywhere.",
)
def _any_row_will_do(scores, labels, k):
    return 1 - np.mean(np.isin(labels, np.argsort(scores, axis=1)[:, -k:]))


@top_k_error.wrong(
    "The result of argsort was read as ranks. It says which class is in each place; you looked up "
    "in which place each class is. Search the places for the label, or sort twice.",
    belief="that argsort numbers the scores. It lists the indices in the order of the scores.",
)
def _argsort_as_ranks(scores, labels, k):
    places = np.argsort(-scores, axis=1)
    return np.mean(places[np.arange(len(labels)), labels] >= k)


@top_k_error.wrong(
    "The k largest *scores* were compared with the labels. Compare the places where they stand, as "
    "argsort gives them.",
    belief="that sort and argsort are one. A label is the number of a column.",
)
def _scores_for_places(scores, labels, k):
    best = np.sort(scores, axis=1)[:, -k:]
    return 1 - np.mean((best == labels[:, np.newaxis]).any(axis=1))


@top_k_error.wrong(
    "The samples were sorted, and not the classes of each sample: axis=1 for axis=0.",
    belief="that sorting goes down the columns. A row is a sample, and the ranking is its own.",
)
def _sorted_down_the_columns(scores, labels, k):
    best = np.argsort(scores, axis=0)[:, -k:]
    return 1 - np.mean((best == labels[:, np.newaxis]).any(axis=1))


def _mixed(rng):
    """Weights of the size of their steps; all is exact in float32, and what is lost in float16.

    Factors are powers of two, so that no product of theirs is rounded before it is lost.
    """
    half, single = np.float16, np.float32
    yield {
        "weights": np.array([1.0, -0.5, 0.25], single),
        "scaled_gradient": np.array([512.0, -256.0, 64.0], half),
        "loss_scale": 1024.0,
        "learning_rate": 0.5,
    }
    for weight, gradient, loss_scale, learning_rate in (
        (2.0**-29, 2.0**-13, 2.0**15, 0.5),  # unscaled it is nothing in float16
        (2.0**-6, 2.0**4, 2.0**10, 0.25),
        (2.0**-28, 2.0**-15, 2.0**14, 2.0),
        (1.0, 2.0**13, 2.0**12, 1.0),
    ):
        weights = (weight * _quarters(rng, 2, 3)).astype(single)
        scaled = (gradient * _quarters(rng, 2, 3)).astype(half)
        yield _step_of(weights, scaled, loss_scale, learning_rate)
    weights = (1 + _quarters(rng, 4) * 2.0**-11).astype(single)  # more digits than float16 has
    scaled = (_quarters(rng, 4) / 4 * [1, 0, 1, 1]).astype(half)  # a 0 is as good as any
    yield _step_of(weights, scaled, 2.0**10, 0.5)
    large = np.array([40000.0, 36864.0, 49152.0, 32768.0], half)  # whose sum float16 cannot hold
    yield _step_of(_quarters(rng, 4).astype(single), large, 2.0**10, 0.25)
    for bad in ([np.inf], [np.nan], [-np.inf], [-np.inf, np.nan]):
        scaled = (8 * _quarters(rng, 5)).astype(half)
        scaled[rng.permutation(5)[: len(bad)]] = bad
        yield _step_of(_quarters(rng, 5).astype(single), scaled, 2.0**6, 0.5)


def _step_of(*values):
    names = "weights", "scaled_gradient", "loss_scale", "learning_rate"
    return dict(zip(names, values, strict=True))


def _with_its_type(step, **case):
    """The new weights and of what type they are; a list has none, and passes for float32."""
    came = step(*case.values())
    return {
        "new weights": came,
        "their type": came.dtype.name if isinstance(came, np.ndarray) else "float32",
    }


@exercise(
    cases=_mixed,
    observe=_with_its_type,
    right="what is multiplied in float16 is added up in float32, and a step that burst is left "
    "out.",
    rtol=1e-6,
)
def mixed_precision_step(weights, scaled_gradient, loss_scale, learning_rate):
    """New float32 weights after a step of SGD; the old if scaled_gradient holds any inf or NaN."""
    if not np.isfinite(scaled_gradient).all():
        return weights.copy()
    gradient = scaled_gradient.astype(np.float32) / loss_scale
    return weights - learning_rate * gradient


def _unless_burst(step):
    """The step, left out as it should be."""

    def function(weights, scaled_gradient, loss_scale, learning_rate):
        if not np.isfinite(scaled_gradient).all():
            return weights.copy()
        return step(weights, scaled_gradient, loss_scale, learning_rate)

    return function


@mixed_precision_step.wrong(
    "The unscaled gradient, or the step made of it, was float16, where a small one is 0 again. An "
    "array keeps its type when it meets a Python number: first .astype(np.float32), and then "
    "divide.",
    belief="that what has arrived is safe. The scale lifted it over the smallest number of "
    "float16; without the scale it is below that again.",
)
@_unless_burst
def _divided_in_float16(weights, scaled_gradient, loss_scale, learning_rate):
    return weights - learning_rate * (scaled_gradient / loss_scale)


@mixed_precision_step.wrong(
    "The new weights are float16. Keep them in float32: there a small step is still a step.",
    belief="that all of it should be of one type. Products bear float16; a sum over thousands of "
    "small steps does not.",
)
@_unless_burst
def _weights_in_float16(weights, scaled_gradient, loss_scale, learning_rate):
    return weights.astype(np.float16) - learning_rate * (scaled_gradient / loss_scale)


@mixed_precision_step.wrong(
    "The step was made in float16, and its result called float32. The digits that a small step "
    "needs were lost before that: turn the gradient into float32, not the weights into float16.",
    belief="that a type can be given back. What was rounded off stays so.",
)
@_unless_burst
def _through_float16(weights, scaled_gradient, loss_scale, learning_rate):
    step = learning_rate * (scaled_gradient / loss_scale)
    return (weights.astype(np.float16) - step).astype(np.float32)


@mixed_precision_step.wrong(
    "The gradient is still loss_scale times too large. Divide by it before the step.",
    belief="that the learning rate makes up for it. Then whoever changes the scale changes the "
    "training; it should only decide what is lost.",
)
@_unless_burst
def _not_unscaled(weights, scaled_gradient, loss_scale, learning_rate):
    return weights - learning_rate * scaled_gradient.astype(np.float32)


@mixed_precision_step.wrong(
    "The gradient was multiplied by loss_scale. It has been already; divide.",
    belief="that scaling is left to the step. The loss was scaled, so its gradient came back so.",
)
@_unless_burst
def _scaled_again(weights, scaled_gradient, loss_scale, learning_rate):
    return weights - learning_rate * scaled_gradient.astype(np.float32) * loss_scale


@mixed_precision_step.wrong(
    "A gradient with inf or NaN in it has made its step, and weights have become inf or NaN. Ask "
    "first whether all of it is finite, and leave the step out if not.",
    belief="that one bad number does no harm. Through the next forward pass it is in all of them.",
)
def _burst_and_stepped(weights, scaled_gradient, loss_scale, learning_rate):
    return weights - learning_rate * (scaled_gradient.astype(np.float32) / loss_scale)


@mixed_precision_step.wrong(
    "Two things. A gradient with inf or NaN in it must not make a step. And it was divided in "
    "float16, where a small one becomes 0 again: first .astype(np.float32).",
    belief="that this is a step like any other. It is, once the gradient is whole and in a type "
    "that can hold it.",
)
def _divided_in_float16_and_stepped(weights, scaled_gradient, loss_scale, learning_rate):
    return weights - learning_rate * (scaled_gradient / loss_scale)


@mixed_precision_step.wrong(
    "This notices inf alone: np.nan in a is never true, for NaN equals nothing, itself included; "
    "and inf is not -inf. Ask np.isfinite.",
    belief="that NaN is a number to look for. It is the one value that == cannot find.",
)
def _nan_in_gradient(weights, scaled_gradient, loss_scale, learning_rate):
    if np.nan in scaled_gradient or np.inf in scaled_gradient:
        return weights.copy()
    return _burst_and_stepped(weights, scaled_gradient, loss_scale, learning_rate)


@mixed_precision_step.wrong(
    "NaN is noticed, and inf is not. Ask np.isfinite, which knows both.",
    belief="that what is too large becomes NaN. It becomes inf; NaN comes when two of these meet.",
)
def _only_nan_noticed(weights, scaled_gradient, loss_scale, learning_rate):
    if np.isnan(scaled_gradient).any():
        return weights.copy()
    return _burst_and_stepped(weights, scaled_gradient, loss_scale, learning_rate)


@mixed_precision_step.wrong(
    "Inf is noticed, and NaN is not. Ask np.isfinite, which knows both.",
    belief="that what is too large is inf, and that is all. Where inf meets inf, or 0, NaN is "
    "left.",
)
def _only_inf_noticed(weights, scaled_gradient, loss_scale, learning_rate):
    if np.isinf(scaled_gradient).any():
        return weights.copy()
    return _burst_and_stepped(weights, scaled_gradient, loss_scale, learning_rate)


@mixed_precision_step.wrong(
    "Only the entries that are inf or NaN were left out, and the others made their step. Leave out "
    "all of it, and try again with a smaller scale.",
    belief="that the rest of it is as good a step. It is one in another direction: the largest "
    "entries burst first, and just those are missing.",
)
def _only_bad_entries_left_out(weights, scaled_gradient, loss_scale, learning_rate):
    mended = np.where(np.isfinite(scaled_gradient), scaled_gradient, np.float16(0))
    return _burst_and_stepped(weights, mended, loss_scale, learning_rate)


@mixed_precision_step.wrong(
    "By np.nan_to_num NaN has become 0, and inf the largest number of float16, 65504. Leave out "
    "the whole step instead.",
    belief="that inf stands for a large number. It says that nobody knows how large.",
)
def _nan_to_num(weights, scaled_gradient, loss_scale, learning_rate):
    mended = np.nan_to_num(scaled_gradient)
    return _burst_and_stepped(weights, mended, loss_scale, learning_rate)


@mixed_precision_step.wrong(
    "The numbers are right, but they have become float64: astype(float) means that. The weights "
    "were float32 and should stay so.",
    belief="that more digits do no harm. They take twice the memory, and float16 was to halve it.",
)
@_unless_burst
def _in_float64(weights, scaled_gradient, loss_scale, learning_rate):
    return weights - learning_rate * (scaled_gradient.astype(float) / loss_scale)


@mixed_precision_step.wrong(
    "The numbers are right, but they were written into weights itself, which the caller may still "
    "need. Return new ones: weights - ..., not weights -= ....",
    belief="that a -= b is short for a = a - b. For an array it is not: it writes into the array "
    "that others hold too.",
)
def _written_into_weights(weights, scaled_gradient, loss_scale, learning_rate):
    if np.isfinite(scaled_gradient).all():
        weights -= learning_rate * (scaled_gradient.astype(np.float32) / loss_scale)
    return weights
