"""Whatever a person's settings are: installing twice is installing once, and uninstalling gives every byte back."""

import json
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from security_hooks.cli.changes import write
from security_hooks.install.places import machine
from security_hooks.install.plan import Wish, plan_install, plan_uninstall
from security_hooks.model.diagnostic import PolicyError
from security_hooks.model.record import Json
from security_hooks.wiring.json_text import TextError, parse
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.table import CLIENTS, SHIM, Scope
from security_hooks.wiring.toml_text import behind, read_toml, sections, without

LINE = HookLine("/opt/a b/security-hooks-shim", "/run/h.sock", "")
WISH = Wish(LINE, None, "0123456789abcdef")
OTHER = Wish(LINE, None, "fedcba9876543210")

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | NAMES
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
FEATURES = ["", "[features]\nweb = true\n", "[features]\n unified_exec_tty = true # mine\n\n"]
OTHER_NAMES = NAMES.filter(lambda name: name not in {"hooks", "hooksConfig", "disableAllHooks", "features"})
ENDS = st.sampled_from(["\n", "\r\n"])
HANDLERS = st.fixed_dictionaries({"type": st.just("command"), "command": st.sampled_from(["/bin/true", "x y"])})
GROUPS = st.fixed_dictionaries(
    {"hooks": st.lists(HANDLERS, max_size=2)}, optional={"matcher": st.sampled_from(["*", "", "Bash"])}
)
EVENTS = st.sampled_from(["PreToolUse", "BeforeTool", "Stop", "SessionStart", "Other"])
Hooks: TypeAlias = dict[str, list[dict[str, Any]]]
HOOKS: st.SearchStrategy[Hooks] = st.dictionaries(EVENTS, st.lists(GROUPS, max_size=2), max_size=3)
LAYOUTS = st.sampled_from([None, 0, 1, 4, "\t"])


@st.composite
def json_settings(draw: st.DrawFn) -> str:
    fields: dict[str, object] = dict(draw(st.dictionaries(OTHER_NAMES, VALUES, max_size=3)))
    if draw(st.booleans()):
        fields["hooks"] = draw(HOOKS)
    text = json.dumps(fields, indent=draw(LAYOUTS), ensure_ascii=draw(st.booleans())).replace("\n", draw(ENDS))
    return draw(st.sampled_from(["", " ", "\n"])) + text + draw(st.sampled_from(["", "\n"]))


@st.composite
def toml_settings(draw: st.DrawFn) -> str:
    plain = st.integers(-9, 9) | NAMES | st.booleans()
    fields: dict[str, object] = dict(draw(st.dictionaries(OTHER_NAMES, plain, max_size=3)))
    fields["multi"] = draw(st.sampled_from(["a\n[[hooks.PreToolUse]]\nb", "x", "\n[features]\n"]))
    text = tomli_w.dumps(fields, multiline_strings=draw(st.booleans()))
    text += draw(st.sampled_from(FEATURES)) if draw(st.booleans()) else ""
    for event, groups in draw(HOOKS).items():
        for group in groups:
            text += f"[[hooks.{event}]]\n" + "".join(f'matcher = "{group[key]}"\n' for key in group if key == "matcher")
            for handler in group["hooks"]:
                text += f'[[hooks.{event}.hooks]] # theirs\ntype = "command"\ncommand = "{handler["command"]}"\n'
    return draw(st.sampled_from(["", "# c\n", "\n\n"])) + text + draw(st.sampled_from(["", "\n", "# end", "#\r\n"]))


def round_trip(client: str, scope: Scope, text: str) -> bytes:
    """What the file holds after install; checks the laws on the way."""
    with TemporaryDirectory() as directory:
        place = machine(Path(directory), Path("/home/dev"), {})
        path = plan_install(place, client, scope, WISH)[0].path
        path.parent.mkdir(parents=True)
        path.write_bytes(text.encode())
        write(plan_install(place, client, scope, WISH))
        made = path.read_bytes()
        assert plan_install(place, client, scope, OTHER) == ()
        write(plan_uninstall(place, client, scope))
        left = {file.name: file.read_bytes() for file in Path(directory).rglob("*") if file.is_file()}
        assert left == {path.name: text.encode()}
        return made


def theirs(value: Json) -> Json:
    """Settings without groups of ours and what is empty for their sake."""
    assert isinstance(value, dict)
    hooks = value.get("hooks", {})
    assert isinstance(hooks, dict)
    kept: dict[str, Json] = {}
    for event, groups in hooks.items():
        assert isinstance(groups, list)
        others: list[Json] = [group for group in groups if SHIM not in json.dumps(group)]
        kept |= {event: others} if others else {}
    return {**{name: inner for name, inner in value.items() if name != "hooks"}, **({"hooks": kept} if kept else {})}


@given(json_settings(), st.sampled_from(["claude-code", "gemini-cli"]))
def test_json_settings_keep_all_that_is_theirs(text: str, client: str) -> None:
    made = round_trip(client, Scope.USER, text)
    assert theirs(json.loads(made)) == theirs(json.loads(text))


@given(toml_settings(), st.sampled_from(list(Scope)))
def test_toml_settings_keep_all_that_is_theirs(text: str, scope: Scope) -> None:
    made = round_trip("codex-cli", scope, text).decode()
    assert tomllib.loads(made)["features"]["unified_exec_tty"] is False
    assert set(text.splitlines()) - set(made.splitlines()) <= {" unified_exec_tty = true # mine"}


@given(st.text(max_size=60) | st.text(st.sampled_from(list('{}[]":,\\/*\n\r\t 01-.eEtrufalsn')), max_size=40))
def test_a_json_text_is_read_as_json_reads_it_or_refused_with_its_place(text: str) -> None:
    try:
        node = parse(text, comments=False)
    except TextError as error:
        assert 0 <= error.at <= len(text)
        assert error.message
        return
    assert json.loads(text) == node.value or node.value != node.value
    assert text[node.start : node.end].strip() == text.strip(" \t\r\n")


@given(st.binary(max_size=80), st.sampled_from([client.name for client in CLIENTS]), st.sampled_from(list(Scope)))
def test_any_bytes_are_refused_or_given_back(content: bytes, client: str, scope: Scope) -> None:
    with TemporaryDirectory() as directory:
        place = machine(Path(directory), Path("/home/dev"), {})
        path = plan_install(place, client, scope, WISH)[0].path
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        try:
            write(plan_install(place, client, scope, WISH))
            write(plan_uninstall(place, client, scope))
        except PolicyError as error:
            assert str(path) in str(error)
        if (client, scope) != ("claude-code", Scope.MANAGED):
            assert path.read_bytes() == content


TABLES = st.lists(st.sampled_from(["[a]\nb = 1\n", '[[c]]\nd = "x"\n']), min_size=1, max_size=2, unique=True)


@given(toml_settings().filter(lambda text: not {"a", "c"} & tomllib.loads(text).keys()), TABLES)
def test_tables_that_were_put_behind_a_text_come_out_again(text: str, tables: list[str]) -> None:
    whole = behind(text, tables)
    assert "".join(part.text for part in sections(whole)) == whole
    count = len(sections(whole))
    left = without(whole, [index >= count - len(tables) for index in range(count)])
    assert read_toml(left) == tomllib.loads(text)
