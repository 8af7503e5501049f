"""Every command line of ours that a page shows is one that the program takes: command, verb and options."""

import argparse
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from security_hooks.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
# These show what rules forbid, commands that may come one day included.
REFERENCE = {"rules.md", "commands.md", "lists.md"}
PAGES = [page for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]) if page.name not in REFERENCE]
LINE = re.compile(r"(?<![\w/.-])security-hooks[ \n]+([a-z][a-z-]*)((?:[ ]+[^\s`|;&)]+)*)")
CODE = re.compile(r"^(`{3,})[^\n]*\n(.*?)^\1$|(?<!`)`([^`]+)`(?!`)", re.MULTILINE | re.DOTALL)


@cache
def parser_of(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    import_module(f"security_hooks.cli.{name.replace('-', '_')}").COMMAND.add_arguments(parser)
    return parser


def verbs_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return {verb: found for group in groups for verb, found in group.choices.items()}


def fault(name: str, words: list[str]) -> str | None:
    """What the program would not take, None where it takes it all."""
    if name not in COMMANDS:
        return name
    parsers, verbs = [parser_of(name)], verbs_of(parser_of(name))
    if verbs and words and words[0][0] != "-" and words[0].replace("-", "").isalpha() and words[0].islower():
        if words[0] not in verbs:
            return f"{name} {words[0]}"
        parsers.append(verbs[words[0]])
    known = {option for parser in parsers for action in parser._actions for option in action.option_strings}
    named = (word.strip("[],.").partition("=")[0] for word in words)
    return next((f"{name} {word}" for word in named if word.startswith("--") and word not in known), None)


def lines_of(page: Path) -> list[tuple[str, list[str]]]:
    code = "\n".join(block or span for _, block, span in CODE.findall(page.read_text()))
    return [(name, words.split()) for name, words in LINE.findall(code)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_line_of_a_page_is_one_that_we_take(page: Path) -> None:
    assert [found for found in (fault(name, words) for name, words in lines_of(page)) if found is not None] == []


def test_there_are_many() -> None:
    assert sum(len(lines_of(page)) for page in PAGES) > 100


@pytest.mark.parametrize("words", ["snooze 1h", "rules frob", "check --frob", "config add --frob=x"])
def test_what_we_do_not_take_would_be_seen(words: str) -> None:
    name, *rest = words.split()
    assert fault(name, rest) is not None
