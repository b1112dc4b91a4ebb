"""Runs one pipeline and measures wall-clock time, and CPU time, peak memory and page faults of each process.

Each process is waited for individually (wait4), so that its figures are its own. The kernel's peak of
resident memory is inherited across fork, so it is never below that of this interpreter. Smaller peaks, and
the anonymous part, are read from /proc while the process runs.
"""

import fcntl
import os
import resource
import shlex
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

F_SETPIPE_SZ = 1031
LOOK_SECONDS = 0.01


class Failed(Exception):
    pass


@dataclass
class Process:
    """One process: CPU time in seconds, peak memory in MiB, minor page faults."""

    name: str
    cpu: float = 0.0
    peak: float = 0.0
    anonymous: float = 0.0
    faults: int = 0


@dataclass
class Measured:
    """One pipeline: seconds, and its processes from left to right."""

    seconds: float
    processes: list
    # The program did a part of the work; the seconds are its estimate for all of it.
    extrapolated: bool = False

    def total(self, what):
        return sum(getattr(process, what) for process in self.processes)


def run(line, directory, programs, pipe_bytes=None, environment=None):
    """Runs `a x | b <in >out`; `programs` maps the first word of each stage to the words that start it."""
    stages, source, target = parse(line)
    with tempfile.TemporaryFile() as errors, open(os.path.join(directory, target or os.devnull), "wb") as last:
        first = open(os.path.join(directory, source or os.devnull), "rb")
        before, children, processes = first, [], []
        begun = time.perf_counter()
        for number, words in enumerate(stages):
            words = programs.get(words[0], [words[0]]) + words[1:]
            ends = (None, last) if number + 1 == len(stages) else pipe(pipe_bytes)
            children.append(
                subprocess.Popen(
                    words, cwd=directory, env=environment, stdin=before, stdout=ends[1], stderr=errors
                )
            )
            processes.append(Process(os.path.basename(stages[number][0])))
            before.close()
            if ends[0] is not None:
                ends[1].close()
            before = ends[0]
        seconds, statuses = wait(children, processes, begun)
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
    if any(statuses):
        raise Failed(f"{line}: status {statuses}: {said[-2000:]}")
    for words in map(str.split, said.splitlines()):
        if words[:1] == ["extrapolated"]:
            return Measured(float(words[1]), processes, extrapolated=True)
    return Measured(seconds, processes)


def warm(lines, directory):
    """Reads the files that the lines name; otherwise the first line alone would wait for the disk."""
    for word in {word for line in lines for word in line.replace("<", " ").split()}:
        if os.path.isfile(os.path.join(directory, word)):
            with open(os.path.join(directory, word), "rb", buffering=0) as file:
                while file.read(1 << 20):
                    pass


def wait(children, processes, begun):
    """Waits for all processes; the clock stops at the last one, when a shell would continue."""
    pids = {child.pid: number for number, child in enumerate(children)}
    ended = threading.Event()
    looker = threading.Thread(target=look, args=(dict(pids), processes, ended))
    looker.start()
    statuses = [None] * len(children)
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while pids:
        pid, status, usage = os.wait4(-1, 0)
        seconds = time.perf_counter() - begun
        number = pids.pop(pid)
        children[number].returncode = statuses[number] = os.waitstatus_to_exitcode(status)
        process = processes[number]
        process.cpu = usage.ru_utime + usage.ru_stime
        process.faults = usage.ru_minflt
        if usage.ru_maxrss > floor * 1.1:
            process.peak = max(process.peak, usage.ru_maxrss / 1024)
    ended.set()
    looker.join()
    return seconds, statuses


def look(pids, processes, ended):
    """Reads the peak of each process' memory until all have ended."""
    while pids and not ended.wait(LOOK_SECONDS):
        for pid, number in list(pids.items()):
            try:
                with open(f"/proc/{pid}/status") as file:
                    fields = dict(part.split(":", 1) for part in file.read().splitlines())
            except OSError:
                fields = {}
            # A process that has ended but was not waited for yet has no memory.
            if "VmHWM" not in fields:
                del pids[pid]
                continue
            process = processes[number]
            process.peak = max(process.peak, int(fields["VmHWM"].split()[0]) / 1024)
            process.anonymous = max(process.anonymous, int(fields["RssAnon"].split()[0]) / 1024)


def pipe(pipe_bytes):
    ends = os.pipe()
    if pipe_bytes:
        fcntl.fcntl(ends[1], F_SETPIPE_SZ, pipe_bytes)
    return os.fdopen(ends[0], "rb", 0), os.fdopen(ends[1], "wb", 0)


def parse(line):
    """The words of each program, and the files of `<` and `>`."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>")
    lexer.whitespace_split = True
    words = iter(lexer)
    stages, source, target = [[]], None, None
    for word in words:
        if word == "|":
            stages.append([])
        elif word == "<":
            source = next(words)
        elif word == ">":
            target = next(words)
        else:
            stages[-1].append(word)
    return stages, source, target
