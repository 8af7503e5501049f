"""What a person says to the guard in plain words, read: `allow push 10m`, `forbid writes to migrations/`.

`VERB WHAT [to|in|from|of ARGUMENT] [DURATION | for this session]`, on one line. What each word stands for is the table
WHATS: conditions of the rules language. Nothing that is not understood is guessed at: it is answered with what is.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from security_hooks.dsl.durations import SECONDS

DEFAULT_SECONDS = 600
LONGEST_ARGUMENT = 240


class Verb(Enum):
    """The first word."""

    ALLOW = "allow"
    FORBID = "forbid"


class Kind(Enum):
    """What a word takes as its argument."""

    NOTHING = ""
    PATH = "PATH"
    HOST = "HOST"
    PACKAGE = "PACKAGE"
    COMMAND = '"COMMAND"'
    RULE = "RULE"


# What a plain word never lifts: rules of these tags find more in a call than the word speaks of.
_NEVER = frozenset(
    (
        "secrets",
        "exfiltration",
        "obfuscation",
        "unreadable",
        "mcp",
        "privilege",
        "persistence",
        "defence",
        "supply-chain",
    )
)
_ALONE = "not connects() not signals() not changes_mode()"


@dataclass(frozen=True, slots=True)
class What:
    """One word of the table. `allow` and `forbid` are conditions, alternatives by `|`, with `{}` for the arguments;
    an empty one is not to be had. `spared` are the tags of rules that an `allow` leaves alone. Where no argument was
    given, an `allow` is about `otherwise`; `needs` says that there must be one.
    """

    word: str
    kind: Kind
    means: str
    allow: str
    forbid: str
    spared: frozenset[str] = _NEVER
    otherwise: str = ""
    needs: bool = False


WHATS: tuple[What, ...] = (
    What(
        "push",
        Kind.NOTHING,
        "`git push` without force, of branches and tags; forbidden: whatever writes to a remote",
        'command("git") subcommand("push") not action("git_history_rewrite")'
        ' not with_flags("--force", "--force-with-lease", "--mirror", "--delete", "--prune")',
        'action("git_remote_write")|command("git") subcommand("push")',
    ),
    What(
        "force-push",
        Kind.NOTHING,
        "`git push` that may overwrite",
        'command("git") subcommand("push") not with_flags("--mirror", "--delete", "--prune")',
        'command("git") subcommand("push") with_flags("--force", "--force-with-lease", "--mirror")'
        '|command("git") subcommand("push") action("git_history_rewrite")',
    ),
    What(
        "discard", Kind.NOTHING, "what throws uncommitted work away", 'action("git_discard")', 'action("git_discard")'
    ),
    What(
        "writes",
        Kind.PATH,
        "making and changing files there; forbidden: moving and deleting them, too",
        f"writes({{}}) not moves() not deletes() {_ALONE}",
        "writes({})|moves({})|deletes({})|changes_mode({})",
        _NEVER - {"persistence", "supply-chain"},
        "<project>",
    ),
    What(
        "deletes",
        Kind.PATH,
        "deleting files and directories there",
        f'deletes({{}}) not moves() not writes("<outside>") {_ALONE}',
        "deletes({})",
        otherwise="<project>",
    ),
    What(
        "reads",
        Kind.PATH,
        "reading files there, ones with secrets included",
        f'reads({{}}) not sends() not moves() not deletes() not writes("<outside>") {_ALONE}',
        "reads({})",
        _NEVER - {"secrets"},
        needs=True,
    ),
    What(
        "network",
        Kind.HOST,
        "connections to that host, or to any",
        'connects({}) not sends() not installs() not moves() not deletes() not writes("<outside>")',
        "connects({})",
    ),
    What(
        "uploads",
        Kind.HOST,
        "sending data to that host",
        'sends({}) connects({}) not moves() not deletes() not writes("<outside>")',
        "sends({})",
        _NEVER - {"exfiltration"},
        needs=True,
    ),
    What(
        "install",
        Kind.PACKAGE,
        "installing that package, or any",
        'installs({}) not deletes("<outside>")',
        "installs({})",
        _NEVER - {"supply-chain"},
    ),
    What(
        "publish",
        Kind.NOTHING,
        "publishing a package",
        'action("package_publish")',
        'action("package_publish")',
        _NEVER - {"supply-chain"},
    ),
    What(
        "commands",
        Kind.COMMAND,
        "that command as it is written; with ` *` at its end, with any further arguments",
        "",
        "",
        frozenset(),
        needs=True,
    ),
    What("rule", Kind.RULE, "what that rule objects to (only `allow`)", 'client("*")', "", frozenset(), needs=True),
)
_BY_WORD = {what.word: what for what in WHATS}
_ALSO = {
    "pushes": "push",
    "pushing": "push",
    "force-pushes": "force-push",
    "write": "writes",
    "writing": "writes",
    "delete": "deletes",
    "deleting": "deletes",
    "deletions": "deletes",
    "read": "reads",
    "reading": "reads",
    "upload": "uploads",
    "installs": "install",
    "installing": "install",
    "publishing": "publish",
    "command": "commands",
}
_JOINING = frozenset({"to", "in", "from", "of", "on"})
_Word: TypeAlias = tuple[str, bool]
_TOKEN = re.compile(r'"([^"]*)"|([^\s"]+)')
_DURATION = re.compile(r"(\d{1,5})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)")
# What would end a string of the rules language, or mean something else in it.
_UNSAFE = re.compile(r'["\\{}\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class Wish:
    """A line that was understood. `seconds` is None where none were given; `session`: until the session ends."""

    verb: Verb
    what: What
    argument: str
    seconds: int | None
    session: bool

    @property
    def is_unsafe(self) -> bool:
        """Whether the argument holds what would end a string of the rules language, or is too long."""
        return is_unsafe(self.argument) or len(self.argument) > LONGEST_ARGUMENT

    @property
    def phrase(self) -> str:
        """The wish in its plain form, without how long."""
        match self.what.kind:
            case Kind.NOTHING:
                return f"{self.verb.value} {self.what.word}"
            case Kind.COMMAND:
                return f"{self.verb.value} {self.what.word} '{self.argument}'"
            case Kind.RULE | Kind.PACKAGE:
                return f"{self.verb.value} {self.what.word} {self.argument}".rstrip()
            case _:
                return f"{self.verb.value} {self.what.word}" + (f" to {self.argument}" if self.argument else "")


def read_wish(text: str) -> Wish | str:
    """What the line asks for, or why it is not understood."""
    # Each word, and whether it stood in quotes: then it is an argument and nothing else.
    words = [(quoted or bare, not bare) for quoted, bare in _TOKEN.findall(text)]
    if len(words) < 2 or words[0][1] or words[0][0].lower() not in {verb.value for verb in Verb}:
        return f"say `allow` or `forbid`, and what: {usage()}"
    verb = Verb(words[0][0].lower())
    named, rest = _named(words[1:])
    what = _BY_WORD.get(named)
    if what is None:
        return f"`{_shown(words[1][0])}` is not a word that the guard knows: {usage()}"
    if verb is Verb.FORBID and what.kind is Kind.RULE:
        return f"`{what.word}` can only be allowed"
    argument, rest = _argument(what, rest)
    if argument is None:
        return f"`{what.word}` needs {what.kind.value}: `{verb.value} {what.word} {what.kind.value}`"
    duration = _duration(rest)
    if isinstance(duration, str):
        return duration
    wish = Wish(verb, what, argument, *duration)
    if wish.is_unsafe:
        return f"`{_shown(argument)}` holds characters that cannot be told to the rules, or is too long"
    return wish


def is_unsafe(text: str) -> bool:
    """Whether it holds what would end a string of the rules language, or mean something else in one."""
    return _UNSAFE.search(text) is not None


def usage() -> str:
    """The grammar in a line."""
    known = ", ".join(f"{what.word} {what.kind.value}".rstrip() for what in WHATS)
    return f"`allow|forbid WHAT [to|in|from ...] [10m | for this session]`, where WHAT is one of {known}"


def seconds_of(text: str) -> int | None:
    """`90s`, `10m`, `1h`, `10 minutes`; None for anything else, and for nothing at all."""
    found = _DURATION.fullmatch(text.strip().lower())
    return None if found is None else int(found[1]) * SECONDS[found[2][0]] or None


def _named(words: list[_Word]) -> tuple[str, list[_Word]]:
    first = words[0][0].lower()
    if first == "force" and len(words) > 1 and words[1][0].lower() in ("push", "pushes", "pushing"):
        return "force-push", words[2:]
    return _ALSO.get(first, first), words[1:]


def _argument(what: What, words: list[_Word]) -> tuple[str | None, list[_Word]]:
    """The argument (None where it is missing), and the words behind it."""
    if what.kind is Kind.NOTHING:
        return "", words
    joined = bool(words) and not words[0][1] and words[0][0].lower() in _JOINING
    if joined:
        words = words[1:]
    is_there = bool(words) and (words[0][1] or joined or not _is_duration(words))
    if is_there and words[0][0]:
        return words[0][0], words[1:]
    return (None if what.needs or joined else ""), words


def _is_duration(words: list[_Word]) -> bool:
    return words[0][0].lower() == "for" or seconds_of(" ".join(word for word, _ in words)) is not None


def _duration(words: list[_Word]) -> tuple[int | None, bool] | str:
    said = [word.lower() for word, _ in words]
    if said[:1] == ["for"]:
        said = said[1:]
        if said == ["this", "session"]:
            return None, True
        if not said:
            return "`for` how long? `10m`, `1h` or `this session`"
    if not said:
        return None, False
    seconds = seconds_of(" ".join(said))
    if seconds is None:
        return f"`{_shown(' '.join(said))}` is no duration: `90s`, `10m`, `1h` or `for this session`"
    return seconds, False


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "..."
