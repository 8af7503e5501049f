"""Of two lists of entries of a scope, the part of the second that makes the first stricter."""

from collections.abc import Callable

from security_hooks.dsl.bounds import EXCEPTED
from security_hooks.dsl.globs import globs, is_literal


def narrowed(base: tuple[str, ...], wanted: tuple[str, ...], lies_in: Callable[[str, str], bool]) -> tuple[str, ...]:
    """The entries of `wanted` that surely lie in one of `base`, where that has any, and the excepted ones of both.
    Where none does, those of `base` stay: no entry at all would be no scope.
    """
    allowed = [entry for entry in base if not entry.startswith(EXCEPTED)]
    asked = [entry for entry in wanted if not entry.startswith(EXCEPTED)]
    kept = [entry for entry in asked if not allowed or any(lies_in(entry, other) for other in allowed)]
    excepted = (entry for entry in (*base, *wanted) if entry.startswith(EXCEPTED))
    return tuple(dict.fromkeys((*(kept or allowed), *excepted)))


def lies_in(entry: str, other: str) -> bool:
    """Whether a path, or all that a glob names, surely is or lies below another entry, wherever the project is."""
    if entry == other:
        return True
    if ".." in entry.split("/") or ".." in other.split("/"):
        return False
    whole = other.rstrip("/") or "/"
    if whole in (".", "./"):
        return entry[:1] not in ("/", "~")
    return is_literal(whole) and entry.startswith(whole if whole == "/" else f"{whole}/")


def is_host_of(entry: str, other: str) -> bool:
    """Whether a host is one of those that another entry names."""
    if entry == other:
        return True
    return is_literal(entry) and ":" not in entry and ":" not in other and globs((other.lower(),)).match(entry.lower())
