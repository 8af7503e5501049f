"""Calls as they are answered, a line each, for a person who watches `serve --decisions`."""

import os
import queue
import threading

from security_hooks.model.decision import Decision
from security_hooks.service.exchange import Exchange

COLOURS = {"allow": "32", "ask": "33", "deny": "31"}
WIDEST = 100
WAITING = 1_000
LAST_SECONDS = 0.5


class Decisions:
    """Prints from a thread of its own: a terminal that is held, or a reader who has left, must not hold the daemon.

    Lines that nobody takes are dropped.
    """

    def __init__(self, descriptor: int) -> None:
        # Written to directly: a buffer's lock, held by a thread that is stuck, would keep the process from ending.
        self._descriptor = descriptor
        self._in_colour = os.isatty(descriptor)
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._print, name="decisions", daemon=True)
        self._thread.start()

    def show(self, exchange: Exchange, decision: Decision) -> None:
        """One line for one call; never waits and never raises."""
        if not self._lines.full():
            self._lines.put_nowait(line_of(exchange, decision, in_colour=self._in_colour))

    def close(self) -> None:
        """Let the last lines out, if somebody takes them in a moment."""
        if not self._lines.full():
            self._lines.put_nowait(None)
            self._thread.join(LAST_SECONDS)

    def _print(self) -> None:
        while (line := self._lines.get()) is not None:
            data = line.encode("ascii") + b"\n"
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                return


def line_of(exchange: Exchange, decision: Decision, *, in_colour: bool) -> str:
    """Verdict, time, client, rules and what it was about; nothing in it that a terminal would obey."""
    word = f"{decision.verdict.word:<5}"
    if in_colour:
        word = f"\033[{COLOURS[decision.verdict.word]}m{word}\033[0m"
    because = decision.basis.value if decision.failure is None else decision.failure.reason.value
    rules = ",".join(dict.fromkeys(finding.rule for finding in decision.findings)) or because
    text = ""
    if exchange.event is not None:
        tool = exchange.event.tool
        text = exchange.event.name if tool is None else f"{tool.name}: {tool.script or ' '.join(tool.paths)}"
    rest = f"{exchange.elapsed_us():>6} us  {exchange.name:<11} {rules:<24} {text[:WIDEST]}"
    # ASCII, so that no terminal's encoding can refuse it.
    return f"{word} " + "".join(char if " " <= char <= "~" else " " if char.isspace() else "?" for char in rest)
