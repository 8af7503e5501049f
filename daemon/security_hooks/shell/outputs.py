"""What a command prints, where its words alone say so: `echo`, `printf`, `cat` of a here-document."""

import re
from collections.abc import Sequence

from security_hooks.model.shell import Redirect
from security_hooks.model.word import Hole, Word
from security_hooks.shell.escapes import unescape
from security_hooks.shell.state import Value

_ECHO_OPTION = re.compile(r"-[neE]+")
_DIRECTIVE = re.compile(r"%(?:%|s|b)|%")
_MOST_ROUNDS = 256


def known_output(program: str | None, words: Sequence[Word], redirects: Sequence[Redirect]) -> Value | None:
    """What the command prints, holes included; None if that is not known."""
    if program == "cat":
        return _cat(words, redirects)
    if redirects:
        return None
    if program == "echo":
        return _echo(words)
    if program == "printf":
        return _printf(words)
    return () if program in (":", "true") else None


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


def _cat(words: Sequence[Word], redirects: Sequence[Redirect]) -> Value | None:
    if len(words) > 1 or len(redirects) != 1 or redirects[0].descriptor not in (None, 0):
        return None
    redirect = redirects[0]
    if redirect.operator == "<<<":
        return (*redirect.target.parts, "\n")
    return redirect.target.parts if redirect.operator in ("<<", "<<-") else None


def _echo(words: Sequence[Word]) -> Value | None:
    arguments = list(words[1:])
    newline = "\n"
    while arguments and arguments[0].literal is not None and _ECHO_OPTION.fullmatch(arguments[0].literal):
        if "e" in arguments[0].literal:
            return None
        newline = "" if "n" in arguments[0].literal else newline
        del arguments[0]
    if arguments and arguments[0].parts and isinstance(arguments[0].parts[0], Hole):
        # It may be an option.
        return None
    parts: list[str | Hole] = []
    for number, word in enumerate(arguments):
        if number:
            parts.append(" ")
        for part in word.parts:
            # dash and zsh resolve backslashes here, bash does not.
            if part.splits if isinstance(part, Hole) else "\\" in part:
                return None
            parts.append(part)
    return (*parts, newline)


def _printf(words: Sequence[Word]) -> Value | None:
    if len(words) < 2 or any(word.literal is None for word in words[1:]):
        return None
    form = words[1].literal or ""
    if form.startswith("-"):
        return None
    arguments = [word.literal or "" for word in words[2:]]
    pieces: list[str] = []
    for _ in range(_MOST_ROUNDS):
        before = len(arguments)
        pos = 0
        for found in _DIRECTIVE.finditer(form):
            text = unescape(form[pos : found.start()])
            pos = found.end()
            if text is None or found[0] == "%":
                return None
            value: str | None = "%"
            if found[0] != "%%":
                value = arguments.pop(0) if arguments else ""
                value = unescape(value) if found[0] == "%b" else value
            if value is None:
                return None
            pieces += (text, value)
        text = unescape(form[pos:])
        if text is None:
            return None
        pieces.append(text)
        if not arguments or len(arguments) == before:
            return ("".join(pieces),)
    return None
