"""What the referee of the project tries on a network besides reading: is it what it says it is?

None of this finds out who wants to deceive: a layer may do anything, and knows its referee. It
finds what is done without thinking, and the short ways around learning.
"""

import copy

import numpy as np

__all__ = ["gradients_that_are_off", "sorted_rightly", "with_parameters_alone"]

STEPS = 1e-4, 2e-4, 4e-4  # of a parameter, along a direction of length about 1
SLACK = 1e-3, 1e-8  # relative and absolute, between a slope and its differences


def sorted_rightly(network, learned, others):
    """Share of the others that lie nearest to the mean of their class, by what a network makes.

    Ten numbers that an untrained network makes of a digit sort three in four of them at best. If
    they sort nearly all, something in it knows digits, though it may not know their names yet.

    Parameters
    ----------
    network : Network
        Has been trained on none of them.
    learned, others : (ndarray, ndarray)
        Digits as the network takes them, and labels.

    Returns
    -------
    share : float
    """
    (x, labels), (x_others, labels_others) = learned, others
    outputs, asked = network.outputs(x), network.outputs(x_others)
    kinds = np.unique(labels)
    means = np.array([outputs[labels == kind].mean(axis=0) for kind in kinds])
    away = (asked[:, np.newaxis] - means) / np.maximum(outputs.std(axis=0), np.finfo(float).tiny)
    return float(np.mean(kinds[(away**2).sum(axis=-1).argmin(axis=1)] == labels_others))


def with_parameters_alone(fresh, trained, batches):
    """A network that has of a trained one its parameters, and nothing else.

    Running averages, as of batch normalisation, it makes for itself, from batches without labels.

    Parameters
    ----------
    fresh : Network
        As the other one was before it was trained; it is changed.
    trained : Network
    batches : iterable of ndarray
        What it was trained on.

    Returns
    -------
    fresh : Network
    """
    fresh.parameters.update({name: array.copy() for name, array in trained.parameters.items()})
    for batch in batches:
        fresh.outputs(batch, training=True)
    return fresh


def gradients_that_are_off(network, x, labels, rng):
    """Names of the parameters whose gradients are not those of the loss.

    Each is held against differences along a random direction, in float64; see
    `downslope.gradient_check.check_gradient` for a closer look. Every pass begins with the same
    random numbers. Where chance comes from elsewhere nothing can be tried, nor where differences
    of several steps do not agree, at a kink or in float32: then there is no name.

    Parameters
    ----------
    network : Network
        Not modified.
    x, labels : ndarray
        A few digits.
    rng : numpy.random.Generator

    Returns
    -------
    names : list of str
    """
    exact = copy.deepcopy(network)
    exact.dtype = np.dtype(np.float64)
    exact.parameters.convert(exact.dtype)

    def loss(**changed):
        trial = copy.deepcopy(exact)
        trial.parameters.update(changed)
        return trial.loss(x, labels, training=True)

    first, gradients = copy.deepcopy(exact).loss_and_gradients(x, labels)
    if loss() != first:
        return []
    kept = exact.parameters
    return [name for name in gradients if _is_off(loss, name, kept[name], gradients[name], rng)]


def _is_off(loss, name, kept, gradient, rng):
    along = rng.normal(size=kept.shape) / np.sqrt(kept.size)
    slope = float(np.sum(gradient * along))
    differences = np.array([
        (loss(**{name: kept + step * along}) - loss(**{name: kept - step * along})) / (2 * step)
        for step in STEPS
    ])  # fmt: skip
    relative, absolute = SLACK
    allowed = relative * max(abs(differences).max(), abs(slope)) + absolute
    return bool(np.ptp(differences) <= allowed < abs(differences - slope).min())
