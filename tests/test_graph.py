"""The computational graph: values, gradients, steps, and what it refuses."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope import graph
from downslope.differentiation import numerical_gradient
from downslope.graph import Input, as_node, exp, format_value, log, maximum, relu, sigmoid, square
from downslope.losses import softmax


def apples():
    price, number, tax = Input(100.0, "price"), Input(2.0, "number"), Input(1.1, "tax")
    return price, number, tax, price * number * tax


def gradient_by_differences(expression, *values):
    """Numerical gradient of a graph's output with respect to each of its inputs."""

    def along(i):
        def f(changed):
            inputs = [changed if j == i else value for j, value in enumerate(values)]
            return expression(*map(Input, inputs)).value

        return numerical_gradient(f, np.asarray(values[i], dtype=float))

    return [along(i) for i in range(len(values))]


def gradient_by_graph(expression, *values):
    inputs = [Input(value) for value in values]
    expression(*inputs).backward()
    return [node.gradient for node in inputs]


def assert_gradients_agree(expression, *values):
    by_graph = gradient_by_graph(expression, *values)
    by_differences = gradient_by_differences(expression, *values)
    for ours, theirs, value in zip(by_graph, by_differences, values, strict=True):
        assert np.shape(ours) == np.shape(value)
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_two_apples_cost_220_won():
    *_, total = apples()
    assert total.value == pytest.approx(220)


def test_the_apples_hear_2_point_2_and_110_and_200_back():
    price, number, tax, total = apples()
    total.backward()
    assert [price.gradient, number.gradient, tax.gradient] == pytest.approx([2.2, 110, 200])


def test_apples_and_oranges_cost_715_won_and_hear_what_the_book_says():
    inputs = [Input(value) for value in (100.0, 2.0, 150.0, 3.0, 1.1)]
    apple, apples, orange, oranges, tax = inputs
    total = (apple * apples + orange * oranges) * tax
    total.backward()
    assert total.value == pytest.approx(715)
    assert [node.gradient for node in inputs] == pytest.approx([2.2, 110, 3.3, 165, 650])


def test_the_square_of_a_sum_has_gradient_twice_the_sum():
    x, y = Input(2.0), Input(3.0)
    z = (x + y) ** 2
    z.backward()
    assert (z.value, x.gradient, y.gradient) == (25, 10, 10)


def test_a_value_used_twice_adds_up():
    x = Input(3.0)
    (x * x + 5 * x).backward()
    assert x.gradient == 2 * 3 + 5


def test_a_value_used_in_two_branches_adds_up_before_it_travels_on():
    x = Input(2.0)
    middle = square(x)
    (middle * 3 + middle * 4).backward()
    assert (middle.gradient, x.gradient) == (7, 28)


def test_backward_twice_gives_the_same_as_once():
    price, _, _, total = apples()
    total.backward()
    total.backward()
    assert price.gradient == pytest.approx(2.2)


def test_backward_from_another_output_forgets_the_first():
    x = Input(3.0)
    (x * 10).backward()
    (x * 7).backward()
    assert x.gradient == 7


def test_an_input_that_does_not_matter_gets_zero():
    x, w = Input(3.0), Input([1.0, 2.0])
    (x + (w * 0).sum()).backward()
    np.testing.assert_array_equal(w.gradient, [0, 0])


def test_constants_get_no_gradient_and_no_step():
    x = Input(3.0)
    output = x * 2
    constant = output.inputs[1]
    steps = output.steps()
    assert constant.gradient is None
    assert all(step.target is not constant for step in steps)


def test_a_chain_longer_than_the_recursion_limit_works():
    x = Input(1.0)
    total = x
    for _ in range(3000):
        total = total + x
    total.backward()
    assert x.gradient == 3001


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        (lambda x, y: x + y, (2.0, 3.0)),
        (lambda x, y: x - y, (2.0, 3.0)),
        (lambda x, y: x * y, (2.0, 3.0)),
        (lambda x, y: x / y, (2.0, 3.0)),
        (lambda x: 5 - x, (2.0,)),
        (lambda x: 5 / x, (2.0,)),
        (lambda x: 5 + x * 2, (2.0,)),
        (lambda x: -x, (2.0,)),
        (lambda x: x**3, (-2.0,)),
        (lambda x: x**0.5, (2.0,)),
        (lambda x: x**0, (2.0,)),
        (lambda x: square(x), (-3.0,)),
        (lambda x: exp(x), (0.7,)),
        (lambda x: log(x), (0.7,)),
        (lambda x: sigmoid(x), (0.7,)),
        (lambda x: square(relu(x)).sum(), ([-1.0, 2.0, 0.5],)),
        (lambda x, y: square(maximum(x, y)).sum(), ([-1.0, 2.0], [3.0, -4.0])),
        (lambda x: maximum(x, 0).sum(), ([-1.0, 2.0],)),
        (lambda x: (x.sum(axis=0) * np.array([1.0, 5.0])).sum(), ([[1.0, 2.0], [3.0, 4.0]],)),
        (lambda x: square(x / x.sum(axis=1)).sum(), ([[1.0, 2.0], [3.0, 4.0]],)),
        (lambda x, w: square(x @ w).sum(), ([[1.0, 2.0]], [[3.0, -1.0, 2.0], [0.5, 4.0, 1.0]])),
        (lambda x, b: square(x + b).sum(), ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [7.0, 8.0])),
        (lambda x, b: square(b * x).sum(), ([[1.0, 2.0], [3.0, 4.0]], [[7.0], [8.0]])),
        (lambda x, b: square(x - b).sum(), ([[1.0, 2.0], [3.0, 4.0]], 7.0)),
    ],
)  # fmt: skip
def test_each_operation_agrees_with_differences(expression, values):
    assert_gradients_agree(expression, *values)


LEAVES = st.sampled_from(["x", "y", "0.5", "2.0"])
UNARY = ["sigmoid({})", "square({})", "(-{})", "exp(sigmoid({}))", "log(1.0 + square({}))"]
BINARY = ["({} + {})", "({} - {})", "({} * {})", "({} / (1.0 + square({})))"]


def larger(children):
    unary = st.builds(str.format, st.sampled_from(UNARY), children)
    return unary | st.builds(str.format, st.sampled_from(BINARY), children, children)


EXPRESSIONS = st.recursive(LEAVES, larger, max_leaves=10).map(lambda text: f"({text} + x * y)")
NAMES = {"sigmoid": sigmoid, "square": square, "exp": exp, "log": log}


@given(EXPRESSIONS, st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_random_expressions_agree_with_differences(text, x, y):
    def expression(x, y):
        return eval(text, {**NAMES, "x": x, "y": y})

    by_graph = gradient_by_graph(expression, x, y)
    by_differences = gradient_by_differences(expression, x, y)
    for ours, theirs in zip(by_graph, by_differences, strict=True):
        assert abs(ours - theirs) <= 1e-5 * max(1.0, abs(ours), abs(theirs))


SHAPES = st.sampled_from([(), (3,), (1, 3), (4, 1), (4, 3), (1, 1)])


@given(SHAPES, SHAPES, st.sampled_from(["+", "-", "*"]), st.integers(0, 2**32 - 1))
def test_random_broadcasts_agree_with_differences_or_are_refused(first, second, sign, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=first), rng.normal(size=second)
    weights = rng.normal(size=np.broadcast_shapes(first, second))

    def expression(a, b):
        return (eval(f"a {sign} b") * weights).sum()

    if np.broadcast_shapes(first, second) in (first, second):
        assert_gradients_agree(expression, *values)
    else:
        with pytest.raises(ValueError, match="shapes that fit"):
            expression(*map(Input, values))


@pytest.mark.parametrize("targets", [[0, 2, 1], [[0.2, 0.3, 0.5], [1, 0, 0], [0, 0.9, 0.1]]])
def test_affine_and_softmax_agree_with_differences(targets):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, 2)), rng.normal(size=(2, 3)), rng.normal(size=3)

    def expression(x, w, b):
        return graph.softmax_cross_entropy(x @ w + b, targets)

    assert_gradients_agree(expression, *values)


def test_softmax_built_of_small_nodes_gives_y_minus_t_over_n():
    logits = np.random.default_rng(1).normal(size=(4, 3))
    t = np.eye(3)[[0, 2, 2, 1]]
    node = Input(logits)
    powers = exp(node)
    loss = -(t * log(powers / powers.sum(axis=1))).sum() / 4
    loss.backward()
    np.testing.assert_allclose(node.gradient, (softmax(logits) - t) / 4, atol=1e-14)


def test_an_array_before_an_operator_makes_one_node_not_an_array_of_nodes():
    x = Input([1.0, 2.0])
    for node in (np.array([3.0, 4.0]) * x, np.float64(2) + x, np.array([1.0, 1.0]) - x):
        assert isinstance(node, graph.Node)
    product = np.array([[1.0, 2.0]]) @ Input([[3.0], [4.0]])
    np.testing.assert_array_equal(product.value, [[11.0]])


def test_relu_and_maximum_say_zero_at_the_kink():
    for kinked in (relu, lambda x: maximum(x, 0)):
        x = Input(0.0)
        kinked(x).backward()
        assert x.gradient == 0


def test_sigmoid_is_exact_far_from_zero():
    assert sigmoid(Input(-745.0)).value == pytest.approx(math.exp(-745))
    assert sigmoid(Input(1000.0)).value == 1
    assert sigmoid(Input(-1000.0)).value == 0


def test_the_values_are_copies_and_cannot_be_written_to():
    mine = np.array([1.0, 2.0])
    node = Input(mine)
    mine[0] = 99
    assert node.value[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        node.value[0] = 5


def test_integers_become_floats():
    x = Input([1, 2])
    (x / 2).sum().backward()
    np.testing.assert_array_equal(x.gradient, [0.5, 0.5])


def test_steps_come_forward_from_the_inputs_then_backward_from_the_output():
    price, number, tax, total = apples()
    cost = total.inputs[0]
    steps = total.steps()
    assert [step.direction for step in steps] == ["forward"] * 2 + ["backward"] * 5
    assert [step.node for step in steps[:2]] == [cost, total]
    assert [step.target for step in steps[2:]] == [None, cost, tax, price, number]


def test_every_backward_step_is_upstream_times_local():
    *_, total = apples()
    for step in total.steps()[3:]:
        assert step.result == pytest.approx(step.upstream * step.local)


def test_the_step_to_the_price_carries_its_three_numbers():
    price, *_, total = apples()
    step = next(step for step in total.steps() if step.target is price)
    assert (step.operation, step.upstream, step.local) == ("×", pytest.approx(1.1), 2)
    assert step.result == step.total == pytest.approx(2.2)


def test_steps_show_how_a_value_used_twice_adds_up():
    x = Input(3.0, "x")
    back = [step for step in (x * x).steps() if step.target is x]
    assert [(step.result, step.total) for step in back] == [(3, 3), (3, 6)]
    assert str(back[1]).endswith("= 3, so far 6")


def test_the_last_total_of_every_node_is_its_gradient():
    rng = np.random.default_rng(2)
    x, w, b = Input(rng.normal(size=(3, 2))), Input(rng.normal(size=(2, 4))), Input(np.ones(4))
    output = square(sigmoid(x @ w + b)).sum()
    totals = {step.target: step.total for step in output.steps() if step.target is not None}
    assert {x, w, b} <= totals.keys()
    for node, total in totals.items():
        np.testing.assert_array_equal(node.gradient, total)


def test_a_matrix_step_names_the_transposed_factor_in_its_order():
    x, w = Input(np.ones((4, 2)), "x"), Input(np.ones((2, 3)), "W")
    to_x, to_w = (str(step) for step in (x @ w).sum().steps()[-2:])
    assert to_x == "backward through @ to x: upstream (4, 3) @ Wᵀ (3, 2) = (4, 2)"
    assert to_w == "backward through @ to W: xᵀ (2, 4) @ upstream (4, 3) = (2, 3)"


def told(output, target):
    """What the graph says of the step that goes to a node."""
    return next(str(step) for step in output.steps() if step.target is target)


def test_a_step_to_a_bias_says_that_the_rows_of_the_batch_were_added_up():
    x, b, scale = Input(np.ones((4, 3)), "x"), Input(np.ones(3), "b"), Input(2.0, "scale")
    output = square((x + b) * scale).sum()
    added = "upstream (4, 3) × local derivative 1, its 4 rows added up = (3,)"
    assert told(output, b) == f"backward through + to b: {added}"
    assert "added up" not in told(output, x)
    assert "(4, 3), all added up = " in told(output, scale)


def test_a_step_to_a_number_beside_a_list_says_that_all_was_added_up():
    a = Input(2.0, "a")
    assert "all added up = 6" in told((Input([1.0, 2.0, 3.0]) * a).sum(), a)


def test_steps_cannot_be_changed():
    *_, total = apples()
    with pytest.raises(AttributeError, match="cannot assign"):
        total.steps()[0].result = 5


def test_nodes_come_after_their_inputs_and_once():
    *_, total = apples()
    nodes = total.nodes()
    assert len(nodes) == len(set(nodes)) == 5
    for i, node in enumerate(nodes):
        assert all(source in nodes[:i] for source in node.inputs)


@pytest.mark.parametrize("start", [[1.0, 2.0], [[1.0]], [5.0]])
def test_backward_refuses_to_start_from_an_array(start):
    output = Input(start) * 2
    with pytest.raises(ValueError, match="starts from a scalar, got shape"):
        output.backward()
    with pytest.raises(ValueError, match="starts from a scalar, got shape"):
        output.steps()


@pytest.mark.parametrize("bad", [math.nan, math.inf, [1.0, math.nan]])
def test_inputs_and_constants_refuse_what_is_not_finite(bad):
    with pytest.raises(ValueError, match="must be finite"):
        Input(bad)
    with pytest.raises(ValueError, match="must be finite"):
        Input(1.0) * bad


@pytest.mark.parametrize("bad", ["3", None, [[1.0], [2.0, 3.0]], 1j])
def test_inputs_refuse_what_is_not_a_number(bad):
    with pytest.raises(ValueError, match="input must"):
        Input(bad)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (lambda: log(Input(0.0)), "above zero, got 0.0"),
        (lambda: log(Input([1.0, -2.0])), "above zero, got -2.0"),
        (lambda: exp(Input(1000.0)), "exp must be finite"),
        (lambda: exp(Input([1.0, 1000.0])), "exp must be finite"),
        (lambda: 1 / Input(0.0), "reciprocal must be finite"),
        (lambda: Input(-2.0) ** 0.5, "power 0.5 must be finite"),
        (lambda: Input([1e200]) * Input([1e200]), "× must be finite"),
        (lambda: Input(2.0) ** Input(3.0), "exponent must be a number"),
        (lambda: Input([1.0, 2.0]) + Input([1.0, 2.0, 3.0]), r"got \(2,\) and \(3,\)"),
        (lambda: Input([[1.0], [2.0]]) * Input([3.0, 4.0]), r"got \(2, 1\) and \(2,\)"),
        (lambda: maximum(Input([1.0]), Input([[1.0], [2.0]])) @ [[1.0, 2.0]] @ [1.0], "row"),
        (lambda: Input([[1.0, 2.0]]) @ Input([[1.0, 2.0]]), "matrix product needs shapes"),
        (lambda: Input([1.0, 2.0]).sum(axis=1), "axis must be an axis of shape"),
        (lambda: graph.softmax_cross_entropy(Input([1.0, 2.0]), [1]), r"shape \(n, k\)"),
    ],
)
def test_bad_expressions_are_refused_with_the_reason(expression, message):
    with pytest.raises(ValueError, match=message):
        expression()


def test_an_infinite_derivative_is_refused_on_the_way_back():
    root = Input(0.0) ** 0.5
    with pytest.raises(ValueError, match="derivative must be finite"):
        root.backward()


def test_format_value_is_short():
    shown = [format_value(value) for value in (220.00000000000003, -0.5, 12345.6, 1e-9)]
    assert shown == ["220", "−0.5", "12346", "1e−09"]
    assert format_value(np.ones((2, 3))) == "(2, 3)"


def test_as_node_leaves_a_node_alone():
    x = Input(1.0)
    assert as_node(x) is x


@pytest.mark.parametrize("axis", ["a", (0, 1), 1.0, 2, -3])
def test_a_sum_along_no_axis_is_refused_by_name(axis):
    with pytest.raises(ValueError, match="axis must be"):
        Input([[1.0, 2.0]]).sum(axis=axis)


def test_a_reader_is_not_shown_a_negative_zero():
    assert format_value(-0.0) == "0"
    assert "−0" not in str((relu(Input(-1.0)) * -2.0).steps()[1])


def turned(upstream, local):
    """upstreamᵀ"""
    return upstream.T


def transpose(x):
    return graph.Node(x.value.T, "transpose", [graph.Edge(x, None, turned)])


def sine(x):
    return graph.Node(np.sin(x.value), "sin", [graph.Edge(x, np.cos(x.value))])


def scaled_row(upstream, local):
    return upstream * local[:, np.newaxis]


def test_an_operation_of_ones_own_brings_its_own_way_back():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(3, 2)), rng.normal(size=(3, 4))
    assert_gradients_agree(lambda x, w: square(sine(transpose(x) @ w)).sum(), x, w)


def test_a_rule_is_told_in_the_words_of_its_docstring():
    x = Input(np.ones((3, 2)), "x")
    rules = ((scaled_row, "a rule of its own on upstream (3, 2)"), (turned, "upstreamᵀ"))
    for rule, words in rules:
        edge = graph.Edge(x, np.ones(3), rule)
        value = x.value.T if rule is turned else x.value
        step = graph.Node(value, "mine", [edge]).sum().steps()[-1]
        assert str(step) == f"backward through mine to x: {words} = (3, 2)"


def test_a_rule_that_gives_back_another_shape_is_refused():
    x = Input(np.ones((3, 2)))
    wrong = graph.Node(x.value.T, "transpose", [graph.Edge(x, 1.0)]).sum()
    with pytest.raises(ValueError, match=r"a rule must give back shape \(3, 2\), got \(2, 3\)"):
        wrong.backward()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: graph.Edge(x, None), "an edge needs a local derivative, or a rule"),
        (lambda x: graph.Edge(3.0, 1.0), "source must be a Node, got 3.0"),
        (lambda x: graph.Edge(x, 1.0, lambda upstream, local: None), "a rule gives back must hold"),
    ],
)
def test_an_edge_that_cannot_bring_anything_back_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        graph.Node(2.0, "mine", [make(Input(1.0))]).backward()
