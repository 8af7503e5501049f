"""The kind of action that a tool call as a whole is: the gravest of its commands', or that of its tool."""

from security_hooks.model.action import Action
from security_hooks.model.decision import Severity
from security_hooks.model.event import ToolKind
from security_hooks.model.shell import CallFacts

_KINDS = {
    ToolKind.READ: Action.FILESYSTEM_READ,
    ToolKind.SEARCH: Action.FILESYSTEM_READ,
    ToolKind.WRITE: Action.FILESYSTEM_WRITE,
    ToolKind.EDIT: Action.FILESYSTEM_WRITE,
    ToolKind.PATCH: Action.FILESYSTEM_WRITE,
    ToolKind.FETCH: Action.NETWORK_OUTBOUND,
    ToolKind.WEB_SEARCH: Action.NETWORK_OUTBOUND,
    ToolKind.MCP: Action.MCP_CALL,
    ToolKind.AGENT: Action.AGENT_EXEC_WRITE,
    ToolKind.CODE: Action.LANG_EXEC,
}
_ORDER = {severity: number for number, severity in enumerate(Severity)}


def action_of(call: CallFacts) -> Action:
    """The action of the gravest command, the first of several; of a tool that is no shell, its kind's."""
    return graded(call)[0]


def graded(call: CallFacts) -> tuple[Action, Severity]:
    """The action of the call, and how grave it is; what was not understood whole is as grave as its gravest command."""
    script = call.script
    if script is None:
        action = _KINDS.get(call.tool.kind, Action.UNKNOWN)
        return action, action.severity
    gravest = max(script.commands, key=lambda command: _ORDER[command.severity], default=None)
    if gravest is None:
        action = Action.TEXT if script.problem is None else Action.UNKNOWN
        return action, action.severity
    if script.unparseable or script.over_budget:
        return Action.UNKNOWN, max(gravest.severity, Action.UNKNOWN.severity, key=_ORDER.__getitem__)
    return gravest.action, gravest.severity
