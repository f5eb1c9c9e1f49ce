"""From Matplotlib's SVG to a fragment that can be stacked, themed and carried in a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import StringIO

from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure

__all__ = ["INK", "PAPER", "fragment", "themed"]

#: The colours of text and background in the style sheet, and its first blue, which is too dark
#: for a dark page. On a page they follow its theme.
INK = "#1b1f24"
PAPER = "#ffffff"
BLUE = "#0072b2"

_PROLOG = re.compile(r"^.*?</metadata>", re.DOTALL)
_DEFAULT_STYLE = re.compile(r"<defs>\s*<style.*?</defs>", re.DOTALL)
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r' (?:xlink:)?href="#([^"]+)"|url\(#([^)]+)\)')
_WORDS = re.compile(r">([^<]*[\"#:=][^<]*)<")
_IN_WORDS = str.maketrans({sign: f"&#{ord(sign)};" for sign in '"#:='})
_BETWEEN_TAGS = re.compile(r">\s+<")
_GEOMETRY = re.compile(r' (d|x|y|x1|x2|y1|y2|width|height|points|transform)="([^"]*)"')
_LONG_DECIMAL = re.compile(r"-?\d+\.\d{2,}(?!\d|e)")
_LINE_BREAKS = re.compile(r"\s*\n\s*")
_FONT = re.compile(r"font: ((?:[\w-]+ )*)([\d.]+px) [^;\"]+")


def fragment(figure: Figure, artists: Iterable[Artist], prefix: str) -> str:
    """Draw `artists` alone and return the inside of the `<svg>` element.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure that the artists belong to, at 72 dots per inch, so that the units of
        the result are points.
    artists : iterable of matplotlib.artist.Artist
    prefix : str
        How ids begin; unique on the page.

    Returns
    -------
    inside : str
        SVG elements with coordinates to 0.1 pt; no metadata, no date, no style sheet;
        an id only where something refers to it, numbered after `prefix`.
    """
    width, height = figure.get_size_inches() * figure.dpi
    buffer = StringIO()
    renderer = RendererSVG(width, height, buffer, image_dpi=figure.dpi)
    for artist in sorted(artists, key=lambda artist: artist.get_zorder()):
        artist.draw(renderer)
    renderer.finalize()
    return _tidy(buffer.getvalue(), prefix)


def themed(inside: str) -> str:
    """Let ink, paper and blue follow the page, and the font its style sheet."""
    for ink in (INK, "#000000"):
        inside = inside.replace(f": {ink}", ": currentColor")
    inside = inside.replace(f": {PAPER}", ": var(--ds-paper)")
    inside = inside.replace(f": {BLUE}", ": var(--ds-blue)")
    return _FONT.sub(r"font: \1\2 var(--ds-font)", inside)


def _tidy(text: str, prefix: str) -> str:
    inside = _PROLOG.sub("", text, count=1)
    inside = _DEFAULT_STYLE.sub("", inside, count=1)
    inside = inside[: inside.rindex("</svg>")].strip()
    inside = _WORDS.sub(lambda found: f">{found[1].translate(_IN_WORDS)}<", inside)
    inside = _rename(inside, prefix)
    inside = _GEOMETRY.sub(_round_geometry, inside)
    return _BETWEEN_TAGS.sub("><", inside)


def _rename(inside: str, prefix: str) -> str:
    """Number the ids that something refers to, and drop the others."""
    referenced = [one or other for one, other in _REFERENCE.findall(inside)]
    names = {old: f"{prefix}{n}" for n, old in enumerate(dict.fromkeys(referenced))}

    def reference(found):
        name = names[found[1] or found[2]]
        return f' href="#{name}"' if found[1] else f"url(#{name})"

    inside = _REFERENCE.sub(reference, inside)
    return _ID.sub(lambda f: f' id="{names[f[1]]}"' if f[1] in names else "", inside)


def _round_geometry(found: re.Match) -> str:
    attribute, numbers = found[1], found[2]
    if attribute == "transform" and ("matrix" in numbers or "scale(0" in numbers):
        return found[0]
    numbers = _LONG_DECIMAL.sub(_one_decimal, _LINE_BREAKS.sub("", numbers))
    return f' {attribute}="{numbers}"'


def _one_decimal(found: re.Match) -> str:
    rounded = f"{float(found[0]):.1f}".removesuffix(".0")
    return "0" if rounded == "-0" else rounded
