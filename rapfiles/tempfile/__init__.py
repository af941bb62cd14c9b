"""Temporary files and directories, as the standard library's tempfile makes them."""

from ._directory import AiofilesContextManagerTempDir as AiofilesContextManagerTempDir
from ._directory import TemporaryDirectory
from ._named import NamedTemporaryFile
from ._spooled import SpooledTemporaryFile
from ._unnamed import TemporaryFile
from ._wrap import wrap as wrap
from .temptypes import AsyncSpooledTemporaryFile as AsyncSpooledTemporaryFile
from .temptypes import AsyncTemporaryDirectory as AsyncTemporaryDirectory

__all__ = [
    "NamedTemporaryFile",
    "SpooledTemporaryFile",
    "TemporaryDirectory",
    "TemporaryFile",
]
