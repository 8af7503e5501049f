"""Where paths lead: links in what is known of them, and `..` above a link."""

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import Place
from security_hooks.model.world import Entry
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

LINK, LED = "/p/link", "/q/far"


class Disk:
    """`/p/link` leads to `/q/far`; nobody can say where `/p/lost` leads."""

    def kind(self, path: str) -> Entry:
        return Entry.DIRECTORY

    def real(self, path: str) -> str | None:
        if path.startswith("/p/lost"):
            return None
        if path != LINK and not path.startswith(f"{LINK}/"):
            return path.replace("/p/d/..", "/p")
        path = LED + path[len(LINK) :]
        return path.replace("/far/..", "")

    def read(self, path: str, most: int) -> bytes | None:
        return None

    def names(self, path: str, most: int) -> tuple[str, ...] | None:
        return None


def written(script: str) -> Effect:
    found = read_script(script, Place("/p", "/h", "/p"), shipped(), ShellLimits(milliseconds=5_000), Disk())
    return next(effect for effect in found.commands[-1].effects if effect.kind is EffectKind.WRITES)


@pytest.mark.parametrize(
    ("script", "real", "unresolved"),
    [
        ("touch link/x", "/q/far/x", False),
        ("touch d/x", None, False),
        ("touch lost/x", None, True),
        ("touch link/../x", "/q/x", False),
        ("touch d/../link/x", "/q/far/x", False),
        ("cd link && touch x", "/q/far/x", False),
        ("touch lost/*.c", None, True),
        ('touch "lost/$X"', None, True),
        ('touch "d/$X/../y"', None, False),
        ("touch d/*/../y", None, True),
        ("echo x > d/*/../y", None, True),
    ],
)
def test_where_a_path_leads(script: str, real: str | None, unresolved: bool) -> None:
    effect = written(script)
    assert (None if effect.real is None else effect.real.literal, effect.unresolved) == (real, unresolved)


@pytest.mark.parametrize("script", ['touch "link/$X"', "touch link/*.c", 'touch "link/../$X"'])
def test_links_in_the_beginning_of_an_unknown_path_are_followed(script: str) -> None:
    effect = written(script)
    assert effect.real is not None
    assert str(effect.real.parts[0]).startswith("/q/")
