"""The rows of `[budgets]`: one key for each budget, `COUNT per TIME`."""

import re

from security_hooks.dsl.durations import seconds_of
from security_hooks.model.spending import Budget, Level, Rate, Resource
from security_hooks.policy.config_rows import Choice, Key, Text

SECTION = "budgets"
_WRITTEN = re.compile(r"([1-9][0-9]{0,8})([kMGT]?) per ([0-9]+[smhd])")
_UNITS = {"": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_MUST = "`COUNT per TIME` such as `500 per 1h` or `64M per 1d`, a day at most; or empty, for any number"

_WHOSE = {
    Level.SESSION: "a session (all agents that it starts are part of it)",
    Level.AGENT: "one agent (a sub-agent, or a session by itself)",
    Level.MACHINE: "all sessions of this machine together",
}
_WHAT = {
    Resource.FILES_DELETED: "How many different files, or directories with all in them, {} may delete",
    Resource.FILES_WRITTEN: "How many different files {} may make or change",
    Resource.BYTES_OUT: "How many bytes {} may send, as far as sizes are known",
    Resource.HOSTS: "How many different hosts {} may connect to",
    Resource.FORCE_PUSHES: "How many pushes of {} may overwrite or delete branches",
}


def rate_of(text: str) -> Rate | None:
    """`500 per 1h`; None for anything else."""
    found = _WRITTEN.fullmatch(text)
    seconds = None if found is None else seconds_of(found[3])
    return None if found is None or seconds is None else Rate(int(found[1]) * _UNITS[found[2]], seconds)


def stricter_rate(base: str, wanted: str) -> str:
    """`wanted` where it surely lets no more through than `base`, else `base`."""
    held, asked = rate_of(base), rate_of(wanted)
    if held is None or asked is None:
        return wanted if held is None and asked is not None else base
    windows = -(-held.seconds // asked.seconds)
    return wanted if asked.count * windows <= held.count else base


def _row(level: Level, resource: Resource) -> Text:
    doc = f"{_WHAT[resource].format(_WHOSE[level])}. See [limits.md](limits.md#budgets)."
    path: Key = (SECTION, level.value, resource.value)
    return Text(path, doc, _MUST, lambda text: not text or rate_of(text) is not None, stricter_rate)


BUDGET_ROWS: tuple[Choice | Text, ...] = (
    Choice((SECTION, "exceeded"), "What exceeds a budget is asked about, or denied.", ("ask", "deny"), ordered=True),
    *(_row(level, resource) for level in Level for resource in Resource),
)


def budgets_of(words: dict[Key, str]) -> tuple[Budget, ...]:
    """The budgets that are set, given the words of their keys."""
    return tuple(
        Budget(level, resource, rate)
        for level in Level
        for resource in Resource
        if (rate := rate_of(words[SECTION, level.value, resource.value])) is not None
    )
