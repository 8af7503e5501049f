"""Code of a language that no reader knows: the texts in it that it may hand to a shell, what it deletes by name, and
the paths that it mentions. Most languages run, delete and quote alike.
"""

import re

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole
from security_hooks.shell.inline.javascript import unescaped
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.mentions import read_mentions
from security_hooks.shell.inline.reading import Inline, RawEffect, Value
from security_hooks.shell.limits import Budget

_TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`([^`\n]*)`", re.DOTALL)
_RUNNING = re.compile(r"(?i)system|shell|exec|spawn|popen|process|cmd|command|\brun|\bsh\b|call-process|pipe")
_BETWEEN = re.compile(r"[\s,\[\](){}]*")
_HOME = re.compile(
    r"(?:\b[A-Z]\w*\.)?\b(?:homedir|home_dir|user_home!?|NSHomeDirectory|getHomeDirectory|getHomeDir)\b(?:\s*\(\s*\))?"
)
_DELETING = re.compile(
    r"(?:\b|_)(?:rm|rm_rf|rmtree|rmdir|unlink|erase|trash|(?:remove|delete|del)(?:[-_]?(?:tree|files?|item|path|dir|dir_r"
    r"|directory|directories|directory[-_]?recursive|all|recursive(?:ly)?|path[-_]?forcibly))?)[!?]?"
    r"[\s(\[]*(?:\w+:\s*)?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\\n]|\\.)*')",
    re.IGNORECASE,
)
_MOST = 64
_MOST_CODE = 1 << 16


def read_unread(code: Value, budget: Budget, home: str) -> Inline:
    """What such code mentions, may run and seems to delete."""
    mentioned = read_mentions(code, budget)
    if sum([len(part) if isinstance(part, str) else 1 for part in code]) > _MOST_CODE:
        return mentioned
    marks = Marks()
    text = _HOME.sub(lambda _: f'"{home}"', marks.text(code))
    if not budget.spend(1 + (len(text) >> 6)):
        return Inline(mentioned.effects, over_budget=True)
    deleted = tuple(_deleted(text, marks, home))
    shell: list[Value] = []
    argvs: list[tuple[Value, ...]] = []
    if _RUNNING.search(text) is not None:
        _note_run(text, marks, shell, argvs)
    return Inline(mentioned.effects + deleted, tuple(shell), tuple(argvs), over_budget=mentioned.over_budget)


def _deleted(text: str, marks: Marks, home: str) -> list[RawEffect]:
    made: list[RawEffect] = []
    for found in _DELETING.finditer(text):
        if len(made) >= _MOST:
            break
        target = marks.value(unescaped(found[1][1:-1]))
        if target and isinstance(target[0], str) and (target[0] == "~" or target[0].startswith("~/")):
            target = (home + target[0][1:], *target[1:])
        if target:
            made.append(RawEffect(EffectKind.DELETES, target, recursive=True))
    return made


def _note_run(text: str, marks: Marks, shell: list[Value], argvs: list[tuple[Value, ...]]) -> None:
    """Each literal as shell text, and literals side by side as a program and its arguments."""
    together: list[Value] = []
    last = -1
    for number, found in enumerate(_TEXT.finditer(text)):
        if number >= _MOST:
            break
        body = next((group for group in found.groups() if group is not None), "")
        value = marks.value(unescaped(body))
        if value and (isinstance(value[0], Hole) or " " in value[0].lstrip()):
            shell.append(value)
        if last >= 0 and _BETWEEN.fullmatch(text, last, found.start()) is None:
            argvs += [tuple(together)] if len(together) > 1 else []
            together = []
        together.append(value)
        last = found.end()
    argvs += [tuple(together)] if len(together) > 1 else []
