from collections.abc import Callable

import pytest

from security_hooks.model.shell import Script


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("rm x", False),
        ("r''m x", True),
        ('r""m x', True),
        ("''rm x", True),
        ("r\\m x", True),
        ("\\rm x", False),
        ("r\\\nm x", True),
        ("r'm' x", True),
        ("'r'm x", True),
        ("'rm' x", False),
        ("$'\\x72m' x", True),
        ("$'rm' x", False),
        ("{rm,x}", True),
        ("X=r; ${X}m x", True),
        ("X=rm; $X x", False),
        ("X=/opt; $X/bin/rm x", False),
        ('"$HOME"/bin/rm x', False),
        ("'/opt/a b/rm' x", False),
        ("/opt/'a b'/rm x", False),
        ("$(echo rm) x", True),
        ("rm -r''f x", True),
        ("rm -\\rf x", True),
        ("rm --recursive x''y", False),
        ("sed -i'' s/a/b/ f", False),
        ("grep -e 'a' \"b\" c\\ d", False),
        ("git commit -m'text'", False),
        ("git commit --message=\"a 'b'\"", False),
        ('cc -DX=\\"y\\" f', False),
    ],
)
def test_only_spelling_that_no_person_needs_is_odd(read: Callable[[str], Script], text: str, odd: bool) -> None:
    assert any(command.spelled_oddly for command in read(text).commands) is odd
