"""Permanent restrictions of the child process to what reading one file needs.

Three independent mechanisms: resource limits (any Unix), Landlock (Linux 5.13+: no file outside the given folders) and
seccomp (Linux on x86-64 and arm64: no sockets, no new programs). None needs privileges.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterable

_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _EPERM, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_X32 = 0x40000000  # x32 system calls carry this bit and would bypass a filter by number

# machine: (audit number, refused system calls). Sockets, programs, other processes, ways around the filter.
_REFUSED = {
    "x86_64": (
        0xC000003E,
        # socket connect accept sendto sendmsg bind listen socketpair fork vfork execve kill ptrace tkill
        # open_by_handle_at process_vm_readv/writev bpf execveat io_uring_setup
        (41, 42, 43, 44, 46, 49, 50, 53, 57, 58, 59, 62, 101, 200, 304, 310, 311, 321, 322, 425),
    ),
    "aarch64": (
        0xC00000B7,
        # ptrace kill tkill socket socketpair bind listen accept connect sendto sendmsg execve open_by_handle_at
        # process_vm_readv/writev bpf execveat io_uring_setup
        (117, 129, 130, 198, 199, 200, 201, 202, 203, 206, 211, 221, 265, 270, 271, 280, 281, 425),
    ),
}

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # Landlock; the same on both machines
_ALL_RIGHTS = (1 << 13) - 1  # every file right of Landlock's first version
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_O_PATH = 0o10000000


def limit(*, memory: int, cpu_s: int, file_size: int) -> None:
    """Limit address space (bytes), processor time (s) and the size of any written file (bytes)."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if platform.system() == "Linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def restrict(writable: str, readable: Iterable[str]) -> list[str]:
    """Deny access to the network and to files outside these folders; return the mechanisms in force."""
    if platform.system() != "Linux":
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return []
    in_force = {"landlock": _landlock(libc, writable, readable), "seccomp": _seccomp(libc)}
    return [name for name, holds in in_force.items() if holds]


def _landlock(libc: ctypes.CDLL, writable: str, readable: Iterable[str]) -> bool:
    attributes = ctypes.create_string_buffer(struct.pack("=Q", _ALL_RIGHTS), 8)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(8), 0)
    if ruleset < 0:
        return False
    try:
        _allow_folder(libc, ruleset, writable, _ALL_RIGHTS & ~1)  # all but executing
        for folder in readable:
            _allow_folder(libc, ruleset, folder, _READ_FILE | _READ_DIR)
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow_folder(libc: ctypes.CDLL, ruleset: int, folder: str, rights: int) -> None:
    handle = os.open(folder, _O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, handle), 12)
        if libc.syscall(_ADD_RULE, ruleset, 1, rule, 0) != 0:
            raise OSError(ctypes.get_errno(), f"Landlock refuses a rule for {folder}")
    finally:
        os.close(handle)


def _seccomp(libc: ctypes.CDLL) -> bool:
    if platform.machine() not in _REFUSED:
        return False
    audit, refused = _REFUSED[platform.machine()]
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audit), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    steps.append((_AT_LEAST, len(refused) + 1, 0, _X32))
    steps += [(_EQUAL, len(refused) - index, 0, number) for index, number in enumerate(refused)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    header = struct.pack("@HP", len(steps), ctypes.addressof(program))
    return bool(libc.prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(header), 0, 0) == 0)
