"""The parameters of all layers of a network, under names of their own."""

from collections import deque
from collections.abc import Mapping
from itertools import starmap

import numpy as np

from downslope._validation import as_array_like, as_float_array

__all__ = [
    "Parameters",
    "learners",
]


class Parameters(Mapping):
    """The parameters of layers in a row, under names of their own.

    A layer's names get a number: "W1" and "b1" belong to the first layer that has a "W", "W2" to
    the second. The arrays stay in the layers; this is where to find them, and to replace them.

    Parameters
    ----------
    layers : sequence of layers

    Attributes
    ----------
    dtype : dtype
        That of every array, float32 or float64; float64 if there is none.

    Raises
    ------
    ValueError
        If `layers` hold anything but arrays of one dtype; later, if a new array has another shape
        than the one it replaces, or there is no such name.

    Examples
    --------
    >>> from downslope.layers import Affine
    >>> layer = Affine(np.zeros((2, 3)), np.zeros(3))
    >>> parameters = Parameters([layer])
    >>> parameters["b1"] = [1, 2, 3]
    >>> layer.b
    array([1., 2., 3.])
    """

    def __init__(self, layers):
        self._homes = dict(_named(layers))
        for name, (layer, own) in self._homes.items():
            layer.parameters[own] = as_float_array(layer.parameters[own], name, copy=False)
        kinds = {name: array.dtype for name, array in self.items()}
        if len(set(kinds.values())) > 1:
            listed = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
            raise ValueError(f"parameters must be all float32 or all float64, got {listed}")
        self.dtype = next(iter(kinds.values()), np.dtype(np.float64))

    def __getitem__(self, name):
        layer, own = self._homes[name]
        return layer.parameters[own]

    def __iter__(self):
        return iter(self._homes)

    def __len__(self):
        return len(self._homes)

    def items(self):
        """Each name and its array, as of now."""
        return [(name, layer.parameters[own]) for name, (layer, own) in self._homes.items()]

    def __setitem__(self, name, value):
        self.update({name: value})

    def update(self, changed):
        """Put new arrays in the place of some or all of the old ones, all of them at once.

        Parameters
        ----------
        changed : mapping of str to array_like
            Of the shapes of what they replace; converted to `dtype`, and kept, not copied.

        Raises
        ------
        ValueError
            If a name is none of these, or an array does not fit; nothing is replaced then.
        """
        if not hasattr(changed, "items"):
            got = type(changed).__name__
            raise ValueError(f"new parameters must be a dict of arrays, got {got}")
        news = [self._place(name, array) for name, array in changed.items()]
        deque(starmap(dict.__setitem__, news), maxlen=0)  # in C: not interrupted

    def convert(self, dtype):
        """Put a copy in another precision in the place of every array.

        Parameters
        ----------
        dtype : dtype
            float32 or float64.
        """
        self.dtype = np.dtype(dtype)
        for layer, own in self._homes.values():
            layer.parameters[own] = layer.parameters[own].astype(dtype)

    def gradients(self):
        """What the last `backward` of the layers left, under the names of the parameters."""
        return {name: _gradient(*home) for name, home in self._homes.items()}

    def _place(self, name, value):
        """Where a new array goes: a layer's dictionary, the name in there, and the array."""
        if name not in self._homes:
            raise ValueError(f"parameters are {', '.join(self)}, got {name!r}")
        layer, own = self._homes[name]
        array = as_array_like(value, layer.parameters[own], 'parameters["{}"]', name)
        return layer.parameters, own, array

    def __repr__(self):
        return "Parameters: " + ", ".join(f"{name} {a.shape}" for name, a in self.items())


def learners(layers):
    """The layers that have parameters, also those inside of others, in the order of a pass.

    Parameters
    ----------
    layers : sequence of layers

    Returns
    -------
    found : list of layers
    """
    found = []
    for layer in layers:
        if hasattr(layer, "layers"):
            found += learners(layer.layers)
        elif len(getattr(layer, "parameters", ())):
            found.append(layer)
    return found


def _named(layers):
    """The name of each parameter, and where it is at home: its layer, and its name there."""
    highest: dict[str, int] = {}
    for layer in learners(layers):
        if not isinstance(layer.parameters, dict) or not all(map(_is_name, layer.parameters)):
            got = f"got {layer.parameters!r:.60}"
            raise ValueError(f"parameters of {type(layer).__name__} must be a dict by name, {got}")
        number = 1 + max(highest.get(own, 0) for own in layer.parameters)
        highest.update(dict.fromkeys(layer.parameters, number))
        for own in layer.parameters:
            yield f"{own}{number}", (layer, own)


def _is_name(own):
    return isinstance(own, str)


def _gradient(layer, own):
    if own not in layer.gradients:
        kind = type(layer).__name__
        raise ValueError(f'backward of {kind} must leave gradients["{own}"], got nothing')
    return as_array_like(layer.gradients[own], layer.parameters[own], 'gradients["{}"]', own)
