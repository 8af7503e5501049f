"""What an argument means to the world: the word before the colon in `write:FILE`."""

from security_hooks.model.closed import Closed


class Role(Closed):
    """Roles of operands and option values. A path's role says what the command does to the file.

    TEXT means nothing to the world. EDIT reads and writes, MOVE takes the file away, MODE changes who may use it, LIST
    looks at names only. RENAME is `s/PATTERN/NAME/`, which gives the names of what is written. SCRIPT is a file of code
    in the command's language, which it runs, and CODE such code itself; SHELL is shell text, PROGRAM a program that it
    runs. CHDIR is the directory in which all else happens, ROOT the one that is `/` for what is run. URL and HOST are
    connected to; DATA is sent there (`@FILE` stands for a file's content), UPLOAD is a file that is sent. FROM and TO
    are a path here or `HOST:PATH`, read or written; a MIRROR is such a TO in which what else is there is deleted.
    REMOTE is sent to: a URL, `HOST:PATH`, a path here, or the name of one of these. VOLUME is `PATH:PLACE`: the path
    here is read and written by what runs. ENV is a variable that is read, SETENV one that is set (`NAME=VALUE`).
    SETTING is a setting of the program that is changed (`NAME=VALUE`, `NAME`), VALUE what the setting before it is set
    to. PROCESS is signalled, PACKAGE installed, OBJECT changed by a command that mutates something.
    """

    TEXT = "text"
    READ = "read"
    WRITE = "write"
    EDIT = "edit"
    DELETE = "delete"
    MOVE = "move"
    MODE = "mode"
    LIST = "list"
    RENAME = "rename"
    SCRIPT = "script"
    CODE = "code"
    SHELL = "shell"
    PROGRAM = "program"
    CHDIR = "chdir"
    ROOT = "root"
    URL = "url"
    HOST = "host"
    DATA = "data"
    UPLOAD = "upload"
    FROM = "from"
    TO = "to"
    MIRROR = "mirror"
    ENV = "env"
    SETENV = "setenv"
    SETTING = "setting"
    VALUE = "value"
    REMOTE = "remote"
    VOLUME = "volume"
    PROCESS = "process"
    PACKAGE = "package"
    OBJECT = "object"


# What is taken somewhere, and where it is taken to.
TAKEN = frozenset((Role.READ, Role.MOVE, Role.FROM))
PLACES = frozenset((Role.WRITE, Role.TO, Role.MIRROR))
