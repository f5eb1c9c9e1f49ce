"""Chapter 6b's exercises ask for what is right: differences, the optimizer and the mean agree."""

import numpy as np
import pytest

from downslope import check
from downslope.differentiation import numerical_gradient
from downslope.optimizers import SGD


@pytest.mark.parametrize("epsilon", [1e-5, 0.5])
def test_the_gradient_asked_for_of_batch_normalization_is_what_differences_find(epsilon):
    rng = np.random.default_rng(0)
    x, upstream = rng.normal(2, 3, (20, 4)), rng.normal(size=(20, 4))
    gamma, beta = rng.normal(size=(2, 4))

    def end(x):
        return np.sum(upstream * check.batch_normalization.solution(x, gamma, beta, epsilon))

    std = np.sqrt(x.var(axis=0) + epsilon)
    x_hat = (x - x.mean(axis=0)) / std
    asked = check.batch_normalization_backward.solution(upstream, x_hat, std, gamma)
    found = numerical_gradient(end, x)
    np.testing.assert_allclose(asked, found, atol=1e-8)
    constant = check.batch_normalization_backward.wrong_answers[0].function
    assert np.abs(constant(upstream, x_hat, std, gamma) - found).max() > 0.1 * np.abs(found).max()


def test_the_decayed_step_asked_for_is_that_of_the_optimizer():
    rng = np.random.default_rng(0)
    W, dW, b, db = (rng.normal(size=size) for size in ((3, 2), (3, 2), 2, 2))
    asked = check.decayed_step.solution(W, b, dW, db, 0.5, 0.1)
    made = SGD(0.5, weight_decay=0.1).step({"W": W, "b": b}, {"W": dW, "b": db})
    np.testing.assert_allclose(asked[0], made["W"], rtol=1e-14)
    np.testing.assert_allclose(asked[1], made["b"], rtol=1e-14)


def test_dropout_as_asked_for_keeps_the_mean():
    x = np.full((400, 500), 3.0)
    y = check.dropout_forward.solution(x, 0.2, np.random.default_rng(0))
    assert y.mean() == pytest.approx(3, rel=0.01)
    assert np.mean(y == 0) == pytest.approx(0.2, rel=0.02)
