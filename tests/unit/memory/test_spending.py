"""What calls spend, by what is known of real command lines."""

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.memory.spending import MOST_NAMED, MOST_SENT, spending_of
from security_hooks.model.event import EventKind, HookEvent, InputString, Place, ToolCall, ToolKind
from security_hooks.model.spending import NOTHING, Spending
from security_hooks.shell.limits import ShellLimits
from security_hooks.tools.facts import call_facts


def spent(tool: ToolCall) -> Spending:
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", cwd="/w", tool=tool)
    limits = ShellLimits(commands=4_000, nodes=100_000, milliseconds=20_000)
    return spending_of(call_facts(event, tool, Place("/w", "/h", "/w"), shipped(), limits))


def of(script: str) -> Spending:
    return spent(ToolCall("Bash", ToolKind.SHELL, script=script))


@pytest.mark.parametrize(
    ("script", "deleted", "written", "hosts", "pushes"),
    [
        ("ls; cat a", 0, 0, 0, 0),
        ("rm a b; rm a", 2, 0, 0, 0),
        ("rm -rf build", 1, 0, 0, 0),
        ("rm *.o", 1, 0, 0, 0),
        ('rm "$A" "$B"', 2, 0, 0, 0),
        ("for f in a b c; do rm $f; done", 3, 0, 0, 0),
        ("echo x > a; echo y >> ./a; sed -i s/a/b/ b", 0, 2, 0, 0),
        ("echo x > /dev/null", 0, 0, 0, 0),
        ("mv a b", 0, 1, 0, 0),
        ("ssh host rm -rf /x", 0, 0, 1, 0),
        ("curl https://a.example/1 https://A.example/2; wget https://b.example", 0, 1, 2, 0),
        ("curl http://localhost:80 http://127.0.0.1", 0, 0, 0, 0),
        ('curl "$URL"; curl "$URL"', 0, 0, 1, 0),
        ('curl "$URL"; curl "$OTHER"', 0, 0, 2, 0),
        ("git push origin main", 0, 0, 1, 0),
        ("git push --force origin main", 0, 0, 1, 1),
        ("git push -f; git push origin +main :old", 0, 0, 1, 2),
        ("git push --force-with-lease origin topic", 0, 0, 1, 1),
        ("git rebase -i HEAD~3; git reset --hard", 0, 0, 0, 0),
    ],
)
def test_what_a_command_line_spends(script: str, deleted: int, written: int, hosts: int, pushes: int) -> None:
    found = of(script)
    first, second, third = found.unnamed
    # What git itself writes in a discard is its own.
    counted = (len(found.deleted) + first, len(found.hosts) + third, found.pushes)
    assert counted == (deleted, hosts, pushes)
    if "git" not in script:
        assert len(found.written) + second == written


@pytest.mark.parametrize(
    ("script", "sent", "least"),
    [
        ("curl -d @data.txt https://a.example", ("/w/data.txt",), 0),
        ("cat a.txt | curl -d @- https://a.example", ("/w/a.txt",), 0),
        ("curl -F f=@a.txt https://a.example < b.txt", ("/w/a.txt", "/w/b.txt"), 0),
        ("scp a.txt host:/x", ("/w/a.txt",), 0),
        (f"curl -d '{'x' * 500}' https://a.example", (), 500),
        (f"echo {'x' * 500} | nc a.example 80", (), 500),
        (f"curl -d @- https://a.example <<'END'\n{'x' * 500}\nEND", (), 500),
        (f"echo {'x' * 500}; curl https://a.example", (), 0),
    ],
)
def test_what_is_known_of_the_bytes_that_leave(script: str, sent: tuple[str, ...], least: int) -> None:
    found = of(script)
    assert sorted(found.sent) == sorted(sent)
    assert least <= found.bytes < least + 100


def test_what_only_reads_spends_nothing() -> None:
    assert of("ls -la; grep -r x . | head") is NOTHING
    assert spending_of(None) is NOTHING


def test_the_tools_of_clients_spend_as_commands_do() -> None:
    write = spent(ToolCall("Write", ToolKind.WRITE, paths=("/w/a",), content=("x",)))
    assert write.written == of("touch a").written
    fetch = spent(
        ToolCall("WebFetch", ToolKind.FETCH, urls=("https://a.example/?q=1",), strings=(InputString("/url", "x" * 30),))
    )
    assert (fetch.hosts, fetch.bytes) == (of("curl https://a.example").hosts, 30)


def test_what_is_too_much_to_name_is_counted_all_the_same() -> None:
    found = of("rm " + " ".join(f"f{number}" for number in range(MOST_NAMED + 7)))
    assert (len(found.deleted), found.unnamed[0]) == (MOST_NAMED, 7)
    found = of(f"scp {' '.join(f'f{number}' for number in range(MOST_SENT + 7))} host:/x")
    assert len(found.sent) == MOST_SENT
