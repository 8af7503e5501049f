from collections.abc import Callable, Sequence

import pytest

from security_hooks.shell.fields import awk_of, cut_of, grep_of
from security_hooks.shell.printed import Printed

Filter = Callable[[Sequence[str], bytes], Printed | None]
CASES: list[tuple[Filter, str, bytes, bytes | None]] = [
    (cut_of, "-d:|-f2", b"a:b\nc\n", b"b\nc\n"),
    (cut_of, "-d:|-f2|-s", b"a:b\nc\n", b"b\n"),
    (cut_of, "-c|3,1-2", b"abcd", b"abc\n"),
    (cut_of, "-c2-", b"abc\n", b"bc\n"),
    (cut_of, "-f0", b"a\n", None),
    (cut_of, "-c1|--complement", b"a\n", None),
    (cut_of, "-c1", b"\xc3\xa9\n", None),
    (awk_of, "{print $2}", b"a rm\n", b"rm\n"),
    (awk_of, "-F:|{ print $2, $1 }", b"a:b\n", b"b a\n"),
    (awk_of, "{print $NF}", b"a b\n\n", b"b\n\n"),
    (awk_of, "NR==2{print}", b"a\nb\n", b"b\n"),
    (awk_of, "-Ft|{print $1}", b"atb\n", None),
    (awk_of, "-F.|{print $1}", b"a.b\n", None),
    (awk_of, "{print $1+1}", b"1\n", None),
    (awk_of, "{system($1)}", b"a\n", None),
    (grep_of, "a", b"a\nb\n", b"a\n"),
    (grep_of, "-v|a", b"a\nb\n", b"b\n"),
    (grep_of, "-o|a", b"aba\n", b"a\na\n"),
    (grep_of, "a.", b"ab\n", None),
    (grep_of, "-i|a", b"A\n", None),
    (grep_of, "a|f", b"a\n", None),
]


@pytest.mark.parametrize(("printer", "arguments", "given", "expected"), CASES)
def test_what_is_printed(printer: Filter, arguments: str, given: bytes, expected: bytes | None) -> None:
    printed = printer(arguments.split("|") if arguments else [], given)
    assert (None if printed is None or not printed.sure else printed.value) == expected
