"""Resolution: defaults, layers, lists and macros put in, disabled rules. Errors are in tests/golden/diagnostics."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from security_hooks.dsl.resolve import LayeredFile, resolve
from security_hooks.dsl.resolved import All, Any, Ask, Example, Not, Pattern
from security_hooks.model.decision import Severity, Tier
from security_hooks.model.diagnostic import Level

Layered = Callable[[list[tuple[str, str, str]]], list[LayeredFile]]


def test_lists_and_macros_are_put_in(build: SimpleNamespace) -> None:
    text = """
list shells = "sh", "bash"
list all = shells, "zsh", given, "sh"
macro quiet = not with_flags("-v")
macro shell = command(all) or quiet()
block "t"
  match shell() and argument("x")
"""
    (rule,), diagnostics = build.resolve(text, {"given": ("fish",)})
    assert diagnostics == ()
    commands = Ask("command", ("sh", "bash", "zsh", "fish"), "command(all)")
    shell = Any((commands, Not(Ask("with_flags", ("-v",), 'with_flags("-v")'))))
    assert rule.matches == (All((shell, Ask("argument", ("x",), 'argument("x")'))),)


def test_every_clause_is_read(build: SimpleNamespace) -> None:
    text = """
except "t"
  for "r"
  match a
  match b
  unless c
  until 2030-01-01T01:00+01:00
  reason "because"
  severity high
  tags "x", y
  on shell, "Edit"
  client "codex-cli"
  example stop "a"
  example pass "c"
block "r"
  match a
"""
    (rule, _), diagnostics = build.resolve(text)
    assert diagnostics == ()
    assert (rule.matches, rule.unless) == ((Pattern("a"), Pattern("b")), (Pattern("c"),))
    assert (rule.removes, rule.reason, rule.until) == (("r",), "because", 1893456000)
    assert (rule.severity, rule.tags, rule.tools) == (Severity.HIGH, ("x", "y"), ("shell", "Edit"))
    assert rule.clients == ("codex-cli",)
    assert rule.examples == (Example(True, "a", 13), Example(False, "c", 14))


@pytest.mark.parametrize("time", ["2030-01-01", '"2030-01-01"', "2030-01-01T00:00", "2030-01-01T00:00Z"])
def test_times_without_a_zone_are_utc(build: SimpleNamespace, time: str) -> None:
    (rule,), _ = build.resolve(f'except "t"\n  for "x"\n  match a\n  until {time}')
    assert rule.until == 1893456000


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ('block "t"\n  match argument("x")', False),
        ('block "t"\n  match argument("x") or with_flags("-r")', True),
        ('block "t"\n  match argument("x")\n  unless with_flags("-r")', False),
        ('suspicious "t"\n  match not command("x")', True),
        ('watch "t"\n  match command("x")', False),
        ('allow "t"\n  match command("x")', False),
        ('block "t"\n  match command("x")\n  unknown pass', False),
        ('block "t"\n  match argument("x")\n  unknown ask', True),
        ('block "t"\n  match pattern', False),
    ],
)
def test_unknown_is_worth_what_the_predicates_say(build: SimpleNamespace, text: str, asks: bool) -> None:
    (rule,), _ = build.resolve(text)
    assert rule.unknown_asks is asks
    assert rule.unknown_given is ("unknown" in text)


def test_disabled_rules_are_checked_and_left_out(build: SimpleNamespace) -> None:
    rules, diagnostics = build.resolve('block "a"\n  enabled false\n  match x\nblock "b"\n  match y')
    assert ([rule.name for rule in rules], diagnostics) == (["b"], ())
    rules, diagnostics = build.resolve('block "a"\n  enabled false\n  match (')
    assert [found.code for found in diagnostics] == ["bad-pattern"]


def test_rules_with_errors_are_left_out(build: SimpleNamespace) -> None:
    rules, diagnostics = build.resolve('block "a"\n  match nix("x")\nblock "b"\n  match y')
    assert [rule.name for rule in rules] == ["b"]
    assert len(diagnostics) == 1


def test_layers_are_told_apart(layered: Layered) -> None:
    files = layered(
        [
            ("project", "p.rules", 'block "p"\n  match m()'),
            ("shipped", "s.rules", 'macro m = command("x")\nblock "s"\n  match m()'),
        ]
    )
    rules, diagnostics = resolve(files, {})
    assert diagnostics == ()
    assert [(rule.layer, rule.name, rule.tier) for rule in rules] == [
        ("shipped", "s", Tier.BLOCK),
        ("project", "p", Tier.BLOCK),
    ]


def test_exception_to_a_rule_that_is_gone_warns(build: SimpleNamespace) -> None:
    rules, (diagnostic,) = build.resolve('except "e"\n  for "gone"\n  match x')
    assert len(rules) == 1
    assert diagnostic.level is Level.WARNING


def test_exception_to_self_protection_is_left_out(layered: Layered) -> None:
    files = layered(
        [
            ("shipped", "s.rules", 'block "guard"\n  match x\n  tags "self-protection"'),
            ("user", "u.rules", 'except "e"\n  for "guard"\n  match x'),
        ]
    )
    rules, (diagnostic,) = resolve(files, {})
    assert [rule.name for rule in rules] == ["guard"]
    assert (diagnostic.code, diagnostic.level) == ("self-protection", Level.ERROR)


def test_macros_that_double_are_refused_quickly(build: SimpleNamespace) -> None:
    macros = "\n".join(f"macro m{n} = m{n + 1}() and m{n + 1}()" for n in range(40))
    _, diagnostics = build.resolve(f'{macros}\nmacro m40 = command("x")\nblock "t"\n  match m0()')
    assert {found.code for found in diagnostics} <= {"too-large", "too-deep"}
    assert diagnostics


@pytest.mark.parametrize("order", [1, -1])
def test_long_chains_of_macros_and_lists_are_refused(build: SimpleNamespace, order: int) -> None:
    lines = [f"macro m{n} = not m{n + 1}()" for n in range(500)] + ['macro m500 = command("x")']
    _, diagnostics = build.resolve("\n".join(lines[::order]))
    assert {found.code for found in diagnostics} == {"too-deep"}
    lines = [f"list l{n} = l{n + 1}" for n in range(500)] + ['list l500 = "x"']
    _, diagnostics = build.resolve("\n".join(lines[::order]))
    assert {found.code for found in diagnostics} <= {"too-deep"}
