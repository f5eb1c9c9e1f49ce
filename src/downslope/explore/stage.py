"""The stage: panels on which layers are drawn, one layer's own artists at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.projections import get_projection_class
from matplotlib.transforms import Bbox

from downslope.explore import pyplot
from downslope.explore.box import Box
from downslope.explore.controls import Control
from downslope.explore.cycle import ColourCycle
from downslope.explore.ground import Ground, require_panel
from downslope.explore.handles import Handle, Place, place_on
from downslope.explore.layers import ExplorerError, Layer, at, told
from downslope.explore.panels import Panel, house_style, settle
from downslope.explore.readout import read_readout
from downslope.explore.shared import Shared, SharedValues
from downslope.explore.svg import fragment

__all__ = ["Frame", "Stage"]


@dataclass(frozen=True)
class Frame:
    """One state of one layer.

    For each of its panels an SVG fragment and the room that it takes; and what the layer says.
    """

    fragments: tuple[str, ...]
    boxes: tuple[Box, ...]
    readout: str


class Stage:
    """Draws single layers in given states.

    The first layer on a panel is its backdrop. It sets limits, scales and labels; the
    axes themselves are drawn with it. Every other layer on that panel is drawn against
    those limits, so it also depends on the controls of the backdrop.

    Parameters
    ----------
    panels : mapping of str to Panel
    layers : tuple of Layer
    controls : mapping of str to Control
    shared : mapping of str to Shared
    salt : str
        Keeps the ids of this stage apart from those of every other one on a page.
    """

    def __init__(
        self,
        panels: Mapping[str, Panel],
        layers: tuple[Layer, ...],
        controls: Mapping[str, Control],
        shared: Mapping[str, Shared],
        salt: str,
    ):
        self.panels = dict(panels)
        self.layers = layers
        self.controls = dict(controls)
        self._values = SharedValues(shared, self.controls)
        self._salt = salt
        self._grounds: dict[str, Ground] = {}
        self._cycle = ColourCycle()
        self._backdrops: dict[str, Layer] = {}
        for layer in layers:
            for panel in layer.panels:
                if self._backdrops.setdefault(panel, layer) is not layer:
                    _require_flat(panel, self.panels[panel], layer)
        for panel in self.panels:
            if panel not in self._backdrops:
                raise ValueError(
                    f"no layer draws on panel {panel!r}: give one a parameter {panel!r}, the axes "
                    "to draw on"
                )

    def dependencies(self, of: Layer | Handle) -> tuple[str, ...]:
        """Names of the controls that change a layer's picture or a handle's place.

        Those of the backdrops are first.
        """
        panels = of.panels if isinstance(of, Layer) else (of.panel,)
        below = [c for panel in panels for c in self._backdrops[panel].controls]
        own = [name for name in self.controls if name in of.controls]
        return tuple(dict.fromkeys([*below, *own]))

    def states(self, of: Layer | Handle) -> Iterator[dict[str, int]]:
        """Every combination of its controls, as indices, the last varying quickest."""
        names = self.dependencies(of)
        for indices in product(*(range(len(self.controls[name].values)) for name in names)):
            yield dict(zip(names, indices, strict=True))

    def is_backdrop(self, layer: Layer) -> bool:
        """Whether the layer is the first on one of its panels."""
        return any(self._backdrops[panel] is layer for panel in layer.panels)

    def draw(self, layer: Layer, state: Mapping[str, int]) -> Frame:
        """Draw one layer.

        Parameters
        ----------
        layer : Layer
        state : mapping of control name to index into its values
            May name more controls than the layer depends on.

        Raises
        ------
        ExplorerError
            If the layer, or a backdrop under it, fails; names the layer and the values.
        """
        with house_style(f"{self._salt}-{layer.name}"):
            for panel in layer.panels:
                if self._backdrops[panel] is not layer:
                    self._show_backdrop(panel, state)
            if self.is_backdrop(layer):
                return self._draw_backdrop(layer, state)
            return self._draw_over(layer, state)

    def place(self, handle: Handle, state: Mapping[str, int]) -> Place:
        """Where a hand may go on the handle's panel in a state.

        Raises
        ------
        ExplorerError
            If the handle cannot be there, or the backdrop or a shared value fails.
        """
        with house_style(self._salt):
            self._show_backdrop(handle.panel, state)
            followed = [n for n in handle.names if n is not None and n not in self.controls]
            values = {name: self._values.value(name, state) for name in followed}
            try:
                ax = self._grounds[handle.panel].ax
                return place_on(ax, handle, self.controls, values)
            except ValueError as error:
                where = at(self.controls, self.dependencies(handle), state)
                raise ExplorerError(
                    f"the handle of panel {handle.panel!r} failed{where}: {error}"
                ) from error

    def picture(self, state: Mapping[str, int], boxes: Mapping[str, Box], dpi: float = 150):
        """All layers of all panels as pixels, side by side: for places that have no SVG.

        Parameters
        ----------
        state : mapping of control name to index into its values
        boxes : mapping of panel to Box
            What is shown of each panel.
        dpi : float
            Pixels to the inch.

        Returns
        -------
        pixels : ndarray of float, shape (height, width, 3)
            Red, green and blue, from 0 to 1.
        """
        with house_style(self._salt):
            self._grounds.clear()
            for layer in self.layers:
                if self.is_backdrop(layer):
                    self._set_up(layer, state)
                elif layer.panels:
                    self._draw_on_top(layer, state)
            drawn = [
                _pixels(self._grounds[panel].figure, boxes[panel], dpi) for panel in self.panels
            ]
            self._grounds.clear()
        tallest = max(len(pixels) for pixels in drawn)
        return np.hstack([_on_paper(pixels, tallest) for pixels in drawn])

    def _draw_on_top(self, layer: Layer, state: Mapping[str, int]) -> None:
        """Leave a layer's artists on the ground, above all that is there, as on the page."""
        grounds = [self._grounds[panel] for panel in layer.panels]
        with self._naming(layer, state):
            for ground in grounds:
                ground.begin()
            self._call(layer, self._axes(layer), state)
            for ground in grounds:
                ground.keep(1 + self.layers.index(layer))

    def _axes(self, layer: Layer) -> dict[str, Axes]:
        return {panel: self._grounds[panel].ax for panel in layer.panels}

    def _show_backdrop(self, panel: str, state: Mapping[str, int]) -> None:
        """Have the panel's limits set by its backdrop in this state."""
        backdrop = self._backdrops[panel]
        known = self._grounds.get(panel)
        if known is None or known.key != _key(backdrop, state):
            self._set_up(backdrop, state)

    def _draw_backdrop(self, layer: Layer, state: Mapping[str, int]) -> Frame:
        readout = self._set_up(layer, state)
        with self._naming(layer, state):
            figures = {panel: self._grounds[panel].figure for panel in layer.panels}
            return self._frame(layer, {p: [figure] for p, figure in figures.items()}, readout)

    def _set_up(self, layer: Layer, state: Mapping[str, int]) -> str:
        """New axes, with the limits, labels and artists of their backdrop."""
        for panel in layer.panels:
            if self._backdrops[panel] is not layer:
                raise ValueError(
                    f"layer {layer.name!r} sets up one panel and draws over another "
                    f"({panel!r}); make it two layers"
                )
        axes = {panel: self.panels[panel].new_axes() for panel in layer.panels}
        with self._naming(layer, state):
            readout = self._call(layer, axes, state)
            for panel, ax in axes.items():
                settle(cast(Figure, ax.figure))
                self._grounds[panel] = Ground(panel, layer.name, ax, _key(layer, state))
        return readout

    def _draw_over(self, layer: Layer, state: Mapping[str, int]) -> Frame:
        grounds = {panel: self._grounds[panel] for panel in layer.panels}
        try:
            with self._naming(layer, state):
                for ground in grounds.values():
                    ground.begin()
                readout = self._call(layer, self._axes(layer), state)
                added = {panel: ground.added() for panel, ground in grounds.items()}
                frame = self._frame(layer, added, readout)
                for ground in grounds.values():
                    ground.clear()
        except BaseException:  # what the layer has left there, nobody knows
            for panel in grounds:
                self._grounds.pop(panel, None)
            raise
        return frame

    def _frame(self, layer: Layer, artists: Mapping[str, list], readout: str) -> Frame:
        drawn = [
            fragment(self._grounds[panel].figure, artists[panel], self._prefix(layer, panel))
            for panel in layer.panels
        ]
        return Frame(tuple(d.inside for d in drawn), tuple(d.box for d in drawn), readout)

    def _prefix(self, layer: Layer, panel: str) -> str:
        """How the ids of a layer on a panel begin, apart from those of any other."""
        digest = hashlib.sha256(f"{self._salt} {layer.name} {panel}".encode())
        return f"d{digest.hexdigest()[:6]}-"

    def _call(self, layer: Layer, axes: Mapping[str, Axes], state: Mapping[str, int]) -> str:
        arguments = {name: self._values.value(name, state) for name in layer.parameters}
        figures = [cast(Figure, ax.figure) for ax in axes.values()]
        self._cycle.begin(layer.name, axes)
        with pyplot.kept_apart(layer.panels, list(axes.values())):
            returned = layer.draw(**axes, **arguments)
        self._cycle.end(axes)
        for (panel, ax), figure in zip(axes.items(), figures, strict=True):
            require_panel(panel, ax, figure)
        return read_readout(returned)

    def _whole_numbers(self, error: BaseException, layer: Layer) -> str:
        """Where an integer is wanted and a slider's whole numbers are floats: how to get those."""
        if not (isinstance(error, (TypeError, IndexError)) and "integer" in str(error)):
            return ""
        for name in layer.controls:
            grid = self.controls[name].values
            if all(isinstance(value, float) and value.is_integer() for value in grid):
                return (
                    f"; {name} is a float: steps(...), or values([...]) of integers, gives integers"
                )
        return ""

    @contextmanager
    def _naming(self, layer: Layer, state: Mapping[str, int]) -> Iterator[None]:
        """Let an error say in which layer and at which values it happened."""
        try:
            yield
        except ExplorerError:  # of a shared value, which has said it
            raise
        except (Exception, SystemExit) as error:
            where = at(self.controls, self.dependencies(layer), state)
            raise ExplorerError(
                f"layer {layer.name!r} failed{where}: {told(error)}"
                f"{_projection_of(error, layer)}{self._whole_numbers(error, layer)}"
            ) from error


def _require_flat(panel: str, size: Panel, layer: Layer) -> None:
    if size.projection == "3d":
        raise ValueError(
            f"layer {layer.name!r} draws over another on panel {panel!r}, which is 3-D: layers lie "
            "on each other and cannot hide what is behind them; draw that panel in one layer"
        )


def _key(layer: Layer, state: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(state[name] for name in layer.controls)


def _projection_of(error: BaseException, layer: Layer) -> str:
    """Where a layer calls what only axes of another projection have: how to get those."""
    if not (isinstance(error, AttributeError) and isinstance(error.obj, Axes) and layer.panels):
        return ""
    for projection in ("polar", "3d"):
        if error.name and hasattr(get_projection_class(projection), error.name):
            panels = f"panels={{{layer.panels[0]!r}: (4, 4, {projection!r})}}"
            return f"; axes with the projection {projection!r} have it: {panels}"
    return ""


def _pixels(figure: Figure, box: Box, dpi: float) -> np.ndarray:
    height = figure.get_figheight() * 72
    shown = Bbox.from_extents(box.left, height - box.bottom, box.right, height - box.top)
    FigureCanvasAgg(figure)
    file = BytesIO()
    figure.savefig(
        file,
        format="png",
        dpi=dpi,
        bbox_inches=_in_inches(shown),
        transparent=False,  # or the axes would lose their ground too
        pil_kwargs={"compress_level": 0},  # it is read again at once
    )
    file.seek(0)
    return imread(file)


def _in_inches(points: Bbox) -> Bbox:
    return Bbox(points.get_points() / 72)


def _on_paper(pixels: np.ndarray, height: int) -> np.ndarray:
    """The picture on white, with white below it so that it is `height` pixels tall."""
    paper = np.ones((height, pixels.shape[1], 3), dtype=pixels.dtype)
    alpha = pixels[..., 3:]
    paper[: len(pixels)] = pixels[..., :3] * alpha + 1 - alpha
    return paper
