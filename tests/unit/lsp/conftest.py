"""A text in an editor, together with a small policy: `asked` gives the answers about it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.lsp.answers import Answers
from security_hooks.lsp.document import Encoding
from security_hooks.lsp.surroundings import with_text
from security_hooks.policy.build import BuildCache
from security_hooks.policy.config_types import Layer
from security_hooks.policy.source import RuleFile, Sources

ROOT = Path(__file__).parents[3]
SHIPPED = """list tools = "frob", "grob"
macro forced = with_flags("--force")
block "shipped-rule"
  match command(tools) forced()
  nudge "Do not frob {path}"
  tags "frobbing"
  example stop "frob --force"
  example pass "ls"
allow "shipped-allow"
  match ^frob --list$
  example stop "frob --list"
  example pass "ls"
"""
OWN = "/config/rules/own.rules"


@cache
def _layers() -> tuple[Layer, ...]:
    return (Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes()),)


@pytest.fixture
def asked() -> Callable[..., Answers]:
    """`asked(TEXT)`: the answers about this text as a file of the user layer, beside the rules above."""

    def ask(text: str, encoding: Encoding = Encoding.UTF_16) -> Answers:
        sources = Sources(_layers(), (RuleFile("shipped", "rules/shipped.rules", SHIPPED.encode()),))
        return Answers(with_text(sources, OWN, "user", text), OWN, text, encoding, BuildCache(), shipped())

    return ask
