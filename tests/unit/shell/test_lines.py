from collections.abc import Callable, Sequence

import pytest

from security_hooks.shell.lines import head_of, paste_of, rev_of, sort_of, tac_of, tail_of, uniq_of
from security_hooks.shell.printed import Printed

Filter = Callable[[Sequence[str], bytes], Printed | None]
CASES: list[tuple[Filter, str, bytes, bytes | None]] = [
    (head_of, "-n|1", b"a\nb\n", b"a\n"),
    (head_of, "-2", b"a\nb\nc", b"a\nb\n"),
    (head_of, "-c1", b"abc", b"a"),
    (head_of, "-n|-1", b"a\nb\n", None),
    (head_of, "f", b"a", None),
    (tail_of, "-n|1", b"a\nb\n", b"b\n"),
    (tail_of, "-n|+2", b"a\nb", b"b"),
    (tail_of, "-c|2", b"abc", b"bc"),
    (tail_of, "-f", b"a", None),
    (rev_of, "", b"mr\nx\n", b"rm\nx\n"),
    (rev_of, "", b"mr", None),
    (rev_of, "", b"\xc3\xa9\n", None),
    (tac_of, "", b"a\nb\n", b"b\na\n"),
    (tac_of, "-s|x", b"a", None),
    (sort_of, "-n", b"10 b\n9 a\n", b"9 a\n10 b\n"),
    (sort_of, "", b"b\na\n", None),
    (sort_of, "", b"2\n1", b"1\n2\n"),
    (sort_of, "-n", b"1 b\n1 a\n", None),
    (sort_of, "-R", b"1\n", None),
    (uniq_of, "", b"a\na\nb\n", b"a\nb\n"),
    (uniq_of, "-c", b"a\n", None),
    (uniq_of, "-d", b"a\na\nb\n", b"a\n"),
    (paste_of, "-sd,", b"a\nb\n", b"a,b\n"),
    (paste_of, "-s|-d|\\0", b"a\nb\n", b"ab\n"),
    (paste_of, "-sd|xy", b"a\nb\n", None),
    (paste_of, "-d,", b"a\n", None),
]


@pytest.mark.parametrize(("printer", "arguments", "given", "expected"), CASES)
def test_what_is_printed(printer: Filter, arguments: str, given: bytes, expected: bytes | None) -> None:
    printed = printer(arguments.split("|") if arguments else [], given)
    assert (None if printed is None or not printed.sure else printed.value) == expected
