"""What every difference quotient needs: steps for `x`, and values of `f` with `x` nudged."""

import numpy as np

from downslope._validation import as_float_array, as_scalar


def steps_of(x, h=None):
    """Step of every element of `x`, in its dtype: `h`, or ``eps**(1/3) * max(1, |x_i|)``."""
    if h is None:
        return np.asarray(float(np.finfo(x.dtype).eps) ** (1 / 3) * np.maximum(1, np.abs(x)))
    given = as_scalar(h, "h")
    with np.errstate(over="ignore"):
        step = x.dtype.type(given)
    require_step(step, given, x.dtype)
    return np.full_like(x, step)


def require_step(h, given, dtype):
    """Refuse a step that is 0, or too large to be told, in the precision of x."""
    for kind, bad in (("0", h == 0), ("infinite", np.isinf(h))):
        if np.any(bad):
            raise ValueError(f"h must not be {kind} in {dtype}, got {np.asarray(given)[bad][0]:g}")


def nudge_each(f, x, steps):
    """Values of `f` with each element of `x` raised, and lowered, each of the shape of `x`."""
    nudged = x.copy()
    flat, view = nudged.reshape(-1), nudged.view()
    with np.errstate(over="ignore"):  # a point beyond all numbers is infinite
        high, low = np.asarray(x + steps), np.asarray(x - steps)
    view.flags.writeable = False
    above, below = np.empty((2, x.size))
    for i, here in enumerate(x.flat):
        flat[i] = high.flat[i]
        above[i] = value_of(f, view)
        flat[i] = low.flat[i]
        below[i] = value_of(f, view)
        flat[i] = here
    return above.reshape(x.shape), below.reshape(x.shape)


def value_of(f, x):
    """The one real number that `f` returns at `x`, as a Python float."""
    value = f(x)
    if isinstance(value, float):
        return float(value)
    try:
        number = as_float_array(value, "f(x)", finite=False)
    except ValueError:
        raise ValueError(f"f must return one real number, got {value!r:.60}") from None
    if number.ndim:
        kind = type(value).__name__
        raise ValueError(f"f must return one real number, got shape {number.shape}, {kind}")
    return float(number)
