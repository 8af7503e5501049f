"""Peels wrappers off the front of a command, by the catalogue's table: `sudo env X=1 rm` is `rm` under two wrappers."""

import re
import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import TypeAlias

import msgspec

from security_hooks.catalogue.entry import Catalogue, CommandSpec, Kind, Wraps
from security_hooks.catalogue.role import Role
from security_hooks.model.action import Action
from security_hooks.model.shell import Assignment, Wrapper
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.limits import Budget
from security_hooks.shell.options import Reading, read_options
from security_hooks.shell.paths import Value, resolve
from security_hooks.shell.supplied import MOST_BATCHES, SOME_BELOW, batches, below, words_of_input
from security_hooks.shell.words import word_of

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
_SETTING = re.compile(r"\s*([A-Za-z][\w.*-]*)\s*[=\s]\s*[!|]?")
_VERSIONED = re.compile(r"((?:@[\w.-]+/)?[\w.-]+)@[\w.^~<>=*-]+", re.ASCII)
_ONE_AT_A_TIME = frozenset(("-n", "--max-args"))
_PLACEHOLDER = "{}"
_EXTERNAL = "ext::"
_WITHOUT_EFFECT = frozenset(
    (Role.TEXT, Role.CHDIR, Role.SHELL, Role.PROGRAM, Role.CODE, Role.SETENV, Role.LIST, Role.ROOT)
)


Segments: TypeAlias = tuple[tuple[str, tuple[Word, ...]], ...]
_NONE: Segments = ()


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


def program_name(word: Word) -> str | None:
    """The base name of the program that this word names; None where it is not known."""
    literal = word.literal
    if literal is None:
        last = word.parts[-1] if word.parts else None
        if type(last) is not str or "/" not in last or any(type(part) is Hole and part.splits for part in word.parts):
            return None
        # `"$BIN"/rm`: any directory, but this name.
        return last[last.rfind("/") + 1 :] or None
    name = literal[literal.rfind("/") + 1 :] if "/" in literal else literal
    return name or literal


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
    root = next((word for _, word, role in reading.values if role is Role.ROOT), None)
    if spec is not None and spec.operands and spec.operands[0].role is Role.ROOT and reading.operands:
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
        if role is Role.CHDIR and word.parts:
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
        if program is not None and program not in catalogue.commands:
            current = _undashed(current, program, catalogue)
            program = program_name(current[0])
        spec = catalogue.commands.get(program) if program is not None else None
        own, segments = current, _NONE
        cut = spec.subcommands.get(current[1].literal or "", spec) if spec is not None and len(current) > 1 else spec
        if cut is not None and cut.wraps is not None and cut.wraps.exec:
            own, segments = _cut_segments(cut, cut.wraps, current)
        reading = read_options(spec, own)
        wraps = reading.spec.wraps if reading.spec is not None else None
        if program is None or wraps is None or not _runs(wraps, reading):
            texts = _texts_given(spec, reading) if reading.values or (spec is not None and spec.setting) else ()
            invocations.append(
                Invocation(current, program, reading, wrappers, assignments, texts, emitted=True, cwd=place)
            )
            script = _script_known_by_name(reading, catalogue)
            if script is not None and program is not None and budget.spend(1) and budget.follow():
                wrapper = wrapper_of(program, current[: -len(script)], reading, place, (*outer, *wrappers))
                waiting.append((script, (*wrappers, wrapper), assignments, place))
            continue
        inner, codes, made = _inner(wraps, reading, own, segments, given)
        if wraps.known:
            inner = [words for words in inner if _is_program(words[0], catalogue)]
        is_bare = not (inner or codes)
        emitted = wraps.keep or is_bare or _acts(reading)
        if spec is not None and spec.setting:
            codes += _settings(spec, reading)
        invocations.append(
            Invocation(current, program, reading, wrappers, assignments, tuple(codes), emitted, is_bare, place)
        )
        for words_of_inner in reversed(inner):
            if not (budget.spend(1 + (len(words_of_inner) + len(wrappers) >> 4)) and budget.follow()):
                # What was not peeled is noted as it stands.
                invocations.append(
                    Invocation(words_of_inner, None, Reading(None), wrappers, assignments, (), emitted=True, cwd=place)
                )
                break
            front = current[: max(len(current) - len(words_of_inner), 1)]
            if reading.spec is not None and reading.spec.action is Action.PACKAGE_RUN:
                words_of_inner = (_without_version(words_of_inner[0]), *words_of_inner[1:])  # noqa: PLW2901  # as it is called
            wrapper = wrapper_of(program, front, reading, place, (*outer, *wrappers))
            inside = directory_within(reading, place, wrapper, (*outer, *wrappers))
            waiting.append((words_of_inner, (*wrappers, wrapper), assignments + made, inside))
    return invocations


def _without_version(word: Word) -> Word:
    """The program that a package with its version is: `npx vitest@2`, `uvx ruff@latest`."""
    found = _VERSIONED.fullmatch(word.literal or "")
    return word if found is None else Word((found[1],), word.span, found[1])


def _script_known_by_name(reading: Reading, catalogue: Catalogue) -> tuple[Word, ...] | None:
    """`php artisan migrate`, `node node_modules/.bin/rimraf x`: the words of a script that the catalogue knows as a
    program; None where an interpreter runs anything else.
    """
    spec = reading.spec
    if spec is None or spec.kind is not Kind.INTERPRETER or not reading.operands:
        return None
    if not (spec.code.isdisjoint(reading.options) and spec.modules.isdisjoint(reading.options)):
        return None
    name = program_name(reading.operands[0])
    if name is None or name not in catalogue.commands or catalogue.commands[name].kind is Kind.INTERPRETER:
        return None
    return tuple(reading.operands)


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
    inner = [_filled(words_of, name, reading, wraps) for name, words_of in segments if words_of]
    named = reading.value_of(wraps.program)
    if named is not None:
        return [*inner, _meant((named, *words[reading.first :]), wraps)], [], ()
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
        calls = _with_input(rest, wraps, reading, given)
        rest = calls[0]
    if wraps.rest == "code":
        if wraps.drop:
            rest = tuple([word for word in rest if not _is_dropped(word, wraps)])
        if rest:
            codes.append(rest)
        return inner, codes, tuple(made)
    inner += [_meant(call, wraps) for call in calls]
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


def _meant(words: tuple[Word, ...], wraps: Wraps) -> tuple[Word, ...]:
    """The words with the program that the first of them stands for here: `cmake -E remove_directory` is `rm -r`."""
    meant = wraps.means.get(words[0].literal or "") if wraps.means else None
    if meant is None:
        return words
    return (*[Word((word,), words[0].span, word) for word in meant.split()], *words[1:])


def _is_program(word: Word, catalogue: Catalogue) -> bool:
    """Whether the catalogue knows the program that a word names where it might be the name of something else."""
    literal = word.literal or ""
    return literal in catalogue.commands and literal not in catalogue.builtins


def _undashed(words: tuple[Word, ...], program: str, catalogue: Catalogue) -> tuple[Word, ...]:
    """`git-push` as `git push`, where the one is the other under its own name."""
    name, dash, sub = program.partition("-")
    spec = catalogue.commands.get(name) if dash else None
    if spec is None or not spec.dashed or sub not in spec.subcommands:
        return words
    literal = words[0].literal or ""
    if "/" in literal and not literal.startswith(("/usr/", "/opt/")):
        # Somebody's own program of that name.
        return words
    span = words[0].span
    return (Word((name,), span, name), Word((sub,), span, sub), *words[1:])


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
    return role is Role.SHELL or (role is Role.PROGRAM and " " in (value.literal or "").strip())


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


def _cut_segments(spec: CommandSpec, wraps: Wraps, words: tuple[Word, ...]) -> tuple[tuple[Word, ...], Segments]:
    r"""`find . -exec rm {} \;`: the words that are find's own, and the commands between `-exec` and `;`."""
    starts = {spelling: name for name in wraps.exec for spelling in spec.options[name].spellings}
    own: list[Word] = []
    segments: list[tuple[str, tuple[Word, ...]]] = []
    position = 0
    while position < len(words):
        word = words[position]
        own.append(word)
        position += 1
        name = starts.get(word.literal or "")
        if name is None:
            continue
        begin = position
        while position < len(words) and not (
            words[position].literal == ";"
            or (words[position].literal == "+" and words[position - 1].literal == _PLACEHOLDER)
        ):
            position += 1
        segments.append((name, words[begin:position]))
        position += 1
    return tuple(own), tuple(segments)


def _filled(words: tuple[Word, ...], name: str, reading: Reading, wraps: Wraps) -> tuple[Word, ...]:
    """The words with `{}` replaced by what it may be: something below each place that is searched, or all of it."""
    places: list[tuple[str | Hole, ...]] = [word.parts for word in reading.operands] or [(".",)]
    found = SOME_BELOW if wraps.appends else below(reading)
    if wraps.appends or name in ("-execdir", "-okdir"):
        places = [("./",)]
    filled: list[Word] = []
    for word in words:
        if word.literal == _PLACEHOLDER:
            filled.extend(word_of((*place, found), word.span) for place in places)
        else:
            place = places[0] if len(places) == 1 else ()
            filled.append(_replaced(word, _PLACEHOLDER, (*place, SOME_BELOW)))
    if wraps.appends and not any(_PLACEHOLDER in (word.literal or "") for word in words):
        filled.append(Word(("./", Hole(HoleKind.OTHER, _PLACEHOLDER)), words[-1].span, None))
    return tuple(filled)


def _with_input(rest: tuple[Word, ...], wraps: Wraps, reading: Reading, given: Value | None) -> list[tuple[Word, ...]]:
    """The words with what xargs and its like add, once for each call: in the place of a placeholder, or at the end."""
    placeholder = reading.value_of(wraps.replace)
    span = rest[-1].span
    if placeholder is not None or not wraps.replace.isdisjoint(reading.options):
        mark = placeholder.literal if placeholder is not None and placeholder.literal else _PLACEHOLDER
        lines = words_of_input(given, reading, span, by_line=True) if given else ()
        if 0 < len(lines) <= MOST_BATCHES:
            return [tuple(_replaced(word, mark, line.parts) for word in rest) for line in lines]
        return [tuple(_replaced(word, mark, (Hole(HoleKind.OTHER, mark),)) for word in rest)]
    words = words_of_input(given, reading, span, by_line=False) if given and wraps.rest != "code" else ()
    if words:
        return [(*rest, *added) for added in batches(words, reading)]
    if wraps.rest == "code":
        cut = next((i for i, word in enumerate(rest) if (word.literal or "").startswith(":::")), len(rest))
        behind = rest[cut:]
        rest = rest[:cut]
        supplied = words_of_input(given, reading, span, by_line=True) if given and not behind else ()
        if behind and all((word.literal or "").startswith(":::") is (word is behind[0]) for word in behind):
            supplied = behind[1:] if behind[0].literal == ":::" else ()
        if any(_PLACEHOLDER in part for word in rest for part in word.parts if type(part) is str):
            one = supplied[0].parts if len(supplied) == 1 else (SOME_BELOW,)
            return [tuple(_replaced(word, _PLACEHOLDER, one) for word in rest)]
        if supplied:
            return [(*rest, *[_quoted(word) for word in supplied])]
    count = reading.value_of(_ONE_AT_A_TIME)
    is_one = count is not None and count.literal == "1"
    return [(*rest, Word((Hole(HoleKind.OTHER, "<input>", splits=not is_one),), span, None))]


def _quoted(word: Word) -> Word:
    """The word as it stands in shell text, where it holds nothing but itself."""
    literal = word.literal
    return word if literal is None or "'" in literal else word_of((f"'{literal}'",), word.span)


def _replaced(word: Word, mark: str, by: tuple[str | Hole, ...]) -> Word:
    """The word with what stands for the placeholder in it."""
    if not any(type(part) is str and mark in part for part in word.parts):
        return word
    parts: list[str | Hole] = []
    for part in word.parts:
        if type(part) is not str:
            parts.append(part)
            continue
        for number, chunk in enumerate(part.split(mark)):
            if number:
                parts += by
            parts.append(chunk)
    return word_of(parts, word.span)
