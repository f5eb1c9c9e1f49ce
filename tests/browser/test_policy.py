"""An explorer where the host forbids inline scripts and styles, on a page of its own."""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from downslope import sphinx_ext
from downslope.explore import explore, linear

POLICY = "script-src 'self'; style-src 'self'"
COLOURS = """() => Object.fromEntries([...document.querySelectorAll("[data-layer] path")]
  .map((path) => [path.getAttribute("fill") ?? "", getComputedStyle(path).fill]))"""
READ = "() => document.querySelector('[data-layer=\"bars\"]').innerHTML"


class Strict(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


def frame(ax):
    ax.set(xlim=(-1, 4), ylim=(0, 10), xlabel="place", title="$x^2$ and more")
    ax.legend(ax.plot([0, 1], [8, 9], label="a line"), ["a line"])


def bars(ax, k):
    ax.bar(range(3), [k, 2 * k, 3 * k], color=["#0072b2", "#D55E00", "black"])
    ax.bar(-0.5, k, hatch="/")
    ax.imshow([[0, 1], [1, k]], extent=(3, 4, 0, 1), aspect="auto")
    return f"k = {k:g}"


def side(beside, k):
    beside.scatter([1, 2], [k, 3], c=[1, 2])


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page that holds an explorer and loads its script and style, and nothing else."""
    folder = tmp_path_factory.mktemp("policy")
    shutil.copytree(sphinx_ext._STATIC, folder / "static")
    (script,) = (folder / "static").glob("*explorer.js")
    panels = {"ax": (4, 3), "beside": (2, 3)}
    explorer = explore(frame, bars, side, panels=panels, k=linear(1, 3, 1, default=2))
    (folder / "page.html").write_text(
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>t'
        f'</title><link rel="stylesheet" href="static/{script.stem}.css">'
        f'<script defer src="static/{script.name}"></script></head>'
        f"<body>{explorer.page_html()}</body></html>",
        encoding="utf-8",
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Strict, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/page.html"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser, address):
    """That page, with all that the browser complains of in `page.complaints`."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(address)
    page.wait_for_selector('downslope-explorer[data-state="ready"]')
    yield page
    context.close()


def without_favicon(complaints):
    return [text for text in complaints if "404" not in text]


def test_the_policy_of_this_page_does_forbid_inline_styles(page):
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">a</p>')")
    for _ in range(600):
        if page.complaints:
            break
        page.wait_for_timeout(100)
    assert any("Content Security Policy" in text for text in page.complaints)


def test_nothing_of_an_explorer_is_refused_by_the_policy(page):
    for k in ("0", "2", "1"):
        page.locator("input").fill(k)
        page.wait_for_timeout(50)
    assert without_favicon(page.complaints) == []


def test_colours_are_those_that_the_layers_asked_for(page):
    colours = page.evaluate(COLOURS)
    assert colours["none"] == "none"
    assert colours["#d55e00"] == "rgb(213, 94, 0)"
    assert colours["var(--ds-blue, #0072b2)"] == "rgb(0, 114, 178)"
    assert colours[""] == page.evaluate("getComputedStyle(document.querySelector('svg')).color")


def test_ink_and_blue_follow_the_dark_theme(page):
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    colours = page.evaluate(COLOURS)
    assert colours["var(--ds-blue, #0072b2)"] == "rgb(79, 168, 224)"
    assert colours["#d55e00"] == "rgb(213, 94, 0)"


def test_the_slider_moves_the_picture(page):
    before = page.evaluate(READ)
    page.locator("input").fill("2")
    page.wait_for_function("document.querySelector('.ds-readout').textContent === 'k = 3'")
    assert page.evaluate(READ) != before


def test_panels_stand_side_by_side_in_proportion_to_their_widths(page):
    first, second = (panel.bounding_box() for panel in page.locator(".ds-panel").all())
    assert first["y"] == pytest.approx(second["y"], abs=1)
    assert first["width"] / second["width"] == pytest.approx(2, rel=0.1)
    assert first["height"] == pytest.approx(second["height"], rel=0.02)
