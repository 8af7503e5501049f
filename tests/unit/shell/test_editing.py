from collections.abc import Callable, Sequence

import pytest

from security_hooks.shell.editing import sed_of
from security_hooks.shell.printed import Printed

Filter = Callable[[Sequence[str], bytes], Printed | None]
CASES: list[tuple[Filter, str, bytes, bytes | None]] = [
    (sed_of, "s/a/b/", b"aa\n", b"ba\n"),
    (sed_of, "s#a#/#g", b"aa\n", b"//\n"),
    (sed_of, "s/a/b/2", b"aa\n", b"ab\n"),
    (sed_of, "s/^/x/;s/$/y/", b"a\n", b"xay\n"),
    (sed_of, "y/ab/ba/", b"ab\n", b"ba\n"),
    (sed_of, "-n|2p", b"a\nb\n", b"b\n"),
    (sed_of, "$d", b"a\nb\n", b"a\n"),
    (sed_of, "1q", b"a\nb\n", b"a\n"),
    (sed_of, "s/a*/b/", b"a\n", None),
    (sed_of, "s/a/&&/", b"a\n", None),
    (sed_of, "s/a/b/e", b"a\n", None),
    (sed_of, "s/a/b/w f", b"a\n", None),
    (sed_of, "-i|s/a/b/", b"a\n", None),
    (sed_of, "1e", b"a\n", None),
    (sed_of, "s/a/b/|f", b"a\n", None),
    (sed_of, "s/a/b/", b"a", None),
    (sed_of, "s/a/b/;r f", b"a\n", None),
]


@pytest.mark.parametrize(("printer", "arguments", "given", "expected"), CASES)
def test_what_is_printed(printer: Filter, arguments: str, given: bytes, expected: bytes | None) -> None:
    printed = printer(arguments.split("|") if arguments else [], given)
    assert (None if printed is None or not printed.sure else printed.value) == expected


def test_a_line_that_would_grow_without_end_is_not_edited() -> None:
    assert sed_of(["s/a/" + "b" * 4096 + "/g"], b"a" * 4096 + b"\n") is None
