"""A notebook in a window of JupyterLab, Notebook 7 or JupyterLite, used as a reader uses it."""

LONGEST = 300_000  # ms
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
CELLS = r"""() => {
  const all = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")];
  const kind = (name) => `.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.${name}"]`;
  return {
    n: all.length,
    done: all.map((cell) => cell.querySelector(".jp-InputPrompt")?.textContent ?? "")
      .filter((prompt) => /\d/.test(prompt)).length,
    waiting: all.map((cell) => cell.querySelector(".jp-InputPrompt")?.textContent ?? "")
      .filter((prompt) => prompt.includes("*")).length,
    wrong: [...document.querySelectorAll(`${kind("error")}, ${kind("stderr")}`)]
      .map((e) => e.innerText),
  };
}"""
HANDLE = ".jp-OutputArea .widget-slider .noUi-handle"


def wait_for_kernel(page, name):
    """Until the notebook is there, and the kernel of this name: what is run before is not run."""
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=LONGEST)
    kernel = f".jp-Toolbar-kernelName >> text={name}"
    page.wait_for_selector(kernel, state="attached", timeout=LONGEST)
    page.wait_for_selector(IDLE, state="attached", timeout=LONGEST)


def clear_all(page):
    """Clear what is stored of the outputs, by the menus."""
    choose(page, "Edit", "Clear Outputs of All Cells")
    page.wait_for_function(f"({CELLS})().done === 0")


def choose(page, menu, entry):
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.locator(f"#jp-mainmenu-{menu.lower()}").get_by_text(entry, exact=True).click()


def run_all(page):
    """Run all cells by the menus, and wait for the first."""
    choose(page, "Run", "Run All Cells")
    page.wait_for_function(f"({CELLS})().done > 0", timeout=LONGEST)


def wait_for_all(page):
    """Until no cell waits; what is seen of the cells then."""
    page.wait_for_function(f"({CELLS})().waiting === 0", timeout=LONGEST)
    return page.evaluate(CELLS)


def sliders_move_by_keyboard(page):
    """The first slider goes to both of its ends, and each time its figure is drawn anew.

    Then it goes by arrows, which JupyterLab would keep for its cells, to the value beside the end.
    """
    handle = page.locator(HANDLE).first
    if not handle.count():
        return
    handle.scroll_into_view_if_needed()
    ways = [("End", "aria-valuemax"), ("Home", "aria-valuemin")]
    if handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax"):
        ways.reverse()  # it opens at its end
    for key, limit in ways:
        draws_anew(page, lambda key=key: handle.press(key))
        assert handle.get_attribute("aria-valuenow") == handle.get_attribute(limit)
    inwards, back = ("ArrowRight", "ArrowLeft") if key == "Home" else ("ArrowLeft", "ArrowRight")
    end = handle.get_attribute("aria-valuenow")
    handle.press(inwards)
    assert abs(float(handle.get_attribute("aria-valuenow")) - float(end)) == 1
    handle.press(back)
    assert handle.get_attribute("aria-valuenow") == end
    assert handle.evaluate("(e) => e === document.activeElement")


def sliders_move_by_mouse(page):
    """The first slider goes to the middle, where its bar is pressed, and its figure follows."""
    handle = page.locator(HANDLE).first
    handle.press("Home")
    bar = page.locator(".jp-OutputArea .widget-slider .noUi-base").first
    draws_anew(page, bar.click)
    low, now, high = (
        float(handle.get_attribute(f"aria-value{name}")) for name in ("min", "now", "max")
    )
    assert abs(now - (low + high) / 2) <= 1


def draws_anew(page, move):
    """After `move` the first figure says something else."""
    output = page.locator(".jp-OutputArea-output:has(.noUi-handle)").first
    said = output.inner_text()
    move()
    page.wait_for_function(
        "([output, said]) => output.innerText !== said",
        arg=[output.element_handle(), said],
        timeout=60_000,
    )


def exercises_answer(page):
    """The starter of each exercise has been run, and its solution."""
    said = page.locator(".jp-OutputArea-output").all_inner_texts()
    assert any(text.startswith("Right: ") for text in said)
    assert any("Nothing came back yet" in text for text in said)
