"""Sphinx extension: the book serves its notebooks, with all that they need to run.

In `_static/` it places `downslope-notebooks.zip`, and beside it the wheel of the package that is in
there too. Where the book's address is known, from the environment variable DOWNSLOPE_BOOK_URL or
from `baseurl` in _config.yml, the first cell of each notebook names that wheel; else it names the
repository, and where that is not known either, the arrow that leads to the zip.

Where the book has been made for paper too (`make pdf`, `make epub`) and DOWNSLOPE_EDITIONS names
these editions, as in "pdf epub", they stand beside the pages, and every page offers them.

A cell that answers what its reader was asked to predict comes without its output: JupyterLab shows
a line of it even where it is collapsed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
from pathlib import Path

from sphinx.errors import ConfigError, ExtensionError

from book_repository import archive_address, declared_address
from book_sharing import book_address

ZIP = "downslope-notebooks.zip"
EDITION = "downslope.{}"
EDITIONS = {  # how each is offered: its text, its sign, and what it is
    "pdf": ("Book as PDF", "fas fa-file-pdf", "Download the whole book, to print (.pdf)"),
    "epub": ("E-book", "fas fa-book", "Download the whole book for an e-reader (.epub)"),
}
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same files make the same bytes, whenever
READ_BESIDE = ("glossary.md", "notation.md", "references.md", "references.bib")
ADDRESS = re.compile(r'(?<=ADDRESS = \\")[^"\\]*(?=\\")')  # within the JSON of a notebook


def setup(app):
    app.add_config_value("book_lite", "", "html")
    app.add_config_value("book_editions", [], "html")
    app.connect("config-inited", expect_lite)
    app.connect("config-inited", expect_editions)
    app.connect("html-page-context", add_button, priority=502)  # the theme's are there by then
    app.connect("html-page-context", add_lite_button, priority=502)
    app.connect("html-page-context", add_edition_buttons, priority=503)
    app.connect("build-finished", place_files)
    app.connect("build-finished", place_editions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def has_package(app):
    """Whether a wheel can be made: a small book of a test has chapters and no package."""
    return (Path(app.srcdir) / "pyproject.toml").is_file()


def add_button(app, page, template, context, doctree):
    """Offer the zip wherever the notebook of a page is offered."""
    if not (has_package(app) and str(context.get("sourcename", "")).endswith(".ipynb")):
        return
    for group in context.get("header_buttons", []):
        if group["label"] == "download-buttons":
            group["buttons"].insert(1, button(context["pathto"]))


def button(pathto):
    return {
        "type": "link",
        "url": pathto(f"_static/{ZIP}", 1),
        "text": "All notebooks",
        "icon": "fas fa-file-archive",
        "tooltip": "Download all notebooks, with what they need to run (.zip)",
        "label": "download-all-button",
    }


def expect_lite(app, config):
    """Know whether `make lite` will put the notebooks for a browser beside the pages, or has."""
    stands = Path(app.outdir, "lite").is_dir()
    config.book_lite = os.environ.get("DOWNSLOPE_LITE", "yes" if stands else "")


def expect_editions(app, config):
    """Know which other editions will stand beside the pages, or do.

    Raises
    ------
    ConfigError
        If DOWNSLOPE_EDITIONS names one that there is not.
    """
    stand = [kind for kind in EDITIONS if (Path(app.outdir) / EDITION.format(kind)).is_file()]
    named = os.environ.get("DOWNSLOPE_EDITIONS")
    config.book_editions = stand if named is None else named.split()
    for kind in config.book_editions:
        if kind not in EDITIONS:
            raise ConfigError(f"DOWNSLOPE_EDITIONS must be of {', '.join(EDITIONS)}, got {kind!r}")


def add_edition_buttons(app, page, template, context, doctree):
    """Offer the whole book as a file wherever something is offered to take along."""
    for group in context.get("header_buttons", []):
        if group["label"] == "download-buttons":
            for kind in app.config.book_editions:
                group["buttons"].append(edition_button(kind, context["pathto"]))


def edition_button(kind, pathto):
    text, icon, tooltip = EDITIONS[kind]
    return {
        "type": "link",
        "url": pathto(EDITION.format(kind), 1),
        "text": text,
        "icon": icon,
        "tooltip": tooltip,
        "label": f"download-{kind}-edition",
    }


def place_editions(app, exception):
    """Put the editions that were asked for beside the pages.

    Raises
    ------
    ExtensionError
        If one has not been made: its button would lead nowhere.
    """
    if exception or app.builder.name not in ("html", "dirhtml"):
        return
    for kind in app.config.book_editions:
        made, place = (
            folder / EDITION.format(kind) for folder in (Path(app.outdir).parent, Path(app.outdir))
        )
        if made.is_file():
            shutil.copyfile(made, place)
        elif not place.is_file():
            raise ExtensionError(f"there is no {made} to place: run make {kind} first")


def add_lite_button(app, page, template, context, doctree):
    """Offer to run the notebook of a page in the browser, beside the other places if there are."""
    if not (app.config.book_lite and str(context.get("sourcename", "")).endswith(".ipynb")):
        return
    groups = context.setdefault("header_buttons", [])
    rocket = next((group for group in groups if group["label"] == "launch-buttons"), None)
    if rocket is None:
        rocket = {"type": "group", "label": "launch-buttons", "icon": "fas fa-rocket"}
        rocket |= {"tooltip": "Run this chapter", "buttons": []}
        groups.insert(0, rocket)
    here = context["pathto"]("lite/notebooks/index.html", 1)
    rocket["buttons"].insert(
        0,
        {
            "type": "link",
            "url": f"{here}?path={page}.ipynb",
            "text": "In this browser",
            "icon": "fas fa-play",
            "tooltip": "Run this chapter here, with nothing to install",
            "label": "launch-lite-button",
        },
    )


def place_files(app, exception):
    """Make wheel and zip, and tell the notebooks of the pages where the package is."""
    if exception or app.builder.name not in ("html", "dirhtml") or not has_package(app):
        return
    root, static = Path(app.srcdir), Path(app.outdir) / "_static"
    for old in static.glob("downslope-*.whl"):
        old.unlink()
    wheel = make_wheel(root, static)
    address = package_address(app, wheel.name)
    for notebook in sorted((Path(app.outdir) / "_sources").rglob("*.ipynb")):
        text = notebook.read_text(encoding="utf-8")
        notebook.write_text(for_a_reader(text, address), encoding="utf-8", newline="\n")
    pages = [app.env.doc2path(page, base=False) for page in app.env.found_docs]
    notebooks = [str(path) for path in pages if str(path).endswith(".ipynb")]
    write_zip(static / ZIP, contents(root, wheel, notebooks, address))


def make_wheel(root, folder):
    """The package as `pip` installs it; returns where it is."""
    from hatchling.builders.wheel import WheelBuilder

    (wheel,) = WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])
    return Path(wheel)


def package_address(app, wheel):
    """Where `pip` finds the package of this very book; an empty text if nobody knows."""
    book = book_address(app.config)
    return f"{book}/_static/{wheel}" if book else archive_address(declared_address(app.confdir))


def with_address(text, address):
    """The text of a notebook whose first cell names `address`, if it names none yet.

    Examples
    --------
    >>> with_address(r'"ADDRESS = \\"\\"  # here"', "https://a.org/a.whl")
    '"ADDRESS = \\\\"https://a.org/a.whl\\\\"  # here"'
    """
    return ADDRESS.sub(lambda _: address, text) if address else text


def for_a_reader(text, address):
    """The text of a notebook as it is downloaded: answers not given away, and `address` named."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["metadata"].get("jupyter", {}).get("outputs_hidden"):
            cell["outputs"], cell["execution_count"] = [], None
    return with_address(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", address)


def contents(root, wheel, notebooks, address):
    """What is in the zip: bytes by their paths."""
    named = ["constraints.txt", *(f"book/{name}" for name in READ_BESIDE)]
    found = {name: (root / name).read_bytes() for name in named}
    found |= {path.name: path.read_bytes() for path in sorted(root.glob("LICENSE*"))}
    for name in notebooks:
        text = (root / name).read_text(encoding="utf-8")
        found[Path(name).as_posix()] = for_a_reader(text, address).encode()
    pinned = (root / "requirements.txt").read_text(encoding="utf-8")
    found["requirements.txt"] = readers_requirements(pinned, wheel.name).encode()
    found["README.md"] = (root / "book" / "files" / "README.md").read_bytes()
    found[wheel.name] = wheel.read_bytes()
    return found


def readers_requirements(text, wheel):
    """Lines of a requirements file that one who runs notebooks needs; `wheel` is the package.

    Examples
    --------
    >>> print(readers_requirements("-c a.txt\\n-e .  # us\\nnumpy==2\\njupyter-book==1", "a.whl"))
    -c a.txt
    ./a.whl
    numpy==2
    <BLANKLINE>
    """
    builds_the_book = ("jupyter-book", "beautifulsoup4", "sphinx", "nbval", "hatchling", "#")
    lines = [line for line in text.splitlines() if not line.startswith(builds_the_book)]
    return (
        "\n".join(re.sub(r"^-e \.", f"./{wheel}", line).split("  #")[0].rstrip() for line in lines)
        + "\n"
    )


def write_zip(path, contents):
    """Write `contents` into one folder of a zip, in the order of their names."""
    with zipfile.ZipFile(path, "w") as file:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(f"{path.stem}/{name}", LONG_AGO)
            entry.external_attr = 0o644 << 16
            file.writestr(entry, contents[name], zipfile.ZIP_DEFLATED, 9)
