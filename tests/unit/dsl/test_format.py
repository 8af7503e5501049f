"""How `rules fmt` lays rules out."""

import pytest

from security_hooks.dsl.format import format_rules
from security_hooks.model.diagnostic import PolicyError


@pytest.mark.parametrize(
    ("written", "laid_out"),
    [
        ("", ""),
        ("\n\n# c\n\n", "# c\n"),
        ('block    "x"\r\nmatch x', 'block "x"\n  match x\n'),
        ('\ufeffblock "x"\n\tmatch   a  b \t', 'block "x"\n  match a  b\n'),
        ('block "x"\n match a( "p" ,q )and( not b ( )or c() )', 'block "x"\n  match a("p", q) and (not b() or c())\n'),
        ('block "x"\n match( a() )b()', 'block "x"\n  match (a()) b()\n'),
        ('block "x"\n match\tnot(a())', 'block "x"\n  match not (a())\n'),
        ('block "x"\n match not_a ( )', 'block "x"\n  match not_a ( )\n'),
        ('block "x"\n unless_regex(a , b)', 'block "x"\n  unless_regex (a , b)\n'),
        ('block "x"\n match_command"a",b', 'block "x"\n  match_command "a", b\n'),
        ('block "x"\n example stop"a  \\" ,b"', 'block "x"\n  example stop "a  \\" ,b"\n'),
        (
            'except "x"\nfor "a","b"\nuntil  2030-01-01T00:00+01:00',
            'except "x"\n  for "a", "b"\n  until 2030-01-01T00:00+01:00\n',
        ),
        ('list a="x" ,\n# c\n\n\n     b,"c"', 'list a = "x",\n  # c\n\n  b, "c"\n'),
        ("  macro m=a()or b()", "macro m = a() or b()\n"),
    ],
)
def test_blanks_are_as_they_should_be(written: str, laid_out: str) -> None:
    assert format_rules(written, "t") == laid_out
    assert format_rules(laid_out, "t") == laid_out


def test_comments_stand_with_what_follows_them_and_groups_stay_apart() -> None:
    written = '# file\n\n\n\n   # rule\nblock "x"\n# clause\nmatch a\n\n  #  last,  as it was\n\nlist b = "c"\n # end'
    laid_out = '# file\n\n# rule\nblock "x"\n  # clause\n  match a\n\n#  last,  as it was\n\nlist b = "c"\n# end\n'
    assert format_rules(written, "t") == laid_out


def test_what_does_not_parse_is_refused_with_every_error() -> None:
    with pytest.raises(PolicyError) as raised:
        format_rules('block\nblock "x"\n  match command(\n', "t")
    assert [found.line for found in raised.value.diagnostics] == [1, 3]


def test_what_would_become_too_long_is_refused() -> None:
    with pytest.raises(PolicyError, match="cannot be formatted"):
        format_rules(f"list a = {','.join(['b'] * 8_000)}\n", "t")
