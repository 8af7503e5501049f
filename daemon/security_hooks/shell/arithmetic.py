"""Integer arithmetic as bash calculates it: 64 bits, C's operators, assignments, names that hold expressions."""

import re
from collections.abc import Callable

from security_hooks.shell.state import UNSET, State, literal

_TOKEN = re.compile(
    r"\s*(?:(0[xX][0-9A-Fa-f]+|\d+#[0-9A-Za-z@_]+|\d+)|([A-Za-z_]\w*)"
    r"|(<<=|>>=|\*\*|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&^|]=|[-+*/%&^|~!<>=?:,()]))",
    re.ASCII,
)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ASSIGNED = re.compile(
    r"\b([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)|(?:\+\+|--)\s*([A-Za-z_]\w*)|\b([A-Za-z_]\w*)\s*(?:\+\+|--)",
    re.ASCII,
)
# What is expanded, or separates expressions, before anything is calculated.
_OTHERWISE_READ = '$`"[];'
_MOST_TEXT = 2048
_MOST_NAMES = 64
_DEEPEST = 24
_LEVELS: dict[str, int] = {
    "||": 4, "&&": 5, "|": 6, "^": 7, "&": 8, "==": 9, "!=": 9, "<": 10, "<=": 10, ">": 10, ">=": 10,
    "<<": 11, ">>": 11, "+": 12, "-": 12, "*": 13, "/": 13, "%": 13, "**": 14,
}  # fmt: skip
_ASSIGNING = frozenset(("=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "<<=", ">>="))
_SMALL = re.compile(r"\s*(-?(?:0|[1-9]\d{0,17}))\s*", re.ASCII)
_LIMIT = 1 << 63


class _UnknownError(Exception):
    """Something in the expression is not known."""


class _WrongError(Exception):
    """The shell would refuse the expression."""


def evaluate(text: str, state: State) -> int | None:
    """What the expression is; variables that it assigns are. None where that is not known: then some may be.

    Where the shell would refuse it, nobody knows how much of what follows is still run.
    """
    try:
        return _Expression(text, state, 0).result()
    except _UnknownError:
        forget_assigned(state, text)
        return None
    except _WrongError:
        state.blind = True
        return None


def forget_assigned(state: State, text: str) -> None:
    """Forget the variables that this expression, or one that a name in it holds, may assign."""
    waiting, seen = [text], set[str]()
    while waiting:
        expression = waiting.pop()
        if len(expression) > _MOST_TEXT or len(seen) > _MOST_NAMES:
            state.forget_all()
            return
        if "=" in expression or "++" in expression or "--" in expression:
            for found in _ASSIGNED.finditer(expression):
                state.assign(found[1] or found[2] or found[3], None)
        for name in _NAME.findall(expression):
            if name not in seen:
                seen.add(name)
                value = literal(state.value(name))
                if value and not value.isdigit():
                    waiting.append(value)


class _Expression:
    """One expression being read and calculated at once. `skips` counts the branches around that are not taken,
    `is_named` says that this is what a name holds.
    """

    __slots__ = ("depth", "is_named", "position", "skips", "state", "tokens")

    def __init__(self, text: str, state: State, depth: int) -> None:
        if len(text) > _MOST_TEXT:
            raise _UnknownError
        self.state = state
        self.depth = depth
        self.is_named = depth > 0
        self.skips = 0
        self.position = 0
        self.tokens: list[tuple[str, str]] = []
        pos = 0
        text = text.strip()
        while pos < len(text):
            found = _TOKEN.match(text, pos)
            if found is None or text[found.end() : found.end() + 1] == "[":
                is_read = text[pos:].lstrip()[0] in (_OTHERWISE_READ if depth == 0 else "[")
                raise _UnknownError if found or is_read else _WrongError
            kind = "number" if found[1] else "name" if found[2] else "operator"
            self.tokens.append((kind, found[found.lastindex or 0]))
            pos = found.end()

    def result(self) -> int:
        if not self.tokens:
            return 0
        if self.position == 0 and not self.skips:
            # What is written wrong is refused, whatever its names hold.
            self.skips = 1
            self._comma()
            if self.position < len(self.tokens):
                raise _WrongError
            self.position = self.skips = 0
        if not self.state.affords(len(self.tokens) >> 2):
            raise _UnknownError
        value = self._comma()
        if self.position < len(self.tokens):
            raise _WrongError
        return value

    def _descend(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            # Names that hold each other: the shell gives up too. Deep parentheses it would still calculate.
            raise _WrongError if self.is_named else _UnknownError

    def _peek(self) -> str:
        if self.position < len(self.tokens):
            kind, text = self.tokens[self.position]
            return text if kind == "operator" else ""
        return ""

    def _take(self, text: str) -> bool:
        if self._peek() == text:
            self.position += 1
            return True
        return False

    def _comma(self) -> int:
        value = self._assignment()
        while self._take(","):
            value = self._assignment()
        return value

    def _assignment(self) -> int:
        self._descend()
        start = self.position
        if start + 1 < len(self.tokens) and self.tokens[start][0] == "name":
            kind, operator = self.tokens[start + 1]
            if kind == "operator" and operator in _ASSIGNING:
                self.position += 2
                name = self.tokens[start][1]
                old = self._variable(name) if operator != "=" else 0
                new = self._assignment()
                value = new if operator == "=" else self._calculate(operator[:-1], old, new)
                self._assign(name, value)
                self.depth -= 1
                return value
        value = self._conditional()
        self.depth -= 1
        return value

    def _conditional(self) -> int:
        condition = self._binary(4)
        if not self._take("?"):
            return condition
        one = self._skipping(not condition, self._comma)
        if not self._take(":"):
            raise _WrongError
        other = self._skipping(bool(condition), self._conditional_part)
        return one if condition else other

    def _conditional_part(self) -> int:
        self._descend()
        value = self._conditional()
        self.depth -= 1
        return value

    def _skipping(self, skip: bool, part: Callable[[], int]) -> int:
        self.skips += skip
        value = part()
        self.skips -= skip
        return value

    def _binary(self, level: int) -> int:
        left = self._unary()
        while True:
            operator = self._peek()
            own = _LEVELS.get(operator, 0)
            if own < level:
                return left
            self.position += 1
            if operator in ("&&", "||"):
                decided = bool(left) is (operator == "||")
                self.skips += decided
                right = self._nested(own + 1)
                self.skips -= decided
                left = int(bool(left) and bool(right)) if operator == "&&" else int(bool(left) or bool(right))
            else:
                right = self._nested(own if operator == "**" else own + 1)
                left = self._calculate(operator, left, right)

    def _nested(self, level: int) -> int:
        self._descend()
        value = self._binary(level)
        self.depth -= 1
        return value

    def _unary(self) -> int:
        signs: list[str] = []
        while self._peek() in ("-", "+", "!", "~"):
            signs.append(self._peek())
            self.position += 1
        value = self._primary()
        for sign in reversed(signs):
            value = -value if sign == "-" else ~value if sign == "~" else int(not value) if sign == "!" else value
        return _wrapped(value)

    def _primary(self) -> int:
        if self.position >= len(self.tokens):
            raise _WrongError
        kind, text = self.tokens[self.position]
        self.position += 1
        if kind == "number":
            return _number(text)
        if kind == "name":
            value = self._variable(text)
            following = self._peek()
            if following in ("++", "--"):
                self.position += 1
                self._assign(text, _wrapped(value + (1 if following == "++" else -1)))
            return value
        if text in ("++", "--") and self.position < len(self.tokens) and self.tokens[self.position][0] == "name":
            name = self.tokens[self.position][1]
            self.position += 1
            value = _wrapped(self._variable(name) + (1 if text == "++" else -1))
            self._assign(name, value)
            return value
        if text in ("++", "--"):
            raise _UnknownError
        if text != "(":
            raise _WrongError
        self._descend()
        value = self._comma()
        self.depth -= 1
        if not self._take(")"):
            raise _WrongError
        return value

    def _variable(self, name: str) -> int:
        if self.skips:
            return 0
        if self.state.variable(name) is UNSET:
            return 0
        text = literal(self.state.value(name))
        if text is None:
            raise _UnknownError
        small = _SMALL.fullmatch(text)
        if small:
            return int(small[1])
        inner = _Expression(text, self.state, self.depth + 1)
        return inner.result()

    def _assign(self, name: str, value: int) -> None:
        if not self.skips:
            if type(self.state.variable(name)) not in (tuple, type(UNSET), type(None)):
                raise _UnknownError
            self.state.assign(name, (str(value),))

    def _calculate(self, operator: str, left: int, right: int) -> int:
        if operator in ("/", "%") and right == 0:
            if self.skips:
                return 0
            raise _WrongError
        if operator in ("<<", ">>") and not 0 <= right < 64:
            raise _UnknownError
        if operator == "**":
            if right < 0:
                raise _WrongError
            return _wrapped(pow(left, right, 1 << 64))
        return _wrapped(int(_OPERATIONS[operator](left, right)))


def _quotient(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
    "%": lambda a, b: a - b * _quotient(a, b),
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
}


def _wrapped(value: int) -> int:
    return (value + _LIMIT) % (_LIMIT << 1) - _LIMIT


def _number(text: str) -> int:
    if "#" in text:
        base_text, digits = text.split("#", 1)
        base = int(base_text) if len(base_text) < 4 else 0
        if not 2 <= base <= 64:
            raise _WrongError
        value = 0
        for char in digits:
            digit = _digit(char, base)
            if digit >= base:
                raise _WrongError
            value = value * base + digit
        return _wrapped(value)
    if text[:2] in ("0x", "0X"):
        return _wrapped(int(text, 16))
    if text[0] == "0" and len(text) > 1:
        if any(char in "89" for char in text):
            raise _WrongError
        return _wrapped(int(text, 8))
    return _wrapped(int(text))


def _digit(char: str, base: int) -> int:
    if char.isdigit():
        return int(char)
    if char.islower():
        return ord(char) - 87
    if char.isupper():
        return ord(char) - (55 if base <= 36 else 29)
    return 62 if char == "@" else 63
