"""Which lists and macros a file can see, and what they stand for.

All of them share one set of names with the predicates. A file sees those of its own layer and of the layers below;
no layer defines again what another one has defined.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from security_hooks.dsl.complaints import Complaints, did_you_mean, quoted
from security_hooks.dsl.predicates import PREDICATES
from security_hooks.dsl.syntax import At, ListStatement, MacroStatement, Name, SourceFile, Text, Value

# The layer that protects the guard itself: part of the program, seen by all others, changed by none.
GUARD = "guard"
LAYERS = (GUARD, "shipped", "system", "user", "project")
MOST_INCLUDED = 30
RESERVED = frozenset({"and", "or", "not"})
PREDICATE_NAMES = frozenset(predicate.name for predicate in PREDICATES)


@dataclass(frozen=True, slots=True)
class LayeredFile:
    """A parsed file and the layer that it belongs to (one of LAYERS)."""

    layer: str
    source: SourceFile

    @property
    def rank(self) -> int:
        """The layer's place in LAYERS."""
        return LAYERS.index(self.layer)


@dataclass(frozen=True, slots=True)
class Definition:
    """A list or macro where it is defined."""

    file: LayeredFile
    statement: ListStatement | MacroStatement

    @property
    def place(self) -> str:
        """`FILE:LINE`."""
        return f"{self.file.source.file}:{self.statement.name.at.line}"


class Scope:
    """Every definition of all files, and the lists of the configuration."""

    def __init__(self, files: Sequence[LayeredFile], given: Mapping[str, tuple[str, ...]], complaints: Complaints):
        self._given = given
        self._complaints = complaints
        self._definitions: dict[str, Definition] = {}
        self._held: dict[str, tuple[str, ...]] = {}
        for file in sorted(files, key=lambda file: (file.rank, file.source.file)):
            statements: tuple[ListStatement | MacroStatement, ...] = (*file.source.lists, *file.source.macros)
            for statement in statements:
                self._define(Definition(file, statement))
        for definition in self._definitions.values():
            if isinstance(definition.statement, ListStatement):
                self._hold(definition, ())

    @property
    def given(self) -> Mapping[str, tuple[str, ...]]:
        """The lists of the configuration."""
        return self._given

    def definitions(self) -> Iterator[Definition]:
        """Every list and macro that stands in a file."""
        yield from self._definitions.values()

    def visible(self, name: str, file: LayeredFile) -> Definition | None:
        """The definition that the file sees under this name."""
        found = self._definitions.get(name)
        return found if found is not None and found.file.rank <= file.rank else None

    def is_list(self, name: str, file: LayeredFile) -> bool:
        """Whether the file sees a list of this name."""
        found = self.visible(name, file)
        return name in self._given or (found is not None and isinstance(found.statement, ListStatement))

    def is_known(self, name: str, file: LayeredFile) -> bool:
        """Whether the name means anything to the file."""
        return name in PREDICATE_NAMES or name in self._given or self.visible(name, file) is not None

    def values(self, values: Sequence[Value], file: LayeredFile) -> tuple[str, ...] | None:
        """Strings and list names as strings, each once; None where a name is no list (and that has been told)."""
        strings: dict[str, None] = {}
        complete = True
        for value in values:
            if isinstance(value, Text):
                strings[value.text] = None
                continue
            held = self._list(value, file, ())
            complete = complete and held is not None
            strings.update(dict.fromkeys(held or ()))
        return tuple(strings) if complete else None

    def elsewhere(self, name: str, file: LayeredFile, known: Sequence[str]) -> str:
        """The hint for a name that the file does not see."""
        hidden = self._definitions.get(name)
        if hidden is not None and hidden.file.rank > file.rank:
            return f"it is defined at {hidden.place}, in a layer that this file cannot see"
        return did_you_mean(name, known)

    def names(self, file: LayeredFile, *, lists: bool) -> tuple[str, ...]:
        """The names of all lists, or of all macros, that the file sees."""
        found = tuple(
            name
            for name, definition in self._definitions.items()
            if definition.file.rank <= file.rank and isinstance(definition.statement, ListStatement) is lists
        )
        return (*found, *self._given) if lists else found

    def _define(self, definition: Definition) -> None:
        name = definition.statement.name
        file = definition.file.source.file
        kind = "list" if isinstance(definition.statement, ListStatement) else "macro"
        first = self._definitions.get(name.text)
        if name.text in RESERVED or name.text in PREDICATE_NAMES:
            owner = "a word of the language" if name.text in RESERVED else "a predicate"
            self._complain(
                file, name.at, "taken-name", f"{quoted(name.text)} is {owner}", f"give the {kind} another name"
            )
        elif name.text in self._given:
            message = f"{quoted(name.text)} is a list of the configuration"
            self._complain(file, name.at, "taken-name", message, "give it another name, or change it in `config.toml`")
        elif first is not None:
            message = f"{quoted(name.text)} is already defined at {first.place}"
            self._complain(file, name.at, "duplicate-name", message, "give one of them another name")
        else:
            self._definitions[name.text] = definition

    def _list(self, name: Name, file: LayeredFile, path: tuple[str, ...]) -> tuple[str, ...] | None:
        if name.text in self._given:
            return self._given[name.text]
        definition = self.visible(name.text, file)
        if definition is not None and isinstance(definition.statement, ListStatement):
            return self._hold(definition, path)
        where = file.source.file
        if definition is not None or name.text in PREDICATE_NAMES:
            message = f"{quoted(name.text)} is no list and cannot stand here"
            self._complain(where, name.at, "not-a-list", message, "put a string in quotes")
        else:
            message = f"{quoted(name.text)} is not a list"
            self._complaints.error(where, name.at, "unknown-name", message, partial(self._list_hint, name.text, file))
        return None

    def _list_hint(self, name: str, file: LayeredFile) -> str:
        return self.elsewhere(name, file, self.names(file, lists=True)) or "put a string in quotes"

    def _hold(self, definition: Definition, path: tuple[str, ...]) -> tuple[str, ...]:
        statement = definition.statement
        name = statement.name.text
        if name in self._held or not isinstance(statement, ListStatement):
            return self._held.get(name, ())
        strings: dict[str, None] = {}
        for value in statement.values:
            if isinstance(value, Text):
                strings[value.text] = None
            elif len(path) > MOST_INCLUDED:
                where = definition.file.source.file
                message = f"lists hold each other more than {MOST_INCLUDED} deep"
                self._complain(where, value.at, "too-deep", message)
            elif value.text in (*path, name):
                chain = " -> ".join((*path, name, value.text))
                where = definition.file.source.file
                self._complain(where, value.at, "recursive", f"a list holds itself: `{chain}`")
            else:
                strings.update(dict.fromkeys(self._list(value, definition.file, (*path, name)) or ()))
        self._held[name] = tuple(strings)
        return self._held[name]

    def _complain(self, file: str, at: At, code: str, message: str, hint: str = "") -> None:
        self._complaints.error(file, at, code, message, hint)
