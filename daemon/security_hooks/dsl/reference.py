"""The reference page of predicates, made from what each predicate says of itself."""

from security_hooks.dsl.predicates import PREDICATES
from security_hooks.dsl.predicates.signature import Params, Predicate

_HEAD = """# Predicates

Made from the predicates' own descriptions by `security-hooks docs`; edit those, not this page.
[The rules language](rules-language.md) explains conditions, globs, UNKNOWN and the `unknown` clause.
"""


def render() -> str:
    """The page as Markdown."""
    return "\n".join((_HEAD, _index(), *(_entry(predicate) for predicate in PREDICATES)))


def _index() -> str:
    rows = (f"| `{usage(predicate)}` | {'ask' if predicate.asks else 'pass'} |" for predicate in PREDICATES)
    return "\n".join(("| Predicate | Without an `unknown` clause, UNKNOWN is worth |", "| --- | --- |", *rows, ""))


def _entry(predicate: Predicate) -> str:
    return f"## `{usage(predicate)}`\n\n{predicate.doc}\n"


def usage(predicate: Predicate) -> str:
    """`command(PROGRAM, ...)`, `after(CONDITION) [within "10m"]`."""
    if predicate.recalls:
        return predicate.recalls
    return f"{predicate.name}({_parameters(predicate.params)})"


def _parameters(params: Params) -> str:
    if params.most == 0:
        return ""
    word = params.word.upper().replace(" ", "-")
    several = word if params.most == 1 else f"{word}, ..."
    return several if params.least else f"[{several}]"
