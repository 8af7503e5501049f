"""The walk through a program's tree: what each expression stands for, and what is called with what.

Nothing is run. Every way that a program may take is taken once, what is not known stays a hole, and each step is
counted. Names hold what they were last given; where that happened on a way that may not be taken, what they held
before as well.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from security_hooks.model.word import Hole, Origin
from security_hooks.shell.inline.datum import (
    ANY,
    NOTHING,
    UNKNOWN,
    Datum,
    alternatives,
    derived,
    either,
    joined,
    literal_of,
    named,
)
from security_hooks.shell.inline.language import NAMES, Language
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.names import Names
from security_hooks.shell.inline.syntax import (
    Assign,
    Attribute,
    Binary,
    Branch,
    Call,
    Constant,
    Either,
    Function,
    Import,
    Index,
    Loop,
    Name,
    Node,
    Return,
    Several,
    Shared,
    Slice,
    Spread,
    Template,
)
from security_hooks.shell.inline.syntax import (
    Mapping as Pairs,
)
from security_hooks.shell.inline.syntax import (
    Sequence as Items,
)
from security_hooks.shell.inline.texts import Texts, constant
from security_hooks.shell.limits import Budget

_MOST_DEPTH = 80
_MOST_CALLS = 12
_MOST_ROUNDS = 256
_NODES_PER_STEP = 4


class Evaluator(Names):
    """One program. `call` is given by `calls.py`, which knows what functions do."""

    def __init__(self, language: Language, marks: Marks, budget: Budget, home: str) -> None:
        super().__init__(language, marks, home)
        self.budget = budget
        self.texts = Texts(marks)
        self.over = False
        self.code_depth = 0
        self._depth = 0
        self._steps = 0
        self._returned: list[list[Datum]] = []
        self._functions: list[Function] = []
        self._entered: list[Function] = []
        self._called: set[int] = set()
        self._visits: Mapping[type, Callable[..., Datum]] = {
            Constant: self._constant,
            Template: self._template,
            Name: self._name,
            Attribute: self._attribute,
            Index: self._index,
            Slice: self._slice,
            Call: self._call,
            Spread: self._spread,
            Binary: self._binary,
            Items: self._items,
            Pairs: self._pairs,
            Function: self._function,
            Either: self._either,
            Assign: self._assign,
            Import: self._import,
            Loop: self._loop,
            Branch: self._branch,
            Return: self._return,
            Several: self._several,
            Shared: self._shared,
        }

    def run(self, nodes: Sequence[Node]) -> Datum:
        """Walk statements; what the last of them stands for."""
        last = NOTHING
        for node in nodes:
            last = self.evaluate(node)
        return last

    def flatten(self) -> None:
        """From now on names keep all that they were ever given."""
        self.branches += 1

    def finish(self) -> None:
        """Walk the functions that nobody was seen to call: something else may."""
        self.outcome.uncertain += 1
        for function in self._functions:
            if id(function) not in self._called:
                self.enter(function, (), {})
        self.outcome.uncertain -= 1

    def evaluate(self, node: Node) -> Datum:
        """What this stands for, and all that it does noted."""
        self._steps += 1
        if self._steps % _NODES_PER_STEP == 0 and not self.budget.spend():
            self.over = True
        if self.over or self._depth >= _MOST_DEPTH:
            self.over = True
            return UNKNOWN
        self._depth += 1
        found = self._visits[type(node)](node)
        self._depth -= 1
        return found

    def call(self, function: Datum, arguments: Sequence[Datum], keywords: Mapping[str, Datum]) -> Datum:
        """What a call gives back, and all that it does noted."""
        raise NotImplementedError

    def enter(self, function: Function, arguments: Sequence[Datum], keywords: Mapping[str, Datum]) -> Datum:
        """Walk the body of a function with these arguments; what it gives back."""
        self._called.add(id(function))
        if len(self._entered) >= _MOST_CALLS or any(entered is function for entered in self._entered):
            return derived(arguments)
        names = function.parameters
        scope = dict.fromkeys(names, UNKNOWN)
        scope.update(
            zip(names[len(names) - len(function.defaults) :], map(self.evaluate, function.defaults), strict=False)
        )
        scope.update(zip(names, arguments, strict=False))
        scope.update({name: value for name, value in keywords.items() if name in scope})
        if function.rest:
            scope[function.rest] = Datum(items=tuple(arguments[len(names) :]))
        self.scopes.append(scope)
        self._entered.append(function)
        self._returned.append([])
        last = self.run(function.body)
        returned = self._returned.pop()
        self._entered.pop()
        self.scopes.pop()
        return either(returned) if returned else last

    def _constant(self, node: Constant) -> Datum:
        return constant(node.value, self.marks)

    def _template(self, node: Template) -> Datum:
        return joined([self.evaluate(part) for part in node.parts])

    def _name(self, node: Name) -> Datum:
        return self.look_up(node.name)

    def _attribute(self, node: Attribute) -> Datum:
        return self.attribute(self.evaluate(node.of), node.name)

    def _index(self, node: Index) -> Datum:
        whole = self.evaluate(node.of)
        if isinstance(node.key, Slice):
            ends = [
                self.evaluate(end).plain if end is not None else None
                for end in (node.key.start, node.key.stop, node.key.step)
            ]
            numbers = [end for end in ends if end is None or isinstance(end, int)]
            if len(numbers) < len(ends) or numbers[2] == 0:
                return derived((whole,))
            cut = slice(*numbers)
            if whole.items is not None:
                return Datum(items=whole.items[cut])
            return self.texts.item(whole, cut) or derived((whole,))
        key = self.evaluate(node.key)
        if whole.name in self.language.environments:
            return self.variable(key)
        name = literal_of(key)
        if whole.name == NAMES and name is not None:
            return self.look_up(name)
        if isinstance(key.plain, int):
            items = whole.items
            if items is not None and -len(items) <= key.plain < len(items):
                return items[key.plain]
            return self.texts.item(whole, key.plain) or (whole if whole.is_instance else derived((whole,)))
        if whole.pairs is not None or whole.name:
            return self.attribute(whole, name if name is not None else "?")
        if name is not None and self.language.entry(name) is not None and whole.origin is not Origin.LITERAL:
            # A namespace that nobody knows, asked for a function by its name.
            return named(name)
        return derived((whole, key))

    def _call(self, node: Call) -> Datum:
        function = self.evaluate(node.function)
        arguments: list[Datum] = []
        for argument in node.arguments:
            if isinstance(argument, Spread):
                whole = self.evaluate(argument.of)
                items = self.items_of(whole) if whole.parts is None else None
                arguments += items if items is not None else (derived((whole,)),)
            else:
                arguments.append(self.evaluate(argument))
        keywords: dict[str, Datum] = {}
        for name, value in node.keywords:
            datum = self.evaluate(value)
            if name:
                keywords[name] = datum
            elif datum.pairs is not None:
                keywords.update(datum.pairs)
        if any(datum.name in self.language.environments for datum in (*arguments, *keywords.values())):
            arguments = [self.whole_environment(datum) for datum in arguments]
            keywords = {name: self.whole_environment(datum) for name, datum in keywords.items()}
        functions = tuple(alternatives(function))
        self.outcome.uncertain += len(functions) > 1
        made = [self.call(one, arguments, keywords) for one in functions]
        self.outcome.uncertain -= len(functions) > 1
        return made[0] if len(made) == 1 else either(made)

    def _binary(self, node: Binary) -> Datum:
        data = [self.evaluate(operand) for operand in node.operands]
        whole = data[0]
        if node.operator == "+" and all(datum.parts is not None for datum in data):
            return joined(data)
        for datum in data[1:]:
            if (
                node.operator in ("/", "+")
                and (whole.is_text or datum.is_text)
                and whole.is_instance | datum.is_instance
            ):
                path = whole if whole.is_text else datum
                whole = self.call(msgspec.structs.replace(self.method(path, path.name, "/")), (whole, datum), {})
            else:
                whole = self.texts.binary(node.operator, whole, datum)
        return whole

    def _items(self, node: Items) -> Datum:
        items: list[Datum] = []
        for item in node.items:
            if isinstance(item, Spread):
                whole = self.evaluate(item.of)
                found = self.items_of(whole) if whole.parts is None else None
                if found is None:
                    found = (Datum(parts=(Hole(ANY.kind, "...", splits=True),), sources=whole.sources),)
                items += found
            else:
                items.append(self.evaluate(item))
        return Datum(items=tuple(items))

    def _pairs(self, node: Pairs) -> Datum:
        pairs: list[tuple[str, Datum]] = []
        for key, value in node.pairs:
            datum = self.evaluate(value)
            if key is None:
                pairs += datum.pairs or (("", datum),)
            else:
                pairs.append((literal_of(self.evaluate(key)) or "", datum))
        return Datum(pairs=tuple(pairs))

    def _function(self, node: Function) -> Datum:
        datum = Datum(function=node)
        self._functions.append(node)
        if node.name:
            self.scopes[-1][node.name] = datum
        return datum

    def _either(self, node: Either) -> Datum:
        self.run(node.tests)
        self.outcome.uncertain += 1
        found = either([self.evaluate(choice) for choice in node.choices])
        self.outcome.uncertain -= 1
        return found

    def _assign(self, node: Assign) -> Datum:
        value = self.evaluate(node.value)
        if node.operator:
            before = self.evaluate(node.target)
            value = self.texts.binary(node.operator, before, value)
        self.assign(node.target, value)
        return value

    def _import(self, node: Import) -> Datum:
        if node.name == "*":
            self.stars.append(node.module)
        else:
            self.assign(Name(node.name), named(self.language.canonical(node.module)))
        return NOTHING

    def _shared(self, node: Shared) -> Datum:
        self.shared.update(node.names)
        return NOTHING

    def _loop(self, node: Loop) -> Datum:
        whole = self.evaluate(node.items) if node.items is not None else UNKNOWN
        items = self.items_of(whole) if node.items is not None else None
        results: list[Datum] = []
        if items is not None and len(items) <= _MOST_ROUNDS:
            for item in items:
                self._round(node, item, results)
            return Datum(items=tuple(results)) if node.result is not None else NOTHING
        self.branches += 1
        self.outcome.uncertain += 1
        item = whole if whole.is_text else derived((whole,))
        # What the first round leaves behind, the second finds.
        for _ in range(2):
            self._round(node, item, results)
        self.outcome.uncertain -= 1
        self.branches -= 1
        return derived((whole, *results))

    def _round(self, node: Loop, item: Datum, results: list[Datum]) -> None:
        if node.target is not None:
            self.assign(node.target, item)
        self.run(node.body)
        if node.result is not None:
            results.append(self.evaluate(node.result))

    def _branch(self, node: Branch) -> Datum:
        self.branches += 1
        self.outcome.uncertain += 1
        for body in node.bodies:
            self.run(body)
        self.outcome.uncertain -= 1
        self.branches -= 1
        return UNKNOWN

    def _return(self, node: Return) -> Datum:
        value = self.evaluate(node.value) if node.value is not None else NOTHING
        if self._returned:
            self._returned[-1].append(value)
        return value

    def _several(self, node: Several) -> Datum:
        return derived([self.evaluate(inner) for inner in node.nodes])

    def _slice(self, node: Slice) -> Datum:
        return self._several(Several(tuple([end for end in (node.start, node.stop, node.step) if end is not None])))

    def _spread(self, node: Spread) -> Datum:
        return derived((self.evaluate(node.of),))
