"""Compares readers on the official Parquet files. tests/support/readers.py has the rules.

Arguments: the directory of the support modules, and the directory of the files. The tools are on the path. Fails with one
line for each violation.
"""

import pathlib
import sys

sys.path.insert(0, sys.argv[1])

import pyarrow.parquet as pq
from readers import Case, compare, violations

# Two strings of 2 GiB, and files that cannot be read without a key.
LEFT_OUT = ["large_string_map.brotli.parquet", ".parquet.encrypted"]

# Intended differences: a pattern for the name of the file, a pattern for the complaint, and the reason.
ALLOWED = [
    (
        r"corrupt-checksum",
        r"^all: refused.*its checksum differs",
        "checksums are verified by default; pyarrow refuses the page too if it verifies checksums",
    ),
]


def predicates(path):
    """Predicates on the first two flat columns."""
    try:
        schema = pq.ParquetFile(path).schema
    except Exception:  # a damaged file has none
        return []
    flat = [schema.column(n).path for n in range(len(schema)) if schema.column(n).max_repetition_level == 0]
    names = [name for name in flat if "." not in name][:2]
    return [f'"{name}" IS {word}' for name in names for word in ("NULL", "NOT NULL")]


def main(root):
    paths = sorted(path for path in root.rglob("*.parquet*") if not any(path.name.endswith(end) for end in LEFT_OUT))
    cases = []
    for number, path in enumerate(paths):
        cases.append(Case(number, str(path.relative_to(root)), str(path), predicates(path), first_column=None))
    wrong = violations(compare(cases, first_column=None), ALLOWED)
    print(f"{len(cases)} files")
    if wrong:
        sys.exit("\n".join(wrong))


main(pathlib.Path(sys.argv[2]))
