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
    script = call.script
    if script is None:
        return _KINDS.get(call.tool.kind, Action.UNKNOWN)
    if script.unparseable or script.over_budget or not script.commands:
        return Action.TEXT if script.problem is None and not script.commands else Action.UNKNOWN
    return max(script.commands, key=lambda command: _ORDER[command.severity]).action
