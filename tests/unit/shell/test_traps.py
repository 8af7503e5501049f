import pytest

from security_hooks.catalogue.load import load
from security_hooks.model.event import Place
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

CATALOGUE = load({"x.toml": b'schema = 2\nbuiltins = ["trap", "cd", "read", "local", "unset", "exit"]'})
PLACE = Place("/w", "/home/me", "/w")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("T=a; trap 'rm $T' EXIT", ["rm a"]),
        ("T=a; trap 'rm $T' EXIT; p; U=b", ["rm a"]),
        ("T=a; trap 'rm $T' EXIT INT; T=b", ["rm a", "rm $T"]),
        ("T=a U=b; trap 'rm $T $U' 0; read T", ["rm a b", "rm $T b"]),
        ("T=a; trap 'rm $T' EXIT; unset T", ["rm a", "rm $T"]),
        ("(T=a; trap 'rm $T' EXIT); T=b", ["rm a", "rm $T"]),
        ("c() { rm $T; }; T=a; trap c EXIT", ["rm a"]),
        ("f() { local T=a; trap 'rm $T' EXIT; }; f", ["rm $T"]),
        ("set a; trap 'rm $1' EXIT", ["rm $1"]),
        ("exit; T=a; trap 'rm $T' EXIT", ["rm a"]),
        ("trap 'T=b; rm $T' EXIT; T=a", ["rm b"]),
    ],
)
def test_a_trap_has_what_variables_held_unless_they_were_set_later(text: str, shown: list[str]) -> None:
    script = read_script(text, PLACE, CATALOGUE, ShellLimits())
    found = [command for command in script.commands if command.program == "rm"]
    assert [
        " ".join("".join(part if isinstance(part, str) else part.source for part in word.parts) for word in rm.words)
        for rm in found
    ] == shown
