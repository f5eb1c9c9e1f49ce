"""Sphinx extension: the book serves all it needs, and asks no other host for anything.

MathJax is two files of the package sphinx-mathjax-offline, copied beside the pages: all that it
does, and its extension that sets the formulas near the window first. `formulas.js` of the book
loads them. The live code of sphinx-thebe, which Jupyter Book always loads and this book does not
use, is left out.
"""

from __future__ import annotations

from importlib.metadata import distribution

MATHJAX = "tex-svg-full.js"
LAZY = "lazy.js"
LOADER = "formulas.js"


def setup(app):
    app.connect("config-inited", serve_mathjax)
    app.connect("config-inited", leave_out_thebe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def serve_mathjax(app, config):
    """Copy MathJax into the pages' own static folder and load it from there."""
    config.html_static_path += [str(mathjax_file(MATHJAX)), str(mathjax_file(LAZY))]
    config.mathjax_path = LOADER
    config.mathjax_options = {"async": "async"}
    source = {"ui/lazy": f"[mathjax]/{LAZY}"}
    config.mathjax3_config["loader"] = {"load": list(source), "source": source}


def mathjax_file(name):
    """Path of a file of MathJax.

    Raises
    ------
    FileNotFoundError
        If the installed package does not hold it.
    """
    package = distribution("sphinx-mathjax-offline")
    for file in package.files or []:
        if file.name == name:
            return package.locate_file(file)
    raise FileNotFoundError(f"sphinx-mathjax-offline {package.version} holds no {name}")


def leave_out_thebe(app, config):
    """Disconnect what sphinx-thebe would add to every page: scripts that point elsewhere."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)
    app.registry.css_files[:] = [
        (name, options) for name, options in app.registry.css_files if name != "sphinx-thebe.css"
    ]
