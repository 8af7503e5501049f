import pytest

from security_hooks.model.transcript import content_of


def test_order_and_keys_do_not_count() -> None:
    texts = [("/a", "x"), ("/b", "y"), ("/a/~key", "a")]
    assert content_of("t", texts) == content_of("t", texts[1::-1])


@pytest.mark.parametrize(
    ("tool", "texts"),
    [
        ("u", [("/a", "x")]),
        ("t", [("/a", "y")]),
        ("t", [("/b", "x")]),
        ("t", [("/a", "x"), ("/b", "")]),
        ("t", [("/a", "x" * 10_000)]),
        ("t", [("/a", "x" * 9_999 + "y")]),
        ("t", [(f"/{number}", "x") for number in range(100)]),
        ("t", [(f"/{number}", "x") for number in range(101)]),
        ("t", [("/a", "\ud800")]),
        ("t", []),
    ],
)
def test_name_and_texts_count(tool: str, texts: list[tuple[str, str]]) -> None:
    assert content_of(tool, texts) != content_of("t", [("/a", "x")])
    assert content_of(tool, texts) == content_of(tool, list(texts))
