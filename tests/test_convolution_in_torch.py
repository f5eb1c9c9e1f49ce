"""The same images, seen by PyTorch now. Collected only where it is installed: see conftest.py."""

import numpy as np
import pytest

from torch_convolution import STORED, our_pass, their_pass


@pytest.mark.parametrize("name", STORED)
def test_pytorch_has_the_numbers_that_we_have_and_those_that_are_stored(name):
    ours, theirs = our_pass(name), their_pass(name)
    assert ours.keys() == theirs.keys() == STORED[name].keys()
    for key, array in theirs.items():
        np.testing.assert_array_equal(ours[key], array, err_msg=key)
        np.testing.assert_array_equal(STORED[name][key], array, err_msg=key)
