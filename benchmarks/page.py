"""What a move costs where the figure really stands: in its chapter, beside the figure by itself.

    python benchmarks/page.py

The flagship is taken from the built chapter ($DOWNSLOPE_BOOK, or `_build/html`, which is built
where it is missing) and put on an empty page too. Both are moved in turns, on a desk and on a
phone, which is 390 px wide and has a CPU four times slower than this one. A move is timed from the
slider's input event to the paint that shows it. Then the chapter is opened on the phone: how long
until its text is painted, and until its first explorer with a slider, scrolled to at once, moves.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from runpy import run_path

import numpy as np

from downslope import plots

ROOT = Path(__file__).resolve().parents[1]
STATIC = Path(plots.__file__).parent / "static"
CHAPTER, FLAGSHIP = "chapters/04_gradient_descent.html", "gradient-field"
EXPLORER = re.compile(r'<downslope-explorer id="([^"]+)".*?</downslope-explorer>', re.S)
LOOKS = {"desk": (1280, 900, 1), "phone": (390, 844, 4)}  # width, height, how much slower
ROUNDS, BLOCK, OPENINGS = 10, 20, 3

TIME_MOVES = """async ([id, from, count]) => {
  const input = document.querySelector(`#${id} [data-control="learning_rate"]`);
  const frame = () => new Promise(requestAnimationFrame);
  const painted = () => new Promise((resolve) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve(performance.now());
      channel.port2.postMessage(0);
    });
  });
  const times = [];
  for (let move = from; move < from + count; move++) {
    await frame();
    const start = performance.now();
    input.value = (move * 7) % (Number(input.max) + 1);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    times.push((await painted()) - start);
  }
  return times;
}"""

WATCH_OPENING = """
const times = (window.openingTimes = {});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) times[entry.name] = entry.startTime;
}).observe({ type: "paint", buffered: true });
const painted = () =>
  requestAnimationFrame(() => setTimeout(() => (times.ready = performance.now())));
document.addEventListener("readystatechange", () => {
  if (document.readyState !== "interactive") return;
  const first = document.querySelector("downslope-explorer:has([data-control])");
  first.scrollIntoView();
  new MutationObserver(() => first.dataset.state === "ready" && !times.ready && painted()).observe(
    first, { attributes: true });
});
"""


def main():
    """Command line."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("not measured (playwright is not installed)")
        return
    book = built_book()
    weights(book)
    with served(book) as root, tempfile.TemporaryDirectory() as folder, sync_playwright() as tool:
        lone = Path(folder, "lone.html")
        lone.write_text(lone_page(book), encoding="utf-8")
        chromium = tool.chromium.launch(
            executable_path=run_path(str(ROOT / "tools" / "browser.py"))["find"](),
            args=["--no-sandbox", "--disable-gpu"],
        )
        addresses = {"alone": lone.as_uri(), "chapter": root + CHAPTER}
        for look in LOOKS:
            report(look, time_moves(chromium, addresses, look))
        report_openings([time_opening(chromium, root + CHAPTER) for _ in range(OPENINGS)])
        chromium.close()


def built_book():
    """Folder of the built book."""
    book = Path(os.environ.get("DOWNSLOPE_BOOK", ROOT / "_build" / "html"))
    if not (book / CHAPTER).exists():
        build = [sys.executable, "-m", "jupyter_book", "build", "-W", "-n", "--keep-going", "."]
        subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return book


def weights(book):
    """Bytes of the chapters and of their explorers."""
    print("weights in kB (budget: 1500 a chapter, 300 an explorer, 600 the flagship)")
    for path in sorted((book / "chapters").glob("*.html")):
        text = path.read_text(encoding="utf-8")
        found = {each[1]: f"{len(each[0].encode()) / 1e3:.0f}" for each in EXPLORER.finditer(text)}
        print(f"  {path.stem:<20} {path.stat().st_size / 1e3:5.0f}: {found}")


def lone_page(book):
    """The flagship of the built chapter on a page of its own."""
    text = (book / CHAPTER).read_text(encoding="utf-8")
    (html,) = [found[0] for found in EXPLORER.finditer(text) if found[1] == FLAGSHIP]
    script, style = (
        (STATIC / f"downslope-explorer.{kind}").read_text(encoding="utf-8")
        for kind in ("js", "css")
    )
    return (
        "<!doctype html><meta charset=utf-8><title>flagship</title>"
        f"<meta name=viewport content='width=device-width'><style>{style}</style>"
        f"<body>{html}<script>{script}</script>"
    )


@contextmanager
def served(folder):
    """Address of a folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@contextmanager
def window(chromium, look):
    """A window that looks like a desk's or a phone's, and what slows it down."""
    width, height, slower = LOOKS[look]
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    tools = context.new_cdp_session(page)
    yield page, lambda: tools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    context.close()


def time_moves(chromium, addresses, look):
    """Times of moves in ms at each address, taken in turns."""
    times = {place: [] for place in addresses}
    with window(chromium, look) as one, window(chromium, look) as other:
        pages = dict(zip(addresses, (one, other), strict=True))
        for place, (page, slow_down) in pages.items():
            page.goto(addresses[place])
            come_to_rest(page)
            slow_down()
        for start in range(0, ROUNDS * BLOCK, BLOCK):
            for place, (page, _) in pages.items():
                page.bring_to_front()
                times[place] += page.evaluate(TIME_MOVES, [FLAGSHIP, start, BLOCK])
    return times


def come_to_rest(page):
    """Wait until all formulas of the page are set, and go to the flagship."""
    page.evaluate("window.formulasSet")
    page.evaluate("(id) => document.getElementById(id).scrollIntoView()", FLAGSHIP)
    page.wait_for_selector(f'#{FLAGSHIP}[data-state="ready"]')
    page.wait_for_timeout(500)


def time_opening(chromium, address):
    """Times in ms from the navigation to what `WATCH_OPENING` watches for, on a phone."""
    with window(chromium, "phone") as (page, slow_down):
        page.add_init_script(WATCH_OPENING)
        slow_down()
        page.goto(address, wait_until="commit")
        page.wait_for_function("window.openingTimes?.ready", timeout=120_000)
        return page.evaluate("window.openingTimes")


def report(look, times):
    """Print what moves cost, beside the budgets."""
    (alone, alone_late), (chapter, late) = (
        np.quantile(times[place], [0.5, 0.95]) for place in ("alone", "chapter")
    )
    width, _, slower = LOOKS[look]
    budget = "p95 20" if slower == 1 else "median 33, p95 60"
    print(f"a move at {width} px, CPU {slower} x slower, in ms")
    print(f"  alone on a page  median {alone:6.1f}, p95 {alone_late:6.1f}")
    print(f"  in the chapter   median {chapter:6.1f}, p95 {late:6.1f}  (budget: {budget})")
    print(f"  ratio            median {chapter / alone:6.2f}, p95 {late / alone_late:6.2f}", end="")
    print("  (budget: 1.30)" if slower > 1 else "")


def report_openings(openings):
    """Print how long the chapter takes to open."""
    text, ready = (
        np.median([opening[name] for opening in openings]) / 1000
        for name in ("first-contentful-paint", "ready")
    )
    print("the chapter opens on a phone (390 px, CPU 4 x slower), in s")
    print(f"  text painted {text:4.1f}, first explorer ready {ready:4.1f}  (budget: 2.5)")


if __name__ == "__main__":
    main()
