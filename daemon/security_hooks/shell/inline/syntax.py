"""The tree that every reader of a language makes and the evaluator walks: expressions, and the few statements that
matter to what a program does.
"""

from typing import Union

import msgspec


class Constant(msgspec.Struct, frozen=True, gc=False):
    """A literal: text, bytes, a number, a truth value, nothing."""

    value: str | bytes | int | float | bool | None


class Template(msgspec.Struct, frozen=True, gc=False):
    """Texts put together: an f-string, a template literal, an interpolated string."""

    parts: tuple["Node", ...]


class Name(msgspec.Struct, frozen=True, gc=False):
    """A variable, a function, a module, by its name."""

    name: str


class Attribute(msgspec.Struct, frozen=True, gc=False):
    """`of.name`."""

    of: "Node"
    name: str


class Index(msgspec.Struct, frozen=True, gc=False):
    """`of[key]`."""

    of: "Node"
    key: "Node"


class Slice(msgspec.Struct, frozen=True, gc=False):
    """`start:stop:step` within an index; None where not given."""

    start: Union["Node", None]
    stop: Union["Node", None]
    step: Union["Node", None]


class Call(msgspec.Struct, frozen=True, gc=False):
    """`function(*arguments, **keywords)`. An argument that is a `Spread` stands for many."""

    function: "Node"
    arguments: tuple["Node", ...] = ()
    keywords: tuple[tuple[str, "Node"], ...] = ()


class Spread(msgspec.Struct, frozen=True, gc=False):
    """`*of`, `...of`."""

    of: "Node"


class Binary(msgspec.Struct, frozen=True, gc=False):
    """`first op second op third`: a chain of the same operator, from the left."""

    operator: str
    operands: tuple["Node", ...]


class Sequence(msgspec.Struct, frozen=True, gc=False):
    """A list, tuple or set."""

    items: tuple["Node", ...]


class Mapping(msgspec.Struct, frozen=True, gc=False):
    """A dictionary or object; a key of None spreads its value."""

    pairs: tuple[tuple[Union["Node", None], "Node"], ...]


class Function(msgspec.Struct, frozen=True, gc=False):
    """A function; `name` is empty where it has none. `defaults` belong to the last parameters."""

    name: str
    parameters: tuple[str, ...]
    defaults: tuple["Node", ...]
    body: tuple["Node", ...]
    rest: str = ""


class Either(msgspec.Struct, frozen=True, gc=False):
    """One of these, nobody knows which: `a or b`, `a if x else b`; `tests` are done in any case."""

    choices: tuple["Node", ...]
    tests: tuple["Node", ...] = ()


class Assign(msgspec.Struct, frozen=True, gc=False):
    """`target = value`; a target is a Name, an Attribute, an Index, or a Sequence or Mapping of such."""

    target: "Node"
    value: "Node"
    operator: str = ""


class Import(msgspec.Struct, frozen=True, gc=False):
    """The module, or what is in it, under a name here; `name` is `*` for all that is in it."""

    module: str
    name: str


class Loop(msgspec.Struct, frozen=True, gc=False):
    """For each item of `items` as `target`: the body. Without `items` it runs while something holds."""

    target: Union["Node", None]
    items: Union["Node", None]
    body: tuple["Node", ...]
    result: Union["Node", None] = None


class Branch(msgspec.Struct, frozen=True, gc=False):
    """Bodies of which perhaps none, perhaps several run."""

    bodies: tuple[tuple["Node", ...], ...]


class Return(msgspec.Struct, frozen=True, gc=False):
    """What a function gives back."""

    value: Union["Node", None]


class Shared(msgspec.Struct, frozen=True, gc=False):
    """Names that mean those outside of the function: `global`, `nonlocal`."""

    names: tuple[str, ...]


class Several(msgspec.Struct, frozen=True, gc=False):
    """All of these, in order; nothing is known of the result but what went into it."""

    nodes: tuple["Node", ...]


Node = (
    Constant
    | Template
    | Name
    | Attribute
    | Index
    | Slice
    | Call
    | Spread
    | Binary
    | Sequence
    | Mapping
    | Function
    | Either
    | Assign
    | Import
    | Loop
    | Branch
    | Return
    | Shared
    | Several
)
