"""What `install` and `uninstall` would change: file by file, its bytes before and after.

All is known before anything is written, so that a file which is refused leaves all as it was.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from security_hooks.install.files import as_text, read_bytes, refused_text
from security_hooks.install.places import CODEX_MANAGED, Machine
from security_hooks.wiring import claude_code, codex, gemini
from security_hooks.wiring.json_hooks import unwired, wired
from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.line import HookLine, id_in
from security_hooks.wiring.table import SHIM, Scope, Version

BACKUP = ".before-security-hooks"


@dataclass(frozen=True, slots=True)
class Change:
    """One file: None stands for no file. `path` is on the disk. `backup` is what to keep beside it, if anything."""

    path: Path
    before: bytes | None
    after: bytes | None
    backup: bytes | None = None
    is_managed: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    """One settings file of a client: how our hooks get into its text and out of it.

    `take_out` None marks a file that is ours alone.
    """

    path: Path
    put_in: Callable[[str | None, HookLine], str]
    take_out: Callable[[str], str | None] | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What to install: the line without its id, which is kept where there is one already; `fresh` is a new one."""

    line: HookLine
    version: Version | None
    fresh: str


def plan_install(machine: Machine, client: str, scope: Scope, wish: Wish) -> tuple[Change, ...]:
    """The files to write; empty where all is as it should be. Raises PolicyError where one must be left alone."""
    targets = _targets(machine, client, scope, wish.version)
    texts = [_read(machine.on_disk(target.path)) for target in targets]
    known = (id_in(text) for text in texts if text is not None and SHIM in text)
    line = wish.line.with_id(next((found for found in known if found is not None), wish.fresh))
    made = (_installed(machine, target, before, line, scope) for target, before in zip(targets, texts, strict=True))
    return tuple(change for change in made if change is not None)


def _installed(machine: Machine, target: _Target, before: str | None, line: HookLine, scope: Scope) -> Change | None:
    path = machine.on_disk(target.path)
    after = _tried(path, before, lambda text: target.put_in(text, line))
    if after is None or after == before:
        return None
    is_theirs = target.take_out is not None and before is not None and SHIM not in before
    return _change(path, before, after, scope, before.encode() if is_theirs and before is not None else None)


def plan_uninstall(machine: Machine, client: str, scope: Scope) -> tuple[Change, ...]:
    """The files to write or remove; a file that install had changed and nobody since gets its very bytes back."""
    return tuple(
        change
        for target in _targets(machine, client, scope, None)
        for change in _uninstalled(machine.on_disk(target.path), target, scope)
    )


def _uninstalled(path: Path, target: _Target, scope: Scope) -> Iterator[Change]:
    before = _read(path)
    take_out = target.take_out
    if take_out is None:
        if before is not None:
            yield _change(path, before, None, scope)
        return
    if before is None or SHIM not in before:
        return
    after = _tried(path, before, lambda text: take_out(text or ""))
    backup = path.with_name(path.name + BACKUP)
    kept = _read(backup)
    if kept is not None and _same_but_ours(target, take_out, kept, before):
        yield _change(path, before, kept, scope)
        yield _change(backup, kept, None, scope)
    else:
        yield _change(path, before, after, scope)


def _same_but_ours(target: _Target, take_out: Callable[[str], str | None], kept: str, now: str) -> bool:
    """Whether install made the present text of the kept one, whatever its options were."""
    try:
        # Our hooks taken out of what install would make of the kept text, and out of the present one, is the same.
        return take_out(target.put_in(kept, HookLine(f"/{SHIM}", None, "0" * 16))) == take_out(now)
    except TextError:
        return False


def _targets(machine: Machine, client: str, scope: Scope, version: Version | None) -> tuple[_Target, ...]:
    match client, scope:
        case "claude-code", Scope.USER:
            return (
                _Target(
                    machine.claude / "settings.json",
                    lambda text, line: wired(text, claude_code.groups(line, version), claude_code.FORM),
                    lambda text: unwired(text, claude_code.FORM),
                ),
            )
        case "claude-code", Scope.MANAGED:
            path = machine.claude_managed() / "managed-settings.d/security-hooks.json"
            return (_Target(path, lambda _, line: claude_code.managed_text(line, version), None),)
        case "gemini-cli", Scope.USER:
            extension = machine.gemini_extension()
            return (
                _Target(
                    machine.gemini / "settings.json",
                    lambda text, line: wired(text, gemini.groups(line), gemini.FORM),
                    lambda text: unwired(text, gemini.FORM),
                ),
                _Target(extension / "hooks/hooks.json", lambda _, line: gemini.extension_text(line), None),
                _Target(extension / "gemini-extension.json", lambda _text, _line: gemini.manifest_text(), None),
            )
        case "gemini-cli", Scope.MANAGED:
            return (
                _Target(
                    machine.gemini_managed(),
                    lambda text, line: gemini.enabled(wired(text, gemini.groups(line), gemini.FORM)),
                    gemini.without_pins,
                ),
            )
        case _, Scope.USER:
            path = machine.codex / "config.toml"
            names = (
                tuple(dict.fromkeys((str(path), str(path.parent.resolve() / path.name))))
                if machine.root is None
                else (str(path),)
            )
            return (_Target(path, lambda text, line: codex.wired(text, line, names), codex.unwired),)
        case _:
            return (
                _Target(
                    CODEX_MANAGED, lambda text, line: codex.pinned(codex.wired(text, line, ())), codex.without_pins
                ),
            )


def _read(path: Path) -> str | None:
    content = read_bytes(path)
    return None if content is None else as_text(path, content)


def _tried(path: Path, text: str | None, make: Callable[[str | None], str | None]) -> str | None:
    try:
        return make(text)
    except TextError as error:
        raise refused_text(path, text or "", error) from None


def _change(path: Path, before: str | None, after: str | None, scope: Scope, backup: bytes | None = None) -> Change:
    return Change(
        path,
        None if before is None else before.encode(),
        None if after is None else after.encode(),
        backup,
        scope is Scope.MANAGED,
    )
