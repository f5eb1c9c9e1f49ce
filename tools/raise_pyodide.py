"""Write src/downslope/data/pyodide.toml and tools/lite/pyodide-lock.json anew, for another Pyodide.

    python tools/raise_pyodide.py 0.27.7
    python tools/raise_pyodide.py 0.27.7 --folder pyodide      files of its distribution, no network
    python tools/raise_pyodide.py 0.27.7 --index NAME==VERSION --inside NAME/assets/pyodide/

Hashes are computed from the files; NumPy's must be the one in Pyodide's own pyodide-lock.json. An
index is a package whose wheel has the same files, for readers who cannot reach the CDN.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from urllib.request import urlopen

from downslope.page_python import Index, Part

TABLE = Path(__file__).resolve().parents[1] / "src/downslope/data/pyodide.toml"
LOCK = Path(__file__).resolve().parent / "lite/pyodide-lock.json"
CDN = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
IN_NOTEBOOKS = ("ipython", "jedi", "matplotlib", "micropip", "sqlite3", "ssl")  # and their needs
RUNTIME = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")


def described(name, served, content):
    return Part(name, served, hashlib.sha256(content).hexdigest(), len(content))


def parts(read, lock):
    """The files of the runtime, and NumPy's wheel as the lock knows it."""
    numpy = lock["packages"]["numpy"]
    wheel = described(numpy["file_name"], "numpy.bin", read(numpy["file_name"]))
    if wheel.sha256 != numpy["sha256"]:
        raise ValueError(f"{wheel.name}: the lock says {numpy['sha256']}, got {wheel.sha256}")
    return [*(described(name, name, read(name)) for name in RUNTIME), wheel]


def table(version, read, index=None):
    """Text of pyodide.toml; `read` gives the content of a file of the distribution."""
    lock = json.loads(read("pyodide-lock.json"))
    if lock["info"]["version"] != version:
        raise ValueError(f"the lock is that of {lock['info']['version']}, expected {version}")
    numpy = lock["packages"]["numpy"]["version"]
    lines = ["# Written by tools/raise_pyodide.py. Hashes are SHA-256, sizes are in bytes."]
    lines += said({"numpy": numpy, "cdn": CDN.format(version=version)})
    if index:
        lines += ["", "[index]", *said(asdict(index))]
    lines += ["", "[info] # that of pyodide-lock.json", *said(lock["info"])]
    for part in parts(read, lock):
        lines += ["", "[[parts]]", *said(asdict(part))]
    return "\n".join(lines) + "\n"


def part_of_lock(lock, read):
    """Text of a lock of the packages that notebooks need, each with its size in bytes."""
    found, waiting = {}, [*IN_NOTEBOOKS]
    while waiting:
        name = waiting.pop().replace("_", "-")
        if name in found:
            continue
        package = lock["packages"][name]
        wheel = described(package["file_name"], "", read(package["file_name"]))
        if wheel.sha256 != package["sha256"]:
            raise ValueError(f"{wheel.name}: the lock says {package['sha256']}, got {wheel.sha256}")
        found[name] = package | {"size": wheel.size}
        waiting += package["depends"]
    return json.dumps({**lock, "packages": found}, indent=1, sort_keys=True) + "\n"


def said(values):
    return [f"{key} = {json.dumps(value)}" for key, value in values.items()]


def fetched(address):
    with urlopen(address, timeout=30) as answer:
        return answer.read()


def main(arguments=None, path=TABLE, lock=LOCK):
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("version")
    asked.add_argument("--folder", type=Path, help="has the files of Pyodide's distribution")
    asked.add_argument("--index", help="NAME==VERSION of a package that has them, too")
    asked.add_argument("--inside", default="", help="their folder in its wheel")
    given = asked.parse_args(arguments)
    address = CDN.format(version=given.version)

    def read(name):
        return (given.folder / name).read_bytes() if given.folder else fetched(address + name)

    index = Index(given.index, given.inside) if given.index else None
    text = table(given.version, read, index)
    packages = part_of_lock(json.loads(read("pyodide-lock.json")), read)
    path.write_text(text, encoding="utf-8")
    lock.write_text(packages, encoding="utf-8")
    print(f"{path.name} and {lock.name} are those of Pyodide {given.version}.")
    if not index:
        print("No --index was named: a reader who cannot reach the CDN has no Python on the page.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
