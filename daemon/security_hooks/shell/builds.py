"""Files of the project that say what a build command runs: makefiles, `package.json`."""

import re
from typing import TYPE_CHECKING

from security_hooks.catalogue.entry import Builds, CommandSpec
from security_hooks.catalogue.role import Role
from security_hooks.model.shell import Wrapper
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.code import feed_of_script, run_code
from security_hooks.shell.context import Context, Found
from security_hooks.shell.embed import Text
from security_hooks.shell.inline import recipes, scripts
from security_hooks.shell.paths import resolve
from security_hooks.shell.state import literal
from security_hooks.shell.steps import Steps

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_MOST_GOALS = 8
# Make's variables are written large by custom; `$(pwd)` is what `$$(pwd)` has become.
_VARIABLE = re.compile(r"\$\([A-Z_][A-Z0-9_]*\)")
# Subcommands behind which the name of a script stands.
_NAMING = ("run", "task")
# Without a goal these run the first, or the one of a known name.
_WITH_DEFAULT = (Builds.JUSTFILE, Builds.TASKFILE)
_FILES = {
    Builds.MAKEFILE: ("GNUmakefile", "makefile", "Makefile"),
    Builds.PACKAGE_SCRIPTS: ("package.json",),
    Builds.COMPOSER_SCRIPTS: ("composer.json",),
    Builds.DENO_TASKS: ("deno.json", "deno.jsonc", "package.json"),
    Builds.PYPROJECT_SCRIPTS: ("pyproject.toml",),
    Builds.JUSTFILE: ("justfile", "Justfile", ".justfile"),
    Builds.TASKFILE: ("Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"),
}


def run_build(
    walker: "Walker", spec: CommandSpec, found: Found, wrappers: tuple[Wrapper, ...], context: Context
) -> Steps[None]:
    """Walk what the goals that a command names would run, by the first of its files that can be read."""
    if spec.builds is None:
        return
    cwd = found.cwd
    named: list[Word] = []
    for _, word, role in found.reading.values:
        if role is Role.CHDIR and word.parts:
            cwd = resolve(word.parts, cwd).parts
        elif role is Role.SCRIPT:
            named.append(word)
    files = named or [Word((name,), found.span, name) for name in _FILES[spec.builds]]
    for file in files:
        text = feed_of_script(walker, file, found, cwd, context).text
        if text is None:
            continue
        content = "".join([part if isinstance(part, str) else part.source for part in text])
        before = walker.state.snapshot()
        if cwd != found.cwd:
            # It is run where `-C` says.
            place = literal(cwd)
            walker.state.known.places = None if place is None else (place,)
        for code in _codes(spec, found, content):
            parts = _parts(code) if spec.builds is Builds.MAKEFILE else (code,)
            yield run_code(walker, Text(parts), found, wrappers, context, elsewhere=True)
        walker.state.restore(before)
        return


def _parts(recipe: str) -> tuple[str | Hole, ...]:
    """A recipe with what is left of make's own variables as holes: `$(MAKEFILE_LIST)` is no command."""
    parts: list[str | Hole] = []
    last = 0
    for found in _VARIABLE.finditer(recipe):
        parts += [recipe[last : found.start()], Hole(HoleKind.OTHER, found[0], splits=True)]
        last = found.end()
    return tuple(part for part in (*parts, recipe[last:]) if part)


def _codes(spec: CommandSpec, found: Found, content: str) -> tuple[str, ...]:
    """The shell texts, in the order of running."""
    goals = tuple(word.literal for word in found.reading.operands if word.literal and "=" not in word.literal)
    if spec.builds is Builds.MAKEFILE:
        return recipes(content, goals)
    if found.reading.subcommands and not spec.name.startswith(_NAMING):
        # `npm test`, `npm install`: the verb is the script's name.
        name = spec.name if "*" not in spec.name else found.reading.subcommands[-1]
        return scripts(content, name)
    if spec.builds in _WITH_DEFAULT:
        goals = goals or ("",)
    return tuple(code for goal in goals[:_MOST_GOALS] for code in scripts(content, goal))
