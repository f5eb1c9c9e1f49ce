"""Draw the picture that stands in the README: the flagship explorer, at its first values.

    python tools/picture.py

It stands on paper of its own, because a README has no dark mode that the ink could follow.
"""

from pathlib import Path

from downslope import explorers

PICTURE = Path(__file__).resolve().parents[1] / "book" / "assets" / "gradient-field.svg"


def picture():
    """SVG document of the flagship on a white ground."""
    drawing = explorers.gradient_field().still_svg()
    head, end, body = drawing.partition("</title>")
    if not end:
        raise ValueError("the still figure must have a <title>, so that it is said aloud")
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return f"{head}{end}{paper}{body.rstrip()}\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"{PICTURE.name}: {PICTURE.stat().st_size / 1000:.0f} kB")
