"""Resolved rules travel as bytes."""

from types import SimpleNamespace

import msgspec
import pytest

from security_hooks.dsl.resolved import ResolvedRule

TEXT = r"""
macro deep = not (command("a", "b") or with_flags("-r"))
except "e"
  for "b"
  match ^x\d
  until 2030-01-01
  reason "r"
block "b"
  match deep() argument("x")
  unless y
  nudge "{command}"
  unknown pass
  severity critical
  tags "t"
  on shell
  client "c"
  example stop "s"
"""


@pytest.mark.parametrize("codec", [msgspec.msgpack, msgspec.json])
def test_rules_survive_the_journey(build: SimpleNamespace, codec: SimpleNamespace) -> None:
    rules, diagnostics = build.resolve(TEXT)
    assert (len(rules), diagnostics) == (2, ())
    assert codec.decode(codec.encode(rules), type=tuple[ResolvedRule, ...]) == rules
