"""Keys in a notebook: which are a slider's, and which stay with the cells around it."""

import pytest

from downslope.explore.keys import Keys

# JupyterLab takes a key at the document, before the element that has the focus, if the selector of
# a shortcut matches this or what is around it, up to one with the attribute (Lumino's commands).
JUPYTER = """() => {
  window.taken = [];
  document.addEventListener("keydown", (event) => {
    if (event.target.hasAttribute("data-lm-suppress-shortcuts")) return;
    if (!event.target.matches(".jp-Notebook :focus")) return;
    window.taken.push(event.key);
    event.preventDefault();
    event.stopPropagation();
  }, true);
}"""


@pytest.fixture
def notebook(browser):
    """A page whose Jupyter takes all keys, with the module of `Keys` at work: `end()` ends it."""
    context = browser.new_context()
    page = context.new_page()
    page.set_content(
        """<html lang="en"><head><title>t</title></head><body class="jp-Notebook">
        <div class="ds-live"><input type="range" id="slider" max="9" value="5">
        <select><option>a</option><option>b</option></select></div>
        <div class="ds-quiz-live"><input type="radio" name="q" checked>
        <input type="radio" name="q" id="second"></div>
        <input type="range" id="other" max="9" value="5"></body></html>"""
    )
    page.evaluate(JUPYTER)
    page.evaluate(
        """async (source) => {
          const address = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
          const {default: widget} = await import(address);
          window.end = widget.render({});
        }""",
        str(Keys()._esm),
    )
    yield page
    context.close()


def pressed(page, selector, key):
    """What Jupyter took of a key that was pressed there."""
    page.evaluate("window.taken.length = 0")
    page.locator(selector).first.press(key)
    return page.evaluate("window.taken")


def test_arrows_move_what_has_the_focus_and_not_the_cells_around_it(notebook):
    assert pressed(notebook, "#slider", "ArrowRight") == []
    assert notebook.locator("#slider").input_value() == "6"
    assert pressed(notebook, "select", "ArrowDown") == []
    assert notebook.locator("select").input_value() == "b"
    assert pressed(notebook, "[type=radio]", "ArrowDown") == []
    assert notebook.locator("#second").is_checked()


def test_all_other_keys_are_jupyters_also_after_an_arrow(notebook):
    for key in ("Shift+Enter", "Control+s", "Escape", "Shift+ArrowDown"):
        assert pressed(notebook, "#slider", "ArrowLeft") == []
        assert key.split("+")[-1] in pressed(notebook, "#slider", key)


def test_arrows_elsewhere_are_jupyters(notebook):
    assert pressed(notebook, "#other", "ArrowRight") == ["ArrowRight"]


def test_when_the_last_figure_is_gone_jupyter_has_its_keys_again(notebook):
    notebook.evaluate("window.end()")
    assert pressed(notebook, "#slider", "ArrowRight") == ["ArrowRight"]
