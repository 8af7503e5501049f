"""The verbs of the tables by name: each is given a call and the groups that say which argument means what."""

from collections.abc import Mapping
from typing import Final

from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline import verbs_code as code
from security_hooks.shell.inline import verbs_files as files
from security_hooks.shell.inline import verbs_network as network
from security_hooks.shell.inline import verbs_programs as programs
from security_hooks.shell.inline.site import Verb

VERBS: Final[Mapping[str, Verb]] = {
    "read": files.on_paths(EffectKind.READS),
    "write": files.on_paths(EffectKind.WRITES),
    "delete": files.on_paths(EffectKind.DELETES),
    "delete*": files.on_paths(EffectKind.DELETES, recursive=True),
    "read*": files.on_paths(EffectKind.READS, recursive=True),
    "write*": files.on_paths(EffectKind.WRITES, recursive=True),
    "move": files.on_paths(EffectKind.MOVES),
    "mode": files.on_paths(EffectKind.CHANGES_MODE),
    "names": files.on_paths(EffectKind.NAMES),
    "load": files.on_paths(EffectKind.EXECUTES),
    "open": files.opened,
    "connect": network.connect,
    "later": network.later,
    "reach": network.reach,
    "pour": files.pour,
    "opaque": code.opaque,
    "library": files.library,
    "send": network.send,
    "method": network.method_sends,
    "into": files.into,
    "out": files.out,
    "stdin": files.stdin,
    "shell": programs.shell,
    "argv": programs.argv,
    "either": programs.text_or_words,
    "perl_open": files.piped_open,
    "ruby_open": files.piped_open,
    "read_or_fetch": files.read_or_fetch,
    "ruby_send": code.send_message,
    "php_call": code.send_message,
    "r_system": programs.program_and_words,
    "exec": programs.replaced,
    "feed": programs.feed,
    "wire": programs.wire,
    "code": code.run_code,
    "function": code.function_of_text,
    "unpack": code.unpack,
    "env": network.env,
    "setenv": network.setenv,
    "signal": network.target(EffectKind.SIGNALS),
    "install": network.target(EffectKind.INSTALLS),
    "chdir": files.chdir,
    "sql": network.sql,
    "attribute": code.attribute,
    "same": code.same,
    "apply": code.applied,
    "give": code.give,
    "map": code.mapped,
    "home": files.home,
}
