from collections.abc import Callable

import pytest

from security_hooks.audit.chain import START, raw_hash, seal
from security_hooks.audit.damage import Damage
from security_hooks.audit.verify import Report, verify

CONTENT = "the record's content does not give its hash"
UNLINKED = (
    "the record is whole but does not link to the one before:"
    " record {} was changed and hashed anew, or all from here on comes from another log"
)
AT = "2026-11-21T12:00:00.000000000Z"


def chain(count: int, prev: str = START, first: int = 1, word: str = "x") -> list[bytes]:
    lines = []
    for seq in range(first, first + count):
        line, prev = seal(prev, seq, AT, "decision", b'{"%b":%d}' % (word.encode(), seq))
        lines.append(line)
    return lines


def check(*segments: tuple[int, list[bytes]]) -> Report:
    return verify((f"{first:08d}.jsonl", first, lines) for first, lines in segments)


def edit(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], lines[4].replace(b'"x":5', b'"x":6'), *lines[5:]]


def rehash(lines: list[bytes]) -> list[bytes]:
    line, _ = seal(hash_of(lines[3]), 5, AT, "decision", b'{"x":"changed"}')
    return [*lines[:4], line, *lines[5:]]


def insert_foreign(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], b"hello\n", *lines[4:]]


def insert_linked(lines: list[bytes]) -> list[bytes]:
    line, _ = seal(hash_of(lines[3]), 5, AT, "decision", b'{"y":1}')
    return [*lines[:4], line, *lines[4:]]


def insert_copy(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], lines[1], *lines[4:]]


def insert_numbered_high(lines: list[bytes]) -> list[bytes]:
    line, _ = seal(hash_of(lines[3]), 9, AT, "decision", b'{"y":1}')
    return [*lines[:4], line, *lines[4:]]


def remove(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], *lines[6:]]


def swap(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], lines[5], lines[4], *lines[6:]]


def move_far(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], *lines[5:9], lines[4], *lines[9:]]


def replace_tail(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], *chain(6, "ee" * 32, 5, "y")]


def append_foreign(lines: list[bytes]) -> list[bytes]:
    return [*lines, b'{"hello":1}\n']


def append_other_chain(lines: list[bytes]) -> list[bytes]:
    return [*lines, *chain(2)]


def split_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], lines[4][:60] + b"\n", lines[4][60:], *lines[5:]]


def join_lines(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], lines[4][:-1] + b" " + lines[5], *lines[6:]]


def hash_of(line: bytes) -> str:
    return line.partition(b'"hash":"')[2][:64].decode()


def test_a_whole_log_verifies() -> None:
    report = check((1, chain(10)))
    assert (report.records, report.segments, report.problem, report.torn) == (10, 1, None, None)
    assert report.last is not None and report.last.seq == 10


def test_an_empty_log_verifies() -> None:
    assert check() == Report(0, 0)
    assert check((1, [])) == Report(0, 1)


def test_the_chain_goes_on_across_segments() -> None:
    lines = chain(10)
    assert check((1, lines[:3]), (4, lines[3:7]), (8, lines[7:])) == check((1, lines), (11, []), (11, []))


@pytest.mark.parametrize(
    ("tamper", "damage", "seq", "line", "words"),
    [
        (edit, Damage.EDIT, 5, 5, CONTENT),
        (rehash, Damage.REPLACED, 6, 6, UNLINKED.format(5)),
        (insert_foreign, Damage.INSERTION, 5, 5, "a line that is not of this chain"),
        (insert_linked, Damage.INSERTION, 6, 6, "record 5 stands here a second time"),
        (insert_copy, Damage.INSERTION, 5, 5, "record 2 stands here a second time"),
        (insert_numbered_high, Damage.INSERTION, 5, 5, "record 9 stands here and links to the one before"),
        (remove, Damage.REMOVAL, 5, 5, "records 5 to 6 are missing"),
        (swap, Damage.REORDER, 5, 5, "record 5 stands at line 6 of 00000001.jsonl instead"),
        (move_far, Damage.REORDER, 5, 5, "record 5 stands at line 9 of 00000001.jsonl instead"),
        (replace_tail, Damage.REPLACED, 5, 5, UNLINKED.format(4)),
        (append_foreign, Damage.EDIT, 11, 11, CONTENT),
        (append_other_chain, Damage.INSERTION, 11, 11, "record 1 stands here a second time"),
        (split_line, Damage.EDIT, 5, 5, CONTENT),
        (join_lines, Damage.EDIT, 5, 5, CONTENT),
    ],
)
def test_first_bad_record_is_named_with_its_damage(
    tamper: Callable[[list[bytes]], list[bytes]], damage: Damage, seq: int, line: int, words: str
) -> None:
    report = check((1, tamper(chain(10))))
    assert report.problem is not None
    assert (report.problem.damage, report.problem.seq, report.problem.line) == (damage, seq, line)
    assert report.problem.detail == words


def test_a_removed_segment_is_a_truncation() -> None:
    lines = chain(10)
    report = check((1, lines[:3]), (8, lines[7:]))
    assert report.problem is not None
    assert report.problem.damage is Damage.TRUNCATION
    assert report.problem.detail == "records 4 to 7 are missing"


def test_a_removed_beginning_is_a_truncation() -> None:
    report = check((4, chain(10)[3:]))
    assert report.problem is not None
    assert (report.problem.damage, report.problem.seq) == (Damage.TRUNCATION, 1)


def test_a_segment_cut_short_is_a_truncation() -> None:
    lines = chain(10)
    whole_lines = check((1, lines[:4]), (6, lines[5:]))
    assert whole_lines.problem is not None
    assert whole_lines.problem.damage is Damage.TRUNCATION
    assert whole_lines.problem.detail == "record 5 is missing"
    within = check((1, [*lines[:4], lines[4][:30]]), (6, lines[5:]))
    assert within.problem is not None
    assert (within.problem.damage, within.problem.seq) == (Damage.TRUNCATION, 5)


def test_a_segment_under_another_name_is_named() -> None:
    lines = chain(10)
    report = check((1, lines[:4]), (6, lines[4:]))
    assert report.problem is not None
    assert (report.problem.damage, report.problem.segment) == (Damage.MISNAMED, "00000006.jsonl")


def test_a_torn_last_line_is_named_and_no_failure() -> None:
    lines = chain(10)
    report = check((1, [*lines[:9], lines[9][:50]]))
    assert report.problem is None
    assert report.torn == "00000001.jsonl: the last line (50 bytes) was never written whole"


def test_an_overwritten_last_newline_is_an_edit() -> None:
    lines = chain(10)
    report = check((1, [*lines[:9], lines[9][:-1] + b"x"]))
    assert report.problem is not None
    assert (report.problem.damage, report.problem.seq) == (Damage.EDIT, 10)


def test_only_the_first_problem_is_reported() -> None:
    lines = chain(20)
    report = check((1, [*edit(lines)[:12], *lines[14:]]))
    assert report.problem is not None
    assert (report.problem.damage, report.problem.seq) == (Damage.EDIT, 5)


def test_a_chain_that_went_on_after_a_broken_line_still_breaks_there() -> None:
    lines = chain(5)
    bad = lines[4].replace(b'"x":5', b'"x":7')
    report = check((1, [*lines[:4], bad]), (6, chain(3, raw_hash(bad[:-1]), 6)))
    assert report.problem is not None
    assert (report.problem.damage, report.problem.seq) == (Damage.EDIT, 5)
