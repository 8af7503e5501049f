"""Which tools of a real client are judged, and how each tells its model."""

import base64

from tests.clients.conversation import Call
from tests.clients.scenario import ALLOWED, DENIED, guarded, touch
from tests.clients.stage import Stage, expect

_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def written(stage: Stage) -> None:
    assert stage.tools.write is not None
    guarded(stage)
    stage.run(
        stage.tools.write(stage.project / "allowed.txt", "written\n"),
        stage.tools.write(stage.project / "kept/denied.txt", "written\n"),
    )
    expect(stage.has("allowed.txt"), "an allowed file was not written")
    expect(not stage.has("kept/denied.txt"), "a denied file was written")
    expect("NUDGE-KEPT" in stage.heard(1), f"the model was not told why: {stage.heard(1)}")
    stage.judged("deny", "kept-files", lambda record: record["tool_kind"] == "write")
    stage.followed(lambda record: record["tool_kind"] == "write")


def read(stage: Stage) -> None:
    guarded(stage)
    name = stage.program.readable
    for directory in (stage.project, stage.project / "closed"):
        (directory / name).write_bytes(_PIXEL if name.endswith(".png") else b"TEXT-OF-THE-FILE\n")
    stage.run(stage.tools.read(stage.project / name), stage.tools.read(stage.project / "closed" / name))
    expect("NUDGE" not in stage.heard(0), f"an allowed file was not read: {stage.heard(0)}")
    expect("NUDGE-CLOSED" in stage.heard(1), f"a denied file was read, or nobody said why: {stage.heard(1)}")
    expect("TEXT-OF-THE-FILE" not in stage.heard(1), "the text of a denied file came out")
    stage.judged("allow", "", lambda record: record["tool_kind"] == "read")
    stage.judged("deny", "closed-files", lambda record: record["tool_kind"] == "read")
    stage.followed(lambda record: record["tool_kind"] == "read")


def edited(stage: Stage) -> None:
    assert stage.tools.edit is not None
    guarded(stage)
    turns: list[Call] = []
    for name in ("note.txt", "kept/note.txt"):
        path = stage.project / name
        path.write_text("old words\n")
        turns += [stage.tools.read(path), stage.tools.edit(path, "old", "new")]
    stage.run(*turns)
    expect((stage.project / "note.txt").read_text() == "new words\n", f"an allowed edit failed: {stage.heard(1)}")
    expect((stage.project / "kept/note.txt").read_text() == "old words\n", "a denied edit was made")
    expect("NUDGE-KEPT" in stage.heard(3), f"the model was not told why: {stage.heard(3)}")
    stage.judged("deny", "kept-files", lambda record: record["tool_kind"] == "edit")
    stage.followed(lambda record: record["tool_kind"] == "edit")


def patched(stage: Stage) -> None:
    assert stage.tools.patch is not None
    guarded(stage)
    (stage.project / "kept/note.txt").write_text("old words\n")
    add = "*** Begin Patch\n*** Add File: allowed.txt\n+written\n*** End Patch\n"
    change = "*** Begin Patch\n*** Update File: kept/note.txt\n@@\n-old words\n+new words\n*** End Patch\n"
    in_shell = f"apply_patch <<'END'\n{add.replace('allowed.txt', 'kept/denied.txt')}END"
    stage.run(stage.tools.patch(add), stage.tools.patch(change), stage.tools.shell(in_shell))
    expect(stage.has("allowed.txt"), f"an allowed patch was not applied: {stage.heard(0)}")
    expect((stage.project / "kept/note.txt").read_text() == "old words\n", "a denied patch was applied")
    expect(not stage.has("kept/denied.txt"), "a denied patch was applied through the shell")
    expect("NUDGE-KEPT" in stage.heard(1) and "NUDGE-KEPT" in stage.heard(2), "the model was not told why")
    stage.judged("deny", "kept-files", lambda record: record["tool_kind"] == "patch")
    stage.followed(lambda record: record["tool_kind"] == "patch")


def served(stage: Stage) -> None:
    guarded(stage)
    stage.run(
        stage.tools.serve("mark", stage.project / ALLOWED), stage.tools.serve("forbidden", stage.project / DENIED)
    )
    expect(stage.has(ALLOWED), f"an allowed call of an MCP tool did not run: {stage.heard(0)}")
    expect(not stage.has(DENIED), "a denied call of an MCP tool ran")
    expect("NUDGE-SERVER" in stage.heard(1), f"the model was not told why: {stage.heard(1)}")
    stage.judged("deny", "denied-server-call", lambda record: record["mcp"]["server"] == "demo")
    stage.followed(lambda record: record["tool_kind"] == "mcp")


def delegated(stage: Stage) -> None:
    stage.program.offer(stage.home, "delegate")
    guarded(stage)
    stage.run(*stage.tools.delegate, delegated=(touch(stage, ALLOWED), touch(stage, DENIED), *stage.tools.finish))
    expect(stage.has(ALLOWED), f"an allowed call of the agent did not run: {stage.model.own.results}")
    expect(not stage.has(DENIED), "a denied call of an agent that the agent had started ran")
    expect("NUDGE-DENIED" in stage.agent_heard(1), f"the model was not told why: {stage.agent_heard(1)}")
    stage.judged("deny", "denied-marker")


def scripted(stage: Stage) -> None:
    assert stage.tools.script is not None
    stage.program.offer(stage.home, "script")
    guarded(stage)
    stage.run(stage.tools.script(f"touch {ALLOWED}"), stage.tools.script(f"touch {DENIED}"))
    expect(stage.has(ALLOWED), f"an allowed call did not run: {stage.heard(0)}")
    expect(not stage.has(DENIED), "a denied call ran from a script")
    expect("NUDGE-DENIED" in stage.heard(1), f"the model was not told why: {stage.heard(1)}")
    stage.judged("deny", "denied-marker")


def typed(stage: Stage) -> None:
    assert stage.tools.terminal is not None
    guarded(stage)
    stage.run(*stage.tools.terminal(f"touch {DENIED}\n"))
    expect(not stage.has(DENIED), "a denied command was typed into a terminal")


def tampered(stage: Stage) -> None:
    guarded(stage)
    settings = stage.program.settings
    turns = [stage.tools.shell(f"mkdir -p {settings.partition('/')[0]} && touch {settings}")]
    turns.append(stage.tools.shell(f"touch {stage.home}/{settings}"))
    if stage.tools.write is not None:
        turns.append(stage.tools.write(stage.project / settings, "{}\n"))
    if stage.tools.patch is not None:
        turns.append(stage.tools.patch(f"*** Begin Patch\n*** Add File: {settings}\n+\n*** End Patch\n"))
    before = (stage.home / settings).stat().st_mtime_ns
    stage.run(*turns)
    expect(not stage.has(settings), "the project got settings for the client, which could switch the hook off")
    expect((stage.home / settings).stat().st_mtime_ns == before, "the client's settings were written to")
    for turn in range(len(turns)):
        expect("guard-wiring" in stage.heard(turn), f"the model was not told why: {stage.heard(turn)}")
