"""SQL and the commands of its clients: what a statement destroys, which files it reads and writes, what it runs."""

import re
from collections.abc import Iterator

from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline.reading import RawEffect

_TOKEN = re.compile(
    r"(?P<skip>\s+|--[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<text>'(?:[^'\\]|''|\\.)*'?|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))"
    r"|(?P<name>\"(?:[^\"]|\"\")*\"?|`[^`]*`?|\[[^\]]*\]?|[^\W\d][\w$.]*)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_DROPPED = frozenset(
    [
        "TABLE",
        "DATABASE",
        "SCHEMA",
        "INDEX",
        "VIEW",
        "USER",
        "ROLE",
        "KEYSPACE",
        "TABLESPACE",
        "COLLECTION",
        "TRIGGER",
        "FUNCTION",
        "OWNED",
        "EXTENSION",
    ]
)
_FILE_READERS = frozenset(
    [
        "LOAD_FILE",
        "PG_READ_FILE",
        "PG_READ_BINARY_FILE",
        "READFILE",
        "READ_CSV",
        "READ_PARQUET",
        "READ_TEXT",
        "LO_IMPORT",
    ]
)
_FILE_WRITERS = frozenset(["WRITEFILE", "LO_EXPORT"])
_WORDS = (
    _DROPPED
    | _FILE_READERS
    | _FILE_WRITERS
    | frozenset(
        [
            "DROP",
            "TRUNCATE",
            "DELETE",
            "UPDATE",
            "WHERE",
            "FROM",
            "TABLE",
            "ONLY",
            "ALTER",
            "WITH",
            "EXPLAIN",
            "ANALYZE",
            "CASCADE",
            "RESTRICT",
            "PROGRAM",
            "TO",
            "INTO",
            "COPY",
            "BACKUP",
            "RESTORE",
            "EXPORT",
            "BULK",
            "VACUUM",
            "OUTFILE",
            "DUMPFILE",
            "INFILE",
            "ATTACH",
            "DATABASE",
            "LOAD",
            "LOAD_EXTENSION",
            "XP_CMDSHELL",
            "SYS_EXEC",
            "SYS_EVAL",
            "TRUE",
            "FLUSHALL",
            "FLUSHDB",
            "SHUTDOWN",
            "SELECT",
            "INSERT",
            "VALUES",
            "SET",
            "IF",
            "EXISTS",
            "AS",
            "IN",
            "GRANT",
            "CREATE",
            "SUPERUSER",
            "CREATEROLE",
            "SYSADMIN",
        ]
    )
)
# What makes a role one that may do anything.
_POWERS = frozenset(["SUPERUSER", "CREATEROLE", "SYSADMIN"])
_MOST_TOKENS = 20_000
_MOST_NAMED = 20


def statements(sql: str) -> Iterator[list[str]]:
    """The statements, each as its tokens: words in capitals, texts with their quote in front, signs."""
    tokens: list[str] = []
    for number, match in enumerate(_TOKEN.finditer(sql)):
        if number > _MOST_TOKENS:
            break
        kind = match.lastgroup
        if match["text"] is not None:
            body = match["text"]
            if body.startswith("$"):
                tag = len(match["tag"]) + 2
                tokens.append("'" + body[tag:-tag])
            else:
                tokens.append(
                    "'" + (body[1:-1] if body.endswith("'") and len(body) > 1 else body[1:]).replace("''", "'")
                )
        elif kind == "name" or match["name"] is not None:
            name = match["name"]
            tokens.append(name if name[0] in '"`[' or name.upper() not in _WORDS else name.upper())
        elif match["other"] == ";":
            if tokens:
                yield tokens
            tokens = []
        elif match["other"] is not None:
            tokens.append(match["other"])
    if tokens:
        yield tokens


def programs(sql: str) -> Iterator[str]:
    """The shell texts that statements run on the server: `COPY .. PROGRAM`, `xp_cmdshell`."""
    for tokens in statements(sql):
        for number, sign in enumerate(tokens[:-1]):
            if (
                sign in ("PROGRAM", "XP_CMDSHELL", "SYS_EXEC", "SYS_EVAL")
                and (text := _text(tokens, number + 1)) is not None
            ):
                yield text


def mutations(sql: str) -> Iterator[RawEffect]:
    """What the statements do to the database, and the files that they read and write."""
    for tokens in statements(sql):
        if tokens[0] == "EXPLAIN" and "ANALYZE" not in tokens:
            continue
        first = tokens[0]
        if first == "WITH":
            first = next((sign for sign in tokens if sign in ("DELETE", "UPDATE")), first)
        if first == "DROP" and any(sign in _DROPPED for sign in tokens[1:4]):
            yield _mutation(next((t for t in tokens[2:] if t not in ("IF", "EXISTS")), ""))
        elif first == "TRUNCATE" or (
            first in ("DELETE", "UPDATE") and ("WHERE" not in tokens or _holds_always(tokens))
        ):
            yield _mutation(_table(tokens))
        elif first == "ALTER" and "DROP" in tokens:
            yield _mutation(tokens[2] if len(tokens) > 2 else "")
        elif first == "GRANT" or (first in ("ALTER", "CREATE") and not _POWERS.isdisjoint(tokens)):
            named = [sign for sign in tokens[1:] if sign not in "(),"]
            yield RawEffect(EffectKind.MUTATES, ("grant=" + " ".join(named[:_MOST_NAMED]),), object="setting")
        elif first in ("FLUSHALL", "FLUSHDB", "SHUTDOWN"):
            yield _mutation("")
        yield from _files(tokens)


def _files(tokens: list[str]) -> Iterator[RawEffect]:
    for number, sign in enumerate(tokens):
        after = _text(tokens, number + 1)
        if after is None:
            continue
        if (
            sign in ("OUTFILE", "DUMPFILE")
            or (sign == "TO" and tokens[0] in ("COPY", "BACKUP", "EXPORT"))
            or (sign == "INTO" and tokens[0] == "VACUUM")
        ):
            yield RawEffect(EffectKind.WRITES, (after,))
        elif sign == "INFILE" or (sign == "FROM" and tokens[0] in ("COPY", "BULK", "RESTORE")) or sign in _FILE_READERS:
            yield RawEffect(EffectKind.READS, (after,))
        elif sign in _FILE_WRITERS:
            yield RawEffect(EffectKind.WRITES, (after,))
        elif sign in ("ATTACH", "DATABASE") and tokens[0] == "ATTACH":
            yield RawEffect(EffectKind.READS, (after,))
            yield RawEffect(EffectKind.WRITES, (after,), certain=False)
        elif sign in ("LOAD_EXTENSION", "LOAD"):
            yield RawEffect(EffectKind.EXECUTES, (after,))


def _table(tokens: list[str]) -> str:
    return next((sign for sign in tokens[1:] if sign not in ("TABLE", "FROM", "ONLY")), "")


def _holds_always(tokens: list[str]) -> bool:
    """`WHERE 1=1`, `WHERE true`."""
    if "WHERE" not in tokens:
        return False
    condition = tokens[tokens.index("WHERE") + 1 :]
    return condition in (["TRUE"], ["1"]) or (
        len(condition) == 3 and condition[1] == "=" and condition[0] == condition[2]
    )


def _mutation(name: str) -> RawEffect:
    return RawEffect(EffectKind.MUTATES, (name.strip('"`[]'),) if name else (), object="database")


def _text(tokens: list[str], place: int) -> str | None:
    """The text at this place, an opening parenthesis or `=` before it skipped."""
    while place < len(tokens) and tokens[place] in ("(", "="):
        place += 1
    if place < len(tokens) and tokens[place].startswith("'"):
        return tokens[place][1:]
    return None
