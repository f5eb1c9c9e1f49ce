"""Hypothesis: no deadlines on shared machines; the same examples every time in CI.

And what is compared with PyTorch as it is now, only where it is installed. It is no dependency:
elsewhere the stored numbers stand for it, in tests that are never left out.

The project of chapter 8 is short here: one run, on few digits, and a mark to fit.
"""

import os
from dataclasses import replace
from importlib.util import find_spec

import pytest
from hypothesis import settings

collect_ignore_glob = [] if find_spec("torch") else ["*_in_torch.py"]

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(autouse=True, scope="session")
def whole_contest():
    """The terms that readers have; tests that want them put them back for a while."""
    from downslope.check import small_reader

    whole = small_reader.terms
    small_reader.terms = replace(whole, n_runs=1, n_learned=240, mark=0.88)
    yield whole
    small_reader.terms = whole
