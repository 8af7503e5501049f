"""`security-hooks explain`: what decided and why, then the facts of each command and the truth of each condition."""

import argparse
import json
from collections.abc import Iterator

from security_hooks.cli.check import as_json, head_lines
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.effects import effect_fields, effect_line, flow_fields, flow_line, word_text
from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.cli.reasons import reason_fields, reason_lines, reasons_of
from security_hooks.cli.subject import add_directory, add_payload, judge_payload, judge_subject
from security_hooks.cli.visible import visible
from security_hooks.dsl.compile import CompiledRule
from security_hooks.dsl.explain import Explanation
from security_hooks.dsl.truth import Truth
from security_hooks.model import shell
from security_hooks.model.shell import CallFacts, Facts
from security_hooks.model.word import Origin
from security_hooks.policy.snapshot import Snapshot
from security_hooks.tools.facts import focus


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `explain`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("command_text", nargs="?", metavar="COMMAND", help="a shell command, as one argument")
    add_payload(parser, what)
    add_directory(parser)
    parser.add_argument("--all", action="store_true", help="show rules that do not match, too")
    add_policy(parser)
    add_state(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 whatever the verdict: it explains one, it does not give one."""
    subject = judge_subject(arguments) if arguments.payload is None else judge_payload(arguments)
    judgement, snapshot = subject.judgement, subject.offline.snapshot
    reasons = reasons_of(subject.offline, subject.event, subject.place, judgement)
    if arguments.json:
        report = as_json(judgement.decision) | reason_fields(reasons)
        if judgement.call is not None:
            report |= _call(judgement.call, snapshot)
        print(json.dumps(report, indent=2))
    else:
        for line in head_lines(judgement.decision):
            print(visible(line))
        for line in reason_lines(reasons):
            print(line)
        for line in _lines(judgement.call, snapshot, arguments.all):
            print(visible(line))
    return Exit.OK if judgement.decision.failure is None else Exit.INTERNAL


def _call(call: CallFacts, snapshot: Snapshot) -> dict[str, object]:
    script = call.script
    whole = (
        {} if script is None else {name: getattr(script, name) for name in ("unparseable", "over_budget", "dynamic")}
    )
    return {
        "script": whole | {"problem": None if script is None else script.problem},
        "flows": [] if script is None else [flow_fields(flow) for flow in script.flows],
        "effects": [effect_fields(effect) for effect in call.effects],
        "commands": [
            ({} if facts.command is None else _command(facts.command))
            | {"rules": [_rule(rule, facts) for rule in _asked(snapshot, facts)]}
            for facts in focus(call)
        ],
    }


def _command(command: shell.Command) -> dict[str, object]:
    return {
        "text": command.text,
        "folded": command.folded,
        "program": command.program,
        "words": [word_text(word) for word in command.words],
        "options": sorted(command.options),
        "options_known": command.options_known,
        "subcommands": list(command.subcommands),
        "operands": [word_text(word) for word in command.operands],
        "wrappers": [wrapper.program for wrapper in command.wrappers],
        "inside": list(command.inside),
        "pipes": [[position.pipeline, position.stage] for position in command.pipes],
        "origin": command.origin.value,
        "known": command.is_known,
        "spelled_oddly": command.spelled_oddly,
        "action": command.action.value,
        "severity": command.severity.value,
        "may_be": [action.value for action in command.may_be],
        "effects": [effect_fields(effect) for effect in command.effects],
    }


def _rule(rule: CompiledRule, facts: Facts) -> dict[str, object]:
    tree = rule.explain(facts)
    return {"rule": rule.rule.name, "tier": rule.rule.tier.value, "truth": rule.match(facts).name, "why": _tree(tree)}


def _tree(explanation: Explanation) -> dict[str, object]:
    return {
        "text": explanation.text,
        "truth": explanation.truth.name,
        "evidence": explanation.evidence,
        "children": [_tree(child) for child in explanation.children],
    }


def _asked(snapshot: Snapshot, facts: Facts) -> Iterator[CompiledRule]:
    asked = snapshot.index.asked(facts)
    for kind in (asked.objecting, asked.allowing, asked.excepting):
        yield from (rule for rule, _ in kind)


def _lines(call: CallFacts | None, snapshot: Snapshot, show_all: bool) -> Iterator[str]:
    if call is None:
        return
    if call.script is not None and call.script.problem is not None:
        yield f"script: not understood whole: {call.script.problem}"
    yield from (f"effect: {effect_line(effect)}" for effect in call.effects)
    if call.script is not None:
        yield from (f"flow: {flow_line(flow)}" for flow in call.script.flows)
    for facts in focus(call):
        yield ""
        if facts.command is not None:
            yield from _command_lines(facts.command)
        quiet = 0
        for rule in _asked(snapshot, facts):
            truth = rule.match(facts)
            if truth is Truth.NO and not show_all:
                quiet += 1
                continue
            yield f"  {rule.rule.tier.value} {rule.rule.name}: {truth.name}"
            yield from _tree_lines(rule.explain(facts), "    ")
        if quiet:
            yield f"  {quiet} other rules: NO (--all shows them)"


def _command_lines(command: shell.Command) -> Iterator[str]:
    yield f"command {command.index}: {command.text}"
    rows = (
        ("runs as", command.folded if command.folded != command.text else ""),
        ("program", command.program or "not known"),
        ("words", " ".join(repr(word_text(word)) for word in command.words)),
        ("options", " ".join(sorted(command.options)) + ("" if command.options_known else " and perhaps others")),
        ("subcommand", " ".join(command.subcommands)),
        ("wrapped by", " ".join(wrapper.program for wrapper in command.wrappers)),
        ("inside", " ".join(command.inside)),
        ("origin", command.origin.value if command.origin is not Origin.LITERAL else ""),
        ("action", f"{command.action.value} ({command.severity.value})"),
        ("perhaps", " ".join(action.value for action in command.may_be)),
    )
    yield from (f"  {name:<10} {value}" for name, value in rows if value)
    yield from (f"  {'effect':<10} {effect_line(effect)}" for effect in command.effects)


def _tree_lines(explanation: Explanation, indent: str) -> Iterator[str]:
    evidence = f"   [{explanation.evidence}]" if explanation.evidence else ""
    yield f"{indent}{explanation.truth.name:<7} {explanation.text}{evidence}"
    for child in explanation.children:
        yield from _tree_lines(child, indent + "  ")


COMMAND = Command(
    "explain",
    "print what decided about a command, the evidence, what is not known, the smallest edit that helps, and all facts",
    "security-hooks explain 'sudo rm -rf \"$X\"'",
    add_arguments,
    run,
)
