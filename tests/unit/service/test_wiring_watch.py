"""What is told of hooks that are gone when a session starts or a prompt is given."""

from pathlib import Path

import pytest

from security_hooks.cli.changes import write
from security_hooks.clients import client_named
from security_hooks.install.places import Machine, machine
from security_hooks.install.plan import Wish, plan_install
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import HookEvent, Place
from security_hooks.model.record import Json
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config, Mode
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service.wiring_watch import WiringWatch
from security_hooks.wiring.claude_code import managed_text
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.table import Scope

PAYLOADS = Path(__file__).parents[2] / "protocol"
LINE = HookLine("/opt/security-hooks-shim", "/run/h.sock", "")


class Scene:
    """A person's home and project, with the recorded payloads moved there."""

    def __init__(self, place: Path) -> None:
        self.home, self.project = place / "home", place / "home/project"
        self.project.mkdir(parents=True)
        self.alarms: list[dict[str, Json]] = []
        self.hanging = ""
        self.writable: Path | None = None
        self.watch = WiringWatch(
            self.home,
            self.alarms.append,
            lambda path: self.hanging != "" and self.hanging in path,
            lambda path: path != self.writable,
        )

    def install(self, client: str) -> None:
        write(plan_install(machine(None, self.home, {}), client, Scope.USER, Wish(LINE, None, "0123456789abcdef")))

    def event(self, client: str, payload: str) -> HookEvent:
        text = (PAYLOADS / client / f"{payload}.in.json").read_text().replace("/home/dev", str(self.home))
        found = client_named(client)
        assert found is not None
        return found.decode(text.encode())

    async def hear(self, client: str, payload: str, mode: Mode = Mode.ENFORCE) -> Decision:
        place = Place(str(self.project), str(self.home), str(self.project))
        decision = await self.watch.hear(self.event(client, payload), place, snapshot(mode))
        assert decision is not None
        return decision

    async def is_held(self, payload: str = "ConfigChange.user_settings", cwd: str = "") -> bool:
        """Whether a change of settings is taken over at once, and not left to the rules."""
        place = Place(str(self.project / cwd), str(self.home), str(self.project))
        decision = await self.watch.hear(self.event("claude-code", payload), place, snapshot(Mode.ENFORCE))
        return decision is not None and decision.verdict is Verdict.ALLOW


def snapshot(mode: Mode) -> Snapshot:
    return assemble_at_once(Build("digest", Config(mode=mode), ()), 7)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def settings(scene: Scene) -> Path:
    return scene.home / ".claude/settings.json"


def put(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


async def test_settings_on_a_disk_that_may_not_answer_or_too_large_are_not_trusted(scene: Scene) -> None:
    scene.install("claude-code")
    scene.hanging = "settings.json"
    await scene.hear("claude-code", "SessionStart.startup")
    scene.hanging = ""
    await scene.hear("claude-code", "SessionStart.startup")
    put(settings(scene), settings(scene).read_text() + " " * (1 << 20))
    await scene.hear("claude-code", "SessionStart.startup")
    assert len(scene.alarms) == 1 and "larger than" in str(scene.alarms[0]["alarm"])


@pytest.mark.parametrize(
    ("client", "start", "prompt", "path", "off"),
    [
        (
            "claude-code",
            "SessionStart.startup",
            "UserPromptSubmit.headless",
            "home/project/.claude/settings.json",
            '{"disableAllHooks": true}',
        ),
        ("gemini-cli", "SessionStart.startup", "BeforeAgent", "home/project/.gemini/settings.json", '{"hooks": null}'),
        (
            "codex-cli",
            "session_start.startup",
            "user_prompt_submit",
            "home/project/.codex/config.toml",
            "features.hooks = false",
        ),
    ],
)
async def test_hooks_switched_off_on_the_disk_are_an_alarm_once(
    scene: Scene, client: str, start: str, prompt: str, path: str, off: str
) -> None:
    scene.install(client)
    assert (await scene.hear(client, start)).verdict is Verdict.ALLOW
    assert (scene.alarms, scene.watch.trouble(client)) == ([], "")
    put(scene.home.parent / path, off)
    for _ in range(2):
        assert (await scene.hear(client, prompt)).verdict is Verdict.ALLOW
    (alarm,) = scene.alarms
    assert alarm["client"] == client and path in str(alarm["alarm"])
    assert path in scene.watch.trouble(client)
    (scene.home.parent / path).unlink()
    await scene.hear(client, prompt)
    assert scene.watch.trouble(client) == ""


async def test_a_shim_that_is_wired_in_a_way_we_do_not_see_is_no_alarm(scene: Scene) -> None:
    await scene.hear("codex-cli", "session_start.startup")
    assert scene.alarms == []


async def test_hooks_that_were_there_and_are_gone_are_an_alarm(scene: Scene) -> None:
    scene.install("claude-code")
    await scene.hear("claude-code", "SessionStart.startup")
    settings(scene).unlink()
    await scene.hear("claude-code", "UserPromptSubmit.headless")
    assert len(scene.alarms) == 1


@pytest.fixture
def managed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our file among the machine's settings, which are below the scene."""
    etc = scene.home.parent / "etc"
    monkeypatch.setattr(Machine, "claude_managed", lambda _: etc)
    put(etc / "managed-settings.d/security-hooks.json", managed_text(LINE, None))
    return etc / "managed-settings.d/security-hooks.json"


@pytest.mark.usefixtures("managed")
@pytest.mark.parametrize("payload", ["ConfigChange.user_settings", "ConfigChange.local_settings"])
async def test_a_change_beside_managed_hooks_holds_at_once(scene: Scene, payload: str) -> None:
    put(settings(scene), '{"theme": "dark"}')
    assert await scene.is_held(payload)
    settings(scene).unlink()
    assert await scene.is_held(payload)


async def test_hooks_that_others_than_root_can_take_away_hold_no_change(scene: Scene, managed: Path) -> None:
    scene.writable = managed
    assert not await scene.is_held()


async def test_a_change_without_managed_hooks_is_left_to_the_rules(scene: Scene, managed: Path) -> None:
    managed.unlink()
    scene.install("claude-code")
    assert not await scene.is_held()


@pytest.mark.usefixtures("managed")
@pytest.mark.parametrize("where", ["project", "project/deep", "project/deep/er", "."])
async def test_every_directory_that_the_client_may_have_been_started_in_is_looked_at(scene: Scene, where: str) -> None:
    put(scene.home / where / ".claude/settings.local.json", '{"disableAllHooks": true}')
    assert not await scene.is_held(cwd="deep/er/est")


@pytest.mark.usefixtures("managed")
async def test_a_project_elsewhere_is_looked_at_where_its_settings_changed(scene: Scene) -> None:
    assert await scene.is_held(cwd="/elsewhere")
    put(scene.project / ".claude/settings.json", '{"env": {}}')
    assert not await scene.is_held("ConfigChange.project_settings", cwd="/elsewhere")


async def test_a_change_that_switches_our_hooks_off_is_an_alarm(scene: Scene) -> None:
    scene.install("claude-code")
    put(scene.project / ".claude/settings.json", '{"disableAllHooks": true}')
    assert not await scene.is_held("ConfigChange.project_settings")
    assert len(scene.alarms) == 1


@pytest.mark.usefixtures("managed")
async def test_settings_that_cannot_be_read_in_time_are_left_to_the_rules(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("security_hooks.service.wiring_watch.SECONDS", 0)
    assert not await scene.is_held()
