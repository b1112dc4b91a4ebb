"""The processes of a pipe: starting them, what they report, ending them."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from arrow_pipes import _descriptors
from arrow_pipes._programs import find_program

#: How long a stage may take to remove its temporary files after SIGTERM, in seconds.
_GRACE = 2.0

#: Between two looks whether a stage has ended, in seconds.
_PAUSE = 0.01

#: How much of a stage's standard error is kept by default, in bytes.
_TAIL_BYTES = 16 * 1024


#: The exit status of a stage if it is unknown.
LOST = 1 << 16


class Stage:
    """One program of a pipe."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self.tool = os.path.basename(words[0])
        # `arrow-pipes stream-head` is stream-head, also in its messages.
        if self.tool == "arrow-pipes" and len(words) > 1 and not words[1].startswith("-"):
            self.tool = words[1]
        #: The program and its arguments; of a shell only the command that it runs.
        self.command = shlex.join(words)
        self.is_shell = False
        #: The last bytes of its standard error.
        self.tail = b""
        self.most_tail_bytes = _TAIL_BYTES
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def of_shell(command: str) -> Stage:
        """A command that bash runs."""
        # bash waits for its programs before the trap, and so collects them.
        stage = Stage(["bash", "-o", "pipefail", "-c", f"trap 'exit 143' TERM; {command}"])
        stage.command = command
        stage.is_shell = True
        return stage

    def start(self, file: str, stdin: int, stdout: int, stderr: int, environment: dict[str, str] | None) -> None:
        with _descriptors.no_forks:
            self._process = subprocess.Popen(
                self.words,
                executable=file,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=environment,
                # A group of its own, so that all programs that the shell starts can be ended.
                start_new_session=self.is_shell,
            )

    def wait(self, seconds: float | None = None) -> int | None:
        """The exit status; of a stage killed by a signal, its negative number; None if it still runs.

        LOST if another part of this program took it.
        """
        process = self._process
        assert process is not None
        deadline = None if seconds is None else time.monotonic() + seconds
        while process.returncode is None and hasattr(os, "waitid"):
            # Without taking the status: Popen would return 0 if there is none.
            options = os.WEXITED | os.WNOWAIT | (0 if deadline is None else os.WNOHANG)
            try:
                if os.waitid(os.P_PID, process.pid, options) is not None:
                    break
            except ChildProcessError:
                # Unless another thread of a pipe has just taken it.
                is_lost = process.returncode is None
                status = process.wait()
                return LOST if is_lost else status
            if deadline is not None and time.monotonic() > deadline:
                return None
            time.sleep(_PAUSE)
        return process.wait()

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def end(self, deadline: float) -> None:
        """Kill the stage if it still runs at `deadline`, and wait for it."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        # A shell may be gone before programs that it started in the background.
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if not self.is_shell:
            self._process.send_signal(number)
            return
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass


def end(stages: Sequence[Stage]) -> None:
    """End stages that may still run, and wait for them."""
    for stage in stages:
        stage.terminate()
    deadline = time.monotonic() + _GRACE
    for stage in stages:
        stage.end(deadline)


class Ends(NamedTuple):
    """The descriptors of this process."""

    #: For writing to the first stage, or -1.
    input: int
    #: For reading from the last stage.
    output: int
    #: For reading the standard error of each stage.
    errors: list[int]


def start(stages: Sequence[Stage], env: Mapping[str, str | None] | None, has_input: bool) -> Ends:
    """Start the stages, connected by pipes."""
    environment = _environment(env)
    path = environment.get("PATH", os.defpath) if environment is not None else None
    files = [find_program(stage.words[0], path) for stage in stages]
    opened: list[int] = []

    def pipe(large: bool = True) -> tuple[int, int]:
        ends = _descriptors.pipe(large)
        opened.extend(ends)
        return ends

    def close(descriptor: int) -> None:
        opened.remove(descriptor)
        _descriptors.close(descriptor)

    try:
        stdin, source = pipe() if has_input else (subprocess.DEVNULL, -1)
        errors = []
        for stage, file in zip(stages, files):
            output, stdout = pipe()
            error, stderr = pipe(large=False)
            errors.append(error)
            stage.start(file, stdin, stdout, stderr, environment)
            if stdin != subprocess.DEVNULL:
                close(stdin)
            close(stdout)
            close(stderr)
            stdin = output
        return Ends(source, output, errors)
    except BaseException:
        for descriptor in opened:
            _descriptors.close(descriptor)
        end(stages)
        raise


def _environment(env: Mapping[str, str | None] | None) -> dict[str, str] | None:
    if env is None:
        return None
    merged: dict[str, str | None] = {**os.environ, **env}
    return {name: value for name, value in merged.items() if value is not None}
