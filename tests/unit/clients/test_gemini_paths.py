"""Gemini CLI's own transformations of paths."""

import pytest

from security_hooks.clients.gemini_paths import absolute, readings


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a.txt", {"a.txt"}),
        ("nu\0l.txt", {"nul.txt"}),
        ("@.gemini/settings.json", {".gemini/settings.json", "@.gemini/settings.json"}),
        ("@/x", {"/x", "@/x"}),
        ("%2eenvx", {".envx", "%2eenvx"}),
        ("sub%2Fenc.txt", {"sub/enc.txt", "sub%2Fenc.txt"}),
        ("%40x", {"@x", "x", "%40x"}),
        ("@%2eenv", {".env", "@.env", "%2eenv", "@%2eenv"}),
        ("a%00b", {"ab", "a%00b"}),
        ("\0@x", {"x", "@x"}),
        ("%zz", {"%zz"}),
        ("", {""}),
    ],
)
def test_every_reading_of_a_path_is_kept(written: str, read: set[str]) -> None:
    assert set(readings(written)) == read


def test_the_likeliest_reading_comes_first() -> None:
    assert readings("@%2eenv")[0] == ".env"
    assert readings("sub%2Fenc.txt") == ("sub/enc.txt", "sub%2Fenc.txt")


def test_readings_end_on_any_nesting() -> None:
    assert len(readings("@" * 50 + "%" + "25" * 50 + "2e")) < 30


@pytest.mark.parametrize(
    ("path", "cwd", "resolved"),
    [
        ("a.txt", "/w", "/w/a.txt"),
        ("../x", "/w/p", "/w/x"),
        ("/etc/passwd", "/w", "/etc/passwd"),
        ("//etc//passwd", "/w", "/etc/passwd"),
        ("~/x", "/w", "/w/~/x"),
        ("$HOME/x", "/w", "/w/$HOME/x"),
        ("file:///x", "/w", "/w/file:/x"),
        (".", "/w", "/w"),
        ("/../..", "/w", "/"),
        ("~/x", None, "./~/x"),
        ("/a/./b", None, "/a/b"),
    ],
)
def test_a_path_is_resolved_as_text(path: str, cwd: str | None, resolved: str) -> None:
    assert absolute(path, cwd) == resolved
