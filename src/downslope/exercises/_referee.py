"""The referee of the project: trains what a reader describes, and finds out how well it reads.

Digits are kept apart twice. Test digits, those of chapters 4 to 8, stand aside from all of it. The
rest is cut in three parts; each run reads one of them and learns from the others.
"""

import copy
import math
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from downslope._validation import as_count
from downslope.augmentation import randomly_shifted
from downslope.check.wording import one_line, sort_of
from downslope.datasets import load_digits, minibatches, train_test_split
from downslope.exercises._trials import (
    gradients_that_are_off,
    sorted_rightly,
    with_parameters_alone,
)
from downslope.networks import Network
from downslope.optimizers import as_optimizer, take_step

__all__ = ["Finding", "Run", "Terms", "judged", "most_mistaken", "on_test_digits", "scatter"]

NEEDED, ALLOWED = ("network", "optimizer", "batch_size", "n_epochs"), "shift_by"
ENTRIES = f"{', '.join(NEEDED)} and, if you like, {ALLOWED}"
N_CLASSES, N_PARTS, MOST_SHIFT = 10, 3, 3
SHAPES = (1, 8, 8), (64,)  # of a digit as networks take it; the first that fits is taken
WRITES = "a layer writes into what it is given; its forward must return a new array."
OURS = "downslope.layers", "downslope.convolution"
LOST = 1e6  # a loss that no smaller one will follow
GUESSING, KNOWING = 0.2, 0.5  # accuracies that tell a net that knows something from one that cannot
SORTING = 0.95  # of digits by what an untrained net makes of them: honest ones come to 0.8
KEPT_ELSEWHERE = 0.05  # of the accuracy; running averages made anew cost less
A_FEW = 16  # digits on which gradients are tried


@dataclass(frozen=True)
class Terms:
    """What holds for everyone; tests ask for less, so that they are short.

    Attributes
    ----------
    mark : float
        Accuracy to reach, on digits that were not learned from.
    most_weights, most_epochs, most_steps : int
        Of one network, and of one run.
    n_runs : int
        From 1 to 3, the number of parts that the digits are cut in.
    n_learned : int or None
        Learn from no more digits than these, for a short trial; None for all.
    """

    mark: float
    most_weights: int = 2_000
    most_epochs: int = 100
    most_steps: int = 4_000
    n_runs: int = 3
    n_learned: int | None = None


@dataclass(frozen=True)
class Run:
    """One network, trained.

    Attributes
    ----------
    network : Network
    shape : tuple of int
        In which it takes a digit.
    learned, others : float
        Shares that it reads rightly, of the digits that it learned from and of the others.
    mistakes : tuple of (int, int)
        Of each of the others that it misreads, the label and what it takes it for.
    began_alike : bool
        Whether in any layer but the last all units or filters had the same first weights.
    off : tuple of str
        Parameters whose gradients are not those of the loss.
    """

    network: Network
    shape: tuple[int, ...]
    learned: float
    others: float
    mistakes: tuple[tuple[int, int], ...]
    began_alike: bool
    off: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What became of a description.

    Attributes
    ----------
    kind : str
        "reads well", or what is the matter in a word or two.
    detail : str
        That in a sentence, with its numbers.
    runs : tuple of Run
        As far as they came to an end.
    """

    kind: str
    detail: str = ""
    runs: tuple[Run, ...] = field(default=(), compare=False)

    @property
    def accuracy(self):
        """Share of the digits that were read rightly by networks that had not learned from them."""
        return float(np.mean([run.others for run in self.runs]))


class _Fault(Exception):
    def __init__(self, kind, detail):
        super().__init__(detail)
        self.kind, self.detail = kind, detail


def judged(reader, rng, terms, say=lambda text: None):
    """Train what a reader describes, and find out what is to be said of it.

    Parameters
    ----------
    reader : callable
        Maps a generator to a description: a dict with a network and how to train it. What it
        raises goes through.
    rng : numpy.random.Generator
        Cuts the digits in parts, and begins the generators of the runs.
    terms : Terms
    say : callable, optional
        Is told how it goes, piece by piece; a line ends where the text does.

    Returns
    -------
    finding : Finding
    """
    seeds, runs = rng.integers(2**32, size=terms.n_runs).tolist(), []
    try:
        one, other = (_described(reader(_generator(0)), terms) for _ in range(2))
        _require_fresh(one, other)
        for number, (seed, parts) in enumerate(zip(seeds, _parts(rng, terms), strict=True), 1):
            asked = _described(reader(_generator(seed)), terms)
            if number == 1:
                say(f"{_counted(asked['network'])}\n")
            shape = _fresh_shape(asked["network"], parts)
            _require_drawn(one["network"], asked["network"])
            say(f"run {number} of {terms.n_runs}, loss in epoch")
            runs.append(_run(asked, parts, shape, _generator(seed, 1), say))
    except _Fault as fault:
        return Finding(fault.kind, fault.detail, tuple(runs))
    return _weighed(tuple(runs), terms)


def on_test_digits(finding):
    """How well the networks of a finding read the test digits: accuracies, and how many there are.

    Parameters
    ----------
    finding : Finding

    Returns
    -------
    accuracies : list of float
    n_digits : int
    """
    _, x, _, labels = _digits()
    return [_accuracy(run.network, run.shape, x, labels) for run in finding.runs], len(labels)


def scatter(accuracies):
    """Mean and standard error, in words; of a single run there is no error to tell."""
    mean, n = np.mean(accuracies), len(accuracies)
    error = f" ± {np.std(accuracies, ddof=1) / math.sqrt(n):.3f}" if n > 1 else ""
    return f"{mean:.3f}{error}"


def most_mistaken(runs, n=3):
    """The digits that were taken for another one most often, in words."""
    counted = Counter(pair for run in runs for pair in run.mistakes)
    first = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:n]
    return ", ".join(f"{label} for {guess} ({times})" for (label, guess), times in first)


def _generator(*seed):
    return np.random.default_rng(list(seed))


def _digits():
    """The digits as chapters 4 to 8 split them."""
    digits = load_digits()
    return train_test_split(digits.images, digits.labels, 0.2, np.random.default_rng(0))


def _parts(rng, terms):
    """For each run what it learns from and what it reads: images, then labels."""
    x, _, labels, _ = _digits()
    folds = np.array_split(rng.permutation(len(x)), N_PARTS)
    for kept in range(terms.n_runs):
        rest = np.concatenate([fold for number, fold in enumerate(folds) if number != kept])
        rest = rest[: terms.n_learned]
        yield x[rest], x[folds[kept]], labels[rest], labels[folds[kept]]


# What was described


def _described(came, terms):
    """The description, with every entry as it will be used."""
    if not isinstance(came, dict):
        raise _Fault("description", f"return a dict with {ENTRIES}, got {sort_of(came)}.")
    _require_entries(came)
    network = came["network"]
    if not isinstance(network, Network):
        got = f"the class {network.__name__}" if isinstance(network, type) else sort_of(network)
        raise _Fault("description", f"network must be a Network, made anew, got {got}.")
    _require_few(network, terms.most_weights)
    try:
        described = {
            "network": network,
            "optimizer": as_optimizer(came["optimizer"]),
            "batch_size": as_count(came["batch_size"], "batch_size", 1),
            "n_epochs": as_count(came["n_epochs"], "n_epochs", 1),
            "shift_by": as_count(came.get("shift_by", 0), "shift_by"),
        }
    except ValueError as error:
        raise _Fault("description", f"{error}.") from None
    _require_short(described, terms)
    return described


def _require_entries(came):
    wrong = [f"{name!r} is missing" for name in NEEDED if name not in came]
    wrong += [f"nobody knows {name!r}" for name in came if name not in (*NEEDED, ALLOWED)]
    if wrong:
        raise _Fault("description", f"{' and '.join(wrong)}. The entries are {ENTRIES}.")


def _require_few(network, most):
    if not _n_weights(network):
        raise _Fault("no weights", "It has 0 weights.")
    if _n_weights(network) > most:
        raise _Fault("too many weights", f"It has {_counted(network)}.")


def _require_short(asked, terms):
    if asked["n_epochs"] > terms.most_epochs:
        limit = f"n_epochs must be at most {terms.most_epochs}"
        raise _Fault("description", f"{limit}, got {asked['n_epochs']}.")
    if asked["shift_by"] > MOST_SHIFT:
        limit = f"shift_by must be at most {MOST_SHIFT} of 8 pixels"
        raise _Fault("description", f"{limit}, got {asked['shift_by']}.")
    n_digits = terms.n_learned or len(_digits()[0]) * (N_PARTS - 1) // N_PARTS
    n_steps = asked["n_epochs"] * math.ceil(n_digits / asked["batch_size"])
    if n_steps > terms.most_steps:
        limit = f"a run may take {terms.most_steps:,} steps, and this makes {n_steps:,}"
        raise _Fault("description", f"{limit}: fewer epochs, or larger batches.")


def _require_fresh(one, other):
    """Refuse what two calls share, and what they draw from anywhere but their generators."""
    arrays, others = (list(each["network"].parameters.values()) for each in (one, other))
    if any(np.shares_memory(a, b) for a in arrays for b in others):
        raise _Fault("shared", "Two calls gave the very same weights, in the same memory.")
    if one["optimizer"] is other["optimizer"]:
        raise _Fault("shared", "Two calls gave the very same optimizer.")
    if not _have_the_same(arrays, others):
        raise _Fault("drawn elsewhere", "Two generators of one seed gave two different networks.")


def _require_drawn(network, of_another_seed):
    """Refuse first weights that are the same whatever the generator, unless nothing is drawn."""
    arrays, others = (list(each.parameters.values()) for each in (network, of_another_seed))
    if _have_the_same(arrays, others) and any(np.ptp(array) for array in arrays):
        raise _Fault("drawn elsewhere", "Generators of two seeds gave one and the same network.")


def _have_the_same(arrays, others):
    pairs = zip(arrays, others, strict=False)
    return len(arrays) == len(others) and all(np.array_equal(*two) for two in pairs)


def _n_weights(network):
    return sum(array.size for array in network.parameters.values())


def _counted(network):
    """How many weights there are, and where, the first of them if there are many."""
    each = [f"{name} {array.size:,}" for name, array in network.parameters.items()]
    listed = ", ".join([*islice(each, 8), "…"] if len(each) > 8 else each)
    return f"{_n_weights(network):,} weights: {listed}"


def _fitting_shape(network, images):
    """The shape in which the network takes a digit: an image, or if it refuses that, a row."""
    refused = []
    for shape in SHAPES:
        try:
            outputs = network.outputs(_as_taken(images[:2], shape))
        except Exception as error:  # a layer of the reader's own may raise anything
            if "read-only" in str(error):
                raise _Fault("description", WRITES) from None
            refused.append(str(error))
            continue
        if outputs.shape != (2, N_CLASSES):
            got = f"of two digits it makes {outputs.shape}"
            raise _Fault("description", f"network must give {N_CLASSES} numbers a digit; {got}.")
        return shape
    why = f"({refused[0]}), nor rows of 64 pixels ({refused[1]})"
    raise _Fault("description", f"network takes neither images of 1 by 8 by 8 {why}.")


def _as_taken(images, shape):
    """Digits in a shape, for layers that may look at them and no more."""
    taken = images.reshape(len(images), *shape)
    taken.flags.writeable = False
    return taken


# What became of it


def _fresh_shape(network, parts):
    """The shape in which the network takes a digit, once it is seen that it knows none yet."""
    x, x_others, labels, labels_others = parts
    shape = _fitting_shape(network, x_others)
    before = _accuracy(network, shape, x_others, labels_others)
    if before > KNOWING:
        raise _Fault("trained before", f"Before its first step it reads {before:.3f} of them.")
    both = (_as_taken(x, shape), labels), (_as_taken(x_others, shape), labels_others)
    share = _sorted_before(_copied(network), *both)
    if share > SORTING:
        found = f"what it makes of them tells {share:.3f} of them apart"
        raise _Fault("trained before", f"Before its first step {found}.")
    return shape


def _copied(network):
    try:
        return copy.deepcopy(network)
    except Exception as error:  # a layer of the reader's own may hold anything
        raise _Fault("description", f"network cannot be copied: {_sentence(error)}") from None


def _sorted_before(network, learned, others):
    try:
        network.outputs(learned[0], training=True)  # as it is while it learns
        return sorted_rightly(network, learned, others)
    except Exception:  # then its first step fails too, and says why
        return 0.0


def _run(asked, parts, shape, rng, say):
    x, x_others, labels, labels_others = parts
    network, alike = asked["network"], _begins_alike(asked["network"])
    fresh = _copied(network)
    try:
        _train(asked, x, labels, shape, rng, say)
    finally:
        say("\n")
    guesses = network.outputs(_as_taken(x_others, shape)).argmax(axis=1)
    wrong = guesses != labels_others
    mistakes = zip(labels_others[wrong].tolist(), guesses[wrong].tolist(), strict=True)
    learned, others = _accuracy(network, shape, x, labels), 1 - float(wrong.mean())
    read = f"{learned:.3f} of the {len(x):,} digits it learned from, {others:.3f}"
    say(f"  reads {read} of {len(x_others):,} others\n")
    _require_all_in_parameters(fresh, asked, parts, shape, others, rng)
    few = _as_taken(x[:A_FEW], shape), labels[:A_FEW]
    off = gradients_that_are_off(network, *few, rng) if _has_own_layers(network) else ()
    return Run(network, shape, learned, others, tuple(mistakes), alike, tuple(off))


def _require_all_in_parameters(fresh, asked, parts, shape, others, rng):
    """Refuse a network that has learned what is not in its parameters, where it would count."""
    x, x_others, labels, labels_others = parts
    for n_epochs in (0, 2, asked["n_epochs"]):  # most networks have no averages to make anew
        epochs = (_dealt(asked, x, labels, shape, rng) for _ in range(n_epochs))
        batches = (batch for epoch in epochs for batch, _ in epoch)
        alone = with_parameters_alone(fresh, asked["network"], batches)
        read = _accuracy(alone, shape, x_others, labels_others)
        if read >= others - KEPT_ELSEWHERE:
            return
    found = f"With the parameters that it has learned, a new network reads {read:.3f} of the others"
    raise _Fault("hidden", f"{found}, and not {others:.3f}.")


def _has_own_layers(network):
    """Whether any part of the network is none of this package."""
    parts = [network.last, *network.layers]
    for layer in network.layers:
        parts += getattr(layer, "layers", ())
    return any(type(part).__module__ not in OURS for part in parts)


def _accuracy(network, shape, images, labels):
    outputs = network.outputs(_as_taken(images, shape))
    return float(np.mean(outputs.argmax(axis=1) == labels))


def _train(asked, x, labels, shape, rng, say):
    n_epochs = asked["n_epochs"]
    x = x.astype(asked["network"].dtype)
    shown = {math.ceil(n_epochs * part / 3) for part in (1, 2, 3)}
    for epoch in range(1, n_epochs + 1):
        dealt = _dealt(asked, x, labels, shape, rng)
        losses = [_step(asked, batch, targets, epoch) for batch, targets in dealt]
        if epoch in shown:
            say(f" {epoch}: {np.mean(losses):.3f}{',' if epoch < n_epochs else ''}")
    _require_finite(asked["network"], _as_taken(x, shape), labels, n_epochs)


def _dealt(asked, x, labels, shape, rng):
    """The batches of an epoch: dealt out anew, and moved anew if that was asked for."""
    images = randomly_shifted(x, asked["shift_by"], rng) if asked["shift_by"] else x
    for batch, targets in minibatches(images, labels, batch_size=asked["batch_size"], rng=rng):
        yield _as_taken(batch, shape), targets


def _step(asked, batch, targets, epoch):
    network = asked["network"]
    try:
        loss, gradients = network.loss_and_gradients(batch, targets)
        if not loss < LOST:
            raise _Fault("diverged", f"In epoch {epoch} its loss is {loss:.3g}.")
        network.parameters.update(take_step(asked["optimizer"], network.parameters, gradients))
    except _Fault:
        raise
    except Exception as error:  # whatever a layer or an optimizer of the reader's own raises
        raise _Fault("failed", f"In epoch {epoch} a step fails: {_sentence(error)}") from error
    return loss


def _sentence(error):
    said = one_line(error)
    return said if said.endswith(("?", ".")) else f"{said}."


def _require_finite(network, x, labels, n_epochs):
    loss = network.loss(x, labels)
    if not loss < LOST:
        raise _Fault("diverged", f"After epoch {n_epochs} its loss is {loss:.3g}.")


def _weighed(runs, terms):
    """What is to be said of runs that came to an end."""
    finding = Finding("reads well", runs=runs)
    if finding.accuracy >= terms.mark:
        return finding
    learned = float(np.mean([run.learned for run in runs]))
    detail = (
        f"On average it reads {learned:.3f} of the digits that it learned from and "
        f"{scatter([run.others for run in runs])} of the others; {terms.mark:.3f} is asked for."
    )
    off = sorted({name for run in runs for name in run.off})
    if off:
        detail = f"Differences do not confirm that of {', '.join(off)}. {detail}"
    return replace(finding, kind=_cause(runs, learned, terms.mark), detail=detail)


def _cause(runs, learned, mark):
    if any(run.off for run in runs):
        return "wrong gradient"
    if any(run.began_alike for run in runs):
        return "alike"
    if all(map(_ends_in_probabilities, runs)):
        return "softmax twice"
    if learned < GUESSING:
        return "guesses"
    return "not fitted" if learned < mark else "by heart"


def _begins_alike(network):
    weights = [array for array in network.parameters.values() if array.ndim > 1]
    units = [array.T if array.ndim == 2 else array for array in weights]
    return any(bool((unit == unit[:1]).all()) for unit in units[:-1])


def _ends_in_probabilities(run):
    outputs = run.network.outputs(np.linspace(0, 1, 640).reshape(10, *run.shape))
    return bool((outputs >= 0).all() and np.allclose(outputs.sum(axis=1), 1, atol=1e-4))
