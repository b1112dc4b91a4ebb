"""Stores and reports figures: a table per job, and BENCHMARKS.md for all jobs."""

import json
import os
import subprocess
import time
from statistics import median

import growth

UNITS = ["B", "kB", "MB", "GB"]
METHOD = """\
For each job, all programs run one after another, and this round is repeated. A figure is the median of the runs; the
spread is the smallest and the largest. Wall-clock time runs from the start of the first program to the end of the
last. CPU time, peak memory and minor page faults are summed over all processes of a pipeline, including `cat`. Peak
memory is the sum of the peaks of the processes, including pages of mapped files; *anonymous* excludes those. All data
is in the page cache, all programs write zstd at level 1, and output files are unlinked after each run. Jobs that
write a file run without and with `fsync` (our tools wait for the disk unless given `--no-sync`; the others are made
to wait). Each program uses its default number of threads: our tools, DuckDB, Polars, chDB and pyarrow's datasets use
all cores where they can, the plain programs one each.

*plain* is a straightforward program on arrow-rs for each tool (`benches/plain`), also measured with pipes of 1 MiB.
The programs for the other systems are in `benches/peers`. The ratio compares with plain on ordinary pipes or the best
other system, whichever is faster, in the same run. The goal is the largest ratio aimed for."""


class Kept:
    """The runs of each job, in one file per job next to the data."""

    def __init__(self, data, rows):
        self.data = data
        self.directory = os.path.join(data, "results")
        self.rows = rows
        os.makedirs(self.directory, exist_ok=True)

    def load(self, name):
        if not os.path.exists(self.path(name)):
            return {}
        with open(self.path(name)) as file:
            return json.load(file)

    def store(self, name, results):
        with open(self.path(name), "w") as file:
            json.dump(results, file, indent=1)

    def path(self, name):
        return os.path.join(self.directory, f"{name}.json")

    def write(self, target, jobs, python):
        """Writes a report on all jobs that were run on this number of rows, and on growth."""
        done = [(job, results) for job in jobs if (results := self.load(job.name))]
        parts = ["# Benchmarks\n", f"Written by `scripts/bench --rows {self.rows}`; do not edit.\n"]
        parts += [summary(done), METHOD + "\n", self.circumstances(python)]
        parts += ["## Job by job\n"]
        for job, results in done:
            parts += [job_table(job, results), commands(results)]
        if grown := self.load("growth"):
            parts.append(growth.table(grown))
        with open(target, "w") as file:
            file.write("\n".join(parts))

    def circumstances(self, python):
        kinds = ("mixed", "sampling", "groups", "keys")
        files = [name for name in sorted(os.listdir(self.data)) if name.startswith(kinds)]
        sizes = [f"`{name}` {size(os.path.getsize(os.path.join(self.data, name)))}" for name in files]
        lines = [
            "## Circumstances\n",
            f"- {time.strftime('%Y-%m-%d')}, commit {told('git', 'rev-parse', '--short', 'HEAD')}",
            f"- {machine()}",
            f"- {told('rustc', '--version')}; {crates()}; {systems(python)}",
            f"- {self.rows:,} rows of nine mixed columns: {', '.join(sizes)}",
            "- `with_NAME.py` is `benches/peers/with_NAME.py`, run by the Python that has these; `plain` is"
            " `cargo build --release --bench plain`; `scripts/bench` makes the files",
        ]
        return "\n".join(lines) + "\n"


def run_of(measured):
    return {
        "seconds": measured.seconds,
        "extrapolated": measured.extrapolated,
        "processes": [vars(process) for process in measured.processes],
    }


def total(run, what):
    return sum(process[what] for process in run["processes"])


def seconds(result):
    return median(run["seconds"] for run in result["runs"])


def is_ours(name):
    return name.startswith(("arrow-pipes", "before"))


def yardstick(job, results):
    """The contender that the goal compares with, and its seconds: plain or the best other system."""
    others = [name for name in results if not is_ours(name) and name != "plain, 1 MiB pipes"]
    names = [name for name in job.against or others if name in results]
    best = min(names, key=lambda name: seconds(results[name]), default=None)
    return best, best and seconds(results[best])


def summary(done):
    lines = ["| job | ours, s | plain, s | plain, 1 MiB pipes, s | best other, s | ratio | goal |"]
    lines.append("|---|--:|--:|--:|--:|--:|--:|")
    for job, results in done:
        best, best_seconds = yardstick(job, results)
        outside = [name for name in results if not is_ours(name) and not name.startswith("plain")]
        outside = [name for name in job.against or outside if name in results]
        outside = min(outside, key=lambda name: seconds(results[name]), default=None)
        for name, goal in job.goals:
            if name not in results:
                continue
            ratio = seconds(results[name]) / best_seconds if best else None
            cells = [
                job.title + name.removeprefix("arrow-pipes"),
                f"{seconds(results[name]):.3f}",
                *(
                    f"{seconds(results[plain]):.3f}" if plain in results else "–"
                    for plain in ("plain", "plain, 1 MiB pipes")
                ),
                f"{seconds(results[outside]):.3f} ({outside})" if outside else "–",
                "–" if ratio is None else f"**{ratio:.2f}**" if ratio <= goal else f"{ratio:.2f}",
                f"≤ {goal}",
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n\nRatios that meet their goal are bold.\n"


def job_table(job, results):
    """A Markdown table of one job, fastest first."""
    best, best_seconds = yardstick(job, results)
    goals = dict(job.goals)
    lines = [f"### {job.title}\n", "| | seconds | spread | ratio | goal | CPU s | peak MiB | anonymous | page faults |"]
    lines.append("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name, result in sorted(results.items(), key=lambda pair: seconds(pair[1])):
        cells = [
            f"**{name}**" if name.startswith("arrow-pipes") else name,
            f"{seconds(result):.3f}",
            "{:.3f}–{:.3f}".format(*extremes(result)),
            f"{seconds(result) / best_seconds:.2f}" if best and job.goals else "",
            f"≤ {goals[name]}" if name in goals else "",
            *costs(result),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    if job.note:
        lines += ["", job.note]
    return "\n".join(lines) + "\n"


def extremes(result):
    runs = [run["seconds"] for run in result["runs"]]
    return min(runs), max(runs)


def costs(result):
    """CPU time, memory and faults; none if only a part of the work was run."""
    if result["runs"][0].get("extrapolated"):
        return ["–"] * 4
    middle = {w: median(total(run, w) for run in result["runs"]) for w in ("cpu", "peak", "anonymous", "faults")}
    return [
        f"{middle['cpu']:.2f}",
        f"{middle['peak']:.0f}",
        f"{middle['anonymous']:.0f}",
        f"{middle['faults']:,.0f}",
    ]


def commands(results):
    width = max(map(len, results))
    return "\n".join(["```", *(f"{name:{width}}  {result['line']}" for name, result in results.items()), "```\n"])


def machine():
    with open("/proc/cpuinfo") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    with open("/sys/kernel/mm/transparent_hugepage/enabled") as file:
        huge = file.read().split("[")[1].split("]")[0]
    kernel = os.uname()
    return (
        f"{os.cpu_count()} × {models[0] if models else kernel.machine}, {memory:.0f} GiB, {kernel.sysname}"
        f" {kernel.release}, huge pages: {huge}"
    )


def crates():
    with open("Cargo.lock") as file:
        blocks = file.read().split("[[package]]")
    versions = {}
    for block in blocks[1:]:
        fields = dict(line.split(" = ", 1) for line in block.splitlines() if " = " in line)
        versions[fields["name"].strip('"')] = fields["version"].strip('"')
    return ", ".join(f"{name} {versions[name]}" for name in ("arrow", "parquet"))


def systems(python):
    if not python or not os.path.exists(python):
        return "no other systems"
    listed = json.loads(told(python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"))
    versions = {entry["name"]: entry["version"] for entry in listed}
    names = [name for name in ("pyarrow", "duckdb", "polars", "chdb") if name in versions]
    return f"{told(python, '--version')}, " + ", ".join(f"{name} {versions[name]}" for name in names)


def told(*words):
    return subprocess.run(words, capture_output=True, text=True).stdout.strip()


def size(count):
    for unit in UNITS:
        if count < 1000 or unit == UNITS[-1]:
            return f"{count:.3g} {unit}"
        count /= 1000
