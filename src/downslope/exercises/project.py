"""The project of chapter 8: the best reader of the digits with at most 2,000 weights.

Unlike the other exercises it has no answer that others are compared with. What a reader describes
is trained, and how well it then reads decides; see `Project`.
"""

from functools import cache
from itertools import pairwise

import numpy as np

from downslope.check.exercise import SEED, Exercise, Feedback, WrongAnswer
from downslope.check.wording import one_line, paragraph
from downslope.datasets import load_digits, minibatches
from downslope.exercises._referee import (
    Finding,
    Terms,
    judged,
    most_mistaken,
    on_test_digits,
    scatter,
)
from downslope.initializers import he, xavier
from downslope.layers import (
    Affine,
    Convolution,
    Dropout,
    Flatten,
    MaxPooling,
    MeanSquaredError,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
)
from downslope.losses import softmax
from downslope.networks import Network, TwoLayerNet
from downslope.optimizers import SGD, Adam

__all__ = ["Project", "small_reader"]

#: What two affine layers reach on average, and twice the scatter of that from contest to contest.
MARK = 0.975
#: Readers, their weights, and their mean accuracy in 8 contests: benchmarks/small_readers.py.
BESIDE = (("two affine layers", 1_960, 0.967), ("one convolution", 1_910, 0.980))
BEST = ("the best that we know", 1_898, 0.988)
OPENED = (
    "The test digits are open now. Whoever goes on choosing by them has no test digits any more, "
    "and must say so."
)


class Project(Exercise):
    """An exercise whose answers describe a network, which is trained and then judged.

    Parameters
    ----------
    solution : callable
        Maps a generator to a description; see `small_reader`.
    terms : Terms
        What holds for everyone.
    right : str
        Said after "Right:".
    """

    seconds = 300.0

    def __init__(self, solution, terms, right):
        super().__init__(solution, lambda rng: [{"rng": rng}], right, self._found)
        self.terms = terms
        self._known_by_kind: dict[str, WrongAnswer] = {}

    def known(self, kind, hint, belief):
        """Decorator: the function below is a wrong answer of which the referee finds this `kind`.

        Parameters
        ----------
        kind : str
            As in `downslope.exercises._referee.Finding`.
        hint, belief : str
            As in `WrongAnswer`.
        """

        def add(function):
            self.wrong(hint, belief)(function)
            self._known_by_kind[kind] = self.wrong_answers[-1]
            return function

        return add

    def __call__(self, answer=None, *, final=False) -> Feedback:  # type: ignore[override]
        """Train what `answer` describes, say how well it reads, and whether that is enough.

        Parameters
        ----------
        answer : callable
            The reader's function. It is called with a generator, a few times.
        final : bool, optional
            Whether to open the test digits as well, if it reads well enough; for the very end.

        Returns
        -------
        feedback : Feedback
            True when it reads well enough. How it went is printed on the way.

        Raises
        ------
        TypeError
            If `answer` is no function.
        ValueError
            If `final` is neither True nor False: what is opened once should not be so by mistake.
        """
        if not isinstance(final, bool):
            raise ValueError(f"final must be True or False, got {final!r:.60}")
        return super().__call__(answer, final=final)

    def _answered(self, answer, *, final=False) -> Feedback:
        (outcome,) = self._try(answer, SEED)
        finding = outcome.value
        if not isinstance(finding, Finding):
            return self._without_finding(outcome)
        if len(finding.runs) == self.terms.n_runs:
            print("\n".join(_report(finding, self.terms.mark)))
        if finding.kind != "reads well":
            if final:
                print("The test digits stay closed.")
            return self._not_yet(finding)
        if final:
            print("\n".join(_opened(finding)))
        return Feedback("right", paragraph(f"Right: {self.right}"))

    def _found(self, reader, rng):
        return judged(reader, rng, self.terms, _line_by_line())

    def _same(self, case, expected, came):
        kinds = [getattr(outcome.value, "kind", "") for outcome in (expected, came)]
        return kinds[0] == kinds[1] != ""

    def _without_finding(self, outcome):
        if outcome.nothing:
            return Feedback("not written", paragraph(self.not_written))
        error = outcome.error or outcome.unreadable
        what = f"Your function raised {one_line(error)}{outcome.where}."
        if outcome.unreadable:
            what = f"What you describe cannot be used: {one_line(error)}."
        return Feedback("raised" if outcome.error else "unreadable", paragraph("Not yet.", what))

    def _not_yet(self, finding):
        known = self._known_by_kind.get(finding.kind)
        if known is None:
            return Feedback("unreadable", paragraph("Not yet:", finding.detail))
        belief = f"A belief that leads here: {known.belief}"
        lines = paragraph("Not yet.", known.hint), paragraph(finding.detail), paragraph(belief)
        return Feedback("known", "\n".join(lines))


def _line_by_line():
    """A function that prints what it is told once the line is whole.

    A page that is built puts a line break wherever a part of a line was sent by itself.
    """
    parts = []

    def say(text):
        parts.append(text)
        if text.endswith("\n"):
            print("".join(parts), end="", flush=True)
            parts.clear()

    return say


def _report(finding, mark):
    """What is printed of runs that came to an end, whatever comes of them."""
    found = scatter([run.others for run in finding.runs])
    yield f"digits not learned from: {found}, and {mark:.3f} is asked for"
    if mistaken := most_mistaken(finding.runs):
        yield f"taken for another most often: {mistaken}"
    yield "others, each in eight such contests:"
    for name, n_weights, accuracy in (*BESIDE, BEST):
        yield f"  {name}, {n_weights:,} weights: {accuracy:.3f}"


def _opened(finding):
    """What is printed of the test digits."""
    accuracies, n_digits = on_test_digits(finding)
    yield f"test digits: {scatter(accuracies)} of {n_digits}"
    yield paragraph(OPENED)


@lambda solution: Project(
    solution,
    Terms(mark=MARK),
    right="it reads more of the digits that it never learned from than two affine layers with as "
    "many weights do.",
)
def small_reader(rng):
    """A network of at most 2,000 weights and how to train it, in a dict; drawn from rng.

    Its entries are "network", which is given images of shape (n, 1, 8, 8), or rows of 64 pixels if
    it refuses those, and ends in ten numbers a digit; "optimizer", or a number that is the learning
    rate of SGD; "batch_size"; "n_epochs", at most 100, which may make 4,000 steps; and, if you
    like, "shift_by": by how many pixels each digit is moved at random, anew in each epoch.

    The checker calls your function for each of three runs, with another generator. In each run the
    network learns from two thirds of the digits and reads the others; their mean accuracy decides.
    With `final=True` the same networks then read the test digits, which no run has touched.
    Running averages, as of batch normalisation, do not count as weights, nor does what is drawn
    and never learned. Whether a network is new can only be tried: two calls with one seed must give
    the same first weights, in arrays of their own, and another seed others; before it is trained it
    must not tell the digits apart, and afterwards its parameters alone must read as well as it
    does. That finds mistakes and short cuts. It finds nobody who is set on deceiving it.
    """
    filters = Convolution(he((19, 1, 3, 3), rng), np.zeros(19))
    last = Affine(he((19 * 9, 10), rng), np.zeros(10))
    layers = [filters, MaxPooling(2), ReLU(), Flatten(), Dropout(0.3, rng), last]
    network = Network(layers, SoftmaxCrossEntropy())
    return {"network": network, "optimizer": Adam(0.01), "batch_size": 32, "n_epochs": 30}


def _two_layers(n_hidden, rng):
    layers = [Affine(he((64, n_hidden), rng), np.zeros(n_hidden)), ReLU()]
    layers += [Affine(he((n_hidden, 10), rng), np.zeros(10))]
    network = Network(layers, SoftmaxCrossEntropy())
    return {"network": network, "optimizer": Adam(0.01), "batch_size": 32, "n_epochs": 30}


@small_reader.known(
    "too many weights",
    "That is more than 2,000 weights. Every number that is learned counts, biases too.",
    belief="that more weights read better. Weights that look at every place through one filter "
    "count once.",
)
def _too_many(rng):
    return _two_layers(50, rng) | {"n_epochs": 1}


@small_reader.known(
    "no weights",
    "The network has nothing to learn. A layer of your own keeps what it learns in a dict of "
    "arrays, `parameters`, and its `backward` leaves `gradients` under the same names.",
    belief="that any array of a layer is learned, as in self.W. Training sees `parameters` alone.",
)
def _no_parameters(rng):
    last = Affine(he((64, 10), rng), np.zeros(10))
    return _two_layers(20, rng) | {"network": Network([_Kept(last)], SoftmaxCrossEntropy())}


class _Kept:
    """A layer with weights that nobody sees, and that learns by itself if it is told how fast."""

    def __init__(self, layer, learning_rate=0.0):
        self.layer, self.learning_rate = layer, learning_rate

    def forward(self, x):
        return self.layer.forward(x)

    def backward(self, upstream):
        upstream = self.layer.backward(upstream)
        for name, gradient in self.layer.gradients.items():
            self.layer.parameters[name] = (
                self.layer.parameters[name] - self.learning_rate * gradient
            )
        return upstream


@small_reader.known(
    "hidden",
    "The network has learned something that is not in its parameters, where it would count as "
    "weights. Running averages, as of batch normalisation, are all that it may keep besides.",
    belief="that weights are only what is called so. Whatever is remembered of digits is one.",
)
def _hides_weights(rng):
    hidden = _Kept(Affine(he((26, 10), rng), np.zeros(10)), 0.1)
    layers = [Affine(he((64, 26), rng), np.zeros(26)), ReLU(), hidden]
    network = Network(layers, SoftmaxCrossEntropy())
    return _two_layers(26, rng) | {"network": network}


@cache
def _made_once():
    return _two_layers(20, np.random.default_rng(0))


@small_reader.known(
    "shared",
    "Your function hands out again what it handed out before. Each call must make a new network "
    "and a new optimizer, or a run begins where the last one ended.",
    belief="that a function makes anew whatever it returns. What is made outside of it, or kept "
    "as a default, is made once.",
)
def _one_for_all(rng):
    return _made_once()


@small_reader.known(
    "drawn elsewhere",
    "First weights must come from rng alone, so that whoever runs it again gets what you got.",
    belief="that one chance is as good as another. Only what a generator gave can be had again.",
)
def _draws_elsewhere(rng):
    return _two_layers(20, np.random.default_rng())


@small_reader.known(
    "trained before",
    "The network knows digits before it is trained. Perhaps it has learned from those that it is "
    "judged by, and then its accuracy says nothing; it must begin with weights drawn from rng.",
    belief="that good weights are good wherever they come from. What was learned from is no "
    "test any more.",
)
def _trained_before(rng):
    digits, described = load_digits(), _two_layers(20, rng)
    network = described["network"]
    for pixels, labels in minibatches(digits.pixels, digits.labels, batch_size=32, rng=rng):
        gradients = network.gradients(pixels, labels)
        network.parameters.update(described["optimizer"].step(network.parameters, gradients))
    return described


@small_reader.known(
    "diverged",
    "The training diverges: its loss grows past all bounds, or is no number any more. Try a "
    "smaller learning rate.",
    belief="that larger steps arrive sooner. Beyond a limit each of them goes further up the "
    "other side.",
)
def _diverges(rng):
    return _two_layers(26, rng) | {"optimizer": SGD(1e4)}


@small_reader.known(
    "failed",
    "A step of the training fails with an error.",
    belief="that layers, loss and optimizer fit one another if each works by itself. The labels "
    "are numbers from 0 to 9, and a batch may be smaller than you think, the last of an epoch.",
)
def _with_squared_errors(rng):
    layers = _two_layers(26, rng)["network"].layers
    return _two_layers(26, rng) | {"network": Network(layers, MeanSquaredError())}


@small_reader.known(
    "alike",
    "In one of the layers all units begin with the same weights. They then learn the same from "
    "every digit, and stay one unit. Draw first weights at random.",
    belief="that training will set them anyway. It moves alike what is alike.",
)
def _zeros(rng):
    layers = [Affine(np.zeros((64, 26)), np.zeros(26)), ReLU()]
    layers += [Affine(np.zeros((26, 10)), np.zeros(10))]
    return _two_layers(26, rng) | {"network": Network(layers, SoftmaxCrossEntropy())}


class _SquareForgotten:
    """tanh, whose way back forgets a square."""

    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, upstream):
        return upstream * (1 - self.y)


@small_reader.known(
    "wrong gradient",
    "The gradients are not those of the loss: look at the `backward` of your own layers. "
    "`check_gradient`, of downslope.gradient_check, says more.",
    belief="that what learns a little has its gradients right. Those that are wrong often lead "
    "down too, not as far.",
)
def _forgets_a_square(rng):
    layers = [Affine(he((64, 26), rng), np.zeros(26)), _SquareForgotten()]
    layers += [Affine(he((26, 10), rng), np.zeros(10))]
    return _two_layers(26, rng) | {"network": Network(layers, SoftmaxCrossEntropy())}


class _Softmax:
    def forward(self, x):
        self.y = softmax(x)
        return self.y

    def backward(self, upstream):
        along = (upstream * self.y).sum(axis=1, keepdims=True)
        return self.y * (upstream - along)


@small_reader.known(
    "softmax twice",
    "The last layer gives probabilities already, and the loss takes softmax of them once more. "
    "Then the likeliest class can have at most e / (e + 9) = 0.23, and gradients stay small. End "
    "in an affine layer.",
    belief="that a classifier must end in softmax. SoftmaxCrossEntropy has it inside.",
)
def _softmax_twice(rng):
    layers = [*_two_layers(26, rng)["network"].layers, _Softmax()]
    network = Network(layers, SoftmaxCrossEntropy())
    return _two_layers(26, rng) | {"network": network, "optimizer": SGD(0.1), "n_epochs": 5}


@small_reader.known(
    "guesses",
    "It has learned nothing: it reads the digits that it learned from hardly better than one who "
    "guesses. Either its gradients vanish on their way back, or its steps are so long that they "
    "kill every unit, or so short, or so few, that it does not move.",
    belief="that more layers read more. Through ten sigmoids no gradient comes back.",
)
def _ten_sigmoids(rng):
    sizes = [64, *9 * [9], 10]
    layers = []
    for n, k in pairwise(sizes):
        layers += [Affine(xavier((n, k), rng), np.zeros(k)), Sigmoid()]
    network = Network(layers[:-1], SoftmaxCrossEntropy())
    return _two_layers(26, rng) | {"network": network, "optimizer": SGD(0.1), "n_epochs": 10}


@small_reader.known(
    "not fitted",
    "It does not even read what it learned from as well as is asked for. More epochs, another "
    "learning rate, or less of what holds it back, as dropout and weight decay do.",
    belief="that a few passes are enough because the loss falls fastest at first.",
)
def _few_epochs(rng):
    return _two_layers(26, rng) | {"optimizer": SGD(0.05), "n_epochs": 3}


@small_reader.known(
    "by heart",
    "It knows what it learned from by heart, and reads too few of the other digits. Chapters 6 to "
    "8 have means against that: weights that are shared, dropout, weight decay.",
    belief="that a net which makes no mistake in training has learned all there is. It may have "
    "learned the digits, and not how to read.",
)
def _wide_start(rng):
    network = TwoLayerNet(64, 26, 10, rng=rng, weight_scale=1.0)
    return _two_layers(26, rng) | {"network": network}
