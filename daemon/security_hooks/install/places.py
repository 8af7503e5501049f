"""Where each client's settings are: a person's, the machine's, a project's. All below `root`, where one is given."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from security_hooks.wiring.gemini import EXTENSION
from security_hooks.wiring.report import Role


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine. `home` and all paths are as its programs name them; `on_disk` says where they are."""

    root: Path | None
    home: Path
    claude: Path
    codex: Path
    gemini: Path
    is_darwin: bool = False

    def on_disk(self, path: Path) -> Path:
        """The place of a path of that machine."""
        return path if self.root is None else self.root / path.relative_to("/")

    def settings(self, client: str, project: Path | None) -> tuple[tuple[Role, Path], ...]:
        """Every file that decides whether a client runs our hooks."""
        here = project if project is not None and project != self.home else None
        match client:
            case "claude-code":
                managed = self.claude_managed()
                ours = sorted(self.on_disk(managed / "managed-settings.d").glob("*.json"))
                extra = [self._named(path) for path in ours]
                own = self.claude / "settings.json"
                local = (
                    []
                    if project is None
                    else [
                        (Role.PROJECT, project / ".claude/settings.json"),
                        (Role.LOCAL, project / ".claude/settings.local.json"),
                    ]
                )
                return (
                    (Role.MANAGED, managed / "managed-settings.json"),
                    *((Role.MANAGED, path) for path in extra),
                    (Role.USER, own),
                    # Of a client that was started in the home, too, but for what is the person's own already.
                    *(found for found in local if found[1] != own),
                )
            case "gemini-cli":
                local = [] if here is None else [(Role.PROJECT, here / ".gemini/settings.json")]
                return (
                    (Role.MANAGED, self.gemini_managed()),
                    (Role.USER, self.gemini / "settings.json"),
                    (Role.EXTENSION, self.gemini_extension() / "hooks/hooks.json"),
                    *local,
                )
            case _:
                local = [] if here is None else [(Role.PROJECT, here / ".codex/config.toml")]
                return ((Role.MANAGED, CODEX_MANAGED), (Role.USER, self.codex / "config.toml"), *local)

    def claude_managed(self) -> Path:
        """The directory of Claude Code's managed settings."""
        return Path("/Library/Application Support/ClaudeCode" if self.is_darwin else "/etc/claude-code")

    def gemini_managed(self) -> Path:
        """Gemini CLI's settings of the machine."""
        directory = "/Library/Application Support/GeminiCli" if self.is_darwin else "/etc/gemini-cli"
        return Path(directory) / "settings.json"

    def gemini_extension(self) -> Path:
        """The directory of our extension."""
        return self.gemini / "extensions" / EXTENSION

    def _named(self, path: Path) -> Path:
        return path if self.root is None else Path("/") / path.relative_to(self.root)


CODEX_MANAGED = Path("/etc/codex/requirements.toml")


def machine(root: Path | None, home: Path, environment: Mapping[str, str]) -> Machine:
    """The machine that we run on, or the one below `root`, of which no environment is known."""
    told = environment if root is None else {}

    def place(variable: str, otherwise: Path) -> Path:
        value = told.get(variable, "")
        return Path(value) if value.startswith("/") else otherwise

    return Machine(
        root=None if root is None else Path(os.path.realpath(root)),
        home=home,
        claude=place("CLAUDE_CONFIG_DIR", home / ".claude"),
        codex=place("CODEX_HOME", home / ".codex"),
        gemini=place("GEMINI_CLI_HOME", home) / ".gemini",
        is_darwin=sys.platform == "darwin",
    )
