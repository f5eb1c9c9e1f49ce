"""Quizzes: what they refuse, how they answer, and that every place asks the same questions."""

import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from downslope import quiz

NAMES = sorted(
    file.name.removesuffix(".toml") for file in (files("downslope") / "quizzes").iterdir()
)

SMALL = """
[[questions]]
text = "What is `1 < 2`?"
[[questions.choices]]
text = "*true* & so on"
says = "One is less than two, and λ_{max} too."
right = true
[[questions.choices]]
text = "false"
says = "That reads < as >."
[[questions.choices]]
text = "<script>alert(1)</script>"
says = "Text stays text."

[[questions]]
text = "And?"
choices = [
  {text = "no", says = "No."},
  {text = "yes", says = "Yes.", right = true},
  {text = "perhaps", says = "Perhaps not."},
]
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="small_one.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def small(write):
    return quiz.ask(write(SMALL))


class Elements(HTMLParser):
    """All elements of a piece of HTML, and its text; it must be well formed."""

    def __init__(self, html):
        super().__init__()
        self.found, self.open, self.text = [], [], ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag != "input":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for found, attributes in self.found if found == tag]


class TestRefusals:
    def test_an_unknown_quiz_is_answered_with_the_known_ones(self):
        with pytest.raises(ValueError, match=r"quiz must be one of .*gradient_descent.*'descent'"):
            quiz.ask("descent")

    def test_a_file_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(ValueError, match="nowhere.toml"):
            quiz.ask(tmp_path / "nowhere.toml")

    @pytest.mark.parametrize(
        ("before", "after", "message"),
        [
            ("right = true\n", "", "question 1: exactly one choice must be right, got 0"),
            ('says = "No."', 'says = "No.", right = true', "question 2: exactly one .* got 2"),
            ('  {text = "no", says = "No."},\n', "", "question 2: there must be 2 to 5 wrong .* 1"),
            (', says = "No."', "", "question 2, choice 1: says is missing"),
            ('says = "No."', 'says = " "', "question 2, choice 1: says must not be empty"),
            ('says = "No."', "says = 1", "question 2, choice 1: says must be a str, got a int"),
            ('says = "No."', 'says = "Yes."', "question 2: two choices have the same says"),
            ('text = "no"', 'text = "yes"', "question 2: two choices have the same text"),
            ('text = "And?"', "", "question 2: text is missing"),
            ('text = "And?"', 'txt = "And?"', "question 2: the keys are text, choices, got 'txt'"),
            ("right = true\n", 'right = "yes"\n', "question 1, choice 1: right must be a bool"),
            ('says = "No."', 'says = "No.', "not valid TOML"),
        ],
    )
    def test_a_question_that_is_not_as_it_must_be_is_named(self, write, before, after, message):
        assert before in SMALL
        with pytest.raises(ValueError, match=message):
            quiz.ask(write(SMALL.replace(before, after, 1)))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "quiz small_one: questions is missing"),
            ("questions = []", "quiz small_one: there must be at least one question, got none"),
            ("questions = [1]", "question 1 must be a table, got int"),
            ("[questions]\na = 1", "quiz small_one: questions must be a list, got a dict"),
        ],
    )
    def test_a_file_without_questions_is_refused(self, write, text, message):
        with pytest.raises(ValueError, match=message):
            quiz.ask(write(text))

    def test_a_name_that_cannot_stand_in_a_link_is_refused(self, write):
        with pytest.raises(ValueError, match="name of a quiz"):
            quiz.ask(write(SMALL, "my quiz.toml"))


class TestOnAPage:
    def test_every_question_is_a_fieldset_of_radio_buttons_of_one_name(self, small):
        page = Elements(small.page_html())
        assert page.found[0] == ("downslope-quiz", {"id": "quiz-small-one", "data-state": "still"})
        assert len(page.all("fieldset")) == len(page.all("legend")) == 2
        names = [radio["name"] for radio in page.all("input")]
        assert names == ["quiz-small-one-1"] * 3 + ["quiz-small-one-2"] * 3
        assert [radio["value"] for radio in page.all("input")] == ["0", "1", "2"] * 2
        assert not any("checked" in radio for radio in page.all("input"))
        assert len(page.all("label")) == 6

    def test_every_question_has_a_place_that_is_read_out(self, small):
        places = [
            p for p in Elements(small.page_html()).all("p") if p.get("class") == "ds-feedback"
        ]
        assert places == [{"class": "ds-feedback", "aria-live": "polite"}] * 2

    def test_the_answers_are_there_for_readers_without_scripts_word_and_mark(self, small):
        answers = small.page_html().partition("<details")[2]
        rights = re.findall(r'data-right="(\w+)".*?<strong>(.*?)</strong>', answers)
        assert rights == [
            *[("true", "Right."), ("false", "Not quite."), ("false", "Not quite.")],
            *[("false", "Not quite."), ("true", "Right."), ("false", "Not quite.")],
        ]

    def test_text_is_escaped_and_only_three_marks_are_markup(self, small):
        html = small.page_html()
        assert "What is <code>1 &lt; 2</code>?" in html
        assert "<em>true</em> &amp; so on" in html
        assert "λ<sub>max</sub>" in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert Elements(html).all("script") == []

    def test_there_is_no_style_and_no_handler_inside_the_page(self, small):
        for _, attributes in Elements(small.page_html()).found:
            assert not [name for name in attributes if name == "style" or name.startswith("on")]

    def test_the_page_gets_the_element_and_a_notebook_preview_the_questions(
        self, small, monkeypatch
    ):
        monkeypatch.setenv("DOWNSLOPE_BAKE", "1")
        bundle = small._repr_mimebundle_()
        assert bundle == {"text/html": small.page_html(), "text/plain": repr(small)}


class TestInAKernel:
    def test_nothing_is_chosen_at_first(self, small):
        assert [control.value for control in small.controls.values()] == [None, None]
        assert list(small.controls) == ["question 1", "question 2"]

    def test_every_choice_is_answered_where_it_is_made(self, small):
        for number, question in enumerate(small.questions, start=1):
            control = small.controls[f"question {number}"]
            said = set()
            for value, choice in enumerate(question.choices):
                control.value = value
                feedback = feedback_of(small, number)
                assert choice.feedback() in feedback
                assert f'data-right="{str(choice.right).lower()}"' in feedback
                said.add(feedback)
            assert len(said) == len(question.choices)

    def test_the_score_follows_the_answers(self, small):
        assert small.score == "0 of 2 answered, 0 right."
        small.controls["question 1"].value = 1
        assert small.score == "1 of 2 answered, 0 right."
        small.controls["question 1"].value = 0
        small.controls["question 2"].value = 1
        assert small.score == "All 2 right."
        assert "All 2 right." in small._view._score.value

    def test_taking_an_answer_back_takes_its_feedback_away(self, small):
        small.controls["question 1"].value = 1
        small.controls["question 1"].value = None
        assert feedback_of(small, 1) == ""

    def test_choices_stand_there_without_marks(self, small):
        labels = [label for label, _ in small.controls["question 1"].options]
        assert labels == ["true & so on", "false", "<script>alert(1)</script>"]

    def test_a_front_end_gets_widgets_and_the_questions_as_text(self, small, monkeypatch):
        monkeypatch.delenv("DOWNSLOPE_BAKE", raising=False)
        bundle = small._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in bundle
        assert bundle["text/plain"] == repr(small)


def feedback_of(small, number):
    _, *rows = small._view._box.children
    return rows[3 * (number - 1) + 2].value


class TestAsText:
    def test_it_asks_and_does_not_answer(self, small):
        assert repr(small) == (
            "Quiz: small one\n\n"
            "1. What is 1 < 2?\n   a) true & so on\n   b) false\n"
            "   c) <script>alert(1)</script>\n\n"
            "2. And?\n   a) no\n   b) yes\n   c) perhaps"
        )


@pytest.mark.parametrize("name", NAMES)
class TestEveryQuizOfTheBook:
    def test_it_has_four_to_six_questions(self, name):
        assert 4 <= len(quiz.ask(name).questions) <= 6

    def test_its_page_is_well_formed_and_asks_what_the_text_asks(self, name):
        asked = quiz.ask(name)
        text = " ".join(Elements(asked.page_html()).text.split())
        plain = " ".join(repr(asked).split())
        for question in asked.questions:
            assert quiz._plain(question.text) in plain
            assert "".join(Elements(quiz._html(question.text)).text) in text

    def test_the_right_choice_cannot_be_guessed_by_its_place_or_length(self, name):
        questions = quiz.ask(name).questions
        places, longest = [], []
        for question in questions:
            lengths = [len(choice.text) for choice in question.choices]
            right = next(i for i, choice in enumerate(question.choices) if choice.right)
            places.append(right)
            longest.append(lengths.pop(right) > max(lengths))
        assert len(set(places)) >= 3
        assert sum(longest) <= len(questions) / 2

    def test_every_choice_is_answered_in_whole_sentences(self, name):
        for question in quiz.ask(name).questions:
            assert question.text.endswith(("?", ":"))
            for choice in question.choices:
                assert choice.says.endswith((".", "!", "?"))
                assert 30 <= len(choice.says) <= 260

    def test_no_mark_is_left_in_what_readers_see(self, name):
        outside_code = re.sub("<code>.*?</code>", "", quiz.ask(name).page_html())
        assert not re.search(r"[`*]|_\{", Elements(outside_code).text)

    def test_answering_all_in_a_kernel_makes_all_right(self, name):
        asked = quiz.ask(name)
        for control, question in zip(asked.controls.values(), asked.questions, strict=True):
            control.value = next(i for i, choice in enumerate(question.choices) if choice.right)
        assert asked.score == f"All {len(asked.questions)} right."


@pytest.mark.parametrize(
    ("written", "html", "plain"),
    [
        ("2 * x * 3", "2 * x * 3", "2 * x * 3"),
        ("2*x*3", "2*x*3", "2*x*3"),
        ("x**2 + y**2", "x**2 + y**2", "x**2 + y**2"),
        ("it is *not* x * y", "it is <em>not</em> x * y", "it is not x * y"),
        ("*at λ_{max}*.", "<em>at λ<sub>max</sub></em>.", "at λ_max."),
        ("*not `a * b`*", "<em>not <code>a * b</code></em>", "not a * b"),
        ("`x_{i}` and x_{i}", "<code>x_{i}</code> and x<sub>i</sub>", "x_{i} and x_i"),
        ("(*so*)", "(<em>so</em>)", "(so)"),
        ("*<b>*", "<em>&lt;b&gt;</em>", "<b>"),
        ("* no mark", "* no mark", "* no mark"),
    ],
)
def test_a_mark_is_one_only_where_it_encloses_words(written, html, plain):
    assert quiz._html(written) == html
    assert quiz._plain(written) == plain
