"""Laws of `rules fmt`: it never changes what a text says, and what it has laid out it leaves alone."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from security_hooks.dsl.format import format_rules, meaning
from security_hooks.dsl.parse import parse

BLANKS = st.sampled_from(["", " ", "  ", "\t", " \t "])
GAPS = st.sampled_from([" ", "  ", "\t", " \t "])
NAMES = st.sampled_from(["command", "not_me", "and_so", "x", "match", "or1", "block", "list"])
STRINGS = st.text(st.sampled_from('ab #,()\\"é*'), max_size=6).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
VALUES = st.one_of(STRINGS, st.sampled_from(["names", "more_names"]))
PATTERNS = st.text(st.sampled_from('ab|.*()[]\\ \t"#,'), min_size=1, max_size=12)


@st.composite
def spaced(draw: st.DrawFn, values: list[str]) -> str:
    return "".join(f"{draw(BLANKS)}{value}{draw(BLANKS)}," for value in values)[:-1]


@st.composite
def calls(draw: st.DrawFn) -> str:
    arguments = draw(st.lists(VALUES, max_size=3))
    # Only behind the first name of a line a blank before the parenthesis makes another thing of it: a pattern.
    inner = draw(spaced(arguments)) if arguments else draw(BLANKS)
    return f"{draw(NAMES)}{draw(BLANKS)}({inner})"


conditions = st.recursive(
    calls(),
    lambda inner: st.one_of(
        st.builds(lambda gap, one: f"not{gap}{one}", GAPS, inner),
        st.builds(lambda a, one, b: f"({a}{one}{b})", BLANKS, inner, BLANKS),
        st.builds(
            lambda one, a, word, b, two: f"{one}{a}{word}{b}{two}",
            inner,
            GAPS,
            st.sampled_from(["and", "or", ""]),
            GAPS,
            inner,
        ),
    ),
    max_leaves=5,
)
clauses = st.one_of(
    st.builds(lambda word, gap, what: f"{word}{gap}{what}", st.sampled_from(["match", "unless"]), GAPS, conditions),
    st.builds(
        lambda word, gap, what: f"{word}{gap}{what}",
        st.sampled_from(["match", "unless_regex", "match_regex"]),
        GAPS,
        PATTERNS,
    ),
    st.builds(lambda values: f"unless_command {values}", st.lists(VALUES, min_size=1, max_size=3).flatmap(spaced)),
    st.builds(lambda values: f"tags\t{values}", st.lists(VALUES, min_size=1, max_size=3).flatmap(spaced)),
    st.builds(lambda a, text: f"example{a}stop {text}", GAPS, STRINGS),
    st.sampled_from(["until 2030-12-31T18:00+01:00", "enabled   false", "unknown ask", "odd"]),
)
lists = st.builds(
    lambda head, values, cut: f"list x{head}={values}{cut}{values}",
    BLANKS,
    st.lists(VALUES, min_size=1, max_size=3).flatmap(spaced),
    st.sampled_from([",", ",\n", ",\n# held\n\n", " ,\r\n\t"]),
)
statements = st.one_of(
    st.builds(lambda gap, text: f"block{gap}{text}", GAPS, STRINGS),
    clauses,
    lists,
    st.builds(lambda what: f"macro m={what}", conditions),
    st.builds(lambda text: f"#{text}", st.text(st.sampled_from('ab \t#"'), max_size=6)),
    st.just(""),
)
texts = st.lists(
    st.builds(lambda a, line, b, end: a + line + b + end, BLANKS, statements, BLANKS, st.sampled_from(["\n", "\r\n"])),
    max_size=12,
).map(lambda lines: 'block "r"\n' + "".join(lines))


@given(texts)
@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_formatting_keeps_the_meaning_and_is_stable(text: str) -> None:
    before, problems = parse(text, "t")
    assume(not problems)
    made = format_rules(text, "t")
    after, problems = parse(made, "t")
    assert not problems
    assert meaning(after) == meaning(before)
    assert format_rules(made, "t") == made


@given(texts)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_formatting_changes_blanks_alone(text: str) -> None:
    assume(not parse(text, "t")[1])
    made = format_rules(text, "t")
    assert made.translate(NO_BLANKS) == text.translate(NO_BLANKS)
    assert "\n\n\n" not in made and not made.startswith("\n") and not made.endswith("\n\n")


NO_BLANKS = str.maketrans("", "", " \t\r\n")
