from collections.abc import Callable

import pytest

from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Script


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("env -C / sh -c 'rm -rf etc'", "/etc"),
        ("env -C / sh -c 'rm -rf *'", "/"),
        ("sudo -D /srv sh -c 'rm -rf x'", "/srv/x"),
        ("systemd-run --working-directory=/ sh -c 'rm -rf etc'", "/etc"),
        ("git -C / -c alias.x='!rm -rf etc' x", "/etc"),
        ("npm --prefix /srv exec -c 'rm -rf x'", "/srv/x"),
        ("env -C /srv env -C y sh -c 'rm -rf x'", "/srv/y/x"),
        ("env -C /srv sh -c 'cd y && rm -rf x'", "/srv/y/x"),
        ("env -C / sh <<< 'rm -rf etc'", "/etc"),
        ("env -C / sh -c 'sh -c \"rm -rf etc\"'", "/etc"),
        ("sh -c 'rm -rf x'", "/home/me/project/x"),
    ],
)
def test_code_runs_in_the_directory_that_its_wrapper_goes_to(
    read: Callable[[str], Script], text: str, expected: str
) -> None:
    deleted = [e.target for c in read(text).commands for e in c.effects if e.kind is EffectKind.DELETES]
    assert [word.literal for word in deleted if word is not None] == [expected]


def test_a_directory_that_is_not_known_is_not_the_old_one(read: Callable[[str], Script]) -> None:
    deleted = [e.target for c in read('env -C "$X" sh -c "rm -rf y"').commands for e in c.effects]
    assert all(word is None or word.literal != "/home/me/project/y" for word in deleted)
    assert read('env -C "$X" sh -c "rm -rf y"').commands[-1].program == "rm"
