"""What is done with a printed PDF: it is read where something stands, and whether its letters are
there; and it is kept."""

from __future__ import annotations


def pages_of(reader, targets):
    """On which page each target stands, counted from 1.

    Parameters
    ----------
    reader : pypdf.PdfReader
    targets : collection of str
        Ids that something on the pages links to; of others the PDF knows nothing.

    Returns
    -------
    pages : dict of str to int
    """
    found = reader.named_destinations
    return {
        name: reader.get_destination_page_number(found[f"/{name}"]) + 1
        for name in targets
        if f"/{name}" in found
    }


def not_carried(reader):
    """Names of the typefaces on the pages of a PDF that it does not hold."""
    for page in reader.pages:
        for resources in resources_of(page):
            for font in entries(resources, "/Font"):
                yield from lacks(font)


def resources_of(part, depth=0):
    """The resources of a page, and of what is placed on it."""
    resources = inside(part, "/Resources")
    yield resources
    if depth < 4:
        for placed in entries(resources, "/XObject"):
            yield from resources_of(placed, depth + 1)


def entries(part, name):
    found = inside(part, name)
    return [found[key] for key in found]


def inside(part, name):
    """An entry of a PDF, wherever it is kept, which `get` would not look for; or an empty one."""
    try:
        return part[name]
    except KeyError:
        return {}


def lacks(font):
    """The name of a font of a PDF, if its letters have no shapes there."""
    if font["/Subtype"] == "/Type3":
        return  # drawn by its own strokes
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    described = inside(inner, "/FontDescriptor")
    if not any(f"/FontFile{kind}" in described for kind in ("", "2", "3")):
        yield str(inner["/BaseFont"])


def keep(written, target):
    """Put the finished book where it is looked for, all of it at once: never the half of one."""
    half = target.with_suffix(".part")
    half.write_bytes(written)
    half.replace(target)
