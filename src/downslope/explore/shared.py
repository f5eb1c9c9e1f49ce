"""Values that several layers draw from: computed once for a state, not once in each layer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.explore.controls import Control
from downslope.explore.layers import ExplorerError, at, named_parameters, told

__all__ = ["Shared", "SharedValues", "read_shared"]

LATEST = 64  # values that are kept


@dataclass(frozen=True)
class Shared:
    """A function of controls and of shared values before it.

    Attributes
    ----------
    parameters : tuple of str
        What the function is called with.
    controls : tuple of str
        All the controls that its value depends on.
    """

    name: str
    function: Callable
    parameters: tuple[str, ...]
    controls: tuple[str, ...]


def read_shared(
    functions: Mapping[str, Callable] | None,
    panels: Mapping[str, Any],
    controls: Mapping[str, Control],
) -> dict[str, Shared]:
    """The shared values by name.

    Raises
    ------
    ValueError
        If one has the name of a panel or control, is no function, or has a parameter that is
        neither a control nor a shared value before it.
    """
    if functions is None:
        return {}
    if not isinstance(functions, Mapping):
        raise ValueError(f"shared must map names to functions, got {functions!r}")
    found: dict[str, Shared] = {}
    for name, function in functions.items():
        if not (isinstance(name, str) and name.isidentifier()):
            raise ValueError(f"a shared value must have a name that a layer can use, got {name!r}")
        if name in panels or name in controls:
            kind = "panel" if name in panels else "control"
            raise ValueError(f"{name!r} names a shared value and a {kind}; rename one of them")
        found[name] = _read(name, function, controls, found)
    return found


def _read(name: str, function: Any, controls: Mapping[str, Control], before: dict) -> Shared:
    if not callable(function):
        raise ValueError(f"shared value {name!r} must be a function of controls, got {function!r}")
    parameters = []
    for parameter in named_parameters(function, f"shared value {name!r}"):
        if parameter.name in controls or parameter.name in before:
            parameters.append(parameter.name)
        elif parameter.default is parameter.empty:
            raise ValueError(
                f"shared value {name!r} has a parameter {parameter.name!r} that is neither a "
                f"control {list(controls)} nor a shared value before it {list(before)}"
            )
    on = [c for p in parameters for c in (before[p].controls if p in before else (p,))]
    return Shared(name, function, tuple(parameters), tuple(dict.fromkeys(on)))


class SharedValues:
    """Evaluates shared values, and keeps the latest."""

    def __init__(self, shared: Mapping[str, Shared], controls: Mapping[str, Control]):
        self._shared, self._controls = dict(shared), controls
        self._kept: OrderedDict[tuple, Any] = OrderedDict()

    def value(self, name: str, state: Mapping[str, int]) -> Any:
        """What a layer is given for a parameter: the value of a control or a shared value."""
        if name in self._controls:
            return self._controls[name].values[state[name]]
        key = (name, *(state[control] for control in self._shared[name].controls))
        if key not in self._kept:
            self._kept[key] = self._evaluate(self._shared[name], state)
            if len(self._kept) > LATEST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _evaluate(self, shared: Shared, state: Mapping[str, int]) -> Any:
        arguments = {name: self.value(name, state) for name in shared.parameters}
        try:
            return _locked(shared.function(**arguments))
        except Exception as error:
            where = at(self._controls, shared.controls, state)
            raise ExplorerError(
                f"shared value {shared.name!r} failed{where}: {told(error)}"
            ) from error


def _locked(value: Any) -> Any:
    """The value; an array such that no layer can change it under the others."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value
