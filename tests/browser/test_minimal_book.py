"""The example book, built by an environment that knows the project only as a wheel."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

import environments

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "minimal-book"
PLACES = [("secant.html", "parabola-secant"), ("swing.html", "swing-clock")]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def minimal(installed, tmp_path_factory):
    """Folder of the built pages."""
    book = tmp_path_factory.mktemp("minimal") / "a book"
    shutil.copytree(EXAMPLE, book, ignore=shutil.ignore_patterns("_build"))
    jupyter_book = "from jupyter_book.cli.main import main; main()"
    options = ["build", "-W", "-n", "--keep-going", "."]
    environments.run(installed, "-c", jupyter_book, *options, folder=book)
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


@pytest.mark.parametrize(
    ("code", "is_there"),
    [("import downslope.sphinx_ext, jupyter_book, numpy", True), ("import pytest", False)],
)
def test_what_builds_it_has_what_the_wheel_asks_for_and_nothing_else(installed, code, is_there):
    command = [installed, "-c", code]
    answer = subprocess.run(command, env=environments.outside(), capture_output=True)
    assert (answer.returncode == 0) is is_there


def test_what_builds_it_has_the_package_from_the_wheel(installed):
    where = [installed, "-c", "import downslope; print(downslope.__file__)"]
    said = subprocess.run(where, env=environments.outside(), capture_output=True, text=True).stdout
    assert Path(said).is_relative_to(installed.parent.parent)


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
