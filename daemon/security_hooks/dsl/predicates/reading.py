"""A predicate on the words of a program that nobody knows: whether, as command lines usually go, it only looks."""

import re

from security_hooks.catalogue.verbs import Verb, holds_secrets, verb_of
from security_hooks.dsl.predicates.signature import (
    NO,
    NOTHING,
    UNKNOWN,
    YES,
    Predicate,
    of_commands,
    show_command,
    without_command,
)
from security_hooks.dsl.truth import Truth
from security_hooks.model.action import Action
from security_hooks.model.shell import Facts


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name: no path, no URL, no pattern, no assignment, nothing that a program could take for code.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@+-]*")
_ASKING = frozenset({"--version", "--help", "-V", "-h"})
_ASKING_WORDS = frozenset({"version", "help"})
# What a verb means wherever it stands first. `get`, `test`, `open`, `check` and the like install, run or open things.
_FIRST = frozenset(
    {"list", "ls", "show", "describe", "status", "info", "whoami", "ps", "history", "search", "stats", "logs"}
)
_BEHIND_A_GROUP = _FIRST | {"get", "inspect", "view", "find", "count", "metrics", "usage"}
# Things as well as verbs: `history clear`, `list add x`. Behind one of these at most one name.
_THINGS = frozenset({"list", "status", "info", "history", "stats", "logs", "ps", "search"})
_ACTS = _words(
    "accept activate add append apply approve archive assign attach back backup bind block boot build bump "
    "change clean "
    "clone close commit compact configure connect copy cp create cut deploy dispatch edit eject enable encrypt exec "
    "execute expire fail fix follow fork format freeze generate gc grant import increment ingest init insert install "
    "invite invoke join kick kill load lock login logout make mark merge migrate modify mount move mv new off on pause "
    "pay perform play post promote provision publish pull push put rebuild recreate refresh refund register reject "
    "reload rename reopen repair replace reply report resize resolve restart restore resume retry revert rewind "
    "rollback rotate run save scale schedule seed send set sign split start stop submit suspend swap switch sync tag "
    "take toggle touch transfer trigger trim turn undo unlock unmount unpause up update upgrade upload use vacuum "
    "withdraw write"
)
# A group is a thing: many of them, or one of a kind that command lines usually manage. `run list` may run it.
_GROUPS = _words(
    "account app application branch bucket build cache cluster config container context database db deployment device "
    "disk dns domain env environment event feature flag function group host image index instance issue job key log "
    "machine member metric model module namespace network node org organization package pipeline plugin pod policy "
    "project queue record region release repo repository resource role route rule schema server service session site "
    "snapshot stack stage state stream subscription table tag task team template tenant topic user version vm volume "
    "webhook workflow workspace zone"
)
_SWITCHES = _words(
    "-a --all -v --verbose -q --quiet --json --yaml --csv --plain --raw --wide --long -l --no-color --no-colour "
    "--no-headers --no-pager --no-trunc --no-input --pretty --help -h"
)
_NAMED = _words(
    "--limit --page --page-size --per-page --project --region --zone --namespace --org --team --since --until --status "
    "--sort --order --environment --account --workspace --tenant -n -p"
)
_FORMATS = frozenset({"json", "yaml", "yml", "table", "text", "csv", "tsv", "wide", "name", "plain", "pretty", "jsonl"})
_FORMATTED = frozenset({"-o", "--output", "--format"})
_MOST = 4


def _looks_read_only(facts: Facts) -> Truth:
    command = facts.command
    if command is None:
        return without_command(facts)
    if command.is_known or not command.words or (command.program is not None and command.action is not Action.UNKNOWN):
        return NO
    literals = [word.literal for word in command.words]
    words = [literal for literal in literals if literal is not None]
    bare = len(words) == len(literals) and command.program is not None and words[0] == command.program
    if not bare or command.wrappers or command.assignments or command.may_be or command.spelled_oddly:
        return UNKNOWN
    return _says(words[1:])


def _says(words: list[str]) -> Truth:
    """What the words behind the program's name say."""
    if not words:
        return NO
    named = _without_options(words)
    if named is None:
        return UNKNOWN
    if words[-1] in _ASKING and all(word == written for word, written in zip(named, words[:-1], strict=False)):
        return YES if len(named) <= 1 and not any(verb_of(word) is Verb.DESTROY for word in named) else UNKNOWN
    if not named or len(named) > _MOST or any(holds_secrets(word) for word in named):
        return NO
    if named[0] in _ASKING_WORDS:
        return YES if len(named) == 1 or (len(named) == 2 and named[0] == "help") else NO
    group, _, verb = named[0].rpartition(":")
    rest = named[1:]
    if not group and _is_group(verb) and rest and rest[0] in _BEHIND_A_GROUP:
        group, verb, rest = verb, rest[0], rest[1:]
    if any(_acts(word) for word in rest):
        return NO
    if group:
        return YES if _is_group(group) and verb in _BEHIND_A_GROUP else NO
    if verb in _THINGS:
        return YES if len(rest) <= 1 else NO
    return YES if verb in _FIRST or (verb == "get" and rest and _is_group(rest[0])) else NO


def _acts(word: str) -> bool:
    """Whether this word may be a verb that changes something."""
    return word.partition("-")[0].lower() in _ACTS or verb_of(word) in (Verb.DESTROY, Verb.FETCH, Verb.REVEAL)


def _is_group(word: str) -> bool:
    single = word.removesuffix("es") if word.endswith("xes") else word.removesuffix("s")
    kind = single.rpartition("-")[2]
    return verb_of(word) is None and (kind in _GROUPS or (kind.endswith("ie") and f"{kind[:-2]}y" in _GROUPS))


def _without_options(words: list[str]) -> list[str] | None:
    """The words that are no options; None where one of them might be more than a name."""
    named = []
    waiting = ""
    for word in words:
        name, equals, value = word.partition("=")
        if waiting:
            name, equals, value, waiting = waiting, "=", word, ""
        elif word in _SWITCHES or word in _ASKING:
            continue
        elif name in _NAMED or name in _FORMATTED:
            if not equals:
                waiting = name
                continue
        elif not _PLAIN.fullmatch(word):
            return None
        else:
            named.append(word)
            continue
        if not (value in _FORMATS if name in _FORMATTED else _PLAIN.fullmatch(value)):
            return None
    return None if waiting else named


LOOKS_READ_ONLY = Predicate(
    "looks_read_only",
    NOTHING,
    "The program is none that the catalogue knows, and its words say that it only looks: `foo list`, `foo apps list`, "
    "`foo status --json`, `foo --version`.\n\n"
    "That is what such words mean to nearly every program, not what this one does. YES only for a bare name with plain "
    "literal words behind it: no path, no URL, no assignment, no option but those that choose what is shown and how, "
    "nothing that starts it. NO where no verb says so, where a word names secrets (`foo tokens list`), and of programs "
    "that are known. UNKNOWN where a word is not known or could be more than a name.",
    lambda _arguments: _looks_read_only,
    show_command,
    asks=False,
    marks=of_commands,
)
