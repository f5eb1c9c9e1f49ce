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
A solution may be a class, and its readers' answers are; then a case is what `observe` tries it on,
and `heard` tells the failures of their methods from all others. A function may also act on its
arguments and return nothing; see `untouched`.

An answer is compared with the solution first, and only if it differs with the wrong answers; to
be accused of one it must do the same on cases of other seeds too. One that agrees with the solution
is tried once more on cases drawn afresh: it should not know them by heart, nor remember anything
from one call to the next.
"""

from __future__ import annotations

import builtins
import copy
import inspect
import io
import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from itertools import islice
from types import ModuleType

import numpy as np

from downslope.check.compare import ATOL, RTOL, difference, identical
from downslope.check.wording import one_line, paragraph, show_arguments, sort_of

__all__ = [
    "EachByItself",
    "Exactly",
    "Exercise",
    "Feedback",
    "WrongAnswer",
    "as_they_are",
    "exercise",
    "heard",
    "in_words",
]

SEED, OTHER_SEEDS = 4, range(5, 8)
SHARED = builtins, math, np, np.linalg, np.random  # whose names a function may write to
ENDLESS = 10_000  # parts of a result; whoever yields more may never stop
NOTHING = "Nothing came back yet. If you have written it, look whether a `return` is missing."


class Exactly(dict):
    """A case whose result no rounding can change, so that it must come to the last bit.

    It finds the constants that hide below every tolerance: softmax of a single logit is 1, and
    with 1e-7 added to its sum it is not.
    """


class EachByItself(dict):
    """A case in which every number must be right by itself, not in relation to the largest.

    It finds small ones that were rounded off; the result is one array without infinities.
    """


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
    error: BaseException | None = None
    where: str = ""
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
        Its name, signature and docstring are those of the exercise. If it is a class, its cases
        need an `observe`.
    cases : callable
        Maps a random generator to an iterable of cases: dictionaries from the names of the
        solution's parameters, or, for a class, from those of `observe`, to values. At least one
        should be drawn, so that nobody can know them all; no draw may come so near a tie or a jump
        that rounding decides.
    right : str
        Said after "Right:".
    observe : callable, optional
        ``observe(function, **case)`` returns what is compared. By default that is what the
        function returns.
    untouched : str, optional
        For a function that acts on its arguments and need not return anything: what is said while
        it has done nothing, which `observe` tells by returning None.
    rtol, atol : float
        Numbers agree when they differ by at most `atol` plus `rtol` times the largest number of
        the expected array; those of an `Exactly` case when they are equal.

    Attributes
    ----------
    seconds : float or None
        How long a page waits for an answer; None for as long as for any other.
    """

    seconds: float | None = None

    def __init__(
        self, solution, cases, right, observe=None, rtol=RTOL, atol=ATOL, *, untouched=None
    ):
        self.solution = solution
        self.right = right
        self.not_written = untouched or NOTHING
        self._returns = untouched is None
        self.wrong_answers: list[WrongAnswer] = []
        self.__name__ = solution.__name__
        self.__doc__ = inspect.getdoc(solution)
        self._cases, self._observe = cases, observe or _call
        self.tolerance = {"rtol": rtol, "atol": atol}

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

    @property
    def called(self) -> str:
        """How a reader calls it: those of this package by way of `check`."""
        ours = self.solution.__module__.startswith("downslope.exercises.")
        return f"check.{self.__name__}" if ours else self.__name__

    @property
    def sort(self) -> str:
        """What a reader hands over: "function" or "class"."""
        return "class" if inspect.isclass(self.solution) else "function"

    @property
    def call(self) -> str:
        """The line that hands it over."""
        return f"{self.called}({self.__name__ if self.sort == 'class' else 'my_function'})"

    def cases(self, seed=SEED) -> Iterator[dict]:
        """The cases, made anew; with the same seed every time the same."""
        return iter(self._cases(np.random.default_rng(seed)))

    def __call__(self, answer=None, **asked) -> Feedback:
        """Say whether `answer` is right, and if not, what is wrong.

        Parameters
        ----------
        answer : callable
            The reader's function. It is given copies, by position.
        **asked
            What an exercise of a kind of its own can be told besides; most take nothing.

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
                f"{self.called} needs your {self.sort} itself, without a call: "
                f"{self.call}. It got {sort_of(answer)}."
            )
        found = self._misfit(answer)
        return self._answered(answer, **asked) if found is None else found

    def _answered(self, answer) -> Feedback:
        """What is said of an answer that can be called as the exercise calls it."""
        found = self._judge(answer, SEED)
        if found:  # once more, on cases that nobody knows
            with redirect_stdout(io.StringIO()):
                found = self._judge(answer, int(np.random.default_rng().integers(2**32)))
        return found

    def _judge(self, answer, seed) -> Feedback:
        outcomes = list(self._try(answer, seed))
        if self._does_as(self.solution, outcomes, seed):
            return Feedback("right", paragraph(f"Right: {self.right}"))
        for look in (self._not_written, self._known, self._stumbled, self._different):
            found = look(answer, outcomes, seed)
            if found is not None:  # and not `if found`: feedback is false unless right
                break
        return found

    def __repr__(self) -> str:
        first_line = (self.__doc__ or "").partition("\n")[0]
        return f"{self.__name__}{inspect.signature(self.solution)}: {first_line}"

    def _misfit(self, answer):
        if inspect.iscoroutinefunction(answer) or inspect.isasyncgenfunction(answer):
            text = "Not yet: your function only promises an answer. Write def for async def."
            return Feedback("call", paragraph(text))
        names = list(inspect.signature(self.solution).parameters)
        try:
            taken = inspect.signature(answer)
        except ValueError:  # a built-in function that does not tell
            return None
        try:
            taken.bind(*names)
        except TypeError:
            called = f"your {self.sort} is called with ({', '.join(names)})"
            text = f"Not yet: {called} and takes {taken}."
            return Feedback("call", paragraph(text))
        return None

    def _try(self, function, seed):
        pairs = zip(self.cases(seed), self.cases(seed), strict=True)
        return (self._outcome(function, case, untouched) for case, untouched in pairs)

    def _does_as(self, function, outcomes, seed):
        """Whether `function` does the same in every case; it is tried until it does not."""
        return all(map(self._same, self.cases(seed), self._try(function, seed), outcomes))

    def _outcome(self, function, case, untouched):
        with as_they_are(SHARED), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = self._listen(function, case)
        changed = (name for name in case if not identical(untouched[name], case[name]))
        return _Outcome(**found, modified=tuple(changed))

    def _listen(self, function, case):
        try:
            value = copy.deepcopy(self._observe(heard(function, self._returns), **case))
            return {"value": value, "nothing": value is None}
        except _NothingCame:
            return {"nothing": True}
        except _Failed as failure:
            error = failure.__cause__
            return {"error": error, "where": _place_in(function, error)}
        except Exception as error:  # what came is not what `observe` can use
            return {"unreadable": error}

    def _not_written(self, answer, outcomes, seed):
        if not all(outcome.nothing for outcome in outcomes):
            return None
        return Feedback("not written", paragraph(self.not_written))

    def _known(self, answer, outcomes, seed):
        """The hint of the wrong answer that does the same in every case, of other seeds too."""
        for wrong in self.wrong_answers:
            if self._does_as(wrong.function, outcomes, seed) and self._is(wrong.function, answer):
                belief = paragraph(f"A belief that leads here: {wrong.belief}")
                return Feedback("known", f"{paragraph('Not yet.', wrong.hint)}\n{belief}")
        return None

    def _is(self, function, answer):
        with redirect_stdout(io.StringIO()):
            return all(
                self._does_as(function, self._try(answer, seed), seed) for seed in OTHER_SEEDS
            )

    def _same(self, case, expected, came):
        if any(outcome.nothing or outcome.unreadable for outcome in (expected, came)):
            return False
        if expected.modified != came.modified:
            return False
        if expected.error or came.error:
            both = expected.error and came.error
            return bool(both) and one_line(expected.error) == one_line(came.error)
        return self._differ(case, expected, came) is None

    def _differ(self, case, expected, came):
        tolerance = self.tolerance
        if isinstance(case, Exactly):
            tolerance = {"rtol": 0, "atol": 0}
        if isinstance(case, EachByItself):
            tolerance = {"rtol": 0, "atol": tolerance["rtol"] * np.abs(expected.value)}
        return difference(expected.value, came.value, **tolerance)

    def _stumbled(self, answer, outcomes, seed):
        """The first case in which there was nothing to compare."""
        solved = self._try(self.solution, seed)
        for case, meant, outcome in zip(self.cases(seed), solved, outcomes, strict=True):
            modified = tuple(name for name in outcome.modified if name not in meant.modified)
            verdict, text = _stumble(replace(outcome, modified=modified), self)
            if verdict:
                return Feedback(verdict, f"{paragraph('Not yet.', text)}\n{show_arguments(case)}")
        return None

    def _different(self, answer, outcomes, seed):
        """The first case that came out differently."""
        solved = self._try(self.solution, seed)
        for case, expected, came in zip(self.cases(seed), solved, outcomes, strict=True):
            found = self._differ(case, expected, came)
            if found:
                return Feedback("different", _in_lines(found, case))
        return None


def exercise(cases, right, observe=None, rtol=RTOL, atol=ATOL, *, untouched=None):
    """Decorator: makes an `Exercise` of its solution; the parameters are those of `Exercise`."""
    return lambda solution: Exercise(
        solution, cases, right, observe, rtol, atol, untouched=untouched
    )


def heard(function, returns=True):
    """The function, with nothing returned and any failure of its own told apart from all else.

    What `observe` is given is heard already. It hears with this what a reader's objects do, as by
    ``heard(operator.add)(a, b)``.

    Parameters
    ----------
    function : callable
    returns : bool
        Whether it must return something.

    Returns
    -------
    function : callable
        Returns what `function` does, the parts of an iterator as a list.
    """

    def call(*arguments):
        try:
            came = function(*arguments)
            came = list(islice(came, ENDLESS)) if isinstance(came, Iterator) else came
        except NotImplementedError:
            raise _NothingCame from None
        except (Exception, SystemExit) as error:  # a KeyboardInterrupt is the reader's own
            raise _Failed from error
        if returns and (came is None or came is ...):
            raise _NothingCame
        return came

    return call


@contextmanager
def as_they_are(modules: Iterable[ModuleType]) -> Iterator[None]:
    """Give modules their names back: what a reader does to them, as by np.sum = None, ends here.

    Parameters
    ----------
    modules : iterable of module
        A name that is new to one of them stays.

    Examples
    --------
    >>> with as_they_are([math]):
    ...     math.pi = 3.0
    >>> math.pi
    3.141592653589793
    """
    kept = [(module, dict(vars(module))) for module in modules]
    try:
        yield
    finally:
        for module, names in kept:
            vars(module).update(names)


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


def _place_in(answer, error):
    """Where in the reader's function, or in which method, it failed; empty if that is not known.

    Lines are counted from the first of the function or method.
    """
    methods = vars(answer) if inspect.isclass(answer) else {"": answer}
    codes = {getattr(one, "__code__", None): name for name, one in methods.items()}
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if code in codes:
            line = trace.tb_lineno - code.co_firstlineno + 1
            name = codes[code]
            place = f" in line {line} of its {name}" if name else f" in its line {line}"
        trace = trace.tb_next
    return place


def _stumble(outcome, asked):
    who = f"Your {asked.sort}"
    if outcome.error:
        tried = "It was called with" if asked.sort == "function" else "It was tried with"
        return "raised", f"{who} raised {one_line(outcome.error)}{outcome.where}. {tried}"
    if outcome.nothing:
        return "not written", _nothing_here(who, asked)
    if outcome.unreadable:
        problem = one_line(outcome.unreadable)
        task = asked.__doc__
        return "unreadable", f"What came back cannot be used ({problem}). Asked for: {task} With"
    if outcome.modified:
        names = " and ".join(outcome.modified)
        advice = "The caller still needs it: make a new one instead. With"
        return "modified", f"{who} changed its argument {names} in place. {advice}"
    return "", ""


def _nothing_here(who, asked):
    if asked.not_written != NOTHING:
        return f"{who} has done nothing here. With"
    return f"{who} returned nothing here; is a `return` missing? With"


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
