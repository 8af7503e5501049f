from security_hooks.service.lineage import MOST, Lineage
from security_hooks.service.person import ClientProcess


def claude(steps: int, pid: int) -> ClientProcess:
    return ClientProcess(steps, pid, pid * 10, "claude-code")


def codex(steps: int, pid: int) -> ClientProcess:
    return ClientProcess(steps, pid, pid * 10, "codex-cli")


# Hook processes and the clients above them.
TREE = {
    1: (claude(2, 100),),
    2: (codex(1, 200), codex(2, 201), claude(4, 100)),
    3: (claude(1, 300), claude(3, 100)),
    4: (claude(1, 400),),
    5: (codex(1, 500), codex(2, 501)),
}


def lineage() -> Lineage:
    return Lineage(lambda pid: TREE.get(pid, ()))


def test_an_agent_that_a_session_starts_belongs_to_it() -> None:
    families = lineage()
    assert families.family("a", 1, begins=True) == "a"
    assert families.family("b", 2, begins=True) == "a"
    assert (families.known("b"), families.known("never met")) == ("a", "never met")
    assert families.family("c", 3, begins=False) == "a"
    assert families.family("d", 4, begins=False) == "d"
    assert families.family("e", 5, begins=False) == "e"


def test_a_session_is_looked_for_once_until_it_begins_anew() -> None:
    families = lineage()
    assert families.family("a", 1, begins=True) == "a"
    assert families.family("b", 4, begins=False) == "b"
    assert families.family("b", 2, begins=False) == "b"
    assert families.family("b", 2, begins=True) == "a"
    assert families.family("b", 4, begins=True) == "a"


def test_an_unknown_tree_leaves_each_session_alone() -> None:
    families = lineage()
    assert families.family("a", 0, begins=True) == "a"
    assert families.family("b", 0, begins=True) == "b"


def test_it_is_taken_up_again() -> None:
    before, after = lineage(), lineage()
    before.family("a", 1, begins=True)
    after.restore(*before.plain())
    assert after.family("b", 2, begins=True) == "a"


def test_it_is_bounded() -> None:
    families = lineage()
    for number in range(MOST + 10):
        families.family(f"s{number}", 0, begins=True)
    assert len(families.plain()[0]) == MOST
