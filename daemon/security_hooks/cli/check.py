"""`security-hooks check`: the verdict on a command, or on a batch of calls, without a daemon."""

import argparse
import json
import sys
from pathlib import Path

from security_hooks.cli.check_batch import run_batch
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.cli.subject import add_directory, judge_subject
from security_hooks.cli.visible import visible
from security_hooks.model.decision import Basis, Decision, Finding, Verdict
from security_hooks.model.failure import StartupError
from security_hooks.service.journal import finding_fields, rule_names
from security_hooks.service.load import load_snapshot, policy_directories
from security_hooks.service.offline import Offline, fictitious_project
from security_hooks.service.place import find_project
from security_hooks.service.world import LocalWorld

STATUS = {Verdict.ALLOW: Exit.ALLOW, Verdict.ASK: Exit.ASK, Verdict.DENY: Exit.DENY}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `check`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("command_text", nargs="?", metavar="COMMAND", help="a shell command, as one argument")
    what.add_argument("--batch", metavar="FILE", help="JSON lines in (`-`: standard input), JSON lines out, in order")
    add_directory(parser)
    parser.add_argument("--real-files", action="store_true", help="let a batch look at the real disk")
    add_policy(parser)
    add_state(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 allow, 1 ask, 2 deny; a batch ends in 0 however its calls are judged."""
    if arguments.batch is not None:
        if arguments.cwd is not None:
            raise StartupError("--cwd is for one command; a batch says `cwd` in each line", Exit.USAGE)
        return _batch(arguments)
    if arguments.real_files:
        raise StartupError(
            "--real-files is for --batch; a single command is always judged on the real disk", Exit.USAGE
        )
    decision = judge_subject(arguments).judgement.decision
    if arguments.json:
        print(json.dumps(as_json(decision), indent=2))
    else:
        print("\n".join(visible(line) for line in (*head_lines(decision), *_finding_lines(decision))))
    # A defect of ours is an error, and no error may look like a verdict.
    return STATUS[decision.verdict] if decision.failure is None else Exit.INTERNAL


def _batch(arguments: argparse.Namespace) -> int:
    name = arguments.batch
    try:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as lines:
            directories = policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir)
            snapshot = load_snapshot(directories, None)
            offline = Offline(snapshot, fictitious_project)
            if arguments.real_files:
                offline = Offline(snapshot, find_project, LocalWorld)
            return run_batch(lines, sys.stdout.buffer, offline)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise StartupError(f"cannot read {name}: {error.strerror}", Exit.USAGE) from error


def as_json(decision: Decision) -> dict[str, object]:
    """The decision for `--json`."""
    return {
        "verdict": decision.verdict.word,
        "would": decision.would.word,
        "basis": decision.basis.value,
        "rules": rule_names(decision),
        "explicit": decision.explicit,
        "generation": decision.generation,
        "policy": decision.digest,
        "failure": None
        if decision.failure is None
        else {"reason": decision.failure.reason.value, "detail": decision.failure.detail},
        "findings": [finding_fields(finding) | {"tags": list(finding.tags)} for finding in decision.findings],
    }


def head_lines(decision: Decision) -> list[str]:
    """Verdict and rules on the first line; then what there is to say of no rule."""
    lines = [" ".join([decision.verdict.word, *rule_names(decision)])]
    if decision.would is not decision.verdict:
        lines.append(f"  observe mode: would be {decision.would.word}")
    if decision.failure is not None:
        lines.append(f"  could not be judged: {decision.failure.reason.value}")
        lines += [f"    {line}" for line in decision.failure.detail.splitlines()]
    elif decision.basis is Basis.DEFAULT:
        lines.append("  no rule objects" if decision.would is Verdict.ALLOW else "  no rule covers it")
    return lines


def _finding_lines(decision: Decision) -> list[str]:
    return [line for finding in decision.findings for line in _finding(finding)]


def _finding(finding: Finding) -> list[str]:
    certainty = "" if finding.certain else ", perhaps: part of the command is not known"
    effect = "" if finding.verdict is not None else ", recorded only"
    lines = [f"  {finding.rule} ({finding.tier.value}{certainty}{effect}) at {finding.file}:{finding.line}"]
    if finding.nudge:
        lines.append(f"    {finding.nudge}")
    lines.append(f"    in: {finding.evidence}")
    return lines


COMMAND = Command(
    "check", "print the verdict on a command, without a daemon", "security-hooks check 'rm -rf ~'", add_arguments, run
)
