"""A machine below a directory of the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli.changes import write
from security_hooks.install.places import Machine, machine
from security_hooks.install.plan import Wish, plan_install
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.table import Scope

HOME = Path("/home/dev")


@pytest.fixture
def place(tmp_path: Path) -> Machine:
    return machine(tmp_path, HOME, {})


@pytest.fixture
def shim(tmp_path: Path) -> Callable[[str], Path]:
    """`shim(ANSWER)` makes a program that swallows the call and answers by these shell lines."""

    def make(answer: str) -> Path:
        program = tmp_path / "bin/security-hooks-shim"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\ncat > /dev/null\n{answer}\n")
        program.chmod(0o755)
        return program

    return make


@pytest.fixture
def install(place: Machine) -> Callable[..., None]:
    """`install(CLIENT, SHIM)` puts our hooks into a person's settings there."""

    def run(client: str, shim: Path, scope: Scope = Scope.USER, *, observe: bool = False) -> None:
        line = HookLine(str(shim), "/run/h.sock", "", observe=observe)
        write(plan_install(place, client, scope, Wish(line, None, "0123456789abcdef")))

    return run
