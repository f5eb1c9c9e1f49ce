"""Python for the page: Pyodide and NumPy, gathered once, checked, and served by the book itself.

What belongs to it, where it is had and how each file is known stands in data/pyodide.toml, which
tools/raise_pyodide.py writes. Nothing is used before its SHA-256 has been seen to be right.
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import secrets
import subprocess
import sys
import threading
import tomllib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from io import BytesIO
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from tqdm import tqdm

from downslope import __version__

__all__ = [
    "ENVIRONMENT",
    "Distribution",
    "Index",
    "PYODIDE",
    "Part",
    "PythonNotFound",
    "cache_folder",
    "gather",
    "own_code",
    "packed",
    "place",
    "version",
]

#: Environment variable that names a folder with the files of Pyodide's distribution.
ENVIRONMENT = "DOWNSLOPE_PYODIDE"

#: Seconds without a byte after which the CDN is given up.
PATIENCE = 5.0

#: Name under which the modules of a book's own are served.
OWN = "book.bin"

_OURS = Path(__file__).parent
_BUILDS = (
    "_page_modules.py",
    "_page_trial.py",
    "_sphinx_exercises.py",
    "freshness.py",
    "page_exercises.py",
    "page_python.py",
    "sphinx_ext.py",
)
LEFT_OUT = ("explore", "explorers", *_BUILDS)
_FAILURES = (OSError, ValueError, KeyError, RuntimeError, HTTPException, BadZipFile, zlib.error)


class PythonNotFound(Exception):
    """No source has the files. The message says what was tried, and what can be done."""


@dataclass(frozen=True)
class Part:
    """One file: its name at the source, the name it is served under, and how it is known."""

    name: str
    served: str
    sha256: str
    size: int

    def check(self, content: bytes) -> bytes:
        """The content, if it is this file's; refused otherwise."""
        came = hashlib.sha256(content).hexdigest()
        if came != self.sha256:
            raise ValueError(
                f"{self.name}: expected {self.size} bytes with SHA-256 {self.sha256}, "
                f"got {len(content)} with {came}"
            )
        return content


@dataclass(frozen=True)
class Index:
    """A package, pinned, and the folder in its wheel that has the same files."""

    requirement: str
    folder: str


@dataclass(frozen=True)
class Distribution:
    """A version of Pyodide and its NumPy: the parts, where they are had, and the lock's "info"."""

    numpy: str
    cdn: str
    info: dict[str, str]
    parts: tuple[Part, ...]
    index: Index | None = None

    @classmethod
    def read(cls, toml: str) -> Distribution:
        """From the text of data/pyodide.toml."""
        table = tomllib.loads(toml)
        table["parts"] = tuple(Part(**part) for part in table["parts"])
        return cls(**table | {"index": Index(**table["index"]) if "index" in table else None})

    @property
    def version(self) -> str:
        """Of Pyodide."""
        return self.info["version"]

    def __str__(self) -> str:
        megabytes = sum(part.size for part in self.parts) / 1e6
        return f"Python for the page (Pyodide {self.version}, {megabytes:.1f} MB)"


#: What the book serves.
PYODIDE = Distribution.read((_OURS / "data/pyodide.toml").read_text(encoding="utf-8"))


def gather(say: Callable[[str], Any] = print, *, source: Distribution = PYODIDE) -> Path:
    """Folder that has all parts, each as it should be; what is missing is fetched, once.

    Parameters
    ----------
    say : callable, optional
        Is told, in a sentence, of each source that is asked.
    source : Distribution, optional
        What to gather.

    Returns
    -------
    folder : Path
        The one that the environment variable DOWNSLOPE_PYODIDE names, or one of the user's
        caches, filled from Pyodide's CDN or, failing that, from the user's package index.

    Raises
    ------
    PythonNotFound
        If a part is in no source, or the folder that was named lacks one or has a damaged one.
    """
    if os.environ.get(ENVIRONMENT):
        return _named(Path(os.environ[ENVIRONMENT]), source)
    folder, tried = cache_folder(source), []
    for name, fetch in _sources(source):
        missing = [part for part in source.parts if not _holds(folder, part)]
        if not missing:
            return folder
        _make(folder, source)
        say(f"{source}: getting it, once, from {name}")
        try:
            for part, content in fetch(missing):
                _write(folder / part.name, part.check(content))
            return folder
        except _FAILURES as error:
            tried.append(f"  {name}: {error}")
            say(f"Not from {name}: {error}")
    raise PythonNotFound(_advice(source, tried))


def cache_folder(source: Distribution = PYODIDE) -> Path:
    """Where the parts are kept, whether they are there or not."""
    if sys.platform == "win32":
        caches, usual = os.environ.get("LOCALAPPDATA"), "AppData/Local"
    elif sys.platform == "darwin":
        caches, usual = None, "Library/Caches"
    else:
        caches, usual = os.environ.get("XDG_CACHE_HOME"), ".cache"
    return Path(caches or Path.home() / usual) / "downslope" / f"pyodide-{source.version}"


def _named(folder: Path, source: Distribution) -> Path:
    for part in source.parts:
        try:
            part.check((folder / part.name).read_bytes())
        except (OSError, ValueError) as error:
            raise PythonNotFound(f"{ENVIRONMENT} names {folder}: {error}") from error
    return folder


def _holds(folder: Path, part: Part) -> bool:
    try:
        return bool(part.check((folder / part.name).read_bytes()))
    except (OSError, ValueError):
        return False


def _make(folder: Path, source: Distribution) -> None:
    """Before anything is downloaded that could not be kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PythonNotFound(_advice(source, [f"  {error}"])) from error


def _sources(source: Distribution) -> Iterable[tuple[str, Callable]]:
    yield urlsplit(source.cdn).netloc, lambda parts: _from_cdn(source.cdn, parts)
    if index := source.index:
        yield f"{index.requirement} in your package index", lambda parts: _from_index(index, parts)


def _advice(source: Distribution, tried: list[str]) -> str:
    names = ", ".join(part.name for part in source.parts)
    return "\n".join(
        [
            f"{source} could not be had:",
            *tried,
            "What you can do: try again with a network connection; or put these files of Pyodide's",
            f"own distribution in a folder and set {ENVIRONMENT} to it: {names}",
        ]
    )


def _from_cdn(address: str, parts: Iterable[Part]) -> Iterable[tuple[Part, bytes]]:
    for part in parts:
        look = {"total": part.size, "unit": "B", "unit_scale": True, "desc": part.name}
        with _answer(address + part.name) as answer, tqdm(**look, disable=None) as bar:
            content = bytearray()
            while len(content) <= part.size and (more := answer.read(1 << 16)):
                content += more
                bar.update(len(more))
        yield part, bytes(content)


def _answer(address: str) -> Any:
    """What comes from an address; an error in time, wherever it hangs: at a name, at a proxy."""
    answers: queue.SimpleQueue = queue.SimpleQueue()

    def ask() -> None:
        request = Request(address, headers={"User-Agent": f"downslope/{__version__}"})
        try:
            answers.put(urlopen(request, timeout=PATIENCE))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=1.5 * PATIENCE)
    except queue.Empty:
        raise TimeoutError(f"no answer within {PATIENCE:.0f} s") from None
    if isinstance(answer, HTTPError):
        answer.close()
    if isinstance(answer, Exception):
        raise answer
    return answer


def _from_index(index: Index, parts: Iterable[Part]) -> Iterable[tuple[Part, bytes]]:
    """Members of a wheel; nothing of the package is installed, and none of its code is run."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary=:none:"]
        command += ["--only-binary=:all:", "--ignore-requires-python", "--retries=1", "--no-input"]
        command += ["--disable-pip-version-check", "--dest", folder, index.requirement]
        sys.stdout.flush()  # pip writes beside it
        pip = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace")
        if pip.returncode != 0:
            raise OSError(" ".join(pip.stderr.splitlines()[-2:]) or "pip failed")
        (wheel,) = Path(folder).glob("*.whl")
        with ZipFile(wheel) as archive:
            for part in parts:
                with archive.open(index.folder + part.name) as member:
                    yield part, member.read(part.size + 1)


def place(
    folder: Path, gathered: Path, *, source: Distribution = PYODIDE, modules: bytes = b""
) -> None:
    """Write what the page is served: the parts, the code of this package and of the book, a list.

    Parameters
    ----------
    folder : Path
        Where to write. A file that is there already, as it should be, is not touched.
    gathered : Path
        What `gather` returned.
    source : Distribution, optional
        What was gathered.
    modules : bytes, optional
        A zip of the book's own modules.

    Raises
    ------
    ValueError
        If a part has been damaged since it was gathered.
    """
    files = {p.served: p.check((gathered / p.name).read_bytes()) for p in source.parts}
    lock = {"info": source.info, "packages": {}}  # the page unpacks what it needs by itself
    files |= {"pyodide-lock.json": _json(lock), "downslope.bin": own_code()}
    files |= {OWN: modules} if modules else {}
    about = {"pyodide": source.version, **_manifest(files)}
    files |= {
        "manifest.json": _json(about),
        "licences.txt": _licences(source, files["numpy.bin"]),
    }
    for name, content in files.items():
        if not (folder / name).is_file() or (folder / name).read_bytes() != content:
            _write(folder / name, content)
    if not modules:
        (folder / OWN).unlink(missing_ok=True)


def _manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """What the page must know of its files before it fetches them."""
    sizes = {name: len(files[name]) for name in sorted(files)}
    return {
        "total": sum(sizes.values()),
        "gzipped": sum(len(zlib.compress(content)) for content in files.values()),  # as sent
        "files": sizes,
        "versions": {name: _digest(files[name]) for name in sizes},
    }


def version(*, source: Distribution = PYODIDE, modules: bytes = b"") -> str:
    """Short name of all that `place` writes and the script that runs it.

    It is another one if any byte is another: with it in each address, no browser takes an old file
    for a new one.
    """
    parts = [f"{part.served} {part.sha256}" for part in source.parts]
    worker = (_OURS / "static/downslope-python.js").read_bytes()
    return _digest(b"\n".join([_json([source.info, parts]), worker, own_code(), modules]))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def own_code() -> bytes:
    """A zip of the package that runs, without what draws and what builds; always the same bytes."""
    paths = [*_OURS.rglob("*.py"), _OURS / "data/digits.npz"]
    names = {path.relative_to(_OURS).as_posix(): path for path in paths}
    return packed(
        {f"downslope/{name}": names[name] for name in names if name.split("/")[0] not in LEFT_OUT}
    )


def packed(files: Mapping[str, str | Path]) -> bytes:
    """A zip of files by the names they have in it; of the same files always the same bytes."""
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name in sorted(files):
            member = ZipInfo(name)  # dated 1980
            member.compress_type, member.create_system = ZIP_DEFLATED, 3
            member.external_attr = 0o644 << 16
            archive.writestr(member, Path(files[name]).read_bytes())
    return content.getvalue()


def _licences(source: Distribution, numpy: bytes) -> bytes:
    """What is whose; NumPy's wheel says it for itself."""
    with ZipFile(BytesIO(numpy)) as wheel:
        names = sorted(name for name in wheel.namelist() if ".dist-info/LICENSE" in name)
        said = "\n".join(wheel.read(name).decode() for name in names)
    words = source.info | {"numpy": source.numpy, "numpy_licence": said}
    template = (_OURS / "data/licences.txt").read_text(encoding="utf-8")
    return Template(template).substitute(words).encode()


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


def _write(path: Path, content: bytes) -> None:
    """All or nothing, whoever else writes the same file at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        half.write_bytes(content)
        os.replace(half, path)
    except PermissionError:  # Windows, where another process has it open
        if not path.is_file() or path.read_bytes() != content:
            raise
    finally:
        half.unlink(missing_ok=True)
