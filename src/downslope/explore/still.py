"""The figure at its default values, for places where nothing moves."""

from __future__ import annotations

from html import escape
from io import BytesIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from downslope.explore.scene import Scene
from downslope.explore.svg import BASE, PAPER

__all__ = ["still_png", "still_svg"]

GAP = 12  # points between panels


def still_svg(scene: Scene) -> str:
    """The panels side by side, as an SVG document that needs no style sheet."""
    boxes = scene.boxes()
    total = sum(box.width for box in boxes.values()) + GAP * (len(boxes) - 1)
    tall = max(box.height for box in boxes.values())
    left, drawn = 0.0, []
    for panel, box in boxes.items():
        inside = "".join(inside for _, inside in scene.on(panel))
        place = f"translate({left - box.left:g} {-box.top:g})"
        drawn.append(f'<g transform="{place}">{inside}</g>')
        left += box.width + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {total:g} {tall:g}" '
        f'width="{total:g}pt" height="{tall:g}pt" {BASE}><title>{escape(scene.alt)}</title>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(drawn)}</svg>'
    )


def still_png(scene: Scene) -> bytes:
    """The panels side by side, at 150 pixels to the inch; the file says in words what they show."""
    state = {name: control.default for name, control in scene.stage.controls.items()}
    file, words = BytesIO(), PngInfo()
    words.add_itxt("Description", scene.alt)
    pixels = np.rint(255 * scene.stage.picture(state, scene.boxes())).astype(np.uint8)
    Image.fromarray(pixels).save(file, format="png", dpi=(150, 150), pnginfo=words)
    return file.getvalue()
