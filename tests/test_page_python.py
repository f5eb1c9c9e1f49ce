"""Python for the page: where it is had, how it is checked, and what is served of it."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from downslope import page_python
from downslope.page_python import (
    ENVIRONMENT,
    PYODIDE,
    Distribution,
    Index,
    PythonNotFound,
    cache_folder,
    gather,
    own_code,
    place,
    version,
)
from servers import Server

ROOT = Path(__file__).resolve().parents[1]
specification = importlib.util.spec_from_file_location("raising", ROOT / "tools/raise_pyodide.py")
raising = importlib.util.module_from_spec(specification)
specification.loader.exec_module(raising)

WHEEL = "numpy-1.2.3-wasm32.whl"
REQUIREMENT, INSIDE = "made-up==1.0", "made_up/assets/"


def packed(**members):
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return content.getvalue()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def few_packages(monkeypatch):
    monkeypatch.setattr(raising, "IN_NOTEBOOKS", ("numpy",))


@pytest.fixture(scope="module")
def contents():
    """A made-up distribution: the content of each file."""
    files = {name: f"content of {name}".encode() for name in raising.RUNTIME}
    files[WHEEL] = packed(**{"numpy-1.2.3.dist-info/LICENSE.txt": "What NumPy's wheel says."})
    return files


@pytest.fixture(scope="module")
def lock(contents):
    info = {"version": "9.9.9", "python": "3.99.1", "arch": "wasm32"}
    numpy = {"file_name": WHEEL, "version": "1.2.3", "sha256": sha256(contents[WHEEL])}
    numpy |= {"depends": []}
    return {"info": info, "packages": {"numpy": numpy, "scipy": {"file_name": "scipy.whl"}}}


@pytest.fixture
def folder(tmp_path, contents, lock):
    """That distribution, in a folder."""
    made = tmp_path / "distribution"
    made.mkdir()
    for name, content in contents.items():
        (made / name).write_bytes(content)
    (made / "pyodide-lock.json").write_text(json.dumps(lock))
    return made


@pytest.fixture
def toml(folder):
    return raising.table("9.9.9", lambda name: (folder / name).read_bytes())


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of its own; and a package index in which there is nothing."""
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return tmp_path / "caches/downslope/pyodide-9.9.9"


@pytest.fixture
def cdn(contents):
    server = Server(contents)
    yield server
    server.stop()


@pytest.fixture
def source(toml, cdn):
    return replace(Distribution.read(toml), cdn=cdn.address, index=Index(REQUIREMENT, INSIDE))


@pytest.fixture
def unreachable(source):
    return replace(source, cdn="http://127.0.0.1:9/")


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Put a wheel with these files in the index."""

    def put(files):
        links = tmp_path / "links"
        links.mkdir(exist_ok=True)
        monkeypatch.setenv("PIP_FIND_LINKS", str(links))
        about = {
            "made_up-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: made-up\nVersion: 1.0",
            "made_up-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
            "made_up-1.0.dist-info/RECORD": "",
        }
        inside = {INSIDE + name: content for name, content in files.items()}
        (links / "made_up-1.0-py3-none-any.whl").write_bytes(packed(**about, **inside))

    return put


def fill(folder, contents):
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def found_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Where it is had


def test_a_folder_that_is_named_comes_before_all_else(source, folder, cdn, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    said = []
    assert gather(said.append, source=source) == folder
    assert said == cdn.asked == []


def test_a_folder_that_is_named_and_lacks_a_file_is_refused(source, folder, cdn, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    (folder / WHEEL).unlink()
    with pytest.raises(PythonNotFound, match=re.escape(WHEEL)) as refused:
        gather(source=source)
    assert ENVIRONMENT in str(refused.value)
    assert cdn.asked == []


def test_a_folder_that_is_named_and_has_a_damaged_file_is_refused(source, folder, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    right = source.parts[0]
    (folder / "pyodide.js").write_bytes(b"something else")
    with pytest.raises(PythonNotFound) as refused:
        gather(source=source)
    for words in ("pyodide.js", str(right.size), right.sha256, "14", sha256(b"something else")):
        assert words in str(refused.value)


def test_what_the_cache_has_is_not_asked_for(source, cache, contents, cdn):
    fill(cache, contents)
    said = []
    assert gather(said.append, source=source) == cache
    assert said == cdn.asked == []


def test_it_comes_from_the_cdn_once(source, cache, contents, cdn):
    said = []
    assert gather(said.append, source=source) == cache
    assert gather(said.append, source=source) == cache
    assert found_in(cache) == contents
    assert cdn.asked == list(contents)
    assert len(said) == 1
    assert "127.0.0.1" in said[0]
    assert "9.9.9" in said[0]


@pytest.mark.parametrize("damage", [b"", b"content of pyodide.a", b"CONTENT OF pyodide.asm.js"])
def test_only_what_is_damaged_in_the_cache_is_fetched_again(damage, source, cache, contents, cdn):
    fill(cache, contents | {"pyodide.asm.js": damage})
    gather(source=source)
    assert cdn.asked == ["pyodide.asm.js"]
    assert found_in(cache) == contents


def test_where_the_cdn_cannot_be_reached_it_comes_from_the_package_index(
    unreachable, cache, contents, index, cdn
):
    index(contents)
    said = []
    assert gather(said.append, source=unreachable) == cache
    assert found_in(cache) == contents
    assert "127.0.0.1:9" in said[1]
    assert REQUIREMENT in said[2]


def test_what_the_cdn_gave_is_kept_and_only_the_rest_taken_from_the_index(
    source, cache, contents, index, cdn
):
    del cdn.answers[WHEEL]
    index({WHEEL: contents[WHEEL]})
    gather(source=source)
    assert found_in(cache) == contents


def test_a_file_that_is_another_one_is_refused_and_named(source, cache, contents, index, cdn):
    page = b"<h1>Log in to this network</h1>" * 9
    cdn.answers["pyodide.js"] = page
    index(contents)
    said = []
    gather(said.append, source=source)
    assert "pyodide.js: expected 21 bytes" in said[1]
    assert source.parts[0].sha256 in said[1]
    assert found_in(cache) == contents
    assert cdn.asked == ["pyodide.js"]  # after one failure it is not asked again


def test_a_wheel_with_other_files_is_refused(unreachable, cache, contents, index):
    index(contents | {"pyodide.asm.wasm": b"another"})
    with pytest.raises(PythonNotFound, match=rf"asm\.wasm: expected .* {sha256(b'another')}"):
        gather(source=unreachable)
    assert found_in(cache).keys() == {"pyodide.js", "pyodide.asm.js"}


def test_a_wheel_without_the_files_is_refused(unreachable, index):
    index({})
    with pytest.raises(PythonNotFound, match="made_up/assets/pyodide.js"):
        gather(source=unreachable)


@pytest.fixture
def hanging():
    """An address that takes a connection and says `words`, and then nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones = []

    def start(words=b""):
        def take():
            connection, _ = listener.accept()
            connection.sendall(words)
            open_ones.append(connection)

        threading.Thread(target=take, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield start
    for connection in open_ones:
        connection.close()
    listener.close()


@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\ncontent"])
def test_a_cdn_that_hangs_is_given_up(words, hanging, source, cache, contents, index, monkeypatch):
    assert page_python.PATIENCE <= 5
    monkeypatch.setattr(page_python, "PATIENCE", 0.2)
    index(contents)
    said, times = [], []

    def say(text):
        said.append(text)
        times.append(time.monotonic())

    gather(say, source=replace(source, cdn=hanging(words)))
    assert "timed out" in said[1]
    assert times[1] - times[0] < 2
    assert found_in(cache) == contents


def test_a_name_that_is_looked_up_for_ever_is_given_up(source, monkeypatch):
    monkeypatch.setattr(page_python, "PATIENCE", 0.2)
    asked = threading.Event()

    def never(*_):
        asked.set()
        time.sleep(1)
        raise OSError("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    started = time.monotonic()
    with pytest.raises(PythonNotFound, match="no answer within"):
        gather(source=replace(source, index=None))
    assert asked.is_set()
    assert time.monotonic() - started < 0.9


def test_where_there_is_no_source_it_says_what_was_tried_and_what_to_do(unreachable, cache):
    with pytest.raises(PythonNotFound) as missing:
        gather(source=unreachable)
    for words in ("127.0.0.1:9", REQUIREMENT, "No matching distribution", ENVIRONMENT, WHEEL):
        assert words in str(missing.value)
    assert found_in(cache) == {}


def test_where_nothing_can_be_kept_nothing_is_downloaded(source, cdn, tmp_path):
    (tmp_path / "caches").write_text("no folder")
    with pytest.raises(PythonNotFound, match=r"(?s)caches/downslope.*What you can do"):
        gather(source=source)
    assert cdn.asked == []


def test_nothing_half_written_stays_or_is_taken(source, cache, contents, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            gather(source=source)
    assert found_in(cache) == {}
    gather(source=source)
    assert found_in(cache) == contents


def test_two_processes_at_once_do_each_other_no_harm(toml, cache, contents, cdn):
    code = "import sys; from downslope.page_python import *; "
    code += "gather(source=Distribution.read(sys.argv[1]))"
    text = toml.replace(Distribution.read(toml).cdn, cdn.address)
    both = [subprocess.Popen([sys.executable, "-c", code, text]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert found_in(cache) == contents


def test_a_file_that_another_process_put_there_and_reads_is_left(tmp_path, monkeypatch):
    def in_use(*_):
        raise PermissionError("in use")

    monkeypatch.setattr(os, "replace", in_use)
    (tmp_path / "a").write_bytes(b"same")
    page_python._write(tmp_path / "a", b"same")
    with pytest.raises(PermissionError):
        page_python._write(tmp_path / "a", b"other")
    assert found_in(tmp_path) == {"a": b"same"}


def test_the_cache_is_where_each_system_keeps_its_caches(monkeypatch, tmp_path):
    last = Path("downslope") / f"pyodide-{PYODIDE.version}"
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert cache_folder() == tmp_path / "caches" / last
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path("/home/me/.cache") / last
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path("/home/me/Library/Caches") / last
    monkeypatch.setattr(sys, "platform", "win32")
    assert cache_folder() == Path("/local") / last


# What is served


def test_the_page_is_served_the_parts_the_code_and_what_they_are(source, folder, tmp_path):
    place(tmp_path / "site", folder, source=source)
    files = found_in(tmp_path / "site")
    manifest = json.loads(files["manifest.json"])
    assert files.keys() - manifest["files"].keys() == {"manifest.json", "licences.txt"}
    assert manifest["files"].keys() == {
        "downslope.bin",
        "numpy.bin",
        "pyodide-lock.json",
        "pyodide.asm.js",
        "pyodide.asm.wasm",
        "pyodide.js",
        "python_stdlib.zip",
    }
    assert manifest["files"] == {name: len(files[name]) for name in manifest["files"]}
    assert manifest["total"] == sum(manifest["files"].values())
    assert manifest["gzipped"] > 0
    assert manifest["pyodide"] == "9.9.9"
    assert files["numpy.bin"] == (folder / WHEEL).read_bytes()
    assert json.loads(files["pyodide-lock.json"]) == {"info": source.info, "packages": {}}


def test_every_file_has_a_version_that_follows_its_bytes(source, folder, tmp_path):
    def versions(modules=b""):
        place(tmp_path / "site", folder, source=source, modules=modules)
        manifest = json.loads((tmp_path / "site/manifest.json").read_text())
        return manifest["versions"], version(source=source, modules=modules)

    none, at_first = versions()
    one, then = versions(b"one")
    two, last = versions(b"two")
    assert one.items() - two.items() == {("book.bin", one["book.bin"])}
    assert len({at_first, then, last}) == 3
    assert versions(b"two")[1] == last
    assert "book.bin" in found_in(tmp_path / "site")
    assert versions() == (none, at_first)
    assert "book.bin" not in none.keys() | found_in(tmp_path / "site").keys()


def test_the_version_follows_the_script_that_runs_it_too(source, tmp_path, monkeypatch):
    before = version(source=source)
    copy = shutil.copytree(page_python._OURS, tmp_path / "copy")
    monkeypatch.setattr(page_python, "_OURS", copy)
    assert version(source=source) == before
    with (copy / "static/downslope-python.js").open("a") as worker:
        worker.write("// more")
    assert version(source=source) != before


def test_placing_again_writes_only_what_is_not_as_it_should_be(
    source, folder, tmp_path, monkeypatch
):
    site, written = tmp_path / "site", []
    place(site, folder, source=source)
    before = found_in(site)
    (site / "pyodide.js").write_bytes(b"content of pyodide.JS")
    write = page_python._write

    def noted(path, content):
        written.append(path.name)
        write(path, content)

    monkeypatch.setattr(page_python, "_write", noted)
    place(site, folder, source=source)
    assert written == ["pyodide.js"]
    assert found_in(site) == before


def test_a_part_that_was_damaged_since_it_was_gathered_is_not_served(source, folder, tmp_path):
    (folder / "python_stdlib.zip").write_bytes(b"")
    with pytest.raises(ValueError, match=r"python_stdlib\.zip: expected"):
        place(tmp_path / "site", folder, source=source)
    assert not (tmp_path / "site").exists()


def test_the_licences_of_all_that_is_served_are_served_beside_it(source, folder, tmp_path):
    place(tmp_path, folder, source=source)
    text = (tmp_path / "licences.txt").read_text(encoding="utf-8")
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").strip() in text
    assert "What NumPy's wheel says." in text
    for words in (
        "Mozilla Public License Version 2.0",
        "https://github.com/pyodide/pyodide/tree/9.9.9",
        "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2",
        "https://github.com/python/cpython/tree/v3.99.1",
        "https://github.com/numpy/numpy/tree/v1.2.3",
        "CC BY 4.0",
    ):
        assert words in text
    assert "$" not in text


def test_the_code_is_the_same_bytes_wherever_and_whenever_it_is_packed(tmp_path, monkeypatch):
    before = own_code()
    copy = shutil.copytree(page_python._OURS, tmp_path / "copy", copy_function=shutil.copyfile)
    monkeypatch.setattr(page_python, "_OURS", copy)
    assert own_code() == before
    with ZipFile(BytesIO(before)) as archive:
        names = archive.namelist()
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert names == sorted(names)
    assert {"downslope/__init__.py", "downslope/data/digits.npz"} <= set(names)
    assert not [name for name in names if re.search(r"/(static|explore|explorers|sphinx)", name)]


IN_THE_BROWSER = """
import sys
class Absent:
    def find_spec(self, name, *_):
        if name.split(".")[0] in {"matplotlib", "ipywidgets", "tqdm", "IPython", "PIL"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
sys.path.insert(0, sys.argv[1])
"""
EVERY_EXERCISE = """
from contextlib import redirect_stdout
from io import StringIO

from downslope import check
assert check.__file__.startswith(sys.argv[1]), check.__file__
for name in check.__all__:
    exercise = getattr(check, name)
    if isinstance(exercise, check.Exercise):
        with redirect_stdout(StringIO()):
            assert exercise(exercise.solution), name
            assert not exercise(lambda *_: None), name
        print(name)
"""


@pytest.fixture(scope="module")
def in_the_browser(tmp_path_factory):
    """Run code with nothing but NumPy and what the page is served of this package."""
    unpacked = tmp_path_factory.mktemp("site-packages")
    with ZipFile(BytesIO(own_code())) as archive:
        archive.extractall(unpacked)

    def run(code):
        command = [sys.executable, "-I", "-c", IN_THE_BROWSER + code, str(unpacked)]
        return subprocess.run(command, capture_output=True, text=True)

    return run


def test_every_exercise_answers_with_what_the_page_is_served(in_the_browser):
    from downslope import check

    ran = in_the_browser(EVERY_EXERCISE)
    assert ran.returncode == 0, ran.stderr
    exercises = [name for name, value in vars(check).items() if isinstance(value, check.Exercise)]
    assert sorted(ran.stdout.split()) == sorted(exercises)


def test_the_digits_are_served_too(in_the_browser):
    ran = in_the_browser(
        "from downslope.datasets import load_digits; print(load_digits()[0].shape)"
    )
    assert ran.stdout.startswith("("), ran.stderr


def test_what_draws_is_not_there(in_the_browser):
    assert (
        "No module named 'downslope.explore'" in in_the_browser("import downslope.explore").stderr
    )
    assert "No module named 'matplotlib'" in in_the_browser("import downslope.plots").stderr


# The table


def test_the_table_names_one_host_and_knows_each_file_by_its_hash():
    assert PYODIDE.cdn == f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE.version}/full/"
    assert [part.served for part in PYODIDE.parts] == [*raising.RUNTIME, "numpy.bin"]
    assert PYODIDE.parts[-1].name.startswith(f"numpy-{PYODIDE.numpy}-")
    assert all(re.fullmatch("[0-9a-f]{64}", part.sha256) for part in PYODIDE.parts)
    assert re.search(r"==\S+$", PYODIDE.index.requirement)
    text = Path(page_python.__file__).read_text(encoding="utf-8")
    assert "https://" not in text


def test_one_command_raises_the_version(folder, contents, tmp_path, capsys):
    asked = ["9.9.9", "--folder", str(folder), "--index", REQUIREMENT, "--inside", INSIDE]
    assert raising.main(asked, tmp_path / "new.toml", tmp_path / "lock.json") == 0
    made = Distribution.read((tmp_path / "new.toml").read_text())
    assert (made.version, made.numpy) == ("9.9.9", "1.2.3")
    assert made.index == Index(REQUIREMENT, INSIDE)
    assert {part.name: (part.size, part.sha256) for part in made.parts} == {
        name: (len(content), sha256(content)) for name, content in contents.items()
    }
    assert "9.9.9" in capsys.readouterr().out
    packages = json.loads((tmp_path / "lock.json").read_text())["packages"]
    assert set(packages) == {"numpy"}
    assert packages["numpy"]["size"] == len(contents[WHEEL])


def test_without_a_folder_the_new_version_is_read_from_the_cdn(
    folder, toml, cdn, tmp_path, monkeypatch, capsys
):
    cdn.answers["pyodide-lock.json"] = (folder / "pyodide-lock.json").read_bytes()
    monkeypatch.setattr(raising, "CDN", cdn.address + "v{version}/")
    assert raising.main(["9.9.9"], tmp_path / "new.toml", tmp_path / "lock.json") == 0
    made = Distribution.read((tmp_path / "new.toml").read_text())
    assert made == replace(Distribution.read(toml), cdn=cdn.address + "v9.9.9/")
    assert "--index" in capsys.readouterr().out


def test_a_numpy_that_the_lock_does_not_know_is_refused(folder, tmp_path):
    (folder / WHEEL).write_bytes(b"another")
    with pytest.raises(ValueError, match=rf"the lock says \w+, got {sha256(b'another')}"):
        raising.main(
            ["9.9.9", "--folder", str(folder)], tmp_path / "new.toml", tmp_path / "lock.json"
        )
    assert not (tmp_path / "new.toml").exists()


def test_a_folder_of_another_version_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match=r"that of 9\.9\.9, expected 9\.9\.8"):
        raising.main(["9.9.8", "--folder", str(folder)], tmp_path / "new.toml")
