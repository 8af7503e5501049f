"""Compound commands: groups, conditions, loops, functions, tests. One step for each, chosen by how it begins."""

import re
from collections.abc import Callable

import msgspec

from security_hooks.shell.cursor import Cursor
from security_hooks.shell.flat import REGEX, WORD
from security_hooks.shell.pieces import is_nested, read_arithmetic, read_word
from security_hooks.shell.simple import read_redirects
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import (
    NOTHING,
    AnyWord,
    Block,
    Case,
    Coproc,
    Function,
    If,
    Loop,
    Negated,
    Node,
    Opaque,
    Parameter,
    RawWord,
    Sequence,
    Test,
)

CLOSING = ("then", "elif", "else", "fi", "do", "done", "esac", "}")
_KEYWORD = re.compile(r"(?:if|for|select|while|until|case|function|coproc|\[\[|\{)(?=[\s;&|()<>]|\Z)")
_TIMED = re.compile(r"time[ \t]+(?:-p[ \t]+)?(?:--[ \t]+)?(?=[({!]|\[\[|(?:if|for|select|while|until|case|time)[\s(])")
_IN = re.compile(r"in(?=[\s;]|\Z)")
_ESAC = re.compile(r"esac(?=[\s;&|()<>]|\Z)")
_PARENTHESES = re.compile(r"\([ \t]*\)")
_NAMED_COPROC = re.compile(r"[A-Za-z_]\w*[ \t]+(?=[({]|(?:if|for|while|until|case)\s|\[\[)")
_PROCESS = re.compile(r"[<>]\(")
_NAME = re.compile(r"[^\s;&|()<>]+")
_SEPARATOR = re.compile(r"[ \t]*[;\n]?")
_TEST_OPERATOR = re.compile(r"&&|\|\||[()<>]|!(?=\s)")
_TEST_END = re.compile(r"\]\](?=[\s;&|()<>]|\Z)")


def compound(cur: Cursor, char: str) -> Steps[Node] | None:
    """The step that reads the compound command that begins here with `char`, or None where a simple one does."""
    if char == "(":
        return _read_parenthesis(cur)
    if char not in "ifswucft[{":
        return None
    if char == "t":
        timed = _TIMED.match(cur.text, cur.pos, cur.end)
        if timed:
            if cur.exact:
                # The second reader takes some keywords for programs: this one, `coproc`, `{` behind `!`.
                cur.journal.programs.add(cur.base + cur.pos)
            cur.pos = timed.end()
            return _read_timed(cur)
        return None
    found = _KEYWORD.match(cur.text, cur.pos, cur.end)
    if found is None:
        return None
    if cur.exact:
        cur.journal.programs.add(cur.base + cur.pos)
    cur.pos = found.end()
    return _READERS[found[0]](cur)


def _read_timed(cur: Cursor) -> Steps[Node]:
    negated = False
    while cur.text.startswith("!", cur.pos, cur.end):
        cur.pos += 1
        cur.skip_blanks()
        negated = not negated
    node: Node = yield cur.journal.read_command(cur)
    return Negated(node) if negated else node


def _expect(cur: Cursor, keyword: str) -> None:
    """Go past a keyword (or `)`) that must stand here; note it where it does not."""
    if not cur.text.startswith(keyword, cur.pos, cur.end):
        cur.fail(f"`{keyword}` is missing")
        return
    if cur.exact:
        # Behind `time` and `coproc` the second reader takes it for a program.
        cur.journal.programs.add(cur.base + cur.pos)
    cur.pos += len(keyword)


def _at(cur: Cursor, keyword: str) -> bool:
    return cur.text.startswith(keyword, cur.pos, cur.end)


def _read_parenthesis(cur: Cursor) -> Steps[Node]:
    if cur.text.startswith("((", cur.pos, cur.end):
        start = cur.pos
        arithmetic = yield from read_arithmetic(cur, 2, quoted=True)
        if arithmetic is not None:
            word = _arithmetic_word(cur, arithmetic, start)
            return Test((word,), (yield from read_redirects(cur)), arithmetic=True)
    cur.pos += 1
    body = yield cur.journal.read_list(cur, (")",))
    _expect(cur, ")")
    return Block("subshell", body, (yield from read_redirects(cur)))


def _arithmetic_word(cur: Cursor, arithmetic: Opaque, start: int) -> RawWord:
    pieces = (arithmetic,)
    return RawWord(pieces, cur.base + start, cur.base + cur.pos, is_nested(pieces), cur.text[start : cur.pos])


def _read_group(cur: Cursor) -> Steps[Node]:
    body = yield cur.journal.read_list(cur, ("}",))
    _expect(cur, "}")
    return Block("group", body, (yield from read_redirects(cur)))


def _read_if(cur: Cursor) -> Steps[Node]:
    branches: list[tuple[Sequence, Sequence]] = []
    otherwise: Sequence = NOTHING
    while True:
        condition = yield cur.journal.read_list(cur, ("then",))
        _expect(cur, "then")
        branch = yield cur.journal.read_list(cur, ("elif", "else", "fi"))
        branches.append((condition, branch))
        if not _at(cur, "elif"):
            break
        _expect(cur, "elif")
    if _at(cur, "else"):
        _expect(cur, "else")
        otherwise = yield cur.journal.read_list(cur, ("fi",))
    _expect(cur, "fi")
    return If(tuple(branches), otherwise, (yield from read_redirects(cur)))


def _read_while(cur: Cursor) -> Steps[Node]:
    condition = yield cur.journal.read_list(cur, ("do",))
    _expect(cur, "do")
    body = yield cur.journal.read_list(cur, ("done",))
    _expect(cur, "done")
    return Loop("", (), condition, body, (yield from read_redirects(cur)))


def _read_select(cur: Cursor) -> Steps[Node]:
    loop = yield from _read_for(cur)
    return msgspec.structs.replace(loop, counts=False)


def _read_for(cur: Cursor) -> Steps[Loop]:
    words: list[AnyWord] = []
    variable = ""
    cur.skip_blanks()
    start = cur.pos
    arithmetic = (yield from read_arithmetic(cur, 2, quoted=True)) if _at(cur, "((") else None
    if arithmetic is not None:
        words.append(_arithmetic_word(cur, arithmetic, start))
    else:
        name = _NAME.match(cur.text, cur.pos, cur.end)
        if name is None:
            cur.fail("a loop without a variable")
        else:
            variable = name[0]
            cur.pos = name.end()
        cur.skip_lines()
        if _IN.match(cur.text, cur.pos, cur.end):
            cur.pos += 2
            yield from _read_words(cur, words)
        else:
            place = cur.base + cur.pos
            words.append(RawWord((Parameter("@", "", (), True, "$@"),), place, place, False, '"$@"'))
    separator = _SEPARATOR.match(cur.text, cur.pos, cur.end)
    if separator and not separator[0].endswith("\n"):
        cur.pos = separator.end()
    cur.skip_lines()
    braces = _at(cur, "{")
    _expect(cur, "{" if braces else "do")
    body = yield cur.journal.read_list(cur, ("}",) if braces else ("done",))
    _expect(cur, "}" if braces else "done")
    return Loop(variable, tuple(words), NOTHING, body, (yield from read_redirects(cur)), bool(variable))


def _read_words(cur: Cursor, words: list[AnyWord]) -> Steps[None]:
    while True:
        cur.skip_blanks()
        pos = cur.pos
        word = yield from read_word(cur)
        if cur.pos == pos:
            return
        words.append(word)


def _read_case(cur: Cursor) -> Steps[Node]:
    cur.skip_blanks()
    subject = yield from read_word(cur)
    cur.skip_lines()
    _expect(cur, "in")
    arms: list[tuple[tuple[AnyWord, ...], Sequence, str]] = []
    while True:
        cur.skip_lines()
        if cur.pos >= cur.end:
            cur.fail("`esac` is missing")
            break
        found = _ESAC.match(cur.text, cur.pos, cur.end)
        if found:
            cur.pos = found.end()
            break
        patterns: list[AnyWord] = []
        pos = cur.pos
        if _at(cur, "("):
            cur.pos += 1
        while True:
            yield from _read_words(cur, patterns)
            cur.skip_blanks()
            if not _at(cur, "|"):
                break
            cur.pos += 1
        _expect(cur, ")")
        body = yield cur.journal.read_list(cur, (";;", "esac"))
        end = next((sign for sign in (";;&", ";&", ";;") if _at(cur, sign)), "")
        arms.append((tuple(patterns), body, end))
        cur.pos += len(end)
        if cur.pos == pos:
            cur.pos += 1
    return Case(subject, tuple(arms), (yield from read_redirects(cur)))


def _read_function(cur: Cursor) -> Steps[Node]:
    cur.skip_blanks()
    name = _NAME.match(cur.text, cur.pos, cur.end)
    if name is None:
        cur.fail("a function without a name")
    else:
        cur.pos = name.end()
    cur.skip_blanks()
    parentheses = _PARENTHESES.match(cur.text, cur.pos, cur.end)
    if parentheses:
        cur.pos = parentheses.end()
    return Function(name[0] if name else "", (yield cur.journal.read_command(cur)))


def _read_coproc(cur: Cursor) -> Steps[Node]:
    cur.skip_blanks()
    named = _NAMED_COPROC.match(cur.text, cur.pos, cur.end)
    if named and not _KEYWORD.match(cur.text, cur.pos, cur.end):
        cur.pos = named.end()
    return Coproc((yield cur.journal.read_command(cur)))


def _read_test(cur: Cursor) -> Steps[Node]:
    words: list[AnyWord] = []
    mode = WORD
    while True:
        cur.skip_lines()
        pos = cur.pos
        if pos >= cur.end:
            cur.fail("`]]` is missing")
            break
        end = _TEST_END.match(cur.text, pos, cur.end)
        if end:
            cur.pos = end.end()
            break
        operator = _TEST_OPERATOR.match(cur.text, pos, cur.end) if mode is WORD else None
        if operator and not _PROCESS.match(cur.text, pos, cur.end):
            cur.pos = operator.end()
            continue
        word = yield from read_word(cur, mode)
        if cur.pos == pos:
            cur.fail(f"unexpected `{cur.text[pos]}`")
            cur.pos += 1
            mode = WORD
            continue
        mode = REGEX if word.source == "=~" else WORD
        words.append(word)
    return Test(tuple(words), (yield from read_redirects(cur)), arithmetic=False)


_READERS: dict[str, Callable[[Cursor], Steps[Node]]] = {
    "if": _read_if,
    "for": _read_for,
    "select": _read_select,
    "while": _read_while,
    "until": _read_while,
    "case": _read_case,
    "function": _read_function,
    "coproc": _read_coproc,
    "[[": _read_test,
    "{": _read_group,
}
