"""How long a reader waits for a notebook in the browser, and what it weighs.

    python benchmarks/lite.py

Chapter 4 of the site that `make lite` builds, three times in fresh windows: from opening its
address, until its cells are shown and until the first of them has run, with everything run after
it. Then the megabytes that the browser fetched, and those of the whole site. There is no budget:
they are what there is to know before a course relies on it.
"""

from __future__ import annotations

from runpy import run_path
from statistics import median
from time import perf_counter

from page import ROOT, built_book, served

CHAPTER, OPENINGS, PATIENCE = "chapters/04_gradient_descent.ipynb", 3, 300_000
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
DONE = r"""() => [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")]
  .filter((prompt) => /\d/.test(prompt.textContent)).length > 0"""


def main():
    """Command line."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("not measured (playwright is not installed)")
        return
    book = built_book()
    if not (book / "lite").is_dir():
        print("not measured (make lite builds what is measured here)")
        return
    with served(book) as root, sync_playwright() as tool:
        chromium = tool.chromium.launch(
            executable_path=run_path(str(ROOT / "tools" / "browser.py"))["find"](),
            args=["--no-sandbox", "--disable-gpu"],
        )
        found = [opening(chromium, root) for _ in range(OPENINGS)]
        chromium.close()
    shown, ran, fetched = zip(*found, strict=True)
    print(f"cells shown     {median(shown):5.1f} s after opening (median of {OPENINGS})")
    print(f"first cell run  {median(ran):5.1f} s after opening")
    print(f"fetched by then {fetched[0] / 1e6:5.1f} MB, and the whole site has", end=" ")
    print(
        f"{sum(f.stat().st_size for f in (book / 'lite').rglob('*') if f.is_file()) / 1e6:.1f} MB"
    )


def opening(chromium, root):
    """Seconds until the cells are shown, until the first has run, and the bytes that came."""
    context, sizes = chromium.new_context(viewport={"width": 1280, "height": 900}), []
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
    began = perf_counter()
    page.goto(f"{root}lite/notebooks/index.html?path={CHAPTER}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    shown = perf_counter() - began
    # What is run before there is a kernel is not run at all.
    page.wait_for_selector(".jp-Toolbar-kernelName >> text=Pyodide", state="attached")
    page.wait_for_selector(IDLE, state="attached")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(DONE)
    ran = perf_counter() - began
    context.close()
    return shown, ran, sum(sizes)


if __name__ == "__main__":
    main()
