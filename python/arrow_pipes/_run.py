"""One execution of a command: its processes and threads, how it ends, and what failed first."""

from __future__ import annotations

import logging
import os
import re
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from arrow_pipes import _command, _descriptors, _interrupts, _stages
from arrow_pipes._drain import Drain
from arrow_pipes._errors import PipeError
from arrow_pipes._feed import Feeder, Source
from arrow_pipes._stages import LOST, Stage

_log = logging.getLogger("arrow_pipes")

#: How long the source may take for a batch that no stage reads any more, in seconds. After that its
#: thread is left alone; it ends when the source returns.
_SOURCE_GRACE = 0.5

#: Messages of stages whose input is incomplete because another stage failed, or whose reader is gone;
#: not the values that a message quotes.
_CONSEQUENCE = re.compile(r"without its end marker|producer stopped early|empty input: |[Bb]roken pipe")

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")

_LOST = "its exit status is unknown, because this program ignores SIGCHLD or waits for any child"

#: The exit status that a shell reports for a program killed by SIGPIPE.
_SHELL_PIPE_STATUS = 128 + signal.SIGPIPE


def _is_consequence(message: str) -> bool:
    return _CONSEQUENCE.search(_QUOTED.sub("", message)) is not None


def parse(command: str, shell: bool) -> list[Stage]:
    """The stages of a command. Errors come before the source is asked for a batch."""
    if shell:
        _command.check_type(command)
        return [Stage.of_shell(command)]
    return [Stage(words) for words in _command.parse(command)]


class Run:
    """The stages of a command that were started, and the threads that serve them."""

    def __init__(
        self, stages: Sequence[Stage], source: Source | None, env: Mapping[str, str | None] | None
    ) -> None:
        self._stages = stages
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._is_over = False
        self._error: BaseException | None = None
        self._feeder: Feeder | None = None
        #: Held while `output` is read: a descriptor must not be closed meanwhile.
        self.reading = threading.RLock()
        ends = _stages.start(self._stages, env, has_input=source is not None)
        #: The descriptor of the output of the last stage.
        self.output = ends.output
        self._drain: Drain | None = None
        try:
            self._drain = Drain(self._stages, ends.errors)
            if source is not None:
                self._feeder = Feeder(source, ends.input)
        except BaseException:
            # The system refuses a thread or a descriptor.
            _stages.end(self._stages)
            _descriptors.close(ends.input)
            self._release(False)
            raise

    def check_owner(self) -> None:
        """Raises an error in a forked child, which has neither the pipes nor the processes."""
        if os.getpid() != self._owner:
            raise ValueError("this pipe belongs to the process that forked this one: make it after the fork")

    def check_open(self) -> None:
        """Raises the error that the pipe failed with, or one that says that it is closed."""
        self.check_owner()
        if self._error is not None:
            raise self._error
        if self._is_over:
            raise ValueError("the pipe is closed")

    def finish(self, problem: str = "") -> None:
        """Wait for all stages after the output ended. `problem` says what is wrong with it.

        Raises the exception of the source, or PipeError.
        """
        statuses = self._wait()
        is_first = [False]

        def release(is_reading: bool) -> None:
            is_first[0] = self._begin_end()
            if is_first[0]:
                self._release(is_reading)

        self._complete(release)
        if not is_first[0]:
            self.check_open()
        self._error = self._failure(statuses, problem)
        if self._error is not None:
            raise self._error
        for stage in self._stages:
            if stage.tail:
                _log.info("%s", stage.tail.decode(errors="replace").rstrip("\n"))

    def _wait(self) -> list[int | None]:
        """The exit statuses of all stages; None if a stage did not end by itself.

        Once the last stage has ended, those before it can do no more than wait for a source that takes
        its time. In a shell, they would wait; here they are ended.
        """
        last = self._stages[-1].wait()
        statuses = []
        for stage in self._stages[:-1]:
            asked = -1
            while (status := stage.wait(_SOURCE_GRACE)) is None:
                feeder = self._feeder
                if feeder is not None and asked == feeder.asked > feeder.answered:
                    _stages.end([stage])
                    break
                asked = feeder.asked if feeder is not None else -1
            statuses.append(status)
        return [*statuses, last]

    def fail(self, problem: str) -> NoReturn:
        """End all stages because of the output, whose rest is not read."""
        self.end()
        self._error = self._pipe_error(len(self._stages) - 1, 0, problem)
        raise self._error

    def end(self) -> None:
        """End all stages, quietly. They get no end marker, so none publishes a result.

        An interrupt may come meanwhile; all ends nevertheless.
        """
        if os.getpid() == self._owner:
            self._complete(self._end)

    def drop(self) -> None:
        """The same in the thread that collects garbage, which may hold any lock of Python."""
        if os.getpid() == self._owner:
            self._end(False)

    def _complete(self, work: Callable[[bool], None]) -> None:
        """Do something with the stages that no interrupt stops. `work` gets whether this thread is reading."""
        is_reading = bool(self.reading._is_owned())  # type: ignore[attr-defined]
        _interrupts.complete(lambda: work(is_reading))

    def _end(self, is_reading: bool) -> None:
        if self._begin_end():
            try:
                _stages.end(self._stages)
            finally:
                self._release(is_reading)

    def _begin_end(self) -> bool:
        """Whether the caller is the first that ends the run."""
        with self._lock:
            was_over, self._is_over = self._is_over, True
        return not was_over

    def _release(self, is_reading: bool) -> None:
        """Give back what is left after all stages have ended."""
        try:
            if self._feeder is not None:
                self._feeder.join(_SOURCE_GRACE)
        finally:
            try:
                if self._drain is not None:
                    self._drain.finish()
            finally:
                self._close_output(is_reading)

    def _close_output(self, is_reading: bool) -> None:
        if is_reading:
            # The thread that reads waits for this.
            _descriptors.close(self.output)
        else:
            # A thread that still reads finds the end of the pipe.
            with self.reading:
                _descriptors.close(self.output)

    def _failure(self, statuses: Sequence[int | None], problem: str) -> BaseException | None:
        if self._feeder is not None and self._feeder.error is not None:
            return self._feeder.error
        failed = [place for place, status in enumerate(statuses) if self._has_failed(place, status)]
        causes = [place for place in failed if not _is_consequence(self._message(place))]
        if failed:
            place = (causes or failed)[0]
            return self._pipe_error(place, statuses[place], self._message(place))
        if problem:
            last = len(self._stages) - 1
            return self._pipe_error(last, statuses[last], problem)
        return None

    def _has_failed(self, place: int, status: int | None) -> bool:
        stage = self._stages[place]
        if stage.is_shell:
            return status not in (0, _SHELL_PIPE_STATUS)
        # A program that does not read all of its input, such as stream-head, ends the one before it.
        is_last = place + 1 == len(self._stages)
        if status in (None, -signal.SIGPIPE) and not is_last:
            return False
        # It exits as diff does: with 1 if the tables differ.
        return status != 0 and not (status == 1 and stage.tool == "stream-diff")

    def _message(self, place: int) -> str:
        """The last message in the standard error of a stage, with the name of its program.

        A shell's has those of several programs: preferably one that is no consequence of another.
        """
        stage = self._stages[place]
        lines = stage.tail.decode(errors="replace").rstrip().split("\n")
        prefix = re.compile(r"[a-z]+(-[a-z]+)+: " if stage.is_shell else re.escape(stage.tool) + ": ")
        starts = [number for number, line in enumerate(lines) if prefix.match(line)]
        # A message about an expression has three lines.
        ends = [*starts[1:], len(lines)]
        messages = ["\n".join(lines[start : min(end, start + 3)]) for start, end in zip(starts, ends)]
        causes = [message for message in messages if not _is_consequence(message)]
        return [lines[-1], *messages, *causes][-1]

    def _pipe_error(self, place: int, status: int | None, message: str) -> PipeError:
        stage = self._stages[place]
        if status == LOST:
            status, message = None, _LOST
        tool = stage.tool
        if stage.is_shell and (named := re.match(r"([a-z]+(?:-[a-z]+)+): ", message)):
            tool = named[1]
        killed = _signal_name(-status) if status is not None and status < 0 else None
        stderr = stage.tail.decode(errors="replace")
        message = message.removeprefix(f"{tool}: ")
        return PipeError(tool, stage.command, None if killed else status, killed, message, stderr)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        # Most real-time signals have no name.
        return f"signal {number}"
