"""Laws of the rules language: any text is answered, order is irrelevant, and what is not known never loosens."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from security_hooks.dsl.asking import compile_condition
from security_hooks.dsl.aspect import aspect_of
from security_hooks.dsl.compile import compile_rule
from security_hooks.dsl.lint import lint
from security_hooks.dsl.parse import parse, parse_bytes
from security_hooks.dsl.regex import Screen, compile_pattern, encode, flaw_of
from security_hooks.dsl.resolve import LayeredFile, resolve
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, ResolvedRule
from security_hooks.dsl.truth import Truth, negate
from security_hooks.model.action import Action
from security_hooks.model.decision import Tier
from security_hooks.model.effect import Effect, EffectKind, Flow, Scope
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts, Command, Facts, PipePosition, Redirect, Script, Wrapper
from security_hooks.model.word import Hole, HoleKind, Origin, Word

LISTS = {"known": ("ls", "git")}

# Pieces that make more of the grammar reachable than random characters do.
PIECES = [
    *("block", "suspicious", "allow", "watch", "except", "list", "macro", "match", "unless", "match_regex", "nudge"),
    *("unknown", "ask", "on", "for", "until", "2030-01-01", "example", "stop", "enabled", "true", "tags", "x", "m"),
    *("command", "with_flags", "argument", "known", "recursive", "not", "and", "or", "(", ")", ",", "=", '"', '"x"'),
    *('"-r"', '"{rule}"', "(?=", "[a", "\\", "#", "\n", "\n", "\n", " ", "\t", "\r\n", "\0", "\ufeff", "é", "\u202e"),
]
rule_texts = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join) | st.text(max_size=200)


@given(rule_texts, st.sampled_from(["shipped", "user", "project"]))
@settings(max_examples=300)
def test_any_text_ends_in_rules_and_diagnostics(text: str, layer: str) -> None:
    source, misread = parse(text, "t.rules")
    files = [LayeredFile(layer, source)]
    rules, diagnostics = resolve(files, LISTS)
    lint(files, rules, LISTS, 0)
    lines = text.count("\n") + 1
    assert all(0 <= found.line <= lines for found in (*misread, *diagnostics))
    for rule in rules:
        compile_rule(rule)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_rules_and_diagnostics(data: bytes) -> None:
    source, diagnostics = parse_bytes(data, "t.rules")
    assert source.file == "t.rules"
    assert all(str(found) for found in diagnostics)


@given(st.text(max_size=60), st.text(max_size=60))
def test_patterns_are_refused_or_search_any_text(pattern: str, text: str) -> None:
    if flaw_of(pattern) is None:
        compile_pattern(pattern).search(encode(text))


@given(st.lists(st.text("a(b)c*|d.+?[e]$^/:", max_size=12) | st.text(max_size=8), max_size=20), st.text(max_size=40))
def test_a_screen_lets_through_every_pattern_that_is_found(patterns: list[str], text: str) -> None:
    sound = [pattern for pattern in dict.fromkeys(patterns) if flaw_of(pattern) is None]
    data = encode(text)
    found = {pattern for pattern in sound if compile_pattern(pattern).search(data) is not None}
    assert found <= set(Screen(sound).possible(data))


STATEMENTS = [
    'list a = "rm", b',
    'list b = "mv"',
    "macro m = command(a) or n()",
    'macro n = with_flags("-r")',
    'block "one"\n  match m()',
    'suspicious "two"\n  match not n()\n  unless command(b)',
    'allow "three"\n  match ^ls$',
    'except "four"\n  for "one"\n  match command("mv")',
    'block "bad"\n  match nowhere()',
    'block "one"\n  match x',
]


@given(st.permutations(STATEMENTS[:-1]), st.integers(0, 8), st.randoms())
def test_order_of_statements_and_files_is_irrelevant(statements: list[str], cut: int, shuffle: random.Random) -> None:
    texts = [("a.rules", "\n".join(statements[:cut])), ("b.rules", "\n".join(statements[cut:]))]
    files = [LayeredFile("user", parse(text, name)[0]) for name, text in texts]
    shuffle.shuffle(files)
    rules, diagnostics = resolve(files, {})
    assert {(rule.name, rule.tier, rule.matches, rule.unless, rule.removes) for rule in rules} == EXPECTED
    assert [found.code for found in diagnostics] == ["unknown-name"]


EXPECTED = {
    (rule.name, rule.tier, rule.matches, rule.unless, rule.removes)
    for rule in resolve([LayeredFile("user", parse("\n".join(STATEMENTS[:-1]), "t.rules")[0])], {})[0]
}

atoms = st.sampled_from(
    [
        Ask("command", ("rm",)),
        Ask("command", ("l*", "/bin/git")),
        Ask("base_command_not_in", ("ls", "rm")),
        Ask("argument", ("x",)),
        Ask("with_flags", ("-r",)),
        Ask("pipeline_to", ("git",)),
        Ask("pipeline_from", ("rm", "l*")),
        Ask("obfuscated", ()),
        Ask("subcommand", ("x", "status")),
        Ask("wrapped_by", ("sudo", "e*")),
        Ask("origin", ("decoded",)),
        Ask("inside", ("loop",)),
        Ask("unanalysed_code", ()),
        Ask("over_budget", ()),
        Ask("unparseable", ()),
        Ask("looks_read_only", ()),
        Ask("has_secret", ()),
        Ask("content", ("x",)),
        Ask("url_host", ("e.example",)),
        Ask("url_scheme", ("http*",)),
        Ask("url_data", ()),
        Ask("tool", ("shell",)),
        Ask("tool", ("B*", "mcp")),
        Ask("writes", ("~/.ssh/*", "<project>")),
        Ask("deletes", ()),
        Ask("deletes_recursively", ("/etc", "~")),
        Ask("names", ("*.pem",)),
        Ask("action", ("git_discard", "text")),
        Ask("executes_from", ("network",)),
        Ask("connects", ("e.example",)),
        Ask("mutates", ("git", "service/ssh*")),
        Ask("flow", ("~/.ssh/*", "network")),
    ]
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    atoms,
    lambda inner: (
        inner.map(Not)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts)))
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: Any(tuple(parts)))
    ),
    max_leaves=6,
)


ADDRESS = "http://e.example/?a=1"


def word(text: str) -> Word:
    if text == "$X":
        return Word((Hole(HoleKind.PARAMETER, text, splits=True),), (0, 2), None)
    return Word((text,), (0, len(text)), text)


paths = st.sampled_from(["/h", "/h/.ssh/id", "/", "/etc/x", "/w/a.pem", "$X", "/w"]).map(word)
effects = st.lists(
    st.builds(
        Effect,
        st.sampled_from(EffectKind),
        st.none() | paths,
        st.sampled_from(Scope),
        certain=st.booleans(),
        recursive=st.booleans(),
        contents=st.booleans(),
        origin=st.sampled_from(Origin),
        object=st.sampled_from(["", "git", "service"]),
        real=st.none() | paths,
    ),
    max_size=3,
).map(tuple)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    commands = []
    for index in range(draw(st.integers(1, 3))):
        texts = draw(
            st.lists(st.sampled_from(["rm", "ls", "git", "/bin/git", "/tmp/rm", "$X", "-r", "x", ADDRESS]), max_size=4)
        )
        words = tuple(map(word, texts))
        written = words[0].literal if words else None
        program = written.rpartition("/")[2] if written is not None else None
        # `cp /bin/rm z; ./z`
        program = draw(st.sampled_from([program, "rm"])) if program is not None else None
        wrappers = draw(st.lists(st.sampled_from(["sudo", "env"]), max_size=1))
        here = draw(st.lists(st.builds(Redirect, st.sampled_from(["<<", "<<<", ">"]), st.none(), paths), max_size=1))
        given_options = frozenset({"-r"} & set(texts[1:]))
        commands.append(
            Command(
                index,
                words,
                program,
                " ".join(texts),
                " ".join(texts),
                (0, 0),
                options=given_options,
                option_names=given_options,
                options_known="$X" not in texts[1:],
                pipes=(PipePosition(0, index),),
                wrappers=tuple(Wrapper(name, ()) for name in wrappers),
                redirects=tuple(here),
                inside=draw(st.sampled_from([(), ("loop",)])),
                origin=draw(st.sampled_from(Origin)),
                spelled_oddly=draw(st.booleans()),
                effects=draw(effects),
                action=draw(st.sampled_from([Action.GIT_DISCARD, Action.GIT_SAFE, Action.TEXT])),
                may_be=draw(st.sampled_from([(), (Action.GIT_DISCARD,)])),
            )
        )
    tool = ToolCall("Bash", ToolKind.SHELL, content=draw(st.sampled_from([(), ("x",)])))
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool)
    ends = [(index, effect) for index, command in enumerate(commands) for effect in command.effects]
    flows = (
        draw(st.lists(st.tuples(st.sampled_from(ends), st.sampled_from(ends), st.booleans()), max_size=2))
        if ends
        else []
    )
    going = tuple(Flow(source, sink, at, to, certain) for (at, source), (to, sink), certain in flows)
    script = Script("t", tuple(commands), flows=going, dynamic=draw(st.booleans()), over_budget=draw(st.booleans()))
    call = CallFacts(event, tool, Place("/w", "/h"), script)
    return Facts(call, draw(st.sampled_from(commands)))


@given(conditions, facts())
def test_sure_answers_are_never_looser(condition: Condition, focused: Facts) -> None:
    lax = compile_condition(condition, loosens=False)(focused)
    sure = compile_condition(condition, loosens=True)(focused)
    assert sure <= lax


@given(conditions, facts())
def test_not_turns_an_answer_round(condition: Condition, focused: Facts) -> None:
    inner = compile_condition(condition, loosens=True)(focused)
    assert compile_condition(Not(condition), loosens=False)(focused) is negate(inner)


@given(
    st.lists(conditions, min_size=1, max_size=3),
    facts(),
    st.sampled_from([Tier.BLOCK, Tier.ALLOW]),
    st.sampled_from([(), ("shell",), ("write", "mcp"), ("Bash",)]),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_rule_that_is_narrowed_answers_the_same(
    alternatives: list[Condition], focused: Facts, tier: Tier, tools: tuple[str, ...]
) -> None:
    rule = compile_rule(ResolvedRule(tier, "t", "t.rules", 1, "user", tuple(alternatives), tools=tools))
    aspect = aspect_of(focused)
    if aspect is None:
        return
    narrowed = rule.narrowed(aspect)
    assert rule.match(focused) is (Truth.NO if narrowed is None else narrowed(focused))
    if narrowed is not None and rule.programs is not None and aspect.is_named:
        assert not rule.programs.isdisjoint(aspect.programs)


@given(conditions, facts())
@pytest.mark.parametrize("tier", [Tier.ALLOW, Tier.EXCEPT])
def test_what_is_not_known_never_loosens(tier: Tier, condition: Condition, focused: Facts) -> None:
    rule = compile_rule(ResolvedRule(tier, "t", "t.rules", 1, "user", (condition,)))
    truth = rule.match(focused)
    assert truth is not Truth.UNKNOWN
    assert truth is Truth.NO or compile_condition(condition, loosens=True)(focused) is Truth.YES


@given(conditions, conditions, facts())
def test_an_unless_that_is_not_sure_changes_nothing(match: Condition, unless: Condition, focused: Facts) -> None:
    bare = compile_rule(ResolvedRule(Tier.BLOCK, "t", "t.rules", 1, "user", (match,)))
    held = compile_rule(ResolvedRule(Tier.BLOCK, "t", "t.rules", 1, "user", (match,), (unless,)))
    if compile_condition(unless, loosens=True)(focused) is not Truth.YES:
        assert held.match(focused) is bare.match(focused)
