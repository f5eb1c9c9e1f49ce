"""Random search: what is drawn, what is kept, and what is said about the border of a range."""

import math
import pickle
import signal
import threading
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope.datasets import load_digits, train_test_split
from downslope.networks import TwoLayerNet
from downslope.search import Range, Search, Trial, log_uniform, random_search, uniform
from downslope.training import train

RANGES = {"learning_rate": log_uniform(1e-4, 1), "rate": uniform(0, 0.5)}


def nearer(learning_rate, rate):
    """Best at a learning rate of 0.1 and a rate of 0.25."""
    return 1 - abs(math.log10(learning_rate) + 1) - abs(rate - 0.25)


def search(trial=nearer, ranges=RANGES, n_trials=20, seed=0, progress=False):
    return random_search(trial, ranges, n_trials, np.random.default_rng(seed), progress=progress)


def found(*scores, at=0.1, **about):
    """A search with these scores, all of them with one learning rate."""
    trials = tuple(Trial({"learning_rate": at}, score) for score in scores)
    about = {"ranges": {"learning_rate": RANGES["learning_rate"]}, "interrupted": False, **about}
    return Search(trials=trials, **about)


def test_the_settings_are_those_that_a_reader_would_draw_by_hand():
    rng = np.random.default_rng(0)
    for trial in search().trials:
        by_hand = {"learning_rate": 10 ** rng.uniform(-4, 0), "rate": rng.uniform(0, 0.5)}
        assert trial.settings == pytest.approx(by_hand, rel=1e-15)
        assert trial.score == nearer(**by_hand)


def test_the_same_generator_gives_the_same_trials_whatever_a_trial_draws():
    rng = np.random.default_rng(0)

    def draws(**settings):
        rng.random(7)
        return nearer(**settings)

    expected = search().trials
    assert random_search(draws, RANGES, 20, rng, progress=False).trials == expected
    assert search(seed=1).trials != expected
    assert search(n_trials=5).trials == expected[:5]


@given(low=st.floats(1e-12, 1e12), factor=st.floats(1.001, 1e12), seed=st.integers(0, 2**32 - 1))
def test_a_value_is_never_outside_of_its_range(low, factor, seed):
    rng, high = np.random.default_rng(seed), low * factor
    for made in (log_uniform(low, high), uniform(low, high), uniform(-high, low)):
        value = made.draw(rng)
        assert made.low <= value <= made.high
        assert type(value) is float


class AtAnEnd:
    """A generator that draws the lowest number that it may, or one next to the highest."""

    def __init__(self, end):
        self.end = end

    def uniform(self, *borders):
        return borders[self.end]


@given(low=st.floats(1e-12, 1e12), factor=st.floats(1.001, 1e12))
def test_powers_of_ten_are_rounded_into_the_range(low, factor):
    made = log_uniform(low, low * factor)
    assert made.low <= made.draw(AtAnEnd(0)) < made.draw(AtAnEnd(1)) <= made.high


def test_a_logarithmic_range_gives_every_power_of_ten_its_share():
    rng = np.random.default_rng(0)
    draws = np.array([log_uniform(1e-4, 1).draw(rng) for _ in range(4000)])
    counts, _ = np.histogram(np.log10(draws), bins=[-4, -3, -2, -1, 0])
    np.testing.assert_allclose(counts / 4000, 0.25, atol=0.03)
    even = [uniform(0, 1).draw(rng) for _ in range(4000)]
    assert np.mean(even) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("made", RANGES.values())
def test_the_border_is_the_outer_tenth_at_either_end(made):
    rng = np.random.default_rng(0)
    at = [made.border(made.draw(rng)) for _ in range(4000)]
    assert at.count("lower") / 4000 == pytest.approx(0.1, abs=0.02)
    assert at.count("upper") / 4000 == pytest.approx(0.1, abs=0.02)
    assert set(at) == {"lower", "upper", ""}
    assert (made.border(made.low or 1e-9), made.border(made.high)) == ("lower", "upper")


def test_a_search_keeps_its_ranges_whatever_becomes_of_the_dict():
    ranges = dict(RANGES)
    result = search(ranges=ranges)
    ranges["rate"] = uniform(7, 8)
    assert result.ranges == RANGES


def test_the_best_is_the_highest_score_and_the_first_of_several():
    trials = found(0.5, math.nan, 0.75, 0.75, 0.25, math.inf, -math.inf)
    assert trials.best is trials.trials[2]
    assert [trial.score for trial in trials.ranked[:4]] == [0.75, 0.75, 0.5, 0.25]
    assert all(trial.failed for trial in trials.ranked[4:])
    assert trials.n_failed == 3


def test_trials_that_fail_are_kept_in_their_place_and_counted():
    def fails_above(learning_rate, rate):
        return math.nan if learning_rate > 0.01 else nearer(learning_rate, rate)

    result = search(fails_above)
    assert len(result.trials) == 20
    above = [trial.settings["learning_rate"] > 0.01 for trial in result.trials]
    assert [trial.failed for trial in result.trials] == above
    assert 0 < result.n_failed == sum(above) < 20
    assert result.best.settings["learning_rate"] <= 0.01


def test_where_all_trials_fail_there_is_no_best_and_no_border():
    for empty in (found(math.nan, math.inf), found(interrupted=True)):
        assert empty.on_border == {}
        assert "border" not in str(empty)
        with pytest.raises(ValueError, match=r"there is no best trial: \d trials, \d failed"):
            _ = empty.best


def test_a_best_at_the_border_of_its_range_is_named_with_what_to_do():
    ranges = {"learning_rate": log_uniform(1e-6, 1e-2), "rate": uniform(0.5, 8)}
    result = search(ranges=ranges, n_trials=300)
    assert result.on_border == {"learning_rate": "upper", "rate": "lower"}
    best = result.best.settings["learning_rate"]
    assert 0.004 < best < 0.01
    assert str(result).splitlines()[-2:] == [
        f"The best learning_rate, {best:.3g}, is at the upper border of its range, 1e-06 to 0.01: "
        "what is better still may lie beyond. Search larger values too.",
        f"The best rate, {result.best.settings['rate']:.3g}, is at the lower border of its range, "
        "0.5 to 8: what is better still may lie beyond. Search smaller values too.",
    ]


def test_a_best_at_the_border_is_not_named_if_another_as_good_is_elsewhere():
    ranges = {"learning_rate": log_uniform(1e-4, 1)}
    at_border, too, inside = (Trial({"learning_rate": rate}, 0.5) for rate in (0.9, 0.8, 0.1))
    worse = Trial({"learning_rate": 0.1}, 0.4)
    assert Search(ranges, (at_border, worse, too), False).on_border == {"learning_rate": "upper"}
    assert Search(ranges, (at_border, inside), False).on_border == {}
    at_the_other = Trial({"learning_rate": 1e-4}, 0.5)
    assert Search(ranges, (at_border, at_the_other), False).on_border == {}


def test_a_best_in_the_middle_of_its_ranges_is_not_said_to_be_at_a_border():
    result = search(n_trials=100)
    assert result.on_border == {}
    assert str(result).splitlines()[-1] == ("100 trials, 0 failed, of which the best 10 are shown.")


def test_the_table_has_the_best_trials_first_in_columns():
    result = found(0.25, math.nan, 0.9604, at=0.01236)
    assert str(result) == repr(result)
    assert str(result) == (
        " score  learning_rate\n"
        "0.9604         0.0124\n"
        "  0.25         0.0124\n"
        "failed         0.0124\n"
        "3 trials, 1 failed."
    )
    assert str(found(0.5)).endswith("\n1 trial, 0 failed.")
    assert str(result.best) == "0.9604 with learning_rate=0.01236"


def stops(at, how):
    """A trial that is interrupted from the keyboard when it is called for the `at`-th time."""
    calls = []

    def trial(learning_rate, rate):
        calls.append(learning_rate)
        if len(calls) == at:
            how()
        return nearer(learning_rate, rate)

    return trial, calls


def interrupt():
    signal.raise_signal(signal.SIGINT)


def interrupt_and_catch():
    """As `train` does, which then returns what it has."""
    with suppress(KeyboardInterrupt):
        interrupt()


def give_up():
    raise KeyboardInterrupt


@pytest.mark.parametrize("how", [interrupt, interrupt_and_catch, give_up])
@pytest.mark.parametrize("at", [1, 4, 10])
def test_an_interrupt_ends_the_search_and_keeps_the_trials_before_it(at, how):
    before = signal.getsignal(signal.SIGINT)
    trial, calls = stops(at, how)
    result = search(trial)
    assert len(calls) == at
    assert result.trials == search().trials[: at - 1]
    assert result.interrupted
    assert f"{at - 1} trials, 0 failed. The search was interrupted." in str(result)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_training_run_that_is_interrupted_ends_the_search_it_is_a_trial_of():
    digits = load_digits()
    data = train_test_split(digits.pixels[:200], digits.labels[:200], 0.5, np.random.default_rng(0))
    losses = []

    class Interrupts(TwoLayerNet(64, 5, 10, rng=np.random.default_rng(0)).__class__):
        def loss_and_gradients(self, *about, **how):
            if len(losses) == 3:
                interrupt()
            losses.append(1)
            return super().loss_and_gradients(*about, **how)

    def trial(learning_rate, rate):
        network = TwoLayerNet(64, 5, 10, rng=np.random.default_rng(0))
        network.__class__ = Interrupts
        history = train(
            network, data, learning_rate, 50, 1, np.random.default_rng(0), progress=False
        )
        return history.test_accuracies[-1]

    result = search(trial)
    assert result.interrupted
    assert len(losses) == 3
    assert len(result.trials) == 1


def test_a_search_in_another_thread_works_as_well():
    results = []
    worker = threading.Thread(target=lambda: results.append(search()))
    worker.start()
    worker.join()
    assert results[0].trials == search().trials


def test_where_interrupts_are_ignored_a_search_ignores_them_too():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        trial, _ = stops(3, interrupt)
        assert search(trial).trials == search().trials
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_handler_of_interrupts_is_the_old_one_after_an_error_too():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError):
        search(lambda learning_rate, rate: 1 / 0)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_in_a_trial_passes_on_with_a_note_of_its_settings():
    with pytest.raises(KeyError) as caught:
        search(lambda learning_rate, rate: {}["score"])
    settings = search().trials[0].settings
    assert caught.value.__notes__ == [
        f"in a trial with learning_rate={settings['learning_rate']:.4g}, "
        f"rate={settings['rate']:.4g}"
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, r"what trial returns with learning_rate=0.03\d+, rate=0.\d+ must hold real numbers"),
        ("0.9", "what trial returns with learning_rate=.* must hold real numbers, got '0.9'"),
        ([0.9], r"trial must return one number, got an array of shape \(1,\) with learning_rate="),
    ],
)
def test_a_trial_that_returns_no_number_is_refused_with_its_settings(value, message):
    with pytest.raises(ValueError, match=message):
        search(lambda learning_rate, rate: value)


def test_a_score_may_be_any_real_number():
    result = search(lambda learning_rate, rate: np.float32(0.5))
    assert type(result.best.score) is float
    assert search(lambda **settings: 3).best.score == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trial": 3}, "trial must be a function"),
        ({"trial": lambda x: x}, r"trial must take learning_rate, rate, got trial\(x\): missing"),
        ({"trial": lambda rate: rate}, "trial must take learning_rate, rate, .*'learning_rate'"),
        ({"ranges": {}}, "ranges must be a dict of ranges by name, not empty, got {}"),
        ({"ranges": [RANGES]}, "ranges must be a dict"),
        (
            {"ranges": {"rate": (0, 1)}},
            r'ranges\["rate"\] must be a range, such as .* got \(0, 1\)',
        ),
        ({"ranges": {1: uniform(0, 1)}}, "ranges must have names of settings, got 1"),
        ({"n_trials": 0}, "n_trials must be at least 1, got 0"),
        ({"n_trials": 2.5}, "n_trials must be a whole number"),
    ],
)
def test_bad_arguments_are_refused_before_the_first_trial(change, message):
    with pytest.raises(ValueError, match=message):
        search(**change)


def test_a_seed_is_no_generator():
    with pytest.raises(ValueError, match="rng must be a numpy.random.Generator"):
        random_search(nearer, RANGES, 3, 0)


@pytest.mark.parametrize(
    ("make", "low", "high", "message"),
    [
        (log_uniform, 0, 1, "low must be greater than 0, got 0"),
        (log_uniform, 1e-2, 1e-4, "low must be less than high, got 0.01 and 0.0001"),
        (log_uniform, 1, np.inf, "high must be finite"),
        (uniform, 1, 1, "low must be less than high, got 1 and 1"),
        (uniform, "a", 1, "low must hold real numbers"),
        (uniform, 0, None, "high must hold real numbers"),
    ],
)
def test_borders_that_make_no_range_are_refused(make, low, high, message):
    with pytest.raises(ValueError, match=message):
        make(low, high)


def test_a_progress_bar_counts_the_trials_and_shows_the_best(capsys):
    result = search(progress=True)
    shown = capsys.readouterr().err
    assert "20/20" in shown
    assert f"best={result.best.score:.3g}" in shown
    search(lambda **settings: math.nan, n_trials=2, progress=True)
    assert "best=none" in capsys.readouterr().err
    search()
    assert capsys.readouterr().err == ""


def test_a_search_can_be_kept_in_a_file():
    result = search()
    again = pickle.loads(pickle.dumps(result))
    assert (again.trials, again.ranges, str(again)) == (result.trials, RANGES, str(result))
    assert isinstance(again.ranges["rate"], Range)
