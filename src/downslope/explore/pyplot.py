"""Pyplot kept apart: a layer draws on the axes that it is given, not on pyplot's figure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from matplotlib._pylab_helpers import Gcf
from matplotlib.axes import Axes

__all__ = ["kept_apart"]


@contextmanager
def kept_apart(panels: Sequence[str], axes: Sequence[Axes]) -> Iterator[None]:
    """Refuse what is drawn by `plt.` inside, and leave no trace of it.

    The reader's own figures are out of pyplot's sight meanwhile, so that none of them is drawn on.
    `Gcf`, pyplot's list of figures, is there whether or not pyplot has been imported.
    """
    theirs, Gcf.figs = Gcf.figs, OrderedDict()
    before = [len(ax.get_children()) for ax in axes]
    try:
        try:
            yield
        except Exception as error:
            if Gcf.figs:  # pyplot's figure is empty or not managed: the cause of the error
                raise _refusal(panels, is_mixed=False) from error
            raise
        if Gcf.figs:
            after = [len(ax.get_children()) for ax in axes]
            raise _refusal(panels, is_mixed=before != after)
    finally:
        Gcf.destroy_all()
        Gcf.figs = theirs


def _refusal(panels: Sequence[str], is_mixed: bool) -> ValueError:
    if not panels:
        return ValueError(
            "it draws on pyplot's figure, which is not shown; give the function a parameter that "
            "names a panel, such as ax, and write ax.plot(...) for plt.plot(...)"
        )
    ax = panels[0]
    mend = (
        f"{ax}.plot(...) for plt.plot(...), {ax}.set_xlabel(...) for plt.xlabel(...), "
        f"{ax}.figure.colorbar(..., ax={ax}) for plt.colorbar(...); plt.subplots() is not needed: "
        "each name in panels={...} is given axes of its own"
    )
    if is_mixed:
        return ValueError(
            f"it draws on panel {ax!r} and, by plt, also on pyplot's figure, which is not shown; "
            f"write {mend}"
        )
    return ValueError(
        f"it draws on pyplot's figure, which is not shown, and not on panel {ax!r}; write {mend}"
    )
