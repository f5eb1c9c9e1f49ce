"""One step of a convolutional net on 28 by 28 pixels at batch 100, in units of its products.

The net has 30 filters of 5 by 5, pooling of 2 by 2 and 100 hidden units, all in float32. Budget:
2.6 times the eight matrix products that no such step can do without, with one thread; the windows
that they multiply lie there already. Beside it the same step in PyTorch, where it is installed, and
forward and backward of each layer: where the time goes. Run: python benchmarks/convolution.py
"""

from functools import partial
from itertools import pairwise

import numpy as np

from downslope.networks import ConvolutionalNet
from downslope.optimizers import SGD
from interleaved import again_with_one_thread, median_times, threads

LEARNING_RATE, BUDGET = 0.1, 2.6
N_SAMPLES, SIDE, N_FILTERS, SIZE, N_HIDDEN, N_OUTPUTS = 100, 28, 30, 5, 100, 10
PLACES = (SIDE - SIZE + 1) ** 2
SIZES = N_FILTERS * PLACES // 4, N_HIDDEN, N_OUTPUTS


def batch(rng, n_samples=N_SAMPLES):
    x = rng.random((n_samples, 1, SIDE, SIDE)).astype(np.float32)
    return x, rng.integers(0, N_OUTPUTS, n_samples)


def products(n_samples, rng):
    """The eight matrix products of a step: of each layer forward, dW, and dx but in the first."""

    def some(*shape):
        return rng.normal(size=shape).astype(np.float32)

    windows, filters = some(n_samples, SIZE**2, PLACES), some(N_FILTERS, SIZE**2)
    to_places, turned = some(n_samples, N_FILTERS, PLACES), windows.transpose(0, 2, 1)
    affine = [(some(n_samples, n), some(n, k), some(n_samples, k)) for n, k in pairwise(SIZES)]

    def run():
        filters @ windows
        to_places @ turned
        for x, W, upstream in affine:
            x @ W
            x.T @ upstream
            upstream @ W.T

    return run


def network(rng):
    return ConvolutionalNet(
        (1, SIDE, SIDE), N_FILTERS, N_HIDDEN, N_OUTPUTS, rng=rng, dtype=np.float32
    )


def our_step(x, labels, rng):
    net, optimizer = network(rng), SGD(LEARNING_RATE)

    def run():
        _, gradients = net.loss_and_gradients(x, labels)
        net.parameters.update(optimizer.step(net.parameters, gradients))

    return run


def by_layer(x, labels, rng):
    """Forward and backward of each layer alone, at its place in the net."""
    net, ways = network(rng), {}
    for layer in net.layers:
        y, name = layer.forward(x), type(layer).__name__
        number = sum(known.startswith(name) for known in ways) // 2 + 1
        back = getattr(layer, "keep_gradients" if layer is net.layers[0] else "backward")
        ways[f"{name} {number} forward"] = partial(layer.forward, x)
        ways[f"{name} {number} backward"] = partial(back, y.copy())
        x = y
    return ways


def torch_step(x, labels):
    """The same step in PyTorch, eager."""
    import torch

    x, labels = torch.from_numpy(x), torch.from_numpy(labels)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, N_FILTERS, SIZE),
        torch.nn.MaxPool2d(2),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(*SIZES[:2]),
        torch.nn.ReLU(),
        torch.nn.Linear(*SIZES[1:]),
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=LEARNING_RATE)
    loss = torch.nn.CrossEntropyLoss()

    def run():
        optimizer.zero_grad()
        loss(net(x), labels).backward()
        optimizer.step()

    return run


def with_torch(ways, x, labels):
    try:
        return {**ways, "PyTorch": torch_step(x, labels)}
    except ModuleNotFoundError:
        print("convolution  PyTorch is not installed; it is left out")
        return ways


def main():
    rng = np.random.default_rng(0)
    x, labels = batch(rng)
    ways = {"eight products": products(len(x), rng), "downslope": our_step(x, labels, rng)}
    times = median_times(with_torch(ways, x, labels) | by_layer(x, labels, rng), 30, block=5)
    for name, seconds in times.items():
        ratio = seconds / times["eight products"]
        print(f"convolution  {threads():11}  {name:22} {1e3 * seconds:6.2f} ms  {ratio:5.2f} ×")
    print(f"convolution  budget with one thread: {BUDGET:.2f} ×")


if __name__ == "__main__":
    main()
    again_with_one_thread()
