"""What is in force, and when: the store with a builder in the same process, on a real disk."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.model.failure import CallError, Reason
from security_hooks.policy.built import is_self_protection
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service import reload
from security_hooks.service.builder import Builder
from security_hooks.service.building import BuildAnswer, BuildRequest
from security_hooks.service.reload import PolicyStore, Reload

SOON = 10.0
CATALOGUE = shipped()
RULE = 'block "{name}"\n  match {pattern}\n  nudge "no"\n'


class Bench:
    """A worker without a process; it can be told to fail or to wait."""

    def __init__(self) -> None:
        self.builder = Builder(CATALOGUE)
        self.requests: list[BuildRequest] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_dead = False
        self.on_death: Callable[[], None] = lambda: None

    async def ask(self, request: BuildRequest) -> BuildAnswer:
        self.requests.append(request)
        await self.gate.wait()
        if self.is_dead:
            raise PolicyError((Diagnostic("policy", 0, 0, "no-worker", "no worker"),))
        answer = self.builder.answer(request)
        self.builder.save()
        return answer


class Machine:
    """A machine's directories, a store on them and what it reported."""

    def __init__(self, top: Path) -> None:
        self.top = top
        for name in ("shipped/rules", "config/rules"):
            (top / name).mkdir(parents=True)
        (top / "shipped/config.toml").write_bytes((Path(__file__).parents[3] / "config.toml").read_bytes())
        self.write("shipped/rules/base.rules", RULE.format(name="base", pattern="base"))
        self.bench = Bench()
        self.reports: list[Reload] = []
        self._changed = asyncio.Event()
        self.store = self.another()

    def another(self) -> PolicyStore:
        """A store as a new daemon would have it."""
        places = ("shipped", "shipped/rules", "system", "config", "state")
        directories = PolicyDirectories(*(str(self.top / place) for place in places))
        return PolicyStore(directories, self.bench, self._report, patience=1.0)

    def write(self, name: str, text: str) -> None:
        (self.top / name).parent.mkdir(parents=True, exist_ok=True)
        (self.top / name).write_text(text)

    def _report(self, report: Reload) -> None:
        self.reports.append(report)
        self._changed.set()

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON):
            while not holds():
                self._changed.clear()
                await self._changed.wait()


def names(snapshot: Snapshot | None) -> set[str]:
    assert snapshot is not None
    return {rule.rule.name for rule in snapshot.rules if not is_self_protection(rule.rule)}


@pytest.fixture
async def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
async def watched(machine: Machine) -> AsyncIterator[Machine]:
    await machine.store.start()
    watching = asyncio.ensure_future(machine.store.watch())
    yield machine
    watching.cancel()
    await asyncio.wait({watching})


async def test_start_puts_the_sources_in_force(machine: Machine) -> None:
    assert machine.store.snapshot_for(None) is None
    await machine.store.start()
    snapshot = machine.store.current
    assert names(snapshot) == {"base"}
    assert snapshot is not None
    assert snapshot.generation == 1
    assert machine.store.problems == {}
    assert [(report.is_published, report.generation) for report in machine.reports] == [(True, 1)]


async def test_a_second_start_needs_no_builder(machine: Machine) -> None:
    await machine.store.start()
    machine.bench.is_dead = True
    again = machine.another()
    await again.start()
    assert names(again.current) == {"base"}


async def test_changed_sources_are_built_at_start(machine: Machine) -> None:
    await machine.store.start()
    machine.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    again = machine.another()
    await again.start()
    assert names(again.current) == {"base", "mine"}


async def test_start_with_broken_sources_uses_the_last_good_ones_and_says_so(machine: Machine) -> None:
    await machine.store.start()
    machine.write("config/rules/u.rules", "block\n")
    again = machine.another()
    await again.start()
    assert names(again.current) == {"base"}
    assert [problem.file for problem in again.problems[None]] == [str(machine.top / "config/rules/u.rules")]
    assert machine.reports[-1].is_last_good


async def test_without_any_good_policy_every_call_is_denied_with_the_place_to_mend(machine: Machine) -> None:
    machine.write("config/rules/u.rules", "block\n")
    await machine.store.start()
    assert machine.store.snapshot_for(None) is None
    with pytest.raises(CallError) as failed:
        await machine.store.build_project(None)
    assert failed.value.failure.reason is Reason.NO_POLICY
    assert "u.rules:1:" in failed.value.failure.detail


async def test_an_edit_is_published_as_the_next_generation(watched: Machine) -> None:
    before = watched.store.current
    watched.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    await watched.wait_until(lambda: "mine" in names(watched.store.current))
    after = watched.store.current
    assert before is not None
    assert after is not None
    assert after.generation == before.generation + 1
    assert after.digest != before.digest
    assert names(before) == {"base"}


async def test_a_broken_edit_keeps_the_last_good_policy_until_it_is_mended(watched: Machine) -> None:
    before = watched.store.current
    watched.write("config/rules/u.rules", "block\n")
    await watched.wait_until(lambda: bool(watched.store.problems))
    assert watched.store.current is before
    assert not watched.reports[-1].is_published
    watched.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    await watched.wait_until(lambda: "mine" in names(watched.store.current))
    assert watched.store.problems == {}


async def test_an_edit_that_is_undone_clears_the_problem_without_a_new_generation(watched: Machine) -> None:
    before = watched.store.current
    watched.write("config/rules/u.rules", "block\n")
    await watched.wait_until(lambda: bool(watched.store.problems))
    (watched.top / "config/rules/u.rules").unlink()
    await watched.wait_until(lambda: not watched.store.problems)
    assert watched.store.current is before


async def test_one_bad_file_refuses_the_whole_build(watched: Machine) -> None:
    watched.write("config/rules/good.rules", RULE.format(name="good", pattern="good"))
    watched.write("config/rules/bad.rules", "block\n")
    await watched.wait_until(lambda: bool(watched.store.problems))
    (watched.top / "config/rules/bad.rules").unlink()
    await watched.wait_until(lambda: "good" in names(watched.store.current))


async def test_a_removed_file_takes_its_rules_with_it(watched: Machine) -> None:
    watched.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    await watched.wait_until(lambda: "mine" in names(watched.store.current))
    (watched.top / "config/rules/u.rules").unlink()
    await watched.wait_until(lambda: "mine" not in names(watched.store.current))


async def test_an_emptied_file_keeps_its_rules_for_a_while(watched: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reload, "HALF_WRITTEN", 0.4)
    watched.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    await watched.wait_until(lambda: "mine" in names(watched.store.current))
    watched.write("config/rules/u.rules", "")
    watched.write("config/rules/v.rules", RULE.format(name="other", pattern="other"))
    await watched.wait_until(lambda: "other" in names(watched.store.current))
    assert names(watched.store.current) == {"base", "mine", "other"}
    await watched.wait_until(lambda: names(watched.store.current) == {"base", "other"})


async def test_an_emptied_file_that_is_filled_again_never_lost_its_rules(watched: Machine) -> None:
    watched.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    await watched.wait_until(lambda: "mine" in names(watched.store.current))
    published = len(watched.reports)
    watched.write("config/rules/u.rules", "")
    watched.write("config/config.toml", '[rules]\ndisabled = ["base"]\n')
    await watched.wait_until(lambda: names(watched.store.current) == {"mine"})
    watched.write("config/rules/u.rules", RULE.format(name="mine2", pattern="mine"))
    await watched.wait_until(lambda: names(watched.store.current) == {"mine2"})
    assert len(watched.reports) == published + 2


async def test_after_a_worker_was_lost_an_emptied_file_changes_nothing_at_once(watched: Machine) -> None:
    watched.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    await watched.wait_until(lambda: "mine" in names(watched.store.current))
    asked = len(watched.bench.requests)
    watched.bench.builder = Builder(CATALOGUE)
    watched.write("config/rules/u.rules", "")
    async with asyncio.timeout(SOON):
        while len(watched.bench.requests) == asked:
            await asyncio.sleep(0)
    assert names(watched.store.current) == {"base", "mine"}
    await watched.wait_until(lambda: names(watched.store.current) == {"base"})


async def _project(machine: Machine, text: str) -> str:
    root = str(machine.top / "work")
    machine.write("work/.security-hooks/rules/p.rules", text)
    return root


async def test_a_call_outside_of_projects_with_rules_has_the_machines_snapshot(watched: Machine) -> None:
    assert watched.store.snapshot_for(None) is watched.store.current


async def test_what_a_snapshot_was_made_of_is_known_while_it_is_in_force(watched: Machine) -> None:
    root = await _project(watched, RULE.format(name="ours", pattern="ours"))
    machine, project = watched.store.current, await watched.store.build_project(root)
    assert machine is not None
    for snapshot in (machine, project):
        build = watched.store.build_of(snapshot.generation)
        assert build is not None
        assert (build.digest, len(build.rules)) == (snapshot.digest, len(snapshot.rules))
    assert watched.store.build_of(999) is None


async def test_a_project_with_rules_is_built_before_its_first_call_is_judged(watched: Machine) -> None:
    root = await _project(watched, RULE.format(name="ours", pattern="ours"))
    assert watched.store.snapshot_for(root) is None
    snapshot = await watched.store.build_project(root)
    assert names(snapshot) == {"base", "ours"}
    assert watched.store.snapshot_for(root) is snapshot
    assert names(watched.store.current) == {"base"}


async def test_a_projects_edit_and_the_machines_edit_both_reach_it(watched: Machine) -> None:
    root = await _project(watched, RULE.format(name="ours", pattern="ours"))
    await watched.store.build_project(root)
    watched.write("work/.security-hooks/rules/q.rules", RULE.format(name="more", pattern="more"))
    await watched.wait_until(lambda: "more" in names(watched.store.snapshot_for(root)))
    watched.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    await watched.wait_until(lambda: names(watched.store.snapshot_for(root)) == {"base", "ours", "more", "mine"})


async def test_generations_of_all_roots_are_told_apart(watched: Machine) -> None:
    root = await _project(watched, RULE.format(name="ours", pattern="ours"))
    snapshot = await watched.store.build_project(root)
    assert watched.store.current is not None
    assert snapshot.generation != watched.store.current.generation


async def test_a_project_whose_rules_were_never_good_is_denied_until_they_are_mended(watched: Machine) -> None:
    root = await _project(watched, "block\n")
    with pytest.raises(CallError) as failed:
        await watched.store.build_project(root)
    assert "p.rules:1:" in failed.value.failure.detail
    await _project(watched, RULE.format(name="ours", pattern="ours"))
    await watched.wait_until(lambda: watched.store.snapshot_for(root) is not None)
    assert names(await watched.store.build_project(root)) == {"base", "ours"}


async def test_a_project_is_not_waited_for_longer_than_patience(watched: Machine) -> None:
    root = await _project(watched, RULE.format(name="ours", pattern="ours"))
    watched.bench.gate.clear()
    with pytest.raises(CallError) as failed:
        await watched.store.build_project(root)
    assert failed.value.failure.reason is Reason.NO_POLICY
    assert watched.store.snapshot_for(None) is watched.store.current
    watched.bench.gate.set()
    assert names(await watched.store.build_project(root)) == {"base", "ours"}


async def test_an_untrusted_project_cannot_allow_or_except(watched: Machine) -> None:
    loosening = 'except "lax"\n  for "base"\n  match base\n  reason "mine"\nallow "all"\n  match ^.*$\n'
    root = await _project(watched, loosening)
    assert names(await watched.store.build_project(root)) == {"base"}
    assert {found.code for found in watched.reports[-1].diagnostics} >= {"untrusted"}


async def test_a_broken_machine_policy_still_lets_a_new_project_tighten_the_last_good_one(watched: Machine) -> None:
    watched.write("config/rules/u.rules", "block\n")
    await watched.wait_until(lambda: bool(watched.store.problems))
    root = await _project(watched, RULE.format(name="ours", pattern="ours"))
    assert names(await watched.store.build_project(root)) == {"base", "ours"}


async def test_a_projects_last_good_rules_are_used_untrusted_at_the_next_start(machine: Machine) -> None:
    await machine.store.start()
    root = await _project(machine, RULE.format(name="ours", pattern="ours"))
    await machine.store.build_project(root)
    await _project(machine, "block\n")
    again = machine.another()
    await again.start()
    assert names(await again.build_project(root)) == {"base", "ours"}
    assert root in again.problems


async def test_without_a_worker_what_is_in_force_stays(watched: Machine) -> None:
    before = watched.store.current
    watched.bench.is_dead = True
    watched.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    await watched.wait_until(lambda: bool(watched.store.problems))
    assert watched.store.current is before
    watched.bench.is_dead = False
    watched.bench.on_death()
    await watched.wait_until(lambda: "mine" in names(watched.store.current))


async def test_an_edit_that_no_worker_could_build_is_tried_again(
    watched: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "AGAIN", 0.05)
    watched.bench.is_dead = True
    watched.write("config/rules/u.rules", RULE.format(name="mine", pattern="mine"))
    await watched.wait_until(lambda: bool(watched.store.problems))
    watched.bench.is_dead = False
    await watched.wait_until(lambda: "mine" in names(watched.store.current))
    assert watched.store.problems == {}


async def test_only_what_changed_is_done_again(watched: Machine) -> None:
    for number in range(5):
        watched.write(f"config/rules/u{number}.rules", RULE.format(name=f"r{number}", pattern=f"p{number}"))
    await watched.wait_until(lambda: len(names(watched.store.current)) == 6)
    before = watched.store.current
    watched.write("config/rules/u0.rules", RULE.format(name="changed", pattern="p0"))
    await watched.wait_until(lambda: "changed" in names(watched.store.current))
    after = watched.store.current
    assert before is not None
    assert after is not None
    kept = set(before.compiled) & set(after.compiled)
    assert {encoding for encoding in before.compiled if encoding not in kept} == {
        encoding for encoding, rule in before.compiled.items() if rule.rule.name == "r0"
    }
    assert all(before.compiled[encoding] is after.compiled[encoding] for encoding in kept)


async def test_a_call_that_began_keeps_the_snapshot_it_pinned(watched: Machine) -> None:
    seen: set[tuple[int, str]] = set()

    async def calls(ended: Awaitable[None]) -> None:
        while not asyncio.ensure_future(ended).done():
            pinned = watched.store.snapshot_for(None)
            assert pinned is not None
            generation = pinned.generation
            await asyncio.sleep(0)
            assert pinned.generation == generation
            seen.add((pinned.generation, pinned.digest))

    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    calling = asyncio.ensure_future(calls(ended))
    for number in range(5):
        watched.write("config/rules/u.rules", RULE.format(name=f"r{number}", pattern="p"))
        await watched.wait_until(lambda: f"r{number}" in names(watched.store.current))  # noqa: B023 - awaited here
    ended.set_result(None)
    await calling
    assert len({generation for generation, _ in seen}) == len(seen)
