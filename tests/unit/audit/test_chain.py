import hashlib
import json
import shutil
import subprocess

import pytest

from security_hooks.audit.chain import START, Link, may_be_torn, raw_hash, seal, unseal

AT = "2026-11-21T12:00:00.000000000Z"
FIELDS = b'{"client":"claude-code","verdict":"allow"}'


def test_exact_bytes_of_a_record() -> None:
    line, digest = seal(START, 1, AT, "decision", FIELDS)
    unhashed = (
        '{"at":"2026-11-21T12:00:00.000000000Z","fields":{"client":"claude-code","verdict":"allow"},'
        f'"kind":"decision","prev":"{START}","seq":1,"v":1}}'
    )
    assert digest == hashlib.sha256(unhashed.encode()).hexdigest()
    assert line.decode() == (
        '{"at":"2026-11-21T12:00:00.000000000Z","fields":{"client":"claude-code","verdict":"allow"},'
        f'"hash":"{digest}","kind":"decision","prev":"{START}","seq":1,"v":1}}\n'
    )


def test_line_is_canonical_json() -> None:
    line, _ = seal(START, 1, AT, "decision", FIELDS)
    assert json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode() + b"\n" == line


def test_unseal_gives_back_what_was_sealed() -> None:
    line, digest = seal("ab" * 32, 77, AT, "gap", b'{"a":"\\",\\"hash\\":\\"00\\""}')
    assert unseal(line[:-1]) == Link(77, "ab" * 32, digest)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b'{"at":1}', b" "])
def test_unseal_refuses_what_is_no_record(damage: bytes) -> None:
    assert unseal(damage) is None


def test_unseal_refuses_a_record_in_any_other_spelling() -> None:
    line, _ = seal(START, 1, AT, "decision", FIELDS)
    assert unseal(line[:-1]) is not None
    assert unseal(line) is None
    assert unseal(line[:-1] + b" ") is None
    assert unseal(line[:-1].replace(b'"seq":1,', b'"seq":01,')) is None
    assert unseal(line[:-1].replace(b'"allow"', b'"deny"')) is None


def test_every_beginning_of_a_line_may_be_torn() -> None:
    line, _ = seal(START, 1, AT, "decision", FIELDS)
    assert all(may_be_torn(line[:length]) for length in range(1, len(line)))
    assert may_be_torn(line[:40] + b"\0" * 100)
    assert may_be_torn(b"\0" * 100)


def test_other_bytes_are_not_torn() -> None:
    line, _ = seal(START, 1, AT, "decision", FIELDS)
    assert not may_be_torn(line[:-1] + b"x")
    assert not may_be_torn(line[:-1] + b"\0")
    assert not may_be_torn(b"hello")
    assert not may_be_torn(line[:50] + b"\x07")


@pytest.mark.skipif(not shutil.which("jq") or not shutil.which("sha256sum"), reason="jq or sha256sum is not installed")
def test_standard_tools_compute_the_same_hash() -> None:
    line, digest = seal(START, 1, AT, "decision", b'{"a":"\\u00e9\\u007f\\ud83c\\udf89","b":[1,null]}')
    command = "jq -caS 'del(.hash)' | tr -d '\\n' | sha256sum"
    done = subprocess.run(["sh", "-c", command], input=line, capture_output=True, check=True, timeout=20)
    assert done.stdout.decode().split()[0] == digest


def test_raw_hash_is_the_sha_256_of_the_bytes() -> None:
    assert raw_hash(b"abc") == hashlib.sha256(b"abc").hexdigest()
