"""One adapter per library: the same operations, each written as the library's own docs would.

An adapter lists the operations it has in `OPERATIONS` (None: not there yet), names its
`DISTRIBUTION` on the package index, and says `BLOCKING = True` where its operations are plain
calls. The vocabulary:

read_file(path) → bytes             open_read(path) → bytes, through a handle
write_file(path, data)              stat(path), size_of(its result) → int
exists(path) → bool                 read_chunks(path, size, keep) → (chunks, bytes)
count_lines(path) → (lines, last)   list_lines(path) → list[str]
write_pieces(path, piece, count)    count_tree(root) → files below it
walk_tree(root) → (files below it, characters of their paths)
first_path(root) → that of something below it
find(root, glob, least, most, since) → paths of files of such names, sizes and mtimes
glob(pattern) → paths that match it, ** at any depth
search(regex, root) → (lines found, sum of their numbers)
respond(path, seconds) → a Load: how fast a server answers with that file, and with what
copy_tree(source, target), which is not there yet
noop()                              imports() → the module's name

`keep`, where it is given, is called with every chunk: that is how their content is compared.
"""

from collections.abc import Callable
from typing import Any

Keep = Callable[[Any], Any] | None

STANDARD = ("sync", "aiofiles", "anyio", "aiofile", "to_thread", "obstore", "rapfiles 0.2.1")
"""The peers of a row that doesn't name its own, in the order of the table's columns."""

EXISTING = "rapfiles 0.2.1"
"""The earlier package of the same import name: measured in a process and environment of its own."""

NOW_OFF = "rapfiles, now off"
"""rapfiles in a process of its own with RAPFILES_NOW=0."""
