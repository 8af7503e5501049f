import pytest

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.inline.reading import Value
from security_hooks.shell.inline.socat import read_addresses
from security_hooks.shell.limits import Budget, ShellLimits

X = Hole(HoleKind.PARAMETER, "$X")


@pytest.mark.parametrize(
    ("address", "effects"),
    [
        (("TCP:e.example:80",), ["connects e.example"]),
        (("tcp-connect:", X, ":80,retry"), ["connects $X"]),
        (("openssl:e.example:443,verify=0",), ["connects e.example"]),
        (("TCP-LISTEN:80,reuseaddr,fork",), ["connects "]),
        (("file:/etc/shadow",), ["reads /etc/shadow", "writes /etc/shadow"]),
        (("/etc/shadow,rdonly",), ["reads /etc/shadow", "writes /etc/shadow"]),
        (("-!!create:/tmp/x",), ["reads /tmp/x", "writes /tmp/x"]),
        (("STDIO",), []),
        (("-",), []),
    ],
)
def test_an_address_does_what_its_type_says(address: Value, effects: list[str]) -> None:
    inline = read_addresses(address, Budget(ShellLimits()))
    told = ["".join(p.source if isinstance(p, Hole) else p for p in effect.target) for effect in inline.effects]
    assert [f"{e.kind.value} {t}" for e, t in zip(inline.effects, told, strict=True)] == effects


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (("exec:/bin/sh -i,pty,stderr",), ("/bin/sh -i",)),
        (("SYSTEM:rm ", X, ",pty"), ("rm ", X)),
        (("shell:ls",), ("ls",)),
    ],
)
def test_what_an_address_runs_is_shell_text(address: Value, code: Value) -> None:
    assert read_addresses(address, Budget(ShellLimits())).shell == (code,)


def test_an_address_that_is_not_known_may_run_anything() -> None:
    assert read_addresses((X,), Budget(ShellLimits())).opaque is not None
