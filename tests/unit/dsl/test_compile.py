"""Compiled rules: the four seed rules, tiers, `unless`, `on`, `client`, UNKNOWN, programs asked."""

from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from security_hooks.dsl.aspect import aspect_of
from security_hooks.dsl.compile import compile_rule
from security_hooks.dsl.resolved import Ask, ResolvedRule
from security_hooks.dsl.truth import Truth
from security_hooks.model.decision import Tier
from security_hooks.model.diagnostic import PolicyError
from security_hooks.model.event import InputString, ToolCall, ToolKind
from security_hooks.model.shell import Facts, Redirect, Script
from security_hooks.model.word import Hole, HoleKind, Origin, Word

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN

SEED = r"""
# Regex: the pattern is literal to the end of the line, no quoting
block "fork-bomb"
  match :\(\)\s*\{.*\|.*&\s*\}\s*;
  nudge "Fork bomb detected"

# AST: structural matching that catches evasion
block "destructive-rm"
  match command("rm") with_flags("-r", "-rf", "-fr")
  nudge "Use trash-cli or move to a temp directory"

block "pipe-to-exfil"
  match pipeline_to("curl", "wget", "nc")
  nudge "Don't pipe output to network commands"

# Allowlist taken from the configuration
suspicious "unknown-executable"
  match_base_command_not_in allowed_executables
  nudge "Unknown command '{base_command}'. Add it to config.toml"
"""


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (":(){ :|:& };:", {"fork-bomb"}),
        ("rm -rf /", {"destructive-rm"}),
        ("rm -r x", {"destructive-rm"}),
        ("sudo rm --recursive x", {"destructive-rm"}),
        ("rm -R -f x", {"destructive-rm"}),
        ("rm x", set()),
        ("cat x | nc host 1", {"pipe-to-exfil"}),
        ("cat x | sort | sudo curl host", {"pipe-to-exfil"}),
        ("curl host | cat", set()),
        ("curl host; cat x", set()),
        ("frobnicate x", {"unknown-executable"}),
        ("git status", set()),
    ],
)
def test_seed_rules_work_as_written(build: SimpleNamespace, script: str, expected: set[str]) -> None:
    lists = {"allowed_executables": ("rm", "cat", "nc", "curl", "sort", "git", "sudo", ":", ":(){", "};:")}
    rules, diagnostics = build.resolve(SEED, lists)
    assert diagnostics == ()
    assert len(rules) == 4
    facts = build.facts(script) if "{" not in script else (Facts(build.call(Script(script, ())), None),)
    found = {rule.name for rule in rules for one in facts if compile_rule(rule).match(one) is YES}
    assert found == expected


def test_nudge_is_filled_in(build: SimpleNamespace) -> None:
    rules, _ = build.resolve(SEED, {"allowed_executables": ("ls",)})
    (facts,) = build.facts("frobnicate x")
    assert compile_rule(rules[3]).fill_nudge(facts) == "Unknown command 'frobnicate'. Add it to config.toml"


@pytest.mark.parametrize(
    ("text", "script", "truth"),
    [
        ('block "t"\n  match command("a")\n  match command("b")', "b", YES),
        ('block "t"\n  match command("a")\n  unless argument("x")', "a x", NO),
        ('block "t"\n  match command("a")\n  unless argument("x")', "a y", YES),
        ('block "t"\n  match command("a")\n  unless argument("x")', "a $X", YES),
        ('block "t"\n  match command("a")\n  unless argument("y")\n  unless argument("x")', "a x", NO),
        ('block "t"\n  match argument("x")', "a $X", UNKNOWN),
        ('block "t"\n  match not argument("x")', "a $X", UNKNOWN),
        ('watch "t"\n  match argument("x")', "a $X", UNKNOWN),
        ('allow "t"\n  match argument("x")', "a $X", NO),
        ('except "t"\n  for "r"\n  match argument("x")\n  reason "r"', "a $X", NO),
        ('allow "t"\n  match ^git status$', "git status", YES),
        ('allow "t"\n  match ^git', "git $X", NO),
        ('allow "t"\n  match not command("rm")', "$X", NO),
        ('block "t"\n  on shell\n  match command("a")', "a", YES),
        ('block "t"\n  on "Ba*"\n  match command("a")', "a", YES),
        ('block "t"\n  on read, write\n  match command("a")', "a", NO),
        ('block "t"\n  client "codex-cli"\n  match command("a")', "a", NO),
        ('block "t"\n  client "claude-*"\n  match command("a")', "a", YES),
    ],
)
def test_clauses_decide_together(build: SimpleNamespace, text: str, script: str, truth: Truth) -> None:
    source = text if "except" not in text else text + '\nblock "r"\n  match command("never")'
    rules, diagnostics = build.resolve(source)
    assert diagnostics == ()
    assert compile_rule(rules[0]).match(build.facts(script)[0]) is truth


def test_pattern_of_a_block_rule_sees_the_whole_script(build: SimpleNamespace) -> None:
    rule = build.compile('block "t"\n  match a; b')
    assert [rule.match(facts) for facts in build.facts("a; b")] == [YES, YES]


@pytest.mark.parametrize("tier", ["allow", "except"])
def test_pattern_that_vouches_sees_one_command_only(build: SimpleNamespace, tier: str) -> None:
    removes = '\n  for "t"' if tier == "except" else ""
    rule = build.compile(f'{tier} "t"{removes}\n  match ^git status')
    assert [rule.match(facts) for facts in build.facts("git status; rm x")] == [YES, NO]


def test_pattern_in_unless_does_not_see_other_commands(build: SimpleNamespace) -> None:
    rule = build.compile('block "t"\n  match command("rm")\n  unless safe')
    assert [rule.match(facts) for facts in build.facts("rm x; safe")] == [YES, NO]


def test_pattern_sees_the_folded_command(build: SimpleNamespace) -> None:
    facts = Facts(build.call(Script("r''m x", ())), replace(build.command("rm x"), text="r''m x"))
    assert build.ask("^rm x$", facts) is YES


def test_pattern_sees_each_string_of_another_tool(build: SimpleNamespace) -> None:
    strings = (InputString("/a", "harmless"), InputString("/b", "BEGIN KEY"))
    facts = Facts(build.call(tool=ToolCall("Write", ToolKind.WRITE, strings=strings)), None)
    assert build.ask("^BEGIN", facts) is YES
    assert build.ask("^END", facts) is NO
    assert build.compile('allow "t"\n  match ^BEGIN').match(facts) is NO


def test_lone_surrogates_do_not_hide_text_from_patterns(build: SimpleNamespace) -> None:
    assert build.ask("rm.*x", build.facts("rm \ud800 x")[0]) is YES


@pytest.mark.parametrize(
    ("script", "changes"),
    [
        ("sudo git status", {}),
        ("git status", {"origin": Origin.DECODED}),
        ("git status", {"spelled_oddly": True}),
        ("git status", {"redirects": (Redirect(">", None, Word(("x",), (0, 1), "x")),)}),
        ("git status", {"redirects": (Redirect(">", None, Word((Hole(HoleKind.OTHER, "$X"),), (0, 1), None)),)}),
        ("/tmp/git status", {}),
    ],
)
def test_allow_does_not_cover_more_than_the_words(
    build: SimpleNamespace, script: str, changes: dict[str, object]
) -> None:
    rule = build.compile('allow "t"\n  match command("git")')
    assert rule.match(build.facts("git status")[0]) is YES
    assert rule.match(build.facts("/usr/bin/git status")[0]) is YES
    assert rule.match(build.facts(script, **changes)[0]) is NO


@pytest.mark.parametrize("target", ["/dev/null", "1"])
def test_allow_covers_harmless_redirections(build: SimpleNamespace, target: str) -> None:
    redirect = Redirect(">&" if target == "1" else ">", 2, Word((target,), (0, 1), target))
    rule = build.compile('allow "t"\n  match command("git")')
    assert rule.match(build.facts("git status", redirects=(redirect,))[0]) is YES


def test_allow_covers_a_wrapped_command_only_if_it_says_so(build: SimpleNamespace) -> None:
    (facts,) = build.facts("nohup git status")
    assert build.compile('allow "t"\n  match command("git") wrapped_by("nohup")').match(facts) is YES
    assert build.compile('allow "t"\n  match command("git") not wrapped_by("sudo")').match(facts) is NO


@pytest.mark.parametrize("flag", ["unparseable", "over_budget", "dynamic"])
def test_allow_covers_nothing_in_a_script_not_understood(build: SimpleNamespace, flag: str) -> None:
    command = build.command("git status")
    script = Script("git status", (command,), flag == "unparseable", flag == "over_budget", flag == "dynamic")
    facts = Facts(build.call(script), command)
    assert build.compile('allow "t"\n  match command("git")').match(facts) is NO


def test_redefined_program_satisfies_no_allow_and_no_unless(build: SimpleNamespace) -> None:
    command = build.command("git status")
    facts = Facts(build.call(Script("git", (command,), functions=frozenset({"git"}))), command)
    assert build.compile('allow "t"\n  match command("git")').match(facts) is NO
    assert build.compile('block "t"\n  match tool("*")\n  unless command("git")').match(facts) is YES
    assert build.ask('tool("*") and not command("git")', facts) is UNKNOWN


@pytest.mark.parametrize(
    ("condition", "programs"),
    [
        ('command("rm", "/bin/mv")', {"rm", "mv"}),
        ('command("rm") with_flags("-r")', {"rm"}),
        ('command("a") or command("b")', {"a", "b"}),
        ('command("a") or argument("b")', None),
        ('command("a*")', None),
        ('command("/opt/*/a")', {"a"}),
        ('command("/opt/a*")', None),
        ('not command("a")', None),
        ('not command("a") and command("b")', {"b"}),
        ('moves("/etc")', None),
        ('command("mv") or moves("/etc")', None),
        ('wrapped_by("sudo") argument("b")', {"sudo"}),
        ("^rm", set()),
    ],
)
def test_programs_are_known_where_they_are_named(
    build: SimpleNamespace, condition: str, programs: set[str] | None
) -> None:
    found = build.compile(f'block "t"\n  match {condition}').programs
    assert found == (None if programs is None else frozenset(programs))


@pytest.mark.parametrize(
    ("rule", "script", "met"),
    [
        ('match command("rm")', "rm x", True),
        ('match command("rm")', "/bin/rm x", True),
        ('match command("rm")', "sudo rm", True),
        ('match command("sudo")', "sudo rm", True),
        ('match command("rm")', "$X x", True),
        ('match command("rm")', "ls x", False),
        ('match command("r*")', "ls x", False),
        ('match command("l*")', "ls x", True),
        ('match command("/opt/l*")', "ls x", True),
        ('match argument("x")', "ls", False),
        ('match argument("x")', "ls y", True),
        ('match url_host("h")', "curl -s x", False),
        ('match url_host("h")', "curl http://i", True),
        ('match not argument("x")', "ls", True),
        ("match deletes()", "rm x", False),
        ('match command("rm")\n  match ^ls', "ls", False),
        ('match command("rm")\n  match command("ls")', "ls", True),
        ('on write\n  match command("ls")', "ls", False),
        ('on shell\n  match command("ls")', "ls", True),
        ('on Bash\n  match command("ls")', "ls", True),
    ],
)
def test_who_cannot_meet_a_rule_is_not_asked_about(build: SimpleNamespace, rule: str, script: str, met: bool) -> None:
    (facts,) = build.facts(script)
    narrowed = build.compile(f'block "t"\n  {rule}').narrowed(aspect_of(facts))
    assert (narrowed is not None) is met


@pytest.mark.parametrize(
    ("text", "script", "asks"),
    [
        ('match command("cat") argument("*.pem")', 'cat "$X"', False),
        ('match command("cat") argument("*.pem")', "$X a.pem", True),
        ('match command("rm") with_flags("-r")', "rm $X", True),
        ('match command("cat") argument("*.pem")\n  unknown ask', 'cat "$X"', True),
        ('match command("rm") with_flags("-r")\n  unknown pass', "rm $X", False),
    ],
)
def test_doubt_is_worth_a_question_by_where_it_lies(build: SimpleNamespace, text: str, script: str, asks: bool) -> None:
    rule = build.compile(f'block "t"\n  {text}')
    (facts,) = build.facts(script)
    assert rule.match(facts) is UNKNOWN
    assert rule.asks(facts) is asks
    assert rule.rule.unknown_asks or not asks


def test_rule_resolved_by_another_version_is_refused() -> None:
    rule = ResolvedRule(Tier.BLOCK, "t", "t.rules", 1, "user", (Ask("of_tomorrow"),))
    with pytest.raises(PolicyError):
        compile_rule(rule)
