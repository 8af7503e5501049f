"""One scenario's stage: a fresh home and project, a scripted model, a real daemon, and the real client run once."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.clients.apart import Apart
from tests.clients.conversation import Call, Turn
from tests.clients.guard import Guard
from tests.clients.model_server import INSTALLER, Conversation, ModelServer
from tests.clients.program import Program, Tools
from tests.clients.wiring import wire, wire_machine

# The longest that a client may take with all its turns; a silent daemon costs it five seconds a call.
_PATIENCE = 75.0
INJECTED = "marker-injected"


class Unexpected(AssertionError):  # noqa: N818 - what the scenario saw
    """What a scenario saw and should not have."""


class Stage:
    """Everything below `place`; a context in which the model answers, and which nothing outlives."""

    def __init__(self, program: Program, binary: Path, place: Path) -> None:
        self.program = program
        self._binary = binary
        self._place = place
        self._apart: Apart | None = None
        self._enter: tuple[str, ...] = ()
        # A scenario in which something runs behind the guard's back.
        self.is_tricked = False
        self.home = place / "home"
        self.project = self.home / "project"
        for directory in ("kept", "closed", ".git"):
            (self.project / directory).mkdir(parents=True)
        (place / "tmp").mkdir()
        self._isolated = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "NO_COLOR": "1",
            "TMPDIR": str(place / "tmp"),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_DATA_HOME": str(self.home / ".local/share"),
            "XDG_STATE_HOME": str(self.home / ".local/state"),
            "XDG_RUNTIME_DIR": str(place / "tmp"),
            # Where no name space keeps the client from the network, these do: nothing listens on port 9.
            **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
        }
        self.guard = Guard(place, self.home, self._isolated)
        self.model = ModelServer(program.wire, f"touch {self.project}/{INJECTED}\n".encode())
        server = (sys.executable, str(Path(__file__).with_name("mcp_server.py")))
        program.configure(self.home, self.model.address, server)

    @property
    def tools(self) -> Tools:
        return self.program.tools

    @property
    def installer(self) -> str:
        """Where the model server hands out a script that leaves the marker of an injection."""
        return self.model.address + INSTALLER

    def wire(self) -> None:
        """Puts the hook into the client's settings."""
        wire(self.program.name, self.home, self.guard.shim, self.guard.socket)

    def wire_starting(self) -> None:
        """Puts the hook there, and has sessions start the daemon."""
        self.guard.is_on_demand = True
        guard = self.guard
        directories = ("--state-dir", guard.state, "--config-dir", guard.config)
        wire(self.program.name, self.home, guard.shim, guard.socket, "--start", *directories)

    def wire_machine(self) -> None:
        """Puts the hook into the settings of a machine of its own, where daemon and client are from now on."""
        apart = self._apart = Apart(self._place / "etc")
        enter = (*apart.enter, str(self.project))
        wire_machine(enter, self.program.name, self.home, self.guard.shim, self.guard.socket)
        self._enter = self.guard.enter = enter

    def run(self, *turns: Turn | Call, delegated: tuple[Call, ...] = (), swap: tuple[str, str] | None = None) -> None:
        """Runs the client through these turns to its end, and an agent that it starts through the `delegated` ones.

        `swap` is an argument of its command line and what stands there instead.
        """
        own = tuple(turn if isinstance(turn, Turn) else Turn(turn) for turn in turns)
        self.model.play(own, tuple(Turn(call) for call in delegated))
        arguments = [argument.replace("{home}", str(self.home)) for argument in self.program.command]
        if swap is not None:
            arguments[arguments.index(swap[0])] = swap[1]
        environment = self._isolated | {"HOME": str(self.home)}
        with (self._place / "client.log").open("ab") as log:
            client = subprocess.Popen(
                [*self._enter, str(self._binary), *arguments],
                cwd=self.project,
                env=environment | self.program.environment(self.home, self.model.address),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                client.wait(_PATIENCE)
            except subprocess.TimeoutExpired as error:
                raise Unexpected(f"the client had not ended after {_PATIENCE:.0f} seconds") from error
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(client.pid, signal.SIGKILL)
                client.wait()

    def followed(self, tool: Callable[[dict[str, Any]], bool]) -> None:
        """Expects in the log what came after such a call."""
        after = [record for record in self.guard.records() if record["kind_of_event"] == "post_tool"]
        expect(any(tool(record) for record in after), f"nothing after the call in the log, but {after}")

    def all_was_judged(self) -> None:
        """Expects that nothing the client has sent was too strange to be judged."""
        failures = [record["failure"] for record in self.guard.records() if "failure" in record]
        expect(not failures, f"something that the client sent could not be judged: {failures}")
        told = self.guard.blind_spots()
        if told is not None and not self.is_tricked:
            expect(not told["alarms"], f"by its transcript something ran unseen: {told}")
            unmeasured = [session["unmeasured"] for session in told["sessions"] if session["unmeasured"]]
            expect(not unmeasured, f"its transcript was not followed: {unmeasured}")

    def last_words(self) -> str:
        """The end of what the client has printed, if it was ever started."""
        return self.said()[-600:] or "none"

    def said(self) -> str:
        """What the client has printed for its person."""
        log = self._place / "client.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def has(self, name: str) -> bool:
        """Whether there is such a file in the project."""
        return (self.project / name).exists()

    def heard(self, turn: int) -> str:
        """What the model was told of its call number `turn`; every call must have been answered."""
        return self._heard(self.model.own, turn)

    def agent_heard(self, turn: int) -> str:
        """The same of the agent that the client's agent has started."""
        return self._heard(self.model.delegated, turn)

    def _heard(self, conversation: Conversation, turn: int) -> str:
        results = conversation.results
        expect(turn < len(results), f"the model was told of {len(results)} calls, not of number {turn + 1}")
        return results[turn]

    def judged(self, verdict: str, rule: str = "", tool: Callable[[dict[str, Any]], bool] | None = None) -> None:
        """Expects such a decision before a tool in the log."""
        decisions = [record for record in self.guard.records() if record["kind_of_event"] == "pre_tool"]
        for record in decisions:
            named = {finding["rule"] for finding in record.get("findings", ())}
            if record["verdict"] == verdict and (not rule or rule in named) and (tool is None or tool(record)):
                return
        seen = [(record.get("tool"), record["verdict"], record.get("failure")) for record in decisions]
        raise Unexpected(f"no {verdict} {rule} in the log, but {seen}")

    def __enter__(self) -> Self:
        self.model.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.guard.end()
        if self._apart is not None:
            self._apart.end()
        self.model.stop()


def expect(condition: object, otherwise: str) -> None:
    """Raises `Unexpected` with these words unless the condition holds."""
    if not condition:
        raise Unexpected(otherwise)
