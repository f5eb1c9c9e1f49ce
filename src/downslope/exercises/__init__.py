"""Exercises of the chapters, a file for each; `downslope.check` hands them to readers."""

import downslope.check  # noqa: F401  # first, so that each file finds the checker whole
