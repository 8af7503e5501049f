"""Addresses of socat, joined in pairs: what they connect to, which files they open, what they run at the other end.

Grammar after socat(1): `TYPE:ARGUMENT:...,option=value,...`, two joined by `!!` where reading and writing differ.
"""

from collections.abc import Iterator

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, Origin
from security_hooks.shell.inline.reading import Inline, RawEffect, Value
from security_hooks.shell.limits import Budget

_CONNECTING = ("tcp", "udp", "udplite", "dccp", "sctp", "openssl", "ssl", "dtls", "vsock", "socks", "proxy", "ip", "ws")
_FILES = frozenset(("file", "open", "gopen", "create", "creat", "pipe", "fifo", "pty"))
_RUNNING = frozenset(("exec", "system", "shell"))
_READING = (EffectKind.READS, EffectKind.WRITES)


def read_addresses(code: Value, budget: Budget) -> Inline:
    """What one address does. Its parts are told apart by its first text; behind a hole nothing is."""
    if not budget.spend():
        return Inline(over_budget=True)
    effects: list[RawEffect] = []
    shell: list[Value] = []
    for single in _singles(code):
        first = single[0] if single else ""
        if isinstance(first, Hole):
            return Inline(tuple(effects), tuple(shell), opaque=Origin.UNKNOWN)
        kind, colon, rest = first.partition(":")
        kind = kind.strip().lower()
        argument = _before((rest, *single[1:]), ",")
        if kind in _RUNNING:
            shell.append(argument)
            effects.append(RawEffect(EffectKind.CONNECTS, (), certain=False))
        elif kind in _FILES and colon:
            effects += [RawEffect(verb, argument) for verb in _READING]
        elif not colon and "/" in kind:
            effects += [RawEffect(verb, (first.partition(",")[0], *single[1:])) for verb in _READING]
        elif kind.startswith(_CONNECTING):
            is_waiting = kind.endswith(("-listen", "-l", "-recv", "-recvfrom", "-recvfrom-fork"))
            host = () if is_waiting else _before(argument, ":")
            effects.append(RawEffect(EffectKind.CONNECTS, host, sends=True))
    return Inline(tuple(effects), tuple(shell))


def _singles(code: Value) -> Iterator[Value]:
    """The addresses on both sides of `!!`."""
    current: list[str | Hole] = []
    for part in code:
        if isinstance(part, Hole):
            current.append(part)
            continue
        for number, text in enumerate(part.split("!!")):
            if number:
                yield tuple(current)
                current = []
            current.append(text)
    yield tuple(current)


def _before(parts: Value, mark: str) -> Value:
    """What stands before the first such mark."""
    kept: list[str | Hole] = []
    for part in parts:
        if isinstance(part, str) and mark in part:
            kept.append(part[: part.index(mark)])
            break
        kept.append(part)
    return tuple(part for part in kept if part)
