"""Prints the median time of each command, from 200 runs that alternate.

Usage: startup.py TITLE=COMMAND...
"""

import os
import statistics
import sys
import time

RUNS = 200


def main():
    commands = [argument.split("=", 1) for argument in sys.argv[1:]]
    times = {title: [] for title, _ in commands}
    for _ in range(RUNS):
        for title, command in commands:
            times[title].append(seconds(command.split()))
    for title, values in times.items():
        print(f"{statistics.median(values) * 1000:6.2f} ms  {title}")


def seconds(command):
    start = time.perf_counter()
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=nowhere)
    os.waitpid(process, 0)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
