"""A thread that reads the standard errors of all stages, so that none waits until it is read."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Sequence

from arrow_pipes import _descriptors, _interrupts
from arrow_pipes._stages import Stage


class Drain:
    """Keeps the last bytes of each stage's standard error in `Stage.tail`."""

    def __init__(self, stages: Sequence[Stage], errors: Sequence[int]) -> None:
        self._stages = dict(zip(errors, stages))
        stopped = self._stop = -1
        try:
            # The thread sees the end of this pipe when it shall stop, even if a program that a stage left
            # running still has its standard error.
            stopped, self._stop = _descriptors.pipe()
            arguments = (self._stages, stopped)
            self._thread = threading.Thread(target=_drain, args=arguments, name="arrow-pipes stderr", daemon=True)
            self._thread.start()
        except BaseException:
            for descriptor in [*errors, stopped, self._stop]:
                _descriptors.close(descriptor)
            raise

    def finish(self) -> None:
        """Read what is there, and end the thread."""
        _descriptors.close(self._stop)
        if self._thread.ident != threading.get_ident():
            _interrupts.join(self._thread)


def _drain(stages: dict[int, Stage], stopped: int) -> None:
    poll = select.poll()
    for descriptor in [*stages, stopped]:
        os.set_blocking(descriptor, False)
        poll.register(descriptor, select.POLLIN)
    waiting = set(stages)
    while waiting:
        ready = [descriptor for descriptor, _ in poll.poll()]
        for descriptor in ready:
            if descriptor != stopped and not _read(descriptor, stages[descriptor]):
                poll.unregister(descriptor)
                waiting.remove(descriptor)
        if stopped in ready:
            # What was written before the stop is read above or now.
            for descriptor in waiting:
                _read(descriptor, stages[descriptor])
            break
    for descriptor in [*stages, stopped]:
        _descriptors.close(descriptor)


def _read(descriptor: int, stage: Stage) -> bool:
    """Read all that a pipe holds. Whether there may be more later."""
    try:
        data = os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return True
    stage.tail = (stage.tail + data)[-stage.most_tail_bytes :]
    return data != b""
