"""`explore`: one definition of a figure with sliders, for a kernel, a page and paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from downslope.explore import host, page, still
from downslope.explore.controls import Control
from downslope.explore.handles import read_handles
from downslope.explore.host import is_baking
from downslope.explore.layers import Layer, read_layers
from downslope.explore.panels import read_panels
from downslope.explore.scene import Scene
from downslope.explore.shared import read_shared
from downslope.explore.stage import Stage
from downslope.explore.words import describe, label_panels, refuse_alt, slug

__all__ = ["Explorer", "explore"]


def explore(
    *layers: Callable[..., Any],
    name: str = "",
    alt: str | Mapping[str, str] = "",
    caption: str = "",
    panels: Mapping[str, tuple] | None = None,
    shared: Mapping[str, Callable[..., Any]] | None = None,
    handles: Mapping[str, tuple[str | None, str | None]] | None = None,
    **controls: Control,
) -> Explorer:
    """A figure made of layers, with a slider for each thing a layer depends on.

    A layer is a function that draws on the Axes it is given. The names of its
    parameters say which panels it draws on and which controls it depends on. It may
    return a sentence, the readout, which stands under the figure; artists that it returns
    are of no account.

    Parameters
    ----------
    *layers : callable
        Drawn in this order, each on top of the ones before, whatever its zorder, and in the
        colours of the house's style sheet. The first one on a panel sets its limits and labels;
        where it sets none, the limits are Matplotlib's own. It may add a second scale, a colour
        bar or insets. Later layers draw within its limits and change nothing of it. What a layer
        draws depends on its parameters alone.
    name : str, optional
        Names the explorer in links; letters, digits and hyphens, unique on its page.
        By default made from the names of the layers.
    alt : str or mapping of str to str, optional
        What the figure shows, for readers who do not see it; of several panels, what each of them
        shows, by the panel's name. By default the first lines of the layers' docstrings.
    caption : str, optional
        Stands under the figure, in plain text.
    panels : mapping of str to (width, height) or (width, height, projection), optional
        Sizes in inches of the pictures that stand side by side, or below each other on a
        narrow screen; the layers name them as parameters. By default one panel, `ax`,
        of 5.6 by 3.6 inches. What sticks out, such as a legend beside the axes, is shown too,
        and the picture is that much larger in every state. A projection is one of
        Matplotlib's, such as "polar"; all of a "3d" panel is drawn by one layer.
    shared : mapping of str to callable, optional
        Values that several layers draw from, as functions of controls or of shared values
        before them; the layers name them as parameters. Each is computed once for a state.
        Arrays among them are read-only.
    handles : mapping of str to (str or None, str or None), optional
        For a panel, a point that the reader takes hold of with mouse, finger or pen, and the two
        sliders that are its coordinates, across and up: ``handles={"ax": ("x", "y")}``. The sliders
        follow it, from value to value; the keyboard stays with them. One of the two may be None,
        and the point is then a strip right across the panel; or a shared value, and the point
        follows it, as on a curve: ``handles={"ax": ("x", "height")}``. The scale of an axis does
        not matter. Where a value lies outside the axes, the point waits at their edge.
    **controls : Control
        Made with `linear`, `logarithmic`, `steps`, `values` or `choice`. Without any,
        the explorer is a figure that stands still.

    Returns
    -------
    explorer : Explorer

    Raises
    ------
    ValueError
        If a layer's parameter is neither panel, control nor shared value, a control moves
        nothing, a handle names something else than sliders, or `alt` leaves out a panel.
    ExplorerError
        If a layer fails, or a handle has no place on its axes: while a page is built, in any
        state; otherwise at the defaults.

    Examples
    --------
    >>> import numpy as np
    >>> def parabola(ax):
    ...     x = np.linspace(-2, 2)
    ...     ax.plot(x, x**2)
    >>> def point(ax, x):
    ...     ax.plot(x, x**2, "o")
    ...     return f"x = {x:.1f}, x² = {x**2:.2f}"
    >>> from downslope.explore import linear
    >>> explore(parabola, point, x=linear(-2, 2, 0.5, default=1.5))
    x = 1.5, x² = 2.25
    """
    options = {"name": name, "alt": alt, "caption": caption}
    given = {**options, "panels": panels, "shared": shared, "handles": handles}
    for key, control in controls.items():
        if not isinstance(control, Control):
            mend = "a control such as linear(0, 1, 0.1, default=0.5)"
            if key == "figsize":
                mend = "left out, and the size of a panel given so: panels={'ax': (8, 4)}"
            for option in get_close_matches(key, given, 1):
                mend += f" (or did you mean the option {option}?)"
            raise ValueError(f"{key} must be {mend}, got {control!r}")
    for option, value in given.items():
        if isinstance(value, Control):
            raise ValueError(
                f"{option!r} is an option of explore and cannot name a control; rename the "
                f"control, and the layers' parameter: explore(..., {option}_=...)"
            )
    sizes = read_panels({"ax": (5.6, 3.6)} if panels is None else panels)
    refuse_alt(alt, sizes)
    for option, value in {**options, "alt": ""}.items():
        if not isinstance(value, str):
            raise ValueError(f"{option} must be a str, got {value!r}")
    for key in controls.keys() & sizes.keys():
        raise ValueError(f"{key!r} names a panel and a control; give one of them another name")
    explorer = Explorer(layers, name, alt, caption, sizes, shared, handles, controls)
    if is_baking():
        explorer.page_html()  # here an error reaches the reader; in a display hook it would not
    return explorer


class Explorer:
    """What `explore` returns. Show it by making it the last line of a cell.

    Attributes
    ----------
    name, alt, caption : str
    controls : dict of str to ipywidgets widget
        Move one by setting its value: ``explorer.controls["h"].value = 0.01``.
    readout : str
        What the layers say at the current values.
    error : str or None
        What went wrong at the current values.
    """

    def __init__(self, layers, name, alt, caption, panels, shared, handles, controls):
        grid = {key: control.named(key) for key, control in controls.items()}
        values = read_shared(shared, panels, grid)
        hands = read_handles(handles, panels, grid, values)
        followed = [n for hand in hands.values() for n in hand.names if n in values]
        layers = read_layers(layers, panels, grid, values, followed)
        name = slug(name or "-".join(layer.name for layer in layers))
        stage = Stage(panels, layers, grid, values, name)
        defaults = {key: control.default for key, control in grid.items()}
        frames = {layer: stage.draw(layer, defaults) for layer in layers}
        for handle in hands.values():
            stage.place(handle, defaults)  # refused here rather than where it is shown
        labels = label_panels(alt, layers, panels)
        whole = " ".join(labels.values()) if isinstance(alt, Mapping) else alt or describe(layers)
        self._scene = Scene(stage, frames, name, whole, labels, caption, hands)
        self._page_html: str | None = None

    @property
    def name(self) -> str:
        """How links name it."""
        return self._scene.name

    @property
    def alt(self) -> str:
        """What the figure shows."""
        return self._scene.alt

    @property
    def caption(self) -> str:
        """What stands under it."""
        return self._scene.caption

    @property
    def _stage(self) -> Stage:
        return self._scene.stage

    @property
    def _layers(self) -> tuple[Layer, ...]:
        return self._stage.layers

    @cached_property
    def _view(self):
        from downslope.explore.live import View  # ipywidgets only where a kernel shows it

        return View(self._scene)

    @property
    def _is_live(self) -> bool:
        return "_view" in self.__dict__

    @property
    def controls(self) -> dict:
        """The widgets by the names of their controls; setting a `value` moves one."""
        return self._view.controls

    @property
    def readout(self) -> str:
        """What the layers say at the current values; empty where they say nothing."""
        return self._view.readout if self._is_live else self._scene.readout

    @property
    def error(self) -> str | None:
        """What went wrong at the current values, naming layer and values; None if nothing did."""
        return self._view.error if self._is_live else None

    def page_html(self) -> str:
        """The explorer for a page: the still figure, the controls and all states.

        Returns
        -------
        html : str
            A `<downslope-explorer>` element; it comes to life where the page loads
            `downslope-explorer.js`, and stays a still figure where it does not.

        Raises
        ------
        ExplorerError
            If a layer fails in any state, or the explorer is too large for a page.
        """
        if self._page_html is None:
            self._page_html = page.bake(self._scene)
        return self._page_html

    def still_svg(self) -> str:
        """The figure at its default values, as an SVG document.

        Returns
        -------
        svg : str
            Needs no style sheet, no script and no font of its own.
        """
        return still.still_svg(self._scene)

    def still_png(self) -> bytes:
        """The figure at its default values, as a PNG: for PDF and other places without SVG.

        Returns
        -------
        png : bytes
            The panels side by side, at 150 pixels to the inch. Letters that Matplotlib's font
            DejaVu Sans lacks, such as Korean ones, are empty boxes here, as nowhere else.
        """
        return still.still_png(self._scene)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        shared = {**host.picture(self.still_png()), "text/plain": repr(self)}
        if is_baking():
            return {"text/html": self.page_html(), **shared}
        stands = {"text/html": self._still_html(), **shared}
        return {**self._view.mimebundle(), **stands} if host.is_attended() else stands

    def _mime_(self) -> tuple[str, str]:
        """What marimo shows, which has no ipywidgets."""
        return "text/html", self._still_html()

    def _still_html(self) -> str:
        moves = host.SLIDERS_MOVE if self._scene.stage.controls else ""
        return host.still(host.image(self.still_svg(), self.alt), self._scene.readout, moves)

    def __repr__(self) -> str:
        # A page opens at the defaults, wherever a cell has moved the controls before.
        readout = self._scene.readout if is_baking() else self.readout
        return readout or self.alt
