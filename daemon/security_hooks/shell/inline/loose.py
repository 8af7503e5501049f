"""A tolerant reader for languages of the common shape: texts, names, calls, members, assignments, concatenation.

It knows how a language writes texts and comments, so that words in them are data, and which names are called without
parentheses. Control flow is not read: every statement counts, and a name may hold all that it was ever given.
"""

import re
from collections.abc import Callable

import msgspec

from security_hooks.shell.inline import syntax as s
from security_hooks.shell.inline.javascript import unescaped
from security_hooks.shell.inline.language import Parsed
from security_hooks.shell.inline.marks import Marks

_MOST_TOKENS = 20_000
_MOST_DEPTH = 60
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_DECLARING = frozenset(
    ["my", "our", "local", "var", "val", "const", "let", "final", "def", "new", "static", "public", "private", "return"]
)
_TRUTHS = {"true": True, "TRUE": True, "false": False, "FALSE": False}
_OPERATOR = r"->|=>|::|\|\||&&|\.\.|==|!=|<=|>=|=~|!~|\+=|\.=|<<|:=|<-|[^\s\w]"


class Dialect(msgspec.Struct, frozen=True):
    """How a language is written. `comments` is a pattern; `raw` are quotes without escapes and insertions; `command`
    is the quote around shell text; `inserted` a pattern for what a text takes in: its groups are a name or code.
    `members` join a name to what it belongs to, `joins` put texts together, `called` are called without parentheses.
    `words` is the pattern of a name; `quoted` says that `q(..)`, `qq{..}`, `%x(..)` are texts.
    """

    comments: str
    called: frozenset[str] = frozenset()
    raw: str = "'"
    quotes: str = "\"'"
    command: str = ""
    inserted: str = ""
    members: frozenset[str] = frozenset((".",))
    joins: frozenset[str] = frozenset(("+",))
    words: str = r"[^\W\d]\w*[?!]?"
    quoted: str = ""
    long: str = ""
    backslash: bool = True


class Token(msgspec.Struct, frozen=True, gc=False):
    """`kind` is `text`, `shell`, `words`, `name`, `number` or `sign`."""

    kind: str
    text: str
    raw: bool
    line_start: bool
    spaced: bool


def reader(dialect: Dialect) -> Callable[[str, Marks], Parsed]:
    """The parser of a dialect."""
    bodies = "|".join(
        rf"{quote}(?:[^{quote}\\]|\\.)*{quote}"
        if dialect.backslash
        else rf"{quote}(?:[^{quote}]|{quote}{quote})*{quote}"
        for quote in dialect.quotes + dialect.command
    )
    pattern = re.compile(
        rf"(?P<skip>\s+|{dialect.comments})"
        + (rf"|(?P<long>{dialect.long})" if dialect.long else "")
        + (rf"|(?P<quoted>(?<![\w$@%>]){dialect.quoted})" if dialect.quoted else "")
        + rf"|(?P<text>{bodies})|(?P<name>{dialect.words})|(?P<number>\d[\w.]*)|(?P<sign>{_OPERATOR}|.)",
        re.DOTALL,
    )

    def parse(code: str, marks: Marks) -> Parsed:
        tokens, cut = _tokens(code, pattern, dialect)
        reading = _Reading(tokens, dialect, marks, parse)
        nodes = reading.program()
        names = tuple([token.text for token in tokens if token.kind == "text"])
        return Parsed(nodes, too_much=cut or reading.too_deep, names=names)

    return parse


def _tokens(code: str, pattern: re.Pattern[str], dialect: Dialect) -> tuple[list[Token], bool]:
    tokens: list[Token] = []
    place = 0
    line_start, spaced = True, True
    while place < len(code):
        match = pattern.match(code, place)
        if match is None or len(tokens) >= _MOST_TOKENS:
            return tokens, True
        place = match.end()
        kind = match.lastgroup or "sign"
        text = match[0]
        if kind == "skip":
            line_start, spaced = line_start or "\n" in text, True
            continue
        raw = False
        if kind == "quoted":
            opener = text[-1]
            end = _closing(code, place, opener)
            body, letter = code[place:end], text[:-1].strip().lstrip("%")
            place = end + 1
            text, raw = body, letter in ("q", "qw", "w", "s")
            kind = "shell" if letter in ("qx", "x") else "words" if letter in ("qw", "w", "i") else "text"
        elif kind == "long":
            kind, text, raw = "text", match[0].strip("[=]").strip('"').lstrip(":"), True
        elif kind == "text":
            quote, text = text[0], text[1:-1]
            raw = quote in dialect.raw
            kind = "shell" if quote in dialect.command else "text"
            if not dialect.backslash:
                text = text.replace(quote * 2, quote)
        tokens.append(Token(kind, text, raw, line_start, spaced))
        line_start = spaced = False
    return tokens, False


def _closing(code: str, place: int, opener: str) -> int:
    closer = _CLOSING.get(opener, opener)
    depth = 0
    for match in re.compile(rf"\\.|{re.escape(opener)}|{re.escape(closer)}", re.DOTALL).finditer(code, place):
        if match[0] == closer:
            if depth == 0:
                return match.start()
            depth -= 1
        elif match[0] == opener:
            depth += 1
    return len(code)


class _Reading:
    """One text's tokens on their way to a tree."""

    def __init__(
        self, tokens: list[Token], dialect: Dialect, marks: Marks, parse: Callable[[str, Marks], Parsed]
    ) -> None:
        self._tokens = tokens
        self._dialect = dialect
        self._marks = marks
        self._parse = parse
        self._place = 0
        self._depth = 0
        self._inserted = re.compile(dialect.inserted) if dialect.inserted else None
        self.too_deep = False

    def program(self) -> tuple[s.Node, ...]:
        nodes: list[s.Node] = []
        while self._place < len(self._tokens):
            before = self._place
            nodes.append(self._expression())
            if self._place == before:
                self._place += 1
        return tuple(nodes)

    def _peek(self, ahead: int = 0) -> Token | None:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def _is(self, *signs: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == "sign" and token.text in signs

    def _expression(self) -> s.Node:
        if self._depth >= _MOST_DEPTH:
            self.too_deep = True
            self._place += 1
            return s.Several(())
        self._depth += 1
        left = self._operand()
        while (token := self._peek()) is not None and token.kind == "sign":
            sign = token.text
            if sign in self._dialect.joins:
                operands = [left]
                while self._is(*self._dialect.joins):
                    self._place += 1
                    operands.append(self._operand())
                left = s.Binary("+", tuple(operands))
            elif sign in ("=", ":=", "<-") and isinstance(left, s.Name | s.Index | s.Attribute):
                self._place += 1
                left = s.Assign(left, self._expression())
            elif sign in ("+=", ".=") and isinstance(left, s.Name):
                self._place += 1
                left = s.Assign(left, self._expression(), "+")
            else:
                break
        self._depth -= 1
        return left

    def _operand(self) -> s.Node:
        """One value and what follows it: members, calls, indices."""
        token = self._peek()
        if token is None:
            return s.Several(())
        if token.kind == "sign":
            if token.text not in "([{":
                self._place += 1
                return s.Several(())
            if token.text == "{":
                # A block: its statements, one by one.
                return s.Sequence(self._list("}"))
            return self._after(s.Sequence(self._list(_CLOSING[token.text])))
        self._place += 1
        if token.kind in ("text", "shell"):
            node = self._text(token)
            return self._after(node if token.kind == "text" else s.Call(s.Name("`"), (node,)))
        if token.kind == "words":
            return self._after(s.Sequence(tuple([s.Constant(word) for word in token.text.split()])))
        if token.kind == "number":
            try:
                return s.Constant(int(token.text, 0))
            except ValueError:
                return s.Several(())
        if token.text in _TRUTHS:
            return s.Constant(_TRUTHS[token.text])
        following = self._peek()
        if token.text in _DECLARING and following is not None and following.kind == "name" and not following.line_start:
            return self._operand()
        return self._after(s.Name(token.text), token.text)

    def _after(self, node: s.Node, name: str = "") -> s.Node:
        dialect = self._dialect
        while (token := self._peek()) is not None:
            if (
                token.kind == "sign"
                and token.text in dialect.members
                and not (token.spaced and token.text in dialect.joins)
            ):
                member = self._peek(1)
                if member is None or member.kind != "name" or (token.text in dialect.joins and member.spaced):
                    return node
                self._place += 2
                node = s.Attribute(node, member.text)
                name = f"{name}.{member.text}"
            elif (
                token.kind == "sign" and token.text == "(" and not token.line_start and not isinstance(node, s.Constant)
            ):
                arguments = self._list(")")
                node = s.Call(node, arguments)
                name = ""
            elif (
                token.kind == "sign"
                and token.text in ("[", "{")
                and not token.spaced
                and isinstance(node, s.Name | s.Call)
            ):
                if token.text == "{" and not name.startswith("$"):
                    return node
                if self._is_array():
                    self._place += 2
                    return s.Sequence(self._list("}"))
                inner = self._list(_CLOSING[token.text])
                key = inner[0] if inner else s.Constant(None)
                node = s.Index(node, s.Constant(key.name) if token.text == "{" and isinstance(key, s.Name) else key)
            elif name in dialect.called and not token.line_start and self._starts_value(token):
                node = s.Call(node, self._bare_list())
                name = ""
            else:
                return node
        return node

    def _is_array(self) -> bool:
        """`Type[]{..}`."""
        shape = [token.text for ahead in range(3) if (token := self._peek(ahead)) is not None]
        return shape == ["[", "]", "{"]

    def _starts_value(self, token: Token) -> bool:
        if token.kind != "sign":
            return token.text not in ("if", "unless", "do", "and", "or", "then")
        return token.text == "[" and token.spaced

    def _list(self, closer: str) -> tuple[s.Node, ...]:
        """What stands between brackets. `key => value` and `key: value` are pairs at its end."""
        self._place += 1
        items: list[s.Node] = []
        pairs: list[tuple[s.Node | None, s.Node]] = []
        while (token := self._peek()) is not None and not self._is(closer):
            if self._is(",", ";"):
                self._place += 1
                continue
            if token.kind == "sign" and token.text in ")]}" and token.text != closer:
                break
            before = self._place
            item = self._expression()
            if self._is("=>", ":") and closer != "]":
                self._place += 1
                key = s.Constant(item.name) if isinstance(item, s.Name) else item
                pairs.append((key, self._expression()))
            elif isinstance(item, s.Assign) and isinstance(item.target, s.Name) and item.target.name[0].isalpha():
                pairs.append((s.Constant(item.target.name), item.value))
            else:
                items.append(item)
            if self._place == before:
                self._place += 1
        self._place += 1
        if pairs:
            items.append(s.Mapping(tuple(pairs)))
        return tuple(items)

    def _bare_list(self) -> tuple[s.Node, ...]:
        items = [self._expression()]
        while self._is(","):
            self._place += 1
            items.append(self._expression())
        return tuple(items)

    def _text(self, token: Token) -> s.Node:
        text = token.text
        if token.raw or self._inserted is None:
            return s.Constant(text if token.raw and "\\" not in text else unescaped(text))
        parts: list[s.Node] = []
        place = 0
        for match in self._inserted.finditer(text):
            parts.append(s.Constant(unescaped(text[place : match.start()])))
            place = match.end()
            name = match["name"]
            code = match.groupdict().get("code")
            if name is not None:
                parts.append(s.Name(name))
            elif code is not None and self._depth < _MOST_DEPTH // 4:
                inner = self._parse(code, self._marks)
                self.too_deep = self.too_deep or inner.too_much
                parts.append(inner.nodes[-1] if len(inner.nodes) == 1 else s.Several(inner.nodes))
            else:
                parts.append(s.Several(()))
        parts.append(s.Constant(unescaped(text[place:])))
        return s.Template(tuple(parts))
