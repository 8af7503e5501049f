from collections.abc import Callable

import pytest

from security_hooks.model.word import Hole
from security_hooks.shell.inline import read_inline
from security_hooks.shell.inline.reading import Inline, Value
from security_hooks.shell.limits import Budget, ShellLimits

HOME = "/home/me"
Told = Callable[[str, str | Value], list[str]]


def shown(value: Value) -> str:
    """A value on one line, its holes as `?`."""
    return "".join("?" if isinstance(part, Hole) else part for part in value)


def describe(inline: Inline) -> list[str]:
    """What was found, one line for each thing."""
    lines = []
    for effect in inline.effects:
        marks = [word for word, is_set in (("perhaps", not effect.certain), ("below", effect.recursive)) if is_set]
        marks += ["sends"] if effect.sends else []
        lines.append(" ".join([effect.kind.value, shown(effect.target), *marks]))
    lines += [f"shell {shown(text)}" for text in inline.shell]
    lines += ["argv " + " ".join(shown(word) for word in words) for words in inline.argvs]
    lines += [f"flow {source} {sink}" for source, sink in inline.flows]
    lines += [f"opaque {inline.opaque.value}"] if inline.opaque else []
    return lines + (["over budget"] if inline.over_budget else [])


@pytest.fixture
def told() -> Told:
    """What a piece of code is understood to do."""

    def read(language: str, code: str | Value) -> list[str]:
        value = (code,) if isinstance(code, str) else code
        inline = read_inline(language, value, Budget(ShellLimits()), HOME)
        assert inline is not None
        return describe(inline)

    return read
