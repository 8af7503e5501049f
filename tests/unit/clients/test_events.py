import pytest

from security_hooks.clients.events import Events
from security_hooks.model.event import EventKind
from security_hooks.model.failure import CallError

EVENTS = Events({"Before": EventKind.PRE_TOOL, "Asked": EventKind.PROMPT}, frozenset({"Stop"}))


@pytest.mark.parametrize(
    ("name", "kind", "with_tool", "without_tool"),
    [
        ("Before", EventKind.PRE_TOOL, True, True),
        ("Asked", EventKind.PROMPT, False, False),
        ("Stop", EventKind.OTHER, False, False),
        ("BeforeSomethingNew", EventKind.OTHER, True, False),
    ],
)
def test_a_tool_is_read_before_tools_and_wherever_an_unknown_event_names_one(
    name: str, kind: EventKind, with_tool: bool, without_tool: bool
) -> None:
    assert EVENTS.read({"hook_event_name": name, "tool_name": "Bash"}) == (name, kind, with_tool)
    assert EVENTS.read({"hook_event_name": name}) == (name, kind, without_tool)


def test_an_event_without_a_name_is_unreadable() -> None:
    with pytest.raises(CallError):
        EVENTS.read({})
