"""Peels wrappers off the front of a command, by the catalogue's table: `sudo env X=1 rm` is `rm` under two wrappers."""

import re
import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

import msgspec

from security_hooks.catalogue.entry import Catalogue, CommandSpec, Wraps
from security_hooks.catalogue.role import Role
from security_hooks.model.action import Action
from security_hooks.model.shell import Assignment, Wrapper
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.limits import Budget
from security_hooks.shell.options import Reading, read_options
from security_hooks.shell.packages import program_of
from security_hooks.shell.paths import Value, resolve
from security_hooks.shell.placeholders import NO_SEGMENTS, Segments, cut_segments, filled_in, with_input
from security_hooks.shell.programs import (
    is_program,
    meant,
    program_name,
    script_known_by_name,
    undashed,
)
from security_hooks.shell.words import word_of

_ROOT, _CHDIR, _SHELL, _PROGRAM = Role.ROOT, Role.CHDIR, Role.SHELL, Role.PROGRAM
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
_SETTING = re.compile(r"\s*([A-Za-z][\w.*-]*)\s*[=\s]\s*[!|]?")
_EXTERNAL = "ext::"
_WITHOUT_EFFECT = frozenset((Role.TEXT, _CHDIR, _SHELL, _PROGRAM, Role.CODE, Role.SETENV, Role.LIST, _ROOT))


class Invocation(msgspec.Struct, frozen=True, gc=False):
    """One program that is run: `words[0]` names it. `assignments` are those its wrappers make. `codes` are the words
    of shell texts that it runs, by its options or its operands. `emitted` is False for a mere wrapper, `is_bare` True
    for one that was given nothing to run. `cwd` is where it runs.
    """

    words: tuple[Word, ...]
    program: str | None
    reading: Reading
    wrappers: tuple[Wrapper, ...]
    assignments: tuple[Assignment, ...]
    codes: tuple[tuple[Word, ...], ...]
    emitted: bool
    is_bare: bool = False
    cwd: Value | None = None


def wrapper_of(
    program: str | None,
    words: tuple[Word, ...],
    reading: Reading,
    cwd: Value | None,
    outer: Sequence[Wrapper],
) -> Wrapper:
    """A program as what runs another one: elsewhere, or in a directory that is `/` for it; within those around it."""
    spec = reading.spec
    wraps = spec.wraps if spec is not None else None
    root = next((word for _, word, role in reading.values if role is _ROOT), None)
    if spec is not None and spec.operands and spec.operands[0].role is _ROOT and reading.operands:
        root = reading.operands[0]
    above = next((wrapper.root for wrapper in reversed(outer) if wrapper.root is not None), None)
    if root is not None and root.parts:
        root = resolve(root.parts, cwd, root.span)
        root = root if above is None else resolve((*above.parts, *root.parts), None, root.span)
    else:
        root = above
    return Wrapper(program or "", words, wraps is not None and wraps.remote, root)


def directory_within(reading: Reading, cwd: Value | None, wrapper: Wrapper, outer: Sequence[Wrapper]) -> Value | None:
    """Where a command starts what it runs: where it is told to, or at the `/` that it goes to."""
    if wrapper.root is not None and all(wrapper.root is not other.root for other in outer):
        cwd = ("/",)
    for _, word, role in reading.values:
        if role is _CHDIR and word.parts:
            cwd = resolve(word.parts, cwd).parts
    return cwd


def peel(
    words: tuple[Word, ...],
    catalogue: Catalogue,
    budget: Budget,
    given: Value | None = None,
    cwd: Value | None = None,
    outer: tuple[Wrapper, ...] = (),
) -> list[Invocation]:
    """The programs that these words run, outermost first; the last may be all there is. `given` is the text on
    standard input, where it is known: `xargs` adds its words. `cwd` is where the first one runs, `outer` what runs it.
    """
    invocations: list[Invocation] = []
    waiting: list[tuple[tuple[Word, ...], tuple[Wrapper, ...], tuple[Assignment, ...], Value | None]]
    waiting = [(words, (), (), cwd)]
    while waiting:
        current, wrappers, assignments, place = waiting.pop()
        program = program_name(current[0])
        spec = catalogue.commands.get(program) if program is not None else None
        if spec is None and program is not None:
            current = undashed(current, program, catalogue)
            program = program_name(current[0])
            spec = catalogue.commands.get(program) if program is not None else None
        own, segments = current, NO_SEGMENTS
        cut = spec.subcommands.get(current[1].literal or "", spec) if spec is not None and len(current) > 1 else spec
        if cut is not None and cut.wraps is not None and cut.wraps.exec:
            own, segments = cut_segments(cut, cut.wraps, current)
        reading = read_options(spec, own)
        wraps = reading.spec.wraps if reading.spec is not None else None
        inner: list[tuple[Word, ...]] = []
        made: tuple[Assignment, ...] = ()
        is_bare = True
        if program is None or wraps is None or not _runs(wraps, reading):
            texts = _texts_given(spec, reading) if reading.values or (spec is not None and spec.setting) else ()
            invocations.append(
                Invocation(current, program, reading, wrappers, assignments, texts, emitted=True, cwd=place)
            )
        else:
            inner, codes, made = _inner(wraps, reading, own, segments, given)
            if wraps.known:
                inner = [words for words in inner if is_program(words[0], catalogue)]
            is_bare = not (inner or codes)
            emitted = wraps.keep or is_bare or _acts(reading)
            if spec is not None and spec.setting:
                codes += _settings(spec, reading)
            invocations.append(
                Invocation(current, program, reading, wrappers, assignments, tuple(codes), emitted, is_bare, place)
            )
        script = script_known_by_name(reading, catalogue) if is_bare else None
        if script is not None:
            inner.append(script)
        for words_of_inner in reversed(inner):
            if not (budget.spend(1 + (len(words_of_inner) + len(wrappers) >> 4)) and budget.follow()):
                # What was not peeled is noted as it stands.
                invocations.append(
                    Invocation(words_of_inner, None, Reading(None), wrappers, assignments, (), emitted=True, cwd=place)
                )
                break
            front = current[: max(len(current) - len(words_of_inner), 1)]
            if reading.spec is not None and reading.spec.action is Action.PACKAGE_RUN:
                words_of_inner = (program_of(words_of_inner[0]), *words_of_inner[1:])  # noqa: PLW2901  # as it is called
            wrapper = wrapper_of(program, front, reading, place, (*outer, *wrappers))
            inside = directory_within(reading, place, wrapper, (*outer, *wrappers))
            waiting.append((words_of_inner, (*wrappers, wrapper), assignments + made, inside))
    return invocations


def _acts(reading: Reading) -> bool:
    """Whether a wrapper does something itself besides: `strace -o FILE`, `xargs -a FILE`, `flock FILE`."""
    if any(role not in _WITHOUT_EFFECT for _, _, role in reading.values):
        return True
    operands = reading.spec.operands if reading.spec is not None else None
    return bool(operands) and operands is not None and operands[0].role not in _WITHOUT_EFFECT


def _inner(
    wraps: Wraps, reading: Reading, words: Sequence[Word], segments: Segments, given: Value | None
) -> tuple[list[tuple[Word, ...]], list[tuple[Word, ...]], tuple[Assignment, ...]]:
    """The commands (words) and the shell texts (words to be joined) that a wrapper runs, and what it assigns."""
    inner = [filled_in(words_of, name, reading, wraps) for name, words_of in segments if words_of]
    named = reading.value_of(wraps.program)
    if named is not None:
        return [*inner, meant((named, *words[reading.first :]), wraps)], [], ()
    codes: list[tuple[Word, ...]] = [
        (value,) for name, value, role in reading.values if name in wraps.code or _is_text(role, value)
    ]
    spec = reading.spec
    # `pnpm WORD`: the subcommand that fits any word is the program itself.
    first = reading.place if wraps.known and spec is not None and "*" in spec.name else reading.first
    rest = tuple(words[first:]) if wraps.rest != "none" else ()
    dashes = next((i for i, word in enumerate(words) if word.literal == "--"), None) if wraps.dashes else None
    if wraps.rest == "none" and wraps.code:
        # `su root -- -c CODE`: what stands behind the dashes goes to the shell.
        codes += [(code,) for option, code in pairwise(reading.operands) if _is_code_option(option, wraps, reading)]
    if wraps.rest == "each":
        codes += [(word,) for word in reading.operands if not _is_dropped(word, wraps)]
        rest = ()
    if dashes is not None:
        rest = tuple(words[dashes + 1 :])
    elif wraps.skip:
        rest = rest[wraps.skip :]
        if len(rest) > 1 and wraps.code and (rest[0].literal or "").startswith("-"):
            # `flock FILE -c CODE`, `script FILE -qc CODE`: the options stand behind the operand.
            later = read_options(reading.spec, (words[0], *rest))
            codes += [(value,) for name, value, _ in later.values if name in wraps.code]
            rest = rest[later.first - 1 :]
        if codes:
            rest = ()
    made: list[Assignment] = []
    if wraps.assignments:
        while rest and (assignment := assignment_of(rest[0])):
            made.append(assignment)
            rest = rest[1:]
    split = reading.value_of(wraps.split)
    if split is not None:
        codes.append((split, *rest))
        rest = ()
    if not rest:
        return inner, codes, tuple(made)
    calls = [rest]
    if wraps.appends:
        calls = with_input(rest, wraps, reading, given)
        rest = calls[0]
    if wraps.rest == "code":
        if wraps.drop:
            rest = tuple([word for word in rest if not _is_dropped(word, wraps)])
        if rest:
            codes.append(rest)
        return inner, codes, tuple(made)
    inner += [meant(call, wraps) for call in calls]
    if len(rest) > 1 and dashes is None and (reading.strange or any(map(_may_split, words[1 : -len(rest)]))):
        # An option that we do not know, or that is in a hole, may have taken the word that looks like the program.
        inner.append(rest[1:])
    return inner, codes, tuple(made)


def _texts_given(spec: CommandSpec | None, reading: Reading) -> tuple[tuple[Word, ...], ...]:
    """The shell texts that the options of a program which wraps nothing were given."""
    settings = _settings(spec, reading) if spec is not None and spec.setting else []
    return (*settings, *[(value,) for _, value, role in reading.values if _is_text(role, value)])


def _runs(wraps: Wraps, reading: Reading) -> bool:
    """Whether anything is run: not with options that say otherwise, nor with values that mean another thing."""
    if not wraps.unless.isdisjoint(reading.options):
        return False
    for name, word, _ in reading.values if wraps.where else ():
        globs, literal = wraps.where.get(name), word.literal
        if globs is not None and literal is not None and not any(fnmatchcase(literal, glob) for glob in globs):
            return False
    return True


def _is_dropped(word: Word, wraps: Wraps) -> bool:
    return any(fnmatchcase(word.literal or "", glob) for glob in wraps.drop)


def _settings(spec: CommandSpec, reading: Reading) -> list[tuple[Word, ...]]:
    """The shell texts in settings: `ssh -o ProxyCommand=..`. A leading `!` or `|` only says that it is shell text."""
    codes: list[tuple[Word, ...]] = []
    for word in reading.operands:
        literal = word.literal or ""
        if literal.startswith(_EXTERNAL):
            # Git runs such an address, without a shell; `% ` is a blank in an argument.
            given = re.split("(?<!%) +", literal.removeprefix(_EXTERNAL))
            code = shlex.join([text.replace("% ", " ").replace("%%", "%") for text in given if text])
            codes.append((word_of((code,), word.span),))
    for name, value, _ in reading.values:
        first = value.parts[0] if value.parts and name in spec.setting else None
        found = _SETTING.match(first) if type(first) is str else None
        if type(first) is not str or found is None:
            continue
        names = (found[1].lower(), "!" + found[1].lower() if found[0].endswith("!") else "")
        if any(fnmatchcase(name, pattern.lower()) for name in names for pattern in spec.code_settings):
            codes.append((word_of((first[found.end() :], *value.parts[1:]), value.span),))
    return codes


def _is_text(role: Role | None, value: Word) -> bool:
    """Whether an option's value is shell text: a program that is given with arguments of its own is as good as that."""
    return role is _SHELL or (role is _PROGRAM and " " in (value.literal or "").strip())


def _may_split(word: Word) -> bool:
    return any(isinstance(part, Hole) and part.splits and part.kind is not HoleKind.GLOB for part in word.parts)


def _is_code_option(word: Word, wraps: Wraps, reading: Reading) -> bool:
    option = reading.spec.options.get(word.literal or "") if reading.spec is not None else None
    return option is not None and option.spellings[0] in wraps.code


def assignment_of(word: Word) -> Assignment | None:
    """The assignment that this word makes in front of a command; None if it is another word."""
    first = word.parts[0] if word.parts else None
    found = _ASSIGNMENT.match(first) if type(first) is str else None
    if found is None or type(first) is not str:
        return None
    return Assignment(found[1], word_of((first[found.end() :], *word.parts[1:]), word.span))
