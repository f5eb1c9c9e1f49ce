"""All states of an explorer, packed for a page."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Hashable, Iterable, Mapping
from math import prod

from downslope.explore.box import Box
from downslope.explore.handles import Handle
from downslope.explore.layers import ExplorerError, Layer
from downslope.explore.paths import compact
from downslope.explore.scene import Scene
from downslope.explore.stage import Frame, Stage
from downslope.explore.svg import themed

__all__ = ["MAX_BYTES", "MAX_FRAMES", "States"]

MAX_BYTES = 800_000
MAX_FRAMES = 3_000


class States:
    """Every layer of a scene, drawn in every state.

    Parameters
    ----------
    scene : Scene

    Raises
    ------
    ExplorerError
        If a layer fails, or a handle has no place, or one of them has more than `MAX_FRAMES`
        states.

    Attributes
    ----------
    boxes : dict of str to Box
        What must be seen of each panel, whatever the state.
    """

    def __init__(self, scene: Scene):
        self._scene, self._stage = scene, scene.stage
        for layer in self._stage.layers:
            _refuse_too_many(self._stage, layer, f"layer {layer.name!r}")
        for handle in scene.handles.values():
            _refuse_too_many(self._stage, handle, f"the handle of panel {handle.panel!r}")
        self._fragments: dict[str, int] = {}
        self._texts: dict[str, int] = {}
        self._frames: dict[Layer, list[int]] = {layer: [] for layer in self._stage.layers}
        self._readouts: dict[Layer, list[int]] = {layer: [] for layer in self._stage.layers}
        self._sizes = dict.fromkeys(self._stage.layers, 0)
        boxes: dict[tuple, tuple[Layer, Frame]] = {}
        for layers in self._together():
            for state in self._stage.states(layers[0]):
                for layer in layers:
                    frame = self._stage.draw(layer, state)
                    _refuse_whims(scene, layer, state, frame)
                    self._add(layer, frame)
                    boxes.setdefault((layer, frame.boxes), (layer, frame))
        self.boxes: dict[str, Box] = scene.boxes(boxes.values())

    def _together(self) -> Iterable[list[Layer]]:
        """Layers of the same controls are drawn state by state, so that they share values."""
        groups: dict[tuple, list[Layer]] = {}
        for layer in self._stage.layers:
            groups.setdefault(self._stage.dependencies(layer), []).append(layer)
        return groups.values()

    def _add(self, layer: Layer, frame: Frame) -> None:
        for inside in frame.fragments:
            if inside not in self._fragments:
                self._fragments[inside] = len(self._fragments)
                self._sizes[layer] += len(inside)
            self._frames[layer].append(self._fragments[inside])
        self._readouts[layer].append(self._texts.setdefault(frame.readout, len(self._texts)))

    def hands(self) -> str:
        """Where hands may go, for a page: beside the data block, so that one need not wait for it.

        Empty where there is no handle.
        """
        handles = [self._hand(handle) for handle in self._scene.handles.values()]
        text = json.dumps(handles, separators=(",", ":"))
        return f'<script type="application/json" class="ds-hands">{text}</script>' * bool(handles)

    def _hand(self, handle: Handle) -> dict:
        names = list(self._stage.controls)
        tables: list[dict[Hashable, int]] = [{}, {}, {}]  # axes, across, up
        states = [
            [
                table.setdefault(part, len(table))
                for table, part in zip(tables, self._stage.place(handle, state), strict=True)
            ]
            for state in self._stage.states(handle)
        ]
        return {
            "panel": list(self._stage.panels).index(handle.panel),
            "sliders": [None if name is None else names.index(name) for name in handle.sliders],
            "controls": [names.index(name) for name in self._stage.dependencies(handle)],
            "axes": list(tables[0]),
            "across": list(tables[1]),
            "up": list(tables[2]),
            "states": states,
        }

    def block(self) -> str:
        """The data block of the page; empty where nothing moves."""
        controls = self._stage.controls
        if not controls:
            return ""
        data = {
            "controls": [
                {
                    "name": name,
                    "label": control.label,
                    "texts": control.texts,
                    "spoken": control.spoken(),
                    "logarithmic": control.is_logarithmic,
                    "default": control.default,
                }
                for name, control in controls.items()
            ],
            "layers": [self._layer(layer) for layer in self._stage.layers],
            "fragments": [themed(compact(inside)) for inside in self._fragments],
            "texts": list(self._texts),
        }
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        packed = base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
        return f'<script type="application/gzip;base64" class="ds-states">{packed}</script>'

    def _layer(self, layer: Layer) -> dict:
        names, panels = list(self._stage.controls), list(self._stage.panels)
        return {
            "name": layer.name,
            "panels": [panels.index(panel) for panel in layer.panels],
            "controls": [names.index(name) for name in self._stage.dependencies(layer)],
            "frames": self._frames[layer],
            "readouts": self._readouts[layer],
        }

    def refuse_too_large(self, n_bytes: int) -> None:
        """Refuse an element of more than `MAX_BYTES`, and say what to thin."""
        if n_bytes <= MAX_BYTES:
            return
        layer = max(self._sizes, key=self._sizes.__getitem__)
        controls = self._stage.dependencies(layer)
        advice = (
            f"thin its slider {_longest(self._stage, controls)!r}"
            if controls
            else "draw less in it"
        )
        raise ExplorerError(
            f"explorer {self._scene.name!r} takes {n_bytes / 1000:.0f} kB in the page, more than "
            f"{MAX_BYTES / 1000:.0f} kB; most of it is layer {layer.name!r}: {advice}"
        )


def _refuse_whims(scene: Scene, layer: Layer, state: Mapping[str, int], frame: Frame) -> None:
    """Refuse a layer that draws, or says, at the default values something else than before."""
    controls = scene.stage.controls
    if any(controls[name].default != index for name, index in state.items()):
        return
    before = scene.frames[layer]
    if (frame.fragments, frame.readout) != (before.fragments, before.readout):
        raise ExplorerError(
            f"layer {layer.name!r} draws or says something else when it is drawn again in the same "
            "state; let it depend on its parameters alone: make random numbers inside of it with "
            "numpy.random.default_rng(0), and keep nothing between two calls"
        )


def _refuse_too_many(stage: Stage, of: Layer | Handle, what: str) -> None:
    controls = stage.dependencies(of)
    n_frames = prod(len(stage.controls[name].values) for name in controls)
    if n_frames > MAX_FRAMES:
        raise ExplorerError(
            f"{what} has {n_frames} states, more than {MAX_FRAMES}; "
            f"thin the slider {_longest(stage, controls)!r}"
        )


def _longest(stage: Stage, controls: Iterable[str]) -> str:
    return max(controls, key=lambda name: len(stage.controls[name].values))
