"""Moves standard input to standard output, both pipes, with splice(2) and without a copy, as `pv` and
some `cat`s do. Pages given to the first pipe by vmsplice(2) stay in the second one until its reader
has taken them: writing to them again changes what that reader sees.

    splice.py         moves the data as described
    splice.py --hash  the slow last reader: takes 1,000 bytes at a time, prints their SHA-256
    splice.py --reuse a writer that breaks the rule, which the hash must detect
"""

import ctypes
import fcntl
import hashlib
import mmap
import os
import stat
import struct
import sys
import termios

PIPE_BYTES = 1 << 20
STEP_BYTES = 1 << 16


def enlarge(*descriptors):
    for descriptor in descriptors:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def move():
    enlarge(0, 1)
    while os.splice(0, 1, PIPE_BYTES):
        pass


def slow_hash():
    enlarge(0)
    digest, count = hashlib.sha256(), 0
    while part := os.read(0, 1000):
        digest.update(part)
        count += len(part)
    print(digest.hexdigest(), count)


def reuse():
    """Writes the same memory eight times, changing it as soon as the pipe is empty."""
    libc = ctypes.CDLL(None, use_errno=True)
    memory = mmap.mmap(-1, STEP_BYTES)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for letter in b"abcdefgh":
        memory[:] = bytes([letter]) * STEP_BYTES
        left = STEP_BYTES
        while left:
            vector = struct.pack("PN", address + STEP_BYTES - left, left)
            moved = libc.vmsplice(1, vector, 1, 0)
            if moved < 0:
                raise OSError(ctypes.get_errno(), "vmsplice")
            left -= moved
        waiting = bytearray(4)
        while fcntl.ioctl(1, termios.FIONREAD, waiting) == 0 and any(waiting):
            pass


{"": move, "--hash": slow_hash, "--reuse": reuse}["".join(sys.argv[1:])]()
