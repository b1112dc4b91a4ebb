"""A job, and what is run for it."""

from dataclasses import dataclass, field


@dataclass
class Contender:
    name: str
    line: str
    # The size of the pipes between the programs, set by the runner before they start.
    pipe_bytes: int | None = None

    @property
    def ours(self):
        return self.name.startswith("arrow-pipes")


@dataclass
class Job:
    name: str
    title: str
    # (our contender, largest ratio): its median relative to plain on ordinary pipes or the best other
    # system, whichever is faster.
    goals: list
    contenders: list = field(default_factory=list)
    # The contenders that the goals compare with; if empty, plain and all peers.
    against: tuple = ()
    note: str = ""
    fsync: bool = False

    @property
    def writes(self):
        return any("OUT" in contender.line for contender in self.contenders)
