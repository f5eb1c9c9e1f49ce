"""Fonts of the e-book: of each, only the letters that the book needs.

A reader of e-books may have no letters for Korean, and seldom has a font whose brackets and roots
grow with what is in them. Both are taken from fonts of the system that may be passed on, under the
SIL Open Font License; where one is not installed the book does without.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

from fontTools import subset
from matplotlib.font_manager import findSystemFonts

logging.getLogger("fontTools").setLevel(logging.WARNING)

ITALIC = {*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E}  # letters as variables
ROOT = 0x221A


class Font(NamedTuple):
    """A font that a part of the book is set in."""

    family: str
    files: tuple[str, ...]
    selector: str
    always: frozenset[int] = frozenset()


FONTS = {
    "korean": Font(
        "Noto Sans CJK KR",
        ("NotoSansCJK-Regular.ttc", "NotoSansCJKkr-Regular.otf"),
        ":lang(ko)",
    ),
    "math": Font(
        "STIX Math",
        ("STIXMath-Regular.otf",),
        "math",
        frozenset({*ITALIC, ROOT}),
    ),
}


def write_fonts(folder, letters):
    """Put a font with no other letters into `folder`, with a style sheet that names it.

    Parameters
    ----------
    folder : pathlib.Path
        Where fonts and style sheets go.
    letters : dict of str to set of str
        For each name in `FONTS`, the characters that are needed.

    Returns
    -------
    styles : list of str
        Names of the style sheets: none for a font that is not installed, or not needed.
    """
    return [
        write_font(folder, name, FONTS[name], found)
        for name, found in sorted(letters.items())
        if found and font_file(FONTS[name])
    ]


def font_file(font):
    """Path of a font's file on this system, or None."""
    installed = {Path(path).name: path for path in findSystemFonts()}
    return next((installed[name] for name in font.files if name in installed), None)


def write_font(folder, name, font, letters):
    options = subset.Options(layout_features=["*"], hinting=False, drop_tables=["FFTM"])
    path = font_file(font)
    options.font_number = face(path, font.family)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={*map(ord, letters), *font.always})
    with subset.load_font(path, options) as opened:
        subsetter.subset(opened)
        subset.save_font(opened, folder / f"{name}.otf", options)
    style = (
        f'@font-face {{ font-family: "{font.family}"; src: url("{name}.otf"); }}\n'
        f'{font.selector} {{ font-family: "{font.family}", {fallback(name)}; }}\n'
    )
    (folder / f"{name}.css").write_text(style, encoding="utf-8")
    return f"{name}.css"


def fallback(name):
    return "math" if name == "math" else "sans-serif"


def face(path, family):
    """Which of the fonts in one file is of a family; -1 in a file with one font."""
    if Path(path).suffix != ".ttc":
        return -1
    from fontTools.ttLib import TTCollection

    with TTCollection(path, lazy=True) as faces:
        names = [font["name"].getBestFamilyName() for font in faces]
    return names.index(family)
