//! file-inspect --verify: sound files have no fault, and each kind of damage has its line.

mod damage;

use super::{corpus, files, inspect, samples};
use crate::support::{Python, Tool, Workplace, read_stream};
use arrow::array::AsArray;
use std::path::Path;

#[test]
fn a_sound_file_is_ok_and_a_damaged_one_has_a_line_per_fault() {
    let place = samples();
    inspect(&place, &["--verify", "d.parquet", "d.arrow", "d.arrows"])
        .succeeds()
        .stdout_is("d.parquet: ok\nd.arrow: ok\nd.arrows: ok\n");
    place.write("cut.parquet", &read(&place, "d.parquet")[..700]);
    place.write("other.txt", b"id,name\n");
    inspect(&place, &["--verify=quick", "cut.parquet", "d.arrow", "other.txt", "none.arrow"])
        .exits_with(1)
        .stdout_is(
            "cut.parquet: truncated Parquet file: the footer is missing at its end\n\
             d.arrow: ok\n\
             other.txt: neither a Parquet file nor an Arrow file or stream\n\
             none.arrow: cannot open none.arrow: no such file or directory\n",
        )
        .stderr_is("");
}

#[test]
fn directories_are_verified_in_natural_order_and_names_are_escaped() {
    let place = samples();
    place.shell("mkdir -p t && cp d.parquet t/p-10.parquet && cp d.parquet t/p-2.parquet");
    place.shell("printf PAR1 >\"t/p-3$(printf '\\033').parquet\"").succeeds();
    inspect(&place, &["--verify", "t"]).exits_with(1).stdout_is(
        "t/p-2.parquet: ok\n\
         t/p-3\\u{1b}.parquet: truncated Parquet file: the footer is missing at its end\n\
         t/p-10.parquet: ok\n",
    );
}

#[test]
fn faults_are_objects_or_rows_for_programs() {
    let place = samples();
    let mut damaged = read(&place, "d.arrows");
    let end = damaged.len() - 8;
    damaged.truncate(end);
    place.write("cut.arrows", damaged);
    let object = "{\"path\":\"cut.arrows\",\"kind\":\"structure\",\"row_group\":null,\
                  \"record_batch\":null,\"dictionary\":null,\"column_name\":null,\"page\":null,\
                  \"place\":\"end\",\"fault\":\"the end marker is missing\"}\n";
    inspect(&place, &["--verify", "--json", "d.arrow", "cut.arrows"])
        .exits_with(1)
        .stdout_is(object);
    inspect(&place, &["--verify", "--json", "d.arrow"]).succeeds().stdout_is("");
    // The stream is complete: its end marker is there.
    inspect(&place, &["--verify", "--stream", "-o", "faults.arrows", "d.arrow", "cut.arrows"])
        .exits_with(1)
        .stderr_is("");
    let batches = read_stream(&read(&place, "faults.arrows"));
    let faults: Vec<&str> = batches
        .iter()
        .flat_map(|batch| {
            batch.column_by_name("fault").unwrap().as_string::<i32>().iter().flatten()
        })
        .collect();
    assert_eq!(faults, ["the end marker is missing"]);
}

#[test]
fn the_output_is_the_same_for_any_number_of_threads() {
    let place = samples();
    place.shell("for i in 1 2 3 4 5 6 7 8 9; do cp d.parquet p$i.parquet; done").succeeds();
    place.write("p3.parquet", &read(&place, "d.parquet")[..300]);
    let verify = |threads| {
        let shown = place.shell(&format!("file-inspect --verify -j {threads} p*.parquet; true"));
        shown.succeeds().stdout_text()
    };
    assert_eq!(verify(1), verify(4));
    let line = "file-inspect --verify --progress p1.parquet p2.parquet";
    place.shell(line).exits_with(0).stderr_has("20 rows");
}

#[test]
fn it_has_its_own_options() {
    let place = samples();
    for (arguments, message) in [
        (
            &["--verify", "--show", "pages", "d.parquet"][..],
            "--verify cannot be combined with --show, --count, --total or --bloom-probe",
        ),
        (&["--verify=deep", "d.parquet"], "--verify takes one of quick, full, not \"deep\""),
        (&["--progress", "d.parquet"], "--progress requires --verify"),
        (&["--verify", "--verify", "d.parquet"], "--verify may be given only once"),
    ] {
        inspect(&place, arguments).exits_with(2).stderr_has(message);
    }
}

fn read(place: &Workplace, name: &str) -> Vec<u8> {
    std::fs::read(place.file(name)).unwrap()
}

/// Files of the corpora that other readers read whole although they contradict themselves.
const CONTRADICTIONS: [(&str, &str, &str); 5] = [
    (
        "datapage_v1-snappy-compressed-checksum.parquet",
        "the column index says that it has only nulls",
        "parquet-mr 1.13 wrote a column index although it computed no statistics",
    ),
    (
        "datapage_v1-uncompressed-checksum.parquet",
        "the column index says that it has only nulls",
        "the same",
    ),
    ("datapage_v1-corrupt-checksum.parquet", "its checksum is", "damaged on purpose"),
    ("rle-dict-uncompressed-corrupt-checksum.parquet", "its checksum is", "damaged on purpose"),
    ("repeated_no_annotation.parquet", "it counts 0 rows", "early parquet-rs wrote no row count"),
];

/// The footer counts 15 bytes less than the pages have: it leaves out the header of the dictionary.
const UNEQUAL_SIZES: [&str; 1] = ["nation.dict-malformed.parquet"];

/// No file that pyarrow reads whole has a fault, but those listed.
#[test]
fn official_files_are_sound() {
    let (Some(parquet), Some(arrow)) = (
        corpus("PARQUET_TEST_DATA", "parquet-testing/data"),
        corpus("ARROW_TEST_DATA", "arrow-testing/data"),
    ) else {
        return;
    };
    let mut paths = files(&parquet, &["parquet"]);
    let integration = arrow.join("arrow-ipc-stream/integration");
    for entry in std::fs::read_dir(integration).unwrap() {
        paths.extend(files(&entry.unwrap().path(), &["arrow_file", "stream"]));
    }
    // 2 GiB of text, which take half a minute without optimization.
    paths.retain(|path| !path.ends_with("large_string_map.brotli.parquet"));
    let place = Workplace::new();
    let list: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    place.write("list", list);
    let whole = Python::run(READ_WHOLE, place.path(), ["list"]).succeeds().stdout_text();
    let shown = place.shell("tr '\\n' '\\0' <list | xargs -0 file-inspect --verify; true");
    let shown = shown.succeeds().stdout_text();
    let (mut sound, mut found) = (0, 0);
    for path in whole.lines() {
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        let mut lines = shown.lines().filter(|line| line.starts_with(&format!("{path}: ")));
        let first = lines.next().unwrap_or_else(|| panic!("no verdict on {path}"));
        match CONTRADICTIONS.iter().find(|(file, _, _)| *file == name) {
            Some((_, fault, why)) => {
                assert!(first.contains(fault), "{first} ({why})");
                found += 1;
            }
            None if UNEQUAL_SIZES.contains(&name) => assert!(first.contains("uncompressed")),
            // The values of other machines are not read.
            None if first.contains("big-endian data is not supported") => {}
            None => {
                assert_eq!(first, format!("{path}: ok"));
                sound += 1;
            }
        }
    }
    assert!(150 < sound && found == CONTRADICTIONS.len(), "{sound} sound, {found} listed");
}

/// Prints the paths of the files that pyarrow reads whole.
const READ_WHOLE: &str = r#"
import sys
import pyarrow as pa
import pyarrow.parquet as pq
for path in open(sys.argv[1]).read().splitlines():
    try:
        if path.endswith("parquet"):
            pq.ParquetFile(path).read().validate(full=True)
        elif path.endswith("stream"):
            pa.ipc.open_stream(path).read_all().validate(full=True)
        else:
            pa.ipc.open_file(path).read_all().validate(full=True)
    except Exception:
        continue
    print(path)
"#;

/// The readers of the `parquet` crate, of pyarrow and of DuckDB cut such values.
#[test]
fn values_outside_of_their_type_are_faults() {
    let regressions = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/parquet");
    for (file, what) in [
        ("narrow-int8", "value 70000 is outside of its type, which holds -128 to 127 as stored"),
        ("narrow-dict-int8", "value 300 is outside of its type"),
        ("narrow-int16", "value 70000 is outside of its type, which holds -32768 to 32767"),
        ("narrow-uint8", "which holds 0 to 255 as stored"),
        ("narrow-uint16", "which holds 0 to 65535 as stored"),
        ("time-ms", "which holds 0 to 86399999 as stored"),
        ("time-us", "which holds 0 to 86399999999 as stored"),
        ("dec-i32-over", "is outside of its type"),
    ] {
        let path = regressions.join(file).with_extension("parquet");
        let run = Tool::new("file-inspect").arg("--verify").arg(path).run().exits_with(1);
        run.stdout_has(what).stdout_has(": row group 0, column \"a\", page ");
    }
}

/// A message above a limit may be valid: it is no fault of the file, and the others are verified.
#[test]
fn a_message_above_the_limit_is_not_verified_and_no_damage() {
    let place = Workplace::new();
    let generate = "stream-generate --batch-rows 5000 'id = 0..5000' >small.arrows; \
                    stream-generate --batch-rows 20000 'id = 0..20000' >large.arrows; \
                    stream-to-file --compression zstd -o large.arrow large.arrows; \
                    cat small.arrows large.arrows small.arrows >all.arrows";
    place.shell(generate).succeeds();
    let verify = |options: &str, operand: &str| {
        place.shell(&format!("cat all.arrows | file-inspect --verify {options} {operand}"))
    };
    verify("", "").succeeds().stdout_is("-: ok\n");
    verify("--max-message-bytes 100KiB", "").exits_with(1).stderr_is("").stdout_is(
        "-: stream 1, record batch 0: not verified: a message has a body of 156.2 KiB (raise \
         --max-message-bytes, which is 100.0 KiB, to read it)\n",
    );
    // Headers are verified without bodies, and a mapped stream takes no memory.
    verify("--max-message-bytes 100KiB", "all.arrows").succeeds();
    place.shell("file-inspect --verify=quick --max-message-bytes 100KiB <all.arrows").succeeds();
    verify("--max-message-bytes 100KiB --json", "large.arrow").exits_with(1).stdout_is(
        "{\"path\":\"large.arrow\",\"kind\":\"unverified\",\"row_group\":null,\"record_batch\":0,\
         \"dictionary\":null,\"column_name\":\"id\",\"page\":null,\
         \"place\":\"record batch 0, column \\\"id\\\"\",\"fault\":\"not verified: \
         a message has 160000 bytes when decompressed (raise --max-message-bytes, which is \
         100.0 KiB, to read it)\"}\n",
    );
    verify("--max-message-bytes 1MiB", "large.arrow").succeeds();
    let small = "cat all.arrows | file-inspect --max-message-bytes 800";
    place.shell(small).exits_with(1).one_line_on_stderr().stderr_has("of metadata (raise --max");
    verify("--max-message-bytes 800", "")
        .exits_with(1)
        .stdout_has("-: not verified: a message has ");
}
