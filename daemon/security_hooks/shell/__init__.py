"""Shell text to facts. The only code that knows tree-sitter."""
