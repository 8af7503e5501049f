"""What is typed to a file transfer client: `ftp`, `sftp`, `lftp`."""

import re

from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.outcome import Outcome
from security_hooks.shell.inline.reading import Inline, RawEffect, Read, Value
from security_hooks.shell.limits import Budget

_LINES = re.compile(r"[^\n;]+")
_WORDS = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|(\S+)")
_SENDING = frozenset(("put", "send", "mput", "append", "reput", "putacl"))
_FETCHING = frozenset(("get", "recv", "mget", "reget", "newer", "pget", "get1"))
_INTO = frozenset(("-o", "-O", "--output", "--directory"))


def read_transfer(code: Value, budget: Budget) -> Read:
    """The files that are sent and fetched, and the commands that are run on this side."""
    marks, outcome = Marks(), Outcome()
    effects: list[RawEffect] = []
    here = ""

    def local(word: str) -> Value:
        return marks.value(word if word.startswith(("/", "~")) else here + word)

    for line in _LINES.finditer(marks.text(code)):
        text = line[0].strip()
        if not text or not budget.spend(1):
            continue
        if text.startswith("!"):
            outcome.shell(marks.value(text[1:].strip()))
            continue
        words = [match[1] or match[2] or match[3] or "" for match in _WORDS.finditer(text)]
        name, rest = words[0].lstrip("-@").lower(), words[1:]
        options = [word for word in rest if word.startswith("-")]
        operands = [word for word in rest if not word.startswith("-")]
        if name == "lcd" and operands:
            here = (operands[0] if operands[0].startswith(("/", "~")) else here + operands[0]).rstrip("/") + "/"
        elif name in _SENDING:
            sent = operands if name == "mput" else operands[:1]
            effects += [RawEffect(EffectKind.READS, local(word), sends=True) for word in sent]
        elif name == "mirror" and any(_reverses(option) for option in options):
            source = operands[0] if operands else "."
            effects.append(RawEffect(EffectKind.READS, local(source), recursive=True, sends=True))
        elif name == "mirror":
            place = operands[1] if len(operands) > 1 else "."
            effects.append(RawEffect(EffectKind.WRITES, local(place), recursive=True))
        elif name in _FETCHING and operands:
            into = next((rest[at + 1] for at, word in enumerate(rest[:-1]) if word in _INTO), None)
            given = operands[1] if len(operands) > 1 and name != "mget" else operands[0].rpartition("/")[2]
            effects.append(RawEffect(EffectKind.WRITES, local(into or given)))
        elif name in ("source", ".") and operands:
            effects.append(RawEffect(EffectKind.EXECUTES, local(operands[-1])))
        elif name == "open" and operands:
            host = operands[-1].partition("://")[2] or operands[-1]
            effects.append(RawEffect(EffectKind.CONNECTS, marks.value(host.partition("/")[0].rpartition("@")[2])))
    found = outcome.inline(over_budget=budget.over)
    return Read(Inline(tuple(effects), found.shell, over_budget=found.over_budget))


def _reverses(option: str) -> bool:
    return option == "--reverse" or (not option.startswith("--") and "R" in option)
