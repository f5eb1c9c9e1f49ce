"""Typefaces as the PDF can carry them by name, and no more of each than the book has letters."""

from __future__ import annotations

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

TRUETYPE = "\0\1\0\0"
OFF_BY = 0.6  # of the thousandth parts of a letter's height


def cut(source, target, text):
    """Write the letters of `text` from a typeface into a file of their own, in TrueType.

    A browser draws the letters of other OpenType files stroke by stroke into a PDF, without a name.

    Parameters
    ----------
    source, target : Path
        An OpenType file; where the letters go.
    text : str
        Letters that the typeface lacks are left out.
    """
    font = TTFont(source)
    options = Options()
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    if "CFF " in font:
        draw_anew(font)
    font.save(target)


def draw_anew(font):
    """Give a font the curves of TrueType, of degree two, in the place of those of PostScript."""
    shapes = font.getGlyphSet()
    drawn = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(shapes)
        shapes[name].draw(Cu2QuPen(pen, OFF_BY, reverse_direction=True))
        drawn[name] = pen.glyph()
    for postscript in {"CFF ", "VORG"} & set(font.keys()):
        del font[postscript]
    font.sfntVersion = TRUETYPE
    builder = FontBuilder(font=font)
    builder.isTTF = True
    builder.setupGlyf(drawn)
    builder.setupMaxp()
    widths = {name: width for name, (width, _) in font["hmtx"].metrics.items()}
    builder.setupHorizontalMetrics({name: (widths[name], drawn[name].xMin) for name in drawn})
    builder.setupPost(keepGlyphNames=False)
