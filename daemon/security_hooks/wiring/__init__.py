"""How our hooks stand in each client's settings: pure functions between texts; nothing here looks at a disk."""
