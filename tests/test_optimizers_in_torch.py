"""The same walks, taken by PyTorch now. Collected only where it is installed: see conftest.py."""

import numpy as np
import pytest

from torch_walks import KEPT, SAME, STORED, our_walk, their_walk


@pytest.mark.parametrize("name", SAME)
def test_pytorch_walks_as_our_optimizer_does(name):
    ours, kind, settings = SAME[name]
    theirs = their_walk(kind, ours.learning_rate, settings)
    np.testing.assert_allclose(our_walk(ours), theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", SAME)
def test_the_stored_walk_is_what_pytorch_does(name):
    ours, kind, settings = SAME[name]
    theirs = their_walk(kind, ours.learning_rate, settings)
    kept = [theirs[step - 1] for step in KEPT]
    np.testing.assert_allclose(kept, STORED[name], rtol=1e-12, atol=1e-12)
