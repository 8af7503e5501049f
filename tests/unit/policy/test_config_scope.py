import pytest

from security_hooks.policy.config_rows import Item
from security_hooks.policy.config_scope import is_host_of, lies_in, narrowed


@pytest.mark.parametrize(
    ("entry", "other", "lies"),
    [
        ("src", ".", True),
        ("src/*.py", ".", True),
        ("**/x", ".", True),
        ("../x", ".", False),
        ("a/../../x", ".", False),
        ("/x", ".", False),
        ("~/x", ".", False),
        ("src/a", "src", True),
        ("src2", "src", False),
        ("~/work/a", "~/work/", True),
        ("~", "~/work", False),
        ("/srv/a", "/", True),
        ("packages/a", "packages/*", False),
        ("packages/*", "packages/*", True),
        ("src", "~/work", False),
    ],
)
def test_an_entry_surely_lies_in_another(entry: str, other: str, lies: bool) -> None:
    assert lies_in(entry, other) is lies


@pytest.mark.parametrize(
    ("entry", "other", "is_one"),
    [
        ("a.example", "*.example", True),
        ("A.example", "*.EXAMPLE", True),
        ("*.a.example", "*.example", False),
        ("a.example:80", "*.example", False),
        ("a.example:80", "a.example:80", True),
        ("a.test", "*.example", False),
    ],
)
def test_a_host_is_one_of_those_that_another_entry_names(entry: str, other: str, is_one: bool) -> None:
    assert is_host_of(entry, other) is is_one


@pytest.mark.parametrize(
    ("base", "wanted", "after"),
    [
        ((), ("src",), ("src",)),
        ((), ("!.env",), ("!.env",)),
        ((".",), (), (".",)),
        ((".",), ("src", "~/x"), ("src",)),
        ((".",), ("~/x",), (".",)),
        ((".", "!.env"), ("src",), ("src", "!.env")),
        ((".",), ("!.env",), (".", "!.env")),
        (("!.env",), ("src",), ("src", "!.env")),
    ],
)
def test_a_scope_gets_narrower_and_never_wider(
    base: tuple[str, ...], wanted: tuple[str, ...], after: tuple[str, ...]
) -> None:
    assert narrowed(base, wanted, lies_in) == after


@pytest.mark.parametrize(
    ("item", "entry", "fits"),
    [
        (Item.ENTRY, ".", True),
        (Item.ENTRY, "!~/x", True),
        (Item.ENTRY, "~", True),
        (Item.ENTRY, "~other/x", False),
        (Item.ENTRY, "!", False),
        (Item.ENTRY, "!!x", False),
        (Item.ENTRY, "", False),
        (Item.HOST, "*.example.com:443", True),
        (Item.HOST, "!a", True),
        (Item.HOST, "https://a", False),
        (Item.HOST, "", False),
    ],
)
def test_the_form_of_entries(item: Item, entry: str, fits: bool) -> None:
    assert item.fits(entry) is fits
