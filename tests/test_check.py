"""The exercise checkers: each solution is right, each known wrong answer gets its own hint."""

import builtins
import inspect
import operator
import re
import sys
import warnings
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from downslope import (
    check,
    convolution,
    datasets,
    descent,
    differentiation,
    explorers,
    graph,
    initializers,
    losses,
    optimizers,
)
from downslope.check import draws
from downslope.check.compare import Difference, difference, identical
from downslope.check.wording import one_line, pair, show, sort_of
from downslope.exercises import optimizers as exercises
from downslope.landscapes import ravine

EXERCISES = {
    name: value for name, value in vars(check).items() if isinstance(value, check.Exercise)
}
WRONG_ANSWERS = [
    pytest.param(exercise, wrong, id=f"{name}-{wrong.function.__name__.strip('_')}")
    for name, exercise in EXERCISES.items()
    for wrong in exercise.wrong_answers
]


def words(text):
    return " ".join(text.split())


def parameters(exercise):
    return list(inspect.signature(exercise.solution).parameters)


@pytest.fixture(params=EXERCISES.values(), ids=EXERCISES)
def exercise(request):
    return request.param


def test_there_are_exercises_with_wrong_answers():
    assert len(EXERCISES) >= 20
    assert len(WRONG_ANSWERS) >= 100


class TestEveryExercise:
    def test_its_solution_is_right(self, exercise):
        feedback = exercise(exercise.solution)
        assert feedback
        assert feedback.verdict == "right"
        assert words(repr(feedback)) == f"Right: {words(exercise.right)}"

    def test_its_solution_still_works_when_it_returns_lists(self, exercise):
        def returns_lists(*arguments):
            came = exercise.solution(*arguments)
            return came.tolist() if isinstance(came, np.ndarray) else came

        assert exercise(returns_lists)

    @pytest.mark.parametrize("nothing", [None, ...])
    def test_a_starter_is_not_written_yet(self, exercise, nothing):
        feedback = exercise(lambda *_: nothing)
        assert not feedback
        assert words(feedback.text) == words(exercise.not_written)

    def test_not_implemented_is_not_written_yet(self, exercise):
        def starter(*_):
            raise NotImplementedError

        assert exercise(starter).verdict == "not written"

    def test_an_exception_is_named_with_its_line_and_the_arguments(self, exercise):
        def fails(*_):
            one = 1
            return one / 0

        feedback = exercise(fails)
        assert not feedback
        assert "ZeroDivisionError: division by zero in its line 3" in words(feedback.text)
        case = next(exercise.cases())
        shown = [name for name in case if not isinstance(case[name], np.random.Generator)]
        assert all(f"\n  {name} = " in feedback.text for name in shown[:1])

    def test_changing_an_argument_in_place_is_caught(self, exercise):
        case = next(exercise.cases())
        changeable = np.ndarray, list
        places = [i for i, value in enumerate(case.values()) if isinstance(value, changeable)]
        if not places:
            assert not any(isinstance(value, dict) for value in case.values())
            return

        def meddles(*arguments):
            came = exercise.solution(*arguments)
            argument = arguments[places[0]]
            if isinstance(argument, np.ndarray):
                argument.flat[0] += 1
            else:
                argument.pop()
            return came

        feedback = exercise(meddles)
        assert feedback.verdict in ("modified", "known")
        assert re.search(rf"\b{list(case)[places[0]]} (itself|in place)", words(feedback.text))

    def test_a_function_of_other_arguments_is_told_how_it_is_called(self, exercise):
        feedback = exercise(lambda: 1)
        assert feedback.verdict == "call"
        assert f"({', '.join(parameters(exercise))})" in words(feedback.text)

    def test_a_result_instead_of_a_function_is_a_type_error(self, exercise):
        with pytest.raises(TypeError, match=rf"{re.escape(exercise.call)}.* one numb"):
            exercise(3.0)

    @pytest.mark.parametrize("other", ["a word", 12345.0, [], {}, np.ones((2, 3, 4)), object()])
    def test_any_other_result_is_wrong(self, exercise, other):
        assert not exercise(lambda *_: other)

    def test_it_says_what_is_asked_for(self, exercise):
        assert repr(exercise).startswith(f"{exercise.__name__}(")
        assert len(exercise.__doc__) > 20

    def test_its_cases_have_the_parameters_of_its_solution(self, exercise):
        if exercise.sort == "function":
            assert all(list(case) == parameters(exercise) for case in exercise.cases())

    def test_its_cases_are_the_same_every_time_and_never_the_same_arrays(self, exercise):
        for one, other in zip(exercise.cases(), exercise.cases(), strict=True):
            assert identical(one, other)
            for name, value in one.items():
                if isinstance(value, np.ndarray):
                    assert not np.shares_memory(value, other[name])

    def test_it_knows_at_least_three_wrong_answers(self, exercise):
        assert len(exercise.wrong_answers) >= 3

    def test_its_name_is_public(self, exercise):
        assert exercise.__name__ in check.__all__
        assert getattr(check, exercise.__name__) is exercise


@cache
def first_feedback(exercise, number):
    """What a known wrong answer hears, asked for once for all tests."""
    return exercise(exercise.wrong_answers[number].function)


def heard_at_first(exercise, wrong):
    return first_feedback(exercise, exercise.wrong_answers.index(wrong))


class TestEveryWrongAnswer:
    @pytest.mark.parametrize(("exercise", "wrong"), WRONG_ANSWERS)
    def test_it_gets_its_own_hint_and_no_other(self, exercise, wrong):
        feedback = heard_at_first(exercise, wrong)
        assert not feedback
        assert feedback.verdict == "known"
        hints = [
            other.hint
            for other in exercise.wrong_answers
            if words(other.hint) in words(feedback.text)
        ]
        assert hints == [wrong.hint]
        assert words(feedback.text).endswith(words(wrong.belief))

    @pytest.mark.parametrize(("exercise", "wrong"), WRONG_ANSWERS)
    def test_its_feedback_is_the_same_every_time_plain_and_narrow(self, exercise, wrong):
        text = heard_at_first(exercise, wrong).text
        assert text == exercise(wrong.function).text
        assert "0x" not in text
        assert max(map(len, text.splitlines())) <= 76

    @pytest.mark.parametrize(("exercise", "wrong"), WRONG_ANSWERS)
    def test_its_hint_and_belief_are_sentences(self, exercise, wrong):
        assert wrong.hint[0].isupper() or wrong.hint.startswith("-gradient")
        assert wrong.hint.endswith(".")
        assert wrong.belief.startswith("that ")
        assert wrong.belief.endswith(".")


class TestTheBooksOwnFunctions:
    @pytest.mark.parametrize(
        ("exercise", "function"),
        [
            (check.accuracy, losses.accuracy),
            (check.one_hot, datasets.one_hot),
            (check.sum_squared_error, losses.sum_squared_error),
            (check.cross_entropy, losses.cross_entropy),
            (check.softmax, losses.softmax),
            (check.softmax_cross_entropy, losses.softmax_cross_entropy),
            (check.forward_difference, differentiation.forward_difference),
            (check.central_difference, differentiation.central_difference),
            (check.numerical_gradient, differentiation.numerical_gradient),
            (check.output_places, convolution.output_size),
            (check.walk, descent.gradient_descent),
            (check.ascent, descent.gradient_ascent),
        ],
        ids=lambda value: getattr(value, "__name__", ""),
    )
    def test_they_are_right_answers(self, exercise, function):
        assert exercise(function)


def test_the_data_of_the_relu_exercise_cross_the_kink():
    for case in check.relu_backward.cases():
        assert (case["x"] < 0).any()
        assert (case["x"] > 0).any()
        assert (case["upstream"][case["x"] < 0] != 0).any()


@pytest.mark.parametrize("seed", range(3))
def test_what_chapter_5_asks_for_is_what_differences_find(seed):
    rng = np.random.default_rng(seed)
    x, W, b, upstream = (rng.normal(size=size) for size in ((4, 3), (3, 2), 2, (4, 2)))
    asked = check.affine_backward.solution(upstream, x, W)
    found = (
        differentiation.numerical_gradient(lambda x: np.sum(upstream * (x @ W + b)), x),
        differentiation.numerical_gradient(lambda W: np.sum(upstream * (x @ W + b)), W),
        differentiation.numerical_gradient(lambda b: np.sum(upstream * (x @ W + b)), b),
    )
    assert difference(found, asked, rtol=1e-7, atol=1e-8) is None
    labels = np.array([1, 0, 2, 1])
    asked = check.softmax_cross_entropy_backward.solution(x, labels)
    found = differentiation.numerical_gradient(lambda x: losses.softmax_cross_entropy(x, labels), x)
    assert difference(found, asked, rtol=1e-7, atol=1e-8) is None


@pytest.mark.parametrize(
    ("exercise", "settings", "optimizer", "n_kept"),
    [
        (check.momentum_step, (0.1, 0.9), optimizers.Momentum(0.1, 0.9), 1),
        (check.nesterov_step, (0.1, 0.9), optimizers.Nesterov(0.1, 0.9), 1),
        (check.adagrad_step, (1.5,), optimizers.AdaGrad(1.5), 1),
        (check.adam_step, (0.3,), optimizers.Adam(0.3), 2),
    ],
    ids=["momentum", "nesterov", "adagrad", "adam"],
)
def test_what_chapter_6_asks_for_walks_as_the_optimizer_of_the_book(
    exercise, settings, optimizer, n_kept
):
    path = descent.gradient_descent(ravine.gradient, [-7.0, 2.0], optimizer, 30)
    x, kept = path[0], n_kept * [np.zeros(2)]
    for t, expected in enumerate(path[1:], start=1):
        counted = (t,) if exercise is check.adam_step else ()
        x, *kept = exercise.solution(x, *kept, *counted, ravine.gradient(x), *settings)
        np.testing.assert_allclose(x, expected, rtol=1e-12, atol=1e-12)


def test_what_the_hints_on_adam_say_of_its_first_step_is_so():
    by_name = {known.function.__name__: known for known in check.adam_step.wrong_answers}

    def first_step(name, gradient=1.0):
        zero = np.zeros(1)
        x, *_ = by_name[name].function(zero, zero, zero, 1, np.array([gradient]), 1.0)
        return -x.item()

    assert first_step("_without_correction") == pytest.approx(10**0.5, rel=1e-6)
    assert first_step("_mean_corrected_alone") == pytest.approx(1000**0.5, rel=1e-6)
    assert first_step("_square_corrected_alone") == pytest.approx(1 / 10, rel=1e-6)
    assert first_step("_root_before_the_correction") == pytest.approx(1000**-0.5, rel=1e-6)
    assert first_step("_epsilon_before_the_correction", 1e-7) == pytest.approx(0.24, abs=0.005)
    x, *_ = check.adam_step.solution(0.0, 0.0, 0.0, 1, 1e-7, 1.0)
    assert x == pytest.approx(-0.91, abs=0.005)


def test_a_walk_by_the_new_velocity_diverges_where_nesterovs_does_not():
    by_name = {known.function.__name__: known for known in check.nesterov_step.wrong_answers}

    def end(step):
        x, velocity = np.ones(1), np.zeros(1)
        for _ in range(400):
            x, velocity = step(x, velocity, 2 * x, 0.5, 0.9)
        return abs(x.item())

    assert end(check.nesterov_step.solution) < 1e-3
    assert end(by_name["_new_velocity_for_the_old"].function) > 1e3


@pytest.mark.parametrize("seed", range(5))
def test_the_engine_of_chapter_5_finds_what_graph_and_differences_find(seed):
    def expression(inputs):
        rng, values = np.random.default_rng(seed), list(inputs)
        for _ in range(10):
            a, b = (values[i] for i in rng.integers(len(values), size=2))
            values.append(a + b if rng.random() < 0.6 else a * b)
        return sum(values[1:], values[0])

    numbers = np.random.default_rng(seed).normal(size=3)
    values = [check.Value.solution(number) for number in numbers]
    check.backward.solution(check.topological_order.solution(expression(values)))
    found = np.array([value.gradient for value in values])
    inputs = [graph.Input(number) for number in numbers]
    expression(inputs).backward()
    assert found == pytest.approx([node.gradient for node in inputs], rel=1e-12)
    assert found == pytest.approx(differentiation.numerical_gradient(expression, numbers), rel=1e-5)


@pytest.mark.parametrize("limit", [1_000, 3_000])
def test_recursion_fails_in_a_deep_graph_wherever_it_is_tried(limit):
    recursive = next(
        wrong
        for wrong in check.topological_order.wrong_answers
        if "recursion" in str(wrong.function)
    )
    before = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(limit)
        said = check.topological_order(recursive.function).text
        assert words(recursive.hint) in words(said)
        assert sys.getrecursionlimit() == limit
    finally:
        sys.setrecursionlimit(before)


def test_the_graph_to_read_ends_in_what_the_exercise_asks_for():
    html = explorers.graph_to_read().page_html()
    assert f">{check.read_graph.solution(2, 3, 4)}<" in html


class TestFeedback:
    def test_one_wrong_case_is_shown_with_what_was_expected_and_what_came(self):
        feedback = check.descent_step(lambda x, gradient, learning_rate: x * learning_rate)
        assert feedback.verdict == "different"
        assert feedback.text.splitlines()[1:] == [
            "  x = [3, -4]",
            "  gradient = lambda x: 4 * (x - 1)",
            "  learning_rate = 0.1",
            "expected: [2.2, -2]",
            "came: [0.3, -0.4]",
        ]

    def test_a_wrong_shape_is_said_before_wrong_numbers(self):
        feedback = check.descent_step(lambda x, gradient, learning_rate: x[0])
        assert "not the shape" in feedback.text
        assert "expected: an array of shape (2,), [2.2, -2]\ncame: one number" in feedback.text

    def test_nothing_in_one_case_only_is_a_missing_return(self):
        def forgets_a_branch(curvatures):
            if curvatures.min() > 0:
                return "minimum"

        feedback = check.kind_of_critical_point(forgets_a_branch)
        assert feedback.verdict == "not written"
        assert "missing" in feedback.text
        assert "curvatures = [-3, -1]" in feedback.text

    def test_a_float_where_a_whole_number_was_asked_is_said(self):
        feedback = check.steps_per_epoch(lambda n, batch_size: np.ceil(n / batch_size))
        assert feedback.verdict == "different"
        assert "type" in feedback.text

    def test_words_are_compared_without_their_capitals(self):
        solution = check.kind_of_critical_point.solution
        assert check.kind_of_critical_point(lambda curvatures: solution(curvatures).upper())

    def test_a_generator_is_as_good_as_a_list(self):
        def deal(n, batch_size, rng):
            yield from check.epoch_of_batches.solution(n, batch_size, rng)

        assert check.epoch_of_batches(deal)

    def test_what_cannot_be_read_is_answered_with_the_task(self):
        feedback = check.epoch_of_batches(lambda n, batch_size, rng: 5)
        assert feedback.verdict == "unreadable"
        assert words(check.epoch_of_batches.__doc__) in words(feedback.text)

    def test_warnings_of_the_function_stay_inside(self):
        def warns(x, gradient, learning_rate):
            warnings.warn("look out", stacklevel=1)
            return x - learning_rate * gradient(x)

        assert check.descent_step(warns)
        assert not check.descent_step(lambda x, gradient, learning_rate: np.log(-np.abs(x)))

    def test_a_walk_that_moves_one_array_and_the_start_hears_of_the_start_first(self):
        def moves_the_start(gradient, start, learning_rate, n_steps):
            x, path = start, [start]
            for _ in range(n_steps):
                x -= learning_rate * gradient(x)
                path.append(x)
            return np.array(path)

        feedback = check.walk(moves_the_start)
        assert feedback.verdict == "modified"
        assert "argument start" in words(feedback.text)


class TestWriteYourOwn:
    @pytest.fixture
    def double(self):
        @check.exercise(cases=lambda rng: [{"x": rng.normal(size=3)}], right="twice is twice.")
        def double(x):
            """Twice x."""
            return 2 * x

        @double.wrong("This is x squared.", belief="that x * x is twice x.")
        def squares(x):
            return x * x

        return double

    def test_an_exercise_is_made_from_its_solution(self, double):
        assert double(lambda x: x + x)
        assert repr(double) == "double(x): Twice x."

    def test_a_decorated_wrong_answer_stays_a_function(self, double):
        assert double(lambda x: x**2).text == (
            "Not yet. This is x squared.\nA belief that leads here: that x * x is twice x."
        )

    def test_a_function_without_a_signature_can_be_checked(self, double):
        assert double(np.negative).verdict == "different"

    def test_a_right_answer_is_right_before_any_wrong_answer_is_looked_at(self, double):
        double.wrong("This is right.", belief="that it is wrong.")(lambda x: 2 * x)
        assert double(double.solution)


class Counter:
    """Counts."""

    def __init__(self, start):
        self.number = start

    def __add__(self, more):
        return type(self)(self.number + more)


class TestAClass:
    """An exercise whose answers are classes."""

    @pytest.fixture
    def counter(self):
        def cases(rng):
            yield {"start": 3, "more": 4}
            yield {"start": 0, "more": int(rng.integers(1, 9))}

        def counted(make, start, more):
            return check.heard(operator.add)(make(start), more).number

        return check.exercise(cases, "it counts.", counted)(Counter)

    def test_its_solution_and_a_subclass_are_right(self, counter):
        assert counter(Counter)
        assert counter(type("Mine", (Counter,), {}))

    def test_an_instance_is_refused_in_words_for_a_class(self, counter):
        said = (
            r"Counter needs your class itself, without a call: Counter\(Counter\). It got a Counter"
        )
        with pytest.raises(TypeError, match=said):
            counter(Counter(3))

    def test_a_class_that_takes_other_arguments_is_told_how_it_is_called(self, counter):
        said = counter(type("Mine", (), {})).text
        assert words(said).startswith("Not yet: your class is called with (start)")

    def test_a_method_that_is_not_written_is_not_written_yet(self, counter):
        class Starter(Counter):
            def __add__(self, more): ...

        assert counter(Starter).verdict == "not written"

    def test_a_method_that_fails_is_named_with_its_line(self, counter):
        class Failing(Counter):
            def __add__(self, more):
                number = self.number // 0
                return Failing(number)

        feedback = counter(Failing)
        assert feedback.verdict == "raised"
        assert "in line 2 of its __add__. It was tried with" in words(feedback.text)
        assert "\n  start = 3\n  more = 4" in feedback.text

    def test_what_fails_outside_of_its_methods_is_unreadable(self, counter):
        class Nameless(Counter):
            def __add__(self, more):
                return self.number + more

        assert counter(Nameless).verdict == "unreadable"


class TestAFunctionThatActs:
    """An exercise whose answers act on their arguments and return nothing."""

    @pytest.fixture
    def fill(self):
        def filled(fill, place):
            fill(place)
            return dict(place) or None

        @check.exercise(
            lambda rng: [{"place": {}}], "it is full.", filled, untouched="It is empty. Put 1 in."
        )
        def fill(place):
            """Puts 1 in."""
            place["a"] = 1

        return fill

    def test_it_may_return_nothing_or_something(self, fill):
        assert fill(lambda place: place.update(a=1))
        assert fill(lambda place: [place.update(a=1)])

    def test_while_it_has_done_nothing_it_is_not_written(self, fill):
        feedback = fill(lambda place: {"a": 1})
        assert (feedback.verdict, feedback.text) == ("not written", "It is empty. Put 1 in.")

    def test_done_in_one_case_only_it_is_told_that_it_has_done_nothing_there(self):
        def seen(mark, number, marks):
            mark(number, marks)
            return marks["n"] if marks else None

        @check.exercise(
            lambda rng: [{"number": n, "marks": {}} for n in (1, -1)],
            "it is marked.",
            seen,
            untouched="No mark yet.",
        )
        def mark(number, marks):
            """Marks a number."""
            marks["n"] = number

        feedback = mark(lambda number, marks: marks.update(n=number) if number > 0 else None)
        assert "Your function has done nothing here. With number = -1" in words(feedback.text)


class TestAnAnswer:
    """What an answer may do besides being right or wrong."""

    @pytest.fixture
    def half(self):
        def cases(rng):
            yield {"x": np.array([1.0, 3.0])}
            yield {"x": rng.normal(size=3)}
            yield check.Exactly(x=np.array([1.0]))

        @check.exercise(cases, right="half is half.")
        def half(x):
            """Half of x."""
            return x / 2

        @half.wrong("This is a millionth off.", belief="that a millionth is nothing.")
        def nearly(x):
            return x / 2 * (1 + 1e-6)

        @half.wrong("This is half of the size.", belief="that x is never negative.")
        def half_of_the_size(x):
            return np.abs(x) / 2

        return half

    def test_in_float32_it_is_right_and_not_accused(self, half):
        assert half(lambda x: x.astype(np.float32) * np.float32(0.5))
        assert half(lambda x: (x.astype(np.float32) * np.float32(0.5)).tolist())

    def test_a_small_constant_is_found_where_the_result_is_exact(self, half):
        feedback = half(lambda x: x / 2 + 1e-12)
        assert feedback.verdict == "different"
        assert "0.500000000001" in feedback.text

    def test_a_known_hint_is_given_only_if_other_cases_agree(self, half):
        (_, drawn, _) = half.cases()

        def looks_like_the_size(x):
            seen = np.array_equal(x, drawn["x"])
            return np.abs(x) / 2 if seen else x / 2 + (len(x) == 3)

        assert half(lambda x: np.abs(x) / 2).verdict == "known"
        assert half(looks_like_the_size).verdict == "different"

    def test_it_may_not_know_the_cases_by_heart(self, half):
        answers = {case["x"].tobytes(): case["x"] / 2 for case in half.cases()}
        assert half(lambda x: answers.get(x.tobytes(), 0 * x)).verdict == "different"

    def test_it_may_not_remember_the_last_call(self, half):
        assert not half(lambda x, calls=[]: calls.append(x) or x / 2 + (len(calls) > 3))

    def test_what_it_prints_is_seen_once_for_each_case(self, half, capsys):
        assert half(lambda x: print("here") or x / 2)
        assert capsys.readouterr().out == 3 * "here\n"

    def test_to_leave_python_is_an_error_of_its_own(self, half):
        def leaves(x):
            raise SystemExit(3)

        assert half(leaves).verdict == "raised"
        assert "SystemExit: 3" in half(leaves).text

    @pytest.mark.parametrize(
        ("module", "name", "other"),
        [
            (np, "mean", np.sum),
            (np, "abs", None),
            (np.random, "default_rng", None),
            (builtins, "all", lambda _: True),
        ],
        ids=lambda value: getattr(value, "__name__", ""),
    )
    def test_what_it_does_to_numpy_or_to_a_built_in_name_helps_it_not_nor_lasts(
        self, module, name, other
    ):
        usual = getattr(module, name)

        def sums_for_a_mean(probabilities, labels):
            setattr(module, name, other)
            return -np.log(probabilities[np.arange(len(labels)), labels]).sum()

        feedback = check.cross_entropy(sums_for_a_mean)
        assert "summed over the rows" in words(feedback.text)
        assert getattr(module, name) is usual

    @pytest.mark.parametrize("settings", [{"all": "raise"}, {"all": "call"}])
    def test_how_numpy_takes_errors_is_as_before_whatever_it_sets(self, settings):
        before = np.geterr()

        def sets(logits):
            powers = np.exp(logits)
            np.seterr(**settings)
            return powers / powers.sum(axis=1, keepdims=True)

        assert check.softmax(sets).verdict == "raised"
        assert np.geterr() == before

    def test_the_readers_interrupt_goes_through(self, half):
        def runs_until_interrupted(x):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            half(runs_until_interrupted)

    def test_any_iterator_is_as_good_as_a_list(self, half):
        assert half(lambda x: map(np.float64, x / 2))
        assert half(lambda x: iter(x / 2))

    def test_one_that_never_stops_yielding_is_stopped(self, half):
        def yields_for_ever(x):
            while True:
                yield 0.5

        assert "not the shape" in half(yields_for_ever).text


class TestCases:
    def test_a_small_number_can_be_asked_for_by_itself(self):
        def rounds(logits):
            return check.softmax.solution(logits).round(6)

        case = check.EachByItself({"logits": np.array([[0.0, -14.0]])})
        assert not _judged_on(case, rounds)
        assert _judged_on(dict(case), rounds)

    def test_gradients_that_hardly_differ_are_seen_to_differ(self):
        feedback = check.gradients_agree(lambda numerical, analytic: True)
        assert "the largest difference is 1.4 millionths of the largest entry" in feedback.text
        numerical, analytic = feedback.text.splitlines()[1:3]
        assert numerical.partition("=")[2] != analytic.partition("=")[2]


def _judged_on(case, answer):
    return check.Exercise(check.softmax.solution, lambda rng: [case], "yes.")(answer)


class TestFirstWeights:
    def test_fair_weights_lie_far_within_what_the_checker_allows(self):
        """By the formulas for the scatter of 9,600 normal numbers, and of 960 layers of 10."""
        scatter = {
            exercises._NEAR: 1 / np.sqrt(2 * exercises._N_WEIGHTS),
            exercises._LINKED: 1 / np.sqrt(exercises._N_WEIGHTS // 10),
            0.5: np.sqrt(24 / exercises._N_WEIGHTS),
        }
        assert exercises._N_WEIGHTS // 10 >= exercises._ENOUGH
        assert min(bound / deviation for bound, deviation in scatter.items()) > 6.9

    @pytest.mark.parametrize(
        ("came", "problem"),
        [
            ("a word", "got a str"),
            ((np.ones((2, 3)), np.ones(3)), "got a tuple of parts of different shapes"),
            ([], "must be finite numbers, got none"),
            (np.full((60, 20), np.nan), "must be finite numbers, got nan"),
        ],
    )
    def test_what_is_no_array_of_numbers_is_answered_in_words(self, came, problem):
        feedback = check.he_weights(lambda n_inputs, n_outputs, rng: came)
        assert feedback.verdict == "unreadable"
        assert problem in words(feedback.text)

    def test_what_is_wrong_with_a_draw_is_named(self):
        def known_of_each_other(n_inputs, n_outputs, rng):
            W = initializers.he((n_inputs, n_outputs), rng)
            W[:, 1] = -W[:, 0]
            return W

        feedback = check.he_weights(known_of_each_other)
        assert "came (do weights know of each other): 'yes'" in feedback.text
        feedback = check.he_weights(lambda n, m, rng: rng.normal(1, (2 / n) ** 0.5, (n, m)))
        assert "expected (mean): '0'\ncame (mean): 'about 1'" in feedback.text

    def test_a_reader_who_prints_is_heard_a_few_times_only(self, capsys):
        def prints(n_inputs, n_outputs, rng):
            print("here")
            return initializers.he((n_inputs, n_outputs), rng)

        assert check.he_weights(prints)
        n_cases = len([*check.he_weights.cases()])
        assert capsys.readouterr().out == n_cases * "here\n"


class TestDraws:
    def test_a_fair_answer_is_refused_less_than_once_in_a_thousand_millions(self):
        n_outcomes, n_cases, n_tries = 100, 4, 2
        once = 2 * np.exp(-draws.IMPOSSIBLE)  # too often, or too seldom
        assert once * n_outcomes * len(draws.N_DRAWS) * n_cases * n_tries < 1e-9

    @pytest.mark.parametrize("seed", range(5))
    def test_fair_outcomes_are_equally_likely(self, seed):
        rng = np.random.default_rng(seed)
        assert draws.equally_likely(lambda: tuple(rng.permutation(4)), 24)

    @pytest.mark.parametrize("seed", range(3))
    def test_one_outcome_that_is_twice_as_likely_is_found(self, seed, monkeypatch):
        monkeypatch.setattr(draws, "SLOW", np.inf)  # however busy the machine is
        rng = np.random.default_rng(seed)
        shares = np.array([2.0, *10 * [1.0]]) / 12
        assert not draws.equally_likely(lambda: rng.choice(11, p=shares), 11)

    def test_a_slow_answer_is_drawn_from_less_often(self, monkeypatch):
        monkeypatch.setattr(draws, "SLOW", 0)
        rng, drawn = np.random.default_rng(0), []

        def draw():
            drawn.append(int(rng.integers(10)))
            return drawn[-1]

        assert draws.equally_likely(draw, 10)
        assert len(drawn) == draws.FEWEST

    def test_outcomes_that_never_come_or_should_not_are_found(self):
        rng = np.random.default_rng(0)
        assert not draws.equally_likely(lambda: rng.integers(9), 10)
        assert not draws.equally_likely(lambda: rng.integers(11), 10)

    def test_what_is_drawn_elsewhere_is_not_the_same_again(self):
        def draw(rng):
            return rng.random()

        found, same = draws.many_draws(draw, np.random.default_rng(0))
        assert same
        assert len(set(found)) == len(found)
        elsewhere = np.random.default_rng(1)
        assert not draws.many_draws(lambda rng: rng.random() + draw(elsewhere), elsewhere)[1]

    @pytest.mark.parametrize("came", [[1, 2], np.arange(2, dtype=np.uint8), range(3), []])
    def test_whole_numbers_index(self, came):
        assert draws.index_array(came).dtype == int

    @pytest.mark.parametrize(
        ("came", "problem"),
        [
            ([0.0, 1.0], "whole numbers"),
            ([True, False], "whole numbers"),
            (["0", "1"], "whole numbers"),
            ([[0], [1]], "shape"),
            (3, "shape"),
            ({1, 2}, "shape"),
            ((1, 2), "a tuple indexes one axis after another"),
        ],
    )
    def test_what_cannot_index_is_refused(self, came, problem):
        with pytest.raises(TypeError, match=problem):
            draws.index_array(came)


class _Refuses:
    def __array__(self, *_, **__):
        raise RuntimeError("I am no array")


class TestDifference:
    @pytest.mark.parametrize(
        ("expected", "came", "about"),
        [
            (1.0, 1.0 + 1e-9, None),
            (1.0, 1.001, "value"),
            (0.0, 1e-300, "value"),
            (0.0, -0.0, None),
            (np.array([0.0, 1.0]), [1e-7, 1.0], None),
            (np.array([np.inf, 1.0]), [1e300, 1.0], "value"),
            (np.array([np.inf, 1.0]), np.array([np.inf, 1], dtype=np.float32), None),
            (1.0, np.nan, "value"),
            (10**9, 10**9 + 1, "value"),
            (1, True, "dtype"),
            (1.0, 1 + 0j, "dtype"),
            (np.ones(2), np.array([1.0, 1.0], dtype=object), "dtype"),
            (0.5, Fraction(1, 2), None),
            (np.ones(2), np.ma.array([1.0, 1.0], mask=[True, False]), "value"),
            (np.ones(2), np.ma.array([1.0, 1.0]), None),
            ("minimum", np.array("minimum"), None),
            ("minimum", np.array(["minimum"]), "sort"),
            (np.array([1.0, 2.0]), (1, 2), None),
            (np.array([1.0, 2.0]), [[1.0, 2.0]], "shape"),
            (np.array([np.nan, np.inf]), [np.nan, np.inf], None),
            (np.array([np.inf]), [-np.inf], "value"),
            (3, 3.0, "dtype"),
            (3, np.int32(3), None),
            (True, 1, None),
            (1.0, "1.0", "sort"),
            (1.0, 1 + 1j, "sort"),
            (np.ones(2), [1.0, [1.0]], "sort"),
            (1.0, 10**400, "value"),
            (np.ones(2), [1, -(10**400)], "value"),
            (np.ones(2), _Refuses(), "sort"),
            (np.ones(2), [_Refuses(), 1.0], "sort"),
            ((1.0, np.ones(2)), [1.0, _Refuses()], "sort"),
            ("minimum", " Minimum ", None),
            ("minimum", "maximum", "value"),
            ("minimum", 1, "sort"),
            ((1.0, np.ones(2)), [1.0, [1, 1]], None),
            ((1.0, np.ones(2)), (1.0, [1, 2]), "value"),
            ((1.0, 2.0), (1.0,), "sort"),
            ({"W": np.ones(2)}, {"W": [1, 1]}, None),
            ({"W": np.ones(2)}, {"w": [1, 1]}, "sort"),
            ({"W": np.ones(2)}, {"W": [1, 0]}, "value"),
        ],
    )
    def test_it_tells_what_the_disagreement_is_about(self, expected, came, about):
        found = difference(expected, came)
        assert (found and found.about) == about

    def test_a_large_array_is_shown_where_it_first_differs(self):
        came = np.zeros((5, 10))
        came[2, 3] = 0.25
        assert difference(np.zeros((5, 10)), came) == Difference(
            "value", "0", "0.25", "at index (2, 3)"
        )

    def test_the_part_that_differs_is_named(self):
        found = difference({"dW": (np.ones(2), np.ones(1))}, {"dW": (np.ones(2), np.zeros(1))})
        assert found.where == "dW result 2"


class TestIdentical:
    def test_every_bit_counts(self):
        array = np.array([0.0, 1.0])
        assert identical(array, array.copy())
        assert not identical(array, -array)
        assert not identical(np.array([0.0]), np.array([-0.0]))
        assert not identical(array, array.astype(np.float32))

    def test_lists_and_dictionaries_are_looked_into(self):
        assert identical({"x": [1, np.ones(2)]}, {"x": [1, np.ones(2)]})
        assert not identical({"x": [1, np.ones(2)]}, {"x": [1, np.zeros(2)]})
        assert not identical([1], [1, 2])
        assert not identical([1], [True])


class TestWording:
    def test_numbers_that_differ_late_are_shown_with_enough_digits(self):
        assert pair(0.1 + 0.2, 0.3) == ("0.30000000000000004", "0.29999999999999999")
        assert pair(np.array([1.0, 2.0]), np.array([1.0, 2.0000001])) == (
            "[1, 2]",
            "[1, 2.0000001]",
        )

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (np.True_, "True"),
            (np.float32(0.5), "0.5"),
            (7, "7"),
            (1e-16, "1e-16"),
            ({"W": np.ones((1, 2)), "n": 3}, "{'W': [[1, 1]], 'n': 3}"),
            ([0.1 + 0.2, "x"], "[0.3, 'x']"),
            (list(range(100)), "an array of shape (100,)"),
            (np.float64(2.0), "2"),
            (None, "None"),
            (object(), "a object"),
        ],
    )
    def test_values_are_shown_short_and_without_types(self, value, text):
        assert show(value) == text

    def test_an_error_is_one_line_without_addresses(self):
        error = ValueError("bad <function f at 0x7f00aa>\nand more")
        assert one_line(error) == "ValueError: bad <function f>"
        assert one_line(KeyError()) == "KeyError"

    def test_where_recursion_came_upon_its_limit_is_left_out(self):
        said = "RecursionError: maximum recursion depth exceeded"
        for more in ("", " in comparison", " while calling a Python object"):
            assert one_line(RecursionError(f"maximum recursion depth exceeded{more}")) == said

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ([1.0, None], "a list with None in it"),
            ((["a"], ["b"]), "a tuple with a str in it"),
            ([{}, 1], "a list with a dict in it"),
            ([1, 2], "an array of shape (2,)"),
        ],
    )
    def test_a_list_is_not_blamed_for_what_is_in_it(self, value, text):
        assert sort_of(value) == text

    def test_the_sort_of_a_ragged_list_can_be_told(self):
        assert sort_of([1, [2]]) == "a list of parts of different shapes"


def test_what_a_sum_was_divided_by_is_not_read_into_numbers_by_chance():
    def one_less(losses, batch_size, rng):
        return rng.choice(losses, batch_size, replace=False).sum() / (batch_size - 1)

    said = check.minibatch_mean(one_less).text
    assert "came (the sum was divided by): 'something else'" in said


def test_true_or_false_is_asked_for_by_name():
    said = check.one_line_can(lambda targets: "yes").text
    assert "expected: True or False\ncame: a str" in said
