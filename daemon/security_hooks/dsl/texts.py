"""The texts that patterns look at: the whole script or what the tool is given, and each command's own."""

from typing import cast

from security_hooks.dsl.regex import encode
from security_hooks.model.shell import CallFacts, Facts

_WHOLE = object()


def whole_texts(call: CallFacts) -> tuple[bytes, ...]:
    """The script, or all strings of a tool."""
    known = call.memo.get(_WHOLE)
    if known is None:
        if call.script is not None:
            known = (encode(call.script.text),)
        else:
            known = tuple(encode(string.value) for string in call.tool.strings)
        call.memo[_WHOLE] = known
    return cast("tuple[bytes, ...]", known)


def own_texts(facts: Facts) -> tuple[bytes, ...]:
    """The command as written and as it would run, where that is not the whole script."""
    command = facts.command
    if command is None:
        return ()
    memo = facts.call.memo
    key = ("text", command.index)
    known = memo.get(key)
    if known is None:
        # What equals the whole script has been searched with it.
        texts = dict.fromkeys((command.text, command.folded))
        if facts.call.script is not None:
            texts.pop(facts.call.script.text, None)
        known = tuple(map(encode, texts))
        memo[key] = known
    return cast("tuple[bytes, ...]", known)
