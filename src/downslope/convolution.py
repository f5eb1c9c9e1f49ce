"""Layers that know which pixels are neighbours: convolution and pooling.

Images come in as an array of shape (n, channels, height, width), and leave as one of the same four
axes; a picture in grey has one channel, ``images[:, np.newaxis]``. A window slides over each of
them, and stops at `output_size` places in either direction: see there which rows and columns it
never reaches.
"""

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from downslope._layer import as_upstream, entry, require_forward
from downslope._validation import as_count, as_floats

__all__ = [
    "Convolution",
    "Flatten",
    "MaxPooling",
    "output_size",
]


def output_size(n, size, stride=1, padding=0):
    """How many places a window has along n pixels: (n + 2 padding - size) / stride + 1, floored.

    What the last step does not reach is dropped, and no message says so: the last (n + 2 padding -
    size) % stride pixels, those of the padding first. A stride longer than the window also leaves
    out what lies in between.

    Parameters
    ----------
    n : int, at least 1
        Height or width of an image.
    size : int, at least 1
        Height or width of the window.
    stride : int, at least 1, optional
        How far the window moves at once.
    padding : int, at least 0, optional
        Pixels added at either end.

    Returns
    -------
    places : int, at least 1

    Raises
    ------
    ValueError
        If a number is not as above, or the window is larger than the padded image.

    Examples
    --------
    >>> output_size(28, 5), output_size(8, 3, padding=1)
    (24, 8)
    >>> output_size(5, 3, stride=2), output_size(6, 3, stride=2)  # of 6 the last is dropped
    (2, 2)
    """
    n, size = as_count(n, "n", 1), as_count(size, "size", 1)
    stride, padding = as_count(stride, "stride", 1), as_count(padding, "padding")
    if size > n + 2 * padding:
        raise ValueError(
            f"size must be at most {n + 2 * padding}, which is {n} and {padding} at either end, "
            f"got {size}"
        )
    return (n + 2 * padding - size) // stride + 1


class Convolution:
    """Filters that slide over images, and say at each place how much of themselves they see there.

    Each filter has a weight for every pixel of a window and every channel, and a bias. All places
    share them::

        y[f, i, j] = sum of W[f, c, p, q] * x[c, stride * i + p, stride * j + q]
                     over all c, p and q, plus b[f]

    This is what the field calls a convolution. In mathematics it is a cross-correlation: there, a
    convolution turns the filter by 180 degrees first.

    Parameters
    ----------
    W : ndarray of float, shape (n_filters, channels, size, size)
        Weights. Kept, not copied, so that an optimiser may change them.
    b : ndarray of float, shape (n_filters,)
        Bias, kept in the same way.
    stride : int, at least 1, optional
        How many pixels the window moves at once, down or to the right.
    padding : int, at least 0, optional
        Rows and columns of zeros that are put around each image.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a number is not as above.

    Notes
    -----
    Rows at the bottom and columns at the right that the last step of a stride does not reach are
    dropped in silence, and their gradient is 0: with 3 by 3 filters and a stride of 2 an image of 6
    rows gives 2 rows, as one of 5 does. `output_size` has the formula.

    The windows are copied once, into a column each, so that one matrix product an image does the
    rest. They take size * size / stride ** 2 times the room of the images until the next `forward`.

    Examples
    --------
    A filter that finds where an image gets darker from left to right:

    >>> W = np.array([[[[-1.0, 1.0], [-1.0, 1.0]]]])
    >>> layer = Convolution(W, np.zeros(1))
    >>> x = np.array([[[[0.0, 0.0, 5.0], [0.0, 0.0, 5.0], [0.0, 5.0, 5.0]]]])
    >>> layer.forward(x)
    array([[[[ 0., 10.],
             [ 5.,  5.]]]])
    >>> layer.backward(np.ones((1, 1, 2, 2)))
    array([[[[-1.,  0.,  1.],
             [-2.,  0.,  2.],
             [-1.,  0.,  1.]]]])
    >>> layer.dW, layer.db
    (array([[[[ 0., 10.],
             [ 5., 15.]]]]), array([4.]))
    """

    columns: Any = None
    W, b = entry("parameters", "W", "Weights."), entry("parameters", "b", "Bias.")
    dW = entry("gradients", "W", "Gradient with respect to W, after `backward`.")
    db = entry("gradients", "b", "Gradient with respect to b, after `backward`.")

    def __init__(self, W, b, stride=1, padding=0):
        W, b = as_floats(W, "W"), as_floats(b, "b")
        if W.ndim != 4 or not W.size or W.shape[2] != W.shape[3] or b.shape != W.shape[:1]:
            raise ValueError(
                "W must have shape (n_filters, channels, size, size), not empty, and b shape "
                f"(n_filters,), got {W.shape} and {b.shape}"
            )
        self.parameters, self.gradients = {"W": W, "b": b}, {}
        self.stride, self.padding = as_count(stride, "stride", 1), as_count(padding, "padding")

    def forward(self, x):
        """From (n, channels, height, width) to (n, n_filters, places down, places across)."""
        W, b = self.parameters["W"], self.parameters["b"]
        n_filters, channels, size, _ = W.shape
        x = _as_images(x, size, channels, self.padding)
        windows = sliding_window_view(x, (size, size), axis=(2, 3))  # nothing is copied yet
        windows = windows[:, :, :: self.stride, :: self.stride].transpose(0, 1, 4, 5, 2, 3)
        n, *_, down, across = windows.shape
        columns = windows.reshape(n, channels * size**2, down * across)
        y = W.reshape(n_filters, -1) @ columns
        y += b[:, np.newaxis]
        self.columns, self.x_shape, self.y_shape = columns, x.shape, (n, n_filters, down, across)
        return y.reshape(self.y_shape)

    def backward(self, upstream):
        """Keep the gradients with respect to W and b, and return the one with respect to x.

        A pixel was in several windows: what comes back through each of them adds up.
        """
        upstream, W = self._by_place(upstream), self.parameters["W"]
        self._keep(upstream)
        n_filters, channels, size, _ = W.shape
        n, _, down, across = self.y_shape
        windows = W.reshape(n_filters, -1).T @ upstream
        windows = windows.reshape(n, channels, size, size, down, across)
        dx = np.zeros(self.x_shape, windows.dtype)
        rows, columns = (_parts(n, size, self.stride) for n in self.x_shape[2:])
        for i, j in np.ndindex(size, size):
            dx[:, :, rows[i], columns[j]] += windows[:, :, i, j]
        return _inner(dx, self.padding)

    def keep_gradients(self, upstream):
        """The half of `backward` that a first layer needs: nobody asks for the gradient of x."""
        self._keep(self._by_place(upstream))

    def _keep(self, upstream):
        dW = np.add.reduce(upstream @ self.columns.transpose(0, 2, 1))
        db = np.add.reduce(np.add.reduce(upstream, axis=2))
        self.gradients = {"W": dW.reshape(self.parameters["W"].shape), "b": db}

    def _by_place(self, upstream):
        """The upstream gradient in a row for each filter, as `columns` has the windows."""
        require_forward(self.columns)
        n, n_filters, down, across = self.y_shape
        return as_upstream(upstream, self.y_shape).reshape(n, n_filters, down * across)


class MaxPooling:
    """The largest number of each window: how strongly something was seen, and not quite where.

    Channels stay apart, and there is nothing to learn. Unless you say otherwise the windows meet
    edge to edge, so that each number is in one of them.

    Parameters
    ----------
    size : int, at least 1
        Height and width of the window.
    stride : int, at least 1, optional
        How many pixels the window moves at once; `size` if left out. Less makes windows overlap.

    Raises
    ------
    ValueError
        If a number is not as above.

    Notes
    -----
    Rows at the bottom and columns at the right that the last step does not reach are dropped in
    silence, and their gradient is 0: of 5 rows, windows of 2 see 4. `output_size` has the formula.

    Where several numbers of a window are the largest, the first of them has all of the gradient,
    row by row from the left, as in PyTorch.

    It does not matter whether ReLU comes before or after: the larger of two numbers is so after it
    too. Afterwards it has fewer to look at, with windows of 2 by 2 a quarter.

    Examples
    --------
    >>> layer = MaxPooling(2)
    >>> layer.forward(np.array([[[[1.0, 5.0, 2.0, 2.0], [0.0, 3.0, 2.0, 1.0]]]]))
    array([[[[5., 2.]]]])
    >>> layer.backward(np.array([[[[10.0, 20.0]]]]))
    array([[[[ 0., 10., 20.,  0.],
             [ 0.,  0.,  0.,  0.]]]])
    """

    y_shape: Any = None

    def __init__(self, size, stride=None):
        self.size = as_count(size, "size", 1)
        self.stride = self.size if stride is None else as_count(stride, "stride", 1)
        # The largest of each row first, then of those: fewer comparisons than with all at once.
        self._across = _LargestAlong(3, self.size, self.stride)
        self._down = _LargestAlong(2, self.size, self.stride)

    def forward(self, x):
        """From (n, channels, height, width) to (n, channels, places down, places across)."""
        x = _as_images(x, self.size)
        y = self._down.forward(self._across.forward(x))
        self.y_shape = y.shape
        return y.copy() if self.size == 1 else y

    def backward(self, upstream):
        """Let the gradient through to the pixel that was the largest of its window."""
        require_forward(self.y_shape)
        upstream = as_upstream(upstream, self.y_shape)
        return self._across.backward(self._down.backward(upstream))


class _LargestAlong:
    """The largest of each window along one axis, for a pooling in that direction alone."""

    def __init__(self, axis, size, stride):
        self.before, self.size, self.stride = (slice(None),) * axis, size, stride

    def forward(self, x):
        self.shape, n = x.shape, x.shape[len(self.before)]
        self.parts = [(*self.before, part) for part in _parts(n, self.size, self.stride)]
        self.overtakes, largest = [], x[self.parts[0]]
        for part in self.parts[1:]:
            self.overtakes.append(x[part] > largest)
            largest = np.maximum(largest, x[part])
        return largest

    def backward(self, upstream):
        """To the last that overtook all before it, or else to the first."""
        dx = np.zeros(self.shape, upstream.dtype)
        for part, overtakes in zip(self.parts[:0:-1], self.overtakes[::-1], strict=True):
            taken = upstream * overtakes
            dx[part] += taken
            upstream = upstream - taken
        dx[self.parts[0]] += upstream
        return dx


class Flatten:
    """Each image in one row, for an affine layer: the channels one after the other.

    Examples
    --------
    >>> layer = Flatten()
    >>> layer.forward(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))
    array([[1., 2., 3., 4.]])
    >>> layer.backward(np.array([[5.0, 6.0, 7.0, 8.0]])).shape
    (1, 1, 2, 2)
    """

    x_shape: Any = None

    def forward(self, x):
        """From (n, ...) to (n, everything else)."""
        x = as_floats(x, "x")
        if x.ndim == 0:
            raise ValueError("x must have shape (n, ...), got ()")
        self.x_shape, self.y_shape = x.shape, (len(x), math.prod(x.shape[1:]))
        return np.array(x, order="C").reshape(self.y_shape)

    def backward(self, upstream):
        """Give the gradient the shape that the images had."""
        require_forward(self.x_shape)
        return np.array(as_upstream(upstream, self.y_shape), order="C").reshape(self.x_shape)


def _as_images(x, size, channels=None, padding=0):
    """`x` with its padding, once it is known to be images with room for a window."""
    x = as_floats(x, "x")
    if x.ndim != 4 or channels not in (None, x.shape[1]):
        hint = ": for images of one channel, x[:, np.newaxis]" if x.ndim == 3 else ""
        shape = f"(n, {channels or 'channels'}, height, width)"
        raise ValueError(f"x must have shape {shape}, got {x.shape}{hint}")
    if size > min(x.shape[2:]) + 2 * padding:
        raise ValueError(
            f"x must have room for a window of {size} by {size}, got images of {x.shape[2]} by "
            f"{x.shape[3]} with a padding of {padding}"
        )
    if not padding:
        return x
    n, channels, height, width = x.shape
    padded = np.zeros((n, channels, height + 2 * padding, width + 2 * padding), x.dtype)
    _inner(padded, padding)[...] = x
    return padded


def _inner(padded, padding):
    """Padded images without their padding: a view."""
    _, _, height, width = padded.shape
    return padded[:, :, padding : height - padding, padding : width - padding]


def _parts(n, size, stride):
    """Of n pixels those that come first in the windows, those that come second, and so on."""
    places = output_size(n, size, stride)
    return [slice(i, i + stride * (places - 1) + 1, stride) for i in range(size)]
