"""What commands of a script print, as the walk hands it on: to the next stage of a pipeline, or into a word."""

from typing import TYPE_CHECKING

from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.context import Context, Feed, Found, Output, Several
from security_hooks.shell.globs import fits_any
from security_hooks.shell.outputs import BUILTINS, is_diverted, output_of
from security_hooks.shell.printed import MOST_BYTES, Printed, text_of
from security_hooks.shell.state import EVERYTHING, literal
from security_hooks.shell.supplied import ALL_BELOW, below

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

# With these set, another program may be meant, or the same does something else.
_DECISIVE = ("PATH", "POSIXLY_CORRECT", EVERYTHING)
# What filters may go through in one script, and what each counts for at least.
_MOST_FILTERED = 1 << 18
_LEAST = 256
_CHEAP = frozenset((*BUILTINS, "cat", "tee"))
# With no more than these `git ls-files` prints all files.
_ALL_TRACKED = frozenset(("-z", "-c", "--full-name", "--deduplicate", "--recurse-submodules"))
# With these `find` prints something else, or does something with what it finds.
_OTHERWISE = frozenset((
    "-printf", "-ls", "-fprint", "-fprint0", "-fprintf", "-fls", "-exec", "-execdir", "-ok", "-okdir", "-delete",
    "-files0-from",
))  # fmt: skip
_LOCATING = ("which", "command", "type")
_PRINTING = frozenset(("-v", "-p", "-P"))
_LOCALE = ("LC_", "LANG")
# These print nothing; some of them only where they are given something, `cd` not even then where `CDPATH` is set.
_SILENT = frozenset(
    ("test", "[", "false", "shift", "unset", "return", "exit", "break", "continue", "sleep", "read", "mapfile",
     "readarray", "wait")
)  # fmt: skip
_SILENT_WITH_OPERANDS = frozenset(("cd", "set", "local", "export", "readonly"))
# What these print sets up the shell that asks for it: `eval "$(ssh-agent -s)"`. By the words behind the program.
_SETTING_UP = {
    "ssh-agent": ("", "-s", "-c"),
    "direnv": ("hook *",),
    "brew": ("shellenv*",),
    "fnm": ("env*",),
    "mise": ("activate*", "env*"),
    "starship": ("init *",),
    "zoxide": ("init *",),
    "atuin": ("init *",),
    "thefuck": ("--alias*",),
    "opam": ("env*",),
    "luarocks": ("path*",),
    "dircolors": ("*",),
    "minikube": ("*docker-env*", "*podman-env*"),
    "docker-machine": ("env*",),
    "keychain": ("*--eval*",),
    "register-python-argcomplete": ("*",),
    **dict.fromkeys(
        ("pyenv", "rbenv", "nodenv", "goenv", "jenv", "plenv", "phpenv", "swiftenv"), ("init*", "virtualenv-init*")
    ),
    **dict.fromkeys(("conda", "mamba", "micromamba"), ("shell.* hook*", "shell hook*")),
}
_SHELLS = frozenset(("bash", "zsh", "sh", "fish"))
_COMPLETING = ("completion", "completions", "shell-completion", "generate-shell-completion")
_NOTHING_ELSE = ":\n"
_SOMETHING = Hole(HoleKind.OTHER, "<output>", splits=True)
_MOST_PRINTING = 512


def printed_by(walker: "Walker", output: Output, context: Context) -> Printed | None:
    """What is printed there, as far as that is known; `context` is the one around it.

    Of several commands what is not known is one line that may be anything: what is printed besides is to be looked at.
    """
    if output is None:
        return None
    if isinstance(output, Found) and output.output is None:
        return _printed_by_one(walker, output, context)
    sure = is_known = True
    parts: list[str | Hole] = []
    size = found_known = 0
    waiting: list[Output] = [output]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Found) and current.output is not None:
            if is_diverted(current.redirects):
                continue
            sure = sure and not current.redirects and len(current.wrappers) <= len(context.wrappers)
            current = current.output
        if isinstance(current, Several):
            sure = sure and current.sure
            waiting.extend(reversed(current.outputs))
            if len(waiting) > _MOST_PRINTING:
                return None
            continue
        printed = _printed_by_one(walker, current, context) if current is not None else None
        if printed is not None and printed.endless:
            return None
        text = text_of(printed)
        if text is None or printed is None:
            is_known = False
            parts += (_SOMETHING, "\n")
            continue
        found_known += bool(text)
        sure = sure and printed.sure
        parts += text
        size += _LEAST + sum([len(part) for part in text if isinstance(part, str)])
        if size > MOST_BYTES:
            return None
    walker.codes.filtered += size
    if (not is_known and not found_known) or walker.codes.filtered > _MOST_FILTERED:
        return None
    return Printed(tuple(parts), sure and is_known)


def handed_on(printed: Printed | None, origin: Origin) -> Feed:
    """What the next one reads, given where the output comes from where it is not known. What was decoded stays so."""
    text = text_of(printed)
    if text is not None and printed is not None and printed.sure and origin not in (Origin.DECODED, Origin.NETWORK):
        origin = Origin.LITERAL
    return Feed(text, origin)


def _printed_by_one(walker: "Walker", found: Found, context: Context) -> Printed | None:
    program, state = found.program, walker.state
    if is_diverted(found.redirects):
        return Printed(())
    if program is None or program in state.functions or program in state.aliases:
        return None
    if found.assignments and not all(a.name.startswith(_LOCALE) for a in found.assignments) and found.words:
        return None
    if not found.words and any(redirect.operator.startswith("<") for redirect in found.redirects):
        # `$(<FILE)` is the file.
        return None
    if not found.words or program in _SILENT or (program in _SILENT_WITH_OPERANDS and found.reading.operands):
        return Printed((), sure=program != "cd")
    if program not in BUILTINS and any(name in state.touched for name in _DECISIVE):
        return None
    if program == "mktemp" and "TMPDIR" in state.touched:
        # It may fail there, and print nothing.
        return None
    if program == "pwd":
        return _directory(found)
    if _sets_up(program, found):
        return Printed((_NOTHING_ELSE,), sure=not found.wrappers)
    if program == "find":
        return _found(found)
    if program == "git" and found.reading.subcommands == ["ls-files"]:
        return _tracked(found)
    if program in _LOCATING:
        return _location(walker, found)
    if program not in _CHEAP:
        # Counted by itself: that outputs are not known is no reason to refuse the script.
        walker.codes.filtered += _LEAST + _size(found)
        if walker.codes.filtered > _MOST_FILTERED:
            return None
    printed = output_of(program, found.words, found.redirects, found.given)
    if printed is not None and len(found.wrappers) > len(context.wrappers):
        # What runs it may have read the words otherwise.
        return Printed(printed.value, sure=False, endless=printed.endless)
    return printed


def _sets_up(program: str, found: Found) -> bool:
    """Whether it prints what a shell needs to work with it, and no more than that."""
    words = [word.literal for word in found.words[1:]]
    if None in words or found.redirects or found.reading.spec is None:
        return False
    said = " ".join([word for word in words if word is not None])
    if fits_any(said, _SETTING_UP.get(program, ())):
        return True
    return len(words) == 2 and words[0] in _COMPLETING and words[1] in _SHELLS


def _size(found: Found) -> int:
    value = found.given.value if found.given is not None else ()
    size = sum([len(redirect.target.literal or "") for redirect in found.redirects])
    return size + (len(value) if isinstance(value, bytes) else sum([len(p) for p in value if isinstance(p, str)]))


def _found(found: Found) -> Printed | None:
    """`find`: what is in the places that it searches. To be handed on only: nobody knows how many there are."""
    reading = found.reading
    if found.redirects or not reading.known or not reading.options.isdisjoint(_OTHERWISE):
        return None
    end = "\0" if "-print0" in reading.options else "\n"
    parts: list[str | Hole] = []
    for place in [word.parts for word in reading.operands] or [(".",)]:
        parts += (*place, below(reading), end)
    return Printed(tuple(parts), sure=False)


def _tracked(found: Found) -> Printed | None:
    """`git ls-files`: all that there is of the project, as far as anybody would miss it."""
    reading = found.reading
    if found.redirects or not reading.known or reading.operands or not reading.own <= _ALL_TRACKED:
        return None
    return Printed((".", ALL_BELOW, "\0" if "-z" in reading.own else "\n"), sure=False)


def _location(walker: "Walker", found: Found) -> Printed | None:
    """`which NAME`, `command -v NAME`, `type -P NAME`: nobody knows the directory, but the name."""
    operands, options = found.reading.operands, found.reading.options
    name = operands[0].literal if len(operands) == 1 else None
    names = walker.catalogue.builtins | walker.state.functions | walker.state.aliases.keys()
    if found.program != "which" and options.isdisjoint(_PRINTING):
        return None
    if not name or "/" in name or found.redirects or not found.reading.known:
        return None
    if found.program != "which" and name in names and "-P" not in options:
        return None
    return Printed((Hole(HoleKind.OTHER, f"$(command -v {name})"), f"/{name}\n"))


def _directory(found: Found) -> Printed | None:
    """`pwd`, without links resolved."""
    cwd = found.cwd
    plain = len(found.words) == 1 and found.words[0].literal == "pwd" and not found.redirects
    return Printed((*cwd, "\n")) if cwd is not None and plain and literal(cwd) else None
