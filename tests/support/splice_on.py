"""Runs a program and splices its output into a second pipe, which is read only when it is full: pages
that the program gave away stay in use long after its own pipe is empty. Prints the number of bytes
and their hash.

splice_on.py plain|without-huge-pages|non-blocking PROGRAM ARGUMENT...
"""

import ctypes
import fcntl
import hashlib
import os
import select
import subprocess
import sys

PR_SET_THP_DISABLE = 41
SPLICE_F_NONBLOCK = 2
F_SETPIPE_SZ = 1031


def main(way, *command):
    passed, passed_write = os.pipe()
    if way == "non-blocking":
        os.set_blocking(passed_write, False)
    refuse = ctypes.CDLL(None, use_errno=True).prctl
    prepare = (lambda: refuse(PR_SET_THP_DISABLE, 1, 0, 0, 0)) if way == "without-huge-pages" else None
    program = subprocess.Popen(command, stdout=passed_write, preexec_fn=prepare)
    os.close(passed_write)
    kept, kept_write = os.pipe()
    try:
        fcntl.fcntl(kept_write, F_SETPIPE_SZ, 1 << 20)
    except OSError:
        pass  # A smaller pipe is fine, too.
    os.set_blocking(kept, False)
    digest, count = hashlib.sha256(), 0
    is_open = True
    while is_open:
        is_full = False
        try:
            is_open = os.splice(passed, kept_write, 1 << 20, flags=SPLICE_F_NONBLOCK) > 0
        except BlockingIOError:
            # Either there is nothing to splice yet, or there is no room.
            is_full = bool(select.select([passed], [], [], 0)[0])
            if not is_full:
                select.select([passed], [], [])
        while is_full or not is_open:
            try:
                piece = os.read(kept, 1 << 20)
            except BlockingIOError:
                break
            digest.update(piece)
            count += len(piece)
    print(count, digest.hexdigest())
    return program.wait()


sys.exit(main(*sys.argv[1:]))
