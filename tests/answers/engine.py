"""Answers to the exercises of chapter 5 in which readers build an engine of their own."""

from collections import Counter, deque
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from itertools import count

import numpy as np

from answers import right, wrong
from downslope import check

# A graph to read


@right(check.read_graph)
def step_by_step(a, b, c):
    total = a + b
    scaled = c * total
    return a + scaled


@right(check.read_graph)
def multiplied_out(a, b, c):
    return a * c + b * c + a


@right(check.read_graph)
def a_gathered_rightly(a, b, c):
    return a * (c + 1) + b * c


@right(check.read_graph)
def by_numpy(a, b, c):
    return np.add(np.multiply(np.add(a, b), c), a)


@right(check.read_graph)
def in_float32(a, b, c):
    return (np.float32(a) + np.float32(b)) * np.float32(c) + np.float32(a)


@right(check.read_graph)
def with_every_bracket(a, b, c):
    return ((b + a) * c) + a


@wrong(check.read_graph)
def second_arrow_from_b(a, b, c):
    return (a + b) * c + b


@wrong(check.read_graph)
def second_arrow_from_c(a, b, c):
    return (a + b) * c + c


@wrong(check.read_graph)
def sums_alone(a, b, c):
    return a + b + c + a


@wrong(check.read_graph)
def product_of_all(a, b, c):
    return a * b * c * a


@wrong(check.read_graph)
def two_outputs(a, b, c):
    return (a + b) * c, a


@wrong(check.read_graph)
def numbers_of_the_picture(a, b, c):
    return 22


@wrong(check.read_graph)
def minus_a(a, b, c):
    return (a + b) * c - a


@wrong(check.read_graph)
def multiplied_at_the_end(a, b, c):
    return (a + b) * c * a


@wrong(check.read_graph)
def the_equation_in_words(a, b, c):
    return "(a + b) * c + a"


# Step 1


class Base:
    def __init__(self, data, edges=()):
        self.data, self.edges, self.gradient = data, edges, 0.0

    def __add__(self, other):
        return type(self)(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return type(self)(self.data * other.data, [(self, other.data), (other, self.data)])


right(check.Value)(Base)


@right(check.Value)
class TuplesAndWholeOnes(Base):
    def __add__(self, other):
        return TuplesAndWholeOnes(other.data + self.data, ((other, 1), (self, 1)))


@right(check.Value)
class NumbersToo(Base):
    def _made(self, other):
        return other if isinstance(other, NumbersToo) else NumbersToo(other)

    def __add__(self, other):
        return super().__add__(self._made(other))

    def __mul__(self, other):
        return super().__mul__(self._made(other))

    __radd__, __rmul__ = __add__, __mul__


@right(check.Value)
@dataclass(eq=False)
class AsDataclass:
    data: float
    edges: list = field(default_factory=list)
    gradient: float = 0.0

    __add__, __mul__ = Base.__add__, Base.__mul__


@right(check.Value)
class InNumPy(Base):
    def __init__(self, data, edges=()):
        super().__init__(np.float64(data), list(edges))


@right(check.Value)
class OneEdgeForASquare(Base):
    def __mul__(self, other):
        if self is other:
            return OneEdgeForASquare(self.data**2, [(self, 2 * self.data)])
        return super().__mul__(other)


@right(check.Value)
class ListsForPairs(Base):
    def __init__(self, data, edges=()):
        super().__init__(data, [list(edge) for edge in edges])


@right(check.Value)
def a_function_that_makes_them(data, edges=()):
    return Base(data, edges)


@wrong(check.Value)
class ProductAlone(Base):
    def __add__(self, other): ...


@wrong(check.Value)
class NoPlus:
    __init__, __mul__ = Base.__init__, Base.__mul__


@wrong(check.Value)
class OnlyTheFirst(Base):
    def __add__(self, other):
        return OnlyTheFirst(self.data + other.data, [(self, 1.0)])

    def __mul__(self, other):
        return OnlyTheFirst(self.data * other.data, [(self, other.data)])


@wrong(check.Value)
class OutputOverItself(Base):
    def __mul__(self, other):
        product = self.data * other.data
        return OutputOverItself(product, [(self, product / self.data), (other, self.data)])


@wrong(check.Value)
class SlopeFirst(Base):
    def __mul__(self, other):
        return SlopeFirst(self.data * other.data, [(other.data, self), (self.data, other)])


@wrong(check.Value)
class OneHalfEach(Base):
    def __add__(self, other):
        return OneHalfEach(self.data + other.data, [(self, 0.5), (other, 0.5)])


@wrong(check.Value)
class CopiesOfTheInputs(Base):
    def __mul__(self, other):
        a, b = CopiesOfTheInputs(self.data), CopiesOfTheInputs(other.data)
        return CopiesOfTheInputs(a.data * b.data, [(a, b.data), (b, a.data)])


@wrong(check.Value)
class OneListForAll(Base):
    def __init__(self, data, edges=[]):  # noqa: B006
        super().__init__(data, edges)

    def __add__(self, other):
        made = OneListForAll(self.data + other.data)
        made.edges += [(self, 1.0), (other, 1.0)]
        return made


@wrong(check.Value)
class OtherNames:
    def __init__(self, value, parents=()):
        self.value, self.parents = value, parents

    def __add__(self, other):
        return OtherNames(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return OtherNames(self.value * other.value, [(self, other.value), (other, self.value)])


@wrong(check.Value)
class WithoutEdges:
    def __init__(self, data):
        self.data = data

    __add__, __mul__ = Base.__add__, Base.__mul__


@wrong(check.Value)
class AsADictionary(Base):
    def __add__(self, other):
        return AsADictionary(self.data + other.data, {self: 1.0, other: 1.0})


@wrong(check.Value)
class SumOfEdgesWithSign(Base):
    def __add__(self, other):
        return SumOfEdgesWithSign(self.data + other.data, [(self, 1.0), (other, -1.0)])


@wrong(check.Value)
class FlatRowForSumsAlone(Base):
    def __add__(self, other):
        return FlatRowForSumsAlone(self.data + other.data, [self, 1.0, other, 1.0])


@wrong(check.Value)
class OnePairWithoutBracketsRoundIt(Base):
    def __add__(self, other):
        return OnePairWithoutBracketsRoundIt(self.data + other.data, (self, 1.0))

    def __mul__(self, other):
        return OnePairWithoutBracketsRoundIt(self.data * other.data, (self, other.data))


@wrong(check.Value)
class ProductsWriteIntoItself(Base):
    def __mul__(self, other):
        self.edges = [(self, other.data), (other, self.data)]
        return ProductsWriteIntoItself(self.data * other.data, self.edges)


@wrong(check.Value)
class EdgesForItselfAndNoneForTheResult(Base):
    def __add__(self, other):
        self.edges = [(self, 1.0), (other, 1.0)]
        return EdgesForItselfAndNoneForTheResult(self.data + other.data)

    def __mul__(self, other):
        self.edges = [(self, other.data), (other, self.data)]
        return EdgesForItselfAndNoneForTheResult(self.data * other.data)


@wrong(check.Value)
class DifferentSort(Base):
    def __mul__(self, other):
        return Base(self.data * other.data, [(self, other.data), (other, self.data)])


# Step 2


@right(check.topological_order)
def by_a_pile(end):
    order, waiting = [], [end]
    while waiting:
        value = waiting[-1]
        missing = [source for source, _ in value.edges if source not in order]
        waiting += missing
        if not missing:
            waiting.pop()
            if value not in order:
                order.append(value)
    return order


@right(check.topological_order)
def one_missing_at_a_time(end):
    order, done, waiting = [], set(), [end]
    while waiting:
        ready = True
        for source, _ in waiting[-1].edges:
            if source not in done:
                waiting.append(source)
                ready = False
                break
        if ready:
            order.append(waiting.pop())
            done.add(order[-1])
    return order


@right(check.topological_order)
def with_marks_in_the_pile(end):
    order, seen, waiting = [], set(), [(end, False)]
    while waiting:
        value, has_inputs = waiting.pop()
        if has_inputs:
            order.append(value)
        elif value not in seen:
            seen.add(value)
            waiting.append((value, True))
            waiting.extend((source, False) for source, _ in value.edges)
    return order


@right(check.topological_order)
def by_counting_uses(end):
    uses, found, waiting = Counter(), {end}, [end]
    while waiting:
        for source, _ in waiting.pop().edges:
            uses[source] += 1
            if source not in found:
                found.add(source)
                waiting.append(source)
    order, ready = [], deque([end])
    while ready:
        order.append(ready.popleft())
        for source, _ in order[-1].edges:
            uses[source] -= 1
            if not uses[source]:
                ready.append(source)
    return order[::-1]


@right(check.topological_order)
def by_the_standard_library(end):
    graph, waiting = {}, [end]
    while waiting:
        value = waiting.pop()
        if value not in graph:
            graph[value] = [source for source, _ in value.edges]
            waiting += graph[value]
    return tuple(TopologicalSorter(graph).static_order())


@right(check.topological_order)
def yielded_one_by_one(end):
    yield from check.topological_order.solution(end)


@right(check.topological_order)
def keys_of_a_dictionary(end):
    return dict.fromkeys(check.topological_order.solution(end))


@wrong(check.topological_order)
def nothing_at_all(end):
    return []


@wrong(check.topological_order)
def the_end_alone(end):
    return [end]


@wrong(check.topological_order)
def one_level(end):
    return [source for source, _ in end.edges] + [end]


@wrong(check.topological_order)
def the_edges(end):
    return list(end.edges)


@wrong(check.topological_order)
def numbers_of_the_values(end):
    return [value.data for value in check.topological_order.solution(end)]


@wrong(check.topological_order)
def a_set(end):
    found, waiting = set(), [end]
    while waiting:
        new = {source for source, _ in waiting.pop().edges} - found
        found |= new
        waiting.extend(new)
    return sorted(found | {end}, key=lambda value: value.data)


@wrong(check.topological_order)
def remembers_between_calls(end, seen=set()):  # noqa: B006
    order, waiting = [], [(end, False)]
    while waiting:
        value, has_inputs = waiting.pop()
        if has_inputs:
            order.append(value)
        elif value not in seen:
            seen.add(value)
            waiting.append((value, True))
            waiting.extend((source, False) for source, _ in value.edges)
    return order


@wrong(check.topological_order)
def marks_the_values(end):
    order, waiting = [], [end]
    while waiting:
        value = waiting[-1]
        missing = [s for s, _ in value.edges if not hasattr(s, "done")]
        waiting += missing
        if not missing:
            waiting.pop()
            if not hasattr(value, "done"):
                value.done = True
                order.append(value)
    return order


@wrong(check.topological_order)
def found_on_the_way_in_and_turned_round(end):
    order, seen, waiting = [], set(), [end]
    while waiting:
        value = waiting.pop()
        if value not in seen:
            seen.add(value)
            order.append(value)
            waiting += [source for source, _ in value.edges]
    return order[::-1]


@wrong(check.topological_order)
def recursion_with_a_list(end, order=None):
    order = [] if order is None else order
    for source, _ in end.edges:
        if source not in order:
            recursion_with_a_list(source, order)
    order.append(end)
    return order


@wrong(check.topological_order)
def first_edge_only(end):
    order = [end]
    while order[-1].edges:
        order.append(order[-1].edges[0][0])
    return order[::-1]


@wrong(check.topological_order)
def inputs_first_then_all_else(end):
    order = check.topological_order.solution(end)
    inputs = [value for value in order if not value.edges]
    return inputs + [value for value in order if value.edges][::-1]


@wrong(check.topological_order)
def shortest_road_first(end):
    steps = count()
    place = {value: next(steps) for value in check.topological_order.solution(end)}
    return sorted(place, key=lambda value: (len(value.edges), -place[value]))


# Step 3


def begin(order):
    for value in order:
        value.gradient = 0.0
    order[-1].gradient = 1.0


@right(check.backward)
def by_place(order):
    begin(order)
    for i in range(len(order) - 1, -1, -1):
        for edge in order[i].edges:
            edge[0].gradient = edge[0].gradient + edge[1] * order[i].gradient


@right(check.backward)
def sums_in_a_dictionary(order):
    found = dict.fromkeys(order, 0.0)
    found[order[-1]] = 1.0
    for value in order[::-1]:
        for source, local in value.edges:
            found[source] += local * found[value]
    for value, gradient in found.items():
        value.gradient = gradient


@right(check.backward)
def returns_them_as_well(order):
    begin(order)
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += value.gradient * local
    return [value.gradient for value in order]


@right(check.backward)
def from_a_copy_of_the_list(order):
    begin(order)
    waiting = list(order)
    while waiting:
        value = waiting.pop()
        for source, local in value.edges:
            source.gradient += value.gradient * local


@right(check.backward)
def asks_who_used_it(order):
    begin(order)
    for at, value in reversed(list(enumerate(order))):
        for user in order[at:]:
            value.gradient += sum(u * user.gradient for s, u in user.edges if s is value)


@right(check.backward)
def in_whole_numbers_at_first(order):
    for value in order:
        value.gradient = int(value is order[-1])
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += np.float64(value.gradient) * local


@wrong(check.backward)
def end_without_a_one(order):
    for value in order:
        value.gradient = 0.0
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += value.gradient * local


@wrong(check.backward)
def only_returned(order):
    found = dict.fromkeys(order, 0.0)
    found[order[-1]] = 1.0
    for value in reversed(order):
        for source, local in value.edges:
            found[source] += local * found[value]
    return found


@wrong(check.backward)
def another_name(order):
    for value in order:
        value.grad = 0.0
    order[-1].grad = 1.0
    for value in reversed(order):
        for source, local in value.edges:
            source.grad += value.grad * local


@wrong(check.backward)
def empties_the_list(order):
    begin(order)
    while order:
        value = order.pop()
        for source, local in value.edges:
            source.gradient += value.gradient * local


@wrong(check.backward)
def one_level_only(order):
    begin(order)
    for source, local in order[-1].edges:
        source.gradient += local


@wrong(check.backward)
def upstream_added_to_local(order):
    begin(order)
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += value.gradient + local


@wrong(check.backward)
def begins_with_the_value_of_the_end(order):
    begin(order)
    order[-1].gradient = order[-1].data
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += value.gradient * local


@wrong(check.backward)
def inputs_keep_what_they_had(order):
    for value in order:
        if value.edges:
            value.gradient = 0.0
    order[-1].gradient = 1.0
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += value.gradient * local


@wrong(check.backward)
def first_edge_of_each(order):
    begin(order)
    for value in reversed(order):
        for source, local in value.edges[:1]:
            source.gradient += value.gradient * local


@wrong(check.backward)
def resets_on_the_way(order):
    order[-1].gradient = 1.0
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient = 0.0
            source.gradient += value.gradient * local


@wrong(check.backward)
def shared_out_among_the_edges(order):
    begin(order)
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient += value.gradient * local / len(value.edges)


@wrong(check.backward)
def largest_road_wins(order):
    begin(order)
    for value in reversed(order):
        for source, local in value.edges:
            source.gradient = max(source.gradient, value.gradient * local, key=abs)


@wrong(check.topological_order)
def sorted_by_their_numbers(end):
    return sorted(_everything(end), key=lambda value: value.data)


@wrong(check.topological_order)
def sorted_by_the_size_of_their_numbers(end):
    return sorted(_everything(end), key=lambda value: abs(value.data))


def _everything(end):
    """All values, a right order already, so that only the sorting can spoil it."""
    return check.topological_order.solution(end)


@wrong(check.Value)
class OneListOfTheClass(Base):
    edges: list = []

    def __init__(self, data, edges=()):
        self.data, self.gradient = data, 0.0
        self.edges += edges

    def __add__(self, other):
        made = OneListOfTheClass(self.data + other.data)
        made.edges += [(self, 1.0), (other, 1.0)]
        return made

    def __mul__(self, other):
        made = OneListOfTheClass(self.data * other.data)
        made.edges += [(self, other.data), (other, self.data)]
        return made


@wrong(check.Value)
class EdgesThatOnlyInputsGet:
    def __init__(self, data, edges=()):
        self.data, self.gradient = data, 0.0

    def __add__(self, other):
        self.edges = [(self, 1.0), (other, 1.0)]
        return type(self)(self.data + other.data)

    def __mul__(self, other):
        self.edges = [(self, other.data), (other, self.data)]
        return type(self)(self.data * other.data)
