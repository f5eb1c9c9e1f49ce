"""Exercises of chapter 0: a neuron, one line, gates in two layers, products, a forward pass."""

from itertools import pairwise, product

import numpy as np

from downslope.check.exercise import exercise, in_words
from downslope.formulas import sigmoid as _sigmoid

__all__ = [
    "count_parameters",
    "forward",
    "matrix_product",
    "one_line_can",
    "perceptron",
    "sigmoid",
    "xor_from_gates",
]


def _neurons(rng):
    yield {"x": np.array([1.0, 1.0]), "w": np.array([0.5, 0.5]), "b": -0.75}
    yield {"x": np.array([1.0, 0.0]), "w": np.array([0.5, 0.5]), "b": -0.75}
    yield {"x": np.array([0.0, 0.0]), "w": np.array([-0.5, -0.5]), "b": 0.75}
    yield {"x": np.array([1.0, 0.0]), "w": np.array([0.5, 0.5]), "b": -0.5}
    yield {"x": np.array([0.0, 0.0]), "w": np.array([-0.5, -0.25]), "b": -0.25}
    yield {"x": np.array([2.0, -1.0, 3.0]), "w": np.array([1.0, 4.0, 0.5]), "b": 1.5}
    yield {"x": np.array([0.25]), "w": np.array([8.0]), "b": -1.75}
    yield {"x": np.array([3.0, -3.0]), "w": np.array([-1.0, -2.0]), "b": -2.75}
    for _ in range(8):
        x, w = rng.integers(-6, 7, size=(2, 4)) / 2
        yield {"x": x, "w": w, "b": rng.integers(-8, 8) / 2 + 0.125}


@exercise(cases=_neurons, right="your neuron answers, on the border too.")
def perceptron(x, w, b):
    """1 if the weighted sum of the inputs x, plus the bias b, is greater than 0; else 0."""
    # floats here and below: whoever leaves int() out hears the same, for a truth is read as one
    return 1.0 if np.dot(w, x) + b > 0 else 0.0


@perceptron.wrong(
    "Where the sum is exactly 0 this says 1. It should say 1 only if the sum is greater than 0.",
    belief="that the border belongs to the ones. Somebody must own it, and here it is the zeros.",
)
def _one_on_the_border(x, w, b):
    return float(np.dot(w, x) + b >= 0)


@perceptron.wrong(
    "This compares the weighted sum with b. You were asked to add b and compare with 0.",
    belief="that the bias is the threshold. It is minus the threshold: a sum that need only "
    "exceed 0.75 has the bias -0.75.",
)
def _bias_as_threshold(x, w, b):
    return float(np.dot(w, x) > b)


@perceptron.wrong(
    "The bias is missing: this asks only whether the weighted sum is greater than 0.",
    belief="that weights are all a neuron needs. Without a bias its border always goes through "
    "the point where all inputs are 0.",
)
def _without_bias(x, w, b):
    return float(np.dot(w, x) > 0)


@perceptron.wrong(
    "The bias is added once for each input, within the sum. Add it once, when the inputs have "
    "been added up.",
    belief="that every arrow brings its bias along. A weight belongs to an arrow, the bias to the "
    "neuron.",
)
def _bias_for_every_input(x, w, b):
    return float(np.sum(w * x + b) > 0)


@perceptron.wrong(
    "This is the sum itself. You were asked for 1 if it is greater than 0, and else 0.",
    belief="that the sum is the answer. It is what the step is applied to.",
)
def _the_sum(x, w, b):
    return np.dot(w, x) + b


@perceptron.wrong(
    "The inputs are added up as they are. Multiply each by its weight first.",
    belief="that every input counts alike. The weights say how much each counts.",
)
def _inputs_without_weights(x, w, b):
    return float(np.sum(x) + b > 0)


@perceptron.wrong(
    "This says -1 where 0 was asked for.",
    belief="that the opposite of 1 is -1. Some books have it so; in this one a neuron says 0 or 1.",
)
def _minus_one_for_zero(x, w, b):
    return 1.0 if np.dot(w, x) + b > 0 else -1.0


def _tables(rng):
    for table in rng.permutation(16):
        yield {"targets": [int(table) >> place & 1 for place in range(4)]}


_CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


@exercise(cases=_tables, right="you know of every one of the sixteen whether a line will do.")
def one_line_can(targets):
    """True if a single neuron can say these four targets at 00, 01, 10 and 11; else False."""
    return _searched(targets, weights=(-1, 0, 1), biases=(-1.5, -0.5, 0.5, 1.5))


def _searched(targets, weights, biases):
    return any(
        [int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in _CORNERS] == targets
        for w1, w2, b in product(weights, weights, biases)
    )


@one_line_can.wrong(
    "All weights that you try are greater than 0, so every gate that an input works against, such "
    "as NAND, is missed. Try negative weights too.",
    belief="that a weight says how important an input is. It also says which way it pulls.",
)
def _positive_weights_only(targets):
    return _searched(targets, (0.5, 1), (-1.5, -0.75, 0.5))


@one_line_can.wrong(
    "The biases that you try are all 0 or less, so the neuron never says 1 at 00. Try biases "
    "greater than 0 too.",
    belief="that a bias is a hurdle. Where it is greater than 0 it is a head start.",
)
def _no_positive_bias(targets):
    return _searched(targets, (-1, 0, 1), (-1.5, -0.5))


@one_line_can.wrong(
    "There is no bias among what you try, so at 00, where the weights have no say, it always says "
    "0, and AND is missed.",
    belief="that the weights alone can place the line. They only turn it.",
)
def _no_bias(targets):
    return _searched(targets, (-1, -0.5, 0, 0.5, 1), (0,))


@one_line_can.wrong(
    "This is True for all but XOR. The opposite of XOR, which says 1 where both inputs are alike, "
    "cannot be done either.",
    belief="that XOR is the one exception. The two sides of a line can change names, so whatever "
    "cannot be done for a gate cannot be done for its opposite.",
)
def _all_but_xor(targets):
    return targets != [0, 1, 1, 0]


@one_line_can.wrong(
    "This refuses every function with two ones and two zeros. Some of those are easy: x₁ itself is "
    "one.",
    belief="that a line cannot cut four corners in halves. It cannot only where the two ones lie "
    "across from each other.",
)
def _not_two_and_two(targets):
    return sum(targets) != 2


@one_line_can.wrong(
    "This is False for all sixteen, also where a line will do. If you search, look whether you "
    "compare like with like: `targets` is a list, and a list never equals a tuple.",
    belief="that the same numbers are the same thing. Python asks for the same kind of container.",
)
def _never(targets):
    return False


@one_line_can.wrong(
    "This is True where one line can *not* do it.",
    belief="that the question was which functions are out of reach.",
)
def _the_opposite(targets):
    return not _searched(targets, (-1, 0, 1), (-1.5, -0.5, 0.5, 1.5))


_AND = in_words("the AND gate", lambda a, b: int(a and b))
_NAND = in_words("the NAND gate", lambda a, b: int(not (a and b)))
_OR = in_words("the OR gate", lambda a, b: int(a or b))
_NOR = in_words("the NOR gate", lambda a, b: int(not (a or b)))
_DEAD = in_words("a broken gate, which always says 0", lambda a, b: 0)
_STUCK = in_words("a broken gate, which always says 1", lambda a, b: 1)


def _wirings(rng):
    def handed(x1, x2, and_gate=_AND, nand_gate=_NAND, or_gate=_OR):
        gates = {"and_gate": and_gate, "nand_gate": nand_gate, "or_gate": or_gate}
        return {"x1": x1, "x2": x2, **gates}

    for corner in rng.permutation(4):
        yield handed(*_CORNERS[corner])
    for corner in rng.permutation(4):
        yield handed(*_CORNERS[corner], _DEAD, _DEAD, _DEAD)
        yield handed(*_CORNERS[corner], _STUCK, _STUCK, _STUCK)
    for corner in rng.permutation(4):  # as if 0 and 1 had changed names, which gates never notice
        yield handed(*_CORNERS[corner], _OR, _NOR, _AND)


@exercise(cases=_wirings, right="three gates in two layers do what none of them can do alone.")
def xor_from_gates(x1, x2, and_gate, nand_gate, or_gate):
    """XOR of x1 and x2, made of nothing but the three gates that are handed over."""
    return and_gate(nand_gate(x1, x2), or_gate(x1, x2))


@xor_from_gates.wrong(
    "This is OR: it says 1 at 11 as well.",
    belief="that XOR is the or of everyday speech. It says 0 where both are 1.",
)
def _plain_or(x1, x2, and_gate, nand_gate, or_gate):
    return or_gate(x1, x2)


@xor_from_gates.wrong(
    "This says 1 everywhere: of NAND and OR at least one always holds. You need both of them.",
    belief="that or brings the two halves together. It takes AND to keep what both have in common.",
)
def _or_at_the_end(x1, x2, and_gate, nand_gate, or_gate):
    return or_gate(nand_gate(x1, x2), or_gate(x1, x2))


@xor_from_gates.wrong(
    "This is the opposite of XOR: it says 1 where both inputs are alike.",
    belief="that NAND may finish what AND should. It turns every answer round.",
)
def _nand_at_the_end(x1, x2, and_gate, nand_gate, or_gate):
    return nand_gate(nand_gate(x1, x2), or_gate(x1, x2))


@xor_from_gates.wrong(
    "This is AND once more: where AND holds, OR holds too. Take NAND in its place in the first "
    "layer.",
    belief="that XOR is AND and OR together. What XOR leaves out of OR is the very corner of AND.",
)
def _and_of_and_and_or(x1, x2, and_gate, nand_gate, or_gate):
    return and_gate(and_gate(x1, x2), or_gate(x1, x2))


@xor_from_gates.wrong(
    "The answers are those of XOR, but not from the gates: with broken gates it still works. Use "
    "nothing but the three that you are handed.",
    belief="that the answer is all that counts. Here it is the building: a network has nothing "
    "but its units.",
)
def _python_does_it(x1, x2, and_gate, nand_gate, or_gate):
    return int(x1 != x2)


@xor_from_gates.wrong(
    "The answers are those of XOR, but the last word has Python: its `and`, a product or the like, "
    "and none of the three gates. Hand both results to and_gate.",
    belief="that `and` is the AND gate. Here a gate is a unit that must be wired in; swap one for "
    "another, and a network of units changes with it.",
)
def _pythons_own_and(x1, x2, and_gate, nand_gate, or_gate):
    return nand_gate(x1, x2) and or_gate(x1, x2)


def _factors(rng):
    yield {"A": np.array([[1.0, 0.0, 2.0]]), "B": np.array([[2.0], [5.0], [1.0]])}
    yield {"A": np.array([[1.0, 2.0], [3.0, 4.0]]), "B": np.array([[0.0, 1.0], [1.0, 1.0]])}
    yield {
        "A": np.array([[1.0, 0.0, 2.0], [3.0, 1.0, 0.0]]),
        "B": np.array([[2.0, -1.0], [0.0, 3.0], [1.0, 4.0]]),
    }
    yield {"A": np.array([[2.0], [3.0]]), "B": np.array([[4.0, -5.0, 0.5]])}
    for shape in ((3, 4, 2), (2, 3, 5), (4, 4, 4)):
        rows, inner, columns = shape
        A = rng.permutation(np.arange(1.0, rows * inner + 1)).reshape(rows, inner)
        B = rng.permutation(np.arange(1.0, inner * columns + 1)).reshape(inner, columns)
        yield {"A": A - 2.5, "B": B - 1.5}


@exercise(cases=_factors, right="row by column. From here on, @ does it for you.")
def matrix_product(A, B):
    """The matrix product of A, shape (n, m), and B, shape (m, k): an array of shape (n, k)."""
    C = np.zeros((A.shape[0], B.shape[1]))
    for i in range(A.shape[0]):
        for j in range(B.shape[1]):
            C[i, j] = np.sum(A[i] * B[:, j])
    return C


@matrix_product.wrong(
    "This multiplies number by number, which * does. You were asked for rows of A times columns "
    "of B.",
    belief="that a product of tables multiplies what stands in the same place. NumPy keeps * for "
    "that, and @ for the matrix product.",
)
def _place_by_place(A, B):
    return A * B


@matrix_product.wrong(
    "This is B times A. The rows come from the first matrix, A, and the columns from the second.",
    belief="that the order does not matter. For matrices it does, and often only one order fits.",
)
def _the_other_order(A, B):
    return B @ A


@matrix_product.wrong(
    "This takes rows of A with rows of B. The second comes in columns: B[:, j].",
    belief="that B[j] is a column. The first index is the row.",
)
def _row_by_row(A, B):
    return A @ B.T


@matrix_product.wrong(
    "Only the last product of each sum is left: each one overwrites the one before. Add them up.",
    belief="that = in a loop collects. It replaces; += collects.",
)
def _last_product_only(A, B):
    return A[:, -1:] * B[-1:]


@matrix_product.wrong(
    "The sum goes on from one place of the result to the next. It must begin at 0 for each.",
    belief="that a total set to 0 before the loops is enough. That is one total for all places.",
)
def _one_total_for_all(A, B):
    return np.cumsum(A @ B).reshape(len(A), -1)


def _signals(rng):
    yield {"x": np.array([-1.0, 0.0, 1.0])}
    yield {"x": np.array([[0.5, -2.5], [4.0, -6.0]])}
    yield {"x": np.array([-1000.0, 1000.0, 0.25])}
    yield {"x": np.array([1.0986122886681098])}  # log 3, so that it is 3/4
    yield {"x": rng.integers(-24, 25, size=7) / 8 + 0.0625}


@exercise(cases=_signals, right="a smooth step, from 0 to 1, that no large number can break.")
def sigmoid(x):
    """1 / (1 + exp(-x)) for each number of the array x."""
    return _sigmoid(x)


@sigmoid.wrong(
    "Your curve falls where it should rise: the minus in exp(-x) is missing.",
    belief="that the sign is a matter of taste. It decides which way the step goes.",
)
def _falls(x):
    return 1 / (1 + np.exp(x))


@sigmoid.wrong(
    "This is the same formula in small numbers, and breaks at large ones: exp(1000) is too large "
    "for a float, and infinity divided by infinity is not a number. Write 1 / (1 + exp(-x)).",
    belief="that equal formulas give equal programs. On paper they do.",
)
def _breaks_at_large_numbers(x):
    return np.exp(x) / (1 + np.exp(x))


@sigmoid.wrong(
    "This is the hyperbolic tangent, which goes from -1 to 1. The sigmoid goes from 0 to 1.",
    belief="that one S is like another. tanh(x) is 2 sigmoid(2x) - 1.",
)
def _hyperbolic_tangent(x):
    return np.tanh(x)


@sigmoid.wrong(
    "This is the slope of the sigmoid. You were asked for its value.",
    belief="that y(1 - y) is the formula. It is what chapter 5 needs; here we want y.",
)
def _its_slope(x):
    return _sigmoid(x) * (1 - _sigmoid(x))


@sigmoid.wrong(
    "This is the step: it jumps from 0 to 1. The sigmoid rises smoothly.",
    belief="that a neuron says 0 or 1. This one also says what lies between.",
)
def _a_step(x):
    return np.where(x > 0, 1.0, 0.0)


@sigmoid.wrong(
    "The brackets are missing: 1 / 1 + exp(-x) is 1 + exp(-x). Write 1 / (1 + exp(-x)).",
    belief="that Python reads a formula as the eye does. It divides before it adds.",
)
def _brackets_missing(x):
    return 1 / 1 + np.exp(-x)


def _networks(rng):
    yield {
        "x": np.array([[1.0, 0.5]]),
        "W1": np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]),
        "b1": np.array([0.1, 0.2, 0.3]),
        "W2": np.array([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]),
        "b2": np.array([0.1, 0.2]),
        "W3": np.array([[0.1, 0.3], [0.2, 0.4]]),
        "b3": np.array([0.1, 0.2]),
    }
    for n, sizes in ((1, (3, 2, 4, 2)), (4, (2, 3, 3, 1)), (3, (5, 4, 2, 3))):
        case = {"x": rng.permutation(np.linspace(-2, 2, n * sizes[0])).reshape(n, -1)}
        for k, (rows, columns) in enumerate(pairwise(sizes), start=1):
            W = rng.permutation(np.linspace(-1.5, 2, rows * columns)).reshape(rows, columns)
            case |= {f"W{k}": W, f"b{k}": np.linspace(0.25, 1, columns)}
        yield case


@exercise(cases=_networks, right="numbers go in at one end and come out at the other.")
def forward(x, W1, b1, W2, b2, W3, b3):
    """What a three-layer network says: sigmoid in both hidden layers, the last as it is."""
    hidden = _sigmoid(x @ W1 + b1)
    hidden = _sigmoid(hidden @ W2 + b2)
    return hidden @ W3 + b3


@forward.wrong(
    "The sigmoids are missing. Each hidden layer puts its sums through one.",
    belief="that a layer is its matrix. Without something bent between them, three layers are one.",
)
def _no_sigmoid(x, W1, b1, W2, b2, W3, b3):
    return ((x @ W1 + b1) @ W2 + b2) @ W3 + b3


@forward.wrong(
    "There is a sigmoid at the end too. The last layer hands out its sums as they are.",
    belief="that every layer has the same activation. What the last one needs depends on the task.",
)
def _sigmoid_at_the_end(x, W1, b1, W2, b2, W3, b3):
    return _sigmoid(_sigmoid(_sigmoid(x @ W1 + b1) @ W2 + b2) @ W3 + b3)


@forward.wrong(
    "The biases are missing.",
    belief="that the weights are the network. The biases place the borders that the weights turn.",
)
def _no_biases(x, W1, b1, W2, b2, W3, b3):
    return _sigmoid(_sigmoid(x @ W1) @ W2) @ W3


@forward.wrong(
    "The bias is added after the sigmoid. It belongs into the sum: sigmoid(x @ W + b).",
    belief="that adding a bias before or after is the same. After it, the answer leaves the range "
    "from 0 to 1.",
)
def _bias_after_the_sigmoid(x, W1, b1, W2, b2, W3, b3):
    hidden = _sigmoid(x @ W1) + b1
    hidden = _sigmoid(hidden @ W2) + b2
    return hidden @ W3 + b3


@forward.wrong(
    "The second layer has no sigmoid. Both hidden layers need one.",
    belief="that one bend is enough. Two layers without one between them collapse into one.",
)
def _one_sigmoid_only(x, W1, b1, W2, b2, W3, b3):
    return (_sigmoid(x @ W1 + b1) @ W2 + b2) @ W3 + b3


def _sizes(rng):
    yield {"sizes": [2, 1]}
    yield {"sizes": [2, 3, 2, 2]}
    yield {"sizes": [64, 50, 10]}
    yield {"sizes": [784, 50, 100, 10]}
    yield {"sizes": [1, 1, 1]}
    yield {"sizes": rng.integers(2, 9, size=5).tolist()}


@exercise(cases=_sizes, right="you know how many numbers somebody has to set.")
def count_parameters(sizes):
    """How many weights and biases a network has whose columns of units are as large as sizes."""
    return sum((rows + 1) * columns for rows, columns in pairwise(sizes))


@count_parameters.wrong(
    "These are the weights. The biases are parameters too: one for each unit but the inputs.",
    belief="that only what stands on an arrow counts. A bias is a number to be set like any other.",
)
def _weights_only(sizes):
    return sum(rows * columns for rows, columns in pairwise(sizes))


@count_parameters.wrong(
    "The inputs have been given biases. They compute nothing: they are what comes in.",
    belief="that every column of a drawing is a layer of neurons. The first one is the input.",
)
def _inputs_have_biases(sizes):
    return sum(rows * columns for rows, columns in pairwise(sizes)) + sum(sizes)


@count_parameters.wrong(
    "These are the biases. Every arrow has a weight as well.",
    belief="that a unit has one number. It has one for each of its inputs, and one more.",
)
def _biases_only(sizes):
    return sum(sizes[1:])


@count_parameters.wrong(
    "The numbers of units were multiplied all together. Between each two neighbours there is a "
    "matrix of its own; add up their sizes.",
    belief="that every unit is joined to every other. It is joined to the next column only.",
)
def _all_multiplied(sizes):
    return int(np.prod(sizes))


@count_parameters.wrong(
    "One bias was counted for each layer. Each unit has its own.",
    belief="that b is one number, as it is written. It stands for a row of them, one for each "
    "unit.",
)
def _one_bias_a_layer(sizes):
    return sum(rows * columns + 1 for rows, columns in pairwise(sizes))
