"""Optimizers: from parameters and their gradients to new parameters.

Write your own as a class with one method. This is momentum, whole::

    class Momentum(Optimizer):
        def __init__(self, learning_rate, momentum=0.9):
            super().__init__(learning_rate)
            self.momentum = momentum

        def move(self, parameter, gradient, velocity):
            velocity = self.momentum * (0 if velocity is None else velocity)
            velocity = velocity - self.learning_rate * gradient
            return parameter + velocity, velocity

`move` is asked about one parameter at a time. The third argument is what it returned last time for
the parameter of that name, and None at first: an optimizer remembers by handing things to itself.
"""

import copy
import weakref
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from downslope._validation import as_array_like, as_floats, as_positive

__all__ = [
    "SGD",
    "Optimizer",
    "as_optimizer",
    "take_step",
]


class Optimizer:
    """What all optimizers share: a learning rate, a memory, and a step that is whole or not at all.

    Parameters
    ----------
    learning_rate : float, > 0

    Attributes
    ----------
    learning_rate : float
        May be changed between two steps.
    memory : dict of str to object
        What `move` wants to know the next time, for each parameter. Replaced at the end of a step.

    Raises
    ------
    ValueError
        If `learning_rate` is not a number greater than 0.
    """

    memory: Mapping[str, Any] = MappingProxyType({})
    _shapes: Mapping[str, tuple[int, ...]] = MappingProxyType({})
    _owner: weakref.ref | None = None

    def __init__(self, learning_rate):
        self.learning_rate = as_positive(learning_rate, "learning_rate")

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
            of another network, or of other names or shapes. Make a new one then.

        Notes
        -----
        An interrupt, or an error in `move`, leaves the memory as it was before the step.
        """
        _require_names(parameters, gradients)
        self._require_known(parameters)
        changed, memory = {}, {}
        for name, parameter in parameters.items():
            old, gradient = _pair(name, parameter, gradients[name])
            pair = self.move(old, gradient, self.memory.get(name))
            if not isinstance(pair, tuple) or len(pair) != 2:
                kind = type(self).__name__
                raise ValueError(f"move of {kind} must return a parameter and a memory, got {pair}")
            moved, remembered = pair
            changed[name] = self._new(moved, old)
            if remembered is not None:
                memory[name] = remembered
        if memory:
            self._remember(parameters, memory)
        return changed

    def fresh(self):
        """A copy that remembers nothing, for a new walk."""
        new = copy.copy(self)
        new.memory, new._shapes, new._owner = {}, {}, None
        return new

    def _remember(self, parameters, memory):
        shapes, owner = _shapes(parameters), _owner(parameters)
        self._shapes, self._owner, self.memory = shapes, owner, memory

    def _require_known(self, parameters):
        """Refuse other parameters than last time, if something is remembered of those."""
        if not self.memory:
            return
        kind, owner = type(self).__name__, _owner(parameters)
        if _shapes(parameters) != self._shapes:
            listed = ", ".join(f"{name} {shape}" for name, shape in self._shapes.items())
            raise ValueError(f"this {kind} remembers {listed}: make a new one for other parameters")
        if owner and self._owner and owner() is not self._owner():
            raise ValueError(f"this {kind} remembers another network: make a new one")

    def _new(self, moved, parameter):
        """What `move` made, as an array of the parameter's shape and dtype that nobody else has."""
        array = as_array_like(moved, parameter, "the parameter that {} makes", type(self).__name__)
        return array.copy() if array.base is not None else array


class SGD(Optimizer):
    """Stochastic gradient descent, the update rule itself: parameter - learning_rate * gradient.

    Parameters
    ----------
    learning_rate : float, > 0
        Length of a step per unit of gradient.

    Raises
    ------
    ValueError
        If `learning_rate` is not a number greater than 0.

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
        raise ValueError(f"{name} must be an optimizer, such as SGD(0.1), got the class {value!r}")
    if callable(getattr(value, "step", None)):
        return value
    try:
        is_number = np.asarray(value).dtype.kind in "fiu"
    except ValueError:
        is_number = False
    if not is_number:
        raise ValueError(
            f"{name} must be a number, or an optimizer such as SGD(0.1), got {value!r:.60}"
        )
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
    """A parameter and its gradient, of its shape, as arrays that `move` cannot write to."""
    parameter = as_floats(parameter, name).view()
    gradient = as_array_like(gradient, parameter, "the gradient of {}", name).view()
    parameter.flags.writeable = gradient.flags.writeable = False
    return parameter, gradient


def _shapes(parameters):
    return {name: np.shape(parameter) for name, parameter in parameters.items()}


def _owner(parameters):
    """A reference to what stays the same from step to step, as a network's `parameters` do."""
    return None if isinstance(parameters, dict) else weakref.ref(parameters)
