"""Measures how cost grows: the same pipeline on 1×, 3× and 10× rows, with one tool observed.

Anonymous 4 KiB faults are the faults that `perf trace` sees outside of file mappings, minus the huge pages
allocated meanwhile, which are faults, too. They show the cost of a tool that takes fresh memory for each
batch. Without perf the table omits them.
"""

import os
import re
import shutil

import measure

TAKES = [1, 3, 10]
OUT = "out.growth"

# The last of our tools is observed. Huge pages are counted for the whole machine, so no program before
# it may use them: `cat` and text do not.
LINES = [
    "stream-generate 'id = 0..ROWS, quantity = random(int64 0..100)' | cat >/dev/null",
    "parquet-to-stream mixed.parquet | cat >/dev/null",
    "parquet-to-stream -w 'quantity < 50' mixed.parquet | cat >/dev/null",
    "file-to-stream mixed.arrow | cat >/dev/null",
    "file-to-stream -w 'quantity < 50' mixed.arrow | cat >/dev/null",
    "cat mixed.arrows | stream-filter 'quantity < 50' | cat >/dev/null",
    "stream-filter 'quantity < 50' <mixed.arrows | cat >/dev/null",
    "cat mixed.arrows | stream-select 'id, amount * 2 AS twice, name' | cat >/dev/null",
    "cat mixed.arrows | stream-sample --first 1000 --of day --per kind | cat >/dev/null",
    "cat mixed.arrows | stream-cat | cat >/dev/null",
    "cat mixed.arrows | stream-head -n -1000 | cat >/dev/null",
    "cat mixed.arrows | stream-tail -n 1000 | cat >/dev/null",
    "cat mixed.arrows | stream-rechunk --batch-rows 10000 | cat >/dev/null",
    "cat mixed.arrows | stream-count --by quantity >/dev/null",
    "cat mixed.arrows | stream-aggregate --by kind 'sum(price), approx_quantile(amount, 0.5)' | cat >/dev/null",
    "cat mixed.arrows | stream-join hundred.arrows --on quantity | cat >/dev/null",
    "stream-join mixed.arrow --on id --sorted mixed.arrows --prefix other_ | cat >/dev/null",
    "cat mixed.arrows | stream-summary >/dev/null",
    "stream-diff --key id mixed.arrow mixed.parquet >/dev/null",
    "cat narrow.arrows | stream-sort --by quantity --memory 64MiB | cat >/dev/null",
    "cat mixed.arrows | stream-to-parquet -z zstd:1 --no-sync -o OUT",
    "cat mixed.arrows | stream-to-file --no-sync -o OUT",
    "cat narrow.arrows | stream-to-csv | cat >/dev/null",
    "cat narrow.arrows | stream-to-csv | csv-to-stream | cat >/dev/null",
    "csv-to-stream narrow.csv | cat >/dev/null",
    "cat narrow.arrows | stream-to-json | cat >/dev/null",
    "cat narrow.arrows | stream-to-json | json-to-stream | cat >/dev/null",
    "json-to-stream narrow.json | cat >/dev/null",
]


def tools():
    return sorted({tool(line) for line in LINES})


def run(place, rows, programs, runs, only, figures):
    """Adds the figures of each pipeline at each size: nanoseconds per row, peaks, faults."""
    counts = [rows * take // TAKES[-1] for take in TAKES]
    for line in [line for line in LINES if only is None or tool(line) in only]:
        figures[line] = [at_size(line, os.path.join(place, f"rows-{count}"), count, programs, runs) for count in counts]
        print(row(line, figures[line]), flush=True)
    return {"rows": counts, "figures": figures}


def at_size(line, directory, rows, programs, runs):
    line = line.replace("ROWS", str(rows)).replace("OUT", OUT)
    measure.warm([line], directory)
    measured = [measure.run(line, directory, programs) for _ in range(runs)]
    which = [process.name for process in measured[0].processes].index(tool(line))
    figure = {
        "nanoseconds": min(run.seconds for run in measured) / rows * 1e9,
        "peak": max(run.processes[which].peak for run in measured),
        "anonymous": max(run.processes[which].anonymous for run in measured),
    }
    figure.update(faults(line, directory, programs))
    if os.path.exists(os.path.join(directory, OUT)):
        os.unlink(os.path.join(directory, OUT))
    return figure


def faults(line, directory, programs):
    if not shutil.which("perf"):
        return {}
    name, seen = tool(line), os.path.join(directory, "faults")
    looked_at = ["perf", "trace", "-F", "all", "--no-syscalls", "-o", seen, *programs[name]]
    before = huge_pages()
    try:
        measure.run(line, directory, {**programs, name: looked_at})
    except measure.Failed:
        return {}
    huge = huge_pages() - before
    with open(seen) as file:
        kinds = [re.search(r"=> (\S+)", fault) for fault in file]
    os.unlink(seen)
    anonymous = sum(not kind[1].startswith("/") or kind[1].startswith("//anon") for kind in kinds if kind)
    return {"faults": anonymous - huge, "huge": huge, "mapped": len(kinds) - anonymous}


def huge_pages():
    """The huge pages of the whole machine since boot: nothing else should be running."""
    with open("/proc/vmstat") as file:
        counters = dict(line.split() for line in file)
    return int(counters["thp_fault_alloc"])


def tool(line):
    """The last of our tools in a pipeline."""
    return [stage[0] for stage in measure.parse(line)[0] if "-" in stage[0]][-1]


def table(grown):
    sizes = ", ".join(f"{count:,}" for count in grown["rows"])
    head = ["## Growth\n", f"The same pipeline on {sizes} rows. The figures are for the last of our tools in it:\n"]
    head.append(
        "| line | ns per row | peak MiB | anonymous MiB | anonymous 4 KiB faults | 2 MiB faults | "
        "mapped files' |"
    )
    head.append("|---|---|---|---|---|---|---|")
    return "\n".join(head + [row(line, figures) for line, figures in grown["figures"].items()]) + "\n"


def row(line, figures):
    def cell(what, form):
        return " / ".join(form.format(figure[what]) if what in figure else "–" for figure in figures)

    cells = [
        f"`{line}`".replace("|", "\\|"),
        cell("nanoseconds", "{:.1f}"),
        cell("peak", "{:.0f}"),
        cell("anonymous", "{:.0f}"),
        cell("faults", "{:,}"),
        cell("huge", "{:,}"),
        cell("mapped", "{:,}"),
    ]
    return "| " + " | ".join(cells) + " |"
