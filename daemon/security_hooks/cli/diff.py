"""`security-hooks diff`: two policies compared over cases or over the audit log, both judging every call anew."""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from security_hooks.cli.check_batch import CASE, event_of
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.comparison import Comparison
from security_hooks.cli.moment import add_since
from security_hooks.cli.options import add_json, add_state
from security_hooks.cli.replay import lines_of, log_lines, recalled
from security_hooks.model.diagnostic import PolicyError
from security_hooks.model.event import Place
from security_hooks.model.failure import CallError, StartupError
from security_hooks.policy.cases import parse_cases
from security_hooks.policy.example_call import PLACE
from security_hooks.service.judge import is_judged
from security_hooks.service.load import policy_directories
from security_hooks.service.offline import fictitious_project, real_home, shell_event
from security_hooks.service.recall import Case, Passed, Recalled, Unfit
from security_hooks.service.replay import Judge, Totals, compare


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `diff`."""
    parser.add_argument("--rules", type=Path, required=True, metavar="DIR", help="the proposed rules")
    parser.add_argument("--base", type=Path, metavar="DIR", help="the rules to compare with (default: those shipped)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--corpus", metavar="FILE", help="cases: JSON lines as `check --batch` takes them (`-`: standard input), or .md"
    )
    what.add_argument("--log", action="store_true", help="the calls of the audit log (the default)")
    add_since(parser)
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the user's configuration, for both policies")
    add_state(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 the policies agree on every call, 1 they do not."""
    if arguments.corpus is not None and arguments.since:
        raise StartupError("--since is for the log; the cases of --corpus have no time", Exit.USAGE)
    for rules in (arguments.rules, arguments.base):
        if rules is not None and not rules.is_dir():
            raise StartupError(f"{rules} is no directory", Exit.USAGE)
    base = Judge(policy_directories(arguments.config_dir, arguments.base, arguments.state_dir))
    proposed = Judge(policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir))
    if arguments.corpus is None:
        cases, what = recalled(log_lines(arguments.state_dir), arguments.since or ""), "record"
    else:
        cases, what = _corpus(arguments.corpus, proposed.longest()), "case"
    totals = Totals()
    comparison = Comparison(what, base.secret_names() | proposed.secret_names(), as_json=arguments.json)
    return comparison.show(compare(comparison.counted(cases), base.say, proposed.say, totals), totals)


def _corpus(name: str, longest: int) -> Iterator[Recalled]:
    if name.endswith(".md"):
        return _markdown(name)
    return _json_lines(lines_of([name]), longest)


def _markdown(name: str) -> Iterator[Recalled]:
    text = b"".join(lines_of([name])).decode("utf-8", "replace")
    cases, problems = parse_cases(text, name)
    if problems:
        raise PolicyError(problems)
    for case in cases:
        yield Case(str(case.line), shell_event(case.command, PLACE.cwd or "/"), PLACE)


def _json_lines(lines: Iterable[bytes], longest: int) -> Iterator[Recalled]:
    home = real_home()
    for number, line in enumerate(lines, 1):
        if not line.isspace():
            yield _case(line, number, home, longest)


def _case(line: bytes, number: int, home: str, longest: int) -> Recalled:
    try:
        case = CASE.decode(line)
        event, home = event_of(case, home, longest)
        told = msgspec.json.decode(case.id)
    except (msgspec.DecodeError, UnicodeError, RecursionError, CallError):
        return Passed(str(number), Unfit.CASE)
    name = str(number) if told is None else str(told)
    if not is_judged(event):
        return Passed(name, Unfit.NO_CALL)
    project = fictitious_project(event.cwd, home) if event.cwd is not None else None
    return Case(name, event, Place(event.cwd, home, project))


COMMAND = Command(
    "diff",
    "compare two policies over the audit log or over cases, and print each call that they judge differently",
    "security-hooks diff --rules ./rules --corpus cases.jsonl",
    add_arguments,
    run,
)
