from collections.abc import Callable, Sequence

import pytest

from security_hooks.shell.printed import Printed
from security_hooks.shell.translating import tr_of

Filter = Callable[[Sequence[str], bytes], Printed | None]
CASES: list[tuple[Filter, str, bytes, bytes | None]] = [
    (tr_of, "a-z|n-za-m", b"ez", b"rm"),
    (tr_of, "-d|x", b"rxmx", b"rm"),
    (tr_of, "-cd|a-z\\n", b"r1m\n", b"rm\n"),
    (tr_of, "-s|a-z", b"rrmm--", b"rm--"),
    (tr_of, "a-c|x", b"abcd", b"xxxd"),
    (tr_of, "[:lower:]|[:upper:]", b"rm", b"RM"),
    (tr_of, "[:alpha:]|a-z", b"rm", None),
    (tr_of, "z-a|a-z", b"rm", None),
    (tr_of, "[a*3]|xyz", b"a", None),
    (tr_of, "a", b"a", None),
    (tr_of, "-d|a|b", b"a", None),
    (tr_of, "\\057\\n|x ", b"/\n", b"x "),
    (tr_of, "\u00e9|e", b"a", None),
    (tr_of, "-c|a|b", b"\xff", None),
    (tr_of, "-cs|a-z|_", b"a!!b", b"a_b"),
]


@pytest.mark.parametrize(("printer", "arguments", "given", "expected"), CASES)
def test_what_is_printed(printer: Filter, arguments: str, given: bytes, expected: bytes | None) -> None:
    printed = printer(arguments.split("|") if arguments else [], given)
    assert (None if printed is None or not printed.sure else printed.value) == expected
