"""security-hooks: one local daemon that judges every tool call of AI coding agents before it runs."""

__version__ = "0.1.0"
