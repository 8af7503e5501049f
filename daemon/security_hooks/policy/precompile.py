"""The shipped policy as plain data, made once when the wheel is built, so that a fresh daemon need not parse it."""

from collections.abc import Mapping

import msgspec

from security_hooks import __version__
from security_hooks.catalogue.load import shipped
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import Precompiled
from security_hooks.policy.config_types import Layer
from security_hooks.policy.source import RuleFile, Sources


def compile_shipped(rules: Mapping[str, bytes], config: bytes, stamp: str = "") -> bytes:
    """The content of `policy.bin` for these rule files (by file name) and this `config.toml`; raises PolicyError.

    It is used only where the sources found at start are these very bytes, and, with a `stamp`, the code is that.
    """
    sources = Sources(
        (Layer("shipped", "config.toml", config),),
        tuple(RuleFile("shipped", f"rules/{name}", rules[name]) for name in sorted(rules)),
    )
    return msgspec.msgpack.encode(Precompiled(__version__, build(sources, BuildCache(), shipped()), stamp))
