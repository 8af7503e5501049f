"""Raw words to words: braces, tilde, parameters, splitting and globs, in bash's order. What is not known is a hole."""

import re
from collections.abc import Iterable, Mapping, Sequence

from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.braces import expand_braces, has_braces
from security_hooks.shell.parameters import SLASH, Instead, Result, Several, parameter
from security_hooks.shell.state import UNSET, State, Value, literal, splits, whole
from security_hooks.shell.syntax import AnyWord, Embedded, Opaque, Parameter, Piece, Text

# Bounded, or a row of open brackets would be quadratic.
_GLOB = re.compile(r"(\*+|\?|\[[!^]?\]?[^\]/]{0,200}\])")
_MOST_PATTERN = 4096
_TILDE = re.compile(r"~([^/:]*)")
_NAMED = re.compile(r"[A-Za-z_]\w*\+?=")
_MOST_BRACES = 1024
_MOST_UNCOUNTED = 64
# Nodes that a word made by braces counts for: making one takes as long as reading a few.
_BRACED = 4
_BLANKS = " \t\n"

Results = Mapping[int, Result]


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


def expand(raw: AnyWord, state: State, results: Results, *, named: bool = True) -> list[Word]:
    """The words that this one becomes; none where all of it vanishes. `results` are the values of nested pieces,
    `named` says that a tilde behind `name=` is a home directory.
    """
    if isinstance(raw, Word):
        return [raw]
    span = (raw.start, raw.end)
    pieces = raw.pieces
    if "{" not in raw.source or not has_braces(pieces):
        return [word_of(field, span) for field in _fields(pieces, state, results, named=named)]
    known = not state.braces_doubtful and state.affords(len(raw.source) >> 2)
    alternatives = expand_braces(pieces, _MOST_BRACES) if known else None
    if alternatives is None or not state.affords(_BRACED * (len(alternatives) - 1)):
        return [Word((Hole(HoleKind.OTHER, raw.source, splits=True),), span, None)]
    return [word_of(f, span) for alternative in alternatives for f in _fields(alternative, state, results, named=named)]


def expand_value(raw: AnyWord, state: State, results: Results) -> Word:
    """One word without splitting, globs or braces: the value of an assignment, a redirection's target."""
    if isinstance(raw, Word):
        return raw
    pieces = _with_tilde(raw.pieces, state, assigned=True)
    return word_of(whole(flat_value(pieces, state, results)), (raw.start, raw.end))


def flat_value(pieces: Sequence[Piece], state: State, results: Results) -> Value:
    """The parts that these pieces stand for together, as one text."""
    parts: list[str | Hole] = []
    waiting = list(reversed(pieces))
    while waiting:
        piece = waiting.pop()
        if type(piece) is Text:
            parts.append(piece.text)
            continue
        result = _result(piece, state, results)
        if isinstance(result, Instead):
            waiting.extend(reversed(_pieces_of_default(piece, result, state)))
        elif isinstance(result, Several):
            parts.extend(_joined(result, _source(piece), state))
        else:
            parts.extend(result)
    return tuple(parts)


def segments(pieces: Sequence[Piece], state: State, results: Results) -> list[tuple[str, bool]] | None:
    """The texts that these pieces stand for, each with whether it is quoted; None where one is not known."""
    texts: list[tuple[str, bool]] = []
    waiting = list(reversed(pieces))
    while waiting:
        piece = waiting.pop()
        if type(piece) is Text:
            texts.append((piece.text, piece.quoted))
            continue
        result = _result(piece, state, results)
        if isinstance(result, Instead):
            waiting.extend(reversed(_pieces_of_default(piece, result, state)))
            continue
        text = literal(_joined(result, "", state) if isinstance(result, Several) else result)
        if text is None:
            return None
        texts.append((text, piece.quoted))
    return texts


def value_of(piece: Parameter, state: State, results: Results) -> Result:
    """What a parameter stands for, a hole where that is not known. What its subscript and argument became must be among
    the results.
    """
    subscript = segments(piece.subscript, state, results) if piece.subscript is not None else None
    argument = segments(argument_of(piece), state, results) if piece.argument else []
    known = parameter(piece, subscript, argument, state)
    return known if known is not None else unknown(piece)


def unknown(piece: Parameter) -> Value:
    """The hole for a parameter that is not known."""
    several = piece.name == "@" if piece.subscript is None else piece.subscript == _ALL
    return (Hole(HoleKind.PARAMETER, piece.source, not piece.quoted or several or piece.prefix == "!"),)


def argument_of(piece: Parameter) -> Sequence[Piece]:
    """The pieces of the argument, with a mark for the slash between pattern and replacement."""
    if piece.operator not in ("/", "//"):
        return piece.argument
    for number, inner in enumerate(piece.argument):
        if type(inner) is not Text or inner.quoted:
            continue
        # A slash right behind the operator belongs to the pattern.
        slash = inner.text.find("/", 0 if number else 1)
        if slash >= 0:
            before, after = Text(inner.text[:slash], quoted=False), Text(inner.text[slash + 1 :], quoted=False)
            return (*piece.argument[:number], before, Text(*SLASH), after, *piece.argument[number + 1 :])
    return piece.argument


_ALL = (Text("@", quoted=False),)


def _result(piece: Piece, state: State, results: Results) -> Result:
    """The parts that a piece other than text stands for; the strings of an unquoted one are still to be split."""
    nested = results.get(id(piece))
    if nested is not None:
        return nested
    if type(piece) is Parameter:
        if piece.argument:
            return unknown(piece)
        return value_of(piece, state, results)
    if type(piece) is Embedded:
        value = piece.value
        return (value,) if isinstance(value, str) else (_splitting(value) if not piece.quoted else value,)
    kind = piece.kind if isinstance(piece, Opaque) else HoleKind.SUBSTITUTION
    return (Hole(kind, _source(piece), not piece.quoted),)


def _pieces_of_default(piece: Piece, default: Instead, state: State) -> Sequence[Piece]:
    """The pieces of a default; what is not quoted in it is split like an expansion."""
    if piece.quoted or not state.affords(1):
        return default.pieces
    return [
        Embedded(inner.text, quoted=False) if type(inner) is Text and not inner.quoted else inner
        for inner in _with_tilde(default.pieces, state, assigned=False)
    ]


def _joined(several: Several, source: str, state: State) -> Value:
    """The words as one text; from the first on that may be any number of them, nothing is known."""
    between = " "
    if several.starred:
        blanks = state.variable("IFS")
        text = _BLANKS if blanks is UNSET else literal(state.value("IFS"))
        if text is None and len(several.items) > 1:
            return (Hole(HoleKind.PARAMETER, source),)
        between = (text or "")[:1]
    parts: list[str | Hole] = []
    for number, item in enumerate(several.items):
        if splits(item):
            parts.append(Hole(HoleKind.PARAMETER, source or "$*"))
            break
        if number and between:
            parts.append(between)
        parts.extend(item)
    return tuple(parts)


def _splitting(hole: Hole) -> Hole:
    return hole if hole.splits or hole.kind is HoleKind.PROCESS else Hole(hole.kind, hole.source, splits=True)


def _with_tilde(pieces: tuple[Piece, ...], state: State, *, assigned: bool, named: bool = True) -> tuple[Piece, ...]:
    for piece in pieces:
        if type(piece) is Text and not piece.quoted and "~" in piece.text:
            break
    else:
        return pieces
    expanded: list[Piece] = []
    first = pieces[0]
    name = _NAMED.match(first.text) if named and type(first) is Text and not first.quoted else None
    for number, piece in enumerate(pieces):
        if type(piece) is not Text or piece.quoted or "~" not in piece.text:
            expanded.append(piece)
            continue
        text, pos = piece.text, 0
        for found in _TILDE.finditer(text):
            start = found.start()
            before = text[start - 1] if start else ""
            if not (
                (start == 0 and number == 0)
                or ((assigned or name) and before == ":")
                or (name and number == 0 and not assigned and start == name.end())
            ):
                continue
            if found.end() == len(text) and number + 1 < len(pieces):
                # What follows belongs to the name then, and no name is quoted.
                continue
            expanded += [Text(text[pos:start], quoted=False)] if start > pos else []
            # `~:x` begins with a strange user's name, behind `~/x` a colon means nothing.
            doubtful = not assigned and (before == ":" or text[found.end() : found.end() + 1] == ":")
            expanded.append(_home(found[1], state, doubtful=doubtful))
            pos = found.end()
        expanded.append(Text(text[pos:], quoted=False))
    return tuple(expanded)


def _home(name: str, state: State, *, doubtful: bool) -> Piece:
    """The directory that a tilde and this name stand for."""
    variable = {"": "HOME", "+": "PWD", "-": "OLDPWD"}.get(name)
    value = literal(state.value(variable)) if variable is not None and not doubtful else None
    if value is None or variable is None or state.variable(variable) is UNSET:
        return Embedded(Hole(HoleKind.OTHER, f"~{name}"), quoted=True)
    return Text(value, quoted=True)


class _Fields:
    """The words that one word splits into: complete ones, and the one being put together (None: none begun).
    `blank` says that blanks ended the last one, so that a separator behind them is part of the same end.
    """

    __slots__ = ("blank", "complete", "current", "state")

    def __init__(self, state: State) -> None:
        self.state = state
        self.complete: list[list[str | Hole]] = []
        self.current: list[str | Hole] | None = None
        self.blank = False

    def add(self, part: str | Hole) -> None:
        if self.current is None:
            self.current = []
        self.current.append(part)
        self.blank = False

    def end(self) -> None:
        if self.current is not None:
            self.complete.append(self.current)
            self.current = None

    def separate(self) -> None:
        """A separator that is no blank: what stands before it is a word, even if there is nothing."""
        if self.current is None and self.blank:
            self.blank = False
            return
        self.complete.append(self.current or [])
        self.current = None


def _fields(pieces: Sequence[Piece], state: State, results: Results, *, named: bool) -> list[list[str | Hole]]:
    fields = _Fields(state)
    waiting = list(reversed(_with_tilde(tuple(pieces), state, assigned=False, named=named)))
    while waiting:
        piece = waiting.pop()
        if type(piece) is Text:
            if piece.quoted:
                fields.add(piece.text)
            else:
                _add_unquoted(fields, piece.text, waiting)
            continue
        result = _result(piece, state, results)
        if not isinstance(result, (Instead, Several)):
            _add_value(fields, result, piece, state, several=False)
        elif isinstance(result, Instead):
            waiting.extend(reversed(_pieces_of_default(piece, result, state)))
        elif isinstance(result, Several) and piece.quoted and result.starred:
            fields.add("")
            for part in _joined(result, _source(piece), state):
                fields.add(part)
        elif isinstance(result, Several) and not piece.quoted and not all(result.items) and _keeps_empty(state):
            fields.add(Hole(HoleKind.PARAMETER, _source(piece), splits=True))
        elif isinstance(result, Several):
            # What may be no word at all lets its neighbours grow together, where there are any.
            glued = fields.current is not None or bool(waiting)
            for number, item in enumerate(result.items):
                if number and not (glued and (_may_vanish(item) or _may_vanish(result.items[number - 1]))):
                    fields.end()
                    fields.blank = False
                _add_value(fields, item, piece, state, several=True)
    fields.end()
    return fields.complete


def _add_value(fields: _Fields, value: Value, piece: Piece, state: State, *, several: bool) -> None:
    if piece.quoted:
        if several and not value:
            fields.add("")
        keeps = several or type(piece) is Parameter
        for part in value if keeps else whole(value):
            fields.add(part)
        return
    separators = _separators(state)
    for part in value:
        if isinstance(part, Hole):
            fields.add(_splitting(part))
        elif separators is None:
            if part:
                fields.add(Hole(HoleKind.PARAMETER, _source(piece), splits=True))
        else:
            _add_split(fields, part, separators)


def _separators(state: State) -> str | None:
    """What words are split at; None where that is not known."""
    if state.variable("IFS") is UNSET:
        return _BLANKS
    text = literal(state.value("IFS"))
    return text if text is None or text.isascii() else None


def _may_vanish(value: Value) -> bool:
    return bool(value) and all(isinstance(part, Hole) and part.splits for part in value)


def _keeps_empty(state: State) -> bool:
    """Whether words of `$*` that are empty may stay: they do where a separator that is no blank stands between."""
    separators = _separators(state)
    return separators is None or bool(separators.strip(_BLANKS))


def _source(piece: Piece) -> str:
    return "" if isinstance(piece, Text | Embedded) else piece.source


def _add_split(fields: _Fields, text: str, separators: str) -> None:
    if not separators:
        if text:
            _add_expanded(fields, text)
        return
    chunks = re.split(f"([{re.escape(separators)}])", text)
    if len(chunks) > _MOST_UNCOUNTED and not fields.state.affords(len(chunks) >> 1):
        fields.add(Hole(HoleKind.PARAMETER, text, splits=True))
        return
    for number, chunk in enumerate(chunks):
        if number % 2 == 0:
            if chunk:
                _add_expanded(fields, chunk)
        elif chunk not in _BLANKS:
            fields.separate()
        elif fields.current is not None:
            fields.end()
            fields.blank = True


def _add_expanded(fields: _Fields, text: str) -> None:
    if "\\" in text and ("*" in text or "?" in text or "[" in text):
        # A backslash quotes in a pattern, and stays where nothing is found.
        fields.add(Hole(HoleKind.GLOB, text, splits=True))
    else:
        _add_unquoted(fields, text, ())


def _add_unquoted(fields: _Fields, text: str, later: Sequence[Piece]) -> None:
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


def _may_close(later: Sequence[Piece]) -> bool:
    return any(not isinstance(piece, Text) or (not piece.quoted and "]" in piece.text) for piece in later)
