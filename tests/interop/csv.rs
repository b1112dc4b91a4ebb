//! Delimited text between these tools and pandas, pyarrow and DuckDB, and there and back over every
//! type.

use crate::support::{Python, Workplace};

/// Writes a stream per type into the working directory.
const WRITE_TYPES: &str = include_str!("write_types.py");

/// Where compare.py lies.
const SUPPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support");

/// Writes the schema of each stream as pyarrow shows types, which `--schema` reads.
const WRITE_SCHEMAS: &str = "
import pyarrow as pa, sys
for name in sys.argv[1:]:
    schema = pa.ipc.open_stream(name + '.arrows').schema
    fields = [f'{f.name} {f.type}' + ('' if f.nullable else ' not null') for f in schema]
    open(name + '.schema', 'w').write('\\n'.join(fields))
";

#[test]
fn every_type_comes_back_as_it_was() {
    let place = Workplace::new();
    let names = Python::run(WRITE_TYPES, place.path(), [""]).succeeds().stdout_text();
    Python::run(WRITE_SCHEMAS, place.path(), names.lines()).succeeds();
    let mut pairs = Vec::new();
    for name in names.lines() {
        if name.contains("union") {
            let line = format!("stream-to-csv {name}.arrows");
            place.shell(&line).exits_with(1).one_line_on_stderr().stderr_has("column \"value\": ");
            continue;
        }
        for (number, (write, read)) in WAYS.iter().enumerate() {
            let back = format!("{name}.{number}.arrows");
            let run = place.shell(&format!(
                "stream-to-csv {write} {name}.arrows >{name}.csv || exit 9
                 csv-to-stream {read} --schema {name}.schema {name}.csv -o {back}"
            ));
            run.succeeds();
            pairs.push(format!("{name}.arrows"));
            pairs.push(back);
        }
    }
    assert!(100 < pairs.len(), "{pairs:?}");
    let check = "
import sys
sys.path.insert(0, sys.argv[1])
import compare
for there, back in zip(sys.argv[2::2], sys.argv[3::2]):
    found = list(compare.differences(compare.read(there), compare.read(back), check_metadata=False))
    assert not found, (there, back, found)
";
    let arguments = [SUPPORT.to_owned()].into_iter().chain(pairs);
    Python::run(check, place.path(), arguments).succeeds();
}

/// Options for there and back.
const WAYS: &[(&str, &str)] = &[
    ("", ""),
    ("--null '\\N'", "--null '\\N'"),
    ("--null NaN -d ';' --no-header --binary hex", "--null NaN -d ';' --no-header --binary hex"),
    ("-d . --quote - --null 0", "-d . --quote - --null 0"),
];

#[test]
fn others_read_what_is_written() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, decimal, datetime
utc = datetime.timezone.utc
table = pa.table({
    'i': pa.array([1, None, 2**53 + 1], pa.int64()),
    'f': pa.array([0.1, None, float('inf')], pa.float64()),
    'd': pa.array([decimal.Decimal('1.10'), None, decimal.Decimal('-99.05')], pa.decimal128(9, 2)),
    's': pa.array(['a,\"b\"\\nc', None, ''], pa.utf8()),
    'b': pa.array([True, None, False]),
    'day': pa.array([datetime.date(2024, 2, 29), None, datetime.date(1970, 1, 1)]),
    'at': pa.array([datetime.datetime(2024, 2, 29, 12, 30, 0, 500), None, datetime.datetime(1970, 1, 1)], pa.timestamp('us')),
    'utc': pa.array([datetime.datetime(2024, 2, 29, 12, 30, tzinfo=utc), None, datetime.datetime(1970, 1, 1, tzinfo=utc)], pa.timestamp('us', 'UTC')),
})
with pa.OSFile('t.arrows', 'wb') as sink, pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
";
    Python::run(write, place.path(), [""]).succeeds();
    place.shell("stream-to-csv --null '\\N' t.arrows -o t.csv").succeeds();
    let read = r#"
import duckdb, pandas as pd, pyarrow as pa, pyarrow.csv as csv
table = pa.ipc.open_stream('t.arrows').read_all()
options = csv.ConvertOptions(column_types=table.schema, null_values=['\\N'], strings_can_be_null=True,
                             quoted_strings_can_be_null=False)
parse = csv.ParseOptions(newlines_in_values=True)
assert csv.read_csv('t.csv', convert_options=options, parse_options=parse).equals(table)

frame = pd.read_csv('t.csv', na_values=['\\N'], keep_default_na=False, dtype={'i': 'Int64'},
                    parse_dates=['at', 'utc'], date_format='ISO8601')
assert frame.i.tolist()[2] == 2**53 + 1 and pd.isna(frame.i[1])
assert frame.s.tolist()[0::2] == ['a,"b"\nc', ''] and pd.isna(frame.s[1])
assert str(frame.utc.dtype).endswith('UTC]') and frame['at'][0] == pd.Timestamp('2024-02-29 12:30:00.0005')

types = "{'i': 'BIGINT', 'f': 'DOUBLE', 'd': 'DECIMAL(9,2)', 's': 'VARCHAR', 'b': 'BOOLEAN', 'day': 'DATE', 'at': 'TIMESTAMP', 'utc': 'TIMESTAMPTZ'}"
duckdb.sql("SET TimeZone = 'UTC'")
rows = duckdb.sql(f"SELECT * FROM read_csv('t.csv', nullstr='\\N', columns={types}, header=true)").fetchall()
expected = [tuple(row.values()) for row in table.to_pylist()]
assert [row[:7] for row in rows] == [row[:7] for row in expected], (rows, expected)
assert [row[7] and row[7].timestamp() for row in rows] == [row[7] and row[7].timestamp() for row in expected]
"#;
    Python::run(read, place.path(), [""]).succeeds();
}

#[test]
fn what_others_write_is_read() {
    let place = Workplace::new();
    let write = r#"
import duckdb, pandas as pd, pyarrow as pa, pyarrow.csv as csv, csv as plain, datetime
utc = datetime.timezone.utc
table = pa.table({
    'i': pa.array([1, None, 2**63 - 1], pa.int64()),
    'f': pa.array([0.1, 1e-300, -2.5], pa.float64()),
    's': pa.array(['a,"b"\nc', 'x', 'é']),
    'day': pa.array([datetime.date(2024, 2, 29), None, datetime.date(1970, 1, 1)]),
    'at': pa.array([datetime.datetime(2024, 2, 29, 12, 30, 0, 500), None, datetime.datetime(1970, 1, 1)], pa.timestamp('us')),
    'utc': pa.array([datetime.datetime(2024, 2, 29, 12, 30, tzinfo=utc), None, datetime.datetime(1970, 1, 1, tzinfo=utc)], pa.timestamp('us', 'UTC')),
})
with pa.OSFile('expected.arrows', 'wb') as sink, pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
csv.write_csv(table, 'pyarrow.csv')
frame = table.to_pandas(integer_object_nulls=True)
frame.to_csv('pandas.csv', index=False)
frame.to_csv('quoted.csv', index=False, quoting=plain.QUOTE_ALL, lineterminator='\r\n')
duckdb.sql("SET TimeZone = 'UTC'")
rows = table
duckdb.sql("COPY (SELECT * FROM rows) TO 'duckdb.csv'")
"#;
    Python::run(write, place.path(), [""]).succeeds();
    for name in ["pyarrow", "pandas", "quoted", "duckdb"] {
        place.shell(&format!("csv-to-stream {name}.csv -o {name}.arrows")).succeeds();
        let both = ["expected".to_owned(), name.to_owned()];
        let pair = both.map(|name| place.file(&format!("{name}.arrows")).display().to_string());
        Python::compare(&pair.join("\t")).exits_with(0).stdout_is("");
    }
}
