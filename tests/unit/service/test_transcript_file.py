import os
from pathlib import Path

import pytest

from security_hooks.service import transcript_file as module
from security_hooks.service.transcript_file import MISSING, TranscriptFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept/t.jsonl"


def opened(path: Path) -> TranscriptFile:
    return TranscriptFile(str(path), str(path.parent), lambda _: False)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_whole_lines_are_given_once(path: Path) -> None:
    file = opened(path)
    append(path, b"a\nb")
    assert list(file.lines()) == [b"a"]
    append(path, b"c\n\nd\n")
    assert list(file.lines()) == [b"bc", b"", b"d"]
    assert list(file.lines()) == []


def test_of_a_long_history_the_end_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TAIL_BYTES", 5)
    append(path, b"first\nlast\nx\n")
    assert list(opened(path).lines()) == [b"x"]


def test_one_that_is_cut_back_or_replaced_is_read_anew(path: Path) -> None:
    file = opened(path)
    append(path, b"a\nbcdef\n")
    list(file.lines())
    path.write_bytes(b"g\n")
    assert list(file.lines()) == [b"g"]
    other = path.with_name("other")
    other.write_bytes(b"another\n")
    other.rename(path)
    assert list(file.lines()) == [b"another"]


def test_a_line_that_never_ends_is_counted_and_passed_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINE_BYTES", 4)
    monkeypatch.setattr(module, "_CHUNK", 3)
    append(path, b"longer than that\nb\n")
    file = opened(path)
    assert list(file.lines()) == [b"b"]
    assert file.too_long == 1


def test_what_is_not_there_may_come(path: Path) -> None:
    file = opened(path)
    assert (list(file.lines()), file.problem) == ([], MISSING)
    append(path, b"a\n")
    assert (list(file.lines()), file.problem) == ([b"a"], "")


def test_what_is_no_file_is_not_read(path: Path) -> None:
    os.mkfifo(path)
    file = opened(path)
    assert (list(file.lines()), file.problem) == ([], "it is no file of this user's")


def test_what_leads_elsewhere_is_not_read(path: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_bytes(b"a\n")
    path.symlink_to(tmp_path / "secret.jsonl")
    file = opened(path)
    assert list(file.lines()) == []
    assert file.problem == f"it lies outside {path.parent}"


def test_a_disk_that_may_not_answer_is_left_alone(path: Path) -> None:
    append(path, b"a\n")
    file = TranscriptFile(str(path), str(path.parent), lambda _: True)
    assert (list(file.lines()), file.problem) == ([], "it is on a disk that may not answer")


@pytest.mark.skipif(os.getuid() != 0, reason="to give files away takes root")
def test_a_file_of_another_user_is_not_read(path: Path) -> None:
    append(path, b"a\n")
    os.chown(path, 65_534, 65_534)
    file = opened(path)
    assert (list(file.lines()), file.problem) == ([], "it is no file of this user's")
