"""What no wiring of ours closes, per client: said by `install` and `doctor`, and in docs/clients.md."""

from dataclasses import dataclass

from security_hooks.wiring.table import Scope

_BOTH = frozenset(Scope)
_USER = frozenset({Scope.USER})


@dataclass(frozen=True, slots=True)
class Limit:
    """One way past our hooks that stays open in these scopes; `advice` says what a person can do about it."""

    client: str
    scopes: frozenset[Scope]
    what: str
    advice: str


LIMITS: tuple[Limit, ...] = (
    Limit(
        "claude-code",
        _USER,
        "`disableAllHooks` in a project's settings, a bad value in a settings file, `--bare`, `--safe-mode`, "
        "`--restricted`, `--setting-sources` or another `CLAUDE_CONFIG_DIR` start a session without our hooks",
        "install with `--managed`; `security-hooks doctor` in the project shows the first two",
    ),
    Limit(
        "claude-code",
        _USER,
        "a skill's inline shell lines run without a hook of their own",
        "install with `--managed`, which pins `disableSkillShellExecution`",
    ),
    Limit(
        "claude-code",
        _BOTH,
        "hooks of a project or of a skill run unjudged, and may rewrite a call after it was judged",
        "set `allowManagedHooksOnly` in managed settings, which drops everybody else's hooks too",
    ),
    Limit(
        "claude-code",
        _BOTH,
        "a project's `apiKeyHelper` and the servers of its `.mcp.json` start with a headless session, before any hook",
        "look at a cloned project before the first headless run",
    ),
    Limit(
        "claude-code",
        _BOTH,
        "the person's own `!` lines, `@file` mentions and the includes of `CLAUDE.md` reach no hook",
        "these are the person's own",
    ),
    Limit(
        "gemini-cli",
        _BOTH,
        "in ACP mode (`--acp`, editors) no tool call reaches a hook",
        "do not use ACP mode, or deny tools by policies in `/etc/gemini-cli/policies/`",
    ),
    Limit(
        "gemini-cli",
        _BOTH,
        "a trusted project's settings can disable hooks by name, break the hooks of an event or rewrite calls",
        "`security-hooks doctor` in the project shows it; trust a folder only after that",
    ),
    Limit(
        "gemini-cli",
        _USER,
        "a project's `hooksConfig.enabled = false` switches off the extension's hooks too",
        "install with `--managed` as well, which pins it",
    ),
    Limit(
        "gemini-cli",
        _BOTH,
        "a machine that can start no more processes, or a working directory that is gone, lets calls through",
        "keep limits on processes; the policy denies what moves or removes the working directory's settings",
    ),
    Limit(
        "gemini-cli",
        _BOTH,
        "`!` lines, `@file` mentions and `!{...}` of custom commands reach no hook",
        "review a project's `.gemini/commands/`",
    ),
    Limit(
        "codex-cli",
        _USER,
        "keys typed into a running terminal (`write_stdin`) reach no hook where `--enable unified_exec_tty`, a `-p` "
        "profile or a trusted project's settings switch such terminals on again",
        "install with `--managed`, which pins `unified_exec_tty = false`",
    ),
    Limit(
        "codex-cli",
        _USER,
        "`--disable hooks`, `features.hooks = false`, another `CODEX_HOME` or a `-p` profile start a session without "
        "our hooks",
        "install with `--managed`, which pins the feature",
    ),
    Limit(
        "codex-cli",
        _BOTH,
        "a loop that kills the hook's processes, or a `~/.zshenv` that ends the login shell, lets calls through",
        "keep the client's own sandbox on; the policy guards `~/.zshenv`",
    ),
    Limit(
        "codex-cli",
        _BOTH,
        "`tool_search`, hosted `web_search` and the person's own `!` commands reach no hook",
        "switch hosted web search off in the client where that matters",
    ),
    Limit(
        "codex-cli",
        _BOTH,
        "hooks of the person's own may rewrite a call after it was judged",
        "set `allow_managed_hooks_only` in `/etc/codex/requirements.toml`",
    ),
)


def limits_of(client: str, scope: Scope) -> tuple[Limit, ...]:
    """What stays open in a client whose hooks stand in this scope."""
    return tuple(limit for limit in LIMITS if limit.client == client and scope in limit.scopes)
