"""Judging one effect by its target: hosts and their ports, variables and their values, programs, objects."""

import re

from security_hooks.dsl.globs import is_literal
from security_hooks.dsl.predicates.effects import Judge
from security_hooks.dsl.predicates.paths import SCOPES
from security_hooks.dsl.predicates.signature import NO, UNKNOWN, YES
from security_hooks.dsl.truth import Truth
from security_hooks.dsl.words import WordGlobs, word_globs
from security_hooks.model.effect import Effect, Scope
from security_hooks.model.shell import Facts
from security_hooks.model.word import Hole, Origin, Word
from security_hooks.shell.hosts import ANY_PORT

OBJECTS = ("git", "container", "cloud", "database", "service", "system", "setting")
_ALL = "*"
# `HOST`, `HOST:PORT`, `[::1]:PORT`; `::1` is a host.
_PORT = re.compile(r"(\[[^\]]*\]|[^:]*|[^:]*:.*:[^:]*?)(?::(\d+))?")


def _matched(wanted: WordGlobs, word: Word | None) -> Truth:
    return UNKNOWN if word is None else wanted.match(word)


def judge_target(arguments: tuple[str, ...]) -> Judge:
    """The target is one of these, whatever kind it is."""
    wanted = word_globs(arguments)
    return lambda effect, _facts: YES if not arguments else _matched(wanted, effect.target)


def judge_host(arguments: tuple[str, ...]) -> Judge:
    """Hosts, and `HOST:PORT`: of a port that is not written out in the call, that is NO."""
    split = [_PORT.fullmatch(argument.lower()) for argument in arguments]
    wanted = word_globs(found[1] for found in split if found is not None and found[2] is None)
    at_port = [(word_globs((found[1],)), found[2]) for found in split if found is not None and found[2] is not None]

    def judge(effect: Effect, _facts: Facts) -> Truth:
        if not arguments:
            return YES
        host = _lower(effect.target)
        best = _matched(wanted, host) if wanted.alternatives else NO
        for hosts, port in at_port:
            if best is YES or effect.object not in (port, ANY_PORT):
                continue
            fits = _matched(hosts, host)
            best = best if fits is NO else UNKNOWN if effect.object == ANY_PORT else fits
        return best

    return judge


def judge_sending(arguments: tuple[str, ...]) -> Judge:
    """Data is sent to one of these hosts."""
    host = judge_host(arguments)
    return lambda effect, facts: host(effect, facts) if effect.sends else None


def _lower(word: Word | None) -> Word | None:
    if word is None or (word.literal is not None and word.literal.islower()):
        return word
    parts = tuple(part if isinstance(part, Hole) else part.lower() for part in word.parts)
    return Word(parts, word.span, None if word.literal is None else word.literal.lower())


def judge_assignment(arguments: tuple[str, ...]) -> Judge:
    """Variables by name, and `NAME=GLOB`: one that is set to such a value."""
    named = judge_variable(tuple(argument for argument in arguments if "=" not in argument))
    valued = [
        (word_globs((name,)), word_globs((value,)))
        for name, equals, value in (argument.partition("=") for argument in arguments)
        if equals
    ]

    def judge(effect: Effect, facts: Facts) -> Truth | None:
        best = named(effect, facts) if len(valued) < len(arguments) or not arguments else NO
        for names, values in valued:
            if best is not YES and _matched(names, effect.target) is not NO:
                fits = _matched(values, effect.content)
                best = best if fits is NO else fits
        return best

    return judge


def judge_variable(arguments: tuple[str, ...]) -> Judge:
    """The variable is one of these."""
    wanted = word_globs(arguments)

    def judge(effect: Effect, _facts: Facts) -> Truth:
        target = effect.target
        if not arguments:
            return YES
        # Something that is given, or prints, the whole environment.
        return UNKNOWN if target is None or target.literal == _ALL else wanted.match(target)

    return judge


def judge_program(arguments: tuple[str, ...]) -> Judge:
    """The program, or the language of the code, is one of these."""
    scopes = frozenset[Scope]().union(*(SCOPES.get(argument, frozenset()) for argument in arguments))
    names = word_globs(glob for argument in arguments if argument not in SCOPES for glob in _anywhere(argument))
    languages = frozenset(argument for argument in arguments if is_literal(argument))

    def judge(effect: Effect, _facts: Facts) -> Truth:
        if not arguments or effect.object in languages or effect.scope in scopes:
            return YES
        if effect.target is None:
            # Code in a language that is known is no program of another name.
            return NO if effect.object else UNKNOWN
        return names.match(effect.target)

    return judge


def _anywhere(argument: str) -> tuple[str, ...]:
    return (argument,) if "/" in argument else (argument, f"*/{argument}")


def judge_origin(arguments: tuple[str, ...]) -> Judge:
    """The code comes from one of these places."""
    wanted = frozenset(map(Origin, arguments))

    def judge(effect: Effect, _facts: Facts) -> Truth:
        if effect.origin in wanted:
            return YES
        return UNKNOWN if effect.origin is Origin.UNKNOWN else NO

    return judge


def judge_object(arguments: tuple[str, ...]) -> Judge:
    """The object is of one of these kinds, or `KIND/NAME`."""
    kinds = frozenset(argument for argument in arguments if "/" not in argument)
    named = {
        kind: word_globs(name for argument in arguments for begins, slash, name in [argument.partition("/")]
                         if slash and begins == kind)
        for kind in OBJECTS
    }  # fmt: skip

    def judge(effect: Effect, _facts: Facts) -> Truth:
        if not arguments or effect.object in kinds:
            return YES
        wanted = named.get(effect.object)
        return NO if wanted is None or not wanted.alternatives else _matched(wanted, effect.target)

    return judge


def check_object(argument: str) -> str | None:
    """What is wrong with an object, if anything."""
    kind, slash, name = argument.partition("/")
    if kind not in OBJECTS:
        return f"is nothing that can be changed: one of {', '.join(OBJECTS)}"
    return "names no object" if slash and not name else None


def judge_call(arguments: tuple[str, ...]) -> Judge:
    """The tool is of one of these servers, or `SERVER/TOOL`."""
    wanted = word_globs(argument if "/" in argument else f"{argument}/*" for argument in arguments)
    return lambda effect, _facts: YES if not arguments else _matched(wanted, effect.target)


def check_host(argument: str) -> str | None:
    """What is wrong with a host, if anything."""
    return "is no host: leave out what stands around it" if not argument or "/" in argument else None
