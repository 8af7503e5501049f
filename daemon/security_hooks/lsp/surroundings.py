"""What stands around a text in an editor: the rules of all layers, parsed, the configuration's lists, the catalogue.

Made anew whenever a text changes, by parsing that text alone. What cannot be parsed is left out, never raised.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.catalogue.load import merged
from security_hooks.dsl.complaints import Complaints
from security_hooks.dsl.scope import LAYERS, Definition, LayeredFile, Scope
from security_hooks.dsl.syntax import At, ListStatement, RuleStatement, SourceFile
from security_hooks.lsp.document import Document
from security_hooks.model.diagnostic import Level
from security_hooks.policy.build import BuildCache
from security_hooks.policy.config_rows import Names
from security_hooks.policy.config_schema import LISTS_SECTION, ROWS
from security_hooks.policy.config_types import Layer
from security_hooks.policy.own_catalogue import all_of
from security_hooks.policy.protection import GUARDED, PLACEHOLDER, protection
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.policy.toml_places import places


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule where it stands."""

    file: LayeredFile
    statement: RuleStatement

    @property
    def place(self) -> str:
        """`FILE:LINE`."""
        return f"{self.file.source.file}:{self.statement.at.line}"


@dataclass(frozen=True)
class Surroundings:
    """All files with their layers and texts, the lists of the configuration by their names in rules, the catalogue.

    `layers` are those of the configuration; none where it has an error.
    """

    files: tuple[LayeredFile, ...]
    lists: Mapping[str, tuple[str, ...]]
    catalogue: Catalogue
    documents: Mapping[str, Document]
    layers: tuple[Layer, ...] = ()

    @cached_property
    def _scope(self) -> Scope:
        return Scope(self.files, self.lists, Complaints())

    def file(self, name: str) -> LayeredFile:
        """The file of this name; an empty one of a person's own where there is none."""
        return next((file for file in self.files if file.source.file == name), LayeredFile("user", SourceFile(name)))

    def definition(self, name: str, file: LayeredFile) -> Definition | None:
        """The list or macro that the file sees under this name, where a file defines it."""
        return self._scope.visible(name, file)

    def held(self, name: str, file: LayeredFile) -> tuple[str, ...] | None:
        """What the list of this name holds, lists in it replaced; None where the file sees no such list."""
        if name in self.lists:
            return self.lists[name]
        found = self.definition(name, file)
        if found is None or not isinstance(found.statement, ListStatement):
            return None
        return self._scope.values(found.statement.values, found.file) or ()

    def given(self, name: str) -> tuple[Document, At] | None:
        """Where the configuration says what its list of this name holds: the last layer that says all of it."""
        row = _row(name)
        key: tuple[str, ...] = (LISTS_SECTION, name) if row is None else row.path
        for layer in reversed(self.layers if name in self.lists else ()):
            text = layer.text.decode("utf-8", "replace")
            place = places(text).get(key)
            if place is not None:
                return Document(layer.path, text), At(*place)
        return None

    def list_names(self, file: LayeredFile) -> tuple[str, ...]:
        """The names of all lists that the file sees."""
        return self._scope.names(file, lists=True)

    def macro_names(self, file: LayeredFile) -> tuple[str, ...]:
        """The names of all macros that the file sees."""
        return self._scope.names(file, lists=False)

    def rules(self) -> Iterator[Rule]:
        """Every rule, by layer and file."""
        for file in sorted(self.files, key=lambda file: (LAYERS.index(file.layer), file.source.file)):
            yield from (Rule(file, statement) for statement in file.source.rules)

    def rule(self, name: str) -> Rule | None:
        """The rule of this name."""
        return next((rule for rule in self.rules() if rule.statement.name.text == name), None)


def surroundings(sources: Sources, cache: BuildCache, shipped: Catalogue) -> Surroundings:
    """What the sources say, as far as they can be read."""
    config, problems = cache.configure(sources.layers)
    is_sound = all(problem.level is not Level.ERROR for problem in problems)
    own = all_of(cache.describe(file).catalogue for file in sources.catalogue)
    files = (protection(), *sources.rules)
    return Surroundings(
        tuple(LayeredFile(file.layer, cache.parse(file)[0]) for file in files),
        {**config.lists, GUARDED: (PLACEHOLDER,)},
        merged(shipped, own) if own.commands else shipped,
        {file.path: Document(file.path, file.data.decode("utf-8", "replace")) for file in files},
        sources.layers if is_sound else (),
    )


def with_text(sources: Sources, file: str, layer: str, text: str) -> Sources:
    """The sources with this text in place of the file's, or as one more file of that layer."""
    # A lone surrogate is no character that a file could hold: the parser is to see that it is none.
    data = text.encode("utf-8", "surrogatepass")
    found = [known for known in sources.rules if known.path == file]
    added = RuleFile(layer, file, data) if not found else RuleFile(found[0].layer, file, data, found[0].trusted)
    rules = (*(known for known in sources.rules if known.path != file), added)
    return msgspec.structs.replace(sources, rules=rules)


def meaning_of_given(name: str) -> str:
    """What a list of the configuration is for, by its name in rules."""
    if name == GUARDED:
        return "Paths of the running daemon."
    row = _row(name)
    return "A list of your own, from `[lists]` in `config.toml`." if row is None else row.doc


def _row(name: str) -> Names | None:
    return next((row for row in ROWS if isinstance(row, Names) and row.list_name == name), None)
