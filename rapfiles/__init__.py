"""Async filesystem I/O: what the kernel can answer at once, is; the rest takes one hop."""

from typing import TYPE_CHECKING

from . import _engine as _engine
from . import base, threadpool
from ._files import read_file, read_file_bytes, write_file, write_file_bytes
from ._rapfiles import FileMetadata, PatternMatcher, Stream, WalkEntry
from ._rapfiles import __version__ as __version__
from ._settings import configure, metrics
from .threadpool import (
    open,  # noqa: A004
    stderr,
    stderr_bytes,
    stdin,
    stdin_bytes,
    stdout,
    stdout_bytes,
)

if TYPE_CHECKING:
    from . import errors, os, ospath, tempfile, types
    from ._atomic import atomic_move_file, atomic_write_file, atomic_write_file_bytes
    from ._atomic_open import atomic_open
    from ._attributes import (
        disk_usage,
        get_xattr,
        list_xattrs,
        remove_xattr,
        set_owner,
        set_permissions,
        set_times,
        set_xattr,
    )
    from ._batch import (
        copy_files,
        move_files,
        read_files,
        read_files_dict,
        remove_files,
        stat_files,
        write_files,
    )
    from ._copy import TreeReport, copy_dir, copy_file, move_dir, move_file, remove_dir_all
    from ._find import find
    from ._fs import (
        canonicalize,
        create_dir,
        create_dir_all,
        exchange,
        exists,
        hard_link,
        is_dir,
        is_file,
        is_symlink,
        list_dir,
        metadata,
        read_link,
        remove_dir,
        remove_file,
        rename,
        replace,
        stat,
        symlink,
        touch,
        truncate,
    )
    from ._glob import glob, globs, iglob
    from ._lock import FileLock, lock_file, lock_file_shared
    from ._map import MappedFile, map_file
    from ._path import Path
    from ._pipeline import Pipeline, PipelineResult, pipeline
    from ._rename import RenameReport, rename_files
    from ._scan import assess, scan
    from ._search import SearchResult, search
    from ._shuffle import ShuffleReport, ShuffleStep, shuffle, shuffle_to, shuffle_with
    from ._structure import Assessment, StructureMatch, StructurePart, StructurePattern
    from ._transaction import Transaction, transaction
    from ._walk import WalkTriples, scan_dir, walk, walk_dir, walk_triples
    from ._whole import (
        append_file,
        read_file_chunked,
        read_lines,
        read_lines_bytes,
        read_range,
        read_ranges,
        write_file_chunked,
    )
    from .errors import DecodeError, PatternError
else:
    from ._lazy import lookup as __getattr__  # noqa: F401

__all__ = [
    "Assessment",
    "DecodeError",
    "FileLock",
    "FileMetadata",
    "MappedFile",
    "Path",
    "PatternError",
    "PatternMatcher",
    "Pipeline",
    "PipelineResult",
    "RenameReport",
    "SearchResult",
    "ShuffleReport",
    "ShuffleStep",
    "Stream",
    "StructureMatch",
    "StructurePart",
    "StructurePattern",
    "Transaction",
    "TreeReport",
    "WalkEntry",
    "WalkTriples",
    "append_file",
    "assess",
    "atomic_move_file",
    "atomic_open",
    "atomic_write_file",
    "atomic_write_file_bytes",
    "base",
    "canonicalize",
    "configure",
    "copy_dir",
    "copy_file",
    "copy_files",
    "create_dir",
    "create_dir_all",
    "disk_usage",
    "errors",
    "exchange",
    "exists",
    "find",
    "get_xattr",
    "glob",
    "globs",
    "hard_link",
    "iglob",
    "is_dir",
    "is_file",
    "is_symlink",
    "list_dir",
    "list_xattrs",
    "lock_file",
    "lock_file_shared",
    "map_file",
    "metadata",
    "metrics",
    "move_dir",
    "move_file",
    "move_files",
    "open",
    "os",
    "ospath",
    "pipeline",
    "read_file",
    "read_file_bytes",
    "read_file_chunked",
    "read_files",
    "read_files_dict",
    "read_lines",
    "read_lines_bytes",
    "read_link",
    "read_range",
    "read_ranges",
    "remove_dir",
    "remove_dir_all",
    "remove_file",
    "remove_files",
    "remove_xattr",
    "rename",
    "rename_files",
    "replace",
    "scan",
    "scan_dir",
    "search",
    "set_owner",
    "set_permissions",
    "set_times",
    "set_xattr",
    "shuffle",
    "shuffle_to",
    "shuffle_with",
    "stat",
    "stat_files",
    "stderr",
    "stderr_bytes",
    "stdin",
    "stdin_bytes",
    "stdout",
    "stdout_bytes",
    "symlink",
    "tempfile",
    "threadpool",
    "touch",
    "transaction",
    "truncate",
    "types",
    "walk",
    "walk_dir",
    "walk_triples",
    "write_file",
    "write_file_bytes",
    "write_file_chunked",
    "write_files",
]
