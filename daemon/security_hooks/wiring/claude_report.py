"""Whether our hooks are in force in Claude Code, given its settings files as they are on the disk."""

from collections.abc import Iterator

from security_hooks.model.record import Json
from security_hooks.wiring.claude_code import FORM, NAME
from security_hooks.wiring.json_hooks import Handler, handlers
from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.report import Remark, Report, Role, Settings, broken, of_roles, unreadable
from security_hooks.wiring.table import wired_client

_INSTALL = f"security-hooks install {NAME}"
_TOOL = "PreToolUse"
_EVERY_TOOL = (None, "", "*")
# The shim needs 5 s at most.
_ENOUGH_SECONDS = 10
# The first that says anything about a switch is believed.
_PRECEDENCE = (Role.MANAGED, Role.LOCAL, Role.PROJECT, Role.USER)
_SWITCH = "disableAllHooks"
_SIMPLE = ("CLAUDE_CODE_SIMPLE", "CLAUDE_CODE_SAFE_MODE")
_PREFIX = "CLAUDE_CODE_SHELL_PREFIX"

_Roots = list[tuple[Settings, dict[str, Json]]]


def claude_report(settings: tuple[Settings, ...]) -> Report:
    """Judge the wiring. The same command in a project's file takes the place of the user's, as the client has it."""
    remarks: list[Remark] = []
    roots = list(_roots(settings, remarks))
    managed_only = any(root.get("allowManagedHooksOnly") is True for file, root in roots if file.role is Role.MANAGED)
    off = _switched_off(roots)
    found = [(file, handler) for file, root in roots for handler in handlers(root) if handler.is_ours]
    live: dict[tuple[str, str], tuple[Settings, Handler]] = {}
    for file, handler in found:
        is_dropped = off is not None and (file.role is not Role.MANAGED or off.role is Role.MANAGED)
        if not is_dropped and (file.role is Role.MANAGED or not managed_only):
            # A managed hook is never replaced; of others, the more specific file's is run.
            key = (handler.event, repr((handler.handler.get("command"), handler.handler.get("args"))))
            if key not in live or live[key][0].role is not Role.MANAGED:
                live[key] = (file, handler)
    if off is not None and found and not live:
        remarks.append(
            Remark("bad", f"{off.path} sets `disableAllHooks`: no hook of yours runs", "set it to false there")
        )
    if managed_only and found and not live:
        remarks.append(
            Remark(
                "bad",
                "managed settings allow managed hooks only, and ours are not among them",
                f"sudo {_INSTALL} --managed",
            )
        )
    remarks += _switches(roots, live)
    hook = _hook(live, remarks)
    if hook is not None:
        have = {event for event, _ in live}
        missing = [row.event for row in wired_client(NAME).events if row.event not in have]
        if missing:
            remarks.append(Remark("warning", f"not wired: {', '.join(missing)}", _INSTALL))
    elif not found:
        remarks.append(Remark("bad", "no settings file holds our hooks: no call is judged", _INSTALL))
    elif not any(remark.state == "bad" for remark in remarks):
        remarks.append(Remark("bad", f"`{_TOOL}` is not wired: no call is judged", _INSTALL))
    remarks += [] if managed_only else _strangers(roots)
    return Report(bool(found), hook, tuple(remarks))


def _roots(settings: tuple[Settings, ...], remarks: list[Remark]) -> Iterator[tuple[Settings, dict[str, Json]]]:
    for file in of_roles(settings, (Role.MANAGED, Role.USER, Role.PROJECT, Role.LOCAL)):
        dropped = "the client does not start" if file.role is Role.MANAGED else "the client drops the whole file"
        if file.problem:
            remarks.append(unreadable(file, dropped))
        elif file.text is not None:
            try:
                value = FORM.read(file.text).value
            except TextError as error:
                remarks.append(broken(file, error, dropped))
                continue
            if isinstance(value, dict):
                yield file, value


def _switched_off(roots: _Roots) -> Settings | None:
    for role in _PRECEDENCE:
        told = [(file, root[_SWITCH]) for file, root in roots if file.role is role and _SWITCH in root]
        if told:
            # Of several files of the machine, which one wins is not known.
            return next((file for file, is_off in told if is_off), None)
    return None


def _hook(live: dict[tuple[str, str], tuple[Settings, Handler]], remarks: list[Remark]) -> dict[str, Json] | None:
    """The hook for tool calls that closes what can be closed; remarks about those that do not."""
    best: dict[str, Json] | None = None
    for (event, _), (file, handler) in live.items():
        if event != _TOOL:
            continue
        fault = _fault(handler)
        if fault:
            remarks.append(Remark("bad", f"{file.path}: our hook {fault}", _INSTALL))
        elif best is None or file.role is Role.MANAGED:
            best = handler.handler
    if best is not None and _is_observing(best):
        remarks.append(
            Remark("warning", "installed with --observe: calls run where the guard does not answer", _INSTALL)
        )
    return best


def _fault(handler: Handler) -> str:
    hook, timeout = handler.handler, handler.handler.get("timeout")
    closed = hook.get("onFailure") == "block" or ("args" not in hook and str(hook.get("command")).endswith("|| exit 2"))
    if handler.group.get("matcher") not in _EVERY_TOOL:
        return "has a `matcher`, so it does not see every tool"
    if hook.get("async") is True:
        return "is `async`, so nothing waits for its answer"
    if "if" in hook:
        return "has an `if`, so it does not see every call"
    if isinstance(timeout, (int, float)) and timeout < _ENOUGH_SECONDS:
        return f"has a `timeout` of {timeout} s, which the shim may need longer than"
    if not closed and not _is_observing(hook):
        return 'is not set to block when it fails (`"onFailure": "block"`)'
    return ""


def _is_observing(hook: dict[str, Json]) -> bool:
    arguments = hook.get("args")
    words = arguments if isinstance(arguments, list) else str(hook.get("command")).split()
    return "--observe" in words


def _switches(roots: _Roots, live: dict[tuple[str, str], tuple[Settings, Handler]]) -> Iterator[Remark]:
    """Variables that switch hooks off, or hooks of shell form."""
    shell = any("args" not in handler.handler for (event, _), (_, handler) in live.items() if event == _TOOL)
    for file, root in roots:
        environment = root.get("env")
        names = environment if isinstance(environment, dict) else {}
        if file.role is Role.USER and any(name in names for name in _SIMPLE):
            yield Remark(
                "bad", f"{file.path} sets a variable that starts the client without hooks", "remove it from `env`"
            )
        if shell and _PREFIX in names and file.role is not Role.MANAGED:
            yield Remark("bad", f"{file.path} sets {_PREFIX}, which wraps our hook", "remove it from `env`")


def _strangers(roots: _Roots) -> Iterator[Remark]:
    for file, root in roots:
        if file.role in {Role.PROJECT, Role.LOCAL} and any(not handler.is_ours for handler in handlers(root)):
            yield Remark(
                "warning",
                f"{file.path} has hooks of its own, which run without being judged and may rewrite a judged call",
                "read them; managed settings with `allowManagedHooksOnly` stop them",
            )
