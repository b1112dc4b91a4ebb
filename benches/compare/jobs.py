"""The jobs of the comparison: names, goals, and the command line of each contender."""

from dataclasses import replace

from job import Contender, Job
from verbs import verbs

PEERS = ["pyarrow", "duckdb", "polars", "chdb"]
BIG_PIPES = 1 << 20


def all_jobs():
    """All jobs; those that write a file once without and once with fsync."""
    jobs = [sampling(), parquet_to_stream(), *filters(), stream_to_parquet(), file_to_stream(), parquet_filter()]
    jobs += [partition(200, [("arrow-pipes", 0.7)]), partition(5000, [])]
    for job in [*jobs, *simple_pipes(), *verbs(), count_row_groups(), start()]:
        yield job
        if job.writes:
            yield with_fsync(job)


def names():
    return [job.name for job in all_jobs()]


def with_fsync(job):
    """The same job, but every contender waits until the file is on disk."""
    return replace(job, name=f"{job.name}-fsync", title=f"{job.title}, with fsync", fsync=True)


def command(job, contender, out):
    """The command line to run. The option for fsync, or for none, differs between the programs."""
    if contender.name.startswith(("arrow-pipes", "before")):
        sync = "" if job.fsync else "--no-sync"
    else:
        sync = ("--sync" if "plain" in contender.name else "sync") if job.fsync else ""
    return " ".join(contender.line.replace("SYNC", sync).replace("OUT", out).split())


def sampling():
    ours = "parquet-to-stream{} sampling.parquet | stream-sample --first 10 --of id --per group"
    ours += " | stream-to-parquet -z zstd:1 SYNC -o OUT"
    return Job(
        "sampling",
        "first ten ids of each group and all their rows, Parquet → Parquet",
        [("arrow-pipes", 0.45), ("arrow-pipes, runs", 0.45)],
        [
            Contender("arrow-pipes", ours.format("")),
            Contender("arrow-pipes, runs", ours.format(" --runs auto")),
            Contender("plain", "plain sample SYNC sampling.parquet OUT"),
            *peers("{} sample sampling.parquet OUT SYNC"),
        ],
        note="Our tools run as three processes, each of the others as one. The Python loop runs over a million"
        " rows; its total is extrapolated.",
    )


def parquet_to_stream():
    return Job(
        "parquet-to-stream",
        "Parquet → stream",
        [("arrow-pipes", 0.55)],
        [
            Contender("arrow-pipes", "parquet-to-stream mixed.parquet | cat >/dev/null"),
            Contender("arrow-pipes, no hints", without_hints("parquet-to-stream mixed.parquet | cat >/dev/null")),
            *plain("plain{} parquet-to-stream mixed.parquet | cat >/dev/null"),
            *peers("{} parquet-to-stream mixed.parquet | cat >/dev/null"),
        ],
    )


def filters():
    for percent in (1, 50, 99):
        filtered = f"cat mixed.arrows | {{}} stream-filter quantity {percent} | cat >/dev/null"
        yield Job(
            f"filter-{percent}",
            f"stream → filter that keeps {percent} % → stream",
            [("arrow-pipes", 0.6)],
            [
                Contender(
                    "arrow-pipes", f"cat mixed.arrows | stream-filter 'quantity < {percent}' | cat >/dev/null"
                ),
                *plain(filtered.replace("{}", "plain{}")),
                *peers(filtered),
            ],
        )


def stream_to_parquet():
    return Job(
        "stream-to-parquet",
        "stream → Parquet",
        [("arrow-pipes", 0.42)],
        [
            Contender("arrow-pipes", "cat mixed.arrows | stream-to-parquet -z zstd:1 SYNC -o OUT"),
            *plain("cat mixed.arrows | plain{} stream-to-parquet SYNC OUT"),
            *peers("cat mixed.arrows | {} stream-to-parquet OUT SYNC"),
        ],
    )


def file_to_stream():
    cat = "cat mixed.arrow | cat >/dev/null"
    return Job(
        "file-to-stream",
        "Arrow file → stream",
        [("arrow-pipes", 0.5)],
        [
            Contender("arrow-pipes", "file-to-stream mixed.arrow | cat >/dev/null"),
            *plain("plain{} file-to-stream mixed.arrow | cat >/dev/null"),
            *peers("{} file-to-stream mixed.arrow | cat >/dev/null"),
            Contender("cat", cat),
            Contender("cat, 1 MiB pipes", cat, BIG_PIPES),
        ],
        against=("cat, 1 MiB pipes",),
        note="The goal is relative to `cat` with the same pipe size: file-to-stream enlarges its pipe to 1 MiB.",
    )


def parquet_filter():
    ours = "parquet-to-stream mixed.parquet | stream-filter 'quantity < 50' | stream-to-parquet -z zstd:1 SYNC -o OUT"
    # Each program enlarges the pipes at both of its ends.
    line = "plain{0} parquet-to-stream mixed.parquet | plain{0} stream-filter quantity 50 | plain{0} stream-to-parquet"
    return Job(
        "parquet-filter",
        "Parquet → filter that keeps 50 % → Parquet",
        [("arrow-pipes", 0.75)],
        [
            Contender("arrow-pipes", ours),
            *plain(line + " SYNC OUT"),
            *peers("{} parquet-filter mixed.parquet quantity 50 OUT SYNC"),
        ],
        note="Our tools and plain run as three processes, each of the others as one.",
    )


def simple_pipes():
    """Pipes without any option that tunes them: each tool tells the one before what it needs."""
    between = "stream-filter '{0} >= {1} AND {0} < {2}' | stream-count"
    yield simple("count-city", "count by a text column of 200 values", 0.6, "stream-count --by city", "count-by city")
    yield simple("count-user", "count by a million integers", 0.8, "stream-count --by user", "count-by user")
    job = simple(
        "filter-user",
        "count the rows of one user",
        0.7,
        "stream-filter 'user = 777' | stream-count",
        "count-between user 777 778",
    )
    tuned = "parquet-to-stream -w 'user = 777' sales.parquet | stream-count >/dev/null"
    job.contenders.insert(1, Contender("arrow-pipes, -w", tuned))
    yield job
    yield simple(
        "window",
        "count an hour of a file that is sorted by time",
        0.5,
        between.format("second", 36000, 39600),
        "count-between second 36000 39600",
    )
    yield simple("sort-count", "sort by a float and count", 0.75, "stream-sort --by price | stream-count", "sort price")
    yield simple("sort", "sort a column of floats", 0.75, "stream-sort --by price", "sort price", "-c price ")


def simple(name, title, goal, ours, query, options=""):
    line = f"parquet-to-stream {options}sales.parquet | {ours} >/dev/null"
    job, *arguments = query.split()
    return Job(
        name,
        f"Parquet → {title}",
        [("arrow-pipes", goal)],
        [
            Contender("arrow-pipes", line),
            Contender("arrow-pipes, no hints", without_hints(line)),
            *peers(f"{{}} {job} sales.parquet {' '.join(arguments)} >/dev/null"),
        ],
        note="The others read only the columns that they need. Our tools run as two or three processes, each of the"
        " others as one.",
    )


def without_hints(line):
    return " | ".join(f"env ARROW_PIPES_HINTS=off {program}" for program in line.split(" | "))


def partition(keys, goals):
    """Keys are in random order: no partition is complete before the end of the stream."""
    ours = f"cat keys-{keys}.arrows | stream-to-parquet -z zstd:1 --memory 512MiB --partition-by key SYNC -o OUT"
    return Job(
        f"partition-{keys}",
        f"stream → {keys:,} partitions of Parquet",
        goals,
        [
            Contender("arrow-pipes", ours),
            *peers(f"cat keys-{keys}.arrows | {{}} partition key OUT SYNC", leave_out="chdb"),
        ],
        note="Our tools are limited to 512 MiB; the others use their default memory.",
    )


def count_row_groups():
    return Job(
        "count",
        "count row groups: 10,750 row groups × 9 columns",
        [("arrow-pipes", 0.5)],
        [
            Contender("arrow-pipes", "file-inspect --count row-groups groups.parquet >/dev/null"),
            Contender("plain", "plain count-row-groups groups.parquet >/dev/null"),
            *peers("{} count-row-groups groups.parquet >/dev/null", leave_out="polars"),
        ],
        note="Polars does not report row groups. The other systems spend most of this time on starting: see the last"
        " job.",
    )


def start():
    return Job(
        "start",
        "start and do nothing",
        [],
        [
            Contender("arrow-pipes", "stream-filter --version >/dev/null"),
            Contender("plain", "plain start >/dev/null"),
            *peers("{} start >/dev/null"),
        ],
        note="Every time above includes this.",
    )


def plain(line):
    yield Contender("plain", line.replace("{}", "").replace("{0}", ""))
    yield Contender("plain, 1 MiB pipes", line.replace("{}", " --big-pipes").replace("{0}", " --big-pipes"))


def peers(line, leave_out=""):
    for peer in PEERS:
        if peer != leave_out:
            yield Contender(peer, line.replace("{}", f"with_{peer}.py"))
