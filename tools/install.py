"""Make a venv and install one requirements file in it, unless that has been done already.

    python3 tools/install.py requirements.txt
    python3 tools/install.py tests/requirements.txt
    python3 tools/install.py tests/floors.txt .venv-floors      into another folder than .venv
    python3 tools/install.py tools/lite/requirements.txt .venv-lite
    python3 tools/install.py tools/classroom/requirements.txt .venv-classroom

A second call compares a digest of the files that decide what is installed, and stops there.
Only the standard library is used: nothing is installed yet.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DECIDE = (
    "requirements.txt",
    "tests/requirements.txt",
    "tests/floors.txt",
    "tools/classroom/requirements.txt",
    "tools/lite/requirements.txt",
    "tools/paper/requirements.txt",
    "constraints.txt",
    "pyproject.toml",
)


def digest(root):
    """Hex digest of what decides what is installed, and where: files, folder and Python."""
    content = b"".join((root / name).read_bytes() for name in DECIDE)
    where = f"{root} {sys.version_info[:2]}"
    return hashlib.sha256(where.encode() + content).hexdigest()


def python_of(venv):
    """The interpreter inside `venv`, whether it exists or not."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def starts(python):
    """Whether `python` can be run at all."""
    try:
        return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def made_of(venv):
    """What a venv is made for: its folder, and the version of Python that makes it."""
    return f"{venv} Python {sys.version_info[0]}.{sys.version_info[1]}"


def make_venv(venv):
    """Make `venv` with the running Python; one that does not start, was moved here,
    or has another version of it, anew."""
    home = venv / "made-at.txt"
    if home.exists() and home.read_text() == made_of(venv) and starts(python_of(venv)):
        return
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Making {venv.name} with Python {version} ({sys.executable})", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    home.write_text(made_of(venv))


def install(python, requirements, root):
    """Run pip, showing a dot for every ten packages; its whole answer only when it fails.

    Where Python may keep what it compiles, pip compiles nothing: of 7,000 modules, two thirds are
    never imported.
    """
    print(f"Installing {requirements} (a minute or two the first time) ", end="", flush=True)
    started, lines, packages = time.monotonic(), [], 0
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "-r", requirements]
    command += ["--no-compile"] * (not sys.dont_write_bytecode)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=root, **pipes) as pip:
        for line in pip.stdout:
            lines.append(line)
            if line.startswith(("Collecting", "Requirement already")):
                packages += 1
                if packages % 10 == 0:
                    print(".", end="", flush=True)
    if pip.returncode != 0:
        print(" FAILED\n" + "".join(lines[-40:]))
        return False
    print(f" done in {time.monotonic() - started:.0f} s", flush=True)
    return True


def main(arguments, root=ROOT):
    """Command line; returns the exit code."""
    if len(arguments) not in (1, 2) or not (root / arguments[0]).is_file():
        print(f"Say which requirements file, and which venv, got {arguments}", file=sys.stderr)
        return 2
    requirements = arguments[0]
    venv = root / (arguments[1] if len(arguments) == 2 else ".venv")
    stamp = venv / f"installed-{requirements.replace('/', '-')}"
    known = stamp.exists() and stamp.read_text() == digest(root)
    if known and starts(python_of(venv)):
        return 0
    make_venv(venv)
    if not install(python_of(venv), requirements, root):
        return 1
    stamp.write_text(digest(root))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
