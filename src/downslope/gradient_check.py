"""Is a gradient right? A comparison with differences that knows how far these can be trusted."""

from dataclasses import dataclass

import numpy as np

from downslope._nudging import nudge_each, steps_of, value_of
from downslope._validation import as_float_array, as_positive, require_function

__all__ = ["GradientReport", "check_gradient"]

SHARP = 1e-2  # an element is known if the doubt about it is at most this share of it
NEGLIGIBLE = 1e-6  # or of the largest element
FLAT = 0.1  # or of what the slope changes by within the step
SHORTER = 0.38  # of the first step is the second: no plain fraction, lest roundings go in step
CLEARLY = 10  # how many doubts apart a wrong element is


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradient` found; true only when the gradient agrees. It prints as one line.

    Attributes
    ----------
    outcome : {"agrees", "fails", "cannot tell"}
    index : tuple of int or None
        The element that decided: the worst of those that fail, the most doubtful of those that
        cannot be told, or the one with the largest error. None when there is none.
    analytic, numerical : float
        The two values there, in units of f per unit of x.
    doubt : float
        How far the numerical one may be from the derivative, in the same units.
    largest_error : float
        ``|analytic - numerical| / max(|analytic|, |numerical|)``: where it fails or cannot be told,
        that of the element at `index`, infinite if there is none; where it agrees, the largest
        among the elements that differences know to within the tolerance.
    blur : float
        Where it agrees, the largest relative error that can hide in an element that differences do
        not know to within the tolerance; 0 when they know all.
    tolerance : float
        The relative error that passes.
    problem : str
        Why it cannot be told, or cannot be compared, and what to do; or an empty string.
    """

    outcome: str
    index: tuple[int, ...] | None
    analytic: float
    numerical: float
    doubt: float
    largest_error: float
    blur: float
    tolerance: float
    problem: str = ""

    @property
    def ok(self):
        """Whether the gradient agrees."""
        return self.outcome == "agrees"

    def __bool__(self):
        return self.ok

    def __str__(self):
        if self.outcome == "cannot tell":
            return f"cannot tell whether the gradient agrees: {self.problem}"
        if self.ok:
            return f"gradient agrees: {self._accuracy()}"
        return f"gradient fails: {self.problem or self._worst()}"

    def _accuracy(self):
        if not self.blur:
            return f"largest relative error {self.largest_error:.0e}"
        if not self.largest_error:
            return f"relative error at most {self.blur:.0e}, as far as differences can tell"
        return (
            f"largest relative error {self.largest_error:.0e}, "
            f"and at most {self.blur:.0e} where differences are less certain"
        )

    def _worst(self):
        return (
            f"relative error {self.largest_error:.2g} at index {self.index}, "
            f"where it gives {self.analytic:.4g} and differences give {self.numerical:.4g}"
        )

    __repr__ = __str__


def check_gradient(f, gradient, x, h=None, tolerance=1e-6):
    """Compare a gradient with central differences of `f`, element by element.

    There are three outcomes. With `a` from `gradient`, `n` from differences, the relative error
    ``|a - n| / max(|a|, |n|)`` and a doubt about `n`,

    - the gradient **fails** if in some element `a` and `n` are farther apart than the tolerance and
      ten times the doubt together, if it is not finite, or if it has another shape than `x`;
    - it **agrees** if in every element they are no farther apart than the tolerance and the doubt
      together, and the element is known;
    - else the check **cannot tell**, and says why and what to do.

    An element is known if the doubt about it is at most a hundredth of it: a wrong factor or a
    wrong sign would show. One that is zero, or nearly, is known if the doubt is at most a millionth
    of the largest element, or a tenth of what the slope changes by within the step.

    The doubt is the sum of what rounding may do to the difference of two values of `f`, twice
    what changes with a second, shorter step, and half of what the slope jumps by at `x`: at a kink
    no gradient is said to agree. Where `a` and `n` are apart the second step is as short as
    rounding allows: a fine ripple of `f` is then not mistaken for an error of the gradient.

    Two kinds of rounding leave no trace in these values. What `f` and `gradient` were rounded by on
    the way, where large parts cancel, may be as much as at ``f(0)``: no gradient fails on less. And
    where no difference shows at all, zeros agree only if `f` is 0, which is never rounded, and
    stays 0 also when an element grows by the root of the default step.

    It costs ``4 N + 3`` evaluations of `f` for N elements, and ``2 N`` more where no difference
    shows.

    Parameters
    ----------
    f : callable
        Maps an array of the shape of `x` to one number. It is handed a read-only view.
    gradient : callable or array_like
        The gradient to check: a function of `x`, or its value at `x`.
    x : array_like of float, any shape
        Where to compare, near both sides of every kink of `f` but not on one. Not modified.
    h : float, h != 0, optional
        Step of the differences; by default as in `numerical_gradient`.
    tolerance : float, > 0
        Relative error that passes.

    Returns
    -------
    report : GradientReport
        True only when the gradient agrees; it prints as one line.

    Raises
    ------
    ValueError
        If `x`, `h` or `tolerance` is bad, or `f` does not return one real number.

    Examples
    --------
    >>> check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, [1.0, -3.0]).ok
    True
    >>> check_gradient(lambda x: np.sum(x**2), lambda x: x, [1.0, -3.0])
    gradient fails: relative error 0.5 at index (1,), where it gives -3 and differences give -6
    >>> check_gradient(lambda x: 1e12 + np.sum(x**2), lambda x: 2 * x, [1.0, -3.0]).outcome
    'cannot tell'
    """
    require_function(f, "f")
    x = as_float_array(x, "x")
    x.flags.writeable = False
    steps = np.abs(steps_of(x, h))
    tolerance = as_positive(tolerance, "tolerance")
    analytic = _given_gradient(gradient, x)
    if analytic.shape != x.shape:
        problem = f"it has shape {analytic.shape}, but x has shape {x.shape}"
        return GradientReport(
            "fails", None, np.nan, np.nan, np.inf, np.inf, 0.0, tolerance, problem
        )
    # An f that is not finite shows in the report; a warning on top does not help.
    with np.errstate(all="ignore"):
        return _Comparison(f, analytic, x, steps, tolerance).report()


def _given_gradient(gradient, x):
    value = gradient(x.copy()) if callable(gradient) else gradient
    return as_float_array(value, "gradient", finite=False)


class _Differences:
    """Central differences of `f`, the step really taken, and how much steeper f is above `x`."""

    def __init__(self, f, x, steps, here):
        above, below = nudge_each(f, x, steps)
        self.values = np.stack([above, below, np.full_like(above, here)])
        self.step = (np.asarray(x + steps) - (x - steps)).astype(float) / 2
        self.slope = (above - below) / (2 * self.step)
        self.bend = (above - 2 * here + below) / self.step


class _Comparison:
    """A gradient beside differences with two steps, and what these leave in doubt."""

    def __init__(self, f, analytic, x, steps, tolerance):
        self.tolerance = tolerance
        # What float32 cannot hold is no error of a gradient.
        self.passes = max(tolerance, 32 * float(np.finfo(analytic.dtype).eps))
        self.analytic = analytic.astype(float)
        self.default = steps_of(x).astype(float)
        self.here = value_of(f, x)
        self.first = _Differences(f, x, steps, self.here)
        self.numerical = self.first.slope
        self.gap = np.abs(self.analytic - self.numerical)
        self.size = np.maximum(np.abs(self.analytic), np.abs(self.numerical))
        unit = _rounding_unit(self.first.values)
        self.second = _Differences(f, x, self._second_steps(x, unit), self.here)
        values = np.concatenate([self.first.values, self.second.values])
        self.constant = np.isfinite(self.here) and bool((values == self.here).all())
        self.doubts = self._doubts(_rounding_unit(values))
        if self.constant and self._changes_farther_off(f, x):
            self.doubts["rounding"] = np.full_like(self.gap, np.inf)
        self.doubt = sum(self.doubts.values())
        self.elsewhere = _size_at_zero(f, x)
        self.hidden = 2 * np.finfo(x.dtype).eps * self.elsewhere / self.first.step
        self.again = value_of(f, x)  # last, so that an f that keeps its argument keeps x

    def _second_steps(self, x, unit):
        """A shorter one; where the gradient seems wrong, one that would show another cause.

        That is the default step where a shorter one was given, for rounding, else one as short as
        rounding allows, for a ripple or a kink.
        """
        step = self.first.step
        least = np.finfo(x.dtype).eps ** (3 / 4) * np.where(x != 0, np.abs(x), step)
        telling = np.nan_to_num(1e4 * unit / self.gap, nan=np.inf)
        short = np.clip(telling, np.minimum(least, SHORTER * step), SHORTER * step)
        lost = (telling >= SHORTER * step) | (self.numerical == 0)
        doubted = lost & (self.gap > self.passes * self.size) & (step < self.default / 4)
        return np.where(doubted, self.default, short).astype(x.dtype)

    def _doubts(self, unit):
        first, second = self.first, self.second
        jump = np.abs(second.bend * first.step - first.bend * second.step)
        jump /= np.abs(first.step - second.step)
        # Of a smooth f this is nothing but noise, 9.5 times as large; the median is 0.67 of it.
        alike = np.abs(second.step / first.step - SHORTER) < 0.05
        moved = alike & np.isfinite(jump) & (jump > 0)
        noise = 0.16 * np.median((jump * first.step)[moved]) if moved.any() else 0.0
        return {
            "rounding": 2 * unit / first.step,
            "noise": 4 * noise / first.step,
            "bending": 2 * np.abs(first.slope - second.slope) + jump / 2,
        }

    def report(self):
        told = np.isfinite(self.numerical) & np.isfinite(self.doubt) & (not self._is_noisy())
        finite = np.isfinite(self.analytic)
        allowed = self.passes * self.size
        fails = told & ~(
            finite & (self.gap <= allowed + CLEARLY * np.maximum(self.doubt, self.hidden))
        )
        if fails.any():
            return self._report("fails", np.where(fails, self._error(), -1))
        share = self.doubt / self.size
        doubtful = ~(told & self._is_known(told) & (self.gap <= allowed + self.doubt))
        if doubtful.any():
            where = np.where(doubtful, np.nan_to_num(share, nan=np.inf), -1)
            return self._report("cannot tell", where, self._reason)
        sharp = ~(share > self.passes)
        blur = np.max(self._error() + share, where=~sharp & (share <= SHARP), initial=0)
        return self._report("agrees", np.where(sharp, self._error(), 0), blur=float(blur))

    def _changes_farther_off(self, f, x):
        """Whether an `f` that shows no difference does where one element is farther from zero.

        It need not be far for zeros to be believed; but before a slope is called wrong, it is.
        """
        far, near = np.maximum(1, np.abs(x)), np.sqrt(self.default)
        distance = np.where(self.analytic == 0, near, far).astype(x.dtype)
        farther, _ = nudge_each(f, x, np.copysign(distance, x))
        return bool((farther != self.here).any())

    def _is_noisy(self):
        return abs(self.again - self.here) > 16 * np.spacing(abs(self.here))

    def _is_known(self, told):
        """Whether the doubt is small beside the element, the largest one, or its own change."""
        if self.constant:  # zero has no rounding that could swallow a change
            return (self.here == 0) & (self.analytic == 0)
        largest = np.max(np.abs(self.numerical) - self.doubt, where=told, initial=0)
        change = np.abs(self.first.bend) * np.minimum(1, self.default / self.first.step)
        flat = np.maximum(self.doubt, self.size) <= FLAT * change
        return flat | (self.doubt <= np.maximum(SHARP * self.size, NEGLIGIBLE * largest))

    def _error(self):
        error = np.divide(self.gap, self.size, out=np.zeros_like(self.gap), where=self.gap != 0)
        return np.where(np.isfinite(self.analytic), error, np.inf)

    def _report(self, outcome, badness, reason=None, blur=0.0):
        if badness.size == 0:
            return GradientReport(outcome, None, np.nan, np.nan, 0.0, 0.0, 0.0, self.tolerance)
        index = tuple(int(i) for i in np.unravel_index(np.argmax(badness), badness.shape))
        parts = (self.analytic, self.numerical, self.doubt)
        given, found, doubt = (float(part[index]) for part in parts)
        error = float((self._error() if reason else badness)[index])
        problem = reason(index) if reason else ""
        return GradientReport(
            outcome, index, given, found, doubt, error, blur, self.tolerance, problem
        )

    def _reason(self, index):
        """Why the element at `index` cannot be told, and what to do."""
        if self._is_noisy():
            return (
                f"f gave {self.here:.17g} and then {self.again:.17g} at one x; fix what is random"
            )
        if self.first.step[index] == 0:
            return f"the step is lost in rounding at index {index}; use a larger h"
        if self.constant:
            return (
                f"differences are too uncertain, and all zero: {self._cause(index)}, or another x"
            )
        if not np.isfinite(self.doubt[index]):
            return f"f is not finite near x at index {index}; use a smaller h or another x"
        where = f"differences are too uncertain at index {index}, by {self.doubt[index]:.1g}"
        if self.doubt[index] < min(self.gap[index], self.hidden[index]):
            where = f"gradient and differences are {self.gap[index]:.1g} apart at index {index},"
        return f"{where} where they give {self.numerical[index]:.4g}: {self._cause(index)}"

    def _cause(self, index):
        """Bending, or rounding on the way to f, or of f itself, and what to do about each."""
        shortened = self.first.step[index] / self.second.step[index]
        rounding = self.doubts["rounding"][index]
        blurred = CLEARLY * shortened * max(rounding, self.hidden[index])
        if self.doubts["bending"][index] > blurred:
            return "f bends, or is rough, within the step; use a smaller h or another x"
        if self.elsewhere > CLEARLY * abs(self.here):
            return (
                f"f is {self.elsewhere:.3g} at zero but {self.here:.3g} here, where large parts "
                "may cancel and leave their rounding; use formulas without such differences"
            )
        return (
            f"f is rounded where it is {self.here:.3g}, or on the way; use float64, a larger h, or "
            "f without its constant part"
        )


def _rounding_unit(values):
    """What the last digit stands for of the values of `f` near each element.

    Values that float32 holds without loss were computed in float32; and where all are multiples of
    some larger number, they were rounded to it on the way, as ``(f + 1e10) - 1e10`` is.
    """
    largest = np.abs(values).max(axis=0)
    single = (values == values.astype(np.float32)).all()
    unit = np.spacing(largest.astype(np.float32)).astype(float) if single else np.spacing(largest)
    if (values == values[:1]).all():
        return unit
    mantissas, exponents = np.frexp(values[values != 0])
    digits = np.ldexp(mantissas, 53).astype(np.int64)
    return np.maximum(
        unit, np.ldexp(1.0, exponents - 53 + np.log2(digits & -digits).astype(int)).min()
    )


def _size_at_zero(f, x):
    """``|f(0)|``, or 0 if there is none: beside it shows how small `f` is at `x`."""
    try:
        size = abs(value_of(f, np.zeros_like(x)))
    except Exception:  # of its own choice, where it need not be defined
        return 0.0
    return size if np.isfinite(size) else 0.0
