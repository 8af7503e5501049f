"""Laws of scopes: whatever links lie inside, what leads outside is never let through; what is denied stays denied."""

import glob
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from security_hooks.catalogue.load import shipped
from security_hooks.dsl import bounds
from security_hooks.dsl.bounds import bounds_of
from security_hooks.dsl.predicates.outside import CHANGES_OUTSIDE
from security_hooks.dsl.truth import Truth
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts
from security_hooks.model.word import Word
from security_hooks.policy.config_scope import is_host_of, lies_in, narrowed
from security_hooks.service.world import LocalWorld
from security_hooks.shell.limits import ShellLimits
from security_hooks.tools.facts import call_facts, focus

CATALOGUE = shipped()
NAMES = ("a", "b", "c")
ENTRIES = st.sampled_from(
    [".", "a", "a/b", "c", "../q", "/p/a", "/p", "/q/c", "~", "~/a", "*", "a/*", "!a", "!a/b", "!/p/c", "!~/a", "!**/c"]
)
LISTS = st.lists(ENTRIES, max_size=4, unique=True).map(tuple)
PATHS = st.sampled_from(
    ["/p", "/p/a", "/p/a/b", "/p/a/b/c", "/p/c", "/p/b/c", "/q/c", "/q", "/h", "/h/a", "/h/a/c", "/"]
)
HOSTS = st.sampled_from(["a.x", "b.x", "*.x", "*", "a.y", "!a.x", "!*.y"])
# Where links may stand, and where they may lead: inside, outside, in circles, nowhere.
PLACES = st.sampled_from(["a", "b", "c", "d/a", "d/b"])
TARGETS = st.sampled_from(
    ["d", "../out", "out", ".", "..", "a", "b", "../c", "d/a", "../proj/d", "../out/f", "nowhere", "/"]
)
WRITES = ("echo x > {}", "tee {}", "cp f {}", "chmod 600 {}", "sed -i s/a/b/ {}", "touch f {}")
TAKES = ("rm {}", "rm -rf {}", "mv {} f2")
WAYS = st.lists(st.sampled_from([*NAMES, "d", "..", ".", "x", "*", "?"]), min_size=1, max_size=4).map("/".join)


@pytest.fixture(autouse=True)
def without_temporary_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the links of these tests lead to lies in such a directory.
    monkeypatch.setattr(bounds, "ALWAYS", ())
    bounds._compiled.cache_clear()


def truth(command: str, directory: str, *entries: str) -> Truth:
    tool = ToolCall("Bash", ToolKind.SHELL, script=command)
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", cwd=directory, tool=tool)
    place = Place(directory, "/nobody", directory)
    limits = ShellLimits(milliseconds=5_000)
    call = call_facts(event, tool, place, CATALOGUE, limits, world=LocalWorld())
    match = CHANGES_OUTSIDE.build(entries)
    return max(match(facts) for facts in focus(call))


def leads_to(way: str, directory: str, *, itself: bool) -> list[str]:
    """Every path that a command would reach by this word, links followed as the kernel does."""
    found = []
    for path in glob.glob(f"{directory}/{way}") or [f"{directory}/{way}"]:  # noqa: PTH207 - as the shell joins them
        above, _, name = path.rpartition("/")
        if Path(above).is_dir():
            found.append(f"{os.path.realpath(above)}/{name}" if itself else os.path.realpath(path))
    return found


@given(st.dictionaries(PLACES, TARGETS, max_size=4), WAYS, st.sampled_from((*WRITES, *TAKES)))
@settings(max_examples=300, deadline=None)
def test_whatever_links_lie_in_the_scope_what_leads_outside_is_not_let_through(
    links: dict[str, str], way: str, command: str
) -> None:
    with tempfile.TemporaryDirectory() as base:
        project = Path(os.path.realpath(base), "proj")
        (project / "d").mkdir(parents=True)
        (project.parent / "out").mkdir()
        for name in ("proj/f", "proj/d/x", "out/f", "out/x"):
            (project.parent / name).write_text("")
        for place, target in links.items():
            (project / place).symlink_to(str(project.parent / "out") if target == "out" else target)
        is_itself = command in TAKES
        # A link that is taken away as a directory (`..` at the end) is what it leads to.
        reached = leads_to(way, str(project), itself=is_itself and not way.endswith(("..", ".")))
        outside = [path for path in reached if path != str(project) and not path.startswith(f"{project}/")]
        found = truth(command.format(way), str(project), ".")
        if outside:
            assert found is not Truth.NO, (links, reached)
        if not outside and not links and ".." not in way:
            assert found is Truth.NO


@given(LISTS, LISTS, PATHS)
def test_what_is_denied_is_outside_whatever_is_allowed(
    entries: tuple[str, ...], more: tuple[str, ...], path: str
) -> None:
    denied = tuple(entry for entry in entries if entry.startswith("!"))
    if _outside(denied, path) is Truth.YES:
        assert _outside((*more, *denied), path) is Truth.YES
        assert _outside((*denied, *more), path) is Truth.YES


@given(LISTS, st.randoms(), PATHS)
def test_the_order_of_entries_means_nothing(entries: tuple[str, ...], random: object, path: str) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random, which Hypothesis does not say
    assert _outside(entries, path) is _outside(tuple(shuffled), path)


@given(LISTS, LISTS, PATHS)
def test_a_stranger_s_entries_only_narrow(base: tuple[str, ...], wanted: tuple[str, ...], path: str) -> None:
    after = narrowed(base, wanted, lies_in)
    assert _outside(after, path) >= _outside(base, path), after


@given(st.lists(HOSTS, max_size=4, unique=True).map(tuple), st.lists(HOSTS, max_size=4, unique=True).map(tuple))
def test_a_stranger_s_hosts_only_narrow(base: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    after = narrowed(base, wanted, is_host_of)
    allowed = {entry for entry in base if entry[0] != "!"}
    assert {entry for entry in base if entry[0] == "!"} <= set(after)
    if allowed:
        kept = [entry for entry in after if entry[0] != "!"]
        assert kept
        assert all(any(is_host_of(entry, other) for other in allowed) for entry in kept)


def _outside(entries: tuple[str, ...], path: str) -> Truth:
    if not entries:
        return Truth.NO
    effect = Effect(EffectKind.WRITES, Word((path,), (0, 0), path))
    tool = ToolCall("Write", ToolKind.WRITE)
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool)
    return bounds_of(entries, "/p", "/h").outside(effect, CallFacts(event, tool, Place("/p", "/h", "/p"), None))
