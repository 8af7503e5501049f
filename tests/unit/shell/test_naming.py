from collections.abc import Callable, Sequence

import pytest

from security_hooks.model.word import Hole
from security_hooks.shell.naming import basename_of, dirname_of, expr_of, mktemp_of, seq_of, yes_of
from security_hooks.shell.printed import Printed

Filter = Callable[[Sequence[str], bytes], Printed | None]
CASES: list[tuple[Filter, str, bytes, bytes | None]] = [
    (basename_of, "/a/b.c", b"", b"b.c\n"),
    (basename_of, "/a/b.c|.c", b"", b"b\n"),
    (basename_of, "b|b", b"", b"b\n"),
    (basename_of, "/", b"", b"/\n"),
    (basename_of, "//", b"", None),
    (basename_of, "-a|x", b"", None),
    (dirname_of, "/a/b", b"", b"/a\n"),
    (dirname_of, "a", b"", b".\n"),
    (dirname_of, "/a/", b"", b"/\n"),
    (dirname_of, "a|b", b"", None),
    (seq_of, "2|4", b"", b"2\n3\n4\n"),
    (seq_of, "3|-1|2", b"", b"3\n2\n"),
    (seq_of, "3|1", b"", None),
    (seq_of, "1|99999", b"", None),
    (seq_of, "1.5", b"", None),
    (seq_of, "-w|3", b"", None),
    (expr_of, "7|-|2", b"", b"5\n"),
    (expr_of, "-7|/|2", b"", b"-3\n"),
    (expr_of, "1|/|0", b"", None),
    (expr_of, "a|+|1", b"", None),
    (expr_of, "1|:|1", b"", None),
    (yes_of, "--help", b"", None),
]


@pytest.mark.parametrize(("printer", "arguments", "given", "expected"), CASES)
def test_what_is_printed(printer: Filter, arguments: str, given: bytes, expected: bytes | None) -> None:
    printed = printer(arguments.split("|") if arguments else [], given)
    assert (None if printed is None or not printed.sure else printed.value) == expected


@pytest.mark.parametrize(
    ("arguments", "before", "after"),
    [
        ("", "/tmp/tmp.", "\n"),
        ("-d", "/tmp/tmp.", "\n"),
        ("-dq|--suffix.XXX", "", None),
        ("-d|/tmp/a.XXXX", "/tmp/a.", "\n"),
        ("-d|-t|a.XXXX.d", "/tmp/a.", ".d\n"),
        ("--tmpdir=/var/tmp/|--directory", "/var/tmp/tmp.", "\n"),
        ("-p|/tmp|XXX", "/tmp/", "\n"),
        ("-d|-t|name", "", None),
        ("a.XX", "", None),
        ("a.XXXX", "", None),
        ("/tmp/a/b.XXXX", "", None),
        ("/tmp/../etc/b.XXXX", "", None),
        ("-p|/etc", "", None),
        ("-u", "", None),
        ("-d|a.XXX|b.XXX", "", None),
        ("-p", "/tmp/tmp.", None),
    ],
)
def test_a_temporary_file_is_new_and_where_temporary_files_are(arguments: str, before: str, after: str | None) -> None:
    printed = mktemp_of([argument for argument in arguments.split("|") if argument], b"")
    if after is None:
        assert printed is None
        return
    assert printed is not None
    first, hole, last = printed.value
    assert (first, last) == (before, after)
    assert isinstance(hole, Hole)
    assert not hole.splits
