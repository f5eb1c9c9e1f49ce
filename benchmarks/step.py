"""One gradient and update step of 784-50-10 at batch 100 in float32, in units of its products.

Budget: 1.5 times the five matrix products that no such step can do without, with one thread, and
2.2 times with Adam, which keeps two more arrays a parameter. Beside it the same step in plain
NumPy, which checks nothing and writes over its gradients: what a machine asks for the arithmetic
alone.
And the gradient check of the whole network, in float64. Run: python benchmarks/step.py
"""

import numpy as np

from downslope.differentiation import check_gradient
from downslope.networks import TwoLayerNet
from downslope.optimizers import SGD, Adam
from interleaved import again_with_one_thread, median_times, threads

LEARNING_RATE, ADAM_LEARNING_RATE = 0.1, 0.001
N_SAMPLES, SIZES = 100, (784, 50, 10)


def batch(rng, n_samples=N_SAMPLES, dtype=np.float32):
    return rng.random((n_samples, SIZES[0])).astype(dtype), rng.integers(0, SIZES[-1], n_samples)


def products(x, rng):
    """The five matrix products of a step: two forward, three backward."""
    n, n_inputs, n_hidden, n_outputs = len(x), *SIZES
    shapes = {"W1": (n_inputs, n_hidden), "W2": (n_hidden, n_outputs)}
    shapes |= {"hidden": (n, n_hidden), "to_hidden": (n, n_hidden), "to_logits": (n, n_outputs)}
    a = {name: rng.normal(size=shape).astype(x.dtype) for name, shape in shapes.items()}

    def run():
        x @ a["W1"]
        a["hidden"] @ a["W2"]
        a["hidden"].T @ a["to_logits"]
        a["to_logits"] @ a["W2"].T
        x.T @ a["to_hidden"]

    return run


def our_step(x, labels, rng, optimizer):
    network = TwoLayerNet(*SIZES, rng=rng, dtype=x.dtype)

    def run():
        _, gradients = network.loss_and_gradients(x, labels)
        network.parameters.update(optimizer.step(network.parameters, gradients))

    return run


def plain_step(x, labels, rng):
    network = TwoLayerNet(*SIZES, rng=rng, dtype=x.dtype)
    parameters, at_label = dict(network.parameters), (np.arange(len(x)), labels)

    def run():
        W1, b1, W2, b2 = parameters.values()
        hidden = x @ W1
        hidden += b1
        active = hidden > 0
        hidden = np.maximum(hidden, 0)
        y = hidden @ W2
        y += b2
        y -= y.max(axis=1, keepdims=True)
        np.exp(y, out=y)
        y /= y.sum(axis=1, keepdims=True)
        -np.log(y[at_label]).mean()  # the loss, which a run records
        y[at_label] -= 1
        y /= len(x)
        back = y @ W2.T
        back *= active
        gradients = x.T @ back, back.sum(axis=0), hidden.T @ y, y.sum(axis=0)
        for name, gradient in zip(parameters, gradients, strict=True):
            gradient *= -LEARNING_RATE
            gradient += parameters[name]
            parameters[name] = gradient

    return run


def torch_step(x, labels, kind, learning_rate):
    """The same step in PyTorch, eager, with an optimizer of that name."""
    import torch

    x, labels = torch.from_numpy(x), torch.from_numpy(labels)
    first, second = torch.nn.Linear(*SIZES[:2]), torch.nn.Linear(*SIZES[1:])
    network = torch.nn.Sequential(first, torch.nn.ReLU(), second)
    optimizer = getattr(torch.optim, kind)(network.parameters(), lr=learning_rate)
    loss = torch.nn.CrossEntropyLoss()

    def run():
        optimizer.zero_grad()
        loss(network(x), labels).backward()
        optimizer.step()

    return run


def with_torch(ways, x, labels):
    try:
        return {
            **ways,
            "PyTorch": torch_step(x, labels, "SGD", LEARNING_RATE),
            "PyTorch, Adam": torch_step(x, labels, "Adam", ADAM_LEARNING_RATE),
        }
    except ModuleNotFoundError:
        print("step  PyTorch is not installed; it is left out")
        return ways


def compare_steps():
    rng = np.random.default_rng(0)
    x, labels = batch(rng)
    ways = {
        "five products": products(x, rng),
        "plain NumPy": plain_step(x, labels, rng),
        "downslope": our_step(x, labels, rng, SGD(LEARNING_RATE)),
        "downslope, Adam": our_step(x, labels, rng, Adam(ADAM_LEARNING_RATE)),
    }
    times = median_times(with_torch(ways, x, labels), rounds=150)
    for name, seconds in times.items():
        ratio = seconds / times["five products"]
        print(
            f"step  {threads():11}  {name:15} {1e6 * seconds:6.0f} µs  {ratio:5.2f} × the products"
        )
    print("step  budget with one thread: 1.50 ×, with Adam 2.20 ×")


def away_from_kinks(n_samples=10):
    """A network and a batch whose hidden units are on both sides of zero, and none near it."""
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        network = TwoLayerNet(*SIZES, rng=rng, weight_scale=0.1)
        x, labels = batch(rng, n_samples, np.float64)
        hidden = network.layers[0].forward(x)
        if np.abs(hidden).min() > 1e-3 and hidden.min() < 0 < hidden.max():
            return network, x, labels
    raise RuntimeError("no seed keeps the data away from the kinks")


def check_all_gradients():
    network, x, labels = away_from_kinks()
    gradients = network.gradients(x, labels)
    numerical = network.numerical_gradients(x, labels)
    for name, array in network.parameters.items():

        def loss(changed, name=name):
            kept, network.parameters[name] = network.parameters[name], changed
            try:
                return network.loss(x, labels)
            finally:
                network.parameters[name] = kept

        report = check_gradient(loss, gradients[name], array)
        difference = np.abs(gradients[name] - numerical[name]).mean()
        print(
            f"gradient check  {name}: largest relative error {report.largest_error:.0e}, "
            f"mean difference {difference:.0e}"
        )
    print("gradient check  budget: 1e-06 and 1e-09")


if __name__ == "__main__":
    if threads() == "all threads":
        check_all_gradients()
    compare_steps()
    again_with_one_thread()
