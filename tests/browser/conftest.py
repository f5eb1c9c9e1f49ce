"""A browser over the built book. Pages and explorers are found in the book, never listed here."""

import os
import re
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from runpy import run_path

import pytest
from playwright.sync_api import expect, sync_playwright

import environments

ROOT = Path(__file__).resolve().parents[2]
BOOK = Path(os.environ.get("DOWNSLOPE_BOOK", ROOT / "_build" / "html"))
find_browser = run_path(str(ROOT / "tools" / "browser.py"))["find"]
# `make try-lite` and `make elsewhere` make first what these read.
collect_ignore = [
    folder
    for folder in ("lite", "elsewhere")
    if not os.environ.get(f"DOWNSLOPE_TRY_{folder.upper()}")
]

NOT_PAGES = {"_static", "_sources", "_downloads", "_images", "_modules", "lite"}
EXPLORER = re.compile(r'<downslope-explorer id="([^"]+)"')
MOVING = re.compile(
    r'<downslope-explorer id="([^"]+)"(?:(?!</downslope-explorer>).)*data-control', re.S
)
HANDLED = re.compile(
    r'<downslope-explorer id="([^"]+)"(?:(?!</downslope-explorer>).)*class="ds-hands"', re.S
)
QUIZ = re.compile(r"<downslope-quiz\b")
KINDS_OF_PAGES = ("08_going_deep", "references", "progress", "api", "genindex", "search")
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
# What a reader waits for comes in a second, but a test must pass on a busy machine too.
PATIENCE = 120_000  # milliseconds
expect.set_options(timeout=PATIENCE)
# How a page is looked at: both colour schemes and both widths, each in one of two windows.
LOOKS = {"desk": {}, "phone": PHONE}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@cache
def pages():
    """Paths of the book's pages inside `BOOK`, the redirect at its door left out."""
    found = sorted(path.relative_to(BOOK) for path in BOOK.rglob("*.html"))
    return [
        path.as_posix()
        for path in found
        if not NOT_PAGES & set(path.parts) and path != Path("index.html")
    ]


@cache
def found_on_pages(pattern):
    """Pairs (page, what `pattern` caught), one for each place where it is found."""
    return [
        (page, found)
        for page in pages()
        for found in pattern.findall((BOOK / page).read_text(encoding="utf-8"))
    ]


def pytest_generate_tests(metafunc):
    """One test for each page, explorer or quiz page of the book as it was built."""
    built = bool(pages())
    kinds = {
        "page_path": pages,
        "explorer_place": lambda: found_on_pages(EXPLORER),
        "moving_place": lambda: found_on_pages(MOVING),
        "handled_place": lambda: found_on_pages(HANDLED),
        "first_moving_place": lambda: found_on_pages(MOVING)[:1],
        "first_moving_place_of_a_page": lambda: list(
            {page: (page, name) for page, name in reversed(found_on_pages(MOVING))}.values()
        ),
        "reference_page": lambda: [page for page in pages() if page.startswith("book/api")],
        "long_reference_page": lambda: ["book/api_exercises.html"],
        "chapter_page": lambda: [page for page in pages() if page.startswith("chapters/")],
        "first_chapter_page": lambda: [page for page in pages() if page.startswith("chapters/")][
            :1
        ],
        "page_of_each_kind": lambda: [
            page for page in pages() if Path(page).stem in KINDS_OF_PAGES
        ],
        "page_with_explorers": lambda: sorted({page for page, _ in found_on_pages(EXPLORER)}),
        "quiz_page": lambda: sorted({page for page, _ in found_on_pages(QUIZ)}),
    }
    for name in kinds.keys() & set(metafunc.fixturenames):
        places = kinds[name]() if built else []
        places = places or [None]  # a kind that the book lacks fails, and is not skipped
        ids = ["#".join(p) if isinstance(p, tuple) else p or "none" for p in places]
        metafunc.parametrize(name, places, ids=ids)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.book)


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Python of a fresh environment: the built wheel, Jupyter Book, and what they ask for."""
    folder = tmp_path_factory.mktemp("installed")
    wheel = ["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    environments.run(*environments.OWN_PIP, *wheel)
    (wheel,) = folder.glob("downslope-*.whl")
    return environments.make(folder / "venv", wheel, "jupyter-book")


@pytest.fixture(scope="session", autouse=True)
def book():
    """Folder of the built book."""
    assert pages(), f"no book in {BOOK}: run `make book` first"
    return BOOK


class QuietHandler(SimpleHTTPRequestHandler):
    policy = None

    def log_message(self, *_):
        pass

    def end_headers(self):
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


class StrictHandler(QuietHandler):
    """As a host that forbids inline scripts."""

    policy = "script-src 'self'"


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Say nothing when a window is closed before all of its page has arrived."""


def serve(handler, folder=BOOK):
    server = Server(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


def served(handler, folder=BOOK):
    server = serve(handler, folder)
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def http():
    """Address of the book, served."""
    yield from served(QuietHandler)


@pytest.fixture(scope="session")
def strict_http():
    """Address of the book, served with a policy that forbids inline scripts."""
    yield from served(StrictHandler)


@pytest.fixture(scope="session")
def browser():
    """Chromium, as `tools/browser.py` finds it."""
    path = find_browser()
    assert path, "no browser was found: `make test` gets one"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def alone(browser):
    """`alone(folder, page, ...)`: a window on a page of a folder, where no other host answers."""
    with ExitStack() as closing:

        def open_page(folder, page, **options):
            root = closing.enter_context(contextmanager(served)(QuietHandler, folder))
            context = closing.enter_context(browser.new_context(**options))
            context.set_default_timeout(PATIENCE)
            context.route(lambda url: not url.startswith(root), lambda route: route.abort())
            return Visit(context.new_page(), root).open(page)

        yield open_page


@dataclass
class Visit:
    """One page in one window, with everything it asked for and said."""

    page: object
    root: str
    requests: list = field(default_factory=list)
    loaded: int = 0  # how many of the requests the page made by itself, as it was opened
    failures: list = field(default_factory=list)
    complaints: list = field(default_factory=list)

    def __post_init__(self):
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.failures.append(request.url))
        self.page.on("response", self.look_at)
        self.page.on("console", self.listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def look_at(self, response):
        if response.status >= 400:
            self.failures.append(f"{response.status} {response.url}")

    def listen(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def open(self, address, at_rest=True):
        self.page.goto(self.root + address, wait_until="load")
        if at_rest:
            self.page.evaluate("window.formulasSet")
        self.loaded = len(self.requests)
        return self

    def elsewhere(self):
        """Requests to any place but the book itself."""
        own = (self.root, "data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith(own)]


class Windows:
    """Windows on the book, each in a context of its own."""

    def __init__(self, browser, roots):
        self.browser, self.roots, self.opened = browser, roots, {}

    def open(self, address, how="http", *, at_rest=True, **options):
        """A new window on `address`; `how` is "http", "file" or "strict".

        `at_rest` waits until all formulas are set.
        """
        context = self.browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, **options}
        )
        context.set_default_timeout(PATIENCE)
        window = Visit(context.new_page(), self.roots[how])
        self.opened[context] = window
        return window.open(address, at_rest)

    def close(self):
        for context in self.opened:
            context.close()
        self.opened.clear()


@pytest.fixture(scope="session")
def roots(http, strict_http):
    """Where the book begins, by the way in which it is read."""
    return {"http": http, "strict": strict_http, "file": BOOK.resolve().as_uri() + "/"}


@pytest.fixture
def visit(browser, roots):
    """Open a fresh window: `visit(address, how="http" | "file" | "strict", ...)`."""
    windows = Windows(browser, roots)
    yield windows.open
    windows.close()


class Shelf(Windows):
    """Windows that stay open from test to test, as long as the tests ask for the same page."""

    def __init__(self, browser, roots):
        super().__init__(browser, roots)
        self.page_path, self.kept = None, {}

    def take(self, page_path, how="http", **options):
        """The window of these options; what it has said since it was opened stays with it."""
        if page_path != self.page_path:
            self.close()
            self.kept.clear()
            self.page_path = page_path
        key = (how, repr(sorted(options.items())))
        if key not in self.kept:
            served = how == "http" and options.get("java_script_enabled", True)
            if served:
                options["permissions"] = ["clipboard-read", "clipboard-write"]
            self.kept[key] = self.open(page_path, how, at_rest=served, **options)
        return self.kept[key]


@pytest.fixture(scope="session")
def shelf(browser, roots):
    """One shelf for all tests, which come page by page."""
    shelf = Shelf(browser, roots)
    yield shelf
    shelf.close()


@pytest.fixture
def reading(shelf):
    """A window on a page that other tests read too, so a page is loaded once and not a hundred
    times: `reading(page_path, how=..., ...)`. `awake` brings its explorer back to the start."""
    return shelf.take


@pytest.fixture(params=LOOKS)
def look(request):
    """Options of a window: on a desk in light, on a phone in dark colours."""
    return LOOKS[request.param]


@pytest.fixture
def phone():
    """Options of the window on a phone."""
    return PHONE


READ = """
(element) => {
  let hash = 0;
  const text = [...element.querySelectorAll("[data-layer]")].map((g) => g.innerHTML).join("|");
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  const readout = element.querySelector(".ds-readout");
  return {
    state: element.dataset.state,
    picture: `${text.length}:${hash}`,
    layers: [...element.querySelectorAll("[data-layer]")].length,
    readout: readout ? readout.textContent.trim() : "",
    controls: Object.fromEntries([...element.querySelectorAll("[data-control]")]
      .map((c) => [c.dataset.control, c.value])),
  };
}
"""
# An explorer draws at once or at the beginning of the next frame, before who asked for it later.
SWEEP = f"""
async (element, name) => {{
  const read = {READ};
  const control = element.querySelector(`[data-control="${{name}}"]`);
  const isSlider = control.type === "range";
  const count = isSlider ? Number(control.max) + 1 : control.options.length;
  const shown = [];
  for (let index = 0; index < count; index++) {{
    if (isSlider) control.value = index;
    else control.selectedIndex = index;
    control.dispatchEvent(new Event("input", {{bubbles: true}}));
    await new Promise(requestAnimationFrame);
    const value = control.parentElement.querySelector(".ds-value");
    shown.push({{...read(element), value: value?.textContent,
      said: control.getAttribute("aria-valuetext")}});
  }}
  return shown;
}}
"""
READ_SOON = f"""
async (element) => {{
  await new Promise(requestAnimationFrame);
  return ({READ})(element);
}}
"""


class ExplorerOnPage:
    """One explorer, awake, and what a reader can do with it."""

    def __init__(self, page, name, as_it_is=False):
        self.page, self.name = page, name
        self.element = page.locator(f'downslope-explorer[id="{name}"]')
        page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")
        self.element.scroll_into_view_if_needed()
        page.wait_for_function(
            "(name) => document.getElementById(name).dataset.state !== 'still'", arg=name
        )
        assert self.now()["state"] == "ready"
        if not as_it_is and self.element.locator(".ds-reset").count():
            self.reset()

    def now(self):
        """State, picture (as a digest), readout and the value of each control."""
        return self.element.evaluate(READ_SOON)

    def names(self, kind):
        """Names of the controls of one kind: `input` or `select`."""
        return self.element.locator(f"{kind}[data-control]").evaluate_all(
            "(found) => found.map((control) => control.dataset.control)"
        )

    def control(self, name):
        return self.element.locator(f'[data-control="{name}"]')

    def sweep(self, name):
        """Move a control through all of its values; what is shown at each."""
        return self.element.evaluate(SWEEP, name)

    def reset(self):
        self.element.locator(".ds-reset").press("Enter")
        return self.now()

    def press(self, name, key):
        self.control(name).focus()
        self.page.keyboard.press(key)
        return self.now()

    def choose(self, name, index):
        self.control(name).select_option(index=index)
        return self.now()

    def shown_value(self, name):
        """The value that stands beside a slider."""
        return self.element.locator(
            f'.ds-control:has([data-control="{name}"]) .ds-value'
        ).text_content()


@pytest.fixture
def awake():
    """`awake(window, name)`: the explorer of that name, unpacked, at its first values; with
    `as_it_is` at those that the address gave it."""
    return lambda window, name, **how: ExplorerOnPage(window.page, name, **how)
