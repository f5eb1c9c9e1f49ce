"""Teach a class on this machine, and say what it took: `make classroom`.

A JupyterHub with its proxy is started on loopback. Students log in all at once, pull the book by
an nbgitpuller link, run a chapter and write answers; in the middle the hub is killed and started
again. Whatever is then not as it must be ends with a sentence and exit code 1. All of it is in a
temporary folder, and nothing is left of it.
"""

import argparse
import asyncio
import os
import platform
import shutil
import signal
import sys
from contextlib import contextmanager, suppress
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx
import nbformat
import psutil
from tqdm import tqdm

import measured
from hub import Hub, node_and_npm, proxy_program
from students import Student, Trouble, folder_of, link

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240  # seconds
#: What may go wrong between a student and the hub.
WRONG = Trouble, httpx.HTTPError, psutil.Error, OSError
WORDS = ROOT / "_build" / "classroom"
NEWS = "news.md"  # what the teacher adds to the repository after the lesson
THANKS = "Thank you for your questions."
NOTE = "my-notes.md"


def main(arguments=None):
    """Command line; returns the exit code, or what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=10)
    parser.add_argument("--chapter", default="4", help="its number, as 4 or 6a")
    parser.add_argument("--port", type=int, default=0, help="of the hub; 0 takes a free one")
    asked = parser.parse_args(arguments)
    if sys.platform == "win32":
        return "JupyterHub does not run on Windows: use Linux, macOS or WSL."
    if asked.students < 2:
        return f"A class has at least 2 students, got --students {asked.students}."
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        teach(asked.students, chapter_of(asked.chapter), asked.port)
    except Trouble as trouble:
        return f"\nThe class could not be held: {trouble}"
    except KeyboardInterrupt:
        return "\nStopped; nothing is left running."
    return 0


def stop(*_):
    """Whatever ends a program, end as at Ctrl+C, so that nothing is left running."""
    raise KeyboardInterrupt


def chapter_of(number, root=ROOT):
    """Path in the repository of the chapter with a number, as 4 or 6a."""
    names = [path.name for path in sorted(root.glob("chapters/*.ipynb"))]
    numbers = {name.split("_")[0].lstrip("0") or "0": name for name in names}
    if number not in numbers:
        raise Trouble(f"there is no chapter {number!r}, only {', '.join(numbers)}")
    return f"chapters/{numbers[number]}"


def teach(n, notebook, port):
    if shutil.which("git") is None:
        raise Trouble("git is not installed, by which students get the book")
    proxy = proxy_program(*node_and_npm())
    print(f"{n} students, {notebook}, on {machine()}", flush=True)
    # In /tmp, for the path of a kernel's socket may have no more than 103 characters on macOS.
    folders = TemporaryDirectory(prefix="downslope-classroom-", dir="/tmp")
    with folders as folder, Hub(folder, proxy) as hub:
        hub.serve_book(ROOT)
        hub.start(port, PATIENCE)
        try:
            asyncio.run(lesson(hub, n, notebook))
        except Trouble as trouble:
            hub.keep_words(WORDS)
            raise Trouble(f"{trouble}\nWhat the hub and the others said is in {WORDS}") from None
    print("Every cell ran, no file was lost, nothing is left running.")


def machine():
    names = "jupyterhub", "nbgitpuller", "jupyterlab", "ipykernel", "numpy"
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}; load {load:.1f}"
    )


async def lesson(hub, n, notebook):
    """The lesson, from the first link to the last file."""
    people = [Pupil(f"student-{i:02}", hub, notebook) for i in range(1, n + 1)]
    watcher = asyncio.create_task(watch(people))
    try:
        await all_at_once("log in", people, Pupil.arrive)
        await all_at_once("pull the book", people, Pupil.pull)
        await run_chapter(hub, people)
        await all_at_once("come back to their files", people, Pupil.come_back)
        hub.teacher_changes(lambda folder: change(folder, notebook))
        await all_at_once("pull what the teacher changed", people, Pupil.pull_again)
        tell(people, hub)
    finally:
        watcher.cancel()
        await asyncio.gather(*(person.browser.close() for person in people))


async def all_at_once(what, people, act, unit="student", total=None):
    """Let each of them do something, and show how far they are; the first trouble ends it."""
    started = perf_counter()
    with tqdm(total=total or len(people), desc=f"They {what}", unit=unit, disable=None) as bar:

        async def one(person):
            try:
                await act(person, bar) if total else await act(person)
            except WRONG as error:
                raise Trouble(f"{person.name}: {str(error) or type(error).__name__}") from error
            bar.update(not total)

        if bar.disable:
            print(f"They {what}: ", end="", flush=True)
        await together(*map(one, people))
    begin = "" if bar.disable else f"They {what}: "
    print(f"{begin}all done in {perf_counter() - started:.1f} s", flush=True)


async def together(*each):
    """Wait for all; where one fails, no longer for the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in each:
                group.create_task(one)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def watch(people):
    """Look again and again at what every student's processes hold."""
    while True:
        for person in people:
            with suppress(psutil.NoSuchProcess):  # the student's own steps say that it is gone
                if person.root:
                    person.times.see(await asyncio.to_thread(measured.use, person.root))
        await asyncio.sleep(1)


async def run_chapter(hub, people):
    """All run the chapter; when the first of them is half through, the hub is killed."""
    gap, pulled = Gap(), hub.home_of(people[0].name) / people[0].there
    n_cells = sum(map(is_code, nbformat.read(pulled, as_version=4).cells))

    async def one(person, bar):
        await person.run(gap, bar.update)

    running = all_at_once("run the chapter", people, one, "cell", n_cells * len(people))
    await together(running, gap.make(hub))
    print(interrupted(gap, people), flush=True)
    if again := sum(person.failed for person in people):
        hub.keep_words(WORDS)
        print(f"Kernels that did not answer and were started again: {again}; see {WORDS}")


class Gap:
    """Between the end of the hub and its return: when, as `time.perf_counter` counts.

    Attributes
    ----------
    half : asyncio.Event
        The first student is half through the chapter.
    over : asyncio.Event
        The hub answers again.
    """

    def __init__(self):
        self.half, self.over = asyncio.Event(), asyncio.Event()
        self.killed = self.back = float("inf")

    async def make(self, hub):
        await self.half.wait()
        self.killed = perf_counter()
        await asyncio.to_thread(hub.restart, PATIENCE)
        self.back = perf_counter()
        self.over.set()


def interrupted(gap, people):
    """What the students did meanwhile, who must all have gone on.

    Raises
    ------
    Trouble
        If nobody's kernel answered while there was no hub, or someone's did not afterwards.
    """
    away = [t for p in people for t in p.answered if gap.killed < t < gap.back]
    stopped = [p.name for p in people if max(p.answered) < gap.back]
    if not away:
        raise Trouble("no cell ran to its end while there was no hub")
    if stopped:
        raise Trouble(f"after the hub was back nothing ran for {', '.join(stopped)}")
    return (
        f"The hub was killed half-way and was back after {gap.back - gap.killed:.1f} s; "
        f"{len(away)} cells ran meanwhile"
    )


def is_code(cell):
    return cell.cell_type == "code"


def first_exercise(notebook):
    """The starter of the first exercise of a notebook, and the cell with its solution."""
    for starter, solution in pairwise(notebook.cells):
        tags = starter.metadata.get("tags", []), solution.metadata.get("tags", [])
        if "remove-output" in tags[0] and "solution" in tags[1]:
            return starter, solution
    raise Trouble("the chapter has no exercise for the students to answer")


def change(folder, path):
    """Change what the teacher changes after the lesson: a file more, thanks at the end of the
    chapter, and its first exercise, which every student has changed too."""
    notebook = nbformat.read(folder / path, as_version=4)
    starter, _ = first_exercise(notebook)
    starter.source = f"# For next week.\n{starter.source}"
    notebook.cells.append(nbformat.v4.new_markdown_cell(THANKS))
    nbformat.write(notebook, folder / path)
    (folder / NEWS).write_text("No lesson next week.\n", encoding="utf-8")


class Pupil:
    """A student, what they have on the disk, and how long everything took.

    Parameters
    ----------
    name : str
    hub : Hub
    path : str
        The chapter, in the repository.
    """

    def __init__(self, name, hub, path):
        self.name, self.hub, self.path, self.root = name, hub, path, None
        self.browser = Student(name, hub.password, hub.public, PATIENCE)
        self.link = link(hub.repository, path)
        self.there = f"{folder_of(hub.repository)}/{path}"
        self.note = f"{folder_of(hub.repository)}/{NOTE}"
        self.mine = f"# {name}: downhill is where minus the gradient points.\n"
        self.times, self.answered, self.saved = measured.Times(), [], {}

    @contextmanager
    def timed(self, what):
        started = perf_counter()
        yield
        setattr(self.times, what, perf_counter() - started)

    async def arrive(self):
        with self.timed("server"):
            self.page = await self.browser.follow(self.link)
        self.root = self.hub.server_of(self.name)

    async def pull(self):
        with self.timed("pull"):
            await self.browser.pull(self.page)

    async def run(self, gap, tell):
        """Run the chapter with an answer in it; half-way, save it and a file of one's own."""
        started = perf_counter()
        notebook = nbformat.from_dict(await self.browser.read(self.there))
        starter, solution = first_exercise(notebook)
        starter.source = self.mine + solution.source
        self.failed = await self.browser.start_kernel(self.there)
        cells = list(filter(is_code, notebook.cells))
        for i, cell in enumerate(cells):
            if i == len(cells) // 2:
                await self.save(notebook)
                gap.half.set()
            if i == len(cells) - 1:  # with few students the hub may take longer than they do
                await gap.over.wait()
            await self.run_cell(cell, started)
            tell()
        self.times.chapter = perf_counter() - started
        if "Right" not in str(starter.outputs):
            raise Trouble(f"the answer to the first exercise was not found right: {starter}")
        self.notebook = notebook

    async def run_cell(self, cell, started):
        cell.outputs, first = await self.browser.run(cell.source)
        self.answered.append(perf_counter())
        for output in cell.outputs:
            if output.output_type == "error":
                raise Trouble(f"cell {cell.id} ended with {output.ename}: {output.evalue}")
        if first and not self.times.first:
            self.times.first = first - started
            spent = await asyncio.to_thread(measured.use, self.root)
            self.times.seconds_to_first = spent.seconds

    async def save(self, notebook):
        """Save the notebook and a note; remember what then lies on the disk."""
        await self.browser.write(self.there, notebook, "notebook")
        await self.browser.write(self.note, self.mine, "file")
        self.saved = {path: self.bytes_of(path) for path in (self.there, self.note)}
        if self.saved[self.note] != self.mine.encode():
            raise Trouble(f"{self.note} is not what was sent")

    def bytes_of(self, path):
        return (self.hub.home_of(self.name) / path).read_bytes()

    def must_have(self, *paths):
        for path in paths:
            if self.bytes_of(path) != self.saved[path]:
                raise Trouble(f"{path} is not what was saved")

    async def come_back(self):
        """All is as it was before the hub was killed; save the chapter with all of its outputs."""
        if self.hub.server_of(self.name) != self.root:
            raise Trouble("the server is not the one of before the hub was restarted")
        if not await self.browser.logged_in():
            raise Trouble("the hub that came back does not know who this is")
        self.must_have(self.there, self.note)
        await self.save(self.notebook)
        self.times.rest = await asyncio.to_thread(measured.use, self.root)
        self.times.disk = measured.on_disk(self.hub.home_of(self.name))

    async def pull_again(self):
        """Pull what the teacher has changed: it arrives, and what the student wrote stays."""
        page = await self.browser.follow(self.link)
        said = await self.browser.pull(page)
        if not any("merge -Xours" in line for line in said):  # theirs gives way to ours
            raise Trouble(f"nbgitpuller does not say that it kept what was changed: {said}")
        self.must_have(self.note)
        folder = self.hub.home_of(self.name) / folder_of(self.hub.repository)
        cells = nbformat.read(folder / self.path, as_version=4).cells
        if not any(cell.source.startswith(self.mine) for cell in cells):
            raise Trouble("the second pull took the answer that was written in the notebook")
        if not (folder / NEWS).is_file() or cells[-1].source != THANKS:
            raise Trouble("what the teacher changed did not arrive")


def tell(people, hub):
    """Print what was measured, and what it means for a class."""
    times = [person.times for person in people]
    print("\n".join(["", *measured.table(times, *hub.use()), "", *measured.arithmetic(times), ""]))


if __name__ == "__main__":
    sys.exit(main())
