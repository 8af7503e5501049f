"""What of an MCP tool's input is code by its field's name: shell text, argument lists, SQL, code of a named language.

All of it becomes one shell script, in which code of another language stands as its interpreter or client would be
given it on a command line: so one reader reads all, and every rule holds.
"""

import re
import shlex
from collections.abc import Iterator

from security_hooks.model.event import InputString, ToolCall
from security_hooks.tools.strings import Strings, field

_ONE_COMMAND = frozenset(("command", "cmd", "shell_command", "cli_command", "command_line", "commandline", "cmdline"))
_SHELL_FIELDS = _ONE_COMMAND | frozenset(("commands", "shell", "bash", "script"))
_ARGUMENTS = frozenset(("args", "argv", "arguments"))
_CODE_FIELDS = frozenset(("code", "source", "source_code", "snippet", "program", "script", "cell", "expression"))
_LANGUAGE_FIELDS = frozenset(("language", "lang", "runtime", "kernel", "interpreter"))
_SQL_FIELDS = frozenset(("sql", "sql_query", "sql_statement"))
# These hold text of other kinds as often: only what begins as a statement does is one.
_QUERY_FIELDS = frozenset(("query", "queries", "statement", "statements"))
_OBJECT = r"(?:TABLE|DATABASE|SCHEMA|INDEX|VIEW|USER|ROLE|KEYSPACE|COLLECTION|FUNCTION|TRIGGER|EXTENSION)\s"
_CHANGE = (
    r"(?:DELETE\s+FROM\s|UPDATE\s+\S+\s+SET\s|INSERT\s+INTO\s|TRUNCATE\s+(?:TABLE\s|\S+\s*(?:;|\Z))"
    rf"|(?:DROP|ALTER|CREATE)\s+{_OBJECT}|LOAD\s+DATA\s|ATTACH\s|FLUSHALL\b|FLUSHDB\b"
)
_STATEMENT = re.compile(
    r"(?:\s|--[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+"
    rf"(?:{_CHANGE}|(?:SELECT|COPY)\s.*\b(?:FROM|TO)\b|WITH\s.*\bAS\s*\(|EXPLAIN\s|EXEC(?:UTE)?\s))",
    re.IGNORECASE | re.DOTALL,
)
_NEXT_STATEMENT = re.compile(rf";\s*+{_CHANGE})", re.IGNORECASE)
_SHELLS = frozenset(("bash", "sh", "shell", "zsh", "dash", "ksh"))
_RUN_BY = {
    "python": "python3 -c",
    "py": "python3 -c",
    "ipython": "python3 -c",
    "javascript": "node -e",
    "js": "node -e",
    "node": "node -e",
    "nodejs": "node -e",
    "typescript": "node -e",
    "ts": "node -e",
    "ruby": "ruby -e",
    "rb": "ruby -e",
    "perl": "perl -e",
    "php": "php -r",
    "lua": "lua -e",
    "r": "Rscript -e",
    "powershell": "pwsh -Command",
    "pwsh": "pwsh -Command",
    "sql": "psql -c",
    "applescript": "osascript -e",
    "osascript": "osascript -e",
    "tcl": "tclsh -c",
}
_WORDS = re.compile(r"[A-Za-z]+")
_VERSION = re.compile(r"[\d.]+\Z")


def script_in(tool: ToolCall, strings: Strings) -> str | None:
    """The code in an MCP tool's input as one shell script; None where there is none."""
    lines = list(_lines(tool, strings)) if strings.all else []
    return "\n".join(lines) if lines else None


def _lines(tool: ToolCall, strings: Strings) -> Iterator[str]:
    called = tool.mcp.tool if tool.mcp is not None else tool.name
    groups: dict[str, list[InputString]] = {}
    for string in strings.all:
        if not string.pointer.endswith("/~key"):
            groups.setdefault(_place(string), []).append(string)
    languages = {
        place.rpartition("/")[0]: held[0].value for place, held in groups.items() if _name(place) in _LANGUAGE_FIELDS
    }
    for place, held in groups.items():
        name = _name(place)
        above = place.rpartition("/")[0]
        language = _language(languages.get(above, "")) or _spoken(name) or _spoken(called)
        if name in _CODE_FIELDS and language in _RUN_BY:
            yield from (_run(language, string.value) for string in held)
        elif name in _SHELL_FIELDS or (name in _CODE_FIELDS and language in _SHELLS):
            yield from _commands(place, held, _arguments(groups, above))
        elif name == "argv" and not any(f"{above}/{word}" in groups for word in _ONE_COMMAND):
            yield shlex.join(string.value for string in held)
        elif name in _SQL_FIELDS:
            yield from (_run("sql", string.value) for string in held)
        elif name in _QUERY_FIELDS:
            yield from (_run("sql", string.value) for string in held if _is_statement(string.value))
        elif name.endswith("code") and language in _RUN_BY:
            yield from (_run(language, string.value) for string in held)


def _commands(place: str, held: list[InputString], arguments: list[str]) -> Iterator[str]:
    texts = [string.value for string in held]
    is_list = len(held) > 1 or held[0].pointer != place
    if _name(place) in _ONE_COMMAND and is_list and not any(char.isspace() for char in texts[0]):
        # One word after the other.
        yield shlex.join([*texts, *arguments])
    elif arguments and len(texts) == 1:
        yield f"{texts[0]} {shlex.join(arguments)}"
    else:
        yield from texts


def _arguments(groups: dict[str, list[InputString]], above: str) -> list[str]:
    """The argument list that stands beside a command."""
    for word in _ARGUMENTS:
        held = groups.get(f"{above}/{word}")
        if held is not None and held[0].pointer != f"{above}/{word}":
            return [string.value for string in held]
    return []


def _place(string: InputString) -> str:
    """Where a string stands; those of one list stand in one place."""
    above, _, last = string.pointer.rpartition("/")
    return above if last.isdigit() and above else string.pointer


def _name(place: str) -> str:
    return field(InputString(place, "")).lower()


def _language(text: str) -> str:
    return _VERSION.sub("", text.strip().lower())


def _spoken(name: str) -> str:
    """The language that a field or tool has in its name: `execute_python`, `pythonCode`."""
    words = _WORDS.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))
    # Of one letter or two, a word of a name is mostly another word.
    return next((word.lower() for word in words if len(word) > 2 and word.lower() in _RUN_BY), "")


def _run(language: str, code: str) -> str:
    return f"{_RUN_BY[language]} {shlex.quote(code)}"


def _is_statement(text: str) -> bool:
    return _STATEMENT.match(text) is not None or _NEXT_STATEMENT.search(text) is not None
