"""The explorer in a kernel: real ipywidgets; a move redraws the layers that name the slider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from html import escape
from typing import Any

import ipywidgets as widgets

from downslope.explore import host
from downslope.explore.box import union
from downslope.explore.controls import Control
from downslope.explore.handles import Handle
from downslope.explore.layers import ExplorerError, Layer
from downslope.explore.scene import Scene
from downslope.explore.stage import Frame, Stage
from downslope.explore.svg import BASE, themed
from downslope.explore.words import sentence

__all__ = ["View"]


class View:
    """The widgets of one explorer.

    Parameters
    ----------
    scene : Scene
    """

    def __init__(self, scene: Scene):
        self._stage = scene.stage
        self._state = {name: control.default for name, control in self._stage.controls.items()}
        self._frames = dict(scene.frames)
        self._failures: dict[Layer | Handle, str] = {}
        self._handles = scene.handles
        self._gathered: set[str] | None = None
        self._boxes = scene.boxes(_frames_of_backdrops(self._stage, self._state))
        self._pictures = {
            (panel, layer): widgets.HTML(layout={"grid_area": "stack", "margin": "0"})
            for panel in self._stage.panels
            for layer, _ in scene.on(panel)
        }
        self._hands = {panel: _new_hand() for panel in self._handles}
        self._grids = {panel: self._grid(panel) for panel in self._stage.panels}
        self._readout = widgets.HTML()
        self._error = widgets.HTML()
        self.controls = {name: _widget(control) for name, control in self._stage.controls.items()}
        for name, widget in self.controls.items():
            widget.observe(lambda change, name=name: self._moved(name), "value")
        self._box = self._arrange(scene.alt, scene.caption)
        for panel in self._stage.panels:
            self._show_all(panel)
        for panel, hand in self._hands.items():
            self._hold(self._handles[panel])
            hand.observe(lambda change, panel=panel: self._dragged(panel), "at")
        self._say()

    @property
    def readout(self) -> str:
        """What the layers say at the values shown."""
        return sentence(self._frames[layer].readout for layer in self._stage.layers)

    @property
    def error(self) -> str | None:
        """What has failed at the values shown."""
        return sentence(dict.fromkeys(self._failures.values())) or None

    def mimebundle(self) -> dict:
        """What a front end with widgets shows."""
        return self._box._repr_mimebundle_()

    def _moved(self, name: str) -> None:
        widget, control = self.controls[name], self._stage.controls[name]
        options = control.texts if control.kind == "choice" else control.values
        self._state[name] = options.index(widget.value)
        if self._gathered is None:
            self._follow({name})
        else:
            self._gathered.add(name)

    def _dragged(self, panel: str) -> None:
        """Both sliders go where the reader's hand is; the picture is drawn once for both."""
        moved: set[str] = set()
        self._gathered = moved
        try:
            for name, index in zip(
                self._handles[panel].sliders, self._hands[panel].at, strict=True
            ):
                if name is not None:
                    self.controls[name].index = index
        finally:
            self._gathered = None
        self._follow(moved)

    def _follow(self, moved: set[str]) -> None:
        for layer in self._stage.layers:
            if not moved.isdisjoint(self._stage.dependencies(layer)):
                self._redraw(layer)
        for handle in self._handles.values():
            if not moved.isdisjoint(self._stage.dependencies(handle)):
                self._place(handle)
            self._hold(handle)
        if moved:
            self._say()

    def _place(self, handle: Handle) -> None:
        """Where the grip may be."""
        hand = self._hands[handle.panel]
        try:
            hand.put(self._stage.place(handle, self._state), self._boxes[handle.panel])
        except ExplorerError as error:
            self._failures[handle] = str(error)
        else:
            self._failures.pop(handle, None)

    def _hold(self, handle: Handle) -> None:
        """The grip is where the sliders are."""
        hand = self._hands[handle.panel]
        hand.at = [None if name is None else self._state[name] for name in handle.sliders]

    def _redraw(self, layer: Layer) -> None:
        try:
            self._frames[layer] = self._stage.draw(layer, self._state)
        except ExplorerError as error:
            self._failures[layer] = str(error)
        else:
            self._failures.pop(layer, None)
            self._show(layer, self._frames[layer])

    def _show(self, layer: Layer, frame: Frame) -> None:
        for panel, box in zip(layer.panels, frame.boxes, strict=True):
            held = union([self._boxes[panel], box])
            if held == self._boxes[panel]:
                self._show_on(panel, layer)
            else:  # a state that needs more room than any before it: all layers make room
                self._boxes[panel] = held
                self._show_all(panel)

    def _show_all(self, panel: str) -> None:
        self._grids[panel].layout.width = f"{self._boxes[panel].width / 72 * 88:.0f}px"
        for on, layer in self._pictures:
            if on == panel:
                self._show_on(panel, layer)
        if panel in self._handles:
            self._place(self._handles[panel])

    def _show_on(self, panel: str, layer: Layer) -> None:
        inside = self._frames[layer].fragments[layer.panels.index(panel)]
        self._pictures[panel, layer].value = (
            f'<svg class="ds-layer" viewBox="{self._boxes[panel].view_box()}" '
            f'fill="currentColor" {BASE} aria-hidden="true">{themed(inside)}</svg>'
        )

    def _say(self) -> None:
        self._readout.value = f'<p class="ds-readout" role="status">{escape(self.readout)}</p>'
        error = self.error
        self._error.value = f'<p class="ds-error" role="alert">{escape(error)}</p>' if error else ""

    def _arrange(self, alt: str, caption: str) -> widgets.VBox:
        row = widgets.Box(
            list(self._grids.values()), layout={"flex_flow": "row wrap", "width": "100%"}
        )
        rows = [_with_play(self._stage.controls[name], w) for name, w in self.controls.items()]
        style = widgets.HTML(host.style("downslope-live.css"), layout={"display": "contents"})
        words = widgets.HTML(f'<p class="ds-alt">{escape(alt)}</p>')
        for moving in rows:
            moving.add_class("ds-moves")  # hidden, and the sentence shown, where no kernel is
        if rows:
            rows.append(widgets.HTML(f'<p class="ds-without-kernel">{host.SLIDERS_MOVE}</p>'))
            rows.append(_new_keys())
        end = [widgets.HTML(f'<p class="ds-caption">{escape(caption)}</p>')] if caption else []
        box = widgets.VBox([style, words, row, self._readout, self._error, *rows, *end])
        box.add_class("ds-live")
        return box

    def _grid(self, panel: str) -> widgets.GridBox:
        pictures = [picture for (on, _), picture in self._pictures.items() if on == panel]
        hands = [self._hands[panel]] if panel in self._hands else []
        return widgets.GridBox(
            [*pictures, *hands],
            layout={
                "grid_template_areas": '"stack"',
                "grid_template_columns": "100%",
                "max_width": "100%",
            },
        )


def _frames_of_backdrops(stage: Stage, state: dict[str, int]) -> Iterator[tuple[Layer, Frame]]:
    """Backdrops at each choice and at both ends of each slider, for the room that they take.

    Drawing every state would keep a reader waiting; the widest labels stand at the ends.
    """
    for layer in filter(stage.is_backdrop, stage.layers):
        for name in layer.controls:
            control = stage.controls[name]
            last = len(control.values) - 1
            for index in range(last + 1) if control.kind == "choice" else (0, last):
                with suppress(ExplorerError):  # shown when the reader comes there
                    yield layer, stage.draw(layer, {**state, name: index})


def _new_hand():
    from downslope.explore.hand import Hand  # anywidget only where something moves

    return Hand(layout={"grid_area": "stack", "margin": "0"})


def _new_keys():
    from downslope.explore.keys import Keys

    return Keys()


def _widget(control: Control) -> widgets.Widget:
    widget = _bare_widget(control)
    widget.add_class(host.CONTROL)
    return widget


def _bare_widget(control: Control) -> widgets.Widget:
    look: dict[str, Any] = {
        "description": control.label,
        "style": {"description_width": "12em"},
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
