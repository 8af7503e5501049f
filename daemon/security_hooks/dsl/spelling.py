"""A condition's tree back to its text, as it stands in `explain` and in reports."""

from security_hooks.dsl.syntax import Call, Condition, Conjunction, Disjunction, Name, Negation, Recall


def spelled(condition: Condition) -> str:
    """The condition on one line."""
    match condition:
        case Call(name=name, arguments=arguments):
            values = ", ".join(value.text if isinstance(value, Name) else f'"{value.text}"' for value in arguments)
            return f"{name.text}({values})"
        case Recall(name=name, condition=inner, more_than=more_than, within=within):
            more = "" if more_than is None else f" > {more_than}"
            lately = "" if within is None else f' within "{within.text}"'
            return f"{name.text}({spelled(inner)}){more}{lately}"
        case Negation(condition=inner):
            return f"not {_part(inner)}"
        case Conjunction(conditions=parts):
            return " and ".join(map(_part, parts))
        case Disjunction(conditions=parts):
            return " or ".join(map(_part, parts))


def _part(condition: Condition) -> str:
    text = spelled(condition)
    return f"({text})" if isinstance(condition, Conjunction | Disjunction) else text
