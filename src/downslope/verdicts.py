"""What became of a walk: a sentence about a finished path over a landscape."""

from dataclasses import dataclass

import numpy as np

from downslope._validation import as_float_array, require_shape
from downslope.landscapes import Landscape

__all__ = ["Verdict", "verdict"]

N_LAST = 10  # changes of step that tell how a walk goes on
CLOSE, SHORT_STEP = 1e-6, 1e-3  # shares of the picture
LEVEL, FLAT_SLOPE, FLAT_CURVATURE = 1e-14, 1e-3, 0.05  # shares of the steepest slope in the picture


@dataclass(frozen=True)
class Verdict:
    """What became of a walk; it prints as one sentence that begins with its kind.

    Attributes
    ----------
    kind : str
        One of the kinds that `verdict` lists.
    detail : str
        The rest of the sentence.
    """

    kind: str
    detail: str

    def __str__(self):
        return self.kind + self.detail


def verdict(landscape, path):
    """Say what became of a walk downhill.

    The kinds, and the rules in the order in which they are tried. Nothing depends on the units of
    f or of x: a slope is steep or flat beside the steepest in the picture, which the `bounds` of
    the landscape frame, and a distance is long or short beside the picture or the walk.

    "diverged"
        A point or its height is not finite; or the last ten changes of step point to and fro, each
        wider than the one before and at an unabated rate, as past the threshold 2/λ.
    "converged", "stuck at a saddle", "stuck at a maximum", "stuck on a plateau"
        The walk is at rest. Either the slope is zero to rounding. Or the point of zero slope that
        the slope and the Hessian promise is there, that is the slope at it is less than a tenth,
        and near: within a millionth of the picture; or within 1/20 of the farthest distance from
        the start, after a last step no longer than 1/10 of it, and 1/1000 of the height that the
        walk has lost lower or higher. Where f rises from there to some sides and falls to others
        it is a saddle, where it only falls a maximum, where it does neither a plateau, else a
        minimum. The curvatures tell, and f itself a hundredth of the picture away where a curvature
        is zero.
    "stuck on a plateau"
        Too flat to go on: the slope is below a thousandth of the steepest, every curvature so small
        that over the whole picture it would make a twentieth of that, no point of zero slope is
        where slope and Hessian promise it, and the last step is shorter than a thousandth of the
        picture. A walk to and fro is none.
    "diverged"
        The walk is outside the bounds grown to twice their size, and either higher than it began,
        or lower, farther out, and no less steep there, without having turned back: f falls without
        bound.
    "oscillating"
        The last changes of step point to and fro, and shrink by less than a tenth each; or f rises
        in at least a quarter of them. Neither counts what rounding may have done.
    "stalled"
        The last step is exactly zero though the slope is not: the walk followed other arrows
        than the gradient, such as differences lost in rounding.
    "still moving"
        None of these.

    Parameters
    ----------
    landscape : Landscape
        Its exact gradient and Hessian judge, also where the walk followed noisy arrows.
    path : array_like of float, shape (n_steps + 1, 2)
        The points of the walk, as `downslope.descent.gradient_descent` returns them.

    Returns
    -------
    verdict : Verdict
        Its `kind`; ``str(verdict)`` is a sentence.

    Raises
    ------
    ValueError
        If `landscape` is no Landscape, `path` has another shape, it does not start where f is
        finite, or the gradient is NaN at its last finite point.

    Examples
    --------
    >>> from downslope.descent import gradient_descent
    >>> from downslope.landscapes import bowl
    >>> path = gradient_descent(bowl.gradient, [3.0, 2.0], learning_rate=0.1, n_steps=40)
    >>> print(verdict(bowl, path))
    converged: f = 2.3e-07 after 40 steps
    >>> path = gradient_descent(bowl.gradient, [3.0, 2.0], learning_rate=1.2, n_steps=40)
    >>> print(verdict(bowl, path))
    diverged at step 3
    """
    if not isinstance(landscape, Landscape):
        raise ValueError(f"landscape must be a Landscape, got {type(landscape).__name__}")
    path = as_float_array(path, "path", finite=False)
    if path.ndim != 2 or path.shape[1] != 2 or len(path) == 0:
        raise ValueError(f"path must have shape (n_steps + 1, 2), got {path.shape}")
    with np.errstate(all="ignore"):
        return _Walk(landscape, path).judge()


class _Walk:
    """A path and what was measured along it."""

    def __init__(self, landscape, path):
        heights = np.array([_height(landscape, x) for x in path])
        n_finite = np.append(np.isfinite(heights), False).argmin()
        if n_finite == 0:
            raise ValueError(f"path must start where f is finite, got f = {heights[0]}")
        self.landscape, self.n_steps = landscape, len(path) - 1
        self.rounding = np.finfo(path.dtype).eps
        self.points, self.heights = path[:n_finite].astype(float), heights[:n_finite]
        self.middle, self.half = _middle_and_half(landscape.bounds)
        grid = self.middle[:, np.newaxis] + np.outer(self.half, np.linspace(-1, 1, 21))
        steepness = np.linalg.norm(landscape.gradient(np.stack(np.meshgrid(*grid))), axis=0)
        self.steepest = np.max(steepness, where=np.isfinite(steepness), initial=0)
        self.slope, self.curvatures, self.axes = self._shape_at(self.points[-1])
        self.steepness = np.linalg.norm(self.slope)
        if np.isnan(self.slope).any():
            raise ValueError(f"gradient(x) must be a number where f is, got nan at {path[-1]}")

    def _shape_at(self, x):
        """Slope at `x`, and the curvatures and axes of the Hessian there."""
        slope = _as_shaped(self.landscape.gradient(x.copy()), (2,), "gradient(x)")
        hessian = _as_shaped(self.landscape.hessian(x.copy()), (2, 2), "hessian(x)")
        finite = np.isfinite(hessian).all()
        return slope, *(np.linalg.eigh(hessian) if finite else (np.full(2, np.nan), hessian))

    def judge(self):
        since = self._outside_since()
        if len(self.points) <= self.n_steps:
            return self._diverged(len(self.points) if since is None else since)
        widening, swinging = self._zigzag()
        if widening:
            words = "each step overshoots farther than the one before"
            return self._diverged(since) if since else self._say("diverged", words)
        rest = self._resting_place()
        if rest is not None:
            return self._say(*self._kind_of(rest))
        if not swinging and self._is_flat():
            return self._say("stuck on a plateau", f"the slope is only {self.steepness:.1g}")
        if since is not None and self.heights[-1] > self.heights[0]:
            return self._diverged(since)
        if since is not None and self._falls_on():
            return self._diverged(since, ": f falls without bound")
        if swinging:
            return self._say("oscillating", "each step crosses the valley")
        if self._rises():
            return self._say("oscillating", "f rises and falls")
        if self.n_steps and (self.points[-1] == self.points[-2]).all():
            words = f"the last step is zero, but the slope is {self.steepness:.2g}"
            return self._say("stalled", words)
        return self._say("still moving")

    def _say(self, kind, words=""):
        steps = f"{self.n_steps} step{'' if self.n_steps == 1 else 's'}"
        height = f"f = {self.heights[-1]:.3g} after {steps}"
        return Verdict(kind, f": {words} ({height})" if words else f": {height}")

    def _diverged(self, step, words=""):
        return Verdict("diverged", f" at step {step}{words}")

    def _outside_since(self):
        """First step from which on every point is outside the bounds grown to twice, or None."""
        outside = (np.abs(self.points - self.middle) > 2 * self.half).any(axis=1)
        inside = np.flatnonzero(~outside)
        return int(inside.max(initial=-1)) + 1 if outside[-1] else None

    def _zigzag(self):
        """Whether the last changes of step point to and fro and widen, and whether they last."""
        last = self.points[-N_LAST - 2 :]
        changes = np.diff(last, n=2, axis=0)
        changes[np.abs(changes) <= 16 * self.rounding * np.abs(last).max(axis=0, initial=0)] = 0
        if len(changes) < 3 or not ((changes[1:] * changes[:-1]).sum(axis=1) < 0).all():
            return False, False
        rates = np.diff(np.log(np.linalg.norm(changes, axis=1)))
        early, late = np.array_split(rates, 2)
        unabated = late.mean() >= early.mean() / 2 and rates.mean() > 1e-9
        return (rates > 0).all() and unabated, rates.mean() > np.log(0.9)

    def _resting_place(self):
        """The point of zero slope at which the walk has arrived, or None."""
        if self.steepness <= LEVEL * self.steepest:
            return self.points[-1]
        target, gap = self._promised()
        reach = np.linalg.norm(self.points - self.points[0], axis=1).max()
        offset = np.linalg.norm(target - self.points[-1])
        near = offset <= CLOSE * np.linalg.norm(self.half) or (
            offset <= reach / 20
            and np.linalg.norm(self._last_step()) <= reach / 10
            and gap <= (self.heights.max() - self.heights[-1]) / 1000
        )
        return target if near and self._is_level_at(target) else None

    def _promised(self):
        """The point of zero slope that slope and Hessian promise, and how far below or above."""
        along = self.axes.T @ self.slope
        least = 1e-6 * np.abs(self.curvatures).max()
        curvatures = np.copysign(np.maximum(np.abs(self.curvatures), least), self.curvatures)
        target = self.points[-1] - self.axes @ (along / curvatures)
        return target, np.sum(along**2 / np.abs(curvatures)) / 2

    def _is_level_at(self, target):
        return np.linalg.norm(self._shape_at(target)[0]) < self.steepness / 10

    def _last_step(self):
        return self.points[-1] - self.points[-2:][0]

    def _kind_of(self, x):
        """Kind of the point of zero slope `x`, and words."""
        _, curvatures, axes = self._shape_at(x)
        size = np.linalg.norm(self.half)
        least = max(1e-6 * np.abs(curvatures).max(), 1e-9 * self.steepest / size)
        rises = list(curvatures[np.abs(curvatures) > least])
        for axis in axes.T[~(np.abs(curvatures) > least)]:
            heights = np.array([self.landscape(x + size * t * axis) for t in (-0.01, 0, 0.01)])
            visible = np.abs(heights - heights[1]) > 16 * np.spacing(np.abs(heights).max())
            rises.extend((heights - heights[1])[visible])
        falls, climbs = min(rises, default=0) < 0, max(rises, default=0) > 0
        if climbs and not falls:
            return ("converged",)
        if not falls:
            return "stuck on a plateau", f"the slope is only {self.steepness:.1g}"
        words = "the slope is almost zero, but this is no minimum"
        return "stuck at a saddle" if climbs else "stuck at a maximum", words

    def _is_flat(self):
        per_size = self.steepest / np.linalg.norm(self.half)
        bent = np.abs(self.curvatures).max() >= FLAT_CURVATURE * per_size
        flat = self.steepness < FLAT_SLOPE * self.steepest and not bent
        moves = np.linalg.norm(self._last_step()) > SHORT_STEP * np.linalg.norm(self.half)
        return flat and not moves and not self._is_level_at(self._promised()[0])

    def _falls_on(self):
        """Whether the walk went out, and stays out, over ground no less steep than at its start."""
        begin, end = self.points[0] - self.middle, self.points[-1] - self.middle
        went_out = np.linalg.norm(end) > np.linalg.norm(begin) and self._last_step() @ end >= 0
        return went_out and self.steepness >= (1 - 1e-9) * np.linalg.norm(
            self._shape_at(self.points[0])[0]
        )

    def _rises(self):
        """Whether f rises, by more than rounding, in at least a quarter of the last steps."""
        rises = np.diff(self.heights)[-N_LAST:] > 16 * np.spacing(np.abs(self.heights).max())
        return len(self.points) >= 5 and rises.mean() >= 0.25


def _height(landscape, x):
    if not np.isfinite(x).all():
        return np.nan
    return float(_as_shaped(landscape(x.copy()), (), "f(x)"))


def _as_shaped(value, shape, name):
    array = as_float_array(value, name, finite=False)
    require_shape(array, shape, name)
    return array.astype(float)


def _middle_and_half(bounds):
    bounds = as_float_array(bounds, "bounds").astype(float)
    require_shape(bounds, (2, 2), "bounds")
    if not (bounds[:, 0] < bounds[:, 1]).all():
        raise ValueError(f"bounds must be (low, high) pairs with low < high, got {bounds.tolist()}")
    return bounds.mean(axis=1), np.ptp(bounds, axis=1) / 2
