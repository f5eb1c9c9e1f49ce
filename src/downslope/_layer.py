"""What layers have in common: names for what they learn, and what their backward asks first."""

from downslope._validation import as_floats


def entry(home, name, what):
    """An attribute that is an entry of a layer's dictionary: `layer.W` for parameters["W"]."""
    return property(
        lambda layer: getattr(layer, home).get(name),
        lambda layer, value: getattr(layer, home).update({name: value}),
        doc=what,
    )


def require_forward(remembered):
    """Refuse a backward with nothing to go back through."""
    if remembered is None:
        raise ValueError("backward needs a forward before it")


def as_upstream(value, shape):
    """The upstream gradient, once it has the shape of what `forward` returned."""
    upstream = as_floats(value, "upstream")
    if upstream.shape != shape:
        raise ValueError(f"upstream must have shape {shape}, as the output, got {upstream.shape}")
    return upstream
