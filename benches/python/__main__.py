"""Sends the batches of a stream many times through three tools, from Python and from a shell, in turns,
and prints the median time, CPU time and peak memory of each as a table in Markdown.

    python benches/python --tools DIRECTORY [--gigabytes N] [--runs N] [--only WORD...]

`arrow_pipes.pipe` and a plain version with `subprocess` get batches from a generator, the shell from
`cat`, or from the file itself as an operand of the first tool, which then reads no pipe.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent

ROWS = 262144
COLUMNS = """id = random(int64 0..1000000000), city = random(choice 50), price = random(float64),
amount = random(normal 10 3), day = random(date 2020-01-01..2021-01-01), name = random(text 5..20),
a = random(int64 0..100), b = random(float64), c = random(float64), d = random(int64 0..9999)"""
FIRST = "stream-filter 'price > 0.5'"
REST = "stream-select 'id, city, price * 2 AS twice, name, amount' | stream-filter 'amount > 8'"


def measured(command):
    """Seconds, CPU seconds of all processes, and the memory of Python, without its imports."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status:
        raise SystemExit(f"{command[:3]} failed")
    if command[0] == sys.executable:
        return tuple(map(float, printed.split()))
    return seconds, usage.ru_utime + usage.ru_stime, None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", required=True)
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[""], help="words in the names of sources")
    given = parser.parse_args()
    os.environ["PATH"] = f"{given.tools}:{os.environ['PATH']}"
    os.environ["PYTHONPATH"] = str(HERE.parents[1] / "python")
    # A file system in memory, so that no disk is measured.
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        file = f"{directory}/rows.arrows"
        generate = ["stream-generate", "--rows", str(ROWS), "--batch-rows", "65536", COLUMNS, "-o", file]
        subprocess.run(generate, check=True)
        compare(file, round(given.gigabytes * 1e9 / os.path.getsize(file)), given)


def compare(file, times, given):
    files = " ".join([file] * times)
    python = [sys.executable, str(HERE / "source.py")]
    jobs = {
        "shell, `cat` of the file": ["bash", "-c", f"cat {files} | {FIRST} | {REST} | cat | wc -c"],
        "shell, operands": ["bash", "-c", f"{FIRST} {files} | {REST} | cat | wc -c"],
        "`arrow_pipes.pipe`": [*python, "pipe", file, str(times), f"{FIRST} | {REST}"],
        "`subprocess`": [*python, "subprocess", file, str(times), f"{FIRST} | {REST}"],
    }
    jobs = {name: job for name, job in jobs.items() if any(word in name for word in given.only)}
    results = {name: [] for name in jobs}
    for run in range(given.runs):
        for name, command in jobs.items():
            results[name].append(measured(command))
            print(f"run {run}: {name}: {results[name][-1]}", file=sys.stderr, flush=True)
    print(f"{os.path.getsize(file) * times / 1e9:.1f} GB, medians of {given.runs} runs\n")
    print("| source | seconds | CPU seconds | peak memory of Python beyond import |\n|---|---|---|---|")
    for name, measures in results.items():
        seconds, cpu = (statistics.median(measure[place] for measure in measures) for place in (0, 1))
        memory = "-" if measures[0][2] is None else f"{max(measure[2] for measure in measures):.0f} MiB"
        print(f"| {name} | {seconds:.2f} | {cpu:.2f} | {memory} |")


if __name__ == "__main__":
    main()
