"""The convention of verbs: what a word says, and what a subcommand means by it."""

import pytest

from security_hooks.catalogue.entry import CommandSpec, Verbs
from security_hooks.catalogue.load import load
from security_hooks.catalogue.verbs import Verb, by_convention, holds_secrets, unlisted, verb_of
from security_hooks.model.action import Action
from security_hooks.shell.options import subcommand


@pytest.mark.parametrize(
    ("word", "verb"),
    [
        ("list", Verb.LIST),
        ("list-users", Verb.LIST),
        ("list_users", Verb.LIST),
        ("apps:list", Verb.LIST),
        ("get", Verb.SHOW),
        ("batch-get-item", Verb.SHOW),
        ("delete", Verb.DESTROY),
        ("Delete-User", Verb.DESTROY),
        ("apps:destroy", Verb.DESTROY),
        ("topic-delete", Verb.DESTROY),
        ("delete-access-token", Verb.DESTROY),
        ("schedule-key-deletion", Verb.DESTROY),
        ("get-access-token", Verb.REVEAL),
        ("download-logs", Verb.FETCH),
        ("create", None),
        ("listen", None),
        ("deleted", None),
        ("cat-videos", None),
        ("frobnicate", None),
        ("", None),
    ],
)
def test_a_word_is_the_verb_that_it_begins_with(word: str, verb: Verb | None) -> None:
    assert verb_of(word) is verb


@pytest.mark.parametrize(
    ("word", "holds"),
    [("secrets", True), ("deploy-token", True), ("API-Keys", True), ("tokenizer", False), ("apps", False)],
)
def test_some_groups_hold_secrets(word: str, holds: bool) -> None:
    assert holds_secrets(word) is holds


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("list", Action.SERVICE_READ),
        ("apps list", Action.SERVICE_READ),
        ("apps parts list", Action.SERVICE_READ),
        ("apps create", Action.SERVICE_WRITE),
        ("apps parts delete", Action.SERVICE_DESTRUCTIVE),
        ("secrets list", Action.SERVICE_READ),
        ("secrets get", Action.CREDENTIAL_READ),
        ("secrets export", Action.CREDENTIAL_READ),
        ("secrets:show", Action.CREDENTIAL_READ),
        ("tokens create", Action.CREDENTIAL_READ),
        ("secrets delete", Action.SERVICE_DESTRUCTIVE),
    ],
)
def test_groups_of_any_depth_have_the_verbs(words: str, action: Action) -> None:
    spec = by_convention(Verbs.SERVICE, "apps")
    for word in words.split():
        found = subcommand(spec, word)
        assert found is not None
        spec = found
    assert spec.action is action


def test_what_an_entry_names_counts_more_than_the_convention() -> None:
    spec = _entry('sub = { list = { operands = [], action = "credential_read" }, "get-*" = { action = "text" } }')
    assert _action(spec, "list") is Action.CREDENTIAL_READ
    assert _action(spec, "get-x") is Action.TEXT
    assert _action(spec, "delete") is Action.DB_DESTRUCTIVE


def test_a_star_is_what_the_convention_leaves() -> None:
    spec = _entry('sub = { "*" = { operands = [], action = "text" } }')
    assert _action(spec, "frobnicate") is Action.TEXT
    assert _action(spec, "delete") is Action.DB_DESTRUCTIVE


def _entry(text: str) -> CommandSpec:
    return load({"own.toml": f'schema = 2\n[command.tool]\nverbs = "database"\n{text}\n'.encode()}).commands["tool"]


def _action(spec: CommandSpec, word: str) -> Action | None:
    found = subcommand(spec, word)
    assert found is not None
    return found.action


@pytest.mark.parametrize(
    ("action", "word", "told"),
    [
        ("cloud_read", "nuke", Action.CLOUD_DESTRUCTIVE),
        ("service_inspect", "frob", Action.SERVICE_WRITE),
        ("container_lifecycle", "list", Action.CONTAINER_READ),
        ("db_safe", "drop", Action.DB_DESTRUCTIVE),
        ("build", "nuke", None),
    ],
)
def test_what_an_entry_does_not_list_is_of_its_family(action: str, word: str, told: Action | None) -> None:
    entry = load({"x.toml": f'schema = 2\n[command.x]\naction = "{action}"\nsub = {{ a = {{}} }}\n'.encode()}).commands[
        "x"
    ]
    found = unlisted(entry, word)
    assert (None if found is None else found.action) is told
