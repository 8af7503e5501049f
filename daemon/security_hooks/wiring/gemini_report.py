"""Whether our hooks are in force in Gemini CLI, given its settings files as they are on the disk."""

from collections.abc import Iterator

from security_hooks.model.record import Json
from security_hooks.wiring.gemini import FORM, NAME
from security_hooks.wiring.json_hooks import Handler, handlers
from security_hooks.wiring.json_text import Node, TextError
from security_hooks.wiring.report import Remark, Report, Role, Settings, broken, of_roles, unreadable
from security_hooks.wiring.table import HELD_SECONDS, wired_client

_INSTALL = f"security-hooks install {NAME}"
_TOOL = "BeforeTool"
# A longer one is taken for 1 ms.
_LONGEST_MILLISECONDS = (1 << 31) - 1

_Roots = list[tuple[Settings, Node]]


def gemini_report(settings: tuple[Settings, ...]) -> Report:
    """Judge the wiring; a settings file that cannot be used counts as one that switches hooks off."""
    remarks: list[Remark] = []
    roots = list(_roots(settings, remarks))
    is_usable = not remarks
    found = [(file, handler) for file, root in roots for handler in handlers(root.value) if handler.is_ours]
    off, names = _switched_off(roots), _disabled(roots)
    if off is not None:
        remarks.append(
            Remark("bad", f"{off.path} sets `hooksConfig.enabled` to false: no hook runs", "set it to true there")
        )
    hook: dict[str, Json] | None = None
    for file, handler in found:
        fault = _fault(file, handler, names) if handler.event == _TOOL else ""
        if fault:
            remarks.append(Remark("bad", f"{file.path}: our hook {fault}", _INSTALL))
            is_usable = is_usable and file.role is not Role.PROJECT
        elif handler.event == _TOOL and hook is None:
            hook = handler.handler
    if not is_usable or off is not None:
        hook = None
    if hook is not None:
        remarks += _gaps(found, hook)
    elif not found:
        remarks.append(Remark("bad", "no settings file holds our hooks: no call is judged", _INSTALL))
    elif not any(remark.state == "bad" for remark in remarks):
        remarks.append(Remark("bad", f"`{_TOOL}` is not wired: no call is judged", _INSTALL))
    for file, root in roots:
        if file.role is Role.PROJECT and any(not handler.is_ours for handler in handlers(root.value)):
            remarks.append(
                Remark("warning", f"{file.path} has hooks of its own, which run without being judged", "read them")
            )
    return Report(bool(found), hook, tuple(remarks))


def _roots(settings: tuple[Settings, ...], remarks: list[Remark]) -> Iterator[tuple[Settings, Node]]:
    for file in of_roles(settings, (Role.USER, Role.PROJECT, Role.MANAGED, Role.EXTENSION)):
        if file.problem:
            remarks.append(unreadable(file, "our hooks may not run"))
        elif file.text is not None and file.text.strip():
            try:
                yield file, FORM.read(file.text)
            except TextError as error:
                remarks.append(broken(file, error, "our hooks may not run"))


def _switched_off(roots: _Roots) -> Settings | None:
    """Which file says that no hook runs; the machine's settings come first, then the project's."""
    for role in (Role.MANAGED, Role.PROJECT, Role.USER):
        for file, root in roots:
            section = root.member("hooksConfig")
            switch = None if section is None else section.member("enabled")
            if file.role is role and switch is not None:
                return None if switch.value is True else file
    return None


def _disabled(roots: _Roots) -> set[str]:
    """Names and commands of hooks that any file switches off."""
    found: set[str] = set()
    for _, root in roots:
        section = root.member("hooksConfig")
        names = None if section is None else section.member("disabled")
        found |= {str(name.value) for name in names.items()} if names is not None else set()
    return found


def _fault(file: Settings, handler: Handler, disabled: set[str]) -> str:
    hook, timeout = handler.handler, handler.handler.get("timeout")
    if file.role is Role.PROJECT:
        return "is repeated in a project's file, which may change how it runs"
    if {str(hook.get("name")), str(hook.get("command"))} & disabled:
        return "is named in `hooksConfig.disabled`"
    if handler.group.get("matcher") not in (None, "", "*"):
        return "has a `matcher`, so it does not see every tool"
    if (
        isinstance(timeout, bool)
        or not isinstance(timeout, int)
        or not HELD_SECONDS * 1000 < timeout <= _LONGEST_MILLISECONDS
    ):
        return "has a `timeout` that lets calls through"
    if not _is_observing(hook) and "exit 2" not in str(hook.get("command")):
        return "is not wrapped, so that failures let calls through"
    return ""


def _is_observing(hook: dict[str, Json]) -> bool:
    return "--observe" in str(hook.get("command")).split()


def _gaps(found: list[tuple[Settings, Handler]], hook: dict[str, Json]) -> Iterator[Remark]:
    have = {handler.event for file, handler in found if file.role is not Role.PROJECT}
    missing = [row.event for row in wired_client(NAME).events if row.event not in have]
    if missing:
        yield Remark("warning", f"not wired: {', '.join(missing)}", _INSTALL)
    roles = {file.role for file, handler in found if handler.event == _TOOL}
    if Role.USER in roles and Role.EXTENSION not in roles:
        yield Remark(
            "warning", "our extension is missing: in a folder that is not trusted no hook of ours runs", _INSTALL
        )
    if _is_observing(hook):
        yield Remark("warning", "installed with --observe: calls run where the guard does not answer", _INSTALL)
