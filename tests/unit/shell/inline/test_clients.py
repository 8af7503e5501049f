from collections.abc import Callable

import pytest

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.inline.reading import Value

Told = Callable[[str, str | Value], list[str]]
X = Hole(HoleKind.PARAMETER, "$X")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("SELECT * FROM t WHERE a = 'DROP TABLE t' -- DROP TABLE t", []),
        ("INSERT INTO t VALUES (1); UPDATE t SET a = 1 WHERE b = 2; DELETE FROM t WHERE id = 1", []),
        ("DROP TABLE IF EXISTS users CASCADE", ["mutates users"]),
        ("drop database x", ["mutates x"]),
        ("TRUNCATE t; DELETE FROM u; UPDATE v SET a = 1", ["mutates t", "mutates u", "mutates v"]),
        ("DELETE FROM t WHERE 1 = 1", ["mutates t"]),
        ("COPY t TO PROGRAM 'id'", ["shell id"]),
        ("COPY t FROM '/x'", ["reads /x"]),
        ("SELECT load_file('/x') INTO OUTFILE '/y'", ["reads /x", "writes /y"]),
        ("LOAD DATA INFILE '/x' INTO TABLE t", ["reads /x"]),
        ("ATTACH '/x' AS a", ["reads /x", "writes /x perhaps"]),
        ("GRANT ALL ON DATABASE d TO PUBLIC", ["mutates grant=ALL ON DATABASE d TO PUBLIC"]),
        ("\\! id", ["shell id"]),
        ("system id;", ["shell id"]),
        ("SELECT system FROM t", []),
        ("\\copy t to program 'id'", ["shell id"]),
        ("\\copy t to '/x'", ["writes /x"]),
        (".shell id\n.output /x\n.read /y", ["writes /x", "reads /y", "shell id"]),
    ],
)
def test_sql_statements_and_client_commands(told: Told, code: str, found: list[str]) -> None:
    assert told("sql", code) == found


@pytest.mark.parametrize(
    ("language", "code", "found"),
    [
        ("gdb", "break main\nrun\nbt", []),
        ("gdb", "shell id", ["shell id"]),
        ("gdb", "!id", ["shell id"]),
        ("gdb", 'call (int)system("id")', ["shell id"]),
        ("gdb", "source /x", ["executes /x"]),
        ("applescript", 'display dialog "do it"', []),
        ("applescript", 'do shell script "i" & "d" with administrator privileges', ["shell id"]),
        ("applescript", "do shell script x", ["shell ?"]),
        ("applescript", 'run script "do shell script \\"id\\""', ["shell id"]),
    ],
)
def test_commands_of_other_clients(told: Told, language: str, code: str, found: list[str]) -> None:
    assert told(language, code) == found


def test_python_within_gdb_is_read(told: Told) -> None:
    assert "deletes /x" in told("gdb", "python import os; os.remove('/x')")
