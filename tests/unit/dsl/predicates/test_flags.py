"""`with_flags`."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.truth import Truth

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


@pytest.mark.parametrize("script", ["rm -rf x", "rm -fr x", "rm -r -f x", "rm -Rf x", "rm --recursive --force x"])
@pytest.mark.parametrize("flags", ["-rf", "-fr", "-Rf", "-r", "--force", "--recursive"])
def test_spelling_and_bundling_do_not_matter(build: SimpleNamespace, script: str, flags: str) -> None:
    assert build.ask(f'with_flags("{flags}")', build.facts(script)[0]) is YES


@pytest.mark.parametrize(
    ("condition", "script", "truth"),
    [
        ('with_flags("-rf")', "rm -r x", NO),
        ('with_flags("-rf", "-r")', "rm -r x", YES),
        ('with_flags("-r") with_flags("-f")', "rm -r -f x", YES),
        ('with_flags("-r")', "rm x", NO),
        ('with_flags("-r")', "rm $X", UNKNOWN),
        ('with_flags("-r")', "rm -r $X", YES),
        ('with_flags("-r")', "$X -r /", UNKNOWN),
        ('with_flags("-r")', "$X --recursive /", UNKNOWN),
        ('with_flags("-r")', "$X /", NO),
    ],
)
def test_with_flags(build: SimpleNamespace, condition: str, script: str, truth: Truth) -> None:
    assert build.ask(condition, build.facts(script)[0]) is truth


def test_long_options_with_one_dash_are_one_option(build: SimpleNamespace) -> None:
    (facts,) = build.facts("find x", options=frozenset({"-delete"}))
    assert build.ask('with_flags("-delete")', facts) is YES
    assert build.ask('with_flags("-d")', facts) is NO
