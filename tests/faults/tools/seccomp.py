"""Runs a program that may not use some system calls: `seccomp.py openat2=ENOSYS … -- program …`.

Old kernels answer ENOSYS, containers often EPERM. `preadv2.flags` denies only calls with flags
(RWF_NOWAIT), as kernels that know the call and not the flag do. Linux on x86_64 and aarch64.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Mapping

#: name: (number on x86_64, number on aarch64)
NUMBERS = {
    "cachestat": (451, 451),
    "close_range": (436, 436),
    "copy_file_range": (326, 285),
    "eventfd2": (290, 19),
    "faccessat2": (439, 439),
    "io_uring_setup": (425, 425),
    "mincore": (27, 232),
    "openat2": (437, 437),
    "preadv2": (327, 286),
    "pwritev2": (328, 287),
    "renameat2": (316, 276),
    "statx": (332, 291),
}
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

# Classic BPF as <linux/filter.h> has it, and the layout of struct seccomp_data.
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER_AT, ARCH_AT, SIXTH_ARGUMENT_AT = 0, 4, 16 + 5 * 8
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2


def launcher(denied: Mapping[str, str]) -> list[str]:
    """The start of a command line: the program after it runs without these calls."""
    rules = [f"{name}={error}" for name, error in denied.items()]
    return [sys.executable, "-S", "-E", os.path.abspath(__file__), *rules, "--"]


def program(denied: Mapping[str, str], machine: str) -> bytes:
    """The filter: an instruction is (code, jump if true, jump if false, value)."""
    column, arch = MACHINES[machine]
    code = [
        struct.pack("HBBI", LOAD, 0, 0, ARCH_AT),
        struct.pack("HBBI", EQUAL, 1, 0, arch),
        struct.pack("HBBI", RETURN, 0, 0, ALLOW),
    ]
    for rule, error in denied.items():
        name, _, flags_only = rule.partition(".")
        answer = struct.pack("HBBI", RETURN, 0, 0, ERRNO | getattr(errno, error))
        if flags_only:
            answer = (
                struct.pack("HBBI", LOAD, 0, 0, SIXTH_ARGUMENT_AT)
                + struct.pack("HBBI", EQUAL, 1, 0, 0)
                + answer
            )
        code.append(struct.pack("HBBI", LOAD, 0, 0, NUMBER_AT))
        code.append(struct.pack("HBBI", EQUAL, 0, len(answer) // 8, NUMBERS[name][column]))
        code.append(answer)
    code.append(struct.pack("HBBI", RETURN, 0, 0, ALLOW))
    return b"".join(code)


def deny(denied: Mapping[str, str]) -> None:
    """Deny the calls to this thread, to what it starts and executes; there is no way back."""
    code = program(denied, platform.machine())
    buffer = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    )
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS)")
    if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_SECCOMP)")


def main(args: list[str]) -> None:
    """Install the filter and become the program."""
    split = args.index("--")
    deny(dict(rule.split("=", 1) for rule in args[:split]))
    os.execvp(args[split + 1], args[split + 1 :])


if __name__ == "__main__":
    main(sys.argv[1:])
