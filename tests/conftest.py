"""Hypothesis: no deadlines on shared machines; the same examples every time in CI.

And what is compared with PyTorch as it is now, only where it is installed. It is no dependency:
elsewhere the stored numbers stand for it, in tests that are never left out.
"""

import os
from importlib.util import find_spec

from hypothesis import settings

IN_TORCH = ["test_layers_in_torch.py", "test_optimizers_in_torch.py"]
collect_ignore = [] if find_spec("torch") else IN_TORCH

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
