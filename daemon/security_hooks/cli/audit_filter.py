"""The options that say which records of the log are meant, the same for every verb that takes them."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from security_hooks.cli.moment import moment
from security_hooks.insight.filter import Filter
from security_hooks.insight.row import RANKS
from security_hooks.model.decision import Verdict
from security_hooks.model.record import RecordKind


@dataclass(frozen=True, slots=True)
class _Option:
    """An option that may be given several times, for alternatives; `name` is the filter's own."""

    flag: str
    name: str
    metavar: str
    help: str
    choices: tuple[str, ...] = ()


_VERDICTS = tuple(verdict.word for verdict in Verdict)
_OPTIONS = (
    _Option("--verdict", "verdicts", "VERDICT", "what was answered: allow, ask, deny", _VERDICTS),
    _Option("--would", "would", "VERDICT", "what policy said, also where observe mode let it through", _VERDICTS),
    _Option("--outcome", "outcomes", "WORD", "what became of the call: succeeded, failed, ran"),
    _Option("--client", "clients", "NAME", "claude-code, gemini-cli, codex-cli"),
    _Option("--session", "sessions", "ID", "the client's own id of a session"),
    _Option("--tool", "tools", "NAME", "the client's own name of a tool"),
    _Option("--rule", "rules", "GLOB", "a rule that matched"),
    _Option("--action", "actions", "GLOB", "the kind of action of the call or of one of its commands: 'git_*'"),
    _Option("--path", "paths", "GLOB", "a path that the call touches; without a glob, what lies below it, too"),
    _Option("--host", "hosts", "GLOB", "a host that the call connects to"),
    _Option("--kind", "kinds", "KIND", "decision, start, gap, ...", tuple(kind.value for kind in RecordKind)),
)
_UNFIXED = {"since": None, "until": None, "severity": None, "text": None} | {option.name: None for option in _OPTIONS}


def add_filter(parser: argparse.ArgumentParser) -> None:
    """All of them."""
    group = parser.add_argument_group("which records", "options of one name are alternatives, all others must hold")
    group.add_argument("--since", type=moment, metavar="7d", help="no older ones: 90m, 12h, 7d, 2w, or a date in UTC")
    group.add_argument("--until", type=moment, metavar="1d", help="only older ones")
    for option in _OPTIONS:
        group.add_argument(
            option.flag,
            dest=option.name,
            action="append",
            metavar=option.metavar,
            help=option.help,
            choices=option.choices or None,
        )
    group.add_argument("--severity", choices=tuple(RANKS), help="at least this grave, the call or a rule that matched")
    group.add_argument("--text", metavar="TEXT", help="what a command, prompt, input or finding says")


def filter_of(arguments: argparse.Namespace) -> Filter:
    """The filter that was given."""
    given = {**_UNFIXED, **vars(arguments)}
    several = {option.name: tuple(given[option.name] or ()) for option in _OPTIONS}
    several["paths"] = tuple(_full(path) for path in several["paths"])
    return Filter(
        since=given["since"] or "",
        until=given["until"] or "",
        severity=given["severity"] or "",
        text=given["text"] or "",
        kinds=several["kinds"],
        clients=several["clients"],
        sessions=several["sessions"],
        tools=several["tools"],
        verdicts=several["verdicts"],
        would=several["would"],
        outcomes=several["outcomes"],
        rules=several["rules"],
        actions=several["actions"],
        paths=several["paths"],
        hosts=several["hosts"],
    )


def _full(path: str) -> str:
    """The path as records have it: a shell expands no `~` in `--path=~/x`, and none within quotes."""
    return str(Path(path).expanduser()) if path.startswith("~/") else path
