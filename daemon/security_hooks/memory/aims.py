"""What a denial was about, as classes of effects: which deeds a denied aim is made of, and which others serve it, too.

Only what has more than one route is a class. A rule about an effect catches every program that has it; what it does
not catch is another effect with the same result, an effect that nobody can name, or, where it names programs, any other
program. So there is no class for connections, signals, modes and packages: nothing else has their result, and rules
that name programs for them are about these programs (`nc` where `psql` is right).
"""

import msgspec

from security_hooks.model.action import Action
from security_hooks.model.closed import Closed
from security_hooks.model.effect import EffectKind


class Aim(Closed):
    """A class. DESTROY: it cannot be had back; DISPLACE: it is not where it was; MUTATE: something beyond the disk."""

    DESTROY = "destroy"
    DISPLACE = "displace"
    ALTER = "alter"
    READ = "read"
    SEND = "send"
    MUTATE = "mutate"


class AimRow(msgspec.Struct, frozen=True):
    """One aim. `predicates` are those of a rule that is about it, `kind` the deeds it is made of.

    `is_final`: what is done cannot be undone, so that a rule which names programs is still about the harm and not about
    the programs. `covers_below`: of a directory with all that is in it, each part is part of the aim.
    """

    aim: Aim
    predicates: frozenset[str]
    kind: EffectKind
    is_final: bool
    covers_below: bool


ROWS: tuple[AimRow, ...] = (
    # What a nudge offers in its place (the trash, a temporary directory) moves, and what moved can be had back.
    AimRow(Aim.DESTROY, frozenset({"deletes", "deletes_recursively"}), EffectKind.DELETES, True, True),
    # To move one file out of a directory is ordinary work, also where moving the directory is not.
    AimRow(Aim.DISPLACE, frozenset({"moves"}), EffectKind.MOVES, False, False),
    AimRow(Aim.ALTER, frozenset({"writes"}), EffectKind.WRITES, False, True),
    AimRow(Aim.READ, frozenset({"reads"}), EffectKind.READS, True, True),
    # Made of the passages of a call, and not of its deeds.
    AimRow(Aim.SEND, frozenset({"flow", "sends", "pipeline_to"}), EffectKind.CONNECTS, True, False),
    AimRow(Aim.MUTATE, frozenset({"mutates"}), EffectKind.MUTATES, True, False),
)
ROW_OF: dict[Aim, AimRow] = {row.aim: row for row in ROWS}

# The aims that a deed may serve. A deletion also takes away; what is moved can be read where it lies then. An emptying
# write (`Deed.empties`) and a move into a device destroy, which `goals.py` looks at by itself.
SERVED: dict[EffectKind, tuple[Aim, ...]] = {
    EffectKind.DELETES: (Aim.DESTROY, Aim.DISPLACE),
    EffectKind.MOVES: (Aim.DISPLACE, Aim.READ),
    EffectKind.WRITES: (Aim.ALTER,),
    EffectKind.READS: (Aim.READ,),
    # Nobody knows what is done with it: enough for a question.
    EffectKind.NAMES: (Aim.DESTROY, Aim.DISPLACE, Aim.ALTER, Aim.READ),
}

# Rules often say "let the package manager write it", "use git config": what these write themselves is their business.
WRITERS = frozenset(
    {Action.TEXT, Action.FILESYSTEM_WRITE, Action.FILESYSTEM_DELETE, Action.LANG_EXEC, Action.NETWORK_OUTBOUND}
    | {Action.UNKNOWN, Action.MCP_CALL}
)

# What a rule that names only programs and options is about: that which its command is for.
DELETING = frozenset({Action.FILESYSTEM_DELETE})
GRAVE = frozenset(
    {
        Action.GIT_HISTORY_REWRITE,
        Action.CONTAINER_DESTRUCTIVE,
        Action.CLOUD_DESTRUCTIVE,
        Action.SERVICE_DESTRUCTIVE,
        Action.DB_DESTRUCTIVE,
        Action.SYSTEM_DESTRUCTIVE,
    }
)

# Predicates that narrow a rule down without saying what it is about. Any other one, such as `wrapped_by` or
# `obfuscated`, makes it a rule about the way: then the same effect by another way is what its nudge asks for.
NAMING = frozenset({"command", "subcommand", "with_flags", "argument", "tool", "mcp", "action"})
NARROWING = NAMING | {"client", "cwd_in", "permission_mode", "pipeline_from", "inside", "connects", "url_host"}

# Rules that name these are about what they do for other commands.
RAISING = frozenset({"sudo", "doas", "su", "pkexec", "run0", "sudoedit", "env", "xargs", "ssh", "nohup", "timeout"})
HOSTS = frozenset({"connects", "sends", "url_host"})
