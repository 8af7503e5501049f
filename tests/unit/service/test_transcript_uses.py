from security_hooks.model.transcript import Began, Delegated, Ended, ToolUse
from security_hooks.service.transcript_uses import MOST_OPEN, TranscriptUses


def use(key: str = "k", at: float = 1.0) -> ToolUse:
    return ToolUse(key, "Bash", key, "", at)


def test_a_use_is_given_once_when_its_result_is_there() -> None:
    uses = TranscriptUses()
    marks = (Began(use()), Delegated("a"), Ended("k", True), Ended("k", False), Began(use()), Ended("k", True))
    assert [found for mark in marks if (found := uses.take(mark)) is not None] == [(use(), True)]


def test_an_id_used_again_is_another_use() -> None:
    uses = TranscriptUses()
    marks = (Began(use()), Ended("k", True), Began(use(at=2.0)), Ended("k", False))
    assert [found for mark in marks if (found := uses.take(mark))] == [(use(), True), (use(at=2.0), False)]


def test_a_result_without_its_use_is_none() -> None:
    uses = TranscriptUses()
    assert uses.take(Ended("k", True)) is None


def test_what_never_ends_is_forgotten() -> None:
    uses = TranscriptUses()
    for number in range(MOST_OPEN + 1):
        uses.take(Began(use(str(number))))
    assert uses.take(Ended("0", True)) is None
    assert uses.take(Ended("1", True)) == (use("1"), True)
