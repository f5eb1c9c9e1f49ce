"""Optimizers: the update rule, what a class of ten lines gets for nothing, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope.descent import gradient_ascent, gradient_descent, stochastic_gradient_descent
from downslope.landscapes import ravine
from downslope.layers import MeanSquaredError
from downslope.networks import Network, TwoLayerNet
from downslope.optimizers import SGD, Optimizer, as_optimizer
from downslope.training import train


class Momentum(Optimizer):
    def __init__(self, learning_rate, momentum=0.9):
        super().__init__(learning_rate)
        self.momentum = momentum

    def move(self, parameter, gradient, velocity):
        velocity = self.momentum * (0 if velocity is None else velocity)
        velocity = velocity - self.learning_rate * gradient
        return parameter + velocity, velocity


class Nesterov(Momentum):
    def move(self, parameter, gradient, velocity):
        _, velocity = super().move(parameter, gradient, velocity)
        return parameter + self.momentum * velocity - self.learning_rate * gradient, velocity


class AdaGrad(Optimizer):
    def move(self, parameter, gradient, squares):
        squares = (0 if squares is None else squares) + gradient**2
        return parameter - self.learning_rate * gradient / (np.sqrt(squares) + 1e-10), squares


class RMSProp(Optimizer):
    def move(self, parameter, gradient, squares):
        squares = 0.99 * (0 if squares is None else squares) + 0.01 * gradient**2
        return parameter - self.learning_rate * gradient / (np.sqrt(squares) + 1e-8), squares


class Adam(Optimizer):
    def move(self, parameter, gradient, memory):
        n_steps, mean, squares = memory or (0, 0, 0)
        n_steps, mean = n_steps + 1, 0.9 * mean + 0.1 * gradient
        squares = 0.999 * squares + 0.001 * gradient**2
        size = np.sqrt(squares / (1 - 0.999**n_steps)) + 1e-8
        moved = parameter - self.learning_rate * mean / (1 - 0.9**n_steps) / size
        return moved, (n_steps, mean, squares)


ALL = [SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam]


def some(seed=0, dtype=float):
    rng = np.random.default_rng(seed)
    return {"W1": rng.normal(size=(3, 2)).astype(dtype), "b1": rng.normal(size=2).astype(dtype)}


@given(st.floats(1e-3, 1e3), st.integers(0, 99), st.sampled_from([np.float32, np.float64]))
def test_sgd_is_the_update_rule_to_the_last_bit(learning_rate, seed, dtype):
    parameters, gradients = some(seed, dtype), some(seed + 100, dtype)
    changed = SGD(learning_rate).step(parameters, gradients)
    for name, array in parameters.items():
        np.testing.assert_array_equal(changed[name], array - learning_rate * gradients[name])
        assert changed[name].dtype == dtype


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_step_writes_to_nothing_it_is_given_and_returns_new_arrays(kind, dtype):
    optimizer, parameters, gradients = kind(0.1), some(0, dtype), some(1, dtype)
    kept = {name: array.copy() for name, array in (parameters | gradients).items()}
    for _ in range(3):
        changed = optimizer.step(parameters, gradients)
    for name, array in changed.items():
        assert array.dtype == dtype
        assert not np.shares_memory(array, parameters[name])
        assert not np.shares_memory(array, gradients[name])
        np.testing.assert_array_equal(gradients[name], kept[name])
    assert set(changed) == set(parameters)


class InPlace(Optimizer):
    def move(self, parameter, gradient, memory):
        parameter -= self.learning_rate * gradient
        return parameter, None


class Lazy(Optimizer):
    def move(self, parameter, gradient, memory):
        return parameter, None


def test_an_optimizer_that_writes_into_a_parameter_is_stopped():
    with pytest.raises(ValueError, match="read-only"):
        InPlace(0.1).step(some(), some(1))


def test_even_a_parameter_that_does_not_move_comes_back_as_a_new_array():
    parameters = some()
    changed = Lazy(0.1).step(parameters, some(1))
    assert not np.shares_memory(changed["W1"], parameters["W1"])
    changed["W1"][:] = 99


def test_the_first_steps_are_those_that_the_formulas_say():
    start, slope = {"x": np.array([-7.0, 2.0])}, {"x": np.array([-0.7, 4.0])}
    first = {kind: kind(0.1).step(start, slope)["x"] - start["x"] for kind in ALL}
    np.testing.assert_allclose(first[SGD], [0.07, -0.4])
    np.testing.assert_allclose(first[Momentum], [0.07, -0.4])
    np.testing.assert_allclose(first[Nesterov], [0.133, -0.76])
    np.testing.assert_allclose(first[AdaGrad], [0.1, -0.1], rtol=1e-8)
    np.testing.assert_allclose(first[RMSProp], [1, -1], rtol=1e-6)
    np.testing.assert_allclose(first[Adam], [0.1, -0.1], rtol=1e-6)


@pytest.mark.parametrize(
    ("optimizer", "height"),
    [
        (SGD(0.95), 0.0133),
        (Momentum(0.1), 0.048),
        (Nesterov(0.1), 0.024),
        (AdaGrad(1.5), 0.0007),
        (RMSProp(0.1), 0.024),
        (Adam(0.3), 0.102),
    ],
)
def test_thirty_steps_down_the_ravine_end_where_other_libraries_end(optimizer, height):
    path = gradient_descent(ravine.gradient, [-7.0, 2.0], optimizer, 30)
    assert ravine.f(path[-1]) == pytest.approx(height, rel=0.05)


def test_momentum_is_a_sum_over_all_gradients_so_far():
    optimizer, x = Momentum(0.1, momentum=0.5), {"x": np.array(0.0)}
    for gradient in (1.0, 0.0, 4.0):
        x = optimizer.step(x, {"x": np.array(gradient)})
    velocities = np.cumsum([-0.1, -0.05, -0.025 - 0.4])
    assert float(x["x"]) == pytest.approx(velocities[-1])


def test_adam_agrees_with_its_paper_over_many_steps():
    rng = np.random.default_rng(0)
    optimizer, x, start = Adam(0.01), {"x": np.array([1.0, -2.0])}, np.array([1.0, -2.0])
    gradients, expected = rng.normal(size=(50, 2)), start
    for t, gradient in enumerate(gradients, 1):
        x = optimizer.step(x, {"x": gradient})
        weights = 0.9 ** np.arange(t)[::-1], 0.999 ** np.arange(t)[::-1]
        mean = weights[0] @ gradients[:t] / weights[0].sum()
        square = weights[1] @ gradients[:t] ** 2 / weights[1].sum()
        expected = expected - 0.01 * mean / (np.sqrt(square) + 1e-8)
    np.testing.assert_allclose(x["x"], expected, rtol=1e-12)


class Interrupted(Momentum):
    """Is interrupted at a given call of `move`, before or after its own work."""

    at, calls = None, 0

    def move(self, parameter, gradient, velocity):
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt
        return super().move(parameter, gradient, velocity)


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_an_interrupted_step_leaves_the_memory_as_it_was(at):
    optimizer, plain = Interrupted(0.1), Momentum(0.1)
    parameters, expected = some(), some()
    optimizer.at = at
    for step in range(3):
        try:
            parameters = optimizer.step(parameters, some(step + 1))
        except KeyboardInterrupt:
            parameters = optimizer.step(parameters, some(step + 1))
        expected = plain.step(expected, some(step + 1))
    for name, array in expected.items():
        np.testing.assert_array_equal(parameters[name], array)


def test_what_is_remembered_is_kept_by_name_and_not_by_order():
    optimizer, other, parameters = Momentum(0.1), Momentum(0.1), some()
    turned = dict(reversed(parameters.items()))
    optimizer.step(parameters, some(1))
    other.step(parameters, some(1))
    first, second = optimizer.step(parameters, some(2)), other.step(turned, some(2))
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])


@pytest.mark.parametrize("others", [{"W1": np.ones((3, 2))}, {**some(), "b1": np.ones(3)}])
def test_an_optimizer_that_remembers_other_parameters_says_so(others):
    optimizer = Momentum(0.1)
    optimizer.step(some(), some(1))
    with pytest.raises(ValueError, match=r"this Momentum remembers W1 \(3, 2\), b1 \(2,\): make"):
        optimizer.step(others, others)
    optimizer.fresh().step(others, others)
    plain = SGD(0.1)  # remembers nothing, so it may be used for anything
    plain.step(some(), some(1))
    plain.step(others, others)


def test_an_optimizer_that_remembers_another_network_of_the_same_shapes_says_so():
    optimizer, x, labels = Momentum(0.1), np.ones((2, 3)), [0, 1]
    networks = [TwoLayerNet(3, 4, 2, rng=np.random.default_rng(0)) for _ in range(2)]
    for _ in range(2):
        optimizer.step(networks[0].parameters, networks[0].gradients(x, labels))
    with pytest.raises(ValueError, match="this Momentum remembers another network: make a new"):
        optimizer.step(networks[1].parameters, networks[1].gradients(x, labels))


def test_every_walk_begins_with_a_memory_of_nothing_and_leaves_the_optimizer_alone():
    optimizer = Momentum(0.1)
    first, second = (gradient_descent(ravine.gradient, [-7.0, 2.0], optimizer, 5) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not optimizer.memory


def test_walks_take_any_optimizer_and_a_number_is_sgd():
    walk = {"gradient": ravine.gradient, "start": [-7.0, 2.0], "n_steps": 4}
    by_number, by_sgd = (
        gradient_descent(learning_rate=0.3, **walk),
        gradient_descent(learning_rate=SGD(0.3), **walk),
    )
    np.testing.assert_array_equal(by_number, by_sgd)
    uphill = gradient_ascent(lambda x: -ravine.gradient(x), [-7.0, 2.0], Momentum(0.1), 4)
    np.testing.assert_array_equal(
        uphill, gradient_descent(ravine.gradient, [-7.0, 2.0], Momentum(0.1), 4)
    )
    batches = stochastic_gradient_descent(
        lambda x, _: ravine.gradient(x), [-7.0, 2.0], range(4), Momentum(0.1)
    )
    np.testing.assert_array_equal(batches, uphill)


class OnlyStep:
    """An optimizer of someone who has not read about `Optimizer`."""

    def step(self, parameters, gradients):
        return {name: array - 0.1 * gradients[name] for name, array in parameters.items()}


def test_anything_with_a_step_is_an_optimizer():
    theirs = OnlyStep()
    assert as_optimizer(theirs) is theirs
    path = gradient_descent(ravine.gradient, [-7.0, 2.0], theirs, 3)
    np.testing.assert_array_equal(path, gradient_descent(ravine.gradient, [-7.0, 2.0], 0.1, 3))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, "learning_rate must be greater than 0, got 0"),
        (-1.0, "learning_rate must be greater than 0"),
        (np.nan, "learning_rate must be finite"),
        ([0.1], "learning_rate must be one number"),
        ("0.1", "optimizer must be a number, or an optimizer such as SGD"),
        (None, "optimizer must be a number, or an optimizer"),
        (True, "optimizer must be a number, or an optimizer"),
        ([[1], [2, 3]], "optimizer must be a number, or an optimizer"),
        (SGD, "optimizer must be an optimizer, such as SGD.*, got the class"),
        (lambda x: x, "optimizer must be a number, or an optimizer"),
    ],
)
def test_what_is_no_optimizer_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        as_optimizer(value)


@pytest.mark.parametrize(
    ("parameters", "gradients", "message"),
    [
        ([1.0], {"x": 1.0}, "parameters must be a dict of arrays, got list"),
        ({"x": 1.0}, None, "gradients must be a dict of arrays, got NoneType"),
        ({"x": 1.0}, {}, "gradients must have the names of the parameters, x, got none"),
        ({"x": 1.0}, {"x": 1.0, "y": 1.0}, "the names of the parameters, x, got x, y"),
        ({"x": [1.0, 2.0]}, {"x": [1.0]}, r"gradient of x must have shape \(2,\), got \(1,\)"),
        ({"x": [1.0, 2.0]}, {"x": 1.0}, r"gradient of x must have shape \(2,\), got \(\)"),
        ({"x": ["a"]}, {"x": [1.0]}, "x must hold real numbers"),
        ({"x": [1.0]}, {"x": ["a"]}, "the gradient of x must hold real numbers"),
        ({"x": [1.0]}, {"x": [1j]}, "the gradient of x must hold real numbers"),
    ],
)
def test_parameters_and_gradients_that_do_not_fit_are_refused(parameters, gradients, message):
    with pytest.raises(ValueError, match=message):
        SGD(0.1).step(parameters, gradients)


def test_lists_and_integers_are_as_good_as_arrays():
    changed = SGD(0.5).step({"x": [1, 2]}, {"x": [1, 1]})
    np.testing.assert_array_equal(changed["x"], [0.5, 1.5])


class OfAnotherShape(Optimizer):
    def move(self, parameter, gradient, memory):
        return parameter.sum(), None


def test_an_optimizer_that_makes_another_shape_is_refused_by_name():
    with pytest.raises(
        ValueError, match=r"parameter that OfAnotherShape makes must .* \(3, 2\), got \(\)"
    ):
        OfAnotherShape(0.1).step(some(), some(1))


class ForgetsTheMemory(Optimizer):
    def move(self, parameter, gradient, memory):
        return parameter - gradient


def test_an_optimizer_that_forgets_to_return_its_memory_is_told():
    for shape in ((), (2,), (2, 3)):
        with pytest.raises(
            ValueError, match="move of ForgetsTheMemory must return a parameter and"
        ):
            ForgetsTheMemory(0.1).step({"x": np.ones(shape)}, {"x": np.ones(shape)})


def test_a_network_of_one_weight_follows_the_formula_of_momentum():
    from downslope.layers import Affine

    network = Network([Affine([[3.0]], [0.0])], MeanSquaredError())
    optimizer, w, v = Momentum(0.1), 3.0, 0.0
    for _ in range(5):
        gradients = network.gradients([[1.0]], [[0.0]])
        gradients["b1"] = np.zeros(1)
        network.parameters.update(optimizer.step(network.parameters, gradients))
        v = 0.9 * v - 0.1 * 2 * w
        w += v
        assert network.parameters["W1"].item() == pytest.approx(w)


class StepReturns:
    """An optimizer of its own kind, with nothing but a step."""

    def __init__(self, returned):
        self.returned = returned

    def step(self, parameters, gradients):
        return self.returned


@pytest.mark.parametrize("returned", [None, [], {}, {"zz": 1.0}, "a"])
def test_a_step_that_leaves_out_a_parameter_is_refused(returned):
    rng = np.random.default_rng(0)
    network = TwoLayerNet(2, 3, 2, rng=rng)
    x, labels = rng.normal(size=(8, 2)), rng.integers(0, 2, 8)
    data = x[:4], x[4:], labels[:4], labels[4:]
    before = {name: array.copy() for name, array in network.parameters.items()}
    said = "step of StepReturns must return a dict with the names"
    with pytest.raises(ValueError, match=f"{said} W1, b1, W2, b2, got"):
        train(network, data, StepReturns(returned), 2, 1, rng, progress=False)
    assert all((network.parameters[name] == array).all() for name, array in before.items())
    with pytest.raises(ValueError, match=f"{said} x, got"):
        gradient_descent(lambda x: x, [1.0, 2.0], StepReturns(returned), 3)


def test_a_step_of_another_shape_is_refused_by_name():
    with pytest.raises(ValueError, match=r"the x that StepReturns makes must have shape \(2,\)"):
        gradient_descent(lambda x: x, [1.0, 2.0], StepReturns({"x": np.zeros(3)}), 3)


def test_move_cannot_write_to_the_gradient():
    class Writes(Optimizer):
        def move(self, parameter, gradient, memory):
            gradient *= 2
            return parameter, memory

    gradients = {"a": np.ones(2)}
    with pytest.raises(ValueError, match="read-only"):
        Writes(0.1).step({"a": np.ones(2)}, gradients)
    assert gradients["a"].tolist() == [1, 1]


@pytest.mark.parametrize("bad", [True, False, np.True_])
def test_a_truth_value_is_no_learning_rate(bad):
    with pytest.raises(ValueError, match="learning_rate must be one number, got"):
        SGD(bad)
