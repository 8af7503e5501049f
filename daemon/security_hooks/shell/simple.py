"""One simple command: assignments, words and redirections; or the function definition that begins like one."""

import re

from security_hooks.model.word import HoleKind, Word
from security_hooks.shell.cursor import SKIPPED, Cursor
from security_hooks.shell.pieces import begin_word, is_nested, read_word
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import (
    AnyWord,
    Function,
    HereDoc,
    Opaque,
    Piece,
    RawAssignment,
    RawRedirect,
    RawWord,
    Simple,
    Text,
)

# Words in which every character stands for itself, behind blanks and continuations. Followed by `<`, `>` or `(` they
# may be something else.
_BLANKS, _WORD, _BEHIND = r"[ \t]*(?:\\\n[ \t]*)*", r"(?:[A-Za-z0-9_./:@%+,\-=^]++|\[|\]|\{\})", r"(?=[ \t\n;&|)]|\Z)"
_PLAIN = re.compile(f"{_BLANKS}({_WORD}){_BEHIND}")
_PLAINS = re.compile(f"{_BLANKS}({_WORD}(?:[ \\t]+{_WORD})*){_BEHIND}")
_QUOTED = re.compile("(?:'([^'\U000f0000-\U000ffffd]*)'|\"([^\"$`\\\\\U000f0000-\U000ffffd]*)\")(?=[ \\t\\n;&|)]|\\Z)")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=", re.ASCII)
_ARRAY = re.compile(r"([A-Za-z_]\w*)(\+?)=\(", re.ASCII)
_INDEXED = re.compile(r"([A-Za-z_]\w*)\[[^\]]*\](\+?)=", re.ASCII)
_ELEMENT = re.compile(r"\[[^\]]*\](\+?)=")
_CLOSED = re.compile(r"\](\+?)=")
_REDIRECT = re.compile(r"(\d+|\{[A-Za-z_]\w*\})?(&>>|&>|<<<|<<-?|<>|<&|>>|>\||>&|<(?!\()|>(?!\())", re.ASCII)
_DELIMITER = re.compile(r"[ \t]*(?:'([^'\n]*)'|\"([^\"\n$`\\]*)\"|([\w.+-]+))(?=[ \t\n;&|)<>]|\Z)")
_PARENTHESES = re.compile(r"[ \t]*\([ \t]*\)")
_DECLARING = frozenset(("declare", "typeset", "local", "export", "readonly"))


def read_simple(cur: Cursor) -> Steps[Simple | Function]:
    """The command that begins here; reading stops before whatever cannot belong to it."""
    text, base, end = cur.text, cur.base, cur.end
    spend = cur.journal.budget.spend
    start = last = cur.pos
    words: list[AnyWord] = []
    assignments: list[RawAssignment] = []
    redirects: list[RawRedirect] = []
    nested, literal = False, True
    while True:
        plains = _PLAINS.match(text, cur.pos, end)
        if plains:
            pos = plains.start(1)
            for source in plains[1].split():
                if not spend():
                    cur.pos = end
                    break
                pos = text.index(source, pos)
                cur.pos = last = pos + len(source)
                assigned = _ASSIGNMENT.match(source) if not words and "=" in source else None
                if assigned:
                    value = source[assigned.end() :]
                    span = (base + pos + assigned.end(), base + last)
                    word = Word((value,) if value else (), span, value)
                    assignments.append(RawAssignment(assigned[1], word, assigned[2] == "+"))
                else:
                    words.append(Word((source,), (base + pos, base + last), source))
                pos = last
            if cur.pos >= end or text[last] in "\n;|)":
                break
            continue
        pos = cur.pos
        if pos < end and text[pos] in SKIPPED:
            cur.skip_blanks()
            pos = cur.pos
        if pos >= end:
            break
        char = text[pos]
        if char in "'\"":
            quoted = _QUOTED.match(text, pos, end)
            if quoted:
                if not spend():
                    cur.pos = end
                    break
                last = cur.pos = quoted.end()
                source = text[pos + 1 : last - 1]
                words.append(Word((source,) if source else (), (base + pos, base + last), source))
                continue
        if char in "\n;|)" or (char == "&" and text[pos + 1 : pos + 2] != ">"):
            break
        if char in "<>&{0123456789":
            found = _REDIRECT.match(text, pos, end)
            if found:
                if not spend():
                    cur.pos = end
                    break
                redirect = yield from _read_redirect(cur, found)
                redirects.append(redirect)
                nested = nested or is_nested_redirect(redirect)
                last = cur.pos
                continue
        if char == "(":
            parentheses = _PARENTHESES.match(text, pos, end)
            if parentheses and len(words) == 1 and not assignments and not redirects:
                cur.pos = parentheses.end()
                name = words[0].literal if isinstance(words[0], Word) else words[0].source
                return Function(name or "", (yield cur.journal.read_command(cur)))
            break
        array = _ARRAY.match(text, pos, end)
        if array and (not words or (isinstance(words[0], Word) and words[0].literal in _DECLARING)):
            assignment = yield from _read_array(cur, array)
            assignments.append(assignment)
            nested = nested or any(type(e) is RawWord and e.nested for e in assignment.elements or ())
        else:
            read = begin_word(cur)
            raw = read if isinstance(read, RawWord) else (yield from read)
            if cur.pos == pos:
                break
            nested = nested or raw.nested
            found_assignment = None if words else _assignment(raw)
            if found_assignment:
                assignments.append(found_assignment)
            else:
                words.append(raw)
                literal = False
        last = cur.pos
    if last > start:
        cur.journal.budget.read_command()
    if words and cur.exact:
        first = words[0]
        cur.journal.programs.add(first.span[0] if isinstance(first, Word) else first.start)
    source = text[start:last]
    return Simple(
        tuple(assignments), tuple(words), tuple(redirects), source, base + start, base + last, nested, literal
    )


def read_redirects(cur: Cursor) -> Steps[tuple[RawRedirect, ...]]:
    """The redirections behind a compound command."""
    redirects: list[RawRedirect] = []
    while True:
        cur.skip_blanks()
        found = _REDIRECT.match(cur.text, cur.pos, cur.end)
        if found is None:
            return tuple(redirects)
        redirects.append((yield from _read_redirect(cur, found)))


def is_nested_redirect(redirect: RawRedirect) -> bool:
    """Whether code may stand in the target; the bodies of here-documents are not read yet when this is asked."""
    target = redirect.target
    return target.expands if type(target) is HereDoc else type(target) is RawWord and target.nested


def _read_redirect(cur: Cursor, found: re.Match[str]) -> Steps[RawRedirect]:
    descriptor = int(found[1]) if found[1] and found[1].isdigit() and len(found[1]) < 6 else None
    operator = found[2]
    start = cur.pos
    cur.pos = found.end()
    if operator in ("<<", "<<-"):
        return RawRedirect(operator, descriptor, (yield from _read_here_doc(cur, start, operator)))
    cur.skip_blanks()
    pos = cur.pos
    plain = _PLAIN.match(cur.text, pos, cur.end)
    if plain:
        cur.pos = plain.end()
        literal = plain[1]
        return RawRedirect(operator, descriptor, Word((literal,), (cur.base + pos, cur.base + cur.pos), literal))
    read = begin_word(cur)
    target = read if isinstance(read, RawWord) else (yield from read)
    if cur.pos == pos:
        cur.fail(f"nothing after `{operator}`")
    return RawRedirect(operator, descriptor, target)


def _read_here_doc(cur: Cursor, start: int, operator: str) -> Steps[HereDoc]:
    simple = _DELIMITER.match(cur.text, cur.pos, cur.end)
    if simple:
        delimiter = simple[simple.lastindex or 0]
        expands = simple.lastindex == 3
        cur.pos = simple.end()
    else:
        cur.skip_blanks()
        word = yield from read_word(cur)
        if not word.source:
            cur.fail(f"nothing after `{operator}`")
        literal = all(type(piece) is Text for piece in word.pieces)
        if not literal and any(quote in word.source for quote in ("'", '"', "\\")):
            cur.fail("a here-document's delimiter with both quotes and expansions")
        delimiter = "".join(piece.text for piece in word.pieces if type(piece) is Text) if literal else word.source
        expands = not any(type(piece) is Text and piece.quoted for piece in word.pieces)
    document = HereDoc(
        (cur.base + start, cur.base + cur.pos), delimiter, expands=expands, strips_tabs=operator == "<<-"
    )
    cur.pending.append(document)
    return document


def _read_array(cur: Cursor, found: re.Match[str]) -> Steps[RawAssignment]:
    start = cur.pos
    cur.pos = found.end()
    elements: list[AnyWord] = []
    while True:
        cur.skip_lines()
        pos = cur.pos
        if pos >= cur.end:
            cur.fail("unterminated array")
            break
        if cur.text[pos] == ")":
            cur.pos += 1
            break
        word = yield from read_word(cur)
        if cur.pos == pos:
            cur.fail(f"unexpected `{cur.text[pos]}`")
            cur.pos += 1
        elements.append(word)
    span = (cur.base + start, cur.base + cur.pos)
    source = cur.text[start : cur.pos]
    value = RawWord((Opaque(HoleKind.OTHER, (), True, source),), span[0], span[1], False, source)
    return RawAssignment(found[1], value, found[2] == "+", tuple(elements))


def _assignment(raw: RawWord) -> RawAssignment | None:
    first = raw.pieces[0] if raw.pieces else None
    if type(first) is not Text or first.quoted:
        return None
    found = _ASSIGNMENT.match(first.text)
    if found:
        rest = first.text[found.end() :]
        pieces = (Text(rest, False), *raw.pieces[1:]) if rest else raw.pieces[1:]
        size = found.end()
        return RawAssignment(
            found[1], RawWord(pieces, raw.start + size, raw.end, raw.nested, raw.source[size:]), found[2] == "+"
        )
    if "[" in first.text:
        indexed = _INDEXED.match(raw.source)
        if indexed:
            return _indexed(raw, indexed)
    return None


def element_of(raw: AnyWord) -> RawAssignment | None:
    """`[subscript]=value` in a list of elements; None for any other word."""
    found = _ELEMENT.match(raw.source) if type(raw) is RawWord else None
    first = raw.pieces[0] if type(raw) is RawWord and raw.pieces else None
    if found is None or type(first) is not Text or first.quoted or type(raw) is not RawWord:
        return None
    return _cut(raw, "", 1, append=bool(found[1]), end=found.end())


def _indexed(raw: RawWord, found: re.Match[str]) -> RawAssignment:
    """`name[subscript]=value`."""
    return _cut(raw, found[1], len(found[1]) + 1, append=bool(found[2]), end=found.end())


def _cut(raw: RawWord, name: str, opener: int, *, append: bool, end: int) -> RawAssignment:
    """The assignment cut in the pieces as it is cut in the source; no subscript where that cannot be done."""
    subscript: list[Piece] = []
    for number, piece in enumerate(raw.pieces):
        text = piece.text if type(piece) is Text and not piece.quoted else ""
        start = opener if number == 0 else 0
        closed = _CLOSED.search(text, start)
        if closed is None:
            subscript.append(Text(text[start:], quoted=False) if text else piece)
            continue
        if closed.start() > start:
            subscript.append(Text(text[start : closed.start()], quoted=False))
        rest = text[closed.end() :]
        pieces = (Text(rest, quoted=False), *raw.pieces[number + 1 :]) if rest else raw.pieces[number + 1 :]
        value = RawWord(pieces, raw.start + end, raw.end, is_nested(pieces), raw.source[end:])
        inner = tuple(subscript)
        key = RawWord(inner, raw.start + opener, raw.start + end, is_nested(inner), raw.source[opener:end])
        return RawAssignment(name, value, bool(closed[1]), None, key)
    return RawAssignment(name, raw, append, None, RawWord((), raw.start, raw.start, False, ""))
