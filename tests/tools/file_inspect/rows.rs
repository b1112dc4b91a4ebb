//! file-inspect --stream, and --json of one view: the same rows, under names that stay.

use super::{inspect, samples, stream, typed};
use crate::support::{Python, Tool, Workplace, read_stream};
use arrow::array::AsArray;
use arrow::datatypes::{DataType, Int64Type};

const VIEWS: [&str; 7] =
    ["files", "row-groups", "columns", "pages", "dictionary", "schema", "metadata"];

#[test]
fn row_groups_can_be_filtered_in_a_pipe() {
    let place = Workplace::new();
    for (name, rows) in [("a", 500), ("b", 2500), ("c", 3000)] {
        let line = format!(
            "stream-generate 'id = 0..{rows}' | stream-to-parquet --row-group-rows 1000 -o {name}.parquet"
        );
        place.shell(&line).succeeds();
    }
    let line = "file-inspect --show row-groups --stream *.parquet | stream-filter 'rows < 1000'";
    let batches = read_stream(&place.shell(line).succeeds().stdout);
    let rows: Vec<(String, i64, i64)> = batches
        .iter()
        .flat_map(|batch| {
            let paths = batch["path"].as_string::<i32>();
            let number = |name| batch[name].as_primitive::<Int64Type>();
            (0..batch.num_rows()).map(move |row| {
                let (group, rows) = (number("row_group").value(row), number("rows").value(row));
                (paths.value(row).to_owned(), group, rows)
            })
        })
        .collect();
    let expected = [("a.parquet", 0, 500), ("b.parquet", 2, 500)];
    assert_eq!(rows, expected.map(|(path, group, rows)| (path.to_owned(), group, rows)));
}

/// The manual promises names and types; they are the same for every format, and without any file's
/// rows.
#[test]
fn names_are_those_of_the_manual_whatever_the_format() {
    let place = samples();
    let help = Tool::new("file-inspect").arg("--help").run().succeeds().stdout_text();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for view in VIEWS {
        let files: &[&str] = match view {
            "pages" | "dictionary" => &["d.parquet"],
            _ => &["d.parquet", "d.arrow", "d.arrows"],
        };
        let run = inspect(&place, &[&["--show", view, "--stream"], files].concat()).succeeds();
        let bytes = run.stdout;
        let reader = arrow_ipc::reader::StreamReader::try_new(&bytes[..], None).unwrap();
        let schema = reader.schema();
        let promised = help.split(&format!("{view}: path")).nth(1).unwrap();
        let promised = promised.split(". ").next().unwrap();
        for field in schema.fields().iter().skip(1) {
            let known = promised
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .any(|word| word == field.name());
            assert!(known, "{view}: {} is not in {promised}", field.name());
            let flags = ["end_marker", "checksum", "is_min_value_exact", "is_max_value_exact"];
            let is_flag = flags.contains(&field.name().as_str());
            let is_right = match field.data_type() {
                DataType::Boolean => is_flag,
                other => matches!(other, DataType::Int64 | DataType::Utf8) && !is_flag,
            };
            assert!(is_right && field.is_nullable(), "{field}");
        }
        assert_eq!(schema.field(0).name(), "path");
        // None has to be quoted.
        let names: Vec<_> =
            schema.fields().iter().map(|f| format!("{} IS NULL", f.name())).collect();
        let filter = place.tool("stream-filter").arg(names.join(" OR ")).pipe_in(bytes.clone());
        filter.run().succeeds();
        for batch in read_stream(&bytes) {
            assert_eq!(batch.schema(), schema);
        }
    }
}

#[test]
fn json_of_a_view_has_the_rows_of_its_stream() {
    let place = Workplace::new();
    place.write("t.parquet", typed());
    for view in VIEWS {
        inspect(&place, &["--show", view, "--stream", "-o", "v.arrows", "t.parquet"]).succeeds();
        let json = inspect(&place, &["--show", view, "--json", "t.parquet"]).succeeds();
        place.write("v.json", json.stdout);
        let compare = "
import json, pyarrow as pa
rows = pa.ipc.open_stream('v.arrows').read_all().to_pylist()
assert rows and rows == [json.loads(line) for line in open('v.json')] or not rows, rows
print(len(rows))
";
        let rows = Python::run(compare, place.path(), [""]).succeeds().stdout_text();
        assert_ne!((view, rows.trim()), (view, "0"));
    }
}

/// What a Parquet footer says, as pyarrow and DuckDB read it.
#[test]
fn rows_are_what_pyarrow_and_duckdb_say() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, pyarrow.parquet as pq
table = pa.table({'id': range(10000), 'name': [f'n{i % 7}' for i in range(10000)], 'x': [None, 1.5] * 5000})
pq.write_table(table, 'p.parquet', row_group_size=3000, write_page_index=True, compression='snappy')
";
    Python::run(write, place.path(), [""]).succeeds();
    for view in ["row-groups", "columns"] {
        let output = format!("{view}.arrows");
        inspect(&place, &["--show", view, "--stream", "-o", &output, "p.parquet"]).succeeds();
    }
    let compare = "
import duckdb, pyarrow as pa, pyarrow.parquet as pq
m = pq.ParquetFile('p.parquet').metadata
groups = pa.ipc.open_stream('row-groups.arrows').read_all().to_pylist()
assert len(groups) == m.num_row_groups == 4
for g in groups:
    r = m.row_group(g['row_group'])
    chunks = [r.column(i) for i in range(r.num_columns)]
    assert g['rows'] == r.num_rows
    assert g['bytes'] == sum(c.total_compressed_size for c in chunks), g
    assert g['uncompressed_bytes'] == sum(c.total_uncompressed_size for c in chunks), g
    assert g['codec'] == 'snappy' and g['page_index_bytes'] > 0 and g['bloom_filter_bytes'] == 0
columns = pa.ipc.open_stream('columns.arrows').read_all().to_pylist()
said = duckdb.sql('''select path_in_schema, sum(num_values), sum(stats_null_count), sum(total_compressed_size)
  from parquet_metadata('p.parquet') group by all order by min(column_id)''').fetchall()
for c, (name, values, nulls, size) in zip(columns, said, strict=True):
    assert (c['column_name'], c['values'], c['nulls'], c['bytes']) == (name, values, nulls, size), (c, said)
    assert c['page_indexes'] == 4 and c['bloom_filters'] == 0
assert (columns[0]['min'], columns[0]['max'], columns[1]['max']) == ('0', '9999', 'n6')
";
    Python::run(compare, place.path(), [""]).succeeds();
}

#[test]
fn a_broken_file_leaves_the_stream_open() {
    let place = samples();
    place.write("cut.parquet", &std::fs::read(place.file("d.parquet")).unwrap()[..300]);
    let files = ["--stream", "d.parquet", "cut.parquet", "d.arrows"];
    let run = inspect(&place, &files).exits_with(1).one_line_on_stderr();
    let whole = inspect(&place, &["--stream", "d.parquet", "d.arrows"]).succeeds().stdout;
    assert_eq!(run.stdout, whole[..whole.len() - 8]);
    inspect(&place, &[&["-o", "x"], &files[..]].concat()).exits_with(1);
    assert!(!place.file("x").exists());
}

#[test]
fn a_stream_is_for_no_terminal() {
    let place = samples();
    let line = "script -qec 'file-inspect --stream d.parquet' /dev/null </dev/null";
    let run = place.shell(&format!("{line}; exit 0"));
    run.stdout_has("--force");
}

#[test]
fn any_format_comes_through_a_pipe() {
    let place = samples();
    let tool = place.tool("file-inspect").args(["--stream"]).pipe_in(stream());
    let batches = read_stream(&tool.run().succeeds().stdout);
    assert_eq!(batches[0]["rows"].as_primitive::<Int64Type>().value(0), 20);
    let direct = inspect(&place, &["--show", "pages", "d.parquet"]).succeeds().stdout_text();
    place.shell("cat d.parquet | file-inspect --show pages").succeeds().stdout_is(&direct);
}
