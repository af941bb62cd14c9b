"""pathlib's rglob."""

from pathlib import Path

DISTRIBUTION = None
BLOCKING = True


def walk_tree(root: str) -> tuple[int, int]:
    files = characters = 0
    for path in Path(root).rglob("*"):
        if not path.is_dir():
            files += 1
            characters += len(str(path))
    return files, characters


OPERATIONS = {"walk_tree": walk_tree}
