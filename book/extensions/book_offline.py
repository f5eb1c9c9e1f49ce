"""Sphinx extension: the book serves all it needs, and asks no other host for anything.

MathJax is one file of the package sphinx-mathjax-offline, copied beside the pages. The live code
of sphinx-thebe, which Jupyter Book always loads and this book does not use, is left out.
"""

from __future__ import annotations

from importlib.metadata import distribution

MATHJAX = "tex-svg-full.js"


def setup(app):
    app.connect("config-inited", serve_mathjax)
    app.connect("config-inited", leave_out_thebe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def serve_mathjax(app, config):
    """Copy MathJax into the pages' own static folder and load it from there."""
    config.html_static_path.append(str(mathjax_file()))
    config.mathjax_path = MATHJAX


def mathjax_file():
    """Path of the one file that renders every formula.

    Raises
    ------
    FileNotFoundError
        If the installed package does not hold it.
    """
    package = distribution("sphinx-mathjax-offline")
    for file in package.files or []:
        if file.name == MATHJAX:
            return package.locate_file(file)
    raise FileNotFoundError(f"sphinx-mathjax-offline {package.version} holds no {MATHJAX}")


def leave_out_thebe(app, config):
    """Disconnect what sphinx-thebe would add to every page: scripts that point elsewhere."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)
    app.registry.css_files[:] = [
        (name, options) for name, options in app.registry.css_files if name != "sphinx-thebe.css"
    ]
