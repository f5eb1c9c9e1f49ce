"""The benchmarks, each just long enough to see that it still runs."""

import runpy
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from downslope import explorers

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def names(monkeypatch):
    """`names("step")`: what a benchmark defines; nothing is measured yet."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))  # they import one another
    return lambda benchmark: runpy.run_path(str(BENCHMARKS / f"{benchmark}.py"))


@pytest.mark.parametrize("path", sorted(BENCHMARKS.glob("*.py")), ids=lambda path: path.stem)
def test_a_benchmark_finds_all_that_it_imports(names, path):
    assert names(path.stem)


def test_ways_are_timed_in_turns(names):
    called = []
    ways = {name: lambda name=name: called.append(name) for name in "ab"}
    times = names("interleaved")["median_times"](ways, rounds=3, block=1)
    assert times.keys() == {"a", "b"}
    assert all(before != after for before, after in pairwise(called))


def test_the_explorer_is_measured_on_a_page_with_its_script_and_style(names, tmp_path):
    benchmark = names("page")
    chapter = tmp_path / benchmark["CHAPTER"]
    chapter.parent.mkdir()
    chapter.write_text(
        '<downslope-explorer id="other">there</downslope-explorer>'
        '<downslope-explorer id="gradient-field">here</downslope-explorer>'
    )
    page = benchmark["lone_page"](tmp_path)
    assert 'customElements.define("downslope-explorer"' in page
    assert "downslope-explorer .ds-panel" in page
    assert '<downslope-explorer id="gradient-field">here' in page
    assert "there" not in page.split("<body>")[1].split("<script>")[0]


def test_the_explorer_is_measured_beside_the_usual_way(names):
    benchmark = names("explorer")
    assert benchmark["new_figure"](0.9) > 10_000
    assert all(hasattr(explorers, name) for name in benchmark["chapter"].__all__)


def test_a_step_that_is_measured_changes_the_network(names):
    benchmark = names("step")
    rng = np.random.default_rng(0)
    x, labels = benchmark["batch"](rng)
    benchmark["products"](x, rng)()
    benchmark["plain_step"](x, labels, rng)()
    for kind in ("SGD", "Adam"):
        benchmark["our_step"](x, labels, rng, benchmark[kind](0.1))()
    benchmark["away_from_kinks"](2)


def test_a_convolutional_step_and_each_of_its_layers_are_measured(names):
    benchmark = names("convolution")
    rng = np.random.default_rng(0)
    x, labels = benchmark["batch"](rng, 2)
    benchmark["products"](len(x), rng)()
    benchmark["our_step"](x, labels, rng)()
    layers = benchmark["by_layer"](x, labels, rng)
    assert len(layers) == 2 * len(benchmark["network"](rng).layers)
    for way in layers.values():
        way()


def test_a_run_on_mnist_counts_its_steps(names, monkeypatch):
    benchmark = names("mnist_training")
    monkeypatch.setitem(benchmark["timed_run"].__globals__, "N_STEPS", 2)
    rng = np.random.default_rng(0)
    (x, labels), (x_test, labels_test) = (benchmark["batch"](rng, n) for n in (200, 20))
    _, history = benchmark["timed_run"]((x, x_test, labels, labels_test), 0)
    assert len(history.losses) == 2
