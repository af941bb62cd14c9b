"""Root's power to ignore file permissions, put away: tests of ``access`` can't hold with it."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile

CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522


class PrivilegeError(Exception):
    """File permissions still don't apply to this process."""


def respect_permissions() -> None:
    """Drop both capabilities from this thread's sets, and prove that permissions now hold.

    Call it before other threads start: they inherit the sets, those already running keep theirs.
    """
    if sys.platform == "linux":
        drop(CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)
    if sys.platform != "win32":
        with tempfile.NamedTemporaryFile() as file:
            os.chmod(file.name, 0)
            if os.access(file.name, os.R_OK) or os.access(file.name, os.W_OK):
                raise PrivilegeError(
                    "a file of mode 000 is accessible: run as another user than root"
                )


def drop(*capabilities: int) -> None:
    """Remove ``capabilities`` from the effective, permitted and inheritable sets."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()
    check(libc.capget(header, sets))
    for capability in capabilities:
        # The first three words hold capabilities 0 to 31.
        for word in range(3):
            sets[word] &= ~(1 << capability) & 0xFFFFFFFF
    check(libc.capset(header, sets))


def check(result: int) -> None:
    """Turn a failed libc call into its OSError."""
    if result:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
