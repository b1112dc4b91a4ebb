"""Compares readers on small Parquet files with an odd footer, page header or index. tests/support/readers.py has the rules.

Arguments: the directory of the support modules, and optionally a part of the names of variations: then only these run, and
the rows of all readers are printed. The tools are on the path. Fails with one line for each violation.
"""

import resource
import sys

sys.path.insert(0, sys.argv[1])

from odd_footers import variations
from readers import Case, compare, violations

# Intended differences: a pattern for the name of the variation, a pattern for the complaint, and the reason.
ALLOWED = [
    (
        r"types/.* as DECIMAL\((30, 5|9, 2|9, -2)\)$",
        r"^all: \[",
        "DuckDB does not know a logical DECIMAL without the converted type, and pyarrow ignores precisions that the physical type "
        "cannot hold; but pyarrow reads the same column if the converted type says so",
    ),
    (
        r"types/BYTE_ARRAY .* as ENUM$",
        r"^all: ",
        "LogicalTypes.md: readers without enums should interpret ENUM as UTF-8; DuckDB does so for the converted type only",
    ),
    (
        r"types/FIXED\(\d+\) as converted type (UTF8|ENUM)",
        r"but DuckDB",
        "LogicalTypes.md: UTF8 and ENUM annotate BYTE_ARRAY only; pyarrow refuses the file",
    ),
    (
        r"types/FIXED\(12\) as TIMESTAMP",
        r"but DuckDB",
        "LogicalTypes.md: TIMESTAMP annotates INT64 only; pyarrow refuses the file",
    ),
    (
        r"types/.* as UNKNOWN beside converted type",
        r"^all: \[",
        "parquet-java writes UNKNOWN beside INTERVAL for columns that have values, so the converted type decides",
    ),
    (
        r"types/INT64 as (of the far future \(2555\)|without a member) beside converted type TIMESTAMP_MICROS",
        r"^all: \[",
        "LogicalTypes.md: the converted type TIMESTAMP_MICROS is adjusted to UTC; the others disagree with each other",
    ),
    (
        r"schema/FIXED\(4\) with type_length [13]",
        r"^all: refused",
        "the others split the bytes at the wrong length and ignore the rest of the page",
    ),
    (
        r"pages/.*: crc wrong",
        r"^all: refused.*its checksum differs",
        "checksums are verified by default; pyarrow refuses the page too if it verifies checksums",
    ),
    (
        r"pages/.*: an index page before",
        r"^-w .* is refused",
        "no writer makes index pages; DuckDB refuses the file",
    ),
    (
        r"pages/.*: definition level encoding 4",
        r"^all: \[",
        "the levels are not BIT_PACKED as the header claims, and only pyarrow and arrow-rs read that encoding from the lowest bit; "
        "Encodings.md packs it from the highest",
    ),
    (
        r"missing/chunk meta_data",
        r"^id alone: refused",
        "a column chunk without metadata: the footer is damaged",
    ),
    (
        r"nested/.*: repetition ([012]|None)$",
        r"^all: \[|^-w .* keeps",
        "the levels in the pages do not fit the schema: the values are damaged, and no reader can detect it",
    ),
    (
        r"nested/(l[sl]? annotated: (logical STRING|of the future)|s annotated: (1 \[2\]|3 \[3\]))",
        r"but DuckDB",
        "the group cannot have this annotation, so it is ignored; pyarrow refuses the file",
    ),
]


def main(part=""):
    # A false row count must not fill the disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 << 20, 256 << 20))
    cases = []
    for number, (name, data, predicates) in enumerate(entry for entry in variations() if part in entry[0]):
        path = f"{number}.parquet"
        with open(path, "wb") as file:
            file.write(data)
        views = ("columns",) if name.startswith("types/") else ("columns", "pages")
        cases.append(Case(number, name, path, predicates, views=views))
    wrong = violations(compare(cases), ALLOWED, is_whole=not part)
    if part:
        for case in cases:
            print(case.path, case.name, "\n  ours  ", case.whole, "\n  pyarrow", case.others[0], "\n  DuckDB ", case.others[1])
    print(f"{len(cases)} variations")
    if wrong:
        sys.exit("\n".join(wrong))


main(*sys.argv[2:])
