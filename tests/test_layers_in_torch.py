"""The same batches, normalised by PyTorch now. Collected where it is installed: see conftest.py."""

import numpy as np
import pytest

from torch_layers import SHAPES, STORED, our_pass, their_pass


@pytest.mark.parametrize("kind", SHAPES)
def test_pytorch_normalises_as_we_do(kind):
    ours, theirs = our_pass(SHAPES[kind]), their_pass(SHAPES[kind])
    for name, array in theirs.items():
        np.testing.assert_allclose(ours[name], array, rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("kind", SHAPES)
def test_the_stored_numbers_are_what_pytorch_gives(kind):
    theirs = their_pass(SHAPES[kind])
    assert theirs.keys() == STORED[kind].keys()
    for name, array in theirs.items():
        np.testing.assert_allclose(STORED[kind][name], array, rtol=1e-12, atol=1e-12, err_msg=name)
