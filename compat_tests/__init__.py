"""aiofiles' own released tests, run unmodified against rapfiles.

    python -m compat_tests [--loop asyncio|uvloop|both] [--now on|off|both]
                           [--subject rapfiles|aiofiles]

The source distribution is fetched from the package index by its hash, unpacked into a fresh
directory for every run, and its tests are run with ``import aiofiles`` resolved to rapfiles while
the real aiofiles is shut out. A run counts only if every test was collected, none was deselected,
and each skip is one of aiofiles' own platform marks.

``--subject aiofiles`` runs the same tests against the code they were released with: what fails
there is the harness or the machine, not rapfiles.
"""

VERSION = "25.1.0"
SHA256 = "a8d728f0a29de45dc521f18f07297428d56992a742f0cd2701ba86e44d23d5b2"
ITEMS = 219
