"""Programs in Python, each run by a new process that need not import what they all import.

Sphinx and Jupyter Book build a small book in half a second, and import for five before. Here a
server imports once, and every run is a copy of it: a process of its own, which leaves nothing
behind in the tests'.
"""

import multiprocessing
import os
from functools import cache
from importlib import import_module
from tempfile import NamedTemporaryFile

IMPORTED = (
    "downslope.sphinx_ext",
    "jupyter_book.cli.main",
    "jupyter_book.sphinx",
    "myst_nb.sphinx_ext",
    "pytest",
    "sphinx.builders.epub3",
    "sphinx.builders.html",
    "sphinx.builders.latex",
    "sphinx.builders.singlehtml",
    "sphinx.cmd.build",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_book_theme",
    "sphinxcontrib.bibtex",
)


def run(program, *arguments, folder=".", **variables):
    """Exit code of `main` in the module `program`, and all that it and its kernels said."""
    with NamedTemporaryFile() as said:
        call = program, [str(argument) for argument in arguments], folder, os.environ | variables
        process = server().Process(target=call_main, args=(*call, said.name))
        process.start()
        process.join()
        code, text = process.exitcode, said.read().decode()
    print(text)  # pytest shows it where a test fails
    return code, text


@cache
def server():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    return context


def call_main(program, arguments, folder, environment, said):
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with open(said, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    raise SystemExit(import_module(program).main(arguments))
