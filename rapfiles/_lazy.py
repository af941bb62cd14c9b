"""What is imported when it is first asked for: most programs need little of it."""

from __future__ import annotations

from importlib import import_module

_SUBMODULES = {"errors", "os", "ospath", "starlette", "tempfile", "types"}
_NAMES = {
    "Assessment": "_structure",
    "DecodeError": "errors",
    "Path": "_path",
    "PatternError": "errors",
    "Pipeline": "_pipeline",
    "PipelineResult": "_pipeline",
    "SearchResult": "_search",
    "ShuffleReport": "_shuffle",
    "ShuffleStep": "_shuffle",
    "StructureMatch": "_structure",
    "StructurePart": "_structure",
    "StructurePattern": "_structure",
    "TreeReport": "_copy",
    "WalkTriples": "_walk",
    "append_file": "_whole",
    "Transaction": "_transaction",
    "assess": "_scan",
    "atomic_move_file": "_atomic",
    "atomic_open": "_atomic_open",
    "atomic_write_file": "_atomic",
    "atomic_write_file_bytes": "_atomic",
    "canonicalize": "_fs",
    "copy_dir": "_copy",
    "copy_file": "_copy",
    "create_dir": "_fs",
    "create_dir_all": "_fs",
    "disk_usage": "_attributes",
    "exchange": "_fs",
    "exists": "_fs",
    "find": "_find",
    "get_xattr": "_attributes",
    "glob": "_glob",
    "globs": "_glob",
    "hard_link": "_fs",
    "iglob": "_glob",
    "is_dir": "_fs",
    "is_file": "_fs",
    "is_symlink": "_fs",
    "list_dir": "_fs",
    "list_xattrs": "_attributes",
    "metadata": "_fs",
    "move_dir": "_copy",
    "move_file": "_copy",
    "pipeline": "_pipeline",
    "read_file_chunked": "_whole",
    "read_lines": "_whole",
    "read_lines_bytes": "_whole",
    "read_link": "_fs",
    "read_range": "_whole",
    "read_ranges": "_whole",
    "remove_dir": "_fs",
    "remove_dir_all": "_copy",
    "remove_file": "_fs",
    "remove_xattr": "_attributes",
    "rename": "_fs",
    "replace": "_fs",
    "scan": "_scan",
    "scan_dir": "_walk",
    "search": "_search",
    "set_owner": "_attributes",
    "set_permissions": "_attributes",
    "set_times": "_attributes",
    "set_xattr": "_attributes",
    "shuffle": "_shuffle",
    "shuffle_to": "_shuffle",
    "shuffle_with": "_shuffle",
    "stat": "_fs",
    "symlink": "_fs",
    "touch": "_fs",
    "transaction": "_transaction",
    "truncate": "_fs",
    "walk": "_walk",
    "walk_dir": "_walk",
    "walk_triples": "_walk",
    "write_file_chunked": "_whole",
}


def lookup(name: str) -> object:
    """The package's ``__getattr__``."""
    if name in _SUBMODULES:
        return import_module(f"{__package__}.{name}")
    if name in _NAMES:
        return getattr(import_module(f"{__package__}.{_NAMES[name]}"), name)
    raise AttributeError(f"module {__package__!r} has no attribute {name!r}")
