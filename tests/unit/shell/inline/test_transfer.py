from collections.abc import Callable

import pytest

Told = Callable[[str, str], list[str]]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("put notes.txt", ["reads notes.txt sends"]),
        ("put -c a b\nbye", ["reads a sends"]),
        ("mput a b", ["reads a sends", "reads b sends"]),
        ("mirror -R site www", ["reads site below sends"]),
        ("mirror --reverse", ["reads . below sends"]),
        ("mirror www site", ["writes site below"]),
        ("get x/a", ["writes a"]),
        ("get a b; get a -o c", ["writes b", "writes c"]),
        ("mget a", ["writes a"]),
        (
            "lcd d; put a; get b; lcd /e; put /f; put g",
            ["reads d/a sends", "writes d/b", "reads /f sends", "reads /e/g sends", "names /e perhaps"],
        ),
        ("open -u me sftp://me@e.example/x", ["connects e.example"]),
        ("!wipe this", ["shell wipe this"]),
        ("source rc", ["executes rc"]),
        ("ls; cd x; bye; set net:timeout 5", []),
        ('put "a b"', ["reads a b sends"]),
    ],
)
def test_what_a_transfer_client_is_told(told: Told, code: str, found: list[str]) -> None:
    assert told("ftp", code) == found
