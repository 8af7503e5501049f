"""What kind of action a command is, and how grave an action of that kind usually is."""

from typing import Self

from security_hooks.model.closed import Closed
from security_hooks.model.decision import Severity


class Action(Closed):
    """The kinds of action, each with the severity it has where the catalogue says nothing else."""

    FILESYSTEM_READ = "filesystem_read", Severity.INFO
    FILESYSTEM_WRITE = "filesystem_write", Severity.LOW
    FILESYSTEM_DELETE = "filesystem_delete", Severity.MEDIUM
    GIT_SAFE = "git_safe", Severity.INFO
    GIT_WRITE = "git_write", Severity.LOW
    GIT_DISCARD = "git_discard", Severity.HIGH
    GIT_HISTORY_REWRITE = "git_history_rewrite", Severity.HIGH
    GIT_REMOTE_WRITE = "git_remote_write", Severity.MEDIUM
    NETWORK_OUTBOUND = "network_outbound", Severity.LOW
    NETWORK_WRITE = "network_write", Severity.MEDIUM
    NETWORK_DIAGNOSTIC = "network_diagnostic", Severity.INFO
    NETWORK_LISTEN = "network_listen", Severity.MEDIUM
    NETWORK_EXPOSE = "network_expose", Severity.HIGH
    PACKAGE_INSPECT = "package_inspect", Severity.INFO
    PACKAGE_INSTALL = "package_install", Severity.LOW
    PACKAGE_RUN = "package_run", Severity.LOW
    PACKAGE_UNINSTALL = "package_uninstall", Severity.LOW
    PACKAGE_PUBLISH = "package_publish", Severity.HIGH
    LANG_EXEC = "lang_exec", Severity.LOW
    BUILD = "build", Severity.INFO
    PROCESS_INSPECT = "process_inspect", Severity.INFO
    PROCESS_SIGNAL = "process_signal", Severity.LOW
    CONTAINER_READ = "container_read", Severity.INFO
    CONTAINER_WRITE = "container_write", Severity.LOW
    CONTAINER_BUILD = "container_build", Severity.LOW
    CONTAINER_EXEC = "container_exec", Severity.LOW
    CONTAINER_LIFECYCLE = "container_lifecycle", Severity.LOW
    CONTAINER_DESTRUCTIVE = "container_destructive", Severity.HIGH
    CLOUD_READ = "cloud_read", Severity.INFO
    CLOUD_WRITE = "cloud_write", Severity.MEDIUM
    CLOUD_DESTRUCTIVE = "cloud_destructive", Severity.HIGH
    SERVICE_INSPECT = "service_inspect", Severity.INFO
    SERVICE_READ = "service_read", Severity.INFO
    SERVICE_WRITE = "service_write", Severity.MEDIUM
    SERVICE_DESTRUCTIVE = "service_destructive", Severity.HIGH
    SYSTEM_INSPECT = "system_inspect", Severity.INFO
    SYSTEM_WRITE = "system_write", Severity.MEDIUM
    SYSTEM_DESTRUCTIVE = "system_destructive", Severity.CRITICAL
    PRIVILEGE = "privilege", Severity.MEDIUM
    CREDENTIAL_READ = "credential_read", Severity.HIGH
    DB_SAFE = "db_safe", Severity.INFO
    DB_EXEC = "db_exec", Severity.MEDIUM
    DB_DESTRUCTIVE = "db_destructive", Severity.HIGH
    ENV_READ = "env_read", Severity.LOW
    BROWSER_READ = "browser_read", Severity.INFO
    BROWSER_INTERACT = "browser_interact", Severity.LOW
    BROWSER_STATE = "browser_state", Severity.MEDIUM
    BROWSER_NAVIGATE = "browser_navigate", Severity.LOW
    BROWSER_EXEC = "browser_exec", Severity.MEDIUM
    BROWSER_FILE = "browser_file", Severity.MEDIUM
    AGENT_READ = "agent_read", Severity.INFO
    AGENT_WRITE = "agent_write", Severity.LOW
    AGENT_EXEC_READ = "agent_exec_read", Severity.LOW
    AGENT_EXEC_WRITE = "agent_exec_write", Severity.MEDIUM
    AGENT_EXEC_REMOTE = "agent_exec_remote", Severity.MEDIUM
    AGENT_SERVER = "agent_server", Severity.MEDIUM
    AGENT_EXEC_BYPASS = "agent_exec_bypass", Severity.HIGH
    MCP_CALL = "mcp_call", Severity.LOW
    OBFUSCATED = "obfuscated", Severity.HIGH
    TEXT = "text", Severity.INFO
    UNKNOWN = "unknown", Severity.LOW

    def __new__(cls, word: str, severity: Severity) -> Self:
        """An action by its word; `severity` is an attribute."""
        member = object.__new__(cls)
        member._value_ = word
        member.severity = severity
        return member

    severity: Severity
