//! Parquet files that claim more than they hold, as real processes under limits of memory and time: each ends with
//! status 0 or 1, at most one line on standard error, and nothing on disk.
//!
//! The files are those of `tests/regressions/parquet`; larger ones are made here.

use crate::support::Workplace;
use crate::support::parquet_bytes::{
    Column, Structure, data_header, element, file, footer, integer, page, run, varint,
};
use std::path::Path;

/// The memory and time of each process.
const LIMITS: &str = "ulimit -v 4194304; exec timeout 10";

/// What is done with each file, which is called `in.parquet`.
const LINES: &[&str] = &[
    "parquet-to-stream in.parquet",
    "parquet-to-stream -j 1 -o out.arrows in.parquet",
    "parquet-to-stream --skip 1 -n 1 in.parquet",
    "parquet-to-stream --runs auto --skip 1 in.parquet",
    "parquet-to-stream --dictionary auto in.parquet",
    "parquet-to-stream -w 'a=1' in.parquet",
    "file-inspect in.parquet",
    "file-inspect --show row-groups in.parquet",
    "file-inspect --show columns in.parquet",
    "file-inspect --show pages in.parquet",
    "file-inspect --show dictionary in.parquet",
    "file-inspect --show schema in.parquet",
    "file-inspect --json in.parquet",
    "file-inspect --count rows in.parquet",
    "stream-print in.parquet",
    "stream-count in.parquet",
];

/// The lines for a file of 2^36 true rows.
const FIRST_ROWS: &[&str] = &[
    "parquet-to-stream -n 5 in.parquet",
    "parquet-to-stream --skip 1 -n 1 in.parquet",
    "parquet-to-stream -w 'a=5' -n 5 in.parquet",
    "file-inspect --show pages in.parquet",
    "stream-count in.parquet",
    "stream-print -n 5 in.parquet",
];

/// Runs all lines. Returns those that break the promise.
fn broken(name: &str, file: &[u8], lines: &[&str]) -> Vec<String> {
    let mut broken = Vec::new();
    for line in lines {
        let place = Workplace::new();
        place.write("in.parquet", file);
        let run = place.shell(&format!("{LIMITS} {line}"));
        // Not every file has a column a, or one that can be compared with a number.
        let is_usage = line.contains("-w") && run.status() == Some(2);
        let is_short = run.stderr.lines().count() <= 1 && !run.stderr.contains("internal error");
        let mut names = place.names();
        names.retain(|name| run.status() != Some(0) || name != "out.arrows");
        let has_ended = matches!(run.status(), Some(0 | 1)) && is_short && names == ["in.parquet"];
        let has_reason = run.status() != Some(1) || !run.stderr.is_empty();
        if !(is_usage || has_ended && has_reason) {
            let (status, stderr) = (run.status(), &run.stderr);
            broken.push(format!("{name}: {line}: status {status:?}, {names:?}: {stderr}"));
        }
    }
    broken
}

fn regression(name: &str) -> Vec<u8> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/parquet");
    std::fs::read(directory.join(name).with_extension("parquet")).unwrap()
}

/// The error of a line without the name of the tool and the file.
fn error(file: &[u8], line: &str) -> String {
    let place = Workplace::new();
    place.write("in.parquet", file);
    let run = place.shell(&format!("{LIMITS} {line}")).exits_with(1).one_line_on_stderr();
    run.stderr.split_once(": in.parquet: ").unwrap().1.trim_end().to_owned()
}

#[test]
fn no_file_takes_the_memory_or_the_time_that_it_claims() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/parquet");
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let lines = if name == "many-rows" { FIRST_ROWS } else { LINES };
        wrong.extend(broken(name, &std::fs::read(&path).unwrap(), lines));
    }
    for levels in [200, 1500, 10_000] {
        wrong.extend(broken("deep", &deep(levels), LINES));
    }
    wrong.extend(broken("bomb of one column", &bomb(1), LINES));
    wrong.extend(broken("bomb of 20 columns", &bomb(20), LINES));
    wrong.extend(broken("boolean lists", &boolean_lists(), LINES));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_error_says_what_is_wrong() {
    let told = |name: &str, line: &str| error(&regression(name), line);
    let read = "parquet-to-stream in.parquet";
    let skip = "parquet-to-stream --skip 1 -n 1 in.parquet";
    assert_eq!(
        told("children-claimed", "file-inspect in.parquet"),
        "cannot read the Parquet metadata: the schema claims 2147483648 elements, but it has 2"
    );
    assert_eq!(
        told("list-of-nulls", read),
        "row group 0: column \"a.list.element\": page 0: row 0 has more than 67,108,864 values, \
         the most that are read from a file of this size; choose other columns with -c"
    );
    assert_eq!(
        told("hang-skip", skip),
        "row group 0: column \"m.key_value.key\": page 0: damaged page: it has fewer than 4 \
         repetition levels"
    );
    assert_eq!(
        told("plain-skip-underflow", skip),
        "row group 0: column \"a\": page 0: damaged page: value 0 is longer than the rest of the \
         page"
    );
    assert_eq!(
        told("delta-total-6-6", read),
        "row group 0: column \"a\": page 0: damaged page: it claims 2,147,483,647 lengths, but it \
         can have 10 values"
    );
    assert_eq!(
        told("pageclaim-snappy", read),
        "row group 0: column \"a\": page 0: damaged page header: it claims that 32 B decompress to \
         2.0 GiB, which SNAPPY cannot do"
    );
    assert_eq!(
        told("thrift-boollist-x1", read),
        "cannot read the Parquet metadata: it is damaged at byte 32 of 32"
    );
    assert_eq!(
        error(&bomb(20), read),
        "row group 0: column \"c0\": page 0: it claims to decompress to 2.0 GiB; a file of this \
         size may use 320.4 MiB; choose fewer columns with -c"
    );
    assert_eq!(
        error(&deep(1500), read),
        "the schema is nested 1501 levels deep; at most 100 are supported"
    );
}

#[test]
fn a_footer_with_a_list_of_booleans_is_read_without_it() {
    let place = Workplace::new();
    place.write("in.parquet", boolean_lists());
    place.shell(&format!("{LIMITS} stream-count in.parquet")).succeeds().stdout_is("0\n");
}

#[test]
fn a_long_text_that_many_rows_share_makes_small_batches() {
    let place = Workplace::new();
    place.write("in.parquet", shared_text());
    let line = "parquet-to-stream -n 3000 in.parquet | stream-count";
    let limits = "ulimit -v 2097152; set -o pipefail";
    place.shell(&format!("{limits}; {line}")).succeeds().stdout_is("3000\n");
}

/// A file without rows whose only column is nested this deeply.
fn deep(levels: usize) -> Vec<u8> {
    let mut schema = vec![element("schema", Some(1))];
    schema.extend(std::iter::repeat_n(element("g", Some(1)), levels));
    schema.push(element("x", None));
    file(&[], footer(&schema, 0, &[]))
}

/// A file without rows, with fields of a later version: lists of booleans whose elements would be a
/// list of 2^31 - 1 booleans if they were fields.
fn boolean_lists() -> Vec<u8> {
    let schema = [element("schema", Some(1)), element("a", None)];
    let booleans = [&[0x71, 0x19, 0xf1][..], &varint((1 << 31) - 1)].concat();
    let footer = footer(&schema, 0, &[]);
    file(&[], footer.field(20, 9, &booleans).field(21, 9, &[0x21, 1, 2]))
}

/// A file of 1,000 rows without text, and 200,000 rows that share a text of 1 MiB.
fn shared_text() -> Vec<u8> {
    let text = [&0_u32.to_le_bytes()[..], &(1_u32 << 20).to_le_bytes(), &[b'x'; 1 << 20]].concat();
    let runs = [vec![1], run(1000, 0), run(200_000, 1)].concat();
    let dictionary = page(2, 7, Structure::default().i32(1, 2).i32(2, 0).end(), &text);
    let data = page(0, 5, data_header(201_000, 8), &runs);
    let text = Structure::default().i32(1, 6).i32(3, 0).text(4, "a").i32(6, 0).end();
    let (values, rows) = (201_000, 201_000);
    Column { schema: &[text], path: &["a"], kind: 6, values, rows }.file(&dictionary, &data)
}

/// A file of four rows in columns that share a page of 65 KB, which zstd decompresses to 2 GiB.
fn bomb(columns: usize) -> Vec<u8> {
    const BLOCK_BYTES: u32 = 128 << 10;
    const BLOCKS: u32 = 16_256;
    // A frame with a window of 128 KiB, and blocks that repeat one byte (RFC 8878).
    let mut page = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3];
    for block in 1..=BLOCKS {
        let head = u32::from(block == BLOCKS) | 1 << 1 | BLOCK_BYTES << 3;
        page.extend_from_slice(&head.to_le_bytes()[..3]);
        page.push(0);
    }
    let bytes = i64::from(BLOCKS) * i64::from(BLOCK_BYTES);
    let data = data_header(4, 0);
    let header = Structure::default().i32(1, 0).i32(2, bytes).i32(3, page.len() as i64);
    let page = [header.field(5, 12, &data).end(), page].concat();
    let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    let chunks: Vec<Vec<u8>> = names
        .iter()
        .map(|name| {
            let path = [varint(name.len() as u64), name.as_bytes().to_vec()].concat();
            let chunk = Structure::default().i32(1, 2).list(2, 5, &[integer(0)]);
            let chunk = chunk.list(3, 8, &[path]).i32(4, 6).i64(5, 4).i64(6, bytes);
            let chunk = chunk.i64(7, page.len() as i64).i64(9, 4).end();
            Structure::default().i64(2, 4).field(3, 12, &chunk).end()
        })
        .collect();
    let row_group = Structure::default().list(1, 12, &chunks).i64(2, bytes).i64(3, 4).end();
    let mut schema = vec![element("schema", Some(columns as i64))];
    schema.extend(names.iter().map(|name| element(name, None)));
    file(&page, footer(&schema, 4, &[row_group]))
}
