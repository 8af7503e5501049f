"""Every predicate of the rules language. A new one is a `Predicate` in the matching file and an entry here."""

from security_hooks.dsl.predicates.addresses import URL_DATA, URL_SCHEME
from security_hooks.dsl.predicates.arguments import ARGUMENT, SUBCOMMAND
from security_hooks.dsl.predicates.circumstance import CLIENT, CWD_IN, PERMISSION_MODE
from security_hooks.dsl.predicates.command import (
    BASE_COMMAND_NOT_IN,
    COMMAND,
    ORIGIN,
    WRAPPED_BY,
)
from security_hooks.dsl.predicates.deeds import (
    ACTION,
    CALLS,
    CONNECTS,
    EXECUTES,
    EXECUTES_FROM,
    INSTALLS,
    MUTATES,
    READS_ENV,
    SENDS,
    SETS_ENV,
    SIGNALS,
)
from security_hooks.dsl.predicates.flags import WITH_FLAGS
from security_hooks.dsl.predicates.flows import FLOW
from security_hooks.dsl.predicates.lookalike import LOOKALIKE_PACKAGE, LOOKALIKE_SERVER, LOOKALIKE_TOOL
from security_hooks.dsl.predicates.mcp import MCP_DIFFERS, MCP_KNOWN, MCP_PINNED
from security_hooks.dsl.predicates.network import URL_HOST
from security_hooks.dsl.predicates.outside import CHANGES_OUTSIDE, CONNECTS_OUTSIDE, READS_OUTSIDE
from security_hooks.dsl.predicates.paths import (
    CHANGES_MODE,
    DELETES,
    DELETES_RECURSIVELY,
    MOVES,
    NAMES,
    READS,
    WRITES,
)
from security_hooks.dsl.predicates.reading import LOOKS_READ_ONLY
from security_hooks.dsl.predicates.recall import AFTER, COUNT, FIRST_TIME, MADE_HERE, RAN_UNSEEN
from security_hooks.dsl.predicates.signature import Predicate
from security_hooks.dsl.predicates.structure import (
    INSIDE,
    OBFUSCATED,
    OVER_BUDGET,
    PIPELINE_FROM,
    PIPELINE_TO,
    UNANALYSED_CODE,
    UNPARSEABLE,
)
from security_hooks.dsl.predicates.tool import CONTENT, HAS_SECRET, MCP, TOOL, TOOL_VERB

PREDICATES: tuple[Predicate, ...] = (
    COMMAND,
    BASE_COMMAND_NOT_IN,
    SUBCOMMAND,
    WITH_FLAGS,
    ARGUMENT,
    ORIGIN,
    WRAPPED_BY,
    LOOKS_READ_ONLY,
    PIPELINE_TO,
    PIPELINE_FROM,
    INSIDE,
    OBFUSCATED,
    UNPARSEABLE,
    OVER_BUDGET,
    UNANALYSED_CODE,
    READS,
    WRITES,
    DELETES,
    DELETES_RECURSIVELY,
    MOVES,
    CHANGES_MODE,
    NAMES,
    CHANGES_OUTSIDE,
    READS_OUTSIDE,
    CONNECTS_OUTSIDE,
    EXECUTES,
    EXECUTES_FROM,
    CONNECTS,
    SENDS,
    READS_ENV,
    SETS_ENV,
    SIGNALS,
    INSTALLS,
    MUTATES,
    CALLS,
    ACTION,
    FLOW,
    TOOL,
    MCP,
    TOOL_VERB,
    MCP_KNOWN,
    MCP_PINNED,
    MCP_DIFFERS,
    LOOKALIKE_SERVER,
    LOOKALIKE_TOOL,
    LOOKALIKE_PACKAGE,
    URL_HOST,
    URL_SCHEME,
    URL_DATA,
    CONTENT,
    HAS_SECRET,
    AFTER,
    COUNT,
    FIRST_TIME,
    MADE_HERE,
    RAN_UNSEEN,
    CLIENT,
    CWD_IN,
    PERMISSION_MODE,
)


def predicate_named(name: str) -> Predicate | None:
    """The predicate of this name."""
    return _BY_NAME.get(name)


_BY_NAME = {predicate.name: predicate for predicate in PREDICATES}
