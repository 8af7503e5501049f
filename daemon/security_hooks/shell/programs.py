"""Which program a word names: by its path, with a version, under another name, as the script of an interpreter."""

from security_hooks.catalogue.entry import Catalogue, Kind, Wraps
from security_hooks.model.word import Hole, Word
from security_hooks.shell.options import Reading

_INTERPRETER = Kind.INTERPRETER
_SCRIPT_RUNNERS = frozenset(("npm", "pnpm", "yarn", "bun", "deno"))


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


def script_known_by_name(reading: Reading, catalogue: Catalogue) -> tuple[Word, ...] | None:
    """`php artisan migrate`, `node node_modules/.bin/rimraf x`: the words of a script that the catalogue knows as a
    program; None where an interpreter runs anything else.
    """
    spec = reading.spec
    if spec is None or spec.kind is not _INTERPRETER or not reading.operands:
        return None
    if not (spec.code.isdisjoint(reading.options) and spec.modules.isdisjoint(reading.options)):
        return None
    name = program_name(reading.operands[0])
    if name is None or name not in catalogue.commands or catalogue.commands[name].kind is _INTERPRETER:
        return None
    return tuple(reading.operands)


def meant(words: tuple[Word, ...], wraps: Wraps) -> tuple[Word, ...]:
    """The words with the program that the first of them stands for here: `cmake -E remove_directory` is `rm -r`."""
    meant = wraps.means.get(words[0].literal or "") if wraps.means else None
    if meant is None:
        return words
    return (*[Word((word,), words[0].span, word) for word in meant.split()], *words[1:])


def is_program(word: Word, catalogue: Catalogue) -> bool:
    """Whether the catalogue knows the program that a word names where it might be the name of something else."""
    literal = word.literal or ""
    return literal in catalogue.commands and literal not in catalogue.builtins


def undashed(words: tuple[Word, ...], program: str, catalogue: Catalogue) -> tuple[Word, ...]:
    """`git-push` as `git push`, where the one is the other under its own name; `npm:dev`, as programs that start
    several others call a script of the project, as `npm run dev`.
    """
    runner, colon, script = program.partition(":")
    if colon and script and runner in _SCRIPT_RUNNERS:
        span = words[0].span
        return (*[Word((text,), span, text) for text in (runner, "run", script)], *words[1:])
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
