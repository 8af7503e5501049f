"""What is known of the shell's own state while a script is followed line by line."""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from security_hooks.model.event import Place
from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.limits import Budget

Value = tuple[str | Hole, ...]


class Array(msgspec.Struct, frozen=True, gc=False):
    """An array's elements by index or key. A value with a hole that splits stands for any number of elements."""

    items: tuple[tuple[int | str, Value], ...]
    associative: bool = False

    @property
    def is_open(self) -> bool:
        """Whether some element stands for any number of them, so that indices and counts are not known."""
        return any(splits(value) for _, value in self.items)


class Unset(msgspec.Struct, frozen=True, gc=False):
    """A variable of which it is known that it is not set."""


UNSET = Unset()
Variable: TypeAlias = Value | Array | Unset
BLANKS: Value = (" \t\n",)
ANY: tuple[Value, ...] = ((Hole(HoleKind.PARAMETER, "$@", splits=True),),)

# What the shell itself puts into these is not what a script wrote into them.
_OWN = frozenset((
    "RANDOM", "SRANDOM", "SECONDS", "LINENO", "EPOCHSECONDS", "EPOCHREALTIME", "HISTCMD", "GROUPS", "FUNCNAME",
    "DIRSTACK", "UID", "EUID", "PPID", "PIPESTATUS", "SHELLOPTS", "_", "OPTIND", "OPTARG", "COLUMNS", "LINES",
    "COPROC", "SHLVL",
))  # fmt: skip
_MOST_PLACES = 4
# Among the names that were set: all of them may have been.
EVERYTHING = "*"


class Known(msgspec.Struct, eq=False):
    """What holds at one point of a script. A variable that is not in `variables` may be anything.

    `attributes` are the letters of `declare` that change what is assigned (`i`, `l`, `u`, `r`; `?` where that is not
    known). `arguments` are the positional parameters, `functions` those that are surely defined, `locals` what the
    variables that the current function made its own were before (None: not known), itself None outside functions.
    `places` are the directories that the shell may be in, None where they are not known. `dead` says that this point
    is never come to. `succeeds` is how the last command ended, None if that is not known; `ends` what holds where it
    succeeded, and what where it failed, if these differ.
    """

    variables: dict[str, Variable]
    attributes: dict[str, str] = {}
    exported: frozenset[str] = frozenset()
    arguments: tuple[Value, ...] = ANY
    functions: frozenset[str] = frozenset()
    locals: dict[str, Variable | None] | None = None
    places: tuple[str, ...] | None = None
    dead: bool = False
    succeeds: bool | None = None
    ends: "tuple[Known, Known] | None" = None

    def agrees_with(self, other: "Known") -> bool:
        """Whether the same holds at both points, however the last command ended."""
        return (
            self.variables == other.variables
            and self.attributes == other.attributes
            and self.exported == other.exported
            and self.arguments == other.arguments
            and self.functions == other.functions
            and self.locals == other.locals
            and self.places == other.places
            and self.dead == other.dead
        )

    def copy(self) -> "Known":
        """The same, to be changed apart."""
        return Known(
            self.variables.copy(),
            self.attributes.copy() if self.attributes else {},
            self.exported,
            self.arguments,
            self.functions,
            None if self.locals is None else self.locals.copy(),
            self.places,
            self.dead,
        )


class State:
    """What is known at the point of a script that the walk has come to.

    `unstable` are names that code which runs at some other time (traps) may set: never known. `touched` are all names
    that were ever set, each with the number of the last of all `assignments` that did so, `arrays` those that were ever
    arrays. `blind` is set once code ran that may have changed any of them behind our back. `patterns_doubtful` and
    `braces_doubtful` say that what patterns match, and whether braces expand, is not as usual.
    """

    __slots__ = (
        "_budget", "_started", "aliases", "arrays", "assignments", "blind", "braces_doubtful", "exports_all",
        "functions", "home",
        "known", "patterns_doubtful", "touched", "unstable",
    )  # fmt: skip

    def __init__(self, place: Place, budget: Budget) -> None:
        self._budget = budget
        self.home = place.home
        self._started = (f"{place.home}/", f"{place.cwd}/")
        variables: dict[str, Variable] = {"HOME": (place.home,), "IFS": BLANKS}
        self.known = Known(variables)
        if place.cwd:
            variables["PWD"] = (place.cwd,)
            self.known.places = (place.cwd,)
        self.functions: set[str] = set()
        self.arrays: set[str] = set()
        self.aliases: dict[str, Value | None] = {}
        self.unstable: set[str] = set()
        self.touched: dict[str, int] = {}
        self.assignments = 0
        self.blind = False
        self.exports_all = False
        self.patterns_doubtful = False
        self.braces_doubtful = False

    @property
    def variables(self) -> dict[str, Variable]:
        """The variables that are known."""
        return self.known.variables

    @variables.setter
    def variables(self, variables: dict[str, Variable]) -> None:
        self.known.variables = variables

    @property
    def cwd(self) -> Value | None:
        """The directory in which a command runs now; None where it is not known or one of several."""
        places = None if self.blind or "PWD" in self.unstable else self.known.places
        return places if places is not None and len(places) == 1 else None

    def stands(self, path: str) -> bool:
        """Whether this directory was there when the script began: the home, the working directory, and all above."""
        return any(directory.startswith(path.rstrip("/") + "/") for directory in self._started)

    @property
    def arguments(self) -> tuple[Value, ...]:
        """The positional parameters as far as they are known."""
        return ANY if self.blind else self.known.arguments

    def restore(self, known: Known) -> None:
        """Go back to what was known then."""
        self.known = known

    def variable(self, name: str) -> Variable | None:
        """What the variable is, None if that is not known."""
        if self.blind or name in self.unstable:
            return None
        return self.known.variables.get(name)

    def value(self, name: str) -> Value | None:
        """What `$name` stands for, None if that is not known; an array's is its first element."""
        if name[:1].isdigit() and name != "0":
            return self._argument(int(name)) if len(name) < 6 else None
        if name == "#":
            return None if any(map(splits, self.arguments)) else (str(len(self.arguments)),)
        variable = self.variable(name)
        if type(variable) is not tuple:
            if variable is None:
                return None
            return element(variable, 0) if isinstance(variable, Array) else ()
        if variable and not self.affords(
            (sum([len(part) for part in variable if isinstance(part, str)]) >> 8) + len(variable) - 1
        ):
            # `a=$a$a`, forty times over, must not be made.
            return None
        return variable

    def _argument(self, number: int) -> Value | None:
        arguments = self.arguments
        if any(map(splits, arguments[:number])):
            return None
        return arguments[number - 1] if number <= len(arguments) else ()

    def is_set(self, name: str) -> bool | None:
        """Whether the parameter is set; None if that is not known."""
        if name[:1].isdigit() and name != "0":
            if self._argument(int(name) if len(name) < 6 else 99_999) is None:
                return None
            return int(name) <= len(self.arguments)
        if name == "#":
            return True
        variable = self.variable(name)
        if isinstance(variable, Array):
            return element_known(variable, 0)
        return None if variable is None else variable is not UNSET

    def affords(self, nodes: int) -> bool:
        """Whether an expansion that makes so many nodes is still to be made; they are counted."""
        return self._budget.spend(nodes)

    def assign(self, name: str, value: Variable | None) -> None:
        """Note what a variable holds now; None: not known."""
        self._touch(name)
        attributes = self.known.attributes.get(name, "") if self.known.attributes else ""
        if "r" in attributes:
            # An assignment that fails may end what is being run, or not.
            self.blind = True
        if value is not None and attributes.strip("r"):
            value = _converted(value, attributes)
        if isinstance(value, Array):
            self.arrays.add(name)
        elif type(value) is tuple and name in self.arrays:
            # Of an array this sets the first element.
            old = self.known.variables.get(name)
            value = None if old is None or isinstance(old, Array) else value
        if value is None or name in _OWN or name.startswith("BASH"):
            self.known.variables.pop(name, None)
        else:
            self.known.variables[name] = value
        if self.exports_all:
            self.known.exported |= {name}

    def _touch(self, name: str) -> None:
        self.assignments += 1
        self.touched[name] = self.assignments

    def forget_all(self) -> None:
        """Code that we could not read has run."""
        known = self.known
        self._touch(EVERYTHING)
        known.variables = {}
        known.attributes = dict.fromkeys(known.attributes, "?")
        known.arguments = ANY
        known.functions = frozenset()
        if known.locals is not None:
            known.locals = dict.fromkeys(known.locals)
        known.places = known.ends = known.succeeds = None

    def snapshot(self) -> Known:
        """What is known now, to come back to."""
        return self.known.copy()

    def ends(self) -> tuple[Known, Known]:
        """What holds now if the last command succeeded, and what if it failed: to be copied before it is changed."""
        known = self.known
        if known.ends is not None:
            return known.ends
        if known.succeeds is None:
            return known, known
        never = known.copy()
        never.dead = True
        return (known, never) if known.succeeds else (never, known)

    def settle(self, ends: tuple[Known, Known] | None = None) -> None:
        """A command has ended: nobody knows how, but these are what holds in either case."""
        self.known.succeeds = None
        self.known.ends = ends

    def join(self, other: Known) -> None:
        """Keep only what holds here and in `other` alike: one of the two ways was gone, nobody knows which."""
        known = self.known
        known.ends = known.succeeds = None
        if other.dead:
            return
        if known.dead:
            self.known = other.copy()
            return
        mine, theirs = known.variables, other.variables
        if mine != theirs:
            known.variables = {name: value for name, value in theirs.items() if mine.get(name) == value}
        if known.attributes != other.attributes:
            names = {*known.attributes, *other.attributes}
            known.attributes = {
                n: a if (a := known.attributes.get(n, "")) == other.attributes.get(n, "") else "?" for n in names
            }
        if known.arguments != other.arguments:
            known.arguments = _joined_arguments(known.arguments, other.arguments)
        if known.locals != other.locals:
            _join_locals(known, other)
        if known.exported != other.exported:
            known.exported &= other.exported
        if known.functions != other.functions:
            known.functions &= other.functions
        if known.places != other.places:
            known.places = joined_places(known.places, other.places)


def _join_locals(known: Known, other: Known) -> None:
    mine, theirs = known.locals or {}, other.locals or {}
    known.locals = {
        name: mine[name] if name in mine and name in theirs and mine[name] == theirs[name] else None
        for name in {*mine, *theirs}
    }
    for name in mine.keys() ^ theirs.keys():
        known.variables.pop(name, None)


def splits(value: Value) -> bool:
    """Whether the value stands for any number of words."""
    return any(type(part) is Hole and part.splits for part in value)


def whole(value: Value) -> Value:
    """The value as one word: what splits in it no longer does."""
    return tuple([Hole(p.kind, p.source) if type(p) is Hole and p.splits else p for p in value])


def literal(value: Value | None) -> str | None:
    """The text, None where a part of it is not known."""
    if value is None:
        return None
    if len(value) == 1:
        return value[0] if type(value[0]) is str else None
    return None if any(type(part) is not str for part in value) else "".join(value)  # type: ignore[arg-type]  # just seen


def element(array: Array, key: int | str) -> Value | None:
    """The element with this key: empty where there is none, None where that is not known."""
    if array.is_open:
        return None
    if isinstance(key, int) and key < 0:
        last = array.items[-1][0] if array.items else -1
        key = key + 1 + last if isinstance(last, int) else key
        if isinstance(key, int) and key < 0:
            return None
    return next((value for index, value in array.items if index == key), ())


def element_known(array: Array, key: int | str) -> bool | None:
    """Whether there is such an element; None if that is not known."""
    return None if array.is_open else any(index == key for index, _ in array.items)


def joined_places(one: Iterable[str] | None, other: Iterable[str] | None) -> tuple[str, ...] | None:
    """Both sets of directories; None where one is not known or there are too many."""
    if one is None or other is None:
        return None
    both = tuple(dict.fromkeys((*one, *other)))
    return both if len(both) <= _MOST_PLACES else None


def _joined_arguments(one: tuple[Value, ...], other: tuple[Value, ...]) -> tuple[Value, ...]:
    same: list[Value] = []
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs or splits(mine):
            break
        same.append(mine)
    return (*same, *ANY)


def _converted(value: Variable, attributes: str) -> Variable | None:
    """What is held where letters are changed on the way; None for what is calculated or not known."""
    text = literal(value) if type(value) is tuple else None
    if attributes.strip("r") == "i" and text is not None and text.lstrip("-").isdecimal() and text == str(int(text)):
        return value
    if text is None or not text.isascii() or attributes.strip("r") not in ("l", "u"):
        return None if value != UNSET else value
    return (text.lower() if "l" in attributes else text.upper(),) if text else ()
