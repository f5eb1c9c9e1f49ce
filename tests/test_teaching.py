"""What the page for teachers tells them to do, done as far as one computer can."""

import math
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import nbformat
import pytest
import yaml
from docutils import nodes
from jsonschema import Draft202012Validator
from traitlets.config import Config

import book_teaching
from book_teaching import HUB, REPOSITORY, pull_link
from downslope import check

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "book" / "teach.md").read_text(encoding="utf-8")
VALUES = (ROOT / "examples" / "classroom" / "values.yaml").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


# The Littlest JupyterHub


def test_students_of_the_littlest_hub_have_kernels_on_files_whose_paths_are_short_enough(
    monkeypatch,
):
    (settings,) = re.findall(r"class\.py <<'END'\n(.*?)^END$", PAGE, re.MULTILINE | re.DOTALL)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path.replace("~", "/home/"))
    made = Config()
    exec(settings, {"c": made})
    assert made.Spawner.args == ["--KernelManager.transport=ipc"]
    longest = SimpleNamespace(username_template="x" * 32)  # the hub shortens accounts to that
    folder = made.Spawner.environment["JUPYTER_RUNTIME_DIR"](longest)
    assert folder.startswith(f"/home/{'x' * 32}/")
    assert len(f"{folder}/kernel-{uuid4()}-ipc-5") <= 107


# Links


def chapters_of_the_book():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [f"{name}.ipynb" for name in files if name.startswith("chapters/")]


def test_the_page_has_a_link_for_every_chapter_of_the_book_in_its_order():
    rows = re.findall(r"^\| \[\]\(\.\./(\S+)\) \| \{hub-link\}`(\S+)` \|$", PAGE, re.MULTILINE)
    assert rows == [(chapter, chapter) for chapter in chapters_of_the_book()]


def test_a_link_says_what_nbgitpuller_reads():
    link = pull_link("https://hub.org/jupyter/", "https://git.org/~ü/b k", "a&b", "c/d+e.ipynb")
    parts = urlsplit(link)
    assert (parts.netloc, parts.path) == ("hub.org", "/jupyter/hub/user-redirect/git-pull")
    assert parse_qs(parts.query, strict_parsing=True) == {
        "repo": ["https://git.org/~ü/b k"],
        "urlpath": ["lab/tree/b k/c/d+e.ipynb"],
        "branch": ["a&b"],
    }
    assert re.fullmatch(r"[\w%.&=+~-]*", parts.query)


@pytest.mark.parametrize("repository", ["https://a.org/b/c", "https://a.org/b/c/"])
def test_the_folder_is_that_into_which_nbgitpuller_puts_the_repository(repository):
    (path,) = parse_qs(urlsplit(pull_link(HUB, repository, "main", "d.ipynb")).query)["urlpath"]
    assert path == "lab/tree/c/d.ipynb"


def role(text, branch=None):
    """What the role makes of `text`, and what it complains of."""
    options = {"repository_branch": branch} if branch else {}
    said = []
    inliner = SimpleNamespace(
        document=SimpleNamespace(settings=SimpleNamespace(env=SimpleNamespace(
            srcdir=ROOT, app=SimpleNamespace(confdir=ROOT),
            config=SimpleNamespace(html_theme_options=options),
        ))),
        reporter=SimpleNamespace(error=lambda message, line: said.append(message)),
        problematic=lambda raw, text, message: nodes.problematic(raw, text),
    )  # fmt: skip
    ((node,), _) = book_teaching.link_role("hub-link", f"`{text}`", text, 1, inliner)
    return node.astext(), said


CHAPTER = "chapters/04_gradient_descent.ipynb"


@pytest.mark.parametrize(
    ("known", "repository"),
    [("git@github.com:ada/deep.git", "https://github.com/ada/deep"), ("", REPOSITORY)],
)
def test_a_link_names_this_repository_where_that_is_known(monkeypatch, known, repository):
    monkeypatch.setenv("DOWNSLOPE_REPOSITORY_URL", known)
    assert role(CHAPTER) == (pull_link(HUB, repository, "main", CHAPTER), [])
    assert role(CHAPTER, "next") == (pull_link(HUB, repository, "next", CHAPTER), [])


def test_a_link_to_a_notebook_that_is_not_there_is_an_error():
    _, said = role("chapters/99_nothing.ipynb")
    assert said == ["hub-link: there is no notebook 'chapters/99_nothing.ipynb'"]


# Settings for Kubernetes: the keys that the chart's reference has, as far as a class needs them.
# Once a week helm compares with the chart itself, in .github/workflows/newest.yml.

CHART = """
hub:
  config: {JupyterHub: object, Authenticator: object, GitHubOAuthenticator: object}
  activeServerLimit: integer
  concurrentSpawnLimit: integer
singleuser:
  image: {name: string, tag: string, pullPolicy: string}
  defaultUrl: string
  startTimeout: integer
  memory: {guarantee: string, limit: string}
  cpu: {guarantee: number, limit: number}
  storage: {capacity: string, type: string, homeMountPath: string}
  extraFiles: {"*": {mountPath: string, data: object, stringData: string, mode: number}}
  extraEnv: object
cull:
  {enabled: boolean, timeout: integer, every: integer, maxAge: integer, concurrency: integer}
prePuller:
  hook: {enabled: boolean}
  continuous: {enabled: boolean}
proxy:
  https:
    {enabled: boolean, hosts: array, type: string, letsencrypt: {contactEmail: string}}
"""


def schema(keys):
    """JSON Schema of settings that have no other keys than these."""
    if isinstance(keys, str):
        return {"type": keys}
    named = {key: schema(value) for key, value in keys.items() if key != "*"}
    other = schema(keys["*"]) if "*" in keys else False
    return {"type": "object", "properties": named, "additionalProperties": other}


CHECKER = Draft202012Validator(schema(yaml.safe_load(CHART)))


def second_file():
    """Settings that the page asks a teacher to write beside the file."""
    (text,) = blocks("yaml")
    return text


THREADS = "OPENBLAS_NUM_THREADS"


def keys_of(text):
    """Every key in a text of settings whose name the chart fixes."""
    free = re.split(r"^ +(?:data|GitHubOAuthenticator|Authenticator):", text, flags=re.MULTILINE)
    keys = re.findall(r"^ *(\w+):", free[0], re.MULTILINE)
    return [key for key in keys if key not in ("JupyterHub", "authenticator_class", THREADS)]


@pytest.mark.parametrize("text", [VALUES, second_file()], ids=["values", "ours"])
def test_the_settings_for_kubernetes_have_the_keys_of_the_chart(text):
    assert [error.message for error in CHECKER.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("text", [VALUES, second_file()], ids=["values", "ours"])
def test_a_misspelled_key_would_be_found(text):
    keys = keys_of(text)
    assert len(keys) > 6
    for key in keys:
        spoilt = re.sub(rf"^( *){key}:", rf"\1{key}e:", text, count=1, flags=re.MULTILINE)
        assert not CHECKER.is_valid(yaml.safe_load(spoilt)), key


def test_nobody_can_log_in_until_the_second_file_says_who():
    first, second = yaml.safe_load(VALUES), yaml.safe_load(second_file())
    assert first["hub"]["config"]["JupyterHub"]["authenticator_class"] == "null"
    assert second["hub"]["config"]["JupyterHub"]["authenticator_class"] == "github"
    assert second["hub"]["config"]["GitHubOAuthenticator"]["allowed_organizations"]


def test_every_pinned_version_of_the_page_is_that_of_the_settings():
    (chart,) = re.findall(r"--version=(\S+)", PAGE)
    assert f"chart jupyterhub {chart}.\n" in VALUES
    weekly = (ROOT / ".github/workflows/newest.yml").read_text(encoding="utf-8")
    assert f"--version {chart} " in weekly


@pytest.mark.slow
def test_in_the_image_of_the_page_the_package_lies_outside_of_the_students_folder():
    (text,) = [block for block in blocks("bash") if "repo2docker" in block]
    (line,) = re.findall(r"^jupyter-repo2docker .*", text.replace("\\\n", " "), re.MULTILINE)
    asked = shlex.split(line)
    assert asked[-1] == "REPOSITORY"
    answer = subprocess.run(
        [Path(sys.executable).with_name(asked[0]), "--no-build", "--debug", *asked[1:-1], "."],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2000:]
    recipe = answer.stdout + answer.stderr
    assert re.findall(r"pip install (?:--no-cache-dir )?(.*)", recipe) == [
        '-r "requirements.txt"',
        ".",  # not as an editable one: its folder will be hidden by the student's disk
        "nbgitpuller==1.3.0 jupyterhub==5.5.0",
    ]


# How many students a computer carries


def number(text):
    """The first number of a cell of a table, which may have thousands set apart."""
    return float(re.search(r"[\d,.]*\d", text)[0].replace(",", ""))


def sizes():
    """Rows of the page's arithmetic: students, GiB for them, computers, cores, GiB, seconds."""
    for row in re.findall(r"^\| [\d,]+ \| .* \|$", PAGE, re.MULTILINE):
        students, memory, computers, seconds = row.strip("| ").split(" | ")
        cores, has = re.search(r"(\d+) cores and (\d+) GiB", computers).groups()
        many = 1 if computers.startswith("one") else number(computers)
        yield [number(students), number(memory), many, float(cores), float(has), number(seconds)]


def test_the_arithmetic_for_a_class_follows_from_what_was_measured():
    middle = re.search(r"first output of the chapter \| ([\d.]+) s \|", PAGE)[1]
    assert "is five seconds of processor" in PAGE
    assert math.ceil(float(middle)) == 5
    settings = yaml.safe_load(VALUES)["singleuser"]
    kept = float(settings["memory"]["guarantee"].removesuffix("M")) / 1024
    assert f"{kept * 1024:.0f} MiB are kept" in PAGE
    table = list(sizes())
    assert [row[0] for row in table] == [30, 100, 300, 3000]
    for students, memory, computers, cores, has, seconds in table:
        on_one = math.ceil(students / computers)
        assert memory == pytest.approx(students * kept, abs=0.06)
        assert on_one * kept + 2 <= has  # 2 GiB for everything else
        assert on_one * settings["cpu"]["guarantee"] <= cores
        assert seconds == pytest.approx(on_one * 5 / cores, abs=0.5)
        if computers > 1:
            assert on_one < 110 - 10  # pods that are no student's
            assert computers - 1 < students * kept / (has - 2)  # one less would not do


def test_what_is_kept_for_a_student_is_enough_for_the_heaviest_chapter():
    (kernel,) = re.findall(r"of that the kernel \| .* \| (\d+) MiB \|", PAGE)
    (most,) = re.findall(r"needs most, (\d+) MiB", PAGE)
    settings = yaml.safe_load(VALUES)["singleuser"]["memory"]
    assert int(most) <= int(settings["guarantee"].removesuffix("M"))
    assert settings["limit"] == "1G"
    assert int(most) + 2 * int(kernel) <= 1024


# What students wrote


def code(*lines, tags=()):
    return nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": list(tags)})


def handed_in(folder, name, *cells):
    notebook = nbformat.v4.new_notebook(cells=[code("from downslope import check"), *cells])
    nbformat.write(notebook, folder / f"{name}.ipynb")


STEP = "def descent_step(x, gradient, learning_rate):"
RIGHT = code(STEP, "    return x - learning_rate * gradient(x)", "check.descent_step(descent_step)")
WRONG = code(STEP, "    return x + learning_rate * gradient(x)", "check.descent_step(descent_step)")
BROKEN = code("def matrix_step(", "check.matrix_step(matrix_step)")


@pytest.mark.slow
def test_what_students_hand_in_is_checked_in_bulk(tmp_path):
    (tmp_path / "collected").mkdir()
    solution = code(RIGHT.source, tags=["solution"])
    handed_in(tmp_path / "collected", "ada", RIGHT, BROKEN)
    handed_in(tmp_path / "collected", "bo", WRONG, solution)
    program, _ = blocks("python")
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert answer.stdout.splitlines() == [
        "ada: 1 of 2 right descent_step",
        "bo: 0 of 1 right",
    ], answer.stderr[-2000:]


def test_a_test_cell_of_a_marked_assignment_passes_for_a_right_answer_only():
    _, cell = blocks("python")
    exec(cell, {"descent_step": check.descent_step.solution})
    with pytest.raises(AssertionError):
        exec(cell, {"descent_step": lambda x, gradient, rate: x + rate * gradient(x)})


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of the hub's computer")
def test_notebooks_are_copied_out_of_the_students_folders(tmp_path):
    (script,) = [block for block in blocks("bash") if "collected" in block]
    for name in ("ada", "bo-b"):
        folder = tmp_path / "home" / f"jupyter-{name}" / "downslope" / "chapters"
        folder.mkdir(parents=True)
        (folder / "04_gradient_descent.ipynb").write_text(name)
    here = script.replace("/home/", f"{tmp_path}/home/").replace("sudo ", "")
    subprocess.run(["bash", "-ec", here], cwd=tmp_path, check=True)
    copies = {path.name: path.read_text() for path in (tmp_path / "collected").iterdir()}
    assert copies == {"ada.ipynb": "ada", "bo-b.ipynb": "bo-b"}


# What else the page names


def test_every_make_command_of_the_page_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make (\w+)`", PAGE))
    assert {"lite", "offline"} <= named
    for command in named:
        assert re.search(rf"^{command}[ \w-]*:", makefile, re.MULTILINE), command
