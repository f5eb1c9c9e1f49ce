"""Build the paper edition: what `make pdf` and `make epub` both begin with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = {"book/progress"}  # a script counts it
AT_THE_BACK = ["book/solutions", "book/quiz_answers"]


def contents(toc):
    """The table of contents on paper: without what only a browser can do, and with the answers.

    Examples
    --------
    >>> toc = {"parts": [{"chapters": [{"file": "a"}]}, {"chapters": [{"file": "book/progress"}]}]}
    >>> [[entry["file"] for entry in part["chapters"]] for part in contents(toc)["parts"]]
    [['a'], ['book/solutions', 'book/quiz_answers']]
    """
    parts = [
        part | {"chapters": [page for page in part["chapters"] if page["file"] not in LEFT_OUT]}
        for part in toc["parts"]
    ]
    answers = [{"file": page} for page in AT_THE_BACK]
    parts[-1]["chapters"] = answers + parts[-1]["chapters"]
    return toc | {"parts": parts}


def build(builder, folder):
    """Run the chapters and let Sphinx write the edition; returns where it is.

    Raises
    ------
    subprocess.CalledProcessError
        If the build fails, or warns.
    """
    folder.mkdir(parents=True, exist_ok=True)
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    (folder / "_toc.yml").write_text(
        yaml.safe_dump(contents(toc), sort_keys=False), encoding="utf-8"
    )
    arguments = ["--toc", folder / "_toc.yml", "--path-output", folder]
    arguments += ["--builder", "custom", "--custom-builder", builder, "-W", "-n", "--keep-going"]
    command = [Path(sys.executable).with_name("jupyter-book"), "build", *arguments, "."]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder / "_build" / builder


def or_stop(make, *given):
    """What `make` returns; where it cannot, the command ends and says why."""
    try:
        return make(*given)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)  # what failed has said why
    except OSError as error:
        sys.exit(f"The book could not be written. {error}")
    except KeyboardInterrupt:
        sys.exit("Interrupted. A book that was made before is still as it was.")


if __name__ == "__main__":
    or_stop(build, sys.argv[1], ROOT / "_build" / sys.argv[1])
