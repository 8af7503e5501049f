"""`security-hooks rules new`: a rule of one's own, written from a command and tried before it is put down."""

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from security_hooks.catalogue.load import shipped
from security_hooks.cli.atomic import create_file, replace_file
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.cli.rules_sources import directories_of, read
from security_hooks.cli.visible import visible
from security_hooks.dsl.format import format_rules
from security_hooks.model.decision import Decision, Tier, Verdict
from security_hooks.model.failure import StartupError
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.decide import decide
from security_hooks.policy.drafting import appended, first_sound
from security_hooks.policy.example_call import shell_call
from security_hooks.policy.propose import Draft, Proposal, passing_examples, propose, stopping_examples
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.policy.source import RULES, Sources, read_sources

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LOOSENING = (Tier.ALLOW, Tier.EXCEPT)
_PROGRAM = "example-program"
_TEMPLATE = ("A rule to begin with: say what to catch, write examples of it, take out `enabled false`.",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `rules new`."""
    parser.add_argument("name", metavar="NAME", help="the rule's name, in kebab-case: what is caught, not the cure")
    parser.add_argument("--tier", choices=[tier.value for tier in Tier], default="block", help="default: block")
    parser.add_argument("--from", metavar="COMMAND", dest="command_text", help="a command that the rule is about")
    parser.add_argument("--into", metavar="FILE", help="a file of your rules (default: NAME.rules, a new one)")
    parser.add_argument("--dry-run", action="store_true", help="print the rule, write nothing")
    add_policy(parser)
    add_state(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 when the rule is written; raises StartupError (64) and PolicyError (65). What is there is never overwritten."""
    tier, path = Tier(arguments.tier), _path(arguments)
    is_there = path.exists() or path.is_symlink()
    if is_there and arguments.into is None:
        raise StartupError(f"{path} is there already; add to it with `--into {path.name}`", Exit.USAGE)
    before = read(path) if is_there else b""
    sources = read_sources(directories_of(arguments), None)
    snapshot = assemble_at_once(build(sources, BuildCache(), shipped()))
    drafts, decision = _drafts(arguments, tier, snapshot)
    draft = first_sound(drafts, _known_as(path, sources), before, sources, shipped())
    if draft is None:
        message = "no rule could be made that catches this command and leaves others alone; write one by hand"
        raise StartupError(message, Exit.POLICY)
    text = format_rules(draft.text, str(path))
    if not arguments.dry_run:
        content = appended(before, text)
        replace_file(path, content) if is_there else create_file(path, content)
    if arguments.json:
        print(
            json.dumps(
                {"file": str(path), "rule": draft.name, "text": text, "written": not arguments.dry_run}, indent=2
            )
        )
    else:
        for line in _lines(arguments, path, text, decision):
            print(visible(line))
    return Exit.OK


def _path(arguments: argparse.Namespace) -> Path:
    if not _NAME.fullmatch(arguments.name):
        raise StartupError(f"`{arguments.name}` is not in kebab-case; write it like `git-force-push`", Exit.USAGE)
    name = arguments.into if arguments.into is not None else f"{arguments.name}{RULES}"
    if Path(name).name != name or not name.endswith(RULES) or name == RULES:
        raise StartupError(f"`{name}` is no file of the rules directory; write it like `mine{RULES}`", Exit.USAGE)
    return Path(directories_of(arguments).config) / "rules" / name


def _known_as(path: Path, sources: Sources) -> str:
    """What the sources call the file: it may be a link, or be reached through one."""
    real = path.resolve()
    return next(
        (file.path for file in sources.rules if file.layer == "user" and Path(file.path).resolve() == real), str(path)
    )


def _drafts(arguments: argparse.Namespace, tier: Tier, snapshot: Snapshot) -> tuple[Iterator[Draft], Decision | None]:
    text: str | None = arguments.command_text
    if text is None:
        if tier is Tier.EXCEPT:
            raise StartupError("an exception needs a command: `--from COMMAND`", Exit.USAGE)
        return iter((_template(arguments.name, tier),)), None
    if not text.strip() or not text.isprintable():
        raise StartupError("give a command of one line, without characters that cannot be seen", Exit.USAGE)
    call = shell_call(text, snapshot.catalogue)
    commands = () if call.script is None else call.script.commands
    if call.script is None or call.script.unparseable or not commands:
        raise StartupError("that is no command that can be understood", Exit.USAGE)
    if tier in _LOOSENING and len(commands) > 1:
        raise StartupError(f"`{tier.value}` vouches for one command alone; this is {len(commands)}", Exit.USAGE)
    decision = decide(snapshot, call)
    removes = _objecting(decision, tier)
    stops = (text,) if tier in _LOOSENING else stopping_examples(text)
    passes = passing_examples(call, tier)
    proposals = propose(call, tier)
    return (Draft(tier, arguments.name, proposal, stops, passes, removes) for proposal in proposals), decision


def _objecting(decision: Decision, tier: Tier) -> tuple[str, ...]:
    if tier is not Tier.EXCEPT:
        return ()
    objecting = (Verdict.ASK, Verdict.DENY)
    found = tuple(dict.fromkeys(finding.rule for finding in decision.findings if finding.verdict in objecting))
    if not found:
        raise StartupError("no rule objects to that command, so there is nothing to except", Exit.USAGE)
    return found


def _template(name: str, tier: Tier) -> Draft:
    is_loosening = tier in _LOOSENING
    condition = f"^{_PROGRAM} --list$" if is_loosening else f'command("{_PROGRAM}") with_flags("--force")'
    stops = (f"{_PROGRAM} --list",) if is_loosening else (f"{_PROGRAM} --force x",)
    proposal = Proposal(condition, "Say what to do instead")
    return Draft(tier, name, proposal, stops, (f"{_PROGRAM} x",), comments=_TEMPLATE, enabled=False)


def _lines(arguments: argparse.Namespace, path: Path, text: str, decision: Decision | None) -> Iterator[str]:
    yield f"{'not written' if arguments.dry_run else 'wrote'}: {path}"
    yield ""
    yield from text.splitlines()
    yield ""
    if decision is not None:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in decision.findings)) or "no rule"
        yield f"until now: {decision.would.word} ({rules})"
    where = "" if arguments.config_dir is None else f" --config-dir {shlex.quote(str(arguments.config_dir))}"
    yield f"try it:    security-hooks rules test{where} {shlex.quote(str(path))}"
    if arguments.command_text is not None:
        yield f"           security-hooks check{where} {shlex.quote(arguments.command_text)}"


VERB = Command(
    name="new",
    summary="write a rule of your own, from a command that it is about",
    example="security-hooks rules new photo-deletion --from 'rm -rf ~/photos'",
    add_arguments=add_arguments,
    run=run,
)
