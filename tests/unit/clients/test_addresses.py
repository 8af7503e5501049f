"""Web addresses in prose."""

import pytest

from security_hooks.clients.addresses import MOST_ADDRESSES, addresses
from security_hooks.model.failure import CallError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("no address: //here or ://there", ()),
        ("Summarize https://example.com/page", ("https://example.com/page",)),
        ("see (https://a.example/x), https://b.example.", ("https://a.example/x", "https://b.example")),
        (
            '<https://a.example> "http://b.example" `ftp://c.example`',
            ("https://a.example", "http://b.example", "ftp://c.example"),
        ),
        ("**https://a.example**", ("https://a.example",)),
        ("HTTPS://A.example", ("HTTPS://A.example",)),
        ("git+ssh://a.example/x", ("git+ssh://a.example/x",)),
        ("https://a.example/?to=https://b.example", ("https://a.example/?to=https://b.example", "https://b.example")),
        ("https://a.example https://a.example", ("https://a.example",)),
        ("[x](https://a.example/(y))", ("https://a.example/(y",)),
    ],
)
def test_addresses_are_found_in_prose(text: str, found: tuple[str, ...]) -> None:
    assert addresses(text) == found


def test_too_many_addresses_are_refused() -> None:
    assert len(addresses(" ".join(f"http://h{index}" for index in range(MOST_ADDRESSES)))) == MOST_ADDRESSES
    with pytest.raises(CallError, match="addresses"):
        addresses(" ".join(f"http://h{index}" for index in range(MOST_ADDRESSES + 1)))


@pytest.mark.parametrize("text", ["a://" * 500_000, "1://" * 500_000, "a." * 1_000_000 + "://" * 300_000])
def test_a_flood_of_addresses_is_refused_unread(text: str) -> None:
    with pytest.raises(CallError, match="addresses"):
        addresses(text)
