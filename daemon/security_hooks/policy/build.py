"""Sources in, one whole `Build` out, or every reason why not. Pure: reading was done before, compiling comes after.

The rules that protect the guard itself are in every build, whatever the sources are.

A cache makes it incremental: a file is parsed again only if its bytes changed, and the examples of a rule run again
only if the rule itself did, its lists and macros included. Examples of shipped rules run with the shipped catalogue, so
that what a person says of commands breaks none; those of other rules with the one in force, and again if that changed.
A build is refused whole if anything is an ERROR.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.catalogue.load import merged, pack_own
from security_hooks.dsl.compile import compile_rule
from security_hooks.dsl.parse import parse_bytes
from security_hooks.dsl.resolve import LayeredFile, resolve
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.dsl.scope import GUARD
from security_hooks.dsl.syntax import SourceFile
from security_hooks.model.decision import Tier
from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.policy.built import Build, is_self_protection
from security_hooks.policy.cases import failing_examples
from security_hooks.policy.config import build_config
from security_hooks.policy.config_types import Config, Layer
from security_hooks.policy.own_catalogue import ReadFile, all_of, read_catalogue
from security_hooks.policy.protection import GUARDED, PLACEHOLDER, protection
from security_hooks.policy.source import CatalogueFile, RuleFile, Sources

CACHED = 4_096
# The layers whose examples have nothing to do with what a person describes.
_OURS = frozenset({GUARD, "shipped"})

_Parsed = tuple[SourceFile, tuple[Diagnostic, ...]]
_Configured = tuple[Config, tuple[Diagnostic, ...]]
_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


class BuildCache:
    """What earlier builds found out, by content, so that it can never be out of date. The oldest goes first.

    `files` is how many parsed files it holds. `parsed` and `tried` count the files parsed and the rules whose examples
    ran, those of the guard layer apart.
    """

    def __init__(self, files: int = CACHED) -> None:
        self._most_files = files
        self.parsed = 0
        self.tried = 0
        self._files: dict[tuple[str, bytes], _Parsed] = {}
        self._examples: dict[tuple[bytes, bytes], tuple[int, ...]] = {}
        self._catalogues: dict[CatalogueFile, ReadFile] = {}
        self._configs: dict[tuple[Layer, ...], _Configured] = {}

    def parse(self, file: RuleFile) -> _Parsed:
        """The file's tree and what is wrong with it."""
        key = (file.path, file.data)
        found = self._files.pop(key, None)
        if found is None:
            self.parsed += file.layer != GUARD
            found = parse_bytes(file.data, file.path)
        self._files[key] = found
        _trim(self._files, self._most_files)
        return found

    def configure(self, layers: tuple[Layer, ...]) -> _Configured:
        """The configuration of these layers and what is wrong with them."""
        found = self._configs.pop(layers, None) or build_config(layers)
        self._configs[layers] = found
        _trim(self._configs)
        return found

    def describe(self, file: CatalogueFile) -> ReadFile:
        """The commands that the file describes, or what is wrong with it."""
        found = self._catalogues.pop(file, None) or read_catalogue(file)
        self._catalogues[file] = found
        _trim(self._catalogues)
        return found

    def failing(self, rule: ResolvedRule, catalogue: Catalogue, own: bytes) -> tuple[int, ...]:
        """Which of the rule's examples do not hold, by their position; `own` tells catalogues apart."""
        if not rule.examples:
            return ()
        # Where a rule stands does not change what it means.
        examples = tuple(msgspec.structs.replace(example, line=0) for example in rule.examples)
        key = (msgspec.msgpack.encode(msgspec.structs.replace(rule, file="", line=0, layer="", examples=examples)), own)
        found = self._examples.pop(key, None)
        if found is None:
            self.tried += rule.layer != GUARD
            found = failing_examples(compile_rule(rule), catalogue)
        self._examples[key] = found
        _trim(self._examples)
        return found


def build(sources: Sources, cache: BuildCache, catalogue: Catalogue) -> Build:
    """The build of these sources; `catalogue` is the shipped one. Raises PolicyError with all diagnostics, warnings
    included, if one is an ERROR.
    """
    diagnostics = list(sources.problems)
    config, found = cache.configure(sources.layers)
    diagnostics += found
    described = [cache.describe(file) for file in sources.catalogue]
    diagnostics += [problem for file in described for problem in file.problems]
    files: list[LayeredFile] = []
    for file in (protection(), *sources.rules):
        source, found = cache.parse(file)
        files.append(LayeredFile(file.layer, source))
        diagnostics += found
    _refuse(diagnostics)
    rules, found = resolve(files, {**config.lists, GUARDED: (PLACEHOLDER,)})
    diagnostics += found
    _refuse(diagnostics)
    rules, found = _without_loosening(rules, sources)
    diagnostics += found
    own = all_of(file.catalogue for file in described)
    packed = pack_own(own)
    examples = _Examples(cache, catalogue, merged(catalogue, own) if packed else catalogue, packed)
    diagnostics += examples.failed(_for_examples(rules, files, sources, config, cache))
    _refuse(diagnostics)
    diagnostics += _unknown_names(rules, files, config)
    return Build(
        digest=sources.digest,
        config=config,
        rules=tuple(msgspec.msgpack.encode(rule) for rule in rules),
        diagnostics=tuple(sorted(set(diagnostics), key=_place)),
        full=sources.full,
        catalogue=packed,
        guarded=sources.guarded,
    )


def _without_loosening(
    rules: Iterable[ResolvedRule], sources: Sources
) -> tuple[tuple[ResolvedRule, ...], tuple[Diagnostic, ...]]:
    """The rules without those that a project which nobody has trusted may not bring."""
    untrusted = {file.path for file in sources.rules if not file.trusted}
    kept: list[ResolvedRule] = []
    ignored: list[Diagnostic] = []
    for rule in rules:
        if rule.tier in (Tier.ALLOW, Tier.EXCEPT) and rule.file in untrusted:
            message = f'`{rule.tier.value} "{rule.name}"` is ignored: nobody has trusted this project'
            hint = "read its rules, then run `security-hooks trust`"
            ignored.append(Diagnostic(rule.file, rule.line, 1, "untrusted", message, hint, Level.WARNING))
        else:
            kept.append(rule)
    return tuple(kept), tuple(ignored)


def _for_examples(
    rules: tuple[ResolvedRule, ...], files: list[LayeredFile], sources: Sources, config: Config, cache: BuildCache
) -> tuple[ResolvedRule, ...]:
    """The rules as they would be with the shipped lists: what a person adds to a list breaks no shipped example."""
    shipped, _ = cache.configure(tuple(layer for layer in sources.layers if layer.name == "shipped"))
    lists: Mapping[str, tuple[str, ...]] = {**config.lists, **shipped.lists}
    if lists == config.lists:
        return rules
    resolved, _ = resolve(files, {**lists, GUARDED: (PLACEHOLDER,)})
    kept = {(rule.name, rule.file, rule.line) for rule in rules}
    return tuple(rule for rule in resolved if (rule.name, rule.file, rule.line) in kept)


@dataclass(frozen=True, slots=True)
class _Examples:
    """What examples are run with: the shipped catalogue, and the one in force with its own part packed."""

    cache: BuildCache
    shipped: Catalogue
    in_force: Catalogue
    packed: bytes

    def failed(self, rules: Iterable[ResolvedRule]) -> Iterator[Diagnostic]:
        for rule in rules:
            is_ours = rule.layer in _OURS
            catalogue = self.shipped if is_ours else self.in_force
            for index in self.cache.failing(rule, catalogue, b"" if is_ours else self.packed):
                example = rule.examples[index]
                fault = "does not match" if example.stop else "matches"
                kind = "stop" if example.stop else "pass"
                message = f"`{rule.name}` {fault} its example `{kind}` of `{example.text}`"
                hint = f"run `security-hooks explain` on it, or write `example {'pass' if example.stop else 'stop'}`"
                yield Diagnostic(rule.file, example.line, 1, "failed-example", message, hint)


def _unknown_names(rules: tuple[ResolvedRule, ...], files: list[LayeredFile], config: Config) -> Iterator[Diagnostic]:
    if GUARDED in config.lists:
        yield _warning("taken-name", f"`[lists] {GUARDED}` is not used: the guard has a list of that name", "rename it")
    # Warnings only: an upgrade that renames a rule must not lock anyone out.
    names = {rule.name.text for file in files for rule in file.source.rules}
    guards = {rule.name for rule in rules if is_self_protection(rule)}
    for name in sorted(config.disabled_rules):
        if name not in names:
            message = f"`[rules] disabled` names `{name}`, which is no rule"
            yield _warning("unknown-rule", message, "see `security-hooks rules list`")
        elif name in guards:
            yield _warning("self-protection", f"`{name}` protects the guard itself: it stays in force", "")


def _warning(code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic("config.toml", 0, 0, code, message, hint, Level.WARNING)


def _refuse(diagnostics: list[Diagnostic]) -> None:
    if any(diagnostic.level is Level.ERROR for diagnostic in diagnostics):
        raise PolicyError(tuple(sorted(set(diagnostics), key=_place)))


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    return (diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.code, diagnostic.message)


def _trim(cache: dict[_Key, _Found], most: int = CACHED) -> None:
    while len(cache) > most:
        del cache[next(iter(cache))]
