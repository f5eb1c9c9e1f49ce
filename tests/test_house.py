"""The commands, settings and small tools that hold the book together."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import check_jsonschema
import nbformat
import pytest
import yaml
from click.testing import CliRunner
from PIL import Image
from pybtex.database import parse_file
from sphinx.errors import ConfigError

import book_sharing
import programs
from book_repository import declared_address, web_address
from downslope import __version__

META = re.compile('<meta (name|property)="([^"]+)" content="([^"]*)"')
ROOT = Path(__file__).resolve().parents[1]
specification = importlib.util.spec_from_file_location("install", ROOT / "tools" / "install.py")
install = importlib.util.module_from_spec(specification)
specification.loader.exec_module(install)


specification = importlib.util.spec_from_file_location("offline", ROOT / "tools" / "offline.py")
offline = importlib.util.module_from_spec(specification)
specification.loader.exec_module(offline)


specification = importlib.util.spec_from_file_location("links", ROOT / "tools" / "links.py")
links_tool = importlib.util.module_from_spec(specification)
specification.loader.exec_module(links_tool)


def lines(name):
    """Lines of a requirements file that ask for something."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


# Commands


OWN = {
    path.stem: path
    for folder in ("tests", "book/extensions")
    for path in ROOT.glob(f"{folder}/*.py")
}
WITH_OTHERS = {"downslope", "answers", "IPython", "packaging"}  # ours, of ipykernel, of pytest


def imported(path, seen):
    """Names of the packages that a module imports at its top, by way of modules of ours too."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        found = [node.module] if isinstance(node, ast.ImportFrom) else getattr(node, "names", [])
        for name in {str(getattr(each, "name", each)).split(".")[0] for each in found} - seen:
            seen.add(name)
            if name in OWN:
                imported(OWN[name], seen)
    return seen - OWN.keys() - set(sys.stdlib_module_names)


def test_what_is_tested_at_the_floors_imports_only_what_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "")
    elsewhere = re.search("NOT_AT_FLOORS :=(.*)", makefile)[1].split()
    there = {re.split("[=<>]", line)[0] for line in lines("tests/floors.txt")} | WITH_OTHERS
    for path in sorted(ROOT.glob("tests/test_*.py")):
        if path.relative_to(ROOT).as_posix() not in elsewhere:
            assert imported(path, set()) <= there, path.name


def test_make_alone_lists_every_target_and_what_it_does():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", text, flags=re.MULTILINE))
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = dict(re.findall(r"^  make (\w+) +(\S.*)$", listed, flags=re.MULTILINE))
    assert named.keys() == targets
    assert {"book", "lab", "test", "check", "notebooks", "bench", "clean"} <= targets


def command(folder, name, body):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def find_python(folder, **environment):
    return subprocess.run(
        ["/bin/sh", ROOT / "tools" / "find-python"],
        env={"PATH": str(folder), **environment},
        capture_output=True,
        text=True,
    )


def test_an_old_python_is_passed_over_and_a_newer_one_taken(tmp_path):
    command(tmp_path, "python3", "exit 1")
    command(tmp_path, "python3.12", "exit 0")
    assert find_python(tmp_path).stdout == "python3.12\n"


def test_without_a_python_the_message_says_which_to_get(tmp_path):
    command(tmp_path, "python3", "exit 1")
    answer = find_python(tmp_path)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "3.11" in answer.stderr
    assert "PYTHON=" in answer.stderr


def test_a_python_without_venv_is_told_apart(tmp_path):
    command(tmp_path, "python3", 'case "$2" in *ensurepip*) exit 1;; esac')
    answer = find_python(tmp_path)
    assert answer.returncode == 1
    assert "python3-venv" in answer.stderr


def test_the_python_that_is_asked_for_is_the_one_that_is_taken(tmp_path):
    command(tmp_path, "python3", "exit 0")
    command(tmp_path, "mine", "exit 0")
    command(tmp_path, "old", "exit 1")
    assert find_python(tmp_path, PYTHON="mine").stdout == "mine\n"
    command(tmp_path, "my own", "exit 0")
    assert find_python(tmp_path, PYTHON=f"{tmp_path}/my own").stdout == f"{tmp_path}/my own\n"
    refused = find_python(tmp_path, PYTHON="old")
    assert refused.returncode == 1
    assert "PYTHON=old" in refused.stderr


@pytest.fixture
def browser_tool(monkeypatch, tmp_path):
    """The tool that finds a browser, where there is none and Playwright has downloaded none."""
    found = importlib.util.spec_from_file_location("browser_tool", ROOT / "tools" / "browser.py")
    tool = importlib.util.module_from_spec(found)
    found.loader.exec_module(tool)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(tool, "playwrights_own", lambda: None)
    return tool


def test_a_browser_on_the_path_is_taken_and_the_one_asked_for_before_it(
    browser_tool, tmp_path, monkeypatch
):
    assert browser_tool.find() is None
    command(tmp_path, "google-chrome", "exit 0")
    assert browser_tool.find() == str(tmp_path / "google-chrome")
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "mine"))
    assert browser_tool.find() == str(tmp_path / "mine")
    assert browser_tool.main() == 1  # it is not there
    command(tmp_path, "mine", "exit 0")
    assert browser_tool.main() == 0


def test_where_there_is_no_browser_one_is_downloaded_or_the_reader_told(
    browser_tool, tmp_path, monkeypatch, capsys
):
    asked = []
    monkeypatch.setattr(browser_tool.subprocess, "run", asked.append)
    assert browser_tool.main() == 1
    assert asked[0][1:] == ["-m", "playwright", "install", "chromium"]
    assert "CHROMIUM=/path/to/it" in capsys.readouterr().err
    command(tmp_path, "downloaded", "exit 0")
    later = iter([None, str(tmp_path / "downloaded")])
    monkeypatch.setattr(browser_tool, "playwrights_own", lambda: next(later))
    assert browser_tool.main() == 0


def write_project(folder):
    """Nothing but the files that decide what is installed."""
    for name in install.DECIDE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


@pytest.fixture
def project(tmp_path):
    """A folder in which nothing is installed yet."""
    return write_project(tmp_path)


@pytest.fixture(scope="module")
def first_install(tmp_path_factory):
    """A folder where a venv was made, and what was said then."""
    folder = write_project(tmp_path_factory.mktemp("installed"))
    with redirect_stdout(StringIO()) as said:
        assert install.main(["requirements.txt"], folder) == 0
    return folder, said.getvalue()


@pytest.fixture
def installed(first_install, capsys):
    """That folder with all that is asked for, whatever other tests have changed there."""
    folder, _ = first_install
    assert install.main(["requirements.txt"], folder) == 0
    capsys.readouterr()
    return folder


@pytest.fixture
def without_pip(monkeypatch):
    """Venvs are made without pip, nine tenths of the time; the Pythons it would install into."""
    installed_into = []

    def run(command, **how):
        return subprocess.run([*command, *["--without-pip"] * ("venv" in command)], **how)

    def install_nothing(python, *_):
        installed_into.append(python)
        return True

    monkeypatch.setattr(install, "subprocess", SimpleNamespace(run=run))
    monkeypatch.setattr(install, "install", install_nothing)
    return installed_into


@pytest.mark.slow
def test_a_first_install_makes_a_venv(first_install):
    folder, said = first_install
    assert "Making .venv" in said
    assert install.starts(install.python_of(folder / ".venv"))


@pytest.mark.slow
def test_installing_again_does_nothing_until_a_file_changes(installed, capsys):
    assert install.main(["requirements.txt"], installed) == 0
    assert capsys.readouterr().out == ""
    (installed / "constraints.txt").write_text("# changed\n")
    assert install.main(["requirements.txt"], installed) == 0
    out = capsys.readouterr().out
    assert "Installing" in out
    assert "Making" not in out


@pytest.mark.slow
def test_a_second_venv_stands_beside_the_first(project, without_pip):
    assert install.main(["tests/floors.txt", ".venv-floors"], project) == 0
    (python,) = without_pip
    assert python.is_relative_to(project / ".venv-floors")
    assert install.starts(python)
    assert not (project / ".venv").exists()


@pytest.mark.slow
def test_a_venv_that_no_longer_starts_is_made_anew_and_filled(project, without_pip, capsys):
    assert install.main(["requirements.txt"], project) == 0
    python = install.python_of(project / ".venv")
    python.unlink()
    python.symlink_to(project / "gone")
    capsys.readouterr()
    assert install.main(["requirements.txt"], project) == 0
    assert "Making .venv" in capsys.readouterr().out
    assert install.starts(python)
    assert without_pip == [python, python]


def test_another_python_is_another_venv(project, monkeypatch):
    digest, made_of = install.digest(project), install.made_of(project / ".venv")
    monkeypatch.setattr(install.sys, "version_info", (3, 99, 0))
    assert install.digest(project) != digest
    assert install.made_of(project / ".venv") != made_of


@pytest.mark.slow
def test_a_moved_folder_gets_a_new_venv(project, without_pip, tmp_path_factory, capsys):
    assert install.main(["requirements.txt"], project) == 0
    moved = shutil.copytree(project, tmp_path_factory.mktemp("moved") / "here", symlinks=True)
    capsys.readouterr()
    assert install.main(["requirements.txt"], moved) == 0
    assert "Making .venv" in capsys.readouterr().out
    assert without_pip[1:] == [install.python_of(moved / ".venv")]


@pytest.mark.slow
def test_an_install_that_fails_says_why_and_is_tried_again(installed, capsys):
    (installed / "tests/requirements.txt").write_text("./no-such-folder\n")
    for _ in range(2):
        assert install.main(["tests/requirements.txt"], installed) == 1
        assert "no-such-folder" in capsys.readouterr().out


@pytest.mark.parametrize("kept", [True, False])
def test_pip_compiles_only_where_python_does_not_keep_what_it_compiles(
    project, monkeypatch, capsys, kept
):
    command(project, "python", 'echo "$@"; exit 1')
    monkeypatch.setattr(install.sys, "dont_write_bytecode", not kept)
    assert not install.install(project / "python", "requirements.txt", project)
    said = capsys.readouterr().out
    assert "-r requirements.txt" in said
    assert ("--no-compile" in said) is kept


def test_a_missing_requirements_file_is_refused(project):
    assert install.main(["none.txt"], project) == 2


# Pins and settings

ASKED = ("requirements.txt", "tests/requirements.txt")


@pytest.mark.parametrize("name", [*ASKED, "tools/paper/requirements.txt"])
def test_every_requirement_is_pinned_and_says_why(name):
    for line in lines(name):
        asked, _, why = line.partition("#")
        assert asked.startswith("-") or re.fullmatch(r"[\w.-]+==[\w.]+", asked.strip()), line
        assert why.strip() or asked.startswith("-r"), line


def test_every_constraint_is_exact_and_every_requirement_has_one():
    pins = dict(line.split("==") for line in lines("constraints.txt"))
    asked = [line.split("#")[0].strip() for line in lines("requirements.txt")]
    asked += [line.split("#")[0].strip() for line in lines("tests/requirements.txt")]
    for name, version in (line.split("==") for line in asked if not line.startswith("-")):
        assert pins.get(name) == version, name


def test_contributing_says_why_each_dependency_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in (*ASKED, "tools/paper/requirements.txt"):
        for line in lines(name):
            if not line.startswith("-"):
                assert f"`{line.split('==')[0]}`" in text


def test_every_chapter_is_in_the_table_of_contents():
    listed = re.findall(r"chapters/[\w-]+", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    there = {f"chapters/{path.stem}" for path in (ROOT / "chapters").glob("*.ipynb")}
    assert set(listed) == there


def test_the_workflows_test_every_python_that_the_package_claims():
    claimed = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == claimed


def test_the_citation_names_the_title_and_licence_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["license"] == project["license"]
    assert citation["title"].lower().startswith(project["name"])


def test_every_place_that_names_a_version_names_that_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "src/downslope/__init__.py"
    assert citation["version"] == __version__
    assert re.search(rf"^## \[{re.escape(__version__)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.M)


@pytest.mark.parametrize(("tag", "released"), [(f"v{__version__}", True), ("v9.9.9", False)])
def test_a_tag_that_is_not_the_version_is_not_released(tag, released):
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    script = workflow["jobs"]["same-version"]["steps"][-1]["run"]
    shell = ["bash", "-e", "-o", "pipefail", "-c", script]
    answer = subprocess.run(shell, cwd=ROOT, env={**os.environ, "GITHUB_REF_NAME": tag})
    assert (answer.returncode == 0) is released
    assert workflow["jobs"]["publish"]["needs"] == "package"
    assert workflow["jobs"]["package"]["needs"] == "same-version"


def test_the_floors_are_tested_at_the_versions_that_the_package_claims():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [line.split("#")[0].strip() for line in lines("tests/floors.txt")]
    tested = dict(line.split("==") for line in asked if "==" in line)
    claimed = project["dependencies"] + project["optional-dependencies"]["mnist"]
    for name, floor in (claim.split(">=") for claim in claimed):
        assert re.fullmatch(rf"{re.escape(floor)}(\.0)*", tested[name]), name
    assert "-e ." in asked


KINDS = {
    "vendor.github-workflows": ".github/workflows/*.yml",
    "vendor.github-issue-forms": ".github/ISSUE_TEMPLATE/[!c]*.yml",
    "vendor.github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "vendor.dependabot": ".github/dependabot.yml",
    "vendor.citation-file-format": "CITATION.cff",
}


@pytest.mark.parametrize(("schema", "pattern"), KINDS.items())
def test_github_can_read_what_is_written_for_it(schema, pattern, tmp_path):
    def look(*paths):
        arguments = ["--builtin-schema", schema, *map(str, paths)]
        return CliRunner().invoke(check_jsonschema.main, arguments, catch_exceptions=False)

    found = sorted(ROOT.glob(pattern))
    assert found
    answer = look(*found)
    assert answer.exit_code == 0, answer.output
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("nothing: of the kind\n")
    assert look(wrong).exit_code == 1


def faults_of_workflows(*paths):
    """What the rules of actionlint, and more, find in them: exit code and text."""
    program = Path(sys.executable).with_name("jactionlint")
    # Dependabot raises the actions, which are pinned to a version that a reader can read.
    quietly = ["--shellcheck=", "--ignore", "unpinned-uses", "--no-color", "--strict-exit"]
    done = subprocess.run([program, *quietly, *paths], capture_output=True, text=True, cwd=ROOT)
    return done.returncode, done.stdout + done.stderr


def test_the_workflows_are_right_as_far_as_can_be_told_without_running_them(tmp_path):
    found = [*sorted((ROOT / ".github/workflows").glob("*.yml")), ROOT / ".github/dependabot.yml"]
    assert len(found) > 1
    assert faults_of_workflows(*found) == (0, "")
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(found[0].read_text().replace("runs-on: ubuntu-latest", "runs-on: ${{ os }}"))
    code, said = faults_of_workflows(wrong)
    assert code == 1
    assert 'undefined variable "os"' in said


def workflows():
    """Each workflow, by its name."""
    found = (ROOT / ".github/workflows").glob("*.yml")
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in found}


def test_every_action_is_pinned_to_a_version():
    for name, workflow in workflows().items():
        for job in workflow["jobs"].values():
            for used in [job.get("uses"), *(step.get("uses") for step in job.get("steps", []))]:
                assert not used or used.startswith("./") or re.search(r"@v\d", used), (name, used)


def test_only_what_has_passed_its_tests_is_published_and_a_proposal_can_be_looked_at():
    tests, publish = workflows()["tests"], workflows()["publish"]
    jobs = publish["jobs"]
    assert jobs["test"]["uses"] == "./.github/workflows/tests.yml"
    assert (jobs["build"]["needs"], jobs["deploy"]["needs"]) == ("test", "build")
    triggers = {name: workflow[True] for name, workflow in workflows().items()}  # YAML's "on"
    assert triggers["publish"]["push"] == {"branches": ["main"]}
    assert set(triggers["tests"]) == {"pull_request", "workflow_call"}
    *_, kept = tests["jobs"]["test"]["steps"]
    assert kept["with"]["path"] == "_build/html"
    assert "github.event_name == 'pull_request'" in kept["if"]


def test_the_windows_commands_of_the_readme_are_what_ci_runs_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    steps = workflows()["tests"]["jobs"]["windows"]["steps"]
    run = {step.get("run") for step in steps}
    promised = re.findall(r"^    (py -.*|\.venv\\Scripts\\(?!jupyter-lab).*)$", readme, re.M)
    assert len(promised) == 3
    assert set(promised) <= run


def test_the_newest_versions_are_asked_for_without_a_pin():
    step = next(
        step["run"]
        for step in workflows()["newest"]["jobs"]["newest"]["steps"]
        if "newest.txt" in step.get("run", "")
    )
    first = step.split("printf")[0].replace("> newest.txt", "")
    asked = subprocess.run(["bash", "-c", first], cwd=ROOT, capture_output=True, text=True).stdout
    wanted = [line.split("#")[0].strip() for line in asked.splitlines()]
    wanted = [line for line in wanted if line]
    assert "numpy" in wanted
    assert "pytest" in wanted
    assert "jupyter-book<2" in wanted
    assert not any("==" in line or line.startswith(("-c", "-r")) for line in wanted)


def test_the_source_distribution_leaves_nothing_out_that_its_tests_need():
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    assert "sdist" not in hatch["build"]["targets"]  # so that it holds all that git keeps


def test_a_type_checker_of_another_project_reads_our_types():
    assert (ROOT / "src/downslope/py.typed").is_file()


def test_the_page_of_references_and_the_bibtex_file_hold_the_same_sources():
    page = (ROOT / "book/references.md").read_text(encoding="utf-8").replace("\n", " ")
    entries = parse_file(ROOT / "book/references.bib").entries
    assert len(re.findall(r"### ", page)) == len(entries)
    plain = page.casefold()
    for key, entry in entries.items():
        assert re.sub(r"[{}]", "", entry.fields["title"]).casefold() in plain, key
        assert re.search(rf"### [^#]*{entry.fields['year']}", page), key
        if "doi" in entry.fields:
            assert f"https://doi.org/{entry.fields['doi']}" in page, key


def test_a_skipped_test_fails_in_ci_and_only_there(tmp_path, monkeypatch):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "def test_it(): pytest.skip('no browser')\n"
        "def test_data(): pytest.skip('DOWNSLOPE_MNIST names no folder')\n"
    )
    for name in [name for name in os.environ if name.startswith("PYTEST")]:
        monkeypatch.delenv(name)
    options = ["-q", "-p", "no:cacheprovider", "--rootdir=.", "."]
    for ci, expected in (("", 0), ("true", 1)):
        code, said = programs.run("pytest", *options, folder=tmp_path, CI=ci)
        assert code == expected, said
        assert ("1 failed, 1 skipped" if ci else "2 skipped") in said


# The repository's address


@pytest.mark.parametrize(
    "written",
    [
        "https://github.com/ada/downslope",
        "https://github.com/ada/downslope/",
        "https://github.com/ada/downslope.git",
        "http://github.com/ada/downslope.git\n",
        "https://token@github.com/ada/downslope.git",
        "git@github.com:ada/downslope.git",
        "ssh://git@github.com/ada/downslope.git",
        "ssh://git@github.com:22/ada/downslope",
    ],
)
def test_every_way_to_write_an_address_of_github_gives_one_link(written):
    assert web_address(written) == "https://github.com/ada/downslope"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "/home/ada/downslope",
        "file:///home/ada/downslope",
        "https://example.org/ada/downslope",
        "https://github.com/ada",
        "https://github.com/ada/downslope/issues",
        "https://github.com.example.org/ada/downslope",
        "https://github.com/ada/down slope",
    ],
)
def test_any_other_address_gives_none(written):
    assert web_address(written) is None


def test_the_environment_decides_before_git_and_git_before_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("DOWNSLOPE_REPOSITORY_URL", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert declared_address(tmp_path) == ""
    for arguments in (["init", "-q"], ["remote", "add", "origin", "git@github.com:ada/book.git"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    assert declared_address(tmp_path).strip() == "git@github.com:ada/book.git"
    monkeypatch.setenv("DOWNSLOPE_REPOSITORY_URL", "")
    assert declared_address(tmp_path) == ""


# A small book, built for real


class SmallBook:
    """Two chapters that print a number from src/, and keep a list of their runs."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("_config.yml", "requirements.txt", "constraints.txt"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "book", folder / "book")
        for name in ("src", "chapters"):
            (folder / name).mkdir()
        self.set_number(1)
        for name in ("one", "two"):
            self.write(name, "1")
        (folder / "_toc.yml").write_text(
            "format: jb-book\nroot: book/references\nchapters:\n"
            "- file: chapters/one\n- file: chapters/two\n"
        )

    def set_number(self, number):
        (self.folder / "src" / "number.txt").write_text(str(number))

    def write(self, name, last_line):
        source = (
            f"with open('../runs.txt', 'a') as runs:\n    _ = runs.write('{name} ')\n"
            f"print('the number is', open('../src/number.txt').read())\n{last_line}"
        )
        cells = [nbformat.v4.new_markdown_cell(f"# {name}"), nbformat.v4.new_code_cell(source)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / "chapters" / f"{name}.ipynb")

    def build(self, address="", **settings):
        """Build; returns the exit code and which chapters ran."""
        (self.folder / "runs.txt").write_text("")
        code, self.said = programs.run(
            "jupyter_book.cli.main",
            *("build", "-W", "-n", "--keep-going", "."),
            folder=self.folder,
            DOWNSLOPE_REPOSITORY_URL=address,
            **settings,
        )
        return code, sorted((self.folder / "runs.txt").read_text().split())

    def page(self, name):
        return (self.folder / "_build/html/chapters" / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture
def small_book(tmp_path):
    return SmallBook(tmp_path)


@pytest.mark.slow
def test_a_chapter_runs_again_exactly_when_it_or_the_code_under_it_changed(small_book):
    assert small_book.build() == (0, ["one", "two"]), small_book.said
    assert small_book.build() == (0, [])
    small_book.write("one", "2")
    assert small_book.build() == (0, ["one"])
    small_book.set_number(7)
    assert small_book.build() == (0, ["one", "two"])
    assert "the number is 7" in small_book.page("one")
    assert "the number is 7" in small_book.page("two")
    style = small_book.folder / "book/assets/book.css"
    style.write_text(style.read_text() + "/* changed */\n")
    assert small_book.build() == (0, [])
    built = small_book.folder / "_build/html/_static/book.css"
    assert built.read_text() == style.read_text()


@pytest.mark.slow
def test_a_build_with_a_failing_cell_fails_until_the_cell_is_mended(small_book):
    small_book.write("two", "1 / 0")
    for _ in range(2):
        assert small_book.build() == (1, ["one", "two"])
        assert "ZeroDivisionError" in small_book.said
    small_book.write("two", "1 / 1")
    assert small_book.build()[0] == 0


@pytest.mark.slow
def test_launch_buttons_lead_to_the_known_repository_or_are_absent(small_book):
    assert small_book.build("git@github.com:ada/downslope.git")[0] == 0, small_book.said
    page = small_book.page("one")
    assert (
        "https://mybinder.org/v2/gh/ada/downslope/main?urlpath=lab/tree/chapters/one.ipynb" in page
    )
    assert (
        "https://colab.research.google.com/github/ada/downslope/blob/main/chapters/one.ipynb"
        in page
    )
    assert "lite/" not in page
    assert small_book.build("", DOWNSLOPE_LITE="yes") == (0, []), small_book.said
    assert "../lite/notebooks/index.html?path=chapters/one.ipynb" in small_book.page("one")
    assert small_book.build("")[0] == 0, small_book.said
    assert "lite/" not in small_book.page("one")
    (small_book.folder / "_build/html/lite").mkdir()  # built before, and still there
    assert small_book.build("")[0] == 0, small_book.said
    assert "../lite/notebooks/" in small_book.page("one")
    for path in (small_book.folder / "_build/html").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"mybinder|colab\.research|github\.com|executablebooks", text), path


@pytest.mark.slow
def test_a_shared_link_shows_what_the_page_says_and_its_figure_once_the_address_is_known(
    small_book,
):
    small_book.write("one", "from downslope.explorers.losses import half_square\nhalf_square()")
    assert small_book.build()[0] == 0, small_book.said
    assert 'property="og:' not in small_book.page("one")
    built = small_book.folder / "_build/html"
    assert not (built / "sitemap.xml").exists()

    (small_book.folder / "runs.txt").unlink()
    shutil.rmtree(small_book.folder / "_build")
    address = {"DOWNSLOPE_BOOK_URL": "https://ada.example/book/"}
    assert small_book.build(**address)[0] == 0, small_book.said
    one, references = (
        shared(small_book.page("one")),
        shared((built / "book/references.html").read_text()),
    )
    assert one["og:url"] == "https://ada.example/book/chapters/one.html"
    assert one["og:image"] == "https://ada.example/book/_static/cards/chapters-one.png"
    assert one["og:image:alt"].startswith("The loss ½(y − t)²")
    assert one["twitter:card"] == "summary_large_image"
    with Image.open(built / "_static/cards/chapters-one.png") as card:
        assert card.width > 600 < 3 * card.height
    assert references["description"] == references["og:description"]
    assert references["description"].startswith("Each source stands under a heading of its own")
    assert "og:image" not in references

    small_book.write("two", "2")  # a page that is not written anew is still listed
    assert small_book.build(**address) == (0, ["two"])
    listed = re.findall("<loc>(.*)</loc>", (built / "sitemap.xml").read_text(encoding="utf-8"))
    pages = "book/references", "chapters/one", "chapters/two"
    assert listed == [f"https://ada.example/book/{page}.html" for page in pages]


@pytest.mark.parametrize(
    ("declared", "address"),
    [
        ("https://ada.example/book/", "https://ada.example/book"),
        (" https://ada.example ", "https://ada.example"),
        ("http://127.0.0.1:8000//", "http://127.0.0.1:8000"),
        ("", ""),
        ("ada.example/book", None),
        ("/book", None),
        ("https://", None),
        ("https:///book", None),
        ('https://ada.example/a "book"', None),
        ("https://ada.example/book?page=1", None),  # the names of pages would follow it
        ("https://ada.example/book#part", None),
    ],
)
def test_the_books_address_is_one_of_the_web_or_none(declared, address, monkeypatch):
    monkeypatch.delenv("DOWNSLOPE_BOOK_URL", raising=False)
    config = SimpleNamespace(html_baseurl=declared)
    if address is not None:
        assert book_sharing.book_address(config) == address
        return
    with pytest.raises(ConfigError, match=r"must be like https://ada.example/book, got '"):
        book_sharing.book_address(config)


def test_a_card_is_found_whatever_its_page_is_called(tmp_path):
    Image.new("RGB", (2, 1)).save(tmp_path / "picture.png")
    app = SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "html")
    context = {"meta": {book_sharing.LOCAL: "picture.png"}, "metatags": ""}
    book_sharing.add_card(app, "쪽/it is #1", "page.html", context, None)
    address = urlsplit(context["meta"]["og:image"])
    assert (app.outdir / unquote(address.path)).is_file()
    assert (address.query, address.fragment) == ("", "")


def shared(page):
    """What the head of a page says about it, by name."""
    return {name: text for _, name, text in META.findall(page)}


def test_the_book_for_reading_offline_is_whole_or_not_made(tmp_path):
    book, target = tmp_path / "html", tmp_path / "offline.zip"
    target.write_text("what was there")
    with pytest.raises(FileNotFoundError, match="run make book first"):
        offline.pack(book, target)
    assert target.read_text() == "what was there"

    (book / "chapters").mkdir(parents=True)
    for name in ("index.html", "chapters/한.html", ".buildinfo"):
        (book / name).write_text(name, encoding="utf-8")
    offline.pack(book, target)
    with zipfile.ZipFile(target) as packed:
        names = ["README.txt", "chapters/한.html", "index.html"]
        assert packed.namelist() == [f"downslope/{name}" for name in names]
        assert packed.read("downslope/chapters/한.html").decode() == "chapters/한.html"
    first = target.read_bytes()
    os.utime(book / "index.html", (0, 0))
    assert offline.pack(book, target).read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["html", "offline.zip"]


def test_chapters_are_always_run_and_logo_and_favicon_are_there():
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert settings["execute"]["execute_notebooks"] == "force"
    assert "downslope.sphinx_ext" in settings["sphinx"]["extra_extensions"]
    assert (ROOT / settings["logo"]).is_file()
    assert (ROOT / settings["html"]["favicon"]).is_file()


def test_one_report_says_what_has_become_of_every_other_site(tmp_path, capsys):
    links = [
        ("a.md", 1, "working", "https://one.example/", ""),
        ("a.md", 2, "broken", "https://two.example/", "404 Client\nError"),
        ("b.md", 3, "broken", "https://two.example/", "404 Client\nError"),
        ("b.md", 4, "redirected", "https://three.example/", "https://four.example/"),
        ("b.md", 5, "local", "notation.html", ""),
    ]
    names = "filename", "lineno", "status", "uri", "info"
    lines = [json.dumps(dict(zip(names, link, strict=True))) for link in links]
    path = tmp_path / "output.json"
    path.write_text("\n".join(lines))
    assert links_tool.main(path) == 1
    said = capsys.readouterr().out
    assert said.startswith("3 addresses of other sites:")
    assert "1 lead nowhere\n  https://two.example/\n      404 Client Error\n      a.md:2\n" in said
    assert "      b.md:3" in said
    assert "1 are there\n  https://one.example/" in said
    assert "network" not in said

    path.write_text(lines[1])
    links_tool.main(path)
    assert capsys.readouterr().out.rstrip().endswith("is there a network?")
    assert "make links" in links_tool.main(tmp_path / "none.json")
