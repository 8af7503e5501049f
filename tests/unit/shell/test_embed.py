from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.embed import Text, joined, requoted, shown

HOLE = Hole(HoleKind.PARAMETER, "$X")
SPLITTING = Hole(HoleKind.PARAMETER, "$Y", splits=True)


def _word(*parts: str | Hole) -> Word:
    literal = "".join(part for part in parts if isinstance(part, str))
    return Word(parts, (0, 0), None if any(isinstance(part, Hole) for part in parts) else literal)


def test_a_hole_becomes_a_character_that_stands_for_it() -> None:
    text = joined([_word("rm"), _word("a", HOLE)])
    assert shown(text.text, text.embedded) == "rm a$X"
    assert list(text.embedded.values()) == [HOLE]


def test_a_character_that_looks_like_a_placeholder_stands_for_itself() -> None:
    text = Text(["a\U000f0000b", HOLE])
    assert shown(text.text, text.embedded) == "a\U000f0000b$X"
    assert len(text.embedded) == 2


def test_requoted_words_keep_their_bounds() -> None:
    text = Text(["rm", *requoted([_word("it's"), _word(), _word(HOLE), _word(SPLITTING)])])
    assert shown(text.text, text.embedded) == "rm 'it'\\''s' '' '$X' $Y"
