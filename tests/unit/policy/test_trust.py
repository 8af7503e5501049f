"""Trust: exact bytes, at one place, remembered in a store that fails closed."""

import json

import pytest

from security_hooks.model.diagnostic import Level
from security_hooks.policy.trust import (
    Trust,
    TrustStore,
    digest,
    encode_store,
    is_trusted,
    parse_store,
    trusts,
    with_trust,
    without_trust,
)

FILES = {"config.toml": b"[rules]\n", "rules/a.rules": b"block"}


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"config.toml": b"[rules]\n"},
        {"config.toml": b"[rules]", "rules/a.rules": b"block"},
        {"config.toml": b"[rules]\n", "rules/b.rules": b"block"},
        {"config.toml": b"[rules]\nrules/a.rulesblock"},
        {"config.toml": b"block", "rules/a.rules": b"[rules]\n"},
        {**FILES, "empty": b""},
    ],
)
def test_digest_tells_projects_apart(other: dict[str, bytes]) -> None:
    assert digest(other) != digest(FILES)


def test_digest_does_not_depend_on_order_and_takes_any_name() -> None:
    assert digest(dict(reversed(FILES.items()))) == digest(FILES)
    assert digest({"\udcff": b""}) != digest({"\udcfe": b""})


def test_trust_is_for_these_bytes_at_this_place() -> None:
    store = with_trust(TrustStore(), "/p", digest(FILES), 7)
    assert trusts(store, "/p", FILES)
    assert not trusts(store, "/q", FILES)
    assert not trusts(store, "/p", {**FILES, "x": b""})
    assert not trusts(without_trust(store, "/p"), "/p", FILES)
    assert not is_trusted(TrustStore(), "/p", digest(FILES))
    assert store.projects["/p"] == Trust(digest(FILES), 7)


def test_trusting_again_replaces_what_was_trusted_before() -> None:
    store = with_trust(with_trust(TrustStore(), "/p", "0" * 64, 1), "/p", "1" * 64, 2)
    assert not is_trusted(store, "/p", "0" * 64)
    assert is_trusted(store, "/p", "1" * 64)


def test_store_survives_writing_and_reading() -> None:
    store = with_trust(with_trust(TrustStore(), "/p\udcff", "a" * 64, 1), "/ü", "b" * 64, 2)
    text = encode_store(store)
    assert text.isascii()
    assert parse_store(text, "trust.json") == (store, ())


ENTRY = {"digest": "a" * 64, "at": 1}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"null",
        b'{"version": 1}',
        json.dumps({"version": 2, "projects": {}}).encode(),
        json.dumps({"version": True, "projects": {}}).encode(),
        json.dumps({"version": 1, "projects": []}).encode(),
        json.dumps({"version": 1, "projects": {}, "more": 1}).encode(),
        json.dumps({"version": 1, "projects": {"/p": ENTRY, "/q": {"digest": "a" * 64}}}).encode(),
        json.dumps({"version": 1, "projects": {"/p": ENTRY, "/q": {**ENTRY, "at": "1"}}}).encode(),
        json.dumps({"version": 1, "projects": {"/p": ENTRY, "/q": {**ENTRY, "digest": "a"}}}).encode(),
        json.dumps({"version": 1, "projects": {"/p": ENTRY, "/q": "a"}}).encode(),
    ],
)
def test_corrupt_store_trusts_nothing_and_warns(text: bytes) -> None:
    store, diagnostics = parse_store(text, "trust.json")
    assert store == TrustStore()
    assert [(found.file, found.level) for found in diagnostics] == [("trust.json", Level.WARNING)]
