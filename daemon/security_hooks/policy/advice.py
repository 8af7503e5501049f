"""What nudges advise, judged by the policy that they stand in: none may send an agent into the next denial."""

import re
from collections.abc import Iterator

from security_hooks.catalogue.entry import Catalogue
from security_hooks.dsl.compile import CompiledRule
from security_hooks.model.decision import Verdict
from security_hooks.model.diagnostic import Diagnostic, Level
from security_hooks.model.shell import Command
from security_hooks.policy.cases import client_of
from security_hooks.policy.decide import decide
from security_hooks.policy.example_call import shell_call
from security_hooks.policy.snapshot import Snapshot

_QUOTED = re.compile(r"`([^`]+)`")


def lint_advice(snapshot: Snapshot) -> tuple[Diagnostic, ...]:
    """A warning for each command in back-quotes, in a rule's nudge, that the policy stops."""
    return tuple(sorted(found for rule in snapshot.rules for found in _stopped(rule, snapshot)))


def _stopped(rule: CompiledRule, snapshot: Snapshot) -> Iterator[Diagnostic]:
    resolved = rule.rule
    for text in _QUOTED.findall(resolved.nudge):
        # What is filled in later is no command that anybody could judge now.
        if "{" in text:
            continue
        call = shell_call(text, snapshot.catalogue, client_of(resolved))
        commands = () if call.script is None else call.script.commands
        # Options, paths and words of prose stand in back-quotes, too: only programs that we know make a command.
        if not commands or not all(_is_known(command, snapshot.catalogue) for command in commands):
            continue
        decision = decide(snapshot, call)
        if decision.would is Verdict.ALLOW:
            continue
        does = "denies" if decision.would is Verdict.DENY else "asks about"
        stops = next(finding.rule for finding in decision.findings if finding.verdict is decision.would)
        message = f"the nudge of `{resolved.name}` advises `{text}`, which `{stops}` {does}"
        hint = "advise what the policy lets pass"
        yield Diagnostic(resolved.file, resolved.line, 1, "stopped-advice", message, hint, Level.WARNING)


def _is_known(command: Command, catalogue: Catalogue) -> bool:
    return command.is_known or (command.program is not None and command.program in catalogue.commands)
