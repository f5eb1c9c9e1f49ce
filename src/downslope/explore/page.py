"""All states of an explorer, carried in one HTML element; and its still figure."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterable, Mapping
from html import escape

from downslope.explore.controls import Control
from downslope.explore.layers import ExplorerError, Layer
from downslope.explore.stage import Frame, Stage
from downslope.explore.svg import PAPER, themed

__all__ = [
    "MAX_BYTES",
    "MAX_FRAMES",
    "bake",
    "describe",
    "pictures",
    "sentence",
    "slug",
    "still_svg",
]

MAX_BYTES = 800_000
MAX_FRAMES = 3_000


def bake(stage: Stage, defaults: Mapping[Layer, Frame], name: str, alt: str, caption: str) -> str:
    """Draw every state of every layer and return one `<downslope-explorer>` element.

    Parameters
    ----------
    stage : Stage
    defaults : mapping of Layer to Frame
        The frames at the default values, for the still figure.
    name, alt, caption : str

    Raises
    ------
    ExplorerError
        If a layer has more than `MAX_FRAMES` states, or the element more than `MAX_BYTES`.
    """
    still = f"""
<figure>
<div class="ds-panels">{pictures(stage, defaults, alt)}</div>
<div class="ds-desk">
<output class="ds-readout" aria-live="polite">{escape(_readout(defaults))}</output>
{_controls(stage.controls, name)}
</div>
{_caption(caption)}
</figure>"""
    payload, sizes = _payload(stage)
    html = f"""<downslope-explorer id="{name}" class="ds-explorer" data-state="still">{still}
{payload}
</downslope-explorer>"""
    _refuse_too_large(stage, name, len(html.encode()), sizes)
    return html


def pictures(stage: Stage, frames: Mapping[Layer, Frame], alt: str) -> str:
    """One SVG for each panel; a group for each layer in it."""
    drawn = []
    for panel, (width, height) in stage.panels.items():
        groups = "".join(
            f'<g data-layer="{escape(layer.name)}">{themed(_on(panel, layer, frame))}</g>'
            for layer, frame in frames.items()
            if panel in layer.panels
        )
        label = alt if not drawn else describe(x for x in frames if panel in x.panels)
        drawn.append(
            f'<div class="ds-panel" data-panel="{panel}" style="--ds-width: {width * 72:g}">'
            f'<svg role="img" aria-label="{escape(label)}" '
            f'viewBox="0 0 {width * 72:g} {height * 72:g}">{groups}</svg></div>'
        )
    return "".join(drawn)


def still_svg(stage: Stage, frames: Mapping[Layer, Frame], alt: str) -> str:
    """The panels side by side, as an SVG document that needs no style sheet."""
    gap = 12
    total = sum(width * 72 for width, _ in stage.panels.values()) + gap * (len(stage.panels) - 1)
    tall = max(height * 72 for _, height in stage.panels.values())
    left, drawn = 0.0, []
    for panel, (width, _) in stage.panels.items():
        inside = "".join(
            _on(panel, layer, frame) for layer, frame in frames.items() if panel in layer.panels
        )
        drawn.append(f'<g transform="translate({left:g} 0)">{inside}</g>')
        left += width * 72 + gap
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {total:g} {tall:g}" '
        f'width="{total:g}pt" height="{tall:g}pt" stroke-linejoin="round" '
        f'stroke-linecap="butt"><title>{escape(alt)}</title>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(drawn)}</svg>'
    )


def describe(layers: Iterable[Layer]) -> str:
    """Alt text from the layers' docstrings, a sentence for each."""
    words = (layer.describe() for layer in layers)
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in words)


def sentence(readouts: Iterable[str]) -> str:
    """What the layers say, in their order."""
    return " ".join(readout for readout in readouts if readout)


def slug(name: str) -> str:
    """A name as it may stand in a link.

    Examples
    --------
    >>> slug("gradient_field")
    'gradient-field'
    """
    made = re.sub(r"[\s_]+", "-", name.strip("_ ")).lower()
    made = re.sub(r"[^a-z0-9-]", "", made)
    if not re.match(r"[a-z]", made):
        raise ValueError(
            f"name must begin with a letter from a to z, got {name!r}; pass name='...'"
        )
    return made


def _on(panel: str, layer: Layer, frame: Frame) -> str:
    return frame.fragments[layer.panels.index(panel)]


def _readout(frames: Mapping[Layer, Frame]) -> str:
    return sentence(frame.readout for frame in frames.values())


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
        f'<output for="{id_}" class="ds-value">{escape(control.texts[control.default])}</output>'
        f"{play if control.plays else ''}</div>"
    )


def _payload(stage: Stage) -> tuple[str, dict[Layer, int]]:
    """The data block, and how many bytes of fragments each layer brought."""
    fragments: dict[str, int] = {}
    texts: dict[str, int] = {}
    sizes: dict[Layer, int] = {}
    layers = []
    names = list(stage.controls)
    for layer in stage.layers:
        known = len(fragments)
        layers.append(_bake_layer(stage, layer, names, fragments, texts))
        sizes[layer] = sum(len(text) for text in list(fragments)[known:])
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
            for name, control in stage.controls.items()
        ],
        "layers": layers,
        "fragments": [themed(inside) for inside in fragments],
        "texts": list(texts),
    }
    if not stage.controls:
        return "", sizes
    packed = gzip.compress(
        json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0
    )
    block = base64.b64encode(packed).decode()
    return f'<script type="application/gzip;base64" class="ds-states">{block}</script>', sizes


def _bake_layer(
    stage: Stage, layer: Layer, names: list[str], fragments: dict[str, int], texts: dict[str, int]
) -> dict:
    """All frames of one layer as indices into `fragments` and `texts`, which grow."""
    controls = stage.dependencies(layer)
    n_frames = 1
    for name in controls:
        n_frames *= len(stage.controls[name].values)
    if n_frames > MAX_FRAMES:
        raise ExplorerError(
            f"layer {layer.name!r} has {n_frames} states, more than {MAX_FRAMES}; "
            f"thin the slider {_longest(stage, controls)!r}"
        )
    frames, readouts = [], []
    for state in stage.states(layer):
        frame = stage.draw(layer, state)
        frames.extend(fragments.setdefault(inside, len(fragments)) for inside in frame.fragments)
        readouts.append(texts.setdefault(frame.readout, len(texts)))
    return {
        "name": layer.name,
        "panels": [list(stage.panels).index(panel) for panel in layer.panels],
        "controls": [names.index(name) for name in controls],
        "frames": frames,
        "readouts": readouts,
    }


def _longest(stage: Stage, controls: Iterable[str]) -> str:
    return max(controls, key=lambda name: len(stage.controls[name].values))


def _refuse_too_large(stage: Stage, name: str, n_bytes: int, sizes: dict[Layer, int]) -> None:
    if n_bytes <= MAX_BYTES:
        return
    layer = max(sizes, key=sizes.get)
    controls = stage.dependencies(layer)
    advice = f"thin its slider {_longest(stage, controls)!r}" if controls else "draw less in it"
    raise ExplorerError(
        f"explorer {name!r} takes {n_bytes / 1000:.0f} kB in the page, more than "
        f"{MAX_BYTES / 1000:.0f} kB; most of it is layer {layer.name!r}: {advice}"
    )
