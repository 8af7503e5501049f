from collections.abc import Callable

import pytest

from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Script
from security_hooks.model.word import Word


def shown(word: Word | None) -> str:
    return "".join([part if isinstance(part, str) else "*" for part in word.parts]) if word is not None else ""


@pytest.mark.parametrize(
    ("option", "written"),
    [
        ("--transform 's@.*@/etc/cron.d/x@'", "/etc/cron.d/x"),
        ("--xform='s,^,/etc/,'", "/etc"),
        ("--xform s@.*@/etc/x@", "/etc/x"),
        ("--transform 's|.*|/etc/&|'", "/etc/*"),
        (r"--transform 's/\(.*\)/\/etc\/\1/'", "/etc/*"),
        ("--transform 's/x/y/;s|.*|/etc/z|'", "/etc/z"),
        ("--transform 's/a/../'", "/home/me"),
        ('--transform "$X"', "*"),
        ("-P", "/"),
    ],
)
def test_the_names_that_members_get_are_written(read: Callable[[str], Script], option: str, written: str) -> None:
    effects = read(f"tar -x -f a.tar {option}").commands[0].effects
    assert written in [shown(effect.target) for effect in effects if effect.kind is EffectKind.WRITES]


def test_a_part_of_a_name_that_is_taken_away_writes_nothing_else(read: Callable[[str], Script]) -> None:
    effects = read("tar -x -f a.tar --transform 's,.*/,,'").commands[0].effects
    assert [shown(e.target) for e in effects if e.kind is EffectKind.WRITES] == ["/home/me/project"]


@pytest.mark.parametrize("option", ["RemoteForward=1 h:2", "RemoteForward 1 h:2", "REMOTEFORWARD=1 h:2"])
def test_a_setting_may_have_a_blank_before_its_value(read: Callable[[str], Script], option: str) -> None:
    effects = read(f"ssh -o '{option}' host").commands[0].effects
    assert [shown(effect.target) for effect in effects if effect.object == "setting"] == ["remoteforward=1 h:2"]
