"""Quizzes that answer back: on a published page, in a kernel, and on paper.

A quiz is a TOML file of questions, each with its choices, one of them right, and for every choice
a sentence that says why::

    [[questions]]
    text = "Where does the gradient point?"

    [[questions.choices]]
    text = "uphill"
    right = true
    says = "The function rises fastest that way."

    [[questions.choices]]
    text = "downhill"
    says = "Descent goes downhill because it *subtracts* the gradient."

All text is plain but for three marks: ```code```, ``*emphasis*`` and ``x_{index}``. A star between
words or signs, as in ``2 * x`` and ``x**2 + y**2``, is a star.
"""

from __future__ import annotations

import re
import string
import textwrap
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from downslope.explore import host

__all__ = ["Choice", "Question", "Quiz", "ask"]

_QUIZZES = files("downslope") / "quizzes"
_MARK = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|(?<![\w*])\*(?P<em>(?=\S)(?:`[^`]+`|[^*`])+(?<=\S))\*(?![\w*])"
    r"|_\{(?P<sub>[^}]+)\}"
)
_RIGHT, _WRONG = "Right.", "Not quite."
_MOST_CHOICES = 6


def ask(quiz: str | Path) -> Quiz:
    """Ask the questions of one quiz. Make it the last line of a cell.

    Parameters
    ----------
    quiz : str or Path
        Name of a quiz of this book, or the path of a TOML file of your own.

    Returns
    -------
    quiz : Quiz

    Raises
    ------
    ValueError
        If there is no such quiz, or a question is not as it must be: exactly one right choice,
        at least two wrong ones, and a sentence for each.

    Examples
    --------
    >>> from downslope import quiz
    >>> print(str(quiz.ask("gradient_descent")).splitlines()[0])
    Quiz: gradient descent
    """
    source = Path(quiz) if str(quiz).endswith(".toml") else _QUIZZES / f"{quiz}.toml"
    if not source.is_file():
        known = ", ".join(sorted(file.name.removesuffix(".toml") for file in _QUIZZES.iterdir()))
        raise ValueError(f"quiz must be one of {known}, or the path of a file, got {str(quiz)!r}")
    try:
        content = tomllib.loads(source.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"quiz {source.name} is not valid TOML: {error}") from None
    return Quiz.from_dict(content, source.name.removesuffix(".toml"))


@dataclass(frozen=True)
class Choice:
    """One choice of a question, and what is said to a reader who makes it."""

    text: str
    says: str
    right: bool = False

    @property
    def verdict(self) -> str:
        """What a reader hears first."""
        return _RIGHT if self.right else _WRONG

    def feedback(self) -> str:
        """The verdict and the sentence, as HTML."""
        return f"<strong>{self.verdict}</strong> {_html(self.says)}"


@dataclass(frozen=True)
class Question:
    """A question and its choices, exactly one of them right."""

    text: str
    choices: tuple[Choice, ...]


class Quiz:
    """What `ask` returns.

    Attributes
    ----------
    name : str
        With hyphens; the element on a page has the id ``quiz-<name>``.
    questions : tuple of Question
    controls : dict of str to ipywidgets.RadioButtons
        One for each question, nothing chosen at first. Answer one by setting its value to the
        number of a choice: ``quiz.controls["question 1"].value = 0``.
    score : str
        How many questions are answered, and how many of the answers are right.
    """

    def __init__(self, name: str, questions: tuple[Question, ...]):
        self.name = name.replace("_", "-")
        self.questions = questions

    @classmethod
    def from_dict(cls, content: dict, name: str) -> Quiz:
        """Make a quiz of the content of its file.

        Raises
        ------
        ValueError
            As `ask` does.
        """
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
            raise ValueError(f"the name of a quiz must be like gradient_descent, got {name!r}")
        _require_keys(content, {"questions": list}, {}, f"quiz {name}")
        questions = tuple(
            _question(entry, f"quiz {name}, question {number}")
            for number, entry in enumerate(content["questions"], start=1)
        )
        if not questions:
            raise ValueError(f"quiz {name}: there must be at least one question, got none")
        return cls(name, questions)

    @cached_property
    def _view(self) -> _View:
        return _View(self.questions)

    @property
    def controls(self) -> dict:
        """The radio buttons by the names of their questions."""
        return self._view.controls

    @property
    def score(self) -> str:
        """How it stands, in a sentence."""
        return self._view.score()

    def page_html(self) -> str:
        """The quiz for a page: native radio buttons, which `downslope-quiz.js` answers in place.

        Where no script runs, and on paper, the answers stand at the end.
        """
        id_ = f"quiz-{self.name}"
        sets = "\n".join(
            _fieldset(question, number, len(self.questions), f"{id_}-{number}")
            for number, question in enumerate(self.questions, start=1)
        )
        return f"""<downslope-quiz id="{id_}" data-state="still">
{sets}
<p class="ds-end"><output class="ds-score" aria-live="polite"></output>
<button type="button" class="ds-again" hidden>Start again</button></p>
<details class="ds-answers"><summary>Answers</summary><ol>
{"".join(map(_answers, self.questions))}</ol></details>
</downslope-quiz>"""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        if host.is_baking():
            return {"text/html": self.page_html(), "text/plain": repr(self)}
        still = {"text/html": self._still_html(), "text/plain": repr(self)}
        return {**self._view.mimebundle(), **still} if host.is_attended() else still

    def _mime_(self) -> tuple[str, str]:
        """What marimo shows, which has no ipywidgets."""
        return "text/html", self._still_html()

    def _still_html(self) -> str:
        return host.still(f"<pre>{escape(repr(self), quote=False)}</pre>", host.ANSWERS_COME)

    def __repr__(self) -> str:
        """The questions and choices, without the answers."""
        title = f"Quiz: {self.name.replace('-', ' ')}"
        return "\n\n".join([title, *map(_in_plain_text, range(1, 100), self.questions)])


class _View:
    """The widgets of one quiz."""

    def __init__(self, questions: tuple[Question, ...]):
        import ipywidgets as widgets  # only where a kernel shows them

        from downslope.explore.keys import Keys

        self._questions = questions
        self.controls = {}
        self._score = widgets.HTML()
        rows = []
        for number, question in enumerate(questions, start=1):
            control, feedback = _buttons(widgets, question), widgets.HTML()
            control.observe(self._answerer(question, feedback), "value")
            self.controls[f"question {number}"] = control
            rows += [_heading(widgets, question, number, len(questions)), control, feedback]
        still = widgets.HTML(f'<p class="ds-without-kernel">{host.ANSWERS_COME}</p>')
        self._box = widgets.VBox([_style(widgets), *rows, still, self._score, Keys()])
        self._box.add_class("ds-quiz-live")

    def score(self) -> str:
        chosen = [control.value for control in self.controls.values()]
        return _score(
            [
                None if value is None else question.choices[value].right
                for question, value in zip(self._questions, chosen, strict=True)
            ]
        )

    def mimebundle(self) -> dict:
        return self._box._repr_mimebundle_()

    def _answerer(self, question: Question, feedback: Any) -> Callable:
        def answer(change: Any) -> None:
            choice = None if change.new is None else question.choices[change.new]
            feedback.value = "" if choice is None else _live_feedback(choice)
            self._score.value = f'<p class="ds-score" role="status">{self.score()}</p>'

        return answer


def _score(rights: list[bool | None]) -> str:
    """How it stands.

    Examples
    --------
    >>> _score([True, False, None])
    '2 of 3 answered, 1 right.'
    >>> _score([True, True])
    'All 2 right.'
    """
    if all(rights):
        return f"All {len(rights)} right."
    answered = [right for right in rights if right is not None]
    return f"{len(answered)} of {len(rights)} answered, {sum(answered)} right."


def _buttons(widgets: Any, question: Question) -> Any:
    options = [(_plain(choice.text), number) for number, choice in enumerate(question.choices)]
    return widgets.RadioButtons(options=options, value=None, layout={"width": "auto"})


def _heading(widgets: Any, question: Question, number: int, total: int) -> Any:
    return widgets.HTML(f'<p class="ds-question">{_legend(question, number, total)}</p>')


def _live_feedback(choice: Choice) -> str:
    right = str(choice.right).lower()
    return f'<p class="ds-feedback" role="status" data-right="{right}">{choice.feedback()}</p>'


def _style(widgets: Any) -> Any:
    return widgets.HTML(host.style("downslope-quiz.css"), layout={"display": "contents"})


def _legend(question: Question, number: int, total: int) -> str:
    return f'<span class="ds-number">Question {number} of {total}</span> {_html(question.text)}'


def _fieldset(question: Question, number: int, total: int, name: str) -> str:
    choices = "".join(
        f'<label><input type="radio" name="{name}" value="{value}" autocomplete="off">'
        f"<span>{_html(choice.text)}</span></label>"
        for value, choice in enumerate(question.choices)
    )
    return (
        f"<fieldset><legend>{_legend(question, number, total)}</legend>{choices}"
        '<p class="ds-feedback" aria-live="polite"></p></fieldset>'
    )


def _answers(question: Question) -> str:
    """What the script says, and what a reader without scripts can unfold."""
    items = "".join(
        f'<li data-right="{str(choice.right).lower()}"><span>{_html(choice.text)}</span> '
        f'<span class="ds-says">{choice.feedback()}</span></li>'
        for choice in question.choices
    )
    return f"<li>{_html(question.text)}<ul>{items}</ul></li>\n"


def _in_plain_text(number: int, question: Question) -> str:
    lines = [_paragraph(_plain(question.text), f"{number}. ", "   ")]
    for letter, choice in zip(string.ascii_lowercase, question.choices, strict=False):
        lines.append(_paragraph(_plain(choice.text), f"   {letter}) ", "      "))
    return "\n".join(lines)


def _paragraph(text: str, first: str, others: str) -> str:
    return textwrap.fill(text, 76, initial_indent=first, subsequent_indent=others)


def _html(text: str) -> str:
    """Everything escaped, then the three marks.

    Examples
    --------
    >>> _html("`a < b`, *not* λ_{max} <b>")
    '<code>a &lt; b</code>, <em>not</em> λ<sub>max</sub> &lt;b&gt;'
    """
    return _MARK.sub(_element, escape(text, quote=False))


def _element(mark: re.Match) -> str:
    kind, content = _parts(mark)
    return f"<{kind}>{_MARK.sub(_element, content) if kind == 'em' else content}</{kind}>"


def _plain(text: str) -> str:
    """The text without its marks.

    Examples
    --------
    >>> _plain("`a < b`, *not* λ_{max}")
    'a < b, not λ_max'
    """
    return _MARK.sub(_unmarked, text)


def _unmarked(mark: re.Match) -> str:
    kind, content = _parts(mark)
    return {"code": content, "em": _plain(content), "sub": f"_{content}"}[kind]


def _parts(mark: re.Match) -> tuple[str, str]:
    return next((kind, content) for kind, content in mark.groupdict().items() if content)


def _question(entry: Any, where: str) -> Question:
    _require_keys(entry, {"text": str, "choices": list}, {}, where)
    choices = tuple(
        _choice(choice, f"{where}, choice {number}")
        for number, choice in enumerate(entry["choices"], start=1)
    )
    n_right = sum(choice.right for choice in choices)
    if n_right != 1:
        raise ValueError(f"{where}: exactly one choice must be right, got {n_right}")
    if not 3 <= len(choices) <= _MOST_CHOICES:
        raise ValueError(
            f"{where}: there must be 2 to {_MOST_CHOICES - 1} wrong choices, got {len(choices) - 1}"
        )
    for what in ("text", "says"):
        if len({_plain(getattr(choice, what)) for choice in choices}) < len(choices):
            raise ValueError(f"{where}: two choices have the same {what}")
    return Question(_words(entry, "text", where), choices)


def _choice(entry: Any, where: str) -> Choice:
    _require_keys(entry, {"text": str, "says": str}, {"right": bool}, where)
    text, says = (_words(entry, key, where) for key in ("text", "says"))
    return Choice(text, says, right=entry.get("right", False))


def _words(entry: dict, key: str, where: str) -> str:
    text = " ".join(entry[key].split())
    if not text:
        raise ValueError(f"{where}: {key} must not be empty")
    return text


def _require_keys(entry: Any, required: dict, optional: dict, where: str) -> None:
    if not isinstance(entry, dict):
        raise ValueError(f"{where} must be a table, got {type(entry).__name__}")
    kinds = required | optional
    for key, value in entry.items():
        if key not in kinds:
            raise ValueError(f"{where}: the keys are {', '.join(kinds)}, got {key!r}")
        if not isinstance(value, kinds[key]):
            kind, came = kinds[key].__name__, type(value).__name__
            raise ValueError(f"{where}: {key} must be a {kind}, got a {came}")
    for key in required:
        if key not in entry:
            raise ValueError(f"{where}: {key} is missing")
