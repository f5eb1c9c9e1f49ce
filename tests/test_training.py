"""Training: it learns, repeats itself, stops cleanly, and tells what happened."""

import sys

import numpy as np
import pytest

from downslope.datasets import load_digits, train_test_split
from downslope.layers import (
    Affine,
    BatchNormalization,
    Dropout,
    MeanSquaredError,
    Sigmoid,
    SoftmaxCrossEntropy,
)
from downslope.networks import Network, TwoLayerNet
from downslope.optimizers import SGD, Adam, Momentum, Optimizer
from downslope.training import train


def halves(n=120, seed=0):
    """Points of the plane, told apart by the sign of their first coordinate."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    return train_test_split(x, (x[:, 0] > 0).astype(int), 1 / 3, rng)


def network(seed=0, **how):
    return TwoLayerNet(2, 5, 2, rng=np.random.default_rng(seed), **{"weight_scale": 0.5, **how})


def run(net=None, data=None, **how):
    sound = {"optimizer": 0.5, "batch_size": 10, "n_epochs": 10, "progress": False}
    sound["rng"] = np.random.default_rng(1)
    net, data = network() if net is None else net, halves() if data is None else data
    return train(net, data, **{**sound, **how})


def test_it_learns():
    history = run(n_epochs=30)
    assert history.losses[-10:].mean() < 0.2 * history.losses[:3].mean()
    assert history.test_accuracies[-1] > 0.9


def test_it_learns_the_digits_to_95_percent():
    digits = load_digits()
    data = train_test_split(digits.pixels, digits.labels, 0.2, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    net = TwoLayerNet(64, 50, 10, rng=rng, weight_scale=0.1)
    history = train(net, data, 0.5, 50, 20, rng, progress=False)
    assert history.test_accuracies[-1] >= 0.95


def test_the_history_has_a_loss_a_step_and_accuracies_once_an_epoch():
    history = run(n_epochs=3, batch_size=30)
    assert history.losses.shape == (9,)
    assert history.steps.tolist() == [0, 3, 6, 9]
    assert history.train_accuracies.shape == history.test_accuracies.shape == (4,)
    assert not history.interrupted
    assert history.diverged_at is None


def test_a_last_shorter_batch_counts_as_a_step():
    assert run(n_epochs=2, batch_size=50).steps.tolist() == [0, 2, 4]


def test_the_first_loss_and_accuracies_are_those_of_the_untrained_network():
    data = halves()
    history = run(data=data, batch_size=80, n_epochs=1)
    x_train, x_test, labels_train, labels_test = data
    assert history.losses[0] == pytest.approx(network().loss(x_train, labels_train))
    assert history.test_accuracies[0] == network().accuracy(x_test, labels_test)


def test_the_last_accuracies_are_those_of_the_trained_network():
    net, data = network(), halves()
    history = run(net, data, n_steps=11)
    x_train, x_test, labels_train, labels_test = data
    assert history.train_accuracies[-1] == net.accuracy(x_train, labels_train)
    assert history.test_accuracies[-1] == net.accuracy(x_test, labels_test)


def test_n_steps_ends_a_run_in_the_middle_of_an_epoch():
    history = run(n_epochs=10, n_steps=11)
    assert len(history.losses) == 11
    assert history.steps.tolist() == [0, 8, 11]
    assert len(run(n_epochs=1, n_steps=1000).losses) == 8


def test_a_step_is_the_learning_rate_times_the_gradient():
    net, other, data = network(), network(), halves()
    run(net, data, batch_size=80, n_epochs=1, optimizer=0.3)
    gradients = other.gradients(data[0], data[2])
    for name, array in other.parameters.items():
        expected = array - 0.3 * gradients[name]
        np.testing.assert_allclose(net.parameters[name], expected, rtol=1e-12, atol=1e-14)


def test_the_same_generator_gives_the_same_run_and_another_gives_another():
    first, second = (run(rng=np.random.default_rng(5)) for _ in range(2))
    other = run(rng=np.random.default_rng(6))
    np.testing.assert_array_equal(first.losses, second.losses)
    np.testing.assert_array_equal(first.test_accuracies, second.test_accuracies)
    assert (first.losses != other.losses).any()


def test_the_data_are_not_written_to():
    data = halves()
    for array in data:
        array.flags.writeable = False
    run(data=data)


def test_a_float32_network_stays_in_float32_whatever_the_data_are():
    net = network(dtype=np.float32)
    run(net, optimizer=np.float64(0.5))
    assert {array.dtype for array in net.parameters.values()} == {np.dtype(np.float32)}


def test_one_hot_rows_train_as_labels_do():
    x_train, x_test, labels_train, labels_test = halves()
    rows = x_train, x_test, np.eye(2)[labels_train], np.eye(2)[labels_test]
    np.testing.assert_array_equal(run().losses, run(data=rows).losses)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_diverging_run_stops_by_itself_and_says_where(dtype):
    history = run(network(dtype=dtype), optimizer=1e30, n_epochs=50)
    step = history.diverged_at
    assert step is not None
    assert len(history.losses) == step + 1 < 400
    assert np.isfinite(history.losses[:-1]).all()
    assert not history.losses[-1] < 1e6
    assert history.steps[-1] <= step
    assert str(history).startswith(f"diverged at step {step}: the loss is")


def test_a_run_whose_loss_grows_beyond_hope_is_not_called_finished():
    history = run(network(), optimizer=1000, n_epochs=50)
    if history.diverged_at is None:  # it may also die quietly; then try a larger step
        history = run(network(), optimizer=1e5, n_epochs=50)
    assert history.diverged_at is not None
    assert str(history).startswith("diverged")


def test_the_last_step_of_a_run_is_judged_too():
    history = run(network(), optimizer=1e200, n_steps=1)
    assert history.diverged_at == 1
    assert history.steps.tolist() == [0]
    assert str(history).startswith("diverged at step 1")


STEP = {"step", "move", "_new", "_require_known", "update", "_place"}
STEP |= {"_moved", "_kept_shares", "_running_mean"}


def interrupt_on_line(n):
    """A trace function that interrupts at the n-th line that is run inside of a step."""
    left = [n]

    def trace(frame, event, _):
        where = frame.f_code
        if event == "line" and where.co_name in STEP and "tqdm" not in where.co_filename:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
        return trace

    return trace


@pytest.mark.parametrize("n", range(1, 230, 7))
@pytest.mark.parametrize("about", [Momentum(0.1), Adam(0.01, weight_decay=0.1)], ids=repr)
def test_an_interrupt_on_any_line_of_a_step_leaves_no_half_a_step(about, n):
    net, data, optimizer = network(), halves(), about.fresh()
    before = sys.gettrace()
    sys.settrace(interrupt_on_line(n))
    try:
        history = run(net, data, optimizer=optimizer, n_steps=2)
    finally:
        sys.settrace(before)
    assert history.interrupted == (len(history.losses) < 2)
    whole, expected = about.fresh(), network()
    if len(history.losses):
        run(expected, data, optimizer=whole, n_steps=len(history.losses))
    for name, array in expected.parameters.items():
        np.testing.assert_array_equal(net.parameters[name], array)
    assert optimizer.memory.keys() == whole.memory.keys()
    for name, remembered in optimizer.memory.items():
        pairs = (remembered, whole.memory[name])
        for part, other in zip(*pairs, strict=True) if isinstance(remembered, tuple) else [pairs]:
            np.testing.assert_array_equal(part, other)


@pytest.mark.parametrize("at", range(1, 9))
def test_an_interrupt_between_two_parameters_leaves_no_half_a_step(at):
    class Interrupted(Momentum):
        calls = 0

        def move(self, *about):
            self.calls += 1
            if self.calls == at:
                raise KeyboardInterrupt
            return super().move(*about)

    net, data = network(), halves()
    history = run(net, data, optimizer=Interrupted(0.1))
    assert history.interrupted
    assert len(history.losses) == (at - 1) // 4
    expected = network()
    if len(history.losses):
        run(expected, data, optimizer=Momentum(0.1), n_steps=len(history.losses))
    for name, array in expected.parameters.items():
        np.testing.assert_array_equal(net.parameters[name], array)


def test_a_number_is_the_learning_rate_of_sgd():
    by_number, by_sgd = network(), network()
    run(by_number, optimizer=0.3)
    run(by_sgd, optimizer=SGD(0.3))
    for name, array in by_number.parameters.items():
        np.testing.assert_array_equal(array, by_sgd.parameters[name])


def test_another_call_with_the_same_optimizer_continues_where_the_last_one_ended():
    data, parted, whole = halves(), network(), network()
    optimizer, rng = Momentum(0.05), np.random.default_rng(3)
    for _ in range(3):
        run(parted, data, optimizer=optimizer, n_epochs=1, rng=rng)
    run(whole, data, optimizer=Momentum(0.05), n_epochs=3, rng=np.random.default_rng(3))
    for name, array in whole.parameters.items():
        np.testing.assert_array_equal(parted.parameters[name], array)


def test_an_optimizer_that_remembers_another_network_is_refused_before_a_step():
    optimizer, second = Momentum(0.05), network()
    run(network(), optimizer=optimizer)
    with pytest.raises(ValueError, match="this Momentum remembers another network"):
        run(second, optimizer=optimizer)
    for name, array in network().parameters.items():
        np.testing.assert_array_equal(second.parameters[name], array)


class Shrinks(Optimizer):
    def step(self, parameters, gradients):
        return {name: array[:1] for name, array in parameters.items()}


class Loses(Optimizer):
    def step(self, parameters, gradients):
        return None


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        (Shrinks(0.1), r"the W1 that Shrinks makes must have shape \(2, 5\), got \(1, 5\)"),
        (Loses(0.1), "step of Loses must return a dict with the names W1, b1, W2, b2, got None"),
    ],
)
def test_an_optimizer_that_makes_no_parameters_is_refused(optimizer, message):
    net = network()
    with pytest.raises(ValueError, match=message):
        run(net, optimizer=optimizer)
    for name, array in network().parameters.items():
        np.testing.assert_array_equal(net.parameters[name], array)


def numbers(n=90):
    """Points of a line, one number each, and the height of a curve there."""
    x = np.random.default_rng(0).uniform(-2, 2, size=(n, 1))
    return train_test_split(x, np.sin(2 * x), 1 / 3, np.random.default_rng(0))


def curve(seed=0, dtype=float):
    rng = np.random.default_rng(seed)
    first = Affine(2 * rng.normal(size=(1, 20)).astype(dtype), rng.normal(size=20).astype(dtype))
    second = Affine(rng.normal(size=(20, 1)).astype(dtype) / 5, np.zeros(1, dtype))
    return Network([first, Sigmoid(), second], MeanSquaredError())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_network_for_numbers_learns_them_and_its_history_holds_losses(dtype):
    net, data = curve(dtype=dtype), numbers()
    history = run(net, data, optimizer=Momentum(0.02), n_epochs=300)
    assert history.train_accuracies is history.test_accuracies is None
    assert history.train_losses.shape == history.test_losses.shape == history.steps.shape
    assert history.test_losses[-1] < 0.05 < 0.3 < history.test_losses[0]
    assert history.test_losses[-1] == net.loss(data[1], data[3])
    assert str(history).startswith("finished 1800 steps: train loss 0.0")
    assert {array.dtype for array in net.parameters.values()} == {np.dtype(dtype)}


def test_a_classifier_has_no_losses_but_those_of_its_batches():
    history = run(n_epochs=1)
    assert history.train_losses is history.test_losses is None


@pytest.mark.parametrize("targets", [np.zeros(60), np.zeros((60, 2)), np.full((60, 1), np.nan)])
def test_numbers_that_do_not_fit_are_refused_before_the_first_step(targets):
    data = list(numbers())
    data[2] = targets
    with pytest.raises(ValueError, match="targets_train do not fit x_train: targets must"):
        run(curve(), data)


def interrupt_at(net, step):
    """Make a network raise KeyboardInterrupt instead of its gradients at a given step."""
    compute, calls = net.loss_and_gradients, []

    def loss_and_gradients(x, labels):
        calls.append(1)
        if len(calls) > step:
            raise KeyboardInterrupt
        return compute(x, labels)

    net.loss_and_gradients = loss_and_gradients
    return net


def test_an_interrupt_keeps_what_was_learned():
    net, data = interrupt_at(network(), 11), halves()
    history = run(net, data)
    expected = network()
    run(expected, data, n_steps=11)
    assert history.interrupted
    assert len(history.losses) == 11
    assert history.steps.tolist() == [0, 8, 11]
    assert str(history).startswith("interrupted after 11 steps: train accuracy")
    for name, array in expected.parameters.items():
        np.testing.assert_array_equal(net.parameters[name], array)


def test_a_finished_run_says_so():
    assert str(run(n_epochs=1)).startswith("finished 8 steps: train accuracy 0.")


def test_without_progress_nothing_is_printed(capfd):
    run()
    assert capfd.readouterr() == ("", "")


def test_with_progress_the_bar_counts_the_steps_and_shows_the_accuracy(capfd):
    run(progress=True)
    shown = capfd.readouterr().err
    assert "80/80" in shown
    assert "test_accuracy=" in shown


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(("part", "name"), [(0, "x_train"), (1, "x_test")])
def test_a_nan_in_the_data_is_refused_before_the_first_step(bad, part, name):
    data, net = halves(), network()
    data[part][3, 1] = bad
    with pytest.raises(ValueError, match=rf"{name} must be finite, got {bad} at index \(3, 1\)"):
        run(net, data)
    for name, array in network().parameters.items():
        np.testing.assert_array_equal(net.parameters[name], array)


@pytest.mark.parametrize(
    ("part", "labels", "message"),
    [
        (2, np.zeros(79, int), "targets_train do not fit x_train"),
        (2, np.full(80, 2), "targets_train do not fit x_train"),
        (3, np.full(40, -1), "targets_test do not fit x_test"),
        (3, np.zeros(40), "targets_test do not fit x_test"),
        (2, np.full((80, 2), np.nan), "targets_train do not fit x_train"),
    ],
)
def test_labels_that_do_not_fit_are_refused_before_the_first_step(part, labels, message):
    data = list(halves())
    data[part] = labels
    with pytest.raises(ValueError, match=message):
        run(data=data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"net": 3}, "network must be a Network, got 3"),
        ({"optimizer": "0.1"}, "optimizer must be a number, or an optimizer"),
        ({"optimizer": None}, "optimizer must be a number, or an optimizer"),
        ({"data": 3}, "data must be x_train, .* got int"),
        ({"data": [x.astype(str) for x in halves()]}, "x_train must hold real numbers"),
        ({"optimizer": 0}, "learning_rate must be greater than 0"),
        ({"optimizer": np.nan}, "learning_rate must be finite"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"n_epochs": 0}, "n_epochs must be at least 1"),
        ({"n_steps": 0}, "n_steps must be at least 1"),
        ({"rng": 0}, "rng must be a numpy.random.Generator"),
        (
            {"data": [x[:0] for x in halves()]},
            r"x_train must have shape \(n, ...\), not empty, got \(0, 2\)",
        ),
        ({"data": halves()[:3]}, "data must be x_train, x_test, targets_train, targets_test"),
        (
            {"data": [x[:, :1] if x.ndim == 2 else x for x in halves()]},
            r"x_train, shape \(\d+, 1\), does not fit the network",
        ),
    ],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        run(**change)


def normalising(seed=0):
    rng = np.random.default_rng(seed)
    layers = [Affine(rng.normal(size=(2, 5)), np.zeros(5)), BatchNormalization(5), Sigmoid()]
    return Network([*layers, Affine(rng.normal(size=(5, 2)), np.zeros(2))], SoftmaxCrossEntropy())


@pytest.mark.parametrize(("batch_size", "n_steps"), [(79, None), (79, 2), (1, 1), (1, None)])
def test_a_batch_that_a_layer_would_refuse_later_is_refused_before_the_first_step(
    batch_size, n_steps
):
    net = normalising()
    kept = dict(net.parameters), net.layers[1].running_mean
    with pytest.raises(
        ValueError, match=f"batch_size {batch_size} makes a batch of 1: in training"
    ):
        run(net, batch_size=batch_size, n_steps=n_steps)
    assert all(net.parameters[name] is array for name, array in kept[0].items())
    assert net.layers[1].running_mean is kept[1]


@pytest.mark.parametrize(("batch_size", "n_steps"), [(79, 1), (78, None), (80, None), (200, None)])
def test_a_run_that_comes_to_no_such_batch_is_not_refused(batch_size, n_steps):
    assert len(run(normalising(), batch_size=batch_size, n_steps=n_steps).losses)


def test_looking_at_the_smallest_batch_first_draws_nothing_at_random():
    def with_dropout():
        net, rng = normalising(), np.random.default_rng(0)
        return Network([*net.layers[:2], Dropout(0.5, rng), net.layers[3]], SoftmaxCrossEntropy())

    looked, data = with_dropout(), halves()
    x, _, labels, _ = data
    history = run(looked, data, batch_size=100, n_steps=1)
    order = np.random.default_rng(1).permutation(len(x))  # as the run shuffles
    expected = with_dropout().loss(x[order], labels[order], training=True)
    assert history.losses[0] == pytest.approx(expected)
