"""Our hooks in Codex CLI's `config.toml` and in the machine's `requirements.toml`.

The client runs a shell line, and blocks for exit status 2 with text on stderr, and for no other failure of it,
so the line makes that of every failure. Hooks in a person's file run only with a hash that says they were reviewed,
under a key that holds their place in the file: ours stand behind all others.
"""

import hashlib
import json
import re

import tomlkit
from tomlkit.exceptions import TOMLKitError

from security_hooks.wiring.codex_terminal import FEATURE, given_back, is_our_table, switched_off
from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.line import HookLine, is_ours
from security_hooks.wiring.table import CODEX_END_SECONDS, CODEX_SECONDS, END, START, wired_client
from security_hooks.wiring.toml_text import Section, behind, read_toml, sections, without

NAME = "codex-cli"
_TABLE = wired_client(NAME)
# Switched off or unpinned, hooks can be disabled by a flag; in a terminal the agent types what no hook sees.
PINS = {"hooks": True, FEATURE: False}

_REFUSED = """{ echo "security-hooks: refused (status $?)" >&2; exit 2; }"""
# At the start of a session exit status 2 is ignored, and this stops it before the first request to the model.
_STOPPED = (
    """echo '{"continue":false,"stopReason":"security-hooks: the guard does not answer; """
    """run `security-hooks doctor`"}'"""
)
_EVENT = re.compile(r"(?<!^)(?=[A-Z])")


def command(line: HookLine, event: str) -> str:
    """The shell line for an event."""
    shell = line.shell(NAME)
    if not line.observe:
        shell = f"{line.shell(NAME, held=True)} || {_STOPPED if event == START else _REFUSED}"
    return line.behind_start(shell) if event == START else shell


def timeout(event: str) -> int:
    """The client's limit for a hook, in seconds. Past it the tool runs; the end of a session waits for nothing."""
    return CODEX_END_SECONDS if event == END else CODEX_SECONDS


def snake(event: str) -> str:
    """An event's name in keys of trust."""
    return _EVENT.sub("_", event).lower()


def trust_hash(event: str, handler: dict[str, object]) -> str:
    """What the client wants in `hooks.state` for a command hook without a matcher: which one was reviewed."""
    timeout = handler.get("timeout")
    reviewed = {
        "type": "command",
        "command": handler.get("command"),
        "timeout": timeout if isinstance(timeout, int) and timeout > 0 else 1 if timeout == 0 or event == END else 600,
        "async": handler.get("async", False),
    }
    identity = {"event_name": snake(event), "hooks": [reviewed]}
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def wired(text: str | None, line: HookLine, trusted_as: tuple[str, ...]) -> str:
    """The settings with our hooks behind all others, and with their trust under each of the file's absolute paths.

    No paths: for managed settings, which need no trust and have pins of their own. `text` itself where all is as it
    should be. Observing hooks block nothing, and so take no terminal away.
    """
    before = text or ""
    read_toml(before)
    bare = _unwired(before)
    if trusted_as and not line.observe:
        bare = switched_off(bare)
    data = read_toml(bare)
    tables: list[str] = []
    states: list[str] = []
    for row in _TABLE.events:
        handler: dict[str, object] = {
            "type": "command",
            "command": command(line, row.event),
            "timeout": timeout(row.event),
        }
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in handler.items())
        tables.append(f"[[hooks.{row.event}]]\n\n[[hooks.{row.event}.hooks]]\n{lines}")
        index = len(_groups(data, row.event))
        for path in trusted_as:
            key = json.dumps(f"{path}:{snake(row.event)}:{index}:0")
            states.append(f'[hooks.state.{key}]\ntrusted_hash = "{trust_hash(row.event, handler)}"\n')
    after = behind(bare, tables + states)
    if read_toml(before) == _joined(after):
        return before
    return after


def pinned(text: str) -> str:
    """Requirements with the features that must hold; a person's other keys stay as they are."""
    data = read_toml(text)
    features = data.get("features", {})
    if isinstance(features, dict) and all(features.get(name) is value for name, value in PINS.items()):
        return text
    if "features" not in data:
        return behind(
            text, ["[features]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in PINS.items())]
        )
    try:
        document = tomlkit.parse(text)
        for name, value in PINS.items():
            document["features"][name] = value
        result = document.as_string()
    except (TOMLKitError, TypeError, ValueError):
        raise TextError(0, "`features` cannot be edited") from None
    want = {**data, "features": {**features, **PINS}} if isinstance(features, dict) else None
    if read_toml(result) != want:
        raise TextError(0, "`features` cannot be edited")
    return result


def unwired(text: str) -> str | None:
    """The settings without any hook of ours and without its trust; None where nothing else is left."""
    bare = _unwired(text)
    return bare if bare.strip() else None


def without_pins(text: str) -> str | None:
    """Requirements without our hooks; None where only what we pin is left. Else the pins stay."""
    left = _unwired(text)
    return None if read_toml(left) in ({}, {"features": PINS}) else left


def ours(data: dict[str, object], event: str) -> list[tuple[int, dict[str, object]]]:
    """Our hooks of an event: the index of each one's group, and the hook."""
    found = []
    for index, group in enumerate(_groups(data, event)):
        inner = group.get("hooks") if isinstance(group, dict) else None
        for handler in inner if isinstance(inner, list) else ():
            if isinstance(handler, dict) and is_ours((str(handler.get("command")),)):
                found += [(index, handler)]
    return found


def _unwired(text: str) -> str:
    text = given_back(text)
    data = read_toml(text)
    parts = sections(text)
    keys = _keys_of_trust(data)
    gone = [False] * len(parts)
    for index, part in enumerate(parts):
        if re.fullmatch(r"\[\[hooks\.\w+\.hooks\]\].*", part.header) and _runs_our_shim(part):
            gone[index] = True
            # A group that held nothing else goes with it.
            alone = index + 1 == len(parts) or parts[index + 1].header != part.header
            group = parts[index - 1]
            if alone and group.header == part.header.replace(".hooks]]", "]]") and not _body(group):
                gone[index - 1] = True
        elif any(part.header.startswith(f"[hooks.state.{json.dumps(key)}]") for key in keys):
            gone[index] = True
        elif is_our_table(part):
            gone[index] = True
            data = {name: value for name, value in data.items() if (name, value) != ("features", {})}
    result = without(text, gone)
    if _filled(read_toml(result)) != _filled(_without_ours(data, keys)):
        raise TextError(0, "our hooks are not written as we write them, and cannot be taken out")
    return result


def _runs_our_shim(part: Section) -> bool:
    try:
        body = read_toml(_body(part))
    except TextError:
        return False
    return is_ours((str(body.get("command")),))


def _body(part: Section) -> str:
    return part.text.partition("\n")[2].strip()


def _keys_of_trust(data: dict[str, object]) -> set[str]:
    """The keys of `hooks.state` that trust hooks of ours: those whose hash is that of one."""
    hashes = {trust_hash(event, handler) for event in _events(data) for _, handler in ours(data, event)}
    hooks = data.get("hooks")
    state = hooks.get("state") if isinstance(hooks, dict) else None
    rows = state.items() if isinstance(state, dict) else ()
    return {key for key, row in rows if isinstance(row, dict) and row.get("trusted_hash") in hashes}


def _without_ours(data: dict[str, object], keys: set[str]) -> dict[str, object]:
    hooks = data.get("hooks")
    if not isinstance(hooks, dict):
        return data
    left: dict[str, object] = {}
    for name, value in hooks.items():
        if name == "state" and isinstance(value, dict):
            state = {key: row for key, row in value.items() if key not in keys}
            left[name] = state
        elif isinstance(value, list):
            groups = [_group_without_ours(group) for group in value]
            kept = [group for group in groups if group is not None]
            left[name] = kept
        else:
            left[name] = value
    rest = {name: value for name, value in data.items() if name != "hooks"}
    return {**rest, "hooks": left}


def _filled(data: dict[str, object]) -> dict[str, object]:
    """The same without what is empty below `hooks`: a header that stands for nothing says nothing."""
    hooks = data.get("hooks")
    if not isinstance(hooks, dict):
        return data
    left = {name: value for name, value in hooks.items() if value not in ([], {})}
    rest = {name: value for name, value in data.items() if name != "hooks"}
    return {**rest, "hooks": left} if left else rest


def _group_without_ours(group: object) -> object:
    inner = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(group, dict) or not isinstance(inner, list):
        return group
    kept = [handler for handler in inner if not (isinstance(handler, dict) and is_ours((str(handler.get("command")),)))]
    if len(kept) == len(inner):
        return group
    rest = {name: value for name, value in group.items() if name != "hooks"}
    return {**rest, "hooks": kept} if kept else rest or None


def _events(data: dict[str, object]) -> list[str]:
    hooks = data.get("hooks")
    return [name for name, value in hooks.items() if isinstance(value, list)] if isinstance(hooks, dict) else []


def _groups(data: dict[str, object], event: str) -> list[object]:
    hooks = data.get("hooks")
    groups = hooks.get(event) if isinstance(hooks, dict) else None
    return groups if isinstance(groups, list) else []


def _joined(after: str) -> dict[str, object]:
    """What a text says that tables were put behind; raises TextError where they do not go there."""
    try:
        return read_toml(after)
    except TextError:
        raise TextError(
            0, "`hooks` is written in a form that nothing can be put behind; write it as `[[hooks.EVENT]]`"
        ) from None
