"""ripgrep, the program: it runs in a process of its own and its output is read."""

import os
import shutil
import subprocess

DISTRIBUTION = None
BLOCKING = True

PROGRAM = os.environ.get("RAPFILES_RG") or shutil.which("rg")
if PROGRAM is None:
    raise ImportError("rg is not installed (Debian's package ripgrep)")


def search(regex: str, root: str) -> tuple[int, int]:
    command = [str(PROGRAM), "--no-config", "-uu", "-n", "-H", "--case-sensitive", "-e", regex]
    done = subprocess.run([*command, root], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode > 1:  # 1 says that nothing was found
        done.check_returncode()
    numbers = [int(line.split(":", 2)[1]) for line in done.stdout.splitlines()]
    return len(numbers), sum(numbers)


def walk_tree(root: str) -> tuple[int, int]:
    command = [str(PROGRAM), "--no-config", "-uuu", "--files", root]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    files = done.stdout.count(b"\n")
    return files, len(done.stdout) - files


OPERATIONS = {"search": search, "walk_tree": walk_tree}
