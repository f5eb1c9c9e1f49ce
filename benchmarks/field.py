"""The gradient field of 18 by 18 points, beside a Python loop over the points, in one run.

Budget: at least 100 times as fast as the loop of chapter 3, which takes the gradient at each point
with `numerical_gradient`. Run: python benchmarks/field.py
"""

import numpy as np

from downslope.differentiation import gradient_field, numerical_gradient
from downslope.landscapes import ravine
from interleaved import median_times


def looped_field(f, x0, x1):
    points = np.stack(np.meshgrid(x0, x1)).reshape(2, -1)
    gradients = [numerical_gradient(f, point) for point in points.T]
    return np.array(gradients).T.reshape(2, len(x1), len(x0))


if __name__ == "__main__":
    axis = np.linspace(-2, 2, 18)
    ways = {
        "loop": lambda: looped_field(ravine, axis, axis),
        "field": lambda: gradient_field(ravine, axis, axis),
    }
    assert np.allclose(ways["loop"](), ways["field"](), rtol=0, atol=1e-8)
    times = median_times(ways, rounds=10, block=5)
    print(f"loop over points  {1e6 * times['loop']:7.0f} µs")
    print(f"gradient_field    {1e6 * times['field']:7.0f} µs")
    print(f"ratio             {times['loop'] / times['field']:7.0f}  (budget: at least 100)")
