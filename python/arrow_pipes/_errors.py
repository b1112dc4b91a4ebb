"""The errors of pipes."""

from __future__ import annotations


class CommandError(ValueError):
    """A command is not a pipe of programs, or needs a shell.

    problem: what is wrong, in one line; the message also shows the place with a caret.
    command: the command.
    position: the index of the character in the command.
    """

    problem: str
    command: str
    position: int

    def __init__(self, problem: str, command: str, position: int) -> None:
        super().__init__(problem, command, position)
        self.problem = problem
        self.command = command
        self.position = position

    def __str__(self) -> str:
        start = self.command.rfind("\n", 0, self.position) + 1
        line = self.command[start:].split("\n", 1)[0]
        return f"{self.problem}\n{line}\n{' ' * (self.position - start)}^"


class PipeError(RuntimeError):
    """A program of a pipe failed.

    If several failed, it is the one that failed first: programs downstream of it only report that
    their input is incomplete. It can be pickled.

    tool: the name of the program, such as "stream-filter".
    command: the program with its arguments, quoted as in a shell.
    status: the exit status; None if a signal killed the program, or if it is unknown.
    signal: the name of the signal that killed the program, such as "SIGKILL", or None. A real-time signal
        without a name is "signal 35".
    message: the last message of the program, without its name (one about an expression has three
        lines), or what is wrong with its output.
    stderr: the end of its standard error, at most 16 KiB.
    """

    tool: str
    command: str
    status: int | None
    signal: str | None
    message: str
    stderr: str

    def __init__(
        self, tool: str, command: str, status: int | None, signal: str | None, message: str, stderr: str
    ) -> None:
        # All arguments, so that the error can be pickled.
        super().__init__(tool, command, status, signal, message, stderr)
        self.tool = tool
        self.command = command
        self.status = status
        self.signal = signal
        self.message = message
        self.stderr = stderr

    def __str__(self) -> str:
        if self.signal is not None:
            what = f"{self.tool} was killed by {self.signal}"
        elif self.status:
            what = f"{self.tool} failed with exit status {self.status}"
        else:
            what = self.tool
        return f"{what}: {self.message}" if self.message else what


# Tracebacks name the place that users import from.
CommandError.__module__ = PipeError.__module__ = "arrow_pipes"
