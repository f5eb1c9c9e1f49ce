"""What PyTorch's convolution and pooling make of a few images: how to ask it, and what it said.

All numbers are small and whole, so that both give the same to the last digit, and ties are many.
"""

import numpy as np

from downslope.layers import Convolution, MaxPooling

#: Of a convolution: shapes of the images and of the filters, stride, padding.
CONVOLUTIONS = {
    "plain": ((1, 1, 3, 3), (1, 1, 2, 2), 1, 0),
    "channels and padding": ((2, 2, 2, 3), (3, 2, 3, 3), 1, 1),
    "stride 2, a row dropped": ((1, 2, 4, 5), (2, 2, 3, 3), 2, 0),
    "stride 3 beyond the filter": ((1, 1, 5, 6), (2, 1, 2, 2), 3, 1),
}

#: Of a pooling: shape of the images, size, stride.
POOLINGS = {
    "edge to edge": ((2, 2, 4, 4), 2, 2),
    "odd sides": ((1, 1, 5, 7), 2, 2),
    "overlap": ((1, 2, 5, 5), 3, 1),
    "overlap, a row dropped": ((1, 1, 6, 5), 3, 2),
    "gaps": ((1, 1, 5, 5), 2, 3),
}

#: Of PyTorch 2.14.1, by `their_pass`.
STORED = {
    "plain": {
        "y": [-10, 10, 9, -3],
        "dx": [-1, 6, -9, 0, 1, -3, 9, -3, 0],
        "dW": [-8, -9, 3, 2],
        "db": [0],
    },
    "channels and padding": {
        "y": [
            4, -5, -1, -7, 13, 20, -7, 13, 20, -5, -3, 3, -2, 0, 6, 6, -1, 7, -22, -11,
            8, -13, 3, 18, -13, 3, 18, 0, 2, 15, 3, 5, 18, 13, -4, 2,
        ],
        "dx": [
            11, 21, -9, -5, -19, -6, 13, -7, -12, 5, 10, 0, -11, -31, -18, 9, 30, 1, 2,
            2, -5, 24, -10, -23,
        ],
        "dW": [
            -7, 16, -17, 30, 7, -9, 0, -9, 8, -9, 0, -3, -4, 2, -27, -6, 1, 0, 8, -7, 1,
            -18, -12, 8, -2, -10, -7, -1, -17, -11, 13, 4, 18, 6, -9, -5, -3, 8, -6, 12,
            -29, -4, 2, 2, 2, 12, 13, 0, -1, -3, -7, 3, -5, -1,
        ],
        "db": [1, 3, -1],
    },
    "stride 2, a row dropped": {
        "y": [-4, -7, 12, -4],
        "dx": [
            -10, 0, 0, -8, -6, -3, 8, 11, 0, -6, 0, -2, 1, -2, 5, 0, 0, 0, 0, 0, -1, 5,
            -2, -7, -1, -6, 8, 16, -8, -10, -8, 7, 6, -5, 6, 0, 0, 0, 0, 0,
        ],
        "dW": [
            -11, 8, 3, -1, -1, 3, -7, 11, -4, 2, -11, 8, -6, -1, -1, -7, -7, 11, -9, 0,
            9, -3, 5, 1, -5, 9, 4, -2, -9, 0, -2, -3, 5, -5, -5, 9,
        ],
        "db": [-2, 2],
    },
    "stride 3 beyond the filter": {
        "y": [0, 9, -3, 6, -14, 8, -2, -3, 0, 0, -7, -1],
        "dx": [
            3, 0, -9, 3, 0, 9, 0, 0, 0, 0, 0, 0, -4, 0, 2, -8, 0, 3, -1, 0, -9, 1, 0,
            -6, 0, 0, 0, 0, 0, 0,
        ],
        "dW": [-8, 7, -15, 15, 1, -5, 6, -15],
        "db": [-5, 4],
    },
    "edge to edge": {
        "y": [0, 3, 2, 2, 1, 3, 1, 2, 2, 2, 3, 0, 2, 2, 2, 1],
        "dx": [
            0, 0, -3, 0, 1, 0, 0, 0, 0, 0, 0, -1, 3, 0, 0, 0, -3, 0, 0, 0, 0, 0, 0, -2,
            0, 0, 0, 3, 0, 3, 0, 0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, -1, 0,
            1, 0, 0, 0, 0, 0, -2, 0, -2, 0, 2, 0, 0, 0, 0, 0,
        ],
    },
    "odd sides": {
        "y": [1, 3, 2, 2, 3, 0],
        "dx": [
            0, 0, -3, 0, 0, 0, 0, 0, 1, 0, 0, 3, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, -3,
            0, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ],
    },
    "overlap": {
        "y": [3, 3, 3, 2, 2, 2, 2, 3, 3, 2, 2, 2, 2, 2, 3, 2, 2, 3],
        "dx": [
            0, 0, 1, 0, 0, 0, -4, 0, 0, 0, 0, 3, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0,
            0, 0, -1, 0, 0, 0, 0, -1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0,
        ],
    },
    "overlap, a row dropped": {
        "y": [3, 3, 2, 3],
        "dx": [
            0, 0, -2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0,
            0, 0, 0, 0, 0,
        ],
    },
    "gaps": {
        "y": [2, 1, 1, 3],
        "dx": [0, 0, 0, 0, 0, 0, 1, 0, -3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, -1, 0],
    },
}  # fmt: skip


def numbers(shape, k):
    """From -3 to 3, other ones for each k."""
    i = np.arange(np.prod(shape))
    return ((5 * i * i + 3 * i * k + i // 3 + k) % 7 - 3.0).reshape(shape)


def our_pass(name):
    """Of ours: what comes out, and all gradients, each in one row."""
    if name in POOLINGS:
        shape, size, stride = POOLINGS[name]
        layer = MaxPooling(size, stride)
        y = layer.forward(numbers(shape, 1))
        return rows({"y": y, "dx": layer.backward(numbers(y.shape, 4))})
    x, W, stride, padding = CONVOLUTIONS[name]
    layer = Convolution(numbers(W, 2), numbers(W[:1], 3), stride, padding)
    y = layer.forward(numbers(x, 1))
    dx = layer.backward(numbers(y.shape, 4))
    return rows({"y": y, "dx": dx, "dW": layer.dW, "db": layer.db})


def their_pass(name):
    """The same of ``torch.nn.functional.conv2d`` or ``max_pool2d``."""
    import torch
    from torch.nn import functional

    def tensor(shape, k):
        return torch.tensor(numbers(shape, k), requires_grad=True)

    if name in POOLINGS:
        shape, *how = POOLINGS[name]
        tensors = {"x": tensor(shape, 1)}
        y = functional.max_pool2d(tensors["x"], *how)
    else:
        shape, W, *how = CONVOLUTIONS[name]
        tensors = {"x": tensor(shape, 1), "W": tensor(W, 2), "b": tensor(W[:1], 3)}
        y = functional.conv2d(*tensors.values(), *how)
    y.backward(torch.tensor(numbers(y.shape, 4)))
    return rows({"y": y.detach(), **{f"d{key}": one.grad for key, one in tensors.items()}})


def rows(found):
    return {key: np.ravel(array) for key, array in found.items()}
