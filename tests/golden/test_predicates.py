"""Runs `predicates/*.md`: what each predicate answers about real shell text, through the real shell layer.

One line, one case: the truth (the strictest over all commands of the script), the condition, `<-`, the script
(`\\n` is a newline). The case's working directory is `/work`, its home `/home/person`.
"""

import re
from pathlib import Path

import pytest

from security_hooks.catalogue.entry import Catalogue
from security_hooks.catalogue.load import shipped
from security_hooks.dsl.compile import compile_rule
from security_hooks.dsl.parse import parse
from security_hooks.dsl.predicates import PREDICATES
from security_hooks.dsl.resolve import LayeredFile, resolve
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.shell.limits import ShellLimits
from security_hooks.tools.facts import call_facts, focus

FOLDER = Path(__file__).parent / "predicates"
LISTS = {"known": ("ls", "cat", "git", "rm", "sudo", "env")}
# Judged by their unit tests: they are about calls of other tools, or about circumstances.
ELSEWHERE = {"tool", "mcp", "client", "cwd_in", "permission_mode", "calls", "signals", "installs", "flow"}
ELSEWHERE |= {"made_here", "mcp_known", "mcp_pinned", "mcp_differs", "lookalike_server", "lookalike_tool"}
ELSEWHERE |= {"tool_verb"}

_CASES = re.compile(r"^```cases\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CASE = re.compile(r"(yes|no|unknown)\s+(.*\S)\s+<-(?: (.*))?")


def cases() -> list[tuple[str, str, str, str]]:
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        for block in _CASES.findall(path.read_text()):
            for line in block.splitlines():
                case = _CASE.fullmatch(line)
                assert case is not None, f"{path.name}: {line}"
                found.append((path.stem, case.group(1), case.group(2), (case.group(3) or "").replace("\\n", "\n")))
    return found


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped()


@pytest.mark.parametrize(("page", "truth", "condition", "script"), cases())
def test_predicate_answers(catalogue: Catalogue, page: str, truth: str, condition: str, script: str) -> None:
    source, misread = parse(f'block "t"\n  match {condition}', "t.rules")
    rules, diagnostics = resolve([LayeredFile("user", source)], LISTS)
    assert (misread, diagnostics) == ((), ())
    tool = ToolCall("Bash", ToolKind.SHELL, script=script)
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", cwd="/work", tool=tool)
    call = call_facts(event, tool, Place("/work", "/home/person", "/work"), catalogue, ShellLimits(milliseconds=2_000))
    rule = compile_rule(rules[0])
    assert max(rule.match(facts) for facts in focus(call)).name.lower() == truth
    assert page in condition


def test_every_predicate_has_a_page() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {predicate.name for predicate in PREDICATES} - ELSEWHERE
