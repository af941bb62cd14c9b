"""One run of the unpacked tests in a process of its own: ``child.py TREE SUBJECT LOOP RESULT``.

Run as a file, never with the repository on the path, so that the rapfiles under test is the
installed one.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def adopt_package() -> None:
    """Make ``compat_tests`` importable without putting the directory that holds it on the path."""
    spec = importlib.util.spec_from_file_location(
        "compat_tests", HERE / "__init__.py", submodule_search_locations=[str(HERE)]
    )
    assert spec is not None and spec.loader is not None, "a file has a loader"
    package = importlib.util.module_from_spec(spec)
    sys.modules["compat_tests"] = package
    spec.loader.exec_module(package)


def main(tree: Path, subject: str, loop: str, result: Path) -> int:
    """Run the tests below ``tree``, write what was seen to ``result``; pytest's exit code."""
    from compat_tests import alias, privilege
    from compat_tests.watch import Watch

    privilege.respect_permissions()
    wall = None
    if subject == "rapfiles":
        wall = alias.install()
    else:
        sys.path.insert(0, str(tree / "src"))

    import aiofiles
    import pytest

    watch = Watch()
    watch.use_loop(loop)
    arguments = ["-c", str(tree / "pyproject.toml"), "--rootdir", str(tree), str(tree / "tests")]
    arguments += ["-q", "-rfE", "-p", "pytest_asyncio.plugin", "-p", "no:cacheprovider"]
    arguments += ["--continue-on-collection-errors"]
    arguments += ["-o", "faulthandler_timeout=120"]
    code = int(pytest.main(arguments, plugins=[watch]))
    if wall is not None:
        watch.problems += alias.intruders(wall)
    elif not Path(aiofiles.__file__).is_relative_to(tree):
        watch.problems.append(f"aiofiles comes from {aiofiles.__file__}, not from the archive")
    seen = {"code": code, "file": aiofiles.__file__, **vars(watch)}
    result.write_text(json.dumps(seen))
    return code


if __name__ == "__main__":
    # The interpreter put the script's own directory first.
    sys.path.remove(str(HERE))
    adopt_package()
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])))
