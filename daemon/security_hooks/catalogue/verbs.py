"""The convention that command lines of services keep: subcommands are verbs, behind names of groups or before what they
are about (`list`, `apps delete`, `apps:info`). A word comes in, what it says by that convention goes out.
"""

from enum import Enum
from fnmatch import fnmatchcase

import msgspec

from security_hooks.catalogue.entry import Argument, CommandSpec, Operand, Option, Variant, Verbs
from security_hooks.catalogue.role import Role
from security_hooks.model.action import Action


class Verb(Enum):
    """What a verb does: looks at things in general, at one thing as a whole, saves a copy of it, prints a secret, or
    does away with something.
    """

    LIST = "list"
    SHOW = "show"
    FETCH = "fetch"
    REVEAL = "reveal"
    DESTROY = "destroy"


# As a word of their own, or before a hyphen: `list`, `list-users`.
_PREFIXES = {
    Verb.DESTROY: (
        "delete del rm terminate destroy purge remove deregister revoke reset disassociate cancel abort disable detach "
        "release wipe drop batch-delete undeploy unlink uninstall unsubscribe deactivate prune flush clear forget "
        "unassign empty erase unset unregister truncate nuke expunge"
    ),
    Verb.SHOW: "get describe show view read print inspect retrieve fetch batch-get",
    Verb.FETCH: "download export",
    Verb.LIST: (
        "list head lookup search query check validate estimate preview simulate detect wait info status count test "
        "select filter tail logs diff explain version compare verify metrics usage stats find history lint receive "
        "completion open activity trace ping health"
    ),
}
# As a word of their own only.
_WORDS = {
    Verb.DESTROY: "untag unpublish delete-all",
    Verb.SHOW: "cat",
    Verb.LIST: "ls exists scan log whoami top url doctor what-if me help ps",
    Verb.REVEAL: (
        "get-secret-value get-password-data get-login-password get-credentials get-token get-authorization-token "
        "create-access-key create-login-profile print-token assume-role reveal"
    ),
}
_GLOBS = {
    Verb.DESTROY: ("schedule-*deletion*", "*-delete", "*-destroy", "*-remove", "*-purge"),
    Verb.REVEAL: (
        "*-access-token", "get-*-token", "print-*-token", "create-*-token", "get-*password", "get-*credentials",
        "get-*-credential", "assume-role-*", "*connection-string*", "generate-db-*auth-token",
    ),
}  # fmt: skip
# What holds secrets: to look at one of these as a whole prints it.
_HOLDERS = (
    "secret", "secrets", "token", "tokens", "credential", "credentials", "password", "passwords", "*-secret",
    "*-secrets", "*-token", "*-tokens", "*-credential", "*-credentials", "*-password", "*-passwords",
    "api-key", "api-keys", "apikey", "apikeys", "access-key", "access-keys", "sdk-key", "sdk-keys", "private-key",
    "private-keys", "secret/*", "secrets/*", "token/*", "connection-string", "connection-strings", "kubeconfig",
)  # fmt: skip
_MAKES_A_SECRET = ("create", "generate", "rotate", "regenerate", "new", "issue", "roll", "renew", "reveal", "access")


def _table(words: dict[Verb, str]) -> dict[str, Verb]:
    return {word: verb for verb, text in words.items() for word in text.split()}


_BY_PREFIX = _table(_PREFIXES)
_BY_WORD = {**_BY_PREFIX, **_table(_WORDS)}


def verb_of(word: str) -> Verb | None:
    """The verb that this word is, or begins with: `list`, `list-users`, `users:list`. None: it is no verb we know."""
    word = word.rpartition(":")[2].replace("_", "-").lower()
    found = _BY_WORD.get(word)
    if found is not None:
        return found
    first, hyphen, rest = word.partition("-")
    begins = (_BY_PREFIX.get(first) or _BY_PREFIX.get(f"{first}-{rest.partition('-')[0]}")) if hyphen else None
    if begins is Verb.DESTROY:
        return begins
    return next((verb for verb, globs in _GLOBS.items() if any(fnmatchcase(word, glob) for glob in globs)), begins)


def holds_secrets(word: str) -> bool:
    """Whether this word is a usual name of a kind of thing that is a secret as a whole."""
    return any(fnmatchcase(word.lower(), glob) for glob in _HOLDERS)


def by_convention(verbs: Verbs, word: str) -> CommandSpec:
    """What this subcommand means to a command that keeps the convention: a verb, or a group with verbs of its own."""
    table = _SPECS[verbs]
    verb = verb_of(word)
    if verb is not None:
        # `secrets:get` names its group in the same word.
        group = word.rpartition(":")[0].rpartition(":")[2]
        reveals = verb is Verb.SHOW and group and holds_secrets(group)
        return table[Verb.REVEAL if reveals else verb]
    return _HOLDER_SPECS[verbs] if holds_secrets(word) else table[None]


def unlisted(spec: CommandSpec, word: str) -> CommandSpec | None:
    """What a subcommand that its entry does not list means by the convention of the entry's family: of `cloud_read` and
    its like. None: the family has none.
    """
    verbs = _FAMILIES.get(spec.action) if spec.action is not None else None
    # Nobody knows what its operands and options mean.
    return None if verbs is None else msgspec.structs.replace(by_convention(verbs, word), operands=None, others=None)


_ACTIONS = {
    Verbs.CLOUD: (Action.CLOUD_READ, Action.CLOUD_WRITE, Action.CLOUD_DESTRUCTIVE),
    Verbs.SERVICE: (Action.SERVICE_READ, Action.SERVICE_WRITE, Action.SERVICE_DESTRUCTIVE),
    Verbs.DATABASE: (Action.DB_SAFE, Action.DB_EXEC, Action.DB_DESTRUCTIVE),
    Verbs.CONTAINER: (Action.CONTAINER_READ, Action.CONTAINER_WRITE, Action.CONTAINER_DESTRUCTIVE),
}
_FAMILIES = {action: verbs for verbs, actions in _ACTIONS.items() for action in actions} | {
    Action.SERVICE_INSPECT: Verbs.SERVICE,
    Action.CONTAINER_LIFECYCLE: Verbs.CONTAINER,
}
_ANY = (Operand("TEXT", repeats=True),)
_FILES = (
    Option(("-f", "--file"), Argument.REQUIRED, "FILE", Role.WRITE),
    Option(("-d", "--destination"), Argument.REQUIRED, "PATH", Role.WRITE),
    Option(("--output-file",), Argument.REQUIRED, "FILE", Role.WRITE),
    Option(("--dest",), Argument.REQUIRED, "PATH", Role.WRITE),
)


def _options(*options: Option) -> dict[str, Option]:
    return {spelling: option for option in options for spelling in option.spellings}


def _specs(verbs: Verbs) -> dict[Verb | None, CommandSpec]:
    """The subcommands by their verb; None is the group. Command lines of clouds are made from an API, where any option
    takes a value; of others nobody knows what a word that looks like a path is for.
    """
    read, write, destroy = _ACTIONS[verbs]
    operands, others = (_ANY, Role.DATA) if verbs is Verbs.CLOUD else (None, None)
    return {
        None: CommandSpec("*", inherits=True, operands=operands, action=write, others=others, verbs=verbs),
        Verb.LIST: CommandSpec("*", operands=operands, action=read, others=others),
        Verb.SHOW: CommandSpec(
            "*",
            operands=operands,
            action=read,
            others=others,
            variants=(Variant(operand=_HOLDERS, action=Action.CREDENTIAL_READ),),
        ),
        Verb.FETCH: CommandSpec(
            "*", operands=operands, action=Action.FILESYSTEM_WRITE, options=_options(*_FILES), others=Role.TEXT
        ),
        Verb.REVEAL: CommandSpec("*", operands=operands, action=Action.CREDENTIAL_READ, others=others),
        Verb.DESTROY: CommandSpec(
            "*",
            operands=(Operand("NAME", Role.OBJECT, repeats=True),),
            action=destroy,
            options=_options(Option(("--dry-run",))),
            others=others,
            variants=(Variant(some=frozenset(("--dry-run",)), action=read),),
        ),
    }


def _holder(verbs: Verbs) -> CommandSpec:
    """The group of things that are secrets: to show one of them, or to make one, prints it."""
    group = _SPECS[verbs][None]
    reveal = _SPECS[verbs][Verb.REVEAL]
    words = [word for word, verb in _BY_WORD.items() if verb in (Verb.SHOW, Verb.FETCH, Verb.REVEAL)]
    return CommandSpec(
        "*",
        inherits=True,
        operands=group.operands,
        action=group.action,
        others=group.others,
        verbs=verbs,
        subcommands=dict.fromkeys((*words, *_MAKES_A_SECRET), reveal),
    )


_SPECS = {verbs: _specs(verbs) for verbs in Verbs}
_HOLDER_SPECS = {verbs: _holder(verbs) for verbs in Verbs}
