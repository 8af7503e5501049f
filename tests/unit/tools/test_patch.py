"""Codex's patch format: every file that a patch names, and whether it is all that there is to it."""

import pytest

from security_hooks.tools.patch import Patch, read_patch


def patch(*lines: str) -> str:
    return "\n".join(["*** Begin Patch", *lines, "*** End Patch"])


@pytest.mark.parametrize(
    ("lines", "paths", "content"),
    [
        (("*** Add File: a", "+x", "+", "+y"), ("a",), ("x\n\ny\n",)),
        (("*** Delete File: a",), ("a",), ()),
        (("*** Update File: a", "@@", "-one", "+ONE", " two", ""), ("a",), ("ONE\n",)),
        (("*** Update File: a", "@@ def f():", " x", "+y", "*** End of File"), ("a",), ("y\n",)),
        (("*** Update File: a", "*** Move to: b/c", "@@", "-x", "+y"), ("a", "b/c"), ("y\n",)),
        (("*** Update File: a", "*** Move to: /etc/b"), ("a", "/etc/b"), ()),
        (
            ("*** Add File: a", "+x", "*** Delete File: b", "*** Update File: c", "@@", "+z"),
            ("a", "b", "c"),
            ("x\n", "z\n"),
        ),
        (("*** Add File: a b  ", "+x"), ("a b",), ("x\n",)),
        (("*** Add File: a", "+*** Delete File: b"), ("a",), ("*** Delete File: b\n",)),
        (
            ("*** Update File: a", "@@", "+*** Begin Patch", "+*** End Patch"),
            ("a",),
            ("*** Begin Patch\n*** End Patch\n",),
        ),
    ],
)
def test_a_patch_names_its_files_and_what_it_adds(
    lines: tuple[str, ...], paths: tuple[str, ...], content: tuple[str, ...]
) -> None:
    assert read_patch(patch(*lines)) == Patch(paths, content, malformed=False)
    assert read_patch(patch(*lines) + "\n") == Patch(paths, content, malformed=False)
    assert read_patch("<<'EOF'\n" + patch(*lines) + "\nEOF\n") == Patch(paths, content, malformed=False)


def test_carriage_returns_belong_to_the_line_end() -> None:
    assert read_patch(patch("*** Add File: a", "+x").replace("\n", "\r\n")) == Patch(("a",), ("x\n",), malformed=False)


@pytest.mark.parametrize("blank", [" ", "\t", "\v", "\x85", "\u2003", "\u3000"])
def test_blanks_around_a_header_hide_nothing(blank: str) -> None:
    text = patch(f"{blank}*** Add File:{blank}a{blank}", "+x").replace(
        "*** Begin Patch", f"{blank}*** Begin Patch{blank}"
    )
    assert read_patch(text).paths == ("a",)


@pytest.mark.parametrize("control", ["\x1c", "\x1d", "\x1e", "\x1f", "\u2028x", "\x0bx"])
def test_a_name_keeps_the_characters_that_the_client_keeps(control: str) -> None:
    assert read_patch(patch(f"*** Delete File: a{control}")).paths == (f"a{control}",)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", ()),
        ("rm -rf /", ()),
        ("*** Begin Patch\n*** End Patch", ()),
        ("*** Begin Patch\n*** Add File: a\n+x", ("a",)),
        ("*** Add File: a\n+x\n*** End Patch", ("a",)),
        ("*** End Patch\n*** Add File: a\n*** Begin Patch", ("a",)),
        ("x\n" + patch("*** Delete File: a"), ("a",)),
        (patch("*** Delete File: a") + "\n*** Delete File: b", ("a", "b")),
        (patch("*** Delete File: a") + "\n" + patch("*** Delete File: b"), ("a", "b")),
        (patch("*** Add File: "), ()),
        (patch("*** Add File: a", "x"), ("a",)),
        (patch("*** Delete File: a", "+x"), ("a",)),
        (patch("*** Move to: b"), ("b",)),
        (patch("*** Add File: a", "*** Move to: b"), ("a", "b")),
        (patch("*** Rename File: a"), ()),
        (patch("+x", "*** Delete File: a"), ("a",)),
        (patch("*** Update File: a", "x"), ("a",)),
    ],
)
def test_a_malformed_patch_names_what_it_can_and_says_so(text: str, paths: tuple[str, ...]) -> None:
    read = read_patch(text)
    assert (set(read.paths), read.malformed) == (set(paths), True)


def test_a_file_named_twice_is_one_file() -> None:
    assert read_patch(patch("*** Delete File: a", "*** Add File: a", "+x")).paths == ("a",)
