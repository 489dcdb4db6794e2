"""Runs checkov many times in one process, since importing it takes longer than most of its scans.

Started with checkov's own Python. Each line of standard input is one scan, as JSON: `folder` to
run in, `arguments`, `environment` to add, `output` and `errors`, the files to write to. The answer
is a line with the exit code. Every scan has a process of its own, forked after the imports.
"""

import json
import os
import sys
import warnings

warnings.simplefilter("ignore", category=SyntaxWarning)

from checkov.main import Checkov  # noqa: E402


def scan(job):
    os.chdir(job["folder"])
    os.environ.update(job["environment"])
    for number, name in ((1, "output"), (2, "errors")):
        os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    try:
        code = Checkov(job["arguments"]).run()
    except SystemExit as stop:
        code = stop.code
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(bool(code))


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        code = 2
        try:
            code = scan(json.loads(line))
        finally:
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
