"""More images out of those there are: moved by a few pixels, a digit is still the same digit."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from downslope._validation import as_count, as_floats, require_generator

__all__ = [
    "randomly_shifted",
    "shifted",
]


def shifted(images, rows, columns):
    """Images moved down and to the right, or, by less than 0, up and to the left.

    What leaves an image is gone. Zeros come in at the other side: paper, where 1 is ink.

    Parameters
    ----------
    images : array_like of float, shape (n, ..., height, width)
        Of one channel, or with axes between, such as channels, that move together. Not modified.
    rows, columns : int or array_like of int, shape (n,)
        How far, all of them alike or each for itself; less than height and width, either way.

    Returns
    -------
    moved : ndarray of float, shape of `images`
        A new array; float32 stays float32.

    Raises
    ------
    ValueError
        If the images have another shape, or an image would move out of sight.

    Examples
    --------
    >>> image = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> shifted(image, 1, 0)
    array([[[0., 0.],
            [1., 2.]]])
    >>> shifted(np.repeat(image, 2, axis=0), 0, [1, -1])
    array([[[0., 1.],
            [0., 3.]],
    <BLANKLINE>
           [[2., 0.],
            [4., 0.]]])
    """
    images = _as_images(images)
    n, *_, height, width = images.shape
    rows = _as_shifts(rows, "rows", n, height)
    columns = _as_shifts(columns, "columns", n, width)
    down, across = np.abs(rows).max(initial=0), np.abs(columns).max(initial=0)
    between = [(0, 0)] * (images.ndim - 2)
    framed = np.pad(images, [*between, (down, down), (across, across)])
    # Who moves an image down looks at it through a window that is further up.
    windows = sliding_window_view(framed, (height, width), axis=(-2, -1))
    return windows[np.arange(n), ..., down - rows, across - columns, :, :]


def randomly_shifted(images, most, rng):
    """Images moved at random, each for itself, by up to `most` pixels down, up, left and right.

    Parameters
    ----------
    images : array_like of float, shape (n, ..., height, width)
        Not modified.
    most : int, at least 0
        Less than height and width. Each of the (2 most + 1) ** 2 ways to move is equally likely,
        that of not moving among them.
    rng : numpy.random.Generator

    Returns
    -------
    moved : ndarray of float, shape of `images`

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> image = np.array([[[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]])
    >>> randomly_shifted(image, 1, np.random.default_rng(0))
    array([[[0., 0., 0.],
            [0., 0., 0.],
            [0., 1., 0.]]])
    """
    images, most = _as_images(images), as_count(most, "most")
    require_generator(rng)
    if most >= min(images.shape[-2:]):
        raise ValueError(f"most must be less than {min(images.shape[-2:])}, got {most}")
    rows, columns = rng.integers(-most, most, (2, len(images)), endpoint=True)
    return shifted(images, rows, columns)


def _as_images(images):
    images = as_floats(images, "images")
    if images.ndim < 3 or 0 in images.shape[-2:]:
        raise ValueError(f"images must have shape (n, ..., height, width), got {images.shape}")
    return images


def _as_shifts(value, name, n, side):
    """One number for each of n images, all less than the side."""
    whole = f"{name} must be a whole number, or {n} of them, one an image, got {value!r:.60}"
    try:
        shifts = np.asarray(value)
    except ValueError:
        raise ValueError(whole) from None
    if shifts.dtype.kind not in "iu" or shifts.shape not in ((), (n,)):
        raise ValueError(whole)
    if ((shifts <= -side) | (shifts >= side)).any():
        raise ValueError(f"{name} must be from {1 - side} to {side - 1}, got {value!r:.60}")
    return np.broadcast_to(shifts.astype(np.int64), n)
