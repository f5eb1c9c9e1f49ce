"""Exercises of chapter 5: what each node and each layer passes back, and whether to trust it."""

from dataclasses import dataclass

import numpy as np

from downslope.check.exercise import EachByItself, Exactly, exercise, in_words
from downslope.check.wording import yes_or_no
from downslope.layers import Affine, ReLU, Sigmoid, SoftmaxCrossEntropy

__all__ = [
    "affine_backward",
    "forward_and_backward",
    "gradients_agree",
    "multiply_backward",
    "one_affine_layer",
    "relu_backward",
    "sigmoid_backward",
    "softmax_cross_entropy_backward",
    "square_of_sum_backward",
]


def _quarters(rng, *shape):
    """Signed numbers, none of them 0, whose products and sums are exact even in float32."""
    return rng.choice([-1, 1], shape) * rng.integers(1, 10, shape) / 4


_SCALES = 2.0**-40, 2.0**30  # what was rounded off or limited shows in small and large gradients


def _factors(rng):
    yield {"upstream": 1.1, "a": 100.0, "b": 2.0}
    yield {name: _quarters(rng, 4) for name in ("upstream", "a", "b")}
    yield {
        "upstream": np.array([[1.5, -2.0, 0.5], [-1.0, 0.25, 3.0]]),
        "a": np.array([[0.0, 2.0, 0.0], [-1.5, 0.0, 0.5]]),
        "b": np.array([[3.0, 0.0, 0.0], [-0.5, -2.0, 0.25]]),
    }
    for scale in _SCALES:
        a, b = np.array([1.5, -2.0]), np.array([-0.5, 0.75])
        yield {"upstream": scale * np.array([1.25, -3.0]), "a": a, "b": b}


@exercise(cases=_factors, right="each factor hears of the other, times what came from upstream.")
def multiply_backward(upstream, a, b):
    """The gradients with respect to a and to b, for z = a * b; upstream is the one for z."""
    return upstream * b, upstream * a


@multiply_backward.wrong(
    "The two have changed places: the derivative of a * b by a is b, and the one by b is a.",
    belief="that each value keeps to itself. How much a nudge of a matters is up to b.",
)
def _factors_not_swapped(upstream, a, b):
    return upstream * a, upstream * b


@multiply_backward.wrong(
    "These are the local derivatives, b and a. Multiply them by upstream, so that the effect on "
    "the end of the graph comes out, and not only the effect on z.",
    belief="that a node's own derivative is all. The chain rule multiplies it by what arrives.",
)
def _local_only(upstream, a, b):
    return b, a


@multiply_backward.wrong(
    "Both got the upstream gradient unchanged. That is what an addition passes back; a "
    "multiplication passes upstream * b and upstream * a.",
    belief="that a node shares out what it gets. It multiplies by its local derivative, which is "
    "1 for a sum only.",
)
def _as_an_addition(upstream, a, b):
    return upstream, upstream


@multiply_backward.wrong(
    "The local derivatives were added to upstream. The chain rule multiplies along a path.",
    belief="that effects one after another add up. Those of several paths do; along one path they "
    "multiply.",
)
def _added_along_the_path(upstream, a, b):
    return upstream + b, upstream + a


def _sums(rng):
    yield {"upstream": 1.0, "x": 3.0, "y": 2.0}
    yield {"upstream": -2.0, "x": 0.5, "y": 1.5}
    yield {"upstream": 0.75, "x": -2.5, "y": 1.0}
    yield {"upstream": 1.5, "x": 2.0, "y": -2.0}
    yield dict(zip(("upstream", "x", "y"), _quarters(rng, 3).tolist(), strict=True))
    for scale in _SCALES:
        yield {"upstream": scale, "x": -0.5, "y": 0.25}
        yield {"upstream": scale, "x": 0.75, "y": 0.25}


@exercise(cases=_sums, right="you have walked back through a square and a sum.", atol=1e-15)
def square_of_sum_backward(upstream, x, y):
    """The gradients with respect to x and to y, for z = (x + y)**2; upstream is the one for z."""
    through_the_square = upstream * 2 * (x + y)
    return through_the_square, through_the_square


@square_of_sum_backward.wrong(
    "This is 2x and 2y, the derivatives of x**2 + y**2. Here the sum is squared: with t = x + y, "
    "the square passes back 2t, and the sum passes that on to both.",
    belief="that the square of a sum is the sum of the squares. The mixed term 2xy is missing.",
)
def _square_taken_apart(upstream, x, y):
    return upstream * 2 * x, upstream * 2 * y


@square_of_sum_backward.wrong(
    "The upstream gradient is missing: multiply by it, as at every node.",
    belief="that upstream is always 1. It is so at the end of the graph only.",
)
def _without_upstream(upstream, x, y):
    return 2 * (x + y), 2 * (x + y)


@square_of_sum_backward.wrong(
    "Each got half of it. A sum passes the whole gradient to each of its terms.",
    belief="that a sum divides the blame. A nudge of x alone moves the sum by all of it.",
)
def _shared_out(upstream, x, y):
    return upstream * (x + y), upstream * (x + y)


def _across_the_kink(rng):
    x = np.array([[1.5, -2.0, 0.5], [-0.1, 8.0, -4.0]])
    yield {"upstream": np.array([[-1.5, 2.0, 0.75], [-3.0, 0.25, 1.0]]), "x": x}
    x = np.linspace(-3, 4, 8) + rng.uniform(0.1, 0.9, 8)
    yield {"upstream": _quarters(rng, 8), "x": rng.permutation(x)}
    yield {"upstream": np.array([2.0, -3.0, 1.5, 0.5]), "x": np.array([0.0, -1.0, 1.5, 1e-20])}
    for scale in _SCALES:
        upstream, x = scale * np.array([2.0, -3.0, 1.0]), np.array([0.5, 4.0, -1.0])
        yield {"upstream": upstream, "x": x}


@exercise(
    cases=_across_the_kink,
    right="your ReLU passes back where its input was positive, and leaves upstream alone.",
)
def relu_backward(upstream, x):
    """The gradient with respect to x, for max(x, 0), a new array."""
    return upstream * (x > 0)


@relu_backward.wrong(
    "Everything was let through. Where x was negative the output stays 0, whatever a nudge does, "
    "so nothing may pass back there.",
    belief="that ReLU is open as long as its output is not negative. The output never is; look "
    "at the input.",
)
def _always_open(upstream, x):
    return np.where(np.maximum(x, 0) >= 0, upstream, 0)


@relu_backward.wrong(
    "Right, except at x = 0 itself. There the slope does not exist, and this book chose 0: ask "
    "for x > 0, not x >= 0.",
    belief="that > or >= makes no difference. Zeros do occur: after another ReLU, most of all.",
)
def _open_at_zero(upstream, x):
    return upstream * (x >= 0)


@relu_backward.wrong(
    "This cuts off negative gradients, as if ReLU were applied to upstream. Whether the gate is "
    "open depends on x, from the forward pass.",
    belief="that backward does to the gradient what forward does to the value.",
)
def _relu_of_upstream(upstream, x):
    return np.maximum(upstream, 0)


@relu_backward.wrong(
    "This passes back 1 where x was positive, and upstream is missing: multiply by it.",
    belief="that the local derivative is the gradient. It is one factor of it.",
)
def _slope_of_relu_only(upstream, x):
    return (x > 0).astype(float)


@relu_backward.wrong(
    "This multiplies upstream by max(x, 0). The slope of ReLU on the positive side is 1, not x.",
    belief="that a node passes back its output. It passes back upstream times its slope.",
)
def _times_the_output(upstream, x):
    return upstream * np.maximum(x, 0)


@relu_backward.wrong(
    "The numbers are right, but zeros were written into upstream itself, which others may still "
    "need. Return a new array.",
    belief="that what is handed to a function belongs to it. The array is still the caller's.",
)
def _writes_into_upstream(upstream, x):
    upstream[x <= 0] = 0
    return upstream


def _outputs(rng):
    yield {"upstream": _quarters(rng, 2, 3), "y": rng.integers(1, 32, (2, 3)) / 32}
    y = np.array([1 / 1024, 0.5, 1 - 1 / 1024])  # a sigmoid comes near 0 and 1
    yield {"upstream": np.array([-1.5, 4.0, 0.75]), "y": y}
    for scale in _SCALES:
        yield {"upstream": scale * np.array([2.0, -3.0]), "y": np.array([0.25, 0.625])}
    yield Exactly({"upstream": np.array([-2.0]), "y": np.array([1.0])})  # as of x = 40


@exercise(cases=_outputs, right="the output alone is enough to walk back through a sigmoid.")
def sigmoid_backward(upstream, y):
    """The gradient with respect to x, for y = 1 / (1 + exp(-x)), from the output y."""
    return upstream * y * (1 - y)


@sigmoid_backward.wrong(
    "The sigmoid was taken of y, which is its output already. The slope is y * (1 - y), with y "
    "as it is.",
    belief="that backward begins with the input. The layer has kept its output, and the slope can "
    "be read from that.",
)
def _sigmoid_twice(upstream, y):
    again = 1 / (1 + np.exp(-y))
    return upstream * again * (1 - again)


@sigmoid_backward.wrong(
    "This is the slope y * (1 - y) alone. Multiply by upstream.",
    belief="that the local derivative is the gradient. It is one factor of it.",
)
def _slope_of_sigmoid_only(upstream, y):
    return y * (1 - y)


@sigmoid_backward.wrong(
    "This uses 1 - y**2, the slope of tanh. That of the sigmoid is y * (1 - y).",
    belief="that the two have one slope, as they have one shape. Tanh runs from -1 to 1, and is "
    "four times as steep in the middle.",
)
def _slope_of_tanh(upstream, y):
    return upstream * (1 - y**2)


@sigmoid_backward.wrong(
    "The second factor is missing: the slope is y * (1 - y), not y.",
    belief="that the sigmoid is its own derivative, as exp is. It flattens where y comes near 1.",
)
def _as_for_the_exponential(upstream, y):
    return upstream * y


@sigmoid_backward.wrong(
    "The sign is turned: the slope is y * (1 - y), which is positive, as the sigmoid rises "
    "everywhere.",
    belief="that the minus in exp(-x) survives. The reciprocal brings a second one.",
)
def _falling_sigmoid(upstream, y):
    return -upstream * y * (1 - y)


def _batches(rng):
    sizes = (4, 3, 2), (5, 2, 2), (3, 3, 3), (1, 2, 3), (2, 1, 1), (2, 3, 2), (3, 2, 3)
    for (n, n_inputs, n_outputs), scale in zip(sizes, (1, 1, 1, 1, 1, *_SCALES), strict=True):
        yield {
            "upstream": scale * _quarters(rng, n, n_outputs),
            "x": _quarters(rng, n, n_inputs),
            "W": _quarters(rng, n_inputs, n_outputs),
        }


@exercise(
    cases=_batches,
    right="every gradient has the shape of what it belongs to, and the batch is summed up.",
)
def affine_backward(upstream, x, W):
    """The gradients with respect to x, W and b, for x @ W + b; upstream has shape (n, outputs)."""
    return upstream @ W.T, x.T @ upstream, upstream.sum(axis=0)


@affine_backward.wrong(
    "The gradient of W lies on its side. It must have the shape of W, (inputs, outputs): "
    "x.T @ upstream.",
    belief="that any product whose shapes fit will do. Let the shape of the result decide.",
)
def _weights_on_their_side(upstream, x, W):
    return upstream @ W.T, upstream.T @ x, upstream.sum(axis=0)


@affine_backward.wrong(
    "The gradient of b still has a row for each sample. One b was added to all rows, so their "
    "gradients add up: upstream.sum(axis=0).",
    belief="that an addition passes upstream on unchanged. It does, to each use; and b was used "
    "once for each sample.",
)
def _bias_not_summed(upstream, x, W):
    return upstream @ W.T, x.T @ upstream, upstream.copy()


@affine_backward.wrong(
    "The gradient of b is a mean over the batch. A value that is used several times gets the "
    "sum; the 1/n is already in upstream, from the mean loss.",
    belief="that a batch always calls for a mean. Taken twice, b learns n times too slowly.",
)
def _bias_averaged(upstream, x, W):
    return upstream @ W.T, x.T @ upstream, upstream.mean(axis=0)


@affine_backward.wrong(
    "The gradient of W was divided by n. The 1/n is already in upstream, from the mean loss; "
    "here the samples add up.",
    belief="that a batch always calls for a mean. Taken twice, W learns n times too slowly.",
)
def _weights_averaged(upstream, x, W):
    return upstream @ W.T, x.T @ upstream / len(x), upstream.sum(axis=0)


@affine_backward.wrong(
    "W must be transposed in the gradient of x: upstream @ W.T. Where W is not square, "
    "upstream @ W does not even fit.",
    belief="that the way back uses the same matrix. Going forward W mixes inputs into outputs; "
    "coming back, outputs into inputs.",
)
def _weights_not_transposed(upstream, x, W):
    return upstream @ W, x.T @ upstream, upstream.sum(axis=0)


@affine_backward.wrong(
    "The gradients of x and W are both right, but in the wrong order: that of x was asked for "
    "first, then W, then b.",
    belief="that the parameters come first. Whoever calls unpacks in the order that was agreed.",
)
def _weights_first(upstream, x, W):
    return x.T @ upstream, upstream @ W.T, upstream.sum(axis=0)


def _layers_in_a_row(rng):
    sizes = (2, 3, 2), (3, 2, 4), (2, 2, 2), (3, 3, 3), (1, 4, 2), (4, 2, 4)
    for (n_inputs, n_hidden, n_outputs), scale in zip(sizes, (1, 1, 1, 1, *_SCALES), strict=True):
        yield {
            "W1": _quarters(rng, n_inputs, n_hidden),
            "b1": scale * _quarters(rng, n_hidden),
            "W2": _quarters(rng, n_hidden, n_outputs),
            "b2": scale * _quarters(rng, n_outputs),
        }


@exercise(cases=_layers_in_a_row, right="two affine layers in a row are one, and you have it.")
def one_affine_layer(W1, b1, W2, b2):
    """W and b of the one affine layer that does what two of them do: W1 and b1, then W2 and b2."""
    return W1 @ W2, b1 @ W2 + b2


@one_affine_layer.wrong(
    "The weights are multiplied in the wrong order. x meets W1 first, x @ W1 @ W2, so W is "
    "W1 @ W2. Where the sizes differ, W2 @ W1 does not even fit.",
    belief="that the order does not matter. For matrices A @ B and B @ A are different things.",
)
def _second_layer_first(W1, b1, W2, b2):
    return W2 @ W1, b1 @ W2 + b2


@one_affine_layer.wrong(
    "W is right. But b1 was added before the second layer, so it goes through W2 as all that the "
    "first layer says: b1 @ W2 + b2.",
    belief="that biases add up by themselves. Only what nothing multiplies afterwards does.",
)
def _biases_added(W1, b1, W2, b2):
    return W1 @ W2, b1 + b2


@one_affine_layer.wrong(
    "W is right, and b1 @ W2 is a part of b. The second layer adds its own bias, b2, to that.",
    belief="that a bias belongs to the first layer only. Each layer adds its own.",
)
def _second_bias_lost(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2


@one_affine_layer.wrong(
    "W is right, and b2 is a part of b. The bias of the first layer is lost: the second layer "
    "multiplies it by W2, and hands it out with the rest.",
    belief="that the last bias replaces the first. With x = 0 the first layer still says b1.",
)
def _first_bias_lost(W1, b1, W2, b2):
    return W1 @ W2, b2.copy()


@one_affine_layer.wrong(
    "W is right. But both biases went through W2; the second one is added after W2, and nothing "
    "multiplies it any more: b1 @ W2 + b2.",
    belief="that a layer multiplies all it has. It multiplies what comes in, and then adds.",
)
def _both_biases_through(W1, b1, W2, b2):
    return W1 @ W2, (b1 + b2) @ W2


@one_affine_layer.wrong(
    "The weights were multiplied number by number. The second layer takes the *product* "
    "of the first with x: W1 @ W2, row by column.",
    belief="that * is the product of two matrices. That is @.",
)
def _number_by_number(W1, b1, W2, b2):
    return W1 * W2, b1 @ W2 + b2


@one_affine_layer.wrong(
    "The weights were added. One layer after the other multiplies: x @ W1 @ W2.",
    belief="that layers in a row add up. Those side by side would.",
)
def _weights_added(W1, b1, W2, b2):
    return W1 + W2, b1 @ W2 + b2


@one_affine_layer.wrong(
    "Both are right, but in the wrong order: W was asked for first, then b.",
    belief="that the order of what comes back is free. Whoever calls unpacks as was agreed.",
)
def _bias_first(W1, b1, W2, b2):
    return b1 @ W2 + b2, W1 @ W2


def _logits(rng):
    yield {"logits": np.zeros((2, 4)), "labels": np.array([1, 3])}
    yield {"logits": rng.normal(size=(3, 5)).round(1), "labels": np.array([4, 0, 2])}
    yield {"logits": rng.normal(size=(3, 3)).round(1), "labels": np.array([2, 0, 2])}
    yield {"logits": np.array([[20.0, 0.0]]), "labels": np.array([1])}  # sure and wrong
    large = np.array([[0.0, 1.0, -1.0], [1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -999.0]])
    yield {"logits": large, "labels": np.array([2, 0, 1])}
    yield {"logits": np.array([[1000.0, 0.0, -1000.0]]), "labels": np.array([2])}
    yield EachByItself({"logits": np.array([[0.0, -14.0, -15.0, -3.0]]), "labels": np.array([1])})
    yield Exactly({"logits": np.array([[1000.0, -1000.0, 0.0]]), "labels": np.array([0])})


@exercise(
    cases=_logits,
    right="softmax and cross-entropy together pass back the error, shared among the batch.",
)
def softmax_cross_entropy_backward(logits, labels):
    """The gradient of the mean cross-entropy of softmax(logits) with respect to the logits."""
    y = _softmax(logits)
    y[np.arange(len(labels)), labels] -= 1
    return y / len(labels)


def _softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@softmax_cross_entropy_backward.wrong(
    "This is y - t, the gradient of the sum over the batch. The loss is the mean: divide by the "
    "number of samples.",
    belief="that the size of the batch has no say in the gradient. Without the division, a larger "
    "batch takes longer steps.",
)
def _error_of_the_sum(logits, labels):
    return len(labels) * softmax_cross_entropy_backward.solution(logits, labels)


@softmax_cross_entropy_backward.wrong(
    "The sign is turned: this is (t - y) / n. The gradient points up the loss, to higher logits "
    "for wrong classes; descent brings the minus.",
    belief="that the gradient is the correction. The update rule makes the correction of it.",
)
def _correction_instead(logits, labels):
    return -softmax_cross_entropy_backward.solution(logits, labels)


@softmax_cross_entropy_backward.wrong(
    "This is softmax(logits) / n. The targets are missing: subtract 1 at the label of each row.",
    belief="that the gradient of the loss knows only the prediction. Each row must sum to 0.",
)
def _prediction_without_target(logits, labels):
    return _softmax(logits) / len(labels)


@softmax_cross_entropy_backward.wrong(
    "This divides by the number of all entries, samples times classes. The loss is a mean over "
    "the samples only.",
    belief="that the mean is over everything in the array. Over the classes the loss is a sum.",
)
def _divided_by_all_entries(logits, labels):
    return softmax_cross_entropy_backward.solution(logits, labels) / logits.shape[1]


@softmax_cross_entropy_backward.wrong(
    "The targets were subtracted from the logits themselves. Take softmax first: the error is "
    "that of the probabilities.",
    belief="that logits are probabilities. They are scores, and any number may be one.",
)
def _error_of_the_logits(logits, labels):
    return (logits - np.eye(logits.shape[1])[labels]) / len(labels)


@softmax_cross_entropy_backward.wrong(
    "All labels were subtracted in every row: that is what y[:, labels] takes. One entry was "
    "meant in each: y[np.arange(n), labels].",
    belief="that a colon pairs rows with labels. It takes all rows, and each of them all labels.",
)
def _all_labels_in_every_row(logits, labels):
    y = _softmax(logits)
    y[:, labels] -= 1
    return y / len(labels)


@softmax_cross_entropy_backward.wrong(
    "Right for small logits, but np.exp(1000) is infinite, and infinity over infinity is nan. "
    "Subtract the largest logit of each row first.",
    belief="that a formula which is right on paper is right in the computer. Softmax of a row is "
    "the same with any number subtracted from it, and safe with the largest.",
)
def _exponentials_overflow(logits, labels):
    powers = np.exp(logits)
    y = powers / powers.sum(axis=1, keepdims=True)
    return (y - np.eye(logits.shape[1])[labels]) / len(labels)


@softmax_cross_entropy_backward.wrong(
    "Beside a row with a logit of 1000 the others come to 0 / 0: none of their exponentials is "
    "left. Subtract from each row its own largest logit, max(axis=1, keepdims=True).",
    belief="that any large number will do. In exact arithmetic it would; here each row must keep "
    "one power that is 1.",
)
def _one_maximum_for_all(logits, labels):
    powers = np.exp(logits - logits.max())
    y = powers / powers.sum(axis=1, keepdims=True)
    return (y - np.eye(logits.shape[1])[labels]) / len(labels)


@softmax_cross_entropy_backward.wrong(
    "There is an epsilon in the sum of softmax, so the probabilities do not add up to 1. Leave it "
    "away: with the largest logit subtracted, the sum is at least 1.",
    belief="that a tiny number does no harm. Where the network is sure and right, the true "
    "gradient is smaller than it.",
)
def _an_epsilon_in_the_sum(logits, labels):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    y = powers / (powers.sum(axis=1, keepdims=True) + 1e-7)
    return (y - np.eye(logits.shape[1])[labels]) / len(labels)


@dataclass(frozen=True)
class _Row:
    """Layers in a row, made anew for every call: weights and a bias, or a kind without any."""

    parts: tuple

    @property
    def in_words(self):
        return f"[{', '.join(_layer_in_words(part) for part in self.parts)}]"

    def made(self):
        return [
            Affine(*(array.copy() for array in part)) if isinstance(part, tuple) else part()
            for part in self.parts
        ]


def _layer_in_words(part):
    return f"Affine {part[0].shape}" if isinstance(part, tuple) else f"{part.__name__}()"


def _affine(rng, n_inputs, n_outputs):
    """Weights and a bias that keep every sum of quarters away from 0, where a ReLU has its kink."""
    return _quarters(rng, n_inputs, n_outputs) / 4, _quarters(rng, n_outputs) / 8 + 1 / 64


def _rows_of_layers(rng):
    rows = [
        (2, [_affine(rng, 3, 2)]),
        (3, [_affine(rng, 2, 4), ReLU, _affine(rng, 4, 3)]),
        (3, [_affine(rng, 3, 3), Sigmoid, _affine(rng, 3, 3)]),
        (1, [_affine(rng, 2, 5), ReLU, _affine(rng, 5, 4), Sigmoid, _affine(rng, 4, 3)]),
    ]
    for n, parts in rows:
        yield {
            "layers": _Row(tuple(parts)),
            "last": in_words("SoftmaxCrossEntropy()", lambda: SoftmaxCrossEntropy()),
            "x": _quarters(rng, n, len(parts[0][0])),
            "labels": np.arange(n) % len(parts[-1][1]),
        }


def _walked(function, layers, last, x, labels):
    """What came back, what it left behind in the layers, and whether they are still in order."""
    row = layers.made()
    handed = list(row)
    seen = {"what was returned": function(row, last(), x, labels)}
    for number, layer in enumerate(handed):
        if isinstance(layer, Affine):
            seen[f"dW of layer {number}"] = "none" if layer.dW is None else layer.dW
    in_order = len(row) == len(handed) and all(map(lambda a, b: a is b, row, handed))
    return {**seen, "the list is as it was": yes_or_no(in_order)}


@exercise(
    cases=_rows_of_layers,
    observe=_walked,
    right="your two loops are backpropagation, for any layers in a row.",
)
def forward_and_backward(layers, last, x, labels):
    """The loss, and its gradient with respect to x, by each layer's forward and backward."""
    for layer in layers:
        x = layer.forward(x)
    loss = last.forward(x, labels)
    upstream = last.backward()
    for layer in reversed(layers):
        upstream = layer.backward(upstream)
    return loss, upstream


def _forward(layers, last, x, labels):
    """The loss, and what comes back from it."""
    for layer in layers:
        x = layer.forward(x)
    return last.forward(x, labels), last.backward()


@forward_and_backward.wrong(
    "The way back began at the first layer. What comes back from the loss belongs to the output "
    "of the *last* layer: walk through reversed(layers).",
    belief="that both loops run the same way. Each layer needs what the one *after* it sends back.",
)
def _not_reversed(layers, last, x, labels):
    loss, upstream = _forward(layers, last, x, labels)
    for layer in layers:
        upstream = layer.backward(upstream)
    return loss, upstream


@forward_and_backward.wrong(
    "Every layer was handed the gradient from the loss. Hand each what the one after it returned: "
    "upstream = layer.backward(upstream).",
    belief="that the loss tells every layer the same. Only its neighbour hears it; the others hear "
    "what has been passed on.",
)
def _loss_tells_everyone(layers, last, x, labels):
    loss, from_the_loss = _forward(layers, last, x, labels)
    for layer in reversed(layers):
        gradient = layer.backward(from_the_loss)
    return loss, gradient


@forward_and_backward.wrong(
    "What backward returned was dropped, so each layer got the gradient from the loss, and so did "
    "you. Keep it: upstream = layer.backward(upstream).",
    belief="that backward changes what it is handed. It returns a new array.",
)
def _result_dropped(layers, last, x, labels):
    loss, upstream = _forward(layers, last, x, labels)
    for layer in reversed(layers):
        layer.backward(upstream)
    return loss, upstream


@forward_and_backward.wrong(
    "On the way forward every layer was handed x itself. Hand each what the one before it "
    "returned: x = layer.forward(x).",
    belief="that forward changes what it is handed. It returns a new array.",
)
def _output_not_passed_on(layers, last, x, labels):
    for layer in layers:
        y = layer.forward(x)
    loss, upstream = last.forward(y, labels), last.backward()
    for layer in reversed(layers):
        upstream = layer.backward(upstream)
    return loss, upstream


@forward_and_backward.wrong(
    "The loss itself was sent back, as upstream of the last node. There it is the derivative of "
    "the loss with respect to itself, 1, which last.backward() takes without being told.",
    belief="that the error is what flows back. What flows back is how the loss answers to a nudge.",
)
def _loss_sent_back(layers, last, x, labels):
    loss, _ = _forward(layers, last, x, labels)
    upstream = last.backward(loss)
    for layer in reversed(layers):
        upstream = layer.backward(upstream)
    return loss, upstream


@forward_and_backward.wrong(
    "The way back began with ones at the last layer. Begin one node later, at the loss: "
    "last.backward() gives what its outputs hear.",
    belief="that backward always begins with 1. It does, at the loss, which comes after the "
    "layers.",
)
def _begins_with_ones(layers, last, x, labels):
    for layer in layers:
        x = layer.forward(x)
    loss, upstream = last.forward(x, labels), np.ones_like(x)
    for layer in reversed(layers):
        upstream = layer.backward(upstream)
    return loss, upstream


@forward_and_backward.wrong(
    "The way back stopped before the first layer, so that layer has learned nothing, and what you "
    "returned belongs to its output. Walk through all of them.",
    belief="that the first layer needs no backward, as nothing lies behind it. Its weights do.",
)
def _first_left_out(layers, last, x, labels):
    loss, upstream = _forward(layers, last, x, labels)
    for layer in layers[:0:-1]:
        upstream = layer.backward(upstream)
    return loss, upstream


@forward_and_backward.wrong(
    "All right but for one thing: layers.reverse() turned the caller's own list round, so the next "
    "forward pass would run the wrong way. reversed(layers) leaves it as it is.",
    belief="that the two differ in spelling only. The first changes the list, the second walks it.",
)
def _list_turned_round(layers, last, x, labels):
    loss, upstream = _forward(layers, last, x, labels)
    layers.reverse()
    for layer in layers:
        upstream = layer.backward(upstream)
    return loss, upstream


@forward_and_backward.wrong(
    "These are the gradient and the loss, in the wrong order: the loss was asked for first.",
    belief="that the gradient comes first because it matters more. Whoever calls unpacks in the "
    "order that was agreed.",
)
def _gradient_first(layers, last, x, labels):
    return forward_and_backward.solution(layers, last, x, labels)[::-1]


def _with_errors(gradient, errors):
    """A pair whose entries differ by so many millionths of the largest entry."""
    size = np.abs(gradient).max()
    return {"numerical": gradient.copy(), "analytic": gradient + 1e-6 * size * errors}


def _one_error(shape, index, error):
    errors = np.zeros(shape)
    errors.flat[index] = error
    return errors


def _gradient_pairs(rng):
    signs = np.where(rng.permutation(12) < 6, -1.0, 1.0).reshape(3, 4)
    even = signs * rng.uniform(0.5, 1, (3, 4))  # no entry much larger than another
    uneven = even * np.array([1, 1e-3, 1, 0]) * np.array([[1e-3], [1], [0.5]])
    yield from _pairs_that_agree(even, uneven, signs)
    yield from _pairs_with_an_error(even, uneven)
    yield from _pairs_of_other_gradients(even, signs)
    yield from _pairs_with_a_nan(even)


def _pairs_that_agree(even, uneven, signs):
    """Within 0.7 millionths, some of them only if the largest entry is found."""
    for gradient in (even, uneven, -abs(even), abs(even), 1e6 * even, 1e-9 * even, even[0]):
        yield _with_errors(gradient, 0.7 * signs.flat[: gradient.size].reshape(gradient.shape))
    for index in (np.abs(uneven).argmax(), np.abs(uneven).argmin()):
        yield _with_errors(uneven, _one_error(uneven.shape, index, 0.7))


def _pairs_with_an_error(even, uneven):
    """More than a millionth in one place, which may be any, up or down; or in some of them."""
    for index in range(even.size):
        yield _with_errors(even, _one_error(even.shape, index, 1.4 * (-1) ** index))
    for gradient in (uneven, 1e6 * even, 1e-9 * even):
        yield _with_errors(gradient, _one_error(even.shape, 3, 1.4))
    for n_errors in (1, 3):
        yield _with_errors(even, _one_error(even.shape, slice(n_errors), 6.0))
    large = np.resize(even, (30, 40))
    yield _with_errors(large, _one_error(large.shape, 777, 1.4))


def _pairs_of_other_gradients(even, signs):
    one_turned = even.copy()
    one_turned[1, 2] *= -1
    others = (even + 0.1 * signs, 8 * even, one_turned, even[::-1], even[:, ::-1])
    for analytic in others:
        yield {"numerical": even.copy(), "analytic": analytic.copy()}
    yield {"numerical": 1e-9 * even, "analytic": np.zeros(even.shape)}


def _pairs_with_a_nan(even):
    for index in (0, 6, -1):
        yield {"numerical": even.copy(), "analytic": even + _one_error(even.shape, index, np.nan)}
    hole = _one_error(even.shape, 3, np.nan)
    yield {"numerical": even + hole, "analytic": even.copy()}
    yield {"numerical": even + hole, "analytic": even + hole}


def _as_yes_or_no(agree, numerical, analytic):
    """The answer in a word, under what the case is: four digits of each entry do not show it."""
    scale = max(np.abs(numerical).max(), np.abs(analytic).max())
    error = np.abs(numerical - analytic).max() / scale * 1e6
    off = "nan" if np.isnan(error) else f"{error:.3g} millionths of the largest entry"
    return {f"the largest difference is {off}": yes_or_no(agree(numerical, analytic))}


@exercise(
    cases=_gradient_pairs,
    observe=_as_yes_or_no,
    right="your check can fail, which is what makes it worth something.",
)
def gradients_agree(numerical, analytic):
    """Whether no entry of two gradients differs by more than a millionth of the largest in size."""
    scale = max(np.abs(numerical).max(), np.abs(analytic).max())
    return bool(np.abs(numerical - analytic).max() <= 1e-6 * scale)


@gradients_agree.wrong(
    "The differences were averaged with their signs, so errors up and down cancelled. Take "
    "absolute values first.",
    belief="that a mean error of 0 means no error. It may mean many that balance.",
)
def _errors_that_cancel(numerical, analytic):
    scale = max(np.abs(numerical).max(), np.abs(analytic).max())
    return abs(np.mean(numerical - analytic)) <= 1e-6 * scale


@gradients_agree.wrong(
    "The differences are measured by a fixed number, so gradients smaller than it always pass, "
    "and large ones may fail for their rounding alone. Compare with the size of the gradients.",
    belief="that 1e-6 is small. Next to a gradient of 1e-9 it is enormous.",
)
def _fixed_tolerance(numerical, analytic):
    return np.abs(numerical - analytic).max() <= 1e-6


@gradients_agree.wrong(
    "The largest entry was taken with its sign, so of a gradient that is negative throughout none "
    "was found. Take absolute values first.",
    belief="that max finds the largest in size. It finds the one furthest to the right.",
)
def _largest_with_its_sign(numerical, analytic):
    scale = max(numerical.max(), analytic.max())
    return np.abs(numerical - analytic).max() <= 1e-6 * scale


@gradients_agree.wrong(
    "The sizes of the entries were compared, without their signs, so a gradient that points "
    "backwards passes. Subtract first, and take absolute values then.",
    belief="that the order of the two does not matter. |a - b| asks how far apart they are, "
    "|a| - |b| only which is larger.",
)
def _signs_dropped(numerical, analytic):
    scale = max(np.abs(numerical).max(), np.abs(analytic).max())
    return np.abs(np.abs(numerical) - np.abs(analytic)).max() <= 1e-6 * scale


@gradients_agree.wrong(
    "The largest difference was taken with its sign, so an entry that is too large on one side is "
    "never found. Take absolute values first.",
    belief="that a difference is positive. It is as often negative, and max passes over it.",
)
def _one_side_only(numerical, analytic):
    scale = max(np.abs(numerical).max(), np.abs(analytic).max())
    return (numerical - analytic).max() <= 1e-6 * scale


@gradients_agree.wrong(
    "One bad entry hides among many good ones, as when errors are taken together, by a length or "
    "a mean of squares. Compare the largest error with the largest entry.",
    belief="that the length of the error says how wrong one entry can be. The more entries there "
    "are, the more room each has.",
)
def _length_of_the_error(numerical, analytic):
    lengths = np.linalg.norm(numerical), np.linalg.norm(analytic)
    return np.linalg.norm(numerical - analytic) <= 1e-6 * max(lengths)


@gradients_agree.wrong(
    "Tiny gradients agree with zeros here, and errors of a few millionths pass, as with "
    "np.allclose: by default it allows 1e-8 whatever the size, and 1e-5 of each entry. Set rtol=0, "
    "and atol to a millionth of the largest entry.",
    belief="that the defaults fit every question. They are made for numbers about 1.",
)
def _allclose(numerical, analytic):
    return np.allclose(numerical, analytic)


@gradients_agree.wrong(
    "Only the lengths of the two gradients were compared. Gradients of one length may point "
    "anywhere: compare entry by entry.",
    belief="that one number can vouch for a whole gradient.",
)
def _lengths_only(numerical, analytic):
    lengths = np.linalg.norm(numerical), np.linalg.norm(analytic)
    return abs(lengths[0] - lengths[1]) <= 0.05 * max(lengths)


@gradients_agree.wrong(
    "Only the directions of the two gradients were compared. One that is eight times too long "
    "passes, as after a forgotten 1/N: compare entry by entry.",
    belief="that a gradient is a direction. Its length makes the step.",
)
def _directions_only(numerical, analytic):
    lengths = np.linalg.norm(numerical) * np.linalg.norm(analytic)
    return np.sum(numerical * analytic) > (1 - 1e-6) * lengths


@gradients_agree.wrong(
    "Each entry was measured by its own size, so a tiny entry must be right to six of *its* "
    "digits, which differences cannot promise. Compare with the largest entry.",
    belief="that relative means: each by itself. The error of a difference depends on the size "
    "of the whole, not on that of the entry.",
)
def _each_by_itself(numerical, analytic):
    return np.allclose(analytic, numerical, rtol=1e-6, atol=0)


@gradients_agree.wrong(
    "This divides each difference by its own entry. Where that is near zero, rounding alone is "
    "too large, and a right gradient fails. Divide by the largest entry.",
    belief="that every entry is known to as many digits. Rounding takes the same from all, and so "
    "the most from the smallest.",
)
def _divided_by_itself(numerical, analytic):
    with np.errstate(all="ignore"):
        return (np.abs(numerical - analytic) / np.abs(numerical)).max() <= 1e-6


@gradients_agree.wrong(
    "The errors were averaged, so one bad entry hides among many good ones. Take the largest.",
    belief="that a small mean error means small errors. In a large gradient one wrong entry "
    "hardly moves the mean.",
)
def _mean_error(numerical, analytic):
    scale = max(np.abs(numerical).max(), np.abs(analytic).max())
    return np.abs(numerical - analytic).mean() <= 1e-6 * scale


@gradients_agree.wrong(
    "A nan has slipped through. Every comparison with nan is False, so it is never found too "
    "large; nor is it small enough. Ask whether each error is small enough.",
    belief="that what is not too large is small enough. For nan neither is true.",
)
def _lets_nan_through(numerical, analytic):
    scale = max(np.abs(numerical).max(), np.abs(analytic).max())
    return not np.abs(numerical - analytic).max() > 1e-6 * scale
