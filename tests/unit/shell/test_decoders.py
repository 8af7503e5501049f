import gzip
from collections.abc import Callable, Sequence

import pytest

from security_hooks.shell.decoders import base32_of, base64_of, gunzip_of, gzip_of, openssl_of, xxd_of
from security_hooks.shell.printed import Printed

Filter = Callable[[Sequence[str], bytes], Printed | None]
CASES: list[tuple[Filter, str, bytes, bytes | None]] = [
    (base64_of, "-d", b"cm0=\n", b"rm"),
    (base64_of, "-D", b"cm\n0=", b"rm"),
    (base64_of, "--decode|-", b"cm0=", b"rm"),
    (base64_of, "-d", b"cm0", None),
    (base64_of, "-d", b"cm0=cm0=", None),
    (base64_of, "-d", b"c*", None),
    (base64_of, "-d|f", b"cm0=", None),
    (base64_of, "-di", b"cm0=", None),
    (base64_of, "", b"rm", b"cm0=\n"),
    (base64_of, "-w0", b"rm", b"cm0="),
    (base64_of, "-w5", b"rm", None),
    (base64_of, "", b"a" * 60, None),
    (base32_of, "-d", b"OJWQ====", b"rm"),
    (base32_of, "-d", b"ojwq====", None),
    (xxd_of, "-r|-p", b"72 6d\n", b"rm"),
    (xxd_of, "-r|-plain", b"726D", b"rm"),
    (xxd_of, "-r|-p", b"7 2", None),
    (xxd_of, "-r", b"72", None),
    (xxd_of, "-p", b"rm", b"726d\n"),
    (xxd_of, "-r|-p|f", b"72", None),
    (openssl_of, "base64|-d", b"cm0=\n", b"rm"),
    (openssl_of, "enc|-d|-base64", b"cm0=\n", b"rm"),
    (openssl_of, "base64|-d|-A", b"cm0=", b"rm"),
    (openssl_of, "base64|-d", b"cm0=", None),
    (openssl_of, "enc|-d|-aes-256-cbc", b"cm0=", None),
    (gzip_of, "", b"rm", None),
    (gunzip_of, "", b"rm", None),
]


@pytest.mark.parametrize(("printer", "arguments", "given", "expected"), CASES)
def test_what_is_printed(printer: Filter, arguments: str, given: bytes, expected: bytes | None) -> None:
    printed = printer(arguments.split("|") if arguments else [], given)
    assert (None if printed is None or not printed.sure else printed.value) == expected


PACKED = gzip.compress(b"rm x")


@pytest.mark.parametrize("arguments", [[], ["-c"], ["-d"], ["-cd", "-"]])
def test_what_was_packed_is_unpacked(arguments: list[str]) -> None:
    assert gunzip_of(arguments, PACKED) == Printed(b"rm x")
    assert gzip_of(["-d", *arguments], PACKED) == Printed(b"rm x")


def test_what_is_cut_off_too_long_or_not_alone_is_not_unpacked() -> None:
    assert gunzip_of([], PACKED[:-1]) is None
    assert gunzip_of([], gzip.compress(bytes(1 << 22))) is None
    assert gunzip_of([], PACKED + PACKED) is None
