"""Effects and flows for people and for JSON."""

from security_hooks.model.effect import Effect, Flow, Scope
from security_hooks.model.word import Hole, Origin, Word

_MARKS = ("recursive", "contents", "sends", "remote")


def word_text(word: Word) -> str:
    """A word with its holes marked: what is between braces is not known."""
    return "".join(f"{{{part.source}}}" if isinstance(part, Hole) else part for part in word.parts)


def effect_line(effect: Effect) -> str:
    """`deletes /etc (system, recursive)`."""
    target = "?" if effect.target is None else word_text(effect.target)
    marks = [effect.scope.value] if effect.scope is not Scope.UNKNOWN else []
    marks += [mark for mark in _MARKS if getattr(effect, mark)]
    marks += [effect.object] if effect.object else []
    marks += [f"origin {effect.origin.value}"] if effect.origin is not Origin.LITERAL else []
    marks += [] if effect.certain else ["perhaps"]
    real = f" -> {word_text(effect.real)}" if effect.real is not None else ""
    return f"{effect.kind.value} {target}{real}" + (f" ({', '.join(marks)})" if marks else "")


def flow_line(flow: Flow) -> str:
    """`reads /home/me/.netrc -> connects e.example`."""
    doubt = "" if flow.certain else " (perhaps)"
    return f"{effect_line(flow.source)} -> {effect_line(flow.sink)}{doubt}"


def effect_fields(effect: Effect) -> dict[str, object]:
    """The effect for `--json`."""
    return {
        "kind": effect.kind.value,
        "target": None if effect.target is None else word_text(effect.target),
        "real": None if effect.real is None else word_text(effect.real),
        "scope": effect.scope.value,
        "certain": effect.certain,
        "object": effect.object,
        "origin": effect.origin.value,
        **{mark: getattr(effect, mark) for mark in _MARKS},
    }


def flow_fields(flow: Flow) -> dict[str, object]:
    """The flow for `--json`; the numbers are those of the commands."""
    return {
        "source": effect_fields(flow.source),
        "sink": effect_fields(flow.sink),
        "from": flow.source_command,
        "to": flow.sink_command,
        "certain": flow.certain,
    }
