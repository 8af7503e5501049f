"""Predicates on circumstances: which client calls, where, and in which mode."""

import posixpath

from security_hooks.dsl.globs import globs
from security_hooks.dsl.predicates.signature import UNKNOWN, Cost, Matcher, Params, Predicate, non_empty, truth_of
from security_hooks.dsl.truth import Truth
from security_hooks.model.shell import Facts


def _build_client(arguments: tuple[str, ...]) -> Matcher:
    names = globs(arguments)
    return lambda facts: truth_of(names.match(facts.call.event.client))


def _check_directory(argument: str) -> str | None:
    if argument == "~" or argument.startswith(("/", "~/", "*")):
        return None
    return "is no directory: begin with `/`, `~/` or `*`"


def _build_cwd_in(arguments: tuple[str, ...]) -> Matcher:
    at_home = [argument[1:].rstrip("/") for argument in arguments if argument.startswith("~")]
    elsewhere = globs(argument.rstrip("/") or "/" for argument in arguments if not argument.startswith("~"))
    below_home = globs(at_home)

    def match(facts: Facts) -> Truth:
        place = facts.call.place
        if place.cwd is None:
            return UNKNOWN
        directory = posixpath.normpath(place.cwd)
        home = posixpath.normpath(place.home)
        while True:
            if elsewhere.match(directory):
                return truth_of(known=True)
            is_home = directory == home or directory.startswith(f"{home.rstrip('/')}/")
            if is_home and below_home.match(directory[len(home.rstrip("/")) :].rstrip("/")):
                return truth_of(known=True)
            parent = posixpath.dirname(directory)
            if parent == directory:
                return truth_of(known=False)
            directory = parent

    return match


def _build_permission_mode(arguments: tuple[str, ...]) -> Matcher:
    modes = globs(arguments)

    def match(facts: Facts) -> Truth:
        mode = facts.call.event.permission_mode
        return UNKNOWN if mode is None else truth_of(modes.match(mode))

    return match


CLIENT = Predicate(
    "client",
    Params("client", check=non_empty),
    "The call comes from one of these clients: `claude-code`, `gemini-cli`, `codex-cli`.",
    _build_client,
    lambda facts: facts.call.event.client,
    asks=False,
    cost=Cost.LOOK,
)
CWD_IN = Predicate(
    "cwd_in",
    Params("directory", check=_check_directory),
    "The working directory is one of these or below one; `~` is the home directory.\n\n"
    "UNKNOWN where the client does not tell the working directory.",
    _build_cwd_in,
    lambda facts: facts.call.place.cwd or "not told",
    asks=False,
    cost=Cost.LOOK,
)
PERMISSION_MODE = Predicate(
    "permission_mode",
    Params("mode", check=non_empty),
    "The client is in one of these permission modes, in its own words (`plan`, `bypassPermissions`).\n\n"
    "UNKNOWN where the client does not tell its mode.",
    _build_permission_mode,
    lambda facts: facts.call.event.permission_mode or "not told",
    asks=False,
    cost=Cost.LOOK,
)
