"""Facts built by hand, so that the rules language is tested without the shell layer."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from security_hooks.dsl.compile import CompiledRule, compile_rule
from security_hooks.dsl.parse import parse
from security_hooks.dsl.resolve import resolve
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.dsl.scope import LayeredFile
from security_hooks.dsl.truth import Truth
from security_hooks.model.diagnostic import Diagnostic
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts, Command, Facts, PipePosition, Script, Wrapper
from security_hooks.model.word import Hole, HoleKind, Word

Lists = dict[str, tuple[str, ...]]

_WRAPPERS = ("sudo", "env", "nohup")
_SPELLINGS = ({"-r", "-R", "--recursive"}, {"-f", "--force"})


def make_word(text: str) -> Word:
    """`$X` and `"$X"` are holes, one at most in a word; all else is literal."""
    for written, splits in (('"$X"', False), ("$X", True)):
        if written in text:
            before, _, after = text.partition(written)
            parts: list[str | Hole] = [before, Hole(HoleKind.PARAMETER, "$X", splits), after]
            return Word(tuple(part for part in parts if part), (0, len(text)), None)
    return Word((text,) if text else (), (0, len(text)), text)


def make_command(text: str, index: int = 0, **changes: Any) -> Command:
    """A command of words between blanks; `sudo`, `env` and `nohup` are peeled off its front."""
    words = text.split()
    wrappers = []
    while words and words[0] in _WRAPPERS:
        wrappers.append(Wrapper(words[0], (make_word(words[0]),)))
        words = words[1:]
    given = {f"-{letter}" for word in words[1:] if word[:1] == "-" and word[:2] != "--" for letter in word[1:]}
    given |= {word for word in words[1:] if word.startswith("--") and word != "--"}
    names = frozenset(given).union(*(spellings for spellings in _SPELLINGS if spellings & given))
    made = tuple(map(make_word, words))
    literal = made[0].literal if made else None
    command = Command(
        index=index,
        words=made,
        program=literal.rpartition("/")[2] if literal else None,
        text=text,
        folded=" ".join(words),
        span=(0, len(text)),
        operands=tuple(word for word in made[1:] if not str(word.parts[0] if word.parts else "").startswith("-")),
        options=frozenset(given),
        options_known=all(word.literal is not None or isinstance(word.parts[0], str) for word in made[1:]),
        option_names=names,
        wrappers=tuple(wrappers),
    )
    return replace(command, **changes)


def make_call(
    script: Script | None = None,
    tool: ToolCall | None = None,
    *,
    client: str = "claude-code",
    cwd: str | None = "/work/project",
    mode: str | None = None,
) -> CallFacts:
    text = script.text if script is not None else None
    tool = tool or ToolCall("Bash", ToolKind.SHELL, script=text)
    event = HookEvent(client, EventKind.PRE_TOOL, "PreToolUse", "s", cwd=cwd, permission_mode=mode, tool=tool)
    return CallFacts(event, tool, Place(cwd, "/home/person"), script)


def make_facts(text: str, **changes: Any) -> tuple[Facts, ...]:
    """One Facts per command; `;` parts commands, `|` the stages of one pipeline."""
    commands: list[Command] = []
    for pipeline, pipeline_text in enumerate(text.split(";")):
        stages = pipeline_text.split("|")
        for stage, stage_text in enumerate(stages):
            pipes = (PipePosition(pipeline, stage),) if len(stages) > 1 else ()
            commands.append(make_command(stage_text.strip(), len(commands), pipes=pipes, **changes))
    call = make_call(Script(text, tuple(commands)))
    return tuple(Facts(call, command) for command in commands)


def resolve_text(text: str, lists: Lists | None = None) -> tuple[tuple[ResolvedRule, ...], tuple[Diagnostic, ...]]:
    source, misread = parse(text, "t.rules")
    rules, diagnostics = resolve([LayeredFile("user", source)], lists or {})
    return rules, (*misread, *diagnostics)


def compile_text(text: str, lists: Lists | None = None) -> CompiledRule:
    rules, diagnostics = resolve_text(text, lists)
    assert diagnostics == ()
    (rule,) = rules
    return compile_rule(rule)


def ask(condition: str, facts: Facts, lists: Lists | None = None) -> Truth:
    return compile_text(f'block "t"\n  match {condition}', lists).match(facts)


@pytest.fixture
def build() -> SimpleNamespace:
    """`word`, `command`, `call`, `facts`: hand-made facts. `resolve`, `compile`, `ask`: rule text to results."""
    return SimpleNamespace(
        word=make_word,
        command=make_command,
        call=make_call,
        facts=make_facts,
        resolve=resolve_text,
        compile=compile_text,
        ask=ask,
    )


@pytest.fixture
def layered() -> Callable[[Sequence[tuple[str, str, str]]], list[LayeredFile]]:
    """Files from (layer, name, text)."""

    def make(files: Sequence[tuple[str, str, str]]) -> list[LayeredFile]:
        return [LayeredFile(layer, parse(text, name)[0]) for layer, name, text in files]

    return make
