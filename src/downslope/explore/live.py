"""The explorer in a kernel: real ipywidgets; a move redraws the layers that name the slider."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.resources import files

import ipywidgets as widgets

from downslope.explore.controls import Control
from downslope.explore.layers import ExplorerError, Layer
from downslope.explore.page import sentence
from downslope.explore.stage import Frame, Stage
from downslope.explore.svg import themed

__all__ = ["View"]


class View:
    """The widgets of one explorer.

    Parameters
    ----------
    stage : Stage
    frames : mapping of Layer to Frame
        The frames at the default values.
    alt, caption : str
    """

    def __init__(self, stage: Stage, frames: Mapping[Layer, Frame], alt: str, caption: str):
        self._stage = stage
        self._state = {name: control.default for name, control in stage.controls.items()}
        self._frames = dict(frames)
        self._failures: dict[Layer, str] = {}
        self._pictures = {
            (panel, layer): widgets.HTML(layout={"grid_area": "stack", "margin": "0"})
            for panel in stage.panels
            for layer in stage.layers
            if panel in layer.panels
        }
        self._readout = widgets.HTML()
        self._error = widgets.HTML()
        self.controls = {name: _widget(control) for name, control in stage.controls.items()}
        for name, widget in self.controls.items():
            widget.observe(lambda change, name=name: self._moved(name), "value")
        self._box = self._arrange(alt, caption)
        for layer, frame in self._frames.items():
            self._show(layer, frame)
        self._say()

    @property
    def readout(self) -> str:
        return sentence(self._frames[layer].readout for layer in self._stage.layers)

    @property
    def error(self) -> str | None:
        return sentence(dict.fromkeys(self._failures.values())) or None

    def mimebundle(self) -> dict:
        """What a front end with widgets shows."""
        return self._box._repr_mimebundle_()

    def _moved(self, name: str) -> None:
        widget, control = self.controls[name], self._stage.controls[name]
        options = control.texts if control.kind == "choice" else control.values
        self._state[name] = options.index(widget.value)
        for layer in self._stage.layers:
            if name in self._stage.dependencies(layer):
                self._redraw(layer)
        self._say()

    def _redraw(self, layer: Layer) -> None:
        try:
            self._frames[layer] = self._stage.draw(layer, self._state)
        except ExplorerError as error:
            self._failures[layer] = str(error)
        else:
            self._failures.pop(layer, None)
            self._show(layer, self._frames[layer])

    def _show(self, layer: Layer, frame: Frame) -> None:
        for panel, inside in zip(layer.panels, frame.fragments, strict=True):
            width, height = self._stage.panels[panel]
            self._pictures[panel, layer].value = (
                f'<svg class="ds-layer" viewBox="0 0 {width * 72:g} {height * 72:g}" '
                f'aria-hidden="true">{themed(inside)}</svg>'
            )

    def _say(self) -> None:
        self._readout.value = f'<p class="ds-readout" role="status">{escape(self.readout)}</p>'
        error = self.error
        self._error.value = f'<p class="ds-error" role="alert">{escape(error)}</p>' if error else ""

    def _arrange(self, alt: str, caption: str) -> widgets.VBox:
        panels = [self._panel(name, size) for name, size in self._stage.panels.items()]
        row = widgets.Box(panels, layout={"flex_flow": "row wrap", "width": "100%"})
        rows = [_with_play(self._stage.controls[name], w) for name, w in self.controls.items()]
        style = widgets.HTML(f"<style>{_live_style()}</style>", layout={"display": "contents"})
        words = widgets.HTML(f'<p class="ds-alt">{escape(alt)}</p>')
        end = [widgets.HTML(f'<p class="ds-caption">{escape(caption)}</p>')] if caption else []
        box = widgets.VBox([style, words, row, self._readout, self._error, *rows, *end])
        box.add_class("ds-live")
        return box

    def _panel(self, panel: str, size: tuple[float, float]) -> widgets.GridBox:
        layers = [picture for (on, _), picture in self._pictures.items() if on == panel]
        return widgets.GridBox(
            layers,
            layout={
                "grid_template_areas": '"stack"',
                "grid_template_columns": "100%",
                "width": f"{size[0] * 88:.0f}px",
                "max_width": "100%",
            },
        )


def _widget(control: Control) -> widgets.Widget:
    look = {
        "description": control.label,
        "style": {"description_width": "10em"},
        "layout": {"width": "34em", "max_width": "100%"},
    }
    if control.kind == "slider":
        options = list(zip(control.texts, control.values, strict=True))
        return widgets.SelectionSlider(
            options=options, value=control.values[control.default], **look
        )
    chosen = {"options": list(control.texts), "value": control.texts[control.default]}
    if len(control.texts) > 3:
        return widgets.Dropdown(**chosen, **look)
    look["style"]["button_width"] = "auto"  # the texts whole, however long
    return widgets.ToggleButtons(**chosen, **look)


def _with_play(control: Control, widget: widgets.Widget) -> widgets.Widget:
    if not control.plays:
        return widget
    play = widgets.Play(
        value=control.default, min=0, max=len(control.values) - 1, interval=600, show_repeat=False
    )
    widgets.link((play, "value"), (widget, "index"))
    return widgets.HBox([widget, play], layout={"flex_flow": "row wrap"})


def _live_style() -> str:
    return (files("downslope") / "static" / "live.css").read_text(encoding="utf-8")
