import pytest

from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.report import place
from security_hooks.wiring.toml_text import behind, read_toml, sections, without

TEXT = 'a = 1\n\n[x] # why\nb = """\n[y]\n"""\n\n[[z]]\nc = 2\n'


def test_sections_are_the_text_cut_at_its_headers() -> None:
    assert [part.header for part in sections(TEXT)] == ["", "[x] # why", "[y]", "[[z]]"]
    assert "".join(part.text for part in sections(TEXT)) == TEXT


@pytest.mark.parametrize("text", ["", "a = 1", "a = 1\n", "a = 1\r\n"])
def test_what_was_put_behind_is_read_and_comes_out_again(text: str) -> None:
    made = behind(text, ["[n]\nm = 1\n", "[o]\np = 2\n"])
    assert read_toml(made) == {**read_toml(text), "n": {"m": 1}, "o": {"p": 2}}
    assert ("\r\n[n]\r\n" in made) == ("\r\n" in text)
    left = without(made, [part.header in {"[n]", "[o]"} for part in sections(made)])
    assert left.rstrip() == text.rstrip()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a = 1\na = 2\n", (2, 6)),
        ("\ufeffa = 1", (1, 1)),
        ("x\n", (1, 2)),
        ("a = 1\nb = [", (2, 6)),
        ("[" * 9000, (1, 1)),
    ],
)
def test_what_says_nothing_is_refused_with_its_place(text: str, at: tuple[int, int]) -> None:
    with pytest.raises(TextError) as caught:
        read_toml(text)
    line, column = place(text, caught.value.at)
    assert line == at[0]
    assert column >= at[1] or line > 1
