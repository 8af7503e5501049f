import os
from pathlib import Path

from security_hooks.service.processes import ancestors, is_told, read_process, words_of


def test_what_the_system_tells_of_us() -> None:
    assert is_told()
    us = read_process(os.getpid())
    assert us is not None
    assert (us.pid, us.parent, us.session) == (os.getpid(), os.getppid(), os.getsid(0))
    assert us.begun > 0
    assert "pytest" in " ".join(words_of(us.pid))
    assert [above.pid for above in ancestors(us)][:1] == [os.getppid()]


def test_what_is_not_there_is_not_told(tmp_path: Path) -> None:
    assert not is_told(tmp_path)
    assert read_process(1, tmp_path) is None
    assert words_of(1, tmp_path) == ()
