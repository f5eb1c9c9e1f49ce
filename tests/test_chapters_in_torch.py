"""What chapter 8 writes in PyTorch, run there; only where it is installed: see conftest.py."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from downslope.networks import DeepNet

CHAPTER = Path(__file__).resolve().parents[1] / "chapters/08_going_deep.ipynb"
CELLS = {cell.id: cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells}


def run(**changes):
    """Run the cells on eight samples; return what the page compares, PyTorch's network and ours."""
    rng = np.random.default_rng(1)
    names = {"np": np, "DeepNet": DeepNet, "x": rng.random((8, 64)), "labels": np.arange(8)}
    for name in ("torch", "torch-step", "torch-compared"):
        source = CELLS[name]
        for before, after in changes.get(name.replace("-", "_"), []):
            assert before in source
            source = source.replace(before, after)
        exec(source, names)
    return names


def test_the_network_of_chapter_8_has_the_gradients_of_pytorch_and_takes_its_step(capsys):
    names = run()
    assert "the same loss, gradients and step" in capsys.readouterr().out
    theirs = [parameter.grad.numpy().T for parameter in names["model"].parameters()]
    ours = names["network"].gradients(names["x"], names["labels"])
    assert len(theirs) == len(ours) == 40
    for one, other in zip(theirs, ours.values(), strict=True):
        assert np.abs(other).max() > 1e-6
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "changes",
    [
        {"torch": [("0.1 * relu", "0.2 * relu")]},
        {"torch": [("x + 0.1", "0.1")]},
        {"torch_step": [("lr=0.1", "lr=0.2")]},
        {"torch_compared": [("parameters[name].T", "(1.01 * parameters[name]).T")]},
    ],
)
def test_another_network_or_step_is_told_apart(changes):
    with pytest.raises(AssertionError):
        run(**changes)
