"""Several globs asked at once say what each of them would say alone."""

from fnmatch import fnmatchcase

import pytest

from security_hooks.shell.globs import fits_any


@pytest.mark.parametrize("text", ["", "a", "ab", "a|b", "[a]", "*", "pip", "pip\n", "a.b", "x/y", "A"])
@pytest.mark.parametrize(
    "globs",
    [(), ("",), ("a",), ("a", "pip"), ("a*", "?"), ("[a]",), ("a|b",), ("*.b", "x/*"), ("[!a]", "nothing"), ("(?i)a",)],
)
def test_several_globs_fit_what_one_of_them_fits(text: str, globs: tuple[str, ...]) -> None:
    assert fits_any(text, globs) == any(fnmatchcase(text, glob) for glob in globs)
