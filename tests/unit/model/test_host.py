import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from security_hooks.model.host import canonical_host


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("E.Example.", "e.example"),
        ("127.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("2852039166", "169.254.169.254"),
        ("0xA9FEA9FE", "169.254.169.254"),
        ("[::ffff:169.254.169.254]", "169.254.169.254"),
        ("::ffff:a9fe:a9fe", "169.254.169.254"),
        ("[::1]", "[::1]"),
        ("[0:0:0:0:0:0:0:1]", "[::1]"),
        ("::1", "::1"),
        ("[FD00::0:1]", "[fd00::1]"),
        ("[fe80::1%25eth0]", "[fe80::1]"),
        ("[::127.0.0.1]", "127.0.0.1"),
        ("[::]", "[::]"),
        ("[64:ff9b::a9fe:a9fe]", "169.254.169.254"),
        ("[2002:7f00:1::]", "127.0.0.1"),
        ("[0:0:0:0:0:ffff:7f00:1]", "127.0.0.1"),
        ("[::ffff:1:2:3:4:5:6:7:8]", "[::ffff:1:2:3:4:5:6:7:8]"),
        ("e.example:80:81", "e.example:80:81"),
        ("\uff11\uff12\uff17.0.0.1", "127.0.0.1"),
        ("\u2460\u2461\u2466\u30020\u30020\u30021", "127.0.0.1"),
        ("m\u00fcnchen.example", "m\u00fcnchen.example"),
        ("1.2.3.4.5", "1.2.3.4.5"),
        ("256.1.1.1", "256.1.1.1"),
        ("08.1", "08.1"),
        ("4294967296", "4294967296"),
        ("3com.example.1a", "3com.example.1a"),
        ("", ""),
    ],
)
def test_each_host_has_one_spelling(written: str, host: str) -> None:
    assert canonical_host(written) == host


@given(st.integers(0, 2**32 - 1), st.integers(0, 3), st.sampled_from(["d", "#x", "#o"]))
def test_an_address_is_what_the_c_library_takes_it_for(address: int, heads: int, form: str) -> None:
    octets = ipaddress.IPv4Address(address).packed
    numbers = [*octets[:heads], int.from_bytes(octets[heads:], "big")]
    text = ".".join(f"{number:{form}}".replace("0o", "0") for number in numbers)
    assert canonical_host(text) == socket.inet_ntoa(socket.inet_aton(text))
