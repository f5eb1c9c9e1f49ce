"""Binder builds this repository, with a Python that the book runs on."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def recipe():
    """What repo2docker would build, as it prints it."""
    command = [Path(sys.executable).with_name("jupyter-repo2docker"), "--no-build", "--debug", "."]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr[-2000:]
    return answer.stdout + answer.stderr


def test_binder_picks_a_python_that_the_book_runs_on(recipe):
    major, minor = re.search(r"conda environment for python=(\d+)\.(\d+)", recipe).groups()
    assert (int(major), int(minor)) >= (3, 11)


def test_binder_installs_the_pinned_requirements_when_the_whole_repository_is_there(recipe):
    steps = recipe.splitlines()
    copied = [i for i, line in enumerate(steps) if re.match(r"COPY .*src/ \$\{REPO_DIR\}", line)]
    installed = [i for i, line in enumerate(steps) if re.search(r"pip install.*requirements", line)]
    assert len(installed) == 1
    assert copied, "the repository is never copied"
    assert copied[0] < installed[0], "requirements.txt names files that are not there yet"
