"""A stage that passes its input on, and kills what runs it, the first time that it has passed on enough.

Arguments: the file that says that it was done, and what is killed: `worker`, the Python process of the
task, or `executor`, the Java process that has the workers.
"""

import os
import signal
import sys
from pathlib import Path

#: More than a stream without rows, which the driver sends to learn the columns.
ENOUGH = 100_000

#: How many generations up the process is, and what its command line has: nothing else is killed.
GENERATIONS = {"worker": (1, "pyspark.daemon"), "executor": (3, "CoarseGrainedExecutorBackend")}


def main(flag: str, what: str) -> None:
    passed = 0
    while part := os.read(0, 1 << 16):
        write(part)
        passed += len(part)
        if passed >= ENOUGH and is_first(flag):
            os.kill(ancestor(*GENERATIONS[what]), signal.SIGKILL)


def is_first(flag: str) -> bool:
    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def ancestor(generations: int, command: str) -> int:
    process = os.getpid()
    for _ in range(generations):
        stat = Path(f"/proc/{process}/stat").read_text()
        process = int(stat.rpartition(")")[2].split()[1])
    actual = Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    if command not in actual:
        sys.exit(f"kill_once: process {process} is {actual}, not {command}")
    return process


def write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
