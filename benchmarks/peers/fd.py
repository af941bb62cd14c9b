"""fd, the program: it runs in a process of its own and its output is read."""

import shutil
import subprocess
from datetime import datetime

DISTRIBUTION = None
BLOCKING = True

PROGRAM = shutil.which("fdfind") or shutil.which("fd")
if PROGRAM is None:
    raise ImportError("fd is not installed (Debian's package fd-find)")


def find(root: str, glob: str, least: int, most: int, since: int) -> list[str]:
    moment = datetime.fromtimestamp(since).isoformat(" ")
    sizes = ["--size", f"+{least}b", "--size", f"-{most}b"]
    command = [str(PROGRAM), "-uu", "--type", "file", *sizes, "--changed-after", moment]
    done = subprocess.run(
        [*command, "--glob", glob, root], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.splitlines()


def walk_tree(root: str) -> tuple[int, int]:
    command = [str(PROGRAM), "-uu", "--type", "file", ".", root]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    files = done.stdout.count(b"\n")
    return files, len(done.stdout) - files


OPERATIONS = {"find": find, "walk_tree": walk_tree}
