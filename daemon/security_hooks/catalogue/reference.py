"""The reference page of the catalogue, made from its files: what each command is known to do."""

from collections.abc import Iterator, Mapping

from security_hooks.catalogue.entry import CommandSpec, Operand, Option, Variant
from security_hooks.catalogue.load import load
from security_hooks.catalogue.role import Role

_HEAD = """# The commands that the catalogue knows

Made from `daemon/security_hooks/catalogue/*.toml` by `security-hooks docs`; edit those, not this page.
[The command catalogue](catalogue.md) explains the words. Of the options only those are named here that mean something
to the world beyond the command itself; a plain value or switch is not.
"""


def render(files: Mapping[str, bytes]) -> str:
    """The page as Markdown."""
    lines = [_HEAD]
    total = 0
    for file, content in sorted(files.items()):
        commands = load({file: content}).commands
        own = {name: spec for name, spec in commands.items() if name == spec.name}
        if not own:
            continue
        total += len(own)
        lines += [f"## {file.removesuffix('.toml')}", ""]
        for name in sorted(own):
            lines += [*_entry(name, own[name]), ""]
    lines.insert(1, f"{total} commands.\n")
    return "\n".join(lines).rstrip() + "\n"


def _entry(name: str, spec: CommandSpec) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    yield from about(spec)
    subcommands = list(_subcommands(spec, ()))
    if subcommands:
        yield ""
        yield from subcommands


def about(spec: CommandSpec) -> Iterator[str]:
    """What is known of one command or subcommand itself, as Markdown."""
    others = f" Also `{'`, `'.join(spec.aliases)}`." if spec.aliases else ""
    yield f"{spec.summary[:1].upper()}{spec.summary[1:]}.{others}" if spec.summary else others.strip()
    if spec.example:
        yield ""
        yield f"    {spec.example}"
    meant = _meaning(spec)
    if meant:
        yield ""
        yield meant


def _subcommands(spec: CommandSpec, above: tuple[str, ...]) -> Iterator[str]:
    waiting = [(above, spec)]
    while waiting:
        path, current = waiting.pop()
        for name, sub in sorted(current.subcommands.items(), reverse=True):
            if name == sub.name:
                waiting.append(((*path, name), sub))
        if path:
            yield f"- `{' '.join(path)}`: {_meaning(current) or 'nothing is known of it'}"


def _meaning(spec: CommandSpec) -> str:
    parts = []
    if spec.action is not None:
        severity = spec.severity or spec.action.severity
        parts.append(f"`{spec.action.value}` ({severity.value})")
    if spec.operands:
        parts.append("operands " + ", ".join(_operand(operand) for operand in spec.operands))
    options = {option.spellings: option for option in spec.options.values() if option.role is not Role.TEXT}
    if options:
        parts.append("options " + ", ".join(_option(option) for option in options.values()))
    parts += [f"does `{deed.role.value}:{deed.target}`" for deed in spec.effects]
    parts += [_variant(variant) for variant in spec.variants]
    if spec.verbs is not None:
        parts.append(f"other subcommands by the convention `{spec.verbs.value}`")
    return "; ".join(parts)


def _operand(operand: Operand) -> str:
    role = f"{operand.role.value}:" if operand.role is not Role.TEXT else ""
    return f"`{role}{operand.name}{'...' if operand.repeats else ''}`"


def _option(option: Option) -> str:
    return f"`{option.spellings[-1]} {option.role.value}:{option.metavar}`"


def _variant(variant: Variant) -> str:
    when = [f"`{name}`" for name in sorted(variant.some)]
    condition = " or ".join(when)
    condition += "".join(f" and `{name}`" for name in sorted(variant.all))
    condition += "".join(f" without `{name}`" for name in sorted(variant.without))
    condition += f" with {variant.least} operands" if variant.least else ""
    condition += f" with at most {variant.most} operands" if variant.most is not None else ""
    condition += "".join(f" on `{glob}`" for glob in variant.operand)
    condition += "".join(f" with `{name} {'|'.join(globs)}`" for name, globs in sorted(variant.values.items()))
    means = [f"`{variant.action.value}`"] if variant.action is not None else []
    means += [", ".join(_operand(operand) for operand in variant.operands)] if variant.operands else []
    means += [f"`{deed.role.value}:{deed.target}`" for deed in variant.effects]
    means += [f"`{name} {role.value}:`" for name, role in sorted(variant.roles.items())]
    return f"with{condition if condition[:1] == ' ' else ' ' + condition}: {' '.join(means) or 'only words'}"
