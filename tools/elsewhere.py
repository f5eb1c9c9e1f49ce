"""Run every chapter where its readers may run it, each place a fresh environment.

    make elsewhere                                      all places, and programs in a browser
    PYTHONPATH=book/extensions python tools/elsewhere.py [PLACE ...] [--chapters NUMBER ...]

Places: `floors`, the oldest versions that the package claims; `newest`, whatever there is; `colab`,
the same with what Colab puts into each kernel; `zip`, all notebooks as the book serves them, by
their README word for word; `binder`, what Binder would install, where one chapter is run. $PYTHON,
or else the Python that runs this, makes the environments.

In the first three there is nothing but a downloaded notebook in a folder, and the package is not
installed: its first cell says how to get it, and that is done. The address is one on this machine.
What is shown is made as for a reader who has sliders. Exit code 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from runpy import run_path
from threading import Thread
from time import perf_counter

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError

import book_files

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build" / "elsewhere"
SECONDS_A_CELL = 300
SHOWN = ("numpy", "matplotlib", "ipywidgets", "anywidget", "ipykernel")
COMMAND = re.compile(r"^ +%pip (install \S+)$", re.MULTILINE)
TESTING = ("-e", "#", "pytest", "hypothesis")
# What a kernel of Colab has imported before its reader's first cell, as far as anyone here asks.
COLAB = """import sys, types
google = types.ModuleType("google")
google.colab = types.ModuleType("google.colab")
google.colab.output = types.ModuleType("google.colab.output")
google.colab.output.enable_custom_widget_manager = lambda: None
google.colab.output._widgets = types.SimpleNamespace(_installed_url=None)
sys.modules.update({"google": google, "google.colab": google.colab,
                    "google.colab.output": google.colab.output})
"""


class Failed(Exception):
    """What went wrong, in the words that a reader would see."""


@dataclass
class Visit:
    """What has been seen in one place."""

    place: str
    versions: str = ""
    ran: list = field(default_factory=list)
    differ: list = field(default_factory=list)
    failures: list = field(default_factory=list)

    def fail(self, what, error):
        self.failures.append(f"{self.place}, {what}: {str(error).strip()[-1500:]}")
        print(f"{self.place:7} {what}: FAILED, {' '.join(str(error).split()):.200}", flush=True)


def chosen_python():
    """The Python that makes the environments."""
    return os.environ.get("PYTHON") or sys.executable


def outside(**more):
    """The variables without those of this project's own environment; and a reader with sliders."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DOWNSLOPE"))}
    # A kernel cannot see who looks at it; of Voilà it knows that sliders are wanted.
    return {**kept, "SERVER_SOFTWARE": "voila/elsewhere", **more}


def run(*command, folder=None, **variables):
    """What a command that must succeed has said.

    Raises
    ------
    Failed
    """
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    answer = subprocess.run(command, cwd=folder, env=outside(**variables), **said)
    if answer.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}\n{answer.stdout}")
    return answer.stdout


def fresh(folder, *requirements):
    """Python of a new environment in `folder` that holds these requirements and what they need."""
    run(chosen_python(), "-m", "venv", "--clear", folder)
    python = folder / "bin" / "python"
    if requirements:
        pip(python, "install", "-q", *requirements)
    return python


def pip(python, *arguments, folder=None):
    return run(python, "-m", "pip", "--disable-pip-version-check", *arguments, folder=folder)


def floors(text):
    """Of tests/floors.txt the lines that a reader's environment would have.

    Examples
    --------
    >>> floors("# oldest\\n-e .\\nnumpy==2.0.0\\npytest==9.2.0\\ntqdm==4.66.0   # bars\\n")
    ['numpy==2.0.0', 'tqdm==4.66.0']
    """
    lines = [line.split("  #")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(TESTING)]


def versions(python):
    """Of an environment what matters here, in a line."""
    said = pip(python, "list", "--format=freeze")
    found = dict(re.findall(r"^([\w.-]+)==(\S+)$", said, re.MULTILINE))
    own = run(python, "-c", "import platform; print(platform.python_version())").strip()
    return ", ".join([f"Python {own}", *(f"{n} {found[n]}" for n in SHOWN if n in found)])


# A kernel of another environment, and a notebook in it


def kernel_of(python, folder):
    """Manages a kernel of this Python, which need not have told anybody that it has one."""
    spec = folder / "kernels" / "elsewhere"
    spec.mkdir(parents=True, exist_ok=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    content = {"argv": argv, "display_name": "elsewhere", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(content), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(spec.parent)], ensure_native_kernel=False)
    return AsyncKernelManager(kernel_name="elsewhere", kernel_spec_manager=specs)


def run_notebook(path, python, follow):
    """The notebook in `path` as it is after a reader has run it.

    Parameters
    ----------
    path : Path
    python : Path
        Of the kernel.
    follow : callable
        Given the client and the index of the first code cell, does what that cell asks for.

    Raises
    ------
    Failed
        With the cell that failed, and its error.
    """
    notebook = nbformat.read(path, as_version=4)
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    client = NotebookClient(
        notebook,
        km=kernel_of(python, path.parent.parent),
        timeout=SECONDS_A_CELL,
        resources={"metadata": {"path": str(path.parent)}},
    )
    settings = outside(IPYTHONDIR=str(path.parent.parent / "ipython"), OPENBLAS_NUM_THREADS="1")
    at = code[0]
    try:
        with client.setup_kernel(cleanup_kc=True, env=settings, stderr=subprocess.DEVNULL):
            follow(client, at)
            for at in code:
                client.execute_cell(notebook.cells[at], at)
    except (CellControlSignal, DeadKernelError) as error:
        raise Failed(f"cell {at + 1}: {error}") from error
    return notebook


def nothing_to_do(client, first):
    """Where the package is."""


def do_what_it_says(client, first):
    """Run the first cell, read what it says, and do that in a cell of its own.

    Raises
    ------
    Failed
        If the cell says nothing, or not how to get the package.
    """
    cell = client.nb.cells[first]
    try:
        client.execute_cell(cell, first)
    except CellExecutionError as error:
        command = COMMAND.search(error.evalue)
        if error.ename != "Missing" or not command:
            raise Failed(f"the first cell says {error.ename}: {error.evalue}") from error
    else:
        raise Failed("the first cell is content without the package")
    client.nb.cells[first] = nbformat.v4.new_code_cell(f"%pip {command[1]}")
    client.execute_cell(client.nb.cells[first], first)
    client.nb.cells[first] = cell


def different(ran, stored, normal_form):
    """Ids of the cells of a notebook whose outputs as text are not those that are stored.

    What the first cell says is of the place.
    """
    kept = {cell.id: cell for cell in stored.cells}
    _, *cells = [cell for cell in normal_form(ran).cells if cell.cell_type == "code"]
    return [cell.id for cell in cells if texts(cell) != texts(kept[cell.id])]


def texts(cell):
    """Outputs without the counts of their cells."""
    return [{k: v for k, v in o.items() if k != "execution_count"} for o in cell.outputs]


# The places


def run_chapters(visit, python, folder, chapters, follow=nothing_to_do, before=None):
    """Run each of `chapters`, which lie in `folder`, and note in `visit` what is seen."""
    normal_form = run_path(str(ROOT / "tools" / "notebooks.py"))["normal_form"]
    for name in chapters:
        began = perf_counter()
        try:
            if before:
                before()
            ran = run_notebook(folder / f"{name}.ipynb", python, follow)
        except Failed as error:
            visit.fail(name, error)
            continue
        stored = nbformat.read(ROOT / "chapters" / f"{name}.ipynb", as_version=4)
        others = different(ran, stored, normal_form)
        visit.ran.append(name)
        visit.differ += [f"{name} {each}" for each in others]
        note = f"; not as stored: {', '.join(others)}" * bool(others)
        print(f"{visit.place:7} {name}: {perf_counter() - began:.0f} s{note}", flush=True)


def visit_downloaded(visit, chapters, served, requirements, follow=do_what_it_says):
    """Bare folder, downloaded notebooks, and no package until a chapter has asked for it."""
    folder = BUILD / visit.place
    python = fresh(folder / "venv", *requirements)
    if visit.place == "colab":
        (site,) = (folder / "venv" / "lib").glob("python3*/site-packages")
        (site / "sitecustomize.py").write_text(COLAB, encoding="utf-8")
    for name in chapters:
        place_notebook(name, folder / "chapters", served)
    forget = partial(pip, python, "uninstall", "-q", "-y", "downslope")
    run_chapters(visit, python, folder / "chapters", chapters, follow, forget)
    visit.versions = versions(python)


def place_notebook(name, folder, address):
    """A chapter as it is downloaded from a page."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (ROOT / "chapters" / f"{name}.ipynb").read_text(encoding="utf-8")
    served = book_files.for_a_reader(text, address)
    (folder / f"{name}.ipynb").write_text(served, encoding="utf-8")


def visit_zip(visit, chapters, wheel):
    """All notebooks in one file, unpacked; then the lines of its README."""
    folder = BUILD / visit.place
    names = [f"chapters/{path.name}" for path in sorted((ROOT / "chapters").glob("*.ipynb"))]
    packed = folder / book_files.ZIP
    folder.mkdir(parents=True, exist_ok=True)
    book_files.write_zip(packed, book_files.contents(ROOT, wheel, names, ""))
    with zipfile.ZipFile(packed) as file:
        file.extractall(folder)
    unpacked = folder / packed.stem
    *install, _ = commands((unpacked / "README.md").read_text(encoding="utf-8"))
    for command in install:
        run("sh", "-c", command, folder=unpacked, PATH=path_with_python(folder / "path"))
    python = unpacked / ".venv" / "bin" / "python"
    visit.versions = versions(python)
    run_chapters(visit, python, unpacked / "chapters", chapters)
    if visit.differ:  # the versions are those at which the outputs were stored
        visit.fail("outputs that are not as stored", ", ".join(visit.differ))


def commands(readme):
    """The first block of commands in a README.

    Examples
    --------
    >>> commands("Type\\n\\n    one -m venv\\n    two\\n\\nor, on Windows,\\n\\n    three\\n")
    ['one -m venv', 'two']
    """
    block = re.search(r"\n\n((?:    .+\n)+)", readme)
    return [line.strip() for line in block[1].splitlines()] if block else []


def path_with_python(folder):
    """A PATH on which `python3` is the Python that makes the environments."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "python3"
    script.write_text(f'#!/bin/sh\nexec "{chosen_python()}" "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def visit_binder(visit, chapters):
    """What Binder would install, into a copy of the repository; and the first of the chapters."""
    folder = BUILD / visit.place
    copy = folder / "repository"
    folder.mkdir(parents=True, exist_ok=True)
    run("git", "clone", "-q", ROOT, copy)
    program = Path(sys.executable).with_name("jupyter-repo2docker")
    recipe = run(program, "--no-build", "--debug", ".", folder=copy)
    wanted, steps = read_recipe(recipe)
    python = fresh(folder / "venv")
    for step in steps:
        pip(python, *step, folder=copy)
    visit.versions = f"{versions(python)}; Binder's own Python would be {wanted}"
    run_chapters(visit, python, copy / "chapters", chapters[:1])


def read_recipe(recipe):
    """Python's version and the arguments of each `pip` that Binder would run, by repo2docker.

    Raises
    ------
    Failed
        If there is a step of which this does not know what to do.

    Examples
    --------
    >>> read_recipe('''Building conda environment for python=3.11
    ... RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r "requirements.txt"''')
    ('3.11', [['install', '--no-cache-dir', '-r', 'requirements.txt']])
    """
    version = re.search(r"conda environment for python=(\S+)", recipe)
    steps = re.findall(r"^RUN \S+/pip (install .*)$", recipe, re.MULTILINE)
    if not version or not steps:
        raise Failed("repo2docker names no Python, or nothing to install")
    for other in ("postBuild", "apt.txt", "environment.yml"):
        if re.search(rf"^(?:RUN|COPY) .*\b{re.escape(other)}", recipe, re.MULTILINE):
            raise Failed(f"Binder would use {other}, which is not done here")
    return version[1], [step.replace('"', "").split() for step in steps]


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def serving(folder):
    """Address at which the files of a folder are, on this machine alone."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def places(served, wheel):
    """What is done in each place, by its name."""
    oldest = floors((ROOT / "tests" / "floors.txt").read_text(encoding="utf-8"))
    return {
        "floors": partial(visit_downloaded, served=served, requirements=oldest),
        "newest": partial(visit_downloaded, served=served, requirements=["jupyterlab", "notebook"]),
        "colab": partial(
            visit_downloaded, served=served, requirements=["ipykernel"], follow=nothing_to_do
        ),
        "zip": partial(visit_zip, wheel=wheel),
        "binder": visit_binder,
    }


def go(name, visit_place, chapters):
    """Be in one place; what was seen there."""
    visit = Visit(name)
    shutil.rmtree(BUILD / name, ignore_errors=True)
    try:
        visit_place(visit, chapters)
    except Failed as error:
        visit.fail("the way there", error)
    return visit


def table(visits):
    """What was seen, a line for each place, and each failure in full."""
    lines = [""]
    for visit in visits:
        lines.append(
            f"{visit.place:7} {len(visit.ran)} chapters ran, {len(visit.failures)} failures, "
            f"{len(visit.differ)} outputs not as stored"
        )
        lines += [f"        {visit.versions}"] * bool(visit.versions)
    for visit in visits:
        lines += [f"\n{failure}" for failure in visit.failures]
    return "\n".join(lines)


def main(arguments=None):
    """Command line; returns the exit code."""
    names = list(places("", None))
    parser = argparse.ArgumentParser(description="Run the chapters where readers may run them.")
    parser.add_argument("places", nargs="*", metavar="PLACE", help=", ".join(names))
    parser.add_argument("--chapters", nargs="*", default=[""], metavar="NUMBER", help="such as 04")
    options = parser.parse_args(arguments)
    if unknown := set(options.places) - set(names):
        parser.error(f"no such place: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    chapters = [
        path.stem
        for path in sorted((ROOT / "chapters").glob("*.ipynb"))
        if path.stem.startswith(tuple(options.chapters))
    ]
    wheels = BUILD / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    wheel = book_files.make_wheel(ROOT, wheels)
    with serving(wheels) as address, ThreadPoolExecutor(2) as pool:
        known = places(f"{address}/{wheel.name}", wheel)
        asked = [name for name in known if name in (options.places or names)]
        visits = list(pool.map(lambda name: go(name, known[name], chapters), asked))
    print(table(visits))
    return 1 if any(visit.failures for visit in visits) else 0


if __name__ == "__main__":
    sys.exit(main())
