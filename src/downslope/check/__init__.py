"""Exercises that answer back.

Write the function that an exercise asks for, and hand it over:

>>> from downslope import check
>>> check.descent_step(lambda x, gradient, learning_rate: x + learning_rate * gradient(x))
Not yet. This is x + learning_rate * gradient(x), a step up the
slope. You were asked for a step down.
A belief that leads here: that the gradient points downhill. It
points up, so descent subtracts it.

`check.descent_step` by itself says what is asked for; the answer is true when it is right.
"""

from downslope.check.exercise import (
    EachByItself,
    Exactly,
    Exercise,
    Feedback,
    WrongAnswer,
    exercise,
    heard,
    in_words,
)
from downslope.exercises.backpropagation import (
    affine_backward,
    forward_and_backward,
    gradients_agree,
    multiply_backward,
    one_affine_layer,
    relu_backward,
    sigmoid_backward,
    softmax_cross_entropy_backward,
    square_of_sum_backward,
)
from downslope.exercises.convolution import (
    cross_correlation,
    cross_correlation_backward,
    feature_maps,
    im2col,
    max_pooling,
    max_pooling_backward,
    output_places,
)
from downslope.exercises.differentiation import (
    best_step,
    central_difference,
    forward_difference,
    gradient_at_points,
    numerical_gradient,
)
from downslope.exercises.engine import Value, backward, read_graph, topological_order
from downslope.exercises.going_deep import (
    ensemble_prediction,
    mixed_precision_step,
    receptive_field,
    residual_backward,
    shifted_image,
    top_k_error,
)
from downslope.exercises.gradient_descent import (
    arrows_downhill,
    ascent,
    descent_step,
    epoch_of_batches,
    kind_of_critical_point,
    largest_stable_learning_rate,
    matrix_step,
    steps_per_epoch,
    walk,
)
from downslope.exercises.learning import (
    accuracy,
    better_weight,
    choose_degree,
    one_hot,
    perceptron_update,
    train_test_indices,
)
from downslope.exercises.losses import (
    cross_entropy,
    minibatch_mean,
    softmax,
    softmax_cross_entropy,
    sum_squared_error,
)
from downslope.exercises.optimizers import (
    adagrad_step,
    adam_step,
    he_weights,
    momentum_step,
    nesterov_step,
)
from downslope.exercises.perceptron import (
    count_parameters,
    forward,
    matrix_product,
    one_line_can,
    perceptron,
    sigmoid,
    xor_from_gates,
)
from downslope.exercises.project import small_reader
from downslope.exercises.regularization import (
    batch_normalization,
    batch_normalization_backward,
    choose_trial,
    decayed_step,
    dropout_forward,
    log_uniform,
    running_statistics,
)

__all__ = [
    "EachByItself",
    "Exactly",
    "Exercise",
    "Feedback",
    "Value",
    "WrongAnswer",
    "accuracy",
    "adagrad_step",
    "adam_step",
    "affine_backward",
    "arrows_downhill",
    "ascent",
    "backward",
    "batch_normalization",
    "batch_normalization_backward",
    "best_step",
    "better_weight",
    "central_difference",
    "choose_degree",
    "choose_trial",
    "count_parameters",
    "cross_correlation",
    "cross_correlation_backward",
    "cross_entropy",
    "decayed_step",
    "descent_step",
    "dropout_forward",
    "ensemble_prediction",
    "epoch_of_batches",
    "exercise",
    "feature_maps",
    "forward",
    "forward_and_backward",
    "forward_difference",
    "gradient_at_points",
    "gradients_agree",
    "he_weights",
    "heard",
    "im2col",
    "in_words",
    "kind_of_critical_point",
    "largest_stable_learning_rate",
    "log_uniform",
    "matrix_product",
    "matrix_step",
    "max_pooling",
    "max_pooling_backward",
    "minibatch_mean",
    "mixed_precision_step",
    "momentum_step",
    "multiply_backward",
    "nesterov_step",
    "numerical_gradient",
    "one_affine_layer",
    "one_hot",
    "one_line_can",
    "output_places",
    "perceptron",
    "perceptron_update",
    "read_graph",
    "receptive_field",
    "relu_backward",
    "residual_backward",
    "running_statistics",
    "shifted_image",
    "sigmoid",
    "sigmoid_backward",
    "small_reader",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_backward",
    "square_of_sum_backward",
    "steps_per_epoch",
    "sum_squared_error",
    "top_k_error",
    "topological_order",
    "train_test_indices",
    "walk",
    "xor_from_gates",
]
