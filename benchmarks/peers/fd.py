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


OPERATIONS = {"find": find}
