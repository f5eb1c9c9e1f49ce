"""Hypothesis: no deadlines on shared machines; the same examples every time in CI.

And what is compared with PyTorch as it is now, only where it is installed. It is no dependency:
elsewhere the stored walks stand for it, in a test that is never left out.
"""

import os
from importlib.util import find_spec

from hypothesis import settings

collect_ignore = [] if find_spec("torch") else ["test_optimizers_in_torch.py"]

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
