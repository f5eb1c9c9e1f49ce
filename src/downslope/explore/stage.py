"""The stage: panels on which layers are drawn, one layer's own artists at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from itertools import product

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from downslope.explore.controls import Control
from downslope.explore.layers import ExplorerError, Layer
from downslope.explore.svg import fragment

__all__ = ["Frame", "Stage", "house_style"]

_MARGINS = {"left": 0.62, "right": 0.12, "bottom": 0.5, "top": 0.32}  # inches


def _read_style() -> dict:
    with as_file(files("downslope") / "downslope.mplstyle") as path:
        return dict(mpl.rc_params_from_file(path, use_default_template=False))


_STYLE = {**_read_style(), "svg.fonttype": "none"}
_DEFAULTS = {
    key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")
}


@contextmanager
def house_style(salt: str = "downslope") -> Iterator[None]:
    """The one style sheet over Matplotlib's defaults, whatever the reader has set; SVG text that
    stays text; ids that depend on `salt` alone.
    """
    theirs = {key: value for key, value in _DEFAULTS.items() if mpl.rcParams[key] != value}
    with mpl.rc_context({**theirs, **_STYLE, "svg.hashsalt": salt}):
        yield


@dataclass(frozen=True)
class Frame:
    """One state of one layer: an SVG fragment for each of its panels, and what it says."""

    fragments: tuple[str, ...]
    readout: str


class Stage:
    """Draws single layers in given states.

    The first layer on a panel is its backdrop. It sets limits, scales and labels; the
    axes themselves are drawn with it. Every other layer on that panel is drawn against
    those limits, so it also depends on the controls of the backdrop.

    Parameters
    ----------
    panels : mapping of str to (width, height) in inches
    layers : tuple of Layer
    controls : mapping of str to Control
    salt : str
        Keeps the ids of this stage apart from those of every other one on a page.
    """

    def __init__(
        self,
        panels: Mapping[str, tuple[float, float]],
        layers: tuple[Layer, ...],
        controls: Mapping[str, Control],
        salt: str,
    ):
        self.panels = dict(panels)
        self.layers = layers
        self.controls = dict(controls)
        self._salt = salt
        self._axes: dict[str, tuple[tuple, object]] = {}
        self._backdrops: dict[str, Layer] = {}
        for layer in layers:
            for panel in layer.panels:
                self._backdrops.setdefault(panel, layer)
        for panel in self.panels:
            if panel not in self._backdrops:
                raise ValueError(f"no layer draws on panel {panel!r}")

    def dependencies(self, layer: Layer) -> tuple[str, ...]:
        """Names of the controls that change the picture of `layer`, backdrops' first."""
        below = [c for panel in layer.panels for c in self._backdrops[panel].controls]
        return tuple(dict.fromkeys([*below, *layer.controls]))

    def states(self, layer: Layer) -> Iterator[dict[str, int]]:
        """Every combination of the layer's controls, as indices, the last varying quickest."""
        names = self.dependencies(layer)
        for indices in product(*(range(len(self.controls[name].values)) for name in names)):
            yield dict(zip(names, indices, strict=True))

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
            if self._is_backdrop(layer):
                return self._draw_backdrop(layer, state)
            return self._draw_over(layer, state)

    def picture(self, state: Mapping[str, int], dpi: float = 150) -> np.ndarray:
        """All layers of all panels as pixels, side by side: for places that have no SVG.

        Parameters
        ----------
        state : mapping of control name to index into its values
        dpi : float
            Pixels to the inch.

        Returns
        -------
        pixels : ndarray of uint8, shape (height, width, 4)
        """
        with house_style(self._salt):
            self._axes.clear()
            for layer in self.layers:
                if self._is_backdrop(layer):
                    self._set_up(layer, state)
                elif layer.panels:
                    axes = {panel: self._axes[panel][1] for panel in layer.panels}
                    with self._naming(layer, state):
                        self._call(layer, axes, state)
            drawn = [_pixels(self._axes[panel][1].figure, dpi) for panel in self.panels]
            self._axes.clear()
        tallest = max(len(pixels) for pixels in drawn)
        return np.hstack([_on_paper(pixels, tallest) for pixels in drawn])

    def _is_backdrop(self, layer: Layer) -> bool:
        return any(self._backdrops[panel] is layer for panel in layer.panels)

    def _show_backdrop(self, panel: str, state: Mapping[str, int]) -> None:
        """Have the panel's limits set by its backdrop in this state."""
        backdrop = self._backdrops[panel]
        key = tuple(state[name] for name in backdrop.controls)
        known = self._axes.get(panel)
        if known is None or known[0] != key:
            self._set_up(backdrop, state)

    def _draw_backdrop(self, layer: Layer, state: Mapping[str, int]) -> Frame:
        readout = self._set_up(layer, state)
        with self._naming(layer, state):
            fragments = tuple(
                fragment(ax.figure, [ax], self._prefix(layer, panel))
                for panel, ax in ((panel, self._axes[panel][1]) for panel in layer.panels)
            )
            return Frame(fragments, readout)

    def _prefix(self, layer: Layer, panel: str) -> str:
        """How the ids of a layer on a panel begin, apart from those of any other."""
        digest = hashlib.sha256(f"{self._salt} {layer.name} {panel}".encode())
        return f"d{digest.hexdigest()[:6]}-"

    def _set_up(self, layer: Layer, state: Mapping[str, int]) -> str:
        """New axes, with the limits, labels and artists of their backdrop."""
        for panel in layer.panels:
            if self._backdrops[panel] is not layer:
                raise ValueError(
                    f"layer {layer.name!r} sets up one panel and draws over another "
                    f"({panel!r}); make it two layers"
                )
        axes = {panel: self._new_axes(panel) for panel in layer.panels}
        with self._naming(layer, state):
            readout = self._call(layer, axes, state)
        key = tuple(state[name] for name in layer.controls)
        for panel, ax in axes.items():
            ax.autoscale(False)
            self._axes[panel] = (key, ax)
        return readout

    def _draw_over(self, layer: Layer, state: Mapping[str, int]) -> Frame:
        axes = {panel: self._axes[panel][1] for panel in layer.panels}
        before = {panel: (_children(ax), _setting(ax)) for panel, ax in axes.items()}
        try:
            with self._naming(layer, state):
                readout = self._call(layer, axes, state)
                for panel, ax in axes.items():
                    _refuse_new_setting(panel, before[panel][1], _setting(ax))
                fragments = tuple(
                    fragment(
                        ax.figure,
                        [artist for artist in ax.get_children() if artist not in before[panel][0]],
                        self._prefix(layer, panel),
                    )
                    for panel, ax in axes.items()
                )
                for panel, ax in axes.items():
                    _remove(ax, before[panel][0])
        except BaseException:
            for panel in axes:
                self._axes.pop(panel, None)
            raise
        return Frame(fragments, readout)

    def _new_axes(self, panel: str):
        width, height = self.panels[panel]
        figure = Figure(figsize=(width, height), dpi=72)
        figure.subplots_adjust(
            left=_MARGINS["left"] / width,
            right=1 - _MARGINS["right"] / width,
            bottom=_MARGINS["bottom"] / height,
            top=1 - _MARGINS["top"] / height,
        )
        return figure.add_subplot()

    def _call(self, layer: Layer, axes: Mapping[str, object], state: Mapping[str, int]) -> str:
        arguments = {name: self.controls[name].values[state[name]] for name in layer.controls}
        for ax in axes.values():
            ax.set_prop_cycle(None)
        readout = layer.draw(**axes, **arguments)
        for panel, ax in axes.items():
            _refuse_what_is_outside(panel, ax)
            ax.apply_aspect()
        if readout is not None and not isinstance(readout, str):
            raise TypeError(
                f"a layer must return a str (its readout) or None, got {type(readout).__name__}"
            )
        return readout or ""

    @contextmanager
    def _naming(self, layer: Layer, state: Mapping[str, int]) -> Iterator[None]:
        """Let an error say in which layer and at which values it happened."""
        try:
            yield
        except Exception as error:
            names = self.dependencies(layer)
            words = [f"{name}={self.controls[name].texts[state[name]]}" for name in names]
            at = f" at {', '.join(words)}" if words else ""
            raise ExplorerError(
                f"layer {layer.name!r} failed{at}: {type(error).__name__}: {error}"
            ) from error


def _children(ax) -> set:
    return set(ax.get_children())


def _setting(ax) -> dict[str, object]:
    """What only a backdrop may set: all that is drawn with it, and where everything is drawn."""
    return {
        "xlim": ax.get_xlim(),
        "ylim": ax.get_ylim(),
        "xscale": ax.get_xscale(),
        "yscale": ax.get_yscale(),
        "aspect": ax.get_aspect(),
        "position": ax.get_position().bounds,
        "frame": (ax.axison, ax.get_frame_on()),
        "xlabel": ax.get_xlabel(),
        "ylabel": ax.get_ylabel(),
        "title": [ax.get_title(place) for place in ("left", "center", "right")],
        "x ticks": _ticks(ax.xaxis),
        "y ticks": _ticks(ax.yaxis),
    }


def _ticks(axis) -> tuple:
    return (
        axis.get_major_locator(),
        axis.get_major_formatter(),
        axis.get_minor_locator(),
        axis.get_tick_params(),
    )


def _refuse_new_setting(panel: str, before: dict, after: dict) -> None:
    for name, value in before.items():
        if after[name] != value:
            raise ValueError(
                f"the {name} of panel {panel!r} changed from {value!r} to {after[name]!r}; "
                f"only the first layer on a panel may set it"
            )


def _refuse_what_is_outside(panel: str, ax) -> None:
    """Refuse what a layer has put beside the panel that it was given: it would not be seen."""
    strangers = [
        artist for artist in ax.figure.get_children() if artist not in (ax, ax.figure.patch)
    ]
    strangers += ax.child_axes
    if strangers:
        kind = type(strangers[0]).__name__
        raise ValueError(
            f"something was drawn outside of panel {panel!r} ({kind}); draw on the Axes that the "
            "layer is given, and give a colour bar or a second scale a panel of its own"
        )


def _pixels(figure: Figure, dpi: float) -> np.ndarray:
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def _on_paper(pixels: np.ndarray, height: int) -> np.ndarray:
    """The picture with white below it, so that it is `height` pixels tall."""
    rest = np.full((height - len(pixels), *pixels.shape[1:]), 255, dtype=np.uint8)
    return np.vstack([pixels, rest])


def _remove(ax, keep: set) -> None:
    for artist in ax.get_children():
        if artist not in keep and artist in ax.get_children():  # labels go with their contours
            artist.remove()
    ax.containers[:] = [c for c in ax.containers if all(part in keep for part in c.get_children())]
