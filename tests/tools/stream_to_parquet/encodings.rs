//! stream-to-parquet: encodings, targets, page sizes, checksums, field ids, metadata.

use super::{asked, ids, write};
use crate::support::{Python, Workplace, read_stream, stream_of, tool_directory};
use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
    Time64NanosecondArray, TimestampNanosecondArray,
};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use std::sync::Arc;

/// Distinct values, so that no dictionary is worth it.
fn mixed(rows: i64) -> RecordBatch {
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(Int64Array::from_iter_values(0..rows))),
        ("name", Arc::new(StringArray::from_iter_values((0..rows).map(|i| format!("n{i:06}"))))),
        ("x", Arc::new(Float64Array::from_iter_values((0..rows).map(|i| i as f64 * 0.37)))),
        ("flag", Arc::new(BooleanArray::from_iter((0..rows).map(|i| Some(i % 2 == 0))))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// The encodings of the data pages of a column.
#[track_caller]
fn encodings(place: &Workplace, column: usize) -> String {
    let expression = format!("sorted(m.row_group(0).column({column}).encodings)");
    asked(place, &expression)
}

#[test]
fn integers_are_differences_unless_a_target_does_not_read_them() {
    let place = Workplace::new();
    write(&place, &[ids(0..70_000)], &[]).succeeds();
    assert_eq!(encodings(&place, 0), "['DELTA_BINARY_PACKED', 'RLE']");
    for target in ["any", "spark", "bigquery", "athena"] {
        write(&place, &[ids(0..70_000)], &["--for", target]).succeeds();
        assert_eq!(encodings(&place, 0), "['PLAIN', 'RLE']", "{target}");
    }
    write(&place, &[ids(0..70_000)], &["--for", "duckdb"]).succeeds();
    assert_eq!(encodings(&place, 0), "['DELTA_BINARY_PACKED', 'RLE']");
    assert_eq!(asked(&place, "f.read()['id'].to_pylist() == list(range(70000))"), "True");
}

#[test]
fn an_encoding_that_is_asked_for_is_used() {
    let place = Workplace::new();
    let batch = mixed(5000);
    let sum = "sum(f.read()['id'].to_pylist()), f.read()['name'][4999].as_py(), \
               round(sum(f.read()['x'].to_pylist()), 3)";
    for (column, encoding, name) in [
        (0, "id=plain", "PLAIN"),
        (0, "id=dictionary", "RLE_DICTIONARY"),
        (0, "id=delta", "DELTA_BINARY_PACKED"),
        (0, "id=byte-stream-split", "BYTE_STREAM_SPLIT"),
        (1, "name=delta-length", "DELTA_LENGTH_BYTE_ARRAY"),
        (1, "name=delta-strings", "DELTA_BYTE_ARRAY"),
        (1, "name=plain", "PLAIN"),
        (2, "x=byte-stream-split", "BYTE_STREAM_SPLIT"),
        (3, "flag=plain", "PLAIN"),
    ] {
        write(&place, std::slice::from_ref(&batch), &["--encode", encoding]).succeeds();
        let found = encodings(&place, column);
        assert!(found.contains(&format!("'{name}'")), "{encoding}: {found}");
        assert_eq!(asked(&place, sum), "12497500 n004999 4624075.0", "{encoding}");
        let bounds = "[(c.min, c.max) for c in [m.row_group(0).column(1).statistics]]";
        assert_eq!(asked(&place, bounds), "[('n000000', 'n004999')]", "{encoding}");
        let read = place.tool("parquet-to-stream").arg("out.parquet").run().succeeds();
        assert_eq!(read_stream(&read.stdout), std::slice::from_ref(&batch), "{encoding}");
    }
    let two = ["--encode", "id=delta", "--encode", "x=byte-stream-split"];
    write(&place, std::slice::from_ref(&batch), &two).succeeds();
    assert!(encodings(&place, 0).contains("DELTA_BINARY_PACKED"));
    assert!(encodings(&place, 2).contains("BYTE_STREAM_SPLIT"));
}

#[test]
fn an_encoding_of_a_list_holds_for_its_elements() {
    let rows = (0..3000_i64).map(|i| Some(vec![Some(i), Some(i * 7)]));
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>(rows);
    let batch = RecordBatch::try_from_iter([("l", Arc::new(list) as ArrayRef)]).unwrap();
    let place = Workplace::new();
    for name in ["l", "l.list", "l.list.element", "l.list.item"] {
        let run =
            write(&place, std::slice::from_ref(&batch), &["--encode", &format!("{name}=delta")]);
        if run.status() == Some(0) {
            assert!(encodings(&place, 0).contains("DELTA_BINARY_PACKED"), "{name}");
        } else {
            run.exits_with(2).stderr_has("no column \"l.list.");
        }
    }
}

#[test]
fn an_encoding_that_cannot_be_is_refused() {
    let place = Workplace::new();
    for (arguments, why) in [
        (
            &["--encode", "x=delta"][..],
            "--encode x=delta: \"x\" is stored as DOUBLE, but delta is for integers, dates, times and timestamps",
        ),
        (&["--encode", "flag=dictionary"], "is for all types except booleans"),
        (&["--encode", "id=delta-length"], "delta-length is for text and binary"),
        (&["--encode", "id=delta-strings"], "delta-strings is for text and binary"),
        (&["--encode", "name=byte-stream-split"], "is for numbers and fixed-size binary"),
        (&["--encode", "nmae=plain"], "no column \"nmae\" to encode (did you mean \"name\"?)"),
        (&["--encode", "id"], "--encode: \"id\" is not COLUMN=ENCODING (plain, dictionary, delta,"),
        (&["--encode", "id=rle"], "--encode: unknown encoding \"rle\": use one of plain, "),
        (&["--encode", "id=delta", "--encode", "id=plain"], "--encode: \"id\" is given twice"),
        (
            &["--encode", "id=delta", "--encode-dictionary", "id"],
            "--encode id=delta contradicts --encode-dictionary id: use only one of them",
        ),
        (
            &["--for", "spark", "--encode", "id=delta"],
            "--for spark cannot be combined with --encode id=delta, which not every version can read",
        ),
        (
            &["--for", "athena", "-z", "lz4"],
            "--for athena cannot be combined with --compression lz4, which not every version can read: use snappy, gzip or zstd",
        ),
        (
            &["-z", "brotli", "--for", "any"],
            "--for any cannot be combined with --compression brotli",
        ),
        (
            &["--for", "excel"],
            "--for takes one of any, spark, duckdb, bigquery, athena, not \"excel\"",
        ),
        (&["--data-page-bytes", "0"], "--data-page-bytes takes a size above 0"),
        (&["--dictionary-page-bytes", "x"], "--dictionary-page-bytes takes a size above 0"),
        (&["--keep-metadata", "pandsa"], "--keep-metadata: the stream has no key \"pandsa\""),
    ] {
        write(&place, &[mixed(10)], arguments).exits_with(2).one_line_on_stderr().stderr_has(why);
        assert_eq!(place.names(), Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn a_target_has_a_codec_of_its_own() {
    let place = Workplace::new();
    let codec = "m.row_group(0).column(0).compression";
    for (target, expected) in [("any", "SNAPPY"), ("spark", "SNAPPY"), ("duckdb", "ZSTD")] {
        write(&place, &[ids(0..100)], &["--for", target]).succeeds();
        assert_eq!(asked(&place, codec), expected);
    }
    write(&place, &[ids(0..100)], &["--for", "spark", "-z", "gzip"]).succeeds();
    assert_eq!(asked(&place, codec), "GZIP");
}

fn times(nanoseconds: i64) -> RecordBatch {
    let at = |i: i64| 1_700_000_000_000_000_000 + i * 1000;
    let mut values: Vec<_> = (0..10).map(|i| (i != 3).then(|| at(i))).collect();
    values[7] = Some(at(7) + nanoseconds);
    let times = Time64NanosecondArray::from_iter_values((0..10).map(|i| i * 5000));
    let columns: [(&str, ArrayRef); 2] = [
        ("at", Arc::new(TimestampNanosecondArray::from(values).with_timezone("Europe/Rome"))),
        ("time", Arc::new(times)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn a_target_gets_the_units_of_time_that_it_reads() {
    let place = Workplace::new();
    let types = "[str(c.type) for c in f.schema_arrow], str(f.read()['at'][9])";
    for target in ["any", "spark", "bigquery", "athena"] {
        write(&place, &[times(0)], &["--for", target]).succeeds();
        let expected =
            "['timestamp[us, tz=Europe/Rome]', 'time64[us]'] 2023-11-14 23:13:20.000009+01:00";
        assert_eq!(asked(&place, types), expected, "{target}");
        let run = write(&place, &[times(0), times(1)], &["--for", target]);
        run.exits_with(1).one_line_on_stderr().stderr_has(
            "cannot store column \"at\", row 17, in microseconds: it has nanoseconds (stream-select --truncate",
        );
    }
    for arguments in [&["--for", "duckdb"][..], &[]] {
        write(&place, &[times(1)], arguments).succeeds();
        let types = "[str(c.type) for c in f.schema_arrow]";
        assert_eq!(asked(&place, types), "['timestamp[ns, tz=Europe/Rome]', 'time64[ns]']");
    }
}

#[test]
fn pages_have_checksums() {
    let place = Workplace::new();
    // One column with a dictionary, one that gives it up, one without.
    let columns: [(&str, ArrayRef); 3] = [
        ("few", Arc::new(Int64Array::from_iter_values((0..300_000).map(|i| i % 9)))),
        ("more", Arc::new(Int64Array::from_iter_values((0..300_000).map(|i| i / 2)))),
        ("all", Arc::new(Int64Array::from_iter_values(0..300_000))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    place.write("in.arrows", stream_of(std::slice::from_ref(&batch)));
    let program = "
import pyarrow.parquet as pq, pyarrow.ipc as ipc, sys
t = pq.ParquetFile('out.parquet', page_checksum_verification=True).read()
print(t.equals(ipc.open_stream('in.arrows').read_all()))
data = bytearray(open('out.parquet', 'rb').read())
caught = pages = 0
for c in range(3):
    m = pq.ParquetFile('out.parquet').metadata.row_group(0).column(c)
    start = m.dictionary_page_offset or m.data_page_offset
    assert start == (4 if c == 0 else end), (c, start)
    end = start + m.total_compressed_size
    for at in (start + 40, start + m.total_compressed_size * 2 // 5, end - 1):
        damaged = bytearray(data); damaged[at] ^= 1
        open('damaged.parquet', 'wb').write(damaged)
        pages += 1
        try: pq.ParquetFile('damaged.parquet', page_checksum_verification=True).read()
        except OSError as e: caught += 'CRC checksum' in str(e) or 'crc' in str(e).lower()
print(caught, pages)
";
    for more in
        [&[][..], &["-z", "none"], &["--encode-dictionary", "all"], &["--row-group-rows", "70000"]]
    {
        // Plain integers fill many pages.
        let tool = place.tool("stream-to-parquet").args(["-o", "out.parquet", "in.arrows"]);
        tool.args(["--for", "any"]).args(more).run().succeeds();
        let told = Python::run(program, place.path(), Vec::<String>::new()).succeeds();
        assert_eq!(told.stdout_text(), "True\n9 9\n", "{more:?}");
        let read = place.tool("parquet-to-stream").args(["-w", "\"all\" >= 299999", "out.parquet"]);
        let rows = read_stream(&read.run().succeeds().stdout);
        assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 1, "{more:?}");
    }
    let tool = place.tool("stream-to-parquet").args(["-o", "out.parquet", "in.arrows"]);
    tool.args(["--for", "any", "--no-checksums"]).run().succeeds();
    let told = Python::run(program, place.path(), Vec::<String>::new()).succeeds();
    assert!(told.stdout_text().starts_with("True\n0 "), "{}", told.stdout_text());
}

#[test]
fn pages_and_dictionaries_end_at_a_size() {
    let place = Workplace::new();
    let batch = mixed(40_000);
    let pages = || {
        let pages = place.tool("file-inspect").args(["--show", "pages", "--json", "out.parquet"]);
        pages.run().succeeds().stdout_text().matches("\"id\"").count()
    };
    write(&place, std::slice::from_ref(&batch), &["--encode", "id=plain"]).succeeds();
    let few = pages();
    let small = ["--encode", "id=plain", "--data-page-bytes", "16KiB"];
    write(&place, std::slice::from_ref(&batch), &small).succeeds();
    assert!(few + 10 < pages(), "{few} {}", pages());
    let has_plain = "'PLAIN' in [e for s in [m.row_group(0).column(0).encodings] for e in s]";
    write(&place, std::slice::from_ref(&batch), &["--encode", "id=dictionary"]).succeeds();
    let large = asked(&place, "m.row_group(0).column(0).total_uncompressed_size");
    let small = ["--encode", "id=dictionary", "--dictionary-page-bytes", "4KiB"];
    write(&place, &[batch], &small).succeeds();
    assert_eq!(asked(&place, has_plain), "True");
    assert_ne!(asked(&place, "m.row_group(0).column(0).total_uncompressed_size"), large);
}

#[test]
fn field_ids_are_kept_and_given() {
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1)])]);
    let with_id = |field: Field, id: &str| {
        field.with_metadata([("PARQUET:field_id".to_owned(), id.to_owned())])
    };
    let fields = vec![
        with_id(Field::new("a", DataType::Int64, true), "2"),
        Field::new("l", arrow::array::Array::data_type(&list).clone(), true),
        Field::new("b", DataType::Int64, true),
    ];
    let number = || Arc::new(Int64Array::from(vec![5])) as ArrayRef;
    let columns = vec![number(), Arc::new(list) as ArrayRef, number()];
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let place = Workplace::new();
    let ids = "[(c.metadata or {}).get(b'PARQUET:field_id') for s in [f.schema_arrow] \
               for c in (s[0], s[1], s[1].type.value_field, s[2])]";
    write(&place, std::slice::from_ref(&batch), &[]).succeeds();
    assert_eq!(asked(&place, ids), "[b'2', None, None, None]");
    write(&place, std::slice::from_ref(&batch), &["--field-ids"]).succeeds();
    assert_eq!(asked(&place, ids), "[b'2', b'1', b'3', b'4']");
    assert_eq!(asked(&place, "f.read().to_pylist()"), "[{'a': 5, 'l': [1], 'b': 5}]");
}

#[test]
fn metadata_of_the_stream_is_kept_by_choice() {
    let metadata = [("one", "1"), ("two", "2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let schema = Schema::new_with_metadata(ids(0..0).schema().fields().clone(), metadata);
    let batch = ids(0..5).with_schema(Arc::new(schema)).unwrap();
    let place = Workplace::new();
    let keys = "sorted(k.decode() for k in m.metadata)";
    for (arguments, expected) in [
        (&[][..], "['ARROW:schema', 'one', 'two']"),
        (&["--keep-metadata", "all"], "['ARROW:schema', 'one', 'two']"),
        (&["--keep-metadata", "none"], "['ARROW:schema']"),
        (&["--keep-metadata", "two"], "['ARROW:schema', 'two']"),
        (&["--keep-metadata", "none", "--metadata", "one=3"], "['ARROW:schema', 'one']"),
    ] {
        write(&place, std::slice::from_ref(&batch), arguments).succeeds();
        assert_eq!(asked(&place, keys), expected, "{arguments:?}");
    }
    let run = write(&place, &[batch], &["--keep-metadata", "twoo"]);
    run.exits_with(2).stderr_has("the stream has no key \"twoo\" (did you mean \"two\"?)");
}

#[test]
fn ten_thousand_columns_take_little_memory_each() {
    let columns = (0..10_000)
        .map(|i| (format!("c{i}"), Arc::new(Int64Array::from_iter_values(0..20)) as ArrayRef));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let place = Workplace::new();
    place.write("in.arrows", stream_of(&[batch]));
    let tool = tool_directory().join("stream-to-parquet");
    let program = format!(
        "import subprocess, resource\n\
         subprocess.run(['{}', '-o', 'out.parquet', 'in.arrows'], check=True)\n\
         print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
        tool.display()
    );
    let told = Python::run(&program, place.path(), Vec::<String>::new()).succeeds();
    let kilobytes: u64 = told.stdout_text().trim().parse().unwrap();
    // 90 MB, of which the stream and the footer take most; an encoder for each column took 880.
    assert!(kilobytes < 200_000, "{kilobytes}");
}

#[test]
fn pages_that_end_by_content_are_shared_by_files_with_equal_rows() {
    let place = Workplace::new();
    // Numbers without a pattern (Marsaglia's xorshift).
    let mut x = 88_172_645_463_325_252_u64;
    let mut noise = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x.cast_signed()
    };
    let numbers: Vec<i64> = (0..400_000).map(|_| noise()).collect();
    let inserted: Vec<i64> = (0..1000).map(|_| noise()).chain(numbers.iter().copied()).collect();
    let batch = |numbers: Vec<i64>| {
        let texts = StringArray::from_iter_values(numbers.iter().map(|n| format!("{n:x}")));
        let columns: [(&str, ArrayRef); 2] =
            [("n", Arc::new(Int64Array::from(numbers))), ("t", Arc::new(texts))];
        RecordBatch::try_from_iter(columns).unwrap()
    };
    let shares = "
import pyarrow.parquet as pq, json, sys
def pages(name):
    data = open(name, 'rb').read(); found = {}
    for line in open(name + '.json'):
        page = json.loads(line)
        start, length = page['file_offset'], page['header_bytes'] + page['bytes']
        found[data[start:start + length]] = 1
    return found
a, b = pages('a'), pages('b')
print(sum(len(p) for p in b if p in a) / sum(len(p) for p in b) > 0.8)
";
    for (arguments, expected) in [(&["--content-defined"][..], "True\n"), (&[], "False\n")] {
        for (name, numbers) in [("a", &numbers), ("b", &inserted)] {
            let rows = batch(numbers.clone());
            write(&place, std::slice::from_ref(&rows), arguments).succeeds();
            assert_eq!(asked(&place, "m.num_rows"), numbers.len().to_string());
            let bounds = "m.row_group(0).column(1).statistics.min is not None";
            assert_eq!(asked(&place, bounds), "True");
            let read = place.tool("parquet-to-stream").arg("out.parquet").run().succeeds();
            let back = arrow::compute::concat_batches(&rows.schema(), &read_stream(&read.stdout));
            assert_eq!(back.unwrap(), rows);
            std::fs::rename(place.file("out.parquet"), place.file(name)).unwrap();
            let pages = place.tool("file-inspect").args(["--show", "pages", "--json", name]).run();
            place.write(&format!("{name}.json"), pages.succeeds().stdout);
        }
        let told = Python::run(shares, place.path(), Vec::<String>::new()).succeeds();
        assert_eq!(told.stdout_text(), expected, "{arguments:?}");
    }
    write(&place, &[ids(0..9)], &["--content-defined", "--bloom", "id"])
        .exits_with(2)
        .stderr_has("--content-defined cannot be combined with --bloom");
}
