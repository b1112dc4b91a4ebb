"""Work that an interrupt must not leave half done.

Signal handlers run in the main thread, between any two of its instructions, and raise there what ends a
program, such as KeyboardInterrupt. So another thread does the work, and the main thread only waits.
"""

from __future__ import annotations

import _thread
import threading
import time
from collections.abc import Callable

#: Between two looks whether a thread has ended, in seconds: from the first to the last.
_FIRST_PAUSE = 0.00005
_LAST_PAUSE = 0.005


def complete(work: Callable[[], object]) -> None:
    """Do work that raises nothing, and wait for it. An interrupt ends the waiting, not the work.

    If it comes before the work began, nothing is done.
    """
    if threading.get_ident() != threading.main_thread().ident:
        work()
        return
    over = _thread.allocate_lock()
    over.acquire()

    def run() -> None:
        try:
            work()
        finally:
            over.release()

    try:
        # Not a Thread, whose start can be interrupted halfway.
        _thread.start_new_thread(run, ())
    except RuntimeError:
        # The interpreter ends, or the system refuses a thread.
        work()
        return
    over.acquire()


def join(thread: threading.Thread, seconds: float | None = None) -> None:
    """Wait until a thread ends, for at most as many seconds.

    Thread.join would list the thread of `complete` among Python's threads, for ever.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while thread.is_alive() and (deadline is None or time.monotonic() < deadline):
        time.sleep(pause)
        pause = min(2 * pause, _LAST_PAUSE)
