"""Train 784-50-10 on MNIST for 10,000 steps, in units of the products that this takes.

Budget: 3.2 times the five matrix products of 10,000 steps, with a loss recorded at every step and
both accuracies at every epoch; test accuracy at least 0.968. MNIST is read from the folder that
DOWNSLOPE_MNIST names, or downloaded. Run: python benchmarks/mnist_training.py
"""

from statistics import median
from time import perf_counter

import numpy as np

from downslope.datasets import load_mnist
from downslope.networks import TwoLayerNet
from downslope.training import train
from interleaved import again_with_one_thread, median_times, threads
from step import N_SAMPLES, SIZES, batch, products

N_STEPS, N_EPOCHS, SEEDS = 10_000, 17, range(3)


def timed_run(data, seed):
    """Train from scratch; the seconds that it took, and its history."""
    rng = np.random.default_rng(seed)
    network = TwoLayerNet(*SIZES, rng=rng, dtype=np.float32)
    start = perf_counter()
    history = train(network, data, 0.1, N_SAMPLES, N_EPOCHS, rng, n_steps=N_STEPS, progress=False)
    return perf_counter() - start, history


def products_time():
    """Seconds that the products of all steps take, at this moment."""
    rng = np.random.default_rng(0)
    x, _ = batch(rng)
    times = median_times({"products": products(x, rng)}, rounds=50, block=100)
    return N_STEPS * times["products"]


def main():
    data = load_mnist()
    ratios, before = [], products_time()
    for seed in SEEDS:
        seconds, history = timed_run(data, seed)
        after = products_time()
        ratios.append(2 * seconds / (before + after))
        print(
            f"MNIST  {threads():11}  seed {seed}: {seconds:.1f} s, {ratios[-1]:.2f} × products; "
            f"accuracy {history.train_accuracies[-1]:.4f} train, "
            f"{history.test_accuracies[-1]:.4f} test"
        )
        before = after
    print(f"MNIST  {threads():11}  median {median(ratios):.2f} ×, budget 3.20 ×")


if __name__ == "__main__":
    main()
    again_with_one_thread()
