"""Code of other languages within a call, and the files of build tools: what they do, without running any of it."""

from security_hooks.shell.inline.dispatch import read_inline
from security_hooks.shell.inline.makefile import recipes
from security_hooks.shell.inline.mentions import read_mentions
from security_hooks.shell.inline.package_scripts import scripts
from security_hooks.shell.inline.shebang import language_of_shebang
from security_hooks.shell.inline.starts import read_unknown

__all__ = ["language_of_shebang", "read_inline", "read_mentions", "read_unknown", "recipes", "scripts"]
