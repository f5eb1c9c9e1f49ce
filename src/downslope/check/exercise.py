"""Exercises that answer back: right, not written yet, or *what* is wrong and a hint.

An exercise is its solution, a function, with cases to try it on and wrong answers that readers
are known to give::

    @exercise(cases=_numbers, right="it doubles any number.")
    def double(x):
        "Twice x."
        return 2 * x

    @double.wrong("This is x squared.", belief="that x * x is twice x.")
    def _squares(x):
        return x * x

    double(readers_function)

Cases are made anew for every run, so that nothing that one function does to them reaches another.
"""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from downslope.check.compare import difference, identical
from downslope.check.wording import one_line, paragraph, show_arguments, sort_of

__all__ = ["Exercise", "Feedback", "WrongAnswer", "exercise", "in_words"]

SEED = 4


@dataclass(frozen=True, repr=False)
class Feedback:
    """What a checker says. It is true when the answer is right.

    Attributes
    ----------
    verdict : str
        "right", "not written", "known" (a wrong answer with a hint of its own), "call", "raised",
        "modified", "different" or "unreadable".
    text : str
        What the reader sees.
    """

    verdict: str
    text: str

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer that readers give.

    Attributes
    ----------
    function : callable
        Does what they do.
    hint : str
        What was computed and what was asked, in one or two sentences.
    belief : str
        What they may have had in mind, and why it fails.
    """

    function: Callable
    hint: str
    belief: str


@dataclass(frozen=True)
class _Outcome:
    """What became of one call: a value, nothing, an exception; and which arguments it changed."""

    value: object = None
    nothing: bool = False
    error: Exception | None = None
    line: int | None = None
    unreadable: Exception | None = None
    modified: tuple[str, ...] = ()


class _NothingCame(Exception):
    pass


class _Failed(Exception):
    pass


class Exercise:
    """One exercise; call it with a reader's function to hear what it does.

    Parameters
    ----------
    solution : callable
        Its name, signature and docstring are those of the exercise.
    cases : callable
        Maps a random generator to an iterable of cases: dictionaries from the names of the
        solution's parameters to values.
    right : str
        Said after "Right:".
    observe : callable, optional
        ``observe(function, **case)`` returns what is compared. By default that is what the
        function returns.
    rtol, atol : float
        Numbers agree when they differ by at most ``atol + rtol * abs(expected)``.
    """

    def __init__(self, solution, cases, right, observe=None, rtol=1e-6, atol=1e-9):
        self.solution = solution
        self.right = right
        self.wrong_answers: list[WrongAnswer] = []
        self.__name__ = solution.__name__
        self.__doc__ = inspect.getdoc(solution)
        self._cases, self._observe = cases, observe or _call
        self._tolerance = {"rtol": rtol, "atol": atol}

    def wrong(self, hint, belief):
        """Decorator: the function below is a wrong answer with this hint.

        Parameters
        ----------
        hint, belief : str
            As in `WrongAnswer`.
        """

        def add(function):
            self.wrong_answers.append(WrongAnswer(function, hint, belief))
            return function

        return add

    def cases(self) -> Iterator[dict]:
        """The cases, made anew; every time the same."""
        return iter(self._cases(np.random.default_rng(SEED)))

    def __call__(self, answer) -> Feedback:
        """Say whether `answer` is right, and if not, what is wrong.

        Parameters
        ----------
        answer : callable
            The reader's function. It is given copies, by position.

        Returns
        -------
        feedback : Feedback
            Prints as a short text; true when the answer is right.

        Raises
        ------
        TypeError
            If `answer` is no function.
        """
        if not callable(answer):
            raise TypeError(
                f"check.{self.__name__} needs your function itself, without a call: "
                f"check.{self.__name__}(my_function). It got {sort_of(answer)}."
            )
        found = self._misfit(answer)
        return found if found is not None else self._judge(self._try(answer))

    def _judge(self, outcomes) -> Feedback:
        for look in (self._not_written, self._known, self._stumbled, self._different):
            found = look(outcomes)
            if found is not None:  # and not `if found`: feedback is false unless right
                return found
        return Feedback("right", paragraph(f"Right: {self.right}"))

    def __repr__(self) -> str:
        first_line = (self.__doc__ or "").partition("\n")[0]
        return f"{self.__name__}{inspect.signature(self.solution)}: {first_line}"

    def _misfit(self, answer):
        names = list(inspect.signature(self.solution).parameters)
        try:
            taken = inspect.signature(answer)
        except ValueError:  # a built-in function that does not tell
            return None
        try:
            taken.bind(*names)
        except TypeError:
            text = f"Not yet: your function is called with ({', '.join(names)}) and takes {taken}."
            return Feedback("call", paragraph(text))
        return None

    def _try(self, function):
        pairs = zip(self.cases(), self.cases(), strict=True)
        return [self._outcome(function, case, untouched) for case, untouched in pairs]

    def _outcome(self, function, case, untouched):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = self._listen(function, case)
        changed = (name for name in case if not identical(untouched[name], case[name]))
        return _Outcome(**found, modified=tuple(changed))

    def _listen(self, function, case):
        try:
            return {"value": copy.deepcopy(self._observe(_heard(function), **case))}
        except _NothingCame:
            return {"nothing": True}
        except _Failed as failure:
            error = failure.__cause__
            return {"error": error, "line": _line_in(function, error)}
        except Exception as error:  # what came is not what `observe` can use
            return {"unreadable": error}

    def _not_written(self, outcomes):
        if not all(outcome.nothing for outcome in outcomes):
            return None
        advice = "If you have written it, look whether a `return` is missing."
        return Feedback("not written", paragraph("Nothing came back yet.", advice))

    def _known(self, outcomes):
        """The hint of the wrong answer that did the same in every case."""
        for wrong in self.wrong_answers:
            if all(map(self._same, self._try(wrong.function), outcomes)):
                belief = paragraph(f"A belief that leads here: {wrong.belief}")
                return Feedback("known", f"{paragraph('Not yet.', wrong.hint)}\n{belief}")
        return None

    def _same(self, expected, came):
        if any(outcome.nothing or outcome.unreadable for outcome in (expected, came)):
            return False
        if expected.modified != came.modified:
            return False
        if expected.error or came.error:
            both = expected.error and came.error
            return bool(both) and one_line(expected.error) == one_line(came.error)
        return difference(expected.value, came.value, **self._tolerance) is None

    def _stumbled(self, outcomes):
        """The first case in which there was nothing to compare."""
        for case, outcome in zip(self.cases(), outcomes, strict=True):
            verdict, text = _stumble(outcome, self.__doc__)
            if verdict:
                return Feedback(verdict, f"{paragraph('Not yet.', text)}\n{show_arguments(case)}")
        return None

    def _different(self, outcomes):
        """The first case that came out differently."""
        solved = self._try(self.solution)
        for case, expected, came in zip(self.cases(), solved, outcomes, strict=True):
            found = difference(expected.value, came.value, **self._tolerance)
            if found:
                return Feedback("different", _in_lines(found, case))
        return None


def exercise(cases, right, observe=None, rtol=1e-6, atol=1e-9):
    """Decorator: makes an `Exercise` of its solution; the parameters are those of `Exercise`."""
    return lambda solution: Exercise(solution, cases, right, observe, rtol, atol)


def in_words(text, function):
    """Let messages show a function that is handed to the reader's function as `text`.

    Examples
    --------
    >>> from downslope.check.wording import show
    >>> show(in_words("lambda x: 2 * x", lambda x: 2 * x))
    'lambda x: 2 * x'
    """
    function.in_words = text
    return function


def _call(function, **case):
    return function(*case.values())


def _heard(function):
    """The function, with nothing returned and any failure of its own told apart from all else."""

    def call(*arguments):
        try:
            came = function(*arguments)
            came = list(came) if inspect.isgenerator(came) else came
        except NotImplementedError:
            raise _NothingCame from None
        except Exception as error:
            raise _Failed from error
        if came is None or came is ...:
            raise _NothingCame
        return came

    return call


def _line_in(function, error):
    """Line of the function that failed, counted from its first; None if that is not known."""
    code, trace, line = getattr(function, "__code__", None), error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code is code:
            line = trace.tb_lineno - code.co_firstlineno + 1
        trace = trace.tb_next
    return line


def _stumble(outcome, task):
    if outcome.error:
        line = f" in its line {outcome.line}" if outcome.line else ""
        return "raised", f"Your function raised {one_line(outcome.error)}{line}. It was called with"
    if outcome.nothing:
        return "not written", "Your function returned nothing here; is a `return` missing? With"
    if outcome.unreadable:
        problem = one_line(outcome.unreadable)
        return "unreadable", f"What came back cannot be used ({problem}). Asked for: {task} With"
    if outcome.modified:
        names = " and ".join(outcome.modified)
        advice = "The caller still needs it: compute a new array instead. With"
        return "modified", f"Your function changed its argument {names} in place. {advice}"
    return "", ""


def _in_lines(found, case):
    opening = {
        "sort": "Not yet: that is not the sort of result that was asked for.",
        "shape": "Not yet: that is not the shape that was asked for.",
        "dtype": "Not yet: the values are right, their type is not.",
        "value": "Not yet: that is not the result that was asked for.",
    }[found.about]
    where = f" ({found.where})" if found.where else ""
    return (
        f"{opening} With\n{show_arguments(case)}\n"
        f"expected{where}: {found.expected}\ncame{where}: {found.came}"
    )
