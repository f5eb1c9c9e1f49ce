"""The project of chapter 8: an honest referee, and what it says."""

import re
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from answers import project as answers
from downslope import check
from downslope.check.answering import answer
from downslope.datasets import load_digits, train_test_split
from downslope.exercises import _referee as referee
from downslope.exercises import project
from downslope.layers import ReLU
from downslope.optimizers import Adam
from downslope.page_exercises import Exercise, opening

BENCHMARK = Path(__file__).resolve().parents[1] / "benchmarks" / "small_readers.py"
ROUGHLY = 0.008  # three times the scatter of a mean from contest to contest


def words(text):
    return " ".join(text.split())


@pytest.fixture(scope="module")
def benchmark():
    return runpy.run_path(str(BENCHMARK))


@pytest.fixture
def wholly(whole_contest, monkeypatch):
    monkeypatch.setattr(check.small_reader, "terms", whole_contest)


class Watched(ReLU):
    """Keeps what passes; ReLU does nothing to ink."""

    def __init__(self):
        self.learned, self.read = [], []

    def forward(self, x, training=False):
        (self.learned if training else self.read).append(x.copy())
        return super().forward(x)


def watched(rng, made, **more):
    described = answers.one_convolution_in_float32(rng) | {"n_epochs": 2, **more}
    made.append(Watched())
    layers = answers.convolutional(rng).layers
    return described | {"network": answers.network_of(made[-1], *layers)}


def images_seen(terms, **more):
    """The layers that have watched the runs of a contest, without those that were tried before."""
    made = []
    referee.judged(lambda rng: watched(rng, made, **more), np.random.default_rng(0), terms)
    return made[2:]


def as_set(images):
    return {image.tobytes() for image in np.concatenate(images)}


class TestAWholeContest:
    def test_the_solution_is_right_and_told_beside_the_others(self, wholly, capsys):
        assert check.small_reader(check.small_reader.solution)
        printed = capsys.readouterr().out
        assert printed.startswith("1,910 weights: W1 171, b1 19, W2 1,710, b2 10\nrun 1 of 3, ")
        assert len(re.findall(r"loss in epoch 10: 0\.\d+, 20: 0\.\d+, 30: 0\.\d+\n", printed)) == 3
        assert len(printed.splitlines()) <= 14  # all of it is seen at once on a page
        assert max(map(len, printed.splitlines())) <= 76
        found = re.search(
            r"not learned from: (0\.\d{3}) ± 0\.\d{3}, and 0\.975 is asked for\n", printed
        )
        assert 0.975 <= float(found[1]) < 1
        for name, n_weights, accuracy in (*project.BESIDE, project.BEST):
            assert f"{name}, {n_weights:,} weights: {accuracy:.3f}" in printed
        assert "test digits" not in printed

    def test_two_affine_layers_are_not_enough_and_reach_what_is_said_of_them(
        self, whole_contest, benchmark
    ):
        (name, n_weights, accuracy), _ = project.BESIDE
        reader = benchmark[name.replace(" ", "_")]
        finding = referee.judged(reader, np.random.default_rng(0), whole_contest)
        assert referee._n_weights(finding.runs[0].network) == n_weights
        assert finding.kind == "by heart"
        assert finding.accuracy == pytest.approx(accuracy, abs=ROUGHLY)

    def test_the_best_that_we_know_is_one_that_readers_may_hand_in(self, whole_contest, benchmark):
        _, n_weights, accuracy = project.BEST
        described = benchmark["all_together"](np.random.default_rng(0))
        assert referee._n_weights(described["network"]) == n_weights
        assert referee._described(described, whole_contest)
        assert accuracy > project.MARK

    def test_the_mark_is_out_of_reach_of_chance_alone(self):
        (_, _, plain), (_, _, good) = project.BESIDE
        assert plain + 0.006 < project.MARK < good


class TestWhatDigitsAreFor:
    def test_every_digit_is_read_once_and_never_by_a_network_that_learned_it(self, whole_contest):
        read = []
        for x, x_others, *_ in referee._parts(np.random.default_rng(1), whole_contest):
            assert len(as_set([x])) > 900
            assert not as_set([x]) & as_set([x_others])
            read.append(x_others)
        everything, *_ = referee._digits()
        assert as_set(read) == as_set([everything])
        assert sum(map(len, read)) == len(everything)

    def test_networks_learn_from_nothing_else(self, whole_contest):
        terms = replace(whole_contest, n_learned=100)
        parts = [*referee._parts(_after_seeds(0, terms), terms)]
        for layer, (x, *_) in zip(images_seen(terms), parts, strict=True):
            seen = np.concatenate(layer.learned)
            assert len(seen) == 200
            assert as_set([seen]) == as_set([x[:, np.newaxis]])

    def test_the_test_digits_are_those_of_the_book_and_no_run_sees_them(self, whole_contest):
        digits = load_digits()
        split = train_test_split(digits.images, digits.labels, 0.2, np.random.default_rng(0))
        kept = as_set([split[1][:, np.newaxis]])
        assert len(kept) > 350
        for layer in images_seen(replace(whole_contest, n_learned=50)):
            seen = as_set([*layer.learned, *layer.read])
            assert len(seen) > 500
            assert not seen & kept

    def test_digits_are_moved_anew_in_each_epoch_where_that_is_asked_for(self):
        terms = replace(check.small_reader.terms, n_learned=64)
        (layer,) = images_seen(terms, shift_by=1)
        first, second = (as_set(layer.learned[i : i + 2]) for i in (0, 2))
        assert len(first & second) < 40
        (x, *_) = next(referee._parts(_after_seeds(0, terms), terms))
        assert not first <= as_set([x[:, np.newaxis]])

    def test_only_at_the_very_end_are_the_test_digits_opened(self, monkeypatch, capsys):
        asked = []
        monkeypatch.setattr(
            project, "on_test_digits", lambda found: asked.append(found) or ([1], 9)
        )
        assert check.small_reader(answers.wide_filters)
        assert not check.small_reader(answers.steps_far_too_short, final=True)
        assert asked == []
        assert "The test digits stay closed.\n" in capsys.readouterr().out
        assert check.small_reader(answers.wide_filters, final=True)
        assert len(asked) == 1
        assert "test digits: 1.000 of 9\n" in capsys.readouterr().out

    @pytest.mark.parametrize("final", [1, "no", None])
    def test_they_are_not_opened_by_mistake(self, final, capsys):
        with pytest.raises(ValueError, match="final must be True or False, got"):
            check.small_reader(answers.wide_filters, final=final)
        assert capsys.readouterr().out == ""

    def test_the_networks_that_were_judged_read_the_test_digits(self, capsys):
        assert check.small_reader(answers.wide_filters, final=True)
        found = re.search(r"test digits: (0\.\d{3}) of 359\n(.*)\n", capsys.readouterr().out)
        assert float(found[1]) > 0.88
        assert found[2].startswith("The test digits are open now.")


def _after_seeds(seed, terms):
    rng = np.random.default_rng(seed)
    rng.integers(2**32, size=terms.n_runs)
    return rng


class TestWhatItSays:
    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            ("a_network_alone", "return a dict with network, optimizer, batch_size, n_epochs and"),
            (
                "a_class_for_a_network",
                "network must be a Network, made anew, got the class Network",
            ),
            ("a_class_for_an_optimizer", "must be an optimizer, such as SGD(0.1), got the class"),
            ("epochs_forgotten", "'n_epochs' is missing. The entries are network, optimizer,"),
            ("an_entry_misspelt", "nobody knows 'epochs'"),
            ("a_thousand_epochs", "n_epochs must be at most 100, got 1000"),
            ("a_batch_of_none", "batch_size must be at least 1, got 0"),
            ("moved_out_of_sight", "shift_by must be at most 3 of 8 pixels, got 8"),
            ("nine_classes", "network must give 10 numbers a digit; of two digits it makes (2, 9)"),
            ("for_larger_images", "takes neither images of 1 by 8 by 8 (x must have shape (n, 64)"),
            ("ten_weights_too_many", "It has 2,010 weights: W1 180, b1 20, W2 1,800, b2 10."),
            ("weights_inside_a_residual", "It has 4,810 weights: W1 4,096, b1 64, W2 640, b2 10."),
            ("one_optimizer_for_all_runs", "Two calls gave the very same optimizer."),
            ("one_array_for_all_runs", "Two calls gave the very same weights, in the same memory."),
            ("drawn_from_nowhere", "Two generators of one seed gave two different networks."),
            ("an_optimizer_that_leads_nowhere", "In epoch 1 its loss is nan."),
            ("a_layer_that_fails_on_the_way_back", "a step fails: KeyError: 'slope'"),
            ("means_of_the_digits_for_weights", "Before its first step it reads 0.9"),
            (
                "a_table_of_all_digits_behind_weights_that_are_drawn",
                "Before its first step what it makes of them tells 1.000 of them apart.",
            ),
            (
                "a_table_of_all_digits_that_wakes_in_training",
                "Before its first step what it makes of them tells 1.000 of them apart.",
            ),
            (
                "a_table_of_all_digits_that_wakes_on_the_way_back",
                "With the parameters that it has learned, a new network reads 0.",
            ),
            ("a_layer_that_learns_by_itself", "has learned something that is not in its param"),
            ("weights_that_are_no_parameters", "It has 0 weights."),
            ("drawn_from_a_seed_of_its_own", "of two seeds gave one and the same network."),
            ("a_layer_that_writes_into_the_digits", "a layer writes into what it is given; its"),
            (
                "a_way_back_that_is_not_that_of_the_way_there",
                "Differences do not confirm that of W1, b1.",
            ),
            ("a_layer_that_rounds_and_too_few_epochs", "More epochs, another learning rate, or"),
            ("an_optimizer_with_another_method", "got Updating without a method step."),
        ],
    )
    def test_what_is_wrong_is_said_in_a_sentence(self, answer, said):
        feedback = check.small_reader(getattr(answers, answer))
        assert not feedback
        assert said in words(feedback.text)

    def test_a_run_of_too_many_steps_is_not_begun(self, wholly, capsys):
        def one_by_one(rng):
            return answers.wide_filters(rng) | {"batch_size": 1}

        said = words(check.small_reader(one_by_one).text)
        assert "a run may take 4,000 steps, and this makes 19,160: fewer epochs, or larger" in said
        assert capsys.readouterr().out == ""

    def test_rows_of_pixels_are_handed_to_networks_that_take_no_images(self):
        for layers, shape in (
            ([answers.affine(64, 10, np.random.default_rng(0))], (64,)),
            (answers.convolutional(np.random.default_rng(0)).layers, (1, 8, 8)),
        ):
            images = np.zeros((2, 8, 8))
            assert referee._fitting_shape(answers.network_of(*layers), images) == shape

    def test_what_it_knows_by_heart_is_told_apart_from_what_it_did_not_learn(self, capsys):
        (by_heart,) = [k for k in check.small_reader.wrong_answers if "by heart" in k.hint]
        said = words(check.small_reader(by_heart.function).text)
        found = re.search(
            r"reads (0\.\d{3}) of the digits that it learned from and (0\.\d{3})", said
        )
        learned, others = map(float, found.groups())
        assert others < 0.88 <= learned
        assert "0.880 is asked for" in said
        assert "taken for another most often: " in capsys.readouterr().out

    def test_the_pairs_that_are_mistaken_most_often_come_first(self):
        network = answers.convolutional(np.random.default_rng(0))
        runs = [
            referee.Run(network, (1, 8, 8), 1.0, 0.9, mistakes, began_alike=False)
            for mistakes in (((8, 1), (9, 4)), ((8, 1), (3, 5), (2, 3)))
        ]
        assert referee.most_mistaken(runs) == "8 for 1 (2), 2 for 3 (1), 3 for 5 (1)"

    def test_a_mean_is_told_with_its_standard_error(self):
        assert referee.scatter([0.97, 0.98, 0.99]) == "0.980 ± 0.006"
        assert referee.scatter([0.97]) == "0.970"

    def test_an_optimizer_of_the_readers_own_begins_anew_in_each_run(self, whole_contest):
        made = []

        class Counted(Adam):
            def step(self, parameters, gradients):
                self.n_steps = getattr(self, "n_steps", 0) + 1
                return super().step(parameters, gradients)

        def reader(rng):
            made.append(Counted(0.01))
            return answers.wide_filters(rng) | {"optimizer": made[-1], "n_epochs": 1}

        terms = replace(whole_contest, n_learned=64)
        referee.judged(reader, np.random.default_rng(0), terms)
        assert [getattr(one, "n_steps", 0) for one in made] == [0, 0, 2, 2, 2]

    def test_a_page_waits_for_it_longer_than_for_others(self):
        assert 'data-seconds="300"' in opening(Exercise("small_reader", "", ""))
        assert "data-seconds" not in opening(Exercise("walk", "", ""))

    def test_on_a_page_it_is_told_more_than_an_answer_and_prints_as_it_goes(self):
        said = []
        code = "from downslope import check\ncheck.small_reader({}.solution, final=True)"
        given = answer("", code.format("check.small_reader"), say=said.append)
        assert given["verdict"] == "right"
        assert len(said) > 5
        assert "test digits: 0." in given["printed"]

    def test_a_run_is_told_in_whole_lines(self, monkeypatch):
        """A page that is built breaks the line after each part that was written by itself."""
        written = []
        monkeypatch.setattr("builtins.print", lambda text, **how: written.append((text, how)))
        say = project._line_by_line()
        for part in ("run 1 of 3,", " loss in epoch", " 1: 0.5", "\n", "  reads 0.9\n", "run"):
            say(part)
        assert [text for text, _ in written] == [
            "run 1 of 3, loss in epoch 1: 0.5\n",
            "  reads 0.9\n",
        ]
        assert all(how["end"] == "" for _, how in written)

    def test_other_exercises_are_told_nothing_but_an_answer(self):
        with pytest.raises(TypeError, match="final"):
            check.descent_step(check.descent_step.solution, final=True)
