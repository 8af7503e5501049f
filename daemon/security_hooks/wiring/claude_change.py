"""Whether settings of Claude Code that have changed under a running session may hold at once.

Only where nothing that they can say takes our hooks away: those stand in the machine's settings. Elsewhere the client
drops a person's whole file for one value that it does not like, and reads it again after our answer, so that no look of
ours at a person's settings could tell what will hold.
"""

from posixpath import basename

from security_hooks.model.record import Json
from security_hooks.wiring.claude_code import FORM
from security_hooks.wiring.claude_report import claude_report
from security_hooks.wiring.json_hooks import handlers
from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.report import Role, Settings

# What a project may bring at once: it runs nothing and sets no variable.
_ORDINARY = frozenset(
    {
        *("$schema", "alwaysThinkingEnabled", "cleanupPeriodDays", "includeCoAuthoredBy", "language", "model"),
        *("outputStyle", "permissions", "prefersReducedMotion", "spinnerTipsEnabled", "theme"),
    }
)
# A person, besides: it runs no hook of others. Plugins may bring some.
_PERSONS = _ORDINARY | {"env", "hooks", "statusLine"}
_FILES = frozenset({"settings.json", "settings.local.json"})


def may_hold_at_once(changed: str | None, settings: tuple[Settings, ...]) -> bool:
    """Whether a change of this file may be taken over, given all files as they are. What is not known may not."""
    managed = tuple(file for file in settings if file.role is Role.MANAGED)
    report = claude_report(managed)
    if changed is None or basename(changed) not in _FILES or report.hook is None or report.remarks:
        return False
    pinned = [_read(file).get("disableAllHooks") for file in managed if file.text is not None]
    return False in pinned and all(_is_harmless(file) for file in settings if file.role is not Role.MANAGED)


def _is_harmless(file: Settings) -> bool:
    if file.problem:
        return False
    if file.text is None:
        return True
    try:
        root = _read(file)
    except TextError:
        return False
    if file.role is Role.USER:
        return root.keys() <= _PERSONS and all(handler.is_ours for handler in handlers(root))
    return root.keys() <= _ORDINARY


def _read(file: Settings) -> dict[str, Json]:
    value = FORM.read(file.text or "").value
    return value if isinstance(value, dict) else {}
