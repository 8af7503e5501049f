"""Our hooks in the clients' settings on this machine: what would change, and how it stands. Writes nothing itself."""
