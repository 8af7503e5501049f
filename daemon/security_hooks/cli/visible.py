"""Text of others on a person's terminal."""


def visible(text: str) -> str:
    """The text with everything escaped that is no printable character: nothing in it that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
