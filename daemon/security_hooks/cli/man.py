"""`security-hooks man`: our manual page, section 1, made from the parsers themselves."""

import argparse
import re
from collections.abc import Iterator

from security_hooks import __version__
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.main import parser_for

_WIDE = 10_000
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LITERAL = re.compile(r"`([^`]+)`")

_DESCRIPTION = (
    "One daemon judges every tool call of the AI coding agents of this user before it runs: it answers allow, ask or"
    " deny by rules that are about what a call would do. What cannot be judged does not run.",
    "The agents reach it through `security-hooks-shim`, which `security-hooks install` writes into their settings. The"
    " commands below run it, try and explain the policy, look at the record of its decisions, and say what is wrong.",
)
_EXIT_STATUS = (
    (str(int(Exit.OK)), "Fine. `check`: the verdict is allow."),
    (str(int(Exit.NO)), "The answer is no: something was found, or differs. `check`: the verdict is ask."),
    (str(int(Exit.DENY)), "`check` alone: the verdict is deny."),
    (str(int(Exit.USAGE)), "The command line is wrong."),
    (str(int(Exit.POLICY)), "A rule file or the configuration is wrong; the message says where."),
    (str(int(Exit.NO_DAEMON)), "No daemon answers."),
    (str(int(Exit.INTERNAL)), "A defect of ours, or nobody took our output."),
)
_FILES = (
    ("/etc/security-hooks/", "Configuration and rules of the machine; what is locked there no other file loosens."),
    ("~/.config/security-hooks/", "A person's: `config.toml`, `rules/*.rules`, `catalogue/*.toml`."),
    (".security-hooks/", "A project's, which can only tighten until `security-hooks trust` was run on it."),
    ("~/.local/state/security-hooks/", "The audit log, and the last policy that was good."),
    ("/run/user/UID/security-hooks/hook.sock", "The daemon's socket, where there is such a runtime directory."),
)


def page() -> str:
    """The page in the `man` macros of roff, for any of its readers."""
    parser = parser_for(())
    lines = [
        f'.TH SECURITY\\-HOOKS 1 "" "security\\-hooks {__version__}" "User Commands"',
        *(".SH NAME", f"security\\-hooks \\- {_text('judge every tool call of AI coding agents before it runs')}"),
        *(".SH SYNOPSIS", *_usage(parser)),
        *(".SH DESCRIPTION", _text(_DESCRIPTION[0]), ".PP", _text(_DESCRIPTION[1])),
        *(".SH OPTIONS", *_arguments(parser)),
        ".SH COMMANDS",
    ]
    for command in _leaves(parser):
        lines += [f'.SS "{_text(command.prog.partition(" ")[2])}"', *_usage(command), ".PP"]
        lines += [f"{_text(_sentence(command.description or ''))}", *_arguments(command)]
        example = (command.epilog or "").removeprefix("example: ")
        lines += [".PP", "Example:", ".PP", ".nf", f".RS\n{_plain(example)}\n.RE", ".fi"] if example else []
    lines += [".SH EXIT STATUS", *_entries(_EXIT_STATUS, "B"), ".SH FILES", *_entries(_FILES, "I")]
    lines += [".SH SEE ALSO", ".BR security\\-hooks\\-shim (1)"]
    return "\n".join(lines) + "\n"


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The commands that do something, `rules lint` and not `rules`, in the order of the help."""
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]  # noqa: SLF001 - no other way
    if not below:
        yield parser
    for action in below:
        for inner in action.choices.values():
            yield from _leaves(inner)


def _usage(parser: argparse.ArgumentParser) -> Iterator[str]:
    formatter = argparse.HelpFormatter(parser.prog, width=_WIDE)
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups)  # noqa: SLF001 - no other way
    usage = _COLOUR.sub("", formatter.format_help()).strip().removeprefix("usage: ")
    yield f".B {_plain(parser.prog)}"
    rest = usage.removeprefix(parser.prog).strip()
    if rest:
        yield _plain(rest)


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    formatter = argparse.HelpFormatter(parser.prog, width=_WIDE)
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to list them
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):  # noqa: SLF001 - nor other names
            continue
        value = "" if action.nargs == 0 else _COLOUR.sub("", _value(action))
        names = ", ".join(f"\\fB{_plain(name)}\\fR" for name in action.option_strings)
        tag = " ".join(part for part in (names, f"\\fI{_plain(value)}\\fR" if value else "") if part)
        said = formatter._expand_help(action) if action.help else ""  # noqa: SLF001 - it fills in defaults
        if action.choices is not None and action.metavar is not None:
            said += f" ({', '.join(map(str, action.choices))})"
        yield from (".TP", tag, _text(_sentence(said)))


def _value(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    return "|".join(map(str, action.choices)) if action.choices is not None else action.dest.upper()


def _entries(rows: tuple[tuple[str, str], ...], font: str) -> Iterator[str]:
    for name, said in rows:
        yield from (".TP", f".{font} {_plain(name)}", _text(said))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""


def _text(text: str) -> str:
    """Prose: what stands in back-quotes is bold."""
    return _guarded(_LITERAL.sub(r"\\fB\1\\fR", _escaped(text)))


def _plain(text: str) -> str:
    return _guarded(_escaped(text))


def _escaped(text: str) -> str:
    # `\-` is what can be copied and typed; the rest would be taken for an escape, a quote or another glyph.
    marks = {"\\": "\\e", "-": "\\-", "'": "\\(aq", '"': "\\(dq", "~": "\\(ti", "^": "\\(ha"}
    return "".join(marks.get(character, character) for character in text)


def _guarded(text: str) -> str:
    """A line that begins with a point would be a request."""
    return f"\\&{text}" if text.startswith(".") else text


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def _run(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - a command's signature
    print(page(), end="")
    return Exit.OK


COMMAND = Command(
    name="man",
    summary="print the manual page of all commands, for `man`",
    example="security-hooks man | man -l -",
    add_arguments=_add_arguments,
    run=_run,
)
