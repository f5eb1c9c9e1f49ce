"""From Matplotlib's SVG to a fragment that can be stacked, themed and carried in a page.

What Matplotlib writes as `style` becomes presentation attributes, so that a page may forbid
inline styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from io import StringIO
from itertools import chain, groupby
from typing import NamedTuple
from xml.parsers import expat

from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure

from downslope.explore.box import Box, reach

__all__ = ["BASE", "INK", "PAPER", "Fragment", "fragment", "themed"]

#: The colours of text and background in the style sheet, and its first blue, which is too dark
#: for a dark page. On a page they follow its theme.
INK = "#1b1f24"
PAPER = "#ffffff"
BLUE = "#0072b2"
#: What Matplotlib's own style sheet says of every element, for the `<svg>` around fragments.
BASE = 'stroke-linejoin="round" stroke-linecap="butt"'

_THEME = {
    f'="{INK}"': '="currentColor"',
    '="#000000"': '="currentColor"',
    f'="{PAPER}"': f'="var(--ds-paper, {PAPER})"',
    f'="{BLUE}"': f'="var(--ds-blue, {BLUE})"',
}
_FAMILY = re.compile(r' font-family="[^"]*"')
_FONT = re.compile(r"(?P<words>.*?)(?P<size>[\d.]+px) (?P<family>.+)")
_URL = re.compile(r"url\(#([^)]+)\)")
_GEOMETRY = frozenset(
    ("d", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "points", "transform")
)
_WORDS = frozenset({"text", "tspan"})
_LEFT_OUT = frozenset({"metadata", "style", "title"})
_LONG_DECIMAL = re.compile(r"-?\d+\.\d{2,}(?!\d|e)")
_CLIPPED = re.compile(r' clip-path="[^"]*"')
_TIED = re.compile(r" (?:transform|id)=")
_NO_TURN = re.compile(r"rotate\(-0 [^)]*\)")


class Fragment(NamedTuple):
    """The inside of an `<svg>` element, and the room that it takes in points."""

    inside: str
    box: Box


def fragment(figure: Figure, artists: Iterable[Artist], prefix: str) -> Fragment:
    """Draw `artists` alone.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure that the artists belong to, at 72 dots per inch, so that the units of
        the result are points.
    artists : iterable of matplotlib.artist.Artist
        May be the figure itself.
    prefix : str
        How ids begin; unique on the page.

    Returns
    -------
    fragment : Fragment
        SVG elements with coordinates to 0.1 pt; no metadata, no date, no style sheet and no
        `style`; an id only where something refers to it, numbered after `prefix`.
    """
    width, height = figure.get_size_inches() * figure.dpi
    buffer = StringIO()
    renderer = _Renderer(width, height, buffer, image_dpi=figure.dpi)
    artists = sorted(artists, key=lambda artist: artist.get_zorder())
    for artist in artists:
        artist.draw(renderer)
    box = reach(figure, artists, renderer)
    renderer.finalize()
    return Fragment(_tidy(buffer.getvalue(), prefix), box)


class _Renderer(RendererSVG):
    """Draws also what sticks out of the figure, such as the lines in a legend beside the axes.

    Matplotlib cuts lines at the figure's edges and leaves out markers beyond the left and the
    upper one. Here only what is clipped to its axes is cut, so that no path is without end.
    """

    _cuts = True

    def draw_path(self, gc, path, transform, rgbFace=None):
        self._cuts = _is_clipped(gc)
        super().draw_path(gc, path, transform, rgbFace)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        x, y = trans.transform(path.vertices).T
        is_left_out = not _is_clipped(gc) and ((x < 0) | (y > self.height)).any()
        draw = RendererBase.draw_markers if is_left_out else RendererSVG.draw_markers
        draw(self, gc, marker_path, marker_trans, path, trans, rgbFace)

    def _convert_path(self, path, transform=None, clip=None, simplify=None, sketch=None):
        return super()._convert_path(path, transform, clip and self._cuts, simplify, sketch)


def _is_clipped(gc: GraphicsContextBase) -> bool:
    return gc.get_clip_rectangle() is not None or gc.get_clip_path()[0] is not None


def themed(inside: str) -> str:
    """Let ink, paper and blue follow the page, and the font its style sheet."""
    for fixed, following in _THEME.items():
        inside = inside.replace(fixed, following)
    return _FAMILY.sub("", inside)


def _tidy(text: str, prefix: str) -> str:
    reader = _Reader(prefix)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.words
    parser.Parse(text, True)
    return reader.written()


class _Reader:
    """Takes a document apart, and writes what is needed of it."""

    def __init__(self, prefix: str):
        self._prefix = prefix
        self._open: list[str] = []
        self._parts: list[str | tuple[str, dict[str, str]]] = []
        self._names: dict[str, str] = {}  # of the ids that something refers to

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._open.append(tag)
        if tag == "svg" or self._is_left_out():
            return
        attributes = _plain(attributes)
        for name, value in attributes.items():
            for old in _referred(name, value):
                self._names.setdefault(old, f"{self._prefix}{len(self._names)}")
        self._parts.append((tag, attributes))

    def end(self, tag: str) -> None:
        if tag != "svg" and not self._is_left_out():
            self._parts.append(f"</{tag}>")
        self._open.pop()

    def words(self, text: str) -> None:
        if self._open[-1] in _WORDS:
            self._parts.append(escape(text))

    def written(self) -> str:
        """The document; groups that say nothing, and empty definitions, are left out."""
        out: list[str] = []
        bare: list[bool] = []
        for part in self._parts:
            if isinstance(part, tuple):
                opening = self._opening(*part)
                bare.append(opening == "<g>")
                out += [] if bare[-1] else [opening]
            elif not part.startswith("</"):
                out.append(part)
            elif not bare.pop():
                _close(out, part)
        return "".join(_clipped_once(out))

    def _is_left_out(self) -> bool:
        return not _LEFT_OUT.isdisjoint(self._open)

    def _opening(self, tag: str, attributes: dict[str, str]) -> str:
        words = "".join(
            f' {name}="{escape(self._value(name, value))}"'
            for name, value in attributes.items()
            if name != "id" or value in self._names
        )
        return f"<{tag}{words}>"

    def _value(self, name: str, value: str) -> str:
        if name == "id":
            return self._names[value]
        for old in _referred(name, value):
            value = value.replace(f"#{old}", f"#{self._names[old]}")
        return _rounded(name, value) if name in _GEOMETRY else value


def _referred(name: str, value: str) -> list[str]:
    """The ids that an attribute refers to."""
    if name == "href":
        return [value[1:]] if value.startswith("#") else []
    return _URL.findall(value) if "url(#" in value else []


def _close(out: list[str], closing: str) -> None:
    """End the element that is open; what has nothing in it ends where it begins."""
    last = out[-1] if out else ""
    if last == "<defs>":
        out.pop()
    elif last.startswith(f"<{closing[2:-1]}") and not last.endswith("/>"):
        out[-1] = f"{last[:-1]}/>"
    else:
        out.append(closing)


def _clipped_once(parts: list[str]) -> Iterator[str]:
    """Neighbours that are clipped alike, in one group: a browser pays for each clip it paints."""
    elements = list(_elements(parts))
    for clip, run in groupby(elements, key=lambda element: _clip(element[0])):
        neighbours = list(run)
        if clip and len(neighbours) > 1:
            yield f"<g{clip}>"
            for opening, *rest in neighbours:
                yield opening.replace(clip, "")
                yield from rest
            yield "</g>"
        else:
            yield from chain.from_iterable(neighbours)


def _elements(parts: list[str]) -> Iterator[list[str]]:
    """The outermost elements, each with all that is in it."""
    element: list[str] = []
    depth = 0
    for part in parts:
        element.append(part)
        is_closing = part.startswith("</")
        depth += -1 if is_closing else part.startswith("<") and not part.endswith("/>")
        if depth == 0:
            yield element
            element = []


def _clip(opening: str) -> str:
    """How an element is clipped, if a group may do it: not where it is moved, or referred to."""
    found = _CLIPPED.search(opening)
    return found[0] if found and not _TIED.search(opening) else ""


def _plain(attributes: dict[str, str]) -> dict[str, str]:
    """Presentation attributes for what stands in `style`, and no name spaces."""
    plain = {}
    for name, value in attributes.items():
        if name == "style":
            plain.update(_declarations(value))
        elif not (name.startswith("xmlns") or _NO_TURN.fullmatch(value)):
            plain[name.removeprefix("xlink:")] = value
    return plain


def _declarations(style: str) -> dict[str, str]:
    found = {}
    for declaration in style.split(";"):
        name, colon, value = (part.strip() for part in declaration.partition(":"))
        if name == "font":  # a shorthand, which no attribute is
            found.update(_font(value))
        elif colon:
            found[name] = value
    return found


def _font(value: str) -> dict[str, str]:
    found = _FONT.fullmatch(value)
    assert found, value  # as Matplotlib writes it
    kinds = {"italic": "font-style", "oblique": "font-style", "small-caps": "font-variant"}
    words = {kinds.get(word, "font-weight"): word for word in found["words"].split()}
    return {**words, "font-size": found["size"], "font-family": found["family"]}


def _rounded(name: str, numbers: str) -> str:
    if name == "d":
        numbers = numbers.replace("  ", "")  # between the lines of Matplotlib
    elif "matrix" in numbers or "scale(0" in numbers:
        return numbers
    return _LONG_DECIMAL.sub(_one_decimal, numbers)


def _one_decimal(found: re.Match) -> str:
    rounded = f"{float(found[0]):.1f}".removesuffix(".0")
    return "0" if rounded == "-0" else rounded
