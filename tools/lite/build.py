"""Build the notebooks that run in a browser, beside the book: `make lite`.

JupyterLite is JupyterLab without a server; its Python is the Pyodide that answers the exercises on
the pages, with Matplotlib and what else the chapters import. All of it is served by the site, each
file known by its SHA-256, so that no other host is asked: Pyodide's own packages stand in
pyodide-lock.json, the others in wheels.txt. The notebooks are those of the book's zip.

Runs after the book has been built, in the book's own environment; JupyterLite has another one.
"""

import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from downslope.page_python import PYODIDE, Part, PythonNotFound, gather

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BOOK = ROOT / "_build" / "html"
ZIP = "downslope-notebooks.zip"
SETTINGS = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}  # cells keep place
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
CONFIGURATION = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {"litePluginSettings": {KERNEL: {"disablePyPIFallback": True}}},
}
KERNELSPEC = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
FIRST_CELL = """\
# Python in your browser: what this chapter needs comes from where you read it.
import logging

import piplite

await piplite.install("downslope")
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
"""
FIRST_LINE = "# Does nothing where `downslope` is installed"


def main():
    try:
        return build(BOOK)
    except (FileNotFoundError, PythonNotFound, subprocess.CalledProcessError) as error:
        return f"The notebooks for a browser could not be built. {error}"


def build(book):
    """Make the site in the folder `lite` of a built book; what was there before is replaced."""
    archive = book / "_static" / ZIP
    if not archive.is_file():
        raise FileNotFoundError(
            f"There is no {archive}: run make lite, which builds the book first."
        )
    with TemporaryDirectory(dir=book.parent) as folder:
        lite, contents, site = (Path(folder, name) for name in ("lite", "contents", "site"))
        notebooks_of(archive, contents)
        (wheel,) = (book / "_static").glob("downslope-*.whl")
        collect(lite, wheel)
        command = [jupyter(), "lite", "build", "--lite-dir", lite, "--contents", contents]
        command += ["--output-dir", site, "--apps", "lab", "--apps", "notebooks", "--no-sourcemaps"]
        run(command, folder)  # where it leaves notes of its own
        shutil.rmtree(book / "lite", ignore_errors=True)
        site.rename(book / "lite")
    megabytes = sum(f.stat().st_size for f in (book / "lite").rglob("*") if f.is_file()) / 1e6
    print(f"The notebooks for a browser are in {book / 'lite'}, {megabytes:.0f} MB. They need a")
    print("page that is served: make serve.")
    return 0


def run(command, folder=None):
    """Run a command, which is heard only if it fails."""
    heard = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(command, cwd=folder, **heard)
    if done.returncode:
        print(done.stdout)
        done.check_returncode()


def jupyter():
    """The command of the environment that `make lite` has made for it."""
    scripts = ROOT / ".venv-lite" / ("Scripts" if sys.platform == "win32" else "bin")
    return scripts / ("jupyter.exe" if sys.platform == "win32" else "jupyter")


def notebooks_of(archive, contents):
    """Unpack the notebooks and what they link to, for the Python of a browser."""
    with zipfile.ZipFile(archive) as packed:
        for name in packed.namelist():
            path = contents / Path(*Path(name).parts[1:])
            if path.suffix == ".ipynb" or path.parent.name == "book":
                path.parent.mkdir(parents=True, exist_ok=True)
                content = packed.read(name)
                if path.suffix == ".ipynb":
                    content = for_a_browser(content.decode()).encode()
                path.write_bytes(content)


def for_a_browser(text):
    """A notebook whose first code gets the package from the site, and that knows its kernel.

    It comes without outputs: what stands under a cell there, the reader's own browser has computed.

    Raises
    ------
    ValueError
        If no cell begins as tools/first_cell.py does.
    """
    notebook = json.loads(text)
    firsts = [c for c in notebook["cells"] if "".join(c["source"]).startswith(FIRST_LINE)]
    if len(firsts) != 1:
        raise ValueError(f"expected one cell that begins {FIRST_LINE!r}, got {len(firsts)}")
    firsts[0]["source"] = FIRST_CELL
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    notebook["metadata"]["kernelspec"] = KERNELSPEC
    return json.dumps(notebook, ensure_ascii=False)


def collect(lite, wheel):
    """Put what the site serves, beside JupyterLite's own files, where its builder looks for it."""
    (lite / "pypi").mkdir(parents=True)
    (lite / "overrides.json").write_text(json.dumps(SETTINGS))
    (lite / "jupyter-lite.json").write_text(json.dumps(CONFIGURATION))
    shutil.copy(wheel, lite / "pypi")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version", "3.12"]
    command += ["--platform", "any", "--implementation", "py", "--abi", "none"]
    command += ["--dest", lite / "pypi", "--requirement", HERE / "wheels.txt"]
    run(command)
    lock = json.loads((HERE / "pyodide-lock.json").read_text(encoding="utf-8"))
    source = distribution(lock)
    gathered, served = gather(source=source), lite / "static" / "pyodide"
    served.mkdir(parents=True)
    for part in source.parts:
        (served / part.name).write_bytes(part.check((gathered / part.name).read_bytes()))
    (served / "pyodide-lock.json").write_text(json.dumps(lock))


def distribution(lock):
    """The Pyodide of the pages, and all packages of a lock.

    Raises
    ------
    ValueError
        If the lock is that of another version.
    """
    if lock["info"] != PYODIDE.info:
        raise ValueError(f"the lock is for {lock['info']}, the pages have {PYODIDE.info}")
    runtime = [part for part in PYODIDE.parts if not part.name.endswith(".whl")]
    packages = [
        Part(p["file_name"], p["file_name"], p["sha256"], p["size"])
        for p in lock["packages"].values()
    ]
    return replace(PYODIDE, parts=(*runtime, *packages))


if __name__ == "__main__":
    sys.exit(main())
