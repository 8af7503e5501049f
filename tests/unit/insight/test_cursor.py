"""Marks in files."""

import subprocess
import sys
from pathlib import Path

import pytest

from security_hooks.insight.cursor import BEGINNING, Mark, load_mark, save_mark

MARK = Mark(1001, 4096, 1010, "a" * 64, 300)


def test_a_mark_is_kept_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "insight/sinks/s.json"
    save_mark(file, BEGINNING)
    save_mark(file, MARK)
    assert load_mark(file) == MARK
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("text", [b"", b"{", b'{"segment": "x"}', b"\0" * 40])
def test_a_spoilt_file_is_none(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "m").write_bytes(text)
    assert load_mark(tmp_path / "m") is None
    assert load_mark(tmp_path / "none") is None


def test_what_cannot_be_written_leaves_the_old_mark(tmp_path: Path) -> None:
    file = tmp_path / "m"
    save_mark(file, MARK)
    (tmp_path / ".m.new").symlink_to("/dev/full")
    with pytest.raises(OSError, match="symbolic"):
        save_mark(file, BEGINNING)
    assert load_mark(file) == MARK


def test_a_process_killed_while_it_writes_leaves_a_whole_mark(tmp_path: Path) -> None:
    file = tmp_path / "m"
    code = (
        "import sys; from pathlib import Path; from security_hooks.insight.cursor import Mark, save_mark\n"
        "n = 0\n"
        "while True:\n"
        "    n += 1; save_mark(Path(sys.argv[1]), Mark(n, n, n, str(n) * 64, n)); print(n, flush=True)\n"
    )
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(20):
                writer.stdout.readline()
            writer.kill()
        mark = load_mark(file)
        assert mark is not None
        assert mark.seq >= 20
        assert mark.hash == str(mark.seq) * 64
