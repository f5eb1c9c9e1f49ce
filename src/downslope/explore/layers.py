"""Which panels and which sliders a layer depends on, read from its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from downslope.explore.controls import Control

__all__ = ["ExplorerError", "Layer", "at", "named_parameters", "read_layers", "told"]


class ExplorerError(RuntimeError):
    """A layer failed while it was drawn; the message names the layer and the slider values."""


def at(controls: Mapping[str, Control], names: Iterable[str], state: Mapping[str, int]) -> str:
    """Values of the named controls, as the message of an error has them."""
    words = [f"{name}={controls[name].texts[state[name]]}" for name in names]
    return f" at {', '.join(words)}" if words else ""


def told(error: BaseException) -> str:
    """Kind and message of an error, with all of its lines and the notes on it."""
    notes = "".join(f"\n{note}" for note in getattr(error, "__notes__", ()))
    return f"{type(error).__name__}: {error}".removesuffix(": ") + notes


# What comes back from a call, without a line of the function having run.
_LATE = {
    inspect.iscoroutinefunction: "a coroutine: write def for async def",
    inspect.isgeneratorfunction: "a generator: take the yield away",
    inspect.isasyncgenfunction: "a generator: take the yield away, and write def for async def",
}


def _written(function: Any) -> Any:
    """The function that somebody wrote, where `functools.partial` has been given a part of it."""
    while isinstance(function, partial):
        function = function.func
    return function


@dataclass(frozen=True)
class Layer:
    """A drawing function, and what it names.

    Attributes
    ----------
    panels : tuple of str
        What it draws on.
    parameters : tuple of str
        The controls and shared values that it is called with.
    controls : tuple of str
        All the controls that it depends on, also by way of shared values.
    """

    draw: Callable[..., Any]
    name: str
    panels: tuple[str, ...]
    parameters: tuple[str, ...]
    controls: tuple[str, ...]

    def describe(self) -> str:
        """The first line of the function's docstring, or its name in words."""
        doc = (inspect.getdoc(_written(self.draw)) or "").strip()
        doc = doc or self.name.strip("<>").replace("_", " ")
        return doc.splitlines()[0].rstrip(".")


def read_layers(
    functions: tuple[Callable, ...],
    panels: Mapping[str, Any],
    controls: Mapping[str, Control],
    shared: Mapping[str, Any],
    followed: Iterable[str] = (),
) -> tuple[Layer, ...]:
    """Turn drawing functions into layers; handles follow the shared values in `followed`.

    Raises
    ------
    TypeError
        If a layer is not callable.
    ValueError
        If a layer has a parameter that is neither a panel, a control nor a shared value and has
        no default, if it names none of them, if two layers share a name, or if a control or a
        shared value is named by no layer, nor followed.
    """
    if not functions:
        raise ValueError("explore needs at least one layer: a function that draws on axes")
    layers = tuple(_read(function, panels, controls, shared) for function in functions)
    names = [layer.name for layer in layers]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two layers are called {name!r}; each needs a name of its own")
    named = {name for layer in layers for name in (*layer.parameters, *layer.controls)}
    named.update(followed)
    named.update(name for value in shared.values() for name in value.parameters)
    for name in controls:
        if name not in named:
            raise ValueError(f"no layer has a parameter {name!r}, so that control would do nothing")
    for name in shared:
        if name not in named:
            raise ValueError(f"no layer has a parameter {name!r}, so that value is shared by none")
    return layers


def named_parameters(function: Any, what: str) -> list[inspect.Parameter]:
    """The parameters of a function, if all can be given by name.

    Raises
    ------
    ValueError
        If they cannot; the message begins with `what`.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} must be a function with a signature: {error}") from error
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ValueError(f"{what} must name its parameters, got {parameter}")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise ValueError(
                f"{what} must take its parameters by name, got {parameter} before a slash"
            )
    return parameters


def _read(
    function: Any,
    panels: Mapping[str, Any],
    controls: Mapping[str, Control],
    shared: Mapping[str, Any],
) -> Layer:
    if not callable(function):
        mend = "give the function itself, explore(draw), not what it returns, explore(draw(ax))"
        if isinstance(function, list | tuple):
            mend = "give the layers one by one, explore(first, second), not in a list"
        raise TypeError(f"a layer must be a function that draws on axes, got {function!r}; {mend}")
    name = getattr(_written(function), "__name__", type(function).__name__)
    for is_late, kind in _LATE.items():
        if is_late(function):
            raise TypeError(f"layer {name!r} must draw when it is called, got {kind}")
    on_panels, given, on_controls = [], [], []
    for parameter in named_parameters(function, f"layer {name!r}"):
        if parameter.name in panels:
            on_panels.append(parameter.name)
        elif parameter.name in controls:
            given.append(parameter.name)
            on_controls.append(parameter.name)
        elif parameter.name in shared:
            given.append(parameter.name)
            on_controls += shared[parameter.name].controls
        elif parameter.default is parameter.empty:
            among = f" nor a shared value {list(shared)}" if shared else ""
            raise ValueError(
                f"layer {name!r} has a parameter {parameter.name!r} that is neither a panel "
                f"{list(panels)} nor a control {list(controls)}{among}"
            )
    if not (on_panels or given):
        raise ValueError(f"layer {name!r} names no panel {list(panels)} to draw on")
    return Layer(function, name, tuple(on_panels), tuple(given), tuple(dict.fromkeys(on_controls)))
