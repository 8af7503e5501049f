"""What git keeps of a work tree, read from its own files: bytes in, values out. Nothing of git's is ever run."""
