"""Optimizers: from parameters and their gradients to new parameters.

The update rules of the field, with the numbers of `torch.optim`: `SGD`, `Momentum`, `Nesterov`,
`AdaGrad`, `RMSProp` and `Adam`. Write your own like these, as a class with one method. This one
steps along the mean of the last two gradients::

    class MeanOfTwo(Optimizer):
        def move(self, parameter, gradient, last):
            mean = gradient if last is None else (gradient + last) / 2
            return parameter - self.learning_rate * mean, gradient.copy()

`move` is asked about one parameter at a time. The third argument is what it returned last time for
the parameter of that name, and None at first: an optimizer remembers by handing things to itself.
"""

import copy
import inspect
import math
import weakref
from collections.abc import Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import numpy as np

from downslope._validation import (
    as_array_like,
    as_floats,
    as_not_negative,
    as_positive,
    as_share,
)

__all__ = [
    "SGD",
    "AdaGrad",
    "Adam",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "as_optimizer",
    "take_step",
]


def _setting(name, check) -> Any:
    """An attribute that is checked whenever it is set, and is a Python float then.

    So it may be changed between two steps, and leaves float32 what is float32.
    """

    def set_checked(optimizer, value):
        vars(optimizer)[f"_{name}"] = check(value, name)

    return property(attrgetter(f"_{name}"), set_checked, doc="")  # its class says what it is


class Optimizer:
    """What all optimizers share: a learning rate, a memory, and a step that is whole or not at all.

    Parameters
    ----------
    learning_rate : float, > 0
    weight_decay : float, >= 0, optional
        Before each step every weight loses learning_rate * weight_decay of itself. `decays` says
        which parameters are weights.

    Attributes
    ----------
    learning_rate, weight_decay : float
        May be changed between two steps, as every setting may.
    memory : dict of str to object
        What `move` wants to know the next time, for each parameter. Replaced at the end of a step.

    Raises
    ------
    ValueError
        If `learning_rate` is not a number greater than 0, or `weight_decay` is negative.

    Notes
    -----
    This weight decay is called decoupled: `move` never sees it. A penalty in the loss,
    weight_decay / 2 times the sum of the squared weights, comes to the same under `SGD` only. Under
    `Adam` its gradient would be divided by the size of the gradients, like all the rest.

    References
    ----------
    Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, 2019.
    """

    learning_rate = _setting("learning_rate", as_positive)
    weight_decay = _setting("weight_decay", as_not_negative)
    memory: Mapping[str, Any] = MappingProxyType({})
    _shapes: Mapping[str, tuple[int, ...]] = MappingProxyType({})
    _owner: weakref.ref | None = None
    _weight_decay = 0.0

    def __init__(self, learning_rate, *, weight_decay=0.0):
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay

    def move(self, parameter, gradient, memory):
        """The new value of one parameter, and what to remember until the next step.

        Parameters
        ----------
        parameter, gradient : ndarray of float
            Of one shape, and read-only.
        memory : object
            What this method returned last time; None at first.

        Returns
        -------
        parameter : ndarray of float
            A new array of that shape.
        memory : object
            New too: what was handed in may be needed again, if the step is interrupted.
        """
        raise NotImplementedError(f"{type(self).__name__} must have a method move")

    def decays(self, name, parameter):
        """Whether weight decay shrinks a parameter: it does if that has two axes or more.

        So it shrinks weights, and leaves biases alone, which need no restraint. Replace this
        method to choose others.

        Parameters
        ----------
        name : str
        parameter : ndarray of float

        Returns
        -------
        decays : bool
        """
        return parameter.ndim > 1

    def step(self, parameters, gradients):
        """One step: the new parameters, as new arrays. Nothing that is handed in is modified.

        Parameters
        ----------
        parameters : mapping of str to ndarray of float
            float32 stays float32.
        gradients : mapping of str to ndarray of float
            The same names and shapes.

        Returns
        -------
        changed : dict of str to ndarray of float

        Raises
        ------
        ValueError
            If names or shapes do not fit, or if this optimizer remembers other parameters: those
            of another network, or of other names or shapes. Make a new one then. Or if there is
            weight decay, and no weight.

        Notes
        -----
        An interrupt, or an error in `move`, leaves the memory as it was before the step.
        """
        _require_names(parameters, gradients)
        known = self.move.__module__ == __name__  # ours do not write to what they get
        pair = _pair if known else _read_only_pair
        pairs = {n: pair(n, array, gradients[n]) for n, array in parameters.items()}
        if self.memory:
            self._require_known(pairs, parameters)
        kept = self._kept_shares(pairs) if self.weight_decay else {}
        changed, memory = {}, {}
        for name, (old, gradient) in pairs.items():
            shrunk = kept[name] * old if name in kept else old
            moved, remembered = self._moved(shrunk, gradient, self.memory.get(name))
            changed[name] = self._new(moved, old)
            if remembered is not None:
                memory[name] = remembered
        if memory:
            self._shapes, self._owner, self.memory = _shapes_of(pairs), _owner(parameters), memory
        return changed

    def fresh(self):
        """A copy that remembers nothing, for a new walk."""
        new = copy.copy(self)
        new.memory, new._shapes, new._owner = {}, {}, None
        return new

    def __getstate__(self):
        """For a copy or a file, whose network will be another object."""
        return {**vars(self), "_owner": None}

    def __repr__(self):
        names = [n for n in inspect.signature(type(self)).parameters if hasattr(self, n)]
        if not self.weight_decay:
            names = [n for n in names if n != "weight_decay"]
        settings = ", ".join(f"{n}={getattr(self, n)!r}" for n in names)
        return f"{type(self).__name__}({settings})"

    def _kept_shares(self, pairs):
        """What weight decay leaves of each weight, by name."""
        weights = [name for name, (old, _) in pairs.items() if self.decays(name, old)]
        if not weights:
            listed = ", ".join(f"{name} {old.shape}" for name, (old, _) in pairs.items())
            raise ValueError(
                "weight_decay shrinks weights, which have two axes or more (see decays), "
                f"got only {listed or 'nothing'}"
            )
        return dict.fromkeys(weights, 1 - self.learning_rate * self.weight_decay)

    def _moved(self, parameter, gradient, memory):
        pair = self.move(parameter, gradient, memory)
        if not isinstance(pair, tuple) or len(pair) != 2:
            kind = type(self).__name__
            raise ValueError(f"move of {kind} must return a parameter and a memory, got {pair}")
        return pair

    def _require_known(self, pairs, parameters):
        """Refuse other parameters than those of last time, of which something is remembered."""
        kind, owner = type(self).__name__, _owner(parameters)
        if _shapes_of(pairs) != self._shapes:
            listed = ", ".join(f"{name} {shape}" for name, shape in self._shapes.items())
            raise ValueError(f"this {kind} remembers {listed}: make a new one for other parameters")
        if owner and self._owner and owner() is not self._owner():
            raise ValueError(f"this {kind} remembers another network: make a new one")

    def _new(self, moved, parameter):
        """What `move` made, as an array of the parameter's shape and dtype that nobody else has."""
        array = as_array_like(moved, parameter, "the parameter that {} makes", type(self).__name__)
        return array.copy() if array.base is not None else array


class SGD(Optimizer):
    """Stochastic gradient descent, the update rule itself.

    ::

        parameter = parameter - learning_rate * gradient

    Parameters
    ----------
    learning_rate : float, > 0
        Length of a step per unit of gradient.
    weight_decay : float, >= 0, optional
        As for every `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is not as above.

    References
    ----------
    Robbins and Monro, *A Stochastic Approximation Method*, 1951.

    Examples
    --------
    >>> SGD(0.25).step({"x": np.array([3.0, 4.0])}, {"x": np.array([6.0, 8.0])})
    {'x': array([1.5, 2. ])}
    """

    def move(self, parameter, gradient, memory):
        """The parameter, less the learning rate times its gradient; nothing to remember."""
        moved = -self.learning_rate * gradient
        moved += parameter  # into the same array: half the memory to walk through
        return moved, memory


class Momentum(Optimizer):
    """Descent of something heavy: it keeps its velocity, and a gradient changes that.

    ::

        velocity = momentum * velocity + gradient
        parameter = parameter - learning_rate * velocity

    Under a gradient that stays the same, steps grow to 1 / (1 - momentum) times those of `SGD`.

    Parameters
    ----------
    learning_rate : float, > 0
    momentum : float, from 0 to less than 1, optional
        Share of the velocity that a step leaves.
    weight_decay : float, >= 0, optional
        As for every `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is not as above.

    References
    ----------
    Polyak, *Some Methods of Speeding up the Convergence of Iteration Methods*, 1964.

    Examples
    --------
    >>> optimizer, x = Momentum(0.5, momentum=0.5), {"x": np.array([8.0])}
    >>> for gradient in (2.0, 0.0):
    ...     x = optimizer.step(x, {"x": [gradient]})
    ...     print(x["x"])
    [7.]
    [6.5]
    """

    momentum = _setting("momentum", as_share)

    def __init__(self, learning_rate, momentum=0.9, *, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay=weight_decay)
        self.momentum = momentum

    def move(self, parameter, gradient, memory):
        """Along the new velocity, which is remembered."""
        velocity = self.momentum * (0 if memory is None else memory) + gradient
        return parameter - self.learning_rate * velocity, velocity


class Nesterov(Momentum):
    """Momentum whose gradient is taken a step ahead, where the velocity alone would lead.

    ::

        velocity = momentum * velocity + gradient
        parameter = parameter - learning_rate * (gradient + momentum * velocity)

    The parameters are those of the look-ahead, as in PyTorch: there the gradient is asked for. The
    position behind it is parameter + learning_rate * momentum * velocity.

    Parameters
    ----------
    learning_rate : float, > 0
    momentum : float, from 0 to less than 1, optional
        Share of the velocity that a step leaves.
    weight_decay : float, >= 0, optional
        As for every `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is not as above.

    References
    ----------
    Nesterov, *A Method of Solving a Convex Programming Problem with Convergence Rate O(1/k²)*,
    1983; in this form Sutskever, Martens, Dahl and Hinton, *On the Importance of Initialization
    and Momentum in Deep Learning*, 2013.

    Examples
    --------
    >>> optimizer, x = Nesterov(0.5, momentum=0.5), {"x": np.array([8.0])}
    >>> for gradient in (2.0, 0.0):
    ...     x = optimizer.step(x, {"x": [gradient]})
    ...     print(x["x"])
    [6.5]
    [6.25]
    """

    def move(self, parameter, gradient, memory):
        """Along the gradient and the new velocity, which is remembered."""
        velocity = self.momentum * (0 if memory is None else memory) + gradient
        ahead = gradient + self.momentum * velocity
        return parameter - self.learning_rate * ahead, velocity


class AdaGrad(Optimizer):
    """Each number has a step size of its own, which shrinks with all gradients that it has seen.

    ::

        squares = squares + gradient**2
        parameter = parameter - learning_rate * gradient / (sqrt(squares) + epsilon)

    The first step is `learning_rate` long in every direction, however steep that is.

    Parameters
    ----------
    learning_rate : float, > 0
        Length of the first step, in the units of the parameter.
    weight_decay : float, >= 0, optional
        As for every `Optimizer`.

    Attributes
    ----------
    epsilon : float
        1e-10, so that where every gradient was 0 nothing is divided by 0.

    Raises
    ------
    ValueError
        If a setting is not as above.

    References
    ----------
    Duchi, Hazan and Singer, *Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization*, 2011.

    Examples
    --------
    >>> optimizer, x = AdaGrad(0.5), {"x": np.array([8.0, 8.0])}
    >>> for gradient in ([3.0, 0.003], [4.0, 0.004]):
    ...     x = optimizer.step(x, {"x": gradient})
    ...     print(x["x"].round(3))
    [7.5 7.5]
    [7.1 7.1]
    """

    epsilon = 1e-10

    def move(self, parameter, gradient, memory):
        """Against the gradient, divided by the root of the sum of squares, which is remembered."""
        squares = (0 if memory is None else memory) + gradient**2
        step = gradient / (np.sqrt(squares) + self.epsilon)
        return parameter - self.learning_rate * step, squares


class RMSProp(Optimizer):
    """AdaGrad that forgets: the gradient over the root of the mean square of the latest ones.

    ::

        square = decay * square + (1 - decay) * gradient**2
        parameter = parameter - learning_rate * gradient / (sqrt(square) + epsilon)

    The mean begins at 0 and is not corrected for it, so that the first step is
    1 / sqrt(1 - decay) times `learning_rate` long: 10 times, where `decay` is 0.99.

    Parameters
    ----------
    learning_rate : float, > 0
        Length of a step among gradients that stay the same, in the units of the parameter.
    decay : float, from 0 to less than 1, optional
        Share of the mean square that a step leaves.
    weight_decay : float, >= 0, optional
        As for every `Optimizer`; it has nothing to do with `decay`.

    Attributes
    ----------
    epsilon : float
        1e-8, so that where every gradient was 0 nothing is divided by 0.

    Raises
    ------
    ValueError
        If a setting is not as above.

    References
    ----------
    Tieleman and Hinton, *Lecture 6.5: RMSProp*, Neural Networks for Machine Learning,
    Coursera, 2012.

    Examples
    --------
    >>> optimizer, x = RMSProp(0.1), {"x": np.array([8.0, 8.0])}
    >>> optimizer.step(x, {"x": [3.0, 0.003]})["x"].round(3)
    array([7., 7.])
    """

    decay = _setting("decay", as_share)
    epsilon = 1e-8

    def __init__(self, learning_rate, decay=0.99, *, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay=weight_decay)
        self.decay = decay

    def move(self, parameter, gradient, memory):
        """Against the gradient, divided by the root of the mean square, which is remembered."""
        square = _running_mean(self.decay, 0 if memory is None else memory, gradient * gradient)
        step = gradient / (np.sqrt(square) + self.epsilon)
        return parameter - self.learning_rate * step, square


class Adam(Optimizer):
    """Momentum and RMSProp in one, both means corrected for their beginning at 0.

    In step t, counted from 1::

        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        size = sqrt(square / (1 - beta2**t)) + epsilon
        parameter = parameter - learning_rate * mean / (1 - beta1**t) / size

    With `weight_decay` this is what is called AdamW.

    Parameters
    ----------
    learning_rate : float, > 0
        Length of the first step in every direction, in the units of the parameter; no step among
        gradients that stay the same is longer.
    beta1, beta2 : float, from 0 to less than 1, optional
        Shares of the mean gradient, and of the mean square, that a step leaves.
    weight_decay : float, >= 0, optional
        As for every `Optimizer`.

    Attributes
    ----------
    epsilon : float
        1e-8, so that where every gradient was 0 nothing is divided by 0. It is added after the
        correction, so that a gradient of 1e-7 still moves its parameter by 0.91 `learning_rate`.

    Raises
    ------
    ValueError
        If a setting is not as above.

    References
    ----------
    Kingma and Ba, *Adam: A Method for Stochastic Optimization*, 2015.

    Examples
    --------
    >>> optimizer, x = Adam(0.5), {"x": np.array([8.0, 8.0])}
    >>> for gradient in ([3.0, 0.003], [3.0, 0.003]):
    ...     x = optimizer.step(x, {"x": gradient})
    ...     print(x["x"].round(3))
    [7.5 7.5]
    [7. 7.]
    """

    beta1, beta2 = _setting("beta1", as_share), _setting("beta2", as_share)
    epsilon = 1e-8

    def __init__(self, learning_rate, beta1=0.9, beta2=0.999, *, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay=weight_decay)
        self.beta1, self.beta2 = beta1, beta2

    def move(self, parameter, gradient, memory):
        """Against the mean gradient, divided by its size; both, and t, are remembered."""
        t, mean, square = memory or (0, 0, 0)
        t += 1
        mean = _running_mean(self.beta1, mean, gradient)
        square = _running_mean(self.beta2, square, gradient * gradient)
        root = math.sqrt(1 - self.beta2**t)  # corrects numbers below, in place of the array square
        size = np.sqrt(square)
        size += root * self.epsilon
        moved = mean / size
        moved *= -self.learning_rate * root / (1 - self.beta1**t)
        moved += parameter
        return moved, (t, mean, square)


def as_optimizer(value, name="optimizer"):
    """The optimizer itself, or `SGD` with a number as its learning rate.

    Parameters
    ----------
    value : Optimizer, or float > 0
        Anything with a method ``step(parameters, gradients)`` counts as an optimizer.
    name : str, optional
        What the caller calls it, for the message.

    Returns
    -------
    optimizer : Optimizer

    Raises
    ------
    ValueError
        If `value` is neither.

    Examples
    --------
    >>> as_optimizer(0.1).learning_rate
    0.1
    """
    if isinstance(value, type):
        got = f"got the class {value.__name__}"
        raise ValueError(f"{name} must be an optimizer, such as SGD(0.1), {got}")
    if callable(getattr(value, "step", None)):
        return value
    try:
        is_number = np.asarray(value).dtype.kind in "fiu"
    except ValueError:
        is_number = False
    if not is_number:
        is_object = type(value).__repr__ is object.__repr__  # which tells of an address alone
        got = f"{type(value).__name__} without a method step" if is_object else f"{value!r:.60}"
        raise ValueError(f"{name} must be a number, or an optimizer such as SGD(0.1), got {got}")
    return SGD(value)


def take_step(optimizer, parameters, gradients):
    """What `optimizer.step` makes, once it is known to be a new value for every parameter.

    Parameters
    ----------
    optimizer : object
        With a method `step`, of `Optimizer` or of a class of its own.
    parameters, gradients : mapping of str to ndarray of float

    Returns
    -------
    changed : dict of str to ndarray of float

    Raises
    ------
    ValueError
        As `Optimizer.step` does, or if a name is missing, one is new, or a shape is another.
    """
    changed = optimizer.step(parameters, gradients)
    kind = type(optimizer).__name__
    if not isinstance(changed, Mapping) or changed.keys() != set(parameters):
        got = (
            ", ".join(map(str, changed)) if isinstance(changed, Mapping) else type(changed).__name__
        )
        raise ValueError(
            f"step of {kind} must return a dict with the names {', '.join(parameters)}, "
            f"got {got or 'none of them'}"
        )
    return {
        name: as_array_like(changed[name], old, "the {} that {} makes", name, kind)
        for name, old in parameters.items()
    }


def _running_mean(kept, old, new):
    """`kept` of the old mean, the rest from what is new, as an array that nobody else has."""
    mean = (1 - kept) * new
    mean += kept * old
    return mean


def _require_names(parameters, gradients):
    for mapping, what in ((parameters, "parameters"), (gradients, "gradients")):
        if not hasattr(mapping, "items"):
            raise ValueError(f"{what} must be a dict of arrays, got {type(mapping).__name__}")
    if [*parameters] != [*gradients] and set(parameters) != set(gradients):
        raise ValueError(
            f"gradients must have the names of the parameters, {', '.join(parameters)}, "
            f"got {', '.join(gradients) or 'none'}"
        )


def _pair(name, parameter, gradient):
    """A parameter and its gradient, of its shape, as arrays."""
    parameter = as_floats(parameter, name)
    return parameter, as_array_like(gradient, parameter, "the gradient of {}", name)


def _read_only_pair(name, parameter, gradient):
    """The two as arrays that a `move` from elsewhere cannot write to."""
    views = [array.view() for array in _pair(name, parameter, gradient)]
    for view in views:
        view.setflags(write=False)
    return tuple(views)


def _shapes_of(pairs):
    return {name: parameter.shape for name, (parameter, _) in pairs.items()}


def _owner(parameters):
    """A reference to what stays the same from step to step, as a network's `parameters` do."""
    return None if isinstance(parameters, dict) else weakref.ref(parameters)
