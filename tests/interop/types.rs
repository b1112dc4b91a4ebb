//! Every data type that pyarrow and arrow-rs both know passes through every tool unchanged.

use crate::support::{Python, Workplace};

/// Writes a stream per type into the working directory.
const WRITE_TYPES: &str = include_str!("write_types.py");

/// Where compare.py lies.
pub(super) const SUPPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support");

/// Types that Parquet has no place for.
pub(super) const NOT_IN_PARQUET: &[&str] = &["sparse_union", "dense_union", "month_day_nano"];

/// Types whose values Parquet keeps under another type: it knows no seconds and no runs.
pub(super) const OTHER_IN_PARQUET: &[&str] = &["run_end", "time32_s", "timestamp_s"];

#[test]
fn streams_of_every_type_pass_through_the_filters() {
    let (place, names) = streams_of_every_type();
    let mut pairs = String::new();
    for name in &names {
        for (tool, line) in [
            ("filter", "stream-filter TRUE"),
            ("sample", "stream-sample --every 1"),
            ("head", "stream-head -n -0"),
            ("tail", "stream-tail -n 10000"),
            ("cat", "stream-cat"),
            ("union", "stream-cat --merge-schema union"),
            ("merged", "stream-rechunk --batch-rows 100000"),
            ("split", "stream-rechunk --batch-rows 2"),
            ("bytes", "stream-rechunk --batch-bytes 40"),
            ("small", "stream-rechunk -z zstd:3"),
            // Each row is a run of its own, and the runs are merged in several steps.
            ("sort", "stream-sort --by number --memory 1"),
            ("values", "{ stream-sort --by value | stream-sort --by number; }"),
            ("fraction", "stream-sample --fraction 1"),
            ("reservoir", "stream-sample --rows 10000"),
            ("groups", "stream-sample --first 100 --of number --per number"),
        ] {
            let ours = format!("{name}.{tool}.arrows");
            place.shell(&format!("{line} <{name}.arrows >{ours}")).succeeds();
            let theirs = place.file(&format!("{name}.arrows"));
            pairs.push_str(&format!("{}\t{}\n", theirs.display(), place.file(&ours).display()));
        }
    }
    Python::compare(&pairs).exits_with(0).stdout_is("");
}

#[test]
fn the_right_rows_of_every_type_are_kept() {
    let (place, names) = streams_of_every_type();
    // What is kept of `n` rows, as Python says it.
    let tools = [
        ("stream-filter 'number % 3 = 1'", "range(1, n, 3)"),
        ("stream-head -n 3", "range(3)"),
        ("stream-head -n -2", "range(n - 2)"),
        ("stream-tail -n 4", "range(max(n - 4, 0), n)"),
        ("stream-tail -n 1", "range(n - 1, n)"),
        ("stream-tail -n +3", "range(2, n)"),
    ];
    for (place_of_tool, (line, _)) in tools.iter().enumerate() {
        for name in &names {
            let output = format!("{name}.{place_of_tool}.arrows");
            place.shell(&format!("{line} <{name}.arrows >{output}")).succeeds();
        }
    }
    let check = "
import sys
sys.path.insert(0, sys.argv[1])
import compare
names, kept = sys.argv[2].split(), sys.argv[3:]
for name in names:
    whole = compare.read(name + '.arrows')
    n, values = whole.num_rows, compare.values(whole.column('value'))
    for place, expression in enumerate(kept):
        part = compare.read(f'{name}.{place}.arrows')
        expected = list(eval(expression))
        assert part.schema.equals(whole.schema, check_metadata=True), (name, expression)
        assert part.column('number').to_pylist() == expected, (name, expression)
        part = compare.values(part.column('value'))
        assert repr(part) == repr([values[i] for i in expected]), (name, expression, part)
";
    let kept = tools.map(|(_, kept)| kept.to_owned());
    let arguments = [SUPPORT.to_owned(), names.join(" ")].into_iter().chain(kept);
    Python::run(check, place.path(), arguments).succeeds();
}

/// Streams that the reader of arrow-rs refuses or that its writer makes unreadable for pyarrow.
const ODD_STREAMS: &str = "
import subprocess, sys
import pyarrow as pa

def through(line, batches):
    schema = batches[0].schema
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    out = subprocess.run(line, input=sink.getvalue(), check=True, capture_output=True, shell=True).stdout
    table = pa.ipc.open_stream(out).read_all()
    table.validate(full=True)
    assert table.schema == schema, (line, table.schema)
    return table.to_pylist()

# No rows of lists, whose one offset is not 0, though the values in front of it are not written.
lists = pa.ListArray.from_arrays(pa.array([1, 2], pa.int32()), pa.array([1, 2, 3]))
columns = [lists, pa.StructArray.from_arrays([lists], ['l']), pa.array([7])]
batch = pa.record_batch(columns, names=['l', 's', 'n'])
for line in ('stream-head', 'stream-sort --by n', 'stream-to-file | file-to-stream', 'stream-rechunk'):
    assert through(line, [batch.slice(0, 0), batch, batch.slice(1)]) == batch.to_pylist(), line
projected = batch.select(['n', 'l']).to_pylist()
sink = pa.BufferOutputStream()
with pa.ipc.new_stream(sink, batch.schema) as writer:
    writer.write_batch(batch.slice(0, 0))
    writer.write_batch(batch)
run = subprocess.run(['stream-filter', '-c', 'n,l', 'TRUE'], input=sink.getvalue(), check=True, capture_output=True)
assert pa.ipc.open_stream(run.stdout).read_all().to_pylist() == projected

# A dictionary that holds dictionaries, grows, and has its inner one replaced.
def outer(words, keys):
    inner = pa.DictionaryArray.from_arrays(pa.array(range(len(words)), pa.int8()), pa.array(words))
    values = pa.StructArray.from_arrays([inner, pa.array(range(len(words)))], ['d', 'n'])
    column = pa.DictionaryArray.from_arrays(pa.array(keys, pa.int8()), values)
    return pa.record_batch([column, pa.array(range(len(keys)))], names=['value', 'n'])

batches = [outer(['a', 'b'], [0, 1, None]), outer(['a', 'b', 'c'], [2, 1]), outer(['c', 'b'], [0, 1, 0])]
rows = [row for batch in batches for row in batch.to_pylist()]
for line in ('stream-head', 'stream-rechunk --batch-rows 3', 'stream-cat', 'stream-tail'):
    assert through(line, batches) == rows, line
in_order = sorted(rows, key=lambda row: row['n'])
for more in ('', '-n 8', '--memory 1', '-n 8 --memory 1'):
    assert through('stream-sort --by n ' + more, batches) == in_order, more
def key(row):
    return (row['value'] is None, row['value'] and (row['value']['d'], row['value']['n']))
for more in ('', '--memory 1'):
    assert through('stream-sort --by value ' + more, batches) == sorted(rows, key=key), more
";

#[test]
fn odd_streams_of_pyarrow_are_read_and_nested_dictionaries_come_back() {
    Python::run(ODD_STREAMS, Workplace::new().path(), [""]).succeeds();
}

#[test]
fn the_values_of_every_type_are_counted() {
    let (place, names) = streams_of_every_type();
    for name in &names {
        let line =
            format!("stream-count --by value --stream {name}.arrows -o {name}.counts.arrows");
        place.shell(&line).succeeds();
        place.shell(&format!("stream-count --by value {name}.arrows")).succeeds();
    }
    let check = "
import sys
sys.path.insert(0, sys.argv[1])
import collections, compare
for name in sys.argv[2:]:
    whole, counts = compare.read(name + '.arrows'), compare.read(name + '.counts.arrows')
    # -0 and 0 are one value; a counter keeps the order in which values were met.
    values = [repr(v + 0.0 if isinstance(v, float) else v) for v in compare.values(whole.column('value'))]
    expected = collections.Counter(values).most_common()
    shown = [repr(v) for v in compare.values(counts.column('value'))]
    assert list(zip(shown, counts.column('rows').to_pylist())) == expected, (name, expected, shown)
";
    let arguments = [SUPPORT.to_owned()].into_iter().chain(names);
    Python::run(check, place.path(), arguments).succeeds();
}

#[test]
fn every_type_that_parquet_holds_comes_back_from_it() {
    let (place, names) = streams_of_every_type();
    let mut pairs = String::new();
    let same_values = "
import sys
sys.path.insert(0, sys.argv[1])
import compare, pyarrow as pa, pyarrow.compute as pc
there, back = (compare.read(sys.argv[2] + end).column('value') for end in ('.arrows', '.back.arrows'))
plain = pc.run_end_decode(there) if pa.types.is_run_end_encoded(there.type) else there
assert compare.same(plain.cast(back.type), back), sys.argv[2]
";
    for name in &names {
        let run = place.shell(&format!("stream-to-parquet -o {name}.parquet <{name}.arrows"));
        if NOT_IN_PARQUET.contains(&name.as_str()) {
            run.exits_with(1).one_line_on_stderr().stderr_has("\"value\"");
            assert!(!place.file(&format!("{name}.parquet")).exists());
            continue;
        }
        run.succeeds();
        place.shell(&format!("parquet-to-stream {name}.parquet >{name}.back.arrows")).succeeds();
        if OTHER_IN_PARQUET.contains(&name.as_str()) {
            Python::run(same_values, place.path(), [SUPPORT, name]).succeeds();
        } else {
            let (there, back) = (format!("{name}.arrows"), format!("{name}.back.arrows"));
            pairs.push_str(&format!(
                "{}\t{}\n",
                place.file(&there).display(),
                place.file(&back).display()
            ));
        }
    }
    Python::compare(&pairs).exits_with(0).stdout_is("");
}

#[test]
fn long_texts_behind_a_dictionary_come_in_batches_that_fit() {
    let place = Workplace::new();
    // 70,000 rows of 40,000 letters, in a file of some hundred kilobytes: 2.8 GB when written out.
    let write = "
import pyarrow as pa, pyarrow.parquet as pq
words = pa.DictionaryArray.from_arrays(pa.array([0] * 70000, pa.int32()), pa.array(['x' * 40000]))
pq.write_table(pa.table({'number': range(70000), 'word': words}), 'long.parquet', store_schema=False)
";
    Python::run(write, place.path(), [""]).succeeds();
    let line = "parquet-to-stream long.parquet | file-inspect --count rows -";
    place.shell(&format!("set -o pipefail; {line}")).succeeds().stdout_is("70000\n");
}

#[test]
fn a_few_views_do_not_carry_the_text_of_all() {
    let (place, _) = streams_of_every_type();
    let write = "
import pyarrow as pa
views = pa.array([f'a text that is longer than a view holds {n}' for n in range(10000)], pa.string_view())
inner = pa.StructArray.from_arrays([views], ['view'])
lists = pa.ListArray.from_arrays(pa.array(range(10001), pa.int32()), views)
table = pa.table({'number': range(10000), 'view': views, 'struct': inner, 'list': lists})
with pa.OSFile('views.arrows', 'wb') as sink, pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
";
    Python::run(write, place.path(), [""]).succeeds();
    for line in ["stream-filter 'number < 2' views.arrows", "stream-filter -n 2 TRUE views.arrows"]
    {
        let run = place.shell(line).succeeds();
        assert!(run.stdout.len() < 5000, "{line}: {} bytes", run.stdout.len());
    }
    let same = "stream-filter TRUE views.arrows -o whole.arrows";
    place.shell(same).succeeds();
    let pair = ["views.arrows", "whole.arrows"].map(|name| place.file(name).display().to_string());
    Python::compare(&pair.join("\t")).exits_with(0).stdout_is("");
}

/// A directory with a stream for each type, and their names.
pub(super) fn streams_of_every_type() -> (Workplace, Vec<String>) {
    let place = Workplace::new();
    let names = Python::run(WRITE_TYPES, place.path(), [""]).succeeds().stdout_text();
    let names: Vec<String> = names.lines().map(str::to_owned).collect();
    assert!(40 < names.len(), "{names:?}");
    (place, names)
}
