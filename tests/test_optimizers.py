"""Optimizers: the update rules, what a class of ten lines gets for nothing, and what is refused."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope.datasets import load_digits, train_test_split
from downslope.descent import gradient_ascent, gradient_descent, stochastic_gradient_descent
from downslope.landscapes import ravine
from downslope.layers import MeanSquaredError, ReLU
from downslope.networks import Network, TwoLayerNet
from downslope.optimizers import (
    SGD,
    AdaGrad,
    Adam,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
    as_optimizer,
)
from downslope.training import train
from torch_walks import KEPT, SAME, STORED, our_walk


class MeanOfTwo(Optimizer):
    """The example of the module, as a reader would write it."""

    def move(self, parameter, gradient, last):
        mean = gradient if last is None else (gradient + last) / 2
        return parameter - self.learning_rate * mean, gradient.copy()


ALL = [SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam]
WITH_MEMORY = [kind for kind in ALL if kind is not SGD]
EVERY = [*ALL, MeanOfTwo]


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


@pytest.mark.parametrize("kind", EVERY)
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
        (SGD, "optimizer must be an optimizer, such as SGD.*, got the class SGD$"),
        (object(), "optimizer such as SGD.*, got object without a method step$"),
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


# The update rules


@pytest.mark.parametrize("name", SAME)
def test_a_walk_is_that_of_pytorch(name):
    walk = our_walk(SAME[name][0])
    stored = [walk[step - 1] for step in KEPT]
    np.testing.assert_allclose(stored, STORED[name], rtol=1e-12, atol=1e-12)


class NewVelocityTwice(Nesterov):
    """A fault that is often copied: where the old velocity belongs, the new one."""

    def move(self, parameter, gradient, memory):
        memory = self.momentum * (0 if memory is None else memory) - self.learning_rate * gradient
        ahead = self.momentum**2 * memory - (1 + self.momentum) * self.learning_rate * gradient
        return parameter + ahead, memory


class Uncorrected(Adam):
    def move(self, parameter, gradient, memory):
        _, memory = super().move(parameter, gradient, memory)
        _, mean, square = memory
        size = np.sqrt(square) + self.epsilon
        return parameter - self.learning_rate * mean / size, memory


class EpsilonOutside(Adam):
    """The correction made after epsilon was added."""

    def move(self, parameter, gradient, memory):
        _, memory = super().move(parameter, gradient, memory)
        t, mean, square = memory
        rate = self.learning_rate * np.sqrt(1 - self.beta2**t) / (1 - self.beta1**t)
        return parameter - rate * mean / (np.sqrt(square) + self.epsilon), memory


class CountedFromTwo(Adam):
    def move(self, parameter, gradient, memory):
        return super().move(parameter, gradient, memory or (1, 0, 0))


class EpsilonInside(RMSProp):
    def move(self, parameter, gradient, memory):
        _, square = super().move(parameter, gradient, memory)
        return parameter - self.learning_rate * gradient / np.sqrt(square + self.epsilon), square


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (NewVelocityTwice(0.1), "Nesterov"),
        (Momentum(0.1), "Nesterov"),
        (Uncorrected(0.3), "Adam"),
        (EpsilonOutside(0.3), "Adam"),
        (CountedFromTwo(0.3), "Adam"),
        (EpsilonInside(0.1), "RMSProp"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_stored_walks_tell_a_known_fault_from_the_rule(wrong, name):
    walk = our_walk(wrong)
    early = [walk[step - 1] for step in KEPT[:3]]
    for ours, stored in zip(early, STORED[name], strict=False):
        assert not np.allclose(ours, stored, rtol=1e-9, atol=0)


def lengths_of_first_steps(optimizer, gradients):
    x = optimizer.step({"x": np.zeros(len(gradients))}, {"x": np.array(gradients)})["x"]
    return -x / optimizer.learning_rate


def test_adaptive_methods_begin_with_a_step_of_one_length_whatever_the_gradient():
    gradients = [1e-3, 1.0, 1e3]
    np.testing.assert_allclose(lengths_of_first_steps(AdaGrad(1.5), gradients), 1, rtol=1e-6)
    np.testing.assert_allclose(lengths_of_first_steps(RMSProp(0.1), gradients), 10, rtol=1e-3)
    np.testing.assert_allclose(lengths_of_first_steps(Adam(0.3), gradients), 1, rtol=1e-4)


def test_without_its_correction_adam_begins_three_times_too_fast():
    np.testing.assert_allclose(0.3 * lengths_of_first_steps(Adam(0.3), [2.0]), 0.3, rtol=1e-6)
    np.testing.assert_allclose(
        0.3 * lengths_of_first_steps(Uncorrected(0.3), [2.0]), 0.949, rtol=1e-3
    )


def test_the_place_of_epsilon_matters_where_gradients_are_small():
    assert lengths_of_first_steps(Adam(0.1), [1e-7]) == pytest.approx(1 / 1.1)
    assert lengths_of_first_steps(EpsilonOutside(0.1), [1e-7]) == pytest.approx(0.24, rel=0.01)
    assert lengths_of_first_steps(Adam(0.1), [0.0]) == 0


def ends_small(optimizer, curvature, n_steps=1000):
    """Whether a walk on curvature / 2 x² ends near 0."""
    return abs(gradient_descent(lambda x: curvature * x, 1.0, optimizer, n_steps)[-1]) < 1


@pytest.mark.parametrize("curvature", [0.1, 30.0])
@pytest.mark.parametrize("m", [0.0, 0.5, 0.9])
def test_the_largest_learning_rates_are_those_that_the_theory_says(m, curvature):
    limits = {
        SGD: 2 / curvature,
        lambda rate: Momentum(rate, m): 2 * (1 + m) / curvature,
        lambda rate: Nesterov(rate, m): 2 * (1 + m) / ((1 + 2 * m) * curvature),
    }
    for kind, limit in limits.items():
        assert ends_small(kind(0.99 * limit), curvature)
        assert not ends_small(kind(1.01 * limit), curvature)


def test_on_the_ravine_momentum_may_step_nearly_twice_as_far_and_nesterov_less_far():
    for kind, limit in ((SGD, 1.0), (Momentum, 1.9), (Nesterov, 0.6786), (NewVelocityTwice, 0.43)):
        paths = [
            gradient_descent(ravine.gradient, [-7.0, 2.0], kind(share * limit), 600)
            for share in (0.99, 1.01)
        ]
        assert ravine.f(paths[0][-1]) < 1e-6, kind
        assert not ravine.f(paths[1][-1]) < 1, kind


def test_under_a_steady_gradient_momentum_grows_to_one_over_one_minus_m():
    path = gradient_descent(lambda x: np.ones_like(x), 0.0, Momentum(0.1, 0.9), 300)
    assert path[-1] - path[-2] == pytest.approx(-0.1 / (1 - 0.9))


def test_tuned_momentum_is_far_faster_down_the_ravine():
    steep, flat = np.sqrt([2.0, 0.1])
    rate, m = (2 / (steep + flat)) ** 2, ((steep - flat) / (steep + flat)) ** 2
    assert (round(rate, 3), round(m, 3)) == (1.336, 0.403)
    path = gradient_descent(ravine.gradient, [-7.0, 2.0], Momentum(rate, m), 30)
    assert ravine.f(path[-1]) == pytest.approx(1.5e-8, rel=0.05)


TURN = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)


@pytest.mark.parametrize(
    ("optimizer", "straight", "turned"),
    [
        (SGD(0.95), 0.0133, 0.0133),
        (Momentum(0.1), 0.048, 0.048),
        (Nesterov(0.1), 0.024, 0.024),
        (AdaGrad(1.5), 0.0007, 0.141),
        (Adam(0.3), 0.102, 0.62),
    ],
)
def test_a_turned_ravine_is_another_one_to_adaptive_methods_only(optimizer, straight, turned):
    heights = []
    for turn in (np.eye(2), TURN):
        path = gradient_descent(
            lambda x, turn=turn: turn @ ravine.gradient(turn.T @ x),
            turn @ [-7.0, 2.0],
            optimizer,
            30,
        )
        heights.append(ravine.f(turn.T @ path[-1]))
    np.testing.assert_allclose(heights, [straight, turned], rtol=0.05)


def test_nesterov_keeps_the_look_ahead_of_the_classic_two_lines():
    rate, m = 0.3, 0.8
    position, velocity = np.array([-7.0, 2.0]), np.zeros(2)
    optimizer, x = Nesterov(rate, m), {"x": position}
    for _ in range(20):
        velocity = m * velocity - rate * ravine.gradient(position + m * velocity)
        position = position + velocity
        x = optimizer.step(x, {"x": ravine.gradient(x["x"])})
        np.testing.assert_allclose(x["x"], position + m * velocity, atol=1e-12)
        behind = x["x"] + rate * m * optimizer.memory["x"]
        np.testing.assert_allclose(behind, position, atol=1e-12)


def test_nothing_is_learned_where_the_gradient_is_zero():
    for kind in ALL:
        optimizer, x = kind(0.1), {"x": np.array([1.0, 0.0])}
        for _ in range(3):
            x = optimizer.step(x, {"x": np.zeros(2)})
        np.testing.assert_array_equal(x["x"], [1, 0])


@pytest.mark.parametrize("kind", WITH_MEMORY)
@pytest.mark.parametrize("shape", [(), (1, 3), (0, 2)])
def test_float32_stays_float32_in_the_memory_too_whatever_the_settings_are(kind, shape):
    optimizer = kind(np.float64(0.1), weight_decay=0.0)
    parameters = {"x": np.ones(shape, np.float32)}
    gradient = np.full(shape, 0.3, np.float32)
    for rate in np.linspace(0.1, 0.01, 4):  # float64, as a schedule has them
        optimizer.learning_rate = rate
        parameters = optimizer.step(parameters, {"x": gradient})
        assert parameters["x"].dtype == np.float32
        kept = optimizer.memory["x"][1:] if kind is Adam else (optimizer.memory["x"],)
        assert all(part.dtype == np.float32 and part.shape == shape for part in kept)


@pytest.mark.parametrize("kind", WITH_MEMORY)
def test_float32_and_float64_walk_the_same_way(kind):
    walks = [
        gradient_descent(ravine.gradient, np.array([-7, 2], dtype), kind(0.1), 200)
        for dtype in (np.float32, np.float64)
    ]
    np.testing.assert_allclose(walks[0], walks[1], atol=1e-4)


@pytest.mark.parametrize("kind", WITH_MEMORY)
def test_what_is_remembered_is_nobody_elses(kind):
    """A caller may keep one array for its gradients, and write into it at each step."""
    writing, plain, buffer = kind(0.1), kind(0.1), np.empty(2)
    one = other = {"x": np.array([1.0, 2.0])}
    for step in range(4):
        buffer[:] = [step + 1.0, -step]
        one, other = writing.step(one, {"x": buffer}), plain.step(other, {"x": buffer.copy()})
        np.testing.assert_array_equal(one["x"], other["x"])


@pytest.mark.parametrize("kind", ALL)
def test_a_gradient_that_is_no_number_shows_at_its_place_and_nowhere_else(kind):
    optimizer, x = kind(0.1), {"x": np.array([1.0, 2.0]), "y": np.array(3.0)}
    for _ in range(2):
        x = optimizer.step(x, {"x": np.array([np.nan, 0.5]), "y": np.array(1.0)})
    np.testing.assert_array_equal(np.isnan(x["x"]), [True, False])
    assert np.isfinite(x["y"])


@pytest.mark.parametrize("kind", ALL)
def test_a_copy_goes_on_by_itself(kind):
    optimizer, alone = kind(0.1), kind(0.1)
    parameters = optimizer.step(some(), some(1))
    alone.step(some(), some(1))
    copy.deepcopy(optimizer).step(parameters, some(3))
    changed, expected = (each.step(parameters, some(2)) for each in (optimizer, alone))
    for name, array in expected.items():
        np.testing.assert_array_equal(changed[name], array)


@pytest.mark.parametrize(
    "double", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))], ids=["copy", "file"]
)
def test_a_network_and_its_optimizer_go_on_as_copies_or_from_a_file(double):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(20, 3)), rng.integers(0, 2, 20)
    data = x[:16], x[16:], labels[:16], labels[16:]
    pair = TwoLayerNet(3, 4, 2, rng=rng), Adam(0.01)

    def go_on(network, optimizer):
        train(network, data, optimizer, 4, 2, np.random.default_rng(1), progress=False)
        return network.parameters["W1"]

    go_on(*pair)
    np.testing.assert_array_equal(go_on(*double(pair)), go_on(*pair))


def test_an_optimizer_of_ones_own_need_not_say_a_learning_rate():
    class Whole(Optimizer):
        def __init__(self):
            pass

        def move(self, parameter, gradient, memory):
            return parameter - gradient, None

    assert Whole().step({"x": [3.0]}, {"x": [1.0]})["x"] == 2
    assert repr(Whole()) == "Whole()"


# Weight decay


@pytest.mark.parametrize("kind", EVERY)
def test_weight_decay_shrinks_weights_before_the_step_and_leaves_biases_alone(kind):
    decaying, plain = kind(0.1, weight_decay=0.5), kind(0.1)
    parameters = some()
    shrunk = {**parameters, "W1": parameters["W1"] * (1 - 0.1 * 0.5)}
    for step in range(3):
        changed = decaying.step(parameters, some(step + 1))
        expected = plain.step(shrunk, some(step + 1))
        for name, array in expected.items():
            np.testing.assert_array_equal(changed[name], array)
        parameters = changed
        shrunk = {**changed, "W1": changed["W1"] * (1 - 0.1 * 0.5)}


def test_under_sgd_weight_decay_is_a_penalty_in_the_loss_and_under_adam_it_is_not():
    ends = {}
    for kind in (SGD, Adam):
        inside, apart = kind(0.1), kind(0.1, weight_decay=0.5)
        one = other = some()
        for step in range(5):
            slopes = some(step + 1)
            with_penalty = {**slopes, "W1": slopes["W1"] + 0.5 * one["W1"]}
            one, other = inside.step(one, with_penalty), apart.step(other, slopes)
        ends[kind] = np.abs(one["W1"] - other["W1"]).max()
    assert ends[SGD] < 1e-14
    assert ends[Adam] > 0.05


def test_weights_without_a_gradient_fade_at_one_rate_under_every_optimizer():
    for kind in ALL:
        optimizer, W = kind(0.1, weight_decay=0.5), {"W": np.array([[1.0, -1000.0]])}
        for _ in range(10):
            W = optimizer.step(W, {"W": np.zeros((1, 2))})
        np.testing.assert_allclose(W["W"], 0.95**10 * np.array([[1.0, -1000.0]]))


def test_weight_decay_without_a_weight_is_refused_and_leaves_no_trace():
    optimizer = Adam(0.1, weight_decay=0.1)
    with pytest.raises(ValueError, match=r"weight_decay shrinks weights.* got only x \(2,\), y"):
        optimizer.step({"x": np.ones(2), "y": 1.0}, {"x": np.ones(2), "y": 1.0})
    assert not optimizer.memory
    with pytest.raises(ValueError, match=r"weight_decay shrinks weights.* got only x \(2,\)"):
        gradient_descent(ravine.gradient, [-7.0, 2.0], optimizer, 3)


def test_another_choice_of_what_decays_is_one_method():
    class All(SGD):
        def decays(self, name, parameter):
            return name != "spared"

    changed = All(0.5, weight_decay=1.0).step(
        {"x": [2.0], "spared": 2.0}, {"x": [0.0], "spared": 0.0}
    )
    assert changed["x"].tolist() == [1.0]
    assert changed["spared"] == 2.0


def test_weight_decay_keeps_float32_and_writes_to_nothing():
    parameters = some(0, np.float32)
    kept = parameters["W1"].copy()
    changed = Adam(0.1, weight_decay=np.float64(0.1)).step(parameters, some(1, np.float32))
    assert changed["W1"].dtype == np.float32
    np.testing.assert_array_equal(parameters["W1"], kept)


# Settings

SETTINGS = [
    (Momentum, "momentum"),
    (Nesterov, "momentum"),
    (RMSProp, "decay"),
    (Adam, "beta1"),
    (Adam, "beta2"),
]


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (1.0, "must be at least 0 and less than 1, got 1"),
        (-0.1, "must be at least 0 and less than 1, got -0.1"),
        (np.nan, "must be finite, got nan"),
        (True, "must be one number, got True"),
        ("0.9", "must hold real numbers, got '0.9'"),
        (None, "must hold real numbers, got None"),
        ([0.9, 0.99], "must be one number, got an array of shape"),
    ],
)
def test_a_setting_out_of_its_range_is_refused_by_name_at_first_and_later(kind, name, bad, message):
    with pytest.raises(ValueError, match=f"^{name} {message}"):
        kind(0.1, **{name: bad})
    optimizer = kind(0.1)
    kept = getattr(optimizer, name)
    with pytest.raises(ValueError, match=f"^{name} {message}"):
        setattr(optimizer, name, bad)
    assert getattr(optimizer, name) == kept


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("bad", [0, -1, np.inf, np.nan, True, "0.1", None, [0.1]])
def test_no_optimizer_takes_a_learning_rate_that_is_none(kind, bad):
    with pytest.raises(ValueError, match="^learning_rate must"):
        kind(bad)
    optimizer = kind(0.1)
    with pytest.raises(ValueError, match="^learning_rate must"):
        optimizer.learning_rate = bad


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("bad", [-1e-9, np.inf, np.nan, False, "0.1", None])
def test_no_optimizer_takes_a_weight_decay_that_is_none(kind, bad):
    with pytest.raises(ValueError, match="^weight_decay must"):
        kind(0.1, weight_decay=bad)


@pytest.mark.parametrize(
    ("optimizer", "said"),
    [
        (SGD(0.1), "SGD(learning_rate=0.1)"),
        (Momentum(1), "Momentum(learning_rate=1.0, momentum=0.9)"),
        (RMSProp(0.1, decay=0.5), "RMSProp(learning_rate=0.1, decay=0.5)"),
        (
            Adam(np.float64(0.001), weight_decay=0.01),
            "Adam(learning_rate=0.001, beta1=0.9, beta2=0.999, weight_decay=0.01)",
        ),
        (MeanOfTwo(0.1), "MeanOfTwo(learning_rate=0.1)"),
    ],
)
def test_an_optimizer_says_its_settings_as_one_would_write_them(optimizer, said):
    assert repr(optimizer) == said
    assert repr(eval(said)) == said
    optimizer.step(some(), some(1))
    assert repr(optimizer) == said
    assert repr(optimizer.fresh()) == said


def test_another_learning_rate_counts_from_the_next_step_on():
    for kind in ALL:
        optimizer, x = kind(0.2), {"x": np.array(0.0)}
        x = optimizer.step(x, {"x": 1.0})
        whole = copy.deepcopy(optimizer).step(x, {"x": 1.0})["x"] - x["x"]
        optimizer.learning_rate = 0.1
        half = optimizer.step(x, {"x": 1.0})["x"] - x["x"]
        assert float(half) == pytest.approx(float(whole) / 2)


# Training


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.5),
        Momentum(0.05),
        Nesterov(0.05),
        AdaGrad(0.05),
        RMSProp(0.002),
        Adam(0.005),
        Adam(0.005, weight_decay=0.1),
    ],
    ids=repr,
)
def test_every_optimizer_learns_the_digits(optimizer):
    digits, rng = load_digits(), np.random.default_rng(0)
    data = train_test_split(digits.pixels, digits.labels, 0.2, rng)
    network = TwoLayerNet(64, 30, 10, rng=rng, weight_scale=0.1, dtype=np.float32)
    history = train(network, data, optimizer, 50, 8, rng, progress=False)
    assert history.test_accuracies[-1] > 0.93
    assert all(array.dtype == np.float32 for array in network.parameters.values())


@pytest.mark.parametrize("kind", ALL)
def test_a_run_that_meets_a_gradient_of_nan_ends_and_says_so(kind):
    class Breaks(ReLU):
        calls = 0

        def backward(self, upstream):
            self.calls += 1
            return super().backward(upstream) * (np.nan if self.calls == 3 else 1)

    rng = np.random.default_rng(0)
    network = TwoLayerNet(2, 3, 2, rng=rng, activation=Breaks)
    x, labels = rng.normal(size=(20, 2)), rng.integers(0, 2, 20)
    data = x[:16], x[16:], labels[:16], labels[16:]
    assert train(network, data, kind(0.1), 4, 2, rng, progress=False).diverged_at == 3
