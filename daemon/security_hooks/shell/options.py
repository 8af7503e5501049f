"""The words of one command to options, subcommands and operands, by the catalogue's table; without one, both ways."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from security_hooks.catalogue.entry import Argument, CommandSpec, Kind, Option, Style
from security_hooks.catalogue.role import Role
from security_hooks.catalogue.verbs import Verb, by_convention, unlisted, verb_of
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.narrowing import settle_search

_NONE, _OPTIONAL, _REQUIRED = Argument.NONE, Argument.OPTIONAL, Argument.REQUIRED
_LONG, _PLAIN, _TAR, _FOLDED = Style.LONG, Style.PLAIN, Style.TAR, Style.FOLDED
_BEHIND_ONE_DASH = (_LONG, _FOLDED)
_SHELL = Kind.SHELL
# `--dry-run=false` is no dry run.
_OFF = ("false", "no", "0", "off")
# What these say is believed of a subcommand within a group too, where its entry does not list it.
_TELLING = frozenset((Verb.DESTROY, Verb.REVEAL))


class Reading(msgspec.Struct, eq=False, gc=False):
    """What the words say. `options` are canonical, `names` every spelling of them; `known` is False where a hole may
    carry more. `values` are options, the words they took, and what these
    mean (None: nobody knows). `first` is the index of the first operand, `place` that of the last subcommand.
    `listed` are operands that stand elsewhere, in a file.
    `quoted` counts words that begin with a quoted hole and may be an option.
    `doubtful` counts operands that may be something else (holes, and what may be a subcommand behind one).
    `own` are the options of the last subcommand: `git -C DIR` is not `git switch -C`.
    `others` are options that the catalogue does not list, of a command that takes any; `strange` says that one was met,
    so that what follows it may be its value. `narrowed`: a search finds what its tests choose.
    """

    spec: CommandSpec | None
    options: set[str] = set()
    names: set[str] = set()
    others: set[str] = set()
    own: set[str] = set()
    known: bool = True
    operands: list[Word] = []
    values: list[tuple[str, Word, Role | None]] = []
    subcommands: list[str] = []
    listed: tuple[Word, ...] = ()
    first: int = -1
    place: int = 0
    doubtful: int = 0
    quoted: int = 0
    strange: bool = False
    narrowed: bool = False

    def value_of(self, names: frozenset[str]) -> Word | None:
        """The value of the first of these options that has one."""
        return next((value for name, value, _ in self.values if name in names), None)

    def add(self, option: Option, value: Word | None = None) -> None:
        """Note an option that is surely given."""
        self.options.add(option.spellings[0])
        self.own.add(option.spellings[0])
        self.names.update(option.spellings)
        if value is not None:
            self.values.append((option.spellings[0], value, option.role))

    def add_unknown(self, name: str) -> None:
        """Note an option that the catalogue does not list."""
        self.options.add(name)
        self.names.add(name)
        self.strange = self.strange or not name[1:].isdigit()


def read_options(spec: CommandSpec | None, words: Sequence[Word]) -> Reading:
    """Read the words behind the program. Without a `spec` a bundle counts as letters and as one long name."""
    reading = Reading(spec)
    specs = [] if spec is None else [spec]
    position, size = 1, len(words)
    stops = False
    while position < size:
        word = words[position]
        literal = word.literal
        position += 1
        text = literal
        if text is None:
            text = _prefix(word)
            if not stops:
                _note_holes(reading, word, specs)
                # `-"$X"` is an option, nobody knows which.
                reading.known = reading.known and text != "-"
        last = specs[-1] if specs else None
        if stops or len(text) < 2 or text[0] != "-" or (last is not None and last.style is _PLAIN):
            if not stops and last is not None:
                if position == 2 and last.style is _TAR and text is literal and text.isalnum():
                    position = _read_bundle(reading, specs, words, position, text)
                    continue
                if text[:1] == "+" and literal and last.kind is _SHELL:
                    position = _read_plus(reading, specs, words, position, text)
                    continue
                if text[:1] == "+" and _read_joined(reading, last, word):
                    continue
                if "=" in text and _read_key(reading, last, word, text):
                    continue
                if (last.subcommands or last.verbs) and literal is not None and _descend(reading, specs, word, literal):
                    reading.place = position - 1
                    continue
                stops = last.stops
            if reading.first < 0:
                reading.first = position - 1
            reading.operands.append(word)
            reading.doubtful += literal is None
            if stops and last is not None and last.wraps is not None:
                # The rest belongs to the command that is wrapped: reading it twice would be quadratic.
                reading.operands.extend(words[position:])
                break
        elif text == "--" and literal is not None:
            stops = True
            option = _find(specs, text)
            if option is not None:
                # Of this command it says something: that what follows is a path.
                reading.add(option)
            if reading.first < 0:
                reading.first = position
        elif text[1] == "-" or (last is not None and last.style in _BEHIND_ONE_DASH):
            position = _read_long(reading, specs, words, position, text)
            stops = _is_ended(reading, specs)
        elif specs:
            position = _read_short(reading, specs, words, position, text)
            stops = _is_ended(reading, specs)
        else:
            _read_either(reading, word, text)
    if reading.first < 0:
        reading.first = size
    if specs:
        reading.spec = specs[-1]
        if specs[-1].narrows:
            settle_search(reading, specs[-1], words)
    if reading.quoted and not _acts_on_nothing_else(reading):
        reading.known = False
    return reading


def _acts_on_nothing_else(reading: Reading) -> bool:
    """Whether the one word that may be an option is all that the command could act on: as an option it does nothing."""
    spec = reading.spec
    return spec is not None and spec.needs_operand and len(reading.operands) == 1


def _prefix(word: Word) -> str:
    first = word.parts[0] if word.parts else ""
    return first if type(first) is str else ""


def _note_holes(reading: Reading, word: Word, specs: list[CommandSpec]) -> None:
    """A hole that may begin a word of its own may be an option; a glob would need a file named like one, the others
    that are passed over become paths.
    """
    for number, part in enumerate(word.parts):
        if type(part) is not Hole or part.kind in (HoleKind.GLOB, HoleKind.PROCESS) or part.source[:1] == "~":
            continue
        if part.splits:
            reading.known = False
        elif number == 0 and (not specs or _may_end_an_option(specs[-1], word)):
            reading.quoted += 1


def _may_end_an_option(spec: CommandSpec, word: Word) -> bool:
    """Whether what follows the word's leading hole can be the end of an option: `"$D"/x` is none of `rm`'s."""
    rest = "".join(part for part in word.parts if type(part) is str)
    for spelling, option in spec.options.items():
        is_short = len(spelling) == 2
        # `-tDIR` and `--suffix=S` end in any text; an optional value makes no other option of the word.
        if option.argument is _REQUIRED or (not is_short and spelling.endswith(rest)):
            return True
    return all(f"-{letter}" in spec.options for letter in rest)


def _descend(reading: Reading, specs: list[CommandSpec], word: Word, literal: str) -> bool:
    """Take this word for a subcommand, if it may be one. Behind a hole it is only perhaps one: then it is read as
    one, because it may run a command, but stays an operand and is not said to be given.
    """
    spec = specs[-1]
    if len(reading.operands) > reading.doubtful:
        return False
    sub = subcommand(spec, literal)
    if reading.operands:
        if sub is None:
            return False
        reading.operands.append(word)
        reading.doubtful += 1
    elif sub is None:
        if spec.wraps is not None or _has_operand(spec):
            return False
        if reading.subcommands and not (spec.subcommands and verb_of(literal) in _TELLING):
            return False
        if reading.strange:
            # The value of an option that we do not know.
            return True
        sub = unlisted(spec, literal)
        if sub is None and reading.subcommands:
            return False
        sub = sub or CommandSpec(literal)
        reading.strange = True
        reading.subcommands.append(literal)
    else:
        reading.subcommands.append(literal if "*" in sub.name else sub.name)
    reading.first = -1
    reading.own = set()
    if not spec.inherits:
        specs.clear()
    specs.append(sub)
    return True


def subcommand(spec: CommandSpec, literal: str) -> CommandSpec | None:
    """The subcommand of this name: named, or by a glob, or by the convention. `*` is what is left."""
    named = spec.subcommands.get(literal)
    if named is not None:
        return named
    for glob in spec.globs:
        if glob != "*" and fnmatchcase(literal, glob):
            return spec.subcommands[glob]
    rest = spec.subcommands.get("*")
    if spec.verbs is None or (rest is not None and verb_of(literal) is None):
        return rest
    return by_convention(spec.verbs, literal)


def _find(specs: list[CommandSpec], name: str) -> Option | None:
    for spec in reversed(specs):
        option = spec.options.get(name)
        if option is not None:
            return option
    return None


def _find_abbreviated(specs: list[CommandSpec], name: str, *, folded: bool = False) -> Option | None:
    """A long option by a beginning that only it has, as GNU's own reader allows; `folded`: in any case of letters."""
    found: list[Option] = []
    name = name.lower() if folded else name
    for spec in specs:
        for spelling, option in spec.options.items():
            if (spelling.lower() if folded else spelling).startswith(name) and option not in found:
                found.append(option)
    return found[0] if len(found) == 1 else None


def _read_long(reading: Reading, specs: list[CommandSpec], words: Sequence[Word], position: int, text: str) -> int:
    name, equals, _ = text.partition("=")
    option = _find(specs, name)
    style = specs[-1].style if specs else None
    if option is None and style in _BEHIND_ONE_DASH:
        option = _find(specs, name[1:] if name.startswith("--") else "-" + name)
        if option is None and style is _FOLDED:
            option = _find(specs, name.lower()) or _find_abbreviated(specs, name, folded=True)
    elif option is None and len(name) > 2:
        option = _find_abbreviated(specs, name)
    if option is None and specs and specs[-1].others is not None:
        return _take_other(reading, specs[-1].others, words, position, len(name) if equals else 0)
    if option is None:
        reading.add_unknown(name)
        if equals:
            reading.values.append((name, _behind(words[position - 1], len(name) + 1), None))
        return position
    if equals:
        value = _behind(words[position - 1], len(name) + 1)
        if option.argument is not _NONE or value.literal not in _OFF:
            reading.add(option, value)
        return position
    return _take_value(reading, option, words, position)


def _take_other(reading: Reading, role: Role, words: Sequence[Word], position: int, attached: int) -> int:
    """An option that is not listed, of a command whose options are known to take values: `aws --filters X`."""
    word = words[position - 1]
    name = _prefix(word)[:attached] if attached else _prefix(word)
    reading.options.add(name)
    reading.names.add(name)
    reading.others.add(name)
    if attached:
        reading.values.append((name, _behind(word, attached + 1), role))
    elif position < len(words) and not _prefix(words[position]).startswith("-"):
        reading.values.append((name, words[position], role))
        return position + 1
    return position


def _take_value(reading: Reading, option: Option, words: Sequence[Word], position: int) -> int:
    if option.argument is not _REQUIRED or position >= len(words):
        reading.add(option)
        return position
    value = words[position]
    if any(type(part) is Hole and part.splits and part.kind is not HoleKind.GLOB for part in value.parts):
        reading.known = False
    reading.add(option, value)
    for role in option.more:
        position += 1
        if position < len(words):
            reading.values.append((option.spellings[0], words[position], role))
    return position + 1


def _read_short(reading: Reading, specs: list[CommandSpec], words: Sequence[Word], position: int, text: str) -> int:
    word = words[position - 1]
    if len(text) > 2:
        whole = _find(specs, text.partition("=")[0])
        if whole is not None and len(whole.spellings[0]) > 2:
            return _read_long(reading, specs, words, position, text)
    for offset in range(1, len(text)):
        option = _find(specs, "-" + text[offset])
        if option is None:
            if text[offset:].isdigit():
                reading.add_unknown("-" + text[offset:])
                return position
            reading.add_unknown("-" + text[offset])
            continue
        attached = offset + 1 < len(text) or word.literal is None
        if option.argument is _NONE or (option.argument is _OPTIONAL and not attached):
            reading.add(option)
            continue
        if attached:
            reading.add(option, _behind(word, offset + 1))
            return position
        return _take_value(reading, option, words, position)
    if word.literal is None:
        # A hole inside a bundle may be more letters.
        reading.known = False
    return position


def _read_plus(reading: Reading, specs: list[CommandSpec], words: Sequence[Word], position: int, text: str) -> int:
    """`+eo pipefail` switches a shell's options off, but `+c` says that code follows as `-c` does."""
    reading.add_unknown(text)
    for letter in text[1:]:
        option = _find(specs, "-" + letter)
        if option is not None and option.spellings[0] in specs[-1].code:
            reading.add(option)
        elif option is not None and option.argument is _REQUIRED and position < len(words):
            position += 1
    return position


def _read_bundle(reading: Reading, specs: list[CommandSpec], words: Sequence[Word], position: int, text: str) -> int:
    """`tar xzf FILE`: letters first, then the values of those that take one, in their order."""
    for letter in text:
        option = _find(specs, "-" + letter)
        if option is None:
            reading.add_unknown("-" + letter)
        else:
            position = _take_value(reading, option, words, position)
    return position


def _is_ended(reading: Reading, specs: list[CommandSpec]) -> bool:
    """Whether an option was met behind which there are no more."""
    return bool(specs) and bool(specs[-1].ends) and not specs[-1].ends.isdisjoint(reading.options)


def _has_operand(spec: CommandSpec) -> bool:
    """Whether the command itself does something to its first operand, so that it need not be a subcommand."""
    return bool(spec.operands) and spec.operands is not None and spec.operands[0].role is not Role.TEXT


def _read_joined(reading: Reading, spec: CommandSpec, word: Word) -> bool:
    """`vim +cmd`: an option that is one character, its value behind it."""
    option = spec.options.get("+")
    if option is None:
        return False
    reading.add(option, _behind(word, 1))
    return True


def _read_key(reading: Reading, spec: CommandSpec, word: Word, text: str) -> bool:
    """`if=FILE`: an option without dashes."""
    name = text[: text.index("=") + 1]
    option = spec.options.get(name)
    if option is None:
        return False
    reading.add(option, _behind(word, len(name)))
    return True


def _read_either(reading: Reading, word: Word, text: str) -> None:
    name, equals, _ = text.partition("=")
    reading.add_unknown(name)
    if equals:
        reading.values.append((name, _behind(word, len(name) + 1), None))
    else:
        for letter in text[1:]:
            reading.add_unknown("-" + letter)
    if word.literal is None:
        reading.known = False


def _behind(word: Word, offset: int) -> Word:
    """What of this word stands behind its first `offset` characters, which are literal."""
    if word.literal is not None:
        rest = word.literal[offset:]
        return Word((rest,) if rest else (), word.span, rest)
    first = _prefix(word)[offset:]
    parts = (first, *word.parts[1:]) if first else word.parts[1:]
    return Word(parts, word.span, None)
