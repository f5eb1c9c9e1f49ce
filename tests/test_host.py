"""What an explorer and a quiz show, by who is there to see it."""

import re
from base64 import b64decode
from types import SimpleNamespace
from xml.etree import ElementTree

import IPython
import ipywidgets as widgets
import pytest

from downslope import quiz
from downslope.explore import explore, linear
from downslope.explore.host import ANSWERS_COME, SLIDERS_MOVE

VIEW = "application/vnd.jupyter.widget-view+json"


def dot(ax, x):
    "A <dot>"
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.plot([x], [0.5], "o")
    return f"x is {x:g}"


def explorer():
    return explore(dot, x=linear(0, 1, 0.5, default=0.5))


@pytest.fixture
def kernel(monkeypatch):
    """`kernel(asks)`: a kernel that was told whether its reader can be asked for input."""
    for name in ("DOWNSLOPE_BAKE", "SERVER_SOFTWARE"):
        monkeypatch.delenv(name, raising=False)

    def start(asks):
        shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=asks))
        monkeypatch.setattr(IPython, "get_ipython", lambda: shell)

    return start


@pytest.mark.parametrize("make", [explorer, lambda: quiz.ask("learning")])
class TestWhoIsThere:
    def test_a_reader_with_a_kernel_gets_widgets(self, kernel, make):
        kernel(asks=True)
        assert VIEW in make()._repr_mimebundle_()

    def test_where_a_program_runs_the_notebook_there_is_nothing_that_looks_alive(
        self, kernel, make
    ):
        kernel(asks=False)
        shown = make()
        bundle = shown._repr_mimebundle_()
        assert VIEW not in bundle
        assert "<input" not in bundle["text/html"]
        assert bundle["text/plain"] == repr(shown)
        assert "_view" not in vars(shown), "widgets were made that nobody sees"

    def test_voila_keeps_the_widgets_because_it_keeps_the_kernel(self, kernel, make, monkeypatch):
        kernel(asks=False)
        monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
        assert VIEW in make()._repr_mimebundle_()

    def test_marimo_gets_what_stands_still(self, kernel, make):
        kernel(asks=False)
        shown = make()
        assert shown._mime_() == ("text/html", shown._repr_mimebundle_()["text/html"])

    def test_a_kernel_of_another_kind_is_taken_for_one_with_a_reader(
        self, kernel, make, monkeypatch
    ):
        monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=object()))
        assert VIEW in make()._repr_mimebundle_()


def test_the_still_figure_says_what_it_shows_and_where_its_sliders_move(kernel):
    kernel(asks=False)
    html = explorer()._repr_mimebundle_()["text/html"]
    assert 'alt="A &lt;dot&gt;."' in html
    assert "<img " in html
    assert f"<p>x is 0.5</p><p>{SLIDERS_MOVE}</p>" in html


def test_a_figure_without_sliders_promises_none(kernel):
    kernel(asks=False)

    def frame(ax):
        ax.set(xlim=(0, 1))

    assert SLIDERS_MOVE not in explore(frame)._repr_mimebundle_()["text/html"]


def test_a_quiz_without_a_reader_asks_and_does_not_answer(kernel):
    kernel(asks=False)
    html = quiz.ask("learning")._repr_mimebundle_()["text/html"]
    assert ANSWERS_COME in html
    assert "Right." not in html


def inside(widget):
    """A widget and all that it is made of."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


@pytest.mark.parametrize("make", [explorer, lambda: quiz.ask("learning")])
def test_widgets_that_have_lost_their_kernel_say_where_they_would_move(make):
    box = make()._view._box
    assert {"ds-live", "ds-quiz-live"} & set(box._dom_classes)
    parts = list(inside(box))
    texts = " ".join(part.value for part in parts if isinstance(part, widgets.HTML))
    assert ".jupyter-widgets-disconnected .ds-without-kernel { display: block; }" in texts
    assert (SLIDERS_MOVE in texts) != (ANSWERS_COME in texts)
    assert "<svg" in texts or "ds-question" in texts
    for part in parts:
        if isinstance(part, widgets.SelectionSlider):
            assert "ds-moves" in part._dom_classes


def test_a_picture_is_stored_once_in_pixels_and_once_as_the_drawing_that_the_frames_are(kernel):
    kernel(asks=True)
    shown = explorer()
    bundle = shown._repr_mimebundle_()
    (data,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', bundle["text/html"])
    drawing = b64decode(data).decode()
    assert drawing == shown.still_svg()
    assert ElementTree.fromstring(drawing).get("width") == "403.2pt"
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert "image/png" not in bundle["text/html"]


def test_the_still_figure_may_stand_in_a_book_that_is_xml(kernel):
    kernel(asks=False)
    ElementTree.fromstring(explorer()._repr_mimebundle_()["text/html"])
