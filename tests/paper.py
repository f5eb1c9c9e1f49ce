"""Turning a page in a browser into paper, and waiting for what it looks like then."""

import time


def settles(measure, as_wanted, seconds=20):
    """The last value of `measure()`, taken again until `as_wanted(value)` or until time is up.

    A page gets its new look a moment after it was asked to, on a busy machine a long one.

    Examples
    --------
    >>> growing = iter([1, 2, 3, 4])
    >>> settles(lambda: next(growing), lambda number: number > 2)
    3
    >>> settles(lambda: "never", lambda word: word == "ever", seconds=0)
    'never'
    """
    end = time.monotonic() + seconds
    while True:
        value = measure()
        if as_wanted(value) or time.monotonic() >= end:
            return value
        time.sleep(0.05)


def put_on_paper(page):
    """Show the page as it goes to the printer; returns once it knows that it does."""
    page.emulate_media(media="print")
    assert settles(lambda: page.evaluate("matchMedia('print').matches"), bool)
