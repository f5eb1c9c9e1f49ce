"""A scene: a stage, what it shows at first, and the words that go with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from downslope.explore.box import Box, union
from downslope.explore.handles import Handle
from downslope.explore.layers import Layer
from downslope.explore.stage import Frame, Stage
from downslope.explore.words import sentence

__all__ = ["Scene"]


@dataclass(frozen=True)
class Scene:
    """What every place that shows an explorer is given.

    Attributes
    ----------
    stage : Stage
    frames : mapping of Layer to Frame
        The frames at the default values.
    name, alt, caption : str
    labels : mapping of panel to str
        What each panel shows.
    handles : mapping of panel to Handle
    """

    stage: Stage
    frames: Mapping[Layer, Frame]
    name: str
    alt: str
    labels: Mapping[str, str]
    caption: str
    handles: Mapping[str, Handle]

    @property
    def readout(self) -> str:
        """What the layers say at the default values."""
        return sentence(frame.readout for frame in self.frames.values())

    def boxes(self, frames: Iterable[tuple[Layer, Frame]] = ()) -> dict[str, Box]:
        """What must be seen of each panel for the default frames, and for further `frames`."""
        held: dict[str, list[Box]] = {panel: [] for panel in self.stage.panels}
        for layer, frame in (*self.frames.items(), *frames):
            for panel, box in zip(layer.panels, frame.boxes, strict=True):
                held[panel].append(box)
        return {panel: union(boxes) for panel, boxes in held.items()}

    def on(self, panel: str) -> Iterator[tuple[Layer, str]]:
        """The layers of a panel, and what each draws there at the default values."""
        for layer, frame in self.frames.items():
            if panel in layer.panels:
                yield layer, frame.fragments[layer.panels.index(panel)]
