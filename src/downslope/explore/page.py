"""An explorer as one HTML element: still figure, controls, and all states."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from downslope.explore.box import Box
from downslope.explore.controls import Control
from downslope.explore.paths import compact
from downslope.explore.scene import Scene
from downslope.explore.states import States
from downslope.explore.svg import BASE, themed

__all__ = ["bake"]


def bake(scene: Scene) -> str:
    """Draw every state of every layer and return one `<downslope-explorer>` element.

    Raises
    ------
    ExplorerError
        If a layer fails or has too many states, or the element is too large.
    """
    states = States(scene)
    html = f"""<downslope-explorer id="{scene.name}" class="ds-explorer" data-state="still">
<figure>
<div class="ds-panels">{_panels(scene, states.boxes)}</div>
<div class="ds-desk">
<output class="ds-readout" aria-live="off">{escape(scene.readout)}</output>
{_controls(scene.stage.controls, scene.name)}
</div>
{_caption(scene.caption)}
</figure>
{states.hands()}{states.block()}
</downslope-explorer>"""
    states.refuse_too_large(len(html.encode()))
    return html


def _panels(scene: Scene, boxes: Mapping[str, Box]) -> str:
    """One SVG for each panel; a group for each layer in it."""
    return "".join(
        f'<div class="ds-panel" data-panel="{panel}">'
        f'<svg role="img" aria-label="{escape(scene.labels[panel])}" viewBox="{box.view_box()}" '
        f'width="{box.width:g}" height="{box.height:g}" fill="currentColor" {BASE}>'
        f"{_layers(scene, panel)}</svg></div>"
        for panel, box in boxes.items()
    )


def _layers(scene: Scene, panel: str) -> str:
    return "".join(
        f'<g data-layer="{escape(layer.name)}">{themed(compact(inside))}</g>'
        for layer, inside in scene.on(panel)
    )


def _caption(caption: str) -> str:
    return f"<figcaption>{escape(caption)}</figcaption>" if caption else ""


def _controls(controls: Mapping[str, Control], name: str) -> str:
    """Native controls, hidden until the script wakes them; the values are always there."""
    if not controls:
        return ""
    values = ", ".join(f"{c.label} {c.texts[c.default]}" for c in controls.values())
    rows = "".join(_control(key, control, f"{name}--{key}") for key, control in controls.items())
    return f"""<p class="ds-values">Drawn at: {escape(values)}.</p>
<div class="ds-controls" role="group" aria-label="Controls of the figure" hidden>{rows}
<div class="ds-buttons"><button type="button" class="ds-reset">Reset</button>
<button type="button" class="ds-link">Copy link</button></div></div>"""


def _control(key: str, control: Control, id_: str) -> str:
    label = f'<label for="{id_}">{escape(control.label)}</label>'
    if control.kind == "choice":
        options = "".join(
            f"<option{' selected' if index == control.default else ''}>{escape(text)}</option>"
            for index, text in enumerate(control.texts)
        )
        return (
            f'<div class="ds-control">{label}'
            f'<select id="{id_}" data-control="{key}" autocomplete="off">{options}</select></div>'
        )
    play = '<button type="button" class="ds-play" aria-pressed="false">Play</button>'
    return (
        f'<div class="ds-control">{label}<input type="range" id="{id_}" data-control="{key}" '
        f'min="0" max="{len(control.values) - 1}" step="1" value="{control.default}" '
        f'autocomplete="off" aria-valuetext="{escape(control.spoken()[control.default])}">'
        f'<output for="{id_}" class="ds-value" aria-live="off">'
        f"{escape(control.texts[control.default])}</output>"
        f"{play if control.plays else ''}</div>"
    )
