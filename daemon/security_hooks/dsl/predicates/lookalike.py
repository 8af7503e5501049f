"""Predicates on names that are not what they look like."""

import re
from collections.abc import Iterator

from security_hooks.dsl.globs import globs, is_literal
from security_hooks.dsl.marks import marks_of_kinds
from security_hooks.dsl.predicates.effects import effects_of
from security_hooks.dsl.predicates.signature import NO, UNKNOWN, YES, Matcher, Params, Predicate, non_empty
from security_hooks.dsl.truth import Truth
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import ToolKind
from security_hooks.model.shell import Facts
from security_hooks.tools.lookalike import Neighbours, is_disguised, seen

# Of the others the client knows the name.
_PACKAGE = re.compile(r"(?:@[\w.-]+/)?[^\s/@=<>~!;\[,:]+(?=\Z|[@=<>~!;\[])")
_NAMED_BY_OTHERS = frozenset({ToolKind.MCP, ToolKind.OTHER})


def _build_server(arguments: tuple[str, ...]) -> Matcher:
    resembles = _Resembling(arguments)

    def match(facts: Facts) -> Truth:
        target = facts.call.tool.mcp
        return NO if target is None or not target.server else resembles(target.server)

    return match


def _build_tool(arguments: tuple[str, ...]) -> Matcher:
    resembles = _Resembling(arguments)

    def match(facts: Facts) -> Truth:
        tool = facts.call.tool
        return resembles(tool.name) if tool.kind in _NAMED_BY_OTHERS else NO

    return match


class _Resembling:
    """Asks whether a name only looks like one of some others; remembers nothing."""

    __slots__ = ("_known", "_neighbours", "_seen")

    def __init__(self, names: tuple[str, ...]) -> None:
        self._known = globs(names)
        literal = [name for name in names if is_literal(name)]
        self._seen = frozenset(map(seen, literal))
        self._neighbours = Neighbours(literal)

    def __call__(self, name: str) -> Truth:
        if is_disguised(name):
            return YES
        if self._known.match(name):
            return NO
        if seen(name) in self._seen:
            return YES
        return UNKNOWN if self._neighbours.are_near(name) else NO


def _build_package(arguments: tuple[str, ...]) -> Matcher:
    resembles = _Resembling(arguments)

    def match(facts: Facts) -> Truth:
        best = NO
        for name in _packages(facts):
            best = max(best, resembles(name))
        return best

    return match


def _packages(facts: Facts) -> Iterator[str]:
    """The names of what is installed from a registry, without versions and extras."""
    for effect in effects_of(facts):
        name = effect.target.literal if effect.kind is EffectKind.INSTALLS and effect.target is not None else None
        found = _PACKAGE.match(name) if name is not None else None
        if found is not None:
            yield found[0]


def _show_packages(facts: Facts) -> str:
    return ", ".join(ascii(name) for name in _packages(facts)) or "no package"


def _show_server(facts: Facts) -> str:
    target = facts.call.tool.mcp
    return "no MCP server" if target is None else ascii(target.server)


def _show_tool(facts: Facts) -> str:
    return ascii(facts.call.tool.name)


_HOW = (
    "YES where it has characters that cannot be seen, Latin letters beside others that look like them, or looks like "
    "one of these without being it. UNKNOWN where it differs from one of them only in case, separators, signs that "
    "resemble each other (`0` and `o`), or in one letter and has five or more."
)
LOOKALIKE_SERVER = Predicate(
    "lookalike_server",
    Params("server", least=0, check=non_empty),
    f"The MCP server's name looks like one of these, and is another: `lookalike_server(mcp_allowed)`.\n\n{_HOW}",
    _build_server,
    _show_server,
    asks=True,
)
LOOKALIKE_TOOL = Predicate(
    "lookalike_tool",
    Params("tool", least=0, check=non_empty),
    "The name of a tool that its client does not know, or of an MCP server's, looks like one of these, and is "
    f"another.\n\n{_HOW}",
    _build_tool,
    _show_tool,
    asks=True,
)
LOOKALIKE_PACKAGE = Predicate(
    "lookalike_package",
    Params("package", check=non_empty),
    "A package that is installed, or fetched and run, has a name that looks like one of these, and is another.\n\n"
    f"Versions and extras do not count. {_HOW}",
    _build_package,
    _show_packages,
    asks=True,
    marks=lambda _arguments: marks_of_kinds([EffectKind.INSTALLS]),
)
