"""Assignments: to variables and elements, appended, calculated or changed as the variable's attributes say."""

from collections.abc import Sequence

from security_hooks.model.word import Hole
from security_hooks.shell.arithmetic import evaluate
from security_hooks.shell.parameters import key_of
from security_hooks.shell.patterns import Segments
from security_hooks.shell.state import UNSET, Array, State, Unset, Value, literal, splits

_MOST_ELEMENTS = 1024


def assign_value(state: State, name: str, value: Value | None, *, append: bool = False) -> None:
    """`name=value`, `name+=value`."""
    variable = state.variable(name)
    if isinstance(variable, Array) or (variable is None and name in state.arrays):
        assign_element(state, name, (("0", False),), value, append=append)
        return
    attributes = state.known.attributes.get(name, "")
    old: Value | None = None if isinstance(variable, Unset) or variable is None else variable
    if "i" in attributes and "?" not in attributes:
        value = calculated(state, value, old if append and variable is not UNSET else None, append=append)
        if append and variable is None:
            value = None
        if state.blind:
            value = None
    elif append:
        if variable is UNSET:
            old = ()
        value = None if old is None or value is None else joined(old, value)
    state.assign(name, value)


def joined(old: Value, new: Value) -> Value:
    """Both texts as one, neighbouring literals joined."""
    if old and new and isinstance(old[-1], str) and isinstance(new[0], str):
        return (*old[:-1], old[-1] + new[0], *new[1:])
    return (*old, *new)


def calculated(state: State, value: Value | None, old: Value | None, *, append: bool) -> Value | None:
    """What an integer variable holds when it is given this text."""
    text = literal(value)
    if text is None:
        return None
    number = evaluate(text, state)
    if append and number is not None:
        before = literal(old) if old is not None else "0"
        start = evaluate(before, state) if before is not None else None
        number = None if start is None else evaluate(f"{start} + ({number})", state)
    return None if number is None else (str(number),)


def assign_element(
    state: State, name: str, subscript: Segments | None, value: Value | None, *, append: bool = False
) -> None:
    """`name[subscript]=value`."""
    variable = state.variable(name)
    array: Array | None = None
    if isinstance(variable, Array):
        array = variable
    elif isinstance(variable, Unset):
        array = Array(())
    elif variable is not None:
        array = Array(((0, variable),))
    state.arrays.add(name)
    key = key_of(array, subscript, state)
    if array is None or key is None or value is None or array.is_open or state.known.attributes.get(name):
        state.assign(name, None)
        return
    items = dict(array.items)
    if isinstance(key, int) and key < 0:
        last = array.items[-1][0] if array.items else -1
        key = int(last) + 1 + key
        if key < 0:
            state.assign(name, None)
            return
    items[key] = joined(items.get(key, ()), value) if append else value
    if len(items) > _MOST_ELEMENTS or not state.affords(len(items) >> 5):
        state.assign(name, None)
        return
    ordered = sorted(items.items(), key=_index) if not array.associative else items.items()
    state.assign(name, Array(tuple(ordered), array.associative))


def assign_array(
    state: State,
    name: str,
    elements: Sequence[tuple[Segments | None, Value, bool]] | None,
    *,
    append: bool,
    associative: bool | None = None,
) -> None:
    """`name=(elements)`: each with its subscript (empty: none), its value, and whether it is appended."""
    variable = state.variable(name)
    state.arrays.add(name)
    is_associative = associative or (isinstance(variable, Array) and variable.associative)
    if elements is None or state.known.attributes.get(name) or (append and variable is None):
        state.assign(name, None)
        return
    is_indexed = any(subscript for subscript, _, _ in elements)
    if is_indexed and variable is None and associative is None and name in state.touched:
        # It may have been declared an associative one before.
        state.assign(name, None)
        return
    items: dict[int | str, Value] = {}
    if append and isinstance(variable, Array):
        if variable.is_open:
            items = {}
            if is_indexed:
                state.assign(name, None)
                return
        items = dict(variable.items)
    elif append and isinstance(variable, tuple):
        items = {0: variable}
    following = max([key for key in items if isinstance(key, int)], default=-1) + 1
    is_open = False
    for subscript, value, adds in elements:
        key: int | str | None = following
        if subscript is None or subscript:
            key = key_of(Array((), is_associative), subscript, state)
            if key is None or is_open or (isinstance(key, int) and key < 0):
                state.assign(name, None)
                return
        elif is_associative:
            state.assign(name, None)
            return
        is_open = is_open or splits(value)
        if key is not None:
            items[key] = joined(items.get(key, ()), value) if adds else value
            following = key + 1 if isinstance(key, int) else following
    if len(items) > _MOST_ELEMENTS or not state.affords(len(items) >> 5):
        state.assign(name, None)
        return
    ordered = items.items() if is_associative else sorted(items.items(), key=_index)
    state.assign(name, Array(tuple(ordered), is_associative))


def unset(state: State, name: str) -> None:
    """`unset name`."""
    if name == "IFS" or "r" in state.known.attributes.get(name, ""):
        state.assign(name, UNSET if name == "IFS" else None)
        return
    state.known.attributes.pop(name, None)
    state.assign(name, UNSET)
    if state.known.locals is not None and name in state.known.locals:
        # Whether the one of the caller shows again depends on the shell.
        state.assign(name, None)


def _index(item: tuple[int | str, Value | Hole]) -> int:
    return item[0] if isinstance(item[0], int) else 0
