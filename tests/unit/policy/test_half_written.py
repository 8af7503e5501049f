"""Files suddenly empty keep what they held."""

import msgspec

from security_hooks.policy.config_types import Layer
from security_hooks.policy.half_written import bridge
from security_hooks.policy.source import CatalogueFile, RuleFile, Sources

LAYER = Layer("user", "/c/config.toml", b"mode = 'observe'")
FULL = Sources(
    (LAYER,), (RuleFile("user", "/c/rules/a.rules", b"block"), RuleFile("user", "/c/rules/b.rules", b"watch"))
)


def _emptied(*paths: str) -> Sources:
    return Sources(
        tuple(Layer(layer.name, layer.path, b" \n" if layer.path in paths else layer.text) for layer in FULL.layers),
        tuple(RuleFile(file.layer, file.path, b"" if file.path in paths else file.data) for file in FULL.rules),
    )


def test_what_is_full_is_taken_as_it_is() -> None:
    assert bridge(FULL, FULL, frozenset()) == (FULL, frozenset())


def test_an_emptied_file_keeps_what_it_held() -> None:
    held = frozenset({"/c/rules/a.rules", "/c/config.toml"})
    assert bridge(_emptied(*held), FULL, frozenset()) == (FULL, held)


def test_a_settled_file_is_meant_to_be_empty() -> None:
    present = _emptied("/c/rules/a.rules", "/c/config.toml")
    bridged, held = bridge(present, FULL, frozenset({"/c/rules/a.rules"}))
    assert held == {"/c/config.toml"}
    assert bridged == Sources(FULL.layers, present.rules)


def test_a_file_that_was_always_empty_holds_nothing() -> None:
    present = _emptied("/c/rules/a.rules")
    assert bridge(present, present, frozenset()) == (present, frozenset())


def test_a_removed_file_is_removed_at_once() -> None:
    present = Sources(FULL.layers, FULL.rules[:1])
    assert bridge(present, FULL, frozenset()) == (present, frozenset())


def test_what_was_trusted_before_is_not_trusted_for_that_now() -> None:
    before = Sources((), (RuleFile("project", "/p/a.rules", b"allow", trusted=True),))
    present = Sources((), (RuleFile("project", "/p/a.rules", b"", trusted=False),))
    bridged, _ = bridge(present, before, frozenset())
    assert bridged.rules == (RuleFile("project", "/p/a.rules", b"allow", trusted=False),)


def test_an_emptied_catalogue_file_keeps_what_it_held() -> None:
    before = Sources((), (), catalogue=(CatalogueFile("user", "/c/a.toml", b"schema = 2"),), guarded=("/old",))
    present = Sources((), (), catalogue=(CatalogueFile("user", "/c/a.toml", b""),), guarded=("/new",))
    bridged, held = bridge(present, before, frozenset())
    assert bridged == msgspec.structs.replace(before, guarded=("/new",))
    assert held == {"/c/a.toml"}
