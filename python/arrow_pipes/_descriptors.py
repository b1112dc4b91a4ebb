"""Pipes of the kernel that no forked process keeps open.

A program that reads a pipe waits for its end until all copies of the other end are closed. Programs
that this process starts get no copies, because the descriptors are closed on exec. But a child that
`os.fork` or `multiprocessing` makes does not call exec: it closes them when it begins.
"""

from __future__ import annotations

import fcntl
import os
import threading

_open: set[int] = set()

#: While a thread holds it, no other thread forks. A child therefore knows all descriptors. Held also
#: while a process is started: `subprocess` waits for the end of a pipe of its own.
no_forks = threading.RLock()

#: Larger than the default of 64 KiB: 3.4 to 3.9 GB/s through one pipe instead of 1.0.
_PIPE_BYTES = 1 << 20


def pipe(large: bool = False) -> tuple[int, int]:
    """A new pipe: the descriptors for reading and for writing."""
    with no_forks:
        ends = os.pipe()
        _open.update(ends)
    if large and hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:
            # The user's pipes have as many pages as the system allows.
            pass
    return ends


def close(descriptor: int) -> None:
    """Close an end of a pipe."""
    with no_forks:
        if descriptor in _open:
            _open.remove(descriptor)
            os.close(descriptor)


def _before_fork() -> None:
    no_forks.acquire()


def _after_fork_in_parent() -> None:
    try:
        no_forks.release()
    except RuntimeError:
        # The fork began before this module was imported.
        pass


def _after_fork_in_child() -> None:
    global no_forks
    no_forks = threading.RLock()
    for descriptor in _open:
        try:
            os.close(descriptor)
        except OSError:
            pass
    _open.clear()


os.register_at_fork(
    before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
)
