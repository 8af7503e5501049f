"""What a real client does while the daemon or the shim is out of order: nothing runs unguarded."""

from collections.abc import Callable

from tests.clients.conversation import Turn
from tests.clients.scenario import ALLOWED, DENIED, guarded, touch
from tests.clients.stage import Stage, expect


def never_started(stage: Stage) -> None:
    stage.wire()
    stage.run(touch(stage, ALLOWED))
    expect(not stage.has(ALLOWED), "a call ran though there was no daemon")
    expect(not stage.model.own.is_begun, "a prompt reached the model though nobody could judge what comes of it")
    expect(stage.program.outage in stage.said(), f"the person was not told: {stage.last_words()}")


def started(stage: Stage) -> None:
    stage.wire_starting()
    stage.run(touch(stage, ALLOWED), touch(stage, DENIED))
    expect(stage.has(ALLOWED), f"an allowed call did not run: {stage.last_words()}")
    expect(not stage.has(DENIED), "a denied call ran")
    expect("NUDGE-DENIED" in stage.heard(1), f"the model was not told why: {stage.heard(1)}")


def _outage(stage: Stage, begins: Callable[[], None], told: str) -> None:
    guarded(stage)
    stage.run(touch(stage, ALLOWED), Turn(touch(stage, "marker-unguarded"), before=begins))
    expect(stage.has(ALLOWED), "an allowed call did not run before the outage")
    expect(not stage.has("marker-unguarded"), "a call ran unguarded")
    expect(told in stage.heard(1), f"the model was not told why: {stage.heard(1)}")


def died(stage: Stage) -> None:
    _outage(stage, stage.guard.kill, "the daemon does not answer")


def frozen(stage: Stage) -> None:
    _outage(stage, stage.guard.freeze, "the daemon did not answer in time")


def silent(stage: Stage) -> None:
    _outage(stage, stage.guard.silence, "the daemon did not answer in time")


def no_shim(stage: Stage) -> None:
    _outage(stage, stage.guard.shim.unlink, "")


def failing_shim(stage: Stage) -> None:
    def replace() -> None:
        stage.guard.shim.write_bytes(b"#!/bin/sh\nexit 1\n")

    _outage(stage, replace, "")


def deceived(stage: Stage) -> None:
    """Something that lets every call run sits in the shim's place, and tells the daemon nothing."""

    def replace() -> None:
        stage.guard.shim.write_bytes(b"#!/bin/sh\necho '{}'\n")

    stage.is_tricked = True
    guarded(stage)
    stage.run(touch(stage, ALLOWED), Turn(touch(stage, DENIED), before=replace))
    expect(stage.has(DENIED), "the denied call did not run: nothing went unseen")
    told = stage.guard.wait_for_alarm()
    expect([alarm["anomaly"] for alarm in told["alarms"]] == ["unseen-tool-use"], f"not one alarm: {told}")


def unwired(stage: Stage) -> None:
    """Whoever takes the hook out of the user's settings reaches the next session, not this one."""

    def remove() -> None:
        (stage.home / stage.program.settings).unlink()
        _wait_for_news(stage, 1)

    guarded(stage)
    stage.run(touch(stage, ALLOWED), Turn(touch(stage, DENIED), before=remove))
    _still_guarded(stage, 1)


def switched_off(stage: Stage) -> None:
    """Settings that a project gets in mid-session, by a pull for instance, switch nothing off.

    Nor do they later, when a change that is harmless makes the client read its settings again.
    """

    def add() -> None:
        settings = stage.project / stage.program.settings
        settings.parent.mkdir()
        settings.write_text(stage.program.switching_off)
        _wait_for_news(stage, 1)

    def change() -> None:
        settings = stage.home / stage.program.settings
        settings.write_text(settings.read_text() + "\n")
        _wait_for_news(stage, 2)

    guarded(stage)
    stage.run(
        touch(stage, ALLOWED),
        Turn(touch(stage, DENIED), before=add),
        Turn(touch(stage, f"{DENIED}-again"), before=change),
    )
    _still_guarded(stage, 1, 2)


def managed(stage: Stage) -> None:
    settings = stage.project / stage.program.settings
    settings.parent.mkdir()
    settings.write_text(stage.program.switching_off)
    stage.wire_machine()
    stage.guard.start()
    stage.run(touch(stage, ALLOWED), touch(stage, DENIED))
    expect(stage.has(ALLOWED), f"an allowed call did not run: {stage.last_words()}")
    _still_guarded(stage, 1)


def changed(stage: Stage) -> None:
    """Hooks in the machine's settings hold whatever becomes of a person's, or of a project's, in mid-session.

    One value of a wrong type makes the client drop a person's whole file. The daemon does not know that, and need not.
    """
    theirs, project = (place / stage.program.settings for place in (stage.home, stage.project))

    def change() -> None:
        theirs.write_text('{"permissions": {"allow": ["Bash(git status)"]}}')
        _wait_for_news(stage, 1)

    def spoil() -> None:
        theirs.write_text('{"cleanupPeriodDays": "soon"}')
        _wait_for_news(stage, 2)

    def switch() -> None:
        project.parent.mkdir()
        project.write_text(stage.program.switching_off)
        _wait_for_news(stage, 3)

    stage.wire_machine()
    stage.guard.start()
    stage.run(
        touch(stage, ALLOWED),
        *(Turn(touch(stage, f"{DENIED}-{before.__name__}"), before=before) for before in (change, spoil, switch)),
    )
    _still_guarded(stage, 1, 2, 3)
    changes = [record["verdict"] for record in stage.guard.records() if record["kind_of_event"] == "config_change"]
    expect(changes == ["allow", "allow", "deny"], f"the changes were answered {changes}")


def _still_guarded(stage: Stage, *turns: int) -> None:
    expect(stage.has(ALLOWED), "an allowed call did not run before the change")
    expect(not [path.name for path in stage.project.glob(f"{DENIED}*")], "a denied call ran after the change")
    for turn in turns:
        expect("NUDGE-DENIED" in stage.heard(turn), f"the model was not told why: {stage.heard(turn)}")


def _wait_for_news(stage: Stage, changes: int) -> None:
    """Waits until the client has noticed so many changes of its settings, if it is one that looks."""
    if stage.program.watches:
        stage.guard.wait_for_events("config_change", changes)


def restarted(stage: Stage) -> None:
    guarded(stage)
    stage.run(
        touch(stage, ALLOWED),
        Turn(touch(stage, "marker-unguarded"), before=stage.guard.kill),
        Turn(touch(stage, "marker-allowed-again"), before=stage.guard.start),
        touch(stage, DENIED),
    )
    expect(not stage.has("marker-unguarded"), "a call ran unguarded")
    expect(stage.has("marker-allowed-again"), f"an allowed call did not run after the restart: {stage.heard(2)}")
    expect(not stage.has(DENIED), "a denied call ran after the restart")
    expect("NUDGE-DENIED" in stage.heard(3), f"the model was not told why: {stage.heard(3)}")
    expect(stage.guard.log_is_whole(), "the audit log is broken")
