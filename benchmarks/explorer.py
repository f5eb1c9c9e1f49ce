"""What a move of a slider costs, beside the usual way, in one run.

    python benchmarks/explorer.py

The usual way is `interact` with a function that makes a new figure: each move draws all of it
and sends a PNG. An explorer redraws the layers that name the slider and sends their SVG.
Both draw the same map, field and walk of the flagship. In the browser, frames of the built
flagship are timed from the slider's input event to the paint that shows it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from itertools import cycle
from pathlib import Path
from time import perf_counter

import numpy as np
from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure

from downslope import explorers, plots
from downslope.descent import gradient_descent
from downslope.differentiation import numerical_gradient
from downslope.explore.panels import house_style
from downslope.explorers import gradient_descent as chapter
from downslope.landscapes import ravine
from downslope.verdicts import verdict
from interleaved import median_times

STATIC = Path(plots.__file__).parent / "static"


def new_figure(learning_rate, h=1e-4):
    """The same picture as one new figure, made a PNG as a notebook makes it."""
    with house_style():
        figure = Figure(figsize=(7.7, 3.7), dpi=100)
        plane, curve = figure.subplots(1, 2, width_ratios=(3, 2))
        plots.contours(plane, ravine)
        plots.field(plane, ravine, h)
        points = gradient_descent(
            lambda x: numerical_gradient(ravine, x, h), ravine.start, learning_rate, 40
        )
        plots.path(plane, points)
        curve.set(xlim=(-1, 41), ylim=(-0.5, 9))
        plots.loss_curve(curve, ravine(points.T))
        verdict(ravine, points)
        return len(print_figure(figure, fmt="png", bbox_inches="tight"))


def kernel():
    """A move of the learning rate, both ways in turns."""
    explorer = explorers.gradient_field()
    slider = explorer.controls["learning_rate"]
    rates = [value for _, value in slider.options]
    ours, theirs = cycle(rates), cycle(rates)

    def move():
        slider.value = next(ours)

    ways = {"new figure": lambda: new_figure(next(theirs)), "move": move}
    times = median_times(ways, rounds=3, block=len(rates))
    size = new_figure(0.9) / 1e3
    print(f"a new figure a move  {times['new figure'] * 1000:7.1f} ms, a PNG of {size:.0f} kB")
    print(f"an explorer's move   {times['move'] * 1000:7.1f} ms")
    print(f"ratio                {times['new figure'] / times['move']:7.1f}  (budget: at least 15)")


def baking():
    """All states of chapter 4. Budgets: 5 s and 600 kB for the flagship, 300 kB for others."""
    for make in (getattr(explorers, name) for name in chapter.__all__):
        explorer = make()
        start = perf_counter()
        size = len(explorer.page_html()) / 1e3
        print(
            f"baking {explorer.name:<16} {perf_counter() - start:5.1f} s, {size:.0f} kB in the page"
        )


TIME_FRAMES = """async () => {
  const input = document.querySelector('[data-control="learning_rate"]');
  const frame = () => new Promise(requestAnimationFrame);
  const painted = () => new Promise((resolve) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve(performance.now());
      channel.port2.postMessage(0);
    });
  });
  const times = [];
  for (let round = 0; round < 200; round++) {
    await frame();
    const start = performance.now();
    input.value = (round * 7) % (Number(input.max) + 1);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    times.push((await painted()) - start);
  }
  return times;
}"""


def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("in the browser: not measured (playwright is not installed)")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(folder, "page.html")
        page.write_text(_page(explorers.gradient_field().page_html()), encoding="utf-8")
        executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
        chromium = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        tab = chromium.new_page()
        tab.goto(page.as_uri())
        tab.wait_for_selector('downslope-explorer[data-state="ready"]')
        times = np.array(tab.evaluate(TIME_FRAMES))
        chromium.close()
    middle, late = np.quantile(times, [0.5, 0.95])
    print(
        f"in the browser, from input to painted: median {middle:.1f} ms, "
        f"p95 {late:.1f} ms (budget: 20)"
    )


def _page(html):
    script, style = (
        (STATIC / f"downslope-explorer.{kind}").read_text(encoding="utf-8")
        for kind in ("js", "css")
    )
    return (
        f"<!doctype html><meta charset=utf-8><title>flagship</title><style>{style}</style>"
        f"<body>{html}<script>{script}</script>"
    )


if __name__ == "__main__":
    kernel()
    baking()
    browser()
