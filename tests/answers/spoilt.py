"""Right answers that are spoilt at the end: rounded off, limited, with the sign lost."""

import numpy as np

from answers import wrong
from downslope import check

SHARES = [check.accuracy, check.softmax, check.softmax_cross_entropy_backward, check.best_step]
NEVER_NEGATIVE = [
    check.accuracy,
    check.best_step,
    check.cross_entropy,
    check.largest_stable_learning_rate,
    check.output_places,
    check.softmax,
    check.softmax_cross_entropy,
    check.steps_per_epoch,
    check.sum_squared_error,
]
NUMBERS = [
    *NEVER_NEGATIVE,
    check.adagrad_step,
    check.adam_step,
    check.affine_backward,
    check.arrows_downhill,
    check.ascent,
    check.batch_normalization,
    check.batch_normalization_backward,
    check.better_weight,
    check.central_difference,
    check.cross_correlation,
    check.cross_correlation_backward,
    check.decayed_step,
    check.descent_step,
    check.feature_maps,
    check.forward_difference,
    check.gradient_at_points,
    check.im2col,
    check.matrix_step,
    check.max_pooling,
    check.max_pooling_backward,
    check.momentum_step,
    check.multiply_backward,
    check.nesterov_step,
    check.numerical_gradient,
    check.one_affine_layer,
    check.perceptron_update,
    check.relu_backward,
    check.residual_backward,
    check.running_statistics,
    check.shifted_image,
    check.sigmoid_backward,
    check.softmax_cross_entropy_backward,
    check.square_of_sum_backward,
    check.walk,
]


def rounded_to_three_digits(result):
    return np.round(result, 3)


def rounded_to_six_digits(result):
    return np.round(result, 6)


def limited_to_ten_thousand(result):
    return np.clip(result, -10_000, 10_000)


def never_below_minus_ten(result):
    return np.maximum(result, -10)


def without_its_sign(result):
    return np.abs(result)


def spoilt(exercise, spoil):
    def answer(*arguments):
        result = exercise.solution(*arguments)
        return tuple(map(spoil, result)) if isinstance(result, tuple) else spoil(result)

    answer.__name__ = spoil.__name__
    return answer


for exercise in NUMBERS:
    spoils = {rounded_to_three_digits, rounded_to_six_digits, limited_to_ten_thousand}
    spoils |= {never_below_minus_ten, without_its_sign}
    if exercise in SHARES:
        spoils -= {limited_to_ten_thousand, never_below_minus_ten}
    if exercise in NEVER_NEGATIVE:
        spoils -= {never_below_minus_ten, without_its_sign}
    if exercise in (check.output_places, check.steps_per_epoch):
        spoils -= {rounded_to_three_digits, rounded_to_six_digits}
    for spoil in sorted(spoils, key=lambda spoil: spoil.__name__):
        wrong(exercise)(spoilt(exercise, spoil))
