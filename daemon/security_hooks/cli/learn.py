"""`security-hooks learn`: what people approve again and again becomes a proposal; a rule only by their word."""

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from security_hooks.audit.encode import timestamp
from security_hooks.cli.atomic import replace_file
from security_hooks.cli.blind import add_blind, seconds
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.moment import add_since, moment
from security_hooks.cli.options import add_json, add_policy, add_state, positive_number
from security_hooks.cli.replay import log_lines, recalled
from security_hooks.cli.terminal import require_person
from security_hooks.cli.visible import visible
from security_hooks.insight.ask_event import observed_event
from security_hooks.model.failure import StartupError
from security_hooks.policy.config_types import Mode
from security_hooks.policy.source import PolicyDirectories, Sources, read_sources
from security_hooks.policy.source_layers import FILES, shown
from security_hooks.service.approvals import outcomes
from security_hooks.service.kinds import kinds_of
from security_hooks.service.lessons import Files, Ground, Lesson, Teacher, blind_approvals, read_approvals, unproven
from security_hooks.service.load import policy_directories
from security_hooks.service.offline import real_home
from security_hooks.service.recall import Case

SINCE = "30d"
LEAST = 3
FILE = "learned.rules"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Approvals of which there could be something to learn: those that count, and those given before anybody can have
    read the question.
    """

    approved: int
    blind: int
    blind_ms: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `learn`."""
    add_since(parser)
    parser.add_argument(
        "--min",
        type=positive_number,
        default=LEAST,
        metavar="N",
        dest="least",
        help=f"approved at least N times ({LEAST})",
    )
    add_blind(parser)
    parser.add_argument(
        "--observed",
        action="store_true",
        help="learn from what would have been asked about in observe mode and ran; nobody has approved it",
    )
    parser.add_argument("--apply", type=int, metavar="N", help="write proposal N; only from a person's terminal")
    add_policy(parser)
    add_state(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 whether there is something to propose or not; 64 where proposal N is none, or nobody may write it; 65."""
    if arguments.apply is not None:
        require_person("`security-hooks learn --apply`")
    since = arguments.since or moment(SINCE)
    directories = policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir)
    sources = read_sources(directories, None)
    ground = Ground.OBSERVED if arguments.observed else Ground.APPROVED
    teacher = Teacher(sources, _files(directories, sources), timestamp(time.time_ns())[:10], ground)
    lines, home = log_lines(arguments.state_dir), real_home()
    if ground is Ground.OBSERVED:
        # Nobody was asked, so nobody answered too quickly.
        found = outcomes(lines, home, 0, since, observed_event)
    else:
        found = outcomes(lines, home, arguments.blind_ms, since)
    kinds = kinds_of(found, teacher.snapshot)
    lessons = teacher.lessons(kinds, arguments.least)
    teacher.prove(lessons, (case for case in recalled(log_lines(arguments.state_dir), since) if isinstance(case, Case)))
    left_out = tuple(map(id, unproven(lessons)))
    proven = tuple(lesson for lesson in lessons if id(lesson) not in left_out)
    if arguments.apply is not None:
        return _apply(proven, arguments.apply, ground, as_json=arguments.json)
    approved = 0 if ground is Ground.OBSERVED else len(read_approvals(kinds))
    evidence = _Evidence(approved, len(blind_approvals(kinds)), arguments.blind_ms)
    if arguments.json:
        numbered = [{"number": number, **_fields(lesson, ground)} for number, lesson in enumerate(proven, 1)]
        print(json.dumps({"proposals": numbered, "left_out": len(left_out), **asdict(evidence)}, indent=2))
    else:
        for line in (*_lines(proven, len(left_out), arguments.least, ground), *_warning(evidence)):
            print(visible(line))
        if not proven and ground is Ground.APPROVED and teacher.snapshot.config.mode is Mode.OBSERVE:
            print("the policy only observes, so nobody is asked: see `security-hooks learn --observed`")
    return Exit.OK


def _files(directories: PolicyDirectories, sources: Sources) -> Files:
    """The files as the sources call them: one may be a link, or be reached through one."""
    wanted = Path(directories.config) / "rules" / FILE
    real = wanted.resolve()
    known = (file.path for file in sources.rules if file.layer == "user" and Path(file.path).resolve() == real)
    return Files(next(known, str(wanted)), shown(Path(directories.config) / FILES[0]))


def _apply(lessons: Sequence[Lesson], number: int, ground: Ground, *, as_json: bool) -> int:
    if not 1 <= number <= len(lessons):
        raise StartupError(f"there is no proposal {number}; see `security-hooks learn`", Exit.USAGE)
    lesson = lessons[number - 1]
    path = Path(lesson.file).expanduser()
    replace_file(path, lesson.content)
    if as_json:
        print(json.dumps({"written": str(path), **_fields(lesson, ground)}, indent=2))
    else:
        print(visible(f"wrote: {path}"))
        for line in lesson.text.splitlines():
            print(visible(f"  {line}"))
    return Exit.OK


def _fields(lesson: Lesson, ground: Ground) -> dict[str, object]:
    return {
        "kind": "except" if lesson.program is None else "executables.append",
        "text": lesson.text,
        "file": lesson.file,
        "rules": lesson.rules,
        "ground": ground.name.lower(),
        # Nobody approved what was only observed.
        "approved": lesson.ran if ground is Ground.APPROVED else 0,
        "ran": lesson.ran,
        "blind": lesson.blind,
        "asked": lesson.asked,
        "first": lesson.span[0],
        "last": lesson.span[1],
        "projects": _projects(lesson),
        "commands": [kind.command for kind in lesson.kinds],
        "would_change": lesson.changed,
    }


def _projects(lesson: Lesson) -> list[str]:
    return list(dict.fromkeys(project for kind in lesson.kinds for project in kind.projects))


def _lines(lessons: Sequence[Lesson], left_out: int, least: int, ground: Ground) -> Iterator[str]:
    if not lessons:
        yield f"nothing to learn: no kind of call was {ground.value} {least} times"
    for number, lesson in enumerate(lessons, 1):
        fields = _fields(lesson, ground)
        when = f"{fields['first']:.10} to {fields['last']:.10}"
        yield f"{number}. {ground.value} {lesson.ran} of {lesson.asked} times, {when}"
        if lesson.blind:
            yield f"   {lesson.blind} more too quickly to count"
        yield f"   asked by {', '.join(lesson.rules)}" + _in(_projects(lesson))
        yield f"   over the log this changes {lesson.changed} calls, all of this kind"
        yield from (f"     {line}" for line in _proposal(lesson))
        yield ""
    if left_out:
        yield f"{left_out} more left out: over the log they would change other calls too, or nothing"
    if lessons:
        yield "write one with `security-hooks learn --apply N`, in a terminal of your own"


def _warning(evidence: _Evidence) -> Iterator[str]:
    if evidence.blind:
        whole = evidence.approved + evidence.blind
        yield (
            f"{evidence.blind} of {whole} approvals were given in less than {seconds(evidence.blind_ms)}, before "
            "anybody can have read what was asked: they do not count"
        )
        yield "when that was: `security-hooks audit stats`; to count them all the same: `--blind 0`"


def _in(projects: Sequence[str]) -> str:
    return f", in {', '.join(projects)}" if projects else ""


def _proposal(lesson: Lesson) -> Iterable[str]:
    if lesson.program is None:
        return lesson.text.splitlines()
    return ("[executables]", f'append = ["{lesson.program}"]', *(f"# {kind.command}" for kind in lesson.kinds[:4]))


COMMAND = Command(
    "learn",
    "propose rules and list entries for what people approve again and again, each proven over the audit log",
    "security-hooks learn --since 30d --min 3",
    add_arguments,
    run,
)
