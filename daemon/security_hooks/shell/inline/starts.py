"""Programs that a text of an unknown language starts: the words by which languages say so are few and alike."""

import re

import msgspec

from security_hooks.shell.inline.javascript import unescaped
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.mentions import read_mentions
from security_hooks.shell.inline.outcome import Outcome
from security_hooks.shell.inline.reading import Inline, Value
from security_hooks.shell.limits import Budget

_TEXT = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`"
# `System.cmd("x")`, `os:cmd("x")`, `(shell-command "x")`, `callProcess "x" ["y"]`, `Sys.command "x"`, `run(`x`)`. What
# `exec` means behind a dot or an arrow is anybody's guess: it is what databases are asked with.
_STARTING = re.compile(
    r"(?<![\w-])(?:(?P<shell>(?:unsafe_)?(?:system|shell|popen|shellOut|shell[_-]?command(?:-to-string)?"
    r"|async-shell-command|shell_cmd|callCommand|spawnCommand|execShellCmd|spawnshell|executeshell|execCmdEx|execCmd"
    r"|run-shell-command)|(?:os|Os|OS)[:.]cmd|Sys\.command|Unix\.open_process\w*)"
    r"|(?P<list>System\.cmd|(?:sh|call-process|start-process|make-process|process-lines|process-file"
    r"|run-program|launch-program|callProcess|readProcess(?:WithExitCode)?|rawSystem|spawnProcess|startProcess"
    r"|execProcess|system\*|subprocess|Process\.(?:run|start|spawn|exec)|Port\.open|open-input-pipe"
    r"|Command::new|os\.execute|execvp?e?|create_process|Unix\.execvp?|posix_spawnp?))"
    r"|(?P<quoted>run|read|open|pipeline)(?=\s*\(\s*`))(?![\w*-])[\s(\[{,]*(?=[\"'`])"
)
_PIECE = re.compile(rf"(?P<text>{_TEXT})|[\s,;\[\](){{}}#:]+|nil\b|t\b|\d+")
_MACRO = re.compile(r"%\(((?:[^()]|\([^()]*\))*)\)")
_COMMAND = re.compile(r"^[ \t]*(?:platform[ \t]+shell|shell|host|!)[ \t]*(?P<rest>[^\n(=][^\n]*)", re.MULTILINE)
_SHELLS = frozenset(("elvish",))
_LINE_BY_LINE = frozenset(("lldb", "gnuplot", "tmux", "fzf", "less", "kakoune"))
_EXPANDED = frozenset(("rpm",))
_MOST = 100
_MOST_CODE = 1 << 16


def read_unknown(language: str, code: Value, budget: Budget) -> Inline:
    """What code that no reader knows names and, by the common words, starts."""
    mentioned = read_mentions(code, budget)
    if mentioned.over_budget or sum([len(part) for part in code if isinstance(part, str)]) > _MOST_CODE:
        return msgspec.structs.replace(mentioned, over_budget=True)
    marks, outcome = Marks(), Outcome()
    text = marks.text(code)
    for count, match in enumerate(_STARTING.finditer(text)):
        if count >= _MOST or not budget.spend(1):
            return msgspec.structs.replace(mentioned, over_budget=True)
        texts = _texts(text, match.end())
        if match["list"] is not None and (len(texts) > 1 or " " not in texts[0]):
            outcome.argv(tuple([marks.value(each) for each in texts]))
        else:
            outcome.shell(marks.value(texts[0]))
    if language in _SHELLS:
        outcome.shell(marks.value(text))
    if language in _LINE_BY_LINE:
        for match in _COMMAND.finditer(text):
            outcome.shell(marks.value(match["rest"]))
    if language in _EXPANDED:
        for match in _MACRO.finditer(text):
            outcome.shell(marks.value(match[1]))
    found = outcome.inline(over_budget=budget.over)
    return msgspec.structs.replace(mentioned, shell=found.shell, argvs=found.argvs, over_budget=found.over_budget)


def _texts(text: str, place: int) -> list[str]:
    """The texts that stand here one behind the other, with nothing but commas, blanks and brackets between."""
    found: list[str] = []
    while len(found) < _MOST and (match := _PIECE.match(text, place)) is not None:
        place = match.end()
        piece = match["text"]
        if piece is not None:
            found.append(unescaped(piece[1:-1]))
        elif ";" in match[0] or "\n\n" in match[0]:
            break
    return found
