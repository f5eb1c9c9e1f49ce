"""The reader's hand on a picture in a kernel: it and the page's are moved by one script."""

from __future__ import annotations

from importlib.resources import files

import anywidget
import traitlets

from downslope.explore.box import Box
from downslope.explore.handles import Place

__all__ = ["Hand"]


def _static(name: str) -> str:
    return (files("downslope") / "static" / name).read_text(encoding="utf-8")


class Hand(anywidget.AnyWidget):
    """Lies over the picture of a panel.

    Attributes
    ----------
    at : list of (int or None), length 2
        Index of the value of the slider across, and of the one up; the front end sets it too.
    place : dict
        Where those values are, as `downslope-handles.js` wants it.
    """

    _esm = _static("downslope-handles.js") + _static("downslope-live.js")
    _css = _static("downslope-handles.css")
    at: traitlets.List = traitlets.List().tag(sync=True)
    place: traitlets.Dict = traitlets.Dict().tag(sync=True)

    def put(self, place: Place, view: Box) -> None:
        """Say where the values are, in a picture of which `view` is shown."""
        shown = [view.left, view.top, view.width, view.height]
        self.place = {
            "view": shown, "axes": list(place.axes), "across": place.across, "up": place.up,
        }  # fmt: skip
