"""Figures kept and told: a table per job on the terminal, and BENCHMARKS.md of all that were kept."""

import json
import os
from statistics import median


class Kept:
    """The runs of each job, a file per job beside the data."""

    def __init__(self, data, rows):
        self.directory = os.path.join(data, "results")
        self.rows = rows
        os.makedirs(self.directory, exist_ok=True)

    def load(self, name):
        path = self.path(name)
        return json.load(open(path)) if os.path.exists(path) else {}

    def store(self, name, results):
        with open(self.path(name), "w") as file:
            json.dump(results, file, indent=1)

    def path(self, name):
        return os.path.join(self.directory, f"{name}.json")

    def write(self, target, jobs):
        parts = [job_table(job, results) for job in jobs if (results := self.load(job.name))]
        with open(target, "w") as file:
            file.write("\n".join(parts))


def run_of(measured):
    return {
        "seconds": measured.seconds,
        "processes": [vars(process) for process in measured.processes],
    }


def total(run, what):
    return sum(process[what] for process in run["processes"])


def seconds(result):
    return median(run["seconds"] for run in result["runs"])


def yardstick(job, results):
    """Whom the goal compares with, and his seconds: the better of plain and the best other."""
    others = [name for name in results if not name.startswith(("arrow-pipes", "before")) and name != "plain, 1 MiB pipes"]
    names = [name for name in job.against or others if name in results]
    best = min(names, key=lambda name: seconds(results[name]), default=None)
    return best, best and seconds(results[best])


def job_table(job, results):
    """A Markdown table of one job, the fastest first."""
    best, best_seconds = yardstick(job, results)
    goals = dict(job.goals)
    lines = [f"### {job.title}\n", "| | seconds | spread | ratio | goal | CPU s | peak MiB | anonymous | page faults |"]
    lines.append("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name, result in sorted(results.items(), key=lambda pair: seconds(pair[1])):
        runs = [run["seconds"] for run in result["runs"]]
        middle = lambda what: median(total(run, what) for run in result["runs"])
        cells = [
            f"**{name}**" if name.startswith("arrow-pipes") else name,
            f"{seconds(result):.3f}",
            f"{min(runs):.3f}–{max(runs):.3f}",
            f"{seconds(result) / best_seconds:.2f}" if best else "",
            f"≤ {goals[name]}" if name in goals else "= 1" if name == best else "",
            f"{middle('cpu'):.2f}",
            f"{middle('peak'):.0f}",
            f"{middle('anonymous'):.0f}",
            f"{middle('faults'):,.0f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    if job.note:
        lines += ["", job.note]
    return "\n".join(lines) + "\n"
