import pytest

from security_hooks.secrets.shapes import CONTEXTUAL, Span, find, find_among

TOKEN = "gh" + "p_" + "aB3dE6gH9" * 4


def test_nothing_is_found_in_ordinary_text() -> None:
    assert find("git status && npm run build") == ()


def test_offsets_count_characters() -> None:
    text = f"café ☕ {TOKEN} 🎉 {TOKEN}"
    first = text.index(TOKEN)
    second = text.rindex(TOKEN)
    assert find(text) == (
        Span(first, first + len(TOKEN), "github-token"),
        Span(second, second + len(TOKEN), "github-token"),
    )


def test_lone_surrogates_keep_the_offsets() -> None:
    text = f"\ud800\udc00 \udfff {TOKEN}"
    assert find(text) == (Span(text.index(TOKEN), len(text), "github-token"),)


@pytest.mark.parametrize("kind", ["github-token", "env:NAME", "private-key", "url-password", "text"])
def test_placeholders_are_found_by_their_kind(kind: str) -> None:
    text = f"echo [REDACTED:{kind}] x"
    assert find(text) == (Span(5, len(text) - 2, kind),)


def test_a_placeholder_is_never_part_of_another_find() -> None:
    text = "https://bob:[REDACTED:github-token]@git.example PASSWORD=[REDACTED:password]"
    assert [span.kind for span in find(text)] == ["github-token", "password"]


def test_overlapping_finds_become_one_of_the_most_telling_kind() -> None:
    text = f"API_TOKEN={TOKEN}"
    assert find(text) == (Span(10, len(text), "github-token"),)
    url = f"https://bob:{TOKEN}-x@git.example"
    assert find(url) == (Span(12, url.index("@"), "github-token"),)


def test_given_values_are_found_first() -> None:
    text = f"PASSWORD={TOKEN} other"
    assert find_among(text, (("MY_TOKEN", TOKEN),)) == (Span(9, 9 + len(TOKEN), "env:MY_TOKEN"),)
    assert find_among("x abababab y", (("NAME", "abab"),)) == (Span(2, 10, "env:NAME"),)


def test_order_of_given_values_does_not_matter() -> None:
    values = (("A", "first-value"), ("B", "value-second"))
    text = "x first-value-second y"
    assert find_among(text, values) == find_among(text, values[::-1]) == (Span(2, 20, "env:A"),)


def test_kinds_told_by_surroundings_are_named() -> None:
    assert find("PASSWORD=hunter22")[0].kind in CONTEXTUAL
    assert find(TOKEN)[0].kind not in CONTEXTUAL
