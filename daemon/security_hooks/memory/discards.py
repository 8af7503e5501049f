"""The facts of one call to the work that it would throw away, as far as commands that are known tell.

Roots may be more than a command is about, never less where it `is_exact`. Bounded in number.
"""

from collections.abc import Iterable, Iterator

import msgspec

from security_hooks.memory.deeds import LONGEST
from security_hooks.model.action import Action
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import ToolKind
from security_hooks.model.shell import CallFacts, Command, Script
from security_hooks.model.work import NO_DISCARDS, Discard, Discards, Loss

MOST_DISCARDS = 32
MOST_ROOTS = 64

# What changes no file, and starts nothing that might.
_QUIET = frozenset(
    {
        Action.FILESYSTEM_READ,
        Action.GIT_SAFE,
        Action.TEXT,
        Action.ENV_READ,
        Action.SYSTEM_INSPECT,
        Action.PROCESS_INSPECT,
        Action.PACKAGE_INSPECT,
        Action.NETWORK_DIAGNOSTIC,
    }
)
_TOLD = _QUIET | {Action.FILESYSTEM_WRITE, Action.FILESYSTEM_DELETE}
_CHANGES = (EffectKind.WRITES, EffectKind.DELETES, EffectKind.MOVES, EffectKind.CHANGES_MODE, EffectKind.EXECUTES)
_TOLD_TOOLS = frozenset(
    {
        ToolKind.READ,
        ToolKind.WRITE,
        ToolKind.EDIT,
        ToolKind.PATCH,
        ToolKind.SEARCH,
        ToolKind.FETCH,
        ToolKind.WEB_SEARCH,
        # What an agent does comes to us call by call.
        ToolKind.AGENT,
    }
)


class _Form(msgspec.Struct, frozen=True):
    """One way in which git throws work away. `needs`: one of these options; `widens`: with one of these it is `wider`.

    Exact with no other options than `plain`, and where `heads` says so with no operand but the last commit.
    """

    chain: tuple[str, ...]
    loss: Loss
    roots: EffectKind | None = None
    needs: frozenset[str] = frozenset()
    widens: frozenset[str] = frozenset()
    wider: Loss = Loss.STAGED
    plain: frozenset[str] | None = frozenset()
    heads: bool = False
    is_whole: bool = False


_WRITES, _DELETES = EffectKind.WRITES, EffectKind.DELETES
_FORMS = (
    _Form(("reset",), Loss.STAGED, _WRITES, frozenset({"--hard"}), plain=frozenset({"-q"}), heads=True, is_whole=True),
    _Form(("reset",), Loss.STAGED, _WRITES, frozenset({"--merge"}), plain=None, is_whole=True),
    _Form(("checkout",), Loss.STAGED, _WRITES, frozenset({"-f"}), plain=frozenset({"-q"}), heads=True, is_whole=True),
    _Form(("checkout",), Loss.CHANGES, _WRITES, plain=frozenset({"-q"})),
    _Form(("restore",), Loss.CHANGES, _WRITES, widens=frozenset({"-S", "-s"}), plain=frozenset({"-q", "-W"})),
    _Form(("switch",), Loss.STAGED, _WRITES, frozenset({"-f"}), plain=None, is_whole=True),
    _Form(
        ("clean",),
        Loss.UNTRACKED,
        _DELETES,
        widens=frozenset({"-x", "-X"}),
        wider=Loss.IGNORED,
        plain=frozenset({"-d", "-f", "-q"}),
    ),
    _Form(("rm",), Loss.STAGED, _DELETES, frozenset({"-f"}), plain=frozenset({"-r", "-q"})),
    _Form(("stash", "drop"), Loss.STASH, plain=None),
    _Form(("stash", "clear"), Loss.STASH, plain=None),
)
# With these git works elsewhere than where it stands; without doubt only where it is told so by a directory.
_ELSEWHERE = frozenset({"--git-dir", "--work-tree", "--bare", "--namespace", "-c", "--config-env"})
_PLACES = frozenset({"-C", "--"})
_CHDIR = frozenset({"-C"})


def discards_of(call: CallFacts | None) -> Discards:
    """What a call throws away."""
    if call is None:
        return NO_DISCARDS
    script = call.script
    if script is None:
        found = tuple(_files(call.effects, None))
        is_told = call.tool.kind in _TOLD_TOOLS and not call.tool.unanalysed_code
        return Discards(found[:MOST_DISCARDS], len(found) > MOST_DISCARDS, is_told=is_told)
    is_moved = any(_is_git_variable(effect) for command in script.commands for effect in command.effects)
    found = tuple(_all(call, script, is_moved=is_moved))
    is_clear = not (script.unparseable or script.over_budget or script.dynamic or call.tool.unanalysed_code)
    listed = {discard.command for discard in found}
    return Discards(
        found[:MOST_DISCARDS],
        is_cut=len(found) > MOST_DISCARDS,
        is_alone=is_clear and all(command.index in listed or _is_quiet(command) for command in script.commands),
        is_told=is_clear and not call.effects and all(map(_is_told, script.commands)),
    )


def _all(call: CallFacts, script: Script, *, is_moved: bool) -> Iterator[Discard]:
    yield from _files(call.effects, None)
    for command in script.commands:
        if command.program != "git":
            yield from _files(command.effects, command.index)
        elif command.action is Action.GIT_DISCARD and not is_moved:
            yield from _of_git(command, call.place.cwd)


def _files(effects: Iterable[Effect], command: int | None) -> Iterator[Discard]:
    deleted = [effect for effect in effects if effect.kind is _DELETES and effect.certain and not effect.remote]
    for is_deep in (False, True):
        roots = _roots(effect for effect in deleted if effect.recursive is is_deep)[0]
        if roots:
            yield Discard(Loss.FILES, roots[:MOST_ROOTS], command, is_deep=is_deep)


def _of_git(command: Command, cwd: str | None) -> Iterator[Discard]:
    if command.options & _ELSEWHERE or any(wrapper.remote for wrapper in command.wrappers):
        return
    for form in _FORMS:
        if command.subcommands != form.chain or (form.needs and not command.options & form.needs):
            continue
        if form.roots is None:
            if cwd is not None and not command.options & _CHDIR:
                yield Discard(form.loss, (cwd,), command.index, is_whole=True)
            return
        effects = [effect for effect in command.effects if effect.kind is form.roots]
        if form.chain == ("clean",) and len(effects) > 1:
            # The directory it stands in comes last, and counts where it is given no other.
            effects.pop()
        roots, is_known = _roots(effects)
        is_wider = bool(command.options & form.widens) or (form.chain == ("checkout",) and _names_a_tree(command))
        # Of words that may be a commit or a path, the first is not always taken for a path.
        is_known = is_known and (form.is_whole or len(effects) >= len(command.operands))
        is_exact = is_known and len(roots) <= MOST_ROOTS and _is_plain(command, form)
        if roots:
            yield Discard(
                form.wider if is_wider else form.loss,
                roots[:MOST_ROOTS],
                command.index,
                is_whole=form.is_whole,
                is_deep=True,
                is_exact=is_exact,
            )
        return


def _roots(effects: Iterable[Effect]) -> tuple[tuple[str, ...], bool]:
    """The paths, and whether they are all; a pattern of git's counts as the directory that it is written in."""
    roots: list[str] = []
    is_known = True
    for effect in effects:
        path = None if effect.target is None else effect.target.literal
        if path is None or len(path) > LONGEST or not path.startswith("/"):
            is_known = False
            continue
        parts = path.split("/")
        special = next((at for at, part in enumerate(parts) if part.startswith(":") or set(part) & set("*?[")), None)
        if special is not None and parts[special].startswith(":"):
            # Such a pattern may name any place of the work tree.
            is_known = False
        roots.append(path if special is None else "/".join(parts[:special]) or "/")
    return tuple(dict.fromkeys(roots)), is_known and bool(roots)


def _is_plain(command: Command, form: _Form) -> bool:
    if form.plain is None or not command.options_known or command.wrappers or command.inside:
        return False
    if command.assignments or not command.options <= form.plain | form.needs | form.widens | _PLACES:
        return False
    operands = [word.literal for word in command.operands]
    return None not in operands and (not form.heads or operands in ([], ["HEAD"]))


def _names_a_tree(command: Command) -> bool:
    words = [word.literal for word in command.words]
    operands = [word.literal for word in command.operands]
    if "--" in words:
        return words.index("--") > 0 and words[words.index("--") - 1] in operands[:1]
    return len(operands) > 1


def _is_git_variable(effect: Effect) -> bool:
    if effect.kind is not EffectKind.SETS_ENV:
        return False
    name = None if effect.target is None else effect.target.literal
    return name is None or name.startswith("GIT_")


def _is_quiet(command: Command) -> bool:
    return (
        command.program is not None
        and command.action in _QUIET
        and not command.may_be
        and not any(effect.kind in _CHANGES and not effect.remote for effect in command.effects)
    )


def _is_told(command: Command) -> bool:
    """Whether what it writes is known, down to the last path, and new: what is moved was written before."""
    return (
        command.program is not None
        and command.action in _TOLD
        and not command.may_be
        and "background" not in command.inside
        and not any(
            effect.kind in (EffectKind.EXECUTES, EffectKind.MOVES)
            or (effect.kind in _CHANGES and (effect.target is None or effect.target.literal is None))
            for effect in command.effects
        )
    )
