"""Chapter 4 in the programs of the environments that `make elsewhere` has made, in a browser."""

import os
import signal
import socket
import subprocess
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import pytest

import environments
import notebook_windows as notebooks

PLACES = Path(__file__).resolve().parents[3] / "_build" / "elsewhere"
CHAPTER = "04_gradient_descent.ipynb"
NEWEST, ZIP = "newest/venv/bin", "zip/downslope-notebooks/.venv/bin"
#: Of each program: its command, the folder with the chapters, and where it shows one.
PROGRAMS = {
    "Notebook, newest": (f"{NEWEST}/jupyter-notebook", "newest/chapters", "notebooks"),
    "JupyterLab, newest": (f"{NEWEST}/jupyter-lab", "newest/chapters", "lab/tree"),
    "JupyterLab, by the README": (
        f"{ZIP}/jupyter-lab", "zip/downslope-notebooks/chapters", "lab/tree",
    ),
    "JupyterLab, as on Binder": (
        "binder/venv/bin/jupyter-lab", "binder/repository/chapters", "lab/tree",
    ),
}  # fmt: skip


@pytest.fixture
def served(tmp_path):
    """`served(command, folder)`: address of a program that has no settings but its own."""
    started = []

    def start(command, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        own = {f"JUPYTER_{kind}_DIR": str(tmp_path) for kind in ("CONFIG", "DATA", "RUNTIME")}
        options = [
            f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1",
            "--IdentityProvider.token=", "--allow-root", "--no-browser",
        ]  # fmt: skip
        with open(tmp_path / "said.txt", "wb") as said:
            started.append(
                subprocess.Popen(
                    [command, folder, *options],
                    env=environments.outside() | own,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                )
            )
        return f"http://127.0.0.1:{port}"

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGTERM)  # the server and its kernels
        process.wait(60)


def wait_for(address, seconds=120):
    """Until a server answers."""
    until = monotonic() + seconds
    while True:
        try:
            urlopen(f"{address}/api", timeout=10).close()
        except OSError:
            assert monotonic() < until, f"nobody answers at {address}"
            sleep(0.5)
        else:
            return


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_chapter_runs_its_sliders_move_and_its_exercises_answer(served, browser, program):
    command, folder, shows = PROGRAMS[program]
    address = served(PLACES / command, PLACES / folder)
    wait_for(address)
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(notebooks.LONGEST)
        page.goto(f"{address}/{shows}/{CHAPTER}")
        notebooks.wait_for_kernel(page, "Python 3")
        notebooks.clear_all(page)
        notebooks.run_all(page)
        cells = notebooks.wait_for_all(page)
        assert cells["wrong"] == []
        assert cells["done"] > 20
        notebooks.sliders_move_by_keyboard(page)
        notebooks.sliders_move_by_mouse(page)
        notebooks.exercises_answer(page)
        page.screenshot(path=PLACES / f"{program}.png")
