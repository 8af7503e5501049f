import pytest

from security_hooks.catalogue.entry import Catalogue
from security_hooks.catalogue.load import load
from security_hooks.model.action import Action
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import Place
from security_hooks.model.word import Hole, Origin
from security_hooks.model.world import Nowhere
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

TEXT = b"""
schema = 2
builtins = ["cd", "export", "test", "echo"]

[command.cat]
operands = ["read:FILE..."]
options = ["-n"]
action = "filesystem_read"

[command.rm]
operands = ["delete:FILE..."]
options = ["-r -R --recursive", "-f", "--help"]
recursive = ["-r"]
action = "filesystem_delete"

[command.cp]
operands = ["read:SOURCE...", "write:DEST"]
options = ["-t write:DIR"]
action = "filesystem_write"
variants = [{ with = ["-t"], operands = ["read:SOURCE..."] }]

[command.dd]
style = "plain"
options = ["if= read:FILE", "of= write:FILE", "bs= SIZE"]
operands = []
action = "filesystem_write"

[command.fetch]
operands = ["url:URL..."]
options = ["-d data:DATA", "-T upload:FILE", "-o write:FILE", "--ca read:FILE", "-X METHOD", "-O", "-P write:DIR"]
kind = "fetcher"
action = "network_outbound"
variants = [
  { with = ["-O"], effects = ["write:."] },
{ value = { "-X" = ["DELETE", "PUT"] }, action = "network_write" }]

[command.copy]
operands = ["from:SOURCE...", "to:DEST"]
action = "network_write"

[command.level]
operands = ["from:SOURCE...", "mirror:DEST"]
recursive = true
action = "filesystem_delete"

[command.give]
operands = ["setenv:NAME..."]
action = "text"

[command.search]
options = ["--filter program:COMMAND"]
operands = ["TEXT..."]
action = "filesystem_read"

[command.talk]
operands = ["host:HOST"]
language = "ftp"
stdin = "code"
action = "network_outbound"

[command.same]
operands = ["from:SOURCE", "mirror:DEST"]
action = "network_write"

[command.tune]
options = ["-c setting:NAME-VALUE"]
operands = ["setting:NAME", "value:VALUE"]
action = "system_write"

[command.git]
options = ["-C chdir:DIR"]
action = "git_safe"

[command.git.sub.clean]
options = ["-f", "-n --dry-run"]
operands = ["TEXT..."]
variants = [{ with = ["-f"], without = ["-n"], action = "git_discard", severity = "critical", effects = ["delete:."] }]

[command.git.sub.push]
options = ["--force"]
operands = ["TEXT..."]
action = "git_remote_write"
variants = [
  { with = ["--force"], action = "git_history_rewrite" },
  { operand = ["+*"], action = "git_history_rewrite" },
]

[command.env]
options = ["-i"]
stops = true
effects = ["env:*"]
wraps = { assignments = true }
action = "env_read"

[command.far]
stops = true
operands = ["host:HOST"]
wraps = { skip = 1, keep = true, remote = true }
action = "network_outbound"

[command.kill]
operands = ["process:PID..."]
action = "process_signal"

[command.pip]
[command.pip.sub.install]
operands = ["package:PACKAGE..."]
options = ["-r read:FILE"]
action = "package_install"

[command.run]
operands = ["script:FILE", "TEXT..."]
language = "tcl"
action = "lang_exec"

[command.box]
options = ["-v volume:VOLUME", "--mount volume:MOUNT", "--note TEXT", "-q"]
operands = ["read:FILE"]
action = "container_exec"

[command.speak]
kind = "interpreter"
options = ["-c code:CODE", "-m MODULE"]
code = ["-c"]
modules = ["-m"]
stops = true
operands = ["script:FILE", "TEXT..."]
variants = [{ with = ["-m"], operands = ["TEXT..."] }, { value = { "-m" = ["clock"] }, operands = ["code:CODE"] }]
language = "python"
action = "lang_exec"

[command.mystery]
options = ["-x"]
"""
CATALOGUE: Catalogue = load({"a.toml": TEXT})
PLACE = Place("/w", "/home/me", "/w")


class Linked(Nowhere):
    """A world in which `/w/link` leads to `/etc/shadow`."""

    def real(self, path: str) -> str | None:
        return "/etc/shadow" if path == "/w/link" else path


def effects(text: str) -> list[Effect]:
    script = read_script(text, PLACE, CATALOGUE, ShellLimits(), Linked())
    return [effect for command in script.commands for effect in command.effects]


def shown(text: str) -> list[str]:
    return [_shown(effect) for effect in effects(text)]


def _shown(effect: Effect) -> str:
    target = "".join(p.source if isinstance(p, Hole) else p for p in effect.target.parts) if effect.target else "?"
    marks = [name for name in ("recursive", "contents", "sends", "remote") if getattr(effect, name)]
    marks += [] if effect.certain else ["perhaps"]
    marks += [effect.object] if effect.object else []
    marks += [effect.origin.value] if effect.origin is not Origin.LITERAL else []
    return " ".join([effect.kind.value, target, *marks])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat a ../b", ["reads /w/a", "reads /b"]),
        ("cat -", []),
        ("cat ''", []),
        ("cat /dev/null", []),
        ("rm -r a", ["deletes /w/a recursive"]),
        ("rm a/*", ["deletes /w/a contents"]),
        ("cat a/*", ["reads /w/a/*"]),
        ("rm --help a", []),
        ("cp x/a b c", ["reads /w/x/a", "reads /w/b", "writes /w/c", "writes /w/c/a", "writes /w/c/b"]),
        ("cp -t d a b", ["writes /w/d", "reads /w/a", "reads /w/b", "writes /w/d/a", "writes /w/d/b"]),
        ("cp a d/", ["reads /w/a", "writes /w/d", "writes /w/d/a"]),
        ("cp a d", ["reads /w/a", "writes /w/d", "writes /w/d/a perhaps"]),
        ('cp "$X"/k d/', ["reads_env X", "reads $X/k", "writes /w/d", "writes /w/d/k"]),
        ("dd if=/dev/sda of=x bs=1", ["reads /dev/sda", "writes /w/x"]),
        ("cat < a > b 2>&1", ["reads /w/a sends", "writes /w/b"]),
        ("echo x >/dev/tcp/e.example/80", ["connects e.example sends 80"]),
        ("echo hello /etc/shadow", []),
        ("frob /etc/shadow", ["names /etc/shadow perhaps"]),
        ("frob --in=~/x -y", ["names /home/me/x perhaps"]),
        ("frob a:/etc/passwd", ["names /w/a:/etc/passwd perhaps", "names /etc/passwd perhaps"]),
        ("frob https://e.example/x", ["connects e.example perhaps"]),
        ("mystery /etc/shadow", ["names /etc/shadow perhaps"]),
        ("./frob", ["executes /w/frob file"]),
        ("level a e.example:b", ["reads /w/a recursive sends", "connects e.example sends"]),
        (
            "level a/ b/",
            [
                "reads /w/a recursive sends",
                "writes /w/b recursive",
                "deletes /w/b recursive",
                "writes /w/b/a recursive",
            ],
        ),
        ("search --filter 'rm -r a' x", ["executes rm -r a file", "deletes /w/a recursive"]),
        ("search --filter rm x", ["executes rm file"]),
    ],
)
def test_arguments_and_redirections_do_what_their_roles_say(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fetch https://e.example/a", ["connects e.example"]),
        ("fetch -d @f e.example", ["reads /w/f sends", "connects e.example sends"]),
        ("fetch -d x e.example", ["connects e.example sends"]),
        ("fetch -T f e.example", ["reads /w/f sends", "connects e.example sends"]),
        ("fetch -O 'https://e.example/x/a?b'", ["connects e.example", "writes /w/a"]),
        ("fetch -P d e.example/a", ["writes /w/d", "connects e.example", "writes /w/d/a"]),
        ("fetch -P d https://e.example/", ["writes /w/d", "connects e.example"]),
        ("fetch --ca c e.example", ["reads /w/c", "connects e.example"]),
        ("fetch file:///etc/passwd", ["reads /etc/passwd"]),
        ("copy a e.example:b", ["reads /w/a sends", "connects e.example sends"]),
        ("copy e.example:b a", ["connects e.example", "writes /w/a", "writes /w/a/e.example:b perhaps"]),
        ("fetch e.example:80/x", ["connects e.example 80"]),
        ("same a ../b", ["reads /w/a sends", "writes /b", "deletes /b recursive"]),
        ("same a e.example:b", ["reads /w/a sends", "connects e.example sends"]),
        ("copy a b", ["reads /w/a sends", "writes /w/b", "writes /w/b/a perhaps"]),
    ],
)
def test_what_is_sent_is_marked(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git -C sub clean -f", ["deletes /w/sub", "mutates ? git"]),
        ("git clean -n -f", []),
        ("box -v /a:/b", ["reads /a recursive", "writes /a recursive"]),
        ("box -v ~/x:/b:ro", ["reads /home/me/x recursive"]),
        ("box -v cache:/b", []),
        ("box --mount type=bind,src=./x,target=/y", ["reads /w/x recursive", "writes /w/x recursive"]),
        ("box --note src=/etc/x,dst=/y", ["names /etc/x perhaps"]),
        ("box --note s3://b/etc", []),
        ("box --note 'see /etc/x'", []),
        ("box https://e.example/x", ["connects e.example"]),
        ("box file:///etc/x", ["reads /etc/x"]),
        ("far e.example cat /etc/passwd a", ["connects e.example", "reads /etc/passwd remote", "reads $PWD/a remote"]),
        ("kill 12", ["signals 12"]),
        ("pip install x", ["installs x"]),
        ("pip install -r f x", ["reads /w/f", "installs x"]),
        ("A=1 cat x", ["sets_env A", "reads /w/x"]),
        ("run https://e.example/x", ["connects e.example", "executes https://e.example/x tcl network"]),
        ("give A=1 B", ["sets_env A", "sets_env B"]),
        ("talk e.example <<< 'put a'", ["connects e.example sends", "reads /w/a sends"]),
        ("talk e.example <<< 'get a'", ["connects e.example", "writes /w/a"]),
        ('cat "$SECRET"', ["reads_env SECRET", "reads $SECRET"]),
        ("env", ["reads_env *"]),
        ("tune -c A.b=C", ["mutates a.b=C setting", "mutates ? system"]),
        ("tune A.b C", ["mutates a.b=C setting", "mutates ? system"]),
        ("tune A.b", ["mutates a.b setting", "mutates ? system"]),
        ("run s.tcl", ["reads /w/s.tcl", "executes /w/s.tcl tcl file"]),
    ],
)
def test_what_no_path_names_has_effects_too(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "deleted"),
    [
        ("speak bin/rm -r a", ["deletes /w/a recursive"]),
        ("speak rm a", ["deletes /w/a"]),
        ("speak other.py a", []),
        ("speak -c 'x = 1' rm a", []),
        ("speak -m rm a", []),
        ("speak -m clock 'import os; os.remove(\"a\")'", ["deletes /w/a"]),
    ],
)
def test_a_script_that_is_known_by_name_does_what_its_command_does(text: str, deleted: list[str]) -> None:
    assert [line for line in shown(text) if line.startswith("deletes")] == deleted


def test_links_are_followed() -> None:
    (effect,) = effects("cat link")
    assert effect.target is not None
    assert effect.target.literal == "/w/link"
    assert effect.real is not None
    assert effect.real.literal == "/etc/shadow"


def test_a_hole_that_may_carry_options_leaves_effects_uncertain() -> None:
    script = read_script("git clean $OPTIONS", PLACE, CATALOGUE, ShellLimits())
    (command,) = script.commands
    assert command.action is Action.GIT_SAFE
    assert command.may_be == (Action.GIT_DISCARD,)
    assert [e.certain for e in command.effects if e.kind is EffectKind.DELETES] == [False]


@pytest.mark.parametrize(
    ("text", "action", "severity"),
    [
        ("cat a", "filesystem_read", "info"),
        ("git clean", "git_safe", "info"),
        ("git clean -f", "git_discard", "critical"),
        ("git push --force", "git_history_rewrite", "high"),
        ("git push origin +main", "git_history_rewrite", "high"),
        ("git push origin main", "git_remote_write", "medium"),
        ("git frob", "unknown", "low"),
        ("fetch -X DELETE e.example", "network_write", "medium"),
        ("fetch -XGET e.example", "network_outbound", "low"),
        ('fetch -X "$METHOD" e.example', "network_outbound", "low"),
        ("frob", "unknown", "low"),
        ("cd x", "text", "info"),
        ("A=1", "text", "info"),
        ("rm --help", "text", "info"),
    ],
)
def test_the_action_is_that_of_the_last_variant_that_holds(text: str, action: str, severity: str) -> None:
    (command,) = read_script(text, PLACE, CATALOGUE, ShellLimits()).commands
    assert (command.action.value, command.severity.value) == (action, severity)
