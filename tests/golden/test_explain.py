"""The reasons that `explain` gives, case by case: a fenced `sh` block, then the fenced `text` that is said of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.cli.reasons import reason_lines, reasons_of
from security_hooks.model.event import Place
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.directories import shipped_dir
from security_hooks.service.load import load_snapshot
from security_hooks.service.offline import Offline, fictitious_project, shell_event

HERE = Path(__file__).parent / "explain"
PLACE = Place("/home/user/project", "/home/user", "/home/user/project")
BLOCKS = re.compile(r"^```sh\n(.*?)\n```\n+```text\n(.*?)```$", re.DOTALL | re.MULTILINE)


def cases() -> Iterator[tuple[str, str]]:
    yield from BLOCKS.findall((HERE / "cases.md").read_text())


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Offline:
    nowhere = str(tmp_path_factory.mktemp("nowhere"))
    directories = PolicyDirectories(str(shipped_dir()), str(HERE), nowhere, nowhere, nowhere)
    return Offline(load_snapshot(directories, None), fictitious_project)


@pytest.mark.parametrize(
    ("command", "said"), list(cases()), ids=lambda text: text.splitlines()[0] if text else "nothing"
)
def test_the_reasons_are_those_that_were_written_down(command: str, said: str, offline: Offline) -> None:
    event = shell_event(command, "/home/user/project")
    judgement = offline.placed(event, PLACE)
    lines = [judgement.decision.verdict.word, *reason_lines(reasons_of(offline, event, PLACE, judgement))]
    assert "\n".join(line.rstrip() for line in lines) + "\n" == said.replace("RULES", f"{HERE}")


def test_there_are_cases() -> None:
    assert len(list(cases())) >= 12
