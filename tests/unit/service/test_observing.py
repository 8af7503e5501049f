from pathlib import Path

import pytest

from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.directories import shipped_dir
from security_hooks.service.observing import says_observe

OBSERVE, ENFORCE = 'mode = "observe"\n', 'mode = "enforce"\n'


@pytest.mark.parametrize(
    ("system", "user", "local", "observes"),
    [
        (None, None, None, False),
        (None, OBSERVE, None, True),
        (OBSERVE, None, None, True),
        (OBSERVE, ENFORCE, None, False),
        (None, ENFORCE, OBSERVE, True),
        (f'locked = ["mode"]\n{ENFORCE}', OBSERVE, None, False),
        # What cannot be used says nothing.
        (None, f"{OBSERVE}nonsense = 1\n", None, False),
        (None, f"{OBSERVE}[", None, False),
        ("[", OBSERVE, None, False),
    ],
)
def test_the_machines_layers_say_it_as_long_as_all_of_them_can_be_used(
    tmp_path: Path, system: str | None, user: str | None, local: str | None, observes: bool
) -> None:
    for folder, name, text in (
        ("system", "config.toml", system),
        ("user", "config.toml", user),
        ("user", "config.local.toml", local),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        if text is not None:
            (tmp_path / folder / name).write_text(text)
    shipped = str(shipped_dir())
    directories = PolicyDirectories(
        shipped, f"{shipped}/rules", str(tmp_path / "system"), str(tmp_path / "user"), str(tmp_path / "state")
    )
    assert says_observe(directories) is observes


def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    shipped = str(shipped_dir())
    directories = PolicyDirectories(shipped, f"{shipped}/rules", "/nonexistent", str(tmp_path), "/nonexistent")
    assert not says_observe(directories)
