"""What chapter 5 tells its readers to find with the sliders is there to find."""

import re

import numpy as np
import pytest

from downslope import explorers
from downslope.explorers import graphs, training
from downslope.layers import Affine, Sigmoid
from downslope.losses import softmax
from downslope.networks import TwoLayerNet
from downslope.optimizers import SGD


def set_all(explorer, **state):
    for name, value in state.items():
        explorer.controls[name].value = value
    return explorer.readout


@pytest.fixture(scope="module")
def apples():
    return explorers.apples()


@pytest.fixture(scope="module")
def sabotage():
    return explorers.sabotage()


@pytest.fixture(scope="module")
def units():
    return explorers.hidden_units()


@pytest.fixture(scope="module")
def rates():
    return explorers.training_rates()


def test_apples_cost_220_won_and_send_back_2_2_and_110_and_200(apples):
    said = {step: set_all(apples, step=step, price=100, count=2, tax=1.1) for step in range(1, 8)}
    assert "200 × 1.1 = 220" in said[2]
    assert "backward begins" in said[3]
    assert "to cost: upstream 1 × local derivative 1.1 = 1.1" in said[4]
    assert "to tax: upstream 1 × local derivative 200 = 200" in said[5]
    assert "The total grows by 2 won when the factor grows by 0.01." in said[5]
    assert "to price: upstream 1.1 × local derivative 2 = 2.2" in said[6]
    assert "One more won on the price adds 2.2 won to the total." in said[6]
    assert "to count: upstream 1.1 × local derivative 100 = 110" in said[7]


def test_a_third_apple_changes_what_price_and_tax_get_and_not_what_the_count_gets(apples):
    said = {step: set_all(apples, step=step, price=100, count=3, tax=1.1) for step in (5, 6, 7)}
    assert "= 300." in said[5]
    assert "= 3.3." in said[6]
    assert "= 110." in said[7]


@pytest.mark.parametrize("price", [60, 80, 100, 120, 150])
def test_three_apples_at_the_highest_tax_answer_to_the_price_with_3_6(apples, price):
    assert "adds 3.6 won" in set_all(apples, step=6, price=price, count=3, tax=1.2)


def test_no_other_apples_answer_to_the_price_with_3_6(apples):
    for count in (1, 2, 3, 4, 5):
        for tax in (1.0, 1.1, 1.2):
            found = "adds 3.6 won" in set_all(apples, step=6, price=100, count=count, tax=tax)
            assert found == ((count, tax) == (3, 1.2))


def test_apples_and_oranges_cost_715_won_and_an_orange_answers_with_3_3():
    explorer = explorers.apples_and_oranges()
    said = [set_all(explorer, step=step) for step in range(1, 14)]
    assert "650 × 1.1 = 715" in said[3]
    assert sum("through +" in s and "1.1 × local derivative 1 = 1.1" in s for s in said) == 2
    assert any("One more won on the orange price adds 3.3 won" in s for s in said)


def test_the_square_makes_the_6_and_the_sum_hands_it_on():
    explorer = explorers.chain_rule()
    said = {step: set_all(explorer, step=step, x=1, y=2) for step in range(1, 7)}
    assert "local derivative 6 = 6" in said[4]
    for step in (5, 6):
        assert "upstream 6 × local derivative 1 = 6" in said[step]


def test_nothing_comes_back_through_the_square_of_zero():
    explorer = explorers.chain_rule()
    for x in (-2, -1, 1, 3):
        for y in (-1, 1, 2, 4):
            said = set_all(explorer, step=5, x=x, y=y)
            assert said.endswith("= 0.") == (x + y == 0)


def test_step_7_adds_two_rows_up_for_the_bias_and_step_8_multiplies_by_the_transpose():
    explorer = explorers.affine_and_softmax()
    assert "through + to b" in set_all(explorer, step=7)
    assert "local derivative 1, its 2 rows added up = (2,)" in explorer.readout
    assert "(−0.06) + 0.44 = 0.38" in explorer.readout
    assert "to x: upstream (2, 2) @ Wᵀ (2, 3) = (2, 3)" in set_all(explorer, step=8)


def rounded(array):
    return np.round(np.asarray(array, dtype=float), 2)


def test_what_goes_back_through_the_affine_layer_adds_up_as_it_is_shown():
    """Products and sums of the numbers rounded to two digits, rounded, are the numbers shown."""
    loss = graphs._affine_loss()
    loss.backward()
    x, weights, b, z = (
        next(node for node in loss.nodes() if node.name == name) for name in ("x", "W", "b", "z")
    )
    shown = rounded(z.gradient)
    assert not np.array_equal(shown, z.gradient)
    np.testing.assert_allclose(rounded(shown.sum(axis=0)), rounded(b.gradient))
    np.testing.assert_allclose(rounded(x.value.T @ shown), rounded(weights.gradient))
    np.testing.assert_allclose(rounded(shown @ weights.value.T), rounded(x.gradient))
    y = rounded(softmax(z.value))
    np.testing.assert_allclose(rounded((y - np.eye(2)[graphs.LABELS]) / 2), shown)


def sums_in(readout):
    """Both sides of every sum and product of plain numbers that a readout writes out."""
    for sum_, result in re.findall(r"(?<![\w(])([−()\d][^=:,a-z]*?) = (−?[\d.]*\d)", readout):
        plain = sum_.replace("−", "-").replace("·", "*")
        yield eval(plain, {"__builtins__": {}}), float(result.replace("−", "-"))


def test_every_sum_that_the_affine_explorer_writes_out_comes_out_as_written():
    explorer, found = explorers.affine_and_softmax(), 0
    for step in range(1, 10):
        _, _, example = set_all(explorer, step=step).partition(". ")
        for left, right in sums_in(example) if step != 3 else ():
            assert round(left, 2) == right
            found += 1
    assert found == 8


def test_the_unit_that_is_drawn_is_the_first_of_the_affine_explorer():
    said = set_all(explorers.affine_and_softmax(), step=2)
    assert "First row: 4 + 1 = 5 and 3 + 0 = 3." in said
    alt = explorers.affine_layer().alt
    assert "unit 1: weights 1, 2, 1, bias 1, says 5" in alt
    assert "unit 2: weights 0, 1, −1, bias 0, says 3" in alt


@pytest.mark.parametrize(
    "walk", ["apples", "apples_and_oranges", "chain_rule", "affine_and_softmax"]
)
def test_every_walk_opens_at_its_first_step(walk):
    explorer = getattr(explorers, walk)()
    assert explorer.readout.startswith("Step 1 of ")


@pytest.fixture(scope="module")
def row():
    return explorers.three_in_a_row()


def came_back(readout):
    return float(re.search(r"= ([\d.]+)\.$", readout)[1])


def test_three_sigmoids_let_a_64th_through_at_most_and_next_to_nothing_far_from_zero(row):
    back = [came_back(set_all(row, activation="sigmoid", x=x)) for x in np.arange(-4, 4.5, 0.5)]
    assert 0.01 < max(back) <= 1 / 64
    assert back[0] < 0.002
    assert back[-1] < 0.002


def test_three_relus_let_all_or_nothing_through(row):
    for x in (-4.0, -0.5, 0.0):
        assert came_back(set_all(row, activation="ReLU", x=x)) == 0
    for x in (0.5, 4.0):
        assert came_back(set_all(row, activation="ReLU", x=x)) == 1


HIDES = {
    "missing transpose": "symmetric W₂",
    "mask on the output": "never across the kink",
    "forgotten 1/N": "a batch of one",
}


@pytest.mark.parametrize("bug", HIDES)
def test_each_bug_fails_the_check_on_all_data_but_those_it_hides_behind(sabotage, bug):
    data = ["careful", *HIDES.values()]
    passed = [d for d in data if set_all(sabotage, bug=bug, data=d).endswith("passes.")]
    assert passed == [HIDES[bug]]


def test_without_a_bug_every_check_passes(sabotage):
    for data in ("careful", *HIDES.values()):
        assert set_all(sabotage, bug="none", data=data).endswith("The check passes.")


@pytest.mark.parametrize("bug", ["missing transpose", "mask on the output"])
def test_bugs_on_the_way_back_to_the_first_layer_spare_the_second(sabotage, bug):
    said = set_all(sabotage, bug=bug, data="careful")
    assert "second layer below 1e-6" in said
    assert "first layer below" not in said


def test_careful_data_cross_the_kink_and_careless_data_do_not():
    cases = training._checked_networks()

    def before_relu(network, x):
        p = network.parameters
        return Affine(p["W1"], p["b1"]).forward(x)

    network, x, _ = cases["careful"]
    hidden = before_relu(network, x)
    assert (hidden > 0).any()
    assert (hidden < 0).any()
    network, x, _ = cases["never across the kink"]
    assert (before_relu(network, x) > 0).all()


def test_without_the_mean_every_gradient_is_as_many_times_too_long_as_there_are_samples():
    network, x, labels = training._checked_networks()["careful"]
    right = network.gradients(x, labels)
    came = training._sabotaged(network, x, labels, "forgotten 1/N")
    for name, gradient in right.items():
        np.testing.assert_allclose(came[name], len(x) * gradient)


@pytest.fixture(scope="module")
def xor():
    return explorers.xor_training()


def says(xor, **state):
    """The loss that it says, and the probabilities of a 1 at the four corners."""
    said = set_all(xor, **state)
    return float(re.search(r"loss ([\d.]+)\.", said)[1]), [
        float(p) for p in re.findall(r"\d\.\d\d", said.partition("00, 01")[2])
    ]


def learned(probabilities):
    return [p > 0.5 for p in probabilities] == [False, True, True, False]


def test_from_seed_1_the_loss_rises_first_and_xor_is_right_at_step_75(xor):
    losses = [says(xor, start="seed 1", step=step)[0] for step in (0, 15, 75)]
    assert losses[0] < losses[1] > losses[2]
    right = [step for step in range(0, 301, 15) if learned(says(xor, start="seed 1", step=step)[1])]
    assert right == list(range(75, 301, 15))


def test_from_seed_3_the_units_become_two_gates_of_chapter_0():
    W1, b1, *_ = (array[0] for array in training._xor_run(2, (3,))[1][300])
    units = np.round(1 / (1 + np.exp(-(training.INPUTS @ W1 + b1)))).T
    assert units.tolist() == [[0, 0, 1, 0], [0, 1, 0, 0]]


def test_one_start_gets_stuck_at_two_corners_and_zeros_never_move(xor):
    loss, probabilities = says(xor, start="seed 0", step=300)
    assert 0.5 * np.log(2) < loss < 0.36
    assert probabilities == pytest.approx([0, 1, 0.5, 0.5], abs=0.02)
    for step in (0, 150, 300):
        assert says(xor, start="all weights 0", step=step) == (0.693, [0.5] * 4)
    zeros = training._xor_run(2, (None,))[1]
    assert all((array == 0).all() for array in zeros[300])
    assert learned(says(xor, start="seed 2", step=300)[1])
    assert learned(says(xor, start="seed 3", step=300)[1])


def test_many_networks_at_once_learn_xor_as_one_by_itself_does():
    for seed in (0, 1):
        rng = np.random.default_rng(seed)
        network = TwoLayerNet(2, 3, 2, rng=rng, activation=Sigmoid, weight_scale=1.0)
        for _ in range(300):
            gradients = network.gradients(training.INPUTS, training.XOR)
            network.parameters.update(SGD(3.0).step(network.parameters, gradients))
        loss = network.loss(training.INPUTS, training.XOR)
        assert explorers.xor_losses(3, [seed]) == pytest.approx([loss])
        assert explorers.xor_losses(3, range(2))[seed] == pytest.approx(loss)


def test_no_start_is_between_learned_and_stuck():
    losses = np.concatenate([explorers.xor_losses(n, range(100)) for n in (2, 3, 4)])
    assert ((losses < 0.05) | (losses > 0.3)).all()


def test_the_network_ends_above_95_percent_on_the_test_digits(units):
    said = set_all(units, epoch=30)
    assert float(re.search(r"([\d.]+) on the test digits", said)[1]) >= 0.95
    assert said.startswith("Epoch 30, step 450: ")


def test_the_units_begin_grey_and_some_stay_grey(units):
    run = training._snapshots()
    heaviest = np.abs(run["W1"][-1]).max()
    assert np.abs(run["W1"][0]).max() < 0.1 * heaviest
    reach = np.abs(run["W1"][-1]).max(axis=0)
    assert (reach < 0.3 * heaviest).any()


def test_small_rates_have_not_begun_and_middle_ones_have_learned(rates):
    for rate in (0.01, 0.03):
        assert " 2.3" in set_all(rates, learning_rate=rate).partition("over the last")[0]
        assert training._run(rate)[1] < 0.5
    for rate in (0.3, 1.0):
        assert training._run(rate)[1] > 0.9


def test_a_rate_of_3_diverges_and_leaves_every_unit_silent(rates):
    losses, accuracy, n_silent = training._run(3.0)
    assert losses.max() > 3
    assert abs(losses[-15:].mean() - np.log(10)) < 0.1
    assert accuracy < 0.2
    assert n_silent[0] == 0
    assert n_silent[4] == 38  # after 20 steps, where the loss is highest
    assert losses.argmax() == 20
    assert n_silent == sorted(n_silent)  # a unit that is shut for every digit stays so
    assert n_silent[-1] == 50
    assert "Silent on every training digit: 50 of 50" in set_all(rates, learning_rate=3.0)
