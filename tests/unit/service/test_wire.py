import pytest
from hypothesis import given
from hypothesis import strategies as st

from security_hooks.model.failure import CallError, Reason
from security_hooks.model.reply import HookReply
from security_hooks.service import wire


def test_a_request_is_split_into_its_name_and_its_payload() -> None:
    assert wire.decode_request(b'SH1 gemini-cli\n{"a":\n1}') == wire.Request("gemini-cli", b'{"a":\n1}')


@given(st.binary(max_size=200))
def test_what_is_encoded_is_decoded_again(payload: bytes) -> None:
    assert wire.decode_request(wire.encode_request("codex-cli", payload)) == wire.Request("codex-cli", payload)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"SH1\n{}",
        b"SH1 \n{}",
        b"SH2 codex-cli\n{}",
        b"SH1 codex-cli",
        b"{}",
        b"SH1 \xc3\xa4\n{}",
        b"SH1 " + b"x" * 80 + b"\n",
    ],
)
def test_a_header_of_no_version_we_know_is_a_bad_header(data: bytes) -> None:
    with pytest.raises(CallError) as raised:
        wire.decode_request(data)
    assert raised.value.failure.reason is Reason.BAD_HEADER


@given(st.binary(max_size=100))
def test_any_bytes_are_a_request_or_a_bad_header(data: bytes) -> None:
    try:
        wire.decode_request(data)
    except CallError as error:
        assert error.failure.reason is Reason.BAD_HEADER


@pytest.mark.parametrize(
    ("reply", "framed"),
    [
        (HookReply(0), b"SH1 0 0000 0000\n"),
        (HookReply(0, "{}"), b"SH1 0 0002 0000\n{}"),
        (HookReply(2, "", "no"), b"SH1 2 0000 0002\nno"),
        (HookReply(2, "{}", "no"), b"SH1 2 0002 0002\n{}no"),
    ],
)
def test_a_reply_is_framed_with_its_lengths(reply: HookReply, framed: bytes) -> None:
    assert wire.encode_reply(reply) == framed


@pytest.mark.parametrize(
    "reply",
    [
        HookReply(1),
        HookReply(0, "x" * 4001),
        HookReply(2, "", "a\nb"),
        HookReply(2, "", "\u00e4"),
        HookReply(0, "\x1b"),
    ],
)
def test_a_reply_that_breaks_its_contract_does_not_leave_the_daemon(reply: HookReply) -> None:
    with pytest.raises(ValueError):
        wire.encode_reply(reply)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"SH1 claude-code\n{}", "claude-code"),
        (b"SH2 claude-code\n{}", "claude-code"),
        (b"SH12 codex-cli more that we do not know\n{}", "codex-cli"),
        (b"SH2 claude-code", ""),
        (b"SH2  claude-code\n", ""),
        (b"SH claude-code\n", ""),
        (b"GET / HTTP/1.1\n", ""),
        (b"xSH2 claude-code\n", ""),
        (b"SH2 " + b"a" * 64 + b"\n", ""),
        (b"SH2 \xff\n", ""),
        (b"", ""),
    ],
)
def test_who_asks_is_known_in_any_version(data: bytes, name: str) -> None:
    assert wire.name_in_any_version(data) == name
