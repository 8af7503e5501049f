"""What a secret looks like: shapes and entropy, shared by rules, redaction and memory."""
