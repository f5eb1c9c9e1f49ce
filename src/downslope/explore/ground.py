"""The ground: axes as the first layer on a panel has left them, for others to draw on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

__all__ = ["Ground", "require_panel"]

_HIGHER = 1e6  # than any zorder that a layer sets


class Ground:
    """Axes on which later layers draw, change nothing and leave nothing.

    Parameters
    ----------
    panel : str
    first : str
        Name of the layer that has set the axes up.
    ax : matplotlib.axes.Axes
    key : tuple of int
        In which state it did.
    """

    def __init__(self, panel: str, first: str, ax: Axes, key: tuple[int, ...]):
        self.ax, self.key = ax, key
        self.figure = cast(Figure, ax.figure)
        self._panel, self._first = panel, first
        self._parents = _parents(self.figure)
        self._known = {child for parent in self._parents for child in parent.get_children()}
        # no layer draws over a 3-D panel, and an inset of that kind lacks some of the settings
        flat = [ax for ax in self._parents if isinstance(ax, Axes) and ax.name != "3d"]
        self._axes: list[Axes] = flat
        self._settings: list[dict[str, Any]] = []
        self._data = [axes.dataLim.frozen() for axes in self._axes]
        self._is_open = _is_open(ax)
        for axes in self._axes:
            axes.autoscale(False)

    def begin(self) -> None:
        """Before a layer draws: from now on what is known counts as unchanged."""
        for artist in self._known:
            artist.stale = False
        if not self._settings:  # not sooner: drawing the first layer's figure settles its tickers
            self._settings = [_settings(axes) for axes in self._axes]

    def added(self) -> list[Artist]:
        """What a layer has drawn since `begin`.

        Raises
        ------
        ValueError
            If it has changed anything else; the message says what, and where that belongs.
        """
        require_panel(self._panel, self.ax, self.figure)
        children = [child for parent in self._parents for child in parent.get_children()]
        new = [child for child in children if child not in self._known]
        self._refuse_what_is_gone(self._known.difference(children))
        self._refuse_new_axes([child for child in new if child in self.figure.axes])
        for axes, before in zip(self._axes, self._settings, strict=True):
            self._refuse_new_settings(axes, before)
        self._refuse_what_is_changed()
        self._refuse_what_nobody_sees(new)
        for inset in new:
            if isinstance(inset, Axes):  # drawing the figure would put it in its place
                locator: Any = inset.get_axes_locator()
                inset.apply_aspect(locator(inset, None) if locator else None)
        return new

    def keep(self, level: int) -> None:
        """Let what has been added lie above all of a lower level, as if it had always been here."""
        for artist in self.added():
            artist.set_zorder(artist.get_zorder() + level * _HIGHER)
            self._known.add(artist)

    def clear(self) -> None:
        """Remove what has been added: axes first, since a colour bar asks for its artist."""
        for parent in self._parents:
            for artist in sorted(parent.get_children(), key=lambda a: not isinstance(a, Axes)):
                # labels go with their contours
                if artist not in self._known and artist in parent.get_children():
                    artist.remove()
        for axes, data in zip(self._axes, self._data, strict=True):
            axes.dataLim.set(data)
            axes.containers[:] = [
                held for held in axes.containers if self._known.issuperset(held.get_children())
            ]

    def _refuse_what_is_gone(self, gone: set[Artist]) -> None:
        names = sorted({type(artist).__name__ for artist in gone})
        if names == ["Legend"]:
            raise ValueError(
                f"it replaces the legend that layer {self._first!r} has drawn on panel "
                f"{self._panel!r}; draw the legend in one of them alone"
            )
        if names:
            raise ValueError(
                f"it removes from panel {self._panel!r} what layer {self._first!r} has drawn "
                f"({', '.join(names)}); what a layer has drawn before is gone without ax.clear()"
            )

    def _refuse_new_axes(self, new: Sequence[Axes]) -> None:
        if not new:
            return
        thing, mend = "further axes", "inset_axes([left, bottom, width, height])"
        if any(hasattr(axes, "_colorbar") for axes in new):
            thing, mend = "a colour bar", "inset_axes([1.03, 0, 0.04, 1]) as its cax"
        raise ValueError(
            f"it adds {thing} to panel {self._panel!r}, which only the first layer there, "
            f"{self._first!r}, may; draw them in it, or in any layer use {self._panel}.{mend}, "
            "or give them a panel of their own"
        )

    def _refuse_new_settings(self, axes: Axes, before: dict[str, Any]) -> None:
        for what, value in _settings(axes).items():
            if value == before[what]:
                continue
            change = _change(before[what], value)
            mend = _SETTINGS[what][1].replace("ax.", f"{self._panel}.")
            raise ValueError(
                f"it changes the {what} of panel {self._panel!r}{change}; that is for the first "
                f"layer there, {self._first!r}, which may depend on a control for it: {mend}"
            )

    def _refuse_what_is_changed(self) -> None:
        for artist in self._known:
            if artist.stale and not isinstance(artist, (Axis, Axes)):
                raise ValueError(
                    f"it changes a {type(artist).__name__} that layer {self._first!r} has drawn "
                    f"on panel {self._panel!r}; let a layer draw anew what it moves or recolours"
                )

    def _refuse_what_nobody_sees(self, new: Sequence[Artist]) -> None:
        """The first layer has drawn nothing and set no limits, so they are 0 to 1."""
        if not (self._is_open and new):
            return
        low, high = np.array([self.ax.dataLim.min, self.ax.dataLim.max])
        if np.isfinite([low, high]).all() and ((high < 0) | (low > 1) | (high > 1.5)).any():
            raise ValueError(
                f"panel {self._panel!r} shows 0 to 1 on both axes, because its first layer, "
                f"{self._first!r}, draws nothing and sets no limits; set them there with "
                f"{self._panel}.set(xlim=(...), ylim=(...))"
            )


def require_panel(panel: str, ax: Axes, figure: Figure) -> None:
    """Refuse a layer that has taken its own panel away."""
    if ax not in figure.axes:
        raise ValueError(f"it removes panel {panel!r} itself, by ax.remove() or figure.clear()")


def _parents(figure: Figure) -> list[Artist]:
    """The figure, its axes and the axes in them."""
    found: list[Artist] = [figure]
    for parent in found:
        found += [child for child in parent.get_children() if isinstance(child, Axes)]
    return found


def _is_open(ax: Axes) -> bool:
    """Whether nothing has been drawn and no limits have been set."""
    is_untouched = ax.get_autoscalex_on() and ax.get_autoscaley_on()
    return is_untouched and not np.isfinite(ax.dataLim.extents).all()


def _change(before: Any, value: Any) -> str:
    """From what to what, where these are numbers and texts, which a reader can read."""
    parts = [part for v in (before, value) for part in (v if isinstance(v, tuple) else (v,))]
    if all(isinstance(part, str) for part in parts):
        before, value = (repr(v if isinstance(v, str) else "".join(v)) for v in (before, value))
    elif not all(isinstance(part, (str, int, float)) for part in parts):
        return ""
    return f" from {before} to {value}"


def _settings(ax: Axes) -> dict[str, Any]:
    """What only a first layer may set: all that is drawn with it, and where everything is drawn."""
    return {what: read(ax) for what, (read, _) in _SETTINGS.items()}


def _numbers(read: Callable) -> Callable:
    return lambda ax: tuple(float(number) for number in read(ax))


def _on(name: str, read: Callable) -> Callable:
    return lambda ax: read(getattr(ax, name))


def _units(axis: Axis) -> tuple:
    """Kind of the units, and the categories if they are such."""
    get = getattr(axis, "get_converter", None)  # since Matplotlib 3.10
    converter = get() if get else axis.converter
    return type(converter).__name__, tuple(getattr(axis.units, "_mapping", ()))


def _places(axis: Axis) -> tuple:
    return _likeness(axis.get_major_locator()), _likeness(axis.get_minor_locator())


def _labels(axis: Axis) -> tuple:
    return _likeness(axis.get_major_formatter()), _likeness(axis.get_minor_formatter())


def _grid(axis: Axis) -> tuple:
    return _look(axis, is_grid=True)


def _ticks(axis: Axis) -> tuple:
    return _look(axis, is_grid=False)


def _look(axis: Axis, is_grid: bool) -> tuple:
    return tuple(
        (name, repr(value))
        for which in ("major", "minor")
        for name, value in axis.get_tick_params(which).items()
        if name.startswith("grid") == is_grid
    )


_FOUND_WHILE_DRAWING = {"axis", "locs", "format", "offset", "orderOfMagnitude", "sublabels"}


def _likeness(ticker: Any) -> tuple:
    """The kind of a locator or formatter and its options, so that one like it is the same."""
    options = {
        name: _option(value)
        for name, value in vars(ticker).items()
        if name.lstrip("_") not in _FOUND_WHILE_DRAWING
    }
    return type(ticker), options


def _option(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tobytes()
    is_plain = isinstance(value, (str, int, float, list, tuple, FunctionType, type(None)))
    return repr(value) if is_plain else type(value)


def _label_look(axis: Axis) -> frozenset:
    """How tick labels look, however many there are at the moment."""
    labels = [tick.label1 for tick in axis.majorTicks]
    return frozenset((t.get_rotation(), str(t.get_color()), t.get_fontsize()) for t in labels)


def _axis_label(axis: Axis) -> str:
    return axis.get_label_text()


def _around(ax: Axes) -> tuple:
    return ax.axison, ax.get_frame_on(), to_rgba(ax.get_facecolor())


_UNITS = (
    "name all categories there, for example with ax.bar(['a', 'b'], 0), or plot the dates there"
)

#: What may not change, how it is read, and where it belongs.
_SETTINGS: dict[str, tuple[Callable, str]] = {
    "x units (categories, dates)": (_on("xaxis", _units), _UNITS),
    "y units (categories, dates)": (_on("yaxis", _units), _UNITS.replace("bar(", "barh(")),
    "x scale": (lambda ax: ax.get_xscale(), "call ax.set_xscale(...) there"),
    "y scale": (lambda ax: ax.get_yscale(), "call ax.set_yscale(...) there"),
    "aspect": (
        lambda ax: ax.get_aspect(),
        "call ax.set_aspect(...) there, or give ax.imshow(...) here aspect='auto'",
    ),
    "x limits": (_numbers(lambda ax: ax.get_xlim()), "call ax.set_xlim(...) there"),
    "y limits": (_numbers(lambda ax: ax.get_ylim()), "call ax.set_ylim(...) there"),
    "position": (_numbers(lambda ax: ax.get_position().bounds), "call ax.set_position(...) there"),
    "x label": (_on("xaxis", _axis_label), "call ax.set_xlabel(...) there"),
    "y label": (_on("yaxis", _axis_label), "call ax.set_ylabel(...) there"),
    "title": (
        lambda ax: tuple(ax.get_title(place) for place in ("left", "center", "right")),
        "call ax.set_title(...) there, or return the words as a sentence, which stands below",
    ),
    "frame": (_around, "call ax.axis(...), ax.set_frame_on(...) or ax.set_facecolor(...) there"),
    "x grid": (_on("xaxis", _grid), "call ax.grid(...) there"),
    "y grid": (_on("yaxis", _grid), "call ax.grid(...) there"),
    "x ticks": (
        _on("xaxis", _places),
        "call ax.set_xticks(...) there, and give ax.boxplot(...) here manage_ticks=False",
    ),
    "y ticks": (_on("yaxis", _places), "call ax.set_yticks(...) there"),
    "x tick labels": (_on("xaxis", _labels), "call ax.set_xticks(places, labels) there"),
    "y tick labels": (_on("yaxis", _labels), "call ax.set_yticks(places, labels) there"),
    "look of the x tick labels": (_on("xaxis", _label_look), "call ax.tick_params(...) there"),
    "look of the y tick labels": (_on("yaxis", _label_look), "call ax.tick_params(...) there"),
    "look of the x ticks": (_on("xaxis", _ticks), "call ax.tick_params(...) there"),
    "look of the y ticks": (_on("yaxis", _ticks), "call ax.tick_params(...) there"),
}
