"""The schema of `config.toml`: one row per key, with its range, its meaning and its stricter direction.

The defaults stand in the shipped `config.toml`. A key without a stricter direction is never read from a project:
the daemon uses it once for all calls, or nobody can say which of its values is the stricter one.
"""

import re

from security_hooks.policy.config_budgets import BUDGET_ROWS
from security_hooks.policy.config_rows import Choice, Item, Key, Names, Number, Pins, Row, Sinks, Stricter, Text
from security_hooks.policy.config_sinks import is_metrics_address
from security_hooks.policy.config_types import (
    AskAnswer,
    AuditContent,
    DefaultAnswer,
    Mode,
    OnAuditFailure,
    OnFailingTool,
    Proof,
    Switch,
    WhoseWork,
)

_NEVER_ALLOW = ("allow", "an ask never becomes an allow")
_NO_REWRITE = ("rewrite", "this client cannot have its commands rewritten")
_CODEX_ASK = ("ask", "codex-cli runs a call whose hook answers ask")
_CODEX_REWRITE = ("rewrite", "rewriting is not available for codex-cli")


def _ask(client: str, words: tuple[AskAnswer, ...], *refused: tuple[str, str]) -> Choice:
    doc = f"What an ask becomes for {client}: a question to the person, or a denial that says how a person lifts it."
    return Choice(("clients", client, "ask"), doc, words, ordered=True, refused=(*refused, _NEVER_ALLOW))


ROWS: tuple[Row, ...] = (
    Choice(
        ("mode",),
        "`observe` blocks nothing and records what would have been blocked.",
        (Mode.OBSERVE, Mode.ENFORCE),
        ordered=True,
    ),
    Choice(
        ("verdict", "default"),
        "The answer where no rule matches: `silent` leaves the client's own prompts alone, `approve` answers them with"
        " yes, `ask` asks a person about everything no rule knows.",
        (DefaultAnswer.APPROVE, DefaultAnswer.SILENT, DefaultAnswer.ASK),
        ordered=True,
    ),
    Number(
        ("verdict", "asks_per_hour"),
        "How many questions a session may put to a person within an hour, where its client can ask; 0: any number. A"
        " third of them may be about anything, two thirds about what is of medium severity; what is high or critical is"
        " always asked about. Past that a call is denied and waits for `security-hooks allow-once`; nothing is let"
        " through by it. See [asks.md](asks.md#a-budget-of-questions).",
        0,
        1000,
        Stricter.CAPPED,
    ),
    Names(
        ("executables", "allowed"),
        "The programs that are known. It says nothing about whether a use of them is safe: that is for other rules.",
        Item.PROGRAM,
        "allowed_executables",
        Stricter.FEWER,
        is_main=True,
    ),
    Names(
        ("secrets", "env_vars"),
        "Environment variables that usually hold a secret.",
        Item.VARIABLE,
        "secret_env_vars",
        Stricter.MORE,
        is_main=True,
    ),
    Choice(
        ("secrets", "remember"),
        "Whether secrets seen in outputs of tools are remembered, as keyed hashes, and stopped where a later call takes"
        " them away; see [secret-values.md](secret-values.md).",
        (Switch.OFF, Switch.ON),
    ),
    Number(("secrets", "remember_values"), "The most values that are remembered.", 10, 10_000),
    Number(("secrets", "remember_hours"), "How long a value is remembered after it was last seen.", 1, 168),
    Names(
        ("secrets", "trusted_hosts"),
        "Hosts, or globs, for which a remembered secret may be meant: sending one there is asked about, not denied.",
        Item.TEXT,
        "trusted_hosts",
        Stricter.FEWER,
    ),
    Names(
        ("paths", "sensitive"),
        "Files that usually hold secrets or say who may log in; `~` is the home directory of the call.",
        Item.PATH,
        "sensitive_paths",
        Stricter.MORE,
        is_main=True,
    ),
    Names(
        ("scope", "paths"),
        "Where tools may change things: files, directories with all below them, globs; relative ones from the project,"
        " so that `.` is the project itself. What begins with `!` is outside even inside of another. Without any entry"
        " all is inside. See [scope.md](scope.md).",
        Item.ENTRY,
        "scope_paths",
        Stricter.SCOPED,
        is_main=True,
    ),
    Names(
        ("scope", "hosts"),
        "Hosts that tools may connect to, globs, `HOST:PORT`; those with `!` are denied. Without any entry all may be.",
        Item.HOST,
        "scope_hosts",
        Stricter.SCOPED,
    ),
    Choice(
        ("scope", "outside"),
        "What leaves the scope is asked about, or denied.",
        ("ask", "deny"),
        ordered=True,
        list_name="scope_outside",
    ),
    Choice(
        ("scope", "reads"),
        "What may be read: anything, or what lies in `scope.paths`.",
        ("anywhere", "scope"),
        ordered=True,
        list_name="scope_reads",
    ),
    Names(
        ("rules", "disabled"),
        "Rules that are switched off, by name. Each layer adds to the layers before it.",
        Item.RULE,
        stricter=Stricter.FEWER,
        adds=True,
    ),
    Names(
        ("mcp", "allowed"),
        "The MCP servers that are known. Empty: any server is.",
        Item.SERVER,
        "mcp_allowed",
        Stricter.NARROWER,
        is_main=True,
    ),
    Pins(
        ("mcp", "servers"),
        "How MCP servers must be defined, by name: `command`, `args`, `url`, `cwd`, and `env` (the names of variables"
        " that may be set for it). A call to one that its client defines otherwise is denied. With `file` and `sha256`"
        " that file's content must have this digest, too.",
        "mcp_pins",
    ),
    _ask("claude-code", (AskAnswer.ASK, AskAnswer.DENY), _NO_REWRITE),
    _ask("gemini-cli", (AskAnswer.ASK, AskAnswer.DENY), _NO_REWRITE),
    _ask("codex-cli", (AskAnswer.DENY,), _CODEX_ASK, _CODEX_REWRITE),
    Number(("limits", "request_bytes"), "The largest request, in bytes; a larger one is denied.", 65_536, 268_435_456),
    Number(
        ("limits", "request_seconds"),
        "How long a request may take to arrive; a slower one is denied. The shim itself waits 5 seconds in all.",
        1,
        5,
    ),
    Number(("limits", "concurrent"), "Calls served at once; more of them wait their turn.", 1, 1024),
    Number(
        ("limits", "script_bytes"),
        "The longest shell text that is analysed, in bytes; a longer one is over budget, which the rules ask about.",
        4096,
        4_194_304,
        Stricter.LOWER,
    ),
    Number(
        ("limits", "script_nodes"),
        "The most syntax nodes of one script; more are over budget.",
        1000,
        1_000_000,
        Stricter.LOWER,
    ),
    Number(
        ("limits", "script_depth"),
        "The deepest nesting of one script, code inside code included; deeper is over budget.",
        10,
        1000,
        Stricter.LOWER,
    ),
    Number(
        ("limits", "script_commands"),
        "The most commands of one script that are read, and that are judged; more are over budget.",
        10,
        10_000,
        Stricter.LOWER,
    ),
    Number(
        ("limits", "script_milliseconds"),
        "The longest processor time to read one script, and again to judge it; longer is over budget.",
        5,
        2000,
        Stricter.LOWER,
    ),
    Number(
        ("limits", "analysis_milliseconds"),
        "The longest a call may take that is judged in the process for large and slow ones, its turn there included;"
        " a longer one is denied.",
        50,
        3000,
        Stricter.LOWER,
    ),
    Number(
        ("limits", "max_tool_calls_per_session"),
        "The most tool calls of one session; 0: any number. Denied calls do not count, nor does the retry of a call"
        " that failed. See [limits.md](limits.md#calls-of-a-session).",
        0,
        1_000_000,
        Stricter.CAPPED,
    ),
    Number(
        ("limits", "tool_calls_per_minute"),
        "The most tool calls of one session within a minute, counted in the same way; 0: any number.",
        0,
        1000,
        Stricter.CAPPED,
    ),
    Choice(
        ("audit", "content"),
        "What a record holds: `full` has the call's text, known secrets replaced; `structure` has no text at all.",
        (AuditContent.FULL, AuditContent.STRUCTURE),
    ),
    Choice(
        ("audit", "on_failure"),
        "What happens to a call whose record cannot be written.",
        (OnAuditFailure.CONTINUE, OnAuditFailure.DENY),
    ),
    Number(("audit", "segment_bytes"), "The size at which the log goes on in a new file.", 65_536, 1_073_741_824),
    Number(
        ("audit", "reserve_bytes"),
        "Disk space held back, so that denials can still be recorded when the disk is full.",
        65_536,
        67_108_864,
    ),
    Number(("audit", "sync_milliseconds"), "The longest time until a record is forced to the disk.", 1, 10_000),
    Number(
        ("audit", "checkpoint_records"), "After so many records a signed checkpoint of the log is made.", 1, 1_000_000
    ),
    Number(("audit", "checkpoint_seconds"), "The longest time until a record is covered by one.", 1, 86_400),
    Choice(("audit", "compress"), "Whether closed files of the log are compressed (zstd).", (Switch.OFF, Switch.ON)),
    Number(("audit", "keep_days"), "Files of the log older than that go; 0 keeps them.", 0, 36_500, Stricter.LONGER),
    Number(("audit", "keep_bytes"), "The oldest go while it takes more; 0 is no limit.", 0, 1 << 50, Stricter.LONGER),
    Number(
        ("anomalies", "multiplier"),
        "How many times the usual number of denials, or of files read, in a quarter of an hour raises an alarm.",
        1,
        1000,
    ),
    Choice(
        ("anomalies", "failing_tools"),
        "What happens when 14 of the last 20 calls of a tool failed: an alarm, or an alarm and a question about each of"
        " its calls until a person runs `security-hooks anomalies clear TOOL`.",
        (OnFailingTool.ALARM, OnFailingTool.ASK),
    ),
    Number(
        ("goals", "minutes"),
        "How many minutes a denial is remembered, so that another route to the same effect is denied, too; 0 for not at"
        " all. See [denied-goals.md](denied-goals.md).",
        0,
        1440,
    ),
    Choice(
        ("blind_spots", "watch"),
        "Whether the clients' own transcripts are followed, and each tool use in them compared with the calls that were"
        " answered: one that ran unseen raises an alarm.",
        (Switch.OFF, Switch.ON),
    ),
    Choice(
        ("grants", "require"),
        "What a person must show who grants something for a while, or has the guard nap: a `terminal` of their own, or"
        " that terminal and `sudo`. With `sudo` no prompt grants anything.",
        (Proof.TERMINAL, Proof.SUDO),
        ordered=True,
    ),
    Choice(
        ("grants", "prompt"),
        "Whether a line `@guard allow ...` or `@guard forbid ...` in a prompt that a person typed holds.",
        (Switch.ON, Switch.OFF),
        ordered=True,
    ),
    Number(
        ("grants", "max_minutes"),
        "The longest that a grant or a nap lasts, in minutes.",
        1,
        1440,
        Stricter.LOWER,
    ),
    Choice(
        ("insight", "process"),
        "Whether a process beside the daemon reads the log as it is written, and keeps the store of `audit query` and"
        " `audit stats` up to date. Without it these commands do.",
        (Switch.OFF, Switch.ON),
    ),
    Choice(
        ("memory", "sessions"),
        "Whether what a session did before is remembered, and calls are judged by it ([memory.md](memory.md)).",
        (Switch.OFF, Switch.ON),
    ),
    Number(("memory", "hours"), "For so many hours after a session's last call.", 1, 168),
    Sinks(
        ("sinks",),
        "Where records are delivered, each in a table `[[sinks]]` with the keys below; see [delivery.md](delivery.md).",
    ),
    Choice(
        ("work", "authors"),
        "What is made of who wrote the uncommitted work that a call would throw away: `off` nothing, `ask` a question"
        " that names whose it is where it is not this session's, `lift` also no question of a rule tagged `discards`"
        " where all of it is; see [whose-bytes.md](whose-bytes.md).",
        (WhoseWork.OFF, WhoseWork.LIFT, WhoseWork.ASK),
    ),
    Names(
        ("work", "made_again"),
        "Files and directories by name that are made again by themselves: nobody is asked about deleting them.",
        Item.PROGRAM,
        stricter=Stricter.FEWER,
        is_main=True,
    ),
    Text(
        ("metrics", "listen"),
        "Where metrics are served for Prometheus; empty for nowhere.",
        "`127.0.0.1:PORT` or another address of this machine's own, or `unix:/PATH`",
        is_metrics_address,
    ),
    *BUDGET_ROWS,
)

LISTS_SECTION = "lists"
LIST_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
LIST_NAMES: frozenset[str] = frozenset(
    row.list_name for row in ROWS if isinstance(row, Names | Pins | Choice) and row.list_name
)
ROW_BY_PATH: dict[Key, Row] = {row.path: row for row in ROWS}


def own_list(name: str) -> Names:
    """The row of a list that a person made under `[lists]`."""
    return Names((LISTS_SECTION, name), "A list of your own.", Item.TEXT, name)


def row_of(path: Key) -> Row | None:
    """The row of a key, those of people's own lists included; None for what is no key."""
    if len(path) == 2 and path[0] == LISTS_SECTION and LIST_NAME.fullmatch(path[1]):
        return own_list(path[1])
    return ROW_BY_PATH.get(path)


def is_for_projects(row: Row) -> bool:
    """Whether a project may set this key at all."""
    match row:
        case Choice():
            return row.ordered
        case Pins():
            return True
        case Sinks():
            return False
        case Text():
            return row.stricter is not None
        case Number() | Names():
            return row.stricter not in (None, Stricter.LONGER)
