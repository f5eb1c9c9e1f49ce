"""The example book, built by an environment that knows the project only as a wheel."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "minimal-book"
PLACES = [("secant.html", "parabola-secant"), ("swing.html", "swing-clock")]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def minimal(installed, tmp_path_factory):
    """Folder of the built pages."""
    book = tmp_path_factory.mktemp("minimal") / "a book"
    shutil.copytree(EXAMPLE, book, ignore=shutil.ignore_patterns("_build"))
    command = [installed / "jupyter-book", "build", "-W", "-n", "--keep-going", "."]
    outside = {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")}
    outside.pop("DOWNSLOPE_BAKE", None)
    answer = subprocess.run(command, cwd=book, env=outside, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return book / "_build" / "html"


def test_it_has_three_pages_an_exercise_and_one_line_of_settings_of_its_own():
    assert sorted(path.name for path in EXAMPLE.iterdir() if path.name != "_build") == [
        "_config.yml",
        "_toc.yml",
        "secant.md",
        "slopes.py",
        "swing.ipynb",
        "your-turn.md",
    ]
    settings = (EXAMPLE / "_config.yml").read_text(encoding="utf-8")
    assert settings.splitlines()[2:] == ["sphinx:", "  extra_extensions: [downslope.sphinx_ext]"]


@pytest.mark.parametrize("place", PLACES, ids=["secant", "swing"])
def test_its_sliders_move_where_no_other_host_answers(minimal, alone, awake, place):
    page, name = place
    window = alone(minimal, page)
    explorer = awake(window, name)
    assert explorer.names("input")
    for control in explorer.names("input"):
        explorer.reset()
        first, last = (explorer.press(control, key) for key in ("Home", "End"))
        assert first["picture"] != last["picture"]
        assert first["readout"] != last["readout"]
    ours = [url for url in window.requests if "downslope" in url]
    assert len(ours) >= 2
    assert all(url.startswith(window.root + "_static/downslope-") for url in ours)


def test_its_own_exercise_answers_where_no_other_host_answers(minimal, alone):
    window = alone(minimal, "your-turn.html")
    exercise = window.page.locator('downslope-exercise[data-exercise="slope_of_secant"]')
    editor, run = exercise.get_by_role("textbox"), exercise.get_by_role("button", name="Run")
    starter = editor.input_value()
    for body, said in [
        ("...", "Nothing came back yet."),
        ("return f(x + h) - f(x)", "This is how much f grows from x to x + h."),
        ("return (f(x + h) - f(x)) / h", "Right: the nearer h is to 0"),
    ]:
        editor.fill(starter.replace("...", body))
        run.click()
        expect(exercise.get_by_role("status")).to_contain_text(said, timeout=180_000)
    exercise.get_by_text("Show a solution").click()
    assert exercise.get_by_text("return (f(x + h) - f(x)) / h").last.is_visible()
    ours = [url for url in window.requests if "downslope" in url]
    assert all(url.startswith(window.root + "_static/downslope-") for url in ours)
    assert any("/book.bin?" in url for url in ours)


def test_its_still_figure_has_the_axes_that_matplotlib_gives_it(minimal, alone):
    page = alone(minimal, "secant.html", java_script_enabled=False).page
    texts = page.locator("[data-layer='parabola'] text").all_text_contents()
    numbers = [float(text.replace("−", "-")) for text in texts if text not in ("x", "x²")]
    assert {-2, -1, 0, 1, 2, 3, 4} <= set(numbers)
    assert page.locator("[data-layer='parabola']").is_visible()
    assert "slope of the secant" in page.locator(".ds-readout").inner_text()
