"""Changes in directories by Linux's inotify(7), read on the loop: no thread, and no news that we did not ask for."""

import asyncio
import ctypes
import os
import struct

from security_hooks.service.changes import Directories, Report

_MODIFY, _ATTRIB, _CLOSE_WRITE = 0x2, 0x4, 0x8
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF, _OVERFLOW, _ONLYDIR = 0x400, 0x800, 0x4000, 0x0100_0000
_NAMES = _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF | _ONLYDIR
_CONTENTS = _NAMES | _MODIFY | _CLOSE_WRITE | _ATTRIB
_EVENT = struct.Struct("iIII")
_BUFFER = 65_536


class InotifyChanges:
    """Changes by inotify. Every directory is watched under the path it was given."""

    def __init__(self, directories: Directories, report: Report) -> None:
        self._report = report
        self._paths: dict[int, str] = {}
        self._loop = asyncio.get_running_loop()
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = _checked(libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK), "inotify")
        try:
            for directory in sorted(directories.all):
                mask = _CONTENTS if directory in directories.holding else _NAMES
                watch = libc.inotify_add_watch(self._descriptor, os.fsencode(directory), mask)
                self._paths[_checked(watch, directory)] = directory
        except OSError:
            os.close(self._descriptor)
            raise
        self._loop.add_reader(self._descriptor, self._read)

    def close(self) -> None:
        """Report nothing any more."""
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, _BUFFER)
        except BlockingIOError:
            return
        paths: set[str] = set()
        at = 0
        lost = False
        while at < len(data):
            watch, mask, _, size = _EVENT.unpack_from(data, at)
            name = data[at + _EVENT.size : at + _EVENT.size + size].rstrip(b"\0")
            at += _EVENT.size + size
            directory = self._paths.get(watch, "")
            lost |= bool(mask & _OVERFLOW)
            paths.add(f"{directory.rstrip('/')}/{os.fsdecode(name)}" if name else directory)
        self._report(None if lost else frozenset(paths))


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result
