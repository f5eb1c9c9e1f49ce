"""Chapter 2's explorers: what the chapter tells its readers to find is there to find."""

import re

import numpy as np
import pytest

from downslope.datasets import load_digits
from downslope.differentiation import numerical_gradient
from downslope.explorers import batch_scatter, confident_and_wrong, half_square, three_logits
from downslope.explorers.losses import (
    ALL_WRONG,
    BATCH_SIZES,
    ONE_WRONG,
    PROBABILITIES,
    WITH,
    WITHOUT,
    _losses_of_templates,
    _means_of_batches,
)
from downslope.losses import softmax, softmax_cross_entropy, sum_squared_error

LOGITS = range(-6, 7, 2)


@pytest.fixture(scope="module")
def probability():
    return confident_and_wrong()


@pytest.fixture(scope="module")
def logits():
    return three_logits()


@pytest.fixture(scope="module")
def batches():
    return batch_scatter()


def numbers(explorer, **state):
    """The numbers in the readout at a state, in their order."""
    for name, value in state.items():
        explorer.controls[name].value = value
    return [
        float(text.replace(",", ""))
        for text in re.findall(r"(?<!z₀)-?\d[\d,]*\.?\d*", explorer.readout)
    ]


def test_at_every_output_the_slope_of_half_the_square_is_the_error():
    explorer = half_square()
    for y in explorer._stage.controls["y"].values:
        error, slope, loss = numbers(explorer, y=y)
        assert error == slope == pytest.approx(y - 1)
        assert loss == pytest.approx(error**2 / 2, abs=5e-4)


def test_at_half_the_slopes_are_one_and_two(probability):
    assert numbers(probability, p=0.5, rest=ONE_WRONG) == [0.5, 0.25, -1, 0.693, -2]


def test_a_certain_error_costs_squares_one_and_cross_entropy_seven_nats(probability):
    assert numbers(probability, p=0.001, rest=ONE_WRONG) == [0.001, 0.998, -2.0, 6.908, -1000]


def test_squares_never_exceed_one_and_their_slope_never_two(probability):
    for p in PROBABILITIES:
        _, loss, slope, surprise, steepness = numbers(probability, p=p, rest=ONE_WRONG)
        assert loss == pytest.approx((1 - p) ** 2, abs=6e-4)
        assert slope == pytest.approx(-2 * (1 - p), abs=6e-3)
        assert surprise == pytest.approx(-np.log(p), abs=6e-4)
        assert steepness == pytest.approx(-1 / p, rel=1e-3)


def test_only_squares_ask_where_the_rest_went(probability):
    one = numbers(probability, p=0.2, rest=ONE_WRONG)
    nine = numbers(probability, p=0.2, rest=ALL_WRONG)
    assert one[3:] == nine[3:]
    assert (one[1], nine[1]) == (0.64, 0.356)


def test_a_perfect_guess_costs_nothing_and_still_has_a_slope_in_cross_entropy(probability):
    assert numbers(probability, p=1.0, rest=ONE_WRONG) == [1, 0, 0, 0, -1]


@pytest.mark.parametrize("z", LOGITS)
def test_equal_logits_cost_log_three_wherever_they_stand(logits, z):
    assert numbers(logits, z0=z, z1=z, z2=z)[3] == 1.099


def test_adding_two_to_every_logit_changes_nothing(logits):
    assert numbers(logits, z0=0, z1=2, z2=-2) == numbers(logits, z0=2, z1=4, z2=0)


def test_where_cross_entropy_is_steepest_squares_are_flat(logits):
    *_, surprise, slope, squared, flat = numbers(logits, z0=-6, z1=6, z2=-6)
    assert (surprise, slope, squared, flat) == (12.0, -1.0, 1.0, 0.0)


def test_the_most_expensive_state_is_six_and_six_against_minus_six(logits):
    worst = max((numbers(logits, z0=z0, z1=6, z2=z2)[3], z0, z2) for z0 in LOGITS for z2 in LOGITS)
    assert worst == (12.693, -6, 6)


def test_the_slopes_are_those_that_differences_find(logits):
    target = [1, 0, 0]
    for z in ([0, 2, -2], [2, -2, 0], [-4, 6, 2], [-2, 0, 0]):
        *_, slope, _, by_logit = numbers(logits, z0=z[0], z1=z[1], z2=z[2])
        by_surprise = numerical_gradient(lambda z: softmax_cross_entropy(z, target), z)
        by_squares = numerical_gradient(lambda z: sum_squared_error(softmax(z), target), z)
        assert slope == pytest.approx(by_surprise[0], abs=6e-5)
        assert by_logit == pytest.approx(by_squares[0], abs=6e-5)


def scatter_of(explorer, size, drawn):
    """Found scatter, predicted scatter, mean of the batches, mean of all images."""
    n_batches, n, *rest, n_all, whole = numbers(explorer, batch_size=size, drawn=drawn)
    assert (n_batches, n, n_all) == (2000, size, 1797)
    return *rest, whole


@pytest.mark.parametrize("drawn", [WITHOUT, WITH])
@pytest.mark.parametrize("size", BATCH_SIZES)
def test_the_scatter_is_the_predicted_one(batches, size, drawn):
    found, predicted, mean, whole = scatter_of(batches, size, drawn)
    assert found == pytest.approx(predicted, rel=0.06, abs=1e-9)
    assert mean == pytest.approx(whole, abs=0.02)


def test_a_hundred_times_the_batch_has_a_tenth_of_the_scatter(batches):
    assert scatter_of(batches, 10, WITH)[1] == 0.1310
    assert scatter_of(batches, 1000, WITH)[1] == 0.0131
    assert scatter_of(batches, 1000, WITHOUT)[1] < 0.7 * 0.0131


def test_all_of_the_data_do_not_scatter_unless_images_are_drawn_twice(batches):
    assert scatter_of(batches, 1797, WITHOUT)[:2] == (0.0, 0.0)
    assert scatter_of(batches, 1797, WITH)[:2] == (0.0101, 0.0098)


def test_single_images_are_lopsided_and_batches_of_fifty_are_not():
    losses = _losses_of_templates()
    of_fifty = _means_of_batches(losses, WITHOUT)[:, BATCH_SIZES.index(50)]
    assert skewness(losses) > 1
    assert abs(skewness(of_fifty)) < 0.4


def skewness(values):
    return np.mean(((values - values.mean()) / values.std()) ** 3)


def test_the_mean_over_all_images_is_the_loss_of_the_data(batches):
    _, pixels, labels = load_digits()
    templates = np.array([pixels[labels == k].mean(axis=0) for k in range(10)])
    z = -((pixels[:, np.newaxis] - templates) ** 2).sum(axis=-1) / 2
    whole = scatter_of(batches, 10, WITHOUT)[-1]
    assert whole == pytest.approx(softmax_cross_entropy(z, labels), abs=5e-4)
