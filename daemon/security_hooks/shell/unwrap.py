"""Peels wrappers off the front of a command, by the catalogue's table: `sudo env X=1 rm` is `rm` under two wrappers."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from security_hooks.catalogue.entry import Catalogue, CommandSpec, Kind, Wraps
from security_hooks.catalogue.role import Role
from security_hooks.model.shell import Assignment, Wrapper
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.limits import Budget
from security_hooks.shell.options import Reading, read_options
from security_hooks.shell.words import word_of

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
_SETTING = re.compile(r"\s*([A-Za-z][\w.*-]*)\s*[=\s]\s*[!|]?")
_PLACEHOLDER = "{}"
_WITHOUT_EFFECT = frozenset((Role.TEXT, Role.CHDIR, Role.SHELL, Role.PROGRAM, Role.CODE, Role.SETENV, Role.LIST))


Segments: TypeAlias = tuple[tuple[str, tuple[Word, ...]], ...]
_NONE: Segments = ()


class Invocation(NamedTuple):
    """One program that is run: `words[0]` names it. `assignments` are those its wrappers make. `codes` are the words
    of shell texts that it runs, by its options or its operands. `emitted` is False for a mere wrapper, `is_bare` True
    for one that was given nothing to run. `moves` are the directories that its wrappers change to before.
    """

    words: tuple[Word, ...]
    program: str | None
    reading: Reading
    wrappers: tuple[Wrapper, ...]
    assignments: tuple[Assignment, ...]
    codes: tuple[tuple[Word, ...], ...]
    emitted: bool
    is_bare: bool = False
    moves: tuple[Word, ...] = ()


def program_name(word: Word) -> str | None:
    """The base name of the program that this word names; None where it is not known."""
    literal = word.literal
    if literal is None:
        return None
    name = literal[literal.rfind("/") + 1 :] if "/" in literal else literal
    return name or literal


def is_remote(spec: CommandSpec | None) -> bool:
    """Whether what this program runs runs on another machine or in a container."""
    return spec is not None and spec.wraps is not None and spec.wraps.remote


def peel(
    words: tuple[Word, ...], catalogue: Catalogue, budget: Budget, given: tuple[Word, ...] = ()
) -> list[Invocation]:
    """The programs that these words run, outermost first; the last may be all there is. `given` are the words on
    standard input, where they are known: `xargs` adds them.
    """
    invocations: list[Invocation] = []
    waiting: list[tuple[tuple[Word, ...], tuple[Wrapper, ...], tuple[Assignment, ...], tuple[Word, ...]]]
    waiting = [(words, (), (), ())]
    while waiting:
        current, wrappers, assignments, moves = waiting.pop()
        program = program_name(current[0])
        spec = catalogue.commands.get(program) if program is not None else None
        own, segments = current, _NONE
        cut = spec.subcommands.get(current[1].literal or "", spec) if spec is not None and len(current) > 1 else spec
        if cut is not None and cut.wraps is not None and cut.wraps.exec:
            own, segments = _cut_segments(cut, cut.wraps, current)
        reading = read_options(spec, own)
        wraps = reading.spec.wraps if reading.spec is not None else None
        if program is None or wraps is None or not wraps.unless.isdisjoint(reading.options):
            settings = tuple(_settings(spec, reading)) if spec is not None and spec.setting else ()
            settings += tuple((value,) for _, value, role in reading.values if _is_text(role, value))
            invocations.append(
                Invocation(current, program, reading, wrappers, assignments, settings, emitted=True, moves=moves)
            )
            script = _script_known_by_name(reading, catalogue)
            if script is not None and program is not None and budget.spend(1) and budget.follow():
                outer = (*wrappers, Wrapper(program, current[: -len(script)]))
                waiting.append((script, outer, assignments, moves))
            continue
        inner, codes, made = _inner(wraps, reading, own, segments, given)
        is_bare = not (inner or codes)
        emitted = wraps.keep or is_bare or _acts(reading)
        invocations.append(
            Invocation(current, program, reading, wrappers, assignments, tuple(codes), emitted, is_bare, moves)
        )
        moves += tuple(word for _, word, role in reading.values if role is Role.CHDIR)
        if spec is not None and spec.setting:
            codes += _settings(spec, reading)
            invocations[-1] = invocations[-1]._replace(codes=tuple(codes))
        for words_of_inner in reversed(inner):
            if not (budget.spend(1 + (len(words_of_inner) + len(wrappers) >> 4)) and budget.follow()):
                # What was not peeled is noted as it stands.
                invocations.append(
                    Invocation(
                        words_of_inner, None, Reading(None), wrappers, assignments, (), emitted=True, moves=moves
                    )
                )
                break
            front = current[: max(len(current) - len(words_of_inner), 1)]
            outer = (*wrappers, Wrapper(program, front, wraps.remote))
            waiting.append((words_of_inner, outer, assignments + made, moves))
    return invocations


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
    wraps: Wraps, reading: Reading, words: Sequence[Word], segments: Segments, given: tuple[Word, ...]
) -> tuple[list[tuple[Word, ...]], list[tuple[Word, ...]], tuple[Assignment, ...]]:
    """The commands (words) and the shell texts (words to be joined) that a wrapper runs, and what it assigns."""
    inner = [_filled(words_of, name, reading, wraps) for name, words_of in segments if words_of]
    codes: list[tuple[Word, ...]] = [
        (value,) for name, value, role in reading.values if name in wraps.code or _is_text(role, value)
    ]
    rest = tuple(words[reading.first :]) if wraps.rest != "none" else ()
    dashes = next((i for i, word in enumerate(words) if word.literal == "--"), None) if wraps.dashes else None
    if wraps.rest == "none" and wraps.code:
        # `su root -- -c CODE`: what stands behind the dashes goes to the shell.
        codes += [(code,) for option, code in pairwise(reading.operands) if _is_code_option(option, wraps, reading)]
    if wraps.rest == "each":
        codes += [(operand,) for operand in reading.operands]
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
    if wraps.appends:
        rest = _with_input(rest, wraps, reading, given)
    if wraps.rest == "code":
        if wraps.drop:
            rest = tuple([word for word in rest if not any(fnmatchcase(word.literal or "", g) for g in wraps.drop)])
        if rest:
            codes.append(rest)
        return inner, codes, tuple(made)
    inner.append(rest)
    if len(rest) > 1 and dashes is None and (reading.strange or any(map(_may_split, words[1 : -len(rest)]))):
        # An option that we do not know, or that is in a hole, may have taken the word that looks like the program.
        inner.append(rest[1:])
    return inner, codes, tuple(made)


def _settings(spec: CommandSpec, reading: Reading) -> list[tuple[Word, ...]]:
    """The shell texts in settings: `ssh -o ProxyCommand=..`. A leading `!` or `|` only says that it is shell text."""
    codes: list[tuple[Word, ...]] = []
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
    """The words with `{}` replaced by what it may be: something below each place that is searched."""
    places: list[tuple[str | Hole, ...]] = [word.parts for word in reading.operands] or [(".",)]
    if wraps.appends or name in ("-execdir", "-okdir"):
        places = [("./",)]
    filled: list[Word] = []
    for word in words:
        if word.literal == _PLACEHOLDER:
            filled.extend(word_of((*place, Hole(HoleKind.OTHER, _PLACEHOLDER)), word.span) for place in places)
        else:
            filled.append(_replaced(word, _PLACEHOLDER, places[0] if len(places) == 1 else ()))
    if wraps.appends and not any(_PLACEHOLDER in (word.literal or "") for word in words):
        filled.append(Word(("./", Hole(HoleKind.OTHER, _PLACEHOLDER)), words[-1].span, None))
    return tuple(filled)


def _with_input(rest: tuple[Word, ...], wraps: Wraps, reading: Reading, given: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words with what xargs and its like add: in the place of a placeholder, or at the end."""
    placeholder = reading.value_of(wraps.replace)
    if placeholder is not None or not wraps.replace.isdisjoint(reading.options):
        mark = placeholder.literal if placeholder is not None and placeholder.literal else _PLACEHOLDER
        if len(given) == 1 and given[0].literal is not None and mark:
            filled = given[0].literal
            return tuple(
                Word((text,), word.span, text) if (text := (word.literal or "").replace(mark, filled)) else word
                for word in rest
            )
        return tuple(_replaced(word, mark) for word in rest)
    if given and wraps.rest != "code":
        return (*rest, *given)
    if wraps.rest == "code":
        rest = rest[: next((i for i, word in enumerate(rest) if (word.literal or "").startswith(":::")), len(rest))]
        if any(_PLACEHOLDER in part for word in rest for part in word.parts if type(part) is str):
            return tuple(_replaced(word, _PLACEHOLDER) for word in rest)
    span = rest[-1].span if rest else (0, 0)
    return (*rest, Word((Hole(HoleKind.OTHER, "<input>", splits=True),), span, None))


def _replaced(word: Word, mark: str, before: tuple[str | Hole, ...] = ()) -> Word:
    if not any(type(part) is str and mark in part for part in word.parts):
        return word
    parts: list[str | Hole] = []
    for part in word.parts:
        if type(part) is not str:
            parts.append(part)
            continue
        for number, chunk in enumerate(part.split(mark)):
            if number:
                parts += (*before, Hole(HoleKind.OTHER, mark))
            parts.append(chunk)
    return word_of(parts, word.span)
