import pytest

from security_hooks.model.event import Place
from security_hooks.shell.arithmetic import evaluate
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.state import State


def state(**variables: str) -> State:
    made = State(Place(cwd="/w", home="/home/me"), Budget(ShellLimits()))
    for name, value in variables.items():
        made.assign(name, (value,))
    return made


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0),
        ("1 + 2 * 3", 7),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("-2 ** 2", 4),
        ("2 ** 3 ** 2", 512),
        ("1 << 3 | 1", 9),
        ("9223372036854775807 + 1", -9223372036854775808),
        ("010 + 0x1f + 2#101", 44),
        ("36#z + 64#_", 98),
        ("1 ? 2 : 3 ? 4 : 5", 2),
        ("0 && (1 / 0)", 0),
        ("x + 1", 4),
        ("x++ + ++x", 8),
        ("y", 4),
        ("1, 2", 2),
        ("(((3)))", 3),
    ],
)
def test_expressions_are_what_bash_makes_of_them(text: str, value: int) -> None:
    assert evaluate(text, state(x="3", y="x + 1")) == value


@pytest.mark.parametrize("text", ["u + 1", "$x", "a[0]", "1 << 64", "(" * 200 + "1" + ")" * 200])
def test_what_is_not_known_is_none_and_leaves_the_rest_alone(text: str) -> None:
    known = state(x="3")
    assert evaluate(text, known) is None
    assert known.value("x") == ("3",)


def test_what_an_unknown_expression_may_assign_is_forgotten() -> None:
    known = state(x="3", hidden="y = 4", y="1")
    assert evaluate("x = u, hidden", known) is None
    assert known.value("x") is None
    assert known.value("y") is None


@pytest.mark.parametrize("text", ["1 / 0", "1 +", "2 3", "08", "x", "'1'", "a.b"])
def test_what_bash_refuses_makes_everything_unknown(text: str) -> None:
    known = state(x="y", y="x", z="1")
    assert evaluate(text, known) is None
    assert known.value("z") is None
