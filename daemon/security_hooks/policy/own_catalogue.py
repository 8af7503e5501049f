"""The commands that the machine and a person describe in files of their own: read, checked and joined."""

from collections.abc import Iterable, Iterator

import msgspec

from security_hooks.catalogue.compiled import once
from security_hooks.catalogue.entry import Catalogue
from security_hooks.catalogue.load import load, merged, place_of
from security_hooks.catalogue.role import Role
from security_hooks.catalogue.verbs import unlisted
from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.policy.source import CatalogueFile

NOTHING = Catalogue({}, frozenset())


class ReadFile(msgspec.Struct, frozen=True):
    """What one file says; nothing where `problems` say that it is refused."""

    catalogue: Catalogue
    problems: tuple[Diagnostic, ...] = ()


def read_catalogue(file: CatalogueFile) -> ReadFile:
    """The commands of one file, and every mistake in it."""
    try:
        return ReadFile(load({file.path: file.data}))
    except PolicyError as error:
        return ReadFile(NOTHING, error.diagnostics)


def all_of(catalogues: Iterable[Catalogue]) -> Catalogue:
    """These catalogues as one; later entries replace earlier ones."""
    whole = NOTHING
    for catalogue in catalogues:
        whole = merged(whole, catalogue) if whole.commands else catalogue
    return whole


def left_open(files: Iterable[CatalogueFile]) -> Iterator[Diagnostic]:
    """A warning for each entry of these files that says nothing of the subcommands that it does not list."""
    for file in files:
        for spec in once(read_catalogue(file).catalogue.commands.values()):
            says_rest = "*" in spec.subcommands or spec.verbs is not None or unlisted(spec, "x") is not None
            # Else such a word is an operand of the command itself.
            is_group = not spec.operands or spec.operands[0].role is Role.TEXT
            if spec.subcommands and is_group and not says_rest:
                line, column = place_of(file.path, file.data, spec.name)
                message = f"a subcommand of `{spec.name}` that is not listed is an action that nobody knows"
                hint = 'give `sub` an entry `"*"` for what is left, or the command `verbs`'
                yield Diagnostic(file.path, line, column, "open-subcommands", message, hint, Level.WARNING)


def replaced(files: Iterable[CatalogueFile], shipped: Catalogue) -> Iterator[Diagnostic]:
    """A warning for each entry of these files that replaces a shipped one, or one of a file before."""
    owners = dict.fromkeys(shipped.commands, "the shipped one")
    for file in files:
        catalogue = read_catalogue(file).catalogue
        for name, spec in catalogue.commands.items():
            owner = owners.get(name)
            if owner is not None:
                line, column = place_of(file.path, file.data, spec.name)
                message = f"the entry for `{name}` replaces {owner}, whole"
                hint = f"`security-hooks catalogue show {name}` prints what holds now"
                yield Diagnostic(file.path, line, column, "replaced-command", message, hint, Level.WARNING)
        owners |= dict.fromkeys(catalogue.commands, f"that of {file.path}")
