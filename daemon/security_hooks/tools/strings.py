"""What the strings given to an MCP server's tool may be: paths, addresses, variables, JSON with more of them.

Nobody knows what it does with them. Takes the strings of the input; gives what the rules should look at besides.
"""

import re
from collections.abc import Iterator

import msgspec

from security_hooks.model.event import InputString, ToolCall, ToolKind

# Of the strings inside of strings; those of the input itself are few enough for every client's decoder.
MOST_NESTED = 2_000
LARGEST_NESTED = 1 << 18
_DEEPEST = 32
_JSON_IN_JSON = 3
_MAY_BE_JSON = frozenset("{[ \t\r\n")
# What stands here is kept or shown as it is, JSON or not.
_TEXTS = frozenset(
    [
        "content",
        "contents",
        "text",
        "new_text",
        "newtext",
        "old_text",
        "oldtext",
        "file_text",
        "new_string",
        "old_string",
        "new_str",
        "old_str",
        "body",
        "data",
        "diff",
        "patch",
        "message",
        "description",
        "html",
        "markdown",
        "value",
    ]
)
_LONGEST_PATH = 4_096
_PATH_FIELDS = re.compile(
    r"(?:.*[_-])?(?:path|paths|file|files|filename|filepath|dir|directory|folder|cwd|root)", re.IGNORECASE
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}://[^\s<>\"'`]+")
_PROSE_FIELDS = frozenset(("prompt", "instruction", "instructions", "task", "goal"))
_MOST_ADDRESSES = 64
_FOLDED = str.maketrans("", "", "\t\r\n")
_ROOTED = ("/", "~/", "./", "../")
_VARIABLE_MAPS = frozenset(("env", "environment", "env_vars", "environment_variables"))
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


_TOO_MANY = [InputString("", "")] * (MOST_NESTED + 1)


class Strings(msgspec.Struct, frozen=True, gc=False):
    """Every string of an MCP tool's input; `whole` is False where there are more, inside of other strings."""

    all: tuple[InputString, ...] = ()
    whole: bool = True


def strings_of(tool: ToolCall) -> Strings:
    """The strings of an MCP tool's input, those of the JSON that one is in its place; none for another tool."""
    if tool.kind is not ToolKind.MCP:
        return Strings()
    found: list[InputString] = []
    nested = 0
    is_whole = True
    waiting = [(string, 0) for string in reversed(tool.strings)]
    while waiting:
        string, depth = waiting.pop()
        inner = _inner(string) if string.value[:1] in _MAY_BE_JSON and field(string).lower() not in _TEXTS else None
        nested += len(inner or ())
        if inner is None:
            found.append(string)
        elif depth == _JSON_IN_JSON or nested > MOST_NESTED:
            is_whole = False
            found.append(string)
        else:
            waiting += [(below, depth + 1) for below in reversed(inner)]
    return Strings(tuple(found), is_whole)


def paths_and_urls(strings: Strings) -> Iterator[tuple[str, str, bool]]:
    """The strings that may be a path or an address, the field that each stands under, whether it is an address."""
    for string in strings.all:
        value = string.value.strip()
        if not value:
            continue
        name = field(string)
        if _SCHEME.match(value) or value.startswith("file:"):
            # Who reads an address takes no notice of line ends in it.
            yield value.translate(_FOLDED).split(" ")[0], name, True
        elif len(value) <= _LONGEST_PATH and "\n" not in value and _is_path(value, name):
            yield value, name, False
        if name in _PROSE_FIELDS and "://" in value:
            for number, address in enumerate(_ADDRESS.finditer(value)):
                if number == _MOST_ADDRESSES:
                    break
                yield address[0].rstrip(".,;:!?)]}*_"), name, True


def _is_path(value: str, name: str) -> bool:
    return value == "~" or value.startswith(_ROOTED) or _PATH_FIELDS.fullmatch(name) is not None


def variables(strings: Strings) -> Iterator[tuple[str, str]]:
    """The environment variables that the input sets, with their values."""
    for string in strings.all:
        *above, last = string.pointer.split("/")
        if above and above[-1] in _VARIABLE_MAPS and last != "~key":
            name, equals, value = string.value.partition("=")
            if last.isdigit():
                if equals and _VARIABLE.fullmatch(name):
                    yield name, value
            elif _VARIABLE.fullmatch(last):
                yield last, string.value


def field(string: InputString) -> str:
    """The name that a string stands under; of one in a list, that of the list."""
    parts = [part for part in string.pointer.split("/") if part and not part.isdigit()]
    return parts[-1] if parts else ""


def _inner(string: InputString) -> list[InputString] | None:
    """The strings of the JSON that a string is; None for one that is none."""
    if len(string.value) > LARGEST_NESTED:
        return _TOO_MANY
    try:
        value = msgspec.json.decode(string.value)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(value, dict | list):
        return None
    found: list[InputString] = []
    waiting: list[tuple[str, object, int]] = [(string.pointer, value, 0)]
    while waiting and len(found) <= MOST_NESTED:
        pointer, value, depth = waiting.pop()
        if isinstance(value, str):
            found.append(InputString(pointer, value))
        elif depth > _DEEPEST:
            return _TOO_MANY
        elif isinstance(value, dict):
            names = [(key.replace("~", "~0").replace("/", "~1"), member) for key, member in value.items()]
            waiting += [(f"{pointer}/{name}", member, depth + 1) for name, member in reversed(names)]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{at}", value[at], depth + 1) for at in range(len(value) - 1, -1, -1)]
    return found
