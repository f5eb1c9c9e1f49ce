"""Fonts of the e-book: of each, only the letters that the book needs.

A reader of e-books may have no letters for Korean, and seldom has a font whose brackets and roots
grow with what is in them. Two packages of Python carry such fonts, under the SIL Open Font License.
Where they are not installed the book does without.
"""

from __future__ import annotations

import logging
from importlib.resources import files
from importlib.util import find_spec
from typing import NamedTuple

from fontTools import subset

logging.getLogger("fontTools").setLevel(logging.WARNING)

ITALIC = {*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E}  # letters as variables
ROOT = 0x221A


class Font(NamedTuple):
    """A font that a part of the book is set in."""

    family: str
    package: str
    file: str
    style: str
    always: frozenset[int] = frozenset()


FONTS = {
    "korean": Font(
        "Noto Sans KR",
        "pylopdf_fonts_ko",
        "NotoSansKR-Regular.otf",
        ':lang(ko) { font-family: "Noto Sans KR", sans-serif; }',
    ),
    "formulas": Font(
        "STIX Two Math",
        "ziamath",
        "fonts/STIXTwoMath-Regular.ttf",
        'math { font-family: "STIX Two Math", math; }',
        frozenset({*ITALIC, ROOT}),
    ),
}


def write_fonts(folder, letters):
    """Put each font with the letters that are needed into `folder`, and a style sheet beside it.

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
    """Where a font is, or None."""
    return files(font.package) / font.file if find_spec(font.package) else None


def write_font(folder, name, font, letters):
    path = font_file(font)
    target = folder / f"{name}{path.suffix}"
    options = subset.Options(layout_features=["*"], hinting=False, drop_tables=["FFTM"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={*map(ord, letters), *font.always})
    with subset.load_font(path, options) as opened:
        subsetter.subset(opened)
        subset.save_font(opened, target, options)
    face = f'@font-face {{ font-family: "{font.family}"; src: url("{target.name}"); }}'
    (folder / f"{name}.css").write_text(f"{face}\n{font.style}\n", encoding="utf-8")
    return f"{name}.css"
