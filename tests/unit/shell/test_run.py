from collections.abc import Callable

import pytest

from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Script


def paths(script: Script, kind: EffectKind) -> list[str]:
    effects = [effect for command in script.commands for effect in command.effects if effect.kind is kind]
    return ["<hole>" if e.target.literal is None else e.target.literal for e in effects if e.target is not None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo /etc/shadow | cpio -o", ["/etc/shadow"]),
        ("printf '/a\\n/b c\\n' | zip x.zip -@", ["/a", "/b c"]),
        ("tar -c -T - <<X\n/a\nb\nX", ["/a", "/home/me/project/b"]),
        ("echo a | tar -C / -c -T -", ["/a"]),
        ("{ echo /a; echo /b; } | cpio -o", ["/a", "/b"]),
        ("echo /etc/shadow > l; cpio -o < l", ["/home/me/project/l", "/etc/shadow"]),
        ("echo /etc/shadow > l; tar -c -T l", ["/home/me/project/l", "/etc/shadow"]),
        ("echo /etc/shadow | xargs cat", ["/etc/shadow"]),
        ("echo /etc/shadow | parallel cat", ["/etc/shadow"]),
        ("find / | cpio -o", ["/"]),
        ("echo /etc/shadow | tar -c x", ["/home/me/project/x"]),
        ("echo /etc/shadow | cpio -i", []),
    ],
)
def test_operands_may_stand_on_standard_input(read: Callable[[str], Script], text: str, expected: list[str]) -> None:
    assert paths(read(text), EffectKind.READS) == expected


def test_what_is_listed_is_deleted_where_operands_are(read: Callable[[str], Script]) -> None:
    assert paths(read("echo /etc | tar -c --remove-files -T -"), EffectKind.DELETES) == ["/etc"]
