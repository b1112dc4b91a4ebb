//! file-inspect --show dictionary and --bloom-probe, compared with what pyarrow and DuckDB read.

use super::inspect;
use crate::support::{Python, Workplace};

/// Two row groups; `note` has no dictionary.
const WRITE: &str = "
import pyarrow as pa, pyarrow.parquet as pq
n = 1000
t = pa.table({'city': [f'city {i % 7}' if i % 10 else None for i in range(n)],
              'price': pa.array([i % 3 for i in range(n)], pa.int32()),
              'note': [f'note {i}' for i in range(n)]})
pq.write_table(t, 'd.parquet', row_group_size=600, use_dictionary=['city', 'price'], compression='none')
";

#[test]
fn dictionaries_are_a_table() {
    let place = Workplace::new();
    Python::run(WRITE, place.path(), [""]).succeeds();
    inspect(&place, &["--show", "dictionary", "d.parquet"]).succeeds().stdout_is(
        "group  column  parquet type  entries  bytes  ratio  share  longest  values  per entry  first entries\n    \
             0  city    string              7   70 B    1.0   16 %      6 B     540       77.1  city 1, city 2, city 3, city 4, city 5, …\n    \
             0  price   int32               3   12 B    1.0    5 %      4 B     600        200  0, 1, 2\n    \
             1  city    string              7   70 B    1.0   21 %      6 B     360       51.4  city 6, city 0, city 1, city 2, city 3, …\n    \
             1  price   int32               3   12 B    1.0    6 %      4 B     400        133  0, 1, 2\n\
         (no dictionary: note)\n",
    );
}

#[test]
fn entries_are_those_that_pyarrow_reads() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, pyarrow.parquet as pq, decimal, datetime
n = 500
D = decimal.Decimal
t = pa.table({'s': [f's{i % 9}' for i in range(n)],
              'i': pa.array([i % 5 for i in range(n)], pa.int64()),
              'u': pa.array([2**32 - 1 - i % 3 for i in range(n)], pa.uint32()),
              'f': [i % 4 / 2 for i in range(n)],
              'd': pa.array([D(i % 6 - 3) / 100 for i in range(n)], pa.decimal128(20, 2)),
              't': pa.array([datetime.datetime(2024, 1, 1 + i % 3) for i in range(n)], pa.timestamp('us')),
              'l': [[i % 2, i % 3] for i in range(n)]})
pq.write_table(t, 't.parquet', compression='zstd', store_decimal_as_integer=True)
pq.write_table(t, 'b.parquet', compression='zstd', use_deprecated_int96_timestamps=True)
";
    Python::run(write, place.path(), [""]).succeeds();
    for file in ["t.parquet", "b.parquet"] {
        let output = format!("{file}.arrows");
        inspect(&place, &["--show", "dictionary", "--stream", "-o", &output, file]).succeeds();
        let compare = "
import pyarrow as pa, pyarrow.parquet as pq, sys
name = sys.argv[1]
table = pq.read_table(name)
rows = pa.ipc.open_stream(name + '.arrows').read_all().to_pylist()
chunks = pq.ParquetFile(name).metadata.row_group(0)
for place in range(chunks.num_columns):
    path = chunks.column(place).path_in_schema
    column = table[path.split('.')[0]]
    if path.startswith('l'): column = column.combine_chunks().flatten()
    values = column.unique().to_pylist()
    text = {'f': lambda v: repr(v), 't': lambda v: v.isoformat()}.get(path, str)
    mine = [row for row in rows if row['column_name'] == path]
    assert [row['value'] for row in mine] == [text(v) for v in values], (path, mine)
    assert mine[0]['entries'] == len(values) and mine[0]['values'] == len(column)
    assert mine[0]['chunk_bytes'] == chunks.column(place).total_compressed_size
";
        Python::run(compare, place.path(), [file]).succeeds();
    }
    let json = inspect(&place, &["--show", "dictionary", "--json", "t.parquet"]).succeeds();
    assert!(json.stdout_text().starts_with("{\"path\":\"t.parquet\",\"row_group\":0,"));
}

#[test]
fn a_damaged_dictionary_leaves_the_others() {
    let place = Workplace::new();
    Python::run(WRITE, place.path(), [""]).succeeds();
    let mut file = std::fs::read(place.file("d.parquet")).unwrap();
    // The length of the first entry of the first dictionary.
    let entry = file.windows(6).position(|bytes| bytes == b"city 1").unwrap();
    file[entry - 4..entry].fill(0xff);
    place.write("d.parquet", file);
    inspect(&place, &["--show", "dictionary", "d.parquet"])
        .exits_with(1)
        .stdout_has("0  price   int32")
        .stderr_is(
            "file-inspect: d.parquet: row group 0: column \"city\": the dictionary has fewer values than its header claims\n",
        );
}

/// DuckDB and pyarrow write the filters: a value that is there is found, others mostly are not.
#[test]
fn bloom_filters_are_asked() {
    let place = Workplace::new();
    let write = "
import duckdb, pyarrow as pa, pyarrow.parquet as pq
duckdb.sql('''copy (select i::int32 i, 'v' || i % 100 s, (i % 100 / 4)::double f, date '2024-01-01' + (i % 100)::int d,
  timestamp '2024-01-01' + interval (i % 100) hour ts from range(0, 2000, 2) r(i)) to 'duck.parquet' ''')
pq.write_table(pa.table({'id': range(100), 'name': [f'n{i}' for i in range(100)]}), 'arrow.parquet', row_group_size=50,
               bloom_filter_options={'id': {'ndv': 50, 'fpp': 0.01}, 'name': {'ndv': 50, 'fpp': 0.01}})
";
    Python::run(write, place.path(), [""]).succeeds();
    inspect(&place, &["--bloom-probe", "id=7", "arrow.parquet"]).succeeds().stdout_is(
        "row group  rows  filter  may contain the value\n        \
                 0    50    64 B  yes\n        \
                 1    50    64 B  no\n",
    );
    let answer = |probe: &str, file: &str| {
        let run = inspect(&place, &["--json", "--bloom-probe", probe, file]).succeeds();
        let rows = run.stdout_text();
        rows.lines().map(|row| row.contains("\"may_contain\":true")).collect::<Vec<_>>()
    };
    for there in ["s=v4", "f=1.0", "f=0", "f=-0", "d=2024-01-05", "ts=2024-01-01T04:00:00"] {
        assert_eq!(answer(there, "duck.parquet"), [true], "{there}");
    }
    let absent = ["s=v5", "s=", "f=1.1", "d=2024-01-06", "ts=2024-01-01T05:00:00"];
    let found = absent.iter().filter(|probe| answer(probe, "duck.parquet") == [true]).count();
    assert!(found <= 2, "{found}");
    inspect(&place, &["--bloom-probe", "id=x", "arrow.parquet"]).exits_with(1).stderr_is(
        "file-inspect: arrow.parquet: column \"id\": \"x\" is not a value of type int64\n",
    );
    inspect(&place, &["--bloom-probe", "nam=x", "arrow.parquet"]).exits_with(1).stderr_is(
        "file-inspect: arrow.parquet: unknown column \"nam\" (did you mean \"name\"?)\n",
    );
    Python::run(WRITE, place.path(), [""]).succeeds();
    inspect(&place, &["--bloom-probe", "city=x", "d.parquet"])
        .exits_with(1)
        .stderr_is("file-inspect: d.parquet: column \"city\" has no bloom filter\n");
    place
        .shell(
            "file-inspect --stream --bloom-probe name=n60 arrow.parquet \
             | stream-filter 'may_contain AND row_group = 1' | stream-count",
        )
        .succeeds()
        .stdout_is("1\n");
}
