"""Nudges: the text an agent reads, with placeholders for what was caught."""

import re
from collections.abc import Callable, Mapping

from security_hooks.dsl.predicates.effects import effects_of, folded
from security_hooks.dsl.predicates.mcp import difference
from security_hooks.dsl.predicates.network import hosts
from security_hooks.dsl.predicates.outside import left
from security_hooks.dsl.predicates.paths import PATHS
from security_hooks.model.effect import Scope
from security_hooks.model.shell import Facts

MOST_OF_A_VALUE = 200
_OWN = (Scope.PROJECT, Scope.TEMP)
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z0-9_]*)\}")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def _base_command(facts: Facts) -> str:
    command = facts.command
    if command is None:
        return facts.call.tool.name
    if command.program is not None:
        return command.program
    return command.folded.partition(" ")[0]


def _command(facts: Facts) -> str:
    return facts.call.tool.name if facts.command is None else facts.command.text


def _path(facts: Facts) -> str:
    touched = [effect for effect in effects_of(facts) if effect.kind in PATHS and effect.target is not None]
    if touched:
        # What lies outside of the project is more likely what a rule is about.
        worst = next((effect for effect in touched if effect.scope not in _OWN), touched[0])
        return folded(worst.target) if worst.target is not None else ""
    if facts.command is None:
        return facts.call.tool.paths[0] if facts.call.tool.paths else "a path that is not known"
    literals = [word.literal for word in facts.command.operands if word.literal]
    return next((literal for literal in literals if "/" in literal), literals[-1] if literals else "no path")


def _host(facts: Facts) -> str:
    return next((host for host in hosts(facts) if host is not None), "a host that is not known")


PLACEHOLDERS: Mapping[str, Callable[[Facts], str]] = {
    "base_command": _base_command,
    "client": lambda facts: facts.call.event.client,
    "command": _command,
    "definition": lambda facts: difference(facts)[0],
    "pin": lambda facts: difference(facts)[1],
    "cwd": lambda facts: facts.call.place.cwd or "a directory that is not known",
    "host": _host,
    "outside": lambda facts: left(facts).name,
    "outside_host": lambda facts: left(facts, is_host=True).name,
    "path": _path,
    "scope": lambda facts: left(facts).scope,
    "tool": lambda facts: facts.call.tool.name,
}
RULE = "rule"


def unknown_placeholders(nudge: str) -> tuple[tuple[int, str], ...]:
    """Offset and name of each placeholder that does not exist."""
    return tuple(
        (found.start(), found.group(1))
        for found in _PLACEHOLDER.finditer(nudge)
        if found.group(1) is not None and found.group(1) != RULE and found.group(1) not in PLACEHOLDERS
    )


def fill(nudge: str, rule: str, facts: Facts) -> str:
    """The nudge with its placeholders filled in, each value on one line and cut where it is long."""

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return found.group()[0]
        text = rule if name == RULE else PLACEHOLDERS[name](facts)
        line = _UNSEEN.sub(" ", text[: MOST_OF_A_VALUE * 2]).strip()
        return line if len(line) <= MOST_OF_A_VALUE else f"{line[:MOST_OF_A_VALUE]}..."

    return _PLACEHOLDER.sub(value, nudge)
