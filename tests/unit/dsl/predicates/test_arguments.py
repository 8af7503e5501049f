"""`argument` and `subcommand`."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.truth import Truth

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


@pytest.mark.parametrize(
    ("condition", "script", "truth"),
    [
        ('argument("/")', "rm -r /", YES),
        ('argument("-r")', "rm -r /", YES),
        ('argument("rm")', "rm -r /", NO),
        ('argument("/", "~")', "rm ~", YES),
        ('argument("*/.ssh/*")', "cat /home/p/.ssh/id", YES),
        ('argument("*.pem")', "cat x.pem", YES),
        ('argument("*.pem")', "cat x.pem.txt", NO),
        ('argument("/")', 'rm "$X"', UNKNOWN),
        ('argument("/")', 'rm "$X"/x.py', NO),
        ('argument("/*")', 'rm /"$X"', YES),
        ('argument("/")', 'rm "$X" /', YES),
        ('argument("")', "rm x", NO),
    ],
)
def test_argument(build: SimpleNamespace, condition: str, script: str, truth: Truth) -> None:
    assert build.ask(condition, build.facts(script)[0]) is truth


@pytest.mark.parametrize(
    ("condition", "script", "subcommands", "truth"),
    [
        ('subcommand("push")', "git push x", ("push",), YES),
        ('subcommand("push")', "git -C x push y", ("push",), YES),
        ('subcommand("pu*")', "git push x", ("push",), YES),
        ('subcommand("push")', "git pull push", ("pull",), NO),
        ('subcommand("pull", "push")', "git push", ("push",), YES),
        ('subcommand("remote add")', "git remote add x", ("remote", "add"), YES),
        ('subcommand("remote")', "git remote add x", ("remote", "add"), YES),
        ('subcommand("remote add")', "git remote rm x", ("remote", "rm"), NO),
        ('subcommand("remote add")', 'git remote "$X"', ("remote",), UNKNOWN),
        ('subcommand("remote add")', 'git fetch "$X"', ("fetch",), NO),
        ('subcommand("push")', 'git "$X" y', (), UNKNOWN),
        ('subcommand("push")', 'git "$X"/y', (), NO),
        ('subcommand("push")', 'git status "$X"', ("status",), NO),
        ('subcommand("deploy")', "tool -v deploy prod", (), YES),
        ('subcommand("deploy")', "tool prod deploy", (), NO),
        ('subcommand("push")', "$X push", (), UNKNOWN),
        ('subcommand("push")', "$X pull", (), NO),
    ],
)
def test_subcommand(
    build: SimpleNamespace, condition: str, script: str, subcommands: tuple[str, ...], truth: Truth
) -> None:
    (facts,) = build.facts(script, subcommands=subcommands)
    assert build.ask(condition, facts) is truth


@pytest.mark.parametrize(("script", "covered"), [("tool status x", YES), ("tool -c status deploy", NO)])
def test_allow_takes_no_option_value_for_a_subcommand(build: SimpleNamespace, script: str, covered: Truth) -> None:
    rule = build.compile('allow "t"\n  match command("tool") subcommand("status")')
    assert rule.match(build.facts(script)[0]) is covered
