"""The digest of what outputs depend on."""

import pytest

from downslope.freshness import fingerprint


@pytest.fixture
def root(tmp_path):
    (tmp_path / "src/__pycache__").mkdir(parents=True)
    (tmp_path / "_build").mkdir()
    for name in ("src/a.py", "mylib.py"):
        (tmp_path / name).write_text("1")
    return tmp_path


def test_it_changes_with_a_file_and_its_name(root):
    seen = [fingerprint(root, ["src", "mylib.py"])]
    for change in (
        lambda: (root / "src/a.py").write_text("2"),
        lambda: (root / "src/a.py").rename(root / "src/b.py"),
        lambda: (root / "src/deep").mkdir() or (root / "src/deep/c.py").write_text(""),
        lambda: (root / "mylib.py").write_text("2"),
    ):
        change()
        seen.append(fingerprint(root, ["src", "mylib.py"]))
    assert len(set(seen)) == len(seen)


def test_it_does_not_change_with_bytecode_hidden_files_or_what_is_left_out(root):
    before = fingerprint(root, ["."], [root / "_build"])
    for name in ("src/__pycache__/a.pyc", "src/.a.swp", "_build/page.html"):
        (root / name).write_text("2")
    (root / "src/gone.py").symlink_to(root / "nothing.py")
    assert fingerprint(root, ["."], [root / "_build"]) == before


def test_a_name_that_stands_for_nothing_is_refused(root):
    with pytest.raises(FileNotFoundError, match="there is no .*mylyb.py"):
        fingerprint(root, ["mylyb.py"])
