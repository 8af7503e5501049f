"""The `security-hooks` command: one file per subcommand."""
