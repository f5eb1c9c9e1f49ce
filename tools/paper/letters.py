"""Typefaces as the PDF can carry them by name, and no more of each than the book has letters."""

from __future__ import annotations

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

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
    shapes, order = font.getGlyphSet(), font.getGlyphOrder()
    glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(shapes)
        shapes[name].draw(Cu2QuPen(pen, OFF_BY, reverse_direction=True))
        glyf.glyphs[name] = pen.glyph()
    for postscript in ("CFF ", "VORG"):
        if postscript in font:
            del font[postscript]
    font["loca"], font["glyf"] = newTable("loca"), glyf
    glyf.compile(font)
    font["hmtx"].metrics = {
        name: (width, getattr(glyf[name], "xMin", 0))
        for name, (width, _) in font["hmtx"].metrics.items()
    }
    greatest = font["maxp"]
    greatest.tableVersion = 0x00010000
    for unused in [
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
        "maxPoints",
        "maxContours",
        "maxCompositePoints",
        "maxCompositeContours",
        "maxComponentDepth",
    ]:
        setattr(greatest, unused, 0)
    greatest.maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
