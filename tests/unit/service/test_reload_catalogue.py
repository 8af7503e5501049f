"""Catalogue files of a person's own, and files of the daemon in other places: what is in force then."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.builder import Builder
from security_hooks.service.building import BuildAnswer, BuildRequest
from security_hooks.service.reload import PolicyStore

ENTRY = 'schema = 2\n[command.frob]\nsummary = "{}"\n'


class Bench:
    """A worker without a process."""

    def __init__(self) -> None:
        self.builder = Builder(shipped())
        self.asked = 0
        self.is_older = False
        self.on_death: Callable[[], None] = lambda: None

    async def ask(self, request: BuildRequest) -> BuildAnswer:
        self.asked += 1
        answer = self.builder.answer(request)
        self.builder.save()
        if self.is_older and answer.build is not None:
            return BuildAnswer(0, type(answer.build)("d", answer.build.config, (), catalogue=b"\x93\x00\xa0\x91\x80"))
        return answer


@pytest.fixture
def places(tmp_path: Path) -> PolicyDirectories:
    for name in ("shipped/rules", "config/catalogue", "p/.security-hooks/catalogue"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "shipped/config.toml").write_bytes((Path(__file__).parents[3] / "config.toml").read_bytes())
    (tmp_path / "shipped/rules/base.rules").write_text('block "base"\n  match base\n')
    names = ("shipped", "shipped/rules", "system", "config", "state")
    return PolicyDirectories(*(str(tmp_path / name) for name in names))


def write(places: PolicyDirectories, text: str) -> None:
    Path(places.config, "catalogue/a.toml").write_text(text)


async def started(places: PolicyDirectories, bench: Bench) -> PolicyStore:
    store = PolicyStore(places, bench, lambda _: None)
    await store.start()
    return store


def summary(snapshot: Snapshot | None) -> str:
    assert snapshot is not None
    return snapshot.catalogue.commands["frob"].summary


async def test_without_files_it_is_the_shipped_one(places: PolicyDirectories) -> None:
    store = await started(places, Bench())
    assert store.current is not None
    assert store.current.catalogue is shipped()


async def test_it_belongs_to_the_snapshot_and_no_project_changes_it(places: PolicyDirectories, tmp_path: Path) -> None:
    write(places, ENTRY.format("one"))
    (tmp_path / "p/.security-hooks/catalogue/p.toml").write_text(ENTRY.format("loosened"))
    store = await started(places, Bench())
    assert summary(store.current) == "one"
    project = await store.build_project(str(tmp_path / "p"))
    assert store.current is not None
    assert project.catalogue is store.current.catalogue


async def test_a_start_with_a_broken_file_uses_the_last_good_one_and_says_so(places: PolicyDirectories) -> None:
    write(places, ENTRY.format("one"))
    await started(places, Bench())
    write(places, "schema = 2\n[command.frob]\nstops = 1\n")
    again = await started(places, Bench())
    assert summary(again.current) == "one"
    ((problem,),) = again.problems.values()
    assert str(problem).startswith(f"{places.config}/catalogue/a.toml:3:1: `stops` is neither true nor false")


async def test_a_second_start_needs_no_build(places: PolicyDirectories) -> None:
    write(places, ENTRY.format("one"))
    await started(places, Bench())
    bench = Bench()
    assert summary((await started(places, bench)).current) == "one"
    assert bench.asked == 0


async def test_a_daemon_with_files_in_other_places_than_before_builds_nothing_anew(places: PolicyDirectories) -> None:
    await started(places, Bench())
    bench = Bench()
    store = await started(replace(places, guarded=("/srv/conf/**",)), bench)
    assert bench.asked == 0
    assert store.current is not None
    assert store.current.guarded == ("/srv/conf/**",)


async def test_a_catalogue_that_a_worker_of_another_version_packed_is_not_put_in_force(
    places: PolicyDirectories,
) -> None:
    bench = Bench()
    bench.is_older = True
    store = await started(places, bench)
    assert store.current is None
    assert [problem.code for problem in store.problems[None]] == ["other-version"]


async def test_last_good_sources_are_built_with_what_is_guarded_now(places: PolicyDirectories) -> None:
    write(places, ENTRY.format("one"))
    await started(places, Bench())
    write(places, "nonsense")
    store = await started(replace(places, guarded=("/srv/conf/**",)), Bench())
    assert store.current is not None
    build = store.build_of(store.current.generation)
    assert build is not None
    assert build.guarded == ("/srv/conf/**",)
