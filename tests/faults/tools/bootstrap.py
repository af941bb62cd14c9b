"""Runs a child script: `bootstrap.py <import paths> <script> <arguments>`.

The interpreter was started with -S -E: no site-packages scan, no environment, a quick start.
What the parent could import, the child can: the paths come as the first argument.
"""

import os
import signal
import sys

# Whoever started this may be killed and leave it alone: it doesn't outlive that for long.
LONGEST_S = 600


def _run() -> None:
    paths, script = sys.argv[1:3]
    sys.path[:0] = [path for path in paths.split(os.pathsep) if path not in sys.path]
    sys.argv[:] = sys.argv[2:]
    signal.alarm(LONGEST_S)
    with open(script, encoding="utf-8") as source:
        code = compile(source.read(), script, "exec")
    # The script becomes the main module, so that nothing of this file outlives the start.
    main = sys.modules["__main__"].__dict__
    main["__file__"] = script
    main["__doc__"] = None
    del main["_run"]
    exec(code, main)


_run()
