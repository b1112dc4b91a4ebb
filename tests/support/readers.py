"""Reads Parquet files with parquet-to-stream, pyarrow and DuckDB, and compares the values.

The tools are on the path. Intermediate files go to the working directory.

Rules:
- If pyarrow and DuckDB read a file and agree, parquet-to-stream gives the same rows.
- If only one of them reads it, or they disagree, parquet-to-stream gives the rows of one of them or refuses the file.
- A tool exits with 0 and an empty stderr, or with 1 and one line, within seconds. This holds for file-inspect too.
- If the whole file is refused, the same rules apply to its first column alone.
- `-w` keeps the rows that stream-filter keeps from the full read.
"""

import collections
import concurrent.futures
import os
import pickle
import re
import subprocess
import sys

import pyarrow as pa
from table_values import columns

SECONDS = 20


def ours(arguments, output):
    """Runs a tool. Returns its exit status, a complaint if it ended badly, and its message."""
    with open(output, "wb") as sink:
        try:
            run = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.PIPE, timeout=SECONDS, close_fds=False)
        except subprocess.TimeoutExpired:
            return 1, f"hangs: {' '.join(arguments)}", ""
    message = run.stderr.decode(errors="backslashreplace")
    lines = message.splitlines()
    orderly = (run.returncode == 0 and not lines) or (run.returncode == 1 and len(lines) == 1)
    # Two more lines show the expression: column names of a file can make it ambiguous.
    orderly = orderly or (run.returncode in (1, 2) and len(lines) == 3 and "^" in lines[2])
    if not orderly or re.search(r"internal error|panicked|unwrap\(\)|index out of bounds|RUST_BACKTRACE", message):
        return run.returncode, f"{' '.join(arguments)} ends with {run.returncode} and {message!r}", message
    return run.returncode, None, lines[0] if lines else ""


def rows(path):
    """The columns of a stream, or the reason why it cannot be read."""
    try:
        with pa.OSFile(path) as source:
            table = pa.ipc.open_stream(source).read_all()
        try:
            table.validate(full=True)
        except pa.ArrowInvalid as error:
            # Values out of the declared range come from the file: pyarrow and DuckDB pass them on too.
            if not re.search("does not fit in precision|not within the acceptable range", str(error)):
                raise
        return columns(table)
    except Exception as error:  # any error means that the stream is invalid
        return f"{type(error).__name__}: {error}"


def read_by(reader, lines):
    """The outcomes of a reader. It runs in its own process because a file can crash it."""
    outcomes = []
    program = [sys.executable, os.path.join(os.path.dirname(__file__), "table_values.py"), reader]
    while len(outcomes) < len(lines):
        left = "\n".join(lines[len(outcomes) :])
        run = subprocess.run(program, input=left.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with open(f"{reader}.pickles", "wb") as file:
            file.write(run.stdout)
        with open(f"{reader}.pickles", "rb") as file:
            try:
                while True:
                    outcomes.append(pickle.load(file))
            except EOFError:
                pass
        if len(outcomes) < len(lines):
            outcomes.append(f"the process ends with {run.returncode}")
    return outcomes


class Case:
    def __init__(self, number, name, path, predicates=(), first_column="id", views=("columns", "pages")):
        self.number, self.name, self.path, self.predicates = number, name, path, predicates
        self.first_column, self.views = first_column, views
        self.complaints = []

    def complain(self, complaint):
        if complaint:
            self.complaints.append(complaint)

    def read(self, names=None):
        """The columns that parquet-to-stream gives, or its error message."""
        output = f"{self.number}.{names or 'all'}.arrows"
        status, complaint, message = ours(["parquet-to-stream", *(["-c", names] if names else []), self.path], output)
        self.complain(complaint)
        if status != 0:
            os.unlink(output)
            return message
        found = rows(output)
        if isinstance(found, str):
            self.complain(f"the stream cannot be read: {found}")
        return found

    def run(self):
        self.whole = self.read()
        self.first = None if isinstance(self.whole, list) or not self.first_column else self.read(self.first_column)
        if isinstance(self.whole, list):
            for predicate in self.predicates:
                self.filter(predicate)
        for view in self.views:
            _, complaint, _ = ours(["file-inspect", "--show", view, "--json", self.path], os.devnull)
            self.complain(complaint)
        return self

    def filter(self, predicate):
        whole, kept = f"{self.number}.all.arrows", f"{self.number}.kept.arrows"
        status, complaint, message = ours(["parquet-to-stream", "-w", predicate, self.path], kept)
        self.complain(complaint)
        expected = filtered(whole, predicate)
        if status != 0:
            if isinstance(expected, list):
                self.complain(f"-w {predicate!r} is refused, though the file is read: {message}")
            return
        found = rows(kept)
        if isinstance(expected, list) and found != expected:
            self.complain(f"-w {predicate!r} keeps {found}, and stream-filter {expected}")

    def compare(self, whole, names, pyarrow, duckdb):
        if isinstance(pyarrow, list) and pyarrow == duckdb:
            readers, needed = {"pyarrow and DuckDB": pyarrow}, True
        else:
            readers, needed = {name: r for name, r in (("pyarrow", pyarrow), ("DuckDB", duckdb)) if isinstance(r, list)}, False
        if isinstance(whole, str):
            if needed:
                self.complain(f"{names}: refused, though pyarrow and DuckDB read it: {whole}")
        elif readers and whole not in readers.values():
            self.complain(f"{names}: {short(whole)}, but " + "; ".join(f"{name} {short(r)}" for name, r in readers.items()))


def short(columns):
    text = str(columns if len(columns) == 1 else columns[1:])
    return text if len(text) < 400 else text[:400] + "…"


FILTERED = {}


def filtered(path, predicate):
    """The rows that stream-filter keeps. Most variations give the same stream, so results are cached."""
    with open(path, "rb") as file:
        key = (file.read(), predicate)
    if key not in FILTERED:
        output = f"{path}.{abs(hash(predicate))}"
        status, _, message = ours(["stream-filter", predicate, path], output)
        FILTERED[key] = rows(output) if status == 0 else message
    return FILTERED[key]


def compare(cases, first_column="id"):
    """Reads all cases and records the violations of the rules in them."""
    with concurrent.futures.ThreadPoolExecutor() as pool:

        def others(names, cases):
            lines = [f"{names}\t{case.path}" for case in cases]
            return [pool.submit(read_by, reader, lines) for reader in ("pyarrow", "duckdb")]

        whole = others("", cases)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as tools:
            list(tools.map(Case.run, cases))
        for case, *outcomes in zip(cases, *[reader.result() for reader in whole]):
            case.others = outcomes
            case.compare(case.whole, "all", *outcomes)
        refused = [case for case in cases if case.first is not None]
        alone = others(first_column, refused) if first_column else []
        for case, *outcomes in zip(refused, *[reader.result() for reader in alone]):
            case.compare(case.first, f"{first_column} alone", *outcomes)
    return cases


def violations(cases, allowed, is_whole=True):
    """The violations that are not allowed, and the entries of `allowed` that match none.

    An entry is (pattern for names, pattern for complaints, reason).
    """
    wrong, used = [], collections.Counter()
    for case in cases:
        for complaint in case.complaints:
            matches = lambda entry: re.search(entry[0], case.name) and re.search(entry[1], complaint)
            entry = next((entry for entry in allowed if matches(entry)), None)
            used[entry] += 1
            if entry is None:
                wrong.append(f"{case.name}: {complaint}")
    return wrong + [f"allowed, but does not occur: {entry}" for entry in allowed if is_whole and not used[entry]]
