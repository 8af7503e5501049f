"""What a command prints, where its words and its input say so: `echo`, `printf`, `cat`, and filters of known texts."""

import re
from collections.abc import Callable, Sequence

from security_hooks.model.shell import Redirect
from security_hooks.model.word import Hole, Word
from security_hooks.shell.decoders import base32_of, base64_of, gunzip_of, gzip_of, openssl_of, xxd_of
from security_hooks.shell.editing import sed_of
from security_hooks.shell.fields import awk_of, cut_of, grep_of
from security_hooks.shell.formats import formatted, unescaped_argument
from security_hooks.shell.lines import head_of, paste_of, rev_of, sort_of, tac_of, tail_of, uniq_of
from security_hooks.shell.naming import basename_of, dirname_of, expr_of, mktemp_of, seq_of, yes_of
from security_hooks.shell.printed import MOST_BYTES, Printed, bytes_of, sure_text_of
from security_hooks.shell.state import Value
from security_hooks.shell.translating import tr_of

_ECHO_OPTION = re.compile(r"-[neE]+")
_DIRECTORIES = re.compile(r"(?:/usr)?/bin/")
_EMPTY = Printed(())
_STDIN = ("-", "/dev/stdin")

Filter = Callable[[Sequence[str], bytes], Printed | None]
_FILTERS: dict[str, Filter] = {
    "awk": awk_of,
    "base32": base32_of,
    "base64": base64_of,
    "cut": cut_of,
    "grep": grep_of,
    "gunzip": gunzip_of,
    "gzip": gzip_of,
    "head": head_of,
    "openssl": openssl_of,
    "paste": paste_of,
    "rev": rev_of,
    "sed": sed_of,
    "sort": sort_of,
    "tac": tac_of,
    "tail": tail_of,
    "tr": tr_of,
    "uniq": uniq_of,
    "xxd": xxd_of,
    "zcat": gunzip_of,
}
# These look at each line for itself.
_LINE_BY_LINE = frozenset(("awk", "cut", "grep", "rev", "sed", "sort", "uniq"))
_MOST_LINES = 2048
# What these print does not depend on what they read.
_PRINTERS: dict[str, Filter] = {
    "basename": basename_of,
    "dirname": dirname_of,
    "expr": expr_of,
    "mktemp": mktemp_of,
    "seq": seq_of,
    "yes": yes_of,
}
# Nothing is written there by commands that do not fail.
_QUIETING = ((">", "/dev/null"), (">>", "/dev/null"), (">&", "1"))
_DIVERTING = frozenset((">", ">>", ">|", "&>", "&>>", ">&"))
# Those that the shell has itself, whatever `PATH` says.
BUILTINS = frozenset((":", "true", "echo", "printf", "pwd"))
_KNOWN = frozenset((*_FILTERS, *_PRINTERS, *BUILTINS, "cat", "tee"))


def known_output(
    program: str | None, words: Sequence[Word], redirects: Sequence[Redirect], given: Printed | None = None
) -> Value | None:
    """What the command prints, holes included, given what it reads on standard input; None if that is not known, or
    not the same in every shell.
    """
    return sure_text_of(output_of(program, words, redirects, given))


def output_of(
    program: str | None, words: Sequence[Word], redirects: Sequence[Redirect], given: Printed | None = None
) -> Printed | None:
    """What the command prints as far as that is known; None if it is not."""
    if program not in _KNOWN or not words:
        return None
    name = words[0].literal
    if name != program and (name is None or _DIRECTORIES.sub("", name) != program):
        # Some other program of that name.
        return None
    if redirects:
        taken = _redirected(redirects, given)
        if taken is None:
            return None
        given = taken[0]
    if program == "echo":
        return _echo(words)
    if program == "printf":
        return _printf(words)
    if program in (":", "true"):
        return _EMPTY
    if program in ("cat", "tee"):
        return _passed_on(program, words, given)
    return _filtered(program, words, given)


def is_diverted(redirects: Sequence[Redirect]) -> bool:
    """Whether redirections take the output elsewhere, so that nothing of it is left."""
    for redirect in redirects:
        operator, target = redirect.operator, redirect.target.literal
        if operator not in _DIVERTING or redirect.descriptor not in (None, 1) or target is None:
            continue
        if target.startswith(("/dev/", "/proc/")) and target != "/dev/null":
            continue
        if operator != ">&" or target not in ("1", "-"):
            return True
    return False


def without_last_newlines(value: Value) -> Value:
    """The value as a command substitution gives it."""
    parts = list(value)
    while parts:
        last = parts[-1]
        if isinstance(last, Hole):
            break
        stripped = last.rstrip("\n")
        if stripped:
            parts[-1] = stripped
            break
        parts.pop()
    return tuple(parts)


def _redirected(redirects: Sequence[Redirect], given: Printed | None) -> tuple[Printed | None] | None:
    """What redirections leave on standard input; None where they take the output elsewhere, or may fail."""
    for redirect in redirects:
        operator, target = redirect.operator, redirect.target
        if operator in ("<<", "<<-", "<<<") and redirect.descriptor in (None, 0):
            given = Printed((*target.parts, "\n") if operator == "<<<" else target.parts)
        elif redirect.descriptor != 2 or (operator, target.literal) not in _QUIETING:
            return None
    return (given,)


def _passed_on(program: str, words: Sequence[Word], given: Printed | None) -> Printed | None:
    """`cat` of its input alone; `tee`, which writes it into files besides."""
    for word in words[1:]:
        literal = word.literal
        if program == "tee":
            first = word.parts[0] if word.parts else ""
            if (literal is None and isinstance(first, Hole) and first.splits) or (
                isinstance(first, str) and first.startswith("-") and literal not in ("-a", "-i", "-p", "--append", "--")
            ):
                return None
        elif literal not in _STDIN or len(words) > 2:
            return None
    return given


def _filtered(program: str, words: Sequence[Word], given: Printed | None) -> Printed | None:
    arguments: list[str] = []
    for word in words[1:]:
        if word.literal is None or not word.literal.isascii() or "\0" in word.literal:
            return None
        arguments.append(word.literal)
    printer = _PRINTERS.get(program)
    if printer is not None:
        return printer(arguments, b"")
    reader = _FILTERS.get(program)
    data = bytes_of(given) if given is not None else None
    if reader is None or data is None or given is None:
        return None
    if data.count(b"\n") > _MOST_LINES and program in _LINE_BY_LINE:
        return None
    printed = reader(arguments, data)
    if printed is None or len(printed.value) > MOST_BYTES:
        return None
    if given.endless and (program != "head" or len(printed.value) >= len(data)):
        return None
    return printed if given.sure or not printed.sure else Printed(printed.value, sure=False, endless=printed.endless)


def _echo(words: Sequence[Word]) -> Printed | None:
    arguments = list(words[1:])
    newline, escapes, sure = "\n", False, True
    while arguments and arguments[0].literal is not None and _ECHO_OPTION.fullmatch(arguments[0].literal):
        for letter in arguments[0].literal[1:]:
            newline = "" if letter == "n" else newline
            escapes = letter == "e" if letter != "n" else escapes
            # dash has no such options, and prints them.
            sure = sure and letter == "n"
        del arguments[0]
    if arguments and arguments[0].parts and isinstance(arguments[0].parts[0], Hole):
        # It may be an option.
        return None
    if arguments and arguments[0].literal == "-":
        # zsh drops it.
        sure = False
    parts: list[str | Hole] = []
    for number, word in enumerate(arguments):
        if number:
            parts.append(" ")
        for part in word.parts:
            if isinstance(part, Hole):
                if part.splits:
                    return None
            elif "\\" in part:
                # dash and zsh resolve backslashes here, bash does not.
                sure = False
                if escapes:
                    known = unescaped_argument(part)
                    if known is None or "\0" in known:
                        return None
                    part = known  # noqa: PLW2901  # the part as it is printed
            parts.append(part)
    return Printed((*parts, newline) if newline else tuple(parts), sure)


def _printf(words: Sequence[Word]) -> Printed | None:
    dashes = len(words) > 1 and words[1].literal == "--"
    rest = words[2:] if dashes else words[1:]
    if not rest or any(word.literal is None for word in rest):
        return None
    form = rest[0].literal or ""
    if form.startswith("-") and not dashes:
        return None
    text = formatted(form, [word.literal or "" for word in rest[1:]])
    return None if text is None else Printed((text,) if text else ())
