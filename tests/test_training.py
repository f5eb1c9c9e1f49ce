"""Training: it learns, repeats itself, stops cleanly, and tells what happened."""

import numpy as np
import pytest

from downslope.datasets import load_digits, train_test_split
from downslope.networks import TwoLayerNet
from downslope.training import train


def halves(n=120, seed=0):
    """Points of the plane, told apart by the sign of their first coordinate."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    return train_test_split(x, (x[:, 0] > 0).astype(int), 1 / 3, rng)


def network(seed=0, **how):
    return TwoLayerNet(2, 5, 2, rng=np.random.default_rng(seed), **{"weight_scale": 0.5, **how})


def run(net=None, data=None, **how):
    sound = {"learning_rate": 0.5, "batch_size": 10, "n_epochs": 10, "progress": False}
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
    run(net, data, batch_size=80, n_epochs=1, learning_rate=0.3)
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
    run(net, learning_rate=np.float64(0.5))
    assert {array.dtype for array in net.parameters.values()} == {np.dtype(np.float32)}


def test_one_hot_rows_train_as_labels_do():
    x_train, x_test, labels_train, labels_test = halves()
    rows = x_train, x_test, np.eye(2)[labels_train], np.eye(2)[labels_test]
    np.testing.assert_array_equal(run().losses, run(data=rows).losses)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_diverging_run_stops_by_itself_and_says_where(dtype):
    history = run(network(dtype=dtype), learning_rate=1e30, n_epochs=50)
    step = history.diverged_at
    assert step is not None
    assert len(history.losses) == step + 1 < 400
    assert np.isfinite(history.losses[:-1]).all()
    assert not history.losses[-1] < 1e6
    assert history.steps[-1] <= step
    assert str(history).startswith(f"diverged at step {step}: the loss is")


def test_a_run_whose_loss_grows_beyond_hope_is_not_called_finished():
    history = run(network(), learning_rate=1000, n_epochs=50)
    if history.diverged_at is None:  # it may also die quietly; then try a larger step
        history = run(network(), learning_rate=1e5, n_epochs=50)
    assert history.diverged_at is not None
    assert str(history).startswith("diverged")


def test_the_last_step_of_a_run_is_judged_too():
    history = run(network(), learning_rate=1e200, n_steps=1)
    assert history.diverged_at == 1
    assert history.steps.tolist() == [0]
    assert str(history).startswith("diverged at step 1")


@pytest.mark.parametrize("at", [9, 10, 11, 12])
def test_an_interrupt_between_two_parameters_leaves_no_half_a_step(at):
    class Interrupting(dict):
        """Parameters that are interrupted when the third is read for the `at`-th time."""

        reads = 0

        def __getitem__(self, name):
            self.reads += name == "W2"
            if self.reads == at and name == "W2":
                raise KeyboardInterrupt
            return super().__getitem__(name)

    net = network()
    net.parameters = Interrupting(net.parameters)
    history = run(net)
    assert history.interrupted
    expected = network()
    run(expected, n_steps=len(history.losses))
    for name, array in expected.parameters.items():
        np.testing.assert_array_equal(dict(net.parameters.items())[name], array)


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
        (2, np.zeros(79, int), "labels_train do not fit x_train"),
        (2, np.full(80, 2), "labels_train do not fit x_train"),
        (3, np.full(40, -1), "labels_test do not fit x_test"),
        (3, np.zeros(40), "labels_test do not fit x_test"),
        (2, np.full((80, 2), np.nan), "labels_train do not fit x_train"),
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
        ({"data": 3}, "data must be x_train, .* got int"),
        ({"data": [x.astype(str) for x in halves()]}, "x_train must hold real numbers"),
        ({"learning_rate": 0}, "learning_rate must be greater than 0"),
        ({"learning_rate": np.nan}, "learning_rate must be finite"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"n_epochs": 0}, "n_epochs must be at least 1"),
        ({"n_steps": 0}, "n_steps must be at least 1"),
        ({"rng": 0}, "rng must be a numpy.random.Generator"),
        (
            {"data": [x[:0] for x in halves()]},
            r"x_train must have shape \(n, n_inputs\), not empty, got \(0, 2\)",
        ),
        ({"data": halves()[:3]}, "data must be x_train, x_test, labels_train, labels_test"),
        (
            {"data": [x[:, :1] if x.ndim == 2 else x for x in halves()]},
            r"x_train, shape \(\d+, 1\), does not fit the network",
        ),
    ],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        run(**change)
