"""Walking downhill: the gradient method, and what became of a walk.

Every walk is returned whole, as a path of points; figures and verdicts look at it afterwards.
"""

from dataclasses import dataclass

import numpy as np

from downslope._validation import (
    as_count,
    as_float_array,
    as_positive,
    require_function,
    require_shape,
)

__all__ = [
    "Verdict",
    "gradient_ascent",
    "gradient_descent",
    "stochastic_gradient_descent",
    "verdict",
]

# What `verdict` calls flat, close and far; its docstring says the same in words.
_FLAT_SLOPE = 1e-3
_FLAT_CURVATURE = 1e-2
_LEVEL = 1e-6
_CLOSE_IN_DISTANCE = 1 / 20
_CLOSE_IN_HEIGHT = 1 / 1000
_GROWN_BOUNDS = 2.0
_LAST_CHANGES = 10
_SLOW_RATE = 0.9


def gradient_descent(gradient, start, learning_rate, n_steps):
    """Walk against the gradient: ``x = x - learning_rate * gradient(x)``, `n_steps` times.

    Parameters
    ----------
    gradient : callable
        Maps a point of the shape of `start` to an array of that shape, pointing up.
    start : array_like of float, any shape
        First point. float32 stays float32; integers become float64. Not modified.
    learning_rate : float, > 0
        Scales one step, in units of x squared per unit of f.
    n_steps : int, >= 0
        Number of steps.

    Returns
    -------
    path : ndarray of float, shape (n_steps + 1, \\*start.shape)
        Every point, `start` first. A walk that overflows does so without a warning: the first
        point that is not finite is kept, and all points after it are NaN.

    Raises
    ------
    ValueError
        If an argument is not finite or out of range, or `gradient` returns another shape.

    Examples
    --------
    >>> gradient_descent(lambda x: 2 * x, [3.0, 4.0], learning_rate=0.25, n_steps=2)
    array([[3.  , 4.  ],
           [1.5 , 2.  ],
           [0.75, 1.  ]])
    """
    return _walk(gradient, start, -as_positive(learning_rate, "learning_rate"), n_steps)


def gradient_ascent(gradient, start, learning_rate, n_steps):
    """Walk along the gradient: `gradient_descent` with the other sign, which is descent on -f.

    Parameters
    ----------
    gradient : callable
        Maps a point of the shape of `start` to an array of that shape, pointing up.
    start : array_like of float, any shape
        First point. Not modified.
    learning_rate : float, > 0
        Scales one step.
    n_steps : int, >= 0
        Number of steps.

    Returns
    -------
    path : ndarray of float, shape (n_steps + 1, \\*start.shape)
        Every point, as in `gradient_descent`.

    Raises
    ------
    ValueError
        If an argument is not finite or out of range, or `gradient` returns another shape.

    Examples
    --------
    >>> gradient_ascent(lambda x: -2 * x, [3.0, 4.0], learning_rate=0.25, n_steps=1)
    array([[3. , 4. ],
           [1.5, 2. ]])
    """
    return _walk(gradient, start, as_positive(learning_rate, "learning_rate"), n_steps)


def stochastic_gradient_descent(gradient, start, batches, learning_rate):
    """Gradient descent that sees one mini-batch a step.

    Parameters
    ----------
    gradient : callable
        ``gradient(parameters, batch)`` returns an array of the shape of `parameters`: the
        gradient of the loss over that batch.
    start : array_like of float, any shape
        First parameters. Not modified.
    batches : iterable
        One item a step, such as `downslope.datasets.minibatches` yields; it must come to an end.
    learning_rate : float, > 0
        Scales one step.

    Returns
    -------
    path : ndarray of float, shape (number of batches + 1, \\*start.shape)
        The parameters before the first step and after each, as in `gradient_descent`.

    Raises
    ------
    ValueError
        If an argument is not finite or out of range, or `gradient` returns another shape.

    Examples
    --------
    >>> towards_batch_mean = lambda x, batch: x - np.mean(batch)
    >>> stochastic_gradient_descent(towards_batch_mean, 0.0, [[1, 3], [5, 7]], learning_rate=0.5)
    array([0. , 1. , 3.5])
    """
    require_function(gradient, "gradient")
    factor = -as_positive(learning_rate, "learning_rate")
    try:
        batches = iter(batches)
    except TypeError:
        raise ValueError(f"batches must be iterable, got {type(batches).__name__}") from None
    path = [as_float_array(start, "start")]
    for batch in batches:
        path.append(_step(lambda x, batch=batch: gradient(x, batch), path[-1], factor))
    return np.stack(path)


def _walk(gradient, start, factor, n_steps):
    require_function(gradient, "gradient")
    start = as_float_array(start, "start")
    path = np.empty((as_count(n_steps, "n_steps") + 1, *start.shape), dtype=start.dtype)
    path[0] = start
    for k in range(1, len(path)):
        path[k] = _step(gradient, path[k - 1], factor)
    return path


def _step(gradient, point, factor):
    """The next point, a new array; NaN after a point that is not finite."""
    if not np.isfinite(point).all():
        return np.full_like(point, np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        slope = _slope(gradient, point)
        return np.asarray(point + factor * slope, dtype=point.dtype)


def _slope(gradient, point):
    slope = as_float_array(gradient(point.copy()), "gradient(x)", finite=False)
    require_shape(slope, point.shape, "gradient(x)")
    return slope


@dataclass(frozen=True)
class Verdict:
    """What became of a walk; it prints as one sentence that begins with its kind.

    Attributes
    ----------
    kind : str
        One of the kinds that `verdict` lists.
    step : int or None
        The step at which it had converged, or diverged; None for other kinds.
    loss : float
        The last finite height, in units of f.
    n_steps : int
        Number of steps of the walk.
    detail : str
        The rest of the sentence.
    """

    kind: str
    step: int | None
    loss: float
    n_steps: int
    detail: str = ""

    def __str__(self):
        return self.kind + self.detail


def verdict(f, gradient, path, bounds=None):
    """Say what became of a walk downhill.

    The kinds, and the rules in the order in which they are tried. The *last steps* are the last
    ten changes from one step to the next, or all of them if there are fewer; they *zigzag* when
    there are at least three and each points against the one before.

    "diverged"
        (a) A point or its height is not finite. (b) The last steps zigzag, each wider than the
        one before and at an unabated rate, as past the threshold 2/λ.
    "stuck on a plateau"
        At the last point the slope is below 0.001 and every curvature below 0.01, in the units of
        `f` and `x`: too flat to go on.
    "converged", "stuck at a saddle", "stuck at a maximum"
        The walk has come to rest near a point of zero slope. With the slope g and the curvatures
        (the eigenvalues of the Hessian H) at the last point, that point is about ``|H|⁻¹ g`` away
        and ``½ gᵀ|H|⁻¹ g`` lower or higher. Near means: at most 1/20 of the farthest distance
        from the start, and 1/1000 of the height between the highest point of the walk and the
        last, for at least three points; or a slope below 1e-6. The signs of the curvatures tell
        the three apart.
    "diverged"
        (c) The last point is outside `bounds` grown to twice their size, and higher than the
        start. (d) It is outside and lower, and steeper than the start: f falls without bound.
    "oscillating"
        The last steps zigzag, and shrink by less than a tenth each; or f rises in at least a
        quarter of them.
    "stalled"
        The last step is exactly zero though the slope is not: the walk followed other arrows
        than `gradient`, such as differences lost in rounding.
    "still moving"
        None of these.

    Parameters
    ----------
    f : callable
        Maps a point to its height.
    gradient : callable
        Maps a point to the exact gradient there, also when the walk followed a noisy one. It is
        called ``2 d + 2`` times for a point of d coordinates.
    path : array_like of float, shape (n_steps + 1, ...)
        The points of the walk, first axis the steps, as `gradient_descent` returns it.
    bounds : ((low, high), ...), optional
        Lowest and highest value of each coordinate in the picture. Without them rules (c) and
        (d) do not apply.

    Returns
    -------
    verdict : Verdict
        Its `kind`, `step` and `loss`; ``str(verdict)`` is a sentence. The step of "converged" is
        the first from which on the height stayed near. That of "diverged" is the first from
        which on the walk was outside the grown bounds, else the first point that is not finite,
        else the first of the growing zigzags.

    Raises
    ------
    ValueError
        If the start of `path` or its height is not finite, `gradient` is NaN at its last finite
        point, or `f`, `gradient` or `bounds` does not fit the shape of a point.

    Examples
    --------
    >>> bowl, uphill = (lambda x: np.sum(x**2)), (lambda x: 2 * x)
    >>> path = gradient_descent(uphill, [3.0, 4.0], learning_rate=0.1, n_steps=40)
    >>> print(verdict(bowl, uphill, path))
    converged: f = 4.42e-07 after 40 steps
    >>> path = gradient_descent(uphill, [3.0, 4.0], learning_rate=1.2, n_steps=40)
    >>> print(verdict(bowl, uphill, path, bounds=((-5, 5), (-5, 5))))
    diverged at step 3
    """
    require_function(f, "f")
    require_function(gradient, "gradient")
    rules = (_overflow, _growing_zigzag, _plateau, _at_rest, _gone, _restless, _stalled)
    with np.errstate(over="ignore", invalid="ignore"):
        walk = _Walk(f, gradient, path, bounds)
        found = next(filter(None, (rule(walk) for rule in rules)), None)
    return found or walk.verdict("still moving")


class _Walk:
    """A path and what was measured along it."""

    def __init__(self, f, gradient, path, bounds):
        path = as_float_array(path, "path", finite=False)
        if path.ndim == 0 or path.size == 0:
            raise ValueError(f"path must have shape (n_steps + 1, ...), got {path.shape}")
        heights = np.array([_height(f, point) for point in path])
        finite = np.isfinite(heights)
        if not finite[0]:
            raise ValueError(f"path must start where f is finite, got f = {heights[0]}")
        n_finite = len(path) if finite.all() else int(np.argmin(finite))
        self.n_steps = len(path) - 1
        self.overflows = n_finite < len(path)
        self.heights = heights[:n_finite]
        self.loss = float(self.heights[-1])
        self.start, self.end = (np.asarray(path[k]) for k in (0, n_finite - 1))
        self.slope_at = lambda x: _slope(gradient, x)
        self.points = path[:n_finite].reshape(n_finite, -1).astype(float)
        self.steps = np.diff(self.points, axis=0)
        self.changes = np.diff(self.steps, axis=0)
        self.outside_since = _outside_since(self.points, bounds)
        self.slope, self.curvatures, self.axes = self._local_shape()

    def _local_shape(self):
        """Slope at the end, and the curvatures and axes of the Hessian there."""
        slope, hessian = self.slope_at(self.end).ravel(), _hessian(self.slope_at, self.end)
        if np.isnan(slope).any():
            raise ValueError(f"gradient(x) must be a number where f is, got {slope} at {self.end}")
        if not (np.isfinite(slope).all() and np.isfinite(hessian).all()):
            return slope, np.full_like(slope, np.nan), hessian
        return slope, *np.linalg.eigh(hessian)

    @property
    def zigzags(self):
        """Whether each change of step points against the one before."""
        return (self.changes[1:] * self.changes[:-1]).sum(axis=1) < 0

    @property
    def widths(self):
        """Size of each change of step: about four times the distance from the valley's floor."""
        return np.linalg.norm(self.changes, axis=1)

    def verdict(self, kind, words="", step=None):
        height = f"f = {self.loss:.3g} after {_count(self.n_steps, 'step')}"
        detail = f": {words} ({height})" if words else f": {height}"
        return Verdict(kind, step, self.loss, self.n_steps, detail)

    def diverged_at(self, step, words=""):
        detail = f" at step {step}" + (f": {words}" if words else "")
        return Verdict("diverged", step, self.loss, self.n_steps, detail)


def _overflow(walk):
    if not walk.overflows:
        return None
    return walk.diverged_at(len(walk.points) if walk.outside_since is None else walk.outside_since)


def _growing_zigzag(walk):
    widths = walk.widths
    n_last = _length_of_run(walk.zigzags & (widths[1:] > widths[:-1]))
    if n_last < min(_LAST_CHANGES, len(widths)) - 1 or n_last < 2:
        return None
    rates = np.diff(np.log(widths[-min(_LAST_CHANGES, len(widths)) :]))
    early, late = np.array_split(rates, 2)
    if late.mean() < early.mean() / 2 or rates.mean() < 1e-9:
        return None
    if walk.outside_since is not None:
        return walk.diverged_at(walk.outside_since)
    words = "each step overshoots farther than the one before"
    return walk.verdict("diverged", words, step=len(widths) - n_last)


def _plateau(walk):
    slope, curvature = np.linalg.norm(walk.slope), np.abs(walk.curvatures).max()
    if slope < _FLAT_SLOPE and curvature < _FLAT_CURVATURE:
        return walk.verdict("stuck on a plateau", f"the slope is only {slope:.1g}")
    return None


def _at_rest(walk):
    """Whether the point of zero slope that the local parabola has is close to the end."""
    if not np.isfinite(walk.curvatures).all():
        return None
    along = walk.axes.T @ walk.slope
    sizes = np.abs(walk.curvatures)
    offset = along / np.maximum(sizes, np.maximum(1e-6 * sizes.max(), 1e-300))
    near_since = _near_since(walk, offset, along)
    if near_since is None:
        return None
    lowest, highest = walk.curvatures[0], walk.curvatures[-1]
    if lowest >= -1e-6 * sizes.max():
        return walk.verdict("converged", step=near_since)
    words = "the slope is almost zero, but this is no minimum"
    return walk.verdict("stuck at a saddle" if highest > 0 else "stuck at a maximum", words)


def _near_since(walk, offset, along):
    """First step from which on the walk stayed near that point, or None."""
    reach = np.linalg.norm(walk.points - walk.points[0], axis=1).max()
    near = _CLOSE_IN_HEIGHT * (walk.heights.max() - walk.loss)
    gap = np.abs(along * offset).sum() / 2
    level = np.linalg.norm(walk.slope) < _LEVEL
    if not level and (np.linalg.norm(offset) > _CLOSE_IN_DISTANCE * reach or gap > near):
        return None
    bottom = walk.loss - np.sign(walk.curvatures) @ (along * offset) / 2
    rounding = 4 * np.finfo(float).eps * abs(walk.loss)
    stays = np.abs(walk.heights - bottom) <= max(near, 2 * gap, rounding)
    n_near = _length_of_run(stays)
    return None if n_near < 3 and not level else len(stays) - n_near


def _gone(walk):
    if walk.outside_since is None:
        return None
    if walk.loss > walk.heights[0]:
        return walk.diverged_at(walk.outside_since)
    if np.linalg.norm(walk.slope) > np.linalg.norm(walk.slope_at(walk.start)):
        return walk.diverged_at(walk.outside_since, "f falls without bound")
    return None


def _restless(walk):
    n_last = min(_LAST_CHANGES, len(walk.changes))
    if n_last < 3:
        return None
    widths = walk.widths[-n_last:]
    if walk.zigzags[1 - n_last :].all() and widths[-1] > widths[0] * _SLOW_RATE ** (n_last - 1):
        return walk.verdict("oscillating", "each step crosses the valley")
    if np.mean(np.diff(walk.heights)[-n_last:] > 0) >= 0.25:
        return walk.verdict("oscillating", "f rises and falls")
    return None


def _stalled(walk):
    if not len(walk.steps) or walk.steps[-1].any():
        return None
    slope = np.linalg.norm(walk.slope)
    return walk.verdict("stalled", f"the last step is zero, but the slope is {slope:.2g}")


def _height(f, point):
    if not np.isfinite(point).all():
        return np.nan
    height = as_float_array(f(point.copy()), "f(x)", finite=False)
    require_shape(height, (), "f(x)")
    return float(height)


def _hessian(gradient, x):
    """Second derivatives at `x` from central differences of the gradient, shape (d, d)."""
    hessian = np.empty((x.size, x.size))
    steps = (np.cbrt(np.finfo(x.dtype).eps) * np.maximum(1, np.abs(x))).ravel()
    for i, step in enumerate(steps):
        nudge = np.where(np.arange(x.size) == i, step, 0).reshape(x.shape).astype(x.dtype)
        high, low = x + nudge, x - nudge
        hessian[i] = ((gradient(high) - gradient(low)) / (2 * step)).ravel()
    return (hessian + hessian.T) / 2


def _outside_since(points, bounds):
    """First step from which on every point is outside the grown bounds, or None."""
    if bounds is None:
        return None
    bounds = as_float_array(bounds, "bounds")
    require_shape(bounds, (points.shape[1], 2), "bounds")
    middle, half = bounds.mean(axis=1), np.diff(bounds, axis=1)[:, 0] / 2
    if not (half > 0).all():
        raise ValueError(f"bounds must be (low, high) pairs with low < high, got {bounds.tolist()}")
    n_outside = _length_of_run((np.abs(points - middle) > _GROWN_BOUNDS * half).any(axis=1))
    return len(points) - n_outside if n_outside else None


def _length_of_run(flags):
    """How many of the last flags are true without a gap."""
    return len(flags) if flags.all() else int(np.argmin(flags[::-1]))


def _count(n, noun):
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
