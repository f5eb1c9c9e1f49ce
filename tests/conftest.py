"""Hypothesis: no deadlines on shared machines; the same examples every time in CI.

And what is compared with PyTorch as it is now, only where it is installed. It is no dependency:
elsewhere the stored numbers stand for it, in tests that are never left out.
"""

import os
from importlib.util import find_spec

from hypothesis import settings

collect_ignore_glob = [] if find_spec("torch") else ["*_in_torch.py"]

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
