"""A fresh environment that holds a wheel and what it asks for, and nothing else.

pip would install a hundred packages anew, for a minute or two, in the versions of constraints.txt.
Those lie in the tests' own environment already: here they are linked from it, file by file. The
wheel is installed by pip, which then looks whether the versions go together.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OWN_PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def make(folder, wheel, *more):
    """Make a venv in `folder` that holds `wheel`, the packages of the names `more`, and what all of
    these ask for; returns its Python.

    Raises
    ------
    AssertionError
        With what pip says, where the versions do not go together.
    """
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(*OWN_PIP, "--python", python, "install", "-q", "--no-deps", "--no-index", wheel)
    site = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    (installed,) = Distribution.discover(path=[site])
    for found in closure([installed, *map(distribution, more)]):
        if found is not installed:
            link(found, Path(site), folder)
    run(*OWN_PIP, "--python", python, "check")
    return python


def run(*command, folder=None):
    """Run a command in a folder; it must succeed."""
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    answer = subprocess.run(command, cwd=folder, env=outside(), **said)
    assert answer.returncode == 0, answer.stdout[-4000:]


def outside():
    """The variables, without those that would lead to modules and settings of the tests."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")}
    kept.pop("DOWNSLOPE_BAKE", None)
    return kept


def closure(distributions):
    """These distributions and all that they require here, each once; extras where asked for."""
    waiting, found, seen = [(each, "") for each in distributions], {}, set()
    while waiting:
        each, extra = waiting.pop()
        name = canonicalize_name(each.name)
        if (name, extra) not in seen:
            seen.add((name, extra))
            found.setdefault(name, each)
            waiting += requirements(each, extra, found)
    return list(found.values())


def requirements(owner, extra, found):
    """Pairs of a distribution that `owner`, with this extra, requires, and an extra of its own."""
    for text in owner.requires or ():
        asked = Requirement(text)
        if asked.marker is None or asked.marker.evaluate({"extra": extra}):
            name = canonicalize_name(asked.name)
            needed = found[name] if name in found else distribution(name)
            yield from ((needed, each) for each in ("", *asked.extras))


def link(found, site, folder):
    """Link the files of a distribution into an environment, all but its programs, which know the
    Python that they were installed for."""
    own = Path(found.locate_file(""))
    for file in found.files:
        source = Path(os.path.normpath(own / file))
        target = site / file if ".." not in file.parts else folder / source.relative_to(sys.prefix)
        if target.parent not in (folder / "bin", folder / "Scripts") and source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            place(source, target)


def place(source, target):
    try:
        os.symlink(source, target)
    except OSError:  # Windows allows links to some users only
        shutil.copy2(source, target)
