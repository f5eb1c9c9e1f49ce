"""Which panels and which sliders a layer depends on, read from its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from downslope.explore.controls import Control

__all__ = ["ExplorerError", "Layer", "read_layers"]


class ExplorerError(RuntimeError):
    """A layer failed while it was drawn; the message names the layer and the slider values."""


@dataclass(frozen=True)
class Layer:
    """A drawing function, the panels it draws on and the controls it names."""

    draw: Callable[..., str | None]
    name: str
    panels: tuple[str, ...]
    controls: tuple[str, ...]

    def describe(self) -> str:
        """The first line of the function's docstring, or its name in words."""
        doc = inspect.getdoc(self.draw) or self.name.replace("_", " ")
        return doc.strip().splitlines()[0].rstrip(".")


def read_layers(
    functions: tuple[Callable, ...], panels: tuple[str, ...], controls: Mapping[str, Control]
) -> tuple[Layer, ...]:
    """Turn drawing functions into layers.

    Raises
    ------
    TypeError
        If a layer is not callable.
    ValueError
        If a layer has a parameter that is neither a panel nor a control and has no
        default, if it names no panel and no control, if two layers share a name, or if
        a control is named by no layer.
    """
    if not functions:
        raise ValueError("explore needs at least one layer: a function that draws on axes")
    layers = tuple(_read(function, panels, controls) for function in functions)
    names = [layer.name for layer in layers]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two layers are called {name!r}; each needs a name of its own")
    used = {control for layer in layers for control in layer.controls}
    for name in controls:
        if name not in used:
            raise ValueError(f"no layer has a parameter {name!r}, so that control would do nothing")
    return layers


def _parameters(function: Callable, name: str) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise ValueError(f"layer {name!r} must be a function with a signature: {error}") from error


def _read(function: Any, panels: tuple[str, ...], controls: Mapping[str, Control]) -> Layer:
    if not callable(function):
        raise TypeError(f"a layer must be a function that draws on axes, got {function!r}")
    name = getattr(function, "__name__", type(function).__name__)
    on_panels, on_controls = [], []
    for parameter in _parameters(function, name):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ValueError(f"layer {name!r} must name its parameters, got {parameter}")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise ValueError(
                f"layer {name!r} must take its parameters by name, got {parameter} before a slash"
            )
        if parameter.name in panels:
            on_panels.append(parameter.name)
        elif parameter.name in controls:
            on_controls.append(parameter.name)
        elif parameter.default is parameter.empty:
            raise ValueError(
                f"layer {name!r} has a parameter {parameter.name!r} that is neither a panel "
                f"{list(panels)} nor a control {list(controls)}"
            )
    if not (on_panels or on_controls):
        raise ValueError(f"layer {name!r} names no panel {list(panels)} to draw on")
    return Layer(function, name, tuple(on_panels), tuple(on_controls))
