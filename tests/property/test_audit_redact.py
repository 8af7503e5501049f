"""Laws of redaction: no known secret survives, doing it twice changes nothing, hints never hide a find."""

import json

import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from security_hooks.audit.encode import well_formed
from security_hooks.audit.redact import Redactor
from security_hooks.audit.settings import WriterSettings
from security_hooks.model.record import Json
from security_hooks.secrets.shapes import HINT, find

TOKEN = "gh" + "p_" + "aB3dE6gH9" * 4
KEY = "kJ8sQm2Lx9" + "Tz4Vb7Nc1Rw6Yd3"
VALUE = "correct-hörse"
GUARD = Redactor(WriterSettings(secret_values={"STAPLE": VALUE, "OTHER": "REDACTED:"}))

# Texts full of what redaction looks for, in every order and beside anything.
crumbs = st.sampled_from(
    [
        *(
            TOKEN,
            KEY,
            VALUE,
            "AK" + "IAQ3EGRTIOPWSXCDE2",
            "hunter22",
            "https://bob:",
            "@host",
            "password",
            "PASSWORD",
            "token",
        ),
        *(
            "=",
            ": ",
            " ",
            "\n",
            "\t",
            '"',
            "'",
            "\\",
            "\\n",
            "[REDACTED:",
            "[REDACTED:password]",
            "]",
            "--",
            "$",
            "-u a:",
        ),
        *("curl ", "Authorization: Bearer ", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "A1b2" * 8),
        *("é", "\ud800", "\x00", "\x7f", "api_key", "eyJhbGciOiJub25lIn0", ".", "sig=", "/", "%3D"),
    ]
)
texts = st.lists(crumbs | st.text(st.characters(codec=None), max_size=3), max_size=12).map("".join)


@settings(deadline=None)
@given(texts)
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = GUARD.redact(text)
    assert GUARD.redact(once) == once


@settings(deadline=None)
@given(texts)
def test_spans_are_in_order_inside_the_text_and_apart(text: str) -> None:
    end = 0
    for span in find(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


@settings(deadline=None)
@given(texts)
def test_what_was_found_is_gone_and_still_counts_as_a_secret(text: str) -> None:
    once = GUARD.redact(text)
    assert TOKEN not in once
    assert VALUE not in once
    if find(text):
        assert find(once)


@settings(deadline=None)
@given(texts)
def test_hint_is_in_the_json_of_every_text_with_a_find(text: str) -> None:
    shown = well_formed(text)
    if find(shown):
        assert re2.search(HINT, json.dumps(shown).encode())
        assert re2.search(HINT, json.dumps(shown, ensure_ascii=False).encode())


@settings(deadline=None)
@given(st.dictionaries(texts, texts | st.lists(texts, max_size=3), max_size=4), texts)
def test_no_field_lets_a_secret_through(input_: dict[str, Json], script: str) -> None:
    line = GUARD.encode({"input": input_, "script": script, "verdict": "deny"})
    assert line.isascii()
    shown = str(json.loads(line))
    assert TOKEN not in shown
    assert VALUE not in shown
    assert json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode() == line
