"""What the programs beside this one share: which job, and waiting for the disk."""

import os
import sys


def run(jobs):
    """Runs the function that the command line names: `stream-filter` is `stream_filter`."""
    name, *arguments = sys.argv[1:]
    jobs[name.replace("-", "_")](*arguments)


def finish(target, sync):
    """Waits until the disk has the file, or the directory with all that is in it, where the last argument
    is `sync`."""
    if not sync:
        return
    if os.path.isdir(target):
        # One call for all files of the file system, and nothing else is written meanwhile.
        os.sync()
        return
    file = os.open(target, os.O_RDWR)
    os.fsync(file)
    os.close(file)
