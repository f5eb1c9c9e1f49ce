"""The explorers of chapter 1: what the chapter tells its readers to find is there to find."""

import re
from fractions import Fraction

import numpy as np
import pytest

from downslope.datasets import load_digits, train_test_split
from downslope.explorers import (
    accuracy_and_loss,
    digit_gallery,
    perceptron_rule,
    polynomial_errors,
    polynomial_fit,
    two_boxes,
    when_to_stop,
)
from downslope.losses import softmax_cross_entropy_gradient


@pytest.fixture(scope="module")
def parts():
    """Training and validation part of the digits, split as in the chapter."""
    digits, rng = load_digits(), np.random.default_rng(0)
    x_rest, _, t_rest, _ = train_test_split(digits.pixels, digits.labels, 0.2, rng)
    x_train, x_valid, t_train, t_valid = train_test_split(x_rest, t_rest, 0.25, rng)
    return x_train, t_train, x_valid, t_valid


@pytest.fixture(scope="module")
def training_data(parts):
    return parts[:2]


def set_all(explorer, **state):
    for name, value in state.items():
        explorer.controls[name].value = value
    return explorer.readout


def numbers(readout):
    return [float(number) for number in re.findall(r"[-+]?\d+(?:\.\d+)?(?:e-?\d+)?", readout)]


# Overfitting


@pytest.fixture(scope="module")
def fit():
    return polynomial_fit()


def errors(fit, **state):
    """Training and test error that the readout names."""
    return numbers(set_all(fit, **state))[1:]


def test_the_training_error_only_falls_and_the_test_error_has_the_shape_of_a_u(fit):
    said = [errors(fit, noise=2, n_readings=13, degree=degree) for degree in range(13)]
    training, test = np.array(said).T
    assert (np.diff(training) <= 0).all()
    assert training.argmin() == 12
    assert training[12] == 0
    assert test.argmin() == 3
    assert (np.diff(test[:4]) < 0).all()
    assert test[12] > 4 * test[3]


def test_without_noise_the_high_degree_does_no_harm(fit):
    assert errors(fit, noise=0, n_readings=13, degree=12) == [0, 0]


def test_with_many_readings_both_errors_come_close_to_the_noise(fit):
    by_number = [errors(fit, noise=2, degree=12, n_readings=n) for n in (13, 25, 49, 97)]
    gaps = [test - training for training, test in by_number]
    assert gaps == sorted(gaps, reverse=True)
    assert by_number[-1] == pytest.approx([2, 2], abs=0.1)


def test_the_curves_are_those_of_the_readout(fit):
    training, test = polynomial_errors(3, 25)
    assert errors(fit, noise=3, n_readings=25, degree=7) == [
        round(training[7], 2),
        round(test[7], 2),
    ]


def test_the_fit_opens_with_a_constant_and_its_curves_end_at_the_chosen_degree():
    fresh = polynomial_fit()
    assert fresh.controls["degree"].value == 0
    marks = {}
    for degree in (0, 3, 9):
        set_all(fresh, degree=degree)
        marks[degree] = fresh._view._pictures["curve", fresh._layers[3]].value.count("<use")
    assert marks == {0: 2, 3: 8, 9: 20}


def test_the_u_is_no_freak_of_one_day():
    """Over many days the median test error has its minimum in the middle, too."""
    from downslope.polynomial import errors_by_degree, thermometer

    hours = np.linspace(0, 24, 13)
    by_day = []
    for day in range(30):
        rng = np.random.default_rng(day)
        new = rng.uniform(0, 24, 200)
        points = hours, thermometer(hours, 2, rng)
        by_day.append(errors_by_degree(points, (new, thermometer(new, 2, rng)), 12)[1])
    median = np.median(by_day, axis=0)
    assert 2 < median.argmin() < 9
    assert median[12] > 2 * median.min()
    assert median[0] > 2 * median.min()


# When to stop


@pytest.fixture(scope="module")
def stopping(parts):
    x_train, t_train, x_valid, t_valid = parts
    return when_to_stop(x_train[:200], t_train[:200], x_valid, t_valid)


def losses_on_the_way(stopping, n_wrong):
    """Steps, training loss, validation loss and validation accuracy that the readouts name."""
    shown = stopping._stage.controls["step"].values
    return np.array([numbers(set_all(stopping, n_wrong=n_wrong, step=step)) for step in shown]).T


@pytest.mark.parametrize(("n_wrong", "least"), [(40, 400), (20, 800)])
def test_with_wrong_labels_the_validation_loss_turns_while_the_training_loss_falls(
    stopping, n_wrong, least
):
    steps, training, validation, share = losses_on_the_way(stopping, n_wrong)
    turn = validation.argmin()
    assert steps[turn] == least
    assert (np.diff(training) < 0).all()
    assert (np.diff(validation[turn:]) > 0).all()
    assert share[-1] < share[turn] - 0.02


def test_without_wrong_labels_the_validation_loss_does_not_turn(stopping):
    *_, validation, _ = losses_on_the_way(stopping, 0)
    assert (np.diff(validation) < 0).all()


def test_the_curves_of_two_losses_end_at_the_chosen_step(stopping):
    set_all(stopping, n_wrong=40, step=1)
    few = stopping._view._pictures["ax", stopping._layers[1]].value.count("<use")
    set_all(stopping, step=3200)
    many = stopping._view._pictures["ax", stopping._layers[1]].value.count("<use")
    assert (few, many) == (2, 24)


def test_samples_that_do_not_fit_together_are_refused():
    x, labels = np.eye(10), np.arange(10)
    with pytest.raises(ValueError, match=r"x_train must have shape \(10, 9\), got \(10, 10\)"):
        when_to_stop(x, labels, x[:, :9], labels)
    with pytest.raises(ValueError, match="t_valid must be from 0 to 9, got 10"):
        when_to_stop(x, labels, x, labels + 1)


# Two features


@pytest.fixture(scope="module")
def boxes(training_data):
    x_train, t_train = training_data
    images = x_train.reshape(-1, 8, 8)
    left, foot = images[:, 3:5, 1:3], images[:, 6:8, 5:8]
    features = np.column_stack([left.mean(axis=(1, 2)), foot.mean(axis=(1, 2))])
    return two_boxes(features, t_train, names=("left", "foot"))


def regions(boxes, step):
    """Digits whose names stand in large type on the picture of that step."""
    set_all(boxes, step=step)
    picture = boxes._view._pictures["ax", boxes._layers[1]].value
    return set(re.findall(r">(\d)</text>", picture))


def test_all_ten_digits_have_a_region_only_after_500_steps_and_the_8_comes_last(boxes):
    assert regions(boxes, 200) == set("012345679")
    assert regions(boxes, 500) == set("0123456789")


def test_the_loss_falls_all_the_way_while_the_accuracy_once_falls(boxes):
    shown = [step for step in boxes._stage.controls["step"].values if step > 0]
    said = [numbers(set_all(boxes, step=step))[1:] for step in shown]
    losses, shares = np.array(said).T
    assert (np.diff(losses) <= 0).all()
    assert shares[-1] < shares[-2]


# Accuracy's stairs and the loss's slope


@pytest.fixture(scope="module")
def stairs(training_data):
    x_train, t_train = training_data
    W = np.zeros((64, 10))
    for _ in range(50):
        W -= 0.5 * x_train.T @ softmax_cross_entropy_gradient(x_train @ W, t_train)
    return accuracy_and_loss(x_train[:60], t_train[:60], W, pixel=21, digit=9)


def test_a_nudge_changes_the_loss_and_hardly_ever_the_accuracy(stairs):
    grid = stairs._stage.controls["w"].values
    said = np.array([numbers(set_all(stairs, w=w)) for w in grid])
    by_loss, by_accuracy = said[:, 4], said[:, 5]
    assert (by_loss != 0).mean() > 0.9
    assert (by_accuracy == 0).mean() > 0.9


def test_where_it_opens_the_loss_shows_the_way_and_the_accuracy_does_not(stairs):
    moved, loss, share, nudge, by_loss, by_accuracy = numbers(set_all(stairs, w=-2.0))
    assert (moved, nudge) == (-2, 0.001)
    assert by_loss < 0
    assert by_accuracy == 0
    better = numbers(set_all(stairs, w=1.0))
    assert better[1] < loss
    assert better[2] > share


def test_weights_are_left_as_they_were():
    W = np.zeros((2, 3))
    explorer = accuracy_and_loss(np.eye(2), [0, 2], W, pixel=1, digit=2)
    set_all(explorer, w=3.0)
    assert not W.any()


def test_a_weight_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"W must have shape .* with a weight \(2, 0\)"):
        accuracy_and_loss(np.eye(2), [0, 1], np.zeros((2, 2)), pixel=2, digit=0)


# The perceptron


@pytest.fixture(scope="module")
def rule():
    return perceptron_rule()


@pytest.mark.parametrize(("gate", "last"), [("AND", 18), ("OR", 9), ("NAND", 18)])
def test_on_separable_gates_it_finds_a_line_and_stays_there(rule, gate, last):
    assert "Wrong now" in set_all(rule, gate=gate, look=last - 1)
    for look in range(last, 25):
        assert set_all(rule, look=look).endswith("Nothing is wrong any more.")


def wrong_after(n_looks, eta):
    """How many corners of NAND the rule has wrong after so many looks."""
    inputs, targets = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), [1, 1, 1, 0]
    w, b = np.array([0, 0]), 0
    for look in range(n_looks):
        x, t = inputs[look % 4], targets[look % 4]
        change = eta * (t - int(w @ x + b > 0))
        w, b = w + change * x, b + change
    return int(((inputs @ w + b > 0) != targets).sum())


def test_the_learning_rate_changes_no_answer_in_exact_arithmetic_and_may_in_floats():
    assert wrong_after(12, 1) == wrong_after(12, 0.5) == wrong_after(12, Fraction(1, 10)) == 1
    assert wrong_after(18, 1) == wrong_after(18, 0.5) == wrong_after(18, Fraction(1, 10)) == 0
    assert wrong_after(12, 0.1) == 0


def weights(rule, look):
    readout = set_all(rule, look=look)
    return re.search(r"w = .*?, b = -?\d+", readout).group()


def test_on_xor_it_goes_round_in_circles_and_is_never_right(rule):
    set_all(rule, gate="XOR")
    states = [weights(rule, look) for look in range(25)]
    assert states[8:24] == states[12:24] + states[8:12]
    assert len(set(states[8:12])) > 1
    for look in range(25):
        assert "Wrong now" in set_all(rule, look=look)


# Pictures


def test_every_picture_has_its_caption():
    html = digit_gallery(np.random.default_rng(0).random((7, 8, 8)), list("abcdefg")).page_html()
    assert all(f">{caption}</text>" in html for caption in "abcdefg")


@pytest.mark.parametrize(
    ("images", "captions", "message"),
    [
        (np.zeros((8, 8)), ["a"], r"images must have shape \(n, height, width\)"),
        (np.zeros((2, 8, 8)), ["a"], "captions must have length 2, got 1"),
        (np.full((1, 8, 8), np.nan), ["a"], "images must be finite"),
    ],
)
def test_pictures_without_shape_or_caption_are_refused(images, captions, message):
    with pytest.raises(ValueError, match=message):
        digit_gallery(images, captions)


def test_features_of_another_shape_or_strange_labels_are_refused():
    with pytest.raises(ValueError, match=r"features must have shape \(2, 2\), got \(2, 3\)"):
        two_boxes(np.zeros((2, 3)), [0, 1], ("a", "b"))
    with pytest.raises(ValueError, match="labels must be from 0 to 9, got 10"):
        two_boxes(np.zeros((2, 2)), [0, 10], ("a", "b"))
