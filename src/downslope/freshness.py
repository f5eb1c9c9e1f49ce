"""A digest of what the outputs of a book depend on beside the text of its pages."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

__all__ = ["files_in", "fingerprint"]

_OURS = Path(__file__).parent
_DRAWN_WITH = ("ipywidgets", "matplotlib", "numpy")


def fingerprint(root: str | Path, names: Iterable[str] = (), leave_out: Iterable[Path] = ()) -> str:
    """Digest of Python, this package, what it draws with, and the files that `names` lists.

    Parameters
    ----------
    root : str or Path
        Folder that the names start from.
    names : iterable of str
        Files and folders; a folder stands for all that is in it, but for hidden files and what
        Python compiles.
    leave_out : iterable of Path
        Folders that do not count, such as the one that the book is built in.

    Returns
    -------
    digest : str
        64 hexadecimal digits.

    Raises
    ------
    FileNotFoundError
        If a name stands for nothing.

    Examples
    --------
    >>> from pathlib import Path
    >>> import downslope
    >>> here = Path(downslope.__file__).parent
    >>> fingerprint(here, ["losses.py"]) == fingerprint(here, ["layers.py"])
    False
    """
    versions = [f"{name} {version(name)}" for name in _DRAWN_WITH]
    digest = hashlib.sha256(f"{sys.version} {versions}".encode())
    sources = [_OURS, *(Path(root, name) for name in names)]
    for source in sources:
        if not source.exists():
            raise FileNotFoundError(f"there is no {source}")
        for file in files_in(source.resolve(), [folder.resolve() for folder in leave_out]):
            content = file.read_bytes()
            name = Path(os.path.relpath(file, source.resolve().parent)).as_posix()
            digest.update(f"\n{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def files_in(source: Path, leave_out: list[Path]) -> list[Path]:
    """All files in a folder, in one order, but for hidden ones; or the file itself."""
    if source.is_file():
        return [source]
    found = []
    for at, folders, files in os.walk(source):
        folders[:] = [
            name
            for name in folders
            if not name.startswith((".", "__pycache__")) and Path(at, name) not in leave_out
        ]
        found += [Path(at, name) for name in files if not name.startswith(".")]
    return sorted(path for path in found if path.is_file())
