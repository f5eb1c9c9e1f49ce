"""Exercises of chapter 5: an engine of the reader's own, in three steps; and a graph to read."""

import operator
import sys
from collections import Counter
from contextlib import contextmanager
from traceback import walk_stack

from downslope.check.exercise import exercise, heard, in_words
from downslope.check.wording import sort_of

__all__ = ["Value", "backward", "read_graph", "topological_order"]


def _quarters(rng, n):
    """Signed numbers, none of them 0, whose products and sums are exact even in float32."""
    return (rng.choice([-1, 1], n) * rng.integers(1, 10, n) / 4).tolist()


# A graph to read


def _three_numbers(rng):
    yield {"a": 2.0, "b": 3.0, "c": 4.0}
    yield {"a": 1.5, "b": 0.0, "c": -2.0}
    for _ in range(3):
        yield dict(zip("abc", _quarters(rng, 3), strict=True))


@exercise(cases=_three_numbers, right="arrows say what brackets say in an equation.", atol=1e-15)
def read_graph(a, b, c):
    """The number that leaves the drawn graph for the inputs a, b and c."""
    return (a + b) * c + a


@read_graph.wrong(
    "This is a + b * c + a. In the graph a and b meet first, in the left +, and their sum alone "
    "goes on to the ×: (a + b) * c.",
    belief="that operations stand in an equation in the order of the arrows. Python multiplies "
    "first, unless brackets say otherwise.",
)
def _without_brackets(a, b, c):
    return a + b * c + a


@read_graph.wrong(
    "This is (a + b) * (c + a), where the second arrow from a goes to c. It goes past the ×, to "
    "the + on the right.",
    belief="that values meet as soon as they can. An arrow may pass a node by.",
)
def _meets_too_soon(a, b, c):
    return (a + b) * (c + a)


@read_graph.wrong(
    "This is (a + b) * c, and one arrow is missing: two leave a. The second goes to the + on the "
    "right.",
    belief="that each input is used once. It is used as often as arrows leave it.",
)
def _one_arrow_forgotten(a, b, c):
    return (a + b) * c


@read_graph.wrong(
    "The two operations have changed places: this multiplies where the graph adds, and adds where "
    "it multiplies. The sign in a box says what it does with what comes in.",
    belief="that the shape of a graph is the equation. The same arrows can carry any operation.",
)
def _operations_swapped(a, b, c):
    return (a * b + c) * a


@read_graph.wrong(
    "This ends in × c. The last box of the graph is the + on the right, and what it adds has not "
    "been multiplied by c.",
    belief="that a second use of a may be gathered with the first. What lies between the two "
    "counts.",
)
def _gathered(a, b, c):
    return (a + b + a) * c


# Step 1: values that remember


def _expressions(rng):
    one, other = ("a", "b"), ("a", "b", "c")
    first = dict(zip(one, (3.0, 4.0), strict=True))
    yield _tried("a + b", lambda a, b: a + b, first)
    yield _tried("a * b", lambda a, b: a * b, first)
    yield _tried("a * b", lambda a, b: a * b, {"a": 0.0, "b": -2.5})
    yield _tried("a + a", lambda a: a + a, {"a": 1.5})
    yield _tried("a * a", lambda a: a * a, {"a": 3.0})
    drawn = dict(zip(one, _quarters(rng, 2), strict=True))
    yield _tried("(a + b) * a", lambda a, b: (a + b) * a, drawn)
    drawn = dict(zip(other, _quarters(rng, 3), strict=True))
    yield _tried("(a + b) * (b * c)", lambda a, b, c: (a + b) * (b * c), drawn)
    drawn = dict(zip(other, _quarters(rng, 3), strict=True))
    yield _tried("(a * b + c) + b", lambda a, b, c: (a * b + c) + b, drawn)


def _tried(text, function, numbers):
    return {"expression": in_words(text, function), **numbers}


def _remembered(make, expression, **numbers):
    """The value of an expression of the reader's objects, and what their edges lead back to."""
    inputs = {name: make(number) for name, number in numbers.items()}
    sort, before = type(inputs["a"]), _numbers_of_edges(inputs.values())
    end = expression(*(_Operand(value, sort) for value in inputs.values())).value
    is_value = isinstance(end, sort) and hasattr(end, "data")
    edges = _what_edges_hold(end, inputs.values(), before) if is_value else "none"
    said = {
        f"is {expression.in_words} a Value": "yes" if is_value else f"no, {sort_of(end)}",
        f"data of {expression.in_words}": end.data if is_value else "none",
        "what the edges hold": edges,
    }
    for name, value in inputs.items():
        said[f"data of {name} afterwards"] = value.data
        slope = _along_roads(end, value, inputs.values()) if edges == _PAIRS else "none"
        said[f"local derivatives on the way to {name}"] = slope
    return said


class _Operand:
    """A reader's object, each of whose operations is heard; what is no Value stays as it is."""

    def __init__(self, value, sort):
        self.value, self._sort = value, sort

    def __add__(self, other):
        return self._with(other, operator.add)

    def __mul__(self, other):
        return self._with(other, operator.mul)

    def _with(self, other, operation):
        for one in (self, other):
            if not isinstance(one.value, self._sort):
                return one
        return _Operand(heard(operation)(self.value, other.value), self._sort)


_PAIRS = "pairs of a Value and a number"
_FLAT = "Values and numbers in one flat row"
_MISPLACED = "what an operation gave to its own input"
_SHARED = "what all Values hold, in one list"


def _what_edges_hold(end, inputs, before):
    """What they are made of, in words, or that an input had another number of them before."""
    if not _is_one_of(end, inputs) and _numbers_of_edges(inputs) != before:
        return _SHARED if _share_a_list(inputs) else _MISPLACED
    return _kind_of_edges(end, inputs)


def _share_a_list(values):
    """Whether they have the same edges, and not only equal ones; of a single one nobody knows."""
    first, *others = (getattr(value, "edges", None) for value in values)
    return bool(others) and all(edges is first for edges in others)


def _numbers_of_edges(values):
    return [len(getattr(value, "edges", None) or ()) for value in values]


def _kind_of_edges(end, inputs, above=()):
    """What the edges are made of, in words; an input may have any, for none is followed there."""
    if _is_one_of(end, inputs):
        return _PAIRS
    if _is_one_of(end, above):
        return _MISPLACED
    if _is_flat(end.edges, type(end)):
        return _FLAT
    for edge in end.edges:
        kind = _kind_of_edge(edge, type(end))
        if kind == _PAIRS:
            kind = _kind_of_edges(edge[0], inputs, (*above, end))
        if kind != _PAIRS:
            return kind
    return _PAIRS


def _is_flat(edges, value):
    kinds = {"a Value" if isinstance(edge, value) else sort_of(edge) for edge in edges}
    return kinds == {"a Value", "one number"}


def _kind_of_edge(edge, value):
    if not (isinstance(edge, tuple | list) and len(edge) == 2):
        return "Values without numbers" if isinstance(edge, value) else f"no pair, {sort_of(edge)}"
    kinds = ["a Value" if isinstance(part, value) else sort_of(part) for part in edge]
    return _PAIRS if kinds == ["a Value", "one number"] else f"first {kinds[0]}, then {kinds[1]}"


def _along_roads(end, target, inputs):
    """Products of the local derivatives along each road from `end` to `target`, added up."""
    if _is_one_of(end, inputs):
        return float(end is target)
    return sum((local * _along_roads(source, target, inputs) for source, local in end.edges), 0.0)


def _is_one_of(value, values):
    return any(value is one for one in values)


class _Value:
    """A number that remembers, in `edges`, pairs of an input and the local derivative by it."""

    def __init__(self, data, edges=()):
        self.data, self.edges, self.gradient = data, edges, 0.0

    def __add__(self, other):
        return type(self)(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return type(self)(self.data * other.data, [(self, other.data), (other, self.data)])


_Value.__name__ = "Value"
Value = exercise(
    cases=_expressions,
    observe=_remembered,
    right="each result remembers what it was made of, and how it answers to each.",
)(_Value)


@Value.wrong(
    "In a * b each value stands with its own number. The local derivative by a is b: how much a "
    "nudge of a matters is up to the other factor.",
    belief="that each value keeps to itself. In a product the two change places.",
)
class _OwnFactor(_Value):
    def __mul__(self, other):
        return type(self)(self.data * other.data, [(self, self.data), (other, other.data)])


@Value.wrong(
    "The edges of a * b say 1 and 1, which is right for a sum. For a product they hold the other "
    "factor.",
    belief="that the local derivative is always 1. That is what a sum answers, and it alone.",
)
class _ProductAsSum(_Value):
    def __mul__(self, other):
        return type(self)(self.data * other.data, [(self, 1.0), (other, 1.0)])


@Value.wrong(
    "The edges of a + b hold the other number, which is right for a product. A sum answers to "
    "each of its terms with 1.",
    belief="that every node sends the other value back. Nudge a by 1, and a + b rises by 1, "
    "whatever b is.",
)
class _SumAsProduct(_Value):
    def __add__(self, other):
        return type(self)(self.data + other.data, [(self, other.data), (other, self.data)])


@Value.wrong(
    "The edges begin with numbers: self.data, where self itself was meant. A number does not know "
    "where it came from, so no gradient could find its way back.",
    belief="that the number is all that counts. The way back needs the object.",
)
class _NumbersInEdges(_Value):
    def __add__(self, other):
        return type(self)(self.data + other.data, [(self.data, 1.0), (other.data, 1.0)])

    def __mul__(self, other):
        edges = [(self.data, other.data), (other.data, self.data)]
        return type(self)(self.data * other.data, edges)


@Value.wrong(
    "The edges hold the inputs alone. Beside each of them write the local derivative by it: "
    "(self, …), (other, …).",
    belief="that knowing the inputs is enough. The way back must also know how much each matters.",
)
class _InputsAlone(_Value):
    def __add__(self, other):
        return type(self)(self.data + other.data, [self, other])

    def __mul__(self, other):
        return type(self)(self.data * other.data, [self, other])


@Value.wrong(
    "The edges are one flat row. Write a list of pairs: [(self, …), (other, …)].",
    belief="that what stands side by side belongs together. Brackets say which number is whose.",
)
class _FlatRow(_Value):
    def __add__(self, other):
        return type(self)(self.data + other.data, (self, 1.0, other, 1.0))

    def __mul__(self, other):
        return type(self)(self.data * other.data, (self, other.data, other, self.data))


@Value.wrong(
    "The input a got new edges, and now points to itself. Give the edges to the new Value.",
    belief="that self is the result. It is the input on the left, which was made earlier.",
)
class _EdgesOfItself(_Value):
    def __add__(self, other):
        self.edges = [(self, 1.0), (other, 1.0)]
        return type(self)(self.data + other.data, self.edges)

    def __mul__(self, other):
        self.edges = [(self, other.data), (other, self.data)]
        return type(self)(self.data * other.data, self.edges)


@Value.wrong(
    "All Values hold one and the same list of edges, so that inputs point to themselves. A default "
    "such as edges=[] is made once, with the class: write edges=() and give each new Value a list.",
    belief="that a default is made anew at every call. Python makes it where it reads def, and "
    "what is appended to it stays there.",
)
class _OneListForAll(_Value):
    def __init__(self, data, edges=[]):  # noqa: B006
        super().__init__(data, edges)

    def __add__(self, other):
        return self._with(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        return self._with(self.data * other.data, (self, other.data), (other, self.data))

    def _with(self, data, *edges):
        made = type(self)(data)
        made.edges.extend(edges)
        return made


@Value.wrong(
    "The second of each pair in a * b is a Value. The local derivative is a number: other.data.",
    belief="that a Value is as good as its number. Then the way back would build a graph of its "
    "own.",
)
class _ValuesAsSlopes(_Value):
    def __mul__(self, other):
        return type(self)(self.data * other.data, [(self, other), (other, self)])


@Value.wrong(
    "The sum and the product are right, but their edges are empty: nothing remembers where it "
    "came from. Give Value(…) a second argument.",
    belief="that a graph makes itself. It consists of what you write down on the way forward.",
)
class _Forgets(_Value):
    def __add__(self, other):
        return type(self)(self.data + other.data)

    def __mul__(self, other):
        return type(self)(self.data * other.data)


@Value.wrong(
    "A plain number came out. Return a new Value, made of that number and of the edges.",
    belief="that the result is the number. The number is half of it; the other half is where it "
    "came from.",
)
class _PlainNumbers(_Value):
    def __add__(self, other):
        return self.data + other.data

    def __mul__(self, other):
        return self.data * other.data


@Value.wrong(
    "The result was written into a itself, whose own number is lost. Return a new Value.",
    belief="that a + b changes a. It makes something third, and a may be needed again.",
)
class _InPlace(_Value):
    def __add__(self, other):
        edges = [(self, 1.0), (other, 1.0)]
        self.data, self.edges = self.data + other.data, edges
        return self

    def __mul__(self, other):
        edges = [(self, other.data), (other, self.data)]
        self.data, self.edges = self.data * other.data, edges
        return self


@Value.wrong(
    "Right, except where a value is used twice at once. In a + a and a * a both edges are alike, "
    "and a set or a dictionary keeps one of them. Keep a list.",
    belief="that two edges which look alike are one. Each is a road of its own, and a nudge takes "
    "both.",
)
class _SetOfEdges(_Value):
    def __init__(self, data, edges=()):
        super().__init__(data, set(edges))


# Step 2: each value after those that it was made of


class _Named(_Value):
    """A value that messages can show."""

    def __init__(self, data, edges=(), in_words=""):
        super().__init__(data, edges)
        self.in_words = in_words

    def __add__(self, other):
        return self._named(super().__add__(other), "+", other)

    def __mul__(self, other):
        return self._named(super().__mul__(other), "*", other)

    def _named(self, made, sign, other):
        made.in_words = f"({self.in_words} {sign} {other.in_words})"
        return made


_Named.__name__ = "Value"  # in what Python says of it


def _inputs(*numbers):
    return [_Named(number, (), name) for number, name in zip(numbers, "abcd", strict=False)]


def _ends(rng):
    a, b, c = _inputs(2.0, 3.0, 4.0)
    yield a * b * c
    yield (a + b) * (c + a)
    t = a + b
    yield t + t * c  # t is one step from the end, and also three
    a, b, c = _inputs(2.0, 2.0, 2.0)  # equal numbers, and three values
    yield a * b + c
    a, b = _inputs(3.0, 1.5)
    t = a * b
    yield a + (t * b + t) * a
    a, b = _inputs(-2.0, 0.5)  # numbers do not grow along the way
    yield a * b * b
    yield _doubled(5)
    yield _any_end(rng, 9)
    yield _chain(1_200)


def _doubled(times):
    (end,) = _inputs(1.0)
    for number in range(times):
        end = end + end
        end.in_words = f"{2 ** (number + 1)}a"
    return end


def _any_end(rng, n_operations):
    """A random expression, of whole numbers; every value is used by the next or a later one."""
    values = _inputs(*rng.integers(1, 4, 4).astype(float))
    for _ in range(n_operations):
        other = values[int(rng.integers(len(values)))]
        values.append(values[-1] + other if rng.random() < 0.6 else other * values[-1])
    for value, name in zip(values[4:], "pqrstuvwxyz", strict=False):
        value.in_words = name
    values[-1].in_words = "an expression of a, b, c and d"
    return values[-1]


def _chain(n_products):
    x = end = _Named(1.0, (), "a")
    for number in range(n_products):
        end = end * x
        end.in_words = f"product {number + 1}"
    end.in_words = f"a chain of {n_products:,} products: a * a * … * a"
    return end


def _all_below(end):
    """All values that `end` is made of, and itself, each after its inputs."""
    waiting = [end]
    found: dict = {}
    while waiting:
        value = waiting[-1]
        missing = [source for source, _ in value.edges if source not in found]
        waiting += reversed(missing)
        if not missing:
            found[waiting.pop()] = None
    return list(found)


def _one_end(rng):
    return ({"end": end} for end in _ends(rng))


def _is_in_order(order, end):
    """What is true of an order, in words: the values of a graph have more than one."""
    with _usual_depth():
        first, second = (list(_as_values(order(end))) for _ in range(2))
    other = first != second and "another list came"
    return _said_of(first, end) | {"is it the same when called again": _yes_or(other)}


@contextmanager
def _usual_depth():
    """At most 1,000 calls within one another, as Python has it; some notebooks allow 3,000."""
    before, depth = sys.getrecursionlimit(), sum(1 for _ in walk_stack(None))
    sys.setrecursionlimit(min(before, depth + 1_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _as_values(came):
    for value in came:
        if not isinstance(value, _Named):
            raise TypeError(f"a list of values was asked for, and it holds {sort_of(value)}")
        yield value


def _said_of(came, end):
    below = _all_below(end)
    place = {value: at for at, value in reversed(list(enumerate(came)))}
    lost = [value for value in below if value not in place]
    times = Counter(came)
    twice = [value for value in below if times[value] > 1]
    early = [
        f"{value.in_words} before {source.in_words}"
        for value in below
        for source, _ in value.edges
        if place.get(source, -1) > place.get(value, len(came))
    ]
    return {
        "is every value there": _yes_or(lost and f"not {_names(lost)}"),
        "is each there once": _yes_or(twice and f"more than once {_names(twice)}"),
        "is each after what it was made of": _yes_or(early and early[0]),
    }


def _names(values, most=6):
    names = [value.in_words for value in values[:most]]
    return ", ".join(names + ["…"] * (len(values) > most))


def _yes_or(complaint):
    return f"no: {complaint}" if complaint else "yes"


@exercise(
    cases=_one_end,
    observe=_is_in_order,
    right="each value once, and none before what it was made of.",
)
def topological_order(end):
    """A list of all values that end was made of, each once and after its inputs; end is last."""
    return _all_below(end)


@topological_order.wrong(
    "Right, but a value that is used twice comes twice. Pass over one that is in the list already.",
    belief="that a graph is a tree. Roads that part may meet again.",
)
def _without_asking(end):
    order, waiting = [], [(end, False)]
    while waiting:
        value, has_inputs = waiting.pop()
        if has_inputs:
            order.append(value)
        else:
            waiting += [(value, True), *((source, False) for source, _ in value.edges)]
    return order


@topological_order.wrong(
    "Nearly: a value that two others wait for was put on the pile twice, and came into the order "
    "twice. Ask once more when you take it off whether it is in the order already.",
    belief="that a value which was missing is missing still. The other one may have brought it.",
)
def _waits_twice(end):
    order, done, waiting = [], set(), [end]
    while waiting:
        missing = [source for source, _ in waiting[-1].edges if source not in done]
        waiting += missing
        if not missing:
            order.append(waiting.pop())
            done.add(order[-1])
    return order


@topological_order.wrong(
    "Right for small graphs. In a chain of 1,200 products every call waits for the next, and "
    "Python allows about 1,000 calls within one another. Keep a list of what waits.",
    belief="that a call costs nothing while it waits. The network's graph may be deeper than the "
    "pile of calls may be high.",
)
def _by_recursion(end):
    order, seen = [], set()

    def visit(value):
        if value not in seen:
            seen.add(value)
            for source, _ in value.edges:
                visit(source)
            order.append(value)

    visit(end)
    return order


@topological_order.wrong(
    "This is the order from the end, turned round: a level at a time. A value which is one step "
    "from the end by one road and three by another comes too late. Put it in when all that it "
    "was made of is there.",
    belief="that what is nearer to the end comes later. The longest road counts, and this finds "
    "the shortest.",
)
def _by_distance(end):
    order, seen = [end], {end}
    for value in order:
        new = [s for s in dict.fromkeys(s for s, _ in value.edges) if s not in seen]
        order += new
        seen.update(new)
    return order[::-1]


@topological_order.wrong(
    "Each value was put in when it was found, before its inputs. Put it in when they all are.",
    belief="that what is met first comes first. From the end, everything is met the wrong way "
    "round.",
)
def _when_found(end):
    waiting = [end]
    order: dict = {}
    while waiting:
        value = waiting.pop()
        if value not in order:
            order[value] = None
            waiting += [source for source, _ in value.edges]
    return list(order)


@topological_order.wrong(
    "The inputs of the graph are missing, the values without edges. They are what the gradients "
    "are wanted for.",
    belief="that only operations count. A value that was not computed is a node, too.",
)
def _operations_alone(end):
    return [value for value in _all_below(end) if value.edges]


@topological_order.wrong(
    "The end itself is missing. It belongs there, as the last.",
    belief="that the end is what the list is for, and no part of it. The way back begins there.",
)
def _without_the_end(end):
    return _all_below(end)[:-1]


@topological_order.wrong(
    "The order is turned round: from the end to the inputs. That is the order of the way back; "
    "asked for is that of the way forward.",
    belief="that the list must begin where the walk begins. Whoever walks back can read it "
    "backwards.",
)
def _from_the_end(end):
    return _all_below(end)[::-1]


@topological_order.wrong(
    "Two values with the same number were taken for one. Ask whether the value itself is in the "
    "list, not its data.",
    belief="that equal numbers are the same value. Two apples and two pears are two inputs.",
)
def _by_number(end):
    numbers: dict = {}
    for value in _all_below(end):
        numbers.setdefault(value.data, value)
    return list(numbers.values())


# Step 3: the way back


def _orders(rng):
    a, b, c = _inputs(2.0, 3.0, 4.0)
    yield a * b * c
    yield a + a
    yield a * a + a
    t = a * b
    yield (t + c) * t
    yield _doubled(4)
    yield _any_end(rng, 6)


def _one_order(rng):
    return ({"order": _all_below(end)} for end in _orders(rng))


def _gradients(walk, order):
    """The gradients after a call and after another; None while none has been set."""
    values = order[:]
    said: dict = {}
    for handed, when in ((order, ""), (values[:], " after a second call")):
        walk(handed)
        said |= {f"gradient of {value.in_words}{when}": value.gradient for value in values}
    said["is order as it was"] = "yes" if order == values else "no"
    return said if any(value.gradient for value in values) else None


@exercise(
    cases=_one_order,
    observe=_gradients,
    right="every road is walked, and what comes back on several adds up.",
    untouched="No value has a gradient yet. If you have written it: does the last of order begin "
    "with 1, and do you set value.gradient itself?",
)
def backward(order):
    """Sets the gradient of each value in order to the derivative of the last by it."""
    for value in order:
        value.gradient = 0.0
    order[-1].gradient = 1.0
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += value.gradient * local


def _begin(order):
    for value in order:
        value.gradient = 0.0
    order[-1].gradient = 1.0


@backward.wrong(
    "Right where each value is used once. In a + a the second road has replaced the first: add "
    "with +=.",
    belief="that one gradient comes back to each value. One comes on every road.",
)
def _replaced(order):
    _begin(order)
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient = value.gradient * local


@backward.wrong(
    "The local derivatives were added up, and the upstream gradient is missing: multiply by "
    "value.gradient.",
    belief="that each node answers for itself. What it passes back is upstream × local.",
)
def _without_value_gradient(order):
    _begin(order)
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += local


@backward.wrong(
    "This walks from the inputs to the end. There, only the last value has a gradient to pass on, "
    "and it gets its turn last. Walk through reversed(order).",
    belief="that an order can be read either way. A gradient must be complete before it is passed "
    "on.",
)
def _forward(order):
    _begin(order)
    for value in order:
        for source, local in value.edges:
            source.gradient += value.gradient * local


@backward.wrong(
    "The first call is right. The second adds to what the first has left: set every gradient to 0 "
    "before you walk.",
    belief="that gradients begin at 0. They begin where the last call has left them.",
)
def _accumulated(order):
    order[-1].gradient = 1.0
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += value.gradient * local


@backward.wrong(
    "Each road was followed to its end as soon as it was met, and took along what had come on "
    "others before. Where two roads meet, that is passed on twice. Go through reversed(order): "
    "then a value passes on once, when all has come.",
    belief="that every arrow may pass on what its value has by then. It must wait for the others.",
)
def _road_by_road(order):
    _begin(order)

    def push(value):
        for source, local in value.edges:
            source.gradient += value.gradient * local
            push(source)

    push(order[-1])


@backward.wrong(
    "This multiplies by the number of the input, source.data. The local derivative stands beside "
    "it, in the edge.",
    belief="that a value's own number says how much it matters. In a product the other one does.",
)
def _own_number(order):
    _begin(order)
    for value in reversed(order):
        for source, _ in value.edges:
            source.gradient += value.gradient * source.data


@backward.wrong(
    "The gradients on several roads were multiplied. Along one road factors multiply; several "
    "roads add up.",
    belief="that the chain rule is all there is. It is about one road.",
)
def _roads_multiplied(order):
    for value in order:
        value.gradient = 1.0
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient *= value.gradient * local


@backward.wrong(
    "The gradients are right, and the caller's list has been turned round: order.reverse() does "
    "so. Walk through reversed(order), which leaves it.",
    belief="that a list handed over may be changed. The caller still has it.",
)
def _list_turned_round(order):
    _begin(order)
    order.reverse()
    for value in order:
        for source, local in value.edges:
            source.gradient += value.gradient * local
