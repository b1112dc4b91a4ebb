"""The jobs that group, join, compare and summarize tables, beside DuckDB and Polars."""

import shlex

from job import Contender, Job

# The group-by questions of the public database benchmark (G1_1e7_1e2_0_0 at full size): keys and list. The answer
# of question 8 has several rows of each group.
QUESTIONS = {
    1: ("id1", "sum(v1) AS v1"),
    2: ("id1, id2", "sum(v1) AS v1"),
    3: ("id3", "sum(v1) AS v1, avg(v3) AS v3"),
    4: ("id4", "avg(v1) AS v1, avg(v2) AS v2, avg(v3) AS v3"),
    5: ("id6", "sum(v1) AS v1, sum(v2) AS v2, sum(v3) AS v3"),
    6: ("id4, id5", "median(v3) AS middle, stddev(v3) AS deviation"),
    7: ("id3", "max(v1) - min(v2) AS span"),
    8: ("id6", "max(v3, 2) AS largest"),
    9: ("id2, id4", "corr(v1, v2) AS r"),
    10: ("id1, id2, id3, id4, id5, id6", "sum(v3) AS v3, count(*) AS n"),
}

# The join questions: number, table, keys, kind.
JOINS = [
    (1, "small", "id1", "inner"),
    (2, "medium", "id2", "inner"),
    (3, "medium", "id2", "left"),
    (4, "medium", "id5", "inner"),
    (5, "big", "id3", "inner"),
]


def verbs():
    yield from map(question, QUESTIONS)
    yield from (join(*each) for each in JOINS)
    yield many_keys()
    yield comparison()
    yield summary()


def question(number):
    by, items = QUESTIONS[number]
    if number == 8:
        rows = " | stream-select 'id6, unnest(largest) AS largest'"
        others = beside("largest questions.parquet id6 v3 2 >/dev/null")
    else:
        rows, others = "", beside(f"aggregate questions.parquet '{by}' '{items}' >/dev/null")
    return Job(
        f"group-{number}",
        f"Parquet → group-by question {number}",
        # No single question above 1.5; their geometric mean at most 1.0.
        [("arrow-pipes", 1.5)],
        [
            Contender(
                "arrow-pipes",
                f"parquet-to-stream questions.parquet | stream-aggregate --by '{by}' '{items}'{rows} >/dev/null",
            ),
            *others,
        ],
    )


def join(number, table, key, how):
    return Job(
        f"join-{number}",
        f"Parquet → join question {number}: {how}, with the {table} table, by {key}",
        [("arrow-pipes", 1.5 if table == "big" else 1.0)],
        [
            Contender(
                "arrow-pipes",
                f"parquet-to-stream facts.parquet | stream-join {table}.parquet --on {key} --how {how} -c value"
                " >/dev/null",
            ),
            *beside(f"join facts.parquet {table}.parquet {key} {how} >/dev/null"),
        ],
        note="The others do not write the result; Polars does not keep the order of the rows.",
    )


def many_keys():
    return Job(
        "many-keys",
        "Parquet → sum and count by keys that do not repeat, within 256 MiB",
        [],
        [
            Contender(
                "arrow-pipes",
                "parquet-to-stream many-keys.parquet | stream-aggregate --memory 256MiB --by key"
                " 'sum(value) AS value, count(*) AS n' >/dev/null",
            ),
            *beside("aggregate many-keys.parquet key 'sum(value) AS value, count(*) AS n' 256MiB >/dev/null", "polars"),
        ],
        note="Five times as many rows as in other jobs. DuckDB has the same limit; Polars knows none.",
    )


def comparison():
    # The status of a difference is 1.
    ours = shlex.quote("stream-diff --key id --summary mixed.parquet changed.parquet || [ $? = 1 ]")
    return Job(
        "diff",
        "compare two tables that differ in 100 cells, by key",
        [("arrow-pipes", 1.0)],
        [
            Contender("arrow-pipes", f"bash -c {ours} >/dev/null"),
            *beside("diff mixed.parquet changed.parquet id >/dev/null"),
        ],
    )


def summary():
    return Job(
        "summary",
        "summary of nine columns",
        [("arrow-pipes", 1.0)],
        [
            Contender("arrow-pipes", "stream-summary mixed.parquet >/dev/null"),
            Contender("duckdb", "with_duckdb.py summary mixed.parquet >/dev/null"),
        ],
        note="Polars has no summary that streams and counts distinct values.",
    )


def beside(line, leave_out=""):
    for peer in ("duckdb", "polars"):
        if peer != leave_out:
            yield Contender(peer, f"with_{peer}.py {line}")
