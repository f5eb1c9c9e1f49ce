"""Answers to the exercises as readers write them: the right pass, and the wrong do not."""

import importlib
import pkgutil
from collections import Counter

import pytest

import answers
from downslope import check
from downslope.check.wording import paragraph

for module in pkgutil.iter_modules(answers.__path__):
    importlib.import_module(f"answers.{module.name}")

EXERCISES = [value for value in vars(check).values() if isinstance(value, check.Exercise)]
KNOWN = [(exercise, known.function) for exercise in EXERCISES for known in exercise.wrong_answers]


def of(table):
    return [
        pytest.param(exercise, answer, id=f"{exercise.__name__}-{_name(answer)}")
        for exercise, answer in table
    ]


def _name(answer):
    return getattr(answer, "__name__", type(answer).__name__).strip("_")


def draws(exercise):
    """Whether it is judged by what it draws, and in words, which no tolerance can blur."""
    return "rng" in next(exercise.cases())


def ids(exercise):
    return exercise.__name__


@pytest.mark.parametrize(("exercise", "answer"), of(answers.RIGHT))
def test_a_right_answer_is_right(exercise, answer):
    feedback = exercise(answer)
    assert feedback, feedback.text


@pytest.mark.parametrize(("exercise", "answer"), of(answers.WRONG))
def test_a_wrong_answer_is_not_right_nor_accused_of_what_it_does_not_do(exercise, answer):
    feedback = exercise(answer)
    assert not feedback
    for known in exercise.wrong_answers:
        if feedback.verdict == "known" and paragraph("Not yet.", known.hint) in feedback.text:
            assert all(
                does_the_same(exercise, known.function, answer, seed) for seed in range(9, 12)
            )


def does_the_same(exercise, known, answer, seed):
    return exercise._does_as(known, list(exercise._try(answer, seed)), seed)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    of((one, answer) for one, answer in answers.WRONG + KNOWN if not draws(one)),
)
def test_no_wrong_answer_comes_near_the_tolerance(exercise, answer, monkeypatch):
    for name, value in exercise.tolerance.items():
        monkeypatch.setitem(exercise.tolerance, name, 30 * value)
    assert not exercise(answer)


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids)
def test_every_exercise_has_many_answers_to_try(exercise):
    right = Counter(exercise.__name__ for exercise, _ in answers.RIGHT)
    wrong = Counter(exercise.__name__ for exercise, _ in answers.WRONG)
    assert right[exercise.__name__] >= 6
    assert wrong[exercise.__name__] >= 8


def test_no_two_answers_to_an_exercise_have_one_name():
    names = Counter(
        (exercise.__name__, _name(answer)) for exercise, answer in answers.RIGHT + answers.WRONG
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_a_truth_in_place_of_0_or_1_hears_the_same_hint():
    by_hint = {known.function.__name__: known for known in check.perceptron.wrong_answers}
    bias, border = by_hint["_bias_for_every_input"], by_hint["_one_on_the_border"]
    said = check.perceptron(lambda x, w, b: (w * x + b).sum() > 0)
    assert paragraph("Not yet.", bias.hint) in said.text
    said = check.perceptron(lambda x, w, b: (w * x).sum() + b >= 0)
    assert paragraph("Not yet.", border.hint) in said.text
