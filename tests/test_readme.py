"""What the README says is true: its code runs, its files are there, its picture is the code's."""

import importlib.util
import os
import re
import sys
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import nbformat
import pytest
import yaml

import programs
from downslope.explore import Explorer

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def explorer_of_the_readme():
    """What the last line of the README's code gives."""
    (code,) = blocks("python")
    start, last = code.rstrip().rsplit("\n\n\n", 1)
    names = {}
    exec(compile(start, "README.md", "exec"), names)
    return eval(compile(last, "README.md", "eval"), names)


def test_the_code_of_the_readme_makes_an_explorer_that_moves():
    explorer = explorer_of_the_readme()
    assert isinstance(explorer, Explorer)
    before = explorer.readout
    explorer.controls["h"].value = explorer.controls["h"].options[0][1]
    assert explorer.readout != before
    assert explorer.error is None


def test_the_picture_of_the_readmes_code_has_the_axes_that_its_data_need():
    drawn = ElementTree.fromstring(explorer_of_the_readme().still_svg())
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    numbers = {float(text.replace("−", "-")) for text in texts if text not in ("x", "x²")}
    assert {-2, -1, 0, 1, 2, 3, 4} <= numbers


def test_the_example_book_has_the_code_of_the_readme_and_its_settings():
    (code,), (settings, _) = blocks("python"), blocks("yaml")
    example = ROOT / "examples/minimal-book"
    page = (example / "secant.md").read_text(encoding="utf-8")
    assert re.findall(r"```\{code-cell\}\n(.*?)```", page, flags=re.DOTALL) == [code]
    assert (example / "_config.yml").read_text(encoding="utf-8").endswith(settings)


def test_the_exercise_of_the_readme_is_that_of_the_example_book():
    section = README.partition("## Exercises in your own book")[2].partition("\n## ")[0]
    shown = [dedent(block) for block in re.findall(r"(?:^(?: {4}.*)?\n)+", section, re.MULTILINE)]
    module, call, _ = (text.strip() for text in shown if text.strip())
    example = ROOT / "examples/minimal-book"
    code = (example / "slopes.py").read_text(encoding="utf-8")
    assert all(part in code for part in module.split("\n\n\n"))
    page = (example / "your-turn.md").read_text(encoding="utf-8")
    assert all(part in page for part in call.split("\n\n", 1))


def test_the_files_that_settings_of_the_readme_name_go_with_the_option_of_the_extension():
    line, with_files = (yaml.safe_load(text)["sphinx"] for text in blocks("yaml"))
    assert line["extra_extensions"] == with_files["extra_extensions"] == ["downslope.sphinx_ext"]
    assert list(with_files["config"]) == ["downslope_depends_on"]


def test_the_link_of_the_readme_names_that_explorer_and_its_controls():
    explorer = explorer_of_the_readme()
    name, query = re.search(r"page\.html#([\w-]+)\?(\S+)`", README).groups()
    assert name == explorer.name
    assert {pair.split("=")[0] for pair in query.split("&")} == explorer.controls.keys()


@pytest.mark.slow
def test_one_line_of_settings_brings_explorers_to_another_book(tmp_path):
    (code,), (settings, _) = blocks("python"), blocks("yaml")
    (tmp_path / "_config.yml").write_text(
        f"title: Another\nexecute:\n  execute_notebooks: force\n{settings}"
    )
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# A page"), nbformat.v4.new_code_cell(code)]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "page.ipynb")
    command = ["jupyter_book.cli.main", "build", "-W", "--keep-going", "."]
    code, said = programs.run(*command, folder=tmp_path)
    assert code == 0, said[-4000:]
    page = (tmp_path / "_build/html/page.html").read_text(encoding="utf-8")
    assert '<downslope-explorer id="parabola-secant"' in page
    assert "_static/downslope-explorer.js" in page
    assert (tmp_path / "_build/html/_static/downslope-explorer.js").is_file()


def test_every_file_the_readme_names_is_there():
    named = re.findall(r"\]\(([^):]+)\)", README)
    assert len(named) > 3
    for name in named:
        assert (ROOT / name).is_file(), name


def test_every_make_command_of_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"^    make (\w+)", README, flags=re.MULTILINE))
    assert commands == {"book", "test"}
    for command in commands | set(re.findall(r"`make (\w+)`", README)):
        assert re.search(rf"^{command}:", makefile, flags=re.MULTILINE)


def test_the_picture_is_what_the_code_draws_now():
    specification = importlib.util.spec_from_file_location("picture", ROOT / "tools/picture.py")
    tool = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tool)
    drawn = tool.picture()
    assert drawn == tool.PICTURE.read_text(encoding="utf-8"), "run `python tools/picture.py`"
    assert len(drawn) < 100_000


def test_the_windows_commands_name_files_and_options_that_exist():
    lines = [line.strip() for line in README.splitlines() if ".venv\\" in line]
    assert len(lines) == 3
    for name in re.findall(r"-r (\S+)", " ".join(lines)):
        assert (ROOT / name).is_file()
    for program in re.findall(r"Scripts\\([\w-]+)", " ".join(lines)):
        assert Path(sys.executable).with_name(program).exists() or os.name == "nt"
