import pytest

from security_hooks.shell.inline.makefile import recipes


@pytest.mark.parametrize(
    ("text", "goals", "found"),
    [
        ("all:\n\techo a\nclean:\n\trm x\n", (), ("echo a",)),
        ("all:\n\techo a\nclean:\n\trm x\n", ("clean",), ("rm x",)),
        (".PHONY: clean\nclean:\n\t@-rm -rf $(DIR)\nDIR = /x\n", (), ("rm -rf /x",)),
        ("all: a b\na:\n\techo a\nb: c\n\techo b\nc:\n\techo c\n", (), ("echo c", "echo b", "echo a")),
        ("A := i\nB = $(A)d\nall: ; $(B)\n", (), ("id",)),
        ("%.o: %.c\n\tcc -c $< -o $@\n", ("a.o",), ("cc -c a.c -o a.o",)),
        ("all:\n\techo $$HOME $(UNKNOWN)\n", (), ("echo $HOME $(UNKNOWN)",)),
        ("X := $(shell id)\nall:\n\ttrue\n", (), (": $(id)", "true")),
        ("all:\n\techo a \\\n\t b\n", (), ("echo a  b",)),
        ("define run\nid\nendef\nall:\n\t$(run)\n", (), ("id",)),
        (".RECIPEPREFIX = >\nall:\n> id\n", (), ("id",)),
        ("all:\n\techo a\n", ("missing",), ()),
        ("", (), ()),
    ],
)
def test_recipes_of_goals(text: str, goals: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert recipes(text, goals) == found


def test_variables_that_double_end() -> None:
    text = "\n".join(["A0 = x", *(f"A{n} = $(A{n - 1})$(A{n - 1})" for n in range(1, 60)), "all:", "\techo $(A59)"])
    assert len(recipes(text, ())) == 1


def test_a_rule_that_needs_itself_ends() -> None:
    assert recipes("a: b\n\techo a\nb: a\n\techo b\n", ("a",)) == ("echo b", "echo a")
