"""A command in, rules that would catch it out: by what it would do where that is known, else by its words.

Only proposes; whoever writes a rule tries it first. The best proposal comes first, the plainest last.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from shlex import quote

from security_hooks.dsl.predicates.paths import PATHS
from security_hooks.model.decision import Tier
from security_hooks.model.effect import Effect, EffectKind, Flow, Scope
from security_hooks.model.shell import CallFacts, Command
from security_hooks.model.word import Origin, Word
from security_hooks.policy.example_call import PLACE

_PATTERN_SPECIAL = re.compile(r"([\\.+*?()\[\]{}|^$])")
_GLOB_SPECIAL = re.compile(r"([*?\[])")
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule's `match` line without its keyword, and the nudge that fits it."""

    condition: str
    nudge: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule that can be written down. `removes` and `reason` are an exception's, `comments` stand above it."""

    tier: Tier
    name: str
    proposal: Proposal
    stops: tuple[str, ...]
    passes: tuple[str, ...]
    removes: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    enabled: bool = True
    reason: str = "a person wrote it for this very command"

    @property
    def text(self) -> str:
        """The rule as it stands in a file."""
        lines = [f"# {comment}" for comment in self.comments]
        lines.append(f"{self.tier.value} {_string(self.name)}")
        if self.removes:
            lines.append(f"{_INDENT}for {', '.join(map(_string, self.removes))}")
        lines.append(f"{_INDENT}match {self.proposal.condition}")
        if self.tier is Tier.EXCEPT:
            lines.append(f"{_INDENT}reason {_string(self.reason)}")
        elif self.tier is not Tier.ALLOW:
            lines.append(f"{_INDENT}nudge {_string(self.proposal.nudge)}")
        if not self.enabled:
            lines.append(f"{_INDENT}enabled false")
        lines += (f"{_INDENT}example stop {_string(text)}" for text in self.stops)
        lines += (f"{_INDENT}example pass {_string(text)}" for text in self.passes)
        return "".join(f"{line}\n" for line in lines)


def propose(call: CallFacts, tier: Tier) -> tuple[Proposal, ...]:
    """Conditions that the call should meet. An `allow` or `except` vouches for the command as it is written, alone."""
    commands = () if call.script is None else call.script.commands
    if tier in (Tier.ALLOW, Tier.EXCEPT):
        return tuple(Proposal(f"^{_PATTERN_SPECIAL.sub(_escaped, command.text)}$", "") for command in commands[:1])
    flows = () if call.script is None else call.script.flows
    found = [proposal for flow in flows for proposal in _of_flow(flow)]
    kinds = sorted((_rank(effect), command.index) for command in commands for effect in command.effects)
    for rank, index in dict.fromkeys(kinds):
        command = next(command for command in commands if command.index == index)
        found += _of_effects(command, [effect for effect in command.effects if _rank(effect) == rank])
    found += [proposal for command in reversed(commands) for proposal in _of_words(command)]
    return tuple(dict.fromkeys(found))


def stopping_examples(command: str) -> tuple[str, ...]:
    """The command, and the same in disguise."""
    return (command, f"bash -c {quote(command)}")


def passing_examples(call: CallFacts, tier: Tier) -> tuple[str, ...]:
    """Commands much like it that a rule about it should leave alone, the nearest first."""
    commands = () if call.script is None else call.script.commands
    programs = [command.program for command in commands if command.program is not None]
    near = [f"{program} --help" for program in programs[:1]]
    if tier in (Tier.ALLOW, Tier.EXCEPT):
        near = [f"{command.text} --and-more" for command in commands[:1]]
    return (*near, "echo hello")


def _of_flow(flow: Flow) -> Iterator[Proposal]:
    source, sink = flow.source, flow.sink
    if source.kind is EffectKind.CONNECTS and sink.kind is EffectKind.EXECUTES:
        nudge = "This runs code from the network that nobody has read. Fetch it into a file and read it first"
        yield Proposal('flow("network", "execution")', nudge)
    elif sink.kind is EffectKind.CONNECTS and source.target is not None and source.target.literal is not None:
        name = f"${source.target.literal}" if source.kind is EffectKind.READS_ENV else _glob(source, below=False)
        if name is not None and source.kind in (EffectKind.READS_ENV, EffectKind.READS):
            yield Proposal(f'flow({_string(name)}, "network")', "This sends out what should stay on this machine")


_NUDGES = {
    EffectKind.DELETES: "This deletes {path}. Move it to a temp directory instead",
    EffectKind.MUTATES: "This changes what others depend on. Ask first",
    EffectKind.CHANGES_MODE: "This changes who may use {path}. Leave its mode as it is",
    EffectKind.MOVES: "This moves {path} away. Copy it instead",
    EffectKind.SIGNALS: "This signals a process that may not be yours. Ask first",
    EffectKind.INSTALLS: "This installs a package. Ask first",
    EffectKind.EXECUTES: "This runs code that nobody has read. Write the command itself",
    EffectKind.WRITES: "This writes to {path}. Write to a file of your own instead",
    EffectKind.CONNECTS: "This connects to {host}. Ask first",
    EffectKind.READS: "This reads {path}. Ask for what you need of it",
    EffectKind.SETS_ENV: "This sets a variable that changes how programs run. Leave it out",
    EffectKind.READS_ENV: "This reads a variable that may hold a secret. Ask first",
}
_RANKS = {kind: rank for rank, kind in enumerate(_NUDGES)}
_NOT_CODE = frozenset({Origin.LITERAL, Origin.FILE})


def _rank(effect: Effect) -> int:
    """The most telling kinds of effects first; code of which we know where it comes from says least."""
    if effect.kind not in _RANKS or (effect.kind is EffectKind.EXECUTES and effect.origin in _NOT_CODE):
        return len(_RANKS)
    # Everything but a name below: an effect that may not be one vouches for little.
    return _RANKS[effect.kind] if effect.certain else len(_RANKS) - 1


def _of_effects(command: Command, effects: Iterable[Effect]) -> Iterator[Proposal]:
    by_predicate: dict[str, dict[str | None, None]] = {}
    nudge = ""
    for effect in effects:
        if effect.kind not in _RANKS:
            continue
        nudge = _NUDGES[effect.kind]
        below = effect.recursive or effect.contents
        name = effect.kind.value
        name = "deletes_recursively" if effect.kind is EffectKind.DELETES and below else name
        name = "sends" if effect.kind is EffectKind.CONNECTS and effect.sends else name
        name = "executes_from" if effect.kind is EffectKind.EXECUTES else name
        by_predicate.setdefault(name, {})[_argument(effect, below=below)] = None
    for name, arguments in by_predicate.items():
        known = [argument for argument in arguments if argument is not None]
        call = f"{name}({', '.join(map(_string, known))})"
        # Without a target that is known, an effect alone would say too much.
        narrowed = "" if known and name != "mutates" else f' action("{command.action.value}")'
        if known or command.program is not None:
            yield Proposal(call + narrowed, nudge)


def _of_words(command: Command) -> Iterator[Proposal]:
    if command.program is None:
        return
    parts = [f"command({_string(command.program)})"]
    if command.subcommands:
        parts.append(f"subcommand({_string(' '.join(command.subcommands))})")
    plain = " ".join(parts)
    options = sorted(option for option in command.options if re.fullmatch(r"--?[A-Za-z0-9][A-Za-z0-9-]*", option))
    nudge = "`{base_command}` is not to be used like this. Ask first"
    if options:
        yield Proposal(" ".join((plain, *(f"with_flags({_string(option)})" for option in options))), nudge)
    yield Proposal(plain, nudge)


def _argument(effect: Effect, *, below: bool) -> str | None:
    if effect.kind is EffectKind.EXECUTES:
        return effect.origin.value
    literal = _literal(effect.target)
    if effect.kind is EffectKind.MUTATES:
        return f"{effect.object}/{_exact(literal)}" if literal else effect.object or None
    if effect.kind in PATHS:
        return _glob(effect, below=below)
    return None if literal is None else _exact(literal)


def _glob(effect: Effect, *, below: bool) -> str | None:
    """The path as a rule names it: below `~`, in any project, or as it is."""
    path = _literal(effect.target)
    if path is None:
        return None
    if path == PLACE.project:
        return "<root>"
    below_mark = "/**" if below else ""
    inside = f"{PLACE.project}/"
    if effect.scope is Scope.PROJECT and path.startswith(inside):
        return f"**/{_exact(path.removeprefix(inside))}{below_mark}"
    if path == PLACE.home or path.startswith(f"{PLACE.home}/"):
        return f"~{_exact(path.removeprefix(PLACE.home))}{below_mark}"
    return f"{_exact(path).rstrip('/')}{below_mark}" or "/"


def _literal(word: Word | None) -> str | None:
    return None if word is None else word.literal


def _exact(text: str) -> str:
    """A glob that means this text alone."""
    return _GLOB_SPECIAL.sub(lambda found: f"[{found[1]}]", text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[1]}"


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
