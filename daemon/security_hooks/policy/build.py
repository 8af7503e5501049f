"""Sources in, one whole `Build` out, or every reason why not. Pure: reading was done before, compiling comes after.

A cache makes it incremental: a file is parsed again only if its bytes changed, and the examples of a rule run again
only if the rule itself did, its lists and macros included. A build is refused whole if anything is an ERROR.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.dsl.compile import compile_rule
from security_hooks.dsl.parse import parse_bytes
from security_hooks.dsl.resolve import LayeredFile, resolve
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.dsl.syntax import SourceFile
from security_hooks.model.decision import Tier
from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.policy.built import Build, is_self_protection
from security_hooks.policy.cases import failing_examples
from security_hooks.policy.config import build_config
from security_hooks.policy.config_types import Config, Layer
from security_hooks.policy.source import RuleFile, Sources

CACHED = 4_096

_Parsed = tuple[SourceFile, tuple[Diagnostic, ...]]
_Configured = tuple[Config, tuple[Diagnostic, ...]]
_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


class BuildCache:
    """What earlier builds found out, by content, so that it can never be out of date. The oldest goes first.

    `parsed` and `tried` count the files parsed and the rules whose examples ran.
    """

    def __init__(self) -> None:
        self.parsed = 0
        self.tried = 0
        self._files: dict[tuple[str, bytes], _Parsed] = {}
        self._examples: dict[bytes, tuple[int, ...]] = {}
        self._configs: dict[tuple[Layer, ...], _Configured] = {}

    def parse(self, file: RuleFile) -> _Parsed:
        """The file's tree and what is wrong with it."""
        key = (file.path, file.data)
        found = self._files.pop(key, None)
        if found is None:
            self.parsed += 1
            found = parse_bytes(file.data, file.path)
        self._files[key] = found
        _trim(self._files)
        return found

    def configure(self, layers: tuple[Layer, ...]) -> _Configured:
        """The configuration of these layers and what is wrong with them."""
        found = self._configs.pop(layers, None) or build_config(layers)
        self._configs[layers] = found
        _trim(self._configs)
        return found

    def failing(self, rule: ResolvedRule, catalogue: Catalogue) -> tuple[int, ...]:
        """Which of the rule's examples do not hold, by their position."""
        if not rule.examples:
            return ()
        # Where a rule stands does not change what it means.
        examples = tuple(msgspec.structs.replace(example, line=0) for example in rule.examples)
        key = msgspec.msgpack.encode(msgspec.structs.replace(rule, file="", line=0, layer="", examples=examples))
        found = self._examples.pop(key, None)
        if found is None:
            self.tried += 1
            found = failing_examples(compile_rule(rule), catalogue)
        self._examples[key] = found
        _trim(self._examples)
        return found


def build(sources: Sources, cache: BuildCache, catalogue: Catalogue) -> Build:
    """The build of these sources. Raises PolicyError with all diagnostics, warnings included, if one is an ERROR."""
    diagnostics = list(sources.problems)
    config, found = cache.configure(sources.layers)
    diagnostics += found
    files: list[LayeredFile] = []
    for file in sources.rules:
        source, found = cache.parse(file)
        files.append(LayeredFile(file.layer, source))
        diagnostics += found
    _refuse(diagnostics)
    rules, found = resolve(files, config.lists)
    diagnostics += found
    _refuse(diagnostics)
    rules, found = _without_loosening(rules, sources)
    diagnostics += found
    diagnostics += _failed_examples(_for_examples(rules, files, sources, config, cache), cache, catalogue)
    _refuse(diagnostics)
    diagnostics += _unknown_names(rules, files, config)
    return Build(
        digest=sources.digest,
        config=config,
        rules=tuple(msgspec.msgpack.encode(rule) for rule in rules),
        diagnostics=tuple(sorted(set(diagnostics), key=_place)),
        full=sources.full,
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
    resolved, _ = resolve(files, lists)
    kept = {(rule.name, rule.file, rule.line) for rule in rules}
    return tuple(rule for rule in resolved if (rule.name, rule.file, rule.line) in kept)


def _failed_examples(rules: Iterable[ResolvedRule], cache: BuildCache, catalogue: Catalogue) -> Iterator[Diagnostic]:
    for rule in rules:
        for index in cache.failing(rule, catalogue):
            example = rule.examples[index]
            fault = "does not match" if example.stop else "matches"
            kind = "stop" if example.stop else "pass"
            message = f"`{rule.name}` {fault} its example `{kind}` of `{example.text}`"
            hint = f"run `security-hooks explain` on it, or write `example {'pass' if example.stop else 'stop'}`"
            yield Diagnostic(rule.file, example.line, 1, "failed-example", message, hint)


def _unknown_names(rules: tuple[ResolvedRule, ...], files: list[LayeredFile], config: Config) -> Iterator[Diagnostic]:
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


def _trim(cache: dict[_Key, _Found]) -> None:
    while len(cache) > CACHED:
        del cache[next(iter(cache))]
