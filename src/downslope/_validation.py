"""What every public door asks of its arguments. Bad input is always a `ValueError`."""

import math
import operator

import numpy as np

_FLOATS = _SINGLE, _DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


def as_float_array(value, name, *, finite=True, copy=True):
    """The real array that `value` holds: float32 stays float32, all else becomes float64.

    Parameters
    ----------
    value : array_like of real numbers
    name : str
        What the caller calls it, for the message.
    finite : bool
        Whether NaN and infinity are refused.
    copy : bool
        Whether the array is always a new one, so that nothing done to it reaches the caller.
        False is for who only reads: an array of floats then comes back as it is.

    Returns
    -------
    array : ndarray of float32 or float64

    Raises
    ------
    ValueError
        If `value` is ragged, not numeric, complex, or not finite.

    Examples
    --------
    >>> as_float_array([3, 4], "x").dtype
    dtype('float64')
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array of numbers, got {_short(value)}") from None
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, got {_short(value)}")
    dtype = _SINGLE if array.dtype == _SINGLE else _DOUBLE
    array = np.array(array, dtype=dtype) if copy else np.asarray(array, dtype=dtype)
    if finite:
        require_finite(array, name)
    return array


def as_floats(value, name):
    """`as_float_array` for who only reads, and lets NaN and infinity pass."""
    if type(value) is np.ndarray and value.dtype in _FLOATS:
        return value
    return as_float_array(value, name, finite=False, copy=False)


def as_array_like(value, model, name, *parts):
    """The array that `value` holds, of the shape and dtype of `model`; it may be `value` itself.

    `parts` go into the braces of `name`, if there is something to say.
    """
    if type(value) is np.ndarray and value.dtype is model.dtype and value.shape == model.shape:
        return value
    name = name.format(*parts)
    array = as_floats(value, name)
    require_shape(array, model.shape, name)
    return array.astype(model.dtype, copy=False)


def all_finite(array):
    """Whether there is neither NaN nor infinity in an array of floats."""
    # One product looks at every element in half the time; only huge ones pass on for nothing.
    return math.isfinite(np.vdot(array, array)) or np.isfinite(array).all()


def require_finite(array, name):
    """Refuse NaN and infinity."""
    if not all_finite(array):
        raise ValueError(f"{name} must be finite, got {_first_not_finite(array)}")


def as_scalar(value, name):
    """One finite real number as a Python float."""
    array = as_float_array(value, name)
    if array.ndim:
        raise ValueError(f"{name} must be one number, got an array of shape {array.shape}")
    if isinstance(value, bool | np.bool):
        raise ValueError(f"{name} must be one number, got {value}")
    return float(array)


def as_positive(value, name):
    """One finite number greater than zero as a Python float."""
    number = as_scalar(value, name)
    if number <= 0:
        raise ValueError(f"{name} must be greater than 0, got {number:g}")
    return number


def as_not_negative(value, name):
    """One finite number, 0 or greater, as a Python float."""
    number = as_scalar(value, name)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {number:g}")
    return number


def as_share(value, name):
    """One number from 0 to less than 1 as a Python float: how much of something is kept."""
    number = as_scalar(value, name)
    if not 0 <= number < 1:
        raise ValueError(f"{name} must be at least 0 and less than 1, got {number:g}")
    return number


def as_count(value, name, minimum=0):
    """A whole number, at least `minimum`, as a Python int."""
    try:
        if isinstance(value, bool | np.bool):
            raise TypeError
        count = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, got {_short(value)}") from None
    if count < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {count}")
    return count


def as_float_dtype(dtype):
    """float32 or float64, in any way of saying it."""
    try:
        found = None if dtype is None else np.dtype(dtype)
    except TypeError:
        found = None
    if found not in (np.float32, np.float64):
        got = repr(dtype) if found is None else found
        raise ValueError(f"dtype must be float32 or float64, got {got}")
    return found


def require_function(f, name):
    """Refuse what cannot be called."""
    if not callable(f):
        raise ValueError(f"{name} must be a function, got {_short(f)}")


def require_generator(rng):
    """Refuse anything but a NumPy random generator, seeds among it."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(
            "rng must be a numpy.random.Generator, such as np.random.default_rng(0), "
            f"got {_short(rng)}"
        )


def require_shape(array, shape, name):
    """Refuse an array of any other shape than `shape`."""
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")


def require_labels(labels, n_classes, name):
    """Refuse labels that are no whole numbers from 0 to `n_classes` - 1; return them."""
    if labels.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers from 0 to {n_classes - 1}, got {labels.dtype}")
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        strangers = labels[(labels < 0) | (labels >= n_classes)]
        raise ValueError(f"{name} must be from 0 to {n_classes - 1}, got {strangers.flat[0]}")
    return labels


def _short(value):
    text = repr(value)
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"{text} ({type(value).__name__})"


def _first_not_finite(array):
    where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    return f"{array[where]}" + (f" at index {where}" if where else "")
