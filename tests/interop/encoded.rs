//! Columns encoded for the way only: what comes out is what the plain columns give.

use crate::support::{Python, Workplace};

/// Writes the same table plain and marked.
const WRITE: &str = include_str!("encoded.py");

/// Lines for the shell between a stream and a sink.
const LINES: &[&str] = &[
    "stream-cat",
    "stream-filter 'number % 3 = 1'",
    "stream-filter 'number BETWEEN 200 AND 1300'",
    "stream-filter \"d_text = 'bb' OR r_int > 2 OR r_text LIKE 'f%'\"",
    "stream-filter 'd_float > 1 AND r_float > 1'",
    "stream-filter --invert 'r_int IS NULL OR d_int = 1'",
    "stream-filter -c 'r_text,d_date,number' 'r_time > d_time OR number < 99'",
    "stream-head -n 1234",
    "stream-tail -n 321",
    "stream-tail -n +321",
    "stream-rechunk --batch-rows 777",
    "stream-rechunk --batch-rows 10",
    "stream-rechunk --batch-bytes 5000",
    "stream-sort --by 'number DESC'",
    "stream-sort --by 'r_int DESC, d_text, number'",
    "stream-sort --by r_float,d_decimal --memory 1",
    "stream-sample --first 2 --of d_int --per r_text",
    "stream-sample --first 1 --of r_int",
    "stream-sample --first 3 --per r_int,d_date",
    "stream-sample --first 2 --of r_time --per r_date",
    "stream-sample --every 7",
    "stream-sample --fraction 0.3 --seed 1",
    "stream-sample --rows 100 --seed 1",
    "stream-count --by r_int,d_text --stream",
    "stream-count --by d_float --stream",
    "stream-select 'number, r_int AS a, d_text AS b, * EXCLUDE (number)'",
    "stream-select 'r_int + d_int AS sum, upper(r_text) AS u, upper(d_text) AS v, r_float * 2 AS f'",
    "stream-select 'r_int::DOUBLE AS a, d_int::VARCHAR AS b, r_text::VARCHAR AS c, d_text::VARCHAR AS d'",
    "stream-select 'coalesce(r_int, number) AS a, coalesce(d_text, r_text) AS b, CASE WHEN r_int > 2 THEN d_text END AS c'",
    "stream-select 'coalesce(d_text, d_text) AS a, least(r_int, r_int) AS b, CASE WHEN number > 5 THEN r_int END AS c'",
    "stream-cat - plain.arrows",
    "stream-cat plain.arrows -",
    "stream-cat --merge-schema union - plain.arrows",
    "stream-cat --merge-schema union plain.arrows -",
    "{ cat; cat plain.arrows; } | stream-cat",
    "{ cat plain.arrows; cat; } | stream-cat",
];

#[test]
fn marked_columns_give_what_plain_ones_give() {
    let place = Workplace::new();
    Python::run(WRITE, place.path(), [""; 0]).succeeds();
    let mut pairs = String::new();
    for (number, line) in LINES.iter().enumerate() {
        for sink in ["arrow", "parquet"] {
            let tool = if sink == "arrow" { "stream-to-file" } else { "stream-to-parquet" };
            let side = |name: &str| {
                let result = format!("{number}.{name}.{sink}");
                let command =
                    format!("set -o pipefail; {{ {line}; }} <{name}.arrows | {tool} -o {result}");
                place.shell(&command).succeeds();
                place.file(&result)
            };
            pairs.push_str(&format!("{}\t{}\n", side("plain").display(), side("marked").display()));
        }
    }
    Python::compare(&pairs).exits_with(0).stdout_is("");
}

#[test]
fn text_is_that_of_plain_columns() {
    let place = Workplace::new();
    Python::run(WRITE, place.path(), [""; 0]).succeeds();
    for tool in [
        "stream-to-csv",
        "stream-to-json --nan null",
        "stream-print",
        "stream-count --by r_int,d_text",
    ] {
        let text =
            |name: &str| place.shell(&format!("{tool} <{name}.arrows")).succeeds().stdout_text();
        assert_eq!(text("marked"), text("plain"), "{tool}");
    }
}

#[test]
fn filters_keep_the_encoding_and_the_mark() {
    let place = Workplace::new();
    Python::run(WRITE, place.path(), [""; 0]).succeeds();
    place.write(
        "rest.arrows",
        place.shell("stream-filter 'r_int > 2' marked.arrows").succeeds().stdout,
    );
    let check = "
import pyarrow as pa
read = lambda name: pa.ipc.open_stream(name).read_all()
ours, all = read('rest.arrows'), read('marked.arrows')
assert ours.schema.equals(all.schema, check_metadata=True), ours.schema
plain = read('plain.arrows')
rows = [n for n, v in enumerate(plain['r_int'].to_pylist()) if v is not None and v > 2]
for name in plain.schema.names:
    assert repr(ours[name].to_pylist()) == repr(plain[name].take(rows).to_pylist()), name
";
    Python::run(check, place.path(), [""; 0]).succeeds();
}

#[test]
fn dictionaries_and_runs_without_a_mark_stay() {
    let place = Workplace::new();
    Python::run(WRITE, place.path(), [""; 0]).succeeds();
    place.shell("stream-to-file -o kept.arrow unmarked.arrows").succeeds();
    let pair = |name| place.file(name).display().to_string();
    let pairs = format!("{}\t{}\n", pair("unmarked.arrows"), pair("kept.arrow"));
    Python::compare(&pairs).exits_with(0).stdout_is("");
}

/// Ways to read, each encoded and not; in all of them each of the columns must be the same.
const READS: &[&str] = &[
    "",
    "-j 1 --batch-rows 1000",
    "--skip 777 -n 20000",
    "-c many_text,few_int,many_int,is_dictionary,number --batch-rows 333",
    "-w 'few_int % 3 = 1 AND number > 50'",
    "-w 'many_text IS NULL OR number % 1000 < 20' -n 500",
];

/// What can be encoded by name, in halves.
const NAMED: [&str; 2] = [
    "many_int,few_float,many_text,few_bool,many_decimal,few_view,many_fixed",
    "few_int,many_float,few_text,many_bool,few_decimal,many_view,few_date,many_small",
];

#[test]
fn parquet_comes_out_encoded_with_the_values_that_it_has() {
    let place = Workplace::new();
    Python::run(include_str!("encoded_parquet.py"), place.path(), [""; 0]).succeeds();
    let named = [
        format!("--runs {} --dictionary {}", NAMED[0], NAMED[1]),
        format!("--runs {} --dictionary {}", NAMED[1], NAMED[0]),
    ];
    let mut pairs = String::new();
    for file in ["plain", "nulls", "v2", "small", "small_v2", "none"] {
        for (number, read) in READS.iter().enumerate() {
            let result = |name: usize, encoding: &str| {
                let result = format!("{file}.{number}.{name}.arrow");
                let line = format!(
                    "set -o pipefail; parquet-to-stream {read} {encoding} {file}.parquet |
                     stream-to-file --no-sync -o {result}"
                );
                place.shell(&line).succeeds();
                place.file(&result).display().to_string()
            };
            let mut encodings = vec!["--dictionary auto --runs auto"];
            if !read.starts_with("-c") {
                encodings.extend(named.iter().map(String::as_str));
            }
            let plain = result(0, "");
            for (name, encoding) in encodings.iter().enumerate() {
                pairs.push_str(&format!("{plain}\t{}\n", result(name + 1, encoding)));
            }
            if read.is_empty() {
                let file = place.file(&format!("{file}.parquet"));
                pairs.push_str(&format!("{}\t{plain}\n", file.display()));
            }
        }
    }
    Python::compare(&pairs).exits_with(0).stdout_is("");
}

#[test]
fn auto_encodes_what_repeats_and_nothing_else() {
    let place = Workplace::new();
    Python::run(include_str!("encoded_parquet.py"), place.path(), [""; 0]).succeeds();
    place.shell("parquet-to-stream --runs auto plain.parquet >runs.arrows").succeeds();
    place.shell("parquet-to-stream --dictionary auto plain.parquet >words.arrows").succeeds();
    let check = "
import os
import pyarrow as pa
runs, words = (pa.ipc.open_stream(name).read_all() for name in ('runs.arrows', 'words.arrows'))
marked = lambda table: {f.name for f in table.schema if b'arrow-pipes:encoded' in (f.metadata or {})}
few = {'int', 'unsigned', 'float', 'text', 'large', 'view', 'fixed', 'date', 'time', 'decimal'}
assert {'few_' + name for name in few} <= marked(runs), marked(runs)
assert not {'many_int', 'few_bool', 'number', 'is_dictionary', 'few_list'} & marked(runs), marked(runs)
assert {'few_int', 'few_text', 'few_time'} <= marked(words), marked(words)
assert not {'many_int', 'few_small', 'few_bool', 'number', 'is_dictionary'} & marked(words), marked(words)
assert runs.schema.field('few_int').type == pa.run_end_encoded(pa.int32(), pa.int64())
assert words.schema.field('few_int').type == pa.dictionary(pa.int8(), pa.int64())
assert runs.schema.metadata == {b'made': b'here'}
";
    Python::run(check, place.path(), [""; 0]).succeeds();
}

#[test]
fn runs_of_many_rows_become_plain_a_part_at_a_time() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa
ends, values = pa.array([150_000, 200_000], pa.int32()), pa.array([7, None], pa.int64())
runs = pa.RunEndEncodedArray.from_arrays(ends, values)
field = pa.field('a', runs.type, metadata={'arrow-pipes:encoded': 'runs'})
with pa.ipc.new_stream('long.arrows', pa.schema([field])) as writer:
    for batch in range(2):
        writer.write_batch(pa.record_batch([runs], schema=pa.schema([field])))
";
    Python::run(write, place.path(), [""; 0]).succeeds();
    place.shell("stream-to-file -o plain.arrow long.arrows").succeeds();
    let check = "
import pyarrow as pa
file = pa.ipc.open_file('plain.arrow')
assert max(file.get_batch(n).num_rows for n in range(file.num_record_batches)) == 65536
column = file.read_all()['a']
assert column.to_pylist() == ([7] * 150_000 + [None] * 50_000) * 2
";
    Python::run(check, place.path(), [""; 0]).succeeds();
}
