import json

import pytest

from security_hooks.audit.encode import canonical
from security_hooks.audit.redact import MOST_CHARACTERS, Redactor
from security_hooks.audit.settings import Content, WriterSettings
from security_hooks.model.record import Json
from security_hooks.secrets.shapes import find

TOKEN = "gh" + "p_" + "aB3dE6gH9" * 4
VALUE = 'pa"ss\\wörd\n1'


def redactor(**values: str) -> Redactor:
    return Redactor(WriterSettings(secret_values=values))


def encoded(fields: dict[str, Json], **values: str) -> Json:
    result: Json = json.loads(redactor(**values).encode(fields))
    return result


def test_exact_bytes_of_a_redacted_record() -> None:
    fields: dict[str, Json] = {
        "verdict": "deny",
        "script": f"curl -H 'X: {TOKEN}' https://bob:hunter22@x.example; PASSWORD=hunter22 ./run",
        "findings": [{"rule": "r", "evidence": f"echo {TOKEN}"}],
    }
    assert redactor().encode(fields) == (
        b'{"findings":[{"evidence":"echo [REDACTED:github-token]","rule":"r"}],'
        b'"script":"curl -H \'X: [REDACTED:github-token]\' https://bob:[REDACTED:url-password]@x.example;'
        b' PASSWORD=[REDACTED:password] ./run","verdict":"deny"}'
    )


def test_nothing_changes_where_there_is_nothing_to_redact() -> None:
    fields: dict[str, Json] = {"b": [1, True, None, "é\x7f"], "a": {"key": "value", "token": 5}}
    assert redactor(NAME="unrelated-value").encode(fields) == canonical(fields)


@pytest.mark.parametrize(
    "text", [VALUE, f"x{VALUE}y", f"{VALUE}{VALUE}", f"https://u:{VALUE}@h", f"\ud800{VALUE}", f"é{VALUE}"]
)
def test_values_of_secret_variables_never_reach_the_record(text: str) -> None:
    line = redactor(MY_SECRET=VALUE).encode({"script": text, "input": {"/" + text: text}})
    assert b"[REDACTED:env:MY_SECRET]" in line
    assert b"ss\\\\w" not in line and VALUE not in str(json.loads(line))


def test_short_values_are_left_alone() -> None:
    assert encoded({"script": "ls -la true"}, FLAG="true", EMPTY="") == {"script": "ls -la true"}


def test_any_name_makes_a_placeholder_that_is_found_again() -> None:
    once = redactor(**{"MY VAR]": "value-of-name"}).redact("echo value-of-name")
    assert once == "echo [REDACTED:env:MY_VAR_]"
    assert [span.kind for span in find(once)] == ["env:MY_VAR_"]


def test_a_value_that_contains_another_is_replaced_whole() -> None:
    shown = encoded({"script": "echo prefix-secret1-suffix"}, A="secret1-", B="prefix-secret1-suffix")
    assert shown == {"script": "echo [REDACTED:env:A]"}


def test_names_of_inputs_give_their_values_away() -> None:
    shown = encoded(
        {"input": {"/password": "hunter22", "/headers/Authorization": "Bearer abcdefgh12", "/note": "hunter22"}}
    )
    assert shown == {
        "input": {
            "/password": "[REDACTED:password]",
            "/headers/Authorization": "Bearer abcdefgh12",
            "/note": "hunter22",
        }
    }


def test_secrets_in_keys_are_replaced_and_keys_stay_apart() -> None:
    other = TOKEN.replace("a", "c")
    assert encoded({"input": {TOKEN: 1, other: 2, TOKEN + "0": 3}}) == {
        "input": {"[REDACTED:github-token]": 1, "[REDACTED:github-token]#2": 2, "[REDACTED:github-token]#3": 3}
    }


def test_redacting_again_changes_nothing() -> None:
    guard = redactor(NAME="value-of-name")
    text = f"A={TOKEN}{TOKEN} PASSWORD='hunter22' https://u:{TOKEN}@h value-of-name {TOKEN}value-of-name"
    once = guard.redact(text)
    assert guard.redact(once) == once
    assert TOKEN not in once and "hunter22" not in once and "value-of-name" not in once


def test_placeholders_are_secrets_still() -> None:
    once = redactor(NAME="value-of-name").redact(f"echo {TOKEN} value-of-name")
    assert once == "echo [REDACTED:github-token] [REDACTED:env:NAME]"
    assert [span.kind for span in find(once)] == ["github-token", "env:NAME"]


def test_a_value_that_looks_like_a_placeholder_does_no_harm() -> None:
    assert redactor(A="REDACTED", B="[REDACTED:password]").redact("[REDACTED:password] REDACTED") == (
        "[REDACTED:password] [REDACTED:env:A]"
    )


def test_odd_values_are_written_plainly() -> None:
    assert encoded({"a": 1.5, "b": 1 << 70, "c": "x\ud800"}) == {"a": "1.5", "b": str(1 << 70), "c": "x\ufffd"}


def test_long_texts_are_cut_at_a_blank_and_say_so() -> None:
    text = "word " * MOST_CHARACTERS + TOKEN
    shown = encoded({"script": text, "verdict": "deny"})
    assert isinstance(shown, dict)
    assert str(shown["script"]).endswith(f"word [CUT:{len(text)}]")
    assert len(str(shown["script"])) <= MOST_CHARACTERS + 20
    assert shown["verdict"] == "deny"


def test_a_secret_at_the_cut_leaves_no_part_behind() -> None:
    text = "w " * (MOST_CHARACTERS // 2 - 10) + TOKEN + " tail"
    assert TOKEN[:8] not in str(encoded({"script": text}))


def test_records_with_too_many_parts_are_cut_and_say_so() -> None:
    shown = encoded({"input": {f"/{number}": "some text" * 10 for number in range(10_000)}, "verdict": "deny"})
    assert isinstance(shown, dict) and isinstance(shown["input"], dict)
    assert shown["input"]["[CUT]"] == 10_000
    assert shown["verdict"] == "deny"
    assert len(str(encoded({"list": ["some text"] * 100_000}))) < 2 * MOST_CHARACTERS


def test_structure_has_no_text_to_redact() -> None:
    guard = Redactor(WriterSettings(content=Content.STRUCTURE))
    assert guard.encode({"script": f"echo {TOKEN}", "verdict": "deny"}) == (
        b'{"script":{"characters":45},"verdict":"deny"}'
    )
