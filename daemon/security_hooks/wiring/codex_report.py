"""Whether our hooks are in force in Codex CLI, given its settings files as they are on the disk."""

from collections.abc import Iterator

from security_hooks.wiring.codex import NAME, ours, snake, trust_hash
from security_hooks.wiring.codex_terminal import FEATURE
from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.report import Remark, Report, Role, Settings, broken, of_roles, unreadable
from security_hooks.wiring.table import CODEX_END_SECONDS, END, HELD_SECONDS, wired_client
from security_hooks.wiring.toml_text import read_toml

_INSTALL = f"security-hooks install {NAME}"
_TOOL = "PreToolUse"
_MANAGED_ONLY = "allow_managed_hooks_only"

_Data = list[tuple[Settings, dict[str, object]]]


def codex_report(settings: tuple[Settings, ...]) -> Report:
    """Judge the wiring. Hooks in a person's file count only where the client's own record of review fits them."""
    remarks: list[Remark] = []
    files = list(_files(settings, remarks))
    managed_only = any(file.role is Role.MANAGED and data.get(_MANAGED_ONLY) is True for file, data in files)
    dropped = False
    found: list[str] = []
    live: dict[str, dict[str, object]] = {}
    for file, data in files:
        for row in wired_client(NAME).events:
            for index, handler in ours(data, row.event):
                found.append(row.event)
                fault = _fault(file, data, row.event, index, handler)
                if managed_only and file.role is not Role.MANAGED:
                    dropped = True
                elif not fault:
                    live.setdefault(row.event, handler)
                elif row.event == _TOOL:
                    remarks.append(Remark("bad", f"{file.path}: our hook {fault}", _INSTALL))
    if dropped and _TOOL not in live:
        finding = "managed settings allow managed hooks only, and ours are not among them"
        remarks.append(Remark("bad", finding, f"sudo {_INSTALL} --managed"))
    off = _switched_off(files)
    if off is not None:
        remarks.append(Remark("bad", f"{off.path} switches the feature `hooks` off: no hook runs", "remove it there"))
    hook = live.get(_TOOL) if off is None else None
    if hook is not None:
        missing = [row.event for row in wired_client(NAME).events if row.event not in live]
        if missing:
            remarks.append(Remark("warning", f"not in force: {', '.join(missing)}", _INSTALL))
        if "--observe" in str(hook.get("command")).split():
            remarks.append(
                Remark("warning", "installed with --observe: calls run where the guard does not answer", _INSTALL)
            )
        remarks += _terminal(files)
    elif not found:
        remarks.append(Remark("bad", "no settings file holds our hooks: no call is judged", _INSTALL))
    elif not any(remark.state == "bad" for remark in remarks):
        remarks.append(Remark("bad", f"`{_TOOL}` is not wired: no call is judged", _INSTALL))
    return Report(bool(found), hook, tuple(remarks))


def _files(settings: tuple[Settings, ...], remarks: list[Remark]) -> Iterator[tuple[Settings, dict[str, object]]]:
    for file in of_roles(settings, (Role.MANAGED, Role.USER, Role.PROJECT)):
        if file.problem:
            remarks.append(unreadable(file, "the client does not start"))
        elif file.text is not None:
            try:
                yield file, read_toml(file.text)
            except TextError as error:
                remarks.append(broken(file, error, "the client does not start"))


def _fault(file: Settings, data: dict[str, object], event: str, index: int, handler: dict[str, object]) -> str:
    group = data["hooks"][event][index]  # type: ignore[index]  # `ours` has just found it there
    timeout, command = handler.get("timeout"), str(handler.get("command"))
    if file.role is Role.PROJECT:
        return "is repeated in a project's file"
    if group.get("matcher") not in (None, "", "*"):
        return "has a `matcher`, so it does not see every tool"
    if isinstance(timeout, bool) or not isinstance(timeout, int) or (timeout <= HELD_SECONDS and event != END):
        return "has a `timeout` that lets calls through"
    if event == END and timeout > CODEX_END_SECONDS:
        return "has a `timeout` that the client cuts, and so a hook that nobody has reviewed"
    if handler.get("async", False) is not False:
        return "is `async`, so nothing waits for its answer"
    if "--observe" not in command.split() and "||" not in command:
        return "is not wrapped, so that failures let calls through"
    if file.role is Role.USER:
        return _distrust(data, f"{file.named or file.path}:{snake(event)}:{index}:0", trust_hash(event, handler))
    return ""


def _distrust(data: dict[str, object], key: str, digest: str) -> str:
    """Why the client would skip a hook of a person's file, without a word where nobody watches."""
    hooks = data.get("hooks")
    state = hooks.get("state") if isinstance(hooks, dict) else None
    row = state.get(key) if isinstance(state, dict) else None
    if not isinstance(row, dict) or "trusted_hash" not in row:
        return "is not trusted at its place in the file, so the client skips it"
    if row["trusted_hash"] != digest:
        return "was changed after it was trusted, so the client skips it"
    return "is switched off in `hooks.state`" if row.get("enabled") is False else ""


def _terminal(files: _Data) -> Iterator[Remark]:
    """A person's word about terminals holds unless a project's file says another, the machine's always."""
    if _feature(files, FEATURE, (Role.MANAGED,)) is False:
        return
    finding = "what is typed into a running terminal (`write_stdin`) reaches no hook"
    for file, data in files:
        features = data.get("features")
        if file.role is Role.PROJECT and isinstance(features, dict) and features.get(FEATURE, False) is not False:
            yield Remark("warning", f"{file.path} sets `{FEATURE}`: {finding}", f"sudo {_INSTALL} --managed")
            return
    if _feature(files, FEATURE, (Role.USER,)) is not False:
        yield Remark("warning", finding, _INSTALL)


def _switched_off(files: _Data) -> Settings | None:
    if _feature(files, "hooks", (Role.MANAGED,)) is True:
        return None
    for file, data in files:
        features = data.get("features")
        if isinstance(features, dict) and features.get("hooks") is False:
            return file
    return None


def _feature(files: _Data, name: str, roles: tuple[Role, ...]) -> object:
    """What the first file of these roles says of a feature; None where none does."""
    for file, data in files:
        features = data.get("features")
        if file.role in roles and isinstance(features, dict) and name in features:
            return features[name]
    return None
