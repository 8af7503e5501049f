import pytest

from security_hooks.insight.call_key import call_key, number_of


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (("c", "s", "t", "a"), ("c", "s", "t", "b"), True),
        (("c", "s", None, "a"), ("c", "s", None, "a"), True),
        (("c", "s", None, "a"), ("c", "s", None, "b"), False),
        (("c", "s", "t", "a"), ("c", "s", "u", "a"), False),
        (("c", "s", "t", "a"), ("c", "r", "t", "a"), False),
        (("c", "s", "t", "a"), ("d", "s", "t", "a"), False),
    ],
)
def test_a_call_is_known_by_its_id_and_else_by_what_it_is(
    one: tuple[object, ...], other: tuple[object, ...], is_same: bool
) -> None:
    assert (call_key(*one) == call_key(*other)) == is_same


def test_a_number_fits_into_a_column() -> None:
    numbers = [number_of(value) for value in range(100)]
    assert len(set(numbers)) == 100
    assert all(-(2**63) <= number < 2**63 for number in numbers)
    assert min(numbers) < 0 < max(numbers)
