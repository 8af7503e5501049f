"""The client programs that the suite runs."""

from tests.clients import claude_code, codex_cli, gemini_cli

PROGRAMS = (claude_code.PROGRAM, gemini_cli.PROGRAM, codex_cli.PROGRAM)
