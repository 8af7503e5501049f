import json
import os
from pathlib import Path

import msgspec
import pytest

from security_hooks.clients import client_named
from security_hooks.memory.authors import Author
from security_hooks.memory.discards import discards_of
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import Place
from security_hooks.model.work import Stake
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config, Limits, WhoseWork
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.service.authors import KEPT_SECONDS, LONGEST_NS, UNENDED_NS, Authors
from security_hooks.service.exchange import Exchange
from security_hooks.service.judge import shell_limits
from security_hooks.service.peer import Peer
from security_hooks.service.stakes import blob_name, shape_of
from security_hooks.service.summary import summary_of
from security_hooks.tools.facts import call_facts

S = 1_000_000_000
ALLOWED = Decision(Verdict.ALLOW, Basis.DEFAULT)
DENIED = Decision(Verdict.DENY, Basis.RULE)
SNAPSHOT = assemble_at_once(Build("d", Config(whose_work=WhoseWork.LIFT), ()), 1)


class Desk:
    """Notes about files in `place`; `ahead` is how far the clock is ahead of the disk's."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.ahead = 0
        self.slow = False
        self.authors = Authors(lambda _: self.slow, self.now)
        self.count = 0

    def now(self) -> int:
        probe = self.place / ".clock"
        probe.write_text("")
        probe.touch()
        return probe.stat().st_mtime_ns + self.ahead

    def send(self, name: str, tool: str, given: dict[str, object], **more: object) -> None:
        client = client_named("claude-code")
        assert client is not None
        call = {"session_id": "s1", "cwd": str(self.place), "hook_event_name": name, "tool_name": tool}
        call |= {"tool_input": given, "tool_use_id": str(self.count), **more}  # type: ignore[dict-item]  # JSON
        payload = json.dumps(call).encode()
        event = client.decode(payload)
        place = Place(str(self.place), "/home/u", str(self.place))
        exchange = Exchange(Peer(1, 1), client=client, event=event, place=place, snapshot=SNAPSHOT, payload=payload)
        exchange.family = str(more.get("session_id", "me"))
        if name == "PreToolUse" and event.tool is not None:
            facts = call_facts(event, event.tool, place, SNAPSHOT.catalogue, shell_limits(Limits()))
            assert discards_of(facts) is not None
            exchange.summary = summary_of(facts)
        self.authors.hear(exchange, DENIED if more.get("denied") else ALLOWED)

    def write(self, name: str, text: str, *, took: int = 0, session: str = "me", written: str | None = None) -> None:
        """A call of the tool that writes files, which takes a while."""
        self.count += 1
        given: dict[str, object] = {"file_path": str(self.place / name), "content": text}
        self.ahead -= took
        self.send("PreToolUse", "Write", given, session_id=session)
        self.ahead += took
        (self.place / name).write_text(text if written is None else written)
        self.send("PostToolUse", "Write", given, session_id=session)

    def run(self, script: str, *changes: tuple[str, str], ends: str | None = "PostToolUse", **more: object) -> None:
        self.count += 1
        self.send("PreToolUse", "Bash", {"command": script})
        for name, text in changes:
            (self.place / name).write_text(text)
        if ends is not None:
            self.send(ends, "Bash", {"command": script}, **more)

    def author(self, name: str, family: str = "me", kept: bytes | None = None) -> Author:
        path = self.place / name
        return self.authors.whose(Stake(str(path), shape_of(path.lstat()), kept), family).author


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_new_file_is_its_writers(desk: Desk) -> None:
    desk.write("a", "1")
    desk.write("a", "2")
    assert desk.author("a") is Author.OWN
    assert desk.author("a", "they") is Author.SESSION
    assert desk.authors.is_own(str(desk.place / "a"), "me")
    assert not desk.authors.is_own(str(desk.place / "a"), "they")
    assert desk.authors.name("me") == "claude-code session me"
    assert desk.authors.name("nobody") == "another session"


def test_a_file_that_stood_there_is_only_as_good_as_what_git_has(desk: Desk) -> None:
    (desk.place / "a").write_text("before")
    desk.write("a", "after")
    assert desk.author("a") is Author.PERSON
    assert desk.author("a", kept=blob_name(b"before")) is Author.OWN
    assert desk.author("a", kept=blob_name(b"else")) is Author.PERSON
    assert not desk.authors.is_own(str(desk.place / "a"), "me")


def test_a_touch_by_somebody_else_ends_it(desk: Desk) -> None:
    desk.write("a", "1")
    (desk.place / "a").write_text("1")
    assert desk.author("a") is Author.PERSON


def test_what_commands_write_by_name(desk: Desk) -> None:
    desk.run("echo x > a && cat a > b", ("a", "x"), ("b", "x"))
    assert (desk.author("a"), desk.author("b")) == (Author.OWN, Author.OWN)


def test_what_was_moved_there_is_not_written_by_who_moved_it(desk: Desk) -> None:
    mine = desk.place / "mine"
    mine.write_text("mine")
    hour_ago = mine.stat().st_mtime_ns - 3_600 * S
    os.utime(mine, ns=(hour_ago, hour_ago))
    given: dict[str, object] = {"file_path": str(desk.place / "a"), "content": "x"}
    desk.send("PreToolUse", "Write", given)
    mine.rename(desk.place / "a")
    desk.send("PostToolUse", "Write", given)
    assert desk.author("a") is Author.UNCLEAR


def test_what_took_long_is_own_only_to_the_last_byte(desk: Desk) -> None:
    desk.write("a", "1", took=LONGEST_NS + S)
    assert desk.author("a") is Author.OWN
    desk.write("b", "1", took=LONGEST_NS + S, written="1 and what a person added")
    assert desk.author("b") is Author.UNCLEAR
    desk.ahead = 0


@pytest.mark.parametrize("ends", ["PostToolUse", "PostToolUseFailure", None])
def test_what_a_program_may_have_written_is_unclear(desk: Desk, ends: str | None) -> None:
    (desk.place / "old").write_text("old")
    desk.ahead = 0
    desk.run("python make.py", ("made", "1"), ends=ends)
    assert desk.author("made") is Author.UNCLEAR
    assert desk.author("made", "they") is Author.PERSON


def test_a_call_that_is_never_told_of_ends_with_the_next_word_of_a_person(desk: Desk) -> None:
    desk.run("python make.py", ends=None)
    desk.send("UserPromptSubmit", "", {}, prompt="go on")
    desk.ahead += 10 * S
    (desk.place / "later").write_text("mine")
    written = (desk.place / "later").lstat()
    moved = msgspec.structs.replace(shape_of(written), changed=written.st_ctime_ns + 10 * S)
    assert desk.authors.whose(Stake(str(desk.place / "later"), moved), "me").author is Author.PERSON


def test_the_background_counts_for_a_while(desk: Desk) -> None:
    desk.run("npm start", tool_response={"backgroundTaskId": "b1"})
    (desk.place / "x").write_text("x")
    seen = shape_of((desk.place / "x").lstat())
    for ahead, author in ((60 * S, Author.UNCLEAR), (UNENDED_NS + 60 * S, Author.PERSON)):
        stake = Stake(str(desk.place / "x"), msgspec.structs.replace(seen, changed=seen.changed + ahead))
        assert desk.authors.whose(stake, "me").author is author


def test_a_denied_call_leaves_no_note(desk: Desk) -> None:
    desk.count += 1
    given: dict[str, object] = {"file_path": str(desk.place / "a"), "content": "x"}
    desk.send("PreToolUse", "Write", given, denied=True)
    (desk.place / "a").write_text("x")
    desk.send("PostToolUse", "Write", given)
    assert desk.author("a") is Author.PERSON


def test_two_sessions_at_once_are_nobodys(desk: Desk) -> None:
    given: dict[str, object] = {"file_path": str(desk.place / "a"), "content": "x"}
    for session in ("me", "they"):
        desk.send("PreToolUse", "Write", given, session_id=session)
    (desk.place / "a").write_text("x")
    for session in ("me", "they"):
        desk.send("PostToolUse", "Write", given, session_id=session)
    assert Author.OWN not in (desk.author("a"), desk.author("a", "they"))


def test_slow_disks_are_not_looked_at(desk: Desk) -> None:
    desk.slow = True
    desk.write("a", "1")
    assert desk.author("a") is Author.UNCLEAR
    assert not desk.authors.is_own(str(desk.place / "a"), "me")


def test_a_restart_forgets_nothing_and_covers_the_time_between(desk: Desk) -> None:
    desk.write("a", "1")
    desk.run("python make.py", ("made", "1"), ends=None)
    now = desk.now() // S
    data = list(desk.authors.dump(now))
    desk.authors = Authors(lambda _: False, desk.now)
    desk.authors.restore(data, now + 5)
    assert (desk.author("a"), desk.author("made")) == (Author.OWN, Author.UNCLEAR)
    old = Authors(lambda _: False, desk.now)
    old.restore(data, now + KEPT_SECONDS + 60)
    assert old.whose(Stake(str(desk.place / "a"), shape_of((desk.place / "a").lstat())), "me").author is Author.PERSON


@pytest.mark.parametrize("data", [b"", b"\xc1", msgspec.msgpack.encode({"notes": 3}), msgspec.msgpack.encode([1])])
def test_bad_data_is_refused(desk: Desk, data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        desk.authors.restore([data], 0)
