"""Shared by the programs in this directory: choosing the job and waiting for the disk."""

import os
import sys


def run(jobs):
    """Runs the function named on the command line: `stream-filter` is `stream_filter`."""
    name, *arguments = sys.argv[1:]
    jobs[name.replace("-", "_")](*arguments)


def finish(target, sync):
    """Waits until the file, or the directory with its contents, is on disk if the last argument is `sync`."""
    if not sync:
        return
    if os.path.isdir(target):
        # One call for all files of the file system; nothing else is written meanwhile.
        os.sync()
        return
    file = os.open(target, os.O_RDWR)
    os.fsync(file)
    os.close(file)
