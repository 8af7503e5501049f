"""The feature by which an agent types into a terminal behind its hooks' back, switched off in a person's `config.toml`.

One line of ours says so, which keeps in its comment the line that it stands for: taken out again, every byte is back.
Where there was no table for it, the table is ours, too.
"""

import re
from collections.abc import Iterator

from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.toml_text import Section, behind, read_toml, sections

FEATURE = "unified_exec_tty"
_MARK = " # by security-hooks"
_OURS = f"{FEATURE} = false{_MARK}"
_INSTEAD = ", instead of: "
_TABLE = "[features]"
_HEADER = re.compile(r"\[\s*features\s*\]\s*(?:#.*)?")
_TOLD = re.compile(rf"\s*(?:features\s*\.\s*)?{FEATURE}\s*=")


def switched_off(text: str) -> str:
    """The settings with terminals switched off; `text` itself where they are. Raises TextError for a strange form."""
    data = read_toml(text)
    features = data.get("features", {})
    if isinstance(features, dict):
        if features.get(FEATURE) is False:
            return text
        want = {**data, "features": {**features, FEATURE: False}}
        for result in _candidates(text):
            if _says(result, want):
                return result
    raise TextError(
        0, f"`features` is in a form that cannot be edited; write `{_TABLE}` and `{FEATURE} = false` below it"
    )


def given_back(text: str) -> str:
    """The settings without our line, and with the one that it stands for. A table of ours alone is left, empty."""
    if _MARK not in text:
        return text
    result = "".join(_restored(part) for part in sections(text))
    if _without_feature(read_toml(text)) != _without_feature(read_toml(result)):
        raise TextError(0, f"our line about `{FEATURE}` cannot be taken out")
    return result


def is_our_table(part: Section) -> bool:
    """Whether it is the table that we made, with nothing in it."""
    return part.header == _TABLE + _MARK and not part.text.partition("\n")[2].strip()


def _candidates(text: str) -> Iterator[str]:
    """Edits, of which the first that says what is wanted is right: what looks like a table may stand in a string."""
    parts = sections(text)
    for index, part in enumerate(parts):
        if _HEADER.fullmatch(part.header):
            yield _with(parts, index, _edited(part.text, 1, _OURS, text))
    yield behind(text, [f"{_TABLE}{_MARK}\n{_OURS}\n"])
    yield _with(parts, 0, _edited(parts[0].text, 0, f"features.{_OURS}", text))


def _with(parts: list[Section], index: int, changed: str) -> str:
    return "".join(changed if at == index else part.text for at, part in enumerate(parts))


def _edited(part: str, first: int, ours: str, text: str) -> str:
    """A part with our line in the place of the one that tells of the feature, else as its line number `first`."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = part.splitlines(keepends=True)
    for index, line in enumerate(lines):
        if _TOLD.match(line):
            return "".join([*lines[:index], f"{ours}{_INSTEAD}{line}", *lines[index + 1 :]])
    head = [line if line.endswith("\n") else line + newline for line in lines[:first]]
    return "".join([*head, ours + newline, *lines[first:]])


def _restored(part: Section) -> str:
    lines = [_restored_line(line) for line in part.text.splitlines(keepends=True)]
    if part.header == _TABLE + _MARK and "".join(lines[1:]).strip():
        # Somebody has put more into our table, which is theirs from now on.
        lines[0] = lines[0].replace(_MARK, "", 1)
    return "".join(lines)


def _restored_line(line: str) -> str:
    head, mark, rest = line.partition(_OURS)
    if not mark or head not in {"", "features."}:
        return line
    if rest.startswith(_INSTEAD):
        return rest.removeprefix(_INSTEAD)
    return line if rest.strip() else ""


def _says(text: str, want: dict[str, object]) -> bool:
    try:
        return read_toml(text) == want
    except TextError:
        return False


def _without_feature(data: dict[str, object]) -> dict[str, object]:
    features = data.get("features")
    if not isinstance(features, dict):
        return data
    left = {name: value for name, value in features.items() if name != FEATURE}
    return {
        **{name: value for name, value in data.items() if name != "features"},
        **({"features": left} if left else {}),
    }
