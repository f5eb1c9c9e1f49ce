import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from downslope.differentiation import check_gradient
from downslope.losses import (
    accuracy,
    as_labels,
    as_targets,
    cross_entropy,
    mean_squared_error,
    mean_squared_error_gradient,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
    sum_squared_error,
    sum_squared_error_gradient,
)
from downslope.polynomial import root_mean_squared_error

shapes = st.tuples(st.integers(1, 5), st.integers(1, 6)) | st.tuples(st.integers(1, 6))
logits_of_any_shape = shapes.flatmap(
    lambda shape: hnp.arrays(float, shape, elements=st.floats(-30, 30))
)


def labels_beside(scores, rng):
    return rng.integers(scores.shape[-1], size=scores.shape[:-1])


def one_hot_rows(labels, n_classes):
    return (np.asarray(labels)[..., np.newaxis] == np.arange(n_classes)).astype(float)


def distributions_beside(scores, rng):
    return rng.dirichlet(np.ones(scores.shape[-1]), size=scores.shape[:-1])


# --- softmax ---


@given(logits_of_any_shape)
def test_softmax_gives_distributions(logits):
    probabilities = softmax(logits)
    assert probabilities.shape == logits.shape
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, rtol=1e-12)


@given(logits_of_any_shape, st.floats(-1e3, 1e3))
def test_softmax_is_shift_invariant(logits, shift):
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), atol=1e-10)


def test_softmax_of_equal_logits_is_uniform():
    np.testing.assert_allclose(softmax(np.full((2, 4), 7.0)), 0.25)


def test_softmax_of_a_batch_treats_each_row_alone():
    logits = np.array([[0.0, np.log(3)], [1e3, 0.0]])
    np.testing.assert_allclose(softmax(logits), [[0.25, 0.75], [1, 0]])
    np.testing.assert_allclose(softmax(logits), [softmax(row) for row in logits])


def test_softmax_survives_the_largest_logits():
    np.testing.assert_array_equal(softmax([1e308, -1e308]), [1, 0])
    np.testing.assert_array_equal(softmax([-1e308, -1e308]), [0.5, 0.5])


# --- cross-entropy ---


@pytest.mark.parametrize("n_classes", [2, 10, 1000])
def test_a_uniform_guess_costs_log_k(n_classes):
    labels = np.array([0, n_classes - 1])
    uniform = np.full((2, n_classes), 1 / n_classes)
    assert cross_entropy(uniform, labels) == pytest.approx(np.log(n_classes))
    assert softmax_cross_entropy(np.zeros((2, n_classes)), labels) == pytest.approx(
        np.log(n_classes)
    )


def test_cross_entropy_by_hand():
    y = [[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]
    assert cross_entropy(y, [1, 2]) == pytest.approx((np.log(4) - np.log(0.8)) / 2)


@given(logits_of_any_shape, st.integers(0, 99))
def test_labels_and_one_hot_targets_give_the_same_numbers(logits, seed):
    labels = labels_beside(logits, np.random.default_rng(seed))
    one_hot = one_hot_rows(labels, logits.shape[-1])
    probabilities = softmax(logits)
    assert cross_entropy(probabilities, labels) == cross_entropy(probabilities, one_hot)
    assert softmax_cross_entropy(logits, labels) == softmax_cross_entropy(logits, one_hot)
    assert accuracy(logits, labels) == accuracy(logits, one_hot)
    np.testing.assert_array_equal(
        softmax_cross_entropy_gradient(logits, labels),
        softmax_cross_entropy_gradient(logits, one_hot),
    )


@given(logits_of_any_shape, st.integers(0, 99))
def test_cross_entropy_from_logits_is_that_of_the_softmax(logits, seed):
    targets = distributions_beside(logits, np.random.default_rng(seed))
    assert softmax_cross_entropy(logits, targets) == pytest.approx(
        cross_entropy(softmax(logits), targets), abs=1e-9
    )


@given(logits_of_any_shape, st.integers(0, 99))
def test_cross_entropy_is_never_negative_nor_below_the_entropy_of_the_targets(logits, seed):
    targets = distributions_beside(logits, np.random.default_rng(seed))
    assert softmax_cross_entropy(logits, targets) >= cross_entropy(targets, targets) - 1e-12
    assert softmax_cross_entropy(logits, labels_beside(logits, np.random.default_rng(seed))) >= 0


def test_a_batch_costs_the_mean_of_its_samples():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(6, 3)), rng.integers(3, size=6)
    each = [softmax_cross_entropy(row, label) for row, label in zip(logits, labels, strict=True)]
    assert softmax_cross_entropy(logits, labels) == pytest.approx(np.mean(each))
    each = [cross_entropy(softmax(z), label) for z, label in zip(logits, labels, strict=True)]
    assert cross_entropy(softmax(logits), labels) == pytest.approx(np.mean(each))


@pytest.mark.parametrize("target", [1, [0, 1, 0], [0.0, 1.0, 0.0], [False, True, False]])
def test_a_perfect_prediction_costs_exactly_zero(target):
    for loss in (cross_entropy([0, 1, 0], target), softmax_cross_entropy([0, 1000, 0], target)):
        assert loss == 0
        assert not np.signbit(loss)


def test_probability_zero_for_what_happened_costs_infinity_without_a_warning():
    assert cross_entropy([0.0, 1.0], 0) == np.inf
    assert cross_entropy([[0.0, 1.0], [0.5, 0.5]], [[0.5, 0.5], [1, 0]]) == np.inf


def test_a_confident_wrong_answer_costs_the_gap_between_the_logits():
    assert softmax_cross_entropy([1000.0, 0.0], 1) == 1000
    assert softmax_cross_entropy([1e308, -1e308], 1) == np.inf


def test_a_confident_right_answer_keeps_its_tiny_cost():
    assert softmax_cross_entropy([40.0, 0.0], 0) == pytest.approx(np.exp(-40.0), rel=1e-12)


def test_shape_and_never_size_tells_labels_from_distributions():
    scores = np.log([[0.9, 0.1], [0.2, 0.8]])
    labels = np.array([1, 0])  # as many labels as classes, and they sum to 1
    by_hand = -(np.log(0.1) + np.log(0.2)) / 2
    assert softmax_cross_entropy(scores, labels) == pytest.approx(by_hand)
    assert softmax_cross_entropy(scores[0], labels) == pytest.approx(-np.log(0.9))
    assert softmax_cross_entropy(scores[:1], [1]) == pytest.approx(-np.log(0.1))


def test_a_single_sample_is_a_batch_of_one():
    z = np.array([0.3, -1.2, 2.0])
    for one, batch in [(2, [2]), ([0.2, 0.3, 0.5], [[0.2, 0.3, 0.5]])]:
        assert softmax_cross_entropy(z, one) == softmax_cross_entropy(z[np.newaxis], batch)
        np.testing.assert_array_equal(
            softmax_cross_entropy_gradient(z, one),
            softmax_cross_entropy_gradient(z[np.newaxis], batch)[0],
        )


# --- gradients ---


@given(logits_of_any_shape.map(lambda z: z / 10), st.integers(0, 99), st.booleans())
def test_the_gradient_of_softmax_cross_entropy_meets_the_numerical_one(logits, seed, as_labels):
    make = labels_beside if as_labels else distributions_beside
    targets = make(logits, np.random.default_rng(seed))
    gradient = softmax_cross_entropy_gradient(logits, targets)
    assume(np.abs(gradient).max() > 1e-4)
    report = check_gradient(lambda z: softmax_cross_entropy(z, targets), gradient, logits)
    assert report, str(report)


def test_the_gradient_is_softmax_minus_target_over_n():
    logits = np.random.default_rng(0).normal(size=(4, 3))
    labels = [0, 2, 1, 1]
    np.testing.assert_allclose(
        softmax_cross_entropy_gradient(logits, labels),
        (softmax(logits) - one_hot_rows(labels, 3)) / 4,
    )


@pytest.mark.parametrize("shape", [(), (3,), (4, 3)])
def test_the_gradients_of_the_squared_errors_meet_the_numerical_ones(shape):
    rng = np.random.default_rng(1)
    y, t = rng.normal(size=shape), rng.normal(size=shape)
    for loss, gradient in [
        (sum_squared_error, sum_squared_error_gradient),
        (mean_squared_error, mean_squared_error_gradient),
    ]:
        report = check_gradient(lambda y, loss=loss: loss(y, t), gradient(y, t), y)
        assert report, str(report)


# --- squared errors ---


def test_the_sum_of_squared_errors_by_hand():
    y = [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]
    t = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    by_hand = (0.1**2 + 0.05**2 + 0.4**2 + 0.05**2 + 0.1**2 + 0.1**2) / 2
    assert sum_squared_error(y, t) == pytest.approx(by_hand)


def test_the_sum_of_squared_errors_of_a_batch_is_the_mean_over_its_samples():
    y, t = np.array([[1.0, 2.0], [3.0, 5.0]]), np.zeros((2, 2))
    assert sum_squared_error(y, t) == ((1 + 4) / 2 + (9 + 25) / 2) / 2
    np.testing.assert_array_equal(sum_squared_error_gradient(y, t), y / 2)


def test_the_mean_squared_error_is_over_every_element():
    assert mean_squared_error(np.full((2, 3, 4), 2.0), np.zeros((2, 3, 4))) == 4
    assert mean_squared_error(3.0, 1.0) == 4


def test_two_samples_of_one_output_are_not_one_sample_of_two():
    assert sum_squared_error([[1.0], [1.0]], [[0.0], [0.0]]) == 0.5
    assert sum_squared_error([1.0, 1.0], [0.0, 0.0]) == 1.0


# --- accuracy ---


def test_accuracy_counts_the_hits():
    scores = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]
    assert accuracy(scores, [0, 1, 1]) == pytest.approx(2 / 3)
    assert accuracy(scores, [[1, 0], [0, 1], [0, 1]]) == pytest.approx(2 / 3)
    assert accuracy(scores[0], 0) == 1.0
    assert accuracy(scores[0], [0, 1]) == 0.0


def test_the_first_of_equal_scores_counts():
    assert accuracy([[0.0, 0.0]], [0]) == 1
    assert accuracy([[0.0, 0.0]], [1]) == 0


# --- what is common ---


@pytest.mark.parametrize("targets", [np.array([0, 1]), np.eye(2), np.eye(2, dtype=np.float32)])
def test_float32_stays_float32(targets):
    scores = np.array([[0.25, 0.75], [0.5, 0.5]], dtype=np.float32)
    assert softmax(scores).dtype == np.float32
    assert cross_entropy(scores, targets).dtype == np.float32
    assert softmax_cross_entropy(scores, targets).dtype == np.float32
    assert softmax_cross_entropy_gradient(scores, targets).dtype == np.float32


def test_the_squared_errors_of_float32_are_float32():
    y, t = np.ones((2, 2), dtype=np.float32), np.zeros((2, 2))
    for function in (
        sum_squared_error,
        sum_squared_error_gradient,
        mean_squared_error,
        mean_squared_error_gradient,
    ):
        assert function(y, t).dtype == np.float32


def test_float32_softmax_of_many_classes_is_accepted_as_probabilities():
    logits = np.random.default_rng(0).normal(size=(8, 5000)).astype(np.float32)
    labels = np.arange(8)
    assert cross_entropy(softmax(logits), labels) == pytest.approx(
        softmax_cross_entropy(logits, labels), rel=1e-5
    )


def test_integers_become_float64():
    assert softmax([0, 1]).dtype == np.float64
    assert sum_squared_error([1, 2], [0, 0]) == 2.5


def test_no_argument_is_written_to():
    scores, rows, labels = np.array([[0.25, 0.75], [0.5, 0.5]]), np.eye(2), np.array([0, 1])
    for targets in (rows, labels):
        for function in (cross_entropy, softmax_cross_entropy, softmax_cross_entropy_gradient):
            function(scores, targets)
        accuracy(scores, targets)
    sum_squared_error_gradient(scores, rows)
    mean_squared_error_gradient(scores, rows)
    softmax(scores)
    np.testing.assert_array_equal(scores, [[0.25, 0.75], [0.5, 0.5]])
    np.testing.assert_array_equal(rows, np.eye(2))
    np.testing.assert_array_equal(labels, [0, 1])


TWO_BY_THREE = np.full((2, 3), 1 / 3)
WITH_TARGETS = [cross_entropy, softmax_cross_entropy, softmax_cross_entropy_gradient, accuracy]


@pytest.mark.parametrize("function", WITH_TARGETS)
@pytest.mark.parametrize(
    ("scores", "targets", "message"),
    [
        (TWO_BY_THREE, [0, 1, 2], r"targets, as labels, must have shape \(2,\), got \(3,\)"),
        (TWO_BY_THREE, [0, 3], "targets, as labels, must be from 0 to 2, got 3"),
        (TWO_BY_THREE, [0, -1], "targets, as labels, must be from 0 to 2, got -1"),
        (TWO_BY_THREE, [0.0, 1.0], "targets, as labels, must be integers from 0 to 2, got float64"),
        (TWO_BY_THREE, [True, False], "must be integers from 0 to 2, got bool"),
        (TWO_BY_THREE, ["a", "b"], "must be integers"),
        (
            TWO_BY_THREE,
            1,
            r"targets must be labels, shape \(2,\), or distributions, shape \(2, 3\)",
        ),
        (TWO_BY_THREE, np.zeros((2, 3, 1)), r"got \(2, 3, 1\)"),
        (TWO_BY_THREE, np.eye(2), r"targets must have shape \(2, 3\), got \(2, 2\)"),
        (TWO_BY_THREE, [[0], [1]], r"targets must have shape \(2, 3\), got \(2, 1\)"),
        (TWO_BY_THREE, np.zeros((2, 3)), "targets must sum to 1 .* got a sum of 0"),
        (TWO_BY_THREE, [[2, 0, 1], [0, 1, 0]], "targets must sum to 1 .* got a sum of 3"),
        (TWO_BY_THREE, [[2, -1, 0], [0, 1, 0]], "targets must not be negative, got -1"),
        (TWO_BY_THREE, [[np.nan, 1, 0], [0, 1, 0]], "targets must be finite, got nan"),
        (TWO_BY_THREE, [[1, 0, 0], [0, 1]], "targets must be an array of numbers"),
        (TWO_BY_THREE[0], [2, 0, 1], "targets must sum to 1"),
        (TWO_BY_THREE[0], 3, "must be from 0 to 2, got 3"),
        (TWO_BY_THREE[0], 1.0, "must be integers"),
        (np.full((2, 3), np.nan), [0, 1], "must be finite, got nan"),
        ([[0.0, np.inf]], [0], r"must be finite, got inf at index \(0, 1\)"),
        (1.0, 0, r"must have shape \(n, k\) or \(k,\), not empty, got \(\)"),
        (np.zeros((0, 3)), np.zeros(0, dtype=int), "not empty"),
        (np.zeros((2, 0)), [0, 0], "not empty"),
        (np.full((1, 2, 2), 0.5), [[0, 0]], r"must have shape \(n, k\) or \(k,\)"),
        (None, [0], "must hold real numbers"),
    ],
)
def test_bad_scores_and_targets_are_refused(function, scores, targets, message):
    with pytest.raises(ValueError, match=message):
        function(scores, targets)


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        ([[0.5, 0.6]], "probabilities must sum to 1 over the classes, got a sum of 1.1"),
        ([[0.5, 0.5], [0.2, 0.2]], "probabilities must sum to 1 .* got a sum of 0.4"),
        ([[0.5, 0.499]], "probabilities must sum to 1 .* got a sum of 0.999"),
        ([[1.5, -0.5]], "probabilities must not be negative, got -0.5"),
        ([[np.nan, 0.5]], "probabilities must be finite"),
    ],
)
def test_cross_entropy_refuses_what_is_no_distribution(probabilities, message):
    with pytest.raises(ValueError, match=message):
        cross_entropy(probabilities, [0] * len(probabilities))


def test_a_nudged_probability_still_counts_as_a_distribution():
    gradient = np.array([-1 / 0.25, 0.0])
    assert check_gradient(lambda y: cross_entropy(y, 0), gradient, [0.25, 0.75])


@pytest.mark.parametrize(
    "function",
    [
        sum_squared_error,
        sum_squared_error_gradient,
        mean_squared_error,
        mean_squared_error_gradient,
    ],
)
@pytest.mark.parametrize(
    ("y", "t", "message"),
    [
        ([1.0, 2.0], [1.0], r"t must have shape \(2,\), got \(1,\)"),
        ([[1.0, 2.0]], [0], r"t must have shape \(1, 2\), got \(1,\)"),
        ([1.0, 2.0], 1.0, r"t must have shape \(2,\), got \(\)"),
        ([1.0, np.nan], [1.0, 2.0], "y must be finite"),
        ([1.0, 2.0], [1.0, np.inf], "t must be finite"),
        ([], [], "y must not be empty"),
        ("one", 1.0, "y must hold real numbers"),
    ],
)
def test_the_squared_errors_refuse_bad_input(function, y, t, message):
    with pytest.raises(ValueError, match=message):
        function(y, t)


def test_the_sum_of_squared_errors_refuses_three_axes():
    with pytest.raises(ValueError, match=r"y must have shape .* got \(1, 1, 1\)"):
        sum_squared_error(np.zeros((1, 1, 1)), np.zeros((1, 1, 1)))


@pytest.mark.parametrize("logits", [1.0, [], [np.nan, 1.0], [np.inf, 1.0], np.zeros((1, 1, 1))])
def test_softmax_refuses_bad_logits(logits):
    with pytest.raises(ValueError, match="logits must"):
        softmax(logits)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_targets_are_read_as_rows_of_the_dtype_that_is_asked_for(dtype):
    rows = np.array([[0, 1, 0], [1, 0, 0]], dtype)
    for targets in ([1, 0], np.array([1, 0], np.uint8), rows, rows.astype(int), rows.tolist()):
        read = as_targets(targets, (2, 3), dtype)
        np.testing.assert_array_equal(read, rows)
        assert read.dtype == dtype


def test_the_squared_error_of_chapter_1_is_the_one_of_this_module():
    y, t = np.random.default_rng(0).normal(size=(2, 20))
    assert root_mean_squared_error(y, t) == float(np.sqrt(mean_squared_error(y, t)))


@pytest.mark.parametrize("shape", [3, (), (2, 3, 4), [2, 3], None])
def test_targets_beside_no_scores_are_refused(shape):
    for read in (as_targets, as_labels):
        with pytest.raises(ValueError, match=r"shape must be \(n, k\) or \(k,\), got"):
            read([0, 1], shape)
