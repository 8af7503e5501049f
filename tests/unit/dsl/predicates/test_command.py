"""`command`, `base_command_not_in`, `origin`, `wrapped_by`."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.truth import Truth
from security_hooks.model.shell import Facts, Script, Wrapper
from security_hooks.model.word import Hole, HoleKind, Origin, Word

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


@pytest.mark.parametrize(
    ("condition", "script", "truth"),
    [
        ('command("rm")', "rm x", YES),
        ('command("rm")', "/bin/rm x", YES),
        ('command("rm")', "./rm x", YES),
        ('command("rm")', "rmdir x", NO),
        ('command("rm", "rmdir")', "rmdir x", YES),
        ('command("rm*")', "rmdir x", YES),
        ('command("[")', "[ -f x ]", YES),
        ('command("/bin/rm")', "/bin/rm x", YES),
        ('command("/bin/rm")', "rm x", NO),
        ('command("./*")', "./run", YES),
        ('command("sudo")', "sudo rm x", YES),
        ('command("rm")', "sudo env rm x", YES),
        ('command("rm")', "$X x", UNKNOWN),
        ('command("rm")', '"$X"', UNKNOWN),
        ('command("rm")', '"$X"/rm x', UNKNOWN),
        ('command("rm")', '"$X".sh', NO),
        ('command("rm")', "$X.sh", UNKNOWN),
        ('command("rm")', "r$X", UNKNOWN),
        ('command("rm")', "git$X", UNKNOWN),
        ('command("rm")', 'git"$X"x', NO),
        ('command("*")', "", NO),
    ],
)
def test_command(build: SimpleNamespace, condition: str, script: str, truth: Truth) -> None:
    (facts,) = build.facts(script) if script != '"$X"/rm x' else build.facts(script, program=None)
    assert build.ask(condition, facts) is truth


@pytest.mark.parametrize(
    ("condition", "script", "truth"),
    [
        ('command("git")', "git x", NO),
        ('command("git")', "/usr/bin/git x", NO),
        ('command("git")', "/tmp/git x", UNKNOWN),
        ('command("git")', "./git x", UNKNOWN),
        ('command("/tmp/git")', "/tmp/git x", NO),
        ('command("sudo")', "sudo x", YES),
        ('command("git")', "$X", UNKNOWN),
        ('command("git")', "ls", YES),
    ],
)
def test_under_not_the_program_must_surely_be_meant(
    build: SimpleNamespace, condition: str, script: str, truth: Truth
) -> None:
    assert build.ask(f"not {condition}", build.facts(script)[0]) is truth


@pytest.mark.parametrize(
    ("script", "changes", "truth"),
    [
        ("ls", {}, NO),
        ("/opt/ls", {}, NO),
        ("frob", {}, YES),
        ("./frob", {}, YES),
        ("frob", {"is_known": True}, NO),
        ("$X", {}, UNKNOWN),
        ("", {}, NO),
        ("sudo ls", {}, YES),
        ("env ls", {}, NO),
        ("ls", {"wrappers": (Wrapper("command", ()),)}, NO),
    ],
)
def test_base_command_not_in(build: SimpleNamespace, script: str, changes: dict[str, object], truth: Truth) -> None:
    lists = {"known": ("ls", "env")}
    assert build.ask("base_command_not_in(known)", build.facts(script, **changes)[0], lists) is truth


def test_nothing_is_known_with_an_empty_list(build: SimpleNamespace) -> None:
    assert build.ask("base_command_not_in(known)", build.facts("ls")[0], {"known": ()}) is YES
    assert build.ask("command(known)", build.facts("ls")[0], {"known": ()}) is NO


@pytest.mark.parametrize(
    ("origin", "truth"),
    [(Origin.DECODED, YES), (Origin.NETWORK, YES), (Origin.LITERAL, NO), (Origin.UNKNOWN, UNKNOWN)],
)
def test_origin(build: SimpleNamespace, origin: Origin, truth: Truth) -> None:
    (facts,) = build.facts("ls", origin=origin)
    assert build.ask('origin("decoded", "network")', facts) is truth
    assert build.ask('origin("unknown")', facts) is (YES if origin is Origin.UNKNOWN else NO)


@pytest.mark.parametrize(("script", "truth"), [("sudo ls", YES), ("env sudo ls", YES), ("env ls", NO)])
def test_wrapped_by(build: SimpleNamespace, script: str, truth: Truth) -> None:
    assert build.ask('wrapped_by("sudo", "do*")', build.facts(script)[0]) is truth


@pytest.mark.parametrize(
    "condition",
    [
        'command("a")',
        'base_command_not_in("a")',
        'subcommand("a")',
        'with_flags("-a")',
        'argument("a")',
        'origin("literal")',
        'wrapped_by("a")',
        'pipeline_to("a")',
        'pipeline_from("a")',
        'inside("loop")',
        "obfuscated()",
    ],
)
def test_without_a_command_only_a_script_not_understood_is_in_doubt(build: SimpleNamespace, condition: str) -> None:
    assert build.ask(condition, Facts(build.call(), None)) is NO
    assert build.ask(condition, Facts(build.call(Script("", ())), None)) is NO
    assert build.ask(condition, Facts(build.call(Script("(", (), unparseable=True)), None)) is UNKNOWN
    assert build.ask(condition, Facts(build.call(Script("x", (), over_budget=True)), None)) is UNKNOWN


def test_program_in_a_word_with_two_holes(build: SimpleNamespace) -> None:
    hole = Hole(HoleKind.PARAMETER, "$X")
    word = Word((hole, "r", hole, "m"), (0, 5), None)
    (facts,) = build.facts("x", words=(word,), program=None)
    assert build.ask('command("rm")', facts) is UNKNOWN
    assert build.ask('command("ls")', facts) is NO
