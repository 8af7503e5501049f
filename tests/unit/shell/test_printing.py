import pytest

from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.context import Feed
from security_hooks.shell.printed import Printed
from security_hooks.shell.printing import handed_on

HOLE = Hole(HoleKind.PARAMETER, "$X")


@pytest.mark.parametrize(
    ("printed", "origin", "expected"),
    [
        (Printed(("rm",)), Origin.UNKNOWN, Feed(("rm",), Origin.LITERAL)),
        (Printed(("rm", HOLE)), Origin.UNKNOWN, Feed(("rm", HOLE), Origin.LITERAL)),
        (Printed(b"rm"), Origin.DECODED, Feed(("rm",), Origin.DECODED)),
        (Printed(b"rm"), Origin.NETWORK, Feed(("rm",), Origin.NETWORK)),
        (Printed(b"rm", sure=False), Origin.UNKNOWN, Feed(("rm",), Origin.UNKNOWN)),
        (Printed(b"\xff"), Origin.DECODED, Feed(None, Origin.DECODED)),
        (None, Origin.UNKNOWN, Feed(None, Origin.UNKNOWN)),
    ],
)
def test_what_the_next_one_reads(printed: Printed | None, origin: Origin, expected: Feed) -> None:
    assert handed_on(printed, origin) == expected
