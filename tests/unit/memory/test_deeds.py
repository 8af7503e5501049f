import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.memory.deeds import MOST_DEEDS, deeds_of
from security_hooks.model.action import Action
from security_hooks.model.deed import NOTHING, Deeds
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.policy.config_types import Limits
from security_hooks.service.judge import shell_limits
from security_hooks.tools.facts import call_facts

PLACE = Place("/home/u/p", "/home/u", "/home/u/p")


def deeds(tool: ToolCall) -> Deeds:
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", cwd="/home/u/p", tool=tool)
    return deeds_of(call_facts(event, tool, PLACE, shipped(), shell_limits(Limits())))


def of_script(script: str) -> Deeds:
    return deeds(ToolCall("Bash", ToolKind.SHELL, script=script))


@pytest.mark.parametrize(
    ("script", "kind", "target", "action"),
    [
        ("rm -r build", EffectKind.DELETES, "/home/u/p/build", Action.FILESYSTEM_DELETE),
        ("cd sub && cat a", EffectKind.READS, "/home/u/p/sub/a", Action.FILESYSTEM_READ),
        ('rm "$X"', EffectKind.DELETES, None, Action.FILESYSTEM_DELETE),
        ("curl https://a.example/x", EffectKind.CONNECTS, "a.example", Action.NETWORK_OUTBOUND),
    ],
)
def test_deeds_of_commands(script: str, kind: EffectKind, target: str | None, action: Action) -> None:
    assert (kind, target, action) in [(deed.kind, deed.target, deed.action) for deed in of_script(script).deeds]


def test_deeds_of_a_tool_that_is_no_shell_have_no_command() -> None:
    found = deeds(ToolCall("Read", ToolKind.READ, paths=("a.txt",))).deeds
    assert [(deed.kind, deed.target, deed.command) for deed in found] == [(EffectKind.READS, "/home/u/p/a.txt", None)]


def test_data_that_goes_from_one_file_to_another() -> None:
    passages = of_script("cat a | sort > b").passages
    assert ("/home/u/p/a", "/home/u/p/b") in [(passage.source.target, passage.sink.target) for passage in passages]


def test_what_is_not_understood_is_not_clear() -> None:
    assert of_script("ls").is_clear
    assert not of_script('eval "$X"').is_clear
    assert deeds_of(None) is NOTHING


def test_their_number_is_bounded() -> None:
    found = of_script("rm " + " ".join(f"f{number}" for number in range(MOST_DEEDS + 10)))
    assert len(found.deeds) == MOST_DEEDS
    assert found.is_cut
