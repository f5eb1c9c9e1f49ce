"""Real handwritten digits, and the ways in which data is dealt out for training.

Whatever shuffles takes a random generator `rng`, such as ``np.random.default_rng(0)``, so that the
caller decides whether a run repeats itself.
"""

import hashlib
import io
from importlib import resources
from typing import NamedTuple

import numpy as np

from downslope._validation import (
    as_count,
    as_float_array,
    as_positive,
    require_generator,
    require_labels,
)
from downslope.mnist import load_mnist  # a data set like the others, to its users

__all__ = [
    "Digits",
    "from_one_hot",
    "load_digits",
    "load_mnist",
    "minibatches",
    "one_hot",
    "train_test_split",
]

_DIGITS = resources.files("downslope") / "data" / "digits.npz"
_DIGITS_SHA256 = "b3b9c8cc11d765ce4264d8748bf3edbafa5038d91c93cf713ddbd6ae8652b410"
_MOST_INK = 16


class Digits(NamedTuple):
    """Handwritten digits.

    Attributes
    ----------
    images : ndarray of float64, shape (1797, 8, 8)
        Ink from 0 (paper) to 1 (black), in steps of 1/16.
    pixels : ndarray of float64, shape (1797, 64)
        The same numbers, each image in one row; a view of `images`.
    labels : ndarray of intp, shape (1797,)
        The digit that was written, 0 to 9.
    """

    images: np.ndarray
    pixels: np.ndarray
    labels: np.ndarray


def load_digits():
    """1,797 handwritten digits of 8 × 8 pixels, shipped with the package.

    Returns
    -------
    digits : Digits
        With `images`, `pixels` and `labels`; new arrays at every call.

    Raises
    ------
    FileNotFoundError
        If the file is missing from the installed package.
    ValueError
        If the file is damaged.

    References
    ----------
    .. [1] E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine
       Learning Repository, 1998. CC BY 4.0.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.pixels.shape, digits.labels.shape
    ((1797, 64), (1797,))
    >>> print(digits.labels[:10])
    [0 1 2 3 4 5 6 7 8 9]
    """
    with np.load(io.BytesIO(_read_checked(_DIGITS)), allow_pickle=False) as stored:
        images, labels = stored["images"] / _MOST_INK, stored["labels"].astype(np.intp)
    return Digits(images, images.reshape(len(images), -1), labels)


def one_hot(labels, n_classes):
    """Labels as distributions: all zeros but for a one at the label.

    Parameters
    ----------
    labels : array_like of int, shape (...)
        From 0 to n_classes - 1.
    n_classes : int, >= 1
        Number of classes.

    Returns
    -------
    rows : ndarray of float64, shape (..., n_classes)

    Raises
    ------
    ValueError
        If a label is no whole number or no class.

    Examples
    --------
    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    n_classes = as_count(n_classes, "n_classes", minimum=1)
    labels = require_labels(_as_array(labels, "labels"), n_classes, "labels")
    return (labels[..., np.newaxis] == np.arange(n_classes)).astype(float)


def from_one_hot(rows):
    """The labels of one-hot rows: the way back from `one_hot`.

    Parameters
    ----------
    rows : array_like, shape (..., k)
        Each row all zeros but for a single one.

    Returns
    -------
    labels : ndarray of intp, shape (...)

    Raises
    ------
    ValueError
        If a row is not one-hot. (The likeliest class of any distribution is
        ``rows.argmax(axis=-1)``.)

    Examples
    --------
    >>> print(from_one_hot([[0, 0, 1], [1, 0, 0]]))
    [2 0]
    """
    rows = as_float_array(rows, "rows")
    if rows.ndim == 0 or rows.shape[-1] == 0:
        raise ValueError(f"rows must have shape (..., k), one column a class, got {rows.shape}")
    labels = rows.argmax(axis=-1)
    wrong = (rows != (labels[..., np.newaxis] == np.arange(rows.shape[-1]))).any(axis=-1)
    if wrong.any():
        raise ValueError(f"rows must be one-hot, a single 1 among zeros, got {rows[wrong][0]}")
    return labels


def train_test_split(x, labels, test_fraction, rng):
    """Shuffle samples and set some of them aside.

    Split the training part once more to have validation data as well.

    Parameters
    ----------
    x : array_like, shape (n, ...)
        Samples.
    labels : array_like, shape (n, ...)
        What belongs to each sample.
    test_fraction : float, between 0 and 1
        Share of the samples that is set aside, rounded to whole samples.
    rng : numpy.random.Generator
        Where the shuffle comes from.

    Returns
    -------
    x_train, x_test, labels_train, labels_test : ndarray
        Copies. No sample is in both parts.

    Raises
    ------
    ValueError
        If the lengths differ, a part would be empty, or `rng` is no generator.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, labels = np.arange(10.0), np.arange(10)
    >>> x_rest, x_test, labels_rest, labels_test = train_test_split(x, labels, 0.2, rng)
    >>> x_train, x_valid, *_ = train_test_split(x_rest, labels_rest, 0.25, rng)
    >>> len(x_train), len(x_valid), len(x_test)
    (6, 2, 2)
    """
    require_generator(rng)
    x, labels = _of_equal_length({"x": x, "labels": labels})
    test_fraction = as_positive(test_fraction, "test_fraction")
    if test_fraction >= 1:
        raise ValueError(f"test_fraction must be less than 1, got {test_fraction:g}")
    n_test = round(test_fraction * len(x))
    if not 0 < n_test < len(x):
        raise ValueError(
            f"test_fraction must leave samples in both parts, got {test_fraction:g} of {len(x)}"
        )
    order = rng.permutation(len(x))
    test, train = order[:n_test], order[n_test:]
    return x[train], x[test], labels[train], labels[test]


def minibatches(*arrays, batch_size, rng, n_epochs=1):
    """Deal out the data in mini-batches, in a new random order in every epoch.

    Every sample comes once an epoch. When `batch_size` does not divide their number, the last
    batch of the epoch is shorter.

    Parameters
    ----------
    *arrays : array_like, shape (n, ...)
        One or more arrays of equal length, such as samples and labels. A single int n stands for
        ``np.arange(n)``, which deals out indices.
    batch_size : int, >= 1
        Samples in a batch; more than there are means all of them.
    rng : numpy.random.Generator
        Where the order comes from.
    n_epochs : int, >= 0
        Number of passes over the data.

    Returns
    -------
    batches : iterator
        Of tuples, one part of each array; of plain arrays when there is only one array.

    Raises
    ------
    ValueError
        At once, if the lengths differ, there is no sample, or an argument is out of range.

    Examples
    --------
    >>> x, labels = np.arange(5) / 10, np.arange(5)
    >>> for x_batch, labels_batch in minibatches(
    ...     x, labels, batch_size=2, rng=np.random.default_rng(0)
    ... ):
    ...     print(x_batch, labels_batch)
    [0.2 0.4] [2 4]
    [0.3 0. ] [3 0]
    [0.1] [1]
    """
    require_generator(rng)
    batch_size = as_count(batch_size, "batch_size", minimum=1)
    n_epochs = as_count(n_epochs, "n_epochs")
    if len(arrays) == 1 and (np.isscalar(arrays[0]) or getattr(arrays[0], "ndim", 1) == 0):
        arrays = (np.arange(as_count(arrays[0], "the number of samples", minimum=1)),)
    if not arrays:
        raise ValueError("minibatches needs at least one array, got none")
    arrays = _of_equal_length({f"array {i}": array for i, array in enumerate(arrays)})
    return _deal(arrays, batch_size, rng, n_epochs)


def _deal(arrays, batch_size, rng, n_epochs):
    n_samples = len(arrays[0])
    for _ in range(n_epochs):
        order = rng.permutation(n_samples)
        for first in range(0, n_samples, batch_size):
            chosen = order[first : first + batch_size]
            batch = tuple(array[chosen] for array in arrays)
            yield batch if len(batch) > 1 else batch[0]


def _of_equal_length(named):
    arrays = {name: _as_array(value, name) for name, value in named.items()}
    (first, array), *others = arrays.items()
    if array.ndim == 0 or len(array) == 0:
        raise ValueError(f"{first} must have shape (n, ...), n at least 1, got {array.shape}")
    for name, other in others:
        if other.shape[:1] != array.shape[:1]:
            raise ValueError(f"{name} must have length {len(array)}, got shape {other.shape}")
    return tuple(arrays.values())


def _as_array(value, name):
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array, got {value!r:.60}") from None


def _read_checked(file):
    remedy = "reinstall downslope, or in its repository run: git checkout -- src/downslope/data"
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"the digits are missing at {file}; {remedy}") from None
    if hashlib.sha256(content).hexdigest() != _DIGITS_SHA256:
        raise ValueError(f"the digits are damaged at {file}: wrong checksum; {remedy}")
    return content
