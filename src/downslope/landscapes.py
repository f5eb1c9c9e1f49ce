"""Functions of two variables to walk on, each with its exact gradient and curvature.

Coordinates lie along the first axis: a point has shape (2,), a grid (2, m, n).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from downslope._validation import as_float_array, as_scalar

__all__ = [
    "CriticalPoint",
    "LANDSCAPES",
    "Landscape",
    "bowl",
    "plateau",
    "ravine",
    "rosenbrock",
    "saddle",
    "turned",
    "two_minima",
]


@dataclass(frozen=True)
class CriticalPoint:
    """A point where the gradient is zero.

    Attributes
    ----------
    x : tuple of float
        Where it is.
    kind : {"minimum", "saddle", "maximum"}
        What the signs of the curvatures make it.
    """

    x: tuple[float, float]
    kind: str


@dataclass(frozen=True)
class Landscape:
    """A function of two variables, and what is known about it. Call it as the function itself.

    Attributes
    ----------
    name : str
        Its name in `LANDSCAPES`.
    f : callable
        Maps coordinates of shape (2, ...) to heights of shape (...).
    gradient : callable
        Maps coordinates of shape (2, ...) to the exact gradient, shape (2, ...). It points up.
    hessian : callable
        Maps coordinates of shape (2, ...) to the exact second derivatives, shape (2, 2, ...).
    bounds : ((float, float), (float, float))
        Lowest and highest x0, lowest and highest x1, of a good picture.
    start : (float, float)
        A point from which a walk shows what is special here.
    critical_points : tuple of CriticalPoint
        Every point where the gradient is zero (of `plateau`: where it is zero exactly, not
        only to the last digit).
    description : str
        One line.

    Examples
    --------
    >>> float(ravine([2.0, 3.0]))
    9.2
    >>> ravine.gradient([2.0, 3.0])
    array([0.2, 6. ])
    >>> ravine.curvatures([2.0, 3.0])
    array([0.1, 2. ])
    """

    name: str
    f: Callable
    gradient: Callable
    hessian: Callable
    bounds: tuple[tuple[float, float], tuple[float, float]]
    start: tuple[float, float]
    critical_points: tuple[CriticalPoint, ...]
    description: str

    def __call__(self, x):
        """Heights at `x`: coordinates of shape (2, ...) give values of shape (...)."""
        return self.f(x)

    def curvatures(self, x):
        """Principal curvatures at `x`, the eigenvalues of the Hessian, smallest first.

        Parameters
        ----------
        x : array_like of float, shape (2, ...)

        Returns
        -------
        curvatures : ndarray of float, shape (2, ...)
            In units of f per unit of x squared. Gradient descent near a minimum diverges when
            the learning rate is greater than 2 over the largest.
        """
        matrices = np.moveaxis(self.hessian(x), (0, 1), (-2, -1))
        return np.moveaxis(np.linalg.eigvalsh(matrices), -1, 0)

    def __repr__(self):
        return f"<Landscape {self.name}: {self.description}>"


def _coordinates(x):
    if not (isinstance(x, np.ndarray) and x.dtype == np.float64):
        x = as_float_array(x, "x", finite=False).astype(float)
    if x.ndim == 0 or x.shape[0] != 2:
        raise ValueError(f"x must have shape (2, ...), coordinates first, got {x.shape}")
    return x


def _matrix(xx, xy, yy, x):
    """Symmetric matrices of second derivatives, shape (2, 2, ...)."""
    xx, xy, yy, _ = np.broadcast_arrays(xx, xy, yy, x[0])
    return np.array([[xx, xy], [xy, yy]], dtype=float)


def _bowl(x):
    x0, x1 = _coordinates(x)
    return x0**2 + x1**2


def _bowl_gradient(x):
    return 2 * _coordinates(x)


def _bowl_hessian(x):
    return _matrix(2, 0, 2, _coordinates(x))


def _ravine(x):
    x0, x1 = _coordinates(x)
    return x0**2 / 20 + x1**2


def _ravine_gradient(x):
    x0, x1 = _coordinates(x)
    return np.stack([x0 / 10, 2 * x1])


def _ravine_hessian(x):
    return _matrix(0.1, 0, 2, _coordinates(x))


def _saddle(x):
    x0, x1 = _coordinates(x)
    return x0**2 - x1**2


def _saddle_gradient(x):
    x0, x1 = _coordinates(x)
    return np.stack([2 * x0, -2 * x1])


def _saddle_hessian(x):
    return _matrix(2, 0, -2, _coordinates(x))


def _plateau(x):
    return -np.expm1(-_bowl(x))


def _plateau_gradient(x):
    return 2 * _coordinates(x) * np.exp(-_bowl(x))


def _plateau_hessian(x):
    x0, x1 = _coordinates(x)
    return np.exp(-_bowl(x)) * _matrix(2 - 4 * x0**2, -4 * x0 * x1, 2 - 4 * x1**2, x0[np.newaxis])


_TILT = 0.1


def _two_minima(x):
    x0, x1 = _coordinates(x)
    return x0**4 / 4 - x0**2 / 2 + _TILT * x0 + x1**2 / 2


def _two_minima_gradient(x):
    x0, x1 = _coordinates(x)
    return np.stack([x0**3 - x0 + _TILT, x1])


def _two_minima_hessian(x):
    x = _coordinates(x)
    return _matrix(3 * x[0] ** 2 - 1, 0, 1, x)


def _tilted_well_roots():
    """Roots of ``x**3 - x + tilt``, smallest first: Viète's formula, then one Newton step."""
    angle = np.arccos(-_TILT * np.sqrt(27) / 2) / 3
    roots = 2 / np.sqrt(3) * np.cos(angle - 2 * np.pi * np.arange(3) / 3)
    roots -= (roots**3 - roots + _TILT) / (3 * roots**2 - 1)
    return sorted(float(root) for root in roots)


def _rosenbrock(x):
    x0, x1 = _coordinates(x)
    return (1 - x0) ** 2 + 100 * (x1 - x0**2) ** 2


def _rosenbrock_gradient(x):
    x0, x1 = _coordinates(x)
    beside_the_floor = x1 - x0**2
    return np.stack([-2 * (1 - x0) - 400 * x0 * beside_the_floor, 200 * beside_the_floor])


def _rosenbrock_hessian(x):
    x = _coordinates(x)
    return _matrix(2 - 400 * (x[1] - 3 * x[0] ** 2), -400 * x[0], 200, x)


bowl = Landscape(
    name="bowl",
    f=_bowl,
    gradient=_bowl_gradient,
    hessian=_bowl_hessian,
    bounds=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.0, 2.0),
    critical_points=(CriticalPoint((0.0, 0.0), "minimum"),),
    description="x0² + x1²: level sets are circles, so every arrow points at the minimum",
)

ravine = Landscape(
    name="ravine",
    f=_ravine,
    gradient=_ravine_gradient,
    hessian=_ravine_hessian,
    bounds=((-8.0, 8.0), (-4.0, 4.0)),
    start=(-7.0, 2.0),
    critical_points=(CriticalPoint((0.0, 0.0), "minimum"),),
    description="x0²/20 + x1²: twenty times steeper across than along",
)

saddle = Landscape(
    name="saddle",
    f=_saddle,
    gradient=_saddle_gradient,
    hessian=_saddle_hessian,
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(1.5, 0.001),
    critical_points=(CriticalPoint((0.0, 0.0), "saddle"),),
    description="x0² − x1²: a valley along one axis, a ridge along the other, no minimum",
)

plateau = Landscape(
    name="plateau",
    f=_plateau,
    gradient=_plateau_gradient,
    hessian=_plateau_hessian,
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.0, 2.0),
    critical_points=(CriticalPoint((0.0, 0.0), "minimum"),),
    description="1 − exp(−x0² − x1²): a hole in a plain that is flat to the last digit far out",
)

_global, _between, _local = _tilted_well_roots()

two_minima = Landscape(
    name="two_minima",
    f=_two_minima,
    gradient=_two_minima_gradient,
    hessian=_two_minima_hessian,
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(0.3, 1.5),
    critical_points=(
        CriticalPoint((_global, 0.0), "minimum"),
        CriticalPoint((_between, 0.0), "saddle"),
        CriticalPoint((_local, 0.0), "minimum"),
    ),
    description="x0⁴/4 − x0²/2 + x0/10 + x1²/2: the left minimum is the lower one",
)

rosenbrock = Landscape(
    name="rosenbrock",
    f=_rosenbrock,
    gradient=_rosenbrock_gradient,
    hessian=_rosenbrock_hessian,
    bounds=((-2.0, 2.0), (-1.0, 3.0)),
    start=(-1.2, 1.0),
    critical_points=(CriticalPoint((1.0, 1.0), "minimum"),),
    description="(1 − x0)² + 100 (x1 − x0²)²: a bent valley, its floor nearly level",
)

LANDSCAPES = {
    landscape.name: landscape
    for landscape in (bowl, ravine, saddle, plateau, two_minima, rosenbrock)
}


def turned(landscape, degrees):
    """The same landscape, turned about the origin; its start and its critical points go with it.

    Parameters
    ----------
    landscape : Landscape
    degrees : float
        Counter-clockwise.

    Returns
    -------
    turned : Landscape
        Its bounds are the smallest that hold the old ones turned.

    Raises
    ------
    ValueError
        If `landscape` is no Landscape, or `degrees` no number.

    Examples
    --------
    >>> aslant = turned(ravine, 45)
    >>> round(float(aslant(aslant.start)), 9), float(ravine(ravine.start))
    (6.45, 6.45)
    >>> aslant.curvatures(aslant.start).round(12)
    array([0.1, 2. ])
    """
    if not isinstance(landscape, Landscape):
        raise ValueError(f"landscape must be a Landscape, got {type(landscape).__name__}")
    matrix = _rotation(as_scalar(degrees, "degrees"))

    def back(x):
        return np.tensordot(matrix.T, _coordinates(x), axes=1)

    def gradient(x):
        return np.tensordot(matrix, landscape.gradient(back(x)), axes=1)

    def hessian(x):
        return np.einsum("ik,kl...,jl->ij...", matrix, landscape.hessian(back(x)), matrix)

    def point(x):
        x0, x1 = matrix @ x
        return float(x0), float(x1)

    corners = matrix @ np.stack(np.meshgrid(*landscape.bounds)).reshape(2, -1)
    (left, low), (right, high) = corners.min(axis=1), corners.max(axis=1)
    return replace(
        landscape,
        f=lambda x: landscape(back(x)),
        gradient=gradient,
        hessian=hessian,
        bounds=((float(left), float(right)), (float(low), float(high))),
        start=point(landscape.start),
        critical_points=tuple(replace(p, x=point(p.x)) for p in landscape.critical_points),
        description=f"{landscape.description}, turned by {degrees:g}°",
    )


def _rotation(degrees):
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
