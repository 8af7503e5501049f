"""A text without the secrets in it, each replaced by a placeholder that says its kind."""

from collections.abc import Sequence

from security_hooks.secrets.shapes import find_among, may_hold

_ROUNDS = 8


def without_secrets(text: str, values: Sequence[tuple[str, str]] = ()) -> str:
    """The text with each secret replaced, those called by name in `values` (NAME, VALUE) among them; doing it again
    changes nothing.
    """
    if not values and not may_hold(text):
        return text
    for _ in range(_ROUNDS):
        spans = find_among(text, values)
        pieces = []
        at = 0
        for span in spans:
            if text.startswith("[REDACTED:", span.start):
                continue
            pieces += [text[at : span.start], f"[REDACTED:{span.kind}]"]
            at = span.end
        if not pieces:
            return text
        # What stands beside a placeholder now may only now be recognised, so it is looked at again.
        text = "".join((*pieces, text[at:]))
    return "[REDACTED:text]"
