"""The verbs of `security-hooks rules` as a whole."""

from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli.main import main
from security_hooks.cli.rules import VERBS


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_help_of_every_verb_has_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["rules", verb, "--help"])
    assert end.value.code == 0
    assert f"example: security-hooks rules {verb}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["polish"],
        ["fmt"],
        ["fmt", "--check", "--diff", "x"],
        ["new"],
        ["new", "Not-Kebab"],
        ["new", "a", "--tier", "loose"],
        ["new", "a", "--into", "../a.rules"],
        ["coverage", "--fail-under", "101"],
        ["coverage", "--fail-under", "nan"],
        ["coverage", "--fail-under", "x"],
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(["rules", *words])
    except SystemExit as end:
        status = int(str(end.code))
    assert status == 64
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["lint", "test", "coverage", "fmt"])
def test_a_file_that_cannot_be_read_is_an_error_and_no_answer(
    verb: str, rules: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [] if verb == "fmt" else ["--config-dir", str(tmp_path), "--state-dir", str(tmp_path)]
    assert main(["rules", verb, *places, str(tmp_path / "none.rules")]) == 65
    captured = capsys.readouterr()
    assert "none.rules: cannot be read" in captured.out + captured.err
