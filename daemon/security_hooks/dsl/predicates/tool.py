"""Predicates on the tool call itself: which tool, which MCP server, what it is given."""

from collections.abc import Iterator

from security_hooks.dsl import marks
from security_hooks.dsl.globs import Globs, globs
from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Cost,
    Matcher,
    Params,
    Predicate,
    non_empty,
    truth_of,
)
from security_hooks.dsl.truth import Truth
from security_hooks.dsl.words import word_globs
from security_hooks.model.event import ToolCall, ToolKind
from security_hooks.model.shell import Facts
from security_hooks.secrets.shapes import find, may_hold
from security_hooks.tools.tool_verb import ToolVerb, verbs_of

_HERE = frozenset({"<<", "<<-", "<<<"})
# Characters of one call that are searched for secrets, text without a hint of one apart; these take 10 to 50 ms.
MOST_SEARCHED = 32_768
_SEARCHED = "searched for secrets"


def is_tool(names: Globs, tool: ToolCall) -> bool:
    """Whether the tool's own name or its kind is among the names."""
    return names.match(tool.name) or names.match(tool.kind.value)


def _build_tool(arguments: tuple[str, ...]) -> Matcher:
    names = globs(arguments)
    return lambda facts: truth_of(is_tool(names, facts.call.tool))


def _build_mcp(arguments: tuple[str, ...]) -> Matcher:
    servers = globs(argument for argument in arguments if "/" not in argument)
    tools = globs(argument for argument in arguments if "/" in argument)

    def match(facts: Facts) -> Truth:
        target = facts.call.tool.mcp
        if target is None:
            return NO
        return truth_of(servers.match(target.server) or tools.match(f"{target.server}/{target.tool}"))

    return match


def _build_content(arguments: tuple[str, ...]) -> Matcher:
    wanted = word_globs(arguments, anywhere=True)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return truth_of(any(wanted.known.match(text) for text in facts.call.tool.content))
        # A command may be a tool of its client in disguise; then the call holds what would be written.
        best = truth_of(any(wanted.known.match(text) for text in facts.call.tool.content))
        for redirect in command.redirects:
            if redirect.operator in _HERE:
                best = max(best, wanted.match(redirect.target))
        return best

    return match


def _build_has_secret(arguments: tuple[str, ...]) -> Matcher:
    kinds = globs(arguments or ("*",))

    def match(facts: Facts) -> Truth:
        found, is_whole = _secret_kinds(facts)
        if any(kinds.match(kind) for kind in found):
            return YES
        return NO if is_whole else UNKNOWN

    return match


def _secret_kinds(facts: Facts) -> tuple[frozenset[str], bool]:
    """The kinds found, and whether all that may hold a secret was searched."""
    command, memo = facts.command, facts.call.memo
    key = ("secrets", None if command is None or facts.call.tool.kind is ToolKind.MCP else command.index)
    known = memo.get(key)
    if isinstance(known, tuple):
        return known
    searched = memo.get(_SEARCHED)
    left = MOST_SEARCHED - (searched if isinstance(searched, int) else 0)
    kinds: set[str] = set()
    is_whole = True
    for text in _texts(facts):
        if not may_hold(text):
            continue
        # The end of what is searched may cut a secret in two, so what is left out makes all of it doubtful.
        is_whole = is_whole and len(text) <= left
        kinds.update(span.kind for span in find(text[:left]))
        left = max(left - len(text), 0)
    memo[_SEARCHED] = MOST_SEARCHED - left
    result = memo[key] = (frozenset(kinds), is_whole)
    return result


def _texts(facts: Facts) -> Iterator[str]:
    command, script, tool = facts.command, facts.call.script, facts.call.tool
    if tool.kind is ToolKind.MCP:
        # What is shell text in it is one of its strings.
        yield from (string.value for string in tool.strings)
    elif command is not None:
        yield from dict.fromkeys((command.text, command.folded))
        for redirect in command.redirects:
            if redirect.operator in _HERE:
                yield from (part for part in redirect.target.parts if isinstance(part, str))
    elif script is not None:
        yield script.text
    else:
        yield from (string.value for string in tool.strings)


def _build_verb(arguments: tuple[str, ...]) -> Matcher:
    wanted = frozenset(map(ToolVerb, arguments))

    def match(facts: Facts) -> Truth:
        target = facts.call.tool.mcp
        return truth_of(target is not None and not wanted.isdisjoint(verbs_of(target.tool)))

    return match


def _show_verbs(facts: Facts) -> str:
    target = facts.call.tool.mcp
    verbs = sorted(verb.value for verb in verbs_of(target.tool)) if target is not None else []
    return ", ".join(verbs) or "no verb"


def _show_tool(facts: Facts) -> str:
    return f"{facts.call.tool.name} ({facts.call.tool.kind.value})"


def _show_mcp(facts: Facts) -> str:
    target = facts.call.tool.mcp
    return "no MCP tool" if target is None else f"{target.server}/{target.tool}"


def _show_content(facts: Facts) -> str:
    count = len(facts.call.tool.content) if facts.command is None else len(facts.command.redirects)
    return f"{count} texts"


def _show_secrets(facts: Facts) -> str:
    kinds, is_whole = _secret_kinds(facts)
    return ", ".join(sorted(kinds)) or ("no secret" if is_whole else "too much text to search")


TOOL = Predicate(
    "tool",
    Params("tool", check=non_empty, usual=tuple(kind.value for kind in ToolKind)),
    "The call is of one of these tools: the client's own name (`Bash`, `mcp__*`) or a kind.\n\n"
    "Kinds are `shell`, `read`, `write`, `edit`, `patch`, `search`, `fetch`, `web_search`, `mcp`, `agent`, `code`, "
    "`other`.",
    _build_tool,
    _show_tool,
    asks=False,
    marks=marks.marks_of_tools,
    cost=Cost.LOOK,
)
MCP = Predicate(
    "mcp",
    Params("server", check=non_empty),
    'The call goes to one of these MCP servers (`mcp("github")`) or tools (`mcp("github/delete_*")`).',
    _build_mcp,
    _show_mcp,
    asks=False,
)
TOOL_VERB = Predicate(
    "tool_verb",
    Params("verb", choices=tuple(verb.value for verb in ToolVerb)),
    "The name of an MCP server's tool says that it does this: `write_file` a `write`, `deleteRepository` a `remove` "
    "and a `destroy`, which is what cannot be had back easily.\n\n"
    "It is the server's own word. A name that begins with a word for looking (`list_deployments`) says no more than "
    "that.",
    _build_verb,
    _show_verbs,
    asks=False,
)
CONTENT = Predicate(
    "content",
    Params("glob", check=non_empty),
    "A text that the tool would write, or a here-document given to the command, holds this somewhere.\n\n"
    "The glob may match in the middle of the text. UNKNOWN where the here-document has an unknown part that may hold "
    "it.",
    _build_content,
    _show_content,
    asks=False,
    marks=lambda _arguments: marks.CONTENT,
    cost=Cost.TEXTS,
)
HAS_SECRET = Predicate(
    "has_secret",
    Params("kind of secret", least=0, check=non_empty),
    "The command, or an input of another tool, holds a secret; with arguments, one of these kinds.\n\n"
    "UNKNOWN where none was found in the first 32,768 characters of a call that may hold one, and there are more.",
    _build_has_secret,
    _show_secrets,
    asks=True,
    cost=Cost.TEXTS,
)
