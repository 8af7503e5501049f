"""The shim in each wheel, by its headers: of the right machine, static on Linux, signed where macOS asks for it."""

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

pytestmark = pytest.mark.slow

ShimOf = Callable[[str], bytes]


@pytest.mark.parametrize(("part", "machine"), [("musllinux_1_1_x86_64", 62), ("musllinux_1_1_aarch64", 183)])
def test_a_linux_shim_is_a_static_program_of_its_machine(shim_of: ShimOf, part: str, machine: int) -> None:
    elf = shim_of(part)
    assert elf[:5] == b"\x7fELF\x02"
    assert struct.unpack_from("<HH", elf, 16) == (2, machine)  # ET_EXEC
    (start,) = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    kinds = {struct.unpack_from("<II", elf, start + i * size) for i in range(count)}
    # Neither a loader (PT_INTERP) nor anything to load (PT_DYNAMIC); PT_GNU_STACK forbids to execute the stack.
    assert {kind for kind, _ in kinds}.isdisjoint({2, 3})
    assert (0x6474_E551, 6) in kinds
    assert not any(kind == 1 and flags & 3 == 3 for kind, flags in kinds)  # PT_LOAD, writable and executable


@dataclass(frozen=True, slots=True)
class MachO:
    """The load commands of a 64-bit program for macOS, as (number, bytes)."""

    machine: int
    kind: int
    commands: tuple[tuple[int, bytes], ...]

    def only(self, number: int) -> bytes:
        (found,) = (body for kind, body in self.commands if kind == number)
        return found


def read_mach_o(data: bytes) -> MachO:
    magic, machine, _, kind, count, _, _, _ = struct.unpack_from("<8I", data)
    assert magic == 0xFEED_FACF

    def commands() -> Iterator[tuple[int, bytes]]:
        at = 32
        for _ in range(count):
            number, size = struct.unpack_from("<II", data, at)
            yield number, data[at : at + size]
            at += size

    return MachO(machine, kind, tuple(commands()))


@pytest.mark.parametrize(("part", "machine"), [("macosx_11_0_arm64", 0x0100_000C), ("macosx_11_0_x86_64", 0x0100_0007)])
def test_a_macos_shim_is_a_program_of_its_machine_for_macos_11(shim_of: ShimOf, part: str, machine: int) -> None:
    data = shim_of(part)
    header = read_mach_o(data)
    assert (header.machine, header.kind) == (machine, 2)  # MH_EXECUTE
    assert struct.unpack_from("<II", header.only(0x32), 8) == (1, 11 << 16)  # LC_BUILD_VERSION: macOS, from 11.0
    library = header.only(0xC)  # LC_LOAD_DYLIB
    (name,) = struct.unpack_from("<I", library, 8)
    assert library[name:].rstrip(b"\0") == b"/usr/lib/libSystem.B.dylib"
    assert b"/tmp" not in data and b"security-hooks-wheels" not in data


def test_the_arm64_shim_for_macos_is_signed(shim_of: ShimOf) -> None:
    """macOS kills a program for arm64 whose pages are not those of its signature, be it nobody's."""
    data = shim_of("macosx_11_0_arm64")
    (start, _) = struct.unpack_from("<II", read_mach_o(data).only(0x1D), 8)  # LC_CODE_SIGNATURE
    magic, _, count = struct.unpack_from(">III", data, start)
    assert magic == 0xFADE_0CC0
    blobs = [start + struct.unpack_from(">II", data, start + 12 + 8 * i)[1] for i in range(count)]
    (code,) = (blob for blob in blobs if struct.unpack_from(">I", data, blob) == (0xFADE_0C02,))
    _, flags, hashes, _, _, pages, limit = struct.unpack_from(">7I", data, code + 8)
    size, kind, _, page = struct.unpack_from(">4B", data, code + 36)
    assert flags & 2  # ad hoc
    assert (limit, size, kind) == (start, 32, 2)  # all up to the signature itself, by SHA-256
    for number in range(pages):
        whole = data[number << page : min((number + 1) << page, limit)]
        place = code + hashes + number * size
        assert data[place : place + size] == hashlib.sha256(whole).digest()
