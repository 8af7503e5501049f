"""Texts for command-line clients with commands of their own: databases' SQL, gdb, AppleScript."""

import re

from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline.datum import ANY
from security_hooks.shell.inline.javascript import unescaped
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.outcome import Outcome
from security_hooks.shell.inline.reading import Read, Value
from security_hooks.shell.inline.sql import mutations, programs
from security_hooks.shell.limits import Budget

_META = re.compile(
    r"^\s*(?:(?:\\|\.)(?P<name>!|[\w?]+)|(?P<word>(?i:system))(?=[ \t]))\s*(?P<rest>[^\n]*)", re.MULTILINE
)
_META_SHELL = frozenset(("!", "shell", "system", "sys"))
_META_WRITE = frozenset(("o", "out", "output", "once", "w", "tee", "T", "backup", "save", "dump", "log"))
_META_READ = frozenset(("i", "ir", "include", "read", "import", "source", "open", "restore", "lo_import"))
_COPY = re.compile(r"\b(from|to)\s+(?:(program)\s+)?('(?:[^']|'')*'|\S+)", re.IGNORECASE)
_GDB = re.compile(r"^\s*(?P<name>!|[a-z-]+)\s*(?P<rest>[^\n]*)", re.MULTILINE)
_GDB_CALL = re.compile(r"\b(?:system|popen|execl[pe]?)\s*\(\s*\"((?:[^\"\\]|\\.)*)\"")
_APPLE = re.compile(
    r"\bdo\s+shell\s+script\s+(?P<texts>\"(?:[^\"\\]|\\.)*\"(?:\s*&\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\n\"&]+))*)?"
    r"|\brun\s+script\s+\"(?P<code>(?:[^\"\\]|\\.)*)\"|(?P<other>\"(?:[^\"\\]|\\.)*\")"
)
_APPLE_PATH = re.compile(r"\b(?:POSIX file|delete|open for access|read)\s+(?:file\s+)?\"((?:[^\"\\]|\\.)*)\"")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")


def read_sql(code: Value, budget: Budget) -> Read:
    r"""What statements and the client's own commands (`\!`, `.shell`) do."""
    marks, outcome = Marks(), Outcome()
    text = marks.text(code)
    budget.spend(len(text) >> 5)

    def meta(match: re.Match[str]) -> str:
        name, rest = match["name"] or "system", match["rest"].strip().rstrip(";")
        if name in _META_SHELL:
            outcome.shell(marks.value(rest))
        elif name == "copy":
            for way, program, target in _COPY.findall(rest):
                if program:
                    outcome.shell(marks.value(target.strip("'")))
                else:
                    kind = EffectKind.READS if way.lower() == "from" else EffectKind.WRITES
                    outcome.effect(kind, marks.value(target.strip("'")))
        elif rest.startswith("|"):
            outcome.shell(marks.value(rest[1:]))
        elif rest and name in _META_WRITE | _META_READ:
            kind = EffectKind.READS if name in _META_READ else EffectKind.WRITES
            outcome.effect(kind, marks.value(rest.split()[-1].strip("'\"")))
        return "\n"

    statements = _META.sub(meta, text)
    for program in programs(statements):
        outcome.shell(marks.value(program))
    for effect in mutations(statements):
        target = marks.value("".join([part for part in effect.target if isinstance(part, str)]))
        outcome.effect(effect.kind, target, certain=effect.certain, kind_of_object=effect.object)
    return Read(outcome.inline(over_budget=budget.over), tuple(outcome.nested))


def read_gdb(code: Value, budget: Budget) -> Read:
    """`shell`, `!`, `pipe`, `source`, `python`, and calls of the C library in the program under test."""
    marks, outcome = Marks(), Outcome()
    text = marks.text(code)
    for match in _GDB.finditer(text):
        if not budget.spend():
            break
        name, rest = match["name"], match["rest"]
        if name in ("shell", "she", "!", "make"):
            outcome.shell(marks.value(rest if name != "make" else "make " + rest))
        elif name in ("pipe", "|"):
            outcome.shell(marks.value(rest.partition("|")[2]))
        elif name in ("source", "so", "restore") and rest:
            outcome.effect(
                EffectKind.EXECUTES if name != "restore" else EffectKind.READS, marks.value(rest.split()[-1])
            )
        elif name in ("python", "py", "python-interactive", "pi") and rest:
            outcome.nested.append(("python", marks.value(rest)))
        elif name in ("dump", "append", "generate-core-file", "gcore") and rest:
            outcome.effect(EffectKind.WRITES, marks.value(rest.split()[-1]))
    for match in _GDB_CALL.finditer(text):
        outcome.shell(marks.value(unescaped(match[1])))
    return Read(outcome.inline(over_budget=budget.over), tuple(outcome.nested))


def read_applescript(code: Value, budget: Budget) -> Read:
    """`do shell script`, and the files that are named."""
    marks, outcome = Marks(), Outcome()
    text = marks.text(code)
    for match in _APPLE.finditer(text):
        if not budget.spend():
            break
        if match["other"] is not None:
            continue
        if match["code"] is not None:
            outcome.nested.append(("applescript", marks.value(unescaped(match["code"]))))
            continue
        parts: list[str] = []
        rest = match["texts"] or ""
        place = 0
        while place < len(rest):
            quoted = _QUOTED.match(rest, place)
            if quoted is not None:
                parts.append(unescaped(quoted[1]))
                place = quoted.end()
            else:
                end = rest.find('"', place)
                end = end if end >= 0 else len(rest)
                if rest[place:end].strip(" &\t"):
                    parts.append(marks.text((ANY,)))
                place = end
        outcome.shell(marks.value("".join(parts)) if rest else (ANY,))
    for match in _APPLE_PATH.finditer(text):
        outcome.effect(EffectKind.NAMES, marks.value(unescaped(match[1])), certain=False)
    return Read(outcome.inline(over_budget=budget.over), tuple(outcome.nested))
