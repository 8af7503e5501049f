import pytest

from security_hooks.shell.flags import count_of, read_flags


@pytest.mark.parametrize(
    ("arguments", "values", "operands"),
    [
        ([], {}, []),
        (["-n", "3", "f"], {"n": ["3"]}, ["f"]),
        (["-rn3"], {"r": [], "n": ["3"]}, []),
        (["--lines=3"], {"n": ["3"]}, []),
        (["--reverse", "-"], {"r": []}, ["-"]),
        (["--", "-r"], {}, ["-r"]),
    ],
)
def test_options_and_operands(arguments: list[str], values: dict[str, list[str]], operands: list[str]) -> None:
    flags = read_flags(arguments, bare="r", valued="n", long="n=lines r=reverse")
    assert flags is not None
    assert flags.values == values
    assert flags.operands == operands


@pytest.mark.parametrize("arguments", [["-x"], ["--other"], ["--lines", "3"], ["--reverse=1"], ["-n"], ["f", "-r"]])
def test_what_does_not_mean_the_same_everywhere_is_not_read(arguments: list[str]) -> None:
    assert read_flags(arguments, bare="r", valued="n", long="n=lines r=reverse") is None


@pytest.mark.parametrize(
    ("text", "count"), [("12", 12), ("-1", None), ("1k", None), ("", None), (None, None), ("9" * 10, None)]
)
def test_counts(text: str | None, count: int | None) -> None:
    assert count_of(text) == count
