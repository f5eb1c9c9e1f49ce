"""How far two colours stand apart."""

import re


def contrast(one, other):
    """WCAG contrast ratio of two colours written as rgb(r, g, b).

    Examples
    --------
    >>> round(contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)"), 6)
    21.0
    """

    def luminance(colour):
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)
