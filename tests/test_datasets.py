import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope import datasets
from downslope.datasets import (
    from_one_hot,
    load_digits,
    minibatches,
    one_hot,
    train_test_split,
)

ROOT = Path(__file__).resolve().parents[1]


def rng(seed=0):
    return np.random.default_rng(seed)


# --- the digits ---


def test_the_digits_have_the_documented_shapes_types_and_ranges():
    digits = load_digits()
    assert digits.images.shape == (1797, 8, 8)
    assert digits.pixels.shape == (1797, 64)
    assert digits.labels.shape == (1797,)
    assert digits.images.dtype == digits.pixels.dtype == np.float64
    assert digits.labels.dtype == np.int64
    assert (digits.pixels.min(), digits.pixels.max()) == (0, 1)
    np.testing.assert_array_equal(np.unique(digits.pixels), np.arange(17) / 16)
    np.testing.assert_array_equal(np.unique(digits.labels), np.arange(10))


def test_pixels_are_the_images_row_by_row():
    digits = load_digits()
    np.testing.assert_array_equal(digits.pixels[5].reshape(8, 8), digits.images[5])


def test_each_digit_comes_as_often_as_the_source_says():
    counts = np.bincount(load_digits().labels)
    np.testing.assert_array_equal(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])


def test_images_of_one_label_look_alike():
    """The nearest mean image is the right one for nine in ten: labels belong to their images."""
    digits = load_digits()
    means = np.array([digits.pixels[digits.labels == k].mean(axis=0) for k in range(10)])
    distances = ((digits.pixels[:, np.newaxis] - means) ** 2).sum(axis=2)
    assert np.mean(distances.argmin(axis=1) == digits.labels) > 0.9


def test_what_a_caller_does_to_the_digits_does_not_stay():
    load_digits().pixels[:] = 7
    assert load_digits().pixels.max() == 1


def test_a_missing_file_is_said_to_be_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "_DIGITS", tmp_path / "digits.npz")
    with pytest.raises(FileNotFoundError, match="digits are missing at .*; reinstall downslope"):
        load_digits()


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b"", lambda b: b[:99] + b"x" + b[100:]]
)
def test_a_damaged_file_is_said_to_be_damaged(monkeypatch, tmp_path, damage):
    damaged = tmp_path / "digits.npz"
    damaged.write_bytes(damage(datasets._DIGITS.read_bytes()))
    monkeypatch.setattr(datasets, "_DIGITS", damaged)
    with pytest.raises(ValueError, match="digits are damaged at .*; reinstall downslope"):
        load_digits()


def test_the_file_is_credited():
    credit = (ROOT / "src" / "downslope" / "data" / "README.md").read_text(encoding="utf-8")
    assert all(word in credit for word in ("Alpaydin", "Kaynak", "UCI", "CC BY 4.0"))


def test_the_export_writes_the_shipped_arrays_again(monkeypatch, tmp_path, capsys):
    spec = importlib.util.spec_from_file_location("export", ROOT / "tools" / "export_digits.py")
    export = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(export)
    digits = load_digits()
    source = SimpleNamespace(images=digits.images * 16, target=digits.labels)
    library = SimpleNamespace(load_digits=lambda: source)  # scikit-learn is no dependency
    monkeypatch.setitem(sys.modules, "sklearn", SimpleNamespace(datasets=library))
    monkeypatch.setitem(sys.modules, "sklearn.datasets", library)
    monkeypatch.setattr(export, "TARGET", tmp_path / "digits.npz")
    written = []
    for _ in range(2):
        export.main()
        written.append(export.TARGET.read_bytes())
    assert written[0] == written[1]
    with np.load(export.TARGET) as new, np.load(datasets._DIGITS) as shipped:
        assert new.files == shipped.files
        for name in new.files:
            assert new[name].dtype == shipped[name].dtype
            np.testing.assert_array_equal(new[name], shipped[name])
    assert "sha256" in capsys.readouterr().out


# --- one-hot ---


@given(st.lists(st.integers(0, 6), max_size=20))
def test_one_hot_and_back_gives_the_labels(labels):
    labels = np.array(labels, dtype=int)
    rows = one_hot(labels, 7)
    assert rows.shape == (len(labels), 7)
    np.testing.assert_array_equal(rows.sum(axis=1), 1)
    np.testing.assert_array_equal(from_one_hot(rows), labels)


def test_one_hot_of_a_single_label_is_a_single_row():
    np.testing.assert_array_equal(one_hot(1, 3), [0, 1, 0])
    assert from_one_hot([0, 1, 0]) == 1


@pytest.mark.parametrize(
    ("labels", "n_classes", "message"),
    [
        ([0, 3], 3, "labels must be from 0 to 2, got 3"),
        ([0, -1], 3, "labels must be from 0 to 2, got -1"),
        ([0.0, 1.0], 3, "labels must be integers from 0 to 2, got float64"),
        ([True], 3, "labels must be integers"),
        (["a"], 3, "labels must be integers"),
        ([[0], [0, 1]], 3, "labels must be an array"),
        ([0], 0, "n_classes must be at least 1, got 0"),
        ([0], 2.0, "n_classes must be a whole number, got 2.0"),
        ([0], True, "n_classes must be a whole number"),
    ],
)
def test_one_hot_refuses_bad_labels(labels, n_classes, message):
    with pytest.raises(ValueError, match=message):
        one_hot(labels, n_classes)


@pytest.mark.parametrize(
    "rows", [[[0.5, 0.5]], [[1, 1]], [[0, 0]], [[1, 0], [0, 2]], [[-1, 1]], 1, [[]], [[np.nan, 1]]]
)
def test_from_one_hot_refuses_what_is_not_one_hot(rows):
    with pytest.raises(ValueError, match="rows must"):
        from_one_hot(rows)


# --- the split ---


@given(st.integers(2, 50), st.floats(0.01, 0.99), st.integers(0, 9))
def test_a_split_keeps_every_sample_once_and_with_its_label(n, fraction, seed):
    if not 0 < round(fraction * n) < n:
        with pytest.raises(ValueError, match="test_fraction must leave samples in both parts"):
            train_test_split(np.arange(n), np.arange(n), fraction, rng(seed))
        return
    x, labels = np.arange(2 * n).reshape(n, 2), np.arange(n)
    x_train, x_test, labels_train, labels_test = train_test_split(x, labels, fraction, rng(seed))
    assert len(x_test) == len(labels_test) == round(fraction * n)
    np.testing.assert_array_equal(np.sort(np.concatenate([labels_train, labels_test])), labels)
    np.testing.assert_array_equal(x_train, x[labels_train])
    np.testing.assert_array_equal(x_test, x[labels_test])


def test_a_split_shuffles_and_repeats_with_the_seed():
    split = [train_test_split(np.arange(99), np.arange(99), 0.3, rng(s))[1] for s in (0, 0, 1)]
    np.testing.assert_array_equal(split[0], split[1])
    assert (split[0] != split[2]).any()
    assert (np.diff(split[0]) < 0).any()


def test_the_parts_of_a_split_are_copies():
    x = np.arange(10.0)
    for part in train_test_split(x, x, 0.5, rng())[:2]:
        part[:] = -1
    np.testing.assert_array_equal(x, np.arange(10.0))


@pytest.mark.parametrize(
    ("x", "labels", "fraction", "generator", "message"),
    [
        ([1, 2, 3], [1, 2], 0.3, rng(), r"labels must have length 3, got shape \(2,\)"),
        ([1, 2, 3], 1, 0.3, rng(), r"labels must have length 3, got shape \(\)"),
        ([], [], 0.3, rng(), "x must have shape"),
        (1.0, [1], 0.3, rng(), "x must have shape"),
        ([1, 2, 3], [1, 2, 3], 0.0, rng(), "test_fraction must be greater than 0"),
        ([1, 2, 3], [1, 2, 3], 1.0, rng(), "test_fraction must be less than 1"),
        ([1, 2, 3], [1, 2, 3], np.nan, rng(), "test_fraction must be finite"),
        ([1, 2, 3], [1, 2, 3], 0.1, rng(), "test_fraction must leave samples in both parts"),
        ([1, 2, 3], [1, 2, 3], 0.3, 0, r"rng must be a numpy.random.Generator, such as np.random"),
        ([1, 2, 3], [1, 2, 3], 0.3, None, "rng must be a numpy.random.Generator"),
        ([1, 2, 3], [1, 2, 3], 0.3, np.random, "rng must be a numpy.random.Generator"),
    ],
)
def test_a_split_refuses_bad_input(x, labels, fraction, generator, message):
    with pytest.raises(ValueError, match=message):
        train_test_split(x, labels, fraction, generator)


# --- mini-batches ---


@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 3))
def test_every_epoch_deals_every_sample_once(n, batch_size, n_epochs):
    batches = list(minibatches(n, batch_size=batch_size, rng=rng(), n_epochs=n_epochs))
    per_epoch = -(-n // batch_size)
    assert len(batches) == n_epochs * per_epoch
    for epoch in range(n_epochs):
        dealt = batches[epoch * per_epoch : (epoch + 1) * per_epoch]
        assert all(len(batch) == min(batch_size, n) for batch in dealt[:-1])
        assert len(dealt[-1]) == n - (per_epoch - 1) * batch_size
        np.testing.assert_array_equal(np.sort(np.concatenate(dealt)), np.arange(n))


def test_epochs_differ_and_seeds_repeat():
    first, second = minibatches(50, batch_size=50, rng=rng(), n_epochs=2)
    (again,) = minibatches(50, batch_size=50, rng=rng())
    assert (first != second).any()
    np.testing.assert_array_equal(first, again)


def test_samples_and_labels_stay_together():
    x, labels = np.arange(14.0).reshape(7, 2), np.arange(7)
    for x_batch, labels_batch in minibatches(x, labels, batch_size=3, rng=rng()):
        np.testing.assert_array_equal(x_batch, x[labels_batch])


def test_a_batch_is_a_copy():
    x = np.arange(6.0)
    for batch in minibatches(x, batch_size=6, rng=rng()):
        batch[:] = -1
    np.testing.assert_array_equal(x, np.arange(6.0))


@pytest.mark.parametrize(
    ("arrays", "keywords", "message"),
    [
        ((), {}, "at least one array"),
        (([1, 2], [1]), {}, r"array 1 must have length 2, got shape \(1,\)"),
        (([1, 2], 10), {}, r"array 1 must have length 2, got shape \(\)"),
        (([],), {}, "array 0 must have shape"),
        ((0,), {}, "the number of samples must be at least 1"),
        ((2.5,), {}, "the number of samples must be a whole number"),
        ((5,), {"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ((5,), {"batch_size": 2.0}, "batch_size must be a whole number"),
        ((5,), {"rng": 0}, "rng must be a numpy.random.Generator"),
        ((5,), {"n_epochs": -1}, "n_epochs must be at least 0"),
    ],
)
def test_minibatches_refuse_bad_input_at_once(arrays, keywords, message):
    with pytest.raises(ValueError, match=message):
        minibatches(*arrays, **({"batch_size": 2, "rng": rng()} | keywords))
