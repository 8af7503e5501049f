import json
from pathlib import Path

import msgspec
import pytest

from security_hooks.audit.chain import START, seal
from security_hooks.audit.checkpoint import checkpoint_of, decode_checkpoint, sign_checkpoint
from security_hooks.audit.encode import canonical
from security_hooks.audit.keys import SigningKey, own_key

AT = "2026-11-21T12:00:00.000000000Z"


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return own_key(tmp_path)


def test_a_checkpoint_survives_its_record(key: SigningKey) -> None:
    checkpoint = sign_checkpoint((7, "ab" * 32), AT, "cd" * 32, key)
    line, _ = seal(START, 8, AT, "checkpoint", canonical(checkpoint.fields()))
    assert checkpoint_of(line) == checkpoint
    assert decode_checkpoint(canonical(checkpoint.fields())) == checkpoint
    assert checkpoint.is_signed_by(key.public)


@pytest.mark.parametrize(
    "change",
    [{"at": AT[:-2] + "1Z"}, {"covers": 8}, {"hash": "ac" * 32}, {"policy": ""}, {"signer": "x"}, {"signature": "!"}],
)
def test_everything_in_it_is_signed(change: dict[str, object], key: SigningKey) -> None:
    checkpoint = sign_checkpoint((7, "ab" * 32), AT, "cd" * 32, key)
    assert not msgspec.structs.replace(checkpoint, **change).is_signed_by(key.public)


def test_the_signature_is_over_the_fields_as_jq_prints_them(key: SigningKey) -> None:
    checkpoint = sign_checkpoint((7, "ab" * 32), AT, "cd" * 32, key)
    fields = dict(checkpoint.fields())
    del fields["signature"]
    assert checkpoint.message().endswith(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"{", b'{"kind":"checkpoint","fields":{}}', b"[" * 100_000])
def test_what_is_no_checkpoint_is_none(line: bytes) -> None:
    assert checkpoint_of(line) is None
    assert decode_checkpoint(line) is None


def test_a_record_of_another_kind_is_none(key: SigningKey) -> None:
    checkpoint = sign_checkpoint((7, "ab" * 32), AT, "cd" * 32, key)
    line, _ = seal(START, 8, AT, "error", canonical(checkpoint.fields()))
    assert checkpoint_of(line) is None
