"""The names that rapfiles exports. A change here is one for users: it belongs into CHANGELOG.md."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

import rapfiles

ROOT = Path(__file__).resolve().parents[1]

PACKAGE = """
Assessment DecodeError FileLock FileMetadata MappedFile Path PatternError PatternMatcher Pipeline
PipelineResult RenameReport SearchResult ShuffleReport ShuffleStep Stream StructureMatch
StructurePart StructurePattern Transaction TreeReport WalkEntry WalkTriples append_file assess
atomic_move_file atomic_open atomic_write_file atomic_write_file_bytes base canonicalize configure
copy_dir copy_file copy_files create_dir create_dir_all disk_usage errors exchange exists find
get_xattr glob globs hard_link iglob is_dir is_file is_symlink list_dir list_xattrs lock_file
lock_file_shared map_file metadata metrics move_dir move_file move_files open os ospath pipeline
read_file read_file_bytes read_file_chunked read_files read_files_dict read_lines read_lines_bytes
read_link read_range read_ranges remove_dir remove_dir_all remove_file remove_files remove_xattr
rename rename_files replace scan scan_dir search set_owner set_permissions set_times set_xattr
shuffle shuffle_to shuffle_with stat stat_files stderr stderr_bytes stdin stdin_bytes stdout
stdout_bytes symlink tempfile threadpool touch transaction truncate types walk walk_dir walk_triples
write_file write_file_bytes write_file_chunked write_files
""".split()
OS = """
access getcwd link listdir makedirs mkdir path readlink remove removedirs rename renames replace
rmdir scandir sendfile stat statvfs symlink unlink wrap
""".split()
OSPATH = """
abspath exists getatime getctime getmtime getsize isdir isfile islink ismount lexists realpath
sameopenfile samefile
""".split()
STARLETTE = """
FileNotServed FileResponse SavedUpload StaticFiles UploadTooLarge lifespan routes save_upload
stream_file stream_upload
""".split()
TEMPFILE = ["NamedTemporaryFile", "SpooledTemporaryFile", "TemporaryDirectory", "TemporaryFile"]
THREADPOOL = "open stderr stderr_bytes stdin stdin_bytes stdout stdout_bytes".split()

SURFACE = {
    "rapfiles": PACKAGE,
    "rapfiles.errors": ["DecodeError", "PatternError"],
    "rapfiles.os": [name for name in OS if name in {"path", "wrap"} or hasattr(os, name)],
    "rapfiles.ospath": OSPATH,
    "rapfiles.starlette": STARLETTE,
    "rapfiles.tempfile": TEMPFILE,
    "rapfiles.threadpool": THREADPOOL,
}


@pytest.mark.parametrize("module", SURFACE)
def test_exports(module: str) -> None:
    exported = importlib.import_module(module).__all__
    assert sorted(exported) == sorted(SURFACE[module])
    assert len(exported) == len(set(exported))


@pytest.mark.parametrize("module", SURFACE)
def test_every_export_is_there_and_documented(module: str) -> None:
    owner = importlib.import_module(module)
    for name in owner.__all__:
        value = getattr(owner, name)
        own = getattr(value, "__module__", "").startswith("rapfiles") or isinstance(
            value, ModuleType
        )
        assert not own or inspect.getdoc(value), f"{module}.{name} has no docstring"


def test_every_export_of_the_package_is_in_the_api_pages() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in ROOT.glob("docs/api/*.md"))
    named = set(re.findall(r"^::: rapfiles\.(\w+)|`rapfiles\.(\w+)", pages, re.MULTILINE))
    missing = set(rapfiles.__all__) - {name for pair in named for name in pair}
    assert not missing


def test_no_other_public_name_is_reachable_from_the_package() -> None:
    reachable = {name for name in vars(rapfiles) if not name.startswith("_")}
    assert reachable - set(PACKAGE) <= {"TYPE_CHECKING", "starlette"}


def test_the_installed_package_says_what_it_is() -> None:
    about = metadata.metadata("rapfiles")
    assert about["License-Expression"] == "MIT"
    assert about["Requires-Python"] == ">=3.10"
    assert rapfiles.__version__ == about["Version"]
    assert Path(rapfiles.__file__).with_name("py.typed").is_file()
    assert Path(rapfiles.__file__).with_name("_rapfiles.pyi").is_file()


def test_the_wheel_is_what_is_tested() -> None:
    if not os.environ.get("RAPFILES_TEST_WHEEL"):
        pytest.skip("an editable install is under test, as `make install` makes it")
    package = Path(rapfiles.__file__).resolve().parent
    assert package.is_relative_to(Path(sys.prefix).resolve())
    assert package != ROOT / "rapfiles"
    files = [path.suffix for path in package.rglob("*") if path.is_file()]
    assert len([suffix for suffix in files if suffix in {".so", ".pyd"}]) == 1
