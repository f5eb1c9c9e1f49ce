"""For every test, also the cells of the chapters."""

import os
import re

import pytest

collect_ignore_glob = ["*conftest.py"]  # no examples to run in them

NOT_STORED = (
    "application/javascript",
    "application/json",
    "image/svg+xml",
    "text/html",
)


def pytest_collectstart(collector):
    """Compare of a cell's outputs what tools/notebooks.py stores, text; then move every slider."""
    if hasattr(collector, "skip_compare"):
        from every_control import drive

        collector.skip_compare += NOT_STORED
        drive(collector)


MAY_BE_SKIPPED = "DOWNSLOPE_MNIST names no folder"  # 70,000 digits that no test downloads


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a test that skips itself has failed: there everything it needs is installed."""
    report = (yield).get_result()
    if not (os.environ.get("CI") and report.skipped) or hasattr(report, "wasxfail"):
        return
    if MAY_BE_SKIPPED not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `-n 3`, keep together what shares a kernel or a page: a file, or a page of the book."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPage(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            page = re.search(r"\[(?:desk-|phone-)?([\w./-]+\.html)", nodeid)
            return page[1] if page else nodeid.split("::")[0]

    config.option.loadscopereorder = False
    return ByPage(config, log)


def pytest_collection_modifyitems(items):
    """Files that take longest begin first, so that nobody waits for one of them in the end."""
    long = {item.path for item in items if item.get_closest_marker("slow") or hasattr(item, "cell")}
    items.sort(key=lambda item: item.path not in long)
