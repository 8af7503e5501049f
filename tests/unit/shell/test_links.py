from collections.abc import Callable

import pytest

from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Script
from security_hooks.model.world import NOWHERE, Entry
from security_hooks.shell.links import Linked


def _reached(script: Script, kind: EffectKind) -> set[str]:
    effects = [effect for command in script.commands for effect in command.effects if effect.kind is kind]
    words = [word for effect in effects for word in (effect.real or effect.target,) if word is not None]
    return {word.literal for word in words if word.literal is not None}


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [
        ("ln -s / top; rm -r top/*", EffectKind.DELETES, "/"),
        ("ln -s /srv/data top && rm -r top/", EffectKind.DELETES, "/srv/data"),
        ("ln -sfn /srv/data top; cat top/a/b", EffectKind.READS, "/srv/data/a/b"),
        ("ln -s /dev/vda disk; dd if=x of=disk", EffectKind.WRITES, "/dev/vda"),
        ("ln -s /srv a; ln -s a/data b; rm b/x", EffectKind.DELETES, "/srv/data/x"),
        ("ln -s /srv/data ./; cat data/x", EffectKind.READS, "/srv/data/x"),
        ("ln -s /srv/data; cat data/x", EffectKind.READS, "/srv/data/x"),
    ],
)
def test_a_link_made_by_the_script_leads_where_it_leads(
    read: Callable[[str], Script], text: str, kind: EffectKind, path: str
) -> None:
    assert path in _reached(read(text), kind)


@pytest.mark.parametrize(
    "text", ["ln -s /srv/data top; rm -r top", "rm -r top/; ln -s /srv/data top", "ln -s /srv/data top; mv top x"]
)
def test_a_link_that_goes_itself_leaves_alone_what_it_leads_to(read: Callable[[str], Script], text: str) -> None:
    script = read(text)
    assert "/srv/data" not in _reached(script, EffectKind.DELETES) | _reached(script, EffectKind.MOVES)


def test_links_in_a_circle_end() -> None:
    world = Linked(NOWHERE, (("/a", "/b"), ("/b", "/a")))
    assert world.kind("/a/x") is Entry.MISSING
    assert world.real("/c") == "/c"


@pytest.mark.parametrize(
    "text",
    [
        "cp /bin/rm ./ls; ./ls -r x",
        "ln -s /bin/rm tools/ls; tools/ls -r x",
        "install -m755 /bin/rm ./ls; ./ls -r x",
        'cp "$(which rm)" ls; ./ls -r x',
        'cp "$(command -v rm)" ls; ./ls -r x',
        "hash -p /bin/rm ls; ls -r x",
        "ln -s /bin/rm bin/ls; PATH=bin:$PATH; ls -r x",
        "ln -s /bin/rm bin/ls; PATH=bin:$PATH ls -r x",
    ],
)
def test_a_program_under_a_new_name_is_that_program(read: Callable[[str], Script], text: str) -> None:
    assert any(command.program == "rm" and command.folded.endswith("-r x") for command in read(text).commands)


@pytest.mark.parametrize("text", ["cp /bin/ls ./rm; ls -r x", "cp data/a ./ls; ./ls -r x", "hash -r; ls -r x"])
def test_other_names_stay_what_they_are(read: Callable[[str], Script], text: str) -> None:
    assert "rm" not in [command.program for command in read(text).commands]
