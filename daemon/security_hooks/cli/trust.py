"""`security-hooks trust`: a person says that a project's own rules and configuration may loosen the policy."""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from security_hooks.cli.atomic import replace_file
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.layers import project_at, read_machine
from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.dsl.parse import parse_bytes
from security_hooks.model.decision import Tier
from security_hooks.model.failure import StartupError
from security_hooks.policy.config_layers import fold_layers
from security_hooks.policy.config_read import dotted, printable
from security_hooks.policy.config_rows import Key, Value
from security_hooks.policy.source_layers import PROJECT_DIR, TRUST_FILE, project_layers, read_project, read_trust, shown
from security_hooks.policy.trust import TrustStore, digest, encode_store, is_trusted, with_trust, without_trust
from security_hooks.service import directories

_LOOSENING = (Tier.ALLOW, Tier.EXCEPT)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `trust`."""
    parser.add_argument("dir", nargs="?", type=Path, metavar="DIR", help="the project (default: the one you are in)")
    parser.add_argument("--list", action="store_true", help="print the projects that are trusted")
    parser.add_argument("--revoke", action="store_true", help="take the trust back")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_policy(parser)
    add_state(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0: done, 1: the person said no, or there was no trust to revoke."""
    state = directories.state_dir(arguments.state_dir)
    store, warnings = read_trust(state)
    for warning in warnings:
        print(f"security-hooks: {warning.level.value}: {warning}", file=sys.stderr)
    if arguments.list:
        return _list(store, as_json=arguments.json)
    root = _root(arguments.dir)
    if arguments.revoke:
        return _revoke(store, root, state, as_json=arguments.json)
    return _trust(arguments, store, root, state)


def _root(given: Path | None) -> str:
    """The real path of the project's root, as the daemon looks it up."""
    if given is None:
        found = project_at(Path.cwd())
        if found is None:
            raise StartupError("there is no project here; name its directory", Exit.USAGE)
        return os.path.realpath(found)
    if not given.is_dir():
        raise StartupError(f"{given} is not a directory", Exit.USAGE)
    root = os.path.realpath(given)
    if project_at(Path(root)) != Path(root):
        raise StartupError(f"{given} is not the root of a project: it has neither .git nor {PROJECT_DIR}", Exit.USAGE)
    return root


def _list(store: TrustStore, *, as_json: bool) -> int:
    if as_json:
        projects = [
            {"root": shown(Path(root)), "digest": trust.digest, "at": trust.at}
            for root, trust in sorted(store.projects.items())
        ]
        print(json.dumps({"projects": projects}, indent=2))
        return Exit.OK
    for root, trust in sorted(store.projects.items()):
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(trust.at))
        print(f"{when}  {trust.digest[:12]}  {printable(shown(Path(root)))}")
    return Exit.OK


def _revoke(store: TrustStore, root: str, state: Path, *, as_json: bool) -> int:
    was_trusted = root in store.projects
    if was_trusted:
        replace_file(state / TRUST_FILE, encode_store(without_trust(store, root)), 0o600)
    name = printable(shown(Path(root)))
    if as_json:
        print(json.dumps({"root": shown(Path(root)), "trusted": False, "changed": was_trusted}, indent=2))
    else:
        print(f"{name} is no longer trusted" if was_trusted else f"{name} was not trusted")
    return Exit.OK if was_trusted else Exit.NO


def _trust(arguments: argparse.Namespace, store: TrustStore, root: str, state: Path) -> int:
    files = read_project(Path(root))
    if not files:
        raise StartupError(f"{root} has no files in {PROJECT_DIR}, so there is nothing to trust", Exit.USAGE)
    project_digest = digest(files)
    report = _report(arguments, root, files, project_digest)
    is_known = is_trusted(store, root, project_digest)
    if not arguments.json:
        _print(report)
    if not is_known and not _is_agreed(arguments):
        print("not trusted", file=sys.stderr)
        return Exit.NO
    if not is_known:
        # These very bytes: what is changed from now on is not trusted.
        trusted = with_trust(store, root, project_digest, int(time.time()))
        replace_file(state / TRUST_FILE, encode_store(trusted), 0o600)
    if arguments.json:
        print(json.dumps({**report, "trusted": True, "changed": not is_known}, indent=2))
    else:
        print("trusted already" if is_known else "trusted, until a file changes")
    return Exit.OK


def _is_agreed(arguments: argparse.Namespace) -> bool:
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        raise StartupError("only a person at a terminal can trust a project; or give --yes", Exit.USAGE)
    print("Trust these files? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _report(
    arguments: argparse.Namespace, root: str, files: Mapping[str, bytes], project_digest: str
) -> dict[str, object]:
    """What the files are, and what trusting them lets them do."""
    machine = read_machine(arguments).layers
    untrusted, found = fold_layers(machine + project_layers(Path(root), files, trusted=False))
    trusted, _ = fold_layers(machine + project_layers(Path(root), files, trusted=True))
    problems = [problem for problem in found if problem.code != "untrusted"]
    rules = []
    for name in sorted(files):
        if name.startswith("rules/") and name.endswith(".rules"):
            source, diagnostics = parse_bytes(files[name], printable(shown(Path(name))))
            problems += diagnostics
            rules += [
                {"tier": rule.tier.value, "name": printable(rule.name.text), "file": source.file}
                for rule in source.rules
                if rule.tier in _LOOSENING
            ]
    return {
        "root": shown(Path(root)),
        "digest": project_digest,
        "files": [{"name": printable(shown(Path(name))), "bytes": len(files[name])} for name in sorted(files)],
        "loosens": [
            printable(_step(key, untrusted.values[key], value))
            for key, value in trusted.values.items()
            if value != untrusted.values.get(key, value)
        ],
        "rules": rules,
        "problems": [printable(str(problem)) for problem in problems],
    }


def _step(key: Key, before: Value, after: Value) -> str:
    """What trust changes in one setting."""
    if not isinstance(before, tuple) or not isinstance(after, tuple):
        return f"{dotted(key)}: {before} becomes {after}"
    changes = (
        ("adds", [entry for entry in after if entry not in before]),
        ("takes out", [entry for entry in before if entry not in after]),
    )
    return f"{dotted(key)}: " + "; ".join(f"{verb} {', '.join(entries)}" for verb, entries in changes if entries)


def _print(report: dict[str, object]) -> None:
    print(f"{printable(str(report['root']))}/{PROJECT_DIR}")
    for file in _rows(report["files"]):
        print(f"  {file['bytes']:>9}  {file['name']}")
    for title, lines in (
        ("Settings it would loosen:", report["loosens"]),
        (
            "Rules that allow, or take findings away:",
            [f'{r["tier"]} "{r["name"]}"  {r["file"]}' for r in _rows(report["rules"])],
        ),
        ("Problems:", report["problems"]),
    ):
        if isinstance(lines, list) and lines:
            print(title)
            for line in lines:
                print(f"  {line}")


def _rows(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


COMMAND = Command(
    name="trust",
    summary="let a project's own rules and configuration loosen the policy",
    example="security-hooks trust ~/src/my-project",
    add_arguments=add_arguments,
    run=run,
)
