"""Raw words to words: braces, tilde, parameters, splitting and globs, in bash's order. What is not known is a hole."""

import re
from collections.abc import Iterable, Mapping

from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.braces import expand_braces, has_braces
from security_hooks.shell.state import State, Value
from security_hooks.shell.syntax import AnyWord, Embedded, Opaque, Parameter, Piece, Text

# Bounded, or a row of open brackets would be quadratic.
_GLOB = re.compile(r"(\*+|\?|\[[!^]?\]?[^\]/]{0,200}\])")
_MOST_PATTERN = 4096
_TILDE = re.compile(r"~([^/:]*)")
_ASSIGNED_TILDE = re.compile(r"(?:(?<==)|(?<=:))~(?=[/:]|\Z)")
_NAMED = re.compile(r"[A-Za-z_]\w*=")
_DEFAULTS = frozenset((":-", "-", ":=", "=", ":?", "?"))
_MOST_BRACES = 1024
# Nodes that a word made by braces counts for: making one takes as long as reading a few.
_BRACED = 4

Results = Mapping[int, Value]


def word_of(parts: Iterable[str | Hole], span: tuple[int, int]) -> Word:
    """A word of these parts, neighbouring literals joined."""
    merged: list[str | Hole] = []
    run: list[str] = []
    for part in parts:
        if isinstance(part, str):
            run.append(part)
            continue
        text = "".join(run)
        if text:
            merged.append(text)
        run.clear()
        merged.append(part)
    text = "".join(run)
    if merged:
        return Word((*merged, text) if text else tuple(merged), span, None)
    return Word((text,) if text else (), span, text)


def expand(raw: AnyWord, state: State, results: Results) -> list[Word]:
    """The words that this one becomes; none where all of it vanishes. `results` are the values of nested pieces."""
    if isinstance(raw, Word):
        return [raw]
    span = (raw.start, raw.end)
    pieces = raw.pieces
    if not has_braces(pieces):
        return [word_of(field, span) for field in _fields(pieces, state, results)]
    alternatives = expand_braces(pieces, _MOST_BRACES) if state.affords(len(raw.source) >> 2) else None
    if alternatives is None or not state.affords(_BRACED * (len(alternatives) - 1)):
        return [Word((Hole(HoleKind.OTHER, raw.source, splits=True),), span, None)]
    return [word_of(f, span) for alternative in alternatives for f in _fields(alternative, state, results)]


def expand_value(raw: AnyWord, state: State, results: Results) -> Word:
    """One word without splitting, globs or braces: the value of an assignment, a redirection's target."""
    if isinstance(raw, Word):
        return raw
    pieces = _with_tilde(raw.pieces, state, assigned=True)
    parts = [part for piece in pieces for part in piece_value(piece, state, results)]
    return word_of([_whole(part) for part in parts], (raw.start, raw.end))


def parameter_value(piece: Parameter, argument: Value, state: State) -> Value | None:
    """What `${name...}` is, given its argument's value; None if that is not known."""
    known = state.value(piece.name)
    if known is None or not piece.operator:
        return known
    if _literal(known) is None:
        return None
    empty = not any(known)
    if piece.operator in _DEFAULTS:
        return known if not empty or piece.operator in ("-", "=", "?") else argument
    if piece.operator in (":+", "+"):
        return argument if not empty or piece.operator == "+" else ()
    return None


def piece_value(piece: Piece, state: State, results: Results) -> Value:
    """The parts that a piece stands for; the strings of an unquoted one are still to be split."""
    if isinstance(piece, Text):
        return (piece.text,)
    nested = results.get(id(piece))
    if nested is not None:
        return nested
    if isinstance(piece, Embedded):
        value = piece.value
        return (value,) if isinstance(value, str) else (_splitting(value) if not piece.quoted else value,)
    if isinstance(piece, Parameter):
        known = parameter_value(piece, (), state)
        if known is not None:
            return known
        splits = not piece.quoted or piece.name == "@" or (piece.operator[:1] == "[" and "@" in piece.source)
        return (Hole(HoleKind.PARAMETER, piece.source, splits),)
    kind = piece.kind if isinstance(piece, Opaque) else HoleKind.SUBSTITUTION
    return (Hole(kind, piece.source, not piece.quoted),)


def _whole(part: str | Hole) -> str | Hole:
    return Hole(part.kind, part.source) if isinstance(part, Hole) and part.splits else part


def _splitting(hole: Hole) -> Hole:
    return hole if hole.splits or hole.kind is HoleKind.PROCESS else Hole(hole.kind, hole.source, splits=True)


def _with_tilde(pieces: tuple[Piece, ...], state: State, *, assigned: bool) -> tuple[Piece, ...]:
    first = pieces[0] if pieces else None
    if not isinstance(first, Text) or first.quoted or "~" not in first.text:
        return pieces
    text = first.text
    if text[0] == "~":
        found = _TILDE.match(text)
        if found is None or (found.end() == len(text) and len(pieces) > 1):
            return pieces
        rest = Text(text[found.end() :], quoted=False)
        value = _literal(state.value("HOME" if found[1] == "" else "PWD")) if found[1] in ("", "+") else None
        if value is None:
            return (Embedded(Hole(HoleKind.OTHER, found[0]), quoted=True), rest, *pieces[1:])
        return (Text(value, quoted=True), rest, *pieces[1:])
    home = _literal(state.value("HOME"))
    if home is not None and (assigned or _NAMED.match(text)):
        return (Text(_ASSIGNED_TILDE.sub(lambda _: home, text), quoted=False), *pieces[1:])
    return pieces


def _literal(value: Value | None) -> str | None:
    if value is None or any(isinstance(part, Hole) for part in value):
        return None
    return "".join([part for part in value if isinstance(part, str)])


class _Fields:
    """The words that one word splits into: complete ones, and the one being put together (None: none begun)."""

    __slots__ = ("complete", "current")

    def __init__(self) -> None:
        self.complete: list[list[str | Hole]] = []
        self.current: list[str | Hole] | None = None

    def add(self, part: str | Hole) -> None:
        if self.current is None:
            self.current = []
        self.current.append(part)

    def end(self) -> None:
        if self.current is not None:
            self.complete.append(self.current)
            self.current = None


def _fields(pieces: tuple[Piece, ...], state: State, results: Results) -> list[list[str | Hole]]:
    fields = _Fields()
    pieces = _with_tilde(pieces, state, assigned=False)
    for number, piece in enumerate(pieces):
        if isinstance(piece, Text):
            if piece.quoted:
                fields.add(piece.text)
            else:
                _add_unquoted(fields, piece.text, pieces[number + 1 :])
        elif piece.quoted:
            for part in piece_value(piece, state, results):
                keeps = isinstance(piece, Parameter)
                fields.add(part if keeps else _whole(part))
        else:
            blanks = _literal(state.value("IFS"))
            for part in piece_value(piece, state, results):
                if isinstance(part, Hole):
                    fields.add(_splitting(part))
                elif blanks is None or blanks.strip(" \t\n"):
                    # Splitting at other characters, or at unknown ones, is left open.
                    fields.add(Hole(HoleKind.PARAMETER, _source(piece), splits=True) if part else part)
                else:
                    _add_split(fields, part, blanks)
    fields.end()
    return fields.complete


def _source(piece: Piece) -> str:
    return "" if isinstance(piece, Text | Embedded) else piece.source


def _add_split(fields: _Fields, text: str, blanks: str) -> None:
    if not blanks:
        if text:
            _add_unquoted(fields, text, ())
        return
    for number, chunk in enumerate(re.split(f"[{blanks}]+", text)):
        if number:
            fields.end()
        if chunk:
            _add_unquoted(fields, chunk, ())


def _add_unquoted(fields: _Fields, text: str, later: tuple[Piece, ...]) -> None:
    if not ("*" in text or "?" in text or "[" in text):
        fields.add(text)
        return
    if len(text) > _MOST_PATTERN:
        fields.add(Hole(HoleKind.GLOB, text, splits=True))
        return
    for number, chunk in enumerate(_GLOB.split(text)):
        if number % 2:
            fields.add(Hole(HoleKind.GLOB, chunk, splits=True))
        elif "[" in chunk and (len(chunk) > 200 or _may_close(later)):
            # The bracket may close further on: then this is a pattern, and its text is not what it says.
            fields.add(Hole(HoleKind.GLOB, chunk, splits=True))
        elif chunk:
            fields.add(chunk)


def _may_close(later: tuple[Piece, ...]) -> bool:
    return any(not isinstance(piece, Text) or (not piece.quoted and "]" in piece.text) for piece in later)
