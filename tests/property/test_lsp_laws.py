"""Laws of the language server: no text makes it raise, and every answer lies within the text."""

from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from security_hooks.catalogue.load import shipped
from security_hooks.lsp.answers import Answers
from security_hooks.lsp.document import Encoding, Position, Span
from security_hooks.lsp.surroundings import with_text
from security_hooks.policy.build import BuildCache
from security_hooks.policy.config_types import Layer
from security_hooks.policy.source import RuleFile, Sources

ROOT = Path(__file__).parents[2]
FILE = "/config/rules/own.rules"
PIECES = (
    *("block", "except", "list", "macro", "match", "unless", "nudge", "for", "example", "stop", "severity", "not"),
    *("command", "with_flags", "subcommand", "action", "reads", "tools", "allowed_executables", "match_command"),
    *(" ", "  ", "\n", "\r\n", "\r", "\t", "(", ")", ",", "=", '"', "\\", "#", "{", "}", "|", "-", "<", "*"),
    *("git", "push", "--force", "é", "\U0001d11e", "\u2028", "\xa0", "\x0c", "\x00", "\ufeff", "\ud800", "2030-01-01"),
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.text(max_size=60),
)


@cache
def sources() -> Sources:
    layer = Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes())
    return Sources((layer,), (RuleFile("shipped", "rules/s.rules", b'list tools = "a"\n'),))


@cache
def whole() -> str:
    return (ROOT / "rules/git.rules").read_text()


def ask_everything(text: str, place: float, encoding: Encoding) -> None:
    answers = Answers(with_text(sources(), FILE, "user", text), FILE, text, encoding, BuildCache(), shipped())
    offset = round(place * len(text))
    position = answers.position_of(offset)
    everything = Span(0, len(text))
    problems = answers.problems(BuildCache(), 0)
    spans = [one.span for one in answers.underlined(problems)]
    spans += [fix.span for fix in answers.fixes(problems, everything)]
    spans += [span for symbol in answers.symbols() for span in (symbol.whole, symbol.named)]
    assert all(one.whole.start <= one.named.start and one.named.end <= one.whole.end for one in answers.symbols())
    hover, offers = answers.hover(position), answers.complete(position)
    spans += [offers.span] if hover is None else [offers.span, hover.span]
    target = answers.definition(position)
    if target is not None:
        assert 0 <= target.span.start <= target.span.end <= len(target.document.text)
    answers.formatted()
    for span in spans:
        assert 0 <= span.start <= span.end <= len(text)


@given(text=TEXTS, place=st.floats(0, 1), encoding=st.sampled_from(Encoding))
def test_no_text_makes_it_raise(text: str, place: float, encoding: Encoding) -> None:
    ask_everything(text, place, encoding)


@settings(max_examples=25)
@given(begin=st.floats(0, 1), size=st.integers(0, 600), place=st.floats(0, 1))
def test_no_part_of_a_real_file_makes_it_raise(begin: float, size: int, place: float) -> None:
    start = round(begin * len(whole()))
    ask_everything(whole()[start : start + size], place, Encoding.UTF_16)


@given(text=TEXTS, line=st.integers(-2, 20), character=st.integers(0, 50), encoding=st.sampled_from(Encoding))
def test_every_position_has_an_offset_whose_position_is_not_behind_it(
    text: str, line: int, character: int, encoding: Encoding
) -> None:
    answers = Answers(sources(), FILE, text, encoding, BuildCache(), shipped())
    offset = answers.offset_at(Position(line, character))
    assert 0 <= offset <= len(text)
    found = answers.position_of(offset)
    assert answers.offset_at(found) == offset
    if line >= 0:
        assert (found.line, found.character) <= (line, character)
