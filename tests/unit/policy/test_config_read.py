"""One layer by itself: every fault has a code, a place and words that help."""

import pytest

from security_hooks.model.diagnostic import Level
from security_hooks.policy.config_read import LAYER_BYTES, Action, read_layer
from security_hooks.policy.config_types import Layer


def layer(text: str | bytes, name: str = "user") -> Layer:
    return Layer(name, "c.toml", text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("text", "line", "column", "code", "words"),
    [
        ("\n[executables]\n  appnd = []", 3, 3, "unknown-key", "did you mean `executables.append`?"),
        ("[executables]\nappend_allowed = []", 2, 1, "unknown-key", "`executables.append_allowed` is not a key"),
        ("[excutables]\nappend = []", 1, 2, "unknown-key", "did you mean `executables`?"),
        ("script_nodes = 5", 1, 1, "unknown-key", "did you mean `limits.script_nodes`?"),
        ("[rules]\nappend_disabled = []", 2, 1, "unknown-key", "`rules.append_disabled` is not a key"),
        ("[clients.claude-cod]\nask = 'ask'", 1, 2, "unknown-key", "did you mean `clients.claude-code`?"),
        ("limits = 3", 1, 1, "wrong-value", "`limits` must be a table, `[limits]`"),
        ("mode = 'off'", 1, 1, "wrong-value", "`mode` must be `observe` or `enforce`"),
        ("mode = true", 1, 1, "wrong-value", "`mode` must be"),
        ("[verdict]\ndefault = 'silnt'", 2, 1, "wrong-value", "did you mean `silent`?"),
        ("[limits]\nconcurrent = true", 2, 1, "wrong-value", "a whole number from 1 to 1024"),
        ("[limits]\nconcurrent = 1.0", 2, 1, "wrong-value", "a whole number"),
        ("[limits]\nconcurrent = 0", 2, 1, "wrong-value", "a whole number"),
        ("limits = {concurrent = 'x'}", 1, 11, "wrong-value", "a whole number"),
        ("limits.concurrent = 'x'", 1, 1, "wrong-value", "a whole number"),
        ("[rules]\ndisabled = 'x'", 2, 1, "wrong-value", "must be a list of names of rules"),
        ("[executables]\nappend = ['a',\n  'b/c']", 3, 3, "wrong-value", "entry 2 is something else"),
        ("[paths]\nappend = [1]", 2, 11, "wrong-value", "entry 1"),
        ("[secrets]\nappend = ['A B']", 2, 11, "wrong-value", "names of environment variables"),
        ("[clients.codex-cli]\nask = 'ask'", 2, 1, "wrong-value", "codex-cli runs a call whose hook answers ask"),
        ("[clients.codex-cli]\nask = 'rewrite'", 2, 1, "wrong-value", "rewriting is not available"),
        ("[clients.gemini-cli]\nask = 'rewrite'", 2, 1, "wrong-value", "cannot have its commands rewritten"),
        ("[clients.claude-code]\nask = 'allow'", 2, 1, "wrong-value", "an ask never becomes an allow"),
        ("[lists]\nallowed_executables = []", 2, 1, "list-name", "it is `executables.allowed`"),
        ("[lists]\nBad-Name = []", 2, 1, "list-name", "cannot be the name of a list"),
        ("[lists]\nappend = []", 2, 1, "unknown-key", "write `append_NAME`"),
        ("[lists]\nx = 1", 2, 1, "wrong-value", "must be a list of strings"),
        ("[executables]\nappend = ['a']\nexclude = ['b', 'a']", 3, 17, "contradiction", "take one of them out"),
        ("a = 1\na = 2", 2, 6, "syntax", "cannot overwrite a value"),
        ("mode = ", 1, 8, "syntax", "invalid value"),
        ("mode = 'x", 1, 10, "syntax", ""),
        ("\nmode 'x'", 2, 6, "syntax", "expected '='"),
        ("x = 999" + "9" * 5000, 0, 0, "syntax", ""),
        ("x = " + "[" * 5000, 0, 0, "syntax", "nested too deeply"),
        (".".join("a" * 60) + " = 1", 1, 1, "syntax", "more than 32 parts"),
        (b"mode = 'x'\n# \xc3\xa4\xff", 2, 4, "encoding", "not UTF-8"),
        ("#" * (LAYER_BYTES + 1), 0, 0, "too-large", "may have"),
        ("locked = 3", 1, 1, "wrong-value", "a list of keys"),
    ],
)
def test_fault_is_told_with_its_place(text: str | bytes, line: int, column: int, code: str, words: str) -> None:
    _, diagnostics = read_layer(layer(text, "system"))
    assert [(found.line, found.column, found.code) for found in diagnostics] == [(line, column, code)]
    assert words in str(diagnostics[0])
    assert diagnostics[0].level is Level.ERROR


def test_only_the_system_layer_may_lock() -> None:
    edits, diagnostics = read_layer(layer("locked = ['mode']"))
    assert edits.locked == ()
    assert [(found.code, found.level) for found in diagnostics] == [("lock-ignored", Level.WARNING)]
    edits, diagnostics = read_layer(layer("locked = ['mode']", "system"))
    assert edits.locked == ("mode",)
    assert diagnostics == ()


def test_edits_carry_their_action_and_checked_value() -> None:
    edits, diagnostics = read_layer(
        layer('[rules]\ndisabled = ["a"]\nexclude_disabled = ["b"]\n[lists]\nown = ["x", "x"]\nappend_other = ["y"]')
    )
    assert diagnostics == ()
    assert [(edit.row.path, edit.action, edit.value) for edit in edits.edits] == [
        (("rules", "disabled"), Action.APPEND, ("a",)),
        (("rules", "disabled"), Action.EXCLUDE, ("b",)),
        (("lists", "own"), Action.SET, ("x",)),
        (("lists", "other"), Action.APPEND, ("y",)),
    ]


def test_messages_are_fit_for_a_terminal_and_bounded_in_number() -> None:
    _, diagnostics = read_layer(layer('"\\u001b[31m\\u202e" = 1'))
    assert str(diagnostics[0]).isprintable()
    _, diagnostics = read_layer(layer("\n".join(f"k{n} = 1" for n in range(5000))))
    assert len(diagnostics) == 101
    assert "4900 more" in diagnostics[-1].message
